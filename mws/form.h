/*
 * form.h - the parameters of a request in the one order and encoding that Amazon signs.
 *
 * Signature Version 2 wants names in byte order and RFC 3986 encoding: letters, digits and -_.~
 * stand for themselves, every other byte is %XX in upper case, a space is %20. The text that is
 * signed is also the body that is sent, so it is written once.
 */
#ifndef MWS_FORM_H
#define MWS_FORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "billing/instant.h"
#include "billing/money.h"

#define FORM_FIELDS_MAX 64
/* Names, numbers, amounts and times that the form writes down itself. */
#define FORM_SMALL_MAX 4096

struct form_field {
    const char *name;  /* borrowed, or in `small`; needs no encoding */
    const char *value; /* borrowed, or in `small` */
    uint32_t value_length;
    uint16_t name_length;
    bool is_encoded; /* `value` is as it will stand in the body */
};

/* Points into itself: it may not be copied. */
struct form {
    uint32_t count;
    uint32_t small_used;
    size_t encoded_max;
    struct form_field fields[FORM_FIELDS_MAX]; /* in byte order of the name */
    char small[FORM_SMALL_MAX];
};

void form_init(struct form *form);
/* A name that is put together, kept in the form: for lists ("List.member.1.Id"). */
const char *form_name(struct form *form, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Each name once. `value` is borrowed until the form has been encoded. */
void form_add(struct form *form, const char *name, const char *value);
void form_add_bytes(struct form *form, const char *name, const char *value, size_t length);
/* The caller knows that `value` encodes to itself: all of it is CHARACTER_PLAIN. */
void form_add_plain(struct form *form, const char *name, const char *value, size_t length);
void form_add_integer(struct form *form, const char *name, uint32_t value);
/* "`name`.Amount", the decimal text, and "`name`.CurrencyCode", of a valid amount, which is
 * borrowed until the form has been encoded. */
void form_add_amount(struct form *form, const char *name, const struct money *amount);
/* ISO 8601 in UTC and whole seconds, the form of Amazon's Java SDK; years 1970 to 9999. */
void form_add_timestamp(struct form *form, const char *name, struct instant at);

/* No encoding of the form is longer than this. */
size_t form_encoded_max(const struct form *form);
/* Writes "name=value&name=value..." without a NUL and returns its end. */
char *form_encode(const struct form *form, char *out);

/* Writes one text in RFC 3986 encoding, without a NUL, and returns its end: at most three
 * characters per byte. */
char *percent_encode(const char *text, size_t length, char *out);

#endif
