/*
 * test_request_orders.c - the parameters of orders, payments, notifications and provider credit as
 * they go out, and their bounds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "mws/operation.h"
#include "tests/mws/request_checks.h"

#define ORDER         "S03-1234567-1234567"
#define AUTHORIZATION ORDER "-A000001"
#define CAPTURE       ORDER "-C000001"

static const struct mws_order_attributes every_attribute = {
    .order_total = {.minor = 1200, .currency = "JPY"}, /* raw money: an initializer */
    .seller_note = "n",
    .seller_order_id = "o",
    .store_name = "s",
    .custom_information = "c",
    .supplementary_data = "{}",
    .platform_id = "P",
    .request_payment_authorization = MWS_FLAG_FALSE,
};

#define EVERY_ATTRIBUTE(prefix)                                                                    \
    "&" prefix ".OrderTotal.Amount=1200&" prefix ".OrderTotal.CurrencyCode=JPY&" prefix            \
    ".PlatformId=P&" prefix ".RequestPaymentAuthorization=false&" prefix ".SellerNote=n&" prefix   \
    ".SellerOrderAttributes.CustomInformation=c&" prefix                                           \
    ".SellerOrderAttributes.SellerOrderId=o&" prefix ".SellerOrderAttributes.StoreName=s&" prefix  \
    ".SellerOrderAttributes.SupplementaryData=%7B%7D"

static void an_order_is_made_and_changed(void **state)
{
    (void)state;
    struct mws_request r = {.action = MWS_CREATE_ORDER_REFERENCE_FOR_ID};
    r.create_order_reference_for_id.amazon_billing_agreement_id = "C03-1-2";
    must_write(&r, "Action=CreateOrderReferenceForId&ConfirmNow=false&Id=C03-1-2"
                   "&IdType=BillingAgreement");
    r.create_order_reference_for_id.confirm_now = true;
    must_refuse(&r, "OrderReferenceAttributes.OrderTotal");
    r.create_order_reference_for_id.attributes = every_attribute;
    r.create_order_reference_for_id.inherit_shipping_address = MWS_FLAG_TRUE;
    must_write(&r, "Action=CreateOrderReferenceForId&ConfirmNow=true&Id=C03-1-2"
                   "&IdType=BillingAgreement&InheritShippingAddress=true" EVERY_ATTRIBUTE(
                       "OrderReferenceAttributes"));

    r = (struct mws_request){.action = MWS_SET_ORDER_REFERENCE_DETAILS};
    r.set_order_reference_details.amazon_order_reference_id = ORDER;
    must_refuse(&r, "OrderReferenceAttributes.OrderTotal");
    r.set_order_reference_details.attributes = every_attribute;
    must_write(&r, "Action=SetOrderReferenceDetails&AmazonOrderReferenceId=" ORDER EVERY_ATTRIBUTE(
                       "OrderReferenceAttributes"));
    r.set_order_reference_details.attributes.payment_service_provider_id = "PSP";
    must_refuse(&r, "OrderReferenceAttributes");

    r = (struct mws_request){.action = MWS_SET_ORDER_ATTRIBUTES};
    r.set_order_attributes.amazon_order_reference_id = ORDER;
    must_write(&r, "Action=SetOrderAttributes&AmazonOrderReferenceId=" ORDER);
    struct mws_order_attributes *attributes = &r.set_order_attributes.attributes;
    attributes->payment_service_provider_id = "PSP";
    attributes->payment_service_provider_order_id = "po";
    attributes->order_item_categories[0] = "Antiques";
    attributes->order_item_categories[1] = "Electronics";
    must_write(&r, "Action=SetOrderAttributes&AmazonOrderReferenceId=" ORDER
                   "&OrderAttributes.PaymentServiceProviderAttributes.PaymentServiceProviderId=PSP"
                   "&OrderAttributes.PaymentServiceProviderAttributes.PaymentServiceProviderOrderId"
                   "=po&OrderAttributes.SellerOrderAttributes.OrderItemCategories."
                   "OrderItemCategory.1=Antiques&OrderAttributes.SellerOrderAttributes."
                   "OrderItemCategories.OrderItemCategory.2=Electronics");
}

