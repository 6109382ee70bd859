/*
 * admin_body.c - a JSON object, key by key, into a value.
 *
 * A `struct body` remembers the first fault and goes on doing nothing, so that a reader is a plain
 * list of keys. Contract and rules: admin_body.h.
 */
#include "scheduler/admin_body.h"

#include <stdio.h>
#include <string.h>

#include "mws/edge/json.h"

#define SECONDS_PER_MINUTE 60
#define SECONDS_PER_HOUR   3600

struct body {
    struct json *root;
    enum status status; /* ST_OK until the first fault */
    struct problem *problem;
};

#define FAULT(body, ...) ((body)->status = problem_set((body)->problem, ST_INVALID, __VA_ARGS__))

/* `keys` stand between spaces: " agreement_id confirm ". */
static struct body body_open(const char *text, size_t length, const char *keys,
                             struct problem *problem)
{
    struct body body = {.status = ST_OK, .problem = problem};
    body.status = json_parse(text, length, &body.root, problem);
    if (body.status == ST_OK && json_kind(body.root) != JSON_KIND_OBJECT) {
        FAULT(&body, "the body must be a JSON object");
    }
    for (size_t i = 0; body.status == ST_OK; i++) {
        const char *key = json_key(body.root, i);
        if (key == NULL) {
            break;
        }
        char padded[40];
        int padded_length = snprintf(padded, sizeof padded, " %s ", key);
        bool fits = padded_length < (int)sizeof padded && strchr(key, ' ') == NULL;
        if (!fits || strstr(keys, padded) == NULL) {
            FAULT(&body, "%.60s: this key is not known here; known are%s", key, keys);
        }
    }
    return body;
}

static enum status body_close(struct body *body)
{
    json_free(body->root);
    return body->status;
}

/* The value, or NULL when there is nothing (more) to read. */
static const struct json *body_value(struct body *body, const char *key)
{
    if (body->status != ST_OK) {
        return NULL;
    }
    const struct json *value = json_get(body->root, key);
    return value == NULL || json_kind(value) == JSON_KIND_NULL ? NULL : value;
}

static void body_require(struct body *body, const char *key)
{
    if (body->status == ST_OK && body_value(body, key) == NULL) {
        FAULT(body, "%s: is missing", key);
    }
}

static bool has_control_character(const char *text)
{
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (c < 0x20 || c == 0x7F) {
            return true;
        }
    }
    return false;
}

/* The text, borrowed from the body; NULL when absent or faulty. */
static const char *body_string(struct body *body, const char *key)
{
    const struct json *value = body_value(body, key);
    if (value == NULL) {
        return NULL;
    }
    const char *text = json_as_string(value);
    if (text == NULL) {
        FAULT(body, "%s: must be a string", key);
        return NULL;
    }
    if (has_control_character(text)) {
        FAULT(body, "%s: must not contain control characters", key);
        return NULL;
    }
    return text;
}

/* Into `out` of `size` bytes; left alone when absent. */
static void body_text(struct body *body, const char *key, char *out, size_t size)
{
    const char *text = body_string(body, key);
    if (text == NULL) {
        return;
    }
    if (strlen(text) >= size) {
        FAULT(body, "%s: must be at most %zu bytes of UTF-8, but has %zu", key, size - 1,
              strlen(text));
        return;
    }
    (void)snprintf(out, size, "%s", text);
}

/* A text of 1 or more `allowed` characters only; left alone when absent. */
static void body_id_if_any(struct body *body, const char *key, char *out, size_t size,
                           const char *allowed)
{
    if (body_value(body, key) == NULL) {
        return;
    }
    body_text(body, key, out, size);
    if (body->status == ST_OK && (out[0] == '\0' || strspn(out, allowed) != strlen(out))) {
        FAULT(body, "%s: must be 1 to %zu characters of %s", key, size - 1, allowed);
    }
}

static void body_id(struct body *body, const char *key, char *out, size_t size, const char *allowed)
{
    body_require(body, key);
    body_id_if_any(body, key, out, size, allowed);
}

static void body_bool(struct body *body, const char *key, bool *out)
{
    const struct json *value = body_value(body, key);
    if (value != NULL && !json_as_bool(value, out)) {
        FAULT(body, "%s: must be true or false", key);
    }
}

