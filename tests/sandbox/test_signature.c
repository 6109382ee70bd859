/*
 * test_signature.c - the server's side of Signature Version 2, and everything a request must pass
 * before its operation.
 *
 * Vectors V1 to V6 are those of Amazon's Java SDK (SignatureAndURLTest), given to the server as a
 * client would send them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mws/sandbox/signature.h"
#include "tests/sandbox/driver.h"

#define COMMON                                                                                     \
    "AWSAccessKeyId=TEST_ACCESS_KEY&AmazonOrderReferenceId=AMAZON_ORDER_REFERENCE_ID"              \
    "&SignatureMethod=HmacSHA256&SignatureVersion=2&Timestamp=2015-12-31T23%3A59%3A58Z"            \
    "&Version=2013-01-01"
#define OVERRIDE "&SellerId=OVERRIDE_SELLER_ID&MWSAuthToken=TEST_MWS_AUTH_TOKEN"
#define SUCCESS  "&SuccessUrl=https%3A%2F%2Fpay.amazon.com%2Fsuccess.html"
#define FAILURE  "&FailureUrl=https%3A%2F%2Fpay.amazon.com%2Ffailure.html"

struct vector {
    const char *form;
    const char *signature; /* as it is in the body */
};

static const struct vector vectors[] = {
    {COMMON "&Action=GetOrderReferenceDetails&SellerId=TEST_MERCHANT_ID",
     "cpkDC72d5lMIbo5ET2dvERTw4F2cGQJL3eQPzUe2pAE%3D"},
    {COMMON "&Action=GetOrderReferenceDetails" OVERRIDE,
     "MelQJXDdQJ85Z7aB85s7eYWm5TdGv6xYAQt%2FjoOhXCo%3D"},
    {COMMON "&Action=SetOrderReferenceDetails&SellerId=TEST_MERCHANT_ID"
            "&OrderReferenceAttributes.OrderTotal.Amount=2"
            "&OrderReferenceAttributes.OrderTotal.CurrencyCode=USD",
     "i51MSGv9O2G2LHIlhCXLigA3ZKaZRoc7Mb5A1VX2QTA%3D"},
    {COMMON "&Action=ConfirmOrderReference" OVERRIDE,
     "mbJBrZKC4Jz8J%2BrhRqyfYsY6TkSapWOvCTlC%2BUDUTok%3D"},
    {COMMON "&Action=ConfirmOrderReference" OVERRIDE SUCCESS FAILURE
            "&AuthorizationAmount.Amount=0.01&AuthorizationAmount.CurrencyCode=EUR",
     "KeZbecFqPMxhR4g35iFWsdLmq1rAgwdn4B2WTIFMTHg%3D"},
    {COMMON "&Action=ConfirmOrderReference" OVERRIDE SUCCESS
            "&AuthorizationAmount.Amount=0.01&AuthorizationAmount.CurrencyCode=USD",
     "vGiWtNsdtNKx3QGB%2BcNNq8tLisqwOeg2a5aIy3p6exw%3D"},
};

static bool is_right(const char *form_text, const char *signature, const char *host)
{
    struct signing_keys keys = signing_keys_new("TEST_SECRET_KEY");
    struct form *form = calloc(1, sizeof *form);
    struct text scratch = {0};
    struct problem problem;
    char body[2048];
    bool right;

    (void)snprintf(body, sizeof body, "Signature=%s&%s", signature, form_text);
    assert_int_equal(form_read(form, body, strlen(body), &problem), ST_OK);
    right = signature_is_right(&keys, "POST", host, PATH_SANDBOX, form, &scratch);
    text_free(&scratch);
    form_free(form);
    free(form);
    signing_keys_free(&keys);
    return right;
}

