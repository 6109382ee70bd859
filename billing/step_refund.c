/*
 * step_refund.c - money back, and what Amazon told of.
 *
 * A refund of ours is asked for like a charge, under its own RefundReferenceId:
 *
 *     re-send    the identical request, which Amazon answers with its first result
 *     look-up    the refund, once Amazon has told its id
 *     discovery  the refunds of its capture, to find the one with our id
 *
 * An error is final for the first send; after an unanswered one the refund is looked for before it
 * counts, and what is not found is asked for again, identically, or given up when Amazon has
 * refused it and every send is old enough to be shown. Under another number only another command
 * refunds again.
 *
 * What Amazon gave back by itself is known by a notice: a row under Amazon's id that is looked up
 * like ours. A chargeback cannot be asked for and is recorded as told. No notice ends anything of
 * ours.
 *
 * Nothing else of the account waits for a refund, and a refund for nothing of the account, not even
 * for the agreement to live.
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
                           wanted->with_overage ? "" : " unless with_overage is given");
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

/* The request goes out. */
static void refund_send(struct step *step, struct refund *refund)
{
    refund->answered_at = INSTANT_NEVER;
    refund->resend_at = step->at;
    refund->on_wire = true;
    touch_refund(step, refund);
    call(step, CALL_REFUND, refund->id);
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

/* --- asking again -------------------------------------------------------------------------- */

static void refund_ask(struct step *step, struct refund *refund)
{
    bool is_known = refund->amazon_refund_id[0] != '\0';
    if (!is_known && !refund->discover) {
        refund_send(step, refund);
        return;
    }
    if (refund->answered_at.utc_ms == INSTANT_NEVER.utc_ms) {
        /* Who made the latest send is gone: it was made before now. */
        refund->answered_at = step->at;
    }
    refund->resend_at = step->at;
    refund->on_wire = true;
    touch_refund(step, refund);
    call(step, is_known ? CALL_LOOK_UP_REFUND : CALL_DISCOVER_REFUND, refund->id);
}

void refunds_advance(struct step *step)
{
    for (uint32_t i = 0; i < step->account->refund_count; i++) {
        struct refund *refund = &step->account->refunds[i];
        if (refund_is_final(refund->state) || refund->on_wire ||
            !instant_reached(refund->resend_at, step->at)) {
            continue;
        }
        if (refund->state == REFUND_INTENT) {
            /* Its call ended with the process that made it. */
            move_refund(step, refund, REFUND_UNKNOWN, REASON_NO_ANSWER);
        } else if (refund->state == REFUND_POSTPONED) {
            move_refund(step, refund, REFUND_INTENT, REASON_NONE);
        }
        refund_ask(step, refund);
    }
}

/* --- answers ------------------------------------------------------------------------------- */

static void refund_wait(struct step *step, struct refund *refund, const struct policy_waits *waits)
{
    refund->resend_at = instant_plus(step->at, policy_nth_wait_ms(waits, refund->unanswered));
    refund->unanswered++;
    touch_refund(step, refund);
}

/* Amazon has not said what became of it: ask again, for it or, with `discover`, for its like. */
static void refund_unknown(struct step *step, struct refund *refund, enum reason reason,
                           bool discover)
{
    refund->discover = discover && refund->amazon_refund_id[0] == '\0';
    if (refund->state == REFUND_PENDING) {
        refund_wait(step, refund, &step->policy->pending_poll);
        return;
    }
    if (refund->state == REFUND_INTENT) {
        move_refund(step, refund, REFUND_UNKNOWN, reason);
    }
    refund->reason = reason;
    refund_wait(step, refund, &step->policy->resend);
}

static enum reason kind_reason(enum refund_kind kind)
{
    switch (kind) {
    case REFUND_A_TO_Z:
        return REASON_A_TO_Z;
    case REFUND_CHARGEBACK:
        return REASON_CHARGEBACK;
    case REFUND_BY_SHOP:
        break;
    }
    return REASON_NONE;
}

/* The answer shows the refund itself. */
static void refund_shown(struct step *step, struct refund *refund,
                         const struct refund_answer *answer)
{
    refund->discover = false;
    if (refund->number == 0) {
        refund->amount = answer->amount;
        refund->kind = answer->kind != 0 ? answer->kind : refund->kind;
        touch_refund(step, refund);
    } else if (answer->amazon_refund_id[0] != '\0') {
        memcpy(refund->amazon_refund_id, answer->amazon_refund_id, sizeof refund->amazon_refund_id);
    }
    switch (answer->outcome) {
    case OUTCOME_DONE:
        move_refund(step, refund, REFUND_COMPLETED, kind_reason(refund->kind));
        return;
    case OUTCOME_REFUSED:
        move_refund(step, refund, REFUND_DECLINED, answer->reason);
        return;
    case OUTCOME_LATER:
    case OUTCOME_UNKNOWN:
        if (answer->is_pending && refund->state != REFUND_PENDING) {
            refund->unanswered = 0;
            move_refund(step, refund, REFUND_PENDING, REASON_PENDING);
        }
        refund_unknown(step, refund, answer->reason, false);
        return;
    }
    ENSURE(false);
}

/* Every send is so old that Amazon would show it when asked at `asked_at`. */
static bool sends_are_old(const struct step *step, const struct refund *refund,
                          struct instant asked_at)
{
    return refund->answered_at.utc_ms != INSTANT_NEVER.utc_ms &&
           instant_reached(instant_plus(refund->answered_at, step->policy->answer_deadline_ms),
                           asked_at);
}

/* A discovery that began at `asked_at` saw all refunds of the capture, and not this one. */
static void refund_absent(struct step *step, struct refund *refund, struct instant asked_at)
{
    if (!sends_are_old(step, refund, asked_at)) {
        refund_unknown(step, refund, refund->reason, true);
    } else if (refund->reason == REASON_REQUEST_REFUSED) {
        move_refund(step, refund, REFUND_REFUSED, refund->reason);
    } else {
        refund_unknown(step, refund, refund->reason, false);
    }
}

/* An error, which shows nothing. */
static void refund_told_no(struct step *step, struct refund *refund,
                           const struct refund_answer *answer, struct instant asked_at)
{
    bool is_known = refund->amazon_refund_id[0] != '\0';
    if (answer->call == CALL_REFUND && refund->state == REFUND_INTENT && !is_known) {
        move_refund(step, refund, REFUND_REFUSED, answer->reason);
    } else if (answer->call == CALL_REFUND) {
        refund_unknown(step, refund, REASON_REQUEST_REFUSED, true);
    } else if (refund->number == 0) {
        /* Nothing of ours: Amazon told of it, and when it has had time to know it does not. */
        struct instant known_at =
            instant_plus(refund->created_at, step->policy->answer_deadline_ms);
        if (refund->state == REFUND_UNKNOWN && instant_reached(known_at, asked_at)) {
            move_refund(step, refund, REFUND_REFUSED, answer->reason);
        } else {
            refund_unknown(step, refund, answer->reason, false);
        }
    } else if (answer->call == CALL_LOOK_UP_REFUND && refund->state != REFUND_PENDING) {
        refund->amazon_refund_id[0] = '\0'; /* a notice's, and not ours */
        refund_unknown(step, refund, REASON_NO_ANSWER, true);
    } else {
        refund_unknown(step, refund, refund->reason, refund->discover);
    }
}

/* It did not happen: the same call again later. */
static void refund_later(struct step *step, struct refund *refund,
                         const struct refund_answer *answer)
{
    if (refund->state == REFUND_INTENT) {
        if (refund->amazon_refund_id[0] != '\0') {
            refund_unknown(step, refund, REASON_NO_ANSWER, false);
            return;
        }
        move_refund(step, refund, REFUND_POSTPONED, answer->reason);
    }
    refund_wait(step, refund, &step->policy->resend);
}

void refund_answered(struct step *step, const struct refund_answer *answer)
{
    struct refund *refund = account_refund(step->account, answer->refund_id);
    if (refund == NULL || refund_is_final(refund->state)) {
        return;
    }
    /* A call on the wire was made at resend_at; of an answer that nobody waits for it is not known.
     */
    struct instant asked_at = refund->on_wire ? refund->resend_at : refund->created_at;
    refund->on_wire = false;
    if (answer->call == CALL_REFUND) {
        refund->answered_at = step->at;
    }
    if (refund->state == REFUND_POSTPONED) {
        /* A late answer of a send that seemed not to have happened: it is out after all. */
        move_refund(step, refund, REFUND_INTENT, REASON_NONE);
    }
    if (answer->from_object) {
        refund_shown(step, refund, answer);
        return;
    }
    if (answer->absent) {
        refund_absent(step, refund, asked_at);
        return;
    }
    switch (answer->outcome) {
    case OUTCOME_REFUSED:
        refund_told_no(step, refund, answer, asked_at);
        return;
    case OUTCOME_LATER:
        refund_later(step, refund, answer);
        return;
    case OUTCOME_DONE:
    case OUTCOME_UNKNOWN:
        refund_unknown(step, refund,
                       refund->reason == REASON_REQUEST_REFUSED ? refund->reason : answer->reason,
                       answer->call == CALL_REFUND ? answer->duplicate : refund->discover);
        return;
    }
    ENSURE(false);
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
    if (refund->amazon_refund_id[0] == '\0') {
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
    bool is_over = refund_reference_id_parse(notice->reference_id, charge_id, &number);
    bool is_ours = notice->charge_id[0] != '\0' && notice->refund_id[0] != '\0';
    return is_over || !is_ours ? ST_OK : refund_made_by_amazon(step, notice, problem);
}
