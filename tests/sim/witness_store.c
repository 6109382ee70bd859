/*
 * witness_store.c - between the runner and its store: what is recorded, what survives.
 *
 * Of the store's table of operations the witness puts a copy in its place, with `record` and those
 * that write notices replaced. A batch whose end nobody has seen - the daemon died in it, or was
 * told that it failed - is in doubt until the next store is opened, which has all of it or none.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "tests/sim/sim_disk.h"
#include "tests/sim/sim_memory.h"
#include "tests/sim/witness_parts.h"

#define DOUBTS_MAX 64 /* the latest; older ones were written over on the disk */

/* What the store points to instead of its own table; knows its witness. */
struct watch_ops {
    struct store_ops ops; /* first */
    struct witness *witness;
};

static struct witness *witness_of(const struct store *store)
{
    return ((const struct watch_ops *)(const void *)store->ops)->witness;
}

/* --- batches in doubt ------------------------------------------------------------------------ */

static void forget_doubts(struct witness *witness)
{
    for (struct doubt *next, *doubt = witness->doubts; doubt != NULL; doubt = next) {
        next = doubt->next;
        free(doubt);
    }
    witness->doubts = NULL;
}

static void doubt_batch(struct witness *witness, bool is_of_crash)
{
    uint32_t count = witness->batch_count;
    struct doubt *doubt = malloc(sizeof *doubt + count * sizeof doubt->steps[0]);
    ENSURE(doubt != NULL);
    doubt->count = count;
    doubt->is_of_crash = is_of_crash;
    for (uint32_t i = 0; i < count; i++) {
        const struct step_record *step = &witness->batch[i];
        struct doubtful *doubtful = &doubt->steps[i];
        account_copy(&doubtful->account, step->account);
        doubtful->effects = *step->effects;
        doubtful->at = step->at;
        doubtful->digest = book_digest(step->account);
    }
    doubt->next = witness->doubts;
    witness->doubts = doubt;
    unsigned kept = 0;
    for (; doubt != NULL && ++kept < DOUBTS_MAX; doubt = doubt->next) {
    }
    if (doubt != NULL) {
        for (struct doubt *next, *old = doubt->next; old != NULL; old = next) {
            next = old->next;
            free(old);
        }
        doubt->next = NULL;
    }
}

/* --- recording ------------------------------------------------------------------------------- */

/* Two orders may race for one key. Anything else that the store does not take is a bug. */
static bool makes_something(const struct effects *effects)
{
    bool makes = effects->is_new_account;
    for (uint32_t i = 0; i < effects->change_count; i++) {
        const struct change *change = &effects->changes[i];
        makes = makes || (change->from == 0 &&
                          (change->kind == CHANGE_SUBSCRIPTION || change->kind == CHANGE_CHARGE ||
                           change->kind == CHANGE_REFUND));
    }
    return makes;
}

static void batch_recorded(struct witness *witness)
{
    struct sim *sim = witness->sim;
    if (disk_unsynced(sim->disk, "-wal") != 0) {
        sim_fail(sim, "22: a batch is said to be recorded and is not synced");
    }
    forget_doubts(witness);
    for (uint32_t i = 0; i < witness->batch_count; i++) {
        const struct step_record *step = &witness->batch[i];
        if (step->status != ST_OK) {
            sim_log(sim, "refused: a step of %s (%d)", step->account->agreement.id,
                    (int)step->status);
            if (step->status != ST_CONFLICT || !makes_something(step->effects)) {
                sim_fail(sim, "24: the store does not take a step of %s: %s",
                         step->account->agreement.id, status_name(step->status));
            }
            continue;
        }
        witness->at = step->at;
        rules_check(witness, step->account, step->effects);
        book_take(witness, step->account, step->effects);
        for (uint32_t k = 0; k < step->effects->change_count; k++) {
            const struct change *change = &step->effects->changes[k];
            sim_log(sim, "recorded: %s %d to %d (%d)", change->subject, change->from, change->to,
                    (int)change->reason);
        }
    }
}

static enum status watch_record(struct store *store, struct step_record *steps, uint32_t count,
                                struct problem *problem)
{
    struct witness *witness = witness_of(store);
    witness->batch = steps;
    witness->batch_count = count;
    enum status status = witness->real->record(store, steps, count, problem);
    if (!witness->sim->is_dead) {
        bool was = memory_inside(false);
        if (status == ST_OK) {
            batch_recorded(witness);
        } else {
            sim_log(witness->sim, "not recorded: %u steps: %s", count, problem->text);
            doubt_batch(witness, false);
        }
        (void)memory_inside(was);
        witness->batch = NULL;
    }
    return status;
}

