/*
 * caller.c - carries out one call that a recorded step wanted, and posts its answer as an event.
 *
 * Most calls are one request. Discovery is a walk: the orders of the charge's SellerOrderId, their
 * authorizations, and among them the one with our reference id; each request takes its own token.
 * A walk that could not look everywhere says UNKNOWN, never "absent". One that was refused does not
 * end it: where Amazon lets the reference id of what was declined be used again, a repetition of
 * the request may have been captured.
 *
 * Nothing here decides what an answer means: see mws/classify.h, translate.c and
 * billing/step_charge.c.
 */
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "scheduler/runner_parts.h"
#include "scheduler/translate.h"

/* A charge has an order for each attempt: more pages than this are not ours to read. */
#define WALK_PAGES_MAX 64

/* What a discovery has found so far. */
struct walk {
    char next_page[MWS_TOKEN_MAX]; /* "" = the list ends with these orders */
    uint32_t pages_read;
    bool has_refused; /* one with our reference id ended without a capture: `refused` shows it */
    struct attempt_answer refused;
    uint32_t order_count, order_next;
    uint32_t authorization_count, authorization_next; /* of the order before order_next */
    char orders[MWS_LIST_MAX][MWS_ID_MAX];
    char authorizations[MWS_LIST_MAX][MWS_ID_MAX];
};

struct task {
    struct pace_waiter waiter;
    struct seat *seat;
    struct call call;
    enum mws_action action; /* of the request being made */
    struct walk *walk;      /* CALL_DISCOVER only */
};

static void task_request(struct task *task, enum mws_action action);

static void task_end(struct task *task, const struct event *event)
{
    struct seat *seat = task->seat;
    free(task->walk);
    free(task);
    seat->calls_open--;
    if (event != NULL) {
        seat_post(seat, event, false, NULL, NULL);
    }
    seat_pump(seat);
}

static void task_end_attempt(struct task *task, const struct attempt_answer *answer)
{
    struct event event = {.kind = EVENT_ATTEMPT_ANSWER, .attempt = *answer};
    task_end(task, &event);
}

static void log_unclear(const struct task *task, const struct mws_reply *reply,
                        const struct mws_classification *class)
{
    bool quiet = class->outcome == OUTCOME_DONE || class->cause == MWS_CAUSE_DECLINED ||
                 class->cause == MWS_CAUSE_LIMIT || class->cause == MWS_CAUSE_PENDING ||
                 class->cause == MWS_CAUSE_AUTHORIZED;
    if (quiet) {
        return;
    }
    enum log_level level =
        class->cause == MWS_CAUSE_UNMAPPED || class->cause == MWS_CAUSE_SELLER_ACCESS ? LOG_ERROR
                                                                                      : LOG_WARNING;
    log_write(
        task->seat->runner->parts.log, level, "answer",
        LOG_STRING("call", call_kind_name(task->call.kind)),
        LOG_STRING("action", mws_action_name(task->action)),
        LOG_STRING("cause", cause_name(class->cause)),
        LOG_STRING("seller", task->seat->seller->seller_id),
        LOG_STRING("agreement", task->seat->account.agreement.id),
        LOG_STRING("attempt", task->call.reference_id[0] != '\0' ? task->call.reference_id : NULL),
        LOG_INTEGER("http", reply->http_status),
        LOG_STRING("code", reply->error_code[0] != '\0' ? reply->error_code : NULL),
        LOG_STRING("request_id", reply->request_id[0] != '\0' ? reply->request_id : NULL),
        LOG_STRING("problem",
                   reply->is_transport_failure || reply->is_unreadable ? reply->message : NULL),
        LOG_END);
}

/* A look-up led to another authorization: what Amazon told us before, or a notice, was wrong. */
static void log_other(const struct task *task, const struct attempt_answer *answer,
                      const struct mws_reply *reply)
{
    if (answer->is_other) {
        log_write(task->seat->runner->parts.log, LOG_ERROR, "other_authorization",
                  LOG_STRING("call", call_kind_name(task->call.kind)),
                  LOG_STRING("seller", task->seat->seller->seller_id),
                  LOG_STRING("attempt", task->call.reference_id),
                  LOG_STRING("shown", reply->authorization.authorization_reference_id),
                  LOG_STRING("request_id", reply->request_id[0] != '\0' ? reply->request_id : NULL),
                  LOG_END);
    }
}

