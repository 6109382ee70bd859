/*
 * test_config_policy.c - the keys of policies and guards: what they become, and what is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "billing/policy_text.h"
#include "scheduler/config_policy.h"
#include "tests/scheduler/config_checks.h"

/* What is shown of a policy is what the configuration reads as the same policy. The configuration
 * is another one then. */
static void assert_is_read_back(struct fixture *f, const struct policy *policy)
{
    char keys[CONFIG_POLICY_TEXT_MAX];
    char before[POLICY_TEXT_MAX];
    char after[POLICY_TEXT_MAX];
    char text[CONFIG_POLICY_TEXT_MAX + 512];
    config_policy_write(policy, keys);
    assert_true(policy_format(policy, before));
    (void)snprintf(text, sizeof text, SELLER("A1", "%s"), keys);
    load_well(f, text);
    assert_true(policy_format(&f->config->sellers[0].policy, after));
    assert_string_equal(before, after);
}

static void test_what_is_shown_can_be_read(void **state)
{
    struct fixture *f = *state;
    static const char *const keys[] = {"", "hours = \"09:30-21:00\"\ndays = {mon, \"fri-sat\"}",
                                       "hours = \"12:00-24:00\"",
                                       "retry_ProcessingFailure = {asynchronous}",
                                       "attempts_max = 0\njitter = \"0%\"\nlate_after = 0s"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        char text[1024];
        (void)snprintf(text, sizeof text, SELLER("A1", "%s"), keys[i]);
        load_well(f, text);
        assert_is_read_back(f, &f->config->sellers[0].policy);
    }
    char shown[CONFIG_POLICY_TEXT_MAX];
    struct policy policy = policy_default();
    config_policy_write(&policy, shown);
    assert_non_null(strstr(shown, "hours = \"00:00-24:00\"\ndays = \"mon-sun\"\n"));
}

static void test_every_key_of_a_policy_is_read(void **state)
{
    struct fixture *f = *state;
    load_well(f,
              SELLER("A1", " capture = on_shipment\n capture_warning = 3d\n reauthorize = yes\n"
                           " retry_InvalidPaymentMethod = {}\n"
                           " retry_TransactionTimedOut = {asynchronous, 1h}\n"
                           " retry_PeriodicAmountExceeded = {2d}\n"
                           " retry_agreement_not_open = {}\n retry_capture_declined = {2h}\n"
                           " retry_throttled = {7s}\n retry_service_unavailable = {8s, 9s}\n"
                           " jitter = \"25%\"\n hours = \"22:30-06:00\"\n"
                           " days = {\"sat-mon\", wed}\n attempts_max = 7\n"
                           " retry_past_next_due = yes\n final_action = cancel\n"
                           " limit_short = ask\n limit_refresh = 2h\n limit_difference = tell\n"
                           " catch_up = once\n late_after = 2h\n lateness_max = 5d\n"
                           " amount_min = 100\n amount_max = \"20000\"\n validate_every = 0s\n"));
    const struct policy *policy = &f->config->sellers[0].policy;
    assert_is_read_back(f, policy);
    policy = &f->config->sellers[0].policy;
    assert_string_equal(policy->name, "default");
    assert_int_equal(policy->capture, POLICY_CAPTURE_ON_SHIPMENT);
    assert_int_equal(policy->capture_warning_ms, 3 * 86400000);
    assert_true(policy->reauthorize);
    assert_int_equal(policy->retry[REASON_INVALID_PAYMENT_METHOD].path, POLICY_BY_WAITS);
    const struct policy_rule *rule = &policy->retry[REASON_TRANSACTION_TIMED_OUT];
    assert_int_equal(rule->path, POLICY_ASYNCHRONOUSLY);
    assert_int_equal(rule->waits.count, 1);
    assert_int_equal(rule->waits.wait_ms[0], 3600000);
    assert_int_equal(policy->retry[REASON_PERIODIC_AMOUNT_EXCEEDED].path, POLICY_BY_WAITS);
    assert_int_equal(policy->retry[REASON_PERIODIC_AMOUNT_EXCEEDED].waits.count, 1);
    assert_int_equal(policy->retry[REASON_AGREEMENT_NOT_OPEN].waits.count, 0);
    assert_int_equal(policy->retry[REASON_CAPTURE_DECLINED].waits.count, 1);
    assert_int_equal(policy->retry[REASON_THROTTLED].waits.wait_ms[0], 7000);
    assert_int_equal(policy->retry[REASON_SERVICE_UNAVAILABLE].waits.count, 2);
    assert_int_equal(policy->jitter_percent, 25);
    assert_int_equal(policy->hours.from_s, 22 * 3600 + 1800);
    assert_int_equal(policy->hours.until_s, 6 * 3600);
    assert_int_equal(policy->hours.days, 0x65); /* Sunday, Saturday, Wednesday, Monday */
    assert_int_equal(policy->attempts_max, 7);
    assert_true(policy->retry_past_next_due);
    assert_int_equal(policy->final_action, POLICY_CANCEL);
    assert_int_equal(policy->limit_short, POLICY_SHORT_ASK);
    assert_int_equal(policy->limit_refresh_ms, 2 * 3600000);
    assert_false(policy->limit_difference_stops);
    assert_int_equal(policy->catch_up, POLICY_CATCH_UP_ONCE);
    assert_int_equal(policy->late_after_ms, 2 * 3600000);
    assert_int_equal(policy->lateness_max_ms, 5 * 86400000);
    assert_int_equal(money_minor(policy->amount_min), 100);
    assert_int_equal(money_minor(policy->amount_max), 20000);
    assert_int_equal(policy->validate_every_ms, 0);
}

