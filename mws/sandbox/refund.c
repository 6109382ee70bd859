/*
 * refund.c - see refund.h.
 */
#include "mws/sandbox/refund.h"

#include <stdio.h>
#include <string.h>

#include "billing/ensure.h"
#include "mws/sandbox/order.h"
#include "mws/sandbox/payment.h"
#include "mws/sandbox/tell.h"

size_t capture_refunds(const struct capture *capture, int64_t *units)
{
    size_t count = 0;

    *units = 0;
    for (const struct refund *r = capture->first; r != NULL; r = r->next_in_capture) {
        if (r->t.state != MWS_STATE_DECLINED) {
            *units += r->t.units;
            count++;
        }
    }
    return count;
}

int64_t capture_reversible(const struct capture *capture, const char *provider)
{
    int64_t units = 0;

    for (const struct credit *c = capture->first_credit; c != NULL; c = c->next_in_capture) {
        units += strcmp(c->provider, provider) == 0 ? c->t.units - c->reversed_units : 0;
    }
    for (const struct refund *r = capture->first; r != NULL; r = r->next_in_capture) {
        if (r->t.state == MWS_STATE_PENDING) {
            units -= shares_of(r->shares.items, r->shares.count, provider);
        }
    }
    return units;
}

int64_t credit_left(const struct credit *credit)
{
    int64_t own = credit->t.units - credit->reversed_units;
    int64_t all = capture_reversible(credit->capture, credit->provider);

    return own < all ? own : all;
}

/* --- linking ---------------------------------------------------------------------------------- */

void refund_link(struct refund *r)
{
    struct capture *capture = r->capture;

    *(capture->last != NULL ? &capture->last->next_in_capture : &capture->first) = r;
    capture->last = r;
}

void credit_link(struct credit *c)
{
    struct capture *capture = c->capture;

    *(capture->last_credit != NULL ? &capture->last_credit->next_in_capture
                                   : &capture->first_credit) = c;
    capture->last_credit = c;
}

void reversal_link(struct reversal *r)
{
    struct credit *credit = r->credit;

    *(credit->last != NULL ? &credit->last->next_in_credit : &credit->first) = r;
    credit->last = r;
    credit->reversed_units += r->t.units;
    if (r->refund != NULL) {
        struct refund *refund = r->refund;
        *(refund->last != NULL ? &refund->last->next_in_refund : &refund->first) = r;
        refund->last = r;
    }
}

/* --- refunds and reversals -------------------------------------------------------------------- */

static size_t completed_refunds(const struct capture *capture)
{
    size_t count = 0;

    for (const struct refund *r = capture->first; r != NULL; r = r->next_in_capture) {
        count += r->t.state == MWS_STATE_COMPLETED;
    }
    return count;
}

static struct reversal *add_reversal(struct world *world, struct credit *credit,
                                     struct refund *refund, const struct wish *wish,
                                     struct instant at)
{
    struct reversal *reversal =
        transaction_new(sizeof *reversal, TRANSACTION_REVERSAL, credit->t.order, wish, at);

    ENSURE(credit->t.state == MWS_STATE_OPEN);
    reversal->credit = credit;
    reversal->refund = refund;
    reversal->t.state = MWS_STATE_COMPLETED;
    world_add_transaction(world, &reversal->t);
    payment_link(world, &reversal->t);
    return reversal;
}

static void tell_reversal(struct world *world, const struct reversal *reversal, struct instant at)
{
    struct credit *credit = reversal->credit;

    tell_transaction(world, &reversal->t);
    if (credit->t.state == MWS_STATE_OPEN && credit->reversed_units >= credit->t.units) {
        transaction_move(world, &credit->t, MWS_STATE_CLOSED, MWS_REASON_MAX_AMOUNT_REVERSED, at);
    }
}

/* Takes a share of a refund back from its provider's credits, the oldest first. */
static void reverse_share(struct world *world, struct refund *refund, const struct share *share,
                          struct instant at)
{
    int64_t rest = share->units;

