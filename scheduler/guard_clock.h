/*
 * guard_clock.h - does the wall clock tell the time it should?
 *
 * A clock that jumps forward would charge months at once. It is held against what cannot jump: the
 * monotonic ticks while the daemon runs, and at the start the time at which the store was last
 * written. A short downtime is none; a long one may be a wrong clock, and a human is asked. A clock
 * that was set back charges nobody twice, because due instants are stored; charging pauses until
 * the time is caught up. Pure: the runner hands both times in and acts on the verdict.
 */
#ifndef SCHEDULER_GUARD_CLOCK_H
#define SCHEDULER_GUARD_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "billing/instant.h"

/* 0 = no bound. */
struct clock_settings {
    int64_t jump_max_ms; /* forward, between two looks */
    int64_t back_max_ms;
    int64_t downtime_max_ms; /* between the last write and a start */
};

enum clock_verdict {
    CLOCK_WELL = 1,
    CLOCK_FORWARD,
    CLOCK_BACK,
    CLOCK_LONG_DOWN, /* at the start only */
};

struct guard_clock {
    struct instant at; /* of the last look */
    struct ticks ticks;
    struct instant even_since; /* no step of more than a second since then */
    bool is_behind; /* it was set back, and the time before is not reached again; it showed ... */
    struct instant true_at;
    struct ticks true_ticks; /* ... then */
    bool is_ahead; /* it jumped forward, and nobody has said yet that it is right; it was ... */
    struct instant jumped_at;
    struct ticks jumped_ticks; /* ... then */
};

/* The first look. `last_write` never = there is nothing to hold it against. */
enum clock_verdict guard_clock_begin(struct guard_clock *clock,
                                     const struct clock_settings *settings,
                                     struct instant last_write, struct instant now,
                                     struct ticks ticks);

/* An earlier process waited for `true_at` to be reached again; goes on with that. After
 * guard_clock_begin(), before the next look. */
void guard_clock_wait(struct guard_clock *clock, struct instant true_at);

/* Every further look; the next is held against this one. A step forward that only undoes a step
 * back is none. */
enum clock_verdict guard_clock_look(struct guard_clock *clock,
                                    const struct clock_settings *settings, struct instant now,
                                    struct ticks ticks);

/* The time it is: the clock's, or, since a jump forward, what it would show without that. */
struct instant guard_clock_time(const struct guard_clock *clock, struct instant now,
                                struct ticks ticks);
/* Somebody says that the clock is right as it is. */
void guard_clock_trust(struct guard_clock *clock);

#endif