static void test_vectors_of_the_java_sdk(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        const struct vector *v = &vectors[i];
        char changed[1024];
        assert_true(is_right(v->form, v->signature, "mws.amazonservices.com"));
        assert_true(is_right(v->form, v->signature, "MWS.amazonservices.com:8443"));
        assert_false(is_right(v->form, v->signature, "mws.amazonservices.jp"));
        (void)snprintf(changed, sizeof changed, "%s&Extra=1", v->form);
        assert_false(is_right(changed, v->signature, "mws.amazonservices.com"));
    }
}

static void test_string_to_sign_is_decoded_and_written_anew(void **state)
{
    static const char form_text[] = "b=x+y&a=%2a~%2F&Signature=zzz&A=&%7Eq=%E6%97%A5";
    struct form form = {0};
    struct text out = {0};
    struct problem problem;

    (void)state;
    assert_int_equal(form_read(&form, form_text, strlen(form_text), &problem), ST_OK);
    signature_string(&out, "GET", "Host", 4, "", &form);
    assert_string_equal(out.bytes, "GET\nhost\n/\nA=&a=%2A~%2F&b=x%20y&~q=%E6%97%A5");
    text_free(&out);
    form_free(&form);
}

static void test_forms_that_are_refused(void **state)
{
    static const char *const bad[] = {"a=%",   "a=%4",     "a=%zz",       "a=1&a=2", "a=%00",
                                      "a=%FF", "a=%C0%AF", "a=%ED%A0%80", "%F5=1",   "a=1&b=2&a=1"};
    struct form form = {0};
    struct problem problem;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(form_read(&form, bad[i], strlen(bad[i]), &problem), ST_INVALID);
    }
    assert_int_equal(form_read(&form, "&&a&=b&", 7, &problem), ST_OK);
    assert_int_equal(form.count, 2);
    assert_string_equal(form_get(&form, "a"), "");
    assert_string_equal(form_get(&form, ""), "b");
    assert_int_equal(form_read(&form, "", 0, &problem), ST_OK);
    assert_null(form_get(&form, "a"));
    form_free(&form);
}

/* Answers an error of the front end: its spelling of the request id is RequestID. */
static void expect_front(struct driver *d, int status, const char *code)
{
    assert_string_equal(driver_element(d, "Code"), code);
    assert_int_equal(d->answer.status, status);
    assert_string_not_equal(driver_element(d, "RequestID"), "(none)");
    assert_string_equal(driver_element(d, "RequestId"), "(none)");
}

static void test_common_parameters(void **state)
{
    static const char get[] = "GetBillingAgreementDetails";
    struct driver *d = driver_new();

    (void)state;
    (void)driver_call(d, get, "SignatureMethod", "HmacMD5", (char *)NULL);
    expect_front(d, 400, "InvalidParameterValue");
    (void)driver_call(d, get, "SignatureMethod", "HmacSHA1", (char *)NULL); /* signed otherwise */
    expect_front(d, 403, "SignatureDoesNotMatch");
    (void)driver_call(d, get, "SignatureVersion", "1", (char *)NULL);
    expect_front(d, 400, "InvalidParameterValue");
    (void)driver_call(d, get, "Version", "2012-01-01", (char *)NULL);
    expect_front(d, 400, "InvalidParameterValue");
    (void)driver_call(d, get, "SellerId", "A\nB", (char *)NULL);
    expect_front(d, 400, "InvalidParameterValue");
    (void)driver_call(d, "Frobnicate", (char *)NULL);
    expect_front(d, 400, "InvalidParameterValue");
    (void)driver_call(d, get, "SellerId", "OTHER", (char *)NULL);
    expect_front(d, 401, "AccessDenied");
    (void)driver_call(d, get, "AWSAccessKeyId", "AKOTHER", (char *)NULL);
    expect_front(d, 403, "InvalidAccessKeyId");
    (void)driver_raw(d, "POST", PATH_SANDBOX, "Action=GetBillingAgreementDetails");
    expect_front(d, 403, "MissingAuthenticationToken");
    (void)driver_raw(d, "POST", "/OffAmazonPayments/2013-01-02", "Action=X");
    expect_front(d, 404, "InvalidAddress");
    (void)driver_raw(d, "POST", PATH_SANDBOX, "Action=%ZZ");
    expect_front(d, 400, "InvalidParameterValue");
    d->path = PATH_SANDBOX "/"; /* is signed with its slash */
    (void)driver_call(d, get, "AmazonBillingAgreementId", "nope", (char *)NULL);
    assert_string_equal(driver_element(d, "Code"), "InvalidBillingAgreementId");
    assert_string_not_equal(driver_element(d, "RequestId"), "(none)");
    driver_free(d);
}

