/*
 * describe.h - agreements, authorizations and order references as Amazon's XML.
 *
 * Element names and their presence follow the fixtures of Amazon's SDKs (amazon-pay reference,
 * section 4). No order of elements is promised.
 */
#ifndef MWS_SANDBOX_DESCRIBE_H
#define MWS_SANDBOX_DESCRIBE_H

#include "mws/sandbox/text.h"
#include "mws/sandbox/world.h"

/* <BillingAgreementDetails>. The buyer's name and street are shown once the agreement was
 * confirmed, or to a caller with the buyer's token. */
void describe_agreement(struct text *out, const struct agreement *agreement, bool has_token,
                        struct instant now);

/* <AuthorizationDetails>. In the very answer that captured it, CapturedAmount is still 0. */
void describe_authorization(struct text *out, const struct authorization *authorization,
                            bool just_made);

/* <OrderReferenceDetails>, and the shorter <OrderReference> of a list. */
void describe_order(struct text *out, const struct authorization *authorization);
void describe_listed_order(struct text *out, const struct authorization *authorization);

/* The agreement's constraints: their ids joined by ", " into `ids` ("" when there are none). */
#define CONSTRAINT_IDS_MAX 128
void constraint_ids(const struct agreement *agreement, char ids[CONSTRAINT_IDS_MAX]);

#endif
