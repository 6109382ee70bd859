/*
 * operation_order.c - order references: CreateOrderReferenceForId, Get, Set, Confirm, Cancel and
 * CloseOrderReference, and SetOrderAttributes.
 *
 * Where Amazon's documents leave it open: attributes that a request does not name keep their
 * values; confirming, canceling or closing again what the seller has confirmed, canceled or closed
 * succeeds; what cannot be canceled or closed in its state gets InvalidCancelAttempt or
 * InvalidCloseAttempt. Source: amazon-pay reference, sections 3.1, 3.2, 4.4 and 5.2.
 */
#include <stdio.h>
#include <string.h>

#include "billing/ensure.h"
#include "mws/sandbox/agreement.h"
#include "mws/sandbox/describe.h"
#include "mws/sandbox/operation.h"
#include "mws/sandbox/order.h"

#define CATEGORY_CHARACTERS_MAX 127
#define IMMEDIATE_MS            3600000 /* ExpectImmediateAuthorization: one hour */

/* --- attributes ------------------------------------------------------------------------------- */

/* What a request says; NULL and -1 = nothing. The texts are those of the form. */
struct attributes {
    const struct currency *currency; /* of the total; NULL = no total */
    int64_t total_units;
    const char *seller_note, *platform_id, *seller_order_id, *store_name, *custom_information,
        *supplementary_data, *provider_id, *provider_order_id;
    int request_payment_authorization;
    bool method_not_allowed; /* simulated by the note */
};

static bool read_text(struct call *call, const char *prefix, const char *name, size_t max,
                      const char **value)
{
    char whole[128];

    (void)snprintf(whole, sizeof whole, "%s%s", prefix, name);
    if (form_get(call->form, whole) != NULL) {
        *value = call_optional(call, whole, max);
        return *value != NULL;
    }
    return true;
}

/* A currency without an amount is no total: the SDKs send it by themselves, but never with
 * SetOrderAttributes, where it is refused. */
static bool read_total(struct call *call, const char *prefix, struct attributes *a)
{
    char total[64];
    char amount[80];
    char code[80];

    (void)snprintf(total, sizeof total, "%sOrderTotal", prefix);
    (void)snprintf(amount, sizeof amount, "%s.Amount", total);
    (void)snprintf(code, sizeof code, "%s.CurrencyCode", total);
    if (form_get(call->form, amount) == NULL &&
        (form_get(call->form, code) == NULL || strcmp(prefix, "OrderAttributes.") != 0)) {
        return true;
    }
    return call_amount(call, total, &a->currency, &a->total_units);
}

static bool read_flag(struct call *call, const char *prefix, int *value)
{
    char name[80];
    bool flag;

    (void)snprintf(name, sizeof name, "%sRequestPaymentAuthorization", prefix);
    if (form_get(call->form, name) == NULL) {
        return true;
    }
    if (!call_bool(call, name, false, &flag)) {
        return false;
    }
    *value = flag;
    return true;
}

static bool read_simulation(struct call *call, struct attributes *a)
{
    struct problem problem;

    if (a->seller_note == NULL || call->environment != ENVIRONMENT_SANDBOX ||
        simulation_constraint(a->seller_note, &a->method_not_allowed, &problem) == ST_OK) {
        return true;
    }
    return call_fail(call, MWS_ERROR_INVALID_SANDBOX_SIMULATION_SPECIFIED, "%s.", problem.text);
}

/* SupplementaryData stands in either place, sources differ. */
static bool read_attributes(struct call *call, const char *prefix, struct attributes *a)
{
    *a = (struct attributes){.request_payment_authorization = -1};
    return read_total(call, prefix, a) &&
           read_text(call, prefix, "SellerNote", 1024, &a->seller_note) &&
           read_text(call, prefix, "PlatformId", 127, &a->platform_id) &&
           read_text(call, prefix, "SellerOrderAttributes.SellerOrderId", 127,
                     &a->seller_order_id) &&
           read_text(call, prefix, "SellerOrderAttributes.StoreName", 50, &a->store_name) &&
           read_text(call, prefix, "SellerOrderAttributes.CustomInformation", 1024,
                     &a->custom_information) &&
           read_text(call, prefix, "SupplementaryData", 4096, &a->supplementary_data) &&
           read_text(call, prefix, "SellerOrderAttributes.SupplementaryData", 4096,
                     &a->supplementary_data) &&
           read_text(call, prefix, "PaymentServiceProviderAttributes.PaymentServiceProviderId", 127,
                     &a->provider_id) &&
           read_text(call, prefix, "PaymentServiceProviderAttributes.PaymentServiceProviderOrderId",
                     127, &a->provider_order_id) &&
           read_flag(call, prefix, &a->request_payment_authorization) && read_simulation(call, a);
}

