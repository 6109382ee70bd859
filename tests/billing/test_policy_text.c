/*
 * test_policy_text.c - a policy as text and back: the golden text, any policy at random, and texts
 * that are no policy.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "billing/policy_text.h"
#include "tests/billing/step_random.h"

/* Kept in databases for ever: a text that was once written is always read. */
static const char golden[] = "name = default\n"
                             "zone = none\n"
                             "authorization = synchronous\n"
                             "capture = now\n"
                             "capture_warning = 2d\n"
                             "reauthorize = no\n"
                             "settle_by = repeat\n"
                             "retry_InvalidPaymentMethod = wait_open\n"
                             "retry_InvalidPaymentMethodSoft = 1d 3d 5d\n"
                             "retry_AmazonRejected = 1d 3d\n"
                             "retry_ProcessingFailure = 2m 30m 6h\n"
                             "retry_TransactionTimedOut = 5m 1h 6h\n"
                             "retry_PeriodicAmountExceeded = next_period\n"
                             "retry_agreement_not_open = wait_open\n"
                             "retry_request_refused = 1h 6h 1d\n"
                             "retry_not_captured = 1d\n"
                             "retry_capture_declined = 1h 1d\n"
                             "jitter_percent = 0\n"
                             "hours = 00:00:00-00:00:00\n"
                             "days = mon tue wed thu fri sat sun\n"
                             "attempts_max = 20\n"
                             "retry_past_next_due = no\n"
                             "final_action = past_due\n"
                             "limit_short = hold\n"
                             "limit_refresh = 1d\n"
                             "limit_difference_stops = yes\n"
                             "catch_up = each\n"
                             "late_after = 1h\n"
                             "lateness_max = 0s\n"
                             "amount_min = none\n"
                             "amount_max = none\n"
                             "suspended_poll = 1h\n"
                             "validate_every = 1d\n"
                             "resend = 1s 2s 4s 10s 30s 1m\n"
                             "pending_poll = 30s 30s 1m 2m 5m 15m\n"
                             "answer_deadline = 1m\n";

static void the_defaults_have_this_text(void **state)
{
    (void)state;
    char text[POLICY_TEXT_MAX];
    struct policy policy = policy_default();
    assert_true(policy_format(&policy, text));
    assert_string_equal(text, golden);
}

/* --- any policy ------------------------------------------------------------------------------ */

static int64_t any_wait(struct dice *dice)
{
    static const int64_t units[] = {1, 1000, 60000, 3600000, 86400000};
    return (int64_t)roll(dice, 1000) * units[roll(dice, 5)];
}

static struct policy_waits any_waits(struct dice *dice)
{
    struct policy_waits waits = {.count = roll(dice, 4)};
    for (uint32_t i = 0; i < waits.count; i++) {
        waits.wait_ms[i] = any_wait(dice);
    }
    return waits;
}

static struct policy any_policy(struct dice *dice)
{
    struct policy policy = {
        .authorization = 1 + roll(dice, 3),
        .capture = 1 + roll(dice, 2),
        .capture_warning_ms = any_wait(dice),
        .reauthorize = one_in(dice, 2),
        .settle_by = 1 + roll(dice, 2),
        .jitter_percent = roll(dice, 101),
        .hours = {(int32_t)roll(dice, 86400), (int32_t)roll(dice, 86401),
                  1 + roll(dice, POLICY_ALL_DAYS)},
        .attempts_max = one_in(dice, 9) ? UINT32_MAX : roll(dice, 100),
        .retry_past_next_due = one_in(dice, 2),
        .final_action = 1 + roll(dice, 3),
        .limit_short = 1 + roll(dice, 3),
        .limit_refresh_ms = any_wait(dice),
        .limit_difference_stops = one_in(dice, 2),
        .catch_up = 1 + roll(dice, 4),
        .late_after_ms = any_wait(dice),
        .lateness_max_ms = any_wait(dice),
        .suspended_poll_ms = any_wait(dice),
        .validate_every_ms = any_wait(dice),
        .resend = any_waits(dice),
        .pending_poll = any_waits(dice),
        .answer_deadline_ms = any_wait(dice),
    };
    (void)snprintf(policy.name, sizeof policy.name, "plan-%u", roll(dice, 1000));
    (void)snprintf(policy.zone_name, sizeof policy.zone_name, "%s",
                   one_in(dice, 3) ? "" : "America/Argentina/Buenos_Aires");
    if (one_in(dice, 2)) {
        policy.amount_min = money_of(roll(dice, 5000), one_in(dice, 2) ? "JPY" : "USD");
        policy.amount_max = money_of(INT64_MAX - roll(dice, 5000), "EUR");
    }
    for (unsigned reason = 0; reason < REASON_COUNT; reason++) {
        policy.retry[reason].path = roll(dice, 4);
        policy.retry[reason].waits = any_waits(dice);
    }
    return policy;
}

