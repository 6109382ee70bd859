/*
 * test_step_answers.c - what an attempt makes of silence, errors, duplicates and crashes.
 *
 * The one question of this file: can an attempt end, or a new one begin, while the old one may
 * still have been captured?
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

/* X-0-1 is on the wire. */
static void given_an_attempt(void)
{
    world_start(w, "2026-01-01T00:00:00Z");
    world_open(w, "50000", "JPY");
    assert_true(world_charge_once(w, 'X', "1200", "JPY"));
    EXPECT(w, "X-0 new>due, X-0-1 new>intent, X-0 due>attempting | authorize X-0-1");
}

static void given_an_unknown_attempt(void)
{
    given_an_attempt();
    world_unanswered(w, "X-0-1");
    EXPECT(w, "X-0-1 intent>unknown(no_answer)");
}

/* An unknown attempt whose re-send was refused by an error: it is being looked for. */
static void given_a_refused_resend(enum reason reason)
{
    given_an_unknown_attempt();
    world_wake_when_due(w);
    EXPECT(w, "| authorize X-0-1");
    world_refused(w, "X-0-1", reason);
    EXPECT(w, "");
    world_wake_when_due(w);
    EXPECT(w, "| discover X-0-1");
}

static void silence_is_answered_by_the_same_request(void **state)
{
    (void)state;
    static const int64_t waits_s[] = {1, 2, 4, 10, 30, 60, 60, 60};
    given_an_attempt();
    for (size_t i = 0; i < sizeof waits_s / sizeof waits_s[0]; i++) {
        struct instant silent_at = w->now;
        world_unanswered(w, "X-0-1");
        EXPECT_LIMIT(w, 0, 1200);
        assert_int_equal(w->account.agreement.lane, LANE_SETTLE);
        assert_int_equal(w->account.agreement.wake_at.utc_ms - silent_at.utc_ms,
                         waits_s[i] * SECOND_MS);
        world_wake_when_due(w);
        EXPECT(w, "| authorize X-0-1");
        EXPECT_WAKE(w, "never", LANE_CARE);
    }
    world_done(w, "X-0-1");
    EXPECT(w, "X-0-1 unknown>captured, X-0 attempting>paid");
    EXPECT_LIMIT(w, 1200, 0);
}

static void the_resent_request_shows_a_decline(void **state)
{
    (void)state;
    given_an_unknown_attempt();
    world_wake_when_due(w);
    world_declined(w, "X-0-1", REASON_AMAZON_REJECTED);
    EXPECT(w, "X-0-1 unknown>declined(AmazonRejected), X-0 attempting>retrying(AmazonRejected)");
    world_wake_when_due(w);
    EXPECT(w, "X-0-2 new>intent, X-0 retrying>attempting | authorize X-0-2");
}

static void an_error_ends_the_first_send_only(void **state)
{
    (void)state;
    given_an_attempt();
    world_refused(w, "X-0-1", REASON_REQUEST_REFUSED);
    EXPECT(w, "X-0-1 intent>refused(request_refused), X-0 attempting>failed(request_refused)");
    EXPECT_LIMIT(w, 0, 0);
}

/* Where Amazon takes the id of a declined authorization as free, a re-send made a second one, which
 * may be captured and not be listed yet. */
static void a_decline_that_is_found_may_have_a_captured_sister(void **state)
{
    (void)state;
    given_an_unknown_attempt();
    world_wake_when_due(w);
    EXPECT(w, "| authorize X-0-1");
    world_duplicate(w, "X-0-1");
    world_wake_when_due(w);
    EXPECT(w, "| discover X-0-1");
    world_declined(w, "X-0-1", REASON_AMAZON_REJECTED);
    EXPECT(w, "");
    world_wake_when_due(w);
    EXPECT(w, "| discover X-0-1");
    world_done(w, "X-0-1");
    EXPECT(w, "X-0-1 unknown>captured, X-0 attempting>paid");
}

