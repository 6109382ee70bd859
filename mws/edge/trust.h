/*
 * trust.h - certificates of others: is this one signed by whom we trust, for that name, valid now,
 * and did its key sign these bytes?
 *
 * With crypto.h and certificate.h the only face of libcrypto. Where a certificate comes from, and
 * which bytes were signed, is decided elsewhere (mws/ipn.h). Certificates are made in
 * certificate.h.
 */
#ifndef MWS_EDGE_TRUST_H
#define MWS_EDGE_TRUST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "billing/instant.h"
#include "billing/status.h"

#define CERTIFICATE_BYTES_MAX ((size_t)64 * 1024) /* of a PEM text that is read */
#define CERTIFICATES_MAX      8                   /* beside the first in that text */
#define SIGNATURE_BYTES_MAX   512                 /* RSA with 4096 bits */

/* The system's PEM bundle of authorities. */
#define CA_FILE_SYSTEM "/etc/ssl/certs/ca-certificates.crt"

/* Whose signatures on certificates are believed. */
struct trust;

/* `ca_file` is a PEM bundle, NULL = CA_FILE_SYSTEM. Every certificate in it is an end of a chain,
 * roots and intermediates alike. ST_INVALID with a sentence when it cannot be read or has no
 * certificate in it. */
MUST_USE enum status trust_new(const char *ca_file, struct trust **trust, struct problem *problem);
void trust_free(struct trust *trust); /* NULL is allowed */

/* The public key of a certificate that was checked, and until when it holds. */
struct certificate;

/* Reads the first certificate of a PEM text; up to CERTIFICATES_MAX further ones in it may complete
 * its chain. It is given out only if a chain leads to `trust`, it is valid at `now`, its subject
 * has exactly one common name, and that is `common_name`, byte for byte; and its key is RSA with
 * 2048 to 4096 bits. ST_INVALID with a sentence that says which of these failed. */
MUST_USE enum status certificate_check(const struct trust *trust, const char *pem, size_t length,
                                       const char *common_name, struct instant now,
                                       struct certificate **certificate, struct problem *problem);
void certificate_free(struct certificate *certificate); /* NULL is allowed */
/* From when until when the whole chain is valid; both inclusive. */
bool certificate_is_valid_at(const struct certificate *certificate, struct instant at);

enum digest {
    DIGEST_SHA1 = 1, /* SNS SignatureVersion 1 */
    DIGEST_SHA256,   /* SNS SignatureVersion 2 */
};

/* "SHA1", "SHA256": the name that libcrypto knows it by. */
const char *digest_name(enum digest digest);

/* Is `signature` (RSA, PKCS #1 v1.5) of these bytes by the certificate's key? libcrypto compares in
 * time that does not depend on where the bytes differ. */
bool certificate_signed(const struct certificate *certificate, enum digest digest,
                        const void *bytes, size_t length, const uint8_t *signature,
                        size_t signature_length);

#endif
