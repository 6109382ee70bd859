/*
 * test_policy.c - finding a policy, jitter, amounts, and the hours in a zone with clock changes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/billing/step_random.h"
#include "tests/billing/step_world.h"
#include "tests/billing/zone_file.h"

static struct zone zone;
static struct zone_file zone_file;

static const struct zone *zone_of(const char *footer)
{
    struct problem problem = {""};
    zone_file_make(&zone_file, footer);
    assert_int_equal(zone_read(&zone, "Test", zone_file.bytes, zone_file.length, &problem), ST_OK);
    return &zone;
}

static void the_newest_of_a_name_is_found(void **state)
{
    (void)state;
    struct policy old = {.name = "default", .version = 1};
    struct policy other = {.name = "gentle", .version = 2, .next = &old};
    struct policy newest = {.name = "default", .version = 3, .next = &other};
    assert_ptr_equal(policy_named(&newest, "gentle"), &other);
    assert_ptr_equal(policy_named(&newest, "default"), &newest);
    assert_ptr_equal(policy_named(&newest, "unknown"), &newest);
    assert_ptr_equal(policy_named(&newest, ""), &newest);
    assert_ptr_equal(policy_numbered(&newest, 1), &old);
    assert_ptr_equal(policy_numbered(&newest, 9), &newest);
}

static void the_last_wait_repeats(void **state)
{
    (void)state;
    struct policy_waits waits = {2, {10, 20}};
    assert_int_equal(policy_nth_wait_ms(&waits, 0), 10);
    assert_int_equal(policy_nth_wait_ms(&waits, 1), 20);
    assert_int_equal(policy_nth_wait_ms(&waits, 7), 20);
    assert_int_equal(policy_nth_wait_ms(&(struct policy_waits){0}, 3), 0);
}

static void jitter_is_bounded_spread_and_the_same_each_time(void **state)
{
    (void)state;
    struct policy policy = {.jitter_percent = 20};
    unsigned tenths[10] = {0};
    for (uint32_t number = 1; number <= 1000; number++) {
        char charge_id[CHARGE_ID_MAX];
        char id[REFERENCE_ID_MAX];
        charge_id_format("AAAAAAAAAAAAAAAA", number, charge_id);
        reference_id_format(charge_id, 1, id);
        int64_t wait_ms = policy_jittered_ms(&policy, HOUR_MS, id);
        assert_in_range(wait_ms, HOUR_MS, HOUR_MS + HOUR_MS / 5);
        assert_int_equal(wait_ms, policy_jittered_ms(&policy, HOUR_MS, id));
        int64_t tenth = (wait_ms - HOUR_MS) * 10 / (HOUR_MS / 5);
        tenths[tenth > 9 ? 9 : tenth]++;
    }
    for (unsigned i = 0; i < 10; i++) {
        assert_in_range(tenths[i], 50, 150); /* a hundred each, more or less */
    }
    assert_int_equal(policy_jittered_ms(&policy, 0, "A"), 0);
    policy.jitter_percent = 0;
    assert_int_equal(policy_jittered_ms(&policy, HOUR_MS, "A"), HOUR_MS);
}

static void amounts_are_bounded_in_their_currency(void **state)
{
    (void)state;
    struct policy policy = {.version = 1};
    assert_true(policy_allows_amount(&policy, money("1", "JPY")));
    assert_false(policy_allows_amount(&policy, money("0", "JPY")));
    assert_false(policy_allows_amount(&policy, (struct money){0}));
    policy.amount_min = money("100", "JPY");
    policy.amount_max = money("200", "JPY");
    assert_false(policy_allows_amount(&policy, money("99", "JPY")));
    assert_true(policy_allows_amount(&policy, money("100", "JPY")));
    assert_true(policy_allows_amount(&policy, money("200", "JPY")));
    assert_false(policy_allows_amount(&policy, money("201", "JPY")));
    assert_false(policy_allows_amount(&policy, money("1.50", "USD")));
}

/* --- hours ---------------------------------------------------------------------------------- */

static void expect_open_at(const struct policy *policy, const char *asked, const char *open)
{
    char is[INSTANT_TEXT_MAX];
    char should[INSTANT_TEXT_MAX];
    instant_format(policy_open_at(policy, at(asked)), is);
    instant_format(at(open), should);
    if (strcmp(is, should) != 0) {
        fail_msg("asked at %s: open at %s, should be %s", asked, is, should);
    }
}

