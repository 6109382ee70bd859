/*
 * step_world.c - see step_world.h.
 */
#include "tests/billing/step_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/billing/step_rules.h"

struct instant at(const char *text)
{
    struct instant instant = INSTANT_NEVER;
    if (!instant_parse(text, &instant)) {
        fail_msg("not an instant: %s", text);
    }
    return instant;
}

struct money money(const char *decimal, const char *currency)
{
    struct money amount;
    if (!money_parse(decimal, currency, &amount)) {
        fail_msg("not an amount: %s %s", decimal, currency);
    }
    return amount;
}

/* Not the shipped defaults: what a shop changes there must not change what is proven here. */
static struct policy policy_of_tests(void)
{
    return (struct policy){
        .retry =
            {
                [REASON_INVALID_PAYMENT_METHOD_SOFT] = {0,
                                                        {3, {1 * DAY_MS, 3 * DAY_MS, 5 * DAY_MS}}},
                [REASON_AMAZON_REJECTED] = {0, {2, {1 * DAY_MS, 3 * DAY_MS}}},
                [REASON_PROCESSING_FAILURE] = {0,
                                               {3, {2 * MINUTE_MS, 30 * MINUTE_MS, 6 * HOUR_MS}}},
                [REASON_TRANSACTION_TIMED_OUT] = {0,
                                                  {3, {5 * MINUTE_MS, 1 * HOUR_MS, 6 * HOUR_MS}}},
                [REASON_INVALID_PAYMENT_METHOD] = {POLICY_WAIT_OPEN, {0}},
                [REASON_AGREEMENT_NOT_OPEN] = {POLICY_WAIT_OPEN, {0}},
                [REASON_PERIODIC_AMOUNT_EXCEEDED] = {POLICY_NEXT_PERIOD, {0}},
            },
        .name = POLICY_NAME_DEFAULT,
        .capture = POLICY_CAPTURE_NOW,
        .hours = {.days = POLICY_ALL_DAYS},
        .attempts_max = 1000,
        .retry_past_next_due = true,
        .final_action = POLICY_LEAVE_PAST_DUE,
        .catch_up = POLICY_CATCH_UP_EACH,
        .late_after_ms = 1 * HOUR_MS,
        .authorization = POLICY_SYNCHRONOUS,
        .settle_by = POLICY_BY_REPEAT,
        .limit_short = POLICY_SHORT_HOLD,
        .suspended_poll_ms = 1 * HOUR_MS,
        .pending_poll = {3, {30 * SECOND_MS, 2 * MINUTE_MS, 15 * MINUTE_MS}},
        .resend = {6,
                   {1 * SECOND_MS, 2 * SECOND_MS, 4 * SECOND_MS, 10 * SECOND_MS, 30 * SECOND_MS,
                    60 * SECOND_MS}},
        .answer_deadline_ms = 60 * SECOND_MS,
    };
}

void world_start(struct world *world, const char *text)
{
    memset(world, 0, sizeof *world);
    world->now = at(text);
    world->policy = policy_of_tests();
    zone_file_make(&world->zone_file, "UTC0");
    assert_int_equal(zone_read(&world->zone, "UTC", world->zone_file.bytes, world->zone_file.length,
                               &world->problem),
                     ST_OK);
}

void world_at(struct world *world, const char *text)
{
    world->now = at(text);
}

void world_pass(struct world *world, int64_t ms)
{
    world->now = instant_plus(world->now, ms);
}

static struct event stamped(const struct world *world, const struct event *given)
{
    struct event event = *given;
    event.at = world->now;
    event.policy = &world->policy;
    event.hold = world->hold;
    event.retry_hold = world->retry_hold;
    event.even_since = world->even_since;
    return event;
}

static void step_on(struct world *world, const struct event *given, struct account *account)
{
    struct event event = stamped(world, given);
    world->problem.text[0] = '\0';
    world->status = bill_step(account, &event, &world->effects, &world->problem);
    const char *broken =
        step_rules(&world->account, account, &world->effects, world->status, &event);
    if (broken != NULL) {
        fail_msg("broken rule: %s; the step: %s", broken, world_line(world));
    }
    if (world->status != ST_OK && world->problem.text[0] == '\0') {
        fail_msg("a refusal says why");
    }
}

