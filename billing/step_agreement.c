/*
 * step_agreement.c - what Amazon says about the agreement, and the calls that ask it.
 *
 * One call about the agreement is wanted at a time (care): sync, confirm or close. It is made when
 * care_at has come; while it is on the wire care_at stays in the past, so that after a crash, when
 * nobody holds it any more, it is made again at once. A close is wanted as soon as the last
 * subscription is canceled, is made once no attempt is open, and is repeated until Amazon shows the
 * agreement Closed or Canceled.
 *
 * A Suspended agreement is asked for again and again at the policy's interval; found Open,
 * everything that waits is tried in the same step.
 */
#include <string.h>

#include "billing/ensure.h"
#include "billing/step_parts.h"

void care_want(struct step *step, enum care care, struct instant at)
{
    struct agreement *agreement = &step->account->agreement;
    if (agreement->care_on_wire || agreement_is_final(agreement->state)) {
        return;
    }
    if (agreement->care == care) {
        agreement->care_at = instant_min(agreement->care_at, at);
    } else if (care > agreement->care) {
        agreement->care = care;
        agreement->care_at = at;
    }
}

static void care_set(struct step *step, enum care care, struct instant at)
{
    struct agreement *agreement = &step->account->agreement;
    agreement->care = care;
    agreement->care_at = at;
}

static void care_repeat(struct step *step, enum care care)
{
    struct agreement *agreement = &step->account->agreement;
    int64_t wait_ms = policy_nth_wait_ms(&step->policy->resend, agreement->care_tries);
    agreement->care_tries++;
    care_set(step, care, instant_plus(step->at, wait_ms));
}

/* The agreement ends, and with it whatever is still owed on it. */
static void give_up_all(struct step *step)
{
    for (uint32_t i = 0; i < step->account->charge_count; i++) {
        charge_give_up(step, &step->account->charges[i], REASON_AGREEMENT_ENDED);
    }
}

void subscription_over(struct step *step, struct subscription *subscription,
                       enum subscription_state to, enum reason reason, enum reason of_charges)
{
    struct account *account = step->account;
    subscription->due_at = INSTANT_NEVER;
    subscription->resume_at = INSTANT_NEVER;
    subscription->hand_over_at = INSTANT_NEVER;
    move_subscription(step, subscription, to, reason);
    for (uint32_t i = 0; i < account->charge_count; i++) {
        struct charge *charge = &account->charges[i];
        if (strcmp(charge->subscription_key, subscription->key) == 0) {
            charge_give_up(step, charge, of_charges);
        }
    }
    for (uint32_t i = 0; i < account->subscription_count; i++) {
        if (!subscription_is_final(account->subscriptions[i].state)) {
            return;
        }
    }
    if (!agreement_is_final(account->agreement.state)) {
        account->agreement.close_wanted = true;
        give_up_all(step);
    }
}

void subscription_cancel(struct step *step, struct subscription *subscription, enum reason reason)
{
    subscription_over(step, subscription, SUBSCRIPTION_CANCELED, reason,
                      REASON_SUBSCRIPTION_CANCELED);
}

/* Closed or Canceled at Amazon: nothing can be charged any more. */
static void agreement_over(struct step *step)
{
    struct account *account = step->account;
    care_set(step, CARE_NONE, INSTANT_NEVER);
    account->agreement.close_wanted = false;
    for (uint32_t i = 0; i < account->subscription_count; i++) {
        struct subscription *subscription = &account->subscriptions[i];
        if (!subscription_is_final(subscription->state)) {
            subscription->due_at = INSTANT_NEVER;
            move_subscription(step, subscription, SUBSCRIPTION_CANCELED, REASON_AGREEMENT_ENDED);
        }
    }
    give_up_all(step);
}

/* What is wanted next, from the state that Amazon just told. */
static void care_after_sync(struct step *step, const struct care_answer *answer)
{
    struct agreement *agreement = &step->account->agreement;
    struct instant poll_at = instant_plus(step->at, step->policy->suspended_poll_ms);
    bool close_again =
        agreement->close_wanted && agreement->care_tries > 0 &&
        (agreement->state == AGREEMENT_OPEN || agreement->state == AGREEMENT_SUSPENDED);
    if (close_again) {
        care_repeat(step, CARE_CLOSE);
        return;
    }
    agreement->care_tries = 0;
    switch (agreement->state) {
    case AGREEMENT_OPEN:
        care_set(step, CARE_NONE, INSTANT_NEVER);
        break;
    case AGREEMENT_DRAFT:
        if (agreement->confirm_wanted && !agreement->close_wanted && !answer->has_constraints) {
            care_set(step, CARE_CONFIRM, step->at);
        } else {
            care_set(step, CARE_SYNC, poll_at);
        }
        break;
    case AGREEMENT_SUSPENDED:
    case AGREEMENT_UNSYNCED:
        care_set(step, CARE_SYNC, poll_at);
        break;
    case AGREEMENT_CANCELED:
    case AGREEMENT_CLOSED:
        agreement_over(step);
        break;
    }
}

