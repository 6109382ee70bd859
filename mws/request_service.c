/*
 * request_service.c - the parameters of what concerns the service, the merchant's account and
 * solution providers.
 */
#include "mws/request.h"

void request_nothing(struct request_writer *writer, const struct mws_request *request)
{
    (void)writer;
    (void)request;
}

static void add_event_types(struct request_writer *writer, unsigned number, uint32_t event_types)
{
    unsigned count = 0;
    for (unsigned type = 1; type < MWS_EVENT_TYPE_COUNT; type++) {
        if ((event_types & UINT32_C(1) << type) != 0) {
            count++;
            form_add(writer->form,
                     form_name(writer->form,
                               "NotificationConfigurationList.NotificationConfiguration.%u."
                               "EventTypes.EventTypeList.%u",
                               number, count),
                     mws_event_type_name((enum mws_event_type)type));
        }
    }
    if (count == 0 || (event_types >> MWS_EVENT_TYPE_COUNT) != 0 || (event_types & 1) != 0) {
        request_refuse(writer, "EventTypeList", "has no event type, or one that is not known");
    }
}

void request_set_merchant_notification_configuration(struct request_writer *writer,
                                                     const struct mws_request *request)
{
    const struct mws_set_merchant_notification_configuration *r =
        &request->set_merchant_notification_configuration;
    if (r->count == 0 || r->count > MWS_CONFIGURATIONS_MAX) {
        request_refuse(writer, "NotificationConfigurationList", "has no member, or too many");
        return;
    }
    for (unsigned i = 0; i < r->count; i++) {
        const struct mws_notification_configuration *configuration = &r->configurations[i];
        add_event_types(writer, i + 1, configuration->event_types);
        if (request_is_absent(configuration->notification_url)) {
            request_refuse(writer, "NotificationUrl", "is missing");
        }
        request_url(
            writer,
            form_name(writer->form,
                      "NotificationConfigurationList.NotificationConfiguration.%u.NotificationUrl",
                      i + 1),
            configuration->notification_url);
    }
}

void request_get_provider_credit_details(struct request_writer *writer,
                                         const struct mws_request *request)
{
    request_amazon_id(writer, "AmazonProviderCreditId",
                      request->get_provider_credit_details.amazon_provider_credit_id);
}

void request_get_provider_credit_reversal_details(struct request_writer *writer,
                                                  const struct mws_request *request)
{
    request_amazon_id(
        writer, "AmazonProviderCreditReversalId",
        request->get_provider_credit_reversal_details.amazon_provider_credit_reversal_id);
}

void request_reverse_provider_credit(struct request_writer *writer,
                                     const struct mws_request *request)
{
    const struct mws_reverse_provider_credit *r = &request->reverse_provider_credit;
    request_amazon_id(writer, "AmazonProviderCreditId", r->amazon_provider_credit_id);
    request_amount(writer, "CreditReversalAmount", &r->credit_reversal_amount);
    request_optional(writer, "CreditReversalNote", r->credit_reversal_note, NOTE_CHARACTERS);
    request_id(writer, "CreditReversalReferenceId", r->credit_reversal_reference_id,
               REFERENCE_ID_CHARACTERS);
}
