/*
 * witness_rules.c - may this step follow what is in the books? Numbers in sentences are those of
 * the invariants in README.md.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tests/sim/witness_parts.h"

#define ATTEMPTS_MAX 40 /* no policy of this world leads to more for one charge */

/* Who may follow whom, as the charts of billing/lifecycle.h are read here: bit n = state n. */
#define TO(state) (1U << (state))

static const uint32_t agreement_next[] = {
    [0] = TO(AGREEMENT_UNSYNCED),
    [AGREEMENT_UNSYNCED] = TO(AGREEMENT_DRAFT) | TO(AGREEMENT_OPEN) | TO(AGREEMENT_SUSPENDED) |
                           TO(AGREEMENT_CANCELED) | TO(AGREEMENT_CLOSED),
    [AGREEMENT_DRAFT] = TO(AGREEMENT_OPEN) | TO(AGREEMENT_SUSPENDED) | TO(AGREEMENT_CANCELED) |
                        TO(AGREEMENT_CLOSED),
    [AGREEMENT_OPEN] = TO(AGREEMENT_UNSYNCED) | TO(AGREEMENT_SUSPENDED) | TO(AGREEMENT_CANCELED) |
                       TO(AGREEMENT_CLOSED),
    [AGREEMENT_SUSPENDED] = TO(AGREEMENT_OPEN) | TO(AGREEMENT_CANCELED) | TO(AGREEMENT_CLOSED),
    [AGREEMENT_CANCELED] = 0,
    [AGREEMENT_CLOSED] = 0,
};

static const uint32_t subscription_next[] = {
    [0] = TO(SUBSCRIPTION_ACTIVE),
    [SUBSCRIPTION_ACTIVE] = TO(SUBSCRIPTION_PAST_DUE) | TO(SUBSCRIPTION_CANCELED) |
                            TO(SUBSCRIPTION_ENDED) | TO(SUBSCRIPTION_PAUSED) |
                            TO(SUBSCRIPTION_LEAVING),
    [SUBSCRIPTION_PAST_DUE] = TO(SUBSCRIPTION_ACTIVE) | TO(SUBSCRIPTION_CANCELED) |
                              TO(SUBSCRIPTION_PAUSED) | TO(SUBSCRIPTION_LEAVING),
    [SUBSCRIPTION_CANCELED] = 0,
    [SUBSCRIPTION_ENDED] = 0,
    [SUBSCRIPTION_PAUSED] = TO(SUBSCRIPTION_ACTIVE) | TO(SUBSCRIPTION_CANCELED),
    [SUBSCRIPTION_LEAVING] =
        TO(SUBSCRIPTION_ACTIVE) | TO(SUBSCRIPTION_REPLACED) | TO(SUBSCRIPTION_CANCELED),
    [SUBSCRIPTION_REPLACED] = 0,
};

#define CHARGE_NOT_FINAL                                                                           \
    (TO(CHARGE_DUE) | TO(CHARGE_ATTEMPTING) | TO(CHARGE_RETRYING) | TO(CHARGE_WAITING) |           \
     TO(CHARGE_HELD) | TO(CHARGE_ASKING))
#define CHARGE_UNPAID (TO(CHARGE_FAILED) | TO(CHARGE_CANCELED))

static const uint32_t charge_next[] = {
    [0] = TO(CHARGE_DUE),
    [CHARGE_DUE] = (CHARGE_NOT_FINAL & ~TO(CHARGE_RETRYING)) | CHARGE_UNPAID,
    [CHARGE_ATTEMPTING] = (CHARGE_NOT_FINAL & ~TO(CHARGE_DUE)) | TO(CHARGE_PAID) |
                          TO(CHARGE_AUTHORIZED) | CHARGE_UNPAID,
    [CHARGE_RETRYING] = (CHARGE_NOT_FINAL & ~TO(CHARGE_DUE)) | CHARGE_UNPAID,
    [CHARGE_WAITING] = CHARGE_NOT_FINAL | CHARGE_UNPAID,
    [CHARGE_HELD] = (CHARGE_NOT_FINAL & ~TO(CHARGE_RETRYING)) | CHARGE_UNPAID,
    [CHARGE_PAID] = 0,
    [CHARGE_FAILED] = 0,
    [CHARGE_CANCELED] = 0,
    [CHARGE_AUTHORIZED] = TO(CHARGE_ATTEMPTING) | TO(CHARGE_RETRYING) | CHARGE_UNPAID,
    [CHARGE_ASKING] = TO(CHARGE_DUE) | TO(CHARGE_HELD) | TO(CHARGE_WAITING) | CHARGE_UNPAID,
};

