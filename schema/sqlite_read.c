/*
 * sqlite_read.c - what operators ask: find, read, list and count. Nothing here writes.
 *
 * Every list walks an index in the order of its ids, so a page costs its length, not the size of
 * the table, with two exceptions: a walk for the common states (ACTIVE subscriptions, PAID charges)
 * filters, and is slow only where those are rare; and the charges of an agreement are sorted.
 */
#include <string.h>

#include "billing/ensure.h"
#include "schema/sqlite_private.h"

/* The one row of a statement that asks for an id. */
static enum status read_one(struct sqlite_store *store, enum statement_id id, const char *seller_id,
                            const char *wanted, void *image, struct problem *problem)
{
    struct statement *statement = statement_use(store, id);
    statement_text(statement, PARAM_SELLER_ID, seller_id);
    statement_text(statement, PARAM_ID, wanted);
    enum status status = statement_fetch(store, statement, image, problem);
    if (status == ST_OK) {
        statement_end(statement);
    } else if (status == ST_NOT_FOUND) {
        problem_set(problem, status, "there is no %s", wanted);
    }
    return status;
}

enum status sqlite_read_subscription(struct store *base, const char *seller_id, const char *key,
                                     struct subscription_view *view, struct problem *problem)
{
    struct sqlite_store *store = (struct sqlite_store *)base;
    memset(view, 0, sizeof *view);
    return read_one(store, STATEMENT_SUBSCRIPTION_READ, seller_id, key, view, problem);
}

enum status sqlite_find_subscription(struct store *base, const char *seller_id,
                                     const char *idempotency_key, struct subscription_view *view,
                                     struct problem *problem)
{
    struct sqlite_store *store = (struct sqlite_store *)base;
    memset(view, 0, sizeof *view);
    return read_one(store, STATEMENT_SUBSCRIPTION_FIND, seller_id, idempotency_key, view, problem);
}

/* A charge found by `id` and its latest attempt. */
static enum status read_charge_view(struct sqlite_store *store, enum statement_id id,
                                    const char *seller_id, const char *wanted,
                                    struct charge_view *view, struct problem *problem)
{
    memset(view, 0, sizeof *view);
    enum status status = read_one(store, id, seller_id, wanted, view, problem);
    return status == ST_OK ? attempt_load_latest(store, seller_id, &view->charge, problem) : status;
}

enum status sqlite_find_one_off(struct store *base, const char *seller_id,
                                const char *idempotency_key, struct charge_view *charge,
                                struct problem *problem)
{
    struct sqlite_store *store = (struct sqlite_store *)base;
    return read_charge_view(store, STATEMENT_CHARGE_READ_ONE_OFF, seller_id, idempotency_key,
                            charge, problem);
}

enum status sqlite_read_charge(struct store *base, const char *seller_id, const char *charge_id,
                               struct charge_view *view, struct attempt *attempts, uint32_t max,
                               uint32_t *count, struct problem *problem)
{
    struct sqlite_store *store = (struct sqlite_store *)base;
    *count = 0;
    enum status status =
        read_charge_view(store, STATEMENT_CHARGE_READ, seller_id, charge_id, view, problem);
    if (status != ST_OK) {
        return status;
    }
    struct statement *statement = statement_use(store, STATEMENT_ATTEMPT_LIST);
    statement_text(statement, PARAM_SELLER_ID, seller_id);
    statement_text(statement, PARAM_ID, charge_id);
    struct attempt_row row;
    memset(&row, 0, sizeof row);
    while ((status = statement_fetch(store, statement, &row, problem)) == ST_OK) {
        if (*count < max) {
            attempts[*count] = row.attempt;
        }
        ++*count;
    }
    return status == ST_NOT_FOUND ? ST_OK : status;
}

enum status sqlite_list_agreements(struct store *base, const char *seller_id, struct page page,
                                   struct agreement *agreements, uint32_t *count,
                                   struct problem *problem)
{
    struct sqlite_store *store = (struct sqlite_store *)base;
    struct statement *statement = statement_use(store, STATEMENT_AGREEMENT_LIST);
    statement_text(statement, PARAM_SELLER_ID, seller_id);
    statement_text(statement, PARAM_AFTER, page.after);
    return statement_page(store, statement, agreements, sizeof *agreements, page.max, count,
                          problem);
}

