/*
 * test_step_capture.c - an authorization that waits for the shop: shipped, given up, expired. Every
 * order of events is test_step_capture_truth.c's; here each rule is told once.
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

static void given(void)
{
    world_start(w, "2026-01-01T00:00:00Z");
    world_open(w, "50000", "JPY");
    w->policy.capture = POLICY_CAPTURE_ON_SHIPMENT;
    w->policy.capture_warning_ms = 2 * DAY_MS;
    w->policy.retry[REASON_CAPTURE_DECLINED].waits = (struct policy_waits){2, {HOUR_MS, DAY_MS}};
}

static void tell(const char *attempt, struct attempt_answer told)
{
    struct event event = {.kind = EVENT_ATTEMPT_ANSWER, .attempt = told};
    event.attempt.call = w->called;
    memset(event.attempt.reference_id, attempt[0], KEY_MAX - 1);
    (void)snprintf(event.attempt.reference_id + KEY_MAX - 1, REFERENCE_ID_MAX - KEY_MAX + 1, "%s",
                   attempt + 1);
    if (told.expires_at.utc_ms == 0) {
        event.attempt.expires_at = INSTANT_NEVER;
    }
    if (told.from_object && !told.is_capture) {
        (void)snprintf(event.attempt.authorization_id, AMAZON_ID_MAX, "S03-%s-A", attempt);
    }
    assert_true(world_step(w, &event));
}

static void tell_open(const char *attempt)
{
    tell(attempt, (struct attempt_answer){.outcome = OUTCOME_UNKNOWN,
                                          .reason = REASON_PENDING,
                                          .from_object = true,
                                          .is_authorized = true});
}

static void tell_closed(const char *attempt)
{
    tell(attempt, (struct attempt_answer){.outcome = OUTCOME_REFUSED,
                                          .reason = REASON_NOT_CAPTURED,
                                          .from_object = true});
}

static void tell_capture(const char *attempt, enum outcome outcome)
{
    tell(attempt, (struct attempt_answer){.outcome = outcome,
                                          .reason = outcome == OUTCOME_UNKNOWN ? REASON_PENDING
                                                                               : REASON_NONE,
                                          .from_object = true,
                                          .is_capture = true,
                                          .capture_id = "S03-C"});
}

static void tell_voided(const char *attempt)
{
    tell(attempt, (struct attempt_answer){.outcome = OUTCOME_DONE});
}

static bool say(enum event_kind kind, char letter, const char *rest)
{
    struct event event = {.kind = kind};
    memset(event.charge.charge_id, letter, KEY_MAX - 1);
    (void)snprintf(event.charge.charge_id + KEY_MAX - 1, CHARGE_ID_MAX - KEY_MAX + 1, "%s", rest);
    return world_step(w, &event);
}

static bool ship(void)
{
    return say(EVENT_SHIP, 'X', "-0");
}

static bool void_it(void)
{
    return say(EVENT_VOID, 'X', "-0");
}

static const struct attempt *attempt_of(const char *charge)
{
    return &world_charge(w, charge)->attempt;
}

/* X-0-1 is on the wire. */
static void given_an_attempt(void)
{
    given();
    assert_true(world_charge_once(w, 'X', "1200", "JPY"));
    EXPECT(w, "X-0 new>due, X-0-1 new>intent, X-0 due>attempting | authorize X-0-1");
}

#define AUTHORIZED "X-0-1 intent>authorized(on_shipment), X-0 attempting>authorized(on_shipment)"
#define CAPTURING  "X-0-1 authorized>capturing, X-0 authorized>attempting"
#define VOIDING    "X-0-1 authorized>voiding(voided), X-0 authorized>attempting(voided)"

static void given_an_authorization(void)
{
    given_an_attempt();
    tell_open("X-0-1");
    EXPECT(w, AUTHORIZED);
}

