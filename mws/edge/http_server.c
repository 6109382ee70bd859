/*
 * http_server.c - libmicrohttpd on our loop.
 *
 * libmicrohttpd (MHD) runs without a thread of its own: its epoll descriptor is watched by the
 * loop, MHD_run() handles what is ready, and one timer covers what no descriptor announces (idle
 * connections; bytes that TLS has already decrypted). MHD's own limit is one of silence; how long a
 * request may take as a whole is a timer of each connection's. An exchange lives from the moment
 * MHD has read the request line (uri_seen) until MHD is done with the request (request_done),
 * whoever closes first.
 *
 *     READING ---- whole request ----> HANDLED ---- answer or drop in the handler ----> SETTLED
 *                                         \---- handler returns without ----> WAITING --/
 *
 * Invariants
 * 1. The handler sees an exchange once, in HANDLED; http_answer or http_drop ends it once (ENSURE).
 * 2. MHD is told the answer only inside its own callback (request_part): a later answer resumes the
 *    suspended connection, and MHD then calls back. So MHD_run is never entered from the handler.
 * 3. What is refused is refused before the body is read, and the connection is closed with it:
 * after a request whose end is in doubt nothing of that connection is trusted.
 *
 * Not done here: methods, paths and content types (the handler's), and limits on a client's rate.
 */
#include "mws/edge/http_server.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "billing/ensure.h"
#include "mws/edge/listener.h"

/* Of one connection: request line, headers and MHD's own bookkeeping. MHD clears it after each
 * request, so a generous size costs time; what does not fit is answered 431 or 414. */
#define CONNECTION_MEMORY_BYTES ((size_t)16 * 1024)
#define DISCARD_BYTES_MAX       ((size_t)64 * 1024) /* of a body that is too large */
#define RUNS_MAX                4  /* of MHD in one turn of the loop, before others get theirs */
#define QUIET_MS_MAX            64 /* between turns that MHD asks for while nothing comes */

struct connection {
    struct http_server *server;
    struct timer *timer; /* runs while a request is awaited or read; NULL = no limit */
    int fd;
    unsigned requests; /* whose request line came */
};

enum exchange_state { READING, HANDLED, WAITING, SETTLED };

struct http_exchange {
    struct http_server *server;
    struct http_exchange *next, *previous; /* the server's list of WAITING exchanges */
    struct MHD_Connection *connection;
    struct connection *origin;
    struct MHD_Response *response; /* SETTLED: NULL = drop the connection */
    enum exchange_state state;
    bool headers_seen;
    bool too_large;
    int status;
    const char *method;
    const char *path;
    const char *raw_query;
    char *body;
    size_t body_length, body_capacity;
    size_t discarded; /* bytes of a body that is too large */
    char uri[];       /* as sent, split at the question mark */
};

struct http_server {
    struct loop *loop;
    struct MHD_Daemon *daemon;
    struct watch *watch;
    struct timer *timer;
    bool timer_set;
    int64_t quiet_ms; /* since something came: how long the last turn that MHD wanted was put off */
    struct http_exchange *waiting;
    struct listener listener;
    size_t body_bytes_max;
    int64_t request_ms, idle_ms;
    uint64_t connections;
    http_handler *handler;
    void *arg;
    char *certificate_pem, *key_pem;
};

/* --- what the headers say ------------------------------------------------------------------- */

struct headers_check {
    unsigned hosts, lengths, codings;
    bool chunked;
    bool bad_character;
};

static bool is_token(const char *name, size_t length)
{
    static const char others[] = "!#$%&'*+-.^_`|~";

    for (size_t i = 0; i < length; i++) {
        char c = name[i];
        bool alphanumeric =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!alphanumeric && (c == '\0' || strchr(others, c) == NULL)) {
            return false;
        }
    }
    return length > 0;
}

static bool is_printable(const char *value, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)value[i];
        if ((c < 0x20 && c != '\t') || c == 0x7F) {
            return false;
        }
    }
    return true;
}

static enum MHD_Result check_header(void *arg, enum MHD_ValueKind kind, const char *name,
                                    size_t name_length, const char *value, size_t value_length)
{
    struct headers_check *check = arg;

    (void)kind;
    if (!is_token(name, name_length) || (value != NULL && !is_printable(value, value_length))) {
        check->bad_character = true;
    }
    if (strcasecmp(name, "Host") == 0) {
        check->hosts++;
    } else if (strcasecmp(name, "Content-Length") == 0) {
        check->lengths++;
    } else if (strcasecmp(name, "Transfer-Encoding") == 0) {
        check->codings++;
        check->chunked = value != NULL && strcasecmp(value, "chunked") == 0;
    }
    return MHD_YES;
}

