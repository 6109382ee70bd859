/*
 * request.h - the parameters of each operation, written into a form with their bounds checked.
 *
 * Internal to the folder: operation.c has one row per operation, and the row names its writer here.
 * Bounds are those of Amazon's API reference; lengths are counted in characters, not bytes.
 */
#ifndef MWS_REQUEST_H
#define MWS_REQUEST_H

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

request_write request_get_billing_agreement_details;
request_write request_set_billing_agreement_details;
request_write request_confirm_billing_agreement;
request_write request_validate_billing_agreement;
request_write request_close_billing_agreement;
request_write request_authorize_on_billing_agreement;
request_write request_get_authorization_details;
request_write request_get_order_reference_details;
request_write request_list_order_reference;

#endif
