/* admin_world.c - see admin_world.h. */
#include "tests/scheduler/admin_world.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "mws/edge/crypto.h"
#include "tests/scheduler/waiting.h"

#define ANSWER_BYTES_MAX (1 << 20)
#define PLANTED_KEY      "AKIAPLANTEDKEY"
#define PLANTED_SECRET   "planted-secret-planted-secret"

/* --- the world ----------------------------------------------------------------------------- */

void world_settle(struct world *world)
{
    settle(world->loop, world->store_worker);
}

static void start_failed(void *arg, const struct problem *problem)
{
    (void)arg;
    fail_msg("the runner does not start: %s", problem->text);
}

static void seller_fill(struct seller_config *seller, const char *id, struct secret *secret)
{
    *seller = (struct seller_config){
        .secret = secret,
        .mws = {.region = MWS_REGION_JP, .environment = MWS_SANDBOX},
        .currency = "JPY",
        .payment_domain = "FE_JPY",
        .zone = "Asia/Tokyo",
        .quota = CONFIG_QUOTA_OFF,
        .quota_milli = 1000,
        .policy = policy_default(),
    };
    (void)snprintf(seller->mws.endpoint, sizeof seller->mws.endpoint,
                   "https://127.0.0.1:1/OffAmazonPayments_Sandbox/2013-01-01");
    (void)snprintf(seller->mws.seller_id, sizeof seller->mws.seller_id, "%s", id);
    (void)snprintf(seller->mws.access_key, sizeof seller->mws.access_key, PLANTED_KEY);
    seller->mws.secret = secret;
}

void world_open_admin(struct world *world)
{
    struct admin_parts parts = {.loop = world->loop,
                                .runner = world->runner,
                                .store_worker = world->store_worker,
                                .zones = world->zones};
    struct problem problem = {""};
    if (admin_new(&parts, &world->config, &world->admin, &problem) != ST_OK) {
        fail_msg("no admin server: %s", problem.text);
    }
}

static void runner_begin(struct world *world)
{
    struct runner_parts parts = {.loop = world->loop,
                                 .store_worker = world->store_worker,
                                 .client = world->mws,
                                 .zones = world->zones};
    world->runner = runner_new(&parts, &world->config);
    runner_start(world->runner, start_failed, world);
    world_settle(world);
    world_open_admin(world);
}

int world_setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    struct problem problem = {""};
    assert_non_null(world);
    (void)snprintf(world->directory, sizeof world->directory, "/tmp/test_admin.XXXXXX");
    assert_non_null(mkdtemp(world->directory));
    (void)snprintf(world->store_path, sizeof world->store_path, "%s/autopay.db", world->directory);
    (void)snprintf(world->config.admin_socket, sizeof world->config.admin_socket, "%s/admin.sock",
                   world->directory);
    world->secret = secret_new(PLANTED_SECRET, sizeof PLANTED_SECRET - 1);
    seller_fill(&world->sellers[0], "A1SELLER", world->secret);
    seller_fill(&world->sellers[1], "A2SELLER", world->secret);
    world->config.sellers = world->sellers;
    world->config.seller_count = 2;
    world->config.in_flight_max = 64;
    world->loop = loop_new();
    if (store_sqlite_open(world->store_path, sha256, &world->store, &problem) != ST_OK) {
        fail_msg("no store: %s", problem.text);
    }
    world->store_worker = store_worker_new(world->loop, world->store);
    world->zones = zones_new(ZONES_DIRECTORY);
    world->mws = impatient_client_new(world->loop);
    runner_begin(world);
    *state = world;
    return 0;
}

void world_restart(struct world *world)
{
    admin_free(world->admin);
    drain_wait(world->runner, world->loop);
    runner_free(world->runner);
    runner_begin(world);
}

int world_teardown(void **state)
{
    struct world *world = *state;
    admin_free(world->admin);
    drain_wait(world->runner, world->loop);
    runner_free(world->runner);
    mws_client_free(world->mws);
    store_worker_free(world->store_worker);
    world->store->ops->close(world->store);
    zones_free(world->zones);
    secret_free(world->secret);
    loop_free(world->loop);
    char command[128];
    (void)snprintf(command, sizeof command, "rm -r %s", world->directory);
    assert_int_equal(system(command), 0);
    free(world);
    return 0;
}

/* --- clients ------------------------------------------------------------------------------- */

static void client_close(struct client *client)
{
    watch_free(client->watch);
    close(client->fd);
    client->watch = NULL;
    client->world->clients_open--;
    if (client->world->clients_open == 0) {
        loop_stop(client->world->loop);
    }
}

