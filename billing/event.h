/*
 * event.h - everything that can make billing state change.
 *
 * An event is a value: what happened and when. The runner makes them from the clock, from Amazon's
 * answers and from operators' commands, and hands each to bill_step().
 */
#ifndef BILLING_EVENT_H
#define BILLING_EVENT_H

#include "billing/account.h"
#include "billing/effects.h"
#include "billing/notice.h"
#include "billing/outcome.h"
#include "billing/policy.h"

enum event_kind {
    EVENT_WAKE = 1, /* the account's time has come                                           */
    EVENT_ATTEMPT_ANSWER, /* a call for an attempt ended: authorize, look-up or discovery        */
    EVENT_CARE_ANSWER, /* a call about the agreement ended                                      */
    EVENT_REGISTER,    /* a new account: the account passed in is empty                         */
    EVENT_SYNC,        /* an operator wants Amazon's word about the agreement now               */
    EVENT_CLOSE,       /* an operator closes the agreement, on which nothing is live             */
    EVENT_SUBSCRIBE,   /* a new subscription                                                    */
    EVENT_CANCEL,      /* cancel a subscription now, at the end of its paid period or at a date */
    EVENT_UNCANCEL,    /* take back a cancellation that has not come yet                        */
    EVENT_CHARGE_ONCE, /* a one-off charge                                                      */
    EVENT_NOTICE,      /* Amazon told that something changed: a reason to ask, never an answer  */
    EVENT_PAUSE,       /* charge nothing for a subscription, for now                            */
    EVENT_RESUME,      /* the end of a pause                                                    */
    EVENT_SKIP,        /* the next cycle will not be charged                                    */
    EVENT_MOVE,        /* the next cycle is due at another instant                              */
    EVENT_CHANGE,      /* another amount, schedule or policy from the next cycle on             */
    EVENT_REPLACE,     /* another agreement takes a subscription over                           */
    EVENT_HAND_OVER_ANSWER, /* that agreement took it, or would not                             */
    EVENT_STOP,          /* the stop switch of a subscription or of the agreement, on or off      */
    EVENT_DECIDE,        /* an operator approves or rejects a charge that is ASKING               */
    EVENT_SHIP,          /* capture a charge that is (to be) captured on shipment                 */
    EVENT_VOID,          /* give a charge that is not captured up                                 */
    EVENT_REFUND,        /* money back                                                            */
    EVENT_REFUND_ANSWER, /* a call for a refund ended                                           */
};

/* What Amazon answered about an attempt. */
struct attempt_answer {
    char reference_id[REFERENCE_ID_MAX];
    enum call_kind call; /* which call is answered: AUTHORIZE, LOOK_UP, DISCOVER, CAPTURE,
                            LOOK_UP_CAPTURE or VOID */
    enum outcome outcome;
    enum reason reason;
    bool from_object;   /* the answer shows the authorization itself; an error answer shows nothing
                           about an earlier send of the same request */
    bool duplicate;     /* DuplicateRequest or DuplicateReferenceId: it exists, look for it */
    bool is_authorized; /* outcome UNKNOWN: the authorization is Open and nothing is captured */
    struct instant expires_at; /* with is_authorized; never = not told */
    bool is_capture;       /* from_object: it is the capture that is shown, not the authorization */
    struct money captured; /* is_capture: another amount than was asked for; poison = that amount */
    bool absent;           /* a discovery looked everywhere and found no such authorization */
    bool is_other;         /* the answer shows an authorization with another reference id: then the
                              outcome is UNKNOWN and there are no ids */
    char order_reference_id[AMAZON_ID_MAX];
    char authorization_id[AMAZON_ID_MAX];
    char capture_id[AMAZON_ID_MAX];
};

/* Of a notice only what it is about, and where Amazon keeps it. "" = not told. */
struct notice_event {
    enum notice_kind kind;
    char reference_id[REFERENCE_ID_MAX]; /* of the attempt; an agreement's notice has none */
    char order_reference_id[AMAZON_ID_MAX];
    char authorization_id[AMAZON_ID_MAX]; /* of an authorization's notice */
    char capture_id[AMAZON_ID_MAX];       /* of a capture's; of a refund's or chargeback's: what was
                                             captured */
    char charge_id[CHARGE_ID_MAX];        /* of a refund's or chargeback's: whose money it was */
    char refund_id[AMAZON_ID_MAX];        /* Amazon's own */
    struct money amount;                  /* of a chargeback: it cannot be asked for */
};

/* What Amazon answered about a refund. */
struct refund_answer {
    char refund_id[REFUND_ID_MAX]; /* refund.id */
    enum call_kind call;           /* REFUND, LOOK_UP_REFUND or DISCOVER_REFUND */
    enum outcome outcome;          /* DONE: Completed; UNKNOWN with is_pending: Pending */
    enum reason reason;
    bool from_object; /* the answer shows the refund itself */
    bool is_pending;
    bool duplicate; /* DuplicateRequest or DuplicateReferenceId: look for it */
    bool absent;    /* a discovery saw all refunds of the capture, and not this one */
    char amazon_refund_id[AMAZON_ID_MAX];
    struct money amount;   /* from_object */
    enum refund_kind kind; /* from_object: what Amazon calls it; 0 = not told */
};

/* What Amazon answered about the agreement. */
struct care_answer {
    enum care care;
    enum outcome outcome;
    enum reason reason;
    bool has_details; /* the rest is valid: a GetBillingAgreementDetails that was DONE */
    enum agreement_state state;
    bool has_constraints; /* Draft with constraints: it cannot be confirmed */
    bool is_valid;        /* ValidateBillingAgreement that was DONE: the payment method is good */
    bool has_limit;
    struct money limit_amount;
    struct money limit_remaining;
    struct instant period_start;
    struct instant period_end;
};

