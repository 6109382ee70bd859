/*
 * admin_notices.c - what Amazon told and was kept: refunds and chargebacks above all.
 *
 * Nothing of it is believed elsewhere (billing/notice.h); here it is shown to people, who look it
 * up at Amazon. Asked without `after` it is the newest, and otherwise what came after that number;
 * both in the order of arrival, so that "next" is always a number, as with events.
 */
#include "scheduler/admin_json.h"
#include "scheduler/admin_parts.h"
#include "scheduler/ipn_notice.h"

struct list_work {
    struct notice_search search;
    uint32_t count;
    struct notice_view views[];
};

static void list_run(struct store *store, void *arg)
{
    struct admin_call *call = arg;
    struct list_work *work = call->work;
    call->status = store->ops->list_notices(store, call->seller_id, work->search, call->query.max,
                                            work->views, &work->count, &call->problem);
}

static struct json *item(const struct admin_call *call, uint32_t index)
{
    const struct list_work *work = call->work;
    return admin_json_notice(&work->views[index]);
}

static void listed(struct admin_call *call)
{
    const struct list_work *work = call->work;
    uint64_t next =
        work->count > 0 ? work->views[work->count - 1].work.notice.number : work->search.after;
    admin_answer_list(call, "notices", work->count, item, json_new_integer((int64_t)next));
}

void admin_notices_list(struct admin_call *call)
{
    struct list_work *work =
        admin_work(call, sizeof(struct list_work) + call->query.max * sizeof(struct notice_view));
    struct notice_search *search = &work->search;
    search->object_id = call->query.object_id;
    search->newest = call->query.after[0] == '\0';
    if (!admin_query_number(call, &search->after)) {
        return;
    }
    if (call->query.kind[0] != '\0') {
        search->kind = ipn_notice_kind_parse(call->query.kind);
        if (search->kind == 0) {
            call->status = problem_set(&call->problem, ST_INVALID,
                                       "kind: \"%s\" is not one of agreement, authorization, "
                                       "capture, refund, order, chargeback, other",
                                       call->query.kind);
            admin_fail_call(call);
            return;
        }
    }
    admin_ask(call, list_run, listed);
}
