/*
 * test_order.c - order references: every state, reason and transition, constraints, what may be
 * authorized on them and how much, on the sandbox's own clock. The plays are read by scenario.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sandbox/scenario.h"

#define SIMULATE(text) "{\"SandboxSimulation\":{" text "}}"
#define DECLINE(text)  SIMULATE("\"State\":\"Declined\",\"ReasonCode\":" text)

#define CATEGORY(number)                                                                           \
    "OrderAttributes.SellerOrderAttributes.OrderItemCategories.OrderItemCategory." number

struct play {
    const char *name;
    const char *members; /* of the order reference as the widget makes it */
    const char *lines[SCENARIO_LINES_MAX];
};

static const struct play plays[] = {
    {"one-time payment",
     "",
     {("get -> 200 State=Draft ConstraintID=AmountNotSet Buyer=(none) PostalCode=153-0064 "
       "Phone=(none)"),
      "get AccessToken=t -> 200 Phone=0312345678 Email=taro@example.com",
      "get AccessToken=t AddressConsentToken=u -> 400 Code=AmbiguousToken",
      "set amount=1000 note=shoes -> 200 State=Draft ConstraintID=(none) SellerNote=shoes",
      "authorize ref=a amount=1 -> 405 Code=InvalidOrderReferenceStatus", "confirm -> 200",
      "get -> 200 State=Open Phone=0312345678 ExpirationTimestamp=2027-05-21T02:00:00.000Z", NULL}},
    {"constraints stand in the way",
     ",\"payment_plan\":false,\"shipping_address\":false,\"buyer_equals_seller\":true",
     {"confirm -> 400 Code=ConstraintsExist",
      "set amount=100 -> 200 ConstraintID=PaymentPlanNotSet", "POST payment-method {} -> 200",
      "get -> 200 ConstraintID=ShippingAddressNotSet", "POST shipping-address {} -> 200",
      "get -> 200 ConstraintID=BuyerEqualSeller", "confirm -> 400 Code=ConstraintsExist", NULL}},
    {"a simulated constraint goes when the note is overwritten",
     "",
     {"set amount=100 note=" SIMULATE(
          "\"Constraint\":\"PaymentMethodNotAllowed\"") " -> 200 "
                                                        "ConstraintID=PaymentMethodNotAllowed",
      "confirm -> 400 Code=ConstraintsExist",
      "set amount=100 note=" SIMULATE(
          "\"Constraint\":\"Other\"") " -> 400 "
                                      "Code=InvalidSandboxSimulationSpecified",
      "set amount=100 note=plain -> 200 ConstraintID=(none)", "confirm -> 200", NULL}},
    {"only a draft is modified",
     "",
     {"set amount=100 -> 200", "attributes amount=200 -> 200 Amount=200", "confirm -> 200",
      "confirm -> 200", "set amount=100 -> 405 Code=OrderReferenceNotModifiable",
      "attributes amount=100 -> 405 Code=OrderReferenceNotModifiable",
      "attributes OrderAttributes.PlatformId=p -> 405 Code=OrderReferenceNotModifiable",
      "attributes OrderAttributes.SellerOrderAttributes.SellerOrderId=o1 -> 200 SellerOrderId=o1",
      "close -> 200", "attributes note=x -> 405 Code=OrderReferenceNotModifiable", NULL}},
    {"categories of a draft",
     "",
     {"attributes " CATEGORY("1") "=Antiques " CATEGORY("2") "=<Toys>&more -> 200 "
                                                             "OrderItemCategory=Antiques",
      "get -> 200 SellerOrderAttributes/OrderItemCategories=~/OrderItemCategory><OrderItemCategory>"
      "&lt;Toys&gt;&amp;more<",
      "set amount=1000 -> 200 OrderItemCategory=Antiques",
      "attributes " CATEGORY("1") "=Books -> 200 OrderItemCategory=Books", "confirm -> 200",
      "attributes " CATEGORY("1") "=Late -> 405 Code=OrderReferenceNotModifiable",
      "attributes note=x -> 200 OrderItemCategory=Books",
      "authorize ref=a amount=1 TransactionTimeout=0 -> 200 OrderItemCategory=Books",
      "get-authorization -> 200 AuthorizationDetails/OrderItemCategories=~Books",
      "capture ref=c amount=1 -> 200 OrderItemCategories=(none)", NULL}},
    {"categories that are refused",
     "",
     {"attributes " CATEGORY("1") "= -> 400 Code=InvalidParameterValue",
      "attributes " CATEGORY("1") "=a " CATEGORY("2") "=b\nc -> 400 Code=InvalidParameterValue",
      "get -> 200 OrderItemCategories=(none)", NULL}},
    {"totals that are refused",
     "",
     {"set note=x -> 400 Code=InvalidParameterValue",
      ("set OrderReferenceAttributes.OrderTotal.Amount=1 "
       "OrderReferenceAttributes.OrderTotal.CurrencyCode=USD -> 400 Code=CurrencyMismatch"),
      "set amount=10000000 -> 200", "set amount=10000001 -> 400 Code=TransactionAmountExceeded",
      NULL}},
    {"a draft grows stale",
     "",
     {"wait 10799999ms", "get -> 200 State=Draft", "wait 1ms",
      "get -> 200 State=Canceled ReasonCode=Stale",
      "confirm -> 405 Code=InvalidOrderReferenceStatus", NULL}},
    {"180 days",
     "",
     {"set amount=100 -> 200", "confirm -> 200", "wait 179d", "get -> 200 State=Open", "wait 1d",
      "get -> 200 State=Closed ReasonCode=Expired", NULL}},
    {"an hour to authorize",
     "",
     {"set amount=100 -> 200", "confirm ExpectImmediateAuthorization=true -> 200", "wait 59m",
      "get -> 200 State=Open", "wait 1m", "get -> 200 State=Closed ReasonCode=Expired", NULL}},
    {"an hour to authorize, used",
     "",
     {"set amount=100 -> 200", "confirm ExpectImmediateAuthorization=true -> 200", "wait 59m",
      "authorize ref=a amount=100 -> 200", "wait 1m", "get -> 200 State=Open", NULL}},
    {"canceling",
     "",
     {"cancel -> 405 Code=InvalidCancelAttempt", "set amount=1000 -> 200", "confirm -> 200",
      "authorize ref=a amount=100 TransactionTimeout=0 -> 200 State=Open", "cancel note=why -> 200",
      ("get -> 200 State=Canceled ReasonCode=SellerCanceled "
       "ReasonDescription=why"),
      "get-authorization -> 200 State=Closed ReasonCode=OrderReferenceCanceled", "cancel -> 200",
      "close -> 405 Code=InvalidCloseAttempt",
      "authorize ref=b amount=1 -> 405 Code=InvalidOrderReferenceStatus", NULL}},
    {"a captured order is not canceled",
     "",
     {"set amount=1000 -> 200", "confirm -> 200",
      ("authorize ref=a amount=100 TransactionTimeout=0 CaptureNow=true -> 200 "
       "ReasonCode=MaxCapturesProcessed"),
      "cancel -> 405 Code=InvalidCancelAttempt", "close -> 200", "refund ref=r amount=100 -> 200",
      NULL}},
    {"closing leaves open authorizations",
     "",
     {"close -> 405 Code=InvalidCloseAttempt", "set amount=1000 -> 200", "confirm -> 200",
      "authorize ref=a amount=100 TransactionTimeout=0 -> 200", "close note=done -> 200",
      "get -> 200 State=Closed ReasonCode=SellerClosed ReasonDescription=done", "close -> 200",
      "capture ref=c amount=100 -> 200 State=Completed", "cancel -> 405 Code=InvalidCancelAttempt",
      NULL}},
    {"Amazon closes, simulated",
     "",
     {"set amount=1000 -> 200", "confirm -> 200",
      "close note=" SIMULATE(
          "\"State\":\"Closed\",\"ReasonCode\":\"SellerClosed\"") " -> 400 "
                                                                  "Code="
                                                                  "InvalidSandboxSimulationSpecifie"
                                                                  "d",
      "close note=" SIMULATE("\"State\":\"Closed\",\"ReasonCode\":\"AmazonClosed\"") " -> 200",
      "get -> 200 State=Closed ReasonCode=AmazonClosed", NULL}},
    {"Amazon cancels",
     "",
     {"set amount=1000 -> 200", "confirm -> 200", "POST cancel {} -> 200",
      "get -> 200 State=Canceled ReasonCode=AmazonCanceled", NULL}},
    {"a hard decline suspends until the buyer acts",
     "",
     {"set amount=1000 -> 200", "confirm -> 200", "POST payment-method {\"valid\":false} -> 200",
      ("authorize ref=a amount=100 TransactionTimeout=0 -> 200 State=Declined "
       "ReasonCode=InvalidPaymentMethod SoftDecline=false"),
      "get -> 200 State=Suspended ReasonCode=InvalidPaymentMethod",
      "authorize ref=b amount=100 -> 405 Code=InvalidOrderReferenceStatus",
      "POST payment-method {} -> 200", "get -> 200 State=Open",
      "authorize ref=b amount=100 TransactionTimeout=0 -> 200 State=Open", NULL}},
    {"a simulated suspension ends by itself",
     "",
     {"set amount=1000 -> 200", "confirm -> 200",
      "authorize ref=a amount=100 "
      "note=" DECLINE(
          "\"InvalidPaymentMethod\",\"PaymentMethodUpdateTimeInMins\":5") " -> 200 "
                                                                          "State=Pending",
      "wait 2s", "get -> 200 State=Suspended", "wait 5m", "get -> 200 State=Open", NULL}},
    {"declines and the order",
     "",
     {"set amount=1000 -> 200", "confirm -> 200",
      "authorize ref=a amount=1000 TransactionTimeout=0 note=" DECLINE(
          "\"TransactionTimedOut\"") " -> 200 State=Declined",
      "POST decline {\"reason\":\"ProcessingFailure\"} -> 200",
      "authorize ref=b amount=1000 TransactionTimeout=0 -> 200 ReasonCode=ProcessingFailure",
      "get -> 200 State=Open",
      "authorize ref=c amount=1000 TransactionTimeout=0 note=" DECLINE(
          "\"AmazonRejected\"") " -> 200 State=Declined",
      "get -> 200 State=Closed ReasonCode=AmazonClosed", NULL}},
    {"15 % more, and no yen beyond",
     "",
     {"set amount=1000 -> 200", "confirm -> 200",
      "authorize ref=a amount=1151 -> 400 Code=TransactionAmountExceeded",
      "authorize ref=a amount=1000 TransactionTimeout=0 -> 200",
      "authorize ref=b amount=151 -> 400 Code=TransactionAmountExceeded",
      "authorize ref=b amount=150 TransactionTimeout=0 -> 200",
      "authorize ref=c amount=1 -> 400 Code=TransactionAmountExceeded", NULL}},
    {"8,400 yen more at most",
     "",
     {"set amount=100000 -> 200", "confirm -> 200",
      "authorize ref=a amount=108401 -> 400 Code=TransactionAmountExceeded",
      "authorize ref=a amount=108400 TransactionTimeout=0 CaptureNow=true -> 200",
      "get -> 200 State=Closed ReasonCode=MaxAmountCharged", NULL}},
    {"a partial capture releases the rest",
     "",
     {"set amount=1000 -> 200", "confirm -> 200",
      "authorize ref=a amount=1150 TransactionTimeout=0 -> 200",
      "capture ref=c amount=1000 -> 200 State=Completed",
      ("get-authorization -> 200 State=Closed ReasonCode=MaxCapturesProcessed "
       "CapturedAmount/Amount=1000"),
      "authorize ref=b amount=151 -> 400 Code=TransactionAmountExceeded",
      "authorize ref=b amount=150 TransactionTimeout=0 CaptureNow=true -> 200",
      "get -> 200 State=Closed ReasonCode=MaxAmountCharged", NULL}},
    {"ten captures",
     "",
     {"set amount=10000 -> 200", "confirm -> 200",
      "authorize ref=a0 amount=1 TransactionTimeout=0 CaptureNow=true -> 200",
      "authorize ref=a1 amount=1 TransactionTimeout=0 CaptureNow=true -> 200",
      "authorize ref=a2 amount=1 TransactionTimeout=0 CaptureNow=true -> 200",
      "authorize ref=a3 amount=1 TransactionTimeout=0 CaptureNow=true -> 200",
      "authorize ref=a4 amount=1 TransactionTimeout=0 CaptureNow=true -> 200",
      "authorize ref=a5 amount=1 TransactionTimeout=0 CaptureNow=true -> 200",
      "authorize ref=a6 amount=1 TransactionTimeout=0 CaptureNow=true -> 200",
      "authorize ref=a7 amount=1 TransactionTimeout=0 CaptureNow=true -> 200",
      "authorize ref=a8 amount=1 TransactionTimeout=0 -> 200",
      "authorize ref=a9 amount=1 TransactionTimeout=0 CaptureNow=true -> 200",
      "authorize ref=a10 amount=1 -> 400 Code=TransactionCountExceeded", "get -> 200 State=Open",
      NULL}},
    {"orders of an agreement",
     "",
     {"create -> 200 State=Draft Type=BillingAgreement ConstraintID=AmountNotSet",
      "create ConfirmNow=true -> 400 Code=InvalidParameterValue",
      "create IdType=Other -> 400 Code=InvalidParameterValue",
      "create Id=C03-9 -> 404 Code=InvalidBillingAgreementId",
      ("create ConfirmNow=true amount=50000 InheritShippingAddress=false -> 200 State=Open "
       "Destination=(none)"),
      "authorize ref=a amount=50001 -> 400 Code=PeriodicAmountExceeded",
      "authorize ref=a amount=40000 TransactionTimeout=0 -> 200 State=Open",
      "get-agreement -> 200 CurrentRemainingBalance/Amount=10000",
      "capture ref=c amount=30000 -> 200 State=Completed",
      "get-agreement -> 200 CurrentRemainingBalance/Amount=20000",
      "authorize ref=b amount=20000 TransactionTimeout=0 -> 200", "close-authorization -> 200",
      "get-agreement -> 200 CurrentRemainingBalance/Amount=20000",
      "authorize ref=d amount=100 TransactionTimeout=0 note=" DECLINE(
          "\"InvalidPaymentMethod\"") " -> 200",
      "get -> 200 State=Suspended", "get-agreement -> 200 BillingAgreementStatus/State=Suspended",
      "create -> 405 Code=InvalidBillingAgreementStatus", NULL}},
};

