/*
 * test_http_server.c - the HTTP server over real sockets (label e2e): what it must refuse, answers
 * at once and later, dropped connections, the Unix socket, and stopping with work open.
 *
 * The client is a plain blocking socket on the loop's worker thread, so that every byte is ours.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "mws/edge/certificate.h"
#include "mws/edge/http_server.h"
#include "mws/edge/loop.h"

#define BODY_MAX 4096

struct site {
    struct loop *loop;
    struct http_server *server;
    struct timer *timer;
    struct http_exchange *late;
    int handled;
    /* One conversation: sent whole, then read until the server closes or has said `until`. */
    const char *request;
    size_t request_length;
    const char *until;
    char response[65536];
    bool closed;
    unsigned trickled; /* bytes that followed the request one by one */
};

#define TRICKLE_MS 20L /* between them */

/* --- the server's side
 * -------------------------------------------------------------------------------- */

static void answer_late(void *arg)
{
    struct site *site = arg;

    http_answer(site->late, 200, "text/plain", "late", 4);
}

static void on_request(void *arg, struct http_exchange *exchange)
{
    struct site *site = arg;
    const char *path = http_path(exchange);
    const char *word = http_query(exchange, "word");
    const char *header = http_header(exchange, "x-word");
    size_t length;
    const char *body = http_body(exchange, &length);
    char text[8192];
    int written;

    site->handled++;
    assert_int_equal(body[length], '\0');
    if (strcmp(path, "/drop") == 0) {
        http_drop(exchange);
    } else if (strcmp(path, "/late") == 0 || strcmp(path, "/very-late") == 0) {
        site->late = exchange;
        timer_start(site->timer, strcmp(path, "/late") == 0 ? 1 : 600);
    } else if (strcmp(path, "/fields") == 0) {
        const struct http_field fields[] = {{"Content-Type", "text/xml"}, {"x-one", "1"}};
        http_answer_with(exchange, 202, fields, 2, "[fields]", 8);
    } else if (strcmp(path, "/never") == 0) {
        loop_stop(site->loop); /* the test goes on with the exchange open */
    } else {
        written = snprintf(text, sizeof text, "[%s %s|%s|%s|%s|%s|%s]", http_method(exchange), path,
                           http_raw_path(exchange), http_raw_query(exchange),
                           word != NULL ? word : "-", header != NULL ? header : "-", body);
        http_answer(exchange, 200, "text/plain", text, (size_t)written);
    }
}

static struct site *site_new_bounded(const char *unix_path, unsigned idle_seconds,
                                     unsigned request_ms)
{
    struct site *site = calloc(1, sizeof *site);
    struct problem problem;
    struct http_server_options options = {
        .unix_path = unix_path,
        .address = "127.0.0.1",
        .body_bytes_max = BODY_MAX,
        .connections_max = 16,
        .idle_seconds = idle_seconds,
        .request_ms = request_ms,
        .handler = on_request,
        .arg = site,
    };

    assert_non_null(site);
    site->loop = loop_new();
    site->timer = timer_new(site->loop, answer_late, site);
    if (http_server_new(site->loop, &options, &site->server, &problem) != ST_OK) {
        fail_msg("%s", problem.text);
    }
    return site;
}

static struct site *site_new(const char *unix_path)
{
    return site_new_bounded(unix_path, 30, 0);
}

static void site_free(struct site *site)
{
    http_server_free(site->server);
    timer_free(site->timer);
    loop_free(site->loop);
    free(site);
}

/* --- the client's side (on the worker thread)
 * ---------------------------------------------------------- */

static int connect_to(const struct site *site)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(http_server_port(site->server))};
    const struct timeval patience = {.tv_sec = 10};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    (void)inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

