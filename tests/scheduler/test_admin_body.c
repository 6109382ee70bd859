/* test_admin_body.c - bodies of admin requests: what is well formed is taken whole, anything else
 * is refused with a sentence that names the key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "scheduler/admin_body.h"

static const struct admin_defaults defaults = {.currency = "JPY", .zone = "Asia/Tokyo"};

static enum status read_subscription(const char *text, struct admin_subscription *wanted,
                                     struct problem *problem)
{
    problem->text[0] = '\0';
    return admin_read_subscription(text, strlen(text), &defaults, wanted, problem);
}

static enum status read_charge(const char *text, struct admin_charge *wanted,
                               struct problem *problem)
{
    problem->text[0] = '\0';
    return admin_read_charge(text, strlen(text), &defaults, wanted, problem);
}

static void test_subscription_with_everything(void **state)
{
    (void)state;
    struct admin_subscription wanted;
    struct problem problem;
    const char *text =
        "{\"agreement_id\":\"C03-1234567-1234567\",\"amount\":\"1200\",\"currency\":\"JPY\","
        "\"unit\":\"month\",\"every\":3,\"anchor\":\"2026-01-31\",\"time\":\"09:30:15\","
        "\"zone\":\"America/New_York\",\"last_day_of_month\":true,\"trial_days\":14,"
        "\"cycles\":12,\"end\":\"2030-12-31\",\"charge_from\":\"2026-03-01T00:00:00Z\","
        "\"label\":\"gold\",\"note\":\"\xe5\xae\x9a\xe6\x9c\x9f\","
        "\"idempotency_key\":\"signup#17@a.b/+=_:-\"}";
    if (read_subscription(text, &wanted, &problem) != ST_OK) {
        fail_msg("refused: %s", problem.text);
    }
    const struct subscribe *subscribe = &wanted.subscribe;
    assert_string_equal(wanted.agreement_id, "C03-1234567-1234567");
    assert_string_equal(wanted.zone, "America/New_York");
    assert_true(money_equal(subscribe->amount, money_of(1200, "JPY")));
    assert_int_equal(subscribe->rule.unit, RECUR_MONTH);
    assert_int_equal(subscribe->rule.every, 3);
    assert_int_equal(subscribe->rule.anchor.day, 31);
    assert_int_equal(subscribe->rule.second_of_day, 9 * 3600 + 30 * 60 + 15);
    assert_true(subscribe->rule.last_day_of_month);
    assert_int_equal(subscribe->rule.trial_days, 14);
    assert_int_equal(subscribe->rule.cycle_count, 12);
    assert_int_equal(subscribe->rule.end.year, 2030);
    assert_true(subscribe->charge_from.utc_ms == INT64_C(1772323200000));
    assert_string_equal(subscribe->label, "gold");
    assert_string_equal(subscribe->note, "\xe5\xae\x9a\xe6\x9c\x9f");
    assert_string_equal(subscribe->idempotency_key, "signup#17@a.b/+=_:-");
}

static void test_subscription_defaults(void **state)
{
    (void)state;
    struct admin_subscription wanted;
    struct problem problem;
    const char *text = "{\"agreement_id\":\"C03-1\",\"amount\":\"500\",\"unit\":\"week\","
                       "\"anchor\":\"2026-01-05\",\"cycles\":null,\"end\":null,\"label\":null}";
    if (read_subscription(text, &wanted, &problem) != ST_OK) {
        fail_msg("refused: %s", problem.text);
    }
    assert_string_equal(wanted.zone, "Asia/Tokyo");
    assert_int_equal(wanted.subscribe.rule.every, 1);
    assert_int_equal(wanted.subscribe.rule.second_of_day, 0);
    assert_int_equal(wanted.subscribe.rule.cycle_count, 0);
    assert_int_equal(wanted.subscribe.rule.end.year, 0);
    assert_true(wanted.subscribe.charge_from.utc_ms == INSTANT_NEVER.utc_ms);
    assert_string_equal(wanted.subscribe.idempotency_key, "");
}

/* A body with one fault. */
struct fault {
    const char *body;
    const char *says; /* a part of the sentence */
};

#define BASE "\"agreement_id\":\"C03-1\",\"unit\":\"month\",\"anchor\":\"2026-01-31\""
#define FULL BASE ",\"amount\":\"1200\""

