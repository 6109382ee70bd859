/*
 * sqlite_record.c - recording steps: the one place where billing state is written.
 *
 * A batch is one transaction. Nearly always every step in it is accepted, so a batch is first
 * written straight on; only when a step is refused after it has written something is the whole
 * batch undone and written again with a savepoint around each step, so that the refused ones leave
 * nothing behind while the others go on. (Savepoints copy every page they touch: a sixth of the
 * time.) The agreement row comes first, because its version decides whether the step is still
 * valid; then subscriptions before charges before attempts and refunds, as the foreign keys want;
 * then one event row for each change.
 *
 * The seller's row (its last event and last step) is read once per batch, counted on in memory by
 * steps that were accepted, and written once at the end, in the same transaction.
 */
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "schema/sqlite_private.h"

struct seller_counter {
    const char *seller_id; /* borrowed from an account of the batch */
    struct seller_row row;
};

struct batch {
    struct sqlite_store *store;
    struct problem *problem;
    struct seller_counter *sellers; /* room for one per step */
    uint32_t seller_count;
    bool with_savepoints; /* around each step */
    bool is_spoilt;       /* a refused step has left rows behind: only a rollback helps */
};

/* A refusal concerns one step only; anything else concerns the whole batch. */
static bool is_refusal(enum status status)
{
    return status == ST_LOST || status == ST_CONFLICT || status == ST_INVALID;
}

/* ---- sellers ---- */

/* The counter of a seller; steps of one seller usually follow one another, so from the back. */
static enum status find_seller(struct batch *batch, const char *seller_id,
                               struct seller_counter **found)
{
    for (uint32_t i = batch->seller_count; i > 0; i--) {
        if (strcmp(batch->sellers[i - 1].seller_id, seller_id) == 0) {
            *found = &batch->sellers[i - 1];
            return ST_OK;
        }
    }
    *found = &batch->sellers[batch->seller_count++];
    (*found)->seller_id = seller_id;
    return seller_load(batch->store, seller_id, &(*found)->row, batch->problem);
}

static enum status write_sellers(struct batch *batch)
{
    enum status status = ST_OK;
    for (uint32_t i = 0; i < batch->seller_count && status == ST_OK; i++) {
        status = seller_save(batch->store, batch->sellers[i].seller_id, &batch->sellers[i].row,
                             batch->problem);
    }
    return status;
}

/* ---- one step ---- */

/* Runs the first of `ids` that writes a row; ST_NOT_FOUND when none does. */
static enum status write_image(struct batch *batch, const enum statement_id *ids, uint32_t count,
                               const char *seller_id, const void *image)
{
    enum status status = ST_NOT_FOUND;
    for (uint32_t i = 0; i < count && status == ST_NOT_FOUND; i++) {
        struct statement *statement = statement_use(batch->store, ids[i]);
        statement_text(statement, PARAM_SELLER_ID, seller_id);
        statement_image(statement, image);
        status = statement_run(batch->store, statement, batch->problem);
        if (status == ST_OK && sqlite3_changes(batch->store->db) == 0) {
            status = ST_NOT_FOUND;
        }
    }
    return status;
}

static enum status write_agreement(struct batch *batch, const struct step_record *step)
{
    static const enum statement_id insert[] = {STATEMENT_AGREEMENT_INSERT};
    static const enum statement_id updates[] = {STATEMENT_AGREEMENT_UPDATE,
                                                STATEMENT_AGREEMENT_UPDATE_STATE};
    const struct agreement *agreement = &step->account->agreement;
    enum status status = step->effects->is_new_account
                             ? write_image(batch, insert, 1, agreement->seller_id, agreement)
                             : write_image(batch, updates, 2, agreement->seller_id, agreement);
    return status == ST_NOT_FOUND ? ST_LOST : status;
}

/* Whether the step says that this row begins. Only the order of the statements depends on it: for
 * most rows the first that is tried is the right one. */
static bool is_new(const struct effects *effects, enum change_kind kind, const char *subject)
{
    for (uint32_t i = 0; i < effects->change_count; i++) {
        const struct change *change = &effects->changes[i];
        if (change->from == 0 && change->kind == kind && strcmp(change->subject, subject) == 0) {
            return true;
        }
    }
    return false;
}

