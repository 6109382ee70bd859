/*
 * step_refund_settle.c - from a refund's intent to Amazon's final word about it.
 *
 * A refund of ours is asked for like a charge, under its own RefundReferenceId:
 *
 *     re-send    the identical request, which Amazon answers with its first result
 *     look-up    the refund, once Amazon has told its id
 *     discovery  the refunds of its capture, to find the one with our id
 *
 * What decides between "it did not happen" and "we do not know":
 *   - An error is final for the first send (INTENT). After an unanswered one the refund is looked
 *     for before the error counts.
 *   - A decline is final when it answers the first send. Otherwise it may have a sister: where
 *     Amazon takes the id of a declined one as free, a send whose answer was lost made another. It
 *     counts when a discovery shows it, or nothing else, that was made when every send was so old
 *     that Amazon would show it.
 *   - What is neither found nor refused is asked for again, identically.
 * Under another number only another command refunds again.
 */
#include <string.h>

#include "billing/ensure.h"
#include "billing/step_parts.h"

/* --- asking -------------------------------------------------------------------------------- */

void refund_send(struct step *step, struct refund *refund)
{
    refund->answered_at = INSTANT_NEVER;
    refund->resend_at = step->at;
    refund->on_wire = true;
    touch_refund(step, refund);
    call(step, CALL_REFUND, refund->id);
}

static void refund_ask(struct step *step, struct refund *refund)
{
    bool is_known = refund->amazon_refund_id[0] != '\0';
    if (!refund->discover && !is_known) {
        refund_send(step, refund);
        return;
    }
    if (refund->answered_at.utc_ms == INSTANT_NEVER.utc_ms) {
        /* Who made the latest send is gone: it was made before now. */
        refund->answered_at = step->at;
    }
    refund->resend_at = step->at;
    refund->on_wire = true;
    touch_refund(step, refund);
    call(step, refund->discover ? CALL_DISCOVER_REFUND : CALL_LOOK_UP_REFUND, refund->id);
}

void refunds_advance(struct step *step)
{
    for (uint32_t i = 0; i < step->account->refund_count; i++) {
        struct refund *refund = &step->account->refunds[i];
        if (refund_is_final(refund->state) || refund->on_wire ||
            !instant_reached(refund->resend_at, step->at)) {
            continue;
        }
        if (refund->state == REFUND_INTENT) {
            /* Its call ended with the process that made it. */
            move_refund(step, refund, REFUND_UNKNOWN, REASON_NO_ANSWER);
        } else if (refund->state == REFUND_POSTPONED) {
            move_refund(step, refund, REFUND_INTENT, REASON_NONE);
        }
        refund_ask(step, refund);
    }
}

/* --- answers ------------------------------------------------------------------------------- */

static void refund_wait(struct step *step, struct refund *refund)
{
    const struct policy_waits *waits =
        refund->state == REFUND_PENDING ? &step->policy->pending_poll : &step->policy->resend;
    refund->resend_at = instant_plus(step->at, policy_nth_wait_ms(waits, refund->unanswered));
    refund->unanswered++;
    touch_refund(step, refund);
}

/* Amazon has not said what became of it: ask again, with `discover` by looking for it. */
static void refund_unknown(struct step *step, struct refund *refund, enum reason reason,
                           bool discover)
{
    if (refund->state == REFUND_INTENT) {
        move_refund(step, refund, REFUND_UNKNOWN, reason);
    }
    refund->reason = reason;
    refund->discover = discover;
    refund_wait(step, refund);
}

static enum reason kind_reason(enum refund_kind kind)
{
    switch (kind) {
    case REFUND_A_TO_Z:
        return REASON_A_TO_Z;
    case REFUND_CHARGEBACK:
        return REASON_CHARGEBACK;
    case REFUND_BY_SHOP:
        break;
    }
    return REASON_NONE;
}

/* Every send is so old that Amazon would show it when asked at `asked_at`. */
static bool is_listed_by(const struct step *step, const struct refund *refund,
                         struct instant asked_at)
{
    return sends_are_old(step, step->policy, refund->answered_at, asked_at);
}

static bool is_decline(enum reason reason)
{
    return reason == REASON_AMAZON_REJECTED || reason == REASON_PROCESSING_FAILURE;
}

/* Amazon shows it declined. */
static void refund_declined(struct step *step, struct refund *refund,
                            const struct refund_answer *answer, struct instant asked_at)
{
    bool is_first_send = answer->call == CALL_REFUND && refund->state == REFUND_INTENT;
    bool is_last_word =
        answer->call == CALL_DISCOVER_REFUND && is_listed_by(step, refund, asked_at);
    if (refund->number == 0 || is_first_send || is_last_word) {
        move_refund(step, refund, REFUND_DECLINED, answer->reason);
    } else {
        refund->unanswered = answer->call == CALL_DISCOVER_REFUND ? refund->unanswered : 0;
        refund_unknown(step, refund, answer->reason, true);
    }
}

