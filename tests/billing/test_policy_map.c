/*
 * test_policy_map.c - every reason is mapped, under every path; and what is printed is what acts.
 *
 * The expected side is written out here by hand from Amazon's advice (reference, "Handle declines")
 * and policy.h, so that a row that is changed by mistake is noticed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "billing/policy_map.h"
#include "tests/billing/step_world.h"

static struct world world;
static struct world *const w = &world;

/* Reasons whose rule is the policy's. */
static const enum reason ruled[] = {
    REASON_INVALID_PAYMENT_METHOD,
    REASON_INVALID_PAYMENT_METHOD_SOFT,
    REASON_AMAZON_REJECTED,
    REASON_PROCESSING_FAILURE,
    REASON_TRANSACTION_TIMED_OUT,
    REASON_PERIODIC_AMOUNT_EXCEEDED,
    REASON_AGREEMENT_NOT_OPEN,
    REASON_REQUEST_REFUSED,
    REASON_NO_ANSWER,
    REASON_SELLER_ACCESS,
    REASON_AGREEMENT_UNKNOWN,
    REASON_NOT_CAPTURED,
    REASON_CAPTURE_DECLINED,
};
#define RULED_COUNT (sizeof ruled / sizeof ruled[0])

static void every_reason_is_mapped(void **state)
{
    (void)state;
    struct policy policy = policy_default();
    for (unsigned reason = 0; reason < REASON_COUNT; reason++) {
        struct policy_outcome outcome = policy_outcome_of(&policy, reason);
        assert_in_range(outcome.act, 1, POLICY_ACT_COUNT - 1);
        assert_in_range(outcome.ask, POLICY_ASK_NOTHING, POLICY_ASK_SLOWLY);
        assert_non_null(outcome.waits);
        assert_true(strlen(policy_act_name(outcome.act)) > 0);
        assert_true(strlen(policy_act_text(outcome.act)) > 0);
        if (!outcome.ends_attempts) {
            /* What no attempt ends with would fail the charge; nothing is ever paid by a reason. */
            assert_int_equal(outcome.act, POLICY_ACT_FAIL);
        }
    }
}

static void each_path_has_its_act(void **state)
{
    (void)state;
    struct policy policy = {.authorization = POLICY_SYNCHRONOUS};
    for (size_t i = 0; i < RULED_COUNT; i++) {
        struct policy_rule *rule = &policy.retry[ruled[i]];
        bool is_limit = ruled[i] == REASON_PERIODIC_AMOUNT_EXCEEDED;
        assert_int_equal(policy_outcome_of(&policy, ruled[i]).act, POLICY_ACT_FAIL);
        rule->waits.count = 1;
        assert_int_equal(policy_outcome_of(&policy, ruled[i]).act, POLICY_ACT_RETRY);
        assert_ptr_equal(policy_outcome_of(&policy, ruled[i]).waits, &rule->waits);
        rule->path = POLICY_ASYNCHRONOUSLY;
        assert_int_equal(policy_outcome_of(&policy, ruled[i]).act, POLICY_ACT_ASYNCHRONOUSLY);
        rule->path = POLICY_NEXT_PERIOD;
        assert_int_equal(policy_outcome_of(&policy, ruled[i]).act,
                         is_limit ? POLICY_ACT_LIMIT_SHORT : POLICY_ACT_NEXT_PERIOD);
        rule->path = POLICY_WAIT_OPEN;
        struct policy_outcome outcome = policy_outcome_of(&policy, ruled[i]);
        assert_int_equal(outcome.act, POLICY_ACT_WAIT_OPEN);
        /* Waiting for Open needs Amazon's word about it. */
        assert_in_range(outcome.ask, POLICY_ASK_FIRST, POLICY_ASK_SLOWLY);
    }
}

static void a_hard_decline_always_asks_before_anything_is_sent(void **state)
{
    (void)state;
    struct policy policy = {.authorization = POLICY_SYNCHRONOUS};
    for (enum policy_path path = POLICY_BY_WAITS; path <= POLICY_NEXT_PERIOD; path++) {
        policy.retry[REASON_INVALID_PAYMENT_METHOD].path = path;
        assert_int_equal(policy_outcome_of(&policy, REASON_INVALID_PAYMENT_METHOD).ask,
                         POLICY_ASK_FIRST);
    }
}

