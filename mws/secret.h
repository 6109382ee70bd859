/*
 * secret.h - a seller's secret key: it can be used for signing and cannot be printed.
 *
 * The bytes become a prepared HMAC key at once; no other copy is kept, and freeing wipes it. Only
 * sign.c borrows the key. There is no function that gives the bytes back.
 */
#ifndef MWS_SECRET_H
#define MWS_SECRET_H

#include <stddef.h>

struct secret;

/* Copies `length` bytes; the caller wipes its own copy. NULL when length is 0. */
struct secret *secret_new(const void *bytes, size_t length);
void secret_free(struct secret *secret);

struct hmac_key;
/* For sign.c alone. */
struct hmac_key *secret_hmac_key(const struct secret *secret);

#endif
