/*
 * test_step_policy.c - what a charge does by its policy: paths, waits, jitter, hours, bounds, the
 * next cycle, the final action, stops and holds. One behaviour each.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/billing/step_world.h"

static struct world world;
static struct world *const w = &world;

/* Subscription A, monthly from 2 January, whose first cycle is due now. */
static void due_now(void)
{
    struct event event = subscribe_monthly(w, 'A', "1200", "JPY", "2026-01-02");
    assert_true(world_step(w, &event));
    world_at(w, "2026-01-02T00:00:00Z");
    world_wake(w);
}

static void open_world(void)
{
    world_start(w, "2026-01-01T00:00:00Z");
    world_open(w, "50000", "JPY");
}

static void set_rule(enum reason reason, enum policy_path path, struct policy_waits waits)
{
    w->policy.retry[reason] = (struct policy_rule){path, waits};
}

static void expect_retry(const char *charge, const char *text)
{
    char is[INSTANT_TEXT_MAX];
    char should[INSTANT_TEXT_MAX];
    instant_format(world_charge(w, charge)->retry_at, is);
    instant_format(at(text), should);
    assert_string_equal(is, should);
}

/* --- paths ---------------------------------------------------------------------------------- */

static void any_decline_may_wait_for_open(void **state)
{
    (void)state;
    open_world();
    set_rule(REASON_AMAZON_REJECTED, POLICY_WAIT_OPEN, (struct policy_waits){1, {2 * HOUR_MS}});
    due_now();
    world_declined(w, "A-1-1", REASON_AMAZON_REJECTED);
    EXPECT(w, "A-1-1 intent>declined(AmazonRejected), agreement open>unsynced(AmazonRejected), "
              "A-1 attempting>waiting(AmazonRejected) | sync");
    world_found(w, AGREEMENT_SUSPENDED);
    EXPECT(w, "agreement unsynced>suspended");
    world_wake_when_due(w);
    EXPECT(w, "| sync");
    world_found(w, AGREEMENT_OPEN);
    EXPECT(w, "agreement suspended>open, A-1-2 new>intent, A-1 waiting>attempting | "
              "authorize A-1-2");
    /* Not suspended this time: the rule's own waits, of which one is used up. */
    world_declined(w, "A-1-2", REASON_AMAZON_REJECTED);
    world_found(w, AGREEMENT_OPEN);
    EXPECT(w, "agreement unsynced>open, A-1 waiting>failed(AmazonRejected), "
              "A active>past_due(AmazonRejected)");
}

static void any_decline_may_go_on_asynchronously(void **state)
{
    (void)state;
    open_world();
    set_rule(REASON_PROCESSING_FAILURE, POLICY_ASYNCHRONOUSLY,
             (struct policy_waits){1, {2 * HOUR_MS}});
    due_now();
    world_declined(w, "A-1-1", REASON_PROCESSING_FAILURE);
    world_wake_when_due(w);
    EXPECT(w, "A-1-2 new>intent, A-1 retrying>attempting | authorize A-1-2");
    assert_int_equal(world_charge(w, "A-1")->attempt.timeout_minutes, ASYNCHRONOUS_MINUTES);
    /* It had its day: now the list, and at once again. */
    world_declined(w, "A-1-2", REASON_PROCESSING_FAILURE);
    expect_retry("A-1", "2026-01-02T02:00:00Z");
    world_wake_when_due(w);
    assert_int_equal(world_charge(w, "A-1")->attempt.timeout_minutes, 0);
}

static void any_decline_may_wait_for_the_next_period(void **state)
{
    (void)state;
    open_world();
    set_rule(REASON_AMAZON_REJECTED, POLICY_NEXT_PERIOD, (struct policy_waits){0});
    due_now();
    world_declined(w, "A-1-1", REASON_AMAZON_REJECTED);
    EXPECT(w, "A-1-1 intent>declined(AmazonRejected), A-1 attempting>held(AmazonRejected)");
    expect_retry("A-1", "2026-02-01T00:00:00Z");
    world_wake_when_due(w);
    EXPECT(w, "A-1-2 new>intent, A-1 held>attempting | authorize A-1-2");
}

