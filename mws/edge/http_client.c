/*
 * http_client.c - libcurl's multi interface on our loop.
 *
 * curl tells which descriptors it wants watched (on_socket) and when it wants to be woken
 * (on_timer); we tell curl what happened (curl_multi_socket_action) and then collect the transfers
 * that ended. A transfer (easy handle, copy of the body, buffer of the answer) is set up once and
 * used again.
 *
 * Rules that keep every request from being lost
 *   1. Finished transfers are collected after every socket_action, whatever it reports: the last
 *      running transfer can end by its deadline and leave only its message behind.
 *   2. A timeout of zero is a timer like any other, never a direct call back into curl.
 *   3. An error of a watch becomes CURL_CSELECT_ERR; curl finds out what it was.
 *   4. `done` is called from the loop only, when the transfer has left curl.
 *
 * NOT_SENT is claimed on proof only: curl calls on_before_request between the finished TLS
 * handshake and the first byte of the request, also when it tries a second connection. A transfer
 * for which it was never called has sent nothing.
 *
 * CURLOPT_CAPATH is NULL beside CURLOPT_CAINFO: otherwise curl's cache of the parsed bundle is off
 * and each new connection blocks the loop for 30 to 50 ms.
 */
#include "mws/edge/http_client.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <curl/curl.h>

#include "billing/ensure.h"
#include "mws/edge/trust.h"

#define CONNECT_TO_MAX 512

/* A setting or call that can only fail by a bug of ours, or when memory is gone. */
static void must(CURLcode code)
{
    ENSURE(code == CURLE_OK);
}

static void must_multi(CURLMcode code)
{
    ENSURE(code == CURLM_OK);
}

struct transfer {
    struct http_client *client;
    CURL *easy;
    struct curl_slist *own_headers; /* NULL = none; a form's are the client's */
    char *body;                     /* of the request */
    size_t body_room;
    char *answer;
    size_t answer_length;
    size_t answer_room;
    bool may_be_sent; /* on_before_request was called */
    bool is_repeated; /* and again: curl sent the same bytes once more over another connection */
    bool is_too_large;
    http_done *done;
    void *arg;
    struct transfer *previous; /* in the list of open transfers */
    struct transfer *next;     /* there, or in the list of idle ones */
    char problem[CURL_ERROR_SIZE];
};

struct http_client {
    struct loop *loop;
    struct timer *timer;
    CURLM *multi;
    struct curl_slist *form_headers; /* the same for every http_post */
    struct curl_slist *connect_to;   /* NULL = where the URL says */
    char *ca_file;
    char *user_agent;
    struct http_client_options options; /* its texts are the two above; connect_to is not kept */
    struct transfer *open;
    struct transfer *idle;
    size_t open_count;
    size_t idle_count;
    bool is_collecting; /* `done` is being called */
    bool is_closing;
};

/* ---- curl asks ---- */

struct socket_watch {
    struct http_client *client;
    struct watch *watch;
    curl_socket_t socket;
};

static void collect(struct http_client *client);

static void on_ready(void *arg, unsigned events)
{
    const struct socket_watch *ready = arg;
    struct http_client *client = ready->client;
    int flags = ((events & WATCH_READ) != 0 ? CURL_CSELECT_IN : 0) |
                ((events & WATCH_WRITE) != 0 ? CURL_CSELECT_OUT : 0) |
                ((events & WATCH_ERROR) != 0 ? CURL_CSELECT_ERR : 0);
    int running = 0;
    must_multi(curl_multi_socket_action(client->multi, ready->socket, flags, &running));
    collect(client);
}

static void on_timeout(void *arg)
{
    struct http_client *client = arg;
    int running = 0;
    must_multi(curl_multi_socket_action(client->multi, CURL_SOCKET_TIMEOUT, 0, &running));
    collect(client);
}

static int on_socket(CURL *easy, curl_socket_t socket, int what, void *arg, void *socket_arg)
{
    struct http_client *client = arg;
    struct socket_watch *watched = socket_arg;
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (watched != NULL) {
            must_multi(curl_multi_assign(client->multi, socket, NULL));
            watch_free(watched->watch);
            free(watched);
        }
        return 0;
    }
    if (watched == NULL) {
        watched = malloc(sizeof *watched);
        ENSURE(watched != NULL);
        watched->client = client;
        watched->socket = socket;
        watched->watch = watch_new(client->loop, socket, on_ready, watched);
        must_multi(curl_multi_assign(client->multi, socket, watched));
    }
    watch_start(watched->watch, ((what & CURL_POLL_IN) != 0 ? WATCH_READ : 0U) |
                                    ((what & CURL_POLL_OUT) != 0 ? WATCH_WRITE : 0U));
    return 0;
}

