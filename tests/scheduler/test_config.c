/*
 * test_config.c - the configuration file: what is accepted, and that everything wrong is told at
 * once, with its line and without secrets.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "scheduler/config.h"
#include "scheduler/config_options.h"
#include "scheduler/config_show.h"
#include "scheduler/config_value.h"
#include "tests/scheduler/config_checks.h"

#define SAMPLE TESTS_DIR "/../../deploy/autopayd.conf.sample"

static void test_sample_is_accepted_and_has_the_documented_defaults(void **state)
{
    struct fixture *f = *state;
    if (config_load(SAMPLE, f->zones, &f->config, &f->problems) != ST_OK) {
        fail_msg("refused: %s", f->problems.list[0].text);
    }
    const struct config *config = f->config;
    assert_string_equal(config->store_path, "/var/lib/autopayd/autopay.db");
    assert_string_equal(config->admin_socket, "/run/autopayd/admin.sock");
    assert_string_equal(config->ca_file, "");
    assert_int_equal(config->in_flight_max, 256);
    assert_int_equal(config->connections_max, 64);
    assert_int_equal(config->connect_deadline_ms, 10000);
    assert_int_equal(config->total_deadline_ms, 45000);
    assert_int_equal(config->log_format, LOG_KEYVALUE);
    assert_int_equal(config->log_level, LOG_INFO);
    assert_int_equal(config->ipn_port, 0);
    assert_string_equal(config->ipn_address, "127.0.0.1");
    assert_string_equal(config->ipn_path, "/ipn");
    assert_int_equal(config->seller_count, 1);
    const struct seller_config *seller = config_seller(config, "A1SELLERID");
    assert_non_null(seller);
    assert_string_equal(seller->mws.endpoint,
                        "https://mws.amazonservices.jp/OffAmazonPayments_Sandbox/2013-01-01");
    assert_string_equal(seller->mws.access_key, "AKIAEXAMPLE");
    assert_string_equal(seller->mws.auth_token, "");
    assert_non_null(seller->secret);
    assert_ptr_equal(seller->mws.secret, seller->secret);
    assert_string_equal(seller->currency, "JPY");
    assert_string_equal(seller->payment_domain, "FE_JPY");
    assert_string_equal(seller->zone, "Asia/Tokyo");
    assert_int_equal(seller->quota, CONFIG_QUOTA_SANDBOX);
    assert_int_equal(seller->quota_milli, 1000);
    struct policy policy = policy_default();
    (void)snprintf(policy.zone_name, sizeof policy.zone_name, "Asia/Tokyo");
    policy.zone = seller->policy.zone;
    assert_memory_equal(&seller->policy, &policy, sizeof policy);
    assert_string_equal(policy.zone->name, "Asia/Tokyo");
    assert_int_equal(seller->policy_count, 0);
    assert_int_equal(seller->batch.canary_count, 0);
    assert_int_equal(seller->batch.decline_percent_max, 90);
    assert_int_equal(seller->breaker.failures_max, 10);
    assert_int_equal(seller->retries_per_hour, 1800);
    assert_int_equal(config->clock.jump_max_ms, 3600000);
    assert_int_equal(config->clock.back_max_ms, 300000);
    assert_int_equal(config->clock.downtime_max_ms, 7 * 86400000);
    assert_null(config_seller(config, "A2"));
}

static bool has_default(const struct config_option *option)
{
    static const char *const without[] = {
        "endpoint",       "ca_file",       "auth_token",           "ipn_port",
        "ipn_trust_file", "ipn_key_file",  "ipn_certificate_file", "ipn_connect_to",
        "ipn_topic_arn",  "guard_sum_max", "amount_min",           "amount_max",
        "store_name",     "agreement_note"};
    bool result = option->kind != OPTION_SECRET;
    for (size_t i = 0; i < sizeof without / sizeof without[0]; i++) {
        result = result && strcmp(option->key, without[i]) != 0;
    }
    return result;
}

/* The sample with every "#key = value" line switched on reads to the same values: what it shows as
 * a default is one. Keys that exclude each other, or have no default, stay off. */
