/*
 * test_rules.c - the readings of Amazon's documents: each rule of rules.h, played in each of its
 * answers. The plays are read by scenario.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "mws/sandbox/snapshot.h"
#include "tests/sandbox/scenario.h"

#define SIMULATE(text) "{\"SandboxSimulation\":{" text "}}"
#define DECLINED(why)  SIMULATE("\"State\":\"Declined\",\"ReasonCode\":\"" why "\"")
#define REJECTED       DECLINED("AmazonRejected")
#define SOFT                                                                                       \
    SIMULATE("\"State\":\"Declined\",\"ReasonCode\":\"InvalidPaymentMethod\","                     \
             "\"SoftDecline\":\"true\"")
#define OPEN            "set amount=100000 -> 200", "confirm -> 200"
#define SYNC            " amount=1000 TransactionTimeout=0"
#define CHARGE(ref)     "charge ref=" ref SYNC
#define CAPTURE_NOW     " CaptureNow=true"
#define MONTH_LEFT(jpy) "get-agreement -> 200 CurrentRemainingBalance/Amount=" jpy

struct play {
    const char *name;
    const char *lines[SCENARIO_LINES_MAX];
};

static const struct play plays[] = {
    {"repeat",
     {OPEN, "authorize ref=a" SYNC " -> 200 State=Open", "authorize ref=a" SYNC " -> 200",
      "capture ref=c amount=1000 -> 200", "refund ref=r amount=10 -> 200", CHARGE("x") " -> 200",
      "rule repeat=duplicate-request", CHARGE("x") " -> 400 Code=DuplicateRequest",
      CHARGE("new") " -> 200 State=Open", "rule repeat=duplicate-reference",
      CHARGE("x") " -> 400 Code=DuplicateReferenceId",
      "charge ref=x amount=1 TransactionTimeout=0 -> 400 Code=DuplicateRequest",
      "rule repeat=first", CHARGE("x") " -> 200 AuthorizationReferenceId=x", NULL}},
    {"repeat: captures and refunds",
     {OPEN, ("authorize ref=a" SYNC " -> 200 State=Open"), "capture ref=c amount=1000 -> 200",
      "refund ref=r amount=10 -> 200", "rule repeat=duplicate-request",
      ("authorize ref=a" SYNC " -> 400 Code=DuplicateRequest"),
      "capture ref=c amount=1000 -> 400 Code=DuplicateRequest",
      "refund ref=r amount=10 -> 400 Code=DuplicateRequest", "rule repeat=duplicate-reference",
      ("authorize ref=a" SYNC " -> 400 Code=DuplicateReferenceId"),
      "capture ref=c amount=1000 -> 400 Code=DuplicateReferenceId",
      "refund ref=r amount=10 -> 400 Code=DuplicateReferenceId", "get-capture -> 200", "wait 2s",
      "get-capture -> 200 RefundedAmount/Amount=10", NULL}},
    {"repeat-shows",
     {OPEN, "authorize ref=a amount=1 -> 200 State=Pending", "wait 2s",
      "authorize ref=a amount=1 -> 200 State=Open", "rule repeat-shows=first",
      "authorize ref=a amount=1 -> 200 State=Open", /* made under the other reading */
      "authorize ref=b amount=1 -> 200 State=Pending", "wait 2s",
      "authorize ref=b amount=1 -> 200 State=Pending", "get-authorization -> 200 State=Open",
      "capture ref=c amount=1 -> 200 RefundedAmount/Amount=0",
      "refund ref=r amount=1 -> 200 State=Pending", "wait 2s",
      "refund ref=r amount=1 -> 200 State=Pending",
      "capture ref=c amount=1 -> 200 RefundedAmount/Amount=0", "rule repeat-shows=current",
      "refund ref=r amount=1 -> 200 State=Completed",
      "capture ref=c amount=1 -> 200 RefundedAmount/Amount=1", NULL}},
    {"repeat-compares",
     {OPEN, "authorize ref=a amount=7 note=x -> 200",
      "authorize ref=a amount=7 note=y -> 400 Code=DuplicateRequest",
      "authorize ref=a amount=7 -> 400 Code=DuplicateRequest", "rule repeat-compares=no-texts",
      "authorize ref=a amount=7 note=y -> 200", "authorize ref=a amount=7 -> 200",
      "authorize ref=a amount=7 SoftDescriptor=s -> 200",
      "authorize ref=a amount=7 TransactionTimeout=5 -> 400 Code=DuplicateRequest",
      "authorize ref=a amount=7 CaptureNow=true -> 400 Code=DuplicateRequest",
      "authorize ref=a amount=8 -> 400 Code=DuplicateRequest", "rule repeat-compares=amount",
      "authorize ref=a amount=7 TransactionTimeout=5 CaptureNow=true -> 200 CaptureNow=false",
      "authorize ref=a amount=8 -> 400 Code=DuplicateRequest", NULL}},
    {"declined-reference",
     {OPEN, "authorize ref=a" SYNC " note=" SOFT " -> 200 State=Declined",
      "authorize ref=a" SYNC " note=" SOFT " -> 200 State=Declined",
      "authorize ref=a" SYNC " -> 400 Code=DuplicateRequest", "rule declined-reference=free",
      "authorize ref=a" SYNC " -> 200 State=Open", "authorize ref=a" SYNC " -> 200 State=Open",
      "authorize ref=a" SYNC " note=x -> 400 Code=DuplicateRequest", "get -> 200",
      "capture ref=a amount=1 -> 400 Code=DuplicateReferenceId", NULL}},
    {"reference-scope",
     {OPEN, "authorize ref=a" SYNC " -> 200",
      "capture ref=a amount=1 -> 400 Code=DuplicateReferenceId", "rule reference-scope=operation",
      "capture ref=a amount=1 -> 200", "refund ref=a amount=1 -> 200",
      "charge ref=a" SYNC " -> 400 Code=DuplicateReferenceId", NULL}},
    {"soft-decline",
     {OPEN, "authorize ref=a" SYNC " note=" SOFT " -> 200 SoftDecline=true",
      "get -> 200 State=Open", CHARGE("x") " note=" SOFT " -> 200",
      "get-agreement -> 200 State=Open", "rule soft-decline=suspends",
      CHARGE("y") " note=" SOFT " -> 200 SoftDecline=true",
      "get-agreement -> 200 State=Suspended ReasonCode=InvalidPaymentMethod", NULL}},
    {"close-closed",
     {"close-agreement note=bye -> 200", "close-agreement -> 200",
      "get-agreement -> 200 ReasonDescription=bye", "rule close-closed=invalid-status",
      "close-agreement -> 405 Code=InvalidBillingAgreementStatus",
      "rule close-closed=invalid-close-attempt", "close-agreement -> 405 Code=InvalidCloseAttempt",
      NULL}},
    {"mended-method",
     {"AGREEMENT payment-method {\"valid\":false} -> 200",
      "validate -> 200 ValidationResult=Failure",
      "confirm-agreement -> 405 Code=InvalidBillingAgreementStatus",
      "AGREEMENT payment-method {} -> 200", "get-agreement -> 200 State=Open",
      "rule mended-method=awaits-confirm", "AGREEMENT payment-method {\"valid\":false} -> 200",
      "validate -> 200 ValidationResult=Failure FailureReasonCode=InvalidPaymentMethod",
      "confirm-agreement -> 405 Code=InvalidBillingAgreementStatus",
      "AGREEMENT payment-method {} -> 200", "get-agreement -> 200 State=Suspended",
      "confirm-agreement -> 200", "get-agreement -> 200 State=Open", NULL}},
    {"mended-method by validation",
     {"AGREEMENT decline {\"reason\":\"InvalidPaymentMethod\"} -> 200",
      CHARGE("a") " -> 200 State=Declined", "validate -> 405 Code=InvalidBillingAgreementStatus",
      "rule mended-method=awaits-validation",
      "validate -> 200 ValidationResult=Failure FailureReasonCode=InvalidPaymentMethod "
      "State=Suspended",
      "AGREEMENT payment-method {} -> 200", "get-agreement -> 200 State=Suspended",
      "confirm-agreement -> 405 Code=InvalidBillingAgreementStatus",
      CHARGE("b") " -> 405 Code=InvalidBillingAgreementStatus",
      "validate -> 200 ValidationResult=Success State=Open", "get-agreement -> 200 State=Open",
      CHARGE("c") " -> 200", NULL}},
    {"a hard decline is not confirmed away",
     {"rule mended-method=awaits-confirm",
      "AGREEMENT decline {\"reason\":\"InvalidPaymentMethod\"} -> 200",
      CHARGE("a") " -> 200 State=Declined",
      "confirm-agreement -> 405 Code=InvalidBillingAgreementStatus",
      "AGREEMENT payment-method {} -> 200", "confirm-agreement -> 200",
      "get-agreement -> 200 State=Open", NULL}},
    {"mended-method of an order",
     {OPEN, "POST payment-method {\"valid\":false} -> 200",
      "authorize ref=a" SYNC " -> 200 State=Declined", "get -> 200 State=Suspended",
      "POST payment-method {} -> 200", "get -> 200 State=Open", "rule mended-method=awaits-confirm",
      "POST payment-method {\"valid\":false} -> 200",
      "authorize ref=b" SYNC " -> 200 State=Declined",
      "confirm -> 405 Code=InvalidOrderReferenceStatus", "POST payment-method {} -> 200",
      "get -> 200 State=Suspended", "authorize ref=c" SYNC " -> 405", "confirm -> 200",
      "get -> 200 State=Open", "authorize ref=d" SYNC " -> 200 State=Open", NULL}},
    {"failed-validation",
     {"rule failed-validation=ValidationTimedOut",
      "AGREEMENT payment-method {\"valid\":false} -> 200",
      "validate -> 200 ValidationResult=Failure FailureReasonCode=ValidationTimedOut State=Open",
      "get-agreement -> 200 State=Open", NULL}},
    {"rejected-order",
     {OPEN, "rule rejected-order=none", "authorize ref=a" SYNC " note=" REJECTED " -> 200",
      "get -> 200 State=Closed ReasonCode=(none)", NULL}},
    {"charged-order",
     {CHARGE("x") " -> 200", "get -> 200 ReasonCode=MaxAuthorizationsProcessed",
      "rule charged-order=MaxAuthorizationsCaptured", CHARGE("y") " -> 200",
      "get -> 200 ReasonCode=MaxAuthorizationsCaptured", "rule charged-order=SellerClosed",
      CHARGE("z") " -> 200", "get -> 200 ReasonCode=SellerClosed", NULL}},
    {"declined-capture",
     {OPEN, "authorize ref=a" SYNC " -> 200", "rule declined-capture=closes",
      "capture ref=c amount=1000 note=" REJECTED " -> 200 State=Declined",
      "get-authorization -> 200 State=Closed ReasonCode=AmazonClosed",
      "capture ref=d amount=1000 -> 405 Code=InvalidAuthorizationStatus", NULL}},
    {"month-releases=unused",
     {CHARGE("a") " -> 200", MONTH_LEFT("49000"), "close-authorization -> 200", MONTH_LEFT("50000"),
      CHARGE("b") " note=" REJECTED " -> 200", MONTH_LEFT("50000"), CHARGE("c") " -> 200",
      "capture ref=d amount=400 -> 200", MONTH_LEFT("49600"), "refund ref=r amount=400 -> 200",
      "wait 2s", MONTH_LEFT("49600"), NULL}},
    {"month-releases=declined",
     {"rule month-releases=declined", CHARGE("a") " -> 200", "close-authorization -> 200",
      MONTH_LEFT("49000"), CHARGE("b") " note=" REJECTED " -> 200", MONTH_LEFT("49000"),
      CHARGE("c") " -> 200", "capture ref=d amount=400 -> 200", MONTH_LEFT("48000"), NULL}},
    {"month-releases=nothing",
     {"rule month-releases=nothing", CHARGE("b") " note=" REJECTED " -> 200 State=Declined",
      MONTH_LEFT("49000"), NULL}},
    {"month-releases=refunded",
     {"rule month-releases=refunded", CHARGE("a") CAPTURE_NOW " -> 200",
      "refund ref=r amount=400 -> 200", MONTH_LEFT("49000"), "wait 2s", MONTH_LEFT("49400"), NULL}},
    {"month-zone", /* it is 2026-11-22T02:00:00Z */
     {"wait 8d", CHARGE("a") " -> 200", "wait 12h", "wait 59m",
      "get-agreement -> 200 CurrentRemainingBalance/Amount=49000 "
      "TimePeriodStartDate=2026-11-01T00:00:00.000Z",
      "rule month-zone=jst",
      "get-agreement -> 200 CurrentRemainingBalance/Amount=49000 "
      "TimePeriodStartDate=2026-10-31T15:00:00.000Z TimePeriodEndDate=2026-11-30T15:00:00.000Z",
      "wait 1m",
      "get-agreement -> 200 CurrentRemainingBalance/Amount=50000 "
      "TimePeriodStartDate=2026-11-30T15:00:00.000Z TimePeriodEndDate=2026-12-31T15:00:00.000Z",
      "charge ref=b amount=50001 TransactionTimeout=0 -> 400 Code=PeriodicAmountExceeded "
      "Message=~JST",
      "rule month-zone=utc", MONTH_LEFT("49000"), NULL}},
    {"reference-checked",
     {CHARGE("a") CAPTURE_NOW " -> 200", "charge ref=l amount=49000 TransactionTimeout=0 -> 200",
      "charge ref=l amount=49000 TransactionTimeout=0 -> 200", "rule reference-checked=last",
      "charge ref=l amount=49000 TransactionTimeout=0 -> 400 Code=PeriodicAmountExceeded",
      "AGREEMENT close {} -> 200", CHARGE("a") CAPTURE_NOW " -> 405",
      "rule reference-checked=first", CHARGE("a") CAPTURE_NOW " -> 200 State=Closed", NULL}},
    {"reference-checked of captures and refunds",
     {OPEN, "authorize ref=a" SYNC " -> 200", "capture ref=c amount=1000 -> 200",
      "capture ref=c amount=1000 -> 200 State=Completed", "rule reference-checked=last",
      "capture ref=c amount=1000 -> 405 Code=InvalidAuthorizationStatus",
      "refund ref=r amount=1000 -> 200 State=Pending",
      "refund ref=r amount=1000 -> 400 Code=TransactionAmountExceeded",
      "rule reference-checked=first", "refund ref=r amount=1000 -> 200 State=Pending", NULL}},
    {"suspended-lag-ms",
     {"rule suspended-lag-ms=5000", "AGREEMENT suspend {} -> 200",
      "get-agreement -> 200 State=Open ReasonCode=(none)", CHARGE("a") " -> 405", "wait 4999ms",
      "get-agreement -> 200 State=Open", "wait 1ms",
      "get-agreement -> 200 State=Suspended ReasonCode=InvalidPaymentMethod", NULL}},
    {"lists that lag",
     {(CHARGE("a") " SellerOrderAttributes.SellerOrderId=o1 -> 200"), "rule list-lag-ms=5000",
      "list QueryId=o1 PaymentDomain=FE_JPY -> 200 AmazonOrderReferenceId=(none)", "wait 4999ms",
      "list QueryId=o1 PaymentDomain=FE_JPY -> 200 AmazonOrderReferenceId=(none)", "wait 1ms",
      "list QueryId=o1 PaymentDomain=FE_JPY -> 200 SellerOrderId=o1", "rule list-lag-ms=0",
      (CHARGE("b") " SellerOrderAttributes.SellerOrderId=o2 -> 200"),
      "list QueryId=o2 PaymentDomain=FE_JPY -> 200 SellerOrderId=o2", NULL}},
    {"pages of lists",
     {CHARGE("a") " SellerOrderAttributes.SellerOrderId=o -> 200",
      CHARGE("b") " SellerOrderAttributes.SellerOrderId=o -> 200",
      "list QueryId=o PaymentDomain=FE_JPY -> 200 NextPageToken=(none)", "rule list-page-rows=1",
      "list QueryId=o PaymentDomain=FE_JPY PageSize=50 -> 200 NextPageToken=~7b", NULL}},
    {"authorizations-per-order, authorization-days",
     {OPEN, "rule authorizations-per-order=1", "rule authorization-days=2",
      "authorize ref=a" SYNC " -> 200",
      "authorize ref=b" SYNC " -> 400 Code=TransactionCountExceeded", "wait 2d",
      "get-authorization -> 200 State=Closed ReasonCode=ExpiredUnused", NULL}},
    {"expiration-shown", /* it is 2026-11-22T02:00:00Z */
     {OPEN, "rule authorization-days=2",
      "authorize ref=a" SYNC " -> 200 ExpirationTimestamp=2026-11-24T02:00:00.000Z",
      "rule expiration-shown=30-days",
      "get-authorization -> 200 ExpirationTimestamp=2026-12-22T02:00:00.000Z",
      "authorize ref=b" SYNC " -> 200 ExpirationTimestamp=2026-12-22T02:00:00.000Z", "wait 2d",
      "get-authorization -> 200 State=Closed ReasonCode=ExpiredUnused "
      "ExpirationTimestamp=2026-12-22T02:00:00.000Z",
      "rule expiration-shown=as-it-is",
      "get-authorization -> 200 ExpirationTimestamp=2026-11-24T02:00:00.000Z", NULL}},
    {"pending-ms",
     {OPEN, "rule pending-ms=100", "authorize ref=a amount=1 -> 200 State=Pending", "wait 99ms",
      "get-authorization -> 200 State=Pending", "wait 1ms", "get-authorization -> 200 State=Open",
      NULL}},
    {"jpy-fraction",
     {"set amount=1000.00 -> 400 Code=InvalidParameterValue", "rule jpy-fraction=accepted",
      "set amount=1000.00 -> 200 OrderTotal/Amount=1000", "set amount=1000.0 -> 200",
      "set amount=1000.5 -> 400 Code=InvalidParameterValue",
      "set amount=1000. -> 400 Code=InvalidParameterValue",
      "set amount=.00 -> 400 Code=InvalidParameterValue", NULL}},
    {"booleans",
     {OPEN, "authorize ref=a" SYNC " CaptureNow=True -> 400 Code=InvalidParameterValue",
      "rule booleans=any-case", "authorize ref=a" SYNC " CaptureNow=TRUE -> 200 CaptureNow=true",
      "authorize ref=b" SYNC " CaptureNow=False -> 200 CaptureNow=false",
      "authorize ref=c" SYNC " CaptureNow=1 -> 400 Code=InvalidParameterValue", NULL}},
};

