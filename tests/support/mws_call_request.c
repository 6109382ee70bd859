/*
 * mws_call_request.c - JSON to a request: one row for each parameter of each operation.
 * See mws_call.h.
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/mws_call.h"

enum kind {
    TEXT,
    AMOUNT,
    MINUTES,
    COUNT,
    BOOL,
    FLAG, /* a boolean that may be left out */
    INSTANT,
    TYPE,           /* of an agreement */
    SORT,           /* "Ascending", "Descending" */
    STATES,         /* ["Open", "Closed"] */
    TEXTS,          /* OrderItemCategory */
    SHARES,         /* [{"ProviderId": "...", "CreditAmount": "10 JPY"}] */
    CONFIGURATIONS, /* [{"NotificationUrl": "...", "EventTypes": ["ALL"]}] */
};

struct parameter {
    enum mws_action action;
    enum kind kind;
    const char *name;
    size_t offset;
};

#define P(action, kind, name, member)                                                              \
    {                                                                                              \
        MWS_##action, kind, name, offsetof(struct mws_request, member)                             \
    }

static const struct parameter parameters[] = {
    P(GET_BILLING_AGREEMENT_DETAILS, TEXT, "AmazonBillingAgreementId",
      get_billing_agreement_details.amazon_billing_agreement_id),
    P(GET_BILLING_AGREEMENT_DETAILS, TEXT, "AccessToken",
      get_billing_agreement_details.access_token),
    P(GET_BILLING_AGREEMENT_DETAILS, TEXT, "AddressConsentToken",
      get_billing_agreement_details.address_consent_token),

    P(SET_BILLING_AGREEMENT_DETAILS, TEXT, "AmazonBillingAgreementId",
      set_billing_agreement_details.amazon_billing_agreement_id),
    P(SET_BILLING_AGREEMENT_DETAILS, TEXT, "SellerNote", set_billing_agreement_details.seller_note),
    P(SET_BILLING_AGREEMENT_DETAILS, TEXT, "SellerBillingAgreementId",
      set_billing_agreement_details.seller_billing_agreement_id),
    P(SET_BILLING_AGREEMENT_DETAILS, TEXT, "StoreName", set_billing_agreement_details.store_name),
    P(SET_BILLING_AGREEMENT_DETAILS, TEXT, "CustomInformation",
      set_billing_agreement_details.custom_information),
    P(SET_BILLING_AGREEMENT_DETAILS, TEXT, "PlatformId", set_billing_agreement_details.platform_id),
    P(SET_BILLING_AGREEMENT_DETAILS, TYPE, "BillingAgreementType",
      set_billing_agreement_details.billing_agreement_type),
    P(SET_BILLING_AGREEMENT_DETAILS, AMOUNT, "SubscriptionAmount",
      set_billing_agreement_details.subscription_amount),

    P(CONFIRM_BILLING_AGREEMENT, TEXT, "AmazonBillingAgreementId",
      confirm_billing_agreement.amazon_billing_agreement_id),
    P(CONFIRM_BILLING_AGREEMENT, TEXT, "SuccessUrl", confirm_billing_agreement.success_url),
    P(CONFIRM_BILLING_AGREEMENT, TEXT, "FailureUrl", confirm_billing_agreement.failure_url),

    P(VALIDATE_BILLING_AGREEMENT, TEXT, "AmazonBillingAgreementId",
      validate_billing_agreement.amazon_billing_agreement_id),

    P(CLOSE_BILLING_AGREEMENT, TEXT, "AmazonBillingAgreementId",
      close_billing_agreement.amazon_billing_agreement_id),
    P(CLOSE_BILLING_AGREEMENT, TEXT, "ClosureReason", close_billing_agreement.closure_reason),

    P(AUTHORIZE_ON_BILLING_AGREEMENT, TEXT, "AmazonBillingAgreementId",
      authorize_on_billing_agreement.amazon_billing_agreement_id),
    P(AUTHORIZE_ON_BILLING_AGREEMENT, TEXT, "AuthorizationReferenceId",
      authorize_on_billing_agreement.authorization_reference_id),
    P(AUTHORIZE_ON_BILLING_AGREEMENT, AMOUNT, "AuthorizationAmount",
      authorize_on_billing_agreement.authorization_amount),
    P(AUTHORIZE_ON_BILLING_AGREEMENT, TEXT, "SellerAuthorizationNote",
      authorize_on_billing_agreement.seller_authorization_note),
    P(AUTHORIZE_ON_BILLING_AGREEMENT, MINUTES, "TransactionTimeout",
      authorize_on_billing_agreement.transaction_timeout_min),
    P(AUTHORIZE_ON_BILLING_AGREEMENT, BOOL, "CaptureNow",
      authorize_on_billing_agreement.capture_now),
    P(AUTHORIZE_ON_BILLING_AGREEMENT, TEXT, "SoftDescriptor",
      authorize_on_billing_agreement.soft_descriptor),
    P(AUTHORIZE_ON_BILLING_AGREEMENT, TEXT, "SellerNote",
      authorize_on_billing_agreement.seller_note),
    P(AUTHORIZE_ON_BILLING_AGREEMENT, TEXT, "SellerOrderId",
      authorize_on_billing_agreement.seller_order_id),
    P(AUTHORIZE_ON_BILLING_AGREEMENT, TEXT, "StoreName", authorize_on_billing_agreement.store_name),
    P(AUTHORIZE_ON_BILLING_AGREEMENT, TEXT, "CustomInformation",
      authorize_on_billing_agreement.custom_information),
    P(AUTHORIZE_ON_BILLING_AGREEMENT, TEXT, "SupplementaryData",
      authorize_on_billing_agreement.supplementary_data),
    P(AUTHORIZE_ON_BILLING_AGREEMENT, TEXT, "PlatformId",
      authorize_on_billing_agreement.platform_id),
    P(AUTHORIZE_ON_BILLING_AGREEMENT, FLAG, "InheritShippingAddress",
      authorize_on_billing_agreement.inherit_shipping_address),
    P(AUTHORIZE_ON_BILLING_AGREEMENT, SHARES, "ProviderCreditList",
      authorize_on_billing_agreement.provider_credits),

    P(CREATE_ORDER_REFERENCE_FOR_ID, TEXT, "Id",
      create_order_reference_for_id.amazon_billing_agreement_id),
    P(CREATE_ORDER_REFERENCE_FOR_ID, FLAG, "InheritShippingAddress",
      create_order_reference_for_id.inherit_shipping_address),
    P(CREATE_ORDER_REFERENCE_FOR_ID, BOOL, "ConfirmNow", create_order_reference_for_id.confirm_now),

    P(SET_ORDER_REFERENCE_DETAILS, TEXT, "AmazonOrderReferenceId",
      set_order_reference_details.amazon_order_reference_id),

    P(SET_ORDER_ATTRIBUTES, TEXT, "AmazonOrderReferenceId",
      set_order_attributes.amazon_order_reference_id),

    P(GET_ORDER_REFERENCE_DETAILS, TEXT, "AmazonOrderReferenceId",
      get_order_reference_details.amazon_order_reference_id),
    P(GET_ORDER_REFERENCE_DETAILS, TEXT, "AccessToken", get_order_reference_details.access_token),
    P(GET_ORDER_REFERENCE_DETAILS, TEXT, "AddressConsentToken",
      get_order_reference_details.address_consent_token),

    P(CONFIRM_ORDER_REFERENCE, TEXT, "AmazonOrderReferenceId",
      confirm_order_reference.amazon_order_reference_id),
    P(CONFIRM_ORDER_REFERENCE, TEXT, "SuccessUrl", confirm_order_reference.success_url),
    P(CONFIRM_ORDER_REFERENCE, TEXT, "FailureUrl", confirm_order_reference.failure_url),
    P(CONFIRM_ORDER_REFERENCE, AMOUNT, "AuthorizationAmount",
      confirm_order_reference.authorization_amount),
    P(CONFIRM_ORDER_REFERENCE, BOOL, "ExpectImmediateAuthorization",
      confirm_order_reference.expect_immediate_authorization),

    P(CANCEL_ORDER_REFERENCE, TEXT, "AmazonOrderReferenceId",
      cancel_order_reference.amazon_order_reference_id),
    P(CANCEL_ORDER_REFERENCE, TEXT, "CancelationReason", cancel_order_reference.cancelation_reason),

    P(CLOSE_ORDER_REFERENCE, TEXT, "AmazonOrderReferenceId",
      close_order_reference.amazon_order_reference_id),
    P(CLOSE_ORDER_REFERENCE, TEXT, "ClosureReason", close_order_reference.closure_reason),

    P(LIST_ORDER_REFERENCE, TEXT, "QueryId", list_order_reference.seller_order_id),
    P(LIST_ORDER_REFERENCE, TEXT, "PaymentDomain", list_order_reference.payment_domain),
    P(LIST_ORDER_REFERENCE, COUNT, "PageSize", list_order_reference.page_size),
    P(LIST_ORDER_REFERENCE, INSTANT, "StartTime", list_order_reference.created_from),
    P(LIST_ORDER_REFERENCE, INSTANT, "EndTime", list_order_reference.created_to),
    P(LIST_ORDER_REFERENCE, SORT, "SortOrder", list_order_reference.sort_order),
    P(LIST_ORDER_REFERENCE, STATES, "OrderReferenceStatusListFilter", list_order_reference.states),
    P(LIST_ORDER_REFERENCE_BY_NEXT_TOKEN, TEXT, "NextPageToken",
      list_order_reference_by_next_token.next_page_token),

    P(AUTHORIZE, TEXT, "AmazonOrderReferenceId", authorize.amazon_order_reference_id),
    P(AUTHORIZE, TEXT, "AuthorizationReferenceId", authorize.authorization_reference_id),
    P(AUTHORIZE, AMOUNT, "AuthorizationAmount", authorize.authorization_amount),
    P(AUTHORIZE, TEXT, "SellerAuthorizationNote", authorize.seller_authorization_note),
    P(AUTHORIZE, MINUTES, "TransactionTimeout", authorize.transaction_timeout_min),
    P(AUTHORIZE, BOOL, "CaptureNow", authorize.capture_now),
    P(AUTHORIZE, TEXT, "SoftDescriptor", authorize.soft_descriptor),
    P(AUTHORIZE, SHARES, "ProviderCreditList", authorize.provider_credits),

    P(GET_AUTHORIZATION_DETAILS, TEXT, "AmazonAuthorizationId",
      get_authorization_details.amazon_authorization_id),
    P(CLOSE_AUTHORIZATION, TEXT, "AmazonAuthorizationId",
      close_authorization.amazon_authorization_id),
    P(CLOSE_AUTHORIZATION, TEXT, "ClosureReason", close_authorization.closure_reason),

    P(CAPTURE, TEXT, "AmazonAuthorizationId", capture.amazon_authorization_id),
    P(CAPTURE, TEXT, "CaptureReferenceId", capture.capture_reference_id),
    P(CAPTURE, AMOUNT, "CaptureAmount", capture.capture_amount),
    P(CAPTURE, TEXT, "SellerCaptureNote", capture.seller_capture_note),
    P(CAPTURE, TEXT, "SoftDescriptor", capture.soft_descriptor),
    P(CAPTURE, SHARES, "ProviderCreditList", capture.provider_credits),
    P(GET_CAPTURE_DETAILS, TEXT, "AmazonCaptureId", get_capture_details.amazon_capture_id),

    P(REFUND, TEXT, "AmazonCaptureId", refund.amazon_capture_id),
    P(REFUND, TEXT, "RefundReferenceId", refund.refund_reference_id),
    P(REFUND, AMOUNT, "RefundAmount", refund.refund_amount),
    P(REFUND, TEXT, "SellerRefundNote", refund.seller_refund_note),
    P(REFUND, TEXT, "SoftDescriptor", refund.soft_descriptor),
    P(REFUND, SHARES, "ProviderCreditReversalList", refund.provider_credit_reversals),
    P(GET_REFUND_DETAILS, TEXT, "AmazonRefundId", get_refund_details.amazon_refund_id),

    P(SET_MERCHANT_NOTIFICATION_CONFIGURATION, CONFIGURATIONS, "NotificationConfigurationList",
      set_merchant_notification_configuration),
    P(GET_PROVIDER_CREDIT_DETAILS, TEXT, "AmazonProviderCreditId",
      get_provider_credit_details.amazon_provider_credit_id),
    P(GET_PROVIDER_CREDIT_REVERSAL_DETAILS, TEXT, "AmazonProviderCreditReversalId",
      get_provider_credit_reversal_details.amazon_provider_credit_reversal_id),
    P(REVERSE_PROVIDER_CREDIT, TEXT, "AmazonProviderCreditId",
      reverse_provider_credit.amazon_provider_credit_id),
    P(REVERSE_PROVIDER_CREDIT, TEXT, "CreditReversalReferenceId",
      reverse_provider_credit.credit_reversal_reference_id),
    P(REVERSE_PROVIDER_CREDIT, AMOUNT, "CreditReversalAmount",
      reverse_provider_credit.credit_reversal_amount),
    P(REVERSE_PROVIDER_CREDIT, TEXT, "CreditReversalNote",
      reverse_provider_credit.credit_reversal_note),
};

