/*
 * admin_subscriptions.c - create, list and show subscriptions. What can be done with one that
 * exists is in admin_subscription_commands.c.
 *
 * A shop that lost the answer to creating one may order again when it gave an idempotency key
 * (admin_once.h has the picture). Without a key each request makes a subscription.
 */
#include <string.h>

#include "billing/ensure.h"
#include "scheduler/admin_body.h"
#include "scheduler/admin_json.h"
#include "scheduler/admin_key.h"
#include "scheduler/admin_once.h"

#define NEXT_DUE_SHOWN     5
#define RECENT_CHARGES_MAX 12

const struct subscription *admin_subscription_of(const struct account *account, const char *key)
{
    for (uint32_t i = 0; i < account->subscription_count; i++) {
        if (strcmp(account->subscriptions[i].key, key) == 0) {
            return &account->subscriptions[i];
        }
    }
    return NULL;
}

struct json *admin_subscription_shown(const struct admin_call *call, const char *agreement_id,
                                      const struct subscription *subscription, uint32_t next_count)
{
    const struct zone *zone = NULL;
    struct problem problem;
    struct json *body = admin_json_subscription(agreement_id, subscription);
    enum status status =
        zones_get(call->admin->parts.zones, subscription->zone_name, &zone, &problem);
    json_set(body, "next_due",
             status == ST_OK ? admin_json_next_due(subscription, zone, next_count)
                             : json_new_null());
    return body;
}

enum status admin_zone(struct admin_call *call, const char *name, const struct zone **zone)
{
    enum status status = zones_get(call->admin->parts.zones, name, zone, &call->problem);
    /* To the asker it is a wrong value of the body, not a missing object of the path. */
    return status == ST_NOT_FOUND ? ST_INVALID : status;
}

/* --- create -------------------------------------------------------------------------------- */

struct create_work {
    struct admin_once once;
    struct admin_subscription wanted;
    struct subscription_view found;
};

static void find_run(struct store *store, void *arg)
{
    struct admin_call *call = arg;
    struct create_work *work = call->work;
    work->once.found_status = store->ops->find_subscription(
        store, call->seller_id, work->wanted.subscribe.idempotency_key, &work->found,
        &work->once.found_problem);
}

static void answer_found(struct admin_call *call)
{
    const struct create_work *work = call->work;
    const struct subscription *found = &work->found.subscription;
    const char *differs = strcmp(work->wanted.agreement_id, work->found.agreement_id) != 0
                              ? "agreement_id"
                              : subscribe_difference(&work->wanted.subscribe, found);
    if (differs != NULL) {
        admin_once_differs(call, work->wanted.subscribe.idempotency_key, "subscription", found->key,
                           subscription_state_name(found->state), differs);
        return;
    }
    admin_answer(call, 200,
                 admin_subscription_shown(call, work->found.agreement_id, found, ADMIN_NEXT_DUE));
}

static void created(struct admin_call *call, const struct account *account)
{
    const struct create_work *work = call->work;
    if (admin_once_refused(call)) {
        return;
    }
    const struct subscription *subscription =
        admin_subscription_of(account, work->wanted.subscribe.key);
    ENSURE(subscription != NULL);
    admin_answer(
        call, 201,
        admin_subscription_shown(call, account->agreement.id, subscription, ADMIN_NEXT_DUE));
}

static void create(struct admin_call *call)
{
    struct create_work *work = call->work;
    struct subscribe *subscribe = &work->wanted.subscribe;
    admin_key_make("subscription", call->seller_id, subscribe->idempotency_key, subscribe->key);
    struct event event = {.kind = EVENT_SUBSCRIBE, .subscribe = work->wanted.subscribe};
    admin_command(call, work->wanted.agreement_id, &event, created);
}

void admin_subscriptions_create(struct admin_call *call)
{
    struct create_work *work = admin_work(call, sizeof *work);
    const struct seller_config *seller = admin_seller(call);
    struct admin_defaults defaults = {.currency = seller->currency, .zone = seller->zone};
    struct subscribe *subscribe = &work->wanted.subscribe;
    size_t length;
    const char *body = http_body(call->exchange, &length);
    call->status = admin_read_subscription(body, length, &defaults, &work->wanted, &call->problem);
    if (call->status == ST_OK) {
        call->status = admin_zone(call, work->wanted.zone, &subscribe->zone);
    }
    if (call->status != ST_OK) {
        admin_fail_call(call);
        return;
    }
    work->once = (struct admin_once){.find = find_run, .answer = answer_found, .order = create};
    work->once.is_again = subscribe->idempotency_key[0] == '\0'; /* nothing to look up */
    if (work->once.is_again) {
        create(call);
    } else {
        admin_once(call);
    }
}

