/*
 * recurrence.c - due dates in closed form.
 *
 * Cycle k's date is (first date) + (k - 1) * every units, always counted from the first date, so a
 * short month shortens one cycle and not all later ones. Its instant is that date and the rule's
 * wall-clock time in the zone, by the zone's rule for gaps and overlaps.
 *
 * Invariants:
 * 1. Pure: the same rule, zone bytes and cycle give the same instant, whatever happened before.
 * 2. Due instants never decrease in k, and the cycles that exist are 1..last without a hole; both
 * are what lets recurrence_first_cycle() bisect.
 */
#include "billing/recurrence.h"

#include <stddef.h>
#include <string.h>

#include "billing/ensure.h"

#define SECONDS_PER_DAY 86400

static const char *const unit_names[] = {
    [RECUR_DAY] = "day",
    [RECUR_WEEK] = "week",
    [RECUR_MONTH] = "month",
    [RECUR_YEAR] = "year",
};

static bool is_unit(enum recurrence_unit unit)
{
    return unit >= RECUR_DAY && unit <= RECUR_YEAR;
}

const char *recurrence_unit_name(enum recurrence_unit unit)
{
    ENSURE(is_unit(unit));
    return unit_names[unit];
}

enum recurrence_unit recurrence_unit_parse(const char *name)
{
    for (enum recurrence_unit unit = RECUR_DAY; unit <= RECUR_YEAR; unit++)
        if (strcmp(unit_names[unit], name) == 0)
            return unit;
    return 0;
}

bool recurrence_equal(const struct recurrence *a, const struct recurrence *b)
{
    return a->unit == b->unit && a->every == b->every &&
           a->last_day_of_month == b->last_day_of_month &&
           civil_compare(a->anchor, b->anchor) == 0 && a->second_of_day == b->second_of_day &&
           a->trial_days == b->trial_days && a->cycle_count == b->cycle_count &&
           civil_compare(a->end, b->end) == 0;
}

/* The local date of cycle `cycle`, the rule's end not considered. Bounded cycle numbers and steps
 * keep the year within its type. */
static struct civil_date cycle_date(const struct recurrence *rule, uint32_t cycle)
{
    ENSURE(cycle >= 1 && cycle <= RECUR_CYCLE_MAX);
    ENSURE(rule->every >= 1 && rule->every <= RECUR_EVERY_MAX);
    int64_t steps = (int64_t)(cycle - 1) * rule->every;
    struct civil_date date = civil_add_days(rule->anchor, rule->trial_days);
    switch (rule->unit) {
    case RECUR_DAY:
        return civil_add_days(date, steps);
    case RECUR_WEEK:
        return civil_add_days(date, steps * 7);
    case RECUR_MONTH:
        date = civil_add_months(date, steps);
        break;
    case RECUR_YEAR:
        date = civil_add_months(date, steps * 12);
        break;
    }
    if (rule->last_day_of_month)
        date.day = civil_days_in_month(date.year, date.month);
    return date;
}

static bool has_end(const struct recurrence *rule)
{
    return rule->end.year != 0;
}

static const char *find_fault(const struct recurrence *rule)
{
    if (!is_unit(rule->unit))
        return "unit must be day, week, month or year";
    if (rule->every < 1 || rule->every > RECUR_EVERY_MAX)
        return "every must be between 1 and 1000";
    if (rule->last_day_of_month && rule->unit != RECUR_MONTH && rule->unit != RECUR_YEAR)
        return "last_day_of_month needs the unit month or year";
    if (!civil_is_valid(rule->anchor) || rule->anchor.year < CIVIL_YEAR_MIN)
        return "anchor must be a date from 1970-01-01 to 9999-12-31";
    if (rule->second_of_day < 0 || rule->second_of_day >= SECONDS_PER_DAY)
        return "second_of_day must be between 0 and 86399";
    if (rule->trial_days > RECUR_TRIAL_DAYS_MAX)
        return "trial_days must be at most 3660";
    if (rule->cycle_count > RECUR_CYCLE_MAX)
        return "cycle_count must be at most 1000000";
    if (has_end(rule) && (!civil_is_valid(rule->end) || rule->end.year < CIVIL_YEAR_MIN))
        return "end must be a date from 1970-01-01 to 9999-12-31, or left out";
    struct civil_date first = cycle_date(rule, 1);
    if (first.year > CIVIL_YEAR_MAX)
        return "anchor and trial_days put cycle 1 after the year 9999";
    if (has_end(rule) && civil_compare(rule->end, first) < 0)
        return "end is before the date of cycle 1";
    return NULL;
}

enum status recurrence_check(const struct recurrence *rule, struct problem *problem)
{
    const char *fault = find_fault(rule);
    if (fault != NULL)
        return problem_set(problem, ST_INVALID, "recurrence: %s", fault);
    return ST_OK;
}

struct instant recurrence_due(const struct recurrence *rule, const struct zone *zone,
                              uint32_t cycle)
{
    if (cycle < 1 || cycle > RECUR_CYCLE_MAX)
        return INSTANT_NEVER;
    if (rule->cycle_count != 0 && cycle > rule->cycle_count)
        return INSTANT_NEVER;
    struct civil_date date = cycle_date(rule, cycle);
    if (date.year > CIVIL_YEAR_MAX)
        return INSTANT_NEVER;
    if (has_end(rule) && civil_compare(date, rule->end) > 0)
        return INSTANT_NEVER;
    return zone_instant(zone, date, rule->second_of_day);
}

uint32_t recurrence_first_cycle(const struct recurrence *rule, const struct zone *zone,
                                struct instant from)
{
    uint32_t low = 1;
    uint32_t high = RECUR_CYCLE_MAX + 1;
    while (low < high) { /* cycles that do not exist are due never, which is after any instant */
        uint32_t middle = low + (high - low) / 2;
        if (instant_before(recurrence_due(rule, zone, middle), from))
            low = middle + 1;
        else
            high = middle;
    }
    return recurrence_due(rule, zone, low).utc_ms == INT64_MAX ? 0 : low;
}
