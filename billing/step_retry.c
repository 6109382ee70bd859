/*
 * step_retry.c - what follows an attempt that ended without its money.
 *
 * Which of few things follows is policy_map.c's to say, from the reason and the policy that the
 * charge froze; here they are done. Invariants: the next attempt is never made in the step that
 * ends the last one; no attempt comes at or after the next cycle's due instant unless the policy
 * allows it; attempts are bounded.
 */
#include <string.h>

#include "billing/ensure.h"
#include "billing/policy_map.h"
#include "billing/step_parts.h"

/* False: there will be no further attempt, the charge has failed. */
static bool may_go_on(struct step *step, struct charge *charge)
{
    uint32_t attempts_max = charge_policy(step, charge)->attempts_max;
    if (attempts_max == 0 || charge->attempt.number < attempts_max) {
        return true;
    }
    charge_fail(step, charge, REASON_ATTEMPTS_MAX);
    return false;
}

/* The n-th wait of the list comes after the n-th attempt, whatever ended the others. */
static void charge_retry(struct step *step, struct charge *charge, enum reason reason,
                         const struct policy_waits *waits)
{
    const struct policy *policy = charge_policy(step, charge);
    uint32_t tried = charge->attempt.number - charge->extra_attempts;
    if (tried > waits->count) {
        charge_fail(step, charge, reason);
        return;
    }
    if (!may_go_on(step, charge)) {
        return;
    }
    int64_t wait_ms = tried == 0 ? 0 : waits->wait_ms[tried - 1];
    struct instant retry_at =
        instant_plus(step->at, policy_jittered_ms(policy, wait_ms, charge->attempt.reference_id));
    if (charge->subscription_key[0] != '\0') {
        retry_at = policy_open_at(policy, retry_at);
    }
    if (!policy->retry_past_next_due &&
        !instant_before(retry_at, charge_next_due_at(step, charge))) {
        charge_fail(step, charge, REASON_NEXT_CYCLE);
        return;
    }
    charge_put_off(step, charge, CHARGE_RETRYING, reason, retry_at);
}

/* The same amount again at once under a new reference id: not one of the retry list's. */
static void charge_again(struct step *step, struct charge *charge, enum reason reason)
{
    charge->extra_attempts++;
    if (may_go_on(step, charge)) {
        charge_put_off(step, charge, CHARGE_RETRYING, reason, step->at);
    }
}

static void charge_asynchronously(struct step *step, struct charge *charge, enum reason reason,
                                  const struct policy_waits *waits)
{
    if (charge->attempt.state != ATTEMPT_DECLINED || charge->attempt.timeout_minutes != 0) {
        charge_retry(step, charge, reason, waits);
        return;
    }
    charge_again(step, charge, reason);
}

static void ask_agreement(struct step *step, const struct charge *charge, enum reason reason,
                          enum policy_ask ask)
{
    struct agreement *agreement = &step->account->agreement;
    if (ask == POLICY_ASK_NOTHING) {
        return;
    }
    if (ask != POLICY_ASK_STATE && agreement->state == AGREEMENT_OPEN) {
        move_agreement(step, AGREEMENT_UNSYNCED, reason);
    }
    if (ask == POLICY_ASK_SLOWLY && charge->attempt.number > 1) {
        struct instant poll_at =
            instant_plus(agreement->synced_at, step->policy->suspended_poll_ms);
        if (instant_before(step->at, poll_at)) {
            care_want(step, CARE_SYNC, poll_at);
            return;
        }
    }
    sync_want_now(step);
}

static void act(struct step *step, struct charge *charge, enum reason reason,
                const struct policy_outcome *outcome)
{
    switch (outcome->act) {
    case POLICY_ACT_RETRY:
        charge_retry(step, charge, reason, outcome->waits);
        return;
    case POLICY_ACT_ASYNCHRONOUSLY:
        charge_asynchronously(step, charge, reason, outcome->waits);
        return;
    case POLICY_ACT_AGAIN:
        charge_again(step, charge, reason);
        return;
    case POLICY_ACT_WAIT_OPEN:
    case POLICY_ACT_WAIT:
        if (may_go_on(step, charge)) {
            charge_wait(step, charge, reason);
        }
        return;
    case POLICY_ACT_LIMIT_SHORT:
        if (may_go_on(step, charge)) {
            charge_limit_short(step, charge, reason);
        }
        return;
    case POLICY_ACT_NEXT_PERIOD:
        if (may_go_on(step, charge)) {
            charge_put_off(step, charge, CHARGE_HELD, reason,
                           step->account->agreement.limit.period_end);
        }
        return;
    case POLICY_ACT_FAIL:
        charge_fail(step, charge, reason);
        return;
    case POLICY_ACT_CANCEL:
        move_charge(step, charge, CHARGE_CANCELED, reason);
        return;
    }
    ENSURE(false);
}

void charge_not_paid(struct step *step, struct charge *charge, enum reason reason)
{
    struct policy_outcome outcome = policy_outcome_of(charge_policy(step, charge), reason);
    ask_agreement(step, charge, reason, outcome.ask);
    if (outcome.exhausts_limit) {
        limit_refused(step);
    }
    if (charge_is_canceled(step, charge)) {
        move_charge(step, charge, CHARGE_CANCELED,
                    charge->word == WORD_VOID ? REASON_VOIDED : REASON_SUBSCRIPTION_CANCELED);
        return;
    }
    act(step, charge, reason, &outcome);
}

void charges_not_suspended(struct step *step)
{
    for (uint32_t i = 0; i < step->account->charge_count; i++) {
        struct charge *charge = &step->account->charges[i];
        bool waits = charge->state == CHARGE_WAITING && charge->attempt.number > 0 &&
                     charge->reason == charge->attempt.reason &&
                     charge->reason != REASON_AGREEMENT_NOT_OPEN;
        if (!waits) {
            continue;
        }
        struct policy_outcome outcome =
            policy_outcome_of(charge_policy(step, charge), charge->reason);
        if (outcome.act == POLICY_ACT_WAIT_OPEN) {
            bool is_hard = charge->reason == REASON_INVALID_PAYMENT_METHOD;
            charge_retry(step, charge,
                         is_hard ? REASON_INVALID_PAYMENT_METHOD_SOFT : charge->reason,
                         outcome.waits);
        }
    }
}
