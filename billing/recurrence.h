/*
 * recurrence.h - when the k-th cycle of a subscription is due.
 *
 * The due instant is a pure function of (anchor, rule, zone, k), never of the previous date:
 * monthly from 31 January gives 28 February and then 31 March. Strictly increasing in k for every
 * valid rule.
 */
#ifndef BILLING_RECURRENCE_H
#define BILLING_RECURRENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "billing/civil.h"
#include "billing/instant.h"
#include "billing/status.h"
#include "billing/zone.h"

/* Stored: numbered by hand, only grows. */
enum recurrence_unit {
    RECUR_DAY = 1,
    RECUR_WEEK = 2,
    RECUR_MONTH = 3,
    RECUR_YEAR = 4,
};

#define RECUR_EVERY_MAX 1000 /* every 1000 years is surely a typing error, every 1000 days is not  \
                              */
#define RECUR_CYCLE_MAX 1000000 /* cycle numbers stay within 7 digits of the reference id */

struct recurrence {
    enum recurrence_unit unit;
    uint32_t every;           /* 1..RECUR_EVERY_MAX units between cycles */
    bool last_day_of_month;   /* RECUR_MONTH and RECUR_YEAR only: always the month's last day */
    struct civil_date anchor; /* the date of cycle 1 before the trial is added */
    int32_t second_of_day;    /* wall-clock time in the zone, 0..86399 */
    uint32_t trial_days;      /* free days: cycle 1 is due `trial_days` after the anchor, and the
                                 later cycles follow from that date */
    uint32_t cycle_count;     /* the last cycle's number; 0 = no end */
    struct civil_date end;    /* no cycle is due after this local date; year 0 = no end */
};

/* ST_INVALID with a sentence naming the field when the rule breaks a bound above. */
MUST_USE enum status recurrence_check(const struct recurrence *rule, struct problem *problem);

/* The due instant of cycle `cycle` (1-based); INSTANT_NEVER when the rule has ended before it or
 * `cycle` exceeds RECUR_CYCLE_MAX. */
struct instant recurrence_due(const struct recurrence *rule, const struct zone *zone,
                              uint32_t cycle);

/* The first cycle due at or after `from`; 0 when there is none. Bounded work (bisection). */
uint32_t recurrence_first_cycle(const struct recurrence *rule, const struct zone *zone,
                                struct instant from);

/* "day", "week", "month", "year"; and back (0 when unknown). */
const char *recurrence_unit_name(enum recurrence_unit unit);
enum recurrence_unit recurrence_unit_parse(const char *name);

#endif
