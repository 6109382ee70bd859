/* config_endpoint.c - see config_endpoint.h. One table, and the reading of an https URL. */
#include "scheduler/config_endpoint.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "billing/ensure.h"
#include "mws/vocab.h"

#define SCHEME "https://"

static const struct region {
    enum config_region region;
    const char *name, *host, *currency, *payment_domain;
} regions[] = {
    {CONFIG_REGION_JP, "jp", "mws.amazonservices.jp", "JPY", "FE_JPY"},
    {CONFIG_REGION_NA, "na", "mws.amazonservices.com", "USD", "NA_USD"},
    {CONFIG_REGION_EU, "eu", "mws-eu.amazonservices.com", "EUR", "EU_EUR"},
    {CONFIG_REGION_UK, "uk", "mws-eu.amazonservices.com", "GBP", "EU_GBP"},
};
#define REGION_COUNT (sizeof regions / sizeof regions[0])

static const struct region *region_of(enum config_region region)
{
    for (size_t i = 0; i < REGION_COUNT; i++) {
        if (regions[i].region == region) {
            return &regions[i];
        }
    }
    ensure_failed("a region of the table", __FILE__, __LINE__);
}

static const char *environment_path(enum config_environment environment)
{
    return environment == CONFIG_LIVE ? "/OffAmazonPayments/" MWS_API_VERSION
                                      : "/OffAmazonPayments_Sandbox/" MWS_API_VERSION;
}

/* The length of "host[:port]" after the scheme. */
static size_t authority_length(const char *url)
{
    return strcspn(url + strlen(SCHEME), "/");
}

static bool host_is(const char *url, const char *host)
{
    const char *authority = url + strlen(SCHEME);
    size_t length = strcspn(authority, "/:");
    return length == strlen(host) && strncasecmp(authority, host, length) == 0;
}

bool config_endpoint_is_amazon(const char *url)
{
    for (size_t i = 0; i < REGION_COUNT; i++) {
        if (host_is(url, regions[i].host)) {
            return true;
        }
    }
    return false;
}

void config_endpoint_default(enum config_region region, enum config_environment environment,
                             char url[static MWS_URL_MAX])
{
    (void)snprintf(url, MWS_URL_MAX, SCHEME "%s%s", region_of(region)->host,
                   environment_path(environment));
}

/* Letters, digits, '.' and '-', or an IPv6 address in brackets; then perhaps a port. */
static bool is_authority(const char *at, size_t length)
{
    const char *end = at + length;
    const char *host = at;
    if (at < end && *at == '[') {
        at += 1 + strspn(at + 1, "0123456789abcdefABCDEF:.");
        if (at >= end || *at != ']') {
            return false;
        }
        at++;
    } else {
        at += strspn(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-");
    }
    if (at == host || at >= end) {
        return at == end && at != host;
    }
    size_t digits = strspn(at + 1, "0123456789");
    return *at == ':' && digits >= 1 && digits <= 5 && at + 1 + digits == end;
}

enum status config_endpoint_read(const char *text, enum config_region region,
                                 enum config_environment environment, char url[static MWS_URL_MAX],
                                 struct problem *problem)
{
    const char *path = environment_path(environment);
    if (strncmp(text, SCHEME, strlen(SCHEME)) != 0) {
        return problem_set(problem, ST_INVALID,
                           "must begin with " SCHEME ": keys are never sent in the clear");
    }
    size_t length = strlen(SCHEME) + authority_length(text);
    if (!is_authority(text + strlen(SCHEME), length - strlen(SCHEME))) {
        return problem_set(problem, ST_INVALID, "must be " SCHEME "host, with a :port if needed");
    }
    const char *rest = text + length;
    size_t rest_length = strlen(rest);
    if (rest_length > 0 && rest[rest_length - 1] == '/') {
        rest_length--; /* Amazon's documents write it with, its SDKs without; one is signed */
    }
    if (rest_length > 0 && (rest_length != strlen(path) || strncmp(rest, path, rest_length) != 0)) {
        return problem_set(problem, ST_INVALID, "with environment = %s the path must be %s",
                           config_environment_name(environment), path);
    }
    if (config_endpoint_is_amazon(text) && !host_is(text, region_of(region)->host)) {
        return problem_set(problem, ST_INVALID, "with region = %s Amazon's host is %s",
                           region_of(region)->name, region_of(region)->host);
    }
    int written = snprintf(url, MWS_URL_MAX, "%.*s%s", (int)length, text, path);
    if (written < 0 || written >= MWS_URL_MAX) {
        return problem_set(problem, ST_INVALID, "is longer than %d characters", MWS_URL_MAX - 1);
    }
    return ST_OK;
}

const char *config_region_currency(enum config_region region)
{
    return region_of(region)->currency;
}

const char *config_region_payment_domain(enum config_region region)
{
    return region_of(region)->payment_domain;
}

const char *config_region_name(enum config_region region)
{
    return region_of(region)->name;
}

const char *config_environment_name(enum config_environment environment)
{
    return environment == CONFIG_LIVE ? "live" : "sandbox";
}