static void an_order_is_confirmed_and_ended(void **state)
{
    (void)state;
    struct mws_request r = {.action = MWS_CONFIRM_ORDER_REFERENCE};
    struct mws_confirm_order_reference *c = &r.confirm_order_reference;
    c->amazon_order_reference_id = ORDER;
    must_write(&r, "Action=ConfirmOrderReference&AmazonOrderReferenceId=" ORDER);
    c->failure_url = "https://shop.example/f";
    must_refuse(&r, "SuccessUrl");
    c->success_url = "https://shop.example/s?a=1";
    c->authorization_amount = money_of(1, "EUR");
    c->expect_immediate_authorization = true;
    must_write(&r, "Action=ConfirmOrderReference&AmazonOrderReferenceId=" ORDER
                   "&AuthorizationAmount.Amount=0.01&AuthorizationAmount.CurrencyCode=EUR"
                   "&ExpectImmediateAuthorization=true&FailureUrl=https%3A%2F%2Fshop.example%2Ff"
                   "&SuccessUrl=https%3A%2F%2Fshop.example%2Fs%3Fa%3D1");
    static const char *const wrong[] = {
        "http://shop.example",     "https://", "shop.example", "https", "https://shop.example/ x",
        "https://\xc3\xa9.example"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        c->success_url = wrong[i];
        must_refuse(&r, "SuccessUrl");
    }

    r = (struct mws_request){.action = MWS_CANCEL_ORDER_REFERENCE,
                             .cancel_order_reference = {ORDER, "out of stock"}};
    must_write(&r, "Action=CancelOrderReference&AmazonOrderReferenceId=" ORDER
                   "&CancelationReason=out%20of%20stock");
    r = (struct mws_request){.action = MWS_CLOSE_ORDER_REFERENCE,
                             .close_order_reference = {ORDER, "sent"}};
    must_write(&r,
               "Action=CloseOrderReference&AmazonOrderReferenceId=" ORDER "&ClosureReason=sent");
}

static void one_token_of_the_buyer_at_most(void **state)
{
    (void)state;
    struct mws_request r = {.action = MWS_GET_ORDER_REFERENCE_DETAILS};
    r.get_order_reference_details.amazon_order_reference_id = ORDER;
    r.get_order_reference_details.access_token = "Atza|x";
    must_write(&r, "AccessToken=Atza%7Cx&Action=GetOrderReferenceDetails"
                   "&AmazonOrderReferenceId=" ORDER);
    r.get_order_reference_details.address_consent_token = "y";
    must_refuse(&r, "AddressConsentToken");

    r = (struct mws_request){.action = MWS_GET_BILLING_AGREEMENT_DETAILS};
    r.get_billing_agreement_details.amazon_billing_agreement_id = "C03-1-2";
    r.get_billing_agreement_details.address_consent_token = "y";
    must_write(&r, "Action=GetBillingAgreementDetails&AddressConsentToken=y"
                   "&AmazonBillingAgreementId=C03-1-2");
    r.get_billing_agreement_details.access_token = "x";
    must_refuse(&r, "AddressConsentToken");
}

static void an_agreement_says_who_charges(void **state)
{
    (void)state;
    struct mws_request r = {.action = MWS_SET_BILLING_AGREEMENT_DETAILS};
    struct mws_set_billing_agreement_details *set = &r.set_billing_agreement_details;
    set->amazon_billing_agreement_id = "B02-1-2";
    set->platform_id = "P";
    set->billing_agreement_type = MWS_AGREEMENT_MERCHANT_INITIATED;
    set->subscription_amount = money_of(999, "GBP");
    must_write(&r, "Action=SetBillingAgreementDetails&AmazonBillingAgreementId=B02-1-2"
                   "&BillingAgreementAttributes.BillingAgreementType=MerchantInitiatedTransaction"
                   "&BillingAgreementAttributes.PlatformId=P"
                   "&BillingAgreementAttributes.SubscriptionAmount.Amount=9.99"
                   "&BillingAgreementAttributes.SubscriptionAmount.CurrencyCode=GBP");
    r = (struct mws_request){.action = MWS_CONFIRM_BILLING_AGREEMENT};
    r.confirm_billing_agreement.amazon_billing_agreement_id = "B02-1-2";
    r.confirm_billing_agreement.success_url = "https://a";
    must_refuse(&r, "SuccessUrl");
    r.confirm_billing_agreement.failure_url = "https://b";
    must_write(&r, "Action=ConfirmBillingAgreement&AmazonBillingAgreementId=B02-1-2"
                   "&FailureUrl=https%3A%2F%2Fb&SuccessUrl=https%3A%2F%2Fa");
}