/* The categories of SetOrderAttributes, from 1 on, joined into `categories`; an absent list is "".
 */
static bool read_categories(struct call *call, struct text *categories)
{
    text_clear(categories);
    for (unsigned number = 1;; number++) {
        char name[128];
        const char *category;

        (void)snprintf(name, sizeof name,
                       "OrderAttributes.SellerOrderAttributes.OrderItemCategories."
                       "OrderItemCategory.%u",
                       number);
        if (form_get(call->form, name) == NULL) {
            return true;
        }
        category = call_required(call, name, CATEGORY_CHARACTERS_MAX);
        if (category == NULL) {
            return false;
        }
        if (strchr(category, '\n') != NULL) {
            return call_fail(call, MWS_ERROR_INVALID_PARAMETER_VALUE,
                             "The value of parameter %s has a line feed.", name);
        }
        text_format(categories, "%s%s", number > 1 ? "\n" : "", category);
    }
}

static bool check_total(struct call *call, const struct attributes *a,
                        const struct currency *currency)
{
    if (a->currency != NULL && a->currency != currency) {
        return call_fail(call, MWS_ERROR_CURRENCY_MISMATCH,
                         "The currency %s is not that of the order reference, %s.",
                         a->currency->code, currency->code);
    }
    return a->currency == NULL || a->total_units <= currency->call_units_max ||
           call_fail(call, MWS_ERROR_TRANSACTION_AMOUNT_EXCEEDED,
                     "The amount exceeds the maximum of an order.");
}

static void set_text(char **owned, const char *value)
{
    if (value != NULL) {
        text_replace(owned, value);
    }
}

static void apply(struct world *world, struct order *order, const struct attributes *a)
{
    if (a->currency != NULL) {
        order->total_units = a->total_units;
    }
    if (a->seller_note != NULL) {
        order->method_not_allowed = a->method_not_allowed;
    }
    set_text(&order->seller_note, a->seller_note);
    set_text(&order->platform_id, a->platform_id);
    set_text(&order->store_name, a->store_name);
    set_text(&order->custom_information, a->custom_information);
    set_text(&order->supplementary_data, a->supplementary_data);
    set_text(&order->provider_id, a->provider_id);
    set_text(&order->provider_order_id, a->provider_order_id);
    if (a->seller_order_id != NULL) {
        order_set_seller_order_id(world, order, a->seller_order_id);
    }
    if (a->request_payment_authorization >= 0) {
        order->request_payment_authorization = a->request_payment_authorization > 0;
    }
    world->changed = true;
}

static void fail_not_modifiable(struct call *call, const struct order *order)
{
    (void)call_fail(call, MWS_ERROR_ORDER_REFERENCE_NOT_MODIFIABLE,
                    "OrderReference %s is not in draft state and cannot be modified with the "
                    "request submitted by you.",
                    order->id);
}

void set_order_reference_details(struct call *call)
{
    static const char prefix[] = "OrderReferenceAttributes.";
    struct attributes attributes;
    struct order *order = call_order(call);

    if (order == NULL || !read_attributes(call, prefix, &attributes)) {
        return;
    }
    if (attributes.currency == NULL) {
        (void)call_fail(call, MWS_ERROR_INVALID_PARAMETER_VALUE,
                        "The required parameter %sOrderTotal is missing.", prefix);
        return;
    }
    if (order->state != MWS_STATE_DRAFT) {
        fail_not_modifiable(call, order);
    } else if (check_total(call, &attributes, order->currency)) {
        apply(call->world, order, &attributes);
        describe_order(call->out, order, false);
    }
}

static void set_attributes(struct call *call, struct order *order,
                           const struct attributes *attributes, const char *categories)
{
    bool changes_fixed =
        attributes->currency != NULL || attributes->platform_id != NULL || categories[0] != '\0';

    if (order->state != MWS_STATE_DRAFT && (order->state != MWS_STATE_OPEN || changes_fixed)) {
        fail_not_modifiable(call, order);
    } else if (check_total(call, attributes, order->currency)) {
        apply(call->world, order, attributes);
        if (categories[0] != '\0') {
            text_replace(&order->item_categories, categories);
        }
        describe_order(call->out, order, false);
    }
}