/* NULL, or why the request is refused. */
static const char *headers_problem(struct http_exchange *exchange, const char *version)
{
    struct headers_check check = {0};

    (void)MHD_get_connection_values_n(exchange->connection, MHD_HEADER_KIND, check_header, &check);
    if (check.bad_character) {
        return "A header has a character that HTTP does not allow.\n";
    }
    if (check.hosts != 1) {
        return "A request has exactly one Host.\n";
    }
    if (check.lengths > 1 || check.codings > 1) {
        return "A request has one Content-Length or one Transfer-Encoding.\n";
    }
    if (check.lengths > 0 && check.codings > 0) {
        return "A request has Content-Length or Transfer-Encoding, not both.\n";
    }
    if (check.codings > 0 && (!check.chunked || strcmp(version, "HTTP/1.1") != 0)) {
        return "The only transfer coding is chunked, in HTTP/1.1.\n";
    }
    return NULL;
}

/* --- answers -------------------------------------------------------------------------------- */

static struct MHD_Response *response_new(const struct http_field *fields, size_t count,
                                         const char *body, size_t length)
{
    /* MUST_COPY never writes to the buffer, though its type cannot say so. */
    union {
        const char *in;
        void *out;
    } view = {.in = body};
    struct MHD_Response *response =
        MHD_create_response_from_buffer(length, view.out, MHD_RESPMEM_MUST_COPY);

    ENSURE(response != NULL);
    for (size_t i = 0; i < count; i++) {
        ENSURE(MHD_add_response_header(response, fields[i].name, fields[i].value) == MHD_YES);
    }
    return response;
}

static enum MHD_Result refuse(struct http_exchange *exchange, int status, const char *why)
{
    static const struct http_field fields[] = {
        {MHD_HTTP_HEADER_CONTENT_TYPE, "text/plain; charset=utf-8"},
        {MHD_HTTP_HEADER_CONNECTION, "close"},
    };
    struct MHD_Response *response = response_new(fields, 2, why, strlen(why));
    enum MHD_Result queued;

    queued = MHD_queue_response(exchange->connection, (unsigned)status, response);
    MHD_destroy_response(response);
    return queued;
}

static enum MHD_Result give_answer(struct http_exchange *exchange)
{
    struct MHD_Response *response = exchange->response;
    enum MHD_Result queued;

    if (response == NULL) {
        return MHD_NO; /* MHD closes the connection and sends nothing */
    }
    exchange->response = NULL;
    queued = MHD_queue_response(exchange->connection, (unsigned)exchange->status, response);
    MHD_destroy_response(response);
    return queued;
}

static void list_waiting(struct http_exchange *exchange)
{
    struct http_server *server = exchange->server;

    exchange->state = WAITING;
    exchange->previous = NULL;
    exchange->next = server->waiting;
    if (server->waiting != NULL) {
        server->waiting->previous = exchange;
    }
    server->waiting = exchange;
}

static void unlist_waiting(struct http_exchange *exchange)
{
    if (exchange->previous != NULL) {
        exchange->previous->next = exchange->next;
    } else {
        exchange->server->waiting = exchange->next;
    }
    if (exchange->next != NULL) {
        exchange->next->previous = exchange->previous;
    }
}

static void set_timer(struct http_server *server, int64_t delay_ms)
{
    server->timer_set = true;
    timer_start(server->timer, delay_ms);
}

static void settle(struct http_exchange *exchange, struct MHD_Response *response, int status)
{
    bool was_waiting = exchange->state == WAITING;

    ENSURE(exchange->state == HANDLED || exchange->state == WAITING);
    exchange->response = response;
    exchange->status = status;
    exchange->state = SETTLED;
    if (was_waiting) {
        unlist_waiting(exchange);
        MHD_resume_connection(exchange->connection);
        /* Without threads of its own MHD has no eventfd that would tell the loop. */
        exchange->server->quiet_ms = 0;
        set_timer(exchange->server, 0);
    }
}

void http_answer(struct http_exchange *exchange, int status, const char *content_type,
                 const char *body, size_t length)
{
    const struct http_field type = {MHD_HTTP_HEADER_CONTENT_TYPE, content_type};

    settle(exchange, response_new(&type, 1, body, length), status);
}

void http_answer_with(struct http_exchange *exchange, int status, const struct http_field *fields,
                      size_t count, const char *body, size_t length)
{
    settle(exchange, response_new(fields, count, body, length), status);
}

void http_drop(struct http_exchange *exchange)
{
    settle(exchange, NULL, 0);
}

