/*
 * throttle.c - see throttle.h.
 */
#include "mws/sandbox/throttle.h"

/* One request: an hour in microseconds, so that what is regained is exact. */
#define REQUEST 3600000000

struct rate {
    int64_t burst;
    int64_t per_hour;
};

static const struct rate rates[3][THROTTLE_CLASSES] = {
    [QUOTA_SANDBOX] =
        {[THROTTLE_WRITE] = {2, 1800}, [THROTTLE_READ] = {5, 3600}, [THROTTLE_STATUS] = {2, 12}},
    [QUOTA_LIVE] =
        {[THROTTLE_WRITE] = {10, 3600}, [THROTTLE_READ] = {20, 7200}, [THROTTLE_STATUS] = {2, 12}},
};

bool throttle_take(struct throttle_bucket *bucket, enum quota quota, enum throttle_class class,
                   struct ticks now)
{
    const struct rate *rate = &rates[quota][class];
    int64_t regained;

    if (quota == QUOTA_OFF) {
        return true;
    }
    /* A day regains any bucket: the bound keeps the product small. */
    int64_t elapsed_us = now.us - bucket->at.us;
    elapsed_us = elapsed_us < 86400000000 ? elapsed_us : 86400000000;
    regained = elapsed_us * rate->per_hour;
    bucket->used = bucket->used > regained ? bucket->used - regained : 0;
    bucket->at = now;
    if (bucket->used + REQUEST > rate->burst * REQUEST) {
        return false;
    }
    bucket->used += REQUEST;
    return true;
}