#define ATTEMPT_ENDS (TO(ATTEMPT_CAPTURED) | TO(ATTEMPT_DECLINED) | TO(ATTEMPT_REFUSED))

static const uint32_t attempt_next[] = {
    [0] = TO(ATTEMPT_INTENT),
    [ATTEMPT_INTENT] =
        TO(ATTEMPT_UNKNOWN) | TO(ATTEMPT_POSTPONED) | TO(ATTEMPT_AUTHORIZED) | ATTEMPT_ENDS,
    [ATTEMPT_UNKNOWN] = TO(ATTEMPT_AUTHORIZED) | ATTEMPT_ENDS,
    [ATTEMPT_POSTPONED] = TO(ATTEMPT_INTENT) | TO(ATTEMPT_REFUSED),
    [ATTEMPT_CAPTURED] = 0,
    [ATTEMPT_DECLINED] = 0,
    [ATTEMPT_REFUSED] = 0,
    [ATTEMPT_AUTHORIZED] = TO(ATTEMPT_CAPTURING) | TO(ATTEMPT_VOIDING) | ATTEMPT_ENDS,
    [ATTEMPT_CAPTURING] = TO(ATTEMPT_AUTHORIZED) | ATTEMPT_ENDS,
    [ATTEMPT_VOIDING] = ATTEMPT_ENDS,
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* --- states and events: 15, 27 --------------------------------------------------------------- */

/* The changes told about a subject lead from the state in the books to the new one, along the
 * chart.
 */
static void check_states(struct witness *witness, const struct effects *effects,
                         enum change_kind kind, const char *subject, int from, int to,
                         const uint32_t *next, size_t count)
{
    int state = from;
    for (uint32_t i = 0; i < effects->change_count; i++) {
        const struct change *change = &effects->changes[i];
        if (change->kind != kind || strcmp(change->subject, subject) != 0) {
            continue;
        }
        if (change->from != state) {
            sim_fail(witness->sim, "27: an event tells that %s was in state %d; it is in %d",
                     subject, change->from, state);
            return;
        }
        if (state < 0 || (size_t)state >= count || (next[state] >> change->to & 1) == 0) {
            sim_fail(witness->sim, "15: %s goes from state %d to %d", subject, state, change->to);
            return;
        }
        state = change->to;
    }
    if (state != to) {
        sim_fail(witness->sim, "27: %s is in state %d, but its events lead to %d", subject, to,
                 state);
    }
}

/* --- subscriptions: 7, 10, 11, 12 ----------------------------------------------------------------
 */

static bool is_of_step(const struct account *account, const struct effects *effects,
                       const char *charge_id)
{
    for (uint32_t i = 0; i < effects->row_count; i++) {
        if (effects->rows[i].kind == ROW_CHARGE &&
            strcmp(account->charges[effects->rows[i].index].id, charge_id) == 0) {
            return true;
        }
    }
    return false;
}

/* Was it told that this cycle will not be charged? */
static bool is_skipped(const struct effects *effects, const char *key, uint32_t cycle)
{
    for (uint32_t i = 0; i < effects->change_count; i++) {
        const struct change *change = &effects->changes[i];
        if (change->kind == CHANGE_CYCLES && strcmp(change->subject, key) == 0 &&
            (uint32_t)change->from <= cycle && cycle <= (uint32_t)change->to) {
            return true;
        }
    }
    return false;
}

#define COMMIT_WAITS_MS 50 /* a step, for the commit before its own; a slow disk is forgiven */

/* What is due is opened before a command can change it. */
static void check_due_is_opened(struct witness *witness, const struct book_subscription *before,
                                const struct subscription *after)
{
    bool was_due = before->due_at.utc_ms <= witness->at.utc_ms - COMMIT_WAITS_MS &&
                   witness->sim->now_us >= witness->wakes.unwell_until_us &&
                   !wakes_clock_is_doubted(witness) &&
                   (before->state == SUBSCRIPTION_ACTIVE || before->state == SUBSCRIPTION_PAST_DUE);
    bool is_kept =
        after->due_at.utc_ms == before->due_at.utc_ms || after->due_at.utc_ms == INT64_MAX;
    if (was_due && after->next_cycle == before->next_cycle &&
        (after->state == SUBSCRIPTION_PAUSED || !is_kept)) {
        sim_fail(witness->sim, "10: cycle %" PRIu32 " of %s was due and is put off",
                 before->next_cycle, after->key);
    }
}

static void check_cycles(struct witness *witness, const struct account *account,
                         const struct effects *effects, const struct book_subscription *before,
                         const struct subscription *after)
{
    if (after->next_cycle < before->next_cycle || after->first_cycle != before->first_cycle) {
        sim_fail(witness->sim, "12: %s counts its cycles anew", after->key);
        return;
    }
    check_due_is_opened(witness, before, after);
    if (after->next_cycle - before->next_cycle > 1000) {
        sim_fail(witness->sim, "12: %s leaps over cycles", after->key);
        return;
    }
    for (uint32_t cycle = before->next_cycle; cycle < after->next_cycle; cycle++) {
        char id[64];
        (void)snprintf(id, sizeof id, "%s-%" PRIu32, after->key, cycle);
        if (!is_of_step(account, effects, id) && !is_skipped(effects, after->key, cycle)) {
            sim_fail(witness->sim, "12: cycle %" PRIu32 " of %s is lost", cycle, after->key);
            return;
        }
    }
}

static void check_due(struct witness *witness, const struct subscription *subscription)
{
    struct instant due = calendar_due(&subscription->rule, subscription->zone_name,
                                      (int64_t)subscription->next_cycle - subscription->cycle_base);
    bool opens =
        subscription->state == SUBSCRIPTION_ACTIVE || subscription->state == SUBSCRIPTION_PAST_DUE;
    bool is_none = subscription->due_at.utc_ms == INSTANT_NEVER.utc_ms;
    if (!opens || subscription->due_is_moved) {
        return;
    }
    if (is_none && subscription->cancel_at.utc_ms != INSTANT_NEVER.utc_ms) {
        return;
    }
    if (due.utc_ms != subscription->due_at.utc_ms) {
        char text[INSTANT_TEXT_MAX];
        char ours[INSTANT_TEXT_MAX];
        instant_format(subscription->due_at, text);
        instant_format(due, ours);
        sim_fail(witness->sim, "10: cycle %" PRIu32 " of %s is due at %s, by our calendar at %s",
                 subscription->next_cycle, subscription->key, text, ours);
    }
}

static void check_subscription(struct witness *witness, const struct account *account,
                               const struct effects *effects,
                               const struct subscription *subscription)
{
    const struct book_subscription *before =
        book_subscription(witness, account->agreement.seller_id, subscription->key);
    check_states(witness, effects, CHANGE_SUBSCRIPTION, subscription->key,
                 before == NULL ? 0 : before->state, (int)subscription->state, subscription_next,
                 COUNT(subscription_next));
    if (before != NULL) {
        if (before->agreement != book_agreement(witness, account)) {
            sim_fail(witness->sim, "26: the key %s is of two agreements", subscription->key);
            return;
        }
        check_cycles(witness, account, effects, before, subscription);
    }
    if (money_minor(subscription->amount) <= 0) {
        sim_fail(witness->sim, "7: %s costs nothing", subscription->key);
    }
    check_due(witness, subscription);
}

/* --- charges: 7, 10, 11 --------------------------------------------------------------------------
 */

static const struct subscription *subscription_of(const struct account *account, const char *key)
{
    for (uint32_t i = 0; i < account->subscription_count; i++) {
        if (strcmp(account->subscriptions[i].key, key) == 0) {
            return &account->subscriptions[i];
        }
    }
    return NULL;
}

/* The price in force when the cycle is due. */
static int64_t price_at(const struct subscription *subscription, struct instant due_at)
{
    bool is_new = subscription->next_amount_at.utc_ms != INSTANT_NEVER.utc_ms &&
                  subscription->next_amount_at.utc_ms <= due_at.utc_ms;
    return money_minor(is_new ? subscription->next_amount : subscription->amount);
}

/* The cycle that another agreement could not pay comes along with its subscription. */
static bool is_brought_along(struct witness *witness, const struct account *account,
                             const struct charge *charge)
{
    const struct subscription *made = subscription_of(account, charge->subscription_key);
    const struct book_subscription *from;
    size_t at = 0;
    while (made != NULL && (from = names_next(&witness->subscriptions, &at)) != NULL) {
        if (strcmp(from->latest.successor_key, made->key) == 0 &&
            strcmp(from->latest.successor_agreement_id, account->agreement.id) == 0) {
            return from->state == SUBSCRIPTION_LEAVING && charge->cycle < made->next_cycle &&
                   money_minor(charge->amount) == money_minor(made->amount);
        }
    }
    return false;
}

static void check_new_charge(struct witness *witness, const struct account *account,
                             const struct charge *charge)
{
    const struct book_subscription *before =
        book_subscription(witness, account->agreement.seller_id, charge->subscription_key);
    if (money_minor(charge->amount) <= 0) {
        sim_fail(witness->sim, "7: charge %s of nothing", charge->id);
    }
    if (charge->subscription_key[0] == '\0') {
        return;
    }
    if (before == NULL) {
        if (!is_brought_along(witness, account, charge)) {
            sim_fail(witness->sim, "12: charge %s of a subscription that is new", charge->id);
        }
        return;
    }
    if (charge->cycle < before->next_cycle) {
        sim_fail(witness->sim, "12: cycle %" PRIu32 " of %s is opened again", charge->cycle,
                 charge->subscription_key);
    }
    struct instant due_at = charge->cycle == before->next_cycle
                                ? before->due_at
                                : calendar_due(&before->latest.rule, before->latest.zone_name,
                                               (int64_t)charge->cycle - before->latest.cycle_base);
    if (charge->due_at.utc_ms != due_at.utc_ms) {
        sim_fail(witness->sim, "10: %s is not due when its cycle is", charge->id);
    }
    if (charge->created_at.utc_ms < charge->due_at.utc_ms) {
        sim_fail(witness->sim, "11: %s is opened before it is due", charge->id);
    }
    if (before->latest.cancel_at.utc_ms <= charge->due_at.utc_ms) {
        sim_fail(witness->sim, "11: %s is due after its subscription was canceled", charge->id);
    }
    if (before->state != SUBSCRIPTION_ACTIVE && before->state != SUBSCRIPTION_PAST_DUE) {
        const struct subscription *after = subscription_of(account, charge->subscription_key);
        /* Resumed, or a hand-over that is not to be: active again, and a cycle is due already. */
        bool is_back =
            (before->state == SUBSCRIPTION_PAUSED || before->state == SUBSCRIPTION_LEAVING) &&
            after != NULL && after->state == SUBSCRIPTION_ACTIVE;
        if (!is_back) {
            sim_fail(witness->sim, "11: %s is opened while its subscription is in state %d",
                     charge->id, before->state);
        }
        if (before->state == SUBSCRIPTION_PAUSED &&
            charge->due_at.utc_ms < before->latest.resume_at.utc_ms &&
            charge->due_at.utc_ms < charge->created_at.utc_ms) {
            sim_fail(witness->sim, "11: %s was due in a pause", charge->id);
        }
    }
    if (money_minor(charge->amount) != price_at(&before->latest, charge->due_at)) {
        sim_fail(witness->sim, "7: %s is not of its subscription's amount", charge->id);
    }
}

static void check_charge(struct witness *witness, const struct account *account,
                         const struct effects *effects, const struct charge *charge)
{
    const struct book_charge *before =
        book_charge(witness, account->agreement.seller_id, charge->id);
    check_states(witness, effects, CHANGE_CHARGE, charge->id, before == NULL ? 0 : before->state,
                 (int)charge->state, charge_next, COUNT(charge_next));
    if (before == NULL) {
        check_new_charge(witness, account, charge);
    } else if (before->units != money_minor(charge->amount) ||
               before->due_at.utc_ms != charge->due_at.utc_ms ||
               before->agreement != book_agreement(witness, account)) {
        sim_fail(witness->sim, "7: %s is not what it was", charge->id);
    }
}

/* --- attempts: 2, 3, 5, 11, 16, 17
 * ---------------------------------------------------------------- */

static void check_id(struct witness *witness, const struct charge *charge)
{
    char id[64];
    (void)snprintf(id, sizeof id, "%s-%" PRIu32, charge->id, charge->attempt.number);
    if (strcmp(id, charge->attempt.reference_id) != 0 || strlen(id) > 32) {
        sim_fail(witness->sim, "5: %s is no reference id of attempt %" PRIu32 " of %s",
                 charge->attempt.reference_id, charge->attempt.number, charge->id);
    }
}

static void check_new_attempt(struct witness *witness, const struct account *account,
                              const struct charge *charge)
{
    const struct attempt *attempt = &charge->attempt;
    const struct book_charge *book = book_charge(witness, account->agreement.seller_id, charge->id);
    const struct book_attempt *last = book == NULL ? NULL : book->last;
    const struct subscription *subscription = subscription_of(account, charge->subscription_key);
    if (attempt->number != (last == NULL ? 1 : last->number + 1)) {
        sim_fail(witness->sim, "3: %s has no attempt before it", attempt->reference_id);
    }
    if (last != NULL && (book_attempt_is_open(last->state) || last->state == ATTEMPT_CAPTURED)) {
        sim_fail(witness->sim, "3: %s while %s is in state %d", attempt->reference_id, last->id,
                 last->state);
    }
    if (attempt->number > ATTEMPTS_MAX) {
        sim_fail(witness->sim, "17: %s is tried too often", charge->id);
    }
    if (attempt->created_at.utc_ms < charge->due_at.utc_ms) {
        sim_fail(witness->sim, "11: %s before its charge is due", attempt->reference_id);
    }
    if (account->agreement.state != AGREEMENT_OPEN) {
        sim_fail(witness->sim, "16: %s though its agreement is in state %d", attempt->reference_id,
                 (int)account->agreement.state);
    }
    bool is_over = subscription != NULL && (subscription->state == SUBSCRIPTION_CANCELED ||
                                            subscription->state == SUBSCRIPTION_PAUSED ||
                                            subscription->state == SUBSCRIPTION_REPLACED);
    if (charge->subscription_key[0] != '\0' && (subscription == NULL || is_over)) {
        sim_fail(witness->sim, "11: %s though its subscription is over or paused",
                 attempt->reference_id);
    }
    check_id(witness, charge);
}

static void check_attempt(struct witness *witness, const struct account *account,
                          const struct effects *effects, const struct charge *charge)
{
    const struct attempt *attempt = &charge->attempt;
    const struct book_attempt *before =
        book_attempt(witness, account->agreement.seller_id, attempt->reference_id);
    check_states(witness, effects, CHANGE_ATTEMPT, attempt->reference_id,
                 before == NULL ? 0 : before->state, (int)attempt->state, attempt_next,
                 COUNT(attempt_next));
    if (money_minor(attempt->amount) != money_minor(charge->amount)) {
        sim_fail(witness->sim, "2: %s is not of its charge's amount", attempt->reference_id);
    }
    if (before == NULL) {
        check_new_attempt(witness, account, charge);
    } else if (before->units != money_minor(attempt->amount) || before->number != attempt->number ||
               before->timeout_minutes != attempt->timeout_minutes ||
               before->charge != book_charge(witness, account->agreement.seller_id, charge->id)) {
        sim_fail(witness->sim, "2: %s is not what it was", attempt->reference_id);
    }
    if (attempt->state == ATTEMPT_CAPTURED && attempt->capture_id[0] == '\0') {
        sim_fail(witness->sim, "15: %s is captured, but no capture is known",
                 attempt->reference_id);
    }
}

/* --- the limit: 6
 * ---------------------------------------------------------------------------------- */

static int64_t captured_now(const struct account *account, const struct effects *effects)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < effects->change_count; i++) {
        const struct change *change = &effects->changes[i];
        for (uint32_t k = 0; k < account->charge_count; k++) {
            const struct attempt *attempt = &account->charges[k].attempt;
            if (change->kind == CHANGE_ATTEMPT && change->to == ATTEMPT_CAPTURED &&
                strcmp(attempt->reference_id, change->subject) == 0) {
                sum += money_minor(attempt->amount);
            }
        }
    }
    return sum;
}