/* What three operations say of an order. */
#define A(kind, name, member)                                                                      \
    {                                                                                              \
        MWS_ACTION_UNKNOWN, kind, name, offsetof(struct mws_order_attributes, member)              \
    }

static const struct parameter attributes[] = {
    A(AMOUNT, "OrderTotal", order_total),
    A(TEXT, "SellerNote", seller_note),
    A(TEXT, "SellerOrderId", seller_order_id),
    A(TEXT, "StoreName", store_name),
    A(TEXT, "CustomInformation", custom_information),
    A(TEXT, "SupplementaryData", supplementary_data),
    A(TEXT, "PlatformId", platform_id),
    A(FLAG, "RequestPaymentAuthorization", request_payment_authorization),
    A(TEXT, "PaymentServiceProviderId", payment_service_provider_id),
    A(TEXT, "PaymentServiceProviderOrderId", payment_service_provider_order_id),
    A(TEXTS, "OrderItemCategories", order_item_categories),
};

static struct mws_order_attributes *attributes_of(struct mws_request *request)
{
    return request->action == MWS_CREATE_ORDER_REFERENCE_FOR_ID
               ? &request->create_order_reference_for_id.attributes
           : request->action == MWS_SET_ORDER_REFERENCE_DETAILS
               ? &request->set_order_reference_details.attributes
           : request->action == MWS_SET_ORDER_ATTRIBUTES ? &request->set_order_attributes.attributes
                                                         : NULL;
}

