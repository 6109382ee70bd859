/*
 * describe.c - see describe.h.
 */
#include "mws/sandbox/describe.h"

#include <stdio.h>

#include "billing/ensure.h"
#include "mws/sandbox/agreement.h"

static void price(struct text *out, const char *name, const char *amount,
                  const struct currency *currency)
{
    xml_open(out, name);
    xml_element(out, "CurrencyCode", currency->code);
    xml_element(out, "Amount", amount);
    xml_close(out, name);
}

void xml_price(struct text *out, const char *name, int64_t units, const struct currency *currency)
{
    char text[AMOUNT_TEXT_MAX];

    amount_format_wire(units, currency, text);
    price(out, name, text, currency);
}

void xml_environment(struct text *out, int environment)
{
    xml_element(out, "ReleaseEnvironment", environment == ENVIRONMENT_LIVE ? "Live" : "Sandbox");
}

void xml_status(struct text *out, const char *name, const char *updated, enum mws_state state,
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

void constraint_add(struct constraint_list *list, bool holds, const char *id,
                    const char *description)
{
    if (holds) {
        ENSURE(list->count < CONSTRAINTS_MAX);
        list->items[list->count++] = (struct constraint){id, description};
    }
}

void constraint_join(const struct constraint_list *list, char ids[CONSTRAINT_IDS_MAX])
{
    size_t used = 0;

    ids[0] = '\0';
    for (size_t i = 0; i < list->count; i++) {
        used += (size_t)snprintf(ids + used, CONSTRAINT_IDS_MAX - used, "%s%s", i > 0 ? ", " : "",
                                 list->items[i].id);
        ENSURE(used < CONSTRAINT_IDS_MAX);
    }
}

void xml_constraints(struct text *out, const struct constraint_list *list,
                     const struct rules *rules)
{
    const char *id =
        rules->constraint_element == CONSTRAINT_UPPER ? "ConstraintID" : "ConstraintId";

    if (list->count == 0) {
        return;
    }
    xml_open(out, "Constraints");
    for (size_t i = 0; i < list->count; i++) {
        xml_open(out, "Constraint");
        xml_element(out, id, list->items[i].id);
        xml_element(out, "Description", list->items[i].description);
        xml_close(out, "Constraint");
    }
    xml_close(out, "Constraints");
}

static struct constraint_list constraints_of(const struct agreement *agreement)
{
    struct constraint_list list = {0};

    constraint_add(&list, !agreement->consent, "BuyerConsentNotSet",
                   "The buyer has not given consent for this billing agreement.");
    constraint_add(&list, !agreement->payment_plan, "PaymentPlanNotSet",
                   "The buyer has not been able to select a Payment method for the given Billing "
                   "Agreement.");
    constraint_add(&list, !agreement->shipping_address, "ShippingAddressNotSet",
                   "The buyer has not selected a shipping address.");
    constraint_add(&list, agreement->method_not_allowed, "PaymentMethodNotAllowed",
                   "The payment method selected by the buyer is not allowed for this Billing "
                   "Agreement.");
    constraint_add(&list, agreement->buyer_equals_seller, "BuyerEqualsSeller",
                   "The buyer and the seller are the same.");
    return list;
}

void agreement_constraint_ids(const struct agreement *agreement, char ids[CONSTRAINT_IDS_MAX])
{
    struct constraint_list list = constraints_of(agreement);

    constraint_join(&list, ids);
}

/* --- the buyer: one test person ----------------------------------------------------------------
 */

void xml_buyer(struct text *out)
{
    xml_open(out, "Buyer");
    xml_element(out, "Name", "山田 太郎");
    xml_element(out, "Email", "taro@example.com");
    xml_close(out, "Buyer");
}

void xml_destination(struct text *out, bool whole)
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
    int32_t month = agreement_month(agreement, now);
    int64_t left = agreement->limit_units - agreement_authorized(agreement, month);
    char text[AMOUNT_TEXT_MAX];

    xml_open(out, "BillingAgreementLimits");
    amount_format_limit(agreement->limit_units, agreement->currency, text);
    price(out, "AmountLimitPerTimePeriod", text, agreement->currency);
    xml_instant(out, "TimePeriodStartDate", agreement_month_start(agreement, month));
    xml_instant(out, "TimePeriodEndDate", agreement_month_start(agreement, month + 1));
    xml_price(out, "CurrentRemainingBalance", left > 0 ? left : 0, agreement->currency);
    xml_close(out, "BillingAgreementLimits");
}

/* Has Amazon not yet noticed everywhere that it is Suspended (rule suspended-lag-ms)? */
static bool is_shown_open(const struct agreement *agreement, struct instant now)
{
    int64_t lag_ms = agreement->seller->rules->suspended_lag_ms;

    return agreement->state == MWS_STATE_SUSPENDED &&
           instant_before(now, instant_plus(agreement->updated_at, lag_ms));
}

void describe_agreement(struct text *out, const struct agreement *agreement, bool has_token,
                        struct instant now)
{
    bool whole = agreement->confirmed || has_token;
    bool lags = is_shown_open(agreement, now);
    struct constraint_list constraints = constraints_of(agreement);

    xml_open(out, "BillingAgreementDetails");
    xml_element(out, "AmazonBillingAgreementId", agreement->id);
    xml_status(out, "BillingAgreementStatus", "LastUpdatedTimestamp",
               lags ? MWS_STATE_OPEN : agreement->state,
               lags ? MWS_REASON_UNKNOWN : agreement->reason, agreement->closure_reason,
               agreement->updated_at);
    xml_bool(out, "BillingAgreementConsent", agreement->consent);
    limits(out, agreement, now);
    if (whole) {
        xml_buyer(out);
    }
    if (agreement->shipping_address) {
        xml_destination(out, whole);
    }
    xml_constraints(out, &constraints, agreement->seller->rules);
    xml_optional(out, "SellerNote", agreement->seller_note);
    xml_optional(out, "PlatformId", agreement->platform_id);
    xml_open(out, "SellerBillingAgreementAttributes");
    xml_optional(out, "SellerBillingAgreementId", agreement->seller_agreement_id);
    xml_optional(out, "StoreName", agreement->store_name);
    xml_optional(out, "CustomInformation", agreement->custom_information);
    xml_close(out, "SellerBillingAgreementAttributes");
    xml_environment(out, agreement->environment);
    xml_instant(out, "CreationTimestamp", agreement->created_at);
    xml_close(out, "BillingAgreementDetails");
}
