/*
 * json.h - JSON values. The only face of jansson.
 *
 * Reading refuses duplicate keys, trailing text and anything nested too deep. Money never travels
 * as a JSON real: amounts are decimal strings.
 *
 * No name here may be one that jansson exports (json_object, json_string, ...): the program's own
 * symbol would win inside the library too. Hence json_new_object and json_as_string.
 */
#ifndef MWS_EDGE_JSON_H
#define MWS_EDGE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "billing/status.h"

#define JSON_NESTING_MAX 32 /* arrays and objects within each other */

struct json; /* a value; a child is borrowed from its parent, a root is freed by json_free */

/* One value and nothing after it. ST_INVALID with line and column. */
MUST_USE enum status json_parse(const char *text, size_t length, struct json **root,
                                struct problem *problem);
/* NULL is allowed. */
void json_free(struct json *root);

enum json_kind {
    JSON_KIND_NULL,
    JSON_KIND_BOOL,
    JSON_KIND_INTEGER,
    JSON_KIND_REAL,
    JSON_KIND_STRING,
    JSON_KIND_ARRAY,
    JSON_KIND_OBJECT,
};
enum json_kind json_kind(const struct json *value);

/* Reading; each returns NULL / false when the value is absent (NULL) or of another kind. */
struct json *json_get(const struct json *object, const char *key);
const char *json_as_string(const struct json *value); /* UTF-8, no NUL inside */
bool json_as_integer(const struct json *value, int64_t *out);
bool json_as_real(const struct json *value, double *out); /* integers too; never for money */
bool json_as_bool(const struct json *value, bool *out);
size_t json_length(const struct json *array); /* 0 for anything else */
struct json *json_at(const struct json *array, size_t index);
/* The object's k-th key in order of insertion, or NULL: for refusing unknown keys. */
const char *json_key(const struct json *object, size_t index);

/* Building. A value that is set or appended is taken over by its parent; a text must be UTF-8 (what
 * is not becomes U+FFFD, so that foreign text can never break an answer). */
struct json *json_new_object(void);
struct json *json_new_array(void);
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