enum status sqlite_list_subscriptions(struct store *base, const char *seller_id,
                                      const char *agreement_id, enum subscription_state state,
                                      struct page page, struct subscription_view *views,
                                      uint32_t *count, struct problem *problem)
{
    struct sqlite_store *store = (struct sqlite_store *)base;
    bool of_agreement = agreement_id[0] != '\0';
    bool indexed_state = state != 0 && state != SUBSCRIPTION_ACTIVE;
    struct statement *statement =
        statement_use(store, of_agreement    ? STATEMENT_SUBSCRIPTION_LIST_BY_AGREEMENT
                             : indexed_state ? STATEMENT_SUBSCRIPTION_LIST_BY_STATE
                                             : STATEMENT_SUBSCRIPTION_LIST);
    statement_text(statement, PARAM_SELLER_ID, seller_id);
    if (of_agreement) {
        statement_text(statement, PARAM_AGREEMENT_ID, agreement_id);
    }
    statement_int(statement, PARAM_STATE, state);
    statement_text(statement, PARAM_AFTER, page.after);
    return statement_page(store, statement, views, sizeof *views, page.max, count, problem);
}

enum status sqlite_list_charges(struct store *base, const char *seller_id, const char *agreement_id,
                                const char *subscription_key, enum charge_state state,
                                struct page page, struct charge_view *views, uint32_t *count,
                                struct problem *problem)
{
    struct sqlite_store *store = (struct sqlite_store *)base;
    bool of_agreement = agreement_id[0] != '\0';
    bool of_subscription = subscription_key[0] != '\0';
    bool indexed_state = state != 0 && state != CHARGE_PAID;
    struct statement *statement =
        statement_use(store, of_subscription ? STATEMENT_CHARGE_LIST_BY_SUBSCRIPTION
                             : of_agreement  ? STATEMENT_CHARGE_LIST_BY_AGREEMENT
                             : indexed_state ? STATEMENT_CHARGE_LIST_BY_STATE
                                             : STATEMENT_CHARGE_LIST);
    statement_text(statement, PARAM_SELLER_ID, seller_id);
    if (of_subscription) {
        statement_text(statement, PARAM_ID, subscription_key);
    }
    if (of_subscription || of_agreement) {
        statement_text(statement, PARAM_AGREEMENT_ID, agreement_id);
    }
    statement_int(statement, PARAM_STATE, state);
    statement_text(statement, PARAM_AFTER, page.after);
    enum status status =
        statement_page(store, statement, views, sizeof *views, page.max, count, problem);
    for (uint32_t i = 0; i < *count && status == ST_OK; i++) {
        status = attempt_load_latest(store, seller_id, &views[i].charge, problem);
    }
    return status;
}

enum status sqlite_find_refund(struct store *base, const char *seller_id,
                               const char *idempotency_key, struct refund_view *view,
                               struct problem *problem)
{
    struct sqlite_store *store = (struct sqlite_store *)base;
    memset(view, 0, sizeof *view);
    return read_one(store, STATEMENT_REFUND_FIND, seller_id, idempotency_key, view, problem);
}

enum status sqlite_list_refunds(struct store *base, const char *seller_id, const char *charge_id,
                                struct page page, struct refund_view *views, uint32_t *count,
                                struct problem *problem)
{
    struct sqlite_store *store = (struct sqlite_store *)base;
    bool of_charge = charge_id[0] != '\0';
    struct statement *statement =
        statement_use(store, of_charge ? STATEMENT_REFUND_LIST_BY_CHARGE : STATEMENT_REFUND_LIST);
    statement_text(statement, PARAM_SELLER_ID, seller_id);
    if (of_charge) {
        statement_text(statement, PARAM_ID, charge_id);
    }
    statement_text(statement, PARAM_AFTER, page.after);
    return statement_page(store, statement, views, sizeof *views, page.max, count, problem);
}

enum status sqlite_last_write(struct store *base, struct instant *at, struct problem *problem)
{
    struct sqlite_store *store = (struct sqlite_store *)base;
    struct count_row row = {.oldest = INSTANT_NEVER};
    struct statement *statement = statement_use(store, STATEMENT_LAST_WRITE);
    enum status status = statement_fetch(store, statement, &row, problem);
    statement_end(statement);
    *at = row.oldest;
    return status;
}

/* ---- totals ---- */

/* Up to `max` rows of one of the "count" statements. */
static enum status read_counts(struct sqlite_store *store, struct statement *statement,
                               const char *seller_id, struct count_row *rows, uint32_t max,
                               uint32_t *count, struct problem *problem)
{
    statement_text(statement, PARAM_SELLER_ID, seller_id);
    enum status status = ST_OK;
    *count = 0;
    while (status == ST_OK && *count < max) {
        status = statement_fetch(store, statement, &rows[*count], problem);
        *count += status == ST_OK;
    }
    statement_end(statement);
    return status == ST_NOT_FOUND ? ST_OK : status;
}

static enum status count_one(struct sqlite_store *store, enum statement_id id,
                             const char *seller_id, uint64_t *number, struct problem *problem)
{
    struct count_row row = {0};
    uint32_t count = 0;
    enum status status =
        read_counts(store, statement_use(store, id), seller_id, &row, 1, &count, problem);
    *number = row.count;
    return status;
}

