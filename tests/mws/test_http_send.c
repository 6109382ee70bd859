/*
 * test_http_send.c - requests of any kind: method, headers, plain http, another place to connect to
 * (label e2e).
 *
 * Goal: what one request carries never shows in the next, however transfers are used again; and
 * neither a redirect nor `connect_to` brings a request to somebody whose certificate is not for the
 * host of its URL. See test_http_client.c for how requests end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mws/edge/http_client.h"
#include "mws/edge/loop.h"
#include "tests/mws/http_answer.h"
#include "tests/mws/tls_server.h"

#define NAME "sns.example.com"

struct world {
    struct loop *loop;
    struct tls_server server;
    struct http_server *plain; /* http://, beside it */
    char plain_url[96];
    char place[64]; /* "127.0.0.1:port" of the TLS server */
    struct http_client *client;
    unsigned requests; /* that reached either server whole */
};

static const char *or_none(const char *text)
{
    return text != NULL ? text : "-";
}

/* Tells the client what it sent. */
static void on_request(void *arg, struct http_exchange *exchange)
{
    struct world *world = arg;
    size_t length = 0;
    char text[1024];
    const char *body = http_body(exchange, &length);
    world->requests++;
    int written = snprintf(
        text, sizeof text, "%s %s?%s [%s] type %s, expect %s, a %s, b %s", http_method(exchange),
        http_path(exchange), http_raw_query(exchange), body,
        or_none(http_header(exchange, "Content-Type")), or_none(http_header(exchange, "Expect")),
        or_none(http_header(exchange, "X-A")), or_none(http_header(exchange, "X-B")));
    http_answer(exchange, 200, "text/plain", text, (size_t)written);
}

static struct world *world_new(const char *certificate_name)
{
    struct problem problem = {""};
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    world->loop = loop_new();
    tls_server_start(&world->server, world->loop, certificate_name, on_request, world);
    (void)snprintf(world->place, sizeof world->place, "127.0.0.1:%u",
                   (unsigned)http_server_port(world->server.http));
    const struct http_server_options options = {
        .address = "127.0.0.1",
        .body_bytes_max = 1000,
        .connections_max = 8,
        .idle_seconds = 60,
        .handler = on_request,
        .arg = world,
    };
    assert_int_equal(http_server_new(world->loop, &options, &world->plain, &problem), ST_OK);
    (void)snprintf(world->plain_url, sizeof world->plain_url, "http://127.0.0.1:%u/plain",
                   (unsigned)http_server_port(world->plain));
    return world;
}

static void connect_client(struct world *world, bool plain_allowed, const char *connect_to)
{
    struct problem problem = {""};
    struct http_client_options options = client_options(world->server.ca_file);
    options.plain_allowed = plain_allowed;
    options.connect_to = connect_to;
    world->client = http_client_new(world->loop, &options, &problem);
    if (world->client == NULL) {
        fail_msg("%s", problem.text);
    }
}

static void world_free(struct world *world)
{
    http_client_free(world->client);
    http_server_free(world->plain);
    tls_server_stop(&world->server);
    loop_free(world->loop);
    free(world);
}

static struct world *world_with_client(void)
{
    struct world *world = world_new("127.0.0.1");
    connect_client(world, false, NULL);
    return world;
}

/* Sends and waits. `body` NULL = a GET. */
static struct http_answer ask(struct world *world, const char *url, const char *const *headers,
                              const char *body)
{
    struct http_answer answer = {.loop = NULL};
    const struct http_request request = {
        .url = url,
        .headers = headers,
        .body = body,
        .body_length = body != NULL ? strlen(body) : 0,
    };
    assert_int_equal(http_send(world->client, &request, http_answer_take, &answer), ST_OK);
    assert_int_equal(answer.count, 0); /* never before http_send returns */
    http_answer_wait(&answer, world->loop);
    return answer;
}

static struct http_answer post_form(struct world *world, const char *body)
{
    struct http_answer answer = {.loop = NULL};
    assert_int_equal(
        http_post(world->client, world->server.url, body, strlen(body), http_answer_take, &answer),
        ST_OK);
    http_answer_wait(&answer, world->loop);
    return answer;
}

static void a_get_carries_its_headers_and_no_body(void **state)
{
    (void)state;
    struct world *world = world_with_client();
    const char *const headers[] = {"X-A: one", "X-B: two words", NULL};
    char url[128];
    (void)snprintf(url, sizeof url, "%s?x=1&y=%%20", world->server.url);
    struct http_answer answer = ask(world, url, headers, NULL);
    assert_int_equal(answer.failure, HTTP_OK);
    assert_int_equal(answer.status, 200);
    assert_string_equal(answer.body, "GET /path?x=1&y=%20 [] type -, expect -, a one, b two words");
    answer = ask(world, world->server.url, NULL, NULL);
    assert_string_equal(answer.body, "GET /path? [] type -, expect -, a -, b -");
    world_free(world);
}

