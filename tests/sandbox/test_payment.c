/*
 * test_payment.c - Amazon's rules of agreements and payments, asked through the request handler as
 * a client would: states, constraints, idempotency, the month, simulations, quotas.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sandbox/driver.h"

#define BA                     "C03-0000000-0000001"
#define BA2                    "C03-0000000-0000002"
#define MINUTE                 60000LL
#define HOUR                   3600000LL

#define EXPECT(d, name, value) assert_string_equal(driver_element(d, name), value)

/* What driver_element found is overwritten by the next one. */
static void keep(char id[64], const char *found)
{
    (void)snprintf(id, 64, "%s", found);
}

static int on_agreement(struct driver *d, const char *action)
{
    return driver_call(d, action, "AmazonBillingAgreementId", BA, (char *)NULL);
}

static void expect_state(struct driver *d, const char *state, const char *reason)
{
    assert_int_equal(on_agreement(d, "GetBillingAgreementDetails"), 200);
    assert_string_equal(driver_within(d, "BillingAgreementStatus", "State"), state);
    assert_string_equal(driver_within(d, "BillingAgreementStatus", "ReasonCode"), reason);
}

static void expect_error(struct driver *d, int status, const char *code)
{
    EXPECT(d, "Code", code);
    assert_int_equal(d->answer.status, status);
    EXPECT(d, "RequestID", "(none)"); /* of the payment service: RequestId */
}

/* --- the agreement
 * ---------------------------------------------------------------------------------- */

static void test_enrolment(void **state)
{
    struct driver *d = driver_new();

    (void)state;
    driver_agreement(d, BA, ",\"state\":\"Draft\",\"consent\":false,\"payment_plan\":false");
    expect_state(d, "Draft", "(none)");
    EXPECT(d, "Buyer", "(none)");
    EXPECT(d, "ConstraintID", "BuyerConsentNotSet");
    assert_int_equal(on_agreement(d, "ConfirmBillingAgreement"), 400);
    expect_error(d, 400, "BillingAgreementConstraintsExist");
    EXPECT(d, "Message",
           "BillingAgreement " BA
           " has constraints BuyerConsentNotSet, PaymentPlanNotSet and cannot be confirmed.");
    assert_int_equal(driver_charge(d, BA, "r", "100", ""), 405);
    expect_error(d, 405, "InvalidBillingAgreementStatus");
    assert_int_equal(driver_control(d, "POST", "/control/agreements/" BA "/consent", ""), 200);
    assert_int_equal(driver_control(d, "POST", "/control/agreements/" BA "/payment-method", ""),
                     200);
    assert_int_equal(driver_call(d, "SetBillingAgreementDetails", "AmazonBillingAgreementId", BA,
                                 "BillingAgreementAttributes.SellerNote", "note",
                                 "BillingAgreementAttributes.SellerBillingAgreementAttributes."
                                 "SellerBillingAgreementId",
                                 "sub-1", "SomethingNew", "1", (char *)NULL),
                     200);
    assert_int_equal(driver_call(d, "SetBillingAgreementDetails", "AmazonBillingAgreementId", BA,
                                 "BillingAgreementAttributes.SellerNote", "", /* taken away */
                                 "BillingAgreementAttributes.SellerBillingAgreementAttributes."
                                 "StoreName",
                                 "shop", (char *)NULL),
                     200);
    EXPECT(d, "SellerNote", "(none)");
    EXPECT(d, "StoreName", "shop");
    EXPECT(d, "SellerBillingAgreementId", "sub-1"); /* not named: kept */
    EXPECT(d, "ConstraintID", "(none)");
    assert_int_equal(on_agreement(d, "ConfirmBillingAgreement"), 200);
    assert_non_null(strstr(d->answer.body.bytes, "<ConfirmBillingAgreementResult/>"));
    assert_int_equal(on_agreement(d, "ConfirmBillingAgreement"), 200); /* idempotent */
    expect_state(d, "Open", "(none)");
    assert_string_not_equal(driver_element(d, "Buyer"), "(none)");
    assert_int_equal(on_agreement(d, "SetBillingAgreementDetails"), 405);
    expect_error(d, 405, "BillingAgreementNotModifiable");
    assert_int_equal(on_agreement(d, "ValidateBillingAgreement"), 200);
    EXPECT(d, "ValidationResult", "Success");
    driver_free(d);
}

