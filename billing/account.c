/*
 * account.c - finding things in an account, when it must be looked at next, and what always holds.
 */
#include "billing/account.h"

#include <stddef.h>
#include <string.h>

#include "billing/ensure.h"

void account_copy(struct account *to, const struct account *from)
{
    to->agreement = from->agreement;
    to->subscription_count = from->subscription_count;
    to->charge_count = from->charge_count;
    memcpy(to->subscriptions, from->subscriptions,
           from->subscription_count * sizeof from->subscriptions[0]);
    memcpy(to->charges, from->charges, from->charge_count * sizeof from->charges[0]);
    to->refund_count = from->refund_count;
    memcpy(to->refunds, from->refunds, from->refund_count * sizeof from->refunds[0]);
}

struct subscription *account_subscription(struct account *account, const char *key)
{
    for (uint32_t i = 0; i < account->subscription_count; i++) {
        if (strcmp(account->subscriptions[i].key, key) == 0) {
            return &account->subscriptions[i];
        }
    }
    return NULL;
}

struct charge *account_charge(struct account *account, const char *charge_id)
{
    for (uint32_t i = 0; i < account->charge_count; i++) {
        if (strcmp(account->charges[i].id, charge_id) == 0) {
            return &account->charges[i];
        }
    }
    return NULL;
}

struct charge *account_attempted(struct account *account, const char *reference_id)
{
    for (uint32_t i = 0; i < account->charge_count; i++) {
        struct charge *charge = &account->charges[i];
        if (charge->attempt.number > 0 && strcmp(charge->attempt.reference_id, reference_id) == 0) {
            return charge;
        }
    }
    return NULL;
}

struct refund *account_refund(struct account *account, const char *refund_id)
{
    for (uint32_t i = 0; i < account->refund_count; i++) {
        if (strcmp(account->refunds[i].id, refund_id) == 0) {
            return &account->refunds[i];
        }
    }
    return NULL;
}

bool subscription_opens_cycles(enum subscription_state state)
{
    return state == SUBSCRIPTION_ACTIVE || state == SUBSCRIPTION_PAST_DUE;
}

bool attempt_is_pending(const struct attempt *attempt)
{
    return attempt->state == ATTEMPT_UNKNOWN && attempt->reason == REASON_PENDING;
}

void account_drop_final(struct account *account)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < account->charge_count; i++) {
        if (!charge_is_final(account->charges[i].state)) {
            if (kept != i) {
                account->charges[kept] = account->charges[i];
            }
            kept++;
        }
    }
    account->charge_count = kept;
    kept = 0;
    for (uint32_t i = 0; i < account->refund_count; i++) {
        if (!refund_is_final(account->refunds[i].state)) {
            if (kept != i) {
                account->refunds[kept] = account->refunds[i];
            }
            kept++;
        }
    }
    account->refund_count = kept;
    kept = 0;
    for (uint32_t i = 0; i < account->subscription_count; i++) {
        if (!subscription_is_final(account->subscriptions[i].state)) {
            if (kept != i) {
                account->subscriptions[kept] = account->subscriptions[i];
            }
            kept++;
        }
    }
    account->subscription_count = kept;
}

struct wake {
    struct instant at;
    enum lane lane;
};

static void wake_no_later(struct wake *wake, struct instant at, enum lane lane)
{
    bool same = at.utc_ms == wake->at.utc_ms && at.utc_ms != INSTANT_NEVER.utc_ms;
    if (instant_before(at, wake->at) || (same && lane < wake->lane)) {
        *wake = (struct wake){at, lane};
    }
}

static enum lane charge_lane(const struct charge *charge)
{
    if (charge->attempt.number > 1 || charge->state == CHARGE_RETRYING) {
        return LANE_RETRY;
    }
    if (charge->subscription_key[0] == '\0') {
        return LANE_ONE_OFF;
    }
    return charge->is_first ? LANE_FIRST : LANE_RENEWAL;
}

/* What is pending must not go before charging: there may be a day's worth of it. */
static enum lane attempt_lane(const struct charge *charge)
{
    if (charge->attempt.state == ATTEMPT_POSTPONED) {
        return charge_lane(charge);
    }
    bool capture_is_pending =
        charge->attempt.state == ATTEMPT_CAPTURING && charge->attempt.reason == REASON_PENDING;
    return capture_is_pending || attempt_is_pending(&charge->attempt) ? LANE_CARE : LANE_SETTLE;
}

