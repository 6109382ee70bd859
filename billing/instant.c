/*
 * instant.c - instants as text: RFC 3339 in UTC, with milliseconds.
 *
 * The only text form of a point in time, in JSON, in logs and in Amazon's messages. It refuses
 * local offsets rather than convert them: whoever sends one has a mistaken idea of what is stored.
 */
#include "billing/instant.h"

#include <stdio.h>
#include <string.h>

#include "billing/civil.h"

#define MS_PER_DAY   INT64_C(86400000)
#define DATE_LENGTH  10
#define SHAPE_LENGTH 19 /* up to the fraction */

void instant_format(struct instant at, char text[static INSTANT_TEXT_MAX])
{
    if (at.utc_ms == INT64_MAX) {
        (void)snprintf(text, INSTANT_TEXT_MAX, "never");
        return;
    }
    int64_t days = at.utc_ms / MS_PER_DAY;
    int64_t ms = at.utc_ms % MS_PER_DAY;
    if (ms < 0) {
        days -= 1;
        ms += MS_PER_DAY;
    }
    struct civil_date date = civil_from_days(days);
    (void)snprintf(text, INSTANT_TEXT_MAX, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", (int)date.year,
                   (int)date.month, (int)date.day, (int)(ms / 3600000), (int)(ms / 60000 % 60),
                   (int)(ms / 1000 % 60), (int)(ms % 1000));
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Two digits, or -1. */
static int two_digits(const char *text)
{
    if (!is_digit(text[0]) || !is_digit(text[1]))
        return -1;
    return (text[0] - '0') * 10 + (text[1] - '0');
}

/* Reads ".fff...", at least one digit, at `*text` and moves it behind them. */
static bool parse_fraction(const char **text, int *ms)
{
    const char *digits = *text + 1;
    const char *end = digits;
    int weight = 100;
    for (; is_digit(*end); end++, weight /= 10)
        *ms += (*end - '0') * weight;
    *text = end;
    return end != digits;
}

bool instant_parse(const char *text, struct instant *at)
{
    char date_text[DATE_LENGTH + 1];
    struct civil_date date;
    if (strnlen(text, SHAPE_LENGTH + 1) <= SHAPE_LENGTH)
        return false;
    memcpy(date_text, text, DATE_LENGTH);
    date_text[DATE_LENGTH] = '\0';
    if (!civil_parse(date_text, &date))
        return false;
    int hour = two_digits(text + 11);
    int minute = two_digits(text + 14);
    int second = two_digits(text + 17);
    if (text[10] != 'T' || text[13] != ':' || text[16] != ':')
        return false;
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
        return false;
    int ms = 0;
    text += SHAPE_LENGTH;
    if (*text == '.' && !parse_fraction(&text, &ms))
        return false;
    if (strcmp(text, "Z") != 0)
        return false;
    at->utc_ms = civil_to_days(date) * MS_PER_DAY +
                 ((hour * 60 + minute) * 60 + second) * INT64_C(1000) + ms;
    return true;
}
