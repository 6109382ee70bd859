/*
 * policy_text.c - see policy_text.h.
 *
 * One table names every field with its key and kind; writing and reading walk the same table, so a
 * field cannot be written and not read. Reading ends by writing what was read: a text that is not
 * byte for byte what would be written is refused, whatever is odd about it.
 */
#include "billing/policy_text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "billing/duration.h"
#include "billing/ensure.h"

#define KEY_TEXT_MAX  64
#define WORD_TEXT_MAX 64
#define DAY_SECONDS   86400

enum kind {
    KIND_NAME = 1, /* a text of few characters; "" = none */
    KIND_WORD,     /* an enum that begins with 1 */
    KIND_FLAG,
    KIND_COUNT,
    KIND_DURATION,
    KIND_WAITS,
    KIND_HOURS,
    KIND_DAYS,
    KIND_MONEY,
};

struct field {
    const char *key;
    enum kind kind;
    size_t offset;
    const char *const *words; /* KIND_WORD: from 1 on, ends with NULL; KIND_NAME: of its size */
    size_t size;              /* KIND_NAME */
};

#define AT(member) offsetof(struct policy, member)

static const char *const authorization_words[] = {"", "synchronous", "asynchronous", "mixed", NULL};
static const char *const capture_words[] = {"", "now", "on_shipment", NULL};
static const char *const settle_words[] = {"", "repeat", "discovery", NULL};
static const char *const final_words[] = {"", "past_due", "pause", "cancel", NULL};
static const char *const short_words[] = {"", "hold", "fail", "ask", NULL};
static const char *const catch_up_words[] = {"", "each", "once", "skip", "hold", NULL};
static const char *const path_words[] = {"", "wait_open", "asynchronous", "next_period", NULL};
static const char *const day_words[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun", NULL};

/* The retry rules, retry_<reason>, come after settle_by. */
static const struct field fields[] = {
    {"name", KIND_NAME, AT(name), NULL, POLICY_NAME_MAX},
    {"zone", KIND_NAME, AT(zone_name), NULL, ZONE_NAME_MAX},
    {"authorization", KIND_WORD, AT(authorization), authorization_words, 0},
    {"capture", KIND_WORD, AT(capture), capture_words, 0},
    {"capture_warning", KIND_DURATION, AT(capture_warning_ms), NULL, 0},
    {"reauthorize", KIND_FLAG, AT(reauthorize), NULL, 0},
    {"settle_by", KIND_WORD, AT(settle_by), settle_words, 0},
    {"jitter_percent", KIND_COUNT, AT(jitter_percent), NULL, 0},
    {"hours", KIND_HOURS, AT(hours), NULL, 0},
    {"days", KIND_DAYS, AT(hours.days), NULL, 0},
    {"attempts_max", KIND_COUNT, AT(attempts_max), NULL, 0},
    {"retry_past_next_due", KIND_FLAG, AT(retry_past_next_due), NULL, 0},
    {"final_action", KIND_WORD, AT(final_action), final_words, 0},
    {"limit_short", KIND_WORD, AT(limit_short), short_words, 0},
    {"limit_refresh", KIND_DURATION, AT(limit_refresh_ms), NULL, 0},
    {"limit_difference_stops", KIND_FLAG, AT(limit_difference_stops), NULL, 0},
    {"catch_up", KIND_WORD, AT(catch_up), catch_up_words, 0},
    {"late_after", KIND_DURATION, AT(late_after_ms), NULL, 0},
    {"lateness_max", KIND_DURATION, AT(lateness_max_ms), NULL, 0},
    {"amount_min", KIND_MONEY, AT(amount_min), NULL, 0},
    {"amount_max", KIND_MONEY, AT(amount_max), NULL, 0},
    {"suspended_poll", KIND_DURATION, AT(suspended_poll_ms), NULL, 0},
    {"validate_every", KIND_DURATION, AT(validate_every_ms), NULL, 0},
    {"resend", KIND_WAITS, AT(resend), NULL, 0},
    {"pending_poll", KIND_WAITS, AT(pending_poll), NULL, 0},
    {"answer_deadline", KIND_DURATION, AT(answer_deadline_ms), NULL, 0},
};
#define FIELD_COUNT  (sizeof fields / sizeof fields[0])
#define RETRY_PREFIX "retry_"

/* --- writing ------------------------------------------------------------------------------- */

struct writer {
    char *text;
    size_t size;
    size_t used;
    bool is_bad;
};

__attribute__((format(printf, 2, 3))) static void put(struct writer *writer, const char *format,
                                                      ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length =
        vsnprintf(writer->text + writer->used, writer->size - writer->used, format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= writer->size - writer->used) {
        writer->is_bad = true;
        writer->text[writer->used] = '\0';
    } else {
        writer->used += (size_t)length;
    }
}

static bool is_plain(const char *text)
{
    return text[strspn(text,
                       "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-/.")] ==
           '\0';
}

static void put_name(struct writer *writer, const char *name)
{
    writer->is_bad = writer->is_bad || !is_plain(name);
    put(writer, " %s", name[0] != '\0' ? name : "none");
}

static void put_word(struct writer *writer, const char *const *words, unsigned choice)
{
    unsigned last = 0;
    while (words[last + 1] != NULL) {
        last++;
    }
    writer->is_bad = writer->is_bad || choice > last;
    put(writer, " %s", words[choice == 0 || choice > last ? 1 : choice]);
}

static void put_duration(struct writer *writer, int64_t ms)
{
    char text[DURATION_TEXT_MAX];
    if (ms < 0) {
        writer->is_bad = true;
        return;
    }
    duration_format(ms, text);
    put(writer, " %s", text);
}

static void put_waits(struct writer *writer, const struct policy_waits *waits)
{
    if (waits->count > POLICY_WAITS_MAX) {
        writer->is_bad = true;
        return;
    }
    for (uint32_t i = 0; i < waits->count; i++) {
        put_duration(writer, waits->wait_ms[i]);
    }
    if (waits->count == 0) {
        put(writer, " none");
    }
}

static void put_clock(struct writer *writer, int32_t second)
{
    put(writer, "%02" PRId32 ":%02" PRId32 ":%02" PRId32, second / 3600, second / 60 % 60,
        second % 60);
}

static void put_hours(struct writer *writer, const struct policy_hours *hours)
{
    writer->is_bad = writer->is_bad || hours->from_s < 0 || hours->from_s >= DAY_SECONDS ||
                     hours->until_s < 0 || hours->until_s > DAY_SECONDS;
    put(writer, " ");
    put_clock(writer, hours->from_s);
    put(writer, "-");
    put_clock(writer, hours->until_s);
}

static void put_days(struct writer *writer, uint32_t days)
{
    writer->is_bad = writer->is_bad || days > POLICY_ALL_DAYS;
    days = days == 0 ? POLICY_ALL_DAYS : days;
    for (unsigned day = 0; day < 7; day++) {
        if ((days & (1u << day)) != 0) {
            put(writer, " %s", day_words[day]);
        }
    }
}

static void put_money(struct writer *writer, struct money amount)
{
    char text[MONEY_TEXT_MAX];
    if (!money_is_valid(amount)) {
        put(writer, " none");
        return;
    }
    writer->is_bad = writer->is_bad || money_minor(amount) < 0;
    money_format(amount, text);
    put(writer, " %s %s", text, money_currency(&amount));
}

/* Enums, flags and numbers are read where they lie, by their own type. */
static unsigned choice_at(const void *at)
{
    unsigned choice;
    memcpy(&choice, at, sizeof choice);
    return choice;
}

static void put_field(struct writer *writer, const struct policy *policy, const struct field *field)
{
    const void *at = (const char *)policy + field->offset;
    put(writer, "%s =", field->key);
    switch (field->kind) {
    case KIND_NAME:
        put_name(writer, at);
        break;
    case KIND_WORD:
        put_word(writer, field->words, choice_at(at));
        break;
    case KIND_FLAG:
        put(writer, " %s", *(const bool *)at ? "yes" : "no");
        break;
    case KIND_COUNT:
        put(writer, " %" PRIu32, *(const uint32_t *)at);
        break;
    case KIND_DURATION:
        put_duration(writer, *(const int64_t *)at);
        break;
    case KIND_WAITS:
        put_waits(writer, at);
        break;
    case KIND_HOURS:
        put_hours(writer, at);
        break;
    case KIND_DAYS:
        put_days(writer, *(const uint32_t *)at);
        break;
    case KIND_MONEY:
        put_money(writer, *(const struct money *)at);
        break;
    }
    put(writer, "\n");
}

/* An empty list that is waited by nothing is left out. */
static void put_rules(struct writer *writer, const struct policy *policy)
{
    for (unsigned reason = 0; reason < REASON_COUNT; reason++) {
        const struct policy_rule *rule = &policy->retry[reason];
        if (rule->path == POLICY_BY_WAITS && rule->waits.count == 0) {
            continue;
        }
        put(writer, RETRY_PREFIX "%s =", reason_name((enum reason)reason));
        if (rule->path != POLICY_BY_WAITS) {
            put_word(writer, path_words, rule->path);
        }
        if (rule->waits.count > 0) {
            put_waits(writer, &rule->waits);
        }
        put(writer, "\n");
    }
}

bool policy_format(const struct policy *policy, char text[static POLICY_TEXT_MAX])
{
    struct writer writer = {.text = text, .size = POLICY_TEXT_MAX};
    text[0] = '\0';
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        put_field(&writer, policy, &fields[i]);
        if (fields[i].offset == AT(settle_by)) {
            put_rules(&writer, policy);
        }
    }
    return !writer.is_bad && policy->name[0] != '\0' && policy->jitter_percent <= 100;
}