static bool read_amount(const struct json *value, struct money *amount)
{
    const char *text = json_as_string(value);
    const char *space = text != NULL ? strchr(text, ' ') : NULL;
    char decimal[MONEY_TEXT_MAX];

    if (space == NULL || (size_t)(space - text) >= sizeof decimal) {
        return false;
    }
    (void)snprintf(decimal, sizeof decimal, "%.*s", (int)(space - text), text);
    return money_parse(decimal, space + 1, amount);
}

static bool read_states(const struct json *value, uint32_t *states)
{
    for (size_t i = 0; i < json_length(value); i++) {
        const char *name = json_as_string(json_at(value, i));
        enum mws_state state = name != NULL ? mws_state_parse(name) : MWS_STATE_UNKNOWN;
        if (state == MWS_STATE_UNKNOWN) {
            return false;
        }
        *states |= UINT32_C(1) << state;
    }
    return json_kind(value) == JSON_KIND_ARRAY;
}

static bool read_texts(const struct json *value, const char **texts, size_t max)
{
    for (size_t i = 0; i < json_length(value); i++) {
        if (i == max || json_as_string(json_at(value, i)) == NULL) {
            return false;
        }
        texts[i] = json_as_string(json_at(value, i));
    }
    return json_kind(value) == JSON_KIND_ARRAY;
}

