/*
 * test_sdk_shapes.c - the bytes that each official SDK puts on the wire: the order of parameters,
 * how values are encoded, where the signature stands, how the time is written, what is signed.
 *
 * Each shape is written down here from the SDK's own source (PHP Client.php, Python
 * payment_request.py, Ruby request.rb, Java RequestHelper.java and Util.java, C# Signature.cs) and
 * signed with lines of its own; the sandbox must take all of them, and must understand every value.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mws/edge/crypto.h"
#include "tests/sandbox/driver.h"

#define AGREEMENT "C03-0000000-0000001"
#define NOTE      "a b+c/d=e&f~g*h'(i)!\"<j>%41 \xE6\x97\xA5\xE6\x9C\xAC\n\xF0\x9F\x8D\xA3 end"
#define NOTE_XML                                                                                   \
    "a b+c/d=e&amp;f~g*h&#39;(i)!&quot;&lt;j&gt;%41 \xE6\x97\xA5\xE6\x9C\xAC\n\xF0\x9F\x8D\xA3 "   \
    "end"

enum place { SIGNATURE_LAST, SIGNATURE_SORTED };

struct shape {
    const char *sdk;
    const char *host;      /* as in the Host header, and as signed */
    const char *method;    /* of HTTP */
    const char *timestamp; /* of DRIVER_NOW_MS */
    const char *algorithm; /* of HMAC */
    bool plus;             /* '+' for a space in the body; %20 is signed all the same */
    bool low_hex;          /* %e6 in the body; %E6 is signed */
    bool unsorted;         /* the body is in the order of making; what is signed is sorted */
    bool slash;            /* the path ends with one */
    enum place place;
};

static const struct shape shapes[] = {
    {"PHP 3", "mws.amazonservices.jp", "POST", "2026-11-22T02:00:00.000Z", "HmacSHA256",
     .place = SIGNATURE_LAST},
    {"Python 2", "localhost:8443", "POST", "2026-11-22T02:00:00Z", "HmacSHA256", .plus = true,
     .place = SIGNATURE_LAST},
    {"Ruby 2", "localhost:8443", "POST", "2026-11-22T02:00:00Z", "HmacSHA256",
     .place = SIGNATURE_LAST},
    {"Java 3", "localhost:8443", "POST", "2026-11-22T02:00:00Z", "HmacSHA256",
     .place = SIGNATURE_SORTED},
    {"C# 3", "mws.amazonservices.jp", "POST", "2026-11-22T02:00:00.417Z", "HmacSHA256",
     .unsorted = true, .place = SIGNATURE_LAST},
    {"the documents' samples", "mws.amazonservices.jp", "GET", "2026-11-22T02:00:00Z", "HmacSHA256",
     .slash = true, .place = SIGNATURE_SORTED},
    {"HmacSHA1, as Python's comments allow", "localhost:8443", "POST", "2026-11-22T02:00:00Z",
     "HmacSHA1", .place = SIGNATURE_LAST},
    {"escapes in small letters", "localhost:8443", "POST", "2026-11-22T02:00:00Z", "HmacSHA256",
     .low_hex = true, .place = SIGNATURE_LAST},
};

#define PAIRS_MAX 24

struct pairs {
    struct driver_pair items[PAIRS_MAX];
    size_t count;
    char signature[64];
};

static void add(struct pairs *pairs, const char *name, const char *value)
{
    assert_true(pairs->count < PAIRS_MAX);
    pairs->items[pairs->count++] = (struct driver_pair){name, value};
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct driver_pair *)a)->name, ((const struct driver_pair *)b)->name);
}

static void encode(struct text *to, const char *value, bool plus, bool low_hex)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";

    for (; *value != '\0'; value++) {
        if (strchr(plain, *value) != NULL) {
            text_add_bytes(to, value, 1);
        } else if (plus && *value == ' ') {
            text_add(to, "+");
        } else {
            text_format(to, low_hex ? "%%%02x" : "%%%02X", (unsigned char)*value);
        }
    }
}

