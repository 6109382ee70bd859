/*
 * crypto.h - the few primitives of OpenSSL that are used: HMAC, SHA-256, base64, random bytes,
 * comparison without a timing leak, wiping. Certificates are made in certificate.h.
 *
 * With certificate.h and trust.h the only face of libcrypto. What is signed, and how it is written
 * down, is decided elsewhere: the client (mws/sign.c) and the sandbox (mws/sandbox/signature.c)
 * each build their own string.
 */
#ifndef MWS_EDGE_CRYPTO_H
#define MWS_EDGE_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HMAC_SHA256_BYTES    32
#define HMAC_SHA1_BYTES      20
#define SHA256_BYTES         32
#define BASE64_LENGTH(bytes) (((bytes) + 2) / 3 * 4) /* without the NUL */

/* A key prepared once, for many signatures. Not thread-safe. */
struct hmac_key;
struct hmac_key *hmac_key_new(const void *secret, size_t length);
void hmac_key_free(struct hmac_key *key); /* wipes it */
void hmac_sha256(struct hmac_key *key, const void *bytes, size_t length,
                 uint8_t mac[static HMAC_SHA256_BYTES]);

/* The same with SHA-1, which Amazon still accepts of old clients; such a key is good for hmac_sha1
 * only. */
struct hmac_key *hmac_sha1_key_new(const void *secret, size_t length);
void hmac_sha1(struct hmac_key *key, const void *bytes, size_t length,
               uint8_t mac[static HMAC_SHA1_BYTES]);

void sha256(const void *bytes, size_t length, uint8_t digest[static SHA256_BYTES]);

/* Writes BASE64_LENGTH(length) characters and a NUL. */
void base64_encode(const void *bytes, size_t length, char *text);

/* Decodes base64 with its padding, and nothing else in it; false when it is something else or would
 * not fit into `room`. */
bool base64_decode(const char *text, size_t text_length, uint8_t *bytes, size_t room,
                   size_t *length);

/* Random bytes fit for identities; aborts when the system has none. */
void random_bytes(void *bytes, size_t length);

/* Equal? In time that does not depend on where they differ. */
bool equal_constant_time(const void *a, const void *b, size_t length);

/* Overwrites memory that held a secret; never optimised away. */
void wipe(void *bytes, size_t length);

#endif
