/*
 * step_limit.c - what the agreement's limit means for the step: what Amazon tells about it, and
 * what becomes of a charge that it is short for.
 *
 * Amazon's numbers are asked for again an hour before a cycle is due, when they would be old by
 * then; the charge does not wait for the answer. They are compared with ours when nothing is open
 * that one of us may count and the other not: Amazon counting more than we charged in the same
 * period means that somebody else charges this agreement, or that we do without knowing it, and
 * stops the agreement where the policy says so. In every case Amazon's numbers are taken. Not
 * compared are the first numbers after an attempt ended without its money: Amazon may count it
 * still.
 *
 * The arithmetic is limit.c. Reserving is step_charge.c, posting and releasing step_attempt.c.
 */
#include <string.h>

#include "billing/ensure.h"
#include "billing/step_parts.h"
#include "billing/subscription.h"

/* Where Amazon's clock is behind ours, or its books are, a period that is new here is still the old
 * one there: what is refused then is tried again before a whole period is lost. */
static struct instant hold_until(const struct step *step, enum reason reason)
{
    static const int64_t turn_ms[] = {INT64_C(3600) * 1000, INT64_C(86400) * 1000};
    const struct limit *limit = &step->account->agreement.limit;
    for (size_t i = 0; reason == REASON_PERIODIC_AMOUNT_EXCEEDED && i < 2; i++) {
        struct instant turned_at = instant_plus(limit->period_start, turn_ms[i]);
        if (instant_before(step->at, turned_at)) {
            return instant_min(turned_at, limit->period_end);
        }
    }
    return limit->period_end;
}

/* A limit whose numbers cannot be meant: it is not taken over. */
bool limit_is_sane(const struct care_answer *answer, const struct limit *known)
{
    return answer->has_limit && money_is_positive(answer->limit_amount) &&
           money_is_valid(answer->limit_remaining) &&
           instant_before(answer->period_start, answer->period_end) &&
           IMPLIES(limit_is_known(known), strcmp(money_currency(&known->amount),
                                                 money_currency(&answer->limit_amount)) == 0);
}

/* --- Amazon's numbers ---------------------------------------------------------------------- */

#define REFRESH_BEFORE_MS INT64_C(3600000)

static bool is_open(const struct account *account)
{
    return money_is_positive(account->agreement.limit.reserved);
}

/* What was held for the limit is tried when there is room now, else when the numbers say. */
static void held_again(struct step *step)
{
    const struct limit *limit = &step->account->agreement.limit;
    for (uint32_t i = 0; i < step->account->charge_count; i++) {
        struct charge *charge = &step->account->charges[i];
        bool for_limit = charge->reason == REASON_LIMIT_SHORT ||
                         charge->reason == REASON_PERIODIC_AMOUNT_EXCEEDED;
        if (charge->state != CHARGE_HELD || !for_limit ||
            instant_reached(charge->retry_at, step->at)) {
            continue; /* one whose time has come is tried in this step anyway */
        }
        if (charge->reason == REASON_LIMIT_SHORT &&
            money_at_most(charge->amount, limit_remaining(limit))) {
            charge->retry_at = step->at;
            touch_charge(step, charge);
        } else {
            charge_put_off(step, charge, CHARGE_HELD, charge->reason,
                           hold_until(step, charge->reason));
        }
    }
}

static void tell_limit(struct step *step, enum reason reason)
{
    const struct agreement *agreement = &step->account->agreement;
    struct change *change = tell(step, CHANGE_LIMIT, agreement->id, 0, 0, reason);
    change->amount = limit_remaining(&agreement->limit);
    change->until = agreement->limit.period_end;
}

static void stop_for_difference(struct step *step)
{
    struct agreement *agreement = &step->account->agreement;
    if (step->policy->limit_difference_stops && agreement->stopped == REASON_NONE) {
        agreement->stopped = REASON_LIMIT_DIFFERS;
        tell(step, CHANGE_STOP, agreement->id, 0, 1, REASON_LIMIT_DIFFERS);
    }
}

