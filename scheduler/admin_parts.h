/*
 * admin_parts.h - private to the admin files: a request on its way.
 *
 *     handler ──► admin_ask()      ──► a job of the store worker  ──► then ──► admin_answer()
 *         │  ├──► admin_command()  ──► an event of the runner     ──► then ──┤
 *         │  └──► admin_switch()   ──► a stop switch of it        ──► then ──┘
 *         └─────► admin_answer(), admin_fail()
 *
 * Invariants:
 *   1. A call is answered exactly once; answering frees it.
 *   2. `then` runs on the loop, and only while the admin lives: of a call whose admin was freed
 *      only the memory is given back.
 *   3. A job touches nothing but the store, and the call's ids, query and `work`.
 */
#ifndef SCHEDULER_ADMIN_PARTS_H
#define SCHEDULER_ADMIN_PARTS_H

#include "mws/edge/http_server.h"
#include "mws/edge/json.h"
#include "scheduler/admin.h"

#define ADMIN_ID_MAX       64 /* an id or key in a path or query, and its NUL */
#define ADMIN_PAGE_MAX     500
#define ADMIN_PAGE_DEFAULT 100

struct admin_call;

typedef void admin_handler(struct admin_call *call);
/* `account` is borrowed until return, NULL unless call->status is ST_OK. */
typedef void admin_commanded(struct admin_call *call, const struct account *account);

struct admin_route {
    const char *method;
    const char *noun; /* "subscriptions" */
    bool has_id;
    const char *verb;  /* after the id, or "" */
    const char *query; /* the arguments it knows, between spaces: " after max " */
    admin_handler *handler;
};

/* What a request asks for besides its path; "" and 0 when not given. */
struct admin_query {
    char after[ADMIN_ID_MAX];
    uint32_t max;
    char agreement_id[ADMIN_ID_MAX];
    char subscription_key[ADMIN_ID_MAX];
    char object_id[ADMIN_ID_MAX];
    char kind[ADMIN_ID_MAX];
    char state[ADMIN_ID_MAX];
    char charge_id[ADMIN_ID_MAX];
};

struct admin {
    struct admin_parts parts;
    const struct config *config;
    struct http_server *server;
    struct ticks started;
    struct admin_call *calls; /* not answered yet */
};

struct admin_call {
    struct admin *admin; /* NULL = freed: nobody waits any more */
    struct admin_call *previous, *following;
    struct http_exchange *exchange;
    char seller_id[SELLER_ID_MAX]; /* "" = the request is about all */
    char id[ADMIN_ID_MAX];         /* of the path, or "" */
    struct admin_query query;
    enum status status; /* of the job or command that ended */
    struct problem problem;
    store_job_run *run;
    admin_handler *then;
    admin_commanded *commanded;
    void *work; /* the handler's own, freed with the call */
};

/* A zeroed `work` of `bytes`, freed with the call. */
void *admin_work(struct admin_call *call, size_t bytes);

/* `run` gets the call as its argument and sets status and problem. */
void admin_ask(struct admin_call *call, store_job_run *run, admin_handler *then);
void admin_command(struct admin_call *call, const char *agreement_id, const struct event *event,
                   admin_commanded *then);

/* Turns the stop switch of the call's seller, or of all when it has none. */
void admin_switch(struct admin_call *call, bool is_on, admin_handler *then);

/* Answers and frees. `body` is taken over. */
void admin_answer(struct admin_call *call, int http_status, struct json *body);
/* The same with {"error": ..., "message": ...}. */
void admin_fail(struct admin_call *call, enum status status, const struct problem *problem);
/* With the call's own status and problem. */
void admin_fail_call(struct admin_call *call);

/* The seller of the path; it is configured, or the handler would not have been called. */
const struct seller_config *admin_seller(const struct admin_call *call);
struct instant admin_now(const struct admin_call *call);

/* `after` as the number of an event or notice; 0 when it was not given. On false the call was
 * answered. */
bool admin_query_number(struct admin_call *call, uint64_t *number);

/* The answer to a list: {noun: [each of the `count` items], "next": next}; or the failure of the
 * job. `next` is taken over. */
typedef struct json *admin_item(const struct admin_call *call, uint32_t index);
void admin_answer_list(struct admin_call *call, const char *noun, uint32_t count, admin_item *item,
                       struct json *next);
/* The last id when the page is full, else null. */
struct json *admin_next_id(const struct admin_call *call, uint32_t count, const char *last_id);

/* --- admin_route.c --- */

/* The route of the call's exchange; ids and query are then in the call. Else the sentence is in
 * `problem`; `is_other_method` says that only the method is wrong. */
MUST_USE enum status admin_route_find(struct admin_call *call, const struct admin_route **route,
                                      bool *is_other_method, struct problem *problem);

/* --- admin_subscriptions.c, for the commands --- */

#define ADMIN_NEXT_DUE 3 /* cycles that are shown after a command */

/* Of an account, borrowed; NULL when it is not there. */
const struct subscription *admin_subscription_of(const struct account *account, const char *key);
/* With the next due instants; null when the zone's file has gone since. */
struct json *admin_subscription_shown(const struct admin_call *call, const char *agreement_id,
                                      const struct subscription *subscription, uint32_t next_count);
/* The zone that a body names. ST_INVALID with a sentence. */
MUST_USE enum status admin_zone(struct admin_call *call, const char *name,
                                const struct zone **zone);

/* --- the handlers, by file --- */

admin_handler admin_agreements_register; /* admin_agreements.c */
admin_handler admin_agreements_list;
admin_handler admin_agreements_show;
admin_handler admin_agreements_sync;
admin_handler admin_agreements_close;
admin_handler admin_agreements_stop;
admin_handler admin_agreements_start;
admin_handler admin_subscriptions_create; /* admin_subscriptions.c */
admin_handler admin_subscriptions_list;
admin_handler admin_subscriptions_show;
admin_handler admin_subscriptions_cancel; /* admin_subscription_commands.c */
admin_handler admin_subscriptions_uncancel;
admin_handler admin_subscriptions_pause;
admin_handler admin_subscriptions_resume;
admin_handler admin_subscriptions_skip;
admin_handler admin_subscriptions_move;
admin_handler admin_subscriptions_change;
admin_handler admin_subscriptions_replace;
admin_handler admin_subscriptions_stop;
admin_handler admin_subscriptions_start;
admin_handler admin_charges_once; /* admin_charges.c */
admin_handler admin_charges_list;
admin_handler admin_charges_show;
admin_handler admin_charges_approve; /* admin_charge_commands.c */
admin_handler admin_charges_reject;
admin_handler admin_charges_ship;
admin_handler admin_charges_void;
admin_handler admin_refunds_create; /* admin_refunds.c */
admin_handler admin_refunds_of_charge;
admin_handler admin_refunds_list;
admin_handler admin_policies_list; /* admin_policies.c */
admin_handler admin_policies_show;
admin_handler admin_events_list;  /* admin_events.c */
admin_handler admin_notices_list; /* admin_notices.c */
admin_handler admin_stop;         /* admin_stops.c: of the seller, or without one of all */
admin_handler admin_start;
admin_handler admin_status; /* admin_status.c */

#endif