static void test_a_draft_grows_stale(void **state)
{
    struct driver *d = driver_new();

    (void)state;
    driver_agreement(d, BA, ",\"state\":\"Draft\"");
    driver_pass(d, 3 * HOUR - 1);
    expect_state(d, "Draft", "(none)");
    driver_pass(d, 1);
    expect_state(d, "Canceled", "Stale");
    assert_int_equal(on_agreement(d, "ConfirmBillingAgreement"), 405);
    driver_free(d);
}

static void test_closing(void **state)
{
    struct driver *d = driver_new();

    (void)state;
    driver_agreement(d, BA, "");
    assert_int_equal(driver_call(d, "CloseBillingAgreement", "AmazonBillingAgreementId", BA,
                                 "ClosureReason", "moved away", (char *)NULL),
                     200);
    expect_state(d, "Closed", "SellerClosed");
    EXPECT(d, "ReasonDescription", "moved away");
    assert_int_equal(on_agreement(d, "CloseBillingAgreement"), 200);
    assert_int_equal(driver_charge(d, BA, "r", "100", ""), 405);
    driver_agreement(d, BA2, "");
    assert_int_equal(driver_control(d, "POST", "/control/agreements/" BA2 "/close", "{}"), 200);
    assert_int_equal(
        driver_call(d, "CloseBillingAgreement", "AmazonBillingAgreementId", BA2, (char *)NULL),
        405);
    expect_error(d, 405, "InvalidBillingAgreementStatus");
    driver_free(d);
}

static void test_agreements_of_others_do_not_exist(void **state)
{
    struct driver *d = driver_new();

    (void)state;
    assert_int_equal(driver_control(d, "POST", "/control/agreements",
                                    "{\"seller\":\"OTHER\",\"id\":\"" BA "\"}"),
                     201);
    driver_agreement(d, BA2, "");
    assert_int_equal(on_agreement(d, "GetBillingAgreementDetails"), 404);
    expect_error(d, 404, "InvalidBillingAgreementId");
    d->path = PATH_LIVE;
    assert_int_equal(driver_charge(d, BA2, "r", "100", ""), 404);
    driver_free(d);
}

static void test_a_broken_method_fails_validation(void **state)
{
    struct driver *d = driver_new();

    (void)state;
    driver_agreement(d, BA, "");
    assert_int_equal(
        driver_control(d, "POST", "/control/agreements/" BA "/payment-method", "{\"valid\":false}"),
        200);
    assert_int_equal(on_agreement(d, "ValidateBillingAgreement"), 200);
    EXPECT(d, "ValidationResult", "Failure");
    EXPECT(d, "FailureReasonCode", "InvalidPaymentMethod");
    expect_state(d, "Suspended", "InvalidPaymentMethod");
    driver_free(d);
}

/* --- authorizing
 * ------------------------------------------------------------------------------------- */

