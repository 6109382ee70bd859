/*
 * payment.c - see payment.h.
 */
#include "mws/sandbox/payment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "mws/sandbox/agreement.h"
#include "mws/sandbox/order.h"
#include "mws/sandbox/tell.h"

#define MINUTE_MS   60000LL
#define DAY_MS      86400000LL
#define REALTIME_MS 604800000LL /* 7 days: captures are final at once */
#define SHOWN_DAYS  30

static void move(struct world *world, struct transaction *t, enum mws_state state,
                 enum mws_reason reason, struct instant at)
{
    t->state = state;
    t->reason = reason;
    t->updated_at = at;
    world->changed = true;
    tell_transaction(world, t);
}

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

int64_t shares_of(const struct share *shares, size_t count, const char *provider)
{
    int64_t units = 0;

    for (size_t i = 0; i < count; i++) {
        units += strcmp(shares[i].provider, provider) == 0 ? shares[i].units : 0;
    }
    return units;
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

/* Gives the month of the authorization back what is not going to be charged, or was refunded. */
static void release(const struct authorization *authorization, int64_t units)
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
    move(world, &authorization->t, MWS_STATE_CLOSED, reason, at);
    release(authorization, authorization->t.units);
}

/* --- making and linking ---------------------------------------------------------------------- */

static void *new_transaction(size_t bytes, enum transaction_kind kind, struct order *order,
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

static void link_authorization(struct world *world, struct authorization *a)
{
    struct order *order = a->t.order;

    *(order->last != NULL ? &order->last->next_in_order : &order->first) = a;
    order->last = a;
    if (a->t.state == MWS_STATE_OPEN) {
        agenda_add(&world->agenda, a->expires_at, AGENDA_TRANSACTION, a);
    }
}

static void link_refund(struct refund *r)
{
    struct capture *capture = r->capture;

    *(capture->last != NULL ? &capture->last->next_in_capture : &capture->first) = r;
    capture->last = r;
}

static void link_credit(struct credit *c)
{
    struct capture *capture = c->capture;

    *(capture->last_credit != NULL ? &capture->last_credit->next_in_capture
                                   : &capture->first_credit) = c;
    capture->last_credit = c;
}

static void link_reversal(struct reversal *r)
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
        link_refund((struct refund *)t);
        break;
    case TRANSACTION_CREDIT:
        link_credit((struct credit *)t);
        break;
    case TRANSACTION_REVERSAL:
        link_reversal((struct reversal *)t);
        break;
    case TRANSACTION_KINDS:
        break;
    }
    if (t->state == MWS_STATE_PENDING) {
        agenda_add(&world->agenda, t->settles_at, AGENDA_TRANSACTION, t);
    }
}

/* --- what is going to become of it ----------------------------------------------------------- */

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

static struct fate choose_fate(struct transaction *t)
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
            new_transaction(sizeof *credit, TRANSACTION_CREDIT, capture->t.order, &wish, at);
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
        move(world, &capture->t, MWS_STATE_DECLINED, fate->reason, at);
        if (!authorization_is_alive(capture->authorization)) {
            release(capture->authorization, capture->t.units);
        }
        return;
    }
    add_credits(world, capture, at);
    move(world, &capture->t, MWS_STATE_COMPLETED, usual_reason(capture->authorization), at);
    tell_credits(world, capture);
    if (fate->state == MWS_STATE_CLOSED) {
        move(world, &capture->t, MWS_STATE_CLOSED, fate->reason, at);
    }
    world_count_capture(world, capture);
    order_check_full(world, capture->t.order, at);
}

/* The authorization has done its work; what was not captured is free again. */
static void use_up(struct world *world, struct authorization *authorization, int64_t units,
                   struct instant at)
{
    move(world, &authorization->t, MWS_STATE_CLOSED, MWS_REASON_MAX_CAPTURES_PROCESSED, at);
    release(authorization, authorization->t.units - units);
}

static void set_shares(struct shares *shares, const struct wish *wish)
{
    if (wish->share_count > 0) {
        free(shares->items);
        shares->items = calloc(wish->share_count, sizeof *shares->items);
        ENSURE(shares->items != NULL);
        memcpy(shares->items, wish->shares, wish->share_count * sizeof *shares->items);
        shares->count = wish->share_count;
    }
}

