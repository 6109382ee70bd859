/*
 * test_notice.c - who is told of what: every way in which a state is reached, what the buyer
 * changes, what only the control API can bring about; who listens; and the bound of the queue. The
 * texts themselves are tested in test_notice_text.c.
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
#include "mws/sandbox/tell.h"
#include "tests/sandbox/listener.h"

#define DECLINED(reason)                                                                           \
    "note={\"SandboxSimulation\":{\"State\":\"Declined\",\"ReasonCode\":\"" reason "\"}}"
#define OPEN     "set amount=100000 -> 200", "confirm -> 200"
#define RESERVED OPEN, "authorize ref=a amount=1000 TransactionTimeout=0 -> 200 State=Open"
#define CHARGED  RESERVED, "capture ref=c amount=1000 -> 200 State=Completed"
#define SHARES                                                                                     \
    "ProviderCreditList.member.1.ProviderId=A1PROV "                                               \
    "ProviderCreditList.member.1.CreditAmount.Amount=100 "                                         \
    "ProviderCreditList.member.1.CreditAmount.CurrencyCode=JPY"
#define BACK                                                                                       \
    "ProviderCreditReversalList.member.1.ProviderId=A1PROV "                                       \
    "ProviderCreditReversalList.member.1.CreditReversalAmount.Amount=100 "                         \
    "ProviderCreditReversalList.member.1.CreditReversalAmount.CurrencyCode=JPY"
#define SHARED     RESERVED, ("capture ref=c amount=1000 " SHARES " -> 200")

#define ORDER      "OrderReferenceNotification "
#define AUTHORIZE  "PaymentAuthorize "
#define CAPTURE    "PaymentCapture "
#define REFUND     "PaymentRefund "
#define AGREEMENT  "BillingAgreementNotification "
#define STATUS     AGREEMENT "BillingAgreementStatusUpdated "
#define OF_ITS_OWN ORDER "Closed/MaxAuthorizationsProcessed; "

/* After `before` everything so far is heard and forgotten; `lines` tell exactly `told`. */
struct play {
    const char *name;
    const char *before[8];
    const char *lines[8];
    const char *told;
};

