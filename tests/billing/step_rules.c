/*
 * step_rules.c - see step_rules.h.
 */
#include "tests/billing/step_rules.h"

#include <string.h>

/* More than the cycles that any test misses: each may be opened and fail in a wake of its own. */
#define WAKES_MAX 1000

/* Copies are of whole structs, padding and all: equal bytes are an untouched value. */
static bool is_untouched(const void *before, const void *after, size_t size)
{
    return memcmp(before, after, size) == 0;
}

static bool has_row(const struct effects *effects, enum row_kind kind, uint32_t index)
{
    for (uint32_t i = 0; i < effects->row_count; i++) {
        if (effects->rows[i].kind == kind && effects->rows[i].index == index) {
            return true;
        }
    }
    return false;
}

static const struct charge *charge_in(const struct account *account, const char *id)
{
    for (uint32_t i = 0; i < account->charge_count; i++) {
        if (strcmp(account->charges[i].id, id) == 0) {
            return &account->charges[i];
        }
    }
    return NULL;
}

static bool is_open(const struct charge *charge)
{
    return charge->attempt.number > 0 && !attempt_is_final(charge->attempt.state);
}

/* 1. What identifies a request never changes once it was recorded. */
static bool is_same_request(const struct charge *before, const struct charge *after)
{
    return strcmp(before->attempt.reference_id, after->attempt.reference_id) == 0 &&
           money_equal(before->attempt.amount, after->attempt.amount) &&
           before->attempt.timeout_minutes == after->attempt.timeout_minutes &&
           before->attempt.created_at.utc_ms == after->attempt.created_at.utc_ms;
}

static bool is_same_charge(const struct charge *before, const struct charge *after)
{
    return strcmp(before->subscription_key, after->subscription_key) == 0 &&
           before->cycle == after->cycle && money_equal(before->amount, after->amount) &&
           strcmp(before->note, after->note) == 0 && strcmp(before->label, after->label) == 0 &&
           before->due_at.utc_ms == after->due_at.utc_ms;
}

static const char *charge_rules(const struct charge *before, const struct charge *after)
{
    if (!is_same_charge(before, after)) {
        return "a charge's business fields never change";
    }
    if (charge_is_final(before->state) && before->state != after->state) {
        return "a final charge never changes";
    }
    if (after->attempt.number == before->attempt.number) {
        return before->attempt.number == 0 || is_same_request(before, after)
                   ? NULL
                   : "an attempt's request never changes";
    }
    if (after->attempt.number != before->attempt.number + 1) {
        return "attempts are numbered without gaps";
    }
    return NULL;
}

/* 2. Attempt n+1 exists only when n is final and not captured, and that was recorded: a step writes
 * one attempt of a charge. */
static const char *successor_rule(const struct charge *before, const struct charge *after)
{
    if (after->attempt.number == before->attempt.number || before->attempt.number == 0) {
        return NULL;
    }
    if (before->attempt.state == ATTEMPT_CAPTURED) {
        return "nothing follows a captured attempt";
    }
    return attempt_is_final(before->attempt.state)
               ? NULL
               : "attempt n+1 exists only when attempt n is recorded as final and not captured";
}

static const char *charges_rules(const struct account *before, const struct account *after,
                                 const struct effects *effects, struct instant at)
{
    for (uint32_t i = 0; i < before->charge_count; i++) {
        const struct charge *was = &before->charges[i];
        const struct charge *is = charge_in(after, was->id);
        if (is == NULL) {
            return "a step forgets no charge";
        }
        const char *broken = charge_rules(was, is);
        broken = broken != NULL ? broken : successor_rule(was, is);
        if (broken != NULL) {
            return broken;
        }
    }
    for (uint32_t i = 0; i < after->charge_count; i++) {
        const struct charge *charge = &after->charges[i];
        const struct charge *was = charge_in(before, charge->id);
        if (charge_in(after, charge->id) != charge) {
            return "a charge is there once";
        }
        if (!instant_reached(charge->due_at, at) && was == NULL) {
            return "no charge before its due instant";
        }
        if (was == NULL && !has_row(effects, ROW_CHARGE, i)) {
            return "a new charge is recorded";
        }
        if ((was == NULL || !is_untouched(was, charge, sizeof *charge)) &&
            !has_row(effects, ROW_CHARGE, i) && !has_row(effects, ROW_ATTEMPT, i)) {
            return "a charge that changed is recorded";
        }
        if (charge->attempt.number > 0 &&
            (was == NULL || was->attempt.number == 0 ||
             was->attempt.number != charge->attempt.number) &&
            !has_row(effects, ROW_ATTEMPT, i)) {
            return "a new attempt is recorded";
        }
    }
    return NULL;
}

