/*
 * operation_payment.c - AuthorizeOnBillingAgreement and GetAuthorizationDetails.
 *
 * The order of checks of AuthorizeOnBillingAgreement: the parameters; the agreement; was this
 * reference id used before (then the first result, or a Duplicate error, whatever has become of the
 * agreement since); the simulation string; the agreement's state; the amount; the month. Source:
 * amazon-pay reference, sections 3.1, 6.4 and 7.
 */
#include <stdio.h>
#include <string.h>

#include "billing/civil.h"
#include "billing/ensure.h"
#include "mws/sandbox/describe.h"
#include "mws/sandbox/operation.h"
#include "mws/sandbox/payment.h"

#define TIMEOUT_MINUTES_MAX  1440
#define REFERENCE_CHARACTERS (REFERENCE_ID_MAX - 1)

/* What was asked, with the texts still those of the form. */
struct request {
    const char *reference;
    struct charge charge;
    const char *note, *soft_descriptor, *seller_note, *platform_id;
    const char *seller_order_id, *store_name, *custom_information;
};

static bool read_timeout(struct call *call, int64_t *minutes)
{
    if (!call_integer(call, "TransactionTimeout", TIMEOUT_MINUTES_MAX, minutes)) {
        return false;
    }
    if (*minutes > TIMEOUT_MINUTES_MAX || *minutes % 5 != 0) {
        return call_fail(call, MWS_ERROR_INVALID_PARAMETER_VALUE,
                         "TransactionTimeout must be 0 or a multiple of 5 up to %d.",
                         TIMEOUT_MINUTES_MAX);
    }
    return true;
}

static bool read_request(struct call *call, struct request *r)
{
    bool inherit;

    r->reference = call_required(call, "AuthorizationReferenceId", REFERENCE_CHARACTERS);
    if (r->reference == NULL) {
        return false;
    }
    if (strlen(r->reference) > REFERENCE_CHARACTERS) {
        (void)call_fail(call, MWS_ERROR_INVALID_PARAMETER_VALUE,
                        "AuthorizationReferenceId may only have letters, digits, - and _.");
        return false;
    }
    r->note = call_optional(call, "SellerAuthorizationNote", 255);
    r->soft_descriptor = call_optional(call, "SoftDescriptor", 16);
    r->seller_note = call_optional(call, "SellerNote", 1024);
    r->platform_id = call_optional(call, "PlatformId", 127);
    r->seller_order_id = call_optional(call, "SellerOrderAttributes.SellerOrderId", 127);
    r->store_name = call_optional(call, "SellerOrderAttributes.StoreName", 50);
    r->custom_information = call_optional(call, "SellerOrderAttributes.CustomInformation", 1024);
    if (r->note == NULL || r->soft_descriptor == NULL || r->seller_note == NULL ||
        r->platform_id == NULL || r->seller_order_id == NULL || r->store_name == NULL ||
        r->custom_information == NULL) {
        return false; /* one is too long, and the call has failed */
    }
    return call_amount(call, "AuthorizationAmount", &r->charge.currency, &r->charge.units) &&
           read_timeout(call, &r->charge.timeout_minutes) &&
           call_bool(call, "CaptureNow", false, &r->charge.capture_now) &&
           call_bool(call, "InheritShippingAddress", true, &inherit);
}

static bool same_as(const struct request *r, const struct authorization *earlier)
{
    const struct charge *c = &earlier->charge;

    return c->units == r->charge.units && c->currency == r->charge.currency &&
           c->timeout_minutes == r->charge.timeout_minutes &&
           c->capture_now == r->charge.capture_now && strcmp(c->note, r->note) == 0 &&
           strcmp(c->soft_descriptor, r->soft_descriptor) == 0 &&
           strcmp(c->seller_note, r->seller_note) == 0 &&
           strcmp(c->platform_id, r->platform_id) == 0 &&
           strcmp(c->seller_order_id, r->seller_order_id) == 0 &&
           strcmp(c->store_name, r->store_name) == 0 &&
           strcmp(c->custom_information, r->custom_information) == 0;
}

static void own_texts(const struct request *r, struct charge *charge)
{
    text_replace(&charge->note, r->note);
    text_replace(&charge->soft_descriptor, r->soft_descriptor);
    text_replace(&charge->seller_note, r->seller_note);
    text_replace(&charge->platform_id, r->platform_id);
    text_replace(&charge->seller_order_id, r->seller_order_id);
    text_replace(&charge->store_name, r->store_name);
    text_replace(&charge->custom_information, r->custom_information);
}

/* "Sun Nov 01 00:00:00 UTC 2015", as Amazon's message prints the bounds of a month. */
static void format_month_start(int32_t month, char text[40])
{
    static const char days[7][4] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct civil_date date = {.year = 1970 + month / 12, .month = month % 12 + 1, .day = 1};

    (void)snprintf(text, 40, "%s %s 01 00:00:00 UTC %d", days[civil_to_days(date) % 7],
                   months[month % 12], (int)date.year);
}

