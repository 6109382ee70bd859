/* test_admin_refusals.c - what the admin API refuses, how it says so, and that nothing is changed
 * by it; and the server's own life: who may connect, reload, freed while requests are open. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/scheduler/admin_world.h"

/* --- refusals ------------------------------------------------------------------------------ */

struct refusal {
    const char *method;
    const char *path;
    const char *body;
    int status;
    const char *error;
};

static const struct refusal refusals[] = {
    {"GET", "/", "", 404, "not_found"},
    {"GET", "/v1", "", 404, "not_found"},
    {"GET", "/v2/status", "", 404, "not_found"},
    {"GET", "/v1/status/", "", 404, "not_found"},
    {"GET", "/v1/sellers", "", 404, "not_found"},
    {"GET", "/v1/sellers/A1SELLER", "", 404, "not_found"},
    {"GET", SELLER "/agreement", "", 404, "not_found"},
    {"GET", SELLER "/agreements/", "", 404, "not_found"},
    {"GET", SELLER "//agreements", "", 404, "not_found"},
    {"POST", SELLER "/agreements/C03-1/cancel", "", 404, "not_found"},
    {"POST", SELLER "/agreements/C03-1/sync/now", "", 404, "not_found"},
    {"GET", SELLER "/agreements/C03-1%2fsync", "", 404, "not_found"},
    {"GET", "/v1/sellers/NOBODY/agreements", "", 404, "not_found"},
    {"GET", "/v1/sellers/NOBODY/nothing", "", 404, "not_found"},
    {"POST", "/v1/status", "", 405, "invalid"},
    {"DELETE", SELLER "/agreements/C03-1", "", 405, "invalid"},
    {"PUT", SELLER "/agreements", "{}", 405, "invalid"},
    {"GET", SELLER "/agreements/C03-1/sync", "", 405, "invalid"},
    {"POST", SELLER "/events", "", 405, "invalid"},
    {"GET", "/v1/status?max=1", "", 400, "invalid"},
    {"GET", SELLER "/agreements?max=0", "", 400, "invalid"},
    {"GET", SELLER "/agreements?max=501", "", 400, "invalid"},
    {"GET", SELLER "/agreements?max=-1", "", 400, "invalid"},
    {"GET", SELLER "/agreements?max=1e1", "", 400, "invalid"},
    {"GET", SELLER "/agreements?max=", "", 400, "invalid"},
    {"GET", SELLER "/agreements?max=4294967297", "", 400, "invalid"},
    {"GET", SELLER "/agreements?max=1&max=2", "", 400, "invalid"},
    {"GET", SELLER "/agreements?state=open", "", 400, "invalid"},
    {"GET", SELLER "/agreements?=1", "", 400, "invalid"},
    {"GET", SELLER "/subscriptions?state=Active", "", 400, "invalid"},
    {"GET", SELLER "/charges?stat=paid", "", 400, "invalid"},
    {"GET", SELLER "/charges?state=done", "", 400, "invalid"},
    {"GET",
     SELLER "/charges?after=1234567890123456789012345678901234567890123456789012345678901234", "",
     400, "invalid"},
    {"GET", SELLER "/events?after=x", "", 400, "invalid"},
    {"GET", SELLER "/events?after=-1", "", 400, "invalid"},
    {"GET", SELLER "/events?after=99999999999999999999", "", 400, "invalid"},
    {"POST", SELLER "/agreements?max=1", "{\"agreement_id\":\"C03-7\"}", 400, "invalid"},
    {"POST", SELLER "/agreements", "", 400, "invalid"},
    {"POST", SELLER "/agreements", "{\"agreement_id\":\"C03-7\"", 400, "invalid"},
    {"POST", SELLER "/agreements", "{\"agreement_id\":\"C03-7\",\"agreement_id\":\"C03-8\"}", 400,
     "invalid"},
    {"POST", SELLER "/agreements", "{\"agreement_id\":\"C03-7\",\"confrim\":true}", 400, "invalid"},
    {"POST", SELLER "/agreements", "agreement_id=C03-7", 400, "invalid"},
    {"POST", SELLER "/agreements", "{\"agreement_id\":\"\xff\"}", 400, "invalid"},
    {"POST", SELLER "/agreements", "{\"agreement_id\":\"B03-7\"}", 400, "invalid"}, /* live */
    {"POST", SELLER "/agreements", "{\"agreement_id\":\"C01-7\"}", 400, "invalid"}, /* America's */
    {"POST", SELLER "/agreements", "{\"agreement_id\":\"gold-7\"}", 400, "invalid"},
    {"POST", SELLER "/agreements/C03-1/sync", "{\"now\":true}", 400, "invalid"},
    {"POST", SELLER "/subscriptions",
     "{\"agreement_id\":\"C03-1\",\"amount\":1200,\"unit\":\"month\",\"anchor\":\"2099-01-"
     "31\"}",
     400, "invalid"},
    {"POST", SELLER "/subscriptions",
     "{\"agreement_id\":\"C03-1\",\"amount\":\"1200\",\"unit\":\"month\",\"anchor\":"
     "\"2099-01-31\",\"zone\":\"Asia/Tokio\"}",
     400, "invalid"},
    {"POST", SELLER "/subscriptions",
     "{\"agreement_id\":\"C03-1\",\"amount\":\"1200\",\"unit\":\"month\",\"anchor\":"
     "\"2020-01-31\",\"end\":\"2020-12-31\"}",
     400, "invalid"},
    {"POST", SELLER "/subscriptions",
     "{\"agreement_id\":\"C03-9\",\"amount\":\"1200\",\"unit\":\"month\",\"anchor\":"
     "\"2099-01-31\"}",
     404, "not_found"},
    {"POST", SELLER "/charges", "{\"agreement_id\":\"C03-1\",\"amount\":\"300\"}", 400, "invalid"},
    {"GET", SELLER "/charges/AAAAAAAAAAAAAAAA-1/ship", "", 405, "invalid"},
    {"DELETE", SELLER "/charges/AAAAAAAAAAAAAAAA-1/refunds", "", 405, "invalid"},
    {"POST", SELLER "/refunds", "{}", 405, "invalid"},
    {"POST", SELLER "/policies/default", "{}", 405, "invalid"},
    {"GET", SELLER "/policies/a/b", "", 404, "not_found"},
    {"GET", SELLER "/subscriptions/AAAAAAAAAAAAAAAA/pause", "", 405, "invalid"},
    {"POST", SELLER "/subscriptions/AAAAAAAAAAAAAAAA/paus", "", 404, "not_found"},
    {"POST", SELLER "/subscriptions/AAAAAAAAAAAAAAAA/pause?until=now", "", 400, "invalid"},
    {"GET",
     SELLER "/refunds?charge="
            "1234567890123456789012345678901234567890123456789012345678901234",
     "", 400, "invalid"},
    {"GET", "/v1/stop", "", 405, "invalid"},
};