/* Goal: one idle transfer serves forms, GETs and POSTs in any order, each as if it were new. */
static void nothing_of_a_request_shows_in_the_next(void **state)
{
    (void)state;
    static const char form[] = "POST /path? [f=1] type application/x-www-form-urlencoded; "
                               "charset=utf-8, expect -, a -, b -";
    const char *const text[] = {"Content-Type: text/plain", "X-A: 1", NULL};
    const char *const other[] = {"X-B: 2", NULL};
    struct world *world = world_with_client();
    for (int round = 0; round < 3; round++) {
        assert_string_equal(post_form(world, "f=1").body, form);
        assert_string_equal(ask(world, world->server.url, other, NULL).body,
                            "GET /path? [] type -, expect -, a -, b 2");
        assert_string_equal(ask(world, world->server.url, text, "hello").body,
                            "POST /path? [hello] type text/plain, expect -, a 1, b -");
        assert_string_equal(post_form(world, "f=1").body, form);
        assert_string_equal(ask(world, world->server.url, text, "").body,
                            "POST /path? [] type text/plain, expect -, a 1, b -");
        assert_string_equal(ask(world, world->server.url, NULL, NULL).body,
                            "GET /path? [] type -, expect -, a -, b -");
    }
    assert_int_equal(world->requests, 18);
    assert_int_equal(http_server_connections(world->server.http), 1);
    world_free(world);
}

static void everything_of_a_request_is_copied(void **state)
{
    (void)state;
    struct world *world = world_with_client();
    struct http_answer answer = {.loop = NULL};
    char url[128];
    char header[] = "X-A: one";
    char body[] = "body";
    const char *headers[] = {header, NULL};
    (void)snprintf(url, sizeof url, "%s", world->server.url);
    struct http_request request = {
        .url = url, .headers = headers, .body = body, .body_length = strlen(body)};
    assert_int_equal(http_send(world->client, &request, http_answer_take, &answer), ST_OK);
    memset(url, 'x', sizeof url);
    memset(header, 'x', sizeof header);
    memset(body, 'x', sizeof body);
    headers[0] = NULL;
    request = (struct http_request){.url = NULL};
    http_answer_wait(&answer, world->loop);
    assert_int_equal(answer.failure, HTTP_OK);
    assert_non_null(strstr(answer.body, "POST /path? [body]"));
    assert_non_null(strstr(answer.body, "a one,"));
    world_free(world);
}

static void what_is_no_header_is_refused(void **state)
{
    (void)state;
    static const char *const lines[] = {"",
                                        "X-A",
                                        "X-A:",
                                        "X-A: ",
                                        "X-A:1",
                                        "X-A;",
                                        ": 1",
                                        "X A: 1",
                                        "X-A: 1\n",
                                        "\nX: 1",
                                        "X-A: 1\r\nX-B: 2",
                                        "X-A\r: 1",
                                        " X-A: 1",
                                        "X-A:  \r 1"};
    struct world *world = world_with_client();
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct http_answer answer = {.loop = NULL};
        const char *const headers[] = {"X-B: good", lines[i], NULL};
        const struct http_request request = {.url = world->server.url, .headers = headers};
        if (http_send(world->client, &request, http_answer_take, &answer) != ST_INVALID) {
            fail_msg("taken as a header: \"%s\"", lines[i]);
        }
        assert_int_equal(answer.count, 0);
    }
    assert_int_equal(http_client_open_count(world->client), 0);
    assert_int_equal(ask(world, world->server.url, NULL, NULL).failure, HTTP_OK);
    assert_int_equal(world->requests, 1);
    world_free(world);
}

static void plain_http_is_spoken_only_where_it_is_allowed(void **state)
{
    (void)state;
    struct world *world = world_new("127.0.0.1");
    connect_client(world, false, NULL);
    assert_int_equal(ask(world, world->plain_url, NULL, NULL).failure, HTTP_NOT_SENT);
    assert_int_equal(world->requests, 0);
    http_client_free(world->client);
    connect_client(world, true, NULL);
    assert_string_equal(ask(world, world->plain_url, NULL, "a").body,
                        "POST /plain? [a] type application/x-www-form-urlencoded, expect -, a -, "
                        "b -");
    assert_int_equal(ask(world, world->server.url, NULL, NULL).failure, HTTP_OK);
    assert_int_equal(ask(world, "ftp://127.0.0.1/", NULL, NULL).failure, HTTP_NOT_SENT);
    world_free(world);
}

/* Goal: who allows plain http has not thereby allowed TLS with anybody. */
static void tls_is_verified_where_plain_http_is_allowed(void **state)
{
    (void)state;
    struct world *world = world_new(NAME);
    connect_client(world, true, NULL);
    assert_int_equal(ask(world, world->server.url, NULL, NULL).failure, HTTP_NOT_SENT);
    assert_int_equal(world->requests, 0);
    world_free(world);
}

