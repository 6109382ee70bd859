/*
 * notice_data.h - NotificationData: the objects as the XML of notifications.
 *
 * Near to the XML of answers (describe.h) and different in many small things, as Amazon's are:
 * another namespace, other elements, Amount before CurrencyCode, amounts like "5.0", ids in <Id>.
 * Element names and order follow the fixtures of Amazon's SDKs (amazon-pay reference, section
 * 10.2).
 *
 * Each writes one whole document. `sample`: every ReasonCode is "None", as the test button of
 * Seller Central sends it.
 */
#ifndef MWS_SANDBOX_NOTICE_DATA_H
#define MWS_SANDBOX_NOTICE_DATA_H

#include "mws/sandbox/text.h"
#include "mws/sandbox/world.h"

enum notice_type notice_type_of(enum transaction_kind kind);

/* AuthorizationNotification, CaptureNotification, RefundNotification, ProviderCreditNotification or
 * ProviderCreditReversalNotification. */
void notice_data_transaction(struct text *out, const struct transaction *t, bool sample);
void notice_data_order(struct text *out, const struct order *order, bool sample);
void notice_data_agreement(struct text *out, const struct agreement *agreement, struct instant now,
                           bool sample);

/* A buyer's bank takes money back. */
struct chargeback {
    const char *id; /* AmazonChargebackId */
    const char *order_id;
    const char *capture_reference; /* the seller's: AmazonCaptureReferenceId is that in fixtures */
    const struct currency *currency;
    int64_t units;
    const char *reason; /* "Generic Service Chargeback" */
    struct instant created_at;
};
void notice_data_chargeback(struct text *out, const struct chargeback *chargeback);

/* SolutionProviderMerchantNotification: a merchant registers with a solution provider. */
void notice_data_solution_provider(struct text *out, const char *merchant_id, const char *type);

#endif
