/*
 * zone_footer.c - "EST5EDT,M3.2.0,M11.1.0" and its relatives.
 *
 * The grammar is POSIX's TZ, with RFC 8536's extension for version 3 (times of a rule from -167 to
 * 167 hours) accepted everywhere. Quoted names (<+09>) are read, names are not kept. A string with
 * daylight time but without rules is refused: POSIX leaves its meaning to the implementation.
 */
#include "billing/zone_footer.h"

#include "billing/civil.h"

#define SECONDS_PER_DAY 86400

/* The unread rest of the text. */
struct cursor {
    const uint8_t *at, *end;
};

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool at_end(const struct cursor *cursor)
{
    return cursor->at == cursor->end;
}

static bool take(struct cursor *cursor, char c)
{
    if (at_end(cursor) || *cursor->at != (uint8_t)c)
        return false;
    cursor->at++;
    return true;
}

static bool take_number(struct cursor *cursor, int32_t low, int32_t high, int32_t *value)
{
    if (at_end(cursor) || !is_digit(*cursor->at))
        return false;
    *value = 0;
    for (; !at_end(cursor) && is_digit(*cursor->at); cursor->at++) {
        *value = *value * 10 + (*cursor->at - '0');
        if (*value > high)
            return false;
    }
    return *value >= low;
}

/* Three letters or more; or, in angle brackets, also digits and signs. */
static bool skip_name(struct cursor *cursor)
{
    int length = 0;
    bool quoted = take(cursor, '<');
    for (; !at_end(cursor); cursor->at++, length++) {
        uint8_t c = *cursor->at;
        if (!is_letter(c) && !(quoted && (is_digit(c) || c == '+' || c == '-')))
            break;
    }
    return length >= 3 && (!quoted || take(cursor, '>'));
}

/* [+-]hh[:mm[:ss]], in seconds. */
static bool take_time(struct cursor *cursor, int32_t hours_max, int32_t *seconds)
{
    int32_t hours = 0;
    int32_t minutes = 0;
    int32_t rest = 0;
    bool negative = take(cursor, '-');
    if (!negative)
        (void)take(cursor, '+');
    if (!take_number(cursor, 0, hours_max, &hours))
        return false;
    if (take(cursor, ':')) {
        if (!take_number(cursor, 0, 59, &minutes))
            return false;
        if (take(cursor, ':') && !take_number(cursor, 0, 59, &rest))
            return false;
    }
    *seconds = (hours * 60 + minutes) * 60 + rest;
    if (negative)
        *seconds = -*seconds;
    return true;
}

/* ",date[/time]" */
static bool take_rule(struct cursor *cursor, struct zone_rule *rule)
{
    bool taken = false;
    *rule = (struct zone_rule){.second = 2 * 3600};
    if (!take(cursor, ','))
        return false;
    if (take(cursor, 'M')) {
        rule->kind = 'M';
        taken = take_number(cursor, 1, 12, &rule->month) && take(cursor, '.') &&
                take_number(cursor, 1, 5, &rule->week) && take(cursor, '.') &&
                take_number(cursor, 0, 6, &rule->day);
    } else if (take(cursor, 'J')) {
        rule->kind = 'J';
        taken = take_number(cursor, 1, 365, &rule->day);
    } else {
        rule->kind = 'N';
        taken = take_number(cursor, 0, 365, &rule->day);
    }
    if (taken && take(cursor, '/'))
        taken = take_time(cursor, 167, &rule->second);
    return taken;
}

/* POSIX counts offsets westward. */
static bool take_offset(struct cursor *cursor, int32_t *offset_s)
{
    int32_t west = 0;
    if (!take_time(cursor, 24, &west))
        return false;
    *offset_s = -west;
    return true;
}

bool zone_footer_parse(struct zone_footer *footer, const uint8_t *text, size_t length)
{
    struct cursor cursor = {.at = text, .end = text + length};
    *footer = (struct zone_footer){0};
    if (!skip_name(&cursor) || !take_offset(&cursor, &footer->standard_offset_s))
        return false;
    if (at_end(&cursor))
        return true;
    footer->has_daylight = true;
    footer->daylight_offset_s = footer->standard_offset_s + 3600;
    if (!skip_name(&cursor))
        return false;
    if (!at_end(&cursor) && *cursor.at != ',' && !take_offset(&cursor, &footer->daylight_offset_s))
        return false;
    /* The hours allowed keep both offsets within ZONE_OFFSET_MIN_S..ZONE_OFFSET_MAX_S. */
    return take_rule(&cursor, &footer->daylight_start) &&
           take_rule(&cursor, &footer->daylight_end) && at_end(&cursor);
}

/* The rule's moment in `year`, in seconds since 1970 as the wall clock before the change counts. */
static int64_t rule_wall_s(const struct zone_rule *rule, int32_t year)
{
    int32_t month = rule->kind == 'M' ? rule->month : 1;
    int64_t days = civil_to_days((struct civil_date){.year = year, .month = month, .day = 1});
    if (rule->kind == 'J') {
        days += rule->day - 1 + (rule->day >= 60 && civil_days_in_month(year, 2) == 29);
    } else if (rule->kind == 'N') {
        days += rule->day;
    } else {
        int64_t weekday = ((days + 4) % 7 + 7) % 7; /* 1970-01-01 was a Thursday */
        int64_t day = (rule->day - weekday + 7) % 7 + 7 * (int64_t)(rule->week - 1);
        if (day >= civil_days_in_month(year, month)) /* week 5 is the last one */
            day -= 7;
        days += day;
    }
    return days * SECONDS_PER_DAY + rule->second;
}

/* Narrows `span` to the side of the change at `change_s` where `at_s` is. */
static void narrow(struct zone_span *span, int64_t at_s, int64_t change_s, int32_t offset_s,
                   bool wins_tie)
{
    if (change_s > at_s) {
        if (change_s < span->end_s)
            span->end_s = change_s;
    } else if (change_s > span->start_s || (change_s == span->start_s && wins_tie)) {
        span->start_s = change_s;
        span->offset_s = offset_s;
    }
}

struct zone_span zone_footer_span(const struct zone_footer *footer, int64_t at_s)
{
    struct zone_span span = {-ZONE_FOREVER_S, ZONE_FOREVER_S, footer->standard_offset_s};
    if (!footer->has_daylight)
        return span;
    int64_t days = at_s / SECONDS_PER_DAY - (at_s % SECONDS_PER_DAY < 0);
    int32_t year = civil_from_days(days).year;
    /* Two years to each side, because a rule may move its change a week out of its year. */
    for (int32_t y = year - 2; y <= year + 2; y++) {
        int64_t start_s = rule_wall_s(&footer->daylight_start, y) - footer->standard_offset_s;
        int64_t end_s = rule_wall_s(&footer->daylight_end, y) - footer->daylight_offset_s;
        /* Daylight time that ends in the moment it starts again lasts all year. */
        narrow(&span, at_s, end_s, footer->standard_offset_s, false);
        narrow(&span, at_s, start_s, footer->daylight_offset_s, true);
    }
    return span;
}
