/*
 * changes_before.h - where in a seller's events a time lies, by bisection: they are recorded in the
 * order of their times, but for a clock that was set.
 */
#ifndef SCHEDULER_CHANGES_BEFORE_H
#define SCHEDULER_CHANGES_BEFORE_H

#include "schema/store.h"

/* The number of the last event before `at`, and (unless NULL) when that was; 0, and untouched, when
 * there is none. */
MUST_USE enum status changes_before(struct store *store, const char *seller_id, struct instant at,
                                    uint64_t *number, struct instant *when,
                                    struct problem *problem);

#endif
