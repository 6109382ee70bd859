/*
 * admin.c - the admin server: finds what a request asks for, and keeps track of it until it is
 * answered.
 *
 * A request is refused as a whole when anything in it is not known: path, method, query argument,
 * seller. So a misspelt filter is a sentence, never a list of everything.
 *
 * Invariants: admin_parts.h. Read on in the file of the noun.
 */
#include "scheduler/admin.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "scheduler/admin_parts.h"

#define PATH_MAX_BYTES   512
#define SEGMENTS_MAX     7         /* one more than the longest path has */
#define BODY_BYTES_MAX   16384     /* the longest request we know has under 2 KiB */
#define BODY_BYTES_READ  (1 << 20) /* read whole, to be refused with a sentence */
#define CONNECTIONS_MAX  128
#define IDLE_S           60
#define REQUEST_MS       30000
#define ANSWER_LOG_LEVEL LOG_INFO /* of commands: who changed what is asked for years later */

/* Below /v1/sellers/{seller}/. */
static const struct admin_route routes[] = {
    {"GET", "agreements", false, "", " after max ", admin_agreements_list},
    {"POST", "agreements", false, "", " ", admin_agreements_register},
    {"GET", "agreements", true, "", " ", admin_agreements_show},
    {"POST", "agreements", true, "sync", " ", admin_agreements_sync},
    {"POST", "agreements", true, "stop", " ", admin_agreements_stop},
    {"POST", "agreements", true, "start", " ", admin_agreements_start},
    {"GET", "subscriptions", false, "", " agreement state after max ", admin_subscriptions_list},
    {"POST", "subscriptions", false, "", " ", admin_subscriptions_create},
    {"GET", "subscriptions", true, "", " ", admin_subscriptions_show},
    {"POST", "subscriptions", true, "cancel", " ", admin_subscriptions_cancel},
    {"POST", "subscriptions", true, "pause", " ", admin_subscriptions_pause},
    {"POST", "subscriptions", true, "resume", " ", admin_subscriptions_resume},
    {"POST", "subscriptions", true, "skip", " ", admin_subscriptions_skip},
    {"POST", "subscriptions", true, "move", " ", admin_subscriptions_move},
    {"POST", "subscriptions", true, "change", " ", admin_subscriptions_change},
    {"POST", "subscriptions", true, "replace", " ", admin_subscriptions_replace},
    {"POST", "subscriptions", true, "stop", " ", admin_subscriptions_stop},
    {"POST", "subscriptions", true, "start", " ", admin_subscriptions_start},
    {"GET", "charges", false, "", " agreement subscription state after max ", admin_charges_list},
    {"POST", "charges", false, "", " ", admin_charges_once},
    {"GET", "charges", true, "", " ", admin_charges_show},
    {"POST", "charges", true, "approve", " ", admin_charges_approve},
    {"POST", "charges", true, "reject", " ", admin_charges_reject},
    {"POST", "charges", true, "ship", " ", admin_charges_ship},
    {"POST", "charges", true, "void", " ", admin_charges_void},
    {"GET", "charges", true, "refunds", " after max ", admin_refunds_of_charge},
    {"POST", "charges", true, "refunds", " ", admin_refunds_create},
    {"GET", "refunds", false, "", " charge after max ", admin_refunds_list},
    {"GET", "policies", false, "", " after max ", admin_policies_list},
    {"GET", "policies", true, "", " ", admin_policies_show},
    {"GET", "events", false, "", " after max ", admin_events_list},
    {"GET", "notices", false, "", " kind object after max ", admin_notices_list},
    {"POST", "stop", false, "", " ", admin_stop},
    {"POST", "start", false, "", " ", admin_start},
};

#define ROUTE_COUNT (sizeof routes / sizeof routes[0])

/* Below /v1/. */
static const struct admin_route routes_of_all[] = {
    {"GET", "status", false, "", " ", admin_status},
    {"POST", "stop", false, "", " ", admin_stop},
    {"POST", "start", false, "", " ", admin_start},
};

#define ROUTES_OF_ALL_COUNT (sizeof routes_of_all / sizeof routes_of_all[0])

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
        (void)problem_set(&call->problem, ST_BUSY, "the daemon is still starting");
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