static void test_sample_shows_true_defaults_of_every_key(void **state)
{
    struct fixture *f = *state;
    FILE *sample = fopen(SAMPLE, "r");
    assert_non_null(sample);
    char text[32768];
    size_t length = fread(text, 1, sizeof text - 1, sample);
    (void)fclose(sample);
    text[length] = '\0';
    const struct config_options *tables[] = {&config_daemon_options, &config_seller_options,
                                             &config_policy_options};
    for (size_t t = 0; t < 3; t++) {
        for (size_t i = 0; i < tables[t]->count; i++) {
            const struct config_option *option = &tables[t]->list[i];
            char line[80];
            (void)snprintf(line, sizeof line, "#%s = ", option->key);
            char *off = strstr(text, line);
            char *on = strstr(text, line + 1);
            if (on == NULL) {
                fail_msg("the sample does not show %s", option->key);
            }
            if (off != NULL && has_default(option)) {
                *off = ' ';
            }
        }
    }
    struct config *plain;
    assert_int_equal(config_load(SAMPLE, f->zones, &plain, &f->problems), ST_OK);
    load_well(f, text);
    struct config_problems differences;
    if (config_reload_check(plain, f->config, &differences) != ST_OK) {
        fail_msg("not the default: %s", differences.list[0].text);
    }
    assert_memory_equal(&plain->sellers[0].policy, &f->config->sellers[0].policy,
                        sizeof(struct policy));
    assert_int_equal(plain->sellers[0].quota_milli, f->config->sellers[0].quota_milli);
    config_free(plain);
}

static void test_every_key_is_read(void **state)
{
    struct fixture *f = *state;
    load_well(f, "store = /srv/a.db\nadmin_socket = /srv/a.sock\nca_file = /srv/ca.pem\n"
                 "in_flight_max = 7\nconnections_max = 3\nconnect_deadline = 500ms\n"
                 "total_deadline = \"2m\"\nlog_format = json\nlog_level = debug\n"
                 "ipn_port = 65535\nipn_address = \"::1\"\nipn_path = /n\n"
                 "ipn_certificate_file = /srv/c.pem\nipn_key_file = /srv/k.pem\n"
                 "ipn_trust_file = /srv/t.pem\nipn_connect_to = localhost:1\n"
                 "seller A9 {\n region = uk\n environment = live\n access_key = AK\n"
                 " auth_token = amzn.mws.1\n secret_env = TEST_CONFIG_SECRET\n currency = USD\n"
                 " zone = Europe/London\n quota = sandbox\n"
                 " authorization = mixed\n settle_by = discovery\n pending_poll = {45s, 1d}\n"
                 " quota_fraction = 0.25\n limit_short = fail\n suspended_poll = 6h\n"
                 " retry_InvalidPaymentMethodSoft = {}\n retry_AmazonRejected = {2d}\n"
                 " retry_ProcessingFailure = {1m, \"90s\"}\n retry_TransactionTimedOut = 5m\n"
                 " retry_request_refused = {}\n retry_not_captured = {2h}\n"
                 " resend = {500ms}\n answer_deadline = 2m\n"
                 " endpoint = \"https://[::1]:8443\"\n ipn_topic_arn = \"arn:a\"\n"
                 " profile_endpoint = \"https://[::1]:8444/\"\n}\n");
    const struct config *config = f->config;
    assert_string_equal(config->store_path, "/srv/a.db");
    assert_string_equal(config->admin_socket, "/srv/a.sock");
    assert_string_equal(config->ca_file, "/srv/ca.pem");
    assert_int_equal(config->in_flight_max, 7);
    assert_int_equal(config->connections_max, 3);
    assert_int_equal(config->connect_deadline_ms, 500);
    assert_int_equal(config->total_deadline_ms, 120000);
    assert_int_equal(config->ipn_port, 65535);
    assert_string_equal(config->ipn_address, "::1");
    assert_string_equal(config->ipn_path, "/n");
    assert_string_equal(config->ipn_certificate_file, "/srv/c.pem");
    assert_string_equal(config->ipn_key_file, "/srv/k.pem");
    assert_string_equal(config->ipn_trust_file, "/srv/t.pem");
    assert_string_equal(config->ipn_connect_to, "localhost:1");
    assert_int_equal(config->log_format, LOG_JSON);
    assert_int_equal(config->log_level, LOG_DEBUG);
    const struct seller_config *seller = config_seller(config, "A9");
    assert_string_equal(seller->mws.seller_id, "A9");
    assert_string_equal(seller->mws.endpoint, "https://[::1]:8443/OffAmazonPayments/2013-01-01");
    assert_string_equal(seller->mws.profile_endpoint, "https://[::1]:8444");
    assert_string_equal(seller->mws.auth_token, "amzn.mws.1");
    assert_string_equal(seller->ipn_topic_arn, "arn:a");
    assert_string_equal(seller->currency, "USD");
    assert_string_equal(seller->payment_domain, "EU_GBP");
    assert_int_equal(seller->mws.region, MWS_REGION_UK);
    assert_int_equal(seller->mws.environment, MWS_LIVE);
    assert_int_equal(seller->quota, CONFIG_QUOTA_SANDBOX);
    assert_int_equal(seller->quota_milli, 250);
    const struct policy *policy = &seller->policy;
    assert_int_equal(policy->authorization, POLICY_MIXED);
    assert_int_equal(policy->settle_by, POLICY_BY_DISCOVERY);
    assert_int_equal(policy->pending_poll.count, 2);
    assert_int_equal(policy->pending_poll.wait_ms[0], 45000);
    assert_int_equal(policy->pending_poll.wait_ms[1], 86400000);
    assert_int_equal(policy->limit_short, POLICY_SHORT_FAIL);
    assert_int_equal(policy->suspended_poll_ms, 6 * 3600 * 1000);
    assert_int_equal(policy->retry[REASON_INVALID_PAYMENT_METHOD_SOFT].waits.count, 0);
    assert_int_equal(policy->retry[REASON_AMAZON_REJECTED].waits.count, 1);
    assert_int_equal(policy->retry[REASON_AMAZON_REJECTED].waits.wait_ms[0], 2 * 86400 * 1000);
    assert_int_equal(policy->retry[REASON_PROCESSING_FAILURE].waits.count, 2);
    assert_int_equal(policy->retry[REASON_PROCESSING_FAILURE].waits.wait_ms[1], 90000);
    assert_int_equal(policy->retry[REASON_TRANSACTION_TIMED_OUT].waits.count, 1);
    assert_int_equal(policy->resend.count, 1);
    assert_int_equal(policy->resend.wait_ms[0], 500);
    assert_int_equal(policy->answer_deadline_ms, 120000);
    assert_int_equal(policy->retry[REASON_INVALID_PAYMENT_METHOD].waits.count, 0);
}

