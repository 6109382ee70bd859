/*
 * test_sign.c - encoding, canonical order and Signature Version 2 against the vectors of Amazon's
 * own Java SDK (V1 to V6), and the endpoints that may be signed for. The bare HMAC vectors of its
 * sisters are in test_crypto.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "mws/form.h"
#include "mws/secret.h"
#include "mws/sign.h"

#define SANDBOX "https://mws.amazonservices.com/OffAmazonPayments_Sandbox/2013-01-01"

static void encoding_is_rfc_3986(void **state)
{
    (void)state;
    char out[3 * 256];
    const char *kept = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";
    char *end = percent_encode(kept, strlen(kept), out);
    assert_int_equal(end - out, strlen(kept));
    assert_memory_equal(out, kept, strlen(kept));

    const char *text = " *+/=&%~\n\xe6\x97\xa5";
    *percent_encode(text, strlen(text), out) = '\0';
    assert_string_equal(out, "%20%2A%2B%2F%3D%26%25~%0A%E6%97%A5");

    /* Every other byte is encoded, in upper case. */
    for (int byte = 0; byte < 256; byte++) {
        char c = (char)byte;
        char expected[4];
        (void)snprintf(expected, sizeof expected, "%%%02X", (unsigned)byte);
        *percent_encode(&c, 1, out) = '\0';
        if (byte == 0 || strchr(kept, byte) == NULL) {
            assert_string_equal(out, expected);
        }
    }
}

static void fields_stand_in_byte_order(void **state)
{
    (void)state;
    struct form form;
    char out[256];
    form_init(&form);
    form_add(&form, "Zeta", "1");
    form_add(&form, "Action", "2");
    form_add(&form, "AWSAccessKeyId", "3");
    form_add(&form, "Action.Sub", "");
    form_add_integer(&form, "M", 1440);
    form_add_integer(&form, "N", 0);
    form_add_integer(&form, "O", UINT32_MAX);
    const struct money yen = money_of(1200, "JPY");
    form_add_amount(&form, "Price", &yen);
    form_add_plain(&form, "Plain", "a-b_c.d~e", 9);
    form_add_timestamp(&form, "T", (struct instant){INT64_C(1795309323999)});
    size_t most = form_encoded_max(&form);
    char *end = form_encode(&form, out);
    *end = '\0';
    assert_string_equal(out, "AWSAccessKeyId=3&Action=2&Action.Sub=&M=1440&N=0&O=4294967295"
                             "&Plain=a-b_c.d~e&Price.Amount=1200&Price.CurrencyCode=JPY"
                             "&T=2026-11-22T01%3A02%3A03Z&Zeta=1");
    assert_true((size_t)(end - out) <= most);
}

struct field {
    const char *name, *value;
};

struct vector {
    struct field own[8];
    const char *signature; /* percent-encoded, as it stands in the body */
};

#define OVERRIDE                                                                                   \
    {"SellerId", "OVERRIDE_SELLER_ID"},                                                            \
    {                                                                                              \
        "MWSAuthToken", "TEST_MWS_AUTH_TOKEN"                                                      \
    }
#define SUCCESS                                                                                    \
    {                                                                                              \
        "SuccessUrl", "https://pay.amazon.com/success.html"                                        \
    }

static const struct vector vectors[] = {
    {{{"Action", "GetOrderReferenceDetails"}, {"SellerId", "TEST_MERCHANT_ID"}},
     "cpkDC72d5lMIbo5ET2dvERTw4F2cGQJL3eQPzUe2pAE%3D"},
    {{{"Action", "GetOrderReferenceDetails"}, OVERRIDE},
     "MelQJXDdQJ85Z7aB85s7eYWm5TdGv6xYAQt%2FjoOhXCo%3D"},
    {{{"Action", "SetOrderReferenceDetails"},
      {"SellerId", "TEST_MERCHANT_ID"},
      {"OrderReferenceAttributes.OrderTotal.Amount", "2"},
      {"OrderReferenceAttributes.OrderTotal.CurrencyCode", "USD"}},
     "i51MSGv9O2G2LHIlhCXLigA3ZKaZRoc7Mb5A1VX2QTA%3D"},
    {{{"Action", "ConfirmOrderReference"}, OVERRIDE},
     "mbJBrZKC4Jz8J%2BrhRqyfYsY6TkSapWOvCTlC%2BUDUTok%3D"},
    {{{"Action", "ConfirmOrderReference"},
      OVERRIDE,
      SUCCESS,
      {"FailureUrl", "https://pay.amazon.com/failure.html"},
      {"AuthorizationAmount.Amount", "0.01"},
      {"AuthorizationAmount.CurrencyCode", "EUR"}},
     "KeZbecFqPMxhR4g35iFWsdLmq1rAgwdn4B2WTIFMTHg%3D"},
    {{{"Action", "ConfirmOrderReference"},
      OVERRIDE,
      SUCCESS,
      {"AuthorizationAmount.Amount", "0.01"},
      {"AuthorizationAmount.CurrencyCode", "USD"}},
     "vGiWtNsdtNKx3QGB%2BcNNq8tLisqwOeg2a5aIy3p6exw%3D"},
};

