/*
 * test_request.c - the parameters of each operation as they go out, and every documented bound from
 * both sides.
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

#define AGREEMENT "C03-1234567-1234567"

static struct mws_request authorize(void)
{
    return (struct mws_request){.action = MWS_AUTHORIZE_ON_BILLING_AGREEMENT,
                                .authorize_on_billing_agreement = {
                                    .amazon_billing_agreement_id = AGREEMENT,
                                    .authorization_reference_id = "K7QW3ABCDEFGHIJK-12-1",
                                    .authorization_amount = money_of(1200, "JPY"),
                                    .capture_now = true,
                                }};
}

static void each_operation_writes_its_parameters(void **state)
{
    (void)state;
    struct mws_request r = {.action = MWS_GET_BILLING_AGREEMENT_DETAILS,
                            .get_billing_agreement_details.amazon_billing_agreement_id = AGREEMENT};
    must_write(&r, "Action=GetBillingAgreementDetails&AmazonBillingAgreementId=" AGREEMENT);

    r = (struct mws_request){
        .action = MWS_SET_BILLING_AGREEMENT_DETAILS,
        .set_billing_agreement_details = {.amazon_billing_agreement_id = AGREEMENT,
                                          .seller_note = "note",
                                          .seller_billing_agreement_id = "sba",
                                          .store_name = "shop",
                                          .custom_information = "c"}};
    must_write(&r, "Action=SetBillingAgreementDetails&AmazonBillingAgreementId=" AGREEMENT
                   "&BillingAgreementAttributes.SellerBillingAgreementAttributes.CustomInformation="
                   "c&BillingAgreementAttributes.SellerBillingAgreementAttributes."
                   "SellerBillingAgreementId=sba&BillingAgreementAttributes."
                   "SellerBillingAgreementAttributes.StoreName=shop&BillingAgreementAttributes."
                   "SellerNote=note");

    r = (struct mws_request){.action = MWS_CONFIRM_BILLING_AGREEMENT,
                             .confirm_billing_agreement.amazon_billing_agreement_id = AGREEMENT};
    must_write(&r, "Action=ConfirmBillingAgreement&AmazonBillingAgreementId=" AGREEMENT);

    r = (struct mws_request){.action = MWS_VALIDATE_BILLING_AGREEMENT,
                             .validate_billing_agreement = {AGREEMENT}};
    must_write(&r, "Action=ValidateBillingAgreement&AmazonBillingAgreementId=" AGREEMENT);

    r = (struct mws_request){.action = MWS_CLOSE_BILLING_AGREEMENT,
                             .close_billing_agreement = {AGREEMENT, "left us"}};
    must_write(&r, "Action=CloseBillingAgreement&AmazonBillingAgreementId=" AGREEMENT
                   "&ClosureReason=left%20us");

    r = (struct mws_request){.action = MWS_GET_AUTHORIZATION_DETAILS,
                             .get_authorization_details = {"S03-1-2-A000001"}};
    must_write(&r, "Action=GetAuthorizationDetails&AmazonAuthorizationId=S03-1-2-A000001");

    r = (struct mws_request){.action = MWS_GET_ORDER_REFERENCE_DETAILS,
                             .get_order_reference_details.amazon_order_reference_id = "S03-1-2"};
    must_write(&r, "Action=GetOrderReferenceDetails&AmazonOrderReferenceId=S03-1-2");

    r = (struct mws_request){
        .action = MWS_LIST_ORDER_REFERENCE,
        .list_order_reference = {.seller_order_id = "KEY-1", .payment_domain = "FE_JPY"}};
    must_write(&r, "Action=ListOrderReference&PaymentDomain=FE_JPY&QueryId=KEY-1"
                   "&QueryIdType=SellerOrderId");
}

static void an_authorization_writes_what_is_set(void **state)
{
    (void)state;
    struct mws_request r = authorize();
    must_write(&r, "Action=AuthorizeOnBillingAgreement&AmazonBillingAgreementId=" AGREEMENT
                   "&AuthorizationAmount.Amount=1200&AuthorizationAmount.CurrencyCode=JPY"
                   "&AuthorizationReferenceId=K7QW3ABCDEFGHIJK-12-1&CaptureNow=true"
                   "&TransactionTimeout=0");

    r.authorize_on_billing_agreement.authorization_amount = money_of(1250, "USD");
    r.authorize_on_billing_agreement.capture_now = false;
    r.authorize_on_billing_agreement.transaction_timeout_min = 1440;
    r.authorize_on_billing_agreement.seller_authorization_note = "";
    r.authorize_on_billing_agreement.seller_note = "\xe6\x97\xa5";
    r.authorize_on_billing_agreement.seller_order_id = "K7QW3ABCDEFGHIJK-12";
    r.authorize_on_billing_agreement.store_name = "A&B";
    r.authorize_on_billing_agreement.soft_descriptor = "AB";
    must_write(&r, "Action=AuthorizeOnBillingAgreement&AmazonBillingAgreementId=" AGREEMENT
                   "&AuthorizationAmount.Amount=12.50&AuthorizationAmount.CurrencyCode=USD"
                   "&AuthorizationReferenceId=K7QW3ABCDEFGHIJK-12-1&CaptureNow=false"
                   "&SellerNote=%E6%97%A5"
                   "&SellerOrderAttributes.SellerOrderId=K7QW3ABCDEFGHIJK-12"
                   "&SellerOrderAttributes.StoreName=A%26B&SoftDescriptor=AB"
                   "&TransactionTimeout=1440");
}

static void ids_have_their_length_and_alphabet(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        NULL, "", "a b", "a.b", "\xc3\xa9", "a\n", "123456789012345678901234567890123"};
    struct mws_request r = authorize();
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        r.authorize_on_billing_agreement.authorization_reference_id = wrong[i];
        must_refuse(&r, "AuthorizationReferenceId");
    }
    r.authorize_on_billing_agreement.authorization_reference_id =
        "azAZ09-_901234567890123456789012";
    must_write(&r, NULL);

    static const enum mws_action by_agreement[] = {
        MWS_GET_BILLING_AGREEMENT_DETAILS, MWS_SET_BILLING_AGREEMENT_DETAILS,
        MWS_CONFIRM_BILLING_AGREEMENT,     MWS_VALIDATE_BILLING_AGREEMENT,
        MWS_CLOSE_BILLING_AGREEMENT,       MWS_AUTHORIZE_ON_BILLING_AGREEMENT,
    };
    for (size_t i = 0; i < sizeof by_agreement / sizeof by_agreement[0]; i++) {
        /* The agreement is the first member of each of these requests. */
        r = (struct mws_request){.action = by_agreement[i]};
        must_refuse(&r, "AmazonBillingAgreementId");
        r.authorize_on_billing_agreement.amazon_billing_agreement_id = "C03 1";
        must_refuse(&r, "AmazonBillingAgreementId");
        r.authorize_on_billing_agreement.amazon_billing_agreement_id =
            "1234567890123456789012345678901234567890";
        must_refuse(&r, "AmazonBillingAgreementId");
    }
    r = (struct mws_request){.action = MWS_GET_AUTHORIZATION_DETAILS};
    must_refuse(&r, "AmazonAuthorizationId");
    r = (struct mws_request){.action = MWS_GET_ORDER_REFERENCE_DETAILS};
    must_refuse(&r, "AmazonOrderReferenceId");
    r = (struct mws_request){.action = MWS_LIST_ORDER_REFERENCE,
                             .list_order_reference = {.payment_domain = "FE_JPY"}};
    must_refuse(&r, "QueryId");
    r.list_order_reference = (struct mws_list_order_reference){.seller_order_id = "K"};
    must_refuse(&r, "PaymentDomain");
}

