/*
 * test_step_cycles.c - random commands of operators, and a ledger that reads only what was told.
 *
 * The ledger knows nothing of the account's rows. From the changes alone it follows, for every
 * subscription, which cycles were charged and which were told not to be, the price of each date,
 * pauses and cancellations; and after each step it must agree with the account:
 *
 *   - every cycle before the next one was charged or told of as not charged, once, none of both;
 *   - dates of charged cycles strictly increase, and none is in a pause or after the end;
 *   - each charge has the price that was in force at its due instant.
 *
 * Amazon answers every attempt here: what it may do otherwise is test_step_random.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "billing/subscription.h"
#include "tests/billing/step_commands.h"
#include "tests/billing/step_random.h"

#define SEEDS      300
#define ACTIONS    150
#define LETTERS    26
#define CYCLES_MAX 4000
#define PRICES_MAX 200
#define WAKES_MAX  200

struct price {
    struct money amount;
    struct instant from;
};

struct page { /* of one subscription */
    bool is_paused;
    bool is_over;
    struct instant cancel_at;
    uint32_t first_cycle;
    unsigned char fate[CYCLES_MAX]; /* 'c' charged, 'n' not charged */
    struct instant last_due_at;
    uint32_t price_count;
    struct price prices[PRICES_MAX];
};

struct run {
    uint64_t seed;
    struct dice dice;
    struct world world;
    char next_letter;
    struct page pages[LETTERS];
};

static void broken(struct run *run, const char *rule)
{
    fail_msg("seed %llu: %s; the step: %s", (unsigned long long)run->seed, rule,
             world_line(&run->world));
}

static struct page *page_of(struct run *run, const char *key)
{
    if (key[0] < 'A' || key[0] > 'Z') {
        broken(run, "a subscription that nobody made");
    }
    return &run->pages[key[0] - 'A'];
}

/* --- the ledger ----------------------------------------------------------------------------- */

static void mark(struct run *run, struct page *page, uint32_t cycle, unsigned char fate)
{
    if (cycle >= CYCLES_MAX || page->fate[cycle] != 0) {
        broken(run, "a cycle has one fate");
    }
    page->fate[cycle] = fate;
}

static struct money price_at(const struct page *page, struct instant due_at)
{
    for (uint32_t i = page->price_count; i > 0; i--) {
        if (!instant_before(due_at, page->prices[i - 1].from)) {
            return page->prices[i - 1].amount;
        }
    }
    return (struct money){0};
}

static void charge_told(struct run *run, const struct change *change)
{
    const struct charge *charge = account_charge(&run->world.after, change->subject);
    if (charge == NULL) {
        broken(run, "a charge that is told of is there");
        return;
    }
    if (change->from != 0 || charge->cycle == 0) {
        return;
    }
    struct page *page = page_of(run, charge->subscription_key);
    mark(run, page, charge->cycle, 'c');
    if (page->is_paused || page->is_over || !instant_before(charge->due_at, page->cancel_at)) {
        broken(run, "nothing is charged in a pause or after the end");
    }
    if (charge->due_at.utc_ms <= page->last_due_at.utc_ms) {
        broken(run, "dates strictly increase");
    }
    if (!money_equal(charge->amount, price_at(page, charge->due_at))) {
        broken(run, "a charge has the price of its date");
    }
    page->last_due_at = charge->due_at;
}

static void subscription_told(struct run *run, const struct change *change)
{
    struct page *page = page_of(run, change->subject);
    if (change->from == 0) {
        const struct subscription *made = account_subscription(&run->world.after, change->subject);
        page->first_cycle = made->first_cycle;
        page->cancel_at = INSTANT_NEVER;
        page->last_due_at = (struct instant){INT64_MIN};
        page->prices[0] = (struct price){made->amount, {INT64_MIN}};
        page->price_count = 1;
    }
    page->is_paused = change->to == SUBSCRIPTION_PAUSED || change->to == SUBSCRIPTION_LEAVING;
    page->is_over = subscription_is_final((enum subscription_state)change->to);
}

static void read_change(struct run *run, const struct change *change)
{
    struct page *page;
    switch (change->kind) {
    case CHANGE_CHARGE:
        charge_told(run, change);
        return;
    case CHANGE_SUBSCRIPTION:
        subscription_told(run, change);
        return;
    case CHANGE_CYCLES:
        page = page_of(run, change->subject);
        if (change->from > change->to) {
            broken(run, "a run of cycles goes forward");
        }
        for (int cycle = change->from; cycle <= change->to; cycle++) {
            mark(run, page, (uint32_t)cycle, 'n');
        }
        return;
    case CHANGE_PRICE:
        page = page_of(run, change->subject);
        if (page->price_count == PRICES_MAX) {
            broken(run, "too many prices: shorten the run");
        }
        page->prices[page->price_count++] = (struct price){change->amount, change->until};
        return;
    case CHANGE_CANCEL:
        page_of(run, change->subject)->cancel_at = change->until;
        return;
    case CHANGE_AGREEMENT:
    case CHANGE_ATTEMPT:
    case CHANGE_LIMIT:
    case CHANGE_REFUND:
    case CHANGE_SCHEDULE:
    case CHANGE_STOP:
    case CHANGE_WORD:
    case CHANGE_WARNING:
    case CHANGE_POLICY:
        return;
    }
    broken(run, "a change of no kind");
}

