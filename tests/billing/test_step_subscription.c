/*
 * test_step_subscription.c - pause, resume, skip, move, change and stop, one story each.
 *
 * Which command each state takes is test_step_commands.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/billing/step_commands.h"

static struct world world;
static struct world *const w = &world;

/* Subscription A of 1200 JPY is active, its first charge paid, the next due on 1 February. */
static void given_a_subscription(void)
{
    world_start(w, "2026-01-01T00:00:00Z");
    world_open(w, "50000", "JPY");
    struct event event = subscribe_monthly(w, 'A', "1200", "JPY", "2026-01-01");
    assert_true(world_step(w, &event));
    world_done(w, "A-1-1");
}

/* The next cycle is opened at its time and paid. */
static void pay_cycle(const char *when, const char *line, const char *attempt)
{
    world_wake_when_due(w);
    if (w->now.utc_ms != at(when).utc_ms) {
        char now[INSTANT_TEXT_MAX];
        instant_format(w->now, now);
        fail_msg("charged at %s, not at %s", now, when);
    }
    EXPECT(w, line);
    world_done(w, attempt);
}

/* --- pause, resume -------------------------------------------------------------------------- */

static void cycles_due_in_a_pause_are_skipped(void **state)
{
    (void)state;
    given_a_subscription();
    STEP(w, pause_command('A', NULL), "A active>paused(operator)");
    EXPECT_WAKE(w, "never", LANE_CARE);
    world_at(w, "2026-04-15T00:00:00Z");
    world_wake(w);
    EXPECT(w, "");
    STEP(w, resume_command('A'), "A cycles 2..4(subscription_paused), A paused>active(operator)");
    pay_cycle("2026-05-01T00:00:00Z",
              "A-5 new>due, A-5-1 new>intent, A-5 due>attempting "
              "| authorize A-5-1",
              "A-5-1");
}

static void a_pause_ends_by_itself_however_late_it_is_noticed(void **state)
{
    (void)state;
    given_a_subscription();
    STEP(w, pause_command('A', "2026-03-01T00:00:00Z"), "A active>paused(operator)");
    EXPECT_WAKE(w, "2026-03-01T00:00:00Z", LANE_RENEWAL);
    /* The audit trail tells when, too. */
    assert_int_equal(w->effects.changes[0].until.utc_ms, at("2026-03-01T00:00:00Z").utc_ms);
    world_at(w, "2026-03-01T00:30:00Z");
    world_wake(w); /* the cycle due at the very end of the pause is charged */
    EXPECT(w, "A cycles 2..2(subscription_paused), A paused>active, A-3 new>due, A-3-1 new>intent, "
              "A-3 due>attempting | authorize A-3-1");

    given_a_subscription();
    STEP(w, pause_command('A', "2026-02-15T00:00:00Z"), "A active>paused(operator)");
    world_at(w, "2026-03-01T00:00:01Z"); /* by hand, after it had ended */
    STEP(w, resume_command('A'),
         "A cycles 2..2(subscription_paused), A paused>active(operator), "
         "A-3 new>due, A-3-1 new>intent, A-3 due>attempting "
         "| authorize A-3-1");
}

static void the_end_of_a_pause_may_be_changed(void **state)
{
    (void)state;
    given_a_subscription();
    STEP(w, pause_command('A', "2026-03-10T00:00:00Z"), "A active>paused(operator)");
    STEP(w, pause_command('A', "2026-03-10T00:00:00Z"), "");
    STEP(w, pause_command('A', "2026-02-10T00:00:00Z"),
         "A cycle 2 at 2026-02-10(subscription_paused)");
    EXPECT_WAKE(w, "2026-02-10T00:00:00Z", LANE_RENEWAL);
    STEP(w, pause_command('A', NULL), "A cycle 2 at never(subscription_paused)");
    EXPECT_WAKE(w, "never", LANE_CARE);
    REFUSED(w, pause_command('A', "2026-01-01T00:00:00Z"), ST_INVALID, "later than now");
    STEP(w, resume_command('A'), "A paused>active(operator)");
    STEP(w, resume_command('A'), "");
    EXPECT_WAKE(w, "2026-02-01T00:00:00Z", LANE_RENEWAL);
}

