/*
 * admin_subscription_commands.c - what can be done with a subscription that exists: cancel,
 * uncancel, pause, resume, skip, move, change, replace, stop, start.
 *
 * Each may be asked for again by a shop that lost the answer. While the subscription lives the core
 * sees to that (a second pause changes nothing); one that is over is not in its account any more,
 * so here the store is asked first and once more when the core does not find it:
 *
 *     read ── over ────► what was asked for has happened? 200 with it : 409
 *        └─── lives ── command ── recorded ──► 200 with it
 *                           └──── not found ── read again, as above
 */
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "mws/edge/crypto.h"
#include "scheduler/admin_body.h"
#include "scheduler/admin_json.h"
#include "scheduler/admin_parts.h"

struct command_work {
    struct subscription_view view;
    struct event event;
    bool has_charge; /* SKIP: its cycle has been opened, as this charge */
    struct charge_view charge;
    bool is_again; /* the core did not find it: it ended between our look and the command */
};

/* --- what the store knows ------------------------------------------------------------------ */

/* The charge of the cycle that is to be skipped, when it is too late for that. */
static void read_cycle(struct store *store, struct admin_call *call)
{
    struct command_work *work = call->work;
    uint32_t cycle = work->event.subscription.cycle;
    char id[CHARGE_ID_MAX];
    struct attempt latest;
    uint32_t count;
    if (cycle >= work->view.subscription.next_cycle) {
        return;
    }
    charge_id_format(call->id, cycle, id);
    call->status = store->ops->read_charge(store, call->seller_id, id, &work->charge, &latest, 1,
                                           &count, &call->problem);
    work->has_charge = call->status == ST_OK;
    call->status = call->status == ST_NOT_FOUND ? ST_OK : call->status;
}

/* A subscription can only go to an agreement that is here and can be charged. */
static void read_successor(struct store *store, struct admin_call *call)
{
    const struct command_work *work = call->work;
    const char *id = work->event.replace.agreement_id;
    struct account *account = calloc(1, sizeof *account);
    ENSURE(account != NULL);
    call->status = store->ops->load_account(store, call->seller_id, id, account, &call->problem);
    if (call->status == ST_NOT_FOUND) {
        call->status =
            problem_set(&call->problem, ST_INVALID, "agreement_id: %s is not registered", id);
    } else if (call->status == ST_OK && agreement_is_final(account->agreement.state)) {
        call->status = problem_set(&call->problem, ST_INVALID, "agreement_id: %s is %s", id,
                                   agreement_state_name(account->agreement.state));
    }
    free(account);
}

static void read_run(struct store *store, void *arg)
{
    struct admin_call *call = arg;
    struct command_work *work = call->work;
    call->status = store->ops->read_subscription(store, call->seller_id, call->id, &work->view,
                                                 &call->problem);
    if (call->status == ST_NOT_FOUND) {
        (void)problem_set(&call->problem, ST_NOT_FOUND, "there is no subscription %s", call->id);
    }
    bool is_live = call->status == ST_OK && !subscription_is_final(work->view.subscription.state);
    if (call->status == ST_OK && work->event.kind == EVENT_SKIP) {
        read_cycle(store, call);
    } else if (is_live && work->event.kind == EVENT_REPLACE) {
        read_successor(store, call);
    }
}

/* --- answers ------------------------------------------------------------------------------- */

static void answer(struct admin_call *call, const char *agreement_id,
                   const struct subscription *subscription)
{
    admin_answer(call, 200,
                 admin_subscription_shown(call, agreement_id, subscription, ADMIN_NEXT_DUE));
}

static void answer_view(struct admin_call *call)
{
    const struct command_work *work = call->work;
    answer(call, work->view.agreement_id, &work->view.subscription);
}

/* Whether a subscription that is over shows what the command asked for. */
static bool is_done_already(const struct command_work *work)
{
    const struct subscription *found = &work->view.subscription;
    const struct replace_agreement *replace = &work->event.replace;
    if (work->event.kind == EVENT_REPLACE) {
        return found->state == SUBSCRIPTION_REPLACED &&
               strcmp(found->successor_agreement_id, replace->agreement_id) == 0;
    }
    /* However it ended, nothing more will be charged; but what was taken over lives on. */
    return work->event.kind == EVENT_CANCEL && found->state != SUBSCRIPTION_REPLACED;
}

