/*
 * test_step_charge.c - the life of a charge: cycles, retries, the limit, one-offs.
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

static void subscribe(char letter, const char *amount, const char *anchor)
{
    struct event event = subscribe_monthly(w, letter, amount, "JPY", anchor);
    assert_true(world_step(w, &event));
}

static void a_month_after_month(void **state)
{
    (void)state;
    world_start(w, "2026-01-10T12:00:00Z");
    assert_true(world_register(w, false));
    EXPECT(w, "agreement new>unsynced | sync");
    struct event open = sync_answer(AGREEMENT_OPEN, "50000", "50000", "JPY", "2026-01-01T00:00:00Z",
                                    "2026-02-01T00:00:00Z");
    assert_true(world_step(w, &open));
    EXPECT(w, "agreement unsynced>open");
    EXPECT_WAKE(w, "never", LANE_CARE);

    subscribe('A', "1200", "2026-01-31");
    EXPECT(w, "A new>active");
    EXPECT_WAKE(w, "2026-01-31T00:00:00Z", LANE_FIRST);
    world_wake(w);
    EXPECT(w, "");

    world_wake_when_due(w);
    EXPECT(w, "A-1 new>due, A-1-1 new>intent, A-1 due>attempting | authorize A-1-1");
    EXPECT_LIMIT(w, 0, 1200);
    EXPECT_WAKE(w, "2026-02-28T00:00:00Z", LANE_RENEWAL);
    world_done(w, "A-1-1");
    EXPECT(w, "A-1-1 intent>captured, A-1 attempting>paid");
    EXPECT_LIMIT(w, 1200, 0);
    assert_string_equal(world_charge(w, "A-1")->attempt.authorization_id, "S03-A-1-1-A");

    world_wake_when_due(w);
    EXPECT(w, "A-2 new>due, A-2-1 new>intent, A-2 due>attempting | authorize A-2-1");
    EXPECT_LIMIT(w, 0, 1200);
    world_done(w, "A-2-1");
    EXPECT_WAKE(w, "2026-03-31T00:00:00Z", LANE_RENEWAL);
}

static void a_trial_is_free(void **state)
{
    (void)state;
    world_start(w, "2026-01-10T12:00:00Z");
    world_open(w, "50000", "JPY");
    struct event event = subscribe_monthly(w, 'A', "1200", "JPY", "2026-01-10");
    event.subscribe.rule.trial_days = 30;
    assert_true(world_step(w, &event));
    EXPECT(w, "A new>active");
    EXPECT_WAKE(w, "2026-02-09T00:00:00Z", LANE_FIRST);
    world_at(w, "2026-02-08T23:59:59Z");
    world_wake(w);
    EXPECT(w, "");
    world_wake_when_due(w);
    EXPECT(w, "A-1 new>due, A-1-1 new>intent, A-1 due>attempting | authorize A-1-1");
}

static void the_first_charge_is_made_when_subscribing(void **state)
{
    (void)state;
    world_start(w, "2026-01-10T12:00:00Z");
    world_open(w, "50000", "JPY");
    subscribe('A', "1200", "2026-01-10");
    EXPECT(w, "A new>active, A-1 new>due, A-1-1 new>intent, A-1 due>attempting | authorize A-1-1");
    assert_true(world_charge(w, "A-1")->is_first);
}

/* A shop that lost the answer orders again, later: each change below is another order. */
static void the_same_order_is_recognised(void **state)
{
    (void)state;
    world_start(w, "2026-03-10T00:00:00Z");
    world_open(w, "50000", "JPY");
    struct event event = subscribe_monthly(w, 'A', "1200", "JPY", "2026-01-31");
    struct subscribe *wanted = &event.subscribe;
    wanted->charge_from = INSTANT_NEVER; /* not asked: from the event on */
    (void)snprintf(wanted->idempotency_key, sizeof wanted->idempotency_key, "signup-1");
    (void)snprintf(wanted->label, sizeof wanted->label, "gold");
    assert_true(world_step(w, &event));
    struct subscription made = w->account.subscriptions[0];
    assert_string_equal(made.idempotency_key, "signup-1");
    assert_int_equal(made.first_cycle, 3);
    made.zone = NULL; /* as it comes from the store */
    made.next_cycle = 9;
    made.state = SUBSCRIPTION_CANCELED;
    assert_null(subscribe_difference(wanted, &made));
    wanted->charge_from = at("2026-03-01T00:00:00Z"); /* comes to the same */
    assert_null(subscribe_difference(wanted, &made));

    const struct subscribe same = *wanted;
    struct zone elsewhere = *wanted->zone;
    (void)snprintf(elsewhere.name, sizeof elsewhere.name, "Elsewhere/Here");
    static const char *const keys[] = {
        "amount",   "label",    "note",     "charge_from", "schedule", "schedule", "schedule",
        "schedule", "schedule", "schedule", "schedule",    "schedule", "schedule", "policy"};
    for (int i = 0; i < 14; i++) {
        struct recurrence *rule = &wanted->rule;
        *wanted = same;
        wanted->amount = i == 0 ? money("1201", "JPY") : wanted->amount;
        wanted->label[0] = i == 1 ? 'G' : wanted->label[0];
        wanted->note[0] = i == 2 ? 'n' : wanted->note[0];
        wanted->charge_from = i == 3 ? at("2026-04-01T00:00:00Z") : wanted->charge_from;
        wanted->zone = i == 4 ? &elsewhere : wanted->zone;
        rule->unit = i == 5 ? RECUR_WEEK : rule->unit;
        rule->every += i == 6;
        rule->last_day_of_month = i == 7;
        rule->anchor.day -= i == 8;
        rule->second_of_day += i == 9;
        rule->trial_days += i == 10;
        rule->cycle_count += i == 11 ? 12 : 0;
        rule->end = i == 12 ? (struct civil_date){2030, 1, 1} : rule->end;
        (void)snprintf(wanted->policy_name, sizeof wanted->policy_name, "%s",
                       i == 13 ? "patient" : same.policy_name);
        const char *differs = subscribe_difference(wanted, &made);
        if (differs == NULL || strcmp(differs, keys[i]) != 0) {
            fail_msg("change %d is of %s, not of %s", i, differs == NULL ? "nothing" : differs,
                     keys[i]);
        }
    }
}

