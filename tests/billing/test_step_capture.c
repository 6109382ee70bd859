/*
 * test_step_capture.c - an authorization that waits for the shop: shipped, given up, expired. Every
 * order of events is test_step_capture_truth.c's, each word in every state test_step_word.c's; here
 * each rule is told once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/billing/step_shipment.h"

static struct world world;
static struct world *const w = &world;

/* --- shipped ------------------------------------------------------------------------------- */

static void the_money_waits_for_the_shop(void **state)
{
    (void)state;
    shipment_authorized(w);
    assert_false(shipment_attempt_of(w, "X-0")->capture_now);
    EXPECT_LIMIT(w, 0, 1200);
    EXPECT_WAKE(w, "2026-01-29T00:00:00Z", LANE_CARE); /* thirty days less two */
    world_pass(w, DAY_MS);
    assert_true(shipment_ship(w));
    EXPECT(w, "X-0 word 1(operator), " CAPTURING " | capture X-0-1");
    assert_int_equal(shipment_attempt_of(w, "X-0")->capture_number, 1);
    shipment_captured(w, "X-0-1", OUTCOME_DONE);
    EXPECT(w, "X-0-1 capturing>captured, X-0 attempting>paid");
    assert_string_equal(shipment_attempt_of(w, "X-0")->capture_id, "S03-C");
    EXPECT_LIMIT(w, 1200, 0);
    assert_false(shipment_ship(w));
    assert_int_equal(w->status, ST_NOT_FOUND);
}

static void shipped_before_it_is_authorized(void **state)
{
    (void)state;
    shipment_attempt(w);
    assert_true(shipment_ship(w));
    EXPECT(w, "X-0 word 1(operator)");
    assert_true(shipment_ship(w)); /* said twice: nothing */
    EXPECT(w, "");
    world_crash(w);
    world_wake(w);
    EXPECT(w, "X-0-1 intent>unknown(no_answer) | authorize X-0-1");
    shipment_open(w, "X-0-1");
    EXPECT(w, "X-0-1 unknown>authorized(on_shipment), X-0 attempting>authorized(on_shipment), "
              "X-0-1 authorized>capturing, X-0 authorized>attempting | capture X-0-1");
}

static void an_unanswered_capture_is_repeated(void **state)
{
    (void)state;
    shipment_capturing(w);
    world_unanswered(w, "X-0-1");
    EXPECT(w, "");
    world_wake_when_due(w);
    EXPECT(w, "| capture X-0-1");
    world_crash(w);
    world_wake(w);
    EXPECT(w, "| capture X-0-1");
    world_later(w, "X-0-1");
    world_wake_when_due(w);
    EXPECT(w, "| capture X-0-1");
    assert_int_equal(shipment_attempt_of(w, "X-0")->capture_number, 1);
    assert_false(shipment_void(w));
    assert_int_equal(w->status, ST_CONFLICT);
    shipment_captured(w, "X-0-1", OUTCOME_DONE);
    EXPECT(w, "X-0-1 capturing>captured, X-0 attempting>paid");
}

static void an_error_is_looked_into(void **state)
{
    (void)state;
    shipment_capturing(w);
    world_unanswered(w, "X-0-1");
    world_wake_when_due(w);
    world_refused(w, "X-0-1", REASON_REQUEST_REFUSED);
    EXPECT(w, "");
    world_wake_when_due(w);
    EXPECT(w, "| look_up X-0-1");
    shipment_captured(w, "X-0-1", OUTCOME_UNKNOWN); /* it is being captured all the same */
    EXPECT(w, "");
    EXPECT_WAKE(w, "2026-01-01T00:15:03Z", LANE_CARE);
    world_wake_when_due(w);
    EXPECT(w, "| look_up_capture X-0-1");
    shipment_captured(w, "X-0-1", OUTCOME_DONE);
    EXPECT(w, "X-0-1 capturing>captured, X-0 attempting>paid");
}

