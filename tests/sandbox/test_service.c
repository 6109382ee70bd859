/*
 * test_service.c - what a seller hears of Amazon itself: the state of the service and of its
 * account, and every error code as the fault `error` plays it.
 *
 * The statuses are written down here once more, from the tables of the amazon-pay reference
 * (sections 6.1 and 6.2), so that a slip in mws/vocab.h does not confirm itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sandbox/driver.h"

#define BA      "C03-0000000-0000001"
#define ACCOUNT "/control/sellers/" DRIVER_SELLER "/account"

struct error_row {
    const char *code;
    int status;
    const char *id_element; /* RequestID is that of the front end */
};

static const struct error_row errors[] = {
    {"AccessDenied", 401, "RequestID"},
    {"AmbiguousToken", 400, "RequestId"},
    {"BillingAgreementConstraintsExist", 400, "RequestId"},
    {"BillingAgreementNotModifiable", 405, "RequestId"},
    {"CaptureNotRefundable", 405, "RequestId"},
    {"ConstraintsExist", 400, "RequestId"},
    {"CurrencyMismatch", 400, "RequestId"},
    {"CurrencyUnsupported", 400, "RequestId"},
    {"DuplicateReferenceId", 400, "RequestId"},
    {"DuplicateRequest", 400, "RequestId"},
    {"InputStreamDisconnected", 400, "RequestID"},
    {"InternalError", 500, "RequestID"},
    {"InternalServerError", 500, "RequestId"},
    {"InvalidAccessKeyId", 403, "RequestID"},
    {"InvalidAccountStatus", 403, "RequestId"},
    {"InvalidAddress", 404, "RequestID"},
    {"InvalidAddressConsentToken", 404, "RequestId"},
    {"InvalidAuthorizationStatus", 405, "RequestId"},
    {"InvalidBillingAgreementId", 404, "RequestId"},
    {"InvalidBillingAgreementStatus", 405, "RequestId"},
    {"InvalidCancelAttempt", 405, "RequestId"},
    {"InvalidCloseAttempt", 405, "RequestId"},
    {"InvalidOrderReferenceId", 404, "RequestId"},
    {"InvalidOrderReferenceStatus", 405, "RequestId"},
    {"InvalidParameterValue", 400, "RequestId"},
    {"InvalidSandboxSimulationSpecified", 400, "RequestId"},
    {"InvalidTransactionId", 404, "RequestId"},
    {"MissingAuthenticationToken", 403, "RequestId"},
    {"OrderReferenceCountExceeded", 405, "RequestId"},
    {"OrderReferenceNotModifiable", 405, "RequestId"},
    {"PaymentMethodNotUpdated", 400, "RequestId"},
    {"PeriodicAmountExceeded", 400, "RequestId"},
    {"QuotaExceeded", 503, "RequestID"},
    {"RequestThrottled", 503, "RequestID"},
    {"ServiceUnavailable", 503, "RequestId"},
    {"SignatureDoesNotMatch", 403, "RequestID"},
    {"TransactionAmountExceeded", 400, "RequestId"},
    {"TransactionCountExceeded", 400, "RequestId"},
    {"UnauthorizedAccess", 401, "RequestId"},
    {"UnauthorizedSolutionProvider", 401, "RequestId"},
};

static int details(struct driver *d)
{
    return driver_call(d, "GetBillingAgreementDetails", "AmazonBillingAgreementId", BA, NULL);
}

static void play_error(struct driver *d, const char *code, bool after_work)
{
    char rule[160];

    (void)snprintf(rule, sizeof rule,
                   "[{\"action\":\"*\",\"fault\":\"error\",\"code\":\"%s\",\"count\":1,"
                   "\"after_work\":%s}]",
                   code, after_work ? "true" : "false");
    assert_int_equal(driver_control(d, "POST", "/control/faults", rule), 200);
}

static void check_error(struct driver *d, const struct error_row *row)
{
    const char *other = strcmp(row->id_element, "RequestID") == 0 ? "RequestId" : "RequestID";
    bool throttled = strcmp(row->code, "RequestThrottled") == 0;

    if (details(d) != row->status || strcmp(driver_element(d, "Code"), row->code) != 0) {
        fail_msg("%s: HTTP %d, %s", row->code, d->answer.status, d->answer.body.bytes);
    }
    assert_string_equal(driver_element(d, "Type"), throttled            ? ""
                                                   : row->status >= 500 ? "Receiver"
                                                                        : "Sender");
    if (throttled) {
        assert_string_equal(driver_element(d, "Message"), "Request is throttled");
    } else if (strcmp(row->code, "AccessDenied") == 0) {
        assert_string_equal(driver_element(d, "Message"),
                            "Access to OffAmazonPayments_Sandbox.GetBillingAgreementDetails is "
                            "denied");
    } else {
        assert_true(strlen(driver_element(d, "Message")) > 10);
    }
    assert_string_equal(driver_element(d, row->id_element), d->answer.request_id);
    assert_string_equal(driver_element(d, other), "(none)");
    assert_string_equal(driver_element(d, "BillingAgreementDetails"), "(none)");
}

