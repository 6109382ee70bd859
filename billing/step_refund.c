/*
 * step_refund.c - where refunds come from: a command, and what Amazon told of.
 *
 * What Amazon gave back by itself is known by a notice: a row under Amazon's id that is looked up
 * like ours. A chargeback cannot be asked for and is recorded as told. No notice ends anything of
 * ours.
 *
 * Nothing else of the account waits for a refund, and a refund for nothing of the account, not even
 * for the agreement to live. How one is settled is step_refund_settle.c.
 */
#include <string.h>

#include "billing/ensure.h"
#include "billing/step_parts.h"

/* --- the command --------------------------------------------------------------------------- */

static bool is_of_charge(const struct refund *refund, const char *charge_id)
{
    return strcmp(refund->charge_id, charge_id) == 0;
}

/* An amount that Amazon told of without saying how much: what is left is not known. */
static bool has_unknown_amount(const struct account *account, const char *charge_id)
{
    for (uint32_t i = 0; i < account->refund_count; i++) {
        const struct refund *refund = &account->refunds[i];
        if (is_of_charge(refund, charge_id) && !money_is_valid(refund->amount)) {
            return true;
        }
    }
    return false;
}

static enum status check_amount(const struct refund_wanted *wanted, struct problem *problem)
{
    struct money bound = refund_bound(wanted->captured, wanted->with_overage);
    struct money sum;
    char text[MONEY_TEXT_MAX];
    if (!money_is_positive(wanted->amount)) {
        return problem_set(problem, ST_INVALID, "amount: must be above zero");
    }
    if (strcmp(money_currency(&wanted->amount), money_currency(&wanted->captured)) != 0) {
        return problem_set(problem, ST_INVALID, "currency: %s, but charge %s was captured in %s",
                           money_currency(&wanted->amount), wanted->charge_id,
                           money_currency(&wanted->captured));
    }
    if (!money_add(&sum, wanted->refunded, wanted->amount) || !money_at_most(sum, bound)) {
        money_format(wanted->refunded, text);
        char bound_text[MONEY_TEXT_MAX];
        money_format(bound, bound_text);
        return problem_set(problem, ST_CONFLICT,
                           "amount: of charge %s %s are refunded already, and all refunds together "
                           "are at most %s%s",
                           wanted->charge_id, text, bound_text,
                           wanted->with_overage ? "" : " unless overage is asked for");
    }
    return ST_OK;
}

static enum status check_refund(const struct step *step, const struct refund_wanted *wanted,
                                struct problem *problem)
{
    if (!money_is_positive(wanted->captured)) {
        return problem_set(problem, ST_CONFLICT, "charge %s is not paid", wanted->charge_id);
    }
    if (wanted->capture_id[0] == '\0') {
        return problem_set(problem, ST_CONFLICT,
                           "charge %s: Amazon has not told the id of its capture",
                           wanted->charge_id);
    }
    enum status status = check_amount(wanted, problem);
    if (status != ST_OK) {
        return status;
    }
    if (wanted->refund_count >= REFUNDS_OF_CHARGE) {
        return problem_set(problem, ST_CONFLICT, "charge %s has %d refunds, the most",
                           wanted->charge_id, REFUNDS_OF_CHARGE);
    }
    if (has_unknown_amount(step->account, wanted->charge_id)) {
        return problem_set(problem, ST_BUSY,
                           "charge %s: a refund that Amazon told of is being looked up",
                           wanted->charge_id);
    }
    if (step->account->refund_count == ACCOUNT_REFUNDS_MAX) {
        return problem_set(problem, ST_BUSY, "agreement %s has %d open refunds, the most",
                           step->account->agreement.id, ACCOUNT_REFUNDS_MAX);
    }
    return ST_OK;
}

/* The row enters the account, which has room. */
static struct refund *refund_add(struct step *step, const struct refund *refund)
{
    struct account *account = step->account;
    ENSURE(account->refund_count < ACCOUNT_REFUNDS_MAX);
    struct refund *added = &account->refunds[account->refund_count++];
    *added = *refund;
    added->created_at = step->at;
    struct change *change =
        tell(step, CHANGE_REFUND, added->id, 0, (int)added->state, added->reason);
    change->amount = added->amount;
    touch_refund(step, added);
    return added;
}

