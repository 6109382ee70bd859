/*
 * text.c - a growing text, and XML written into it. See text.h.
 */
#include "mws/sandbox/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"

static const char replacement[] = "\xEF\xBF\xBD"; /* U+FFFD */

static void reserve(struct text *text, size_t more)
{
    size_t capacity = text->capacity;
    char *bytes;

    if (text->length + more < capacity) {
        return;
    }
    while (capacity <= text->length + more) {
        capacity = capacity == 0 ? 4096 : capacity * 2;
    }
    bytes = realloc(text->bytes, capacity);
    ENSURE(bytes != NULL);
    text->bytes = bytes;
    text->capacity = capacity;
}

void text_clear(struct text *text)
{
    text->length = 0;
    if (text->bytes != NULL) {
        text->bytes[0] = '\0';
    }
}

void text_free(struct text *text)
{
    free(text->bytes);
    *text = (struct text){0};
}

void text_fit(struct text *text)
{
    char *bytes = text->length > 0 ? realloc(text->bytes, text->length + 1) : NULL;

    if (bytes != NULL) {
        text->bytes = bytes;
        text->capacity = text->length + 1;
    }
}

void text_add_bytes(struct text *text, const char *bytes, size_t length)
{
    reserve(text, length);
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
}

void text_add(struct text *text, const char *string)
{
    text_add_bytes(text, string, strlen(string));
}

void text_format(struct text *text, const char *format, ...)
{
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    ENSURE(length >= 0);
    reserve(text, (size_t)length);
    va_start(arguments, format);
    (void)vsnprintf(text->bytes + text->length, (size_t)length + 1, format, arguments);
    va_end(arguments);
    text->length += (size_t)length;
}

/* Bytes of the well-formed UTF-8 sequence at `s` (at most `left`), or 0. RFC 3629, table of syntax.
 */
static size_t sequence(const unsigned char *s, size_t left)
{
    size_t length = s[0] < 0x80 ? 1 : s[0] < 0xC2 ? 0 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;

    if (length == 0 || length > left || s[0] > 0xF4) {
        return 0;
    }
    for (size_t i = 1; i < length; i++) {
        if ((s[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    if ((s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xED && s[1] > 0x9F) ||
        (s[0] == 0xF0 && s[1] < 0x90) || (s[0] == 0xF4 && s[1] > 0x8F)) {
        return 0;
    }
    return length;
}

bool text_is_utf8(const char *bytes, size_t length)
{
    const unsigned char *s = (const unsigned char *)bytes;

    for (size_t i = 0; i < length;) {
        size_t n = s[i] == 0 ? 0 : sequence(s + i, length - i);
        if (n == 0) {
            return false;
        }
        i += n;
    }
    return true;
}

/* How one character is written, or NULL for "as it is". */
static const char *escaped(const unsigned char *s, size_t length)
{
    switch (s[0]) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    case '\r': /* a parser would turn a bare one into a line feed */
        return "&#13;";
    case '\t':
    case '\n':
        return NULL;
    default:
        break;
    }
    if (s[0] < 0x20 || (length == 3 && s[0] == 0xEF && s[1] == 0xBF && s[2] >= 0xBE)) {
        return replacement; /* control characters, U+FFFE and U+FFFF are no XML characters */
    }
    return NULL;
}

void xml_escape(struct text *text, const char *value)
{
    const unsigned char *s = (const unsigned char *)value;
    size_t left = strlen(value);
    size_t plain = 0; /* bytes before s that are copied as they are */

    while (left > 0) {
        size_t length = sequence(s, left);
        const char *instead = length == 0 ? replacement : escaped(s, length);
        length = length == 0 ? 1 : length;
        if (instead != NULL) {
            text_add_bytes(text, (const char *)s - plain, plain);
            text_add(text, instead);
            plain = 0;
        } else {
            plain += length;
        }
        s += length;
        left -= length;
    }
    text_add_bytes(text, (const char *)s - plain, plain);
}

void xml_open(struct text *text, const char *name)
{
    text_add_bytes(text, "<", 1);
    text_add(text, name);
    text_add_bytes(text, ">", 1);
}

void xml_close(struct text *text, const char *name)
{
    text_add_bytes(text, "</", 2);
    text_add(text, name);
    text_add_bytes(text, ">", 1);
}

void xml_element(struct text *text, const char *name, const char *value)
{
    xml_open(text, name);
    xml_escape(text, value);
    xml_close(text, name);
}

void xml_optional(struct text *text, const char *name, const char *value)
{
    if (value != NULL && value[0] != '\0') {
        xml_element(text, name, value);
    }
}

void xml_bool(struct text *text, const char *name, bool value)
{
    xml_element(text, name, value ? "true" : "false");
}

void xml_instant(struct text *text, const char *name, struct instant at)
{
    char written[INSTANT_TEXT_MAX];

    instant_format(at, written);
    xml_element(text, name, written);
}
