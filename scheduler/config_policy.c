/*
 * config_policy.c - the keys of a seller's policies: billing/policy.h, field by field.
 *
 * The keys that stand in the seller's own section are the policy "default"; a section
 * policy "NAME" { ... } within it is another one, which begins as the default and overrides single
 * keys. Every key's default is policy_default()'s, so no `initial` stands here.
 *
 * Add a key here, in billing/policy_text.c and in deploy/autopayd.conf.sample.
 */
#include "scheduler/config_policy.h"

#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "billing/policy_text.h"
#include "scheduler/config_options.h"
#include "scheduler/config_value.h"

#define FIELD(member) offsetof(struct policy, member), sizeof(((struct policy *)0)->member)
#define SECOND        INT64_C(1000)
#define DAY           (86400 * SECOND)

static const struct config_word authorization_words[] = {{"synchronous", POLICY_SYNCHRONOUS},
                                                         {"asynchronous", POLICY_ASYNCHRONOUS},
                                                         {"mixed", POLICY_MIXED},
                                                         {0}};
static const struct config_word capture_words[] = {
    {"now", POLICY_CAPTURE_NOW}, {"on_shipment", POLICY_CAPTURE_ON_SHIPMENT}, {0}};
static const struct config_word settle_words[] = {
    {"repeat", POLICY_BY_REPEAT}, {"discovery", POLICY_BY_DISCOVERY}, {0}};
static const struct config_word final_words[] = {
    {"past_due", POLICY_LEAVE_PAST_DUE}, {"pause", POLICY_PAUSE}, {"cancel", POLICY_CANCEL}, {0}};
static const struct config_word short_words[] = {
    {"hold", POLICY_SHORT_HOLD}, {"fail", POLICY_SHORT_FAIL}, {"ask", POLICY_SHORT_ASK}, {0}};
static const struct config_word catch_up_words[] = {{"each", POLICY_CATCH_UP_EACH},
                                                    {"once", POLICY_CATCH_UP_ONCE},
                                                    {"skip", POLICY_CATCH_UP_SKIP},
                                                    {"hold", POLICY_CATCH_UP_HOLD},
                                                    {0}};
static const struct config_word difference_words[] = {{"stop", true}, {"tell", false}, {0}};
static const struct config_word path_words[] = {{"wait_open", POLICY_WAIT_OPEN},
                                                {"asynchronous", POLICY_ASYNCHRONOUSLY},
                                                {"next_period", POLICY_NEXT_PERIOD},
                                                {0}};

#define WORD(key, member, words)                                                                   \
    {                                                                                              \
        key, OPTION_WORD, RELOADS, FIELD(member), NULL, 0, 0, words                                \
    }
#define FLAG(key, member)                                                                          \
    {                                                                                              \
        key, OPTION_FLAG, RELOADS, FIELD(member), NULL, 0, 0, NULL                                 \
    }
#define DURATION(key, member, min, max)                                                            \
    {                                                                                              \
        key, OPTION_DURATION, RELOADS, FIELD(member), NULL, min, max, NULL                         \
    }
#define WAITS(key, member, min, max)                                                               \
    {                                                                                              \
        key, OPTION_DURATIONS, RELOADS, FIELD(member), NULL, min, max, NULL                        \
    }
#define RETRY(key, reason)                                                                         \
    {                                                                                              \
        key, OPTION_RULE, RELOADS, FIELD(retry[reason]), NULL, SECOND, 400 * DAY, path_words       \
    }
/* Of what was not sent, or may be asked again: no new attempt, so no path. */
#define RESEND(key, reason)                                                                        \
    {                                                                                              \
        key, OPTION_DURATIONS, RELOADS, FIELD(retry[reason].waits), NULL, 10, 3600 * SECOND, NULL  \
    }
#define AMOUNT(key, member)                                                                        \
    {                                                                                              \
        key, OPTION_AMOUNT, RELOADS, FIELD(member), NULL, 0, 0, NULL                               \
    }