static void assert_same_waits(const struct policy_waits *a, const struct policy_waits *b)
{
    assert_int_equal(a->count, b->count);
    for (uint32_t i = 0; i < a->count; i++) {
        assert_int_equal(a->wait_ms[i], b->wait_ms[i]);
    }
}

static void assert_same_amount(struct money a, struct money b)
{
    assert_true(money_is_valid(a) ? money_equal(a, b) : !money_is_valid(b));
}

static void assert_same(const struct policy *a, const struct policy *b)
{
    assert_string_equal(a->name, b->name);
    assert_string_equal(a->zone_name, b->zone_name);
    assert_int_equal(a->authorization, b->authorization);
    assert_int_equal(a->capture, b->capture);
    assert_int_equal(a->capture_warning_ms, b->capture_warning_ms);
    assert_int_equal(a->reauthorize, b->reauthorize);
    assert_int_equal(a->settle_by, b->settle_by);
    for (unsigned reason = 0; reason < REASON_COUNT; reason++) {
        assert_int_equal(a->retry[reason].path, b->retry[reason].path);
        assert_same_waits(&a->retry[reason].waits, &b->retry[reason].waits);
    }
    assert_int_equal(a->jitter_percent, b->jitter_percent);
    assert_int_equal(a->hours.from_s, b->hours.from_s);
    assert_int_equal(a->hours.until_s, b->hours.until_s);
    assert_int_equal(a->hours.days, b->hours.days);
    assert_int_equal(a->attempts_max, b->attempts_max);
    assert_int_equal(a->retry_past_next_due, b->retry_past_next_due);
    assert_int_equal(a->final_action, b->final_action);
    assert_int_equal(a->limit_short, b->limit_short);
    assert_int_equal(a->limit_refresh_ms, b->limit_refresh_ms);
    assert_int_equal(a->limit_difference_stops, b->limit_difference_stops);
    assert_int_equal(a->catch_up, b->catch_up);
    assert_int_equal(a->late_after_ms, b->late_after_ms);
    assert_int_equal(a->lateness_max_ms, b->lateness_max_ms);
    assert_same_amount(a->amount_min, b->amount_min);
    assert_same_amount(a->amount_max, b->amount_max);
    assert_int_equal(a->suspended_poll_ms, b->suspended_poll_ms);
    assert_int_equal(a->validate_every_ms, b->validate_every_ms);
    assert_same_waits(&a->resend, &b->resend);
    assert_same_waits(&a->pending_poll, &b->pending_poll);
    assert_int_equal(a->answer_deadline_ms, b->answer_deadline_ms);
}

static void any_policy_comes_back_as_it_was(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 2000; seed++) {
        struct dice dice = dice_of(seed);
        char text[POLICY_TEXT_MAX];
        struct problem problem = {""};
        struct policy made = any_policy(&dice);
        struct policy read;
        assert_true(policy_format(&made, text));
        if (policy_parse(text, &read, &problem) != ST_OK) {
            fail_msg("seed %llu: %s", (unsigned long long)seed, problem.text);
        }
        assert_same(&made, &read);
        assert_int_equal(read.version, 0);
        assert_null(read.next);
        assert_null(read.zone);
    }
}

static void zeros_are_written_as_what_they_mean(void **state)
{
    (void)state;
    char text[POLICY_TEXT_MAX];
    struct policy policy = {.name = "x"};
    assert_true(policy_format(&policy, text));
    assert_non_null(strstr(text, "\ncatch_up = each\n"));
    assert_non_null(strstr(text, "\ndays = mon tue wed thu fri sat sun\n"));
    assert_null(strstr(text, "retry_A"));
}

static void what_cannot_be_kept_is_not_written(void **state)
{
    (void)state;
    char text[POLICY_TEXT_MAX];
    struct policy policy = policy_default();
    policy.name[0] = '\0';
    assert_false(policy_format(&policy, text));
    policy = policy_default();
    policy.zone_name[0] = '\n';
    assert_false(policy_format(&policy, text));
    policy = policy_default();
    policy.late_after_ms = -1;
    assert_false(policy_format(&policy, text));
    policy = policy_default();
    policy.resend.count = POLICY_WAITS_MAX + 1;
    assert_false(policy_format(&policy, text));
    policy = policy_default();
    policy.jitter_percent = 101;
    assert_false(policy_format(&policy, text));
    policy = policy_default();
    policy.catch_up = 5;
    assert_false(policy_format(&policy, text));
    /* Longer than what is kept. */
    policy = policy_default();
    for (unsigned reason = 0; reason < REASON_COUNT; reason++) {
        policy.retry[reason].waits.count = POLICY_WAITS_MAX;
        for (unsigned i = 0; i < POLICY_WAITS_MAX; i++) {
            policy.retry[reason].waits.wait_ms[i] = INT64_C(123456789012345678);
        }
    }
    assert_false(policy_format(&policy, text));
}

