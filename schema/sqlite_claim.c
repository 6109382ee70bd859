/*
 * sqlite_claim.c - which accounts are to be worked on now, and loading them whole.
 *
 * A claim of `max` accounts of one seller takes
 *   1. up to three quarters of `max` (rounded up) in the order of service: lane by lane, the
 * longest waiting first within a lane;
 *   2. the rest from whatever has waited longest, in any of the lanes.
 * So an urgent lane goes first, but one that never empties cannot keep the others waiting for ever:
 * what waits grows older until it is the oldest. Claims of fewer than 4 take turns instead.
 *
 * Nothing is marked as claimed: there is one writer, and it knows what it works on. The one thing
 * that is written is the wake of an account that cannot be loaded.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "billing/ensure.h"
#include "schema/sqlite_private.h"

/* A write-ahead log grows by some 16 MiB before it is folded back; what is in flight needs far
 * less. */
#define SPACE_RESERVE_BYTES (UINT64_C(32) << 20)

/* The first accounts of one lane by wake_at: enough of them for any choice of a claim, and one
 * more, whose wake_at is the lane's next. */
struct queue {
    uint32_t count;
    uint32_t taken;
    struct wake_row *rows;
};

static enum status queue_read(struct sqlite_store *store, const struct claim *claim, int lane,
                              struct queue *queue, struct problem *problem)
{
    struct statement *statement = statement_use(store, STATEMENT_AGREEMENT_QUEUE);
    statement_text(statement, PARAM_SELLER_ID, claim->seller_id);
    statement_int(statement, PARAM_LANE, lane);
    statement_int(statement, PARAM_MAX, (int64_t)claim->max + 1);
    enum status status = ST_OK;
    queue->count = 0;
    queue->taken = 0;
    while (status == ST_OK && queue->count <= claim->max) {
        status = statement_fetch(store, statement, &queue->rows[queue->count], problem);
        queue->count += status == ST_OK;
    }
    statement_end(statement);
    return status == ST_NOT_FOUND ? ST_OK : status;
}

/* When the first account of the queue that is not taken wakes. */
static struct instant queue_head(const struct queue *queue)
{
    return queue->taken < queue->count ? queue->rows[queue->taken].wake_at : INSTANT_NEVER;
}

static struct queue *oldest(struct queue queues[LANE_CARE])
{
    struct queue *best = &queues[0];
    for (int i = 1; i < LANE_CARE; i++) {
        if (instant_before(queue_head(&queues[i]), queue_head(best))) {
            best = &queues[i];
        }
    }
    return best;
}

/* The first lane in the order of service that has an account to be woken, or NULL. */
static struct queue *foremost(struct queue queues[LANE_CARE], struct instant now)
{
    for (int i = 0; i < LANE_CARE; i++) {
        if (instant_reached(queue_head(&queues[i]), now)) {
            return &queues[i];
        }
    }
    return NULL;
}

/* How many of `max` go by lane. Claims too small for a second part are, every fourth second, all of
 * it: a seller paced at one charge a second claims one at a time. */
static uint32_t lane_share(uint32_t max, struct instant now)
{
    if (max >= 4) {
        return max - max / 4;
    }
    return now.utc_ms / 1000 % 4 == 0 ? 0 : max;
}

static bool is_claimed(const struct claim *claim, int lane)
{
    if (claim->care_only) {
        return lane == LANE_CARE;
    }
    return claim->settle_only ? lane == LANE_SETTLE : lane != LANE_CARE;
}

/* Loads an account and counts it. One that cannot be loaded is put off and told of: it must not
 * keep the others waiting. Should putting it off fail, it is met again at the next claim. */
static enum status claim_account(struct sqlite_store *store, struct instant now,
                                 struct claim *claim, const char *agreement_id,
                                 struct account *account, struct problem *problem)
{
    struct problem why;
    store->met_damage = false;
    enum status status = account_load(store, claim->seller_id, agreement_id, account, &why);
    ENSURE(status != ST_NOT_FOUND);
    if (status == ST_OK) {
        claim->count++;
    } else if (store->met_damage) {
        snprintf(claim->damaged_agreement_id, sizeof claim->damaged_agreement_id, "%s",
                 agreement_id);
        claim->damage = why;
        (void)account_put_off(store, claim->seller_id, agreement_id, now);
        status = ST_OK;
    } else {
        problem_set(problem, status, "%s", why.text);
    }
    return status;
}