static void test_plays(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof plays / sizeof plays[0]; i++) {
        print_message("           %s\n", plays[i].name);
        scenario_play("", plays[i].lines);
    }
}

static void test_constraints_of_both_spellings(void **state)
{
    static const char *const usual[] = {
        "set amount=1 -> 200 ConstraintID=BuyerEqualSeller ConstraintId=(none)",
        "confirm -> 400 Code=ConstraintsExist Message=~BuyerEqualSeller", NULL};
    static const char *const others[] = {
        "rule constraint-element=ConstraintId", "rule buyer-constraint=BuyerEqualsSeller",
        "set amount=1 -> 200 ConstraintId=BuyerEqualsSeller ConstraintID=(none)", NULL};

    (void)state;
    scenario_play(",\"buyer_equals_seller\":true", usual);
    scenario_play(",\"buyer_equals_seller\":true", others);
}

/* Answered before and after a restart: the very bytes, request id and all. */
static void test_the_first_answer_is_repeated_byte_for_byte(void **state)
{
    static const char *const first[] = {"rule repeat-shows=first", "rule declined-reference=free",
                                        CHARGE("x") " note=" SOFT " -> 200 State=Declined",
                                        CHARGE("x") CAPTURE_NOW " -> 200 CapturedAmount/Amount=0",
                                        NULL};
    static const char *const again[] = {CHARGE("x") CAPTURE_NOW " -> 200", NULL};
    char path[] = "/tmp/sandbox-state-XXXXXX";
    int fd = mkstemp(path);
    struct scenario s;
    struct scenario restarted;
    struct problem problem;
    char *body;

    (void)state;
    assert_true(fd >= 0);
    (void)close(fd);
    scenario_begin(&s, "");
    scenario_lines(&s, first);
    body = strdup(s.driver->answer.body.bytes);
    assert_non_null(body);
    scenario_lines(&s, again);
    assert_string_equal(s.driver->answer.body.bytes, body);
    assert_int_equal(snapshot_save(&s.driver->sandbox.world, path, &problem), ST_OK);

    restarted = s;
    restarted.driver = driver_new();
    restarted.driver->sandbox.world.rules = s.driver->sandbox.world.rules;
    assert_int_equal(snapshot_load(&restarted.driver->sandbox.world, path, &problem), ST_OK);
    restarted.driver->now = s.driver->now;
    scenario_lines(&restarted, again);
    assert_string_equal(restarted.driver->answer.body.bytes, body);
    (void)unlink(path);
    free(body);
    driver_free(restarted.driver);
    scenario_end(&s);
}

