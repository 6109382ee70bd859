/*
 * caller.c - carries out one call that a recorded step wanted, and posts its answer as an event.
 *
 * Most calls are one request; caller_walk.c has those that are several, hand_over.c the one that
 * does not go to Amazon. Each request takes its own token of its operation's bucket.
 *
 * Nothing here decides what an answer means: see mws/classify.h, translate_answer.c and
 * billing/step_attempt.c.
 */
#include "scheduler/caller_parts.h"

#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"

enum about { ABOUT_AGREEMENT = 1, ABOUT_ATTEMPT, ABOUT_REFUND };

static enum about call_about(enum call_kind kind)
{
    switch (kind) {
    case CALL_AUTHORIZE:
    case CALL_LOOK_UP:
    case CALL_DISCOVER:
    case CALL_CAPTURE:
    case CALL_LOOK_UP_CAPTURE:
    case CALL_VOID:
        return ABOUT_ATTEMPT;
    case CALL_REFUND:
    case CALL_LOOK_UP_REFUND:
    case CALL_DISCOVER_REFUND:
        return ABOUT_REFUND;
    case CALL_SYNC:
    case CALL_CONFIRM:
    case CALL_CLOSE:
    case CALL_SET:
    case CALL_VALIDATE:
        return ABOUT_AGREEMENT;
    case CALL_HAND_OVER:
        break;
    }
    ENSURE(false);
    return ABOUT_AGREEMENT;
}

