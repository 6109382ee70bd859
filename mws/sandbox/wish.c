/*
 * wish.c - see wish.h.
 */
#include "mws/sandbox/wish.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REFERENCE_CHARACTERS (REFERENCE_ID_MAX - 1)

struct names {
    const char *reference, *amount, *note;
    const char *shares, *share_amount; /* a list of providers and the amount of each; or NULL */
};

/* Credits are never asked for: they come with a capture. */
static const struct names names[TRANSACTION_KINDS] = {
    [TRANSACTION_AUTHORIZATION] = {"AuthorizationReferenceId", "AuthorizationAmount",
                                   "SellerAuthorizationNote", "ProviderCreditList", "CreditAmount"},
    [TRANSACTION_CAPTURE] = {"CaptureReferenceId", "CaptureAmount", "SellerCaptureNote",
                             "ProviderCreditList", "CreditAmount"},
    [TRANSACTION_REFUND] = {"RefundReferenceId", "RefundAmount", "SellerRefundNote",
                            "ProviderCreditReversalList", "CreditReversalAmount"},
    [TRANSACTION_REVERSAL] = {"CreditReversalReferenceId", "CreditReversalAmount",
                              "CreditReversalNote", NULL, NULL},
};

/* "a8:1000 JPY": kind, length and value, so that no two lists of values are written alike. */
void wish_compare(struct call *call, enum compared what, const char *value)
{
    char length[24];
    int digits = snprintf(length, sizeof length, "%c%zu:", (char)what, strlen(value));

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
    wish_compare(call, COMPARED_AMOUNT, amount);
    wish_compare(call, COMPARED_TEXT, wish->note);
    wish_compare(call, COMPARED_TEXT, wish->soft_descriptor);
    return true;
}

static bool read_share(struct call *call, const struct names *n, size_t number, struct wish *wish)
{
    char name[80];
    char units[24];
    const char *provider;
    const struct currency *currency;
    struct share *share = &wish->shares[wish->share_count];

    (void)snprintf(name, sizeof name, "%s.member.%zu.ProviderId", n->shares, number);
    provider = call_required(call, name, OBJECT_ID_MAX / 2);
    (void)snprintf(name, sizeof name, "%s.member.%zu.%s", n->shares, number, n->share_amount);
    if (provider == NULL || !call_amount(call, name, &currency, &share->units)) {
        return false;
    }
    if (strlen(provider) >= sizeof share->provider) {
        return call_fail(call, MWS_ERROR_INVALID_PARAMETER_VALUE, "A ProviderId is malformed.");
    }
    if (currency != wish->currency) {
        return call_fail(call, MWS_ERROR_CURRENCY_MISMATCH,
                         "The currency of %s must be that of the amount.", n->shares);
    }
    (void)snprintf(share->provider, sizeof share->provider, "%s", provider);
    (void)snprintf(units, sizeof units, "%" PRId64, share->units);
    wish_compare(call, COMPARED_TERMS, provider);
    wish_compare(call, COMPARED_TERMS, units);
    wish->share_count++;
    return true;
}

bool wish_shares(struct call *call, enum transaction_kind kind, struct wish *wish)
{
    const struct names *n = &names[kind];
    char name[80];
    int64_t sum = 0;

    for (size_t number = 1; number <= SHARES_MAX; number++) {
        (void)snprintf(name, sizeof name, "%s.member.%zu.ProviderId", n->shares, number);
        if (form_get(call->form, name) == NULL) {
            break;
        }
        if (!read_share(call, n, number, wish)) {
            return false;
        }
        sum += wish->shares[wish->share_count - 1].units;
    }
    return kind == TRANSACTION_REFUND || sum <= wish->units ||
           call_fail(call, MWS_ERROR_TRANSACTION_AMOUNT_EXCEEDED,
                     "The provider credits exceed the amount.");
}

/* --- repeats ---------------------------------------------------------------------------------- */

