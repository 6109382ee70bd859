/*
 * test_transaction.c - captures, refunds, provider credits and the service operations: states,
 * reasons, limits at their edges, idempotency, simulations. The plays are read by scenario.h.
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
#define REJECTED       SIMULATE("\"State\":\"Declined\",\"ReasonCode\":\"AmazonRejected\"")
#define AMAZON_CLOSED  SIMULATE("\"State\":\"Closed\",\"ReasonCode\":\"AmazonClosed\"")
#define OPEN           "set amount=100000 -> 200", "confirm -> 200"
#define AUTHORIZED     OPEN, "authorize ref=a amount=1000 TransactionTimeout=0 -> 200 State=Open"
#define CHARGED        AUTHORIZED, "capture ref=c amount=1000 -> 200 State=Completed"
#define REFUND(n)      "refund ref=r" n " amount=1 -> 200 State=Pending"
#define SHARE(list, element, n, provider, amount)                                                  \
    " " list ".member." n ".ProviderId=" provider " " list ".member." n "." element                \
    ".Amount=" amount " " list ".member." n "." element ".CurrencyCode=JPY"
#define CREDIT(n, provider, amount) SHARE("ProviderCreditList", "CreditAmount", n, provider, amount)
#define BACK(n, provider, amount)                                                                  \
    SHARE("ProviderCreditReversalList", "CreditReversalAmount", n, provider, amount)
#define SHARED                                                                                     \
    AUTHORIZED, ("capture ref=c amount=1000" CREDIT("1", "A1PROV", "100") " -> 200 "               \
                                                                          "State=Completed")
#define ATYPICAL "ReasonCode=StopShipmentAtypicalAuth"

struct play {
    const char *name;
    const char *lines[SCENARIO_LINES_MAX];
};

static const struct play plays[] = {
    {"authorizations end",
     {AUTHORIZED, "close-authorization note=x -> 200", "close-authorization -> 200",
      "get-authorization -> 200 State=Closed ReasonCode=SellerClosed",
      "capture ref=c amount=1 -> 405 Code=InvalidAuthorizationStatus",
      "authorize ref=b amount=1000 TransactionTimeout=0 -> 200", "wait 30d",
      "get-authorization -> 200 State=Closed ReasonCode=ExpiredUnused",
      "close-authorization -> 405 Code=InvalidAuthorizationStatus", NULL}},
    {"pending authorizations can be closed",
     {OPEN, "authorize ref=a amount=1 -> 200 State=Pending", "close-authorization -> 200",
      "wait 1h", "get-authorization -> 200 State=Closed ReasonCode=SellerClosed", NULL}},
    {"simulated: Amazon closes, unused expires",
     {OPEN,
      "authorize ref=a amount=1 TransactionTimeout=0 note=" AMAZON_CLOSED
      " -> 200 State=Closed ReasonCode=AmazonClosed",
      NULL}},
    {"captures are refused",
     {AUTHORIZED, "capture ref=c amount=1001 -> 400 Code=TransactionAmountExceeded",
      "capture ref=c CaptureAmount.Amount=1 CaptureAmount.CurrencyCode=USD -> 400 "
      "Code=CurrencyMismatch",
      "capture ref=c amount=1 AmazonAuthorizationId=S03-0000000-0000001-A000000 -> 404 "
      "Code=InvalidTransactionId",
      "get-capture AmazonCaptureId=x -> 404 Code=InvalidTransactionId",
      "capture ref=c amount=1000 note=" SIMULATE(
          "\"State\":\"Pending\",\"ReasonCode\":\"x\"") " -> 400 "
                                                        "Code=InvalidSandboxSimulationSpecified",
      "capture ref=c amount=1000 note=" REJECTED " -> 200 State=Declined "
      "ReasonCode=AmazonRejected",
      "get-authorization -> 200 State=Open CapturedAmount/Amount=0",
      "capture ref=c2 amount=1000 -> 200 State=Completed",
      "capture ref=c3 amount=1 -> 405 Code=InvalidAuthorizationStatus", NULL}},
    {"captures that wait",
     {AUTHORIZED,
      "capture ref=c amount=1000 note=" SIMULATE("\"State\":\"Pending\"") " -> 200 State=Pending",
      "get-authorization -> 200 ReasonCode=MaxCapturesProcessed CapturedAmount/Amount=0",
      "refund ref=r amount=1 -> 405 Code=CaptureNotRefundable",
      "cancel -> 405 Code=InvalidCancelAttempt", "wait 2s", "get-capture -> 200 State=Completed",
      NULL}},
    {"late captures wait, and may fail",
     {AUTHORIZED, "wait 7d", "capture ref=c amount=1000 -> 200 State=Completed",
      "authorize ref=b amount=1000 TransactionTimeout=0 -> 200", "wait 7d", "wait 1ms",
      "POST decline {\"of\":\"capture\",\"reason\":\"ProcessingFailure\"} -> 200",
      "capture ref=d amount=1000 -> 200 State=Pending", "wait 2s",
      "get-capture -> 200 State=Declined ReasonCode=ProcessingFailure", NULL}},
    {"Amazon closes a capture",
     {AUTHORIZED,
      "capture ref=c amount=1000 note=" AMAZON_CLOSED
      " -> 200 State=Closed ReasonCode=AmazonClosed",
      "refund ref=r amount=1 -> 405 Code=CaptureNotRefundable", NULL}},
    {"refunds",
     {CHARGED,
      ("refund ref=r amount=400 note=sorry SoftDescriptor=back -> 200 State=Pending "
       "RefundType=SellerInitiated SoftDescriptor=AMZ*back SellerRefundNote=sorry"),
      "get-capture -> 200 RefundedAmount/Amount=0",
      "wait 1999ms",
      "get-refund -> 200 State=Pending",
      "wait 1ms",
      "get-refund -> 200 State=Completed",
      "get-capture -> 200 State=Completed RefundedAmount/Amount=400",
      "refund ref=r2 amount=100 note=" REJECTED " -> 200 State=Pending",
      "wait 2s",
      "get-refund -> 200 State=Declined ReasonCode=AmazonRejected",
      "refund ref=r3 amount=100 note=" AMAZON_CLOSED
      " -> 400 Code=InvalidSandboxSimulationSpecified",
      "POST decline {\"of\":\"refund\",\"reason\":\"ProcessingFailure\"} -> 200",
      "refund ref=r3 amount=100 -> 200",
      "wait 2s",
      "get-refund -> 200 State=Declined ReasonCode=ProcessingFailure",
      "refund ref=r4 amount=751 -> 400 Code=TransactionAmountExceeded",
      "refund ref=r4 amount=750 -> 200",
      ("refund ref=r5 amount=1 -> 400 "
       "Code=TransactionAmountExceeded"),
      "wait 2s",
      "get-capture -> 200 State=Closed ReasonCode=MaxAmountRefunded RefundedAmount/Amount=1150",
      "refund ref=r5 amount=1 -> 405 Code=CaptureNotRefundable",
      "get-refund AmazonRefundId=x -> 404 Code=InvalidTransactionId",
      NULL}},
    {"ten refunds",
     {CHARGED, REFUND("0"), REFUND("1"), REFUND("2"), REFUND("3"), REFUND("4"), REFUND("5"),
      REFUND("6"), REFUND("7"), REFUND("8"), REFUND("9"),
      "refund ref=r10 amount=1 -> 400 Code=TransactionCountExceeded", "wait 2s",
      "get-capture -> 200 State=Closed ReasonCode=MaxRefundsProcessed", NULL}},
    {"one name space of reference ids",
     {AUTHORIZED,
      "authorize ref=a amount=1000 TransactionTimeout=0 -> 200 State=Open",
      "authorize ref=a amount=1001 TransactionTimeout=0 -> 400 Code=DuplicateRequest",
      "authorize ref=a amount=1000 -> 400 Code=DuplicateRequest",
      "authorize ref=a amount=1000 TransactionTimeout=0 note=x -> 400 Code=DuplicateRequest",
      "charge ref=a amount=1000 TransactionTimeout=0 -> 400 Code=DuplicateReferenceId",
      "capture ref=a amount=1000 -> 400 Code=DuplicateReferenceId",
      "capture ref=c amount=900 -> 200",
      "capture ref=c amount=900 -> 200 State=Completed",
      "capture ref=c amount=901 -> 400 Code=DuplicateRequest",
      "capture ref=c amount=900 SoftDescriptor=s -> 400 Code=DuplicateRequest",
      "refund ref=c amount=1 -> 400 Code=DuplicateReferenceId",
      "refund ref=r amount=1 -> 200 State=Pending",
      "wait 2s",
      "refund ref=r amount=1 -> 200 State=Completed",
      "refund ref=r amount=2 -> 400 Code=DuplicateRequest",
      "authorize ref=b amount=5 TransactionTimeout=0 CaptureNow=true -> 200",
      "refund ref=r amount=1 -> 400 Code=DuplicateReferenceId",
      "capture ref=c amount=900 -> 400 Code=DuplicateReferenceId",
      "close -> 200",
      "authorize ref=a amount=1000 TransactionTimeout=0 -> 200",
      NULL}},
    {"provider credits",
     {OPEN,
      ("authorize ref=a amount=1000 TransactionTimeout=0 CaptureNow=true "
       "ProviderCreditList.member.1.ProviderId=A1PROVIDER "
       "ProviderCreditList.member.1.CreditAmount.Amount=100 "
       "ProviderCreditList.member.1.CreditAmount.CurrencyCode=JPY -> 200"),
      "get-capture -> 200 ProviderId=A1PROVIDER",
      "get-credit -> 200 State=Open CreditAmount/Amount=100 CreditReversalAmount/Amount=0",
      "reverse ref=v amount=101 -> 400 Code=TransactionAmountExceeded",
      "reverse ref=v amount=40 -> 200 State=Completed", "reverse ref=v amount=40 -> 200",
      "reverse ref=v amount=41 -> 400 Code=DuplicateRequest",
      "get-reversal -> 200 CreditReversalReferenceId=v CreditReversalAmount/Amount=40",
      "reverse ref=w amount=60 -> 200",
      "get-credit -> 200 State=Closed ReasonCode=MaxAmountReversed",
      "reverse ref=x amount=1 -> 400 Code=TransactionAmountExceeded",
      "get-credit AmazonProviderCreditId=x -> 404 Code=InvalidTransactionId", NULL}},
    {"a refund takes credits back when it completes",
     {SHARED,
      ("refund ref=r amount=500" BACK("1", "A1PROV",
                                      "40") " -> 200 State=Pending "
                                            "ProviderCreditReversalSummaryList=(none)"),
      "get-credit -> 200 CreditReversalAmount/Amount=0", "wait 2s",
      ("get-refund -> 200 State=Completed ProviderCreditReversalSummaryList/ProviderId=A1PROV "
       "ProviderCreditReversalId=~-Q"),
      ("get-reversal -> 200 ProviderId=A1PROV CreditReversalReferenceId=r State=Completed "
       "CreditReversalAmount/Amount=40"),
      "get-credit -> 200 State=Open CreditReversalAmount/Amount=40 CreditReversalIdList/member=~-Q",
      "get-capture -> 200 ProviderCreditSummaryList/ProviderId=A1PROV",
      ("refund ref=r2 amount=500" BACK("1", "A1PROV", "60") " -> 200"), "wait 2s",
      "get-credit -> 200 State=Closed ReasonCode=MaxAmountReversed",
      ("refund ref=r3 amount=1" BACK("1", "A1PROV", "1") " -> 400 Code=TransactionAmountExceeded"),
      "refund ref=r3 amount=1 -> 200", "wait 2s",
      "get-refund -> 200 State=Completed ProviderCreditReversalSummaryList=(none)", NULL}},
    {"a Pending refund keeps its credits",
     {SHARED, ("refund ref=r amount=1" BACK("1", "A1PROV", "60") " -> 200"),
      "reverse ref=v amount=41 -> 400 Code=TransactionAmountExceeded",
      ("refund ref=s amount=1" BACK("1", "A1PROV", "41") " -> 400 Code=TransactionAmountExceeded"),
      "reverse ref=v amount=40 -> 200", "wait 2s",
      "get-credit -> 200 State=Closed CreditReversalAmount/Amount=100", NULL}},
    {"until it is declined",
     {SHARED, ("refund ref=r amount=1" BACK("1", "A1PROV", "60") " note=" REJECTED " -> 200"),
      "reverse ref=v amount=41 -> 400 Code=TransactionAmountExceeded", "wait 2s",
      "get-refund -> 200 State=Declined ProviderCreditReversalSummaryList=(none)",
      "get-credit -> 200 State=Open CreditReversalAmount/Amount=0",
      "reverse ref=v amount=100 -> 200", NULL}},
    {"a refund of several providers, and of one that is named twice",
     {AUTHORIZED,
      ("capture ref=c amount=1000" CREDIT("1", "A1PROV", "30") CREDIT("2", "A2PROV", "50")
           CREDIT("3", "A1PROV", "20") " -> 200"),
      ("refund ref=r amount=9" BACK("1", "A1PROV", "31")
           BACK("2", "A1PROV", "20") " -> 400 "
                                     "Code=TransactionAmountExceeded"),
      ("refund ref=r amount=9" BACK("1", "A2PROV", "50") BACK("2", "A1PROV", "20")
           BACK("3", "A1PROV", "20") " -> 200"),
      "wait 2s", "get-refund -> 200 State=Completed ProviderId=A2PROV",
      "get-credit -> 200 ProviderId=A1PROV CreditAmount/Amount=30 State=Closed",
      ("refund ref=s amount=9" BACK("1", "A1PROV", "11") " -> 400 Code=TransactionAmountExceeded"),
      ("refund ref=s amount=9" BACK("1", "A1PROV", "10") " -> 200"), NULL}},
    {"credits that a refund cannot take back",
     {SHARED,
      ("refund ref=r amount=9" BACK("1", "A2PROV", "1") " -> 400 Code=InvalidParameterValue "
                                                        "Message=~A2PROV"),
      ("refund ref=r amount=200" BACK("1", "A1PROV", "101") " -> 400 "
                                                            "Code=TransactionAmountExceeded"),
      ("refund ref=r amount=9" BACK("1", "A1PROV", "0") " -> 400 Code=InvalidParameterValue"),
      ("refund ref=r amount=9 ProviderCreditReversalList.member.1.ProviderId=A1PROV -> 400 "
       "Code=InvalidParameterValue"),
      ("refund ref=r amount=9 ProviderCreditReversalList.member.1.ProviderId=A1PROV "
       "ProviderCreditReversalList.member.1.CreditReversalAmount.Amount=1 "
       "ProviderCreditReversalList.member.1.CreditReversalAmount.CurrencyCode=USD "
       "-> 400 Code=CurrencyMismatch"),
      ("refund ref=r amount=9" BACK("1", "A1PROV", "100") " -> 200"), NULL}},
    {"what a refund takes back is part of the request",
     {SHARED, ("refund ref=r amount=9" BACK("1", "A1PROV", "5") " -> 200"),
      ("refund ref=r amount=9" BACK("1", "A1PROV", "5") " -> 200 State=Pending"), "wait 2s",
      ("refund ref=r amount=9" BACK("1", "A1PROV", "5") " -> 200 State=Completed"),
      ("refund ref=r amount=9" BACK("1", "A1PROV", "6") " -> 400 Code=DuplicateRequest"),
      ("refund ref=r amount=9" BACK("1", "A2PROV", "5") " -> 400 Code=DuplicateRequest"),
      "refund ref=r amount=9 -> 400 Code=DuplicateRequest",
      "get-credit -> 200 CreditReversalAmount/Amount=5", NULL}},
    {"atypical: an authorization and its captures",
     {OPEN, "POST atypical {\"count\":1} -> 200",
      "authorize ref=a amount=10 -> 200 State=Pending " ATYPICAL, "wait 2s",
      "get-authorization -> 200 State=Open " ATYPICAL, "get -> 200 State=Open ReasonCode=(none)",
      "capture ref=c amount=10 note=" SIMULATE(
          "\"State\":\"Pending\"") " -> 200 State=Pending " ATYPICAL,
      "get-authorization -> 200 State=Closed ReasonCode=MaxCapturesProcessed", "wait 2s",
      "get-capture -> 200 State=Completed " ATYPICAL, "refund ref=r amount=12 -> 400",
      "refund ref=r amount=11 -> 200 State=Pending ReasonCode=(none)", "wait 2s",
      "get-refund -> 200 State=Completed ReasonCode=(none)",
      "get-capture -> 200 State=Closed ReasonCode=MaxAmountRefunded",
      "authorize ref=b amount=10 TransactionTimeout=0 -> 200 State=Open ReasonCode=(none)", NULL}},
    {"atypical: what ends otherwise has its own reason",
     {OPEN, "POST atypical {\"count\":4} -> 200",
      "authorize ref=a amount=10 TransactionTimeout=0 note=" REJECTED
      " -> 200 State=Declined ReasonCode=AmazonRejected",
      "get -> 200 State=Closed", NULL}},
    {"captured in Seller Central",
     {OPEN, "POST capture {} -> 400", "authorize ref=a amount=10 TransactionTimeout=0 -> 200",
      "POST capture {\"amount\":\"11\"} -> 400", "POST capture {\"amount\":\"7\"} -> 200",
      "get-authorization -> 200 State=Closed ReasonCode=MaxCapturesProcessed "
      "CapturedAmount/Amount=7",
      "capture ref=c amount=10 -> 405 Code=InvalidAuthorizationStatus", "POST capture {} -> 400",
      NULL}},
    {"atypical: closed, expired, a capture declined",
     {OPEN, "POST atypical {\"count\":3} -> 200",
      "authorize ref=a amount=10 TransactionTimeout=0 -> 200 State=Open " ATYPICAL,
      "close-authorization -> 200", "get-authorization -> 200 ReasonCode=SellerClosed",
      "authorize ref=b amount=10 TransactionTimeout=0 -> 200 State=Open " ATYPICAL,
      "capture ref=c amount=10 note=" REJECTED " -> 200 State=Declined ReasonCode=AmazonRejected",
      "get-authorization -> 200 State=Open " ATYPICAL,
      "capture ref=c2 amount=10 note=" AMAZON_CLOSED " -> 200 ReasonCode=AmazonClosed",
      "authorize ref=d amount=10 TransactionTimeout=0 -> 200 State=Open " ATYPICAL, "wait 30d",
      "get-authorization -> 200 State=Closed ReasonCode=ExpiredUnused", NULL}},
    {"atypical: of an agreement, with CaptureNow",
     {"AGREEMENT atypical {} -> 200",
      "charge ref=a amount=10 TransactionTimeout=0 CaptureNow=true -> 200 State=Closed "
      "ReasonCode=MaxCapturesProcessed",
      "get-capture -> 200 State=Completed " ATYPICAL,
      "get-agreement -> 200 State=Open "
      "ReasonCode=(none)",
      "charge ref=b amount=10 TransactionTimeout=0 CaptureNow=true -> 200",
      "get-capture -> 200 State=Completed ReasonCode=(none)",
      "AGREEMENT atypical {\"count\":5} -> 200", "AGREEMENT atypical {\"count\":0} -> 200",
      "charge ref=c amount=10 TransactionTimeout=0 -> 200 State=Open ReasonCode=(none)",
      "AGREEMENT atypical {\"count\":-1} -> 400", "POST atypical {\"count\":\"1\"} -> 400", NULL}},
};

static void test_plays(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof plays / sizeof plays[0]; i++) {
        print_message("           %s\n", plays[i].name);
        scenario_play("", plays[i].lines);
    }
}

/* The ledger with refunds, before and after a restart. */
static void test_ledger_and_snapshot(void **state)
{
    static const char *const lines[] = {
        CHARGED,   "refund ref=r amount=400 -> 200",  "refund ref=s amount=100 -> 200",
        "wait 2s", "authorize ref=b amount=7 -> 200", NULL};
    char path[] = "/tmp/sandbox-state-XXXXXX";
    int fd = mkstemp(path);
    struct scenario s;
    struct driver *again = driver_new();
    struct problem problem;

    (void)state;
    assert_true(fd >= 0);
    (void)close(fd);
    scenario_begin(&s, "");
    scenario_lines(&s, lines);
    assert_int_equal(snapshot_save(&s.driver->sandbox.world, path, &problem), ST_OK);
    assert_int_equal(snapshot_load(&again->sandbox.world, path, &problem), ST_OK);
    driver_pass(s.driver, 2000);
    again->now = s.driver->now;
    assert_int_equal(driver_control(s.driver, "GET", "/control/ledger", ""), 200);
    assert_int_equal(driver_control(again, "GET", "/control/ledger", ""), 200);
    assert_string_equal(s.driver->control.bytes, again->control.bytes);
    assert_non_null(strstr(again->control.bytes, "\"refunds\":2,\"double_charged\":0"));
    assert_non_null(
        strstr(again->control.bytes, "\"captured\":\"1000\",\"refunds\":2,\"refunded\":\"500\""));
    (void)unlink(path);
    driver_free(again);
    scenario_end(&s);
}