/* Once confirmed, amount, platform and categories stand. */
void set_order_attributes(struct call *call)
{
    struct attributes attributes;
    struct text categories = {0};
    struct order *order = call_order(call);

    if (order != NULL && read_attributes(call, "OrderAttributes.", &attributes) &&
        read_categories(call, &categories)) {
        set_attributes(call, order, &attributes, categories.length > 0 ? categories.bytes : "");
    }
    text_free(&categories);
}

/* --- CreateOrderReferenceForId ------------------------------------------------------------------
 */

static struct agreement *parent(struct call *call)
{
    const char *type = call_required(call, "IdType", 32);
    const char *id = type != NULL ? call_required(call, "Id", OBJECT_ID_MAX) : NULL;
    struct agreement *agreement = id != NULL ? world_find_agreement(call->world, id) : NULL;

    if (id == NULL) {
        return NULL;
    }
    if (strcmp(type, "BillingAgreement") != 0) {
        (void)call_fail(call, MWS_ERROR_INVALID_PARAMETER_VALUE,
                        "The value %s of parameter IdType is invalid.", type);
        return NULL;
    }
    if (agreement == NULL || agreement->seller != call->seller ||
        agreement->environment != call->environment) {
        (void)call_fail(call, MWS_ERROR_INVALID_BILLING_AGREEMENT_ID,
                        "The BillingAgreementId %s is invalid.", id);
        return NULL;
    }
    return agreement;
}

static bool may_create(struct call *call, const struct agreement *agreement)
{
    if (agreement->state != MWS_STATE_DRAFT && agreement->state != MWS_STATE_OPEN) {
        return call_fail(call, MWS_ERROR_INVALID_BILLING_AGREEMENT_STATUS,
                         "BillingAgreement %s is in state %s: no order reference can be created.",
                         agreement->id, mws_state_name(agreement->state));
    }
    return agreement->state == MWS_STATE_OPEN || agreement->draft_orders == 0 ||
           call_fail(call, MWS_ERROR_ORDER_REFERENCE_COUNT_EXCEEDED,
                     "The number of Order References that could be created on a DRAFT Billing "
                     "Agreement has exceeded the maximum allowed limit of one Order Reference.");
}

static bool check_constraints(struct call *call, const struct order *order)
{
    char constraints[CONSTRAINT_IDS_MAX];

    order_constraint_ids(order, constraints);
    return constraints[0] == '\0' ||
           call_fail(call, MWS_ERROR_CONSTRAINTS_EXIST,
                     "OrderReference %s has constraints %s and cannot be confirmed.", order->id,
                     constraints);
}

/* Before anything is made, what would stand in the way of confirming it. */
static bool may_confirm_now(struct call *call, const struct agreement *agreement,
                            const struct attributes *a, bool inherit)
{
    const struct order trial = {.id = "(new)",
                                .seller = call->seller,
                                .total_units = a->total_units,
                                .payment_plan = agreement->payment_plan,
                                .needs_address = inherit,
                                .shipping_address = agreement->shipping_address,
                                .method_not_allowed = a->method_not_allowed};

    return (a->currency != NULL ||
            call_fail(call, MWS_ERROR_INVALID_PARAMETER_VALUE,
                      "ConfirmNow needs OrderReferenceAttributes.OrderTotal.")) &&
           check_constraints(call, &trial);
}

void create_order_reference_for_id(struct call *call)
{
    struct attributes attributes;
    struct agreement *agreement = parent(call);
    struct order *order;
    struct problem problem;
    bool inherit;
    bool confirm;

    if (agreement == NULL || !read_attributes(call, "OrderReferenceAttributes.", &attributes) ||
        !call_bool(call, "InheritShippingAddress", true, &inherit) ||
        !call_bool(call, "ConfirmNow", false, &confirm) || !may_create(call, agreement) ||
        !check_total(call, &attributes, agreement->currency) ||
        (confirm && !may_confirm_now(call, agreement, &attributes, inherit))) {
        return;
    }
    ENSURE(world_add_order(call->world, call->seller, call->environment, agreement,
                           agreement->currency, NULL, call->now, &order, &problem) == ST_OK);
    agreement->draft_orders += agreement->state == MWS_STATE_DRAFT;
    order->payment_plan = agreement->payment_plan;
    order->needs_address = inherit;
    order->shipping_address = inherit && agreement->shipping_address;
    apply(call->world, order, &attributes);
    if (confirm) {
        order_move(call->world, order, MWS_STATE_OPEN, 0, call->now);
    }
    order_plan(call->world, order);
    describe_order(call->out, order, false);
}