/* Open while the refused capture may still be on its way: another number only when it is not. */
static void a_refused_capture_counts_when_it_is_old(void **state)
{
    (void)state;
    shipment_capturing(w);
    world_refused(w, "X-0-1", REASON_REQUEST_REFUSED);
    struct instant old_at = instant_plus(w->now, w->policy.answer_deadline_ms);
    for (unsigned looks = 0; looks < 10; looks++) {
        world_wake_when_due(w);
        EXPECT(w, "| look_up X-0-1");
        bool is_old = instant_reached(old_at, w->now);
        shipment_open(w, "X-0-1");
        if (is_old) {
            break;
        }
        EXPECT(w, "");
    }
    EXPECT(w, "X-0-1 capturing>authorized(capture_declined), "
              "X-0 attempting>authorized(capture_declined)");
    EXPECT_WAKE(w, "2026-01-01T01:00:00Z", LANE_CARE);
    world_wake_when_due(w);
    EXPECT(w, "| look_up X-0-1");
    shipment_open(w, "X-0-1");
    EXPECT(w, CAPTURING " | capture X-0-1");
    assert_int_equal(shipment_attempt_of(w, "X-0")->capture_number, 2);
}

#define DECLINED                                                                                   \
    "X-0-1 capturing>authorized(capture_declined), X-0 attempting>authorized(capture_declined)"

/* Whether an hour has passed since the declined one was sent is not known. */
static void a_clock_that_jumped_captures_nothing_again(void **state)
{
    (void)state;
    shipment_capturing(w);
    shipment_captured(w, "X-0-1", OUTCOME_REFUSED);
    world_wake_when_due(w);
    shipment_open(w, "X-0-1");
    w->hold = (struct hold){REASON_CLOCK, INSTANT_NEVER};
    world_wake_when_due(w);
    EXPECT(w, "| look_up X-0-1");
    shipment_open(w, "X-0-1");
    EXPECT(w, "");
    w->hold = (struct hold){REASON_NONE, INSTANT_NEVER};
    w->even_since = w->now;
    world_wake_when_due(w);
    EXPECT(w, "| look_up X-0-1");
    shipment_open(w, "X-0-1"); /* its step is not a minute ago */
    EXPECT(w, "");
    world_pass(w, w->policy.answer_deadline_ms);
    world_wake(w);
    EXPECT(w, "| look_up X-0-1");
    shipment_open(w, "X-0-1");
    EXPECT(w, CAPTURING " | capture X-0-1");
}

/* The list is used up: it is given up, and the charge goes its policy's way. */
static void declined_captures_are_tried_by_the_list(void **state)
{
    (void)state;
    static const char *const again_at[] = {"2026-01-01T01:00:00Z", "2026-01-02T01:00:00Z"};
    shipment_capturing(w);
    for (unsigned number = 1; number <= 2; number++) {
        shipment_captured(w, "X-0-1", OUTCOME_REFUSED);
        EXPECT(w, DECLINED);
        world_wake_when_due(w);
        EXPECT(w, "| look_up X-0-1");
        shipment_open(w, "X-0-1");
        EXPECT_WAKE(w, again_at[number - 1], LANE_CARE);
        world_wake_when_due(w);
        shipment_open(w, "X-0-1");
        EXPECT(w, CAPTURING " | capture X-0-1");
        assert_int_equal(shipment_attempt_of(w, "X-0")->capture_number, number + 1);
    }
    shipment_captured(w, "X-0-1", OUTCOME_REFUSED);
    world_wake_when_due(w);
    shipment_open(w, "X-0-1");
    EXPECT(w, "X-0-1 authorized>voiding(capture_declined), "
              "X-0 authorized>attempting(capture_declined) | void X-0-1");
    EXPECT_LIMIT(w, 0, 1200);
    shipment_voided(w, "X-0-1");
    world_wake_when_due(w);
    shipment_closed(w, "X-0-1");
    EXPECT(w, "X-0-1 voiding>refused(capture_declined), "
              "X-0 attempting>retrying(capture_declined) | sync");
    world_found(w, AGREEMENT_OPEN);
    EXPECT_LIMIT(w, 0, 0);
    world_wake_when_due(w);
    EXPECT(w, "X-0-2 new>intent, X-0 retrying>attempting | authorize X-0-2");
    shipment_open(w, "X-0-2"); /* the word is remembered */
    assert_int_equal(shipment_attempt_of(w, "X-0")->capture_number, 1);
    assert_int_equal(shipment_attempt_of(w, "X-0")->state, ATTEMPT_CAPTURING);
}

