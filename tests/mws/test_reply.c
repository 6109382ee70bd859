/*
 * test_reply.c - answers as Amazon writes them (the shapes of its SDKs' fixtures), the liberties it
 * takes, and answers that must not be believed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mws/operation.h"
#include "tests/mws/reply_checks.h"

#define AUTHORIZATION(amounts, list, status, more)                                                 \
    "<AuthorizationDetails>" amounts "<CapturedAmount><CurrencyCode>JPY</CurrencyCode>"            \
    "<Amount>0</Amount></CapturedAmount><SoftDescriptor>AMZ*x</SoftDescriptor>"                    \
    "<ExpirationTimestamp>2026-12-22T01:02:03.004Z</ExpirationTimestamp><IdList>" list "</IdList>" \
    "<SellerAuthorizationNote>n</SellerAuthorizationNote>" more                                    \
    "<AuthorizationStatus><LastUpdateTimestamp>2026-11-22T01:02:03.004Z</"                         \
    "LastUpdateTimestamp>" status "</AuthorizationStatus>"                                         \
    "<AuthorizationFee><CurrencyCode>JPY</CurrencyCode><Amount>0.00</Amount></AuthorizationFee>"   \
    "<AmazonAuthorizationId>S03-1234567-1234567-A012345</AmazonAuthorizationId>"                   \
    "<AuthorizationReferenceId>KEY-1-1</AuthorizationReferenceId></AuthorizationDetails>"

#define AMOUNT                                                                                     \
    "<AuthorizationAmount><CurrencyCode>JPY</CurrencyCode><Amount>1200</Amount></"                 \
    "AuthorizationAmount>"
#define CLOSED "<State>Closed</State><ReasonCode>MaxCapturesProcessed</ReasonCode>"
#define MEMBER "<member>S03-1234567-1234567-C012345</member>"
#define ORDER  "<AmazonOrderReferenceId>S03-1234567-1234567</AmazonOrderReferenceId>"

static void an_authorization_is_read_whole(void **state)
{
    struct mws_reply reply = must_read(
        state, MWS_AUTHORIZE_ON_BILLING_AGREEMENT,
        RESULT("AuthorizeOnBillingAgreement",
               AUTHORIZATION(AMOUNT, MEMBER, CLOSED, "<CaptureNow>true</CaptureNow>") ORDER));
    const struct mws_authorization_details *a = &reply.authorization;
    assert_string_equal(reply.request_id, "b4ab4bc3-c9ea-44f0-9a3d-67cccef565c6");
    assert_string_equal(a->amazon_authorization_id, "S03-1234567-1234567-A012345");
    assert_string_equal(a->authorization_reference_id, "KEY-1-1");
    assert_string_equal(a->amazon_order_reference_id, "S03-1234567-1234567");
    assert_string_equal(a->capture_id, "S03-1234567-1234567-C012345");
    assert_true(money_equal(a->authorization_amount, money_of(1200, "JPY")));
    assert_true(money_equal(a->captured_amount, money_of(0, "JPY")));
    assert_int_equal(a->status.state, MWS_STATE_CLOSED);
    assert_int_equal(a->status.reason, MWS_REASON_MAX_CAPTURES_PROCESSED);
    assert_false(a->status.has_unknown_reason);
    assert_true(a->capture_now);
    assert_false(a->soft_decline);
    assert_string_equal(reply.message, "");

    reply = must_read(state, MWS_GET_AUTHORIZATION_DETAILS,
                      RESULT("GetAuthorizationDetails",
                             AUTHORIZATION(AMOUNT, "",
                                           "<State>Declined</State>"
                                           "<ReasonCode>InvalidPaymentMethod</ReasonCode>",
                                           "<SoftDecline>true</SoftDecline>")));
    assert_int_equal(reply.authorization.status.state, MWS_STATE_DECLINED);
    assert_int_equal(reply.authorization.status.reason, MWS_REASON_INVALID_PAYMENT_METHOD);
    assert_true(reply.authorization.soft_decline);
    assert_string_equal(reply.authorization.capture_id, "");
    assert_string_equal(reply.authorization.amazon_order_reference_id, "");
}

/* When an authorization expires is good to know; whether it was made must be known. */
static void an_expiration_never_makes_an_answer_unreadable(void **state)
{
    static const struct {
        const char *element;
        int64_t utc_ms;
    } cases[] = {
        {"<ExpirationTimestamp>2026-12-22T01:02:03.004Z</ExpirationTimestamp>",
         INT64_C(1797901323004)},
        {"", INT64_MAX},
        {"<ExpirationTimestamp/>", INT64_MAX},
        {"<ExpirationTimestamp>soon</ExpirationTimestamp>", INT64_MAX},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[2048];
        (void)snprintf(text, sizeof text,
                       RESULT("GetAuthorizationDetails",
                              "<AuthorizationDetails>" AMOUNT
                              "<AmazonAuthorizationId>S03-1-2-A1</AmazonAuthorizationId>"
                              "<AuthorizationReferenceId>KEY-1-1</AuthorizationReferenceId>"
                              "<AuthorizationStatus><State>Open</State></AuthorizationStatus>"
                              "%s</AuthorizationDetails>"),
                       cases[i].element);
        struct mws_reply reply = must_read(state, MWS_GET_AUTHORIZATION_DETAILS, text);
        if (reply.authorization.expiration.utc_ms != cases[i].utc_ms) {
            fail_msg("%s was read as %lld", cases[i].element,
                     (long long)reply.authorization.expiration.utc_ms);
        }
    }
}

