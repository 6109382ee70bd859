/*
 * describe_order.c - order references as XML, and their constraints. See describe.h.
 */
#include "mws/sandbox/describe.h"

#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "mws/sandbox/order.h"

static struct constraint_list constraints_of(const struct order *order)
{
    struct constraint_list list = {0};

    constraint_add(&list, order->total_units == 0, "AmountNotSet",
                   "The seller has not set the amount for the Order Reference.");
    constraint_add(&list, !order->payment_plan, "PaymentPlanNotSet",
                   "The buyer has not been able to select a Payment method for the given Order "
                   "Reference.");
    constraint_add(&list, order->needs_address && !order->shipping_address, "ShippingAddressNotSet",
                   "The buyer has not selected a shipping address.");
    constraint_add(&list, order->method_not_allowed, "PaymentMethodNotAllowed",
                   "The payment method selected by the buyer is not allowed for this Order "
                   "Reference.");
    constraint_add(&list, order->buyer_equals_seller,
                   order->seller->rules->buyer_constraint == BUYER_EQUAL_SELLER
                       ? "BuyerEqualSeller"
                       : "BuyerEqualsSeller",
                   "The buyer and the seller are the same.");
    return list;
}

void order_constraint_ids(const struct order *order, char ids[CONSTRAINT_IDS_MAX])
{
    struct constraint_list list = constraints_of(order);

    constraint_join(&list, ids);
}

void xml_item_categories(struct text *out, const struct order *order)
{
    char *rest = NULL;
    char *copy = order->item_categories != NULL ? strdup(order->item_categories) : NULL;

    if (copy == NULL) {
        ENSURE(order->item_categories == NULL);
        return;
    }
    xml_open(out, "OrderItemCategories");
    for (char *name = strtok_r(copy, "\n", &rest); name != NULL;
         name = strtok_r(NULL, "\n", &rest)) {
        xml_element(out, "OrderItemCategory", name);
    }
    xml_close(out, "OrderItemCategories");
    free(copy);
}

static void core(struct text *out, const struct order *order)
{
    xml_element(out, "AmazonOrderReferenceId", order->id);
    xml_status(out, "OrderReferenceStatus", "LastUpdateTimestamp", order->state, order->reason,
               order->closure_reason, order->updated_at);
    if (order->total_units > 0) {
        xml_price(out, "OrderTotal", order->total_units, order->currency);
    }
    xml_open(out, "SellerOrderAttributes");
    xml_optional(out, "SellerOrderId", order->seller_order_id);
    xml_optional(out, "StoreName", order->store_name);
    xml_optional(out, "CustomInformation", order->custom_information);
    xml_optional(out, "SupplementaryData", order->supplementary_data);
    xml_item_categories(out, order);
    xml_close(out, "SellerOrderAttributes");
    xml_environment(out, order->environment);
    xml_instant(out, "CreationTimestamp", order->created_at);
}

void describe_listed_order(struct text *out, const struct order *order)
{
    xml_open(out, "OrderReference");
    core(out, order);
    xml_close(out, "OrderReference");
}

static void parts(struct text *out, const struct order *order)
{
    if (order->provider_id != NULL || order->provider_order_id != NULL) {
        xml_open(out, "PaymentServiceProviderAttributes");
        xml_optional(out, "PaymentServiceProviderId", order->provider_id);
        xml_optional(out, "PaymentServiceProviderOrderId", order->provider_order_id);
        xml_close(out, "PaymentServiceProviderAttributes");
    }
    if (order->agreement != NULL) {
        xml_open(out, "ParentDetails");
        xml_element(out, "Type", "BillingAgreement");
        xml_element(out, "Id", order->agreement->id);
        xml_close(out, "ParentDetails");
    }
    xml_open(out, "IdList");
    for (const struct authorization *a = order->first; a != NULL; a = a->next_in_order) {
        xml_element(out, "member", a->t.id);
    }
    xml_close(out, "IdList");
}

void describe_order(struct text *out, const struct order *order, bool has_token)
{
    struct constraint_list constraints = constraints_of(order);
    bool whole = order->confirmed || has_token;

    xml_open(out, "OrderReferenceDetails");
    core(out, order);
    xml_optional(out, "SellerNote", order->seller_note);
    xml_optional(out, "PlatformId", order->platform_id);
    if (whole) {
        xml_buyer(out);
    }
    if (order->shipping_address) {
        xml_destination(out, whole);
    }
    if (order_is_alive(order)) {
        xml_constraints(out, &constraints, order->seller->rules);
    }
    parts(out, order);
    xml_bool(out, "RequestPaymentAuthorization", order->request_payment_authorization);
    xml_instant(out, "ExpirationTimestamp", instant_plus(order->created_at, ORDER_LIFE_MS));
    xml_close(out, "OrderReferenceDetails");
}
