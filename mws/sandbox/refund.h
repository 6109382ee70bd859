/*
 * refund.h - the life of refunds, provider credits and their reversals: what of a captured amount
 * goes back, and to whom.
 *
 *     Refund          -> Pending --settles_at--> Completed | Declined
 *     ProviderCredit  -> Open --reversed--> Closed/MaxAmountReversed;  its reversal: Completed
 *     Capture         Completed --refunded what it may be--> Closed/MaxAmountRefunded
 *                     Completed --refunded ten times--> Closed/MaxRefundsProcessed
 *
 * A refund makes the reversals that it names when it completes; until then it holds what they need.
 * Source: amazon-pay reference, sections 3.5, 3.6, 5.5 and 7.
 */
#ifndef MWS_SANDBOX_REFUND_H
#define MWS_SANDBOX_REFUND_H

#include "mws/sandbox/transaction.h"

#define REFUNDS_MAX 10 /* of one capture */

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

/* Refunds that were not declined: their number and sum. */
size_t capture_refunds(const struct capture *capture, int64_t *units);

/* What can still be taken back of a provider's credits of the capture: not reversed, and not going
 * to be by a Pending refund. */
int64_t capture_reversible(const struct capture *capture, const char *provider);
/* The same of a single credit. */
int64_t credit_left(const struct credit *credit);

/* For payment.h: the answer of the bank has come; and a transaction under its parent. */
void refund_settle(struct world *world, struct refund *refund, struct instant at);
void refund_link(struct refund *refund);
void credit_link(struct credit *credit);
void reversal_link(struct reversal *reversal);

#endif
