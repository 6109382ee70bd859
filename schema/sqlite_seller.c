/*
 * sqlite_seller.c - what is decided about a whole seller: the versions of its policies, and the
 * stop switches. Each decision is told as an event of the seller, in the transaction that makes it.
 */
#include <stdio.h>
#include <string.h>

#include "schema/sqlite_private.h"

/* Tells `change` as an event of the seller itself. */
static enum status tell(struct sqlite_store *store, const char *seller_id,
                        const struct change *change, struct instant at, struct problem *problem)
{
    struct seller_row seller;
    struct change_view view = {.at = at, .change = *change};
    enum status status = seller_load(store, seller_id, &seller, problem);
    if (status == ST_OK) {
        status = event_append(store, seller_id, &seller, &view, problem);
    }
    return status == ST_OK ? seller_save(store, seller_id, &seller, problem) : status;
}

/* ---- policies ---- */

/* The newest version of that name, "" = of all; version 0 when there is none. */
static enum status read_newest(struct sqlite_store *store, const char *seller_id, const char *name,
                               struct policy_view *view, struct problem *problem)
{
    bool named = name[0] != '\0';
    struct statement *statement =
        statement_use(store, named ? STATEMENT_POLICY_NEWEST_NAMED : STATEMENT_POLICY_NEWEST);
    statement_text(statement, PARAM_SELLER_ID, seller_id);
    if (named) {
        statement_text(statement, PARAM_ID, name);
    }
    view->version = 0;
    enum status status = statement_fetch(store, statement, view, problem);
    statement_end(statement);
    return status == ST_NOT_FOUND ? ST_OK : status;
}

static enum status add_policy(struct sqlite_store *store, const char *seller_id,
                              struct policy_view *view, uint32_t before, struct problem *problem)
{
    struct change change = {
        .kind = CHANGE_POLICY,
        .from = (int)before,
        .to = (int)view->version,
        .amount = money_of(0, ""),
        .until = INSTANT_NEVER,
    };
    memcpy(change.subject, view->name, sizeof view->name);
    enum status status = tell(store, seller_id, &change, view->at, problem);
    if (status != ST_OK) {
        return status;
    }
    struct statement *statement = statement_use(store, STATEMENT_POLICY_INSERT);
    statement_text(statement, PARAM_SELLER_ID, seller_id);
    statement_image(statement, view);
    return statement_run(store, statement, problem);
}

static enum status save_policy(struct sqlite_store *store, const char *seller_id,
                               struct policy_view *wanted, struct problem *problem)
{
    struct policy_view newest;
    enum status status = read_newest(store, seller_id, wanted->name, &newest, problem);
    if (status != ST_OK) {
        return status;
    }
    uint32_t before = newest.version;
    if (before > 0 && strcmp(newest.text, wanted->text) == 0) {
        wanted->version = before;
        return ST_OK;
    }
    status = read_newest(store, seller_id, "", &newest, problem);
    if (status != ST_OK) {
        return status;
    }
    wanted->version = newest.version + 1;
    return add_policy(store, seller_id, wanted, before, problem);
}

enum status sqlite_save_policy(struct store *base, const char *seller_id, const char *name,
                               const char *text, struct instant at, uint32_t *version,
                               struct problem *problem)
{
    struct sqlite_store *store = (struct sqlite_store *)base;
    struct policy_view wanted = {.at = at};
    *version = 0;
    if (name[0] == '\0' || strlen(name) >= sizeof wanted.name ||
        strlen(text) >= sizeof wanted.text) {
        return problem_set(problem, ST_INVALID,
                           "policy \"%.40s\": its name or its text is too long", name);
    }
    snprintf(wanted.name, sizeof wanted.name, "%s", name);
    snprintf(wanted.text, sizeof wanted.text, "%s", text);
    enum status status = transaction_begin(store, STATEMENT_BEGIN_WRITE, problem);
    if (status != ST_OK) {
        return status;
    }
    status = save_policy(store, seller_id, &wanted, problem);
    status = transaction_end(store, status, problem);
    *version = status == ST_OK ? wanted.version : 0;
    return status;
}

enum status sqlite_list_policies(struct store *base, const char *seller_id, uint32_t after,
                                 uint32_t max, struct policy_view *views, uint32_t *count,
                                 struct problem *problem)
{
    struct sqlite_store *store = (struct sqlite_store *)base;
    struct statement *statement = statement_use(store, STATEMENT_POLICY_LIST);
    statement_text(statement, PARAM_SELLER_ID, seller_id);
    statement_int(statement, PARAM_AFTER, after);
    return statement_page(store, statement, views, sizeof *views, max, count, problem);
}

