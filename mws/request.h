/*
 * request.h - the parameters of each operation, written into a form with their bounds checked.
 *
 * Internal to the folder: operation.c has one row per operation, and the row names its writer here.
 * request.c has the kinds of parameters, request_<noun>.c the operations. Bounds are those of
 * Amazon's API reference; lengths are counted in characters, not bytes.
 */
#ifndef MWS_REQUEST_H
#define MWS_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "billing/status.h"
#include "mws/form.h"
#include "mws/operation.h"

/* Collects fields; the first rule that is broken is kept and the rest of the writing is harmless.
 */
struct request_writer {
    struct form *form;
    enum status status; /* ST_OK or ST_INVALID */
    struct problem *problem;
};

typedef void request_write(struct request_writer *writer, const struct mws_request *request);

/* Characters, from the API reference's data types. */
#define REFERENCE_ID_CHARACTERS       32
#define NOTE_CHARACTERS               255
#define SELLER_NOTE_CHARACTERS        1024
#define END_REASON_CHARACTERS         1024 /* why an order or agreement is closed or canceled */
#define CUSTOM_INFORMATION_CHARACTERS 1024
#define SELLER_ORDER_ID_CHARACTERS    127
#define STORE_NAME_CHARACTERS         50
#define SOFT_DESCRIPTOR_CHARACTERS    16
/* Not in the reference: our own bounds, so that a request fits. */
#define SUPPLEMENTARY_DATA_CHARACTERS 1024
#define CATEGORY_CHARACTERS           127
#define TOKEN_CHARACTERS              2047
#define URL_CHARACTERS                1024

/* Parameters, each with its bound; what is broken is refused with the parameter's name. The
 * optional ones leave out an absent value. */
void request_text(struct request_writer *writer, const char *name, const char *text,
                  size_t characters_max);
void request_optional(struct request_writer *writer, const char *name, const char *text,
                      size_t characters_max);
/* Of A-Z a-z 0-9 - _ only. */
void request_id(struct request_writer *writer, const char *name, const char *id, size_t length_max);
void request_optional_id(struct request_writer *writer, const char *name, const char *id,
                         size_t length_max);
/* An id that Amazon has given. */
void request_amazon_id(struct request_writer *writer, const char *name, const char *id);
/* An absolute https URL of printable ASCII; optional. */
void request_url(struct request_writer *writer, const char *name, const char *url);
/* "`name`.Amount" and "`name`.CurrencyCode": positive, and at most what Amazon takes at once. */
void request_amount(struct request_writer *writer, const char *name, const struct money *amount);
void request_optional_amount(struct request_writer *writer, const char *name,
                             const struct money *amount);
void request_bool(struct request_writer *writer, const char *name, bool value);
void request_flag(struct request_writer *writer, const char *name, enum mws_flag flag);
/* TransactionTimeout. */
void request_timeout(struct request_writer *writer, int32_t minutes);
/* AccessToken or AddressConsentToken: both at once would be an AmbiguousToken. */
void request_tokens(struct request_writer *writer, const char *access_token,
                    const char *address_consent_token);
/* "`list`.member.N.ProviderId" and "`list`.member.N.`amount`". */
void request_provider_shares(struct request_writer *writer, const char *list, const char *amount,
                             const struct mws_provider_shares *shares);
/* The first refusal counts. */
void request_refuse(struct request_writer *writer, const char *name, const char *rule);
bool request_is_absent(const char *text);

/* The writers, by the noun of their file: request_agreement.c, ... */
request_write request_get_billing_agreement_details;
request_write request_set_billing_agreement_details;
request_write request_confirm_billing_agreement;
request_write request_validate_billing_agreement;
request_write request_close_billing_agreement;
request_write request_authorize_on_billing_agreement;

request_write request_create_order_reference_for_id;
request_write request_set_order_reference_details;
request_write request_set_order_attributes;
request_write request_get_order_reference_details;
request_write request_confirm_order_reference;
request_write request_cancel_order_reference;
request_write request_close_order_reference;
request_write request_list_order_reference;
request_write request_list_order_reference_by_next_token;

request_write request_authorize;
request_write request_get_authorization_details;
request_write request_close_authorization;
request_write request_capture;
request_write request_get_capture_details;
request_write request_refund;
request_write request_get_refund_details;

request_write request_nothing; /* an operation without parameters of its own */
request_write request_set_merchant_notification_configuration;
request_write request_get_provider_credit_details;
request_write request_get_provider_credit_reversal_details;
request_write request_reverse_provider_credit;

#endif
