/*
 * classify.c - the outcome table. Every row says why it stands there.
 *
 * The danger has two sides. DONE or REFUSED for something that is not known to be so loses money or
 * charges twice; so both stand only in rows that name a word of Amazon's, and whatever no row names
 * is UNKNOWN. UNKNOWN for ever holds a charge up, so every word that Amazon documents has its row.
 * tests/mws/classify_table.txt is the whole table written out; a change here shows there.
 */
#include "mws/classify.h"

#include <stddef.h>

#include "billing/ensure.h"

/* ---- error documents ---- */

struct error_row {
    enum mws_error error;
    enum mws_action action; /* MWS_ACTION_UNKNOWN = any */
    int http_from, http_to; /* another status contradicts the code: no match */
    enum outcome outcome;
    enum mws_cause cause;
};

#define ANY   MWS_ACTION_UNKNOWN
#define CLOSE MWS_CLOSE_BILLING_AGREEMENT

/* The first row that matches counts. */
static const struct error_row error_rows[] = {
    /* Not even looked at: a token was missing. Nothing happened. */
    {MWS_ERROR_REQUEST_THROTTLED, ANY, 503, 503, OUTCOME_LATER, MWS_CAUSE_THROTTLED},
    {MWS_ERROR_QUOTA_EXCEEDED, ANY, 503, 503, OUTCOME_LATER, MWS_CAUSE_THROTTLED},

    /* Amazon broke off somewhere; the work may have been done before that. */
    {MWS_ERROR_INTERNAL_ERROR, ANY, 500, 599, OUTCOME_UNKNOWN, MWS_CAUSE_SERVICE},
    {MWS_ERROR_INTERNAL_SERVER_ERROR, ANY, 500, 599, OUTCOME_UNKNOWN, MWS_CAUSE_SERVICE},
    {MWS_ERROR_SERVICE_UNAVAILABLE, ANY, 500, 599, OUTCOME_UNKNOWN, MWS_CAUSE_SERVICE},
    /* Our request did not reach Amazon whole: that is the network's fault, not the request's. */
    {MWS_ERROR_INPUT_STREAM_DISCONNECTED, ANY, 400, 499, OUTCOME_UNKNOWN, MWS_CAUSE_SERVICE},

    /* Turned away at the door: nothing happened, and an operator must act. A key that was rotated
     * or an account that was suspended must never fail the shop's charges. */
    {MWS_ERROR_ACCESS_DENIED, ANY, 400, 499, OUTCOME_LATER, MWS_CAUSE_SELLER_ACCESS},
    {MWS_ERROR_INVALID_ACCESS_KEY_ID, ANY, 400, 499, OUTCOME_LATER, MWS_CAUSE_SELLER_ACCESS},
    {MWS_ERROR_SIGNATURE_DOES_NOT_MATCH, ANY, 400, 499, OUTCOME_LATER, MWS_CAUSE_SELLER_ACCESS},
    {MWS_ERROR_MISSING_AUTHENTICATION_TOKEN, ANY, 400, 499, OUTCOME_LATER, MWS_CAUSE_SELLER_ACCESS},
    {MWS_ERROR_INVALID_ACCOUNT_STATUS, ANY, 400, 499, OUTCOME_LATER, MWS_CAUSE_SELLER_ACCESS},
    {MWS_ERROR_UNAUTHORIZED_ACCESS, ANY, 400, 499, OUTCOME_LATER, MWS_CAUSE_SELLER_ACCESS},
    {MWS_ERROR_UNAUTHORIZED_SOLUTION_PROVIDER, ANY, 400, 499, OUTCOME_LATER,
     MWS_CAUSE_SELLER_ACCESS},
    /* The path of the endpoint is wrong: the same in kind, a setting and not a charge. */
    {MWS_ERROR_INVALID_ADDRESS, ANY, 400, 499, OUTCOME_LATER, MWS_CAUSE_SELLER_ACCESS},

    /* The reference id is taken: by an attempt that may have been captured or declined. */
    {MWS_ERROR_DUPLICATE_REQUEST, ANY, 400, 499, OUTCOME_UNKNOWN, MWS_CAUSE_DUPLICATE},
    {MWS_ERROR_DUPLICATE_REFERENCE_ID, ANY, 400, 499, OUTCOME_UNKNOWN, MWS_CAUSE_DUPLICATE},

    /* More than the agreement has left in this period; nothing was authorized. */
    {MWS_ERROR_PERIODIC_AMOUNT_EXCEEDED, ANY, 400, 499, OUTCOME_REFUSED, MWS_CAUSE_LIMIT},

    /* The agreement is not in a state that allows the operation, or the buyer has to act first. */
    {MWS_ERROR_INVALID_BILLING_AGREEMENT_STATUS, ANY, 400, 499, OUTCOME_REFUSED,
     MWS_CAUSE_AGREEMENT_STATUS},
    {MWS_ERROR_BILLING_AGREEMENT_CONSTRAINTS_EXIST, ANY, 400, 499, OUTCOME_REFUSED,
     MWS_CAUSE_AGREEMENT_STATUS},
    /* Closing what cannot be closed: it is over already, or not confirmed yet. */
    {MWS_ERROR_INVALID_CLOSE_ATTEMPT, CLOSE, 400, 499, OUTCOME_REFUSED, MWS_CAUSE_AGREEMENT_STATUS},

    /* The same of an order reference, an authorization or a capture. */
    {MWS_ERROR_INVALID_ORDER_REFERENCE_STATUS, ANY, 400, 499, OUTCOME_REFUSED,
     MWS_CAUSE_OBJECT_STATUS},
    {MWS_ERROR_CONSTRAINTS_EXIST, ANY, 400, 499, OUTCOME_REFUSED, MWS_CAUSE_OBJECT_STATUS},
    {MWS_ERROR_PAYMENT_METHOD_NOT_UPDATED, ANY, 400, 499, OUTCOME_REFUSED, MWS_CAUSE_OBJECT_STATUS},
    {MWS_ERROR_ORDER_REFERENCE_NOT_MODIFIABLE, ANY, 400, 499, OUTCOME_REFUSED,
     MWS_CAUSE_OBJECT_STATUS},
    {MWS_ERROR_INVALID_CANCEL_ATTEMPT, ANY, 400, 499, OUTCOME_REFUSED, MWS_CAUSE_OBJECT_STATUS},
    {MWS_ERROR_INVALID_CLOSE_ATTEMPT, ANY, 400, 499, OUTCOME_REFUSED, MWS_CAUSE_OBJECT_STATUS},
    {MWS_ERROR_INVALID_AUTHORIZATION_STATUS, ANY, 400, 499, OUTCOME_REFUSED,
     MWS_CAUSE_OBJECT_STATUS},
    {MWS_ERROR_CAPTURE_NOT_REFUNDABLE, ANY, 400, 499, OUTCOME_REFUSED, MWS_CAUSE_OBJECT_STATUS},

    /* No such agreement for this seller in this environment. */
    {MWS_ERROR_INVALID_BILLING_AGREEMENT_ID, ANY, 400, 499, OUTCOME_REFUSED,
     MWS_CAUSE_AGREEMENT_ID},

    /* Amazon checked the request and refused it; the same request will be refused again. */
    {MWS_ERROR_AMBIGUOUS_TOKEN, ANY, 400, 499, OUTCOME_REFUSED, MWS_CAUSE_REQUEST},
    {MWS_ERROR_BILLING_AGREEMENT_NOT_MODIFIABLE, ANY, 400, 499, OUTCOME_REFUSED, MWS_CAUSE_REQUEST},
    {MWS_ERROR_CURRENCY_MISMATCH, ANY, 400, 499, OUTCOME_REFUSED, MWS_CAUSE_REQUEST},
    {MWS_ERROR_CURRENCY_UNSUPPORTED, ANY, 400, 499, OUTCOME_REFUSED, MWS_CAUSE_REQUEST},
    {MWS_ERROR_INVALID_ADDRESS_CONSENT_TOKEN, ANY, 400, 499, OUTCOME_REFUSED, MWS_CAUSE_REQUEST},
    {MWS_ERROR_ORDER_REFERENCE_COUNT_EXCEEDED, ANY, 400, 499, OUTCOME_REFUSED, MWS_CAUSE_REQUEST},
    {MWS_ERROR_INVALID_ORDER_REFERENCE_ID, ANY, 400, 499, OUTCOME_REFUSED, MWS_CAUSE_REQUEST},
    {MWS_ERROR_INVALID_PARAMETER_VALUE, ANY, 400, 499, OUTCOME_REFUSED, MWS_CAUSE_REQUEST},
    {MWS_ERROR_INVALID_SANDBOX_SIMULATION_SPECIFIED, ANY, 400, 499, OUTCOME_REFUSED,
     MWS_CAUSE_REQUEST},
    {MWS_ERROR_INVALID_TRANSACTION_ID, ANY, 400, 499, OUTCOME_REFUSED, MWS_CAUSE_REQUEST},
    {MWS_ERROR_TRANSACTION_AMOUNT_EXCEEDED, ANY, 400, 499, OUTCOME_REFUSED, MWS_CAUSE_REQUEST},
    {MWS_ERROR_TRANSACTION_COUNT_EXCEEDED, ANY, 400, 499, OUTCOME_REFUSED, MWS_CAUSE_REQUEST},

    /* A code that is not in the vocabulary, from a server in trouble: the status says enough. */
    {MWS_ERROR_NONE, ANY, 500, 599, OUTCOME_UNKNOWN, MWS_CAUSE_SERVICE},
};

