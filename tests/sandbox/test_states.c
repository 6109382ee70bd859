/*
 * test_states.c - every operation on every object in every state: what it answers, and that what is
 * refused changes nothing.
 *
 * A table for each kind of object: the plays that bring it into its states, the operations, and the
 * answer of each pair. The plays are read by scenario.h. Source: amazon-pay reference, sections 3
 * and 5; where it leaves a choice, the default of rules.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mws/sandbox/agreement.h"
#include "tests/sandbox/scenario.h"

#define SIMULATE(text) "{\"SandboxSimulation\":{" text "}}"
#define DECLINED(why)  SIMULATE("\"State\":\"Declined\",\"ReasonCode\":\"" why "\"")
#define OPEN           "set amount=100000 -> 200", "confirm -> 200"
#define AUTHORIZED     OPEN, "authorize ref=a amount=1000 TransactionTimeout=0 -> 200 State=Open"
#define CAPTURED       AUTHORIZED, "capture ref=c amount=1000 -> 200 State=Completed"

#define SHARE(member)  "ProviderCreditList.member.1." member
#define CREDITED                                                                                   \
    AUTHORIZED,                                                                                    \
        "capture ref=c amount=1000 " SHARE("ProviderId=A1PROV ") SHARE("CreditAmount.Amount=100 ") \
            SHARE("CreditAmount.CurrencyCode=JPY -> 200"),                                         \
        "get-capture -> 200"
#define REFUNDED_FIVE_TIMES(letter)                                                                \
    "refund ref=" letter "1 amount=1 -> 200", "refund ref=" letter "2 amount=1 -> 200",            \
        "refund ref=" letter "3 amount=1 -> 200", "refund ref=" letter "4 amount=1 -> 200",        \
        "refund ref=" letter "5 amount=1 -> 200"

#define STATES_MAX     12
#define OPERATIONS_MAX 7

struct state_row {
    const char *name;
    bool draft; /* the agreement goes back to Draft first */
    const char *lines[20];
    const char *answers[OPERATIONS_MAX]; /* of each operation */
};

struct object_table {
    const char *name;
    const char *show; /* the operation that shows the object */
    const char *shown;
    const char *operations[OPERATIONS_MAX];
    struct state_row states[STATES_MAX];
};

#define YES        "200"
#define BA_STATUS  "405 Code=InvalidBillingAgreementStatus"
#define BA_FIXED   "405 Code=BillingAgreementNotModifiable"
#define ORO_STATUS "405 Code=InvalidOrderReferenceStatus"
#define ORO_FIXED  "405 Code=OrderReferenceNotModifiable"
#define NO_CLOSE   "405 Code=InvalidCloseAttempt"
#define NO_CANCEL  "405 Code=InvalidCancelAttempt"
#define AUTH       "405 Code=InvalidAuthorizationStatus"
#define NO_REFUND  "405 Code=CaptureNotRefundable"