/* --- how long a request may take ------------------------------------------------------------ */

/* MHD reads the end of the stream, and closes. */
static void took_too_long(void *arg)
{
    struct connection *connection = arg;

    (void)shutdown(connection->fd, SHUT_RDWR);
}

static void allow(struct connection *connection, int64_t delay_ms)
{
    if (connection->timer != NULL) {
        timer_start(connection->timer, delay_ms);
    }
}

static struct connection *connection_open(struct http_server *server, struct MHD_Connection *opened)
{
    struct connection *connection = calloc(1, sizeof *connection);
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(opened, MHD_CONNECTION_INFO_CONNECTION_FD);

    ENSURE(connection != NULL);
    ENSURE(info != NULL);
    connection->server = server;
    connection->fd = info->connect_fd;
    if (server->request_ms > 0) {
        connection->timer = timer_new(server->loop, took_too_long, connection);
    }
    allow(connection, server->request_ms);
    return connection;
}

static void connection_close(struct connection *connection)
{
    timer_free(connection->timer);
    free(connection);
}

/* The first request is timed from the connection's opening, TLS and all. */
static void request_begins(struct connection *connection)
{
    if (connection->requests++ > 0) {
        allow(connection, connection->server->request_ms);
    }
}

static void request_is_whole(struct connection *connection)
{
    if (connection->timer != NULL) {
        timer_stop(connection->timer);
    }
}

/* MHD does not tell when the next request's first byte comes, only when its line is whole. */
static void next_is_awaited(struct connection *connection)
{
    allow(connection, connection->server->idle_ms + connection->server->request_ms);
}

/* --- MHD's callbacks ------------------------------------------------------------------------ */

static void *uri_seen(void *arg, const char *uri, struct MHD_Connection *connection)
{
    size_t bytes = strlen(uri) + 1;
    struct http_exchange *exchange = calloc(1, sizeof *exchange + bytes);
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    char *query;

    ENSURE(exchange != NULL);
    ENSURE(info != NULL);
    exchange->server = arg;
    exchange->connection = connection;
    exchange->origin = info->socket_context;
    request_begins(exchange->origin);
    memcpy(exchange->uri, uri, bytes);
    query = strchr(exchange->uri, '?');
    if (query != NULL) {
        *query++ = '\0';
    }
    exchange->raw_query = query != NULL ? query : "";
    return exchange;
}

static void request_done(void *arg, struct MHD_Connection *connection, void **context,
                         enum MHD_RequestTerminationCode code)
{
    struct http_exchange *exchange = *context;

    (void)arg;
    (void)connection;
    (void)code;
    if (exchange == NULL) {
        return;
    }
    next_is_awaited(exchange->origin);
    if (exchange->state == WAITING) {
        unlist_waiting(exchange);
    }
    if (exchange->response != NULL) {
        MHD_destroy_response(exchange->response);
    }
    free(exchange->body);
    free(exchange);
    *context = NULL;
}

static void body_reserve(struct http_exchange *exchange, size_t length)
{
    size_t capacity = exchange->body_capacity;
    char *body;

    if (length < capacity) {
        return; /* room for the NUL too */
    }
    while (capacity <= length) {
        capacity = capacity == 0 ? 1024 : capacity * 2;
    }
    body = realloc(exchange->body, capacity);
    ENSURE(body != NULL);
    exchange->body = body;
    exchange->body_capacity = capacity;
}

/* A chunked body shows its size only as it comes: what passes the bound is read, not kept, and a
 * client that goes on and on is cut off. */
static enum MHD_Result take_body(struct http_exchange *exchange, const char *data, size_t *size)
{
    size_t bytes = *size;
    size_t bound = exchange->server->body_bytes_max;

    *size = 0;
    if (!exchange->too_large && bytes <= bound - exchange->body_length) {
        exchange->server->quiet_ms = 0; /* more of it may wait undecrypted, and nothing tells */
        body_reserve(exchange, exchange->body_length + bytes);
        memcpy(exchange->body + exchange->body_length, data, bytes);
        exchange->body_length += bytes;
        return MHD_YES;
    }
    exchange->too_large = true;
    exchange->discarded += bytes;
    return exchange->discarded <= DISCARD_BYTES_MAX ? MHD_YES : MHD_NO;
}

static enum MHD_Result check_headers(struct http_exchange *exchange, const char *version)
{
    const char *why = headers_problem(exchange, version);
    const char *length;

