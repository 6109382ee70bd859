/* test_admin_commands.c - what can be done with a subscription and said about a charge: each
 * command done, asked for again, refused, and asked of what is over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/scheduler/planting.h"

struct made {
    char key[KEY_MAX];
    char path[96];
};

static struct made make(struct world *world, const char *body)
{
    struct made made;
    struct client *client = ask(world, "POST", SELLER "/subscriptions", body);
    expect(client, 201);
    (void)snprintf(made.key, sizeof made.key, "%s", text_at(client, "subscription_key"));
    (void)snprintf(made.path, sizeof made.path, SELLER "/subscriptions/%s", made.key);
    client_end(client);
    return made;
}

static struct made make_monthly(struct world *world)
{
    register_agreement(world, "C03-1");
    return make(world, MONTHLY);
}

/* The command's answer, which must be a success. */
static struct client *tell(struct world *world, const char *path, const char *verb,
                           const char *body)
{
    char whole[128];
    (void)snprintf(whole, sizeof whole, "%s/%s", path, verb);
    struct client *client = ask(world, "POST", whole, body);
    expect(client, 200);
    return client;
}

/* Nothing is changed by it; the sentence names `says`. */
static void tell_refused(struct world *world, const char *path, const char *verb, const char *body,
                         int status, const char *says)
{
    char whole[128];
    int64_t events = event_count(world);
    (void)snprintf(whole, sizeof whole, "%s/%s", path, verb);
    struct client *client = ask(world, "POST", whole, body);
    expect(client, status);
    if (strstr(text_at(client, "message"), says) == NULL) {
        fail_msg("%s %s says \"%s\", not \"%s\"", verb, body, text_at(client, "message"), says);
    }
    client_end(client);
    assert_int_equal(event_count(world), events);
}

/* The same request again is answered with the same object, and is no event. */
static void tell_again(struct world *world, const char *path, const char *verb, const char *body,
                       struct client *first)
{
    char *was = strdup(first->body);
    client_end(first);
    int64_t events = event_count(world);
    struct client *client = tell(world, path, verb, body);
    assert_string_equal(client->body, was);
    client_end(client);
    assert_int_equal(event_count(world), events);
    free(was);
}

static int64_t number_at(const struct client *client, const char *key)
{
    int64_t number = -1;
    if (!json_as_integer(json_get(client->root, key), &number)) {
        fail_msg("no number %s in %s", key, client->body);
    }
    return number;
}

static bool flag_at(const struct client *client, const char *key)
{
    bool flag = false;
    if (!json_as_bool(json_get(client->root, key), &flag)) {
        fail_msg("no flag %s in %s", key, client->body);
    }
    return flag;
}

static const char *due_at(const struct client *client, size_t index, const char *key)
{
    const struct json *item = json_at(json_get(client->root, "next_due"), index);
    const char *text = json_as_string(json_get(item, key));
    if (text == NULL) {
        fail_msg("no next_due[%zu].%s in %s", index, key, client->body);
    }
    return text;
}

/* --- pause, resume ------------------------------------------------------------------------- */

static void test_pause_and_resume(void **state)
{
    struct world *world = *state;
    struct made made = make_monthly(world);
    struct client *client = tell(world, made.path, "pause", "");
    assert_string_equal(text_at(client, "state"), "paused");
    assert_true(is_null(client, "resume_at"));
    assert_int_equal(json_length(json_get(client->root, "next_due")), 0);
    tell_again(world, made.path, "pause", "{}", client);

    client = tell(world, made.path, "pause", "{\"until\":\"2099-02-15T00:00:00Z\"}");
    assert_string_equal(text_at(client, "resume_at"), "2099-02-15T00:00:00.000Z");
    assert_string_equal(due_at(client, 0, "due_at"), "2099-02-28T00:00:00.000Z");
    client_end(client);
    tell_refused(world, made.path, "pause", "{\"until\":\"2020-01-01T00:00:00Z\"}", 400, "until");
    tell_refused(world, made.path, "pause", "{\"until\":\"tomorrow\"}", 400, "until");
    tell_refused(world, made.path, "pause", "{\"till\":null}", 400, "till");

    client = tell(world, made.path, "resume", "");
    assert_string_equal(text_at(client, "state"), "active");
    assert_true(is_null(client, "resume_at"));
    assert_string_equal(due_at(client, 0, "due_at"), "2099-01-31T00:00:00.000Z");
    tell_again(world, made.path, "resume", "{}", client);
    tell_refused(world, made.path, "resume", "{\"now\":true}", 400, "no arguments");
}