/* ---- objects that have been read ---- */

/* What the reply shows besides the state of something done: a capture of an authorization, a refund
 * of a capture. */
enum evidence {
    EVIDENCE_ANY = 0,
    EVIDENCE_NOT_SHOWN, /* neither an id nor an amount of it                              */
    EVIDENCE_DENIED,    /* moreover the amount is there, and zero                         */
    EVIDENCE_NOT_ASKED, /* neither is shown, and the reply says that none was asked for   */
};

struct shown {
    bool is_done; /* an id, or an amount of more than zero */
    struct money amount;
    bool is_not_asked;
};

struct object_row {
    enum mws_state state;
    enum mws_reason reason; /* MWS_REASON_UNKNOWN = any, or none */
    enum evidence evidence; /* without it: no match */
    enum outcome outcome;
    enum mws_cause cause;
    enum mws_action action; /* MWS_ACTION_UNKNOWN = any */
};

static const struct object_row authorization_rows[] = {
    /* The normal end with CaptureNow. CapturedAmount may still be 0 in the first answer. */
    {MWS_STATE_CLOSED, MWS_REASON_MAX_CAPTURES_PROCESSED, EVIDENCE_ANY, OUTCOME_DONE,
     MWS_CAUSE_NONE, ANY},

    /* Final, and the reason decides what the policy does. A declined authorization that shows a
     * capture contradicts itself and is left to a person. */
    {MWS_STATE_DECLINED, MWS_REASON_INVALID_PAYMENT_METHOD, EVIDENCE_NOT_SHOWN, OUTCOME_REFUSED,
     MWS_CAUSE_DECLINED, ANY},
    {MWS_STATE_DECLINED, MWS_REASON_AMAZON_REJECTED, EVIDENCE_NOT_SHOWN, OUTCOME_REFUSED,
     MWS_CAUSE_DECLINED, ANY},
    {MWS_STATE_DECLINED, MWS_REASON_PROCESSING_FAILURE, EVIDENCE_NOT_SHOWN, OUTCOME_REFUSED,
     MWS_CAUSE_DECLINED, ANY},
    {MWS_STATE_DECLINED, MWS_REASON_TRANSACTION_TIMED_OUT, EVIDENCE_NOT_SHOWN, OUTCOME_REFUSED,
     MWS_CAUSE_DECLINED, ANY},

    /* Authorized once and ended without the money being taken. Some money may have been taken
     * before it was closed, so only a CapturedAmount of zero proves it. */
    {MWS_STATE_CLOSED, MWS_REASON_EXPIRED_UNUSED, EVIDENCE_DENIED, OUTCOME_REFUSED,
     MWS_CAUSE_CLOSED_WITHOUT_CAPTURE, ANY},
    {MWS_STATE_CLOSED, MWS_REASON_AMAZON_CLOSED, EVIDENCE_DENIED, OUTCOME_REFUSED,
     MWS_CAUSE_CLOSED_WITHOUT_CAPTURE, ANY},
    {MWS_STATE_CLOSED, MWS_REASON_ORDER_REFERENCE_CANCELED, EVIDENCE_DENIED, OUTCOME_REFUSED,
     MWS_CAUSE_CLOSED_WITHOUT_CAPTURE, ANY},
    {MWS_STATE_CLOSED, MWS_REASON_SELLER_CLOSED, EVIDENCE_DENIED, OUTCOME_REFUSED,
     MWS_CAUSE_CLOSED_WITHOUT_CAPTURE, ANY},

    /* The money is reserved and nobody asked to take it. That is all that Authorize wants; for the
     * others, which are asked about a charge, the end is still to come. */
    {MWS_STATE_OPEN, MWS_REASON_UNKNOWN, EVIDENCE_NOT_ASKED, OUTCOME_DONE, MWS_CAUSE_AUTHORIZED,
     MWS_AUTHORIZE},
    {MWS_STATE_OPEN, MWS_REASON_UNKNOWN, EVIDENCE_NOT_ASKED, OUTCOME_UNKNOWN, MWS_CAUSE_AUTHORIZED,
     ANY},

    /* Not decided yet, or authorized and not captured yet though CaptureNow was asked. With or
     * without a reason (StopShipmentAtypicalAuth), the end is still to come. */
    {MWS_STATE_PENDING, MWS_REASON_UNKNOWN, EVIDENCE_ANY, OUTCOME_UNKNOWN, MWS_CAUSE_PENDING, ANY},
    {MWS_STATE_OPEN, MWS_REASON_UNKNOWN, EVIDENCE_ANY, OUTCOME_UNKNOWN, MWS_CAUSE_PENDING, ANY},
};

