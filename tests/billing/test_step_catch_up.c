/*
 * test_step_catch_up.c - what becomes of cycles that were missed, and of what an operator decides.
 *
 * The last test is a property: whatever the plan and however an outage was split, each cycle's fate
 * is what a few lines of plain arithmetic say it is (the oracle knows nothing of accounts).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/billing/step_random.h"
#include "tests/billing/step_world.h"

static struct world world;
static struct world *const w = &world;

static void open_with(enum policy_catch_up catch_up)
{
    world_start(w, "2026-01-01T00:00:00Z");
    world_open(w, "50000", "JPY");
    w->policy.catch_up = catch_up;
}

static void subscribe_weekly(char letter, const char *anchor, uint32_t cycle_count)
{
    struct event event = subscribe_monthly(w, letter, "100", "JPY", anchor);
    event.subscribe.rule.unit = RECUR_WEEK;
    event.subscribe.rule.cycle_count = cycle_count;
    assert_true(world_step(w, &event));
}

static struct event decide(const char *charge, bool is_approved)
{
    struct event event = {.kind = EVENT_DECIDE, .decide = {.is_approved = is_approved}};
    memcpy(event.decide.charge_id, world_charge(w, charge)->id, CHARGE_ID_MAX);
    return event;
}

/* Cycles 1 to 4 are due on 2, 9, 16 and 23 January; nothing ran until the 24th. */
static void miss_four(enum policy_catch_up catch_up)
{
    open_with(catch_up);
    subscribe_weekly('A', "2026-01-02", 0);
    world_at(w, "2026-01-24T00:00:00Z");
    world_wake(w);
}

static void each_missed_cycle_is_charged(void **state)
{
    (void)state;
    miss_four(POLICY_CATCH_UP_EACH);
    EXPECT(w, "A-1 new>due, A-2 new>due, A-3 new>due, A-4 new>due, "
              "A-1-1 new>intent, A-1 due>attempting, A-2-1 new>intent, A-2 due>attempting, "
              "A-3-1 new>intent, A-3 due>attempting, A-4-1 new>intent, A-4 due>attempting | "
              "authorize A-1-1, authorize A-2-1, authorize A-3-1, authorize A-4-1");
}

static void only_the_last_missed_cycle_is_charged(void **state)
{
    (void)state;
    miss_four(POLICY_CATCH_UP_ONCE);
    EXPECT(w, "A cycles 1..3(missed), A-4 new>due, A-4-1 new>intent, A-4 due>attempting | "
              "authorize A-4-1");
    assert_true(world_charge(w, "A-4")->is_first == false);
}

static void missed_cycles_are_skipped(void **state)
{
    (void)state;
    miss_four(POLICY_CATCH_UP_SKIP);
    EXPECT(w, "A cycles 1..4(missed)");
    EXPECT_WAKE(w, "2026-01-30T00:00:00Z", LANE_RENEWAL);
}

static void skipping_the_last_cycle_ends_the_subscription(void **state)
{
    (void)state;
    open_with(POLICY_CATCH_UP_SKIP);
    subscribe_weekly('A', "2026-01-02", 2);
    world_at(w, "2026-01-24T00:00:00Z");
    world_wake(w);
    EXPECT(w, "A cycles 1..2(missed), A active>ended");
}

static void a_cycle_within_late_after_is_not_missed(void **state)
{
    (void)state;
    open_with(POLICY_CATCH_UP_SKIP);
    subscribe_weekly('A', "2026-01-02", 0);
    world_at(w, "2026-01-02T01:00:00Z"); /* to the millisecond */
    world_wake(w);
    EXPECT(w, "A-1 new>due, A-1-1 new>intent, A-1 due>attempting | authorize A-1-1");
    world_done(w, "A-1-1");
    world_at(w, "2026-01-09T01:00:00.001Z");
    world_wake(w);
    EXPECT(w, "A cycles 2..2(missed)");
}