static enum status claim_one(struct sqlite_store *store, struct instant now, struct claim *claim,
                             struct account *accounts, struct wake_row *rows,
                             struct problem *problem)
{
    struct queue queues[LANE_CARE]; /* lane L is queues[L - 1] */
    for (int lane = 1; lane <= LANE_CARE; lane++) {
        queues[lane - 1] = (struct queue){.rows = rows + (size_t)(lane - 1) * (claim->max + 1)};
        if (is_claimed(claim, lane)) {
            enum status status = queue_read(store, claim, lane, &queues[lane - 1], problem);
            if (status != ST_OK) {
                return status;
            }
        }
    }
    uint32_t by_lane = lane_share(claim->max, now);
    while (claim->count < claim->max) {
        struct queue *queue = claim->count < by_lane ? foremost(queues, now) : oldest(queues);
        if (queue == NULL || !instant_reached(queue_head(queue), now)) {
            break;
        }
        enum status status = claim_account(store, now, claim, queue->rows[queue->taken++].id,
                                           &accounts[claim->count], problem);
        if (status != ST_OK) {
            return status;
        }
    }
    claim->next_wake = queue_head(oldest(queues));
    if (claim->damaged_agreement_id[0] != '\0') { /* in the place of others, perhaps */
        claim->next_wake = instant_min(claim->next_wake, instant_plus(now, 1000));
    }
    return ST_OK;
}

/* A system that cannot say is trusted. */
bool sqlite_space_is_short(const struct sqlite_store *store, struct problem *problem)
{
    struct statvfs space;
    if (statvfs(store->path, &space) != 0 ||
        (uint64_t)space.f_bavail * space.f_frsize >= SPACE_RESERVE_BYTES) {
        return false;
    }
    (void)problem_set(problem, ST_FULL,
                      "database %s: less than %d MiB of disk are left, which are kept for the"
                      " answers to what is on the wire: free disk space, charging then goes on",
                      store->path, (int)(SPACE_RESERVE_BYTES >> 20));
    return true;
}

enum status sqlite_claim(struct store *base, struct instant now, struct claim *claims,
                         uint32_t claim_count, struct account *accounts, struct problem *problem)
{
    struct sqlite_store *store = (struct sqlite_store *)base;
    uint32_t max = 0;
    for (uint32_t i = 0; i < claim_count; i++) {
        claims[i].count = 0;
        claims[i].damaged_agreement_id[0] = '\0';
        claims[i].next_wake = INSTANT_NEVER;
        max = claims[i].max > max ? claims[i].max : max;
    }
    if (sqlite_space_is_short(store, problem)) {
        return ST_FULL;
    }
    struct wake_row *rows = calloc(((size_t)max + 1) * LANE_CARE, sizeof *rows);
    if (rows == NULL) {
        return problem_set(problem, ST_STORE, "claim of %u accounts: out of memory", max);
    }
    enum status status = transaction_begin(store, STATEMENT_BEGIN_READ, problem);
    if (status == ST_OK) {
        for (uint32_t i = 0; i < claim_count && status == ST_OK; i++) {
            status = claim_one(store, now, &claims[i], accounts, rows, problem);
            accounts += claims[i].count;
        }
        status = transaction_end(store, status, problem);
    }
    free(rows);
    return status;
}

/* ---- loading ---- */

enum status attempt_load_latest(struct sqlite_store *store, const char *seller_id,
                                struct charge *charge, struct problem *problem)
{
    struct statement *statement = statement_use(store, STATEMENT_ATTEMPT_LATEST);
    statement_text(statement, PARAM_SELLER_ID, seller_id);
    statement_text(statement, PARAM_ID, charge->id);
    struct attempt_row row;
    memset(&row, 0, sizeof row);
    enum status status = statement_fetch(store, statement, &row, problem);
    if (status == ST_OK) {
        statement_end(statement);
        charge->attempt = row.attempt;
        return ST_OK;
    }
    charge->attempt = (struct attempt){
        .resend_at = INSTANT_NEVER,
        .answered_at = INSTANT_NEVER,
        .created_at = INSTANT_NEVER,
        .expires_at = INSTANT_NEVER,
    };
    return status == ST_NOT_FOUND ? ST_OK : status;
}

static enum status too_many(struct sqlite_store *store, const char *agreement_id, const char *what,
                            struct problem *problem)
{
    store->met_damage = true;
    return problem_set(problem, ST_STORE,
                       "database %s: agreement %s has more open %s than an account may have: the"
                       " file was changed by hand; restore it from a backup",
                       store->path, agreement_id, what);
}

