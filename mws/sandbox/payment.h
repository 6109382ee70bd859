/*
 * payment.h - the life of authorizations and captures: what Amazon does when asked to authorize or
 * capture, and what happens to all transactions by itself as time passes. What becomes of a
 * captured amount is in refund.h.
 *
 *     Authorization   (sync)   -> Open | Declined | Closed/MaxCapturesProcessed (CaptureNow)
 *                     (async)  -> Pending --settles_at--> one of the above
 *                     Open --captured--> Closed/MaxCapturesProcessed
 *                     Open --expires_at--> Closed/ExpiredUnused
 *                     Pending, Open --CloseAuthorization--> Closed/SellerClosed
 *     Capture         -> Completed | Declined; seven days after the authorization: Pending first
 *
 * An atypical authorization has the reason StopShipmentAtypicalAuth while it is Pending or Open,
 * and its captures while they are Pending or Completed; nothing else becomes of it.
 *
 * Nothing runs in the background: world_advance() applies what has become due, in the order of
 * time, and every request calls it first.
 *
 * Chosen where Amazon's documents are silent or contradict each other: a soft decline keeps
 * agreement and order Open (rule soft-decline); what is declined, expired,
 * closed or not captured gives its amount back to the month; a declined capture leaves the
 * authorization Open. Source: amazon-pay reference, sections 3.3 to 3.6, 5.3 to 5.5 and 7.
 */
#ifndef MWS_SANDBOX_PAYMENT_H
#define MWS_SANDBOX_PAYMENT_H

#include "mws/sandbox/transaction.h"

/* Applies everything that has become due at `now`. */
void world_advance(struct world *world, struct instant now);

/* Authorizes on an order reference; the caller has checked states, amounts and the month. */
struct authorization *payment_authorize(struct world *world, struct order *order,
                                        const struct wish *wish, struct instant now);
/* Captures an Open authorization. */
struct capture *payment_capture(struct world *world, struct authorization *authorization,
                                const struct wish *wish, struct instant now);
/* When it says that it expires (rule expiration-shown). */
struct instant authorization_expiration(const struct authorization *authorization);
/* Pending or Open. */
bool authorization_is_alive(const struct authorization *authorization);
/* Ends one that is alive and was not captured. */
void authorization_close(struct world *world, struct authorization *authorization,
                         enum mws_reason reason, struct instant at);
/* Gives its month back what is not going to be charged, or was refunded (rule month-releases). */
void authorization_release(const struct authorization *authorization, int64_t units);
/* Pending or Completed (or Closed after that); false for NULL. */
bool capture_stands(const struct capture *capture);
/* Links a new transaction to its parent and notes on the agenda what will happen to it: after
 * making or loading it. */
void payment_link(struct world *world, struct transaction *transaction);

#endif
