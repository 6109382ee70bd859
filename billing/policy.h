/*
 * policy.h - what a shop decides about declines, short limits, lateness, hours and silence.
 *
 * Values only: the configuration makes them, the store keeps every version for ever, the core reads
 * them. A seller has a policy named "default" and may have others; a subscription names the one it
 * follows. A cycle freezes the version in force when it opens (charge.policy_version), so a change
 * of the configuration never alters a cycle that is already open.
 *
 * A seller's policies are one list, linked by `next`: first the default in force, then every other
 * version of every name, newest first. A policy alone, with `next` NULL, is a whole list.
 *
 * policy_text.h writes a policy as text and reads it; policy_map.h says what becomes of each answer
 * of Amazon's.
 */
#ifndef BILLING_POLICY_H
#define BILLING_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "billing/lifecycle.h"
#include "billing/money.h"
#include "billing/zone.h"

#define POLICY_WAITS_MAX    12
#define POLICY_NAME_MAX     32
#define POLICY_NAME_DEFAULT "default"

struct policy_waits {
    uint32_t count;
    int64_t wait_ms[POLICY_WAITS_MAX];
};

/* What follows a charge that was not paid, for one reason. */
enum policy_path {
    POLICY_BY_WAITS = 0,  /* a new attempt after each wait of the list; then it has failed      */
    POLICY_WAIT_OPEN = 1, /* once at once, when the agreement is (again) Open                    */
    POLICY_ASYNCHRONOUSLY = 2, /* once at once, and Amazon may take a day; then the list */
    POLICY_NEXT_PERIOD = 3, /* when the limit's next period begins                                */
};

struct policy_rule {
    enum policy_path path;
    struct policy_waits waits; /* empty = failed at once */
};

enum policy_short {
    POLICY_SHORT_HOLD = 1, /* wait for the next period */
    POLICY_SHORT_FAIL = 2, /* the charge has failed    */
    POLICY_SHORT_ASK = 3,  /* an operator decides: approved, it waits; rejected, it has failed */
};

/* How long Amazon may take to decide an authorization (TransactionTimeout). */
enum policy_authorization {
    POLICY_SYNCHRONOUS = 1, /* at once: 0 minutes                                            */
    POLICY_ASYNCHRONOUS,    /* within a day: ASYNCHRONOUS_MINUTES                            */
    POLICY_MIXED,           /* at once; declined with TransactionTimedOut, a new attempt follows at
                               once that may take a day, and which the retry list does not count */
};
#define ASYNCHRONOUS_MINUTES 1440

/* When the money is taken. */
enum policy_capture {
    POLICY_CAPTURE_NOW = 1,         /* with the authorization (CaptureNow)                    */
    POLICY_CAPTURE_ON_SHIPMENT = 2, /* when the shop says that it ships                       */
};

/* What an attempt without an answer is asked for by, the first time. */
enum policy_settle {
    POLICY_BY_REPEAT = 1, /* the identical request; what comes as a duplicate is looked for */
    POLICY_BY_DISCOVERY,  /* Amazon's lists; what is not there is requested again, identically */
};

/* What becomes of a subscription whose charge has failed. */
enum policy_final {
    POLICY_LEAVE_PAST_DUE = 1, /* the next cycle is charged when it is due */
    POLICY_PAUSE = 2,
    POLICY_CANCEL = 3,
};

/* What becomes of a cycle that is opened more than `late_after_ms` after it was due. Each cycle's
 * fate is a pure function of when it was first seen by a running daemon: how often that daemon was
 * restarted before and after, and how many cycles were missed at once, changes nothing. */
enum policy_catch_up {
    POLICY_CATCH_UP_EACH = 1, /* it is charged */
    POLICY_CATCH_UP_ONCE = 2, /* it is charged if the next cycle is not due yet, else skipped */
    POLICY_CATCH_UP_SKIP = 3, /* it is skipped */
    POLICY_CATCH_UP_HOLD = 4, /* an operator approves or rejects it */
};

