/*
 * why_event.c - one event as one sentence.
 *
 * A step tells a charge's and its attempt's change as two events; where the second says the same as
 * the first it has no sentence of its own.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "scheduler/why.h"

uint32_t why_attempt_number(const struct why_facts *facts, const char *reference_id)
{
    char charge_id[CHARGE_ID_MAX];
    uint32_t number = 0;
    bool is_ours = facts->charge != NULL && reference_id_parse(reference_id, charge_id, &number) &&
                   strcmp(charge_id, facts->charge->id) == 0;
    return is_ours ? number : 0;
}

/* --- does it say anything about it? ---------------------------------------------------------- */

static bool is_refund_of(const struct why_facts *facts, const char *id)
{
    for (uint32_t i = 0; i < facts->refund_count; i++) {
        if (strcmp(facts->refunds[i].id, id) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_of_subscription(const struct why_facts *facts, const struct change *change)
{
    return facts->subscription != NULL && strcmp(facts->subscription->key, change->subject) == 0;
}

static bool is_of_agreement(const struct why_facts *facts, const struct change_view *view)
{
    return view->agreement_id[0] == '\0' || strcmp(view->agreement_id, facts->agreement->id) == 0;
}

static bool has_cycle(const struct why_facts *facts, const struct change *change)
{
    return (uint32_t)change->from <= facts->cycle && facts->cycle <= (uint32_t)change->to;
}

bool why_concerns(const struct why_facts *facts, const struct change_view *view)
{
    const struct change *change = &view->change;
    bool has_charge = facts->charge != NULL;
    switch (change->kind) {
    case CHANGE_CHARGE:
    case CHANGE_WORD:
    case CHANGE_WARNING:
        return has_charge && strcmp(facts->charge->id, change->subject) == 0;
    case CHANGE_ATTEMPT:
        return why_attempt_number(facts, change->subject) != 0;
    case CHANGE_REFUND:
        return has_charge && is_refund_of(facts, change->subject);
    case CHANGE_SUBSCRIPTION:
        return is_of_subscription(facts, change);
    case CHANGE_CANCEL:
        return is_of_subscription(facts, change) ||
               strcmp(change->subject, facts->agreement->id) == 0;
    case CHANGE_CYCLES:
        return is_of_subscription(facts, change) && has_cycle(facts, change);
    case CHANGE_SCHEDULE:
        return is_of_subscription(facts, change) && !has_charge;
    case CHANGE_AGREEMENT:
    case CHANGE_LIMIT:
        return is_of_agreement(facts, view);
    case CHANGE_STOP:
        /* Of another subscription of the same agreement it has another subject. */
        return is_of_agreement(facts, view) &&
               (view->agreement_id[0] == '\0' || is_of_subscription(facts, change) ||
                strcmp(change->subject, facts->agreement->id) == 0);
    case CHANGE_PRICE:
    case CHANGE_POLICY:
        return false; /* what is open has frozen its own */
    }
    return false;
}

/* --- its sentence ---------------------------------------------------------------------------- */

static void say_until(const struct why_facts *facts, const char *before, struct instant until,
                      struct why_text *text)
{
    if (until.utc_ms != INSTANT_NEVER.utc_ms) {
        why_say(text, "%s", before);
        why_say_time(text, until, facts->zone);
    }
}

static void say_made(const struct why_facts *facts, const struct change_view *view,
                     struct why_text *text)
{
    int64_t late_ms = view->at.utc_ms - facts->charge->due_at.utc_ms;
    why_say(text, "The charge of ");
    why_say_money(text, facts->charge->amount);
    why_say(text, " was made");
    if (facts->charge->due_at.utc_ms != INSTANT_NEVER.utc_ms && late_ms > WHY_ON_TIME_MS) {
        why_say(text, ", ");
        why_say_duration(text, late_ms);
        why_say(text, " after it was due");
    }
    why_say(text, ".");
}

static void charge_event(const struct why_facts *facts, const struct change_view *view,
                         struct why_text *text)
{
    const struct change *change = &view->change;
    const char *because = why_because(change->reason);
    switch ((enum charge_state)change->to) {
    case CHARGE_DUE:
        if (change->from == 0) {
            say_made(facts, view, text);
        } else if (change->reason == REASON_APPROVED) {
            why_say(text, "An operator approved it, so it was to be tried.");
        } else {
            why_say(text, "It was to be tried again.");
        }
        return;
    case CHARGE_ATTEMPTING:
        return; /* the attempt's own event says it */
    case CHARGE_RETRYING:
        why_say(text, "The next attempt %s",
                change->from == CHARGE_RETRYING ? "was put off" : "is to follow");
        say_until(facts, change->from == CHARGE_RETRYING ? " until " : " at ", change->until, text);
        why_say(text, ": %s.", because);
        return;
    case CHARGE_WAITING:
        why_say(text, "It waited: %s.", because);
        return;
    case CHARGE_HELD:
        why_say(text, "It was held");
        say_until(facts, " until ", change->until, text);
        why_say(text, ": %s.", because);
        return;
    case CHARGE_PAID:
        why_say(text, "The charge is paid.");
        return;
    case CHARGE_FAILED:
        why_say(text, "The charge failed: %s.", because);
        return;
    case CHARGE_CANCELED:
        why_say(text, "The charge was canceled: %s.", because);
        return;
    case CHARGE_AUTHORIZED:
        why_say(text, "The money is held for it: %s.", because);
        return;
    case CHARGE_ASKING:
        why_say(text, "An operator was asked: %s.", because);
        return;
    }
}

static void attempt_event(const struct why_facts *facts, const struct change_view *view,
                          struct why_text *text)
{
    const struct change *change = &view->change;
    const char *because = why_because(change->reason);
    uint32_t number = why_attempt_number(facts, change->subject);
    switch ((enum attempt_state)change->to) {
    case ATTEMPT_INTENT:
        if (change->from == 0) {
            why_say(text, "Attempt %" PRIu32 " (%s) was recorded and sent.", number,
                    change->subject);
        } else {
            why_say(text, "Attempt %" PRIu32 " was sent again, unchanged.", number);
        }
        return;
    case ATTEMPT_UNKNOWN:
        if (change->reason == REASON_PENDING) {
            why_say(text, "Amazon took attempt %" PRIu32 " and had not decided it yet", number);
        } else {
            why_say(text, "What became of attempt %" PRIu32 " was not known: %s", number, because);
        }
        say_until(facts, "; to be asked for under the same id at ", change->until, text);
        why_say(text, ".");
        return;
    case ATTEMPT_POSTPONED:
        why_say(text, "Attempt %" PRIu32 " did not happen: %s", number,
                why_not_sent(change->reason));
        say_until(facts, "; to be sent again, unchanged, at ", change->until, text);
        why_say(text, ".");
        return;
    case ATTEMPT_CAPTURED:
        why_say(text, "Amazon captured the money of attempt %" PRIu32 ".", number);
        return;
    case ATTEMPT_DECLINED:
        why_say(text, "Attempt %" PRIu32 " was declined: %s.", number, because);
        return;
    case ATTEMPT_REFUSED:
        why_say(text, "Attempt %" PRIu32 " ended without money: %s.", number, because);
        return;
    case ATTEMPT_AUTHORIZED:
        if (change->from == ATTEMPT_CAPTURING) {
            why_say(text, "The capture of attempt %" PRIu32 " did not succeed: %s.", number,
                    because);
        } else {
            why_say(text, "Amazon authorized attempt %" PRIu32 "; nothing is captured yet.",
                    number);
        }
        return;
    case ATTEMPT_CAPTURING:
        why_say(text, "The capture of attempt %" PRIu32 " was asked for.", number);
        return;
    case ATTEMPT_VOIDING:
        why_say(text, "Amazon was asked to close the authorization of attempt %" PRIu32 ".",
                number);
        return;
    }
}

static void refund_event(const struct change *change, struct why_text *text)
{
    switch ((enum refund_state)change->to) {
    case REFUND_INTENT:
        why_say(text, "A refund (%s) of ", change->subject);
        why_say_money(text, change->amount);
        why_say(text, " was recorded and sent.");
        return;
    case REFUND_UNKNOWN:
    case REFUND_POSTPONED:
    case REFUND_PENDING:
        if (change->from == 0) {
            why_say(text, "Amazon told of a refund by itself (%s), and was asked about it.",
                    change->subject);
            return;
        }
        why_say(text, "Refund %s is %s: %s.", change->subject,
                refund_state_name((enum refund_state)change->to), why_because(change->reason));
        return;
    case REFUND_COMPLETED:
        why_say_money(text, change->amount);
        why_say(text, " went back to the buyer (refund %s)%s%s.", change->subject,
                change->reason == REASON_NONE ? "" : ": ",
                change->reason == REASON_NONE ? "" : why_because(change->reason));
        return;
    case REFUND_DECLINED:
    case REFUND_REFUSED:
        why_say(text, "Refund %s did not happen: %s.", change->subject,
                why_because(change->reason));
        return;
    }
}

static void subscription_event(const struct change *change, struct why_text *text)
{
    const char *because = why_because(change->reason);
    switch ((enum subscription_state)change->to) {
    case SUBSCRIPTION_ACTIVE:
        if (change->from == 0) {
            why_say(text, "The subscription was created.");
        } else if (change->from == SUBSCRIPTION_PAST_DUE) {
            why_say(text, "The subscription is no longer past due.");
        } else if (change->from == SUBSCRIPTION_LEAVING) {
            why_say(text, "The subscription stays with its agreement: %s.", because);
        } else {
            why_say(text, "The subscription was resumed.");
        }
        return;
    case SUBSCRIPTION_PAST_DUE:
        why_say(text, "The subscription became past due: %s.", because);
        return;
    case SUBSCRIPTION_CANCELED:
        why_say(text, "The subscription was canceled: %s.",
                change->reason == REASON_SUBSCRIPTION_CANCELED ? "the shop wanted it so" : because);
        return;
    case SUBSCRIPTION_ENDED:
        why_say(text, "The subscription ended with its last cycle.");
        return;
    case SUBSCRIPTION_PAUSED:
        why_say(text, "The subscription was paused: %s.", because);
        return;
    case SUBSCRIPTION_LEAVING:
        why_say(text, "Another agreement was to take the subscription over.");
        return;
    case SUBSCRIPTION_REPLACED:
        why_say(text, "Another agreement took the subscription over.");
        return;
    }
}

static void agreement_event(const struct change *change, struct why_text *text)
{
    static const char *const now[] = {
        [AGREEMENT_UNSYNCED] = "The agreement's state was in doubt, so Amazon was asked",
        [AGREEMENT_DRAFT] = "Amazon showed the agreement as a Draft",
        [AGREEMENT_OPEN] = "Amazon showed the agreement Open",
        [AGREEMENT_SUSPENDED] = "Amazon showed the agreement Suspended",
        [AGREEMENT_CANCELED] = "The agreement was Canceled",
        [AGREEMENT_CLOSED] = "The agreement was Closed",
    };
    if (change->to < AGREEMENT_UNSYNCED || change->to > AGREEMENT_CLOSED) {
        return;
    }
    if (change->from == 0) {
        why_say(text, "The agreement was registered.");
    } else if (change->reason == REASON_NONE) {
        why_say(text, "%s.", now[change->to]);
    } else {
        why_say(text, "%s: %s.", now[change->to], why_because(change->reason));
    }
}

static void stop_event(const struct why_facts *facts, const struct change_view *view,
                       struct why_text *text)
{
    const struct change *change = &view->change;
    const char *whose = change->subject[0] == '\0'                           ? "all sellers"
                        : view->agreement_id[0] == '\0'                      ? "the seller"
                        : strcmp(change->subject, facts->agreement->id) == 0 ? "the agreement"
                                                                             : "the subscription";
    why_say(text, "The stop switch of %s was turned %s: %s.", whose, change->to != 0 ? "on" : "off",
            why_because(change->reason));
}

static void word_event(const struct change *change, struct why_text *text)
{
    switch ((enum charge_word)change->to) {
    case WORD_NONE:
        why_say(text, "An operator said %s.", change->reason == REASON_REJECTED ? "no" : "yes");
        return;
    case WORD_SHIP:
        why_say(text, "The shop said that it ships.");
        return;
    case WORD_VOID:
        why_say(text, "The shop gave the charge up.");
        return;
    }
}

static void schedule_event(const struct why_facts *facts, const struct change *change,
                           struct why_text *text)
{
    if (change->reason == REASON_SUBSCRIPTION_PAUSED) {
        why_say(text, "The pause is to end");
        say_until(facts, " at ", change->until, text);
        why_say(text, "%s.",
                change->until.utc_ms == INSTANT_NEVER.utc_ms ? " when it is resumed by hand" : "");
        return;
    }
    why_say(text, "The schedule was changed: cycle %d", change->from);
    say_until(facts, " is due at ", change->until, text);
    why_say(text, ".");
}

static void cancel_event(const struct why_facts *facts, const struct change *change,
                         struct why_text *text)
{
    if (strcmp(change->subject, facts->agreement->id) == 0) {
        why_say(text, "An operator closed the agreement%s.",
                change->to != 0 ? ", even while an attempt was open" : "");
    } else if (change->from != 0) {
        why_say(text, "The order to end the subscription was taken back.");
    } else {
        why_say(text, "The subscription was ordered to end");
        say_until(facts, " at ", change->until, text);
        why_say(text, ".");
    }
}

void why_event(const struct why_facts *facts, const struct change_view *view, struct why_text *text)
{
    const struct change *change = &view->change;
    switch (change->kind) {
    case CHANGE_CHARGE:
        charge_event(facts, view, text);
        return;
    case CHANGE_ATTEMPT:
        attempt_event(facts, view, text);
        return;
    case CHANGE_REFUND:
        refund_event(change, text);
        return;
    case CHANGE_SUBSCRIPTION:
        subscription_event(change, text);
        return;
    case CHANGE_AGREEMENT:
        agreement_event(change, text);
        return;
    case CHANGE_LIMIT:
        why_say(text, "The count of the agreement's limit was corrected: %s.",
                change->reason == REASON_NONE ? "Amazon counts less than was counted here"
                                              : why_because(change->reason));
        return;
    case CHANGE_CYCLES:
        if (change->from == change->to) {
            why_say(text, "Cycle %d was not to be charged: %s.", change->from,
                    why_because(change->reason));
        } else {
            why_say(text, "The cycles %d to %d were not to be charged: %s.", change->from,
                    change->to, why_because(change->reason));
        }
        return;
    case CHANGE_SCHEDULE:
        schedule_event(facts, change, text);
        return;
    case CHANGE_CANCEL:
        cancel_event(facts, change, text);
        return;
    case CHANGE_STOP:
        stop_event(facts, view, text);
        return;
    case CHANGE_WORD:
        word_event(change, text);
        return;
    case CHANGE_WARNING:
        why_say(text, "Warning: %s", why_because(change->reason));
        say_until(facts, ", at ", change->until, text);
        why_say(text, ".");
        return;
    case CHANGE_PRICE:
    case CHANGE_POLICY:
        return; /* why_concerns() leaves them out */
    }
}
