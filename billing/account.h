/*
 * account.h - one billing agreement with all that must stay consistent together.
 *
 * An account is the unit of every decision and of every transaction: the agreement, its
 * subscriptions that are not over, its charges and refunds that are not final, and its limit. It is
 * a plain value of bounded size; the store loads it, bill_step() (step.h) changes a copy, the store
 * records the copy, and only then does it count.
 *
 * Fields marked "memory" are not stored: they are empty after a load.
 */
#ifndef BILLING_ACCOUNT_H
#define BILLING_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "billing/instant.h"
#include "billing/lifecycle.h"
#include "billing/limit.h"
#include "billing/money.h"
#include "billing/policy.h"
#include "billing/recurrence.h"
#include "billing/reference_id.h"
#include "billing/refund.h"

#define SELLER_ID_MAX             32
#define AGREEMENT_ID_MAX          36
#define AMAZON_ID_MAX             40  /* order reference, authorization, capture */
#define LABEL_MAX                 64  /* the shop's own name for a subscription or one-off */
#define NOTE_MAX                  256 /* SellerAuthorizationNote: 255 characters and the NUL */
#define IDEMPOTENCY_KEY_MAX       65

#define ACCOUNT_SUBSCRIPTIONS_MAX 8  /* live ones per agreement: the limit is JPY 50,000 a month */
#define ACCOUNT_CHARGES_MAX       12 /* open ones; more cycles are opened as these become final */
#define ACCOUNT_REFUNDS_MAX       4  /* open ones */

/* Which call to Amazon about the agreement itself is wanted. Stored: only grows. */
enum care {
    CARE_NONE = 0,
    CARE_SYNC = 1,     /* GetBillingAgreementDetails */
    CARE_CONFIRM = 2,  /* ConfirmBillingAgreement    */
    CARE_CLOSE = 3,    /* CloseBillingAgreement      */
    CARE_SET = 4,      /* SetBillingAgreementDetails */
    CARE_VALIDATE = 5, /* ValidateBillingAgreement  */
};

/* What an account is waiting for its turn to do, in the order of service. Stored: only grows. */
enum lane {
    LANE_SETTLE = 1, /* an attempt without an answer */
    LANE_ONE_OFF = 2,
    LANE_FIRST = 3, /* the first charge of a subscription */
    LANE_RENEWAL = 4,
    LANE_RETRY = 5,
    LANE_CARE = 6, /* no charge: calls about the agreement; captures and refunds; looking up what
                      Amazon decides later */
};

struct agreement {
    char seller_id[SELLER_ID_MAX];
    char id[AGREEMENT_ID_MAX];
    enum agreement_state state;
    bool confirm_wanted; /* confirm it when found Draft */
    bool close_wanted;   /* close it at Amazon once no charge is open */
    bool close_forced;   /* ... or even while one is, an operator said so: nothing new is sent */
    enum reason stopped; /* nothing new is charged until an operator lifts it; NONE = it is not */
    struct limit limit;
    enum care care;
    struct instant care_at;      /* when the care call is to be made; never = not now */
    uint32_t care_tries;         /* failed care calls in a row */
    enum reason care_reason;     /* why the latest one failed; NONE = it did not */
    bool care_on_wire;           /* memory: the call is being made by this process */
    bool ended_since_sync;       /* memory: an attempt ended while it was */
    bool sync_again;             /* memory: a notice came while it was: sync once more after it */
    struct instant synced_at;    /* Amazon's last word about it; never = not yet */
    struct instant validated_at; /* the last ValidateBillingAgreement; never = none yet */
    struct instant created_at;
    struct instant wake_at; /* when something is to be done next: see account_wake() */
    enum lane lane;         /* and what */
    uint64_t version;       /* counts recorded steps; a stale copy is refused by the store */
};

struct subscription {
    char key[KEY_MAX];
    char idempotency_key[IDEMPOTENCY_KEY_MAX]; /* the shop's own; "" = it gave none */
    enum subscription_state state;
    char label[LABEL_MAX];
    char note[NOTE_MAX];
    char policy_name[POLICY_NAME_MAX];
    struct money amount;
    struct money next_amount;      /* of cycles due from next_amount_at on; poison = no change */
    struct instant next_amount_at; /* never = no change */
    struct recurrence rule;
    int32_t cycle_base; /* cycle k of the subscription is cycle k - cycle_base of the rule: rules
                           may be changed, cycles are counted on. Negative: the rule began long
                           before the cycle that it was first used for */
    char zone_name[ZONE_NAME_MAX];
    const struct zone *zone;  /* memory: set by whoever loads or creates */
    uint32_t first_cycle;     /* the cycle charged first */
    uint32_t next_cycle;      /* the next cycle to be opened */
    struct instant due_at;    /* its due instant; never when there is none */
    bool due_is_moved;        /* moved by an operator: not what the rule says */
    bool is_stopped;          /* the subscription's own stop switch */
    struct instant resume_at; /* PAUSED: ends then by itself; never = by hand */
    struct instant cancel_at; /* becomes CANCELED then; never = no cancellation asked */
    char successor_agreement_id[AGREEMENT_ID_MAX]; /* LEAVING, REPLACED: who takes it over, ... */
    char successor_key[KEY_MAX];                   /* ... and as which subscription */
    struct instant hand_over_at; /* LEAVING: when the other agreement is asked (again) */
    uint32_t hand_over_tries;    /* times in a row that it could not take it then; 0 = it is not
                                    known whether it has it: it is being asked, or was */
    uint32_t hand_over_tried;    /* memory: hand_over_tries before it was asked now */
    bool hand_over_on_wire;      /* memory: it is being asked by this process */
    struct instant created_at;
};

