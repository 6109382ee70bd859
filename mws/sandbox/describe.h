/*
 * describe.h - the objects as Amazon's XML.
 *
 * Element names and their presence follow the fixtures of Amazon's SDKs (amazon-pay reference,
 * section 4). No order of elements is promised. describe.c has agreements and what all share,
 * describe_order.c order references, describe_payment.c transactions.
 */
#ifndef MWS_SANDBOX_DESCRIBE_H
#define MWS_SANDBOX_DESCRIBE_H

#include "mws/sandbox/text.h"
#include "mws/sandbox/world.h"

/* <BillingAgreementDetails>. The buyer's name and street are shown once the agreement was
 * confirmed, or to a caller with the buyer's token. */
void describe_agreement(struct text *out, const struct agreement *agreement, bool has_token,
                        struct instant now);

/* <OrderReferenceDetails>, the buyer as above, and the shorter <OrderReference> of a list. */
void describe_order(struct text *out, const struct order *order, bool has_token);
void describe_listed_order(struct text *out, const struct order *order);

/* <AuthorizationDetails>. In the very answer that captured it, CapturedAmount is still 0. */
void describe_authorization(struct text *out, const struct authorization *authorization,
                            bool just_made);
/* <CaptureDetails>, <RefundDetails>, <ProviderCreditDetails>, <ProviderCreditReversalDetails> */
void describe_capture(struct text *out, const struct capture *capture);
void describe_refund(struct text *out, const struct refund *refund);
void describe_credit(struct text *out, const struct credit *credit);
void describe_reversal(struct text *out, const struct reversal *reversal);

/* What must be done before it can be confirmed: ids joined by ", " ("" when there is nothing). */
#define CONSTRAINT_IDS_MAX 128
void agreement_constraint_ids(const struct agreement *agreement, char ids[CONSTRAINT_IDS_MAX]);
void order_constraint_ids(const struct order *order, char ids[CONSTRAINT_IDS_MAX]);

/* --- what the descriptions share ---------------------------------------------------------------
 */

struct constraint {
    const char *id;
    const char *description;
};

#define CONSTRAINTS_MAX 5

struct constraint_list {
    struct constraint items[CONSTRAINTS_MAX];
    size_t count;
};

void constraint_add(struct constraint_list *list, bool holds, const char *id,
                    const char *description);
void constraint_join(const struct constraint_list *list, char ids[CONSTRAINT_IDS_MAX]);
void xml_constraints(struct text *out, const struct constraint_list *list,
                     const struct rules *rules);

void xml_price(struct text *out, const char *name, int64_t units, const struct currency *currency);
/* `updated` is spelt differently for agreements and for everything else. */
void xml_status(struct text *out, const char *name, const char *updated, enum mws_state state,
                enum mws_reason reason, const char *description, struct instant at);
void xml_environment(struct text *out, int environment);
/* <OrderItemCategories>; nothing when the order has none. */
void xml_item_categories(struct text *out, const struct order *order);
/* One test person. */
void xml_buyer(struct text *out);
void xml_destination(struct text *out, bool whole);

#endif
