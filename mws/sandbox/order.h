/*
 * order.h - the life of an order reference, its constraints, and how much it may be charged.
 *
 *     Draft --Confirm--> Open --hard InvalidPaymentMethod--> Suspended --method mended--> Open
 *     Draft --3 hours--> Canceled/Stale      Open, Suspended --Cancel--> Canceled/SellerCanceled
 *     Open, Suspended --Close--> Closed/SellerClosed     --180 days--> Closed/Expired
 *     Open --captured what it may be--> Closed/MaxAmountCharged
 *     Open --captured as often as it may be--> Closed/MaxAuthorizationsCaptured
 *
 * A cancellation closes what is authorized and not captured (OrderReferenceCanceled); a closed
 * order's open authorizations can still be captured, and its captures refunded. Source: amazon-pay
 * reference, sections 3.2, 4.4, 5.2 and 7.
 */
#ifndef MWS_SANDBOX_ORDER_H
#define MWS_SANDBOX_ORDER_H

#include "mws/sandbox/world.h"

#define ORDER_LIFE_MS 15552000000LL /* 180 days */

void order_move(struct world *world, struct order *order, enum mws_state state,
                enum mws_reason reason, struct instant at);
/* Closes what is authorized and not captured, as OrderReferenceCanceled. */
void order_close_authorizations(struct world *world, struct order *order, struct instant at);
/* Notes on the agenda what will happen to it by itself, from what it is now. */
void order_plan(struct world *world, struct order *order);
/* Suspended: opens by itself at `reopen_at`. */
void order_suspend_until(struct world *world, struct order *order, struct instant reopen_at);
/* Whether a Suspended one opens as soon as its method is mended (rule mended-method): nothing
 * validates orders. */
bool order_opens_when_mended(const struct world *world);
/* The buyer has mended the payment method: Suspended -> Open (rule mended-method), and no ordered
 * decline is left. */
void order_mend_method(struct world *world, struct order *order, struct instant now);
/* Applies what has become due; called by world_advance. */
void order_wake(struct world *world, struct order *order, struct instant at);
/* Closes it when enough was captured. */
void order_check_full(struct world *world, struct order *order, struct instant at);

/* Draft, Open or Suspended. */
bool order_is_alive(const struct order *order);
/* What more than `units` may be charged or refunded: 15 %, at most 75 (8,400 JPY). */
int64_t overage(int64_t units, const struct currency *currency);
/* What more may be authorized: the total and its overage without what is authorized or captured. */
int64_t order_room(const struct order *order);
/* Authorizations that were not declined. */
size_t order_authorizations(const struct order *order);
/* Whether a capture is Pending or was Completed. */
bool order_has_capture(const struct order *order);

#endif
