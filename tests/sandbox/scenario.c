/*
 * scenario.c - see scenario.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sandbox/scenario.h"

#define TOKENS_MAX  24
#define LINE_BYTES  1024
#define ORDER_FIRST "S03-0000000-0000001"
#define AGREEMENT   "C03-0000000-0000001"

struct row {
    const char *word, *action, *id_name;
    size_t id; /* offset of the id in struct scenario */
    const char *reference, *amount, *note;
};

#define AT(member) offsetof(struct scenario, member)
#define ORDER      "AmazonOrderReferenceId", AT(order)
#define AGREED     "AmazonBillingAgreementId", AT(agreement)
#define AUTHORIZED "AmazonAuthorizationId", AT(authorization)
#define CAPTURED   "AmazonCaptureId", AT(capture)
#define REFUNDED   "AmazonRefundId", AT(refund)
#define CREDITED   "AmazonProviderCreditId", AT(credit)
#define REVERSED   "AmazonProviderCreditReversalId", AT(reversal)

static const struct row rows[] = {
    {"list", "ListOrderReference", "QueryIdType", AT(by_order_id), "", "", ""},
    {"set-agreement", "SetBillingAgreementDetails", AGREED, "", "",
     "BillingAgreementAttributes.SellerNote"},
    {"confirm-agreement", "ConfirmBillingAgreement", AGREED, "", "", ""},
    {"validate", "ValidateBillingAgreement", AGREED, "", "", ""},
    {"close-agreement", "CloseBillingAgreement", AGREED, "", "", "ClosureReason"},
    {"create", "CreateOrderReferenceForId", "Id", AT(agreement), "",
     "OrderReferenceAttributes.OrderTotal", "OrderReferenceAttributes.SellerNote"},
    {"get", "GetOrderReferenceDetails", ORDER, "", "", ""},
    {"set", "SetOrderReferenceDetails", ORDER, "", "OrderReferenceAttributes.OrderTotal",
     "OrderReferenceAttributes.SellerNote"},
    {"attributes", "SetOrderAttributes", ORDER, "", "OrderAttributes.OrderTotal",
     "OrderAttributes.SellerNote"},
    {"confirm", "ConfirmOrderReference", ORDER, "", "", ""},
    {"cancel", "CancelOrderReference", ORDER, "", "", "CancelationReason"},
    {"close", "CloseOrderReference", ORDER, "", "", "ClosureReason"},
    {"authorize", "Authorize", ORDER, "AuthorizationReferenceId", "AuthorizationAmount",
     "SellerAuthorizationNote"},
    {"charge", "AuthorizeOnBillingAgreement", AGREED, "AuthorizationReferenceId",
     "AuthorizationAmount", "SellerAuthorizationNote"},
    {"get-agreement", "GetBillingAgreementDetails", AGREED, "", "", ""},
    {"get-authorization", "GetAuthorizationDetails", AUTHORIZED, "", "", ""},
    {"close-authorization", "CloseAuthorization", AUTHORIZED, "", "", "ClosureReason"},
    {"capture", "Capture", AUTHORIZED, "CaptureReferenceId", "CaptureAmount", "SellerCaptureNote"},
    {"get-capture", "GetCaptureDetails", CAPTURED, "", "", ""},
    {"refund", "Refund", CAPTURED, "RefundReferenceId", "RefundAmount", "SellerRefundNote"},
    {"get-refund", "GetRefundDetails", REFUNDED, "", "", ""},
    {"get-credit", "GetProviderCreditDetails", CREDITED, "", "", ""},
    {"reverse", "ReverseProviderCredit", CREDITED, "CreditReversalReferenceId",
     "CreditReversalAmount", "CreditReversalNote"},
    {"get-reversal", "GetProviderCreditReversalDetails", REVERSED, "", "", ""},
};

static const struct row *find_row(const char *word)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].word, word) == 0) {
            return &rows[i];
        }
    }
    fail_msg("no such step: %s", word);
    return NULL;
}