#define DAY_MS  INT64_C(86400000)
#define JANUARY INT64_C(1767225600000) /* 2026-01-01T00:00:00Z */

static void a_list_is_narrowed(void **state)
{
    (void)state;
    struct mws_request base = {.action = MWS_LIST_ORDER_REFERENCE,
                               .list_order_reference = {
                                   .seller_order_id = "K",
                                   .payment_domain = "FE_JPY",
                                   .page_size = MWS_LIST_MAX,
                                   .created_from = {JANUARY},
                                   .created_to = {JANUARY + 31 * DAY_MS},
                                   .sort_order = MWS_SORT_DESCENDING,
                                   .states = 1U << MWS_STATE_CANCELED | 1U << MWS_STATE_OPEN,
                               }};
    struct mws_request r = base;
    must_write(&r, "Action=ListOrderReference&CreatedTimeRange.EndTime=2026-02-01T00%3A00%3A00Z"
                   "&CreatedTimeRange.StartTime=2026-01-01T00%3A00%3A00Z"
                   "&OrderReferenceStatusListFilter.OrderReferenceStatus.1=Open"
                   "&OrderReferenceStatusListFilter.OrderReferenceStatus.2=Canceled&PageSize=32"
                   "&PaymentDomain=FE_JPY&QueryId=K&QueryIdType=SellerOrderId"
                   "&SortOrder=Descending");
    r.list_order_reference.page_size = MWS_LIST_MAX + 1;
    must_refuse(&r, "PageSize");
    r = base;
    r.list_order_reference.states |= 1U << MWS_STATE_DRAFT;
    must_refuse(&r, "OrderReferenceStatusListFilter");
    static const int64_t ranges[][2] = {{0, JANUARY},
                                        {JANUARY, 0},
                                        {JANUARY, JANUARY},
                                        {JANUARY, JANUARY - 1},
                                        {JANUARY, JANUARY + 31 * DAY_MS + 1},
                                        {-1, 1},
                                        {INT64_MAX - 1, INT64_MAX}};
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        r = base;
        r.list_order_reference.created_from.utc_ms = ranges[i][0];
        r.list_order_reference.created_to.utc_ms = ranges[i][1];
        must_refuse(&r, "CreatedTimeRange");
    }
    r = (struct mws_request){.action = MWS_LIST_ORDER_REFERENCE_BY_NEXT_TOKEN};
    must_refuse(&r, "NextPageToken");
    r.list_order_reference_by_next_token.next_page_token = "eyJ+/=";
    must_write(&r, "Action=ListOrderReferenceByNextToken&NextPageToken=eyJ%2B%2F%3D");
}

