/*
 * region.h - where Amazon Pay's API is: hosts, paths, currencies and id prefixes of each region and
 * environment.
 *
 * One table. Sources: Regions of Amazon's PHP, Python, Java and C# SDKs; ids as in their fixtures.
 */
#ifndef MWS_REGION_H
#define MWS_REGION_H

#include <stdbool.h>

#include "billing/money.h"
#include "billing/status.h"

enum mws_region {
    MWS_REGION_JP = 1,
    MWS_REGION_NA = 2,
    MWS_REGION_EU = 3, /* merchants in the euro zone */
    MWS_REGION_UK = 4,
};

enum mws_environment {
    MWS_SANDBOX = 1,
    MWS_LIVE = 2,
};

struct mws_region_facts {
    enum mws_region region;
    const char *name;                 /* "jp" */
    const char *host;                 /* of the API; sandbox and live share it */
    const char *profile_host;         /* Login with Amazon, live */
    const char *profile_host_sandbox; /* likewise, sandbox */
    const char *currency;             /* of the ledger: ISO 4217 */
    const char *payment_domain;       /* of ListOrderReference: "FE_JPY" */
    const char *id_digits;            /* after the letter of an id: "03" */
    const char *monthly_limit;        /* of a billing agreement until Amazon has told: "50000" */
};

/* The facts of a region; a value that is none of the enum is a bug. */
const struct mws_region_facts *mws_region_facts(enum mws_region region);
/* Of a table that ends with region 0, in the order of the enum. */
const struct mws_region_facts *mws_regions(void);

/* "/OffAmazonPayments/2013-01-01" or the sandbox's. */
const char *mws_environment_path(enum mws_environment environment);
const char *mws_environment_name(enum mws_environment environment);

/* Has the text the shape of an id of Amazon's: letter, two digits, hyphen, and more? */
bool mws_is_id(const char *id);

/* Does an id of Amazon's (an agreement, order reference, authorization, capture, refund or provider
 * credit) belong there? Its letter says the environment (B, P live; C, S sandbox) and its two
 * digits the region (01 NA, 02 EU and UK, 03 JP); digits that no region has are taken. ST_INVALID
 * with a sentence that says where it belongs, or that it is no id. */
MUST_USE enum status mws_id_check(const char *id, enum mws_region region,
                                  enum mws_environment environment, struct problem *problem);

#endif
