/*
 * civil.h - dates of the proleptic Gregorian calendar, as pure arithmetic.
 *
 * No time zone and no clock: see zone.h for wall clocks and recurrence.h for due dates. Arithmetic
 * works far beyond the years that are valid as input, so that a caller may compute first and look
 * at the year afterwards.
 */
#ifndef BILLING_CIVIL_H
#define BILLING_CIVIL_H

#include <stdbool.h>
#include <stdint.h>

struct civil_date {
    int32_t year;
    int32_t month; /* 1..12 */
    int32_t day;   /* 1..31 */
};

#define CIVIL_TEXT_MAX 16   /* "2026-11-22" and its NUL */
#define CIVIL_YEAR_MIN 1970 /* of dates read from text */
#define CIVIL_YEAR_MAX 9999 /* four digits */

/* A day that the calendar has, in the years 1 to CIVIL_YEAR_MAX. */
bool civil_is_valid(struct civil_date date);
int32_t civil_days_in_month(int32_t year, int32_t month);

/* Days since 1970-01-01, and back. `date` must be a day that the calendar has, of any year; the
 * year of the result must fit its type (ENSURE). */
int64_t civil_to_days(struct civil_date date);
struct civil_date civil_from_days(int64_t days);

/* The date `months` later (earlier when negative); a day the target month does not have becomes its
 * last day. The year of the result must fit its type (ENSURE). */
struct civil_date civil_add_months(struct civil_date date, int64_t months);
struct civil_date civil_add_days(struct civil_date date, int64_t days);

/* <0, 0, >0 */
int civil_compare(struct civil_date a, struct civil_date b);

/* "YYYY-MM-DD", years 1970 to 9999. False, and *date untouched, for anything else. */
bool civil_parse(const char *text, struct civil_date *date);
/* `date` must be valid (ENSURE). */
void civil_format(struct civil_date date, char text[static CIVIL_TEXT_MAX]);

#endif