/* It was made after the cycle was due: nobody missed that. */
static void a_new_subscription_has_missed_nothing(void **state)
{
    (void)state;
    open_with(POLICY_CATCH_UP_SKIP);
    world_at(w, "2026-01-05T12:00:00Z");
    subscribe_weekly('A', "2026-01-02", 0);
    EXPECT(w, "A new>active, A-1 new>due, A-1-1 new>intent, A-1 due>attempting | authorize A-1-1");
}

static void missed_cycles_are_asked_for(void **state)
{
    (void)state;
    open_with(POLICY_CATCH_UP_HOLD);
    subscribe_weekly('A', "2026-01-02", 2);
    world_at(w, "2026-01-12T00:00:00Z");
    world_wake(w);
    EXPECT(w, "A-1 new>due, A-1 due>asking(missed), A-2 new>due, A-2 due>asking(missed)");
    EXPECT_WAKE(w, "never", LANE_CARE);

    struct event yes = decide("A-1", true);
    world_at(w, "2026-01-13T00:00:00Z");
    assert_true(world_step(w, &yes));
    EXPECT(w, "A-1 word 0(approved), A-1 asking>due(approved), A-1-1 new>intent, "
              "A-1 due>attempting | authorize A-1-1");
    assert_true(world_step(w, &yes)); /* the answer was lost: once more */
    EXPECT(w, "");

    struct event no = decide("A-2", false);
    assert_true(world_step(w, &no));
    EXPECT(w, "A-2 word 0(rejected), A-2 asking>canceled(rejected)");
    assert_false(world_step(w, &no));
    assert_int_equal(w->status, ST_NOT_FOUND);
    world_done(w, "A-1-1");
    EXPECT(w, "A-1-1 intent>captured, A-1 attempting>paid, A active>ended");
}

static void what_is_not_asking_cannot_be_decided(void **state)
{
    (void)state;
    open_with(POLICY_CATCH_UP_EACH);
    assert_true(world_charge_once(w, 'X', "100", "JPY"));
    struct event event = decide("X-0", true);
    assert_false(world_step(w, &event));
    assert_int_equal(w->status, ST_CONFLICT);
}

static void a_cycle_that_is_too_late_needs_a_word(void **state)
{
    (void)state;
    open_with(POLICY_CATCH_UP_EACH);
    w->policy.lateness_max_ms = 3 * DAY_MS;
    subscribe_weekly('A', "2026-01-02", 2);
    world_at(w, "2026-01-09T00:00:00Z");
    world_wake(w);
    EXPECT(w, "A-1 new>due, A-2 new>due, A-1 due>asking(too_late), A-2-1 new>intent, "
              "A-2 due>attempting | authorize A-2-1");
    struct event yes = decide("A-1", true);
    assert_true(world_step(w, &yes));
    EXPECT(w, "A-1 word 0(approved), A-1 asking>due(approved), A-1-1 new>intent, "
              "A-1 due>attempting | authorize A-1-1");
    /* Lateness is asked about before the first attempt only. */
    world_declined(w, "A-1-1", REASON_PROCESSING_FAILURE);
    EXPECT(w, "A-1-1 intent>declined(ProcessingFailure), "
              "A-1 attempting>retrying(ProcessingFailure)");
    world_wake_when_due(w);
    EXPECT(w, "A-1-2 new>intent, A-1 retrying>attempting | authorize A-1-2");
}

static void a_charge_that_waited_too_long_needs_a_word(void **state)
{
    (void)state;
    open_with(POLICY_CATCH_UP_EACH);
    w->policy.lateness_max_ms = 3 * DAY_MS;
    subscribe_weekly('A', "2026-01-02", 1);
    world_at(w, "2026-01-02T00:00:00Z");
    w->hold = (struct hold){REASON_STOPPED, INSTANT_NEVER};
    world_wake(w);
    EXPECT(w, "A-1 new>due, A-1 due>waiting(stopped)");
    world_at(w, "2026-01-08T00:00:00Z");
    w->hold.reason = REASON_NONE;
    world_wake(w);
    EXPECT(w, "A-1 waiting>asking(too_late)");
}

/* --- commands and cycles that are due ------------------------------------------------------ */