static void charge_wake(const struct charge *charge, struct wake *wake)
{
    switch (charge->state) {
    case CHARGE_ATTEMPTING:
        /* While this process holds the call, the answer wakes the account; if the process dies,
         * the store makes the account due when it is opened again. */
        if (!charge->attempt.on_wire) {
            wake_no_later(wake, charge->attempt.resend_at, attempt_lane(charge));
        }
        break;
    case CHARGE_RETRYING:
    case CHARGE_HELD:
        wake_no_later(wake, charge->retry_at, charge_lane(charge));
        break;
    case CHARGE_AUTHORIZED: /* to warn, to see it expire */
        if (!charge->attempt.on_wire) {
            wake_no_later(wake, charge->attempt.resend_at, LANE_CARE);
        }
        break;
    case CHARGE_ASKING:  /* an operator's word wakes it */
    case CHARGE_DUE:     /* left only while the agreement is being closed */
    case CHARGE_WAITING: /* whatever ends what it waits for wakes it */
    case CHARGE_PAID:
    case CHARGE_FAILED:
    case CHARGE_CANCELED:
        break;
    }
}

void account_wake(const struct account *account, struct instant *at, enum lane *lane)
{
    struct wake wake = {INSTANT_NEVER, LANE_CARE};
    uint32_t open_charges = 0;
    for (uint32_t i = 0; i < account->charge_count; i++) {
        charge_wake(&account->charges[i], &wake);
        open_charges += !charge_is_final(account->charges[i].state);
    }
    for (uint32_t i = 0; i < account->subscription_count; i++) {
        const struct subscription *subscription = &account->subscriptions[i];
        if (subscription_is_final(subscription->state)) {
            continue;
        }
        wake_no_later(&wake, subscription->resume_at, LANE_RENEWAL);
        if (!subscription->hand_over_on_wire) {
            wake_no_later(&wake, subscription->hand_over_at, LANE_CARE);
        }
        wake_no_later(&wake, subscription->cancel_at, LANE_RENEWAL);
        if (!subscription_opens_cycles(subscription->state)) {
            continue;
        }
        /* Without room no cycle can be opened; a charge that becomes final makes room. */
        if (open_charges < ACCOUNT_CHARGES_MAX) {
            bool is_first = subscription->next_cycle == subscription->first_cycle;
            wake_no_later(&wake, subscription->due_at, is_first ? LANE_FIRST : LANE_RENEWAL);
        }
    }
    for (uint32_t i = 0; i < account->refund_count; i++) {
        const struct refund *refund = &account->refunds[i];
        if (!refund_is_final(refund->state) && !refund->on_wire) {
            wake_no_later(&wake, refund->resend_at, LANE_CARE);
        }
    }
    /* Like an attempt's: a call on the wire is woken by its answer, or by the next start. */
    if (!account->agreement.care_on_wire) {
        wake_no_later(&wake, account->agreement.care_at, LANE_CARE);
    }
    *at = wake.at;
    *lane = wake.lane;
}

/* What attempt rows a charge must have in its state. */
static const char *charge_check(const struct charge *charge)
{
    const struct attempt *attempt = &charge->attempt;
    bool open = attempt->number > 0 && !attempt_is_final(attempt->state);
    bool attempting = charge->state == CHARGE_ATTEMPTING || charge->state == CHARGE_AUTHORIZED;
    bool authorized = attempt->number > 0 && attempt->state == ATTEMPT_AUTHORIZED;
    bool timed = charge->state == CHARGE_RETRYING || charge->state == CHARGE_HELD;
    if (!money_is_positive(charge->amount)) {
        return "a charge's amount is positive";
    }
    if (attempting != open) {
        return "a charge is ATTEMPTING or AUTHORIZED exactly while its latest attempt is open";
    }
    if ((charge->state == CHARGE_AUTHORIZED) != authorized) {
        return "a charge is AUTHORIZED exactly while its latest attempt is";
    }
    if (charge->state == CHARGE_PAID && attempt->state != ATTEMPT_CAPTURED) {
        return "a PAID charge's latest attempt is CAPTURED";
    }
    if (charge->state != CHARGE_PAID && attempt->number > 0 && attempt->state == ATTEMPT_CAPTURED) {
        return "a CAPTURED attempt makes its charge PAID";
    }
    if (timed != (charge->retry_at.utc_ms != INSTANT_NEVER.utc_ms)) {
        return "a charge has retry_at exactly while RETRYING or HELD";
    }
    if (charge->state == CHARGE_RETRYING && attempt->number == 0) {
        return "a RETRYING charge has been attempted";
    }
    if (charge->state == CHARGE_ASKING && charge->is_approved) {
        return "what was approved is not asked again";
    }
    if (attempt->number > 0 && !money_equal(attempt->amount, charge->amount)) {
        return "an attempt's amount is its charge's";
    }
    if ((charge->cycle == 0) != (charge->subscription_key[0] == '\0')) {
        return "a one-off has cycle 0, a cycle's charge has a subscription";
    }
    return NULL;
}