static void test_a_policy_overrides_single_keys_of_the_default(void **state)
{
    struct fixture *f = *state;
    load_well(f, SELLER("A1", "policy goods {\n capture = on_shipment\n amount_max = 30000\n}\n"
                              "attempts_max = 3\namount_min = 50\n"
                              "policy \"slow.2\" { retry_AmazonRejected = {9d} }\n"));
    const struct seller_config *seller = &f->config->sellers[0];
    assert_int_equal(seller->policy_count, 2);
    const struct policy *goods = &seller->policies[0];
    assert_string_equal(goods->name, "goods");
    assert_string_equal(goods->zone_name, "Asia/Tokyo");
    assert_int_equal(goods->capture, POLICY_CAPTURE_ON_SHIPMENT);
    assert_int_equal(goods->attempts_max, 3); /* of the default, wherever it stands */
    assert_int_equal(money_minor(goods->amount_min), 50);
    assert_int_equal(money_minor(goods->amount_max), 30000);
    assert_int_equal(goods->retry[REASON_AMAZON_REJECTED].waits.count, 2);
    const struct policy *slow = &seller->policies[1];
    assert_string_equal(slow->name, "slow.2");
    assert_int_equal(slow->retry[REASON_AMAZON_REJECTED].waits.count, 1);
    assert_int_equal(slow->retry[REASON_AMAZON_REJECTED].waits.wait_ms[0], 9 * 86400000);
    assert_int_equal(slow->capture, POLICY_CAPTURE_NOW);
    assert_false(money_is_valid(seller->policy.amount_max));
}

static void test_guards_are_read(void **state)
{
    struct fixture *f = *state;
    load_well(f,
              "clock_jump_max = 0s\nclock_back_max = 1m\ndowntime_max = 30d\n" SELLER(
                  "A1", "guard_canary = \"5%\"\nguard_count_max = 100\nguard_sum_max = 5000\n"
                        "guard_decline_rate_max = \"20%\"\nguard_unknown_rate_max = \"10%\"\n"
                        "guard_sample_min = 7\nbreaker_failures = 3\nbreaker_wait = 1s\n"
                        "breaker_wait_max = 1m\nretries_per_hour = 9\nstore_name = \"My Store\"\n"
                        "agreement_note = thanks\n"));
    const struct seller_config *seller = &f->config->sellers[0];
    assert_int_equal(f->config->clock.jump_max_ms, 0);
    assert_int_equal(f->config->clock.back_max_ms, 60000);
    assert_int_equal(f->config->clock.downtime_max_ms, INT64_C(30) * 86400000);
    assert_int_equal(seller->batch.canary_percent, 5);
    assert_int_equal(seller->batch.canary_count, 0);
    assert_int_equal(seller->batch.count_max, 100);
    assert_int_equal(money_minor(seller->batch.sum_max), 5000);
    assert_int_equal(seller->batch.decline_percent_max, 20);
    assert_int_equal(seller->batch.unknown_percent_max, 10);
    assert_int_equal(seller->batch.sample_min, 7);
    assert_int_equal(seller->breaker.failures_max, 3);
    assert_int_equal(seller->breaker.wait_ms, 1000);
    assert_int_equal(seller->breaker.wait_max_ms, 60000);
    assert_int_equal(seller->retries_per_hour, 9);
    assert_string_equal(seller->store_name, "My Store");
    assert_string_equal(seller->agreement_note, "thanks");
}

