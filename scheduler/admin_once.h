/*
 * admin_once.h - what is made under the shop's idempotency key is made once.
 *
 * The key is looked up first. Two requests that both find nothing are decided by the core or by the
 * store, which refuses the second, and that one looks again. So the same key never makes two, and
 * the answer is always the one that exists:
 *
 *     look up ── found ─────────────────────────────► same order? 200 : 409
 *        ▲ └──── not found ── order ── recorded ────► 201, 202
 *        │                      └───── refused
 *        └────────────── once ────────────┘ └── twice, or not found again ──► the refusal
 */
#ifndef SCHEDULER_ADMIN_ONCE_H
#define SCHEDULER_ADMIN_ONCE_H

#include "scheduler/admin_parts.h"

/* The first member of a call's `work`. */
struct admin_once {
    store_job_run *find;   /* the one of that key: sets found_status and found_problem */
    admin_handler *answer; /* with the one that was found */
    admin_handler *order;  /* gives the command; nothing was found */
    bool orders_again;     /* refused, and still not found: order from what was read meanwhile */
    bool is_again;
    enum status found_status;
    struct problem found_problem;
};

/* Looks up and goes on from there. */
void admin_once(struct admin_call *call);

/* For the end of the command: true when it was refused; then the call is taken care of. */
bool admin_once_refused(struct admin_call *call);

/* Answers that the key was used for another order: `what` it made ("charge"), its id and state, and
 * the first key that differs. */
void admin_once_differs(struct admin_call *call, const char *key, const char *what, const char *id,
                        const char *state, const char *difference);

#endif