/* A clock that jumped ahead must not end what cannot be begun again. */
static void a_doubted_clock_ends_and_opens_nothing(void **state)
{
    (void)state;
    struct hold doubted = {REASON_CLOCK, INSTANT_NEVER};
    for (int catch_up = POLICY_CATCH_UP_EACH; catch_up <= POLICY_CATCH_UP_HOLD; catch_up++) {
        given_a_subscription();
        w->policy.catch_up = (enum policy_catch_up)catch_up;
        STEP(w, cancel_command('A', "2026-06-15T00:00:00Z"), "A cancel at 2026-06-15(operator)");
        struct instant before = w->now;
        w->hold = doubted;
        world_at(w, "2026-12-01T00:00:00Z");
        world_wake(w);
        EXPECT(w, "");
        w->hold.reason = REASON_NONE;
        w->now = before;
        world_wake(w);
        EXPECT(w, "");
    }
    given_a_subscription();
    STEP(w, pause_command('A', "2026-03-01T00:00:00Z"), "A active>paused(operator)");
    w->hold = doubted;
    world_at(w, "2026-12-01T00:00:00Z");
    world_wake(w);
    EXPECT(w, "");
}

static void what_is_unpaid_waits_for_the_end_of_the_pause(void **state)
{
    (void)state;
    given_a_subscription();
    world_wake_when_due(w);
    world_declined(w, "A-2-1", REASON_AMAZON_REJECTED);
    STEP(w, pause_command('A', NULL), "A active>paused(operator)");
    world_wake_when_due(w);
    EXPECT(w, "A-2 retrying>waiting(subscription_paused)");
    EXPECT_WAKE(w, "never", LANE_CARE);
    world_at(w, "2026-02-20T00:00:00Z");
    STEP(w, resume_command('A'),
         "A paused>active(operator), A-2-2 new>intent, "
         "A-2 waiting>attempting | authorize A-2-2");
}

static void an_attempt_under_way_ends_in_the_pause(void **state)
{
    (void)state;
    given_a_subscription();
    world_wake_when_due(w);
    STEP(w, pause_command('A', NULL), "A active>paused(operator)");
    world_unanswered(w, "A-2-1");
    world_wake_when_due(w);
    EXPECT(w, "| authorize A-2-1");
    world_done(w, "A-2-1");
    EXPECT(w, "A-2-1 unknown>captured, A-2 attempting>paid");
}

static void a_cycle_due_before_the_pause_is_charged(void **state)
{
    (void)state;
    given_a_subscription();
    world_at(w, "2026-02-01T00:00:00Z"); /* due, and the command comes before the wake */
    STEP(w, pause_command('A', NULL),
         "A-2 new>due, A active>paused(operator), A-2 due>waiting(subscription_paused)");
}

static void canceled_in_a_pause(void **state)
{
    (void)state;
    given_a_subscription();
    STEP(w, cancel_command('A', "2026-03-15T00:00:00Z"), "A cancel at 2026-03-15(operator)");
    STEP(w, pause_command('A', NULL), "A active>paused(operator)");
    world_wake_when_due(w);
    EXPECT(w, "A paused>canceled(subscription_canceled) | close");
}

/* --- skip, move ----------------------------------------------------------------------------- */

static void a_cancellation_is_taken_back(void **state)
{
    (void)state;
    given_a_subscription();
    STEP(w, uncancel_command('A'), ""); /* there is none */
    assert_true(world_cancel(w, 'A', true));
    EXPECT(w, "A cancel at 2026-02-01(operator)");
    STEP(w, uncancel_command('A'), "A cancel at never(operator)");
    STEP(w, uncancel_command('A'), "");
    world_wake_when_due(w);
    EXPECT(w, "A-2 new>due, A-2-1 new>intent, A-2 due>attempting | authorize A-2-1");
    world_done(w, "A-2-1");

    /* Taken back, an earlier one does not stand in the way of a later one. */
    STEP(w, cancel_command('A', "2026-02-10T00:00:00Z"), "A cancel at 2026-02-10(operator)");
    REFUSED(w, cancel_command('A', "2026-02-20T00:00:00Z"), ST_CONFLICT, "uncancel it first");
    STEP(w, uncancel_command('A'), "A cancel at never(operator)");
    STEP(w, cancel_command('A', "2026-02-20T00:00:00Z"), "A cancel at 2026-02-20(operator)");
    world_wake_when_due(w);
    EXPECT(w, "A active>canceled(subscription_canceled) | close");
}