struct attempt {
    char reference_id[REFERENCE_ID_MAX]; /* "" = the charge has not been attempted */
    uint32_t number;                     /* 1, 2, ... within the charge */
    enum attempt_state state;
    struct money amount;
    uint32_t timeout_minutes; /* TransactionTimeout as sent, so that a re-send is identical: 0 =
                                 Amazon decides at once, else how long it may take */
    enum reason reason;
    struct instant created_at;
    struct instant resend_at;  /* when to ask again under the same id, while not final; while a call
                                  is on the wire, when it was made: asked again at once when nobody
                                  holds it any more, that is after a restart */
    uint32_t unanswered;       /* calls in a row that brought no final answer */
    bool capture_now;          /* CaptureNow as sent */
    uint32_t capture_number;   /* without CaptureNow: 1, 2, ... of the captures that were begun */
    struct instant expires_at; /* AUTHORIZED: Amazon closes the authorization then */
    bool is_warned;            /* that it is about to expire was told */
    bool discover;             /* the next call looks for the authorization in Amazon's lists */
    bool on_wire;              /* memory: a call is being made by this process */
    struct instant answered_at; /* the final answer. While open: when the latest send had ended, so
                                   that every send was before it; never = that is not known */
    char order_reference_id[AMAZON_ID_MAX];
    char authorization_id[AMAZON_ID_MAX];
    char capture_id[AMAZON_ID_MAX];
};

/* ACTIVE and PAST_DUE: its cycles are opened when they are due. */
bool subscription_opens_cycles(enum subscription_state state);

/* Amazon has it and has not decided yet: UNKNOWN, but nothing is wrong. */
bool attempt_is_pending(const struct attempt *attempt);

/* The shop's word about a charge that is captured on shipment. Stored: only grows. */
enum charge_word {
    WORD_NONE = 0,
    WORD_SHIP = 1, /* capture it as soon as it is authorized */
    WORD_VOID = 2, /* give it up                              */
};

struct charge {
    char id[CHARGE_ID_MAX];         /* SellerOrderId */
    char subscription_key[KEY_MAX]; /* "" for a one-off */
    uint32_t cycle;                 /* 0 for a one-off */
    bool is_first;                  /* the subscription's first charge */
    enum charge_state state;
    enum reason reason;
    struct money amount;
    char label[LABEL_MAX];
    char note[NOTE_MAX];
    char idempotency_key[IDEMPOTENCY_KEY_MAX]; /* of a one-off */
    struct instant due_at;
    struct instant retry_at; /* RETRYING, HELD: when it is looked at again */
    uint32_t policy_version; /* frozen when it was made; 0 = the policy in force */
    bool is_approved;        /* an operator said yes: neither lateness nor catch-up asks again */
    enum charge_word word;
    struct instant created_at;
    struct instant final_at;
    uint32_t extra_attempts; /* attempts that do not count in the retry list: see POLICY_MIXED */
    struct attempt attempt;  /* the latest; earlier ones are final and only in the store */
};

struct account {
    struct agreement agreement;
    uint32_t subscription_count;
    uint32_t charge_count;
    uint32_t refund_count;
    struct subscription subscriptions[ACCOUNT_SUBSCRIPTIONS_MAX];
    struct charge charges[ACCOUNT_CHARGES_MAX];
    struct refund refunds[ACCOUNT_REFUNDS_MAX];
};

/* Copies only what is used. */
void account_copy(struct account *to, const struct account *from);

struct subscription *account_subscription(struct account *account, const char *key);
struct charge *account_charge(struct account *account, const char *charge_id);
/* The charge whose latest attempt has this reference id, or NULL. */
struct charge *account_attempted(struct account *account, const char *reference_id);

struct refund *account_refund(struct account *account, const char *refund_id);

/* Forgets final charges and refunds and subscriptions that are over: to be called once they are
 * recorded. */
void account_drop_final(struct account *account);

/* When the account must be looked at next and in which lane, from the account alone. */
void account_wake(const struct account *account, struct instant *at, enum lane *lane);

/* NULL, or the sentence of the first invariant that does not hold. */
const char *account_check(const struct account *account);

#endif