/* --- discovery ----------------------------------------------------------------------------- */

static void walk_on(struct task *task)
{
    struct walk *walk = task->walk;
    if (walk->authorization_next < walk->authorization_count) {
        task_request(task, MWS_GET_AUTHORIZATION_DETAILS);
    } else if (walk->order_next < walk->order_count) {
        task_request(task, MWS_GET_ORDER_REFERENCE_DETAILS);
    } else if (walk->next_page[0] != '\0' && walk->pages_read < WALK_PAGES_MAX) {
        task_request(task, MWS_LIST_ORDER_REFERENCE_BY_NEXT_TOKEN);
    } else if (walk->has_refused && walk->next_page[0] == '\0') {
        task_end_attempt(task, &walk->refused);
    } else {
        struct attempt_answer answer = {
            .call = CALL_DISCOVER,
            .outcome = OUTCOME_UNKNOWN,
            .reason = REASON_NO_ANSWER,
            .absent = walk->next_page[0] == '\0',
        };
        memcpy(answer.reference_id, task->call.reference_id, sizeof answer.reference_id);
        task_end_attempt(task, &answer);
    }
}

static void walk_answered(struct task *task, const struct mws_reply *reply,
                          const struct mws_classification *class)
{
    struct walk *walk = task->walk;
    bool is_authorization = task->action == MWS_GET_AUTHORIZATION_DETAILS;
    bool shows = !reply->is_transport_failure && !reply->is_unreadable && !reply->is_error;
    if (!shows) {
        /* The walk ends here; it is taken up again as a whole. */
        struct attempt_answer answer = {
            .call = CALL_DISCOVER,
            .outcome = class->outcome == OUTCOME_LATER ? OUTCOME_LATER : OUTCOME_UNKNOWN,
            .reason = REASON_NO_ANSWER,
        };
        memcpy(answer.reference_id, task->call.reference_id, sizeof answer.reference_id);
        task_end_attempt(task, &answer);
        return;
    }
    if (is_authorization) {
        walk->authorization_next++;
        if (strcmp(reply->authorization.authorization_reference_id, task->call.reference_id) == 0) {
            struct attempt_answer answer =
                attempt_answer_of(CALL_DISCOVER, task->call.reference_id, reply);
            if (answer.outcome != OUTCOME_REFUSED) {
                task_end_attempt(task, &answer);
                return;
            }
            walk->has_refused = true;
            walk->refused = answer;
        }
    } else if (task->action == MWS_GET_ORDER_REFERENCE_DETAILS) {
        walk->order_next++;
        walk->authorization_count = reply->order_reference.authorization_count;
        walk->authorization_next = 0;
        memcpy(walk->authorizations, reply->order_reference.authorization_ids,
               sizeof walk->authorizations);
    } else {
        memcpy(walk->next_page, reply->order_list.next_page_token, sizeof walk->next_page);
        walk->pages_read++;
        walk->order_count = reply->order_list.count;
        walk->order_next = 0;
        for (uint32_t i = 0; i < walk->order_count; i++) {
            memcpy(walk->orders[i], reply->order_list.orders[i].amazon_order_reference_id,
                   sizeof walk->orders[i]);
        }
    }
    walk_on(task);
}

/* --- one request --------------------------------------------------------------------------- */