static void a_refused_resend_is_looked_for_and_found(void **state)
{
    (void)state;
    static const enum reason reasons[] = {REASON_REQUEST_REFUSED, REASON_PERIODIC_AMOUNT_EXCEEDED,
                                          REASON_AGREEMENT_NOT_OPEN};
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        given_a_refused_resend(reasons[i]);
        world_done(w, "X-0-1");
        EXPECT(w, "X-0-1 unknown>captured, X-0 attempting>paid");

        given_a_refused_resend(reasons[i]);
        world_declined(w, "X-0-1", REASON_PROCESSING_FAILURE);
        EXPECT(w, "");
        world_pass(w, MINUTE_MS);
        world_wake(w);
        EXPECT(w, "| discover X-0-1");
        world_declined(w, "X-0-1", REASON_PROCESSING_FAILURE);
        EXPECT(w, "X-0-1 unknown>declined(ProcessingFailure), "
                  "X-0 attempting>retrying(ProcessingFailure)");

        given_a_refused_resend(reasons[i]);
        world_pending(w, "X-0-1");
        world_wake_when_due(w);
        EXPECT(w, "| look_up X-0-1");
    }
}

static void absent_counts_only_when_every_send_was_old(void **state)
{
    (void)state;
    given_a_refused_resend(REASON_REQUEST_REFUSED);
    struct instant refused_at = instant_plus(w->now, -2 * SECOND_MS);
    struct instant listed_at = instant_plus(refused_at, w->policy.answer_deadline_ms);
    for (unsigned discoveries = 1; instant_before(w->now, listed_at); discoveries++) {
        world_absent(w, "X-0-1");
        EXPECT(w, "");
        EXPECT_LIMIT(w, 0, 1200);
        world_wake_when_due(w);
        EXPECT(w, "| discover X-0-1");
        assert_true(discoveries < 10);
    }
    world_absent(w, "X-0-1");
    EXPECT(w, "X-0-1 unknown>refused(request_refused), X-0 attempting>failed(request_refused)");
    EXPECT_LIMIT(w, 0, 0);
}

/* A discovery is a walk over several calls: what counts is when it began, not when it ended. */
static void a_slow_discovery_saw_the_list_when_it_began(void **state)
{
    (void)state;
    given_a_refused_resend(REASON_REQUEST_REFUSED);
    world_pass(w, HOUR_MS);
    world_absent(w, "X-0-1");
    EXPECT(w, "");
    world_absent(w, "X-0-1"); /* the same answer once more */
    EXPECT(w, "");
    world_wake_when_due(w);
    EXPECT(w, "| discover X-0-1");
    world_absent(w, "X-0-1");
    EXPECT(w, "X-0-1 unknown>refused(request_refused), X-0 attempting>failed(request_refused)");
}

/* By the clock the sends are an hour old; nobody knows whether they are. */
static void a_clock_that_jumped_makes_no_send_old(void **state)
{
    (void)state;
    given_a_refused_resend(REASON_REQUEST_REFUSED);
    world_absent(w, "X-0-1");
    w->hold = (struct hold){REASON_CLOCK, INSTANT_NEVER};
    world_pass(w, HOUR_MS);
    world_wake(w);
    EXPECT(w, "| discover X-0-1");
    world_absent(w, "X-0-1");
    EXPECT(w, "");
    EXPECT_LIMIT(w, 0, 1200);
    w->hold = (struct hold){REASON_NONE, INSTANT_NEVER};
    world_wake_when_due(w);
    EXPECT(w, "| discover X-0-1");
    world_absent(w, "X-0-1");
    EXPECT(w, "X-0-1 unknown>refused(request_refused), X-0 attempting>failed(request_refused)");
}

/* A step of the clock that nobody doubts makes nothing older either. */
static void what_was_sent_before_a_step_of_the_clock_is_as_old_as_the_step(void **state)
{
    (void)state;
    given_a_refused_resend(REASON_REQUEST_REFUSED);
    world_absent(w, "X-0-1");
    world_pass(w, HOUR_MS);
    w->even_since = w->now;
    world_wake(w);
    EXPECT(w, "| discover X-0-1");
    world_absent(w, "X-0-1");
    EXPECT(w, "");
    EXPECT_LIMIT(w, 0, 1200);
    world_pass(w, w->policy.answer_deadline_ms);
    world_wake(w);
    EXPECT(w, "| discover X-0-1");
    world_absent(w, "X-0-1");
    EXPECT(w, "X-0-1 unknown>refused(request_refused), X-0 attempting>failed(request_refused)");
}