static const struct play plays[] = {
    {"an order reference opens", {NULL}, {OPEN, NULL}, ORDER "Open"},
    {"a charge with CaptureNow",
     {NULL},
     {"charge ref=a amount=100 TransactionTimeout=0 CaptureNow=true -> 200", NULL},
     OF_ITS_OWN AUTHORIZE "Closed/MaxCapturesProcessed; " CAPTURE "Completed"},
    {"a charge without",
     {NULL},
     {"charge ref=a amount=100 TransactionTimeout=0 -> 200", NULL},
     OF_ITS_OWN AUTHORIZE "Open"},
    {"what is Pending is not told",
     {NULL},
     {"charge ref=a amount=100 CaptureNow=true -> 200 State=Pending", NULL},
     ORDER "Closed/MaxAuthorizationsProcessed"},
    {"until it is decided",
     {"charge ref=a amount=100 CaptureNow=true -> 200 State=Pending", NULL},
     {"wait 2s", NULL},
     AUTHORIZE "Closed/MaxCapturesProcessed; " CAPTURE "Completed"},
    {"a hard decline suspends",
     {NULL},
     {"charge ref=a amount=100 TransactionTimeout=0 " DECLINED("InvalidPaymentMethod") " -> 200",
      NULL},
     OF_ITS_OWN AUTHORIZE "Declined/InvalidPaymentMethod; " STATUS
                          "Suspended/InvalidPaymentMethod"},
    {"the buyer mends the method",
     {"charge ref=a amount=100 TransactionTimeout=0 " DECLINED("InvalidPaymentMethod") " -> 200",
      NULL},
     {"/control/agreements/{agreement}/payment-method -> 200", NULL},
     AGREEMENT "PaymentMethodUpdated Suspended/InvalidPaymentMethod; " STATUS "Open"},
    {"of an Open agreement, too",
     {NULL},
     {"/control/agreements/{agreement}/payment-method -> 200", NULL},
     AGREEMENT "PaymentMethodUpdated Open"},
    {"a broken method is not an update",
     {NULL},
     {"/control/agreements/{agreement}/payment-method {\"valid\":false} -> 200", NULL},
     ""},
    {"another address",
     {NULL},
     {"/control/agreements/{agreement}/address -> 200", NULL},
     AGREEMENT "AddressUpdated Open"},
    {"address and method at once",
     {NULL},
     {"/control/agreements/{agreement}/address {\"payment_method\":true} -> 200", NULL},
     AGREEMENT "AddressAndPaymentMethodUpdated Open"},
    {"the buyer ends it",
     {NULL},
     {"/control/agreements/{agreement}/close -> 200", NULL},
     STATUS "Closed/BuyerClosed"},
    {"Amazon cancels it and its orders",
     {"create amount=100 ConfirmNow=true -> 200", NULL},
     {"/control/agreements/{agreement}/cancel -> 200", NULL},
     STATUS "Canceled/AmazonCanceled; " ORDER "Canceled/AmazonCanceled"},
    {"a Draft is not told", {NULL}, {"create amount=100 -> 200", NULL}, ""},
    {"but that it became stale", {NULL}, {"wait 3h", NULL}, ORDER "Canceled/Stale"},
    {"an authorization and its capture",
     {OPEN, NULL},
     {"authorize ref=a amount=1000 TransactionTimeout=0 -> 200", "capture ref=c amount=1000 -> 200",
      NULL},
     AUTHORIZE "Open; " AUTHORIZE "Closed/MaxCapturesProcessed; " CAPTURE "Completed"},
    {"a declined capture leaves it",
     {RESERVED, NULL},
     {"capture ref=c amount=1000 " DECLINED("AmazonRejected") " -> 200", NULL},
     CAPTURE "Declined/AmazonRejected"},
    {"a late capture waits",
     {RESERVED, "wait 8d", NULL},
     {"capture ref=c amount=1000 -> 200 State=Pending", NULL},
     AUTHORIZE "Closed/MaxCapturesProcessed"},
    {"a rejected authorization closes its order",
     {OPEN, NULL},
     {"authorize ref=a amount=1000 TransactionTimeout=0 " DECLINED("AmazonRejected") " -> 200",
      NULL},
     AUTHORIZE "Declined/AmazonRejected; " ORDER "Closed/AmazonClosed"},
    {"an authorization that nobody uses",
     {RESERVED, NULL},
     {"wait 30d", NULL},
     AUTHORIZE "Closed/ExpiredUnused"},
    {"the seller closes it",
     {RESERVED, NULL},
     {"close-authorization -> 200", "close-authorization -> 200", NULL},
     AUTHORIZE "Closed/SellerClosed"},
    {"a canceled order closes what was authorized",
     {RESERVED, NULL},
     {"cancel -> 200", NULL},
     ORDER "Canceled/SellerCanceled; " AUTHORIZE "Closed/OrderReferenceCanceled"},
    {"the seller closes the order",
     {OPEN, NULL},
     {"close -> 200", NULL},
     ORDER "Closed/SellerClosed"},
    {"a refund",
     {CHARGED, NULL},
     {"refund ref=r amount=10 -> 200", "wait 2s", NULL},
     REFUND "Completed"},
    {"a refund of all",
     {CHARGED, NULL},
     {"refund ref=r amount=1150 -> 200", "wait 2s", NULL},
     REFUND "Completed; " CAPTURE "Closed/MaxAmountRefunded"},
    {"a refund that fails",
     {CHARGED, NULL},
     {"refund ref=r amount=10 " DECLINED("AmazonRejected") " -> 200", "wait 2s", NULL},
     REFUND "Declined/AmazonRejected"},
    {"a refund that Amazon makes",
     {CHARGED, NULL},
     {"/control/captures/{capture}/refund {\"amount\":\"400\"} -> 201",
      "/control/captures/{capture}/refund {\"type\":\"Chargeback\",\"amount\":\"750\"} -> 201",
      NULL},
     REFUND "Completed/AmazonA-ZRefund; " REFUND "Completed; " CAPTURE "Closed/MaxAmountRefunded"},
    {"a chargeback",
     {CHARGED, NULL},
     {"/control/captures/{capture}/chargeback -> 200",
      "/control/rules {\"chargeback-type\":\"joined\"} -> 200",
      "/control/captures/{capture}/chargeback {\"reason\":\"unauthorized\"} -> 200", NULL},
     "Chargeback Detailed Notification; ChargebackDetailedNotification"},
    {"a provider's share",
     {NULL},
     {SHARED, NULL},
     ORDER "Open; " AUTHORIZE "Open; " AUTHORIZE "Closed/MaxCapturesProcessed; " CAPTURE
           "Completed; ProviderCredit Open"},
    {"and its reversal",
     {SHARED, NULL},
     {"reverse ref=v amount=100 -> 200", NULL},
     "ProviderCreditReversal Completed; ProviderCredit Closed/MaxAmountReversed"},
    {"and by a refund",
     {SHARED, NULL},
     {"refund ref=r amount=500 " BACK " -> 200", "wait 2s", NULL},
     REFUND "Completed; ProviderCreditReversal Completed; ProviderCredit "
            "Closed/MaxAmountReversed"},
    {"an atypical authorization and its capture",
     {OPEN, "/control/orders/{order}/atypical -> 200", NULL},
     {"authorize ref=a amount=1000 -> 200 State=Pending", "wait 2s",
      "capture ref=c amount=1000 -> 200", NULL},
     AUTHORIZE "Open/StopShipmentAtypicalAuth; " AUTHORIZE "Closed/MaxCapturesProcessed; " CAPTURE
               "Completed/StopShipmentAtypicalAuth"},
    {"an atypical charge with CaptureNow",
     {"/control/agreements/{agreement}/atypical {\"count\":1} -> 200", NULL},
     {"charge ref=a amount=100 TransactionTimeout=0 CaptureNow=true -> 200", NULL},
     OF_ITS_OWN AUTHORIZE "Closed/MaxCapturesProcessed; " CAPTURE
                          "Completed/StopShipmentAtypicalAuth"},
    {"a solution provider's merchant",
     {NULL},
     {"/control/notifications/solution-provider "
      "{\"seller\":\"A1SELLER\",\"merchant\":\"A2MERCHANT\"} -> 200",
      NULL},
     "SolutionProviderEvent"},
    {"repeated requests tell nothing",
     {"charge ref=a amount=100 TransactionTimeout=0 CaptureNow=true -> 200", NULL},
     {"charge ref=a amount=100 TransactionTimeout=0 CaptureNow=true -> 200", "get -> 200",
      "get-capture -> 200", NULL},
     ""},
};

