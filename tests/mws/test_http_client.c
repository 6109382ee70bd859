/*
 * test_http_client.c - the HTTPS client against a real TLS server on the same loop (label e2e).
 *
 * Goal: every request ends exactly once, and HTTP_NOT_SENT is said only when it is true. What the
 * server does with a request is decided by its body, so each test reads from top to bottom.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mws/edge/http_client.h"
#include "mws/edge/loop.h"
#include "tests/mws/http_answer.h"
#include "tests/mws/tls_server.h"

struct world {
    struct loop *loop;
    struct tls_server server;
    struct http_client *client;
    unsigned requests; /* that reached the server whole */
    struct timer *stop_server;
};

static void stop_server(void *arg)
{
    struct world *world = arg;
    http_server_free(world->server.http);
    world->server.http = NULL;
}

/* The request's body says what is to be done with it. */
static void on_request(void *arg, struct http_exchange *exchange)
{
    struct world *world = arg;
    size_t length = 0;
    const char *body = http_body(exchange, &length);
    char text[1024];
    world->requests++;
    if (strcmp(body, "silence") == 0) {
        return; /* the server drops it when it is freed */
    }
    if (strcmp(body, "drop") == 0) {
        http_drop(exchange);
    } else if (strcmp(body, "drop and vanish") == 0) {
        http_drop(exchange);
        timer_start(world->stop_server, 0); /* before the client can look at its socket again */
    } else if (strncmp(body, "size ", 5) == 0) {
        size_t size = strtoul(body + 5, NULL, 10);
        memset(text, 'x', sizeof text);
        assert_true(size <= sizeof text);
        http_answer(exchange, 200, "text/plain", text, size);
    } else if (strncmp(body, "status ", 7) == 0) {
        int status = (int)strtol(body + 7, NULL, 10);
        http_answer(exchange, status, "text/plain", body, length);
    } else {
        const char *type = http_header(exchange, "Content-Type");
        const char *agent = http_header(exchange, "User-Agent");
        const char *expect = http_header(exchange, "Expect");
        int written = snprintf(text, sizeof text, "%s %s [%s] %s %s %s", http_method(exchange),
                               http_path(exchange), body, type, agent, expect ? expect : "-");
        http_answer(exchange, 200, "text/plain", text, (size_t)written);
    }
}

static struct world *world_new(const char *certificate_name)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    world->loop = loop_new();
    world->stop_server = timer_new(world->loop, stop_server, world);
    tls_server_start(&world->server, world->loop, certificate_name, on_request, world);
    return world;
}

static void connect_client(struct world *world, const struct http_client_options *options)
{
    struct problem problem = {""};
    world->client = http_client_new(world->loop, options, &problem);
    if (world->client == NULL) {
        fail_msg("%s", problem.text);
    }
}

static void world_free(struct world *world)
{
    http_client_free(world->client);
    timer_free(world->stop_server);
    tls_server_stop(&world->server);
    loop_free(world->loop);
    free(world);
}

static struct world *world_with_client(void)
{
    struct world *world = world_new("127.0.0.1");
    struct http_client_options options = client_options(world->server.ca_file);
    connect_client(world, &options);
    return world;
}

static void post(struct world *world, const char *url, const char *body, struct http_answer *answer)
{
    *answer = (struct http_answer){.loop = NULL};
    assert_int_equal(http_post(world->client, url, body, strlen(body), http_answer_take, answer),
                     ST_OK);
    assert_int_equal(answer->count, 0); /* never before http_post returns */
}

/* Posts and waits. */
static struct http_answer ask(struct world *world, const char *body)
{
    struct http_answer answer;
    post(world, world->server.url, body, &answer);
    http_answer_wait(&answer, world->loop);
    assert_int_equal(http_client_open_count(world->client), 0);
    return answer;
}

static void a_request_arrives_and_its_answer_comes(void **state)
{
    (void)state;
    struct world *world = world_with_client();
    struct http_answer answer = ask(world, "a=1&b=2");
    assert_int_equal(answer.failure, HTTP_OK);
    assert_int_equal(answer.status, 200);
    assert_string_equal(answer.body, "POST /path [a=1&b=2] application/x-www-form-urlencoded; "
                                     "charset=utf-8 autopay-test/1 -");
    answer = ask(world, "");
    assert_int_equal(answer.failure, HTTP_OK);
    assert_non_null(strstr(answer.body, "[]"));
    world_free(world);
}

