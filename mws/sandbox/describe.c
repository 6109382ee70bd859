/*
 * describe.c - see describe.h.
 */
#include "mws/sandbox/describe.h"

#include <stdio.h>

#include "billing/ensure.h"

#define ORDER_LIFE_MS (180LL * 24 * 60 * 60 * 1000)

static void price(struct text *out, const char *name, const char *amount,
                  const struct currency *currency)
{
    xml_open(out, name);
    xml_element(out, "CurrencyCode", currency->code);
    xml_element(out, "Amount", amount);
    xml_close(out, name);
}

static void amount(struct text *out, const char *name, int64_t units,
                   const struct currency *currency)
{
    char text[AMOUNT_TEXT_MAX];

    amount_format_wire(units, currency, text);
    price(out, name, text, currency);
}

static void environment(struct text *out, const struct agreement *agreement)
{
    xml_element(out, "ReleaseEnvironment",
                agreement->environment == ENVIRONMENT_LIVE ? "Live" : "Sandbox");
}

/* `updated` is spelt differently for agreements and for everything else. */
static void status(struct text *out, const char *name, const char *updated, enum mws_state state,
                   enum mws_reason reason, const char *description, struct instant at)
{
    xml_open(out, name);
    xml_element(out, "State", mws_state_name(state));
    xml_instant(out, updated, at);
    xml_optional(out, "ReasonCode", mws_reason_name(reason));
    xml_optional(out, "ReasonDescription", description);
    xml_close(out, name);
}

/* --- constraints ----------------------------------------------------------------------------- */

struct constraint {
    const char *id;
    const char *description;
};

enum { CONSTRAINTS_MAX = 3 };

static size_t constraints_of(const struct agreement *agreement,
                             struct constraint found[CONSTRAINTS_MAX])
{
    size_t count = 0;

    if (!agreement->consent) {
        found[count++] = (struct constraint){
            "BuyerConsentNotSet", "The buyer has not given consent for this billing agreement."};
    }
    if (!agreement->payment_plan) {
        found[count++] = (struct constraint){"PaymentPlanNotSet",
                                             "The buyer has not been able to select a Payment "
                                             "method for the given Billing Agreement."};
    }
    if (!agreement->shipping_address) {
        found[count++] = (struct constraint){"ShippingAddressNotSet",
                                             "The buyer has not selected a shipping address."};
    }
    return count;
}

void constraint_ids(const struct agreement *agreement, char ids[CONSTRAINT_IDS_MAX])
{
    struct constraint found[CONSTRAINTS_MAX];
    size_t count = constraints_of(agreement, found);
    size_t used = 0;

    ids[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        used += (size_t)snprintf(ids + used, CONSTRAINT_IDS_MAX - used, "%s%s", i > 0 ? ", " : "",
                                 found[i].id);
    }
    ENSURE(used < CONSTRAINT_IDS_MAX);
}

static void constraints(struct text *out, const struct agreement *agreement)
{
    struct constraint found[CONSTRAINTS_MAX];
    size_t count = constraints_of(agreement, found);

    if (count == 0) {
        return;
    }
    xml_open(out, "Constraints");
    for (size_t i = 0; i < count; i++) {
        xml_open(out, "Constraint");
        xml_element(out, "ConstraintID", found[i].id);
        xml_element(out, "Description", found[i].description);
        xml_close(out, "Constraint");
    }
    xml_close(out, "Constraints");
}

/* --- the buyer: one test person ----------------------------------------------------------------
 */

static void buyer(struct text *out)
{
    xml_open(out, "Buyer");
    xml_element(out, "Name", "山田 太郎");
    xml_element(out, "Email", "taro@example.com");
    xml_close(out, "Buyer");
}

static void destination(struct text *out, bool whole)
{
    xml_open(out, "Destination");
    xml_element(out, "DestinationType", "Physical");
    xml_open(out, "PhysicalDestination");
    if (whole) {
        xml_element(out, "Name", "山田 太郎");
        xml_element(out, "AddressLine1", "下目黒1-8-1");
        xml_element(out, "AddressLine2", "アルコタワー");
        xml_element(out, "Phone", "0312345678");
    }
    xml_element(out, "City", "目黒区");
    xml_element(out, "StateOrRegion", "東京都");
    xml_element(out, "PostalCode", "153-0064");
    xml_element(out, "CountryCode", "JP");
    xml_close(out, "PhysicalDestination");
    xml_close(out, "Destination");
}

/* --- billing agreement --------------------------------------------------------------------------
 */

static void limits(struct text *out, const struct agreement *agreement, struct instant now)
{
    int32_t month = month_of(now);
    int64_t left = agreement->limit_units - agreement_authorized(agreement, month);
    char text[AMOUNT_TEXT_MAX];

    xml_open(out, "BillingAgreementLimits");
    amount_format_limit(agreement->limit_units, agreement->currency, text);
    price(out, "AmountLimitPerTimePeriod", text, agreement->currency);
    xml_instant(out, "TimePeriodStartDate", month_start(month));
    xml_instant(out, "TimePeriodEndDate", month_start(month + 1));
    amount(out, "CurrentRemainingBalance", left > 0 ? left : 0, agreement->currency);
    xml_close(out, "BillingAgreementLimits");
}