static void each_change_is_told_once(void **state)
{
    struct text told = {0};

    (void)state;
    for (size_t i = 0; i < sizeof plays / sizeof plays[0]; i++) {
        struct scenario s;
        scenario_begin(&s, "");
        listen_to_all(&s);
        listener_play(&s, plays[i].before);
        (void)listener_told(&s, &told);
        listener_play(&s, plays[i].lines);
        if (strcmp(listener_told(&s, &told), plays[i].told) != 0) {
            fail_msg("%s: told is \"%s\", not \"%s\"", plays[i].name, told.bytes, plays[i].told);
        }
        scenario_end(&s);
    }
    text_free(&told);
}

static void agreements_of_the_sellers_calls(void **state)
{
    struct scenario s;
    struct text told = {0};

    (void)state;
    scenario_begin(&s, "");
    listen_to_all(&s);
    driver_agreement(s.driver, "C03-0000000-0000002", ",\"state\":\"Draft\"");
    assert_int_equal(driver_control(s.driver, "POST",
                                    "/control/agreements/C03-0000000-0000002/payment-method", ""),
                     200);
    assert_string_equal(listener_told(&s, &told), ""); /* a Draft */
    assert_int_equal(driver_call(s.driver, "ConfirmBillingAgreement", "AmazonBillingAgreementId",
                                 "C03-0000000-0000002", (char *)NULL),
                     200);
    assert_string_equal(listener_told(&s, &told), STATUS "Open");
    assert_int_equal(driver_control(s.driver, "POST",
                                    "/control/agreements/C03-0000000-0000002/payment-method",
                                    "{\"valid\":false}"),
                     200);
    assert_int_equal(driver_call(s.driver, "ValidateBillingAgreement", "AmazonBillingAgreementId",
                                 "C03-0000000-0000002", (char *)NULL),
                     200);
    assert_string_equal(listener_told(&s, &told), STATUS "Suspended/InvalidPaymentMethod");
    assert_int_equal(driver_call(s.driver, "CloseBillingAgreement", "AmazonBillingAgreementId",
                                 "C03-0000000-0000002", (char *)NULL),
                     200);
    assert_string_equal(listener_told(&s, &told), STATUS "Closed/SellerClosed");
    driver_agreement(s.driver, "C03-0000000-0000003", "");
    assert_string_equal(listener_told(&s, &told), STATUS "Open");
    assert_int_equal(driver_control(s.driver, "POST", "/control/agreements",
                                    "{\"seller\":\"A1SELLER\",\"count\":50}"),
                     201);
    assert_string_equal(listener_told(&s, &told), ""); /* set up in bulk */
    text_free(&told);
    scenario_end(&s);
}

