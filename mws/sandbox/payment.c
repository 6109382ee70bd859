/*
 * payment.c - see payment.h.
 */
#include "mws/sandbox/payment.h"

#include <string.h>

#include "billing/ensure.h"
#include "mws/sandbox/agreement.h"
#include "mws/sandbox/order.h"
#include "mws/sandbox/refund.h"
#include "mws/sandbox/tell.h"

#define MINUTE_MS   60000LL
#define DAY_MS      86400000LL
#define REALTIME_MS 604800000LL /* 7 days: captures are final at once */
#define SHOWN_DAYS  30

bool authorization_is_alive(const struct authorization *authorization)
{
    return authorization->t.state == MWS_STATE_PENDING || authorization->t.state == MWS_STATE_OPEN;
}

bool capture_stands(const struct capture *capture)
{
    return capture != NULL && capture->t.state != MWS_STATE_DECLINED;
}

struct instant authorization_expiration(const struct authorization *authorization)
{
    const struct transaction *t = &authorization->t;

    return t->order->seller->rules->expiration_shown == EXPIRATION_30_DAYS
               ? instant_plus(t->created_at, SHOWN_DAYS * DAY_MS)
               : authorization->expires_at;
}

void authorization_release(const struct authorization *authorization, int64_t units)
{
    const struct transaction *t = &authorization->t;
    struct agreement *agreement = t->order->agreement;
    int64_t rule = t->order->seller->rules->month_releases;
    bool is_free =
        rule == RELEASE_DECLINED ? t->state == MWS_STATE_DECLINED : rule != RELEASE_NOTHING;

    if (agreement != NULL && units > 0 && is_free) {
        agreement_authorize(agreement, agreement_month(agreement, t->created_at), -units);
    }
}

void authorization_close(struct world *world, struct authorization *authorization,
                         enum mws_reason reason, struct instant at)
{
    ENSURE(authorization_is_alive(authorization));
    transaction_move(world, &authorization->t, MWS_STATE_CLOSED, reason, at);
    authorization_release(authorization, authorization->t.units);
}

/* --- linking --------------------------------------------------------------------------------- */

static void link_authorization(struct world *world, struct authorization *a)
{
    struct order *order = a->t.order;

    *(order->last != NULL ? &order->last->next_in_order : &order->first) = a;
    order->last = a;
    if (a->t.state == MWS_STATE_OPEN) {
        agenda_add(&world->agenda, a->expires_at, AGENDA_TRANSACTION, a);
    }
}

void payment_link(struct world *world, struct transaction *t)
{
    switch (t->kind) {
    case TRANSACTION_AUTHORIZATION:
        link_authorization(world, (struct authorization *)t);
        break;
    case TRANSACTION_CAPTURE:
        ((struct capture *)t)->authorization->capture = (struct capture *)t;
        break;
    case TRANSACTION_REFUND:
        refund_link((struct refund *)t);
        break;
    case TRANSACTION_CREDIT:
        credit_link((struct credit *)t);
        break;
    case TRANSACTION_REVERSAL:
        reversal_link((struct reversal *)t);
        break;
    case TRANSACTION_KINDS:
        break;
    }
    if (t->state == MWS_STATE_PENDING) {
        agenda_add(&world->agenda, t->settles_at, AGENDA_TRANSACTION, t);
    }
}

/* --- looking unusual -------------------------------------------------------------------------- */

/* Has the control API told it to look unusual? */
static bool choose_atypical(struct order *order)
{
    struct agreement *agreement = order->agreement;
    int64_t *count = order->atypical_count > 0 || agreement == NULL ? &order->atypical_count
                                                                    : &agreement->atypical_count;
    bool atypical = *count > 0;

    *count -= atypical;
    return atypical;
}

/* The reason of an authorization or a capture of it while all is well. */
static enum mws_reason usual_reason(const struct authorization *authorization)
{
    return authorization->atypical ? MWS_REASON_STOP_SHIPMENT_ATYPICAL_AUTH : MWS_REASON_UNKNOWN;
}

/* --- captures -------------------------------------------------------------------------------- */

static void add_credits(struct world *world, struct capture *capture, struct instant at)
{
    const struct shares *shares = &capture->authorization->shares;

    for (size_t i = 0; i < shares->count; i++) {
        const struct wish wish = {.target = capture->t.id,
                                  .reference = capture->t.reference,
                                  .currency = capture->t.currency,
                                  .units = shares->items[i].units};
        struct credit *credit =
            transaction_new(sizeof *credit, TRANSACTION_CREDIT, capture->t.order, &wish, at);
        memcpy(credit->provider, shares->items[i].provider, sizeof credit->provider);
        credit->capture = capture;
        credit->t.state = MWS_STATE_OPEN;
        world_add_transaction(world, &credit->t);
        payment_link(world, &credit->t);
    }
}

static void tell_credits(struct world *world, const struct capture *capture)
{
    for (const struct credit *c = capture->first_credit; c != NULL; c = c->next_in_capture) {
        tell_transaction(world, &c->t);
    }
}

