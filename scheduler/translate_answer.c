/*
 * translate_answer.c - what Amazon said, in billing's words.
 *
 * An answer that shows something else than was asked for - another reference id, another amount -
 * tells nothing about what was asked for: it is UNKNOWN and nothing of it is taken.
 */
#include <stdio.h>
#include <string.h>

#include "billing/ensure.h"
#include "scheduler/translate.h"

/* Of a classification that is not about a declined authorization. */
static enum reason reason_of_cause(enum mws_cause cause)
{
    switch (cause) {
    case MWS_CAUSE_NONE:
        return REASON_NONE;
    case MWS_CAUSE_NOT_SENT:
    case MWS_CAUSE_NO_ANSWER:
    case MWS_CAUSE_UNREADABLE:
    case MWS_CAUSE_DUPLICATE:
    case MWS_CAUSE_UNMAPPED:
        return REASON_NO_ANSWER;
    case MWS_CAUSE_THROTTLED:
        return REASON_THROTTLED;
    case MWS_CAUSE_SERVICE:
        return REASON_SERVICE_UNAVAILABLE;
    case MWS_CAUSE_SELLER_ACCESS:
        return REASON_SELLER_ACCESS;
    case MWS_CAUSE_LIMIT:
        return REASON_PERIODIC_AMOUNT_EXCEEDED;
    case MWS_CAUSE_AGREEMENT_STATUS:
    case MWS_CAUSE_AGREEMENT_ID: /* another merchant's credentials, surely: ask, do not fail */
        return REASON_AGREEMENT_NOT_OPEN;
    case MWS_CAUSE_OBJECT_STATUS:
    case MWS_CAUSE_REQUEST:
        return REASON_REQUEST_REFUSED;
    case MWS_CAUSE_PENDING:
    case MWS_CAUSE_AUTHORIZED: /* the end is to come: see is_authorized */
        return REASON_PENDING;
    case MWS_CAUSE_DECLINED:
        return REASON_PROCESSING_FAILURE; /* decline_reason() is finer */
    case MWS_CAUSE_CLOSED_WITHOUT_CAPTURE:
        return REASON_NOT_CAPTURED;
    }
    ENSURE(false);
    return REASON_NO_ANSWER;
}

/* Only the four documented reasons are classified as declined. */
static enum reason decline_reason(const struct mws_authorization_details *authorization)
{
    switch ((int)authorization->status.reason) {
    case MWS_REASON_INVALID_PAYMENT_METHOD:
        return authorization->soft_decline ? REASON_INVALID_PAYMENT_METHOD_SOFT
                                           : REASON_INVALID_PAYMENT_METHOD;
    case MWS_REASON_AMAZON_REJECTED:
        return REASON_AMAZON_REJECTED;
    case MWS_REASON_TRANSACTION_TIMED_OUT:
        return REASON_TRANSACTION_TIMED_OUT;
    default:
        return REASON_PROCESSING_FAILURE;
    }
}

static void copy_id(char *to, const char *from)
{
    int length = snprintf(to, AMAZON_ID_MAX, "%s", from);
    ENSURE(length < AMAZON_ID_MAX);
}

static bool shows_object(const struct mws_reply *reply)
{
    return !reply->is_transport_failure && !reply->is_unreadable && !reply->is_error;
}

/* ---- attempts ---- */

static void show_other(struct attempt_answer *answer)
{
    answer->outcome = OUTCOME_UNKNOWN;
    answer->reason = REASON_NO_ANSWER;
    answer->from_object = false;
    answer->is_other = true;
}

/* Reserved, and not to be taken before the shop says so. An authorization without CaptureNow does
 * not always say that it has none. */
static bool is_reserved(const struct attempt *attempt,
                        const struct mws_authorization_details *authorization)
{
    return !attempt->capture_now && authorization->status.state == MWS_STATE_OPEN &&
           !(authorization->has_capture_now && authorization->capture_now) &&
           !money_is_positive(authorization->captured_amount);
}

static void take_authorization(struct attempt_answer *answer, const struct attempt *attempt,
                               const struct mws_authorization_details *authorization,
                               enum mws_cause cause)
{
    if (strcmp(authorization->authorization_reference_id, attempt->reference_id) != 0 ||
        !money_equal(authorization->authorization_amount, attempt->amount)) {
        show_other(answer);
        return;
    }
    copy_id(answer->order_reference_id, authorization->amazon_order_reference_id);
    copy_id(answer->authorization_id, authorization->amazon_authorization_id);
    copy_id(answer->capture_id, authorization->capture_id);
    if (cause == MWS_CAUSE_DECLINED) {
        answer->reason = decline_reason(authorization);
    } else if (cause == MWS_CAUSE_CLOSED_WITHOUT_CAPTURE && !attempt->capture_now &&
               authorization->status.reason == MWS_REASON_EXPIRED_UNUSED) {
        answer->reason = REASON_AUTHORIZATION_EXPIRED;
    }
    if (is_reserved(attempt, authorization)) {
        answer->is_authorized = true;
        answer->expires_at = authorization->expiration;
    }
}