static void body_count(struct body *body, const char *key, uint32_t minimum, uint32_t maximum,
                       uint32_t *out)
{
    const struct json *value = body_value(body, key);
    int64_t number = 0;
    if (value == NULL) {
        return;
    }
    if (!json_as_integer(value, &number) || number < minimum || number > maximum) {
        FAULT(body, "%s: must be a whole number from %u to %u", key, minimum, maximum);
        return;
    }
    *out = (uint32_t)number;
}

static void body_date(struct body *body, const char *key, struct civil_date *out)
{
    const char *text = body_string(body, key);
    if (text != NULL && !civil_parse(text, out)) {
        FAULT(body, "%s: \"%.40s\" is not a date like \"2026-11-30\" (years 1970 to 9999)", key,
              text);
    }
}

static bool two_digits(const char *text, int maximum, int *value)
{
    if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9') {
        return false;
    }
    *value = (text[0] - '0') * 10 + (text[1] - '0');
    return *value <= maximum;
}

static bool time_parse(const char *text, int32_t *second_of_day)
{
    size_t length = strlen(text);
    int hour = 0;
    int minute = 0;
    int second = 0;
    bool is_time = (length == 5 || length == 8) && two_digits(text, 23, &hour) && text[2] == ':' &&
                   two_digits(text + 3, 59, &minute) &&
                   (length == 5 || (text[5] == ':' && two_digits(text + 6, 59, &second)));
    if (is_time) {
        *second_of_day = hour * SECONDS_PER_HOUR + minute * SECONDS_PER_MINUTE + second;
    }
    return is_time;
}

static void body_time(struct body *body, const char *key, int32_t *second_of_day)
{
    const char *text = body_string(body, key);
    if (text != NULL && !time_parse(text, second_of_day)) {
        FAULT(body, "%s: \"%.40s\" is not a time like \"09:00\" or \"09:00:30\"", key, text);
    }
}

static void body_instant(struct body *body, const char *key, struct instant *out)
{
    const char *text = body_string(body, key);
    if (text != NULL && !instant_parse(text, out)) {
        FAULT(body, "%s: \"%.40s\" is not an instant like \"2026-11-30T09:00:00Z\" (UTC)", key,
              text);
    }
}

static void body_unit(struct body *body, const char *key, enum recurrence_unit *unit)
{
    const char *text = body_string(body, key);
    if (text == NULL) {
        return;
    }
    *unit = recurrence_unit_parse(text);
    if (*unit == 0) {
        FAULT(body, "%s: \"%.40s\" is not one of day, week, month, year", key, text);
    }
}

/* "amount" and "currency" belong together. */
static void body_amount(struct body *body, const char *seller_currency, struct money *amount)
{
    char currency[16] = "";
    body_text(body, "currency", currency, sizeof currency);
    if (body->status == ST_OK && currency[0] != '\0' && strcmp(currency, seller_currency) != 0) {
        FAULT(body, "currency: this seller is charged in %s, not in \"%s\"", seller_currency,
              currency);
    }
    body_require(body, "amount");
    const struct json *value = body_value(body, "amount");
    if (value != NULL && json_as_string(value) == NULL) {
        FAULT(body, "amount: must be a string like \"1200\", because JSON numbers may be rounded "
                    "on their way");
    }
    const char *text = body_string(body, "amount");
    if (text == NULL) {
        return;
    }
    if (!money_parse(text, seller_currency, amount)) {
        FAULT(body,
              "amount: \"%.40s\" is not an amount of %s: digits, with at most %d after a "
              "point",
              text, seller_currency, money_currency_digits(seller_currency));
    } else if (!money_is_positive(*amount)) {
        FAULT(body, "amount: must be above zero");
    }
}

#define AGREEMENT_ID_CHARACTERS    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-"
#define IDEMPOTENCY_KEY_CHARACTERS AGREEMENT_ID_CHARACTERS "_.:/+=@#"

enum status admin_read_register(const char *text, size_t length, struct register_agreement *wanted,
                                struct problem *problem)
{
    *wanted = (struct register_agreement){0};
    struct body body = body_open(text, length, " agreement_id confirm ", problem);
    body_id(&body, "agreement_id", wanted->id, sizeof wanted->id, AGREEMENT_ID_CHARACTERS);
    body_bool(&body, "confirm", &wanted->confirm_wanted);
    return body_close(&body);
}