static bool read_shares(const struct json *value, struct asked *asked,
                        struct mws_provider_shares *shares)
{
    for (size_t i = 0; i < json_length(value); i++) {
        const struct json *share = json_at(value, i);
        if (i == MWS_PROVIDERS_MAX ||
            !read_amount(json_get(share, "CreditAmount"), &asked->shares[i].amount)) {
            return false;
        }
        asked->shares[i].provider_id = json_as_string(json_get(share, "ProviderId"));
    }
    shares->shares = asked->shares;
    shares->count = (uint32_t)json_length(value);
    return json_kind(value) == JSON_KIND_ARRAY;
}

static bool read_configurations(const struct json *value, struct asked *asked,
                                struct mws_set_merchant_notification_configuration *list)
{
    for (size_t i = 0; i < json_length(value); i++) {
        const struct json *types = json_get(json_at(value, i), "EventTypes");
        if (i == MWS_CONFIGURATIONS_MAX) {
            return false;
        }
        asked->configurations[i].notification_url =
            json_as_string(json_get(json_at(value, i), "NotificationUrl"));
        for (size_t k = 0; k < json_length(types); k++) {
            const char *name = json_as_string(json_at(types, k));
            enum mws_event_type type = name != NULL ? mws_event_type_parse(name) : 0;
            asked->configurations[i].event_types |= UINT32_C(1) << type;
        }
    }
    list->configurations = asked->configurations;
    list->count = (uint32_t)json_length(value);
    return json_kind(value) == JSON_KIND_ARRAY;
}