/* The next value that the rule compares, from *at on; false at the end. */
static bool next_compared(const struct rules *rules, const char **at, const char **value,
                          size_t *length)
{
    while (**at != '\0') {
        char what = **at;
        char *colon;
        *length = strtoul(*at + 1, &colon, 10);
        *value = colon + 1;
        *at = *value + *length;
        if (what == COMPARED_AMOUNT || rules->repeat_compares == COMPARE_EVERYTHING ||
            (what == COMPARED_TERMS && rules->repeat_compares == COMPARE_NO_TEXTS)) {
            return true;
        }
    }
    return false;
}

static bool is_same_request(const struct rules *rules, const char *first, const char *second)
{
    const char *left = NULL;
    const char *right = NULL;
    size_t left_length = 0;
    size_t right_length = 0;

    for (;;) {
        bool one = next_compared(rules, &first, &left, &left_length);
        bool other = next_compared(rules, &second, &right, &right_length);
        if (!one || !other) {
            return one == other;
        }
        if (left_length != right_length || memcmp(left, right, left_length) != 0) {
            return false;
        }
    }
}

static struct transaction *find_earlier(const struct call *call, enum transaction_kind kind,
                                        const char *reference)
{
    struct transaction *found =
        world_find_reference(call->seller, call->environment, kind, reference);

    for (int other = 0; found == NULL && other < TRANSACTION_KINDS &&
                        call->world->rules.reference_scope == SCOPE_ALL;
         other++) {
        found = world_find_reference(call->seller, call->environment, (enum transaction_kind)other,
                                     reference);
    }
    return found;
}

static struct transaction *duplicate(struct call *call, enum mws_error error, const char *name,
                                     const struct wish *wish)
{
    (void)call_fail(call, error, "The %s %s was %s.", name, wish->reference,
                    error == MWS_ERROR_DUPLICATE_REQUEST ? "already processed"
                                                         : "used in a different request");
    return NULL;
}

bool wish_is_checked_before(const struct call *call)
{
    return call->world->rules.reference_checked == REFERENCE_CHECKED_LAST;
}

struct transaction *wish_earlier(struct call *call, enum transaction_kind kind, struct wish *wish)
{
    const struct rules *rules = &call->world->rules;
    const char *name = names[kind].reference;
    struct transaction *earlier = find_earlier(call, kind, wish->reference);

    wish->asked = call->asked->bytes;
    if (earlier == NULL) {
        return NULL;
    }
    if (earlier->kind != kind || strcmp(earlier->target, wish->target) != 0) {
        return duplicate(call, MWS_ERROR_DUPLICATE_REFERENCE_ID, name, wish);
    }
    if (earlier->state == MWS_STATE_DECLINED && rules->declined_reference == DECLINED_FREE) {
        return NULL;
    }
    if (!is_same_request(rules, earlier->asked, wish->asked) ||
        rules->repeat == REPEAT_DUPLICATE_REQUEST) {
        return duplicate(call, MWS_ERROR_DUPLICATE_REQUEST, name, wish);
    }
    if (rules->repeat == REPEAT_DUPLICATE_REFERENCE) {
        return duplicate(call, MWS_ERROR_DUPLICATE_REFERENCE_ID, name, wish);
    }
    return earlier;
}

bool wish_replay(struct call *call, const struct transaction *earlier)
{
    const char *line_end =
        earlier->first_answer != NULL ? strchr(earlier->first_answer, '\n') : NULL;

    if (line_end == NULL || call->world->rules.repeat_shows != REPEAT_SHOWS_FIRST) {
        return false;
    }
    (void)snprintf(call->request_id, REQUEST_ID_MAX, "%.*s",
                   (int)(line_end - earlier->first_answer), earlier->first_answer);
    text_add(call->out, line_end + 1);
    return true;
}

void wish_keep_answer(const struct call *call, struct transaction *made)
{
    struct text kept = {0};

    if (call->world->rules.repeat_shows == REPEAT_SHOWS_FIRST) {
        text_format(&kept, "%s\n%s", call->request_id, call->out->bytes);
        text_replace(&made->first_answer, kept.bytes);
        text_free(&kept);
    }
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
