/*
 * server.c - see server.h.
 *
 * The state file is written in the loop's thread: a sandbox is not in a hurry, and what it keeps is
 * then one moment, not a mixture.
 */
#include "mws/sandbox/server.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "mws/edge/http_server.h"
#include "mws/sandbox/control.h"
#include "mws/sandbox/deliver.h"
#include "mws/sandbox/payment.h"
#include "mws/sandbox/snapshot.h"

#define BODY_BYTES_MAX         ((size_t)64 * 1024)
#define CONTROL_BODY_BYTES_MAX ((size_t)1024 * 1024)
#define CONNECTIONS_MAX        4096
#define IDLE_S                 120
#define REQUEST_MS             60000
#define SAVE_INTERVAL_MS       5000
#define WAKE_MS_MAX            3600000

/* An answer that is given later. */
struct delayed {
    struct server *server;
    struct delayed *next, *previous;
    struct http_exchange *exchange;
    struct timer *timer;
    struct sandbox_answer answer;
};

struct server {
    struct loop *loop;
    struct sandbox *sandbox;
    const struct server_options *options;
    struct http_server *mws, *control;
    struct timer *save_timer;
    struct signers signers;
    struct deliver *deliver;
    struct timer *wake_timer; /* what becomes due is to be told then */
    struct delayed *delayed;
    struct sandbox_answer answer; /* its body is reused from request to request */
    struct text control_body;
};

/* --- notifications -----------------------------------------------------------------------------
 */

/* Nobody to tell: the next request applies what has become due. */
static void tell(struct server *server)
{
    struct world *world = &server->sandbox->world;
    struct instant due = agenda_next(&world->agenda);
    int64_t wait_ms;

    if (!world->notices.heard) {
        return;
    }
    deliver_pump(server->deliver);
    wait_ms = due.utc_ms - loop_now(server->loop).utc_ms - world->clock_ahead_ms;
    wait_ms = due.utc_ms == INSTANT_NEVER.utc_ms || wait_ms > WAKE_MS_MAX ? WAKE_MS_MAX : wait_ms;
    timer_start(server->wake_timer, wait_ms > 0 ? wait_ms : 1);
}

static void wake(void *arg)
{
    struct server *server = arg;
    struct world *world = &server->sandbox->world;

    world_advance(world, instant_plus(loop_now(server->loop), world->clock_ahead_ms));
    tell(server);
}

/* The certificates that notifications name; true when it was one. */
static bool answer_certificate(struct server *server, struct http_exchange *exchange)
{
    const char *pem = signers_certificate(&server->signers, http_raw_path(exchange));

    if (pem == NULL || strcmp(http_method(exchange), "GET") != 0) {
        return false;
    }
    http_answer(exchange, 200, "application/x-pem-file", pem, strlen(pem));
    return true;
}

/* --- Amazon's API
 * ---------------------------------------------------------------------------------- */

/* What a client sent is logged only where it has passed a table or the signature. */
static void log_request(struct server *server, const struct sandbox_answer *answer, int64_t took_us)
{
    char at[INSTANT_TEXT_MAX];
    const char *action = mws_action_name(answer->action);
    const char *error = mws_error_name(answer->error);

    if (!server->options->log_requests) {
        return;
    }
    instant_format(loop_now(server->loop), at);
    (void)fprintf(stderr,
                  "time=%s event=request action=%s seller=%s status=%d code=%s fault=%s "
                  "dropped=%s us=%" PRId64 "\n",
                  at, action[0] != '\0' ? action : "-",
                  answer->seller_id[0] != '\0' ? answer->seller_id : "-", answer->status,
                  error[0] != '\0' ? error : "-",
                  answer->fault.kind != FAULT_NONE ? fault_name(answer->fault.kind) : "-",
                  answer->drop ? "yes" : "no", took_us);
}

static void delayed_free(struct delayed *delayed)
{
    timer_free(delayed->timer);
    text_free(&delayed->answer.body);
    free(delayed);
}