/* It has come, though nobody has noticed it yet: what is over is not made live again. */
static void a_cancellation_that_has_come_stays(void **state)
{
    (void)state;
    given_a_subscription();
    STEP(w, cancel_command('A', "2026-02-10T00:00:00Z"), "A cancel at 2026-02-10(operator)");
    world_at(w, "2026-02-10T00:00:00Z");
    REFUSED(w, uncancel_command('A'), ST_NOT_FOUND, "not live");
    world_wake(w);
    EXPECT(w, "A-2 new>due, A active>canceled(subscription_canceled), "
              "A-2 due>canceled(subscription_canceled) | close");
}

/* Whether it has come nobody knows then. */
static void no_cancellation_is_taken_back_by_a_doubted_clock(void **state)
{
    (void)state;
    given_a_subscription();
    w->hold = (struct hold){REASON_CLOCK, INSTANT_NEVER};
    STEP(w, uncancel_command('A'), ""); /* there is none */
    STEP(w, cancel_command('A', "2026-02-10T00:00:00Z"), "A cancel at 2026-02-10(operator)");
    REFUSED(w, uncancel_command('A'), ST_BUSY, "while the clock is doubted");
    world_at(w, "2026-02-12T00:00:00Z");
    REFUSED(w, uncancel_command('A'), ST_BUSY, "while the clock is doubted");
    w->hold = (struct hold){REASON_NONE, INSTANT_NEVER};
    REFUSED(w, uncancel_command('A'), ST_NOT_FOUND, "not live");
}

static void a_skipped_cycle_is_not_charged(void **state)
{
    (void)state;
    given_a_subscription();
    STEP(w, skip_command('A', 2), "A cycles 2..2(skipped)");
    REFUSED(w, skip_command('A', 2), ST_CONFLICT, "the next cycle of subscription");
    STEP(w, skip_command('A', 0), "A cycles 3..3(skipped)");
    pay_cycle("2026-04-01T00:00:00Z",
              "A-4 new>due, A-4-1 new>intent, A-4 due>attempting "
              "| authorize A-4-1",
              "A-4-1");
}

static void a_cycle_that_is_due_is_not_the_next_one_any_more(void **state)
{
    (void)state;
    given_a_subscription();
    world_at(w, "2026-02-01T00:00:00Z");
    REFUSED(w, skip_command('A', 2), ST_CONFLICT, "which is 3");
    STEP(w, skip_command('A', 3),
         "A-2 new>due, A cycles 3..3(skipped), A-2-1 new>intent, "
         "A-2 due>attempting | authorize A-2-1");
}

static void skipping_the_last_cycle_ends_the_subscription(void **state)
{
    (void)state;
    world_start(w, "2026-01-01T00:00:00Z");
    world_open(w, "50000", "JPY");
    struct event event = subscribe_monthly(w, 'A', "1200", "JPY", "2026-01-01");
    event.subscribe.rule.cycle_count = 2;
    assert_true(world_step(w, &event));
    world_done(w, "A-1-1");
    STEP(w, skip_command('A', 2), "A cycles 2..2(skipped), A active>ended");
}

static void one_date_is_moved_and_the_next_is_not(void **state)
{
    (void)state;
    given_a_subscription();
    STEP(w, move_command('A', "2026-02-20T09:00:00Z"),
         "A cycle 2 at 2026-02-20T09:00:00.000Z(operator)");
    assert_true(world_subscription(w, 'A')->due_is_moved);
    STEP(w, move_command('A', "2026-02-20T09:00:00Z"), "");
    pay_cycle("2026-02-20T09:00:00Z",
              "A-2 new>due, A-2-1 new>intent, A-2 due>attempting "
              "| authorize A-2-1",
              "A-2-1");
    pay_cycle("2026-03-01T00:00:00Z",
              "A-3 new>due, A-3-1 new>intent, A-3 due>attempting "
              "| authorize A-3-1",
              "A-3-1");
    assert_false(world_subscription(w, 'A')->due_is_moved);
}

