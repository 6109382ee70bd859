/*
 * test_ipn_envelope.c - what SNS posts: which envelopes are taken, what of them is signed, and from
 * where a certificate may come.
 *
 * The URLs are those of the SigningCertURL tests of Amazon's Java SDK and the tricks that a regular
 * expression alone would let through.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mws/edge/json.h"
#include "mws/ipn.h"

#define PEM "SimpleNotificationService-bb750dd426d95ee9390147a5624348ee.pem"
#define URL "https://sns.us-east-1.amazonaws.com/" PEM

/* A whole notification; members are then changed. */
static struct json *envelope_json(void)
{
    struct json *root = json_new_object();
    json_set_string(root, "Type", "Notification");
    json_set_string(root, "MessageId", "72fd219f-d2d6-5fea-afff-70487e01d695");
    json_set_string(root, "TopicArn", "arn:aws:sns:us-east-1:291180941288:AGWSWK15IEJJ7A2SELLER");
    json_set_string(root, "Message", "{\"a\":\"\xe3\x81\x82\"}");
    json_set_string(root, "Timestamp", "2017-07-06T03:12:23.298Z");
    json_set_string(root, "SignatureVersion", "1");
    json_set_string(root, "Signature", "AAECAw==");
    json_set_string(root, "SigningCertURL", URL);
    json_set_string(root, "UnsubscribeURL", "https://sns.us-east-1.amazonaws.com/?Action=Un");
    return root;
}

/* Takes `root` over. */
static enum status read_json(struct json *root, struct ipn_envelope *envelope,
                             struct problem *problem)
{
    char *text = json_print(root, false);
    enum status status = ipn_envelope_read(text, strlen(text), envelope, problem);
    free(text);
    json_free(root);
    return status;
}

static void expect_refused(struct json *root, const char *word)
{
    struct ipn_envelope envelope;
    struct problem problem = {""};
    if (read_json(root, &envelope, &problem) != ST_INVALID) {
        fail_msg("taken, though %s is wrong", word);
    }
    if (strstr(problem.text, word) == NULL) {
        fail_msg("\"%s\" does not name %s", problem.text, word);
    }
    assert_null(envelope.json);
}

static void test_notification(void **state)
{
    struct ipn_envelope envelope;
    struct problem problem = {""};
    struct json *root = envelope_json();
    (void)state;
    json_set_string(root, "SomethingNew", "is ignored");
    assert_int_equal(read_json(root, &envelope, &problem), ST_OK);
    assert_int_equal(envelope.type, IPN_NOTIFICATION);
    assert_string_equal(envelope.message_id, "72fd219f-d2d6-5fea-afff-70487e01d695");
    assert_string_equal(envelope.message, "{\"a\":\"\xe3\x81\x82\"}");
    assert_int_equal(envelope.message_length, strlen(envelope.message));
    assert_null(envelope.subject);
    assert_null(envelope.token);
    assert_string_equal(envelope.signing_cert_url, URL);
    assert_int_equal(envelope.digest, DIGEST_SHA1);
    assert_int_equal(envelope.signature_length, 4);
    assert_memory_equal(envelope.signature, "\0\1\2\3", 4);
    ipn_envelope_free(&envelope);
    ipn_envelope_free(&envelope); /* twice is allowed, so that errors need no flag */
}

static void expect_signed(struct json *root, const char *expected)
{
    struct ipn_envelope envelope;
    struct problem problem = {""};
    size_t length = 0;
    if (read_json(root, &envelope, &problem) != ST_OK) {
        fail_msg("%s", problem.text);
    }
    char *text = ipn_signed_text(&envelope, &length);
    assert_string_equal(text, expected);
    assert_int_equal(length, strlen(expected));
    free(text);
    ipn_envelope_free(&envelope);
}

#define SIGNED_HEAD                                                                                \
    "Message\n{\"a\":\"\xe3\x81\x82\"}\nMessageId\n72fd219f-d2d6-5fea-afff-70487e01d695\n"
#define SIGNED_TIME  "Timestamp\n2017-07-06T03:12:23.298Z\n"
#define SIGNED_TOPIC "TopicArn\narn:aws:sns:us-east-1:291180941288:AGWSWK15IEJJ7A2SELLER\n"

static void test_signed_text(void **state)
{
    (void)state;
    expect_signed(envelope_json(), SIGNED_HEAD SIGNED_TIME SIGNED_TOPIC "Type\nNotification\n");
    struct json *root = envelope_json();
    json_set_string(root, "Subject", "hello");
    json_set_string(root, "Token", "not of a notification");
    expect_signed(root,
                  SIGNED_HEAD "Subject\nhello\n" SIGNED_TIME SIGNED_TOPIC "Type\nNotification\n");
}

