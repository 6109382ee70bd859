/*
 * step_command.c - operators' commands: register, sync, close, subscribe, cancel, uncancel, charge
 * once.
 *
 * Each checks everything first and refuses with a sentence; only then does it change the account.
 */
#include <string.h>

#include "billing/ensure.h"
#include "billing/step_parts.h"
#include "billing/subscription.h"

/* What an agreement that is registered already waits for, so that nobody registers it in vain. */
static const char *register_advice(const struct agreement *agreement, bool is_asked)
{
    if (agreement->close_wanted) {
        return "it is being closed: register another one of the buyer's";
    }
    if (is_asked) {
        return "it is being confirmed already: look again in a moment";
    }
    switch (agreement->state) {
    case AGREEMENT_UNSYNCED:
        return "Amazon has not told its state yet: look again in a moment";
    case AGREEMENT_DRAFT:
    case AGREEMENT_SUSPENDED:
        return "to have it confirmed, once the buyer has acted, register it with confirm";
    case AGREEMENT_OPEN:
        return "there is nothing to confirm";
    case AGREEMENT_CANCELED:
    case AGREEMENT_CLOSED:
        return "that is final: register another one of the buyer's";
    }
    ENSURE(false);
    return "";
}

/* The buyer has acted: a Draft whose confirmation was refused or not wanted before is tried again,
 * and so is an agreement that was suspended, whose new payment method needs a confirmation - each
 * time, because the next new method may be refused like the last. */
static enum status register_again(struct step *step, struct problem *problem)
{
    struct agreement *agreement = &step->account->agreement;
    bool is_suspended = agreement->state == AGREEMENT_SUSPENDED;
    bool can_confirm = agreement->state == AGREEMENT_DRAFT || is_suspended;
    bool is_asked = agreement->confirm_wanted && (!is_suspended || agreement->care == CARE_CONFIRM);
    if (!step->event->registered.confirm_wanted || is_asked || !can_confirm ||
        agreement->close_wanted) {
        return problem_set(problem, ST_CONFLICT,
                           "agreement %s is registered already, and is %s: %s", agreement->id,
                           agreement_state_name(agreement->state),
                           register_advice(agreement, is_asked));
    }
    if (is_suspended && agreement->care_on_wire) {
        return problem_set(
            problem, ST_BUSY,
            "Amazon is being asked about agreement %s: register it again in a moment",
            agreement->id);
    }
    agreement->confirm_wanted = true;
    care_want(step, is_suspended ? CARE_CONFIRM : CARE_SYNC, step->at);
    return ST_OK;
}