static void cycles_before_charge_from_are_not_charged(void **state)
{
    (void)state;
    world_start(w, "2026-03-15T00:00:00Z");
    world_open(w, "50000", "JPY");
    struct event event = subscribe_monthly(w, 'A', "1200", "JPY", "2026-01-10");
    event.subscribe.charge_from = w->now;
    assert_true(world_step(w, &event));
    EXPECT(w, "A new>active");
    EXPECT_WAKE(w, "2026-04-10T00:00:00Z", LANE_FIRST);
    world_wake_when_due(w);
    EXPECT(w, "A-4 new>due, A-4-1 new>intent, A-4 due>attempting | authorize A-4-1");
    assert_true(world_charge(w, "A-4")->is_first);
}

static void missed_cycles_are_caught_up_once_each(void **state)
{
    (void)state;
    world_start(w, "2026-01-01T00:00:00Z");
    world_open(w, "50000", "JPY");
    subscribe('A', "1200", "2026-01-15");
    world_at(w, "2026-04-01T00:00:00Z");
    world_wake(w);
    EXPECT(w, "A-1 new>due, A-2 new>due, A-3 new>due, "
              "A-1-1 new>intent, A-1 due>attempting, A-2-1 new>intent, A-2 due>attempting, "
              "A-3-1 new>intent, A-3 due>attempting | authorize A-1-1, authorize A-2-1, "
              "authorize A-3-1");
    EXPECT_WAKE(w, "2026-04-15T00:00:00Z", LANE_RENEWAL);
    world_wake(w);
    EXPECT(w, "");
}

