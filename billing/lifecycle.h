/*
 * lifecycle.h - the states of agreement, subscription, charge, attempt and refund, and how they may
 * follow one another.
 *
 * Each lifecycle is one table of allowed successors (lifecycle.c). A state is stored as its number:
 * numbered by hand, never renumbered, only added to. Names appear in SQL, logs, the admin API and
 * the command line alike. What must hold in each state is checked by account_check() in account.h.
 *
 * Agreement: Amazon's words for a BillingAgreement, plus UNSYNCED before Amazon was first asked.
 *
 *     UNSYNCED ─► DRAFT ─► OPEN ◄─► SUSPENDED          every state ─► CLOSED or CANCELED (final)
 *        ▲                  │
 *        └──────────────────┘ (Amazon refused because of its state: ask which)
 *
 * Subscription: what the shop sells.
 *
 *     ACTIVE ◄─► PAST_DUE (a charge failed for good; still charged when the next cycle is due)
 *        ▲          ▲
 *        ├──────────┼──► CANCELED (by the shop, by policy, or because the agreement ended)
 *        │          ├──► PAUSED   (nothing is charged until it is resumed) ─► ACTIVE, CANCELED
 *        ├──────────┴──► LEAVING  (another agreement is taking it over) ─► REPLACED (it has), or
 *        │                        back to ACTIVE (it refused), or CANCELED
 *        └─────────────► ENDED    (its last cycle's charge is paid)
 *
 * Charge: what is owed for one cycle, or once.
 *
 *     DUE ─► ATTEMPTING ─► PAID
 *      │        │ ▲ └────► FAILED, CANCELED   (refused for good, retries used up; or its
 *      │        ▼ │                            subscription was canceled in the meantime)
 *      ├─► RETRYING                            (declined; the next attempt is at retry_at)
 *      ├─► WAITING ─► RETRYING, DUE            (for something that has no time: the agreement to be
 *      │                                        Open, the subscription to be resumed, a stop switch
 *      │                                        to be lifted. RETRYING: it was not suspended by a
 *      │                                        hard decline after all)
 *      ├─► HELD ─► DUE                         (until retry_at: the limit is short, it is out of
 *      │                                        hours, or charging is held back)
 *      ├─► ASKING ─► DUE, HELD                 (an operator must approve or reject it)
 *      └─► FAILED, CANCELED                    (also from RETRYING, WAITING, HELD and ASKING)
 *
 * RETRYING, WAITING and HELD may follow themselves: put off again, to another time or for another
 * reason.
 *
 * Captured later (POLICY_CAPTURE_ON_SHIPMENT), the charge is AUTHORIZED between its authorization
 * and the shop's word:
 *
 *     ATTEMPTING ─► AUTHORIZED ─► ATTEMPTING ─► PAID, CANCELED     (captured, or voided)
 *                       └───────► RETRYING, WAITING, HELD, FAILED  (it expired)
 *
 * Attempt: one try at a charge under one reference id. There is no SENT state: a committed INTENT
 * may already be on the wire. POSTPONED is the opposite: Amazon said that nothing happened
 * (throttled), or nothing left this machine, so the same request will be sent again.
 *
 * UNKNOWN with reason "pending" is what Amazon has and has not decided yet (account.h): nothing is
 * wrong with it, so it is counted and asked for apart from the rest.
 *
 *     INTENT ◄─► POSTPONED ─► REFUSED          (given up before it was sent again)
 *     INTENT ──► UNKNOWN ───► CAPTURED, DECLINED, REFUSED   (only by answers for the same id)
 *     INTENT ───────────────► CAPTURED, DECLINED, REFUSED
 *     POSTPONED ► INTENT ───► UNKNOWN          (in one step: a notice tells that it is out)
 *
 * Without CaptureNow:
 *
 *     INTENT, UNKNOWN ─► AUTHORIZED ─► CAPTURING ─► CAPTURED, DECLINED, REFUSED
 *                         │  ▲  │          └──► AUTHORIZED (the capture was declined, the
 *                         │  │  │                           authorization is still Open)
 *                         │  │  └──► VOIDING ─► REFUSED, CAPTURED (Amazon's word decides)
 *                         └──┴─────► REFUSED    (expired, or closed by Amazon)
 *
 * CAPTURING and VOIDING may be on the wire from the moment they are recorded, like INTENT.
 *
 * Refund: money that goes back. Ours begins as INTENT; what Amazon told of (A-to-z, chargeback)
 * begins as UNKNOWN or is recorded as COMPLETED.
 *
 *     INTENT ◄─► POSTPONED                     INTENT, UNKNOWN ─► PENDING ─► COMPLETED, DECLINED
 *     INTENT ──► UNKNOWN ──► COMPLETED, DECLINED, REFUSED (Amazon refused the request)
 */