static void converse(void *arg)
{
    struct site *site = arg;
    int fd = connect_to(site);
    size_t used = 0;

    site->response[0] = '\0';
    site->closed = false;
    if (fd < 0) {
        return;
    }
    (void)send(fd, site->request, site->request_length, MSG_NOSIGNAL);
    while (used < sizeof site->response - 1) {
        ssize_t got = recv(fd, site->response + used, sizeof site->response - 1 - used, 0);
        if (got <= 0) {
            site->closed = true;
            break;
        }
        used += (size_t)got;
        site->response[used] = '\0';
        if (site->until != NULL && strstr(site->response, site->until) != NULL) {
            break;
        }
    }
    (void)close(fd);
}

static void conversed(void *arg)
{
    struct site *site = arg;

    loop_stop(site->loop);
}

/* Sends the bytes; reads until `until` has come or, with NULL, until the server closes. */
static const char *say(struct site *site, const char *request, size_t length, const char *until)
{
    site->request = request;
    site->request_length = length;
    site->until = until;
    loop_work(site->loop, converse, conversed, site);
    loop_run(site->loop);
    return site->response;
}

/* Sends the bytes, and then another one now and then until the server closes. */
static void trickle(void *arg)
{
    struct site *site = arg;
    const struct timeval pace = {.tv_usec = TRICKLE_MS * 1000};
    int fd = connect_to(site);
    ssize_t got = -1;

    site->trickled = 0;
    site->closed = false;
    if (fd < 0) {
        return;
    }
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &pace, sizeof pace);
    (void)send(fd, site->request, site->request_length, MSG_NOSIGNAL);
    while (!site->closed && site->trickled < 10000 / TRICKLE_MS) {
        got = recv(fd, site->response, sizeof site->response, 0);
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            got = send(fd, "a", 1, MSG_NOSIGNAL);
            site->trickled++;
        }
        site->closed = got <= 0;
    }
    (void)close(fd);
}

/* Asks, is answered, is silent for longer than a request may take, and asks again. */
static void ask_twice(void *arg)
{
    struct site *site = arg;
    const struct timeval silence = {.tv_usec = 600L * 1000};
    const struct timeval patience = {.tv_sec = 10};
    int fd = connect_to(site);

    if (fd < 0) {
        return;
    }
    (void)send(fd, site->request, site->request_length, MSG_NOSIGNAL);
    (void)recv(fd, site->response, sizeof site->response, 0);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof silence);
    site->closed = recv(fd, site->response, sizeof site->response, 0) >= 0;
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    (void)send(fd, site->request, site->request_length, MSG_NOSIGNAL);
    (void)recv(fd, site->response, sizeof site->response, 0);
    (void)close(fd);
}

static void expect_status(const char *response, const char *status, const char *request)
{
    if (strncmp(response, status, strlen(status)) != 0) {
        fail_msg("expected \"%s\" for\n%s\ngot\n%s", status, request, response);
    }
}

/* --- what is refused
 * ----------------------------------------------------------------------------------- */

#define POST "POST / HTTP/1.1\r\n"
#define HOST "Host: a\r\n"
#define END  "\r\n"

