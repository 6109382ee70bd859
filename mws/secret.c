/*
 * secret.c - a secret key as a prepared HMAC key.
 *
 * The key goes into the HMAC at once, and no second copy is kept: there is nothing here to print.
 * hmac_key_free() wipes it.
 */
#include "mws/secret.h"

#include <stdlib.h>

#include "billing/ensure.h"
#include "mws/edge/crypto.h"

struct secret {
    struct hmac_key *key;
};

struct secret *secret_new(const void *bytes, size_t length)
{
    if (length == 0) {
        return NULL;
    }
    struct secret *secret = malloc(sizeof *secret);
    ENSURE(secret != NULL);
    secret->key = hmac_key_new(bytes, length);
    return secret;
}

void secret_free(struct secret *secret)
{
    if (secret == NULL) {
        return;
    }
    hmac_key_free(secret->key);
    free(secret);
}

struct hmac_key *secret_hmac_key(const struct secret *secret)
{
    return secret->key;
}