static enum status watch_claim(struct store *store, struct instant now, struct claim *claims,
                               uint32_t claim_count, struct account *accounts,
                               struct problem *problem)
{
    struct witness *witness = witness_of(store);
    enum status status = witness->real->claim(store, now, claims, claim_count, accounts, problem);
    if (!witness->sim->is_dead && status == ST_OK) {
        bool was = memory_inside(false);
        wakes_check(witness, now, claims, claim_count, accounts);
        (void)memory_inside(was);
    }
    return status;
}

static enum status watch_keep_notices(struct store *store, struct notice *notices, uint32_t count,
                                      struct problem *problem)
{
    struct witness *witness = witness_of(store);
    enum status status = witness->real->keep_notices(store, notices, count, problem);
    if (!witness->sim->is_dead && status == ST_OK &&
        disk_unsynced(witness->sim->disk, "-wal") != 0) {
        sim_fail(witness->sim, "22: notices are said to be kept and are not synced");
    }
    return status;
}

/* --- after a restart ------------------------------------------------------------------------- */

static bool load(struct witness *witness, const char *seller_id, const char *id)
{
    struct problem problem;
    return witness->real->load_account(witness->store, seller_id, id, &witness->loaded, &problem) ==
           ST_OK;
}

/* Is what was loaded this step, one version later? */
static bool is_recorded(const struct witness *witness, const struct doubtful *step)
{
    return witness->loaded.agreement.version == step->account.agreement.version + 1 &&
           book_digest(&witness->loaded) == step->digest;
}

static void settle_doubt(struct witness *witness, const struct doubt *doubt)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < doubt->count; i++) {
        const struct doubtful *step = &doubt->steps[i];
        const struct agreement *agreement = &step->account.agreement;
        const struct book_agreement *book = book_agreement(witness, &step->account);
        uint64_t version = book == NULL ? 0 : book->version;
        if (version != agreement->version || !load(witness, agreement->seller_id, agreement->id)) {
            continue;
        }
        if (is_recorded(witness, step)) {
            witness->at = step->at;
            rules_check(witness, &step->account, &step->effects);
            book_take(witness, &step->account, &step->effects);
            found++;
        }
    }
    if (found > 0) {
        sim_log(witness->sim, "%u of %u steps that were in doubt are recorded", found,
                doubt->count);
    }
}

static void look_again(struct witness *witness, const struct book_agreement *book)
{
    const char *id = strchr(book->id, '/') + 1;
    if (!load(witness, book->seller->id, id)) {
        sim_fail(witness->sim, "22: %s was recorded and is not there after a restart", book->id);
    } else if (witness->loaded.agreement.version != book->version) {
        sim_fail(witness->sim,
                 "22: %s has version %" PRIu64 " after a restart, recorded was %" PRIu64, book->id,
                 witness->loaded.agreement.version, book->version);
    } else if (book_digest(&witness->loaded) != book->digest) {
        char difference[300];
        book_difference(&book->latest, &witness->loaded, difference, sizeof difference);
        sim_fail(witness->sim, "22: %s is not after a restart what was recorded: %s", book->id,
                 difference);
    }
}

/* What a seller's policies and stop switches did is told in events of its own, outside of any step.
 * Anything else that is new was recorded behind our back. */
static void look_at_events(struct witness *witness, struct book_seller *seller)
{
    struct change_view view;
    struct problem problem;
    uint32_t count = 1;
    while (count == 1 && witness->sim->failure[0] == '\0') {
        enum status status = witness->real->list_changes(witness->store, seller->id, seller->events,
                                                         1, &view, &count, &problem);
        if (status != ST_OK) {
            sim_fail(witness->sim, "the events cannot be read: %s", problem.text);
            return;
        }
        bool is_of_seller =
            count == 1 && (view.change.kind == CHANGE_POLICY || view.change.kind == CHANGE_STOP);
        if (count == 1 && (!is_of_seller || view.number != seller->events + 1)) {
            sim_fail(witness->sim, "23: %s has an event %" PRIu64 " that nobody recorded",
                     seller->id, view.number);
        } else if (count == 1) {
            book_event(seller, &view.change);
        }
    }
}

static void look_at_all_events(struct witness *witness)
{
    struct sim *sim = witness->sim;
    bool was_inside = sim->is_inside;
    size_t at = 0;
    struct book_seller *seller;
    sim->is_inside = false; /* no fault strikes the witness */
    while ((seller = names_next(&witness->sellers, &at)) != NULL) {
        look_at_events(witness, seller);
    }
    sim->is_inside = was_inside;
}

