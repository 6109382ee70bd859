/*
 * classify.h - the outcome table: what a reply means for the request that was made.
 *
 * One table from (transport, HTTP status, error code) and, for an object about money, (state,
 * reason) to DONE, REFUSED, LATER or UNKNOWN. What is not in the table is UNKNOWN, and the caller
 * raises an alarm.
 */
#ifndef MWS_CLASSIFY_H
#define MWS_CLASSIFY_H

#include "billing/outcome.h"
#include "mws/operation.h"

/* Why: the finer cause behind an outcome. */
enum mws_cause {
    MWS_CAUSE_NONE = 0,
    MWS_CAUSE_NOT_SENT,
    MWS_CAUSE_NO_ANSWER,
    MWS_CAUSE_UNREADABLE,
    MWS_CAUSE_THROTTLED,
    MWS_CAUSE_SERVICE,          /* 5xx */
    MWS_CAUSE_SELLER_ACCESS,    /* credentials, signature, account status */
    MWS_CAUSE_DUPLICATE,        /* DuplicateRequest, DuplicateReferenceId */
    MWS_CAUSE_LIMIT,            /* PeriodicAmountExceeded */
    MWS_CAUSE_AGREEMENT_STATUS, /* InvalidBillingAgreementStatus, constraints */
    MWS_CAUSE_OBJECT_STATUS,    /* the same of an order reference, authorization or capture */
    MWS_CAUSE_AGREEMENT_ID,     /* InvalidBillingAgreementId */
    MWS_CAUSE_REQUEST,          /* any other refusal of the request itself */
    MWS_CAUSE_PENDING,          /* the authorization, capture or refund is not decided yet */
    MWS_CAUSE_AUTHORIZED,       /* the money is reserved, and no capture was asked for */
    MWS_CAUSE_DECLINED,         /* reply.authorization.status.reason says why */
    MWS_CAUSE_CLOSED_WITHOUT_CAPTURE,
    MWS_CAUSE_UNMAPPED, /* not in the table: alarm */
};

struct mws_classification {
    enum outcome outcome;
    enum mws_cause cause;
};

/* For an authorization DONE means captured (Closed/MaxCapturesProcessed), and REFUSED declined or
 * closed without capture; but to Authorize without CaptureNow Open is DONE, with the cause
 * AUTHORIZED. For a capture, a refund and a reversal DONE means that money has moved, REFUSED that
 * it never will. For the others DONE means that the operation took effect or the object was read.
 */
struct mws_classification mws_classify(const struct mws_reply *reply);

#endif