static struct event cancel_now(char letter)
{
    struct event event = {.kind = EVENT_CANCEL, .cancel = {.at = INSTANT_NEVER}};
    memset(event.cancel.subscription_key, letter, KEY_MAX - 1);
    return event;
}

static void due_cycles_are_opened_before_a_command(void **state)
{
    (void)state;
    open_with(POLICY_CATCH_UP_EACH);
    subscribe_weekly('A', "2026-01-02", 0);
    subscribe_weekly('B', "2026-01-02", 0);
    world_at(w, "2026-01-03T00:00:00Z");
    struct event event = cancel_now('A');
    assert_true(world_step(w, &event));
    EXPECT(w, "A-1 new>due, B-1 new>due, A active>canceled(subscription_canceled), "
              "A-1 due>canceled(subscription_canceled), B-1-1 new>intent, B-1 due>attempting | "
              "authorize B-1-1");
}

static void a_refused_command_opens_nothing(void **state)
{
    (void)state;
    open_with(POLICY_CATCH_UP_EACH);
    subscribe_weekly('A', "2026-01-02", 0);
    world_at(w, "2026-01-03T00:00:00Z");
    /* step_rules checks that nothing changed at all. */
    struct event event = cancel_now('B');
    assert_false(world_step(w, &event));
    assert_int_equal(w->status, ST_NOT_FOUND);
    assert_false(world_charge_once(w, 'X', "0", "JPY"));
    world_wake(w);
    EXPECT(w, "A-1 new>due, A-1-1 new>intent, A-1 due>attempting | authorize A-1-1");
}

static void no_room_for_due_cycles_is_busy_but_a_cancellation_is_heard(void **state)
{
    (void)state;
    open_with(POLICY_CATCH_UP_HOLD);
    subscribe_weekly('A', "2026-01-02", 0);
    world_at(w, "2026-07-01T00:00:00Z");
    assert_false(world_charge_once(w, 'X', "100", "JPY"));
    assert_int_equal(w->status, ST_BUSY);
    struct event event = cancel_now('A');
    assert_true(world_step(w, &event));
    assert_int_equal(world_subscription(w, 'A')->state, SUBSCRIPTION_CANCELED);
    assert_int_equal(w->account.charge_count, 0);
}

/* --- the property --------------------------------------------------------------------------- */

enum seen_fate {
    NOT_SEEN = 0,
    CHARGED,
    ASKED,
    SKIPPED,
};

#define CYCLES_MAX 64

/* When cycle k (from 1) was due, and what becomes of it when it is first seen at `seen_at`. */
static int64_t oracle_due_ms(int64_t start_ms, int64_t period_ms, uint32_t cycle)
{
    return start_ms + period_ms * (int64_t)(cycle - 1);
}

static enum seen_fate oracle(const struct policy *policy, int64_t due_ms, int64_t period_ms,
                             int64_t seen_ms)
{
    int64_t late_ms = seen_ms - due_ms;
    if (late_ms > policy->late_after_ms) {
        if (policy->catch_up == POLICY_CATCH_UP_SKIP) {
            return SKIPPED;
        }
        if (policy->catch_up == POLICY_CATCH_UP_HOLD) {
            return ASKED;
        }
        if (policy->catch_up == POLICY_CATCH_UP_ONCE && late_ms >= period_ms) {
            return SKIPPED;
        }
    }
    return policy->lateness_max_ms > 0 && late_ms > policy->lateness_max_ms ? ASKED : CHARGED;
}

static void note_fate(enum seen_fate *fates, uint32_t cycle, enum seen_fate fate)
{
    assert_in_range(cycle, 1, CYCLES_MAX - 1);
    fates[cycle] = fate;
}

