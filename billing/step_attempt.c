/*
 * step_attempt.c - from an intent to Amazon's final word about it.
 *
 * An open attempt that nobody holds is asked for again when its time has come, always under its own
 * reference id:
 *
 *     look-up    its authorization, once Amazon has told the id
 *     discovery  the authorizations of its order, to find the one with our reference id
 *     re-send    the identical request, which Amazon answers with its first result
 *
 * What decides between "it did not happen" and "we do not know":
 *   - An answer that shows the authorization itself is final, unless it shows another reference id:
 *     such an answer is never taken, and the id that led there is forgotten.
 *   - An error answer to a request is final for the first send (INTENT). After an unanswered send
 *     (UNKNOWN) it only speaks of the latest send, so the authorization is looked for (discovery)
 *     before it counts. An error answer to a look-up or discovery says nothing about the attempt.
 *   - A discovery that finds nothing counts only together with such an error, and only when every
 *     send is old enough to have been listed: policy.answer_deadline_ms after answered_at, which no
 *     send is later than. Without an error it leads to the identical request, never to another id.
 *   - An authorization that ended without a capture may have a sister: where Amazon takes the id of
 * a declined one as free, a re-send whose answer was lost made another. So what a discovery finds
 *     declined counts only when every send is old enough to have been listed, and what a look-up of
 *     a noticed id shows declined only after such a discovery.
 *   - What Amazon has once shown or told of (is_shown) was made: then no error and no empty list
 *     ends the attempt.
 *   - After a cancellation an UNKNOWN attempt is only looked for, never sent again: it was charged
 *     before, or it is not charged.
 * Nothing else ends an UNKNOWN attempt, and no new attempt exists before the old one is final.
 *
 * An authorization that Amazon has not decided yet is UNKNOWN with reason "pending": nothing is
 * wrong, it is looked up at the waits of policy.pending_poll. Look-ups that bring no answer leave
 * it pending.
 *
 * Without CaptureNow an authorization that is found Open is handed to step_capture.c.
 */
#include <string.h>

#include "billing/ensure.h"
#include "billing/step_parts.h"

void attempt_start(struct step *step, struct charge *charge, uint32_t timeout_minutes)
{
    struct attempt *attempt = &charge->attempt;
    ENSURE(attempt->number == 0 || attempt_is_final(attempt->state));
    uint32_t number = attempt->number + 1;
    *attempt = (struct attempt){
        .number = number,
        .state = ATTEMPT_INTENT,
        .amount = charge->amount,
        .timeout_minutes = timeout_minutes,
        .reason = REASON_NONE,
        .created_at = step->at,
        .resend_at = step->at,
        .on_wire = true,
        .answered_at = INSTANT_NEVER,
        .capture_now = charge_policy(step, charge)->capture != POLICY_CAPTURE_ON_SHIPMENT,
        .expires_at = INSTANT_NEVER,
    };
    reference_id_format(charge->id, number, attempt->reference_id);
    tell(step, CHANGE_ATTEMPT, attempt->reference_id, 0, ATTEMPT_INTENT, REASON_NONE);
    touch_attempt(step, charge);
    call(step, CALL_AUTHORIZE, attempt->reference_id);
}

void attempt_give_up(struct step *step, struct charge *charge, enum reason reason)
{
    move_attempt(step, charge, ATTEMPT_REFUSED, reason);
    limit_release(&step->account->agreement.limit, charge->attempt.amount);
    charge->extra_attempts++; /* it did not happen: the retry list does not count it */
}

/* Amazon has shown or told of it: it was made, whatever an error or an empty list says. */
static bool attempt_is_shown(const struct attempt *attempt)
{
    return attempt->authorization_id[0] != '\0' || attempt->capture_id[0] != '\0';
}

/* --- asking again -------------------------------------------------------------------------- */

static enum call_kind next_call(const struct attempt *attempt)
{
    if (attempt->discover) {
        return CALL_DISCOVER;
    }
    return attempt->authorization_id[0] != '\0' ? CALL_LOOK_UP : CALL_AUTHORIZE;
}

static bool looks_first(const struct step *step, const struct charge *charge)
{
    return charge_policy(step, charge)->settle_by == POLICY_BY_DISCOVERY;
}

static enum reason canceled_reason(const struct charge *charge)
{
    return charge->word == WORD_VOID ? REASON_VOIDED : REASON_SUBSCRIPTION_CANCELED;
}

