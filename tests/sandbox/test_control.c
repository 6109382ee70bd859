/*
 * test_control.c - the control API: agreements in bulk, faults, the ledger, and the world kept on
 * disk.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <unistd.h>

#include "mws/edge/json.h"
#include "mws/sandbox/payment.h"
#include "mws/sandbox/snapshot.h"
#include "tests/sandbox/driver.h"

#define BA   "C03-0000000-0000001"
#define TWIN "{\"agreement\":\"x\",\"seller\":\"S\",\"currency\":\"JPY\",\"state\":\"Open\"}\n"

static struct json *parse(const struct driver *d)
{
    struct json *root;
    struct problem problem;

    if (json_parse(d->control.bytes, d->control.length, &root, &problem) != ST_OK) {
        fail_msg("%s: %s", problem.text, d->control.bytes);
    }
    return root;
}

static void test_agreements_in_bulk(void **state)
{
    struct driver *d = driver_new();
    struct json *root;

    (void)state;
    assert_int_equal(driver_control(d, "POST", "/control/agreements",
                                    "{\"seller\":\"" DRIVER_SELLER "\",\"count\":1000,\"first\":7,"
                                    "\"id_pattern\":\"C03-0000000-#######\"}"),
                     201);
    root = parse(d);
    assert_int_equal(json_length(json_get(root, "ids")), 1000);
    assert_string_equal(json_as_string(json_at(json_get(root, "ids"), 0)), "C03-0000000-0000007");
    assert_string_equal(json_as_string(json_get(root, "id")), "C03-0000000-0001006");
    json_free(root);
    assert_int_equal(driver_charge(d, "C03-0000000-0000500", "r", "1", ""), 200);
    assert_int_equal(driver_control(d, "POST", "/control/agreements",
                                    "{\"seller\":\"" DRIVER_SELLER "\",\"count\":500}"),
                     201);
    assert_int_equal(d->sandbox.world.agreements.count, 1500);
    driver_free(d);
}

static void test_requests_that_are_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "{",
        "[]",
        "{}",
        "{\"seller\":1}",
        "{\"seller\":\"S\",\"state\":\"Closed\"}",
        "{\"seller\":\"S\",\"currency\":\"ZZZ\"}",
        "{\"seller\":\"S\",\"limit\":50000}",
        "{\"seller\":\"S\",\"limit\":\"1.5\"}",
        "{\"seller\":\"S\",\"count\":0}",
        "{\"seller\":\"S\",\"count\":2,\"id\":\"x\"}",
        "{\"seller\":\"S\",\"id_pattern\":\"x\"}",
        "{\"seller\":\"S\",\"environment\":\"moon\"}",
        "{\"seller\":\"S\",\"seller\":\"S\"}",
    };
    struct driver *d = driver_new();

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(driver_control(d, "POST", "/control/agreements", bad[i]), 400);
        json_free(parse(d));
    }
    driver_agreement(d, BA, "");
    assert_int_equal(
        driver_control(d, "POST", "/control/agreements", "{\"seller\":\"S\",\"id\":\"" BA "\"}"),
        409);
    assert_int_equal(driver_control(d, "GET", "/control/agreements/" BA, ""), 200);
    assert_int_equal(driver_control(d, "GET", "/control/agreements/nope", ""), 404);
    assert_int_equal(driver_control(d, "GET", "/control/agreements/" BA "/close", ""), 405);
    assert_int_equal(driver_control(d, "POST", "/control/agreements/" BA "/fly", ""), 404);
    assert_int_equal(
        driver_control(d, "POST", "/control/agreements/" BA "/decline", "{\"reason\":\"Boredom\"}"),
        400);
    assert_int_equal(driver_control(d, "DELETE", "/control/agreements", ""), 405);
    assert_int_equal(driver_control(d, "GET", "/", ""), 404);
    driver_free(d);
}

static void set_fault(struct driver *d, const char *members)
{
    char body[256];

    assert_int_equal(driver_control(d, "DELETE", "/control/faults", ""), 200);
    (void)snprintf(body, sizeof body, "[{%s}]", members);
    if (driver_control(d, "POST", "/control/faults", body) != 200) {
        fail_msg("%s", d->control.bytes);
    }
}

static uint64_t captures(const struct driver *d)
{
    return d->sandbox.world.totals.captures;
}

static void test_faults_with_the_work_done(void **state)
{
    struct driver *d = driver_new();

    (void)state;
    driver_agreement(d, BA, "");
    set_fault(d, "\"fault\":\"drop\"");
    (void)driver_charge(d, BA, "r1", "1", "");
    assert_true(d->answer.drop);
    assert_int_equal(captures(d), 1);
    set_fault(d, "\"fault\":\"delay\",\"delay_ms\":250");
    assert_int_equal(driver_charge(d, BA, "r2", "1", ""), 200);
    assert_int_equal(d->answer.delay_ms, 250);
    assert_int_equal(captures(d), 2);
    set_fault(d, "\"fault\":\"500\",\"after_work\":true");
    assert_int_equal(driver_charge(d, BA, "r3", "1", ""), 500);
    assert_int_equal(captures(d), 3);
    set_fault(d, "\"fault\":\"unknown_state\"");
    assert_int_equal(driver_charge(d, BA, "r4", "1", ""), 200);
    assert_string_equal(driver_element(d, "State"), "Reticulating");
    set_fault(d, "\"fault\":\"doctype\"");
    assert_int_equal(driver_charge(d, BA, "r5", "1", ""), 200);
    assert_non_null(strstr(d->answer.body.bytes, "?>\n<!DOCTYPE"));
    set_fault(d, "\"fault\":\"huge\"");
    assert_int_equal(driver_charge(d, BA, "r6", "1", ""), 200);
    assert_true(d->answer.body.length >= (size_t)2 * 1024 * 1024);
    set_fault(d, "\"fault\":\"garbage\"");
    assert_int_equal(driver_charge(d, BA, "r7", "1", ""), 200);
    assert_string_equal(driver_element(d, "State"), "(none)");
    assert_int_equal(captures(d), 7);
    driver_free(d);
}

/* The order is there and no charge; the same request again makes another order, and the charge. */
static void test_a_charge_that_is_half_done(void **state)
{
    struct driver *d = driver_new();

    (void)state;
    driver_agreement(d, BA, "");
    set_fault(d, "\"fault\":\"half\",\"count\":1");
    assert_int_equal(driver_charge(d, BA, "r1", "1", ""), 500);
    assert_int_equal(captures(d), 0);
    assert_int_equal(d->sandbox.world.totals.authorizations, 0);
    assert_non_null(world_find_agreement(&d->sandbox.world, BA)->last_order);
    assert_int_equal(driver_charge(d, BA, "r1", "1", ""), 200);
    assert_int_equal(captures(d), 1);
    assert_int_equal(d->sandbox.world.totals.double_charged, 0);
    driver_free(d);
}