static void test_all_mistakes_are_told_in_one_run(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(load(f, "colour = blue\n"
                             "in_flight_max = 0\n"
                             "log_level = loud\n"
                             "log_level = info\n"
                             "seller A1 {\n"
                             "  region = mars\n"
                             "  zone = Asia/Tokio\n"
                             "  retri = {1d, 2d}\n"
                             "  suspended_poll = \"1 h\"\n"
                             "  retry_AmazonRejected = {1d,\n"
                             "    tomorrow}\n"
                             "}\n"
                             "seller A1 { }\n"
                             "seller \"not an id\" { }\n"),
                     ST_INVALID);
    assert_problem(f, ":1: colour: ", "no such key");
    assert_problem(f, ":2: in_flight_max: ", "from 1 to 4096");
    assert_problem(f, ":3: log_level: ", "again");
    assert_problem(f, ":8: A1: retri: ", "no such key");
    assert_problem(f, ":13: A1: ", "twice");
    assert_problem(f, ":14: not an id: ", "not a merchant id");
}

static void test_mistakes_of_one_seller(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(load(f, "seller A1 {\n"
                             "  region = mars\n"
                             "  zone = Asia/Tokio\n"
                             "  suspended_poll = \"1 h\"\n"
                             "  retry_AmazonRejected = {1d,\n"
                             "    tomorrow}\n"
                             "}\n"),
                     ST_INVALID);
    assert_problem(f, ":2: A1: region: ", "jp, na, eu, uk");
    assert_problem(f, ":3: A1: zone: ", "no time zone \"Asia/Tokio\"");
    assert_problem(f, ":4: A1: suspended_poll: ", "not a duration");
    assert_problem(f, ":6: A1: retry_AmazonRejected: ", "not a duration");
    assert_problem(f, ":7: A1: environment: ", "missing");
    assert_problem(f, ":7: A1: access_key: ", "missing");
    assert_problem(f, ":7: A1: secret_file: ", "is needed");
    assert_int_equal(f->problems.count, 7);
}

