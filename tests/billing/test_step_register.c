/*
 * test_step_register.c - an agreement from its registration to Open, and back from Suspended.
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

static struct event open_answer(void)
{
    return sync_answer(AGREEMENT_OPEN, "50000", "50000", "JPY", "2026-01-01T00:00:00Z",
                       "2026-02-01T00:00:00Z");
}

static struct event validation(bool is_valid)
{
    struct event event = care_answer(CARE_VALIDATE, OUTCOME_DONE);
    event.care.is_valid = is_valid;
    return event;
}

static struct event reasoned(struct event event, enum reason reason)
{
    event.care.reason = reason;
    return event;
}

/* Registered with the wish to confirm it, and found Draft. */
static void given_a_draft(void)
{
    world_start(w, "2026-01-01T00:00:00Z");
    w->policy.validate_every_ms = 1 * DAY_MS;
    assert_true(world_register(w, true));
    world_found(w, AGREEMENT_DRAFT);
    EXPECT(w, "agreement unsynced>draft | set");
}

static void given_a_confirmed_draft(void)
{
    given_a_draft();
    STEP(w, care_answer(CARE_SET, OUTCOME_DONE), "| confirm");
    STEP(w, care_answer(CARE_CONFIRM, OUTCOME_DONE), "| sync");
    STEP(w, open_answer(), "| validate");
}

/* Found Suspended at midnight. */
static void given_a_suspended_one(void)
{
    world_start(w, "2026-01-01T00:00:00Z");
    w->policy.validate_every_ms = 1 * DAY_MS;
    world_open(w, "50000", "JPY");
    assert_true(world_sync(w));
    world_found(w, AGREEMENT_SUSPENDED);
    EXPECT(w, "agreement open>suspended");
}

/* --- registration --------------------------------------------------------------------------- */

static void a_draft_is_set_confirmed_validated_and_then_charged(void **state)
{
    (void)state;
    given_a_draft();
    struct event event = subscribe_monthly(w, 'A', "1200", "JPY", "2026-01-01");
    STEP(w, event, "A new>active, A-1 new>due, A-1 due>waiting(agreement_suspended)");
    STEP(w, care_answer(CARE_SET, OUTCOME_DONE), "| confirm");
    STEP(w, care_answer(CARE_CONFIRM, OUTCOME_DONE), "| sync");
    STEP(w, open_answer(), "| validate");
    STEP(w, validation(true), "| sync");
    STEP(w, open_answer(),
         "agreement draft>open, A-1-1 new>intent, A-1 waiting>attempting "
         "| authorize A-1-1");
    EXPECT_WAKE(w, "2026-02-01T00:00:00Z", LANE_RENEWAL);
    assert_false(w->account.agreement.confirm_wanted);
}

static void each_call_is_repeated_until_it_is_answered(void **state)
{
    (void)state;
    static const enum care cares[] = {CARE_SET, CARE_CONFIRM, CARE_SYNC, CARE_VALIDATE, CARE_SYNC};
    static const char *const repeated[] = {"| set", "| confirm", "| sync", "| validate", "| sync"};
    given_a_draft();
    for (size_t i = 0; i < 5; i++) {
        int64_t waited_ms = 0;
        for (unsigned lost = 0; lost < 3; lost++) {
            struct instant asked_at = w->now;
            STEP(w, care_answer(cares[i], lost == 0 ? OUTCOME_LATER : OUTCOME_UNKNOWN), "");
            world_wake_when_due(w);
            EXPECT(w, repeated[i]);
            assert_true(w->now.utc_ms - asked_at.utc_ms > waited_ms);
            waited_ms = w->now.utc_ms - asked_at.utc_ms;
        }
        world_crash(w);
        world_wake(w);
        EXPECT(w, repeated[i]);
        struct event answer = cares[i] == CARE_SYNC       ? open_answer()
                              : cares[i] == CARE_VALIDATE ? validation(true)
                                                          : care_answer(cares[i], OUTCOME_DONE);
        STEP(w, answer, i + 1 < 5 ? repeated[i + 1] : "agreement draft>open");
    }
    EXPECT_WAKE(w, "never", LANE_CARE);
}

