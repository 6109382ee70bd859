/*
 * step_charge.c - from a due cycle to a final charge.
 *
 * A cycle is opened when its due instant has come: the charge is made and the subscription moves on
 * to its next cycle in the same step. A charge is tried when nothing stands in its way: the
 * agreement is Open and the limit has room, which is reserved together with the attempt's intent.
 * What an attempt that ended means for the charge is decided in charge_paid() and
 * charge_not_paid().
 *
 * What becomes of the attempt itself is step_attempt.c.
 */
#include <stdio.h>
#include <string.h>

#include "billing/ensure.h"
#include "billing/step_parts.h"

/* --- opening ------------------------------------------------------------------------------- */

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
    tell(step, CHANGE_CHARGE, added->id, 0, CHARGE_DUE, REASON_NONE);
    touch_charge(step, added);
    return added;
}

static void open_cycle(struct step *step, struct subscription *subscription)
{
    struct charge charge = {
        .cycle = subscription->next_cycle,
        .is_first = subscription->next_cycle == subscription->first_cycle,
        .amount = subscription->amount,
        .due_at = subscription->due_at,
    };
    charge_id_format(subscription->key, subscription->next_cycle, charge.id);
    memcpy(charge.subscription_key, subscription->key, sizeof charge.subscription_key);
    memcpy(charge.label, subscription->label, sizeof charge.label);
    memcpy(charge.note, subscription->note, sizeof charge.note);
    struct charge *added = charge_add(step, &charge);
    ENSURE(added != NULL);
    subscription->next_cycle++;
    subscription->due_at =
        recurrence_due(&subscription->rule, subscription->zone, subscription->next_cycle);
    /* Equal only where a zone skipped a whole calendar day; see recurrence.h. */
    ENSURE(!instant_before(subscription->due_at, charge.due_at));
    touch_subscription(step, subscription);
}

static void open_due_cycles(struct step *step)
{
    struct account *account = step->account;
    for (uint32_t i = 0; i < account->subscription_count; i++) {
        struct subscription *subscription = &account->subscriptions[i];
        if (subscription_is_final(subscription->state)) {
            continue;
        }
        /* The end of the paid period is the due instant of the cycle that will not come. */
        while (instant_reached(subscription->due_at, step->at) &&
               instant_before(subscription->due_at, subscription->cancel_at) &&
               account->charge_count < ACCOUNT_CHARGES_MAX) {
            open_cycle(step, subscription);
        }
        if (instant_reached(subscription->cancel_at, step->at)) {
            subscription_cancel(step, subscription, REASON_SUBSCRIPTION_CANCELED);
        }
    }
}

/* --- trying -------------------------------------------------------------------------------- */

static void subscription_failed(struct step *step, const struct charge *charge)
{
    struct subscription *subscription =
        account_subscription(step->account, charge->subscription_key);
    if (subscription != NULL && subscription->state == SUBSCRIPTION_ACTIVE) {
        move_subscription(step, subscription, SUBSCRIPTION_PAST_DUE, charge->reason);
    }
}

/* Amazon could not decide in the few seconds of a synchronous authorization. */
static bool timed_out_at_once(const struct attempt *attempt)
{
    return attempt->state == ATTEMPT_DECLINED && attempt->timeout_minutes == 0 &&
           attempt->reason == REASON_TRANSACTION_TIMED_OUT;
}

static void charge_fail(struct step *step, struct charge *charge, enum reason reason)
{
    move_charge(step, charge, CHARGE_FAILED, reason);
    subscription_failed(step, charge);
}

static void charge_hold(struct step *step, struct charge *charge, enum reason reason)
{
    struct instant until = hold_until(step, reason);
    bool is_final_word = until.utc_ms == step->account->agreement.limit.period_end.utc_ms;
    if (step->policy->limit_short == POLICY_SHORT_FAIL && is_final_word) {
        charge_fail(step, charge, reason);
        return;
    }
    if (charge->state != CHARGE_HELD) {
        move_charge(step, charge, CHARGE_HELD, reason);
    }
    charge->reason = reason;
    charge->retry_at = until;
    touch_charge(step, charge);
}

void charge_wait(struct step *step, struct charge *charge, enum reason reason)
{
    if (charge->state != CHARGE_WAITING) {
        move_charge(step, charge, CHARGE_WAITING, reason);
    }
}

/* How long Amazon may take to decide the next attempt. Mixed: at once, and only the attempt right
 * after a time-out of that kind may take a day. */
static uint32_t next_timeout_minutes(const struct step *step, const struct charge *charge)
{
    switch (step->policy->authorization) {
    case POLICY_SYNCHRONOUS:
        return 0;
    case POLICY_ASYNCHRONOUS:
        return ASYNCHRONOUS_MINUTES;
    case POLICY_MIXED:
        return charge->attempt.number > 0 && timed_out_at_once(&charge->attempt)
                   ? ASYNCHRONOUS_MINUTES
                   : 0;
    }
    ENSURE(false);
    return 0;
}