static void add_vector(struct form *form, const struct vector *vector)
{
    form_init(form);
    form_add(form, "AWSAccessKeyId", "TEST_ACCESS_KEY");
    form_add(form, "AmazonOrderReferenceId", "AMAZON_ORDER_REFERENCE_ID");
    form_add(form, "Timestamp", "2015-12-31T23:59:58Z");
    form_add(form, "Version", "2013-01-01");
    for (const struct field *field = vector->own; field->name != NULL; field++) {
        form_add(form, field->name, field->value);
    }
}

static void signatures_match_the_java_sdk(void **state)
{
    (void)state;
    struct secret *secret = secret_new("TEST_SECRET_KEY", strlen("TEST_SECRET_KEY"));
    struct sign_endpoint endpoint;
    assert_int_equal(sign_endpoint_read(SANDBOX, &endpoint, NULL), ST_OK);
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        struct form form;
        struct signed_body body;
        char buffer[2048];
        add_vector(&form, &vectors[i]);
        assert_int_equal(sign_form(&endpoint, &form, secret, buffer, sizeof buffer, &body, NULL),
                         ST_OK);
        char expected[128];
        (void)snprintf(expected, sizeof expected, "&Signature=%s", vectors[i].signature);
        assert_true(body.length > strlen(expected));
        assert_memory_equal(body.bytes + body.length - strlen(expected), expected,
                            strlen(expected));
    }
    secret_free(secret);
}

static void the_signed_text_is_that_of_the_reference(void **state)
{
    (void)state;
    static const char expected[] =
        "POST\nmws.amazonservices.com\n/OffAmazonPayments_Sandbox/2013-01-01\n"
        "AWSAccessKeyId=TEST_ACCESS_KEY&Action=GetOrderReferenceDetails&AmazonOrderReferenceId="
        "AMAZON_ORDER_REFERENCE_ID&SellerId=TEST_MERCHANT_ID&SignatureMethod=HmacSHA256&"
        "SignatureVersion=2&Timestamp=2015-12-31T23%3A59%3A58Z&Version=2013-01-01&Signature=";
    struct secret *secret = secret_new("TEST_SECRET_KEY", strlen("TEST_SECRET_KEY"));
    struct sign_endpoint endpoint;
    struct form form;
    struct signed_body body;
    char buffer[2048];
    assert_int_equal(sign_endpoint_read(SANDBOX, &endpoint, NULL), ST_OK);
    add_vector(&form, &vectors[0]);
    assert_int_equal(sign_form(&endpoint, &form, secret, buffer, sizeof buffer, &body, NULL),
                     ST_OK);
    assert_memory_equal(buffer, expected, strlen(expected));
    assert_ptr_equal(body.bytes, strstr(buffer, "AWSAccessKeyId"));
    secret_free(secret);
}

/* Goal: whatever the buffer's size, it is never passed; a size that is accepted gives the same
 * body. */
static void a_short_buffer_is_refused(void **state)
{
    (void)state;
    struct secret *secret = secret_new("k", 1);
    struct sign_endpoint endpoint;
    assert_int_equal(sign_endpoint_read(SANDBOX, &endpoint, NULL), ST_OK);
    size_t accepted = 0;
    for (size_t size = 0; size < 2048; size++) {
        char buffer[2048 + 1];
        struct form form;
        struct signed_body body;
        struct problem problem = {""};
        add_vector(&form, &vectors[4]);
        buffer[size] = '#';
        if (sign_form(&endpoint, &form, secret, buffer, size, &body, &problem) == ST_OK) {
            accepted++;
        } else {
            assert_non_null(strstr(problem.text, "too long"));
        }
        assert_int_equal(buffer[size], '#');
    }
    assert_true(accepted > 0);
    secret_free(secret);
}

