/*
 * config_options.c - every key of the configuration file: its kind, default, bounds and field, and
 * whether SIGHUP may change it.
 *
 * Add a key here and in deploy/autopayd.conf.sample. The keys of policies are in config_policy.c.
 */
#include "scheduler/config_options.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "billing/duration.h"
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
    {"clock_jump_max", OPTION_DURATION, RELOADS, FIELD(config, clock.jump_max_ms), "1h", 0,
     400 * DAY, NULL},
    {"clock_back_max", OPTION_DURATION, RELOADS, FIELD(config, clock.back_max_ms), "5m", 0,
     400 * DAY, NULL},
    {"downtime_max", OPTION_DURATION, RELOADS, FIELD(config, clock.downtime_max_ms), "7d", 0,
     400 * DAY, NULL},
    {"log_format", OPTION_WORD, 0, FIELD(config, log_format), "keyvalue", 0, 0, format_words},
    {"log_level", OPTION_WORD, RELOADS, FIELD(config, log_level), "info", 0, 0, level_words},
};
const struct config_options config_daemon_options = {daemon_options, sizeof daemon_options /
                                                                         sizeof daemon_options[0]};

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
    {"store_name", OPTION_TEXT, RELOADS, FIELD(seller_config, store_name), NULL, 0, 0, NULL},
    {"agreement_note", OPTION_TEXT, RELOADS, FIELD(seller_config, agreement_note), NULL, 0, 0,
     NULL},
    {"guard_canary", OPTION_SHARE, RELOADS, FIELD(seller_config, guard_canary), "0", 0, 1000000,
     NULL},
    {"guard_count_max", OPTION_INTEGER, RELOADS, FIELD(seller_config, batch.count_max), "0", 0,
     1000000000, NULL},
    {"guard_sum_max", OPTION_AMOUNT, RELOADS, FIELD(seller_config, batch.sum_max), NULL, 0, 0,
     NULL},
    {"guard_decline_rate_max", OPTION_PERCENT, RELOADS,
     FIELD(seller_config, batch.decline_percent_max), "90%", 0, 100, NULL},
    {"guard_unknown_rate_max", OPTION_PERCENT, RELOADS,
     FIELD(seller_config, batch.unknown_percent_max), "90%", 0, 100, NULL},
    {"guard_sample_min", OPTION_INTEGER, RELOADS, FIELD(seller_config, batch.sample_min), "100", 1,
     1000000, NULL},
    {"breaker_failures", OPTION_INTEGER, RELOADS, FIELD(seller_config, breaker.failures_max), "10",
     0, 1000, NULL},
    {"breaker_wait", OPTION_DURATION, RELOADS, FIELD(seller_config, breaker.wait_ms), "30s", 100,
     3600 * SECOND, NULL},
    {"breaker_wait_max", OPTION_DURATION, RELOADS, FIELD(seller_config, breaker.wait_max_ms), "10m",
     100, DAY, NULL},
    {"retries_per_hour", OPTION_INTEGER, RELOADS, FIELD(seller_config, retries_per_hour), "1800", 0,
     1000000, NULL},
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

static const struct config_word flag_words[] = {{"yes", true}, {"no", false}, {0}};

/* False: it is none, and that is told. */
static bool word_read(struct config_reader *reader, struct config_place place,
                      const struct config_word *words, const char *text, int *value)
{
    char list[128] = "";
    size_t used = 0;
    for (const struct config_word *word = words; word->name != NULL; word++) {
        if (strcmp(word->name, text) == 0) {
            *value = word->value;
            return true;
        }
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", used > 0 ? ", " : "",
                                 word->name);
        ENSURE(used < sizeof list);
    }
    config_problem(reader, place, "\"%.40s\" is none of: %s", text, list);
    return false;
}

static void store_word(struct config_reader *reader, struct config_place place,
                       const struct config_option *option, const char *text, void *field)
{
    int value;
    ENSURE(option->size == sizeof value);
    if (word_read(reader, place, option->words, text, &value)) {
        memcpy(field, &value, sizeof value);
    }
}