static void a_simulated_buyer_mends_the_method(void **state)
{
    static const char *const lines[] = {
        "charge ref=a amount=100 note={\"SandboxSimulation\":{\"State\":\"Declined\","
        "\"ReasonCode\":\"InvalidPaymentMethod\",\"PaymentMethodUpdateTimeInMins\":2}} -> 200",
        "wait 2s", NULL};
    struct scenario s;
    struct text told = {0};

    (void)state;
    scenario_begin(&s, "");
    listen_to_all(&s);
    listener_play(&s, lines);
    assert_string_equal(listener_told(&s, &told), OF_ITS_OWN AUTHORIZE
                        "Declined/InvalidPaymentMethod; " STATUS "Suspended/InvalidPaymentMethod");
    driver_pass(s.driver, 120000);
    assert_string_equal(listener_told(&s, &told), AGREEMENT
                        "PaymentMethodUpdated Suspended/InvalidPaymentMethod; " STATUS "Open");
    text_free(&told);
    scenario_end(&s);
}

static void samples_of_every_type(void **state)
{
    struct scenario s;
    struct text told = {0};

    (void)state;
    scenario_begin(&s, "");
    listen_to_all(&s);
    assert_int_equal(driver_control(s.driver, "POST", "/control/notifications/sample",
                                    "{\"seller\":\"A1SELLER\",\"currency\":\"USD\"}"),
                     200);
    assert_string_equal(listener_told(&s, &told),
                        "PaymentAuthorize/None; PaymentCapture/None; PaymentRefund/None; "
                        "OrderReferenceNotification/None; BillingAgreementNotification "
                        "BillingAgreementStatusUpdated/None; Chargeback Detailed Notification; "
                        "ProviderCredit/None; ProviderCreditReversal/None; SolutionProviderEvent");
    assert_int_equal(driver_control(s.driver, "POST", "/control/notifications/sample",
                                    "{\"seller\":\"A1SELLER\",\"type\":\"PaymentRefund\"}"),
                     200);
    assert_string_equal(listener_told(&s, &told), "PaymentRefund/None");
    text_free(&told);
    scenario_end(&s);
}

/* --- who listens ------------------------------------------------------------------------------ */

#define LIST   "NotificationConfigurationList.NotificationConfiguration."
#define EVENTS ".EventTypes.EventTypeList."

static const char *told_after_charge(struct scenario *s, const char *reference, struct text *told)
{
    assert_int_equal(driver_charge(s->driver, s->agreement, reference, "100", "x"), 200);
    return listener_told(s, told);
}

static void only_chosen_event_types(void **state)
{
    struct scenario s;
    struct text told = {0};

    (void)state;
    scenario_begin(&s, "");
    assert_string_equal(told_after_charge(&s, "a", &told), "");
    assert_int_equal(s.driver->sandbox.world.notices.made, 0);
    assert_int_equal(driver_call(s.driver, "SetMerchantNotificationConfiguration",
                                 LIST "1.NotificationUrl", "https://shop.example/ipn",
                                 LIST "1" EVENTS "1", "PAYMENT_CAPTURE", LIST "2.NotificationUrl",
                                 "https://shop.example/orders", LIST "2" EVENTS "1",
                                 "ORDER_REFERENCE", (char *)NULL),
                     200);
    assert_string_equal(told_after_charge(&s, "b", &told), OF_ITS_OWN CAPTURE "Completed");
    s.driver->path = PATH_LIVE;
    driver_agreement(s.driver, "B03-0000000-0000001", "");
    (void)snprintf(s.agreement, sizeof s.agreement, "B03-0000000-0000001");
    assert_string_equal(told_after_charge(&s, "c", &told), ""); /* only the sandbox's was set */
    assert_int_equal(driver_call(s.driver, "SetMerchantNotificationConfiguration",
                                 LIST "1.NotificationUrl", "https://shop.example/ipn",
                                 LIST "1" EVENTS "1", "ALL", (char *)NULL),
                     200);
    assert_string_equal(told_after_charge(&s, "d", &told),
                        OF_ITS_OWN AUTHORIZE "Closed/MaxCapturesProcessed; " CAPTURE "Completed");
    text_free(&told);
    scenario_end(&s);
}

