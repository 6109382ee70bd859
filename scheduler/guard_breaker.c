/* guard_breaker.c - see guard_breaker.h. */
#include "scheduler/guard_breaker.h"

#include "billing/ensure.h"

#define DOUBLINGS_MAX 20

static void open_it(struct guard_breaker *breaker, const struct breaker_settings *settings,
                    struct ticks now)
{
    int64_t wait_ms = settings->wait_ms << breaker->openings;
    if (wait_ms > settings->wait_max_ms || wait_ms < settings->wait_ms) {
        wait_ms = settings->wait_max_ms;
    }
    breaker->state = BREAKER_OPEN;
    breaker->until = (struct ticks){now.us + wait_ms * 1000};
    if (breaker->openings < DOUBLINGS_MAX) {
        breaker->openings++;
    }
}

bool guard_breaker_failed(struct guard_breaker *breaker, const struct breaker_settings *settings,
                          struct ticks now)
{
    if (settings->failures_max == 0) {
        return false;
    }
    switch (breaker->state) {
    case BREAKER_CLOSED:
        breaker->failures++;
        if (breaker->failures < settings->failures_max) {
            return false;
        }
        break;
    case BREAKER_OPEN: /* of what was on its way */
        return false;
    case BREAKER_PROBING:
    case BREAKER_OPENING:
        break;
    }
    open_it(breaker, settings, now);
    return true;
}

bool guard_breaker_answered(struct guard_breaker *breaker)
{
    breaker->failures = 0;
    switch (breaker->state) {
    case BREAKER_CLOSED:
        return false;
    case BREAKER_OPEN:
        breaker->state = BREAKER_PROBING;
        return true;
    case BREAKER_PROBING:
        breaker->state = BREAKER_OPENING;
        breaker->window = 2;
        return true;
    case BREAKER_OPENING:
        breaker->window++;
        if (breaker->window < BREAKER_WINDOW_MAX) {
            return false;
        }
        *breaker = (struct guard_breaker){.state = BREAKER_CLOSED};
        return true;
    }
    ENSURE(false);
    return false;
}

uint32_t guard_breaker_room(struct guard_breaker *breaker, uint32_t on_wire, struct ticks now)
{
    if (breaker->state == BREAKER_OPEN && now.us >= breaker->until.us) {
        breaker->state = BREAKER_PROBING;
    }
    switch (breaker->state) {
    case BREAKER_CLOSED:
        return UINT32_MAX;
    case BREAKER_OPEN:
        return 0;
    case BREAKER_PROBING:
        return on_wire == 0 ? 1 : 0;
    case BREAKER_OPENING:
        return on_wire < breaker->window ? breaker->window - on_wire : 0;
    }
    ENSURE(false);
    return 0;
}

int64_t guard_breaker_wait_ms(const struct guard_breaker *breaker, struct ticks now)
{
    if (breaker->state != BREAKER_OPEN) {
        return -1;
    }
    return now.us >= breaker->until.us ? 0 : (breaker->until.us - now.us + 999) / 1000;
}

const char *guard_breaker_name(enum breaker_state state)
{
    switch (state) {
    case BREAKER_CLOSED:
        return "closed";
    case BREAKER_OPEN:
        return "open";
    case BREAKER_PROBING:
        return "probing";
    case BREAKER_OPENING:
        return "opening";
    }
    ENSURE(false);
    return "";
}