/* Zeros for a seller that never had an agreement. */
static enum status read_seller(struct sqlite_store *store, const char *seller_id,
                               struct seller_row *seller, struct problem *problem)
{
    struct statement *statement = statement_use(store, STATEMENT_SELLER_READ);
    statement_text(statement, PARAM_SELLER_ID, seller_id);
    *seller = (struct seller_row){.last_step_at = INSTANT_NEVER};
    enum status status = statement_fetch(store, statement, seller, problem);
    statement_end(statement);
    return status == ST_NOT_FOUND ? ST_OK : status;
}

enum status sqlite_last_step(struct store *base, const char *seller_id, struct instant *at,
                             struct problem *problem)
{
    struct seller_row seller;
    enum status status = read_seller((struct sqlite_store *)base, seller_id, &seller, problem);
    *at = seller.last_step_at;
    return status;
}

static enum status count_accounts(struct sqlite_store *store, const char *seller_id,
                                  struct instant now, struct seller_totals *totals,
                                  struct problem *problem)
{
    struct seller_row seller;
    enum status status = read_seller(store, seller_id, &seller, problem);
    if (status != ST_OK) {
        return status;
    }
    totals->agreements = seller.agreements;
    totals->subscriptions = seller.subscriptions;

    status = count_one(store, STATEMENT_COUNT_PAST_DUE, seller_id, &totals->past_due, problem);
    if (status != ST_OK) {
        return status;
    }
    struct count_row row = {0};
    uint32_t count = 0;
    struct statement *statement = statement_use(store, STATEMENT_COUNT_BACKLOG);
    statement_instant(statement, PARAM_NOW, now);
    status = read_counts(store, statement, seller_id, &row, 1, &count, problem);
    totals->backlog = row.count;
    totals->oldest_wake = row.oldest;
    return status;
}

static enum status count_charges(struct sqlite_store *store, const char *seller_id,
                                 struct seller_totals *totals, struct problem *problem)
{
    struct count_row rows[CHARGE_STATE_COUNT];
    uint32_t count = 0;
    enum status status = read_counts(store, statement_use(store, STATEMENT_COUNT_CHARGES),
                                     seller_id, rows, CHARGE_STATE_COUNT, &count, problem);
    for (uint32_t i = 0; i < count && status == ST_OK; i++) {
        ENSURE(rows[i].state > 0);
        ENSURE(rows[i].state < CHARGE_STATE_COUNT);
        totals->charges[rows[i].state] = rows[i].count;
    }
    return status;
}

#define PENDING            0 /* as the statement tells them apart from the other UNKNOWN ones */
#define ATTEMPT_GROUPS_MAX (4 * REASON_COUNT)

static enum status count_attempts(struct sqlite_store *store, const char *seller_id,
                                  struct seller_totals *totals, struct problem *problem)
{
    struct count_row rows[ATTEMPT_GROUPS_MAX];
    uint32_t count = 0;
    enum status status = read_counts(store, statement_use(store, STATEMENT_COUNT_ATTEMPTS),
                                     seller_id, rows, ATTEMPT_GROUPS_MAX, &count, problem);
    for (uint32_t i = 0; i < count && status == ST_OK; i++) {
        switch (rows[i].state) {
        case ATTEMPT_INTENT:
            totals->unanswered_attempts += rows[i].count;
            break;
        case PENDING:
            totals->pending_attempts += rows[i].count;
            totals->oldest_pending = instant_min(totals->oldest_pending, rows[i].oldest);
            break;
        default:
            totals->unknown_attempts += rows[i].count;
            totals->oldest_unknown = instant_min(totals->oldest_unknown, rows[i].oldest);
            break;
        }
    }
    return status;
}

enum status sqlite_totals(struct store *base, const char *seller_id, struct instant now,
                          struct seller_totals *totals, struct problem *problem)
{
    struct sqlite_store *store = (struct sqlite_store *)base;
    *totals = (struct seller_totals){
        .oldest_wake = INSTANT_NEVER,
        .oldest_pending = INSTANT_NEVER,
        .oldest_unknown = INSTANT_NEVER,
    };
    enum status status = transaction_begin(store, STATEMENT_BEGIN_READ, problem);
    if (status != ST_OK) {
        return status;
    }
    status = count_accounts(store, seller_id, now, totals, problem);
    if (status == ST_OK) {
        status = count_charges(store, seller_id, totals, problem);
    }
    if (status == ST_OK) {
        status = count_attempts(store, seller_id, totals, problem);
    }
    if (status == ST_OK) {
        status = count_one(store, STATEMENT_COUNT_STOPPED, seller_id, &totals->stopped, problem);
    }
    if (status == ST_OK) {
        status =
            count_one(store, STATEMENT_COUNT_REFUNDS, seller_id, &totals->refunds_open, problem);
    }
    return transaction_end(store, status, problem);
}