/* Writes `bytes` over what follows the first `after` in the file. */
static void overwrite(const char *path, const char *after, const char *bytes)
{
    char text[65536];
    FILE *file = fopen(path, "r+");
    const char *at;

    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    at = strstr(text, after);
    assert_non_null(at);
    assert_int_equal(fseek(file, (long)(at - text + (ptrdiff_t)strlen(after)), SEEK_SET), 0);
    (void)fputs(bytes, file);
    (void)fclose(file);
}

/* Plays `before`, restarts from the state file, and plays `after`. Unless `over` is NULL, the file
 * is overwritten between; without `after` it must be refused. */
static void play_over_a_restart(const char *const *before, const char *const *after,
                                const char *over, const char *bytes)
{
    char path[] = "/tmp/sandbox-state-XXXXXX";
    int fd = mkstemp(path);
    struct scenario s;
    struct scenario again;
    struct problem problem = {0};

    assert_true(fd >= 0);
    (void)close(fd);
    scenario_begin(&s, "");
    scenario_lines(&s, before);
    assert_int_equal(snapshot_save(&s.driver->sandbox.world, path, &problem), ST_OK);
    if (over != NULL) {
        overwrite(path, over, bytes);
    }
    again = s;
    again.driver = driver_new();
    again.driver->now = s.driver->now;
    if (snapshot_load(&again.driver->sandbox.world, path, &problem) !=
        (after != NULL ? ST_OK : ST_INVALID)) {
        fail_msg("%s is %s", path, problem.text);
    }
    if (after != NULL) {
        scenario_lines(&again, after);
    }
    (void)unlink(path);
    scenario_end(&again);
    scenario_end(&s);
}