static void join(struct text *to, const struct pairs *pairs, bool plus, bool low_hex)
{
    for (size_t i = 0; i < pairs->count; i++) {
        text_add(to, i > 0 ? "&" : "");
        text_add(to, pairs->items[i].name); /* names are not encoded by any of them */
        text_add(to, "=");
        encode(to, pairs->items[i].value, plus, low_hex);
    }
}

static void sign(const struct shape *shape, const char *path, struct pairs *pairs)
{
    struct pairs sorted = *pairs;
    struct text string = {0};
    uint8_t mac[HMAC_SHA256_BYTES];
    bool sha1 = strcmp(shape->algorithm, "HmacSHA1") == 0;
    struct hmac_key *key = sha1 ? hmac_sha1_key_new(DRIVER_SECRET, strlen(DRIVER_SECRET))
                                : hmac_key_new(DRIVER_SECRET, strlen(DRIVER_SECRET));

    qsort(sorted.items, sorted.count, sizeof sorted.items[0], by_name);
    text_format(&string, "%s\n%s\n%s\n", shape->method, shape->host, path);
    join(&string, &sorted, false, false);
    if (sha1) {
        hmac_sha1(key, string.bytes, string.length, mac);
    } else {
        hmac_sha256(key, string.bytes, string.length, mac);
    }
    base64_encode(mac, sha1 ? HMAC_SHA1_BYTES : HMAC_SHA256_BYTES, pairs->signature);
    hmac_key_free(key);
    text_free(&string);
}

static int send_as(struct driver *d, const struct shape *shape, struct pairs *pairs)
{
    const char *path = shape->slash ? PATH_SANDBOX "/" : PATH_SANDBOX;
    struct text body = {0};

    add(pairs, "SellerId", DRIVER_SELLER);
    add(pairs, "AWSAccessKeyId", "AKEXAMPLE");
    add(pairs, "Timestamp", shape->timestamp);
    add(pairs, "Version", "2013-01-01");
    add(pairs, "SignatureVersion", "2");
    add(pairs, "SignatureMethod", shape->algorithm);
    sign(shape, path, pairs);
    if (!shape->unsorted) {
        qsort(pairs->items, pairs->count, sizeof pairs->items[0], by_name);
    }
    add(pairs, "Signature", pairs->signature);
    if (shape->place == SIGNATURE_SORTED) {
        qsort(pairs->items, pairs->count, sizeof pairs->items[0], by_name);
    }
    join(&body, pairs, shape->plus, shape->low_hex);
    d->host = shape->host;
    (void)driver_raw(d, shape->method, path, body.bytes);
    text_free(&body);
    return d->answer.status;
}

/* A charge as each of them makes it, with what they add by themselves. */
static void test_every_sdk_is_understood(void **state)
{
    struct driver *d = driver_new();

    (void)state;
    driver_agreement(d, AGREEMENT, "");
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        struct pairs pairs = {.count = 0};
        char reference[8];
        (void)snprintf(reference, sizeof reference, "r%zu", i);
        add(&pairs, "Action", "AuthorizeOnBillingAgreement");
        add(&pairs, "AmazonBillingAgreementId", AGREEMENT);
        add(&pairs, "AuthorizationReferenceId", reference);
        add(&pairs, "AuthorizationAmount.Amount", "1000");
        add(&pairs, "AuthorizationAmount.CurrencyCode", "JPY");
        add(&pairs, "SellerAuthorizationNote", NOTE);
        add(&pairs, "TransactionTimeout", "0");
        add(&pairs, "CaptureNow", "true");
        add(&pairs, "InheritShippingAddress", "true");
        add(&pairs, "SellerNote", "");
        add(&pairs, "PlatformId", "A1PLATFORM");
        add(&pairs, "ParameterOfTomorrow", "x"); /* Amazon takes no notice of those it has not */
        if (send_as(d, &shapes[i], &pairs) != 200) {
            fail_msg("%s: %s", shapes[i].sdk, d->answer.body.bytes);
        }
        assert_string_equal(driver_element(d, "SellerAuthorizationNote"), NOTE_XML);
        assert_string_equal(driver_element(d, "AuthorizationReferenceId"), reference);
        assert_string_equal(driver_element(d, "ReasonCode"), "MaxCapturesProcessed");
    }
    driver_free(d);
}