    if (why != NULL) {
        return refuse(exchange, MHD_HTTP_BAD_REQUEST, why);
    }
    length = MHD_lookup_connection_value(exchange->connection, MHD_HEADER_KIND,
                                         MHD_HTTP_HEADER_CONTENT_LENGTH);
    /* MHD has checked that it is a number that fits. */
    if (length != NULL && strtoull(length, NULL, 10) > exchange->server->body_bytes_max) {
        return refuse(exchange, MHD_HTTP_CONTENT_TOO_LARGE, "The body is too large.\n");
    }
    return MHD_YES;
}

static enum MHD_Result handle(struct http_exchange *exchange)
{
    struct http_server *server = exchange->server;

    if (exchange->too_large) {
        return refuse(exchange, MHD_HTTP_CONTENT_TOO_LARGE, "The body is too large.\n");
    }
    body_reserve(exchange, exchange->body_length);
    exchange->body[exchange->body_length] = '\0';
    request_is_whole(exchange->origin);
    exchange->state = HANDLED;
    server->handler(server->arg, exchange);
    if (exchange->state == SETTLED) {
        return give_answer(exchange);
    }
    list_waiting(exchange);
    MHD_suspend_connection(exchange->connection);
    return MHD_YES;
}

static enum MHD_Result request_part(void *arg, struct MHD_Connection *connection, const char *path,
                                    const char *method, const char *version, const char *data,
                                    size_t *size, void **context)
{
    struct http_exchange *exchange = *context;

    (void)arg;
    (void)connection;
    if (!exchange->headers_seen) {
        exchange->headers_seen = true;
        exchange->method = method;
        exchange->path = path;
        return check_headers(exchange, version);
    }
    if (*size > 0) {
        return take_body(exchange, data, size);
    }
    if (exchange->state == SETTLED) {
        return give_answer(exchange);
    }
    return exchange->state == READING ? handle(exchange) : MHD_YES;
}

static void connection_seen(void *arg, struct MHD_Connection *connection, void **context,
                            enum MHD_ConnectionNotificationCode code)
{
    struct http_server *server = arg;

    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        server->connections++;
        *context = connection_open(server, connection);
    } else {
        connection_close(*context);
        *context = NULL;
    }
}

/* --- the loop ------------------------------------------------------------------------------- */

/* MHD_get_timeout says 0 while bytes wait that no descriptor will announce, but also while anybody
 * who connected has not begun with TLS. Such turns come after 1, 2, 4 ... 64 ms, so that silence
 * costs next to nothing; what comes anew begins at once. Never after 0 ms: a timer that starts
 * itself again at once keeps the loop from everything else. Idle deadlines only move away, so a
 * timer that runs is never too late: it is not moved at every request. */
static void run(struct http_server *server)
{
    MHD_UNSIGNED_LONG_LONG timeout_ms = 0;

    for (int i = 0; i < RUNS_MAX; i++) {
        (void)MHD_run(server->daemon);
        if (MHD_get_timeout(server->daemon, &timeout_ms) != MHD_YES) {
            return;
        }
        if (timeout_ms > 0) {
            break;
        }
    }
    if (timeout_ms == 0) {
        int64_t longer_ms = server->quiet_ms > 0 ? 2 * server->quiet_ms : 1;
        server->quiet_ms = longer_ms < QUIET_MS_MAX ? longer_ms : QUIET_MS_MAX;
        set_timer(server, server->quiet_ms);
    } else if (!server->timer_set) {
        set_timer(server, timeout_ms < INT32_MAX ? (int64_t)timeout_ms : INT32_MAX);
    }
}

static void descriptor_ready(void *arg, unsigned events)
{
    struct http_server *server = arg;

    (void)events;
    server->quiet_ms = 0;
    run(server);
}

static void timer_fired(void *arg)
{
    struct http_server *server = arg;

    server->timer_set = false;
    run(server);
}

/* --- start and stop ------------------------------------------------------------------------- */

static char *copy(const char *text)
{
    char *result = text != NULL ? strdup(text) : NULL;

    ENSURE(text == NULL || result != NULL);
    return result;
}

