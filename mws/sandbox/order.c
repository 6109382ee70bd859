/*
 * order.c - see order.h.
 */
#include "mws/sandbox/order.h"

#include "mws/sandbox/payment.h"
#include "mws/sandbox/tell.h"

#define DRAFT_MS 10800000LL /* 3 hours */

bool order_is_alive(const struct order *order)
{
    return order->state == MWS_STATE_DRAFT || order->state == MWS_STATE_OPEN ||
           order->state == MWS_STATE_SUSPENDED;
}

void order_close_authorizations(struct world *world, struct order *order, struct instant at)
{
    for (struct authorization *a = order->first; a != NULL; a = a->next_in_order) {
        if (authorization_is_alive(a)) {
            authorization_close(world, a, MWS_REASON_ORDER_REFERENCE_CANCELED, at);
        }
    }
}

void order_move(struct world *world, struct order *order, enum mws_state state,
                enum mws_reason reason, struct instant at)
{
    order->state = state;
    order->reason = reason;
    order->updated_at = at;
    order->reopen_at = INSTANT_NEVER;
    order->confirmed = order->confirmed || state == MWS_STATE_OPEN;
    world->changed = true;
    tell_order(world, order);
    if (state == MWS_STATE_CANCELED) {
        order_close_authorizations(world, order, at);
    }
}

void order_plan(struct world *world, struct order *order)
{
    if (order->state == MWS_STATE_DRAFT) {
        agenda_add(&world->agenda, instant_plus(order->created_at, DRAFT_MS), AGENDA_ORDER, order);
    }
    if (order_is_alive(order)) {
        agenda_add(&world->agenda, instant_plus(order->created_at, ORDER_LIFE_MS), AGENDA_ORDER,
                   order);
        agenda_add(&world->agenda, order->authorize_by, AGENDA_ORDER, order);
        agenda_add(&world->agenda, order->reopen_at, AGENDA_ORDER, order);
    }
}

void order_suspend_until(struct world *world, struct order *order, struct instant reopen_at)
{
    order->reopen_at = reopen_at;
    agenda_add(&world->agenda, reopen_at, AGENDA_ORDER, order);
}

bool order_opens_when_mended(const struct world *world)
{
    return world->rules.mended_method != MENDED_AWAITS_CONFIRM;
}

void order_mend_method(struct world *world, struct order *order, struct instant now)
{
    order->payment_method_valid = true;
    order->decline[TRANSACTION_AUTHORIZATION] = (struct decline_order){0};
    world->changed = true;
    if (order->state == MWS_STATE_SUSPENDED && order_opens_when_mended(world)) {
        order_move(world, order, MWS_STATE_OPEN, 0, now);
    }
}

void order_wake(struct world *world, struct order *order, struct instant at)
{
    if (order->state == MWS_STATE_SUSPENDED && instant_reached(order->reopen_at, at)) {
        order_move(world, order, MWS_STATE_OPEN, 0, at);
    }
    if (order->state == MWS_STATE_DRAFT &&
        instant_reached(instant_plus(order->created_at, DRAFT_MS), at)) {
        order_move(world, order, MWS_STATE_CANCELED, MWS_REASON_STALE, at);
    }
    if (order->state == MWS_STATE_OPEN && order->first == NULL &&
        instant_reached(order->authorize_by, at)) {
        order_move(world, order, MWS_STATE_CLOSED, MWS_REASON_EXPIRED, at);
    }
    if (order_is_alive(order) &&
        instant_reached(instant_plus(order->created_at, ORDER_LIFE_MS), at)) {
        order_move(world, order, MWS_STATE_CLOSED, MWS_REASON_EXPIRED, at);
    }
}

int64_t overage(int64_t units, const struct currency *currency)
{
    int64_t share = units * 15 / 100;
    int64_t most = currency->decimals == 0 ? 8400 : 7500;

    return share < most ? share : most;
}

void order_check_full(struct world *world, struct order *order, struct instant at)
{
    if (!order_is_alive(order)) {
        return;
    }
    if (order->captured_units >=
        order->total_units + overage(order->total_units, order->currency)) {
        order_move(world, order, MWS_STATE_CLOSED, MWS_REASON_MAX_AMOUNT_CHARGED, at);
    } else if ((int64_t)order->captures >= world->rules.authorizations_per_order) {
        order_move(world, order, MWS_STATE_CLOSED, MWS_REASON_MAX_AUTHORIZATIONS_CAPTURED, at);
    }
}

int64_t order_room(const struct order *order)
{
    int64_t room = order->total_units + overage(order->total_units, order->currency);

    for (const struct authorization *a = order->first; a != NULL; a = a->next_in_order) {
        if (authorization_is_alive(a)) {
            room -= a->t.units;
        } else if (capture_stands(a->capture)) {
            room -= a->capture->t.units;
        }
    }
    return room;
}

size_t order_authorizations(const struct order *order)
{
    size_t count = 0;

    for (const struct authorization *a = order->first; a != NULL; a = a->next_in_order) {
        count += a->t.state != MWS_STATE_DECLINED;
    }
    return count;
}

bool order_has_capture(const struct order *order)
{
    for (const struct authorization *a = order->first; a != NULL; a = a->next_in_order) {
        if (capture_stands(a->capture)) {
            return true;
        }
    }
    return false;
}
