/*
 * step_subscription.c - operators' commands about a subscription: pause, resume, skip, move,
 * change, stop.
 *
 * The cycles that are due when a command comes are opened before it (step.c), so each cycle keeps
 * the price and the date that were in force at its due instant, and a command is about the cycles
 * to come. Every command works on a copy of the row and takes it over when nothing is wrong with
 * it; asked again, it finds nothing left to do and says ST_OK.
 *
 * Rules:
 *   1. The dates of a subscription's cycles strictly increase, whatever was changed or moved.
 *   2. Each cycle is opened or told of as one that is not charged (CHANGE_CYCLES): none is lost.
 *   3. A subscription that is LEAVING belongs to two agreements: it takes no command but the stop
 *      switch, and those that end the hand-over, until the other one has answered (step_replace.c).
 *
 * Ending a subscription is command_cancel() in step_command.c.
 */
#include <string.h>

#include "billing/ensure.h"
#include "billing/step_parts.h"
#include "billing/subscription.h"

/* --- what all commands ask first ----------------------------------------------------------- */

struct subscription *subscription_wanted(const struct step *step, const char *key,
                                         struct problem *problem)
{
    struct subscription *subscription = account_subscription(step->account, key);
    if (subscription == NULL || subscription_is_final(subscription->state)) {
        (void)problem_set(problem, ST_NOT_FOUND, "subscription %s is not live", key);
        return NULL;
    }
    return subscription;
}

enum status refuse_leaving(const struct subscription *subscription, struct problem *problem)
{
    if (subscription->state != SUBSCRIPTION_LEAVING) {
        return ST_OK;
    }
    return problem_set(problem, ST_CONFLICT,
                       "subscription %s is being taken over by agreement %s as %s: wait until it "
                       "has been, and command that one; or cancel it, or replace it by its own "
                       "agreement to keep it there",
                       subscription->key, subscription->successor_agreement_id,
                       subscription->successor_key);
}

/* The commands about the next cycle need one. */
static enum status refuse_without_cycle(const struct subscription *subscription,
                                        struct problem *problem)
{
    char text[INSTANT_TEXT_MAX];
    if (subscription_has_cycle(subscription)) {
        return ST_OK;
    }
    if (subscription->cancel_at.utc_ms == INSTANT_NEVER.utc_ms) {
        return problem_set(problem, ST_CONFLICT, "subscription %s has no further cycle",
                           subscription->key);
    }
    instant_format(subscription->cancel_at, text);
    return problem_set(problem, ST_CONFLICT,
                       "subscription %s will be canceled at %s, before its next cycle",
                       subscription->key, text);
}

static enum status refuse_paused(const struct subscription *subscription, struct problem *problem)
{
    if (subscription->state != SUBSCRIPTION_PAUSED) {
        return ST_OK;
    }
    return problem_set(problem, ST_CONFLICT,
                       "subscription %s is paused, and cycles due in the pause are not charged: "
                       "resume it first",
                       subscription->key);
}

/* The live subscription that a command is about; not one that is LEAVING. */
static enum status find_commanded(const struct step *step, const char *key,
                                  struct subscription **found, struct problem *problem)
{
    *found = subscription_wanted(step, key, problem);
    return *found == NULL ? ST_NOT_FOUND : refuse_leaving(*found, problem);
}

/* ... and about its next cycle, which it must have, and not pass over. */
static enum status find_with_cycle(const struct step *step, const char *key,
                                   struct subscription **found, struct problem *problem)
{
    enum status status = find_commanded(step, key, found, problem);
    if (status == ST_OK) {
        status = refuse_paused(*found, problem);
    }
    return status == ST_OK ? refuse_without_cycle(*found, problem) : status;
}

static void tell_cycles(struct step *step, const struct subscription *subscription, uint32_t from,
                        enum reason reason)
{
    if (from < subscription->next_cycle) {
        tell(step, CHANGE_CYCLES, subscription->key, (int)from, (int)subscription->next_cycle - 1,
             reason);
    }
}

static void tell_schedule(struct step *step, const struct subscription *subscription)
{
    struct change *change = tell(step, CHANGE_SCHEDULE, subscription->key,
                                 (int)subscription->next_cycle, 0, REASON_OPERATOR);
    change->until = subscription->due_at;
}

/* --- pause, resume ------------------------------------------------------------------------- */

/* Cycles due in a pause that ends at `end` are passed over, up to the cancellation if it is first.
 */
static void pass_over_pause(struct subscription *subscription, struct instant end)
{
    (void)subscription_pass_over(subscription, instant_min(end, subscription->cancel_at));
}

