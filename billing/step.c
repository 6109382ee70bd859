/*
 * step.c - the one door into the core, and the moves through the lifecycle tables.
 *
 * Every event takes the same way: the limit's period is rolled on; the event is applied; then the
 * account advances - whatever can be done now is done - then the next wake is computed and every
 * invariant is checked. Because each event ends in the same advance, no path (timer, answer,
 * command, catch-up) has rules of its own.
 *
 * Before a command about a subscription the cycles that are due already are opened, so that each
 * has the price, rule and policy in force at its due instant. When the command is then refused all
 * that is undone: the wake that is due anyway opens them.
 *
 * Invariants of a step:
 *   1. A refused event changes nothing.
 *   2. A state changes only along its table (move_*).
 *   3. Each state change tells exactly one change and touches its row; a change tells how much, and
 *      until when, so that the history alone explains a charge.
 *   4. A call for an attempt is made at most once per step, and never while one is on the wire.
 *   5. account_check() holds at the end.
 *
 * Read on in step_catch_up.c and step_charge.c.
 */
#include "billing/step.h"

#include <string.h>

#include "billing/ensure.h"
#include "billing/step_parts.h"

void touch(struct step *step, enum row_kind kind, uint32_t index)
{
    struct effects *effects = step->effects;
    for (uint32_t i = 0; i < effects->row_count; i++) {
        if (effects->rows[i].kind == kind && effects->rows[i].index == index) {
            return;
        }
    }
    ENSURE(effects->row_count < EFFECTS_ROWS_MAX);
    effects->rows[effects->row_count++] = (struct row){kind, index};
}

void touch_subscription(struct step *step, const struct subscription *subscription)
{
    touch(step, ROW_SUBSCRIPTION, (uint32_t)(subscription - step->account->subscriptions));
}

void touch_charge(struct step *step, const struct charge *charge)
{
    touch(step, ROW_CHARGE, (uint32_t)(charge - step->account->charges));
}

void touch_attempt(struct step *step, const struct charge *charge)
{
    touch(step, ROW_ATTEMPT, (uint32_t)(charge - step->account->charges));
}

void touch_refund(struct step *step, const struct refund *refund)
{
    touch(step, ROW_REFUND, (uint32_t)(refund - step->account->refunds));
}

bool clock_is_doubted(const struct step *step)
{
    return step->event->hold.reason == REASON_CLOCK;
}

bool sends_are_old(const struct step *step, const struct policy *policy, struct instant ended_at,
                   struct instant asked_at)
{
    struct instant even_since = step->event->even_since;
    struct instant since = instant_before(ended_at, even_since) ? even_since : ended_at;
    return !clock_is_doubted(step) && ended_at.utc_ms != INSTANT_NEVER.utc_ms &&
           instant_reached(instant_plus(since, policy->answer_deadline_ms), asked_at);
}

const struct policy *charge_policy(const struct step *step, const struct charge *charge)
{
    return charge->policy_version == 0 ? step->policy
                                       : policy_numbered(step->policy, charge->policy_version);
}

const struct policy *subscription_policy(const struct step *step,
                                         const struct subscription *subscription)
{
    return policy_named(step->policy, subscription->policy_name);
}

static void copy_text(char *to, size_t size, const char *text)
{
    size_t length = strlen(text);
    ENSURE(length < size);
    memcpy(to, text, length + 1);
}

struct change *tell(struct step *step, enum change_kind kind, const char *subject, int from, int to,
                    enum reason reason)
{
    struct effects *effects = step->effects;
    ENSURE(effects->change_count < EFFECTS_CHANGES_MAX);
    struct change *change = &effects->changes[effects->change_count++];
    *change = (struct change){
        .kind = kind, .from = from, .to = to, .reason = reason, .until = INSTANT_NEVER};
    copy_text(change->subject, sizeof change->subject, subject);
    return change;
}

void call(struct step *step, enum call_kind kind, const char *reference_id)
{
    struct effects *effects = step->effects;
    ENSURE(effects->call_count < EFFECTS_CALLS_MAX);
    struct call *wanted = &effects->calls[effects->call_count++];
    wanted->kind = kind;
    copy_text(wanted->reference_id, sizeof wanted->reference_id, reference_id);
}

void move_agreement(struct step *step, enum agreement_state to, enum reason reason)
{
    struct agreement *agreement = &step->account->agreement;
    if (agreement->state == to) {
        return;
    }
    ENSURE(agreement_may_become(agreement->state, to));
    tell(step, CHANGE_AGREEMENT, agreement->id, (int)agreement->state, (int)to, reason);
    agreement->state = to;
}