static void one_seller_or_all(void **state)
{
    struct scenario s;
    struct text told = {0};

    (void)state;
    scenario_begin(&s, "");
    assert_int_equal(driver_control(s.driver, "POST", "/control/notifications",
                                    "{\"seller\":\"A9OTHER\",\"url\":\"" LISTENER_URL "\"}"),
                     200);
    assert_string_equal(told_after_charge(&s, "a", &told), "");
    assert_int_equal(driver_control(s.driver, "PUT", "/control/notifications",
                                    "{\"seller\":\"A1SELLER\",\"url\":\"" LISTENER_URL "\"}"),
                     200);
    assert_string_not_equal(told_after_charge(&s, "b", &told), "");
    assert_int_equal(
        driver_control(s.driver, "PUT", "/control/notifications", "{\"seller\":\"A1SELLER\"}"),
        200);
    assert_string_equal(told_after_charge(&s, "c", &told), "");
    text_free(&told);
    scenario_end(&s);
}

static void urls_that_are_allowed(void **state)
{
    static const char *const good[] = {
        "https://shop.example/ipn",
        "https://127.0.0.1:8443/",
        "http://127.0.0.1:8080/ipn?x=1",
        "http://127.9.9.9",
        "http://localhost/ipn",
        "http://localhost:1/ipn",
        "http://[::1]:8080/",
        "http://[::1]",
    };
    static const char *const bad[] = {
        "",
        "ipn",
        "ftp://localhost/",
        "https://",
        "https:///x",
        "http://shop.example/ipn",
        "http://localhost.example/",
        "http://localhostx/",
        "http://127.0.0.1.example/",
        "http://127.0.0.1@shop.example/",
        "http://localhost@shop.example/",
        "https://user@shop.example/",
        "http://[::1].example/",
        "http://[::2]/",
        "http://[::1",
        "http://128.0.0.1/",
        "http://localhost\\@shop.example/",
        "https://shop.example/a b",
        "https://shop.example/\r\nX: y",
        "HTTPS://shop.example/",
    };

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        if (!notice_url_is_allowed(good[i])) {
            fail_msg("%s is refused", good[i]);
        }
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (notice_url_is_allowed(bad[i])) {
            fail_msg("\"%s\" is allowed", bad[i]);
        }
    }
}

static void what_the_control_api_refuses(void **state)
{
    static const struct {
        const char *method, *path, *body;
        int status;
    } rows[] = {
        {"POST", "", "{\"url\":\"http://shop.example/\"}", 400},
        {"PUT", "", "{\"seller\":\"\",\"url\":\"https://shop.example/\"}", 400},
        {"DELETE", "", "", 405},
        {"GET", "/flush", "", 405},
        {"POST", "/nothing", "", 404},
        {"POST", "/sample", "{}", 400},
        {"POST", "/sample", "{\"seller\":\"A1\",\"type\":\"Nonsense\"}", 400},
        {"POST", "/sample", "{\"seller\":\"A1\",\"environment\":\"moon\"}", 400},
        {"POST", "/sample", "{\"seller\":\"A1\",\"currency\":\"ZZZ\"}", 400},
        {"POST", "/solution-provider", "{\"seller\":\"A1\"}", 400},
        {"POST", "/solution-provider", "{\"merchant\":\"A1\"}", 400},
        {"GET", "/faults", "", 405},
    };
    static const struct {
        const char *act, *body;
        int status;
    } captures[] = {
        {"chargeback", "{\"reason\":\"greed\"}", 400},     {"chargeback", "{\"amount\":5}", 400},
        {"refund", "{\"type\":\"SellerInitiated\"}", 400}, {"refund", "{\"amount\":\"0\"}", 400},
        {"refund", "{\"amount\":\"1151\"}", 409},          {"nothing", "", 404},
    };
    static const char *const charged[] = {CHARGED, NULL};
    struct scenario s;
    char path[160];

    (void)state;
    scenario_begin(&s, "");
    listener_play(&s, charged);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)snprintf(path, sizeof path, "/control/notifications%s", rows[i].path);
        if (driver_control(s.driver, rows[i].method, path, rows[i].body) != rows[i].status) {
            fail_msg("%s %s %s: %s", rows[i].method, path, rows[i].body, s.driver->control.bytes);
        }
    }
    for (size_t i = 0; i < sizeof captures / sizeof captures[0]; i++) {
        (void)snprintf(path, sizeof path, "/control/captures/%s/%s", s.capture, captures[i].act);
        if (driver_control(s.driver, "POST", path, captures[i].body) != captures[i].status) {
            fail_msg("%s %s: %s", path, captures[i].body, s.driver->control.bytes);
        }
    }
    assert_int_equal(
        driver_control(s.driver, "POST", "/control/captures/S03-0-0-C0/chargeback", ""), 404);
    assert_int_equal(driver_control(s.driver, "POST", "/control/captures", ""), 404);
    scenario_end(&s);
}

