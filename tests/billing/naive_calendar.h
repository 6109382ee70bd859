/*
 * naive_calendar.h - a calendar that only knows how to step by one day or one month: the slow
 * second opinion for civil.c and recurrence.c. It shares no code and no formula with them.
 */
#ifndef TESTS_BILLING_NAIVE_CALENDAR_H
#define TESTS_BILLING_NAIVE_CALENDAR_H

#include "billing/civil.h"

int naive_month_length(int year, int month);

/* One day later. */
void naive_next_day(struct civil_date *date);

/* One month later or earlier; the day is left alone and may not exist in that month. */
void naive_next_month(struct civil_date *date);
void naive_previous_month(struct civil_date *date);

/* Steps back to a day that the month has. */
void naive_clamp(struct civil_date *date);

#endif
