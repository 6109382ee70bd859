/*
 * request_payment.c - the parameters of authorizations, captures and refunds.
 */
#include "mws/request.h"

#define CLOSE_AUTHORIZATION_CHARACTERS 255

void request_authorize(struct request_writer *writer, const struct mws_request *request)
{
    const struct mws_authorize *r = &request->authorize;
    request_amazon_id(writer, "AmazonOrderReferenceId", r->amazon_order_reference_id);
    request_amount(writer, "AuthorizationAmount", &r->authorization_amount);
    request_id(writer, "AuthorizationReferenceId", r->authorization_reference_id,
               REFERENCE_ID_CHARACTERS);
    request_bool(writer, "CaptureNow", r->capture_now);
    request_provider_shares(writer, "ProviderCreditList", "CreditAmount", &r->provider_credits);
    request_optional(writer, "SellerAuthorizationNote", r->seller_authorization_note,
                     NOTE_CHARACTERS);
    request_optional(writer, "SoftDescriptor", r->soft_descriptor, SOFT_DESCRIPTOR_CHARACTERS);
    request_timeout(writer, r->transaction_timeout_min);
}

void request_get_authorization_details(struct request_writer *writer,
                                       const struct mws_request *request)
{
    request_amazon_id(writer, "AmazonAuthorizationId",
                      request->get_authorization_details.amazon_authorization_id);
}

void request_close_authorization(struct request_writer *writer, const struct mws_request *request)
{
    const struct mws_close_authorization *r = &request->close_authorization;
    request_amazon_id(writer, "AmazonAuthorizationId", r->amazon_authorization_id);
    request_optional(writer, "ClosureReason", r->closure_reason, CLOSE_AUTHORIZATION_CHARACTERS);
}

void request_capture(struct request_writer *writer, const struct mws_request *request)
{
    const struct mws_capture *r = &request->capture;
    request_amazon_id(writer, "AmazonAuthorizationId", r->amazon_authorization_id);
    request_amount(writer, "CaptureAmount", &r->capture_amount);
    request_id(writer, "CaptureReferenceId", r->capture_reference_id, REFERENCE_ID_CHARACTERS);
    request_provider_shares(writer, "ProviderCreditList", "CreditAmount", &r->provider_credits);
    request_optional(writer, "SellerCaptureNote", r->seller_capture_note, NOTE_CHARACTERS);
    request_optional(writer, "SoftDescriptor", r->soft_descriptor, SOFT_DESCRIPTOR_CHARACTERS);
}

void request_get_capture_details(struct request_writer *writer, const struct mws_request *request)
{
    request_amazon_id(writer, "AmazonCaptureId", request->get_capture_details.amazon_capture_id);
}

void request_refund(struct request_writer *writer, const struct mws_request *request)
{
    const struct mws_refund *r = &request->refund;
    request_amazon_id(writer, "AmazonCaptureId", r->amazon_capture_id);
    request_provider_shares(writer, "ProviderCreditReversalList", "CreditReversalAmount",
                            &r->provider_credit_reversals);
    request_amount(writer, "RefundAmount", &r->refund_amount);
    request_id(writer, "RefundReferenceId", r->refund_reference_id, REFERENCE_ID_CHARACTERS);
    request_optional(writer, "SellerRefundNote", r->seller_refund_note, NOTE_CHARACTERS);
    request_optional(writer, "SoftDescriptor", r->soft_descriptor, SOFT_DESCRIPTOR_CHARACTERS);
}

void request_get_refund_details(struct request_writer *writer, const struct mws_request *request)
{
    request_amazon_id(writer, "AmazonRefundId", request->get_refund_details.amazon_refund_id);
}
