/*
 * admin_stops.c - the stop switches of a seller and of all: on and off, as often as one likes.
 *
 * The switches of an agreement and of a subscription are commands to those (admin_agreements.c,
 * admin_subscription_commands.c).
 */
#include "billing/ensure.h"
#include "scheduler/admin_body.h"
#include "scheduler/admin_json.h"
#include "scheduler/admin_parts.h"

/* As it is now: somebody else may have turned it since. */
static void turned(struct admin_call *call)
{
    struct runner_status running;
    bool is_of_all = call->seller_id[0] == '\0';
    const char *seller_id =
        is_of_all ? call->admin->config->sellers[0].mws.seller_id : call->seller_id;
    if (call->status != ST_OK) {
        admin_fail_call(call);
        return;
    }
    bool is_served = runner_status(call->admin->parts.runner, seller_id, 0, &running);
    ENSURE(is_served);
    struct json *body = json_new_object();
    admin_set_text(body, "seller_id", call->seller_id);
    admin_set_reason(body, "stopped", is_of_all ? running.all_stopped : running.stopped);
    if (!is_of_all) {
        admin_set_reason(body, "all_stopped", running.all_stopped);
    }
    admin_answer(call, 200, body);
}

static void turn(struct admin_call *call, bool is_on)
{
    size_t length;
    const char *body = http_body(call->exchange, &length);
    call->status = admin_read_nothing(body, length, &call->problem);
    if (call->status != ST_OK) {
        admin_fail_call(call);
        return;
    }
    admin_switch(call, is_on, turned);
}

void admin_stop(struct admin_call *call)
{
    turn(call, true);
}

void admin_start(struct admin_call *call)
{
    turn(call, false);
}