/* The answer shows the refund itself. */
static void refund_shown(struct step *step, struct refund *refund,
                         const struct refund_answer *answer, struct instant asked_at)
{
    if (refund->number == 0) {
        refund->amount = answer->amount;
        refund->kind = answer->kind != 0 ? answer->kind : refund->kind;
        touch_refund(step, refund);
    } else if (answer->amazon_refund_id[0] != '\0') {
        memcpy(refund->amazon_refund_id, answer->amazon_refund_id, sizeof refund->amazon_refund_id);
    }
    switch (answer->outcome) {
    case OUTCOME_DONE:
        move_refund(step, refund, REFUND_COMPLETED, kind_reason(refund->kind));
        return;
    case OUTCOME_REFUSED:
        refund_declined(step, refund, answer, asked_at);
        return;
    case OUTCOME_LATER:
    case OUTCOME_UNKNOWN:
        if (answer->is_pending && refund->state != REFUND_PENDING) {
            refund->unanswered = 0;
            move_refund(step, refund, REFUND_PENDING, REASON_PENDING);
        }
        refund_unknown(step, refund, answer->reason, false);
        return;
    }
    ENSURE(false);
}

/* A discovery that began at `asked_at` saw all refunds of the capture, and not this one. */
static void refund_absent(struct step *step, struct refund *refund, struct instant asked_at)
{
    bool is_refused =
        refund->reason == REASON_REQUEST_REFUSED && refund->amazon_refund_id[0] == '\0';
    if (!is_listed_by(step, refund, asked_at)) {
        refund_unknown(step, refund, refund->reason, true);
    } else if (is_decline(refund->reason)) {
        move_refund(step, refund, REFUND_DECLINED, refund->reason);
    } else if (is_refused) {
        move_refund(step, refund, REFUND_REFUSED, refund->reason);
    } else {
        refund_unknown(step, refund, refund->reason, false);
    }
}

/* An error, which shows nothing. */
static void refund_told_no(struct step *step, struct refund *refund,
                           const struct refund_answer *answer, struct instant asked_at)
{
    bool is_known = refund->amazon_refund_id[0] != '\0';
    if (answer->call == CALL_REFUND && refund->state == REFUND_INTENT && !is_known) {
        move_refund(step, refund, REFUND_REFUSED, answer->reason);
    } else if (answer->call == CALL_REFUND) {
        refund_unknown(step, refund, REASON_REQUEST_REFUSED, !is_known);
    } else if (refund->number == 0) {
        /* Nothing of ours: Amazon told of it, and when it has had time to know it does not. */
        struct instant known_at =
            instant_plus(refund->created_at, step->policy->answer_deadline_ms);
        if (refund->state == REFUND_UNKNOWN && instant_reached(known_at, asked_at)) {
            move_refund(step, refund, REFUND_REFUSED, answer->reason);
        } else {
            refund_unknown(step, refund, answer->reason, false);
        }
    } else if (answer->call == CALL_LOOK_UP_REFUND && refund->state != REFUND_PENDING) {
        refund->amazon_refund_id[0] = '\0'; /* a notice's, and not ours */
        refund_unknown(step, refund, REASON_NO_ANSWER, true);
    } else {
        refund_unknown(step, refund, refund->reason, refund->discover);
    }
}

/* It did not happen: the same call again later. */
static void refund_later(struct step *step, struct refund *refund,
                         const struct refund_answer *answer)
{
    if (refund->state == REFUND_INTENT) {
        if (refund->amazon_refund_id[0] != '\0') {
            refund_unknown(step, refund, REASON_NO_ANSWER, false);
            return;
        }
        move_refund(step, refund, REFUND_POSTPONED, answer->reason);
    }
    refund_wait(step, refund);
}

/* No answer does not make it less pending, nor what is being looked into less refused. */
static bool keeps_reason(const struct refund *refund)
{
    return refund->state == REFUND_PENDING || refund->reason == REASON_REQUEST_REFUSED ||
           is_decline(refund->reason);
}

void refund_answered(struct step *step, const struct refund_answer *answer)
{
    struct refund *refund = account_refund(step->account, answer->refund_id);
    if (refund == NULL || refund_is_final(refund->state)) {
        return;
    }
    /* A call on the wire was made at resend_at; of an answer that nobody waits for it is not known.
     */
    struct instant asked_at = refund->on_wire ? refund->resend_at : refund->created_at;
    refund->on_wire = false;
    if (answer->call == CALL_REFUND) {
        refund->answered_at = step->at;
    }
    if (refund->state == REFUND_POSTPONED) {
        /* A late answer of a send that seemed not to have happened: it is out after all. */
        move_refund(step, refund, REFUND_INTENT, REASON_NONE);
    }
    if (answer->from_object) {
        refund_shown(step, refund, answer, asked_at);
        return;
    }
    if (answer->absent) {
        refund_absent(step, refund, asked_at);
        return;
    }
    switch (answer->outcome) {
    case OUTCOME_REFUSED:
        refund_told_no(step, refund, answer, asked_at);
        return;
    case OUTCOME_LATER:
        refund_later(step, refund, answer);
        return;
    case OUTCOME_DONE:
    case OUTCOME_UNKNOWN:
        refund_unknown(step, refund, keeps_reason(refund) ? refund->reason : answer->reason,
                       answer->call == CALL_REFUND ? answer->duplicate : refund->discover);
        return;
    }
    ENSURE(false);
}
