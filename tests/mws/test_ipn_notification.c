/*
 * test_ipn_notification.c - the notification inside an envelope: every NotificationType and
 * EventType in the shapes that Amazon's samples have, and what cannot be read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mws/edge/json.h"
#include "mws/ipn.h"

#define NAMESPACE "https://mws.amazonservices.com/ipn/OffAmazonPayments/2013-01-01"
#define HEAD      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
#define PRICE(name, amount, currency)                                                              \
    "<" name "><Amount>" amount "</Amount><CurrencyCode>" currency "</CurrencyCode></" name ">"
#define STATUS(name, state, more)                                                                  \
    "<" name "><State>" state "</State>   <LastUpdateTimestamp>2017-07-06T03:12:22.068Z"           \
    "</LastUpdateTimestamp>" more "</" name ">"
#define REASON(code) "<ReasonCode>" code "</ReasonCode>"

static int setup(void **state)
{
    *state = xml_new();
    return 0;
}

static int teardown(void **state)
{
    xml_free(*state);
    return 0;
}

static struct json *message_json(const char *type, const char *data)
{
    struct json *root = json_new_object();
    json_set_string(root, "ReleaseEnvironment", "Sandbox");
    json_set_string(root, "MarketplaceID", "136311");
    json_set_string(root, "Version", "2013-01-01");
    json_set_string(root, "NotificationType", type);
    json_set_string(root, "SellerId", "A2SELLER");
    json_set_string(root, "NotificationReferenceId", "a76a9c94-446d-45d8-9591-38d50e5a9cc5");
    json_set_string(root, "Timestamp", "2015-11-03T03:55:13Z"); /* 15:55 in truth */
    json_set_string(root, "NotificationData", data);
    return root;
}

/* Takes `root` over. */
static enum status read_json(struct json *root, struct xml *xml,
                             struct ipn_notification *notification, struct problem *problem)
{
    char *text = json_print(root, false);
    enum status status = ipn_notification_read(text, strlen(text), xml, notification, problem);
    free(text);
    json_free(root);
    return status;
}

static struct ipn_notification read_well(struct json *root, struct xml *xml)
{
    struct ipn_notification notification;
    struct problem problem = {""};
    if (read_json(root, xml, &notification, &problem) != ST_OK) {
        fail_msg("%s", problem.text);
    }
    return notification;
}

static void expect_amount(const struct ipn_notification *notification, const char *expected,
                          const char *currency)
{
    char text[MONEY_TEXT_MAX];
    money_format(notification->amount, text);
    assert_string_equal(text, expected);
    assert_string_equal(money_currency(&notification->amount), currency);
}

static void expect_updated(const struct ipn_notification *notification)
{
    char text[INSTANT_TEXT_MAX];
    instant_format(notification->updated_at, text);
    assert_string_equal(text, "2017-07-06T03:12:22.068Z");
}

static void test_authorization(void **state)
{
    static const char data[] = HEAD
        "<AuthorizationNotification xmlns=\"" NAMESPACE "\">\n  <AuthorizationDetails>\n"
        "<AmazonAuthorizationId>S03-1234567-1234567-A012345</AmazonAuthorizationId>"
        "<AuthorizationReferenceId>K7QW3ABCDEFGHIJK-12-1</AuthorizationReferenceId>" PRICE(
            "AuthorizationAmount", "500.0", "JPY") PRICE("CapturedAmount", "0.0", "JPY")
            PRICE("AuthorizationFee", "0.0",
                  "JPY") "<IdList><Id>S03-1-1-C1</Id></IdList>"
                         "<CreationTimestamp>2017-07-06T03:12:21.068Z</CreationTimestamp>" STATUS(
                             "AuthorizationStatus", "Closed",
                             REASON(
                                 "MaxCapturesProcessed")) "<OrderItemCategories/><CaptureNow>true</"
                                                          "CaptureNow><SoftDescriptor/>"
                                                          "<SoftDecline>false</SoftDecline></"
                                                          "AuthorizationDetails></"
                                                          "AuthorizationNotification>";
    struct ipn_notification n = read_well(message_json("PaymentAuthorize", data), *state);
    assert_int_equal(n.type, IPN_PAYMENT_AUTHORIZE);
    assert_int_equal(n.event, IPN_EVENT_NONE);
    assert_string_equal(n.notification_reference_id, "a76a9c94-446d-45d8-9591-38d50e5a9cc5");
    assert_string_equal(n.seller_id, "A2SELLER");
    assert_false(n.is_live);
    assert_false(n.is_sample);
    assert_false(n.is_data_unreadable);
    assert_string_equal(n.object_id, "S03-1234567-1234567-A012345");
    assert_string_equal(n.reference_id, "K7QW3ABCDEFGHIJK-12-1");
    assert_string_equal(n.state, "Closed");
    assert_string_equal(n.reason, "MaxCapturesProcessed");
    expect_amount(&n, "500", "JPY");
    expect_updated(&n);
}