static void attempt_ask(struct step *step, struct charge *charge)
{
    struct attempt *attempt = &charge->attempt;
    enum call_kind kind = next_call(attempt);
    ENSURE(kind == CALL_AUTHORIZE || attempt->state == ATTEMPT_UNKNOWN);
    if (kind == CALL_AUTHORIZE) {
        /* Recorded before it is sent: when this process ends, this is how its successor goes on. */
        attempt->answered_at = INSTANT_NEVER;
        attempt->discover = attempt->state == ATTEMPT_UNKNOWN && looks_first(step, charge);
    } else if (attempt->answered_at.utc_ms == INSTANT_NEVER.utc_ms) {
        /* Who made the latest send is gone: it was made before now. */
        attempt->answered_at = step->at;
    }
    attempt->on_wire = true;
    attempt->resend_at = step->at;
    touch_attempt(step, charge);
    call(step, kind, attempt->reference_id);
}

/* Sent now, it would be the first send that counts: what stands in the way of a new attempt stands
 * in the way of this one. True: where that has no time it is given up, and the charge waits; else
 * it stays as it is until then, so that an outage uses up no attempts. */
static bool attempt_put_off(struct step *step, struct charge *charge)
{
    enum reason reason = charge_obstacle(step, charge);
    if (reason != REASON_NONE) {
        attempt_give_up(step, charge, reason);
        charge_wait(step, charge, reason);
        return true;
    }
    struct hold hold = charge_held_back(step, charge);
    if (hold.reason != REASON_NONE) {
        charge->attempt.reason = hold.reason;
        charge->attempt.resend_at = hold.until;
        touch_attempt(step, charge);
        return true;
    }
    return false;
}

void attempt_advance(struct step *step, struct charge *charge)
{
    struct attempt *attempt = &charge->attempt;
    if (attempt->on_wire || !instant_reached(attempt->resend_at, step->at)) {
        return;
    }
    if (attempt->state == ATTEMPT_POSTPONED && attempt_put_off(step, charge)) {
        return;
    }
    if (attempt->state == ATTEMPT_INTENT) {
        /* Its call ended with the process that made it. */
        move_attempt(step, charge, ATTEMPT_UNKNOWN, REASON_NO_ANSWER);
        attempt->discover = looks_first(step, charge) && attempt->authorization_id[0] == '\0';
    } else if (attempt->state == ATTEMPT_POSTPONED) {
        move_attempt(step, charge, ATTEMPT_INTENT, REASON_NONE);
    }
    if (attempt->state == ATTEMPT_UNKNOWN && next_call(attempt) == CALL_AUTHORIZE &&
        charge_is_canceled(step, charge)) {
        /* Sent again, it might charge after the cancellation: from now on it is only looked for. */
        attempt->discover = true;
    }
    attempt_ask(step, charge);
}

/* --- notices ------------------------------------------------------------------------------- */

/* A later answer may say less: what is known stays known. */
static void take_id(char *known, const char *told)
{
    if (told[0] != '\0') {
        memcpy(known, told, AMAZON_ID_MAX);
    }
}

/* What a notice tells is taken only where Amazon's answers have not told yet. */
static void learn_id(char *known, const char *told)
{
    if (known[0] == '\0') {
        take_id(known, told);
    }
}

void attempt_noticed(struct step *step, struct charge *charge, const struct notice_event *notice)
{
    struct attempt *attempt = &charge->attempt;
    if (attempt_is_final(attempt->state)) {
        return;
    }
    if (capture_decides(attempt)) {
        capture_noticed(step, charge);
        return;
    }
    bool was_known = attempt->authorization_id[0] != '\0';
    learn_id(attempt->order_reference_id, notice->order_reference_id);
    learn_id(attempt->authorization_id, notice->authorization_id);
    learn_id(attempt->capture_id, notice->capture_id);
    touch_attempt(step, charge);
    if (attempt->on_wire) {
        return; /* its answer is awaited; what was learned counts then */
    }
    if (attempt->state == ATTEMPT_POSTPONED && attempt_is_shown(attempt)) {
        /* The send that seemed not to have happened is out after all. */
        move_attempt(step, charge, ATTEMPT_INTENT, REASON_NONE);
        move_attempt(step, charge, ATTEMPT_UNKNOWN, REASON_NO_ANSWER);
        attempt->discover = true;
    }
    if (!was_known && attempt->authorization_id[0] != '\0') {
        attempt->discover = false; /* a look-up is surer than a list */
    }
    if (attempt->state != ATTEMPT_POSTPONED) {
        attempt->unanswered = 0;
        attempt->resend_at = step->at;
    }
}

/* --- answers ------------------------------------------------------------------------------- */

static bool is_decline(enum reason reason)
{
    return reason == REASON_INVALID_PAYMENT_METHOD ||
           reason == REASON_INVALID_PAYMENT_METHOD_SOFT || reason == REASON_AMAZON_REJECTED ||
           reason == REASON_PROCESSING_FAILURE || reason == REASON_TRANSACTION_TIMED_OUT;
}