/* 3. Every change is of a legal pair, and what a charge passes through is told link by link. */
static const char *change_rule(const struct change *change)
{
    switch (change->kind) {
    case CHANGE_AGREEMENT:
        return change->from == 0 || agreement_may_become(change->from, change->to)
                   ? NULL
                   : "an agreement changes along its table";
    case CHANGE_SUBSCRIPTION:
        return change->from == 0 || subscription_may_become(change->from, change->to)
                   ? NULL
                   : "a subscription changes along its table";
    case CHANGE_CHARGE:
        return change->from == 0 || charge_may_become(change->from, change->to)
                   ? NULL
                   : "a charge changes along its table";
    case CHANGE_ATTEMPT:
        return change->from == 0 || attempt_may_become(change->from, change->to)
                   ? NULL
                   : "an attempt changes along its table";
    case CHANGE_REFUND:
        return change->from == 0 || refund_may_become(change->from, change->to)
                   ? NULL
                   : "a refund changes along its table";
    case CHANGE_LIMIT:
    case CHANGE_CYCLES:
    case CHANGE_PRICE:
    case CHANGE_SCHEDULE:
    case CHANGE_CANCEL:
    case CHANGE_STOP:
    case CHANGE_WORD:
    case CHANGE_WARNING:
    case CHANGE_POLICY:
        return NULL;
    }
    return "a change is of a known kind";
}

static const char *last_told(const struct effects *effects, const struct charge *charge,
                             enum charge_state was)
{
    int state = was;
    for (uint32_t i = 0; i < effects->change_count; i++) {
        const struct change *change = &effects->changes[i];
        if (change->kind == CHANGE_CHARGE && strcmp(change->subject, charge->id) == 0) {
            if (change->from != state) {
                return "each change of a charge begins where the last one ended";
            }
            state = change->to;
        }
    }
    return state == (int)charge->state ? NULL : "each change of a charge is told";
}

static const char *changes_rules(const struct account *before, const struct account *after,
                                 const struct effects *effects)
{
    for (uint32_t i = 0; i < effects->change_count; i++) {
        const char *broken = change_rule(&effects->changes[i]);
        if (broken != NULL) {
            return broken;
        }
    }
    for (uint32_t i = 0; i < after->charge_count; i++) {
        const struct charge *was = charge_in(before, after->charges[i].id);
        const char *broken = last_told(effects, &after->charges[i], was == NULL ? 0 : was->state);
        if (broken != NULL) {
            return broken;
        }
    }
    return NULL;
}

static const struct subscription *subscription_in(const struct account *account, const char *key)
{
    for (uint32_t i = 0; i < account->subscription_count; i++) {
        if (strcmp(account->subscriptions[i].key, key) == 0) {
            return &account->subscriptions[i];
        }
    }
    return NULL;
}

static const char *hand_over_rule(const struct account *before, const struct account *after,
                                  const char *key)
{
    const struct subscription *was = subscription_in(before, key);
    const struct subscription *is = subscription_in(after, key);
    bool is_asked = is != NULL && is->state == SUBSCRIPTION_LEAVING && is->hand_over_on_wire;
    return is_asked && (was == NULL || !was->hand_over_on_wire)
               ? NULL
               : "a LEAVING subscription is handed over, by one call at a time";
}

