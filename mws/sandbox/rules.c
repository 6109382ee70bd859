/*
 * rules.c - the table of readings. See rules.h.
 *
 * To add one: a member of struct rules, a row here, the place that obeys it, a test in
 * tests/sandbox/test_rules.c and a line in README.md. The first word of `values` is the default.
 */
#include "mws/sandbox/rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"

#define DAY_MS 86400000

struct row {
    struct rule rule;
    size_t member;           /* offset in struct rules */
    int64_t usual, min, max; /* of numbers; words have max 0 */
};

#define AT(member) offsetof(struct rules, member)

static const struct row rows[] = {
    {{"pending-ms", "MS",
      "How long what is asynchronous (authorizations, refunds, late captures) stays Pending "
      "(2000)"},
     AT(pending_ms),
     2000,
     0,
     DAY_MS},
    {{"authorization-days", "DAYS",
      "How long an authorization stays Open; Amazon's sandbox documents 2 (30)"},
     AT(authorization_days),
     30,
     0,
     365},
    {{"expiration-shown", "as-it-is|30-days",
      "ExpirationTimestamp of an authorization: when it expires, or 30 days after it was made even "
      "if "
      "it expires sooner"},
     AT(expiration_shown),
     0,
     0,
     0},
    {{"authorizations-per-order", "COUNT",
      "How many an order reference may have; a later page of Amazon's says 25 (10)"},
     AT(authorizations_per_order),
     10,
     0,
     1000},
    {{"list-lag-ms", "MS",
      "A new order reference shows up in ListOrderReference only after that (0)"},
     AT(list_lag_ms),
     0,
     0,
     DAY_MS},
    {{"list-page-rows", "ROWS", "The longest page of ListOrderReference (100)"},
     AT(list_page_rows),
     100,
     1,
     100},
    {{"suspended-lag-ms", "MS",
      "A Suspended agreement is shown Open by GetBillingAgreementDetails until that has passed "
      "(0)"},
     AT(suspended_lag_ms),
     0,
     0,
     DAY_MS},
    {{"repeat", "first|duplicate-request|duplicate-reference",
      "What the identical request under the same reference id gets: the first result, or an error"},
     AT(repeat),
     0,
     0,
     0},
    {{"reference-checked", "first|last",
      "Whether a repeat is known by its reference id before states, amounts and the month are "
      "looked at, or is refused for what the first one has changed of them"},
     AT(reference_checked),
     0,
     0,
     0},
    {{"repeat-shows", "current|first",
      "The first result as the object is now, or byte for byte as it was answered then"},
     AT(repeat_shows),
     0,
     0,
     0},
    {{"repeat-compares", "everything|no-texts|amount",
      "Which parameters make a repeated request another one (DuplicateRequest)"},
     AT(repeat_compares),
     0,
     0,
     0},
    {{"declined-reference", "spent|free",
      "Whether the reference id of what was declined can be used once more"},
     AT(declined_reference),
     0,
     0,
     0},
    {{"reference-scope", "all|operation",
      "Reference ids are unique over all of a seller's transactions, or for each kind"},
     AT(reference_scope),
     0,
     0,
     0},
    {{"soft-decline", "keeps-open|suspends",
      "Whether a soft InvalidPaymentMethod suspends agreement and order like a hard one"},
     AT(soft_decline),
     0,
     0,
     0},
    {{"close-closed", "success|invalid-status|invalid-close-attempt",
      "CloseBillingAgreement of one that the seller has closed; the others are its errors for "
      "every state that cannot be closed"},
     AT(close_closed),
     0,
     0,
     0},
    {{"mended-method", "opens|awaits-confirm|awaits-validation",
      "After the buyer mended the method of what is Suspended: Open, or once confirmed again, or "
      "once ValidateBillingAgreement succeeds (orders: at once)"},
     AT(mended_method),
     0,
     0,
     0},
    {{"failed-validation", "InvalidPaymentMethod|ValidationTimedOut",
      "How ValidateBillingAgreement fails; only the first suspends"},
     AT(failed_validation),
     0,
     0,
     0},
    {{"rejected-order", "AmazonClosed|none",
      "Reason code of an order reference that an AmazonRejected authorization closed"},
     AT(rejected_order),
     0,
     0,
     0},
    {{"charged-order", "MaxAuthorizationsProcessed|MaxAuthorizationsCaptured|SellerClosed",
      "Reason code of the order reference of an AuthorizeOnBillingAgreement"},
     AT(charged_order),
     0,
     0,
     0},
    {{"declined-capture", "keeps-open|closes",
      "Whether the authorization of a declined capture stays Open"},
     AT(declined_capture),
     0,
     0,
     0},
    {{"month-releases", "unused|declined|nothing|refunded",
      "What gives its amount back to the month: declined, closed and uncaptured authorizations; "
      "only declined ones; none; the first and completed refunds"},
     AT(month_releases),
     0,
     0,
     0},
    {{"month-zone", "utc|jst", "Where the months of JPY agreements begin"},
     AT(month_zone),
     0,
     0,
     0},
    {{"error-layout", "usual|bare|detail",
      "Bare: RequestId before Error, and no Type, as version 1 of the PHP SDK reads it; detail: "
      "with an empty Detail"},
     AT(error_layout),
     0,
     0,
     0},
    {{"empty-result", "element|absent", "An operation without a result has an empty one, or none"},
     AT(empty_result),
     0,
     0,
     0},
    {{"constraint-element", "ConstraintID|ConstraintId",
      "How the wire, or the documents, spell it"},
     AT(constraint_element),
     0,
     0,
     0},
    {{"buyer-constraint", "BuyerEqualSeller|BuyerEqualsSeller",
      "How that constraint of order references is spelt"},
     AT(buyer_constraint),
     0,
     0,
     0},
    {{"jpy-fraction", "refused|accepted", "Amounts in JPY with a fraction of zeros, \"1000.00\""},
     AT(jpy_fraction),
     0,
     0,
     0},
    {{"booleans", "lower-case|any-case", "Whether \"True\" and \"FALSE\" are booleans"},
     AT(booleans),
     0,
     0,
     0},
    {{"notify-retry-ms", "MS",
      "How long after a failure a notification is posted again; given up after 336 times "
      "(3600000)"},
     AT(notify_retry_ms),
     3600000,
     1,
     DAY_MS},
    {{"notify-signature-version", "1|2", "SHA-1, as Amazon Pay's, or SHA-256"},
     AT(notify_signature),
     0,
     0,
     0},
    {{"notify-clock", "24-hours|12-hours",
      "Timestamp in the Message; Amazon's was once by a clock of twelve hours"},
     AT(notify_clock),
     0,
     0,
     0},
    {{"notify-subject", "absent|present", "Whether notifications have a Subject, which is signed"},
     AT(notify_subject),
     0,
     0,
     0},
    {{"notify-region-jp", "ap-northeast-1|us-west-2|us-east-1",
      "Region of TopicArn and SigningCertURL where the currency is JPY"},
     AT(notify_region_jp),
     0,
     0,
     0},
    {{"notify-retries", "5xx-and-unreachable|also-4xx|only-5xx",
      "What is posted again: 5xx and no answer; whatever is not 2xx; 5xx alone"},
     AT(notify_retries),
     0,
     0,
     0},
    {{"chargeback-type", "spaced|joined",
      "\"Chargeback Detailed Notification\", as on the wire, or ChargebackDetailedNotification"},
     AT(chargeback_type),
     0,
     0,
     0},
};