/* Every decline reason runs through its own list of waits, and then the charge has failed. */
static void declines_follow_their_list(void **state)
{
    (void)state;
    static const enum reason reasons[] = {
        REASON_INVALID_PAYMENT_METHOD_SOFT, REASON_AMAZON_REJECTED, REASON_PROCESSING_FAILURE,
        REASON_TRANSACTION_TIMED_OUT,       REASON_REQUEST_REFUSED, REASON_NOT_CAPTURED,
    };
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        world_start(w, "2026-01-01T00:00:00Z");
        w->policy.limit_short = POLICY_SHORT_FAIL;
        world_open(w, "50000", "JPY");
        subscribe('A', "1200", "2026-01-01");
        const struct policy_waits *waits = &w->policy.retry[reasons[i]].waits;
        for (uint32_t n = 1; n <= waits->count + 1; n++) {
            char attempt[16];
            (void)snprintf(attempt, sizeof attempt, "A-1-%u", (unsigned)n);
            struct instant answered = w->now;
            world_declined(w, attempt, reasons[i]);
            EXPECT_LIMIT(w, 0, 0);
            if (n == waits->count + 1) {
                break;
            }
            assert_int_equal(world_charge(w, "A-1")->state, CHARGE_RETRYING);
            assert_int_equal(w->account.agreement.lane, LANE_RETRY);
            assert_true(world_charge(w, "A-1")->retry_at.utc_ms ==
                        instant_plus(answered, waits->wait_ms[n - 1]).utc_ms);
            if (w->account.agreement.care == CARE_SYNC) {
                world_found(w, AGREEMENT_OPEN);
            }
            world_wake_when_due(w);
        }
        assert_int_equal(world_charge(w, "A-1")->state, CHARGE_FAILED);
        assert_int_equal(world_charge(w, "A-1")->reason, reasons[i]);
        assert_int_equal(world_charge(w, "A-1")->attempt.number, waits->count + 1);
        assert_int_equal(world_subscription(w, 'A')->state, SUBSCRIPTION_PAST_DUE);
    }
}

static void past_due_until_the_next_cycle_is_paid(void **state)
{
    (void)state;
    world_start(w, "2026-01-01T00:00:00Z");
    world_open(w, "50000", "JPY");
    subscribe('A', "1200", "2026-01-01");
    world_refused(w, "A-1-1", REASON_REQUEST_REFUSED);
    EXPECT(w, "A-1-1 intent>refused(request_refused), A-1 attempting>failed(request_refused), "
              "A active>past_due(request_refused)");
    world_wake_when_due(w);
    EXPECT(w, "A-2 new>due, A-2-1 new>intent, A-2 due>attempting | authorize A-2-1");
    world_done(w, "A-2-1");
    EXPECT(w, "A-2-1 intent>captured, A-2 attempting>paid, A past_due>active");
}

static void a_hard_decline_waits_for_the_buyer(void **state)
{
    (void)state;
    world_start(w, "2026-01-01T00:00:00Z");
    world_open(w, "50000", "JPY");
    subscribe('A', "1200", "2026-01-01");
    world_declined(w, "A-1-1", REASON_INVALID_PAYMENT_METHOD);
    EXPECT(w, "A-1-1 intent>declined(InvalidPaymentMethod), "
              "agreement open>unsynced(InvalidPaymentMethod), "
              "A-1 attempting>waiting(InvalidPaymentMethod) | sync");
    world_found(w, AGREEMENT_SUSPENDED);
    EXPECT(w, "agreement unsynced>suspended");
    EXPECT_WAKE(w, "2026-01-01T01:00:00Z", LANE_CARE);

    world_wake_when_due(w);
    EXPECT(w, "| sync");
    world_found(w, AGREEMENT_SUSPENDED);
    EXPECT(w, "");
    EXPECT_WAKE(w, "2026-01-01T02:00:00Z", LANE_CARE);

    world_wake_when_due(w);
    world_found(w, AGREEMENT_OPEN);
    EXPECT(w, "agreement suspended>open, A-1-2 new>intent, A-1 waiting>attempting | "
              "authorize A-1-2");
    world_done(w, "A-1-2");
    EXPECT(w, "A-1-2 intent>captured, A-1 attempting>paid");
    EXPECT_WAKE(w, "2026-02-01T00:00:00Z", LANE_RENEWAL);
}

/* Amazon says hard, and shows the agreement Open all the same: nothing tells when the buyer has
 * acted, so the charge follows the list of soft declines instead of being tried at every sync. */
