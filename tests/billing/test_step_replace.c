/*
 * test_step_replace.c - another agreement takes a subscription over: once, whole, or not at all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "billing/subscription.h"
#include "tests/billing/step_commands.h"

static struct world world;
static struct world *const w = &world;
static struct world other_world;
static struct world *const v = &other_world;

/* Subscription A of 1200 JPY is active, its first charge paid, the next due on 1 February. */
static void given_a_subscription(void)
{
    world_start(w, "2026-01-01T00:00:00Z");
    world_open(w, "50000", "JPY");
    struct event event = subscribe_monthly(w, 'A', "1200", "JPY", "2026-01-01");
    assert_true(world_step(w, &event));
    world_done(w, "A-1-1");
}

/* The command that the other agreement is sent for subscription A. */
static struct event asked(void)
{
    struct event event = {.kind = EVENT_SUBSCRIBE};
    char key[KEY_MAX];
    letter_key('A', key);
    const struct subscription *subscription = account_subscription(&w->account, key);
    assert_non_null(subscription);
    subscription_hand_over(&w->account, subscription, &event.subscribe);
    return event;
}

static void given_another_agreement(const char *now)
{
    world_start(v, now);
    world_open(v, "50000", "JPY");
}

static void taken_over(void **state)
{
    (void)state;
    given_a_subscription();
    STEP(w, price_command('A', "1500", "2026-02-15T00:00:00Z"),
         "A price 1500 from 2026-02-15(operator)");
    STEP(w, replace_command('A', 'B'), "A active>leaving(operator) | hand_over A");
    given_another_agreement("2026-01-01T00:00:00Z");
    struct event subscribe = asked();
    STEP(v, subscribe, "B new>active, B price 1500 from 2026-02-15");
    EXPECT_WAKE(v, "2026-02-01T00:00:00Z", LANE_FIRST);
    STEP(v, subscribe, ""); /* the answer was lost, and it is asked again */
    STEP(w, hand_over_answer('A', ST_OK), "A leaving>replaced(agreement_replaced) | close");
    assert_int_equal(w->account.subscription_count, 0);
    STEP(w, hand_over_answer('A', ST_OK), "");
    world_wake_when_due(v);
    EXPECT(v, "B-2 new>due, B-2-1 new>intent, B-2 due>attempting | authorize B-2-1");
    EXPECT_LIMIT(v, 0, 1200);
    world_done(v, "B-2-1");
    world_wake_when_due(v);
    EXPECT_LIMIT(v, 0, 1500);
}

static void the_unpaid_cycles_before_the_next_go_with_it(void **state)
{
    (void)state;
    given_a_subscription();
    world_wake_when_due(w);
    world_declined(w, "A-2-1", REASON_AMAZON_REJECTED);
    STEP(w, replace_command('A', 'B'), "A active>leaving(operator) | hand_over A");
    world_at(w, "2026-02-02T00:00:00Z"); /* nothing is tried meanwhile */
    world_wake(w);
    EXPECT(w, "A-2 retrying>waiting(agreement_replaced)");
    struct event subscribe = asked();
    assert_int_equal(subscribe.subscribe.first_cycle, 2);
    given_another_agreement("2026-02-02T00:00:00Z");
    STEP(v, subscribe,
         "B new>active, B-2 new>due, B-2-1 new>intent, B-2 due>attempting "
         "| authorize B-2-1");
    STEP(w, hand_over_answer('A', ST_OK),
         "A leaving>replaced(agreement_replaced), A-2 waiting>canceled(agreement_replaced) "
         "| close");
}

/* What was paid, skipped, or opened at another price or date is never asked of the other one. */
static void only_what_a_new_subscription_would_charge_the_same_goes_with_it(void **state)
{
    (void)state;
    char key[KEY_MAX];
    letter_key('A', key);
    given_a_subscription();
    world_wake_when_due(w);
    world_declined(w, "A-2-1", REASON_AMAZON_REJECTED);
    struct subscription *subscription = account_subscription(&w->account, key);
    assert_int_equal(subscription_first_left(&w->account, subscription), 2);
    w->account.charges[0].amount = money("1", "JPY");
    assert_int_equal(subscription_first_left(&w->account, subscription), 3);
    w->account.charges[0].amount = subscription->amount;
    w->account.charges[0].due_at.utc_ms--;
    assert_int_equal(subscription_first_left(&w->account, subscription), 3);
    w->account.charges[0].due_at.utc_ms++;
    subscription->cycle_base = 2; /* another rule by now: cycle 2 is not one of it */
    assert_int_equal(subscription_first_left(&w->account, subscription), 3);
    subscription->cycle_base = 0;

    given_a_subscription(); /* 2 is unpaid, 3 is paid: 2 must not come again with 3 behind it */
    world_wake_when_due(w);
    world_declined(w, "A-2-1", REASON_AMAZON_REJECTED);
    world_at(w, "2026-03-01T00:00:00Z");
    world_wake(w);
    world_declined(w, "A-2-2", REASON_AMAZON_REJECTED);
    world_done(w, "A-3-1");
    subscription = account_subscription(&w->account, key);
    assert_int_equal(subscription->next_cycle, 4);
    assert_int_equal(subscription_first_left(&w->account, subscription), 4);
    assert_int_equal(w->account.charge_count, 1);
}

