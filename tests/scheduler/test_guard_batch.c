/*
 * test_guard_batch.c - the canary, and the bands of a seller's day: pure decisions.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "scheduler/guard_batch.h"

#define BEGAN INT64_C(1800000000000)

/* One seller's guard, and what happened to the attempts that it let go. */
struct shop {
    struct guard_batch batch;
    struct batch_settings settings;
    uint32_t next;
};

static struct shop shop_of(struct batch_settings settings)
{
    struct shop shop = {.settings = settings};
    guard_batch_begin(&shop.batch, 1, (struct instant){BEGAN});
    return shop;
}

static struct account account_with(uint32_t number, enum attempt_state attempt_state,
                                   enum reason reason)
{
    struct account account = {.charge_count = 1};
    struct charge *charge = &account.charges[0];
    (void)snprintf(charge->subscription_key, sizeof charge->subscription_key, "KEY");
    charge->attempt = (struct attempt){.number = 1,
                                       .state = attempt_state,
                                       .reason = reason,
                                       .amount = money_of(100, "JPY"),
                                       .created_at = {BEGAN}};
    (void)snprintf(charge->attempt.reference_id, sizeof charge->attempt.reference_id, "KEY-%u-1",
                   number);
    return account;
}

/* The number of a charge that was begun. */
static uint32_t begin(struct shop *shop)
{
    struct account before = {0};
    struct account after = account_with(++shop->next, ATTEMPT_INTENT, REASON_NONE);
    struct batch_plan plan = guard_batch_plan_of(&before, &after);
    assert_int_equal(plan.firsts, 1);
    guard_batch_plan(&shop->batch, &plan);
    guard_batch_planned(&shop->batch, &plan, true);
    assert_null(guard_batch_recorded(&shop->batch, &shop->settings, &before, &after));
    return shop->next;
}

static const char *becomes(struct shop *shop, uint32_t number, enum attempt_state from,
                           enum attempt_state to, enum reason reason)
{
    struct account before = account_with(number, from, REASON_NONE);
    struct account after = account_with(number, to, reason);
    return guard_batch_recorded(&shop->batch, &shop->settings, &before, &after);
}

static uint32_t room(struct shop *shop)
{
    return guard_batch_room(&shop->batch, &shop->settings);
}

static void without_settings_there_is_no_guard(void **state)
{
    (void)state;
    struct shop shop = shop_of((struct batch_settings){0});
    for (int i = 0; i < 1000; i++) {
        assert_null(becomes(&shop, begin(&shop), ATTEMPT_INTENT, ATTEMPT_DECLINED, REASON_NONE));
    }
    assert_int_equal(room(&shop), UINT32_MAX);
}

static void the_canary_must_be_answered_before_the_rest(void **state)
{
    (void)state;
    struct shop shop = shop_of((struct batch_settings){.canary_count = 3});
    assert_int_equal(room(&shop), 3);
    uint32_t first = begin(&shop);
    uint32_t second = begin(&shop);
    uint32_t third = begin(&shop);
    assert_int_equal(room(&shop), 0);
    assert_null(becomes(&shop, first, ATTEMPT_INTENT, ATTEMPT_CAPTURED, REASON_NONE));
    assert_null(becomes(&shop, second, ATTEMPT_INTENT, ATTEMPT_UNKNOWN, REASON_NO_ANSWER));
    assert_null(becomes(&shop, third, ATTEMPT_INTENT, ATTEMPT_UNKNOWN, REASON_PENDING));
    assert_int_equal(room(&shop), 0); /* the second was not answered */
    assert_null(becomes(&shop, second, ATTEMPT_UNKNOWN, ATTEMPT_DECLINED, REASON_NONE));
    assert_int_equal(room(&shop), UINT32_MAX);
    (void)begin(&shop);
    assert_int_equal(room(&shop), UINT32_MAX); /* for the rest of the day */
    guard_batch_begin(&shop.batch, 2, (struct instant){BEGAN});
    assert_int_equal(room(&shop), 3);
}

static void what_is_not_recorded_does_not_count(void **state)
{
    (void)state;
    struct shop shop = shop_of((struct batch_settings){.canary_count = 2});
    struct account before = {0};
    struct account after = account_with(1, ATTEMPT_INTENT, REASON_NONE);
    struct batch_plan plan = guard_batch_plan_of(&before, &after);
    guard_batch_plan(&shop.batch, &plan);
    assert_int_equal(room(&shop), 1);
    guard_batch_planned(&shop.batch, &plan, false);
    assert_int_equal(room(&shop), 2);
}

static void a_share_waits_for_the_number_that_is_due(void **state)
{
    (void)state;
    struct shop shop = shop_of((struct batch_settings){.canary_percent = 5});
    assert_true(guard_batch_wants_size(&shop.batch, &shop.settings));
    guard_batch_set_size(&shop.batch, &shop.settings, 101);
    assert_false(guard_batch_wants_size(&shop.batch, &shop.settings));
    assert_int_equal(room(&shop), 6);
    guard_batch_begin(&shop.batch, 2, (struct instant){BEGAN});
    guard_batch_set_size(&shop.batch, &shop.settings, 1);
    assert_int_equal(room(&shop), 1);
}