static void a_date_stays_between_its_neighbours(void **state)
{
    (void)state;
    given_a_subscription();
    world_at(w, "2026-01-10T00:00:00Z");
    REFUSED(w, move_command('A', "2026-01-10T00:00:00Z"), ST_INVALID, "later than 2026-01-10");
    REFUSED(w, move_command('A', "2026-03-01T00:00:00Z"), ST_INVALID, "earlier than 2026-03-01");
    REFUSED(w, move_command('A', NULL), ST_INVALID, "earlier than 2026-03-01");
    STEP(w, move_command('A', "2026-01-10T00:00:00.001Z"),
         "A cycle 2 at 2026-01-10T00:00:00.001Z(operator)");
    STEP(w, move_command('A', "2026-02-28T23:59:59.999Z"),
         "A cycle 2 at 2026-02-28T23:59:59.999Z(operator)");
    STEP(w, move_command('A', "2026-02-01T00:00:00Z"), "A cycle 2 at 2026-02-01(operator)");
    assert_false(world_subscription(w, 'A')->due_is_moved);
    STEP(w, skip_command('A', 2), "A cycles 2..2(skipped)");
    REFUSED(w, move_command('A', "2026-02-01T00:00:00Z"), ST_INVALID, "later than 2026-02-01");
    STEP(w, cancel_command('A', "2026-03-10T00:00:00Z"), "A cancel at 2026-03-10(operator)");
    REFUSED(w, move_command('A', "2026-03-10T00:00:00Z"), ST_INVALID, "is canceled");
}

/* --- change --------------------------------------------------------------------------------- */

static void another_amount_from_the_next_cycle_on(void **state)
{
    (void)state;
    given_a_subscription();
    STEP(w, price_command('A', "1500", NULL), "A price 1500 from 2026-01-01(operator)");
    STEP(w, price_command('A', "1500", NULL), "");
    world_wake_when_due(w);
    EXPECT_LIMIT(w, 0, 1500);
    world_declined(w, "A-2-1", REASON_AMAZON_REJECTED);
    STEP(w, price_command('A', "900", NULL), "A price 900 from 2026-02-01(operator)");
    world_wake_when_due(w); /* a cycle keeps the price that it was opened with */
    EXPECT(w, "A-2-2 new>intent, A-2 retrying>attempting | authorize A-2-2");
    EXPECT_LIMIT(w, 0, 1500);
}

static void a_cycle_has_the_price_of_its_due_instant(void **state)
{
    (void)state;
    given_a_subscription();
    world_at(w, "2026-02-01T00:10:00Z"); /* due, not opened yet */
    STEP(w, price_command('A', "1500", NULL),
         "A-2 new>due, A price 1500 from 2026-02-01T00:10:00.000Z(operator), A-2-1 new>intent, "
         "A-2 due>attempting | authorize A-2-1");
    EXPECT_LIMIT(w, 0, 1200);
}

static void another_amount_from_a_date_on(void **state)
{
    (void)state;
    given_a_subscription();
    STEP(w, price_command('A', "1500", "2026-02-10T00:00:00Z"),
         "A price 1500 from 2026-02-10(operator)");
    STEP(w, price_command('A', "1500", "2026-02-10T00:00:00Z"), "");
    REFUSED(w, price_command('A', "1600", "2026-05-01T00:00:00Z"), ST_CONFLICT,
            "changes at 2026-02-10");
    world_wake_when_due(w);
    EXPECT_LIMIT(w, 0, 1200);
    world_done(w, "A-2-1");
    world_wake_when_due(w);
    EXPECT_LIMIT(w, 0, 1500);
    world_done(w, "A-3-1");
    assert_false(money_is_valid(world_subscription(w, 'A')->next_amount));

    STEP(w, price_command('A', "1700", "2026-04-02T00:00:00Z"),
         "A price 1700 from 2026-04-02(operator)");
    STEP(w, price_command('A', "1800", "2026-04-01T00:00:00Z"),
         "A price 1800 from 2026-04-01(operator)"); /* earlier: all of it is overridden */
    world_wake_when_due(w);
    EXPECT_LIMIT(w, 0, 1800);
    world_done(w, "A-4-1");
    world_wake_when_due(w);
    EXPECT_LIMIT(w, 0, 1800);
}

