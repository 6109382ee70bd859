/*
 * admin_refunds.c - money back: ordered under the shop's idempotency key, and listed.
 *
 * The charge is final, so what the core needs of it is read from the store, together with the key
 * (admin_once.h has the picture). Two orders that were made from the same reading have the same
 * number: the second is refused, by the core while the first is open and else by the store, and is
 * then made again from a fresh reading, once.
 */
#include <stdio.h>
#include <string.h>

#include "billing/ensure.h"
#include "scheduler/admin_body.h"
#include "scheduler/admin_json.h"
#include "scheduler/admin_once.h"

struct refund_work {
    struct admin_once once;
    struct admin_refund wanted;
    struct refund_view found;
    struct charge_view charge; /* when no refund was found */
    enum status charge_status;
};

static void read_run(struct store *store, void *arg)
{
    struct admin_call *call = arg;
    struct refund_work *work = call->work;
    struct attempt latest;
    uint32_t count;
    struct problem *problem = &work->once.found_problem;
    work->once.found_status = store->ops->find_refund(
        store, call->seller_id, work->wanted.refund.idempotency_key, &work->found, problem);
    if (work->once.found_status == ST_NOT_FOUND) {
        work->charge_status = store->ops->read_charge(store, call->seller_id, call->id,
                                                      &work->charge, &latest, 1, &count, problem);
    }
}

/* The first key that differs; NULL: it is the same order. An amount that was left out means what
 * was left of the charge when it was first ordered. */
static const char *difference(const struct admin_call *call, const struct admin_refund *wanted,
                              const struct refund *found)
{
    return strcmp(call->id, found->charge_id) != 0                                  ? "charge"
           : !wanted->is_rest && !money_equal(wanted->refund.amount, found->amount) ? "amount"
           : strcmp(wanted->refund.note, found->note) != 0                          ? "note"
                                                                                    : NULL;
}

static void answer_found(struct admin_call *call)
{
    const struct refund_work *work = call->work;
    const struct refund *found = &work->found.refund;
    const char *differs = difference(call, &work->wanted, found);
    if (differs != NULL) {
        admin_once_differs(call, found->idempotency_key, "refund", found->id,
                           refund_state_name(found->state), differs);
        return;
    }
    admin_answer(call, 200, admin_json_refund(work->found.agreement_id, found));
}

/* What the reading says about refunding the charge at all. */
static enum status check_charge(const struct admin_call *call, const struct refund_work *work,
                                struct problem *problem)
{
    const struct charge *charge = &work->charge.charge;
    if (work->charge_status == ST_NOT_FOUND) {
        return problem_set(problem, ST_NOT_FOUND, "there is no charge %s", call->id);
    }
    if (work->charge_status != ST_OK) {
        *problem = work->once.found_problem;
        return work->charge_status;
    }
    if (charge->state != CHARGE_PAID) {
        return problem_set(problem, ST_CONFLICT,
                           "charge %s is %s: only what is paid can be refunded", charge->id,
                           charge_state_name(charge->state));
    }
    return ST_OK;
}

static enum status fill(const struct refund_work *work, struct refund_wanted *refund,
                        struct problem *problem)
{
    const struct charge_view *view = &work->charge;
    memcpy(refund->charge_id, view->charge.id, sizeof refund->charge_id);
    memcpy(refund->capture_id, view->charge.attempt.capture_id, sizeof refund->capture_id);
    refund->captured = view->charge.attempt.amount;
    refund->refunded = view->refunded;
    refund->refund_count = view->refund_count;
    if (!work->wanted.is_rest) {
        return ST_OK;
    }
    if (!money_subtract(&refund->amount, refund->captured, refund->refunded) ||
        !money_is_positive(refund->amount)) {
        return problem_set(problem, ST_CONFLICT, "amount: nothing is left of charge %s to refund",
                           refund->charge_id);
    }
    return ST_OK;
}

static void ordered(struct admin_call *call, const struct account *account)
{
    const struct refund_work *work = call->work;
    if (admin_once_refused(call)) {
        return;
    }
    const struct refund *refund = NULL;
    for (uint32_t i = 0; i < account->refund_count; i++) {
        if (strcmp(account->refunds[i].idempotency_key, work->wanted.refund.idempotency_key) == 0) {
            refund = &account->refunds[i];
        }
    }
    ENSURE(refund != NULL);
    admin_answer(call, 202, admin_json_refund(account->agreement.id, refund));
}

static void order(struct admin_call *call)
{
    const struct refund_work *work = call->work;
    struct event event = {.kind = EVENT_REFUND, .refund = work->wanted.refund};
    call->status = check_charge(call, work, &call->problem);
    if (call->status == ST_OK) {
        call->status = fill(work, &event.refund, &call->problem);
    }
    if (call->status != ST_OK) {
        admin_fail_call(call);
        return;
    }
    admin_command(call, work->charge.agreement_id, &event, ordered);
}

void admin_refunds_create(struct admin_call *call)
{
    struct refund_work *work = admin_work(call, sizeof *work);
    const struct seller_config *seller = admin_seller(call);
    struct admin_defaults defaults = {.currency = seller->currency, .zone = seller->zone};
    size_t length;
    const char *body = http_body(call->exchange, &length);
    call->status = admin_read_refund(body, length, &defaults, &work->wanted, &call->problem);
    if (call->status != ST_OK) {
        admin_fail_call(call);
        return;
    }
    work->once = (struct admin_once){
        .find = read_run, .answer = answer_found, .order = order, .orders_again = true};
    admin_once(call);
}

/* --- list ---------------------------------------------------------------------------------- */

struct list_work {
    uint32_t count;
    struct refund_view views[];
};

static void list_run(struct store *store, void *arg)
{
    struct admin_call *call = arg;
    struct list_work *work = call->work;
    struct page page = {.after = call->query.after, .max = call->query.max};
    call->status = store->ops->list_refunds(store, call->seller_id, call->query.charge_id, page,
                                            work->views, &work->count, &call->problem);
}

static struct json *item(const struct admin_call *call, uint32_t index)
{
    const struct list_work *work = call->work;
    const struct refund_view *view = &work->views[index];
    return admin_json_refund(view->agreement_id, &view->refund);
}

static void listed(struct admin_call *call)
{
    const struct list_work *work = call->work;
    const char *last = work->count > 0 ? work->views[work->count - 1].refund.id : "";
    admin_answer_list(call, "refunds", work->count, item, admin_next_id(call, work->count, last));
}

void admin_refunds_list(struct admin_call *call)
{
    (void)admin_work(call, sizeof(struct list_work) + call->query.max * sizeof(struct refund_view));
    admin_ask(call, list_run, listed);
}

void admin_refunds_of_charge(struct admin_call *call)
{
    (void)snprintf(call->query.charge_id, sizeof call->query.charge_id, "%s", call->id);
    admin_refunds_list(call);
}