static void test_refused_with_400(void **state)
{
    static const char *const bad[] = {
        /* two answers to the question where the body ends */
        POST HOST "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n" END "0\r\n\r\n",
        POST HOST "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n" END "0\r\n\r\n",
        POST HOST "Content-Length: 3\r\nContent-Length: 4\r\n" END "abcd",
        POST HOST "Content-Length: 3\r\nContent-Length: 3\r\n" END "abc",
        POST HOST "Content-Length: 3\r\ncontent-length: 5\r\n" END "abcde",
        POST HOST "Content-Length: 3, 3\r\n" END "abc",
        POST HOST "Content-Length: -1\r\n" END,
        POST HOST "Content-Length: +3\r\n" END "abc",
        POST HOST "Content-Length: 0x3\r\n" END "abc",
        POST HOST "Content-Length: 3x\r\n" END "abc",
        POST HOST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n" END "0\r\n\r\n",
        POST HOST "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n" END "0\r\n\r\n",
        POST HOST "Transfer-Encoding: identity\r\n" END,
        POST HOST "Transfer-Encoding: gzip, chunked\r\n" END "0\r\n\r\n",
        POST HOST "Transfer-Encoding: xchunked\r\n" END "0\r\n\r\n",
        "POST / HTTP/1.0\r\n" HOST "Transfer-Encoding: chunked\r\n" END "0\r\n\r\n",
        /* two answers to the question whom it is for, or none */
        "GET / HTTP/1.1\r\n" END,
        "GET / HTTP/1.1\r\n" HOST HOST END,
        "GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\n" END,
        /* characters that another parser reads differently */
        "GET / HTTP/1.1\r\nHost : a\r\n" END,
        "GET / HTTP/1.1\r\n" HOST "Content-Length : 3\r\n" END "abc",
        "GET / HTTP/1.1\r\n" HOST "X-(y): 1\r\n" END,
        "GET / HTTP/1.1\r\n" HOST "X-Y: a\x01"
        "b\r\n" END,
        POST HOST "X: y\rTransfer-Encoding: chunked\r\n" END "0\r\n\r\n",
    };
    struct site *site = site_new(NULL);

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        /* Until the server closes: nothing behind a doubtful request is read. */
        const char *response = say(site, bad[i], strlen(bad[i]), NULL);
        expect_status(response, "HTTP/1.1 400 ", bad[i]);
        assert_true(site->closed);
        assert_null(strstr(response, "200 OK"));
    }
    assert_int_equal(site->handled, 0);
    site_free(site);
}

/* `head`, `count` times 'x', `tail`; for free(). */
static char *padded(const char *head, int count, const char *tail)
{
    char *text = NULL;

    assert_true(asprintf(&text, "%s%*s%s", head, count, "", tail) > 0);
    memset(text + strlen(head), 'x', (size_t)count);
    return text;
}

static void expect_padded(struct site *site, const char *head, int count, const char *tail,
                          const char *until, const char *status)
{
    char *request = padded(head, count, tail);

    expect_status(say(site, request, strlen(request), until), status, head);
    free(request);
}

static void test_bodies_that_are_too_large(void **state)
{
    struct site *site = site_new(NULL);

    (void)state;
    expect_padded(site, POST HOST "Content-Length: 4097\r\n" END, 4097, "", NULL, "HTTP/1.1 413 ");
    expect_padded(site, POST HOST "Transfer-Encoding: chunked\r\n" END "1001\r\n", 4097,
                  "\r\n0\r\n\r\n", NULL, "HTTP/1.1 413 ");
    assert_int_equal(site->handled, 0);
    /* At the bound it passes, both ways. */
    expect_padded(site, POST HOST "Content-Length: 4096\r\n" END, 4096, "", "x]", "HTTP/1.1 200 ");
    expect_padded(site, POST HOST "Transfer-Encoding: chunked\r\n" END "1000\r\n", 4096,
                  "\r\n0\r\n\r\n", "x]", "HTTP/1.1 200 ");
    site_free(site);
}

static void test_an_endless_chunked_body_is_cut_off(void **state)
{
    struct site *site = site_new(NULL);

    (void)state;
    expect_padded(site, POST HOST "Transfer-Encoding: chunked\r\n" END "40000\r\n", 0x40000, "",
                  NULL, "");
    assert_null(strstr(site->response, " 200 "));
    assert_true(site->closed);
    assert_int_equal(site->handled, 0);
    site_free(site);
}

static void test_headers_that_are_too_large(void **state)
{
    struct site *site = site_new(NULL);

    (void)state;
    expect_padded(site, "GET / HTTP/1.1\r\n" HOST "X-Long: ", 40000, "\r\n\r\n", NULL,
                  "HTTP/1.1 431 ");
    assert_int_equal(site->handled, 0);
    site_free(site);
}

/* --- what is served
 * ------------------------------------------------------------------------------------- */