bool world_step(struct world *world, const struct event *event)
{
    account_copy(&world->after, &world->account);
    step_on(world, event, &world->after);
    if (world->status != ST_OK) {
        return false;
    }
    world->after.agreement.version++;
    account_copy(&world->account, &world->after);
    account_drop_final(&world->account);
    for (uint32_t i = 0; i < world->effects.call_count; i++) {
        if (world->effects.calls[i].reference_id[0] != '\0') {
            world->called = world->effects.calls[i].kind;
        }
    }
    struct event now = stamped(world, event);
    const char *stuck = step_settles(&world->account, &now);
    if (stuck != NULL) {
        fail_msg("%s; the step: %s", stuck, world_line(world));
    }
    return true;
}

void world_step_lost(struct world *world, const struct event *event)
{
    static struct account copy;
    account_copy(&copy, &world->account);
    step_on(world, event, &copy);
}

void world_crash(struct world *world)
{
    world->account.agreement.care_on_wire = false;
    for (uint32_t i = 0; i < world->account.refund_count; i++) {
        world->account.refunds[i].on_wire = false;
    }
    for (uint32_t i = 0; i < world->account.charge_count; i++) {
        world->account.charges[i].attempt.on_wire = false;
    }
    for (uint32_t i = 0; i < world->account.subscription_count; i++) {
        world->account.subscriptions[i].hand_over_on_wire = false;
    }
    account_copy(&world->after, &world->account);
}

void world_wake(struct world *world)
{
    assert_true(world_step(world, &(struct event){.kind = EVENT_WAKE}));
}

void world_wake_when_due(struct world *world)
{
    struct instant wake_at = world->account.agreement.wake_at;
    if (wake_at.utc_ms == INSTANT_NEVER.utc_ms) {
        fail_msg("nothing would ever wake this account");
    }
    if (instant_before(world->now, wake_at)) {
        world->now = wake_at;
    }
    world_wake(world);
}

static void key_of(char letter, char key[static KEY_MAX])
{
    memset(key, letter, KEY_MAX - 1);
    key[KEY_MAX - 1] = '\0';
}

/* "A-1-1" with the whole key; other texts as they are. */
static void id_of(const char *text, char *id, size_t size)
{
    char key[KEY_MAX];
    key_of(text[0], key);
    (void)snprintf(id, size, "%s%s", key, text + 1);
}

bool world_register(struct world *world, bool confirm_wanted)
{
    struct event event = {
        .kind = EVENT_REGISTER,
        .registered = {.seller_id = "SELLER",
                       .id = "C03-0000001-0000001",
                       .confirm_wanted = confirm_wanted},
    };
    return world_step(world, &event);
}

void world_open(struct world *world, const char *limit, const char *currency)
{
    assert_true(world_register(world, false));
    int32_t second = 0;
    struct civil_date day = zone_date(&world->zone, world->now, &second);
    day.day = 1;
    char start[INSTANT_TEXT_MAX];
    char end[INSTANT_TEXT_MAX];
    instant_format(zone_instant(&world->zone, day, 0), start);
    instant_format(zone_instant(&world->zone, civil_add_months(day, 1), 0), end);
    struct event open = sync_answer(AGREEMENT_OPEN, limit, limit, currency, start, end);
    assert_true(world_step(world, &open));
    assert_int_equal(world->account.agreement.state, AGREEMENT_OPEN);
}

bool world_charge_once(struct world *world, char letter, const char *amount, const char *currency)
{
    struct event event = {.kind = EVENT_CHARGE_ONCE};
    key_of(letter, event.charge_once.key);
    event.charge_once.amount = money(amount, currency);
    return world_step(world, &event);
}

bool world_cancel(struct world *world, char letter, bool at_period_end)
{
    struct event event = {.kind = EVENT_CANCEL};
    key_of(letter, event.cancel.subscription_key);
    event.cancel.at_period_end = at_period_end;
    event.cancel.at = INSTANT_NEVER;
    return world_step(world, &event);
}

bool world_sync(struct world *world)
{
    return world_step(world, &(struct event){.kind = EVENT_SYNC});
}

