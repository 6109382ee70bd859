/*
 * request_order.c - the parameters of the operations on order references.
 *
 * Three operations say the same of an order under two prefixes. Where the sources disagree
 * (SupplementaryData stands among the seller's attributes in most of them) the documentation's
 * place is taken.
 */
#include "mws/request.h"

#define MS_PER_DAY     INT64_C(86400000)
#define RANGE_MAX_DAYS 31

static void add_order_id(struct request_writer *writer, const char *id)
{
    request_amazon_id(writer, "AmazonOrderReferenceId", id);
}

static void add_attributes(struct request_writer *writer, const char *prefix,
                           const struct mws_order_attributes *attributes)
{
    struct form *form = writer->form;
    request_optional_amount(writer, form_name(form, "%s.OrderTotal", prefix),
                            &attributes->order_total);
    request_optional_id(writer, form_name(form, "%s.PlatformId", prefix), attributes->platform_id,
                        REFERENCE_ID_CHARACTERS);
    request_flag(writer, form_name(form, "%s.RequestPaymentAuthorization", prefix),
                 attributes->request_payment_authorization);
    request_optional(writer, form_name(form, "%s.SellerNote", prefix), attributes->seller_note,
                     SELLER_NOTE_CHARACTERS);
    request_optional(writer, form_name(form, "%s.SellerOrderAttributes.CustomInformation", prefix),
                     attributes->custom_information, CUSTOM_INFORMATION_CHARACTERS);
    request_optional(writer, form_name(form, "%s.SellerOrderAttributes.SellerOrderId", prefix),
                     attributes->seller_order_id, SELLER_ORDER_ID_CHARACTERS);
    request_optional(writer, form_name(form, "%s.SellerOrderAttributes.StoreName", prefix),
                     attributes->store_name, STORE_NAME_CHARACTERS);
    request_optional(writer, form_name(form, "%s.SellerOrderAttributes.SupplementaryData", prefix),
                     attributes->supplementary_data, SUPPLEMENTARY_DATA_CHARACTERS);
}

static void require_total(struct request_writer *writer,
                          const struct mws_order_attributes *attributes)
{
    if (!money_is_valid(attributes->order_total)) {
        request_refuse(writer, "OrderReferenceAttributes.OrderTotal", "is missing");
    }
}

/* SetOrderReferenceDetails and CreateOrderReferenceForId have none of these. */
static void refuse_service_provider(struct request_writer *writer,
                                    const struct mws_order_attributes *attributes)
{
    if (!request_is_absent(attributes->payment_service_provider_id) ||
        !request_is_absent(attributes->payment_service_provider_order_id) ||
        !request_is_absent(attributes->order_item_categories[0])) {
        request_refuse(writer, "OrderReferenceAttributes",
                       "takes no payment service provider and no categories");
    }
}

void request_create_order_reference_for_id(struct request_writer *writer,
                                           const struct mws_request *request)
{
    const struct mws_create_order_reference_for_id *r = &request->create_order_reference_for_id;
    if (r->confirm_now) {
        require_total(writer, &r->attributes);
    }
    refuse_service_provider(writer, &r->attributes);
    request_bool(writer, "ConfirmNow", r->confirm_now);
    request_amazon_id(writer, "Id", r->amazon_billing_agreement_id);
    form_add(writer->form, "IdType", "BillingAgreement");
    request_flag(writer, "InheritShippingAddress", r->inherit_shipping_address);
    add_attributes(writer, "OrderReferenceAttributes", &r->attributes);
}

void request_set_order_reference_details(struct request_writer *writer,
                                         const struct mws_request *request)
{
    const struct mws_set_order_reference_details *r = &request->set_order_reference_details;
    add_order_id(writer, r->amazon_order_reference_id);
    require_total(writer, &r->attributes);
    refuse_service_provider(writer, &r->attributes);
    add_attributes(writer, "OrderReferenceAttributes", &r->attributes);
}

void request_set_order_attributes(struct request_writer *writer, const struct mws_request *request)
{
    const struct mws_set_order_attributes *r = &request->set_order_attributes;
    const struct mws_order_attributes *attributes = &r->attributes;
    add_order_id(writer, r->amazon_order_reference_id);
    add_attributes(writer, "OrderAttributes", attributes);
    request_optional_id(writer,
                        "OrderAttributes.PaymentServiceProviderAttributes.PaymentServiceProviderId",
                        attributes->payment_service_provider_id, SELLER_ORDER_ID_CHARACTERS);
    request_optional(
        writer, "OrderAttributes.PaymentServiceProviderAttributes.PaymentServiceProviderOrderId",
        attributes->payment_service_provider_order_id, SELLER_ORDER_ID_CHARACTERS);
    for (unsigned i = 0;
         i < MWS_CATEGORIES_MAX && !request_is_absent(attributes->order_item_categories[i]); i++) {
        request_optional(writer,
                         form_name(writer->form,
                                   "OrderAttributes.SellerOrderAttributes.OrderItemCategories."
                                   "OrderItemCategory.%u",
                                   i + 1),
                         attributes->order_item_categories[i], CATEGORY_CHARACTERS);
    }
}