static void answer_over(struct admin_call *call)
{
    const struct command_work *work = call->work;
    if (is_done_already(work)) {
        answer_view(call);
        return;
    }
    const struct subscription *found = &work->view.subscription;
    bool is_replaced = found->state == SUBSCRIPTION_REPLACED;
    call->status =
        problem_set(&call->problem, ST_CONFLICT, "subscription %s is %s, which is final: %s%s",
                    call->id, subscription_state_name(found->state),
                    is_replaced ? "command the one that took it over, "
                                : "to charge the buyer again create another subscription",
                    is_replaced ? found->successor_key : "");
    admin_fail_call(call);
}

/* A skip of a cycle that is not to come any more. */
static void answer_past_cycle(struct admin_call *call)
{
    const struct command_work *work = call->work;
    uint32_t cycle = work->event.subscription.cycle;
    if (work->has_charge) {
        call->status = problem_set(
            &call->problem, ST_CONFLICT, "cycle: %u is due already: its charge %s is %s", cycle,
            work->charge.charge.id, charge_state_name(work->charge.charge.state));
    } else if (cycle < work->view.subscription.first_cycle) {
        call->status =
            problem_set(&call->problem, ST_INVALID, "cycle: the first one that is charged is %u",
                        work->view.subscription.first_cycle);
    } else {
        answer_view(call);
        return;
    }
    admin_fail_call(call);
}

/* --- the command --------------------------------------------------------------------------- */

static void looked_up(struct admin_call *call);

static void commanded(struct admin_call *call, const struct account *account)
{
    struct command_work *work = call->work;
    if (call->status == ST_NOT_FOUND && !work->is_again) {
        work->is_again = true;
        admin_ask(call, read_run, looked_up);
        return;
    }
    if (call->status != ST_OK) {
        admin_fail_call(call);
        return;
    }
    const struct subscription *subscription = admin_subscription_of(account, call->id);
    if (subscription == NULL) { /* a close that was forced later: the subscription was over */
        answer_view(call);
        return;
    }
    answer(call, account->agreement.id, subscription);
}

static void looked_up(struct admin_call *call)
{
    const struct command_work *work = call->work;
    const struct event *event = &work->event;
    if (call->status != ST_OK) {
        admin_fail_call(call);
        return;
    }
    const struct subscription *found = &work->view.subscription;
    bool is_over = subscription_is_final(found->state);
    bool is_forced = event->kind == EVENT_CANCEL && event->cancel.is_forced;
    if (event->kind == EVENT_SKIP && event->subscription.cycle < found->next_cycle) {
        answer_past_cycle(call);
    } else if (is_over && (work->is_again || !is_forced)) {
        answer_over(call);
    } else {
        admin_command(call, work->view.agreement_id, event, commanded);
    }
}

/* The work of a command, or NULL: then the call was answered. */
static struct command_work *command_begin(struct admin_call *call, enum event_kind kind)
{
    if (!key_is_valid(call->id)) {
        call->status =
            problem_set(&call->problem, ST_NOT_FOUND, "there is no subscription %s", call->id);
        admin_fail_call(call);
        return NULL;
    }
    struct command_work *work = admin_work(call, sizeof *work);
    work->event.kind = kind;
    return work;
}

/* After the body was read into the event: call->status says how that went. */
static void command_go(struct admin_call *call, char key[static KEY_MAX])
{
    if (call->status != ST_OK) {
        admin_fail_call(call);
        return;
    }
    memcpy(key, call->id, KEY_MAX);
    admin_ask(call, read_run, looked_up);
}

void admin_subscriptions_cancel(struct admin_call *call)
{
    struct command_work *work = command_begin(call, EVENT_CANCEL);
    if (work != NULL) {
        size_t length;
        const char *body = http_body(call->exchange, &length);
        call->status = admin_read_cancel(body, length, &work->event.cancel, &call->problem);
        command_go(call, work->event.cancel.subscription_key);
    }
}