/* --- skip, move ---------------------------------------------------------------------------- */

static void test_skip(void **state)
{
    struct world *world = *state;
    struct made made = make_monthly(world);
    struct client *client = tell(world, made.path, "skip", "{\"cycle\":1}");
    assert_int_equal(number_at(client, "next_cycle"), 2);
    assert_string_equal(due_at(client, 0, "due_at"), "2099-02-28T00:00:00.000Z");
    tell_again(world, made.path, "skip", "{\"cycle\":1}", client);
    tell_refused(world, made.path, "skip", "{\"cycle\":3}", 409, "cycle: 3");
    tell_refused(world, made.path, "skip", "{\"cycle\":0}", 400, "cycle");
    tell_refused(world, made.path, "skip", "{}", 400, "cycle: is missing");
    tell_refused(world, made.path, "skip", "", 400, "JSON");
    client = ask(world, "GET", SELLER "/events?after=0&max=500", "");
    const struct json *events = json_get(client->root, "events");
    const struct json *last = json_at(events, json_length(events) - 1);
    assert_string_equal(json_as_string(json_get(last, "kind")), "cycles");
    assert_string_equal(json_as_string(json_get(last, "reason")), "skipped");
    int64_t from = 0;
    assert_true(json_as_integer(json_get(last, "from"), &from));
    assert_int_equal(from, 1);
    client_end(client);
}

/* A cycle that is due already has its charge, and one before the first never had. */
static void test_skip_too_late(void **state)
{
    struct world *world = *state;
    register_agreement(world, "C03-1");
    struct made made =
        make(world, "{\"agreement_id\":\"C03-1\",\"amount\":\"1200\",\"unit\":\"year\",\"anchor\":"
                    "\"2020-02-29\",\"charge_from\":\"2021-01-01T00:00:00Z\"}");
    world_settle(world);
    tell_refused(world, made.path, "skip", "{\"cycle\":2}", 409, "cycle: 2 is due already");
    tell_refused(world, made.path, "skip", "{\"cycle\":1}", 400, "cycle: the first one");
}

static void test_move(void **state)
{
    struct world *world = *state;
    struct made made = make_monthly(world);
    static const char to[] = "{\"to\":\"2099-02-03T04:05:06Z\"}";
    struct client *client = tell(world, made.path, "move", to);
    assert_string_equal(text_at(client, "due_at"), "2099-02-03T04:05:06.000Z");
    assert_true(flag_at(client, "due_is_moved"));
    assert_string_equal(due_at(client, 0, "due_at"), "2099-02-03T04:05:06.000Z");
    assert_string_equal(due_at(client, 1, "due_at"), "2099-02-28T00:00:00.000Z");
    tell_again(world, made.path, "move", to, client);
    tell_refused(world, made.path, "move", "{\"to\":\"2099-03-01T00:00:00Z\"}", 400, "to");
    tell_refused(world, made.path, "move", "{\"to\":\"2020-01-01T00:00:00Z\"}", 400, "to");
    tell_refused(world, made.path, "move", "{\"to\":\"2099-02-03\"}", 400, "to");
    tell_refused(world, made.path, "move", "{}", 400, "to: is missing");
}

/* --- change -------------------------------------------------------------------------------- */