static void given_a_capture(void)
{
    given_an_authorization();
    assert_true(ship());
    EXPECT(w, "X-0 word 1(operator), " CAPTURING " | capture X-0-1");
}

/* --- shipped ------------------------------------------------------------------------------- */

static void the_money_waits_for_the_shop(void **state)
{
    (void)state;
    given_an_authorization();
    assert_false(attempt_of("X-0")->capture_now);
    EXPECT_LIMIT(w, 0, 1200);
    EXPECT_WAKE(w, "2026-01-29T00:00:00Z", LANE_CARE); /* thirty days less two */
    world_pass(w, DAY_MS);
    assert_true(ship());
    EXPECT(w, "X-0 word 1(operator), " CAPTURING " | capture X-0-1");
    assert_int_equal(attempt_of("X-0")->capture_number, 1);
    tell_capture("X-0-1", OUTCOME_DONE);
    EXPECT(w, "X-0-1 capturing>captured, X-0 attempting>paid");
    assert_string_equal(attempt_of("X-0")->capture_id, "S03-C");
    EXPECT_LIMIT(w, 1200, 0);
    assert_false(ship());
    assert_int_equal(w->status, ST_NOT_FOUND);
}

static void shipped_before_it_is_authorized(void **state)
{
    (void)state;
    given_an_attempt();
    assert_true(ship());
    EXPECT(w, "X-0 word 1(operator)");
    assert_true(ship()); /* said twice: nothing */
    EXPECT(w, "");
    world_crash(w);
    world_wake(w);
    EXPECT(w, "X-0-1 intent>unknown(no_answer) | authorize X-0-1");
    tell_open("X-0-1");
    EXPECT(w, "X-0-1 unknown>authorized(on_shipment), X-0 attempting>authorized(on_shipment), "
              "X-0-1 authorized>capturing, X-0 authorized>attempting | capture X-0-1");
}

static void an_unanswered_capture_is_repeated(void **state)
{
    (void)state;
    given_a_capture();
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
    assert_int_equal(attempt_of("X-0")->capture_number, 1);
    assert_false(void_it());
    assert_int_equal(w->status, ST_CONFLICT);
    tell_capture("X-0-1", OUTCOME_DONE);
    EXPECT(w, "X-0-1 capturing>captured, X-0 attempting>paid");
}

static void an_error_is_looked_into(void **state)
{
    (void)state;
    given_a_capture();
    world_unanswered(w, "X-0-1");
    world_wake_when_due(w);
    world_refused(w, "X-0-1", REASON_REQUEST_REFUSED);
    EXPECT(w, "");
    world_wake_when_due(w);
    EXPECT(w, "| look_up X-0-1");
    tell_capture("X-0-1", OUTCOME_UNKNOWN); /* it is being captured all the same */
    EXPECT(w, "");
    EXPECT_WAKE(w, "2026-01-01T00:15:03Z", LANE_CARE);
    world_wake_when_due(w);
    EXPECT(w, "| look_up_capture X-0-1");
    tell_capture("X-0-1", OUTCOME_DONE);
    EXPECT(w, "X-0-1 capturing>captured, X-0 attempting>paid");
}

