/*
 * config_policy_write.c - a policy as the configuration would say it, key by key, in the order of
 * config_policy.c's table: what is written here is read back as the same policy.
 *
 * billing/policy_text.h is the form that a store keeps for ever; this is the one for people, who
 * copy it into their file.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "billing/duration.h"
#include "billing/ensure.h"
#include "scheduler/config_options.h"
#include "scheduler/config_policy.h"

struct writer {
    char *text;
    size_t used;
};

__attribute__((format(printf, 2, 3))) static void put(struct writer *writer, const char *format,
                                                      ...)
{
    va_list arguments;
    size_t room = CONFIG_POLICY_TEXT_MAX - writer->used;
    va_start(arguments, format);
    int length = vsnprintf(writer->text + writer->used, room, format, arguments);
    va_end(arguments);
    ENSURE(length >= 0 && (size_t)length < room);
    writer->used += (size_t)length;
}

static void put_word(struct writer *writer, const struct config_word *words, int value)
{
    while (words->name != NULL && words->value != value) {
        words++;
    }
    ENSURE(words->name != NULL);
    put(writer, "%s", words->name);
}

static void put_duration(struct writer *writer, int64_t ms)
{
    char text[DURATION_TEXT_MAX];
    duration_format(ms, text);
    put(writer, "\"%s\"", text);
}

/* `first` is a path's word, or NULL. */
static void put_waits(struct writer *writer, const char *first, const struct policy_waits *waits)
{
    put(writer, "{%s%s%s", first != NULL ? "\"" : "", first != NULL ? first : "",
        first != NULL ? "\"" : "");
    for (uint32_t i = 0; i < waits->count; i++) {
        put(writer, "%s", i > 0 || first != NULL ? ", " : "");
        put_duration(writer, waits->wait_ms[i]);
    }
    put(writer, "}");
}

static void put_rule(struct writer *writer, const struct config_word *paths,
                     const struct policy_rule *rule)
{
    const struct config_word *path = paths;
    while (path->name != NULL && path->value != (int)rule->path) {
        path++;
    }
    put_waits(writer, path->name, &rule->waits);
}

static void put_hours(struct writer *writer, const struct policy_hours *hours)
{
    bool is_all_day = hours->from_s == 0 && hours->until_s == 0;
    int32_t until_s = is_all_day ? 86400 : hours->until_s;
    put(writer, "\"%02" PRId32 ":%02" PRId32 "-%02" PRId32 ":%02" PRId32 "\"", hours->from_s / 3600,
        hours->from_s / 60 % 60, until_s / 3600, until_s / 60 % 60);
}

static void put_days(struct writer *writer, uint32_t days)
{
    static const char *const names[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    const char *before = "{";
    if (days == 0 || days == POLICY_ALL_DAYS) {
        put(writer, "\"mon-sun\"");
        return;
    }
    for (unsigned day = 0; day < 7; day++) {
        if ((days & (1u << day)) != 0) {
            put(writer, "%s\"%s\"", before, names[day]);
            before = ", ";
        }
    }
    put(writer, "}");
}

static void put_amount(struct writer *writer, struct money amount)
{
    char text[MONEY_TEXT_MAX];
    money_format(amount, text);
    put(writer, "\"%s\"", text);
}

static int32_t number_at(const void *field)
{
    int32_t number;
    memcpy(&number, field, sizeof number);
    return number;
}

static void put_value(struct writer *writer, const struct config_option *option, const void *field)
{
    static const struct config_word flag_words[] = {{"yes", true}, {"no", false}, {0}};
    switch (option->kind) {
    case OPTION_INTEGER:
        put(writer, "%" PRId32, number_at(field));
        break;
    case OPTION_DURATION:
        put_duration(writer, *(const int64_t *)field);
        break;
    case OPTION_DURATIONS:
        put_waits(writer, NULL, field);
        break;
    case OPTION_WORD:
        put_word(writer, option->words, number_at(field));
        break;
    case OPTION_FLAG:
        put_word(writer, option->words != NULL ? option->words : flag_words, *(const bool *)field);
        break;
    case OPTION_PERCENT:
        put(writer, "\"%" PRId32 "%%\"", number_at(field));
        break;
    case OPTION_RULE:
        put_rule(writer, option->words, field);
        break;
    case OPTION_HOURS:
        put_hours(writer, field);
        break;
    case OPTION_DAYS:
        put_days(writer, ((const struct policy_hours *)field)->days);
        break;
    case OPTION_AMOUNT:
        put_amount(writer, *(const struct money *)field);
        break;
    case OPTION_TEXT:
    case OPTION_PATH:
    case OPTION_MILLI:
    case OPTION_SHARE:
    case OPTION_SECRET:
        ensure_failed("a kind of value that policies have", __FILE__, __LINE__);
    }
}

void config_policy_write(const struct policy *policy, char text[static CONFIG_POLICY_TEXT_MAX])
{
    struct writer writer = {.text = text};
    text[0] = '\0';
    for (size_t i = 0; i < config_policy_options.count; i++) {
        const struct config_option *option = &config_policy_options.list[i];
        const void *field = (const char *)policy + option->offset;
        if (option->kind == OPTION_AMOUNT && !money_is_valid(*(const struct money *)field)) {
            continue; /* no bound is said by no key */
        }
        put(&writer, "%s = ", option->key);
        put_value(&writer, option, field);
        put(&writer, "\n");
    }
}
