/*
 * signature.h - the server's half of Signature Version 2.
 *
 * The request is decoded first and written down again from the decoded parameters, because clients
 * differ in how they encode on the wire (Python sends '+' for a space and signs %20).
 * Source: amazon-pay SDKs; AWS General Reference, "Signature Version 2 signing process".
 */
#ifndef MWS_SANDBOX_SIGNATURE_H
#define MWS_SANDBOX_SIGNATURE_H

#include <stdbool.h>

#include "mws/edge/crypto.h"
#include "mws/sandbox/form.h"
#include "mws/sandbox/text.h"

/* Writes the string to sign: method, host in lower case, path as sent, sorted parameters without
 * Signature, joined by line feeds. `host` counts up to `host_length`. */
void signature_string(struct text *out, const char *method, const char *host, size_t host_length,
                      const char *path, const struct form *form);

/* A secret, prepared for the two methods: HmacSHA256, and HmacSHA1 of old clients. */
struct signing_keys {
    struct hmac_key *sha256, *sha1;
};

struct signing_keys signing_keys_new(const char *secret);
void signing_keys_free(struct signing_keys *keys); /* zeroed ones, too */

/* Whether the form names one of the two methods. */
bool signature_method_is_known(const struct form *form);

/* Whether the form's Signature is that of `keys`, by its method. The host may have been signed with
 * its port or without (SDKs differ for ports other than 443). `scratch` is overwritten. */
bool signature_is_right(const struct signing_keys *keys, const char *method, const char *host,
                        const char *path, const struct form *form, struct text *scratch);

#endif
