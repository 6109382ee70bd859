/*
 * refund.h - money that goes back to the buyer.
 *
 * A refund that was made here has a RefundReferenceId made from its charge's id and a number, and
 * is recorded before it is sent, like an attempt; a repeat of the identical request is answered
 * with the first result. What Amazon told of - an A-to-z refund, a chargeback, a refund that
 * somebody made in Seller Central - is kept beside ours under Amazon's own id. An account holds the
 * refunds that are not final; the charge they belong to is PAID and not in the account any more, so
 * what is needed of it is copied in here.
 *
 * Rules: the sum of a capture's refunds is at most what was captured, or, where the shop asks for
 * it explicitly, Amazon's overage above it (reference: "Refund"; 15 %, at most JPY 8,400 or 75 of
 * USD, EUR, GBP); at most ten a capture. Refunds give nothing back to the agreement's limit.
 */
#ifndef BILLING_REFUND_H
#define BILLING_REFUND_H

#include <stdbool.h>
#include <stdint.h>

#include "billing/instant.h"
#include "billing/lifecycle.h"
#include "billing/money.h"
#include "billing/reference_id.h"

#define REFUND_ID_MAX     40 /* ours: 31 characters; Amazon's: as AMAZON_ID_MAX */
#define REFUND_NOTE_MAX   256
#define REFUNDS_OF_CHARGE 10 /* MaxRefundsProcessed */

/* Who gave the money back. Stored: only grows. */
enum refund_kind {
    REFUND_BY_SHOP = 1, /* here, or by hand in Seller Central */
    REFUND_A_TO_Z = 2,
    REFUND_CHARGEBACK = 3,
};

struct refund {
    char id[REFUND_ID_MAX]; /* RefundReferenceId, or Amazon's id of what it told of */
    enum refund_kind kind;
    uint32_t number; /* 1, 2, ... of ours within the charge; 0 = not made here */
    char charge_id[CHARGE_ID_MAX];
    char capture_id[40]; /* AmazonCaptureId */
    enum refund_state state;
    enum reason reason;
    struct money amount;        /* poison while Amazon's amount is not known */
    char note[REFUND_NOTE_MAX]; /* SellerRefundNote: the shop's reason */
    char idempotency_key[65];   /* the shop's own; never "" for ours */
    char amazon_refund_id[40];  /* once known */
    struct instant created_at;
    struct instant resend_at;   /* when to ask again, while not final */
    uint32_t unanswered;        /* calls in a row that brought no final answer */
    bool discover;              /* the next call looks for it in the capture's refunds */
    bool on_wire;               /* memory: a call is being made by this process */
    struct instant answered_at; /* the final answer. While open: when the latest send had ended, so
                                   that every send was before it; never = that is not known */
};

/* What may be refunded in all of a capture of `captured`: with `with_overage` Amazon's overage,
 * too. Poison when `captured` is. */
struct money refund_bound(struct money captured, bool with_overage);

#endif