/* --- the wire -----------------------------------------------------------------------------------
 */

static void set_rules(struct driver *d, const char *json)
{
    if (driver_control(d, "POST", "/control/rules", json) != 200) {
        fail_msg("%s: %s", json, d->control.bytes);
    }
}

static const char *error_of(struct driver *d)
{
    (void)driver_call(d, "CloseBillingAgreement", "AmazonBillingAgreementId", "C03-none",
                      (char *)NULL);
    return d->answer.body.bytes;
}

static void test_layouts_of_errors(void **state)
{
    struct driver *d = driver_new();

    (void)state;
    assert_non_null(strstr(error_of(d), "<Error><Type>Sender</Type><Code>InvalidBillingAgreementId"
                                        "</Code><Message>The BillingAgreementId C03-none is "
                                        "invalid.</Message></Error><RequestId>"));
    set_rules(d, "{\"error-layout\":\"bare\"}");
    assert_non_null(strstr(error_of(d), "</RequestId><Error><Code>InvalidBillingAgreementId</Code>"
                                        "<Message>The BillingAgreementId C03-none is invalid."
                                        "</Message></Error></ErrorResponse>"));
    set_rules(d, "{\"error-layout\":\"detail\"}");
    assert_non_null(strstr(error_of(d), "</Message><Detail></Detail></Error><RequestId>"));
    driver_free(d);
}

