/*
 * test_step_agreement.c - registering, confirming, canceling and closing, and what Amazon may say
 * about an agreement.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/billing/step_commands.h"

static struct world world;
static struct world *const w = &world;

/* Subscription A is active, its first charge paid, the next due on 1 February. */
static void given_a_subscription(void)
{
    world_start(w, "2026-01-01T00:00:00Z");
    world_open(w, "50000", "JPY");
    struct event event = subscribe_monthly(w, 'A', "1200", "JPY", "2026-01-01");
    assert_true(world_step(w, &event));
    world_done(w, "A-1-1");
}

static void given_an_attempt(void)
{
    given_a_subscription();
    world_wake_when_due(w);
    EXPECT(w, "A-2 new>due, A-2-1 new>intent, A-2 due>attempting | authorize A-2-1");
}

/* --- register, confirm ---------------------------------------------------------------------- */

static void registered_twice_is_a_conflict(void **state)
{
    (void)state;
    world_start(w, "2026-01-01T00:00:00Z");
    assert_true(world_register(w, false));
    assert_false(world_register(w, false));
    assert_int_equal(w->status, ST_CONFLICT);
    world_start(w, "2026-01-01T00:00:00Z");
    struct event nameless = {.kind = EVENT_REGISTER};
    assert_false(world_step(w, &nameless));
    assert_int_equal(w->status, ST_INVALID);
}

static void nothing_happens_to_what_is_not_registered(void **state)
{
    (void)state;
    world_start(w, "2026-01-01T00:00:00Z");
    assert_false(world_charge_once(w, 'X', "100", "JPY"));
    assert_int_equal(w->status, ST_NOT_FOUND);
    assert_false(world_sync(w));
    assert_false(world_cancel(w, 'A', false));
    assert_int_equal(w->status, ST_NOT_FOUND);
    struct event event = subscribe_monthly(w, 'A', "1200", "JPY", "2026-01-01");
    assert_false(world_step(w, &event));
    assert_int_equal(w->status, ST_NOT_FOUND);
}

static void a_draft_is_left_alone_without_the_wish(void **state)
{
    (void)state;
    world_start(w, "2026-01-01T00:00:00Z");
    assert_true(world_register(w, false));
    world_found(w, AGREEMENT_DRAFT);
    EXPECT(w, "agreement unsynced>draft");
    world_wake_when_due(w);
    world_found(w, AGREEMENT_CANCELED);
    EXPECT(w, "agreement draft>canceled");
    EXPECT_WAKE(w, "never", LANE_CARE);
}

static void a_draft_that_is_to_be_closed_is_not_confirmed(void **state)
{
    (void)state;
    world_start(w, "2026-01-01T00:00:00Z");
    assert_true(world_register(w, true));
    struct event event = subscribe_monthly(w, 'A', "1200", "JPY", "2026-02-01");
    assert_true(world_step(w, &event));
    assert_true(world_cancel(w, 'A', false));
    world_found(w, AGREEMENT_DRAFT);
    EXPECT(w, "agreement unsynced>draft");
    EXPECT_WAKE(w, "2026-01-01T01:00:00Z", LANE_CARE);
}

/* --- sync ----------------------------------------------------------------------------------- */

static void answers_that_make_no_sense_change_nothing(void **state)
{
    (void)state;
    struct event answers[6];
    world_start(w, "2026-01-01T00:00:00Z");
    for (size_t i = 0; i < 6; i++) {
        answers[i] = sync_answer(AGREEMENT_OPEN, "50000", "50000", "JPY", "2026-01-01T00:00:00Z",
                                 "2026-02-01T00:00:00Z");
    }
    answers[0].care.state = 0;
    answers[1].care.has_limit = false;
    answers[2].care.period_end = answers[2].care.period_start;
    answers[3].care.limit_amount = money("0", "JPY");
    answers[4].care.limit_remaining = (struct money){0};
    answers[5].care.state = AGREEMENT_UNSYNCED; /* our word, not Amazon's; and no limit */
    answers[5].care.has_limit = false;
    for (size_t i = 0; i < 6; i++) {
        world_start(w, "2026-01-01T00:00:00Z");
        assert_true(world_register(w, false));
        assert_true(world_step(w, &answers[i]));
        EXPECT(w, "");
        assert_false(limit_is_known(&w->account.agreement.limit));
        EXPECT_WAKE(w, "2026-01-01T01:00:00Z", LANE_CARE);
        world_wake_when_due(w);
        EXPECT(w, "| sync");
    }
}