enum status command_pause(struct step *step, struct problem *problem)
{
    const struct pause *wanted = &step->event->pause;
    struct subscription *subscription;
    enum status status = find_commanded(step, wanted->subscription_key, &subscription, problem);
    if (status != ST_OK) {
        return status;
    }
    if (wanted->resume_at.utc_ms <= step->at.utc_ms) {
        return problem_set(problem, ST_INVALID,
                           "until: must be later than now; leave it out to resume by hand");
    }
    if (subscription->state != SUBSCRIPTION_PAUSED) {
        move_subscription(step, subscription, SUBSCRIPTION_PAUSED, REASON_OPERATOR);
    } else if (subscription->resume_at.utc_ms != wanted->resume_at.utc_ms) {
        tell(step, CHANGE_SCHEDULE, subscription->key, (int)subscription->next_cycle, 0,
             REASON_SUBSCRIPTION_PAUSED)
            ->until = wanted->resume_at;
    }
    subscription->resume_at = wanted->resume_at;
    touch_subscription(step, subscription);
    return ST_OK;
}

static void resume(struct step *step, struct subscription *subscription, struct instant end,
                   enum reason reason)
{
    uint32_t from = subscription->next_cycle;
    pass_over_pause(subscription, end);
    tell_cycles(step, subscription, from, REASON_SUBSCRIPTION_PAUSED);
    subscription->resume_at = INSTANT_NEVER;
    move_subscription(step, subscription, SUBSCRIPTION_ACTIVE, reason);
}

enum status command_resume(struct step *step, struct problem *problem)
{
    struct subscription *subscription;
    enum status status =
        find_commanded(step, step->event->subscription.subscription_key, &subscription, problem);
    if (status == ST_OK && subscription->state == SUBSCRIPTION_PAUSED) {
        resume(step, subscription, instant_min(step->at, subscription->resume_at), REASON_OPERATOR);
    }
    return status;
}

void subscriptions_advance(struct step *step)
{
    for (uint32_t i = 0; i < step->account->subscription_count; i++) {
        struct subscription *subscription = &step->account->subscriptions[i];
        if (subscription->state == SUBSCRIPTION_PAUSED && !clock_is_doubted(step) &&
            instant_reached(subscription->resume_at, step->at)) {
            resume(step, subscription, subscription->resume_at, REASON_NONE);
        } else if (subscription->state == SUBSCRIPTION_LEAVING) {
            hand_over_advance(step, subscription);
        }
    }
}

/* --- the next cycle: skip, move ------------------------------------------------------------ */

enum status command_skip(struct step *step, struct problem *problem)
{
    const struct subscription_command *wanted = &step->event->subscription;
    struct subscription *subscription;
    enum status status = find_with_cycle(step, wanted->subscription_key, &subscription, problem);
    if (status != ST_OK) {
        return status;
    }
    uint32_t skipped = subscription->next_cycle;
    if (wanted->cycle != 0 && wanted->cycle != skipped) {
        return problem_set(problem, ST_CONFLICT,
                           "cycle: %u is not the next cycle of subscription %s, which is %u",
                           wanted->cycle, subscription->key, skipped);
    }
    subscription_move_on(subscription);
    tell_cycles(step, subscription, skipped, REASON_SKIPPED);
    touch_subscription(step, subscription);
    return ST_OK;
}

/* Every cycle that was opened or skipped is due at or before this: nothing may be due before it. */
static struct instant last_due(const struct step *step, const struct subscription *subscription)
{
    struct instant due_at = subscription_due(subscription, subscription->next_cycle - 1);
    bool is_later = due_at.utc_ms != INSTANT_NEVER.utc_ms && instant_before(step->at, due_at);
    return is_later ? due_at : step->at;
}

static enum status check_moved(const struct step *step, const struct subscription *subscription,
                               struct instant due_at, struct problem *problem)
{
    char text[INSTANT_TEXT_MAX];
    struct instant after = last_due(step, subscription);
    struct instant before = subscription_due(subscription, subscription->next_cycle + 1);
    if (due_at.utc_ms <= after.utc_ms) {
        instant_format(after, text);
        return problem_set(problem, ST_INVALID, "to: must be later than %s", text);
    }
    if (due_at.utc_ms == INSTANT_NEVER.utc_ms || !instant_before(due_at, before)) {
        instant_format(before, text);
        return problem_set(problem, ST_INVALID,
                           "to: must be earlier than %s, when cycle %u is due; to charge less "
                           "often skip the cycle or change the schedule",
                           text, subscription->next_cycle + 1);
    }
    if (!instant_before(due_at, subscription->cancel_at)) {
        instant_format(subscription->cancel_at, text);
        return problem_set(problem, ST_INVALID,
                           "to: must be earlier than %s, when subscription %s is canceled", text,
                           subscription->key);
    }
    return ST_OK;
}

