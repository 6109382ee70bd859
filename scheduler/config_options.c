/*
 * config_options.c - every key of the configuration file: its kind, default, bounds and field, and
 * whether SIGHUP may change it.
 *
 * Add a key here and in deploy/autopayd.conf.sample. A field of struct policy has its default in
 * policy_default(), so its `initial` is NULL.
 */
#include "scheduler/config_options.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "billing/ensure.h"
#include "scheduler/config_value.h"

#define FIELD(type, member) offsetof(struct type, member), sizeof(((struct type *)0)->member)
#define SECOND              INT64_C(1000)
#define DAY                 (86400 * SECOND)

static const struct config_word level_words[] = {
    {"debug", LOG_DEBUG}, {"info", LOG_INFO}, {"warning", LOG_WARNING}, {"error", LOG_ERROR}, {0}};
static const struct config_word format_words[] = {
    {"keyvalue", LOG_KEYVALUE}, {"json", LOG_JSON}, {0}};
static const struct config_word region_words[] = {{"jp", MWS_REGION_JP},
                                                  {"na", MWS_REGION_NA},
                                                  {"eu", MWS_REGION_EU},
                                                  {"uk", MWS_REGION_UK},
                                                  {0}};
static const struct config_word environment_words[] = {
    {"sandbox", MWS_SANDBOX}, {"live", MWS_LIVE}, {0}};
static const struct config_word quota_words[] = {
    {"off", CONFIG_QUOTA_OFF}, {"sandbox", CONFIG_QUOTA_SANDBOX}, {"live", CONFIG_QUOTA_LIVE}, {0}};
static const struct config_word authorization_words[] = {{"synchronous", POLICY_SYNCHRONOUS},
                                                         {"asynchronous", POLICY_ASYNCHRONOUS},
                                                         {"mixed", POLICY_MIXED},
                                                         {0}};
static const struct config_word settle_words[] = {
    {"repeat", POLICY_BY_REPEAT}, {"discovery", POLICY_BY_DISCOVERY}, {0}};
static const struct config_word short_words[] = {
    {"hold", POLICY_SHORT_HOLD}, {"fail", POLICY_SHORT_FAIL}, {0}};

static const struct config_option daemon_options[] = {
    {"store", OPTION_PATH, 0, FIELD(config, store_path), "/var/lib/autopayd/autopay.db", 0, 0,
     NULL},
    {"admin_socket", OPTION_PATH, 0, FIELD(config, admin_socket), "/run/autopayd/admin.sock", 0, 0,
     NULL},
    {"ca_file", OPTION_PATH, 0, FIELD(config, ca_file), NULL, 0, 0, NULL},
    {"in_flight_max", OPTION_INTEGER, 0, FIELD(config, in_flight_max), "256", 1, 4096, NULL},
    {"connections_max", OPTION_INTEGER, 0, FIELD(config, connections_max), "64", 1, 1024, NULL},
    {"connect_deadline", OPTION_DURATION, 0, FIELD(config, connect_deadline_ms), "10s", 100,
     120 * SECOND, NULL},
    {"total_deadline", OPTION_DURATION, 0, FIELD(config, total_deadline_ms), "45s", 100,
     600 * SECOND, NULL},
    {"ipn_port", OPTION_INTEGER, 0, FIELD(config, ipn_port), NULL, 1, 65535, NULL},
    {"ipn_address", OPTION_TEXT, 0, FIELD(config, ipn_address), "127.0.0.1", 0, 0, NULL},
    {"ipn_path", OPTION_PATH, 0, FIELD(config, ipn_path), "/ipn", 0, 0, NULL},
    {"ipn_certificate_file", OPTION_PATH, 0, FIELD(config, ipn_certificate_file), NULL, 0, 0, NULL},
    {"ipn_key_file", OPTION_PATH, 0, FIELD(config, ipn_key_file), NULL, 0, 0, NULL},
    {"ipn_trust_file", OPTION_PATH, 0, FIELD(config, ipn_trust_file), NULL, 0, 0, NULL},
    {"ipn_connect_to", OPTION_TEXT, 0, FIELD(config, ipn_connect_to), NULL, 0, 0, NULL},
    {"log_format", OPTION_WORD, 0, FIELD(config, log_format), "keyvalue", 0, 0, format_words},
    {"log_level", OPTION_WORD, RELOADS, FIELD(config, log_level), "info", 0, 0, level_words},
};
const struct config_options config_daemon_options = {daemon_options, sizeof daemon_options /
                                                                         sizeof daemon_options[0]};

#define RETRY(reason)                                                                              \
    FIELD(seller_config, policy.retry[reason].waits), NULL, SECOND, 400 * DAY, NULL

