/*
 * test_step_modes.c - the three ways to authorize, what is pending, and looking before asking
 * again.
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

static void given(enum policy_authorization authorization, enum policy_settle settle_by)
{
    world_start(w, "2026-01-01T00:00:00Z");
    world_open(w, "50000", "JPY");
    w->policy.authorization = authorization;
    w->policy.settle_by = settle_by;
}

/* X-0-1 is on the wire. */
static void given_an_attempt(enum policy_authorization authorization, enum policy_settle settle_by)
{
    given(authorization, settle_by);
    assert_true(world_charge_once(w, 'X', "1200", "JPY"));
    EXPECT(w, "X-0 new>due, X-0-1 new>intent, X-0 due>attempting | authorize X-0-1");
}

static const struct attempt *attempt_of(const char *charge)
{
    return &world_charge(w, charge)->attempt;
}

/* --- modes --------------------------------------------------------------------------------- */

static void the_timeout_is_part_of_the_intent(void **state)
{
    (void)state;
    given_an_attempt(POLICY_SYNCHRONOUS, POLICY_BY_REPEAT);
    assert_int_equal(attempt_of("X-0")->timeout_minutes, 0);
    given_an_attempt(POLICY_MIXED, POLICY_BY_REPEAT);
    assert_int_equal(attempt_of("X-0")->timeout_minutes, 0);
    given_an_attempt(POLICY_ASYNCHRONOUS, POLICY_BY_REPEAT);
    assert_int_equal(attempt_of("X-0")->timeout_minutes, 1440);
    w->policy.authorization = POLICY_SYNCHRONOUS; /* changed by a reload: re-sends stay the same */
    world_unanswered(w, "X-0-1");
    world_wake_when_due(w);
    EXPECT(w, "| authorize X-0-1");
    assert_int_equal(attempt_of("X-0")->timeout_minutes, 1440);
    world_declined(w, "X-0-1", REASON_PROCESSING_FAILURE);
    world_wake_when_due(w);
    EXPECT(w, "X-0-2 new>intent, X-0 retrying>attempting | authorize X-0-2");
    assert_int_equal(attempt_of("X-0")->timeout_minutes, 0);
}

/* It timed out, and that is recorded before the next attempt begins. */
#define TIMED_OUT_AT_ONCE(charge, before)                                                          \
    charge "-" before " intent>declined(TransactionTimedOut), " charge                             \
           " attempting>retrying(TransactionTimedOut)"
#define ASKED_ONCE_MORE(charge, after)                                                             \
    charge "-" after " new>intent, " charge " retrying>attempting | authorize " charge "-" after

static void mixed_asks_once_more_and_gives_a_day(void **state)
{
    (void)state;
    given_an_attempt(POLICY_MIXED, POLICY_BY_REPEAT);
    world_declined(w, "X-0-1", REASON_TRANSACTION_TIMED_OUT);
    EXPECT(w, TIMED_OUT_AT_ONCE("X-0", "1"));
    EXPECT_LIMIT(w, 0, 0);
    assert_int_equal(w->account.agreement.wake_at.utc_ms, w->now.utc_ms);
    world_wake_when_due(w);
    EXPECT(w, ASKED_ONCE_MORE("X-0", "2"));
    EXPECT_LIMIT(w, 0, 1200);
    assert_int_equal(attempt_of("X-0")->timeout_minutes, 1440);
    world_pending(w, "X-0-2");
    world_wake_when_due(w);
    world_done(w, "X-0-2");
    EXPECT(w, "X-0-2 unknown>captured, X-0 attempting>paid");
    EXPECT_LIMIT(w, 1200, 0);
}