/* When cycles and retries may be sent; one-offs and captures may always. from == until: all day. */
struct policy_hours {
    int32_t from_s;  /* wall clock of the zone, second of the day, 0..86399 */
    int32_t until_s; /* exclusive, 0..86400; may be before from_s: over midnight */
    uint32_t days;   /* bit 0 = Monday ... bit 6 = Sunday; of the day that the window begins on */
};
#define POLICY_ALL_DAYS 0x7fu

struct policy {
    const struct policy *next; /* the seller's other policies; NULL = the last */
    char name[POLICY_NAME_MAX];
    uint32_t version; /* of all the seller's policies; grows; 0 = not kept by a store */
    char zone_name[ZONE_NAME_MAX]; /* "" = UTC: of the hours, and of the limit's month before Amazon
                                      has told the period */
    const struct zone *zone;       /* the zone itself, set by whoever made the policy; NULL = UTC */

    enum policy_authorization authorization;
    enum policy_capture capture;
    int64_t capture_warning_ms; /* before the authorization expires: tell that it is not captured */
    bool reauthorize; /* an expired authorization is followed by a new attempt, while the next cycle
                         is not due (see retry_past_next_due) */
    enum policy_settle settle_by;

    struct policy_rule retry[REASON_COUNT]; /* by the reason of the attempt's end */
    uint32_t jitter_percent; /* a wait is longer by up to so much, by a hash of the attempt's id */
    struct policy_hours hours;
    uint32_t attempts_max;    /* of one charge, whatever the reasons */
    bool retry_past_next_due; /* a retry may come after the next cycle is due; else the charge has
                                 failed then. What the limit was short for is no retry: it waits for
                                 the next period however many cycles fall due meanwhile */
    enum policy_final final_action;

    enum policy_short limit_short;
    int64_t limit_refresh_ms; /* Amazon's numbers are asked for again before a charge is due, when
                                 they are older than this; 0 = never for this reason */
    bool limit_difference_stops; /* Amazon counting more than we charged stops the agreement */
    enum policy_catch_up catch_up;
    int64_t late_after_ms; /* from when on a cycle counts as missed; a daemon that is busy must not
                              reach it */
    int64_t lateness_max_ms; /* a cycle later than this needs an operator's word; 0 = no bound */
    struct money amount_min; /* of a cycle or one-off; poison = no bound */
    struct money amount_max;

    int64_t suspended_poll_ms; /* how often a Suspended agreement is asked for                   */
    int64_t validate_every_ms; /* at most so often ValidateBillingAgreement makes Amazon look at the
                                  payment method of a Suspended agreement again; 0 = never */
    struct policy_waits resend;       /* after no answer, same reference id; the last wait repeats.
                                         retry[REASON_THROTTLED] and [REASON_SERVICE_UNAVAILABLE] are
                                         taken instead for these two when not empty */
    struct policy_waits pending_poll; /* between look-ups of what is pending; the last repeats */
    int64_t answer_deadline_ms; /* so long after it was last sent, an authorization that Amazon made
                                   is surely in its lists: what is not there then was not made */
};

/* The defaults of the sample configuration: name "default", version 0, UTC. */
struct policy policy_default(void);

/* The newest version of that name in the list; when there is none the list's first. */
const struct policy *policy_named(const struct policy *list, const char *name);
/* That version; when the list does not have it the list's first. */
const struct policy *policy_numbered(const struct policy *list, uint32_t version);

/* The k-th wait (from 0) of a list; beyond its end the last one. 0 for an empty list. */
int64_t policy_nth_wait_ms(const struct policy_waits *waits, uint32_t n);
/* `wait_ms` with the policy's jitter for this attempt: never shorter, the same for the same id. */
int64_t policy_jittered_ms(const struct policy *policy, int64_t wait_ms, const char *reference_id);
/* Is the amount (of a cycle or one-off) within amount_min and amount_max? */
bool policy_allows_amount(const struct policy *policy, struct money amount);
/* The first instant at or after `at` that is inside of the policy's hours and days. */
struct instant policy_open_at(const struct policy *policy, struct instant at);

#endif