/* --- the queue -------------------------------------------------------------------------------- */

static void the_queue_is_bounded(void **state)
{
    struct scenario s;
    struct world *world;
    struct notice *notice;

    (void)state;
    scenario_begin(&s, "");
    listen_to_all(&s);
    world = &s.driver->sandbox.world;
    for (int i = 0; i < NOTICES_MAX + 10; i++) {
        tell_sample(world, world_find_seller(world, DRIVER_SELLER), ENVIRONMENT_SANDBOX,
                    currency_find("JPY"), NOTICE_PAYMENT_REFUND, s.driver->now);
    }
    assert_int_equal(world->notices.made, NOTICES_MAX + 10);
    assert_int_equal(world->notices.overflowed, 10);
    assert_int_equal(world->notices.count, NOTICES_MAX);
    notice = notice_queue_take(&world->notices);
    assert_non_null(notice);
    assert_int_equal(world->notices.count, NOTICES_MAX - 1);
    notice_release(notice);
    scenario_end(&s);
}

/* Who made a refund, and where a seller listens, survive; what waits does not. */
static void over_a_restart(void **state)
{
    static const char *const lines[] = {
        CHARGED,
        ("/control/captures/{capture}/refund "
         "{\"type\":\"AmazonA-ZGuarantee\",\"amount\":\"30\"} -> 201"),
        NULL};
    static const char *const refunded[] = {"get-refund -> 200 RefundType=AmazonA-ZGuarantee",
                                           "refund ref=r amount=10 -> 200", "wait 2s", NULL};
    char path[] = "/tmp/sandbox-notice-XXXXXX";
    int fd = mkstemp(path);
    struct scenario s;
    struct problem problem;
    struct text told = {0};
    struct scenario again;

    (void)state;
    assert_true(fd >= 0);
    (void)close(fd);
    scenario_begin(&s, "");
    assert_int_equal(driver_call(s.driver, "SetMerchantNotificationConfiguration",
                                 LIST "1.NotificationUrl", "https://shop.example/ipn",
                                 LIST "1" EVENTS "1", "PAYMENT_REFUND", (char *)NULL),
                     200);
    listener_play(&s, lines);
    assert_int_equal(s.driver->sandbox.world.notices.count, 1);
    (void)snprintf(s.refund, sizeof s.refund, "%s", s.driver->sandbox.world.last_transaction->id);
    assert_int_equal(snapshot_save(&s.driver->sandbox.world, path, &problem), ST_OK);
    again = s;
    again.driver = driver_new();
    again.driver->now = s.driver->now;
    assert_int_equal(snapshot_load(&again.driver->sandbox.world, path, &problem), ST_OK);
    (void)unlink(path);
    assert_string_equal(listener_told(&again, &told), "");
    listener_play(&again, refunded);
    assert_string_equal(listener_told(&again, &told), REFUND "Completed");
    scenario_end(&s);
    scenario_end(&again);
    text_free(&told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_change_is_told_once),
        cmocka_unit_test(agreements_of_the_sellers_calls),
        cmocka_unit_test(a_simulated_buyer_mends_the_method),
        cmocka_unit_test(samples_of_every_type),
        cmocka_unit_test(only_chosen_event_types),
        cmocka_unit_test(one_seller_or_all),
        cmocka_unit_test(urls_that_are_allowed),
        cmocka_unit_test(what_the_control_api_refuses),
        cmocka_unit_test(the_queue_is_bounded),
        cmocka_unit_test(over_a_restart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
