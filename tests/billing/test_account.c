/*
 * test_account.c - what account_check() refuses: a sound account in which one thing is wrong, for
 * each sentence that it can say; and copying, forgetting and finding.
 *
 * The store asks it of every account that it loads, so a damaged row must not get past it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/billing/step_world.h"

static struct world world;
static struct world *const w = &world;
static struct account broken;

/* Subscription A with its charge A-1 on the wire, in a world that is well. */
static struct account *sound(void)
{
    world_start(w, "2026-01-01T00:00:00Z");
    world_open(w, "50000", "JPY");
    struct event event = subscribe_monthly(w, 'A', "1200", "JPY", "2026-01-01");
    assert_true(world_step(w, &event));
    account_copy(&broken, &w->account);
    assert_null(account_check(&broken));
    return &broken;
}

#define EXPECT_BROKEN(account, sentence)                                                           \
    do {                                                                                           \
        const char *said = account_check(account);                                                 \
        assert_non_null(said);                                                                     \
        assert_string_equal(said, sentence);                                                       \
    } while (0)

static void limits_are_checked(void **state)
{
    (void)state;
    struct account *account = sound();
    account->agreement.limit.posted = money("49999", "JPY");
    EXPECT_BROKEN(account, "posted + reserved is at most the limit");
    account = sound();
    account->agreement.limit.reserved = money("1199", "JPY");
    EXPECT_BROKEN(account, "reserved is the sum of open attempts");
    account = sound();
    account->agreement.limit.amount = (struct money){0};
    EXPECT_BROKEN(account, "an OPEN agreement's limit is known");
    account = sound();
    account->agreement.care = CARE_SYNC;
    EXPECT_BROKEN(account, "care_at is set exactly while a care call is wanted");
}

static void charges_are_checked(void **state)
{
    (void)state;
    struct account *account = sound();
    account->charges[0].amount = money("0", "JPY");
    EXPECT_BROKEN(account, "a charge's amount is positive");
    account = sound();
    account->charges[0].state = CHARGE_DUE;
    EXPECT_BROKEN(account,
                  "a charge is ATTEMPTING or AUTHORIZED exactly while its latest attempt is open");
    account = sound();
    account->charges[0].state = CHARGE_AUTHORIZED;
    EXPECT_BROKEN(account, "a charge is AUTHORIZED exactly while its latest attempt is");
    account = sound();
    account->charges[0].retry_at = w->now;
    EXPECT_BROKEN(account, "a charge has retry_at exactly while RETRYING or HELD");
    account = sound();
    account->charges[0].amount = money("1201", "JPY");
    EXPECT_BROKEN(account, "an attempt's amount is its charge's");
    account = sound();
    account->charges[0].cycle = 0;
    EXPECT_BROKEN(account, "a one-off has cycle 0, a cycle's charge has a subscription");
}

/* The charge's attempt has ended, and nothing is reserved. */
static struct account *ended(enum charge_state charge, enum attempt_state attempt)
{
    struct account *account = sound();
    account->charges[0].state = charge;
    account->charges[0].attempt.state = attempt;
    account->agreement.limit.reserved = money("0", "JPY");
    return account;
}

static void ends_of_charges_are_checked(void **state)
{
    (void)state;
    EXPECT_BROKEN(ended(CHARGE_PAID, ATTEMPT_DECLINED),
                  "a PAID charge's latest attempt is CAPTURED");
    EXPECT_BROKEN(ended(CHARGE_FAILED, ATTEMPT_CAPTURED),
                  "a CAPTURED attempt makes its charge PAID");
    struct account *account = ended(CHARGE_RETRYING, ATTEMPT_DECLINED);
    account->charges[0].retry_at = w->now;
    assert_null(account_check(account));
    account->charges[0].attempt.number = 0;
    EXPECT_BROKEN(account, "a RETRYING charge has been attempted");
    account = ended(CHARGE_ASKING, ATTEMPT_DECLINED);
    assert_null(account_check(account));
    account->charges[0].is_approved = true;
    EXPECT_BROKEN(account, "what was approved is not asked again");
}

