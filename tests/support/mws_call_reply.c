/*
 * mws_call_reply.c - a reply to JSON: one row for each field of each shape of result.
 * See mws_call.h.
 */
#include <stddef.h>
#include <stdio.h>

#include "tests/support/mws_call.h"

enum shape {
    NOTHING = 0,
    AGREEMENT,
    VALIDATION,
    AUTHORIZATION,
    CAPTURE,
    REFUND,
    ORDER,
    ORDER_LIST,
    SERVICE,
    ACCOUNT,
    NOTIFICATIONS,
    CREDIT,
    REVERSAL,
};

static const enum shape shapes[MWS_ACTION_COUNT] = {
    [MWS_GET_BILLING_AGREEMENT_DETAILS] = AGREEMENT,
    [MWS_SET_BILLING_AGREEMENT_DETAILS] = AGREEMENT,
    [MWS_VALIDATE_BILLING_AGREEMENT] = VALIDATION,
    [MWS_AUTHORIZE_ON_BILLING_AGREEMENT] = AUTHORIZATION,
    [MWS_AUTHORIZE] = AUTHORIZATION,
    [MWS_GET_AUTHORIZATION_DETAILS] = AUTHORIZATION,
    [MWS_CAPTURE] = CAPTURE,
    [MWS_GET_CAPTURE_DETAILS] = CAPTURE,
    [MWS_REFUND] = REFUND,
    [MWS_GET_REFUND_DETAILS] = REFUND,
    [MWS_CREATE_ORDER_REFERENCE_FOR_ID] = ORDER,
    [MWS_SET_ORDER_REFERENCE_DETAILS] = ORDER,
    [MWS_SET_ORDER_ATTRIBUTES] = ORDER,
    [MWS_GET_ORDER_REFERENCE_DETAILS] = ORDER,
    [MWS_LIST_ORDER_REFERENCE] = ORDER_LIST,
    [MWS_LIST_ORDER_REFERENCE_BY_NEXT_TOKEN] = ORDER_LIST,
    [MWS_GET_SERVICE_STATUS] = SERVICE,
    [MWS_GET_MERCHANT_ACCOUNT_STATUS] = ACCOUNT,
    [MWS_GET_MERCHANT_NOTIFICATION_CONFIGURATION] = NOTIFICATIONS,
    [MWS_GET_PROVIDER_CREDIT_DETAILS] = CREDIT,
    [MWS_GET_PROVIDER_CREDIT_REVERSAL_DETAILS] = REVERSAL,
    [MWS_REVERSE_PROVIDER_CREDIT] = REVERSAL,
};

enum kind {
    TEXT,
    AMOUNT,
    BOOL,
    INSTANT,
    STATUS, /* "State", "ReasonCode", "" when absent or not in the vocabulary; "LastUpdated" */
    BUYER,
    ADDRESS, /* only what is there */
    REASON,
    ID_LIST,
    CONSTRAINTS, /* texts, their count before them */
    IDS,
    PROVIDERS,
    ORDERS,
    REFUND_TYPE,
    SERVICE_STATUS,
    ACCOUNT_STATUS,
    CONFIGURATIONS,
};

struct field {
    enum shape shape;
    enum kind kind;
    const char *name;
    size_t offset;
};

#define F(shape, kind, name, member)                                                               \
    {                                                                                              \
        shape, kind, name, offsetof(struct mws_reply, member)                                      \
    }