static void a_declined_capture_that_closed_it(void **state)
{
    (void)state;
    shipment_capturing(w);
    shipment_captured(w, "X-0-1", OUTCOME_UNKNOWN);
    EXPECT(w, "");
    world_wake_when_due(w);
    EXPECT(w, "| look_up_capture X-0-1");
    shipment_captured(w, "X-0-1", OUTCOME_REFUSED);
    EXPECT(w, DECLINED);
    world_wake_when_due(w);
    EXPECT(w, "| look_up X-0-1");
    shipment_closed(w, "X-0-1");
    EXPECT(w, "X-0-1 authorized>refused(capture_declined), "
              "X-0 authorized>retrying(capture_declined) | sync");
    EXPECT_LIMIT(w, 0, 0);
}

/* An answer about another capture, or an id that Amazon does not know, is not taken. */
static void what_shows_nothing_is_looked_into(void **state)
{
    (void)state;
    shipment_capturing(w);
    world_other(w, "X-0-1");
    world_wake_when_due(w);
    EXPECT(w, "| look_up X-0-1");
    shipment_captured(w, "X-0-1", OUTCOME_UNKNOWN);
    world_wake_when_due(w);
    EXPECT(w, "| look_up_capture X-0-1");
    world_refused(w, "X-0-1", REASON_REQUEST_REFUSED);
    EXPECT(w, "");
    world_wake_when_due(w);
    EXPECT(w, "| look_up X-0-1");
    world_unanswered(w, "X-0-1");
    world_wake_when_due(w);
    EXPECT(w, "| look_up X-0-1");
    shipment_open(w, "X-0-1"); /* not captured: the same request again */
    world_wake_when_due(w);
    EXPECT(w, "| capture X-0-1");
    world_duplicate(w, "X-0-1");
    world_wake_when_due(w);
    EXPECT(w, "| look_up X-0-1");
    shipment_captured(w, "X-0-1", OUTCOME_DONE);
    EXPECT(w, "X-0-1 capturing>captured, X-0 attempting>paid");
    assert_int_equal(shipment_attempt_of(w, "X-0")->capture_number, 1);
}

static void somebody_captured_it_by_hand(void **state)
{
    (void)state;
    shipment_authorized(w);
    world_noticed(w, NOTICE_CAPTURE, "X-0-1");
    EXPECT(w, "| look_up X-0-1");
    shipment_captured(w, "X-0-1", OUTCOME_DONE);
    EXPECT(w, "X-0-1 authorized>capturing(no_answer), X-0 authorized>attempting, "
              "X-0-1 capturing>captured, X-0 attempting>paid");
    EXPECT_LIMIT(w, 1200, 0);

    /* Shown as used up without its capture: looked at again, never captured without the word. */
    shipment_attempt(w);
    shipment_told(w, "X-0-1",
                  (struct attempt_answer){.outcome = OUTCOME_DONE, .from_object = true});
    EXPECT(w, "X-0-1 intent>authorized(on_shipment), X-0 attempting>authorized(on_shipment), "
              "X-0-1 authorized>capturing(no_answer), X-0 authorized>attempting");
    world_wake_when_due(w);
    EXPECT(w, "| look_up X-0-1");
    shipment_open(w, "X-0-1");
    EXPECT(w, "X-0-1 capturing>authorized(on_shipment), X-0 attempting>authorized(on_shipment)");
}

static void tell_captured_by_hand(const char *attempt, const char *amount)
{
    shipment_told(w, attempt,
                  (struct attempt_answer){.outcome = OUTCOME_DONE,
                                          .from_object = true,
                                          .is_capture = true,
                                          .captured = money(amount, "JPY"),
                                          .capture_id = "S03-C"});
}