#ifndef BILLING_LIFECYCLE_H
#define BILLING_LIFECYCLE_H

#include <stdbool.h>

enum agreement_state {
    AGREEMENT_UNSYNCED = 1,
    AGREEMENT_DRAFT = 2,
    AGREEMENT_OPEN = 3,
    AGREEMENT_SUSPENDED = 4,
    AGREEMENT_CANCELED = 5,
    AGREEMENT_CLOSED = 6,
};

enum subscription_state {
    SUBSCRIPTION_ACTIVE = 1,
    SUBSCRIPTION_PAST_DUE = 2,
    SUBSCRIPTION_CANCELED = 3,
    SUBSCRIPTION_ENDED = 4,
    SUBSCRIPTION_PAUSED = 5,
    SUBSCRIPTION_LEAVING = 6,
    SUBSCRIPTION_REPLACED = 7,
};

enum charge_state {
    CHARGE_DUE = 1,
    CHARGE_ATTEMPTING = 2,
    CHARGE_RETRYING = 3,
    CHARGE_WAITING = 4,
    CHARGE_HELD = 5,
    CHARGE_PAID = 6,
    CHARGE_FAILED = 7,
    CHARGE_CANCELED = 8,
    CHARGE_AUTHORIZED = 9,
    CHARGE_ASKING = 10,
};
#define CHARGE_STATE_COUNT 11

enum attempt_state {
    ATTEMPT_INTENT = 1,
    ATTEMPT_UNKNOWN = 2,
    ATTEMPT_POSTPONED = 3,
    ATTEMPT_CAPTURED = 4,
    ATTEMPT_DECLINED = 5,
    ATTEMPT_REFUSED = 6,
    ATTEMPT_AUTHORIZED = 7,
    ATTEMPT_CAPTURING = 8,
    ATTEMPT_VOIDING = 9,
};

enum refund_state {
    REFUND_INTENT = 1,
    REFUND_UNKNOWN = 2,
    REFUND_POSTPONED = 3,
    REFUND_PENDING = 4,
    REFUND_COMPLETED = 5,
    REFUND_DECLINED = 6,
    REFUND_REFUSED = 7,
};