static void a_hard_decline_that_did_not_suspend_follows_the_soft_list(void **state)
{
    (void)state;
    world_start(w, "2026-01-01T00:00:00Z");
    world_open(w, "50000", "JPY");
    subscribe('A', "1200", "2026-01-01");
    world_declined(w, "A-1-1", REASON_INVALID_PAYMENT_METHOD);
    world_found(w, AGREEMENT_OPEN);
    EXPECT(w, "agreement unsynced>open, A-1 waiting>retrying(InvalidPaymentMethodSoft)");
    uint32_t attempts = 1;
    while (w->account.charge_count > 0 && w->account.charges[0].state == CHARGE_RETRYING) {
        char id[8];
        world_wake_when_due(w);
        (void)snprintf(id, sizeof id, "A-1-%u", ++attempts);
        world_declined(w, id, REASON_INVALID_PAYMENT_METHOD);
        world_found(w, AGREEMENT_OPEN);
    }
    assert_int_equal(attempts, 1 + w->policy.retry[REASON_INVALID_PAYMENT_METHOD_SOFT].waits.count);
    assert_int_equal(w->account.charge_count, 0);
}

static void cycles_of_a_suspended_agreement_wait(void **state)
{
    (void)state;
    world_start(w, "2026-01-01T00:00:00Z");
    world_open(w, "50000", "JPY");
    subscribe('A', "1200", "2026-01-02");
    assert_true(world_sync(w));
    world_found(w, AGREEMENT_SUSPENDED);
    world_at(w, "2026-01-02T00:00:00Z");
    world_wake(w);
    EXPECT(w, "A-1 new>due, A-1 due>waiting(agreement_suspended) | sync");
    world_found(w, AGREEMENT_OPEN);
    EXPECT(w, "agreement suspended>open, A-1-1 new>intent, A-1 waiting>attempting | "
              "authorize A-1-1");
}

static void a_throttled_attempt_is_not_sent_to_a_suspended_agreement(void **state)
{
    (void)state;
    world_start(w, "2026-01-01T00:00:00Z");
    world_open(w, "50000", "JPY");
    assert_true(world_charge_once(w, 'X', "100", "JPY"));
    assert_true(world_charge_once(w, 'Y', "200", "JPY"));
    world_later(w, "X-0-1");
    world_declined(w, "Y-0-1", REASON_INVALID_PAYMENT_METHOD);
    world_found(w, AGREEMENT_SUSPENDED);
    world_wake_when_due(w);
    EXPECT(w, "X-0-1 postponed>refused(agreement_suspended), "
              "X-0 attempting>waiting(agreement_suspended)");
    EXPECT_LIMIT(w, 0, 0);
    world_wake_when_due(w);
    world_found(w, AGREEMENT_OPEN);
    EXPECT(w, "agreement suspended>open, X-0-2 new>intent, X-0 waiting>attempting, "
              "Y-0-2 new>intent, Y-0 waiting>attempting | authorize X-0-2, authorize Y-0-2");
}

static void a_refusal_for_the_agreements_state_asks_which(void **state)
{
    (void)state;
    world_start(w, "2026-01-01T00:00:00Z");
    world_open(w, "50000", "JPY");
    subscribe('A', "1200", "2026-01-02");
    world_at(w, "2026-01-02T00:00:00Z");
    world_wake(w);
    world_refused(w, "A-1-1", REASON_AGREEMENT_NOT_OPEN);
    EXPECT(w,
           "A-1-1 intent>refused(agreement_not_open), agreement open>unsynced(agreement_not_open), "
           "A-1 attempting>waiting(agreement_not_open) | sync");
    world_found(w, AGREEMENT_OPEN);
    EXPECT(w, "agreement unsynced>open, A-1-2 new>intent, A-1 waiting>attempting | "
              "authorize A-1-2");

    /* Amazon contradicts itself: refused as not Open, shown as Open. Not in a tight circle. */
    world_refused(w, "A-1-2", REASON_AGREEMENT_NOT_OPEN);
    EXPECT(w,
           "A-1-2 intent>refused(agreement_not_open), agreement open>unsynced(agreement_not_open), "
           "A-1 attempting>waiting(agreement_not_open)");
    EXPECT_WAKE(w, "2026-01-02T01:00:00Z", LANE_CARE);
    world_wake_when_due(w);
    world_found(w, AGREEMENT_SUSPENDED);
    EXPECT(w, "agreement unsynced>suspended");
}

/* --- limit --------------------------------------------------------------------------------- */

