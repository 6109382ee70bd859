/*
 * wish.h - what Authorize, AuthorizeOnBillingAgreement, Capture, Refund and ReverseProviderCredit
 * have in common: a reference id, an amount, a note, and idempotency.
 *
 * A handler reads its wish, adds its own parameters to what was asked, and then asks for an earlier
 * transaction under the same reference id. The same request again gets the first result; other
 * parameters get DuplicateRequest; another object or operation gets DuplicateReferenceId. Reference
 * ids are one name space over all of a seller's transactions. Each of these sentences is a rule
 * with other readings (rules.h: repeat, repeat-shows, repeat-compares, declined-reference,
 * reference-scope). Source: amazon-pay reference, 6.4.
 */
#ifndef MWS_SANDBOX_WISH_H
#define MWS_SANDBOX_WISH_H

#include "mws/sandbox/operation.h"
#include "mws/sandbox/payment.h"

/* Reads reference id, amount, note and soft descriptor by the names that `kind` has. `target` is
 * the id of the object the request is about. False with a failed call. */
bool wish_read(struct call *call, enum transaction_kind kind, const char *target,
               struct wish *wish);
/* What a parameter is, when a repeated request is compared. */
enum compared { COMPARED_AMOUNT = 'a', COMPARED_TERMS = 't', COMPARED_TEXT = 'n' };

/* A further parameter takes part in the comparison; "" is the same as absent. */
void wish_compare(struct call *call, enum compared what, const char *value);
/* ProviderCreditList, or of a refund ProviderCreditReversalList, into the wish's shares. Credits
 * are together at most the amount; what may be reversed depends on what was credited. */
bool wish_shares(struct call *call, enum transaction_kind kind, struct wish *wish);

/* Are states and amounts looked at before the reference id (rule reference-checked)? */
bool wish_is_checked_before(const struct call *call);
/* After all parameters: the earlier transaction with the same reference id, or NULL with a failed
 * call when it was another request, or NULL when there is none and the wish is new. */
struct transaction *wish_earlier(struct call *call, enum transaction_kind kind, struct wish *wish);
/* The answer to a repeat as it was given first (rule repeat-shows): true when it is written. */
bool wish_replay(struct call *call, const struct transaction *earlier);
/* Keeps what was just answered about a new transaction, when that rule wants it. */
void wish_keep_answer(const struct call *call, struct transaction *made);
/* Reads the simulation string of the note (sandbox only). */
bool wish_simulate(struct call *call, enum simulated what, struct wish *wish);

#endif