static void an_open_one_is_adopted_and_validated_only_when_asked(void **state)
{
    (void)state;
    world_start(w, "2026-01-01T00:00:00Z");
    w->policy.validate_every_ms = 1 * DAY_MS;
    assert_true(world_register(w, false));
    STEP(w, open_answer(), "agreement unsynced>open");
    EXPECT_WAKE(w, "never", LANE_CARE);

    world_start(w, "2026-01-01T00:00:00Z");
    assert_true(world_register(w, true));
    STEP(w, open_answer(), "| validate");
    STEP(w, validation(true), "| sync");
    STEP(w, open_answer(), "agreement unsynced>open");
}

static void a_failed_validation_suspends(void **state)
{
    (void)state;
    given_a_confirmed_draft();
    STEP(w, validation(false), "| sync");
    assert_int_equal(w->account.agreement.care_reason, REASON_VALIDATION_FAILED);
    STEP(w, sync_answer(AGREEMENT_SUSPENDED, NULL, NULL, NULL, NULL, NULL),
         "agreement draft>suspended(validation_failed)");
    REFUSED(w, ((struct event){.kind = EVENT_REGISTER}), ST_CONFLICT,
            "is suspended: to have it confirmed");
    /* The buyer chose another payment method in the shop, which is to be confirmed. */
    assert_true(world_register(w, true));
    EXPECT(w, "| confirm");
    assert_false(world_register(w, true));
    assert_int_equal(w->status, ST_CONFLICT);
    assert_non_null(strstr(w->problem.text, "it is being confirmed already"));
    STEP(w, care_answer(CARE_CONFIRM, OUTCOME_DONE), "| sync");
    STEP(w, open_answer(), "agreement suspended>open"); /* validated in this interval already */
}

static void a_failed_validation_of_an_open_one_is_amazons_to_judge(void **state)
{
    (void)state;
    given_a_confirmed_draft(); /* it timed out, say, and the agreement stayed Open */
    STEP(w, validation(false), "| sync");
    STEP(w, open_answer(), "agreement draft>open");
    EXPECT_WAKE(w, "never", LANE_CARE);

    given_a_confirmed_draft();
    STEP(w, reasoned(care_answer(CARE_VALIDATE, OUTCOME_REFUSED), REASON_REQUEST_REFUSED),
         "| sync");
    STEP(w, open_answer(), "agreement draft>open");
}

static void a_refusal_ends_the_wish_until_the_buyer_has_acted(void **state)
{
    (void)state;
    for (int at_confirm = 0; at_confirm < 2; at_confirm++) {
        given_a_draft();
        if (at_confirm) {
            STEP(w, care_answer(CARE_SET, OUTCOME_DONE), "| confirm");
        }
        STEP(w, care_answer(at_confirm ? CARE_CONFIRM : CARE_SET, OUTCOME_REFUSED), "| sync");
        world_found(w, AGREEMENT_DRAFT);
        EXPECT(w, "");
        EXPECT_WAKE(w, "2026-01-01T01:00:00Z", LANE_CARE);
        assert_true(world_register(w, true));
        EXPECT(w, "| sync");
        world_found(w, AGREEMENT_DRAFT);
        EXPECT(w, "| set");
    }
}

static void a_draft_with_constraints_waits_for_the_buyer(void **state)
{
    (void)state;
    world_start(w, "2026-01-01T00:00:00Z");
    assert_true(world_register(w, true));
    struct event draft = sync_answer(AGREEMENT_DRAFT, NULL, NULL, NULL, NULL, NULL);
    draft.care.has_constraints = true;
    STEP(w, draft, "agreement unsynced>draft");
    EXPECT_WAKE(w, "2026-01-01T01:00:00Z", LANE_CARE);
    world_wake_when_due(w);
    EXPECT(w, "| sync");
    world_found(w, AGREEMENT_DRAFT);
    EXPECT(w, "| set");
}