struct subscribe {
    char key[KEY_MAX];
    char idempotency_key[IDEMPOTENCY_KEY_MAX]; /* "" = the shop gave none */
    char label[LABEL_MAX];
    char note[NOTE_MAX];
    struct money amount;
    struct recurrence rule;
    const struct zone *zone;
    struct instant charge_from; /* cycles due before it are not charged; never = before the event */
    char policy_name[POLICY_NAME_MAX]; /* "" = the default */
    /* Of one that is taken over from another agreement, else 0: the numbers go on. */
    uint32_t first_cycle;
    int32_t cycle_base;
    struct money next_amount; /* of cycles due from next_amount_at on; poison = no change */
    struct instant next_amount_at;
    bool is_stopped;
};

/* NULL: `made` is what this command would have made, had it come when `made` was, so a shop that
 * lost the answer may order again. Else the first key of the order that differs. The keys and the
 * agreement are the caller's to compare. */
const char *subscribe_difference(const struct subscribe *wanted, const struct subscription *made);

struct cancel {
    char subscription_key[KEY_MAX];
    bool at_period_end;
    struct instant at; /* unless at_period_end; never = now */
    bool is_forced;    /* close the agreement even while an attempt's answer is not known */
};

struct pause {
    char subscription_key[KEY_MAX];
    struct instant resume_at; /* never = until it is resumed by hand */
};

/* EVENT_UNCANCEL, EVENT_RESUME, and EVENT_SKIP. */
struct subscription_command {
    char subscription_key[KEY_MAX];
    uint32_t cycle; /* SKIP: the next cycle, by its number, so that a skip that is asked for twice
                       never skips two; 0 = whichever is the next */
};

struct move_due {
    char subscription_key[KEY_MAX];
    struct instant
        due_at; /* later than now and than the last cycle's, earlier than the one after */
};

struct change_subscription {
    char subscription_key[KEY_MAX];
    bool has_amount;
    struct money amount;
    struct instant amount_from; /* of cycles due at or after it; never = from the next cycle on */
    bool has_rule;              /* the next cycle is the rule's first one due after `at` */
    struct recurrence rule;
    const struct zone *zone;
    bool has_policy;
    char policy_name[POLICY_NAME_MAX];
};

struct replace_agreement {
    char subscription_key[KEY_MAX];
    char agreement_id[AGREEMENT_ID_MAX]; /* who takes it over: registered, of the same seller; its
                                            own = it stays, a hand-over that has not been is taken
                                            back */
    char successor_key[KEY_MAX];         /* random: the subscription's key there */
};

/* ST_OK: it is taken over. ST_BUSY and ST_STORE: ask again. Else: it is refused for good. */
struct hand_over_answer {
    char subscription_key[KEY_MAX];
    enum status status;
};

struct stop_switch {
    char subscription_key[KEY_MAX]; /* "" = the agreement itself */
    bool is_on;
};

struct decide {
    char charge_id[CHARGE_ID_MAX];
    bool is_approved;
};

/* EVENT_SHIP and EVENT_VOID. */
struct charge_command {
    char charge_id[CHARGE_ID_MAX];
};

/* What is needed of the PAID charge is read from the store by whoever makes the event; a second
 * refund that was made from the same reading has the same number and is refused by the store. */
struct refund_wanted {
    char charge_id[CHARGE_ID_MAX];
    char capture_id[AMAZON_ID_MAX];
    struct money captured;
    struct money refunded; /* by all refunds that are not DECLINED or REFUSED */
    uint32_t refund_count; /* all of ours, whatever became of them */
    struct money amount;
    bool with_overage; /* more than was captured is meant */
    char note[REFUND_NOTE_MAX];
    char idempotency_key[IDEMPOTENCY_KEY_MAX];
};

struct charge_once {
    char key[KEY_MAX];
    char idempotency_key[IDEMPOTENCY_KEY_MAX];
    char label[LABEL_MAX];
    char note[NOTE_MAX];
    struct money amount;
    char policy_name[POLICY_NAME_MAX]; /* "" = the default */
};

struct register_agreement {
    char seller_id[SELLER_ID_MAX];
    char id[AGREEMENT_ID_MAX];
    bool confirm_wanted; /* a Draft: set its details, confirm and validate it */
};

/* Why nothing new may be charged now, although the account would: the seller's affair. */
struct hold {
    enum reason reason;   /* NONE = nothing is held back; else STOPPED, or which guard */
    struct instant until; /* never = until whoever holds it back wakes the account */
};

struct event {
    enum event_kind kind;
    struct instant at;
    const struct policy *policy; /* the seller's: the list's first is the default in force */
    struct instant even_since;   /* the clock made no step since: no measure reaches further back */
    struct hold hold;            /* of everything that is not on its way yet */
    struct hold retry_hold;      /* of attempts after the first */
    union {
        struct attempt_answer attempt;
        struct care_answer care;
        struct register_agreement registered;
        struct subscribe subscribe;
        struct cancel cancel;
        struct charge_once charge_once;
        struct notice_event notice;
        struct pause pause;
        struct subscription_command subscription; /* EVENT_UNCANCEL, _RESUME, _SKIP */
        struct move_due move;
        struct change_subscription change;
        struct replace_agreement replace;
        struct hand_over_answer hand_over;
        struct stop_switch stop;
        struct decide decide;
        struct charge_command charge; /* EVENT_SHIP, EVENT_VOID */
        struct refund_wanted refund;
        struct refund_answer refund_answer;
    };
};

#endif
