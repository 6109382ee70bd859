/*
 * operation.c - the table of operations, and how handlers read parameters.
 */
#include "mws/sandbox/operation.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct operation operations[MWS_ACTION_COUNT] = {
    [MWS_GET_BILLING_AGREEMENT_DETAILS] = {THROTTLE_READ, get_billing_agreement_details},
    [MWS_SET_BILLING_AGREEMENT_DETAILS] = {THROTTLE_WRITE, set_billing_agreement_details},
    [MWS_CONFIRM_BILLING_AGREEMENT] = {THROTTLE_WRITE, confirm_billing_agreement},
    [MWS_VALIDATE_BILLING_AGREEMENT] = {THROTTLE_WRITE, validate_billing_agreement},
    [MWS_AUTHORIZE_ON_BILLING_AGREEMENT] = {THROTTLE_WRITE, authorize_on_billing_agreement},
    [MWS_CLOSE_BILLING_AGREEMENT] = {THROTTLE_WRITE, close_billing_agreement},
    [MWS_CREATE_ORDER_REFERENCE_FOR_ID] = {THROTTLE_WRITE, create_order_reference_for_id},
    [MWS_GET_ORDER_REFERENCE_DETAILS] = {THROTTLE_READ, get_order_reference_details},
    [MWS_SET_ORDER_REFERENCE_DETAILS] = {THROTTLE_WRITE, set_order_reference_details},
    [MWS_SET_ORDER_ATTRIBUTES] = {THROTTLE_WRITE, set_order_attributes},
    [MWS_CONFIRM_ORDER_REFERENCE] = {THROTTLE_WRITE, confirm_order_reference},
    [MWS_CANCEL_ORDER_REFERENCE] = {THROTTLE_WRITE, cancel_order_reference},
    [MWS_CLOSE_ORDER_REFERENCE] = {THROTTLE_WRITE, close_order_reference},
    [MWS_LIST_ORDER_REFERENCE] = {THROTTLE_READ, list_order_reference},
    [MWS_LIST_ORDER_REFERENCE_BY_NEXT_TOKEN] = {THROTTLE_READ, list_order_reference_by_next_token},
    [MWS_AUTHORIZE] = {THROTTLE_WRITE, authorize},
    [MWS_GET_AUTHORIZATION_DETAILS] = {THROTTLE_READ, get_authorization_details},
    [MWS_CLOSE_AUTHORIZATION] = {THROTTLE_WRITE, close_authorization},
    [MWS_CAPTURE] = {THROTTLE_WRITE, capture},
    [MWS_GET_CAPTURE_DETAILS] = {THROTTLE_READ, get_capture_details},
    [MWS_REFUND] = {THROTTLE_WRITE, refund},
    [MWS_GET_REFUND_DETAILS] = {THROTTLE_READ, get_refund_details},
    [MWS_GET_PROVIDER_CREDIT_DETAILS] = {THROTTLE_READ, get_provider_credit_details},
    [MWS_GET_PROVIDER_CREDIT_REVERSAL_DETAILS] = {THROTTLE_READ,
                                                  get_provider_credit_reversal_details},
    [MWS_REVERSE_PROVIDER_CREDIT] = {THROTTLE_WRITE, reverse_provider_credit},
    [MWS_GET_SERVICE_STATUS] = {THROTTLE_STATUS, get_service_status},
    [MWS_GET_MERCHANT_ACCOUNT_STATUS] = {THROTTLE_READ, get_merchant_account_status},
    [MWS_GET_MERCHANT_NOTIFICATION_CONFIGURATION] = {THROTTLE_READ,
                                                     get_merchant_notification_configuration},
    [MWS_SET_MERCHANT_NOTIFICATION_CONFIGURATION] = {THROTTLE_WRITE,
                                                     set_merchant_notification_configuration},
};

const struct operation *operation_find(enum mws_action action)
{
    return operations[action].handler != NULL ? &operations[action] : NULL;
}

bool call_fail(struct call *call, enum mws_error error, const char *format, ...)
{
    va_list arguments;

    call->error = error;
    va_start(arguments, format);
    (void)vsnprintf(call->message, sizeof call->message, format, arguments);
    va_end(arguments);
    return false;
}

static size_t characters(const char *utf8)
{
    size_t count = 0;

    for (; *utf8 != '\0'; utf8++) {
        count += ((unsigned char)*utf8 & 0xC0) != 0x80;
    }
    return count;
}

const char *call_optional(struct call *call, const char *name, size_t characters_max)
{
    const char *value = form_get(call->form, name);

    if (value == NULL) {
        return "";
    }
    if (characters(value) > characters_max) {
        (void)call_fail(call, MWS_ERROR_INVALID_PARAMETER_VALUE,
                        "The value of parameter %s has more than %zu characters.", name,
                        characters_max);
        return NULL;
    }
    return value;
}

const char *call_required(struct call *call, const char *name, size_t characters_max)
{
    const char *value = call_optional(call, name, characters_max);

    if (value != NULL && value[0] == '\0') {
        (void)call_fail(call, MWS_ERROR_INVALID_PARAMETER_VALUE,
                        "The required parameter %s is missing.", name);
        return NULL;
    }
    return value;
}

bool call_bool(struct call *call, const char *name, bool absent, bool *value)
{
    const char *text = form_get(call->form, name);
    bool any_case = call->world->rules.booleans == BOOLEAN_ANY_CASE;
    int (*compare)(const char *, const char *) = any_case ? strcasecmp : strcmp;

    *value = text == NULL ? absent : compare(text, "true") == 0;
    if (text == NULL || *value || compare(text, "false") == 0) {
        return true;
    }
    return call_fail(call, MWS_ERROR_INVALID_PARAMETER_VALUE,
                     "The value of parameter %s must be true or false.", name);
}

