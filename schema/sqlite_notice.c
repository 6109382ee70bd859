/*
 * sqlite_notice.c - keeping Amazon's notices, handing them out to be worked on, forgetting and
 * listing them.
 *
 * A batch is one transaction, so that a hundred notices cost one flush to disk. Whether a notice is
 * known is left to the unique indexes: one INSERT that does nothing where the notice is kept
 * already. To whom it belongs is found before, by primary key.
 *
 * Invariant: a notice that is not done names the agreement it belongs to.
 */
#include <string.h>

#include "billing/ensure.h"
#include "schema/sqlite_private.h"

/* Runs a statement that gives at most one row. */
static enum status fetch_one(struct sqlite_store *store, struct statement *statement, void *image,
                             struct problem *problem)
{
    enum status status = statement_fetch(store, statement, image, problem);
    if (status == ST_OK) {
        statement_end(statement);
    }
    return status;
}

/* An agreement that is not final hears of its own notices. */
static enum status bind_to_agreement(struct sqlite_store *store, struct notice_view *row,
                                     struct problem *problem)
{
    struct owner_row owner;
    struct statement *statement = statement_use(store, STATEMENT_NOTICE_AGREEMENT);
    statement_text(statement, PARAM_SELLER_ID, row->work.notice.seller_id);
    statement_text(statement, PARAM_ID, row->work.notice.object_id);
    enum status status = fetch_one(store, statement, &owner, problem);
    if (status == ST_OK && !agreement_is_final(owner.state)) {
        memcpy(row->work.agreement_id, owner.agreement_id, sizeof owner.agreement_id);
    }
    return status == ST_NOT_FOUND ? ST_OK : status;
}

/* So does the agreement of an attempt that is not final. */
static enum status bind_to_attempt(struct sqlite_store *store, struct notice_view *row,
                                   struct problem *problem)
{
    char charge_id[CHARGE_ID_MAX];
    uint32_t number;
    if (!reference_id_parse(row->work.notice.reference_id, charge_id, &number)) {
        return ST_OK;
    }
    struct owner_row owner;
    struct statement *statement = statement_use(store, STATEMENT_NOTICE_ATTEMPT);
    statement_text(statement, PARAM_SELLER_ID, row->work.notice.seller_id);
    statement_text(statement, PARAM_ID, charge_id);
    statement_int(statement, PARAM_AFTER, number);
    enum status status = fetch_one(store, statement, &owner, problem);
    if (status == ST_OK && !attempt_is_final(owner.state)) {
        memcpy(row->work.agreement_id, owner.agreement_id, sizeof owner.agreement_id);
    }
    return status == ST_NOT_FOUND ? ST_OK : status;
}

/* A chargeback names its capture by our own CaptureReferenceId, which names the attempt. */
static bool attempt_of(const char *id, char charge_id[static CHARGE_ID_MAX], uint32_t *number)
{
    char reference_id[REFERENCE_ID_MAX];
    uint32_t capture_number;
    bool is_later = capture_reference_id_parse(id, reference_id, &capture_number);
    return reference_id_parse(is_later ? reference_id : id, charge_id, number);
}

/* The capture that money went back of. Amazon's ids of captures and refunds are its id of the order
 * reference and a part of their own: S01-1234567-1234567-R123456. A chargeback's own need not be,
 * so the id of what it belongs to goes before. */
static enum status bind_to_capture(struct sqlite_store *store, struct notice_view *row,
                                   struct problem *problem)
{
    const struct notice *notice = &row->work.notice;
    char charge_id[CHARGE_ID_MAX];
    uint32_t number;
    if (attempt_of(notice->parent_id, charge_id, &number)) {
        struct statement *by = statement_use(store, STATEMENT_NOTICE_CAPTURED_BY);
        statement_text(by, PARAM_SELLER_ID, notice->seller_id);
        statement_text(by, PARAM_ID, charge_id);
        statement_int(by, PARAM_AFTER, number);
        enum status found = fetch_one(store, by, &row->work, problem);
        return found == ST_NOT_FOUND ? ST_OK : found;
    }
    char order[AMAZON_ID_MAX];
    memcpy(order, notice->parent_id[0] != '\0' ? notice->parent_id : notice->object_id,
           sizeof order);
    char *end = strrchr(order, '-');
    if (end == NULL) {
        return ST_OK;
    }
    *end = '\0';
    struct statement *statement = statement_use(store, STATEMENT_NOTICE_CAPTURED);
    statement_text(statement, PARAM_SELLER_ID, notice->seller_id);
    statement_text(statement, PARAM_ID, order);
    enum status status = fetch_one(store, statement, &row->work, problem);
    return status == ST_NOT_FOUND ? ST_OK : status;
}

static enum status bind(struct sqlite_store *store, struct notice_view *row,
                        struct problem *problem)
{
    switch (row->work.notice.kind) {
    case NOTICE_AGREEMENT:
        return bind_to_agreement(store, row, problem);
    case NOTICE_AUTHORIZATION:
    case NOTICE_CAPTURE:
        return bind_to_attempt(store, row, problem);
    case NOTICE_REFUND:
    case NOTICE_CHARGEBACK:
        return bind_to_capture(store, row, problem);
    case NOTICE_ORDER:
    case NOTICE_OTHER:
        return ST_OK;
    }
    ENSURE(false);
    return ST_STORE;
}

