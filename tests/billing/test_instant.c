/*
 * test_instant.c - instants as text, and the saturating helpers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "billing/instant.h"

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

struct reading {
    const char *text;
    int64_t utc_ms;
    const char *written;
};

static void good_texts_are_read_and_written(void **state)
{
    (void)state;
    static const struct reading readings[] = {
        {"1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00.000Z"},
        {"1970-01-01T00:00:00.001Z", 1, "1970-01-01T00:00:00.001Z"},
        {"2000-02-29T23:59:59.999Z", 951868799999, "2000-02-29T23:59:59.999Z"},
        {"2026-11-22T01:02:03.5Z", 1795309323500, "2026-11-22T01:02:03.500Z"},
        {"2026-11-22T01:02:03.004999999999999999999999Z", 1795309323004,
         "2026-11-22T01:02:03.004Z"},
        {"2038-01-19T03:14:08Z", 2147483648000, "2038-01-19T03:14:08.000Z"},
        {"9999-12-31T23:59:59.999Z", 253402300799999, "9999-12-31T23:59:59.999Z"},
    };
    for (size_t i = 0; i < LENGTH(readings); i++) {
        struct instant at;
        char text[INSTANT_TEXT_MAX];
        if (!instant_parse(readings[i].text, &at))
            fail_msg("'%s' was refused", readings[i].text);
        if (at.utc_ms != readings[i].utc_ms)
            fail_msg("'%s' was read as %lld", readings[i].text, (long long)at.utc_ms);
        instant_format(at, text);
        assert_string_equal(text, readings[i].written);
    }
}

static void bad_texts_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "never",
        "Z",
        "2026-11-22",
        "2026-11-22T01:02:03",
        "2026-11-22T01:02Z",
        "2026-11-22 01:02:03Z",
        "2026-11-22t01:02:03Z",
        "2026-11-22T01:02:03z",
        "2026-11-22T01:02:03+00:00",
        "2026-11-22T01:02:03.Z",
        "2026-11-22T01:02:03.5",
        "2026-11-22T01:02:03,5Z",
        "2026-11-22T01:02:03.5xZ",
        "2026-11-22T01:02:03.5ZZ",
        "2026-11-22T01:02:03Z ",
        " 2026-11-22T01:02:03Z",
        "2026-11-22T24:00:00Z",
        "2026-11-22T23:60:00Z",
        "2026-11-22T23:59:60Z",
        "2026-11-22T-1:00:00Z",
        "2026-11-22T1:02:03Z",
        "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-01-00T00:00:00Z",
        "1969-12-31T23:59:59Z",
        "0000-01-01T00:00:00Z",
        "12026-11-22T01:02:03Z",
        "2026/11/22T01:02:03Z",
        "2026-11-22T01-02-03Z",
    };
    for (size_t i = 0; i < LENGTH(bad); i++) {
        struct instant at = {42};
        if (instant_parse(bad[i], &at))
            fail_msg("'%s' was read", bad[i]);
        assert_int_equal(at.utc_ms, 42);
    }
}

static void every_cut_of_a_text_is_refused(void **state)
{
    (void)state;
    static const char whole[] = "2026-11-22T01:02:03.004Z";
    for (size_t length = 0; length < sizeof whole - 1; length++) {
        char *cut = test_malloc(length + 1); /* exact, so that a read behind it is noticed */
        struct instant at;
        for (size_t i = 0; i < length; i++)
            cut[i] = whole[i];
        cut[length] = '\0';
        if (instant_parse(cut, &at))
            fail_msg("'%s' was read", cut);
        test_free(cut);
    }
}

static void any_instant_can_be_written(void **state)
{
    (void)state;
    char text[INSTANT_TEXT_MAX];
    instant_format(INSTANT_NEVER, text);
    assert_string_equal(text, "never");
    instant_format((struct instant){-1}, text);
    assert_string_equal(text, "1969-12-31T23:59:59.999Z");
    instant_format((struct instant){INT64_MAX - 1}, text);
    assert_string_equal(text, "292278994-08-17T07:12:55.806Z");
    instant_format((struct instant){INT64_MIN}, text);
    assert_string_equal(text, "-292275055-05-16T16:47:04.192Z");
}

static void sums_stop_at_the_ends(void **state)
{
    (void)state;
    assert_int_equal(instant_plus((struct instant){5}, -7).utc_ms, -2);
    assert_int_equal(instant_plus(INSTANT_NEVER, -1).utc_ms, INT64_MAX);
    assert_int_equal(instant_plus((struct instant){INT64_MAX - 1}, 5).utc_ms, INT64_MAX);
    assert_int_equal(instant_plus((struct instant){INT64_MIN + 1}, -5).utc_ms, INT64_MIN);
}

static void never_is_never_reached(void **state)
{
    (void)state;
    struct instant one = {1};
    struct instant two = {2};
    assert_true(instant_reached(one, one));
    assert_true(instant_reached(one, two));
    assert_false(instant_reached(two, one));
    assert_false(instant_reached(INSTANT_NEVER, INSTANT_NEVER));
    assert_int_equal(instant_min(two, one).utc_ms, 1);
    assert_int_equal(instant_min(one, INSTANT_NEVER).utc_ms, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_texts_are_read_and_written),
        cmocka_unit_test(bad_texts_are_refused),
        cmocka_unit_test(every_cut_of_a_text_is_refused),
        cmocka_unit_test(any_instant_can_be_written),
        cmocka_unit_test(sums_stop_at_the_ends),
        cmocka_unit_test(never_is_never_reached),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