static void amounts_come_in_several_spellings(void **state)
{
    static const struct {
        const char *text;
        int64_t yen; /* -1 = not an amount */
    } cases[] = {
        {"1200", 1200},
        {"1200.00", 1200},
        {"1200.0", 1200},
        {"0", 0},
        {"1", 1},
        {"1200.50", -1},
        {"-1", -1},
        {"1,200", -1},
        {"", -1},
        {"x", -1},
        {"99999999999999999999", -1},
        {"1e3", -1},
        {"+1", -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[4096];
        (void)snprintf(
            text, sizeof text,
            RESULT("GetAuthorizationDetails",
                   AUTHORIZATION("<AuthorizationAmount><Amount>%s</Amount>"
                                 "<CurrencyCode>JPY</CurrencyCode></AuthorizationAmount>",
                                 "", CLOSED, "")),
            cases[i].text);
        if (cases[i].yen < 0) {
            must_not_read(state, MWS_GET_AUTHORIZATION_DETAILS, 200, text, "AuthorizationAmount");
        } else {
            struct mws_reply reply = must_read(state, MWS_GET_AUTHORIZATION_DETAILS, text);
            assert_int_equal(money_minor(reply.authorization.authorization_amount), cases[i].yen);
        }
    }
}

static void of_doubled_elements_the_first_counts(void **state)
{
    struct mws_reply reply =
        must_read(state, MWS_GET_AUTHORIZATION_DETAILS,
                  RESULT("GetAuthorizationDetails",
                         AUTHORIZATION(AMOUNT AMOUNT, MEMBER "<member>second</member>",
                                       "<State>Open</State><State>Closed</State>", "")));
    assert_int_equal(reply.authorization.status.state, MWS_STATE_OPEN);
    assert_string_equal(reply.authorization.capture_id, "S03-1234567-1234567-C012345");
    assert_int_equal(reply.authorization.capture_ids.count, 2); /* a list is a list */
    assert_string_equal(reply.authorization.capture_ids.ids[1], "second");
}

static void unknown_words_are_reported_as_unknown(void **state)
{
    struct mws_reply reply = must_read(
        state, MWS_GET_AUTHORIZATION_DETAILS,
        RESULT("GetAuthorizationDetails",
               AUTHORIZATION(AMOUNT, "", "<State>Teleported</State><ReasonCode>Magic</ReasonCode>",
                             "")));
    assert_int_equal(reply.authorization.status.state, MWS_STATE_UNKNOWN);
    assert_int_equal(reply.authorization.status.reason, MWS_REASON_UNKNOWN);
    assert_true(reply.authorization.status.has_unknown_reason);
    assert_non_null(strstr(reply.message, "Teleported"));
}

static void what_an_authorization_needs_must_be_there(void **state)
{
    static const struct {
        const char *text, *part;
    } cases[] = {
        {RESULT("GetAuthorizationDetails", ""), "missing"},
        {RESULT("GetAuthorizationDetails", AUTHORIZATION("", "", CLOSED, "")),
         "AuthorizationAmount"},
        {RESULT("GetAuthorizationDetails", AUTHORIZATION(AMOUNT, "", "", "")), "State"},
        {RESULT("GetAuthorizationDetails",
                AUTHORIZATION(AMOUNT, "", CLOSED, "<SoftDecline>maybe</SoftDecline>")),
         "SoftDecline"},
        {RESULT("GetAuthorizationDetails",
                AUTHORIZATION(AMOUNT, "<member>0123456789012345678901234567890123456789</member>",
                              CLOSED, "")),
         "IdList/member"},
        {ANSWER("GetAuthorizationDetails", ""), "GetAuthorizationDetailsResult"},
        {RESULT("GetAuthorizationDetails",
                "<AuthorizationDetails>" AMOUNT "</AuthorizationDetails>"),
         "AmazonAuthorizationId"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        must_not_read(state, MWS_GET_AUTHORIZATION_DETAILS, 200, cases[i].text, cases[i].part);
    }
}

#define LIMITS                                                                                     \
    "<BillingAgreementLimits><AmountLimitPerTimePeriod><CurrencyCode>JPY</CurrencyCode>"           \
    "<Amount>50000</Amount></AmountLimitPerTimePeriod>"                                            \
    "<TimePeriodStartDate>2026-11-01T00:00:00Z</TimePeriodStartDate>"                              \
    "<TimePeriodEndDate>2026-12-01T00:00:00Z</TimePeriodEndDate><CurrentRemainingBalance>"         \
    "<CurrencyCode>JPY</CurrencyCode><Amount>48800.00</Amount></CurrentRemainingBalance>"          \
    "</BillingAgreementLimits>"
#define AGREEMENT(inner)                                                                           \
    "<BillingAgreementDetails><AmazonBillingAgreementId>C03-1-2</AmazonBillingAgreementId>"        \
    "<BillingAgreementStatus><LastUpdatedTimestamp>2026-11-01T00:00:00Z</LastUpdatedTimestamp>"    \
    "<State>Open</State></BillingAgreementStatus>" inner "</BillingAgreementDetails>"

static void an_agreement_is_read_whole(void **state)
{
    struct mws_reply reply = must_read(
        state, MWS_GET_BILLING_AGREEMENT_DETAILS,
        RESULT("GetBillingAgreementDetails",
               AGREEMENT(LIMITS "<BillingAgreementConsent>true</BillingAgreementConsent>"
                                "<Constraints><Constraint><ConstraintID>BuyerConsentNotSet"
                                "</ConstraintID><Description>d</Description></Constraint>"
                                "<Constraint><ConstraintId>PaymentPlanNotSet</ConstraintId>"
                                "</Constraint></Constraints>"
                                "<Destination><PhysicalDestination><Name>\xe5\xb1\xb1</Name>"
                                "</PhysicalDestination></Destination>")));
    const struct mws_billing_agreement_details *b = &reply.billing_agreement;
    assert_string_equal(b->amazon_billing_agreement_id, "C03-1-2");
    assert_int_equal(b->status.state, MWS_STATE_OPEN);
    assert_true(b->has_limits);
    assert_true(money_equal(b->amount_limit_per_time_period, money_of(50000, "JPY")));
    assert_true(money_equal(b->current_remaining_balance, money_of(48800, "JPY")));
    assert_int_equal(b->time_period_start.utc_ms, INT64_C(1793491200000));
    assert_int_equal(b->time_period_end.utc_ms, INT64_C(1796083200000));
    assert_true(b->consent);
    assert_int_equal(b->constraint_count, 2);
    assert_string_equal(b->constraints[0], "BuyerConsentNotSet");
    assert_string_equal(b->constraints[1], "PaymentPlanNotSet");

    reply = must_read(state, MWS_SET_BILLING_AGREEMENT_DETAILS,
                      RESULT("SetBillingAgreementDetails",
                             AGREEMENT("<Constraints><ConstraintID>PaymentMethodNotAllowed"
                                       "</ConstraintID></Constraints>")));
    assert_false(reply.billing_agreement.has_limits);
    assert_false(reply.billing_agreement.consent);
    assert_int_equal(reply.billing_agreement.constraint_count, 1);
    assert_string_equal(reply.billing_agreement.constraints[0], "PaymentMethodNotAllowed");
}

static void broken_limits_make_an_agreement_unreadable(void **state)
{
    static const char *const cases[] = {"2026-11-01", "2026-11-01T00:00:00+09:00", "", "soon"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[4096];
        (void)snprintf(text, sizeof text,
                       RESULT("GetBillingAgreementDetails",
                              AGREEMENT("<BillingAgreementLimits><AmountLimitPerTimePeriod>"
                                        "<CurrencyCode>JPY</CurrencyCode><Amount>500</Amount>"
                                        "</AmountLimitPerTimePeriod><CurrentRemainingBalance>"
                                        "<CurrencyCode>JPY</CurrencyCode><Amount>500</Amount>"
                                        "</CurrentRemainingBalance><TimePeriodStartDate>%s"
                                        "</TimePeriodStartDate><TimePeriodEndDate>%s"
                                        "</TimePeriodEndDate></BillingAgreementLimits>")),
                       cases[i], cases[i]);
        must_not_read(state, MWS_GET_BILLING_AGREEMENT_DETAILS, 200, text, "TimePeriodStartDate");
    }
    must_not_read(state, MWS_GET_BILLING_AGREEMENT_DETAILS, 200,
                  RESULT("GetBillingAgreementDetails",
                         AGREEMENT("<BillingAgreementConsent>yes</BillingAgreementConsent>")),
                  "BillingAgreementConsent");
}

static void a_validation_is_success_or_failure(void **state)
{
    struct mws_reply reply = must_read(
        state, MWS_VALIDATE_BILLING_AGREEMENT,
        RESULT("ValidateBillingAgreement",
               "<ValidationResult>Failure</ValidationResult><FailureReasonCode>InvalidPaymentMethod"
               "</FailureReasonCode><BillingAgreementStatus><State>Suspended</State><ReasonCode>"
               "InvalidPaymentMethod</ReasonCode></BillingAgreementStatus>"));
    assert_false(reply.validation.is_success);
    assert_int_equal(reply.validation.failure_reason, MWS_REASON_INVALID_PAYMENT_METHOD);
    assert_int_equal(reply.validation.status.state, MWS_STATE_SUSPENDED);
    reply = must_read(
        state, MWS_VALIDATE_BILLING_AGREEMENT,
        RESULT("ValidateBillingAgreement", "<ValidationResult>Success</ValidationResult>"));
    assert_true(reply.validation.is_success);
    must_not_read(state, MWS_VALIDATE_BILLING_AGREEMENT, 200,
                  RESULT("ValidateBillingAgreement", "<ValidationResult>Sure</ValidationResult>"),
                  "ValidationResult");
}

static void operations_without_a_result_may_leave_it_out(void **state)
{
    (void)must_read(state, MWS_CONFIRM_BILLING_AGREEMENT, ANSWER("ConfirmBillingAgreement", ""));
    (void)must_read(state, MWS_CONFIRM_BILLING_AGREEMENT,
                    ANSWER("ConfirmBillingAgreement", "<ConfirmBillingAgreementResult/>"));
    (void)must_read(state, MWS_CLOSE_BILLING_AGREEMENT, "<CloseBillingAgreementResponse/>");
}

static char *members(int count)
{
    static char text[16384];
    char *end = text;
    *end = '\0';
    for (int i = 0; i < count; i++) {
        end +=
            snprintf(end, sizeof text - (size_t)(end - text), "<member>S03-1-2-A%06d</member>", i);
    }
    return text;
}

static void an_order_reference_lists_its_authorizations(void **state)
{
    char text[32768];
    for (int count = 0; count <= MWS_LIST_MAX + 1; count++) {
        (void)snprintf(text, sizeof text,
                       RESULT("GetOrderReferenceDetails",
                              "<OrderReferenceDetails>" ORDER
                              "<SellerOrderAttributes><SellerOrderId>KEY-1</SellerOrderId>"
                              "</SellerOrderAttributes><OrderReferenceStatus><State>Closed</State>"
                              "<ReasonCode>MaxAuthorizationsProcessed</ReasonCode>"
                              "</OrderReferenceStatus><IdList>%s</IdList></OrderReferenceDetails>"),
                       members(count));
        if (count > MWS_LIST_MAX) {
            must_not_read(state, MWS_GET_ORDER_REFERENCE_DETAILS, 200, text, "IdList");
            continue;
        }
        struct mws_reply reply = must_read(state, MWS_GET_ORDER_REFERENCE_DETAILS, text);
        assert_int_equal(reply.order_reference.authorization_count, count);
        assert_string_equal(reply.order_reference.seller_order_id, "KEY-1");
        assert_int_equal(reply.order_reference.status.reason,
                         MWS_REASON_MAX_AUTHORIZATIONS_PROCESSED);
        if (count > 0) {
            char last[32];
            (void)snprintf(last, sizeof last, "S03-1-2-A%06d", count - 1);
            assert_string_equal(reply.order_reference.authorization_ids[count - 1], last);
        }
    }
}

static void a_list_of_orders_is_read(void **state)
{
    struct mws_reply reply = must_read(
        state, MWS_LIST_ORDER_REFERENCE,
        RESULT("ListOrderReference",
               "<OrderReferenceList><OrderReference>" ORDER
               "<SellerOrderAttributes><SellerOrderId>KEY-1</SellerOrderId></SellerOrderAttributes>"
               "</OrderReference><OrderReference><AmazonOrderReferenceId>S03-9-9"
               "</AmazonOrderReferenceId></OrderReference></OrderReferenceList>"
               "<NextPageToken>eyJ</NextPageToken>"));
    assert_int_equal(reply.order_list.count, 2);
    assert_true(reply.order_list.has_more);
    assert_string_equal(reply.order_list.orders[0].seller_order_id, "KEY-1");
    assert_string_equal(reply.order_list.orders[1].amazon_order_reference_id, "S03-9-9");
    reply = must_read(state, MWS_LIST_ORDER_REFERENCE,
                      RESULT("ListOrderReference", "<OrderReferenceList/>"));
    assert_int_equal(reply.order_list.count, 0);
    assert_false(reply.order_list.has_more);
}

static void the_three_layouts_of_an_error_are_read(void **state)
{
    static const struct {
        const char *text;
    } layouts[] = {
        {"<ErrorResponse " NS "><Error><Type>Sender</Type><Code>PeriodicAmountExceeded</Code>"
         "<Message>too much</Message></Error><RequestId>r-1</RequestId></ErrorResponse>"},
        {"<ErrorResponse " NS "><Error><Type></Type><Code>PeriodicAmountExceeded</Code>"
         "<Message>too much</Message><Detail/></Error><RequestID>r-1</RequestID></ErrorResponse>"},
        {"<ErrorResponse><RequestId>r-1</RequestId><Error><Message>too much</Message>"
         "<Code>PeriodicAmountExceeded</Code></Error></ErrorResponse>"},
    };
    for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++) {
        struct mws_reply reply =
            read_reply(state, MWS_AUTHORIZE_ON_BILLING_AGREEMENT, 400, layouts[i].text);
        assert_true(reply.is_error);
        assert_false(reply.is_unreadable);
        assert_int_equal(reply.error, MWS_ERROR_PERIODIC_AMOUNT_EXCEEDED);
        assert_string_equal(reply.error_code, "PeriodicAmountExceeded");
        assert_string_equal(reply.message, "too much");
        assert_string_equal(reply.request_id, "r-1");
    }
}

static void an_unknown_code_is_kept_as_text(void **state)
{
    struct mws_reply reply = read_reply(state, MWS_CLOSE_BILLING_AGREEMENT, 400,
                                        "<ErrorResponse><Error><Code>Newly.Invented</Code></Error>"
                                        "</ErrorResponse>");
    assert_true(reply.is_error);
    assert_int_equal(reply.error, MWS_ERROR_NONE);
    assert_string_equal(reply.error_code, "Newly.Invented");
    must_not_read(state, MWS_CLOSE_BILLING_AGREEMENT, 400,
                  "<ErrorResponse><Error><Message>m</Message></Error></ErrorResponse>", "m");
}

/* The message is the one text that is cut, at a whole character. */
static void a_long_message_is_cut(void **state)
{
    char text[4096];
    for (size_t pad = 0; pad < 4; pad++) {
        char *end = text + snprintf(text, sizeof text,
                                    "<ErrorResponse><Error><Code>InvalidParameterValue</Code>"
                                    "<Message>%.*s",
                                    (int)pad, "aaaa");
        for (int i = 0; i < 600; i++) {
            end = stpcpy(end, "\xe6\x97\xa5");
        }
        (void)stpcpy(end, "</Message></Error></ErrorResponse>");
        struct mws_reply reply = read_reply(state, MWS_CLOSE_BILLING_AGREEMENT, 400, text);
        assert_true(reply.is_error);
        size_t length = strlen(reply.message);
        assert_in_range(length, MWS_MESSAGE_MAX - 4, MWS_MESSAGE_MAX - 1);
        assert_int_equal((length - pad) % 3, 0);
    }
}

static void other_documents_are_unreadable(void **state)
{
    static const struct {
        int http_status;
        const char *text, *part;
    } cases[] = {
        {200, "", "empty"},
        {502, "<html><body>Bad <b>gateway</b></body></html>", "beside"},
        {200, "<html><body/></html>", "AuthorizeOnBillingAgreementResponse was expected"},
        {200, RESULT("Authorize", ""), "expected"},
        {200, "<AuthorizeOnBillingAgreementResponses/>", "expected"},
        {200, "<AuthorizeOnBillingAgreement/>", "expected"},
        {500,
         RESULT("AuthorizeOnBillingAgreement", AUTHORIZATION(AMOUNT, MEMBER, CLOSED, "") ORDER),
         "HTTP status 500"},
        {201,
         RESULT("AuthorizeOnBillingAgreement", AUTHORIZATION(AMOUNT, MEMBER, CLOSED, "") ORDER),
         "HTTP status 201"},
        {200, "<!DOCTYPE x><AuthorizeOnBillingAgreementResponse/>", "DOCTYPE"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        must_not_read(state, MWS_AUTHORIZE_ON_BILLING_AGREEMENT, cases[i].http_status,
                      cases[i].text, cases[i].part);
    }
}

/* Goal: an answer cut anywhere, or with any byte changed, is never read as another success. */
static void no_damaged_answer_is_believed(void **state)
{
    static const char whole[] =
        RESULT("AuthorizeOnBillingAgreement", AUTHORIZATION(AMOUNT, MEMBER, CLOSED, "") ORDER);
    char text[sizeof whole];
    for (size_t length = 0; length + 1 < sizeof whole; length++) {
        memcpy(text, whole, length);
        text[length] = '\0';
        assert_true(read_reply(state, MWS_AUTHORIZE_ON_BILLING_AGREEMENT, 200, text).is_unreadable);
    }
    for (size_t at = 0; at + 1 < sizeof whole; at++) {
        static const char bytes[] = "\x01\x7f\xff<>&\"x0";
        for (size_t b = 0; b + 1 < sizeof bytes; b++) {
            memcpy(text, whole, sizeof whole);
            text[at] = bytes[b];
            (void)read_reply(state, MWS_AUTHORIZE_ON_BILLING_AGREEMENT, 200, text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_authorization_is_read_whole),
        cmocka_unit_test(an_expiration_never_makes_an_answer_unreadable),
        cmocka_unit_test(amounts_come_in_several_spellings),
        cmocka_unit_test(of_doubled_elements_the_first_counts),
        cmocka_unit_test(unknown_words_are_reported_as_unknown),
        cmocka_unit_test(what_an_authorization_needs_must_be_there),
        cmocka_unit_test(an_agreement_is_read_whole),
        cmocka_unit_test(broken_limits_make_an_agreement_unreadable),
        cmocka_unit_test(a_validation_is_success_or_failure),
        cmocka_unit_test(operations_without_a_result_may_leave_it_out),
        cmocka_unit_test(an_order_reference_lists_its_authorizations),
        cmocka_unit_test(a_list_of_orders_is_read),
        cmocka_unit_test(the_three_layouts_of_an_error_are_read),
        cmocka_unit_test(an_unknown_code_is_kept_as_text),
        cmocka_unit_test(a_long_message_is_cut),
        cmocka_unit_test(other_documents_are_unreadable),
        cmocka_unit_test(no_damaged_answer_is_believed),
    };
    return cmocka_run_group_tests(tests, make_xml, free_xml);
}