/* Why a charge or attempt is in its state. Stored: numbered by hand, only grows. */
enum reason {
    REASON_NONE = 0,
    REASON_INVALID_PAYMENT_METHOD = 1,      /* hard decline: the buyer must change the method */
    REASON_INVALID_PAYMENT_METHOD_SOFT = 2, /* soft decline: the issuer may accept later      */
    REASON_AMAZON_REJECTED = 3,
    REASON_PROCESSING_FAILURE = 4,
    REASON_TRANSACTION_TIMED_OUT = 5,
    REASON_PERIODIC_AMOUNT_EXCEEDED = 6, /* Amazon says that the limit is short               */
    REASON_AGREEMENT_NOT_OPEN = 7,       /* Amazon refused because of the agreement's state   */
    REASON_REQUEST_REFUSED = 8,          /* Amazon refused the request itself                 */
    REASON_LIMIT_SHORT = 9,              /* our ledger says that the limit is short           */
    REASON_LIMIT_TOO_SMALL = 10,         /* the amount is above the whole limit of a period   */
    REASON_AGREEMENT_SUSPENDED = 11,
    REASON_AGREEMENT_ENDED = 12, /* Closed or Canceled at Amazon                              */
    REASON_SUBSCRIPTION_CANCELED = 13,
    REASON_NO_ANSWER = 14,           /* time-out, connection lost, or an answer we do not know */
    REASON_THROTTLED = 15,           /* RequestThrottled: nothing happened                     */
    REASON_SERVICE_UNAVAILABLE = 16, /* Amazon's 5xx                                          */
    REASON_SELLER_ACCESS = 17,       /* credentials or account refused: an operator must act   */
    REASON_PENDING = 18,             /* Amazon has not decided yet                             */
    REASON_NOT_CAPTURED = 19,        /* authorized, but closed without a capture               */
    REASON_AGREEMENT_UNKNOWN = 20,   /* Amazon does not know this id of this seller            */
    REASON_SUBSCRIPTION_PAUSED = 21,
    REASON_STOPPED = 22,   /* a stop switch is on                                       */
    REASON_HELD_BACK = 23, /* charging is held back; in older rows, newer ones say by which guard */
    REASON_OUTSIDE_HOURS = 24, /* the policy's hours or days                                */
    REASON_TOO_LATE = 25,      /* later than the policy's lateness_max: approve or reject   */
    REASON_MISSED = 26,        /* missed while nothing ran, see the policy's catch_up       */
    REASON_LIMIT_ASK = 27,     /* the limit is short and the policy asks                    */
    REASON_REJECTED = 28,      /* an operator said no                                       */
    REASON_APPROVED = 29,      /* an operator said yes                                      */
    REASON_NEXT_CYCLE = 30,    /* the next cycle is due: this one is not tried any more     */
    REASON_ATTEMPTS_MAX = 31,  /* the policy's attempts_max are used up                     */
    REASON_AMOUNT_BOUND = 32,  /* the amount is outside of the policy's amount_min and _max */
    REASON_ON_SHIPMENT = 33,   /* authorized; waits for the shop's word                     */
    REASON_AUTHORIZATION_EXPIRING = 34,
    REASON_AUTHORIZATION_EXPIRED = 35,
    REASON_VOIDED = 36, /* the shop gave the authorization up                        */
    REASON_CAPTURE_DECLINED = 37,
    REASON_SKIPPED = 38, /* the shop skipped the cycle                                */
    REASON_AGREEMENT_REPLACED = 39,
    REASON_HAND_OVER_REFUSED = 40, /* the other agreement would not take the subscription      */
    REASON_LIMIT_DIFFERS = 41,     /* Amazon counts more than we charged                        */
    REASON_OPERATOR = 42,          /* a command                                                 */
    REASON_POLICY = 43,            /* the policy's final action                                 */
    REASON_GUARD = 44,             /* the batch guard: a band was left                          */
    REASON_CLOCK = 45,             /* the clock jumped                                          */
    REASON_A_TO_Z = 46,            /* Amazon's A-to-z guarantee paid the buyer                  */
    REASON_CHARGEBACK = 47,
    REASON_VALIDATION_FAILED = 48, /* ValidateBillingAgreement: the payment method fails       */
    REASON_MERCHANT_CLOSED = 49,   /* Closed or Canceled by us                                  */
    REASON_BUYER_CLOSED = 50,      /* Closed or Canceled by the buyer                           */
    REASON_BREAKER_OPEN = 51,      /* held back: Amazon is down                                 */
    REASON_CANARY = 52,            /* held back: the day's first charges are not answered yet   */
    REASON_RETRIES_PER_HOUR = 53,  /* held back: the hour's retries are used up                 */
    REASON_CLOCK_BACK = 54,        /* the clock was set back: of a stop switch, lifts itself    */
    REASON_CAPTURED_BY_HAND = 55,  /* somebody captured another amount by hand                 */
};
#define REASON_COUNT 56

/* Printed names ("past_due", "InvalidPaymentMethod" as Amazon spells it). Never NULL. */
const char *agreement_state_name(enum agreement_state state);
const char *subscription_state_name(enum subscription_state state);
const char *charge_state_name(enum charge_state state);
const char *attempt_state_name(enum attempt_state state);
const char *refund_state_name(enum refund_state state);
const char *reason_name(enum reason reason);

/* The state of that name, or 0. */
enum charge_state charge_state_parse(const char *name);
enum subscription_state subscription_state_parse(const char *name);
/* REASON_COUNT when there is no such reason. */
enum reason reason_parse(const char *name);

/* Is `to` an allowed successor of `from`? */
bool agreement_may_become(enum agreement_state from, enum agreement_state to);
bool subscription_may_become(enum subscription_state from, enum subscription_state to);
bool charge_may_become(enum charge_state from, enum charge_state to);
bool attempt_may_become(enum attempt_state from, enum attempt_state to);
bool refund_may_become(enum refund_state from, enum refund_state to);

/* A final state has no successors. */
bool agreement_is_final(enum agreement_state state);
bool subscription_is_final(enum subscription_state state);
bool charge_is_final(enum charge_state state);
bool attempt_is_final(enum attempt_state state);
bool refund_is_final(enum refund_state state);

#endif
