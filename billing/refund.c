/*
 * refund.c - how much of a capture may go back.
 */
#include "billing/refund.h"

#include <string.h>

#include "billing/ensure.h"

struct money refund_bound(struct money captured, bool with_overage)
{
    if (!with_overage || !money_is_valid(captured)) {
        return captured;
    }
    const char *currency = money_currency(&captured);
    bool is_yen = strcmp(currency, "JPY") == 0;
    int64_t most_minor = is_yen ? 8400 : 7500; /* 75.00 */
    int64_t part_minor = money_minor(captured) / 100 * 15 + money_minor(captured) % 100 * 15 / 100;
    struct money bound;
    bool ok = money_add(&bound, captured,
                        money_of(part_minor < most_minor ? part_minor : most_minor, currency));
    ENSURE(ok);
    return bound;
}
