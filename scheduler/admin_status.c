/*
 * admin_status.c - how the daemon is doing: one look at every seller.
 *
 * The store is asked seller by seller, each a job of its own, so that a thousand sellers do not
 * keep a commit waiting. The numbers of different sellers are therefore of slightly different
 * moments.
 */
#include <stdio.h>
#include <string.h>

#include "billing/ensure.h"
#include "scheduler/admin_json.h"
#include "scheduler/admin_parts.h"

#define MS_PER_S INT64_C(1000)
#define US_PER_S INT64_C(1000000)

struct status_seller {
    char id[SELLER_ID_MAX];
    struct seller_totals totals;
};

struct status_work {
    struct instant now;
    uint32_t next; /* the seller to be asked for */
    uint32_t count;
    struct status_seller sellers[]; /* as configured when the request came */
};

static void totals_run(struct store *store, void *arg)
{
    struct admin_call *call = arg;
    struct status_work *work = call->work;
    struct status_seller *seller = &work->sellers[work->next];
    call->status =
        store->ops->totals(store, seller->id, work->now, &seller->totals, &call->problem);
}

static void set_age(struct json *object, const char *key, struct instant at, struct instant now)
{
    if (at.utc_ms == INSTANT_NEVER.utc_ms) {
        json_set(object, key, json_new_null());
        return;
    }
    int64_t age_ms = now.utc_ms - at.utc_ms;
    json_set_integer(object, key, age_ms > 0 ? age_ms / MS_PER_S : 0);
}

static struct json *charges_json(const struct seller_totals *totals)
{
    struct json *object = json_new_object();
    for (int state = CHARGE_DUE; state < CHARGE_STATE_COUNT; state++) {
        if (!charge_is_final((enum charge_state)state)) {
            json_set_integer(object, charge_state_name((enum charge_state)state),
                             (int64_t)totals->charges[state]);
        }
    }
    return object;
}

static struct json *breaker_json(const struct runner_status *running)
{
    struct json *object = json_new_object();
    json_set_string(object, "state", running->breaker);
    admin_set_instant(object, "until", running->breaker_until);
    json_set_integer(object, "openings", running->breaker_openings);
    return object;
}

/* null for a bound that there is none of. */
static void set_room(struct json *object, const char *key, uint32_t room)
{
    json_set(object, key, room == UINT32_MAX ? json_new_null() : json_new_integer(room));
}

static struct json *guard_json(const struct runner_status *running)
{
    struct json *object = json_new_object();
    set_room(object, "canary_room", running->canary_room);
    json_set_integer(object, "day_count", running->day_count);
    json_set_integer(object, "day_declined", running->day_declined);
    json_set_integer(object, "day_unknown", running->day_unknown);
    json_set_integer(object, "retries_used", running->retries_used);
    set_room(object, "retries_room", running->retries_room);
    return object;
}

/* What only memory knows; null while the runner has not taken the seller up. */
static void set_running(const struct admin_call *call, struct json *object,
                        const struct status_seller *seller)
{
    static const char *const keys[] = {
        "calls_in_flight", "calls_waiting", "drain_seconds", "stopped",
        "charging_paused", "breaker",       "guard"};
    struct runner_status running;
    bool is_served =
        runner_status(call->admin->parts.runner, seller->id, seller->totals.backlog, &running);
    if (!is_served) {
        for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
            json_set(object, keys[i], json_new_null());
        }
        return;
    }
    json_set_integer(object, "calls_in_flight", running.calls_in_flight);
    json_set_integer(object, "calls_waiting", running.calls_waiting);
    json_set_integer(object, "drain_seconds", (running.drain_ms + MS_PER_S - 1) / MS_PER_S);
    admin_set_reason(object, "stopped", running.stopped);
    json_set_bool(object, "charging_paused", running.charging_paused);
    json_set(object, "breaker", breaker_json(&running));
    json_set(object, "guard", guard_json(&running));
}