void limit_told(struct step *step, const struct care_answer *answer)
{
    struct agreement *agreement = &step->account->agreement;
    struct limit *limit = &agreement->limit;
    struct money before = limit->posted;
    bool known = limit_is_known(limit);
    bool was_told = limit->is_told;
    struct money remaining = answer->limit_remaining;
    struct money known_remaining = known ? limit_remaining(limit) : remaining;
    bool differs = !is_open(step->account) && !agreement->ended_since_sync &&
                   limit_is_exceeded(limit, answer->limit_amount, remaining, answer->period_start);
    if (agreement->ended_since_sync && money_at_most(known_remaining, remaining)) {
        /* The answer may be older than what was posted while it was on its way. */
        remaining = known_remaining;
    }
    limit_reconcile(limit, answer->limit_amount, remaining, answer->period_start,
                    answer->period_end);
    /* What was released while the answer was on its way may or may not be in it. */
    limit->is_told = was_told || !agreement->ended_since_sync;
    /* A period that Amazon has not moved on yet, seen from our clock, is over all the same. */
    (void)limit_roll(limit, step->at, step->policy->zone);
    if (differs) {
        tell_limit(step, REASON_LIMIT_DIFFERS);
        stop_for_difference(step);
    } else if (known && !money_equal(before, limit->posted)) {
        tell_limit(step, REASON_NONE);
    }
    held_again(step);
}

void limit_refused(struct step *step)
{
    struct agreement *agreement = &step->account->agreement;
    struct instant until = hold_until(step, REASON_PERIODIC_AMOUNT_EXCEEDED);
    if (until.utc_ms == agreement->limit.period_end.utc_ms) {
        limit_exhaust(&agreement->limit);
        tell_limit(step, REASON_PERIODIC_AMOUNT_EXCEEDED);
    }
}

void limit_advance(struct step *step)
{
    const struct account *account = step->account;
    struct instant ask_at = INSTANT_NEVER;
    for (uint32_t i = 0; i < account->subscription_count; i++) {
        const struct subscription *subscription = &account->subscriptions[i];
        int64_t fresh_ms = subscription_policy(step, subscription)->limit_refresh_ms;
        if (fresh_ms == 0 || !subscription_opens_cycles(subscription->state) ||
            !subscription_has_cycle(subscription)) {
            continue;
        }
        struct instant before_due = instant_plus(subscription->due_at, -REFRESH_BEFORE_MS);
        before_due = instant_before(before_due, step->at) ? step->at : before_due;
        if (instant_before(instant_plus(account->agreement.synced_at, fresh_ms), before_due)) {
            ask_at = instant_min(ask_at, before_due);
        }
    }
    /* A sync that failed is repeated in its own time. */
    bool is_wanted = account->agreement.care != CARE_NONE && !instant_before(step->at, ask_at);
    if (account->agreement.state == AGREEMENT_OPEN && ask_at.utc_ms != INSTANT_NEVER.utc_ms &&
        !is_wanted) {
        care_want(step, CARE_SYNC, ask_at);
    }
}

/* --- when it is short ---------------------------------------------------------------------- */

void charge_limit_short(struct step *step, struct charge *charge, enum reason reason)
{
    const struct agreement *agreement = &step->account->agreement;
    struct instant until = hold_until(step, reason);
    bool is_final_word = until.utc_ms == agreement->limit.period_end.utc_ms;
    enum policy_short rule = charge_policy(step, charge)->limit_short;
    if (is_final_word && rule == POLICY_SHORT_FAIL) {
        charge_fail(step, charge, reason);
        return;
    }
    if (is_final_word && rule == POLICY_SHORT_ASK && !charge->is_approved) {
        move_charge(step, charge, CHARGE_ASKING, REASON_LIMIT_ASK);
        return;
    }
    charge_put_off(step, charge, CHARGE_HELD, reason, until);
    /* Our ledger may count more than Amazon does: an authorization that was pending at the turn of
     * a period is in the new one here. What was asked just now and brought nothing is asked again
     * in its own time. */
    struct instant stale_at = instant_plus(agreement->synced_at, step->policy->suspended_poll_ms);
    bool was_asked_now = step->event->kind == EVENT_CARE_ANSWER;
    if (reason == REASON_LIMIT_SHORT && instant_reached(stale_at, step->at) && !was_asked_now) {
        care_want(step, CARE_SYNC, step->at);
    }
}