static void test_one_mistake_each(void **state)
{
    static const struct mistake cases[] = {
        {"", ": ", "needs 1 to"},
        {"store = data.db\n" SELLER("A1", ""), ":1: store: ", "absolute"},
        {"store = \"\"\n" SELLER("A1", ""), ":1: store: ", "empty"},
        {"total_deadline = 1s\nconnect_deadline = 2s\n" SELLER("A1", ""),
         ":2: connect_deadline: ", "longer than total_deadline"},
        {"ipn_port = 1\nipn_key_file = /k.pem\n" SELLER("A1", ""), ":2: ipn_key_file: ", "both"},
        {"ipn_port = 0\n" SELLER("A1", ""), ":1: ipn_port: ", "from 1 to 65535"},
        {"total_deadline = 11m\n" SELLER("A1", ""), ":1: total_deadline: ", "100ms and 10m"},
        {"in_flight_max = 99999999999999999999\n" SELLER("A1", ""), ":1: in_flight_max: ", "whole"},
        {"in_flight_max = -1\n" SELLER("A1", ""), ":1: in_flight_max: ", "whole"},
        {SELLER("A1", "quota_fraction = 1.5"), MORE_LINE "quota_fraction: ", "0.1 to 1.0"},
        {SELLER("A1", "quota_fraction = .5"), MORE_LINE "quota_fraction: ", "0.1 to 1.0"},
        {SELLER("A1", "quota_fraction = 0.0999"), MORE_LINE "quota_fraction: ", "0.1 to 1.0"},
        {SELLER("A1", "quota = off"), MORE_LINE "quota: ", "endpoint of your own"},
        {SELLER("A1", "currency = USD"), MORE_LINE "currency: ", "must be JPY"},
        {SELLER("A1", "currency = XYZ"), MORE_LINE "currency: ", "not a currency"},
        {SELLER("A1", "currency = JPYEN"), MORE_LINE "currency: ", "longer than 3"},
        {SELLER("A1", "resend = {}"), ":8: A1: resend: ", "needs a duration"},
        {SELLER("A1", "pending_poll = {}"), ":8: A1: pending_poll: ", "needs a duration"},
        {SELLER("A1", "authorization = both"), ":7: A1: authorization: ", "none of: synchronous"},
        {SELLER("A1", "settle_by = luck"), ":7: A1: settle_by: ", "none of: repeat, discovery"},
        {SELLER("A1", "resend = {1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s}"),
         MORE_LINE "resend: ", "more than 12"},
        {SELLER("A1", "retry_AmazonRejected = {401d}"),
         MORE_LINE "retry_AmazonRejected: ", "1s and 400d"},
        {SELLER("A1", "secret_env = TEST_CONFIG_SECRET"), ":5: A1: secret_env: ", "set again"},
        {SELLER("A1", "secret_file = /nowhere"), ":5: A1: secret_env: ", "secret_file already"},
        {"seller A1 {\nregion = jp\nenvironment = live\naccess_key = a\n"
         "secret_env = TEST_CONFIG_SECRET\nzone = \"../../etc/passwd\"\n}\n",
         ":6: A1: zone: ", "not a time zone"},
        {SELLER("A1", "resend = {1s"), ":10: A1: ", "not closed"},
        {"seller A1 {\nregion = jp\n", ":4: A1: ", "not closed"},
        {SELLER("A1", "") "/* and so on", ": ", "within a comment"},
        {SELLER("A1", "zone Asia"), MORE_LINE, "equal sign"},
        {SELLER("A1", "zone = \"Asia"), "", ""},
        {"sellr A1 {\n region = jp\n}\n", ":1: sellr: ", "no such key"},
        {"\" reader\" = x\n" SELLER("A1", ""), "", ""},
        {"\" reader\" { }\n" SELLER("A1", ""), "", ""},
        {"\"a\nb\" = x\n" SELLER("A1", ""), "", "no such key"},
    };
    one_mistake_each(*state, cases, sizeof cases / sizeof cases[0]);
}

static void test_one_mistake_in_each_url(void **state)
{
    static const struct mistake cases[] = {
        {SELLER("A1", "endpoint = \"http://localhost\""), MORE_LINE "endpoint: ", "https://"},
        {SELLER("A1", "endpoint = \"https://a@b\""), MORE_LINE "endpoint: ", "https://host"},
        {SELLER("A1", "endpoint = \"https://h?x=1\""), MORE_LINE "endpoint: ", "https://host"},
        {SELLER("A1", "endpoint = \"https://h:\""), MORE_LINE "endpoint: ", "https://host"},
        {SELLER("A1", "endpoint = \"https://\""), MORE_LINE "endpoint: ", "https://host"},
        {SELLER("A1", "endpoint = \"https://h/OffAmazonPayments/2013-01-01\""),
         MORE_LINE "endpoint: ", "/OffAmazonPayments_Sandbox/"},
        {SELLER("A1", "endpoint = \"https://MWS.amazonservices.com\""),
         MORE_LINE "endpoint: ", "mws.amazonservices.jp"},
        {SELLER("A1", "endpoint = \"https://api.sandbox.amazon.co.jp\""),
         MORE_LINE "endpoint: ", "Amazon's host is mws.amazonservices.jp"},
        {SELLER("A1", "profile_endpoint = \"http://localhost\""),
         MORE_LINE "profile_endpoint: ", "https://"},
        {SELLER("A1", "profile_endpoint = \"https://localhost/user\""),
         MORE_LINE "profile_endpoint: ", "left out"},
        {SELLER("A1", "profile_endpoint = \"https://api.amazon.co.jp\""),
         MORE_LINE "profile_endpoint: ", "api.sandbox.amazon.co.jp"},
        {SELLER("A1", "profile_endpoint = \"https://API.sandbox.amazon.com\""),
         MORE_LINE "profile_endpoint: ", "with region = jp and environment = sandbox"},
        {SELLER("A1", "profile_endpoint = \"https://mws.amazonservices.jp\""),
         MORE_LINE "profile_endpoint: ", "api.sandbox.amazon.co.jp"},
    };
    one_mistake_each(*state, cases, sizeof cases / sizeof cases[0]);
}

