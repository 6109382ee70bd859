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
#include "scheduler/config_secret.h"

static void seller_secret(struct config_reader *reader, struct config_section *section,
                          struct seller_config *seller)
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
    } else if (config_secret_read(source, setting->text, &seller->secret, &problem) != ST_OK) {
        config_problem(reader, setting->place, "%s", problem.text);
    }
    seller->mws.secret = seller->secret;
}

/* Needs region and environment. */
static void seller_endpoint(struct config_reader *reader, struct config_section *section,
                            struct seller_config *seller)
{
    char url[MWS_URL_MAX];
    struct problem problem;
    if (seller->mws.endpoint[0] == '\0') {
        config_endpoint_default(seller->region, seller->environment, seller->mws.endpoint);
    } else if (config_endpoint_read(seller->mws.endpoint, seller->region, seller->environment, url,
                                    &problem) == ST_OK) {
        memcpy(seller->mws.endpoint, url, sizeof url);
    } else {
        config_problem(reader, config_place_of(section, "endpoint"), "%s", problem.text);
    }
    if (seller->quota == 0) {
        seller->quota =
            seller->environment == CONFIG_LIVE ? CONFIG_QUOTA_LIVE : CONFIG_QUOTA_SANDBOX;
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
    const char *own = config_region_currency(seller->region);
    bool is_european = seller->region == CONFIG_REGION_EU || seller->region == CONFIG_REGION_UK;
    memcpy(seller->payment_domain, config_region_payment_domain(seller->region),
           strlen(config_region_payment_domain(seller->region)) + 1);
    if (seller->currency[0] == '\0') {
        memcpy(seller->currency, own, sizeof seller->currency);
    } else if (money_currency_digits(seller->currency) < 0) {
        config_problem(
            reader, config_place_of(section, "currency"),
            "\"%s\" is not a currency of Amazon Pay (write its ISO 4217 code, like \"%s\")",
            seller->currency, own);
    } else if (!is_european && strcmp(seller->currency, own) != 0) {
        config_problem(reader, config_place_of(section, "currency"),
                       "with region = %s it must be %s", config_region_name(seller->region), own);
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
                        struct zones *zones, struct seller_config *seller)
{
    struct problem problem;
    const struct zone *zone;
    seller->policy = policy_default();
    seller_id(reader, section, seller);
    config_options_store(reader, section, &config_seller_options, seller);
    seller_secret(reader, section, seller);
    if (seller->region != 0) {
        seller_currency(reader, section, seller);
    }
    if (seller->region != 0 && seller->environment != 0) {
        seller_endpoint(reader, section, seller);
    }
    if (seller->zone[0] != '\0' && zones_get(zones, seller->zone, &zone, &problem) != ST_OK) {
        config_problem(reader, config_place_of(section, "zone"), "%s", problem.text);
    }
    if (seller->policy.resend.count == 0) {
        config_problem(reader, config_place_of(section, "resend"),
                       "needs a duration: an unanswered attempt is always asked for again");
    }
}
