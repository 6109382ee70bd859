/*
 * why.c - the verdict of a charge: what became of it, or what it waits for, and the causes.
 *
 * The verdict is built of four pieces, each from the rows and events alone:
 *
 *     which charge    "Charge K7..-3 (JPY 1,200, due 2026-03-31 09:00 +09:00)"
 *     what became     "was not charged on time"
 *     the causes      all that happened to it before its present state, in order, CAUSES_MAX of
 * them the present     by its state and reason: "its second attempt was declined ...; it will be
 *                     tried again at ..."
 *
 * Lateness is measured from the due instant; a cause is what took time or ended an attempt.
 */
#include "scheduler/why.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"

#define CAUSES_MAX 4

/* The verdict in the making. */
struct verdict {
    const struct why_facts *facts;
    const struct charge *charge;
    struct why_text *text;
    size_t present; /* index of the event that led to the present state; change_count = none */
    size_t told;    /* index of an event that a cause before it has told already */
    uint32_t causes;
};

static bool is_never(struct instant at)
{
    return at.utc_ms == INSTANT_NEVER.utc_ms;
}

static bool is_once(const struct charge *charge)
{
    return charge->subscription_key[0] == '\0';
}

static void say_time(struct verdict *verdict, struct instant at)
{
    why_say_time(verdict->text, at, verdict->facts->zone);
}

/* "first", "second", "third", "4th". */
static void say_ordinal(struct verdict *verdict, uint32_t number)
{
    static const char *const words[] = {"first", "second", "third"};
    if (number >= 1 && number <= 3) {
        why_say(verdict->text, "%s", words[number - 1]);
    } else {
        why_say(verdict->text, "%" PRIu32 "th", number);
    }
}

/* --- causes ---------------------------------------------------------------------------------- */

/* Begins the next cause; false when there are enough. */
static bool next_cause(struct verdict *verdict)
{
    verdict->causes++;
    if (verdict->causes > CAUSES_MAX) {
        return false;
    }
    why_say(verdict->text, "%s", verdict->causes == 1 ? ": " : "; ");
    return true;
}

/* Then nothing is recorded of the time that it jumped over. */
static bool has_clock_jumped(const struct why_facts *facts)
{
    for (size_t i = 0; i < facts->change_count; i++) {
        const struct change *change = &facts->changes[i].change;
        if (change->kind == CHANGE_CHARGE && change->reason == REASON_CLOCK &&
            why_concerns(facts, &facts->changes[i])) {
            return true;
        }
    }
    return false;
}

static void cause_made_late(struct verdict *verdict)
{
    const struct why_facts *facts = verdict->facts;
    const struct charge *charge = verdict->charge;
    int64_t late_ms = charge->created_at.utc_ms - charge->due_at.utc_ms;
    if (is_never(charge->due_at) || late_ms <= WHY_ON_TIME_MS || !next_cause(verdict)) {
        return;
    }
    const struct subscription *subscription = facts->subscription;
    if (subscription != NULL && instant_before(charge->due_at, subscription->created_at)) {
        why_say(verdict->text, "it was due before the subscription was created at ");
        say_time(verdict, subscription->created_at);
        return;
    }
    bool was_down =
        instant_before(facts->quiet_since, charge->due_at) && !is_never(facts->quiet_until) &&
        instant_before(instant_plus(charge->due_at, WHY_ON_TIME_MS), facts->quiet_until);
    if (was_down) {
        why_say(verdict->text,
                "autopayd was not running, %s: nothing of this seller is recorded from ",
                has_clock_jumped(facts) ? "or the clock jumped" : "or could not record");
        say_time(verdict, facts->quiet_since);
        why_say(verdict->text, " to ");
        say_time(verdict, facts->quiet_until);
    }
    struct instant turn_at = was_down ? facts->quiet_until : charge->due_at;
    if (charge->created_at.utc_ms - turn_at.utc_ms > WHY_ON_TIME_MS) {
        why_say(verdict->text, "%sits turn came only at ", was_down ? ", and " : "");
        say_time(verdict, charge->created_at);
    }
}