/* Their lines begin with four spaces. */
static void leave_out_policies(char *text)
{
    char *to = text;
    for (char *line = text; *line != '\0';) {
        size_t length = strcspn(line, "\n") + 1;
        if (strncmp(line, "    ", 4) != 0) {
            memmove(to, line, length);
            to += length;
        }
        line += length;
    }
    *to = '\0';
}

/* What --check prints below the first line. */
static const char shown[] =
    "\nseller A1\n"
    "  region            jp\n"
    "  environment       live\n"
    "  endpoint          https://mws.amazonservices.jp/OffAmazonPayments/2013-01-01\n"
    "  profile_endpoint  https://api.amazon.co.jp\n"
    "  currency          JPY\n"
    "  payment_domain    FE_JPY\n"
    "  agreements        B03-..., orders P03-...\n"
    "  default_limit     50000 JPY a month, until Amazon has told\n"
    "  quota             live\n"
    "  ipn_topic_arn     not set: notifications are answered 503 until it is\n"
    "  guard_canary      none\n"
    "  guard_count_max   none\n"
    "  guard_sum_max     none\n"
    "  guard_decline_rate_max 90%\n"
    "  guard_unknown_rate_max 90%\n"
    "  guard_sample_min  100\n"
    "  retries_per_hour  1800\n"
    "  policy            default\n"
    "\nseller A2\n"
    "  region            uk\n"
    "  environment       sandbox\n"
    "  endpoint          https://localhost:1/OffAmazonPayments_Sandbox/2013-01-01 (not "
    "Amazon's)\n"
    "  profile_endpoint  https://api.sandbox.amazon.co.uk\n"
    "  currency          CHF\n"
    "  payment_domain    EU_GBP\n"
    "  agreements        C02-..., orders S02-...\n"
    "  default_limit     500 GBP a month, until Amazon has told\n"
    "  quota             0.25 of sandbox\n"
    "  ipn_topic_arn     not set: any topic whose name ends in the merchant id\n"
    "  guard_canary      7\n"
    "  guard_count_max   100 a day\n"
    "  guard_sum_max     2500.00 CHF a day\n"
    "  guard_decline_rate_max 90%\n"
    "  guard_unknown_rate_max 90%\n"
    "  guard_sample_min  100\n"
    "  retries_per_hour  1800\n"
    "  policy            default\n"
    "  policy            goods\n"
    "\nseller A3\n"
    "  region            na\n"
    "  environment       live\n"
    "  endpoint          https://mws.amazonservices.com/OffAmazonPayments/2013-01-01\n"
    "  profile_endpoint  https://api.amazon.com\n"
    "  currency          USD\n"
    "  payment_domain    NA_USD\n"
    "  agreements        B01-..., orders P01-...\n"
    "  default_limit     1000 USD a month, until Amazon has told\n"
    "  quota             live\n"
    "  ipn_topic_arn     arn:aws:sns:us-east-1:1:A3\n"
    "  guard_canary      5% of what is due\n"
    "  guard_count_max   none\n"
    "  guard_sum_max     none\n"
    "  guard_decline_rate_max 90%\n"
    "  guard_unknown_rate_max 90%\n"
    "  guard_sample_min  100\n"
    "  retries_per_hour  1800\n"
    "  policy            default\n";

