/*
 * sign.h - Signature Version 2: what is signed, and the body that carries the signature.
 *
 * Source: Amazon MWS Developer Guide, "Signature Version 2". Four lines joined by LF: the verb, the
 * host in lower case (with its port unless that is 443, as the Host header has it), the path, and
 * the form in its canonical order (form.h). The signature is the base64 of their HMAC-SHA256.
 */
#ifndef MWS_SIGN_H
#define MWS_SIGN_H

#include <stddef.h>

#include "billing/status.h"
#include "mws/form.h"
#include "mws/secret.h"

#define SIGN_URL_MAX 256 /* of an endpoint, with its NUL */

/* What is signed before the form, the same for every request to one endpoint. */
struct sign_endpoint {
    char lines[SIGN_URL_MAX + 8]; /* verb, host and path, each with its LF; no NUL */
    size_t length;
};

/* Takes "https://host[:port][/path]" apart. ST_INVALID with a sentence for anything else, such as
 * another scheme, a user name or a query, and for a URL that is too long. */
MUST_USE enum status sign_endpoint_read(const char *url, struct sign_endpoint *endpoint,
                                        struct problem *problem);

/* The signed body: "name=value&...&Signature=...", inside the buffer that was handed in. */
struct signed_body {
    const char *bytes;
    size_t length;
};

/* Signs `form`, to which SignatureMethod and SignatureVersion are added here. `buffer` is where
 * text and body are written; ST_INVALID when it is too small, and nothing is signed. */
MUST_USE enum status sign_form(const struct sign_endpoint *endpoint, struct form *form,
                               const struct secret *secret, char *buffer, size_t buffer_bytes,
                               struct signed_body *body, struct problem *problem);

#endif