/* The charge's own event that followed from this one, for the same reason; change_count = none. */
static size_t follower(const struct verdict *verdict, size_t index)
{
    const struct why_facts *facts = verdict->facts;
    for (size_t i = index + 1; i < facts->change_count; i++) {
        const struct change_view *view = &facts->changes[i];
        if (view->change.kind == CHANGE_CHARGE &&
            strcmp(view->change.subject, verdict->charge->id) == 0) {
            bool follows = view->at.utc_ms == facts->changes[index].at.utc_ms &&
                           view->change.reason == facts->changes[index].change.reason;
            return follows ? i : facts->change_count;
        }
    }
    return facts->change_count;
}

/* When the attempt of this event was final, or the present. */
static struct instant ends_at(const struct verdict *verdict, size_t index)
{
    const struct why_facts *facts = verdict->facts;
    for (size_t i = index + 1; i < facts->change_count; i++) {
        const struct change *change = &facts->changes[i].change;
        if (change->kind == CHANGE_ATTEMPT &&
            strcmp(change->subject, facts->changes[index].change.subject) == 0) {
            return facts->changes[i].at;
        }
    }
    return facts->now;
}

/* An attempt that is put off again and again is told once: is this event its first? Then `end` is
 * when the last time was over, and `times` how many there were. */
static bool is_first_put_off(const struct verdict *verdict, size_t index, struct instant *end,
                             uint32_t *times)
{
    const struct why_facts *facts = verdict->facts;
    *times = 0;
    for (size_t i = 0; i < facts->change_count; i++) {
        const struct change *change = &facts->changes[i].change;
        bool is_same = change->kind == CHANGE_ATTEMPT && change->to == ATTEMPT_POSTPONED &&
                       strcmp(change->subject, facts->changes[index].change.subject) == 0;
        if (is_same && i < index) {
            return false;
        }
        if (is_same) {
            *end = ends_at(verdict, i);
            (*times)++;
        }
    }
    return true;
}

static void cause_attempt(struct verdict *verdict, size_t index)
{
    const struct change_view *view = &verdict->facts->changes[index];
    const struct change *change = &view->change;
    uint32_t number = why_attempt_number(verdict->facts, change->subject);
    bool is_end = change->to == ATTEMPT_DECLINED || change->to == ATTEMPT_REFUSED;
    bool is_spell = change->to == ATTEMPT_UNKNOWN || change->to == ATTEMPT_POSTPONED;
    struct instant end = ends_at(verdict, index);
    uint32_t times = 1;
    if (change->to == ATTEMPT_POSTPONED && !is_first_put_off(verdict, index, &end, &times)) {
        return;
    }
    if (is_end && follower(verdict, index) == verdict->present &&
        verdict->present < verdict->facts->change_count) {
        return; /* the present says it */
    }
    if (number == 0 || !(is_end || (is_spell && end.utc_ms - view->at.utc_ms > WHY_ON_TIME_MS)) ||
        !next_cause(verdict)) {
        return;
    }
    why_say(verdict->text, "its ");
    say_ordinal(verdict, number);
    why_say(verdict->text, " attempt ");
    verdict->told = is_end ? follower(verdict, index) : verdict->told;
    if (is_end) {
        why_say(verdict->text, "%s at ",
                change->to == ATTEMPT_DECLINED ? "was declined" : "ended without money");
        say_time(verdict, view->at);
    } else {
        why_say(verdict->text, "%s from ",
                times > 1                          ? "was put off again and again"
                : change->to == ATTEMPT_POSTPONED  ? "was put off"
                : change->reason == REASON_PENDING ? "was undecided"
                                                   : "had no known result");
        say_time(verdict, view->at);
        why_say(verdict->text, " to ");
        say_time(verdict, end);
    }
    why_say(verdict->text, " because %s",
            change->to == ATTEMPT_POSTPONED ? why_not_sent(change->reason)
                                            : why_because(change->reason));
}