struct json *admin_page(const char *noun, struct json *items, uint32_t count, uint32_t max,
                        const char *last_id)
{
    struct json *page = json_new_object();
    json_set(page, noun, items);
    if (count == max) {
        json_set_string(page, "next", last_id);
    } else {
        json_set(page, "next", json_new_null());
    }
    return page;
}

/* --- what is asked for --------------------------------------------------------------------- */

struct path {
    char text[PATH_MAX_BYTES];
    uint32_t count;
    char *segments[SEGMENTS_MAX];
};

/* As it was sent: no name of ours needs percent-encoding, so that an encoded slash cannot make one
 * path look like another. */
static bool path_split(struct path *path, const char *text)
{
    int length = snprintf(path->text, sizeof path->text, "%s", text);
    path->count = 0;
    if (length < 0 || (size_t)length >= sizeof path->text || path->text[0] != '/') {
        return false;
    }
    char *at = path->text;
    while (at != NULL) {
        *at++ = '\0';
        if (path->count == SEGMENTS_MAX || *at == '\0' || *at == '/') {
            return false;
        }
        path->segments[path->count++] = at;
        at = strchr(at, '/');
    }
    return true;
}

/* The segments from the `first`-th on against a route, whatever the method. */
static bool route_fits(const struct admin_route *route, const struct path *path, uint32_t first)
{
    uint32_t wanted = first + 1U + (route->has_id ? 1 : 0) + (route->verb[0] != '\0' ? 1 : 0);
    return path->count == wanted && strcmp(path->segments[first], route->noun) == 0 &&
           (route->verb[0] == '\0' || strcmp(path->segments[first + 2], route->verb) == 0);
}

/* The route of that method; `other` is one of another method at the same path. */
static const struct admin_route *route_among(const struct admin_route *list, size_t count,
                                             const struct path *path, uint32_t first,
                                             const char *method, const struct admin_route **other)
{
    for (size_t i = 0; i < count; i++) {
        if (route_fits(&list[i], path, first)) {
            if (strcmp(list[i].method, method) == 0) {
                return &list[i];
            }
            *other = &list[i];
        }
    }
    return NULL;
}

static bool is_of_seller(const struct path *path)
{
    return path->count >= 4 && strcmp(path->segments[1], "sellers") == 0;
}

static enum status route_find(const struct path *path, const char *method,
                              const struct admin_route **found, struct problem *problem)
{
    const struct admin_route *other = NULL;
    *found = NULL;
    if (path->count < 2 || strcmp(path->segments[0], "v1") != 0) {
        return ST_NOT_FOUND;
    }
    *found = is_of_seller(path)
                 ? route_among(routes, ROUTE_COUNT, path, 3, method, &other)
                 : route_among(routes_of_all, ROUTES_OF_ALL_COUNT, path, 1, method, &other);
    if (*found == NULL && other != NULL) {
        return problem_set(problem, ST_INVALID, "%.16s is not allowed here, %s is", method,
                           other->method);
    }
    return *found == NULL ? ST_NOT_FOUND : ST_OK;
}

/* Refuses arguments that the route does not know, or that stand twice. */
static enum status query_check(const char *raw, const char *known, struct problem *problem)
{
    const char *at = raw;
    char seen[128] = " ";
    while (*at != '\0') {
        size_t length = strcspn(at, "&");
        size_t name_length = strcspn(at, "=&");
        char name[32];
        (void)snprintf(name, sizeof name, " %.*s ", (int)(name_length < 28 ? name_length : 28), at);
        if (length > 0 && (name_length == 0 || strstr(known, name) == NULL)) {
            return problem_set(problem, ST_INVALID, "\"%.*s\" is not an argument of this request",
                               (int)(name_length < 60 ? name_length : 60), at);
        }
        if (length > 0 && strstr(seen, name) != NULL) {
            return problem_set(problem, ST_INVALID, "%.*s: stands twice", (int)name_length, at);
        }
        if (length > 0) { /* at most all known names, and they are few */
            size_t used = strlen(seen);
            (void)snprintf(seen + used, sizeof seen - used, "%s", name + 1);
        }
        at += length + (at[length] == '&' ? 1 : 0);
    }
    return ST_OK;
}