/* --- what is no policy ----------------------------------------------------------------------- */

static void expect_refused(const char *text, const char *what)
{
    struct policy policy;
    struct problem problem = {""};
    if (policy_parse(text, &policy, &problem) != ST_INVALID || problem.text[0] == '\0') {
        fail_msg("%s is taken", what);
    }
}

/* The golden text with `from` replaced once. */
static void expect_change_refused(const char *from, const char *to)
{
    char text[2 * sizeof golden];
    const char *place = strstr(golden, from);
    assert_non_null(place);
    (void)snprintf(text, sizeof text, "%.*s%s%s", (int)(place - golden), golden, to,
                   place + strlen(from));
    expect_refused(text, to);
}

static void what_is_odd_is_refused(void **state)
{
    (void)state;
    expect_change_refused("capture = now", "capture = later");
    expect_change_refused("capture = now\n", "");
    expect_change_refused("capture = now\n", "capture = now\ncapture = now\n");
    expect_change_refused("capture = now\n", "capture = now\nunknown = 1\n");
    expect_change_refused("capture = now", "capture =  now");
    expect_change_refused("capture = now", "capture=now");
    expect_change_refused("capture = now", "Capture = now");
    expect_change_refused("= 2d", "= 48h");
    expect_change_refused("= 2d", "= 2 d");
    expect_change_refused("= 2d", "= -2d");
    expect_change_refused("= 2d", "= 02d");
    expect_change_refused("= 2d", "= 9999999999999999999d");
    expect_change_refused("= 2d", "= 999999999999999999d");
    expect_change_refused("= 2d", "= 2y");
    expect_change_refused("= 2d", "=");
    expect_change_refused("reauthorize = no", "reauthorize = No");
    expect_change_refused("jitter_percent = 0", "jitter_percent = 101");
    expect_change_refused("jitter_percent = 0", "jitter_percent = 4294967296");
    expect_change_refused("00:00:00-00:00:00", "00:00:00-24:00:01");
    expect_change_refused("00:00:00-00:00:00", "24:00:00-00:00:00");
    expect_change_refused("00:00:00-00:00:00", "0:00:00-00:00:00");
    expect_change_refused("00:00:00-00:00:00", "00:60:00-00:00:00");
    expect_change_refused("mon tue", "tue mon");
    expect_change_refused("mon tue", "mon mon tue");
    expect_change_refused("days = mon tue wed thu fri sat sun", "days = none");
    expect_change_refused("amount_min = none", "amount_min = 100 ZZZ");
    expect_change_refused("amount_min = none", "amount_min = 1.5 JPY");
    expect_change_refused("amount_min = none", "amount_min = 100");
    expect_change_refused("retry_not_captured = 1d", "retry_not_captured = none");
    expect_change_refused("retry_not_captured = 1d", "retry_nothing = 1d");
    expect_change_refused("retry_not_captured = 1d", "retry_not_captured = by_waits 1d");
    expect_change_refused("retry_not_captured = 1d",
                          "retry_not_captured = 1d 1d 1d 1d 1d 1d 1d 1d 1d 1d 1d 1d 1d");
    expect_change_refused("zone = none", "zone = UTC\t");
    expect_change_refused("name = default", "name = none");
    expect_change_refused("name = default", "name = a234567890123456789012345678901x");
}

static void no_piece_of_a_text_is_a_policy(void **state)
{
    (void)state;
    char text[sizeof golden];
    for (size_t length = 0; length + 1 < sizeof golden; length++) {
        memcpy(text, golden, length);
        text[length] = '\0';
        expect_refused(text, "a piece");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_defaults_have_this_text),
        cmocka_unit_test(any_policy_comes_back_as_it_was),
        cmocka_unit_test(zeros_are_written_as_what_they_mean),
        cmocka_unit_test(what_cannot_be_kept_is_not_written),
        cmocka_unit_test(what_is_odd_is_refused),
        cmocka_unit_test(no_piece_of_a_text_is_a_policy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
