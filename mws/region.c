/*
 * region.c - see region.h. The table, and what an id says about where it belongs.
 *
 * Hosts: Regions.php of amazon-pay-sdk-php, ap_region.py, ServiceConstants.java and Regions.cs of
 * its sisters; the profile hosts are those of Login with Amazon in the same files. Monthly limits:
 * Amazon's guides, the newest figure of each ("Automatic payments": 1,000 USD, before 2018 500; the
 * guide for Europe: 1,000 EUR; Japan's quick start: 50,000 JPY; for pounds only a fixture of the
 * SDKs, with 500). They count only until Amazon has told an agreement's own limit.
 */
#include "mws/region.h"

#include <stddef.h>
#include <string.h>

#include "billing/ensure.h"
#include "mws/character.h"
#include "mws/vocab.h"

static const struct mws_region_facts regions[] = {
    {
        .region = MWS_REGION_JP,
        .name = "jp",
        .host = "mws.amazonservices.jp",
        .profile_host = "api.amazon.co.jp",
        .profile_host_sandbox = "api.sandbox.amazon.co.jp",
        .currency = "JPY",
        .payment_domain = "FE_JPY",
        .id_digits = "03",
        .monthly_limit = "50000",
    },
    {
        .region = MWS_REGION_NA,
        .name = "na",
        .host = "mws.amazonservices.com",
        .profile_host = "api.amazon.com",
        .profile_host_sandbox = "api.sandbox.amazon.com",
        .currency = "USD",
        .payment_domain = "NA_USD",
        .id_digits = "01",
        .monthly_limit = "1000",
    },
    {
        .region = MWS_REGION_EU,
        .name = "eu",
        .host = "mws-eu.amazonservices.com",
        .profile_host = "api.amazon.de",
        .profile_host_sandbox = "api.sandbox.amazon.de",
        .currency = "EUR",
        .payment_domain = "EU_EUR",
        .id_digits = "02",
        .monthly_limit = "1000",
    },
    {
        .region = MWS_REGION_UK,
        .name = "uk",
        .host = "mws-eu.amazonservices.com",
        .profile_host = "api.amazon.co.uk",
        .profile_host_sandbox = "api.sandbox.amazon.co.uk",
        .currency = "GBP",
        .payment_domain = "EU_GBP",
        .id_digits = "02",
        .monthly_limit = "500",
    },
    {0},
};
#define REGION_COUNT (sizeof regions / sizeof regions[0] - 1)

const struct mws_region_facts *mws_regions(void)
{
    return regions;
}

const struct mws_region_facts *mws_region_facts(enum mws_region region)
{
    ENSURE(region >= MWS_REGION_JP);
    ENSURE((size_t)region <= REGION_COUNT);
    const struct mws_region_facts *facts = &regions[region - MWS_REGION_JP];
    ENSURE(facts->region == region);
    return facts;
}

const char *mws_environment_path(enum mws_environment environment)
{
    switch (environment) {
    case MWS_SANDBOX:
        return "/OffAmazonPayments_Sandbox/" MWS_API_VERSION;
    case MWS_LIVE:
        return "/OffAmazonPayments/" MWS_API_VERSION;
    }
    ENSURE(false);
    return "";
}

const char *mws_environment_name(enum mws_environment environment)
{
    switch (environment) {
    case MWS_SANDBOX:
        return "sandbox";
    case MWS_LIVE:
        return "live";
    }
    ENSURE(false);
    return "";
}

/* ---- ids ----------------------------------------------------------------------------------- */

#define DIGITS_AT       1 /* "C03-1234567-1234567": the letter, the digits of the region, a hyphen */
#define HYPHEN_AT       3
#define LIVE_LETTERS    "BP"
#define SANDBOX_LETTERS "CS"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool mws_is_id(const char *id)
{
    if (id[0] == '\0' || strchr(LIVE_LETTERS SANDBOX_LETTERS, id[0]) == NULL ||
        !is_digit(id[DIGITS_AT]) || !is_digit(id[DIGITS_AT + 1]) || id[HYPHEN_AT] != '-' ||
        id[HYPHEN_AT + 1] == '\0') {
        return false;
    }
    while (character_is(*id, CHARACTER_AMAZON_ID)) {
        id++;
    }
    return *id == '\0';
}

static bool has_digits(const char *id, const struct mws_region_facts *facts)
{
    return strncmp(id + DIGITS_AT, facts->id_digits, strlen(facts->id_digits)) == 0;
}

/* The regions, one or two, that have the id's digits: "jp", "eu or uk"; "" = none. */
static const char *regions_of(const char *id)
{
    if (has_digits(id, mws_region_facts(MWS_REGION_EU))) {
        return "eu or uk";
    }
    for (size_t i = 0; i < REGION_COUNT; i++) {
        if (has_digits(id, &regions[i])) {
            return regions[i].name;
        }
    }
    return "";
}

enum status mws_id_check(const char *id, enum mws_region region, enum mws_environment environment,
                         struct problem *problem)
{
    const struct mws_region_facts *facts = mws_region_facts(region);
    if (!mws_is_id(id)) {
        return problem_set(problem, ST_INVALID,
                           "%.40s is no id of Amazon Pay's (they look like C%s-1234567-1234567)",
                           id, facts->id_digits);
    }
    enum mws_environment own = strchr(LIVE_LETTERS, id[0]) != NULL ? MWS_LIVE : MWS_SANDBOX;
    if (own != environment) {
        return problem_set(problem, ST_INVALID, "%.40s belongs to the %s environment, not to %s",
                           id, mws_environment_name(own), mws_environment_name(environment));
    }
    const char *others = has_digits(id, facts) ? "" : regions_of(id);
    if (others[0] != '\0') {
        return problem_set(problem, ST_INVALID, "%.40s belongs to region %s, not to %s", id, others,
                           facts->name);
    }
    return ST_OK;
}
