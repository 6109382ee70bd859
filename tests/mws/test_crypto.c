/*
 * test_crypto.c - the primitives against published vectors (RFC 4231, RFC 4648) and the two raw
 * HMAC vectors that Amazon's own SDKs test themselves with.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "mws/edge/crypto.h"

static void hmac_base64(struct hmac_key *key, const char *message, char *text)
{
    uint8_t mac[HMAC_SHA256_BYTES];
    hmac_sha256(key, message, strlen(message), mac);
    base64_encode(mac, sizeof mac, text);
}

static void hmac_matches_the_vectors_of_two_sdks(void **state)
{
    (void)state;
    static const struct {
        const char *key, *message, *mac;
    } vectors[] = {
        {"mws_secret_key", "my_test_string", "JQZYxe8EFlLE3XCAWotsn329rpZF7OFYhA8oo7rUV2E="},
        {"SECRET_KEY", "test signature code", "VWty3pyWd3Ol4pw3L7nFQ/xI6SXXsV5T2aRdoNPVMg0="},
    };
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        char text[BASE64_LENGTH(HMAC_SHA256_BYTES) + 1];
        struct hmac_key *key = hmac_key_new(vectors[i].key, strlen(vectors[i].key));
        hmac_base64(key, vectors[i].message, text);
        assert_string_equal(text, vectors[i].mac);
        hmac_key_free(key);
    }
}

static void hmac_matches_rfc_4231(void **state)
{
    (void)state;
    static const uint8_t case_1[HMAC_SHA256_BYTES] = {
        0xb0, 0x34, 0x4c, 0x61, 0xd8, 0xdb, 0x38, 0x53, 0x5c, 0xa8, 0xaf,
        0xce, 0xaf, 0x0b, 0xf1, 0x2b, 0x88, 0x1d, 0xc2, 0x00, 0xc9, 0x83,
        0x3d, 0xa7, 0x26, 0xe9, 0x37, 0x6c, 0x2e, 0x32, 0xcf, 0xf7};
    /* Case 6: a key longer than the hash's block is hashed first. */
    static const uint8_t case_6[HMAC_SHA256_BYTES] = {
        0x60, 0xe4, 0x31, 0x59, 0x1e, 0xe0, 0xb6, 0x7f, 0x0d, 0x8a, 0x26,
        0xaa, 0xcb, 0xf5, 0xb7, 0x7f, 0x8e, 0x0b, 0xc6, 0x21, 0x37, 0x28,
        0xc5, 0x14, 0x05, 0x46, 0x04, 0x0f, 0x0e, 0xe3, 0x7f, 0x54};
    uint8_t bytes[131];
    uint8_t mac[HMAC_SHA256_BYTES];

    memset(bytes, 0x0b, 20);
    struct hmac_key *key = hmac_key_new(bytes, 20);
    hmac_sha256(key, "Hi There", 8, mac);
    assert_memory_equal(mac, case_1, sizeof mac);
    hmac_key_free(key);

    memset(bytes, 0xaa, sizeof bytes);
    key = hmac_key_new(bytes, sizeof bytes);
    const char *message = "Test Using Larger Than Block-Size Key - Hash Key First";
    hmac_sha256(key, message, strlen(message), mac);
    assert_memory_equal(mac, case_6, sizeof mac);
    hmac_key_free(key);
}

/* Goal: the prepared key carries nothing over from one message to the next. */
static void hmac_sha1_matches_rfc_2202(void **state)
{
    static const char message[] = "what do ya want for nothing?";
    static const uint8_t expected[HMAC_SHA1_BYTES] = {0xef, 0xfc, 0xdf, 0x6a, 0xe5, 0xeb, 0x2f,
                                                      0xa2, 0xd2, 0x74, 0x16, 0xd5, 0xf1, 0x84,
                                                      0xdf, 0x9c, 0x25, 0x9a, 0x7c, 0x79};
    uint8_t mac[HMAC_SHA1_BYTES];
    struct hmac_key *key = hmac_sha1_key_new("Jefe", 4);
    (void)state;

    hmac_sha1(key, message, strlen(message), mac);
    assert_memory_equal(mac, expected, sizeof mac);
    hmac_key_free(key);
}

static void a_key_signs_many_messages_independently(void **state)
{
    (void)state;
    char first[BASE64_LENGTH(HMAC_SHA256_BYTES) + 1];
    char other[BASE64_LENGTH(HMAC_SHA256_BYTES) + 1];
    char again[BASE64_LENGTH(HMAC_SHA256_BYTES) + 1];
    struct hmac_key *key = hmac_key_new("k", 1);
    hmac_base64(key, "one", first);
    hmac_base64(key, "two", other);
    hmac_base64(key, "one", again);
    assert_string_not_equal(first, other);
    assert_string_equal(first, again);
    hmac_key_free(key);
    hmac_key_free(NULL);
}