static void keep(struct scenario *s, const char *element, char *id)
{
    const char *found = driver_element(s->driver, element);

    if (strcmp(found, "(none)") != 0) {
        (void)snprintf(id, 64, "%s", found);
    }
}

/* What was answered is at hand from now on. CaptureNow's capture stands in the IdList. */
static void keep_ids(struct scenario *s, const struct row *row)
{
    keep(s, "AmazonOrderReferenceId", s->order);
    keep(s, "AmazonAuthorizationId", s->authorization);
    keep(s, "AmazonCaptureId", s->capture);
    keep(s, "AmazonRefundId", s->refund);
    keep(s, "ProviderCreditId", s->credit);
    keep(s, "AmazonProviderCreditReversalId", s->reversal);
    keep(s, "ProviderCreditReversalId", s->reversal);
    if (strcmp(row->amount, "AuthorizationAmount") == 0 ||
        strcmp(row->word, "get-authorization") == 0) {
        keep(s, "member", s->capture);
    }
}

static void expect_elements(struct scenario *s, const char *line, char **tokens, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char *value = tokens[i] != NULL ? strchr(tokens[i], '=') : NULL;
        char *slash;
        const char *found;
        if (value == NULL) {
            fail_msg("no expectation: %s", line);
            return;
        }
        *value++ = '\0';
        slash = strchr(tokens[i], '/');
        if (slash != NULL) {
            *slash = '\0';
            found = driver_within(s->driver, tokens[i], slash + 1);
        } else {
            found = driver_element(s->driver, tokens[i]);
        }
        if (value[0] == '~' ? strstr(found, value + 1) == NULL : strcmp(found, value) != 0) {
            fail_msg("%s: %s is %s in %s", line, tokens[i], found, s->driver->answer.body.bytes);
        }
    }
}

/* Name and value of one parameter; `names` keeps what had to be put together. */
static void add_parameter(const struct row *row, char *token, struct driver_pair *pairs,
                          size_t *count, char names[4][96])
{
    char *value = strchr(token, '=');

    if (value == NULL) {
        fail_msg("no parameter: %s", token);
        return;
    }
    *value++ = '\0';
    if (strcmp(token, "ref") == 0) {
        pairs[(*count)++] = (struct driver_pair){row->reference, value};
    } else if (strcmp(token, "note") == 0) {
        pairs[(*count)++] = (struct driver_pair){row->note, value};
    } else if (strcmp(token, "amount") == 0) {
        (void)snprintf(names[0], 96, "%s.Amount", row->amount);
        (void)snprintf(names[1], 96, "%s.CurrencyCode", row->amount);
        pairs[(*count)++] = (struct driver_pair){names[0], value};
        pairs[(*count)++] = (struct driver_pair){names[1], "JPY"};
    } else {
        pairs[(*count)++] = (struct driver_pair){token, value};
    }
}

static int status_of(const char *text)
{
    return text != NULL ? (int)strtol(text, NULL, 10) : -1;
}

static void request(struct scenario *s, const char *line, char **tokens, size_t count)
{
    const struct row *row = find_row(tokens[0]);
    struct driver_pair pairs[TOKENS_MAX + 4];
    char names[4][96];
    size_t pair_count = 0;
    size_t i = 1;

    pairs[pair_count++] = (struct driver_pair){row->id_name, (const char *)s + row->id};
    if (strcmp(row->word, "create") == 0) {
        pairs[pair_count++] = (struct driver_pair){"IdType", "BillingAgreement"};
    }
    for (; i < count && tokens[i] != NULL && strcmp(tokens[i], "->") != 0; i++) {
        add_parameter(row, tokens[i], pairs, &pair_count, names);
    }
    assert_true(i + 1 < count);
    if (driver_send(s->driver, row->action, pairs, pair_count) != status_of(tokens[i + 1])) {
        fail_msg("%s: %d, %s", line, s->driver->answer.status, s->driver->answer.body.bytes);
    }
    if (s->driver->answer.status == 200) {
        keep_ids(s, row);
    }
    expect_elements(s, line, tokens + i + 2, count - i - 2);
}

