/*
 * transaction.c - see transaction.h.
 */
#include "mws/sandbox/transaction.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "mws/sandbox/tell.h"

void *transaction_new(size_t bytes, enum transaction_kind kind, struct order *order,
                      const struct wish *wish, struct instant now)
{
    struct transaction *t = calloc(1, bytes);

    ENSURE(t != NULL);
    t->kind = kind;
    t->order = order;
    t->target = wish->target;
    (void)snprintf(t->reference, sizeof t->reference, "%s", wish->reference);
    text_replace(&t->asked, wish->asked);
    text_replace(&t->note, wish->note);
    text_replace(&t->soft_descriptor, wish->soft_descriptor);
    t->currency = wish->currency;
    t->units = wish->units;
    t->fate = wish->fate;
    t->state = MWS_STATE_PENDING;
    t->created_at = now;
    t->updated_at = now;
    t->settles_at = now;
    return t;
}

void transaction_move(struct world *world, struct transaction *t, enum mws_state state,
                      enum mws_reason reason, struct instant at)
{
    t->state = state;
    t->reason = reason;
    t->updated_at = at;
    world->changed = true;
    tell_transaction(world, t);
}

void shares_set(struct shares *shares, const struct wish *wish)
{
    if (wish->share_count > 0) {
        free(shares->items);
        shares->items = calloc(wish->share_count, sizeof *shares->items);
        ENSURE(shares->items != NULL);
        memcpy(shares->items, wish->shares, wish->share_count * sizeof *shares->items);
        shares->count = wish->share_count;
    }
}

int64_t shares_of(const struct share *shares, size_t count, const char *provider)
{
    int64_t units = 0;

    for (size_t i = 0; i < count; i++) {
        units += strcmp(shares[i].provider, provider) == 0 ? shares[i].units : 0;
    }
    return units;
}

static bool take_decline(struct decline_order *order, struct fate *fate)
{
    if (order->count <= 0) {
        return false;
    }
    order->count--;
    *fate =
        (struct fate){.state = MWS_STATE_DECLINED, .reason = order->reason, .soft = order->soft};
    return true;
}

struct fate transaction_fate(struct transaction *t)
{
    struct order *order = t->order;
    struct agreement *agreement = order->agreement;
    bool authorizes = t->kind == TRANSACTION_AUTHORIZATION;
    struct fate fate = t->fate;

    if (fate.state != MWS_STATE_UNKNOWN || take_decline(&order->decline[t->kind], &fate) ||
        !authorizes || (agreement != NULL && take_decline(&agreement->decline, &fate))) {
        return fate;
    }
    if (!order->payment_method_valid || (agreement != NULL && !agreement->payment_method_valid)) {
        fate =
            (struct fate){.state = MWS_STATE_DECLINED, .reason = MWS_REASON_INVALID_PAYMENT_METHOD};
    }
    return fate;
}