static void settle_capture(struct world *world, struct capture *capture, struct instant at)
{
    const struct fate *fate = &capture->t.fate;

    if (fate->state == MWS_STATE_DECLINED) {
        transaction_move(world, &capture->t, MWS_STATE_DECLINED, fate->reason, at);
        if (!authorization_is_alive(capture->authorization)) {
            authorization_release(capture->authorization, capture->t.units);
        }
        return;
    }
    add_credits(world, capture, at);
    transaction_move(world, &capture->t, MWS_STATE_COMPLETED, usual_reason(capture->authorization),
                     at);
    tell_credits(world, capture);
    if (fate->state == MWS_STATE_CLOSED) {
        transaction_move(world, &capture->t, MWS_STATE_CLOSED, fate->reason, at);
    }
    world_count_capture(world, capture);
    order_check_full(world, capture->t.order, at);
}

/* The authorization has done its work; what was not captured is free again. */
static void use_up(struct world *world, struct authorization *authorization, int64_t units,
                   struct instant at)
{
    transaction_move(world, &authorization->t, MWS_STATE_CLOSED, MWS_REASON_MAX_CAPTURES_PROCESSED,
                     at);
    authorization_release(authorization, authorization->t.units - units);
}

struct capture *payment_capture(struct world *world, struct authorization *authorization,
                                const struct wish *wish, struct instant now)
{
    struct capture *capture =
        transaction_new(sizeof *capture, TRANSACTION_CAPTURE, authorization->t.order, wish, now);
    bool late = instant_before(instant_plus(authorization->t.created_at, REALTIME_MS), now);

    ENSURE(authorization->t.state == MWS_STATE_OPEN);
    shares_set(&authorization->shares, wish);
    capture->authorization = authorization;
    capture->t.reason = usual_reason(authorization);
    capture->t.fate = transaction_fate(&capture->t);
    if (late || wish->fate.state == MWS_STATE_PENDING) {
        capture->t.settles_at = instant_plus(now, world->rules.pending_ms);
    }
    world_add_transaction(world, &capture->t);
    authorization->capture = capture;
    if (late || capture->t.fate.state != MWS_STATE_DECLINED) {
        use_up(world, authorization, capture->t.units, now);
    }
    if (capture->t.settles_at.utc_ms == now.utc_ms) {
        settle_capture(world, capture, now);
    }
    payment_link(world, &capture->t);
    if (capture->t.state == MWS_STATE_DECLINED && authorization_is_alive(authorization) &&
        world->rules.declined_capture == DECLINED_CAPTURE_CLOSES) {
        authorization_close(world, authorization, MWS_REASON_AMAZON_CLOSED, now);
    }
    return capture;
}

/* CaptureNow: the capture has the authorization's reference and digits. */
static void capture_now(struct world *world, struct authorization *authorization, struct instant at)
{
    const struct wish wish = {.target = authorization->t.id,
                              .reference = authorization->t.reference,
                              .soft_descriptor = authorization->t.soft_descriptor,
                              .currency = authorization->t.currency,
                              .units = authorization->t.units};
    struct capture *capture =
        transaction_new(sizeof *capture, TRANSACTION_CAPTURE, authorization->t.order, &wish, at);
    char *letter;

    memcpy(capture->t.id, authorization->t.id, sizeof capture->t.id);
    letter = strrchr(capture->t.id, '-');
    ENSURE(letter != NULL);
    letter[1] = 'C';
    capture->authorization = authorization;
    world_add_transaction(world, &capture->t);
    authorization->capture = capture;
    use_up(world, authorization, capture->t.units, at);
    settle_capture(world, capture, at);
    payment_link(world, &capture->t);
}

/* --- authorizations -------------------------------------------------------------------------- */

/* After a hard decline order and agreement wait for the buyer. Amazon's sandbox mends the method by
 * itself only after an asynchronous authorization. */
static void suspend(struct world *world, const struct authorization *authorization,
                    struct instant at)
{
    struct order *order = authorization->t.order;
    struct agreement *agreement = order->agreement;
    int64_t minutes = authorization->sync ? 0 : authorization->t.fate.reopen_minutes;
    struct instant reopen_at = minutes > 0 ? instant_plus(at, minutes * MINUTE_MS) : INSTANT_NEVER;

    if (order->state == MWS_STATE_OPEN) {
        order_move(world, order, MWS_STATE_SUSPENDED, MWS_REASON_INVALID_PAYMENT_METHOD, at);
        order_suspend_until(world, order, reopen_at);
    }
    if (agreement != NULL && agreement->state == MWS_STATE_OPEN) {
        agreement_move(world, agreement, MWS_STATE_SUSPENDED, MWS_REASON_INVALID_PAYMENT_METHOD,
                       at);
        agreement->payment_method_valid = false; /* until the buyer has mended it */
        agreement_suspend_until(world, agreement, reopen_at);
    }
}

