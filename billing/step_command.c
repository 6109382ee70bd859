/*
 * step_command.c - operators' commands: register, sync, subscribe, cancel, charge once.
 *
 * Each checks everything first and refuses with a sentence; only then does it change the account.
 */
#include <string.h>

#include "billing/ensure.h"
#include "billing/step_parts.h"

enum status command_register(struct step *step, struct problem *problem)
{
    const struct register_agreement *wanted = &step->event->registered;
    struct agreement *agreement = &step->account->agreement;
    if (agreement->state == AGREEMENT_DRAFT && wanted->confirm_wanted &&
        !agreement->confirm_wanted) {
        /* Its confirmation was refused, or not wanted before: the buyer has acted, try again. */
        agreement->confirm_wanted = true;
        care_want(step, CARE_SYNC, step->at);
        return ST_OK;
    }
    if (agreement->state != 0) {
        return problem_set(problem, ST_CONFLICT, "agreement %s is registered already",
                           agreement->id);
    }
    if (wanted->id[0] == '\0') {
        return problem_set(problem, ST_INVALID, "agreement: the id is empty");
    }
    memset(step->account, 0, sizeof *step->account);
    memcpy(agreement->seller_id, wanted->seller_id, sizeof agreement->seller_id);
    memcpy(agreement->id, wanted->id, sizeof agreement->id);
    agreement->state = AGREEMENT_UNSYNCED;
    agreement->confirm_wanted = wanted->confirm_wanted;
    agreement->created_at = step->at;
    agreement->synced_at = INSTANT_NEVER;
    agreement->validated_at = INSTANT_NEVER;
    agreement->care = CARE_SYNC;
    agreement->care_at = step->at;
    step->effects->is_new_account = true;
    tell(step, CHANGE_AGREEMENT, agreement->id, 0, AGREEMENT_UNSYNCED, REASON_NONE);
    return ST_OK;
}

static enum status refuse_if_over(const struct agreement *agreement, struct problem *problem)
{
    if (agreement_is_final(agreement->state)) {
        return problem_set(problem, ST_CONFLICT, "agreement %s is %s: nothing can be charged on it",
                           agreement->id, agreement_state_name(agreement->state));
    }
    if (agreement->close_wanted) {
        return problem_set(problem, ST_CONFLICT, "agreement %s is being closed", agreement->id);
    }
    if (agreement->care_reason == REASON_AGREEMENT_UNKNOWN) {
        return problem_set(problem, ST_CONFLICT,
                           "Amazon does not know agreement %s of this seller: is the id right, and "
                           "is it of this environment, sandbox or live?",
                           agreement->id);
    }
    return ST_OK;
}

enum status command_sync(struct step *step, struct problem *problem)
{
    struct agreement *agreement = &step->account->agreement;
    if (agreement_is_final(agreement->state)) {
        return problem_set(problem, ST_CONFLICT, "agreement %s is %s, which is final",
                           agreement->id, agreement_state_name(agreement->state));
    }
    care_want(step, CARE_SYNC, step->at);
    return ST_OK;
}

static enum status check_amount(const struct agreement *agreement, struct money amount,
                                struct problem *problem)
{
    char text[MONEY_TEXT_MAX];
    char limit_text[MONEY_TEXT_MAX];
    money_format(amount, text);
    if (!money_is_positive(amount)) {
        return problem_set(problem, ST_INVALID, "amount: must be above zero");
    }
    const struct money *limit = &agreement->limit.amount;
    if (!limit_is_known(&agreement->limit)) {
        return ST_OK;
    }
    if (strcmp(money_currency(&amount), money_currency(limit)) != 0) {
        return problem_set(problem, ST_INVALID, "currency: %s, but agreement %s is charged in %s",
                           money_currency(&amount), agreement->id, money_currency(limit));
    }
    if (!money_at_most(amount, *limit)) {
        money_format(*limit, limit_text);
        return problem_set(problem, ST_INVALID,
                           "amount: %s is above the limit of agreement %s, %s per period", text,
                           agreement->id, limit_text);
    }
    return ST_OK;
}

static uint32_t subscribe_first_cycle(const struct subscribe *wanted, struct instant at)
{
    bool is_asked = wanted->charge_from.utc_ms != INSTANT_NEVER.utc_ms;
    return recurrence_first_cycle(&wanted->rule, wanted->zone, is_asked ? wanted->charge_from : at);
}

bool subscribe_is_same(const struct subscribe *wanted, const struct subscription *made)
{
    return money_equal(wanted->amount, made->amount) && strcmp(wanted->label, made->label) == 0 &&
           strcmp(wanted->note, made->note) == 0 && recurrence_equal(&wanted->rule, &made->rule) &&
           strcmp(wanted->zone->name, made->zone_name) == 0 &&
           subscribe_first_cycle(wanted, made->created_at) == made->first_cycle;
}