struct event subscribe_monthly(struct world *world, char letter, const char *amount,
                               const char *currency, const char *anchor)
{
    char midnight[INSTANT_TEXT_MAX];
    (void)snprintf(midnight, sizeof midnight, "%sT00:00:00Z", anchor);
    int32_t second = 0;
    struct event event = {.kind = EVENT_SUBSCRIBE};
    key_of(letter, event.subscribe.key);
    event.subscribe.amount = money(amount, currency);
    event.subscribe.rule = (struct recurrence){
        .unit = RECUR_MONTH, .every = 1, .anchor = zone_date(&world->zone, at(midnight), &second)};
    event.subscribe.zone = &world->zone;
    event.subscribe.charge_from = at(midnight);
    return event;
}

/* --- answers ------------------------------------------------------------------------------- */

static void answer(struct world *world, const char *attempt, struct attempt_answer told)
{
    struct event event = {.kind = EVENT_ATTEMPT_ANSWER, .attempt = told};
    event.attempt.call = world->called == 0 ? CALL_AUTHORIZE : world->called;
    id_of(attempt, event.attempt.reference_id, sizeof event.attempt.reference_id);
    if (told.from_object) {
        (void)snprintf(event.attempt.order_reference_id, AMAZON_ID_MAX, "S03-%s", attempt);
        (void)snprintf(event.attempt.authorization_id, AMAZON_ID_MAX, "S03-%s-A", attempt);
    }
    assert_true(world_step(world, &event));
}

void world_done(struct world *world, const char *attempt)
{
    answer(world, attempt, (struct attempt_answer){.outcome = OUTCOME_DONE, .from_object = true});
}

void world_declined(struct world *world, const char *attempt, enum reason reason)
{
    answer(
        world, attempt,
        (struct attempt_answer){.outcome = OUTCOME_REFUSED, .reason = reason, .from_object = true});
}

void world_refused(struct world *world, const char *attempt, enum reason reason)
{
    answer(world, attempt, (struct attempt_answer){.outcome = OUTCOME_REFUSED, .reason = reason});
}

void world_later(struct world *world, const char *attempt)
{
    answer(world, attempt,
           (struct attempt_answer){.outcome = OUTCOME_LATER, .reason = REASON_THROTTLED});
}

void world_unanswered(struct world *world, const char *attempt)
{
    answer(world, attempt,
           (struct attempt_answer){.outcome = OUTCOME_UNKNOWN, .reason = REASON_NO_ANSWER});
}

void world_duplicate(struct world *world, const char *attempt)
{
    answer(world, attempt,
           (struct attempt_answer){
               .outcome = OUTCOME_UNKNOWN, .reason = REASON_NO_ANSWER, .duplicate = true});
}

void world_pending(struct world *world, const char *attempt)
{
    answer(world, attempt,
           (struct attempt_answer){
               .outcome = OUTCOME_UNKNOWN, .reason = REASON_PENDING, .from_object = true});
}

void world_absent(struct world *world, const char *attempt)
{
    answer(world, attempt,
           (struct attempt_answer){
               .outcome = OUTCOME_UNKNOWN, .reason = REASON_NO_ANSWER, .absent = true});
}

void world_other(struct world *world, const char *attempt)
{
    answer(world, attempt,
           (struct attempt_answer){
               .outcome = OUTCOME_UNKNOWN, .reason = REASON_NO_ANSWER, .is_other = true});
}

void world_noticed(struct world *world, enum notice_kind kind, const char *attempt)
{
    struct event event = {.kind = EVENT_NOTICE, .notice = {.kind = kind}};
    if (attempt[0] != '\0') {
        id_of(attempt, event.notice.reference_id, sizeof event.notice.reference_id);
    }
    if (kind == NOTICE_AUTHORIZATION) {
        (void)snprintf(event.notice.order_reference_id, AMAZON_ID_MAX, "S03-%s", attempt);
        (void)snprintf(event.notice.authorization_id, AMAZON_ID_MAX, "S03-%s-A", attempt);
    } else if (kind == NOTICE_CAPTURE) {
        (void)snprintf(event.notice.capture_id, AMAZON_ID_MAX, "S03-%s-C", attempt);
    }
    assert_true(world_step(world, &event));
}

struct event care_answer(enum care care, enum outcome outcome)
{
    return (struct event){.kind = EVENT_CARE_ANSWER, .care = {.care = care, .outcome = outcome}};
}

