/*
 * admin_policies.c - the versions of a seller's policies, as they were written.
 *
 * A version is kept for ever, because cycles froze it. It is asked for by its number, or by its
 * name: then it is the newest of that name, the one that cycles freeze from now on. Shown with it
 * is what follows from Amazon's answers: first which reason each gives (answers.h, the same for
 * every policy), then what this policy makes of each reason (billing/policy_map.h).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "billing/duration.h"
#include "billing/ensure.h"
#include "billing/policy_map.h"
#include "billing/policy_text.h"
#include "scheduler/admin_json.h"
#include "scheduler/admin_parts.h"
#include "scheduler/answers.h"
#include "scheduler/config_policy.h"

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

static struct json *item(const struct admin_call *call, uint32_t index)
{
    const struct list_work *work = call->work;
    return policy_json(&work->views[index]);
}

static void listed(struct admin_call *call)
{
    const struct list_work *work = call->work;
    char last[16];
    (void)snprintf(last, sizeof last, "%u",
                   work->count > 0 ? work->views[work->count - 1].version : 0);
    admin_answer_list(call, "policies", work->count, item, admin_next_id(call, work->count, last));
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

static void append_answer(void *arg, const struct answer_row *row)
{
    struct json *item = json_new_object();
    json_set_string(item, "about", row->about);
    admin_set_text(item, "state", row->state);
    admin_set_text(item, "reason_code", row->reason_code);
    admin_set_text(item, "error", row->error);
    json_set_string(item, "outcome", outcome_name(row->outcome));
    admin_set_reason(item, "reason", row->reason);
    admin_set_text(item, "note", row->note);
    json_append(arg, item);
}

static const char *ask_name(enum policy_ask ask)
{
    switch (ask) {
    case POLICY_ASK_NOTHING:
        return "";
    case POLICY_ASK_STATE:
        return "state";
    case POLICY_ASK_FIRST:
        return "first";
    case POLICY_ASK_SLOWLY:
        return "slowly";
    }
    ensure_failed("an ask that exists", __FILE__, __LINE__);
}

/* "5m 1h 1d" */
static void waits_format(const struct policy_waits *waits, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < waits->count; i++) {
        char wait[DURATION_TEXT_MAX];
        duration_format(waits->wait_ms[i], wait);
        used += (size_t)snprintf(text + used, size - used, "%s%s", used > 0 ? " " : "", wait);
        ENSURE(used < size);
    }
}

/* Of every reason that a charge's attempt can end with. */
static struct json *reasons_json(const struct policy *policy)
{
    struct json *list = json_new_array();
    for (int reason = REASON_NONE + 1; reason < REASON_COUNT; reason++) {
        struct policy_outcome outcome = policy_outcome_of(policy, (enum reason)reason);
        char waits[POLICY_WAITS_MAX * DURATION_TEXT_MAX];
        if (!outcome.ends_attempts) {
            continue;
        }
        struct json *item = json_new_object();
        waits_format(outcome.waits, waits, sizeof waits);
        admin_set_reason(item, "reason", (enum reason)reason);
        json_set_string(item, "act", policy_act_name(outcome.act));
        admin_set_text(item, "waits", waits);
        admin_set_text(item, "ask", ask_name(outcome.ask));
        json_set_bool(item, "exhausts_limit", outcome.exhausts_limit);
        json_set_string(item, "meaning", policy_act_text(outcome.act));
        json_append(list, item);
    }
    return list;
}

static void shown(struct admin_call *call)
{
    const struct show_work *work = call->work;
    struct policy policy;
    if (call->status == ST_OK) {
        call->status = policy_parse(work->found.text, &policy, &call->problem);
        call->status = call->status == ST_OK ? ST_OK : ST_STORE; /* it is the store's text */
    }
    if (call->status != ST_OK) {
        admin_fail_call(call);
        return;
    }
    char keys[CONFIG_POLICY_TEXT_MAX];
    config_policy_write(&policy, keys);
    struct json *body = policy_json(&work->found);
    json_set_string(body, "keys", keys);
    struct json *answers = json_new_array();
    answers_each(append_answer, answers);
    json_set(body, "answers", answers);
    json_set(body, "reasons", reasons_json(&policy));
    admin_answer(call, 200, body);
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