static void test_refusals_change_nothing(void **state)
{
    struct world *world = *state;
    register_agreement(world, "C03-1");
    int64_t events = event_count(world);
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        const struct refusal *refusal = &refusals[i];
        struct client *client = ask(world, refusal->method, refusal->path, refusal->body);
        const char *error = json_as_string(json_get(client->root, "error"));
        const char *message = json_as_string(json_get(client->root, "message"));
        if (client->status != refusal->status || error == NULL || message == NULL ||
            strcmp(error, refusal->error) != 0 || message[0] == '\0') {
            fail_msg("%s %s %s: %s", refusal->method, refusal->path, refusal->body, client->text);
        }
        client_end(client);
    }
    assert_int_equal(event_count(world), events);
}

static void test_malformed_http(void **state)
{
    struct world *world = *state;
    int64_t events = event_count(world);
    static const char *const requests[] = {
        "GET /v1/status HTTP/1.1\r\nConnection: close\r\n\r\n",
        "GET /v1/status HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n",
        "POST " SELLER "/agreements HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        "POST " SELLER "/agreements HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
        "Transfer-Encoding: chunked\r\n\r\n{}",
        "nonsense\r\n\r\n",
    };
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        struct client *client = client_send(world, requests[i], strlen(requests[i]));
        clients_wait(world);
        if (client->status >= 200 && client->status < 400) {
            fail_msg("%s is answered %s", requests[i], client->text);
        }
        client_end(client);
    }
    assert_int_equal(event_count(world), events);
}

