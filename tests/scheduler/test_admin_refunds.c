/* test_admin_refunds.c - money back through the admin API: ordered, ordered again, at once by many,
 * refused, listed; and the policies as they are shown. Amazon cannot be reached, so refunds stay on
 * their way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "billing/policy_text.h"
#include "tests/scheduler/planting.h"

/* A paid charge of JPY 1000, and where its refunds are ordered. */
struct paid {
    char id[CHARGE_ID_MAX];
    char path[96];
    char refunds[96];
};

static struct paid plant_paid(struct world *world, const char *agreement_id)
{
    struct paid paid;
    struct account *account = plant_agreement(world, agreement_id);
    plant_charge(world, account, 1000, paid.id);
    free(account);
    (void)snprintf(paid.path, sizeof paid.path, SELLER "/charges/%s", paid.id);
    (void)snprintf(paid.refunds, sizeof paid.refunds, SELLER "/charges/%s/refunds", paid.id);
    return paid;
}

static void refuse(struct world *world, const char *path, const char *body, int status,
                   const char *says)
{
    int64_t events = event_count(world);
    struct client *client = ask(world, "POST", path, body);
    expect(client, status);
    if (strstr(text_at(client, "message"), says) == NULL) {
        fail_msg("%s says \"%s\", not \"%s\"", body, text_at(client, "message"), says);
    }
    client_end(client);
    assert_int_equal(event_count(world), events);
}

static size_t list_length(struct world *world, const char *path, const char *noun)
{
    struct client *client = ask(world, "GET", path, "");
    expect(client, 200);
    size_t length = json_length(json_get(client->root, noun));
    client_end(client);
    return length;
}

static void expect_refunded(struct world *world, const struct paid *paid, const char *refunded,
                            size_t count)
{
    struct client *client = ask(world, "GET", paid->path, "");
    expect(client, 200);
    assert_string_equal(text_at(client, "refunded"), refunded);
    assert_int_equal(json_length(json_get(client->root, "refunds")), count);
    client_end(client);
}

static void test_refund(void **state)
{
    struct world *world = *state;
    struct paid paid = plant_paid(world, "C03-1");
    char id[REFUND_ID_MAX];
    expect_refunded(world, &paid, "0", 0);
    static const char part[] =
        "{\"amount\":\"300\",\"note\":\"broken\",\"idempotency_key\":\"return-1\"}";
    struct client *client = ask(world, "POST", paid.refunds, part);
    expect(client, 202);
    assert_string_equal(text_at(client, "state"), "intent");
    assert_string_equal(text_at(client, "kind"), "shop");
    assert_string_equal(text_at(client, "amount"), "300");
    assert_string_equal(text_at(client, "currency"), "JPY");
    assert_string_equal(text_at(client, "note"), "broken");
    assert_string_equal(text_at(client, "charge_id"), paid.id);
    assert_string_equal(text_at(client, "capture_id"), PLANTED_CAPTURE);
    assert_true(is_null(client, "answered_at"));
    (void)snprintf(id, sizeof id, "%s", text_at(client, "refund_id"));
    client_end(client);
    expect_refunded(world, &paid, "300", 1);

    client = ask(world, "POST", paid.refunds, part);
    expect(client, 200);
    assert_string_equal(text_at(client, "refund_id"), id);
    client_end(client);
    static const char *const others[] = {
        "{\"amount\":\"301\",\"note\":\"broken\",\"idempotency_key\":\"return-1\"}",
        "{\"amount\":\"300\",\"note\":\"Broken\",\"idempotency_key\":\"return-1\"}",
        "{\"amount\":\"300\",\"idempotency_key\":\"return-1\"}",
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        refuse(world, paid.refunds, others[i], 409, "idempotency_key: return-1 was used");
    }
    expect_refunded(world, &paid, "300", 1);
}

/* Without an amount it is what is left; then nothing is, but for the overage. */
static void test_rest_and_overage(void **state)
{
    struct world *world = *state;
    struct paid paid = plant_paid(world, "C03-1");
    static const char rest[] = "{\"idempotency_key\":\"rest\"}";
    ask_for(world, "POST", paid.refunds, "{\"amount\":\"300\",\"idempotency_key\":\"part\"}", 202);
    struct client *client = ask(world, "POST", paid.refunds, rest);
    expect(client, 202);
    assert_string_equal(text_at(client, "amount"), "700");
    client_end(client);
    client = ask(world, "POST", paid.refunds, rest); /* what was left when it was ordered */
    expect(client, 200);
    assert_string_equal(text_at(client, "amount"), "700");
    client_end(client);
    refuse(world, paid.refunds, "{\"idempotency_key\":\"more\"}", 409, "nothing is left");
    refuse(world, paid.refunds, "{\"amount\":\"1\",\"idempotency_key\":\"more\"}", 409, "amount");
    refuse(world, paid.refunds,
           "{\"amount\":\"151\",\"overage\":true,\"idempotency_key\":\"more\"}", 409, "amount");
    ask_for(world, "POST", paid.refunds,
            "{\"amount\":\"150\",\"overage\":true,\"idempotency_key\":\"more\"}", 202);
    expect_refunded(world, &paid, "1150", 3);
}

