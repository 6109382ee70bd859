/*
 * step_agreement.c - what Amazon says about the agreement, and the calls that ask it.
 *
 * One call about the agreement is wanted at a time (care). It is made when care_at has come; while
 * it is on the wire care_at stays in the past, so that after a crash, when nobody holds it any
 * more, it is made again at once. What Amazon says of the state comes by the sync alone, which
 * follows every other call.
 *
 * Registered with the wish to confirm it, an agreement goes
 *
 *     sync (Draft) ─► set ─► confirm ─► sync (Open) ─► validate ─► sync
 *
 * and counts as Open here only after the last: nothing is charged on a payment method that is about
 * to be validated. A refusal on the way ends the wish; the buyer acts and the shop registers again.
 *
 * A Suspended agreement is asked for again and again at the policy's interval, and at most once in
 * validate_every_ms it is validated first, so that Amazon looks at the payment method anew; found
 * Open, everything that waits is tried in the same step.
 *
 * A close is wanted as soon as the last subscription is canceled or replaced, or by an operator's
 * word; not when the last one has ended by its own schedule, because the shop may sell something
 * else on the buyer's consent. It is made once no charge is open, one-offs included, or when an
 * operator forces it, and is repeated until Amazon shows the agreement Closed or Canceled.
 */
#include <string.h>

#include "billing/ensure.h"
#include "billing/step_parts.h"

/* A wish gives way to one of a higher rank: a sync follows all others anyway, and what is to be
 * closed is neither validated nor confirmed. The enum's numbers are stored and say nothing. */
static int care_rank(enum care care)
{
    switch (care) {
    case CARE_NONE:
        return 0;
    case CARE_SYNC:
        return 1;
    case CARE_VALIDATE:
        return 2;
    case CARE_SET:
        return 3;
    case CARE_CONFIRM:
        return 4;
    case CARE_CLOSE:
        return 5;
    }
    ENSURE(false);
    return 0;
}

void care_want(struct step *step, enum care care, struct instant at)
{
    struct agreement *agreement = &step->account->agreement;
    if (agreement->care_on_wire || agreement_is_final(agreement->state)) {
        return;
    }
    /* Asked for sooner than the validation of a Suspended agreement, the sync may make it needless;
     * where it does not, the validation is wanted again after it. */
    bool goes_before = care == CARE_SYNC && agreement->care == CARE_VALIDATE &&
                       instant_before(at, agreement->care_at);
    if (agreement->care == care) {
        agreement->care_at = instant_min(agreement->care_at, at);
    } else if (goes_before || care_rank(care) > care_rank(agreement->care)) {
        agreement->care = care;
        agreement->care_at = at;
    }
}

void sync_want_now(struct step *step)
{
    struct agreement *agreement = &step->account->agreement;
    if (agreement->care_on_wire) {
        agreement->sync_again = true;
    } else {
        care_want(step, CARE_SYNC, step->at);
    }
}

static void care_set(struct step *step, enum care care, struct instant at)
{
    struct agreement *agreement = &step->account->agreement;
    agreement->care = care;
    agreement->care_at = at;
}

static void care_repeat(struct step *step, enum care care)
{
    struct agreement *agreement = &step->account->agreement;
    int64_t wait_ms = policy_nth_wait_ms(&step->policy->resend, agreement->care_tries);
    agreement->care_tries++;
    care_set(step, care, instant_plus(step->at, wait_ms));
}

/* The agreement ends, and with it whatever is still owed on it; but what is unpaid of a
 * subscription that is leaving goes with it. */
void give_up_all(struct step *step, enum reason reason)
{
    for (uint32_t i = 0; i < step->account->charge_count; i++) {
        struct charge *charge = &step->account->charges[i];
        const struct subscription *subscription =
            account_subscription(step->account, charge->subscription_key);
        if (subscription == NULL || subscription->state != SUBSCRIPTION_LEAVING) {
            charge_give_up(step, charge, reason);
        }
    }
}

