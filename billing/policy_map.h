/*
 * policy_map.h - what becomes of a charge whose attempt ended without its money, for every reason.
 *
 * One table says what each reason means (policy_map.c); the policy's rule says the rest. The step
 * acts by this and `autopayctl policy show` prints it, so what is printed is what happens.
 * How Amazon's own words become reasons is mws/classify.c and scheduler/translate.c.
 */
#ifndef BILLING_POLICY_MAP_H
#define BILLING_POLICY_MAP_H

#include "billing/policy.h"

enum policy_act {
    POLICY_ACT_RETRY = 1, /* a new attempt after the next wait of the list; none left: FAILED */
    POLICY_ACT_ASYNCHRONOUSLY, /* decided at once before: a new attempt at once that may take a day,
                                  which the list does not count; else like RETRY */
    POLICY_ACT_AGAIN,          /* a new attempt at once */
    POLICY_ACT_WAIT_OPEN,      /* WAITING until the agreement is Open again, then once at once; it
                                  was not suspended after all: like RETRY */
    POLICY_ACT_LIMIT_SHORT,    /* what the policy's limit_short says */
    POLICY_ACT_NEXT_PERIOD,    /* HELD until the limit's next period */
    POLICY_ACT_WAIT,           /* WAITING until what stands in the way is gone */
    POLICY_ACT_FAIL,           /* FAILED, and the policy's final action */
    POLICY_ACT_CANCEL,         /* CANCELED */
};
#define POLICY_ACT_COUNT 10

/* What is asked of Amazon about the agreement besides. */
enum policy_ask {
    POLICY_ASK_NOTHING = 1,
    POLICY_ASK_STATE,  /* its state, now; charging goes on meanwhile                             */
    POLICY_ASK_FIRST,  /* its state, now; nothing is sent until Amazon has shown it Open         */
    POLICY_ASK_SLOWLY, /* the same, but from the second attempt on at most every suspended_poll   */
};

struct policy_outcome {
    enum policy_act act;
    const struct policy_waits *waits; /* never NULL; empty where there is no list */
    enum policy_ask ask;
    bool exhausts_limit; /* Amazon's word: this period is used up */
    bool ends_attempts;  /* an attempt can end with this reason; the others are there for the day
                            that one does by our own mistake: then nothing is ever taken for paid */
};

/* `reason` is less than REASON_COUNT (ENSURE). The waits are the policy's: as long as it lives. */
struct policy_outcome policy_outcome_of(const struct policy *policy, enum reason reason);

/* "retry", "wait_open", ... as printed. */
const char *policy_act_name(enum policy_act act);
/* The same as a sentence for people. */
const char *policy_act_text(enum policy_act act);

#endif