static void test_a_charge_and_its_objects(void **state)
{
    struct driver *d = driver_new();
    char authorization[64];
    char order[64];
    char capture[64];

    (void)state;
    driver_agreement(d, BA, "");
    assert_int_equal(driver_charge(d, BA, "ref-1", "980", "hello"), 200);
    assert_string_equal(driver_within(d, "AuthorizationStatus", "State"), "Closed");
    assert_string_equal(driver_within(d, "AuthorizationStatus", "ReasonCode"),
                        "MaxCapturesProcessed");
    assert_string_equal(driver_within(d, "CapturedAmount", "Amount"), "0");
    keep(authorization, driver_element(d, "AmazonAuthorizationId"));
    keep(order, driver_element(d, "AmazonOrderReferenceId"));
    keep(capture, driver_element(d, "member"));
    assert_int_equal(strncmp(authorization, order, strlen(order)), 0);
    assert_string_equal(authorization + strlen(order) + 2, capture + strlen(order) + 2);
    assert_int_equal(capture[strlen(order) + 1], 'C');
    assert_int_equal(driver_call(d, "GetAuthorizationDetails", "AmazonAuthorizationId",
                                 authorization, (char *)NULL),
                     200);
    assert_string_equal(driver_within(d, "CapturedAmount", "Amount"), "980");
    EXPECT(d, "SellerAuthorizationNote", "hello");
    assert_int_equal(
        driver_call(d, "GetOrderReferenceDetails", "AmazonOrderReferenceId", order, (char *)NULL),
        200);
    assert_string_equal(driver_within(d, "OrderReferenceStatus", "State"), "Closed");
    EXPECT(d, "member", authorization);
    EXPECT(d, "SellerOrderId", "o-ref-1");
    expect_state(d, "Open", "(none)");
    assert_string_equal(driver_within(d, "CurrentRemainingBalance", "Amount"), "49020");
    driver_free(d);
}

static int charge_with(struct driver *d, const char *reference, const char *name, const char *value)
{
    return driver_call(d, "AuthorizeOnBillingAgreement", "AmazonBillingAgreementId", BA,
                       "AuthorizationReferenceId", reference, "AuthorizationAmount.Amount", "100",
                       "AuthorizationAmount.CurrencyCode", "JPY", "TransactionTimeout", "0",
                       "CaptureNow", "true", "SellerOrderAttributes.SellerOrderId", "o", name,
                       value, (char *)NULL);
}

static void test_idempotency(void **state)
{
    static const char *const others[][2] = {
        {"AuthorizationAmount.Amount", "101"},
        {"TransactionTimeout", "1440"},
        {"CaptureNow", "false"},
        {"SellerAuthorizationNote", "x"},
        {"SoftDescriptor", "x"},
        {"SellerNote", "x"},
        {"SellerOrderAttributes.SellerOrderId", "p"},
        {"SellerOrderAttributes.StoreName", "x"},
        {"SellerOrderAttributes.CustomInformation", "x"},
    };
    struct driver *d = driver_new();
    char first[64];

    (void)state;
    driver_agreement(d, BA, "");
    driver_agreement(d, BA2, "");
    assert_int_equal(charge_with(d, "r1", "SellerNote", ""), 200);
    keep(first, driver_element(d, "AmazonAuthorizationId"));
    assert_int_equal(charge_with(d, "r1", "Unknown", "ignored"), 200);
    EXPECT(d, "AmazonAuthorizationId", first);
    assert_string_equal(driver_within(d, "CapturedAmount", "Amount"), "100");
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        (void)charge_with(d, "r1", others[i][0], others[i][1]);
        expect_error(d, 400, "DuplicateRequest");
    }
    (void)charge_with(d, "r1", "AmazonBillingAgreementId", BA2);
    expect_error(d, 400, "DuplicateReferenceId");
    /* Whatever has become of the agreement, the first result stays the answer. */
    assert_int_equal(on_agreement(d, "CloseBillingAgreement"), 200);
    assert_int_equal(charge_with(d, "r1", "SellerNote", ""), 200);
    EXPECT(d, "AmazonAuthorizationId", first);
    assert_int_equal(d->sandbox.world.totals.captures, 1);
    /* A reference id that was refused with an error is not spent. */
    assert_int_equal(driver_charge(d, BA2, "r2", "50001", ""), 400);
    assert_int_equal(driver_charge(d, BA2, "r2", "50000", ""), 200);
    driver_free(d);
}

