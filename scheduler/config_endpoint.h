/*
 * config_endpoint.h - which of Amazon's servers a seller calls: the payment API, and Login with
 * Amazon for tokens and profiles.
 *
 * Reads URLs of the configuration; which hosts Amazon has is mws/region.h. An Amazon host of
 * another region or environment is refused, so that live credentials and buyers' tokens cannot be
 * sent to the wrong place by a slip.
 */
#ifndef SCHEDULER_CONFIG_ENDPOINT_H
#define SCHEDULER_CONFIG_ENDPOINT_H

#include <stdbool.h>

#include "billing/status.h"
#include "mws/client.h"

enum config_server {
    CONFIG_SERVER_API,     /* "https://mws.amazonservices.jp/OffAmazonPayments/2013-01-01" */
    CONFIG_SERVER_PROFILE, /* "https://api.amazon.co.jp"                                   */
};

/* Writes Amazon's own URL for the region and environment of `seller`. */
void config_endpoint_default(enum config_server server, const struct mws_seller *seller,
                             char url[static MWS_URL_MAX]);

/* Checks a URL of the file against the region and environment of `seller`, and writes it as it will
 * be called: https only, no user, query or fragment; the API's path may be left out and is then the
 * environment's, the other has none. ST_INVALID with a sentence. */
MUST_USE enum status config_endpoint_read(enum config_server server, const char *text,
                                          const struct mws_seller *seller,
                                          char url[static MWS_URL_MAX], struct problem *problem);

/* Does this URL (as written by one of the two) lead to Amazon? */
bool config_endpoint_is_amazon(const char *url);

#endif