static void test_empty_results(void **state)
{
    struct driver *d = driver_new();

    (void)state;
    driver_agreement(d, "C03-0000000-0000001", "");
    for (int i = 0; i < 2; i++) {
        assert_int_equal(driver_call(d, "ConfirmBillingAgreement", "AmazonBillingAgreementId",
                                     "C03-0000000-0000001", (char *)NULL),
                         200);
        assert_int_equal(strstr(d->answer.body.bytes, "<ConfirmBillingAgreementResult/>") != NULL,
                         i == 0);
        assert_string_not_equal(driver_within(d, "ResponseMetadata", "RequestId"), "(none)");
        set_rules(d, "{\"empty-result\":\"absent\"}");
    }
    driver_free(d);
}

static void test_status_of_errors(void **state)
{
    struct driver *d = driver_new();

    (void)state;
    (void)error_of(d);
    assert_int_equal(d->answer.status, 404);
    assert_int_equal(driver_raw(d, "POST", "/nowhere", ""), 404);
    set_rules(d, "{\"error-status\":{\"InvalidBillingAgreementId\":400,\"InvalidAddress\":400}}");
    (void)error_of(d);
    assert_int_equal(d->answer.status, 400);
    assert_int_equal(driver_raw(d, "POST", "/nowhere", ""), 400);
    driver_free(d);
}