static void test_bad_requests(void **state)
{
    static const char long_reference[] = "123456789012345678901234567890123";
    static const char *const bad[][2] = {
        {"AuthorizationAmount.Amount", "1.5"},
        {"AuthorizationAmount.Amount", "100.00"},
        {"AuthorizationAmount.Amount", "0"},
        {"AuthorizationAmount.Amount", "-1"},
        {"AuthorizationAmount.Amount", ""},
        {"AuthorizationAmount.Amount", "1,000"},
        {"AuthorizationAmount.Amount", "1e3"},
        {"AuthorizationAmount.Amount", " 1"},
        {"TransactionTimeout", "7"},
        {"TransactionTimeout", "1445"},
        {"TransactionTimeout", "-5"},
        {"TransactionTimeout", ""},
        {"CaptureNow", "TRUE"},
        {"CaptureNow", "1"},
        {"SoftDescriptor", "12345678901234567"},
        {"AuthorizationReferenceId", long_reference},
        {"AuthorizationReferenceId", ""},
        {"InheritShippingAddress", "maybe"},
    };
    struct driver *d = driver_new();

    (void)state;
    driver_agreement(d, BA, "");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        (void)charge_with(d, "r", bad[i][0], bad[i][1]);
        expect_error(d, 400, "InvalidParameterValue");
    }
    (void)charge_with(d, "r", "AuthorizationAmount.CurrencyCode", "ZZZ");
    expect_error(d, 400, "CurrencyUnsupported");
    (void)charge_with(d, "r", "AuthorizationAmount.CurrencyCode", "USD");
    expect_error(d, 400, "CurrencyMismatch");
    (void)charge_with(d, "r", "AuthorizationAmount.Amount", "10000001");
    expect_error(d, 400, "TransactionAmountExceeded");
    assert_int_equal(d->sandbox.world.totals.authorizations, 0);
    /* Limits count characters, not bytes. */
    assert_int_equal(charge_with(d, "r", "SoftDescriptor", "一二三四五六七八九十一二三四五六"),
                     200);
    EXPECT(d, "SoftDescriptor", "AMZ*一二三四五六七八九十一二三四五六");
    driver_free(d);
}

static void test_the_month(void **state)
{
    struct driver *d = driver_new();

    (void)state;
    driver_agreement(d, BA, ",\"used\":\"40000\"");
    assert_int_equal(driver_charge(d, BA, "r1", "9000", ""), 200);
    assert_int_equal(driver_charge(d, BA, "r2", "1001", ""), 400);
    expect_error(d, 400, "PeriodicAmountExceeded");
    EXPECT(d, "Message",
           "BillingAgreement " BA
           " has already been authorized for amount 49000 in time period i.e. Sun Nov 01 00:00:00 "
           "UTC 2026 - Tue Dec 01 00:00:00 UTC 2026. A new authorization with amount 1001 cannot "
           "be accepted as the total authorization amount cannot exceed 50000.");
    assert_int_equal(driver_charge(d, BA, "r3", "1000", ""), 200);
    assert_int_equal(driver_charge(d, BA, "r4", "1", ""), 400);
    driver_pass(d, 8LL * 24 * HOUR + 21 * HOUR + 59 * MINUTE); /* 30 November 23:59 UTC */
    assert_int_equal(driver_charge(d, BA, "r5", "1", ""), 400);
    driver_pass(d, MINUTE);
    assert_int_equal(driver_charge(d, BA, "r6", "50000", ""), 200);
    expect_state(d, "Open", "(none)");
    EXPECT(d, "TimePeriodStartDate", "2026-12-01T00:00:00.000Z");
    EXPECT(d, "TimePeriodEndDate", "2027-01-01T00:00:00.000Z");
    assert_string_equal(driver_within(d, "CurrentRemainingBalance", "Amount"), "0");
    driver_free(d);
}