static const struct field fields[] = {
    F(AGREEMENT, TEXT, "AmazonBillingAgreementId", billing_agreement.amazon_billing_agreement_id),
    F(AGREEMENT, STATUS, "", billing_agreement.status),
    F(AGREEMENT, BOOL, "BillingAgreementConsent", billing_agreement.consent),
    F(AGREEMENT, AMOUNT, "AmountLimitPerTimePeriod",
      billing_agreement.amount_limit_per_time_period),
    F(AGREEMENT, AMOUNT, "CurrentRemainingBalance", billing_agreement.current_remaining_balance),
    F(AGREEMENT, INSTANT, "TimePeriodStartDate", billing_agreement.time_period_start),
    F(AGREEMENT, INSTANT, "TimePeriodEndDate", billing_agreement.time_period_end),
    F(AGREEMENT, CONSTRAINTS, "Constraints", billing_agreement.constraint_count),
    F(AGREEMENT, BUYER, "Buyer", billing_agreement.buyer),
    F(AGREEMENT, ADDRESS, "Destination", billing_agreement.destination),

    F(VALIDATION, BOOL, "ValidationResult", validation.is_success),
    F(VALIDATION, REASON, "FailureReasonCode", validation.failure_reason),
    F(VALIDATION, STATUS, "", validation.status),

    F(AUTHORIZATION, TEXT, "AmazonAuthorizationId", authorization.amazon_authorization_id),
    F(AUTHORIZATION, TEXT, "AuthorizationReferenceId", authorization.authorization_reference_id),
    F(AUTHORIZATION, TEXT, "AmazonOrderReferenceId", authorization.amazon_order_reference_id),
    F(AUTHORIZATION, AMOUNT, "AuthorizationAmount", authorization.authorization_amount),
    F(AUTHORIZATION, AMOUNT, "CapturedAmount", authorization.captured_amount),
    F(AUTHORIZATION, AMOUNT, "AuthorizationFee", authorization.authorization_fee),
    F(AUTHORIZATION, STATUS, "", authorization.status),
    F(AUTHORIZATION, BOOL, "SoftDecline", authorization.soft_decline),
    F(AUTHORIZATION, BOOL, "CaptureNow", authorization.capture_now),
    F(AUTHORIZATION, TEXT, "AmazonCaptureId", authorization.capture_id),

    F(CAPTURE, TEXT, "AmazonCaptureId", capture.amazon_capture_id),
    F(CAPTURE, TEXT, "CaptureReferenceId", capture.capture_reference_id),
    F(CAPTURE, AMOUNT, "CaptureAmount", capture.capture_amount),
    F(CAPTURE, AMOUNT, "RefundedAmount", capture.refunded_amount),
    F(CAPTURE, AMOUNT, "CaptureFee", capture.capture_fee),
    F(CAPTURE, AMOUNT, "ConvertedAmount", capture.converted_amount),
    F(CAPTURE, TEXT, "ConversionRate", capture.conversion_rate),
    F(CAPTURE, STATUS, "", capture.status),
    F(CAPTURE, ID_LIST, "IdList", capture.refund_ids),
    F(CAPTURE, PROVIDERS, "ProviderCreditSummaryList", capture.provider_credits),

    F(REFUND, TEXT, "AmazonRefundId", refund.amazon_refund_id),
    F(REFUND, TEXT, "RefundReferenceId", refund.refund_reference_id),
    F(REFUND, REFUND_TYPE, "RefundType", refund.refund_type),
    F(REFUND, AMOUNT, "RefundAmount", refund.refund_amount),
    F(REFUND, AMOUNT, "FeeRefunded", refund.fee_refunded),
    F(REFUND, AMOUNT, "ConvertedAmount", refund.converted_amount),
    F(REFUND, TEXT, "ConversionRate", refund.conversion_rate),
    F(REFUND, STATUS, "", refund.status),
    F(REFUND, PROVIDERS, "ProviderCreditReversalSummaryList", refund.provider_credit_reversals),

    F(ORDER, TEXT, "AmazonOrderReferenceId", order_reference.amazon_order_reference_id),
    F(ORDER, TEXT, "SellerOrderId", order_reference.seller_order_id),
    F(ORDER, TEXT, "ParentId", order_reference.parent_id),
    F(ORDER, AMOUNT, "OrderTotal", order_reference.order_total),
    F(ORDER, STATUS, "", order_reference.status),
    F(ORDER, INSTANT, "ExpirationTimestamp", order_reference.expiration),
    F(ORDER, CONSTRAINTS, "Constraints", order_reference.constraint_count),
    F(ORDER, IDS, "IdList", order_reference.authorization_count),
    F(ORDER, BUYER, "Buyer", order_reference.buyer),
    F(ORDER, ADDRESS, "Destination", order_reference.destination),

    F(ORDER_LIST, ORDERS, "OrderReferenceList", order_list),
    F(ORDER_LIST, TEXT, "NextPageToken", order_list.next_page_token),

    F(SERVICE, SERVICE_STATUS, "Status", service.status),
    F(SERVICE, INSTANT, "Timestamp", service.timestamp),
    F(SERVICE, TEXT, "MessageId", service.message_id),

    F(ACCOUNT, ACCOUNT_STATUS, "AccountStatus", account_status),

    F(NOTIFICATIONS, CONFIGURATIONS, "NotificationConfigurationList", notifications),

    F(CREDIT, TEXT, "AmazonProviderCreditId", provider_credit.amazon_provider_credit_id),
    F(CREDIT, TEXT, "ProviderId", provider_credit.provider_id),
    F(CREDIT, TEXT, "CreditReferenceId", provider_credit.credit_reference_id),
    F(CREDIT, AMOUNT, "CreditAmount", provider_credit.credit_amount),
    F(CREDIT, AMOUNT, "CreditReversalAmount", provider_credit.credit_reversal_amount),
    F(CREDIT, STATUS, "", provider_credit.status),
    F(CREDIT, ID_LIST, "CreditReversalIdList", provider_credit.reversal_ids),

    F(REVERSAL, TEXT, "AmazonProviderCreditReversalId",
      provider_credit_reversal.amazon_provider_credit_reversal_id),
    F(REVERSAL, TEXT, "ProviderId", provider_credit_reversal.provider_id),
    F(REVERSAL, TEXT, "CreditReversalReferenceId",
      provider_credit_reversal.credit_reversal_reference_id),
    F(REVERSAL, AMOUNT, "CreditReversalAmount", provider_credit_reversal.credit_reversal_amount),
    F(REVERSAL, STATUS, "", provider_credit_reversal.status),
};