static enum status query_text(struct http_exchange *exchange, const char *name,
                              char text[static ADMIN_ID_MAX], struct problem *problem)
{
    const char *value = http_query(exchange, name);
    if (value != NULL && strlen(value) >= ADMIN_ID_MAX) {
        return problem_set(problem, ST_INVALID, "%s: longer than %d characters", name,
                           ADMIN_ID_MAX - 1);
    }
    (void)snprintf(text, ADMIN_ID_MAX, "%s", value != NULL ? value : "");
    return ST_OK;
}

static enum status query_read(struct http_exchange *exchange, struct admin_query *query,
                              struct problem *problem)
{
    char max[ADMIN_ID_MAX] = "";
    const struct {
        const char *name;
        char *text;
    } texts[] = {
        {"after", query->after},
        {"agreement", query->agreement_id},
        {"charge", query->charge_id},
        {"kind", query->kind},
        {"max", max},
        {"object", query->object_id},
        {"state", query->state},
        {"subscription", query->subscription_key},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        enum status status = query_text(exchange, texts[i].name, texts[i].text, problem);
        if (status != ST_OK) {
            return status;
        }
    }
    query->max = ADMIN_PAGE_DEFAULT;
    if (http_query(exchange, "max") != NULL) {
        bool is_number =
            max[0] != '\0' && strlen(max) <= 3 && strspn(max, "0123456789") == strlen(max);
        query->max = is_number ? (uint32_t)strtoul(max, NULL, 10) : 0;
        if (query->max < 1 || query->max > ADMIN_PAGE_MAX) {
            return problem_set(problem, ST_INVALID,
                               "max: \"%s\" is not a whole number from 1 to %d", max,
                               ADMIN_PAGE_MAX);
        }
    }
    return ST_OK;
}

static enum status ids_read(struct admin_call *call, const struct path *path,
                            const struct admin_route *route, struct problem *problem)
{
    const char *seller_id = path->segments[2];
    const char *id = route->has_id ? path->segments[4] : "";
    if (config_seller(call->admin->config, seller_id) == NULL) {
        return problem_set(problem, ST_NOT_FOUND, "seller %.40s is not configured", seller_id);
    }
    (void)snprintf(call->seller_id, sizeof call->seller_id, "%s", seller_id);
    if (strlen(id) >= sizeof call->id) {
        return problem_set(problem, ST_NOT_FOUND, "there is no %.80s...", id);
    }
    (void)snprintf(call->id, sizeof call->id, "%s", id);
    return ST_OK;
}

static void handle(void *arg, struct http_exchange *exchange)
{
    struct admin_call *call = call_new(arg, exchange);
    const struct admin_route *route = NULL;
    struct problem problem;
    struct path path = {.count = 0};
    size_t body_length;
    (void)problem_set(&problem, ST_NOT_FOUND, "there is no %.120s; see API.md",
                      http_path(exchange));
    (void)http_body(exchange, &body_length);
    if (body_length > BODY_BYTES_MAX) {
        fail_as(
            call, 413,
            problem_set(&problem, ST_INVALID, "the body is longer than %d bytes", BODY_BYTES_MAX),
            &problem);
        return;
    }
    enum status status = path_split(&path, http_raw_path(exchange))
                             ? route_find(&path, http_method(exchange), &route, &problem)
                             : ST_NOT_FOUND;
    if (status == ST_INVALID) {
        fail_as(call, 405, status, &problem);
        return;
    }
    ENSURE(IMPLIES(status == ST_OK, route != NULL));
    if (status == ST_OK && is_of_seller(&path)) {
        status = ids_read(call, &path, route, &problem);
    }
    if (status == ST_OK) {
        status = query_check(http_raw_query(exchange), route->query, &problem);
    }
    if (status == ST_OK) {
        status = query_read(exchange, &call->query, &problem);
    }
    if (status != ST_OK) {
        admin_fail(call, status, &problem);
        return;
    }
    route->handler(call);
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
