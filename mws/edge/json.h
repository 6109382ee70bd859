/*
 * json.h - JSON values. The only face of jansson.
 *
 * Reading refuses duplicate keys, trailing text and anything nested too deep. Money never travels
 * as a JSON real: amounts are decimal strings.
 */
#ifndef MWS_EDGE_JSON_H
#define MWS_EDGE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "billing/status.h"

struct json; /* a value; a child is borrowed from its parent, a root is freed by json_free */

/* ST_INVALID with line and column. */
MUST_USE enum status json_parse(const char *text, size_t length, struct json **root,
                                struct problem *problem);
void json_free(struct json *root);

enum json_type {
    JSON_NULL,
    JSON_BOOL,
    JSON_INTEGER,
    JSON_REAL,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT
};
enum json_type json_type(const struct json *value);

/* Reading; each returns NULL / false when the value is absent or of another type. */
struct json *json_get(const struct json *object, const char *key);
const char *json_string(const struct json *value); /* UTF-8, no NUL inside */
bool json_integer(const struct json *value, int64_t *out);
bool json_bool(const struct json *value, bool *out);
size_t json_length(const struct json *array); /* 0 for anything else */
struct json *json_at(const struct json *array, size_t index);
/* The object's k-th key in order of insertion, or NULL: for refusing unknown keys. */
const char *json_key(const struct json *object, size_t index);

/* Building. A value that is set or appended is taken over by its parent. */
struct json *json_object(void);
struct json *json_array(void);
struct json *json_new_string(const char *text);
struct json *json_new_integer(int64_t value);
struct json *json_new_bool(bool value);
struct json *json_new_null(void);
void json_set(struct json *object, const char *key, struct json *value);
void json_set_string(struct json *object, const char *key, const char *text);
void json_set_integer(struct json *object, const char *key, int64_t value);
void json_set_bool(struct json *object, const char *key, bool value);
void json_append(struct json *array, struct json *value);

/* The text, on one line or indented, keys in order of insertion; freed with free(). */
char *json_print(const struct json *root, bool indented);

#endif