static void test_credits_and_reversals_over_a_restart(void **state)
{
    static const char *const before[] = {
        SHARED, ("refund ref=r amount=9" BACK("1", "A1PROV", "40") " -> 200"), "wait 2s",
        ("refund ref=s amount=9" BACK("1", "A1PROV", "30") " -> 200 State=Pending"), NULL};
    static const char *const after[] = {
        "reverse ref=v amount=31 -> 400 Code=TransactionAmountExceeded",
        "wait 2s",
        "get-refund -> 200 State=Completed ProviderId=A1PROV",
        "get-reversal -> 200 CreditReversalReferenceId=s CreditReversalAmount/Amount=30",
        ("refund ref=r amount=9" BACK("1", "A1PROV",
                                      "40") " -> 200 State=Completed "
                                            "ProviderCreditReversalSummaryList/ProviderId=A1PROV"),
        "get-reversal -> 200 CreditReversalReferenceId=r CreditReversalAmount/Amount=40",
        "get-credit -> 200 State=Open CreditReversalAmount/Amount=70",
        NULL};

    (void)state;
    play_over_a_restart(before, after, NULL, NULL);
}

static void test_atypical_over_a_restart(void **state)
{
    static const char *const before[] = {
        OPEN, "POST atypical {\"count\":2} -> 200", "AGREEMENT atypical {} -> 200",
        ("authorize ref=a amount=10 -> 200 State=Pending " ATYPICAL), NULL};
    static const char *const after[] = {
        "wait 2s",
        "get-authorization -> 200 State=Open " ATYPICAL,
        "capture ref=c amount=10 -> 200 State=Completed " ATYPICAL,
        "authorize ref=b amount=10 TransactionTimeout=0 -> 200 State=Open " ATYPICAL,
        "authorize ref=d amount=10 TransactionTimeout=0 -> 200 State=Open ReasonCode=(none)",
        "charge ref=e amount=10 TransactionTimeout=0 -> 200 State=Open " ATYPICAL,
        NULL};

    (void)state;
    play_over_a_restart(before, after, NULL, NULL);
}

