/*
 * test_step_limit.c - Amazon's limit as the step knows it: asked for before it is needed, compared
 * with ours, corrected by a refusal, and what becomes of a charge that it is short for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/billing/step_world.h"

static struct world world;
static struct world *const w = &world;

static void open_world(void)
{
    world_start(w, "2026-01-01T00:00:00Z");
    world_open(w, "5000", "JPY");
}

/* The answer to a sync: so much of 5000 JPY is left in January. */
static void told(const char *remaining)
{
    struct event event = sync_answer(AGREEMENT_OPEN, "5000", remaining, "JPY",
                                     "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z");
    assert_true(world_step(w, &event));
}

static void subscribe_due(const char *anchor)
{
    struct event event = subscribe_monthly(w, 'A', "1200", "JPY", anchor);
    assert_true(world_step(w, &event));
}

static struct event decide(const char *charge, bool is_approved)
{
    struct event event = {.kind = EVENT_DECIDE, .decide = {.is_approved = is_approved}};
    memcpy(event.decide.charge_id, world_charge(w, charge)->id, CHARGE_ID_MAX);
    return event;
}

static struct event lift_stop(void)
{
    return (struct event){.kind = EVENT_STOP, .stop = {.subscription_key = "", .is_on = false}};
}

/* --- asked for before it is needed ---------------------------------------------------------- */

static void numbers_are_refreshed_an_hour_before_they_are_needed(void **state)
{
    (void)state;
    open_world();
    w->policy.limit_refresh_ms = DAY_MS;
    subscribe_due("2026-01-10");
    EXPECT_WAKE(w, "2026-01-09T23:00:00Z", LANE_CARE);
    world_wake_when_due(w);
    EXPECT(w, "| sync");
    told("5000");
    EXPECT_WAKE(w, "2026-01-10T00:00:00Z", LANE_FIRST);
    world_wake_when_due(w);
    EXPECT(w, "A-1 new>due, A-1-1 new>intent, A-1 due>attempting | authorize A-1-1");
}

static void a_charge_never_waits_for_the_refresh(void **state)
{
    (void)state;
    open_world();
    w->policy.limit_refresh_ms = DAY_MS;
    subscribe_due("2026-01-10");
    world_at(w, "2026-01-10T00:00:00Z");
    world_wake(w);
    EXPECT(w, "A-1 new>due, A-1-1 new>intent, A-1 due>attempting | authorize A-1-1, sync");
}

static void a_refresh_that_failed_is_repeated_in_its_own_time(void **state)
{
    (void)state;
    open_world();
    w->policy.limit_refresh_ms = DAY_MS;
    subscribe_due("2026-01-10");
    world_wake_when_due(w);
    world_care(w, CARE_SYNC, OUTCOME_UNKNOWN);
    EXPECT(w, "");
    EXPECT_WAKE(w, "2026-01-09T23:00:01Z", LANE_CARE);
    world_wake_when_due(w);
    world_care(w, CARE_SYNC, OUTCOME_REFUSED);
    EXPECT(w, "");
    EXPECT_WAKE(w, "2026-01-10T00:00:00Z", LANE_FIRST);
}

static void fresh_numbers_are_not_asked_for_again(void **state)
{
    (void)state;
    open_world();
    w->policy.limit_refresh_ms = DAY_MS;
    subscribe_due("2026-01-02"); /* synced on the 1st at 0:00, an hour before is 23 h later */
    EXPECT_WAKE(w, "2026-01-02T00:00:00Z", LANE_FIRST);
}

/* --- compared -------------------------------------------------------------------------------- */