static void a_mixed_mode_goes_on_asynchronously(void **state)
{
    (void)state;
    struct policy policy = {.authorization = POLICY_MIXED};
    assert_int_equal(policy_outcome_of(&policy, REASON_TRANSACTION_TIMED_OUT).act,
                     POLICY_ACT_ASYNCHRONOUSLY);
    assert_int_equal(policy_outcome_of(&policy, REASON_PROCESSING_FAILURE).act, POLICY_ACT_FAIL);
}

static void an_expired_authorization_is_the_policys(void **state)
{
    (void)state;
    struct policy policy = {.authorization = POLICY_SYNCHRONOUS};
    enum reason expired = REASON_AUTHORIZATION_EXPIRED;
    policy.retry[expired].waits.count = 1;
    assert_int_equal(policy_outcome_of(&policy, expired).act, POLICY_ACT_FAIL);
    policy.reauthorize = true;
    assert_int_equal(policy_outcome_of(&policy, expired).act, POLICY_ACT_RETRY);
    policy.retry[expired].waits.count = 0;
    assert_int_equal(policy_outcome_of(&policy, expired).act, POLICY_ACT_AGAIN);
}

/* Where the map says that a charge goes, an attempt that ends with the reason takes it. */
static enum charge_state state_after(const struct policy_outcome *outcome)
{
    switch (outcome->act) {
    case POLICY_ACT_RETRY:
    case POLICY_ACT_ASYNCHRONOUSLY:
    case POLICY_ACT_AGAIN:
        return CHARGE_RETRYING;
    case POLICY_ACT_WAIT_OPEN:
    case POLICY_ACT_WAIT:
        return CHARGE_WAITING;
    case POLICY_ACT_LIMIT_SHORT:
    case POLICY_ACT_NEXT_PERIOD:
        return CHARGE_HELD;
    case POLICY_ACT_FAIL:
        return CHARGE_FAILED;
    case POLICY_ACT_CANCEL:
        return CHARGE_CANCELED;
    }
    fail_msg("an act that leads nowhere");
    return 0;
}

static void the_map_is_what_acts(void **state)
{
    (void)state;
    for (unsigned reason = 1; reason < REASON_COUNT; reason++) {
        for (enum policy_path path = POLICY_BY_WAITS; path <= POLICY_NEXT_PERIOD; path++) {
            world_start(w, "2026-01-05T00:00:00Z");
            world_open(w, "50000", "JPY");
            w->policy.retry[reason] = (struct policy_rule){path, {1, {1 * HOUR_MS}}};
            struct policy_outcome outcome = policy_outcome_of(&w->policy, reason);
            struct event event = subscribe_monthly(w, 'A', "100", "JPY", "2026-01-05");
            assert_true(world_step(w, &event));
            world_refused(w, "A-1-1", reason);
            enum charge_state expected = state_after(&outcome);
            const struct charge *charge = world_charge(w, "A-1");
            /* What waits for something that is not there goes on with the next wake. */
            bool at_once = outcome.act == POLICY_ACT_WAIT && charge->state == CHARGE_RETRYING;
            if (charge->state != expected && !at_once) {
                fail_msg("%s by path %d: %s, the map says %s", reason_name(reason), (int)path,
                         charge_state_name(charge->state), policy_act_name(outcome.act));
            }
            assert_int_equal(w->account.agreement.state,
                             outcome.ask >= POLICY_ASK_FIRST ? AGREEMENT_UNSYNCED : AGREEMENT_OPEN);
            assert_int_equal(w->account.agreement.care,
                             outcome.ask > POLICY_ASK_NOTHING ? CARE_SYNC : CARE_NONE);
            EXPECT_LIMIT(w, outcome.exhausts_limit ? 50000 : 0, 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_reason_is_mapped),
        cmocka_unit_test(each_path_has_its_act),
        cmocka_unit_test(a_hard_decline_always_asks_before_anything_is_sent),
        cmocka_unit_test(a_mixed_mode_goes_on_asynchronously),
        cmocka_unit_test(an_expired_authorization_is_the_policys),
        cmocka_unit_test(the_map_is_what_acts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