static void test_change_amount(void **state)
{
    struct world *world = *state;
    struct made made = make_monthly(world);
    static const char later[] = "{\"amount\":\"1500\",\"from\":\"2099-02-10T00:00:00Z\"}";
    struct client *client = tell(world, made.path, "change", later);
    assert_string_equal(text_at(client, "amount"), "1200");
    assert_string_equal(text_at(client, "next_amount"), "1500");
    assert_string_equal(text_at(client, "next_amount_at"), "2099-02-10T00:00:00.000Z");
    assert_string_equal(due_at(client, 0, "amount"), "1200");
    assert_string_equal(due_at(client, 1, "amount"), "1500");
    assert_string_equal(due_at(client, 2, "amount"), "1500");
    tell_again(world, made.path, "change", later, client);
    client = tell(world, made.path, "change", "{\"amount\":\"1300\",\"currency\":\"JPY\"}");
    assert_string_equal(text_at(client, "amount"), "1300");
    assert_true(is_null(client, "next_amount"));
    client_end(client);
    tell_refused(world, made.path, "change", "{}", 400, "nothing is to be changed");
    tell_refused(world, made.path, "change", "{\"amount\":1300}", 400, "amount: must be a string");
    tell_refused(world, made.path, "change", "{\"amount\":\"0\"}", 400, "amount: must be above");
    tell_refused(world, made.path, "change", "{\"amount\":\"1\",\"currency\":\"USD\"}", 400,
                 "currency");
    tell_refused(world, made.path, "change", "{\"from\":\"2099-02-10T00:00:00Z\"}", 400, "from");
    tell_refused(world, made.path, "change", "{\"label\":\"x\"}", 400, "label");
}

static void test_change_schedule_and_policy(void **state)
{
    struct world *world = *state;
    struct made made = make_monthly(world);
    struct client *client =
        tell(world, made.path, "change",
             "{\"unit\":\"week\",\"every\":2,\"anchor\":\"2099-01-05\",\"time\":\"10:00\"}");
    assert_string_equal(text_at(client, "unit"), "week");
    assert_string_equal(text_at(client, "zone"), "Asia/Tokyo"); /* its own, not asked for */
    assert_int_equal(number_at(client, "next_cycle"), 1);
    assert_string_equal(due_at(client, 0, "due_at"), "2099-01-05T01:00:00.000Z");
    assert_string_equal(due_at(client, 1, "due_at"), "2099-01-19T01:00:00.000Z");
    client_end(client);
    client = tell(world, made.path, "change", "{\"policy\":\"default\"}");
    assert_string_equal(text_at(client, "policy"), "default");
    client_end(client);
    tell_refused(world, made.path, "change", "{\"policy\":\"nobody\"}", 400, "policy");
    tell_refused(world, made.path, "change", "{\"policy\":\"a b\"}", 400, "policy");
    tell_refused(world, made.path, "change", "{\"unit\":\"week\"}", 400, "anchor: is missing");
    tell_refused(world, made.path, "change", "{\"every\":2}", 400, "unit: is missing");
    tell_refused(world, made.path, "change",
                 "{\"unit\":\"week\",\"anchor\":\"2099-01-05\",\"trial_days\":3}", 400,
                 "trial_days");
    tell_refused(world, made.path, "change",
                 "{\"unit\":\"week\",\"anchor\":\"2099-01-05\",\"zone\":\"Asia/Tokio\"}", 400,
                 "Asia/Tokio");
    tell_refused(world, made.path, "change",
                 "{\"unit\":\"year\",\"anchor\":\"2020-01-05\",\"end\":\"2021-01-05\"}", 400,
                 "schedule");
}

static void test_policy_of_an_order(void **state)
{
    struct world *world = *state;
    register_agreement(world, "C03-1");
    ask_for(world, "POST", SELLER "/charges",
            "{\"agreement_id\":\"C03-1\",\"amount\":\"3\",\"idempotency_key\":\"a\",\"policy\":"
            "\"nobody\"}",
            400);
    ask_for(world, "POST", SELLER "/charges",
            "{\"agreement_id\":\"C03-1\",\"amount\":\"3\",\"idempotency_key\":\"a\",\"policy\":"
            "\"default\"}",
            202);
    ask_for(world, "POST", SELLER "/subscriptions",
            "{\"agreement_id\":\"C03-1\",\"amount\":\"3\",\"unit\":\"day\",\"anchor\":\"2099-01-01"
            "\",\"policy\":\"nobody\"}",
            400);
}

/* --- replace ------------------------------------------------------------------------------- */