struct capture *payment_capture(struct world *world, struct authorization *authorization,
                                const struct wish *wish, struct instant now)
{
    struct capture *capture =
        new_transaction(sizeof *capture, TRANSACTION_CAPTURE, authorization->t.order, wish, now);
    bool late = instant_before(instant_plus(authorization->t.created_at, REALTIME_MS), now);

    ENSURE(authorization->t.state == MWS_STATE_OPEN);
    set_shares(&authorization->shares, wish);
    capture->authorization = authorization;
    capture->t.reason = usual_reason(authorization);
    capture->t.fate = choose_fate(&capture->t);
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
        new_transaction(sizeof *capture, TRANSACTION_CAPTURE, authorization->t.order, &wish, at);
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
        agreement_suspend_until(world, agreement, reopen_at);
    }
}

static void decline(struct world *world, struct authorization *authorization, struct instant at)
{
    const struct fate *fate = &authorization->t.fate;
    struct order *order = authorization->t.order;
    bool invalid_method = fate->reason == MWS_REASON_INVALID_PAYMENT_METHOD;

    move(world, &authorization->t, MWS_STATE_DECLINED, fate->reason, at);
    authorization->soft_decline = invalid_method && fate->soft;
    release(authorization, authorization->t.units);
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
        move(world, &authorization->t, MWS_STATE_OPEN, usual_reason(authorization), at);
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
        new_transaction(sizeof *authorization, TRANSACTION_AUTHORIZATION, order, wish, now);

    authorization->sync = wish->timeout_minutes == 0;
    authorization->capture_now = wish->capture_now;
    authorization->expires_at = instant_plus(now, world->rules.authorization_days * DAY_MS);
    set_shares(&authorization->shares, wish);
    authorization->t.fate = choose_fate(&authorization->t);
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

/* --- refunds and reversals ------------------------------------------------------------------- */

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
        new_transaction(sizeof *reversal, TRANSACTION_REVERSAL, credit->t.order, wish, at);

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
        move(world, &credit->t, MWS_STATE_CLOSED, MWS_REASON_MAX_AMOUNT_REVERSED, at);
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
    move(world, &refund->t, MWS_STATE_COMPLETED, refund->t.fate.reason, at);
    for (const struct reversal *r = refund->first; r != NULL; r = r->next_in_refund) {
        tell_reversal(world, r, at);
    }
    world_count_refund(world, refund);
}

static void settle_refund(struct world *world, struct refund *refund, struct instant at)
{
    struct capture *capture = refund->capture;
    int64_t most = capture->t.units + overage(capture->t.units, capture->t.currency);

    if (refund->t.fate.state == MWS_STATE_DECLINED) {
        move(world, &refund->t, MWS_STATE_DECLINED, refund->t.fate.reason, at);
        return;
    }
    complete_refund(world, refund, at);
    if (world->rules.month_releases == RELEASE_REFUNDED) {
        release(capture->authorization, refund->t.units);
    }
    if (capture->t.state == MWS_STATE_COMPLETED && capture->refunded_units >= most) {
        move(world, &capture->t, MWS_STATE_CLOSED, MWS_REASON_MAX_AMOUNT_REFUNDED, at);
    } else if (capture->t.state == MWS_STATE_COMPLETED &&
               completed_refunds(capture) >= REFUNDS_MAX) {
        move(world, &capture->t, MWS_STATE_CLOSED, MWS_REASON_MAX_REFUNDS_PROCESSED, at);
    }
}

struct refund *payment_refund(struct world *world, struct capture *capture, const struct wish *wish,
                              struct instant now)
{
    struct refund *refund =
        new_transaction(sizeof *refund, TRANSACTION_REFUND, capture->t.order, wish, now);

    ENSURE(capture->t.state == MWS_STATE_COMPLETED);
    refund->capture = capture;
    refund->type = MWS_REFUND_TYPE_SELLER_INITIATED;
    set_shares(&refund->shares, wish);
    refund->t.fate = choose_fate(&refund->t);
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
        new_transaction(sizeof *refund, TRANSACTION_REFUND, capture->t.order, wish, now);

    ENSURE(capture->t.state == MWS_STATE_COMPLETED);
    refund->capture = capture;
    refund->type = type;
    world_add_transaction(world, &refund->t);
    (void)snprintf(refund->t.reference, sizeof refund->t.reference, "%.32s", refund->t.id);
    link_refund(refund);
    settle_refund(world, refund, now);
    return refund;
}

struct reversal *payment_reverse(struct world *world, struct credit *credit,
                                 const struct wish *wish, struct instant now)
{
    struct reversal *reversal = add_reversal(world, credit, NULL, wish, now);

    tell_reversal(world, reversal, now);
    return reversal;
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
        settle_refund(world, (struct refund *)t, at);
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