static void a_short_limit_holds_until_the_next_period(void **state)
{
    (void)state;
    world_start(w, "2026-01-01T00:00:00Z");
    world_open(w, "2000", "JPY");
    assert_true(world_charge_once(w, 'X', "1500", "JPY"));
    assert_true(world_charge_once(w, 'Y', "600", "JPY"));
    EXPECT(w, "Y-0 new>due, Y-0 due>held(limit_short)");
    EXPECT_WAKE(w, "2026-02-01T00:00:00Z", LANE_ONE_OFF);
    assert_true(world_charge_once(w, 'Z', "500", "JPY"));
    EXPECT(w, "Z-0 new>due, Z-0-1 new>intent, Z-0 due>attempting | authorize Z-0-1");
    world_done(w, "X-0-1");
    world_done(w, "Z-0-1");
    EXPECT_LIMIT(w, 2000, 0);
    world_wake_when_due(w);
    EXPECT(w, "Y-0-1 new>intent, Y-0 held>attempting | authorize Y-0-1");
    EXPECT_LIMIT(w, 0, 600);
}

static void a_held_charge_goes_on_when_amazon_shows_room(void **state)
{
    (void)state;
    world_start(w, "2026-01-01T00:00:00Z");
    world_open(w, "2000", "JPY");
    assert_true(world_charge_once(w, 'X', "1500", "JPY"));
    world_done(w, "X-0-1");
    assert_true(world_charge_once(w, 'Y', "600", "JPY"));
    assert_true(world_sync(w));
    struct event raised = sync_answer(AGREEMENT_OPEN, "50000", "48500", "JPY",
                                      "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z");
    assert_true(world_step(w, &raised));
    EXPECT(w, "Y-0-1 new>intent, Y-0 held>attempting | authorize Y-0-1");
    EXPECT_LIMIT(w, 1500, 600);
}

static void a_short_limit_fails_where_the_policy_says_so(void **state)
{
    (void)state;
    world_start(w, "2026-01-01T00:00:00Z");
    w->policy.limit_short = POLICY_SHORT_FAIL;
    world_open(w, "2000", "JPY");
    subscribe('A', "1500", "2026-01-01");
    subscribe('B', "600", "2026-01-01");
    EXPECT(w, "B new>active, B-1 new>due, B-1 due>failed(limit_short), "
              "B active>past_due(limit_short)");
}

static void an_amount_above_the_whole_limit_fails(void **state)
{
    (void)state;
    world_start(w, "2026-01-01T00:00:00Z");
    assert_true(world_register(w, false));
    subscribe('A', "2001", "2026-01-01");
    EXPECT(w, "A new>active, A-1 new>due, A-1 due>waiting(agreement_suspended)");
    struct event open = sync_answer(AGREEMENT_OPEN, "2000", "2000", "JPY", "2026-01-01T00:00:00Z",
                                    "2026-02-01T00:00:00Z");
    assert_true(world_step(w, &open));
    EXPECT(w, "agreement unsynced>open, A-1 waiting>failed(limit_too_small), "
              "A active>past_due(limit_too_small)");
    assert_false(world_charge_once(w, 'X', "2001", "JPY"));
    assert_int_equal(w->status, ST_INVALID);
    assert_false(world_charge_once(w, 'X', "1", "USD"));
    assert_int_equal(w->status, ST_INVALID);
    assert_false(world_charge_once(w, 'X', "0", "JPY"));
    assert_int_equal(w->status, ST_INVALID);
}

static void amazons_word_that_the_limit_is_short_counts(void **state)
{
    (void)state;
    world_start(w, "2026-01-05T00:00:00Z");
    world_open(w, "2000", "JPY");
    assert_true(world_charge_once(w, 'X', "1500", "JPY"));
    world_refused(w, "X-0-1", REASON_PERIODIC_AMOUNT_EXCEEDED);
    EXPECT(w, "X-0-1 intent>refused(PeriodicAmountExceeded), limit(PeriodicAmountExceeded), "
              "X-0 attempting>held(PeriodicAmountExceeded) | sync");
    EXPECT_LIMIT(w, 2000, 0);
    struct event left = sync_answer(AGREEMENT_OPEN, "2000", "1900", "JPY", "2026-01-01T00:00:00Z",
                                    "2026-02-01T00:00:00Z");
    assert_true(world_step(w, &left));
    EXPECT(w, "limit");
    /* Amazon refused this very amount: it waits for the next period whatever the numbers say. */
    EXPECT_WAKE(w, "2026-02-01T00:00:00Z", LANE_ONE_OFF);
    EXPECT_LIMIT(w, 100, 0);
}

