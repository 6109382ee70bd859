/*
 * step_seen.h - which places an exhaustive walk has been to, so that it goes on from each only
 * once.
 *
 * A place is known by a digest of its bytes (64 bits: among millions of places two that differ and
 * agree in it are not to be expected, and would only skip a few orders). Walking to a depth, a
 * place counts as seen when it was reached with at least as many moves left.
 */
#ifndef TESTS_BILLING_STEP_SEEN_H
#define TESTS_BILLING_STEP_SEEN_H

#include "billing/account.h"

struct seen {
    uint64_t *digests; /* open addressing; 0 = free */
    unsigned char *moves_left;
    size_t room;
    size_t count;
};

void seen_free(struct seen *seen);

/* `digest` goes on with these bytes; begin with 0. */
uint64_t seen_bytes(uint64_t digest, const void *bytes, size_t count);
/* With all of an account but its version. */
uint64_t seen_account(uint64_t digest, const struct account *account);

/* Remembers the place; true: it was reached before with as many moves left. */
bool seen_before(struct seen *seen, uint64_t digest, unsigned moves_left);

#endif