static void another_currency_is_not_taken_over(void **state)
{
    (void)state;
    given_a_subscription();
    assert_true(world_sync(w));
    struct event dollars = sync_answer(AGREEMENT_OPEN, "500", "500", "USD", "2026-01-01T00:00:00Z",
                                       "2026-02-01T00:00:00Z");
    assert_true(world_step(w, &dollars));
    EXPECT(w, "");
    EXPECT_LIMIT(w, 1200, 0);
    assert_string_equal(money_currency(&w->account.agreement.limit.amount), "JPY");
}

static void a_sync_without_answer_is_repeated(void **state)
{
    (void)state;
    world_start(w, "2026-01-01T00:00:00Z");
    assert_true(world_register(w, false));
    world_care(w, CARE_SYNC, OUTCOME_UNKNOWN);
    EXPECT_WAKE(w, "2026-01-01T00:00:01Z", LANE_CARE);
    world_wake_when_due(w);
    world_care(w, CARE_SYNC, OUTCOME_LATER);
    EXPECT_WAKE(w, "2026-01-01T00:00:03Z", LANE_CARE);
    world_wake_when_due(w);
    world_care(w, CARE_SYNC, OUTCOME_REFUSED);
    EXPECT_WAKE(w, "2026-01-01T01:00:03Z", LANE_CARE);
}

static void a_care_call_on_the_wire_is_not_repeated_but_a_lost_one_is(void **state)
{
    (void)state;
    world_start(w, "2026-01-01T00:00:00Z");
    assert_true(world_register(w, false));
    EXPECT_WAKE(w, "never", LANE_CARE);
    world_wake(w);
    EXPECT(w, "");
    assert_true(world_sync(w));
    EXPECT(w, "");
    world_crash(w);
    world_wake(w);
    EXPECT(w, "| sync");
    world_care(w, CARE_CLOSE, OUTCOME_DONE); /* nobody asked */
    EXPECT(w, "");
    world_found(w, AGREEMENT_SUSPENDED);
    EXPECT(w, "agreement unsynced>suspended");
    world_found(w, AGREEMENT_CLOSED); /* repeated: the call has ended already */
    EXPECT(w, "");
}