static void waits_are_longer_by_the_attempts_own_jitter(void **state)
{
    (void)state;
    int64_t waits[3];
    for (uint32_t percent = 0; percent <= 2; percent++) {
        open_world();
        w->policy.jitter_percent = percent * 10;
        due_now();
        world_declined(w, "A-1-1", REASON_AMAZON_REJECTED);
        waits[percent] = world_charge(w, "A-1")->retry_at.utc_ms - w->now.utc_ms;
    }
    assert_int_equal(waits[0], DAY_MS);
    assert_in_range(waits[1], DAY_MS + 1, DAY_MS + DAY_MS / 10);
    assert_in_range(waits[2], waits[1] + 1, DAY_MS + DAY_MS / 5);
}

/* --- bounds --------------------------------------------------------------------------------- */

static void attempts_are_bounded_whatever_the_reasons(void **state)
{
    (void)state;
    open_world();
    w->policy.attempts_max = 2;
    due_now();
    world_declined(w, "A-1-1", REASON_PROCESSING_FAILURE);
    world_wake_when_due(w);
    world_declined(w, "A-1-2", REASON_TRANSACTION_TIMED_OUT);
    EXPECT(w, "A-1-2 intent>declined(TransactionTimedOut), A-1 attempting>failed(attempts_max), "
              "A active>past_due(attempts_max)");
}

static void a_hard_decline_of_the_last_attempt_is_final(void **state)
{
    (void)state;
    open_world();
    w->policy.attempts_max = 1;
    due_now();
    world_declined(w, "A-1-1", REASON_INVALID_PAYMENT_METHOD);
    EXPECT(w, "A-1-1 intent>declined(InvalidPaymentMethod), "
              "agreement open>unsynced(InvalidPaymentMethod), "
              "A-1 attempting>failed(attempts_max), A active>past_due(attempts_max) | sync");
}

/* The bounds came after the subscription. */
static void due_within(const char *amount_min, const char *amount_max)
{
    open_world();
    struct event event = subscribe_monthly(w, 'A', "1200", "JPY", "2026-01-02");
    assert_true(world_step(w, &event));
    w->policy.amount_min = money(amount_min, "JPY");
    w->policy.amount_max = money(amount_max, "JPY");
    world_at(w, "2026-01-02T00:00:00Z");
    world_wake(w);
}

static void an_amount_outside_of_the_bounds_is_not_sent(void **state)
{
    (void)state;
    due_within("1201", "9999");
    EXPECT(w, "A-1 new>due, A-1 due>failed(amount_bound), A active>past_due(amount_bound)");
    due_within("1", "1199");
    EXPECT(w, "A-1 new>due, A-1 due>failed(amount_bound), A active>past_due(amount_bound)");
    due_within("1200", "1200");
    EXPECT(w, "A-1 new>due, A-1-1 new>intent, A-1 due>attempting | authorize A-1-1");
}

/* --- the next cycle ------------------------------------------------------------------------- */

static void a_retry_never_comes_after_the_next_cycle(void **state)
{
    (void)state;
    open_world();
    w->policy.retry_past_next_due = false;
    set_rule(REASON_AMAZON_REJECTED, POLICY_BY_WAITS,
             (struct policy_waits){2, {30 * DAY_MS, 1 * DAY_MS}});
    due_now();
    world_declined(w, "A-1-1", REASON_AMAZON_REJECTED);
    expect_retry("A-1", "2026-02-01T00:00:00Z");
    world_wake_when_due(w);
    world_declined(w, "A-1-2", REASON_AMAZON_REJECTED); /* 2 February: cycle 2 */
    EXPECT(w, "A-1-2 intent>declined(AmazonRejected), A-1 attempting>failed(next_cycle), "
              "A active>past_due(next_cycle)");
}

