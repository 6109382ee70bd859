/*
 * translate.c - Amazon's words and billing's words, side by side.
 */
#include "scheduler/translate.h"

#include <stdio.h>
#include <string.h>

#include "billing/ensure.h"

enum mws_action call_action(enum call_kind kind)
{
    switch (kind) {
    case CALL_AUTHORIZE:
        return MWS_AUTHORIZE_ON_BILLING_AGREEMENT;
    case CALL_LOOK_UP:
        return MWS_GET_AUTHORIZATION_DETAILS;
    case CALL_DISCOVER:
        return MWS_LIST_ORDER_REFERENCE;
    case CALL_SYNC:
        return MWS_GET_BILLING_AGREEMENT_DETAILS;
    case CALL_CONFIRM:
        return MWS_CONFIRM_BILLING_AGREEMENT;
    case CALL_CLOSE:
        return MWS_CLOSE_BILLING_AGREEMENT;
    case CALL_SET:
        return MWS_SET_BILLING_AGREEMENT_DETAILS;
    case CALL_VALIDATE:
        return MWS_VALIDATE_BILLING_AGREEMENT;
    case CALL_CAPTURE:
        return MWS_CAPTURE;
    case CALL_LOOK_UP_CAPTURE:
    case CALL_DISCOVER_REFUND:
        return MWS_GET_CAPTURE_DETAILS;
    case CALL_VOID:
        return MWS_CLOSE_AUTHORIZATION;
    case CALL_REFUND:
        return MWS_REFUND;
    case CALL_LOOK_UP_REFUND:
        return MWS_GET_REFUND_DETAILS;
    case CALL_HAND_OVER:
        break; /* not Amazon's */
    }
    ENSURE(false);
    return MWS_ACTION_UNKNOWN;
}

const char *call_kind_name(enum call_kind kind)
{
    switch (kind) {
    case CALL_AUTHORIZE:
        return "authorize";
    case CALL_LOOK_UP:
        return "look_up";
    case CALL_DISCOVER:
        return "discover";
    case CALL_SYNC:
        return "sync";
    case CALL_CONFIRM:
        return "confirm";
    case CALL_CLOSE:
        return "close";
    case CALL_SET:
        return "set";
    case CALL_VALIDATE:
        return "validate";
    case CALL_CAPTURE:
        return "capture";
    case CALL_LOOK_UP_CAPTURE:
        return "look_up_capture";
    case CALL_VOID:
        return "void";
    case CALL_REFUND:
        return "refund";
    case CALL_LOOK_UP_REFUND:
        return "look_up_refund";
    case CALL_DISCOVER_REFUND:
        return "discover_refund";
    case CALL_HAND_OVER:
        return "hand_over";
    }
    ENSURE(false);
    return "";
}

const char *cause_name(enum mws_cause cause)
{
    static const char *const names[] = {
        [MWS_CAUSE_NONE] = "none",
        [MWS_CAUSE_NOT_SENT] = "not_sent",
        [MWS_CAUSE_NO_ANSWER] = "no_answer",
        [MWS_CAUSE_UNREADABLE] = "unreadable",
        [MWS_CAUSE_THROTTLED] = "throttled",
        [MWS_CAUSE_SERVICE] = "service_unavailable",
        [MWS_CAUSE_SELLER_ACCESS] = "seller_access",
        [MWS_CAUSE_DUPLICATE] = "duplicate",
        [MWS_CAUSE_LIMIT] = "limit",
        [MWS_CAUSE_AGREEMENT_STATUS] = "agreement_status",
        [MWS_CAUSE_OBJECT_STATUS] = "object_status",
        [MWS_CAUSE_AGREEMENT_ID] = "agreement_id",
        [MWS_CAUSE_REQUEST] = "request",
        [MWS_CAUSE_PENDING] = "pending",
        [MWS_CAUSE_AUTHORIZED] = "authorized",
        [MWS_CAUSE_DECLINED] = "declined",
        [MWS_CAUSE_CLOSED_WITHOUT_CAPTURE] = "closed_without_capture",
        [MWS_CAUSE_UNMAPPED] = "unmapped",
    };
    ENSURE((unsigned)cause < sizeof names / sizeof names[0]);
    return names[cause];
}