static void another_place_is_connected_to_but_the_name_is_verified(void **state)
{
    (void)state;
    struct world *world = world_new(NAME);
    char place[sizeof world->place];
    (void)snprintf(place, sizeof place, "%s", world->place);
    connect_client(world, false, place);
    memset(place, 0, sizeof place); /* it was copied */
    assert_string_equal(ask(world, "https://" NAME "/a.pem", NULL, NULL).body,
                        "GET /a.pem? [] type -, expect -, a -, b -");
    assert_int_equal(ask(world, "https://" NAME ":8443/a.pem", NULL, NULL).failure, HTTP_OK);
    assert_int_equal(world->requests, 2);

    /* Also while a verified connection to the same place is kept. */
    static const char *const others[] = {"https://other.example.com/a.pem",
                                         "https://" NAME ".example.com/a.pem",
                                         "https://x." NAME "/a.pem", "https://127.0.0.1/a.pem"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (ask(world, others[i], NULL, NULL).failure != HTTP_NOT_SENT) {
            fail_msg("%s was answered with the certificate of " NAME, others[i]);
        }
    }
    assert_int_equal(world->requests, 2);
    assert_int_equal(ask(world, "https://" NAME "/a.pem", NULL, NULL).failure, HTTP_OK);
    world_free(world);
}

/* ---- a server that only redirects; the loop's own servers cannot ---- */

struct redirector {
    int listener;
    int connection;
    struct watch *watch;
    const char *code;
    const char *target;
};

static void on_connection(void *arg, unsigned events)
{
    struct redirector *redirector = arg;
    char text[256];
    (void)events;
    redirector->connection = accept(redirector->listener, NULL, NULL);
    assert_true(redirector->connection >= 0);
    /* The request has not come yet; the answer may lie ready for it. */
    int length = snprintf(text, sizeof text,
                          "HTTP/1.1 %s Moved\r\nLocation: %s\r\nContent-Length: 0\r\n"
                          "Connection: close\r\n\r\n",
                          redirector->code, redirector->target);
    assert_int_equal(write(redirector->connection, text, (size_t)length), length);
}

static uint16_t listen_somewhere(struct redirector *redirector, struct loop *loop)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    redirector->connection = -1;
    redirector->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(redirector->listener, (struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(redirector->listener, 4), 0);
    assert_int_equal(getsockname(redirector->listener, (struct sockaddr *)&address, &length), 0);
    redirector->watch = watch_new(loop, redirector->listener, on_connection, redirector);
    watch_start(redirector->watch, WATCH_READ);
    return ntohs(address.sin_port);
}

static void a_redirect_is_an_answer_and_is_not_followed(void **state)
{
    (void)state;
    static const char *const codes[] = {"301", "302", "303", "307", "308"};
    struct world *world = world_new("127.0.0.1");
    struct redirector redirector = {.target = world->plain_url};
    char url[64];
    connect_client(world, true, NULL);
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%u/",
                   (unsigned)listen_somewhere(&redirector, world->loop));
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        redirector.code = codes[i];
        struct http_answer answer = ask(world, url, NULL, i % 2 == 0 ? NULL : "a=1");
        assert_int_equal(answer.failure, HTTP_OK);
        assert_int_equal(answer.status, strtol(codes[i], NULL, 10));
        (void)close(redirector.connection);
    }
    assert_int_equal(world->requests, 0);
    watch_free(redirector.watch);
    (void)close(redirector.listener);
    world_free(world);
}

static void freeing_the_client_ends_requests_with_headers_of_their_own(void **state)
{
    (void)state;
    struct world *world = world_with_client();
    const char *const headers[] = {"X-A: 1", NULL};
    const struct http_request request = {.url = world->server.url, .headers = headers};
    struct http_answer answers[3] = {{.loop = NULL}};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(http_send(world->client, &request, http_answer_take, &answers[i]), ST_OK);
    }
    http_client_free(world->client);
    world->client = NULL;
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(answers[i].count, 1);
        assert_int_equal(answers[i].failure, HTTP_CANCELED);
    }
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_get_carries_its_headers_and_no_body),
        cmocka_unit_test(nothing_of_a_request_shows_in_the_next),
        cmocka_unit_test(everything_of_a_request_is_copied),
        cmocka_unit_test(what_is_no_header_is_refused),
        cmocka_unit_test(plain_http_is_spoken_only_where_it_is_allowed),
        cmocka_unit_test(tls_is_verified_where_plain_http_is_allowed),
        cmocka_unit_test(another_place_is_connected_to_but_the_name_is_verified),
        cmocka_unit_test(a_redirect_is_an_answer_and_is_not_followed),
        cmocka_unit_test(freeing_the_client_ends_requests_with_headers_of_their_own),
    };
    (void)setenv("no_proxy", "*", 1); /* the network of the machine is not part of the test */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
