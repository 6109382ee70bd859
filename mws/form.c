/*
 * form.c - sorting and encoding of a request's parameters. See form.h for the rules.
 *
 * This runs for every call between the intent and the wire, so it copies nothing twice: a field is
 * two pointers until it is written, and fields are inserted where they belong. Operations add their
 * fields nearly in order, which makes the insertion one or two comparisons.
 */
#include "mws/form.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "billing/ensure.h"

void form_init(struct form *form)
{
    form->count = 0;
    form->small_used = 0;
}

void form_add(struct form *form, const char *name, const char *value)
{
    ENSURE(form->count < FORM_FIELDS_MAX);
    uint32_t at = form->count;
    while (at > 0) {
        int order = strcmp(name, form->fields[at - 1].name);
        ENSURE(order != 0);
        if (order > 0) {
            break;
        }
        at--;
    }
    memmove(&form->fields[at + 1], &form->fields[at], (form->count - at) * sizeof form->fields[0]);
    form->fields[at] = (struct form_field){
        .name = name,
        .value = value,
        .name_length = (uint32_t)strlen(name),
        .value_length = (uint32_t)strlen(value),
    };
    form->count++;
}

/* Room for a text of at most `size` bytes with its NUL; taken when it is kept. */
static char *small_text(struct form *form, size_t size)
{
    ENSURE(form->small_used + size <= FORM_SMALL_MAX);
    return &form->small[form->small_used];
}

static void keep_small_text(struct form *form, const char *name, const char *text)
{
    form->small_used += (uint32_t)strlen(text) + 1;
    form_add(form, name, text);
}

void form_add_integer(struct form *form, const char *name, int64_t value)
{
    char *text = small_text(form, 21);
    (void)snprintf(text, 21, "%lld", (long long)value);
    keep_small_text(form, name, text);
}

void form_add_amount(struct form *form, const char *name, struct money amount)
{
    ENSURE(money_is_valid(amount));
    char *text = small_text(form, MONEY_TEXT_MAX);
    money_format(amount, text);
    keep_small_text(form, name, text);
}

void form_add_instant(struct form *form, const char *name, struct instant at)
{
    char *text = small_text(form, INSTANT_TEXT_MAX);
    instant_format(at, text);
    keep_small_text(form, name, text);
}

size_t form_encoded_max(const struct form *form)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < form->count; i++) {
        bytes += form->fields[i].name_length + 2 + (size_t)form->fields[i].value_length * 3;
    }
    return bytes;
}

static bool stands_for_itself(unsigned char c)
{
    /* One bit per character of RFC 3986's "unreserved": - . 0-9 A-Z _ a-z ~ */
    static const uint32_t unreserved[8] = {
        0, 0x03ff6000, 0x87fffffe, 0x47fffffe, 0, 0, 0, 0,
    };
    return (unreserved[c >> 5] >> (c & 31) & 1) != 0;
}

char *percent_encode(const char *text, size_t length, char *out)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (stands_for_itself(c)) {
            *out++ = (char)c;
        } else {
            *out++ = '%';
            *out++ = digits[c >> 4];
            *out++ = digits[c & 15];
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