/* One charge in each state that can be open, then Amazon shows the agreement Closed. */
static void closed_at_amazon_ends_every_charge(void **state)
{
    (void)state;
    world_start(w, "2026-01-01T00:00:00Z");
    world_open(w, "2000", "JPY");
    struct event event = subscribe_monthly(w, 'A', "100", "JPY", "2026-01-01");
    assert_true(world_step(w, &event)); /* A-1 in flight */
    assert_true(world_charge_once(w, 'R', "100", "JPY"));
    world_declined(w, "R-0-1", REASON_AMAZON_REJECTED);
    assert_true(world_charge_once(w, 'H', "1950", "JPY"));
    assert_true(world_charge_once(w, 'P', "100", "JPY"));
    world_later(w, "P-0-1");
    assert_true(world_charge_once(w, 'U', "100", "JPY"));
    world_unanswered(w, "U-0-1");
    assert_true(world_charge_once(w, 'V', "100", "JPY"));
    assert_true(world_sync(w));
    world_found(w, AGREEMENT_CLOSED);
    EXPECT(w, "agreement open>closed, A active>canceled(agreement_ended), "
              "R-0 retrying>canceled(agreement_ended), H-0 held>canceled(agreement_ended), "
              "P-0-1 postponed>refused(agreement_ended), P-0 attempting>canceled(agreement_ended)");
    world_done(w, "A-1-1");
    EXPECT(w, "A-1-1 intent>captured, A-1 attempting>paid");
    world_declined(w, "V-0-1", REASON_AMAZON_REJECTED);
    EXPECT(w, "V-0-1 intent>declined(AmazonRejected), V-0 attempting>retrying(AmazonRejected), "
              "V-0 retrying>canceled(agreement_ended)");
    world_wake_when_due(w);
    EXPECT(w, "| authorize U-0-1");
    world_refused(w, "U-0-1", REASON_AGREEMENT_NOT_OPEN);
    world_pass(w, MINUTE_MS);
    world_wake(w);
    EXPECT(w, "| discover U-0-1");
    world_absent(w, "U-0-1");
    EXPECT(w, "U-0-1 unknown>refused(agreement_not_open), "
              "U-0 attempting>waiting(agreement_not_open), U-0 waiting>canceled(agreement_ended)");
    EXPECT_WAKE(w, "never", LANE_CARE);
    assert_int_equal(w->account.charge_count, 0);
    assert_false(world_charge_once(w, 'Z', "100", "JPY"));
    assert_int_equal(w->status, ST_CONFLICT);
    assert_false(world_sync(w));
    assert_int_equal(w->status, ST_CONFLICT);
}

static void waiting_charges_end_with_the_agreement(void **state)
{
    (void)state;
    given_a_subscription();
    assert_true(world_sync(w));
    world_found(w, AGREEMENT_SUSPENDED);
    world_at(w, "2026-02-01T00:00:00Z");
    world_wake(w);
    EXPECT(w, "A-2 new>due, A-2 due>waiting(agreement_suspended) | sync");
    world_found(w, AGREEMENT_CANCELED);
    EXPECT(w, "agreement suspended>canceled, A active>canceled(agreement_ended), "
              "A-2 waiting>canceled(agreement_ended)");
}

/* A wrong id, or another environment's: nothing can be sold on it until Amazon knows it. */
static void what_amazon_does_not_know_sells_nothing(void **state)
{
    (void)state;
    world_start(w, "2026-01-01T00:00:00Z");
    assert_true(world_register(w, false));
    struct event unknown = care_answer(CARE_SYNC, OUTCOME_REFUSED);
    unknown.care.reason = REASON_AGREEMENT_UNKNOWN;
    assert_true(world_step(w, &unknown));
    assert_int_equal(w->account.agreement.care_reason, REASON_AGREEMENT_UNKNOWN);
    struct event event = subscribe_monthly(w, 'A', "100", "JPY", "2026-01-01");
    assert_false(world_step(w, &event));
    assert_int_equal(w->status, ST_CONFLICT);
    assert_false(world_charge_once(w, 'X', "100", "JPY"));
    assert_int_equal(w->status, ST_CONFLICT);

    world_wake_when_due(w);
    EXPECT(w, "| sync");
    world_found(w, AGREEMENT_OPEN);
    assert_int_equal(w->account.agreement.care_reason, REASON_NONE);
    assert_true(world_charge_once(w, 'X', "100", "JPY"));
}

/* Asked before the decline, the answer may be older than the suspension that came with it. */
static void an_answer_that_may_be_older_than_a_hard_decline(void **state)
{
    (void)state;
    world_start(w, "2026-01-01T00:00:00Z");
    world_open(w, "50000", "JPY");
    struct event event = subscribe_monthly(w, 'A', "1200", "JPY", "2026-01-01");
    assert_true(world_step(w, &event));
    assert_true(world_sync(w));
    EXPECT(w, "| sync");
    world_declined(w, "A-1-1", REASON_INVALID_PAYMENT_METHOD);
    EXPECT(w, "A-1-1 intent>declined(InvalidPaymentMethod), "
              "agreement open>unsynced(InvalidPaymentMethod), "
              "A-1 attempting>waiting(InvalidPaymentMethod)");
    world_found(w, AGREEMENT_OPEN);
    EXPECT(w, "");
    EXPECT_WAKE(w, "2026-01-01T00:00:01Z", LANE_CARE);
    world_wake_when_due(w);
    EXPECT(w, "| sync");
    world_found(w, AGREEMENT_SUSPENDED);
    EXPECT(w, "agreement unsynced>suspended");
    /* Open again, it is tried once at once. */
    assert_true(world_sync(w));
    world_found(w, AGREEMENT_OPEN);
    EXPECT(w,
           "agreement suspended>open, A-1-2 new>intent, A-1 waiting>attempting | authorize A-1-2");
}