static enum status load_subscriptions(struct sqlite_store *store, const char *seller_id,
                                      const char *agreement_id, struct account *account,
                                      struct problem *problem)
{
    struct statement *statement = statement_use(store, STATEMENT_SUBSCRIPTION_LIVE);
    statement_text(statement, PARAM_SELLER_ID, seller_id);
    statement_text(statement, PARAM_AGREEMENT_ID, agreement_id);
    struct subscription_view view;
    memset(&view, 0, sizeof view);
    enum status status;
    while ((status = statement_fetch(store, statement, &view, problem)) == ST_OK) {
        if (account->subscription_count == ACCOUNT_SUBSCRIPTIONS_MAX) {
            statement_end(statement);
            return too_many(store, agreement_id, "subscriptions", problem);
        }
        account->subscriptions[account->subscription_count++] = view.subscription;
    }
    return status == ST_NOT_FOUND ? ST_OK : status;
}

static enum status load_charges(struct sqlite_store *store, const char *seller_id,
                                const char *agreement_id, struct account *account,
                                struct problem *problem)
{
    struct statement *statement = statement_use(store, STATEMENT_CHARGE_OPEN);
    statement_text(statement, PARAM_SELLER_ID, seller_id);
    statement_text(statement, PARAM_AGREEMENT_ID, agreement_id);
    struct charge_view view;
    memset(&view, 0, sizeof view);
    enum status status;
    while ((status = statement_fetch(store, statement, &view, problem)) == ST_OK) {
        if (account->charge_count == ACCOUNT_CHARGES_MAX) {
            statement_end(statement);
            return too_many(store, agreement_id, "charges", problem);
        }
        account->charges[account->charge_count++] = view.charge;
    }
    for (uint32_t i = 0; status == ST_NOT_FOUND && i < account->charge_count; i++) {
        enum status loaded = attempt_load_latest(store, seller_id, &account->charges[i], problem);
        status = loaded == ST_OK ? status : loaded;
    }
    return status == ST_NOT_FOUND ? ST_OK : status;
}

static enum status load_refunds(struct sqlite_store *store, const char *seller_id,
                                const char *agreement_id, struct account *account,
                                struct problem *problem)
{
    struct statement *statement = statement_use(store, STATEMENT_REFUND_OPEN);
    statement_text(statement, PARAM_SELLER_ID, seller_id);
    statement_text(statement, PARAM_AGREEMENT_ID, agreement_id);
    struct refund_view view;
    memset(&view, 0, sizeof view);
    enum status status;
    while ((status = statement_fetch(store, statement, &view, problem)) == ST_OK) {
        if (account->refund_count == ACCOUNT_REFUNDS_MAX) {
            statement_end(statement);
            return too_many(store, agreement_id, "refunds", problem);
        }
        account->refunds[account->refund_count++] = view.refund;
    }
    return status == ST_NOT_FOUND ? ST_OK : status;
}

/* What no step would ever leave behind, no step may go on from. */
static enum status check_account(struct sqlite_store *store, const struct account *account,
                                 struct problem *problem)
{
    const char *broken = account_check(account);
    if (broken == NULL) {
        return ST_OK;
    }
    store->met_damage = true;
    return problem_set(problem, ST_STORE,
                       "database %s: agreement %s: it does not hold that %s: the file was damaged"
                       " or changed by hand; restore it from a backup",
                       store->path, account->agreement.id, broken);
}

enum status account_load(struct sqlite_store *store, const char *seller_id,
                         const char *agreement_id, struct account *account, struct problem *problem)
{
    memset(&account->agreement, 0, sizeof account->agreement);
    account->refund_count = 0;
    account->subscription_count = 0;
    account->charge_count = 0;
    struct statement *statement = statement_use(store, STATEMENT_AGREEMENT_READ);
    statement_text(statement, PARAM_SELLER_ID, seller_id);
    statement_text(statement, PARAM_ID, agreement_id);
    enum status status = statement_fetch(store, statement, &account->agreement, problem);
    if (status != ST_OK) {
        return status == ST_NOT_FOUND
                   ? problem_set(problem, status, "there is no agreement %s", agreement_id)
                   : status;
    }
    statement_end(statement);
    status = load_subscriptions(store, seller_id, agreement_id, account, problem);
    if (status == ST_OK) {
        status = load_charges(store, seller_id, agreement_id, account, problem);
    }
    if (status == ST_OK) {
        status = load_refunds(store, seller_id, agreement_id, account, problem);
    }
    return status == ST_OK ? check_account(store, account, problem) : status;
}

enum status sqlite_load_account(struct store *base, const char *seller_id, const char *agreement_id,
                                struct account *account, struct problem *problem)
{
    struct sqlite_store *store = (struct sqlite_store *)base;
    enum status status = transaction_begin(store, STATEMENT_BEGIN_READ, problem);
    if (status != ST_OK) {
        return status;
    }
    status = account_load(store, seller_id, agreement_id, account, problem);
    return transaction_end(store, status, problem);
}