/* Canceled on the way: what is to be closed is neither confirmed nor validated. */
static void canceled_while_it_is_confirmed(void **state)
{
    (void)state;
    given_a_draft();
    struct event event = subscribe_monthly(w, 'A', "1200", "JPY", "2026-02-01");
    assert_true(world_step(w, &event));
    assert_true(world_cancel(w, 'A', false));
    STEP(w, care_answer(CARE_SET, OUTCOME_DONE), "| sync");

    given_a_draft();
    assert_true(world_step(w, &event));
    STEP(w, care_answer(CARE_SET, OUTCOME_LATER), "");
    assert_true(world_cancel(w, 'A', false));
    world_wake_when_due(w);
    EXPECT(w, "| sync");

    given_a_confirmed_draft();
    assert_true(world_step(w, &event));
    assert_true(world_cancel(w, 'A', false));
    EXPECT(w, "A active>canceled(subscription_canceled)");
    STEP(w, validation(true), "| sync");
    STEP(w, open_answer(), "agreement draft>open | close");
    assert_false(world_register(w, true));
}

/* --- suspended ------------------------------------------------------------------------------ */

static void a_suspended_one_is_validated_once_an_interval(void **state)
{
    (void)state;
    given_a_suspended_one();
    unsigned validations = 0;
    struct instant validated_at = INSTANT_NEVER;
    for (unsigned polls = 0; polls < 72; polls++) {
        struct instant asked_at = w->now;
        world_wake_when_due(w);
        assert_int_equal(w->now.utc_ms - asked_at.utc_ms, w->policy.suspended_poll_ms);
        if (w->effects.calls[0].kind == CALL_VALIDATE) {
            assert_true(validations == 0 ||
                        w->now.utc_ms - validated_at.utc_ms >= w->policy.validate_every_ms);
            validated_at = w->now;
            validations++;
            STEP(w, validation(false), "| sync");
        }
        world_found(w, AGREEMENT_SUSPENDED);
    }
    assert_int_equal(validations, 3);
}

/* Without an answer, throttled, or dead before it: the next one is in the next interval. */
static void a_validation_that_was_lost_is_not_repeated_at_once(void **state)
{
    (void)state;
    for (int kind = 0; kind < 3; kind++) {
        given_a_suspended_one();
        world_wake_when_due(w);
        EXPECT(w, "| validate");
        if (kind == 0) {
            world_crash(w);
            world_wake(w);
        } else {
            world_care(w, CARE_VALIDATE, kind == 1 ? OUTCOME_UNKNOWN : OUTCOME_LATER);
        }
        EXPECT(w, "| sync");
        world_found(w, AGREEMENT_SUSPENDED);
        world_wake_when_due(w);
        EXPECT(w, "| sync");
    }
}

static void found_open_everything_that_waits_is_tried_once(void **state)
{
    (void)state;
    given_a_suspended_one();
    assert_true(world_charge_once(w, 'X', "100", "JPY"));
    assert_true(world_charge_once(w, 'Y', "100", "JPY"));
    world_wake_when_due(w);
    EXPECT(w, "| validate");
    STEP(w, validation(true), "| sync");
    STEP(w, open_answer(),
         "agreement suspended>open, X-0-1 new>intent, X-0 waiting>attempting, Y-0-1 new>intent, "
         "Y-0 waiting>attempting | authorize X-0-1, authorize Y-0-1");
}

/* Amazon's notice that the buyer acted is not kept waiting by the validation that is to come. */
static void a_notice_asks_at_once(void **state)
{
    (void)state;
    given_a_suspended_one();
    assert_int_equal(w->account.agreement.care, CARE_VALIDATE);
    world_pass(w, MINUTE_MS);
    world_noticed(w, NOTICE_AGREEMENT, "");
    EXPECT(w, "| sync");
    world_found(w, AGREEMENT_SUSPENDED);
    world_wake_when_due(w);
    EXPECT(w, "| validate");
}

/* The buyer's new payment method may be as bad as the old one: each is confirmed. */
static void a_suspended_one_is_confirmed_whenever_it_is_registered_again(void **state)
{
    (void)state;
    struct problem *problem = &w->problem;
    given_a_suspended_one();
    for (int i = 0; i < 2; i++) {
        assert_true(world_register(w, true));
        EXPECT(w, "| confirm");
        assert_false(world_register(w, true)); /* it is being done */
        assert_int_equal(w->status, ST_CONFLICT);
        world_care(w, CARE_CONFIRM, OUTCOME_DONE);
        EXPECT(w, "| sync");
        assert_false(world_register(w, true)); /* what is on its way may be older */
        assert_int_equal(w->status, ST_BUSY);
        assert_non_null(strstr(problem->text, "in a moment"));
        world_found(w, AGREEMENT_SUSPENDED);
        EXPECT(w, "");
        world_pass(w, MINUTE_MS);
    }
    assert_false(world_register(w, false));
    assert_int_equal(w->status, ST_CONFLICT);
}