static void check_pages(struct run *run)
{
    const struct account *account = &run->world.after;
    for (uint32_t i = 0; i < account->subscription_count; i++) {
        const struct subscription *subscription = &account->subscriptions[i];
        const struct page *page = page_of(run, subscription->key);
        for (uint32_t cycle = page->first_cycle; cycle < subscription->next_cycle; cycle++) {
            if (page->fate[cycle] == 0) {
                broken(run, "a cycle is lost");
            }
        }
        if (page->fate[subscription->next_cycle] != 0) {
            broken(run, "the next cycle has a fate already");
        }
        bool is_settled = subscription_opens_cycles(subscription->state) &&
                          account->charge_count < ACCOUNT_CHARGES_MAX;
        if (is_settled && instant_reached(subscription->due_at, run->world.now)) {
            broken(run, "a cycle that is due was opened");
        }
    }
}

static bool run_step(struct run *run, const struct event *event)
{
    if (!world_step(&run->world, event)) {
        return false; /* and nothing changed: step_rules.h */
    }
    for (uint32_t i = 0; i < run->world.effects.change_count; i++) {
        read_change(run, &run->world.effects.changes[i]);
    }
    check_pages(run);
    return true;
}

/* --- what happens --------------------------------------------------------------------------- */

static void answer_attempts(struct run *run)
{
    for (uint32_t i = 0; i < run->world.account.charge_count; i++) {
        const struct charge *charge = &run->world.account.charges[i];
        if (charge->state != CHARGE_ATTEMPTING || !charge->attempt.on_wire ||
            one_in(&run->dice, 3)) {
            continue;
        }
        static const enum reason declines[] = {REASON_AMAZON_REJECTED, REASON_REQUEST_REFUSED,
                                               REASON_PROCESSING_FAILURE};
        struct event event = {.kind = EVENT_ATTEMPT_ANSWER,
                              .attempt = {.call = CALL_AUTHORIZE,
                                          .outcome = OUTCOME_DONE,
                                          .from_object = true,
                                          .order_reference_id = "S03",
                                          .authorization_id = "S03-A"}};
        memcpy(event.attempt.reference_id, charge->attempt.reference_id, REFERENCE_ID_MAX);
        if (one_in(&run->dice, 3)) {
            event.attempt.outcome = OUTCOME_REFUSED;
            event.attempt.reason = declines[roll(&run->dice, 3)];
        }
        (void)run_step(run, &event);
        i = 0; /* the account has moved */
    }
}

static struct event details(const struct run *run)
{
    int32_t second = 0;
    struct civil_date day = zone_date(&run->world.zone, run->world.now, &second);
    day.day = 1;
    struct event event = care_answer(CARE_SYNC, OUTCOME_DONE);
    event.care.has_details = true;
    event.care.state = AGREEMENT_OPEN;
    event.care.has_limit = true;
    event.care.limit_amount = money("9000000", "JPY");
    event.care.limit_remaining = event.care.limit_amount;
    event.care.period_start = zone_instant(&run->world.zone, day, 0);
    event.care.period_end = zone_instant(&run->world.zone, civil_add_months(day, 1), 0);
    return event;
}

static void answer_the_rest(struct run *run)
{
    const struct agreement *agreement = &run->world.account.agreement;
    if (agreement->care_on_wire) {
        struct event event = agreement->care == CARE_SYNC
                                 ? details(run)
                                 : care_answer(agreement->care, OUTCOME_DONE);
        (void)run_step(run, &event);
    }
    for (uint32_t i = 0; i < run->world.account.subscription_count; i++) {
        const struct subscription *leaving = &run->world.account.subscriptions[i];
        if (leaving->hand_over_on_wire && one_in(&run->dice, 3)) {
            static const enum status answers[] = {ST_OK, ST_BUSY, ST_NOT_FOUND};
            struct event event = hand_over_answer(leaving->key[0], answers[roll(&run->dice, 3)]);
            (void)run_step(run, &event);
            return;
        }
    }
}

static void pass_time(struct run *run)
{
    static const int64_t steps[] = {MINUTE_MS, HOUR_MS, DAY_MS, 8 * DAY_MS, 40 * DAY_MS};
    world_pass(&run->world, steps[roll(&run->dice, 5)] * (1 + roll(&run->dice, 3)));
    for (unsigned wakes = 0; wakes < WAKES_MAX; wakes++) {
        if (!instant_reached(run->world.account.agreement.wake_at, run->world.now)) {
            return;
        }
        (void)run_step(run, &(struct event){.kind = EVENT_WAKE});
        answer_attempts(run);
        answer_the_rest(run);
    }
}