static void test_what_it_comes_to_is_shown(void **state)
{
    struct fixture *f = *state;
    char *text = NULL;
    size_t length = 0;
    load_well(f, "ipn_port = 8080\n"
                 "seller A1 {\n region = jp\n environment = live\n access_key = AKPLANTED\n"
                 " secret_env = TEST_CONFIG_SECRET\n zone = UTC\n}\n"
                 "seller A2 {\n region = uk\n environment = sandbox\n access_key = AKPLANTED\n"
                 " secret_env = TEST_CONFIG_SECRET\n zone = UTC\n currency = CHF\n"
                 " quota = sandbox\n quota_fraction = 0.25\n endpoint = \"https://localhost:1\"\n"
                 " guard_canary = 7\n guard_count_max = 100\n"
                 " guard_sum_max = \"2500\"\n policy goods { capture = on_shipment }\n}\n"
                 "seller A3 {\n region = na\n environment = live\n access_key = AKPLANTED\n"
                 " secret_env = TEST_CONFIG_SECRET\n zone = UTC\n"
                 " ipn_topic_arn = \"arn:aws:sns:us-east-1:1:A3\"\n guard_canary = \"5%\"\n}\n");
    FILE *stream = open_memstream(&text, &length);
    assert_non_null(stream);
    config_show(stream, f->config);
    assert_int_equal(fclose(stream), 0);
    assert_non_null(strstr(text, "\n    capture = on_shipment\n"));
    assert_non_null(strstr(text, "\n    retry_AmazonRejected = {\"1d\", \"3d\"}\n"));
    leave_out_policies(text);
    assert_string_equal(text, shown);
    free(text);
}

static void test_more_mistakes_than_fit_are_counted(void **state)
{
    struct fixture *f = *state;
    char text[4096];
    size_t used = 0;
    for (int i = 0; i < 2 * CONFIG_PROBLEMS_MAX; i++) {
        used += (size_t)snprintf(text + used, sizeof text - used, "seller \"bad-%d\" { }\n", i);
    }
    assert_int_equal(load(f, text), ST_INVALID);
    assert_int_equal(f->problems.count, CONFIG_PROBLEMS_MAX);
    assert_true(f->problems.left_out > 0);
    used = 0;
    for (int i = 0; i < 2 * CONFIG_PROBLEMS_MAX; i++) {
        used += (size_t)snprintf(text + used, sizeof text - used, "unknown_%d = 1\n", i);
    }
    assert_int_equal(load(f, text), ST_INVALID);
    assert_int_equal(f->problems.count, CONFIG_PROBLEMS_MAX);
}

static void test_endpoints(void **state)
{
    static const struct {
        const char *region, *environment, *endpoint, *url, *profile_url;
    } cases[] = {
        {"jp", "live", NULL, "https://mws.amazonservices.jp/OffAmazonPayments/2013-01-01",
         "https://api.amazon.co.jp"},
        {"na", "live", NULL, "https://mws.amazonservices.com/OffAmazonPayments/2013-01-01",
         "https://api.amazon.com"},
        {"eu", "sandbox", NULL,
         "https://mws-eu.amazonservices.com/OffAmazonPayments_Sandbox/2013-01-01",
         "https://api.sandbox.amazon.de"},
        {"uk", "live", NULL, "https://mws-eu.amazonservices.com/OffAmazonPayments/2013-01-01",
         "https://api.amazon.co.uk"},
        {"jp", "sandbox", "https://localhost:8443",
         "https://localhost:8443/OffAmazonPayments_Sandbox/2013-01-01",
         "https://api.sandbox.amazon.co.jp"},
        {"jp", "sandbox", "https://127.0.0.1:1/",
         "https://127.0.0.1:1/OffAmazonPayments_Sandbox/2013-01-01",
         "https://api.sandbox.amazon.co.jp"},
        {"jp", "live", "https://mws.amazonservices.jp/OffAmazonPayments/2013-01-01/",
         "https://mws.amazonservices.jp/OffAmazonPayments/2013-01-01", "https://api.amazon.co.jp"},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[1024];
        char endpoint[256] = "";
        if (cases[i].endpoint != NULL) {
            (void)snprintf(endpoint, sizeof endpoint, "endpoint = \"%s\"\n", cases[i].endpoint);
        }
        (void)snprintf(text, sizeof text,
                       "seller A1 {\nregion = %s\nenvironment = %s\n%saccess_key = a\n"
                       "secret_env = TEST_CONFIG_SECRET\nzone = UTC\n}\n",
                       cases[i].region, cases[i].environment, endpoint);
        load_well(f, text);
        const struct seller_config *seller = &f->config->sellers[0];
        assert_string_equal(seller->mws.endpoint, cases[i].url);
        assert_string_equal(seller->mws.profile_endpoint, cases[i].profile_url);
        assert_string_equal(mws_region_facts(seller->mws.region)->name, cases[i].region);
        assert_string_equal(mws_environment_name(seller->mws.environment), cases[i].environment);
    }
}

static void load_with_secret_file(struct fixture *f, const char *path, enum status expected)
{
    char text[1024];
    (void)snprintf(text, sizeof text,
                   "seller A1 {\nregion = jp\nenvironment = sandbox\naccess_key = a\n"
                   "secret_file = \"%s\"\nzone = UTC\n}\n",
                   path);
    if (load(f, text) != expected) {
        fail_msg("%s: %s", path,
                 f->problems.count > 0 ? f->problems.list[0].text : "wrongly accepted");
    }
}