static void test_amounts_in_dollars(void **state)
{
    struct driver *d = driver_new();

    (void)state;
    driver_agreement(d, BA, ",\"currency\":\"USD\",\"limit\":\"500\"");
    (void)driver_call(d, "AuthorizeOnBillingAgreement", "AmazonBillingAgreementId", BA,
                      "AuthorizationReferenceId", "r", "AuthorizationAmount.Amount", "503",
                      "AuthorizationAmount.CurrencyCode", "USD", (char *)NULL);
    assert_non_null(strstr(driver_element(d, "Message"), "authorized for amount 0.00 in"));
    assert_non_null(strstr(driver_element(d, "Message"), "with amount 503.00 cannot"));
    assert_non_null(strstr(driver_element(d, "Message"), "cannot exceed 500.00."));
    (void)driver_call(d, "AuthorizeOnBillingAgreement", "AmazonBillingAgreementId", BA,
                      "AuthorizationReferenceId", "r", "AuthorizationAmount.Amount", "1.5",
                      "AuthorizationAmount.CurrencyCode", "USD", (char *)NULL);
    assert_string_equal(driver_within(d, "AuthorizationAmount", "Amount"), "1.50");
    expect_state(d, "Open", "(none)");
    assert_string_equal(driver_within(d, "AmountLimitPerTimePeriod", "Amount"), "500");
    assert_string_equal(driver_within(d, "CurrentRemainingBalance", "Amount"), "498.50");
    driver_free(d);
}

static void test_asynchronous(void **state)
{
    struct driver *d = driver_new();
    char id[64];

    (void)state;
    driver_agreement(d, BA, "");
    assert_int_equal(charge_with(d, "r", "TransactionTimeout", "1440"), 200);
    keep(id, driver_element(d, "AmazonAuthorizationId"));
    EXPECT(d, "State", "Pending");
    EXPECT(d, "member", "(none)");
    assert_int_equal(d->sandbox.world.totals.captures, 0);
    driver_pass(d, 1999);
    assert_int_equal(
        driver_call(d, "GetAuthorizationDetails", "AmazonAuthorizationId", id, (char *)NULL), 200);
    EXPECT(d, "State", "Pending");
    driver_pass(d, 1);
    /* A repeat sees it settled as well. */
    assert_int_equal(charge_with(d, "r", "TransactionTimeout", "1440"), 200);
    EXPECT(d, "AmazonAuthorizationId", id);
    EXPECT(d, "State", "Closed");
    assert_int_equal(d->sandbox.world.totals.captures, 1);
    driver_free(d);
}

static void test_open_authorizations_expire(void **state)
{
    struct driver *d = driver_new();
    char id[64];

    (void)state;
    driver_agreement(d, BA, "");
    assert_int_equal(charge_with(d, "r", "CaptureNow", "false"), 200);
    EXPECT(d, "State", "Open");
    keep(id, driver_element(d, "AmazonAuthorizationId"));
    driver_pass(d, 30LL * 24 * HOUR);
    assert_int_equal(
        driver_call(d, "GetAuthorizationDetails", "AmazonAuthorizationId", id, (char *)NULL), 200);
    EXPECT(d, "State", "Closed");
    EXPECT(d, "ReasonCode", "ExpiredUnused");
    assert_int_equal(d->sandbox.world.totals.captures, 0);
    driver_free(d);
}

/* --- declines
 * ---------------------------------------------------------------------------------------- */

static void test_declines_by_order(void **state)
{
    struct driver *d = driver_new();

    (void)state;
    driver_agreement(d, BA, "");
    assert_int_equal(driver_control(d, "POST", "/control/agreements/" BA "/decline",
                                    "{\"reason\":\"InvalidPaymentMethod\",\"soft\":true,"
                                    "\"count\":1}"),
                     200);
    assert_int_equal(driver_charge(d, BA, "r1", "50000", ""), 200);
    EXPECT(d, "State", "Declined");
    EXPECT(d, "ReasonCode", "InvalidPaymentMethod");
    EXPECT(d, "SoftDecline", "true");
    expect_state(d, "Open", "(none)");
    /* The declined amount is free again. */
    assert_string_equal(driver_within(d, "CurrentRemainingBalance", "Amount"), "50000");
    assert_int_equal(
        driver_control(d, "POST", "/control/agreements/" BA "/decline", "{\"count\":2}"), 200);
    assert_int_equal(driver_charge(d, BA, "r2", "100", ""), 200);
    EXPECT(d, "SoftDecline", "false");
    expect_state(d, "Suspended", "InvalidPaymentMethod");
    assert_int_equal(driver_charge(d, BA, "r3", "100", ""), 405);
    expect_error(d, 405, "InvalidBillingAgreementStatus");
    /* The spent id keeps its result. */
    assert_int_equal(driver_charge(d, BA, "r2", "100", ""), 200);
    EXPECT(d, "State", "Declined");
    assert_int_equal(driver_control(d, "POST", "/control/agreements/" BA "/payment-method", ""),
                     200);
    expect_state(d, "Open", "(none)");
    assert_int_equal(driver_charge(d, BA, "r3", "100", ""), 200);
    EXPECT(d, "State", "Closed");
    driver_free(d);
}

