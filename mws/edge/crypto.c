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

struct hmac_key *hmac_key_new(const void *secret, size_t length)
{
    struct hmac_key *key = malloc(sizeof *key);
    ENSURE(key != NULL);

    EVP_MAC *algorithm = EVP_MAC_fetch(NULL, "HMAC", NULL);
    ENSURE(algorithm != NULL);
    key->context = EVP_MAC_CTX_new(algorithm);
    ENSURE(key->context != NULL);
    EVP_MAC_free(algorithm); /* the context holds its own reference */

    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };
    int done = EVP_MAC_init(key->context, secret, length, parameters);
    ENSURE(done == 1);
    return key;
}

void hmac_key_free(struct hmac_key *key)
{
    if (key == NULL) {
        return;
    }
    EVP_MAC_CTX_free(key->context);
    free(key);
}

void hmac_sha256(struct hmac_key *key, const void *bytes, size_t length,
                 uint8_t mac[static HMAC_SHA256_BYTES])
{
    size_t written = 0;
    int done = EVP_MAC_init(key->context, NULL, 0, NULL); /* same key, new message */
    ENSURE(done == 1);
    done = EVP_MAC_update(key->context, bytes, length);
    ENSURE(done == 1);
    done = EVP_MAC_final(key->context, mac, &written, HMAC_SHA256_BYTES);
    ENSURE(done == 1);
    ENSURE(written == HMAC_SHA256_BYTES);
}

void base64_encode(const void *bytes, size_t length, char *text)
{
    ENSURE(length <= INT_MAX / 2);
    int written = EVP_EncodeBlock((unsigned char *)text, bytes, (int)length);
    ENSURE(written == (int)BASE64_LENGTH(length));
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