static struct mws_authorize_on_billing_agreement authorize_of(const struct agreement *agreement,
                                                              const struct charge *charge)
{
    /* Captured as soon as it is authorized. Nothing here may depend on what can change between two
     * sends of the same attempt. */
    return (struct mws_authorize_on_billing_agreement){
        .amazon_billing_agreement_id = agreement->id,
        .authorization_reference_id = charge->attempt.reference_id,
        .authorization_amount = charge->attempt.amount,
        .seller_authorization_note = charge->note[0] != '\0' ? charge->note : NULL,
        .transaction_timeout_min = charge->attempt.timeout_minutes,
        .capture_now = true,
        .seller_order_id = charge->id,
    };
}

struct mws_request call_request(enum call_kind kind, const struct agreement *agreement,
                                const struct charge *charge, const struct seller_config *seller)
{
    struct mws_request request = {.action = call_action(kind)};
    switch (kind) {
    case CALL_AUTHORIZE:
        request.authorize_on_billing_agreement = authorize_of(agreement, charge);
        break;
    case CALL_LOOK_UP:
        request.get_authorization_details.amazon_authorization_id =
            charge->attempt.authorization_id;
        break;
    case CALL_DISCOVER:
        request.list_order_reference.seller_order_id = charge->id;
        request.list_order_reference.payment_domain = seller->payment_domain;
        request.list_order_reference.page_size = MWS_LIST_MAX;
        break;
    case CALL_SYNC:
        request.get_billing_agreement_details.amazon_billing_agreement_id = agreement->id;
        break;
    case CALL_CONFIRM:
        request.confirm_billing_agreement.amazon_billing_agreement_id = agreement->id;
        break;
    case CALL_CLOSE:
        request.close_billing_agreement.amazon_billing_agreement_id = agreement->id;
        request.close_billing_agreement.closure_reason = "The last subscription was canceled.";
        break;
    case CALL_SET:
    case CALL_VALIDATE:
    case CALL_CAPTURE:
    case CALL_LOOK_UP_CAPTURE:
    case CALL_VOID:
    case CALL_REFUND:
    case CALL_LOOK_UP_REFUND:
    case CALL_DISCOVER_REFUND:
    case CALL_HAND_OVER:
        break;
    }
    return request;
}

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
    case MWS_CAUSE_AUTHORIZED: /* a charge is always captured at once: the end is to come */
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

static bool shows_authorization(const struct mws_reply *reply)
{
    return !reply->is_transport_failure && !reply->is_unreadable && !reply->is_error;
}

struct attempt_answer attempt_answer_of(enum call_kind kind, const char *reference_id,
                                        const struct mws_reply *reply)
{
    struct mws_classification class = mws_classify(reply);
    struct attempt_answer answer = {
        .call = kind,
        .outcome = class.outcome,
        .reason = reason_of_cause(class.cause),
        .duplicate = class.cause == MWS_CAUSE_DUPLICATE,
        .from_object = shows_authorization(reply),
    };
    int length = snprintf(answer.reference_id, sizeof answer.reference_id, "%s", reference_id);
    ENSURE(length < (int)sizeof answer.reference_id);
    if (answer.from_object &&
        strcmp(reply->authorization.authorization_reference_id, reference_id) != 0) {
        answer.outcome = OUTCOME_UNKNOWN;
        answer.reason = REASON_NO_ANSWER;
        answer.from_object = false;
        answer.is_other = true;
    } else if (answer.from_object) {
        copy_id(answer.order_reference_id, reply->authorization.amazon_order_reference_id);
        copy_id(answer.authorization_id, reply->authorization.amazon_authorization_id);
        copy_id(answer.capture_id, reply->authorization.capture_id);
        if (class.cause == MWS_CAUSE_DECLINED) {
            answer.reason = decline_reason(&reply->authorization);
        }
    }
    return answer;
}

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
        answer->reason = REASON_AGREEMENT_ENDED;
    }
}

struct care_answer care_answer_of(enum call_kind kind, const struct mws_reply *reply)
{
    static const enum care cares[] = {
        [CALL_SYNC] = CARE_SYNC, [CALL_CONFIRM] = CARE_CONFIRM, [CALL_CLOSE] = CARE_CLOSE};
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
    }
    return answer;
}
