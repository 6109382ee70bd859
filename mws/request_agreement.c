/*
 * request_agreement.c - the parameters of the operations on billing agreements.
 */
#include "mws/request.h"

#define SET "BillingAgreementAttributes."

static void add_agreement_id(struct request_writer *writer, const char *id)
{
    request_amazon_id(writer, "AmazonBillingAgreementId", id);
}

void request_get_billing_agreement_details(struct request_writer *writer,
                                           const struct mws_request *request)
{
    const struct mws_get_billing_agreement_details *r = &request->get_billing_agreement_details;
    request_tokens(writer, r->access_token, r->address_consent_token);
    add_agreement_id(writer, r->amazon_billing_agreement_id);
}

void request_set_billing_agreement_details(struct request_writer *writer,
                                           const struct mws_request *request)
{
    const struct mws_set_billing_agreement_details *r = &request->set_billing_agreement_details;
    add_agreement_id(writer, r->amazon_billing_agreement_id);
    request_optional(writer, SET "BillingAgreementType",
                     mws_agreement_type_name(r->billing_agreement_type), NOTE_CHARACTERS);
    request_optional_id(writer, SET "PlatformId", r->platform_id, REFERENCE_ID_CHARACTERS);
    request_optional(writer, SET "SellerBillingAgreementAttributes.CustomInformation",
                     r->custom_information, CUSTOM_INFORMATION_CHARACTERS);
    request_optional(writer, SET "SellerBillingAgreementAttributes.SellerBillingAgreementId",
                     r->seller_billing_agreement_id, SELLER_ORDER_ID_CHARACTERS);
    request_optional(writer, SET "SellerBillingAgreementAttributes.StoreName", r->store_name,
                     STORE_NAME_CHARACTERS);
    request_optional(writer, SET "SellerNote", r->seller_note, SELLER_NOTE_CHARACTERS);
    request_optional_amount(writer, SET "SubscriptionAmount", &r->subscription_amount);
}

void request_confirm_billing_agreement(struct request_writer *writer,
                                       const struct mws_request *request)
{
    const struct mws_confirm_billing_agreement *r = &request->confirm_billing_agreement;
    add_agreement_id(writer, r->amazon_billing_agreement_id);
    if (request_is_absent(r->success_url) != request_is_absent(r->failure_url)) {
        request_refuse(writer, "SuccessUrl", "and FailureUrl belong together");
    }
    request_url(writer, "FailureUrl", r->failure_url);
    request_url(writer, "SuccessUrl", r->success_url);
}

void request_validate_billing_agreement(struct request_writer *writer,
                                        const struct mws_request *request)
{
    add_agreement_id(writer, request->validate_billing_agreement.amazon_billing_agreement_id);
}

void request_close_billing_agreement(struct request_writer *writer,
                                     const struct mws_request *request)
{
    const struct mws_close_billing_agreement *r = &request->close_billing_agreement;
    add_agreement_id(writer, r->amazon_billing_agreement_id);
    request_optional(writer, "ClosureReason", r->closure_reason, END_REASON_CHARACTERS);
}

void request_authorize_on_billing_agreement(struct request_writer *writer,
                                            const struct mws_request *request)
{
    const struct mws_authorize_on_billing_agreement *r = &request->authorize_on_billing_agreement;
    add_agreement_id(writer, r->amazon_billing_agreement_id);
    request_amount(writer, "AuthorizationAmount", &r->authorization_amount);
    request_id(writer, "AuthorizationReferenceId", r->authorization_reference_id,
               REFERENCE_ID_CHARACTERS);
    request_bool(writer, "CaptureNow", r->capture_now);
    request_flag(writer, "InheritShippingAddress", r->inherit_shipping_address);
    request_optional_id(writer, "PlatformId", r->platform_id, REFERENCE_ID_CHARACTERS);
    request_provider_shares(writer, "ProviderCreditList", "CreditAmount", &r->provider_credits);
    request_optional(writer, "SellerAuthorizationNote", r->seller_authorization_note,
                     NOTE_CHARACTERS);
    request_optional(writer, "SellerNote", r->seller_note, SELLER_NOTE_CHARACTERS);
    request_optional(writer, "SellerOrderAttributes.CustomInformation", r->custom_information,
                     CUSTOM_INFORMATION_CHARACTERS);
    request_optional(writer, "SellerOrderAttributes.SellerOrderId", r->seller_order_id,
                     SELLER_ORDER_ID_CHARACTERS);
    request_optional(writer, "SellerOrderAttributes.StoreName", r->store_name,
                     STORE_NAME_CHARACTERS);
    request_optional(writer, "SellerOrderAttributes.SupplementaryData", r->supplementary_data,
                     SUPPLEMENTARY_DATA_CHARACTERS);
    request_optional(writer, "SoftDescriptor", r->soft_descriptor, SOFT_DESCRIPTOR_CHARACTERS);
    request_timeout(writer, r->transaction_timeout_min);
}
