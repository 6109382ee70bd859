/*
 * test_recurrence.c - due dates against naive stepping, day by day and month by month.
 *
 * The naive side (naive_calendar.h) never multiplies; wall clocks are turned into instants by
 * zone.c, which has its own oracle.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "billing/recurrence.h"
#include "tests/billing/naive_calendar.h"
#include "tests/billing/zone_file.h"

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])
#define CYCLES        70

/* The naive side's memory: the rule's first date, stepped on and on. */
struct walk {
    const struct recurrence *rule;
    struct civil_date date; /* day of the first date, also in months that do not have it */
};

static struct walk walk_begin(const struct recurrence *rule)
{
    struct walk walk = {rule, rule->anchor};
    for (uint32_t i = 0; i < rule->trial_days; i++)
        naive_next_day(&walk.date);
    return walk;
}

/* The date of the cycle where the walk is; then goes on to the next. */
static struct civil_date walk_next(struct walk *walk)
{
    struct civil_date due = walk->date;
    bool by_month = walk->rule->unit == RECUR_MONTH || walk->rule->unit == RECUR_YEAR;
    if (walk->rule->last_day_of_month)
        due.day = 31;
    naive_clamp(&due);
    for (uint32_t i = 0; i < walk->rule->every; i++) {
        int steps = walk->rule->unit == RECUR_WEEK ? 7 : walk->rule->unit == RECUR_YEAR ? 12 : 1;
        for (; steps > 0; steps--) {
            if (by_month)
                naive_next_month(&walk->date);
            else
                naive_next_day(&walk->date);
        }
    }
    return due;
}

static void check_rule(const struct recurrence *rule, const struct zone *zone)
{
    struct problem problem;
    struct walk walk = walk_begin(rule);
    struct instant before = {INT64_MIN};
    if (recurrence_check(rule, &problem) != ST_OK)
        fail_msg("%s", problem.text);
    for (uint32_t cycle = 1; cycle <= CYCLES; cycle++) {
        struct civil_date date = walk_next(&walk);
        struct instant expected = zone_instant(zone, date, rule->second_of_day);
        struct instant due = recurrence_due(rule, zone, cycle);
        if (due.utc_ms != expected.utc_ms || !instant_before(before, due)) {
            char text[INSTANT_TEXT_MAX];
            instant_format(due, text);
            fail_msg("every %u %s from %d-%d-%d + %u days%s, cycle %u: due %s, expected %d-%d-%d",
                     rule->every, recurrence_unit_name(rule->unit), rule->anchor.year,
                     rule->anchor.month, rule->anchor.day, rule->trial_days,
                     rule->last_day_of_month ? " (last day)" : "", cycle, text, date.year,
                     date.month, date.day);
        }
        before = due;
    }
}

static const uint32_t trials[] = {0, 1, 7, 30, 366};

/* Every day of two years (one with 29 February) as the anchor, for one unit and distance. */
static void check_anchors(const struct zone *zone, enum recurrence_unit unit, uint32_t every)
{
    bool by_month = unit == RECUR_MONTH || unit == RECUR_YEAR;
    struct recurrence rule = {.unit = unit, .every = every, .anchor = {2023, 1, 1}};
    for (int day = 0; rule.anchor.year <= 2024; day++, naive_next_day(&rule.anchor)) {
        rule.second_of_day = (day * 3607) % 86400;
        rule.trial_days = trials[day % (int)LENGTH(trials)];
        rule.last_day_of_month = false;
        check_rule(&rule, zone);
        rule.last_day_of_month = by_month;
        check_rule(&rule, zone);
    }
}

