/*
 * admin_key.c - see admin_key.h. Eighty bits of SHA-256: two keys of one seller do not meet.
 */
#include "scheduler/admin_key.h"

#include <stdio.h>

#include "billing/account.h"
#include "billing/ensure.h"
#include "mws/edge/crypto.h"

void admin_key_make(const char *what, const char *seller_id, const char *idempotency_key,
                    char key[static KEY_MAX])
{
    char text[32 + SELLER_ID_MAX + IDEMPOTENCY_KEY_MAX];
    uint8_t bytes[SHA256_BYTES];
    if (idempotency_key[0] == '\0') {
        random_bytes(bytes, KEY_BYTES);
    } else {
        int length = snprintf(text, sizeof text, "%s\n%s\n%s", what, seller_id, idempotency_key);
        ENSURE(length > 0 && (size_t)length < sizeof text);
        sha256(text, (size_t)length, bytes);
    }
    key_from_bytes(bytes, key);
}