struct event sync_answer(enum agreement_state state, const char *limit, const char *remaining,
                         const char *currency, const char *start, const char *end)
{
    struct event event = care_answer(CARE_SYNC, OUTCOME_DONE);
    event.care.has_details = true;
    event.care.state = state;
    event.care.has_limit = limit != NULL;
    if (limit != NULL) {
        event.care.limit_amount = money(limit, currency);
        event.care.limit_remaining = money(remaining, currency);
        event.care.period_start = at(start);
        event.care.period_end = at(end);
    }
    return event;
}

void world_care(struct world *world, enum care care, enum outcome outcome)
{
    struct event event = care_answer(care, outcome);
    assert_true(world_step(world, &event));
}

void world_found(struct world *world, enum agreement_state state)
{
    struct event event = sync_answer(state, NULL, NULL, NULL, NULL, NULL);
    assert_true(world_step(world, &event));
}

/* --- looking ------------------------------------------------------------------------------- */

static const char *state_name(enum change_kind kind, int state)
{
    if (state == 0) {
        return "new";
    }
    switch (kind) {
    case CHANGE_AGREEMENT:
        return agreement_state_name(state);
    case CHANGE_SUBSCRIPTION:
        return subscription_state_name(state);
    case CHANGE_CHARGE:
        return charge_state_name(state);
    case CHANGE_ATTEMPT:
        return attempt_state_name(state);
    case CHANGE_REFUND:
        return refund_state_name(state);
    case CHANGE_LIMIT:
    case CHANGE_CYCLES:
    case CHANGE_PRICE:
    case CHANGE_SCHEDULE:
    case CHANGE_CANCEL:
    case CHANGE_STOP:
    case CHANGE_WORD:
    case CHANGE_WARNING:
    case CHANGE_POLICY:
        break;
    }
    return "?";
}

/* "AAAAAAAAAAAAAAAA-1" becomes "A-1". */
static const char *short_id(const char *id)
{
    return strspn(id, (char[]){id[0], '\0'}) == KEY_MAX - 1 ? id + KEY_MAX - 2 : id;
}

static const char *call_name(enum call_kind kind)
{
    static const char *const names[] = {[CALL_AUTHORIZE] = "authorize",
                                        [CALL_LOOK_UP] = "look_up",
                                        [CALL_DISCOVER] = "discover",
                                        [CALL_SYNC] = "sync",
                                        [CALL_CONFIRM] = "confirm",
                                        [CALL_CLOSE] = "close",
                                        [CALL_SET] = "set",
                                        [CALL_VALIDATE] = "validate",
                                        [CALL_CAPTURE] = "capture",
                                        [CALL_LOOK_UP_CAPTURE] = "look_up_capture",
                                        [CALL_VOID] = "void",
                                        [CALL_REFUND] = "refund",
                                        [CALL_LOOK_UP_REFUND] = "look_up_refund",
                                        [CALL_DISCOVER_REFUND] = "discover_refund",
                                        [CALL_HAND_OVER] = "hand_over"};
    return names[kind];
}

/* "2026-03-01", and the time of day behind it unless it is midnight. */
static void short_instant(struct instant instant, char text[static INSTANT_TEXT_MAX])
{
    instant_format(instant, text);
    char *midnight = strstr(text, "T00:00:00.000Z");
    if (midnight != NULL) {
        *midnight = '\0';
    }
}

/* Of the changes that may be about a subscription or the agreement. */
static bool is_agreement(const struct change *change)
{
    return !key_is_valid(change->subject);
}

/* What happened to the subject: for a state two states, else words. */
static void describe_change(const struct change *change, char *text, size_t size)
{
    char until[INSTANT_TEXT_MAX];
    char amount[MONEY_TEXT_MAX];
    short_instant(change->until, until);
    money_format(change->amount, amount);
    switch (change->kind) {
    case CHANGE_AGREEMENT:
    case CHANGE_SUBSCRIPTION:
    case CHANGE_CHARGE:
    case CHANGE_ATTEMPT:
    case CHANGE_REFUND:
        (void)snprintf(text, size, "%s>%s", state_name(change->kind, change->from),
                       state_name(change->kind, change->to));
        return;
    case CHANGE_LIMIT:
        text[0] = '\0';
        return;
    case CHANGE_CYCLES:
        (void)snprintf(text, size, "cycles %d..%d", change->from, change->to);
        return;
    case CHANGE_PRICE:
        (void)snprintf(text, size, "price %s from %s", amount, until);
        return;
    case CHANGE_SCHEDULE:
        (void)snprintf(text, size, "cycle %d at %s", change->from, until);
        return;
    case CHANGE_CANCEL:
        if (is_agreement(change)) {
            (void)snprintf(text, size, "to be closed%s", change->to != 0 ? " forced" : "");
            return;
        }
        (void)snprintf(text, size, "cancel at %s", until);
        return;
    case CHANGE_STOP:
        (void)snprintf(text, size, "stop %s", change->to != 0 ? "on" : "off");
        return;
    case CHANGE_WORD:
        (void)snprintf(text, size, "word %d", change->to);
        return;
    case CHANGE_WARNING:
        (void)snprintf(text, size, "warning until %s", until);
        return;
    case CHANGE_POLICY:
        (void)snprintf(text, size, "policy %d", change->to);
        return;
    }
    fail_msg("a change of no kind");
}

