/*
 * world.h - what exists inside the fake Amazon: sellers, billing agreements, order references, and
 * their transactions: authorizations, captures, refunds, provider credits and their reversals.
 *
 * The rules are in agreement.h, order.h, payment.h and refund.h, the words of the requests in
 * operation.h; here is memory, ids and look-ups. Everything belongs to the world and lives as long
 * as it.
 *
 * Invariants
 * 1. Every object is in its table under its id; sandbox and live never see each other's objects.
 * 2. A transaction that a seller asked for is in the seller's `references` of its kind under its
 *    reference id, for ever, unless the rule declined-reference let a later one take its place.
 * 3. totals.* equal what the list of transactions adds up to (a test re-adds them).
 */
#ifndef MWS_SANDBOX_WORLD_H
#define MWS_SANDBOX_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "billing/instant.h"
#include "billing/status.h"
#include "mws/sandbox/agenda.h"
#include "mws/sandbox/amount.h"
#include "mws/sandbox/notice.h"
#include "mws/sandbox/rules.h"
#include "mws/sandbox/simulation.h"
#include "mws/sandbox/table.h"
#include "mws/sandbox/throttle.h"
#include "mws/vocab.h"

#define OBJECT_ID_MAX    64 /* with its NUL; Amazon's have at most 30 characters */
#define REFERENCE_ID_MAX 33 /* 32 characters and NUL */
#define REQUEST_ID_MAX   40
#define SELLERS_MAX      100000

enum { ENVIRONMENT_SANDBOX = 0, ENVIRONMENT_LIVE = 1, ENVIRONMENT_COUNT = 2 };

struct order;
struct authorization;
struct capture;
struct refund;
struct credit;

enum transaction_kind {
    TRANSACTION_AUTHORIZATION,
    TRANSACTION_CAPTURE,
    TRANSACTION_REFUND,
    TRANSACTION_CREDIT,
    TRANSACTION_REVERSAL,
    TRANSACTION_KINDS
};

/* Order references of one seller with the same SellerOrderId, oldest first. */
struct order_group {
    char *seller_order_id;
    struct order *first;
    struct order *last;
    uint64_t captured_orders;
};

/* Where the seller wants to be told of what (SetMerchantNotificationConfiguration). */
struct notification {
    char *url;
    bool events[MWS_EVENT_TYPE_COUNT];
};

#define NOTIFICATIONS_MAX 10

struct notification_list {
    struct notification items[NOTIFICATIONS_MAX];
    size_t count;
};

struct seller {
    char *id;
    const struct rules *rules;                                     /* of its world */
    struct table references[ENVIRONMENT_COUNT][TRANSACTION_KINDS]; /* id -> struct transaction */
    struct table order_groups[ENVIRONMENT_COUNT];
    struct throttle_bucket buckets[ENVIRONMENT_COUNT][MWS_ACTION_COUNT];
    struct notification_list notifications[ENVIRONMENT_COUNT];
    char *notice_url;    /* is told of everything besides, by the control API; NULL = nobody */
    bool inactive;       /* its account, by the control API: GetMerchantAccountStatus */
    struct seller *next; /* in order of creation */
};

/* What was authorized in one calendar month (UTC). Months count from 1970-01. */
struct period {
    int32_t month;
    int64_t authorized_units; /* without what was declined, expired unused or not captured */
};

/* The next transactions that the control API has told to decline. */
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
    bool buyer_equals_seller, method_not_allowed; /* constraints */
    bool confirmed;                               /* has been Open: the buyer's data may be read */
    bool payment_method_valid;
    int64_t limit_units;
    struct period *periods; /* oldest first, only months with an authorization */
    size_t period_count;
    struct decline_order decline;
    int64_t atypical_count;   /* the next authorizations are StopShipmentAtypicalAuth */
    struct instant reopen_at; /* Suspended until then; INSTANT_NEVER = until the buyer acts */
    char *closure_reason, *seller_note, *platform_id;
    char *seller_agreement_id, *store_name, *custom_information;
    struct order *last_order; /* newest first, by next_of_agreement */
    size_t draft_orders;      /* made by CreateOrderReferenceForId while this was Draft */
    struct agreement *next;   /* in order of creation */
};