static const struct object_table agreements = {
    "agreement",
    "get-agreement",
    "GetBillingAgreementDetailsResult",
    {"get-agreement", "set-agreement note=x", "confirm-agreement", "validate",
     "close-agreement note=x", "charge ref=z amount=1 TransactionTimeout=0", "create amount=1"},
    {
        {"Draft",
         true,
         {"get-agreement -> 200 State=Draft", NULL},
         {YES, YES, YES, BA_STATUS, BA_STATUS, BA_STATUS, YES}},
        {"Open",
         false,
         {"get-agreement -> 200 State=Open", NULL},
         {YES, BA_FIXED, YES, YES, YES, YES, YES}},
        {"Suspended",
         false,
         {"charge ref=s amount=1 TransactionTimeout=0 note=" DECLINED(
              "InvalidPaymentMethod") " -> 200 State=Declined",
          "get-agreement -> 200 State=Suspended ReasonCode=InvalidPaymentMethod", NULL},
         {YES, BA_FIXED, BA_STATUS, BA_STATUS, YES, BA_STATUS, BA_STATUS}},
        {"Suspended by another program",
         false,
         {"AGREEMENT suspend {} -> 200", "AGREEMENT suspend {} -> 400",
          "get-agreement -> 200 State=Suspended ReasonCode=InvalidPaymentMethod", NULL},
         {YES, BA_FIXED, BA_STATUS, BA_STATUS, YES, BA_STATUS, BA_STATUS}},
        {"Canceled/Stale",
         true,
         {"wait 3h", "get-agreement -> 200 State=Canceled ReasonCode=Stale", NULL},
         {YES, BA_FIXED, BA_STATUS, BA_STATUS, BA_STATUS, BA_STATUS, BA_STATUS}},
        {"Canceled/AmazonCanceled",
         false,
         {"AGREEMENT cancel {} -> 200",
          "get-agreement -> 200 State=Canceled ReasonCode=AmazonCanceled", NULL},
         {YES, BA_FIXED, BA_STATUS, BA_STATUS, BA_STATUS, BA_STATUS, BA_STATUS}},
        {"Closed/SellerClosed",
         false,
         {"close-agreement -> 200", "get-agreement -> 200 State=Closed ReasonCode=SellerClosed",
          NULL},
         {YES, BA_FIXED, BA_STATUS, BA_STATUS, YES, BA_STATUS, BA_STATUS}},
        {"Closed/BuyerClosed",
         false,
         {"AGREEMENT close {} -> 200", "get-agreement -> 200 State=Closed ReasonCode=BuyerClosed",
          NULL},
         {YES, BA_FIXED, BA_STATUS, BA_STATUS, BA_STATUS, BA_STATUS, BA_STATUS}},
        {"Closed/AmazonClosed",
         false,
         {"AGREEMENT close {\"reason\":\"AmazonClosed\"} -> 200", NULL},
         {YES, BA_FIXED, BA_STATUS, BA_STATUS, BA_STATUS, BA_STATUS, BA_STATUS}},
        {"Closed/MaxOrderReferencesProcessed",
         false,
         {"AGREEMENT close {\"reason\":\"MaxOrderReferencesProcessed\"} -> 200", NULL},
         {YES, BA_FIXED, BA_STATUS, BA_STATUS, BA_STATUS, BA_STATUS, BA_STATUS}},
        {"Closed/Expired",
         false,
         {"AGREEMENT close {\"reason\":\"Expired\"} -> 200",
          "get-agreement -> 200 State=Closed ReasonCode=Expired", NULL},
         {YES, BA_FIXED, BA_STATUS, BA_STATUS, BA_STATUS, BA_STATUS, BA_STATUS}},
    }};

static const struct object_table orders = {
    "order",
    "get",
    "GetOrderReferenceDetailsResult",
    {"get", "set amount=5000", "attributes note=x", "confirm", "cancel", "close",
     "authorize ref=z amount=1 TransactionTimeout=0"},
    {
        {"Draft",
         false,
         {"set amount=1000 -> 200 State=Draft", NULL},
         {YES, YES, YES, YES, NO_CANCEL, NO_CLOSE, ORO_STATUS}},
        {"Open",
         false,
         {OPEN, "get -> 200 State=Open", NULL},
         {YES, ORO_FIXED, YES, YES, YES, YES, YES}},
        {"Suspended",
         false,
         {OPEN,
          "authorize ref=s amount=1 TransactionTimeout=0 note=" DECLINED(
              "InvalidPaymentMethod") " -> 200",
          "get -> 200 State=Suspended", NULL},
         {YES, ORO_FIXED, ORO_FIXED, ORO_STATUS, YES, YES, ORO_STATUS}},
        {"Canceled/SellerCanceled",
         false,
         {OPEN, "cancel -> 200", "get -> 200 State=Canceled ReasonCode=SellerCanceled", NULL},
         {YES, ORO_FIXED, ORO_FIXED, ORO_STATUS, YES, NO_CLOSE, ORO_STATUS}},
        {"Canceled/Stale",
         false,
         {"set amount=1 -> 200", "wait 3h", "get -> 200 State=Canceled ReasonCode=Stale", NULL},
         {YES, ORO_FIXED, ORO_FIXED, ORO_STATUS, NO_CANCEL, NO_CLOSE, ORO_STATUS}},
        {"Closed/SellerClosed",
         false,
         {OPEN, "close -> 200", "get -> 200 State=Closed ReasonCode=SellerClosed", NULL},
         {YES, ORO_FIXED, ORO_FIXED, ORO_STATUS, NO_CANCEL, YES, ORO_STATUS}},
        {"Closed/AmazonClosed",
         false,
         {OPEN,
          "authorize ref=s amount=1 TransactionTimeout=0 note=" DECLINED(
              "AmazonRejected") " -> 200",
          "get -> 200 State=Closed ReasonCode=AmazonClosed", NULL},
         {YES, ORO_FIXED, ORO_FIXED, ORO_STATUS, NO_CANCEL, NO_CLOSE, ORO_STATUS}},
        {"Closed/MaxAuthorizationsProcessed",
         false,
         {"charge ref=s amount=1 TransactionTimeout=0 -> 200",
          "get -> 200 State=Closed ReasonCode=MaxAuthorizationsProcessed", NULL},
         {YES, ORO_FIXED, ORO_FIXED, ORO_STATUS, NO_CANCEL, NO_CLOSE, ORO_STATUS}},
        {"Canceled/AmazonCanceled",
         false,
         {OPEN, "POST cancel {} -> 200", "get -> 200 State=Canceled ReasonCode=AmazonCanceled",
          NULL},
         {YES, ORO_FIXED, ORO_FIXED, ORO_STATUS, NO_CANCEL, NO_CLOSE, ORO_STATUS}},
        {"Closed/Expired",
         false,
         {OPEN, "wait 180d", "get -> 200 State=Closed ReasonCode=Expired", NULL},
         {YES, ORO_FIXED, ORO_FIXED, ORO_STATUS, NO_CANCEL, NO_CLOSE, ORO_STATUS}},
        {"Closed/MaxAmountCharged",
         false,
         {OPEN, "authorize ref=a amount=108400 TransactionTimeout=0 CaptureNow=true -> 200",
          "get -> 200 State=Closed ReasonCode=MaxAmountCharged", NULL},
         {YES, ORO_FIXED, ORO_FIXED, ORO_STATUS, NO_CANCEL, NO_CLOSE, ORO_STATUS}},
        {"Open with a capture",
         false,
         {CAPTURED, NULL},
         {YES, ORO_FIXED, YES, YES, NO_CANCEL, YES, YES}},
    }};