static const struct config_option seller_options[] = {
    {"region", OPTION_WORD, REQUIRED, FIELD(seller_config, mws.region), NULL, 0, 0, region_words},
    {"environment", OPTION_WORD, REQUIRED, FIELD(seller_config, mws.environment), NULL, 0, 0,
     environment_words},
    {"endpoint", OPTION_TEXT, 0, FIELD(seller_config, mws.endpoint), NULL, 0, 0, NULL},
    {"profile_endpoint", OPTION_TEXT, 0, FIELD(seller_config, mws.profile_endpoint), NULL, 0, 0,
     NULL},
    {"access_key", OPTION_TEXT, REQUIRED | RELOADS, FIELD(seller_config, mws.access_key), NULL, 0,
     0, NULL},
    {"auth_token", OPTION_TEXT, RELOADS, FIELD(seller_config, mws.auth_token), NULL, 0, 0, NULL},
    {"secret_file", OPTION_SECRET, RELOADS, 0, 0, NULL, 0, 0, NULL},
    {"secret_env", OPTION_SECRET, RELOADS, 0, 0, NULL, 0, 0, NULL},
    {"secret_credential", OPTION_SECRET, RELOADS, 0, 0, NULL, 0, 0, NULL},
    {"currency", OPTION_TEXT, 0, FIELD(seller_config, currency), NULL, 0, 0, NULL},
    {"zone", OPTION_TEXT, REQUIRED | RELOADS, FIELD(seller_config, zone), NULL, 0, 0, NULL},
    {"quota", OPTION_WORD, RELOADS, FIELD(seller_config, quota), NULL, 0, 0, quota_words},
    {"quota_fraction", OPTION_MILLI, RELOADS, FIELD(seller_config, quota_milli), "1.0", 100, 1000,
     NULL},
    {"ipn_topic_arn", OPTION_TEXT, RELOADS, FIELD(seller_config, ipn_topic_arn), NULL, 0, 0, NULL},
    {"authorization", OPTION_WORD, RELOADS, FIELD(seller_config, policy.authorization), NULL, 0, 0,
     authorization_words},
    {"settle_by", OPTION_WORD, RELOADS, FIELD(seller_config, policy.settle_by), NULL, 0, 0,
     settle_words},
    {"pending_poll", OPTION_DURATIONS, RELOADS, FIELD(seller_config, policy.pending_poll), NULL, 10,
     7 * DAY, NULL},
    {"limit_short", OPTION_WORD, RELOADS, FIELD(seller_config, policy.limit_short), NULL, 0, 0,
     short_words},
    {"suspended_poll", OPTION_DURATION, RELOADS, FIELD(seller_config, policy.suspended_poll_ms),
     NULL, SECOND, 31 * DAY, NULL},
    {"retry_InvalidPaymentMethodSoft", OPTION_DURATIONS, RELOADS,
     RETRY(REASON_INVALID_PAYMENT_METHOD_SOFT)},
    {"retry_AmazonRejected", OPTION_DURATIONS, RELOADS, RETRY(REASON_AMAZON_REJECTED)},
    {"retry_ProcessingFailure", OPTION_DURATIONS, RELOADS, RETRY(REASON_PROCESSING_FAILURE)},
    {"retry_TransactionTimedOut", OPTION_DURATIONS, RELOADS, RETRY(REASON_TRANSACTION_TIMED_OUT)},
    {"retry_request_refused", OPTION_DURATIONS, RELOADS, RETRY(REASON_REQUEST_REFUSED)},
    {"retry_not_captured", OPTION_DURATIONS, RELOADS, RETRY(REASON_NOT_CAPTURED)},
    {"resend", OPTION_DURATIONS, RELOADS, FIELD(seller_config, policy.resend), NULL, 10,
     3600 * SECOND, NULL},
    {"answer_deadline", OPTION_DURATION, RELOADS, FIELD(seller_config, policy.answer_deadline_ms),
     NULL, 100, 3600 * SECOND, NULL},
};
const struct config_options config_seller_options = {seller_options, sizeof seller_options /
                                                                         sizeof seller_options[0]};

static void store_text(struct config_reader *reader, struct config_place place,
                       const struct config_option *option, const char *text, char *field)
{
    size_t length = strlen(text);
    if (length == 0) {
        config_problem(reader, place, "is empty: leave the key out instead");
    } else if (length >= option->size) {
        config_problem(reader, place, "is longer than %zu bytes", option->size - 1);
    } else if (text[strcspn(text, "\r\n\t\x7f\x1b")] != '\0') {
        config_problem(reader, place, "holds a control character");
    } else if (option->kind == OPTION_PATH && text[0] != '/') {
        config_problem(reader, place, "must be an absolute path");
    } else {
        memcpy(field, text, length + 1);
    }
}

static void store_word(struct config_reader *reader, struct config_place place,
                       const struct config_option *option, const char *text, void *field)
{
    char list[128] = "";
    size_t used = 0;
    for (const struct config_word *word = option->words; word->name != NULL; word++) {
        if (strcmp(word->name, text) == 0) {
            ENSURE(option->size == sizeof word->value);
            memcpy(field, &word->value, sizeof word->value);
            return;
        }
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", used > 0 ? ", " : "",
                                 word->name);
        ENSURE(used < sizeof list);
    }
    config_problem(reader, place, "\"%.40s\" is none of: %s", text, list);
}