static const struct config_option policy_options[] = {
    WORD("authorization", authorization, authorization_words),
    WORD("capture", capture, capture_words),
    DURATION("capture_warning", capture_warning_ms, 0, 31 * DAY),
    FLAG("reauthorize", reauthorize),
    WORD("settle_by", settle_by, settle_words),
    WAITS("pending_poll", pending_poll, 10, 7 * DAY),
    WAITS("resend", resend, 10, 3600 * SECOND),
    DURATION("answer_deadline", answer_deadline_ms, 100, 3600 * SECOND),
    RETRY("retry_InvalidPaymentMethod", REASON_INVALID_PAYMENT_METHOD),
    RETRY("retry_InvalidPaymentMethodSoft", REASON_INVALID_PAYMENT_METHOD_SOFT),
    RETRY("retry_AmazonRejected", REASON_AMAZON_REJECTED),
    RETRY("retry_ProcessingFailure", REASON_PROCESSING_FAILURE),
    RETRY("retry_TransactionTimedOut", REASON_TRANSACTION_TIMED_OUT),
    RETRY("retry_PeriodicAmountExceeded", REASON_PERIODIC_AMOUNT_EXCEEDED),
    RETRY("retry_agreement_not_open", REASON_AGREEMENT_NOT_OPEN),
    RETRY("retry_request_refused", REASON_REQUEST_REFUSED),
    RETRY("retry_not_captured", REASON_NOT_CAPTURED),
    RETRY("retry_capture_declined", REASON_CAPTURE_DECLINED),
    RESEND("retry_throttled", REASON_THROTTLED),
    RESEND("retry_service_unavailable", REASON_SERVICE_UNAVAILABLE),
    {"jitter", OPTION_PERCENT, RELOADS, FIELD(jitter_percent), NULL, 0, 100, NULL},
    {"hours", OPTION_HOURS, RELOADS, FIELD(hours), NULL, 0, 0, NULL},
    {"days", OPTION_DAYS, RELOADS, FIELD(hours), NULL, 0, 0, NULL},
    {"attempts_max", OPTION_INTEGER, RELOADS, FIELD(attempts_max), NULL, 0, 1000, NULL},
    FLAG("retry_past_next_due", retry_past_next_due),
    WORD("final_action", final_action, final_words),
    WORD("limit_short", limit_short, short_words),
    DURATION("limit_refresh", limit_refresh_ms, 0, 31 * DAY),
    {"limit_difference", OPTION_FLAG, RELOADS, FIELD(limit_difference_stops), NULL, 0, 0,
     difference_words},
    WORD("catch_up", catch_up, catch_up_words),
    DURATION("late_after", late_after_ms, 0, 400 * DAY),
    DURATION("lateness_max", lateness_max_ms, 0, 400 * DAY),
    AMOUNT("amount_min", amount_min),
    AMOUNT("amount_max", amount_max),
    DURATION("suspended_poll", suspended_poll_ms, SECOND, 31 * DAY),
    DURATION("validate_every", validate_every_ms, 0, 31 * DAY),
};
const struct config_options config_policy_options = {policy_options, sizeof policy_options /
                                                                         sizeof policy_options[0]};

/* ---- values that only policies have ---- */

static enum policy_path path_of(const char *text)
{
    for (const struct config_word *word = path_words; word->name != NULL; word++) {
        if (strcmp(word->name, text) == 0) {
            return (enum policy_path)word->value;
        }
    }
    return POLICY_BY_WAITS;
}

static void store_rule(struct config_reader *reader, struct config_section *section,
                       const struct config_option *option, struct policy_rule *rule)
{
    const struct config_setting *setting = config_setting(section, option->key, 0);
    uint32_t index = 0;
    *rule = (struct policy_rule){.path = POLICY_BY_WAITS};
    if (setting != NULL) {
        rule->path = path_of(setting->text);
        index = rule->path == POLICY_BY_WAITS ? 0 : 1;
    }
    for (; (setting = config_setting(section, option->key, index)) != NULL; index++) {
        if (rule->path == POLICY_WAIT_OPEN || rule->path == POLICY_NEXT_PERIOD) {
            config_problem(reader, setting->place, "nothing follows wait_open or next_period");
            return;
        }
        if (rule->waits.count == POLICY_WAITS_MAX) {
            config_problem(reader, setting->place, "has more than %d durations", POLICY_WAITS_MAX);
            return;
        }
        if (config_option_duration(reader, setting->place, option, setting->text,
                                   &rule->waits.wait_ms[rule->waits.count])) {
            rule->waits.count++;
        }
    }
}

static void store_hours(struct config_reader *reader, const struct config_setting *setting,
                        struct policy_hours *hours)
{
    if (!config_hours_parse(setting->text, &hours->from_s, &hours->until_s)) {
        config_problem(reader, setting->place,
                       "\"%.40s\" is not a time of day to another, like \"09:00-21:00\"",
                       setting->text);
    } else if (hours->from_s == 0 && hours->until_s == 86400) {
        hours->until_s = 0; /* all day has one form */
    }
}

static void store_days(struct config_reader *reader, struct config_section *section,
                       const struct config_option *option, struct policy_hours *hours)
{
    const struct config_setting *setting;
    hours->days = 0;
    for (uint32_t i = 0; (setting = config_setting(section, option->key, i)) != NULL; i++) {
        uint32_t days = 0;
        if (!config_days_parse(setting->text, &days)) {
            config_problem(reader, setting->place,
                           "\"%.40s\" is not a day or several, like \"mon\" or \"mon-fri\"",
                           setting->text);
        }
        hours->days |= days;
    }
    if (hours->days == 0) {
        config_problem(reader, config_place_of(section, option->key), "needs a day");
    }
}

