/*
 * tell.h - who is to be told, and of what: makes the notices.
 *
 * The few functions that change a state (transaction_move, order_move, agreement_move) call these
 * right after the change, so that no path can forget. The notice's text is that of this very
 * moment. What nobody wants to hear is not even written: without any URL each call is one
 * comparison.
 *
 * Never told: a Draft, and what is Pending. Told: every other state that is reached, also the one
 * in which something is made; and what the buyer changes of a billing agreement that is no Draft.
 * Source: amazon-pay reference, section 10.2.
 */
#ifndef MWS_SANDBOX_TELL_H
#define MWS_SANDBOX_TELL_H

#include "mws/sandbox/world.h"

/* The state it is in now was just reached. */
void tell_transaction(struct world *world, const struct transaction *t);
void tell_order(struct world *world, const struct order *order);
/* That of an agreement has just changed; `at` says which month's limits are shown. */
void tell_agreement(struct world *world, const struct agreement *agreement, enum notice_event event,
                    struct instant at);

/* The bank of the buyer takes `units` of a capture back. */
void tell_chargeback(struct world *world, const struct capture *capture, int64_t units,
                     const char *reason, struct instant at);
/* `merchant_id` has registered ("Register") with the solution provider `seller`, or the like. */
void tell_solution_provider(struct world *world, const struct seller *seller, int environment,
                            int region, const char *merchant_id, const char *type,
                            struct instant at);
/* What the test button of Seller Central sends: made-up ids, ReasonCode None, IsSample. */
void tell_sample(struct world *world, struct seller *seller, int environment,
                 const struct currency *currency, enum notice_type type, struct instant at);

/* Is this configuration of a seller's for that type? */
bool notification_wants(const struct notification *notification, enum notice_type type);

#endif