static void all_day_every_day_is_always(void **state)
{
    (void)state;
    struct policy policy = {.hours = {0, 0, POLICY_ALL_DAYS}};
    expect_open_at(&policy, "2026-01-01T03:04:05Z", "2026-01-01T03:04:05Z");
    policy.hours = (struct policy_hours){0, 86400, POLICY_ALL_DAYS};
    expect_open_at(&policy, "2026-01-01T23:59:59.999Z", "2026-01-01T23:59:59.999Z");
    policy.hours = (struct policy_hours){0, 0, 0};
    expect_open_at(&policy, "2026-01-01T03:04:05Z", "2026-01-01T03:04:05Z");
}

static void days_are_those_that_the_window_begins_on(void **state)
{
    (void)state;
    struct policy policy = {.hours = {22 * 3600, 4 * 3600, 0x10}}; /* Friday night */
    expect_open_at(&policy, "2026-01-02T21:59:59Z", "2026-01-02T22:00:00Z");
    expect_open_at(&policy, "2026-01-03T03:59:59.999Z", "2026-01-03T03:59:59.999Z");
    expect_open_at(&policy, "2026-01-03T04:00:00Z", "2026-01-09T22:00:00Z");
    expect_open_at(&policy, "2026-01-02T01:00:00Z", "2026-01-02T22:00:00Z");
}

static void hours_follow_the_wall_clock(void **state)
{
    (void)state;
    struct policy policy = {.hours = {9 * 3600, 18 * 3600, POLICY_ALL_DAYS},
                            .zone = zone_of("CET-1CEST,M3.5.0,M10.5.0/3")};
    expect_open_at(&policy, "2026-03-28T07:00:00Z", "2026-03-28T08:00:00Z");
    expect_open_at(&policy, "2026-03-29T06:00:00Z", "2026-03-29T07:00:00Z");
    expect_open_at(&policy, "2026-10-24T16:00:00Z", "2026-10-25T08:00:00Z");
    /* A window inside of a gap comes after it, as long as ever. */
    policy.hours = (struct policy_hours){2 * 3600, 2 * 3600 + 1800, POLICY_ALL_DAYS};
    expect_open_at(&policy, "2026-03-28T02:00:00Z", "2026-03-29T01:00:00Z");
}

/* Second by second would be slow: minute by minute the wall clock says whether it is open. */
static bool is_open(const struct policy *policy, struct instant now)
{
    int32_t second = 0;
    const struct policy_hours *hours = &policy->hours;
    int64_t day = civil_to_days(zone_date(NULL, now, &second));
    bool whole = hours->from_s == hours->until_s;
    for (int64_t begin = day - 1; begin <= day; begin++) {
        int64_t passed = (day - begin) * 86400 + second;
        int64_t until = hours->until_s + (hours->until_s < hours->from_s || whole ? 86400 : 0);
        bool is_day = (hours->days & (1u << ((begin + 3) % 7))) != 0;
        if (is_day && passed >= hours->from_s && passed < until) {
            return true;
        }
    }
    return false;
}

static void opening_is_the_first_open_minute(void **state)
{
    (void)state;
    struct dice dice = dice_of(1);
    for (unsigned round = 0; round < 300; round++) {
        struct policy policy = {.hours = {60 * (int32_t)roll(&dice, 1440),
                                          60 * (int32_t)roll(&dice, 1441),
                                          1 + roll(&dice, POLICY_ALL_DAYS)}};
        struct instant now =
            instant_plus(at("2026-01-01T00:00:00Z"), (int64_t)roll(&dice, 20000) * MINUTE_MS);
        struct instant open = now;
        while (!is_open(&policy, open)) {
            open = instant_plus(open, MINUTE_MS);
        }
        if (policy_open_at(&policy, now).utc_ms != open.utc_ms) {
            fail_msg("round %u: from %d until %d days %x", round, (int)policy.hours.from_s,
                     (int)policy.hours.until_s, (unsigned)policy.hours.days);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_newest_of_a_name_is_found),
        cmocka_unit_test(the_last_wait_repeats),
        cmocka_unit_test(jitter_is_bounded_spread_and_the_same_each_time),
        cmocka_unit_test(amounts_are_bounded_in_their_currency),
        cmocka_unit_test(all_day_every_day_is_always),
        cmocka_unit_test(days_are_those_that_the_window_begins_on),
        cmocka_unit_test(hours_follow_the_wall_clock),
        cmocka_unit_test(opening_is_the_first_open_minute),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
