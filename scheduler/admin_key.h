/*
 * admin_key.h - the key of a new one-off or subscription, from which all its ids at Amazon are
 * made.
 *
 * Ordered under the shop's idempotency key, it is made from that: a shop that orders again after
 * its database was restored from a backup then asks Amazon under the same ids, and Amazon answers
 * with the first result instead of charging again. Without one it is random.
 */
#ifndef SCHEDULER_ADMIN_KEY_H
#define SCHEDULER_ADMIN_KEY_H

#include "billing/reference_id.h"

/* `what` tells one-offs from subscriptions, whose idempotency keys are apart. */
void admin_key_make(const char *what, const char *seller_id, const char *idempotency_key,
                    char key[static KEY_MAX]);

#endif
