/* chain.c - see chain.h. */
#include "schema/chain.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "billing/ensure.h"

/* Room for an int64_t and the NUL. */
#define INTEGER_MAX 21

static void integer_text(bool is_null, int64_t value, char text[static INTEGER_MAX])
{
    text[0] = '\0';
    if (!is_null) {
        snprintf(text, INTEGER_MAX, "%" PRId64, value);
    }
}

size_t chain_text(const char *seller_id, const struct change_view *view,
                  char text[static CHAIN_TEXT_MAX])
{
    const struct change *change = &view->change;
    bool has_amount = money_is_valid(change->amount);
    char amount[INTEGER_MAX];
    char until[INTEGER_MAX];
    integer_text(!has_amount, has_amount ? money_minor(change->amount) : 0, amount);
    integer_text(change->until.utc_ms == INSTANT_NEVER.utc_ms, change->until.utc_ms, until);
    int length = snprintf(
        text, CHAIN_TEXT_MAX, "%s\t%" PRIu64 "\t%" PRId64 "\t%s\t%d\t%s\t%d\t%d\t%d\t%s\t%s\t%s\n",
        seller_id, view->number, view->at.utc_ms, view->agreement_id, (int)change->kind,
        change->subject, change->from, change->to, (int)change->reason, amount,
        has_amount ? money_currency(&change->amount) : "", until);
    ENSURE(length > 0);
    ENSURE(length < CHAIN_TEXT_MAX);
    return (size_t)length;
}

void chain_digest(store_digest *sha256, const uint8_t previous[static DIGEST_BYTES],
                  const char *seller_id, const struct change_view *view,
                  uint8_t digest[static DIGEST_BYTES])
{
    char bytes[DIGEST_BYTES + CHAIN_TEXT_MAX];
    memcpy(bytes, previous, DIGEST_BYTES);
    size_t length = chain_text(seller_id, view, bytes + DIGEST_BYTES);
    sha256(bytes, DIGEST_BYTES + length, digest);
}