static void a_payment_writes_its_parameters(void **state)
{
    (void)state;
    struct mws_provider_share shares[MWS_PROVIDERS_MAX + 1] = {{"A1P", money_of(100, "JPY")},
                                                               {"A2P", money_of(1, "JPY")}};
    struct mws_request r = {.action = MWS_AUTHORIZE,
                            .authorize = {.amazon_order_reference_id = ORDER,
                                          .authorization_reference_id = "a-1",
                                          .authorization_amount = money_of(1200, "JPY"),
                                          .seller_authorization_note = "n",
                                          .transaction_timeout_min = 1440,
                                          .soft_descriptor = "d"}};
    must_write(&r, "Action=Authorize&AmazonOrderReferenceId=" ORDER
                   "&AuthorizationAmount.Amount=1200&AuthorizationAmount.CurrencyCode=JPY"
                   "&AuthorizationReferenceId=a-1&CaptureNow=false&SellerAuthorizationNote=n"
                   "&SoftDescriptor=d&TransactionTimeout=1440");
    r.authorize.transaction_timeout_min = 7;
    must_refuse(&r, "TransactionTimeout");

    r = (struct mws_request){.action = MWS_CLOSE_AUTHORIZATION,
                             .close_authorization = {AUTHORIZATION, "x"}};
    must_write(&r,
               "Action=CloseAuthorization&AmazonAuthorizationId=" AUTHORIZATION "&ClosureReason=x");

    r = (struct mws_request){.action = MWS_CAPTURE,
                             .capture = {.amazon_authorization_id = AUTHORIZATION,
                                         .capture_reference_id = "c-1",
                                         .capture_amount = money_of(1200, "JPY"),
                                         .seller_capture_note = "n",
                                         .soft_descriptor = "d",
                                         .provider_credits = {shares, 2}}};
    must_write(&r, "Action=Capture&AmazonAuthorizationId=" AUTHORIZATION
                   "&CaptureAmount.Amount=1200&CaptureAmount.CurrencyCode=JPY"
                   "&CaptureReferenceId=c-1&ProviderCreditList.member.1.CreditAmount.Amount=100"
                   "&ProviderCreditList.member.1.CreditAmount.CurrencyCode=JPY"
                   "&ProviderCreditList.member.1.ProviderId=A1P"
                   "&ProviderCreditList.member.2.CreditAmount.Amount=1"
                   "&ProviderCreditList.member.2.CreditAmount.CurrencyCode=JPY"
                   "&ProviderCreditList.member.2.ProviderId=A2P&SellerCaptureNote=n"
                   "&SoftDescriptor=d");
    r.capture.provider_credits.count = 3; /* the third says nothing */
    must_refuse(&r, "ProviderCreditList.member.3.CreditAmount");
    r.capture.provider_credits.count = MWS_PROVIDERS_MAX + 1;
    must_refuse(&r, "ProviderCreditList");

    r = (struct mws_request){.action = MWS_REFUND,
                             .refund = {.amazon_capture_id = CAPTURE,
                                        .refund_reference_id = "r-1",
                                        .refund_amount = money_of(1200, "JPY"),
                                        .seller_refund_note = "n",
                                        .soft_descriptor = "d",
                                        .provider_credit_reversals = {shares, 1}}};
    must_write(&r, "Action=Refund&AmazonCaptureId=" CAPTURE
                   "&ProviderCreditReversalList.member.1.CreditReversalAmount.Amount=100"
                   "&ProviderCreditReversalList.member.1.CreditReversalAmount.CurrencyCode=JPY"
                   "&ProviderCreditReversalList.member.1.ProviderId=A1P&RefundAmount.Amount=1200"
                   "&RefundAmount.CurrencyCode=JPY&RefundReferenceId=r-1&SellerRefundNote=n"
                   "&SoftDescriptor=d");

    r = (struct mws_request){.action = MWS_REVERSE_PROVIDER_CREDIT,
                             .reverse_provider_credit = {
                                 .amazon_provider_credit_id = ORDER "-P000001",
                                 .credit_reversal_reference_id = "q-1",
                                 .credit_reversal_amount = money_of(5, "JPY"),
                                 .credit_reversal_note = "n",
                             }};
    must_write(&r, "Action=ReverseProviderCredit&AmazonProviderCreditId=" ORDER "-P000001"
                   "&CreditReversalAmount.Amount=5&CreditReversalAmount.CurrencyCode=JPY"
                   "&CreditReversalNote=n&CreditReversalReferenceId=q-1");
}

/* Everything at its bound at once fits a form. */
static void the_largest_authorization_fits(void **state)
{
    (void)state;
    struct mws_provider_share shares[MWS_PROVIDERS_MAX];
    char note[1025];
    memset(note, 'n', sizeof note - 1);
    note[sizeof note - 1] = '\0';
    for (int i = 0; i < MWS_PROVIDERS_MAX; i++) {
        shares[i] = (struct mws_provider_share){"12345678901234567890123456789012",
                                                money_of(15000000, "USD")};
    }
    struct mws_request r = {.action = MWS_AUTHORIZE_ON_BILLING_AGREEMENT,
                            .authorize_on_billing_agreement = {
                                .amazon_billing_agreement_id = "B01-1-2",
                                .authorization_reference_id = "k",
                                .authorization_amount = money_of(15000000, "USD"),
                                .seller_authorization_note = note + 1024 - 255,
                                .soft_descriptor = note + 1024 - 16,
                                .seller_note = note,
                                .seller_order_id = note + 1024 - 127,
                                .store_name = note + 1024 - 50,
                                .custom_information = note,
                                .supplementary_data = note,
                                .platform_id = "P",
                                .inherit_shipping_address = MWS_FLAG_FALSE,
                                .provider_credits = {shares, MWS_PROVIDERS_MAX},
                            }};
    must_write(&r, NULL);
}