static void what_waits_gives_way_to_the_next_cycle(void **state)
{
    (void)state;
    open_world();
    w->policy.retry_past_next_due = false;
    due_now();
    world_declined(w, "A-1-1", REASON_INVALID_PAYMENT_METHOD);
    world_found(w, AGREEMENT_SUSPENDED);
    world_at(w, "2026-02-02T00:00:00Z");
    world_wake(w);
    /* The next one was never tried, so it may wait past its own successor. */
    EXPECT(w, "A-2 new>due, A-1 waiting>failed(next_cycle), A active>past_due(next_cycle), "
              "A-2 due>waiting(agreement_suspended) | sync");
    world_found(w, AGREEMENT_SUSPENDED);
    world_at(w, "2026-03-02T00:00:00Z");
    world_wake(w);
    EXPECT(w, "A-3 new>due, A-3 due>waiting(agreement_suspended) | sync");
    world_found(w, AGREEMENT_OPEN);
    EXPECT(w, "agreement suspended>open, A-2-1 new>intent, A-2 waiting>attempting, "
              "A-3-1 new>intent, A-3 waiting>attempting | authorize A-2-1, authorize A-3-1");
}

static void an_open_attempt_is_finished_first(void **state)
{
    (void)state;
    open_world();
    w->policy.retry_past_next_due = false;
    due_now();
    world_unanswered(w, "A-1-1");
    world_at(w, "2026-02-02T00:00:00Z");
    world_wake(w);
    EXPECT(w, "A-2 new>due, A-2-1 new>intent, A-2 due>attempting | "
              "authorize A-1-1, authorize A-2-1");
    world_declined(w, "A-1-1", REASON_PROCESSING_FAILURE);
    EXPECT(w, "A-1-1 unknown>declined(ProcessingFailure), A-1 attempting>failed(next_cycle), "
              "A active>past_due(next_cycle)");
    world_done(w, "A-2-1");
    EXPECT(w, "A-2-1 intent>captured, A-2 attempting>paid, A past_due>active");
}

static void what_the_limit_is_short_for_is_no_retry(void **state)
{
    (void)state;
    open_world();
    w->policy.retry_past_next_due = false;
    struct event event = subscribe_monthly(w, 'A', "1200", "JPY", "2026-01-02");
    event.subscribe.rule.unit = RECUR_WEEK;
    assert_true(world_step(w, &event));
    world_at(w, "2026-01-02T00:00:00Z");
    world_wake(w);
    world_refused(w, "A-1-1", REASON_PERIODIC_AMOUNT_EXCEEDED);
    world_at(w, "2026-01-09T00:00:00Z");
    world_wake(w);
    assert_int_equal(world_charge(w, "A-1")->state, CHARGE_HELD);
}

/* --- final action --------------------------------------------------------------------------- */

static void fail_for_good(enum policy_final action)
{
    open_world();
    w->policy.final_action = action;
    set_rule(REASON_AMAZON_REJECTED, POLICY_BY_WAITS, (struct policy_waits){0});
    due_now();
    world_declined(w, "A-1-1", REASON_AMAZON_REJECTED);
}

static void a_failed_cycle_leaves_pauses_or_cancels(void **state)
{
    (void)state;
    fail_for_good(POLICY_LEAVE_PAST_DUE);
    EXPECT(w, "A-1-1 intent>declined(AmazonRejected), A-1 attempting>failed(AmazonRejected), "
              "A active>past_due(AmazonRejected)");
    fail_for_good(POLICY_PAUSE);
    EXPECT(w, "A-1-1 intent>declined(AmazonRejected), A-1 attempting>failed(AmazonRejected), "
              "A active>paused(policy)");
    world_at(w, "2026-03-02T00:00:00Z");
    world_wake(w);
    EXPECT(w, "");
    fail_for_good(POLICY_CANCEL);
    EXPECT(w, "A-1-1 intent>declined(AmazonRejected), A-1 attempting>failed(AmazonRejected), "
              "A active>canceled(policy) | close");
}

static void a_failed_one_off_ends_nothing(void **state)
{
    (void)state;
    open_world();
    w->policy.final_action = POLICY_CANCEL;
    set_rule(REASON_AMAZON_REJECTED, POLICY_BY_WAITS, (struct policy_waits){0});
    due_now();
    assert_true(world_charge_once(w, 'X', "100", "JPY"));
    world_declined(w, "X-0-1", REASON_AMAZON_REJECTED);
    EXPECT(w, "X-0-1 intent>declined(AmazonRejected), X-0 attempting>failed(AmazonRejected)");
}