/* --- reading ------------------------------------------------------------------------------- */

/* The next word of a value; "" at its end. False: it is too long. */
static bool next_word(const char **value, char word[static WORD_TEXT_MAX])
{
    *value += strspn(*value, " ");
    size_t length = strcspn(*value, " ");
    if (length >= WORD_TEXT_MAX) {
        return false;
    }
    memcpy(word, *value, length);
    word[length] = '\0';
    *value += length;
    return true;
}

/* At most as many digits as cannot overflow. */
static bool read_number(const char **at, int64_t *number)
{
    size_t digits = strspn(*at, "0123456789");
    if (digits == 0 || digits > 18) {
        return false;
    }
    *number = 0;
    for (; digits > 0; digits--) {
        *number = *number * 10 + (*(*at)++ - '0');
    }
    return true;
}

static bool read_choice(const char *word, const char *const *words, unsigned *choice)
{
    for (unsigned i = 1; words[i] != NULL; i++) {
        if (strcmp(words[i], word) == 0) {
            *choice = i;
            return true;
        }
    }
    return false;
}

static bool read_waits(const char *value, struct policy_waits *waits)
{
    char word[WORD_TEXT_MAX];
    if (strcmp(value, "none") == 0) {
        return true;
    }
    while (next_word(&value, word) && word[0] != '\0') {
        if (waits->count == POLICY_WAITS_MAX ||
            !duration_parse(word, &waits->wait_ms[waits->count])) {
            return false;
        }
        waits->count++;
    }
    return waits->count > 0;
}