static void test_refused_refunds(void **state)
{
    struct world *world = *state;
    struct paid paid = plant_paid(world, "C03-1");
    static const struct {
        const char *body;
        const char *says;
    } faults[] = {
        {"", "JSON"},
        {"{}", "idempotency_key: is missing"},
        {"{\"amount\":\"300\"}", "idempotency_key: is missing"},
        {"{\"idempotency_key\":\"\"}", "idempotency_key"},
        {"{\"amount\":300,\"idempotency_key\":\"a\"}", "amount: must be a string"},
        {"{\"amount\":\"0\",\"idempotency_key\":\"a\"}", "amount: must be above zero"},
        {"{\"amount\":\"1.5\",\"idempotency_key\":\"a\"}", "amount"},
        {"{\"amount\":\"1\",\"currency\":\"USD\",\"idempotency_key\":\"a\"}", "currency"},
        {"{\"overage\":true,\"idempotency_key\":\"a\"}", "overage: needs an amount"},
        {"{\"amount\":\"1\",\"overage\":\"yes\",\"idempotency_key\":\"a\"}", "overage"},
        {"{\"amount\":\"1\",\"reason\":\"x\",\"idempotency_key\":\"a\"}", "reason"},
        {"{\"amount\":\"1\",\"note\":\"a\\tb\",\"idempotency_key\":\"a\"}", "note"},
    };
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        refuse(world, paid.refunds, faults[i].body, 400, faults[i].says);
    }
    refuse(world, paid.refunds, "{\"amount\":\"1001\",\"idempotency_key\":\"a\"}", 409, "overage");
    refuse(world, SELLER "/charges/AAAAAAAAAAAAAAAA-1/refunds", "{\"idempotency_key\":\"a\"}", 404,
           "there is no charge");
    refuse(world, SELLER "/charges/x/refunds", "{\"idempotency_key\":\"a\"}", 404,
           "there is no charge");
    register_agreement(world, "C03-2");
    struct client *client =
        ask(world, "POST", SELLER "/charges",
            "{\"agreement_id\":\"C03-2\",\"amount\":\"3\",\"idempotency_key\":\"once\"}");
    char path[128];
    (void)snprintf(path, sizeof path, SELLER "/charges/%s/refunds", text_at(client, "charge_id"));
    client_end(client);
    refuse(world, path, "{\"idempotency_key\":\"a\"}", 409, "only what is paid");
}

/* A key is the seller's, not the charge's: on another charge it is another refund's. */
static void test_key_of_another_charge(void **state)
{
    struct world *world = *state;
    struct paid first = plant_paid(world, "C03-1");
    struct paid second = plant_paid(world, "C03-2");
    ask_for(world, "POST", first.refunds, "{\"amount\":\"300\",\"idempotency_key\":\"a\"}", 202);
    refuse(world, second.refunds, "{\"amount\":\"300\",\"idempotency_key\":\"a\"}", 409,
           "idempotency_key: a was used");
    ask_for(world, "POST", second.refunds, "{\"amount\":\"300\",\"idempotency_key\":\"b\"}", 202);
    char path[128];
    (void)snprintf(path, sizeof path, SELLER "/refunds?charge=%s", second.id);
    assert_int_equal(list_length(world, path, "refunds"), 1);
    assert_int_equal(list_length(world, first.refunds, "refunds"), 1);
    assert_int_equal(list_length(world, SELLER "/refunds", "refunds"), 2);
    struct client *client = ask(world, "GET", SELLER "/refunds?max=1", "");
    expect(client, 200);
    (void)snprintf(path, sizeof path, SELLER "/refunds?after=%s", text_at(client, "next"));
    client_end(client);
    assert_int_equal(list_length(world, path, "refunds"), 1);
    assert_int_equal(list_length(world, "/v1/sellers/A2SELLER/refunds", "refunds"), 0);
    ask_for(world, "GET", SELLER "/refunds?agreement=C03-1", "", 400);
}