static void store_flag(struct config_reader *reader, struct config_place place,
                       const struct config_option *option, const char *text, bool *field)
{
    int value;
    if (word_read(reader, place, option->words != NULL ? option->words : flag_words, text,
                  &value)) {
        *field = value != 0;
    }
}

bool config_option_duration(struct config_reader *reader, struct config_place place,
                            const struct config_option *option, const char *text, int64_t *ms)
{
    if (!duration_parse(text, ms)) {
        config_problem(reader, place,
                       "\"%.40s\" is not a duration (write one number and ms, s, m, h or d, like "
                       "\"90s\")",
                       text);
        return false;
    }
    if (*ms < option->min || *ms > option->max) {
        char min[DURATION_TEXT_MAX];
        char max[DURATION_TEXT_MAX];
        duration_format(option->min, min);
        duration_format(option->max, max);
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

static void store_percent(struct config_reader *reader, struct config_place place, const char *text,
                          uint32_t *field)
{
    int64_t percent = 0;
    if (!config_percent_parse(text, &percent)) {
        config_problem(reader, place, "\"%.40s\" is not a percentage from 0%% to 100%%", text);
        return;
    }
    *field = (uint32_t)percent;
}

static void store_share(struct config_reader *reader, struct config_place place,
                        const struct config_option *option, const char *text,
                        struct config_share *share)
{
    int64_t value = 0;
    if (config_percent_parse(text, &value)) {
        *share = (struct config_share){.percent = (uint32_t)value};
    } else if (config_integer_parse(text, &value) && value <= option->max) {
        *share = (struct config_share){.count = (uint32_t)value};
    } else {
        config_problem(reader, place,
                       "\"%.40s\" is neither a whole number up to %" PRId64
                       " nor a percentage like \"5%%\"",
                       text, option->max);
    }
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
        if (config_option_duration(reader, place, option, text, &ms)) {
            memcpy(field, &ms, sizeof ms);
        }
        break;
    case OPTION_WORD:
        store_word(reader, place, option, text, field);
        break;
    case OPTION_FLAG:
        store_flag(reader, place, option, text, field);
        break;
    case OPTION_PERCENT:
        store_percent(reader, place, text, field);
        break;
    case OPTION_SHARE:
        store_share(reader, place, option, text, field);
        break;
    case OPTION_DURATIONS:
    case OPTION_RULE:
    case OPTION_HOURS:
    case OPTION_DAYS:
    case OPTION_AMOUNT:
    case OPTION_SECRET:
        break; /* these have readers of their own */
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
        if (config_option_duration(reader, setting->place, option, setting->text,
                                   &waits->wait_ms[waits->count])) {
            waits->count++;
        }
    }
}

bool config_option_is_list(const struct config_option *option)
{
    return option->kind == OPTION_DURATIONS || option->kind == OPTION_RULE ||
           option->kind == OPTION_DAYS;
}

void config_options_store_amounts(struct config_reader *reader, struct config_section *section,
                                  const struct config_options *options, const char *currency,
                                  void *target)
{
    for (size_t i = 0; i < options->count; i++) {
        const struct config_option *option = &options->list[i];
        const struct config_setting *setting = config_setting(section, option->key, 0);
        struct money amount;
        if (option->kind != OPTION_AMOUNT || setting == NULL) {
            continue;
        }
        if (!money_parse(setting->text, currency, &amount)) {
            config_problem(reader, setting->place, "\"%.40s\" is not an amount of %s",
                           setting->text, currency);
            continue;
        }
        memcpy((char *)target + option->offset, &amount, sizeof amount);
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
        } else if (option->kind == OPTION_RULE || option->kind == OPTION_HOURS ||
                   option->kind == OPTION_DAYS) {
            if (config_is_set(section, option->key)) {
                config_policy_store(reader, section, option, field);
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
