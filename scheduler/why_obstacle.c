/*
 * why_obstacle.c - what stands in the way of a charge, or of a cycle's being opened: stop switches,
 * another agreement that takes the subscription over.
 */
#include <inttypes.h>

#include "scheduler/why.h"

void why_switches(const struct why_facts *facts, struct why_text *text)
{
    const struct {
        bool is_on;
        const char *of;
    } switches[] = {
        {facts->subscription != NULL && facts->subscription->is_stopped, "the subscription"},
        {facts->agreement->stopped != REASON_NONE, "the agreement"},
        {facts->stopped_for_seller != REASON_NONE, "the seller"},
        {facts->stopped_for_all != REASON_NONE, "all sellers"},
    };
    const char *before = "that of ";
    for (size_t i = 0; i < sizeof switches / sizeof switches[0]; i++) {
        if (switches[i].is_on) {
            why_say(text, "%s%s", before, switches[i].of);
            before = ", of ";
        }
    }
}

/* Why the other agreement could not take it when it was asked, as far as its rows show it. */
static void say_no_room(const struct account *successor, struct why_text *text)
{
    if (successor == NULL) {
        return;
    }
    if (agreement_is_final(successor->agreement.state)) {
        why_say(text, ": it is %s", agreement_state_name(successor->agreement.state));
    } else if (successor->subscription_count == ACCOUNT_SUBSCRIPTIONS_MAX) {
        why_say(text, ": it has %d live subscriptions, the most", ACCOUNT_SUBSCRIPTIONS_MAX);
    }
}

void why_leaving(const struct why_facts *facts, struct why_text *text)
{
    const struct subscription *subscription = facts->subscription;
    why_say(text, "agreement %s is taking the subscription over",
            subscription->successor_agreement_id);
    if (subscription->hand_over_tries == 0) {
        return;
    }
    why_say(text, "; it was asked %" PRIu32 " time%s and could not", subscription->hand_over_tries,
            subscription->hand_over_tries == 1 ? "" : "s");
    say_no_room(facts->successor, text);
    why_say(text,
            "; it is asked again until it can, or until `autopayctl subscription cancel %s --now`,"
            " or `subscription replace %s --agreement %s`, by which it stays here",
            subscription->key, subscription->key, facts->agreement->id);
}