static void body_schedule(struct body *body, struct recurrence *rule)
{
    rule->every = 1;
    body_require(body, "unit");
    body_unit(body, "unit", &rule->unit);
    body_count(body, "every", 1, RECUR_EVERY_MAX, &rule->every);
    body_require(body, "anchor");
    body_date(body, "anchor", &rule->anchor);
    body_time(body, "time", &rule->second_of_day);
    body_bool(body, "last_day_of_month", &rule->last_day_of_month);
    body_count(body, "trial_days", 0, RECUR_TRIAL_DAYS_MAX, &rule->trial_days);
    body_count(body, "cycles", 1, RECUR_CYCLE_MAX, &rule->cycle_count);
    body_date(body, "end", &rule->end);
    if (body->status == ST_OK) {
        body->status = recurrence_check(rule, body->problem);
    }
}

enum status admin_read_subscription(const char *text, size_t length,
                                    const struct admin_defaults *defaults,
                                    struct admin_subscription *wanted, struct problem *problem)
{
    *wanted = (struct admin_subscription){0};
    struct subscribe *subscribe = &wanted->subscribe;
    struct body body = body_open(text, length,
                                 " agreement_id amount currency unit every anchor time zone"
                                 " last_day_of_month trial_days cycles end charge_from label note"
                                 " idempotency_key ",
                                 problem);
    body_id(&body, "agreement_id", wanted->agreement_id, sizeof wanted->agreement_id,
            AGREEMENT_ID_CHARACTERS);
    body_amount(&body, defaults->currency, &subscribe->amount);
    (void)snprintf(wanted->zone, sizeof wanted->zone, "%s", defaults->zone);
    body_text(&body, "zone", wanted->zone, sizeof wanted->zone);
    subscribe->charge_from = INSTANT_NEVER;
    body_instant(&body, "charge_from", &subscribe->charge_from);
    body_text(&body, "label", subscribe->label, sizeof subscribe->label);
    body_text(&body, "note", subscribe->note, sizeof subscribe->note);
    body_id_if_any(&body, "idempotency_key", subscribe->idempotency_key,
                   sizeof subscribe->idempotency_key, IDEMPOTENCY_KEY_CHARACTERS);
    body_schedule(&body, &subscribe->rule);
    return body_close(&body);
}

enum status admin_read_cancel(const char *text, size_t length, struct cancel *wanted,
                              struct problem *problem)
{
    *wanted = (struct cancel){0};
    struct body body = body_open(text, length, " when ", problem);
    body_require(&body, "when");
    const char *when = body_string(&body, "when");
    if (when != NULL) {
        wanted->at_period_end = strcmp(when, "period_end") == 0;
        if (!wanted->at_period_end && strcmp(when, "now") != 0) {
            FAULT(&body, "when: \"%.40s\" is not one of now, period_end", when);
        }
    }
    return body_close(&body);
}

enum status admin_read_charge(const char *text, size_t length,
                              const struct admin_defaults *defaults, struct admin_charge *wanted,
                              struct problem *problem)
{
    *wanted = (struct admin_charge){0};
    struct charge_once *charge = &wanted->charge;
    struct body body = body_open(
        text, length, " agreement_id amount currency label note idempotency_key ", problem);
    body_id(&body, "agreement_id", wanted->agreement_id, sizeof wanted->agreement_id,
            AGREEMENT_ID_CHARACTERS);
    body_amount(&body, defaults->currency, &charge->amount);
    body_id(&body, "idempotency_key", charge->idempotency_key, sizeof charge->idempotency_key,
            IDEMPOTENCY_KEY_CHARACTERS);
    body_text(&body, "label", charge->label, sizeof charge->label);
    body_text(&body, "note", charge->note, sizeof charge->note);
    return body_close(&body);
}

enum status admin_read_nothing(const char *text, size_t length, struct problem *problem)
{
    if (length == 0) {
        return ST_OK;
    }
    struct body body = body_open(text, length, " ", problem);
    if (body.status != ST_OK && body.root != NULL && json_kind(body.root) == JSON_KIND_OBJECT) {
        FAULT(&body, "this request has no arguments: send no body, or {}");
    }
    return body_close(&body);
}
