/*
 * payment.h - the life of transactions: what Amazon does when asked to authorize, capture, refund
 * or reverse, and what happens by itself as time passes.
 *
 *     Authorization   (sync)   -> Open | Declined | Closed/MaxCapturesProcessed (CaptureNow)
 *                     (async)  -> Pending --settles_at--> one of the above
 *                     Open --captured--> Closed/MaxCapturesProcessed
 *                     Open --expires_at--> Closed/ExpiredUnused
 *                     Pending, Open --CloseAuthorization--> Closed/SellerClosed
 *     Capture         -> Completed | Declined; seven days after the authorization: Pending first
 *                     Completed --refunded what it may be--> Closed/MaxAmountRefunded
 *                     Completed --refunded ten times--> Closed/MaxRefundsProcessed
 *     Refund          -> Pending --settles_at--> Completed | Declined
 *     ProviderCredit  -> Open --reversed--> Closed/MaxAmountReversed;  its reversal: Completed
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

#include "mws/sandbox/world.h"

#define REFUNDS_MAX 10 /* of one capture */

/* What a seller asks for. Everything is copied. */
struct wish {
    const char *target, *reference, *asked;
    const char *note, *soft_descriptor; /* "" when absent */
    const struct currency *currency;
    int64_t units;
    struct fate fate;        /* simulated; wins over what the control API has ordered */
    int64_t timeout_minutes; /* authorizations: 0 = final in the answer */
    bool capture_now;
    struct share shares[SHARES_MAX]; /* credits of a capture, reversals of a refund */
    size_t share_count;
};

/* Applies everything that has become due at `now`. */
void world_advance(struct world *world, struct instant now);

/* Authorizes on an order reference; the caller has checked states, amounts and the month. */
struct authorization *payment_authorize(struct world *world, struct order *order,
                                        const struct wish *wish, struct instant now);
/* Captures an Open authorization. */
struct capture *payment_capture(struct world *world, struct authorization *authorization,
                                const struct wish *wish, struct instant now);
/* Refunds a Completed capture; its providers have the wish's shares left (capture_reversible). */
struct refund *payment_refund(struct world *world, struct capture *capture, const struct wish *wish,
                              struct instant now);
/* Amazon refunds a Completed capture by itself (A-to-z claim, chargeback): Completed at once,
 * under a reference id of Amazon's. */
struct refund *payment_refund_by_amazon(struct world *world, struct capture *capture,
                                        enum mws_refund_type type, const struct wish *wish,
                                        struct instant now);
/* Reverses a provider credit that has that much left. */
struct reversal *payment_reverse(struct world *world, struct credit *credit,
                                 const struct wish *wish, struct instant now);

/* When it says that it expires (rule expiration-shown). */
struct instant authorization_expiration(const struct authorization *authorization);
/* Pending or Open. */
bool authorization_is_alive(const struct authorization *authorization);
/* Ends one that is alive and was not captured. */
void authorization_close(struct world *world, struct authorization *authorization,
                         enum mws_reason reason, struct instant at);
/* Pending or Completed (or Closed after that); false for NULL. */
bool capture_stands(const struct capture *capture);
/* Refunds that were not declined: their number and sum. */
size_t capture_refunds(const struct capture *capture, int64_t *units);

/* What one provider has in shares. */
int64_t shares_of(const struct share *shares, size_t count, const char *provider);
/* What can still be taken back of a provider's credits of the capture: not reversed, and not going
 * to be by a Pending refund. */
int64_t capture_reversible(const struct capture *capture, const char *provider);
/* The same of a single credit. */
int64_t credit_left(const struct credit *credit);

/* Links a new transaction to its parent and notes on the agenda what will happen to it: after
 * making or loading it. */
void payment_link(struct world *world, struct transaction *transaction);

#endif