static void every_rule_and_anchor_against_stepping(void **state)
{
    (void)state;
    static const char *const names[] = {"UTC", "Asia/Tokyo", "America/New_York",
                                        "Australia/Lord_Howe"};
    static const uint32_t distances[] = {1, 2, 3, 6, 12, 17};
    for (size_t z = 0; z < LENGTH(names); z++) {
        struct zone_file file;
        struct zone zone;
        zone_file_open(&zone, &file, names[z]);
        for (size_t d = 0; d < LENGTH(distances); d++)
            for (enum recurrence_unit unit = RECUR_DAY; unit <= RECUR_YEAR; unit++)
                if (unit != RECUR_YEAR || distances[d] <= 3)
                    check_anchors(&zone, unit, distances[d]);
    }
}

static void assert_due(const struct recurrence *rule, const struct zone *zone, uint32_t cycle,
                       const char *expected)
{
    char text[INSTANT_TEXT_MAX];
    instant_format(recurrence_due(rule, zone, cycle), text);
    if (strcmp(text, expected) != 0)
        fail_msg("cycle %u is due %s, expected %s", cycle, text, expected);
}

static void dates_picked_by_hand(void **state)
{
    (void)state;
    struct zone_file file;
    struct zone zone;
    zone_file_open(&zone, &file, "Asia/Tokyo");
    struct recurrence monthly = {.unit = RECUR_MONTH, .every = 1, .anchor = {2027, 1, 31}};
    monthly.second_of_day = 9 * 3600;
    assert_due(&monthly, &zone, 1, "2027-01-31T00:00:00.000Z");
    assert_due(&monthly, &zone, 2, "2027-02-28T00:00:00.000Z");
    assert_due(&monthly, &zone, 3, "2027-03-31T00:00:00.000Z");
    assert_due(&monthly, &zone, 14, "2028-02-29T00:00:00.000Z");

    /* 30 April stays the 30th, unless the month's last day is asked for. */
    monthly.anchor = (struct civil_date){2027, 4, 30};
    assert_due(&monthly, &zone, 2, "2027-05-30T00:00:00.000Z");
    monthly.last_day_of_month = true;
    assert_due(&monthly, &zone, 2, "2027-05-31T00:00:00.000Z");

    struct recurrence yearly = {.unit = RECUR_YEAR, .every = 1, .anchor = {2024, 2, 29}};
    assert_due(&yearly, &zone, 2, "2025-02-27T15:00:00.000Z");
    assert_due(&yearly, &zone, 5, "2028-02-28T15:00:00.000Z");

    /* The trial moves the date that all cycles are counted from. */
    struct recurrence trial = {.unit = RECUR_MONTH, .every = 1, .anchor = {2027, 1, 1}};
    trial.trial_days = 30;
    assert_due(&trial, &zone, 1, "2027-01-30T15:00:00.000Z");
    assert_due(&trial, &zone, 2, "2027-02-27T15:00:00.000Z");
    assert_due(&trial, &zone, 3, "2027-03-30T15:00:00.000Z");
}

static void the_wall_clock_stays_through_daylight_time(void **state)
{
    (void)state;
    struct zone_file file;
    struct zone zone;
    zone_file_open(&zone, &file, "America/New_York");
    struct recurrence daily = {.unit = RECUR_DAY, .every = 1, .anchor = {2026, 3, 7}};
    daily.second_of_day = 2 * 3600 + 1800;
    assert_due(&daily, &zone, 1, "2026-03-07T07:30:00.000Z");
    assert_due(&daily, &zone, 2, "2026-03-08T07:30:00.000Z"); /* shows 03:30 */
    assert_due(&daily, &zone, 3, "2026-03-09T06:30:00.000Z");
}

/* The exception that recurrence.h names. */
static void a_day_that_a_zone_dropped(void **state)
{
    (void)state;
    struct zone_file file;
    struct zone zone;
    zone_file_open(&zone, &file, "Pacific/Apia");
    struct recurrence daily = {.unit = RECUR_DAY, .every = 1, .anchor = {2011, 12, 29}};
    assert_due(&daily, &zone, 1, "2011-12-29T10:00:00.000Z");
    assert_due(&daily, &zone, 2, "2011-12-30T10:00:00.000Z");
    assert_due(&daily, &zone, 3, "2011-12-30T10:00:00.000Z");
    assert_due(&daily, &zone, 4, "2011-12-31T10:00:00.000Z");
    struct instant from = recurrence_due(&daily, &zone, 3);
    assert_int_equal(recurrence_first_cycle(&daily, &zone, from), 2);
}