static void a_charge_held_again_is_held_for_the_new_reason(void **state)
{
    (void)state;
    world_start(w, "2026-01-05T00:00:00Z");
    world_open(w, "2000", "JPY");
    assert_true(world_charge_once(w, 'X', "1500", "JPY"));
    world_refused(w, "X-0-1", REASON_PERIODIC_AMOUNT_EXCEEDED);
    struct event used_up = sync_answer(AGREEMENT_OPEN, "2000", "0", "JPY", "2026-02-01T00:00:00Z",
                                       "2026-03-01T00:00:00Z");
    world_at(w, "2026-02-01T00:00:00Z");
    assert_true(world_step(w, &used_up));
    EXPECT(w, "limit, X-0 held>held(limit_short)");
    EXPECT_WAKE(w, "2026-03-01T00:00:00Z", LANE_ONE_OFF);
    assert_int_equal(world_charge(w, "X-0")->reason, REASON_LIMIT_SHORT);
    assert_true(world_sync(w));
    struct event room = sync_answer(AGREEMENT_OPEN, "4000", "2000", "JPY", "2026-02-01T00:00:00Z",
                                    "2026-03-01T00:00:00Z");
    assert_true(world_step(w, &room));
    EXPECT(w, "X-0-2 new>intent, X-0 held>attempting | authorize X-0-2");
}

/* Our clock is ahead, or Amazon's books are behind: where a new period has just begun, a refusal
 * may be about the one before, and costs an hour instead of a month. */
static void refused_at_the_turn_of_a_period(void **state)
{
    (void)state;
    for (int is_turned = 0; is_turned < 2; is_turned++) {
        world_start(w, "2026-01-05T00:00:00Z");
        world_open(w, "2000", "JPY");
        assert_true(world_charge_once(w, 'X', "1500", "JPY"));
        world_done(w, "X-0-1");
        assert_true(world_charge_once(w, 'Y', "600", "JPY"));
        EXPECT(w, "Y-0 new>due, Y-0 due>held(limit_short)");
        EXPECT_WAKE(w, "2026-02-01T00:00:00Z", LANE_ONE_OFF);
        world_wake_when_due(w);
        world_refused(w, "Y-0-1", REASON_PERIODIC_AMOUNT_EXCEEDED);
        EXPECT(w, "Y-0-1 intent>refused(PeriodicAmountExceeded), "
                  "Y-0 attempting>held(PeriodicAmountExceeded) | sync");
        EXPECT_LIMIT(w, 0, 0);
        struct event told = is_turned ? sync_answer(AGREEMENT_OPEN, "2000", "2000", "JPY",
                                                    "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z")
                                      : sync_answer(AGREEMENT_OPEN, "2000", "500", "JPY",
                                                    "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z");
        assert_true(world_step(w, &told));
        EXPECT(w, "");
        EXPECT_WAKE(w, "2026-02-01T01:00:00Z", LANE_ONE_OFF);
        world_wake_when_due(w);
        EXPECT(w, "Y-0-2 new>intent, Y-0 held>attempting | authorize Y-0-2");
        world_refused(w, "Y-0-2", REASON_PERIODIC_AMOUNT_EXCEEDED);
        assert_true(world_step(w, &told));
        EXPECT_WAKE(w, "2026-02-02T00:00:00Z", LANE_RETRY);
        world_wake_when_due(w);
        world_refused(w, "Y-0-3", REASON_PERIODIC_AMOUNT_EXCEEDED); /* then it is meant */
        EXPECT(w, "Y-0-3 intent>refused(PeriodicAmountExceeded), limit(PeriodicAmountExceeded), "
                  "Y-0 attempting>held(PeriodicAmountExceeded) | sync");
        assert_true(world_step(w, &told));
        EXPECT_WAKE(w, "2026-03-01T00:00:00Z", LANE_RETRY);
    }
}