/* How a row of an account is written. */
struct row_write {
    enum change_kind kind;
    uint32_t count;
    enum statement_id ids[3]; /* those that update it, then the one that inserts it */
};

/* A row that exists already, as another object or as a final one, is a conflict. */
static enum status write_row(struct batch *batch, const struct row_write *write,
                             const struct step_record *step, const void *image, const char *name)
{
    uint32_t first = is_new(step->effects, write->kind, name) ? write->count - 1 : 0;
    enum status status = write_image(batch, write->ids + first, write->count - first,
                                     step->account->agreement.seller_id, image);
    if (status == ST_NOT_FOUND) {
        return problem_set(batch->problem, ST_CONFLICT, "%s exists already, or is final", name);
    }
    return status;
}

static enum status write_subscription(struct batch *batch, const struct step_record *step,
                                      uint32_t index)
{
    static const struct row_write write = {CHANGE_SUBSCRIPTION,
                                           3,
                                           {STATEMENT_SUBSCRIPTION_UPDATE,
                                            STATEMENT_SUBSCRIPTION_UPDATE_STATE,
                                            STATEMENT_SUBSCRIPTION_INSERT}};
    const struct account *account = step->account;
    ENSURE(index < account->subscription_count);
    struct subscription_view view = {.subscription = account->subscriptions[index]};
    memcpy(view.agreement_id, account->agreement.id, sizeof view.agreement_id);
    return write_row(batch, &write, step, &view, view.subscription.key);
}

static enum status write_charge(struct batch *batch, const struct step_record *step, uint32_t index)
{
    static const struct row_write write = {
        CHANGE_CHARGE, 2, {STATEMENT_CHARGE_UPDATE, STATEMENT_CHARGE_INSERT}};
    const struct account *account = step->account;
    ENSURE(index < account->charge_count);
    struct charge_view view = {.charge = account->charges[index]};
    memcpy(view.agreement_id, account->agreement.id, sizeof view.agreement_id);
    return write_row(batch, &write, step, &view, view.charge.id);
}

static enum status write_attempt(struct batch *batch, const struct step_record *step,
                                 uint32_t index)
{
    static const struct row_write write = {
        CHANGE_ATTEMPT, 2, {STATEMENT_ATTEMPT_UPDATE, STATEMENT_ATTEMPT_INSERT}};
    const struct account *account = step->account;
    ENSURE(index < account->charge_count);
    const struct charge *charge = &account->charges[index];
    struct attempt_row row = {.attempt = charge->attempt};
    memcpy(row.agreement_id, account->agreement.id, sizeof row.agreement_id);
    memcpy(row.charge_id, charge->id, sizeof row.charge_id);
    return write_row(batch, &write, step, &row, row.attempt.reference_id);
}

static enum status write_refund(struct batch *batch, const struct step_record *step, uint32_t index)
{
    static const struct row_write write = {
        CHANGE_REFUND, 2, {STATEMENT_REFUND_UPDATE, STATEMENT_REFUND_INSERT}};
    const struct account *account = step->account;
    ENSURE(index < account->refund_count);
    struct refund_view view = {.refund = account->refunds[index]};
    memcpy(view.agreement_id, account->agreement.id, sizeof view.agreement_id);
    return write_row(batch, &write, step, &view, view.refund.id);
}

static enum status write_rows(struct batch *batch, const struct step_record *step,
                              enum row_kind kind)
{
    const struct effects *effects = step->effects;
    enum status status = ST_OK;
    for (uint32_t i = 0; i < effects->row_count && status == ST_OK; i++) {
        uint32_t index = effects->rows[i].index;
        if (effects->rows[i].kind != kind) {
            continue;
        }
        switch (kind) {
        case ROW_SUBSCRIPTION:
            status = write_subscription(batch, step, index);
            break;
        case ROW_CHARGE:
            status = write_charge(batch, step, index);
            break;
        case ROW_ATTEMPT:
            status = write_attempt(batch, step, index);
            break;
        case ROW_REFUND:
            status = write_refund(batch, step, index);
            break;
        }
    }
    return status;
}

