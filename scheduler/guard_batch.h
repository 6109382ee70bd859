/*
 * guard_batch.h - a seller's batch guard: a few charges first, and a stop when the day looks wrong.
 *
 * Its population is the first attempts of cycles that were made since the seller's day began, also
 * by an earlier process (recount.h). One-offs are an operator's or shop's own word and retries have
 * a bound of their own: neither counts.
 *
 *   canary   the first so many are sent, and the rest waits until each of them was answered
 *   bands    more of them than count_max, more money than sum_max, or a greater share declined or
 *            without an answer than allowed, once sample_min are answered or unknown
 *
 * A band that is left stops the seller until an operator lifts the stop; the counts then begin
 * anew. What Amazon has not decided yet (pending) is answered: it may take a day. Pure.
 */
#ifndef SCHEDULER_GUARD_BATCH_H
#define SCHEDULER_GUARD_BATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "billing/account.h"

/* Zero is off; so is a sum_max that is poison. */
struct batch_settings {
    uint32_t canary_count;
    uint32_t canary_percent; /* of the accounts that are due when the day's first is claimed */
    uint32_t count_max;
    struct money sum_max;
    uint32_t decline_percent_max;
    uint32_t unknown_percent_max;
    uint32_t sample_min;
};

enum batch_class {
    BATCH_SENT = 0, /* not answered yet */
    BATCH_UNKNOWN,
    BATCH_GOOD,
    BATCH_DECLINED,
    BATCH_CLASS_COUNT,
};

struct guard_batch {
    int64_t day;             /* civil day of the seller's zone */
    struct instant began_at; /* attempts made before it are none of this population */
    bool is_sized;           /* canary_size is known */
    bool is_passed;          /* the canary was answered */
    uint32_t canary_size;
    uint32_t planned; /* stepped, not recorded yet */
    uint32_t count[BATCH_CLASS_COUNT];
    struct money sum; /* of all of them; poison = none yet */
};

/* What a step begins. */
struct batch_plan {
    uint32_t firsts; /* first attempts of cycles */
    uint32_t retries;
    struct money sum; /* of the firsts; poison = none, or of several currencies */
};

/* The population begins anew. */
void guard_batch_begin(struct guard_batch *batch, int64_t day, struct instant at);

/* Does the canary's size depend on how many are due, and is that not known yet? */
bool guard_batch_wants_size(const struct guard_batch *batch, const struct batch_settings *settings);
void guard_batch_set_size(struct guard_batch *batch, const struct batch_settings *settings,
                          uint64_t due);

/* First attempts that the canary lets be begun now. UINT32_MAX: no bound. */
uint32_t guard_batch_room(struct guard_batch *batch, const struct batch_settings *settings);

/* NULL, or the band that the day would leave if `plan` were begun. */
const char *guard_batch_refuses(const struct guard_batch *batch,
                                const struct batch_settings *settings,
                                const struct batch_plan *plan);
void guard_batch_plan(struct guard_batch *batch, const struct batch_plan *plan);
/* A plan that was recorded (see guard_batch_recorded), or dropped. */
void guard_batch_planned(struct guard_batch *batch, const struct batch_plan *plan,
                         bool is_recorded);

/* What a recorded step made of the attempts: counts what changed class. NULL, or the band that the
 * day has left. */
const char *guard_batch_recorded(struct guard_batch *batch, const struct batch_settings *settings,
                                 struct account *before, struct account *after);

/* An attempt of this population that an earlier process made, as it is now. */
void guard_batch_add(struct guard_batch *batch, enum attempt_state state, enum reason reason,
                     struct money amount);

/* What a step wants to begin, from its account before and after. */
struct batch_plan guard_batch_plan_of(struct account *before, const struct account *after);

#endif