/* What is read by one id, and what has no parameters. */
static void reads_write_one_id_or_nothing(void **state)
{
    (void)state;
    static const struct {
        enum mws_action action;
        const char *name; /* NULL = no parameter */
    } cases[] = {
        {MWS_GET_CAPTURE_DETAILS, "AmazonCaptureId"},
        {MWS_GET_REFUND_DETAILS, "AmazonRefundId"},
        {MWS_GET_PROVIDER_CREDIT_DETAILS, "AmazonProviderCreditId"},
        {MWS_GET_PROVIDER_CREDIT_REVERSAL_DETAILS, "AmazonProviderCreditReversalId"},
        {MWS_GET_SERVICE_STATUS, NULL},
        {MWS_GET_MERCHANT_ACCOUNT_STATUS, NULL},
        {MWS_GET_MERCHANT_NOTIFICATION_CONFIGURATION, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char expected[200];
        struct mws_request r = {.action = cases[i].action};
        if (cases[i].name != NULL) {
            must_refuse(&r, cases[i].name);
            r.get_capture_details.amazon_capture_id = "S03-1-2-X.1"; /* the first member of each */
            must_refuse(&r, cases[i].name);
            r.get_capture_details.amazon_capture_id = CAPTURE;
        }
        (void)snprintf(expected, sizeof expected, "Action=%s%s%s%s",
                       mws_action_name(cases[i].action), cases[i].name != NULL ? "&" : "",
                       cases[i].name != NULL ? cases[i].name : "",
                       cases[i].name != NULL ? "=" CAPTURE : "");
        must_write(&r, expected);
    }
}

static void notifications_have_urls_and_known_events(void **state)
{
    (void)state;
    struct mws_notification_configuration list[MWS_CONFIGURATIONS_MAX] = {
        {"https://a/1", 1U << MWS_EVENT_ORDER_REFERENCE | 1U << MWS_EVENT_PAYMENT_AUTHORIZE},
        {"https://a/2", 1U << MWS_EVENT_ALL},
    };
    struct mws_request r = {.action = MWS_SET_MERCHANT_NOTIFICATION_CONFIGURATION,
                            .set_merchant_notification_configuration = {list, 2}};
    must_write(&r, "Action=SetMerchantNotificationConfiguration"
                   "&NotificationConfigurationList.NotificationConfiguration.1.EventTypes."
                   "EventTypeList.1=ORDER_REFERENCE"
                   "&NotificationConfigurationList.NotificationConfiguration.1.EventTypes."
                   "EventTypeList.2=PAYMENT_AUTHORIZE"
                   "&NotificationConfigurationList.NotificationConfiguration.1.NotificationUrl="
                   "https%3A%2F%2Fa%2F1"
                   "&NotificationConfigurationList.NotificationConfiguration.2.EventTypes."
                   "EventTypeList.1=ALL"
                   "&NotificationConfigurationList.NotificationConfiguration.2.NotificationUrl="
                   "https%3A%2F%2Fa%2F2");
    list[1].event_types = 0;
    must_refuse(&r, "EventTypeList");
    list[1].event_types = 1U << MWS_EVENT_TYPE_COUNT;
    must_refuse(&r, "EventTypeList");
    list[1].event_types = 1; /* the unknown one */
    must_refuse(&r, "EventTypeList");
    list[1] = (struct mws_notification_configuration){NULL, 1U << MWS_EVENT_ALL};
    must_refuse(&r, "NotificationUrl");
    r.set_merchant_notification_configuration.count = 0;
    must_refuse(&r, "NotificationConfigurationList");
    r.set_merchant_notification_configuration.count = MWS_CONFIGURATIONS_MAX + 1;
    must_refuse(&r, "NotificationConfigurationList");
    uint32_t every = (1U << MWS_EVENT_TYPE_COUNT) - 2;
    for (int i = 0; i < MWS_CONFIGURATIONS_MAX; i++) {
        list[i] = (struct mws_notification_configuration){"https://a", every};
    }
    r.set_merchant_notification_configuration.count = MWS_CONFIGURATIONS_MAX;
    must_write(&r, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_order_is_made_and_changed),
        cmocka_unit_test(an_order_is_confirmed_and_ended),
        cmocka_unit_test(one_token_of_the_buyer_at_most),
        cmocka_unit_test(an_agreement_says_who_charges),
        cmocka_unit_test(a_list_is_narrowed),
        cmocka_unit_test(a_payment_writes_its_parameters),
        cmocka_unit_test(the_largest_authorization_fits),
        cmocka_unit_test(reads_write_one_id_or_nothing),
        cmocka_unit_test(notifications_have_urls_and_known_events),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