static void the_host_line_has_the_port_unless_443(void **state)
{
    (void)state;
    static const struct {
        const char *url, *lines;
    } good[] = {
        {"https://mws.amazonservices.jp/OffAmazonPayments/2013-01-01",
         "POST\nmws.amazonservices.jp\n/OffAmazonPayments/2013-01-01\n"},
        {"https://MWS.Amazonservices.JP", "POST\nmws.amazonservices.jp\n/\n"},
        {"HTTPS://h/", "POST\nh\n/\n"},
        {"https://h:443/p", "POST\nh\n/p\n"},
        {"https://localhost:8443/p/Q/", "POST\nlocalhost:8443\n/p/Q/\n"},
        {"https://127.0.0.1:65535", "POST\n127.0.0.1:65535\n/\n"},
        {"https://[::1]/p", "POST\n[::1]\n/p\n"},
        {"https://[::1]:444/p%20q", "POST\n[::1]:444\n/p%20q\n"},
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct sign_endpoint endpoint;
        struct problem problem = {""};
        if (sign_endpoint_read(good[i].url, &endpoint, &problem) != ST_OK) {
            fail_msg("%s: %s", good[i].url, problem.text);
        }
        assert_int_equal(endpoint.length, strlen(good[i].lines));
        assert_memory_equal(endpoint.lines, good[i].lines, endpoint.length);
    }
}

static void an_endpoint_may_be_as_long_as_its_room(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) { /* a long host, a long path */
        char url[SIGN_URL_MAX + 1] = "https://h/";
        struct sign_endpoint endpoint;
        struct problem problem = {""};
        memset(url + (i == 0 ? 8 : 10), 'h', sizeof url - 10);
        url[SIGN_URL_MAX - 1] = '\0';
        assert_int_equal(sign_endpoint_read(url, &endpoint, &problem), ST_OK);
        assert_true(endpoint.length <= sizeof endpoint.lines);
        url[SIGN_URL_MAX - 1] = 'h';
        url[SIGN_URL_MAX] = '\0';
        assert_int_equal(sign_endpoint_read(url, &endpoint, &problem), ST_INVALID);
    }
}

static void other_endpoints_are_refused(void **state)
{
    (void)state;
    char long_host[512];
    memset(long_host, 'h', sizeof long_host);
    memcpy(long_host, "https://", 8);
    long_host[sizeof long_host - 1] = '\0';
    const char *const bad[] = {
        "",
        "http://h/p",
        "https:/h",
        "https://",
        "https:///p",
        "https://h:/p",
        "https://h:0x1/p",
        "https://h:123456/p",
        "https://:80/p",
        "https://user@h/p",
        "https://h/p?q=1",
        "https://h/p#f",
        "https://h?q",
        "https://h /p",
        "https://h/a b",
        "https://h/\xe6\x97\xa5",
        "https://h/\n",
        long_host,
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct sign_endpoint endpoint;
        struct problem problem = {""};
        if (sign_endpoint_read(bad[i], &endpoint, &problem) != ST_INVALID) {
            fail_msg("accepted: %s", bad[i]);
        }
        assert_string_not_equal(problem.text, "");
    }
}

static void a_secret_needs_bytes(void **state)
{
    (void)state;
    assert_null(secret_new("", 0));
    secret_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encoding_is_rfc_3986),
        cmocka_unit_test(fields_stand_in_byte_order),
        cmocka_unit_test(signatures_match_the_java_sdk),
        cmocka_unit_test(the_signed_text_is_that_of_the_reference),
        cmocka_unit_test(a_short_buffer_is_refused),
        cmocka_unit_test(the_host_line_has_the_port_unless_443),
        cmocka_unit_test(an_endpoint_may_be_as_long_as_its_room),
        cmocka_unit_test(other_endpoints_are_refused),
        cmocka_unit_test(a_secret_needs_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
