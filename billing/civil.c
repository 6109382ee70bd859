/*
 * civil.c - the Gregorian calendar as closed formulas.
 *
 * Years are counted from 1 March, so that the leap day is a year's last day and the months before
 * it have a fixed pattern of lengths; 400 such years are one era of 146,097 days. Everything is
 * 64-bit division, no table of days and no loop, so any instant that fits its type has a date.
 *
 * It knows nothing of zones or of instants. Read zone.c next.
 */
#include "billing/civil.h"

#include <string.h>

#include "billing/ensure.h"

#define DAYS_PER_ERA  146097
#define YEARS_PER_ERA 400
/* From 0000-03-01 to 1970-01-01. */
#define EPOCH_DAYS 719468
/* Keeps the year within int32_t. */
#define DAYS_MAX INT64_C(700000000000)

static int64_t floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static bool is_leap_year(int32_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int32_t civil_days_in_month(int32_t year, int32_t month)
{
    static const int8_t days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    ENSURE(month >= 1 && month <= 12);
    return month == 2 && is_leap_year(year) ? 29 : days[month - 1];
}

static bool is_day_of_calendar(struct civil_date date)
{
    return date.month >= 1 && date.month <= 12 && date.day >= 1 &&
           date.day <= civil_days_in_month(date.year, date.month);
}

bool civil_is_valid(struct civil_date date)
{
    return date.year >= 1 && date.year <= CIVIL_YEAR_MAX && is_day_of_calendar(date);
}

int64_t civil_to_days(struct civil_date date)
{
    ENSURE(is_day_of_calendar(date));
    int64_t year = (int64_t)date.year - (date.month <= 2);
    int64_t month = (date.month + 9) % 12; /* 0 = March */
    int64_t era = floor_divide(year, YEARS_PER_ERA);
    int64_t year_of_era = year - era * YEARS_PER_ERA;
    int64_t day_of_year = (153 * month + 2) / 5 + date.day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * DAYS_PER_ERA + day_of_era - EPOCH_DAYS;
}

struct civil_date civil_from_days(int64_t days)
{
    ENSURE(days >= -DAYS_MAX && days <= DAYS_MAX);
    days += EPOCH_DAYS;
    int64_t era = floor_divide(days, DAYS_PER_ERA);
    int64_t day_of_era = days - era * DAYS_PER_ERA;
    /* Takes out the leap days: one each 1460 days, but not each 36524, and one at the era's end. */
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153; /* 0 = March */
    return (struct civil_date){
        .year = (int32_t)(era * YEARS_PER_ERA + year_of_era + (month >= 10)),
        .month = (int32_t)(month < 10 ? month + 3 : month - 9),
        .day = (int32_t)(day_of_year - (153 * month + 2) / 5 + 1),
    };
}

struct civil_date civil_add_months(struct civil_date date, int64_t months)
{
    ENSURE(is_day_of_calendar(date));
    ENSURE(months > -INT64_MAX / 2 && months < INT64_MAX / 2);
    int64_t total = (int64_t)date.year * 12 + (date.month - 1) + months;
    int64_t year = floor_divide(total, 12);
    ENSURE(year >= INT32_MIN && year <= INT32_MAX);
    struct civil_date sum = {
        .year = (int32_t)year,
        .month = (int32_t)(total - year * 12) + 1,
        .day = date.day,
    };
    int32_t last = civil_days_in_month(sum.year, sum.month);
    if (sum.day > last)
        sum.day = last;
    return sum;
}

struct civil_date civil_add_days(struct civil_date date, int64_t days)
{
    ENSURE(days >= -2 * DAYS_MAX && days <= 2 * DAYS_MAX);
    return civil_from_days(civil_to_days(date) + days);
}

int civil_compare(struct civil_date a, struct civil_date b)
{
    if (a.year != b.year)
        return a.year < b.year ? -1 : 1;
    if (a.month != b.month)
        return a.month < b.month ? -1 : 1;
    return (a.day > b.day) - (a.day < b.day);
}

bool civil_parse(const char *text, struct civil_date *date)
{
    static const char shape[] = "dddd-dd-dd";
    int32_t field[3] = {0};
    int index = 0;
    for (size_t i = 0; i < sizeof shape; i++) { /* up to and with the NUL */
        if (shape[i] == 'd') {
            if (text[i] < '0' || text[i] > '9')
                return false;
            field[index] = field[index] * 10 + (text[i] - '0');
        } else if (text[i] == shape[i]) {
            index++;
        } else {
            return false;
        }
    }
    struct civil_date read = {.year = field[0], .month = field[1], .day = field[2]};
    if (read.year < CIVIL_YEAR_MIN || !civil_is_valid(read))
        return false;
    *date = read;
    return true;
}

static void put_digits(char *text, int width, int32_t value)
{
    for (; width > 0; width--, value /= 10)
        text[width - 1] = (char)('0' + value % 10);
}

void civil_format(struct civil_date date, char text[static CIVIL_TEXT_MAX])
{
    ENSURE(civil_is_valid(date));
    memcpy(text, "YYYY-MM-DD", sizeof "YYYY-MM-DD");
    put_digits(text, 4, date.year);
    put_digits(text + 5, 2, date.month);
    put_digits(text + 8, 2, date.day);
}