static void a_rule_ends(void **state)
{
    (void)state;
    struct zone_file file;
    struct zone zone;
    zone_file_open(&zone, &file, "Asia/Tokyo");
    struct recurrence rule = {.unit = RECUR_MONTH, .every = 1, .anchor = {2027, 1, 31}};
    assert_due(&rule, &zone, 0, "never");
    assert_due(&rule, &zone, RECUR_CYCLE_MAX, "never");
    assert_due(&rule, &zone, RECUR_CYCLE_MAX + 1, "never");
    assert_due(&rule, &zone, UINT32_MAX, "never");
    rule.cycle_count = 2;
    assert_due(&rule, &zone, 2, "2027-02-27T15:00:00.000Z");
    assert_due(&rule, &zone, 3, "never");
    rule.cycle_count = 0;
    rule.end = (struct civil_date){2027, 3, 30};
    assert_due(&rule, &zone, 2, "2027-02-27T15:00:00.000Z");
    assert_due(&rule, &zone, 3, "never");
    rule.end.day = 31; /* the end's own day counts */
    assert_due(&rule, &zone, 3, "2027-03-30T15:00:00.000Z");
    assert_due(&rule, &zone, 4, "never");

    struct recurrence last = {.unit = RECUR_DAY, .every = 1, .anchor = {9999, 12, 31}};
    last.second_of_day = 86399;
    assert_due(&last, &zone, 1, "9999-12-31T14:59:59.000Z");
    assert_due(&last, &zone, 2, "never");
    struct recurrence far = {.unit = RECUR_YEAR, .every = RECUR_EVERY_MAX, .anchor = {1970, 1, 1}};
    assert_due(&far, &zone, 9, "9969-12-31T15:00:00.000Z");
    assert_due(&far, &zone, RECUR_CYCLE_MAX, "never");
}

static uint32_t first_cycle_by_search(const struct recurrence *rule, const struct zone *zone,
                                      struct instant from)
{
    for (uint32_t cycle = 1; cycle <= CYCLES + 1; cycle++) {
        struct instant due = recurrence_due(rule, zone, cycle);
        if (due.utc_ms == INT64_MAX)
            return 0;
        if (!instant_before(due, from))
            return cycle;
    }
    fail_msg("the rules of this test end earlier");
    return 0;
}

static void first_cycle_equals_linear_search(void **state)
{
    (void)state;
    struct zone_file file;
    struct zone zone;
    zone_file_open(&zone, &file, "America/New_York");
    for (enum recurrence_unit unit = RECUR_DAY; unit <= RECUR_YEAR; unit++) {
        for (uint32_t count = 1; count <= CYCLES; count += 23) {
            struct recurrence rule = {.unit = unit, .every = 1, .anchor = {2026, 3, 1}};
            rule.cycle_count = count;
            rule.second_of_day = 9000;
            for (uint32_t cycle = 1; cycle <= count; cycle++) {
                struct instant due = recurrence_due(&rule, &zone, cycle);
                for (int64_t ms = -1; ms <= 1; ms++) {
                    struct instant from = instant_plus(due, ms);
                    assert_int_equal(recurrence_first_cycle(&rule, &zone, from),
                                     first_cycle_by_search(&rule, &zone, from));
                }
            }
            assert_int_equal(recurrence_first_cycle(&rule, &zone, (struct instant){INT64_MIN}), 1);
            assert_int_equal(recurrence_first_cycle(&rule, &zone, INSTANT_NEVER), 0);
        }
    }
    struct recurrence endless = {.unit = RECUR_DAY, .every = 1, .anchor = {1970, 1, 1}};
    struct instant last = recurrence_due(&endless, &zone, RECUR_CYCLE_MAX);
    assert_int_equal(recurrence_first_cycle(&endless, &zone, last), RECUR_CYCLE_MAX);
    assert_int_equal(recurrence_first_cycle(&endless, &zone, instant_plus(last, 1)), 0);
}