/* Each entry of the retry list gets both: the attempts in between do not use it up. */
static void mixed_does_not_use_up_the_retry_list(void **state)
{
    (void)state;
    static const int64_t waits_ms[] = {5 * MINUTE_MS, 1 * HOUR_MS, 6 * HOUR_MS};
    given_an_attempt(POLICY_MIXED, POLICY_BY_REPEAT);
    for (size_t i = 0; i < 3; i++) {
        char sync[8];
        char async[8];
        (void)snprintf(sync, sizeof sync, "X-0-%zu", 2 * i + 1);
        (void)snprintf(async, sizeof async, "X-0-%zu", 2 * i + 2);
        assert_int_equal(attempt_of("X-0")->timeout_minutes, 0);
        world_declined(w, sync, REASON_TRANSACTION_TIMED_OUT);
        world_wake_when_due(w);
        assert_int_equal(attempt_of("X-0")->timeout_minutes, 1440);
        struct instant timed_out_at = w->now;
        world_declined(w, async, REASON_TRANSACTION_TIMED_OUT);
        assert_int_equal(world_charge(w, "X-0")->retry_at.utc_ms - timed_out_at.utc_ms,
                         waits_ms[i]);
        world_crash(w);
        world_wake_when_due(w);
    }
    world_declined(w, "X-0-7", REASON_TRANSACTION_TIMED_OUT);
    EXPECT(w, TIMED_OUT_AT_ONCE("X-0", "7"));
    world_wake_when_due(w);
    EXPECT(w, ASKED_ONCE_MORE("X-0", "8"));
    world_declined(w, "X-0-8", REASON_TRANSACTION_TIMED_OUT);
    EXPECT(w, "X-0-8 intent>declined(TransactionTimedOut), "
              "X-0 attempting>failed(TransactionTimedOut)");
    EXPECT_LIMIT(w, 0, 0);
}

static void mixed_repeats_only_that_decline(void **state)
{
    (void)state;
    static const enum reason reasons[] = {REASON_INVALID_PAYMENT_METHOD_SOFT,
                                          REASON_AMAZON_REJECTED, REASON_PROCESSING_FAILURE};
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        given_an_attempt(POLICY_MIXED, POLICY_BY_REPEAT);
        world_declined(w, "X-0-1", reasons[i]);
        assert_int_equal(world_charge(w, "X-0")->state, CHARGE_RETRYING);
        assert_true(instant_before(w->now, world_charge(w, "X-0")->retry_at));
    }
    /* Nor an error of that name that shows no authorization, nor in the other modes. */
    given_an_attempt(POLICY_ASYNCHRONOUS, POLICY_BY_REPEAT);
    world_declined(w, "X-0-1", REASON_TRANSACTION_TIMED_OUT);
    EXPECT(w, "X-0-1 intent>declined(TransactionTimedOut), "
              "X-0 attempting>retrying(TransactionTimedOut)");
    given_an_attempt(POLICY_SYNCHRONOUS, POLICY_BY_REPEAT);
    world_declined(w, "X-0-1", REASON_TRANSACTION_TIMED_OUT);
    EXPECT(w, "X-0-1 intent>declined(TransactionTimedOut), "
              "X-0 attempting>retrying(TransactionTimedOut)");
}

/* The attempt that may take a day has the same rules as any: limit, agreement, cancellation. */
static void mixed_keeps_every_rule(void **state)
{
    (void)state;
    given(POLICY_MIXED, POLICY_BY_REPEAT);
    struct event event = subscribe_monthly(w, 'A', "1200", "JPY", "2026-01-01");
    assert_true(world_step(w, &event));
    assert_true(world_cancel(w, 'A', false));
    world_declined(w, "A-1-1", REASON_TRANSACTION_TIMED_OUT);
    EXPECT(w, "A-1-1 intent>declined(TransactionTimedOut), "
              "A-1 attempting>canceled(subscription_canceled) | close");

    given_an_attempt(POLICY_MIXED, POLICY_BY_REPEAT);
    assert_true(world_sync(w));
    world_found(w, AGREEMENT_SUSPENDED);
    world_declined(w, "X-0-1", REASON_TRANSACTION_TIMED_OUT);
    EXPECT(w, "X-0-1 intent>declined(TransactionTimedOut), "
              "X-0 attempting>retrying(TransactionTimedOut)");
    world_wake_when_due(w);
    EXPECT(w, "X-0 retrying>waiting(agreement_suspended)");
    w->policy.authorization = POLICY_MIXED;
    assert_true(world_sync(w));
    world_found(w, AGREEMENT_OPEN);
    EXPECT(w, "agreement suspended>open, X-0-2 new>intent, X-0 waiting>attempting"
              " | authorize X-0-2");
    assert_int_equal(attempt_of("X-0")->timeout_minutes, 1440);
}

/* --- pending ------------------------------------------------------------------------------- */

