/*
 * admin_once.c - see admin_once.h.
 */
#include "scheduler/admin_once.h"

static void looked_up(struct admin_call *call)
{
    const struct admin_once *once = call->work;
    if (once->found_status == ST_OK) {
        once->answer(call);
    } else if (once->is_again && !once->orders_again) {
        admin_fail_call(call); /* the command's own refusal */
    } else if (once->found_status == ST_NOT_FOUND) {
        once->order(call);
    } else {
        admin_fail(call, once->found_status, &once->found_problem);
    }
}

void admin_once(struct admin_call *call)
{
    const struct admin_once *once = call->work;
    admin_ask(call, once->find, looked_up);
}

bool admin_once_refused(struct admin_call *call)
{
    struct admin_once *once = call->work;
    bool is_twin = call->status == ST_CONFLICT || call->status == ST_BUSY;
    if (is_twin && !once->is_again) {
        once->is_again = true;
        admin_ask(call, once->find, looked_up);
        return true;
    }
    if (call->status != ST_OK) {
        admin_fail_call(call);
        return true;
    }
    return false;
}

void admin_once_differs(struct admin_call *call, const char *key, const char *what, const char *id,
                        const char *state, const char *difference)
{
    call->status =
        problem_set(&call->problem, ST_CONFLICT,
                    "idempotency_key: %s was used for %s %s, which is %s and of another %s than is "
                    "asked for now: nothing was made; look at it, or order under another key",
                    key, what, id, state, difference);
    admin_fail_call(call);
}