/* One-offs, retries, and what was begun before the day count nowhere. */
static void only_first_attempts_of_cycles_count(void **state)
{
    (void)state;
    struct shop shop = shop_of((struct batch_settings){.canary_count = 1, .count_max = 1});
    struct account before = {0};
    struct account one_off = account_with(1, ATTEMPT_INTENT, REASON_NONE);
    one_off.charges[0].subscription_key[0] = '\0';
    assert_int_equal(guard_batch_plan_of(&before, &one_off).firsts, 0);
    assert_int_equal(guard_batch_plan_of(&before, &one_off).retries, 0);
    assert_null(guard_batch_recorded(&shop.batch, &shop.settings, &before, &one_off));
    struct account retry = account_with(2, ATTEMPT_INTENT, REASON_NONE);
    retry.charges[0].attempt.number = 2;
    assert_int_equal(guard_batch_plan_of(&before, &retry).firsts, 0);
    assert_int_equal(guard_batch_plan_of(&before, &retry).retries, 1);
    assert_null(guard_batch_recorded(&shop.batch, &shop.settings, &before, &retry));
    struct account older = account_with(3, ATTEMPT_CAPTURED, REASON_NONE);
    older.charges[0].attempt.created_at.utc_ms--;
    assert_null(guard_batch_recorded(&shop.batch, &shop.settings, &before, &older));
    assert_int_equal(room(&shop), 1);
}

static void count_and_sum_are_refused_before_they_are_left(void **state)
{
    (void)state;
    struct shop shop =
        shop_of((struct batch_settings){.count_max = 3, .sum_max = money_of(250, "JPY")});
    struct batch_plan one = {.firsts = 1, .sum = money_of(100, "JPY")};
    (void)begin(&shop);
    (void)begin(&shop);
    assert_string_equal(guard_batch_refuses(&shop.batch, &shop.settings, &one), "guard_sum_max");
    one.sum = money_of(50, "JPY");
    assert_null(guard_batch_refuses(&shop.batch, &shop.settings, &one));
    one.sum = money_of(50, "USD"); /* cannot be added up */
    assert_string_equal(guard_batch_refuses(&shop.batch, &shop.settings, &one), "guard_sum_max");
    struct batch_plan two = {.firsts = 2, .sum = money_of(2, "JPY")};
    assert_string_equal(guard_batch_refuses(&shop.batch, &shop.settings, &two), "guard_count_max");
    struct batch_plan retries = {.retries = 9};
    assert_null(guard_batch_refuses(&shop.batch, &shop.settings, &retries));
    shop.settings.sum_max = money_of(0, "JPY"); /* no bound, as elsewhere */
    one.sum = money_of(1000000, "JPY");
    assert_null(guard_batch_refuses(&shop.batch, &shop.settings, &one));
}

static void a_rate_counts_from_the_sample_on(void **state)
{
    (void)state;
    struct shop shop = shop_of((struct batch_settings){.decline_percent_max = 50, .sample_min = 4});
    for (int i = 0; i < 3; i++) {
        assert_null(becomes(&shop, begin(&shop), ATTEMPT_INTENT, ATTEMPT_DECLINED, REASON_NONE));
    }
    assert_string_equal(becomes(&shop, begin(&shop), ATTEMPT_INTENT, ATTEMPT_CAPTURED, REASON_NONE),
                        "guard_decline_rate_max"); /* 3 of 4 */
    shop = shop_of(shop.settings);
    for (int i = 0; i < 100; i++) {
        assert_null(becomes(&shop, begin(&shop), ATTEMPT_INTENT, ATTEMPT_CAPTURED, REASON_NONE));
        assert_null(becomes(&shop, begin(&shop), ATTEMPT_INTENT, ATTEMPT_REFUSED, REASON_NONE));
    }
}

static void what_was_unknown_and_is_known_is_not_unknown(void **state)
{
    (void)state;
    struct shop shop = shop_of((struct batch_settings){.unknown_percent_max = 50, .sample_min = 3});
    for (int i = 0; i < 10; i++) {
        uint32_t number = begin(&shop);
        assert_null(becomes(&shop, number, ATTEMPT_INTENT, ATTEMPT_UNKNOWN, REASON_NO_ANSWER));
        assert_null(becomes(&shop, number, ATTEMPT_UNKNOWN, ATTEMPT_CAPTURED, REASON_NONE));
    }
    const char *left = NULL;
    for (int i = 0; i < 10; i++) {
        assert_null(left);
        left = becomes(&shop, begin(&shop), ATTEMPT_INTENT, ATTEMPT_UNKNOWN, REASON_NO_ANSWER);
    }
    assert_null(left); /* 10 of 20 */
    assert_string_equal(
        becomes(&shop, begin(&shop), ATTEMPT_INTENT, ATTEMPT_UNKNOWN, REASON_NO_ANSWER),
        "guard_unknown_rate_max");
}

/* Declined and tried once more in the same step: the first attempt has left the account. */
static void an_attempt_that_was_followed_at_once_was_declined(void **state)
{
    (void)state;
    struct shop shop = shop_of((struct batch_settings){.canary_count = 1});
    struct account before = account_with(begin(&shop), ATTEMPT_INTENT, REASON_NONE);
    struct account after = before;
    after.charges[0].attempt.number = 2;
    (void)snprintf(after.charges[0].attempt.reference_id,
                   sizeof after.charges[0].attempt.reference_id, "KEY-1-2");
    assert_int_equal(room(&shop), 0);
    assert_null(guard_batch_recorded(&shop.batch, &shop.settings, &before, &after));
    assert_int_equal(shop.batch.count[BATCH_DECLINED], 1);
    assert_int_equal(room(&shop), UINT32_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_settings_there_is_no_guard),
        cmocka_unit_test(the_canary_must_be_answered_before_the_rest),
        cmocka_unit_test(what_is_not_recorded_does_not_count),
        cmocka_unit_test(a_share_waits_for_the_number_that_is_due),
        cmocka_unit_test(only_first_attempts_of_cycles_count),
        cmocka_unit_test(count_and_sum_are_refused_before_they_are_left),
        cmocka_unit_test(a_rate_counts_from_the_sample_on),
        cmocka_unit_test(what_was_unknown_and_is_known_is_not_unknown),
        cmocka_unit_test(an_attempt_that_was_followed_at_once_was_declined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