    for (struct credit *c = refund->capture->first_credit; c != NULL; c = c->next_in_capture) {
        int64_t left = c->t.units - c->reversed_units;
        const struct wish wish = {.target = c->t.id,
                                  .reference = refund->t.reference,
                                  .currency = c->t.currency,
                                  .units = left < rest ? left : rest};
        if (wish.units > 0 && strcmp(c->provider, share->provider) == 0) {
            (void)add_reversal(world, c, refund, &wish, at);
            rest -= wish.units;
        }
    }
}

/* The reversals exist before the refund is told: it shows them. */
static void complete_refund(struct world *world, struct refund *refund, struct instant at)
{
    for (size_t i = 0; i < refund->shares.count; i++) {
        reverse_share(world, refund, &refund->shares.items[i], at);
    }
    transaction_move(world, &refund->t, MWS_STATE_COMPLETED, refund->t.fate.reason, at);
    for (const struct reversal *r = refund->first; r != NULL; r = r->next_in_refund) {
        tell_reversal(world, r, at);
    }
    world_count_refund(world, refund);
}

void refund_settle(struct world *world, struct refund *refund, struct instant at)
{
    struct capture *capture = refund->capture;
    int64_t most = capture->t.units + overage(capture->t.units, capture->t.currency);

    if (refund->t.fate.state == MWS_STATE_DECLINED) {
        transaction_move(world, &refund->t, MWS_STATE_DECLINED, refund->t.fate.reason, at);
        return;
    }
    complete_refund(world, refund, at);
    if (world->rules.month_releases == RELEASE_REFUNDED) {
        authorization_release(capture->authorization, refund->t.units);
    }
    if (capture->t.state == MWS_STATE_COMPLETED && capture->refunded_units >= most) {
        transaction_move(world, &capture->t, MWS_STATE_CLOSED, MWS_REASON_MAX_AMOUNT_REFUNDED, at);
    } else if (capture->t.state == MWS_STATE_COMPLETED &&
               completed_refunds(capture) >= REFUNDS_MAX) {
        transaction_move(world, &capture->t, MWS_STATE_CLOSED, MWS_REASON_MAX_REFUNDS_PROCESSED,
                         at);
    }
}

struct refund *payment_refund(struct world *world, struct capture *capture, const struct wish *wish,
                              struct instant now)
{
    struct refund *refund =
        transaction_new(sizeof *refund, TRANSACTION_REFUND, capture->t.order, wish, now);

    ENSURE(capture->t.state == MWS_STATE_COMPLETED);
    refund->capture = capture;
    refund->type = MWS_REFUND_TYPE_SELLER_INITIATED;
    shares_set(&refund->shares, wish);
    refund->t.fate = transaction_fate(&refund->t);
    refund->t.settles_at = instant_plus(now, world->rules.pending_ms);
    world_add_transaction(world, &refund->t);
    payment_link(world, &refund->t);
    return refund;
}

struct refund *payment_refund_by_amazon(struct world *world, struct capture *capture,
                                        enum mws_refund_type type, const struct wish *wish,
                                        struct instant now)
{
    struct refund *refund =
        transaction_new(sizeof *refund, TRANSACTION_REFUND, capture->t.order, wish, now);

    ENSURE(capture->t.state == MWS_STATE_COMPLETED);
    refund->capture = capture;
    refund->type = type;
    world_add_transaction(world, &refund->t);
    (void)snprintf(refund->t.reference, sizeof refund->t.reference, "%.32s", refund->t.id);
    refund_link(refund);
    refund_settle(world, refund, now);
    return refund;
}

struct reversal *payment_reverse(struct world *world, struct credit *credit,
                                 const struct wish *wish, struct instant now)
{
    struct reversal *reversal = add_reversal(world, credit, NULL, wish, now);

    tell_reversal(world, reversal, now);
    return reversal;
}