static void test_plays(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof plays / sizeof plays[0]; i++) {
        print_message("           %s\n", plays[i].name);
        scenario_play(plays[i].members, plays[i].lines);
    }
}

static void test_a_draft_agreement_has_one_order(void **state)
{
    static const char *const first[] = {"create Id=C03-7 -> 200 State=Draft",
                                        "create Id=C03-7 -> 405 Code=OrderReferenceCountExceeded",
                                        "set amount=5 -> 200", "confirm -> 200", NULL};
    static const char *const canceled[] = {
        "get -> 200 State=Canceled ReasonCode=AmazonCanceled",
        "create Id=C03-7 -> 405 Code=InvalidBillingAgreementStatus", NULL};
    struct scenario s;

    (void)state;
    scenario_begin(&s, "");
    driver_agreement(s.driver, "C03-7", ",\"state\":\"Draft\"");
    scenario_lines(&s, first);
    assert_int_equal(driver_control(s.driver, "POST", "/control/agreements/C03-7/cancel", ""), 200);
    scenario_lines(&s, canceled);
    scenario_end(&s);
}

static int list(struct driver *d, const char *sort)
{
    return driver_call(d, "ListOrderReference", "QueryId", "o", "QueryIdType", "SellerOrderId",
                       "PaymentDomain", "FE_JPY", "PageSize", "2", "SortOrder", sort, (char *)NULL);
}