void subscription_over(struct step *step, struct subscription *subscription,
                       enum subscription_state to, enum reason reason, enum reason of_charges)
{
    struct account *account = step->account;
    subscription->due_at = INSTANT_NEVER;
    subscription->resume_at = INSTANT_NEVER;
    subscription->hand_over_at = INSTANT_NEVER;
    move_subscription(step, subscription, to, reason);
    for (uint32_t i = 0; i < account->charge_count; i++) {
        struct charge *charge = &account->charges[i];
        if (strcmp(charge->subscription_key, subscription->key) == 0) {
            charge_give_up(step, charge, of_charges);
        }
    }
    for (uint32_t i = 0; i < account->subscription_count; i++) {
        if (!subscription_is_final(account->subscriptions[i].state)) {
            return;
        }
    }
    account->agreement.close_wanted = !agreement_is_final(account->agreement.state);
}

void subscription_cancel(struct step *step, struct subscription *subscription, enum reason reason)
{
    subscription_over(step, subscription, SUBSCRIPTION_CANCELED, reason,
                      REASON_SUBSCRIPTION_CANCELED);
}

/* Closed or Canceled at Amazon: nothing can be charged any more, though what is authorized can
 * still be captured. What another agreement is taking over waits for that one's answer. */
static void agreement_over(struct step *step, enum reason reason)
{
    struct account *account = step->account;
    care_set(step, CARE_NONE, INSTANT_NEVER);
    account->agreement.close_wanted = false;
    account->agreement.close_forced = false;
    for (uint32_t i = 0; i < account->subscription_count; i++) {
        struct subscription *subscription = &account->subscriptions[i];
        if (!subscription_is_final(subscription->state) &&
            subscription->state != SUBSCRIPTION_LEAVING) {
            subscription_over(step, subscription, SUBSCRIPTION_CANCELED,
                              reason != REASON_NONE ? reason : REASON_AGREEMENT_ENDED,
                              REASON_AGREEMENT_ENDED);
        }
    }
    give_up_all(step, REASON_AGREEMENT_ENDED);
}

/* --- answers ------------------------------------------------------------------------------- */

/* Has this interval seen no validation yet, once `at` has come? */
static bool may_validate(const struct step *step, struct instant at)
{
    const struct agreement *agreement = &step->account->agreement;
    int64_t every_ms = step->policy->validate_every_ms;
    bool is_first = agreement->validated_at.utc_ms == INSTANT_NEVER.utc_ms;
    return every_ms > 0 &&
           (is_first || instant_reached(instant_plus(agreement->validated_at, every_ms), at));
}

/* Amazon closes what is Open or Suspended. An open attempt is finished first, so that a charge that
 * may have happened is never orphaned, and so is a one-off, which was ordered by itself; unless an
 * operator forces the close. */
static bool can_close(const struct account *account)
{
    const struct agreement *agreement = &account->agreement;
    for (uint32_t i = 0; !agreement->close_forced && i < account->charge_count; i++) {
        if (!charge_is_final(account->charges[i].state)) {
            return false;
        }
    }
    return agreement->close_wanted &&
           (agreement->state == AGREEMENT_OPEN || agreement->state == AGREEMENT_SUSPENDED);
}

/* What is wanted next, from the state that Amazon just told. */
static void care_after_sync(struct step *step, const struct care_answer *answer)
{
    struct agreement *agreement = &step->account->agreement;
    struct instant poll_at = instant_plus(step->at, step->policy->suspended_poll_ms);
    if (can_close(step->account) && agreement->care_tries > 0) {
        care_repeat(step, CARE_CLOSE);
        return;
    }
    agreement->care_tries = 0;
    switch (agreement->state) {
    case AGREEMENT_OPEN:
        care_set(step, CARE_NONE, INSTANT_NEVER);
        break;
    case AGREEMENT_DRAFT:
        if (agreement->confirm_wanted && !agreement->close_wanted && !answer->has_constraints) {
            care_set(step, CARE_SET, step->at);
        } else {
            care_set(step, CARE_SYNC, poll_at);
        }
        if (agreement->close_wanted) {
            give_up_all(step, REASON_MERCHANT_CLOSED); /* nobody will confirm it */
        }
        break;
    case AGREEMENT_SUSPENDED:
        care_set(step, may_validate(step, poll_at) ? CARE_VALIDATE : CARE_SYNC, poll_at);
        break;
    case AGREEMENT_UNSYNCED:
        care_set(step, CARE_SYNC, poll_at);
        break;
    case AGREEMENT_CANCELED:
    case AGREEMENT_CLOSED:
        agreement_over(step, answer->reason);
        break;
    }
}

