/*
 * civil.h - dates of the proleptic Gregorian calendar, as pure arithmetic.
 *
 * No time zone and no clock: see zone.h for wall clocks and recurrence.h for due dates.
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

#define CIVIL_TEXT_MAX 16 /* "2026-11-22" and its NUL */

bool civil_is_valid(struct civil_date date);
int32_t civil_days_in_month(int32_t year, int32_t month);

/* Days since 1970-01-01, and back. */
int64_t civil_to_days(struct civil_date date);
struct civil_date civil_from_days(int64_t days);

/* The date `months` later; a day the target month does not have becomes its last day. */
struct civil_date civil_add_months(struct civil_date date, int64_t months);
struct civil_date civil_add_days(struct civil_date date, int64_t days);

/* <0, 0, >0 */
int civil_compare(struct civil_date a, struct civil_date b);

/* "YYYY-MM-DD", years 1970 to 9999. False, and *date untouched, for anything else. */
bool civil_parse(const char *text, struct civil_date *date);
void civil_format(struct civil_date date, char text[static CIVIL_TEXT_MAX]);

#endif
