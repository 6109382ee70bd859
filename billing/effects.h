/*
 * effects.h - what bill_step() wants done: rows to record, changes to tell, calls to make.
 *
 * The order is the runner's duty: record the rows and changes in one transaction first; only when
 * that is durable make the calls.
 */
#ifndef BILLING_EFFECTS_H
#define BILLING_EFFECTS_H

#include "billing/account.h"

enum row_kind {
    ROW_SUBSCRIPTION = 1, /* index into account.subscriptions */
    ROW_CHARGE,           /* index into account.charges       */
    ROW_ATTEMPT,          /* the latest attempt of account.charges[index] */
    ROW_REFUND,           /* index into account.refunds       */
};

struct row {
    enum row_kind kind;
    uint32_t index;
};

/* One change of state, as the audit trail tells it. Stored: numbered by hand, only grows. */
enum change_kind {
    CHANGE_AGREEMENT = 1,
    CHANGE_SUBSCRIPTION = 2,
    CHANGE_CHARGE = 3,
    CHANGE_ATTEMPT = 4,
    CHANGE_LIMIT = 5,    /* reconciled with a difference, or exhausted by Amazon's word */
    CHANGE_REFUND = 6,   /* also of what Amazon told of: A-to-z, chargeback */
    CHANGE_CYCLES = 7,   /* of a subscription: the cycles `from` to `to` will not be charged */
    CHANGE_PRICE = 8,    /* of a subscription: `amount` for cycles due from `until` on */
    CHANGE_SCHEDULE = 9, /* of a subscription: rule changed or a date moved; `from` is the next
                            cycle, `until` when it is due now */
    CHANGE_CANCEL = 10,  /* of a subscription: it will be canceled at `until`, or, `from` 1, will
                            not be any more; of the agreement: an operator closes it, `to` 1 = even
                            while a charge is open */
    CHANGE_STOP = 11,    /* a stop switch of a subscription, agreement or seller: `to` 1 = on,
                            0 = off; `until` when it lifts itself */
    CHANGE_WORD = 12,    /* of a charge: the shop's or an operator's word, `to` is an enum
                            charge_word, or 0 with APPROVED or REJECTED */
    CHANGE_WARNING = 13, /* of a charge: nothing changed yet, but `reason` will at `until`; with
                            CAPTURED_BY_HAND `amount` is what was captured */
    CHANGE_POLICY = 14,  /* of a subscription: another policy; of a seller (`subject` its name): a
                            new version, `to` */
};

struct change {
    enum change_kind kind;
    char subject[REFERENCE_ID_MAX > AGREEMENT_ID_MAX ? REFERENCE_ID_MAX : AGREEMENT_ID_MAX];
    int from; /* state number before; 0 = it did not exist */
    int to;
    enum reason reason;
    struct money amount;  /* of a charge, an attempt, a refund, a price; of a subscription its
                             price; of a limit what remains; else poison */
    struct instant until; /* CHARGE: when it is looked at again by itself, and when it was due as it
                             is made; SUBSCRIPTION: its next due instant, or when its pause ends by
                             itself; ATTEMPT: when it is asked for again, as it seemed then; LIMIT:
                             the period's end; others see above. never = nothing by itself */
};

enum call_kind {
    CALL_AUTHORIZE = 1,   /* AuthorizeOnBillingAgreement for the attempt            */
    CALL_LOOK_UP,         /* GetAuthorizationDetails of the attempt's authorization */
    CALL_DISCOVER,        /* find the attempt's authorization by SellerOrderId      */
    CALL_SYNC,            /* GetBillingAgreementDetails                             */
    CALL_CONFIRM,         /* ConfirmBillingAgreement                                */
    CALL_CLOSE,           /* CloseBillingAgreement                                  */
    CALL_SET,             /* SetBillingAgreementDetails                             */
    CALL_VALIDATE,        /* ValidateBillingAgreement                               */
    CALL_CAPTURE,         /* Capture of the attempt's authorization                 */
    CALL_LOOK_UP_CAPTURE, /* GetCaptureDetails of the attempt's capture           */
    CALL_VOID,            /* CloseAuthorization of the attempt's authorization      */
    CALL_REFUND,          /* Refund                                                 */
    CALL_LOOK_UP_REFUND,  /* GetRefundDetails                                      */
    CALL_DISCOVER_REFUND, /* find the refund among its capture's                  */
    CALL_HAND_OVER,       /* no call to Amazon: EVENT_SUBSCRIBE to the agreement that takes a
                             subscription over, whose end comes back as EVENT_HAND_OVER_ANSWER */
};
#define CALL_KIND_COUNT 16

struct call {
    enum call_kind kind;
    char reference_id[REFUND_ID_MAX]; /* of the attempt; id of the refund; key of the subscription
                                         that is handed over; "" for calls about the agreement */
};

/* At most one call per charge, refund and hand-over and one about the agreement; at most two rows
 * per charge and one per subscription and refund; each can pass through few states in a step. */
#define EFFECTS_CALLS_MAX                                                                          \
    (ACCOUNT_CHARGES_MAX + ACCOUNT_REFUNDS_MAX + ACCOUNT_SUBSCRIPTIONS_MAX + 1)
#define EFFECTS_ROWS_MAX (2 * ACCOUNT_CHARGES_MAX + ACCOUNT_SUBSCRIPTIONS_MAX + ACCOUNT_REFUNDS_MAX)
#define EFFECTS_CHANGES_MAX                                                                        \
    (5 * ACCOUNT_CHARGES_MAX + 4 * ACCOUNT_SUBSCRIPTIONS_MAX + 2 * ACCOUNT_REFUNDS_MAX + 6)

struct effects {
    bool is_new_account; /* the agreement row does not exist yet */
    uint32_t row_count;
    uint32_t change_count;
    uint32_t call_count;
    struct row rows[EFFECTS_ROWS_MAX];
    struct change changes[EFFECTS_CHANGES_MAX];
    struct call calls[EFFECTS_CALLS_MAX];
};

#endif