/* --- hours ---------------------------------------------------------------------------------- */

static void cycles_wait_for_the_hours_one_offs_do_not(void **state)
{
    (void)state;
    open_world();
    w->policy.hours = (struct policy_hours){9 * 3600, 18 * 3600, 0x1f}; /* Monday to Friday */
    due_now();                                                          /* Friday */
    EXPECT(w, "A-1 new>due, A-1 due>held(outside_hours)");
    expect_retry("A-1", "2026-01-02T09:00:00Z");
    assert_true(world_charge_once(w, 'X', "100", "JPY"));
    EXPECT(w, "X-0 new>due, X-0-1 new>intent, X-0 due>attempting | authorize X-0-1");
    world_done(w, "X-0-1");
    world_at(w, "2026-01-02T17:59:00Z");
    world_wake(w);
    EXPECT(w, "A-1-1 new>intent, A-1 held>attempting | authorize A-1-1");
    /* Two minutes later it is evening: the retry is on Monday. */
    world_declined(w, "A-1-1", REASON_PROCESSING_FAILURE);
    expect_retry("A-1", "2026-01-05T09:00:00Z");
    /* Found late, outside of the hours again. */
    world_at(w, "2026-01-05T18:00:00Z");
    world_wake(w);
    EXPECT(w, "A-1 retrying>retrying(outside_hours)");
    expect_retry("A-1", "2026-01-06T09:00:00Z");
}

/* --- stops and holds ------------------------------------------------------------------------ */

static void a_stopped_charge_waits_and_goes_on_at_once(void **state)
{
    (void)state;
    open_world();
    w->hold = (struct hold){REASON_STOPPED, INSTANT_NEVER};
    due_now();
    EXPECT(w, "A-1 new>due, A-1 due>waiting(stopped)");
    assert_true(world_charge_once(w, 'X', "100", "JPY"));
    EXPECT(w, "X-0 new>due, X-0 due>waiting(stopped)");
    EXPECT_WAKE(w, "2026-02-02T00:00:00Z", LANE_RENEWAL);
    w->hold.reason = REASON_NONE;
    world_wake(w);
    EXPECT(w, "A-1-1 new>intent, A-1 waiting>attempting, X-0-1 new>intent, "
              "X-0 waiting>attempting | authorize A-1-1, authorize X-0-1");
}

static void what_stands_in_the_way_is_told_as_it_changes(void **state)
{
    (void)state;
    open_world();
    w->hold = (struct hold){REASON_STOPPED, INSTANT_NEVER};
    due_now();
    world_sync(w);
    world_found(w, AGREEMENT_SUSPENDED);
    EXPECT(w, "agreement open>suspended, A-1 waiting>waiting(agreement_suspended)");
    world_wake(w);
    EXPECT(w, "");
    world_wake_when_due(w);
    world_found(w, AGREEMENT_OPEN);
    EXPECT(w, "agreement suspended>open, A-1 waiting>waiting(stopped)");
}

/* The clock ran ahead and was put right: what it opened is not due yet. */
static void opened_by_a_wrong_clock(void **state)
{
    (void)state;
    open_world();
    w->hold = (struct hold){REASON_STOPPED, INSTANT_NEVER};
    due_now();
    EXPECT(w, "A-1 new>due, A-1 due>waiting(stopped)");
    world_at(w, "2026-01-01T12:00:00Z");
    w->hold.reason = REASON_NONE;
    world_wake(w);
    EXPECT(w, "A-1 waiting>held(clock)");
    EXPECT_WAKE(w, "2026-01-02T00:00:00Z", LANE_FIRST);
    world_wake_when_due(w);
    EXPECT(w, "A-1-1 new>intent, A-1 held>attempting | authorize A-1-1");
}

