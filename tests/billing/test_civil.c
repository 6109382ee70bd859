/*
 * test_civil.c - dates against a calendar that counts day by day, and the text form.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "billing/civil.h"
#include "tests/billing/naive_calendar.h"

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

static void assert_date(struct civil_date actual, struct civil_date expected, const char *what)
{
    if (civil_compare(actual, expected) != 0)
        fail_msg("%s: %d-%d-%d, expected %d-%d-%d", what, actual.year, actual.month, actual.day,
                 expected.year, expected.month, expected.day);
}

static void every_day_until_2100(void **state)
{
    (void)state;
    struct civil_date date = {1970, 1, 1};
    struct civil_date before = {1969, 12, 31};
    for (int64_t days = 0; date.year <= 2100; days++) {
        char text[CIVIL_TEXT_MAX];
        struct civil_date back = {0};
        assert_int_equal(civil_to_days(date), days);
        assert_date(civil_from_days(days), date, "civil_from_days");
        assert_date(civil_add_days(before, 1), date, "civil_add_days");
        assert_date(civil_add_days(date, -1), before, "civil_add_days backwards");
        assert_true(civil_is_valid(date));
        assert_true(civil_compare(before, date) < 0);
        assert_true(civil_compare(date, before) > 0);
        civil_format(date, text);
        assert_true(civil_parse(text, &back));
        assert_date(back, date, text);
        before = date;
        naive_next_day(&date);
    }
}

static void month_lengths_of_all_years(void **state)
{
    (void)state;
    for (int year = 1; year <= CIVIL_YEAR_MAX; year++) {
        for (int month = 1; month <= 12; month++) {
            int last = naive_month_length(year, month);
            assert_int_equal(civil_days_in_month(year, month), last);
            assert_true(civil_is_valid((struct civil_date){year, month, last}));
            assert_false(civil_is_valid((struct civil_date){year, month, last + 1}));
            assert_false(civil_is_valid((struct civil_date){year, month, 0}));
        }
        assert_false(civil_is_valid((struct civil_date){year, 0, 1}));
        assert_false(civil_is_valid((struct civil_date){year, 13, 1}));
    }
    assert_false(civil_is_valid((struct civil_date){0, 1, 1}));
    assert_false(civil_is_valid((struct civil_date){10000, 1, 1}));
}

static void far_years_come_back(void **state)
{
    (void)state;
    for (int64_t days = -200000000000; days < 200000000000; days += 98765432109 / 1000) {
        struct civil_date date = civil_from_days(days);
        assert_int_equal(civil_to_days(date), days);
        assert_true(date.day <= naive_month_length(date.year % 400 + 400, date.month));
    }
    assert_int_equal(civil_to_days((struct civil_date){1, 1, 1}), -719162);
    assert_int_equal(civil_to_days((struct civil_date){9999, 12, 31}), 2932896);
}

static void months_step_by_step(void **state)
{
    (void)state;
    for (struct civil_date from = {1999, 1, 1}; from.year <= 2004; naive_next_day(&from)) {
        struct civil_date later = from;
        struct civil_date earlier = from;
        for (int months = 0; months <= 130; months++) {
            struct civil_date expected = later;
            naive_clamp(&expected);
            assert_date(civil_add_months(from, months), expected, "months later");
            expected = earlier;
            naive_clamp(&expected);
            assert_date(civil_add_months(from, -months), expected, "months earlier");
            naive_next_month(&later);
            naive_previous_month(&earlier);
        }
    }
    assert_date(civil_add_months((struct civil_date){2026, 1, 31}, 12000000000),
                (struct civil_date){1000002026, 1, 31}, "a thousand million years");
}

static void bad_texts_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",           "2026",       "2026-11",     "2026-11-2",   "2026-11-222", "2026-1-22",
        "26-11-22",   "2026/11/22", "2026-11-22 ", " 2026-11-22", "2026-02-29",  "2100-02-29",
        "2026-00-10", "2026-13-10", "2026-10-00",  "2026-10-32",  "2026-04-31",  "1969-12-31",
        "0000-00-00", "-026-11-22", "+026-11-22",  "2026-11-2x",  "2026-11--2",  "20261122",
    };
    for (size_t i = 0; i < LENGTH(bad); i++) {
        struct civil_date date = {1, 2, 3};
        if (civil_parse(bad[i], &date))
            fail_msg("'%s' was read", bad[i]);
        assert_date(date, (struct civil_date){1, 2, 3}, "untouched");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_day_until_2100),  cmocka_unit_test(month_lengths_of_all_years),
        cmocka_unit_test(far_years_come_back),   cmocka_unit_test(months_step_by_step),
        cmocka_unit_test(bad_texts_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
