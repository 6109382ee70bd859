/*
 * translate.c - what billing wants of Amazon, in Amazon's words. The way back: translate_answer.c.
 */
#include "scheduler/translate.h"

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

static struct mws_authorize_on_billing_agreement authorize_of(const struct call_subject *subject)
{
    /* Nothing here may depend on what can change between two sends of the same attempt. */
    const struct charge *charge = subject->charge;
    return (struct mws_authorize_on_billing_agreement){
        .amazon_billing_agreement_id = subject->agreement->id,
        .authorization_reference_id = charge->attempt.reference_id,
        .authorization_amount = charge->attempt.amount,
        .seller_authorization_note = charge->note[0] != '\0' ? charge->note : NULL,
        .transaction_timeout_min = charge->attempt.timeout_minutes,
        .capture_now = charge->attempt.capture_now,
        .seller_order_id = charge->id,
    };
}

static struct mws_capture capture_of(const struct charge *charge, const char *reference_id)
{
    return (struct mws_capture){
        .amazon_authorization_id = charge->attempt.authorization_id,
        .capture_reference_id = reference_id,
        .capture_amount = charge->attempt.amount,
        .seller_capture_note = charge->note[0] != '\0' ? charge->note : NULL,
    };
}

static struct mws_refund refund_of(const struct refund *refund)
{
    return (struct mws_refund){
        .amazon_capture_id = refund->capture_id,
        .refund_reference_id = refund->id,
        .refund_amount = refund->amount,
        .seller_refund_note = refund->note[0] != '\0' ? refund->note : NULL,
    };
}

/* Amazon requires attributes; the agreement's own id is the one thing that is always there. */
static struct mws_set_billing_agreement_details set_of(const struct agreement *agreement,
                                                       const struct seller_config *seller)
{
    return (struct mws_set_billing_agreement_details){
        .amazon_billing_agreement_id = agreement->id,
        .seller_billing_agreement_id = agreement->id,
        .seller_note = seller->agreement_note,
        .store_name = seller->store_name,
    };
}

void call_capture_reference_id(const struct attempt *attempt, char id[static REFERENCE_ID_MAX])
{
    if (attempt->capture_now) {
        memcpy(id, attempt->reference_id, sizeof attempt->reference_id);
    } else {
        capture_reference_id_format(attempt->reference_id, attempt->capture_number, id);
    }
}

/* About the agreement. */
static void fill_care(struct mws_request *request, enum call_kind kind,
                      const struct call_subject *subject)
{
    const char *id = subject->agreement->id;
    switch ((int)kind) {
    case CALL_SYNC:
        request->get_billing_agreement_details.amazon_billing_agreement_id = id;
        break;
    case CALL_CONFIRM:
        request->confirm_billing_agreement.amazon_billing_agreement_id = id;
        break;
    case CALL_CLOSE:
        request->close_billing_agreement.amazon_billing_agreement_id = id;
        request->close_billing_agreement.closure_reason = "The last subscription was canceled.";
        break;
    case CALL_SET:
        request->set_billing_agreement_details = set_of(subject->agreement, subject->seller);
        break;
    case CALL_VALIDATE:
        request->validate_billing_agreement.amazon_billing_agreement_id = id;
        break;
    default:
        ENSURE(false);
    }
}

struct mws_request call_request(enum call_kind kind, const struct call_subject *subject,
                                char reference_id[static REFERENCE_ID_MAX])
{
    struct mws_request request = {.action = call_action(kind)};
    const struct charge *charge = subject->charge;
    switch (kind) {
    case CALL_AUTHORIZE:
        request.authorize_on_billing_agreement = authorize_of(subject);
        break;
    case CALL_LOOK_UP:
        request.get_authorization_details.amazon_authorization_id =
            charge->attempt.authorization_id;
        break;
    case CALL_DISCOVER:
        request.list_order_reference.seller_order_id = charge->id;
        request.list_order_reference.payment_domain = subject->seller->payment_domain;
        request.list_order_reference.page_size = MWS_LIST_MAX;
        break;
    case CALL_CAPTURE:
        call_capture_reference_id(&charge->attempt, reference_id);
        request.capture = capture_of(charge, reference_id);
        break;
    case CALL_LOOK_UP_CAPTURE:
        request.get_capture_details.amazon_capture_id = charge->attempt.capture_id;
        break;
    case CALL_VOID:
        request.close_authorization.amazon_authorization_id = charge->attempt.authorization_id;
        request.close_authorization.closure_reason = "The order was given up.";
        break;
    case CALL_REFUND:
        request.refund = refund_of(subject->refund);
        break;
    case CALL_LOOK_UP_REFUND:
        request.get_refund_details.amazon_refund_id = subject->refund->amazon_refund_id;
        break;
    case CALL_DISCOVER_REFUND:
        request.get_capture_details.amazon_capture_id = subject->refund->capture_id;
        break;
    case CALL_SYNC:
    case CALL_CONFIRM:
    case CALL_CLOSE:
    case CALL_SET:
    case CALL_VALIDATE:
        fill_care(&request, kind, subject);
        break;
    case CALL_HAND_OVER: /* call_action() refused it */
        break;
    }
    return request;
}