static void delayed_unlink(struct delayed *delayed)
{
    if (delayed->previous != NULL) {
        delayed->previous->next = delayed->next;
    } else {
        delayed->server->delayed = delayed->next;
    }
    if (delayed->next != NULL) {
        delayed->next->previous = delayed->previous;
    }
}

/* The x-mws fields are read of every answer by the first SDKs. */
static void give_answer(struct http_exchange *exchange, const struct sandbox_answer *answer)
{
    char at[INSTANT_TEXT_MAX];
    const struct http_field fields[] = {
        {"Content-Type", answer->content_type},
        {"x-mws-request-id", answer->request_id},
        {"x-mws-response-context", answer->request_id},
        {"x-mws-timestamp", at},
    };

    instant_format(answer->at, at);
    http_answer_with(exchange, answer->status, fields, sizeof fields / sizeof fields[0],
                     answer->body.bytes, answer->body.length);
}

static void delay_is_over(void *arg)
{
    struct delayed *delayed = arg;

    give_answer(delayed->exchange, &delayed->answer);
    delayed_unlink(delayed);
    delayed_free(delayed);
}

static void answer_later(struct server *server, struct http_exchange *exchange)
{
    struct delayed *delayed = calloc(1, sizeof *delayed);

    ENSURE(delayed != NULL);
    delayed->server = server;
    delayed->exchange = exchange;
    delayed->answer = server->answer; /* its body is taken over; the next answer starts a new one */
    server->answer.body = (struct text){0};
    delayed->next = server->delayed;
    if (server->delayed != NULL) {
        server->delayed->previous = delayed;
    }
    server->delayed = delayed;
    delayed->timer = timer_new(server->loop, delay_is_over, delayed);
    timer_start(delayed->timer, server->answer.delay_ms);
}

/* Login with Amazon is asked at the same port; false when this is something else. */
static bool answer_login(struct server *server, struct http_exchange *exchange)
{
    struct text *body = &server->control_body;
    const char *header = http_header(exchange, "x-amz-access-token");
    struct login_request request = {
        .method = http_method(exchange),
        .path = http_path(exchange),
        .token = header != NULL ? header : http_query(exchange, "access_token"),
        .authorization = http_header(exchange, "Authorization"),
        .now = instant_plus(loop_now(server->loop), server->sandbox->world.clock_ahead_ms),
    };
    int status;

    if (!login_is_path(request.path)) {
        return false;
    }
    status = login_answer(&server->sandbox->logins, &request, body);
    http_answer(exchange, status, "application/json", body->bytes, body->length);
    return true;
}

static void on_mws(void *arg, struct http_exchange *exchange)
{
    struct server *server = arg;
    struct sandbox_answer *answer = &server->answer;
    struct sandbox_request request = {
        .method = http_method(exchange),
        .host = http_header(exchange, "Host"),
        .path = http_raw_path(exchange),
        .now = loop_now(server->loop),
        .ticks = loop_ticks(server->loop),
    };

    if (answer_certificate(server, exchange) || answer_login(server, exchange)) {
        return;
    }
    if (strcmp(request.method, "POST") == 0) {
        request.form = http_body(exchange, &request.form_length);
    } else if (strcmp(request.method, "GET") == 0) {
        request.form = http_raw_query(exchange);
        request.form_length = strlen(request.form);
    } else {
        static const char sentence[] = "Use POST or GET.\n";
        http_answer(exchange, 405, "text/plain", sentence, sizeof sentence - 1);
        return;
    }
    sandbox_handle(server->sandbox, &request, answer);
    log_request(server, answer, loop_ticks(server->loop).us - request.ticks.us);
    if (answer->drop) {
        http_drop(exchange);
    } else if (answer->delay_ms > 0) {
        answer_later(server, exchange);
    } else {
        give_answer(exchange, answer);
    }
    tell(server);
}

/* --- the control API
 * ------------------------------------------------------------------------------- */