static const struct fault subscription_faults[] = {
    {"", "JSON"},
    {"{", "JSON"},
    {"null", "object"},
    {"[]", "object"},
    {"\"text\"", "object"},
    {"{} {}", "JSON"},
    {"{}", "agreement_id: is missing"},
    {"{" FULL ",\"unit\":\"month\"}", "duplicate"},
    {"{" FULL ",\"Label\":\"x\"}", "Label: this key is not known"},
    {"{" FULL ",\"label note\":\"x\"}", "not known"},
    {"{" FULL ",\"\":1}", "not known"},
    {"{" FULL ",\"a_key_that_is_longer_than_any_key_we_know_of\":1}", "not known"},
    {"{" BASE "}", "amount: is missing"},
    {"{" BASE ",\"amount\":null}", "amount: is missing"},
    {"{" BASE ",\"amount\":1200}", "amount: must be a string"},
    {"{" BASE ",\"amount\":1200.00}", "amount: must be a string"},
    {"{" BASE ",\"amount\":true}", "amount: must be a string"},
    {"{" BASE ",\"amount\":\"\"}", "not an amount"},
    {"{" BASE ",\"amount\":\"0\"}", "above zero"},
    {"{" BASE ",\"amount\":\"-1200\"}", "not an amount"},
    {"{" BASE ",\"amount\":\"+1200\"}", "not an amount"},
    {"{" BASE ",\"amount\":\"1,200\"}", "not an amount"},
    {"{" BASE ",\"amount\":\"1200.5\"}", "not an amount"},
    {"{" BASE ",\"amount\":\"12e2\"}", "not an amount"},
    {"{" BASE ",\"amount\":\"99999999999999999999999\"}", "not an amount"},
    {"{" FULL ",\"currency\":\"USD\"}", "charged in JPY"},
    {"{" FULL ",\"currency\":\"jpy\"}", "charged in JPY"},
    {"{" FULL ",\"currency\":\"JPYJPYJPYJPYJPYJPYJPY\"}", "currency"},
    {"{" FULL ",\"currency\":5}", "currency: must be a string"},
    {"{" FULL ",\"every\":0}", "every"},
    {"{" FULL ",\"every\":1001}", "every"},
    {"{" FULL ",\"every\":1.0}", "every"},
    {"{" FULL ",\"every\":\"1\"}", "every"},
    {"{" FULL ",\"every\":9223372036854775808}", "JSON"},
    {"{" FULL ",\"trial_days\":-1}", "trial_days"},
    {"{" FULL ",\"trial_days\":3661}", "trial_days"},
    {"{" FULL ",\"cycles\":0}", "cycles"},
    {"{" FULL ",\"cycles\":4294967297}", "cycles"},
    {"{" FULL ",\"end\":\"2026-02-30\"}", "end"},
    {"{" FULL ",\"end\":\"2025-12-31\"}", "before the date of cycle 1"},
    {"{" FULL ",\"time\":\"24:00\"}", "time"},
    {"{" FULL ",\"time\":\"9:00\"}", "time"},
    {"{" FULL ",\"time\":\"09:60\"}", "time"},
    {"{" FULL ",\"time\":\"09:00:60\"}", "time"},
    {"{" FULL ",\"time\":\"09:00 \"}", "time"},
    {"{" FULL ",\"time\":\"09-00-00\"}", "time"},
    {"{" FULL ",\"time\":\"\"}", "time"},
    {"{" FULL ",\"time\":900}", "time: must be a string"},
    {"{" FULL ",\"last_day_of_month\":1}", "true or false"},
    {"{" FULL ",\"charge_from\":\"2026-01-31\"}", "charge_from"},
    {"{" FULL ",\"charge_from\":\"2026-01-31T00:00:00+09:00\"}", "charge_from"},
    {"{" FULL ",\"label\":\"a\\nb\"}", "control"},
    {"{" FULL ",\"label\":\"a\\u0000b\"}", "JSON"},
    {"{" FULL ",\"label\":{}}", "label: must be a string"},
    {"{" FULL ",\"idempotency_key\":\"\"}", "idempotency_key: must be 1 to 64"},
    {"{" FULL ",\"idempotency_key\":\"a b\"}", "idempotency_key: must be 1 to 64"},
    {"{" FULL ",\"idempotency_key\":7}", "idempotency_key: must be a string"},
    {"{" FULL ",\"idempotency_key\":\"12345678901234567890123456789012345678901234567890"
     "123456789012345\"}",
     "at most 64 bytes"},
    {"{" FULL ",\"label\":\"1234567890123456789012345678901234567890123456789012345678901234\"}",
     "at most 63 bytes"},
    {"{\"agreement_id\":\"\"," BASE "}", "duplicate"},
    {"{\"agreement_id\":\"C01/1\",\"amount\":\"1\",\"unit\":\"day\"}", "agreement_id"},
    {"{\"agreement_id\":\"\",\"amount\":\"1\"}", "agreement_id: must be 1 to"},
    {"{\"agreement_id\":\"C03-567890123456789012345678901234567\"}", "at most 35 bytes"},
    {"{\"agreement_id\":\"C03-1\",\"amount\":\"1\",\"unit\":\"fortnight\"}", "unit"},
    {"{\"agreement_id\":\"C03-1\",\"amount\":\"1\",\"unit\":\"day\"}", "anchor: is missing"},
    {"{\"agreement_id\":\"C03-1\",\"amount\":\"1\",\"unit\":\"day\",\"anchor\":\"2026-1-1\"}",
     "anchor"},
    {"{\"agreement_id\":\"C03-1\",\"amount\":\"1\",\"unit\":\"day\",\"anchor\":"
     "\"2026-01-01\",\"last_day_of_month\":true}",
     "last_day_of_month"},
};