static void client_read(void *arg, unsigned events)
{
    struct client *client = arg;
    (void)events;
    ssize_t got =
        read(client->fd, client->text + client->length, ANSWER_BYTES_MAX - client->length);
    if (got > 0) {
        client->length += (size_t)got;
        client->text[client->length] = '\0';
        assert_true(client->length < ANSWER_BYTES_MAX);
    } else if (got == 0 || errno != EAGAIN) {
        client_close(client);
    }
}

/* Sends `request`; its answer is complete when the server closes the connection. */
struct client *client_send(struct world *world, const char *request, size_t length)
{
    struct client *client = &world->clients[world->clients_open];
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int send_bytes = 4 * 1024 * 1024;
    assert_true(world->clients_open < CLIENTS_MAX);
    *client = (struct client){.world = world};
    client->text = calloc(1, ANSWER_BYTES_MAX + 1);
    assert_non_null(client->text);
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s", world->config.admin_socket);
    client->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    (void)setsockopt(client->fd, SOL_SOCKET, SO_SNDBUF, &send_bytes, sizeof send_bytes);
    assert_int_equal(connect(client->fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(send(client->fd, request, length, MSG_NOSIGNAL), length);
    client->watch = watch_new(world->loop, client->fd, client_read, client);
    watch_start(client->watch, WATCH_READ);
    world->clients_open++;
    return client;
}

struct client *client_ask(struct world *world, const char *method, const char *path,
                          const char *body)
{
    char *request = NULL;
    int length = asprintf(&request,
                          "%s %s HTTP/1.1\r\nHost: autopayd\r\nConnection: close\r\n"
                          "Content-Length: %zu\r\n\r\n%s",
                          method, path, strlen(body), body);
    assert_true(length > 0);
    struct client *client = client_send(world, request, (size_t)length);
    free(request);
    return client;
}

/* Runs until every client has its answer, and reads it. No answer may hold a secret. */
void clients_wait(struct world *world)
{
    unsigned count = world->clients_open;
    while (world->clients_open > 0) {
        loop_run(world->loop);
    }
    for (unsigned i = 0; i < count; i++) {
        struct client *client = &world->clients[i];
        const char *end = strstr(client->text, "\r\n\r\n");
        (void)sscanf(client->text, "HTTP/1.1 %d", &client->status);
        client->body = end != NULL ? end + 4 : "";
        assert_null(strstr(client->text, PLANTED_KEY));
        assert_null(strstr(client->text, PLANTED_SECRET));
        if (strstr(client->text, "application/json") != NULL) {
            struct problem problem;
            if (json_parse(client->body, strlen(client->body), &client->root, &problem) != ST_OK) {
                fail_msg("not JSON: %s: %s", client->body, problem.text);
            }
        }
    }
}

void client_end(struct client *client)
{
    json_free(client->root);
    free(client->text);
    *client = (struct client){0};
}

/* One request, its answer; to be given to client_end(). */
struct client *ask(struct world *world, const char *method, const char *path, const char *body)
{
    struct client *client = client_ask(world, method, path, body);
    clients_wait(world);
    return client;
}

void expect(const struct client *client, int status)
{
    if (client->status != status) {
        fail_msg("answered %d, not %d: %s", client->status, status, client->text);
    }
}

/* One request whose status is all that counts. */
void ask_for(struct world *world, const char *method, const char *path, const char *body,
             int status)
{
    struct client *client = ask(world, method, path, body);
    expect(client, status);
    client_end(client);
}

const char *text_at(const struct client *client, const char *key)
{
    const char *text = json_as_string(json_get(client->root, key));
    if (text == NULL) {
        fail_msg("no text \"%s\" in %s", key, client->body);
    }
    return text;
}

bool is_null(const struct client *client, const char *key)
{
    const struct json *value = json_get(client->root, key);
    return value != NULL && json_kind(value) == JSON_KIND_NULL;
}

/* How many events the seller has. */
int64_t event_count(struct world *world)
{
    int64_t next = -1;
    struct client *client = ask(world, "GET", SELLER "/events?max=500", "");
    expect(client, 200);
    assert_true(json_as_integer(json_get(client->root, "next"), &next));
    client_end(client);
    return next;
}

void register_agreement(struct world *world, const char *id)
{
    char body[128];
    (void)snprintf(body, sizeof body, "{\"agreement_id\":\"%s\"}", id);
    ask_for(world, "POST", SELLER "/agreements", body, 202);
}
