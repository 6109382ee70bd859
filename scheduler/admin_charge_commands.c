/*
 * admin_charge_commands.c - the shop's and the operator's word about a charge: approve, reject,
 * ship, void.
 *
 * A word may be said again by who lost the answer. While the charge is open the core sees to that;
 * one that is final is not in its account any more, so the store is asked first, and once more when
 * the core does not find it: admin_subscription_commands.c has the picture.
 */
#include <string.h>

#include "billing/ensure.h"
#include "scheduler/admin_body.h"
#include "scheduler/admin_json.h"
#include "scheduler/admin_parts.h"

struct word_work {
    struct charge_view view;
    struct event event;
    bool is_again; /* the core did not find it: it ended between our look and the command */
};

static void read_run(struct store *store, void *arg)
{
    struct admin_call *call = arg;
    struct word_work *work = call->work;
    struct attempt latest;
    uint32_t count;
    call->status = store->ops->read_charge(store, call->seller_id, call->id, &work->view, &latest,
                                           1, &count, &call->problem);
    if (call->status == ST_NOT_FOUND) {
        (void)problem_set(&call->problem, ST_NOT_FOUND, "there is no charge %s", call->id);
    }
}

/* Whether a charge that is final shows that the same was said before. */
static bool is_said_already(const struct word_work *work)
{
    const struct charge *charge = &work->view.charge;
    if (work->event.kind == EVENT_SHIP) {
        return charge->word == WORD_SHIP;
    }
    if (work->event.kind == EVENT_VOID) {
        return charge->word == WORD_VOID || charge->reason == REASON_VOIDED;
    }
    return work->event.decide.is_approved ? charge->is_approved : charge->reason == REASON_REJECTED;
}

static void answer_final(struct admin_call *call)
{
    const struct word_work *work = call->work;
    if (is_said_already(work)) {
        admin_answer(call, 200, admin_json_charge(&work->view));
        return;
    }
    call->status = problem_set(&call->problem, ST_CONFLICT, "charge %s is %s, which is final",
                               call->id, charge_state_name(work->view.charge.state));
    admin_fail_call(call);
}

static void looked_up(struct admin_call *call);

static void commanded(struct admin_call *call, const struct account *account)
{
    struct word_work *work = call->work;
    if (call->status == ST_NOT_FOUND && !work->is_again) {
        work->is_again = true;
        admin_ask(call, read_run, looked_up);
        return;
    }
    if (call->status != ST_OK) {
        admin_fail_call(call);
        return;
    }
    for (uint32_t i = 0; i < account->charge_count; i++) {
        if (strcmp(account->charges[i].id, call->id) == 0) {
            admin_answer(call, 200,
                         admin_json_open_charge(account->agreement.id, &account->charges[i]));
            return;
        }
    }
    ensure_failed("the charge of a command is in its account", __FILE__, __LINE__);
}

static void looked_up(struct admin_call *call)
{
    const struct word_work *work = call->work;
    if (call->status != ST_OK) {
        admin_fail_call(call);
    } else if (work->is_again || charge_is_final(work->view.charge.state)) {
        answer_final(call);
    } else {
        admin_command(call, work->view.agreement_id, &work->event, commanded);
    }
}

static void say(struct admin_call *call, struct event event)
{
    char key[KEY_MAX];
    uint32_t cycle;
    size_t length;
    const char *body = http_body(call->exchange, &length);
    struct word_work *work = admin_work(call, sizeof *work);
    call->status = admin_read_nothing(body, length, &call->problem);
    if (call->status == ST_OK && !charge_id_parse(call->id, key, &cycle)) {
        call->status = problem_set(&call->problem, ST_NOT_FOUND, "there is no charge %s", call->id);
    }
    if (call->status != ST_OK) {
        admin_fail_call(call);
        return;
    }
    work->event = event;
    memcpy(event.kind == EVENT_DECIDE ? work->event.decide.charge_id : work->event.charge.charge_id,
           call->id, CHARGE_ID_MAX);
    admin_ask(call, read_run, looked_up);
}

void admin_charges_approve(struct admin_call *call)
{
    say(call, (struct event){.kind = EVENT_DECIDE, .decide = {.is_approved = true}});
}

void admin_charges_reject(struct admin_call *call)
{
    say(call, (struct event){.kind = EVENT_DECIDE, .decide = {.is_approved = false}});
}

void admin_charges_ship(struct admin_call *call)
{
    say(call, (struct event){.kind = EVENT_SHIP});
}

void admin_charges_void(struct admin_call *call)
{
    say(call, (struct event){.kind = EVENT_VOID});
}
