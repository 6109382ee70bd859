/*
 * odd_certificate.h - certificates as nobody should make them, for the tests of mws/edge/trust.h.
 *
 * Made with libcrypto directly and not with mws/edge/certificate.c, whose certificates are all
 * good ones.
 */
#ifndef TESTS_MWS_ODD_CERTIFICATE_H
#define TESTS_MWS_ODD_CERTIFICATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

/* A certificate and the key it is for. */
struct odd {
    X509 *certificate;
    EVP_PKEY *key;
};

struct odd_wish {
    const struct odd *issuer; /* NULL = itself */
    const char *name;         /* of its CN; NULL = none */
    size_t name_length;       /* 0 = of the text */
    const char *second_name;  /* of another CN; NULL = none */
    int name_type;            /* of the ASN.1 string; 0 = UTF8String */
    EVP_PKEY *key;            /* shared; NULL = a new one, */
    unsigned rsa_bits;        /* of this size, 0 = 2048 */
    bool is_elliptic;         /* or P-256 */
    const char *made_up_kind; /* "RSA", "RSA-PSS": the modulus is any odd number; cannot sign */
    bool is_ca;
    bool is_signed_with_sha1;
    int64_t from_s; /* 1970 = 0; until 0 = 2020-01-01 to 2030-01-01 */
    int64_t until_s;
};

#define ODD_FROM_S  INT64_C(1577836800) /* 2020-01-01T00:00:00Z */
#define ODD_UNTIL_S INT64_C(1893456000) /* 2030-01-01T00:00:00Z */

struct odd odd_new(const struct odd_wish *wish);
void odd_free(struct odd *odd);

/* The PEM texts of these, one behind the other; at most ODD_PEM_MAX bytes with the NUL. */
#define ODD_PEM_MAX ((size_t)256 * 1024)
size_t odd_pem(const struct odd *const *list, size_t count, char text[static ODD_PEM_MAX]);

/* RSA, PKCS #1 v1.5; `digest` as libcrypto names it. Returns the length. */
size_t odd_sign(const struct odd *odd, const char *digest, const void *bytes, size_t length,
                uint8_t signature[static 512]);

#endif
