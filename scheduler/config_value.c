/* config_value.c - see config_value.h. */
#include "scheduler/config_value.h"

#include <stddef.h>
#include <string.h>

/* Reads leading digits; returns what follows them, or NULL when there are none or too many. */
static const char *digits_read(const char *text, int64_t *value)
{
    const char *at = text;
    *value = 0;
    for (; *at >= '0' && *at <= '9'; at++) {
        if (__builtin_mul_overflow(*value, 10, value) ||
            __builtin_add_overflow(*value, *at - '0', value)) {
            return NULL;
        }
    }
    return at == text ? NULL : at;
}

bool config_integer_parse(const char *text, int64_t *value)
{
    int64_t number = 0;
    const char *rest = digits_read(text, &number);
    if (rest == NULL || *rest != '\0') {
        return false;
    }
    *value = number;
    return true;
}

bool config_milli_parse(const char *text, int64_t *milli)
{
    int64_t whole = 0;
    int64_t result = 0;
    const char *rest = digits_read(text, &whole);
    if (rest == NULL || __builtin_mul_overflow(whole, 1000, &result)) {
        return false;
    }
    if (*rest == '.') {
        int64_t place = 100;
        for (rest++; *rest >= '0' && *rest <= '9' && place > 0; rest++, place /= 10) {
            if (__builtin_add_overflow(result, (*rest - '0') * place, &result)) {
                return false;
            }
        }
        if (place == 100) {
            return false;
        }
    }
    if (*rest != '\0') {
        return false;
    }
    *milli = result;
    return true;
}

bool config_percent_parse(const char *text, int64_t *percent)
{
    int64_t number = 0;
    const char *rest = digits_read(text, &number);
    if (rest == NULL || strcmp(rest, "%") != 0 || number > 100) {
        return false;
    }
    *percent = number;
    return true;
}

/* "09:00"; returns what follows it, or NULL. */
static const char *clock_read(const char *text, int32_t *second)
{
    int64_t hour = 0;
    int64_t minute = 0;
    const char *rest = digits_read(text, &hour);
    if (rest == NULL || rest - text != 2 || *rest != ':') {
        return NULL;
    }
    const char *end = digits_read(rest + 1, &minute);
    if (end == NULL || end - rest != 3 || minute > 59 || hour > 24 || (hour == 24 && minute > 0)) {
        return NULL;
    }
    *second = (int32_t)(hour * 3600 + minute * 60);
    return end;
}

bool config_hours_parse(const char *text, int32_t *from_s, int32_t *until_s)
{
    int32_t from = 0;
    int32_t until = 0;
    const char *rest = clock_read(text, &from);
    if (rest == NULL || *rest != '-' || from == 86400) {
        return false;
    }
    rest = clock_read(rest + 1, &until);
    if (rest == NULL || *rest != '\0') {
        return false;
    }
    *from_s = from;
    *until_s = until;
    return true;
}

/* 0 = Monday; -1 when it is none. Returns what follows in `rest`. */
static int day_read(const char *text, const char **rest)
{
    static const char *const names[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    for (int i = 0; i < 7; i++) {
        if (strncmp(text, names[i], 3) == 0) {
            *rest = text + 3;
            return i;
        }
    }
    return -1;
}

bool config_days_parse(const char *text, uint32_t *days)
{
    const char *rest = "";
    int from = day_read(text, &rest);
    int to = from;
    if (from >= 0 && *rest == '-') {
        to = day_read(rest + 1, &rest);
    }
    if (from < 0 || to < 0 || *rest != '\0') {
        return false;
    }
    *days = 1u << to;
    for (int day = from; day != to; day = (day + 1) % 7) {
        *days |= 1u << day;
    }
    return true;
}
