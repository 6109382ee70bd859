/*
 * admin_events.c - the feed of changes: every change of state of a seller, numbered without gaps.
 *
 * A reader keeps the last number it has dealt with and asks for what comes after it. "next" is
 * therefore always a number, unlike the "next" of the other lists: after the newest event it is
 * the number to ask with later.
 */
#include "scheduler/admin_json.h"
#include "scheduler/admin_parts.h"

struct list_work {
    uint64_t after;
    uint32_t count;
    struct change_view views[];
};

static void list_run(struct store *store, void *arg)
{
    struct admin_call *call = arg;
    struct list_work *work = call->work;
    call->status = store->ops->list_changes(store, call->seller_id, work->after, call->query.max,
                                            work->views, &work->count, &call->problem);
}

static struct json *item(const struct admin_call *call, uint32_t index)
{
    const struct list_work *work = call->work;
    return admin_json_event(&work->views[index]);
}

static void listed(struct admin_call *call)
{
    const struct list_work *work = call->work;
    uint64_t next = work->count > 0 ? work->views[work->count - 1].number : work->after;
    admin_answer_list(call, "events", work->count, item, json_new_integer((int64_t)next));
}

void admin_events_list(struct admin_call *call)
{
    struct list_work *work =
        admin_work(call, sizeof(struct list_work) + call->query.max * sizeof(struct change_view));
    if (admin_query_number(call, &work->after)) {
        admin_ask(call, list_run, listed);
    }
}