/* After an answer that may be older than the news. */
static struct instant soon(const struct step *step)
{
    return instant_plus(step->at, policy_nth_wait_ms(&step->policy->resend, 0));
}

static void sync_again_slowly(struct step *step)
{
    care_set(step, CARE_SYNC, instant_plus(step->at, step->policy->suspended_poll_ms));
}

/* An answer that could not be meant, seen from what is known here. */
static bool sync_is_sane(const struct step *step, const struct care_answer *answer)
{
    const struct agreement *agreement = &step->account->agreement;
    bool may =
        agreement->state == answer->state || agreement_may_become(agreement->state, answer->state);
    bool needs_limit = answer->state == AGREEMENT_OPEN && !limit_is_known(&agreement->limit);
    return may && (!needs_limit || limit_is_sane(answer, &agreement->limit));
}

/* `why_before`: of the care call before this one. */
static void sync_answered(struct step *step, const struct care_answer *answer,
                          enum reason why_before)
{
    struct agreement *agreement = &step->account->agreement;
    if (answer->outcome != OUTCOME_DONE || !answer->has_details) {
        /* Refused (unknown id, another account's credentials) is worth asking again, but slowly. */
        if (answer->outcome == OUTCOME_REFUSED) {
            sync_again_slowly(step);
        } else {
            care_repeat(step, CARE_SYNC);
        }
        return;
    }
    if (!sync_is_sane(step, answer)) {
        sync_again_slowly(step);
        return;
    }
    agreement->synced_at = step->at;
    if (limit_is_sane(answer, &agreement->limit)) {
        limit_told(step, answer);
    }
    if (answer->state == AGREEMENT_OPEN && agreement->state == AGREEMENT_UNSYNCED &&
        agreement->ended_since_sync) {
        /* Asked before the attempt ended that made its state doubtful: it may be Open no more. */
        care_set(step, CARE_SYNC, soon(step));
        return;
    }
    bool was_suspended = agreement->state == AGREEMENT_SUSPENDED;
    if (answer->state == AGREEMENT_OPEN) {
        if (agreement->confirm_wanted && !agreement->close_wanted &&
            (!was_suspended || may_validate(step, step->at))) {
            agreement->care_tries = 0;
            care_set(step, CARE_VALIDATE, step->at);
            return;
        }
        agreement->confirm_wanted = false;
    }
    bool failed_validation =
        answer->state == AGREEMENT_SUSPENDED && why_before == REASON_VALIDATION_FAILED;
    move_agreement(step, answer->state,
                   failed_validation ? REASON_VALIDATION_FAILED : answer->reason);
    if (answer->state == AGREEMENT_OPEN && !was_suspended) {
        charges_not_suspended(step);
    }
    care_after_sync(step, answer);
}

/* The end of the registration's set and confirm. */
static void confirm_answered(struct step *step, const struct care_answer *answer)
{
    struct agreement *agreement = &step->account->agreement;
    if (answer->outcome == OUTCOME_REFUSED) {
        /* Not repeated: the operator registers again when the buyer has acted. */
        agreement->confirm_wanted = false;
        care_set(step, CARE_SYNC, step->at);
    } else if (answer->outcome != OUTCOME_DONE) {
        care_repeat(step, answer->care);
    } else {
        agreement->care_tries = 0;
        bool is_set = answer->care == CARE_SET && !agreement->close_wanted;
        care_set(step, is_set ? CARE_CONFIRM : CARE_SYNC, step->at);
    }
}

/* Whatever the answer says, Amazon's word about the state comes by the sync. Of a Suspended
 * agreement a validation is not repeated within its interval, not even one without answer. */