static void sync_answered(struct step *step, const struct care_answer *answer)
{
    struct agreement *agreement = &step->account->agreement;
    if (answer->outcome != OUTCOME_DONE || !answer->has_details) {
        /* Refused (unknown id, another account's credentials) is worth asking again, but slowly. */
        if (answer->outcome == OUTCOME_REFUSED) {
            care_set(step, CARE_SYNC, instant_plus(step->at, step->policy->suspended_poll_ms));
        } else {
            care_repeat(step, CARE_SYNC);
        }
        return;
    }
    bool may =
        agreement->state == answer->state || agreement_may_become(agreement->state, answer->state);
    bool sane = limit_is_sane(answer, &agreement->limit);
    bool needs_limit = answer->state == AGREEMENT_OPEN && !limit_is_known(&agreement->limit);
    if (!may || (needs_limit && !sane)) {
        care_set(step, CARE_SYNC, instant_plus(step->at, step->policy->suspended_poll_ms));
        return;
    }
    agreement->synced_at = step->at;
    if (sane) {
        limit_told(step, answer);
    }
    bool was_suspended = agreement->state == AGREEMENT_SUSPENDED;
    move_agreement(step, answer->state, answer->reason);
    if (answer->state == AGREEMENT_OPEN && !was_suspended) {
        charges_not_suspended(step);
    }
    care_after_sync(step, answer);
}

static void care_ended(struct step *step, const struct care_answer *answer)
{
    struct agreement *agreement = &step->account->agreement;
    if (!agreement->care_on_wire || agreement->care != answer->care) {
        return;
    }
    agreement->care_on_wire = false;
    agreement->care_reason = answer->outcome == OUTCOME_DONE ? REASON_NONE : answer->reason;
    switch (answer->care) {
    case CARE_NONE:
        break;
    case CARE_SYNC:
        sync_answered(step, answer);
        break;
    case CARE_CONFIRM:
        if (answer->outcome == OUTCOME_DONE || answer->outcome == OUTCOME_REFUSED) {
            /* A refusal is not repeated: the operator registers again when the buyer has acted. */
            agreement->confirm_wanted =
                agreement->confirm_wanted && answer->outcome == OUTCOME_DONE;
            care_set(step, CARE_SYNC, step->at);
        } else {
            care_repeat(step, CARE_CONFIRM);
        }
        break;
    case CARE_SET:
    case CARE_VALIDATE:
        break;
    case CARE_CLOSE:
        if (answer->outcome == OUTCOME_DONE) {
            move_agreement(step, AGREEMENT_CLOSED, REASON_SUBSCRIPTION_CANCELED);
            agreement_over(step);
        } else if (answer->outcome == OUTCOME_REFUSED) {
            /* Closed already, perhaps: Amazon's own word decides. */
            care_repeat(step, CARE_SYNC);
        } else {
            care_repeat(step, CARE_CLOSE);
        }
        break;
    }
}

void care_answered(struct step *step, const struct care_answer *answer)
{
    struct agreement *agreement = &step->account->agreement;
    care_ended(step, answer);
    if (agreement->sync_again && !agreement->care_on_wire) {
        agreement->sync_again = false;
        care_want(step, CARE_SYNC,
                  instant_plus(step->at, policy_nth_wait_ms(&step->policy->resend, 0)));
    }
}

static bool has_open_attempt(const struct account *account)
{
    for (uint32_t i = 0; i < account->charge_count; i++) {
        if (account->charges[i].state == CHARGE_ATTEMPTING) {
            return true;
        }
    }
    return false;
}

/* Amazon closes what is Open or Suspended. An open attempt is finished first, so that a charge that
 * may have happened is never orphaned. While a refused close is being looked into (care_tries), the
 * sync goes first. */
static void close_if_wanted(struct step *step)
{
    struct agreement *agreement = &step->account->agreement;
    bool can_close =
        agreement->close_wanted && !has_open_attempt(step->account) &&
        (agreement->state == AGREEMENT_OPEN || agreement->state == AGREEMENT_SUSPENDED);
    if (agreement->care == CARE_CLOSE && !agreement->care_on_wire && !can_close) {
        care_set(step, CARE_NONE, INSTANT_NEVER);
    }
    if (can_close && (agreement->care == CARE_NONE || agreement->care_tries == 0)) {
        care_want(step, CARE_CLOSE, step->at);
    }
}

void agreement_advance(struct step *step)
{
    struct agreement *agreement = &step->account->agreement;
    if (agreement_is_final(agreement->state)) {
        return;
    }
    close_if_wanted(step);
    if (instant_reached(agreement->care_at, step->at) && !agreement->care_on_wire) {
        static const enum call_kind calls[] = {[CARE_SYNC] = CALL_SYNC,
                                               [CARE_CONFIRM] = CALL_CONFIRM,
                                               [CARE_CLOSE] = CALL_CLOSE,
                                               [CARE_SET] = CALL_SET,
                                               [CARE_VALIDATE] = CALL_VALIDATE};
        call(step, calls[agreement->care], "");
        agreement->care_on_wire = true;
        agreement->posted_since_sync = false;
    }
}