static const struct object_row capture_rows[] = {
    /* The money is taken, with or without a reason (StopShipmentAtypicalAuth). */
    {MWS_STATE_COMPLETED, MWS_REASON_UNKNOWN, EVIDENCE_ANY, OUTCOME_DONE, MWS_CAUSE_NONE, ANY},
    /* Only what was completed is closed, and these reasons say after what. */
    {MWS_STATE_CLOSED, MWS_REASON_MAX_AMOUNT_REFUNDED, EVIDENCE_ANY, OUTCOME_DONE, MWS_CAUSE_NONE,
     ANY},
    {MWS_STATE_CLOSED, MWS_REASON_MAX_REFUNDS_PROCESSED, EVIDENCE_ANY, OUTCOME_DONE, MWS_CAUSE_NONE,
     ANY},
    {MWS_STATE_CLOSED, MWS_REASON_AMAZON_CLOSED, EVIDENCE_ANY, OUTCOME_DONE, MWS_CAUSE_NONE, ANY},

    /* Final. A declined capture that shows a refund contradicts itself. */
    {MWS_STATE_DECLINED, MWS_REASON_AMAZON_REJECTED, EVIDENCE_NOT_SHOWN, OUTCOME_REFUSED,
     MWS_CAUSE_DECLINED, ANY},
    {MWS_STATE_DECLINED, MWS_REASON_PROCESSING_FAILURE, EVIDENCE_NOT_SHOWN, OUTCOME_REFUSED,
     MWS_CAUSE_DECLINED, ANY},

    {MWS_STATE_PENDING, MWS_REASON_UNKNOWN, EVIDENCE_ANY, OUTCOME_UNKNOWN, MWS_CAUSE_PENDING, ANY},
};