static bool is_told(const struct effects *effects, enum change_kind kind)
{
    for (uint32_t i = 0; i < effects->change_count; i++) {
        if (effects->changes[i].kind == kind) {
            return true;
        }
    }
    return false;
}

/* Unless Amazon told its numbers, or a period has begun, what is captured is posted once. */
static void check_posted(struct witness *witness, const struct account *account,
                         const struct effects *effects)
{
    const struct book_agreement *book = book_agreement(witness, account);
    if (book == NULL) {
        return;
    }
    const struct agreement *before = &book->latest.agreement;
    const struct agreement *after = &account->agreement;
    bool is_same = before->limit.amount.currency[0] != '\0' &&
                   before->synced_at.utc_ms == after->synced_at.utc_ms &&
                   before->limit.period_start.utc_ms == after->limit.period_start.utc_ms &&
                   !is_told(effects, CHANGE_LIMIT);
    int64_t posted = money_minor(before->limit.posted) + captured_now(account, effects);
    if (is_same && money_minor(after->limit.posted) != posted) {
        sim_fail(witness->sim, "6: %s has %" PRId64 " posted instead of %" PRId64, after->id,
                 money_minor(after->limit.posted), posted);
    }
}

static void check_limit(struct witness *witness, const struct account *account,
                        const struct effects *effects)
{
    const struct limit *limit = &account->agreement.limit;
    int64_t open = 0;
    for (uint32_t i = 0; i < account->charge_count; i++) {
        const struct attempt *attempt = &account->charges[i].attempt;
        if (attempt->number > 0 && book_attempt_is_open((int)attempt->state)) {
            open += money_minor(attempt->amount);
        }
    }
    if (money_currency(&limit->amount)[0] == '\0') {
        if (open > 0) {
            sim_fail(witness->sim, "6: %s is charged before its limit is known",
                     account->agreement.id);
        }
        return;
    }
    check_posted(witness, account, effects);
    if (money_minor(limit->reserved) != open) {
        sim_fail(witness->sim,
                 "6: %s has %" PRId64 " reserved, but its open attempts are of %" PRId64,
                 account->agreement.id, money_minor(limit->reserved), open);
    }
    if (money_minor(limit->posted) + open > money_minor(limit->amount)) {
        sim_fail(witness->sim, "6: %s has %" PRId64 " posted and %" PRId64 " reserved of %" PRId64,
                 account->agreement.id, money_minor(limit->posted), open,
                 money_minor(limit->amount));
    }
}

