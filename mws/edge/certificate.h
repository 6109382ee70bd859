/*
 * certificate.h - a certificate authority and a server certificate made on the spot, for the
 * sandbox.
 *
 * With crypto.h and trust.h the only face of libcrypto. The daemon never makes certificates.
 */
#ifndef MWS_EDGE_CERTIFICATE_H
#define MWS_EDGE_CERTIFICATE_H

#include <stddef.h>
#include <stdint.h>

#include "billing/status.h"
#include "mws/edge/trust.h"

/* PEM texts, each freed with free(). */
struct certificate_set {
    char *ca_pem;
    char *ca_key_pem;      /* wiped and dropped by whoever needs no further certificates */
    char *certificate_pem; /* the server's, followed by the CA's */
    char *key_pem;         /* the server's */
};

/* A key pair that signs messages, as PEM texts, each freed with free(). */
struct signing_pair {
    char *certificate_pem; /* followed by its CA's, when it has one */
    char *key_pem;
};

/* A new CA, and a P-256 server certificate for `names` (DNS names or IP addresses, such as
 * "localhost" and "127.0.0.1") signed by it, both valid for `days` from now. */
MUST_USE enum status certificate_set_new(const char *const *names, size_t name_count, int days,
                                         struct certificate_set *set, struct problem *problem);

/* An RSA key of 2048 bits and its certificate for the common name `name`, valid for `days` from
 * now, signed by the CA in `set` whose `ca_key_pem` must still be there, or by
 * itself when `set` is NULL. */
MUST_USE enum status signing_pair_new(const struct certificate_set *set, const char *name, int days,
                                      struct signing_pair *pair, struct problem *problem);

/* Signs with RSA, PKCS #1 v1.5. `key` is prepared once. */
struct signing_key;
MUST_USE enum status signing_key_read(const char *key_pem, struct signing_key **key,
                                      struct problem *problem);
void signing_key_free(struct signing_key *key); /* NULL is allowed */
/* Writes at most SIGNATURE_BYTES_MAX bytes (trust.h); returns how many. */
size_t signing_key_sign(const struct signing_key *key, enum digest digest, const void *bytes,
                        size_t length, uint8_t *signature);

#endif