/* Nor is what a soft decline wants to know lost because something else was being asked. */
static void a_question_is_not_lost_behind_another(void **state)
{
    (void)state;
    given_an_attempt();
    assert_true(world_sync(w));
    EXPECT(w, "| sync");
    world_declined(w, "A-2-1", REASON_INVALID_PAYMENT_METHOD_SOFT);
    EXPECT(w, "A-2-1 intent>declined(InvalidPaymentMethodSoft), "
              "A-2 attempting>retrying(InvalidPaymentMethodSoft)");
    world_found(w, AGREEMENT_OPEN);
    EXPECT(w, "");
    EXPECT_WAKE(w, "2026-02-01T00:00:01Z", LANE_CARE);
    world_wake_when_due(w);
    EXPECT(w, "| sync");
    world_found(w, AGREEMENT_SUSPENDED);
    EXPECT(w, "agreement open>suspended");
}

/* --- cancel --------------------------------------------------------------------------------- */

static void canceled_now(void **state)
{
    (void)state;
    given_a_subscription();
    assert_true(world_cancel(w, 'A', false));
    EXPECT(w, "A active>canceled(subscription_canceled) | close");
    world_care(w, CARE_CLOSE, OUTCOME_DONE);
    EXPECT(w, "agreement open>closed(merchant_closed)");
    EXPECT_WAKE(w, "never", LANE_CARE);
    assert_false(world_cancel(w, 'A', false));
    assert_int_equal(w->status, ST_NOT_FOUND);
}

static void canceled_at_the_end_of_the_period(void **state)
{
    (void)state;
    given_a_subscription();
    assert_true(world_cancel(w, 'A', true));
    EXPECT(w, "A cancel at 2026-02-01(operator)");
    EXPECT_WAKE(w, "2026-02-01T00:00:00Z", LANE_RENEWAL);
    assert_true(world_cancel(w, 'A', true));
    EXPECT(w, "");
    EXPECT_WAKE(w, "2026-02-01T00:00:00Z", LANE_RENEWAL);
    world_wake_when_due(w);
    EXPECT(w, "A active>canceled(subscription_canceled) | close");
}

static void canceled_now_after_all(void **state)
{
    (void)state;
    given_a_subscription();
    assert_true(world_cancel(w, 'A', true));
    assert_true(world_cancel(w, 'A', false));
    EXPECT(w, "A active>canceled(subscription_canceled) | close");
}

static void the_agreement_stays_while_another_subscription_lives(void **state)
{
    (void)state;
    given_a_subscription();
    struct event event = subscribe_monthly(w, 'B', "300", "JPY", "2026-01-20");
    assert_true(world_step(w, &event));
    assert_true(world_cancel(w, 'A', false));
    EXPECT(w, "A active>canceled(subscription_canceled)");
    EXPECT_WAKE(w, "2026-01-20T00:00:00Z", LANE_FIRST);
    assert_true(world_cancel(w, 'B', false));
    EXPECT(w, "B active>canceled(subscription_canceled) | close");
    assert_false(world_step(w, &event));
    assert_int_equal(w->status, ST_CONFLICT);
    assert_false(world_charge_once(w, 'X', "1", "JPY"));
    assert_int_equal(w->status, ST_CONFLICT);
}

