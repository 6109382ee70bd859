/*
 * sides.h - does the database belong to the environment and region that the configuration says?
 *
 * A database never changes sides: what was charged live must not be settled against the sandbox,
 * nor sandbox agreements be charged live. The ids of the agreements tell which side it is on.
 */
#ifndef SCHEDULER_SIDES_H
#define SCHEDULER_SIDES_H

#include "billing/status.h"
#include "scheduler/config.h"
#include "schema/store.h"

/* ST_CONFLICT with a sentence when the database has an agreement of one of the sellers that belongs
 * to another environment or region than the seller's; otherwise the store's own errors. Blocks: two
 * or three short look-ups for each seller. */
MUST_USE enum status sides_check(struct store *store, const struct config *config,
                                 struct problem *problem);

#endif