static void note_fates(enum seen_fate *fates)
{
    for (uint32_t i = 0; i < w->effects.change_count; i++) {
        const struct change *change = &w->effects.changes[i];
        if (change->kind == CHANGE_CYCLES) {
            for (int cycle = change->from; cycle <= change->to; cycle++) {
                assert_int_equal(fates[cycle], NOT_SEEN);
                note_fate(fates, (uint32_t)cycle, SKIPPED);
            }
        } else if (change->kind == CHANGE_CHARGE) {
            const struct charge *charge = account_charge(&w->after, change->subject);
            note_fate(fates, charge->cycle, change->to == CHARGE_ASKING ? ASKED : CHARGED);
        }
    }
}

/* Answers what was asked for, so that the account has room for the next. */
static void clear_away(void)
{
    while (w->account.charge_count > 0) {
        struct event event = {.kind = EVENT_DECIDE};
        const struct charge *charge = &w->account.charges[0];
        if (charge->state == CHARGE_ASKING) {
            memcpy(event.decide.charge_id, charge->id, CHARGE_ID_MAX);
        } else {
            event.kind = EVENT_ATTEMPT_ANSWER;
            event.attempt.call = CALL_AUTHORIZE;
            event.attempt.outcome = OUTCOME_DONE;
            event.attempt.from_object = true;
            memcpy(event.attempt.reference_id, charge->attempt.reference_id, REFERENCE_ID_MAX);
        }
        assert_true(world_step(w, &event));
    }
}

static void fate_depends_on_when_a_cycle_was_first_seen(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 400; seed++) {
        struct dice dice = dice_of(seed);
        enum seen_fate fates[CYCLES_MAX] = {NOT_SEEN};
        int64_t period_ms = (1 + roll(&dice, 3)) * DAY_MS;
        open_with(1 + roll(&dice, 4));
        w->policy.late_after_ms = (1 + roll(&dice, 40)) * HOUR_MS;
        w->policy.lateness_max_ms = one_in(&dice, 2) ? roll(&dice, 6) * DAY_MS : 0;
        struct event event = subscribe_monthly(w, 'A', "1", "JPY", "2026-01-02");
        event.subscribe.rule.unit = RECUR_DAY;
        event.subscribe.rule.every = (uint32_t)(period_ms / DAY_MS);
        assert_true(world_step(w, &event));
        int64_t start_ms = world_subscription(w, 'A')->due_at.utc_ms;
        int64_t end_ms = start_ms + 25 * DAY_MS;
        uint32_t first_new = 1;
        for (int64_t now_ms = start_ms; now_ms < end_ms;) {
            w->now.utc_ms = now_ms;
            world_wake(w);
            note_fates(fates);
            clear_away();
            for (; oracle_due_ms(start_ms, period_ms, first_new) <= now_ms; first_new++) {
                enum seen_fate expected = oracle(
                    &w->policy, oracle_due_ms(start_ms, period_ms, first_new), period_ms, now_ms);
                if (fates[first_new] != expected) {
                    fail_msg("seed %llu cycle %u: %d, should be %d", (unsigned long long)seed,
                             first_new, (int)fates[first_new], (int)expected);
                }
            }
            now_ms += one_in(&dice, 2) ? roll(&dice, 3 * HOUR_MS) : roll(&dice, 9 * DAY_MS);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_missed_cycle_is_charged),
        cmocka_unit_test(only_the_last_missed_cycle_is_charged),
        cmocka_unit_test(missed_cycles_are_skipped),
        cmocka_unit_test(skipping_the_last_cycle_ends_the_subscription),
        cmocka_unit_test(a_cycle_within_late_after_is_not_missed),
        cmocka_unit_test(a_new_subscription_has_missed_nothing),
        cmocka_unit_test(missed_cycles_are_asked_for),
        cmocka_unit_test(what_is_not_asking_cannot_be_decided),
        cmocka_unit_test(a_cycle_that_is_too_late_needs_a_word),
        cmocka_unit_test(a_charge_that_waited_too_long_needs_a_word),
        cmocka_unit_test(due_cycles_are_opened_before_a_command),
        cmocka_unit_test(a_refused_command_opens_nothing),
        cmocka_unit_test(no_room_for_due_cycles_is_busy_but_a_cancellation_is_heard),
        cmocka_unit_test(fate_depends_on_when_a_cycle_was_first_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
