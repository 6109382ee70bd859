/* test_admin.c - the admin API over its real socket, with a real runner and a real database.
 *
 * Amazon is an address that refuses connections, so agreements stay unsynced: everything here is
 * about what operators may ask, and that what is refused changes nothing.
 */
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

#include "mws/edge/json.h"
#include "scheduler/admin.h"

#define ANSWER_BYTES_MAX (1 << 20)
#define CLIENTS_MAX      4
#define SELLER           "/v1/sellers/A1SELLER"
#define PLANTED_KEY      "AKIAPLANTEDKEY"
#define PLANTED_SECRET   "planted-secret-planted-secret"

struct world;

struct client {
    struct world *world;
    int fd;
    struct watch *watch;
    size_t length;
    char *text; /* the whole answer, headers and all */
    const char *body;
    int status;
    struct json *root;
};

struct world {
    char directory[64];
    char store_path[128];
    struct loop *loop;
    struct store *store;
    struct store_worker *store_worker;
    struct zones *zones;
    struct mws_client *mws;
    struct runner *runner;
    struct config config;
    struct seller_config sellers[2];
    struct secret *secret;
    struct admin *admin;
    unsigned clients_open;
    bool is_drained;
    struct client clients[CLIENTS_MAX];
};

/* --- the world ----------------------------------------------------------------------------- */

static void job_nothing(struct store *store, void *arg)
{
    (void)store;
    (void)arg;
}

static void job_stop(void *arg)
{
    struct world *world = arg;
    loop_stop(world->loop);
}

/* Jobs run in order: after this one, all before it are done. */
static void settle(struct world *world)
{
    store_worker_submit(world->store_worker, job_nothing, job_stop, world);
    loop_run(world->loop);
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
        .region = CONFIG_REGION_JP,
        .environment = CONFIG_SANDBOX,
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

static void admin_open(struct world *world)
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

static int setup(void **state)
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
    if (store_sqlite_open(world->store_path, &world->store, &problem) != ST_OK) {
        fail_msg("no store: %s", problem.text);
    }
    world->store_worker = store_worker_new(world->loop, world->store);
    world->zones = zones_new(ZONES_DIRECTORY);
    struct http_client_options options = {.user_agent = "test",
                                          .connections_max = 4,
                                          .connect_deadline_ms = 1000,
                                          .total_deadline_ms = 2000,
                                          .response_bytes_max = 65536};
    world->mws = mws_client_new(world->loop, &options, &problem);
    assert_non_null(world->mws);
    struct runner_parts parts = {.loop = world->loop,
                                 .store_worker = world->store_worker,
                                 .client = world->mws,
                                 .zones = world->zones};
    world->runner = runner_new(&parts, &world->config);
    runner_start(world->runner, start_failed, world);
    settle(world);
    admin_open(world);
    *state = world;
    return 0;
}

static void drained(void *arg)
{
    struct world *world = arg;
    world->is_drained = true;
    loop_stop(world->loop);
}