/* Literally as Amazon's were seen: reference, 4.1 and 6.1. */
static void test_sentences_seen_of_amazon(void **state)
{
    struct driver *d = driver_new();

    (void)state;
    assert_int_equal(driver_control(d, "POST", "/control/faults",
                                    "[{\"action\":\"*\",\"fault\":\"throttle\",\"count\":1},"
                                    "{\"action\":\"*\",\"fault\":\"error\",\"count\":1,"
                                    "\"code\":\"AccessDenied\"}]"),
                     200);
    assert_non_null(strstr(error_of(d), "<Error><Type></Type><Code>RequestThrottled</Code><Message>"
                                        "Request is throttled</Message></Error><RequestID>"));
    assert_int_equal(d->answer.status, 503);
    assert_non_null(strstr(error_of(d), "<Code>AccessDenied</Code><Message>Access to "
                                        "OffAmazonPayments_Sandbox.CloseBillingAgreement is denied"
                                        "</Message></Error><RequestID>"));
    assert_int_equal(d->answer.status, 401);
    driver_agreement(d, "C01-0000000-0000001", ",\"currency\":\"USD\",\"limit\":\"500\"");
    (void)driver_call(d, "AuthorizeOnBillingAgreement", "AmazonBillingAgreementId",
                      "C01-0000000-0000001", "AuthorizationReferenceId", "a",
                      "AuthorizationAmount.Amount", "503", "AuthorizationAmount.CurrencyCode",
                      "USD", (char *)NULL);
    assert_string_equal(
        driver_element(d, "Message"),
        "BillingAgreement C01-0000000-0000001 has already been authorized for amount 0.00 in time "
        "period i.e. Sun Nov 01 00:00:00 UTC 2026 - Tue Dec 01 00:00:00 UTC 2026. A new "
        "authorization with amount 503.00 cannot be accepted as the total authorization amount "
        "cannot exceed 500.00.");
    driver_free(d);
}