/* --- a step
 * ------------------------------------------------------------------------------------------ */

static void check_agreement(struct witness *witness, const struct account *account,
                            const struct effects *effects)
{
    const struct book_agreement *before = book_agreement(witness, account);
    uint64_t version = before == NULL ? 0 : before->version;
    if (effects->is_new_account != (before == NULL)) {
        sim_fail(witness->sim, "%s is %s", account->agreement.id,
                 before == NULL ? "not there" : "there already");
    }
    if (account->agreement.version != version) {
        sim_fail(witness->sim, "24: %s was stepped from version %" PRIu64 ", recorded is %" PRIu64,
                 account->agreement.id, account->agreement.version, version);
    }
    check_states(witness, effects, CHANGE_AGREEMENT, account->agreement.id,
                 before == NULL ? 0 : before->state, (int)account->agreement.state, agreement_next,
                 COUNT(agreement_next));
}

void rules_check(struct witness *witness, const struct account *account,
                 const struct effects *effects)
{
    check_agreement(witness, account, effects);
    for (uint32_t i = 0; i < effects->row_count; i++) {
        const struct row *row = &effects->rows[i];
        switch (row->kind) {
        case ROW_SUBSCRIPTION:
            check_subscription(witness, account, effects, &account->subscriptions[row->index]);
            break;
        case ROW_CHARGE:
            check_charge(witness, account, effects, &account->charges[row->index]);
            break;
        case ROW_ATTEMPT:
            check_attempt(witness, account, effects, &account->charges[row->index]);
            break;
        case ROW_REFUND:
            break;
        }
    }
    check_limit(witness, account, effects);
    terms_check(witness, account, effects);
}