enum status command_register(struct step *step, struct problem *problem)
{
    const struct register_agreement *wanted = &step->event->registered;
    struct agreement *agreement = &step->account->agreement;
    if (agreement->state != 0) {
        return register_again(step, problem);
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
        return problem_set(problem, ST_CONFLICT,
                           "agreement %s is %s: nothing can be charged on it; use another one",
                           agreement->id, agreement_state_name(agreement->state));
    }
    if (agreement->close_wanted) {
        return problem_set(problem, ST_CONFLICT, "agreement %s is being closed: use another one",
                           agreement->id);
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

/* An operator's word, told because the close comes later and for nobody else's sake. */
static void tell_close(struct step *step, bool is_forced)
{
    tell(step, CHANGE_CANCEL, step->account->agreement.id, 0, is_forced, REASON_OPERATOR);
}

/* Whoever wants to close what is in use must say first what becomes of it: cancel, or void. */
enum status command_close(struct step *step, struct problem *problem)
{
    const struct account *account = step->account;
    struct agreement *agreement = &step->account->agreement;
    if (agreement_is_final(agreement->state) || agreement->close_wanted) {
        return ST_OK;
    }
    for (uint32_t i = 0; i < account->subscription_count; i++) {
        const struct subscription *subscription = &account->subscriptions[i];
        if (!subscription_is_final(subscription->state)) {
            return problem_set(
                problem, ST_CONFLICT, "subscription %s of agreement %s is %s: cancel it first",
                subscription->key, agreement->id, subscription_state_name(subscription->state));
        }
    }
    for (uint32_t i = 0; i < account->charge_count; i++) {
        const struct charge *charge = &account->charges[i];
        if (!charge_is_final(charge->state)) {
            return problem_set(problem, ST_CONFLICT,
                               "charge %s of agreement %s is %s: let it end first, or void it",
                               charge->id, agreement->id, charge_state_name(charge->state));
        }
    }
    agreement->close_wanted = true;
    tell_close(step, false);
    return ST_OK;
}

const struct policy *policy_wanted(const struct step *step, const char *name,
                                   struct problem *problem)
{
    const char *wanted = name[0] != '\0' ? name : POLICY_NAME_DEFAULT;
    const struct policy *policy = policy_named(step->policy, wanted);
    if (strcmp(policy->name, wanted) != 0) {
        (void)problem_set(problem, ST_INVALID,
                          "policy: the seller has no policy \"%s\"; write it in the configuration "
                          "first",
                          wanted);
        return NULL;
    }
    return policy;
}

static enum status check_limit(const struct agreement *agreement, struct money amount,
                               struct problem *problem)
{
    char text[MONEY_TEXT_MAX];
    char limit_text[MONEY_TEXT_MAX];
    const struct money *limit = &agreement->limit.amount;
    if (!limit_is_known(&agreement->limit)) {
        return ST_OK;
    }
    if (strcmp(money_currency(&amount), money_currency(limit)) != 0) {
        return problem_set(problem, ST_INVALID, "currency: %s, but agreement %s is charged in %s",
                           money_currency(&amount), agreement->id, money_currency(limit));
    }
    if (!money_at_most(amount, *limit)) {
        money_format(amount, text);
        money_format(*limit, limit_text);
        return problem_set(problem, ST_INVALID,
                           "amount: %s is above the limit of agreement %s, %s per period: Amazon "
                           "would never take it; ask for less, or in parts",
                           text, agreement->id, limit_text);
    }
    return ST_OK;
}

enum status amount_check(const struct step *step, const struct policy *policy, struct money amount,
                         struct problem *problem)
{
    char text[MONEY_TEXT_MAX];
    char bound_text[MONEY_TEXT_MAX];
    if (!money_is_positive(amount)) {
        return problem_set(problem, ST_INVALID, "amount: must be above zero");
    }
    if (!policy_allows_amount(policy, amount)) {
        bool is_low =
            money_is_valid(policy->amount_min) && !money_at_most(policy->amount_min, amount);
        struct money bound = is_low ? policy->amount_min : policy->amount_max;
        money_format(amount, text);
        money_format(bound, bound_text);
        return problem_set(problem, ST_INVALID,
                           "amount: %s %s is %s %s, %s %s of the policy \"%s\": ask for %s, name "
                           "another policy, or change the bound in the configuration",
                           text, money_currency(&amount), is_low ? "below" : "above",
                           is_low ? "amount_min" : "amount_max", bound_text, money_currency(&bound),
                           policy->name, is_low ? "more" : "less");
    }
    return check_limit(&step->account->agreement, amount, problem);
}

/* The first cycle to be charged; 0 = there is none. */
static uint32_t subscribe_first_cycle(const struct subscribe *wanted, struct instant at)
{
    if (wanted->first_cycle != 0) {
        return wanted->first_cycle;
    }
    bool is_asked = wanted->charge_from.utc_ms != INSTANT_NEVER.utc_ms;
    return recurrence_first_cycle(&wanted->rule, wanted->zone, is_asked ? wanted->charge_from : at);
}

const char *subscribe_difference(const struct subscribe *wanted, const struct subscription *made)
{
    const char *policy_name =
        wanted->policy_name[0] != '\0' ? wanted->policy_name : POLICY_NAME_DEFAULT;
    if (!money_equal(wanted->amount, made->amount)) {
        return "amount";
    }
    if (!recurrence_equal(&wanted->rule, &made->rule) ||
        strcmp(wanted->zone->name, made->zone_name) != 0) {
        return "schedule";
    }
    if (strcmp(wanted->label, made->label) != 0) {
        return "label";
    }
    if (strcmp(wanted->note, made->note) != 0) {
        return "note";
    }
    if (strcmp(policy_name, made->policy_name) != 0) {
        return "policy";
    }
    return subscribe_first_cycle(wanted, made->created_at) == made->first_cycle ? NULL
                                                                                : "charge_from";
}

static struct subscription subscription_of(const struct subscribe *wanted,
                                           const struct policy *policy, struct instant at)
{
    struct subscription made = {
        .state = SUBSCRIPTION_ACTIVE,
        .amount = wanted->amount,
        .next_amount_at = INSTANT_NEVER,
        .rule = wanted->rule,
        .cycle_base = wanted->first_cycle != 0 ? wanted->cycle_base : 0,
        .zone = wanted->zone,
        .first_cycle = subscribe_first_cycle(wanted, at),
        .is_stopped = wanted->is_stopped,
        .cancel_at = INSTANT_NEVER,
        .resume_at = INSTANT_NEVER,
        .hand_over_at = INSTANT_NEVER,
        .created_at = at,
    };
    if (money_is_valid(wanted->next_amount)) {
        made.next_amount = wanted->next_amount;
        made.next_amount_at = wanted->next_amount_at;
    }
    memcpy(made.key, wanted->key, sizeof made.key);
    memcpy(made.idempotency_key, wanted->idempotency_key, sizeof made.idempotency_key);
    memcpy(made.label, wanted->label, sizeof made.label);
    memcpy(made.note, wanted->note, sizeof made.note);
    memcpy(made.policy_name, policy->name, sizeof made.policy_name);
    memcpy(made.zone_name, wanted->zone->name, sizeof made.zone_name);
    made.next_cycle = made.first_cycle;
    made.due_at = subscription_due(&made, made.first_cycle);
    return made;
}

static enum status check_subscribe(const struct step *step, const struct policy *policy,
                                   struct problem *problem)
{
    const struct subscribe *wanted = &step->event->subscribe;
    enum status status = refuse_if_over(&step->account->agreement, problem);
    if (status == ST_OK) {
        status = amount_check(step, policy, wanted->amount, problem);
    }
    if (status == ST_OK && money_is_valid(wanted->next_amount)) {
        status = amount_check(step, policy, wanted->next_amount, problem);
    }
    if (status == ST_OK) {
        status = recurrence_check(&wanted->rule, problem);
    }
    return status;
}

enum status command_subscribe(struct step *step, struct problem *problem)
{
    const struct subscribe *wanted = &step->event->subscribe;
    struct account *account = step->account;
    ENSURE(key_is_valid(wanted->key));
    ENSURE(wanted->zone != NULL);
    if (account_subscription(account, wanted->key) != NULL) {
        /* Taken over already, and the answer was lost; or ordered twice at once. */
        return wanted->first_cycle != 0
                   ? ST_OK
                   : problem_set(problem, ST_CONFLICT, "subscription %s exists already",
                                 wanted->key);
    }
    const struct policy *policy = policy_wanted(step, wanted->policy_name, problem);
    if (policy == NULL) {
        return ST_INVALID;
    }
    enum status status = check_subscribe(step, policy, problem);
    if (status != ST_OK) {
        return status;
    }
    struct subscription made = subscription_of(wanted, policy, step->at);
    if (made.due_at.utc_ms == INSTANT_NEVER.utc_ms) {
        return problem_set(problem, ST_INVALID,
                           "schedule: no cycle is due at or after the time charging begins");
    }
    if (account->subscription_count == ACCOUNT_SUBSCRIPTIONS_MAX) {
        return problem_set(problem, ST_BUSY,
                           "agreement %s has %d live subscriptions, the most: cancel one of them, "
                           "or use another agreement",
                           account->agreement.id, ACCOUNT_SUBSCRIPTIONS_MAX);
    }
    struct subscription *subscription = &account->subscriptions[account->subscription_count++];
    *subscription = made;
    tell(step, CHANGE_SUBSCRIPTION, subscription->key, 0, SUBSCRIPTION_ACTIVE, REASON_NONE);
    if (money_is_valid(subscription->next_amount)) {
        struct change *change = tell(step, CHANGE_PRICE, subscription->key, 0, 0, REASON_NONE);
        change->amount = subscription->next_amount;
        change->until = subscription->next_amount_at;
    }
    touch_subscription(step, subscription);
    return ST_OK;
}

/* A cancellation for later. Where several are asked for the earliest stands: what the shop or the
 * buyer was told once is not undone by another word than `uncancel`. */
static enum status cancel_later(struct step *step, struct subscription *subscription,
                                struct instant cancel_at, struct problem *problem)
{
    char text[INSTANT_TEXT_MAX];
    if (instant_before(subscription->cancel_at, cancel_at)) {
        instant_format(subscription->cancel_at, text);
        return problem_set(problem, ST_CONFLICT,
                           "subscription %s will be canceled at %s already, which stands: to "
                           "cancel it later uncancel it first",
                           subscription->key, text);
    }
    if (instant_before(cancel_at, subscription->cancel_at)) {
        subscription->cancel_at = cancel_at;
        tell(step, CHANGE_CANCEL, subscription->key, 0, 0, REASON_OPERATOR)->until = cancel_at;
        touch_subscription(step, subscription);
    }
    return ST_OK;
}

/* It is over already, and the agreement waits to be closed until an attempt has its answer: so an
 * operator says that it is not to wait. */
static enum status force_close(struct step *step, struct problem *problem)
{
    const struct cancel *wanted = &step->event->cancel;
    struct agreement *agreement = &step->account->agreement;
    if (!wanted->is_forced || !agreement->close_wanted) {
        return problem_set(problem, ST_NOT_FOUND, "subscription %s is not live",
                           wanted->subscription_key);
    }
    if (!agreement->close_forced) {
        agreement->close_forced = true;
        tell_close(step, true);
        give_up_all(step, REASON_MERCHANT_CLOSED);
    }
    return ST_OK;
}

enum status command_cancel(struct step *step, struct problem *problem)
{
    const struct cancel *wanted = &step->event->cancel;
    bool is_dated = wanted->at.utc_ms != INSTANT_NEVER.utc_ms && !wanted->at_period_end;
    if (wanted->is_forced && (is_dated || wanted->at_period_end)) {
        return problem_set(problem, ST_INVALID,
                           "force: only a cancellation now can be forced, not one for later");
    }
    struct subscription *subscription =
        subscription_wanted(step, wanted->subscription_key, problem);
    if (subscription == NULL) {
        return force_close(step, problem);
    }
    enum status status = ST_OK;
    if (subscription->state == SUBSCRIPTION_LEAVING) {
        bool is_later = is_dated || wanted->at_period_end;
        status = is_later ? refuse_leaving(subscription, problem)
                          : hand_over_take_back(step, subscription, problem);
    }
    if (status != ST_OK) {
        return status;
    }
    if (is_dated && wanted->at.utc_ms <= step->at.utc_ms) {
        return problem_set(problem, ST_INVALID,
                           "at: must be later than now; leave it out to cancel now");
    }
    if (is_dated) {
        return cancel_later(step, subscription, wanted->at, problem);
    }
    /* Without a further cycle nothing is paid for any more; in a pause that may be so, too. */
    if (wanted->at_period_end && subscription->due_at.utc_ms != INSTANT_NEVER.utc_ms &&
        !instant_reached(subscription->due_at, step->at)) {
        struct instant end = instant_min(subscription->due_at, subscription->cancel_at);
        return cancel_later(step, subscription, end, problem);
    }
    subscription_cancel(step, subscription, REASON_SUBSCRIPTION_CANCELED);
    return wanted->is_forced && step->account->agreement.close_wanted ? force_close(step, problem)
                                                                      : ST_OK;
}

enum status command_uncancel(struct step *step, struct problem *problem)
{
    struct subscription *subscription =
        subscription_wanted(step, step->event->subscription.subscription_key, problem);
    if (subscription == NULL) {
        return ST_NOT_FOUND;
    }
    enum status status = refuse_leaving(subscription, problem);
    bool has_one = subscription->cancel_at.utc_ms != INSTANT_NEVER.utc_ms;
    if (status == ST_OK && has_one && clock_is_doubted(step)) {
        status = problem_set(problem, ST_BUSY,
                             "whether subscription %s is canceled already is not known while the "
                             "clock is doubted: lift that stop first",
                             subscription->key);
    }
    if (status == ST_OK && has_one) {
        subscription->cancel_at = INSTANT_NEVER;
        tell(step, CHANGE_CANCEL, subscription->key, 1, 0, REASON_OPERATOR);
        touch_subscription(step, subscription);
    }
    return status;
}

enum status command_charge_once(struct step *step, struct problem *problem)
{
    const struct charge_once *wanted = &step->event->charge_once;
    enum status status = refuse_if_over(&step->account->agreement, problem);
    if (status != ST_OK) {
        return status;
    }
    const struct policy *policy = policy_wanted(step, wanted->policy_name, problem);
    if (policy == NULL) {
        return ST_INVALID;
    }
    status = amount_check(step, policy, wanted->amount, problem);
    if (status != ST_OK) {
        return status;
    }
    struct charge charge = {
        .amount = wanted->amount,
        .due_at = step->at,
        .policy_version = policy->version,
    };
    charge_id_format(wanted->key, 0, charge.id);
    if (account_charge(step->account, charge.id) != NULL) {
        return problem_set(problem, ST_CONFLICT, "charge %s exists already", charge.id);
    }
    memcpy(charge.label, wanted->label, sizeof charge.label);
    memcpy(charge.note, wanted->note, sizeof charge.note);
    memcpy(charge.idempotency_key, wanted->idempotency_key, sizeof charge.idempotency_key);
    if (charge_add(step, &charge) == NULL) {
        return problem_set(problem, ST_BUSY,
                           "agreement %s has %d open charges, the most: order again when one of "
                           "them is paid or over",
                           step->account->agreement.id, ACCOUNT_CHARGES_MAX);
    }
    return ST_OK;
}