static void test_wrong_signature_changes_nothing(void **state)
{
    struct driver *d = driver_new();
    char form[512];

    (void)state;
    (void)snprintf(form, sizeof form,
                   "Action=GetBillingAgreementDetails&SellerId=" DRIVER_SELLER
                   "&AWSAccessKeyId=AKEXAMPLE&SignatureMethod=HmacSHA256&SignatureVersion=2"
                   "&Version=2013-01-01&Timestamp=2026-11-22T02%%3A00%%3A00Z&Signature=%s",
                   "cpkDC72d5lMIbo5ET2dvERTw4F2cGQJL3eQPzUe2pAE%3D");
    (void)driver_raw(d, "POST", PATH_SANDBOX, form);
    expect_front(d, 403, "SignatureDoesNotMatch");
    assert_int_equal(d->sandbox.statistics.requests, 1);
    driver_free(d);
}

static void test_time_stamps(void **state)
{
    static const char *const good[] = {"2026-11-22T02:00:00Z", "2026-11-22T02:00:00z",
                                       "2026-11-22T02:14:59.000Z", "2026-11-22T01:45:00.5Z"};
    static const char *const bad[] = {"2026-11-22T02:15:01Z", "2026-11-22T01:44:59Z", "",
                                      "2026-11-22 02:00:00", "2026-11-22T02:00:00+09:00"};
    struct driver *d = driver_new();

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        (void)driver_call(d, "GetAuthorizationDetails", "Timestamp", good[i],
                          "AmazonAuthorizationId", "x", (char *)NULL);
        assert_string_equal(driver_element(d, "Code"), "InvalidTransactionId");
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        (void)driver_call(d, "GetAuthorizationDetails", "Timestamp", bad[i],
                          "AmazonAuthorizationId", "x", (char *)NULL);
        expect_front(d, 400, "InvalidParameterValue");
    }
    driver_free(d);
}

static void test_sellers(void **state)
{
    static const char *const bad[] = {"", "a", "a:b", "a:b:", ":b:c", "a::c", "X:AKEXAMPLE:s"};
    struct driver *d = driver_new();
    struct problem problem;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(sandbox_add_seller(&d->sandbox, bad[i], &problem), ST_INVALID);
    }
    assert_int_equal(sandbox_add_seller(&d->sandbox, "X:AK2:secret:with:colons", &problem), ST_OK);
    driver_free(d);
}

static void test_any_seller_needs_the_secret(void **state)
{
    const struct sandbox_options options = {.any_seller = DRIVER_SECRET};
    struct driver *d = driver_new();

    (void)state;
    sandbox_free(&d->sandbox);
    sandbox_init(&d->sandbox, &options);
    d->seller = "LOAD17";
    (void)driver_call(d, "GetAuthorizationDetails", "AmazonAuthorizationId", "x", (char *)NULL);
    assert_string_equal(driver_element(d, "Code"), "InvalidTransactionId");
    assert_non_null(world_find_seller(&d->sandbox.world, "LOAD17"));
    driver_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors_of_the_java_sdk),
        cmocka_unit_test(test_string_to_sign_is_decoded_and_written_anew),
        cmocka_unit_test(test_forms_that_are_refused),
        cmocka_unit_test(test_common_parameters),
        cmocka_unit_test(test_wrong_signature_changes_nothing),
        cmocka_unit_test(test_time_stamps),
        cmocka_unit_test(test_sellers),
        cmocka_unit_test(test_any_seller_needs_the_secret),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