/* Any error, before the work or after it; and a gateway that lost the answer. */
static void test_errors_on_demand(void **state)
{
    struct driver *d = driver_new();

    (void)state;
    driver_agreement(d, "C03-0000000-0000001", "");
    assert_int_equal(driver_control(d, "POST", "/control/faults",
                                    "[{\"action\":\"*\",\"fault\":\"error\",\"count\":1,"
                                    "\"code\":\"InvalidAccountStatus\"},"
                                    "{\"action\":\"*\",\"fault\":\"error\",\"count\":1,"
                                    "\"code\":\"QuotaExceeded\",\"after_work\":true},"
                                    "{\"action\":\"*\",\"fault\":\"gateway\",\"count\":1}]"),
                     200);
    assert_int_equal(driver_charge(d, "C03-0000000-0000001", "a", "1", ""), 403);
    assert_int_equal(d->sandbox.world.totals.captures, 0);
    assert_int_equal(driver_charge(d, "C03-0000000-0000001", "a", "1", ""), 503);
    assert_string_equal(driver_element(d, "Code"), "QuotaExceeded");
    assert_int_equal(d->sandbox.world.totals.captures, 1);
    assert_int_equal(driver_charge(d, "C03-0000000-0000001", "b", "1", ""), 502);
    assert_string_equal(d->answer.content_type, "text/html");
    assert_int_equal(d->sandbox.world.totals.captures, 2);
    assert_int_equal(driver_charge(d, "C03-0000000-0000001", "a", "1", ""), 200);
    assert_string_equal(d->answer.content_type, "text/xml");
    assert_string_equal(driver_element(d, "RequestId"), d->answer.request_id);
    assert_int_equal(
        driver_control(d, "POST", "/control/faults",
                       "[{\"action\":\"*\",\"fault\":\"error\",\"code\":\"Nonsense\"}]"),
        400);
    driver_free(d);
}

