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

#define MS_PER_DAY       INT64_C(86400000)
#define TIMESTAMP_LENGTH 20 /* "2026-11-22T01:02:03Z" */

void form_init(struct form *form)
{
    form->count = 0;
    form->small_used = 0;
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

const char *form_name_joined(struct form *form, const char *first, const char *second)
{
    size_t size = strlen(first) + strlen(second) + 1;
    char *text = small_text(form, size);
    (void)stpcpy(stpcpy(text, first), second);
    form->small_used += (uint32_t)size;
    return text;
}

void form_add(struct form *form, const char *name, const char *value)
{
    form_add_bytes(form, name, value, strlen(value));
}

void form_add_bytes(struct form *form, const char *name, const char *value, size_t length)
{
    ENSURE(form->count < FORM_FIELDS_MAX);
    uint32_t at = form->count;
    while (at > 0) {
        int order = strcmp(name, form->fields[at - 1].name);
        ENSURE(order != 0);
        if (order > 0) {
            break;
        }
        form->fields[at] = form->fields[at - 1];
        at--;
    }
    form->fields[at] = (struct form_field){
        .name = name,
        .value = value,
        .name_length = (uint32_t)strlen(name),
        .value_length = (uint32_t)length,
    };
    form->count++;
}

static void keep_small_text(struct form *form, const char *name, const char *text, size_t length)
{
    form->small_used += (uint32_t)length;
    form_add_bytes(form, name, text, length);
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

void form_add_amount(struct form *form, const char *name, struct money amount)
{
    ENSURE(money_is_valid(amount));
    char *text = small_text(form, MONEY_TEXT_MAX);
    money_format(amount, text);
    keep_small_text(form, name, text, strlen(text));
}

/* Two digits and the character behind them. */
static char *put_two(char *out, uint32_t value, char behind)
{
    *out++ = (char)('0' + value / 10 % 10);
    *out++ = (char)('0' + value % 10);
    *out++ = behind;
    return out;
}

void form_add_timestamp(struct form *form, const char *name, struct instant at)
{
    ENSURE(at.utc_ms >= 0);
    uint32_t second = (uint32_t)(at.utc_ms % MS_PER_DAY / 1000);
    struct civil_date date = civil_from_days(at.utc_ms / MS_PER_DAY);
    ENSURE(date.year <= 9999);
    char *text = small_text(form, TIMESTAMP_LENGTH + 1);
    char *end = put_two(text, (uint32_t)date.year / 100, '-') - 1;
    end = put_two(end, (uint32_t)date.year % 100, '-');
    end = put_two(end, (uint32_t)date.month, '-');
    end = put_two(end, (uint32_t)date.day, 'T');
    end = put_two(end, second / 3600, ':');
    end = put_two(end, second / 60 % 60, ':');
    end = put_two(end, second % 60, 'Z');
    keep_small_text(form, name, text, (size_t)(end - text));
}

size_t form_encoded_max(const struct form *form)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < form->count; i++) {
        bytes += form->fields[i].name_length + 2 + (size_t)form->fields[i].value_length * 3;
    }
    return bytes;
}

/* RFC 3986, "unreserved": letters, digits, '-', '.', '_' and '~'. */
static const bool stands_for_itself[256] = {
    /* clang-format off */
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, /* - . */
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, /* 0-9 */
    0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, /* A-O */
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1, /* P-Z _ */
    0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, /* a-o */
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 1, 0, /* p-z ~ */
    /* clang-format on */
};

char *percent_encode(const char *text, size_t length, char *out)
{
    static const char digits[] = "0123456789ABCDEF";
    const unsigned char *bytes = (const unsigned char *)text;
    size_t at = 0;
    while (at < length) {
        size_t from = at; /* most of a text stands for itself and is copied in runs */
        while (at < length && stands_for_itself[bytes[at]]) {
            at++;
        }
        memcpy(out, text + from, at - from);
        out += at - from;
        for (; at < length && !stands_for_itself[bytes[at]]; at++) {
            *out++ = '%';
            *out++ = digits[bytes[at] >> 4];
            *out++ = digits[bytes[at] & 15];
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
        memcpy(out, field->name, field->name_length);
        out += field->name_length;
        *out++ = '=';
        out = percent_encode(field->value, field->value_length, out);
    }
    return out;
}