/* What was declined is the capture: the authorization may still be Open. */
static void take_capture(struct attempt_answer *answer, const struct mws_capture_details *capture,
                         enum mws_cause cause)
{
    answer->is_capture = true;
    copy_id(answer->capture_id, capture->amazon_capture_id);
    if (cause == MWS_CAUSE_DECLINED) {
        answer->reason = REASON_CAPTURE_DECLINED;
    }
}

static struct attempt_answer unread(enum call_kind kind, const struct attempt *attempt,
                                    struct mws_classification class)
{
    struct attempt_answer answer = {
        .call = kind,
        .outcome = class.outcome,
        .reason = reason_of_cause(class.cause),
        .duplicate = class.cause == MWS_CAUSE_DUPLICATE,
        .expires_at = INSTANT_NEVER,
    };
    memcpy(answer.reference_id, attempt->reference_id, sizeof answer.reference_id);
    return answer;
}

static struct attempt_answer capture_answer(enum call_kind kind, const struct attempt *attempt,
                                            const struct mws_reply *reply)
{
    struct mws_classification class = mws_classify(reply);
    struct attempt_answer answer = unread(kind, attempt, class);
    char reference_id[REFERENCE_ID_MAX];
    call_capture_reference_id(attempt, reference_id);
    if (shows_object(reply)) {
        answer.from_object = true;
        if (strcmp(reply->capture.capture_reference_id, reference_id) == 0 &&
            money_equal(reply->capture.capture_amount, attempt->amount)) {
            take_capture(&answer, &reply->capture, class.cause);
        } else {
            show_other(&answer);
        }
    }
    return answer;
}

struct attempt_answer attempt_answer_of(enum call_kind kind, const struct attempt *attempt,
                                        const struct mws_reply *reply)
{
    if (kind == CALL_CAPTURE || kind == CALL_LOOK_UP_CAPTURE) {
        return capture_answer(kind, attempt, reply);
    }
    struct mws_classification class = mws_classify(reply);
    struct attempt_answer answer = unread(kind, attempt, class);
    if (kind != CALL_VOID && shows_object(reply)) {
        answer.from_object = true;
        take_authorization(&answer, attempt, &reply->authorization, class.cause);
    }
    return answer;
}

struct attempt_answer uncaptured_answer_of(const struct attempt *attempt,
                                           const struct mws_reply *reply)
{
    const struct mws_authorization_details *shown = &reply->authorization;
    struct mws_reply bare = *reply;
    bare.authorization.capture_id[0] = '\0';
    bare.authorization.capture_ids.count = 0;
    struct attempt_answer answer = attempt_answer_of(CALL_LOOK_UP, attempt, &bare);
    /* "All captures were processed", and each was declined. */
    if (answer.from_object && shown->capture_ids.count > 0 &&
        shown->status.state == MWS_STATE_CLOSED &&
        shown->status.reason == MWS_REASON_MAX_CAPTURES_PROCESSED) {
        bool is_taken = money_is_positive(shown->captured_amount);
        answer.outcome = is_taken ? OUTCOME_UNKNOWN : OUTCOME_REFUSED;
        answer.reason = is_taken ? REASON_NO_ANSWER : REASON_NOT_CAPTURED;
    }
    return answer;
}

struct attempt_answer listed_capture_answer_of(const struct attempt *attempt,
                                               const struct mws_reply *reply)
{
    /* Whoever made it, and of what amount, by hand perhaps: Amazon itself lists it with our
     * authorization. */
    struct mws_classification class = mws_classify(reply);
    struct attempt_answer answer = unread(CALL_LOOK_UP, attempt, class);
    if (shows_object(reply)) {
        answer.from_object = true;
        take_capture(&answer, &reply->capture, class.cause);
        if (!money_equal(reply->capture.capture_amount, attempt->amount)) {
            answer.captured = reply->capture.capture_amount;
        }
    }
    return answer;
}

/* ---- refunds ---- */

static enum refund_kind refund_kind_of(enum mws_refund_type type)
{
    switch ((int)type) {
    case MWS_REFUND_TYPE_SELLER_INITIATED:
        return REFUND_BY_SHOP;
    case MWS_REFUND_TYPE_A_Z_REFUND:
    case MWS_REFUND_TYPE_A_Z_GUARANTEE:
    case MWS_REFUND_TYPE_A_Z_CANCEL:
    case MWS_REFUND_TYPE_BUYER_CANCELED:
        return REFUND_A_TO_Z;
    case MWS_REFUND_TYPE_CHARGEBACK:
        return REFUND_CHARGEBACK;
    default:
        return 0;
    }
}

/* One that Amazon made is known by Amazon's id alone, and its amount is Amazon's to tell. */
static bool is_refund(const struct refund *refund, const struct mws_refund_details *shown)
{
    bool is_ours = refund->number != 0;
    return is_ours ? strcmp(shown->refund_reference_id, refund->id) == 0 &&
                         money_equal(shown->refund_amount, refund->amount)
                   : strcmp(shown->amazon_refund_id, refund->amazon_refund_id) == 0;
}

