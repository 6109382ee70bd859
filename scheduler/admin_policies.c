/*
 * admin_policies.c - the versions of a seller's policies, as they were written.
 *
 * A version is kept for ever, because cycles froze it. It is asked for by its number, or by its
 * name: then it is the newest of that name, the one that cycles freeze from now on.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scheduler/admin_json.h"
#include "scheduler/admin_parts.h"

#define SEARCHED_AT_ONCE 16

static struct json *policy_json(const struct policy_view *view)
{
    struct json *object = json_new_object();
    json_set_integer(object, "version", view->version);
    json_set_string(object, "name", view->name);
    admin_set_instant(object, "at", view->at);
    json_set_string(object, "text", view->text);
    return object;
}

/* --- list ---------------------------------------------------------------------------------- */

struct list_work {
    uint64_t after;
    uint32_t count;
    struct policy_view views[];
};

static void list_run(struct store *store, void *arg)
{
    struct admin_call *call = arg;
    struct list_work *work = call->work;
    uint32_t after = work->after < UINT32_MAX ? (uint32_t)work->after : UINT32_MAX;
    call->status = store->ops->list_policies(store, call->seller_id, after, call->query.max,
                                             work->views, &work->count, &call->problem);
}

static void listed(struct admin_call *call)
{
    const struct list_work *work = call->work;
    if (call->status != ST_OK) {
        admin_fail_call(call);
        return;
    }
    struct json *items = json_new_array();
    for (uint32_t i = 0; i < work->count; i++) {
        json_append(items, policy_json(&work->views[i]));
    }
    char last[16];
    (void)snprintf(last, sizeof last, "%u",
                   work->count > 0 ? work->views[work->count - 1].version : 0);
    admin_answer(call, 200, admin_page("policies", items, work->count, call->query.max, last));
}

void admin_policies_list(struct admin_call *call)
{
    struct list_work *work =
        admin_work(call, sizeof(struct list_work) + call->query.max * sizeof(struct policy_view));
    if (admin_query_number(call, &work->after)) {
        admin_ask(call, list_run, listed);
    }
}

/* --- show ---------------------------------------------------------------------------------- */

struct show_work {
    bool is_number;
    uint32_t version;
    bool is_found;
    struct policy_view found;
    struct policy_view page[SEARCHED_AT_ONCE];
};

/* All versions are looked at: a name's newest is the last, and there are few. */
static void show_run(struct store *store, void *arg)
{
    struct admin_call *call = arg;
    struct show_work *work = call->work;
    uint32_t after = work->is_number ? work->version - 1 : 0;
    uint32_t count = 0;
    do {
        call->status = store->ops->list_policies(store, call->seller_id, after, SEARCHED_AT_ONCE,
                                                 work->page, &count, &call->problem);
        for (uint32_t i = 0; call->status == ST_OK && i < count; i++) {
            const struct policy_view *view = &work->page[i];
            bool is_it = work->is_number ? view->version == work->version
                                         : strcmp(view->name, call->id) == 0;
            if (is_it) {
                work->found = *view;
                work->is_found = true;
            }
            after = view->version;
        }
    } while (call->status == ST_OK && count == SEARCHED_AT_ONCE && !work->is_number);
    if (call->status == ST_OK && !work->is_found) {
        call->status = problem_set(&call->problem, ST_NOT_FOUND,
                                   "there is no policy of this version or name: %s", call->id);
    }
}

static void shown(struct admin_call *call)
{
    const struct show_work *work = call->work;
    if (call->status != ST_OK) {
        admin_fail_call(call);
        return;
    }
    admin_answer(call, 200, policy_json(&work->found));
}

void admin_policies_show(struct admin_call *call)
{
    struct show_work *work = admin_work(call, sizeof *work);
    size_t length = strlen(call->id);
    work->is_number = length <= 9 && strspn(call->id, "0123456789") == length;
    work->version = work->is_number ? (uint32_t)strtoul(call->id, NULL, 10) : 0;
    if (work->is_number && work->version == 0) {
        call->status =
            problem_set(&call->problem, ST_NOT_FOUND, "there is no policy version %s", call->id);
        admin_fail_call(call);
        return;
    }
    admin_ask(call, show_run, shown);
}