static const struct object_row refund_rows[] = {
    /* With or without a reason (AmazonA-ZRefund, BuyerCanceled), the money went back. */
    {MWS_STATE_COMPLETED, MWS_REASON_UNKNOWN, EVIDENCE_ANY, OUTCOME_DONE, MWS_CAUSE_NONE, ANY},
    {MWS_STATE_DECLINED, MWS_REASON_AMAZON_REJECTED, EVIDENCE_ANY, OUTCOME_REFUSED,
     MWS_CAUSE_DECLINED, ANY},
    {MWS_STATE_DECLINED, MWS_REASON_PROCESSING_FAILURE, EVIDENCE_ANY, OUTCOME_REFUSED,
     MWS_CAUSE_DECLINED, ANY},
    /* Always the first answer to Refund. */
    {MWS_STATE_PENDING, MWS_REASON_UNKNOWN, EVIDENCE_ANY, OUTCOME_UNKNOWN, MWS_CAUSE_PENDING, ANY},
};

/* How a reversal is declined is not documented. */
static const struct object_row reversal_rows[] = {
    {MWS_STATE_COMPLETED, MWS_REASON_UNKNOWN, EVIDENCE_ANY, OUTCOME_DONE, MWS_CAUSE_NONE, ANY},
    {MWS_STATE_PENDING, MWS_REASON_UNKNOWN, EVIDENCE_ANY, OUTCOME_UNKNOWN, MWS_CAUSE_PENDING, ANY},
};

