/*
 * wish.c - see wish.h.
 */
#include "mws/sandbox/wish.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define REFERENCE_CHARACTERS (REFERENCE_ID_MAX - 1)

struct names {
    const char *reference, *amount, *note;
};

/* Credits are never asked for: they come with a capture. */
static const struct names names[TRANSACTION_KINDS] = {
    [TRANSACTION_AUTHORIZATION] = {"AuthorizationReferenceId", "AuthorizationAmount",
                                   "SellerAuthorizationNote"},
    [TRANSACTION_CAPTURE] = {"CaptureReferenceId", "CaptureAmount", "SellerCaptureNote"},
    [TRANSACTION_REFUND] = {"RefundReferenceId", "RefundAmount", "SellerRefundNote"},
    [TRANSACTION_REVERSAL] = {"CreditReversalReferenceId", "CreditReversalAmount",
                              "CreditReversalNote"},
};

/* Each value with its length, so that no two lists of values are written alike. */
void wish_compare(struct call *call, const char *value)
{
    char length[24];
    int digits = snprintf(length, sizeof length, "%zu:", strlen(value));

    text_add_bytes(call->asked, length, (size_t)digits);
    text_add(call->asked, value);
}

bool wish_read(struct call *call, enum transaction_kind kind, const char *target, struct wish *wish)
{
    const struct names *n = &names[kind];
    char amount[48];

    *wish = (struct wish){.target = target};
    text_clear(call->asked);
    wish->reference = call_required(call, n->reference, REFERENCE_CHARACTERS);
    if (wish->reference == NULL) {
        return false;
    }
    if (strlen(wish->reference) > REFERENCE_CHARACTERS) {
        return call_fail(call, MWS_ERROR_INVALID_PARAMETER_VALUE,
                         "%s may only have letters, digits, - and _.", n->reference);
    }
    wish->note = call_optional(call, n->note, 255);
    wish->soft_descriptor = call_optional(call, "SoftDescriptor", 16);
    if (wish->note == NULL || wish->soft_descriptor == NULL ||
        !call_amount(call, n->amount, &wish->currency, &wish->units)) {
        return false;
    }
    (void)snprintf(amount, sizeof amount, "%" PRId64 " %s", wish->units, wish->currency->code);
    wish_compare(call, amount);
    wish_compare(call, wish->note);
    wish_compare(call, wish->soft_descriptor);
    return true;
}

static bool read_share(struct call *call, size_t number, struct wish *wish)
{
    char name[80];
    char units[24];
    const char *provider;
    const struct currency *currency;
    struct share *share = &wish->shares[wish->share_count];

    (void)snprintf(name, sizeof name, "ProviderCreditList.member.%zu.ProviderId", number);
    provider = call_required(call, name, OBJECT_ID_MAX / 2);
    (void)snprintf(name, sizeof name, "ProviderCreditList.member.%zu.CreditAmount", number);
    if (provider == NULL || !call_amount(call, name, &currency, &share->units)) {
        return false;
    }
    if (strlen(provider) >= sizeof share->provider) {
        return call_fail(call, MWS_ERROR_INVALID_PARAMETER_VALUE, "A ProviderId is malformed.");
    }
    if (currency != wish->currency) {
        return call_fail(call, MWS_ERROR_CURRENCY_MISMATCH,
                         "The currency of a provider credit must be that of the amount.");
    }
    (void)snprintf(share->provider, sizeof share->provider, "%s", provider);
    (void)snprintf(units, sizeof units, "%" PRId64, share->units);
    wish_compare(call, provider);
    wish_compare(call, units);
    wish->share_count++;
    return true;
}

bool wish_shares(struct call *call, struct wish *wish)
{
    char name[80];
    int64_t sum = 0;

    for (size_t number = 1; number <= SHARES_MAX; number++) {
        (void)snprintf(name, sizeof name, "ProviderCreditList.member.%zu.ProviderId", number);
        if (form_get(call->form, name) == NULL) {
            break;
        }
        if (!read_share(call, number, wish)) {
            return false;
        }
        sum += wish->shares[wish->share_count - 1].units;
    }
    return sum <= wish->units || call_fail(call, MWS_ERROR_TRANSACTION_AMOUNT_EXCEEDED,
                                           "The provider credits exceed the amount.");
}

struct transaction *wish_earlier(struct call *call, enum transaction_kind kind, struct wish *wish)
{
    struct transaction *earlier =
        world_find_reference(call->seller, call->environment, wish->reference);

    wish->asked = call->asked->bytes;
    if (earlier == NULL) {
        return NULL;
    }
    if (earlier->kind != kind || strcmp(earlier->target, wish->target) != 0) {
        (void)call_fail(call, MWS_ERROR_DUPLICATE_REFERENCE_ID,
                        "The %s %s was used in a different request.", names[kind].reference,
                        wish->reference);
        return NULL;
    }
    if (strcmp(earlier->asked, wish->asked) != 0) {
        (void)call_fail(call, MWS_ERROR_DUPLICATE_REQUEST,
                        "The %s %s was processed with other parameters.", names[kind].reference,
                        wish->reference);
        return NULL;
    }
    return earlier;
}

bool wish_simulate(struct call *call, enum simulated what, struct wish *wish)
{
    struct problem problem;

    if (call->environment != ENVIRONMENT_SANDBOX) {
        return true; /* live, it is a note like any other */
    }
    return simulation_parse(what, wish->note, &wish->fate, &problem) == ST_OK ||
           call_fail(call, MWS_ERROR_INVALID_SANDBOX_SIMULATION_SPECIFIED, "%s.", problem.text);
}