static void test_replace(void **state)
{
    struct world *world = *state;
    struct made made = make_monthly(world);
    register_agreement(world, "C03-2");
    tell_refused(world, made.path, "replace", "{}", 400, "agreement_id: is missing");
    tell_refused(world, made.path, "replace", "{\"agreement_id\":\"C03-9\"}", 400,
                 "agreement_id: C03-9 is not registered");
    client_end(tell(world, made.path, "replace", "{\"agreement_id\":\"C03-1\"}")); /* it stays */
    struct client *client = tell(world, made.path, "replace", "{\"agreement_id\":\"C03-2\"}");
    assert_string_equal(text_at(client, "successor_agreement_id"), "C03-2");
    char successor[KEY_MAX];
    (void)snprintf(successor, sizeof successor, "%s", text_at(client, "successor_key"));
    client_end(client);
    /* The other agreement takes it over by itself; then and before, again is the same. */
    for (int turns = 0;; turns++) {
        assert_true(turns < 1000);
        world_settle(world);
        client = tell(world, made.path, "replace", "{\"agreement_id\":\"C03-2\"}");
        assert_string_equal(text_at(client, "successor_key"), successor);
        bool is_over = strcmp(text_at(client, "state"), "replaced") == 0;
        client_end(client);
        if (is_over) {
            break;
        }
    }
    tell_refused(world, made.path, "replace", "{\"agreement_id\":\"C03-3\"}", 409, "replaced");
    tell_refused(world, made.path, "pause", "", 409, "replaced");
    /* Its successor is charged: whoever cancels must not be told that this is done. */
    tell_refused(world, made.path, "cancel", "{\"when\":\"now\"}", 409, successor);
    char path[96];
    (void)snprintf(path, sizeof path, SELLER "/subscriptions/%s", successor);
    client = ask(world, "GET", path, "");
    expect(client, 200);
    assert_string_equal(text_at(client, "agreement_id"), "C03-2");
    assert_string_equal(text_at(client, "state"), "active");
    assert_string_equal(text_at(client, "label"), "gold");
    client_end(client);
}

/* --- stop, start, cancel --------------------------------------------------------------------- */

static void test_stop_switches(void **state)
{
    struct world *world = *state;
    struct made made = make_monthly(world);
    for (int i = 0; i < 2; i++) {
        struct client *client = tell(world, made.path, "stop", "");
        assert_true(flag_at(client, "stopped"));
        client_end(client);
    }
    int64_t events = event_count(world);
    for (int i = 0; i < 2; i++) {
        struct client *client = tell(world, made.path, "start", "{}");
        assert_false(flag_at(client, "stopped"));
        client_end(client);
    }
    assert_int_equal(event_count(world), events + 1);
    for (int i = 0; i < 2; i++) {
        struct client *client = ask(world, "POST", SELLER "/agreements/C03-1/stop", "");
        expect(client, 200);
        assert_string_equal(text_at(client, "stopped"), "operator");
        client_end(client);
    }
    for (int i = 0; i < 2; i++) {
        struct client *client = ask(world, "POST", SELLER "/agreements/C03-1/start", "");
        expect(client, 200);
        assert_true(is_null(client, "stopped"));
        client_end(client);
    }
    assert_int_equal(event_count(world), events + 3);
    ask_for(world, "POST", SELLER "/agreements/C03-9/stop", "", 404);
    ask_for(world, "POST", SELLER "/agreements/C03-1/stop", "{\"now\":1}", 400);
}

static void test_close(void **state)
{
    struct world *world = *state;
    struct made made = make_monthly(world);
    struct client *client = ask(world, "POST", SELLER "/agreements/C03-1/close", "");
    expect(client, 409);
    assert_non_null(strstr(text_at(client, "message"), "is active: cancel it first"));
    client_end(client);
    ask_for(world, "POST", SELLER "/agreements/C03-9/close", "", 404);
    ask_for(world, "POST", SELLER "/agreements/C03-1/close", "{\"now\":1}", 400);
    ask_for(world, "GET", SELLER "/agreements/C03-1/close", "", 405);
    client_end(tell(world, made.path, "cancel", "{\"when\":\"now\"}"));
    for (int i = 0; i < 2; i++) {
        client = ask(world, "POST", SELLER "/agreements/C03-1/close", "");
        expect(client, 202);
        assert_true(flag_at(client, "close_wanted"));
        client_end(client);
    }
}

