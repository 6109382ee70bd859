/*
 * step_charge.c - from a due cycle to a final charge.
 *
 * A cycle is opened when its due instant has come: the charge is made and the subscription moves on
 * to its next cycle in the same step. A charge is tried when nothing stands in its way: the
 * agreement is Open and the limit has room, which is reserved together with the attempt's intent.
 * What the answer means for the charge is decided in attempt_ended().
 *
 * What decides between "it did not happen" and "we do not know":
 *   - An answer that shows the authorization itself is final.
 *   - An error answer is final for the first send (INTENT). After an unanswered send (UNKNOWN) it
 *     only speaks of the latest send, so the authorization is looked for (discovery) before it
 *     counts.
 *   - A discovery that finds nothing counts only together with such an error, and only when every
 *     send is old enough to have been listed (policy.answer_deadline_ms after that error).
 *   - After a cancellation an UNKNOWN attempt is only looked for, never sent again: it was charged
 *     before, or it is not charged.
 * Nothing else ends an UNKNOWN attempt, and no new attempt exists before the old one is final.
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
            subscription_cancel(step, subscription);
        }
    }
}

/* --- trying -------------------------------------------------------------------------------- */

static void attempt_start(struct step *step, struct charge *charge)
{
    struct attempt *attempt = &charge->attempt;
    ENSURE(attempt->number == 0 || attempt_is_final(attempt->state));
    uint32_t number = attempt->number + 1;
    *attempt = (struct attempt){
        .number = number,
        .state = ATTEMPT_INTENT,
        .amount = charge->amount,
        .reason = REASON_NONE,
        .created_at = step->at,
        .resend_at = step->at,
        .on_wire = true,
        .answered_at = INSTANT_NEVER,
    };
    reference_id_format(charge->id, number, attempt->reference_id);
    tell(step, CHANGE_ATTEMPT, attempt->reference_id, 0, ATTEMPT_INTENT, REASON_NONE);
    touch_attempt(step, charge);
    move_charge(step, charge, CHARGE_ATTEMPTING, REASON_NONE);
    call(step, CALL_AUTHORIZE, attempt->reference_id);
}

static void subscription_failed(struct step *step, const struct charge *charge)
{
    struct subscription *subscription =
        account_subscription(step->account, charge->subscription_key);
    if (subscription != NULL && subscription->state == SUBSCRIPTION_ACTIVE) {
        move_subscription(step, subscription, SUBSCRIPTION_PAST_DUE, charge->reason);
    }
}

static void charge_fail(struct step *step, struct charge *charge, enum reason reason)
{
    move_charge(step, charge, CHARGE_FAILED, reason);
    subscription_failed(step, charge);
}