void task_end(struct task *task, const struct event *event)
{
    struct seat *seat = task->seat;
    bool is_shown = event != NULL && event->kind == EVENT_ATTEMPT_ANSWER &&
                    event->attempt.from_object && task->call.kind != CALL_AUTHORIZE;
    if (is_shown) {
        runner_charge_answered(seat, MWS_CAUSE_NONE);
    }
    free(task->walk);
    free(task);
    seat->calls_open--;
    if (event != NULL) {
        seat_post(seat, event, false, NULL, NULL);
    }
    seat_pump(seat);
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
    log_write(task->seat->runner->parts.log, level, "answer",
              LOG_STRING("call", call_kind_name(task->call.kind)),
              LOG_STRING("action", mws_action_name(task->action)),
              LOG_STRING("cause", cause_name(class->cause)),
              LOG_STRING("seller", task->seat->seller->seller_id),
              LOG_STRING("agreement", task->seat->account.agreement.id),
              LOG_STRING("attempt",
                         task->attempt.reference_id[0] != '\0' ? task->attempt.reference_id : NULL),
              LOG_STRING("refund", task->refund.id[0] != '\0' ? task->refund.id : NULL),
              LOG_INTEGER("http", reply->http_status),
              LOG_STRING("code", reply->error_code[0] != '\0' ? reply->error_code : NULL),
              LOG_STRING("request_id", reply->request_id[0] != '\0' ? reply->request_id : NULL),
              LOG_STRING("problem", reply->is_transport_failure || reply->is_unreadable
                                        ? reply->message
                                        : NULL),
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

/* What the reply to a call of one request says, as the seat's event. */
static struct event answer_event(const struct task *task, const struct mws_reply *reply)
{
    struct event event = {0};
    switch (call_about(task->call.kind)) {
    case ABOUT_ATTEMPT:
        event.kind = EVENT_ATTEMPT_ANSWER;
        event.attempt = attempt_answer_of(task->call.kind, &task->attempt, reply);
        break;
    case ABOUT_REFUND:
        event.kind = EVENT_REFUND_ANSWER;
        event.refund_answer = refund_answer_of(task->call.kind, &task->refund, reply);
        break;
    case ABOUT_AGREEMENT:
        event.kind = EVENT_CARE_ANSWER;
        event.care = care_answer_of(task->call.kind, reply);
        break;
    }
    return event;
}

static bool is_charging(const struct task *task)
{
    return task->action == MWS_AUTHORIZE_ON_BILLING_AGREEMENT;
}

static void task_answered(void *arg, const struct mws_reply *reply)
{
    struct task *task = arg;
    struct mws_classification class = mws_classify(reply);
    task->seat->seller->in_flight--;
    if (is_charging(task)) {
        task->seat->seller->charging--;
        runner_charge_answered(task->seat, class.cause);
    }
    bucket_learns(task, &class);
    log_unclear(task, reply, &class);
    if (task->walk != NULL) {
        walk_answered(task, reply, &class);
        return;
    }
    struct event event = answer_event(task, reply);
    if (event.kind == EVENT_ATTEMPT_ANSWER) {
        log_other(task, &event.attempt, reply);
    }
    task_end(task, &event);
}

static struct mws_request task_build(struct task *task)
{
    struct seat *seat = task->seat;
    struct mws_request request;
    if (task->walk != NULL && walk_ask(task->walk, task->action, &request)) {
        return request;
    }
    struct call_subject subject = {.agreement = &seat->account.agreement,
                                   .seller = seat->seller->config,
                                   .refund = &task->refund};
    if (call_about(task->call.kind) == ABOUT_ATTEMPT) {
        subject.charge = account_attempted(&seat->account, task->call.reference_id);
        ENSURE(subject.charge != NULL);
    }
    return call_request(task->call.kind, &subject, task->reference_id);
}

static void log_sent(const struct task *task)
{
    struct seat *seat = task->seat;
    const struct charge *charge = account_attempted(&seat->account, task->call.reference_id);
    if (charge != NULL) {
        struct instant now = loop_now(seat->runner->parts.loop);
        log_write(seat->runner->parts.log, LOG_DEBUG, "sent",
                  LOG_STRING("call", call_kind_name(task->call.kind)),
                  LOG_STRING("attempt", task->call.reference_id),
                  LOG_INTEGER("late_ms", now.utc_ms - charge->due_at.utc_ms), LOG_END);
    }
}

/* As if Amazon had throttled the call: it did not happen, and is to be made later. The account then
 * waits in the store, where claims take no more than there is room for. */
static void put_off(struct task *task)
{
    struct mws_reply reply = {.action = call_action(task->call.kind),
                              .is_error = true,
                              .http_status = 503,
                              .error = MWS_ERROR_REQUEST_THROTTLED};
    struct event event = answer_event(task, &reply);
    task_end(task, &event);
}

/* An attempt that waited for its token while the agreement turned out not to be Open, be it in the
 * step that is just being recorded. What was sent before goes out again whatever became of the
 * agreement, because its answer is not known. */
static bool comes_too_late(const struct task *task)
{
    const struct seat *seat = task->seat;
    bool is_open = seat->account.agreement.state == AGREEMENT_OPEN &&
                   (seat->state != SEAT_COMMITTING || seat->next.agreement.state == AGREEMENT_OPEN);
    return task->is_first_send && task->call.kind == CALL_AUTHORIZE && !is_open;
}

static void task_send(void *arg)
{
    struct task *task = arg;
    struct seat *seat = task->seat;
    if (comes_too_late(task)) {
        pace_give_back(seat->seller, task->action);
        put_off(task);
        return;
    }
    if (seat->seller->config == NULL) {
        /* No longer configured: the intent stays in the store. */
        task_end(task, NULL);
        return;
    }
    struct mws_request request = task_build(task);
    struct problem problem;
    enum status status = mws_call(seat->runner->parts.client, &seat->seller->config->mws, &request,
                                  task_answered, task, &problem);
    seat->seller->in_flight++;
    seat->seller->charging += is_charging(task);
    if (status == ST_OK) {
        log_sent(task);
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
    task_answered(task, &reply);
}

void task_request(struct task *task, enum mws_action action)
{
    struct seat *seat = task->seat;
    task->action = action;
    if (runner_is_draining(seat->runner)) {
        task_end(task, NULL);
        return;
    }
    if (action == MWS_AUTHORIZE_ON_BILLING_AGREEMENT && seat->tokens > 0) {
        seat->tokens--;
        pace_release(seat->seller); /* and taken below */
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
 * what can come in masses - look-ups, captures, refunds - fewer than there is room for care, or
 * they would keep each other and syncs out. */
static bool is_crowded(const struct seat *seat, enum mws_action action)
{
    bool has_token = action == MWS_AUTHORIZE_ON_BILLING_AGREEMENT && seat->tokens > 0;
    uint32_t max = WAITING_MAX;
    switch ((int)action) {
    case MWS_GET_AUTHORIZATION_DETAILS:
        max = LOOK_UPS_WAITING_MAX;
        break;
    case MWS_CAPTURE:
    case MWS_CLOSE_AUTHORIZATION:
    case MWS_GET_CAPTURE_DETAILS:
    case MWS_REFUND:
    case MWS_GET_REFUND_DETAILS:
        max = MASSES_WAITING_MAX;
        break;
    default:
        break;
    }
    return !has_token && seat->seller->lanes[action].waiting >= max;
}

/* Has this step made the intent, or made it anew of one that was put off? Then nothing of it has
 * left: POSTPONED is what never happened. */
static bool is_made_by(const struct effects *effects, const char *reference_id)
{
    for (uint32_t i = 0; i < effects->change_count; i++) {
        const struct change *change = &effects->changes[i];
        bool is_unsent = change->from == 0 || change->from == ATTEMPT_POSTPONED;
        if (change->kind == CHANGE_ATTEMPT && is_unsent && change->to == ATTEMPT_INTENT &&
            strcmp(change->subject, reference_id) == 0) {
            return true;
        }
    }
    return false;
}

static struct task *task_new(struct seat *seat, const struct call *call)
{
    struct task *task = calloc(1, sizeof *task);
    ENSURE(task != NULL);
    task->seat = seat;
    task->call = *call;
    if (call_about(call->kind) == ABOUT_ATTEMPT) {
        const struct charge *charge = account_attempted(&seat->account, call->reference_id);
        ENSURE(charge != NULL);
        task->attempt = charge->attempt;
        task->is_first_send = is_made_by(&seat->effects, call->reference_id);
    } else if (call_about(call->kind) == ABOUT_REFUND) {
        const struct refund *refund = account_refund(&seat->account, call->reference_id);
        ENSURE(refund != NULL);
        task->refund = *refund;
    }
    task->walk = walk_new(task);
    seat->calls_open++;
    return task;
}

void caller_start(struct seat *seat, const struct call *call)
{
    if (runner_is_draining(seat->runner)) {
        return;
    }
    if (call->kind == CALL_HAND_OVER) {
        hand_over_start(seat, call->reference_id);
        return;
    }
    struct task *task = task_new(seat, call);
    if (is_crowded(seat, call_action(call->kind))) {
        put_off(task);
    } else {
        task_request(task, call_action(call->kind));
    }
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
