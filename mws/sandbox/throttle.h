/*
 * throttle.h - Amazon's published quotas: one bucket for each seller, environment and operation.
 *
 * A bucket holds `burst` requests and regains `per_hour` of them each hour.
 * Source: amazon-pay reference, "Throttling".
 */
#ifndef MWS_SANDBOX_THROTTLE_H
#define MWS_SANDBOX_THROTTLE_H

#include <stdbool.h>
#include <stdint.h>

#include "billing/instant.h"

enum quota { QUOTA_OFF, QUOTA_SANDBOX, QUOTA_LIVE };

enum throttle_class {
    THROTTLE_WRITE,  /* authorize, capture, refund, set, confirm, validate, cancel, close */
    THROTTLE_READ,   /* get and list */
    THROTTLE_STATUS, /* GetServiceStatus */
    THROTTLE_CLASSES
};

struct throttle_bucket {
    int64_t used; /* taken and not yet regained; a request is 3,600,000,000 */
    struct ticks at;
};

/* Takes one request; false when the bucket is empty. A zeroed bucket is full. */
bool throttle_take(struct throttle_bucket *bucket, enum quota quota, enum throttle_class class,
                   struct ticks now);

#endif