static void held_back_for_a_time(void **state)
{
    (void)state;
    open_world();
    w->hold = (struct hold){REASON_HELD_BACK, at("2026-01-02T00:10:00Z")};
    due_now();
    EXPECT(w, "A-1 new>due, A-1 due>held(held_back)");
    expect_retry("A-1", "2026-01-02T00:10:00Z");
    w->hold.until = at("2026-01-02T00:30:00Z");
    world_wake_when_due(w);
    EXPECT(w, "A-1 held>held(held_back)");
    world_wake_when_due(w);
    EXPECT(w, "A-1-1 new>intent, A-1 held>attempting | authorize A-1-1");
}

/* The clock jumped a year ahead and was set right again while charging was stopped: what was opened
 * meanwhile is charged when it is due, and not all at once when the stop is lifted. */
static void no_cycle_is_charged_before_it_is_due(void **state)
{
    (void)state;
    world_start(w, "2026-01-01T00:00:00Z");
    world_open(w, "50000", "JPY");
    struct event event = subscribe_monthly(w, 'A', "1200", "JPY", "2026-01-02");
    assert_true(world_step(w, &event));
    w->hold = (struct hold){REASON_STOPPED, INSTANT_NEVER};
    world_at(w, "2027-01-01T00:00:00Z");
    world_wake(w);
    assert_int_equal(w->account.charge_count, 12);
    assert_int_equal(w->effects.call_count, 0);
    w->hold = (struct hold){REASON_NONE, INSTANT_NEVER};
    world_at(w, "2026-01-01T01:00:00Z");
    world_wake(w);
    assert_int_equal(w->effects.call_count, 0);
    EXPECT_WAKE(w, "2026-01-02T00:00:00Z", LANE_FIRST);
    for (unsigned cycle = 1; cycle <= 12; cycle++) {
        char line[160];
        world_wake_when_due(w);
        (void)snprintf(line, sizeof line,
                       "A-%u-1 new>intent, A-%u held>attempting | authorize A-%u-1", cycle, cycle,
                       cycle);
        EXPECT(w, line);
        (void)snprintf(line, sizeof line, "A-%u-1", cycle);
        world_done(w, line);
    }
    assert_int_equal(w->now.utc_ms, at("2026-12-02T00:00:00Z").utc_ms);
}

static void retries_are_held_back_alone(void **state)
{
    (void)state;
    open_world();
    w->retry_hold = (struct hold){REASON_HELD_BACK, at("2026-01-02T00:10:00Z")};
    due_now();
    EXPECT(w, "A-1 new>due, A-1-1 new>intent, A-1 due>attempting | authorize A-1-1");
    world_declined(w, "A-1-1", REASON_PROCESSING_FAILURE);
    world_wake_when_due(w);
    EXPECT(w, "A-1 retrying>retrying(held_back)");
    EXPECT_WAKE(w, "2026-01-02T00:10:00Z", LANE_RETRY);
    world_wake_when_due(w);
    EXPECT(w, "A-1-2 new>intent, A-1 retrying>attempting | authorize A-1-2");
}

static void settling_is_never_held(void **state)
{
    (void)state;
    open_world();
    due_now();
    world_unanswered(w, "A-1-1");
    w->hold = (struct hold){REASON_STOPPED, INSTANT_NEVER};
    world_wake_when_due(w);
    EXPECT(w, "| authorize A-1-1"); /* the identical request */
}

/* Nothing has happened yet, so it is not sent again while it is stopped. */
static void a_throttled_attempt_is_a_new_send(void **state)
{
    (void)state;
    open_world();
    due_now();
    world_later(w, "A-1-1");
    w->hold = (struct hold){REASON_STOPPED, INSTANT_NEVER};
    world_wake_when_due(w);
    EXPECT(w, "A-1-1 postponed>refused(stopped), A-1 attempting>waiting(stopped)");
    w->hold.reason = REASON_NONE;
    world_wake(w);
    EXPECT(w, "A-1-2 new>intent, A-1 waiting>attempting | authorize A-1-2");
    /* The list begins at its beginning. */
    world_declined(w, "A-1-2", REASON_AMAZON_REJECTED);
    assert_int_equal(world_charge(w, "A-1")->retry_at.utc_ms - w->now.utc_ms, DAY_MS);
}

