/*
 * text.h - a growing text, and XML written into it.
 *
 * The sandbox writes its answers with these few lines; it never builds a tree. What is given as
 * text is escaped here and nowhere else. A text is reusable: text_clear() keeps the memory.
 */
#ifndef MWS_SANDBOX_TEXT_H
#define MWS_SANDBOX_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "billing/instant.h"

struct text {
    char *bytes; /* NUL-terminated once anything was added; NULL before */
    size_t length;
    size_t capacity;
};

void text_clear(struct text *text);
void text_free(struct text *text);
/* Gives back the memory that is not used: for what is kept for long. */
void text_fit(struct text *text);
void text_add_bytes(struct text *text, const char *bytes, size_t length);
void text_add(struct text *text, const char *string);
void text_format(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* `value` (UTF-8) as XML character data. What XML 1.0 cannot carry becomes U+FFFD. */
void xml_escape(struct text *text, const char *value);

void xml_open(struct text *text, const char *name);
void xml_close(struct text *text, const char *name);
/* <name>value</name> with the value escaped; xml_optional writes nothing for NULL or "". */
void xml_element(struct text *text, const char *name, const char *value);
void xml_optional(struct text *text, const char *name, const char *value);
void xml_bool(struct text *text, const char *name, bool value);
/* "2015-12-31T23:59:58.000Z" */
void xml_instant(struct text *text, const char *name, struct instant at);

/* Whether the bytes are well-formed UTF-8 without NUL. */
bool text_is_utf8(const char *bytes, size_t length);

#endif