/* --- Get, Confirm, Cancel, Close
 * ------------------------------------------------------------------ */

void get_order_reference_details(struct call *call)
{
    bool has_token;
    const struct order *order = call_token(call, &has_token) ? call_order(call) : NULL;

    if (order != NULL) {
        describe_order(call->out, order, has_token);
    }
}

/* Suspended, and the buyer has mended the method, where the rule wants it confirmed again. */
static bool awaits_confirm(const struct order *order)
{
    return order->state == MWS_STATE_SUSPENDED && order->payment_method_valid &&
           (order->agreement == NULL || order->agreement->payment_method_valid) &&
           order->seller->rules->mended_method == MENDED_AWAITS_CONFIRM;
}

void confirm_order_reference(struct call *call)
{
    struct order *order = call_order(call);
    bool immediate;

    if (order == NULL || !call_bool(call, "ExpectImmediateAuthorization", false, &immediate)) {
        return;
    }
    if (order->state != MWS_STATE_DRAFT && order->state != MWS_STATE_OPEN &&
        !awaits_confirm(order)) {
        (void)call_fail(call, MWS_ERROR_INVALID_ORDER_REFERENCE_STATUS,
                        "OrderReference %s is in state %s and cannot be confirmed.", order->id,
                        mws_state_name(order->state));
        return;
    }
    if (!check_constraints(call, order) || order->state == MWS_STATE_OPEN) {
        return;
    }
    order_move(call->world, order, MWS_STATE_OPEN, 0, call->now);
    if (immediate) {
        order->authorize_by = instant_plus(call->now, IMMEDIATE_MS);
        order_plan(call->world, order);
    }
}

void cancel_order_reference(struct call *call)
{
    struct order *order = call_order(call);
    const char *why = call_optional(call, "CancelationReason", 1024);

    if (order == NULL || why == NULL ||
        (order->state == MWS_STATE_CANCELED && order->reason == MWS_REASON_SELLER_CANCELED)) {
        return;
    }
    if ((order->state != MWS_STATE_OPEN && order->state != MWS_STATE_SUSPENDED) ||
        order_has_capture(order)) {
        (void)call_fail(call, MWS_ERROR_INVALID_CANCEL_ATTEMPT,
                        "OrderReference %s is in state %s%s and cannot be canceled.", order->id,
                        mws_state_name(order->state),
                        order_has_capture(order) ? ", has a capture" : "");
        return;
    }
    text_replace(&order->closure_reason, why);
    order_move(call->world, order, MWS_STATE_CANCELED, MWS_REASON_SELLER_CANCELED, call->now);
}

void close_order_reference(struct call *call)
{
    struct order *order = call_order(call);
    const char *why = call_optional(call, "ClosureReason", 1024);
    struct fate fate = {0};
    struct problem problem;

    if (order == NULL || why == NULL) {
        return;
    }
    if (call->environment == ENVIRONMENT_SANDBOX &&
        simulation_parse(SIMULATED_CLOSURE, why, &fate, &problem) != ST_OK) {
        (void)call_fail(call, MWS_ERROR_INVALID_SANDBOX_SIMULATION_SPECIFIED, "%s.", problem.text);
        return;
    }
    if (order->state == MWS_STATE_CLOSED && order->reason == MWS_REASON_SELLER_CLOSED) {
        return;
    }
    if (order->state != MWS_STATE_OPEN && order->state != MWS_STATE_SUSPENDED) {
        (void)call_fail(call, MWS_ERROR_INVALID_CLOSE_ATTEMPT,
                        "OrderReference %s is in state %s and cannot be closed.", order->id,
                        mws_state_name(order->state));
        return;
    }
    text_replace(&order->closure_reason, why);
    order_move(call->world, order, MWS_STATE_CLOSED,
               fate.state != MWS_STATE_UNKNOWN ? fate.reason : MWS_REASON_SELLER_CLOSED, call->now);
}
