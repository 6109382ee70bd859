/*
 * bucket.c - the token bucket in exact integers.
 *
 * A rate in thousandths of a token per second, times microseconds, is billionths of a token: that
 * is the unit of the level, so refilling is one multiplication and nothing is ever rounded away.
 *
 * Invariants
 *   1. In any span of t seconds no more than capacity + rate * t tokens are taken and not given
 * back.
 *   2. What is reserved is still in the bucket, so 1. holds for when tokens are taken, not for when
 *      they were reserved. After a 503 there may be more reserved than there is.
 *   3. A 503 only ever takes: it empties the bucket and makes it smaller for a while. What is there
 *      when it opens again was restored at the normal rate.
 */
#include "mws/bucket.h"

#include <stddef.h>

#include "billing/ensure.h"

#define TOKEN_NANO         INT64_C(1000000000)
#define NANO_PER_MILLI     INT64_C(1000000)
#define US_PER_MS          INT64_C(1000)
#define US_PER_S           INT64_C(1000000)
#define CLOSED_S_MAX       60
#define DOUBLINGS_MAX      6 /* 2^6 s is beyond CLOSED_S_MAX */
#define CAPACITY_MILLI_MAX (INT64_MAX / NANO_PER_MILLI)

static bool is_unlimited(const struct bucket *bucket)
{
    return bucket->capacity_nano == 0;
}

/* After a 503 there is room for the probe only. */
static int64_t room_nano(const struct bucket *bucket)
{
    return bucket->throttles > 0 ? TOKEN_NANO : bucket->capacity_nano;
}

/* Rounded up: after that many microseconds the tokens are there. */
static int64_t restore_us(const struct bucket *bucket, int64_t nano)
{
    return nano <= 0 ? 0 : (nano - 1) / bucket->rate_milli_per_s + 1;
}

static int64_t level_at(const struct bucket *bucket, struct ticks now)
{
    int64_t elapsed_us = now.us > bucket->filled_at.us ? now.us - bucket->filled_at.us : 0;
    int64_t missing = room_nano(bucket) - bucket->level_nano;
    if (elapsed_us >= restore_us(bucket, missing)) {
        return room_nano(bucket);
    }
    return bucket->level_nano + elapsed_us * bucket->rate_milli_per_s;
}

static void fill(struct bucket *bucket, struct ticks now)
{
    bucket->level_nano = level_at(bucket, now);
    if (now.us > bucket->filled_at.us) {
        bucket->filled_at = now;
    }
    ENSURE(bucket->level_nano >= 0);
    ENSURE(bucket->level_nano <= bucket->capacity_nano);
}

static int64_t closed_us(const struct bucket *bucket, struct ticks now)
{
    return bucket->closed_until.us > now.us ? bucket->closed_until.us - now.us : 0;
}

static int64_t ms_rounded_up(int64_t us)
{
    return us / US_PER_MS + (us % US_PER_MS != 0);
}

void bucket_init(struct bucket *bucket, int64_t capacity_milli, int64_t rate_milli_per_s, bool full,
                 struct ticks now)
{
    ENSURE(capacity_milli >= 0);
    ENSURE(capacity_milli <= CAPACITY_MILLI_MAX);
    ENSURE(IMPLIES(capacity_milli > 0, rate_milli_per_s > 0));
    int64_t capacity_nano = capacity_milli * NANO_PER_MILLI;
    if (capacity_nano > 0 && capacity_nano < TOKEN_NANO) {
        capacity_nano = TOKEN_NANO;
    }
    *bucket = (struct bucket){
        .capacity_nano = capacity_nano,
        .rate_milli_per_s = rate_milli_per_s,
        .level_nano = full ? capacity_nano : 0,
        .filled_at = now,
        .closed_until = now,
    };
}

uint32_t bucket_available(struct bucket *bucket, struct ticks now)
{
    if (is_unlimited(bucket)) {
        return UINT32_MAX;
    }
    fill(bucket, now);
    int64_t tokens = closed_us(bucket, now) > 0 ? 0 : bucket->level_nano / TOKEN_NANO;
    tokens = tokens > bucket->reserved ? tokens - bucket->reserved : 0;
    return tokens < UINT32_MAX ? (uint32_t)tokens : UINT32_MAX;
}

bool bucket_take(struct bucket *bucket, struct ticks now)
{
    if (is_unlimited(bucket)) {
        return true;
    }
    if (bucket_available(bucket, now) == 0) {
        return false;
    }
    bucket->level_nano -= TOKEN_NANO;
    return true;
}

void bucket_give_back(struct bucket *bucket)
{
    if (is_unlimited(bucket)) {
        return;
    }
    int64_t missing = room_nano(bucket) - bucket->level_nano;
    bucket->level_nano += missing < TOKEN_NANO ? missing : TOKEN_NANO;
}

bool bucket_reserve(struct bucket *bucket, struct ticks now)
{
    if (!is_unlimited(bucket) && bucket_available(bucket, now) == 0) {
        return false;
    }
    bucket->reserved++;
    return true;
}

void bucket_release(struct bucket *bucket)
{
    ENSURE(bucket->reserved > 0);
    bucket->reserved--;
}

int64_t bucket_wait_ms(struct bucket *bucket, struct ticks now)
{
    return is_unlimited(bucket) ? 0 : bucket_drain_ms(bucket, 1, now);
}

void bucket_throttled(struct bucket *bucket, struct ticks now)
{
    if (is_unlimited(bucket) || closed_us(bucket, now) > 0) {
        return;
    }
    int64_t seconds =
        INT64_C(1) << (bucket->throttles < DOUBLINGS_MAX ? bucket->throttles : DOUBLINGS_MAX);
    if (seconds > CLOSED_S_MAX) {
        seconds = CLOSED_S_MAX;
    }
    fill(bucket, now);
    bucket->level_nano = 0;
    bucket->closed_until = (struct ticks){now.us + seconds * US_PER_S};
    bucket->throttles++;
}

void bucket_accepted(struct bucket *bucket)
{
    bucket->throttles = 0;
}

int64_t bucket_drain_ms(struct bucket *bucket, uint64_t count, struct ticks now)
{
    if (is_unlimited(bucket) || count == 0) {
        return 0;
    }
    uint64_t most = INT64_MAX / TOKEN_NANO;
    uint64_t ahead = bucket->reserved; /* of these */
    int64_t tokens = (int64_t)(count < most - ahead ? count + ahead : most);
    int64_t wait_us = closed_us(bucket, now);
    fill(bucket, now);
    int64_t missing = tokens * TOKEN_NANO - level_at(bucket, (struct ticks){now.us + wait_us});
    return ms_rounded_up(wait_us + restore_us(bucket, missing));
}