static void bucket_learns(struct task *task, const struct mws_classification *class)
{
    struct bucket *bucket = &task->seat->seller->lanes[task->action].bucket;
    struct ticks ticks = loop_ticks(task->seat->runner->parts.loop);
    switch (class->cause) {
    case MWS_CAUSE_THROTTLED:
    case MWS_CAUSE_SELLER_ACCESS: /* refused credentials: the next calls would be refused, too */
        bucket_throttled(bucket, ticks);
        break;
    case MWS_CAUSE_NOT_SENT:
    case MWS_CAUSE_NO_ANSWER:
    case MWS_CAUSE_SERVICE:
        break;
    case MWS_CAUSE_NONE:
    case MWS_CAUSE_UNREADABLE:
    case MWS_CAUSE_DUPLICATE:
    case MWS_CAUSE_LIMIT:
    case MWS_CAUSE_AGREEMENT_STATUS:
    case MWS_CAUSE_OBJECT_STATUS:
    case MWS_CAUSE_AGREEMENT_ID:
    case MWS_CAUSE_REQUEST:
    case MWS_CAUSE_PENDING:
    case MWS_CAUSE_AUTHORIZED:
    case MWS_CAUSE_DECLINED:
    case MWS_CAUSE_CLOSED_WITHOUT_CAPTURE:
    case MWS_CAUSE_UNMAPPED:
        bucket_accepted(bucket);
        break;
    }
}

static void task_answered(void *arg, const struct mws_reply *reply)
{
    struct task *task = arg;
    struct mws_classification class = mws_classify(reply);
    task->seat->seller->in_flight--;
    bucket_learns(task, &class);
    log_unclear(task, reply, &class);
    struct attempt_answer attempt;
    struct event event;
    switch (task->call.kind) {
    case CALL_AUTHORIZE:
    case CALL_LOOK_UP:
        attempt = attempt_answer_of(task->call.kind, task->call.reference_id, reply);
        log_other(task, &attempt, reply);
        task_end_attempt(task, &attempt);
        return;
    case CALL_DISCOVER:
        walk_answered(task, reply, &class);
        return;
    case CALL_SYNC:
    case CALL_CONFIRM:
    case CALL_CLOSE:
    case CALL_SET:
    case CALL_VALIDATE:
        event = (struct event){.kind = EVENT_CARE_ANSWER,
                               .care = care_answer_of(task->call.kind, reply)};
        task_end(task, &event);
        return;
    case CALL_CAPTURE:
    case CALL_LOOK_UP_CAPTURE:
    case CALL_VOID:
    case CALL_REFUND:
    case CALL_LOOK_UP_REFUND:
    case CALL_DISCOVER_REFUND:
    case CALL_HAND_OVER:
        break;
    }
    ENSURE(false);
}

static struct mws_request task_build(struct task *task, const struct charge *charge)
{
    struct seat *seat = task->seat;
    struct walk *walk = task->walk;
    struct mws_request request;
    if (walk != NULL && task->action == MWS_GET_ORDER_REFERENCE_DETAILS) {
        request = (struct mws_request){.action = task->action};
        request.get_order_reference_details.amazon_order_reference_id =
            walk->orders[walk->order_next];
    } else if (walk != NULL && task->action == MWS_GET_AUTHORIZATION_DETAILS) {
        request = (struct mws_request){.action = task->action};
        request.get_authorization_details.amazon_authorization_id =
            walk->authorizations[walk->authorization_next];
    } else if (walk != NULL && task->action == MWS_LIST_ORDER_REFERENCE_BY_NEXT_TOKEN) {
        request = (struct mws_request){.action = task->action};
        request.list_order_reference_by_next_token.next_page_token = walk->next_page;
    } else {
        request =
            call_request(task->call.kind, &seat->account.agreement, charge, seat->seller->config);
    }
    return request;
}