/* A part of it, or more: what was asked for will never be taken, and what was is settled by hand.
 */
static void somebody_captured_another_amount_by_hand(void **state)
{
    (void)state;
    shipment_authorized(w);
    world_noticed(w, NOTICE_AUTHORIZATION, "X-0-1");
    EXPECT(w, "| look_up X-0-1");
    tell_captured_by_hand("X-0-1", "700");
    EXPECT(w, "X-0 warning until never(captured_by_hand), "
              "X-0-1 authorized>refused(captured_by_hand), "
              "X-0 authorized>canceled(captured_by_hand) | sync");
    assert_true(money_equal(w->effects.changes[0].amount, money("700", "JPY")));
    EXPECT_LIMIT(w, 0, 0);

    /* Found by the discovery of a send without an answer. */
    shipment_attempt(w);
    shipment_told(w, "X-0-1",
                  (struct attempt_answer){.outcome = OUTCOME_UNKNOWN, .reason = REASON_NO_ANSWER});
    tell_captured_by_hand("X-0-1", "1300");
    EXPECT(w, "X-0 warning until never(captured_by_hand), "
              "X-0-1 unknown>refused(captured_by_hand), "
              "X-0 attempting>canceled(captured_by_hand) | sync");

    /* While ours was on its way, which Amazon then refuses; and while it was being voided. */
    shipment_authorized(w);
    assert_true(shipment_ship(w));
    world_refused(w, "X-0-1", REASON_REQUEST_REFUSED);
    world_wake_when_due(w);
    EXPECT(w, "| look_up X-0-1");
    tell_captured_by_hand("X-0-1", "700");
    EXPECT(w, "X-0 warning until never(captured_by_hand), "
              "X-0-1 capturing>refused(captured_by_hand), "
              "X-0 attempting>canceled(captured_by_hand) | sync");
    shipment_authorized(w);
    assert_true(shipment_void(w));
    world_refused(w, "X-0-1", REASON_REQUEST_REFUSED);
    world_wake_when_due(w);
    tell_captured_by_hand("X-0-1", "700");
    EXPECT(w, "X-0 warning until never(captured_by_hand), "
              "X-0-1 voiding>refused(captured_by_hand), "
              "X-0 attempting>canceled(voided) | sync");
}

/* --- given up ------------------------------------------------------------------------------ */

static void a_void_is_asked_for_until_it_is_seen(void **state)
{
    (void)state;
    shipment_authorized(w);
    assert_true(shipment_void(w));
    EXPECT(w, "X-0 word 2(operator), " VOIDING " | void X-0-1");
    assert_true(shipment_void(w));
    EXPECT(w, "");
    assert_false(shipment_ship(w));
    assert_int_equal(w->status, ST_CONFLICT);
    world_unanswered(w, "X-0-1");
    world_wake_when_due(w);
    EXPECT(w, "| void X-0-1");
    world_crash(w);
    world_wake(w);
    EXPECT(w, "| void X-0-1");
    shipment_voided(w, "X-0-1"); /* even that is looked at */
    EXPECT(w, "");
    EXPECT_LIMIT(w, 0, 1200);
    world_wake_when_due(w);
    EXPECT(w, "| look_up X-0-1");
    shipment_open(w, "X-0-1");
    world_wake_when_due(w);
    EXPECT(w, "| void X-0-1");
    world_refused(w, "X-0-1", REASON_REQUEST_REFUSED);
    world_wake_when_due(w);
    EXPECT(w, "| look_up X-0-1");
    shipment_closed(w, "X-0-1");
    EXPECT(w, "X-0-1 voiding>refused(voided), X-0 attempting>canceled(voided)");
    EXPECT_LIMIT(w, 0, 0);
}