static struct json *seller_json(const struct admin_call *call, const struct status_seller *seller,
                                struct instant now)
{
    const struct seller_totals *totals = &seller->totals;
    const struct seller_config *config = config_seller(call->admin->config, seller->id);
    struct json *object = json_new_object();
    json_set_string(object, "seller_id", seller->id);
    json_set(object, "environment",
             config == NULL ? json_new_null()
                            : json_new_string(mws_environment_name(config->mws.environment)));
    json_set_integer(object, "agreements", (int64_t)totals->agreements);
    json_set_integer(object, "subscriptions", (int64_t)totals->subscriptions);
    json_set_integer(object, "past_due", (int64_t)totals->past_due);
    json_set_integer(object, "backlog", (int64_t)totals->backlog);
    admin_set_instant(object, "oldest_due_at", totals->oldest_wake);
    set_age(object, "oldest_due_age_seconds", totals->oldest_wake, now);
    json_set(object, "charges", charges_json(totals));
    json_set_integer(object, "charges_stopped", (int64_t)totals->stopped);
    json_set_integer(object, "refunds_open", (int64_t)totals->refunds_open);
    json_set_integer(object, "attempts_unanswered", (int64_t)totals->unanswered_attempts);
    json_set_integer(object, "attempts_pending", (int64_t)totals->pending_attempts);
    admin_set_instant(object, "oldest_pending_at", totals->oldest_pending);
    set_age(object, "oldest_pending_age_seconds", totals->oldest_pending, now);
    json_set_integer(object, "attempts_unknown", (int64_t)totals->unknown_attempts);
    admin_set_instant(object, "oldest_unknown_at", totals->oldest_unknown);
    set_age(object, "oldest_unknown_age_seconds", totals->oldest_unknown, now);
    set_running(call, object, seller);
    return object;
}

/* Of this process; null when there is no listener. Only verdicts that were passed are named. */
static struct json *notifications_json(const struct ipn *ipn)
{
    struct ipn_counters counters;
    if (ipn == NULL) {
        return json_new_null();
    }
    struct json *object = json_new_object();
    struct json *ended = json_new_object();
    ipn_counters(ipn, &counters);
    json_set_integer(object, "accepted", (int64_t)counters.accepted);
    json_set_integer(object, "duplicates", (int64_t)counters.duplicates);
    json_set_integer(object, "waiting", counters.waiting);
    json_set_integer(object, "in_work", counters.in_work);
    json_set_integer(object, "certificate_fetches", (int64_t)counters.certificate_fetches);
    for (unsigned i = IPN_FITS + 1; i < IPN_VERDICT_COUNT; i++) {
        if (counters.ended[i] > 0) {
            json_set_integer(ended, ipn_verdict_name((enum ipn_verdict)i),
                             (int64_t)counters.ended[i]);
        }
    }
    json_set(object, "not_taken", ended);
    return object;
}

/* The switch of all; every seller's runner knows it. */
static enum reason all_stopped(const struct admin_call *call)
{
    const struct status_work *work = call->work;
    struct runner_status running;
    return runner_status(call->admin->parts.runner, work->sellers[0].id, 0, &running)
               ? running.all_stopped
               : REASON_NONE;
}

static void totals_read(struct admin_call *call)
{
    struct status_work *work = call->work;
    if (call->status != ST_OK) {
        admin_fail_call(call);
        return;
    }
    work->next++;
    if (work->next < work->count) {
        admin_ask(call, totals_run, totals_read);
        return;
    }
    struct json *body = json_new_object();
    struct json *sellers = json_new_array();
    int64_t uptime_us = loop_ticks(call->admin->parts.loop).us - call->admin->started.us;
    for (uint32_t i = 0; i < work->count; i++) {
        json_append(sellers, seller_json(call, &work->sellers[i], work->now));
    }
    json_set_string(body, "version", AUTOPAY_VERSION);
    json_set_integer(body, "uptime_seconds", uptime_us / US_PER_S);
    admin_set_instant(body, "now", work->now);
    admin_set_reason(body, "stopped", all_stopped(call));
    json_set(body, "notifications", notifications_json(call->admin->parts.ipn));
    json_set(body, "sellers", sellers);
    admin_answer(call, 200, body);
}

void admin_status(struct admin_call *call)
{
    const struct config *config = call->admin->config;
    struct status_work *work = admin_work(
        call, sizeof(struct status_work) + config->seller_count * sizeof(struct status_seller));
    ENSURE(config->seller_count > 0);
    work->now = admin_now(call);
    work->count = config->seller_count;
    for (uint32_t i = 0; i < work->count; i++) {
        (void)snprintf(work->sellers[i].id, sizeof work->sellers[i].id, "%s",
                       config->sellers[i].mws.seller_id);
    }
    admin_ask(call, totals_run, totals_read);
}
