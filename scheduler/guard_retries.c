/* guard_retries.c - see guard_retries.h. */
#include "scheduler/guard_retries.h"

#define HOUR_US INT64_C(3600000000)

uint32_t guard_retries_room(struct guard_retries *retries, uint32_t max, struct ticks now)
{
    int64_t hour = now.us / HOUR_US;
    if (hour != retries->hour) {
        *retries = (struct guard_retries){.hour = hour};
    }
    if (max == 0) {
        return UINT32_MAX;
    }
    return retries->used < max ? max - retries->used : 0;
}

void guard_retries_take(struct guard_retries *retries, uint32_t count)
{
    retries->used += count;
}

void guard_retries_give_back(struct guard_retries *retries, uint32_t count)
{
    retries->used -= count < retries->used ? count : retries->used;
}

int64_t guard_retries_wait_ms(struct ticks now)
{
    return (HOUR_US - now.us % HOUR_US + 999) / 1000;
}