static void decline(struct world *world, struct authorization *authorization, struct instant at)
{
    const struct fate *fate = &authorization->t.fate;
    struct order *order = authorization->t.order;
    bool invalid_method = fate->reason == MWS_REASON_INVALID_PAYMENT_METHOD;

    transaction_move(world, &authorization->t, MWS_STATE_DECLINED, fate->reason, at);
    authorization->soft_decline = invalid_method && fate->soft;
    authorization_release(authorization, authorization->t.units);
    world->totals.declined++;
    if (invalid_method && (!fate->soft || world->rules.soft_decline == SOFT_SUSPENDS)) {
        suspend(world, authorization, at);
    }
    if (fate->reason == MWS_REASON_AMAZON_REJECTED && order_is_alive(order)) {
        bool has_reason = world->rules.rejected_order == REJECTED_AMAZON_CLOSED;
        order_move(world, order, MWS_STATE_CLOSED, has_reason ? MWS_REASON_AMAZON_CLOSED : 0, at);
    }
}

/* The answer of the bank has come. */
static void settle_authorization(struct world *world, struct authorization *authorization,
                                 struct instant at)
{
    const struct fate *fate = &authorization->t.fate;

    if (fate->state == MWS_STATE_DECLINED) {
        decline(world, authorization, at);
    } else if (fate->state == MWS_STATE_CLOSED && fate->reason != MWS_REASON_EXPIRED_UNUSED) {
        authorization_close(world, authorization, fate->reason, at);
    } else if (authorization->capture_now) {
        capture_now(world, authorization, at);
    } else {
        transaction_move(world, &authorization->t, MWS_STATE_OPEN, usual_reason(authorization), at);
        if (fate->state == MWS_STATE_CLOSED) {
            int minutes = fate->expire_minutes > 0 ? fate->expire_minutes : 1;
            authorization->expires_at = instant_plus(at, minutes * MINUTE_MS);
        }
        agenda_add(&world->agenda, authorization->expires_at, AGENDA_TRANSACTION, authorization);
    }
}

/* Amazon decides in pending_ms; when the seller does not wait that long, it times out. */
static void plan_answer(const struct world *world, struct authorization *authorization,
                        int64_t timeout_minutes)
{
    int64_t wait_ms = world->rules.pending_ms;

    if (wait_ms > timeout_minutes * MINUTE_MS) {
        wait_ms = timeout_minutes * MINUTE_MS;
        authorization->t.fate =
            (struct fate){.state = MWS_STATE_DECLINED, .reason = MWS_REASON_TRANSACTION_TIMED_OUT};
    }
    authorization->t.settles_at = instant_plus(authorization->t.created_at, wait_ms);
}

struct authorization *payment_authorize(struct world *world, struct order *order,
                                        const struct wish *wish, struct instant now)
{
    struct authorization *authorization =
        transaction_new(sizeof *authorization, TRANSACTION_AUTHORIZATION, order, wish, now);

    authorization->sync = wish->timeout_minutes == 0;
    authorization->capture_now = wish->capture_now;
    authorization->expires_at = instant_plus(now, world->rules.authorization_days * DAY_MS);
    shares_set(&authorization->shares, wish);
    authorization->t.fate = transaction_fate(&authorization->t);
    authorization->atypical = choose_atypical(order);
    authorization->t.reason = usual_reason(authorization);
    world_add_transaction(world, &authorization->t);
    if (order->agreement != NULL) {
        agreement_authorize(order->agreement, agreement_month(order->agreement, now), wish->units);
    }
    link_authorization(world, authorization);
    if (authorization->sync) {
        settle_authorization(world, authorization, now);
    } else {
        plan_answer(world, authorization, wish->timeout_minutes);
        agenda_add(&world->agenda, authorization->t.settles_at, AGENDA_TRANSACTION, authorization);
    }
    return authorization;
}

/* --- time passes ----------------------------------------------------------------------------- */

static void wake_transaction(struct world *world, struct transaction *t, struct instant at)
{
    struct authorization *authorization = (struct authorization *)t;
    bool settles = t->state == MWS_STATE_PENDING && instant_reached(t->settles_at, at);

    if (settles && t->kind == TRANSACTION_AUTHORIZATION) {
        settle_authorization(world, authorization, at);
    } else if (settles && t->kind == TRANSACTION_CAPTURE) {
        settle_capture(world, (struct capture *)t, at);
    } else if (settles && t->kind == TRANSACTION_REFUND) {
        refund_settle(world, (struct refund *)t, at);
    } else if (t->kind == TRANSACTION_AUTHORIZATION && t->state == MWS_STATE_OPEN &&
               instant_reached(authorization->expires_at, at)) {
        authorization_close(world, authorization, MWS_REASON_EXPIRED_UNUSED, at);
    }
}

void world_advance(struct world *world, struct instant now)
{
    struct agenda_entry entry;

    while (agenda_take(&world->agenda, now, &entry)) {
        switch (entry.kind) {
        case AGENDA_AGREEMENT:
            agreement_wake(world, entry.object, entry.at);
            break;
        case AGENDA_ORDER:
            order_wake(world, entry.object, entry.at);
            break;
        case AGENDA_TRANSACTION:
            wake_transaction(world, entry.object, entry.at);
            break;
        }
    }
}