/* Reads all pages; the ids joined must be all five, in order. */
static void expect_pages(struct driver *d, const char *sort, const char *expected)
{
    char token[2048];
    char all[512] = "";
    int pages = 0;

    assert_int_equal(list(d, sort), 200);
    for (;;) {
        const char *at = d->answer.body.bytes;
        pages++;
        while ((at = strstr(at, "<AmazonOrderReferenceId>")) != NULL) {
            at += strlen("<AmazonOrderReferenceId>");
            (void)strncat(all, at + 18, 1); /* the last digit */
        }
        (void)snprintf(token, sizeof token, "%s", driver_element(d, "NextPageToken"));
        if (strcmp(token, "(none)") == 0) {
            break;
        }
        assert_int_equal(
            driver_call(d, "ListOrderReferenceByNextToken", "NextPageToken", token, (char *)NULL),
            200);
    }
    assert_string_equal(all, expected);
    assert_int_equal(pages, 3);
}

static void test_pages(void **state)
{
    static const char *const name[] = {
        "attributes OrderAttributes.SellerOrderAttributes.SellerOrderId=o -> 200", NULL};
    static const char *const bad[] = {"", "00", "7b7d", "xyz", "7B", "7b2271223a226f227d"};
    struct scenario s;

    (void)state;
    scenario_begin(&s, "");
    for (int i = 5; i >= 2; i--) { /* named in the other order than made */
        char body[128];
        (void)snprintf(body, sizeof body, "{\"seller\":\"%s\",\"id\":\"S03-0000000-000000%d\"}",
                       DRIVER_SELLER, 7 - i);
        assert_int_equal(driver_control(s.driver, "POST", "/control/orders", body), 201);
    }
    for (int i = 5; i >= 1; i--) {
        (void)snprintf(s.order, sizeof s.order, "S03-0000000-000000%d", i);
        scenario_lines(&s, name);
    }
    expect_pages(s.driver, "Ascending", "12345");
    expect_pages(s.driver, "Descending", "54321");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(driver_call(s.driver, "ListOrderReferenceByNextToken", "NextPageToken",
                                     bad[i], (char *)NULL),
                         400);
    }
    scenario_end(&s);
}

static void test_the_clock(void **state)
{
    static const char *const before[] = {"get -> 200 State=Draft", NULL};
    static const char *const after[] = {"get -> 200 State=Canceled ReasonCode=Stale", NULL};
    struct scenario s;

    (void)state;
    scenario_begin(&s, "");
    scenario_lines(&s, before);
    assert_int_equal(driver_control(s.driver, "POST", "/control/clock", "{\"advance_s\":10800}"),
                     200);
    scenario_lines(&s, after); /* signed with the real time */
    assert_int_equal(driver_control(s.driver, "GET", "/control/clock", ""), 200);
    assert_string_equal(s.driver->control.bytes,
                        "{\"now\":\"2026-11-22T05:00:00.000Z\",\"ahead_s\":10800}\n");
    assert_int_equal(driver_control(s.driver, "POST", "/control/clock", "{\"advance_s\":-1}"), 400);
    assert_int_equal(driver_control(s.driver, "POST", "/control/clock", "{}"), 400);
    scenario_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plays),
        cmocka_unit_test(test_a_draft_agreement_has_one_order),
        cmocka_unit_test(test_pages),
        cmocka_unit_test(test_the_clock),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