static void amounts_are_positive_and_within_amazons_most(void **state)
{
    (void)state;
    static const struct {
        int64_t units;
        const char *currency;
        bool is_good;
    } cases[] = {
        {1, "JPY", true},         {10000000, "JPY", true}, {10000001, "JPY", false},
        {0, "JPY", false},        {-1, "JPY", false},      {15000000, "USD", true},
        {15000001, "USD", false}, {1, "EUR", true},        {INT64_MAX, "GBP", false},
        {100, "ZZZ", false},      {100, "", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct mws_request r = authorize();
        r.authorize_on_billing_agreement.authorization_amount =
            money_of(cases[i].units, cases[i].currency);
        if (cases[i].is_good) {
            must_write(&r, NULL);
        } else {
            must_refuse(&r, "AuthorizationAmount");
        }
    }
}

static void the_timeout_is_0_or_5_to_1440_by_5(void **state)
{
    (void)state;
    struct mws_request r = authorize();
    for (int32_t minutes = -10; minutes <= 1450; minutes++) {
        r.authorize_on_billing_agreement.transaction_timeout_min = minutes;
        if (minutes >= 0 && minutes <= 1440 && minutes % 5 == 0) {
            must_write(&r, NULL);
        } else {
            must_refuse(&r, "TransactionTimeout");
        }
    }
    r.authorize_on_billing_agreement.transaction_timeout_min = INT32_MIN;
    must_refuse(&r, "TransactionTimeout");
}

static void texts_have_their_length_in_characters(void **state)
{
    (void)state;
    struct mws_request base = authorize();
    struct mws_request set = {.action = MWS_SET_BILLING_AGREEMENT_DETAILS,
                              .set_billing_agreement_details.amazon_billing_agreement_id =
                                  AGREEMENT};
    struct mws_request close = {.action = MWS_CLOSE_BILLING_AGREEMENT,
                                .close_billing_agreement = {AGREEMENT, NULL}};
    struct mws_request list = {.action = MWS_LIST_ORDER_REFERENCE,
                               .list_order_reference.payment_domain = "FE_JPY"};
    struct mws_authorize_on_billing_agreement *a = &base.authorize_on_billing_agreement;
    const struct {
        struct mws_request *request;
        const char **text;
        int characters_max;
        const char *name;
    } cases[] = {
        {&base, &a->seller_authorization_note, 255, "SellerAuthorizationNote"},
        {&base, &a->seller_note, 1024, "SellerNote"},
        {&base, &a->seller_order_id, 127, "SellerOrderAttributes.SellerOrderId"},
        {&base, &a->store_name, 50, "SellerOrderAttributes.StoreName"},
        {&base, &a->soft_descriptor, 16, "SoftDescriptor"},
        {&set, &set.set_billing_agreement_details.seller_note, 1024, "BillingAgreementAttributes"},
        {&set, &set.set_billing_agreement_details.seller_billing_agreement_id, 127,
         "BillingAgreementAttributes"},
        {&set, &set.set_billing_agreement_details.store_name, 50, "BillingAgreementAttributes"},
        {&set, &set.set_billing_agreement_details.custom_information, 1024,
         "BillingAgreementAttributes"},
        {&close, &close.close_billing_agreement.closure_reason, 1024, "ClosureReason"},
        {&list, &list.list_order_reference.seller_order_id, 127, "QueryId"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[4 * 1024 + 8];
        char *end = text;
        for (int c = 0; c < cases[i].characters_max; c++) {
            end = stpcpy(end, "\xf0\x9f\x98\x80"); /* four bytes, one character */
        }
        *cases[i].text = text;
        must_write(cases[i].request, NULL);
        (void)stpcpy(end, "x");
        must_refuse(cases[i].request, cases[i].name);
        *cases[i].text = NULL;
    }
}

static void texts_are_utf_8_without_control_characters(void **state)
{
    (void)state;
    static const char *const good[] = {
        "a\tb\r\nc",    "\x7f",         "\xc2\x80",         "\xdf\xbf",        "\xe0\xa0\x80",
        "\xed\x9f\xbf", "\xee\x80\x80", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"};
    static const char *const bad[] = {
        "\x01",
        "a\x1f",
        "\x80",
        "\xbf",
        "\xc0\x80",
        "\xc1\xbf",
        "\xc2",
        "\xc2 ",
        "\xe0\x9f\xbf",
        "\xed\xa0\x80",
        "\xe6\x97",
        "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80",
        "\xff",
        "\xf0\x9f\x98",
    };
    struct mws_request r = authorize();
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        r.authorize_on_billing_agreement.seller_note = good[i];
        must_write(&r, NULL);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        r.authorize_on_billing_agreement.seller_note = bad[i];
        must_refuse(&r, "SellerNote");
    }
}

static void throttle_classes_are_those_of_the_reference(void **state)
{
    (void)state;
    for (int i = 1; i < MWS_ACTION_COUNT; i++) {
        enum mws_action action = (enum mws_action)i;
        bool is_get = strncmp(mws_action_name(action), "Get", 3) == 0 ||
                      strncmp(mws_action_name(action), "List", 4) == 0;
        enum mws_throttle_class expected = action == MWS_GET_SERVICE_STATUS
                                               ? MWS_THROTTLE_SERVICE_STATUS
                                           : is_get ? MWS_THROTTLE_GET
                                                    : MWS_THROTTLE_CHARGE;
        assert_int_equal(mws_action_throttle_class(action), expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_operation_writes_its_parameters),
        cmocka_unit_test(an_authorization_writes_what_is_set),
        cmocka_unit_test(ids_have_their_length_and_alphabet),
        cmocka_unit_test(amounts_are_positive_and_within_amazons_most),
        cmocka_unit_test(the_timeout_is_0_or_5_to_1440_by_5),
        cmocka_unit_test(texts_have_their_length_in_characters),
        cmocka_unit_test(texts_are_utf_8_without_control_characters),
        cmocka_unit_test(throttle_classes_are_those_of_the_reference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
