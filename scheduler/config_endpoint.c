/* config_endpoint.c - see config_endpoint.h. The reading of an https URL, and whose host it is. */
#include "scheduler/config_endpoint.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "billing/ensure.h"

#define SCHEME "https://"

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
    for (const struct mws_region_facts *region = mws_regions(); region->region != 0; region++) {
        if (host_is(url, region->host) || host_is(url, region->profile_host) ||
            host_is(url, region->profile_host_sandbox)) {
            return true;
        }
    }
    return false;
}

static const char *host_of(enum config_server server, const struct mws_seller *seller)
{
    const struct mws_region_facts *region = mws_region_facts(seller->region);
    bool is_live = seller->environment == MWS_LIVE;
    switch (server) {
    case CONFIG_SERVER_API:
        return region->host;
    case CONFIG_SERVER_PROFILE:
        return is_live ? region->profile_host : region->profile_host_sandbox;
    }
    ENSURE(false);
    return "";
}

static const char *path_of(enum config_server server, const struct mws_seller *seller)
{
    return server == CONFIG_SERVER_API ? mws_environment_path(seller->environment) : "";
}

void config_endpoint_default(enum config_server server, const struct mws_seller *seller,
                             char url[static MWS_URL_MAX])
{
    (void)snprintf(url, MWS_URL_MAX, SCHEME "%s%s", host_of(server, seller),
                   path_of(server, seller));
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

enum status config_endpoint_read(enum config_server server, const char *text,
                                 const struct mws_seller *seller, char url[static MWS_URL_MAX],
                                 struct problem *problem)
{
    const char *host = host_of(server, seller);
    const char *path = path_of(server, seller);
    const char *environment = mws_environment_name(seller->environment);
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
                           environment, path[0] != '\0' ? path : "left out");
    }
    if (config_endpoint_is_amazon(text) && !host_is(text, host)) {
        return problem_set(problem, ST_INVALID,
                           "with region = %s and environment = %s Amazon's host is %s",
                           mws_region_facts(seller->region)->name, environment, host);
    }
    int written = snprintf(url, MWS_URL_MAX, "%.*s%s", (int)length, text, path);
    if (written < 0 || written >= MWS_URL_MAX) {
        return problem_set(problem, ST_INVALID, "is longer than %d characters", MWS_URL_MAX - 1);
    }
    return ST_OK;
}