static void asked_again_until_it_is_answered(void **state)
{
    (void)state;
    given_a_subscription();
    STEP(w, replace_command('A', 'B'), "A active>leaving(operator) | hand_over A");
    STEP(w, replace_command('A', 'C'), ""); /* asked again: the first key stands */
    char key[KEY_MAX];
    letter_key('B', key);
    assert_string_equal(world_subscription(w, 'A')->successor_key, key);
    struct event third = replace_command('A', 'B');
    third.replace.agreement_id[5] = '9';
    REFUSED(w, third, ST_CONFLICT, "is being taken over by agreement C03-0000002-0000002");
    world_crash(w);
    world_wake(w);
    EXPECT(w, "| hand_over A");
    STEP(w, hand_over_answer('A', ST_BUSY), "");
    EXPECT_WAKE(w, "2026-01-01T00:00:01Z", LANE_CARE);
    world_wake_when_due(w);
    EXPECT(w, "| hand_over A");
    STEP(w, hand_over_answer('A', ST_STORE), "");
    EXPECT_WAKE(w, "2026-01-01T00:01:01Z", LANE_CARE);
    STEP(w, hand_over_answer('A', ST_OK), ""); /* nobody asked now */
    world_wake_when_due(w);
    STEP(w, hand_over_answer('A', ST_OK), "A leaving>replaced(agreement_replaced) | close");
}

static void refused_for_good(void **state)
{
    (void)state;
    static const enum status refusals[] = {ST_INVALID, ST_NOT_FOUND, ST_CONFLICT, ST_PEER};
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        given_a_subscription();
        STEP(w, replace_command('A', 'B'), "A active>leaving(operator) | hand_over A");
        world_at(w, "2026-02-01T00:00:00Z"); /* its cycle is not lost */
        STEP(w, hand_over_answer('A', refusals[i]),
             "A leaving>active(hand_over_refused), A-2 new>due, A-2-1 new>intent, "
             "A-2 due>attempting | authorize A-2-1");
        assert_string_equal(world_subscription(w, 'A')->successor_key, "");
    }
}

static void a_leaving_subscription_outlives_its_agreement(void **state)
{
    (void)state;
    given_a_subscription();
    STEP(w, replace_command('A', 'B'), "A active>leaving(operator) | hand_over A");
    assert_true(world_sync(w));
    struct event closed = sync_answer(AGREEMENT_CANCELED, NULL, NULL, NULL, NULL, NULL);
    closed.care.reason = REASON_BUYER_CLOSED;
    STEP(w, closed, "agreement open>canceled(buyer_closed)");
    struct account as_it_was = w->account;
    STEP(w, hand_over_answer('A', ST_BUSY), "");
    world_wake_when_due(w);
    EXPECT(w, "| hand_over A");
    STEP(w, hand_over_answer('A', ST_OK), "A leaving>replaced(agreement_replaced)");
    EXPECT_WAKE(w, "never", LANE_CARE);

    account_copy(&w->account, &as_it_was);
    STEP(w, hand_over_answer('A', ST_NOT_FOUND), "A leaving>canceled(agreement_ended)");
    EXPECT_WAKE(w, "never", LANE_CARE);
}

/* The buyer closes the old agreement before the other one could answer: what was unpaid when the
 * subscription left still goes with it. */
static void what_is_unpaid_outlives_its_agreement_too(void **state)
{
    (void)state;
    given_a_subscription();
    world_wake_when_due(w);
    world_declined(w, "A-2-1", REASON_AMAZON_REJECTED);
    STEP(w, replace_command('A', 'B'), "A active>leaving(operator) | hand_over A");
    assert_true(world_sync(w));
    world_found(w, AGREEMENT_CLOSED);
    STEP(w, hand_over_answer('A', ST_BUSY), "");
    struct event subscribe = asked();
    assert_int_equal(subscribe.subscribe.first_cycle, 2);
    world_at(w, "2026-02-03T00:00:00Z"); /* when its retry would have been */
    world_wake(w);
    subscribe = asked();
    assert_int_equal(subscribe.subscribe.first_cycle, 2);
    struct account as_it_was = w->account;
    STEP(w, hand_over_answer('A', ST_OK),
         "A leaving>replaced(agreement_replaced), A-2 waiting>canceled(agreement_replaced)");
    EXPECT_WAKE(w, "never", LANE_CARE);

    account_copy(&w->account, &as_it_was);
    STEP(w, hand_over_answer('A', ST_CONFLICT),
         "A leaving>canceled(agreement_ended), A-2 waiting>canceled(agreement_ended)");
    EXPECT_WAKE(w, "never", LANE_CARE);
}

