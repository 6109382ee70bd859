/*
 * notice.h - one notification of Amazon's (IPN), kept until it was worked on.
 *
 * What a notice tells is never believed: it is a reason to ask Amazon now instead of later. Its
 * state and amount are kept for operators and to recognise the same news told twice; they never
 * become billing state. The store keeps notices (schema/store.h), step_notice.c says what one
 * changes.
 */
#ifndef BILLING_NOTICE_H
#define BILLING_NOTICE_H

#include <stdbool.h>
#include <stdint.h>

#include "billing/account.h"

#define NOTICE_MESSAGE_ID_MAX 101 /* SNS MessageId: 100 characters and the NUL */
#define NOTICE_STATE_MAX      32
#define NOTICE_REASON_MAX     64

/* What it is about. Stored: numbered by hand, only grows. */
enum notice_kind {
    NOTICE_AGREEMENT = 1,
    NOTICE_AUTHORIZATION = 2,
    NOTICE_CAPTURE = 3,
    NOTICE_REFUND = 4,
    NOTICE_ORDER = 5,
    NOTICE_CHARGEBACK = 6,
    NOTICE_OTHER = 7,
};

struct notice {
    uint64_t number; /* out of keep: the store's, of all sellers; grows. 0 for one that is known */
    char seller_id[SELLER_ID_MAX];
    char message_id[NOTICE_MESSAGE_ID_MAX];
    enum notice_kind kind;
    char object_id[AMAZON_ID_MAX];       /* Amazon's id of what it is about */
    char parent_id[AMAZON_ID_MAX];       /* of what that belongs to; "" = not told */
    char reference_id[REFERENCE_ID_MAX]; /* the seller's own id of the authorization, capture or
                                            refund. CaptureNow gives the capture its
                                            authorization's, so both name the attempt. "" = none, or
                                            not one of ours */
    char order_id[CHARGE_ID_MAX];        /* SellerOrderId if it can be a charge's; "" = not */
    char state[NOTICE_STATE_MAX];        /* as told; never acted upon */
    char reason[NOTICE_REASON_MAX]; /* ReasonCode; of an agreement's without one its EventType */
    struct money amount;            /* poison = not told */
    struct instant updated_at;      /* Amazon's LastUpdateTimestamp; never = absent */
    struct instant received_at;
    bool is_known; /* out of keep: seen before, changed nothing */
};

/* A notice that is to be worked on, and the agreement it belongs to. */
struct notice_work {
    struct notice notice;
    char agreement_id[AGREEMENT_ID_MAX];
    char charge_id[CHARGE_ID_MAX];  /* of a refund or chargeback: whose capture it is about; else ""
                                     */
    char capture_id[AMAZON_ID_MAX]; /* likewise */
};

#endif