void move_subscription(struct step *step, struct subscription *subscription,
                       enum subscription_state to, enum reason reason)
{
    if (subscription->state == to) {
        return;
    }
    ENSURE(subscription_may_become(subscription->state, to));
    tell(step, CHANGE_SUBSCRIPTION, subscription->key, (int)subscription->state, (int)to, reason);
    subscription->state = to;
    touch_subscription(step, subscription);
}

void move_charge(struct step *step, struct charge *charge, enum charge_state to, enum reason reason)
{
    ENSURE(charge_may_become(charge->state, to));
    tell(step, CHANGE_CHARGE, charge->id, (int)charge->state, (int)to, reason);
    charge->state = to;
    charge->reason = reason;
    if (to != CHARGE_RETRYING && to != CHARGE_HELD) {
        charge->retry_at = INSTANT_NEVER;
    }
    if (charge_is_final(to)) {
        charge->final_at = step->at;
    }
    touch_charge(step, charge);
}

void move_attempt(struct step *step, struct charge *charge, enum attempt_state to,
                  enum reason reason)
{
    struct attempt *attempt = &charge->attempt;
    ENSURE(attempt_may_become(attempt->state, to));
    tell(step, CHANGE_ATTEMPT, attempt->reference_id, (int)attempt->state, (int)to, reason);
    attempt->state = to;
    attempt->reason = reason;
    if (attempt_is_final(to)) {
        attempt->answered_at = step->at;
        attempt->resend_at = INSTANT_NEVER;
        step->account->agreement.ended_since_sync = true;
    }
    touch_attempt(step, charge);
}

void move_refund(struct step *step, struct refund *refund, enum refund_state to, enum reason reason)
{
    ENSURE(refund_may_become(refund->state, to));
    struct change *change =
        tell(step, CHANGE_REFUND, refund->id, (int)refund->state, (int)to, reason);
    change->amount = refund->amount;
    refund->state = to;
    refund->reason = reason;
    if (refund_is_final(to)) {
        refund->answered_at = step->at;
        refund->resend_at = INSTANT_NEVER;
    }
    touch_refund(step, refund);
}

static enum status apply(struct step *step, struct problem *problem)
{
    const struct event *event = step->event;
    if (event->kind != EVENT_REGISTER && step->account->agreement.state == 0) {
        return problem_set(problem, ST_NOT_FOUND, "the agreement is not registered");
    }
    switch (event->kind) {
    case EVENT_WAKE:
        return ST_OK;
    case EVENT_ATTEMPT_ANSWER:
        attempt_answered(step, &event->attempt);
        return ST_OK;
    case EVENT_CARE_ANSWER:
        care_answered(step, &event->care);
        return ST_OK;
    case EVENT_NOTICE:
        return notice_told(step, &event->notice, problem);
    case EVENT_REGISTER:
        return command_register(step, problem);
    case EVENT_SYNC:
        return command_sync(step, problem);
    case EVENT_CLOSE:
        return command_close(step, problem);
    case EVENT_SUBSCRIBE:
        return command_subscribe(step, problem);
    case EVENT_CANCEL:
        return command_cancel(step, problem);
    case EVENT_UNCANCEL:
        return command_uncancel(step, problem);
    case EVENT_CHARGE_ONCE:
        return command_charge_once(step, problem);
    case EVENT_PAUSE:
        return command_pause(step, problem);
    case EVENT_RESUME:
        return command_resume(step, problem);
    case EVENT_SKIP:
        return command_skip(step, problem);
    case EVENT_MOVE:
        return command_move(step, problem);
    case EVENT_CHANGE:
        return command_change(step, problem);
    case EVENT_REPLACE:
        return command_replace(step, problem);
    case EVENT_HAND_OVER_ANSWER:
        hand_over_answered(step, &event->hand_over);
        return ST_OK;
    case EVENT_STOP:
        return command_stop(step, problem);
    case EVENT_DECIDE:
        return command_decide(step, problem);
    case EVENT_SHIP:
        return command_ship(step, problem);
    case EVENT_VOID:
        return command_void(step, problem);
    case EVENT_REFUND:
        return command_refund(step, problem);
    case EVENT_REFUND_ANSWER:
        refund_answered(step, &event->refund_answer);
        return ST_OK;
    }
    ENSURE(false);
    return ST_INVALID;
}

/* --- what changes tell --------------------------------------------------------------------- */

static bool is_told_again(const struct effects *effects, uint32_t index)
{
    const struct change *change = &effects->changes[index];
    for (uint32_t i = index + 1; i < effects->change_count; i++) {
        if (effects->changes[i].kind == change->kind &&
            strcmp(effects->changes[i].subject, change->subject) == 0) {
            return true;
        }
    }
    return false;
}

