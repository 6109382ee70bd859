/*
 * step_catch_up.c - opening cycles: on time, late, or not at all.
 *
 * A cycle is opened when its due instant has come: its charge is made, with the price in force at
 * that instant, and the subscription moves on to the next cycle in the same step. A cycle that is
 * first seen more than the policy's late_after_ms after it was due was missed while nothing ran;
 * its fate is the policy's catch_up:
 *
 *     EACH   a charge like any other
 *     ONCE   a charge if the cycle after it is not due yet, else skipped
 *     SKIP   skipped
 *     HOLD   a charge that is ASKING: an operator approves or rejects it
 *
 * The fate depends on when the cycle was first seen and on nothing else, so it does not matter how
 * an outage was split, nor how many cycles were missed at once. Seen means seen with room for its
 * charge: a full account opens nothing. A subscription that was made after a cycle was due did not
 * miss it: lateness counts from then. Skipped cycles have no charge: one change tells each run.
 *
 * Cycles are opened on time even while the subscription is stopped; its charges wait. PAUSED and
 * LEAVING open nothing, and nothing is opened by a clock that is doubted. Trying the charges is
 * step_charge.c.
 */
#include <string.h>

#include "billing/ensure.h"
#include "billing/step_parts.h"
#include "billing/subscription.h"

enum fate {
    FATE_CHARGED = 1,
    FATE_ASKED,
    FATE_SKIPPED,
};

static enum fate cycle_fate(const struct policy *policy, const struct subscription *subscription,
                            struct instant next_due_at, struct instant at)
{
    struct instant expected_at = subscription->due_at;
    if (instant_before(expected_at, subscription->created_at)) {
        expected_at = subscription->created_at;
    }
    if (!instant_before(instant_plus(expected_at, policy->late_after_ms), at)) {
        return FATE_CHARGED;
    }
    switch (policy->catch_up) {
    case POLICY_CATCH_UP_ONCE:
        return instant_reached(next_due_at, at) ? FATE_SKIPPED : FATE_CHARGED;
    case POLICY_CATCH_UP_SKIP:
        return FATE_SKIPPED;
    case POLICY_CATCH_UP_HOLD:
        return FATE_ASKED;
    case POLICY_CATCH_UP_EACH:
        break;
    }
    return FATE_CHARGED;
}

static void open_cycle(struct step *step, struct subscription *subscription, enum fate fate)
{
    struct charge charge = {
        .cycle = subscription->next_cycle,
        .is_first = subscription->next_cycle == subscription->first_cycle,
        .amount = subscription_amount(subscription),
        .due_at = subscription->due_at,
    };
    charge_id_format(subscription->key, subscription->next_cycle, charge.id);
    memcpy(charge.subscription_key, subscription->key, sizeof charge.subscription_key);
    memcpy(charge.label, subscription->label, sizeof charge.label);
    memcpy(charge.note, subscription->note, sizeof charge.note);
    struct charge *added = charge_add(step, &charge);
    ENSURE(added != NULL);
    if (fate == FATE_ASKED) {
        move_charge(step, added, CHARGE_ASKING, REASON_MISSED);
    }
}

/* A cycle is due that will come. The end of the paid period is the due instant of one that will
 * not. */
static bool cycle_is_due(const struct step *step, const struct subscription *subscription)
{
    return subscription_opens_cycles(subscription->state) &&
           instant_reached(subscription->due_at, step->at) && subscription_has_cycle(subscription);
}

static void open_cycles_of(struct step *step, struct subscription *subscription)
{
    const struct account *account = step->account;
    const struct policy *policy = subscription_policy(step, subscription);
    uint32_t first_skipped = 0;
    while (cycle_is_due(step, subscription)) {
        struct instant next_due_at = subscription_due(subscription, subscription->next_cycle + 1);
        enum fate fate = cycle_fate(policy, subscription, next_due_at, step->at);
        if (fate != FATE_SKIPPED && account->charge_count == ACCOUNT_CHARGES_MAX) {
            break;
        }
        if (fate != FATE_SKIPPED) {
            open_cycle(step, subscription, fate);
        } else if (first_skipped == 0) {
            first_skipped = subscription->next_cycle;
            tell(step, CHANGE_CYCLES, subscription->key, (int)first_skipped, (int)first_skipped,
                 REASON_MISSED);
        } else {
            step->effects->changes[step->effects->change_count - 1].to =
                (int)subscription->next_cycle;
        }
        subscription_move_on(subscription);
        touch_subscription(step, subscription);
    }
}

static bool ends_now(const struct step *step, const struct subscription *subscription)
{
    return !subscription_is_final(subscription->state) &&
           instant_reached(subscription->cancel_at, step->at);
}

bool cycles_are_due(const struct step *step)
{
    const struct account *account = step->account;
    for (uint32_t i = 0; !clock_is_doubted(step) && i < account->subscription_count; i++) {
        const struct subscription *subscription = &account->subscriptions[i];
        if (cycle_is_due(step, subscription) || ends_now(step, subscription) ||
            instant_reached(subscription->resume_at, step->at)) {
            return true;
        }
    }
    return false;
}

void cycles_open(struct step *step)
{
    struct account *account = step->account;
    for (uint32_t i = 0; !clock_is_doubted(step) && i < account->subscription_count; i++) {
        struct subscription *subscription = &account->subscriptions[i];
        open_cycles_of(step, subscription);
        if (ends_now(step, subscription)) {
            subscription_cancel(step, subscription, REASON_SUBSCRIPTION_CANCELED);
        }
    }
}

/* --- an operator's word -------------------------------------------------------------------- */

enum status command_decide(struct step *step, struct problem *problem)
{
    const struct decide *wanted = &step->event->decide;
    struct charge *charge = account_charge(step->account, wanted->charge_id);
    if (charge == NULL) {
        return problem_set(problem, ST_NOT_FOUND, "charge %s is not open", wanted->charge_id);
    }
    if (charge->is_approved && wanted->is_approved) {
        return ST_OK; /* asked again: the first answer stands */
    }
    if (charge->state != CHARGE_ASKING) {
        return problem_set(problem, ST_CONFLICT, "charge %s is %s: there is nothing to decide",
                           charge->id, charge_state_name(charge->state));
    }
    enum reason word = wanted->is_approved ? REASON_APPROVED : REASON_REJECTED;
    tell(step, CHANGE_WORD, charge->id, (int)WORD_NONE, (int)WORD_NONE, word);
    charge->is_approved = wanted->is_approved;
    move_charge(step, charge, wanted->is_approved ? CHARGE_DUE : CHARGE_CANCELED, word);
    return ST_OK;
}