static void charge_try(struct step *step, struct charge *charge)
{
    struct agreement *agreement = &step->account->agreement;
    if (agreement_is_final(agreement->state)) {
        move_charge(step, charge, CHARGE_CANCELED, REASON_AGREEMENT_ENDED);
        return;
    }
    if (agreement->state != AGREEMENT_OPEN) {
        charge_wait(step, charge, REASON_AGREEMENT_SUSPENDED);
        return;
    }
    if (charge->attempt.number == ATTEMPT_NUMBER_MAX) {
        charge_fail(step, charge, charge->reason);
        return;
    }
    struct instant stale_at = instant_plus(agreement->synced_at, step->policy->suspended_poll_ms);
    switch (limit_reserve(&agreement->limit, charge->amount)) {
    case LIMIT_RESERVED:
        attempt_start(step, charge, next_timeout_minutes(step, charge));
        move_charge(step, charge, CHARGE_ATTEMPTING, REASON_NONE);
        return;
    case LIMIT_SHORT:
        charge_hold(step, charge, REASON_LIMIT_SHORT);
        /* Our ledger may count more than Amazon does: an authorization that was pending at the turn
         * of a period is in the new one here. */
        if (charge->state == CHARGE_HELD && instant_reached(stale_at, step->at)) {
            care_want(step, CARE_SYNC, step->at);
        }
        return;
    case LIMIT_TOO_SMALL:
        charge_fail(step, charge, REASON_LIMIT_TOO_SMALL);
        return;
    }
    ENSURE(false);
}