static void a_capture_that_was_faster_than_the_void_counts(void **state)
{
    (void)state;
    shipment_authorized(w);
    assert_true(shipment_void(w));
    world_refused(w, "X-0-1", REASON_REQUEST_REFUSED);
    world_wake_when_due(w);
    EXPECT(w, "| look_up X-0-1");
    shipment_captured(w, "X-0-1", OUTCOME_UNKNOWN);
    EXPECT(w, "");
    world_wake_when_due(w);
    EXPECT(w, "| look_up_capture X-0-1");
    assert_int_equal(shipment_attempt_of(w, "X-0")->capture_number, 1); /* whoever made it */
    shipment_captured(w, "X-0-1", OUTCOME_DONE);
    EXPECT(w, "X-0-1 voiding>captured, X-0 attempting>paid");
    EXPECT_LIMIT(w, 1200, 0);
}

static void given_up_before_it_is_authorized(void **state)
{
    (void)state;
    shipment_attempt(w);
    assert_true(shipment_void(w));
    EXPECT(w, "X-0 word 2(operator)");
    world_unanswered(w, "X-0-1");
    world_wake_when_due(w);
    EXPECT(w, "| discover X-0-1"); /* not sent again */
    shipment_open(w, "X-0-1");
    EXPECT(w, "X-0-1 unknown>authorized(on_shipment), X-0 attempting>authorized(on_shipment), "
              "X-0-1 authorized>voiding(voided), X-0 authorized>attempting(voided) | void X-0-1");

    shipment_attempt(w);
    assert_true(shipment_void(w));
    world_declined(w, "X-0-1", REASON_PROCESSING_FAILURE);
    EXPECT(w, "X-0-1 intent>declined(ProcessingFailure), X-0 attempting>canceled(voided)");

    shipment_attempt(w); /* it is not there: nothing follows */
    assert_true(shipment_void(w));
    world_unanswered(w, "X-0-1");
    world_pass(w, HOUR_MS);
    world_wake(w);
    world_absent(w, "X-0-1");
    EXPECT(w, "X-0-1 unknown>refused(voided), X-0 attempting>canceled(voided)");

    shipment_attempt(w); /* it did not happen: at once */
    world_later(w, "X-0-1");
    assert_true(shipment_void(w));
    EXPECT(w, "X-0 word 2(operator), X-0-1 postponed>refused(voided), "
              "X-0 attempting>canceled(voided)");
    EXPECT_LIMIT(w, 0, 0);

    shipment_attempt(w); /* throttled after the word */
    assert_true(shipment_void(w));
    world_later(w, "X-0-1");
    EXPECT(w, "X-0-1 intent>postponed(throttled), X-0-1 postponed>refused(voided), "
              "X-0 attempting>canceled(voided)");
}

static void the_shop_may_change_its_mind_until_a_capture_is_out(void **state)
{
    (void)state;
    shipment_attempt(w);
    assert_true(shipment_ship(w));
    assert_true(shipment_void(w));
    EXPECT(w, "X-0 word 2(operator)");
    assert_false(shipment_ship(w));
    assert_int_equal(w->status, ST_CONFLICT);
    shipment_open(w, "X-0-1");
    EXPECT(w, AUTHORIZED ", " VOIDING " | void X-0-1");

    shipment_capturing(w);
    shipment_captured(w, "X-0-1", OUTCOME_REFUSED);
    world_wake_when_due(w);
    EXPECT(w, "| look_up X-0-1");
    assert_true(shipment_void(w)); /* the look-up is awaited first */
    EXPECT(w, "X-0 word 2(operator)");
    shipment_open(w, "X-0-1");
    EXPECT(w, VOIDING " | void X-0-1");
}

/* --- time ---------------------------------------------------------------------------------- */

