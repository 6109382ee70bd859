/*
 * admin_json.h - billing values as JSON: what operators see.
 *
 * Instants are UTC texts with milliseconds, amounts decimal texts with their currency beside them,
 * states and reasons their printed names. What does not exist (yet) is null, never left out, so
 * that a reader can rely on every key. Nothing of the configuration gets here, so no secret does.
 */
#ifndef SCHEDULER_ADMIN_JSON_H
#define SCHEDULER_ADMIN_JSON_H

#include "billing/zone.h"
#include "mws/edge/json.h"
#include "schema/store.h"

/* null for INSTANT_NEVER, "", poison and REASON_NONE. */
void admin_set_instant(struct json *object, const char *key, struct instant at);
void admin_set_text(struct json *object, const char *key, const char *text);
void admin_set_amount(struct json *object, const char *key, struct money amount);
void admin_set_reason(struct json *object, const char *key, enum reason reason);

/* The limit is shown as it stands at `now`; `zone` is the one of its months, NULL = UTC. */
struct json *admin_json_agreement(const struct agreement *agreement, struct instant now,
                                  const struct zone *zone);

struct json *admin_json_subscription(const char *agreement_id,
                                     const struct subscription *subscription);
/* [{"cycle": 3, "due_at": "...", "amount": "1200"}], the next `count` cycles that will be charged;
 * fewer when the subscription ends before, none while nobody knows when (paused by hand). */
struct json *admin_json_next_due(const struct subscription *subscription, const struct zone *zone,
                                 uint32_t count);

/* With its latest attempt as "attempt" (null before the first). */
struct json *admin_json_charge(const struct charge_view *view);
/* A charge of an account: nothing of it can have been refunded yet. */
struct json *admin_json_open_charge(const char *agreement_id, const struct charge *charge);
struct json *admin_json_attempt(const struct attempt *attempt);
struct json *admin_json_refund(const char *agreement_id, const struct refund *refund);

struct json *admin_json_event(const struct change_view *view);

/* What Amazon told, and what became of it. */
struct json *admin_json_notice(const struct notice_view *view);

#endif