/* ... whenever its cycle is due in the end. */
static void a_price_is_of_the_date_not_of_the_cycle(void **state)
{
    (void)state;
    given_a_subscription();
    STEP(w, price_command('A', "1500", "2026-01-25T00:00:00Z"),
         "A price 1500 from 2026-01-25(operator)");
    STEP(w, move_command('A', "2026-01-24T00:00:00Z"), "A cycle 2 at 2026-01-24(operator)");
    world_wake_when_due(w);
    EXPECT_LIMIT(w, 1200, 1200);
}

static void a_price_that_waits_survives_a_skip(void **state)
{
    (void)state;
    given_a_subscription();
    STEP(w, price_command('A', "1500", "2026-02-10T00:00:00Z"),
         "A price 1500 from 2026-02-10(operator)");
    STEP(w, skip_command('A', 2), "A cycles 2..2(skipped)");
    STEP(w, skip_command('A', 3), "A cycles 3..3(skipped)");
    world_wake_when_due(w);
    EXPECT_LIMIT(w, 0, 1500);
}

static void amounts_that_can_never_be_charged_are_refused(void **state)
{
    (void)state;
    given_a_subscription();
    w->policy.amount_min = money("100", "JPY");
    w->policy.amount_max = money("9000", "JPY");
    struct event dollars = price_command('A', "1", NULL);
    dollars.change.amount = money("1", "USD");
    struct event nothing = price_command('A', "0", NULL);
    struct event poison = price_command('A', "1", NULL);
    poison.change.amount = (struct money){0};
    REFUSED(w, nothing, ST_INVALID, "above zero");
    REFUSED(w, poison, ST_INVALID, "above zero");
    REFUSED(w, dollars, ST_INVALID, "amount_min");
    REFUSED(w, price_command('A', "99", NULL), ST_INVALID,
            "99 JPY is below amount_min, 100 JPY of the policy \"default\": ask for more");
    REFUSED(w, price_command('A', "9001", NULL), ST_INVALID,
            "9001 JPY is above amount_max, 9000 JPY");
    STEP(w, price_command('A', "100", NULL), "A price 100 from 2026-01-01(operator)");
    STEP(w, price_command('A', "9000", NULL), "A price 9000 from 2026-01-01(operator)");
    w->policy.amount_max = (struct money){0};
    REFUSED(w, price_command('A', "50001", NULL), ST_INVALID, "above the limit");
    w->policy.amount_min = (struct money){0};
    REFUSED(w, dollars, ST_INVALID, "currency");

    w->policy.amount_max = money("500", "JPY");
    struct event subscribe = subscribe_monthly(w, 'B', "501", "JPY", "2026-01-01");
    REFUSED(w, subscribe, ST_INVALID, "amount_max, 500 JPY");
    assert_false(world_charge_once(w, 'X', "501", "JPY"));
    assert_int_equal(w->status, ST_INVALID);
    assert_true(world_charge_once(w, 'X', "500", "JPY"));
}

/* Before Amazon has told the limit the subscription's own currency is what is known. */
static void another_currency_is_refused_on_a_draft(void **state)
{
    (void)state;
    world_start(w, "2026-01-01T00:00:00Z");
    assert_true(world_register(w, false));
    world_found(w, AGREEMENT_DRAFT);
    struct event event = subscribe_monthly(w, 'A', "1200", "JPY", "2026-02-01");
    STEP(w, event, "A new>active");
    struct event dollars = price_command('A', "1", NULL);
    dollars.change.amount = money("1", "USD");
    REFUSED(w, dollars, ST_INVALID, "currency: USD, but subscription");
}

