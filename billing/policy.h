/*
 * policy.h - what a shop decides about declines, short limits and silence.
 *
 * Values only: the configuration fills one per seller, the core reads it. A list of waits says
 * after how long a declined charge is tried again; when the list is used up the charge has failed.
 */
#ifndef BILLING_POLICY_H
#define BILLING_POLICY_H

#include <stdint.h>

#include "billing/lifecycle.h"

#define POLICY_WAITS_MAX 12

struct policy_waits {
    uint32_t count;
    int64_t wait_ms[POLICY_WAITS_MAX];
};

enum policy_short {
    POLICY_SHORT_HOLD = 1, /* wait for the next period */
    POLICY_SHORT_FAIL = 2, /* the charge has failed    */
};

/* How long Amazon may take to decide an authorization (TransactionTimeout). CaptureNow is true in
 * all of them. */
enum policy_authorization {
    POLICY_SYNCHRONOUS = 1, /* at once: 0 minutes                                            */
    POLICY_ASYNCHRONOUS,    /* within a day: ASYNCHRONOUS_MINUTES                            */
    POLICY_MIXED,           /* at once; declined with TransactionTimedOut, a new attempt follows at
                               once that may take a day, and which the retry list does not count */
};
#define ASYNCHRONOUS_MINUTES 1440

/* What an attempt without an answer is asked for by, the first time. */
enum policy_settle {
    POLICY_BY_REPEAT = 1, /* the identical request; what comes as a duplicate is looked for */
    POLICY_BY_DISCOVERY,  /* Amazon's lists; what is not there is requested again, identically */
};

struct policy {
    enum policy_authorization authorization;
    enum policy_settle settle_by;
    struct policy_waits retry[REASON_COUNT]; /* by decline reason; empty = failed at once         */
    enum policy_short limit_short;
    int64_t suspended_poll_ms;  /* how often a Suspended agreement is asked for                   */
    struct policy_waits resend; /* after no answer, same reference id; the last wait repeats */
    struct policy_waits pending_poll; /* between look-ups of what is pending; the last repeats */
    int64_t answer_deadline_ms; /* so long after it was last sent, an authorization that Amazon made
                                   is surely in its lists: what is not there then was not made */
};

/* The defaults of the sample configuration. */
struct policy policy_default(void);

#endif