static void append_change(char *line, size_t size, const struct change *change)
{
    char what[128];
    describe_change(change, what, sizeof what);
    bool is_closed = change->kind == CHANGE_CANCEL && is_agreement(change);
    const char *subject = change->kind == CHANGE_AGREEMENT || is_closed ? "agreement"
                          : change->kind == CHANGE_LIMIT                ? "limit"
                                                                        : short_id(change->subject);
    size_t used = strlen(line);
    (void)snprintf(line + used, size - used, "%s%s%s%s", used > 0 ? ", " : "", subject,
                   what[0] != '\0' ? " " : "", what);
    used = strlen(line);
    if (change->reason != REASON_NONE) {
        (void)snprintf(line + used, size - used, "(%s)", reason_name(change->reason));
    }
}

const char *world_line(struct world *world)
{
    char *line = world->line;
    line[0] = '\0';
    for (uint32_t i = 0; i < world->effects.change_count; i++) {
        append_change(line, sizeof world->line, &world->effects.changes[i]);
    }
    for (uint32_t i = 0; i < world->effects.call_count; i++) {
        const struct call *call = &world->effects.calls[i];
        size_t used = strlen(line);
        const char *gap = i > 0 ? ", " : used > 0 ? " | " : "| ";
        (void)snprintf(line + used, sizeof world->line - used, "%s%s%s%s", gap,
                       call_name(call->kind), call->reference_id[0] != '\0' ? " " : "",
                       short_id(call->reference_id));
    }
    return line;
}

void expect_line(struct world *world, const char *line, const char *file, int number)
{
    if (strcmp(world_line(world), line) != 0) {
        print_error("%s:%d: the step was\n  %s\nand should be\n  %s\n", file, number,
                    world_line(world), line);
        fail();
    }
}

const struct charge *world_charge(struct world *world, const char *id)
{
    char whole[CHARGE_ID_MAX];
    id_of(id, whole, sizeof whole);
    const struct charge *charge = account_charge(&world->after, whole);
    if (charge == NULL) {
        fail_msg("no charge %s", id);
    }
    return charge;
}

const struct subscription *world_subscription(struct world *world, char letter)
{
    char key[KEY_MAX];
    key_of(letter, key);
    const struct subscription *subscription = account_subscription(&world->after, key);
    if (subscription == NULL) {
        fail_msg("no subscription %c", letter);
    }
    return subscription;
}

void expect_wake(struct world *world, const char *text, enum lane lane, const char *file, int line)
{
    char is[INSTANT_TEXT_MAX];
    char should[INSTANT_TEXT_MAX];
    const struct agreement *agreement = &world->account.agreement;
    instant_format(agreement->wake_at, is);
    instant_format(strcmp(text, "never") == 0 ? INSTANT_NEVER : at(text), should);
    if (strcmp(is, should) != 0 || (strcmp(is, "never") != 0 && agreement->lane != lane)) {
        print_error("%s:%d: wakes %s in lane %d, should %s in lane %d\n", file, line, is,
                    (int)agreement->lane, should, (int)lane);
        fail();
    }
}

void expect_limit(struct world *world, int64_t posted, int64_t reserved, const char *file, int line)
{
    const struct limit *limit = &world->account.agreement.limit;
    if (money_minor(limit->posted) != posted || money_minor(limit->reserved) != reserved) {
        print_error("%s:%d: posted %lld reserved %lld, should be %lld and %lld\n", file, line,
                    (long long)money_minor(limit->posted), (long long)money_minor(limit->reserved),
                    (long long)posted, (long long)reserved);
        fail();
    }
}
