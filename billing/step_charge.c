/*
 * step_charge.c - from a charge that is due to an attempt, or to what it waits for.
 *
 * A charge is tried when nothing stands in its way. In this order:
 *
 *     the agreement has ended           CANCELED; WAITING where another one takes it over
 *     a bound of the policy is reached  FAILED (amount, attempts, the next cycle is due)
 *     it has no end that is known       WAITING (agreement not Open, a stop switch, a pause, ...)
 *     it is later than lateness_max     ASKING, before its first attempt only
 *     it has an end                     HELD, a retry stays RETRYING (held back, outside of hours,
 *                                       not due yet: it was opened by a clock that ran ahead)
 *     the limit is short                what the policy says: step_limit.c
 *
 * Otherwise the amount is reserved together with the attempt's intent. WAITING is looked at again
 * in every step, so no path has to know what a charge waits for.
 *
 * Opening cycles is step_catch_up.c, what an attempt becomes is step_attempt.c, and what follows
 * one that brought no money step_retry.c.
 */
#include <string.h>

#include "billing/ensure.h"
#include "billing/policy_map.h"
#include "billing/step_parts.h"
#include "billing/subscription.h"

static const struct subscription *subscription_of(const struct step *step,
                                                  const struct charge *charge)
{
    return charge->subscription_key[0] == '\0'
               ? NULL
               : account_subscription(step->account, charge->subscription_key);
}

struct charge *charge_add(struct step *step, const struct charge *charge)
{
    struct account *account = step->account;
    if (account->charge_count == ACCOUNT_CHARGES_MAX) {
        return NULL;
    }
    struct charge *added = &account->charges[account->charge_count++];
    *added = *charge;
    added->state = CHARGE_DUE;
    added->reason = REASON_NONE;
    added->retry_at = INSTANT_NEVER;
    added->final_at = INSTANT_NEVER;
    added->created_at = step->at;
    const struct subscription *subscription = subscription_of(step, added);
    if (subscription != NULL) {
        added->policy_version = subscription_policy(step, subscription)->version;
    }
    tell(step, CHANGE_CHARGE, added->id, 0, CHARGE_DUE, REASON_NONE)->until = added->due_at;
    touch_charge(step, added);
    return added;
}

/* --- what stands in the way ---------------------------------------------------------------- */

static bool is_held(const struct hold *hold, struct instant at)
{
    return hold->reason != REASON_NONE && instant_before(at, hold->until);
}

enum reason charge_obstacle(const struct step *step, const struct charge *charge)
{
    const struct agreement *agreement = &step->account->agreement;
    const struct subscription *subscription = subscription_of(step, charge);
    const struct hold *hold = &step->event->hold;
    if (agreement->state != AGREEMENT_OPEN) {
        return REASON_AGREEMENT_SUSPENDED;
    }
    if (agreement->stopped != REASON_NONE) {
        return agreement->stopped;
    }
    if (subscription != NULL && subscription->state == SUBSCRIPTION_PAUSED) {
        return REASON_SUBSCRIPTION_PAUSED;
    }
    if (subscription != NULL && subscription->state == SUBSCRIPTION_LEAVING) {
        return REASON_AGREEMENT_REPLACED;
    }
    if (subscription != NULL && subscription->is_stopped) {
        return REASON_STOPPED;
    }
    return is_held(hold, step->at) && hold->until.utc_ms == INSTANT_NEVER.utc_ms ? hold->reason
                                                                                 : REASON_NONE;
}

struct hold charge_held_back(const struct step *step, const struct charge *charge)
{
    const struct event *event = step->event;
    if (is_held(&event->hold, step->at)) {
        return event->hold;
    }
    if (charge->attempt.number > 0 && is_held(&event->retry_hold, step->at)) {
        return event->retry_hold;
    }
    bool is_cycle = charge->subscription_key[0] != '\0';
    if (is_cycle && charge->attempt.number == 0 && instant_before(step->at, charge->due_at)) {
        return (struct hold){REASON_CLOCK, charge->due_at}; /* opened by a clock that ran ahead */
    }
    if (is_cycle) {
        struct instant open_at = policy_open_at(charge_policy(step, charge), step->at);
        if (instant_before(step->at, open_at)) {
            return (struct hold){REASON_OUTSIDE_HOURS, open_at};
        }
    }
    return (struct hold){REASON_NONE, INSTANT_NEVER};
}