enum status command_refund(struct step *step, struct problem *problem)
{
    const struct refund_wanted *wanted = &step->event->refund;
    struct refund refund = {.kind = REFUND_BY_SHOP,
                            .state = REFUND_INTENT,
                            .reason = REASON_NONE,
                            .number = wanted->refund_count + 1,
                            .amount = wanted->amount};
    enum status status = check_refund(step, wanted, problem);
    if (status != ST_OK) {
        return status;
    }
    ENSURE(wanted->idempotency_key[0] != '\0');
    refund_reference_id_format(wanted->charge_id, refund.number, refund.id);
    if (account_refund(step->account, refund.id) != NULL) {
        /* Made from the same reading as another: what is left is less than it says. */
        return problem_set(problem, ST_BUSY, "charge %s is being refunded right now",
                           wanted->charge_id);
    }
    memcpy(refund.charge_id, wanted->charge_id, sizeof refund.charge_id);
    memcpy(refund.capture_id, wanted->capture_id, sizeof refund.capture_id);
    memcpy(refund.note, wanted->note, sizeof refund.note);
    memcpy(refund.idempotency_key, wanted->idempotency_key, sizeof refund.idempotency_key);
    refund_send(step, refund_add(step, &refund));
    return ST_OK;
}

/* --- notices ------------------------------------------------------------------------------- */

static struct refund *refund_told_of(struct step *step, const struct notice_event *notice)
{
    struct account *account = step->account;
    struct refund *refund =
        notice->reference_id[0] != '\0' ? account_refund(account, notice->reference_id) : NULL;
    for (uint32_t i = 0; refund == NULL && i < account->refund_count; i++) {
        if (notice->refund_id[0] != '\0' &&
            strcmp(account->refunds[i].amazon_refund_id, notice->refund_id) == 0) {
            refund = &account->refunds[i];
        }
    }
    return refund;
}

/* One of ours, or one that is being looked up: it is asked for now. */
static void refund_news(struct step *step, struct refund *refund, const struct notice_event *notice)
{
    if (refund_is_final(refund->state)) {
        return;
    }
    bool is_learned = refund->amazon_refund_id[0] == '\0' && notice->refund_id[0] != '\0';
    if (is_learned) {
        memcpy(refund->amazon_refund_id, notice->refund_id, sizeof refund->amazon_refund_id);
    }
    touch_refund(step, refund);
    if (refund->on_wire) {
        return; /* its answer is awaited; what was learned counts then */
    }
    if (refund->state == REFUND_POSTPONED) {
        /* The send that seemed not to have happened is out after all. */
        move_refund(step, refund, REFUND_INTENT, REASON_NONE);
        move_refund(step, refund, REFUND_UNKNOWN, REASON_NO_ANSWER);
        refund->discover = true;
    }
    if (is_learned) {
        refund->discover = false; /* a look-up is surer than a list */
    }
    refund->unanswered = 0;
    refund->resend_at = step->at;
}

static enum status refund_made_by_amazon(struct step *step, const struct notice_event *notice,
                                         struct problem *problem)
{
    if (step->account->refund_count == ACCOUNT_REFUNDS_MAX) {
        return problem_set(problem, ST_BUSY, "agreement %s has %d open refunds, the most",
                           step->account->agreement.id, ACCOUNT_REFUNDS_MAX);
    }
    bool is_chargeback = notice->kind == NOTICE_CHARGEBACK;
    struct refund refund = {
        .kind = is_chargeback ? REFUND_CHARGEBACK : REFUND_A_TO_Z,
        .state = is_chargeback ? REFUND_COMPLETED : REFUND_UNKNOWN,
        .reason = is_chargeback ? REASON_CHARGEBACK : REASON_NO_ANSWER,
        .resend_at = is_chargeback ? INSTANT_NEVER : step->at,
        .answered_at = is_chargeback ? step->at : INSTANT_NEVER,
    };
    if (is_chargeback) {
        refund.amount = notice->amount;
    }
    memcpy(refund.id, notice->refund_id, sizeof refund.id);
    memcpy(refund.amazon_refund_id, notice->refund_id, sizeof refund.amazon_refund_id);
    memcpy(refund.charge_id, notice->charge_id, sizeof refund.charge_id);
    memcpy(refund.capture_id, notice->capture_id, sizeof refund.capture_id);
    (void)refund_add(step, &refund);
    return ST_OK;
}

/* Told without an id, by who may be anybody: a reason to ask for what is open, and no more. */
static void refunds_asked_for(struct step *step, const struct notice_event *notice)
{
    for (uint32_t i = 0; i < step->account->refund_count; i++) {
        struct refund *refund = &step->account->refunds[i];
        if (notice->charge_id[0] != '\0' && is_of_charge(refund, notice->charge_id)) {
            refund_news(step, refund, notice);
        }
    }
}

enum status refund_noticed(struct step *step, const struct notice_event *notice,
                           struct problem *problem)
{
    char charge_id[CHARGE_ID_MAX];
    uint32_t number;
    struct refund *refund = refund_told_of(step, notice);
    if (refund != NULL) {
        refund_news(step, refund, notice);
        return ST_OK;
    }
    if (notice->refund_id[0] == '\0') {
        refunds_asked_for(step, notice);
        return ST_OK;
    }
    bool is_over = refund_reference_id_parse(notice->reference_id, charge_id, &number);
    bool is_ours = notice->charge_id[0] != '\0';
    return is_over || !is_ours ? ST_OK : refund_made_by_amazon(step, notice, problem);
}
