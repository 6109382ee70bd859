/*
 * reply_service.c - the state of the service and of the merchant's account, where notifications
 * go, and the credits of solution providers.
 */
#include "mws/reply.h"

void reply_service(struct mws_reply *reply, const struct xml_node *result)
{
    struct mws_service *service = &reply->service;
    char word[32];
    reply_required(reply, result, "Status", word, sizeof word);
    service->status = mws_service_status_parse(word);
    service->timestamp = reply_instant(reply, result, "Timestamp");
    reply_text(reply, result, "MessageId", service->message_id, sizeof service->message_id);
    if (reply->is_unreadable) {
        return; /* the message says why */
    }
    reply_message(reply, xml_text_at(result, "Messages/Message/Text"));
    if (service->status == MWS_SERVICE_STATUS_UNKNOWN) {
        reply_unknown_word(reply, "service status", word);
    }
}

void reply_account_status(struct mws_reply *reply, const struct xml_node *result)
{
    char word[32];
    reply_required(reply, result, "AccountStatus", word, sizeof word);
    reply->account_status = mws_account_status_parse(word);
    if (reply->account_status == MWS_ACCOUNT_STATUS_UNKNOWN) {
        reply_unknown_word(reply, "account status", word);
    }
}

void reply_notifications(struct mws_reply *reply, const struct xml_node *result)
{
    struct mws_notification_configurations *list = &reply->notifications;
    const struct xml_node *member = xml_at(result, "NotificationConfigurationList/member");
    for (; member != NULL; member = xml_next(member)) {
        if (list->count == MWS_CONFIGURATIONS_MAX) {
            reply_unreadable(reply, "NotificationConfigurationList has more than %d members",
                             MWS_CONFIGURATIONS_MAX);
            return;
        }
        uint32_t at = list->count++;
        reply_required(reply, member, "NotificationUrl", list->configurations[at].notification_url,
                       sizeof list->configurations[at].notification_url);
        for (const struct xml_node *type = xml_at(member, "EventTypes/member"); type != NULL;
             type = xml_next(type)) {
            enum mws_event_type event_type = mws_event_type_parse(xml_text(type));
            if (event_type == MWS_EVENT_TYPE_UNKNOWN) {
                list->configurations[at].has_unknown_event_types = true;
                reply_unknown_word(reply, "event type", xml_text(type));
            } else {
                list->configurations[at].event_types |= UINT32_C(1) << (unsigned)event_type;
            }
        }
    }
}

void reply_provider_credit(struct mws_reply *reply, const struct xml_node *result)
{
    struct mws_provider_credit_details *details = &reply->provider_credit;
    const struct xml_node *node = xml_at(result, "ProviderCreditDetails");
    reply_required(reply, node, "AmazonProviderCreditId", details->amazon_provider_credit_id,
                   sizeof details->amazon_provider_credit_id);
    reply_text(reply, node, "ProviderId", details->provider_id, sizeof details->provider_id);
    reply_text(reply, node, "CreditReferenceId", details->credit_reference_id,
               sizeof details->credit_reference_id);
    details->credit_amount = reply_required_money(reply, node, "CreditAmount");
    details->credit_reversal_amount = reply_money(reply, node, "CreditReversalAmount");
    details->status = reply_status(reply, node, "CreditStatus");
    details->reversal_ids.count =
        reply_ids(reply, node, "CreditReversalIdList/member", details->reversal_ids.ids);
}

void reply_provider_credit_reversal(struct mws_reply *reply, const struct xml_node *result)
{
    struct mws_provider_credit_reversal_details *details = &reply->provider_credit_reversal;
    const struct xml_node *node = xml_at(result, "ProviderCreditReversalDetails");
    reply_required(reply, node, "AmazonProviderCreditReversalId",
                   details->amazon_provider_credit_reversal_id,
                   sizeof details->amazon_provider_credit_reversal_id);
    reply_text(reply, node, "ProviderId", details->provider_id, sizeof details->provider_id);
    reply_required(reply, node, "CreditReversalReferenceId", details->credit_reversal_reference_id,
                   sizeof details->credit_reversal_reference_id);
    details->credit_reversal_amount = reply_required_money(reply, node, "CreditReversalAmount");
    details->status = reply_status(reply, node, "CreditReversalStatus");
}