static void test_agreements_have_all_constraints(void **state)
{
    struct driver *d = driver_new();

    (void)state;
    driver_agreement(d, "C03-0000000-0000001",
                     ",\"state\":\"Draft\",\"consent\":false,\"payment_plan\":false,"
                     "\"shipping_address\":false,\"method_not_allowed\":true,"
                     "\"buyer_equals_seller\":true");
    assert_int_equal(driver_call(d, "ConfirmBillingAgreement", "AmazonBillingAgreementId",
                                 "C03-0000000-0000001", (char *)NULL),
                     400);
    assert_string_equal(driver_element(d, "Message"),
                        "BillingAgreement C03-0000000-0000001 has constraints BuyerConsentNotSet, "
                        "PaymentPlanNotSet, ShippingAddressNotSet, PaymentMethodNotAllowed, "
                        "BuyerEqualsSeller and cannot be confirmed.");
    driver_free(d);
}

/* A solution provider's key and an MWSAuthToken act for another seller that exists. */
static void test_acting_for_another_seller(void **state)
{
    struct driver *d = driver_new();

    (void)state;
    d->seller = "A2OTHER";
    driver_agreement(d, "C03-0000000-0000002", "");
    assert_int_equal(driver_call(d, "GetBillingAgreementDetails", "AmazonBillingAgreementId",
                                 "C03-0000000-0000002", (char *)NULL),
                     401);
    assert_int_equal(driver_call(d, "GetBillingAgreementDetails", "AmazonBillingAgreementId",
                                 "C03-0000000-0000002", "MWSAuthToken", "amzn.mws.4ea38b7b",
                                 (char *)NULL),
                     200);
    assert_int_equal(driver_call(d, "GetBillingAgreementDetails", "AmazonBillingAgreementId",
                                 "C03-0000000-0000002", "MWSAuthToken", "amzn.mws.4ea38b7b",
                                 "SellerId", "NOBODY", (char *)NULL),
                     401);
    driver_free(d);
}

/* --- setting them -------------------------------------------------------------------------------
 */