void admin_subscriptions_pause(struct admin_call *call)
{
    struct command_work *work = command_begin(call, EVENT_PAUSE);
    if (work != NULL) {
        size_t length;
        const char *body = http_body(call->exchange, &length);
        call->status = admin_read_pause(body, length, &work->event.pause, &call->problem);
        command_go(call, work->event.pause.subscription_key);
    }
}

/* A command about the subscription and nothing else. */
static void plain_command(struct admin_call *call, enum event_kind kind)
{
    struct command_work *work = command_begin(call, kind);
    if (work != NULL) {
        size_t length;
        const char *body = http_body(call->exchange, &length);
        call->status = admin_read_nothing(body, length, &call->problem);
        command_go(call, work->event.subscription.subscription_key);
    }
}

void admin_subscriptions_uncancel(struct admin_call *call)
{
    plain_command(call, EVENT_UNCANCEL);
}

void admin_subscriptions_resume(struct admin_call *call)
{
    plain_command(call, EVENT_RESUME);
}

void admin_subscriptions_skip(struct admin_call *call)
{
    struct command_work *work = command_begin(call, EVENT_SKIP);
    if (work != NULL) {
        size_t length;
        const char *body = http_body(call->exchange, &length);
        call->status = admin_read_skip(body, length, &work->event.subscription, &call->problem);
        command_go(call, work->event.subscription.subscription_key);
    }
}

void admin_subscriptions_move(struct admin_call *call)
{
    struct command_work *work = command_begin(call, EVENT_MOVE);
    if (work != NULL) {
        size_t length;
        const char *body = http_body(call->exchange, &length);
        call->status = admin_read_move(body, length, &work->event.move, &call->problem);
        command_go(call, work->event.move.subscription_key);
    }
}

void admin_subscriptions_replace(struct admin_call *call)
{
    struct command_work *work = command_begin(call, EVENT_REPLACE);
    if (work != NULL) {
        struct replace_agreement *replace = &work->event.replace;
        size_t length;
        uint8_t bytes[KEY_BYTES];
        const char *body = http_body(call->exchange, &length);
        call->status = admin_read_replace(body, length, replace, &call->problem);
        random_bytes(bytes, sizeof bytes);
        key_from_bytes(bytes, replace->successor_key);
        command_go(call, replace->subscription_key);
    }
}

static void stop_switch(struct admin_call *call, bool is_on)
{
    struct command_work *work = command_begin(call, EVENT_STOP);
    if (work != NULL) {
        size_t length;
        const char *body = http_body(call->exchange, &length);
        call->status = admin_read_nothing(body, length, &call->problem);
        work->event.stop.is_on = is_on;
        command_go(call, work->event.stop.subscription_key);
    }
}

void admin_subscriptions_stop(struct admin_call *call)
{
    stop_switch(call, true);
}

void admin_subscriptions_start(struct admin_call *call)
{
    stop_switch(call, false);
}

/* --- change: the schedule that is left out is the subscription's own ---------------------------
 */

static void change_looked_up(struct admin_call *call)
{
    struct command_work *work = call->work;
    const struct seller_config *seller = admin_seller(call);
    if (call->status == ST_OK && !subscription_is_final(work->view.subscription.state)) {
        struct admin_defaults defaults = {.currency = seller->currency,
                                          .zone = work->view.subscription.zone_name};
        struct admin_change wanted;
        size_t length;
        const char *body = http_body(call->exchange, &length);
        call->status = admin_read_change(body, length, &defaults, &wanted, &call->problem);
        if (call->status == ST_OK && wanted.change.has_rule) {
            call->status = admin_zone(call, wanted.zone, &wanted.change.zone);
        }
        memcpy(wanted.change.subscription_key, call->id, KEY_MAX);
        work->event.change = wanted.change;
    }
    looked_up(call);
}

void admin_subscriptions_change(struct admin_call *call)
{
    if (command_begin(call, EVENT_CHANGE) != NULL) {
        admin_ask(call, read_run, change_looked_up);
    }
}