struct instant charge_next_due_at(const struct step *step, const struct charge *charge)
{
    const struct subscription *subscription = subscription_of(step, charge);
    if (subscription == NULL) {
        return INSTANT_NEVER;
    }
    if (subscription->next_cycle == charge->cycle + 1) {
        return subscription->due_at;
    }
    for (uint32_t i = 0; i < step->account->charge_count; i++) {
        const struct charge *other = &step->account->charges[i];
        if (other->cycle > charge->cycle &&
            strcmp(other->subscription_key, charge->subscription_key) == 0) {
            return other->due_at;
        }
    }
    /* It was opened and is final, or skipped ahead of its time. Of an older rule: surely due. */
    bool is_of_rule = (int64_t)charge->cycle + 1 > subscription->cycle_base;
    return is_of_rule ? subscription_due(subscription, charge->cycle + 1) : charge->due_at;
}

/* Attempted, not paid, and nothing but a further attempt can help. What the limit is short for was
 * not declined: it waits for the next period however many cycles fall due meanwhile. */
static bool is_retry(const struct charge *charge)
{
    bool for_limit =
        charge->reason == REASON_LIMIT_SHORT || charge->reason == REASON_PERIODIC_AMOUNT_EXCEEDED;
    return charge->attempt.number > 0 &&
           (charge->state == CHARGE_RETRYING || charge->state == CHARGE_WAITING ||
            (charge->state == CHARGE_HELD && !for_limit));
}

static bool next_cycle_is_due(const struct step *step, const struct charge *charge)
{
    const struct subscription *subscription = subscription_of(step, charge);
    return subscription != NULL && subscription_opens_cycles(subscription->state) &&
           !charge_policy(step, charge)->retry_past_next_due && !clock_is_doubted(step) &&
           instant_reached(charge_next_due_at(step, charge), step->at);
}

/* The bound that lets nothing be sent for it any more, or NONE. */
static enum reason charge_bound(const struct step *step, const struct charge *charge)
{
    const struct policy *policy = charge_policy(step, charge);
    uint32_t number = charge->attempt.number;
    if (number == 0 && !policy_allows_amount(policy, charge->amount)) {
        return REASON_AMOUNT_BOUND;
    }
    bool used_up = policy->attempts_max > 0 && number >= policy->attempts_max;
    return used_up || number == ATTEMPT_NUMBER_MAX ? REASON_ATTEMPTS_MAX : REASON_NONE;
}

static bool is_too_late(const struct step *step, const struct charge *charge)
{
    int64_t lateness_max_ms = charge_policy(step, charge)->lateness_max_ms;
    return lateness_max_ms > 0 && charge->attempt.number == 0 && !charge->is_approved &&
           charge->subscription_key[0] != '\0' &&
           instant_before(instant_plus(charge->due_at, lateness_max_ms), step->at);
}

/* --- trying -------------------------------------------------------------------------------- */

void charge_put_off(struct step *step, struct charge *charge, enum charge_state to,
                    enum reason reason, struct instant until)
{
    if (charge->state == to && charge->reason == reason &&
        charge->retry_at.utc_ms == until.utc_ms) {
        return;
    }
    move_charge(step, charge, to, reason);
    charge->retry_at = until;
}

void charge_wait(struct step *step, struct charge *charge, enum reason reason)
{
    /* Waiting for the agreement after a decline, the decline is the better reason. */
    bool is_told = charge->state == CHARGE_WAITING && reason == REASON_AGREEMENT_SUSPENDED &&
                   charge->attempt.number > 0 && charge->reason == charge->attempt.reason;
    if (!is_told) {
        charge_put_off(step, charge, CHARGE_WAITING, reason, INSTANT_NEVER);
    }
}

/* How long Amazon may take to decide the next attempt. A day after what it could not decide at
 * once, where the policy's path is that. */
