/*
 * world.h - what exists inside the fake Amazon: sellers, billing agreements, authorizations with
 * their order reference and capture, and the totals of what was captured.
 *
 * The rules of the payments are in payment.h, the words of the requests in operation.h; here is
 * memory, ids and look-ups. Everything belongs to the world and lives as long as it.
 *
 * Invariants
 * 1. Every object is in its table under its id; sandbox and live never see each other's objects.
 * 2. An authorization is in its seller's `references` under its AuthorizationReferenceId, for ever.
 * 3. totals.* equal what the list of authorizations adds up to (a test re-adds them).
 */
#ifndef MWS_SANDBOX_WORLD_H
#define MWS_SANDBOX_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "billing/instant.h"
#include "billing/status.h"
#include "mws/edge/crypto.h"
#include "mws/sandbox/amount.h"
#include "mws/sandbox/simulation.h"
#include "mws/sandbox/table.h"
#include "mws/sandbox/throttle.h"
#include "mws/vocab.h"

#define OBJECT_ID_MAX    64 /* with its NUL; Amazon's have at most 30 characters */
#define REFERENCE_ID_MAX 33 /* 32 characters and NUL */
#define SELLERS_MAX      100000

enum { ENVIRONMENT_SANDBOX = 0, ENVIRONMENT_LIVE = 1, ENVIRONMENT_COUNT = 2 };

struct authorization;

/* Order references of one seller with the same SellerOrderId, oldest first. */
struct order_group {
    char *seller_order_id;
    struct authorization *first, *last;
    uint64_t captures;
};

struct seller {
    char *id;
    struct table references[ENVIRONMENT_COUNT]; /* AuthorizationReferenceId -> authorization */
    struct table order_groups[ENVIRONMENT_COUNT];
    struct throttle_bucket buckets[ENVIRONMENT_COUNT][MWS_ACTION_COUNT];
};

/* What was authorized in one calendar month (UTC). Months count from 1970-01. */
struct period {
    int32_t month;
    int64_t authorized_units; /* without what was declined or expired unused */
};

/* The next payments that the control API has told to decline. */
struct decline_order {
    enum mws_reason reason;
    bool soft;
    int64_t count;
};

struct agreement {
    char id[OBJECT_ID_MAX];
    struct seller *seller;
    int environment;
    const struct currency *currency;
    enum mws_state state;
    enum mws_reason reason;
    struct instant created_at, updated_at;
    bool consent, payment_plan, shipping_address; /* a missing one is a constraint */
    bool confirmed;                               /* has been Open: the buyer's data may be read */
    bool payment_method_valid;
    int64_t limit_units;
    struct period *periods; /* oldest first, only months with an authorization */
    size_t period_count;
    struct decline_order decline;
    struct instant reopen_at; /* Suspended until then; INSTANT_NEVER = until the buyer acts */
    char *closure_reason, *seller_note, *platform_id;
    char *seller_agreement_id, *store_name, *custom_information;
    struct authorization *unsettled; /* Pending or Open */
    struct instant next_change_at;   /* nothing changes by itself before */
    struct agreement *next;          /* in order of creation */
    struct agreement *previous_due, *next_due;
    bool is_due_listed; /* in world.due: it has something that changes by itself */
};

/* What the seller asked for; a repeat must ask for the same. Absent texts are "". */
struct charge {
    int64_t units;
    const struct currency *currency;
    int64_t timeout_minutes;
    bool capture_now;
    char *note, *soft_descriptor, *seller_note, *platform_id;
    char *seller_order_id, *store_name, *custom_information;
};

/* An authorization, the order reference made for it (Closed from the start), and its capture. */
struct authorization {
    char id[OBJECT_ID_MAX];
    char order_id[OBJECT_ID_MAX];
    char capture_id[OBJECT_ID_MAX]; /* "" until there is a capture */
    char reference[REFERENCE_ID_MAX];
    struct agreement *agreement;
    struct charge charge;
    enum mws_state state;
    enum mws_reason reason;
    bool soft_decline;
    struct instant created_at, updated_at, expires_at;
    struct instant settles_at; /* Pending until then */
    struct fate fate;
    struct authorization *next; /* in order of creation */
    struct authorization *next_unsettled;
    struct authorization *next_in_group;
};

/* Captures of one currency. */
struct currency_total {
    const struct currency *currency;
    uint64_t captures;
    int64_t captured_units;
};

#define CURRENCY_TOTALS_MAX 16

struct totals {
    uint64_t authorizations, declined, captures;
    uint64_t double_charged; /* captures beyond the first of one SellerOrderId */
    uint64_t captures_without_order_id;
    struct currency_total by_currency[CURRENCY_TOTALS_MAX];
    size_t currency_count;
};

struct world {
    struct table sellers, agreements, authorizations, orders;
    struct agreement *first_agreement, *last_agreement;
    struct authorization *first_authorization, *last_authorization;
    struct agreement *due;
    struct totals totals;
    uint64_t next_number; /* of ids */
    bool changed;         /* since the last snapshot */
};

void world_init(struct world *world);
void world_free(struct world *world);

/* The seller of that id, made when it is new; NULL when there are SELLERS_MAX. */
struct seller *world_seller(struct world *world, const char *id);
struct seller *world_find_seller(const struct world *world, const char *id);

/* A new agreement in state Draft, with consent, method and address, its currency's usual limit and
 * nothing used; `id` NULL or "" makes one. ST_CONFLICT when the id exists. */
MUST_USE enum status world_add_agreement(struct world *world, struct seller *seller,
                                         int environment, const struct currency *currency,
                                         const char *id, struct instant now,
                                         struct agreement **agreement, struct problem *problem);
struct agreement *world_find_agreement(const struct world *world, const char *id);

/* Takes a new authorization (calloc'ed, its texts owned) into tables, lists and totals. Without an
 * id it gets ids. Its reference must be unused. */
void world_add_authorization(struct world *world, struct authorization *authorization);
struct authorization *world_find_authorization(const struct world *world, const char *id);
struct authorization *world_find_order(const struct world *world, const char *order_id);
struct authorization *world_find_reference(const struct seller *seller, int environment,
                                           const char *reference);
struct order_group *world_find_group(const struct seller *seller, int environment,
                                     const char *seller_order_id);

/* Counts a capture in the totals, once for each. */
void world_count_capture(struct world *world, const struct authorization *authorization);

/* Months since 1970-01, UTC; and the first instant of a month. */
int32_t month_of(struct instant at);
struct instant month_start(int32_t month);
/* The agreement's sum of that month; 0 when it has none. */
int64_t agreement_authorized(const struct agreement *agreement, int32_t month);
void agreement_authorize(struct agreement *agreement, int32_t month, int64_t units_change);

/* Replaces an owned text. NULL counts as "". */
void text_replace(char **owned, const char *value);

#endif