/* An order reference after it was made or changed. In a final state nothing can have been. */
static const struct object_row changed_order_rows[] = {
    {MWS_STATE_DRAFT, MWS_REASON_UNKNOWN, EVIDENCE_ANY, OUTCOME_DONE, MWS_CAUSE_NONE, ANY},
    {MWS_STATE_OPEN, MWS_REASON_UNKNOWN, EVIDENCE_ANY, OUTCOME_DONE, MWS_CAUSE_NONE, ANY},
    /* Some attributes may still change then. */
    {MWS_STATE_SUSPENDED, MWS_REASON_UNKNOWN, EVIDENCE_ANY, OUTCOME_DONE, MWS_CAUSE_NONE,
     MWS_SET_ORDER_ATTRIBUTES},
};

#define COUNT(rows) (sizeof(rows) / sizeof(rows)[0])

static const struct mws_classification unmapped = {OUTCOME_UNKNOWN, MWS_CAUSE_UNMAPPED};

static struct mws_classification classify_error(const struct mws_reply *reply)
{
    for (size_t i = 0; i < COUNT(error_rows); i++) {
        const struct error_row *row = &error_rows[i];
        if (row->error == reply->error && (row->action == ANY || row->action == reply->action) &&
            reply->http_status >= row->http_from && reply->http_status <= row->http_to) {
            return (struct mws_classification){row->outcome, row->cause};
        }
    }
    return unmapped;
}

static bool has_evidence(const struct shown *shown, enum evidence evidence)
{
    switch (evidence) {
    case EVIDENCE_ANY:
        return true;
    case EVIDENCE_NOT_SHOWN:
        return !shown->is_done;
    case EVIDENCE_DENIED:
        return !shown->is_done && money_is_valid(shown->amount);
    case EVIDENCE_NOT_ASKED:
        return !shown->is_done && shown->is_not_asked;
    }
    ENSURE(false);
    return false;
}

static struct mws_classification classify_object(const struct object_row *rows, size_t count,
                                                 enum mws_action action,
                                                 const struct mws_status *status,
                                                 const struct shown *shown)
{
    for (size_t i = 0; i < count; i++) {
        const struct object_row *row = &rows[i];
        if (row->state == status->state &&
            (row->reason == MWS_REASON_UNKNOWN || row->reason == status->reason) &&
            (row->action == ANY || row->action == action) && has_evidence(shown, row->evidence)) {
            return (struct mws_classification){row->outcome, row->cause};
        }
    }
    return unmapped;
}

static struct mws_classification classify_authorization(
    enum mws_action action, const struct mws_authorization_details *details)
{
    struct shown capture = {
        .is_done = details->capture_id[0] != '\0' || money_is_positive(details->captured_amount),
        .amount = details->captured_amount,
        .is_not_asked = details->has_capture_now && !details->capture_now,
    };
    return classify_object(authorization_rows, COUNT(authorization_rows), action, &details->status,
                           &capture);
}

static struct mws_classification classify_capture(enum mws_action action,
                                                  const struct mws_capture_details *details)
{
    struct shown refund = {
        .is_done = details->refund_ids.count > 0 || money_is_positive(details->refunded_amount),
        .amount = details->refunded_amount,
    };
    return classify_object(capture_rows, COUNT(capture_rows), action, &details->status, &refund);
}