static const char *say_text(struct site *site, const char *request, const char *until)
{
    return say(site, request, strlen(request), until);
}

static void test_a_request_reaches_the_handler_whole(void **state)
{
    struct site *site = site_new(NULL);

    (void)state;
    assert_non_null(strstr(say_text(site,
                                    "POST /a%20b/?word=x%20y&z HTTP/1.1\r\n" HOST
                                    "X-Word: w\r\nContent-Length: 3\r\n" END "abc",
                                    "]"),
                           "[POST /a b/|/a%20b/|word=x%20y&z|x y|w|abc]"));
    assert_non_null(strstr(say_text(site,
                                    POST HOST "Transfer-Encoding: chunked\r\n" END
                                              "2\r\nab\r\n1;x=y\r\nc\r\n0\r\n\r\n",
                                    "]"),
                           "|abc]"));
    assert_non_null(strstr(say_text(site, "GET / HTTP/1.1\r\n" HOST END, "]"), "[GET /|/||-|-|]"));
    site_free(site);
}

static void test_answers_with_fields_of_their_own(void **state)
{
    struct site *site = site_new(NULL);
    const char *response = say_text(site, "GET /fields HTTP/1.1\r\n" HOST END, "]");

    (void)state;
    assert_non_null(strstr(response, "HTTP/1.1 202 "));
    assert_non_null(strstr(response, "Content-Type: text/xml\r\n"));
    assert_non_null(strstr(response, "x-one: 1\r\n"));
    assert_non_null(strstr(response, "\r\n\r\n[fields]"));
    site_free(site);
}

static void test_keep_alive_and_pipelining(void **state)
{
    struct site *site = site_new(NULL);
    const char *response;

    (void)state;
    response = say_text(site,
                        "GET /1 HTTP/1.1\r\n" HOST END "GET /late HTTP/1.1\r\n" HOST END
                        "POST /3 HTTP/1.1\r\n" HOST "Content-Length: 1\r\n" END "q"
                        "GET /4 HTTP/1.1\r\n" HOST "Connection: close\r\n" END,
                        NULL);
    assert_non_null(strstr(response, "[GET /1|"));
    assert_true(strstr(response, "late") > strstr(response, "[GET /1|"));
    assert_true(strstr(response, "[POST /3|") > strstr(response, "late"));
    assert_true(strstr(response, "[GET /4|") > strstr(response, "[POST /3|"));
    assert_int_equal(http_server_connections(site->server), 1);
    assert_int_equal(site->handled, 4);
    site_free(site);
}

static void test_dropped_without_an_answer(void **state)
{
    struct site *site = site_new(NULL);

    (void)state;
    assert_string_equal(say_text(site, "GET /drop HTTP/1.1\r\n" HOST END, NULL), "");
    assert_true(site->closed);
    assert_int_equal(site->handled, 1);
    site_free(site);
}

static void test_stopping_with_an_exchange_open(void **state)
{
    struct site *site = site_new(NULL);

    (void)state;
    site->request = "GET /never HTTP/1.1\r\n" HOST END;
    site->request_length = strlen(site->request);
    site->until = NULL;
    loop_work(site->loop, converse, conversed, site);
    loop_run(site->loop); /* until the handler has it */
    assert_int_equal(site->handled, 1);
    http_server_free(site->server);
    site->server = NULL;
    loop_run(site->loop); /* until the client has seen the end */
    assert_true(site->closed);
    assert_string_equal(site->response, "");
    site_free(site);
}

/* --- how long a request may take
 * ------------------------------------------------------------------------ */

#define REQUEST_MS   300
#define SILENT_COUNT 8