static void amazon_counting_more_stops_the_agreement(void **state)
{
    (void)state;
    open_world();
    w->policy.limit_difference_stops = true;
    subscribe_due("2026-01-10");
    world_sync(w);
    told("4999");
    EXPECT(w, "limit(limit_differs), C03-0000001-0000001 stop on(limit_differs)");
    EXPECT_LIMIT(w, 1, 0);
    assert_int_equal(w->account.agreement.stopped, REASON_LIMIT_DIFFERS);
    world_at(w, "2026-01-10T00:00:00Z");
    world_wake(w);
    EXPECT(w, "A-1 new>due, A-1 due>waiting(limit_differs)");
    assert_true(world_charge_once(w, 'X', "100", "JPY"));
    EXPECT(w, "X-0 new>due, X-0 due>waiting(limit_differs)");
    /* Told again: it is known already. */
    world_sync(w);
    told("4999");
    EXPECT(w, "");

    struct event lifted = lift_stop();
    assert_true(world_step(w, &lifted));
    assert_int_equal(w->account.agreement.stopped, REASON_NONE);
    assert_int_equal(world_charge(w, "A-1")->state, CHARGE_ATTEMPTING);
}

static void a_difference_need_not_stop_it(void **state)
{
    (void)state;
    open_world();
    world_sync(w);
    told("4999");
    EXPECT(w, "limit(limit_differs)");
    assert_int_equal(w->account.agreement.stopped, REASON_NONE);
}

static void our_own_charges_are_no_difference(void **state)
{
    (void)state;
    open_world();
    w->policy.limit_difference_stops = true;
    subscribe_due("2026-01-10");
    world_at(w, "2026-01-10T00:00:00Z");
    world_wake(w);
    /* Amazon has it and we do not know yet. */
    world_sync(w);
    told("3800");
    EXPECT(w, "");
    /* It ended while we were asking, declined: Amazon may have counted it when it answered. */
    world_sync(w);
    world_declined(w, "A-1-1", REASON_AMAZON_REJECTED);
    told("3800");
    EXPECT(w, "limit");
    EXPECT_LIMIT(w, 1200, 0);
    /* Once more, in peace. */
    world_sync(w);
    told("5000");
    EXPECT(w, "limit");
    EXPECT_LIMIT(w, 0, 0);
    world_wake_when_due(w);
    world_done(w, "A-1-2");
    world_sync(w);
    told("3800");
    EXPECT(w, "");
    assert_int_equal(w->account.agreement.stopped, REASON_NONE);
}

/* Whether Amazon gives back what was declined or voided, and when, is not documented: a decline
 * must not stop its agreement. What it counts of it is the beginning of the next comparison. */
static void what_ended_without_money_is_no_difference(void **state)
{
    (void)state;
    for (int is_late = 0; is_late < 2; is_late++) {
        open_world();
        w->policy.limit_difference_stops = true;
        assert_true(world_charge_once(w, 'X', "1200", "JPY"));
        if (is_late != 0) {
            world_sync(w); /* answered from before Amazon had it */
        }
        world_declined(w, "X-0-1", REASON_AMAZON_REJECTED);
        if (is_late != 0) {
            told("5000");
            EXPECT_LIMIT(w, 0, 0);
        }
        world_crash(w);
        world_sync(w);
        told("3800");
        EXPECT(w, "limit");
        EXPECT_LIMIT(w, 1200, 0);
        world_sync(w);
        told("3799");
        EXPECT(w, "limit(limit_differs), C03-0000001-0000001 stop on(limit_differs)");
    }
}

static void amazon_counting_less_is_taken(void **state)
{
    (void)state;
    open_world();
    w->policy.limit_difference_stops = true;
    subscribe_due("2026-01-10");
    world_at(w, "2026-01-10T00:00:00Z");
    world_wake(w);
    world_done(w, "A-1-1");
    EXPECT_LIMIT(w, 1200, 0);
    world_sync(w);
    told("4000");
    EXPECT(w, "limit");
    EXPECT_LIMIT(w, 1000, 0);
    assert_int_equal(w->effects.changes[0].until.utc_ms, at("2026-02-01T00:00:00Z").utc_ms);
    assert_true(money_equal(w->effects.changes[0].amount, money("4000", "JPY")));
}

