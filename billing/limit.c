/*
 * limit.c - reserve, post, release and reconcile; see limit.h for the rules.
 *
 * Invariant, after every function: posted + reserved <= amount, all of one currency (limit_check).
 */
#include "billing/limit.h"

#include "billing/civil.h"
#include "billing/ensure.h"

bool limit_is_known(const struct limit *limit)
{
    return money_is_valid(limit->amount);
}

static struct money sum(struct money a, struct money b)
{
    struct money result;
    bool ok = money_add(&result, a, b);
    ENSURE(ok);
    return result;
}

static struct money difference(struct money a, struct money b)
{
    struct money result;
    bool ok = money_subtract(&result, a, b);
    ENSURE(ok);
    return result;
}

static struct money larger(struct money a, struct money b)
{
    return money_at_most(a, b) ? b : a;
}

/* The calendar month that contains `now`. */
static void month_bounds(const struct zone *zone, struct instant now, struct instant *start,
                         struct instant *end)
{
    int32_t second_of_day;
    struct civil_date first = zone_date(zone, now, &second_of_day);
    first.day = 1;
    *start = zone_instant(zone, first, 0);
    *end = zone_instant(zone, civil_add_months(first, 1), 0);
}

/* A period that was rolled here and lies in the future was rolled by a clock that ran ahead. A
 * clock that is only a little behind leaves nothing. */
static bool is_ahead(const struct limit *limit, struct instant now)
{
    static const int64_t little_ms = INT64_C(86400) * 1000;
    return !limit->is_told && instant_before(instant_plus(now, little_ms), limit->period_start);
}

bool limit_roll(struct limit *limit, struct instant now, const struct zone *zone)
{
    if (!limit_is_known(limit)) {
        return false;
    }
    bool was_ahead = is_ahead(limit, now);
    if (!was_ahead && instant_before(now, limit->period_end)) {
        return false;
    }
    month_bounds(zone, now, &limit->period_start, &limit->period_end);
    limit->is_told = false;
    limit->posted = was_ahead ? limit->posted : money_zero(limit->amount);
    ENSURE(limit_check(limit));
    return true;
}

enum limit_answer limit_reserve(struct limit *limit, struct money amount)
{
    ENSURE(limit_is_known(limit));
    if (!money_is_positive(amount) || !money_at_most(amount, limit->amount)) {
        return LIMIT_TOO_SMALL;
    }
    if (!money_at_most(amount, limit_remaining(limit))) {
        return LIMIT_SHORT;
    }
    limit->reserved = sum(limit->reserved, amount);
    ENSURE(limit_check(limit));
    return LIMIT_RESERVED;
}

static void unreserve(struct limit *limit, struct money amount)
{
    ENSURE(money_at_most(amount, limit->reserved));
    limit->reserved = difference(limit->reserved, amount);
}

void limit_release(struct limit *limit, struct money amount)
{
    unreserve(limit, amount);
    limit->is_told = false;
    ENSURE(limit_check(limit));
}

void limit_post(struct limit *limit, struct money amount)
{
    unreserve(limit, amount);
    limit->posted = sum(limit->posted, amount);
    ENSURE(limit_check(limit));
}

/* Amazon may have lowered the limit below what is used already: then nothing is left. Only open
 * reservations can hold the amount above Amazon's, because their requests may be on the wire. */
static void take_amount(struct limit *limit, struct money amount)
{
    limit->amount = larger(amount, limit->reserved);
    struct money room = difference(limit->amount, limit->reserved);
    limit->posted = money_at_most(limit->posted, room) ? limit->posted : room;
    ENSURE(limit_check(limit));
}

void limit_reconcile(struct limit *limit, struct money amount, struct money remaining,
                     struct instant period_start, struct instant period_end)
{
    ENSURE(money_is_valid(amount));
    ENSURE(instant_before(period_start, period_end));
    struct money zero = money_zero(amount);
    /* A remaining balance outside 0..amount is no balance: nothing is left, to be safe. */
    bool sane = money_at_most(zero, remaining) && money_at_most(remaining, amount);
    struct money used = sane ? difference(amount, remaining) : amount;
    if (limit_is_known(limit) && !instant_before(limit->period_start, period_end)) {
        /* Amazon still speaks of a period that is over: only the amount says something. */
        take_amount(limit, amount);
        return;
    }
    if (!limit_is_known(limit)) {
        limit->posted = zero;
        limit->reserved = zero;
    } else if (limit->period_start.utc_ms != period_start.utc_ms) {
        limit->posted = zero;
    }
    if (!money_is_positive(limit->reserved)) {
        limit->posted = used;
    } else if (money_at_most(limit->reserved, used)) {
        limit->posted = larger(limit->posted, difference(used, limit->reserved));
    }
    limit->period_start = period_start;
    limit->period_end = period_end;
    limit->is_told = true;
    take_amount(limit, amount);
}

bool limit_is_exceeded(const struct limit *limit, struct money amount, struct money remaining,
                       struct instant period_start)
{
    struct money used;
    return limit_is_known(limit) && limit->is_told &&
           limit->period_start.utc_ms == period_start.utc_ms &&
           money_at_most(money_zero(amount), remaining) && money_at_most(remaining, amount) &&
           money_subtract(&used, amount, remaining) && !money_at_most(used, limit->posted);
}

void limit_exhaust(struct limit *limit)
{
    ENSURE(limit_is_known(limit));
    limit->posted = difference(limit->amount, limit->reserved);
    ENSURE(limit_check(limit));
}

struct money limit_remaining(const struct limit *limit)
{
    if (!limit_is_known(limit)) {
        return limit->amount;
    }
    return difference(difference(limit->amount, limit->posted), limit->reserved);
}

bool limit_check(const struct limit *limit)
{
    struct money used;
    struct money zero = money_zero(limit->amount);
    return limit_is_known(limit) && money_at_most(zero, limit->posted) &&
           money_at_most(zero, limit->reserved) &&
           money_add(&used, limit->posted, limit->reserved) && money_at_most(used, limit->amount) &&
           instant_before(limit->period_start, limit->period_end);
}