static void test_large_bodies(void **state)
{
    struct world *world = *state;
    static const size_t sizes[] = {16385, 200000, 2000000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        char *body = malloc(sizes[i] + 1);
        assert_non_null(body);
        memset(body, ' ', sizes[i]);
        body[sizes[i]] = '\0';
        char *request = NULL;
        /* Of the largest only the announcement: it is refused before it is read. */
        int length = asprintf(&request,
                              "POST " SELLER "/agreements HTTP/1.1\r\nHost: a\r\n"
                              "Connection: close\r\nContent-Length: %zu\r\n\r\n%s",
                              sizes[i], sizes[i] > 1000000 ? "" : body);
        assert_true(length > 0);
        /* A Unix socket takes some 200 kB at once; a rest is not needed for the refusal. */
        struct client *client = client_send(world, request, (size_t)length);
        clients_wait(world);
        expect(client, 413);
        client_end(client);
        free(request);
        free(body);
    }
}

static void test_only_the_owner_may_connect(void **state)
{
    struct world *world = *state;
    struct stat about;
    assert_int_equal(stat(world->config.admin_socket, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    struct admin_parts parts = {.loop = world->loop};
    struct admin *second = NULL;
    struct problem problem = {""};
    assert_int_equal(admin_new(&parts, &world->config, &second, &problem), ST_BUSY);
    assert_null(second);
    admin_free(NULL);
}

/* A seller that a reload left out is no longer known here. */
static void test_configure(void **state)
{
    struct world *world = *state;
    ask_for(world, "GET", "/v1/sellers/A2SELLER/events", "", 200);
    struct config next = world->config;
    next.seller_count = 1;
    runner_configure(world->runner, &next);
    admin_configure(world->admin, &next);
    ask_for(world, "GET", "/v1/sellers/A2SELLER/events", "", 404);
    ask_for(world, "GET", SELLER "/events", "", 200);
    admin_configure(world->admin, &world->config);
    runner_configure(world->runner, &world->config);
}

/* --- freed while requests are open --------------------------------------------------------- */

static void job_until_told(struct store *store, void *arg)
{
    const int *told = arg;
    char byte;
    (void)store;
    while (read(*told, &byte, 1) < 0 && errno == EINTR) {
    }
}

static void job_over(void *arg)
{
    (void)arg;
}

static void turn_over(void *arg)
{
    struct world *world = arg;
    loop_stop(world->loop);
}

/* The server goes while a question and a command are with the store: their connections end without
 * an answer, and what they asked for is finished and forgotten. */
static void test_freed_with_open_requests(void **state)
{
    struct world *world = *state;
    int pipe_fds[2];
    assert_int_equal(pipe(pipe_fds), 0);
    struct timer *timer = timer_new(world->loop, turn_over, world);
    store_worker_submit(world->store_worker, job_until_told, job_over, &pipe_fds[0]);
    struct client *asked = client_ask(world, "GET", SELLER "/agreements", "");
    struct client *told =
        client_ask(world, "POST", SELLER "/agreements", "{\"agreement_id\":\"C03-5\"}");
    for (int turns = 0; store_worker_open_count(world->store_worker) < 3; turns++) {
        assert_true(turns < 1000000);
        timer_start(timer, 0);
        loop_run(world->loop);
    }
    admin_free(world->admin);
    world->admin = NULL;
    assert_int_equal(write(pipe_fds[1], "x", 1), 1);
    clients_wait(world);
    assert_int_equal(asked->length, 0);
    assert_int_equal(told->length, 0);
    client_end(asked);
    client_end(told);
    while (store_worker_open_count(world->store_worker) > 0) {
        world_settle(world);
    }
    timer_free(timer);
    close(pipe_fds[0]);
    close(pipe_fds[1]);
    /* The command was with the runner already: it counts. */
    world_open_admin(world);
    ask_for(world, "GET", SELLER "/agreements/C03-5", "", 200);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_refusals_change_nothing),
        CASE(test_malformed_http),
        CASE(test_large_bodies),
        CASE(test_only_the_owner_may_connect),
        CASE(test_configure),
        CASE(test_freed_with_open_requests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
