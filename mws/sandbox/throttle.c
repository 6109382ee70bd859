/*
 * throttle.c - see throttle.h.
 */
#include "mws/sandbox/throttle.h"

#define REQUEST_MICRO 1000000

struct rate {
    int64_t burst;
    int64_t per_s_milli;
};

static const struct rate rates[3][2] = {
    [QUOTA_SANDBOX] = {[THROTTLE_WRITE] = {2, 500}, [THROTTLE_READ] = {5, 1000}},
    [QUOTA_LIVE] = {[THROTTLE_WRITE] = {10, 1000}, [THROTTLE_READ] = {20, 2000}},
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
    regained = elapsed_us * rate->per_s_milli / 1000;
    bucket->used_micro = bucket->used_micro > regained ? bucket->used_micro - regained : 0;
    bucket->at = now;
    if (bucket->used_micro + REQUEST_MICRO > rate->burst * REQUEST_MICRO) {
        return false;
    }
    bucket->used_micro += REQUEST_MICRO;
    return true;
}
