/*
 * operation.c - the table of operations, and how handlers read parameters.
 */
#include "mws/sandbox/operation.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mws/sandbox/payment.h"

static const struct operation operations[MWS_ACTION_COUNT] = {
    [MWS_GET_BILLING_AGREEMENT_DETAILS] = {THROTTLE_READ, get_billing_agreement_details},
    [MWS_SET_BILLING_AGREEMENT_DETAILS] = {THROTTLE_WRITE, set_billing_agreement_details},
    [MWS_CONFIRM_BILLING_AGREEMENT] = {THROTTLE_WRITE, confirm_billing_agreement},
    [MWS_VALIDATE_BILLING_AGREEMENT] = {THROTTLE_WRITE, validate_billing_agreement},
    [MWS_AUTHORIZE_ON_BILLING_AGREEMENT] = {THROTTLE_WRITE, authorize_on_billing_agreement},
    [MWS_CLOSE_BILLING_AGREEMENT] = {THROTTLE_WRITE, close_billing_agreement},
    [MWS_GET_AUTHORIZATION_DETAILS] = {THROTTLE_READ, get_authorization_details},
    [MWS_GET_ORDER_REFERENCE_DETAILS] = {THROTTLE_READ, get_order_reference_details},
    [MWS_LIST_ORDER_REFERENCE] = {THROTTLE_READ, list_order_reference},
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

    *value = text == NULL ? absent : strcmp(text, "true") == 0;
    if (text == NULL || *value || strcmp(text, "false") == 0) {
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
    if (!amount_parse(amount, *currency, units) || *units == 0) {
        return call_fail(call, MWS_ERROR_INVALID_PARAMETER_VALUE,
                         "The value %s of parameter %s is not an amount in %s.", amount, name,
                         (*currency)->code);
    }
    return true;
}

struct agreement *call_agreement(struct call *call)
{
    const char *id = call_required(call, "AmazonBillingAgreementId", OBJECT_ID_MAX);
    struct agreement *agreement = id != NULL ? world_find_agreement(call->world, id) : NULL;

    if (id == NULL) {
        return NULL;
    }
    if (agreement == NULL || agreement->seller != call->seller ||
        agreement->environment != call->environment) {
        (void)call_fail(call, MWS_ERROR_INVALID_BILLING_AGREEMENT_ID,
                        "The BillingAgreementId %s is invalid.", id);
        return NULL;
    }
    agreement_refresh(call->world, agreement, call->now);
    return agreement;
}