enum status command_move(struct step *step, struct problem *problem)
{
    const struct move_due *wanted = &step->event->move;
    struct subscription *subscription;
    enum status status = find_with_cycle(step, wanted->subscription_key, &subscription, problem);
    if (status == ST_OK) {
        status = check_moved(step, subscription, wanted->due_at, problem);
    }
    if (status != ST_OK || subscription->due_at.utc_ms == wanted->due_at.utc_ms) {
        return status;
    }
    subscription->due_at = wanted->due_at;
    subscription->due_is_moved =
        wanted->due_at.utc_ms != subscription_due(subscription, subscription->next_cycle).utc_ms;
    tell_schedule(step, subscription);
    touch_subscription(step, subscription);
    return ST_OK;
}

/* --- change: policy, schedule, amount ------------------------------------------------------ */

static bool same_rule(const struct change_subscription *wanted,
                      const struct subscription *subscription)
{
    return recurrence_equal(&wanted->rule, &subscription->rule) &&
           strcmp(wanted->zone->name, subscription->zone_name) == 0;
}

/* The next cycle keeps its number and becomes the rule's first one after all that is passed. */
static enum status change_rule(const struct step *step, struct subscription *changed,
                               struct problem *problem)
{
    const struct change_subscription *wanted = &step->event->change;
    ENSURE(wanted->zone != NULL);
    enum status status = recurrence_check(&wanted->rule, problem);
    if (status != ST_OK || same_rule(wanted, changed)) {
        return status;
    }
    if (changed->cancel_at.utc_ms != INSTANT_NEVER.utc_ms && !subscription_has_cycle(changed)) {
        return refuse_without_cycle(changed, problem);
    }
    struct instant after = instant_plus(last_due(step, changed), 1);
    uint32_t of_rule = recurrence_first_cycle(&wanted->rule, wanted->zone, after);
    if (of_rule == 0) {
        return problem_set(problem, ST_INVALID,
                           "schedule: no cycle is due after the last one; to end subscription %s "
                           "cancel it at the end of its period",
                           changed->key);
    }
    changed->rule = wanted->rule;
    changed->zone = wanted->zone;
    memcpy(changed->zone_name, wanted->zone->name, sizeof changed->zone_name);
    changed->cycle_base = (int32_t)changed->next_cycle - (int32_t)of_rule;
    changed->due_at = subscription_due(changed, changed->next_cycle);
    changed->due_is_moved = false;
    return ST_OK;
}

static enum status refuse_second_price(const struct subscription *subscription,
                                       struct problem *problem)
{
    char text[INSTANT_TEXT_MAX];
    instant_format(subscription->next_amount_at, text);
    return problem_set(problem, ST_CONFLICT,
                       "from: the amount of subscription %s changes at %s already, and one "
                       "change can wait: ask for this one after that, or for an earlier date",
                       subscription->key, text);
}

/* `*from`: of cycles due from when on the amount was changed; never = nothing was. A date that is
 * to come waits even when the next cycle is due after it: that one may be moved to before. */
static enum status change_amount(const struct step *step, struct subscription *changed,
                                 struct instant *from, struct problem *problem)
{
    const struct change_subscription *wanted = &step->event->change;
    enum status status = refuse_without_cycle(changed, problem);
    if (status != ST_OK) {
        return status;
    }
    if (strcmp(money_currency(&wanted->amount), money_currency(&changed->amount)) != 0) {
        return problem_set(
            problem, ST_INVALID, "currency: %s, but subscription %s is charged in %s",
            money_currency(&wanted->amount), changed->key, money_currency(&changed->amount));
    }
    bool is_later = wanted->amount_from.utc_ms != INSTANT_NEVER.utc_ms &&
                    instant_before(step->at, wanted->amount_from);
    bool is_waiting = money_is_valid(changed->next_amount);
    if (is_later && is_waiting && instant_before(changed->next_amount_at, wanted->amount_from)) {
        return refuse_second_price(changed, problem);
    }
    struct subscription was = *changed;
    if (is_later) {
        changed->next_amount = wanted->amount;
        changed->next_amount_at = wanted->amount_from;
    } else {
        changed->amount = wanted->amount;
        changed->next_amount = (struct money){0};
        changed->next_amount_at = INSTANT_NEVER;
    }
    bool is_same = money_equal(was.amount, changed->amount) &&
                   was.next_amount_at.utc_ms == changed->next_amount_at.utc_ms &&
                   (!is_later || money_equal(was.next_amount, changed->next_amount));
    if (!is_same) {
        *from = is_later ? wanted->amount_from : step->at;
    }
    return ST_OK;
}

