/*
 * limit.h - the ledger of one agreement's limit in the current period.
 *
 * Amazon lets a billing agreement be charged up to an amount per calendar month
 * (BillingAgreementLimits). We reserve before an intent, post on success, release on a final
 * decline: posted + reserved never exceeds the amount. Period bounds come from Amazon; a period
 * that has passed is followed by the next calendar month, in the shop's zone, until Amazon tells
 * better.
 */
#ifndef BILLING_LIMIT_H
#define BILLING_LIMIT_H

#include <stdbool.h>

#include "billing/instant.h"
#include "billing/money.h"
#include "billing/status.h"
#include "billing/zone.h"

struct limit {
    struct money amount;   /* AmountLimitPerTimePeriod                                         */
    struct money posted;   /* captured in this period, by us or by anybody Amazon counts       */
    struct money reserved; /* of attempts without a final answer                               */
    struct instant period_start;
    struct instant period_end; /* exclusive */
    bool is_told; /* the period's bounds are Amazon's word, and so is posted, save for what was
                     posted since; false = it was rolled here, or something was released since:
                     whether and when Amazon gives that back is not documented */
};

/* Unknown until Amazon has told: amount is poison and nothing can be reserved. */
bool limit_is_known(const struct limit *limit);

/* Moves to the period that contains `now`; true when the period changed. posted starts at zero;
 * reservations stay, because their attempts are still open. `zone` is the month's; NULL = UTC.
 * Where a clock that ran ahead has moved it on, the way back keeps what is posted: Amazon will
 * tell. */
bool limit_roll(struct limit *limit, struct instant now, const struct zone *zone);

enum limit_answer {
    LIMIT_RESERVED = 1,
    LIMIT_SHORT,     /* not in this period                       */
    LIMIT_TOO_SMALL, /* above the whole limit, or of another currency: never */
};

/* Reserves `amount` (positive, the limit's currency) if there is room. */
MUST_USE enum limit_answer limit_reserve(struct limit *limit, struct money amount);
/* Turns a reservation into a posting, or gives it back. The reservation must exist (ENSURE). */
void limit_post(struct limit *limit, struct money amount);
void limit_release(struct limit *limit, struct money amount);

/* Takes Amazon's numbers. While nothing is reserved Amazon's remaining balance is the truth;
 * otherwise open attempts may or may not be in it, and the larger usage counts. Numbers of a period
 * that ended before ours began change the amount only. */
void limit_reconcile(struct limit *limit, struct money amount, struct money remaining,
                     struct instant period_start, struct instant period_end);

/* Does Amazon count more than we posted, in a period that is_told? To be asked only while nothing
 * is reserved, and before limit_reconcile(). */
bool limit_is_exceeded(const struct limit *limit, struct money amount, struct money remaining,
                       struct instant period_start);

/* Amazon refused with PeriodicAmountExceeded although we saw room: this period is used up. */
void limit_exhaust(struct limit *limit);

/* What may still be reserved: amount - posted - reserved, at least zero. Poison when not known. */
struct money limit_remaining(const struct limit *limit);

/* posted + reserved <= amount, all valid and of one currency, start < end. */
bool limit_check(const struct limit *limit);

#endif