static void test_subscription_faults(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof subscription_faults / sizeof subscription_faults[0]; i++) {
        struct admin_subscription wanted;
        struct problem problem;
        enum status status = read_subscription(subscription_faults[i].body, &wanted, &problem);
        if (status != ST_INVALID || strstr(problem.text, subscription_faults[i].says) == NULL) {
            fail_msg("%s gives %s: \"%s\", not \"%s\"", subscription_faults[i].body,
                     status_name(status), problem.text, subscription_faults[i].says);
        }
    }
}

static void test_charge(void **state)
{
    (void)state;
    struct admin_charge wanted;
    struct problem problem;
    const char *text = "{\"agreement_id\":\"C03-1\",\"amount\":\"300.00\",\"label\":\"extra\","
                       "\"note\":\"thanks\",\"idempotency_key\":\"order-17/a\"}";
    if (read_charge(text, &wanted, &problem) != ST_OK) {
        fail_msg("refused: %s", problem.text);
    }
    assert_string_equal(wanted.charge.idempotency_key, "order-17/a");
    assert_true(money_equal(wanted.charge.amount, money_of(300, "JPY")));
    static const struct fault faults[] = {
        {"{\"agreement_id\":\"C03-1\",\"amount\":\"300\"}", "idempotency_key: is missing"},
        {"{\"agreement_id\":\"C03-1\",\"amount\":\"300\",\"idempotency_key\":\"\"}", "1 to 64"},
        {"{\"agreement_id\":\"C03-1\",\"amount\":\"300\",\"idempotency_key\":\"a b\"}", "1 to 64"},
        {"{\"agreement_id\":\"C03-1\",\"amount\":\"300\",\"idempotency_key\":7}", "string"},
        {"{\"agreement_id\":\"C03-1\",\"amount\":\"300\",\"idempotency_key\":\"a\",\"unit\":"
         "\"day\"}",
         "unit: this key is not known"},
    };
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        enum status status = read_charge(faults[i].body, &wanted, &problem);
        if (status != ST_INVALID || strstr(problem.text, faults[i].says) == NULL) {
            fail_msg("%s gives %s: \"%s\"", faults[i].body, status_name(status), problem.text);
        }
    }
}

static void test_small_bodies(void **state)
{
    (void)state;
    struct register_agreement registered;
    struct problem problem;
    static const char with_confirm[] = "{\"agreement_id\":\"C03-1\",\"confirm\":true}";
    static const char without[] = "{\"agreement_id\":\"C03-1\"}";
    static const char wrong[] = "{\"agreement_id\":\"C03-1\",\"confirm\":\"yes\"}";
    assert_int_equal(
        admin_read_register(with_confirm, sizeof with_confirm - 1, &registered, &problem), ST_OK);
    assert_true(registered.confirm_wanted);
    assert_int_equal(admin_read_register(without, sizeof without - 1, &registered, &problem),
                     ST_OK);
    assert_false(registered.confirm_wanted);
    assert_int_equal(admin_read_register(wrong, sizeof wrong - 1, &registered, &problem),
                     ST_INVALID);

    assert_int_equal(admin_read_nothing("", 0, &problem), ST_OK);
    assert_int_equal(admin_read_nothing("{}", 2, &problem), ST_OK);
    assert_int_equal(admin_read_nothing("{\"a\":1}", 7, &problem), ST_INVALID);
    assert_int_equal(admin_read_nothing("x", 1, &problem), ST_INVALID);
}

/* --- commands to a subscription ------------------------------------------------------------ */

#define TEXT(text) (text), sizeof(text) - 1