/* The intent is a day old, but its first send is not: the process died before it could send. */
static void absent_after_a_long_outage_is_not_old(void **state)
{
    (void)state;
    given_an_attempt();
    world_crash(w);
    world_pass(w, DAY_MS);
    world_wake(w);
    EXPECT(w, "X-0-1 intent>unknown(no_answer) | authorize X-0-1");
    world_unanswered(w, "X-0-1"); /* it arrived, and is captured, and is not listed yet */
    world_wake_when_due(w);
    world_refused(w, "X-0-1", REASON_PERIODIC_AMOUNT_EXCEEDED); /* because of itself */
    world_wake_when_due(w);
    EXPECT(w, "| discover X-0-1");
    world_absent(w, "X-0-1");
    EXPECT(w, "");
    world_pass(w, MINUTE_MS);
    world_wake(w);
    EXPECT(w, "| discover X-0-1");
    world_done(w, "X-0-1");
    EXPECT(w, "X-0-1 unknown>captured, X-0 attempting>paid");
}

static void a_lost_discovery_is_repeated(void **state)
{
    (void)state;
    given_a_refused_resend(REASON_REQUEST_REFUSED);
    world_unanswered(w, "X-0-1");
    world_wake_when_due(w);
    EXPECT(w, "| discover X-0-1");
    world_later(w, "X-0-1");
    world_wake_when_due(w);
    EXPECT(w, "| discover X-0-1");
    /* The error is forgotten with the lost discovery: absent alone leads back to the request, once
     * every send is old enough to have been listed. */
    world_absent(w, "X-0-1");
    world_pass(w, HOUR_MS);
    world_wake(w);
    EXPECT(w, "| discover X-0-1");
    world_absent(w, "X-0-1");
    EXPECT(w, "");
    world_wake_when_due(w);
    EXPECT(w, "| authorize X-0-1");
}

static void a_duplicate_is_looked_for(void **state)
{
    (void)state;
    given_an_attempt();
    world_duplicate(w, "X-0-1");
    EXPECT(w, "X-0-1 intent>unknown(no_answer)");
    world_wake_when_due(w);
    EXPECT(w, "| discover X-0-1");
    world_absent(w, "X-0-1"); /* it may not be listed yet */
    world_pass(w, HOUR_MS);
    world_wake(w);
    EXPECT(w, "| discover X-0-1");
    world_absent(w, "X-0-1"); /* contradicts the duplicate: nothing is concluded */
    EXPECT(w, "");
    world_wake_when_due(w);
    EXPECT(w, "| authorize X-0-1");
    world_duplicate(w, "X-0-1");
    world_wake_when_due(w);
    world_done(w, "X-0-1");
    EXPECT(w, "X-0-1 unknown>captured, X-0 attempting>paid");
}

static void throttled_means_that_nothing_happened(void **state)
{
    (void)state;
    given_an_attempt();
    world_later(w, "X-0-1");
    EXPECT(w, "X-0-1 intent>postponed(throttled)");
    EXPECT_LIMIT(w, 0, 1200);
    EXPECT_WAKE(w, "2026-01-01T00:00:01Z", LANE_ONE_OFF);
    world_wake_when_due(w);
    EXPECT(w, "X-0-1 postponed>intent | authorize X-0-1");
    world_later(w, "X-0-1");
    EXPECT_WAKE(w, "2026-01-01T00:00:03Z", LANE_ONE_OFF);
    world_wake_when_due(w);
    /* Still the first send that may have happened: an error is final. */
    world_refused(w, "X-0-1", REASON_REQUEST_REFUSED);
    EXPECT(w, "X-0-1 intent>refused(request_refused), X-0 attempting>failed(request_refused)");
}

static void throttled_after_silence_stays_unknown(void **state)
{
    (void)state;
    given_an_unknown_attempt();
    world_wake_when_due(w);
    world_later(w, "X-0-1");
    EXPECT(w, "");
    assert_int_equal(world_charge(w, "X-0")->attempt.state, ATTEMPT_UNKNOWN);
    EXPECT_WAKE(w, "2026-01-01T00:00:03Z", LANE_SETTLE);
}

static void late_repeated_and_foreign_answers_change_nothing(void **state)
{
    (void)state;
    given_an_attempt();
    world_done(w, "Y-0-1");
    EXPECT(w, "");
    world_done(w, "X-0-2");
    EXPECT(w, "");
    world_done(w, "X-0");
    EXPECT(w, "");
    world_declined(w, "X-0-1", REASON_PROCESSING_FAILURE);
    world_done(w, "X-0-1");
    EXPECT(w, "");
    world_wake_when_due(w);
    EXPECT(w, "X-0-2 new>intent, X-0 retrying>attempting | authorize X-0-2");
    world_done(w, "X-0-1"); /* of the attempt before */
    EXPECT(w, "");
    world_done(w, "X-0-2");
    world_done(w, "X-0-2");
    EXPECT(w, "");
    EXPECT_LIMIT(w, 1200, 0);
}