static void on_control(void *arg, struct http_exchange *exchange)
{
    struct server *server = arg;
    const char *totals = http_query(exchange, "totals");
    struct control_request request = {
        .method = http_method(exchange),
        .path = http_path(exchange),
        .totals_only = totals != NULL && strcmp(totals, "1") == 0,
        .connections = http_server_connections(server->mws),
        .now = loop_now(server->loop),
    };
    int status;

    request.body = http_body(exchange, &request.body_length);
    status = control_handle(server->sandbox, &request, &server->control_body);
    http_answer(exchange, status, "application/json", server->control_body.bytes,
                server->control_body.length);
    tell(server);
}

/* --- the state file
 * -------------------------------------------------------------------------------- */

enum status server_save(struct server *server, struct problem *problem)
{
    struct world *world = &server->sandbox->world;

    if (server->options->state_file == NULL || !world->changed) {
        return ST_OK;
    }
    return snapshot_save(world, server->options->state_file, problem);
}

static void save_is_due(void *arg)
{
    struct server *server = arg;
    struct problem problem;

    if (server_save(server, &problem) != ST_OK) {
        (void)fprintf(stderr, "event=state_not_saved problem=\"%s\"\n", problem.text);
    }
    timer_start(server->save_timer, SAVE_INTERVAL_MS);
}

/* --- start and stop
 * -------------------------------------------------------------------------------- */

static enum status open_ports(struct server *server, struct problem *problem)
{
    const struct server_options *o = server->options;
    const struct http_server_options mws = {
        .address = o->address,
        .port = o->port,
        .certificate_pem = o->tls->certificate_pem,
        .key_pem = o->tls->key_pem,
        .body_bytes_max = BODY_BYTES_MAX,
        .connections_max = CONNECTIONS_MAX,
        .idle_seconds = IDLE_S,
        .request_ms = REQUEST_MS,
        .handler = on_mws,
        .arg = server,
    };
    const struct http_server_options control = {
        .address = "127.0.0.1",
        .port = o->control_port,
        .body_bytes_max = CONTROL_BODY_BYTES_MAX,
        .connections_max = CONNECTIONS_MAX,
        .idle_seconds = IDLE_S,
        .request_ms = REQUEST_MS,
        .handler = on_control,
        .arg = server,
    };
    enum status status = http_server_new(server->loop, &mws, &server->mws, problem);

    if (status == ST_OK) {
        status = http_server_new(server->loop, &control, &server->control, problem);
    }
    return status;
}

enum status server_new(struct loop *loop, struct sandbox *sandbox,
                       const struct server_options *options, struct server **result,
                       struct problem *problem)
{
    struct server *server = calloc(1, sizeof *server);
    enum status status;

    ENSURE(server != NULL);
    *result = NULL;
    server->loop = loop;
    server->sandbox = sandbox;
    server->options = options;
    server->wake_timer = timer_new(loop, wake, server);
    signers_init(&server->signers);
    status = signers_read(&server->signers, options->tls, problem);
    if (status == ST_OK) {
        status = deliver_new(loop, sandbox, &server->signers, options->notify_ca, &server->deliver,
                             problem);
    }
    if (status == ST_OK) {
        status = open_ports(server, problem);
    }
    if (status != ST_OK) {
        server_free(server);
        return status;
    }
    if (options->state_file != NULL) {
        server->save_timer = timer_new(loop, save_is_due, server);
        timer_start(server->save_timer, SAVE_INTERVAL_MS);
    }
    tell(server);
    *result = server;
    return ST_OK;
}

uint16_t server_port(const struct server *server)
{
    return http_server_port(server->mws);
}

uint16_t server_control_port(const struct server *server)
{
    return http_server_port(server->control);
}

void server_free(struct server *server)
{
    for (struct delayed *next, *delayed = server->delayed; delayed != NULL; delayed = next) {
        next = delayed->next;
        delayed_free(delayed); /* its exchange goes with the HTTP server */
    }
    http_server_free(server->mws);
    http_server_free(server->control);
    timer_free(server->save_timer);
    timer_free(server->wake_timer);
    deliver_free(server->deliver);
    signers_free(&server->signers);
    text_free(&server->answer.body);
    text_free(&server->control_body);
    free(server);
}
