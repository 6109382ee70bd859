/*
 * form.c - sorting and encoding of a request's parameters. See form.h for the rules.
 *
 * This runs for every call between the intent and the wire, so it copies nothing twice: a field is
 * two pointers until it is written, and fields are inserted where they belong. Operations add their
 * fields nearly in order, which makes the insertion one or two comparisons.
 */
#include "mws/form.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "billing/civil.h"
#include "billing/ensure.h"
#include "mws/character.h"

#define MS_PER_DAY       INT64_C(86400000)
#define TIMESTAMP_LENGTH 24 /* "2026-11-22T01%3A02%3A03Z" */

void form_init(struct form *form)
{
    form->count = 0;
    form->small_used = 0;
    form->encoded_max = 0;
}

/* Room for a text of at most `size` bytes, which is taken when it is kept. */
static char *small_text(struct form *form, size_t size)
{
    ENSURE(form->small_used + size <= FORM_SMALL_MAX);
    return &form->small[form->small_used];
}

const char *form_name(struct form *form, const char *format, ...)
{
    char *text = &form->small[form->small_used];
    size_t room = FORM_SMALL_MAX - form->small_used;
    va_list args;
    va_start(args, format);
    int length = vsnprintf(text, room, format, args);
    va_end(args);
    ENSURE(length > 0 && (size_t)length < room);
    form->small_used += (uint32_t)length + 1;
    return text;
}

/* <0, 0, >0. Most names differ in their first letter. */
static int compare_names(const char *a, const char *b)
{
    return a[0] != b[0] ? a[0] - b[0] : strcmp(a, b);
}

/* Makes room for a field where its name belongs. */
static struct form_field *insert(struct form *form, const char *name)
{
    ENSURE(form->count < FORM_FIELDS_MAX);
    struct form_field *field = &form->fields[form->count++];
    for (; field > form->fields; field--) {
        int order = compare_names(name, field[-1].name);
        ENSURE(order != 0);
        if (order > 0) {
            break;
        }
        field[0] = field[-1];
    }
    return field;
}

static void add(struct form *form, const char *name, const char *value, size_t length,
                bool is_encoded)
{
    struct form_field *field = insert(form, name);
    field->name = name;
    field->value = value;
    field->value_length = (uint32_t)length;
    field->name_length = (uint16_t)strlen(name);
    field->is_encoded = is_encoded;
    form->encoded_max += field->name_length + 2 + length * (is_encoded ? 1 : 3);
}

void form_add(struct form *form, const char *name, const char *value)
{
    add(form, name, value, strlen(value), false);
}

void form_add_bytes(struct form *form, const char *name, const char *value, size_t length)
{
    add(form, name, value, length, false);
}

void form_add_plain(struct form *form, const char *name, const char *value, size_t length)
{
    add(form, name, value, length, true);
}

/* Takes what small_text gave: `text` as it will stand in the body. */
static void keep_small_text(struct form *form, const char *name, const char *text, size_t length)
{
    form->small_used += (uint32_t)length;
    add(form, name, text, length, true);
}

void form_add_integer(struct form *form, const char *name, uint32_t value)
{
    char reversed[10];
    size_t length = 0;
    do {
        reversed[length++] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    char *text = small_text(form, length);
    for (size_t i = 0; i < length; i++) {
        text[i] = reversed[length - 1 - i];
    }
    keep_small_text(form, name, text, length);
}

/* A name with something behind it, kept in the form. */
static const char *longer_name(struct form *form, const char *name, size_t name_length,
                               const char *suffix, size_t suffix_size)
{
    char *text = small_text(form, name_length + suffix_size);
    memcpy(text, name, name_length);
    memcpy(text + name_length, suffix, suffix_size);
    form->small_used += (uint32_t)(name_length + suffix_size);
    return text;
}

void form_add_amount(struct form *form, const char *name, const struct money *amount)
{
    static const char number[] = ".Amount";
    static const char currency[] = ".CurrencyCode";
    size_t length = strlen(name);
    ENSURE(money_is_valid(*amount));
    const char *number_name = longer_name(form, name, length, number, sizeof number);
    const char *currency_name = longer_name(form, name, length, currency, sizeof currency);
    char *text = small_text(form, MONEY_TEXT_MAX);
    money_format(*amount, text);
    keep_small_text(form, number_name, text, strlen(text));
    const char *code = money_currency(amount);
    form_add_plain(form, currency_name, code, strlen(code));
}

static char *put_two(char *out, uint32_t value)
{
    *out++ = (char)('0' + value / 10 % 10);
    *out++ = (char)('0' + value % 10);
    return out;
}

static char *put_text(char *out, const char *text, size_t length)
{
    memcpy(out, text, length);
    return out + length;
}

/* Written as it will stand in the body: a colon is %3A there. */
void form_add_timestamp(struct form *form, const char *name, struct instant at)
{
    ENSURE(at.utc_ms >= 0);
    uint32_t second = (uint32_t)(at.utc_ms % MS_PER_DAY / 1000);
    struct civil_date date = civil_from_days(at.utc_ms / MS_PER_DAY);
    ENSURE(date.year <= 9999);
    char *text = small_text(form, TIMESTAMP_LENGTH);
    char *end = put_two(text, (uint32_t)date.year / 100);
    end = put_two(end, (uint32_t)date.year % 100);
    *end++ = '-';
    end = put_two(end, (uint32_t)date.month);
    *end++ = '-';
    end = put_two(end, (uint32_t)date.day);
    *end++ = 'T';
    end = put_two(end, second / 3600);
    end = put_text(end, "%3A", 3);
    end = put_two(end, second / 60 % 60);
    end = put_text(end, "%3A", 3);
    end = put_two(end, second % 60);
    *end++ = 'Z';
    keep_small_text(form, name, text, (size_t)(end - text));
}

size_t form_encoded_max(const struct form *form)
{
    return form->encoded_max;
}

char *percent_encode(const char *text, size_t length, char *out)
{
    static const char digits[] = "0123456789ABCDEF";
    for (const char *end = text + length; text < end; text++) {
        if (character_is(*text, CHARACTER_PLAIN)) {
            *out++ = *text;
        } else {
            *out++ = '%';
            *out++ = digits[(unsigned char)*text >> 4];
            *out++ = digits[*text & 15];
        }
    }
    return out;
}

char *form_encode(const struct form *form, char *out)
{
    for (uint32_t i = 0; i < form->count; i++) {
        const struct form_field *field = &form->fields[i];
        if (i > 0) {
            *out++ = '&';
        }
        out = put_text(out, field->name, field->name_length);
        *out++ = '=';
        out = field->is_encoded ? put_text(out, field->value, field->value_length)
                                : percent_encode(field->value, field->value_length, out);
    }
    return out;
}