static void every_status_is_an_answer(void **state)
{
    (void)state;
    static const int statuses[] = {400, 401, 404, 500, 503, 302, 301};
    struct world *world = world_with_client();
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        char body[32];
        (void)snprintf(body, sizeof body, "status %d", statuses[i]);
        struct http_answer answer = ask(world, body);
        assert_int_equal(answer.failure, HTTP_OK);
        assert_int_equal(answer.status, statuses[i]);
        assert_string_equal(answer.body, body);
    }
    assert_int_equal(world->requests, sizeof statuses / sizeof statuses[0]);
    world_free(world);
}

static void connections_are_kept_and_transfers_reused(void **state)
{
    (void)state;
    struct world *world = world_with_client();
    for (int i = 0; i < 20; i++) {
        /* Answers of different length: nothing of an earlier one may show. */
        char body[32];
        (void)snprintf(body, sizeof body, "size %d", (i * 377) % 1000);
        struct http_answer answer = ask(world, body);
        assert_int_equal(answer.failure, HTTP_OK);
        assert_int_equal(answer.body_length, (i * 377) % 1000);
    }
    assert_int_equal(http_server_connections(world->server.http), 1);
    world_free(world);
}

static void a_silent_server_runs_into_the_deadline(void **state)
{
    (void)state;
    struct world *world = world_new("127.0.0.1");
    struct http_client_options options = client_options(world->server.ca_file);
    options.total_deadline_ms = 2000;
    connect_client(world, &options);
    /* On a connection that is there, so that a busy machine's handshake does not use up the time.
     */
    assert_int_equal(ask(world, "size 1").failure, HTTP_OK);
    struct ticks start = loop_ticks(world->loop);
    struct http_answer answer = ask(world, "silence");
    int64_t waited_ms = (loop_ticks(world->loop).us - start.us) / 1000;
    assert_int_equal(answer.failure, HTTP_NO_ANSWER);
    assert_int_equal(world->requests, 2);
    assert_in_range(waited_ms, 1990, 20000);
    assert_string_not_equal(answer.problem, "");
    /* The client is as good as before. */
    assert_int_equal(ask(world, "size 3").failure, HTTP_OK);
    world_free(world);
}

/* Goal: waiting for a connection counts too; a request that never got one was not sent. */
static void the_deadline_also_ends_requests_without_a_connection(void **state)
{
    (void)state;
    struct world *world = world_new("127.0.0.1");
    struct http_client_options options = client_options(world->server.ca_file);
    options.total_deadline_ms = 400;
    options.connections_max = 1;
    connect_client(world, &options);
    struct http_answer answers[4];
    unsigned not_sent = 0;
    for (size_t i = 0; i < 4; i++) {
        post(world, world->server.url, "silence", &answers[i]);
    }
    assert_int_equal(http_client_open_count(world->client), 4);
    for (size_t i = 0; i < 4; i++) {
        answers[i].loop = world->loop;
    }
    while (http_client_open_count(world->client) > 0) {
        loop_run(world->loop);
    }
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(answers[i].count, 1);
        assert_true(answers[i].failure == HTTP_NO_ANSWER || answers[i].failure == HTTP_NOT_SENT);
        not_sent += answers[i].failure == HTTP_NOT_SENT;
    }
    /* Whatever reached the server must not be called "not sent". */
    assert_int_equal(4 - not_sent, world->requests);
    world_free(world);
}

static void a_closed_connection_is_no_answer(void **state)
{
    (void)state;
    struct world *world = world_with_client();
    struct http_answer answer = ask(world, "drop");
    assert_int_equal(answer.failure, HTTP_NO_ANSWER);
    assert_true(world->requests >= 1);
    world_free(world);
}

/* Goal: a kept connection dies under a request, and the second try finds nobody. The first try was
 * sent, so this is not HTTP_NOT_SENT. */
static void a_request_that_was_sent_once_is_never_called_not_sent(void **state)
{
    (void)state;
    struct world *world = world_with_client();
    assert_int_equal(ask(world, "size 1").failure, HTTP_OK);
    struct http_answer answer = ask(world, "drop and vanish");
    assert_null(world->server.http);
    assert_int_equal(world->requests, 2);
    assert_int_equal(answer.failure, HTTP_NO_ANSWER);
    world_free(world);
}

static void an_answer_may_be_as_long_as_allowed_and_no_longer(void **state)
{
    (void)state;
    struct world *world = world_with_client();
    struct http_answer answer = ask(world, "size 1000");
    assert_int_equal(answer.failure, HTTP_OK);
    assert_int_equal(answer.body_length, 1000);
    answer = ask(world, "size 1001");
    assert_int_equal(answer.failure, HTTP_TOO_LARGE);
    assert_int_equal(answer.status, 200);
    assert_int_equal(answer.body_length, 0);
    assert_int_equal(ask(world, "size 5").body_length, 5);
    world_free(world);
}

