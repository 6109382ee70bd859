/*
 * operation.h - Amazon's operations: one row each.
 *
 * To add one: its name goes into mws/vocab.h, its row into operation.c, its handler into one of the
 * operation_*.c files. A handler reads the parameters, acts on the world, and writes the inside of
 * <ActionResult>; the envelope, signatures, quotas and faults are sandbox.c's.
 */
#ifndef MWS_SANDBOX_OPERATION_H
#define MWS_SANDBOX_OPERATION_H

#include "mws/sandbox/form.h"
#include "mws/sandbox/login.h"
#include "mws/sandbox/text.h"
#include "mws/sandbox/throttle.h"
#include "mws/sandbox/world.h"

/* One request, while its handler runs. */
struct call {
    struct world *world;
    const struct logins *logins;
    struct seller *seller;
    int environment;
    struct instant now;
    const struct form *form;
    struct text *out;
    struct text *asked;   /* scratch: what a wish asks for */
    bool is_half_done;    /* fault "half": AuthorizeOnBillingAgreement ends after its order */
    enum mws_error error; /* set by call_fail */
    char message[600];
    char request_id[REQUEST_ID_MAX];
};

typedef void operation_handler(struct call *call);

struct operation {
    enum throttle_class throttle;
    operation_handler *handler;
};

/* The row of that action; NULL for MWS_ACTION_UNKNOWN. */
const struct operation *operation_find(enum mws_action action);

/* --- for handlers ----------------------------------------------------------------------------- */

/* The request ends with this error; nothing of the world may have been changed. Returns false, so
 * that a check reads `return call_fail(...)`. */
bool call_fail(struct call *call, enum mws_error error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Parameters. Each fails the call with InvalidParameterValue and returns false / NULL when the
 * value is missing or too long; an optional text that is absent is "". Lengths count characters. */
const char *call_required(struct call *call, const char *name, size_t characters_max);
const char *call_optional(struct call *call, const char *name, size_t characters_max);
bool call_bool(struct call *call, const char *name, bool absent, bool *value);
bool call_integer(struct call *call, const char *name, int64_t absent, int64_t *value);
/* `<prefix>.Amount` and `<prefix>.CurrencyCode`, more than zero. */
bool call_amount(struct call *call, const char *prefix, const struct currency **currency,
                 int64_t *units);

/* The object named by AmazonBillingAgreementId, AmazonOrderReferenceId, or the parameter `name`; or
 * NULL and a failed call when it is missing, unknown, another seller's or another kind's. */
struct agreement *call_agreement(struct call *call);
struct order *call_order(struct call *call);
struct transaction *call_transaction(struct call *call, const char *name,
                                     enum transaction_kind kind);
/* Fails with AmbiguousToken when both tokens of the buyer are given, and with
 * InvalidAddressConsentToken when the one that is was not made here, has expired or does not show
 * the address; `*has_token`: one is given. Any token is valid until the first was made. */
bool call_token(struct call *call, bool *has_token);

operation_handler get_billing_agreement_details, set_billing_agreement_details,
    confirm_billing_agreement, validate_billing_agreement, close_billing_agreement;
operation_handler create_order_reference_for_id, get_order_reference_details,
    set_order_reference_details, set_order_attributes, confirm_order_reference,
    cancel_order_reference, close_order_reference;
operation_handler list_order_reference, list_order_reference_by_next_token;
operation_handler authorize_on_billing_agreement, authorize, get_authorization_details,
    close_authorization;
operation_handler capture, get_capture_details, refund, get_refund_details;
operation_handler get_provider_credit_details, get_provider_credit_reversal_details,
    reverse_provider_credit;
operation_handler get_service_status, get_merchant_account_status,
    get_merchant_notification_configuration, set_merchant_notification_configuration;

#endif