/* An order reference. That of an AuthorizeOnBillingAgreement is Closed from the start. Absent texts
 * are NULL. */
struct order {
    char id[OBJECT_ID_MAX];
    uint64_t number; /* in order of creation */
    struct seller *seller;
    int environment;
    struct agreement *agreement; /* its parent; NULL for a one-time payment */
    const struct currency *currency;
    enum mws_state state;
    enum mws_reason reason;
    struct instant created_at, updated_at;
    int64_t total_units;                 /* 0 = not set, a constraint */
    bool payment_plan, shipping_address; /* a missing one is a constraint */
    bool needs_address;                  /* else a missing address is none */
    bool buyer_equals_seller;            /* a constraint */
    bool method_not_allowed;             /* a constraint, by a simulation string */
    bool confirmed;                      /* has been Open */
    bool payment_method_valid;
    bool request_payment_authorization;
    struct decline_order decline[TRANSACTION_KINDS];
    int64_t atypical_count;      /* as in struct agreement */
    struct instant reopen_at;    /* as in struct agreement */
    struct instant authorize_by; /* closes then unless something was authorized */
    char *closure_reason, *seller_note, *platform_id;
    char *seller_order_id, *store_name, *custom_information, *supplementary_data;
    char *provider_id, *provider_order_id; /* PaymentServiceProviderAttributes */
    char *item_categories;                 /* OrderItemCategories, a line feed after each but one */
    struct authorization *first, *last;
    int64_t captured_units;
    size_t captures;
    struct order *next; /* in order of creation */
    struct order *next_in_group, *next_of_agreement;
};

/* What all transactions have in common; the first member of each. Absent texts are NULL. */
struct transaction {
    enum transaction_kind kind;
    char id[OBJECT_ID_MAX];
    char reference[REFERENCE_ID_MAX];
    const char *target; /* the id that the request named; borrowed */
    char *asked;        /* what the seller asked for: a repeat must ask for the same */
    char *first_answer; /* request id, line feed, result: rule repeat-shows; else NULL */
    struct order *order;
    const struct currency *currency;
    int64_t units;
    char *note, *soft_descriptor;
    enum mws_state state;
    enum mws_reason reason;
    struct instant created_at, updated_at;
    struct instant settles_at; /* Pending until then */
    struct fate fate;
    struct transaction *next; /* in order of creation */
};

/* A share of a capture for a solution provider, or of a refund from it, as asked for. */
struct share {
    char provider[OBJECT_ID_MAX];
    int64_t units;
};

#define SHARES_MAX 10

struct shares {
    struct share *items; /* NULL when there are none */
    size_t count;
};

struct authorization {
    struct transaction t;
    bool soft_decline, capture_now, sync;
    bool atypical; /* it and its captures carry StopShipmentAtypicalAuth while all is well */
    struct instant expires_at;
    struct shares shares;    /* of the capture that CaptureNow makes */
    struct capture *capture; /* the one that was not declined, else the last, else NULL */
    struct authorization *next_in_order;
};

struct capture {
    struct transaction t;
    struct authorization *authorization;
    int64_t refunded_units; /* Completed */
    struct refund *first, *last;
    struct credit *first_credit, *last_credit;
};

struct refund {
    struct transaction t;
    struct capture *capture;
    enum mws_refund_type type;
    struct shares shares; /* of the reversals that it makes when it completes */
    struct reversal *first, *last;
    struct refund *next_in_capture;
};

struct credit {
    struct transaction t;
    char provider[OBJECT_ID_MAX];
    struct capture *capture;
    struct reversal *first, *last;
    int64_t reversed_units;
    struct credit *next_in_capture;
};

