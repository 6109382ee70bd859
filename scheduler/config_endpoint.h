/*
 * config_endpoint.h - which of Amazon's endpoints a seller calls, and what its region implies.
 *
 * Source: Amazon Pay API reference, "Endpoints"; hosts as in Amazon's SDKs (Regions.php of
 * amazon-pay-sdk-php and its sisters). The path tells production from sandbox:
 * /OffAmazonPayments/2013-01-01 and /OffAmazonPayments_Sandbox/2013-01-01.
 */
#ifndef SCHEDULER_CONFIG_ENDPOINT_H
#define SCHEDULER_CONFIG_ENDPOINT_H

#include <stdbool.h>

#include "billing/status.h"
#include "scheduler/config.h"

/* Writes Amazon's URL of that region and environment. */
void config_endpoint_default(enum config_region region, enum config_environment environment,
                             char url[static MWS_URL_MAX]);

/* Checks an endpoint of the file and writes it as it will be called: https only, no user, query or
 * fragment; a path that is left out becomes the environment's, and any other path, or an Amazon
 * host of another region, is refused, so that live credentials cannot be sent to the wrong place by
 * a slip. ST_INVALID with a sentence. */
MUST_USE enum status config_endpoint_read(const char *text, enum config_region region,
                                          enum config_environment environment,
                                          char url[static MWS_URL_MAX], struct problem *problem);

/* Does this URL (as written by one of the two above) lead to Amazon? */
bool config_endpoint_is_amazon(const char *url);

const char *config_region_currency(enum config_region region);       /* "JPY" */
const char *config_region_payment_domain(enum config_region region); /* "FE_JPY" */

#endif