struct refund_answer refund_answer_of(enum call_kind kind, const struct refund *refund,
                                      const struct mws_reply *reply)
{
    struct mws_classification class = mws_classify(reply);
    const struct mws_refund_details *shown = &reply->refund;
    struct refund_answer answer = {
        .call = kind,
        .outcome = class.outcome,
        .reason = reason_of_cause(class.cause),
        .duplicate = class.cause == MWS_CAUSE_DUPLICATE,
    };
    memcpy(answer.refund_id, refund->id, sizeof answer.refund_id);
    if (!shows_object(reply)) {
        return answer;
    }
    if (!is_refund(refund, shown)) {
        /* Looked up, the id that led here is wrong; made, ours is somewhere else. */
        bool is_look_up = kind == CALL_LOOK_UP_REFUND;
        answer.outcome = is_look_up ? OUTCOME_REFUSED : OUTCOME_UNKNOWN;
        answer.reason = is_look_up ? REASON_REQUEST_REFUSED : REASON_NO_ANSWER;
        answer.duplicate = kind == CALL_REFUND;
        return answer;
    }
    answer.from_object = true;
    answer.is_pending = class.cause == MWS_CAUSE_PENDING;
    copy_id(answer.amazon_refund_id, shown->amazon_refund_id);
    answer.amount = shown->refund_amount;
    answer.kind = refund_kind_of(shown->refund_type);
    if (class.cause == MWS_CAUSE_DECLINED) {
        answer.reason = shown->status.reason == MWS_REASON_AMAZON_REJECTED
                            ? REASON_AMAZON_REJECTED
                            : REASON_PROCESSING_FAILURE;
    }
    return answer;
}

/* ---- the agreement ---- */

/* 0: Amazon named a state that an agreement cannot have. */
static enum agreement_state agreement_state_of(enum mws_state state)
{
    switch ((int)state) {
    case MWS_STATE_DRAFT:
        return AGREEMENT_DRAFT;
    case MWS_STATE_OPEN:
        return AGREEMENT_OPEN;
    case MWS_STATE_SUSPENDED:
        return AGREEMENT_SUSPENDED;
    case MWS_STATE_CANCELED:
        return AGREEMENT_CANCELED;
    case MWS_STATE_CLOSED:
        return AGREEMENT_CLOSED;
    default:
        return 0;
    }
}

/* Who ended it. What Amazon does not name, or does itself, is just the end. */
static enum reason end_reason(enum mws_reason reason)
{
    switch ((int)reason) {
    case MWS_REASON_SELLER_CLOSED:
    case MWS_REASON_SELLER_CANCELED:
        return REASON_MERCHANT_CLOSED;
    case MWS_REASON_BUYER_CLOSED:
    case MWS_REASON_BUYER_CANCELED:
        return REASON_BUYER_CLOSED;
    default:
        return REASON_AGREEMENT_ENDED;
    }
}

static void take_details(struct care_answer *answer,
                         const struct mws_billing_agreement_details *details)
{
    answer->state = agreement_state_of(details->status.state);
    answer->has_details = answer->state != 0;
    answer->has_constraints = details->constraint_count > 0;
    answer->has_limit = details->has_limits;
    answer->limit_amount = details->amount_limit_per_time_period;
    answer->limit_remaining = details->current_remaining_balance;
    answer->period_start = details->time_period_start;
    answer->period_end = details->time_period_end;
    if (answer->state == AGREEMENT_SUSPENDED) {
        answer->reason = REASON_INVALID_PAYMENT_METHOD;
    } else if (answer->state == AGREEMENT_CLOSED || answer->state == AGREEMENT_CANCELED) {
        answer->reason = end_reason(details->status.reason);
    }
}

struct care_answer care_answer_of(enum call_kind kind, const struct mws_reply *reply)
{
    static const enum care cares[] = {
        [CALL_SYNC] = CARE_SYNC, [CALL_CONFIRM] = CARE_CONFIRM,   [CALL_CLOSE] = CARE_CLOSE,
        [CALL_SET] = CARE_SET,   [CALL_VALIDATE] = CARE_VALIDATE,
    };
    struct mws_classification class = mws_classify(reply);
    struct care_answer answer = {
        .care = cares[kind],
        .outcome = class.outcome,
        .reason = reason_of_cause(class.cause),
    };
    if (class.cause == MWS_CAUSE_AGREEMENT_ID) {
        answer.reason = REASON_AGREEMENT_UNKNOWN;
    }
    if (kind == CALL_SYNC && class.outcome == OUTCOME_DONE) {
        take_details(&answer, &reply->billing_agreement);
    } else if (kind == CALL_VALIDATE && class.outcome == OUTCOME_DONE) {
        answer.is_valid = reply->validation.is_success;
        answer.reason = answer.is_valid ? REASON_NONE : REASON_VALIDATION_FAILED;
    }
    return answer;
}