static enum status write_events(struct batch *batch, const struct step_record *step,
                                struct seller_row *seller)
{
    const struct agreement *agreement = &step->account->agreement;
    enum status status = ST_OK;
    for (uint32_t i = 0; i < step->effects->change_count && status == ST_OK; i++) {
        struct change_view view = {
            .at = step->at,
            .change = step->effects->changes[i],
        };
        memcpy(view.agreement_id, agreement->id, sizeof view.agreement_id);
        status = event_append(batch->store, agreement->seller_id, seller, &view, batch->problem);
    }
    return status;
}

static enum status write_step(struct batch *batch, const struct step_record *step,
                              struct seller_row *seller)
{
    enum status status = write_agreement(batch, step);
    for (enum row_kind kind = ROW_SUBSCRIPTION; kind <= ROW_REFUND && status == ST_OK; kind++) {
        status = write_rows(batch, step, kind);
    }
    return status == ST_OK ? write_events(batch, step, seller) : status;
}

static void count_step(struct seller_row *seller, const struct step_record *step)
{
    bool is_first = seller->last_step_at.utc_ms == INSTANT_NEVER.utc_ms;
    if (is_first || instant_before(seller->last_step_at, step->at)) {
        seller->last_step_at = step->at;
    }
}

/* Writes the step or nothing of it, and sets its status. Returns a failure of the whole batch. */
static enum status record_step(struct batch *batch, struct step_record *step)
{
    struct sqlite_store *store = batch->store;
    struct seller_counter *seller = NULL;
    enum status status = find_seller(batch, step->account->agreement.seller_id, &seller);
    if (status != ST_OK) {
        return status;
    }
    if (batch->with_savepoints) {
        status = statement_run(store, statement_use(store, STATEMENT_STEP_BEGIN), batch->problem);
    }
    if (status != ST_OK) {
        return status;
    }
    struct seller_row row = seller->row;
    step->status = write_step(batch, step, &row);
    if (step->status == ST_OK) {
        count_step(&row, step);
        seller->row = row;
    } else if (!is_refusal(step->status)) {
        return step->status;
    } else if (batch->with_savepoints) {
        status = statement_run(store, statement_use(store, STATEMENT_STEP_UNDO), batch->problem);
    } else if (step->status != ST_LOST) { /* a stale step is noticed before anything is written */
        batch->is_spoilt = true;
        return step->status;
    }
    return status == ST_OK && batch->with_savepoints
               ? statement_run(store, statement_use(store, STATEMENT_STEP_END), batch->problem)
               : status;
}

/* The whole transaction. */
static enum status record_all(struct batch *batch, struct step_record *steps, uint32_t count)
{
    enum status status = transaction_begin(batch->store, STATEMENT_BEGIN_WRITE, batch->problem);
    if (status != ST_OK) {
        return status;
    }
    batch->seller_count = 0;
    for (uint32_t i = 0; i < count && status == ST_OK; i++) {
        status = record_step(batch, &steps[i]);
    }
    if (status == ST_OK) {
        status = write_sellers(batch);
    }
    /* Only a step can be refused. Elsewhere it would be a bug of ours: nothing is recorded. */
    status = is_refusal(status) ? ST_STORE : status;
    return transaction_end(batch->store, status, batch->problem);
}

enum status sqlite_record(struct store *base, struct step_record *steps, uint32_t count,
                          struct problem *problem)
{
    struct sqlite_store *store = (struct sqlite_store *)base;
    struct batch batch = {
        .store = store,
        .problem = problem,
        .sellers = calloc((size_t)count + 1, sizeof *batch.sellers),
    };
    if (batch.sellers == NULL) {
        return problem_set(problem, ST_STORE, "a batch of %u steps: out of memory", count);
    }
    enum status status = record_all(&batch, steps, count);
    if (batch.is_spoilt) {
        batch.is_spoilt = false;
        batch.with_savepoints = true;
        status = record_all(&batch, steps, count);
    }
    free(batch.sellers);
    return status;
}

enum status sqlite_probe(struct store *base, struct instant now, struct problem *problem)
{
    struct sqlite_store *store = (struct sqlite_store *)base;
    struct statement *statement = statement_use(store, STATEMENT_PROBE);
    statement_instant(statement, PARAM_NOW, now);
    return statement_run(store, statement, problem);
}
