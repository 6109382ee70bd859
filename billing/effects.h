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
    CHANGE_LIMIT = 5, /* reconciled with a difference, or exhausted by Amazon's word */
};

struct change {
    enum change_kind kind;
    char subject[REFERENCE_ID_MAX > AGREEMENT_ID_MAX ? REFERENCE_ID_MAX : AGREEMENT_ID_MAX];
    int from; /* state number before; 0 = it did not exist */
    int to;
    enum reason reason;
};

enum call_kind {
    CALL_AUTHORIZE = 1, /* AuthorizeOnBillingAgreement for the attempt            */
    CALL_LOOK_UP,       /* GetAuthorizationDetails of the attempt's authorization */
    CALL_DISCOVER,      /* find the attempt's authorization by SellerOrderId      */
    CALL_SYNC,          /* GetBillingAgreementDetails                             */
    CALL_CONFIRM,       /* ConfirmBillingAgreement                                */
    CALL_CLOSE,         /* CloseBillingAgreement                                  */
};

struct call {
    enum call_kind kind;
    char reference_id[REFERENCE_ID_MAX]; /* of the attempt; "" for calls about the agreement */
};

/* At most one call per charge and one about the agreement; at most three rows per charge and one
 * per subscription; a charge can pass through few states in a step. */
#define EFFECTS_CALLS_MAX   (ACCOUNT_CHARGES_MAX + 1)
#define EFFECTS_ROWS_MAX    (2 * ACCOUNT_CHARGES_MAX + ACCOUNT_SUBSCRIPTIONS_MAX)
#define EFFECTS_CHANGES_MAX (4 * ACCOUNT_CHARGES_MAX + 2 * ACCOUNT_SUBSCRIPTIONS_MAX + 4)

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