void config_policy_store(struct config_reader *reader, struct config_section *section,
                         const struct config_option *option, void *field)
{
    if (option->kind == OPTION_RULE) {
        store_rule(reader, section, option, field);
    } else if (option->kind == OPTION_HOURS) {
        store_hours(reader, config_setting(section, option->key, 0), field);
    } else {
        ENSURE(option->kind == OPTION_DAYS);
        store_days(reader, section, option, field);
    }
}

/* ---- what no single key can know ---- */

/* Only the buyer can mend these: a wait would only collect declines. */
static void check_only_buyers(struct config_reader *reader, struct config_section *section,
                              const struct policy *policy)
{
    static const struct {
        const char *key;
        enum reason reason;
    } keys[] = {{"retry_InvalidPaymentMethod", REASON_INVALID_PAYMENT_METHOD},
                {"retry_agreement_not_open", REASON_AGREEMENT_NOT_OPEN}};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const struct policy_rule *rule = &policy->retry[keys[i].reason];
        bool fails = rule->path == POLICY_BY_WAITS && rule->waits.count == 0;
        if (rule->path != POLICY_WAIT_OPEN && !fails) {
            config_problem(reader, config_place_of(section, keys[i].key),
                           "only the buyer can mend it: \"wait_open\", or {} to give up");
        }
    }
}

static void policy_read(struct config_reader *reader, struct config_section *section,
                        const char *currency, struct policy *policy)
{
    config_options_store(reader, section, &config_policy_options, policy);
    config_options_store_amounts(reader, section, &config_policy_options, currency, policy);
    if (policy->resend.count == 0) {
        config_problem(reader, config_place_of(section, "resend"),
                       "needs a duration: an unanswered attempt is always asked for again");
    }
    if (policy->pending_poll.count == 0) {
        config_problem(reader, config_place_of(section, "pending_poll"),
                       "needs a duration: what Amazon has not decided yet is always looked up");
    }
    if (money_is_valid(policy->amount_min) && money_is_valid(policy->amount_max) &&
        !money_at_most(policy->amount_min, policy->amount_max)) {
        config_problem(reader, config_place_of(section, "amount_max"), "is less than amount_min");
    }
    check_only_buyers(reader, section, policy);
    char text[POLICY_TEXT_MAX];
    if (!policy_format(policy, text)) {
        config_problem(reader, config_place_of(section, NULL),
                       "this policy cannot be kept: its lists are too long, or the zone's name has "
                       "other characters than letters, digits and \"_+-/.\"");
    }
}

static bool is_name(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    size_t length = strlen(name);
    return length > 0 && length < POLICY_NAME_MAX && strspn(name, letters) > 0 &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") ==
               length;
}

static void named_read(struct config_reader *reader, struct config_section *section,
                       struct seller_config *seller, struct policy *policy)
{
    const char *name = config_section_title(section);
    *policy = seller->policy;
    /* "none" is how policy_text.h writes that there is no name. */
    bool is_taken = strcmp(name, POLICY_NAME_DEFAULT) == 0 || strcmp(name, "none") == 0;
    if (!is_name(name) || is_taken) {
        config_problem(reader, config_place_of(section, NULL),
                       "is not a name for a policy: a letter, then letters, digits, \"_\", \".\" "
                       "and \"-\", at most %d; and neither \"" POLICY_NAME_DEFAULT
                       "\", which is the keys of the seller's own section, nor \"none\"",
                       POLICY_NAME_MAX - 1);
        return;
    }
    memset(policy->name, 0, sizeof policy->name);
    memcpy(policy->name, name, strlen(name));
    policy_read(reader, section, seller->currency, policy);
}

void config_policies_read(struct config_reader *reader, struct config_section *section,
                          struct seller_config *seller)
{
    uint32_t count = 0;
    policy_read(reader, section, seller->currency, &seller->policy);
    while (config_policy_section(section, count) != NULL) {
        count++;
    }
    if (count > CONFIG_POLICIES_MAX) {
        config_problem(reader, config_place_of(section, NULL), "has more than %d policies",
                       CONFIG_POLICIES_MAX);
        return;
    }
    if (count == 0) {
        return;
    }
    seller->policies = calloc(count, sizeof *seller->policies);
    ENSURE(seller->policies != NULL);
    seller->policy_count = count;
    for (uint32_t i = 0; i < count; i++) {
        named_read(reader, config_policy_section(section, i), seller, &seller->policies[i]);
    }
}