static int on_timer(CURLM *multi, long delay_ms, void *arg)
{
    const struct http_client *client = arg;
    (void)multi;
    if (delay_ms < 0) {
        timer_stop(client->timer);
    } else {
        timer_start(client->timer, delay_ms);
    }
    return 0;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): curl's type */
static int on_before_request(void *arg, char *remote_ip, char *local_ip, int remote_port,
                             int local_port)
{
    struct transfer *transfer = arg;
    (void)remote_ip;
    (void)local_ip;
    (void)remote_port;
    (void)local_port;
    transfer->is_repeated = transfer->may_be_sent;
    transfer->may_be_sent = true;
    return CURL_PREREQFUNC_OK;
}

static size_t on_answer(char *bytes, size_t size, size_t count, void *arg)
{
    struct transfer *transfer = arg;
    size_t length = size * count;
    if (length > transfer->client->options.response_bytes_max - transfer->answer_length) {
        transfer->is_too_large = true;
        return 0; /* any other number than `length` ends the transfer */
    }
    size_t needed = transfer->answer_length + length + 1;
    if (needed > transfer->answer_room) {
        size_t room = needed < 4096 ? 4096 : needed * 2;
        transfer->answer = realloc(transfer->answer, room);
        ENSURE(transfer->answer != NULL);
        transfer->answer_room = room;
    }
    memcpy(transfer->answer + transfer->answer_length, bytes, length);
    transfer->answer_length += length;
    return length;
}

/* ---- transfers ---- */

static struct transfer *transfer_new(struct http_client *client)
{
    const struct http_client_options *options = &client->options;
    struct transfer *transfer = calloc(1, sizeof *transfer);
    ENSURE(transfer != NULL);
    transfer->client = client;
    CURL *easy = curl_easy_init();
    ENSURE(easy != NULL);
    transfer->easy = easy;

    must(curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer));
    must(curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L));
    must(curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->problem));
    must(curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_before_request));
    must(curl_easy_setopt(easy, CURLOPT_PREREQDATA, transfer));
    must(curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_answer));
    must(curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer));

    must(curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR,
                          options->plain_allowed ? "https,http" : "https"));
    must(curl_easy_setopt(easy, CURLOPT_CONNECT_TO, client->connect_to));
    must(curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L));
    must(curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1));
    must(curl_easy_setopt(easy, CURLOPT_USERAGENT, options->user_agent));

    must(curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L));
    must(curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L));
    must(curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2));
    must(curl_easy_setopt(easy, CURLOPT_CAINFO, options->ca_file));
    must(curl_easy_setopt(easy, CURLOPT_CAPATH, NULL));

    must(curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L));
    must(curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, options->connect_deadline_ms));
    must(curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, options->total_deadline_ms));
    return transfer;
}

static void transfer_free(struct transfer *transfer)
{
    curl_easy_cleanup(transfer->easy);
    curl_slist_free_all(transfer->own_headers);
    free(transfer->body);
    free(transfer->answer);
    free(transfer);
}

static struct transfer *transfer_take(struct http_client *client)
{
    struct transfer *transfer = client->idle;
    if (transfer == NULL) {
        return transfer_new(client);
    }
    client->idle = transfer->next;
    client->idle_count--;
    return transfer;
}

/* Keeps as many for later as there can be connections; more were only needed for a moment. */
static void transfer_give_back(struct transfer *transfer)
{
    struct http_client *client = transfer->client;
    curl_slist_free_all(transfer->own_headers);
    transfer->own_headers = NULL;
    if (client->idle_count >= (size_t)client->options.connections_max) {
        transfer_free(transfer);
        return;
    }
    transfer->next = client->idle;
    client->idle = transfer;
    client->idle_count++;
}

static void link_open(struct http_client *client, struct transfer *transfer)
{
    transfer->previous = NULL;
    transfer->next = client->open;
    if (client->open != NULL) {
        client->open->previous = transfer;
    }
    client->open = transfer;
    client->open_count++;
}

static void unlink_open(struct http_client *client, struct transfer *transfer)
{
    if (client->open == transfer) {
        client->open = transfer->next;
    } else {
        transfer->previous->next = transfer->next;
    }
    if (transfer->next != NULL) {
        transfer->next->previous = transfer->previous;
    }
    client->open_count--;
}