static enum status keep_one(struct sqlite_store *store, struct notice *notice,
                            struct problem *problem)
{
    struct notice_view row = {.work.notice = *notice};
    enum status status = bind(store, &row, problem);
    if (status != ST_OK) {
        return status;
    }
    row.is_done = row.work.agreement_id[0] == '\0';
    struct statement *statement = statement_use(store, STATEMENT_NOTICE_INSERT);
    statement_image(statement, &row);
    status = statement_run(store, statement, problem);
    if (status == ST_OK) {
        notice->is_known = sqlite3_changes(store->db) == 0;
        notice->number = notice->is_known ? 0 : (uint64_t)sqlite3_last_insert_rowid(store->db);
    }
    return status;
}

enum status sqlite_keep_notices(struct store *base, struct notice *notices, uint32_t count,
                                struct problem *problem)
{
    struct sqlite_store *store = (struct sqlite_store *)base;
    if (sqlite_space_is_short(store, problem)) {
        return ST_FULL; /* Amazon tells again; whoever tells must not use up the answers' room */
    }
    enum status status = transaction_begin(store, STATEMENT_BEGIN_WRITE, problem);
    if (status != ST_OK) {
        return status;
    }
    for (uint32_t i = 0; i < count && status == ST_OK; i++) {
        status = keep_one(store, &notices[i], problem);
    }
    if (status == ST_OK && count > 0) {
        status = sqlite_probe(base, notices[count - 1].received_at, problem);
    }
    /* What the schema refuses was let in by a bug of ours. */
    status = status == ST_INVALID || status == ST_CONFLICT ? ST_STORE : status;
    return transaction_end(store, status, problem);
}

enum status sqlite_open_notices(struct store *base, uint64_t after, uint32_t max,
                                struct notice_work *works, uint32_t *count, struct problem *problem)
{
    struct sqlite_store *store = (struct sqlite_store *)base;
    struct statement *statement = statement_use(store, STATEMENT_NOTICE_OPEN);
    statement_int(statement, PARAM_AFTER, after > INT64_MAX ? INT64_MAX : (int64_t)after);
    statement_int(statement, PARAM_MAX, max);
    enum status status = ST_OK;
    *count = 0;
    while (status == ST_OK && *count < max) {
        struct notice_view row;
        memset(&row, 0, sizeof row);
        status = statement_fetch(store, statement, &row, problem);
        if (status == ST_OK) {
            works[(*count)++] = row.work;
        }
    }
    statement_end(statement);
    return status == ST_NOT_FOUND ? ST_OK : status;
}

enum status sqlite_end_notices(struct store *base, const uint64_t *numbers, uint32_t count,
                               struct instant forget_before, struct problem *problem)
{
    struct sqlite_store *store = (struct sqlite_store *)base;
    enum status status = transaction_begin(store, STATEMENT_BEGIN_WRITE, problem);
    if (status != ST_OK) {
        return status;
    }
    for (uint32_t i = 0; i < count && status == ST_OK; i++) {
        struct statement *statement = statement_use(store, STATEMENT_NOTICE_END);
        statement_int(statement, PARAM_ID, numbers[i] > INT64_MAX ? 0 : (int64_t)numbers[i]);
        status = statement_run(store, statement, problem);
    }
    if (status == ST_OK) {
        struct statement *statement = statement_use(store, STATEMENT_NOTICE_FORGET);
        statement_instant(statement, PARAM_NOW, forget_before);
        statement_int(statement, PARAM_MAX, NOTICES_FORGOTTEN_MAX);
        status = statement_run(store, statement, problem);
    }
    return transaction_end(store, status, problem);
}

/* ---- what operators ask ---- */

static enum statement_id list_statement(const struct notice_search *search)
{
    bool is_money_back = search->kind == NOTICE_REFUND || search->kind == NOTICE_CHARGEBACK;
    if (search->object_id[0] != '\0') {
        return search->newest ? STATEMENT_NOTICE_LIST_OBJECT_NEWEST : STATEMENT_NOTICE_LIST_OBJECT;
    }
    if (is_money_back) {
        return search->newest ? STATEMENT_NOTICE_LIST_MONEY_BACK_NEWEST
                              : STATEMENT_NOTICE_LIST_MONEY_BACK;
    }
    return search->newest ? STATEMENT_NOTICE_LIST_NEWEST : STATEMENT_NOTICE_LIST;
}

static void turn_round(struct notice_view *views, uint32_t count)
{
    for (uint32_t i = 0; i < count / 2; i++) {
        struct notice_view first = views[i];
        views[i] = views[count - 1 - i];
        views[count - 1 - i] = first;
    }
}

enum status sqlite_list_notices(struct store *base, const char *seller_id,
                                struct notice_search search, uint32_t max,
                                struct notice_view *views, uint32_t *count, struct problem *problem)
{
    struct sqlite_store *store = (struct sqlite_store *)base;
    uint64_t after = search.newest ? 0 : search.after;
    struct statement *statement = statement_use(store, list_statement(&search));
    statement_text(statement, PARAM_SELLER_ID, seller_id);
    statement_int(statement, PARAM_KIND, search.kind);
    statement_int(statement, PARAM_AFTER, after > INT64_MAX ? INT64_MAX : (int64_t)after);
    if (search.object_id[0] != '\0') {
        statement_text(statement, PARAM_ID, search.object_id);
    }
    enum status status =
        statement_page(store, statement, views, sizeof *views, max, count, problem);
    if (search.newest) {
        turn_round(views, *count);
    }
    return status;
}