static void a_policy_that_the_seller_does_not_have_is_refused(void **state)
{
    (void)state;
    given_a_subscription();
    struct event subscribe = subscribe_monthly(w, 'B', "100", "JPY", "2026-02-01");
    memcpy(subscribe.subscribe.policy_name, "none", sizeof "none");
    REFUSED(w, subscribe, ST_INVALID, "policy: the seller has no policy \"none\"");
    struct event once = {.kind = EVENT_CHARGE_ONCE, .charge_once = {.policy_name = "none"}};
    letter_key('X', once.charge_once.key);
    once.charge_once.amount = money("100", "JPY");
    REFUSED(w, once, ST_INVALID, "policy: the seller has no policy \"none\"");
}

static void another_schedule_counts_the_cycles_on(void **state)
{
    (void)state;
    given_a_subscription();
    world_at(w, "2026-01-10T00:00:00Z");
    struct event weekly = rule_command(w, 'A', RECUR_WEEK, 1, "2026-01-05");
    STEP(w, weekly, "A cycle 2 at 2026-01-12(operator)");
    assert_int_equal(world_subscription(w, 'A')->cycle_base, 0);
    STEP(w, weekly, "");
    pay_cycle("2026-01-12T00:00:00Z",
              "A-2 new>due, A-2-1 new>intent, A-2 due>attempting "
              "| authorize A-2-1",
              "A-2-1");
    pay_cycle("2026-01-19T00:00:00Z",
              "A-3 new>due, A-3-1 new>intent, A-3 due>attempting "
              "| authorize A-3-1",
              "A-3-1");
    /* Back to months, from the last day of a month: the day is not lost in February. */
    STEP(w, rule_command(w, 'A', RECUR_MONTH, 1, "2026-01-31"),
         "A cycle 4 at 2026-01-31(operator)");
    assert_int_equal(world_subscription(w, 'A')->cycle_base, 3);
    pay_cycle("2026-01-31T00:00:00Z",
              "A-4 new>due, A-4-1 new>intent, A-4 due>attempting "
              "| authorize A-4-1",
              "A-4-1");
    EXPECT_WAKE(w, "2026-02-28T00:00:00Z", LANE_RENEWAL);
    /* A rule that began long ago. */
    STEP(w, rule_command(w, 'A', RECUR_DAY, 1, "2020-01-01"), "A cycle 5 at 2026-02-01(operator)");
    assert_int_equal(world_subscription(w, 'A')->cycle_base, 5 - 2224);
    pay_cycle("2026-02-01T00:00:00Z",
              "A-5 new>due, A-5-1 new>intent, A-5 due>attempting "
              "| authorize A-5-1",
              "A-5-1");
    EXPECT_WAKE(w, "2026-02-02T00:00:00Z", LANE_RENEWAL);
}

static void a_schedule_never_goes_back(void **state)
{
    (void)state;
    given_a_subscription();
    STEP(w, skip_command('A', 2), "A cycles 2..2(skipped)");
    /* February is skipped, whatever the schedule becomes. */
    STEP(w, rule_command(w, 'A', RECUR_WEEK, 1, "2026-01-01"), "A cycle 3 at 2026-02-05(operator)");
    REFUSED(w, rule_command(w, 'A', RECUR_WEEK, 0, "2026-01-01"), ST_INVALID, "every");
    struct event ended = rule_command(w, 'A', RECUR_MONTH, 1, "2025-01-01");
    ended.change.rule.end = (struct civil_date){2026, 1, 1};
    REFUSED(w, ended, ST_INVALID, "no cycle is due");
    ended.change.rule.end = (struct civil_date){0};
    ended.change.rule.cycle_count = 13; /* of the rule's own: January 2026 is the 13th */
    REFUSED(w, ended, ST_INVALID, "no cycle is due");
    ended.change.rule.cycle_count = 14;
    STEP(w, ended, "A cycle 3 at 2026-02-01(operator)");
    world_wake_when_due(w);
    world_done(w, "A-3-1");
    EXPECT(w, "A-3-1 intent>captured, A-3 attempting>paid, A active>ended");
}

static void a_moved_date_gives_way_to_another_schedule(void **state)
{
    (void)state;
    given_a_subscription();
    STEP(w, move_command('A', "2026-02-20T00:00:00Z"), "A cycle 2 at 2026-02-20(operator)");
    STEP(w, rule_command(w, 'A', RECUR_MONTH, 1, "2026-01-10"),
         "A cycle 2 at 2026-01-10(operator)");
    assert_false(world_subscription(w, 'A')->due_is_moved);
}

