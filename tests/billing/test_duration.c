/* test_duration.c - durations as text: what is read, what is refused, and there and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "billing/duration.h"

static void whole_texts_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms; /* -1 = refused */
    } durations[] = {
        {"0s", 0},      {"500ms", 500},  {"90s", 90000},
        {"5m", 300000}, {"2h", 7200000}, {"3d", 259200000},
        {"", -1},       {"5", -1},       {"s", -1},
        {"-1s", -1},    {"1.5s", -1},    {"1 s", -1},
        {"1S", -1},     {"1w", -1},      {"1s ", -1},
        {"+1s", -1},    {"0x1s", -1},    {"99999999999999999999s", -1},
        {"1ss", -1},    {"1m30s", -1},   {"9223372036854775807d", -1},
        {" 1s", -1},    {"ms", -1},      {"9223372036854775807ms", INT64_MAX},
    };
    for (size_t i = 0; i < sizeof durations / sizeof durations[0]; i++) {
        int64_t ms = -1;
        bool is_read = duration_parse(durations[i].text, &ms);
        if (ms != durations[i].ms || is_read != (durations[i].ms >= 0)) {
            fail_msg("\"%s\" is read as %lld", durations[i].text, (long long)ms);
        }
    }
}

static void the_largest_unit_without_rest_is_written(void **state)
{
    (void)state;
    static const struct {
        int64_t ms;
        const char *text;
    } durations[] = {
        {0, "0s"},
        {1, "1ms"},
        {1500, "1500ms"},
        {90000, "90s"},
        {3600000, "1h"},
        {86400000, "1d"},
        {129600000, "36h"},
        {61000, "61s"},
        {INT64_MAX, "9223372036854775807ms"},
        {INT64_MAX / 86400000 * 86400000, "106751991167d"},
    };
    for (size_t i = 0; i < sizeof durations / sizeof durations[0]; i++) {
        char text[DURATION_TEXT_MAX];
        int64_t ms = -1;
        duration_format(durations[i].ms, text);
        assert_string_equal(text, durations[i].text);
        assert_true(duration_parse(text, &ms));
        assert_int_equal(ms, durations[i].ms);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_texts_are_read),
        cmocka_unit_test(the_largest_unit_without_rest_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