static bool read_rule(const char *value, struct policy_rule *rule)
{
    char word[WORD_TEXT_MAX];
    const char *rest = value;
    unsigned path = POLICY_BY_WAITS;
    if (!next_word(&rest, word)) {
        return false;
    }
    if (!read_choice(word, path_words, &path)) {
        return read_waits(value, &rule->waits);
    }
    rule->path = path;
    rest += strspn(rest, " ");
    return rest[0] == '\0' || read_waits(rest, &rule->waits);
}

static bool read_clock(const char **at, int32_t *second)
{
    int64_t sum = 0;
    for (int i = 0; i < 3; i++) {
        int64_t number = 0;
        *at += i > 0 && **at == ':';
        if (!read_number(at, &number) || number > 59) {
            return false;
        }
        sum = sum * 60 + number;
    }
    *second = (int32_t)sum;
    return true;
}

static bool read_hours(const char *value, struct policy_hours *hours)
{
    if (!read_clock(&value, &hours->from_s) || *value++ != '-' ||
        !read_clock(&value, &hours->until_s)) {
        return false;
    }
    return *value == '\0';
}

static bool read_days(const char *value, uint32_t *days)
{
    char word[WORD_TEXT_MAX];
    while (next_word(&value, word) && word[0] != '\0') {
        unsigned day = 0;
        while (day < 7 && strcmp(day_words[day], word) != 0) {
            day++;
        }
        if (day == 7) {
            return false;
        }
        *days |= 1u << day;
    }
    return *days != 0;
}