static void cause_charge(struct verdict *verdict, size_t index)
{
    const struct change_view *view = &verdict->facts->changes[index];
    const struct change *change = &view->change;
    const char *what = change->to == CHARGE_WAITING  ? "it began to wait"
                       : change->to == CHARGE_HELD   ? "it was held"
                       : change->to == CHARGE_ASKING ? "an operator was asked"
                       : change->from == CHARGE_RETRYING && change->to == CHARGE_RETRYING
                           ? "its next attempt was put off"
                           : NULL;
    if (what == NULL || index == verdict->present || index == verdict->told ||
        !next_cause(verdict)) {
        return;
    }
    why_say(verdict->text, "%s at ", what);
    say_time(verdict, view->at);
    why_say(verdict->text, " because %s", why_because(change->reason));
}

/* All that happened before the present state; what `present` says itself is left to it. */
static void say_causes(struct verdict *verdict, bool present_tells_attempt)
{
    const struct why_facts *facts = verdict->facts;
    cause_made_late(verdict);
    for (size_t i = 0; i < facts->change_count && i <= verdict->present; i++) {
        const struct change_view *view = &facts->changes[i];
        bool is_last = present_tells_attempt &&
                       strcmp(view->change.subject, verdict->charge->attempt.reference_id) == 0;
        if (!why_concerns(facts, view)) {
            continue;
        }
        if (view->change.kind == CHANGE_ATTEMPT && !is_last) {
            cause_attempt(verdict, i);
        } else if (view->change.kind == CHANGE_CHARGE) {
            cause_charge(verdict, i);
        }
    }
    if (verdict->causes > CAUSES_MAX) {
        why_say(verdict->text, "; and %" PRIu32 " more, below", verdict->causes - CAUSES_MAX);
    }
}

/* Between the causes and the present. */
static void say_joint(struct verdict *verdict)
{
    why_say(verdict->text, "%s", verdict->causes == 0 ? ": " : "; ");
}

/* --- the present ----------------------------------------------------------------------------- */

/* What comes next and when; a time that has passed is not promised. */
static void say_next(struct verdict *verdict, const char *what, struct instant at)
{
    if (is_never(at)) {
        return;
    }
    if (instant_before(verdict->facts->now, at)) {
        why_say(verdict->text, "; it will be %s at ", what);
        say_time(verdict, at);
        return;
    }
    why_say(verdict->text, "; it was to be %s at ", what);
    say_time(verdict, at);
    why_say(verdict->text, " and waits for its turn: `autopayctl status` shows whether the breaker "
                           "or another guard holds charging back");
}

/* When the present state began. */
static struct instant since(const struct verdict *verdict)
{
    const struct why_facts *facts = verdict->facts;
    return verdict->present < facts->change_count ? facts->changes[verdict->present].at
                                                  : verdict->charge->created_at;
}

static void say_present_attempt(struct verdict *verdict)
{
    const struct attempt *attempt = &verdict->charge->attempt;
    struct why_text *text = verdict->text;
    const char *because = why_because(attempt->reason);
    why_say(text, "its ");
    say_ordinal(verdict, attempt->number);
    why_say(text, " attempt (%s) ", attempt->reference_id);
    switch (attempt->state) {
    case ATTEMPT_INTENT:
        why_say(text, "is on its way since ");
        say_time(verdict, attempt->created_at);
        why_say(text, "; no answer is recorded yet");
        return;
    case ATTEMPT_UNKNOWN:
        if (attempt_is_pending(attempt)) {
            why_say(text, "is with Amazon, which has not decided yet");
        } else {
            why_say(text,
                    "may or may not have been charged (%s), and no other follows before that"
                    " is known",
                    because);
        }
        break;
    case ATTEMPT_POSTPONED:
        why_say(text, "did not happen, because %s", why_not_sent(attempt->reason));
        break;
    case ATTEMPT_AUTHORIZED:
        why_say(text, "is authorized");
        break;
    case ATTEMPT_CAPTURING:
        why_say(text, "is being captured");
        break;
    case ATTEMPT_VOIDING:
        why_say(text, "is being given up at Amazon");
        break;
    case ATTEMPT_CAPTURED:
    case ATTEMPT_DECLINED:
    case ATTEMPT_REFUSED:
        why_say(text, "is %s, and what follows has not been decided yet",
                attempt_state_name(attempt->state));
        return;
    }
    if (attempt->state == ATTEMPT_POSTPONED) {
        say_next(verdict, "sent again, unchanged,", attempt->resend_at);
    } else if (instant_before(verdict->facts->now, attempt->resend_at) &&
               !is_never(attempt->resend_at)) {
        why_say(text, "; Amazon is asked again at ");
        say_time(verdict, attempt->resend_at);
    } else if (!is_never(attempt->resend_at)) {
        why_say(text, "; Amazon is asked again in the account's next turn");
    }
}