/* Rolled here, not told: where Amazon's period begins, and what it counts, we do not know. */
static void a_period_that_we_guessed_is_not_compared(void **state)
{
    (void)state;
    open_world();
    w->policy.limit_difference_stops = true;
    world_at(w, "2026-02-03T00:00:00Z");
    world_sync(w);
    struct event event = sync_answer(AGREEMENT_OPEN, "5000", "100", "JPY", "2026-02-01T00:00:00Z",
                                     "2026-03-01T00:00:00Z");
    assert_true(world_step(w, &event));
    EXPECT(w, "limit");
    EXPECT_LIMIT(w, 4900, 0);
    assert_int_equal(w->account.agreement.stopped, REASON_NONE);
}

/* The clock ran a year ahead and was put right: the period is this month's again, and what Amazon
 * tells of it is taken. */
static void a_period_of_a_clock_that_ran_ahead_is_left(void **state)
{
    (void)state;
    open_world();
    w->hold = (struct hold){REASON_CLOCK, INSTANT_NEVER};
    world_at(w, "2027-01-05T00:00:00Z");
    world_wake(w);
    assert_int_equal(w->account.agreement.limit.period_start.utc_ms,
                     at("2027-01-01T00:00:00Z").utc_ms);
    w->hold = (struct hold){REASON_NONE, INSTANT_NEVER};
    world_at(w, "2026-01-05T00:00:00Z");
    world_sync(w);
    assert_int_equal(w->account.agreement.limit.period_start.utc_ms,
                     at("2026-01-01T00:00:00Z").utc_ms);
    told("1000");
    EXPECT_LIMIT(w, 4000, 0);
    assert_true(world_charge_once(w, 'X', "1200", "JPY"));
    EXPECT(w, "X-0 new>due, X-0 due>held(limit_short)");
    EXPECT_WAKE(w, "2026-02-01T00:00:00Z", LANE_ONE_OFF);
    world_wake_when_due(w);
    EXPECT(w, "X-0-1 new>intent, X-0 held>attempting | authorize X-0-1");

    open_world(); /* a clock that is a little behind leaves nothing */
    world_at(w, "2026-02-01T00:00:00Z");
    world_wake(w);
    world_at(w, "2026-01-31T23:59:00Z");
    world_wake(w);
    assert_int_equal(w->account.agreement.limit.period_start.utc_ms,
                     at("2026-02-01T00:00:00Z").utc_ms);
}

static void a_balance_that_is_none_stops_nothing(void **state)
{
    (void)state;
    open_world();
    w->policy.limit_difference_stops = true;
    world_sync(w);
    told("5001"); /* more than the whole: nothing is left, to be safe */
    EXPECT(w, "limit");
    EXPECT_LIMIT(w, 5000, 0);
    assert_int_equal(w->account.agreement.stopped, REASON_NONE);
}

/* --- when it is short ------------------------------------------------------------------------ */

static void spend_most_of_it(void)
{
    open_world();
    assert_true(world_charge_once(w, 'X', "4000", "JPY"));
    world_done(w, "X-0-1");
    subscribe_due("2026-01-10");
    world_at(w, "2026-01-10T00:00:00Z");
}

static void an_operator_is_asked_where_the_policy_says_so(void **state)
{
    (void)state;
    spend_most_of_it();
    w->policy.limit_short = POLICY_SHORT_ASK;
    world_wake(w);
    EXPECT(w, "A-1 new>due, A-1 due>asking(limit_ask)");
    struct event yes = decide("A-1", true);
    assert_true(world_step(w, &yes));
    EXPECT(w, "A-1 word 0(approved), A-1 asking>due(approved), A-1 due>held(limit_short) | sync");
    assert_int_equal(world_charge(w, "A-1")->retry_at.utc_ms, at("2026-02-01T00:00:00Z").utc_ms);
    told("1000");
    world_at(w, "2026-02-01T00:00:00Z");
    world_wake(w);
    EXPECT(w, "A-1-1 new>intent, A-1 held>attempting | authorize A-1-1");
}