enum status command_subscribe(struct step *step, struct problem *problem)
{
    const struct subscribe *wanted = &step->event->subscribe;
    struct account *account = step->account;
    enum status status = refuse_if_over(&account->agreement, problem);
    if (status == ST_OK) {
        status = check_amount(&account->agreement, wanted->amount, problem);
    }
    if (status == ST_OK) {
        status = recurrence_check(&wanted->rule, problem);
    }
    if (status != ST_OK) {
        return status;
    }
    ENSURE(key_is_valid(wanted->key));
    ENSURE(wanted->zone != NULL);
    uint32_t first = subscribe_first_cycle(wanted, step->at);
    if (first == 0) {
        return problem_set(problem, ST_INVALID,
                           "schedule: no cycle is due at or after the time charging begins");
    }
    if (account->subscription_count == ACCOUNT_SUBSCRIPTIONS_MAX) {
        return problem_set(problem, ST_BUSY, "agreement %s has %d live subscriptions, the most",
                           account->agreement.id, ACCOUNT_SUBSCRIPTIONS_MAX);
    }
    struct subscription *subscription = &account->subscriptions[account->subscription_count++];
    *subscription = (struct subscription){
        .state = SUBSCRIPTION_ACTIVE,
        .amount = wanted->amount,
        .rule = wanted->rule,
        .zone = wanted->zone,
        .first_cycle = first,
        .next_cycle = first,
        .due_at = recurrence_due(&wanted->rule, wanted->zone, first),
        .cancel_at = INSTANT_NEVER,
        .resume_at = INSTANT_NEVER,
        .hand_over_at = INSTANT_NEVER,
        .next_amount_at = INSTANT_NEVER,
        .created_at = step->at,
    };
    memcpy(subscription->key, wanted->key, sizeof subscription->key);
    memcpy(subscription->idempotency_key, wanted->idempotency_key,
           sizeof subscription->idempotency_key);
    memcpy(subscription->label, wanted->label, sizeof subscription->label);
    memcpy(subscription->note, wanted->note, sizeof subscription->note);
    memcpy(subscription->policy_name,
           wanted->policy_name[0] != '\0' ? wanted->policy_name : POLICY_NAME_DEFAULT,
           wanted->policy_name[0] != '\0' ? sizeof subscription->policy_name
                                          : sizeof POLICY_NAME_DEFAULT);
    memcpy(subscription->zone_name, wanted->zone->name, sizeof subscription->zone_name);
    tell(step, CHANGE_SUBSCRIPTION, subscription->key, 0, SUBSCRIPTION_ACTIVE, REASON_NONE);
    touch_subscription(step, subscription);
    return ST_OK;
}

enum status command_cancel(struct step *step, struct problem *problem)
{
    const struct cancel *wanted = &step->event->cancel;
    struct subscription *subscription =
        account_subscription(step->account, wanted->subscription_key);
    if (subscription == NULL) {
        return problem_set(problem, ST_NOT_FOUND, "subscription %s is not live",
                           wanted->subscription_key);
    }
    if (wanted->at_period_end && subscription->due_at.utc_ms != INSTANT_NEVER.utc_ms) {
        /* Asked again: the first answer stands. */
        subscription->cancel_at = instant_min(subscription->cancel_at, subscription->due_at);
        touch_subscription(step, subscription);
        return ST_OK;
    }
    subscription_cancel(step, subscription, REASON_SUBSCRIPTION_CANCELED);
    return ST_OK;
}

enum status command_charge_once(struct step *step, struct problem *problem)
{
    const struct charge_once *wanted = &step->event->charge_once;
    enum status status = refuse_if_over(&step->account->agreement, problem);
    if (status == ST_OK) {
        status = check_amount(&step->account->agreement, wanted->amount, problem);
    }
    if (status != ST_OK) {
        return status;
    }
    struct charge charge = {.amount = wanted->amount, .due_at = step->at};
    charge_id_format(wanted->key, 0, charge.id);
    memcpy(charge.label, wanted->label, sizeof charge.label);
    memcpy(charge.note, wanted->note, sizeof charge.note);
    memcpy(charge.idempotency_key, wanted->idempotency_key, sizeof charge.idempotency_key);
    if (charge_add(step, &charge) == NULL) {
        return problem_set(problem, ST_BUSY, "agreement %s has %d open charges, the most",
                           step->account->agreement.id, ACCOUNT_CHARGES_MAX);
    }
    return ST_OK;
}