/* The SDKs send the same request again with a new time and signature. */
static void test_repeats_of_every_sdk_get_the_first_result(void **state)
{
    struct driver *d = driver_new();
    char first[64] = "";

    (void)state;
    driver_agreement(d, AGREEMENT, "");
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        struct pairs pairs = {.count = 0};
        add(&pairs, "Action", "AuthorizeOnBillingAgreement");
        add(&pairs, "AmazonBillingAgreementId", AGREEMENT);
        add(&pairs, "AuthorizationReferenceId", "same");
        add(&pairs, "AuthorizationAmount.Amount", "1000");
        add(&pairs, "AuthorizationAmount.CurrencyCode", "JPY");
        add(&pairs, "SellerNote", NOTE);
        assert_int_equal(send_as(d, &shapes[i], &pairs), 200);
        if (i == 0) {
            (void)snprintf(first, sizeof first, "%s", driver_element(d, "AmazonAuthorizationId"));
        }
        assert_string_equal(driver_element(d, "AmazonAuthorizationId"), first);
    }
    assert_int_equal(d->sandbox.world.totals.authorizations, 1);
    driver_free(d);
}

/* Ruby and C# add their currency to every request that knows one, also without an amount; PHP and
 * C# leave it out of SetOrderAttributes. WooCommerce sends SellerOrderAttributes with Authorize. */
static void test_what_they_add_by_themselves(void **state)
{
    struct driver *d = driver_new();
    char order[64];

    (void)state;
    driver_agreement(d, AGREEMENT, "");
    assert_int_equal(driver_call(d, "CreateOrderReferenceForId", "Id", AGREEMENT, "IdType",
                                 "BillingAgreement",
                                 "OrderReferenceAttributes.OrderTotal.CurrencyCode", "JPY",
                                 "PlatformId", "A1PLATFORM", (char *)NULL),
                     200);
    (void)snprintf(order, sizeof order, "%s", driver_element(d, "AmazonOrderReferenceId"));
    assert_int_equal(driver_call(d, "SetOrderAttributes", "AmazonOrderReferenceId", order,
                                 "OrderAttributes.OrderTotal.CurrencyCode", "JPY", (char *)NULL),
                     400);
    assert_int_equal(driver_call(d, "SetOrderReferenceDetails", "AmazonOrderReferenceId", order,
                                 "OrderReferenceAttributes.OrderTotal.Amount", "500",
                                 "OrderReferenceAttributes.OrderTotal.CurrencyCode", "JPY",
                                 (char *)NULL),
                     200);
    assert_int_equal(driver_call(d, "ConfirmOrderReference", "AmazonOrderReferenceId", order,
                                 "AuthorizationAmount.CurrencyCode", "JPY", (char *)NULL),
                     200);
    assert_int_equal(driver_call(d, "Authorize", "AmazonOrderReferenceId", order,
                                 "AuthorizationReferenceId", "a", "AuthorizationAmount.Amount",
                                 "500", "AuthorizationAmount.CurrencyCode", "JPY",
                                 "SellerOrderAttributes.SellerOrderId", "o-1",
                                 "SellerOrderAttributes.StoreName", "s", (char *)NULL),
                     200);
    assert_int_equal(driver_call(d, "SetBillingAgreementDetails", "AmazonBillingAgreementId",
                                 AGREEMENT,
                                 "BillingAgreementAttributes.SubscriptionAmount."
                                 "CurrencyCode",
                                 "JPY", (char *)NULL),
                     405); /* it is Open; the currency is no trouble */
    driver_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_sdk_is_understood),
        cmocka_unit_test(test_repeats_of_every_sdk_get_the_first_result),
        cmocka_unit_test(test_what_they_add_by_themselves),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
