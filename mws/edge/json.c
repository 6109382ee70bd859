/*
 * json.c - our few JSON functions on jansson.
 *
 * A `struct json *` is jansson's json_t under another name, so nothing is copied and no wrapper is
 * allocated. Running out of memory while building is a bug to stop at (ENSURE), as everywhere.
 *
 * jansson limits nesting to 2048; ours is much lower, because what we read is flat, and it is
 * checked before parsing so that depth never costs stack.
 */
#include "mws/edge/json.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"

static json_t *unwrap(struct json *value)
{
    return (json_t *)value;
}

static const json_t *peek(const struct json *value)
{
    return (const json_t *)value;
}

static struct json *wrap(json_t *value)
{
    return (struct json *)value;
}

static struct json *wrap_new(json_t *value)
{
    ENSURE(value != NULL);
    return wrap(value);
}

/* Brackets outside of strings; whether they match is the parser's business. */
static bool nests_too_deep(const char *text, size_t length)
{
    size_t depth = 0;
    bool in_string = false;

    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (in_string) {
            if (c == '\\') {
                i++;
            } else if (c == '"') {
                in_string = false;
            }
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            if (++depth > JSON_NESTING_MAX) {
                return true;
            }
        } else if ((c == '}' || c == ']') && depth > 0) {
            depth--;
        }
    }
    return false;
}

enum status json_parse(const char *text, size_t length, struct json **root, struct problem *problem)
{
    json_error_t error;
    json_t *value;

    *root = NULL;
    if (nests_too_deep(text, length)) {
        return problem_set(problem, ST_INVALID,
                           "the JSON text nests deeper than %d arrays or objects",
                           JSON_NESTING_MAX);
    }
    value = json_loadb(text, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (value == NULL) {
        return problem_set(problem, ST_INVALID, "the JSON text is wrong at line %d, column %d: %s",
                           error.line, error.column, error.text);
    }
    *root = wrap(value);
    return ST_OK;
}

void json_free(struct json *root)
{
    json_decref(unwrap(root));
}

enum json_kind json_kind(const struct json *value)
{
    switch (json_typeof(peek(value))) {
    case JSON_OBJECT:
        return JSON_KIND_OBJECT;
    case JSON_ARRAY:
        return JSON_KIND_ARRAY;
    case JSON_STRING:
        return JSON_KIND_STRING;
    case JSON_INTEGER:
        return JSON_KIND_INTEGER;
    case JSON_REAL:
        return JSON_KIND_REAL;
    case JSON_TRUE:
    case JSON_FALSE:
        return JSON_KIND_BOOL;
    case JSON_NULL:
        return JSON_KIND_NULL;
    }
    ensure_failed("a kind that jansson has", __FILE__, __LINE__);
}

struct json *json_get(const struct json *object, const char *key)
{
    return wrap(json_object_get(peek(object), key));
}

const char *json_as_string(const struct json *value)
{
    return json_string_value(peek(value));
}

bool json_as_integer(const struct json *value, int64_t *out)
{
    if (!json_is_integer(peek(value))) {
        return false;
    }
    *out = json_integer_value(peek(value));
    return true;
}

bool json_as_real(const struct json *value, double *out)
{
    if (!json_is_number(peek(value))) {
        return false;
    }
    *out = json_number_value(peek(value));
    return true;
}

bool json_as_bool(const struct json *value, bool *out)
{
    if (!json_is_boolean(peek(value))) {
        return false;
    }
    *out = json_is_true(peek(value));
    return true;
}

size_t json_length(const struct json *array)
{
    return json_array_size(peek(array));
}

struct json *json_at(const struct json *array, size_t index)
{
    return wrap(json_array_get(peek(array), index));
}

const char *json_key(const struct json *object, size_t index)
{
    /* jansson walks a non-const object but changes nothing */
    union {
        const struct json *in;
        json_t *out;
    } view = {.in = object};
    void *at = json_object_iter(view.out);

    while (at != NULL && index-- > 0) {
        at = json_object_iter_next(view.out, at);
    }
    return at != NULL ? json_object_iter_key(at) : NULL;
}

struct json *json_new_object(void)
{
    return wrap_new(json_object());
}

struct json *json_new_array(void)
{
    return wrap_new(json_array());
}

/* Length of the well-formed UTF-8 sequence at `s`, or 0. */
static size_t utf8_length(const unsigned char *s)
{
    size_t n;

    if (s[0] < 0x80) {
        return 1;
    }
    if (s[0] >= 0xC2 && s[0] <= 0xDF) {
        n = 2;
    } else if (s[0] >= 0xE0 && s[0] <= 0xEF) {
        n = 3;
    } else if (s[0] >= 0xF0 && s[0] <= 0xF4) {
        n = 4;
    } else {
        return 0;
    }
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    if ((s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xED && s[1] > 0x9F) ||
        (s[0] == 0xF0 && s[1] < 0x90) || (s[0] == 0xF4 && s[1] > 0x8F)) {
        return 0;
    }
    return n;
}

static struct json *string_repaired(const char *text)
{
    static const char replacement[3] = {(char)0xEF, (char)0xBF, (char)0xBD}; /* U+FFFD */
    const unsigned char *in = (const unsigned char *)text;
    char *out = malloc(strlen(text) * 3 + 1);
    size_t used = 0;
    struct json *value;

    ENSURE(out != NULL);
    while (*in != '\0') {
        size_t n = utf8_length(in);
        if (n == 0) {
            memcpy(out + used, replacement, sizeof replacement);
            used += sizeof replacement;
            in++;
        } else {
            memcpy(out + used, in, n);
            used += n;
            in += n;
        }
    }
    value = wrap_new(json_stringn(out, used));
    free(out);
    return value;
}

struct json *json_new_string(const char *text)
{
    json_t *value = json_string(text);

    return value != NULL ? wrap(value) : string_repaired(text);
}

struct json *json_new_integer(int64_t value)
{
    return wrap_new(json_integer(value));
}

struct json *json_new_bool(bool value)
{
    return wrap_new(json_boolean(value));
}

struct json *json_new_null(void)
{
    return wrap_new(json_null());
}

void json_set(struct json *object, const char *key, struct json *value)
{
    int failed = json_object_set_new(unwrap(object), key, unwrap(value));

    ENSURE(failed == 0);
}

void json_set_string(struct json *object, const char *key, const char *text)
{
    json_set(object, key, json_new_string(text));
}

void json_set_integer(struct json *object, const char *key, int64_t value)
{
    json_set(object, key, json_new_integer(value));
}

void json_set_bool(struct json *object, const char *key, bool value)
{
    json_set(object, key, json_new_bool(value));
}

void json_append(struct json *array, struct json *value)
{
    int failed = json_array_append_new(unwrap(array), unwrap(value));

    ENSURE(failed == 0);
}

char *json_print(const struct json *root, bool indented)
{
    size_t flags = indented ? JSON_INDENT(2) : JSON_COMPACT;
    char *text = json_dumps(peek(root), flags | JSON_ENCODE_ANY);

    ENSURE(text != NULL);
    return text;
}
