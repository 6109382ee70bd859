/*
 * step_replace.c - another agreement takes a subscription over.
 *
 * Two accounts cannot be changed in one step, so this is a hand-over: here the subscription becomes
 * LEAVING and nothing of it is charged any more; then the other agreement is asked to make the
 * subscription under a key that is fixed here and now, which may be asked again and again because
 * that key exists there at most once; only its answer makes this one REPLACED, or ACTIVE again when
 * it refused for good. So the subscription is charged by one agreement at a time, whenever the
 * process dies.
 *
 * An operator may take the hand-over back - replaced by its own agreement, or canceled - while the
 * other one surely has not got it: its last answer was that it cannot now (hand_over_tries), and it
 * has not been asked again. That it is asked is recorded before it is: a process that dies then,
 * and a clock that is set back after that, leave no doubt.
 *
 * A LEAVING subscription outlives its own agreement: a buyer who has made a new one closes the old.
 *
 * What the other agreement is asked is subscription_hand_over() in subscription.h.
 */
#include <string.h>

#include "billing/ensure.h"
#include "billing/step_parts.h"
#include "billing/subscription.h"

/* What is unpaid and would not be charged there is given up by an operator's word, not by the way.
 */
static enum status check_unpaid(const struct account *account,
                                const struct subscription *subscription, uint32_t first_left,
                                struct problem *problem)
{
    for (uint32_t i = 0; i < account->charge_count; i++) {
        const struct charge *charge = &account->charges[i];
        if (strcmp(charge->subscription_key, subscription->key) == 0 &&
            !charge_is_final(charge->state) && charge->cycle < first_left) {
            return problem_set(problem, ST_CONFLICT,
                               "charge %s would be lost: it is of another price or date than the "
                               "subscription's, or a later cycle is over; void it first",
                               charge->id);
        }
    }
    return ST_OK;
}

/* What the command for the other agreement could not say, or what must be finished before. */
static enum status check_replace(const struct step *step, const struct subscription *subscription,
                                 struct problem *problem)
{
    const struct account *account = step->account;
    const char *key = subscription->key;
    char text[INSTANT_TEXT_MAX];
    if (subscription->state == SUBSCRIPTION_PAUSED) {
        return problem_set(problem, ST_CONFLICT, "subscription %s is paused: resume it first", key);
    }
    if (subscription->cancel_at.utc_ms != INSTANT_NEVER.utc_ms) {
        instant_format(subscription->cancel_at, text);
        return problem_set(problem, ST_CONFLICT,
                           "subscription %s will be canceled at %s and cannot be taken over", key,
                           text);
    }
    if (subscription->due_is_moved) {
        return problem_set(
            problem, ST_CONFLICT,
            "the date of cycle %u of subscription %s was moved: move it back to what "
            "its schedule says, or replace the agreement after that cycle",
            subscription->next_cycle, key);
    }
    for (uint32_t i = 0; i < account->charge_count; i++) {
        const struct charge *charge = &account->charges[i];
        if (strcmp(charge->subscription_key, key) == 0 &&
            (charge->state == CHARGE_ATTEMPTING || charge->state == CHARGE_AUTHORIZED)) {
            return problem_set(problem, ST_CONFLICT,
                               "charge %s is %s: replace the agreement once that has ended",
                               charge->id, charge_state_name(charge->state));
        }
    }
    uint32_t first_left = subscription_first_left(account, subscription);
    if (!subscription_has_cycle(subscription) && first_left == subscription->next_cycle) {
        return problem_set(problem, ST_CONFLICT, "subscription %s has no further cycle", key);
    }
    return check_unpaid(account, subscription, first_left, problem);
}

static void forget_successor(struct subscription *subscription)
{
    subscription->hand_over_at = INSTANT_NEVER;
    memset(subscription->successor_agreement_id, 0, sizeof subscription->successor_agreement_id);
    memset(subscription->successor_key, 0, sizeof subscription->successor_key);
}

enum status hand_over_take_back(struct step *step, struct subscription *subscription,
                                struct problem *problem)
{
    if (subscription->hand_over_tries == 0) {
        return problem_set(problem, ST_BUSY,
                           "agreement %s is being asked to take subscription %s over: look again "
                           "in a moment",
                           subscription->successor_agreement_id, subscription->key);
    }
    forget_successor(subscription);
    touch_subscription(step, subscription);
    return ST_OK;
}