static void test_secret_files_must_be_ours_alone(void **state)
{
    struct fixture *f = *state;
    static const mode_t open_modes[] = {0640, 0604, 0620, 0602, 0610, 0644, 0777};
    static const mode_t shut_modes[] = {0600, 0400};
    for (size_t i = 0; i < sizeof shut_modes / sizeof shut_modes[0]; i++) {
        assert_int_equal(chmod(f->secret, shut_modes[i]), 0);
        load_with_secret_file(f, f->secret, ST_OK);
    }
    for (size_t i = 0; i < sizeof open_modes / sizeof open_modes[0]; i++) {
        assert_int_equal(chmod(f->secret, open_modes[i]), 0);
        load_with_secret_file(f, f->secret, ST_INVALID);
        assert_problem(f, ":5: A1: secret_file: ", "chmod 600");
    }
    assert_int_equal(chmod(f->secret, 0600), 0);
    if (geteuid() == 0) { /* only root can give a file away */
        assert_int_equal(chown(f->secret, 12345, (gid_t)-1), 0);
        load_with_secret_file(f, f->secret, ST_INVALID);
        assert_problem(f, ":5: A1: secret_file: ", "another user");
    }
    load_with_secret_file(f, f->directory, ST_INVALID);
    load_with_secret_file(f, "/nowhere/at/all", ST_INVALID);
    assert_problem(f, ":5: A1: secret_file: ", "No such file");
}

static void test_secret_texts(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *text;
        size_t length;
        enum status expected;
    } cases[] = {
        {"key", 3, ST_OK},
        {"key\n", 4, ST_OK},
        {"key\r\n", 5, ST_OK},
        {"", 0, ST_INVALID},
        {"\n", 1, ST_INVALID},
        {"key\n\n", 5, ST_INVALID},
        {"two\nlines", 9, ST_INVALID},
        {"a key", 5, ST_INVALID},
        {"a\0b", 3, ST_INVALID},
        {"k\xc3\xa9y", 4, ST_INVALID},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        write_file(f->secret, cases[i].text, cases[i].length, 0600);
        load_with_secret_file(f, f->secret, cases[i].expected);
    }
    char many[300];
    memset(many, 'k', sizeof many);
    write_file(f->secret, many, 256, 0600);
    load_with_secret_file(f, f->secret, ST_OK);
    write_file(f->secret, many, 257, 0600);
    load_with_secret_file(f, f->secret, ST_INVALID);
    write_file(f->secret, many, 300, 0600);
    load_with_secret_file(f, f->secret, ST_INVALID);
}

static void test_secret_from_a_credential(void **state)
{
    struct fixture *f = *state;
    static const char *const bad[] = {"../A1SELLERID.secret", "absent", "/etc/passwd", "."};
    char filled[512];
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        (void)snprintf(filled, sizeof filled,
                       "seller A1 {\nregion = jp\nenvironment = sandbox\naccess_key = a\n"
                       "secret_credential = \"%s\"\nzone = UTC\n}\n",
                       bad[i]);
        assert_int_equal(load(f, filled), ST_INVALID);
    }
    assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
    (void)snprintf(filled, sizeof filled, "%s",
                   "seller A1 {\nregion = jp\nenvironment = sandbox\naccess_key = a\n"
                   "secret_credential = cred\nzone = UTC\n}\n");
    assert_int_equal(load(f, filled), ST_INVALID);
    assert_problem(f, ":5: A1: secret_credential: ", "LoadCredential=cred");
    assert_int_equal(
        config_load_with(f->file, f->zones, CONFIG_SECRETS_IN_REACH, &f->config, &f->problems),
        ST_OK);
    assert_null(f->config->sellers[0].secret);
    assert_null(f->config->sellers[0].mws.secret);
    assert_int_equal(setenv("CREDENTIALS_DIRECTORY", f->directory, 1), 0);
}

