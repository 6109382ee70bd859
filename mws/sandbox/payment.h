/*
 * payment.h - the life of agreements and authorizations: what Amazon does when asked to authorize,
 * and what happens by itself as time passes.
 *
 * Agreement       Draft --Confirm--> Open --hard InvalidPaymentMethod--> Suspended --method
 * mended--> Open Draft --3 hours--> Canceled/Stale      Open, Suspended --Close--> Closed
 *
 * Authorization   (sync)   -> Open | Declined | Closed/MaxCapturesProcessed (CaptureNow)
 *                 (async)  -> Pending --settles_at--> one of the above
 *                 Open --expires_at--> Closed/ExpiredUnused
 *
 * Nothing runs in the background: agreement_refresh() applies what has become due, and every reader
 * calls it first. So an asynchronous authorization becomes final when somebody looks.
 *
 * Chosen where Amazon's documents are silent or contradict each other: a soft decline keeps the
 * agreement Open; declined and expired authorizations give their amount back to the month.
 */
#ifndef MWS_SANDBOX_PAYMENT_H
#define MWS_SANDBOX_PAYMENT_H

#include "mws/sandbox/world.h"

/* Applies everything of the agreement that has become due at `now`. */
void agreement_refresh(struct world *world, struct agreement *agreement, struct instant now);
/* The same for all agreements that have something pending: for the ledger. */
void world_refresh(struct world *world, struct instant now);

void agreement_move(struct world *world, struct agreement *agreement, enum mws_state state,
                    enum mws_reason reason, struct instant at);
/* Draft: starts the three hours in which it must be confirmed. */
void agreement_draft(struct world *world, struct agreement *agreement);
/* Suspended: opens by itself at `reopen_at`. */
void agreement_suspend_until(struct world *world, struct agreement *agreement,
                             struct instant reopen_at);
/* The buyer has mended the payment method: Suspended -> Open, and no ordered decline is left. */
void agreement_mend_method(struct world *world, struct agreement *agreement, struct instant now);

/* Whether the month of `now` has room for `units`. */
bool agreement_has_room(const struct agreement *agreement, int64_t units, struct instant now);

/* Authorizes on an Open agreement with room: takes `charge` (its texts included) over. `simulated`
 * wins over what the control API has ordered. An asynchronous one is Pending for `pending_ms`. */
struct authorization *payment_authorize(struct world *world, struct agreement *agreement,
                                        const char *reference, const struct charge *charge,
                                        const struct fate *simulated, int64_t pending_ms,
                                        struct instant now);

/* TransactionTimeout=0: final in the answer. */
bool charge_is_sync(const struct charge *charge);

/* After loading: puts an authorization that is Pending or Open among those that change by
 * themselves. */
void payment_resume(struct world *world, struct authorization *authorization);

#endif
