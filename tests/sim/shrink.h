/*
 * shrink.h - a run in a process of its own, and the smallest list of strikes with which a failing
 * seed still fails.
 *
 * The list is halved again and again (ddmin): of a year with a thousand faults few are usually
 * left, and the event log of what is left can be read.
 */
#ifndef TESTS_SIM_SHRINK_H
#define TESTS_SIM_SHRINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/sim/sim.h"

struct outcome {
    bool is_well;
    uint32_t lives;
    uint64_t log_hash, log_lines;
    size_t strike_count;
    struct strike *strikes; /* what has struck */
    char failure[600];
};

/* `only` NULL = all may strike. */
void outcome_of(const struct sim_options *options, const struct strike *only, size_t only_count,
                struct outcome *outcome);
void outcome_free(struct outcome *outcome);

/* Prints how to see the failure again, with as little as possible. */
void shrink_and_tell(const struct sim_options *options, const struct outcome *failed);

#endif
