/*
 * recurrence.h - when the k-th cycle of a subscription is due.
 *
 * The due instant is a pure function of (anchor, rule, zone, k), never of the previous date:
 * monthly from 31 January gives 28 February and then 31 March. Local dates strictly
 * increase in k, and so do the instants, save where a zone dropped a whole day from its calendar:
 * Samoa had no 30 December 2011, and there a daily rule's cycles of the 30th and of the 31st were
 * due at the same instant.
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

#define RECUR_EVERY_MAX      1000    /* units; more is surely a typing error */
#define RECUR_CYCLE_MAX      1000000 /* cycle numbers stay within 7 digits of the reference id */
#define RECUR_TRIAL_DAYS_MAX 3660    /* ten years */

struct recurrence {
    enum recurrence_unit unit;
    uint32_t every;           /* 1..RECUR_EVERY_MAX units between cycles */
    bool last_day_of_month;   /* RECUR_MONTH and RECUR_YEAR only: always the month's last day, also
                                 in cycle 1 */
    struct civil_date anchor; /* the date of cycle 1 before the trial is added; 1970..9999 */
    int32_t second_of_day;    /* wall-clock time in the zone, 0..86399 */
    uint32_t trial_days;      /* free days: the first date is `trial_days` after the anchor, and all
                                 cycles are counted from that date; 0..RECUR_TRIAL_DAYS_MAX */
    uint32_t cycle_count;     /* the last cycle's number; 0 = no end */
    struct civil_date end;    /* no cycle is due after this local date; year 0 = no end */
};

/* ST_INVALID with a sentence naming the field when the rule breaks a bound above, or ends before
 * cycle 1. The functions below take checked rules only. */
MUST_USE enum status recurrence_check(const struct recurrence *rule, struct problem *problem);

bool recurrence_equal(const struct recurrence *a, const struct recurrence *b);

/* The due instant of cycle `cycle` (1-based). INSTANT_NEVER when there is no such cycle: the rule
 * ends before it, its date is after the year 9999, or it is 0 or above RECUR_CYCLE_MAX. */
struct instant recurrence_due(const struct recurrence *rule, const struct zone *zone,
                              uint32_t cycle);

/* The first cycle due at or after `from`; 0 when there is none. Bounded work (bisection). */
uint32_t recurrence_first_cycle(const struct recurrence *rule, const struct zone *zone,
                                struct instant from);

/* "day", "week", "month", "year"; and back (0 when unknown). */
const char *recurrence_unit_name(enum recurrence_unit unit);
enum recurrence_unit recurrence_unit_parse(const char *name);

#endif