/* Replaced by the agreement that it has: it stays there. */
static enum status stay(struct step *step, struct subscription *subscription,
                        struct problem *problem)
{
    const struct agreement *agreement = &step->account->agreement;
    if (subscription->state != SUBSCRIPTION_LEAVING) {
        return ST_OK;
    }
    if (agreement_is_final(agreement->state)) {
        return problem_set(problem, ST_CONFLICT,
                           "agreement %s is %s: subscription %s cannot stay with it, but it can be "
                           "canceled",
                           agreement->id, agreement_state_name(agreement->state),
                           subscription->key);
    }
    enum status status = hand_over_take_back(step, subscription, problem);
    if (status == ST_OK) {
        move_subscription(step, subscription, SUBSCRIPTION_ACTIVE, REASON_OPERATOR);
    }
    return status;
}

enum status command_replace(struct step *step, struct problem *problem)
{
    const struct replace_agreement *wanted = &step->event->replace;
    struct subscription *subscription =
        subscription_wanted(step, wanted->subscription_key, problem);
    if (subscription == NULL) {
        return ST_NOT_FOUND;
    }
    if (wanted->agreement_id[0] == '\0') {
        return problem_set(problem, ST_INVALID,
                           "agreement_id: name the agreement that takes it over");
    }
    if (strcmp(wanted->agreement_id, step->account->agreement.id) == 0) {
        return stay(step, subscription, problem);
    }
    if (subscription->state == SUBSCRIPTION_LEAVING &&
        strcmp(wanted->agreement_id, subscription->successor_agreement_id) == 0) {
        return ST_OK; /* asked again: the key that was fixed first stands */
    }
    enum status status = refuse_leaving(subscription, problem);
    if (status == ST_OK) {
        status = check_replace(step, subscription, problem);
    }
    if (status != ST_OK) {
        return status;
    }
    ENSURE(key_is_valid(wanted->successor_key));
    memcpy(subscription->successor_agreement_id, wanted->agreement_id,
           sizeof subscription->successor_agreement_id);
    memcpy(subscription->successor_key, wanted->successor_key, sizeof subscription->successor_key);
    subscription->hand_over_at = step->at;
    subscription->hand_over_tries = 0;
    move_subscription(step, subscription, SUBSCRIPTION_LEAVING, REASON_OPERATOR);
    return ST_OK;
}

/* Like a care call: while it is on the wire its time stays in the past, so that after a restart,
 * when nobody holds it any more, the other agreement is asked again. */
void hand_over_advance(struct step *step, struct subscription *subscription)
{
    if (instant_reached(subscription->hand_over_at, step->at) && !subscription->hand_over_on_wire) {
        call(step, CALL_HAND_OVER, subscription->key);
        subscription->hand_over_on_wire = true;
        subscription->hand_over_tried = subscription->hand_over_tries;
        subscription->hand_over_tries = 0;
        touch_subscription(step, subscription);
    }
}

static void hand_over_refused(struct step *step, struct subscription *subscription)
{
    forget_successor(subscription);
    if (agreement_is_final(step->account->agreement.state)) {
        subscription_over(step, subscription, SUBSCRIPTION_CANCELED, REASON_AGREEMENT_ENDED,
                          REASON_AGREEMENT_ENDED);
        return;
    }
    move_subscription(step, subscription, SUBSCRIPTION_ACTIVE, REASON_HAND_OVER_REFUSED);
}

static void ask_later(struct step *step, struct subscription *subscription, uint32_t tries)
{
    const struct policy_waits *waits = &step->policy->resend;
    int64_t wait_ms = policy_nth_wait_ms(waits, tries > 0 ? tries - 1 : waits->count);
    subscription->hand_over_at = instant_plus(step->at, wait_ms);
    subscription->hand_over_tries = tries;
    touch_subscription(step, subscription);
}

void hand_over_answered(struct step *step, const struct hand_over_answer *answer)
{
    struct subscription *subscription =
        account_subscription(step->account, answer->subscription_key);
    if (subscription == NULL || !subscription->hand_over_on_wire) {
        return;
    }
    subscription->hand_over_on_wire = false;
    switch (answer->status) {
    case ST_OK:
        subscription_over(step, subscription, SUBSCRIPTION_REPLACED, REASON_AGREEMENT_REPLACED,
                          REASON_AGREEMENT_REPLACED);
        return;
    case ST_BUSY:
        ask_later(step, subscription, subscription->hand_over_tried + 1);
        return;
    case ST_LOST:
    case ST_FULL:
    case ST_STORE:
    case ST_NETWORK:
        ask_later(step, subscription, 0); /* what was asked may have been recorded */
        return;
    case ST_INVALID:
    case ST_NOT_FOUND:
    case ST_CONFLICT:
    case ST_PEER:
        hand_over_refused(step, subscription);
        return;
    }
    ENSURE(false);
}
