/*
 * nth_store.c - see nth.h. Between the daemon and its store: each operation may be refused, or be
 * done and never answered. What the witness looks up for itself is not asked about.
 */
#include <stdio.h>

#include "billing/ensure.h"
#include "schema/store.h"
#include "tests/sim/nth.h"

static enum nth_kind ask(void)
{
    return nth_here()->sim->is_inside ? nth_asks(NTH_STORES) : NTH_NOTHING;
}

static bool is_refused(enum nth_kind kind)
{
    return kind == NTH_STORE_REFUSES || kind == NTH_STORE_FULL;
}

static enum status refuse(enum nth_kind kind, struct problem *problem)
{
    (void)snprintf(problem->text, sizeof problem->text, "the Nth operation of the store");
    return kind == NTH_STORE_FULL ? ST_FULL : ST_STORE;
}

/* What was done is on the disk; who asked for it dies before hearing so. */
static enum status answer(enum nth_kind kind, enum status status)
{
    struct sim *sim = nth_here()->sim;
    sim->is_dead = sim->is_dead || kind == NTH_STORE_SILENT;
    return status;
}

#define WATCHED(operation, parameters, arguments)                                                  \
    static enum status watched_##operation parameters                                              \
    {                                                                                              \
        enum nth_kind kind = ask();                                                                \
        return is_refused(kind) ? refuse(kind, problem)                                            \
                                : answer(kind, nth_here()->store_ops->operation arguments);        \
    }

WATCHED(start, (struct store * store, struct instant now, uint64_t *count, struct problem *problem),
        (store, now, count, problem))
WATCHED(claim,
        (struct store * store, struct instant now, struct claim *claims, uint32_t claim_count,
         struct account *accounts, struct problem *problem),
        (store, now, claims, claim_count, accounts, problem))
WATCHED(load_account,
        (struct store * store, const char *seller_id, const char *agreement_id,
         struct account *account, struct problem *problem),
        (store, seller_id, agreement_id, account, problem))
WATCHED(record,
        (struct store * store, struct step_record *steps, uint32_t count, struct problem *problem),
        (store, steps, count, problem))
WATCHED(find_subscription,
        (struct store * store, const char *seller_id, const char *idempotency_key,
         struct subscription_view *view, struct problem *problem),
        (store, seller_id, idempotency_key, view, problem))
WATCHED(find_refund,
        (struct store * store, const char *seller_id, const char *idempotency_key,
         struct refund_view *view, struct problem *problem),
        (store, seller_id, idempotency_key, view, problem))
WATCHED(read_subscription,
        (struct store * store, const char *seller_id, const char *key,
         struct subscription_view *view, struct problem *problem),
        (store, seller_id, key, view, problem))
WATCHED(read_charge,
        (struct store * store, const char *seller_id, const char *charge_id,
         struct charge_view *view, struct attempt *attempts, uint32_t max, uint32_t *count,
         struct problem *problem),
        (store, seller_id, charge_id, view, attempts, max, count, problem))
WATCHED(list_charges,
        (struct store * store, const char *seller_id, const char *agreement_id,
         const char *subscription_key, enum charge_state state, struct page page,
         struct charge_view *views, uint32_t *count, struct problem *problem),
        (store, seller_id, agreement_id, subscription_key, state, page, views, count, problem))
WATCHED(list_refunds,
        (struct store * store, const char *seller_id, const char *charge_id, struct page page,
         struct refund_view *views, uint32_t *count, struct problem *problem),
        (store, seller_id, charge_id, page, views, count, problem))
WATCHED(last_step,
        (struct store * store, const char *seller_id, struct instant *at, struct problem *problem),
        (store, seller_id, at, problem))
WATCHED(keep_notices,
        (struct store * store, struct notice *notices, uint32_t count, struct problem *problem),
        (store, notices, count, problem))
WATCHED(open_notices,
        (struct store * store, uint64_t after, uint32_t max, struct notice_work *works,
         uint32_t *count, struct problem *problem),
        (store, after, max, works, count, problem))
WATCHED(end_notices,
        (struct store * store, const uint64_t *numbers, uint32_t count,
         struct instant forget_before, struct problem *problem),
        (store, numbers, count, forget_before, problem))
WATCHED(save_policy,
        (struct store * store, const char *seller_id, const char *name, const char *text,
         struct instant at, uint32_t *version, struct problem *problem),
        (store, seller_id, name, text, at, version, problem))
WATCHED(list_policies,
        (struct store * store, const char *seller_id, uint32_t after, uint32_t max,
         struct policy_view *views, uint32_t *count, struct problem *problem),
        (store, seller_id, after, max, views, count, problem))
WATCHED(list_stops,
        (struct store * store, struct stop_view *views, uint32_t max, uint32_t *count,
         struct problem *problem),
        (store, views, max, count, problem))
WATCHED(wake_waiting,
        (struct store * store, const char *seller_id, enum reason reason, struct instant now,
         uint64_t *count, struct problem *problem),
        (store, seller_id, reason, now, count, problem))
WATCHED(last_write, (struct store * store, struct instant *at, struct problem *problem),
        (store, at, problem))
WATCHED(probe, (struct store * store, struct instant now, struct problem *problem),
        (store, now, problem))

static void watched_close(struct store *store)
{
    store->ops = nth_here()->store_ops;
    store->ops->close(store);
}

/* Operations that no life here needs (stop switches, other lists) go to the store itself. */
void nth_watches(struct store *store)
{
    struct nth *nth = nth_here();
    nth->store_ops = store->ops;
    nth->watched_ops = *store->ops;
    nth->watched_ops.close = watched_close;
    nth->watched_ops.start = watched_start;
    nth->watched_ops.claim = watched_claim;
    nth->watched_ops.load_account = watched_load_account;
    nth->watched_ops.record = watched_record;
    nth->watched_ops.find_subscription = watched_find_subscription;
    nth->watched_ops.find_refund = watched_find_refund;
    nth->watched_ops.read_subscription = watched_read_subscription;
    nth->watched_ops.read_charge = watched_read_charge;
    nth->watched_ops.list_charges = watched_list_charges;
    nth->watched_ops.list_refunds = watched_list_refunds;
    nth->watched_ops.last_step = watched_last_step;
    nth->watched_ops.keep_notices = watched_keep_notices;
    nth->watched_ops.open_notices = watched_open_notices;
    nth->watched_ops.end_notices = watched_end_notices;
    nth->watched_ops.save_policy = watched_save_policy;
    nth->watched_ops.list_policies = watched_list_policies;
    nth->watched_ops.list_stops = watched_list_stops;
    nth->watched_ops.wake_waiting = watched_wake_waiting;
    nth->watched_ops.last_write = watched_last_write;
    nth->watched_ops.probe = watched_probe;
    store->ops = &nth->watched_ops;
}