static struct recurrence any_rule(struct run *run)
{
    struct dice *dice = &run->dice;
    int32_t second = 0;
    struct civil_date today = zone_date(&run->world.zone, run->world.now, &second);
    struct recurrence rule = {
        .unit = RECUR_DAY + roll(dice, 3),
        .every = 1 + roll(dice, 3),
        .anchor = civil_add_days(today, (int64_t)roll(dice, 400) - 300),
        .second_of_day = one_in(dice, 2) ? 0 : (int32_t)roll(dice, 86400),
        .cycle_count = one_in(dice, 8) ? roll(dice, 60) : 0,
    };
    rule.last_day_of_month = rule.unit == RECUR_MONTH && one_in(dice, 3);
    return rule;
}

static struct money any_amount(struct run *run)
{
    return money_of((int64_t)roll(&run->dice, 2000), "JPY"); /* sometimes zero: refused */
}

static struct instant any_time(struct run *run)
{
    if (one_in(&run->dice, 3)) {
        return INSTANT_NEVER;
    }
    int64_t ms = (int64_t)roll(&run->dice, 60) * DAY_MS + roll(&run->dice, 86400000);
    return instant_plus(run->world.now, ms - 5 * DAY_MS);
}

static struct event subscribe_command(struct run *run)
{
    struct event event = {.kind = EVENT_SUBSCRIBE};
    letter_key(run->next_letter, event.subscribe.key);
    event.subscribe.amount = any_amount(run);
    event.subscribe.rule = any_rule(run);
    event.subscribe.zone = &run->world.zone;
    event.subscribe.charge_from = one_in(&run->dice, 2) ? INSTANT_NEVER : run->world.now;
    return event;
}

static struct event change_command(struct run *run, char letter)
{
    struct event event = {.kind = EVENT_CHANGE};
    letter_key(letter, event.change.subscription_key);
    event.change.has_amount = one_in(&run->dice, 2);
    event.change.amount = any_amount(run);
    event.change.amount_from = any_time(run);
    event.change.has_rule = one_in(&run->dice, 3);
    event.change.rule = any_rule(run);
    event.change.zone = &run->world.zone;
    return event;
}

static void command(struct run *run)
{
    char letter = (char)('A' + roll(&run->dice, (uint32_t)(run->next_letter - 'A') + 1));
    struct event event = {.kind = EVENT_WAKE};
    switch (roll(&run->dice, 13)) {
    case 0:
        event = pause_command(letter, NULL);
        event.pause.resume_at = any_time(run);
        break;
    case 1:
    case 2:
        event = resume_command(letter);
        break;
    case 3:
        event = skip_command(letter, 0);
        break;
    case 4:
    case 5:
        event = move_command(letter, NULL);
        event.move.due_at = any_time(run);
        break;
    case 6:
    case 7:
    case 8:
        event = change_command(run, letter);
        break;
    case 9:
        event = stop_command(one_in(&run->dice, 4) ? 0 : letter, one_in(&run->dice, 3));
        break;
    case 10:
        event = replace_command(letter, '2');
        break;
    case 11:
        event = cancel_command(letter, NULL);
        event.cancel.at = any_time(run);
        event.cancel.at_period_end = one_in(&run->dice, 3);
        if (event.cancel.at.utc_ms == INSTANT_NEVER.utc_ms && !one_in(&run->dice, 4)) {
            return;
        }
        break;
    case 12:
        event = uncancel_command(letter);
        break;
    default:
        break;
    }
    (void)run_step(run, &event);
}

static void run_seed(struct run *run, uint64_t seed)
{
    static const enum policy_catch_up catch_ups[] = {POLICY_CATCH_UP_EACH, POLICY_CATCH_UP_ONCE,
                                                     POLICY_CATCH_UP_SKIP};
    memset(run, 0, sizeof *run);
    run->seed = seed;
    run->dice = dice_of(seed);
    run->next_letter = 'A';
    world_start(&run->world, "2026-01-01T00:00:00Z");
    world_open(&run->world, "9000000", "JPY");
    run->world.policy.catch_up = catch_ups[roll(&run->dice, 3)];
    run->world.policy.retry_past_next_due = one_in(&run->dice, 2);
    run->world.policy.final_action = POLICY_LEAVE_PAST_DUE + roll(&run->dice, 2);
    for (unsigned i = 0; i < ACTIONS; i++) {
        if (run->next_letter <= 'Z' && run->world.account.subscription_count < 4) {
            struct event event = subscribe_command(run);
            if (run_step(run, &event)) {
                run->next_letter++;
            }
        }
        command(run);
        answer_attempts(run);
        answer_the_rest(run);
        if (one_in(&run->dice, 2)) {
            pass_time(run);
        }
        if (run->world.account.agreement.close_wanted) {
            return;
        }
    }
}

static void every_cycle_has_one_fate(void **state)
{
    (void)state;
    struct run *run = malloc(sizeof *run);
    assert_non_null(run);
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        run_seed(run, seed);
    }
    free(run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cycle_has_one_fate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
