/*
 * why_cycle.c - the verdict of a cycle that has no charge: it is not due yet, it was told to be
 * left out, it is before the first or after the last one, or something is wrong.
 */
#include <inttypes.h>
#include <string.h>

#include "scheduler/why.h"

static bool is_never(struct instant at)
{
    return at.utc_ms == INSTANT_NEVER.utc_ms;
}

/* Of a cycle that is not opened yet, as things stand. */
static struct instant due_of(const struct why_facts *facts)
{
    const struct subscription *subscription = facts->subscription;
    if (facts->cycle == subscription->next_cycle) {
        return subscription->due_at;
    }
    int64_t of_rule = (int64_t)facts->cycle - subscription->cycle_base;
    if (subscription->zone == NULL || of_rule < 1 || of_rule > RECUR_CYCLE_MAX) {
        return INSTANT_NEVER;
    }
    return recurrence_due(&subscription->rule, subscription->zone, (uint32_t)of_rule);
}

/* The event that tells that this cycle is not charged, the latest. */
static const struct change_view *told(const struct why_facts *facts)
{
    for (size_t i = facts->change_count; i > 0; i--) {
        const struct change_view *view = &facts->changes[i - 1];
        if (view->change.kind == CHANGE_CYCLES && why_concerns(facts, view)) {
            return view;
        }
    }
    return NULL;
}

static void say_told(const struct why_facts *facts, const struct change_view *view,
                     struct why_text *text)
{
    const struct change *change = &view->change;
    why_say(text, " was not charged and will not be: at ");
    why_say_time(text, view->at, facts->zone);
    if (change->from == change->to) {
        why_say(text, " it was left out");
    } else {
        why_say(text, " the cycles %d to %d were left out", change->from, change->to);
    }
    why_say(text, " because %s.", why_because(change->reason));
}

static void say_over(const struct subscription *subscription, struct why_text *text)
{
    if (subscription->state == SUBSCRIPTION_REPLACED) {
        why_say(text, " will not be charged here: agreement %s took the subscription over, as %s.",
                subscription->successor_agreement_id, subscription->successor_key);
    } else {
        why_say(text,
                " will not be charged: the subscription is %s, and its next cycle would have"
                " been %" PRIu32 ".",
                subscription_state_name(subscription->state), subscription->next_cycle);
    }
}

static void say_to_come(const struct why_facts *facts, struct instant due_at, struct why_text *text)
{
    const struct subscription *subscription = facts->subscription;
    bool has_come = instant_reached(due_at, facts->now);
    why_say(text, " %s at ", has_come ? "was due" : "is not due yet: it will be due");
    why_say_time(text, due_at, facts->zone);
    if (facts->cycle == subscription->next_cycle && subscription->due_is_moved) {
        why_say(text, ", to where an operator moved it");
    }
    if (subscription->state == SUBSCRIPTION_PAUSED) {
        why_say(text, ", but the subscription is paused");
        if (is_never(subscription->resume_at)) {
            why_say(text, " until it is resumed by hand");
        } else {
            why_say(text, " until ");
            why_say_time(text, subscription->resume_at, facts->zone);
        }
        why_say(text, ", and what is due in a pause is not charged");
    } else if (subscription->state == SUBSCRIPTION_LEAVING) {
        why_say(text, ", but ");
        why_leaving(facts, text);
    } else if (has_come && why_is_of_clock(facts->stopped_for_all)) {
        why_say(text,
                " and is not opened yet: the stop switch of all sellers is on, because %s; nothing "
                "is opened by a clock in doubt; it will be opened %s",
                why_because(facts->stopped_for_all), why_once(facts->stopped_for_all));
    } else if (has_come) {
        why_say(text, " and is not opened yet: autopayd has not had it in its turn since, or does"
                      " not run (`autopayctl status` shows that, and whether a guard holds charging"
                      " back)");
    }
    struct why_text switches = {0};
    why_switches(facts, &switches);
    if (switches.length > 0) {
        why_say(text, "; stop switches that are on: %s", switches.text);
    }
    why_say(text, ".");
}

void why_cycle(const struct why_facts *facts, struct why_text *text)
{
    const struct subscription *subscription = facts->subscription;
    const struct change_view *left_out = told(facts);
    why_say(text, "Cycle %" PRIu32 " of subscription %s", facts->cycle, subscription->key);
    if (left_out != NULL) {
        say_told(facts, left_out, text);
    } else if (facts->cycle == 0) {
        why_say(text, " does not exist: cycles are counted from 1.");
    } else if (facts->cycle < subscription->first_cycle) {
        why_say(text,
                " was not charged: charging of this subscription begins with cycle %" PRIu32 ".",
                subscription->first_cycle);
    } else if (facts->cycle < subscription->next_cycle) {
        why_say(text, " has neither a charge nor an event that says why: ask autopayctl verify.");
    } else if (subscription_is_final(subscription->state)) {
        say_over(subscription, text);
    } else {
        struct instant due_at = due_of(facts);
        if (is_never(due_at)) {
            why_say(text, " will not come: the schedule ends before it.");
        } else if (!instant_before(due_at, subscription->cancel_at)) {
            why_say(text, " will not be charged: the subscription ends at ");
            why_say_time(text, subscription->cancel_at, facts->zone);
            why_say(text, ", and this cycle would be due at ");
            why_say_time(text, due_at, facts->zone);
            why_say(text, ".");
        } else {
            say_to_come(facts, due_at, text);
        }
    }
}
