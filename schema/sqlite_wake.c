/*
 * sqlite_wake.c - making accounts due from outside of their own steps: at a start, when something
 * that charges wait for is lifted, and later, when an account cannot be loaded.
 *
 * Only wake_at and lane are written, never the version: whoever holds a copy may still record a
 * step, which then says by itself when the account is to be looked at.
 */
#include "schema/sqlite_private.h"

#define DAMAGED_WAIT_MS INT64_C(3600000)

/* Runs what makes accounts due, and counts them. */
static enum status run_counted(struct sqlite_store *store, struct statement *statement,
                               uint64_t *count, struct problem *problem)
{
    enum status status = statement_run(store, statement, problem);
    *count = status == ST_OK ? (uint64_t)sqlite3_changes64(store->db) : 0;
    return status;
}

static enum status make_due(struct sqlite_store *store, enum statement_id id, struct instant now,
                            enum lane lane, uint64_t *count, struct problem *problem)
{
    struct statement *statement = statement_use(store, id);
    statement_instant(statement, PARAM_NOW, now);
    statement_int(statement, PARAM_LANE, lane);
    return run_counted(store, statement, count, problem);
}

enum status sqlite_start(struct store *base, struct instant now, uint64_t *count,
                         struct problem *problem)
{
    /* What settles comes last: it goes first where an account has both. */
    static const struct {
        enum statement_id id;
        enum lane lane;
    } acts[] = {
        {STATEMENT_WAKE_CARE, LANE_CARE},     {STATEMENT_WAKE_PENDING, LANE_CARE},
        {STATEMENT_WAKE_REFUNDS, LANE_CARE},  {STATEMENT_WAKE_LEAVING, LANE_CARE},
        {STATEMENT_WAKE_SETTLE, LANE_SETTLE},
    };
    struct sqlite_store *store = (struct sqlite_store *)base;
    *count = 0;
    enum status status = transaction_begin(store, STATEMENT_BEGIN_WRITE, problem);
    if (status != ST_OK) {
        return status;
    }
    for (size_t i = 0; i < sizeof acts / sizeof acts[0] && status == ST_OK; i++) {
        status = make_due(store, acts[i].id, now, acts[i].lane, count, problem);
    }
    return transaction_end(store, status, problem);
}

enum status sqlite_wake_waiting(struct store *base, const char *seller_id, enum reason reason,
                                struct instant now, uint64_t *count, struct problem *problem)
{
    struct sqlite_store *store = (struct sqlite_store *)base;
    struct statement *statement = statement_use(store, STATEMENT_WAKE_WAITING);
    statement_text(statement, PARAM_SELLER_ID, seller_id);
    statement_int(statement, PARAM_KIND, reason);
    statement_instant(statement, PARAM_NOW, now);
    return run_counted(store, statement, count, problem);
}

enum status account_put_off(struct sqlite_store *store, const char *seller_id,
                            const char *agreement_id, struct instant now)
{
    struct statement *statement = statement_use(store, STATEMENT_WAKE_LATER);
    statement_text(statement, PARAM_SELLER_ID, seller_id);
    statement_text(statement, PARAM_ID, agreement_id);
    statement_instant(statement, PARAM_NOW, instant_plus(now, DAMAGED_WAIT_MS));
    return statement_run(store, statement, NULL);
}