void request_get_order_reference_details(struct request_writer *writer,
                                         const struct mws_request *request)
{
    const struct mws_get_order_reference_details *r = &request->get_order_reference_details;
    request_tokens(writer, r->access_token, r->address_consent_token);
    add_order_id(writer, r->amazon_order_reference_id);
}

void request_confirm_order_reference(struct request_writer *writer,
                                     const struct mws_request *request)
{
    const struct mws_confirm_order_reference *r = &request->confirm_order_reference;
    add_order_id(writer, r->amazon_order_reference_id);
    request_optional_amount(writer, "AuthorizationAmount", &r->authorization_amount);
    if (r->expect_immediate_authorization) {
        request_bool(writer, "ExpectImmediateAuthorization", true);
    }
    if (request_is_absent(r->success_url) && !request_is_absent(r->failure_url)) {
        request_refuse(writer, "SuccessUrl", "is missing beside FailureUrl");
    }
    request_url(writer, "FailureUrl", r->failure_url);
    request_url(writer, "SuccessUrl", r->success_url);
}

void request_cancel_order_reference(struct request_writer *writer,
                                    const struct mws_request *request)
{
    const struct mws_cancel_order_reference *r = &request->cancel_order_reference;
    add_order_id(writer, r->amazon_order_reference_id);
    request_optional(writer, "CancelationReason", r->cancelation_reason, END_REASON_CHARACTERS);
}

void request_close_order_reference(struct request_writer *writer, const struct mws_request *request)
{
    const struct mws_close_order_reference *r = &request->close_order_reference;
    add_order_id(writer, r->amazon_order_reference_id);
    request_optional(writer, "ClosureReason", r->closure_reason, END_REASON_CHARACTERS);
}

/* ---- lists ---- */

static void add_range(struct request_writer *writer, struct instant from, struct instant to)
{
    if (from.utc_ms == 0 && to.utc_ms == 0) {
        return;
    }
    if (from.utc_ms <= 0 || to.utc_ms <= from.utc_ms ||
        to.utc_ms - from.utc_ms > RANGE_MAX_DAYS * MS_PER_DAY ||
        to.utc_ms > INT64_C(253402300799999)) { /* the end of the year 9999 */
        request_refuse(writer, "CreatedTimeRange", "is not a range of at most 31 days");
        return;
    }
    form_add_timestamp(writer->form, "CreatedTimeRange.EndTime", to);
    form_add_timestamp(writer->form, "CreatedTimeRange.StartTime", from);
}

static void add_states(struct request_writer *writer, uint32_t states)
{
    static const enum mws_state listed[] = {MWS_STATE_OPEN, MWS_STATE_CLOSED, MWS_STATE_CANCELED,
                                            MWS_STATE_SUSPENDED};
    unsigned count = 0;
    for (size_t i = 0; i < sizeof listed / sizeof listed[0]; i++) {
        uint32_t bit = UINT32_C(1) << (unsigned)listed[i];
        if ((states & bit) != 0) {
            count++;
            form_add(writer->form,
                     form_name(writer->form,
                               "OrderReferenceStatusListFilter.OrderReferenceStatus.%u", count),
                     mws_state_name(listed[i]));
            states &= ~bit;
        }
    }
    if (states != 0) {
        request_refuse(writer, "OrderReferenceStatusListFilter",
                       "takes Open, Closed, Canceled and Suspended only");
    }
}

static void add_sort_order(struct request_writer *writer, enum mws_sort_order order)
{
    switch (order) {
    case MWS_SORT_DEFAULT:
        return;
    case MWS_SORT_ASCENDING:
        form_add(writer->form, "SortOrder", "Ascending");
        return;
    case MWS_SORT_DESCENDING:
        form_add(writer->form, "SortOrder", "Descending");
        return;
    }
    request_refuse(writer, "SortOrder", "is neither ascending nor descending");
}

void request_list_order_reference(struct request_writer *writer, const struct mws_request *request)
{
    const struct mws_list_order_reference *r = &request->list_order_reference;
    add_range(writer, r->created_from, r->created_to);
    add_states(writer, r->states);
    if (r->page_size > MWS_LIST_MAX) {
        request_refuse(writer, "PageSize", "is more than a reply has room for");
    } else if (r->page_size > 0) {
        form_add_integer(writer->form, "PageSize", r->page_size);
    }
    request_id(writer, "PaymentDomain", r->payment_domain, REFERENCE_ID_CHARACTERS);
    request_text(writer, "QueryId", r->seller_order_id, SELLER_ORDER_ID_CHARACTERS);
    form_add(writer->form, "QueryIdType", "SellerOrderId");
    add_sort_order(writer, r->sort_order);
}

void request_list_order_reference_by_next_token(struct request_writer *writer,
                                                const struct mws_request *request)
{
    request_text(writer, "NextPageToken",
                 request->list_order_reference_by_next_token.next_page_token, TOKEN_CHARACTERS);
}