static void pass(struct scenario *s, const char *how_long)
{
    char *unit;
    int64_t ms = strtol(how_long, &unit, 10);

    ms *= strcmp(unit, "d") == 0   ? 86400000
          : strcmp(unit, "h") == 0 ? 3600000
          : strcmp(unit, "m") == 0 ? 60000
          : strcmp(unit, "s") == 0 ? 1000
                                   : 1;
    driver_pass(s->driver, ms);
}

static void control(struct scenario *s, const char *line, char **tokens, size_t count)
{
    bool order = strcmp(tokens[0], "POST") == 0;
    char path[160];

    assert_true(count >= 4);
    (void)snprintf(path, sizeof path, "/control/%s/%s/%s", order ? "orders" : "agreements",
                   order ? s->order : s->agreement, tokens[1]);
    if (driver_control(s->driver, "POST", path, tokens[2]) != status_of(tokens[count - 1])) {
        fail_msg("%s: %s", line, s->driver->control.bytes);
    }
}

/* "NAME=VALUE": numbers are numbers in JSON, too. */
static void set_rule(struct scenario *s, const char *rule)
{
    const char *value = strchr(rule, '=');
    char body[160];
    bool number;

    assert_non_null(value);
    number = strspn(value + 1, "0123456789") == strlen(value + 1);
    (void)snprintf(body, sizeof body, "{\"%.*s\":%s%s%s}", (int)(value - rule), rule,
                   number ? "" : "\"", value + 1, number ? "" : "\"");
    if (driver_control(s->driver, "POST", "/control/rules", body) != 200) {
        fail_msg("rule %s: %s", rule, s->driver->control.bytes);
    }
}

static void play_line(struct scenario *s, const char *line)
{
    char copy[LINE_BYTES];
    char *tokens[TOKENS_MAX] = {0};
    char *rest = NULL;
    size_t count = 0;

    assert_true(strlen(line) < sizeof copy);
    (void)snprintf(copy, sizeof copy, "%s", line);
    for (char *token = strtok_r(copy, " ", &rest); token != NULL && count < TOKENS_MAX;
         token = strtok_r(NULL, " ", &rest)) {
        tokens[count++] = token;
    }
    if (count < 2 || tokens[0] == NULL || tokens[1] == NULL) {
        fail_msg("no step: %s", line);
        return;
    }
    if (strcmp(tokens[0], "wait") == 0) {
        pass(s, tokens[1]);
    } else if (strcmp(tokens[0], "rule") == 0) {
        set_rule(s, tokens[1]);
    } else if (strcmp(tokens[0], "POST") == 0 || strcmp(tokens[0], "AGREEMENT") == 0) {
        control(s, line, tokens, count);
    } else {
        request(s, line, tokens, count);
    }
}

void scenario_begin(struct scenario *s, const char *members)
{
    char body[512];

    *s = (struct scenario){.driver = driver_new(),
                           .agreement = AGREEMENT,
                           .order = ORDER_FIRST,
                           .by_order_id = "SellerOrderId"};
    driver_agreement(s->driver, AGREEMENT, "");
    (void)snprintf(body, sizeof body, "{\"seller\":\"%s\",\"id\":\"%s\"%s}", s->driver->seller,
                   ORDER_FIRST, members);
    assert_int_equal(driver_control(s->driver, "POST", "/control/orders", body), 201);
}

void scenario_lines(struct scenario *s, const char *const *lines)
{
    for (size_t i = 0; lines[i] != NULL; i++) {
        play_line(s, lines[i]);
    }
}

void scenario_end(struct scenario *s)
{
    driver_free(s->driver);
}

void scenario_play(const char *members, const char *const *lines)
{
    struct scenario s;

    scenario_begin(&s, members);
    scenario_lines(&s, lines);
    scenario_end(&s);
}
