/*
 * test_currencies.c - the sandbox's own table of currencies says what the client's table of regions
 * says: two tables on purpose, so that each finds the other's mistakes. And how much more than the
 * order's total may be charged, and refunded, in each currency.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "mws/region.h"
#include "tests/sandbox/driver.h"

static void default_limits_and_ids_are_the_regions(void **state)
{
    (void)state;
    for (const struct mws_region_facts *region = mws_regions(); region->region != 0; region++) {
        const struct currency *currency = currency_find(region->currency);
        char digits[8];
        int64_t units = 0;
        assert_non_null(currency);
        assert_true(amount_parse(region->monthly_limit, currency, &units));
        assert_int_equal(currency->month_units_max, units);
        (void)snprintf(digits, sizeof digits, "%02d", currency->region);
        assert_string_equal(digits, region->id_digits);
    }
}

/* What the sandbox makes belongs where the client expects it. */
static void made_ids_belong_to_region_and_environment(void **state)
{
    (void)state;
    struct driver *d = driver_new();
    for (const struct mws_region_facts *region = mws_regions(); region->region != 0; region++) {
        for (enum mws_environment side = MWS_SANDBOX; side <= MWS_LIVE; side++) {
            static const char *const objects[] = {"agreements", "orders"};
            for (size_t i = 0; i < 2; i++) {
                char path[32];
                char body[160];
                struct problem problem = {""};
                struct json *root = NULL;
                (void)snprintf(path, sizeof path, "/control/%s", objects[i]);
                (void)snprintf(body, sizeof body,
                               "{\"seller\":\"A1SELLER\",\"currency\":\"%s\",\"environment\":"
                               "\"%s\"}",
                               region->currency, mws_environment_name(side));
                assert_int_equal(driver_control(d, "POST", path, body), 201);
                assert_int_equal(json_parse(d->control.bytes, d->control.length, &root, &problem),
                                 ST_OK);
                const char *id = json_as_string(json_get(root, "id"));
                if (mws_id_check(id, region->region, side, &problem) != ST_OK) {
                    fail_msg("%s", problem.text);
                }
                json_free(root);
            }
        }
    }
    driver_free(d);
}

/* A merchant in Europe who charges in dollars still has Europe's ids. */
static void orders_belong_where_their_agreement_does(void **state)
{
    (void)state;
    struct driver *d = driver_new();
    struct problem problem = {""};
    driver_agreement(d, "C02-0000000-0000001", ",\"currency\":\"USD\"");
    assert_int_equal(driver_call(d, "CreateOrderReferenceForId", "Id", "C02-0000000-0000001",
                                 "IdType", "BillingAgreement", NULL),
                     200);
    if (mws_id_check(driver_element(d, "AmazonOrderReferenceId"), MWS_REGION_UK, MWS_SANDBOX,
                     &problem) != ST_OK) {
        fail_msg("%s", problem.text);
    }
    /* And they are found where their merchant looks for them, not in America. */
    assert_int_equal(driver_call(d, "AuthorizeOnBillingAgreement", "AmazonBillingAgreementId",
                                 "C02-0000000-0000001", "AuthorizationReferenceId", "r",
                                 "AuthorizationAmount.Amount", "9.99",
                                 "AuthorizationAmount.CurrencyCode", "USD",
                                 "SellerOrderAttributes.SellerOrderId", "o-1", NULL),
                     200);
    static const char *const domains[] = {"EU_EUR", "EU_GBP", "FE_JPY", "NA_USD"};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(driver_call(d, "ListOrderReference", "QueryId", "o-1", "QueryIdType",
                                     "SellerOrderId", "PaymentDomain", domains[i], NULL),
                         200);
        assert_int_equal(strcmp(driver_element(d, "SellerOrderId"), "o-1") == 0, i < 2);
    }
    driver_free(d);
}