/* RETRYING: the attempt that ended, the policy's wait, the next one. */
static void say_retrying(struct verdict *verdict)
{
    const struct charge *charge = verdict->charge;
    struct why_text *text = verdict->text;
    if (charge->attempt.number > 0) {
        why_say(text, "its ");
        say_ordinal(verdict, charge->attempt.number);
        why_say(text, " attempt %s at ",
                charge->attempt.state == ATTEMPT_DECLINED ? "was declined" : "ended without money");
        say_time(verdict, is_never(charge->attempt.answered_at) ? since(verdict)
                                                                : charge->attempt.answered_at);
        why_say(text, " because %s", why_because(charge->attempt.reason));
    }
    bool is_put_off = charge->attempt.number == 0 || charge->reason != charge->attempt.reason;
    if (is_put_off) {
        why_say(text, "%sit was put off at ", charge->attempt.number > 0 ? "; " : "");
        say_time(verdict, since(verdict));
        why_say(text, " because %s", why_because(charge->reason));
    }
    if (is_never(charge->retry_at)) {
        return;
    }
    /* In whole seconds: the event was recorded a little later than the wait was begun. */
    int64_t wait_ms = (charge->retry_at.utc_ms - since(verdict).utc_ms + 999) / 1000 * 1000;
    if (wait_ms >= 1000 && !is_put_off) {
        if (charge->policy_version > 0) {
            why_say(text, "; policy version %" PRIu32 " says wait ", charge->policy_version);
        } else {
            why_say(text, "; the policy says wait ");
        }
        why_say_duration(text, wait_ms);
    }
    say_next(verdict, "tried again", charge->retry_at);
}

/* Which switches are on now, of what waits for one. */
static void say_switches(struct verdict *verdict)
{
    enum reason reason = verdict->charge->reason;
    bool is_stop = reason == REASON_STOPPED || reason == REASON_OPERATOR ||
                   reason == REASON_GUARD || reason == REASON_LIMIT_DIFFERS ||
                   why_is_of_clock(reason);
    struct why_text switches = {0};
    why_switches(verdict->facts, &switches);
    if (is_stop && switches.length > 0) {
        why_say(verdict->text, " (on: %s)", switches.text);
    }
}

static void say_waiting(struct verdict *verdict)
{
    const struct agreement *agreement = verdict->facts->agreement;
    enum reason reason = verdict->charge->reason;
    const struct subscription *subscription = verdict->facts->subscription;
    why_say(verdict->text, "it has waited since ");
    say_time(verdict, since(verdict));
    if (subscription != NULL && subscription->state == SUBSCRIPTION_LEAVING) {
        why_say(verdict->text, ": ");
        why_leaving(verdict->facts, verdict->text);
        return;
    }
    why_say(verdict->text, " because %s; it will be tried %s", why_because(reason),
            why_once(reason));
    say_switches(verdict);
    if (agreement->state != AGREEMENT_OPEN) {
        why_say(verdict->text, " (the agreement is %s", agreement_state_name(agreement->state));
        if (!is_never(agreement->synced_at)) {
            why_say(verdict->text, ", as Amazon said at ");
            say_time(verdict, agreement->synced_at);
        }
        why_say(verdict->text, ")");
    }
}

static void say_held(struct verdict *verdict)
{
    why_say(verdict->text, "it has been held since ");
    say_time(verdict, since(verdict));
    why_say(verdict->text, " because %s", why_because(verdict->charge->reason));
    say_next(verdict, "looked at again", verdict->charge->retry_at);
}

