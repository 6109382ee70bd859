/*
 * operation.h - Amazon's operations: one row each.
 *
 * To add one: its name goes into mws/vocab.h, its row into operation.c, its handler into one of the
 * operation_*.c files. A handler reads the parameters, acts on the world, and writes the inside of
 * <ActionResult>; the envelope, signatures, quotas and faults are service.c's.
 */
#ifndef MWS_SANDBOX_OPERATION_H
#define MWS_SANDBOX_OPERATION_H

#include "mws/sandbox/form.h"
#include "mws/sandbox/text.h"
#include "mws/sandbox/throttle.h"
#include "mws/sandbox/world.h"

/* One request, while its handler runs. */
struct call {
    struct world *world;
    struct seller *seller;
    int environment;
    struct instant now;
    int64_t pending_ms; /* how long an asynchronous authorization stays Pending */
    const struct form *form;
    struct text *out;
    enum mws_error error; /* set by call_fail */
    char message[600];
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

/* The seller's agreement named by AmazonBillingAgreementId, refreshed; or NULL and a failed call.
 */
struct agreement *call_agreement(struct call *call);

operation_handler get_billing_agreement_details, set_billing_agreement_details,
    confirm_billing_agreement, validate_billing_agreement, close_billing_agreement;
operation_handler authorize_on_billing_agreement, get_authorization_details;
operation_handler get_order_reference_details, list_order_reference;

#endif
