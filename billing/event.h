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
    EVENT_SUBSCRIBE,   /* a new subscription                                                    */
    EVENT_CANCEL,      /* cancel a subscription now or at the end of its paid period            */
    EVENT_CHARGE_ONCE, /* a one-off charge                                                      */
    EVENT_NOTICE,      /* Amazon told that something changed: a reason to ask, never an answer  */
};

/* What Amazon answered about an attempt. */
struct attempt_answer {
    char reference_id[REFERENCE_ID_MAX];
    enum call_kind call; /* which call is answered: AUTHORIZE, LOOK_UP or DISCOVER */
    enum outcome outcome;
    enum reason reason;
    bool from_object; /* the answer shows the authorization itself; an error answer shows nothing
                         about an earlier send of the same request */
    bool duplicate;   /* DuplicateRequest or DuplicateReferenceId: it exists, look for it */
    bool absent;      /* a discovery looked everywhere and found no such authorization */
    bool is_other;    /* the answer shows an authorization with another reference id: then the
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
    char capture_id[AMAZON_ID_MAX];       /* of a capture's */
};

/* What Amazon answered about the agreement. */
struct care_answer {
    enum care care;
    enum outcome outcome;
    enum reason reason;
    bool has_details; /* the rest is valid: a GetBillingAgreementDetails that was DONE */
    enum agreement_state state;
    bool has_constraints; /* Draft with constraints: it cannot be confirmed */
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
};

/* Whether `made` is what this command would have made, had it come when `made` was: so a shop that
 * lost the answer may order again. The keys and the agreement are the caller's to compare. */
bool subscribe_is_same(const struct subscribe *wanted, const struct subscription *made);

struct cancel {
    char subscription_key[KEY_MAX];
    bool at_period_end;
};

struct charge_once {
    char key[KEY_MAX];
    char idempotency_key[IDEMPOTENCY_KEY_MAX];
    char label[LABEL_MAX];
    char note[NOTE_MAX];
    struct money amount;
};

struct register_agreement {
    char seller_id[SELLER_ID_MAX];
    char id[AGREEMENT_ID_MAX];
    bool confirm_wanted;
};

struct event {
    enum event_kind kind;
    struct instant at;
    const struct policy *policy; /* the seller's */
    union {
        struct attempt_answer attempt;
        struct care_answer care;
        struct register_agreement registered;
        struct subscribe subscribe;
        struct cancel cancel;
        struct charge_once charge_once;
        struct notice_event notice;
    };
};

#endif