static void say_authorized(struct verdict *verdict)
{
    const struct charge *charge = verdict->charge;
    why_say(verdict->text, "the money is held under %s since ", charge->attempt.reference_id);
    say_time(verdict, since(verdict));
    if (charge->word == WORD_SHIP) {
        why_say(verdict->text, ", and the shop has said that it ships");
    }
    why_say(verdict->text, "; %s", why_because(charge->reason));
    if (charge->reason == REASON_CAPTURE_DECLINED && !is_never(charge->attempt.resend_at)) {
        why_say(verdict->text, "; it is captured again at ");
        say_time(verdict, charge->attempt.resend_at);
    }
    if (!is_never(charge->attempt.expires_at)) {
        why_say(verdict->text, "; Amazon gives the authorization up at ");
        say_time(verdict, charge->attempt.expires_at);
    }
}

static void say_over(struct verdict *verdict, const char *how)
{
    const struct charge *charge = verdict->charge;
    why_say(verdict->text, "it %s at ", how);
    say_time(verdict, is_never(charge->final_at) ? since(verdict) : charge->final_at);
    if (charge->attempt.number > 1) {
        why_say(verdict->text, ", after %" PRIu32 " attempts,", charge->attempt.number);
    }
    why_say(verdict->text, " because %s", why_because(charge->reason));
}

/* The policy's final action, which followed in the same step. */
static void say_final_action(struct verdict *verdict)
{
    const struct why_facts *facts = verdict->facts;
    const struct subscription *subscription = facts->subscription;
    if (subscription == NULL || verdict->present == facts->change_count) {
        return;
    }
    for (size_t i = verdict->present + 1; i < facts->change_count; i++) {
        const struct change *change = &facts->changes[i].change;
        if (facts->changes[i].at.utc_ms == facts->changes[verdict->present].at.utc_ms &&
            change->kind == CHANGE_SUBSCRIPTION &&
            strcmp(change->subject, subscription->key) == 0) {
            why_say(verdict->text, "; therefore the subscription %s, as its policy says",
                    change->to == SUBSCRIPTION_CANCELED ? "was canceled"
                    : change->to == SUBSCRIPTION_PAUSED ? "was paused"
                                                        : "became past due");
            return;
        }
    }
    if (subscription->state == SUBSCRIPTION_PAST_DUE) {
        why_say(verdict->text, "; the subscription stays past due");
    }
}

/* --- what became of it ----------------------------------------------------------------------- */

static void say_paid(struct verdict *verdict)
{
    const struct charge *charge = verdict->charge;
    struct why_text *text = verdict->text;
    struct instant paid_at = is_never(charge->final_at) ? since(verdict) : charge->final_at;
    int64_t late_ms = paid_at.utc_ms - charge->due_at.utc_ms;
    why_say(text, " was charged at ");
    say_time(verdict, paid_at);
    if (is_never(charge->due_at) || late_ms <= WHY_ON_TIME_MS) {
        why_say(text, ", on time.");
    } else {
        why_say(text, ", ");
        why_say_duration(text, late_ms);
        why_say(text, " after it was %s", is_once(charge) ? "ordered" : "due");
        say_causes(verdict, false);
        why_say(text, ".");
    }
    if (verdict->facts->refund_count > 0 && money_is_positive(verdict->facts->refunded)) {
        why_say(text, " ");
        why_say_money(text, verdict->facts->refunded);
        why_say(text, " of it went back, or is on its way back, to the buyer.");
    }
}

/* Authorized: that it is not captured yet is the shop's wish. */
static bool is_held_at_amazon(const struct charge *charge)
{
    return charge->state == CHARGE_AUTHORIZED ||
           (charge->state == CHARGE_ATTEMPTING && (charge->attempt.state == ATTEMPT_AUTHORIZED ||
                                                   charge->attempt.state == ATTEMPT_CAPTURING ||
                                                   charge->attempt.state == ATTEMPT_VOIDING));
}

