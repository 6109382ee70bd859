/*
 * naive_calendar.c - see naive_calendar.h. Lengths of months as a child learns them.
 */
#include "tests/billing/naive_calendar.h"

int naive_month_length(int year, int month)
{
    switch (month) {
    case 4:
    case 6:
    case 9:
    case 11:
        return 30;
    case 2:
        if (year % 400 == 0)
            return 29;
        if (year % 100 == 0)
            return 28;
        return year % 4 == 0 ? 29 : 28;
    default:
        return 31;
    }
}

void naive_next_day(struct civil_date *date)
{
    if (date->day < naive_month_length(date->year, date->month)) {
        date->day++;
        return;
    }
    date->day = 1;
    naive_next_month(date);
}

void naive_next_month(struct civil_date *date)
{
    date->month++;
    if (date->month == 13) {
        date->month = 1;
        date->year++;
    }
}

void naive_previous_month(struct civil_date *date)
{
    date->month--;
    if (date->month == 0) {
        date->month = 12;
        date->year--;
    }
}

void naive_clamp(struct civil_date *date)
{
    while (date->day > naive_month_length(date->year, date->month))
        date->day--;
}