static struct json *amount_json(struct money amount)
{
    char decimal[MONEY_TEXT_MAX];
    char text[MONEY_TEXT_MAX + 8];

    if (!money_is_valid(amount)) {
        return json_new_null();
    }
    money_format(amount, decimal);
    (void)snprintf(text, sizeof text, "%s %s", decimal, money_currency(&amount));
    return json_new_string(text);
}

static struct json *instant_json(struct instant at)
{
    char text[INSTANT_TEXT_MAX];

    instant_format(at, text);
    return at.utc_ms == INSTANT_NEVER.utc_ms ? json_new_null() : json_new_string(text);
}

static void set_status(struct json *object, const struct mws_status *status)
{
    json_set_string(object, "State", mws_state_name(status->state));
    json_set_string(object, "ReasonCode", mws_reason_name(status->reason));
    json_set(object, "LastUpdated", instant_json(status->updated_at));
}

static void set_text(struct json *object, const char *name, const char *text)
{
    if (text[0] != '\0') {
        json_set_string(object, name, text);
    }
}

static struct json *buyer_json(const struct mws_buyer *buyer)
{
    struct json *object = json_new_object();

    set_text(object, "Name", buyer->name);
    set_text(object, "Email", buyer->email);
    set_text(object, "Phone", buyer->phone);
    return object;
}

static struct json *address_json(const struct mws_address *address)
{
    struct json *object = json_new_object();

    set_text(object, "Name", address->name);
    set_text(object, "AddressLine1", address->lines[0]);
    set_text(object, "AddressLine2", address->lines[1]);
    set_text(object, "AddressLine3", address->lines[2]);
    set_text(object, "City", address->city);
    set_text(object, "County", address->county);
    set_text(object, "District", address->district);
    set_text(object, "StateOrRegion", address->state_or_region);
    set_text(object, "PostalCode", address->postal_code);
    set_text(object, "CountryCode", address->country_code);
    set_text(object, "Phone", address->phone);
    return object;
}