static void every_error_code(void **state)
{
    struct driver *d = driver_new();

    (void)state;
    driver_agreement(d, BA, "");
    assert_int_equal(sizeof errors / sizeof errors[0], MWS_ERROR_COUNT - 1);
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        assert_int_not_equal(mws_error_parse(errors[i].code), MWS_ERROR_NONE);
        for (int after_work = 0; after_work < 2; after_work++) {
            assert_int_equal(driver_control(d, "DELETE", "/control/faults", ""), 200);
            play_error(d, errors[i].code, after_work > 0);
            check_error(d, &errors[i]);
        }
    }
    assert_int_equal(details(d), 200);
    driver_free(d);
}

static void the_service(void **state)
{
    static const char *const words[] = {"GREEN", "GREEN_I", "YELLOW", "RED"};
    static const char *const wrong[] = {"", "{}", "{\"status\":\"BLUE\"}", "{\"status\":1}",
                                        "{\"status\":\"RED\",\"message\":1}"};
    struct driver *d = driver_new();
    char body[64];

    (void)state;
    driver_agreement(d, BA, "");
    assert_int_equal(driver_call(d, "GetServiceStatus", NULL), 200);
    assert_string_equal(driver_element(d, "Status"), "GREEN");
    assert_string_equal(driver_element(d, "Messages"), "(none)");
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        (void)snprintf(body, sizeof body, "{\"status\":\"%s\"}", words[i]);
        assert_int_equal(driver_control(d, "POST", "/control/service", body), 200);
        assert_int_equal(driver_call(d, "GetServiceStatus", NULL), 200);
        assert_string_equal(driver_element(d, "Status"), words[i]);
        assert_int_equal(details(d), 200);
    }
    assert_int_equal(driver_control(d, "POST", "/control/service",
                                    "{\"status\":\"YELLOW\",\"message\":\"slow <today>\"}"),
                     200);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(driver_control(d, "POST", "/control/service", wrong[i]), 400);
    }
    assert_int_equal(driver_control(d, "PUT", "/control/service", ""), 405);
    assert_int_equal(driver_control(d, "GET", "/control/service", ""), 200);
    assert_string_equal(d->control.bytes, "{\"status\":\"YELLOW\",\"message\":\"slow <today>\"}\n");
    assert_int_equal(driver_call(d, "GetServiceStatus", NULL), 200);
    assert_string_equal(driver_element(d, "Status"), "YELLOW");
    assert_string_equal(driver_element(d, "Text"), "slow &lt;today&gt;");
    assert_string_equal(driver_element(d, "MessageId"), "1795312800000I");
    driver_free(d);
}

static void an_inactive_account(void **state)
{
    static const char *const wrong[] = {"", "{}", "{\"status\":\"SUSPENDED\"}"};
    struct driver *d = driver_new();

    (void)state;
    driver_agreement(d, BA, "");
    assert_int_equal(driver_call(d, "GetMerchantAccountStatus", NULL), 200);
    assert_string_equal(driver_element(d, "AccountStatus"), "ACTIVE");
    assert_int_equal(driver_control(d, "POST", ACCOUNT, "{\"status\":\"INACTIVE\"}"), 200);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(driver_control(d, "POST", ACCOUNT, wrong[i]), 400);
    }
    assert_int_equal(driver_call(d, "GetMerchantAccountStatus", NULL), 200);
    assert_string_equal(driver_element(d, "AccountStatus"), "INACTIVE");
    assert_int_equal(driver_call(d, "GetServiceStatus", NULL), 200);
    assert_int_equal(details(d), 403);
    assert_string_equal(driver_element(d, "Code"), "InvalidAccountStatus");
    assert_int_equal(driver_charge(d, BA, "r1", "100", ""), 403);
    assert_string_equal(driver_element(d, "Code"), "InvalidAccountStatus");
    assert_int_equal(d->sandbox.world.totals.authorizations, 0);
    assert_int_equal(driver_control(d, "POST", ACCOUNT, "{\"status\":\"ACTIVE\"}"), 200);
    assert_int_equal(driver_control(d, "GET", ACCOUNT, ""), 200);
    assert_string_equal(d->control.bytes,
                        "{\"seller\":\"" DRIVER_SELLER "\",\"status\":\"ACTIVE\"}\n");
    assert_int_equal(driver_charge(d, BA, "r1", "100", ""), 200); /* the id was not spent */
    assert_int_equal(driver_control(d, "DELETE", ACCOUNT, ""), 405);
    driver_free(d);
}

static void sellers_that_are_not_there(void **state)
{
    static const char *const paths[] = {
        "/control/sellers",
        "/control/sellers/",
        "/control/sellers/" DRIVER_SELLER,
        "/control/sellers//account",
        "/control/sellers/A1NOBODY/account",
        ACCOUNT "/x",
        "/control/sellers/A123456789012345678901234567890123456789012345678901234567890123456789"
        "/account"};
    struct driver *d = driver_new();

    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        assert_int_equal(driver_control(d, "POST", paths[i], "{\"status\":\"ACTIVE\"}"), 404);
    }
    driver_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_error_code),
        cmocka_unit_test(the_service),
        cmocka_unit_test(an_inactive_account),
        cmocka_unit_test(sellers_that_are_not_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