static bool fail_for_month(struct call *call, const struct agreement *agreement, int64_t units)
{
    int32_t month = month_of(call->now);
    char from[40];
    char to[40];
    char used[AMOUNT_TEXT_MAX];
    char asked[AMOUNT_TEXT_MAX];
    char limit[AMOUNT_TEXT_MAX];

    format_month_start(month, from);
    format_month_start(month + 1, to);
    amount_format(agreement_authorized(agreement, month), agreement->currency, used);
    amount_format(units, agreement->currency, asked);
    amount_format(agreement->limit_units, agreement->currency, limit);
    return call_fail(call, MWS_ERROR_PERIODIC_AMOUNT_EXCEEDED,
                     "BillingAgreement %s has already been authorized for amount %s in time period "
                     "i.e. %s - %s. A new authorization with amount %s cannot be accepted as the "
                     "total authorization amount cannot exceed %s.",
                     agreement->id, used, from, to, asked, limit);
}

/* What Amazon would refuse before it asks the bank. */
static bool may_authorize(struct call *call, const struct agreement *agreement,
                          const struct request *r)
{
    ENSURE(r->charge.currency != NULL);
    if (agreement->state != MWS_STATE_OPEN) {
        return call_fail(call, MWS_ERROR_INVALID_BILLING_AGREEMENT_STATUS,
                         "BillingAgreement %s is in state %s and cannot be authorized on.",
                         agreement->id, mws_state_name(agreement->state));
    }
    if (r->charge.currency != agreement->currency) {
        return call_fail(call, MWS_ERROR_CURRENCY_MISMATCH,
                         "The currency %s is not that of BillingAgreement %s.",
                         r->charge.currency->code, agreement->id);
    }
    if (r->charge.units > r->charge.currency->call_units_max) {
        return call_fail(call, MWS_ERROR_TRANSACTION_AMOUNT_EXCEEDED,
                         "The amount exceeds the maximum of a single authorization.");
    }
    if (!agreement_has_room(agreement, r->charge.units, call->now)) {
        return fail_for_month(call, agreement, r->charge.units);
    }
    return true;
}

static bool read_simulation(struct call *call, const struct request *r, struct fate *fate)
{
    struct problem problem;

    *fate = (struct fate){0};
    if (call->environment != ENVIRONMENT_SANDBOX) {
        return true; /* live, it is a note like any other */
    }
    if (simulation_parse(r->note, fate, &problem) != ST_OK) {
        return call_fail(call, MWS_ERROR_INVALID_SANDBOX_SIMULATION_SPECIFIED, "%s.", problem.text);
    }
    if (fate->state == MWS_STATE_CLOSED && r->charge.capture_now) {
        return call_fail(call, MWS_ERROR_INVALID_SANDBOX_SIMULATION_SPECIFIED,
                         "The state Closed cannot be simulated together with CaptureNow.");
    }
    return true;
}

static void answer(struct call *call, const struct authorization *authorization, bool just_made)
{
    describe_authorization(call->out, authorization, just_made);
    xml_element(call->out, "AmazonOrderReferenceId", authorization->order_id);
}

static void answer_repeat(struct call *call, const struct agreement *agreement,
                          const struct request *r, const struct authorization *earlier)
{
    if (earlier->agreement != agreement) {
        (void)call_fail(call, MWS_ERROR_DUPLICATE_REFERENCE_ID,
                        "The AuthorizationReferenceId %s was used in a different request.",
                        r->reference);
    } else if (!same_as(r, earlier)) {
        (void)call_fail(call, MWS_ERROR_DUPLICATE_REQUEST,
                        "The AuthorizationReferenceId %s was processed with other parameters.",
                        r->reference);
    } else {
        answer(call, earlier, false);
    }
}

void authorize_on_billing_agreement(struct call *call)
{
    struct request r = {0};
    struct fate fate;
    const struct authorization *earlier;
    struct agreement *agreement = call_agreement(call);

    if (agreement == NULL || !read_request(call, &r)) {
        return;
    }
    earlier = world_find_reference(call->seller, call->environment, r.reference);
    if (earlier != NULL) {
        answer_repeat(call, agreement, &r, earlier);
        return;
    }
    if (read_simulation(call, &r, &fate) && may_authorize(call, agreement, &r)) {
        own_texts(&r, &r.charge);
        answer(call,
               payment_authorize(call->world, agreement, r.reference, &r.charge, &fate,
                                 call->pending_ms, call->now),
               true);
    }
}

void get_authorization_details(struct call *call)
{
    const char *id = call_required(call, "AmazonAuthorizationId", OBJECT_ID_MAX);
    struct authorization *authorization =
        id != NULL ? world_find_authorization(call->world, id) : NULL;

    if (id == NULL) {
        return;
    }
    if (authorization == NULL || authorization->agreement->seller != call->seller ||
        authorization->agreement->environment != call->environment) {
        (void)call_fail(call, MWS_ERROR_INVALID_TRANSACTION_ID, "The TransactionId %s is invalid.",
                        id);
        return;
    }
    agreement_refresh(call->world, authorization->agreement, call->now);
    describe_authorization(call->out, authorization, false);
}