static void say_open(struct verdict *verdict)
{
    const struct charge *charge = verdict->charge;
    struct instant limit = instant_plus(charge->due_at, WHY_ON_TIME_MS);
    bool is_late = instant_reached(limit, verdict->facts->now) && !is_held_at_amazon(charge);
    bool tells_attempt = charge->state == CHARGE_ATTEMPTING || charge->state == CHARGE_RETRYING;
    why_say(verdict->text, " %s", is_late ? "was not charged on time" : "is not charged yet");
    say_causes(verdict, tells_attempt);
    say_joint(verdict);
    switch (charge->state) {
    case CHARGE_DUE:
        why_say(verdict->text, "%s",
                charge->reason == REASON_APPROVED
                    ? "an operator approved it, and it is to be tried in the account's next turn"
                    : "it is to be tried in the account's next turn");
        break;
    case CHARGE_ATTEMPTING:
        say_present_attempt(verdict);
        break;
    case CHARGE_RETRYING:
        say_retrying(verdict);
        break;
    case CHARGE_WAITING:
        say_waiting(verdict);
        break;
    case CHARGE_HELD:
        say_held(verdict);
        break;
    case CHARGE_AUTHORIZED:
        say_authorized(verdict);
        break;
    case CHARGE_ASKING:
        why_say(verdict->text, "an operator must approve or reject it, since ");
        say_time(verdict, since(verdict));
        why_say(verdict->text, ", because %s", why_because(charge->reason));
        break;
    case CHARGE_PAID:
    case CHARGE_FAILED:
    case CHARGE_CANCELED:
        break; /* not open */
    }
    why_say(verdict->text, ".");
}

static void say_which(struct verdict *verdict)
{
    const struct charge *charge = verdict->charge;
    why_say(verdict->text, "%s %s (", is_once(charge) ? "One-off charge" : "Charge", charge->id);
    why_say_money(verdict->text, charge->amount);
    why_say(verdict->text, ", %s ", is_once(charge) ? "ordered" : "due");
    say_time(verdict, charge->due_at);
    why_say(verdict->text, ")");
}

static size_t present_index(const struct why_facts *facts)
{
    for (size_t i = facts->change_count; i > 0; i--) {
        const struct change *change = &facts->changes[i - 1].change;
        if (change->kind == CHANGE_CHARGE && change->to == (int)facts->charge->state &&
            strcmp(change->subject, facts->charge->id) == 0) {
            return i - 1;
        }
    }
    return facts->change_count;
}

static void why_charge(const struct why_facts *facts, struct why_text *text)
{
    struct verdict verdict = {.facts = facts,
                              .charge = facts->charge,
                              .text = text,
                              .present = present_index(facts),
                              .told = facts->change_count};
    say_which(&verdict);
    switch (facts->charge->state) {
    case CHARGE_PAID:
        say_paid(&verdict);
        return;
    case CHARGE_FAILED:
    case CHARGE_CANCELED:
        why_say(text, " was not charged and will not be");
        say_causes(&verdict, false);
        say_joint(&verdict);
        say_over(&verdict, facts->charge->state == CHARGE_FAILED ? "failed" : "was canceled");
        if (facts->charge->state == CHARGE_FAILED) {
            say_final_action(&verdict);
        }
        why_say(text, ".");
        return;
    case CHARGE_DUE:
    case CHARGE_ATTEMPTING:
    case CHARGE_RETRYING:
    case CHARGE_WAITING:
    case CHARGE_HELD:
    case CHARGE_AUTHORIZED:
    case CHARGE_ASKING:
        say_open(&verdict);
        return;
    }
}

void why_explain(const struct why_facts *facts, struct why_story *story)
{
    memset(story, 0, sizeof *story);
    if (facts->charge != NULL) {
        why_charge(facts, &story->verdict);
    } else {
        why_cycle(facts, &story->verdict);
    }
    story->lines = calloc(facts->change_count + 1, sizeof *story->lines);
    ENSURE(story->lines != NULL);
    for (size_t i = 0; i < facts->change_count; i++) {
        const struct change_view *view = &facts->changes[i];
        struct why_line *line = &story->lines[story->line_count];
        if (why_concerns(facts, view)) {
            why_event(facts, view, &line->text);
            line->number = view->number;
            line->at = view->at;
            story->line_count += line->text.length > 0;
        }
    }
}

void why_story_free(struct why_story *story)
{
    free(story->lines);
    story->lines = NULL;
    story->line_count = 0;
}
