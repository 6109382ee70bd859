/*
 * instant.h - the two kinds of time, as two types that cannot be mixed.
 *
 * An instant is a point in UTC; it is stored, compared and printed. Ticks are a monotonic reading,
 * for pacing and time-outs; they mean nothing after a restart and are never stored. Neither is ever
 * asked of the operating system here: the caller hands time in (loop_now and loop_ticks in
 * mws/edge/loop.h).
 */
#ifndef BILLING_INSTANT_H
#define BILLING_INSTANT_H

#include <stdbool.h>
#include <stdint.h>

struct instant {
    int64_t utc_ms; /* milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted */
};

struct ticks {
    int64_t us; /* microseconds since some fixed moment of this boot */
};

#define INSTANT_NEVER    ((struct instant){INT64_MAX})
#define INSTANT_TEXT_MAX 32 /* "2026-11-22T01:02:03.004Z" and its NUL */

static inline bool instant_before(struct instant a, struct instant b)
{
    return a.utc_ms < b.utc_ms;
}

/* True when `at` has come, seen from `now`. INSTANT_NEVER has never come. */
static inline bool instant_reached(struct instant at, struct instant now)
{
    return at.utc_ms != INT64_MAX && at.utc_ms <= now.utc_ms;
}

static inline struct instant instant_min(struct instant a, struct instant b)
{
    return instant_before(b, a) ? b : a;
}

/* `at` moved by `ms`; INSTANT_NEVER stays never, and a sum beyond the type stops at its ends. */
static inline struct instant instant_plus(struct instant at, int64_t ms)
{
    int64_t sum = 0;
    if (at.utc_ms == INT64_MAX) {
        return at;
    }
    if (__builtin_add_overflow(at.utc_ms, ms, &sum)) {
        sum = ms > 0 ? INT64_MAX : INT64_MIN;
    }
    return (struct instant){sum};
}

/* Writes "YYYY-MM-DDThh:mm:ss.mmmZ" (always with milliseconds), or "never". Years beyond 9999 are
 * written with as many digits as they need; instant_parse does not read those back. */
void instant_format(struct instant at, char text[static INSTANT_TEXT_MAX]);

/* Reads "YYYY-MM-DDThh:mm:ss[.f...]Z": capital letters, only UTC, years 1970-9999, no leap second,
 * any number of fraction digits of which the first three count. False, and `*at` untouched, when
 * the text is anything else. */
bool instant_parse(const char *text, struct instant *at);

#endif
