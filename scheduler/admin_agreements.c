/*
 * admin_agreements.c - register, list, show, sync, close, stop and start billing agreements.
 *
 * Registering answers at once, before Amazon has been asked: the agreement is then "unsynced", and
 * showing it again tells when that has changed. What its id tells is believed at once: an agreement
 * of another region or environment than the seller's is refused.
 */
#include <string.h>

#include "scheduler/admin_body.h"
#include "scheduler/admin_json.h"
#include "scheduler/admin_parts.h"

/* The zone of the limit's months. */
static const struct zone *zone_of(const struct admin_call *call)
{
    return admin_seller(call)->policy.zone;
}

static void answer(struct admin_call *call, int http_status, const struct account *account)
{
    if (call->status != ST_OK) {
        admin_fail_call(call);
        return;
    }
    admin_answer(call, http_status,
                 admin_json_agreement(&account->agreement, admin_now(call), zone_of(call)));
}

/* Amazon is asked later. */
static void commanded(struct admin_call *call, const struct account *account)
{
    answer(call, 202, account);
}

static void switched(struct admin_call *call, const struct account *account)
{
    answer(call, 200, account);
}

void admin_agreements_register(struct admin_call *call)
{
    size_t length;
    const char *body = http_body(call->exchange, &length);
    struct event event = {.kind = EVENT_REGISTER};
    const struct mws_seller *seller = &admin_seller(call)->mws;
    call->status = admin_read_register(body, length, &event.registered, &call->problem);
    if (call->status == ST_OK) {
        call->status =
            mws_id_check(event.registered.id, seller->region, seller->environment, &call->problem);
    }
    if (call->status != ST_OK) {
        admin_fail_call(call);
        return;
    }
    memcpy(event.registered.seller_id, call->seller_id, sizeof event.registered.seller_id);
    admin_command(call, event.registered.id, &event, commanded);
}

/* A command that has nothing to say but itself. */
static void command(struct admin_call *call, const struct event *event, admin_commanded *then)
{
    size_t length;
    const char *body = http_body(call->exchange, &length);
    call->status = admin_read_nothing(body, length, &call->problem);
    if (call->status != ST_OK) {
        admin_fail_call(call);
        return;
    }
    admin_command(call, call->id, event, then);
}

void admin_agreements_sync(struct admin_call *call)
{
    struct event event = {.kind = EVENT_SYNC};
    command(call, &event, commanded);
}

void admin_agreements_close(struct admin_call *call)
{
    struct event event = {.kind = EVENT_CLOSE};
    command(call, &event, commanded);
}

void admin_agreements_stop(struct admin_call *call)
{
    struct event event = {.kind = EVENT_STOP, .stop = {.is_on = true}};
    command(call, &event, switched);
}

void admin_agreements_start(struct admin_call *call)
{
    struct event event = {.kind = EVENT_STOP, .stop = {.is_on = false}};
    command(call, &event, switched);
}

/* --- list ---------------------------------------------------------------------------------- */

struct list_work {
    uint32_t count;
    struct agreement agreements[];
};

static void list_run(struct store *store, void *arg)
{
    struct admin_call *call = arg;
    struct list_work *work = call->work;
    struct page page = {.after = call->query.after, .max = call->query.max};
    call->status = store->ops->list_agreements(store, call->seller_id, page, work->agreements,
                                               &work->count, &call->problem);
}

static struct json *item(const struct admin_call *call, uint32_t index)
{
    const struct list_work *work = call->work;
    return admin_json_agreement(&work->agreements[index], admin_now(call), zone_of(call));
}

static void listed(struct admin_call *call)
{
    const struct list_work *work = call->work;
    const char *last = work->count > 0 ? work->agreements[work->count - 1].id : "";
    admin_answer_list(call, "agreements", work->count, item,
                      admin_next_id(call, work->count, last));
}

void admin_agreements_list(struct admin_call *call)
{
    (void)admin_work(call, sizeof(struct list_work) + call->query.max * sizeof(struct agreement));
    admin_ask(call, list_run, listed);
}

/* --- show ---------------------------------------------------------------------------------- */

static void show_run(struct store *store, void *arg)
{
    struct admin_call *call = arg;
    call->status =
        store->ops->load_account(store, call->seller_id, call->id, call->work, &call->problem);
    if (call->status == ST_NOT_FOUND) {
        (void)problem_set(&call->problem, ST_NOT_FOUND, "agreement %s is not registered", call->id);
    }
}

static void shown(struct admin_call *call)
{
    const struct account *account = call->work;
    if (call->status != ST_OK) {
        admin_fail_call(call);
        return;
    }
    struct json *body = admin_json_agreement(&account->agreement, admin_now(call), zone_of(call));
    json_set_integer(body, "subscriptions_live", account->subscription_count);
    json_set_integer(body, "charges_open", account->charge_count);
    admin_answer(call, 200, body);
}

void admin_agreements_show(struct admin_call *call)
{
    (void)admin_work(call, sizeof(struct account));
    admin_ask(call, show_run, shown);
}