/* ---- stop switches ---- */

/* The known seller after that one in the order of ids; ST_NOT_FOUND after the last. */
static enum status next_seller(struct sqlite_store *store, struct seller_id_row *row,
                               struct problem *problem)
{
    struct seller_id_row after = *row;
    struct statement *statement = statement_use(store, STATEMENT_SELLER_NEXT);
    statement_text(statement, PARAM_AFTER, after.seller_id);
    enum status status = statement_fetch(store, statement, row, problem);
    statement_end(statement);
    return status;
}

/* The switch of all is told to every seller that is known. */
static enum status tell_stop(struct sqlite_store *store, const char *seller_id,
                             const struct change *change, struct instant at,
                             struct problem *problem)
{
    if (seller_id[0] != '\0') {
        return tell(store, seller_id, change, at, problem);
    }
    struct seller_id_row row = {""};
    enum status status;
    while ((status = next_seller(store, &row, problem)) == ST_OK) {
        status = tell(store, row.seller_id, change, at, problem);
        if (status != ST_OK) {
            return status;
        }
    }
    return status == ST_NOT_FOUND ? ST_OK : status;
}

/* False: the statement changed nothing, or failed. */
static bool changes_stop(struct sqlite_store *store, enum statement_id id,
                         const struct stop_view *stop, enum status *status, struct problem *problem)
{
    struct statement *statement = statement_use(store, id);
    statement_image(statement, stop);
    *status = statement_run(store, statement, problem);
    return *status == ST_OK && sqlite3_changes(store->db) > 0;
}

static enum status turn_switch(struct sqlite_store *store, const struct stop_view *stop, bool is_on,
                               struct problem *problem)
{
    enum status status;
    bool was_on = !is_on;
    bool has_changed = changes_stop(store, is_on ? STATEMENT_STOP_INSERT : STATEMENT_STOP_DELETE,
                                    stop, &status, problem);
    if (status == ST_OK && is_on && !has_changed) {
        was_on = true;
        has_changed = changes_stop(store, STATEMENT_STOP_REPLACE, stop, &status, problem);
    }
    if (!has_changed) {
        return status; /* it is so already */
    }
    struct change change = {
        .kind = CHANGE_STOP,
        .from = was_on,
        .to = is_on,
        .reason = stop->reason,
        .amount = money_of(0, ""),
        .until = stop->until,
    };
    memcpy(change.subject, stop->seller_id, sizeof stop->seller_id);
    return tell_stop(store, stop->seller_id, &change, stop->at, problem);
}

/* Whoever lifts the switch of all says that the clock is right: what a clock that was ahead has
 * dated later must not make it look set back at every start from now on. */
static enum status nothing_is_later(struct sqlite_store *store, struct instant at,
                                    struct problem *problem)
{
    struct statement *statement = statement_use(store, STATEMENT_SELLER_NO_LATER);
    statement_instant(statement, PARAM_NOW, at);
    enum status status = statement_run(store, statement, problem);
    return status == ST_OK ? sqlite_probe(&store->store, at, problem) : status;
}

enum status sqlite_set_stop(struct store *base, const char *seller_id, bool is_on,
                            enum reason reason, struct instant at, struct instant until,
                            struct problem *problem)
{
    struct sqlite_store *store = (struct sqlite_store *)base;
    struct stop_view stop = {.reason = reason, .at = at, .until = until};
    if (strlen(seller_id) >= sizeof stop.seller_id) {
        return problem_set(problem, ST_INVALID, "seller \"%.40s\": the id is too long", seller_id);
    }
    snprintf(stop.seller_id, sizeof stop.seller_id, "%s", seller_id);
    enum status status = transaction_begin(store, STATEMENT_BEGIN_WRITE, problem);
    if (status != ST_OK) {
        return status;
    }
    status = turn_switch(store, &stop, is_on, problem);
    if (status == ST_OK && !is_on && seller_id[0] == '\0') {
        status = nothing_is_later(store, at, problem);
    }
    return transaction_end(store, status, problem);
}

enum status sqlite_list_stops(struct store *base, struct stop_view *views, uint32_t max,
                              uint32_t *count, struct problem *problem)
{
    struct sqlite_store *store = (struct sqlite_store *)base;
    struct statement *statement = statement_use(store, STATEMENT_STOP_LIST);
    return statement_page(store, statement, views, sizeof *views, max, count, problem);
}
