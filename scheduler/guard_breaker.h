/*
 * guard_breaker.h - a seller's circuit breaker: when Amazon is down, no new charge is begun.
 *
 *     CLOSED ── n failures in a row ──► OPEN ── its wait is over, or Amazon answered ──► PROBING
 *        ▲                               ▲  ▲                                              │
 *        │                               │  └──────────── a failure ───────────────────────┤
 *        └── as many as ever ── OPENING ─┘ (a failure)                                     │
 *                                 ▲                                                        │
 *                                 └───────────── the one call was answered ────────────────┘
 *
 * A failure is a call to charge that Amazon answered with 5xx or not at all; any other answer, a
 * decline too, shows that Amazon works, and so does what such a call made, found later. The wait
 * doubles with each opening in a row. What is on its way already is settled as always: those calls
 * are probes, too. Opening again, as many charges may be on the wire as were answered since, and
 * twice as many with each round. Pure; loop's thread.
 */
#ifndef SCHEDULER_GUARD_BREAKER_H
#define SCHEDULER_GUARD_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

#include "billing/instant.h"

#define BREAKER_WINDOW_MAX 32 /* so many on the wire: closed */

struct breaker_settings {
    uint32_t failures_max; /* in a row; 0 = there is no breaker */
    int64_t wait_ms;       /* of the first opening */
    int64_t wait_max_ms;
};

enum breaker_state {
    BREAKER_CLOSED = 0,
    BREAKER_OPEN,
    BREAKER_PROBING,
    BREAKER_OPENING,
};

struct guard_breaker {
    enum breaker_state state;
    uint32_t failures; /* in a row */
    uint32_t openings; /* in a row */
    uint32_t window;   /* OPENING: charges that may be on the wire */
    struct ticks until;
};

/* A call to charge ended so. True when the state changed. */
bool guard_breaker_failed(struct guard_breaker *breaker, const struct breaker_settings *settings,
                          struct ticks now);
bool guard_breaker_answered(struct guard_breaker *breaker);

/* New charges that may be begun now, with `on_wire` calls to charge on the wire. UINT32_MAX: no
 * bound. */
uint32_t guard_breaker_room(struct guard_breaker *breaker, uint32_t on_wire, struct ticks now);

/* Milliseconds until an open breaker probes: 0 = with the next look at its room, which makes it
 * probe; -1 = it is not open. */
int64_t guard_breaker_wait_ms(const struct guard_breaker *breaker, struct ticks now);

/* "closed", "open", "probing", "opening". */
const char *guard_breaker_name(enum breaker_state state);

#endif