/* Nor does it fail a charge, where a short limit does. */
static void refused_at_the_turn_of_a_period_does_not_fail(void **state)
{
    (void)state;
    world_start(w, "2026-02-01T00:00:00Z");
    w->policy.limit_short = POLICY_SHORT_FAIL;
    world_open(w, "2000", "JPY");
    subscribe('A', "1500", "2026-02-01");
    world_refused(w, "A-1-1", REASON_PERIODIC_AMOUNT_EXCEEDED);
    EXPECT(w, "A-1-1 intent>refused(PeriodicAmountExceeded), "
              "A-1 attempting>held(PeriodicAmountExceeded) | sync");
    world_at(w, "2026-02-02T00:00:00Z");
    world_wake(w);
    world_refused(w, "A-1-2", REASON_PERIODIC_AMOUNT_EXCEEDED);
    EXPECT(w, "A-1-2 intent>refused(PeriodicAmountExceeded), limit(PeriodicAmountExceeded), "
              "A-1 attempting>failed(PeriodicAmountExceeded), "
              "A active>past_due(PeriodicAmountExceeded)");
}

/* What was pending at the turn of a period is in the new one here, and perhaps not at Amazon. */
static void a_charge_is_not_held_by_an_old_ledger_alone(void **state)
{
    (void)state;
    world_start(w, "2026-01-31T12:00:00Z");
    w->policy.authorization = POLICY_ASYNCHRONOUS;
    world_open(w, "50000", "JPY");
    assert_true(world_charge_once(w, 'X', "30000", "JPY"));
    world_pending(w, "X-0-1");
    world_at(w, "2026-02-01T00:10:00Z");
    world_wake(w);
    world_done(w, "X-0-1");
    EXPECT_LIMIT(w, 30000, 0);
    world_at(w, "2026-02-20T00:00:00Z");
    assert_true(world_charge_once(w, 'Y', "30000", "JPY"));
    EXPECT(w, "Y-0 new>due, Y-0 due>held(limit_short) | sync");
    struct event all = sync_answer(AGREEMENT_OPEN, "50000", "50000", "JPY", "2026-02-01T00:00:00Z",
                                   "2026-03-01T00:00:00Z");
    assert_true(world_step(w, &all));
    EXPECT(w, "limit, Y-0-1 new>intent, Y-0 held>attempting | authorize Y-0-1");
    EXPECT_LIMIT(w, 0, 30000);
    assert_true(world_charge_once(w, 'Z', "30000", "JPY")); /* Amazon has just told */
    EXPECT(w, "Z-0 new>due, Z-0 due>held(limit_short)");
}

/* --- the end ------------------------------------------------------------------------------- */

static void ended_after_the_last_cycle_is_paid(void **state)
{
    (void)state;
    world_start(w, "2026-01-01T00:00:00Z");
    world_open(w, "50000", "JPY");
    struct event event = subscribe_monthly(w, 'A', "1200", "JPY", "2026-01-01");
    event.subscribe.rule.cycle_count = 2;
    assert_true(world_step(w, &event));
    world_done(w, "A-1-1");
    world_wake_when_due(w);
    EXPECT(w, "A-2 new>due, A-2-1 new>intent, A-2 due>attempting | authorize A-2-1");
    EXPECT_WAKE(w, "never", LANE_CARE);
    world_declined(w, "A-2-1", REASON_PROCESSING_FAILURE);
    world_wake_when_due(w);
    world_done(w, "A-2-2");
    EXPECT(w, "A-2-2 intent>captured, A-2 attempting>paid, A active>ended");
    EXPECT_WAKE(w, "never", LANE_CARE);
    assert_int_equal(w->account.subscription_count, 0);
}

static void ended_by_date(void **state)
{
    (void)state;
    world_start(w, "2026-01-01T00:00:00Z");
    world_open(w, "50000", "JPY");
    struct event event = subscribe_monthly(w, 'A', "1200", "JPY", "2026-01-01");
    event.subscribe.rule.end = (struct civil_date){2026, 1, 31};
    assert_true(world_step(w, &event));
    world_done(w, "A-1-1");
    EXPECT(w, "A-1-1 intent>captured, A-1 attempting>paid, A active>ended");
    event.subscribe.charge_from = at("2026-02-01T00:00:00Z");
    assert_false(world_step(w, &event));
    assert_int_equal(w->status, ST_INVALID);
}

/* --- bounds -------------------------------------------------------------------------------- */

