/* test_admin.c - the admin API noun by noun, over its real socket. Amazon cannot be reached, so
 * agreements stay unsynced: see admin_world.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/scheduler/admin_world.h"

/* --- agreements ---------------------------------------------------------------------------- */

static void test_agreements(void **state)
{
    struct world *world = *state;
    struct client *client =
        ask(world, "POST", SELLER "/agreements", "{\"agreement_id\":\"C03-1\",\"confirm\":true}");
    expect(client, 202);
    assert_string_equal(text_at(client, "state"), "unsynced");
    assert_true(is_null(client, "limit"));
    assert_true(is_null(client, "synced_at"));
    client_end(client);
    /* Again, while its account is in memory for the sync. */
    ask_for(world, "POST", SELLER "/agreements", "{\"agreement_id\":\"C03-1\"}", 409);
    ask_for(world, "POST", SELLER "/agreements/C03-1/sync", "", 202);
    ask_for(world, "POST", SELLER "/agreements/C03-9/sync", "{}", 404);
    register_agreement(world, "C03-2");
    register_agreement(world, "C03-3");

    client = ask(world, "GET", SELLER "/agreements/C03-2", "");
    expect(client, 200);
    assert_string_equal(text_at(client, "agreement_id"), "C03-2");
    int64_t live = -1;
    assert_true(json_as_integer(json_get(client->root, "subscriptions_live"), &live));
    assert_int_equal(live, 0);
    client_end(client);
    ask_for(world, "GET", SELLER "/agreements/C03-9", "", 404);
    /* Another seller's agreements are nobody else's. */
    ask_for(world, "GET", "/v1/sellers/A2SELLER/agreements/C03-1", "", 404);

    client = ask(world, "GET", SELLER "/agreements?max=2", "");
    expect(client, 200);
    assert_int_equal(json_length(json_get(client->root, "agreements")), 2);
    assert_string_equal(text_at(client, "next"), "C03-2");
    client_end(client);
    client = ask(world, "GET", SELLER "/agreements?max=2&after=C03-2", "");
    expect(client, 200);
    assert_int_equal(json_length(json_get(client->root, "agreements")), 1);
    assert_true(is_null(client, "next"));
    client_end(client);
}

/* Amazon would say that it does not know it; we say why. */
static void test_an_agreement_of_the_other_side_is_refused(void **state)
{
    struct world *world = *state;
    int64_t events = event_count(world);
    struct client *client =
        ask(world, "POST", SELLER "/agreements", "{\"agreement_id\":\"B03-1234567-1234567\"}");
    expect(client, 400);
    assert_string_equal(text_at(client, "message"),
                        "B03-1234567-1234567 belongs to the live environment, not to sandbox");
    client_end(client);
    ask_for(world, "GET", SELLER "/agreements/B03-1234567-1234567", "", 404);
    world->sellers[0].mws.environment = MWS_LIVE;
    ask_for(world, "POST", SELLER "/agreements", "{\"agreement_id\":\"C03-1234567-1234567\"}", 400);
    assert_int_equal(event_count(world), events);
}