static void test_faults_without_the_work(void **state)
{
    struct driver *d = driver_new();

    (void)state;
    driver_agreement(d, BA, "");
    set_fault(d, "\"fault\":\"close\"");
    (void)driver_charge(d, BA, "r", "1", "");
    assert_true(d->answer.drop);
    set_fault(d, "\"fault\":\"503\"");
    assert_int_equal(driver_charge(d, BA, "r", "1", ""), 503);
    assert_string_equal(driver_element(d, "Code"), "ServiceUnavailable");
    set_fault(d, "\"fault\":\"throttle\"");
    assert_int_equal(driver_charge(d, BA, "r", "1", ""), 503);
    assert_string_equal(driver_element(d, "Code"), "RequestThrottled");
    set_fault(d, "\"fault\":\"close\",\"action\":\"GetAuthorizationDetails\"");
    assert_int_equal(captures(d), 0);
    assert_int_equal(driver_charge(d, BA, "r", "1", ""), 200);
    assert_int_equal(captures(d), 1);
    driver_free(d);
}

/* Which of 200 requests are hit, as one text. */
static void play(struct driver *d, char hits[201])
{
    for (int i = 0; i < 200; i++) {
        (void)driver_call(d, "GetAuthorizationDetails", "AmazonAuthorizationId", "x", (char *)NULL);
        hits[i] = d->answer.status == 500 ? '!' : '.';
    }
    hits[200] = '\0';
}