static void test_cancel(void **state)
{
    (void)state;
    struct cancel cancel;
    struct problem problem;
    assert_int_equal(admin_read_cancel(TEXT("{\"when\":\"now\"}"), &cancel, &problem), ST_OK);
    assert_false(cancel.at_period_end);
    assert_false(cancel.is_forced);
    assert_true(cancel.at.utc_ms == INSTANT_NEVER.utc_ms);
    assert_int_equal(
        admin_read_cancel(TEXT("{\"when\":\"period_end\",\"force\":true}"), &cancel, &problem),
        ST_OK);
    assert_true(cancel.at_period_end);
    assert_true(cancel.is_forced);
    assert_int_equal(
        admin_read_cancel(TEXT("{\"at\":\"2026-12-31T15:00:00Z\"}"), &cancel, &problem), ST_OK);
    assert_false(cancel.at_period_end);
    assert_true(cancel.at.utc_ms == INT64_C(1798729200000));
    static const struct fault faults[] = {
        {"", "JSON"},
        {"{}", "when: say either"},
        {"{\"force\":true}", "when: say either"},
        {"{\"when\":\"later\"}", "when: \"later\" is not one of"},
        {"{\"when\":\"now\",\"at\":\"2026-12-31T15:00:00Z\"}", "when: say either"},
        {"{\"at\":\"2026-12-31\"}", "at: "},
        {"{\"at\":1798729200}", "at: must be a string"},
        {"{\"when\":\"now\",\"force\":\"yes\"}", "force: must be true or false"},
        {"{\"when\":\"now\",\"forced\":true}", "forced: this key is not known"},
    };
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        enum status status =
            admin_read_cancel(faults[i].body, strlen(faults[i].body), &cancel, &problem);
        if (status != ST_INVALID || strstr(problem.text, faults[i].says) == NULL) {
            fail_msg("%s gives %s: \"%s\"", faults[i].body, status_name(status), problem.text);
        }
    }
}

static void test_pause_skip_move_replace(void **state)
{
    (void)state;
    struct pause pause;
    struct subscription_command skip;
    struct move_due move;
    struct replace_agreement replace;
    struct problem problem;
    assert_int_equal(admin_read_pause(TEXT(""), &pause, &problem), ST_OK);
    assert_true(pause.resume_at.utc_ms == INSTANT_NEVER.utc_ms);
    assert_int_equal(admin_read_pause(TEXT("{\"until\":null}"), &pause, &problem), ST_OK);
    assert_true(pause.resume_at.utc_ms == INSTANT_NEVER.utc_ms);
    assert_int_equal(
        admin_read_pause(TEXT("{\"until\":\"2026-12-31T15:00:00Z\"}"), &pause, &problem), ST_OK);
    assert_true(pause.resume_at.utc_ms == INT64_C(1798729200000));
    assert_int_equal(admin_read_pause(TEXT("{\"until\":5}"), &pause, &problem), ST_INVALID);
    assert_int_equal(admin_read_pause(TEXT("{"), &pause, &problem), ST_INVALID);

    assert_int_equal(admin_read_skip(TEXT("{\"cycle\":12}"), &skip, &problem), ST_OK);
    assert_int_equal(skip.cycle, 12);
    assert_int_equal(admin_read_skip(TEXT("{\"cycle\":\"12\"}"), &skip, &problem), ST_INVALID);
    assert_int_equal(admin_read_skip(TEXT("{\"cycle\":0}"), &skip, &problem), ST_INVALID);
    assert_int_equal(admin_read_skip(TEXT(""), &skip, &problem), ST_INVALID);

    assert_int_equal(admin_read_move(TEXT("{\"to\":\"2026-12-31T15:00:00Z\"}"), &move, &problem),
                     ST_OK);
    assert_true(move.due_at.utc_ms == INT64_C(1798729200000));
    assert_int_equal(admin_read_move(TEXT("{\"to\":null}"), &move, &problem), ST_INVALID);
    assert_int_equal(admin_read_move(TEXT("{}"), &move, &problem), ST_INVALID);

    assert_int_equal(admin_read_replace(TEXT("{\"agreement_id\":\"C03-2\"}"), &replace, &problem),
                     ST_OK);
    assert_string_equal(replace.agreement_id, "C03-2");
    assert_int_equal(admin_read_replace(TEXT("{\"agreement_id\":\"C03/2\"}"), &replace, &problem),
                     ST_INVALID);
    assert_int_equal(admin_read_replace(TEXT("{}"), &replace, &problem), ST_INVALID);
}