void attempt_captured(struct step *step, struct charge *charge)
{
    move_attempt(step, charge, ATTEMPT_CAPTURED, REASON_NONE);
    limit_post(&step->account->agreement.limit, charge->attempt.amount);
    charge_paid(step, charge);
}

void attempt_refused(struct step *step, struct charge *charge, enum reason reason)
{
    move_attempt(step, charge, is_decline(reason) ? ATTEMPT_DECLINED : ATTEMPT_REFUSED, reason);
    limit_release(&step->account->agreement.limit, charge->attempt.amount);
    charge_not_paid(step, charge, reason);
}

/* Throttled, or Amazon in trouble: a policy may have waits of their own. */
static const struct policy_waits *silence_waits(const struct policy *policy, enum reason reason)
{
    bool has_own = (reason == REASON_THROTTLED || reason == REASON_SERVICE_UNAVAILABLE) &&
                   policy->retry[reason].waits.count > 0;
    return has_own ? &policy->retry[reason].waits : &policy->resend;
}

void attempt_wait(struct step *step, struct charge *charge, bool is_pending)
{
    struct attempt *attempt = &charge->attempt;
    const struct policy *policy = charge_policy(step, charge);
    const struct policy_waits *waits =
        is_pending ? &policy->pending_poll : silence_waits(policy, attempt->reason);
    attempt->resend_at = instant_plus(step->at, policy_nth_wait_ms(waits, attempt->unanswered));
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
    if ((attempt->reason == REASON_PENDING) != (reason == REASON_PENDING)) {
        attempt->unanswered = 0; /* another list of waits */
    }
    attempt->reason = reason;
    attempt->discover = discover;
    attempt_wait(step, charge, attempt_is_pending(attempt));
}

/* No answer, or one that does not say what became of it. */
static void attempt_unclear(struct step *step, struct charge *charge,
                            const struct attempt_answer *answer)
{
    struct attempt *attempt = &charge->attempt;
    bool is_known = attempt->authorization_id[0] != '\0';
    if (answer->call == CALL_AUTHORIZE) {
        attempt_unknown(step, charge, answer->reason,
                        !is_known && (answer->duplicate || looks_first(step, charge)));
        return;
    }
    ENSURE(answer->call == CALL_LOOK_UP || answer->call == CALL_DISCOVER);
    attempt_unknown(step, charge, attempt_is_pending(attempt) ? REASON_PENDING : answer->reason,
                    !answer->from_object && attempt->discover);
}

/* Is every send old enough to have been listed when a call was made at `asked_at`? */
static bool is_listed_by(const struct step *step, const struct charge *charge,
                         struct instant asked_at)
{
    return sends_are_old(step, charge_policy(step, charge), charge->attempt.answered_at, asked_at);
}

/* Does an answer that shows an authorization without a capture end the attempt? */
static bool is_last_word(const struct step *step, const struct charge *charge, enum call_kind call,
                         struct instant asked_at)
{
    if (call == CALL_AUTHORIZE) {
        return true;
    }
    if (call == CALL_LOOK_UP) {
        /* What is pending was shown by Amazon after the latest send. Else the id is a notice's: it
         * is remembered as the reason, for the discovery that follows. */
        return attempt_is_pending(&charge->attempt);
    }
    ENSURE(call == CALL_DISCOVER);
    return is_listed_by(step, charge, asked_at);
}

/* An error answer, or an authorization that ended without a capture. */
static void attempt_told_no(struct step *step, struct charge *charge,
                            const struct attempt_answer *answer, struct instant asked_at)
{
    struct attempt *attempt = &charge->attempt;
    bool is_first_send = answer->call == CALL_AUTHORIZE && attempt->state == ATTEMPT_INTENT;
    if (answer->from_object ? is_last_word(step, charge, answer->call, asked_at)
                            : is_first_send && !attempt_is_shown(attempt)) {
        attempt_refused(step, charge, answer->reason);
    } else if (answer->call == CALL_AUTHORIZE) {
        attempt_unknown(step, charge, answer->reason, attempt->authorization_id[0] == '\0');
    } else {
        attempt_unknown(step, charge, answer->from_object ? answer->reason : REASON_NO_ANSWER,
                        true);
    }
}

