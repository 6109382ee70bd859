/*
 * test_sqlite_rules.c - what the database itself refuses, whoever writes: every rule of the table
 * in schema/README.md is broken once by plain SQL, behind the store's back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/schema/database.h"
#include "tests/schema/samples.h"

#define SELLER "A1SELLERONE"

/* Subscription 1 with cycle 3 PAID and refunded once, and cycle 4 ATTEMPTING. */
static void fill(const char *path)
{
    static struct account account;
    struct problem problem = {""};
    uint32_t version = 0;
    struct store *store = open_ok(path);
    sample_agreement(&account, SELLER, 1);
    struct subscription *subscription = sample_subscription(&account, 1);
    struct charge *paid = sample_charge(&account, subscription);
    sample_attempt(paid);
    sample_capture(paid);
    sample_refund(&account, paid, 1);
    sample_attempt(sample_charge(&account, subscription));
    record_new(store, &account);
    assert_int_equal(
        store->ops->save_policy(store, SELLER, "default", "text", SAMPLE_NOW, &version, &problem),
        ST_OK);
    store->ops->close(store);
}

struct rule {
    const char *sql;
    const char *words; /* of the refusal */
};

static void assert_refused_all(void **state, const struct rule *rules, size_t count)
{
    struct folder *folder = *state;
    fill(folder->database);
    for (size_t i = 0; i < count; i++) {
        assert_execute_refused(folder->database, rules[i].sql, rules[i].words);
    }
}

#define ASSERT_REFUSED_ALL(state, rules)                                                           \
    assert_refused_all(state, rules, sizeof(rules) / sizeof(rules)[0])

/* The row with some columns changed, inserted once more. */
#define AGAIN(table, columns, values)                                                              \
    "CREATE TEMP TABLE again AS SELECT * FROM " table " LIMIT 1;"                                  \
    "UPDATE again SET (" columns ") = (" values ");"                                               \
    "INSERT INTO " table " SELECT * FROM again"

static void money_is_taken_once(void **state)
{
    static const struct rule rules[] = {
        {AGAIN("charge", "state, final_at", "1, NULL"), "charge.seller_id, charge.id"},
        {"UPDATE charge SET id = subscription_key || '-' || 9 WHERE cycle = 4", "CHECK"},
        {"UPDATE charge SET cycle = 0", "CHECK"},
        {AGAIN("attempt", "number, reference_id, state", "2, charge_id || '-2', 1"),
         "attempt.seller_id, attempt.charge_id"},
        {AGAIN("attempt", "number, reference_id, state, capture_now", "2, charge_id || '-2', 7, 0"),
         "attempt.seller_id, attempt.charge_id"},
        {AGAIN("attempt", "number, reference_id, state, capture_now", "2, charge_id || '-2', 9, 0"),
         "attempt.seller_id, attempt.charge_id"},
        {AGAIN("attempt", "state", "5"), "attempt.seller_id, attempt.charge_id, attempt.number"},
        {AGAIN("attempt", "number, state", "2, 5"), "reference_id = charge_id"},
        {"UPDATE attempt SET capture_now = 1, capture_number = 0, state = 7", "capture_now = 0"},
        {"UPDATE attempt SET capture_now = 1, capture_number = 1", "capture_now = 0"},
        {"UPDATE attempt SET amount_minor = 0", "amount_minor > 0"},
        {"UPDATE agreement SET limit_posted_minor = limit_minor + 1", "<= limit_minor"},
        {"UPDATE subscription SET next_amount_minor = 0", "next_amount_minor > 0"},
    };
    ASSERT_REFUSED_ALL(state, rules);
}