/* `field` is where the row's member stands. */
static bool read_value(enum kind kind, const struct json *value, void *field, struct asked *asked)
{
    const char *text = json_as_string(value);
    int64_t number = 0;
    bool is_number = json_as_integer(value, &number) && number >= 0 && number <= INT32_MAX;
    bool is_true = false;

    switch (kind) {
    case TEXT:
        *(const char **)field = text;
        return text != NULL;
    case AMOUNT:
        return read_amount(value, field);
    case MINUTES:
        *(int32_t *)field = (int32_t)number;
        return is_number;
    case COUNT:
        *(uint32_t *)field = (uint32_t)number;
        return is_number;
    case BOOL:
        return json_as_bool(value, field);
    case FLAG:
        if (!json_as_bool(value, &is_true)) {
            return false;
        }
        *(enum mws_flag *)field = is_true ? MWS_FLAG_TRUE : MWS_FLAG_FALSE;
        return true;
    case INSTANT:
        return text != NULL && instant_parse(text, field);
    case TYPE:
        *(enum mws_agreement_type *)field = text != NULL ? mws_agreement_type_parse(text) : 0;
        return *(enum mws_agreement_type *)field != MWS_AGREEMENT_TYPE_UNKNOWN;
    case SORT:
        *(enum mws_sort_order *)field = text != NULL && strcmp(text, "Descending") == 0
                                            ? MWS_SORT_DESCENDING
                                            : MWS_SORT_ASCENDING;
        return text != NULL;
    case STATES:
        return read_states(value, field);
    case TEXTS:
        return read_texts(value, field, MWS_CATEGORIES_MAX);
    case SHARES:
        return read_shares(value, asked, field);
    case CONFIGURATIONS:
        return read_configurations(value, asked, field);
    }
    return false;
}

static const struct parameter *find(const struct parameter *rows, size_t count,
                                    enum mws_action action, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (rows[i].action == action && strcmp(rows[i].name, name) == 0) {
            return &rows[i];
        }
    }
    return NULL;
}

static enum status read_parameter(const struct json *line, const char *key, struct asked *asked,
                                  struct problem *problem)
{
    struct mws_request *request = &asked->request;
    void *base = request;
    const struct parameter *row =
        find(parameters, sizeof parameters / sizeof parameters[0], request->action, key);

    if (row == NULL && attributes_of(request) != NULL) {
        base = attributes_of(request);
        row = find(attributes, sizeof attributes / sizeof attributes[0], MWS_ACTION_UNKNOWN, key);
    }
    if (row == NULL) {
        return problem_set(problem, ST_INVALID, "%s has no parameter %.60s",
                           mws_action_name(request->action), key);
    }
    if (!read_value(row->kind, json_get(line, key), (char *)base + row->offset, asked)) {
        return problem_set(problem, ST_INVALID, "%s of %s has a value of another kind", row->name,
                           mws_action_name(request->action));
    }
    return ST_OK;
}

enum status asked_read(const struct json *line, struct asked *asked, struct problem *problem)
{
    const char *action = json_as_string(json_get(line, "action"));
    const char *key;
    enum status status = ST_OK;

    memset(asked, 0, sizeof *asked);
    asked->request.action = action != NULL ? mws_action_parse(action) : MWS_ACTION_UNKNOWN;
    if (asked->request.action == MWS_ACTION_UNKNOWN) {
        return problem_set(problem, ST_INVALID, "\"action\" is no operation of Amazon's");
    }
    for (size_t i = 0; status == ST_OK && (key = json_key(line, i)) != NULL; i++) {
        if (strcmp(key, "action") != 0) {
            status = read_parameter(line, key, asked, problem);
        }
    }
    return status;
}
