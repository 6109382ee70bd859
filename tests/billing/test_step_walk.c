/*
 * test_step_walk.c - every order of events for one charge, to a depth of seven, in every mode.
 *
 * The random test plays with an Amazon that tells the truth. Here anything may be said at any
 * moment - answers twice, late, against each other, notices, before and after crashes and reloads,
 * stops, holds, pauses and decisions - and the core must neither stop nor break a rule of
 * step_rules.h. The search is step_search.h.
 *
 *     STEP_DEPTH=8 test_step_walk      deeper
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/billing/step_search.h"

#define DEPTH 7

enum move {
    MOVE_DONE,
    MOVE_DECLINED,
    MOVE_DECLINED_HARD,
    MOVE_NOT_OPEN,
    MOVE_LIMIT_SHORT,
    MOVE_LATER,
    MOVE_SILENCE,
    MOVE_ABSENT,
    MOVE_DUPLICATE,
    MOVE_PENDING,
    MOVE_OTHER,
    MOVE_NOTICE_AUTHORIZATION,
    MOVE_NOTICE_CAPTURE,
    MOVE_RELOAD,
    MOVE_HOLD,       /* charging is held back, or not any more */
    MOVE_RETRY_HOLD, /* ... of retries, for an hour */
    MOVE_STOP,       /* the subscription's switch, on or off */
    MOVE_PAUSE,      /* or the end of a pause */
    MOVE_DECIDE,     /* an operator approves what is asked */
    MOVE_CANCEL,
    MOVE_CRASH,
    MOVE_WAKE,
    MOVE_COUNT,
};

/* The attempt that answers are about: the charge's latest, or its first when there is none. */
static void latest_attempt(const struct world *world, char attempt[static 8])
{
    unsigned number =
        world->account.charge_count > 0 && world->account.charges[0].attempt.number > 0
            ? world->account.charges[0].attempt.number
            : 1;
    (void)snprintf(attempt, 8, "A-1-%u", number % 100);
}

static void command(struct world *world, struct event event)
{
    (void)world_step(world, &event); /* it may well be refused */
}

static void operate(struct world *world, enum move move)
{
    static const char key[KEY_MAX] = "AAAAAAAAAAAAAAAA";
    const struct account *account = &world->account;
    bool is_live = account->subscription_count > 0;
    struct event event = {.kind = EVENT_STOP};
    if (move == MOVE_STOP) {
        memcpy(event.stop.subscription_key, key, KEY_MAX);
        event.stop.is_on = !(is_live && account->subscriptions[0].is_stopped);
    } else if (move == MOVE_PAUSE) {
        bool is_paused = is_live && account->subscriptions[0].state == SUBSCRIPTION_PAUSED;
        event.kind = is_paused ? EVENT_RESUME : EVENT_PAUSE;
        if (is_paused) {
            memcpy(event.subscription.subscription_key, key, KEY_MAX);
        } else {
            memcpy(event.pause.subscription_key, key, KEY_MAX);
            event.pause.resume_at = INSTANT_NEVER;
        }
    } else {
        event.kind = EVENT_DECIDE;
        charge_id_format(key, 1, event.decide.charge_id);
        event.decide.is_approved = true;
    }
    command(world, event);
}

static void toggle(struct hold *hold, enum reason reason, struct instant until)
{
    hold->reason = hold->reason == REASON_NONE ? reason : REASON_NONE;
    hold->until = until;
}