static void test_faults_are_drawn_from_the_seed(void **state)
{
    struct driver *d = driver_new();
    char first[201];
    char second[201];
    char other[201];
    size_t hits = 0;

    (void)state;
    set_fault(d, "\"fault\":\"500\",\"probability\":0.25,\"seed\":42");
    play(d, first);
    set_fault(d, "\"fault\":\"500\",\"probability\":0.25,\"seed\":42");
    play(d, second);
    set_fault(d, "\"fault\":\"500\",\"probability\":0.25,\"seed\":43");
    play(d, other);
    assert_string_equal(first, second);
    assert_string_not_equal(first, other);
    for (const char *c = first; *c != '\0'; c++) {
        hits += *c == '!';
    }
    assert_in_range(hits, 25, 75);
    set_fault(d, "\"fault\":\"500\",\"count\":3");
    play(d, first);
    assert_memory_equal(first, "!!!.....", 8);
    driver_free(d);
}

static void test_fault_rules_that_are_refused(void **state)
{
    static const char *const bad[] = {"{}",
                                      "[{}]",
                                      "[1]",
                                      "[{\"fault\":\"fire\"}]",
                                      "[{\"fault\":\"drop\",\"action\":\"Fly\"}]",
                                      "[{\"fault\":\"drop\",\"probability\":1.5}]",
                                      "[{\"fault\":\"drop\",\"delay_ms\":-1}]",
                                      "[{\"fault\":\"drop\",\"propability\":1}]",
                                      "[{\"fault\":\"drop\"},{\"fault\":\"fire\"}]"};
    struct driver *d = driver_new();

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(driver_control(d, "POST", "/control/faults", bad[i]), 400);
        assert_int_equal(d->sandbox.faults.count, 0);
    }
    driver_free(d);
}

/* The totals must be what the entries add up to (world.h, invariant 3). */
static void check_totals(struct driver *d)
{
    struct json *root;
    const struct json *entries;
    int64_t captured = 0;
    int64_t declined = 0;
    int64_t total;

    assert_int_equal(driver_control(d, "GET", "/control/ledger", ""), 200);
    root = parse(d);
    entries = json_get(root, "entries");
    for (size_t i = 0; i < json_length(entries); i++) {
        const struct json *entry = json_at(entries, i);
        const char *is = json_as_string(json_get(entry, "state"));
        captured += json_as_string(json_get(entry, "capture")) != NULL;
        declined += strcmp(is, "Declined") == 0;
    }
    assert_true(json_as_integer(json_get(json_get(root, "totals"), "captures"), &total));
    assert_int_equal(total, captured);
    assert_true(json_as_integer(json_get(json_get(root, "totals"), "declined"), &total));
    assert_int_equal(total, declined);
    json_free(root);
}

static void fill(struct driver *d)
{
    driver_agreement(d, BA, ",\"limit\":\"1000\"");
    assert_int_equal(driver_charge(d, BA, "r1", "100", "<\"日本\n>"), 200);
    assert_int_equal(driver_control(d, "POST", "/control/agreements/" BA "/decline",
                                    "{\"reason\":\"AmazonRejected\"}"),
                     200);
    assert_int_equal(driver_charge(d, BA, "r2", "100", ""), 200);
    /* The same SellerOrderId twice, under two reference ids: a double charge. */
    for (int i = 0; i < 2; i++) {
        assert_int_equal(driver_call(d, "AuthorizeOnBillingAgreement", "AmazonBillingAgreementId",
                                     BA, "AuthorizationReferenceId", i == 0 ? "d1" : "d2",
                                     "AuthorizationAmount.Amount", "5",
                                     "AuthorizationAmount.CurrencyCode", "JPY",
                                     "TransactionTimeout", i == 0 ? "0" : "5", "CaptureNow", "true",
                                     "SellerOrderAttributes.SellerOrderId", "twice", (char *)NULL),
                         200);
    }
}

static void test_ledger(void **state)
{
    struct driver *d = driver_new();

    (void)state;
    fill(d);
    check_totals(d);
    assert_int_equal(d->sandbox.world.totals.double_charged, 0); /* the second is Pending */
    driver_pass(d, 2000);
    check_totals(d);
    assert_int_equal(d->sandbox.world.totals.double_charged, 1);
    assert_non_null(strstr(d->control.bytes, "\"captured\":\"110\""));
    assert_non_null(strstr(d->control.bytes, "\"authorized\":\"110\""));
    assert_int_equal(driver_control(d, "GET", "/control/stats", ""), 200);
    assert_non_null(strstr(d->control.bytes, "\"AuthorizeOnBillingAgreement\":{\"ok\":4}"));
    driver_free(d);
}