/* Does the newest event of the books exist? Of a seller of whom nothing was recorded, none must. */
static void look_for_last_event(struct witness *witness, const struct book_seller *seller)
{
    struct change_view view;
    struct problem problem;
    uint32_t count = 0;
    if (seller->events > 0 &&
        (witness->real->list_changes(witness->store, seller->id, seller->events - 1, 1, &view,
                                     &count, &problem) != ST_OK ||
         count != 1 || view.number != seller->events)) {
        sim_fail(witness->sim, "23: %s has lost its event %" PRIu64, seller->id, seller->events);
    }
}

static enum status watch_save_policy(struct store *store, const char *seller_id, const char *name,
                                     const char *text, struct instant at, uint32_t *version,
                                     struct problem *problem)
{
    struct witness *witness = witness_of(store);
    enum status status =
        witness->real->save_policy(store, seller_id, name, text, at, version, problem);
    if (!witness->sim->is_dead && status == ST_OK) {
        bool was = memory_inside(false);
        (void)book_seller(witness, seller_id);
        terms_policy(witness, seller_id, *version, name, text);
        look_at_all_events(witness);
        (void)memory_inside(was);
    }
    return status;
}

static enum status watch_set_stop(struct store *store, const char *seller_id, bool is_on,
                                  enum reason reason, struct instant at, struct instant until,
                                  struct problem *problem)
{
    struct witness *witness = witness_of(store);
    enum status status =
        witness->real->set_stop(store, seller_id, is_on, reason, at, until, problem);
    if (!witness->sim->is_dead && status == ST_OK) {
        bool was = memory_inside(false);
        look_at_all_events(witness);
        (void)memory_inside(was);
    }
    return status;
}

static void watch(struct witness *witness)
{
    size_t at = 0;
    struct book_seller *seller;
    for (const struct doubt *doubt = witness->doubts; doubt != NULL; doubt = doubt->next) {
        settle_doubt(witness, doubt);
    }
    forget_doubts(witness);
    uint64_t recent = witness->recent_count < RECENT_MAX ? witness->recent_count : RECENT_MAX;
    for (uint64_t i = 0; i < recent && witness->sim->failure[0] == '\0'; i++) {
        look_again(witness, witness->recent[i]);
    }
    while ((seller = names_next(&witness->sellers, &at)) != NULL) {
        look_for_last_event(witness, seller);
    }
    look_at_all_events(witness);
}

void witness_watches(struct witness *witness, struct store *store)
{
    struct sim *sim = witness->sim;
    bool was = memory_inside(false);
    struct watch_ops *watching = calloc(1, sizeof *watching);
    ENSURE(watching != NULL);
    watching->ops = *store->ops;
    watching->ops.record = watch_record;
    watching->ops.claim = watch_claim;
    watching->ops.keep_notices = watch_keep_notices;
    watching->ops.save_policy = watch_save_policy;
    watching->ops.set_stop = watch_set_stop;
    watching->witness = witness;
    witness->real = store->ops;
    witness->store = store;
    wakes_begin(witness);
    /* The witness reads what is there: no fault strikes it. */
    bool was_inside = sim->is_inside;
    sim->is_inside = false;
    watch(witness);
    sim->is_inside = was_inside;
    store->ops = &watching->ops;
    witness->watching = &watching->ops;
    (void)memory_inside(was);
}

void witness_leaves(struct witness *witness)
{
    if (witness->store != NULL) {
        bool was = memory_inside(false);
        witness->store->ops = witness->real;
        witness->store = NULL;
        free(witness->watching);
        witness->watching = NULL;
        (void)memory_inside(was);
    }
}

void witness_dies(struct witness *witness)
{
    if (witness->batch != NULL) {
        doubt_batch(witness, true);
        witness->batch = NULL;
    }
}

struct witness *witness_new(struct sim *sim)
{
    struct witness *witness = calloc(1, sizeof *witness);
    ENSURE(witness != NULL);
    witness->sim = sim;
    return witness;
}

void witness_free(struct witness *witness)
{
    forget_doubts(witness);
    names_free(&witness->agreements);
    names_free(&witness->subscriptions);
    names_free(&witness->charges);
    names_free(&witness->attempts);
    names_free(&witness->sellers);
    names_free(&witness->acknowledged);
    names_free(&witness->authorizations);
    names_free(&witness->policies);
    free(witness);
}
