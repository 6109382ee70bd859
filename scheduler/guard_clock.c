/* guard_clock.c - see guard_clock.h. */
#include "scheduler/guard_clock.h"

#define STEP_MS 1000 /* less is no step, but a clock that is being set right */

static struct instant expected(struct instant at, struct ticks then, struct ticks ticks)
{
    return instant_plus(at, (ticks.us - then.us) / 1000);
}

static void set_back(struct guard_clock *clock, struct instant true_at, struct ticks true_ticks)
{
    if (!clock->is_behind) {
        clock->is_behind = true;
        clock->true_at = true_at;
        clock->true_ticks = true_ticks;
    }
}

enum clock_verdict guard_clock_begin(struct guard_clock *clock,
                                     const struct clock_settings *settings,
                                     struct instant last_write, struct instant now,
                                     struct ticks ticks)
{
    *clock = (struct guard_clock){.at = now, .ticks = ticks, .even_since = now};
    if (last_write.utc_ms == INSTANT_NEVER.utc_ms) {
        return CLOCK_WELL;
    }
    int64_t down_ms = now.utc_ms - last_write.utc_ms;
    if (settings->back_max_ms > 0 && down_ms < -settings->back_max_ms) {
        set_back(clock, last_write, ticks);
        return CLOCK_BACK;
    }
    return settings->downtime_max_ms > 0 && down_ms > settings->downtime_max_ms ? CLOCK_LONG_DOWN
                                                                                : CLOCK_WELL;
}

void guard_clock_wait(struct guard_clock *clock, struct instant true_at)
{
    if (!clock->is_behind || instant_before(clock->true_at, true_at)) {
        clock->is_behind = false;
        set_back(clock, true_at, clock->ticks);
    }
}

enum clock_verdict guard_clock_look(struct guard_clock *clock,
                                    const struct clock_settings *settings, struct instant now,
                                    struct ticks ticks)
{
    struct instant before = expected(clock->at, clock->ticks, ticks);
    int64_t ahead_ms = now.utc_ms - before.utc_ms;
    clock->at = now;
    clock->ticks = ticks;
    if (ahead_ms > STEP_MS || ahead_ms < -STEP_MS) {
        clock->even_since = now;
    }
    if (settings->back_max_ms > 0 && ahead_ms < -settings->back_max_ms) {
        /* Back to where it would be without a jump forward is not behind. */
        struct instant right = guard_clock_time(clock, before, ticks);
        if (now.utc_ms - right.utc_ms >= -settings->back_max_ms) {
            return CLOCK_WELL;
        }
        set_back(clock, right, ticks);
        return CLOCK_BACK;
    }
    bool is_jump = settings->jump_max_ms > 0 && ahead_ms > settings->jump_max_ms;
    if (clock->is_behind && is_jump) {
        struct instant right = expected(clock->true_at, clock->true_ticks, ticks);
        is_jump = now.utc_ms - right.utc_ms > settings->jump_max_ms;
    }
    if (is_jump) {
        clock->is_behind = false;
        if (!clock->is_ahead) {
            clock->is_ahead = true;
            clock->jumped_at = before;
            clock->jumped_ticks = ticks;
        }
        return CLOCK_FORWARD;
    }
    clock->is_behind = clock->is_behind && instant_before(now, clock->true_at);
    return CLOCK_WELL;
}

struct instant guard_clock_time(const struct guard_clock *clock, struct instant now,
                                struct ticks ticks)
{
    return clock->is_ahead ? expected(clock->jumped_at, clock->jumped_ticks, ticks) : now;
}

void guard_clock_trust(struct guard_clock *clock)
{
    if (clock->is_ahead) {
        clock->even_since = clock->at; /* the time that is told makes a step now */
    }
    clock->is_behind = false;
    clock->is_ahead = false;
}