static void a_server_of_another_authority_is_not_believed(void **state)
{
    (void)state;
    struct world *world = world_new("127.0.0.1");
    struct tls_server other;
    tls_server_start(&other, world->loop, "127.0.0.1", on_request, world);
    struct http_client_options options = client_options(other.ca_file);
    connect_client(world, &options);
    struct http_answer answer = ask(world, "a=1");
    assert_int_equal(answer.failure, HTTP_NOT_SENT);
    assert_int_equal(world->requests, 0);
    tls_server_stop(&other);
    world_free(world);
}

static void a_certificate_for_another_name_is_not_believed(void **state)
{
    (void)state;
    struct world *world = world_new("mws.amazonservices.jp");
    struct http_client_options options = client_options(world->server.ca_file);
    connect_client(world, &options);
    struct http_answer answer = ask(world, "a=1");
    assert_int_equal(answer.failure, HTTP_NOT_SENT);
    assert_int_equal(world->requests, 0);
    world_free(world);
}

static void what_cannot_be_reached_was_not_sent(void **state)
{
    (void)state;
    struct world *world = world_with_client();
    char refused[96];
    (void)snprintf(refused, sizeof refused, "%s", world->server.url);
    http_server_free(world->server.http); /* its port is now nobody's */
    world->server.http = NULL;
    const char *const urls[] = {refused,
                                "http://127.0.0.1:9/",
                                "ftp://127.0.0.1/",
                                "https://no-such-host.invalid/",
                                "nonsense://x",
                                ""};
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        struct http_answer answer;
        post(world, urls[i], "a=1", &answer);
        http_answer_wait(&answer, world->loop);
        assert_int_equal(answer.failure, HTTP_NOT_SENT);
    }
    world_free(world);
}

static void many_requests_at_once_all_end(void **state)
{
    (void)state;
    struct world *world = world_with_client();
    static struct http_answer answers[50];
    for (size_t i = 0; i < 50; i++) {
        post(world, world->server.url, i % 7 == 3 ? "drop" : "size 10", &answers[i]);
        answers[i].loop = world->loop;
    }
    while (http_client_open_count(world->client) > 0) {
        loop_run(world->loop);
    }
    for (size_t i = 0; i < 50; i++) {
        assert_int_equal(answers[i].count, 1);
        assert_int_equal(answers[i].failure, i % 7 == 3 ? HTTP_NO_ANSWER : HTTP_OK);
    }
    world_free(world);
}

static void freeing_the_client_ends_what_is_open(void **state)
{
    (void)state;
    struct world *world = world_with_client();
    struct http_answer answers[5];
    for (size_t i = 0; i < 5; i++) {
        post(world, world->server.url, "silence", &answers[i]);
    }
    assert_int_equal(http_client_open_count(world->client), 5);
    http_client_free(world->client);
    world->client = NULL;
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(answers[i].count, 1);
        assert_int_equal(answers[i].failure, HTTP_CANCELED);
    }
    world_free(world);
}

static void a_missing_ca_file_is_told_at_once(void **state)
{
    (void)state;
    struct loop *loop = loop_new();
    struct problem problem = {""};
    struct http_client_options options = client_options("/nonexistent/ca.pem");
    assert_null(http_client_new(loop, &options, &problem));
    assert_non_null(strstr(problem.text, "/nonexistent/ca.pem"));
    loop_free(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_arrives_and_its_answer_comes),
        cmocka_unit_test(every_status_is_an_answer),
        cmocka_unit_test(connections_are_kept_and_transfers_reused),
        cmocka_unit_test(a_silent_server_runs_into_the_deadline),
        cmocka_unit_test(the_deadline_also_ends_requests_without_a_connection),
        cmocka_unit_test(a_closed_connection_is_no_answer),
        cmocka_unit_test(a_request_that_was_sent_once_is_never_called_not_sent),
        cmocka_unit_test(an_answer_may_be_as_long_as_allowed_and_no_longer),
        cmocka_unit_test(a_server_of_another_authority_is_not_believed),
        cmocka_unit_test(a_certificate_for_another_name_is_not_believed),
        cmocka_unit_test(what_cannot_be_reached_was_not_sent),
        cmocka_unit_test(many_requests_at_once_all_end),
        cmocka_unit_test(freeing_the_client_ends_what_is_open),
        cmocka_unit_test(a_missing_ca_file_is_told_at_once),
    };
    (void)setenv("no_proxy", "*", 1); /* the network of the machine is not part of the test */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
