/*
 * admin_charges.c - one-off charges, and the charges of subscriptions as they went.
 *
 * A one-off is ordered under the shop's idempotency key, which is unique per seller for ever:
 * admin_once.h has the picture.
 */
#include <string.h>

#include "billing/ensure.h"
#include "scheduler/admin_body.h"
#include "scheduler/admin_json.h"
#include "scheduler/admin_key.h"
#include "scheduler/admin_once.h"

#define ATTEMPTS_SHOWN_MAX                                                                         \
    256                      /* retries of a charge are few: policy lists have at most 12 waits    \
                              */
#define REFUNDS_SHOWN_MAX 64 /* Amazon processes ten of a capture, but may refuse more */

/* --- one-off ------------------------------------------------------------------------------- */

struct once_work {
    struct admin_once once;
    struct admin_charge wanted;
    struct charge_view found;
};

static void find_run(struct store *store, void *arg)
{
    struct admin_call *call = arg;
    struct once_work *work = call->work;
    work->once.found_status =
        store->ops->find_one_off(store, call->seller_id, work->wanted.charge.idempotency_key,
                                 &work->found, &work->once.found_problem);
}

/* The first key that differs; NULL: it is the same order. */
static const char *difference(const struct admin_charge *wanted, const struct charge_view *found)
{
    return strcmp(wanted->agreement_id, found->agreement_id) != 0      ? "agreement_id"
           : !money_equal(wanted->charge.amount, found->charge.amount) ? "amount"
           : strcmp(wanted->charge.label, found->charge.label) != 0    ? "label"
           : strcmp(wanted->charge.note, found->charge.note) != 0      ? "note"
                                                                       : NULL;
}

static void answer_found(struct admin_call *call)
{
    const struct once_work *work = call->work;
    const struct charge *found = &work->found.charge;
    const char *differs = difference(&work->wanted, &work->found);
    if (differs != NULL) {
        admin_once_differs(call, work->wanted.charge.idempotency_key, "charge", found->id,
                           charge_state_name(found->state), differs);
        return;
    }
    admin_answer(call, 200, admin_json_charge(&work->found));
}

static void ordered(struct admin_call *call, const struct account *account)
{
    const struct once_work *work = call->work;
    if (admin_once_refused(call)) {
        return;
    }
    const struct charge *charge = NULL;
    for (uint32_t i = 0; i < account->charge_count; i++) {
        if (strcmp(account->charges[i].idempotency_key, work->wanted.charge.idempotency_key) == 0) {
            charge = &account->charges[i];
        }
    }
    ENSURE(charge != NULL);
    admin_answer(call, 202, admin_json_open_charge(account->agreement.id, charge));
}

static void order(struct admin_call *call)
{
    struct once_work *work = call->work;
    struct charge_once *charge = &work->wanted.charge;
    admin_key_make("one-off", call->seller_id, charge->idempotency_key, charge->key);
    struct event event = {.kind = EVENT_CHARGE_ONCE, .charge_once = work->wanted.charge};
    admin_command(call, work->wanted.agreement_id, &event, ordered);
}

void admin_charges_once(struct admin_call *call)
{
    struct once_work *work = admin_work(call, sizeof *work);
    const struct seller_config *seller = admin_seller(call);
    struct admin_defaults defaults = {.currency = seller->currency, .zone = seller->zone};
    size_t length;
    const char *body = http_body(call->exchange, &length);
    call->status = admin_read_charge(body, length, &defaults, &work->wanted, &call->problem);
    if (call->status != ST_OK) {
        admin_fail_call(call);
        return;
    }
    work->once = (struct admin_once){.find = find_run, .answer = answer_found, .order = order};
    admin_once(call);
}

/* --- list ---------------------------------------------------------------------------------- */

struct list_work {
    enum charge_state state;
    uint32_t count;
    struct charge_view views[];
};

static void list_run(struct store *store, void *arg)
{
    struct admin_call *call = arg;
    struct list_work *work = call->work;
    struct page page = {.after = call->query.after, .max = call->query.max};
    call->status = store->ops->list_charges(store, call->seller_id, call->query.agreement_id,
                                            call->query.subscription_key, work->state, page,
                                            work->views, &work->count, &call->problem);
}

static struct json *item(const struct admin_call *call, uint32_t index)
{
    const struct list_work *work = call->work;
    return admin_json_charge(&work->views[index]);
}

static void listed(struct admin_call *call)
{
    const struct list_work *work = call->work;
    const char *last = work->count > 0 ? work->views[work->count - 1].charge.id : "";
    admin_answer_list(call, "charges", work->count, item, admin_next_id(call, work->count, last));
}

void admin_charges_list(struct admin_call *call)
{
    struct list_work *work =
        admin_work(call, sizeof(struct list_work) + call->query.max * sizeof(struct charge_view));
    if (call->query.state[0] != '\0') {
        work->state = charge_state_parse(call->query.state);
        if (work->state == 0) {
            call->status = problem_set(&call->problem, ST_INVALID,
                                       "state: \"%s\" is not one of due, attempting, retrying, "
                                       "waiting, held, paid, failed, canceled, authorized, asking",
                                       call->query.state);
            admin_fail_call(call);
            return;
        }
    }
    admin_ask(call, list_run, listed);
}

/* --- show ---------------------------------------------------------------------------------- */

struct show_work {
    struct charge_view view;
    uint32_t count;
    struct attempt attempts[ATTEMPTS_SHOWN_MAX];
    uint32_t refund_count;
    struct refund_view refunds[REFUNDS_SHOWN_MAX];
};

static void show_run(struct store *store, void *arg)
{
    struct admin_call *call = arg;
    struct show_work *work = call->work;
    call->status =
        store->ops->read_charge(store, call->seller_id, call->id, &work->view, work->attempts,
                                ATTEMPTS_SHOWN_MAX, &work->count, &call->problem);
    if (call->status == ST_NOT_FOUND) {
        (void)problem_set(&call->problem, ST_NOT_FOUND, "there is no charge %s", call->id);
    }
    if (call->status == ST_OK) {
        struct page page = {.after = "", .max = REFUNDS_SHOWN_MAX};
        call->status = store->ops->list_refunds(store, call->seller_id, call->id, page,
                                                work->refunds, &work->refund_count, &call->problem);
    }
}

static void shown(struct admin_call *call)
{
    const struct show_work *work = call->work;
    if (call->status != ST_OK) {
        admin_fail_call(call);
        return;
    }
    struct json *body = admin_json_charge(&work->view);
    struct json *attempts = json_new_array();
    for (uint32_t i = 0; i < work->count && i < ATTEMPTS_SHOWN_MAX; i++) {
        json_append(attempts, admin_json_attempt(&work->attempts[i]));
    }
    json_set(body, "attempts", attempts);
    json_set_integer(body, "attempt_count", work->count);
    struct json *refunds = json_new_array();
    for (uint32_t i = 0; i < work->refund_count; i++) {
        const struct refund_view *view = &work->refunds[i];
        json_append(refunds, admin_json_refund(view->agreement_id, &view->refund));
    }
    json_set(body, "refunds", refunds);
    admin_answer(call, 200, body);
}

void admin_charges_show(struct admin_call *call)
{
    (void)admin_work(call, sizeof(struct show_work));
    admin_ask(call, show_run, shown);
}