static void test_rules_that_are_refused(void **state)
{
    static const char *const wrong[] = {"",
                                        "[]",
                                        "{\"nonsense\":\"first\"}",
                                        "{\"repeat\":\"sometimes\"}",
                                        "{\"repeat\":\"\"}",
                                        "{\"repeat\":\"duplicate\"}",
                                        "{\"repeat\":1}",
                                        "{\"pending-ms\":\"10\"}",
                                        "{\"pending-ms\":-1}",
                                        "{\"pending-ms\":86400001}",
                                        "{\"list-page-rows\":0}",
                                        "{\"list-page-rows\":101}",
                                        "{\"error-status\":{\"Nonsense\":400}}",
                                        "{\"error-status\":{\"ConstraintsExist\":200}}",
                                        "{\"error-status\":{\"ConstraintsExist\":\"404\"}}",
                                        "{\"repeat\":\"duplicate-request\",\"booleans\":\"x\"}"};
    struct driver *d = driver_new();
    char *before;

    (void)state;
    assert_int_equal(driver_control(d, "GET", "/control/rules", ""), 200);
    before = strdup(d->control.bytes);
    assert_non_null(before);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        if (driver_control(d, "POST", "/control/rules", wrong[i]) != 400) {
            fail_msg("%s: %s", wrong[i], d->control.bytes);
        }
    }
    assert_int_equal(driver_control(d, "DELETE", "/control/rules", ""), 405);
    assert_int_equal(driver_control(d, "GET", "/control/rules", ""), 200);
    assert_string_equal(d->control.bytes, before);
    free(before);
    driver_free(d);
}

/* What GET shows can be given back, and is the default. */
static void test_rules_are_shown_as_they_are_set(void **state)
{
    struct driver *d = driver_new();
    char *shown;

    (void)state;
    set_rules(d, "{\"repeat\":\"duplicate-reference\",\"list-lag-ms\":7,"
                 "\"error-status\":{\"ConstraintsExist\":404}}");
    assert_non_null(strstr(d->control.bytes, "\"repeat\":\"duplicate-reference\""));
    assert_non_null(strstr(d->control.bytes, "\"list-lag-ms\":7"));
    assert_non_null(strstr(d->control.bytes, "\"error-status\":{\"ConstraintsExist\":404}"));
    assert_non_null(strstr(d->control.bytes, "\"repeat-shows\":\"current\""));
    shown = strdup(d->control.bytes);
    assert_non_null(shown);
    set_rules(d, shown);
    assert_string_equal(d->control.bytes, shown);
    free(shown);
    driver_free(d);
}

static void test_rules_of_the_command_line(void **state)
{
    struct rules rules = rules_default();
    struct problem problem;

    (void)state;
    for (size_t i = 0; i < rules_count(); i++) { /* the last word of each */
        const char *values = rule_at(i).values;
        const char *last = strrchr(values, '|');
        assert_int_equal(
            rules_set(&rules, rule_at(i).name, last != NULL ? last + 1 : "100", &problem), ST_OK);
        assert_int_equal(rules_set(&rules, rule_at(i).name, "-1", &problem), ST_INVALID);
    }
    assert_int_equal(rules.repeat, REPEAT_DUPLICATE_REFERENCE);
    assert_int_equal(rules.month_releases, RELEASE_REFUNDED);
    assert_int_equal(rules.pending_ms, 100);
    assert_int_equal(rules_set(&rules, "nonsense", "1", &problem), ST_INVALID);
    assert_int_equal(rules_set_status(&rules, "ConstraintsExist=404", &problem), ST_OK);
    assert_int_equal(rules_http_status(&rules, MWS_ERROR_CONSTRAINTS_EXIST), 404);
    assert_int_equal(rules_http_status(&rules, MWS_ERROR_INVALID_ADDRESS), 404);
    assert_int_equal(rules_set_status(&rules, "ConstraintsExist", &problem), ST_INVALID);
    assert_int_equal(rules_set_status(&rules, "=404", &problem), ST_INVALID);
    assert_int_equal(rules_set_status(&rules, "ConstraintsExist=4o4", &problem), ST_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plays),
        cmocka_unit_test(test_constraints_of_both_spellings),
        cmocka_unit_test(test_the_first_answer_is_repeated_byte_for_byte),
        cmocka_unit_test(test_layouts_of_errors),
        cmocka_unit_test(test_empty_results),
        cmocka_unit_test(test_status_of_errors),
        cmocka_unit_test(test_sentences_seen_of_amazon),
        cmocka_unit_test(test_errors_on_demand),
        cmocka_unit_test(test_agreements_have_all_constraints),
        cmocka_unit_test(test_acting_for_another_seller),
        cmocka_unit_test(test_rules_that_are_refused),
        cmocka_unit_test(test_rules_are_shown_as_they_are_set),
        cmocka_unit_test(test_rules_of_the_command_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