static const struct object_table authorizations = {
    "authorization",
    "get-authorization",
    "GetAuthorizationDetailsResult",
    {"get-authorization", "close-authorization", "capture ref=z amount=1", NULL},
    {
        {"Pending",
         false,
         {OPEN, "authorize ref=a amount=9 -> 200 State=Pending", NULL},
         {YES, YES, AUTH}},
        {"Open", false, {AUTHORIZED, NULL}, {YES, YES, YES}},
        {"Declined",
         false,
         {OPEN,
          "authorize ref=a amount=9 TransactionTimeout=0 note=" DECLINED(
              "TransactionTimedOut") " -> 200 State=Declined",
          NULL},
         {YES, AUTH, AUTH}},
        {"Closed/SellerClosed",
         false,
         {AUTHORIZED, "close-authorization -> 200", NULL},
         {YES, YES, AUTH}},
        {"Closed/MaxCapturesProcessed",
         false,
         {CAPTURED, "get-authorization -> 200 ReasonCode=MaxCapturesProcessed", NULL},
         {YES, AUTH, AUTH}},
        {"Closed/ExpiredUnused",
         false,
         {AUTHORIZED, "wait 30d", "get-authorization -> 200 ReasonCode=ExpiredUnused", NULL},
         {YES, AUTH, AUTH}},
        {"Closed/OrderReferenceCanceled",
         false,
         {AUTHORIZED, "cancel -> 200", "get-authorization -> 200 ReasonCode=OrderReferenceCanceled",
          NULL},
         {YES, AUTH, AUTH}},
        {"Open, its order closed",
         false,
         {AUTHORIZED, "close -> 200", "get-authorization -> 200 State=Open", NULL},
         {YES, YES, YES}},
    }};

static const struct object_table captures = {
    "capture",
    "get-capture",
    "GetCaptureDetailsResult",
    {"get-capture", "refund ref=z amount=1", NULL},
    {
        {"Pending",
         false,
         {AUTHORIZED,
          "capture ref=c amount=1 note=" SIMULATE("\"State\":\"Pending\"") " -> 200 State=Pending",
          NULL},
         {YES, NO_REFUND}},
        {"Completed", false, {CAPTURED, NULL}, {YES, YES}},
        {"Declined",
         false,
         {AUTHORIZED,
          "capture ref=c amount=1 note=" DECLINED("AmazonRejected") " -> 200 State=Declined", NULL},
         {YES, NO_REFUND}},
        {"Closed/AmazonClosed",
         false,
         {AUTHORIZED,
          "capture ref=c amount=1 note=" SIMULATE(
              "\"State\":\"Closed\",\"ReasonCode\":\"AmazonClosed\"") " -> 200 State=Closed",
          NULL},
         {YES, NO_REFUND}},
        {"Closed/MaxAmountRefunded",
         false,
         {CAPTURED, "refund ref=r amount=1150 -> 200", "wait 2s",
          "get-capture -> 200 ReasonCode=MaxAmountRefunded", NULL},
         {YES, NO_REFUND}},
        {"Closed/MaxRefundsProcessed",
         false,
         {CAPTURED, REFUNDED_FIVE_TIMES("a"), REFUNDED_FIVE_TIMES("b"), "wait 2s",
          "get-capture -> 200 State=Closed ReasonCode=MaxRefundsProcessed", NULL},
         {YES, NO_REFUND}},
        {"Completed, its order closed", false, {CAPTURED, "close -> 200", NULL}, {YES, YES}},
        {"Completed, its agreement closed",
         false,
         {"charge ref=s amount=1 TransactionTimeout=0 CaptureNow=true -> 200",
          "close-agreement -> 200", NULL},
         {YES, YES}},
    }};