static void a_short_charge_may_be_rejected(void **state)
{
    (void)state;
    spend_most_of_it();
    w->policy.limit_short = POLICY_SHORT_ASK;
    world_wake(w);
    struct event no = decide("A-1", false);
    assert_true(world_step(w, &no));
    EXPECT(w, "A-1 word 0(rejected), A-1 asking>canceled(rejected)");
}

static void room_that_was_made_meanwhile_is_used_at_once(void **state)
{
    (void)state;
    spend_most_of_it();
    w->policy.limit_short = POLICY_SHORT_ASK;
    world_wake(w);
    world_sync(w);
    told("2000");
    struct event yes = decide("A-1", true);
    assert_true(world_step(w, &yes));
    EXPECT(w, "A-1 word 0(approved), A-1 asking>due(approved), A-1-1 new>intent, "
              "A-1 due>attempting | authorize A-1-1");
}

static void amazons_refusal_corrects_our_number(void **state)
{
    (void)state;
    open_world();
    subscribe_due("2026-01-10");
    world_at(w, "2026-01-10T00:00:00Z");
    world_wake(w);
    world_refused(w, "A-1-1", REASON_PERIODIC_AMOUNT_EXCEEDED);
    EXPECT(w, "A-1-1 intent>refused(PeriodicAmountExceeded), limit(PeriodicAmountExceeded), "
              "A-1 attempting>held(PeriodicAmountExceeded) | sync");
    EXPECT_LIMIT(w, 5000, 0);
    /* One-offs share it. */
    assert_true(world_charge_once(w, 'X', "1", "JPY"));
    EXPECT(w, "X-0 new>due, X-0 due>held(limit_short)");
    world_at(w, "2026-02-01T00:00:00Z");
    world_care(w, CARE_SYNC, OUTCOME_UNKNOWN);
    assert_int_equal(world_charge(w, "A-1")->state, CHARGE_ATTEMPTING);
    assert_int_equal(world_charge(w, "X-0")->state, CHARGE_ATTEMPTING);
}

static void what_waits_for_the_hours_is_not_moved_by_the_limit(void **state)
{
    (void)state;
    open_world();
    w->policy.hours = (struct policy_hours){9 * 3600, 18 * 3600, POLICY_ALL_DAYS};
    subscribe_due("2026-01-10");
    world_at(w, "2026-01-10T00:00:00Z");
    world_wake(w);
    world_sync(w);
    told("5000");
    assert_int_equal(world_charge(w, "A-1")->retry_at.utc_ms, at("2026-01-10T09:00:00Z").utc_ms);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_refreshed_an_hour_before_they_are_needed),
        cmocka_unit_test(a_charge_never_waits_for_the_refresh),
        cmocka_unit_test(a_refresh_that_failed_is_repeated_in_its_own_time),
        cmocka_unit_test(fresh_numbers_are_not_asked_for_again),
        cmocka_unit_test(amazon_counting_more_stops_the_agreement),
        cmocka_unit_test(a_difference_need_not_stop_it),
        cmocka_unit_test(our_own_charges_are_no_difference),
        cmocka_unit_test(what_ended_without_money_is_no_difference),
        cmocka_unit_test(amazon_counting_less_is_taken),
        cmocka_unit_test(a_period_that_we_guessed_is_not_compared),
        cmocka_unit_test(a_period_of_a_clock_that_ran_ahead_is_left),
        cmocka_unit_test(a_balance_that_is_none_stops_nothing),
        cmocka_unit_test(an_operator_is_asked_where_the_policy_says_so),
        cmocka_unit_test(a_short_charge_may_be_rejected),
        cmocka_unit_test(room_that_was_made_meanwhile_is_used_at_once),
        cmocka_unit_test(amazons_refusal_corrects_our_number),
        cmocka_unit_test(what_waits_for_the_hours_is_not_moved_by_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
