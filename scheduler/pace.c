/*
 * pace.c - token buckets and queues of one seller; see pace.h.
 */
#include "scheduler/pace.h"

#include <stdio.h>
#include <string.h>

#include "billing/ensure.h"
#include "mws/operation.h"

/* Amazon's bucket begins to fill again when a request arrives, ours when its token is taken: before
 * the connection is made. So much later than by our own clock alone the first token after a burst
 * is used, or a slow first request would make the eleventh come too early there. */
#define AHEAD_MS 250

struct quota {
    int64_t burst;
    int64_t rate_milli_per_s;
};

/* Amazon's published quotas (Amazon Pay API reference, "Throttling"). One in five minutes is 3.33
 * thousandths of a token in a second. */
static struct quota quota_of(enum config_quota quota, enum mws_throttle_class throttle)
{
    bool is_live = quota == CONFIG_QUOTA_LIVE;
    if (quota == CONFIG_QUOTA_OFF) {
        return (struct quota){0, 0};
    }
    switch (throttle) {
    case MWS_THROTTLE_CHARGE:
        return is_live ? (struct quota){10, 1000} : (struct quota){2, 500};
    case MWS_THROTTLE_GET:
        return is_live ? (struct quota){20, 2000} : (struct quota){5, 1000};
    case MWS_THROTTLE_SERVICE_STATUS:
        return (struct quota){2, 3};
    }
    ENSURE(false);
    return (struct quota){0, 0};
}

static void bucket_configure(struct bucket *bucket, const struct seller_config *config,
                             enum mws_action action, struct ticks now)
{
    struct quota quota = quota_of(config->quota, mws_action_throttle_class(action));
    int64_t rate_milli_per_s = quota.rate_milli_per_s * config->quota_milli / 1000;
    int64_t capacity_milli = quota.burst * config->quota_milli;
    if (capacity_milli > 0) {
        capacity_milli -= rate_milli_per_s * AHEAD_MS / 1000;
        /* less than one token, or none in any time, would never let a call go */
        capacity_milli = capacity_milli < 1000 ? 1000 : capacity_milli;
        rate_milli_per_s = rate_milli_per_s < 1 ? 1 : rate_milli_per_s;
    }
    uint32_t reserved = bucket->reserved;
    bucket_init(bucket, capacity_milli, rate_milli_per_s, false, now);
    bucket->reserved = reserved;
}

void pace_seller_init(struct pace_seller *seller, const struct seller_config *config,
                      int64_t idle_ms, struct ticks now)
{
    memset(seller, 0, sizeof *seller);
    (void)snprintf(seller->seller_id, sizeof seller->seller_id, "%s", config->mws.seller_id);
    /* A bucket that was empty so long ago. A day fills every bucket. */
    int64_t credit_ms = idle_ms < 86400000 ? idle_ms : 86400000;
    struct ticks then = {now.us - credit_ms * 1000};
    pace_seller_configure(seller, config, then);
    seller->next_wake[PACE_CHARGE] = (struct instant){0};
    seller->next_wake[PACE_CARE] = (struct instant){0};
    seller->claim_size = CLAIM_SELLER_MIN;
}

void pace_seller_configure(struct pace_seller *seller, const struct seller_config *config,
                           struct ticks now)
{
    seller->config = config;
    for (unsigned action = 1; action < MWS_ACTION_COUNT; action++) {
        bucket_configure(&seller->lanes[action].bucket, config, action, now);
    }
}

bool pace_take(struct pace_seller *seller, enum mws_action action, struct pace_waiter *waiter,
               struct ticks now)
{
    struct pace_lane *lane = &seller->lanes[action];
    if (lane->first == NULL && bucket_take(&lane->bucket, now)) {
        return true;
    }
    waiter->next = NULL;
    if (lane->first == NULL) {
        lane->first = waiter;
    } else {
        lane->last->next = waiter;
    }
    lane->last = waiter;
    lane->waiting++;
    seller->waiting++;
    return false;
}

uint32_t pace_reserve(struct pace_seller *seller, uint32_t wanted, struct ticks now)
{
    struct pace_lane *lane = &seller->lanes[MWS_AUTHORIZE_ON_BILLING_AGREEMENT];
    if (lane->first != NULL) {
        return 0;
    }
    uint32_t reserved = 0;
    while (reserved < wanted && bucket_reserve(&lane->bucket, now)) {
        reserved++;
    }
    return reserved;
}

void pace_release(struct pace_seller *seller)
{
    bucket_release(&seller->lanes[MWS_AUTHORIZE_ON_BILLING_AGREEMENT].bucket);
}

void pace_give_back(struct pace_seller *seller, enum mws_action action)
{
    bucket_give_back(&seller->lanes[action].bucket);
}

void pace_grant(struct pace_seller *seller, struct ticks now)
{
    /* Most sellers wait for nothing, and every tick asks every seller. */
    for (unsigned action = 1; action < MWS_ACTION_COUNT && seller->waiting > 0; action++) {
        struct pace_lane *lane = &seller->lanes[action];
        while (lane->first != NULL && bucket_take(&lane->bucket, now)) {
            struct pace_waiter *waiter = lane->first;
            lane->first = waiter->next;
            lane->waiting--;
            seller->waiting--;
            waiter->granted(waiter->arg);
        }
    }
}

struct pace_waiter *pace_forget_waiters(struct pace_seller *seller)
{
    struct pace_waiter *all = NULL;
    for (unsigned action = 1; action < MWS_ACTION_COUNT; action++) {
        struct pace_lane *lane = &seller->lanes[action];
        if (lane->first != NULL) {
            lane->last->next = all;
            all = lane->first;
        }
        lane->first = NULL;
        lane->last = NULL;
        lane->waiting = 0;
    }
    seller->waiting = 0;
    return all;
}

int64_t pace_wait_ms(struct pace_seller *seller, bool has_charges, struct ticks now)
{
    int64_t wait_ms = -1;
    if (has_charges) {
        wait_ms = bucket_wait_ms(&seller->lanes[MWS_AUTHORIZE_ON_BILLING_AGREEMENT].bucket, now);
    }
    for (unsigned action = 1; action < MWS_ACTION_COUNT && seller->waiting > 0; action++) {
        struct pace_lane *lane = &seller->lanes[action];
        if (lane->first != NULL) {
            int64_t lane_ms = bucket_wait_ms(&lane->bucket, now);
            if (wait_ms < 0 || lane_ms < wait_ms) {
                wait_ms = lane_ms;
            }
        }
    }
    return wait_ms;
}

void pace_expect(struct pace_seller *seller, enum pace_work work, struct instant at)
{
    seller->next_wake[work] = instant_min(seller->next_wake[work], at);
}