/* An error that answers the second send of the same bytes says nothing about the first, which may
 * have been acted upon: that is no answer. */
static enum http_failure failure_of(const struct transfer *transfer, CURLcode code)
{
    if (code == CURLE_OK) {
        long status = 0;
        must(curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status));
        return transfer->is_repeated && status >= 300 ? HTTP_NO_ANSWER : HTTP_OK;
    }
    if (transfer->is_too_large) {
        return HTTP_TOO_LARGE;
    }
    return transfer->may_be_sent ? HTTP_NO_ANSWER : HTTP_NOT_SENT;
}

/* Takes the transfer out of curl and tells its owner. */
static void finish(struct transfer *transfer, enum http_failure failure, const char *problem)
{
    struct http_client *client = transfer->client;
    long status = 0;
    must(curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status));
    must_multi(curl_multi_remove_handle(client->multi, transfer->easy));
    unlink_open(client, transfer);

    struct http_result result = {
        .failure = failure,
        .status = (int)status,
        .body = "",
        .problem = problem,
    };
    if (failure == HTTP_OK && transfer->answer_length > 0) {
        transfer->answer[transfer->answer_length] = '\0';
        result.body = transfer->answer;
        result.body_length = transfer->answer_length;
    }
    client->is_collecting = true;
    transfer->done(transfer->arg, &result);
    client->is_collecting = false;
    transfer_give_back(transfer);
}

static void collect(struct http_client *client)
{
    int left = 0;
    const CURLMsg *message;
    while ((message = curl_multi_info_read(client->multi, &left)) != NULL) {
        if (message->msg != CURLMSG_DONE) {
            continue;
        }
        CURLcode code = message->data.result;
        struct transfer *transfer = NULL;
        must(curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer));
        const char *problem =
            transfer->problem[0] != '\0' ? transfer->problem : curl_easy_strerror(code);
        if (transfer->is_too_large) {
            problem = "the answer is too large";
        }
        enum http_failure failure = failure_of(transfer, code);
        if (code == CURLE_OK) {
            problem = failure == HTTP_OK ? "" : "only a repetition was answered, with an error";
        }
        finish(transfer, failure, problem);
    }
}

/* ---- the client ---- */

static CURLM *multi_new(struct http_client *client)
{
    CURLM *multi = curl_multi_init();
    ENSURE(multi != NULL);
    long connections = client->options.connections_max;
    must_multi(curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket));
    must_multi(curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, client));
    must_multi(curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer));
    must_multi(curl_multi_setopt(multi, CURLMOPT_TIMERDATA, client));
    must_multi(curl_multi_setopt(multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING));
    must_multi(curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, connections));
    must_multi(curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, connections));
    return multi;
}

/* Puts `line` (copied) at the end of `list`, which may be NULL, and returns the list. */
static struct curl_slist *with_line(struct curl_slist *list, const char *line)
{
    struct curl_slist *longer = curl_slist_append(list, line);
    ENSURE(longer != NULL);
    return longer;
}

/* An empty "Expect:" takes curl's own "Expect: 100-continue" out. */
static struct curl_slist *headers_new(void)
{
    return with_line(NULL, "Expect:");
}

static struct curl_slist *connect_to_new(const char *place)
{
    char line[CONNECT_TO_MAX];
    if (place == NULL) {
        return NULL;
    }
    int length = snprintf(line, sizeof line, "::%s", place); /* whatever host, whatever port */
    ENSURE(length > 0 && (size_t)length < sizeof line);
    return with_line(NULL, line);
}

static char *copy_text(const char *text)
{
    char *copy = strdup(text);
    ENSURE(copy != NULL);
    return copy;
}

struct http_client *http_client_new(struct loop *loop, const struct http_client_options *options,
                                    struct problem *problem)
{
    const char *ca_file = options->ca_file != NULL ? options->ca_file : CA_FILE_SYSTEM;
    ENSURE(options->user_agent != NULL);
    ENSURE(options->connections_max > 0);
    ENSURE(options->connect_deadline_ms > 0);
    ENSURE(options->total_deadline_ms > 0);
    ENSURE(options->response_bytes_max > 0);
    if (access(ca_file, R_OK) != 0) {
        (void)problem_set(problem, ST_INVALID,
                          "the file of certificate authorities %s cannot be read", ca_file);
        return NULL;
    }
    must(curl_global_init(CURL_GLOBAL_DEFAULT)); /* counts; each client undoes its own */
    struct http_client *client = calloc(1, sizeof *client);
    ENSURE(client != NULL);
    client->loop = loop;
    client->options = *options;
    client->ca_file = copy_text(ca_file);
    client->user_agent = copy_text(options->user_agent);
    client->options.ca_file = client->ca_file;
    client->options.user_agent = client->user_agent;
    client->options.connect_to = NULL;
    client->connect_to = connect_to_new(options->connect_to);
    client->form_headers =
        with_line(headers_new(), "Content-Type: application/x-www-form-urlencoded; charset=utf-8");
    client->timer = timer_new(loop, on_timeout, client);
    client->multi = multi_new(client);
    return client;
}