/* An answer of 200 with a valid result. */
static struct mws_classification classify_result(const struct mws_reply *reply)
{
    static const struct shown nothing;
    switch (reply->action) {
    case MWS_AUTHORIZE:
    case MWS_AUTHORIZE_ON_BILLING_AGREEMENT:
    case MWS_GET_AUTHORIZATION_DETAILS:
        return classify_authorization(reply->action, &reply->authorization);
    case MWS_CAPTURE:
    case MWS_GET_CAPTURE_DETAILS:
        return classify_capture(reply->action, &reply->capture);
    case MWS_REFUND:
    case MWS_GET_REFUND_DETAILS:
        return classify_object(refund_rows, COUNT(refund_rows), reply->action,
                               &reply->refund.status, &nothing);
    case MWS_REVERSE_PROVIDER_CREDIT:
    case MWS_GET_PROVIDER_CREDIT_REVERSAL_DETAILS:
        return classify_object(reversal_rows, COUNT(reversal_rows), reply->action,
                               &reply->provider_credit_reversal.status, &nothing);
    case MWS_CREATE_ORDER_REFERENCE_FOR_ID:
    case MWS_SET_ORDER_REFERENCE_DETAILS:
    case MWS_SET_ORDER_ATTRIBUTES:
        return classify_object(changed_order_rows, COUNT(changed_order_rows), reply->action,
                               &reply->order_reference.status, &nothing);
    /* The object was read, whatever it says; or the operation has no result but that it was done.
     */
    case MWS_GET_BILLING_AGREEMENT_DETAILS:
    case MWS_SET_BILLING_AGREEMENT_DETAILS:
    case MWS_CONFIRM_BILLING_AGREEMENT:
    case MWS_VALIDATE_BILLING_AGREEMENT:
    case MWS_CLOSE_BILLING_AGREEMENT:
    case MWS_GET_ORDER_REFERENCE_DETAILS:
    case MWS_CONFIRM_ORDER_REFERENCE:
    case MWS_CANCEL_ORDER_REFERENCE:
    case MWS_CLOSE_ORDER_REFERENCE:
    case MWS_LIST_ORDER_REFERENCE:
    case MWS_LIST_ORDER_REFERENCE_BY_NEXT_TOKEN:
    case MWS_CLOSE_AUTHORIZATION:
    case MWS_GET_SERVICE_STATUS:
    case MWS_GET_MERCHANT_ACCOUNT_STATUS:
    case MWS_GET_MERCHANT_NOTIFICATION_CONFIGURATION:
    case MWS_SET_MERCHANT_NOTIFICATION_CONFIGURATION:
    case MWS_GET_PROVIDER_CREDIT_DETAILS:
        return (struct mws_classification){OUTCOME_DONE, MWS_CAUSE_NONE};
    case MWS_ACTION_UNKNOWN:
    case MWS_ACTION_COUNT:
        break;
    }
    return unmapped;
}

/* ---- how far the answer got ---- */

struct mws_classification mws_classify(const struct mws_reply *reply)
{
    bool is_of_server_in_trouble = reply->http_status >= 500 && reply->http_status <= 599;
    if (reply->is_transport_failure) {
        /* Not a byte left: nothing can have happened. Otherwise anything can. */
        return reply->not_sent ? (struct mws_classification){OUTCOME_LATER, MWS_CAUSE_NOT_SENT}
                               : (struct mws_classification){OUTCOME_UNKNOWN, MWS_CAUSE_NO_ANSWER};
    }
    if (reply->is_unreadable) {
        /* A gateway's page of HTML is a service in trouble, not a surprise. */
        return is_of_server_in_trouble
                   ? (struct mws_classification){OUTCOME_UNKNOWN, MWS_CAUSE_SERVICE}
                   : (struct mws_classification){OUTCOME_UNKNOWN, MWS_CAUSE_UNREADABLE};
    }
    if (reply->is_error) {
        return classify_error(reply);
    }
    return reply->http_status == 200 ? classify_result(reply) : unmapped;
}