static void eight_subscriptions_at_most(void **state)
{
    (void)state;
    world_start(w, "2026-01-01T00:00:00Z");
    world_open(w, "50000", "JPY");
    static const char letters[] = "ABCDEFGH";
    assert_int_equal(strlen(letters), ACCOUNT_SUBSCRIPTIONS_MAX);
    for (const char *letter = letters; *letter != '\0'; letter++) {
        subscribe(*letter, "100", "2026-02-01");
    }
    struct event ninth = subscribe_monthly(w, 'Z', "100", "JPY", "2026-02-01");
    assert_false(world_step(w, &ninth));
    assert_int_equal(w->status, ST_BUSY);
    world_wake_when_due(w);
    assert_int_equal(w->effects.call_count, ACCOUNT_SUBSCRIPTIONS_MAX);
    assert_true(world_cancel(w, 'B', true));
    assert_false(world_step(w, &ninth));
    assert_true(world_cancel(w, 'B', false));
    assert_true(world_step(w, &ninth));
}

static void the_thirteenth_cycle_waits_for_room(void **state)
{
    (void)state;
    world_start(w, "2026-01-01T00:00:00Z");
    world_open(w, "50000", "JPY");
    struct event daily = subscribe_monthly(w, 'A', "100", "JPY", "2026-01-01");
    daily.subscribe.rule.unit = RECUR_DAY;
    world_at(w, "2026-01-14T00:00:00Z");
    assert_true(world_step(w, &daily));
    assert_int_equal(w->account.charge_count, ACCOUNT_CHARGES_MAX);
    assert_int_equal(w->effects.call_count, ACCOUNT_CHARGES_MAX);
    assert_int_equal(world_subscription(w, 'A')->next_cycle, 13);
    EXPECT_WAKE(w, "never", LANE_CARE);
    assert_false(world_charge_once(w, 'X', "100", "JPY"));
    assert_int_equal(w->status, ST_BUSY);
    world_done(w, "A-5-1");
    EXPECT_WAKE(w, "2026-01-13T00:00:00Z", LANE_RENEWAL);
    world_wake(w);
    EXPECT(w, "A-13 new>due, A-13-1 new>intent, A-13 due>attempting | authorize A-13-1");
    EXPECT_WAKE(w, "never", LANE_CARE);
    world_done(w, "A-1-1");
    world_wake(w);
    EXPECT(w, "A-14 new>due, A-14-1 new>intent, A-14 due>attempting | authorize A-14-1");
    world_done(w, "A-2-1");
    EXPECT_WAKE(w, "2026-01-15T00:00:00Z", LANE_RENEWAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_month_after_month),
        cmocka_unit_test(a_trial_is_free),
        cmocka_unit_test(the_first_charge_is_made_when_subscribing),
        cmocka_unit_test(the_same_order_is_recognised),
        cmocka_unit_test(cycles_before_charge_from_are_not_charged),
        cmocka_unit_test(missed_cycles_are_caught_up_once_each),
        cmocka_unit_test(declines_follow_their_list),
        cmocka_unit_test(past_due_until_the_next_cycle_is_paid),
        cmocka_unit_test(a_hard_decline_waits_for_the_buyer),
        cmocka_unit_test(a_hard_decline_that_did_not_suspend_follows_the_soft_list),
        cmocka_unit_test(cycles_of_a_suspended_agreement_wait),
        cmocka_unit_test(a_throttled_attempt_is_not_sent_to_a_suspended_agreement),
        cmocka_unit_test(a_refusal_for_the_agreements_state_asks_which),
        cmocka_unit_test(a_short_limit_holds_until_the_next_period),
        cmocka_unit_test(a_held_charge_goes_on_when_amazon_shows_room),
        cmocka_unit_test(a_short_limit_fails_where_the_policy_says_so),
        cmocka_unit_test(an_amount_above_the_whole_limit_fails),
        cmocka_unit_test(amazons_word_that_the_limit_is_short_counts),
        cmocka_unit_test(a_charge_held_again_is_held_for_the_new_reason),
        cmocka_unit_test(refused_at_the_turn_of_a_period),
        cmocka_unit_test(refused_at_the_turn_of_a_period_does_not_fail),
        cmocka_unit_test(a_charge_is_not_held_by_an_old_ledger_alone),
        cmocka_unit_test(ended_after_the_last_cycle_is_paid),
        cmocka_unit_test(ended_by_date),
        cmocka_unit_test(eight_subscriptions_at_most),
        cmocka_unit_test(the_thirteenth_cycle_waits_for_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
