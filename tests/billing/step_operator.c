/*
 * step_operator.c - see step_operator.h.
 */
#include "tests/billing/step_operator.h"

#include <string.h>

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS   (60 * MINUTE_MS)
#define DAY_MS    (24 * HOUR_MS)

static struct policy_rule rule_at_random(struct dice *dice)
{
    struct policy_rule rule = {.path = roll(dice, POLICY_NEXT_PERIOD + 1),
                               .waits.count = roll(dice, 4)};
    for (uint32_t i = 0; i < rule.waits.count; i++) {
        rule.waits.wait_ms[i] = (1 + roll(dice, 3000)) * MINUTE_MS;
    }
    return rule;
}

void policy_at_random(struct dice *dice, struct policy *policy)
{
    static const enum reason reasons[] = {REASON_INVALID_PAYMENT_METHOD_SOFT,
                                          REASON_AMAZON_REJECTED, REASON_PROCESSING_FAILURE,
                                          REASON_TRANSACTION_TIMED_OUT, REASON_NOT_CAPTURED};
    policy->authorization = 1 + roll(dice, POLICY_MIXED);
    policy->settle_by = 1 + roll(dice, POLICY_BY_DISCOVERY);
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        if (one_in(dice, 3)) {
            policy->retry[reasons[i]] = rule_at_random(dice);
        }
    }
    /* The dangerous kind of retry: a new attempt after an error, not after a decline. */
    policy->retry[REASON_REQUEST_REFUSED].waits =
        (struct policy_waits){2, {1 * MINUTE_MS, 1 * HOUR_MS}};
    policy->jitter_percent = one_in(dice, 2) ? roll(dice, 51) : 0;
    policy->hours = (struct policy_hours){.days = POLICY_ALL_DAYS};
    if (one_in(dice, 3)) {
        policy->hours =
            (struct policy_hours){(int32_t)roll(dice, 86400), (int32_t)roll(dice, 86401),
                                  1 + roll(dice, POLICY_ALL_DAYS)};
    }
    policy->attempts_max = one_in(dice, 2) ? 1 + roll(dice, 6) : 0;
    policy->retry_past_next_due = one_in(dice, 2);
    policy->final_action = 1 + (one_in(dice, 2) ? roll(dice, POLICY_CANCEL) : 0);
    policy->limit_short = 1 + (one_in(dice, 2) ? roll(dice, POLICY_SHORT_ASK) : 0);
    policy->limit_refresh_ms = one_in(dice, 2) ? DAY_MS : 0;
    policy->limit_difference_stops = true;
    policy->catch_up = 1 + (one_in(dice, 2) ? roll(dice, POLICY_CATCH_UP_HOLD) : 0);
    policy->late_after_ms = (1 + roll(dice, 24)) * HOUR_MS;
    policy->lateness_max_ms = one_in(dice, 3) ? (1 + roll(dice, 20)) * DAY_MS : 0;
    policy->amount_min = one_in(dice, 8) ? money_of(500, "JPY") : (struct money){0};
    policy->amount_max = one_in(dice, 8) ? money_of(2500, "JPY") : (struct money){0};
    policy->validate_every_ms = one_in(dice, 2) ? DAY_MS : 0;
}

static void about_subscription(struct dice *dice, const struct subscription *subscription,
                               struct instant now, struct event *event)
{
    const char *key = subscription->key;
    switch (roll(dice, 8)) {
    case 0:
        event->kind = EVENT_PAUSE;
        memcpy(event->pause.subscription_key, key, KEY_MAX);
        event->pause.resume_at =
            one_in(dice, 2) ? INSTANT_NEVER : instant_plus(now, (1 + roll(dice, 40)) * DAY_MS);
        return;
    case 1:
        event->kind = EVENT_RESUME;
        memcpy(event->subscription.subscription_key, key, KEY_MAX);
        return;
    case 2:
        event->kind = EVENT_SKIP;
        memcpy(event->subscription.subscription_key, key, KEY_MAX);
        event->subscription.cycle = one_in(dice, 2) ? subscription->next_cycle : 0;
        return;
    case 3:
        event->kind = EVENT_MOVE;
        memcpy(event->move.subscription_key, key, KEY_MAX);
        event->move.due_at = instant_plus(now, (1 + roll(dice, 500)) * HOUR_MS);
        return;
    case 4:
        event->kind = EVENT_CHANGE;
        memcpy(event->change.subscription_key, key, KEY_MAX);
        event->change.has_amount = true;
        event->change.amount = money_of(100 + roll(dice, 3000), "JPY");
        event->change.amount_from =
            one_in(dice, 2) ? INSTANT_NEVER : instant_plus(now, (1 + roll(dice, 40)) * DAY_MS);
        return;
    case 5:
        event->kind = EVENT_CANCEL;
        memcpy(event->cancel.subscription_key, key, KEY_MAX);
        event->cancel.at = instant_plus(now, (1 + roll(dice, 40)) * DAY_MS);
        return;
    case 6:
        event->kind = EVENT_UNCANCEL;
        memcpy(event->subscription.subscription_key, key, KEY_MAX);
        return;
    default:
        event->kind = EVENT_STOP;
        memcpy(event->stop.subscription_key, key, KEY_MAX);
        event->stop.is_on = !subscription->is_stopped;
        return;
    }
}

static bool decision(const struct account *account, struct event *event)
{
    for (uint32_t i = 0; i < account->charge_count; i++) {
        if (account->charges[i].state == CHARGE_ASKING) {
            *event = (struct event){.kind = EVENT_DECIDE};
            memcpy(event->decide.charge_id, account->charges[i].id, CHARGE_ID_MAX);
            event->decide.is_approved = true;
            return true;
        }
    }
    return false;
}

bool operator_at_random(struct dice *dice, const struct account *account, struct instant now,
                        struct event *event)
{
    *event = (struct event){.kind = EVENT_STOP};
    if (one_in(dice, 2) && decision(account, event)) {
        event->decide.is_approved = !one_in(dice, 3);
        return true;
    }
    if (one_in(dice, 6) || account->subscription_count == 0) {
        event->stop.is_on = account->agreement.stopped == REASON_NONE && one_in(dice, 2);
        return account->agreement.state != 0;
    }
    about_subscription(dice, &account->subscriptions[roll(dice, account->subscription_count)], now,
                       event);
    return true;
}

bool operator_tidies_up(const struct account *account, struct event *event)
{
    *event = (struct event){.kind = EVENT_STOP};
    if (agreement_is_final(account->agreement.state)) {
        return false;
    }
    if (account->agreement.stopped != REASON_NONE) {
        return true;
    }
    for (uint32_t i = 0; i < account->subscription_count; i++) {
        const struct subscription *subscription = &account->subscriptions[i];
        if (subscription->is_stopped) {
            memcpy(event->stop.subscription_key, subscription->key, KEY_MAX);
            return true;
        }
        if (subscription->state == SUBSCRIPTION_PAUSED) {
            event->kind = EVENT_RESUME;
            memcpy(event->subscription.subscription_key, subscription->key, KEY_MAX);
            return true;
        }
    }
    return decision(account, event);
}

struct hold hold_at_random(struct dice *dice, struct instant now, bool may_be_endless)
{
    if (one_in(dice, 2)) {
        return (struct hold){REASON_NONE, INSTANT_NEVER};
    }
    if (may_be_endless && one_in(dice, 2)) {
        return (struct hold){REASON_STOPPED, INSTANT_NEVER};
    }
    return (struct hold){REASON_HELD_BACK, instant_plus(now, (1 + roll(dice, 3000)) * MINUTE_MS)};
}