bool call_integer(struct call *call, const char *name, int64_t absent, int64_t *value)
{
    const char *text = form_get(call->form, name);

    *value = absent;
    if (text == NULL) {
        return true;
    }
    if (text[0] == '\0' || strlen(text) > 9 || strspn(text, "0123456789") != strlen(text)) {
        return call_fail(call, MWS_ERROR_INVALID_PARAMETER_VALUE,
                         "The value of parameter %s must be a non-negative number.", name);
    }
    *value = strtoll(text, NULL, 10);
    return true;
}

/* "1000.00" of a currency without a fraction, where the rule jpy-fraction accepts it. */
static bool parse_amount(const struct call *call, const char *text, const struct currency *currency,
                         int64_t *units)
{
    char whole[24];
    const char *point = strchr(text, '.');

    if (currency->decimals == 0 && point != NULL && point - text < (ptrdiff_t)sizeof whole &&
        point[1] != '\0' && strspn(point + 1, "0") == strlen(point + 1) &&
        call->world->rules.jpy_fraction == FRACTION_ACCEPTED) {
        (void)snprintf(whole, sizeof whole, "%.*s", (int)(point - text), text);
        return amount_parse(whole, currency, units);
    }
    return amount_parse(text, currency, units);
}

bool call_amount(struct call *call, const char *prefix, const struct currency **currency,
                 int64_t *units)
{
    char name[80];
    const char *amount;
    const char *code;

    (void)snprintf(name, sizeof name, "%s.CurrencyCode", prefix);
    code = call_required(call, name, 3);
    if (code == NULL) {
        return false;
    }
    *currency = currency_find(code);
    if (*currency == NULL) {
        return call_fail(call, MWS_ERROR_CURRENCY_UNSUPPORTED, "The currency %s is not supported.",
                         code);
    }
    (void)snprintf(name, sizeof name, "%s.Amount", prefix);
    amount = call_required(call, name, 20);
    if (amount == NULL) {
        return false;
    }
    if (!parse_amount(call, amount, *currency, units) || *units == 0) {
        return call_fail(call, MWS_ERROR_INVALID_PARAMETER_VALUE,
                         "The value %s of parameter %s is not an amount in %s.", amount, name,
                         (*currency)->code);
    }
    return true;
}

/* Sandbox and live, and the sellers, do not see each other's objects. */
static bool is_mine(const struct call *call, const struct seller *seller, int environment)
{
    return seller == call->seller && environment == call->environment;
}

struct agreement *call_agreement(struct call *call)
{
    const char *id = call_required(call, "AmazonBillingAgreementId", OBJECT_ID_MAX);
    struct agreement *agreement = id != NULL ? world_find_agreement(call->world, id) : NULL;

    if (id == NULL) {
        return NULL;
    }
    if (agreement == NULL || !is_mine(call, agreement->seller, agreement->environment)) {
        (void)call_fail(call, MWS_ERROR_INVALID_BILLING_AGREEMENT_ID,
                        "The BillingAgreementId %s is invalid.", id);
        return NULL;
    }
    return agreement;
}

struct order *call_order(struct call *call)
{
    const char *id = call_required(call, "AmazonOrderReferenceId", OBJECT_ID_MAX);
    struct order *order = id != NULL ? world_find_order(call->world, id) : NULL;

    if (id == NULL) {
        return NULL;
    }
    if (order == NULL || !is_mine(call, order->seller, order->environment)) {
        (void)call_fail(call, MWS_ERROR_INVALID_ORDER_REFERENCE_ID,
                        "The OrderReferenceId %s is invalid.", id);
        return NULL;
    }
    return order;
}

/* Provider credits and their reversals are the solution provider's, too. */
static bool is_shared(const struct call *call, const struct transaction *t)
{
    const struct credit *credit = t->kind == TRANSACTION_REVERSAL
                                      ? ((const struct reversal *)t)->credit
                                      : (const struct credit *)t;

    return (t->kind == TRANSACTION_CREDIT || t->kind == TRANSACTION_REVERSAL) &&
           strcmp(credit->provider, call->seller->id) == 0 &&
           t->order->environment == call->environment;
}

struct transaction *call_transaction(struct call *call, const char *name,
                                     enum transaction_kind kind)
{
    const char *id = call_required(call, name, OBJECT_ID_MAX);
    struct transaction *t = id != NULL ? world_find_transaction(call->world, id) : NULL;

    if (id == NULL) {
        return NULL;
    }
    if (t == NULL || t->kind != kind ||
        (!is_mine(call, t->order->seller, t->order->environment) && !is_shared(call, t))) {
        (void)call_fail(call, MWS_ERROR_INVALID_TRANSACTION_ID, "The TransactionId %s is invalid.",
                        id);
        return NULL;
    }
    return t;
}

bool call_token(struct call *call, bool *has_token)
{
    const char *token = form_get(call->form, "AccessToken");
    const char *old_token = form_get(call->form, "AddressConsentToken");
    const struct login *login;

    if (token != NULL && old_token != NULL) {
        return call_fail(call, MWS_ERROR_AMBIGUOUS_TOKEN,
                         "AccessToken and AddressConsentToken cannot both be given.");
    }
    token = token != NULL ? token : old_token;
    *has_token = token != NULL;
    if (token == NULL || call->logins->tokens.count == 0) {
        return true;
    }
    login = login_find(call->logins, token, call->now);
    return (login != NULL && login_has_scope(login, SCOPE_SHIPPING_ADDRESS)) ||
           call_fail(call, MWS_ERROR_INVALID_ADDRESS_CONSENT_TOKEN,
                     "The AccessToken is invalid or has expired.");
}
