/*
 * admin.c - the admin server: takes a request, has its handler found (admin_route.c), and keeps
 * track of it until it is answered.
 *
 * Invariants: admin_parts.h. Read on in the file of the noun.
 */
#include "scheduler/admin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "scheduler/admin_parts.h"

#define BODY_BYTES_MAX   16384     /* the longest request we know has under 2 KiB */
#define BODY_BYTES_READ  (1 << 20) /* read whole, to be refused with a sentence */
#define CONNECTIONS_MAX  128
#define IDLE_S           60
#define REQUEST_MS       30000
#define ANSWER_LOG_LEVEL LOG_INFO /* of commands: who changed what is asked for years later */

/* --- a call's life ------------------------------------------------------------------------- */

static void call_unlist(struct admin_call *call)
{
    if (call->previous != NULL) {
        call->previous->following = call->following;
    } else {
        call->admin->calls = call->following;
    }
    if (call->following != NULL) {
        call->following->previous = call->previous;
    }
}

static struct admin_call *call_new(struct admin *admin, struct http_exchange *exchange)
{
    struct admin_call *call = calloc(1, sizeof *call);
    ENSURE(call != NULL);
    call->admin = admin;
    call->exchange = exchange;
    call->following = admin->calls;
    if (admin->calls != NULL) {
        admin->calls->previous = call;
    }
    admin->calls = call;
    return call;
}

static void call_free(struct admin_call *call)
{
    free(call->work);
    free(call);
}

void *admin_work(struct admin_call *call, size_t bytes)
{
    ENSURE(call->work == NULL);
    call->work = calloc(1, bytes);
    ENSURE(call->work != NULL);
    return call->work;
}

static void ask_done(void *arg)
{
    struct admin_call *call = arg;
    if (call->admin == NULL) {
        call_free(call);
        return;
    }
    call->then(call);
}

void admin_ask(struct admin_call *call, store_job_run *run, admin_handler *then)
{
    call->then = then;
    store_worker_submit(call->admin->parts.store_worker, run, ask_done, call);
}

static void command_ended(void *arg, enum status status, const struct problem *problem,
                          const struct account *account)
{
    struct admin_call *call = arg;
    if (call->admin == NULL) {
        call_free(call);
        return;
    }
    call->status = status;
    call->problem = problem != NULL ? *problem : (struct problem){""};
    call->commanded(call, account);
}

void admin_command(struct admin_call *call, const char *agreement_id, const struct event *event,
                   admin_commanded *then)
{
    struct runner_status running;
    if (!runner_status(call->admin->parts.runner, call->seller_id, 0, &running)) {
        (void)problem_set(
            &call->problem, ST_BUSY,
            "the daemon is still starting, or taking a configuration over: try again");
        admin_fail(call, ST_BUSY, &call->problem);
        return;
    }
    call->commanded = then;
    runner_command(call->admin->parts.runner, call->seller_id, agreement_id, event, command_ended,
                   call);
}

static void switch_ended(void *arg, enum status status, const struct problem *problem)
{
    struct admin_call *call = arg;
    if (call->admin == NULL) {
        call_free(call);
        return;
    }
    call->status = status;
    call->problem = problem != NULL ? *problem : (struct problem){""};
    call->then(call);
}

void admin_switch(struct admin_call *call, bool is_on, admin_handler *then)
{
    call->then = then;
    runner_stop(call->admin->parts.runner, call->seller_id, is_on, switch_ended, call);
}

/* --- answers ------------------------------------------------------------------------------- */

static void answer_log(const struct admin_call *call, int http_status)
{
    const char *method = http_method(call->exchange);
    bool is_command = strcmp(method, "GET") != 0;
    enum log_level level = http_status >= 500 ? LOG_ERROR
                           : is_command       ? ANSWER_LOG_LEVEL
                                              : LOG_DEBUG;
    log_write(call->admin->parts.log, level, "admin", LOG_STRING("method", method),
              LOG_STRING("path", http_path(call->exchange)), LOG_INTEGER("status", http_status),
              LOG_STRING("problem", http_status >= 400 ? call->problem.text : NULL), LOG_END);
}

void admin_answer(struct admin_call *call, int http_status, struct json *body)
{
    char *text = json_print(body, false);
    char *line = NULL;
    int length = asprintf(&line, "%s\n", text); /* so that curl leaves a clean prompt */
    ENSURE(length >= 0);
    answer_log(call, http_status);
    http_answer(call->exchange, http_status, "application/json", line, (size_t)length);
    free(line);
    free(text);
    json_free(body);
    call_unlist(call);
    call_free(call);
}