static void pending_is_looked_up_at_its_own_waits(void **state)
{
    (void)state;
    static const int64_t waits_ms[] = {30 * SECOND_MS, 2 * MINUTE_MS, 15 * MINUTE_MS,
                                       15 * MINUTE_MS};
    given_an_attempt(POLICY_ASYNCHRONOUS, POLICY_BY_REPEAT);
    world_unanswered(w, "X-0-1"); /* waits of silence do not count here */
    world_wake_when_due(w);
    for (size_t i = 0; i < sizeof waits_ms / sizeof waits_ms[0]; i++) {
        struct instant told_at = w->now;
        world_pending(w, "X-0-1");
        assert_true(attempt_is_pending(attempt_of("X-0")));
        EXPECT_LIMIT(w, 0, 1200);
        assert_int_equal(w->account.agreement.lane, LANE_CARE);
        assert_int_equal(w->account.agreement.wake_at.utc_ms - told_at.utc_ms, waits_ms[i]);
        world_wake_when_due(w);
        EXPECT(w, "| look_up X-0-1");
    }
    world_done(w, "X-0-1");
    EXPECT(w, "X-0-1 unknown>captured, X-0 attempting>paid");
    EXPECT_LIMIT(w, 1200, 0);
}

static void a_lost_look_up_leaves_it_pending(void **state)
{
    (void)state;
    given_an_attempt(POLICY_ASYNCHRONOUS, POLICY_BY_DISCOVERY);
    world_pending(w, "X-0-1");
    EXPECT(w, "X-0-1 intent>unknown(pending)");
    for (int i = 0; i < 3; i++) {
        world_wake_when_due(w);
        EXPECT(w, "| look_up X-0-1");
        if (i % 2 == 0) {
            world_unanswered(w, "X-0-1");
        } else {
            world_later(w, "X-0-1");
        }
        EXPECT(w, "");
        assert_true(attempt_is_pending(attempt_of("X-0")));
        assert_int_equal(w->account.agreement.lane, LANE_CARE);
    }
    world_crash(w);
    world_wake_when_due(w);
    EXPECT(w, "| look_up X-0-1");
    world_crash(w);
    world_wake(w);
    EXPECT(w, "| look_up X-0-1");
}

/* A look-up that Amazon refuses is no longer nothing wrong. */
static void a_refused_look_up_is_no_longer_pending(void **state)
{
    (void)state;
    given_an_attempt(POLICY_ASYNCHRONOUS, POLICY_BY_REPEAT);
    world_pending(w, "X-0-1");
    world_wake_when_due(w);
    world_refused(w, "X-0-1", REASON_REQUEST_REFUSED);
    EXPECT(w, "");
    assert_false(attempt_is_pending(attempt_of("X-0")));
    assert_int_equal(w->account.agreement.lane, LANE_SETTLE);
    world_wake_when_due(w);
    EXPECT(w, "| discover X-0-1");
    world_pending(w, "X-0-1");
    assert_true(attempt_is_pending(attempt_of("X-0")));
    world_wake_when_due(w);
    EXPECT(w, "| look_up X-0-1");
    world_declined(w, "X-0-1", REASON_NOT_CAPTURED);
    EXPECT(w, "X-0-1 unknown>refused(not_captured), X-0 attempting>failed(not_captured) | sync");
}

/* Amazon canceled the agreement, and with it what was authorized: that is asked for at once, and
 * the charge does not wait a day for it. */
static void closed_without_capture_asks_for_the_agreement(void **state)
{
    (void)state;
    given(POLICY_ASYNCHRONOUS, POLICY_BY_REPEAT);
    w->policy.retry[REASON_NOT_CAPTURED].waits = (struct policy_waits){1, {DAY_MS}};
    assert_true(world_charge_once(w, 'X', "1200", "JPY"));
    world_pending(w, "X-0-1");
    world_wake_when_due(w);
    world_declined(w, "X-0-1", REASON_NOT_CAPTURED);
    EXPECT(w, "X-0-1 unknown>refused(not_captured), X-0 attempting>retrying(not_captured) | sync");
    world_found(w, AGREEMENT_CANCELED);
    EXPECT(w, "agreement open>canceled, X-0 retrying>canceled(agreement_ended)");
}

static void pending_counts_against_the_limit(void **state)
{
    (void)state;
    given(POLICY_ASYNCHRONOUS, POLICY_BY_REPEAT);
    assert_true(world_charge_once(w, 'X', "30000", "JPY"));
    world_pending(w, "X-0-1");
    assert_true(world_charge_once(w, 'Y', "30000", "JPY"));
    EXPECT(w, "Y-0 new>due, Y-0 due>held(limit_short)");
    EXPECT_LIMIT(w, 0, 30000);
    world_wake_when_due(w);
    world_declined(w, "X-0-1", REASON_TRANSACTION_TIMED_OUT);
    EXPECT_LIMIT(w, 0, 0);
}