static void money_goes_back_once(void **state)
{
    static const struct rule rules[] = {
        /* The same number, the shop's key used again, a number that is not the id's. */
        {AGAIN("refund", "idempotency_key", "'other'"), "refund.seller_id, refund.id"},
        {AGAIN("refund", "number, id", "2, charge_id || '-R2'"), "refund.idempotency_key"},
        {AGAIN("refund", "number, idempotency_key", "2, 'other'"), "id = charge_id"},
        {AGAIN("refund", "number, id, idempotency_key, kind", "2, charge_id || '-R2', 'x', 2"),
         "CHECK"},
        {AGAIN("refund", "number, id, idempotency_key", "2, charge_id || '-R2', NULL"), "CHECK"},
        {AGAIN("refund", "number, id, idempotency_key, amount_minor, currency",
               "2, charge_id || '-R2', 'x', NULL, NULL"),
         "PAID in its currency"},
        /* 1,200 were captured, 15 % are allowed above that, 100 are refunded. */
        {AGAIN("refund", "number, id, idempotency_key, amount_minor",
               "2, charge_id || '-R2', 'x', 1281"),
         "more is refunded"},
        {AGAIN("refund", "number, id, idempotency_key, currency",
               "2, charge_id || '-R2', 'x', 'USD'"),
         "PAID in its currency"},
        {AGAIN("refund", "number, charge_id, id, idempotency_key",
               "1, (SELECT id FROM charge WHERE cycle = 4), (SELECT id || '-R1' FROM charge WHERE"
               " cycle = 4), 'x'"),
         "PAID in its currency"},
        {AGAIN("refund", "number, charge_id, id, idempotency_key", "0, 'none', 'S01-1-1-R1', NULL"),
         "FOREIGN KEY"},
        {"UPDATE refund SET amount_minor = NULL", "CHECK"},
        {"UPDATE refund SET amount_minor = 0", "amount_minor > 0"},
        {"UPDATE charge SET refunded_minor = -1", "refunded_minor >= 0"},
    };
    ASSERT_REFUSED_ALL(state, rules);
}

static void the_trail_stays(void **state)
{
    static const struct rule rules[] = {
        {"UPDATE event SET reason = 3", "an event never changes"},
        {"DELETE FROM event", "an event is never deleted"},
        {AGAIN("event", "at", "at + 1"), "event.seller_id, event.number"},
        {"UPDATE seller SET digest = x'00'", "length(digest) = 32"},
        {"UPDATE policy SET text = 'other'", "a policy never changes"},
        {AGAIN("policy", "text", "'other'"), "policy.seller_id, policy.version"},
        {AGAIN("policy", "version", "0"), "version > 0"},
    };
    ASSERT_REFUSED_ALL(state, rules);
}

static void states_are_of_the_lists(void **state)
{
    static const struct rule rules[] = {
        {"UPDATE agreement SET state = 7", "state BETWEEN 1 AND 6"},
        {"UPDATE agreement SET care = 6", "care BETWEEN 0 AND 5"},
        {"UPDATE agreement SET lane = 7", "lane BETWEEN 0 AND 6"},
        {"UPDATE agreement SET wake_at = 1, lane = 0", "wake_at IS NULL OR lane > 0"},
        {"UPDATE subscription SET state = 8", "state BETWEEN 1 AND 7"},
        {"UPDATE subscription SET state = 6", "successor_agreement_id IS NOT NULL"},
        {"UPDATE subscription SET state = 7, successor_agreement_id = 'C01'",
         "successor_agreement_id IS NOT NULL"},
        {"UPDATE subscription SET policy_name = ''", "policy_name <> ''"},
        {"UPDATE charge SET state = 11", "state BETWEEN 1 AND 10"},
        {"UPDATE charge SET word = 3", "word BETWEEN 0 AND 2"},
        {"UPDATE attempt SET state = 10", "state BETWEEN 1 AND 9"},
        {"UPDATE attempt SET capture_now = 0, capture_number = 10", "capture_number BETWEEN"},
        {"UPDATE refund SET state = 8", "state BETWEEN 1 AND 7"},
        {"UPDATE refund SET kind = 4", "kind BETWEEN 1 AND 3"},
        {"INSERT INTO stop VALUES ('A1', 0, 1, NULL)", "reason > 0"},
        {"DELETE FROM agreement", "FOREIGN KEY"},
        {"DELETE FROM charge", "FOREIGN KEY"},
    };
    ASSERT_REFUSED_ALL(state, rules);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(money_is_taken_once, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(money_goes_back_once, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(the_trail_stays, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(states_are_of_the_lists, folder_setup, folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