static void a_warning_and_then_the_end(void **state)
{
    (void)state;
    for (int again = 0; again < 2; again++) {
        shipment_authorized(w);
        w->policy.reauthorize = again != 0;
        world_crash(w);
        world_wake_when_due(w);
        EXPECT(w, "X-0 warning until 2026-01-31(authorization_expiring)");
        EXPECT_WAKE(w, "2026-01-31T00:00:00Z", LANE_CARE);
        world_wake_when_due(w);
        EXPECT(w, "| look_up X-0-1");
        world_unanswered(w, "X-0-1");
        EXPECT(w, "");
        world_crash(w);
        world_wake_when_due(w);
        EXPECT(w, "| look_up X-0-1");
        shipment_open(w, "X-0-1"); /* Amazon's clock is behind */
        EXPECT(w, "");
        world_wake_when_due(w);
        EXPECT(w, "| look_up X-0-1");
        EXPECT_LIMIT(w, 0, 1200);
        shipment_closed(w, "X-0-1");
        EXPECT(w, again ? "X-0-1 authorized>refused(authorization_expired), "
                          "X-0 authorized>retrying(authorization_expired)"
                        : "X-0-1 authorized>refused(authorization_expired), "
                          "X-0 authorized>failed(authorization_expired)");
        EXPECT_LIMIT(w, 0, 0);
    }
    world_wake_when_due(w);
    EXPECT(w, "X-0-2 new>intent, X-0 retrying>attempting | authorize X-0-2");
}

static void amazon_tells_when_it_expires(void **state)
{
    (void)state;
    shipment_attempt(w);
    shipment_told(w, "X-0-1",
                  (struct attempt_answer){.outcome = OUTCOME_UNKNOWN,
                                          .from_object = true,
                                          .is_authorized = true,
                                          .expires_at = at("2026-01-08T00:00:00Z")});
    EXPECT_WAKE(w, "2026-01-06T00:00:00Z", LANE_CARE);
    world_at(w, "2026-01-09T00:00:00Z"); /* asleep over warning and end */
    world_wake(w);
    EXPECT(w, "| look_up X-0-1");
    assert_true(shipment_ship(w)); /* too late to be sure of: the answer first */
    EXPECT(w, "X-0 word 1(operator)");
    shipment_open(w, "X-0-1");
    EXPECT(w, CAPTURING " | capture X-0-1");
}

/* Closed by Amazon before its time: a notice makes us look, and only the look counts. */
static void amazon_closes_it(void **state)
{
    (void)state;
    shipment_authorized(w);
    world_pass(w, DAY_MS);
    world_noticed(w, NOTICE_AUTHORIZATION, "X-0-1");
    EXPECT(w, "| look_up X-0-1");
    world_noticed(w, NOTICE_AUTHORIZATION, "X-0-1");
    EXPECT(w, "");
    shipment_open(w, "X-0-1");
    EXPECT(w, "");
    EXPECT_WAKE(w, "2026-01-29T00:00:00Z", LANE_CARE);
    world_noticed(w, NOTICE_AUTHORIZATION, "X-0-1");
    shipment_closed(w, "X-0-1");
    EXPECT(w, "X-0-1 authorized>refused(not_captured), X-0 authorized>failed(not_captured) | sync");
}

/* --- with the rest of the account ---------------------------------------------------------- */

static void given_a_subscription(void)
{
    shipment_world(w);
    struct event event = subscribe_monthly(w, 'A', "1200", "JPY", "2026-01-01");
    assert_true(world_step(w, &event));
    shipment_open(w, "A-1-1");
    EXPECT(w, "A-1-1 intent>authorized(on_shipment), A-1 attempting>authorized(on_shipment)");
}

static void a_cancellation_voids_what_is_not_shipped(void **state)
{
    (void)state;
    given_a_subscription();
    assert_true(world_cancel(w, 'A', false));
    EXPECT(w, "A active>canceled(subscription_canceled), "
              "A-1-1 authorized>voiding(subscription_canceled), "
              "A-1 authorized>attempting(subscription_canceled) | void A-1-1");
    assert_false(shipment_say(w, EVENT_SHIP, 'A', "-1"));
    assert_int_equal(w->status, ST_CONFLICT);
    shipment_voided(w, "A-1-1");
    world_wake_when_due(w);
    shipment_closed(w, "A-1-1");
    EXPECT(w, "A-1-1 voiding>refused(subscription_canceled), "
              "A-1 attempting>canceled(subscription_canceled) | close");

    given_a_subscription();
    assert_true(shipment_say(w, EVENT_SHIP, 'A', "-1"));
    assert_true(world_cancel(w, 'A', false));
    EXPECT(w, "A active>canceled(subscription_canceled)");
    shipment_captured(w, "A-1-1", OUTCOME_REFUSED);
    world_wake_when_due(w);
    EXPECT(w, "| look_up A-1-1"); /* it is shipped: the money is still wanted */
    shipment_open(w, "A-1-1");
    world_wake_when_due(w);
    shipment_open(w, "A-1-1");
    shipment_captured(w, "A-1-1", OUTCOME_DONE);
    EXPECT(w, "A-1-1 capturing>captured, A-1 attempting>paid | close");
}

