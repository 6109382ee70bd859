/*
 * operation_service.c - GetServiceStatus, GetMerchantAccountStatus, and where the seller wants its
 * notifications (Get and SetMerchantNotificationConfiguration).
 *
 * The service is GREEN and every account ACTIVE until the control API says otherwise. Setting a
 * configuration replaces the whole list. Source: amazon-pay reference, section 3.6.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "mws/sandbox/operation.h"

#define URL_CHARACTERS_MAX 2048
#define CONFIGURATION      "NotificationConfigurationList.NotificationConfiguration"

void get_service_status(struct call *call)
{
    const struct service *service = &call->world->service;

    xml_element(call->out, "Status", mws_service_status_name(service->status));
    xml_instant(call->out, "Timestamp", call->now);
    if (service->message != NULL) {
        text_format(call->out, "<MessageId>%" PRId64 "I</MessageId>", service->set_at.utc_ms);
        xml_open(call->out, "Messages");
        xml_open(call->out, "Message");
        xml_element(call->out, "Locale", "en_US");
        xml_element(call->out, "Text", service->message);
        xml_close(call->out, "Message");
        xml_close(call->out, "Messages");
    }
}

void get_merchant_account_status(struct call *call)
{
    xml_element(call->out, "AccountStatus",
                mws_account_status_name(call->seller->inactive ? MWS_ACCOUNT_INACTIVE
                                                               : MWS_ACCOUNT_ACTIVE));
}

void get_merchant_notification_configuration(struct call *call)
{
    const struct notification_list *list = &call->seller->notifications[call->environment];

    xml_open(call->out, "NotificationConfigurationList");
    for (size_t i = 0; i < list->count; i++) {
        xml_open(call->out, "member");
        xml_element(call->out, "NotificationUrl", list->items[i].url);
        xml_open(call->out, "EventTypes");
        for (int type = 1; type < MWS_EVENT_TYPE_COUNT; type++) {
            if (list->items[i].events[type]) {
                xml_element(call->out, "member", mws_event_type_name((enum mws_event_type)type));
            }
        }
        xml_close(call->out, "EventTypes");
        xml_close(call->out, "member");
    }
    xml_close(call->out, "NotificationConfigurationList");
}

static bool read_events(struct call *call, size_t number, struct notification *notification)
{
    bool any = false;

    for (size_t n = 1; n < MWS_EVENT_TYPE_COUNT; n++) {
        char name[128];
        const char *value;
        enum mws_event_type type;

        (void)snprintf(name, sizeof name, CONFIGURATION ".%zu.EventTypes.EventTypeList.%zu", number,
                       n);
        value = form_get(call->form, name);
        if (value == NULL) {
            break;
        }
        type = mws_event_type_parse(value);
        if (type == MWS_EVENT_TYPE_UNKNOWN) {
            return call_fail(call, MWS_ERROR_INVALID_PARAMETER_VALUE,
                             "The value of parameter %s is invalid.", name);
        }
        notification->events[type] = true;
        any = true;
    }
    return any || call_fail(call, MWS_ERROR_INVALID_PARAMETER_VALUE,
                            "A notification configuration has no event types.");
}

static bool read_notification(struct call *call, size_t number, struct notification *notification)
{
    char name[128];
    const char *url;

    (void)snprintf(name, sizeof name, CONFIGURATION ".%zu.NotificationUrl", number);
    url = call_required(call, name, URL_CHARACTERS_MAX);
    if (url == NULL) {
        return false;
    }
    if (!notice_url_is_allowed(url)) {
        return call_fail(call, MWS_ERROR_INVALID_PARAMETER_VALUE,
                         "The value of parameter %s must be an https URL.", name);
    }
    text_replace(&notification->url, url);
    return read_events(call, number, notification);
}

static bool has_configuration(const struct call *call, size_t number)
{
    char prefix[128];
    size_t length = (size_t)snprintf(prefix, sizeof prefix, CONFIGURATION ".%zu.", number);

    for (size_t i = 0; i < call->form->count; i++) {
        if (strncmp(call->form->parameters[i].name, prefix, length) == 0) {
            return true;
        }
    }
    return false;
}

void set_merchant_notification_configuration(struct call *call)
{
    struct notification_list *list = &call->seller->notifications[call->environment];
    struct notification_list read = {0};

    while (has_configuration(call, read.count + 1)) {
        if (read.count == NOTIFICATIONS_MAX) {
            (void)call_fail(call, MWS_ERROR_INVALID_PARAMETER_VALUE,
                            "There are more than %d notification configurations.",
                            NOTIFICATIONS_MAX);
            break;
        }
        read.count++;
        if (!read_notification(call, read.count, &read.items[read.count - 1])) {
            break;
        }
    }
    if (call->error == MWS_ERROR_NONE && read.count == 0) {
        (void)call_fail(call, MWS_ERROR_INVALID_PARAMETER_VALUE,
                        "The required parameter NotificationConfigurationList is missing.");
    }
    if (call->error != MWS_ERROR_NONE) {
        notifications_clear(&read);
        return;
    }
    notifications_clear(list);
    *list = read;
    call->world->notices.heard = true;
    call->world->changed = true;
}
