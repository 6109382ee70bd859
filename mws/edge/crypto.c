/*
 * crypto.c - the primitives of crypto.h over OpenSSL's EVP layer.
 *
 * A key is prepared once: OpenSSL then keeps the two half-computed hashes that HMAC starts from, so
 * that a signature costs the message and little else (measured: more than four times the rate of
 * the one-shot HMAC() for a string of 500 bytes). A primitive that fails here means that the
 * library is broken or that memory is gone; nothing sensible can be signed then, so it is an
 * ENSURE.
 */
#include "mws/edge/crypto.h"

#include <limits.h>
#include <stdlib.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include "billing/ensure.h"

struct hmac_key {
    EVP_MAC_CTX *context; /* owns and wipes the key material */
};

static struct hmac_key *key_new(char *digest, const void *secret, size_t length)
{
    struct hmac_key *key = malloc(sizeof *key);
    ENSURE(key != NULL);

    EVP_MAC *algorithm = EVP_MAC_fetch(NULL, "HMAC", NULL);
    ENSURE(algorithm != NULL);
    key->context = EVP_MAC_CTX_new(algorithm);
    ENSURE(key->context != NULL);
    EVP_MAC_free(algorithm); /* the context holds its own reference */

    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };
    int done = EVP_MAC_init(key->context, secret, length, parameters);
    ENSURE(done == 1);
    return key;
}

struct hmac_key *hmac_key_new(const void *secret, size_t length)
{
    char digest[] = "SHA256";

    return key_new(digest, secret, length);
}

struct hmac_key *hmac_sha1_key_new(const void *secret, size_t length)
{
    char digest[] = "SHA1";

    return key_new(digest, secret, length);
}

void hmac_key_free(struct hmac_key *key)
{
    if (key == NULL) {
        return;
    }
    EVP_MAC_CTX_free(key->context);
    free(key);
}

static void mac_of(struct hmac_key *key, const void *bytes, size_t length, uint8_t *mac,
                   size_t mac_bytes)
{
    size_t written = 0;
    int done = EVP_MAC_init(key->context, NULL, 0, NULL); /* same key, new message */
    ENSURE(done == 1);
    done = EVP_MAC_update(key->context, bytes, length);
    ENSURE(done == 1);
    done = EVP_MAC_final(key->context, mac, &written, mac_bytes);
    ENSURE(done == 1);
    ENSURE(written == mac_bytes);
}

void hmac_sha256(struct hmac_key *key, const void *bytes, size_t length,
                 uint8_t mac[static HMAC_SHA256_BYTES])
{
    mac_of(key, bytes, length, mac, HMAC_SHA256_BYTES);
}

void hmac_sha1(struct hmac_key *key, const void *bytes, size_t length,
               uint8_t mac[static HMAC_SHA1_BYTES])
{
    mac_of(key, bytes, length, mac, HMAC_SHA1_BYTES);
}

void sha256(const void *bytes, size_t length, uint8_t digest[static SHA256_BYTES])
{
    int done = EVP_Digest(bytes, length, digest, NULL, EVP_sha256(), NULL);
    ENSURE(done == 1);
}

void base64_encode(const void *bytes, size_t length, char *text)
{
    ENSURE(length <= INT_MAX / 2);
    int written = EVP_EncodeBlock((unsigned char *)text, bytes, (int)length);
    ENSURE(written == (int)BASE64_LENGTH(length));
}

static int base64_value(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* libcrypto's decoder skips white space and does not tell padding from zeros, hence our own. */
bool base64_decode(const char *text, size_t text_length, uint8_t *bytes, size_t room,
                   size_t *length)
{
    size_t padding = 0;
    size_t written = 0;
    uint32_t bits = 0; /* the last characters, six bits each */
    if (text_length % 4 != 0) {
        return false;
    }
    while (padding < 2 && padding < text_length && text[text_length - 1 - padding] == '=') {
        padding++;
    }
    if (text_length / 4 * 3 - padding > room) {
        return false;
    }
    for (size_t i = 0; i < text_length - padding; i++) {
        int value = base64_value(text[i]);
        if (value < 0) {
            return false;
        }
        bits = bits << 6 | (uint32_t)value;
        if (i % 4 != 0) { /* 2, 4 and 6 bits are then left for the next byte */
            bytes[written++] = (uint8_t)(bits >> (6 - 2 * (i % 4)));
        }
    }
    *length = written;
    /* What the padding cuts off must be zero: one text per value. */
    return (bits & (padding == 0 ? 0 : padding == 1 ? 0x3U : 0xfU)) == 0;
}

void random_bytes(void *bytes, size_t length)
{
    ENSURE(length <= INT_MAX);
    int done = RAND_bytes(bytes, (int)length);
    ENSURE(done == 1);
}

bool equal_constant_time(const void *a, const void *b, size_t length)
{
    return CRYPTO_memcmp(a, b, length) == 0;
}

void wipe(void *bytes, size_t length)
{
    OPENSSL_cleanse(bytes, length);
}