static void assert_refused(struct recurrence rule, const char *field)
{
    struct problem problem = {""};
    assert_int_equal(recurrence_check(&rule, &problem), ST_INVALID);
    if (strstr(problem.text, field) == NULL)
        fail_msg("'%s' does not name %s", problem.text, field);
}

static void bad_rules_are_refused(void **state)
{
    (void)state;
    const struct recurrence good = {.unit = RECUR_MONTH, .every = 1, .anchor = {2026, 1, 31}};
    struct recurrence bad = good;
    assert_int_equal(recurrence_check(&good, NULL), ST_OK);

    assert_refused((bad.unit = 0, bad), "unit");
    assert_refused((bad.unit = 5, bad), "unit");
    bad = good;
    assert_refused((bad.every = 0, bad), "every");
    assert_refused((bad.every = RECUR_EVERY_MAX + 1, bad), "every");
    bad = good;
    bad.last_day_of_month = true;
    assert_refused((bad.unit = RECUR_DAY, bad), "last_day_of_month");
    assert_refused((bad.unit = RECUR_WEEK, bad), "last_day_of_month");
    bad = good;
    assert_refused((bad.anchor = (struct civil_date){2026, 2, 29}, bad), "anchor");
    assert_refused((bad.anchor = (struct civil_date){1969, 12, 31}, bad), "anchor");
    assert_refused((bad.anchor = (struct civil_date){10000, 1, 1}, bad), "anchor");
    assert_refused((bad.anchor = (struct civil_date){0, 0, 0}, bad), "anchor");
    bad = good;
    assert_refused((bad.second_of_day = -1, bad), "second_of_day");
    assert_refused((bad.second_of_day = 86400, bad), "second_of_day");
    bad = good;
    assert_refused((bad.trial_days = RECUR_TRIAL_DAYS_MAX + 1, bad), "trial_days");
    assert_refused((bad.trial_days = UINT32_MAX, bad), "trial_days");
    bad = good;
    bad.trial_days = 1;
    assert_refused((bad.anchor = (struct civil_date){9999, 12, 31}, bad), "9999");
    bad = good;
    assert_refused((bad.cycle_count = RECUR_CYCLE_MAX + 1, bad), "cycle_count");
    bad = good;
    assert_refused((bad.end = (struct civil_date){2026, 1, 30}, bad), "end");
    assert_refused((bad.end = (struct civil_date){2026, 13, 1}, bad), "end");
    assert_refused((bad.end = (struct civil_date){-5, 1, 1}, bad), "end");
    bad.end = (struct civil_date){2026, 1, 31};
    assert_int_equal(recurrence_check(&bad, NULL), ST_OK);
    assert_refused((bad.trial_days = 1, bad), "end");
}

static void units_have_names(void **state)
{
    (void)state;
    for (enum recurrence_unit unit = RECUR_DAY; unit <= RECUR_YEAR; unit++)
        assert_int_equal(recurrence_unit_parse(recurrence_unit_name(unit)), unit);
    assert_int_equal(recurrence_unit_parse(""), 0);
    assert_int_equal(recurrence_unit_parse("months"), 0);
    assert_int_equal(recurrence_unit_parse("Month"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rule_and_anchor_against_stepping),
        cmocka_unit_test(dates_picked_by_hand),
        cmocka_unit_test(the_wall_clock_stays_through_daylight_time),
        cmocka_unit_test(a_day_that_a_zone_dropped),
        cmocka_unit_test(a_rule_ends),
        cmocka_unit_test(first_cycle_equals_linear_search),
        cmocka_unit_test(bad_rules_are_refused),
        cmocka_unit_test(units_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