struct reversal {
    struct transaction t;
    struct credit *credit;
    struct refund *refund; /* that made it; NULL for ReverseProviderCredit */
    struct reversal *next_in_credit, *next_in_refund;
};

/* Captures and refunds of one currency. */
struct currency_total {
    const struct currency *currency;
    uint64_t captures, refunds;
    int64_t captured_units, refunded_units;
};

#define CURRENCY_TOTALS_MAX 16

struct totals {
    uint64_t authorizations, declined, captures, refunds;
    uint64_t double_charged; /* order references captured beyond the first of one SellerOrderId */
    uint64_t captures_without_order_id;
    struct currency_total by_currency[CURRENCY_TOTALS_MAX];
    size_t currency_count;
};

/* What GetServiceStatus says. */
struct service {
    enum mws_service_status status;
    char *message; /* NULL = none */
    struct instant set_at;
};

struct world {
    struct rules rules;
    struct service service;
    struct table sellers, agreements, orders, transactions;
    struct seller *first_seller, *last_seller;
    struct agreement *first_agreement, *last_agreement;
    struct order *first_order, *last_order;
    struct transaction *first_transaction, *last_transaction;
    struct agenda agenda;
    struct notice_queue notices; /* made, not yet taken away */
    struct totals totals;
    uint64_t next_number;   /* of ids */
    int64_t clock_ahead_ms; /* of the real one */
    bool changed;           /* since the last snapshot */
};

/* The rules as Amazon documents them; nothing exists. */
void world_init(struct world *world);
void world_free(struct world *world);

/* The seller of that id, made when it is new; NULL when there are SELLERS_MAX, or for "". */
struct seller *world_seller(struct world *world, const char *id);
struct seller *world_find_seller(const struct world *world, const char *id);
/* Empties the list and frees its texts. */
void notifications_clear(struct notification_list *list);

/* A new agreement in state Draft, with consent, method and address, its currency's usual limit and
 * nothing used; `id` NULL or "" makes one. ST_CONFLICT when the id exists. */
MUST_USE enum status world_add_agreement(struct world *world, struct seller *seller,
                                         int environment, const struct currency *currency,
                                         const char *id, struct instant now,
                                         struct agreement **agreement, struct problem *problem);
/* The region that an id tells, or that of the currency when it tells none: merchants in Europe may
 * charge in other currencies, too. */
int region_of(const char *id, const struct currency *currency);
struct agreement *world_find_agreement(const struct world *world, const char *id);

/* A new order reference in state Draft, with method and address; `id` and ST_CONFLICT as above;
 * `agreement` may be NULL. */
MUST_USE enum status world_add_order(struct world *world, struct seller *seller, int environment,
                                     struct agreement *agreement, const struct currency *currency,
                                     const char *id, struct instant now, struct order **order,
                                     struct problem *problem);
struct order *world_find_order(const struct world *world, const char *id);
/* Moves the order among those of that SellerOrderId. */
void order_set_seller_order_id(struct world *world, struct order *order, const char *value);
struct order_group *world_find_group(const struct seller *seller, int environment,
                                     const char *seller_order_id);

/* Takes a new transaction (calloc'ed as its own kind, its texts owned; order, kind and reference
 * set) into tables, list and totals. Without an id it gets one. What was not asked for (`asked`
 * NULL) is not found by its reference. */
void world_add_transaction(struct world *world, struct transaction *transaction);
struct transaction *world_find_transaction(const struct world *world, const char *id);
/* One that is in no world. */
void transaction_free(struct transaction *transaction);
struct transaction *world_find_reference(const struct seller *seller, int environment,
                                         enum transaction_kind kind, const char *reference);

/* Counts a completed capture or refund, once for each. */
void world_count_capture(struct world *world, const struct capture *capture);
void world_count_refund(struct world *world, const struct refund *refund);

/* Replaces an owned text; "" becomes NULL. */
void text_replace(char **owned, const char *value);

#endif
