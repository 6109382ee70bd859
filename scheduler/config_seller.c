/*
 * config_seller.c - what no single key of a seller can know: exactly one source of the secret key,
 * an endpoint that fits region and environment, a currency the region has, a zone that is
 * installed.
 */
#include "scheduler/config_seller.h"

#include <string.h>

#include "billing/money.h"
#include "scheduler/config_endpoint.h"
#include "scheduler/config_options.h"
#include "scheduler/config_policy.h"
#include "scheduler/config_secret.h"

static bool is_wanted(enum config_secrets secrets, enum secret_source source)
{
    return secrets == CONFIG_SECRETS_ALL ||
           (secrets == CONFIG_SECRETS_IN_REACH && config_secret_is_in_reach(source));
}

static void seller_secret(struct config_reader *reader, struct config_section *section,
                          enum config_secrets secrets, struct seller_config *seller)
{
    static const struct {
        const char *key;
        enum secret_source source;
    } sources[] = {{"secret_file", SECRET_FROM_FILE},
                   {"secret_env", SECRET_FROM_ENVIRONMENT},
                   {"secret_credential", SECRET_FROM_CREDENTIAL}};
    const struct config_setting *setting = NULL;
    enum secret_source source = 0;
    struct problem problem;
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
        const struct config_setting *other = config_setting(section, sources[i].key, 0);
        if (other != NULL && setting != NULL) {
            config_problem(reader, other->place, "the secret key comes from %s already: keep one",
                           setting->place.key);
            return;
        }
        if (other != NULL) {
            setting = other;
            source = sources[i].source;
        }
    }
    if (setting == NULL) {
        config_problem(reader, config_place_of(section, "secret_file"),
                       "one of secret_file, secret_env and secret_credential is needed");
    } else if (is_wanted(secrets, source) &&
               config_secret_read(source, setting->text, &seller->secret, &problem) != ST_OK) {
        config_problem(reader, setting->place, "%s", problem.text);
    }
    seller->mws.secret = seller->secret;
}

/* `url` is a field of seller->mws, which has region and environment. */
static void seller_endpoint(struct config_reader *reader, struct config_section *section,
                            const struct mws_seller *seller, enum config_server server,
                            const char *key, char url[static MWS_URL_MAX])
{
    char read[MWS_URL_MAX];
    struct problem problem;
    if (url[0] == '\0') {
        config_endpoint_default(server, seller, url);
    } else if (config_endpoint_read(server, url, seller, read, &problem) == ST_OK) {
        memcpy(url, read, sizeof read);
    } else {
        config_problem(reader, config_place_of(section, key), "%s", problem.text);
    }
}

/* Needs the endpoint. */
static void seller_quota(struct config_reader *reader, struct config_section *section,
                         struct seller_config *seller)
{
    if (seller->quota == 0) {
        seller->quota =
            seller->mws.environment == MWS_LIVE ? CONFIG_QUOTA_LIVE : CONFIG_QUOTA_SANDBOX;
    } else if (seller->quota == CONFIG_QUOTA_OFF &&
               config_endpoint_is_amazon(seller->mws.endpoint)) {
        config_problem(reader, config_place_of(section, "quota"),
                       "off is only for an endpoint of your own: Amazon throttles");
    }
}

/* Needs region. Only merchants in Europe can be let charge in other currencies than their own. */
static void seller_currency(struct config_reader *reader, struct config_section *section,
                            struct seller_config *seller)
{
    const struct mws_region_facts *region = mws_region_facts(seller->mws.region);
    const char *own = region->currency;
    bool is_european = region->region == MWS_REGION_EU || region->region == MWS_REGION_UK;
    memcpy(seller->payment_domain, region->payment_domain, strlen(region->payment_domain) + 1);
    if (seller->currency[0] == '\0') {
        memcpy(seller->currency, own, sizeof seller->currency);
    } else if (money_currency_digits(seller->currency) < 0) {
        config_problem(
            reader, config_place_of(section, "currency"),
            "\"%s\" is not a currency of Amazon Pay (write its ISO 4217 code, like \"%s\")",
            seller->currency, own);
    } else if (!is_european && strcmp(seller->currency, own) != 0) {
        config_problem(reader, config_place_of(section, "currency"),
                       "with region = %s it must be %s", region->name, own);
    }
}

static void seller_id(struct config_reader *reader, struct config_section *section,
                      struct seller_config *seller)
{
    const char *id = config_section_title(section);
    size_t length = strlen(id);
    struct config_place place = config_place_of(section, NULL);
    if (length == 0 || length >= sizeof seller->mws.seller_id ||
        strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789") != length) {
        config_problem(reader, place, "is not a merchant id (letters and digits, at most %zu)",
                       sizeof seller->mws.seller_id - 1);
        return;
    }
    memcpy(seller->mws.seller_id, id, length + 1);
}

void config_seller_read(struct config_reader *reader, struct config_section *section,
                        struct zones *zones, enum config_secrets secrets,
                        struct seller_config *seller)
{
    struct problem problem;
    const struct zone *zone;
    seller->policy = policy_default();
    seller_id(reader, section, seller);
    config_options_store(reader, section, &config_seller_options, seller);
    seller->batch.canary_count = seller->guard_canary.count;
    seller->batch.canary_percent = seller->guard_canary.percent;
    seller_secret(reader, section, secrets, seller);
    if (seller->mws.region != 0) {
        seller_currency(reader, section, seller);
    }
    if (seller->mws.region != 0 && seller->mws.environment != 0) {
        seller_endpoint(reader, section, &seller->mws, CONFIG_SERVER_API, "endpoint",
                        seller->mws.endpoint);
        seller_endpoint(reader, section, &seller->mws, CONFIG_SERVER_PROFILE, "profile_endpoint",
                        seller->mws.profile_endpoint);
        seller_quota(reader, section, seller);
    }
    if (seller->zone[0] != '\0' && zones_get(zones, seller->zone, &zone, &problem) != ST_OK) {
        config_problem(reader, config_place_of(section, "zone"), "%s", problem.text);
    } else if (seller->zone[0] != '\0') {
        memcpy(seller->policy.zone_name, seller->zone, sizeof seller->policy.zone_name);
        seller->policy.zone = zone;
    }
    if (seller->breaker.wait_ms > seller->breaker.wait_max_ms) {
        config_problem(reader, config_place_of(section, "breaker_wait"),
                       "is longer than breaker_wait_max");
    }
    config_options_store_amounts(reader, section, &config_seller_options, seller->currency, seller);
    config_policies_read(reader, section, seller);
}
