/*
 * bucket.h - the token bucket of one seller and one operation.
 *
 * Amazon restores tokens at a steady rate up to a maximum; a request without a token is answered
 * 503 RequestThrottled. We keep the same bucket on our side, at a configured fraction, and learn
 * from a 503: the bucket is then empty and stays closed for a while, and opens slowly. A 503 never
 * makes the rate rise. Pure arithmetic on handed-in ticks.
 */
#ifndef MWS_BUCKET_H
#define MWS_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "billing/instant.h"

struct bucket {
    int64_t capacity_nano; /* billionths of a token; 0 = unlimited */
    int64_t rate_milli_per_s;
    int64_t level_nano;
    uint32_t reserved;      /* of these tokens: for somebody, not taken yet */
    struct ticks filled_at; /* level_nano is of this moment */
    struct ticks closed_until;
    uint32_t throttles; /* closings in a row */
};

/* `capacity_milli` in thousandths of a token: less than one token counts as one, because nothing
 * could ever be taken from less; 0 = unlimited. Starts full, or empty (after a restart: the tokens
 * may have been spent by the process before). */
void bucket_init(struct bucket *bucket, int64_t capacity_milli, int64_t rate_milli_per_s, bool full,
                 struct ticks now);
/* Whole tokens that can be taken now. */
uint32_t bucket_available(struct bucket *bucket, struct ticks now);
/* Takes one; false when there is none. */
bool bucket_take(struct bucket *bucket, struct ticks now);
/* Gives back a token that was taken and not used. */
void bucket_give_back(struct bucket *bucket);
/* Keeps one for somebody who will take it later, maybe much later; false when there is none. It
 * stays in the bucket, which does not grow because of it: who kept tokens while the bucket filled
 * has no more to take in the end than it holds. */
bool bucket_reserve(struct bucket *bucket, struct ticks now);
/* One that was reserved is for everybody again - for its owner, too, who takes it now. */
void bucket_release(struct bucket *bucket);
/* When one token will be there, as a delay from `now`; 0 = now. */
int64_t bucket_wait_ms(struct bucket *bucket, struct ticks now);
/* A RequestThrottled came: the bucket is empty, stays closed for 1, 2, 4 ... 60 s, and then holds
 * no more than one token, the probe, until a request is accepted. A 503 that comes while it is
 * closed belongs to the burst that closed it, and changes nothing. */
void bucket_throttled(struct bucket *bucket, struct ticks now);
/* A request got any other answer. */
void bucket_accepted(struct bucket *bucket);
/* Milliseconds until `count` further tokens will have been restored and taken. */
int64_t bucket_drain_ms(struct bucket *bucket, uint64_t count, struct ticks now);

#endif