static void sha256_matches_fips_180(void **state)
{
    (void)state;
    static const uint8_t of_abc[SHA256_BYTES] = {0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea,
                                                 0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23,
                                                 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c,
                                                 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad};
    uint8_t digest[SHA256_BYTES];
    sha256("abc", 3, digest);
    assert_memory_equal(digest, of_abc, sizeof digest);
}

static void base64_matches_rfc_4648(void **state)
{
    (void)state;
    static const char *const vectors[][2] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
    };
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        char text[16];
        base64_encode(vectors[i][0], strlen(vectors[i][0]), text);
        assert_string_equal(text, vectors[i][1]);
        assert_int_equal(strlen(text), BASE64_LENGTH(strlen(vectors[i][0])));
    }
}

static void base64_is_read_back_as_it_was_written(void **state)
{
    (void)state;
    uint8_t bytes[64];
    uint8_t read[64];
    random_bytes(bytes, sizeof bytes);
    bytes[0] = 0xfb; /* "+" and "/" among them */
    bytes[1] = 0xff;
    bytes[2] = 0xbf;
    for (size_t length = 0; length <= sizeof bytes; length++) {
        char text[BASE64_LENGTH(sizeof bytes) + 1];
        size_t read_length = 99;
        base64_encode(bytes, length, text);
        assert_true(base64_decode(text, strlen(text), read, length, &read_length));
        assert_int_equal(read_length, length);
        assert_memory_equal(read, bytes, length);
        if (length > 0) {
            assert_false(base64_decode(text, strlen(text), read, length - 1, &read_length));
        }
        for (size_t cut = 1; cut < 4 && cut < strlen(text); cut++) {
            assert_false(base64_decode(text, strlen(text) - cut, read, sizeof read, &read_length));
        }
    }
}

static void what_is_not_base64_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] =
        {
            "Z",    "Zg",           "Zg=",       "Zm9",    "=",      "==",
            "====", "Z===",         "Zg==Zg==",  "Zg==\n", "Zm9v\n", " Zm9",
            "Zm 9", "Zm9v    ",     "Zm9v Zm9v", "Zm-_",   "Zm9*",   "Zm=v",
            "Z=9v", "=m9v",         "Zm9v====",  "Zh==", /* bits that the padding cuts off */
            "Zm9=", "Zm9v\xc3\xa9",
        };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        uint8_t bytes[32];
        size_t length = 0;
        if (base64_decode(texts[i], strlen(texts[i]), bytes, sizeof bytes, &length)) {
            fail_msg("taken as base64: \"%s\"", texts[i]);
        }
    }
    uint8_t byte = 7;
    size_t length = 9;
    assert_false(base64_decode("Zm\0v", 4, &byte, 1, &length));
    assert_true(base64_decode("", 0, &byte, 0, &length));
    assert_int_equal(length, 0);
    assert_int_equal(byte, 7);
}

static void random_bytes_differ(void **state)
{
    (void)state;
    uint8_t a[16] = {0};
    uint8_t b[16] = {0};
    random_bytes(a, sizeof a);
    random_bytes(b, sizeof b);
    assert_memory_not_equal(a, b, sizeof a);
}

static void comparison_sees_every_byte(void **state)
{
    (void)state;
    uint8_t a[32] = {0};
    uint8_t b[32] = {0};
    assert_true(equal_constant_time(a, b, sizeof a));
    for (size_t i = 0; i < sizeof a; i++) {
        b[i] = 1;
        assert_false(equal_constant_time(a, b, sizeof a));
        b[i] = 0;
    }
}

static void wipe_clears(void **state)
{
    (void)state;
    char text[] = "secret";
    static const char nothing[sizeof text] = {0};
    wipe(text, sizeof text);
    assert_memory_equal(text, nothing, sizeof text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hmac_matches_the_vectors_of_two_sdks),
        cmocka_unit_test(hmac_matches_rfc_4231),
        cmocka_unit_test(hmac_sha1_matches_rfc_2202),
        cmocka_unit_test(a_key_signs_many_messages_independently),
        cmocka_unit_test(sha256_matches_fips_180),
        cmocka_unit_test(base64_matches_rfc_4648),
        cmocka_unit_test(base64_is_read_back_as_it_was_written),
        cmocka_unit_test(what_is_not_base64_is_refused),
        cmocka_unit_test(random_bytes_differ),
        cmocka_unit_test(comparison_sees_every_byte),
        cmocka_unit_test(wipe_clears),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