static void the_buyer_closes_the_agreement(void **state)
{
    (void)state;
    given_a_subscription();
    assert_true(world_charge_once(w, 'X', "300", "JPY"));
    shipment_open(w, "X-0-1");
    assert_true(world_sync(w));
    world_found(w, AGREEMENT_CLOSED);
    EXPECT_LIMIT(w, 0, 1500);
    assert_string_equal(shipment_attempt_of(w, "A-1")->reference_id, "AAAAAAAAAAAAAAAA-1-1");
    assert_int_equal(shipment_attempt_of(w, "A-1")->state, ATTEMPT_VOIDING);
    shipment_voided(w, "A-1-1");
    world_wake_when_due(w);
    EXPECT(w, "| look_up A-1-1");
    shipment_closed(w, "A-1-1");
    EXPECT(w, "A-1-1 voiding>refused(subscription_canceled), "
              "A-1 attempting>canceled(subscription_canceled)");
    /* What was authorized on it may still be captured: Amazon's word on CloseBillingAgreement. */
    EXPECT_WAKE(w, "2026-01-29T00:00:00Z", LANE_CARE);
    assert_true(shipment_ship(w));
    EXPECT(w, "X-0 word 1(operator), " CAPTURING " | capture X-0-1");
    shipment_captured(w, "X-0-1", OUTCOME_DONE);
    EXPECT(w, "X-0-1 capturing>captured, X-0 attempting>paid");
    EXPECT_LIMIT(w, 300, 0);
}

static void a_throttled_capture_has_waits_of_its_own(void **state)
{
    (void)state;
    shipment_capturing(w);
    w->policy.retry[REASON_THROTTLED].waits = (struct policy_waits){1, {MINUTE_MS}};
    world_later(w, "X-0-1");
    EXPECT_WAKE(w, "2026-01-01T00:01:00Z", LANE_SETTLE);
    world_wake_when_due(w);
    EXPECT(w, "| capture X-0-1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_money_waits_for_the_shop),
        cmocka_unit_test(shipped_before_it_is_authorized),
        cmocka_unit_test(an_unanswered_capture_is_repeated),
        cmocka_unit_test(an_error_is_looked_into),
        cmocka_unit_test(a_refused_capture_counts_when_it_is_old),
        cmocka_unit_test(a_clock_that_jumped_captures_nothing_again),
        cmocka_unit_test(declined_captures_are_tried_by_the_list),
        cmocka_unit_test(a_declined_capture_that_closed_it),
        cmocka_unit_test(what_shows_nothing_is_looked_into),
        cmocka_unit_test(somebody_captured_it_by_hand),
        cmocka_unit_test(somebody_captured_another_amount_by_hand),
        cmocka_unit_test(a_void_is_asked_for_until_it_is_seen),
        cmocka_unit_test(a_capture_that_was_faster_than_the_void_counts),
        cmocka_unit_test(given_up_before_it_is_authorized),
        cmocka_unit_test(the_shop_may_change_its_mind_until_a_capture_is_out),
        cmocka_unit_test(a_warning_and_then_the_end),
        cmocka_unit_test(amazon_tells_when_it_expires),
        cmocka_unit_test(amazon_closes_it),
        cmocka_unit_test(a_cancellation_voids_what_is_not_shipped),
        cmocka_unit_test(the_buyer_closes_the_agreement),
        cmocka_unit_test(a_throttled_capture_has_waits_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