static void a_schedule_may_be_extended_while_the_last_cycle_is_open(void **state)
{
    (void)state;
    world_start(w, "2026-01-01T00:00:00Z");
    world_open(w, "50000", "JPY");
    struct event event = subscribe_monthly(w, 'A', "1200", "JPY", "2026-01-01");
    event.subscribe.rule.cycle_count = 1;
    assert_true(world_step(w, &event));
    REFUSED(w, price_command('A', "1", NULL), ST_CONFLICT, "no further cycle");
    REFUSED(w, move_command('A', "2026-02-01T00:00:00Z"), ST_CONFLICT, "no further cycle");
    REFUSED(w, skip_command('A', 0), ST_CONFLICT, "no further cycle");
    STEP(w, rule_command(w, 'A', RECUR_MONTH, 1, "2026-01-01"),
         "A cycle 2 at 2026-02-01(operator)");
    world_done(w, "A-1-1");
    EXPECT(w, "A-1-1 intent>captured, A-1 attempting>paid");
}

static void what_ends_before_its_next_cycle_is_not_changed(void **state)
{
    (void)state;
    given_a_subscription();
    assert_true(world_cancel(w, 'A', true));
    REFUSED(w, price_command('A', "1", NULL), ST_CONFLICT, "will be canceled at 2026-02-01");
    REFUSED(w, move_command('A', "2026-01-20T00:00:00Z"), ST_CONFLICT, "will be canceled");
    REFUSED(w, skip_command('A', 0), ST_CONFLICT, "will be canceled");
    REFUSED(w, rule_command(w, 'A', RECUR_WEEK, 1, "2026-01-05"), ST_CONFLICT, "will be canceled");
    REFUSED(w, cancel_command('A', "2026-03-01T00:00:00Z"), ST_CONFLICT, "which stands");
    STEP(w, cancel_command('A', "2026-01-15T00:00:00Z"), "A cancel at 2026-01-15(operator)");
    REFUSED(w, cancel_command('A', "2026-01-01T00:00:00Z"), ST_INVALID, "later than now");
    struct event forced = cancel_command('A', "2026-01-10T00:00:00Z");
    forced.cancel.is_forced = true;
    REFUSED(w, forced, ST_INVALID, "only a cancellation now");
}

static void changed_in_a_pause(void **state)
{
    (void)state;
    given_a_subscription();
    STEP(w, pause_command('A', NULL), "A active>paused(operator)");
    world_at(w, "2026-03-10T00:00:00Z");
    STEP(w, price_command('A', "1500", NULL),
         "A cycles 2..3(subscription_paused), A price 1500 from 2026-03-10(operator)");
    STEP(w, rule_command(w, 'A', RECUR_MONTH, 1, "2026-01-15"),
         "A cycle 4 at 2026-03-15(operator)");
    world_at(w, "2026-03-20T00:00:00Z");
    STEP(w, resume_command('A'), "A cycles 4..4(subscription_paused), A paused>active(operator)");
    EXPECT_WAKE(w, "2026-04-15T00:00:00Z", LANE_RENEWAL);
}

static void another_policy_from_the_next_cycle_on(void **state)
{
    (void)state;
    given_a_subscription();
    static struct policy strict;
    strict = w->policy;
    (void)strncpy(strict.name, "strict", sizeof strict.name - 1);
    strict.version = 7;
    strict.amount_max = money("1000", "JPY");
    w->policy.next = &strict;
    REFUSED(w, policy_command('A', "no such"), ST_INVALID, "no policy \"no such\"");
    REFUSED(w, policy_command('A', "strict"), ST_INVALID, "amount_max, 1000 JPY");
    struct event both = policy_command('A', "strict");
    both.change.has_amount = true;
    both.change.amount = money("1000", "JPY");
    both.change.amount_from = INSTANT_NEVER;
    STEP(w, both, "A policy 7(operator), A price 1000 from 2026-01-01(operator)");
    STEP(w, both, "");
    world_wake_when_due(w);
    assert_int_equal(world_charge(w, "A-2")->policy_version, 7);
}