static int teardown(void **state)
{
    struct world *world = *state;
    admin_free(world->admin);
    while (store_worker_open_count(world->store_worker) > 0) {
        settle(world); /* a drain waits for the runner's own jobs */
    }
    runner_drain(world->runner, drained, world);
    do { /* at least once: a stop that was asked for outside of the loop would stay asked for */
        loop_run(world->loop);
    } while (!world->is_drained);
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
static struct client *client_send(struct world *world, const char *request, size_t length)
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

static struct client *client_ask(struct world *world, const char *method, const char *path,
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
static void clients_wait(struct world *world)
{
    unsigned count = world->clients_open;
    loop_run(world->loop);
    assert_int_equal(world->clients_open, 0);
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

static void client_end(struct client *client)
{
    json_free(client->root);
    free(client->text);
    *client = (struct client){0};
}

/* One request, its answer; to be given to client_end(). */
static struct client *ask(struct world *world, const char *method, const char *path,
                          const char *body)
{
    struct client *client = client_ask(world, method, path, body);
    clients_wait(world);
    return client;
}

static void expect(const struct client *client, int status)
{
    if (client->status != status) {
        fail_msg("answered %d, not %d: %s", client->status, status, client->text);
    }
}

/* One request whose status is all that counts. */
static void ask_for(struct world *world, const char *method, const char *path, const char *body,
                    int status)
{
    struct client *client = ask(world, method, path, body);
    expect(client, status);
    client_end(client);
}

static const char *text_at(const struct client *client, const char *key)
{
    const char *text = json_as_string(json_get(client->root, key));
    if (text == NULL) {
        fail_msg("no text \"%s\" in %s", key, client->body);
    }
    return text;
}

static bool is_null(const struct client *client, const char *key)
{
    const struct json *value = json_get(client->root, key);
    return value != NULL && json_kind(value) == JSON_KIND_NULL;
}

/* How many events the seller has. */
static int64_t event_count(struct world *world)
{
    int64_t next = -1;
    struct client *client = ask(world, "GET", SELLER "/events?max=500", "");
    expect(client, 200);
    assert_true(json_as_integer(json_get(client->root, "next"), &next));
    client_end(client);
    return next;
}

static void register_agreement(struct world *world, const char *id)
{
    char body[128];
    (void)snprintf(body, sizeof body, "{\"agreement_id\":\"%s\"}", id);
    ask_for(world, "POST", SELLER "/agreements", body, 202);
}

/* --- agreements ---------------------------------------------------------------------------- */

static void test_agreements(void **state)
{
    struct world *world = *state;
    struct client *client =
        ask(world, "POST", SELLER "/agreements", "{\"agreement_id\":\"C01-1\",\"confirm\":true}");
    expect(client, 202);
    assert_string_equal(text_at(client, "state"), "unsynced");
    assert_true(is_null(client, "limit"));
    assert_true(is_null(client, "synced_at"));
    client_end(client);
    /* Again, while its account is in memory for the sync. */
    ask_for(world, "POST", SELLER "/agreements", "{\"agreement_id\":\"C01-1\"}", 409);
    ask_for(world, "POST", SELLER "/agreements/C01-1/sync", "", 202);
    ask_for(world, "POST", SELLER "/agreements/C01-9/sync", "{}", 404);
    register_agreement(world, "C01-2");
    register_agreement(world, "C01-3");

    client = ask(world, "GET", SELLER "/agreements/C01-2", "");
    expect(client, 200);
    assert_string_equal(text_at(client, "agreement_id"), "C01-2");
    int64_t live = -1;
    assert_true(json_as_integer(json_get(client->root, "subscriptions_live"), &live));
    assert_int_equal(live, 0);
    client_end(client);
    ask_for(world, "GET", SELLER "/agreements/C01-9", "", 404);
    /* Another seller's agreements are nobody else's. */
    ask_for(world, "GET", "/v1/sellers/A2SELLER/agreements/C01-1", "", 404);

    client = ask(world, "GET", SELLER "/agreements?max=2", "");
    expect(client, 200);
    assert_int_equal(json_length(json_get(client->root, "agreements")), 2);
    assert_string_equal(text_at(client, "next"), "C01-2");
    client_end(client);
    client = ask(world, "GET", SELLER "/agreements?max=2&after=C01-2", "");
    expect(client, 200);
    assert_int_equal(json_length(json_get(client->root, "agreements")), 1);
    assert_true(is_null(client, "next"));
    client_end(client);
}

/* --- subscriptions ------------------------------------------------------------------------- */

#define MONTHLY                                                                                    \
    "{\"agreement_id\":\"C01-1\",\"amount\":\"1200\",\"unit\":\"month\",\"anchor\":"               \
    "\"2099-01-31\",\"time\":\"09:00\",\"label\":\"gold\"}"

static void expect_due(const struct client *client, size_t index, const char *due_at)
{
    const struct json *item = json_at(json_get(client->root, "next_due"), index);
    const char *text = item != NULL ? json_as_string(json_get(item, "due_at")) : NULL;
    if (text == NULL || strcmp(text, due_at) != 0) {
        fail_msg("next_due[%zu] is not %s: %s", index, due_at, client->body);
    }
}

static void test_subscription_life(void **state)
{
    struct world *world = *state;
    char key[KEY_MAX];
    char path[128];
    register_agreement(world, "C01-1");
    struct client *client = ask(world, "POST", SELLER "/subscriptions", MONTHLY);
    expect(client, 201);
    (void)snprintf(key, sizeof key, "%s", text_at(client, "subscription_key"));
    assert_true(key_is_valid(key));
    assert_string_equal(text_at(client, "state"), "active");
    assert_string_equal(text_at(client, "zone"), "Asia/Tokyo");
    assert_string_equal(text_at(client, "time"), "09:00:00");
    assert_int_equal(json_length(json_get(client->root, "next_due")), 3);
    expect_due(client, 0, "2099-01-31T00:00:00.000Z");
    expect_due(client, 1, "2099-02-28T00:00:00.000Z");
    expect_due(client, 2, "2099-03-31T00:00:00.000Z");
    client_end(client);

    (void)snprintf(path, sizeof path, SELLER "/subscriptions/%s", key);
    client = ask(world, "GET", path, "");
    expect(client, 200);
    assert_int_equal(json_length(json_get(client->root, "next_due")), 5);
    assert_int_equal(json_length(json_get(client->root, "recent_charges")), 0);
    client_end(client);

    (void)snprintf(path, sizeof path, SELLER "/subscriptions/%s/cancel", key);
    client = ask(world, "POST", path, "{\"when\":\"period_end\"}");
    expect(client, 200);
    assert_string_equal(text_at(client, "state"), "active");
    assert_string_equal(text_at(client, "cancel_at"), "2099-01-31T00:00:00.000Z");
    assert_int_equal(json_length(json_get(client->root, "next_due")), 0);
    client_end(client);
    for (int i = 0; i < 2; i++) { /* asked twice, answered the same */
        client = ask(world, "POST", path, "{\"when\":\"now\"}");
        expect(client, 200);
        assert_string_equal(text_at(client, "state"), "canceled");
        assert_int_equal(json_length(json_get(client->root, "next_due")), 0);
        client_end(client);
    }
    /* The last one is over, so the agreement is being closed. */
    ask_for(world, "POST", SELLER "/subscriptions", MONTHLY, 409);
    ask_for(world, "POST", SELLER "/subscriptions/AAAAAAAAAAAAAAAA/cancel", "{\"when\":\"now\"}",
            404);
    ask_for(world, "POST", SELLER "/subscriptions/x/cancel", "{\"when\":\"now\"}", 404);
    ask_for(world, "GET", SELLER "/subscriptions/AAAAAAAAAAAAAAAA", "", 404);
}

static size_t list_length(struct world *world, const char *path, const char *noun)
{
    struct client *client = ask(world, "GET", path, "");
    expect(client, 200);
    size_t length = json_length(json_get(client->root, noun));
    client_end(client);
    return length;
}

static void test_subscription_lists(void **state)
{
    struct world *world = *state;
    register_agreement(world, "C01-1");
    register_agreement(world, "C01-2");
    for (int i = 0; i < 3; i++) {
        ask_for(world, "POST", SELLER "/subscriptions", MONTHLY, 201);
    }
    assert_int_equal(list_length(world, SELLER "/subscriptions", "subscriptions"), 3);
    assert_int_equal(list_length(world, SELLER "/subscriptions?agreement=C01-1", "subscriptions"),
                     3);
    assert_int_equal(list_length(world, SELLER "/subscriptions?agreement=C01-2", "subscriptions"),
                     0);
    assert_int_equal(list_length(world, SELLER "/subscriptions?state=active", "subscriptions"), 3);
    assert_int_equal(list_length(world, SELLER "/subscriptions?state=past_due", "subscriptions"),
                     0);
    /* Page by page, each once. */
    char path[160] = SELLER "/subscriptions?max=1";
    size_t seen = 0;
    for (;;) {
        struct client *client = ask(world, "GET", path, "");
        expect(client, 200);
        seen += json_length(json_get(client->root, "subscriptions"));
        bool last = is_null(client, "next");
        if (!last) {
            (void)snprintf(path, sizeof path, SELLER "/subscriptions?max=1&after=%s",
                           text_at(client, "next"));
        }
        client_end(client);
        if (last || seen > 3) {
            break;
        }
    }
    assert_int_equal(seen, 3);
    /* Eight live ones are the most. */
    for (int i = 3; i < ACCOUNT_SUBSCRIPTIONS_MAX; i++) {
        ask_for(world, "POST", SELLER "/subscriptions", MONTHLY, 201);
    }
    ask_for(world, "POST", SELLER "/subscriptions", MONTHLY, 429);
}

/* A subscription that begins with what is due already shows its first charge. */
static void test_subscription_recent_charges(void **state)
{
    struct world *world = *state;
    char path[128];
    register_agreement(world, "C01-1");
    struct client *client =
        ask(world, "POST", SELLER "/subscriptions",
            "{\"agreement_id\":\"C01-1\",\"amount\":\"1200\",\"unit\":\"year\",\"anchor\":"
            "\"2020-02-29\",\"charge_from\":\"2020-01-01T00:00:00Z\",\"cycles\":2}");
    expect(client, 201);
    (void)snprintf(path, sizeof path, SELLER "/subscriptions/%s",
                   text_at(client, "subscription_key"));
    client_end(client);
    client = ask(world, "GET", path, "");
    expect(client, 200);
    const struct json *charges = json_get(client->root, "recent_charges");
    assert_true(json_length(charges) >= 1);
    const char *newest = json_as_string(json_get(json_at(charges, 0), "charge_id"));
    assert_non_null(newest);
    (void)snprintf(path, sizeof path, SELLER "/charges?subscription=%s",
                   text_at(client, "subscription_key"));
    size_t count = json_length(charges);
    client_end(client);
    assert_int_equal(list_length(world, path, "charges"), count);
}

/* --- charges ------------------------------------------------------------------------------- */

#define ONCE                                                                                       \
    "{\"agreement_id\":\"C01-1\",\"amount\":\"300\",\"label\":\"extra\","                          \
    "\"idempotency_key\":\"order-1\"}"

static void test_charge_once(void **state)
{
    struct world *world = *state;
    char id[CHARGE_ID_MAX];
    char path[128];
    register_agreement(world, "C01-1");
    struct client *client = ask(world, "POST", SELLER "/charges", ONCE);
    expect(client, 202);
    (void)snprintf(id, sizeof id, "%s", text_at(client, "charge_id"));
    assert_string_equal(text_at(client, "state"), "waiting");
    assert_true(is_null(client, "subscription_key"));
    client_end(client);

    client = ask(world, "POST", SELLER "/charges", ONCE);
    expect(client, 200);
    assert_string_equal(text_at(client, "charge_id"), id);
    client_end(client);

    static const char *const others[] = {
        "{\"agreement_id\":\"C01-1\",\"amount\":\"301\",\"label\":\"extra\","
        "\"idempotency_key\":\"order-1\"}",
        "{\"agreement_id\":\"C01-2\",\"amount\":\"300\",\"label\":\"extra\","
        "\"idempotency_key\":\"order-1\"}",
        "{\"agreement_id\":\"C01-1\",\"amount\":\"300\",\"label\":\"Extra\","
        "\"idempotency_key\":\"order-1\"}",
        "{\"agreement_id\":\"C01-1\",\"amount\":\"300\",\"label\":\"extra\",\"note\":\"n\","
        "\"idempotency_key\":\"order-1\"}",
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        ask_for(world, "POST", SELLER "/charges", others[i], 409);
    }
    ask_for(world, "POST", SELLER "/charges",
            "{\"agreement_id\":\"C01-9\",\"amount\":\"300\",\"idempotency_key\":\"order-2\"}", 404);

    (void)snprintf(path, sizeof path, SELLER "/charges/%s", id);
    client = ask(world, "GET", path, "");
    expect(client, 200);
    assert_string_equal(text_at(client, "amount"), "300");
    assert_string_equal(text_at(client, "state"), "waiting");
    assert_int_equal(json_length(json_get(client->root, "attempts")), 0);
    client_end(client);
    ask_for(world, "GET", SELLER "/charges/AAAAAAAAAAAAAAAA-0", "", 404);
    assert_int_equal(list_length(world, SELLER "/charges?state=waiting", "charges"), 1);
    assert_int_equal(list_length(world, SELLER "/charges?state=paid", "charges"), 0);
    assert_int_equal(list_length(world, SELLER "/charges", "charges"), 1);
}

/* Requests with one key at the same time end in one charge, whoever comes first. */
static void test_charge_race(void **state)
{
    struct world *world = *state;
    register_agreement(world, "C01-1");
    struct client *clients[CLIENTS_MAX];
    for (int i = 0; i < CLIENTS_MAX; i++) {
        clients[i] = client_ask(world, "POST", SELLER "/charges", ONCE);
    }
    clients_wait(world);
    int made = 0;
    char id[CHARGE_ID_MAX] = "";
    for (int i = 0; i < CLIENTS_MAX; i++) {
        if (clients[i]->status != 200 && clients[i]->status != 202) {
            fail_msg("answered %d: %s", clients[i]->status, clients[i]->text);
        }
        made += clients[i]->status == 202;
        if (id[0] == '\0') {
            (void)snprintf(id, sizeof id, "%s", text_at(clients[i], "charge_id"));
        }
        assert_string_equal(text_at(clients[i], "charge_id"), id);
        client_end(clients[i]);
    }
    assert_int_equal(made, 1);
    assert_int_equal(list_length(world, SELLER "/charges", "charges"), 1);
}

/* --- events and status --------------------------------------------------------------------- */

static void test_events(void **state)
{
    struct world *world = *state;
    register_agreement(world, "C01-1");
    ask_for(world, "POST", SELLER "/subscriptions", MONTHLY, 201);
    ask_for(world, "POST", SELLER "/charges", ONCE, 202);
    struct client *client = ask(world, "GET", SELLER "/events", "");
    expect(client, 200);
    const struct json *events = json_get(client->root, "events");
    assert_true(json_length(events) >= 3);
    for (size_t i = 0; i < json_length(events); i++) {
        int64_t number = 0;
        assert_true(json_as_integer(json_get(json_at(events, i), "number"), &number));
        assert_int_equal(number, i + 1);
    }
    const struct json *first = json_at(events, 0);
    assert_string_equal(json_as_string(json_get(first, "kind")), "agreement");
    assert_string_equal(json_as_string(json_get(first, "subject")), "C01-1");
    assert_string_equal(json_as_string(json_get(first, "to")), "unsynced");
    assert_int_equal(json_kind(json_get(first, "from")), JSON_KIND_NULL);
    int64_t count = (int64_t)json_length(events);
    client_end(client);

    client = ask(world, "GET", SELLER "/events?after=1&max=1", "");
    expect(client, 200);
    assert_int_equal(json_length(json_get(client->root, "events")), 1);
    int64_t next = 0;
    assert_true(json_as_integer(json_get(client->root, "next"), &next));
    assert_int_equal(next, 2);
    client_end(client);
    /* Beyond the end the cursor stays where it was. */
    client = ask(world, "GET", SELLER "/events?after=1000", "");
    expect(client, 200);
    assert_true(json_as_integer(json_get(client->root, "next"), &next));
    assert_int_equal(next, 1000);
    client_end(client);
    assert_true(event_count(world) >= count);
}

static void test_status(void **state)
{
    struct world *world = *state;
    register_agreement(world, "C01-1");
    ask_for(world, "POST", SELLER "/charges", ONCE, 202);
    struct client *client = ask(world, "GET", "/v1/status", "");
    expect(client, 200);
    assert_string_equal(text_at(client, "version"), AUTOPAY_VERSION);
    const struct json *sellers = json_get(client->root, "sellers");
    assert_int_equal(json_length(sellers), 2);
    const struct json *seller = json_at(sellers, 0);
    int64_t number = -1;
    bool paused = true;
    assert_string_equal(json_as_string(json_get(seller, "seller_id")), "A1SELLER");
    assert_string_equal(json_as_string(json_get(seller, "environment")), "sandbox");
    assert_true(json_as_integer(json_get(seller, "agreements"), &number));
    assert_int_equal(number, 1);
    assert_true(json_as_integer(json_get(json_get(seller, "charges"), "waiting"), &number));
    assert_int_equal(number, 1);
    assert_true(json_as_integer(json_get(seller, "attempts_unknown"), &number));
    assert_int_equal(number, 0);
    assert_true(json_as_bool(json_get(seller, "charging_paused"), &paused));
    assert_false(paused);
    client_end(client);
}

/* --- refusals ------------------------------------------------------------------------------ */

struct refusal {
    const char *method;
    const char *path;
    const char *body;
    int status;
    const char *error;
};

static void test_refusals_change_nothing(void **state)
{
    struct world *world = *state;
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
        {"POST", SELLER "/agreements/C01-1/close", "", 404, "not_found"},
        {"POST", SELLER "/agreements/C01-1/sync/now", "", 404, "not_found"},
        {"GET", SELLER "/agreements/C01-1%2fsync", "", 404, "not_found"},
        {"GET", "/v1/sellers/NOBODY/agreements", "", 404, "not_found"},
        {"GET", "/v1/sellers/NOBODY/nothing", "", 404, "not_found"},
        {"POST", "/v1/status", "", 405, "invalid"},
        {"DELETE", SELLER "/agreements/C01-1", "", 405, "invalid"},
        {"PUT", SELLER "/agreements", "{}", 405, "invalid"},
        {"GET", SELLER "/agreements/C01-1/sync", "", 405, "invalid"},
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
         SELLER "/charges?after=1234567890123456789012345678901234567890123456789012345678901234",
         "", 400, "invalid"},
        {"GET", SELLER "/events?after=x", "", 400, "invalid"},
        {"GET", SELLER "/events?after=-1", "", 400, "invalid"},
        {"GET", SELLER "/events?after=99999999999999999999", "", 400, "invalid"},
        {"POST", SELLER "/agreements?max=1", "{\"agreement_id\":\"C01-7\"}", 400, "invalid"},
        {"POST", SELLER "/agreements", "", 400, "invalid"},
        {"POST", SELLER "/agreements", "{\"agreement_id\":\"C01-7\"", 400, "invalid"},
        {"POST", SELLER "/agreements", "{\"agreement_id\":\"C01-7\",\"agreement_id\":\"C01-8\"}",
         400, "invalid"},
        {"POST", SELLER "/agreements", "{\"agreement_id\":\"C01-7\",\"confrim\":true}", 400,
         "invalid"},
        {"POST", SELLER "/agreements", "agreement_id=C01-7", 400, "invalid"},
        {"POST", SELLER "/agreements", "{\"agreement_id\":\"\xff\"}", 400, "invalid"},
        {"POST", SELLER "/agreements/C01-1/sync", "{\"now\":true}", 400, "invalid"},
        {"POST", SELLER "/subscriptions",
         "{\"agreement_id\":\"C01-1\",\"amount\":1200,\"unit\":\"month\",\"anchor\":\"2099-01-"
         "31\"}",
         400, "invalid"},
        {"POST", SELLER "/subscriptions",
         "{\"agreement_id\":\"C01-1\",\"amount\":\"1200\",\"unit\":\"month\",\"anchor\":"
         "\"2099-01-31\",\"zone\":\"Asia/Tokio\"}",
         400, "invalid"},
        {"POST", SELLER "/subscriptions",
         "{\"agreement_id\":\"C01-1\",\"amount\":\"1200\",\"unit\":\"month\",\"anchor\":"
         "\"2020-01-31\",\"end\":\"2020-12-31\"}",
         400, "invalid"},
        {"POST", SELLER "/subscriptions",
         "{\"agreement_id\":\"C01-9\",\"amount\":\"1200\",\"unit\":\"month\",\"anchor\":"
         "\"2099-01-31\"}",
         404, "not_found"},
        {"POST", SELLER "/charges", "{\"agreement_id\":\"C01-1\",\"amount\":\"300\"}", 400,
         "invalid"},
    };
    register_agreement(world, "C01-1");
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
    assert_int_equal(event_count(world), 0);
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
        client_ask(world, "POST", SELLER "/agreements", "{\"agreement_id\":\"C01-5\"}");
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
        settle(world);
    }
    timer_free(timer);
    close(pipe_fds[0]);
    close(pipe_fds[1]);
    /* The command was with the runner already: it counts. */
    admin_open(world);
    ask_for(world, "GET", SELLER "/agreements/C01-5", "", 200);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_agreements),
        CASE(test_subscription_life),
        CASE(test_subscription_lists),
        CASE(test_subscription_recent_charges),
        CASE(test_charge_once),
        CASE(test_charge_race),
        CASE(test_events),
        CASE(test_status),
        CASE(test_refusals_change_nothing),
        CASE(test_malformed_http),
        CASE(test_large_bodies),
        CASE(test_only_the_owner_may_connect),
        CASE(test_configure),
        CASE(test_freed_with_open_requests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
