/*
 * certificate.h - a certificate authority and a server certificate made on the spot, for the
 * sandbox.
 *
 * With crypto.h the only face of libcrypto. The daemon never makes certificates.
 */
#ifndef MWS_EDGE_CERTIFICATE_H
#define MWS_EDGE_CERTIFICATE_H

#include <stddef.h>

#include "billing/status.h"

/* PEM texts, each freed with free(). */
struct certificate_set {
    char *ca_pem;
    char *certificate_pem; /* the server's, followed by the CA's */
    char *key_pem;         /* the server's */
};

/* A new CA, and a P-256 server certificate for `names` (DNS names or IP addresses, such as
 * "localhost" and "127.0.0.1") signed by it, both valid for `days` from now. */
MUST_USE enum status certificate_set_new(const char *const *names, size_t name_count, int days,
                                         struct certificate_set *set, struct problem *problem);

#endif