void describe_agreement(struct text *out, const struct agreement *agreement, bool has_token,
                        struct instant now)
{
    bool whole = agreement->confirmed || has_token;

    xml_open(out, "BillingAgreementDetails");
    xml_element(out, "AmazonBillingAgreementId", agreement->id);
    status(out, "BillingAgreementStatus", "LastUpdatedTimestamp", agreement->state,
           agreement->reason, agreement->closure_reason, agreement->updated_at);
    xml_bool(out, "BillingAgreementConsent", agreement->consent);
    limits(out, agreement, now);
    if (whole) {
        buyer(out);
    }
    if (agreement->shipping_address) {
        destination(out, whole);
    }
    constraints(out, agreement);
    xml_optional(out, "SellerNote", agreement->seller_note);
    xml_optional(out, "PlatformId", agreement->platform_id);
    xml_open(out, "SellerBillingAgreementAttributes");
    xml_optional(out, "SellerBillingAgreementId", agreement->seller_agreement_id);
    xml_optional(out, "StoreName", agreement->store_name);
    xml_optional(out, "CustomInformation", agreement->custom_information);
    xml_close(out, "SellerBillingAgreementAttributes");
    environment(out, agreement);
    xml_instant(out, "CreationTimestamp", agreement->created_at);
    xml_close(out, "BillingAgreementDetails");
}

/* --- authorization ------------------------------------------------------------------------------
 */

static void id_list(struct text *out, const char *id)
{
    xml_open(out, "IdList");
    xml_optional(out, "member", id);
    xml_close(out, "IdList");
}

void describe_authorization(struct text *out, const struct authorization *authorization,
                            bool just_made)
{
    const struct charge *charge = &authorization->charge;
    bool captured = authorization->capture_id[0] != '\0';

    xml_open(out, "AuthorizationDetails");
    xml_element(out, "AmazonAuthorizationId", authorization->id);
    xml_element(out, "AuthorizationReferenceId", authorization->reference);
    xml_optional(out, "SellerAuthorizationNote", charge->note);
    amount(out, "AuthorizationAmount", charge->units, charge->currency);
    amount(out, "CapturedAmount", captured && !just_made ? charge->units : 0, charge->currency);
    amount(out, "AuthorizationFee", 0, charge->currency);
    id_list(out, authorization->capture_id);
    xml_instant(out, "CreationTimestamp", authorization->created_at);
    xml_instant(out, "ExpirationTimestamp", authorization->expires_at);
    status(out, "AuthorizationStatus", "LastUpdateTimestamp", authorization->state,
           authorization->reason, "", authorization->updated_at);
    xml_bool(out, "SoftDecline", authorization->soft_decline);
    xml_bool(out, "CaptureNow", charge->capture_now);
    if (charge->soft_descriptor[0] != '\0') {
        xml_open(out, "SoftDescriptor");
        text_add(out, "AMZ*");
        xml_escape(out, charge->soft_descriptor);
        xml_close(out, "SoftDescriptor");
    }
    xml_close(out, "AuthorizationDetails");
}

/* --- order reference ----------------------------------------------------------------------------
 */

/* AuthorizeOnBillingAgreement makes the order reference, uses it once and closes it. */
static void order_core(struct text *out, const struct authorization *authorization)
{
    const struct charge *charge = &authorization->charge;

    xml_element(out, "AmazonOrderReferenceId", authorization->order_id);
    status(out, "OrderReferenceStatus", "LastUpdateTimestamp", MWS_STATE_CLOSED,
           MWS_REASON_MAX_AUTHORIZATIONS_PROCESSED, "", authorization->created_at);
    amount(out, "OrderTotal", charge->units, charge->currency);
    xml_open(out, "SellerOrderAttributes");
    xml_optional(out, "SellerOrderId", charge->seller_order_id);
    xml_optional(out, "StoreName", charge->store_name);
    xml_optional(out, "CustomInformation", charge->custom_information);
    xml_close(out, "SellerOrderAttributes");
    environment(out, authorization->agreement);
    xml_instant(out, "CreationTimestamp", authorization->created_at);
}

void describe_listed_order(struct text *out, const struct authorization *authorization)
{
    xml_open(out, "OrderReference");
    order_core(out, authorization);
    xml_close(out, "OrderReference");
}

void describe_order(struct text *out, const struct authorization *authorization)
{
    const struct charge *charge = &authorization->charge;

    xml_open(out, "OrderReferenceDetails");
    order_core(out, authorization);
    xml_optional(out, "SellerNote", charge->seller_note);
    xml_optional(out, "PlatformId", charge->platform_id);
    buyer(out);
    destination(out, true);
    xml_open(out, "ParentDetails");
    xml_element(out, "Type", "BillingAgreement");
    xml_element(out, "Id", authorization->agreement->id);
    xml_close(out, "ParentDetails");
    id_list(out, authorization->id);
    xml_bool(out, "RequestPaymentAuthorization", false);
    xml_instant(out, "ExpirationTimestamp", instant_plus(authorization->created_at, ORDER_LIFE_MS));
    xml_close(out, "OrderReferenceDetails");
}