static enum status change_policy(const struct step *step, struct subscription *changed,
                                 struct problem *problem)
{
    const struct policy *policy = policy_wanted(step, step->event->change.policy_name, problem);
    if (policy == NULL) {
        return ST_INVALID;
    }
    memcpy(changed->policy_name, policy->name, sizeof changed->policy_name);
    return ST_OK;
}

/* Whatever was changed of the two, the amount to come is inside of the bounds to come. */
static enum status check_changed(const struct step *step, const struct subscription *changed,
                                 struct problem *problem)
{
    const struct change_subscription *wanted = &step->event->change;
    const struct policy *policy = subscription_policy(step, changed);
    if (wanted->has_amount) {
        return amount_check(step, policy, wanted->amount, problem);
    }
    return wanted->has_policy ? amount_check(step, policy, subscription_amount(changed), problem)
                              : ST_OK;
}

static void tell_changed(struct step *step, const struct subscription *was,
                         const struct subscription *is, struct instant price_from)
{
    tell_cycles(step, is, was->next_cycle, REASON_SUBSCRIPTION_PAUSED);
    if (strcmp(was->policy_name, is->policy_name) != 0) {
        tell(step, CHANGE_POLICY, is->key, 0, (int)subscription_policy(step, is)->version,
             REASON_OPERATOR);
    }
    if (!recurrence_equal(&was->rule, &is->rule) || strcmp(was->zone_name, is->zone_name) != 0) {
        tell_schedule(step, is);
    }
    if (price_from.utc_ms != INSTANT_NEVER.utc_ms) {
        struct change *change = tell(step, CHANGE_PRICE, is->key, 0, 0, REASON_OPERATOR);
        change->amount = step->event->change.amount;
        change->until = price_from;
    }
}

enum status command_change(struct step *step, struct problem *problem)
{
    const struct change_subscription *wanted = &step->event->change;
    struct subscription *subscription;
    enum status status = find_commanded(step, wanted->subscription_key, &subscription, problem);
    if (status != ST_OK) {
        return status;
    }
    if (!wanted->has_amount && !wanted->has_rule && !wanted->has_policy) {
        return problem_set(problem, ST_INVALID,
                           "change: give an amount, a schedule or a policy to be changed");
    }
    struct subscription changed = *subscription;
    struct instant price_from = INSTANT_NEVER;
    if (changed.state == SUBSCRIPTION_PAUSED) {
        pass_over_pause(&changed, step->at);
    }
    status = wanted->has_policy ? change_policy(step, &changed, problem) : ST_OK;
    if (status == ST_OK && wanted->has_rule) {
        status = change_rule(step, &changed, problem);
    }
    if (status == ST_OK) {
        status = check_changed(step, &changed, problem);
    }
    if (status == ST_OK && wanted->has_amount) {
        status = change_amount(step, &changed, &price_from, problem);
    }
    if (status != ST_OK) {
        return status;
    }
    tell_changed(step, subscription, &changed, price_from);
    *subscription = changed;
    touch_subscription(step, subscription);
    return ST_OK;
}

/* --- the stop switches --------------------------------------------------------------------- */

static enum status stop_agreement(struct step *step, bool is_on, struct problem *problem)
{
    struct agreement *agreement = &step->account->agreement;
    if (agreement_is_final(agreement->state)) {
        return problem_set(problem, ST_CONFLICT, "agreement %s is %s: nothing is charged on it",
                           agreement->id, agreement_state_name(agreement->state));
    }
    bool was_on = agreement->stopped != REASON_NONE;
    if (was_on != is_on) {
        agreement->stopped = is_on ? REASON_OPERATOR : REASON_NONE;
        tell(step, CHANGE_STOP, agreement->id, was_on, is_on, REASON_OPERATOR);
    }
    return ST_OK;
}

enum status command_stop(struct step *step, struct problem *problem)
{
    const struct stop_switch *wanted = &step->event->stop;
    if (wanted->subscription_key[0] == '\0') {
        return stop_agreement(step, wanted->is_on, problem);
    }
    struct subscription *subscription =
        subscription_wanted(step, wanted->subscription_key, problem);
    if (subscription == NULL) {
        return ST_NOT_FOUND;
    }
    if (subscription->is_stopped != wanted->is_on) {
        tell(step, CHANGE_STOP, subscription->key, subscription->is_stopped, wanted->is_on,
             REASON_OPERATOR);
        subscription->is_stopped = wanted->is_on;
        touch_subscription(step, subscription);
    }
    return ST_OK;
}
