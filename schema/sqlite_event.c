/*
 * sqlite_event.c - the audit trail: the events of a seller, numbered without gaps and chained.
 *
 * The seller's row holds the number and the digest of its last event. Whoever appends loads it,
 * counts it on in memory with every event, and saves it once, all in one transaction; so there is
 * one chain, and what was rolled back was never in it. The digest is of the row as it is read back
 * (chain.h).
 */
#include <string.h>

#include "schema/chain.h"
#include "schema/sqlite_private.h"

enum status seller_load(struct sqlite_store *store, const char *seller_id, struct seller_row *row,
                        struct problem *problem)
{
    struct statement *read = statement_use(store, STATEMENT_SELLER_READ);
    statement_text(read, PARAM_SELLER_ID, seller_id);
    enum status status = statement_fetch(store, read, row, problem);
    if (status == ST_OK) {
        statement_end(read);
    } else if (status == ST_NOT_FOUND) {
        *row = (struct seller_row){.last_step_at = INSTANT_NEVER};
        struct statement *insert = statement_use(store, STATEMENT_SELLER_INSERT);
        statement_text(insert, PARAM_SELLER_ID, seller_id);
        status = statement_run(store, insert, problem);
    }
    return status;
}

enum status seller_save(struct sqlite_store *store, const char *seller_id,
                        const struct seller_row *row, struct problem *problem)
{
    struct statement *statement = statement_use(store, STATEMENT_SELLER_UPDATE);
    statement_text(statement, PARAM_SELLER_ID, seller_id);
    statement_image(statement, row);
    return statement_run(store, statement, problem);
}

enum status event_append(struct sqlite_store *store, const char *seller_id, struct seller_row *row,
                         struct change_view *view, struct problem *problem)
{
    view->number = row->event_count + 1;
    chain_digest(store->digest, row->digest, seller_id, view, view->digest);
    struct statement *statement = statement_use(store, STATEMENT_EVENT_INSERT);
    statement_text(statement, PARAM_SELLER_ID, seller_id);
    statement_image(statement, view);
    enum status status = statement_run(store, statement, problem);
    if (status == ST_OK) {
        row->event_count = view->number;
        memcpy(row->digest, view->digest, DIGEST_BYTES);
    }
    return status;
}

static enum status list_events(struct sqlite_store *store, enum statement_id id,
                               const char *seller_id, uint64_t after, uint32_t max,
                               struct change_view *views, uint32_t *count, struct problem *problem)
{
    struct statement *statement = statement_use(store, id);
    statement_text(statement, PARAM_SELLER_ID, seller_id);
    statement_int(statement, PARAM_AFTER, after > INT64_MAX ? INT64_MAX : (int64_t)after);
    return statement_page(store, statement, views, sizeof *views, max, count, problem);
}

enum status sqlite_list_changes(struct store *base, const char *seller_id, uint64_t after,
                                uint32_t max, struct change_view *views, uint32_t *count,
                                struct problem *problem)
{
    return list_events((struct sqlite_store *)base, STATEMENT_EVENT_LIST, seller_id, after, max,
                       views, count, problem);
}

enum status sqlite_list_attempt_changes(struct store *base, const char *seller_id, uint64_t after,
                                        uint32_t max, struct change_view *views, uint32_t *count,
                                        struct problem *problem)
{
    return list_events((struct sqlite_store *)base, STATEMENT_EVENT_ATTEMPTS, seller_id, after, max,
                       views, count, problem);
}