static bool read_money(const char *value, struct money *amount)
{
    char decimal[WORD_TEXT_MAX];
    char currency[WORD_TEXT_MAX];
    return strcmp(value, "none") == 0 ||
           (next_word(&value, decimal) && next_word(&value, currency) &&
            money_parse(decimal, currency, amount));
}

static bool read_name(const char *value, char *name, size_t size)
{
    if (strcmp(value, "none") == 0) {
        return true;
    }
    return is_plain(value) && snprintf(name, size, "%s", value) < (int)size;
}

static bool read_flag(const char *value, bool *flag)
{
    *flag = strcmp(value, "yes") == 0;
    return *flag || strcmp(value, "no") == 0;
}

static bool read_count(const char *value, uint32_t *count)
{
    int64_t number = 0;
    bool is_number = read_number(&value, &number) && *value == '\0' && number <= UINT32_MAX;
    *count = is_number ? (uint32_t)number : 0;
    return is_number;
}

static bool read_word(const char *value, const char *const *words, void *at)
{
    unsigned choice = 0;
    bool is_word = read_choice(value, words, &choice);
    memcpy(at, &choice, sizeof choice);
    return is_word;
}

static bool read_field(const struct field *field, const char *value, struct policy *policy)
{
    void *at = (char *)policy + field->offset;
    switch (field->kind) {
    case KIND_NAME:
        return read_name(value, at, field->size);
    case KIND_WORD:
        return read_word(value, field->words, at);
    case KIND_FLAG:
        return read_flag(value, at);
    case KIND_COUNT:
        return read_count(value, at);
    case KIND_DURATION:
        return duration_parse(value, at);
    case KIND_WAITS:
        return read_waits(value, at);
    case KIND_HOURS:
        return read_hours(value, at);
    case KIND_DAYS:
        return read_days(value, at);
    case KIND_MONEY:
        return read_money(value, at);
    }
    ENSURE(false);
    return false;
}

static bool read_pair(const char *key, const char *value, struct policy *policy)
{
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        if (strcmp(fields[i].key, key) == 0) {
            return read_field(&fields[i], value, policy);
        }
    }
    if (strncmp(key, RETRY_PREFIX, strlen(RETRY_PREFIX)) != 0) {
        return false;
    }
    enum reason reason = reason_parse(key + strlen(RETRY_PREFIX));
    if (reason == REASON_COUNT) {
        return false;
    }
    policy->retry[reason] = (struct policy_rule){0};
    return read_rule(value, &policy->retry[reason]);
}

/* "key = value" up to the end of the line, which is left. */
static bool read_line(const char **text, struct policy *policy)
{
    char key[KEY_TEXT_MAX];
    char value[WORD_TEXT_MAX * (POLICY_WAITS_MAX + 1)];
    const char *equals = strstr(*text, " = ");
    const char *end = strchr(*text, '\n');
    if (end == NULL || equals == NULL || equals > end || (size_t)(equals - *text) >= sizeof key ||
        (size_t)(end - equals) >= sizeof value) {
        return false;
    }
    memcpy(key, *text, (size_t)(equals - *text));
    key[equals - *text] = '\0';
    const char *begin = equals + strlen(" = ");
    if (begin > end) {
        return false;
    }
    memcpy(value, begin, (size_t)(end - begin));
    value[end - begin] = '\0';
    *text = end + 1;
    return read_pair(key, value, policy);
}

enum status policy_parse(const char *text, struct policy *policy, struct problem *problem)
{
    char again[POLICY_TEXT_MAX];
    int line = 1;
    *policy = (struct policy){.name = ""};
    for (const char *rest = text; *rest != '\0'; line++) {
        if (!read_line(&rest, policy)) {
            return problem_set(problem, ST_INVALID, "line %d of the policy cannot be read", line);
        }
    }
    if (!policy_format(policy, again) || strcmp(text, again) != 0) {
        return problem_set(problem, ST_INVALID, "the policy is not as it would be written");
    }
    return ST_OK;
}