/* Canceled while pending: whatever Amazon decides is recorded once, and nothing follows. */
static void canceled_while_pending(void **state)
{
    (void)state;
    for (int captured = 0; captured < 2; captured++) {
        given(POLICY_MIXED, POLICY_BY_REPEAT);
        w->policy.authorization = captured ? POLICY_ASYNCHRONOUS : POLICY_MIXED;
        struct event event = subscribe_monthly(w, 'A', "1200", "JPY", "2026-01-01");
        assert_true(world_step(w, &event));
        world_pending(w, "A-1-1");
        assert_true(world_cancel(w, 'A', false));
        EXPECT(w, "A active>canceled(subscription_canceled)");
        assert_int_equal(w->account.agreement.care, CARE_NONE); /* not closed while it is open */
        world_wake_when_due(w);
        EXPECT(w, "| look_up A-1-1");
        world_unanswered(w, "A-1-1");
        world_noticed(w, NOTICE_AUTHORIZATION, "A-1-1");
        EXPECT(w, "| look_up A-1-1");
        if (captured) {
            world_done(w, "A-1-1");
            EXPECT(w, "A-1-1 unknown>captured, A-1 attempting>paid | close");
            EXPECT_LIMIT(w, 1200, 0);
        } else {
            world_declined(w, "A-1-1", REASON_TRANSACTION_TIMED_OUT);
            EXPECT(w, "A-1-1 unknown>declined(TransactionTimedOut), "
                      "A-1 attempting>canceled(subscription_canceled) | close");
            EXPECT_LIMIT(w, 0, 0);
        }
        world_done(w, "A-1-1");
        EXPECT(w, "");
    }
}

/* --- looking before asking again ----------------------------------------------------------- */

static void silence_is_looked_into_first(void **state)
{
    (void)state;
    given_an_attempt(POLICY_SYNCHRONOUS, POLICY_BY_DISCOVERY);
    world_unanswered(w, "X-0-1");
    EXPECT(w, "X-0-1 intent>unknown(no_answer)");
    world_wake_when_due(w);
    EXPECT(w, "| discover X-0-1");
    world_done(w, "X-0-1");
    EXPECT(w, "X-0-1 unknown>captured, X-0 attempting>paid");
}

static void what_is_not_listed_is_requested_again_identically(void **state)
{
    (void)state;
    given_an_attempt(POLICY_ASYNCHRONOUS, POLICY_BY_DISCOVERY);
    for (int round = 0; round < 3; round++) {
        struct instant silent_at = w->now;
        struct instant listed_at = instant_plus(silent_at, w->policy.answer_deadline_ms);
        world_unanswered(w, "X-0-1");
        world_wake_when_due(w);
        for (unsigned looks = 0; instant_before(w->now, listed_at); looks++) {
            EXPECT(w, "| discover X-0-1");
            world_absent(w, "X-0-1");
            EXPECT(w, "");
            world_wake_when_due(w);
            assert_true(looks < 10);
        }
        EXPECT(w, "| discover X-0-1");
        world_absent(w, "X-0-1");
        EXPECT(w, ""); /* absence alone ends nothing */
        EXPECT_LIMIT(w, 0, 1200);
        world_wake_when_due(w);
        EXPECT(w, "| authorize X-0-1");
        assert_int_equal(attempt_of("X-0")->timeout_minutes, 1440);
    }
    /* The re-send may have been captured: an error is looked into. */
    world_refused(w, "X-0-1", REASON_PERIODIC_AMOUNT_EXCEEDED);
    EXPECT(w, "");
    world_wake_when_due(w);
    EXPECT(w, "| discover X-0-1");
    world_done(w, "X-0-1");
    EXPECT(w, "X-0-1 unknown>captured, X-0 attempting>paid");
}