static void test_signed_text_of_confirmations(void **state)
{
    static const char *const types[] = {"SubscriptionConfirmation", "UnsubscribeConfirmation"};
    char expected[1024];
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct json *root = envelope_json();
        json_set_string(root, "Type", types[i]);
        json_set_string(root, "Token", "t0ken");
        json_set_string(root, "SubscribeURL", "https://evil.example/");
        json_set_string(root, "Subject", "not signed here");
        (void)snprintf(expected, sizeof expected,
                       SIGNED_HEAD "SubscribeURL\nhttps://evil.example/\n" SIGNED_TIME
                                   "Token\nt0ken\n" SIGNED_TOPIC "Type\n%s\n",
                       types[i]);
        expect_signed(root, expected);
    }
}

static void test_what_is_missing_or_wrong(void **state)
{
    static const char *const names[] = {"Type",      "MessageId",     "TopicArn",
                                        "Message",   "Timestamp",     "SignatureVersion",
                                        "Signature", "SigningCertURL"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct json *root = json_new_object();
        struct json *whole = envelope_json();
        for (size_t k = 0; json_key(whole, k) != NULL; k++) {
            const char *key = json_key(whole, k);
            if (strcmp(key, names[i]) != 0) {
                json_set_string(root, key, json_as_string(json_get(whole, key)));
            }
        }
        json_free(whole);
        expect_refused(root, names[i]);

        root = envelope_json();
        json_set_string(root, names[i], "");
        expect_refused(root, names[i]);
        root = envelope_json();
        json_set_integer(root, names[i], 1);
        expect_refused(root, names[i]);
        root = envelope_json();
        json_set(root, names[i], json_new_null());
        expect_refused(root, names[i]);
    }
}

static void test_what_is_unknown(void **state)
{
    static const char *const members[][2] = {
        {"Type", "notification"},    {"Type", "Notification "}, {"SignatureVersion", "3"},
        {"SignatureVersion", "01"},  {"Signature", "AAEC*w=="}, {"Signature", "AAECAw"},
        {"Signature", "AAEC\nAw=="}, {"Subject", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        struct json *root = envelope_json();
        json_set_string(root, members[i][0], members[i][1]);
        expect_refused(root, members[i][0]);
    }
    struct json *root = envelope_json();
    json_set(root, "Subject", json_new_null());
    expect_refused(root, "Subject");
    root = envelope_json();
    json_set_string(root, "Type", "SubscriptionConfirmation");
    expect_refused(root, "Token");
}

static void test_what_is_too_long(void **state)
{
    static const struct {
        const char *name;
        size_t length; /* the first that is too long */
    } members[] = {{"MessageId", 101}, {"TopicArn", 257},       {"Timestamp", 64},
                   {"Subject", 1024},  {"SigningCertURL", 513}, {"Signature", 688}};
    (void)state;
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        char text[2048];
        memset(text, 'A', sizeof text);
        text[members[i].length] = '\0';
        struct json *root = envelope_json();
        json_set_string(root, members[i].name, text);
        expect_refused(root, members[i].name);
    }
}

static void test_not_json(void **state)
{
    static const char *const bodies[] = {
        "",
        "{",
        "[]",
        "\"Notification\"",
        "{\"Type\":\"Notification\",\"Type\":\"Notification\"}",
        "{\"Type\":\"Notification\"} {}",
        "{\"Type\":\"Noti\\u0000fication\"}",
        "{\"Type\":\"\\ud800\"}",
        "\xef\xbb\xbf{}",
    };
    struct ipn_envelope envelope;
    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        struct problem problem = {""};
        if (ipn_envelope_read(bodies[i], strlen(bodies[i]), &envelope, &problem) != ST_INVALID) {
            fail_msg("taken: %s", bodies[i]);
        }
        assert_true(problem.text[0] != '\0');
    }
    char *large = calloc(1, IPN_BODY_BYTES_MAX + 2);
    assert_non_null(large);
    memset(large, ' ', IPN_BODY_BYTES_MAX + 1);
    assert_int_equal(ipn_envelope_read(large, IPN_BODY_BYTES_MAX + 1, &envelope, NULL), ST_INVALID);
    free(large);
}

/* ---- URLs ---- */

static void test_urls_allowed(void **state)
{
    static const char *const urls[] = {
        URL,
        "https://sns.us-east-1.amazonaws.com.cn/" PEM,
        "https://sns.cn-north-1.amazonaws.com.cn/" PEM,
        "https://sns.ap-northeast-1.amazonaws.com:443/" PEM,
        "https://sns.US-EAST-1.amazonaws.com/a/b_c.pem",
        "https://sns.abc.amazonaws.com/a.pem",
    };
    (void)state;
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        struct problem problem = {""};
        if (ipn_certificate_url_check(urls[i], &problem) != ST_OK) {
            fail_msg("%s: %s", urls[i], problem.text);
        }
    }
}