static uint32_t next_timeout_minutes(const struct step *step, const struct charge *charge)
{
    const struct attempt *last = &charge->attempt;
    const struct policy *policy = charge_policy(step, charge);
    if (policy->authorization == POLICY_ASYNCHRONOUS) {
        return ASYNCHRONOUS_MINUTES;
    }
    bool was_at_once = last->state == ATTEMPT_DECLINED && last->timeout_minutes == 0;
    return was_at_once && policy_outcome_of(policy, last->reason).act == POLICY_ACT_ASYNCHRONOUSLY
               ? ASYNCHRONOUS_MINUTES
               : 0;
}

static void charge_send(struct step *step, struct charge *charge)
{
    switch (limit_reserve(&step->account->agreement.limit, charge->amount)) {
    case LIMIT_RESERVED:
        attempt_start(step, charge, next_timeout_minutes(step, charge));
        move_charge(step, charge, CHARGE_ATTEMPTING, REASON_NONE);
        return;
    case LIMIT_SHORT:
        charge_limit_short(step, charge, REASON_LIMIT_SHORT);
        return;
    case LIMIT_TOO_SMALL:
        charge_fail(step, charge, REASON_LIMIT_TOO_SMALL);
        return;
    }
    ENSURE(false);
}

/* What is unpaid of a subscription that another agreement takes over goes there. */
static bool is_leaving(const struct step *step, const struct charge *charge)
{
    const struct subscription *subscription = subscription_of(step, charge);
    return subscription != NULL && subscription->state == SUBSCRIPTION_LEAVING;
}

static void charge_try(struct step *step, struct charge *charge)
{
    if (agreement_is_final(step->account->agreement.state) && is_leaving(step, charge)) {
        charge_wait(step, charge, REASON_AGREEMENT_REPLACED);
        return;
    }
    if (agreement_is_final(step->account->agreement.state)) {
        move_charge(step, charge, CHARGE_CANCELED, REASON_AGREEMENT_ENDED);
        return;
    }
    enum reason reason = charge_bound(step, charge);
    if (reason != REASON_NONE) {
        charge_fail(step, charge, reason);
        return;
    }
    reason = charge_obstacle(step, charge);
    if (reason != REASON_NONE) {
        charge_wait(step, charge, reason);
        return;
    }
    if (is_too_late(step, charge)) {
        move_charge(step, charge, CHARGE_ASKING, REASON_TOO_LATE);
        return;
    }
    struct hold hold = charge_held_back(step, charge);
    if (hold.reason != REASON_NONE) {
        bool stays = charge->state == CHARGE_RETRYING && !is_held(&step->event->hold, step->at);
        charge_put_off(step, charge, stays ? CHARGE_RETRYING : CHARGE_HELD, hold.reason,
                       hold.until);
        return;
    }
    charge_send(step, charge);
}

bool charge_is_canceled(const struct step *step, const struct charge *charge)
{
    if (step->account->agreement.close_forced || charge->word == WORD_VOID) {
        return true;
    }
    if (charge->subscription_key[0] == '\0') {
        return false;
    }
    const struct subscription *subscription = subscription_of(step, charge);
    return subscription == NULL || subscription->state == SUBSCRIPTION_CANCELED ||
           subscription->state == SUBSCRIPTION_REPLACED;
}

/* This step has ended its latest attempt: the rows of one step have room for one attempt of a
 * charge, and the next exists only when the last is durably final. The wake that follows makes it.
 */
static bool attempt_ended_now(const struct step *step, const struct charge *charge)
{
    const struct effects *effects = step->effects;
    for (uint32_t i = 0; i < effects->change_count; i++) {
        if (effects->changes[i].kind == CHANGE_ATTEMPT &&
            strcmp(effects->changes[i].subject, charge->attempt.reference_id) == 0) {
            return attempt_is_final(charge->attempt.state);
        }
    }
    return false;
}

static void waiting_advance(struct step *step, struct charge *charge)
{
    bool is_over = agreement_is_final(step->account->agreement.state);
    if (!is_over && attempt_ended_now(step, charge) &&
        charge_obstacle(step, charge) == REASON_NONE) {
        charge_put_off(step, charge, CHARGE_RETRYING, charge->reason, step->at);
        return;
    }
    charge_try(step, charge);
}