/* --- list ---------------------------------------------------------------------------------- */

struct list_work {
    enum subscription_state state;
    uint32_t count;
    struct subscription_view views[];
};

static void list_run(struct store *store, void *arg)
{
    struct admin_call *call = arg;
    struct list_work *work = call->work;
    struct page page = {.after = call->query.after, .max = call->query.max};
    call->status = store->ops->list_subscriptions(store, call->seller_id, call->query.agreement_id,
                                                  work->state, page, work->views, &work->count,
                                                  &call->problem);
}

static struct json *item(const struct admin_call *call, uint32_t index)
{
    const struct list_work *work = call->work;
    const struct subscription_view *view = &work->views[index];
    return admin_json_subscription(view->agreement_id, &view->subscription);
}

static void listed(struct admin_call *call)
{
    const struct list_work *work = call->work;
    const char *last = work->count > 0 ? work->views[work->count - 1].subscription.key : "";
    admin_answer_list(call, "subscriptions", work->count, item,
                      admin_next_id(call, work->count, last));
}

void admin_subscriptions_list(struct admin_call *call)
{
    struct list_work *work = admin_work(
        call, sizeof(struct list_work) + call->query.max * sizeof(struct subscription_view));
    if (call->query.state[0] != '\0') {
        work->state = subscription_state_parse(call->query.state);
        if (work->state == 0) {
            call->status = problem_set(&call->problem, ST_INVALID,
                                       "state: \"%s\" is not one of active, past_due, canceled, "
                                       "ended, paused, leaving, replaced",
                                       call->query.state);
            admin_fail_call(call);
            return;
        }
    }
    admin_ask(call, list_run, listed);
}

/* --- show ---------------------------------------------------------------------------------- */

struct show_work {
    struct subscription_view view;
    uint32_t charge_count;
    struct charge_view charges[RECENT_CHARGES_MAX]; /* newest first */
};

static void read_run(struct store *store, void *arg)
{
    struct admin_call *call = arg;
    struct show_work *work = call->work;
    call->status = store->ops->read_subscription(store, call->seller_id, call->id, &work->view,
                                                 &call->problem);
    if (call->status == ST_NOT_FOUND) {
        (void)problem_set(&call->problem, ST_NOT_FOUND, "there is no subscription %s", call->id);
    }
}

/* The charges of the newest cycles, by their ids: the list in the store is in the order of ids,
 * which is not that of cycles. */
static void show_run(struct store *store, void *arg)
{
    struct admin_call *call = arg;
    struct show_work *work = call->work;
    read_run(store, call);
    const struct subscription *subscription = &work->view.subscription;
    for (uint32_t back = 1; back <= RECENT_CHARGES_MAX && call->status == ST_OK; back++) {
        char id[CHARGE_ID_MAX];
        struct attempt latest;
        uint32_t attempt_count;
        if (subscription->next_cycle < subscription->first_cycle + back) {
            break;
        }
        charge_id_format(subscription->key, subscription->next_cycle - back, id);
        call->status =
            store->ops->read_charge(store, call->seller_id, id, &work->charges[work->charge_count],
                                    &latest, 1, &attempt_count, &call->problem);
        work->charge_count += call->status == ST_OK ? 1 : 0;
        call->status = call->status == ST_NOT_FOUND ? ST_OK : call->status;
    }
}

static void shown(struct admin_call *call)
{
    const struct show_work *work = call->work;
    if (call->status != ST_OK) {
        admin_fail_call(call);
        return;
    }
    struct json *body = admin_subscription_shown(call, work->view.agreement_id,
                                                 &work->view.subscription, NEXT_DUE_SHOWN);
    struct json *charges = json_new_array();
    for (uint32_t i = 0; i < work->charge_count; i++) {
        json_append(charges, admin_json_charge(&work->charges[i]));
    }
    json_set(body, "recent_charges", charges);
    admin_answer(call, 200, body);
}

void admin_subscriptions_show(struct admin_call *call)
{
    (void)admin_work(call, sizeof(struct show_work));
    admin_ask(call, show_run, shown);
}