#define COUNT (sizeof rows / sizeof rows[0])

_Static_assert(COUNT <= RULES_MAX, "RULES_MAX");

static int64_t *member(struct rules *rules, const struct row *row)
{
    return (int64_t *)(void *)((char *)rules + row->member);
}

static int64_t value_of(const struct rules *rules, const struct row *row)
{
    return *(const int64_t *)(const void *)((const char *)rules + row->member);
}

struct rules rules_default(void)
{
    struct rules rules = {0};

    for (size_t i = 0; i < COUNT; i++) {
        *member(&rules, &rows[i]) = rows[i].usual;
    }
    return rules;
}

size_t rules_count(void)
{
    return COUNT;
}

struct rule rule_at(size_t index)
{
    return rows[index].rule;
}

/* --- words ------------------------------------------------------------------------------------ */

/* The n-th of "first|second|third" and its length; NULL when there are fewer. */
static const char *word_at(const char *values, int64_t index, size_t *length)
{
    const char *word = values;

    for (; index > 0 && word != NULL; index--) {
        word = strchr(word, '|');
        word = word != NULL ? word + 1 : NULL;
    }
    *length = word != NULL ? strcspn(word, "|") : 0;
    return word;
}

static int64_t find_word(const char *values, const char *wanted)
{
    const char *word;
    size_t length;

    for (int64_t i = 0; (word = word_at(values, i, &length)) != NULL; i++) {
        if (strlen(wanted) == length && memcmp(word, wanted, length) == 0) {
            return i;
        }
    }
    return -1;
}

/* --- setting ---------------------------------------------------------------------------------- */

static bool parse_number(const char *text, int64_t *value)
{
    if (text[0] == '\0' || strlen(text) > 12 || strspn(text, "0123456789") != strlen(text)) {
        return false;
    }
    *value = strtoll(text, NULL, 10);
    return true;
}

static enum status set_number(struct rules *rules, const struct row *row, int64_t value,
                              struct problem *problem)
{
    if (value < row->min || value > row->max) {
        return problem_set(problem, ST_INVALID, "%s must be a number from %lld to %lld",
                           row->rule.name, (long long)row->min, (long long)row->max);
    }
    *member(rules, row) = value;
    return ST_OK;
}

