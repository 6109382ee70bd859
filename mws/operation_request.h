/*
 * operation_request.h - what can be asked of Amazon: one struct per operation, by Amazon's names in
 * our spelling. Include operation.h.
 *
 * Texts and lists are borrowed until mws_call() returns. The bounds are checked where the request
 * is written (request.c), before anything is sent.
 */
#ifndef MWS_OPERATION_REQUEST_H
#define MWS_OPERATION_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "billing/instant.h"
#include "billing/money.h"
#include "mws/vocab.h"

#define MWS_LIST_MAX 32 /* members read of any list; more make the reply unreadable */
/* Lists that Amazon gives no bound for. */
#define MWS_PROVIDERS_MAX      4
#define MWS_CONFIGURATIONS_MAX 4
#define MWS_CATEGORIES_MAX     8

/* Requests. A text that is NULL or "" is a parameter left out; so are an amount that is poison, an
 * instant that is 0 and an enum that is 0. What is left out and required is ST_INVALID. */

/* A boolean that may be left out, so that Amazon's default counts. */
enum mws_flag {
    MWS_FLAG_ABSENT = 0,
    MWS_FLAG_FALSE,
    MWS_FLAG_TRUE,
};

/* A share of the money for a solution provider, given or taken back. */
struct mws_provider_share {
    const char *provider_id;
    struct money amount;
};
struct mws_provider_shares {
    const struct mws_provider_share *shares; /* borrowed; NULL when count is 0 */
    uint32_t count;                          /* at most MWS_PROVIDERS_MAX */
};

struct mws_get_billing_agreement_details {
    const char *amazon_billing_agreement_id;
    const char *access_token;          /* at most one of the two */
    const char *address_consent_token; /* the older name         */
};
struct mws_set_billing_agreement_details {
    const char *amazon_billing_agreement_id;
    const char *seller_note;
    const char *seller_billing_agreement_id;
    const char *store_name;
    const char *custom_information;
    const char *platform_id;
    enum mws_agreement_type billing_agreement_type;
    struct money subscription_amount;
};
struct mws_confirm_billing_agreement {
    const char *amazon_billing_agreement_id;
    const char *success_url; /* both or neither */
    const char *failure_url;
};
struct mws_validate_billing_agreement {
    const char *amazon_billing_agreement_id;
};
struct mws_close_billing_agreement {
    const char *amazon_billing_agreement_id;
    const char *closure_reason;
};
struct mws_authorize_on_billing_agreement {
    const char *amazon_billing_agreement_id;
    const char *authorization_reference_id;
    struct money authorization_amount;
    const char *seller_authorization_note;
    int32_t transaction_timeout_min; /* 0 = synchronous */
    bool capture_now;
    const char *soft_descriptor;
    const char *seller_note;
    const char *seller_order_id;
    const char *store_name;
    const char *custom_information;
    const char *supplementary_data;
    const char *platform_id;
    enum mws_flag inherit_shipping_address;
    struct mws_provider_shares provider_credits;
};

/* What CreateOrderReferenceForId, SetOrderReferenceDetails and SetOrderAttributes say of an order.
 */
struct mws_order_attributes {
    struct money order_total;
    const char *seller_note;
    const char *seller_order_id;
    const char *store_name;
    const char *custom_information;
    const char *supplementary_data;
    const char *platform_id;
    enum mws_flag request_payment_authorization;
    /* SetOrderAttributes only: */
    const char *payment_service_provider_id;
    const char *payment_service_provider_order_id;
    const char *order_item_categories[MWS_CATEGORIES_MAX]; /* until the first that is left out */
};
struct mws_create_order_reference_for_id {
    const char *amazon_billing_agreement_id; /* Id with IdType=BillingAgreement */
    enum mws_flag inherit_shipping_address;
    bool confirm_now; /* then an order total is required */
    struct mws_order_attributes attributes;
};
struct mws_set_order_reference_details {
    const char *amazon_order_reference_id;
    struct mws_order_attributes attributes; /* an order total is required */
};
struct mws_set_order_attributes {
    const char *amazon_order_reference_id;
    struct mws_order_attributes attributes;
};
struct mws_get_order_reference_details {
    const char *amazon_order_reference_id;
    const char *access_token;          /* at most one of the two */
    const char *address_consent_token; /* the older name         */
};
struct mws_confirm_order_reference {
    const char *amazon_order_reference_id;
    const char *success_url; /* a failure URL needs it */
    const char *failure_url;
    struct money authorization_amount;
    bool expect_immediate_authorization;
};
struct mws_cancel_order_reference {
    const char *amazon_order_reference_id;
    const char *cancelation_reason;
};
struct mws_close_order_reference {
    const char *amazon_order_reference_id;
    const char *closure_reason;
};