static void fail_as(struct admin_call *call, int http_status, enum status status,
                    const struct problem *problem)
{
    struct json *body = json_new_object();
    json_set_string(body, "error", status_name(status));
    json_set_string(body, "message", problem->text);
    if (problem != &call->problem) {
        call->problem = *problem;
    }
    admin_answer(call, http_status, body);
}

void admin_fail(struct admin_call *call, enum status status, const struct problem *problem)
{
    int http_status = 500;
    switch (status) {
    case ST_INVALID:
        http_status = 400;
        break;
    case ST_NOT_FOUND:
        http_status = 404;
        break;
    case ST_CONFLICT:
        http_status = 409;
        break;
    case ST_BUSY:
        http_status = 429;
        break;
    case ST_FULL:
    case ST_STORE:
    case ST_LOST:
        http_status = 503;
        break;
    case ST_OK:
    case ST_NETWORK:
    case ST_PEER:
        break;
    }
    fail_as(call, http_status, status, problem);
}

void admin_fail_call(struct admin_call *call)
{
    admin_fail(call, call->status, &call->problem);
}

const struct seller_config *admin_seller(const struct admin_call *call)
{
    return config_seller(call->admin->config, call->seller_id);
}

struct instant admin_now(const struct admin_call *call)
{
    return loop_now(call->admin->parts.loop);
}

bool admin_query_number(struct admin_call *call, uint64_t *number)
{
    const char *text = call->query.after;
    size_t length = strlen(text);
    *number = 0;
    if (length > 18 || strspn(text, "0123456789") != length) {
        call->status = problem_set(&call->problem, ST_INVALID,
                                   "after: \"%s\" is not a number as they are listed", text);
        admin_fail_call(call);
        return false;
    }
    *number = length > 0 ? strtoull(text, NULL, 10) : 0;
    return true;
}

void admin_answer_list(struct admin_call *call, const char *noun, uint32_t count, admin_item *item,
                       struct json *next)
{
    if (call->status != ST_OK) {
        json_free(next);
        admin_fail_call(call);
        return;
    }
    struct json *items = json_new_array();
    for (uint32_t i = 0; i < count; i++) {
        json_append(items, item(call, i));
    }
    struct json *body = json_new_object();
    json_set(body, noun, items);
    json_set(body, "next", next);
    admin_answer(call, 200, body);
}

struct json *admin_next_id(const struct admin_call *call, uint32_t count, const char *last_id)
{
    return count > 0 && count == call->query.max ? json_new_string(last_id) : json_new_null();
}

/* --- what is asked for --------------------------------------------------------------------- */

static void handle(void *arg, struct http_exchange *exchange)
{
    struct admin_call *call = call_new(arg, exchange);
    const struct admin_route *route = NULL;
    struct problem problem;
    size_t body_length;
    (void)http_body(exchange, &body_length);
    if (body_length > BODY_BYTES_MAX) {
        fail_as(
            call, 413,
            problem_set(&problem, ST_INVALID, "the body is longer than %d bytes", BODY_BYTES_MAX),
            &problem);
        return;
    }
    bool is_other_method = false;
    enum status status = admin_route_find(call, &route, &is_other_method, &problem);
    if (is_other_method) {
        fail_as(call, 405, status, &problem);
    } else if (status != ST_OK) {
        admin_fail(call, status, &problem);
    } else {
        route->handler(call);
    }
}

/* --- start and stop ------------------------------------------------------------------------ */

enum status admin_new(const struct admin_parts *parts, const struct config *config,
                      struct admin **admin, struct problem *problem)
{
    struct admin *made = calloc(1, sizeof *made);
    ENSURE(made != NULL);
    made->parts = *parts;
    made->config = config;
    made->started = loop_ticks(parts->loop);
    struct http_server_options options = {
        .unix_path = config->admin_socket,
        .body_bytes_max = BODY_BYTES_READ,
        .connections_max = CONNECTIONS_MAX,
        .idle_seconds = IDLE_S,
        .request_ms = REQUEST_MS,
        .handler = handle,
        .arg = made,
    };
    enum status status = http_server_new(parts->loop, &options, &made->server, problem);
    if (status != ST_OK) {
        free(made);
        made = NULL;
    }
    *admin = made;
    return status;
}

void admin_configure(struct admin *admin, const struct config *config)
{
    admin->config = config;
}

void admin_free(struct admin *admin)
{
    if (admin == NULL) {
        return;
    }
    http_server_free(admin->server);
    struct admin_call *following;
    for (struct admin_call *call = admin->calls; call != NULL; call = following) {
        following = call->following;
        /* A call that is listed between two turns of the loop is with the runner or the store. */
        call->admin = NULL;
        call->exchange = NULL;
        call->previous = call->following = NULL;
    }
    free(admin);
}