static void a_late_answer_of_a_throttled_send_counts(void **state)
{
    (void)state;
    given_an_attempt();
    world_later(w, "X-0-1");
    world_done(w, "X-0-1");
    EXPECT(w, "X-0-1 postponed>intent, X-0-1 intent>captured, X-0 attempting>paid");

    given_an_attempt();
    world_later(w, "X-0-1");
    world_unanswered(w, "X-0-1");
    EXPECT(w, "X-0-1 postponed>intent, X-0-1 intent>unknown(no_answer)");
}

/* --- crashes ------------------------------------------------------------------------------- */

static void after_a_crash_the_intent_is_sent_again(void **state)
{
    (void)state;
    given_an_attempt();
    world_crash(w);
    world_wake(w);
    EXPECT(w, "X-0-1 intent>unknown(no_answer) | authorize X-0-1");
    world_crash(w);
    world_wake(w);
    EXPECT(w, "| authorize X-0-1");
    world_refused(w, "X-0-1", REASON_REQUEST_REFUSED);
    EXPECT(w, ""); /* the send before the crash may have been captured */
    world_crash(w);
    world_wake_when_due(w);
    EXPECT(w, "| discover X-0-1");
    world_crash(w);
    world_wake(w);
    EXPECT(w, "| discover X-0-1");
    world_done(w, "X-0-1");
    EXPECT(w, "X-0-1 unknown>captured, X-0 attempting>paid");
}

static void after_a_crash_what_is_not_on_the_wire_waits_its_time(void **state)
{
    (void)state;
    given_an_attempt();
    world_later(w, "X-0-1");
    world_crash(w);
    world_wake(w);
    EXPECT(w, "");
    world_wake_when_due(w);
    EXPECT(w, "X-0-1 postponed>intent | authorize X-0-1");
    world_crash(w);
    world_wake(w);
    EXPECT(w, "X-0-1 intent>unknown(no_answer) | authorize X-0-1");
    world_pending(w, "X-0-1");
    world_crash(w);
    world_wake_when_due(w);
    EXPECT(w, "| look_up X-0-1");
    world_declined(w, "X-0-1", REASON_PROCESSING_FAILURE);
    world_crash(w);
    world_wake(w);
    EXPECT(w, "");
    world_wake_when_due(w);
    EXPECT(w, "X-0-2 new>intent, X-0 retrying>attempting | authorize X-0-2");
}

static void a_step_that_was_not_recorded_is_done_again(void **state)
{
    (void)state;
    world_start(w, "2026-01-01T00:00:00Z");
    world_open(w, "50000", "JPY");
    struct event event = subscribe_monthly(w, 'A', "1200", "JPY", "2026-01-02");
    assert_true(world_step(w, &event));
    world_at(w, "2026-01-02T00:00:00Z");
    world_step_lost(w, &(struct event){.kind = EVENT_WAKE});
    EXPECT(w, "A-1 new>due, A-1-1 new>intent, A-1 due>attempting | authorize A-1-1");
    world_wake(w);
    EXPECT(w, "A-1 new>due, A-1-1 new>intent, A-1 due>attempting | authorize A-1-1");
    world_wake(w);
    EXPECT(w, "");
}

static void no_clock_set_back_charges_again(void **state)
{
    (void)state;
    world_start(w, "2026-01-01T00:00:00Z");
    world_open(w, "50000", "JPY");
    struct event event = subscribe_monthly(w, 'A', "1200", "JPY", "2026-01-01");
    assert_true(world_step(w, &event));
    world_at(w, "2025-12-31T23:00:00Z");
    world_wake(w);
    EXPECT(w, "");
    world_done(w, "A-1-1");
    world_at(w, "2026-01-01T00:00:00Z");
    world_wake(w);
    EXPECT(w, "");
}

/* Sent again it would be the first send that counts: what stands in a new attempt's way stands in
 * its way, too. Nothing was sent, so the retry list does not count it. */
