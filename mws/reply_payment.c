/*
 * reply_payment.c - authorizations, captures and refunds.
 */
#include "mws/reply.h"

void reply_authorization(struct mws_reply *reply, const struct xml_node *result)
{
    struct mws_authorization_details *details = &reply->authorization;
    const struct xml_node *node = xml_at(result, "AuthorizationDetails");
    reply_required(reply, node, "AmazonAuthorizationId", details->amazon_authorization_id,
                   sizeof details->amazon_authorization_id);
    reply_required(reply, node, "AuthorizationReferenceId", details->authorization_reference_id,
                   sizeof details->authorization_reference_id);
    reply_text(reply, result, "AmazonOrderReferenceId", details->amazon_order_reference_id,
               sizeof details->amazon_order_reference_id);
    details->authorization_amount = reply_required_money(reply, node, "AuthorizationAmount");
    details->captured_amount = reply_money(reply, node, "CapturedAmount");
    details->authorization_fee = reply_extra_money(node, "AuthorizationFee");
    details->status = reply_status(reply, node, "AuthorizationStatus");
    details->soft_decline = reply_bool(reply, node, "SoftDecline");
    details->capture_now = reply_bool(reply, node, "CaptureNow");
    details->has_capture_now = xml_text_at(node, "CaptureNow")[0] != '\0';
    details->expiration = reply_extra_instant(node, "ExpirationTimestamp");
    reply_text(reply, node, "IdList/member", details->capture_id, sizeof details->capture_id);
    if (details->capture_id[0] != '\0') {
        details->capture_ids.count =
            reply_ids(reply, node, "IdList/member", details->capture_ids.ids);
    }
}

/* "<list>/member" with a ProviderId and an id that is called `id`. */
static void read_providers(struct mws_reply *reply, const struct xml_node *node, const char *path,
                           const char *id, struct mws_provider_list *list)
{
    for (const struct xml_node *member = xml_at(node, path); member != NULL;
         member = xml_next(member)) {
        if (list->count == MWS_PROVIDERS_MAX) {
            reply_unreadable(reply, "%s: more than %d members", path, MWS_PROVIDERS_MAX);
            return;
        }
        reply_required(reply, member, "ProviderId", list->providers[list->count].provider_id,
                       sizeof list->providers[0].provider_id);
        reply_required(reply, member, id, list->providers[list->count].id,
                       sizeof list->providers[0].id);
        list->count++;
    }
}

void reply_capture(struct mws_reply *reply, const struct xml_node *result)
{
    struct mws_capture_details *details = &reply->capture;
    const struct xml_node *node = xml_at(result, "CaptureDetails");
    reply_required(reply, node, "AmazonCaptureId", details->amazon_capture_id,
                   sizeof details->amazon_capture_id);
    reply_required(reply, node, "CaptureReferenceId", details->capture_reference_id,
                   sizeof details->capture_reference_id);
    details->capture_amount = reply_required_money(reply, node, "CaptureAmount");
    details->refunded_amount = reply_money(reply, node, "RefundedAmount");
    details->capture_fee = reply_extra_money(node, "CaptureFee");
    details->converted_amount = reply_extra_money(node, "ConvertedAmount");
    reply_extra_text(node, "ConversionRate", details->conversion_rate,
                     sizeof details->conversion_rate);
    details->status = reply_status(reply, node, "CaptureStatus");
    details->refund_ids.count = reply_ids(reply, node, "IdList/member", details->refund_ids.ids);
    read_providers(reply, node, "ProviderCreditSummaryList/member", "ProviderCreditId",
                   &details->provider_credits);
}

void reply_refund(struct mws_reply *reply, const struct xml_node *result)
{
    struct mws_refund_details *details = &reply->refund;
    const struct xml_node *node = xml_at(result, "RefundDetails");
    const char *type = xml_text_at(node, "RefundType");
    reply_required(reply, node, "AmazonRefundId", details->amazon_refund_id,
                   sizeof details->amazon_refund_id);
    reply_required(reply, node, "RefundReferenceId", details->refund_reference_id,
                   sizeof details->refund_reference_id);
    details->refund_type = mws_refund_type_parse(type);
    if (type[0] != '\0' && details->refund_type == MWS_REFUND_TYPE_UNKNOWN) {
        reply_unknown_word(reply, "refund type", type);
    }
    details->refund_amount = reply_required_money(reply, node, "RefundAmount");
    details->fee_refunded = reply_extra_money(node, "FeeRefunded");
    details->converted_amount = reply_extra_money(node, "ConvertedAmount");
    reply_extra_text(node, "ConversionRate", details->conversion_rate,
                     sizeof details->conversion_rate);
    details->status = reply_status(reply, node, "RefundStatus");
    read_providers(reply, node, "ProviderCreditReversalSummaryList/member",
                   "ProviderCreditReversalId", &details->provider_credit_reversals);
}