/* An answer or a notice, true or not. False: the move is another. */
static bool hear(struct world *world, enum move move)
{
    char attempt[8];
    latest_attempt(world, attempt);
    switch (move) {
    case MOVE_DONE:
        world_done(world, attempt);
        break;
    case MOVE_DECLINED:
        world_declined(world, attempt, REASON_PROCESSING_FAILURE);
        break;
    case MOVE_DECLINED_HARD:
        world_declined(world, attempt, REASON_INVALID_PAYMENT_METHOD);
        break;
    case MOVE_NOT_OPEN:
        world_refused(world, attempt, REASON_AGREEMENT_NOT_OPEN);
        break;
    case MOVE_LIMIT_SHORT:
        world_refused(world, attempt, REASON_PERIODIC_AMOUNT_EXCEEDED);
        break;
    case MOVE_LATER:
        world_later(world, attempt);
        break;
    case MOVE_SILENCE:
        world_unanswered(world, attempt);
        break;
    case MOVE_ABSENT:
        world_absent(world, attempt);
        break;
    case MOVE_DUPLICATE:
        world_duplicate(world, attempt);
        break;
    case MOVE_PENDING:
        world_pending(world, attempt);
        break;
    case MOVE_OTHER:
        world_other(world, attempt);
        break;
    case MOVE_NOTICE_AUTHORIZATION:
        world_noticed(world, NOTICE_AUTHORIZATION, attempt);
        break;
    case MOVE_NOTICE_CAPTURE:
        world_noticed(world, NOTICE_CAPTURE, attempt);
        break;
    case MOVE_RELOAD:
    case MOVE_HOLD:
    case MOVE_RETRY_HOLD:
    case MOVE_STOP:
    case MOVE_PAUSE:
    case MOVE_DECIDE:
    case MOVE_CANCEL:
    case MOVE_CRASH:
    case MOVE_WAKE:
    case MOVE_COUNT:
        return false;
    }
    return true;
}

static void wake(struct world *world)
{
    if (world->account.agreement.wake_at.utc_ms != INSTANT_NEVER.utc_ms) {
        world_wake_when_due(world);
    }
    if (world->account.agreement.care_on_wire) {
        world_found(world, AGREEMENT_OPEN);
    }
}

static void reload(struct policy *policy)
{
    policy->authorization = policy->authorization % POLICY_MIXED + 1;
    policy->settle_by = policy->settle_by % POLICY_BY_DISCOVERY + 1;
}

static bool make_move(void *test, unsigned move)
{
    struct world *world = test;
    if (hear(world, (enum move)move)) {
        return true;
    }
    switch ((enum move)move) {
    case MOVE_RELOAD:
        reload(&world->policy);
        break;
    case MOVE_HOLD:
        toggle(&world->hold, REASON_STOPPED, INSTANT_NEVER);
        world_wake(world);
        break;
    case MOVE_RETRY_HOLD:
        toggle(&world->retry_hold, REASON_HELD_BACK, instant_plus(world->now, HOUR_MS));
        break;
    case MOVE_CANCEL:
        (void)world_cancel(world, 'A', false);
        break;
    case MOVE_CRASH:
        world_crash(world);
        world_wake(world);
        break;
    case MOVE_WAKE:
        wake(world);
        break;
    case MOVE_STOP:
    case MOVE_PAUSE:
    case MOVE_DECIDE:
        operate(world, (enum move)move);
        break;
    case MOVE_DONE:
    case MOVE_DECLINED:
    case MOVE_DECLINED_HARD:
    case MOVE_NOT_OPEN:
    case MOVE_LIMIT_SHORT:
    case MOVE_LATER:
    case MOVE_SILENCE:
    case MOVE_ABSENT:
    case MOVE_DUPLICATE:
    case MOVE_PENDING:
    case MOVE_OTHER:
    case MOVE_NOTICE_AUTHORIZATION:
    case MOVE_NOTICE_CAPTURE:
    case MOVE_COUNT:
        break; /* heard */
    }
    return true;
}

static void every_order_of_events(void **state)
{
    (void)state;
    static struct world world;
    struct search search = {
        .test = &world, .world = &world, .moves = MOVE_COUNT, .make = make_move};
    search_depth(&search, DEPTH, 1);
    /* Reloads lead from each mode to the others. */
    for (enum policy_authorization mode = POLICY_SYNCHRONOUS; mode <= POLICY_MIXED; mode++) {
        world_start(&world, "2026-01-01T00:00:00Z");
        world_open(&world, "50000", "JPY");
        world.policy.authorization = mode;
        world.policy.lateness_max_ms = HOUR_MS;
        world.policy.attempts_max = 3;
        struct event event = subscribe_monthly(&world, 'A', "1200", "JPY", "2026-01-01");
        event.subscribe.rule.cycle_count = 1;
        assert_true(world_step(&world, &event));
        search_from_here(&search, mode);
    }
    search_print(&search);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_order_of_events)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