/* --- versions ------------------------------------------------------------------------------- */

static void a_cycle_keeps_the_policy_that_it_opened_with(void **state)
{
    (void)state;
    static struct policy old;
    open_world();
    w->policy.version = 1;
    set_rule(REASON_AMAZON_REJECTED, POLICY_BY_WAITS, (struct policy_waits){1, {5 * DAY_MS}});
    due_now();
    old = w->policy;
    w->policy.version = 2;
    w->policy.next = &old;
    set_rule(REASON_AMAZON_REJECTED, POLICY_BY_WAITS, (struct policy_waits){0});
    world_declined(w, "A-1-1", REASON_AMAZON_REJECTED);
    expect_retry("A-1", "2026-01-07T00:00:00Z");
    world_wake_when_due(w);
    world_done(w, "A-1-2");
    world_at(w, "2026-02-02T00:00:00Z");
    world_wake(w);
    assert_int_equal(world_charge(w, "A-2")->policy_version, 2);
    world_declined(w, "A-2-1", REASON_AMAZON_REJECTED);
    assert_int_equal(world_charge(w, "A-2")->state, CHARGE_FAILED);
}

static void a_subscription_follows_the_policy_that_it_names(void **state)
{
    (void)state;
    static struct policy gentle;
    open_world();
    gentle = w->policy;
    gentle.version = 7;
    memcpy(gentle.name, "gentle", sizeof "gentle");
    gentle.retry[REASON_AMAZON_REJECTED].waits = (struct policy_waits){1, {9 * DAY_MS}};
    w->policy.next = &gentle;
    struct event event = subscribe_monthly(w, 'A', "1200", "JPY", "2026-01-02");
    memcpy(event.subscribe.policy_name, "gentle", sizeof "gentle");
    assert_true(world_step(w, &event));
    world_at(w, "2026-01-02T00:00:00Z");
    world_wake(w);
    world_declined(w, "A-1-1", REASON_AMAZON_REJECTED);
    assert_int_equal(world_charge(w, "A-1")->policy_version, 7);
    expect_retry("A-1", "2026-01-11T00:00:00Z");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_decline_may_wait_for_open),
        cmocka_unit_test(any_decline_may_go_on_asynchronously),
        cmocka_unit_test(any_decline_may_wait_for_the_next_period),
        cmocka_unit_test(waits_are_longer_by_the_attempts_own_jitter),
        cmocka_unit_test(attempts_are_bounded_whatever_the_reasons),
        cmocka_unit_test(a_hard_decline_of_the_last_attempt_is_final),
        cmocka_unit_test(an_amount_outside_of_the_bounds_is_not_sent),
        cmocka_unit_test(a_retry_never_comes_after_the_next_cycle),
        cmocka_unit_test(what_waits_gives_way_to_the_next_cycle),
        cmocka_unit_test(an_open_attempt_is_finished_first),
        cmocka_unit_test(what_the_limit_is_short_for_is_no_retry),
        cmocka_unit_test(a_failed_cycle_leaves_pauses_or_cancels),
        cmocka_unit_test(a_failed_one_off_ends_nothing),
        cmocka_unit_test(cycles_wait_for_the_hours_one_offs_do_not),
        cmocka_unit_test(a_stopped_charge_waits_and_goes_on_at_once),
        cmocka_unit_test(what_stands_in_the_way_is_told_as_it_changes),
        cmocka_unit_test(opened_by_a_wrong_clock),
        cmocka_unit_test(held_back_for_a_time),
        cmocka_unit_test(no_cycle_is_charged_before_it_is_due),
        cmocka_unit_test(retries_are_held_back_alone),
        cmocka_unit_test(settling_is_never_held),
        cmocka_unit_test(a_throttled_attempt_is_a_new_send),
        cmocka_unit_test(a_cycle_keeps_the_policy_that_it_opened_with),
        cmocka_unit_test(a_subscription_follows_the_policy_that_it_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