/* A reversal names a refund of its own capture. */
static void test_a_reversal_of_no_refund_is_refused(void **state)
{
    static const char *const before[] = {
        SHARED, ("refund ref=r amount=9" BACK("1", "A1PROV", "40") " -> 200"), "wait 2s",
        "get-refund -> 200", NULL};
    static const char *const others[] = {"X", "S03-0000000-0000001-C"};

    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        play_over_a_restart(before, NULL, "\"refund\":\"", others[i]);
    }
}

/* Of the format before: nothing is atypical, refunds have no shares. */
static void test_an_older_state_file(void **state)
{
    static const char *const before[] = {CHARGED, "refund ref=r amount=9 -> 200", NULL};
    static const char *const after[] = {"wait 2s", "get-refund -> 200 State=Completed", NULL};

    (void)state;
    play_over_a_restart(before, after, "{\"format\":\"", SNAPSHOT_FORMAT_OLD);
}

static void test_service(void **state)
{
    struct driver *d = driver_new();

    (void)state;
    d->sandbox.quota = QUOTA_LIVE;
    assert_int_equal(driver_call(d, "GetServiceStatus", (char *)NULL), 200);
    assert_string_equal(driver_element(d, "Status"), "GREEN");
    assert_int_equal(driver_call(d, "GetServiceStatus", (char *)NULL), 200);
    assert_int_equal(driver_call(d, "GetServiceStatus", (char *)NULL), 503);
    driver_pass(d, 299999);
    assert_int_equal(driver_call(d, "GetServiceStatus", (char *)NULL), 503);
    driver_pass(d, 1);
    assert_int_equal(driver_call(d, "GetServiceStatus", (char *)NULL), 200);
    assert_int_equal(driver_call(d, "GetMerchantAccountStatus", (char *)NULL), 200);
    assert_string_equal(driver_element(d, "AccountStatus"), "ACTIVE");
    driver_free(d);
}

