/*
 * step_rules_send.c - when something new may be sent for a charge; see step_rules.h.
 *
 * Written from policy.h and event.h alone: a second opinion beside step_charge.c and step_retry.c.
 */
#include <string.h>

#include "tests/billing/step_rules.h"

static const struct charge *same_charge(const struct account *account, const char *id)
{
    for (uint32_t i = 0; i < account->charge_count; i++) {
        if (strcmp(account->charges[i].id, id) == 0) {
            return &account->charges[i];
        }
    }
    return NULL;
}

static const struct subscription *owner(const struct account *account, const struct charge *charge)
{
    for (uint32_t i = 0; i < account->subscription_count; i++) {
        if (strcmp(account->subscriptions[i].key, charge->subscription_key) == 0) {
            return &account->subscriptions[i];
        }
    }
    return NULL;
}

static const struct policy *frozen(const struct event *event, const struct charge *charge)
{
    for (const struct policy *policy = event->policy; policy != NULL; policy = policy->next) {
        if (charge->policy_version != 0 && policy->version == charge->policy_version) {
            return policy;
        }
    }
    return event->policy;
}

static bool holds(const struct hold *hold, struct instant at)
{
    return hold->reason != REASON_NONE && hold->until.utc_ms > at.utc_ms;
}

/* The subscription's state when the send was told: a later change of the same step does not count.
 */
static int state_at_send(const struct effects *effects, const struct subscription *subscription,
                         const struct charge *charge)
{
    uint32_t i = effects->change_count;
    int state = (int)subscription->state;
    while (i-- > 0) {
        const struct change *change = &effects->changes[i];
        if (change->kind == CHANGE_ATTEMPT && change->to == ATTEMPT_INTENT &&
            strcmp(change->subject, charge->attempt.reference_id) == 0) {
            break;
        }
        if (change->kind == CHANGE_SUBSCRIPTION &&
            strcmp(change->subject, subscription->key) == 0) {
            state = change->from;
        }
    }
    return state;
}

/* What stops any first send, also of an attempt that was postponed. */
static const char *any_send_rule(const struct account *after, const struct charge *charge,
                                 const struct effects *effects, const struct event *event)
{
    const struct subscription *subscription = owner(after, charge);
    if (after->agreement.state != AGREEMENT_OPEN) {
        return "no first send on an agreement that is not Open";
    }
    if (after->agreement.stopped != REASON_NONE) {
        return "nothing new is sent while the agreement is stopped";
    }
    if (holds(&event->hold, event->at)) {
        return "nothing new is sent while it is held back";
    }
    if (charge->attempt.number > 1 && holds(&event->retry_hold, event->at)) {
        return "no retry is sent while retries are held back";
    }
    if (charge->cycle == 0) {
        return NULL;
    }
    int state = subscription == NULL ? 0 : state_at_send(effects, subscription, charge);
    if ((state != SUBSCRIPTION_ACTIVE && state != SUBSCRIPTION_PAST_DUE) ||
        subscription->is_stopped) {
        return "nothing new is sent for a subscription that is stopped, paused, leaving or over";
    }
    if (policy_open_at(frozen(event, charge), event->at).utc_ms != event->at.utc_ms) {
        return "no cycle is sent outside of the policy's hours";
    }
    return NULL;
}

static const char *first_attempt_rule(const struct charge *charge, const struct policy *policy,
                                      struct instant at)
{
    bool is_late =
        policy->lateness_max_ms > 0 && at.utc_ms - charge->due_at.utc_ms > policy->lateness_max_ms;
    if (!policy_allows_amount(policy, charge->amount)) {
        return "no amount outside of the policy's bounds is sent";
    }
    return is_late && charge->cycle > 0 && !charge->is_approved
               ? "a cycle that is too late is not sent without an operator's word"
               : NULL;
}

/* A retry; what the limit was short for is none. */
static const char *retry_rule(const struct account *after, const struct charge *before,
                              const struct charge *charge, const struct event *event)
{
    const struct policy *policy = frozen(event, charge);
    const struct subscription *subscription = owner(after, charge);
    bool for_limit = before->reason == REASON_LIMIT_SHORT ||
                     before->reason == REASON_PERIODIC_AMOUNT_EXCEEDED ||
                     before->attempt.reason == REASON_PERIODIC_AMOUNT_EXCEEDED;
    if (before->state == CHARGE_RETRYING && before->retry_at.utc_ms > event->at.utc_ms) {
        return "no retry before its time";
    }
    if (subscription == NULL || policy->retry_past_next_due || for_limit) {
        return NULL;
    }
    for (uint32_t i = 0; i < after->charge_count; i++) {
        const struct charge *other = &after->charges[i];
        if (strcmp(other->subscription_key, charge->subscription_key) == 0 &&
            other->cycle > charge->cycle) {
            return "no retry after the next cycle was opened";
        }
    }
    return subscription->next_cycle == charge->cycle + 1 &&
                   subscription->due_at.utc_ms <= event->at.utc_ms
               ? "no retry after the next cycle is due"
               : NULL;
}

static const char *send_rule(const struct account *before, const struct account *after,
                             const struct charge *charge, const struct effects *effects,
                             const struct event *event)
{
    const struct charge *was = same_charge(before, charge->id);
    const struct policy *policy = frozen(event, charge);
    uint32_t number = charge->attempt.number;
    bool is_new = number > 0 && (was == NULL || was->attempt.number != number);
    bool is_first_send = is_new || (was != NULL && was->attempt.state == ATTEMPT_POSTPONED &&
                                    charge->attempt.state == ATTEMPT_INTENT);
    const char *broken = is_first_send ? any_send_rule(after, charge, effects, event) : NULL;
    if (broken != NULL || !is_new) {
        return broken;
    }
    if (policy->attempts_max > 0 && number > policy->attempts_max) {
        return "a charge is attempted at most attempts_max times";
    }
    return number == 1 ? first_attempt_rule(charge, policy, event->at)
                       : retry_rule(after, was, charge, event);
}

/* What is told of a charge is enough to say how much, and when it goes on. */
static const char *told_rule(const struct account *after, const struct effects *effects)
{
    for (uint32_t i = 0; i < effects->change_count; i++) {
        const struct change *change = &effects->changes[i];
        const struct charge *charge = same_charge(after, change->subject);
        if (change->kind != CHANGE_CHARGE && change->kind != CHANGE_ATTEMPT) {
            continue;
        }
        if (!money_is_positive(change->amount)) {
            return "a change of a charge or an attempt tells the amount";
        }
        bool is_last = charge != NULL && change->to == (int)charge->state;
        for (uint32_t k = i + 1; k < effects->change_count; k++) {
            is_last = is_last && strcmp(effects->changes[k].subject, change->subject) != 0;
        }
        if (is_last && (charge->state == CHARGE_HELD || charge->state == CHARGE_RETRYING) &&
            change->until.utc_ms != charge->retry_at.utc_ms) {
            return "a charge that is put off tells until when";
        }
    }
    return NULL;
}

const char *send_rules(const struct account *before, const struct account *after,
                       const struct effects *effects, const struct event *event)
{
    for (uint32_t i = 0; i < after->charge_count; i++) {
        const struct charge *charge = &after->charges[i];
        const struct charge *was = same_charge(before, charge->id);
        if (was != NULL && was->policy_version != charge->policy_version) {
            return "a charge keeps the policy that it began with";
        }
        const char *broken = send_rule(before, after, charge, effects, event);
        if (broken != NULL) {
            return broken;
        }
    }
    return told_rule(after, effects);
}
