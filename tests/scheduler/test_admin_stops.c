/* test_admin_stops.c - the stop switches of a seller and of all, as they are turned and shown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/scheduler/planting.h"

#define OTHER "/v1/sellers/A2SELLER"

/* `path` twice: the second time nothing happens. */
static void turn(struct world *world, const char *path, const char *stopped)
{
    for (int i = 0; i < 2; i++) {
        struct client *client = ask(world, "POST", path, i == 0 ? "" : "{}");
        expect(client, 200);
        if (stopped == NULL) {
            assert_true(is_null(client, "stopped"));
        } else {
            assert_string_equal(text_at(client, "stopped"), stopped);
        }
        client_end(client);
    }
}

/* A one-off on the planted agreement: its state and reason, or "" for none. */
static void expect_once(struct world *world, const char *key, const char *state, const char *reason)
{
    char body[128];
    (void)snprintf(body, sizeof body,
                   "{\"agreement_id\":\"C03-1\",\"amount\":\"3\",\"idempotency_key\":\"%s\"}", key);
    struct client *client = ask(world, "POST", SELLER "/charges", body);
    if (client->status != 200 && client->status != 202) {
        fail_msg("answered %d: %s", client->status, client->text);
    }
    assert_string_equal(text_at(client, "state"), state);
    if (reason[0] == '\0') {
        assert_true(is_null(client, "reason"));
    } else {
        assert_string_equal(text_at(client, "reason"), reason);
    }
    client_end(client);
}

static void test_stop_of_a_seller(void **state)
{
    struct world *world = *state;
    free(plant_agreement(world, "C03-1"));
    turn(world, SELLER "/stop", "operator");
    expect_once(world, "a", "waiting", "stopped");
    struct client *client = ask(world, "GET", "/v1/status", "");
    expect(client, 200);
    assert_true(is_null(client, "stopped"));
    const struct json *sellers = json_get(client->root, "sellers");
    int64_t waiting = 0;
    assert_string_equal(json_as_string(json_get(json_at(sellers, 0), "stopped")), "operator");
    assert_int_equal(json_kind(json_get(json_at(sellers, 1), "stopped")), JSON_KIND_NULL);
    assert_true(json_as_integer(json_get(json_at(sellers, 0), "charges_stopped"), &waiting));
    assert_int_equal(waiting, 1);
    client_end(client);
    client = ask(world, "GET", SELLER "/events?max=500", "");
    const struct json *events = json_get(client->root, "events");
    bool is_told = false;
    for (size_t i = 0; i < json_length(events); i++) {
        const char *kind = json_as_string(json_get(json_at(events, i), "kind"));
        if (strcmp(kind, "stop") == 0) {
            assert_string_equal(json_as_string(json_get(json_at(events, i), "to")), "on");
            assert_false(is_told);
            is_told = true;
        }
    }
    assert_true(is_told);
    client_end(client);
    turn(world, SELLER "/start", NULL);
    world_settle(world);
    expect_once(world, "b", "attempting", "");
}

static void test_stop_of_all(void **state)
{
    struct world *world = *state;
    free(plant_agreement(world, "C03-1"));
    turn(world, "/v1/stop", "operator");
    expect_once(world, "a", "waiting", "stopped");
    /* A seller's own switch is another: it neither shows this one nor lifts it. */
    struct client *client = ask(world, "POST", OTHER "/start", "");
    expect(client, 200);
    assert_true(is_null(client, "stopped"));
    assert_string_equal(text_at(client, "all_stopped"), "operator");
    client_end(client);
    client = ask(world, "GET", "/v1/status", "");
    assert_string_equal(text_at(client, "stopped"), "operator");
    client_end(client);
    turn(world, "/v1/start", NULL);
    expect_once(world, "b", "attempting", "");
}

/* Whoever stops last has stopped, also when the start before it is still with the store. */
static void test_stop_right_after_a_start(void **state)
{
    struct world *world = *state;
    static const char *const paths[][2] = {{SELLER "/start", SELLER "/stop"},
                                           {"/v1/start", "/v1/stop"}};
    free(plant_agreement(world, "C03-1"));
    for (size_t i = 0; i < 2; i++) {
        char key[8];
        ask_for(world, "POST", paths[i][1], "", 200);
        struct client *started = client_ask(world, "POST", paths[i][0], "");
        struct client *stopped = client_ask(world, "POST", paths[i][1], "");
        clients_wait(world);
        expect(started, 200);
        expect(stopped, 200);
        assert_string_equal(text_at(stopped, "stopped"), "operator");
        client_end(started);
        client_end(stopped);
        (void)snprintf(key, sizeof key, "k%zu", i);
        expect_once(world, key, "waiting", "stopped");
        ask_for(world, "POST", paths[i][0], "", 200);
        world_settle(world);
    }
}

/* The daemon died after the switch was off and before what waited for it was woken. */
static void test_start_that_died_halfway(void **state)
{
    struct world *world = *state;
    struct problem problem;
    free(plant_agreement(world, "C03-1"));
    turn(world, SELLER "/stop", "operator");
    expect_once(world, "a", "waiting", "stopped");
    world_settle(world);
    assert_int_equal(world->store->ops->set_stop(world->store, "A1SELLER", false, REASON_OPERATOR,
                                                 planted_at(world), INSTANT_NEVER, &problem),
                     ST_OK);
    world_restart(world);
    for (int turns = 0;; turns++) {
        struct client *client = ask(world, "GET", SELLER "/charges?state=waiting", "");
        bool is_woken = json_length(json_get(client->root, "charges")) == 0;
        client_end(client);
        if (is_woken) {
            break;
        }
        assert_true(turns < 1000);
        world_settle(world);
    }
}

static void test_refused(void **state)
{
    struct world *world = *state;
    int64_t events = event_count(world);
    ask_for(world, "POST", "/v1/stop", "{\"seller\":\"A1SELLER\"}", 400);
    ask_for(world, "POST", SELLER "/stop", "[]", 400);
    ask_for(world, "GET", "/v1/stop", "", 405);
    ask_for(world, "GET", SELLER "/start", "", 405);
    ask_for(world, "POST", SELLER "/stop/now", "", 404);
    ask_for(world, "POST", "/v1/sellers/NOBODY/stop", "", 404);
    ask_for(world, "POST", "/v1/stop?all=1", "", 400);
    assert_int_equal(event_count(world), events);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_stop_of_a_seller),
        CASE(test_stop_of_all),
        CASE(test_stop_right_after_a_start),
        CASE(test_start_that_died_halfway),
        CASE(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
