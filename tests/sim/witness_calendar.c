/*
 * witness_calendar.c - when a cycle is due, once more: by counting months and years one after the
 * other, and with the daylight saving rules of the few zones of this world written out.
 */
#include <string.h>

#include "tests/sim/witness_parts.h"

#define DAY_S  INT64_C(86400)
#define HOUR_S INT64_C(3600)

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int month_length(int year, int month)
{
    static const int lengths[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return lengths[month - 1] + (month == 2 && is_leap(year) ? 1 : 0);
}

/* Days since 1970-01-01, which was a Thursday. */
static int64_t days_of(int year, int month, int day)
{
    int64_t days = day - 1;
    for (int y = 1970; y < year; y++) {
        days += is_leap(y) ? 366 : 365;
    }
    for (int m = 1; m < month; m++) {
        days += month_length(year, m);
    }
    return days;
}

static void date_of(int64_t days, int *year, int *month, int *day)
{
    *year = 1970;
    while (days >= (is_leap(*year) ? 366 : 365)) {
        days -= is_leap(*year) ? 366 : 365;
        (*year)++;
    }
    *month = 1;
    while (days >= month_length(*year, *month)) {
        days -= month_length(*year, *month);
        (*month)++;
    }
    *day = (int)days + 1;
}

/* The n-th Sunday of a month; 0 = the last one. As days since 1970. */
static int64_t sunday(int year, int month, int n)
{
    if (n == 0) {
        int64_t last = days_of(year, month, month_length(year, month));
        return last - (last + 4) % 7;
    }
    int64_t first = days_of(year, month, 1);
    return first + (7 - (first + 4) % 7) % 7 + INT64_C(7) * (n - 1);
}

struct known_zone {
    const char *name;
    int64_t offset_s;
    enum { NO_SUMMER, EUROPE, AMERICA } summer;
};

static const struct known_zone known_zones[] = {
    {"Asia/Tokyo", 9 * HOUR_S, NO_SUMMER},
    {"UTC", 0, NO_SUMMER},
    {"Europe/Berlin", HOUR_S, EUROPE},
    {"America/New_York", -5 * HOUR_S, AMERICA},
};

static bool is_summer(const struct known_zone *zone, int year, int64_t utc_s)
{
    int64_t begins = 0;
    int64_t ends = 0;
    switch (zone->summer) {
    case NO_SUMMER:
        return false;
    case EUROPE:
        begins = sunday(year, 3, 0) * DAY_S + HOUR_S;
        ends = sunday(year, 10, 0) * DAY_S + HOUR_S;
        break;
    case AMERICA:
        begins = sunday(year, 3, 2) * DAY_S + 2 * HOUR_S - zone->offset_s;
        ends = sunday(year, 11, 1) * DAY_S + HOUR_S - zone->offset_s;
        break;
    }
    return utc_s >= begins && utc_s < ends;
}

/* What the clock shows twice means the first time; what it never shows, as if it had not jumped. */
static struct instant instant_of(const char *zone_name, int64_t days, int64_t second_of_day)
{
    for (size_t i = 0; i < sizeof known_zones / sizeof known_zones[0]; i++) {
        const struct known_zone *zone = &known_zones[i];
        if (strcmp(zone->name, zone_name) == 0) {
            int year;
            int month;
            int day;
            date_of(days, &year, &month, &day);
            int64_t utc_s = days * DAY_S + second_of_day - zone->offset_s;
            utc_s -= is_summer(zone, year, utc_s - HOUR_S) ? HOUR_S : 0;
            return (struct instant){utc_s * 1000};
        }
    }
    return INSTANT_NEVER;
}

struct instant calendar_due(const struct recurrence *rule, const char *zone_name, int64_t cycle)
{
    int year = rule->anchor.year;
    int month = rule->anchor.month;
    int day = rule->anchor.day;
    int64_t days = days_of(year, month, day) + rule->trial_days;
    if (cycle < 1 || (rule->cycle_count > 0 && cycle > rule->cycle_count)) {
        return INSTANT_NEVER;
    }
    date_of(days, &year, &month, &day);
    switch (rule->unit) {
    case RECUR_DAY:
        days += (cycle - 1) * rule->every;
        break;
    case RECUR_WEEK:
        days += (cycle - 1) * rule->every * 7;
        break;
    case RECUR_MONTH:
    case RECUR_YEAR:
        for (int64_t left = (cycle - 1) * rule->every * (rule->unit == RECUR_YEAR ? 12 : 1);
             left > 0; left--) {
            year += month == 12 ? 1 : 0;
            month = month == 12 ? 1 : month + 1;
        }
        if (rule->last_day_of_month || day > month_length(year, month)) {
            day = month_length(year, month);
        }
        days = days_of(year, month, day);
        break;
    }
    if (rule->end.year != 0 && days > days_of(rule->end.year, rule->end.month, rule->end.day)) {
        return INSTANT_NEVER;
    }
    return instant_of(zone_name, days, rule->second_of_day);
}