/* --- subscriptions ------------------------------------------------------------------------- */

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
    register_agreement(world, "C03-1");
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
    register_agreement(world, "C03-1");
    register_agreement(world, "C03-2");
    for (int i = 0; i < 3; i++) {
        ask_for(world, "POST", SELLER "/subscriptions", MONTHLY, 201);
    }
    assert_int_equal(list_length(world, SELLER "/subscriptions", "subscriptions"), 3);
    assert_int_equal(list_length(world, SELLER "/subscriptions?agreement=C03-1", "subscriptions"),
                     3);
    assert_int_equal(list_length(world, SELLER "/subscriptions?agreement=C03-2", "subscriptions"),
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

#define SIGNUP                                                                                     \
    "{\"agreement_id\":\"C03-1\",\"amount\":\"1200\",\"unit\":\"month\","                          \
    "\"anchor\":\"2099-01-31\",\"idempotency_key\":\"signup-1\""

static void expect_subscription(struct world *world, const char *body, int status, const char *key)
{
    struct client *client = ask(world, "POST", SELLER "/subscriptions", body);
    expect(client, status);
    assert_string_equal(text_at(client, "subscription_key"), key);
    assert_string_equal(text_at(client, "idempotency_key"), "signup-1");
    client_end(client);
}

static void test_subscription_ordered_again(void **state)
{
    struct world *world = *state;
    char key[KEY_MAX];
    char path[128];
    register_agreement(world, "C03-1");
    register_agreement(world, "C03-2");
    struct client *client = ask(world, "POST", SELLER "/subscriptions", SIGNUP "}");
    expect(client, 201);
    (void)snprintf(key, sizeof key, "%s", text_at(client, "subscription_key"));
    client_end(client);
    expect_subscription(world, SIGNUP "}", 200, key);
    /* What is left out means the same as what it stands for. */
    expect_subscription(world, SIGNUP ",\"every\":1,\"time\":\"00:00\",\"zone\":\"Asia/Tokyo\"}",
                        200, key);
    expect_subscription(world, SIGNUP ",\"charge_from\":\"2098-12-31T00:00:00Z\"}", 200, key);
    static const char *const others[] = {
        SIGNUP ",\"label\":\"gold\"}",
        SIGNUP ",\"note\":\"n\"}",
        SIGNUP ",\"every\":2}",
        SIGNUP ",\"time\":\"09:00\"}",
        SIGNUP ",\"zone\":\"Etc/UTC\"}",
        SIGNUP ",\"cycles\":12}",
        SIGNUP ",\"charge_from\":\"2099-02-10T00:00:00Z\"}",
        "{\"agreement_id\":\"C03-2\",\"amount\":\"1200\",\"unit\":\"month\",\"anchor\":\"2099-01-"
        "31\","
        "\"idempotency_key\":\"signup-1\"}",
        "{\"agreement_id\":\"C03-1\",\"amount\":\"1201\",\"unit\":\"month\",\"anchor\":\"2099-01-"
        "31\","
        "\"idempotency_key\":\"signup-1\"}",
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        ask_for(world, "POST", SELLER "/subscriptions", others[i], 409);
    }
    assert_int_equal(list_length(world, SELLER "/subscriptions", "subscriptions"), 1);
    /* Without a key each is another; with one that was used once for a charge as well. */
    ask_for(world, "POST", SELLER "/subscriptions", MONTHLY, 201);
    ask_for(world, "POST", SELLER "/charges",
            "{\"agreement_id\":\"C03-1\",\"amount\":\"3\",\"idempotency_key\":\"signup-1\"}", 202);
    /* For ever: also when it is over, and the agreement takes no orders any more. */
    (void)snprintf(path, sizeof path, SELLER "/subscriptions/%s/cancel", key);
    ask_for(world, "POST", path, "{\"when\":\"now\"}", 200);
    client = ask(world, "POST", SELLER "/subscriptions", SIGNUP "}");
    expect(client, 200);
    assert_string_equal(text_at(client, "state"), "canceled");
    client_end(client);
}

/* Requests with one key at the same time end in one subscription, whoever comes first: also when it
 * is the last that the agreement has room for. */
static void test_subscription_race(void **state)
{
    struct world *world = *state;
    register_agreement(world, "C03-1");
    for (int i = 1; i < ACCOUNT_SUBSCRIPTIONS_MAX; i++) {
        ask_for(world, "POST", SELLER "/subscriptions", MONTHLY, 201);
    }
    struct client *clients[CLIENTS_MAX];
    for (int i = 0; i < CLIENTS_MAX; i++) {
        clients[i] = client_ask(world, "POST", SELLER "/subscriptions", SIGNUP "}");
    }
    clients_wait(world);
    int made = 0;
    char key[KEY_MAX] = "";
    for (int i = 0; i < CLIENTS_MAX; i++) {
        if (clients[i]->status != 200 && clients[i]->status != 201) {
            fail_msg("answered %d: %s", clients[i]->status, clients[i]->text);
        }
        made += clients[i]->status == 201;
        if (key[0] == '\0') {
            (void)snprintf(key, sizeof key, "%s", text_at(clients[i], "subscription_key"));
        }
        assert_string_equal(text_at(clients[i], "subscription_key"), key);
        client_end(clients[i]);
    }
    assert_int_equal(made, 1);
    ask_for(world, "POST", SELLER "/subscriptions", MONTHLY, 429);
}

/* A subscription that begins with what is due already shows its first charge. */
static void test_subscription_recent_charges(void **state)
{
    struct world *world = *state;
    char path[128];
    register_agreement(world, "C03-1");
    struct client *client =
        ask(world, "POST", SELLER "/subscriptions",
            "{\"agreement_id\":\"C03-1\",\"amount\":\"1200\",\"unit\":\"year\",\"anchor\":"
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
    "{\"agreement_id\":\"C03-1\",\"amount\":\"300\",\"label\":\"extra\","                          \
    "\"idempotency_key\":\"order-1\"}"

static void test_charge_once(void **state)
{
    struct world *world = *state;
    char id[CHARGE_ID_MAX];
    char path[128];
    register_agreement(world, "C03-1");
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
        "{\"agreement_id\":\"C03-1\",\"amount\":\"301\",\"label\":\"extra\","
        "\"idempotency_key\":\"order-1\"}",
        "{\"agreement_id\":\"C03-2\",\"amount\":\"300\",\"label\":\"extra\","
        "\"idempotency_key\":\"order-1\"}",
        "{\"agreement_id\":\"C03-1\",\"amount\":\"300\",\"label\":\"Extra\","
        "\"idempotency_key\":\"order-1\"}",
        "{\"agreement_id\":\"C03-1\",\"amount\":\"300\",\"label\":\"extra\",\"note\":\"n\","
        "\"idempotency_key\":\"order-1\"}",
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        ask_for(world, "POST", SELLER "/charges", others[i], 409);
    }
    ask_for(world, "POST", SELLER "/charges",
            "{\"agreement_id\":\"C03-9\",\"amount\":\"300\",\"idempotency_key\":\"order-2\"}", 404);

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

static void test_charges_of_an_agreement(void **state)
{
    struct world *world = *state;
    char path[128];
    register_agreement(world, "C03-1");
    register_agreement(world, "C03-2");
    ask_for(world, "POST", SELLER "/charges", ONCE, 202);
    ask_for(world, "POST", SELLER "/charges",
            "{\"agreement_id\":\"C03-2\",\"amount\":\"3\",\"idempotency_key\":\"order-2\"}", 202);
    struct client *client =
        ask(world, "POST", SELLER "/subscriptions",
            "{\"agreement_id\":\"C03-1\",\"amount\":\"12\",\"unit\":\"year\",\"anchor\":"
            "\"2020-02-29\",\"charge_from\":\"2020-01-01T00:00:00Z\",\"cycles\":2}");
    expect(client, 201);
    (void)snprintf(path, sizeof path, SELLER "/charges?agreement=C03-2&subscription=%s",
                   text_at(client, "subscription_key"));
    client_end(client);
    world_settle(world);
    size_t all = list_length(world, SELLER "/charges", "charges");
    assert_true(all >= 3);
    assert_int_equal(list_length(world, SELLER "/charges?agreement=C03-1", "charges"), all - 1);
    assert_int_equal(list_length(world, SELLER "/charges?agreement=C03-1&state=paid", "charges"),
                     0);
    assert_int_equal(list_length(world, SELLER "/charges?agreement=C03-9", "charges"), 0);
    assert_int_equal(list_length(world, path, "charges"), 0); /* of both */
    client = ask(world, "GET", SELLER "/charges?agreement=C03-1&max=1", "");
    expect(client, 200);
    (void)snprintf(path, sizeof path, SELLER "/charges?agreement=C03-1&after=%s",
                   text_at(client, "next"));
    client_end(client);
    assert_int_equal(list_length(world, path, "charges"), all - 2);
}

/* Requests with one key at the same time end in one charge, whoever comes first. */
static void test_charge_race(void **state)
{
    struct world *world = *state;
    register_agreement(world, "C03-1");
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
    register_agreement(world, "C03-1");
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
    for (size_t i = 1; strcmp(json_as_string(json_get(first, "kind")), "policy") == 0; i++) {
        first = json_at(events, i); /* kept when the daemon started */
        assert_non_null(first);
    }
    assert_string_equal(json_as_string(json_get(first, "kind")), "agreement");
    assert_string_equal(json_as_string(json_get(first, "subject")), "C03-1");
    assert_string_equal(json_as_string(json_get(first, "to")), "unsynced");
    assert_int_equal(json_kind(json_get(first, "from")), JSON_KIND_NULL);
    const char *digest = json_as_string(json_get(first, "digest"));
    assert_non_null(digest);
    assert_int_equal(strspn(digest, "0123456789abcdef"), 64);
    assert_int_equal(json_kind(json_get(first, "amount")), JSON_KIND_NULL);
    const struct json *last = json_at(events, json_length(events) - 1);
    assert_string_equal(json_as_string(json_get(last, "kind")), "charge");
    assert_string_equal(json_as_string(json_get(last, "amount")), "300");
    assert_string_equal(json_as_string(json_get(last, "currency")), "JPY");
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

static void keep_notice(struct world *world, const char *seller_id, enum notice_kind kind,
                        const char *object_id, int number)
{
    struct problem problem = {""};
    struct notice notice = {
        .kind = kind,
        .amount = number == 1 ? money_of(300, "JPY") : money_of(0, ""),
        .updated_at = number == 1 ? (struct instant){1000} : INSTANT_NEVER,
        .received_at = {2000},
    };
    (void)snprintf(notice.seller_id, sizeof notice.seller_id, "%s", seller_id);
    (void)snprintf(notice.message_id, sizeof notice.message_id, "message-%d", number);
    (void)snprintf(notice.object_id, sizeof notice.object_id, "%s", object_id);
    (void)snprintf(notice.state, sizeof notice.state, "Completed");
    if (number == 1) {
        (void)snprintf(notice.parent_id, sizeof notice.parent_id, "S03-1-1-C1");
        (void)snprintf(notice.order_id, sizeof notice.order_id, "AAAAAAAAAAAAAAAA-0");
    }
    assert_int_equal(world->store->ops->keep_notices(world->store, &notice, 1, &problem), ST_OK);
}

static int64_t number_at(const struct json *object, const char *key)
{
    int64_t number = -1;
    assert_true(json_as_integer(json_get(object, key), &number));
    return number;
}

static void test_notices(void **state)
{
    struct world *world = *state;
    struct client *client = ask(world, "GET", SELLER "/notices", "");
    expect(client, 200);
    assert_int_equal(json_length(json_get(client->root, "notices")), 0);
    assert_int_equal(number_at(client->root, "next"), 0);
    client_end(client);
    world_settle(world); /* the store is ours for a moment */
    keep_notice(world, "A1SELLER", NOTICE_REFUND, "S03-1-1-R1", 1);
    keep_notice(world, "A1SELLER", NOTICE_ORDER, "S03-1-1", 2);
    keep_notice(world, "A2SELLER", NOTICE_REFUND, "S03-2-2-R1", 3);
    keep_notice(world, "A1SELLER", NOTICE_CHARGEBACK, "S03-1-1-C1", 4);

    client = ask(world, "GET", SELLER "/notices?kind=refund", "");
    expect(client, 200);
    assert_int_equal(json_length(json_get(client->root, "notices")), 1);
    char *text = json_print(json_at(json_get(client->root, "notices"), 0), false);
    assert_string_equal(
        text, "{\"number\":1,\"kind\":\"refund\",\"object_id\":\"S03-1-1-R1\","
              "\"parent_id\":\"S03-1-1-C1\",\"reference_id\":null,"
              "\"charge_id\":\"AAAAAAAAAAAAAAAA-0\",\"state\":\"Completed\",\"reason\":null,"
              "\"amount\":\"300\",\"currency\":\"JPY\",\"updated_at\":\"1970-01-01T00:00:01.000Z\","
              "\"received_at\":\"1970-01-01T00:00:02.000Z\",\"agreement_id\":null,\"done\":true}");
    free(text);
    client_end(client);

    client = ask(world, "GET", SELLER "/notices?max=2", ""); /* the newest */
    expect(client, 200);
    const struct json *newest = json_get(client->root, "notices");
    assert_int_equal(json_length(newest), 2);
    assert_int_equal(number_at(json_at(newest, 0), "number"), 2);
    assert_int_equal(json_kind(json_get(json_at(newest, 0), "amount")), JSON_KIND_NULL);
    assert_int_equal(number_at(json_at(newest, 1), "number"), 4);
    assert_int_equal(number_at(client->root, "next"), 4);
    client_end(client);
    assert_int_equal(list_length(world, SELLER "/notices?after=0", "notices"), 3);
    assert_int_equal(list_length(world, SELLER "/notices?after=1&max=1", "notices"), 1);
    assert_int_equal(list_length(world, SELLER "/notices?after=4", "notices"), 0);
    assert_int_equal(list_length(world, SELLER "/notices?object=S03-1-1-C1", "notices"), 1);
    assert_int_equal(list_length(world, SELLER "/notices?object=S03-2-2-R1", "notices"), 0);
    assert_int_equal(
        list_length(world, SELLER "/notices?object=S03-1-1-C1&kind=refund&after=0", "notices"), 0);
    static const char *const wrong[] = {
        "kind=Refund", "kind=1",         "after=x", "after=-1", "after=1234567890123456789",
        "max=0",       "state=Completed"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char path[128];
        (void)snprintf(path, sizeof path, SELLER "/notices?%s", wrong[i]);
        ask_for(world, "GET", path, "", 400);
    }
}

static void test_status(void **state)
{
    struct world *world = *state;
    register_agreement(world, "C03-1");
    ask_for(world, "POST", SELLER "/charges", ONCE, 202);
    struct client *client = ask(world, "GET", "/v1/status", "");
    expect(client, 200);
    assert_string_equal(text_at(client, "version"), AUTOPAY_VERSION);
    assert_true(is_null(client, "notifications"));
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

#define CASE(test) cmocka_unit_test_setup_teardown(test, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_agreements),
        CASE(test_an_agreement_of_the_other_side_is_refused),
        CASE(test_subscription_life),
        CASE(test_subscription_lists),
        CASE(test_subscription_ordered_again),
        CASE(test_subscription_race),
        CASE(test_subscription_recent_charges),
        CASE(test_charge_once),
        CASE(test_charges_of_an_agreement),
        CASE(test_charge_race),
        CASE(test_events),
        CASE(test_notices),
        CASE(test_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