static const struct object_table refunds = {
    "refund",
    "get-refund",
    "GetRefundDetailsResult",
    {"get-refund", NULL},
    {
        {"Pending", false, {CAPTURED, "refund ref=r amount=1 -> 200 State=Pending", NULL}, {YES}},
        {"Completed",
         false,
         {CAPTURED, "refund ref=r amount=1 -> 200", "wait 2s", "get-refund -> 200 State=Completed",
          NULL},
         {YES}},
        {"Declined",
         false,
         {CAPTURED, "refund ref=r amount=1 note=" DECLINED("AmazonRejected") " -> 200", "wait 2s",
          "get-refund -> 200 State=Declined", NULL},
         {YES}},
    }};

static const struct object_table credits = {
    "provider credit",
    "get-credit",
    "GetProviderCreditDetailsResult",
    {"get-credit", "reverse ref=z amount=1", NULL},
    {
        {"Open", false, {CREDITED, "get-credit -> 200 State=Open", NULL}, {YES, YES}},
        {"Open, reversed in part",
         false,
         {CREDITED, "reverse ref=v amount=40 -> 200", "get-credit -> 200 State=Open", NULL},
         {YES, YES}},
        {"Closed/MaxAmountReversed",
         false,
         {CREDITED, "reverse ref=v amount=100 -> 200",
          "get-credit -> 200 State=Closed ReasonCode=MaxAmountReversed", NULL},
         {YES, "400 Code=TransactionAmountExceeded"}},
        {"Open, its order closed", false, {CREDITED, "close -> 200", NULL}, {YES, YES}},
    }};

static const struct object_table reversals = {
    "provider credit reversal",
    "get-reversal",
    "GetProviderCreditReversalDetailsResult",
    {"get-reversal", NULL},
    {
        {"Completed",
         false,
         {CREDITED, "reverse ref=v amount=40 -> 200 State=Completed", NULL},
         {YES}},
    }};

static void show(struct scenario *s, const struct object_table *table, char *text, size_t bytes)
{
    char line[64];
    const char *lines[] = {line, NULL};

    (void)snprintf(line, sizeof line, "%s -> 200", table->show);
    scenario_lines(s, lines);
    (void)snprintf(text, bytes, "%s", driver_element(s->driver, table->shown));
}

static void check_pair(const struct object_table *table, const struct state_row *row,
                       size_t operation)
{
    char line[256];
    const char *lines[] = {line, NULL};
    char before[2048];
    char after[2048];
    struct scenario s;
    struct scenario at_hand;
    struct agreement *agreement;

    scenario_begin(&s, "");
    if (row->draft) {
        agreement = world_find_agreement(&s.driver->sandbox.world, s.agreement);
        agreement->confirmed = false;
        agreement_draft(&s.driver->sandbox.world, agreement);
    }
    scenario_lines(&s, row->lines);
    show(&s, table, before, sizeof before);
    at_hand = s;
    (void)snprintf(line, sizeof line, "%s -> %s", table->operations[operation],
                   row->answers[operation]);
    scenario_lines(&s, lines);
    if (strcmp(row->answers[operation], YES) != 0) {
        show(&at_hand, table, after, sizeof after);
        if (strcmp(before, after) != 0) {
            fail_msg("%s %s: %s changed it", table->name, row->name, line);
        }
    }
    scenario_end(&s);
}

static size_t check_table(const struct object_table *table)
{
    size_t pairs = 0;

    for (size_t s = 0; s < STATES_MAX && table->states[s].name != NULL; s++) {
        print_message("           %s %s\n", table->name, table->states[s].name);
        for (size_t o = 0; o < OPERATIONS_MAX && table->operations[o] != NULL; o++) {
            assert_non_null(table->states[s].answers[o]);
            check_pair(table, &table->states[s], o);
            pairs++;
        }
    }
    return pairs;
}

static void test_every_operation_in_every_state(void **state)
{
    (void)state;
    assert_int_equal(check_table(&agreements), 11 * 7);
    assert_int_equal(check_table(&orders), 12 * 7);
    assert_int_equal(check_table(&authorizations), 8 * 3);
    assert_int_equal(check_table(&captures), 8 * 2);
    assert_int_equal(check_table(&refunds), 3);
    assert_int_equal(check_table(&credits), 4 * 2);
    assert_int_equal(check_table(&reversals), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_operation_in_every_state),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