static void test_one_mistake_in_each_key(void **state)
{
    static const struct mistake cases[] = {
        {SELLER("A1", "retry_InvalidPaymentMethod = {1d}"),
         MORE_LINE "retry_InvalidPaymentMethod: ", "only the buyer"},
        {SELLER("A1", "retry_agreement_not_open = {asynchronous}"),
         MORE_LINE "retry_agreement_not_open: ", "only the buyer"},
        {SELLER("A1", "retry_AmazonRejected = {wait_open, 1d}"),
         MORE_LINE "retry_AmazonRejected: ", "nothing follows"},
        {SELLER("A1", "retry_AmazonRejected = {1d, next_period}"),
         MORE_LINE "retry_AmazonRejected: ", "not a duration"},
        {SELLER("A1", "retry_throttled = {wait_open}"),
         MORE_LINE "retry_throttled: ", "not a duration"},
        {SELLER("A1", "hours = \"9:00-21:00\""), MORE_LINE "hours: ", "like \"09:00-21:00\""},
        {SELLER("A1", "days = {mon, tues}"), MORE_LINE "days: ", "like \"mon\""},
        {SELLER("A1", "days = {}"), ":8: A1: days: ", "needs a day"},
        {SELLER("A1", "jitter = 10"), MORE_LINE "jitter: ", "percentage"},
        {SELLER("A1", "jitter = \"101%\""), MORE_LINE "jitter: ", "percentage"},
        {SELLER("A1", "reauthorize = true"), MORE_LINE "reauthorize: ", "none of: yes, no"},
        {SELLER("A1", "limit_difference = yes"), MORE_LINE "limit_difference: ", "stop, tell"},
        {SELLER("A1", "amount_min = \"1.5\""), MORE_LINE "amount_min: ", "not an amount of JPY"},
        {SELLER("A1", "amount_min = 10\namount_max = 9"), ":8: A1: amount_max: ", "less than"},
        {SELLER("A1", "guard_canary = \"5 %\""), MORE_LINE "guard_canary: ", "like \"5%\""},
        {SELLER("A1", "guard_sum_max = -1"), MORE_LINE "guard_sum_max: ", "not an amount of JPY"},
        {SELLER("A1", "breaker_wait = 11m"), MORE_LINE "breaker_wait: ", "longer than"},
        {SELLER("A1", "policy p { retri = 1 }"), ":7: policy p: retri: ", "no such key"},
        {SELLER("A1", "policy p { zone = UTC }"), ":7: policy p: zone: ", "no such key"},
        {SELLER("A1", "policy p { jitter = 1 }"), ":7: policy p: jitter: ", "percentage"},
        {SELLER("A1", "policy p { resend = {} }"), ":7: policy p: resend: ", "needs a duration"},
        {SELLER("A1", "policy p { }\npolicy p { }"), ":8: A1: policy p: ", "twice in this section"},
        {SELLER("A1", "policy default { }"), ":7: policy default: ", "not a name"},
        {SELLER("A1", "policy 1st { }"), ":7: policy 1st: ", "not a name"},
        {SELLER("A1", "policy \"a/b\" { }"), ":7: policy a/b: ", "not a name"},
        {SELLER("A1", "policy \"none\" { }"), ":7: policy none: ", "not a name"},
        {SELLER("A1", "policy p {"), ":10: A1: ", "not closed"},
        {"seller A1 {\npolicy p {\n", ":4: policy p: ", "not closed"},
        {"policy p { }\n" SELLER("A1", ""), ":1: policy: ", "no such key"},
    };
    one_mistake_each(*state, cases, sizeof cases / sizeof cases[0]);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, config_setup, config_teardown)
    const struct CMUnitTest tests[] = {
        CASE(test_every_key_of_a_policy_is_read),
        CASE(test_what_is_shown_can_be_read),
        CASE(test_a_policy_overrides_single_keys_of_the_default),
        CASE(test_guards_are_read),
        CASE(test_one_mistake_in_each_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
