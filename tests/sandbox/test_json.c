/*
 * test_json.c - JSON values: what reading refuses, and that what is built is read back the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mws/edge/json.h"

static struct json *parse(const char *text)
{
    struct json *root = NULL;
    struct problem problem;

    return json_parse(text, strlen(text), &root, &problem) == ST_OK ? root : NULL;
}

static void test_texts_that_are_refused(void **state)
{
    static const char *const bad[] = {"",      "{",           "{}x",         "{\"a\":1,\"a\":2}",
                                      "[1,]",  "nul",         "01",          "\"\xFF\"",
                                      "NaN",   "\"\\ud800\"", "\"\\u0000\"", "9223372036854775808",
                                      "1e999", "{'a':1}",     "\"\n\""};
    struct problem problem;
    struct json *root;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (json_parse(bad[i], strlen(bad[i]), &root, &problem) != ST_INVALID) {
            fail_msg("accepted %s", bad[i]);
        }
        assert_null(root);
        assert_non_null(strstr(problem.text, "line"));
    }
}

static void test_depth(void **state)
{
    char text[2 * JSON_NESTING_MAX + 3] = "";
    struct json *root;

    (void)state;
    memset(text, '[', JSON_NESTING_MAX);
    memset(text + JSON_NESTING_MAX, ']', JSON_NESTING_MAX);
    root = parse(text);
    assert_non_null(root);
    json_free(root);
    memset(text, '[', JSON_NESTING_MAX + 1);
    memset(text + JSON_NESTING_MAX + 1, ']', JSON_NESTING_MAX + 1);
    assert_null(parse(text));
    /* Brackets in a string do not nest. */
    root = parse("\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[[\"");
    assert_non_null(root);
    json_free(root);
}

static void test_reading_by_kind(void **state)
{
    struct json *root = parse("{\"i\":-9223372036854775808,\"s\":\"x\",\"b\":true,\"r\":0.5,"
                              "\"n\":null,\"l\":[1,2]}");
    int64_t integer = 0;
    double real = 0;
    bool truth = false;

    (void)state;
    assert_true(json_as_integer(json_get(root, "i"), &integer));
    assert_true(integer == INT64_MIN);
    assert_false(json_as_integer(json_get(root, "r"), &integer)); /* never rounded */
    assert_false(json_as_integer(json_get(root, "s"), &integer));
    assert_false(json_as_integer(json_get(root, "absent"), &integer));
    assert_true(json_as_real(json_get(root, "r"), &real));
    assert_true(json_as_bool(json_get(root, "b"), &truth));
    assert_true(truth);
    assert_false(json_as_bool(json_get(root, "i"), &truth));
    assert_null(json_as_string(json_get(root, "n")));
    assert_null(json_get(json_get(root, "s"), "x"));
    assert_int_equal(json_length(json_get(root, "l")), 2);
    assert_int_equal(json_length(root), 0);
    assert_null(json_at(json_get(root, "l"), 2));
    assert_int_equal(json_kind(json_get(root, "n")), JSON_KIND_NULL);
    assert_string_equal(json_key(root, 5), "l");
    assert_null(json_key(root, 6));
    assert_null(json_key(NULL, 0));
    json_free(root);
}

static void test_building(void **state)
{
    struct json *root = json_new_object();
    struct json *list = json_new_array();
    char *text;

    (void)state;
    json_set_string(root, "z", "\xE6\x97\xA5 \xFF\xED\xA0\x80\"");
    json_set_integer(root, "a", INT64_MAX);
    json_append(list, json_new_null());
    json_append(list, json_new_bool(false));
    json_set(root, "l", list);
    text = json_print(root, false);
    assert_string_equal(text,
                        "{\"z\":\"\xE6\x97\xA5 \xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"
                        "\\\"\",\"a\":9223372036854775807,\"l\":[null,false]}");
    free(text);
    json_free(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts_that_are_refused),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_reading_by_kind),
        cmocka_unit_test(test_building),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