static void test_change(void **state)
{
    (void)state;
    struct admin_change wanted;
    struct problem problem;
    assert_int_equal(admin_read_change(TEXT("{\"amount\":\"1500\"}"), &defaults, &wanted, &problem),
                     ST_OK);
    assert_true(wanted.change.has_amount);
    assert_false(wanted.change.has_rule);
    assert_false(wanted.change.has_policy);
    assert_true(wanted.change.amount_from.utc_ms == INSTANT_NEVER.utc_ms);
    assert_int_equal(
        admin_read_change(TEXT("{\"amount\":\"1500\",\"from\":\"2026-12-31T15:00:00Z\","
                               "\"unit\":\"year\",\"anchor\":\"2026-01-31\","
                               "\"policy\":\"patient\"}"),
                          &defaults, &wanted, &problem),
        ST_OK);
    assert_true(wanted.change.amount_from.utc_ms == INT64_C(1798729200000));
    assert_true(wanted.change.has_rule);
    assert_int_equal(wanted.change.rule.unit, RECUR_YEAR);
    assert_string_equal(wanted.zone, "Asia/Tokyo");
    assert_string_equal(wanted.change.policy_name, "patient");
    static const struct fault faults[] = {
        {"", "JSON"},
        {"{}", "amount: nothing is to be changed"},
        {"{\"currency\":\"JPY\"}", "amount: nothing is to be changed"},
        {"{\"amount\":null}", "amount: nothing is to be changed"},
        {"{\"amount\":1500}", "amount: must be a string"},
        {"{\"from\":\"2026-12-31T15:00:00Z\"}", "from: needs an amount"},
        {"{\"zone\":\"Asia/Tokyo\"}", "unit: is missing"},
        {"{\"unit\":\"day\"}", "anchor: is missing"},
        {"{\"unit\":\"day\",\"anchor\":\"2026-01-31\",\"trial_days\":1}", "trial_days: this key"},
        {"{\"policy\":\"\"}", "policy: must be 1 to 31"},
        {"{\"policy\":\"a/b\"}", "policy: must be 1 to 31"},
        {"{\"agreement_id\":\"C03-1\"}", "agreement_id: this key"},
    };
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        enum status status =
            admin_read_change(faults[i].body, strlen(faults[i].body), &defaults, &wanted, &problem);
        if (status != ST_INVALID || strstr(problem.text, faults[i].says) == NULL) {
            fail_msg("%s gives %s: \"%s\"", faults[i].body, status_name(status), problem.text);
        }
    }
}

static void test_refund(void **state)
{
    (void)state;
    struct admin_refund wanted;
    struct problem problem;
    assert_int_equal(
        admin_read_refund(TEXT("{\"idempotency_key\":\"return-1\"}"), &defaults, &wanted, &problem),
        ST_OK);
    assert_true(wanted.is_rest);
    assert_false(money_is_valid(wanted.refund.amount));
    assert_int_equal(admin_read_refund(TEXT("{\"idempotency_key\":\"return-1\",\"amount\":\"1150\","
                                            "\"overage\":true,\"note\":\"broken\"}"),
                                       &defaults, &wanted, &problem),
                     ST_OK);
    assert_false(wanted.is_rest);
    assert_true(wanted.refund.with_overage);
    assert_true(money_equal(wanted.refund.amount, money_of(1150, "JPY")));
    assert_string_equal(wanted.refund.note, "broken");
    assert_int_equal(admin_read_refund(TEXT("{\"idempotency_key\":\"a\",\"overage\":true}"),
                                       &defaults, &wanted, &problem),
                     ST_INVALID);
    assert_int_equal(admin_read_refund(TEXT("{\"amount\":\"1150\"}"), &defaults, &wanted, &problem),
                     ST_INVALID);
    assert_int_equal(admin_read_refund(TEXT("{\"idempotency_key\":\"a\",\"amount\":1150}"),
                                       &defaults, &wanted, &problem),
                     ST_INVALID);
}

/* Nothing that is cut short is taken for something shorter, and nothing is read beyond its end. */
static void test_every_prefix_is_refused(void **state)
{
    (void)state;
    static const char text[] = "{" FULL ",\"label\":\"\xe5\xae\x9a\",\"every\":2}";
    for (size_t length = 0; length < sizeof text - 1; length++) {
        char cut[sizeof text];
        struct admin_subscription wanted;
        struct problem problem;
        memcpy(cut, text, length);
        enum status status = admin_read_subscription(cut, length, &defaults, &wanted, &problem);
        if (status != ST_INVALID) {
            fail_msg("the first %zu bytes are taken", length);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_subscription_with_everything),
        cmocka_unit_test(test_subscription_defaults),
        cmocka_unit_test(test_subscription_faults),
        cmocka_unit_test(test_charge),
        cmocka_unit_test(test_small_bodies),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_pause_skip_move_replace),
        cmocka_unit_test(test_change),
        cmocka_unit_test(test_refund),
        cmocka_unit_test(test_every_prefix_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