void http_client_free(struct http_client *client)
{
    if (client == NULL) {
        return;
    }
    ENSURE(!client->is_collecting); /* never from within `done` */
    client->is_closing = true;
    for (struct transfer *transfer = client->open, *next; transfer != NULL; transfer = next) {
        next = transfer->next; /* http_send refuses now: the list only shrinks */
        finish(transfer, HTTP_CANCELED, "the client was closed");
    }
    while (client->idle != NULL) {
        transfer_free(transfer_take(client));
    }
    must_multi(curl_multi_cleanup(client->multi));
    timer_free(client->timer);
    curl_slist_free_all(client->form_headers);
    curl_slist_free_all(client->connect_to);
    free(client->ca_file);
    free(client->user_agent);
    free(client);
    curl_global_cleanup();
}

/* ---- requests ---- */

static void keep_body(struct transfer *transfer, const char *body, size_t length)
{
    if (transfer->body == NULL || transfer->body_room < length) {
        free(transfer->body);
        transfer->body = malloc(length + 1); /* never NULL: curl would ask for the bytes */
        ENSURE(transfer->body != NULL);
        transfer->body_room = length;
    }
    memcpy(transfer->body, body, length);
}

/* Everything that differs between two requests of one transfer is set here, each time: method,
 * body and headers of the one before must not show. */
static void start(struct transfer *transfer, const struct http_request *request,
                  struct curl_slist *headers, http_done *done, void *arg)
{
    struct http_client *client = transfer->client;
    transfer->answer_length = 0;
    transfer->may_be_sent = false;
    transfer->is_repeated = false;
    transfer->is_too_large = false;
    transfer->problem[0] = '\0';
    transfer->done = done;
    transfer->arg = arg;
    must(curl_easy_setopt(transfer->easy, CURLOPT_URL, request->url));
    must(curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, headers));
    if (request->body == NULL) {
        must(curl_easy_setopt(transfer->easy, CURLOPT_HTTPGET, 1L));
    } else {
        ENSURE(request->body_length <= LONG_MAX);
        keep_body(transfer, request->body, request->body_length);
        must(curl_easy_setopt(transfer->easy, CURLOPT_POST, 1L));
        must(curl_easy_setopt(transfer->easy, CURLOPT_POSTFIELDS, transfer->body));
        must(curl_easy_setopt(transfer->easy, CURLOPT_POSTFIELDSIZE, (long)request->body_length));
    }
    link_open(client, transfer);
    must_multi(curl_multi_add_handle(client->multi, transfer->easy));
}

/* "Name: value" on one line. Without a value curl would send nothing, and say nothing. */
static bool is_header(const char *line)
{
    size_t name = strcspn(line, ":; \t\r\n");
    return name > 0 && strncmp(line + name, ": ", 2) == 0 && line[name + 2] > ' ' &&
           line[strcspn(line, "\r\n")] == '\0';
}

enum status http_send(struct http_client *client, const struct http_request *request,
                      http_done *done, void *arg)
{
    if (client->is_closing) {
        return ST_BUSY;
    }
    struct curl_slist *headers = headers_new();
    for (size_t i = 0; request->headers != NULL && request->headers[i] != NULL; i++) {
        if (!is_header(request->headers[i])) {
            curl_slist_free_all(headers);
            return ST_INVALID;
        }
        headers = with_line(headers, request->headers[i]);
    }
    struct transfer *transfer = transfer_take(client);
    transfer->own_headers = headers;
    start(transfer, request, headers, done, arg);
    return ST_OK;
}

enum status http_post(struct http_client *client, const char *url, const char *body,
                      size_t body_length, http_done *done, void *arg)
{
    if (client->is_closing) {
        return ST_BUSY;
    }
    const struct http_request request = {.url = url, .body = body, .body_length = body_length};
    start(transfer_take(client), &request, client->form_headers, done, arg);
    return ST_OK;
}

size_t http_client_open_count(const struct http_client *client)
{
    return client->open_count;
}