/* --- stop ----------------------------------------------------------------------------------- */

static void a_stopped_subscription_opens_its_cycles_and_sends_nothing(void **state)
{
    (void)state;
    given_a_subscription();
    STEP(w, stop_command('A', true), "A stop on(operator)");
    STEP(w, stop_command('A', true), "");
    world_wake_when_due(w);
    EXPECT(w, "A-2 new>due, A-2 due>waiting(stopped)");
    STEP(w, stop_command('A', false),
         "A stop off(operator), A-2-1 new>intent, "
         "A-2 waiting>attempting | authorize A-2-1");
    STEP(w, stop_command('A', false), "");
}

static void a_stopped_agreement_charges_nothing(void **state)
{
    (void)state;
    given_a_subscription();
    STEP(w, stop_command(0, true), "C03-0000001-0000001 stop on(operator)");
    STEP(w, stop_command(0, true), "");
    assert_true(world_charge_once(w, 'X', "100", "JPY"));
    EXPECT(w, "X-0 new>due, X-0 due>waiting(operator)");
    world_wake_when_due(w);
    EXPECT(w, "A-2 new>due, A-2 due>waiting(operator)");
    STEP(w, stop_command(0, false),
         "C03-0000001-0000001 stop off(operator), X-0-1 new>intent, X-0 waiting>attempting, "
         "A-2-1 new>intent, A-2 waiting>attempting | authorize X-0-1, authorize A-2-1");
    assert_true(world_sync(w));
    world_found(w, AGREEMENT_CLOSED);
    REFUSED(w, stop_command(0, true), ST_CONFLICT, "closed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cycles_due_in_a_pause_are_skipped),
        cmocka_unit_test(a_pause_ends_by_itself_however_late_it_is_noticed),
        cmocka_unit_test(the_end_of_a_pause_may_be_changed),
        cmocka_unit_test(a_doubted_clock_ends_and_opens_nothing),
        cmocka_unit_test(what_is_unpaid_waits_for_the_end_of_the_pause),
        cmocka_unit_test(an_attempt_under_way_ends_in_the_pause),
        cmocka_unit_test(a_cycle_due_before_the_pause_is_charged),
        cmocka_unit_test(canceled_in_a_pause),
        cmocka_unit_test(a_cancellation_is_taken_back),
        cmocka_unit_test(a_cancellation_that_has_come_stays),
        cmocka_unit_test(no_cancellation_is_taken_back_by_a_doubted_clock),
        cmocka_unit_test(a_skipped_cycle_is_not_charged),
        cmocka_unit_test(a_cycle_that_is_due_is_not_the_next_one_any_more),
        cmocka_unit_test(skipping_the_last_cycle_ends_the_subscription),
        cmocka_unit_test(one_date_is_moved_and_the_next_is_not),
        cmocka_unit_test(a_date_stays_between_its_neighbours),
        cmocka_unit_test(another_amount_from_the_next_cycle_on),
        cmocka_unit_test(a_cycle_has_the_price_of_its_due_instant),
        cmocka_unit_test(another_amount_from_a_date_on),
        cmocka_unit_test(a_price_is_of_the_date_not_of_the_cycle),
        cmocka_unit_test(a_price_that_waits_survives_a_skip),
        cmocka_unit_test(amounts_that_can_never_be_charged_are_refused),
        cmocka_unit_test(another_currency_is_refused_on_a_draft),
        cmocka_unit_test(a_policy_that_the_seller_does_not_have_is_refused),
        cmocka_unit_test(another_schedule_counts_the_cycles_on),
        cmocka_unit_test(a_schedule_never_goes_back),
        cmocka_unit_test(a_moved_date_gives_way_to_another_schedule),
        cmocka_unit_test(a_schedule_may_be_extended_while_the_last_cycle_is_open),
        cmocka_unit_test(what_ends_before_its_next_cycle_is_not_changed),
        cmocka_unit_test(changed_in_a_pause),
        cmocka_unit_test(another_policy_from_the_next_cycle_on),
        cmocka_unit_test(a_stopped_subscription_opens_its_cycles_and_sends_nothing),
        cmocka_unit_test(a_stopped_agreement_charges_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
