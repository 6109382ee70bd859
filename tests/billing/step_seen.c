/*
 * step_seen.c - see step_seen.h.
 */
#include "tests/billing/step_seen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROOM_FIRST (1u << 16)

void seen_free(struct seen *seen)
{
    free(seen->digests);
    free(seen->moves_left);
    *seen = (struct seen){0};
}

uint64_t seen_bytes(uint64_t digest, const void *bytes, size_t count)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < count; i += 8) {
        uint64_t word = 0;
        memcpy(&word, at + i, count - i < 8 ? count - i : 8);
        digest = (digest ^ word) * UINT64_C(0x9e3779b97f4a7c15);
        digest ^= digest >> 29;
    }
    return digest;
}

uint64_t seen_account(uint64_t digest, const struct account *account)
{
    struct agreement agreement = account->agreement;
    agreement.version = 0;
    digest = seen_bytes(digest, &agreement, sizeof agreement);
    digest = seen_bytes(digest, account->subscriptions,
                        account->subscription_count * sizeof account->subscriptions[0]);
    digest =
        seen_bytes(digest, account->charges, account->charge_count * sizeof account->charges[0]);
    return seen_bytes(digest, account->refunds, account->refund_count * sizeof account->refunds[0]);
}

/* The place of the digest, or the free one where it would be. */
static size_t find(const struct seen *seen, uint64_t digest)
{
    size_t i = (size_t)digest & (seen->room - 1);
    while (seen->digests[i] != 0 && seen->digests[i] != digest) {
        i = (i + 1) & (seen->room - 1);
    }
    return i;
}

static void grow(struct seen *seen)
{
    struct seen smaller = *seen;
    struct seen bigger = {.room = seen->room == 0 ? ROOM_FIRST : seen->room * 2,
                          .count = seen->count};
    bigger.digests = calloc(bigger.room, sizeof bigger.digests[0]);
    bigger.moves_left = calloc(bigger.room, 1);
    assert_non_null(bigger.digests);
    assert_non_null(bigger.moves_left);
    for (size_t i = 0; i < seen->room; i++) {
        if (seen->digests[i] != 0) {
            size_t to = find(&bigger, seen->digests[i]);
            bigger.digests[to] = seen->digests[i];
            bigger.moves_left[to] = seen->moves_left[i];
        }
    }
    *seen = bigger;
    seen_free(&smaller);
}

bool seen_before(struct seen *seen, uint64_t digest, unsigned moves_left)
{
    if (seen->count * 2 >= seen->room) {
        grow(seen);
    }
    digest += digest == 0;
    size_t i = find(seen, digest);
    bool is_new = seen->digests[i] == 0;
    if (!is_new && seen->moves_left[i] >= moves_left) {
        return true;
    }
    seen->count += is_new;
    seen->digests[i] = digest;
    seen->moves_left[i] = (unsigned char)moves_left;
    return false;
}