static void charge_advance(struct step *step, struct charge *charge)
{
    if (is_retry(charge) && next_cycle_is_due(step, charge)) {
        charge_fail(step, charge, REASON_NEXT_CYCLE);
        return;
    }
    switch (charge->state) {
    case CHARGE_ATTEMPTING:
        if (capture_is_begun(&charge->attempt)) {
            capture_advance(step, charge);
        } else {
            attempt_advance(step, charge);
        }
        break;
    case CHARGE_AUTHORIZED:
        capture_advance(step, charge);
        break;
    case CHARGE_DUE:
        charge_try(step, charge);
        break;
    case CHARGE_WAITING:
        waiting_advance(step, charge);
        break;
    case CHARGE_RETRYING:
    case CHARGE_HELD:
        if (agreement_is_final(step->account->agreement.state) ||
            (instant_reached(charge->retry_at, step->at) && !clock_is_doubted(step) &&
             !attempt_ended_now(step, charge))) {
            charge_try(step, charge);
        }
        break;
    case CHARGE_ASKING:
    case CHARGE_PAID:
    case CHARGE_FAILED:
    case CHARGE_CANCELED:
        break;
    }
}

static void subscription_finish(struct step *step, struct subscription *subscription)
{
    if (subscription->state != SUBSCRIPTION_ACTIVE ||
        subscription->due_at.utc_ms != INSTANT_NEVER.utc_ms) {
        return;
    }
    for (uint32_t i = 0; i < step->account->charge_count; i++) {
        const struct charge *charge = &step->account->charges[i];
        if (!charge_is_final(charge->state) &&
            strcmp(charge->subscription_key, subscription->key) == 0) {
            return;
        }
    }
    move_subscription(step, subscription, SUBSCRIPTION_ENDED, REASON_NONE);
}

void charges_advance(struct step *step)
{
    struct account *account = step->account;
    cycles_open(step);
    for (uint32_t i = 0; i < account->charge_count; i++) {
        charge_advance(step, &account->charges[i]);
    }
    for (uint32_t i = 0; i < account->subscription_count; i++) {
        subscription_finish(step, &account->subscriptions[i]);
    }
}

/* --- ending -------------------------------------------------------------------------------- */

void charge_paid(struct step *step, struct charge *charge)
{
    move_charge(step, charge, CHARGE_PAID, REASON_NONE);
    struct subscription *subscription =
        account_subscription(step->account, charge->subscription_key);
    if (subscription != NULL && subscription->state == SUBSCRIPTION_PAST_DUE) {
        move_subscription(step, subscription, SUBSCRIPTION_ACTIVE, REASON_NONE);
    }
}

/* The policy's final action. */
void charge_fail(struct step *step, struct charge *charge, enum reason reason)
{
    move_charge(step, charge, CHARGE_FAILED, reason);
    struct subscription *subscription =
        account_subscription(step->account, charge->subscription_key);
    if (subscription == NULL || !subscription_opens_cycles(subscription->state)) {
        return;
    }
    switch (charge_policy(step, charge)->final_action) {
    case POLICY_PAUSE:
        move_subscription(step, subscription, SUBSCRIPTION_PAUSED, REASON_POLICY);
        return;
    case POLICY_CANCEL:
        subscription_cancel(step, subscription, REASON_POLICY);
        return;
    case POLICY_LEAVE_PAST_DUE:
        break;
    }
    move_subscription(step, subscription, SUBSCRIPTION_PAST_DUE, reason);
}

void charge_give_up(struct step *step, struct charge *charge, enum reason reason)
{
    if (charge_is_final(charge->state)) {
        return;
    }
    if (charge->state == CHARGE_AUTHORIZED) {
        return; /* step_capture.c voids it, unless the shop said that it ships */
    }
    if (charge->state == CHARGE_ATTEMPTING) {
        if (charge->attempt.state != ATTEMPT_POSTPONED) {
            return;
        }
        attempt_give_up(step, charge, reason);
    }
    move_charge(step, charge, CHARGE_CANCELED, reason);
}
