/*
 * pace.h - one seller's share of Amazon: a token bucket per operation, the calls that wait for a
 * token, and the time at which the seller has work again.
 *
 * The seller is the unit of pace because Amazon throttles per seller and operation. Everything here
 * is the loop's thread alone and reads no clock: the runner hands the time in.
 */
#ifndef SCHEDULER_PACE_H
#define SCHEDULER_PACE_H

#include <stdbool.h>
#include <stdint.h>

#include "billing/account.h"
#include "billing/instant.h"
#include "mws/bucket.h"
#include "mws/vocab.h"
#include "scheduler/config.h"
#include "scheduler/guard_retries.h"
#include "scheduler/policies.h"

#define CLAIM_SELLER_MIN 2 /* accounts of one seller in its first claim */

/* A call that waits for its token; embedded in whatever makes the call. */
struct pace_waiter {
    struct pace_waiter *next;
    void (*granted)(void *arg); /* the token is taken: send */
    void *arg;
};

/* The two kinds of work a seller is asked for: what may charge, and care of agreements. */
enum pace_work {
    PACE_CHARGE = 0,
    PACE_CARE = 1,
    PACE_WORK_COUNT,
};

/* A stop switch as it counts now, see runner_stops.c. */
struct stop {
    enum reason reason; /* why it is on: OPERATOR, GUARD, CLOCK, CLOCK_BACK; NONE = off */
    bool is_unsaved;    /* the store could not keep yet that it is on */
    bool is_lifting;    /* the store is asked to turn it off */
    uint32_t on_orders; /* how often it was turned on */
};

struct pace_lane {
    struct bucket bucket;
    struct pace_waiter *first, *last;
    uint32_t waiting;
};

struct pace_seller {
    const struct seller_config *config; /* of the configuration in force; NULL = no longer served */
    struct policy_list *policies;       /* in force; kept when it is no longer served: answers are
                                           still understood */
    char seller_id[SELLER_ID_MAX];
    struct pace_lane lanes[MWS_ACTION_COUNT];
    uint32_t waiting;                          /* calls that wait, all lanes */
    struct instant next_wake[PACE_WORK_COUNT]; /* when the store has work; never = none known */
    uint32_t claim_size;                       /* accounts to ask the store for the next time */
    uint32_t claimed;   /* accounts claimed whose first step is not recorded yet */
    uint32_t in_flight; /* calls on the wire */
    uint32_t charging;  /* of them calls to charge */
    /* The guards, see runner_guards.c. */
    struct stop stop;
    bool is_held_back; /* the last claim was for what must be settled only */
    struct guard_batch batch;
    struct guard_breaker breaker;
    struct guard_retries retries;
};

/* Empty buckets and work at once. `idle_ms`: for how long this seller surely made no call (so much
 * of the quota has been restored); INT64_MAX = it never made any. */
void pace_seller_init(struct pace_seller *seller, const struct seller_config *config,
                      int64_t idle_ms, struct ticks now);
/* The quota of a reloaded configuration; tokens in hand are lost, never gained. */
void pace_seller_configure(struct pace_seller *seller, const struct seller_config *config,
                           struct ticks now);

/* Takes a token for `action`, or queues the waiter, which is then granted in order. True: granted
 * at once (the waiter's callback is not called). */
bool pace_take(struct pace_seller *seller, enum mws_action action, struct pace_waiter *waiter,
               struct ticks now);
/* A token that was taken was not used. */
void pace_give_back(struct pace_seller *seller, enum mws_action action);

/* Reserves up to `wanted` tokens for charges to be claimed. Waiting calls go first. */
uint32_t pace_reserve(struct pace_seller *seller, uint32_t wanted, struct ticks now);
/* Each that was reserved is released in the end; whoever uses it takes it then, with pace_take().
 * Between the two the intent is recorded, which may last: a token that was taken at once would be
 * restored meanwhile, and the burst would be larger than the bucket. */
void pace_release(struct pace_seller *seller);

/* Grants tokens to waiting calls. */
void pace_grant(struct pace_seller *seller, struct ticks now);
/* Removes every waiting call without granting it, and returns them as one list. */
struct pace_waiter *pace_forget_waiters(struct pace_seller *seller);

/* In how many milliseconds something changes for waiting calls, or for charges if `has_charges`;
 * -1 = nothing to wait for. */
int64_t pace_wait_ms(struct pace_seller *seller, bool has_charges, struct ticks now);

/* Work was recorded for `at`. */
void pace_expect(struct pace_seller *seller, enum pace_work work, struct instant at);

#endif