enum mws_sort_order {
    MWS_SORT_DEFAULT = 0,
    MWS_SORT_ASCENDING,
    MWS_SORT_DESCENDING,
};
struct mws_list_order_reference {
    const char *seller_order_id; /* QueryId with QueryIdType=SellerOrderId */
    const char *payment_domain;  /* "FE_JPY" */
    uint32_t page_size; /* 0 = Amazon's; at most MWS_LIST_MAX, which a reply has room for */
    struct instant created_from; /* both or neither; at most 31 days */
    struct instant created_to;
    enum mws_sort_order sort_order;
    uint32_t states; /* bits 1 << MWS_STATE_...: Open, Closed, Canceled, Suspended; 0 = all */
};
struct mws_list_order_reference_by_next_token {
    const char *next_page_token;
};

struct mws_authorize {
    const char *amazon_order_reference_id;
    const char *authorization_reference_id;
    struct money authorization_amount;
    const char *seller_authorization_note;
    int32_t transaction_timeout_min; /* 0 = synchronous */
    bool capture_now;
    const char *soft_descriptor;
    struct mws_provider_shares provider_credits;
};
struct mws_get_authorization_details {
    const char *amazon_authorization_id;
};
struct mws_close_authorization {
    const char *amazon_authorization_id;
    const char *closure_reason;
};
struct mws_capture {
    const char *amazon_authorization_id;
    const char *capture_reference_id;
    struct money capture_amount;
    const char *seller_capture_note;
    const char *soft_descriptor;
    struct mws_provider_shares provider_credits;
};
struct mws_get_capture_details {
    const char *amazon_capture_id;
};
struct mws_refund {
    const char *amazon_capture_id;
    const char *refund_reference_id;
    struct money refund_amount;
    const char *seller_refund_note;
    const char *soft_descriptor;
    struct mws_provider_shares provider_credit_reversals;
};
struct mws_get_refund_details {
    const char *amazon_refund_id;
};

struct mws_notification_configuration {
    const char *notification_url; /* https */
    uint32_t event_types;         /* bits 1 << MWS_EVENT_..., at least one */
};
struct mws_set_merchant_notification_configuration {
    const struct mws_notification_configuration *configurations;
    uint32_t count; /* 1 to MWS_CONFIGURATIONS_MAX */
};
struct mws_get_provider_credit_details {
    const char *amazon_provider_credit_id;
};
struct mws_get_provider_credit_reversal_details {
    const char *amazon_provider_credit_reversal_id;
};
struct mws_reverse_provider_credit {
    const char *amazon_provider_credit_id;
    const char *credit_reversal_reference_id;
    struct money credit_reversal_amount;
    const char *credit_reversal_note;
};

/* GetServiceStatus, GetMerchantAccountStatus and GetMerchantNotificationConfiguration have no
 * parameters of their own. */
struct mws_request {
    enum mws_action action;
    union {
        struct mws_get_billing_agreement_details get_billing_agreement_details;
        struct mws_set_billing_agreement_details set_billing_agreement_details;
        struct mws_confirm_billing_agreement confirm_billing_agreement;
        struct mws_validate_billing_agreement validate_billing_agreement;
        struct mws_close_billing_agreement close_billing_agreement;
        struct mws_authorize_on_billing_agreement authorize_on_billing_agreement;
        struct mws_create_order_reference_for_id create_order_reference_for_id;
        struct mws_set_order_reference_details set_order_reference_details;
        struct mws_set_order_attributes set_order_attributes;
        struct mws_get_order_reference_details get_order_reference_details;
        struct mws_confirm_order_reference confirm_order_reference;
        struct mws_cancel_order_reference cancel_order_reference;
        struct mws_close_order_reference close_order_reference;
        struct mws_list_order_reference list_order_reference;
        struct mws_list_order_reference_by_next_token list_order_reference_by_next_token;
        struct mws_authorize authorize;
        struct mws_get_authorization_details get_authorization_details;
        struct mws_close_authorization close_authorization;
        struct mws_capture capture;
        struct mws_get_capture_details get_capture_details;
        struct mws_refund refund;
        struct mws_get_refund_details get_refund_details;
        struct mws_set_merchant_notification_configuration set_merchant_notification_configuration;
        struct mws_get_provider_credit_details get_provider_credit_details;
        struct mws_get_provider_credit_reversal_details get_provider_credit_reversal_details;
        struct mws_reverse_provider_credit reverse_provider_credit;
    };
};

#endif