/* Never silent for long, and never done. */
static void test_a_request_that_trickles_is_closed(void **state)
{
    static const struct {
        const char *name;
        const char *begun;
        int handled;
        unsigned idle_seconds;
    } trials[] = {
        {"in the request line", "GET /", 0, 30},
        {"in the headers", "GET / HTTP/1.1\r\n" HOST "X: ", 0, 30},
        {"in the body", POST HOST "Content-Length: 4000\r\n" END, 0, 30},
        {"in a chunked body", POST HOST "Transfer-Encoding: chunked\r\n" END "fff\r\n", 0, 30},
        {"in the headers of a second request",
         "GET / HTTP/1.1\r\n" HOST END "GET / HTTP/1.1\r\n" HOST "X: ", 1, 30},
        {"in the request line of a second request", "GET / HTTP/1.1\r\n" HOST END "GET /", 1, 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof trials / sizeof trials[0]; i++) {
        struct site *site = site_new_bounded(NULL, trials[i].idle_seconds, REQUEST_MS);
        site->request = trials[i].begun;
        site->request_length = strlen(trials[i].begun);
        loop_work(site->loop, trickle, conversed, site);
        loop_run(site->loop);
        if (!site->closed || site->handled != trials[i].handled) {
            fail_msg("%s: %s after %u more bytes, handled %d", trials[i].name,
                     site->closed ? "closed" : "open", site->trickled, site->handled);
        }
        site_free(site);
    }
}

/* What counts is the request's own time: not the handler's, and not the silence between two. */
static void test_a_request_in_time_is_served(void **state)
{
    struct site *site = site_new_bounded(NULL, 30, REQUEST_MS);

    (void)state;
    site->request = "GET /very-late HTTP/1.1\r\n" HOST END;
    site->request_length = strlen(site->request);
    loop_work(site->loop, ask_twice, conversed, site);
    loop_run(site->loop);
    assert_false(site->closed);
    assert_int_equal(site->handled, 2);
    assert_non_null(strstr(site->response, "late"));
    assert_int_equal(http_server_connections(site->server), 1);
    site_free(site);
}

/* Connects, and says nothing until the server is stopped. */
static void be_silent(void *arg)
{
    struct site *site = arg;
    int fds[SILENT_COUNT];
    char byte;

    for (int i = 0; i < SILENT_COUNT; i++) {
        fds[i] = connect_to(site);
    }
    (void)recv(fds[0], &byte, 1, 0);
    for (int i = 0; i < SILENT_COUNT; i++) {
        (void)close(fds[i]);
    }
}

static void stop_loop(void *arg)
{
    struct site *site = arg;

    loop_stop(site->loop);
}

static int64_t processor_ms(void)
{
    struct rusage used;

    assert_int_equal(getrusage(RUSAGE_SELF, &used), 0);
    return (int64_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000 +
           (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1000;
}

/* Whoever connects and never begins with TLS costs a descriptor, and no processor time. */
static void test_silence_before_tls_costs_nothing(void **state)
{
    static const char *const names[] = {"localhost"};
    struct site *site = site_new(NULL);
    struct timer *timer = timer_new(site->loop, stop_loop, site);
    struct certificate_set set;
    struct problem problem;
    struct http_server_options options = {
        .address = "127.0.0.1",
        .body_bytes_max = BODY_MAX,
        .connections_max = 16,
        .idle_seconds = 30,
        .handler = on_request,
        .arg = site,
    };

    (void)state;
    http_server_free(site->server);
    assert_int_equal(certificate_set_new(names, 1, 1, &set, &problem), ST_OK);
    options.certificate_pem = set.certificate_pem;
    options.key_pem = set.key_pem;
    assert_int_equal(http_server_new(site->loop, &options, &site->server, &problem), ST_OK);
    loop_work(site->loop, be_silent, conversed, site);
    int64_t before_ms = processor_ms();
    timer_start(timer, 1000);
    loop_run(site->loop);
    int64_t used_ms = processor_ms() - before_ms;
    assert_int_equal(http_server_connections(site->server), SILENT_COUNT);
    http_server_free(site->server);
    site->server = NULL;
    loop_run(site->loop); /* until the client has seen the end */
    assert_in_range(used_ms, 0, 300);
    timer_free(timer);
    free(set.ca_pem);
    free(set.ca_key_pem);
    free(set.certificate_pem);
    free(set.key_pem);
    site_free(site);
}

/* --- listening
 * ------------------------------------------------------------------------------------------- */

static enum status try_unix(struct loop *loop, const char *path, struct http_server **server,
                            struct problem *problem)
{
    const struct http_server_options options = {
        .unix_path = path,
        .body_bytes_max = 1,
        .connections_max = 1,
        .handler = on_request,
    };

    return http_server_new(loop, &options, server, problem);
}

static void leave_stale_socket(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    (void)close(fd);
}

static void test_unix_socket(void **state)
{
    char directory[] = "/tmp/http-server-XXXXXX";
    char path[64];
    struct loop *loop = loop_new();
    struct http_server *first;
    struct http_server *second;
    struct problem problem;
    struct stat there;
    FILE *file;

    (void)state;
    assert_non_null(mkdtemp(directory));
    (void)snprintf(path, sizeof path, "%s/door", directory);
    leave_stale_socket(path);
    assert_int_equal(try_unix(loop, path, &first, &problem), ST_OK);
    assert_int_equal(stat(path, &there), 0);
    assert_int_equal(there.st_mode & 0777, 0600);
    assert_int_equal(try_unix(loop, path, &second, &problem), ST_BUSY);
    assert_int_equal(stat(path, &there), 0); /* the refused one took nothing away */
    http_server_free(first);
    assert_int_not_equal(stat(path, &there), 0);
    file = fopen(path, "w");
    assert_non_null(file);
    (void)fclose(file);
    assert_int_equal(try_unix(loop, path, &first, &problem), ST_INVALID);
    assert_int_equal(stat(path, &there), 0);
    (void)unlink(path);
    assert_int_equal(try_unix(loop, "", &first, &problem), ST_INVALID);
    assert_int_equal(rmdir(directory), 0);
    assert_int_equal(try_unix(loop, path, &first, &problem), ST_NETWORK);
    loop_free(loop);
}

static void test_addresses(void **state)
{
    struct loop *loop = loop_new();
    struct http_server *first;
    struct http_server *second;
    struct problem problem;
    struct http_server_options options = {
        .address = "localhost", .body_bytes_max = 1, .connections_max = 1, .handler = on_request};

    (void)state;
    assert_int_equal(http_server_new(loop, &options, &first, &problem), ST_INVALID);
    options.address = "127.0.0.1";
    assert_int_equal(http_server_new(loop, &options, &first, &problem), ST_OK);
    assert_int_not_equal(http_server_port(first), 0);
    options.port = http_server_port(first);
    assert_int_equal(http_server_new(loop, &options, &second, &problem), ST_BUSY);
    options.port = 0;
    options.certificate_pem = "not a certificate";
    options.key_pem = "not a key";
    assert_int_equal(http_server_new(loop, &options, &second, &problem), ST_INVALID);
    http_server_free(first);
    loop_free(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused_with_400),
        cmocka_unit_test(test_bodies_that_are_too_large),
        cmocka_unit_test(test_an_endless_chunked_body_is_cut_off),
        cmocka_unit_test(test_headers_that_are_too_large),
        cmocka_unit_test(test_a_request_reaches_the_handler_whole),
        cmocka_unit_test(test_answers_with_fields_of_their_own),
        cmocka_unit_test(test_keep_alive_and_pipelining),
        cmocka_unit_test(test_dropped_without_an_answer),
        cmocka_unit_test(test_stopping_with_an_exchange_open),
        cmocka_unit_test(test_a_request_that_trickles_is_closed),
        cmocka_unit_test(test_a_request_in_time_is_served),
        cmocka_unit_test(test_silence_before_tls_costs_nothing),
        cmocka_unit_test(test_unix_socket),
        cmocka_unit_test(test_addresses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
