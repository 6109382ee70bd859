/*
 * log_bound.h - lines that strangers can provoke: a few at once, one now and then after that, each
 * saying how many were left out before it.
 *
 * Does not write, only counts. One bound for each kind of line that another must not drown.
 */
#ifndef SCHEDULER_LOG_BOUND_H
#define SCHEDULER_LOG_BOUND_H

#include "mws/bucket.h"

struct log_bound {
    struct bucket bucket;
    int64_t left_out;
};

/* `at_once_milli` and `milli_per_s` in thousandths of a line. */
void log_bound_init(struct log_bound *bound, int64_t at_once_milli, int64_t milli_per_s,
                    struct ticks now);
/* May a line be written? If so, `left_out` is how many were not since the last one. */
bool log_bound_take(struct log_bound *bound, struct ticks now, int64_t *left_out);

#endif