static void canceled_while_retrying(void **state)
{
    (void)state;
    given_an_attempt();
    world_declined(w, "A-2-1", REASON_AMAZON_REJECTED);
    assert_true(world_cancel(w, 'A', false));
    EXPECT(w, "A active>canceled(subscription_canceled), "
              "A-2 retrying>canceled(subscription_canceled) | close");
}

/* A request that may be lost is not sent again after the cancellation, where it might charge: it is
 * looked for, and what is not there once it would be listed has not happened. */
static void canceled_while_unknown_is_not_sent_again(void **state)
{
    (void)state;
    given_an_attempt();
    world_unanswered(w, "A-2-1");
    assert_true(world_cancel(w, 'A', false));
    EXPECT(w, "A active>canceled(subscription_canceled)");
    struct instant canceled_at = w->now;
    bool is_open = true;
    while (is_open) {
        world_wake_when_due(w);
        EXPECT(w, "| discover A-2-1");
        world_absent(w, "A-2-1");
        is_open = w->account.charge_count > 0;
    }
    EXPECT(w, "A-2-1 unknown>refused(subscription_canceled), "
              "A-2 attempting>canceled(subscription_canceled) | close");
    assert_true(w->now.utc_ms - canceled_at.utc_ms >= w->policy.answer_deadline_ms);

    given_an_attempt();
    assert_true(world_cancel(w, 'A', false));
    world_crash(w);
    world_wake(w);
    EXPECT(w, "A-2-1 intent>unknown(no_answer) | discover A-2-1");
    world_done(w, "A-2-1");
    EXPECT(w, "A-2-1 unknown>captured, A-2 attempting>paid | close");
}

/* Canceled while the attempt is on the wire: nothing is closed before its answer. */
static void canceled_in_flight(void **state)
{
    (void)state;
    given_an_attempt();
    assert_true(world_cancel(w, 'A', false));
    EXPECT(w, "A active>canceled(subscription_canceled)");
    EXPECT_WAKE(w, "never", LANE_CARE);
    world_done(w, "A-2-1");
    EXPECT(w, "A-2-1 intent>captured, A-2 attempting>paid | close");

    given_an_attempt();
    assert_true(world_cancel(w, 'A', false));
    world_declined(w, "A-2-1", REASON_PROCESSING_FAILURE);
    EXPECT(w, "A-2-1 intent>declined(ProcessingFailure), "
              "A-2 attempting>canceled(subscription_canceled) | close");

    given_an_attempt();
    assert_true(world_cancel(w, 'A', false));
    world_declined(w, "A-2-1", REASON_INVALID_PAYMENT_METHOD);
    EXPECT(w, "A-2-1 intent>declined(InvalidPaymentMethod), "
              "agreement open>unsynced(InvalidPaymentMethod), "
              "A-2 attempting>canceled(subscription_canceled) | sync");
    world_found(w, AGREEMENT_SUSPENDED);
    EXPECT(w, "agreement unsynced>suspended | close");

    given_an_attempt();
    assert_true(world_cancel(w, 'A', false));
    world_later(w, "A-2-1");
    EXPECT(w, "A-2-1 intent>postponed(throttled), A-2-1 postponed>refused(subscription_canceled), "
              "A-2 attempting>canceled(subscription_canceled) | close");

    given_an_attempt();
    assert_true(world_cancel(w, 'A', false));
    world_unanswered(w, "A-2-1");
    EXPECT(w, "A-2-1 intent>unknown(no_answer)");
    EXPECT_WAKE(w, "2026-02-01T00:00:01Z", LANE_SETTLE);
    world_wake_when_due(w);
    world_done(w, "A-2-1");
    EXPECT(w, "A-2-1 unknown>captured, A-2 attempting>paid | close");

    given_an_attempt();
    world_later(w, "A-2-1");
    assert_true(world_cancel(w, 'A', false));
    EXPECT(w, "A active>canceled(subscription_canceled), "
              "A-2-1 postponed>refused(subscription_canceled), "
              "A-2 attempting>canceled(subscription_canceled) | close");
    EXPECT_LIMIT(w, 0, 0);
}