static void task_send(void *arg)
{
    struct task *task = arg;
    struct seat *seat = task->seat;
    struct charge *charge = NULL;
    if (seat->seller->config == NULL) {
        /* No longer configured: the intent stays in the store. */
        task_end(task, NULL);
        return;
    }
    if (task->call.reference_id[0] != '\0') {
        charge = account_attempted(&seat->account, task->call.reference_id);
        ENSURE(charge != NULL);
    }
    struct mws_request request = task_build(task, charge);
    struct problem problem;
    enum status status = mws_call(seat->runner->parts.client, &seat->seller->config->mws, &request,
                                  task_answered, task, &problem);
    if (status == ST_OK) {
        seat->seller->in_flight++;
        if (charge != NULL) {
            struct instant now = loop_now(seat->runner->parts.loop);
            log_write(seat->runner->parts.log, LOG_DEBUG, "sent",
                      LOG_STRING("call", call_kind_name(task->call.kind)),
                      LOG_STRING("attempt", task->call.reference_id),
                      LOG_INTEGER("late_ms", now.utc_ms - charge->due_at.utc_ms), LOG_END);
        }
        return;
    }
    /* The request breaks a bound of Amazon's: it was refused here instead of there. */
    log_write(seat->runner->parts.log, LOG_ERROR, "request_refused",
              LOG_STRING("call", call_kind_name(task->call.kind)),
              LOG_STRING("seller", seat->seller->seller_id), LOG_STRING("problem", problem.text),
              LOG_END);
    struct mws_reply reply = {.action = task->action,
                              .is_error = true,
                              .http_status = 400,
                              .error = MWS_ERROR_INVALID_PARAMETER_VALUE};
    seat->seller->in_flight++;
    task_answered(task, &reply);
}

static void task_request(struct task *task, enum mws_action action)
{
    struct seat *seat = task->seat;
    task->action = action;
    if (runner_is_draining(seat->runner)) {
        task_end(task, NULL);
        return;
    }
    if (action == MWS_AUTHORIZE_ON_BILLING_AGREEMENT && seat->tokens > 0) {
        seat->tokens--;
        task_send(task);
        return;
    }
    task->waiter.granted = task_send;
    task->waiter.arg = task;
    if (pace_take(seat->seller, action, &task->waiter, loop_ticks(seat->runner->parts.loop))) {
        task_send(task);
    } else {
        runner_wake(seat->runner);
    }
}

/* What waits for a token waits in memory, and keeps claims of all sellers out of it. A few may; of
 * look-ups fewer than there is room for care, or a day's pending ones would keep syncs out. */
static bool is_crowded(const struct seat *seat, enum mws_action action)
{
    bool has_token = action == MWS_AUTHORIZE_ON_BILLING_AGREEMENT && seat->tokens > 0;
    uint32_t max = action == MWS_GET_AUTHORIZATION_DETAILS ? CARE_WAITING_MAX / 2 : WAITING_MAX;
    return !has_token && seat->seller->lanes[action].waiting >= max;
}

/* As if Amazon had throttled the call: it did not happen, and is to be made later. The account then
 * waits in the store, where claims take no more than there is room for. */
static void put_off(struct seat *seat, const struct call *call)
{
    struct mws_reply reply = {.action = call_action(call->kind),
                              .is_error = true,
                              .http_status = 503,
                              .error = MWS_ERROR_REQUEST_THROTTLED};
    struct event event;
    if (call->reference_id[0] != '\0') {
        event =
            (struct event){.kind = EVENT_ATTEMPT_ANSWER,
                           .attempt = attempt_answer_of(call->kind, call->reference_id, &reply)};
    } else {
        event =
            (struct event){.kind = EVENT_CARE_ANSWER, .care = care_answer_of(call->kind, &reply)};
    }
    seat_post(seat, &event, false, NULL, NULL);
}

void caller_start(struct seat *seat, const struct call *call)
{
    if (runner_is_draining(seat->runner)) {
        return;
    }
    if (is_crowded(seat, call_action(call->kind))) {
        put_off(seat, call);
        return;
    }
    struct task *task = calloc(1, sizeof *task);
    ENSURE(task != NULL);
    task->seat = seat;
    task->call = *call;
    if (call->kind == CALL_DISCOVER) {
        task->walk = calloc(1, sizeof *task->walk);
        ENSURE(task->walk != NULL);
    }
    seat->calls_open++;
    task_request(task, call_action(call->kind));
}

void caller_forget_waiting(struct runner *runner)
{
    for (uint32_t i = 0; i < runner->seller_count; i++) {
        struct pace_waiter *waiter = pace_forget_waiters(runner->sellers[i]);
        while (waiter != NULL) {
            struct pace_waiter *next = waiter->next;
            task_end(waiter->arg, NULL);
            waiter = next;
        }
    }
}