static void categorize(struct driver *d, const char *order)
{
    static const char prefix[] =
        "OrderAttributes.SellerOrderAttributes.OrderItemCategories.OrderItemCategory.";
    char first[128];
    char second[128];

    (void)snprintf(first, sizeof first, "%s1", prefix);
    (void)snprintf(second, sizeof second, "%s2", prefix);
    assert_int_equal(driver_control(d, "POST", "/control/orders",
                                    "{\"seller\":\"A1SELLER\",\"id\":\"S03-0000000-0000009\"}"),
                     201);
    assert_int_equal(driver_call(d, "SetOrderAttributes", "AmazonOrderReferenceId", order, first,
                                 "Antiques", second, "<Toys>", NULL),
                     200);
}

/* The ledger before and after a restart is the same, byte for byte, and so are the ids spent. */
static void test_snapshot(void **state)
{
    struct driver *d = driver_new();
    struct driver *again = driver_new();
    struct problem problem;
    char path[] = "/tmp/sandbox-state-XXXXXX";
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    (void)close(fd);
    fill(d);
    categorize(d, "S03-0000000-0000009");
    assert_int_equal(snapshot_save(&d->sandbox.world, path, &problem), ST_OK);
    assert_int_equal(snapshot_load(&again->sandbox.world, path, &problem), ST_OK);
    driver_pass(d, 2000);
    driver_pass(again, 2000); /* what was Pending settles in both */
    assert_int_equal(driver_control(d, "GET", "/control/ledger", ""), 200);
    assert_int_equal(driver_control(again, "GET", "/control/ledger", ""), 200);
    assert_string_equal(d->control.bytes, again->control.bytes);
    assert_int_equal(driver_charge(again, BA, "r1", "100", "<\"日本\n>"), 200);
    assert_int_equal(driver_charge(again, BA, "r1", "101", ""), 400);
    assert_int_equal(driver_charge(again, BA, "r9", "891", ""), 400); /* the month is remembered */
    assert_int_equal(driver_charge(again, BA, "r9", "890", ""), 200);
    check_totals(again);
    assert_int_equal(driver_call(again, "GetOrderReferenceDetails", "AmazonOrderReferenceId",
                                 "S03-0000000-0000009", NULL),
                     200);
    assert_string_equal(driver_element(again, "OrderItemCategories"),
                        "<OrderItemCategory>Antiques</OrderItemCategory>"
                        "<OrderItemCategory>&lt;Toys&gt;</OrderItemCategory>");
    (void)unlink(path);
    assert_int_equal(snapshot_save(&d->sandbox.world, "/nonexistent/state", &problem), ST_STORE);
    driver_free(d);
    driver_free(again);
}

static void test_damaged_snapshots(void **state)
{
    static const char *const bad[] = {
        "{\n",
        "{}\n",
        "{\"format\":\"other\"}\n",
        "{\"agreement\":\"x\"}\n",
        "{\"agreement\":\"x\",\"seller\":\"S\",\"currency\":\"JPY\",\"state\":\"Odd\"}\n",
        "{\"authorization\":\"x\",\"of\":\"none\"}\n",
        (TWIN TWIN),
    };
    char path[] = "/tmp/sandbox-state-XXXXXX";
    int fd = mkstemp(path);
    struct problem problem;

    (void)state;
    assert_true(fd >= 0);
    (void)close(fd);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct driver *d = driver_new();
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        (void)fputs(bad[i], file);
        (void)fclose(file);
        assert_int_equal(snapshot_load(&d->sandbox.world, path, &problem), ST_INVALID);
        assert_non_null(strstr(problem.text, ", line "));
        driver_free(d);
    }
    (void)unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_agreements_in_bulk),
        cmocka_unit_test(test_requests_that_are_refused),
        cmocka_unit_test(test_faults_with_the_work_done),
        cmocka_unit_test(test_a_charge_that_is_half_done),
        cmocka_unit_test(test_faults_without_the_work),
        cmocka_unit_test(test_faults_are_drawn_from_the_seed),
        cmocka_unit_test(test_fault_rules_that_are_refused),
        cmocka_unit_test(test_ledger),
        cmocka_unit_test(test_snapshot),
        cmocka_unit_test(test_damaged_snapshots),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