static void after_a_crash_it_looks_first_too(void **state)
{
    (void)state;
    given_an_attempt(POLICY_SYNCHRONOUS, POLICY_BY_DISCOVERY);
    world_crash(w);
    world_pass(w, DAY_MS);
    world_wake(w);
    EXPECT(w, "X-0-1 intent>unknown(no_answer) | discover X-0-1");
    world_absent(w, "X-0-1"); /* a day old, but nobody knows when it was sent last */
    world_wake_when_due(w);
    EXPECT(w, "| discover X-0-1");
    world_absent(w, "X-0-1");
    world_pass(w, MINUTE_MS);
    world_wake(w);
    world_absent(w, "X-0-1");
    world_wake_when_due(w);
    EXPECT(w, "| authorize X-0-1");
    world_crash(w); /* while the re-send is on the wire */
    world_pass(w, DAY_MS);
    world_wake(w);
    EXPECT(w, "| discover X-0-1");
    world_absent(w, "X-0-1");
    world_wake_when_due(w);
    EXPECT(w, "| discover X-0-1");
    world_pending(w, "X-0-1");
    world_wake_when_due(w);
    EXPECT(w, "| look_up X-0-1");
}

static void a_throttled_resend_is_made_again(void **state)
{
    (void)state;
    given_an_attempt(POLICY_SYNCHRONOUS, POLICY_BY_DISCOVERY);
    world_unanswered(w, "X-0-1");
    world_pass(w, HOUR_MS);
    world_wake(w);
    world_absent(w, "X-0-1");
    world_wake_when_due(w);
    EXPECT(w, "| authorize X-0-1");
    world_later(w, "X-0-1");
    EXPECT(w, "");
    world_wake_when_due(w);
    EXPECT(w, "| authorize X-0-1");
}

static void an_error_still_ends_the_first_send(void **state)
{
    (void)state;
    given_an_attempt(POLICY_SYNCHRONOUS, POLICY_BY_DISCOVERY);
    world_later(w, "X-0-1");
    world_wake_when_due(w);
    EXPECT(w, "X-0-1 postponed>intent | authorize X-0-1");
    world_refused(w, "X-0-1", REASON_REQUEST_REFUSED);
    EXPECT(w, "X-0-1 intent>refused(request_refused), X-0 attempting>failed(request_refused)");
}

/* A send that Amazon made after an earlier one was refused: the earlier answer's age must not be
 * taken for the later send's. */
static void the_age_is_that_of_the_latest_send(void **state)
{
    (void)state;
    given(POLICY_SYNCHRONOUS, POLICY_BY_REPEAT);
    struct event event = subscribe_monthly(w, 'A', "1200", "JPY", "2026-01-01");
    assert_true(world_step(w, &event));
    world_unanswered(w, "A-1-1");
    world_wake_when_due(w);
    world_refused(w, "A-1-1", REASON_REQUEST_REFUSED);
    world_pass(w, HOUR_MS);
    world_wake(w);
    EXPECT(w, "| discover A-1-1");
    world_unanswered(w, "A-1-1"); /* the error is forgotten */
    world_wake_when_due(w);
    world_absent(w, "A-1-1");
    world_wake_when_due(w);
    EXPECT(w, "| authorize A-1-1");
    world_duplicate(w, "A-1-1"); /* made only now, and not listed yet */
    assert_true(world_cancel(w, 'A', false));
    world_wake_when_due(w);
    EXPECT(w, "| discover A-1-1");
    world_absent(w, "A-1-1");
    EXPECT(w, "");
    world_wake_when_due(w);
    EXPECT(w, "| discover A-1-1");
    world_done(w, "A-1-1");
    EXPECT(w, "A-1-1 unknown>captured, A-1 attempting>paid | close");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_timeout_is_part_of_the_intent),
        cmocka_unit_test(mixed_asks_once_more_and_gives_a_day),
        cmocka_unit_test(mixed_does_not_use_up_the_retry_list),
        cmocka_unit_test(mixed_repeats_only_that_decline),
        cmocka_unit_test(mixed_keeps_every_rule),
        cmocka_unit_test(pending_is_looked_up_at_its_own_waits),
        cmocka_unit_test(a_lost_look_up_leaves_it_pending),
        cmocka_unit_test(a_refused_look_up_is_no_longer_pending),
        cmocka_unit_test(closed_without_capture_asks_for_the_agreement),
        cmocka_unit_test(pending_counts_against_the_limit),
        cmocka_unit_test(canceled_while_pending),
        cmocka_unit_test(silence_is_looked_into_first),
        cmocka_unit_test(what_is_not_listed_is_requested_again_identically),
        cmocka_unit_test(after_a_crash_it_looks_first_too),
        cmocka_unit_test(a_throttled_resend_is_made_again),
        cmocka_unit_test(an_error_still_ends_the_first_send),
        cmocka_unit_test(the_age_is_that_of_the_latest_send),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
