/*
 * why_read.h - the facts about a charge or a cycle, from an open store.
 *
 * Only reads, a few rows at a time. Events have no index by subject: they are numbered in the order
 * of time per seller, so the first one is found by bisection for the instant at which the charge
 * was made, and the events from there on are gone through until the charge is final. Where a clock
 * was set back meanwhile the order is not that of time: then all events are gone through.
 */
#ifndef SCHEDULER_WHY_READ_H
#define SCHEDULER_WHY_READ_H

#include "scheduler/why.h"
#include "scheduler/zones.h"

#define WHY_ATTEMPTS_MAX 64
#define WHY_CHANGES_MAX  2000 /* of one story; further ones are left out */

/* The facts and what they borrow from. */
struct why_case {
    struct why_facts facts;
    struct account *account; /* owned, like the rest */
    struct account *successor;
    struct subscription_view subscription;
    struct charge_view charge;
    struct attempt attempts[WHY_ATTEMPTS_MAX];
    struct refund refunds[REFUNDS_OF_CHARGE];
    struct change_view *changes;
    bool is_cut; /* there is more than fits: attempts or events are left out */
};

/* `id` is a charge's id, or a subscription's key with the cycle in `cycle` (0: the newest cycle
 * that was opened, else the next). `zones` may be NULL: times are then in UTC. ST_INVALID: neither;
 * ST_NOT_FOUND: this seller has no such thing. On ST_OK to be freed with why_case_free(). */
MUST_USE enum status why_read(struct store *store, struct zones *zones, const char *seller_id,
                              const char *id, uint32_t cycle, struct instant now,
                              struct why_case *found, struct problem *problem);
void why_case_free(struct why_case *found);

#endif