/* One key at once, one refund; different keys at once, each its own, from fresh readings. */
static void test_races(void **state)
{
    struct world *world = *state;
    struct paid paid = plant_paid(world, "C03-1");
    struct client *clients[CLIENTS_MAX];
    for (int i = 0; i < CLIENTS_MAX; i++) {
        clients[i] = client_ask(world, "POST", paid.refunds,
                                "{\"amount\":\"300\",\"idempotency_key\":\"same\"}");
    }
    clients_wait(world);
    int made = 0;
    for (int i = 0; i < CLIENTS_MAX; i++) {
        if (clients[i]->status != 200 && clients[i]->status != 202) {
            fail_msg("answered %d: %s", clients[i]->status, clients[i]->text);
        }
        made += clients[i]->status == 202;
        client_end(clients[i]);
    }
    assert_int_equal(made, 1);
    expect_refunded(world, &paid, "300", 1);

    clients[0] = client_ask(world, "POST", paid.refunds, "{\"idempotency_key\":\"rest\"}");
    clients[1] = client_ask(world, "POST", paid.refunds,
                            "{\"amount\":\"700\",\"idempotency_key\":\"seven\"}");
    clients_wait(world);
    bool is_first = clients[0]->status == 202;
    assert_int_equal(clients[is_first ? 0 : 1]->status, 202);
    assert_in_range(clients[is_first ? 1 : 0]->status, 400, 409); /* nothing is left for it */
    client_end(clients[0]);
    client_end(clients[1]);
    expect_refunded(world, &paid, "1000", 2);
}

/* --- policies ------------------------------------------------------------------------------ */

static uint32_t save_policy(struct world *world, const char *name, uint32_t attempts_max)
{
    char text[POLICY_TEXT_MAX];
    uint32_t version = 0;
    struct problem problem = {""};
    struct policy policy = policy_default();
    (void)snprintf(policy.name, sizeof policy.name, "%s", name);
    policy.attempts_max = attempts_max;
    assert_true(policy_format(&policy, text));
    world_settle(world);
    assert_int_equal(world->store->ops->save_policy(world->store, "A1SELLER", name, text,
                                                    loop_now(world->loop), &version, &problem),
                     ST_OK);
    return version;
}

static void test_policies(void **state)
{
    struct world *world = *state;
    char path[96];
    uint32_t patient = save_policy(world, "patient", 3);
    uint32_t newer = save_policy(world, "patient", 5);
    assert_true(newer > patient);
    assert_true(list_length(world, SELLER "/policies", "policies") >= 2);
    (void)snprintf(path, sizeof path, SELLER "/policies?after=%u", newer);
    assert_int_equal(list_length(world, path, "policies"), 0);

    struct client *client = ask(world, "GET", SELLER "/policies/patient", "");
    expect(client, 200);
    int64_t version = 0;
    assert_true(json_as_integer(json_get(client->root, "version"), &version));
    assert_int_equal(version, newer);
    assert_non_null(strstr(text_at(client, "text"), "attempts_max = 5"));
    assert_true(json_length(json_get(client->root, "answers")) > 60);
    const struct json *reasons = json_get(client->root, "reasons");
    bool found = false;
    for (size_t i = 0; i < json_length(reasons); i++) {
        const struct json *row = json_at(reasons, i);
        assert_non_null(json_as_string(json_get(row, "act")));
        assert_non_null(json_as_string(json_get(row, "meaning")));
        found = found || strcmp(json_as_string(json_get(row, "reason")), "AmazonRejected") == 0;
    }
    assert_true(found);
    client_end(client);
    (void)snprintf(path, sizeof path, SELLER "/policies/%u", patient);
    client = ask(world, "GET", path, "");
    expect(client, 200);
    assert_non_null(strstr(text_at(client, "text"), "attempts_max = 3"));
    client_end(client);
    /* What the configuration says was kept when the daemon started. */
    ask_for(world, "GET", SELLER "/policies/default", "", 200);
    ask_for(world, "GET", SELLER "/policies/0", "", 404);
    ask_for(world, "GET", SELLER "/policies/999999999", "", 404);
    ask_for(world, "GET", SELLER "/policies/nobody", "", 404);
    ask_for(world, "GET", SELLER "/policies?after=x", "", 400);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_refund),          CASE(test_rest_and_overage),
        CASE(test_refused_refunds), CASE(test_key_of_another_charge),
        CASE(test_races),           CASE(test_policies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
