/*
 * subscription.c - see subscription.h.
 */
#include "billing/subscription.h"

#include <string.h>

#include "billing/ensure.h"

static bool is_set(struct instant at)
{
    return at.utc_ms != INSTANT_NEVER.utc_ms;
}

struct instant subscription_due(const struct subscription *subscription, uint32_t cycle)
{
    int64_t of_rule = (int64_t)cycle - subscription->cycle_base;
    if (of_rule < 1 || of_rule > RECUR_CYCLE_MAX || cycle > RECUR_CYCLE_MAX) {
        return INSTANT_NEVER;
    }
    return recurrence_due(&subscription->rule, subscription->zone, (uint32_t)of_rule);
}

static bool price_is_due(const struct subscription *subscription)
{
    return money_is_valid(subscription->next_amount) &&
           !instant_before(subscription->due_at, subscription->next_amount_at);
}

struct money subscription_amount(const struct subscription *subscription)
{
    return price_is_due(subscription) ? subscription->next_amount : subscription->amount;
}

bool subscription_has_cycle(const struct subscription *subscription)
{
    return instant_before(subscription->due_at, subscription->cancel_at);
}

void subscription_move_on(struct subscription *subscription)
{
    ENSURE(is_set(subscription->due_at));
    if (price_is_due(subscription)) {
        subscription->amount = subscription->next_amount;
        subscription->next_amount = (struct money){0};
        subscription->next_amount_at = INSTANT_NEVER;
    }
    struct instant passed_at = subscription->due_at;
    subscription->next_cycle++;
    subscription->due_at = subscription_due(subscription, subscription->next_cycle);
    subscription->due_is_moved = false;
    /* Equal only where a zone skipped a whole calendar day; see recurrence.h. */
    ENSURE(!instant_before(subscription->due_at, passed_at));
}

uint32_t subscription_pass_over(struct subscription *subscription, struct instant until)
{
    uint32_t count = 0;
    while (instant_before(subscription->due_at, until)) {
        subscription_move_on(subscription);
        count++;
    }
    return count;
}

static const struct charge *unpaid_cycle(const struct account *account,
                                         const struct subscription *subscription, uint32_t cycle)
{
    for (uint32_t i = 0; i < account->charge_count; i++) {
        const struct charge *charge = &account->charges[i];
        if (charge->cycle == cycle && !charge_is_final(charge->state) &&
            strcmp(charge->subscription_key, subscription->key) == 0) {
            return charge;
        }
    }
    return NULL;
}

uint32_t subscription_first_left(const struct account *account,
                                 const struct subscription *subscription)
{
    uint32_t first = subscription->next_cycle;
    while (first > 1) {
        const struct charge *charge = unpaid_cycle(account, subscription, first - 1);
        if (charge == NULL || !money_equal(charge->amount, subscription->amount) ||
            charge->due_at.utc_ms != subscription_due(subscription, first - 1).utc_ms) {
            break;
        }
        first--;
    }
    return first;
}

void subscription_hand_over(const struct account *account, const struct subscription *subscription,
                            struct subscribe *subscribe)
{
    *subscribe = (struct subscribe){
        .amount = subscription->amount,
        .next_amount = subscription->next_amount,
        .next_amount_at = subscription->next_amount_at,
        .rule = subscription->rule,
        .zone = subscription->zone,
        .charge_from = INSTANT_NEVER,
        .first_cycle = subscription_first_left(account, subscription),
        .cycle_base = subscription->cycle_base,
        .is_stopped = subscription->is_stopped,
    };
    memcpy(subscribe->key, subscription->successor_key, sizeof subscribe->key);
    memcpy(subscribe->label, subscription->label, sizeof subscribe->label);
    memcpy(subscribe->note, subscription->note, sizeof subscribe->note);
    memcpy(subscribe->policy_name, subscription->policy_name, sizeof subscribe->policy_name);
}