static const struct row *find_row(const char *name)
{
    for (size_t i = 0; i < COUNT; i++) {
        if (strcmp(rows[i].rule.name, name) == 0) {
            return &rows[i];
        }
    }
    return NULL;
}

enum status rules_set(struct rules *rules, const char *name, const char *value,
                      struct problem *problem)
{
    const struct row *row = find_row(name);
    int64_t number = -1;

    if (row == NULL) {
        return problem_set(problem, ST_INVALID, "there is no rule \"%.60s\"", name);
    }
    if (row->max > 0) {
        return set_number(rules, row, parse_number(value, &number) ? number : -1, problem);
    }
    number = find_word(row->rule.values, value);
    if (number < 0) {
        return problem_set(problem, ST_INVALID, "%s must be one of %s, not \"%.60s\"", name,
                           row->rule.values, value);
    }
    *member(rules, row) = number;
    return ST_OK;
}

static enum status set_status(struct rules *rules, const char *code, int64_t status,
                              struct problem *problem)
{
    enum mws_error error = mws_error_parse(code);

    if (error == MWS_ERROR_NONE || status < 400 || status > 599) {
        return problem_set(problem, ST_INVALID,
                           "error-status must be an error code of Amazon's and 400 to 599, as in "
                           "ConstraintsExist=404");
    }
    rules->http_status[error] = (int)status;
    return ST_OK;
}

enum status rules_set_status(struct rules *rules, const char *text, struct problem *problem)
{
    const char *equals = strchr(text, '=');
    char code[64];
    int64_t status = 0;

    (void)snprintf(code, sizeof code, "%.*s", equals != NULL ? (int)(equals - text) : 0, text);
    if (equals == NULL || equals - text >= (ptrdiff_t)sizeof code ||
        !parse_number(equals + 1, &status)) {
        status = 0;
    }
    return set_status(rules, code, status, problem);
}

int rules_http_status(const struct rules *rules, enum mws_error error)
{
    return rules->http_status[error] != 0 ? rules->http_status[error]
                                          : mws_error_http_status(error);
}

/* --- JSON ------------------------------------------------------------------------------------- */

static struct json *value_json(const struct rules *rules, const struct row *row)
{
    int64_t value = value_of(rules, row);
    char copy[64];
    size_t length;
    const char *word;

    if (row->max > 0) {
        return json_new_integer(value);
    }
    word = word_at(row->rule.values, value, &length);
    ENSURE(word != NULL);
    (void)snprintf(copy, sizeof copy, "%.*s", (int)length, word);
    return json_new_string(copy);
}

struct json *rules_json(const struct rules *rules)
{
    struct json *object = json_new_object();
    struct json *statuses = json_new_object();

    for (size_t i = 0; i < COUNT; i++) {
        json_set(object, rows[i].rule.name, value_json(rules, &rows[i]));
    }
    for (int error = 1; error < MWS_ERROR_COUNT; error++) {
        if (rules->http_status[error] != 0) {
            json_set_integer(statuses, mws_error_name((enum mws_error)error),
                             rules->http_status[error]);
        }
    }
    json_set(object, "error-status", statuses);
    return object;
}

static enum status read_statuses(struct rules *rules, const struct json *object,
                                 struct problem *problem)
{
    enum status status = ST_OK;

    for (size_t i = 0; status == ST_OK && json_key(object, i) != NULL; i++) {
        int64_t http = 0;
        (void)json_as_integer(json_get(object, json_key(object, i)), &http);
        status = set_status(rules, json_key(object, i), http, problem);
    }
    return status;
}

static enum status read_rule(struct rules *rules, const char *name, const struct json *value,
                             struct problem *problem)
{
    const struct row *row = find_row(name);
    const char *text = json_as_string(value);
    int64_t number = -1;

    if (strcmp(name, "error-status") == 0) {
        return read_statuses(rules, value, problem);
    }
    if (row != NULL && row->max > 0) {
        (void)json_as_integer(value, &number);
        return set_number(rules, row, number, problem);
    }
    return rules_set(rules, name, text != NULL ? text : "", problem);
}

enum status rules_read(struct rules *rules, const struct json *object, struct problem *problem)
{
    struct rules changed = *rules;
    enum status status = ST_OK;

    if (object == NULL || json_kind(object) != JSON_KIND_OBJECT) {
        return problem_set(problem, ST_INVALID, "the rules must be a JSON object");
    }
    for (size_t i = 0; status == ST_OK && json_key(object, i) != NULL; i++) {
        status = read_rule(&changed, json_key(object, i), json_get(object, json_key(object, i)),
                           problem);
    }
    if (status == ST_OK) {
        *rules = changed;
    }
    return status;
}