static void test_reload_allows_what_the_table_says(void **state)
{
    static const struct {
        const char *next, *problem; /* NULL = allowed */
    } cases[] = {
        {SELLER("A1", ""), NULL},
        {"log_level = debug\n" SELLER("A1", ""), NULL},
        {SELLER("A1", "quota_fraction = 0.5\nresend = {9s}\nlimit_short = fail"), NULL},
        {SELLER("A1", "authorization = mixed\nsettle_by = discovery\npending_poll = {1h}"), NULL},
        {SELLER("A1", "auth_token = t"), NULL},
        {SELLER("A1", "") SELLER("A2", ""), NULL},
        {SELLER("A2", ""), NULL},
        {SELLER("A1", "ipn_topic_arn = t"), NULL},
        {SELLER("A1", "hours = \"09:00-21:00\"\npolicy p { capture = on_shipment }"), NULL},
        {SELLER("A1", "guard_canary = 5\nbreaker_failures = 0\nretries_per_hour = 1"), NULL},
        {"clock_jump_max = 2h\n" SELLER("A1", ""), NULL},
        {"ipn_port = 1\n" SELLER("A1", ""), "ipn_port: changes only"},
        {"store = /other.db\n" SELLER("A1", ""), "store: changes only with a restart"},
        {"admin_socket = /other.sock\n" SELLER("A1", ""), "admin_socket: changes only"},
        {"log_format = json\n" SELLER("A1", ""), "log_format: changes only"},
        {"in_flight_max = 9\n" SELLER("A1", ""), "in_flight_max: changes only"},
        {SELLER("A1", "endpoint = \"https://localhost\""), "A1: endpoint: changes only"},
    };
    struct fixture *f = *state;
    struct config *running;
    load_well(f, SELLER("A1", ""));
    running = f->config;
    f->config = NULL;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct config_problems problems;
        load_well(f, cases[i].next);
        enum status status = config_reload_check(running, f->config, &problems);
        assert_int_equal(status, cases[i].problem == NULL ? ST_OK : ST_CONFLICT);
        assert_int_equal(problems.count, cases[i].problem == NULL ? 0 : 1);
        if (cases[i].problem != NULL && strstr(problems.list[0].text, cases[i].problem) == NULL) {
            fail_msg("said \"%s\" instead of \"%s\"", problems.list[0].text, cases[i].problem);
        }
    }
    config_free(running);
}

static void test_files_that_are_none(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(config_load("/nowhere.conf", f->zones, &f->config, &f->problems), ST_INVALID);
    assert_non_null(strstr(f->problems.list[0].text, "/nowhere.conf: cannot be opened"));
    assert_int_equal(config_load(f->directory, f->zones, &f->config, &f->problems), ST_INVALID);
    assert_non_null(strstr(f->problems.list[0].text, "plain file"));
    assert_null(f->config);
}

/* Cut anywhere, with any byte replaced: refused or accepted, never a crash or a leak. */
static void test_damaged_files(void **state)
{
    struct fixture *f = *state;
    const char *whole = "log_level = debug\n" SELLER("A1", "resend = {1s, \"2s\"} # waits\n"
                                                           "quota_fraction = 0.5 /* half */");
    size_t length = strlen(whole);
    char text[1024] = "";
    static const char bytes[] = {'\0', '"', '\'', '{', '}', '=', '\\', '(', '$', '\xff', '+', '|'};
    for (size_t cut = 0; cut < length; cut++) {
        (void)load_bytes(f, whole, cut);
    }
    for (size_t at = 0; at < length; at += 3) {
        for (size_t b = 0; b < sizeof bytes; b++) {
            memcpy(text, whole, length + 1);
            text[at] = bytes[b];
            (void)load_bytes(f, text, length);
        }
    }
}

static void test_value_texts(void **state)
{
    (void)state;
    int64_t milli;
    assert_true(config_milli_parse("0.125", &milli) && milli == 125);
    assert_true(config_milli_parse("1", &milli) && milli == 1000);
    assert_true(config_milli_parse("1.0", &milli) && milli == 1000);
    assert_false(config_milli_parse("1.", &milli));
    assert_false(config_milli_parse("1.0000", &milli));
    assert_false(config_milli_parse("9223372036854775807", &milli));
    assert_false(config_milli_parse("9223372036854775.9", &milli));
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, config_setup, config_teardown)
    const struct CMUnitTest tests[] = {
        CASE(test_sample_is_accepted_and_has_the_documented_defaults),
        CASE(test_sample_shows_true_defaults_of_every_key),
        CASE(test_every_key_is_read),
        CASE(test_all_mistakes_are_told_in_one_run),
        CASE(test_mistakes_of_one_seller),
        CASE(test_one_mistake_each),
        CASE(test_one_mistake_in_each_url),
        CASE(test_more_mistakes_than_fit_are_counted),
        CASE(test_endpoints),
        CASE(test_what_it_comes_to_is_shown),
        CASE(test_secret_files_must_be_ours_alone),
        CASE(test_secret_texts),
        CASE(test_secret_from_a_credential),
        CASE(test_reload_allows_what_the_table_says),
        CASE(test_files_that_are_none),
        CASE(test_damaged_files),
        CASE(test_value_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