static bool duration_read(struct config_reader *reader, struct config_place place,
                          const struct config_option *option, const char *text, int64_t *ms)
{
    if (!config_duration_parse(text, ms)) {
        config_problem(reader, place,
                       "\"%.40s\" is not a duration (write one number and ms, s, m, h or d, like "
                       "\"90s\")",
                       text);
        return false;
    }
    if (*ms < option->min || *ms > option->max) {
        char min[CONFIG_DURATION_TEXT_MAX];
        char max[CONFIG_DURATION_TEXT_MAX];
        config_duration_format(option->min, min);
        config_duration_format(option->max, max);
        config_problem(reader, place, "\"%.40s\" is not between %s and %s", text, min, max);
        return false;
    }
    return true;
}

static void store_number(struct config_reader *reader, struct config_place place,
                         const struct config_option *option, const char *text, int32_t *field)
{
    int64_t value = 0;
    if (option->kind == OPTION_INTEGER) {
        if (!config_integer_parse(text, &value) || value < option->min || value > option->max) {
            config_problem(reader, place,
                           "\"%.40s\" is not a whole number from %" PRId64 " to %" PRId64, text,
                           option->min, option->max);
            return;
        }
    } else if (!config_milli_parse(text, &value) || value < option->min || value > option->max) {
        config_problem(reader, place, "\"%.40s\" is not a fraction from %.1f to %.1f", text,
                       (double)option->min / 1000, (double)option->max / 1000);
        return;
    }
    *field = (int32_t)value;
}

static void store_value(struct config_reader *reader, struct config_place place,
                        const struct config_option *option, const char *text, void *field)
{
    int64_t ms;
    switch (option->kind) {
    case OPTION_TEXT:
    case OPTION_PATH:
        store_text(reader, place, option, text, field);
        break;
    case OPTION_INTEGER:
    case OPTION_MILLI:
        store_number(reader, place, option, text, field);
        break;
    case OPTION_DURATION:
        if (duration_read(reader, place, option, text, &ms)) {
            memcpy(field, &ms, sizeof ms);
        }
        break;
    case OPTION_WORD:
        store_word(reader, place, option, text, field);
        break;
    case OPTION_DURATIONS:
    case OPTION_SECRET:
        break; /* lists and secrets have readers of their own */
    }
}

static void store_durations(struct config_reader *reader, const struct config_option *option,
                            struct config_section *section, struct policy_waits *waits)
{
    waits->count = 0;
    const struct config_setting *setting;
    for (uint32_t i = 0; (setting = config_setting(section, option->key, i)) != NULL; i++) {
        if (waits->count == POLICY_WAITS_MAX) {
            config_problem(reader, setting->place, "has more than %d durations", POLICY_WAITS_MAX);
            return;
        }
        if (duration_read(reader, setting->place, option, setting->text,
                          &waits->wait_ms[waits->count])) {
            waits->count++;
        }
    }
}

void config_options_store(struct config_reader *reader, struct config_section *section,
                          const struct config_options *options, void *target)
{
    for (size_t i = 0; i < options->count; i++) {
        const struct config_option *option = &options->list[i];
        void *field = (char *)target + option->offset;
        struct config_place place = config_place_of(section, option->key);
        const struct config_setting *setting = config_setting(section, option->key, 0);
        if (option->kind == OPTION_DURATIONS) {
            if (config_is_set(section, option->key)) {
                store_durations(reader, option, section, field);
            }
        } else if (setting != NULL) {
            store_value(reader, place, option, setting->text, field);
        } else if (option->initial != NULL) {
            store_value(reader, place, option, option->initial, field);
        } else if ((option->flags & REQUIRED) != 0) {
            config_problem(reader, place, "is missing in the section that ends here");
        }
    }
}

static void reload_compare(const char *seller, const struct config_options *options,
                           const void *running, const void *next, struct config_problems *problems)
{
    for (size_t i = 0; i < options->count; i++) {
        const struct config_option *option = &options->list[i];
        const char *before = (const char *)running + option->offset;
        const char *after = (const char *)next + option->offset;
        bool is_text = option->kind == OPTION_TEXT || option->kind == OPTION_PATH;
        bool is_same =
            is_text ? strcmp(before, after) == 0 : memcmp(before, after, option->size) == 0;
        if (!is_same && (option->flags & RELOADS) == 0) {
            struct problem problem;
            (void)problem_set(&problem, ST_CONFLICT, "%s%s%s: changes only with a restart", seller,
                              seller[0] != '\0' ? ": " : "", option->key);
            config_problems_add(problems, &problem);
        }
    }
}

enum status config_reload_check(const struct config *running, const struct config *next,
                                struct config_problems *problems)
{
    memset(problems, 0, sizeof *problems);
    reload_compare("", &config_daemon_options, running, next, problems);
    for (uint32_t i = 0; i < running->seller_count; i++) {
        const struct seller_config *before = &running->sellers[i];
        const struct seller_config *after = config_seller(next, before->mws.seller_id);
        if (after != NULL) {
            reload_compare(before->mws.seller_id, &config_seller_options, before, after, problems);
        }
    }
    return problems->count > 0 ? ST_CONFLICT : ST_OK;
}