static void validate_answered(struct step *step, const struct care_answer *answer)
{
    struct agreement *agreement = &step->account->agreement;
    bool is_over = answer->outcome == OUTCOME_DONE || answer->outcome == OUTCOME_REFUSED;
    if (!is_over && agreement->state != AGREEMENT_SUSPENDED) {
        care_repeat(step, CARE_VALIDATE);
        return;
    }
    if (answer->outcome == OUTCOME_DONE && !answer->is_valid) {
        agreement->care_reason = REASON_VALIDATION_FAILED;
    }
    agreement->confirm_wanted = agreement->confirm_wanted && !is_over;
    agreement->care_tries = 0;
    care_set(step, CARE_SYNC, step->at);
}

static void close_answered(struct step *step, const struct care_answer *answer)
{
    if (answer->outcome == OUTCOME_DONE) {
        move_agreement(step, AGREEMENT_CLOSED, REASON_MERCHANT_CLOSED);
        agreement_over(step, REASON_MERCHANT_CLOSED);
    } else if (answer->outcome == OUTCOME_REFUSED) {
        /* Closed already, perhaps: Amazon's own word decides. */
        care_repeat(step, CARE_SYNC);
    } else {
        care_repeat(step, CARE_CLOSE);
    }
}

static void care_ended(struct step *step, const struct care_answer *answer)
{
    struct agreement *agreement = &step->account->agreement;
    if (!agreement->care_on_wire || agreement->care != answer->care) {
        return;
    }
    enum reason why_before = agreement->care_reason;
    agreement->care_on_wire = false;
    agreement->care_reason = answer->outcome == OUTCOME_DONE ? REASON_NONE : answer->reason;
    switch (answer->care) {
    case CARE_NONE:
        break;
    case CARE_SYNC:
        sync_answered(step, answer, why_before);
        break;
    case CARE_SET:
    case CARE_CONFIRM:
        confirm_answered(step, answer);
        break;
    case CARE_VALIDATE:
        validate_answered(step, answer);
        break;
    case CARE_CLOSE:
        close_answered(step, answer);
        break;
    }
}

void care_answered(struct step *step, const struct care_answer *answer)
{
    struct agreement *agreement = &step->account->agreement;
    care_ended(step, answer);
    if (agreement->sync_again && !agreement->care_on_wire) {
        agreement->sync_again = false;
        care_want(step, CARE_SYNC, soon(step));
    }
}

/* --- calls --------------------------------------------------------------------------------- */

/* While a refused close is being looked into (care_tries), the sync goes first. */
static void close_if_wanted(struct step *step)
{
    struct agreement *agreement = &step->account->agreement;
    if (agreement->care == CARE_CLOSE && !agreement->care_on_wire && !can_close(step->account)) {
        care_set(step, CARE_NONE, INSTANT_NEVER);
    }
    if (can_close(step->account) && (agreement->care == CARE_NONE || agreement->care_tries == 0)) {
        care_want(step, CARE_CLOSE, step->at);
    }
}

/* What is not wanted any more, or would come too early after the last one (a crash while it was on
 * the wire), is not called: Amazon's word is asked for instead. */
static void care_check(struct step *step)
{
    struct agreement *agreement = &step->account->agreement;
    bool is_confirming = agreement->care == CARE_SET || agreement->care == CARE_CONFIRM ||
                         agreement->care == CARE_VALIDATE;
    bool is_early = agreement->care == CARE_VALIDATE && agreement->state == AGREEMENT_SUSPENDED &&
                    !may_validate(step, step->at);
    if (is_early || (is_confirming && agreement->close_wanted)) {
        care_set(step, CARE_SYNC, step->at);
    }
}

void agreement_advance(struct step *step)
{
    struct agreement *agreement = &step->account->agreement;
    if (agreement_is_final(agreement->state)) {
        return;
    }
    close_if_wanted(step);
    if (instant_reached(agreement->care_at, step->at) && !agreement->care_on_wire) {
        static const enum call_kind calls[] = {[CARE_SYNC] = CALL_SYNC,
                                               [CARE_CONFIRM] = CALL_CONFIRM,
                                               [CARE_CLOSE] = CALL_CLOSE,
                                               [CARE_SET] = CALL_SET,
                                               [CARE_VALIDATE] = CALL_VALIDATE};
        care_check(step);
        call(step, calls[agreement->care], "");
        agreement->care_on_wire = true;
        agreement->ended_since_sync = false;
        if (agreement->care == CARE_VALIDATE) {
            agreement->validated_at = step->at;
        }
    }
}