#define SIMULATE(text) "{\"SandboxSimulation\": {" text "}}"
#define DECLINED       "\"State\":\"Declined\",\"ReasonCode\":"

struct simulation {
    const char *note;
    const char *state, *reason, *soft;
    const char *agreement; /* its state afterwards */
};

static void test_simulations(void **state)
{
    static const struct simulation simulations[] = {
        {SIMULATE(DECLINED "\"AmazonRejected\""), "Declined", "AmazonRejected", "false", "Open"},
        {SIMULATE(DECLINED "\"TransactionTimedOut\""), "Declined", "TransactionTimedOut", "false",
         "Open"},
        {SIMULATE(DECLINED "\"InvalidPaymentMethod\",\"PaymentMethodUpdateTimeInMins\":1,"
                           "\"SoftDecline\":\"true\""),
         "Declined", "InvalidPaymentMethod", "true", "Open"},
        {SIMULATE(DECLINED "\"InvalidPaymentMethod\",\"PaymentMethodUpdateTimeInMins\":240"),
         "Declined", "InvalidPaymentMethod", "false", "Suspended"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof simulations / sizeof simulations[0]; i++) {
        const struct simulation *s = &simulations[i];
        struct driver *d = driver_new();
        driver_agreement(d, BA, "");
        assert_int_equal(driver_charge(d, BA, "r", "100", s->note), 200);
        EXPECT(d, "State", s->state);
        EXPECT(d, "ReasonCode", s->reason);
        EXPECT(d, "SoftDecline", s->soft);
        assert_int_equal(on_agreement(d, "GetBillingAgreementDetails"), 200);
        assert_string_equal(driver_within(d, "BillingAgreementStatus", "State"), s->agreement);
        driver_free(d);
    }
}

static void test_simulations_that_are_refused(void **state)
{
    static const char *const bad[] = {
        SIMULATE(DECLINED "\"ProcessingFailure\""),
        SIMULATE(DECLINED "\"AmazonRejected\",\"SoftDecline\":\"true\""),
        SIMULATE(DECLINED "\"InvalidPaymentMethod\",\"PaymentMethodUpdateTimeInMins\":241"),
        SIMULATE(DECLINED "\"InvalidPaymentMethod\",\"PaymentMethodUpdateTimeInMins\":0"),
        SIMULATE(DECLINED "\"InvalidPaymentMethod\",\"SoftDecline\":\"yes\""),
        SIMULATE(DECLINED "\"InvalidPayment Method\""),
        SIMULATE("\"State\":\"Pending\""),
        SIMULATE("\"State\":\"Closed\",\"ReasonCode\":\"AmazonClosed\""), /* with CaptureNow */
        SIMULATE(DECLINED "\"AmazonRejected\",\"More\":1"),
        "{\"SandboxSimulation\":{}}",
        "{\"SandboxSimulation\":",
        "SandboxSimulation",
    };
    struct driver *d = driver_new();

    (void)state;
    driver_agreement(d, BA, "");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        (void)driver_charge(d, BA, "r", "100", bad[i]);
        expect_error(d, 400, "InvalidSandboxSimulationSpecified");
    }
    assert_int_equal(driver_charge(d, BA, "r", "100", "{\"note\":\"no simulation\"}"), 200);
    /* Live, it is a note like any other. */
    driver_agreement(d, "B03-0000000-0000001", "");
    d->path = PATH_LIVE;
    assert_int_equal(driver_charge(d, "B03-0000000-0000001", "r", "100", bad[0]), 200);
    EXPECT(d, "State", "Closed");
    driver_free(d);
}