/* An agreement is closed when nothing on it lives, and never while what was sent may be charged. */
static const char *close_rule(const struct account *account)
{
    for (uint32_t i = 0; i < account->subscription_count; i++) {
        if (!subscription_is_final(account->subscriptions[i].state)) {
            return "no agreement is closed while a subscription of it lives";
        }
    }
    for (uint32_t i = 0; i < account->charge_count; i++) {
        if (!charge_is_final(account->charges[i].state) && !account->agreement.close_forced) {
            return "no agreement is closed while a charge is open, unless an operator forces it";
        }
    }
    return account->agreement.close_wanted ? NULL : "no agreement is closed that nobody wants to";
}

/* 4. Calls: for an open attempt that was not on the wire, once, and an authorization of a new send
 * only on an agreement that is Open. */
static const char *call_rule(const struct account *before, struct account *after,
                             const struct call *call)
{
    if (call->kind == CALL_HAND_OVER) {
        return hand_over_rule(before, after, call->reference_id);
    }
    if (call->kind == CALL_CLOSE) {
        const char *broken = close_rule(after);
        if (broken != NULL) {
            return broken;
        }
    }
    if (call->reference_id[0] == '\0') {
        if (before->agreement.care_on_wire && before->agreement.care == after->agreement.care) {
            return "a care call is not made while it is on the wire";
        }
        return after->agreement.care_on_wire ? NULL : "a care call is on the wire";
    }
    const struct refund *refund = account_refund(after, call->reference_id);
    if (refund != NULL) {
        return !refund_is_final(refund->state) && refund->on_wire
                   ? NULL
                   : "a call is for an open refund and on the wire";
    }
    const struct charge *charge = account_attempted(after, call->reference_id);
    if (charge == NULL || !is_open(charge) || !charge->attempt.on_wire) {
        return "a call is for an open attempt and on the wire";
    }
    const struct charge *was = charge_in(before, charge->id);
    bool is_new = was == NULL || was->attempt.number != charge->attempt.number;
    if (!is_new && was->attempt.on_wire && is_untouched(was, charge, sizeof *was)) {
        return "no call while one is on the wire";
    }
    bool may_be_sent_first = is_new || was->attempt.state == ATTEMPT_POSTPONED;
    if (call->kind == CALL_AUTHORIZE && may_be_sent_first &&
        after->agreement.state != AGREEMENT_OPEN) {
        return "no first send on an agreement that is not Open";
    }
    if (call->kind == CALL_LOOK_UP && charge->attempt.authorization_id[0] == '\0') {
        return "a look-up needs an authorization id";
    }
    return NULL;
}

static const char *calls_rules(const struct account *before, struct account *after,
                               const struct effects *effects)
{
    for (uint32_t i = 0; i < effects->call_count; i++) {
        const char *broken = call_rule(before, after, &effects->calls[i]);
        for (uint32_t k = 0; k < i; k++) {
            if (strcmp(effects->calls[i].reference_id, effects->calls[k].reference_id) == 0) {
                return "one call per attempt and one about the agreement";
            }
        }
        if (broken != NULL) {
            return broken;
        }
    }
    return NULL;
}

static const char *refusal_rules(const struct account *before, const struct account *after,
                                 const struct effects *effects)
{
    if (effects->row_count + effects->change_count + effects->call_count > 0 ||
        effects->is_new_account) {
        return "a refused event has no effects";
    }
    bool same = before->subscription_count == after->subscription_count &&
                before->charge_count == after->charge_count &&
                before->refund_count == after->refund_count &&
                is_untouched(&before->agreement, &after->agreement, sizeof before->agreement) &&
                is_untouched(before->subscriptions, after->subscriptions,
                             before->subscription_count * sizeof before->subscriptions[0]) &&
                is_untouched(before->charges, after->charges,
                             before->charge_count * sizeof before->charges[0]) &&
                is_untouched(before->refunds, after->refunds,
                             before->refund_count * sizeof before->refunds[0]);
    return same ? NULL : "a refused event changes nothing";
}