static void charge_hold(struct step *step, struct charge *charge, enum reason reason)
{
    struct instant until = step->account->agreement.limit.period_end;
    if (step->policy->limit_short == POLICY_SHORT_FAIL) {
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

static void charge_wait(struct step *step, struct charge *charge, enum reason reason)
{
    if (charge->state != CHARGE_WAITING) {
        move_charge(step, charge, CHARGE_WAITING, reason);
    }
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
    switch (limit_reserve(&agreement->limit, charge->amount)) {
    case LIMIT_RESERVED:
        attempt_start(step, charge);
        return;
    case LIMIT_SHORT:
        charge_hold(step, charge, REASON_LIMIT_SHORT);
        return;
    case LIMIT_TOO_SMALL:
        charge_fail(step, charge, REASON_LIMIT_TOO_SMALL);
        return;
    }
    ENSURE(false);
}

/* Nothing new may be charged for it. */
static bool is_canceled(struct step *step, const struct charge *charge)
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

/* Ends an attempt of which Amazon said that nothing happened, before it is sent again. */
static void attempt_give_up(struct step *step, struct charge *charge, enum reason reason)
{
    move_attempt(step, charge, ATTEMPT_REFUSED, reason);
    limit_release(&step->account->agreement.limit, charge->attempt.amount);
}

/* An open attempt that nobody holds and whose time has come is asked for again, under the same id.
 */
static void attempt_resend(struct step *step, struct charge *charge)
{
    struct attempt *attempt = &charge->attempt;
    if (attempt->on_wire || !instant_reached(attempt->resend_at, step->at)) {
        return;
    }
    if (attempt->state == ATTEMPT_POSTPONED && step->account->agreement.state != AGREEMENT_OPEN) {
        /* It would be the first send that counts, and the agreement is known not to take it. */
        attempt_give_up(step, charge, REASON_AGREEMENT_SUSPENDED);
        charge_wait(step, charge, REASON_AGREEMENT_SUSPENDED);
        return;
    }
    if (attempt->state == ATTEMPT_INTENT) {
        /* Its call ended with the process that made it. */
        move_attempt(step, charge, ATTEMPT_UNKNOWN, REASON_NO_ANSWER);
    } else if (attempt->state == ATTEMPT_POSTPONED) {
        move_attempt(step, charge, ATTEMPT_INTENT, REASON_NONE);
    }
    if (attempt->state == ATTEMPT_UNKNOWN && !attempt->discover && is_canceled(step, charge)) {
        /* Sent again, it might charge after the cancellation: from now on it is only looked for. */
        attempt->discover = true;
        attempt->answered_at = step->at;
    }
    attempt->on_wire = true;
    attempt->resend_at = step->at;
    touch_attempt(step, charge);
    if (attempt->authorization_id[0] != '\0') {
        call(step, CALL_LOOK_UP, attempt->reference_id);
    } else {
        call(step, attempt->discover ? CALL_DISCOVER : CALL_AUTHORIZE, attempt->reference_id);
    }
}

static void charge_advance(struct step *step, struct charge *charge)
{
    switch (charge->state) {
    case CHARGE_ATTEMPTING:
        attempt_resend(step, charge);
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
        if (instant_reached(charge->retry_at, step->at) ||
            agreement_is_final(step->account->agreement.state)) {
            charge_try(step, charge);
        }
        break;
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
    const struct policy_waits *waits = &step->policy->retry[reason];
    uint32_t tried = charge->attempt.number;
    if (tried > waits->count) {
        charge_fail(step, charge, reason);
        return;
    }
    move_charge(step, charge, CHARGE_RETRYING, reason);
    charge->retry_at = instant_plus(step->at, waits->wait_ms[tried - 1]);
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

/* What a charge does after an attempt that ended without a capture. */
static void attempt_ended(struct step *step, struct charge *charge, enum reason reason)
{
    if (reason == REASON_INVALID_PAYMENT_METHOD) {
        agreement_suspected(step);
    }
    if (is_canceled(step, charge)) {
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
        limit_exhaust(&step->account->agreement.limit);
        tell(step, CHANGE_LIMIT, step->account->agreement.id, 0, 0, reason);
        care_want(step, CARE_SYNC, step->at);
        charge_hold(step, charge, reason);
        return;
    case REASON_INVALID_PAYMENT_METHOD_SOFT:
        /* Whether a soft decline suspends is not documented: ask. */
        care_want(step, CARE_SYNC, step->at);
        charge_retry(step, charge, reason);
        return;
    case REASON_AMAZON_REJECTED:
    case REASON_PROCESSING_FAILURE:
    case REASON_TRANSACTION_TIMED_OUT:
    case REASON_NOT_CAPTURED:
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
        charge_retry(step, charge, reason);
        return;
    }
    ENSURE(false);
}

static bool is_decline(enum reason reason)
{
    return reason == REASON_INVALID_PAYMENT_METHOD ||
           reason == REASON_INVALID_PAYMENT_METHOD_SOFT || reason == REASON_AMAZON_REJECTED ||
           reason == REASON_PROCESSING_FAILURE || reason == REASON_TRANSACTION_TIMED_OUT;
}

static void attempt_captured(struct step *step, struct charge *charge)
{
    move_attempt(step, charge, ATTEMPT_CAPTURED, REASON_NONE);
    limit_post(&step->account->agreement.limit, charge->attempt.amount);
    step->account->agreement.posted_since_sync = true;
    move_charge(step, charge, CHARGE_PAID, REASON_NONE);
    struct subscription *subscription =
        account_subscription(step->account, charge->subscription_key);
    if (subscription != NULL && subscription->state == SUBSCRIPTION_PAST_DUE) {
        move_subscription(step, subscription, SUBSCRIPTION_ACTIVE, REASON_NONE);
    }
}

static void attempt_refused(struct step *step, struct charge *charge, enum reason reason)
{
    move_attempt(step, charge, is_decline(reason) ? ATTEMPT_DECLINED : ATTEMPT_REFUSED, reason);
    limit_release(&step->account->agreement.limit, charge->attempt.amount);
    attempt_ended(step, charge, reason);
}

/* Asked again under the same id, after the waits of silence. */
static void attempt_wait(struct step *step, struct charge *charge)
{
    struct attempt *attempt = &charge->attempt;
    attempt->resend_at =
        instant_plus(step->at, nth_wait_ms(&step->policy->resend, attempt->unanswered));
    attempt->unanswered++;
    touch_attempt(step, charge);
}

/* Amazon has not said what became of it: keep the attempt, ask again later. */
static void attempt_unknown(struct step *step, struct charge *charge, enum reason reason,
                            bool discover)
{
    struct attempt *attempt = &charge->attempt;
    if (attempt->state == ATTEMPT_INTENT) {
        move_attempt(step, charge, ATTEMPT_UNKNOWN, reason);
    }
    attempt->reason = reason;
    attempt->discover = discover;
    attempt_wait(step, charge);
}

static void attempt_later(struct step *step, struct charge *charge, enum reason reason)
{
    if (charge->attempt.state == ATTEMPT_INTENT) {
        move_attempt(step, charge, ATTEMPT_POSTPONED, reason);
        if (is_canceled(step, charge)) {
            charge_give_up(step, charge, REASON_SUBSCRIPTION_CANCELED);
            return;
        }
    }
    attempt_wait(step, charge);
}

/* A discovery found nothing. It ends the attempt only together with an error that refused the
 * re-sent request, and only when that answer, and so every send before it, was old enough for
 * Amazon's list when the discovery began. The intent's age would not do: after a crash its first
 * send may be seconds old. */
static void attempt_absent(struct step *step, struct charge *charge, struct instant asked_at)
{
    struct attempt *attempt = &charge->attempt;
    bool canceled = is_canceled(step, charge);
    bool refused = canceled || attempt->reason == REASON_PERIODIC_AMOUNT_EXCEEDED ||
                   attempt->reason == REASON_AGREEMENT_NOT_OPEN ||
                   attempt->reason == REASON_REQUEST_REFUSED;
    struct instant listed_at = instant_plus(attempt->answered_at, step->policy->answer_deadline_ms);
    if (refused && instant_reached(listed_at, asked_at)) {
        attempt_refused(step, charge, canceled ? REASON_SUBSCRIPTION_CANCELED : attempt->reason);
    } else {
        /* Not old enough: look again. Nothing refused it: the same request may be sent again. */
        attempt_unknown(step, charge, attempt->reason, refused);
    }
}

/* A later answer may say less: what is known stays known. */
static void take_id(char *known, const char *told)
{
    if (told[0] != '\0') {
        memcpy(known, told, AMAZON_ID_MAX);
    }
}

void attempt_answered(struct step *step, const struct attempt_answer *answer)
{
    struct charge *charge = account_attempted(step->account, answer->reference_id);
    if (charge == NULL || attempt_is_final(charge->attempt.state)) {
        return;
    }
    struct attempt *attempt = &charge->attempt;
    /* A call on the wire was made at resend_at; of an answer that nobody waits for it is not known.
     */
    struct instant asked_at = attempt->on_wire ? attempt->resend_at : attempt->created_at;
    attempt->on_wire = false;
    if (attempt->state == ATTEMPT_POSTPONED) {
        /* A late answer of a send that seemed not to have happened: it is out after all. */
        move_attempt(step, charge, ATTEMPT_INTENT, REASON_NONE);
    }
    take_id(attempt->order_reference_id, answer->order_reference_id);
    take_id(attempt->authorization_id, answer->authorization_id);
    take_id(attempt->capture_id, answer->capture_id);
    if (answer->absent) {
        attempt_absent(step, charge, asked_at);
        return;
    }
    switch (answer->outcome) {
    case OUTCOME_DONE:
        attempt_captured(step, charge);
        return;
    case OUTCOME_REFUSED:
        if (answer->from_object || attempt->state == ATTEMPT_INTENT) {
            attempt_refused(step, charge, answer->reason);
        } else {
            attempt->answered_at = step->at;
            attempt_unknown(step, charge, answer->reason, true);
        }
        return;
    case OUTCOME_LATER:
        attempt_later(step, charge, answer->reason);
        return;
    case OUTCOME_UNKNOWN:
        attempt_unknown(step, charge, answer->reason, answer->duplicate || attempt->discover);
        return;
    }
    ENSURE(false);
}