#define NOTIFICATION "NotificationConfigurationList.NotificationConfiguration.1."

static void test_notification_configuration(void **state)
{
    static const char *const bad[][2] = {
        {NOTIFICATION "NotificationUrl", "ftp://x"},
        {NOTIFICATION "EventTypes.EventTypeList.1", "SOME"},
    };
    struct driver *d = driver_new();

    (void)state;
    assert_int_equal(driver_call(d, "SetMerchantNotificationConfiguration", (char *)NULL), 400);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(driver_call(d, "SetMerchantNotificationConfiguration",
                                     NOTIFICATION "NotificationUrl", "https://shop.example/ipn",
                                     NOTIFICATION "EventTypes.EventTypeList.1", "ALL", bad[i][0],
                                     bad[i][1], (char *)NULL),
                         400);
    }
    assert_int_equal(driver_call(d, "SetMerchantNotificationConfiguration",
                                 NOTIFICATION "NotificationUrl", "https://shop.example/ipn",
                                 NOTIFICATION "EventTypes.EventTypeList.1", "PAYMENT_REFUND",
                                 NOTIFICATION "EventTypes.EventTypeList.2", "BILLING_AGREEMENT",
                                 (char *)NULL),
                     200);
    assert_int_equal(driver_call(d, "GetMerchantNotificationConfiguration", (char *)NULL), 200);
    assert_string_equal(driver_element(d, "NotificationUrl"), "https://shop.example/ipn");
    assert_string_equal(driver_element(d, "EventTypes"),
                        "<member>PAYMENT_REFUND</member><member>BILLING_AGREEMENT</member>");
    driver_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plays),
        cmocka_unit_test(test_ledger_and_snapshot),
        cmocka_unit_test(test_credits_and_reversals_over_a_restart),
        cmocka_unit_test(test_atypical_over_a_restart),
        cmocka_unit_test(test_a_reversal_of_no_refund_is_refused),
        cmocka_unit_test(test_an_older_state_file),
        cmocka_unit_test(test_service),
        cmocka_unit_test(test_notification_configuration),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