static void a_close_is_repeated_until_amazon_shows_it(void **state)
{
    (void)state;
    given_a_subscription();
    assert_true(world_cancel(w, 'A', false));
    world_care(w, CARE_CLOSE, OUTCOME_UNKNOWN);
    EXPECT_WAKE(w, "2026-01-01T00:00:01Z", LANE_CARE);
    world_wake_when_due(w);
    EXPECT(w, "| close");
    world_crash(w);
    world_wake(w);
    EXPECT(w, "| close");
    world_care(w, CARE_CLOSE, OUTCOME_REFUSED);
    world_wake_when_due(w);
    EXPECT(w, "| sync");
    world_found(w, AGREEMENT_OPEN);
    EXPECT(w, "");
    struct instant asked_at = w->now;
    world_wake_when_due(w);
    EXPECT(w, "| close");
    assert_true(w->now.utc_ms - asked_at.utc_ms >= SECOND_MS);
    world_care(w, CARE_CLOSE, OUTCOME_REFUSED);
    world_wake_when_due(w);
    world_found(w, AGREEMENT_CLOSED);
    EXPECT(w, "agreement open>closed");
    EXPECT_WAKE(w, "never", LANE_CARE);
}

static void a_refused_close_backs_off(void **state)
{
    (void)state;
    given_a_subscription();
    assert_true(world_cancel(w, 'A', false));
    for (unsigned i = 0; i < 6; i++) {
        world_care(w, CARE_CLOSE, OUTCOME_REFUSED);
        world_wake_when_due(w);
        EXPECT(w, "| sync");
        world_found(w, AGREEMENT_OPEN);
        world_wake_when_due(w);
        EXPECT(w, "| close");
    }
    struct instant tired_at = w->now;
    world_care(w, CARE_CLOSE, OUTCOME_REFUSED);
    assert_int_equal(w->account.agreement.wake_at.utc_ms - tired_at.utc_ms, MINUTE_MS);
}

/* --- one-offs ------------------------------------------------------------------------------- */

/* A one-off was ordered by itself: the close waits until it has ended. */
static void one_offs_end_before_the_agreement_is_closed(void **state)
{
    (void)state;
    given_a_subscription();
    assert_true(world_charge_once(w, 'X', "500", "JPY"));
    assert_true(world_charge_once(w, 'Y', "500", "JPY"));
    world_declined(w, "Y-0-1", REASON_AMAZON_REJECTED);
    assert_true(world_cancel(w, 'A', false));
    EXPECT(w, "A active>canceled(subscription_canceled)");
    assert_false(world_charge_once(w, 'Z', "500", "JPY"));
    assert_int_equal(w->status, ST_CONFLICT);
    world_unanswered(w, "X-0-1");
    world_wake_when_due(w);
    EXPECT(w, "| authorize X-0-1");
    world_done(w, "X-0-1");
    EXPECT(w, "X-0-1 unknown>captured, X-0 attempting>paid");
    world_wake_when_due(w);
    EXPECT(w, "Y-0-2 new>intent, Y-0 retrying>attempting | authorize Y-0-2");
    world_done(w, "Y-0-2");
    EXPECT(w, "Y-0-2 intent>captured, Y-0 attempting>paid | close");
}

/* What the limit holds for weeks, too. */
static void a_one_off_that_is_held_is_not_lost(void **state)
{
    (void)state;
    given_a_subscription();
    assert_true(world_charge_once(w, 'X', "49999", "JPY"));
    EXPECT(w, "X-0 new>due, X-0 due>held(limit_short)");
    assert_true(world_cancel(w, 'A', false));
    EXPECT(w, "A active>canceled(subscription_canceled)");
    EXPECT_WAKE(w, "2026-02-01T00:00:00Z", LANE_ONE_OFF);
    world_wake_when_due(w);
    EXPECT(w, "X-0-1 new>intent, X-0 held>attempting | authorize X-0-1");
    world_done(w, "X-0-1");
    EXPECT(w, "X-0-1 intent>captured, X-0 attempting>paid | close");
}