static void test_simulated_suspension_ends_only_after_asynchronous(void **state)
{
    static const char note[] =
        SIMULATE(DECLINED "\"InvalidPaymentMethod\",\"PaymentMethodUpdateTimeInMins\":5");
    static const char *const timeouts[] = {"1440", "0"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct driver *d = driver_new();
        driver_agreement(d, BA, "");
        (void)driver_call(d, "AuthorizeOnBillingAgreement", "AmazonBillingAgreementId", BA,
                          "AuthorizationReferenceId", "r", "AuthorizationAmount.Amount", "1",
                          "AuthorizationAmount.CurrencyCode", "JPY", "TransactionTimeout",
                          timeouts[i], "SellerAuthorizationNote", note, (char *)NULL);
        driver_pass(d, 2000);
        expect_state(d, "Suspended", "InvalidPaymentMethod");
        driver_pass(d, 5 * MINUTE);
        expect_state(d, i == 0 ? "Open" : "Suspended", i == 0 ? "(none)" : "InvalidPaymentMethod");
        driver_free(d);
    }
}

static void test_simulated_expiry(void **state)
{
    static const char note[] = SIMULATE(
        "\"State\":\"Closed\",\"ReasonCode\":\"ExpiredUnused\",\"ExpirationTimeInMins\":1");
    struct driver *d = driver_new();
    char id[64];

    (void)state;
    driver_agreement(d, BA, "");
    (void)driver_call(d, "AuthorizeOnBillingAgreement", "AmazonBillingAgreementId", BA,
                      "AuthorizationReferenceId", "r", "AuthorizationAmount.Amount", "1",
                      "AuthorizationAmount.CurrencyCode", "JPY", "TransactionTimeout", "0",
                      "SellerAuthorizationNote", note, (char *)NULL);
    EXPECT(d, "State", "Open");
    keep(id, driver_element(d, "AmazonAuthorizationId"));
    driver_pass(d, MINUTE);
    (void)driver_call(d, "GetAuthorizationDetails", "AmazonAuthorizationId", id, (char *)NULL);
    EXPECT(d, "State", "Closed");
    EXPECT(d, "ReasonCode", "ExpiredUnused");
    driver_free(d);
}

/* --- quota, lists, text
 * ------------------------------------------------------------------------------ */

static int count_served(struct driver *d, const char *action, int calls)
{
    int served = 0;

    for (int i = 0; i < calls; i++) {
        (void)driver_call(d, action, "AmazonBillingAgreementId", BA, "AmazonAuthorizationId", "x",
                          (char *)NULL);
        served += d->answer.status != 503;
    }
    return served;
}

static void test_quotas(void **state)
{
    struct driver *d = driver_new();

    (void)state;
    driver_agreement(d, BA, "");
    d->sandbox.quota = QUOTA_SANDBOX;
    assert_int_equal(count_served(d, "ValidateBillingAgreement", 5), 2);
    EXPECT(d, "Type", "");
    EXPECT(d, "Code", "RequestThrottled");
    EXPECT(d, "Message", "Request is throttled");
    assert_string_not_equal(driver_element(d, "RequestID"), "(none)");
    /* Each operation has its own bucket, and it fills again. */
    assert_int_equal(count_served(d, "CloseBillingAgreement", 5), 2);
    assert_int_equal(count_served(d, "GetBillingAgreementDetails", 9), 5);
    driver_pass(d, 1999);
    assert_int_equal(count_served(d, "CloseBillingAgreement", 2), 0);
    driver_pass(d, 1);
    assert_int_equal(count_served(d, "CloseBillingAgreement", 2), 1);
    driver_pass(d, 100 * HOUR);
    assert_int_equal(count_served(d, "CloseBillingAgreement", 5), 2);
    d->sandbox.quota = QUOTA_LIVE;
    assert_int_equal(count_served(d, "GetAuthorizationDetails", 50), 20);
    d->sandbox.quota = QUOTA_OFF;
    assert_int_equal(count_served(d, "GetAuthorizationDetails", 50), 50);
    driver_free(d);
}