/* 5. A cycle is opened once, in order: the subscription stands behind every charge it has. */
static const char *cycles_rules(const struct account *before, struct account *after)
{
    for (uint32_t i = 0; i < after->charge_count; i++) {
        const struct charge *charge = &after->charges[i];
        const struct subscription *subscription =
            account_subscription(after, charge->subscription_key);
        if (subscription != NULL && charge->cycle >= subscription->next_cycle) {
            return "next_cycle is after every cycle that was opened";
        }
    }
    for (uint32_t i = 0; i < before->subscription_count; i++) {
        const struct subscription *was = &before->subscriptions[i];
        const struct subscription *is = account_subscription(after, was->key);
        if (is == NULL || is->next_cycle < was->next_cycle) {
            return "next_cycle never goes back";
        }
    }
    return NULL;
}

/* 6. Within a period that Amazon says nothing about, what is posted grows by what is captured,
 * once, and by nothing else; account_check() says the same of what is reserved. */
static const char *posted_rule(const struct account *before, const struct account *after,
                               const struct effects *effects, const struct event *event)
{
    const struct limit *was = &before->agreement.limit;
    const struct limit *is = &after->agreement.limit;
    if (!limit_is_known(was) || was->period_start.utc_ms != is->period_start.utc_ms ||
        event->kind == EVENT_CARE_ANSWER) {
        return NULL;
    }
    struct money posted = was->posted;
    bool is_sum = true;
    for (uint32_t i = 0; i < effects->change_count; i++) {
        const struct change *change = &effects->changes[i];
        if (change->kind == CHANGE_LIMIT) {
            return NULL; /* used up by Amazon's word, and told */
        }
        if (change->kind == CHANGE_ATTEMPT && change->to == ATTEMPT_CAPTURED) {
            is_sum = is_sum && money_add(&posted, posted, change->amount);
        }
    }
    return is_sum && money_equal(posted, is->posted) ? NULL : "what is captured is posted, once";
}

const char *step_rules(const struct account *before, const struct account *after,
                       const struct effects *effects, enum status status, const struct event *event)
{
    const char *broken;
    if (status != ST_OK) {
        return refusal_rules(before, after, effects);
    }
    struct account copy;
    account_copy(&copy, after);
    broken = account_check(after);
    broken = broken != NULL ? broken : charges_rules(before, after, effects, event->at);
    broken = broken != NULL ? broken : changes_rules(before, after, effects);
    broken = broken != NULL ? broken : calls_rules(before, &copy, effects);
    broken = broken != NULL ? broken : cycles_rules(before, &copy);
    broken = broken != NULL ? broken : posted_rule(before, after, effects, event);
    broken = broken != NULL ? broken : send_rules(before, after, effects, event);
    return broken;
}

const char *step_settles(const struct account *account, const struct event *event)
{
    struct account copy;
    struct effects effects;
    account_copy(&copy, account);
    if (event->hold.reason == REASON_CLOCK) {
        return NULL; /* who doubts the clock wakes nobody */
    }
    for (unsigned wakes = 0; wakes < WAKES_MAX; wakes++) {
        if (!instant_reached(copy.agreement.wake_at, event->at)) {
            return NULL;
        }
        struct event wake = {.kind = EVENT_WAKE,
                             .at = event->at,
                             .policy = event->policy,
                             .hold = event->hold,
                             .retry_hold = event->retry_hold};
        if (bill_step(&copy, &wake, &effects, NULL) != ST_OK) {
            return "a wake is never refused";
        }
        if (effects.change_count + effects.call_count == 0 &&
            instant_reached(copy.agreement.wake_at, event->at)) {
            return "a wake that does nothing leaves it due: a hot loop";
        }
        account_drop_final(&copy);
    }
    return "waking it has no end: a hot loop";
}
