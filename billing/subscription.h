/*
 * subscription.h - a subscription's own calendar and price: pure functions of its row.
 *
 * A subscription counts its cycles 1, 2, ... for ever. Its rule may be replaced, so cycle k of the
 * subscription is cycle k - cycle_base of the rule; cycle_base is negative where a new rule counts
 * from long ago. The next cycle alone may have been moved by an operator (due_is_moved).
 */
#ifndef BILLING_SUBSCRIPTION_H
#define BILLING_SUBSCRIPTION_H

#include "billing/event.h"

/* When cycle `cycle` is due by the rule; never when there is none, as before the rule's first. */
struct instant subscription_due(const struct subscription *subscription, uint32_t cycle);

/* What the next cycle costs: the price version in force at its due instant. */
struct money subscription_amount(const struct subscription *subscription);

/* Is there a next cycle, and does it come before the cancellation that is asked for? */
bool subscription_has_cycle(const struct subscription *subscription);

/* The next cycle was opened or is skipped: the one after it is the next, due when the rule says,
 * and a price that was waiting for the passed one is the price from now on. */
void subscription_move_on(struct subscription *subscription);

/* Moves on past every cycle that is due before `until`. Returns how many. */
uint32_t subscription_pass_over(struct subscription *subscription, struct instant until);

/* The first cycle that the agreement taking a LEAVING subscription over is to charge: the next one,
 * or the oldest of the unpaid ones right before it that a new subscription would charge just the
 * same (date and amount). Never one that was charged or skipped, or that lies before such a one. */
uint32_t subscription_first_left(const struct account *account,
                                 const struct subscription *subscription);

/* What that agreement is asked: the whole command for it. The same subscription gives the same
 * command, so it may be asked again. `zone` is borrowed from the subscription. */
void subscription_hand_over(const struct account *account, const struct subscription *subscription,
                            struct subscribe *subscribe);

#endif
