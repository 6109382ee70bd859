/*
 * admin_body.h - bodies of admin requests as values: everything is checked, or nothing is taken.
 *
 * A body is one JSON object. A key that is not known, a value of another type, a text that is too
 * long or holds control characters: each is ST_INVALID with a sentence that names the key. An
 * optional key may be left out or be null, which means the same. Amounts are decimal strings; a
 * JSON number is refused, because programs round those on their way.
 *
 * Pure: no clock, no store, no zone files. Whether the values suit the agreement is the core's
 * business.
 */
#ifndef SCHEDULER_ADMIN_BODY_H
#define SCHEDULER_ADMIN_BODY_H

#include <stddef.h>

#include "billing/event.h"
#include "billing/zone.h"

/* What a seller's request may leave out. */
struct admin_defaults {
    const char *currency; /* the seller's; another one is refused */
    const char *zone;
};

/* {"agreement_id": "C03-...", "confirm": false}; the seller is the caller's to set. */
MUST_USE enum status admin_read_register(const char *text, size_t length,
                                         struct register_agreement *wanted,
                                         struct problem *problem);

struct admin_subscription {
    char agreement_id[AGREEMENT_ID_MAX];
    char zone[ZONE_NAME_MAX];   /* not looked up yet */
    struct subscribe subscribe; /* without key and zone */
};
MUST_USE enum status admin_read_subscription(const char *text, size_t length,
                                             const struct admin_defaults *defaults,
                                             struct admin_subscription *wanted,
                                             struct problem *problem);

/* Keys of subscriptions and charges are the caller's to set in all of these. */

/* {"when": "now" | "period_end", "force": false} or {"at": INSTANT, "force": false} */
MUST_USE enum status admin_read_cancel(const char *text, size_t length, struct cancel *wanted,
                                       struct problem *problem);
/* {"until": INSTANT}, or nothing: until it is resumed. */
MUST_USE enum status admin_read_pause(const char *text, size_t length, struct pause *wanted,
                                      struct problem *problem);
/* {"cycle": 12} */
MUST_USE enum status admin_read_skip(const char *text, size_t length,
                                     struct subscription_command *wanted, struct problem *problem);
/* {"to": INSTANT} */
MUST_USE enum status admin_read_move(const char *text, size_t length, struct move_due *wanted,
                                     struct problem *problem);

struct admin_change {
    char zone[ZONE_NAME_MAX]; /* of a schedule; not looked up yet */
    struct change_subscription change;
};
/* At least one of an amount, a schedule and a policy; defaults->zone is the subscription's. */
MUST_USE enum status admin_read_change(const char *text, size_t length,
                                       const struct admin_defaults *defaults,
                                       struct admin_change *wanted, struct problem *problem);
/* {"agreement_id": "C03-..."} */
MUST_USE enum status admin_read_replace(const char *text, size_t length,
                                        struct replace_agreement *wanted, struct problem *problem);

struct admin_charge {
    char agreement_id[AGREEMENT_ID_MAX];
    struct charge_once charge; /* without key */
};
MUST_USE enum status admin_read_charge(const char *text, size_t length,
                                       const struct admin_defaults *defaults,
                                       struct admin_charge *wanted, struct problem *problem);

struct admin_refund {
    bool is_rest;                /* no amount: what is left of the charge */
    struct refund_wanted refund; /* without what is read from the store */
};
MUST_USE enum status admin_read_refund(const char *text, size_t length,
                                       const struct admin_defaults *defaults,
                                       struct admin_refund *wanted, struct problem *problem);

/* For requests without arguments: no body, or {}. */
MUST_USE enum status admin_read_nothing(const char *text, size_t length, struct problem *problem);

#endif