static enum status start_daemon(struct http_server *server,
                                const struct http_server_options *options, struct problem *problem)
{
    bool tls = server->certificate_pem != NULL && server->key_pem != NULL;
    struct MHD_OptionItem tls_items[] = {
        {MHD_OPTION_HTTPS_MEM_CERT, 0, server->certificate_pem},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, server->key_pem},
        {MHD_OPTION_END, 0, NULL},
    };
    struct MHD_OptionItem no_items[] = {{MHD_OPTION_END, 0, NULL}};
    unsigned flags = MHD_USE_EPOLL | MHD_USE_TURBO | MHD_ALLOW_SUSPEND_RESUME |
                     (tls ? MHD_USE_TLS : MHD_NO_FLAG);

    server->daemon =
        MHD_start_daemon(flags, 0, NULL, NULL, request_part, server,                  /* */
                         MHD_OPTION_LISTEN_SOCKET, server->listener.fd,               /* */
                         MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY_BYTES, /* */
                         MHD_OPTION_CONNECTION_LIMIT, options->connections_max,       /* */
                         MHD_OPTION_CONNECTION_TIMEOUT, options->idle_seconds,        /* */
                         MHD_OPTION_STRICT_FOR_CLIENT, 1,                             /* */
                         MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1,                  /* see loop_new */
                         MHD_OPTION_URI_LOG_CALLBACK, uri_seen, server,         /* */
                         MHD_OPTION_NOTIFY_COMPLETED, request_done, server,     /* */
                         MHD_OPTION_NOTIFY_CONNECTION, connection_seen, server, /* */
                         MHD_OPTION_ARRAY, tls ? tls_items : no_items, MHD_OPTION_END);
    if (server->daemon == NULL) {
        (void)close(server->listener.fd);
        return problem_set(problem, ST_INVALID, "%s",
                           tls ? "the HTTPS server did not start: is the certificate or its key "
                                 "not the PEM that belongs together?"
                               : "the HTTP server did not start");
    }
    return ST_OK;
}

static void server_release(struct http_server *server)
{
    listener_unlink(&server->listener);
    free(server->certificate_pem);
    free(server->key_pem);
    free(server);
}

enum status http_server_new(struct loop *loop, const struct http_server_options *options,
                            struct http_server **result, struct problem *problem)
{
    struct http_server *server = calloc(1, sizeof *server);
    const union MHD_DaemonInfo *info;
    enum status status;

    *result = NULL;
    ENSURE(server != NULL);
    ENSURE(options->handler != NULL);
    server->loop = loop;
    server->request_ms = options->request_ms;
    server->idle_ms = (int64_t)options->idle_seconds * 1000;
    server->handler = options->handler;
    server->arg = options->arg;
    server->body_bytes_max = options->body_bytes_max;
    server->certificate_pem = copy(options->certificate_pem);
    server->key_pem = copy(options->key_pem);
    status = options->unix_path != NULL
                 ? listener_unix(options->unix_path, &server->listener, problem)
                 : listener_tcp(options->address, options->port, &server->listener, problem);
    if (status == ST_OK) {
        status = start_daemon(server, options, problem);
    }
    if (status != ST_OK) {
        server_release(server);
        return status;
    }
    info = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    ENSURE(info != NULL);
    server->timer = timer_new(loop, timer_fired, server);
    server->watch = watch_new(loop, info->epoll_fd, descriptor_ready, server);
    watch_start(server->watch, WATCH_READ);
    *result = server;
    return ST_OK;
}

void http_server_free(struct http_server *server)
{
    if (server == NULL) {
        return;
    }
    /* MHD must not be stopped with suspended connections. */
    while (server->waiting != NULL) {
        http_drop(server->waiting);
    }
    watch_free(server->watch);
    timer_free(server->timer);
    MHD_stop_daemon(server->daemon);
    server_release(server);
}

uint16_t http_server_port(const struct http_server *server)
{
    return server->listener.port;
}

uint64_t http_server_connections(const struct http_server *server)
{
    return server->connections;
}

/* --- reading a request ---------------------------------------------------------------------- */

static const char *look_up(const struct http_exchange *exchange, enum MHD_ValueKind kind,
                           const char *name)
{
    const char *value = NULL;
    size_t length;

    if (MHD_lookup_connection_value_n(exchange->connection, kind, name, strlen(name), &value,
                                      &length) != MHD_YES) {
        return NULL;
    }
    return value != NULL ? value : "";
}

const char *http_method(const struct http_exchange *exchange)
{
    return exchange->method;
}

const char *http_path(const struct http_exchange *exchange)
{
    return exchange->path;
}

const char *http_raw_path(const struct http_exchange *exchange)
{
    return exchange->uri;
}

const char *http_raw_query(const struct http_exchange *exchange)
{
    return exchange->raw_query;
}

const char *http_query(const struct http_exchange *exchange, const char *name)
{
    return look_up(exchange, MHD_GET_ARGUMENT_KIND, name);
}

const char *http_header(const struct http_exchange *exchange, const char *name)
{
    return look_up(exchange, MHD_HEADER_KIND, name);
}

const char *http_body(const struct http_exchange *exchange, size_t *length)
{
    *length = exchange->body_length;
    return exchange->body;
}