bool charge_is_canceled(const struct step *step, const struct charge *charge)
{
    if (step->account->agreement.close_wanted) {
        return true;
    }
    if (charge->subscription_key[0] == '\0') {
        return false;
    }
    const struct subscription *subscription =
        account_subscription(step->account, charge->subscription_key);
    return subscription == NULL || subscription->state == SUBSCRIPTION_CANCELED;
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

static void charge_advance(struct step *step, struct charge *charge)
{
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
        if (step->account->agreement.state == AGREEMENT_OPEN ||
            agreement_is_final(step->account->agreement.state)) {
            charge_try(step, charge);
        }
        break;
    case CHARGE_RETRYING:
    case CHARGE_HELD:
        if (agreement_is_final(step->account->agreement.state) ||
            (instant_reached(charge->retry_at, step->at) && !attempt_ended_now(step, charge))) {
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
    open_due_cycles(step);
    for (uint32_t i = 0; i < account->charge_count; i++) {
        charge_advance(step, &account->charges[i]);
    }
    for (uint32_t i = 0; i < account->subscription_count; i++) {
        subscription_finish(step, &account->subscriptions[i]);
    }
}

/* --- ending -------------------------------------------------------------------------------- */

void charge_give_up(struct step *step, struct charge *charge, enum reason reason)
{
    if (charge_is_final(charge->state)) {
        return;
    }
    if (charge->state == CHARGE_ATTEMPTING) {
        if (charge->attempt.state != ATTEMPT_POSTPONED) {
            return;
        }
        attempt_give_up(step, charge, reason);
    }
    move_charge(step, charge, CHARGE_CANCELED, reason);
}

/* The retry list of the reason says when the next attempt is, or that there is none. */
static void charge_retry(struct step *step, struct charge *charge, enum reason reason)
{
    const struct policy_waits *waits = &step->policy->retry[reason].waits;
    uint32_t tried = charge->attempt.number - charge->extra_attempts;
    if (tried > waits->count) {
        charge_fail(step, charge, reason);
        return;
    }
    move_charge(step, charge, CHARGE_RETRYING, reason);
    charge->retry_at = instant_plus(step->at, waits->wait_ms[tried - 1]);
}

/* Mixed: the same amount again at once under a new reference id, and now Amazon may take a day.
 * This attempt is not one of the retry list's. */
static void charge_retry_asynchronously(struct step *step, struct charge *charge)
{
    charge->extra_attempts++;
    move_charge(step, charge, CHARGE_RETRYING, REASON_TRANSACTION_TIMED_OUT);
    charge->retry_at = step->at;
}

/* A hard decline should have suspended the agreement. Whether it has is Amazon's word to give: ask.
 */
static void agreement_suspected(struct step *step)
{
    if (step->account->agreement.state == AGREEMENT_OPEN) {
        move_agreement(step, AGREEMENT_UNSYNCED, REASON_INVALID_PAYMENT_METHOD);
    }
    care_want(step, CARE_SYNC, step->at);
}

void charges_not_suspended(struct step *step)
{
    for (uint32_t i = 0; i < step->account->charge_count; i++) {
        struct charge *charge = &step->account->charges[i];
        if (charge->state == CHARGE_WAITING && charge->reason == REASON_INVALID_PAYMENT_METHOD) {
            charge_retry(step, charge, REASON_INVALID_PAYMENT_METHOD_SOFT);
        }
    }
}

/* Asks at once, but if a charge is refused again, no more often than a Suspended one is asked for:
 * Amazon may show an agreement as Open and still refuse (constraints that came back). */
static void agreement_doubtful(struct step *step, const struct charge *charge)
{
    struct agreement *agreement = &step->account->agreement;
    struct instant ask_at = step->at;
    if (charge->attempt.number > 1) {
        struct instant poll_at =
            instant_plus(agreement->synced_at, step->policy->suspended_poll_ms);
        ask_at = instant_before(ask_at, poll_at) ? poll_at : ask_at;
    }
    if (agreement->state == AGREEMENT_OPEN) {
        move_agreement(step, AGREEMENT_UNSYNCED, REASON_AGREEMENT_NOT_OPEN);
    }
    care_want(step, CARE_SYNC, ask_at);
}

void charge_paid(struct step *step, struct charge *charge)
{
    move_charge(step, charge, CHARGE_PAID, REASON_NONE);
    struct subscription *subscription =
        account_subscription(step->account, charge->subscription_key);
    if (subscription != NULL && subscription->state == SUBSCRIPTION_PAST_DUE) {
        move_subscription(step, subscription, SUBSCRIPTION_ACTIVE, REASON_NONE);
    }
}

/* This period is used up, unless Amazon may have meant the one before. */
static void limit_refused(struct step *step)
{
    struct agreement *agreement = &step->account->agreement;
    struct instant until = hold_until(step, REASON_PERIODIC_AMOUNT_EXCEEDED);
    if (until.utc_ms == agreement->limit.period_end.utc_ms) {
        limit_exhaust(&agreement->limit);
        tell(step, CHANGE_LIMIT, agreement->id, 0, 0, REASON_PERIODIC_AMOUNT_EXCEEDED);
    }
}

void charge_not_paid(struct step *step, struct charge *charge, enum reason reason)
{
    if (reason == REASON_INVALID_PAYMENT_METHOD) {
        agreement_suspected(step);
    }
    if (charge_is_canceled(step, charge)) {
        move_charge(step, charge, CHARGE_CANCELED, REASON_SUBSCRIPTION_CANCELED);
        return;
    }
    switch (reason) {
    case REASON_INVALID_PAYMENT_METHOD:
        charge_wait(step, charge, reason);
        return;
    case REASON_AGREEMENT_NOT_OPEN:
        charge_wait(step, charge, reason);
        agreement_doubtful(step, charge);
        return;
    case REASON_PERIODIC_AMOUNT_EXCEEDED:
        limit_refused(step);
        care_want(step, CARE_SYNC, step->at);
        charge_hold(step, charge, reason);
        return;
    case REASON_INVALID_PAYMENT_METHOD_SOFT:
    case REASON_NOT_CAPTURED:
        /* Whether a soft decline suspends is not documented; and an authorization may have been
         * closed because its agreement ended: ask. */
        care_want(step, CARE_SYNC, step->at);
        charge_retry(step, charge, reason);
        return;
    case REASON_TRANSACTION_TIMED_OUT:
        if (step->policy->authorization == POLICY_MIXED && timed_out_at_once(&charge->attempt)) {
            charge_retry_asynchronously(step, charge);
        } else {
            charge_retry(step, charge, reason);
        }
        return;
    case REASON_AMAZON_REJECTED:
    case REASON_PROCESSING_FAILURE:
    case REASON_REQUEST_REFUSED:
    case REASON_NONE:
    case REASON_LIMIT_SHORT:
    case REASON_LIMIT_TOO_SMALL:
    case REASON_AGREEMENT_SUSPENDED:
    case REASON_AGREEMENT_ENDED:
    case REASON_SUBSCRIPTION_CANCELED:
    case REASON_NO_ANSWER:
    case REASON_THROTTLED:
    case REASON_SERVICE_UNAVAILABLE:
    case REASON_SELLER_ACCESS:
    case REASON_PENDING:
    case REASON_AGREEMENT_UNKNOWN:
    case REASON_SUBSCRIPTION_PAUSED:
    case REASON_STOPPED:
    case REASON_HELD_BACK:
    case REASON_OUTSIDE_HOURS:
    case REASON_TOO_LATE:
    case REASON_MISSED:
    case REASON_LIMIT_ASK:
    case REASON_REJECTED:
    case REASON_APPROVED:
    case REASON_NEXT_CYCLE:
    case REASON_ATTEMPTS_MAX:
    case REASON_AMOUNT_BOUND:
    case REASON_ON_SHIPMENT:
    case REASON_AUTHORIZATION_EXPIRING:
    case REASON_AUTHORIZATION_EXPIRED:
    case REASON_VOIDED:
    case REASON_CAPTURE_DECLINED:
    case REASON_SKIPPED:
    case REASON_AGREEMENT_REPLACED:
    case REASON_HAND_OVER_REFUSED:
    case REASON_LIMIT_DIFFERS:
    case REASON_OPERATOR:
    case REASON_POLICY:
    case REASON_GUARD:
    case REASON_CLOCK:
    case REASON_A_TO_Z:
    case REASON_CHARGEBACK:
    case REASON_VALIDATION_FAILED:
    case REASON_MERCHANT_CLOSED:
    case REASON_BUYER_CLOSED:
        charge_retry(step, charge, reason);
        return;
    }
    ENSURE(false);
}
