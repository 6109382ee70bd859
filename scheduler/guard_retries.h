/*
 * guard_retries.h - how many second and further attempts a seller's charges may have in an hour.
 *
 * Hours of the monotonic clock. What an earlier process made within an hour of the start counts in
 * the first (recount.h). Pure.
 */
#ifndef SCHEDULER_GUARD_RETRIES_H
#define SCHEDULER_GUARD_RETRIES_H

#include <stdint.h>

#include "billing/instant.h"

struct guard_retries {
    int64_t hour;
    uint32_t used;
};

/* Retries that may still be begun in this hour; UINT32_MAX when `max` is 0, which is no bound. */
uint32_t guard_retries_room(struct guard_retries *retries, uint32_t max, struct ticks now);
void guard_retries_take(struct guard_retries *retries, uint32_t count);
/* What was taken in the same hour was not begun after all. */
void guard_retries_give_back(struct guard_retries *retries, uint32_t count);
/* Until the next hour begins. */
int64_t guard_retries_wait_ms(struct ticks now);

#endif