/* Amazon prints one fraction digit, whatever the currency. */
static void test_amounts(void **state)
{
    static const struct {
        const char *data;
        const char *amount, *currency;
    } rows[] = {
        {PRICE("CaptureAmount", "5.0", "USD"), "5.00", "USD"},
        {PRICE("CaptureAmount", "500.0", "USD"), "500.00", "USD"},
        {PRICE("CaptureAmount", "500.0", "JPY"), "500", "JPY"},
        {PRICE("CaptureAmount", "500", "JPY"), "500", "JPY"},
        {PRICE("CaptureAmount", "19.95", "GBP"), "19.95", "GBP"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char data[1024] =
            "<x:CaptureNotification xmlns:x='" NAMESPACE "'><x:CaptureDetails xmlns='" NAMESPACE
            "'>" STATUS("CaptureStatus", "Completed", "");
        strncat(data, rows[i].data, 200);
        strncat(data,
                "<CaptureReferenceId>ref</CaptureReferenceId><AmazonCaptureId>S02-1-1-C1"
                "</AmazonCaptureId></x:CaptureDetails></x:CaptureNotification>",
                200);
        struct ipn_notification n = read_well(message_json("PaymentCapture", data), *state);
        assert_int_equal(n.type, IPN_PAYMENT_CAPTURE);
        assert_false(n.is_data_unreadable);
        assert_string_equal(n.state, "Completed");
        assert_string_equal(n.reason, "");
        assert_string_equal(n.reference_id, "ref");
        expect_amount(&n, rows[i].amount, rows[i].currency);
    }
}

static void test_refund(void **state)
{
    static const char data[] =
        "<RefundNotification xmlns=\"" NAMESPACE "\"><RefundDetails>"
        "<AmazonRefundId>S03-1-1-R1</AmazonRefundId><RefundReferenceId>r</RefundReferenceId>"
        "<RefundType>AmazonA-ZRefund</RefundType>" PRICE("RefundAmount", "5.0", "USD")
            STATUS("RefundStatus", "Declined",
                   REASON("AmazonRejected")) "</RefundDetails></RefundNotification>";
    struct ipn_notification n = read_well(message_json("PaymentRefund", data), *state);
    assert_int_equal(n.type, IPN_PAYMENT_REFUND);
    assert_string_equal(n.object_id, "S03-1-1-R1");
    assert_string_equal(n.refund_type, "AmazonA-ZRefund");
    assert_string_equal(n.state, "Declined");
    assert_string_equal(n.reason, "AmazonRejected");
    expect_amount(&n, "5.00", "USD");
}

static void test_order_reference(void **state)
{
    static const char data[] =
        "<OrderReferenceNotification xmlns=\"" NAMESPACE "\"><OrderReference>"
        "<AmazonOrderReferenceId>S03-1-1</AmazonOrderReferenceId>" PRICE(
            "OrderTotal", "0.0", "JPY") "<SellerOrderAttributes><SellerId>A2SELLER</"
                                        "SellerId><SellerOrderId>K7-12</SellerOrderId>"
                                        "<OrderItemCategories/></SellerOrderAttributes>" STATUS(
                                            "OrderReferenceStatus", "Open",
                                            "") "</OrderReference></OrderReferenceNotification>";
    struct ipn_notification n = read_well(message_json("OrderReferenceNotification", data), *state);
    assert_int_equal(n.type, IPN_ORDER_REFERENCE);
    assert_string_equal(n.object_id, "S03-1-1");
    assert_string_equal(n.seller_order_id, "K7-12");
    assert_string_equal(n.state, "Open");
    expect_amount(&n, "0", "JPY");

    static const char sample[] =
        "<OrderReferenceNotification xmlns=\"" NAMESPACE "\"><OrderReference>"
        "<AmazonOrderReferenceId>P01-0000000-0000000-000000</AmazonOrderReferenceId>"
        "<SellerOrderAttributes />" STATUS(
            "OrderReferenceStatus", "Closed",
            REASON("None")) "</OrderReference></OrderReferenceNotification>";
    struct json *root = message_json("OrderReferenceNotification", sample);
    json_set_bool(root, "IsSample", true);
    json_set_string(root, "ReleaseEnvironment", "Live");
    n = read_well(root, *state);
    assert_true(n.is_sample);
    assert_true(n.is_live);
    assert_false(n.is_data_unreadable);
    assert_string_equal(n.seller_order_id, "");
    assert_string_equal(n.reason, "None");
    assert_false(money_is_valid(n.amount));
    root = message_json("OrderReferenceNotification", sample);
    json_set_string(root, "IsSample", "true");
    assert_true(read_well(root, *state).is_sample);
    root = message_json("OrderReferenceNotification", sample);
    json_set_bool(root, "IsSample", false);
    assert_false(read_well(root, *state).is_sample);
}

#define AGREEMENT(state, time)                                                                     \
    "<BillingAgreementNotification xmlns=\"" NAMESPACE "\">\n <BillingAgreement>\n"                \
    "<AmazonBillingAgreementId>C03-7746179-0109340</AmazonBillingAgreementId>"                     \
    "<SellerBillingAgreementAttributes><SellerId>A2SELLER</SellerId>"                              \
    "<SellerBillingAgreementId>x</SellerBillingAgreementId></SellerBillingAgreementAttributes>"    \
    "<BillingAgreementStatus><State>" state "</State><" time ">2017-07-06T03:12:22.068Z</" time    \
    "><ReasonCode>SellerClosed</ReasonCode><ReasonDescription>by hand</ReasonDescription>"         \
    "</BillingAgreementStatus><BillingAgreementLimits>" PRICE(                                     \
        "AmountLimitPerTimePeriod", "500.0",                                                       \
        "USD") "</BillingAgreementLimits>"                                                         \
               "<BillingAgreementConsent>true</BillingAgreementConsent>"                           \
               "</BillingAgreement></BillingAgreementNotification>"

static void test_billing_agreement(void **state)
{
    static const struct {
        const char *name;
        enum ipn_event event;
    } rows[] = {
        {"BillingAgreementStatusUpdated", IPN_BILLING_AGREEMENT_STATUS_UPDATED},
        {"PaymentMethodUpdated", IPN_PAYMENT_METHOD_UPDATED},
        {"AddressUpdated", IPN_ADDRESS_UPDATED},
        {"AddressAndPaymentMethodUpdated", IPN_ADDRESS_AND_PAYMENT_METHOD_UPDATED},
        {"SomethingElseUpdated", IPN_EVENT_OTHER},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct json *root = message_json("BillingAgreementNotification",
                                         AGREEMENT("Closed", "LastUpdateTimestamp"));
        json_set_string(root, "EventType", rows[i].name);
        struct ipn_notification n = read_well(root, *state);
        assert_int_equal(n.type, IPN_BILLING_AGREEMENT);
        assert_int_equal(n.event, rows[i].event);
        assert_string_equal(ipn_event_name(n.event),
                            n.event == IPN_EVENT_OTHER ? "other" : rows[i].name);
        assert_string_equal(n.object_id, "C03-7746179-0109340");
        assert_string_equal(n.state, "Closed");
        assert_string_equal(n.reason, "SellerClosed");
        assert_false(money_is_valid(n.amount));
        expect_updated(&n);
    }
    /* As the API's answers spell it; and a state that nobody has documented. */
    struct ipn_notification n = read_well(
        message_json("BillingAgreementNotification", AGREEMENT("Sleeping", "LastUpdatedTimestamp")),
        *state);
    assert_int_equal(n.event, IPN_EVENT_NONE);
    assert_string_equal(n.state, "Sleeping");
    expect_updated(&n);
}

static void test_chargeback(void **state)
{
    static const char *const spellings[] = {"Chargeback Detailed Notification",
                                            "ChargebackDetailedNotification"};
    static const char data[] =
        HEAD "<ChargebackNotification xmlns=\"" NAMESPACE "\"><ChargebackDetails>"
             "<AmazonChargebackId>C9KORZRXQ655G</AmazonChargebackId>"
             "<AmazonOrderReferenceId>P01-7128087-7259534</AmazonOrderReferenceId>"
             "<AmazonCaptureReferenceId>CaptureReference6282176</AmazonCaptureReferenceId>"
             "<CreationTimestamp>2017-08-23T12:20:56.061Z</CreationTimestamp>" PRICE(
                 "ChargebackAmount", "100.0",
                 "USD") "<ChargebackState>RECEIVED</ChargebackState>"
                        "<ChargebackReason>Generic Service Chargeback</ChargebackReason>"
                        "</ChargebackDetails></ChargebackNotification>";
    for (size_t i = 0; i < 2; i++) {
        struct ipn_notification n = read_well(message_json(spellings[i], data), *state);
        assert_int_equal(n.type, IPN_CHARGEBACK);
        assert_string_equal(n.object_id, "C9KORZRXQ655G");
        assert_string_equal(n.parent_id, "CaptureReference6282176");
        assert_string_equal(n.state, "RECEIVED");
        assert_string_equal(n.reason, "Generic Service Chargeback");
        assert_int_equal(n.updated_at.utc_ms, INSTANT_NEVER.utc_ms);
        expect_amount(&n, "100.00", "USD");
        /* Some shops were sent a text that is not XML. */
        n = read_well(message_json(spellings[i], "Chargeback of USD 100.0 received"), *state);
        assert_int_equal(n.type, IPN_CHARGEBACK);
        assert_true(n.is_data_unreadable);
        assert_string_equal(n.object_id, "");
        assert_string_equal(n.state, "");
        assert_false(money_is_valid(n.amount));
    }
}

static void test_provider_and_others(void **state)
{
    static const char credit[] =
        "<ProviderCreditNotification xmlns=\"" NAMESPACE "\"><ProviderCreditDetails>"
        "<AmazonProviderCreditId>S01-0458164-4040121-P098523</AmazonProviderCreditId>"
        "<SellerId>A37</SellerId>" PRICE("CreditAmount", "1.0", "USD") PRICE(
            "CreditReversalAmount", "2.0",
            "USD") "<CreditReversalIdList><Id>S01-0458164-4040121-Q021623</Id></"
                   "CreditReversalIdList>" STATUS("CreditStatus", "Closed",
                                                  REASON("MaxAmountReversed")) "</"
                                                                               "ProviderCreditDetai"
                                                                               "ls></"
                                                                               "ProviderCreditNotif"
                                                                               "ication>";
    static const char reversal[] =
        "<ProviderCreditReversalNotification><ProviderCreditReversalDetails>"
        "<AmazonProviderCreditReversalId>S01-3154248-3064261-Q087635"
        "</AmazonProviderCreditReversalId>"
        "<CreditReversalReferenceId>rcMzEdsAprId</CreditReversalReferenceId>" PRICE(
            "CreditReversalAmount", "0.5", "USD")
            STATUS("CreditReversalStatus", "Completed",
                   "") "</ProviderCreditReversalDetails></ProviderCreditReversalNotification>";
    struct ipn_notification n = read_well(message_json("ProviderCredit", credit), *state);
    assert_int_equal(n.type, IPN_PROVIDER_CREDIT);
    assert_string_equal(n.object_id, "S01-0458164-4040121-P098523");
    assert_string_equal(n.reason, "MaxAmountReversed");
    expect_amount(&n, "1.00", "USD");
    n = read_well(message_json("ProviderCreditReversal", reversal), *state);
    assert_int_equal(n.type, IPN_PROVIDER_CREDIT_REVERSAL);
    assert_string_equal(n.reference_id, "rcMzEdsAprId");
    expect_amount(&n, "0.50", "USD");
    n = read_well(message_json("SolutionProviderEvent",
                               "<SolutionProviderMerchantNotification>"
                               "<MerchantRegistrationDetails><SellerId>A37</SellerId>"
                               "</MerchantRegistrationDetails>"
                               "</SolutionProviderMerchantNotification>"),
                  *state);
    assert_int_equal(n.type, IPN_SOLUTION_PROVIDER_EVENT);
    assert_string_equal(n.object_id, "");
    n = read_well(message_json("PaymentSomethingNew", "<A/>"), *state);
    assert_int_equal(n.type, IPN_OTHER);
    assert_string_equal(n.object_id, "");
    assert_string_equal(ipn_type_name(n.type), "other");
}

#define CAPTURE_WITH(id, more)                                                                     \
    "<CaptureNotification><CaptureDetails><AmazonCaptureId>" id "</AmazonCaptureId>" more          \
    "</CaptureDetails></CaptureNotification>"
#define CAPTURED STATUS("CaptureStatus", "Completed", "")

static void test_unreadable_data(void **state)
{
    static const char *const rows[] = {
        "",
        "not XML",
        "<CaptureNotification>",
        "<!DOCTYPE a [<!ENTITY b \"c\">]><CaptureNotification/>",
        CAPTURE_WITH("", CAPTURED),
        CAPTURE_WITH("S03-1-1-C1", ""),
        CAPTURE_WITH("S03-1-1-C1", STATUS("CaptureStatus", "", "")),
        CAPTURE_WITH("S03-1-1-C1-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                     CAPTURED),
        CAPTURE_WITH("S03-1-1-C1",
                     CAPTURED "<CaptureReferenceId>aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                              "</CaptureReferenceId>"),
        CAPTURE_WITH("S03-1-1-C1", CAPTURED PRICE("CaptureAmount", "-5.0", "USD")),
        CAPTURE_WITH("S03-1-1-C1", CAPTURED PRICE("CaptureAmount", "500.5", "JPY")),
        CAPTURE_WITH("S03-1-1-C1", CAPTURED PRICE("CaptureAmount", "5.0", "BTC")),
        CAPTURE_WITH("S03-1-1-C1",
                     "<CaptureStatus><State>Completed</State><LastUpdateTimestamp>yesterday"
                     "</LastUpdateTimestamp></CaptureStatus>"),
        /* the XML of another type */
        "<RefundNotification><RefundDetails><AmazonRefundId>S03-1-1-R1</AmazonRefundId>" STATUS(
            "RefundStatus", "Completed", "") "</RefundDetails></RefundNotification>",
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct ipn_notification n = read_well(message_json("PaymentCapture", rows[i]), *state);
        if (!n.is_data_unreadable) {
            fail_msg("readable: %s", rows[i]);
        }
        assert_int_equal(n.type, IPN_PAYMENT_CAPTURE);
        assert_string_equal(n.seller_id, "A2SELLER");
        assert_string_equal(n.object_id, "");
        assert_string_equal(n.state, "");
        assert_false(money_is_valid(n.amount));
        assert_int_equal(n.updated_at.utc_ms, INSTANT_NEVER.utc_ms);
    }
}

static void test_message_refused(void **state)
{
    static const char *const names[] = {"NotificationType", "SellerId", "ReleaseEnvironment",
                                        "NotificationReferenceId", "EventType"};
    struct ipn_notification n;
    struct problem problem;
    char long_text[4096];
    memset(long_text, 'A', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct json *root = message_json("PaymentCapture", CAPTURE_WITH("a", CAPTURED));
        json_set_string(root, names[i], long_text);
        assert_int_equal(read_json(root, *state, &n, &problem), ST_INVALID);
        assert_non_null(strstr(problem.text, names[i]));
        root = message_json("PaymentCapture", CAPTURE_WITH("a", CAPTURED));
        json_set_integer(root, names[i], 7);
        assert_int_equal(read_json(root, *state, &n, &problem), ST_INVALID);
        assert_non_null(strstr(problem.text, names[i]));
    }
    struct json *root = message_json("PaymentCapture", "");
    json_set_string(root, "ReleaseEnvironment", "live");
    assert_int_equal(read_json(root, *state, &n, &problem), ST_INVALID);
    root = message_json("PaymentCapture", "");
    json_set(root, "NotificationData", json_new_object());
    assert_int_equal(read_json(root, *state, &n, &problem), ST_INVALID);
    root = message_json("PaymentCapture", "");
    json_set_string(root, "SellerId", "");
    assert_int_equal(read_json(root, *state, &n, &problem), ST_INVALID);
    static const char *const texts[] = {"", "{}", "[]", "7",
                                        "{\"SellerId\":\"A\",\"SellerId\":\"B\"}"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_int_equal(ipn_notification_read(texts[i], strlen(texts[i]), *state, &n, &problem),
                         ST_INVALID);
    }
}

/* Before a signature is checked, no XML is looked at. */
static void test_without_xml(void **state)
{
    struct ipn_notification n =
        read_well(message_json("PaymentCapture", CAPTURE_WITH("S03-1-1-C1", CAPTURED)), NULL);
    (void)state;
    assert_string_equal(n.seller_id, "A2SELLER");
    assert_int_equal(n.type, IPN_PAYMENT_CAPTURE);
    assert_string_equal(n.object_id, "");
    assert_false(n.is_data_unreadable);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_authorization),
        cmocka_unit_test(test_amounts),
        cmocka_unit_test(test_refund),
        cmocka_unit_test(test_order_reference),
        cmocka_unit_test(test_billing_agreement),
        cmocka_unit_test(test_chargeback),
        cmocka_unit_test(test_provider_and_others),
        cmocka_unit_test(test_unreadable_data),
        cmocka_unit_test(test_message_refused),
        cmocka_unit_test(test_without_xml),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