static void a_forced_close_waits_for_no_one_off(void **state)
{
    (void)state;
    struct event force = cancel_command('A', NULL);
    force.cancel.is_forced = true;
    given_a_subscription();
    assert_true(world_charge_once(w, 'X', "500", "JPY"));
    assert_true(world_charge_once(w, 'Y', "500", "JPY"));
    world_declined(w, "Y-0-1", REASON_AMAZON_REJECTED);
    assert_true(world_step(w, &force));
    EXPECT(w, "A active>canceled(subscription_canceled), agreement to be closed forced(operator), "
              "Y-0 retrying>canceled(merchant_closed) | close");
    world_unanswered(w, "X-0-1");
    world_wake_when_due(w);
    EXPECT(w, "| discover X-0-1");
    world_declined(w, "X-0-1", REASON_AMAZON_REJECTED);
    EXPECT(w, "");
    world_pass(w, MINUTE_MS);
    world_wake(w);
    EXPECT(w, "| discover X-0-1");
    world_declined(w, "X-0-1", REASON_AMAZON_REJECTED);
    EXPECT(w, "X-0-1 unknown>declined(AmazonRejected), "
              "X-0 attempting>canceled(subscription_canceled)");
}

static void one_offs_need_no_subscription(void **state)
{
    (void)state;
    world_start(w, "2026-01-01T00:00:00Z");
    world_open(w, "50000", "JPY");
    assert_true(world_charge_once(w, 'X', "500", "JPY"));
    world_declined(w, "X-0-1", REASON_INVALID_PAYMENT_METHOD_SOFT);
    EXPECT(w, "X-0-1 intent>declined(InvalidPaymentMethodSoft), "
              "X-0 attempting>retrying(InvalidPaymentMethodSoft) | sync");
    world_found(w, AGREEMENT_OPEN);
    world_wake_when_due(w);
    EXPECT(w, "X-0-2 new>intent, X-0 retrying>attempting | authorize X-0-2");
    world_done(w, "X-0-2");
    EXPECT(w, "X-0-2 intent>captured, X-0 attempting>paid");
    EXPECT_WAKE(w, "never", LANE_CARE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(registered_twice_is_a_conflict),
        cmocka_unit_test(nothing_happens_to_what_is_not_registered),
        cmocka_unit_test(a_draft_is_left_alone_without_the_wish),
        cmocka_unit_test(a_draft_that_is_to_be_closed_is_not_confirmed),
        cmocka_unit_test(answers_that_make_no_sense_change_nothing),
        cmocka_unit_test(another_currency_is_not_taken_over),
        cmocka_unit_test(a_sync_without_answer_is_repeated),
        cmocka_unit_test(a_care_call_on_the_wire_is_not_repeated_but_a_lost_one_is),
        cmocka_unit_test(closed_at_amazon_ends_every_charge),
        cmocka_unit_test(waiting_charges_end_with_the_agreement),
        cmocka_unit_test(what_amazon_does_not_know_sells_nothing),
        cmocka_unit_test(an_answer_that_may_be_older_than_a_hard_decline),
        cmocka_unit_test(a_question_is_not_lost_behind_another),
        cmocka_unit_test(canceled_now),
        cmocka_unit_test(canceled_at_the_end_of_the_period),
        cmocka_unit_test(canceled_now_after_all),
        cmocka_unit_test(the_agreement_stays_while_another_subscription_lives),
        cmocka_unit_test(canceled_while_retrying),
        cmocka_unit_test(canceled_while_unknown_is_not_sent_again),
        cmocka_unit_test(canceled_in_flight),
        cmocka_unit_test(a_close_is_repeated_until_amazon_shows_it),
        cmocka_unit_test(a_refused_close_backs_off),
        cmocka_unit_test(one_offs_end_before_the_agreement_is_closed),
        cmocka_unit_test(a_one_off_that_is_held_is_not_lost),
        cmocka_unit_test(a_forced_close_waits_for_no_one_off),
        cmocka_unit_test(one_offs_need_no_subscription),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