/* What the rows say at the end of the step; of states that were only passed through, how much. */
static void complete_change(struct step *step, uint32_t index)
{
    struct change *change = &step->effects->changes[index];
    struct instant until = INSTANT_NEVER;
    if (change->kind == CHANGE_CHARGE) {
        const struct charge *charge = account_charge(step->account, change->subject);
        ENSURE(charge != NULL);
        change->amount = charge->amount;
        until = charge->retry_at;
    } else if (change->kind == CHANGE_ATTEMPT) {
        const struct charge *charge = account_attempted(step->account, change->subject);
        ENSURE(charge != NULL);
        change->amount = charge->attempt.amount;
        until = charge->attempt.resend_at;
    } else if (change->kind == CHANGE_SUBSCRIPTION) {
        const struct subscription *subscription =
            account_subscription(step->account, change->subject);
        ENSURE(subscription != NULL);
        change->amount = subscription->amount;
        bool is_paused = subscription->state == SUBSCRIPTION_PAUSED;
        until = is_paused ? subscription->resume_at : subscription->due_at;
    }
    if (change->until.utc_ms == INSTANT_NEVER.utc_ms && !is_told_again(step->effects, index)) {
        change->until = until;
    }
}

/* --- the step ------------------------------------------------------------------------------ */

/* Commands for which it matters whether a cycle is open already. */
static bool is_about_cycles(enum event_kind kind)
{
    switch (kind) {
    case EVENT_CANCEL:
    case EVENT_UNCANCEL:
    case EVENT_CHARGE_ONCE:
    case EVENT_PAUSE:
    case EVENT_SKIP:
    case EVENT_MOVE:
    case EVENT_CHANGE:
    case EVENT_REPLACE:
        return true;
    case EVENT_WAKE:
    case EVENT_ATTEMPT_ANSWER:
    case EVENT_CARE_ANSWER:
    case EVENT_REGISTER:
    case EVENT_SYNC:
    case EVENT_CLOSE:
    case EVENT_SUBSCRIBE:
    case EVENT_NOTICE:
    case EVENT_RESUME:
    case EVENT_HAND_OVER_ANSWER:
    case EVENT_STOP:
    case EVENT_DECIDE:
    case EVENT_SHIP:
    case EVENT_VOID:
    case EVENT_REFUND:
    case EVENT_REFUND_ANSWER:
        break;
    }
    return false;
}

static void effects_clear(struct effects *effects)
{
    effects->is_new_account = false;
    effects->row_count = 0;
    effects->change_count = 0;
    effects->call_count = 0;
}

/* The cycles that are due, then the command; or nothing at all. A cancellation is not refused for
 * want of room: what could not be opened will not be charged either. Nor is its being taken back:
 * what could not be opened yet is due all the same. */
static enum status apply_after_cycles(struct step *step, struct problem *problem)
{
    struct account before;
    account_copy(&before, step->account);
    subscriptions_advance(step);
    cycles_open(step);
    enum status status = ST_OK;
    bool needs_room = step->event->kind != EVENT_CANCEL && step->event->kind != EVENT_UNCANCEL;
    if (needs_room && cycles_are_due(step)) {
        status = problem_set(problem, ST_BUSY,
                             "agreement %s has %d open charges, the most, and cycles that are due",
                             step->account->agreement.id, ACCOUNT_CHARGES_MAX);
    } else {
        status = apply(step, problem);
    }
    if (status != ST_OK) {
        account_copy(step->account, &before);
        effects_clear(step->effects);
    }
    return status;
}

static void advance(struct step *step)
{
    subscriptions_advance(step);
    charges_advance(step);
    refunds_advance(step);
    limit_advance(step);
    agreement_advance(step);
    for (uint32_t i = 0; i < step->effects->change_count; i++) {
        complete_change(step, i);
    }
}

enum status bill_step(struct account *account, const struct event *event, struct effects *effects,
                      struct problem *problem)
{
    struct step step = {
        .account = account,
        .event = event,
        .policy = event->policy,
        .effects = effects,
        .at = event->at,
    };
    effects_clear(effects);
    struct limit before = account->agreement.limit;
    (void)limit_roll(&account->agreement.limit, event->at, event->policy->zone);
    enum status status = is_about_cycles(event->kind) && cycles_are_due(&step)
                             ? apply_after_cycles(&step, problem)
                             : apply(&step, problem);
    if (status != ST_OK) {
        account->agreement.limit = before;
        ENSURE(effects->row_count + effects->change_count + effects->call_count == 0);
        return status;
    }
    advance(&step);
    account_wake(account, &account->agreement.wake_at, &account->agreement.lane);
    ENSURE(account_check(account) == NULL);
    return ST_OK;
}