static struct json *texts_json(const char *first, size_t size, uint32_t count)
{
    struct json *array = json_new_array();

    for (uint32_t i = 0; i < count; i++) {
        json_append(array, json_new_string(first + i * size));
    }
    return array;
}

static struct json *orders_json(const struct mws_order_reference_list *list)
{
    struct json *array = json_new_array();

    for (uint32_t i = 0; i < list->count; i++) {
        struct json *order = json_new_object();
        json_set_string(order, "AmazonOrderReferenceId", list->orders[i].amazon_order_reference_id);
        json_set_string(order, "SellerOrderId", list->orders[i].seller_order_id);
        set_status(order, &list->orders[i].status);
        json_append(array, order);
    }
    return array;
}

static struct json *providers_json(const struct mws_provider_list *list)
{
    struct json *array = json_new_array();

    for (uint32_t i = 0; i < list->count; i++) {
        struct json *provider = json_new_object();
        json_set_string(provider, "ProviderId", list->providers[i].provider_id);
        json_set_string(provider, "Id", list->providers[i].id);
        json_append(array, provider);
    }
    return array;
}

static struct json *configurations_json(const struct mws_notification_configurations *list)
{
    struct json *array = json_new_array();

    for (uint32_t i = 0; i < list->count; i++) {
        struct json *configuration = json_new_object();
        struct json *types = json_new_array();
        json_set_string(configuration, "NotificationUrl", list->configurations[i].notification_url);
        for (int type = 1; type < MWS_EVENT_TYPE_COUNT; type++) {
            if ((list->configurations[i].event_types >> type & 1) != 0) {
                json_append(types, json_new_string(mws_event_type_name((enum mws_event_type)type)));
            }
        }
        json_set(configuration, "EventTypes", types);
        json_append(array, configuration);
    }
    return array;
}

static struct json *field_json(const struct mws_reply *reply, const struct field *row)
{
    const void *field = (const char *)reply + row->offset;

    switch (row->kind) {
    case TEXT:
        return json_new_string(field);
    case AMOUNT:
        return amount_json(*(const struct money *)field);
    case BOOL:
        return json_new_bool(*(const bool *)field);
    case INSTANT:
        return instant_json(*(const struct instant *)field);
    case STATUS:
        return NULL;
    case BUYER:
        return buyer_json(field);
    case ADDRESS:
        return address_json(field);
    case REASON:
        return json_new_string(mws_reason_name(*(const enum mws_reason *)field));
    case ID_LIST: {
        const struct mws_id_list *list = field;
        return texts_json(list->ids[0], sizeof list->ids[0], list->count);
    }
    case CONSTRAINTS:
        return texts_json((const char *)field + sizeof(uint32_t), 40, *(const uint32_t *)field);
    case IDS:
        return texts_json((const char *)field + sizeof(uint32_t), MWS_ID_MAX,
                          *(const uint32_t *)field);
    case PROVIDERS:
        return providers_json(field);
    case ORDERS:
        return orders_json(field);
    case REFUND_TYPE:
        return json_new_string(mws_refund_type_name(*(const enum mws_refund_type *)field));
    case SERVICE_STATUS:
        return json_new_string(mws_service_status_name(*(const enum mws_service_status *)field));
    case ACCOUNT_STATUS:
        return json_new_string(mws_account_status_name(*(const enum mws_account_status *)field));
    case CONFIGURATIONS:
        return configurations_json(field);
    }
    return NULL;
}

void answered_write(const struct mws_reply *reply, struct json *line)
{
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (fields[i].shape != shapes[reply->action] || fields[i].shape == NOTHING) {
            continue;
        }
        if (fields[i].kind == STATUS) {
            set_status(line, (const struct mws_status *)((const char *)reply + fields[i].offset));
        } else {
            json_set(line, fields[i].name, field_json(reply, &fields[i]));
        }
    }
}