static int list(struct driver *d, const char *name, const char *value)
{
    return driver_call(d, "ListOrderReference", "QueryId", "o", "QueryIdType", "SellerOrderId",
                       "PaymentDomain", "FE_JPY", name, value, (char *)NULL);
}

static void test_listing(void **state)
{
    struct driver *d = driver_new();
    char first[64];

    (void)state;
    driver_agreement(d, BA, "");
    assert_int_equal(list(d, "SortOrder", "Ascending"), 200);
    EXPECT(d, "OrderReferenceList", "");
    assert_int_equal(charge_with(d, "r1", "SellerNote", ""), 200);
    keep(first, driver_element(d, "AmazonOrderReferenceId"));
    driver_pass(d, MINUTE);
    assert_int_equal(charge_with(d, "r2", "SellerNote", ""), 200);
    assert_int_equal(list(d, "SortOrder", "Ascending"), 200);
    EXPECT(d, "AmazonOrderReferenceId", first);
    EXPECT(d, "NextPageToken", "(none)");
    assert_int_equal(list(d, "SortOrder", "Descending"), 200);
    assert_string_not_equal(driver_element(d, "AmazonOrderReferenceId"), first);
    assert_int_equal(list(d, "PageSize", "1"), 200);
    EXPECT(d, "AmazonOrderReferenceId", first);
    assert_string_not_equal(driver_element(d, "NextPageToken"), "(none)");
    assert_int_equal(list(d, "CreatedTimeRange.StartTime", "2026-11-22T02:00:30Z"), 200);
    assert_string_not_equal(driver_element(d, "AmazonOrderReferenceId"), first);
    assert_int_equal(list(d, "PaymentDomain", "NA_USD"), 200);
    EXPECT(d, "OrderReferenceList", "");
    assert_int_equal(list(d, "OrderReferenceStatusListFilter.OrderReferenceStatus.1", "Open"), 200);
    EXPECT(d, "OrderReferenceList", "");
    assert_int_equal(list(d, "OrderReferenceStatusListFilter.OrderReferenceStatus.1", "Cancelled"),
                     400);
    assert_int_equal(list(d, "QueryIdType", "Id"), 400);
    assert_int_equal(list(d, "CreatedTimeRange.EndTime", "today"), 400);
    driver_free(d);
}

static void test_text_in_xml(void **state)
{
    struct text text = {0};

    (void)state;
    xml_element(&text, "N", "<a href=\"x\">&'\t\r\n\x01 日本 \xF0\x9F\x8D\xA3 \xFF\xEF\xBF\xBF");
    assert_string_equal(text.bytes,
                        "<N>&lt;a href=&quot;x&quot;&gt;&amp;&#39;\t&#13;\n\xEF\xBF\xBD 日本 "
                        "\xF0\x9F\x8D\xA3 \xEF\xBF\xBD\xEF\xBF\xBD</N>");
    text_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_enrolment),
        cmocka_unit_test(test_a_draft_grows_stale),
        cmocka_unit_test(test_closing),
        cmocka_unit_test(test_agreements_of_others_do_not_exist),
        cmocka_unit_test(test_a_broken_method_fails_validation),
        cmocka_unit_test(test_a_charge_and_its_objects),
        cmocka_unit_test(test_idempotency),
        cmocka_unit_test(test_bad_requests),
        cmocka_unit_test(test_the_month),
        cmocka_unit_test(test_amounts_in_dollars),
        cmocka_unit_test(test_asynchronous),
        cmocka_unit_test(test_open_authorizations_expire),
        cmocka_unit_test(test_declines_by_order),
        cmocka_unit_test(test_simulations),
        cmocka_unit_test(test_simulations_that_are_refused),
        cmocka_unit_test(test_simulated_suspension_ends_only_after_asynchronous),
        cmocka_unit_test(test_simulated_expiry),
        cmocka_unit_test(test_quotas),
        cmocka_unit_test(test_listing),
        cmocka_unit_test(test_text_in_xml),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