static void what_was_postponed_is_held_like_a_new_attempt(void **state)
{
    (void)state;
    given_an_attempt();
    world_later(w, "X-0-1");
    EXPECT(w, "X-0-1 intent>postponed(throttled)");
    w->hold = (struct hold){REASON_STOPPED, INSTANT_NEVER};
    world_wake_when_due(w);
    EXPECT(w, "X-0-1 postponed>refused(stopped), X-0 attempting>waiting(stopped)");
    EXPECT_LIMIT(w, 0, 0);
    w->hold = (struct hold){REASON_NONE, INSTANT_NEVER};
    world_wake(w);
    EXPECT(w, "X-0-2 new>intent, X-0 waiting>attempting | authorize X-0-2");
    world_later(w, "X-0-2");
    w->hold = (struct hold){REASON_HELD_BACK, instant_plus(w->now, HOUR_MS)};
    world_wake_when_due(w); /* it did not happen, and has time: the same request, later */
    EXPECT(w, "");
    assert_int_equal(world_charge(w, "X-0")->attempt.reason, REASON_HELD_BACK);
    EXPECT_WAKE(w, "2026-01-01T01:00:01Z", LANE_RETRY);
    world_wake_when_due(w);
    EXPECT(w, "X-0-2 postponed>intent | authorize X-0-2");
    world_declined(w, "X-0-2", REASON_AMAZON_REJECTED);
    EXPECT(w, "X-0-2 intent>declined(AmazonRejected), X-0 attempting>retrying(AmazonRejected)");
    assert_int_equal(world_charge(w, "X-0")->retry_at.utc_ms - w->now.utc_ms, DAY_MS);
}

/* Amazon cannot be reached for a day, and the breaker lets one request try from time to time: none
 * of them has left this machine, so none of them counts as an attempt of the charge. */
static void an_outage_uses_up_no_attempts(void **state)
{
    (void)state;
    given_an_attempt();
    for (uint32_t i = 0; i < 3 * w->policy.attempts_max; i++) {
        world_later(w, "X-0-1");
        w->hold = (struct hold){REASON_HELD_BACK, instant_plus(w->now, 10 * MINUTE_MS)};
        world_wake_when_due(w);
        assert_int_equal(w->effects.call_count, 0);
        world_wake_when_due(w);
        EXPECT(w, "X-0-1 postponed>intent | authorize X-0-1");
    }
    w->hold = (struct hold){REASON_NONE, INSTANT_NEVER};
    world_done(w, "X-0-1");
    EXPECT(w, "X-0-1 intent>captured, X-0 attempting>paid");
}

/* The agreement ended while a one-off was on its way, and then Amazon had not taken it: nothing
 * else would ever wake it. */
static void what_was_postponed_is_over_with_its_agreement(void **state)
{
    (void)state;
    given_an_attempt();
    assert_true(world_sync(w));
    world_found(w, AGREEMENT_CLOSED);
    EXPECT(w, "agreement open>closed");
    world_later(w, "X-0-1");
    EXPECT(w, "X-0-1 intent>postponed(throttled), X-0-1 postponed>refused(agreement_ended), "
              "X-0 attempting>canceled(agreement_ended)");
    EXPECT_LIMIT(w, 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(silence_is_answered_by_the_same_request),
        cmocka_unit_test(the_resent_request_shows_a_decline),
        cmocka_unit_test(an_error_ends_the_first_send_only),
        cmocka_unit_test(a_decline_that_is_found_may_have_a_captured_sister),
        cmocka_unit_test(a_refused_resend_is_looked_for_and_found),
        cmocka_unit_test(absent_counts_only_when_every_send_was_old),
        cmocka_unit_test(a_slow_discovery_saw_the_list_when_it_began),
        cmocka_unit_test(a_clock_that_jumped_makes_no_send_old),
        cmocka_unit_test(what_was_sent_before_a_step_of_the_clock_is_as_old_as_the_step),
        cmocka_unit_test(absent_after_a_long_outage_is_not_old),
        cmocka_unit_test(a_lost_discovery_is_repeated),
        cmocka_unit_test(a_duplicate_is_looked_for),
        cmocka_unit_test(throttled_means_that_nothing_happened),
        cmocka_unit_test(throttled_after_silence_stays_unknown),
        cmocka_unit_test(late_repeated_and_foreign_answers_change_nothing),
        cmocka_unit_test(a_late_answer_of_a_throttled_send_counts),
        cmocka_unit_test(after_a_crash_the_intent_is_sent_again),
        cmocka_unit_test(after_a_crash_what_is_not_on_the_wire_waits_its_time),
        cmocka_unit_test(a_step_that_was_not_recorded_is_done_again),
        cmocka_unit_test(no_clock_set_back_charges_again),
        cmocka_unit_test(what_was_postponed_is_held_like_a_new_attempt),
        cmocka_unit_test(an_outage_uses_up_no_attempts),
        cmocka_unit_test(what_was_postponed_is_over_with_its_agreement),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