/* An object of the other environment is not there, as Amazon says it. */
static void the_other_environment_is_invalid(void **state)
{
    (void)state;
    struct driver *d = driver_new();
    driver_agreement(d, "B03-0000000-0000001", "");
    assert_int_equal(driver_control(d, "POST", "/control/orders",
                                    "{\"seller\":\"A1SELLER\",\"id\":\"P03-0000000-0000001\"}"),
                     201);
    assert_int_equal(driver_call(d, "GetBillingAgreementDetails", "AmazonBillingAgreementId",
                                 "B03-0000000-0000001", NULL),
                     404);
    assert_string_equal(driver_element(d, "Code"), "InvalidBillingAgreementId");
    assert_int_equal(driver_call(d, "GetOrderReferenceDetails", "AmazonOrderReferenceId",
                                 "P03-0000000-0000001", NULL),
                     404);
    assert_string_equal(driver_element(d, "Code"), "InvalidOrderReferenceId");
    d->path = PATH_LIVE;
    assert_int_equal(driver_call(d, "GetBillingAgreementDetails", "AmazonBillingAgreementId",
                                 "B03-0000000-0000001", NULL),
                     200);
    /* Nor can the control API make what Amazon has not. */
    assert_int_equal(
        driver_control(d, "POST", "/control/agreements",
                       "{\"seller\":\"A1SELLER\",\"id\":\"C03-1-1\",\"environment\":\"live\"}"),
        400);
    assert_int_equal(
        driver_control(d, "POST", "/control/agreements",
                       "{\"seller\":\"A1SELLER\",\"id\":\"B03-1-1\",\"environment\":\"sandbox\"}"),
        400);
    driver_free(d);
}

/* --- 15 % more, and 75 units more at most: of the order, and of what was captured --- */

struct overage {
    const char *currency, *total;
    const char *captured, *too_much;          /* of the order */
    const char *refunded, *too_much_refunded; /* of what was captured */
};

static const struct overage overages[] = {
    {"USD", "100", "115.00", "115.01", "132.25", "132.26"},
    {"USD", "499.99", "574.98", "574.99", "649.98", "649.99"},
    {"USD", "500", "575.00", "575.01", "650.00", "650.01"},
    {"USD", "1000", "1075.00", "1075.01", "1150.00", "1150.01"},
    {"EUR", "1000", "1075.00", "1075.01", "1150.00", "1150.01"},
    {"GBP", "1000", "1075.00", "1075.01", "1150.00", "1150.01"},
    {"JPY", "56000", "64400", "64401", "72800", "72801"},
};

static void expect_too_much(struct driver *d, const struct overage *row, int status)
{
    if (status != 400 || strcmp(driver_element(d, "Code"), "TransactionAmountExceeded") != 0) {
        fail_msg("%s %s: answered %d %s", row->currency, row->total, status,
                 driver_element(d, "Code"));
    }
}

static int authorize(struct driver *d, const struct overage *row, const char *order,
                     const char *amount)
{
    return driver_call(d, "Authorize", "AmazonOrderReferenceId", order, "AuthorizationReferenceId",
                       "a", "AuthorizationAmount.Amount", amount,
                       "AuthorizationAmount.CurrencyCode", row->currency, "TransactionTimeout", "0",
                       "CaptureNow", "true", NULL);
}

static int refund(struct driver *d, const struct overage *row, const char *capture,
                  const char *amount)
{
    return driver_call(d, "Refund", "AmazonCaptureId", capture, "RefundReferenceId", "r",
                       "RefundAmount.Amount", amount, "RefundAmount.CurrencyCode", row->currency,
                       NULL);
}

static void check_overage(struct driver *d, const struct overage *row)
{
    static const char order[] = "S01-0000000-0000001";
    char body[128];
    char capture[64];
    (void)snprintf(body, sizeof body, "{\"seller\":\"A1SELLER\",\"id\":\"%s\",\"currency\":\"%s\"}",
                   order, row->currency);
    assert_int_equal(driver_control(d, "POST", "/control/orders", body), 201);
    assert_int_equal(driver_call(d, "SetOrderReferenceDetails", "AmazonOrderReferenceId", order,
                                 "OrderReferenceAttributes.OrderTotal.Amount", row->total,
                                 "OrderReferenceAttributes.OrderTotal.CurrencyCode", row->currency,
                                 NULL),
                     200);
    assert_int_equal(driver_call(d, "ConfirmOrderReference", "AmazonOrderReferenceId", order, NULL),
                     200);
    expect_too_much(d, row, authorize(d, row, order, row->too_much));
    assert_int_equal(authorize(d, row, order, row->captured), 200);
    (void)snprintf(capture, sizeof capture, "%s", driver_element(d, "member"));
    expect_too_much(d, row, refund(d, row, capture, row->too_much_refunded));
    assert_int_equal(refund(d, row, capture, row->refunded), 200);
}

static void as_much_more_as_amazon_allows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof overages / sizeof overages[0]; i++) {
        struct driver *d = driver_new();
        check_overage(d, &overages[i]);
        driver_free(d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(default_limits_and_ids_are_the_regions),
        cmocka_unit_test(made_ids_belong_to_region_and_environment),
        cmocka_unit_test(orders_belong_where_their_agreement_does),
        cmocka_unit_test(the_other_environment_is_invalid),
        cmocka_unit_test(as_much_more_as_amazon_allows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