static void the_agreement_stays_for_the_others(void **state)
{
    (void)state;
    given_a_subscription();
    struct event event = subscribe_monthly(w, 'D', "300", "JPY", "2026-01-20");
    assert_true(world_step(w, &event));
    STEP(w, replace_command('A', 'B'), "A active>leaving(operator) | hand_over A");
    STEP(w, hand_over_answer('A', ST_OK), "A leaving>replaced(agreement_replaced)");
    STEP(w, replace_command('D', 'E'), "D active>leaving(operator) | hand_over D");
    assert_true(world_charge_once(w, 'X', "100", "JPY"));
    STEP(w, hand_over_answer('D', ST_OK), "D leaving>replaced(agreement_replaced)");
    world_done(w, "X-0-1");
    EXPECT(w, "X-0-1 intent>captured, X-0 attempting>paid | close");
}

/* --- taken back ------------------------------------------------------------------------------ */

static struct event stay_command(void)
{
    struct event stay = replace_command('A', 'B');
    memcpy(stay.replace.agreement_id, w->account.agreement.id, AGREEMENT_ID_MAX);
    return stay;
}

static void wake_when_asked_again(void)
{
    w->now = world_subscription(w, 'A')->hand_over_at;
    world_wake(w);
}

/* A successor that has no room may have none for years: then the operator ends it. */
static void a_full_successor_is_given_up(void **state)
{
    (void)state;
    for (int ends = 0; ends < 2; ends++) {
        struct event end = ends == 0 ? stay_command() : cancel_command('A', NULL);
        given_a_subscription();
        end = ends == 0 ? stay_command() : end;
        STEP(w, replace_command('A', 'B'), "A active>leaving(operator) | hand_over A");
        REFUSED(w, end, ST_BUSY, "is being asked to take subscription AAAAAAAAAAAAAAAA over");
        STEP(w, hand_over_answer('A', ST_BUSY), "");
        wake_when_asked_again();
        EXPECT(w, "| hand_over A");
        REFUSED(w, end, ST_BUSY, "is being asked");
        STEP(w, hand_over_answer('A', ST_BUSY), "");
        REFUSED(w, cancel_command('A', "2026-06-01T00:00:00Z"), ST_CONFLICT, "or cancel it");
        STEP(w, end,
             ends == 0 ? "A leaving>active(operator)"
                       : "A leaving>canceled(subscription_canceled) | close");
        assert_string_equal(world_subscription(w, 'A')->successor_agreement_id, "");
        assert_string_equal(world_subscription(w, 'A')->successor_key, "");
        assert_int_equal(world_subscription(w, 'A')->hand_over_at.utc_ms, INSTANT_NEVER.utc_ms);
    }
    given_a_subscription();
    STEP(w, stay_command(), ""); /* as it does */
}

/* What was asked may have been recorded although the answer was lost: two would charge. */
static void what_may_be_taken_over_is_not_taken_back(void **state)
{
    (void)state;
    given_a_subscription();
    STEP(w, replace_command('A', 'B'), "A active>leaving(operator) | hand_over A");
    STEP(w, hand_over_answer('A', ST_BUSY), "");
    wake_when_asked_again();
    STEP(w, hand_over_answer('A', ST_STORE), "");
    REFUSED(w, stay_command(), ST_BUSY, "is being asked");
    REFUSED(w, cancel_command('A', NULL), ST_BUSY, "is being asked");
    /* A process that died while it asked. */
    wake_when_asked_again();
    STEP(w, hand_over_answer('A', ST_BUSY), "");
    wake_when_asked_again();
    world_crash(w);
    REFUSED(w, stay_command(), ST_BUSY, "is being asked");
    /* Whatever the clock says after that. */
    w->now = instant_plus(w->now, -1);
    REFUSED(w, stay_command(), ST_BUSY, "is being asked");
    REFUSED(w, cancel_command('A', NULL), ST_BUSY, "is being asked");
    wake_when_asked_again();
    EXPECT(w, "| hand_over A");
    STEP(w, hand_over_answer('A', ST_OK), "A leaving>replaced(agreement_replaced) | close");
}

/* The buyer has closed the old agreement: there is nothing to stay with. */
static void nothing_stays_with_a_closed_agreement(void **state)
{
    (void)state;
    given_a_subscription();
    STEP(w, replace_command('A', 'B'), "A active>leaving(operator) | hand_over A");
    STEP(w, hand_over_answer('A', ST_BUSY), "");
    assert_true(world_sync(w));
    world_found(w, AGREEMENT_CLOSED);
    REFUSED(w, stay_command(), ST_CONFLICT, "is closed");
    STEP(w, cancel_command('A', NULL), "A leaving>canceled(subscription_canceled)");
}