/* Open while the refused capture may still be on its way: another number only when it is not. */
static void a_refused_capture_counts_when_it_is_old(void **state)
{
    (void)state;
    given_a_capture();
    world_refused(w, "X-0-1", REASON_REQUEST_REFUSED);
    struct instant old_at = instant_plus(w->now, w->policy.answer_deadline_ms);
    for (unsigned looks = 0; looks < 10; looks++) {
        world_wake_when_due(w);
        EXPECT(w, "| look_up X-0-1");
        bool is_old = instant_reached(old_at, w->now);
        tell_open("X-0-1");
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
    tell_open("X-0-1");
    EXPECT(w, CAPTURING " | capture X-0-1");
    assert_int_equal(attempt_of("X-0")->capture_number, 2);
}

#define DECLINED                                                                                   \
    "X-0-1 capturing>authorized(capture_declined), X-0 attempting>authorized(capture_declined)"

/* Whether an hour has passed since the declined one was sent is not known. */
static void a_clock_that_jumped_captures_nothing_again(void **state)
{
    (void)state;
    given_a_capture();
    tell_capture("X-0-1", OUTCOME_REFUSED);
    world_wake_when_due(w);
    tell_open("X-0-1");
    w->hold = (struct hold){REASON_CLOCK, INSTANT_NEVER};
    world_wake_when_due(w);
    EXPECT(w, "| look_up X-0-1");
    tell_open("X-0-1");
    EXPECT(w, "");
    w->hold = (struct hold){REASON_NONE, INSTANT_NEVER};
    world_wake_when_due(w);
    EXPECT(w, "| look_up X-0-1");
    tell_open("X-0-1");
    EXPECT(w, CAPTURING " | capture X-0-1");
}

/* The list is used up: it is given up, and the charge goes its policy's way. */
static void declined_captures_are_tried_by_the_list(void **state)
{
    (void)state;
    static const char *const again_at[] = {"2026-01-01T01:00:00Z", "2026-01-02T01:00:00Z"};
    given_a_capture();
    for (unsigned number = 1; number <= 2; number++) {
        tell_capture("X-0-1", OUTCOME_REFUSED);
        EXPECT(w, DECLINED);
        world_wake_when_due(w);
        EXPECT(w, "| look_up X-0-1");
        tell_open("X-0-1");
        EXPECT_WAKE(w, again_at[number - 1], LANE_CARE);
        world_wake_when_due(w);
        tell_open("X-0-1");
        EXPECT(w, CAPTURING " | capture X-0-1");
        assert_int_equal(attempt_of("X-0")->capture_number, number + 1);
    }
    tell_capture("X-0-1", OUTCOME_REFUSED);
    world_wake_when_due(w);
    tell_open("X-0-1");
    EXPECT(w, "X-0-1 authorized>voiding(capture_declined), "
              "X-0 authorized>attempting(capture_declined) | void X-0-1");
    EXPECT_LIMIT(w, 0, 1200);
    tell_voided("X-0-1");
    world_wake_when_due(w);
    tell_closed("X-0-1");
    EXPECT(w, "X-0-1 voiding>refused(capture_declined), "
              "X-0 attempting>retrying(capture_declined) | sync");
    world_found(w, AGREEMENT_OPEN);
    EXPECT_LIMIT(w, 0, 0);
    world_wake_when_due(w);
    EXPECT(w, "X-0-2 new>intent, X-0 retrying>attempting | authorize X-0-2");
    tell_open("X-0-2"); /* the word is remembered */
    assert_int_equal(attempt_of("X-0")->capture_number, 1);
    assert_int_equal(attempt_of("X-0")->state, ATTEMPT_CAPTURING);
}

static void a_declined_capture_that_closed_it(void **state)
{
    (void)state;
    given_a_capture();
    tell_capture("X-0-1", OUTCOME_UNKNOWN);
    EXPECT(w, "");
    world_wake_when_due(w);
    EXPECT(w, "| look_up_capture X-0-1");
    tell_capture("X-0-1", OUTCOME_REFUSED);
    EXPECT(w, DECLINED);
    world_wake_when_due(w);
    EXPECT(w, "| look_up X-0-1");
    tell_closed("X-0-1");
    EXPECT(w, "X-0-1 authorized>refused(capture_declined), "
              "X-0 authorized>retrying(capture_declined) | sync");
    EXPECT_LIMIT(w, 0, 0);
}

/* An answer about another capture, or an id that Amazon does not know, is not taken. */
static void what_shows_nothing_is_looked_into(void **state)
{
    (void)state;
    given_a_capture();
    world_other(w, "X-0-1");
    world_wake_when_due(w);
    EXPECT(w, "| look_up X-0-1");
    tell_capture("X-0-1", OUTCOME_UNKNOWN);
    world_wake_when_due(w);
    EXPECT(w, "| look_up_capture X-0-1");
    world_refused(w, "X-0-1", REASON_REQUEST_REFUSED);
    EXPECT(w, "");
    world_wake_when_due(w);
    EXPECT(w, "| look_up X-0-1");
    world_unanswered(w, "X-0-1");
    world_wake_when_due(w);
    EXPECT(w, "| look_up X-0-1");
    tell_open("X-0-1"); /* not captured: the same request again */
    world_wake_when_due(w);
    EXPECT(w, "| capture X-0-1");
    world_duplicate(w, "X-0-1");
    world_wake_when_due(w);
    EXPECT(w, "| look_up X-0-1");
    tell_capture("X-0-1", OUTCOME_DONE);
    EXPECT(w, "X-0-1 capturing>captured, X-0 attempting>paid");
    assert_int_equal(attempt_of("X-0")->capture_number, 1);
}

static void somebody_captured_it_by_hand(void **state)
{
    (void)state;
    given_an_authorization();
    world_noticed(w, NOTICE_CAPTURE, "X-0-1");
    EXPECT(w, "| look_up X-0-1");
    tell_capture("X-0-1", OUTCOME_DONE);
    EXPECT(w, "X-0-1 authorized>capturing(no_answer), X-0 authorized>attempting, "
              "X-0-1 capturing>captured, X-0 attempting>paid");
    EXPECT_LIMIT(w, 1200, 0);

    /* Shown as used up without its capture: looked at again, never captured without the word. */
    given_an_attempt();
    tell("X-0-1", (struct attempt_answer){.outcome = OUTCOME_DONE, .from_object = true});
    EXPECT(w, "X-0-1 intent>authorized(on_shipment), X-0 attempting>authorized(on_shipment), "
              "X-0-1 authorized>capturing(no_answer), X-0 authorized>attempting");
    world_wake_when_due(w);
    EXPECT(w, "| look_up X-0-1");
    tell_open("X-0-1");
    EXPECT(w, "X-0-1 capturing>authorized(on_shipment), X-0 attempting>authorized(on_shipment)");
}

static void tell_captured_by_hand(const char *attempt, const char *amount)
{
    tell(attempt, (struct attempt_answer){.outcome = OUTCOME_DONE,
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
    given_an_authorization();
    world_noticed(w, NOTICE_AUTHORIZATION, "X-0-1");
    EXPECT(w, "| look_up X-0-1");
    tell_captured_by_hand("X-0-1", "700");
    EXPECT(w, "X-0 warning until never(captured_by_hand), "
              "X-0-1 authorized>refused(captured_by_hand), "
              "X-0 authorized>canceled(captured_by_hand) | sync");
    assert_true(money_equal(w->effects.changes[0].amount, money("700", "JPY")));
    EXPECT_LIMIT(w, 0, 0);

    /* Found by the discovery of a send without an answer. */
    given_an_attempt();
    tell("X-0-1", (struct attempt_answer){.outcome = OUTCOME_UNKNOWN, .reason = REASON_NO_ANSWER});
    tell_captured_by_hand("X-0-1", "1300");
    EXPECT(w, "X-0 warning until never(captured_by_hand), "
              "X-0-1 unknown>refused(captured_by_hand), "
              "X-0 attempting>canceled(captured_by_hand) | sync");

    /* While ours was on its way, which Amazon then refuses; and while it was being voided. */
    given_an_authorization();
    assert_true(ship());
    world_refused(w, "X-0-1", REASON_REQUEST_REFUSED);
    world_wake_when_due(w);
    EXPECT(w, "| look_up X-0-1");
    tell_captured_by_hand("X-0-1", "700");
    EXPECT(w, "X-0 warning until never(captured_by_hand), "
              "X-0-1 capturing>refused(captured_by_hand), "
              "X-0 attempting>canceled(captured_by_hand) | sync");
    given_an_authorization();
    assert_true(void_it());
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
    given_an_authorization();
    assert_true(void_it());
    EXPECT(w, "X-0 word 2(operator), " VOIDING " | void X-0-1");
    assert_true(void_it());
    EXPECT(w, "");
    assert_false(ship());
    assert_int_equal(w->status, ST_CONFLICT);
    world_unanswered(w, "X-0-1");
    world_wake_when_due(w);
    EXPECT(w, "| void X-0-1");
    world_crash(w);
    world_wake(w);
    EXPECT(w, "| void X-0-1");
    tell_voided("X-0-1"); /* even that is looked at */
    EXPECT(w, "");
    EXPECT_LIMIT(w, 0, 1200);
    world_wake_when_due(w);
    EXPECT(w, "| look_up X-0-1");
    tell_open("X-0-1");
    world_wake_when_due(w);
    EXPECT(w, "| void X-0-1");
    world_refused(w, "X-0-1", REASON_REQUEST_REFUSED);
    world_wake_when_due(w);
    EXPECT(w, "| look_up X-0-1");
    tell_closed("X-0-1");
    EXPECT(w, "X-0-1 voiding>refused(voided), X-0 attempting>canceled(voided)");
    EXPECT_LIMIT(w, 0, 0);
}

static void a_capture_that_was_faster_than_the_void_counts(void **state)
{
    (void)state;
    given_an_authorization();
    assert_true(void_it());
    world_refused(w, "X-0-1", REASON_REQUEST_REFUSED);
    world_wake_when_due(w);
    EXPECT(w, "| look_up X-0-1");
    tell_capture("X-0-1", OUTCOME_UNKNOWN);
    EXPECT(w, "");
    world_wake_when_due(w);
    EXPECT(w, "| look_up_capture X-0-1");
    assert_int_equal(attempt_of("X-0")->capture_number, 1); /* whoever made it */
    tell_capture("X-0-1", OUTCOME_DONE);
    EXPECT(w, "X-0-1 voiding>captured, X-0 attempting>paid");
    EXPECT_LIMIT(w, 1200, 0);
}

static void given_up_before_it_is_authorized(void **state)
{
    (void)state;
    given_an_attempt();
    assert_true(void_it());
    EXPECT(w, "X-0 word 2(operator)");
    world_unanswered(w, "X-0-1");
    world_wake_when_due(w);
    EXPECT(w, "| discover X-0-1"); /* not sent again */
    tell_open("X-0-1");
    EXPECT(w, "X-0-1 unknown>authorized(on_shipment), X-0 attempting>authorized(on_shipment), "
              "X-0-1 authorized>voiding(voided), X-0 authorized>attempting(voided) | void X-0-1");

    given_an_attempt();
    assert_true(void_it());
    world_declined(w, "X-0-1", REASON_PROCESSING_FAILURE);
    EXPECT(w, "X-0-1 intent>declined(ProcessingFailure), X-0 attempting>canceled(voided)");

    given_an_attempt(); /* it is not there: nothing follows */
    assert_true(void_it());
    world_unanswered(w, "X-0-1");
    world_pass(w, HOUR_MS);
    world_wake(w);
    world_absent(w, "X-0-1");
    EXPECT(w, "X-0-1 unknown>refused(voided), X-0 attempting>canceled(voided)");

    given_an_attempt(); /* it did not happen: at once */
    world_later(w, "X-0-1");
    assert_true(void_it());
    EXPECT(w, "X-0 word 2(operator), X-0-1 postponed>refused(voided), "
              "X-0 attempting>canceled(voided)");
    EXPECT_LIMIT(w, 0, 0);

    given_an_attempt(); /* throttled after the word */
    assert_true(void_it());
    world_later(w, "X-0-1");
    EXPECT(w, "X-0-1 intent>postponed(throttled), X-0-1 postponed>refused(voided), "
              "X-0 attempting>canceled(voided)");
}

static void the_shop_may_change_its_mind_until_a_capture_is_out(void **state)
{
    (void)state;
    given_an_attempt();
    assert_true(ship());
    assert_true(void_it());
    EXPECT(w, "X-0 word 2(operator)");
    assert_false(ship());
    assert_int_equal(w->status, ST_CONFLICT);
    tell_open("X-0-1");
    EXPECT(w, AUTHORIZED ", " VOIDING " | void X-0-1");

    given_a_capture();
    tell_capture("X-0-1", OUTCOME_REFUSED);
    world_wake_when_due(w);
    EXPECT(w, "| look_up X-0-1");
    assert_true(void_it()); /* the look-up is awaited first */
    EXPECT(w, "X-0 word 2(operator)");
    tell_open("X-0-1");
    EXPECT(w, VOIDING " | void X-0-1");
}

/* A charge that is on its way nowhere is given up at once, however it would be captured. */
static void words_for_what_is_not_out(void **state)
{
    (void)state;
    given_an_attempt();
    world_declined(w, "X-0-1", REASON_PROCESSING_FAILURE);
    assert_true(ship());
    EXPECT(w, "X-0 word 1(operator)");
    assert_true(void_it());
    EXPECT(w, "X-0 word 2(operator), X-0 retrying>canceled(voided)");

    given();
    w->policy.capture = POLICY_CAPTURE_NOW;
    assert_true(world_charge_once(w, 'X', "1200", "JPY"));
    assert_false(void_it());
    assert_int_equal(w->status, ST_CONFLICT);
    assert_false(ship());
    assert_int_equal(w->status, ST_CONFLICT);
    world_declined(w, "X-0-1", REASON_PROCESSING_FAILURE);
    assert_false(ship());
    assert_int_equal(w->status, ST_CONFLICT);
    assert_true(void_it());
    EXPECT(w, "X-0 word 2(operator), X-0 retrying>canceled(voided)");
    assert_false(say(EVENT_VOID, 'Y', "-0"));
    assert_int_equal(w->status, ST_NOT_FOUND);
}

static void unknown(void)
{
    given_an_attempt();
    world_unanswered(w, "X-0-1");
}

static void postponed(void)
{
    given_an_attempt();
    world_later(w, "X-0-1");
}

static void retrying(void)
{
    given_an_attempt();
    world_declined(w, "X-0-1", REASON_PROCESSING_FAILURE);
}

static void waiting(void)
{
    given();
    assert_true(world_sync(w));
    world_found(w, AGREEMENT_SUSPENDED);
    assert_true(world_charge_once(w, 'X', "1200", "JPY"));
}

static void held(void)
{
    given();
    w->hold = (struct hold){REASON_HELD_BACK, instant_plus(w->now, HOUR_MS)};
    assert_true(world_charge_once(w, 'X', "1200", "JPY"));
}

static void voiding(void)
{
    given_an_authorization();
    assert_true(void_it());
}

static void captured(void)
{
    given_a_capture();
    tell_capture("X-0-1", OUTCOME_DONE);
}

/* Every state of charge and attempt, each word, and the same word again. */
static void every_word_in_every_state(void **state)
{
    (void)state;
    static const struct {
        void (*given)(void);
        enum charge_state charge;
        enum attempt_state attempt; /* 0 = none */
        enum status shipped, voided;
        enum charge_state after_void;
    } rows[] = {
        {held, CHARGE_HELD, 0, ST_OK, ST_OK, CHARGE_CANCELED},
        {waiting, CHARGE_WAITING, 0, ST_OK, ST_OK, CHARGE_CANCELED},
        {retrying, CHARGE_RETRYING, ATTEMPT_DECLINED, ST_OK, ST_OK, CHARGE_CANCELED},
        {postponed, CHARGE_ATTEMPTING, ATTEMPT_POSTPONED, ST_OK, ST_OK, CHARGE_CANCELED},
        {given_an_attempt, CHARGE_ATTEMPTING, ATTEMPT_INTENT, ST_OK, ST_OK, CHARGE_ATTEMPTING},
        {unknown, CHARGE_ATTEMPTING, ATTEMPT_UNKNOWN, ST_OK, ST_OK, CHARGE_ATTEMPTING},
        {given_an_authorization, CHARGE_AUTHORIZED, ATTEMPT_AUTHORIZED, ST_OK, ST_OK,
         CHARGE_ATTEMPTING},
        {given_a_capture, CHARGE_ATTEMPTING, ATTEMPT_CAPTURING, ST_OK, ST_CONFLICT, 0},
        {voiding, CHARGE_ATTEMPTING, ATTEMPT_VOIDING, ST_CONFLICT, ST_OK, CHARGE_ATTEMPTING},
        {captured, CHARGE_PAID, ATTEMPT_CAPTURED, ST_NOT_FOUND, ST_NOT_FOUND, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        rows[i].given();
        assert_int_equal(world_charge(w, "X-0")->state, rows[i].charge);
        assert_int_equal(attempt_of("X-0")->state, rows[i].attempt);
        assert_int_equal(ship(), rows[i].shipped == ST_OK);
        assert_int_equal(w->status, rows[i].shipped);
        assert_int_equal(ship(), rows[i].shipped == ST_OK);
        if (rows[i].shipped == ST_OK) {
            EXPECT(w, "");
            assert_int_equal(world_charge(w, "X-0")->word, WORD_SHIP);
        }
        rows[i].given();
        assert_int_equal(void_it(), rows[i].voided == ST_OK);
        assert_int_equal(w->status, rows[i].voided);
        if (rows[i].voided == ST_OK) {
            assert_int_equal(world_charge(w, "X-0")->state, rows[i].after_void);
            assert_false(ship());
        }
    }
}

/* The policy that was in force when it was sent counts, not a later one. */
static void the_way_it_was_sent_counts(void **state)
{
    (void)state;
    given_an_attempt();
    w->policy.capture = POLICY_CAPTURE_NOW;
    assert_true(ship());
    tell_open("X-0-1");
    EXPECT(w, AUTHORIZED ", " CAPTURING " | capture X-0-1");
}

/* --- time ---------------------------------------------------------------------------------- */

static void a_warning_and_then_the_end(void **state)
{
    (void)state;
    for (int again = 0; again < 2; again++) {
        given_an_authorization();
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
        tell_open("X-0-1"); /* Amazon's clock is behind */
        EXPECT(w, "");
        world_wake_when_due(w);
        EXPECT(w, "| look_up X-0-1");
        EXPECT_LIMIT(w, 0, 1200);
        tell_closed("X-0-1");
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
    given_an_attempt();
    tell("X-0-1", (struct attempt_answer){.outcome = OUTCOME_UNKNOWN,
                                          .from_object = true,
                                          .is_authorized = true,
                                          .expires_at = at("2026-01-08T00:00:00Z")});
    EXPECT_WAKE(w, "2026-01-06T00:00:00Z", LANE_CARE);
    world_at(w, "2026-01-09T00:00:00Z"); /* asleep over warning and end */
    world_wake(w);
    EXPECT(w, "| look_up X-0-1");
    assert_true(ship()); /* too late to be sure of: the answer first */
    EXPECT(w, "X-0 word 1(operator)");
    tell_open("X-0-1");
    EXPECT(w, CAPTURING " | capture X-0-1");
}

/* Closed by Amazon before its time: a notice makes us look, and only the look counts. */
static void amazon_closes_it(void **state)
{
    (void)state;
    given_an_authorization();
    world_pass(w, DAY_MS);
    world_noticed(w, NOTICE_AUTHORIZATION, "X-0-1");
    EXPECT(w, "| look_up X-0-1");
    world_noticed(w, NOTICE_AUTHORIZATION, "X-0-1");
    EXPECT(w, "");
    tell_open("X-0-1");
    EXPECT(w, "");
    EXPECT_WAKE(w, "2026-01-29T00:00:00Z", LANE_CARE);
    world_noticed(w, NOTICE_AUTHORIZATION, "X-0-1");
    tell_closed("X-0-1");
    EXPECT(w, "X-0-1 authorized>refused(not_captured), X-0 authorized>failed(not_captured) | sync");
}

/* --- with the rest of the account ---------------------------------------------------------- */

static void given_a_subscription(void)
{
    given();
    struct event event = subscribe_monthly(w, 'A', "1200", "JPY", "2026-01-01");
    assert_true(world_step(w, &event));
    tell_open("A-1-1");
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
    assert_false(say(EVENT_SHIP, 'A', "-1"));
    assert_int_equal(w->status, ST_CONFLICT);
    tell_voided("A-1-1");
    world_wake_when_due(w);
    tell_closed("A-1-1");
    EXPECT(w, "A-1-1 voiding>refused(subscription_canceled), "
              "A-1 attempting>canceled(subscription_canceled) | close");

    given_a_subscription();
    assert_true(say(EVENT_SHIP, 'A', "-1"));
    assert_true(world_cancel(w, 'A', false));
    EXPECT(w, "A active>canceled(subscription_canceled)");
    tell_capture("A-1-1", OUTCOME_REFUSED);
    world_wake_when_due(w);
    EXPECT(w, "| look_up A-1-1"); /* it is shipped: the money is still wanted */
    tell_open("A-1-1");
    world_wake_when_due(w);
    tell_open("A-1-1");
    tell_capture("A-1-1", OUTCOME_DONE);
    EXPECT(w, "A-1-1 capturing>captured, A-1 attempting>paid | close");
}

static void the_buyer_closes_the_agreement(void **state)
{
    (void)state;
    given_a_subscription();
    assert_true(world_charge_once(w, 'X', "300", "JPY"));
    tell_open("X-0-1");
    assert_true(world_sync(w));
    world_found(w, AGREEMENT_CLOSED);
    EXPECT_LIMIT(w, 0, 1500);
    assert_string_equal(attempt_of("A-1")->reference_id, "AAAAAAAAAAAAAAAA-1-1");
    assert_int_equal(attempt_of("A-1")->state, ATTEMPT_VOIDING);
    tell_voided("A-1-1");
    world_wake_when_due(w);
    EXPECT(w, "| look_up A-1-1");
    tell_closed("A-1-1");
    EXPECT(w, "A-1-1 voiding>refused(subscription_canceled), "
              "A-1 attempting>canceled(subscription_canceled)");
    /* What was authorized on it may still be captured: Amazon's word on CloseBillingAgreement. */
    EXPECT_WAKE(w, "2026-01-29T00:00:00Z", LANE_CARE);
    assert_true(ship());
    EXPECT(w, "X-0 word 1(operator), " CAPTURING " | capture X-0-1");
    tell_capture("X-0-1", OUTCOME_DONE);
    EXPECT(w, "X-0-1 capturing>captured, X-0 attempting>paid");
    EXPECT_LIMIT(w, 300, 0);
}

static void a_throttled_capture_has_waits_of_its_own(void **state)
{
    (void)state;
    given_a_capture();
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
        cmocka_unit_test(words_for_what_is_not_out),
        cmocka_unit_test(every_word_in_every_state),
        cmocka_unit_test(the_way_it_was_sent_counts),
        cmocka_unit_test(a_warning_and_then_the_end),
        cmocka_unit_test(amazon_tells_when_it_expires),
        cmocka_unit_test(amazon_closes_it),
        cmocka_unit_test(a_cancellation_voids_what_is_not_shipped),
        cmocka_unit_test(the_buyer_closes_the_agreement),
        cmocka_unit_test(a_throttled_capture_has_waits_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