static void a_suspended_one_is_not_validated_when_the_policy_says_never(void **state)
{
    (void)state;
    given_a_suspended_one();
    w->policy.validate_every_ms = 0;
    world_wake_when_due(w); /* it was wanted before the policy changed */
    EXPECT(w, "| sync");
    world_found(w, AGREEMENT_SUSPENDED);
    world_wake_when_due(w);
    EXPECT(w, "| sync");
}

/* --- the end -------------------------------------------------------------------------------- */

static void who_ended_it_is_told(void **state)
{
    (void)state;
    static const struct {
        enum reason told;
        const char *line;
    } ends[] = {
        {REASON_NONE, "agreement open>canceled, A active>canceled(agreement_ended)"},
        {REASON_BUYER_CLOSED,
         "agreement open>canceled(buyer_closed), A active>canceled(buyer_closed)"},
        {REASON_MERCHANT_CLOSED,
         "agreement open>canceled(merchant_closed), A active>canceled(merchant_closed)"},
    };
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        world_start(w, "2026-01-01T00:00:00Z");
        world_open(w, "50000", "JPY");
        struct event event = subscribe_monthly(w, 'A', "1200", "JPY", "2026-02-01");
        assert_true(world_step(w, &event));
        assert_true(world_sync(w));
        STEP(w,
             reasoned(sync_answer(AGREEMENT_CANCELED, NULL, NULL, NULL, NULL, NULL), ends[i].told),
             ends[i].line);
    }
}

/* An attempt whose answer never comes keeps the agreement open until an operator forces it. */
static void a_close_may_be_forced(void **state)
{
    (void)state;
    struct event force = cancel_command('A', NULL);
    force.cancel.is_forced = true;
    for (int later = 0; later < 2; later++) {
        world_start(w, "2026-01-01T00:00:00Z");
        world_open(w, "50000", "JPY");
        struct event event = subscribe_monthly(w, 'A', "1200", "JPY", "2026-01-01");
        assert_true(world_step(w, &event));
        world_unanswered(w, "A-1-1");
        if (later) {
            assert_true(world_cancel(w, 'A', false));
            EXPECT(w, "A active>canceled(subscription_canceled)");
            STEP(w, force, "agreement to be closed forced(operator) | close");
            STEP(w, force, "");
        } else {
            STEP(w, force,
                 "A active>canceled(subscription_canceled), "
                 "agreement to be closed forced(operator) | close");
        }
        STEP(w, care_answer(CARE_CLOSE, OUTCOME_DONE), "agreement open>closed(merchant_closed)");
        REFUSED(w, force, ST_NOT_FOUND, "not live");
        world_wake_when_due(w); /* and the attempt is followed to its end all the same */
        EXPECT(w, "| discover A-1-1");
        world_done(w, "A-1-1");
        EXPECT(w, "A-1-1 unknown>captured, A-1 attempting>paid");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_draft_is_set_confirmed_validated_and_then_charged),
        cmocka_unit_test(each_call_is_repeated_until_it_is_answered),
        cmocka_unit_test(an_open_one_is_adopted_and_validated_only_when_asked),
        cmocka_unit_test(a_failed_validation_suspends),
        cmocka_unit_test(a_failed_validation_of_an_open_one_is_amazons_to_judge),
        cmocka_unit_test(a_refusal_ends_the_wish_until_the_buyer_has_acted),
        cmocka_unit_test(a_draft_with_constraints_waits_for_the_buyer),
        cmocka_unit_test(canceled_while_it_is_confirmed),
        cmocka_unit_test(a_suspended_one_is_validated_once_an_interval),
        cmocka_unit_test(a_validation_that_was_lost_is_not_repeated_at_once),
        cmocka_unit_test(found_open_everything_that_waits_is_tried_once),
        cmocka_unit_test(a_notice_asks_at_once),
        cmocka_unit_test(a_suspended_one_is_confirmed_whenever_it_is_registered_again),
        cmocka_unit_test(a_suspended_one_is_not_validated_when_the_policy_says_never),
        cmocka_unit_test(who_ended_it_is_told),
        cmocka_unit_test(a_close_may_be_forced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