static void test_cancel_at_a_date(void **state)
{
    struct world *world = *state;
    struct made made = make_monthly(world);
    static const char at[] = "{\"at\":\"2099-02-15T00:00:00Z\"}";
    struct client *client = tell(world, made.path, "cancel", at);
    assert_string_equal(text_at(client, "state"), "active");
    assert_string_equal(text_at(client, "cancel_at"), "2099-02-15T00:00:00.000Z");
    assert_int_equal(json_length(json_get(client->root, "next_due")), 1);
    tell_again(world, made.path, "cancel", at, client);
    tell_refused(world, made.path, "cancel", "{\"at\":\"2020-01-01T00:00:00Z\"}", 400, "at");
    tell_refused(world, made.path, "cancel", "{\"at\":\"2099-02-15\"}", 400, "at");
    tell_refused(world, made.path, "cancel", "{\"when\":\"now\",\"at\":\"2099-02-15T00:00:00Z\"}",
                 400, "when");
    tell_refused(world, made.path, "cancel", "{\"force\":true}", 400, "when");
    tell_refused(world, made.path, "cancel", "{\"when\":\"now\",\"force\":1}", 400, "force");
    client_end(tell(world, made.path, "uncancel", ""));
    client = tell(world, made.path, "uncancel", "{}");
    assert_true(is_null(client, "cancel_at"));
    client_end(client);
    tell_refused(world, made.path, "uncancel", "{\"at\":null}", 400, "no arguments");
    client = tell(world, made.path, "cancel", "{\"when\":\"now\"}");
    assert_string_equal(text_at(client, "state"), "canceled");
    client_end(client);
    /* The close that waits can be forced afterwards; without anything to force, nothing happens. */
    for (int i = 0; i < 2; i++) {
        client = tell(world, made.path, "cancel", "{\"when\":\"now\",\"force\":true}");
        assert_string_equal(text_at(client, "state"), "canceled");
        client_end(client);
    }
    client = ask(world, "GET", SELLER "/agreements/C03-1", "");
    assert_true(flag_at(client, "close_forced"));
    client_end(client);
}

/* What is over takes no command, and says so; nor does what never was. */
static void test_over_and_unknown(void **state)
{
    struct world *world = *state;
    struct made made = make_monthly(world);
    client_end(tell(world, made.path, "cancel", "{\"when\":\"now\"}"));
    static const struct {
        const char *verb, *body;
    } commands[] = {
        {"uncancel", ""},
        {"pause", ""},
        {"resume", ""},
        {"skip", "{\"cycle\":1}"},
        {"move", "{\"to\":\"2099-02-03T04:05:06Z\"}"},
        {"change", "{\"amount\":\"1\"}"},
        {"replace", "{\"agreement_id\":\"C03-2\"}"},
        {"stop", ""},
        {"start", ""},
    };
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        tell_refused(world, made.path, commands[i].verb, commands[i].body, 409, "canceled");
        tell_refused(world, SELLER "/subscriptions/AAAAAAAAAAAAAAAA", commands[i].verb,
                     commands[i].body, 404, "there is no subscription");
        tell_refused(world, SELLER "/subscriptions/x", commands[i].verb, commands[i].body, 404,
                     "there is no subscription");
    }
}

/* --- charges ------------------------------------------------------------------------------- */

static void charge_path(const char *id, char path[static 96])
{
    (void)snprintf(path, 96, SELLER "/charges/%s", id);
}

/* Two daily cycles that were missed, under a policy that holds those. */
static void plant_missed(struct world *world)
{
    struct account *account = plant_agreement(world, "C03-1");
    struct problem problem;
    struct event event = {
        .kind = EVENT_SUBSCRIBE,
        .at = planted_at(world),
        .subscribe = {.key = "AAAAAAAAAAAAAAAB",
                      .amount = money_of(1200, "JPY"),
                      .charge_from = INSTANT_NEVER,
                      .rule = {.unit = RECUR_DAY,
                               .every = 1,
                               .anchor = {.year = 2020, .month = 1, .day = 1},
                               .second_of_day = 12 * 3600}},
    };
    struct event wake = {.kind = EVENT_WAKE};
    assert_int_equal(zones_get(world->zones, "Etc/UTC", &event.subscribe.zone, &problem), ST_OK);
    plant_step(world, account, &event);
    plant_step(world, account, &wake);
    free(account);
}