static void subscriptions_are_checked(void **state)
{
    (void)state;
    struct account *account = sound();
    account->subscriptions[0].key[0] = '\0';
    EXPECT_BROKEN(account, "a subscription has a key");
    account = sound();
    account->subscriptions[0].amount = (struct money){0};
    EXPECT_BROKEN(account, "a subscription's amount is positive");
    account = sound();
    account->subscriptions[0].state = SUBSCRIPTION_CANCELED;
    EXPECT_BROKEN(account, "a subscription that is over has no due cycle");
    account = sound();
    account->subscriptions[0].state = SUBSCRIPTION_LEAVING;
    EXPECT_BROKEN(account, "hand_over_at is set exactly while a subscription is LEAVING");
    account = sound();
    account->subscriptions[0].resume_at = w->now;
    EXPECT_BROKEN(account, "only a PAUSED subscription is to be resumed");
    account = sound();
    account->subscriptions[0].first_cycle = 3;
    EXPECT_BROKEN(account, "cycles are opened from first_cycle on");
}

static struct account *with_refund(struct refund refund)
{
    struct account *account = sound();
    account->refunds[account->refund_count++] = refund;
    return account;
}

static void refunds_are_checked(void **state)
{
    (void)state;
    struct refund refund = {.id = "R",
                            .kind = REFUND_BY_SHOP,
                            .number = 1,
                            .state = REFUND_PENDING,
                            .amount = money("1", "JPY"),
                            .resend_at = at("2026-01-01T00:00:00Z")};
    assert_null(account_check(with_refund(refund)));
    struct refund wrong = refund;
    wrong.resend_at = INSTANT_NEVER;
    EXPECT_BROKEN(with_refund(wrong), "a refund is asked for again exactly while it is open");
    wrong = refund;
    wrong.kind = REFUND_A_TO_Z;
    EXPECT_BROKEN(with_refund(wrong), "only the shop's own refunds are numbered");
    wrong = refund;
    wrong.amount = (struct money){0};
    EXPECT_BROKEN(with_refund(wrong), "a refund's amount is positive");
}

/* --- forgetting and finding ------------------------------------------------------------------- */

static void what_is_final_is_forgotten_and_the_rest_found(void **state)
{
    (void)state;
    struct account *account = sound();
    assert_true(world_charge_once(w, 'X', "100", "JPY"));
    account_copy(account, &w->account);
    account->charges[0].state = CHARGE_CANCELED;
    account->refund_count = 2;
    account->refunds[0] = (struct refund){.id = "gone", .state = REFUND_COMPLETED};
    account->refunds[1] = (struct refund){.id = "here", .state = REFUND_PENDING};
    account_drop_final(account);
    assert_int_equal(account->charge_count, 1);
    assert_null(account_charge(account, "AAAAAAAAAAAAAAAA-1"));
    assert_ptr_equal(account_charge(account, "XXXXXXXXXXXXXXXX-0"), &account->charges[0]);
    assert_ptr_equal(account_attempted(account, "XXXXXXXXXXXXXXXX-0-1"), &account->charges[0]);
    assert_null(account_attempted(account, "XXXXXXXXXXXXXXXX-0-2"));
    assert_int_equal(account->refund_count, 1);
    assert_ptr_equal(account_refund(account, "here"), &account->refunds[0]);
    assert_null(account_refund(account, "gone"));
    account->subscriptions[0].state = SUBSCRIPTION_ENDED;
    account_drop_final(account);
    assert_int_equal(account->subscription_count, 0);
    assert_null(account_subscription(account, "AAAAAAAAAAAAAAAA"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_are_checked),
        cmocka_unit_test(charges_are_checked),
        cmocka_unit_test(ends_of_charges_are_checked),
        cmocka_unit_test(subscriptions_are_checked),
        cmocka_unit_test(refunds_are_checked),
        cmocka_unit_test(what_is_final_is_forgotten_and_the_rest_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
