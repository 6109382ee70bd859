/*
 * fuzz_json.c - JSON texts: what is read is walked whole, and printed so that it is read back as
 * the same.
 */
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "mws/edge/json.h"
#include "tests/fuzz/fuzz.h"

static void check_scalar(const struct json *value)
{
    int64_t integer = 0;
    double real = 0;
    bool truth = false;
    enum json_kind kind = json_kind(value);
    ENSURE((json_as_string(value) != NULL) == (kind == JSON_KIND_STRING));
    ENSURE(json_as_integer(value, &integer) == (kind == JSON_KIND_INTEGER));
    ENSURE(json_as_bool(value, &truth) == (kind == JSON_KIND_BOOL));
    ENSURE(json_as_real(value, &real) == (kind == JSON_KIND_REAL || kind == JSON_KIND_INTEGER));
    ENSURE(IMPLIES(kind != JSON_KIND_ARRAY, json_length(value) == 0));
}

/* As deep as json_parse lets a text be. NOLINTNEXTLINE(misc-no-recursion) */
static void walk(const struct json *value, int depth)
{
    ENSURE(value != NULL);
    ENSURE(depth <= JSON_NESTING_MAX);
    check_scalar(value);
    for (size_t i = 0; i < json_length(value); i++) {
        walk(json_at(value, i), depth + 1);
    }
    ENSURE(json_at(value, json_length(value)) == NULL);
    for (size_t i = 0; i < 64 && json_key(value, i) != NULL; i++) {
        walk(json_get(value, json_key(value, i)), depth + 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct json *root = NULL;
    struct json *again = NULL;
    struct problem problem = {""};
    enum status status = json_parse((const char *)data, size, &root, &problem);
    ENSURE(status == ST_OK || status == ST_INVALID);
    if (status == ST_INVALID) {
        ENSURE(problem.text[0] != '\0');
        return 0;
    }
    walk(root, 0);
    for (int indented = 0; indented <= 1; indented++) {
        char *text = json_print(root, indented != 0);
        ENSURE(json_parse(text, strlen(text), &again, NULL) == ST_OK);
        char *second = json_print(again, indented != 0);
        ENSURE(strcmp(text, second) == 0);
        free(text);
        free(second);
        json_free(again);
    }
    json_free(root);
    return 0;
}
