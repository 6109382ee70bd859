/*
 * recount.h - what a seller's guards had counted before this process: its events since yesterday,
 * as far as guards count them.
 *
 * A daemon that restarts, or dies again and again, would otherwise begin a new day and a new hour
 * each time. Read on the store's thread at the start; applied on the loop, where the zone of the
 * seller's day is known. The populations are those of guard_batch.h and guard_retries.h.
 */
#ifndef SCHEDULER_RECOUNT_H
#define SCHEDULER_RECOUNT_H

#include "billing/zone.h"
#include "scheduler/guard_batch.h"
#include "schema/store.h"

struct recount_event;

struct recount {
    uint32_t count, room;
    struct recount_event *events; /* in the order in which they were recorded */
};

/* On the store's thread. Reads what may be of the day of `now`; `last_write` is the store's: when
 * `now` is before it the clock was set back, and no more is read than of the last day there was.
 * `recount` is empty before; to be freed also when this failed. */
MUST_USE enum status recount_read(struct recount *recount, struct store *store,
                                  const char *seller_id, struct instant now,
                                  struct instant last_write, struct problem *problem);
void recount_free(struct recount *recount);

/* The batch of the day of `now`, since the seller's switch was last lifted in it. */
struct guard_batch recount_batch(const struct recount *recount, const struct zone *zone,
                                 struct instant now);
/* Second and further attempts that were made in the hour before `now`. */
uint32_t recount_retries(const struct recount *recount, struct instant now);

#endif