/* The sum of open attempts is what is reserved. */
static bool reservations_match(const struct account *account)
{
    const struct limit *limit = &account->agreement.limit;
    struct money open = money_zero(limit->amount);
    for (uint32_t i = 0; i < account->charge_count; i++) {
        const struct attempt *attempt = &account->charges[i].attempt;
        if (attempt->number > 0 && !attempt_is_final(attempt->state) &&
            !money_add(&open, open, attempt->amount)) {
            return false;
        }
    }
    return money_equal(open, limit->reserved);
}

static const char *subscription_check(const struct subscription *subscription)
{
    bool due = subscription->due_at.utc_ms != INSTANT_NEVER.utc_ms;
    if (!key_is_valid(subscription->key)) {
        return "a subscription has a key";
    }
    if (!money_is_positive(subscription->amount)) {
        return "a subscription's amount is positive";
    }
    if (subscription_is_final(subscription->state) && due) {
        return "a subscription that is over has no due cycle";
    }
    bool leaving = subscription->state == SUBSCRIPTION_LEAVING;
    if (leaving != (subscription->hand_over_at.utc_ms != INSTANT_NEVER.utc_ms)) {
        return "hand_over_at is set exactly while a subscription is LEAVING";
    }
    if (subscription->state != SUBSCRIPTION_PAUSED &&
        subscription->resume_at.utc_ms != INSTANT_NEVER.utc_ms) {
        return "only a PAUSED subscription is to be resumed";
    }
    if (subscription->next_cycle < subscription->first_cycle) {
        return "cycles are opened from first_cycle on";
    }
    return NULL;
}

static const char *refund_check(const struct refund *refund)
{
    bool is_open = !refund_is_final(refund->state);
    if (is_open != (refund->resend_at.utc_ms != INSTANT_NEVER.utc_ms)) {
        return "a refund is asked for again exactly while it is open";
    }
    if (refund->number > 0 && refund->kind != REFUND_BY_SHOP) {
        return "only the shop's own refunds are numbered";
    }
    if (refund->number > 0 && !money_is_positive(refund->amount)) {
        return "a refund's amount is positive";
    }
    return NULL;
}

const char *account_check(const struct account *account)
{
    const struct agreement *agreement = &account->agreement;
    if (limit_is_known(&agreement->limit)) {
        if (!limit_check(&agreement->limit)) {
            return "posted + reserved is at most the limit";
        }
        if (!reservations_match(account)) {
            return "reserved is the sum of open attempts";
        }
    }
    if (agreement->state == AGREEMENT_OPEN && !limit_is_known(&agreement->limit)) {
        return "an OPEN agreement's limit is known";
    }
    if ((agreement->care == CARE_NONE) != (agreement->care_at.utc_ms == INSTANT_NEVER.utc_ms)) {
        return "care_at is set exactly while a care call is wanted";
    }
    for (uint32_t i = 0; i < account->charge_count; i++) {
        const char *broken = charge_check(&account->charges[i]);
        if (broken != NULL) {
            return broken;
        }
    }
    for (uint32_t i = 0; i < account->refund_count; i++) {
        const char *broken = refund_check(&account->refunds[i]);
        if (broken != NULL) {
            return broken;
        }
    }
    for (uint32_t i = 0; i < account->subscription_count; i++) {
        const char *broken = subscription_check(&account->subscriptions[i]);
        if (broken != NULL) {
            return broken;
        }
    }
    return NULL;
}
