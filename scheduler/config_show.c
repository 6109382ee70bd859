/* config_show.c - see config_show.h. */
#include "scheduler/config_show.h"

#include <inttypes.h>
#include <string.h>

#include "billing/ensure.h"
#include "scheduler/config_endpoint.h"
#include "scheduler/config_policy.h"

static const char *quota_name(enum config_quota quota)
{
    switch (quota) {
    case CONFIG_QUOTA_OFF:
        return "off";
    case CONFIG_QUOTA_SANDBOX:
        return "sandbox";
    case CONFIG_QUOTA_LIVE:
        return "live";
    }
    ENSURE(false);
    return "";
}

static void show(FILE *stream, const char *name, const char *value)
{
    (void)fprintf(stream, "  %-17s %s\n", name, value);
}

static void show_url(FILE *stream, const char *name, const char *url)
{
    (void)fprintf(stream, "  %-17s %s%s\n", name, url,
                  config_endpoint_is_amazon(url) ? "" : " (not Amazon's)");
}

static void show_seller(FILE *stream, const struct seller_config *seller)
{
    const struct mws_region_facts *region = mws_region_facts(seller->mws.region);
    bool is_live = seller->mws.environment == MWS_LIVE;
    (void)fprintf(stream, "\nseller %s\n", seller->mws.seller_id);
    show(stream, "region", region->name);
    show(stream, "environment", mws_environment_name(seller->mws.environment));
    show_url(stream, "endpoint", seller->mws.endpoint);
    show_url(stream, "profile_endpoint", seller->mws.profile_endpoint);
    show(stream, "currency", seller->currency);
    show(stream, "payment_domain", seller->payment_domain);
    (void)fprintf(stream, "  %-17s %c%s-..., orders %c%s-...\n", "agreements", is_live ? 'B' : 'C',
                  region->id_digits, is_live ? 'P' : 'S', region->id_digits);
    (void)fprintf(stream, "  %-17s %s %s a month, until Amazon has told\n", "default_limit",
                  region->monthly_limit, region->currency);
    if (seller->secret == NULL) {
        show(stream, "secret_credential", "not looked at: only the service manager gives it");
    }
    if (seller->quota == CONFIG_QUOTA_OFF || seller->quota_milli == 1000) {
        show(stream, "quota", quota_name(seller->quota));
    } else {
        (void)fprintf(stream, "  %-17s %g of %s\n", "quota", seller->quota_milli / 1000.0,
                      quota_name(seller->quota));
    }
}

/* Every key with its value, as it may be written in the file. */
static void show_policy(FILE *stream, const struct policy *policy)
{
    char text[CONFIG_POLICY_TEXT_MAX];
    show(stream, "policy", policy->name);
    config_policy_write(policy, text);
    const char *line = text;
    while (*line != '\0') {
        int length = (int)strcspn(line, "\n");
        (void)fprintf(stream, "    %.*s\n", length, line);
        line += length + (line[length] == '\n');
    }
}

static void show_share(FILE *stream, const struct config_share *share)
{
    if (share->percent > 0) {
        (void)fprintf(stream, "  %-17s %u%% of what is due\n", "guard_canary", share->percent);
    } else if (share->count > 0) {
        (void)fprintf(stream, "  %-17s %u\n", "guard_canary", share->count);
    } else {
        show(stream, "guard_canary", "none");
    }
}

/* 0 = `none`. */
static void show_count(FILE *stream, const char *name, int64_t count, const char *unit,
                       const char *none)
{
    if (count > 0) {
        (void)fprintf(stream, "  %-17s %" PRId64 "%s\n", name, count, unit);
    } else {
        show(stream, name, none);
    }
}

static void show_guards(FILE *stream, const struct seller_config *seller)
{
    const struct batch_settings *batch = &seller->batch;
    show_share(stream, &seller->guard_canary);
    show_count(stream, "guard_count_max", batch->count_max, " a day", "none");
    if (money_is_positive(batch->sum_max)) {
        char sum[MONEY_TEXT_MAX];
        money_format(batch->sum_max, sum);
        (void)fprintf(stream, "  %-17s %s %s a day\n", "guard_sum_max", sum, seller->currency);
    } else {
        show(stream, "guard_sum_max", "none");
    }
    show_count(stream, "guard_decline_rate_max", batch->decline_percent_max, "%", "none");
    show_count(stream, "guard_unknown_rate_max", batch->unknown_percent_max, "%", "none");
    show_count(stream, "guard_sample_min", batch->sample_min, "", "none");
    show_count(stream, "retries_per_hour", seller->retries_per_hour, "", "no bound");
}

static void show_topic(FILE *stream, const struct seller_config *seller)
{
    bool is_live = seller->mws.environment == MWS_LIVE;
    const char *unset = is_live ? "not set: notifications are answered 503 until it is"
                                : "not set: any topic whose name ends in the merchant id";
    show(stream, "ipn_topic_arn", seller->ipn_topic_arn[0] != '\0' ? seller->ipn_topic_arn : unset);
}

void config_show(FILE *stream, const struct config *config)
{
    for (uint32_t i = 0; i < config->seller_count; i++) {
        const struct seller_config *seller = &config->sellers[i];
        show_seller(stream, seller);
        if (config->ipn_port != 0) {
            show_topic(stream, seller);
        }
        show_guards(stream, seller);
        show_policy(stream, &seller->policy);
        for (uint32_t k = 0; k < seller->policy_count; k++) {
            show_policy(stream, &seller->policies[k]);
        }
    }
}