static void test_approve_and_reject(void **state)
{
    struct world *world = *state;
    char first[96];
    char second[96];
    world->sellers[0].policy.catch_up = POLICY_CATCH_UP_HOLD;
    plant_missed(world);
    struct client *client = ask(world, "GET", SELLER "/charges?state=asking", "");
    expect(client, 200);
    const struct json *charges = json_get(client->root, "charges");
    assert_true(json_length(charges) >= 2);
    charge_path(json_as_string(json_get(json_at(charges, 0), "charge_id")), first);
    charge_path(json_as_string(json_get(json_at(charges, 1), "charge_id")), second);
    assert_string_equal(json_as_string(json_get(json_at(charges, 0), "reason")), "missed");
    client_end(client);
    tell_refused(world, first, "approve", "{\"really\":true}", 400, "no arguments");
    for (int i = 0; i < 2; i++) {
        client = tell(world, first, "approve", "");
        assert_true(flag_at(client, "approved"));
        client_end(client);
        client = tell(world, second, "reject", "{}");
        assert_string_equal(text_at(client, "state"), "canceled");
        assert_string_equal(text_at(client, "reason"), "rejected");
        client_end(client);
    }
    tell_refused(world, second, "approve", "", 409, "canceled");
    tell_refused(world, first, "reject", "", 409, "nothing to decide");
    tell_refused(world, SELLER "/charges/AAAAAAAAAAAAAAAA-1", "approve", "", 404, "no charge");
    tell_refused(world, SELLER "/charges/x", "reject", "", 404, "no charge");
}

static void test_ship_and_void(void **state)
{
    struct world *world = *state;
    char shipped[CHARGE_ID_MAX];
    char voided[CHARGE_ID_MAX];
    char path[96];
    world->sellers[0].policy.capture = POLICY_CAPTURE_ON_SHIPMENT;
    struct account *account = plant_agreement(world, "C03-1");
    plant_charge(world, account, 300, shipped);
    plant_charge(world, account, 400, voided);
    free(account);
    charge_path(shipped, path);
    struct client *client = ask(world, "GET", path, "");
    expect(client, 200);
    assert_string_equal(text_at(client, "state"), "authorized");
    assert_true(is_null(client, "word"));
    assert_non_null(json_as_string(json_get(json_get(client->root, "attempt"), "expires_at")));
    client_end(client);
    for (int i = 0; i < 2; i++) {
        client = tell(world, path, "ship", "");
        assert_string_equal(text_at(client, "word"), "ship");
        client_end(client);
    }
    charge_path(voided, path);
    for (int i = 0; i < 2; i++) {
        client = tell(world, path, "void", "");
        assert_string_equal(text_at(client, "word"), "void");
        client_end(client);
    }
    tell_refused(world, path, "ship", "", 409, "given up");
    tell_refused(world, path, "approve", "", 409, "nothing to decide");
}

static void test_nothing_to_ship(void **state)
{
    struct world *world = *state;
    char paid[CHARGE_ID_MAX];
    char path[96];
    struct account *account = plant_agreement(world, "C03-1");
    plant_charge(world, account, 300, paid);
    free(account);
    charge_path(paid, path);
    static const char *const verbs[] = {"approve", "reject", "ship", "void"};
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        tell_refused(world, path, verbs[i], "", 409, "paid, which is final");
    }
    register_agreement(world, "C03-2");
    client_end(ask(world, "POST", SELLER "/charges",
                   "{\"agreement_id\":\"C03-2\",\"amount\":\"3\",\"idempotency_key\":\"a\"}"));
    struct client *client = ask(world, "GET", SELLER "/charges?state=waiting", "");
    charge_path(
        json_as_string(json_get(json_at(json_get(client->root, "charges"), 0), "charge_id")), path);
    client_end(client);
    tell_refused(world, path, "ship", "", 409, "nothing to ship");
    /* What waits can be given up, and stays so. */
    for (int i = 0; i < 2; i++) {
        client = tell(world, path, "void", "");
        assert_string_equal(text_at(client, "state"), "canceled");
        client_end(client);
    }
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_pause_and_resume),
        CASE(test_skip),
        CASE(test_skip_too_late),
        CASE(test_move),
        CASE(test_change_amount),
        CASE(test_change_schedule_and_policy),
        CASE(test_policy_of_an_order),
        CASE(test_replace),
        CASE(test_close),
        CASE(test_stop_switches),
        CASE(test_cancel_at_a_date),
        CASE(test_over_and_unknown),
        CASE(test_approve_and_reject),
        CASE(test_ship_and_void),
        CASE(test_nothing_to_ship),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
