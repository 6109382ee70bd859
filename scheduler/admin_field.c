/*
 * admin_field.c - see admin_field.h.
 */
#include "scheduler/admin_field.h"

#include <stdio.h>
#include <string.h>

#define SECONDS_PER_MINUTE 60
#define SECONDS_PER_HOUR   3600

struct body body_open(const char *text, size_t length, const char *keys, struct problem *problem)
{
    struct body body = {.status = ST_OK, .problem = problem};
    body.status = json_parse(text, length, &body.root, problem);
    if (body.status == ST_OK && json_kind(body.root) != JSON_KIND_OBJECT) {
        BODY_FAULT(&body, "the body must be a JSON object");
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
            BODY_FAULT(&body, "%.60s: this key is not known here; known are%s", key, keys);
        }
    }
    return body;
}

struct body body_open_optional(const char *text, size_t length, const char *keys,
                               struct problem *problem)
{
    return length == 0 ? body_open("{}", 2, keys, problem) : body_open(text, length, keys, problem);
}

enum status body_close(struct body *body)
{
    json_free(body->root);
    return body->status;
}

const struct json *body_value(struct body *body, const char *key)
{
    if (body->status != ST_OK) {
        return NULL;
    }
    const struct json *value = json_get(body->root, key);
    return value == NULL || json_kind(value) == JSON_KIND_NULL ? NULL : value;
}

void body_require(struct body *body, const char *key)
{
    if (body->status == ST_OK && body_value(body, key) == NULL) {
        BODY_FAULT(body, "%s: is missing", key);
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

const char *body_string(struct body *body, const char *key)
{
    const struct json *value = body_value(body, key);
    if (value == NULL) {
        return NULL;
    }
    const char *text = json_as_string(value);
    if (text == NULL) {
        BODY_FAULT(body, "%s: must be a string", key);
        return NULL;
    }
    if (has_control_character(text)) {
        BODY_FAULT(body, "%s: must not contain control characters", key);
        return NULL;
    }
    return text;
}

void body_text(struct body *body, const char *key, char *out, size_t size)
{
    const char *text = body_string(body, key);
    if (text == NULL) {
        return;
    }
    if (strlen(text) >= size) {
        BODY_FAULT(body, "%s: must be at most %zu bytes of UTF-8, but has %zu", key, size - 1,
                   strlen(text));
        return;
    }
    (void)snprintf(out, size, "%s", text);
}

void body_id_if_any(struct body *body, const char *key, char *out, size_t size, const char *allowed)
{
    if (body_value(body, key) == NULL) {
        return;
    }
    body_text(body, key, out, size);
    if (body->status == ST_OK && (out[0] == '\0' || strspn(out, allowed) != strlen(out))) {
        BODY_FAULT(body, "%s: must be 1 to %zu letters, digits and characters of %s", key, size - 1,
                   allowed + sizeof LETTERS_AND_DIGITS - 1);
    }
}

void body_id(struct body *body, const char *key, char *out, size_t size, const char *allowed)
{
    body_require(body, key);
    body_id_if_any(body, key, out, size, allowed);
}

void body_bool(struct body *body, const char *key, bool *out)
{
    const struct json *value = body_value(body, key);
    if (value != NULL && !json_as_bool(value, out)) {
        BODY_FAULT(body, "%s: must be true or false", key);
    }
}

void body_count(struct body *body, const char *key, uint32_t minimum, uint32_t maximum,
                uint32_t *out)
{
    const struct json *value = body_value(body, key);
    int64_t number = 0;
    if (value == NULL) {
        return;
    }
    if (!json_as_integer(value, &number) || number < minimum || number > maximum) {
        BODY_FAULT(body, "%s: must be a whole number from %u to %u", key, minimum, maximum);
        return;
    }
    *out = (uint32_t)number;
}

void body_date(struct body *body, const char *key, struct civil_date *out)
{
    const char *text = body_string(body, key);
    if (text != NULL && !civil_parse(text, out)) {
        BODY_FAULT(body, "%s: \"%.40s\" is not a date like \"2026-11-30\" (years 1970 to 9999)",
                   key, text);
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

void body_time(struct body *body, const char *key, int32_t *second_of_day)
{
    const char *text = body_string(body, key);
    if (text != NULL && !time_parse(text, second_of_day)) {
        BODY_FAULT(body, "%s: \"%.40s\" is not a time like \"09:00\" or \"09:00:30\"", key, text);
    }
}

void body_instant(struct body *body, const char *key, struct instant *out)
{
    const char *text = body_string(body, key);
    if (text != NULL && !instant_parse(text, out)) {
        BODY_FAULT(body, "%s: \"%.40s\" is not an instant like \"2026-11-30T09:00:00Z\" (UTC)", key,
                   text);
    }
}

void body_unit(struct body *body, const char *key, enum recurrence_unit *unit)
{
    const char *text = body_string(body, key);
    if (text == NULL) {
        return;
    }
    *unit = recurrence_unit_parse(text);
    if (*unit == 0) {
        BODY_FAULT(body, "%s: \"%.40s\" is not one of day, week, month, year", key, text);
    }
}

void body_amount_if_any(struct body *body, const char *seller_currency, struct money *amount)
{
    char currency[16] = "";
    body_text(body, "currency", currency, sizeof currency);
    if (body->status == ST_OK && currency[0] != '\0' && strcmp(currency, seller_currency) != 0) {
        BODY_FAULT(body, "currency: this seller is charged in %s, not in \"%s\"", seller_currency,
                   currency);
    }
    const struct json *value = body_value(body, "amount");
    if (value != NULL && json_as_string(value) == NULL) {
        BODY_FAULT(body, "amount: must be a string like \"1200\", because JSON numbers may be "
                         "rounded on their way");
    }
    const char *text = body_string(body, "amount");
    if (text == NULL) {
        return;
    }
    if (!money_parse(text, seller_currency, amount)) {
        BODY_FAULT(body, "amount: \"%.40s\" is not an amount of %s: write it like %s", text,
                   seller_currency, money_currency_digits(seller_currency) == 0 ? "1200" : "12.50");
    } else if (!money_is_positive(*amount)) {
        BODY_FAULT(body, "amount: must be above zero");
    }
}

void body_amount(struct body *body, const char *seller_currency, struct money *amount)
{
    body_require(body, "amount");
    body_amount_if_any(body, seller_currency, amount);
}