static void test_urls_refused(void **state)
{
    static const char *const urls[] = {
        "",
        "https://",
        "http://sns.us-east-1.amazonaws.com/" PEM,
        "HTTPS://sns.us-east-1.amazonaws.com/" PEM,
        "ftp://sns.us-east-1.amazonaws.com/" PEM,
        "//sns.us-east-1.amazonaws.com/" PEM,
        " https://sns.us-east-1.amazonaws.com/" PEM,
        "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-bb750dd4.exe",
        "https://sns.us-east-1.fakecert.com/" PEM,
        "https://sni.us-east-1.amazonaws.com/" PEM,
        "https://sns.us.amazonaws.com/" PEM,
        "https://sns..amazonaws.com/" PEM,
        "https://sns.us-east-1.amazonaws.com.com/" PEM,
        "https://sns.us-east-1.amazonaws.com.cn.com/" PEM,
        "https://sns.us-east-1.amazonaws.com.cnn/" PEM,
        "https://sns.us-east-1.amazonaws.com.evil.example/" PEM,
        "https://sns.us-east-1.amazonaws.com.:443/" PEM,
        "https://sns.us-east-1.amazonaws.comx/" PEM,
        "https://sns.us-east-1xamazonaws.com/" PEM,
        "https://xsns.us-east-1.amazonaws.com/" PEM,
        "https://evil.example/sns.us-east-1.amazonaws.com/" PEM,
        "https://sns.a.us-east-1.amazonaws.com/" PEM,
        "https://sns.us_east_1.amazonaws.com/" PEM,
        "https://sns.us-east-1.amazonaws.com@evil.example/" PEM,
        "https://user@sns.us-east-1.amazonaws.com/" PEM,
        "https://user:pw@sns.us-east-1.amazonaws.com/" PEM,
        "https://sns.us-east-1.amazonaws.com:80/" PEM,
        "https://sns.us-east-1.amazonaws.com:4430/" PEM,
        "https://sns.us-east-1.amazonaws.com:/" PEM,
        "https://sns.us-east-1.amazonaws.com:443@evil.example/" PEM,
        "https://sns.us-east-1.amazonaws.com/a?x=.pem",
        "https://sns.us-east-1.amazonaws.com/" PEM "?x",
        "https://sns.us-east-1.amazonaws.com/" PEM "#x",
        "https://sns.us-east-1.amazonaws.com?/" PEM,
        "https://sns.us-east-1.amazonaws.com#/" PEM,
        "https://sns.us-east-1.amazonaws.com\\@evil.example/" PEM,
        "https://sns.us-east-1.amazonaws.com/../" PEM,
        "https://sns.us-east-1.amazonaws.com/./" PEM,
        "https://sns.us-east-1.amazonaws.com/a/../b.pem",
        "https://sns.us-east-1.amazonaws.com//evil.example/" PEM,
        "https://sns.us-east-1.amazonaws.com/%2e%2e/" PEM,
        "https://sns.us-east-1.amazonaws.com/a%00.pem",
        "https://sns%2eus-east-1.amazonaws.com/" PEM,
        "https://sns.us-east-1.amazonaws.com/.pem",
        "https://sns.us-east-1.amazonaws.com/a.PEM",
        "https://sns.us-east-1.amazonaws.com/a.pem/",
        "https://sns.us-east-1.amazonaws.com.pem",
        "https://sns.us-east-1.amazonaws.com",
        "https://sns.us-e\xc3\xa4st-1.amazonaws.com/" PEM,
        "https://\xd1\x95ns.us-east-1.amazonaws.com/" PEM,
        "https://sns.us-east-1.amazonaws.com/a b.pem",
        "https://sns.us-east-1.amazonaws.com/a\n.pem",
        "https://sns.us-east-1.amazonaws.com/a\t.pem",
        "https://127.0.0.1/" PEM,
        "https://[::1]/" PEM,
        "https://2130706433/" PEM,
        "https://sns.127.0.0.1/" PEM,
    };
    (void)state;
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        struct problem problem = {""};
        if (ipn_certificate_url_check(urls[i], &problem) != ST_INVALID) {
            fail_msg("allowed: %s", urls[i]);
        }
        assert_non_null(strstr(problem.text, "SigningCertURL"));
    }
}

static void test_url_length(void **state)
{
    static const char beginning[] = "https://sns.us-east-1.amazonaws.com/";
    char url[IPN_URL_MAX + 1];
    (void)state;
    memset(url, 'a', sizeof url);
    memcpy(url, beginning, sizeof beginning - 1);
    memcpy(url + IPN_URL_MAX - 5, ".pem", 5);
    assert_int_equal(strlen(url), IPN_URL_MAX - 1);
    assert_int_equal(ipn_certificate_url_check(url, NULL), ST_OK);
    memcpy(url + IPN_URL_MAX - 5, "a.pem", 6);
    assert_int_equal(ipn_certificate_url_check(url, NULL), ST_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_notification),
        cmocka_unit_test(test_signed_text),
        cmocka_unit_test(test_signed_text_of_confirmations),
        cmocka_unit_test(test_what_is_missing_or_wrong),
        cmocka_unit_test(test_what_is_unknown),
        cmocka_unit_test(test_what_is_too_long),
        cmocka_unit_test(test_not_json),
        cmocka_unit_test(test_urls_allowed),
        cmocka_unit_test(test_urls_refused),
        cmocka_unit_test(test_url_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