/* It did not happen: the same call again later. */
static void attempt_later(struct step *step, struct charge *charge,
                          const struct attempt_answer *answer)
{
    struct attempt *attempt = &charge->attempt;
    if (attempt->state == ATTEMPT_INTENT && attempt_is_shown(attempt)) {
        attempt_unknown(step, charge, REASON_NO_ANSWER, attempt->authorization_id[0] == '\0');
        return;
    }
    if (attempt->state == ATTEMPT_INTENT) {
        move_attempt(step, charge, ATTEMPT_POSTPONED, answer->reason);
        if (charge_is_canceled(step, charge)) {
            charge_give_up(step, charge, canceled_reason(charge));
            return;
        }
        if (agreement_is_final(step->account->agreement.state)) {
            charge_give_up(step, charge, REASON_AGREEMENT_ENDED);
            return;
        }
    }
    if (answer->call == CALL_AUTHORIZE) {
        attempt->discover = false;
    }
    attempt_wait(step, charge, attempt_is_pending(attempt));
}

/* A discovery that began at `asked_at` found nothing. The intent's age says nothing about how long
 * a send could have been listed: after a crash the first one may be seconds old. */
static void attempt_absent(struct step *step, struct charge *charge, struct instant asked_at)
{
    struct attempt *attempt = &charge->attempt;
    bool canceled = charge_is_canceled(step, charge);
    bool refused = canceled || attempt->reason == REASON_PERIODIC_AMOUNT_EXCEEDED ||
                   attempt->reason == REASON_AGREEMENT_NOT_OPEN ||
                   attempt->reason == REASON_REQUEST_REFUSED;
    bool shown_declined = attempt_is_shown(attempt) &&
                          (is_decline(attempt->reason) || attempt->reason == REASON_NOT_CAPTURED);
    if (!is_listed_by(step, charge, asked_at)) {
        attempt_unknown(step, charge, attempt->reason,
                        shown_declined || !attempt_is_shown(attempt));
    } else if (shown_declined) {
        attempt_refused(step, charge, attempt->reason);
    } else if (attempt_is_shown(attempt)) {
        attempt_unknown(step, charge, attempt->reason, false);
    } else if (refused) {
        attempt_refused(step, charge, canceled ? canceled_reason(charge) : attempt->reason);
    } else {
        attempt_unknown(step, charge, attempt->reason, false);
    }
}

/* The answer shows another authorization than ours: whatever led there is forgotten. */
static void attempt_mistaken(struct step *step, struct charge *charge)
{
    struct attempt *attempt = &charge->attempt;
    attempt->order_reference_id[0] = '\0';
    attempt->authorization_id[0] = '\0';
    attempt->capture_id[0] = '\0';
    attempt_unknown(step, charge, REASON_NO_ANSWER, true);
}

/* What an answer shows of an authorization without CaptureNow: true when that says it all. */
static bool attempt_shown(struct step *step, struct charge *charge,
                          const struct attempt_answer *answer, struct instant asked_at)
{
    if (charge->attempt.capture_now || !answer->from_object) {
        return false;
    }
    if (answer->is_authorized) {
        attempt_authorized(step, charge, answer->expires_at);
        return true;
    }
    bool is_captured =
        answer->outcome == OUTCOME_DONE && answer->is_capture && !money_is_valid(answer->captured);
    bool has_capture = answer->outcome == OUTCOME_DONE || answer->is_capture;
    if (has_capture && !is_captured) {
        /* Somebody's, or one that a lost record of ours began: it is looked at. */
        capture_answered(step, charge, answer, asked_at);
        return true;
    }
    return false;
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
    if (capture_decides(attempt)) {
        capture_answered(step, charge, answer, asked_at);
        return;
    }
    if (answer->call == CALL_AUTHORIZE) {
        attempt->answered_at = step->at;
    }
    if (attempt->state == ATTEMPT_POSTPONED) {
        /* A late answer of a send that seemed not to have happened: it is out after all. */
        move_attempt(step, charge, ATTEMPT_INTENT, REASON_NONE);
    }
    if (answer->is_other) {
        attempt_mistaken(step, charge);
        return;
    }
    take_id(attempt->order_reference_id, answer->order_reference_id);
    take_id(attempt->authorization_id, answer->authorization_id);
    take_id(attempt->capture_id, answer->capture_id);
    if (answer->absent) {
        attempt_absent(step, charge, asked_at);
        return;
    }
    if (attempt_shown(step, charge, answer, asked_at)) {
        return;
    }
    switch (answer->outcome) {
    case OUTCOME_DONE:
        attempt_captured(step, charge);
        return;
    case OUTCOME_REFUSED:
        attempt_told_no(step, charge, answer, asked_at);
        return;
    case OUTCOME_LATER:
        attempt_later(step, charge, answer);
        return;
    case OUTCOME_UNKNOWN:
        attempt_unclear(step, charge, answer);
        return;
    }
    ENSURE(false);
}