static void refused_at_once(void **state)
{
    (void)state;
    given_a_subscription();
    struct event nobody = replace_command('A', 'B');
    memset(nobody.replace.agreement_id, 0, AGREEMENT_ID_MAX);
    REFUSED(w, nobody, ST_INVALID, "name the agreement");
    REFUSED(w, replace_command('Z', 'B'), ST_NOT_FOUND, "not live");
    STEP(w, move_command('A', "2026-02-10T00:00:00Z"), "A cycle 2 at 2026-02-10(operator)");
    REFUSED(w, replace_command('A', 'B'), ST_CONFLICT, "was moved");
    world_at(w, "2026-02-10T00:00:00Z");
    world_wake(w);
    REFUSED(w, replace_command('A', 'B'), ST_CONFLICT, "is attempting");
    world_done(w, "A-2-1");
    STEP(w, cancel_command('A', "2026-06-01T00:00:00Z"), "A cancel at 2026-06-01(operator)");
    REFUSED(w, replace_command('A', 'B'), ST_CONFLICT, "will be canceled at 2026-06-01");

    given_a_subscription();
    STEP(w, pause_command('A', NULL), "A active>paused(operator)");
    REFUSED(w, replace_command('A', 'B'), ST_CONFLICT, "resume it first");
}

/* What the other agreement would not charge the same is not dropped silently. */
static void nothing_unpaid_is_lost(void **state)
{
    (void)state;
    given_a_subscription();
    assert_true(world_sync(w));
    world_found(w, AGREEMENT_SUSPENDED);
    world_at(w, "2026-02-01T00:00:00Z");
    world_wake(w);
    struct event price = price_command('A', "1500", NULL);
    assert_true(world_step(w, &price));
    REFUSED(w, replace_command('A', 'B'), ST_CONFLICT, "charge AAAAAAAAAAAAAAAA-2 would be lost");
    struct event give_up = {.kind = EVENT_VOID};
    memcpy(give_up.charge.charge_id, world_charge(w, "A-2")->id, CHARGE_ID_MAX);
    assert_true(world_step(w, &give_up));
    assert_true(world_step(w, &(struct event){.kind = EVENT_WAKE}));
    struct event replace = replace_command('A', 'B');
    assert_true(world_step(w, &replace));
    assert_int_equal(world_subscription(w, 'A')->state, SUBSCRIPTION_LEAVING);
}

/* A command that the core there cannot take is a refusal like any other. */
static void the_other_agreement_checks_it(void **state)
{
    (void)state;
    given_a_subscription();
    STEP(w, replace_command('A', 'B'), "A active>leaving(operator) | hand_over A");
    world_start(v, "2026-01-01T00:00:00Z");
    world_open(v, "1000", "JPY");
    struct event subscribe = asked();
    REFUSED(v, subscribe, ST_INVALID, "above the limit");
    subscribe.subscribe.amount = money("1000", "JPY");
    subscribe.subscribe.next_amount = money("1001", "JPY");
    REFUSED(v, subscribe, ST_INVALID, "above the limit");
    subscribe.subscribe.next_amount = (struct money){0};
    subscribe.subscribe.cycle_base = 2; /* cycle 2 is before the rule's first */
    REFUSED(v, subscribe, ST_INVALID, "no cycle is due");
    subscribe.subscribe.cycle_base = 0;
    subscribe.subscribe.is_stopped = true;
    STEP(v, subscribe, "B new>active");
    world_wake_when_due(v);
    EXPECT(v, "B-2 new>due, B-2 due>waiting(stopped)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(taken_over),
        cmocka_unit_test(the_unpaid_cycles_before_the_next_go_with_it),
        cmocka_unit_test(only_what_a_new_subscription_would_charge_the_same_goes_with_it),
        cmocka_unit_test(asked_again_until_it_is_answered),
        cmocka_unit_test(refused_for_good),
        cmocka_unit_test(a_leaving_subscription_outlives_its_agreement),
        cmocka_unit_test(what_is_unpaid_outlives_its_agreement_too),
        cmocka_unit_test(the_agreement_stays_for_the_others),
        cmocka_unit_test(a_full_successor_is_given_up),
        cmocka_unit_test(what_may_be_taken_over_is_not_taken_back),
        cmocka_unit_test(nothing_stays_with_a_closed_agreement),
        cmocka_unit_test(refused_at_once),
        cmocka_unit_test(nothing_unpaid_is_lost),
        cmocka_unit_test(the_other_agreement_checks_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
