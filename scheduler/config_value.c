/* config_value.c - see config_value.h. */
#include "scheduler/config_value.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SECOND INT64_C(1000)

/* From the smallest: the formatter walks it backwards. */
static const struct unit {
    const char *name;
    int64_t ms;
} units[] = {
    {"ms", 1}, {"s", SECOND}, {"m", 60 * SECOND}, {"h", 3600 * SECOND}, {"d", 86400 * SECOND},
};
#define UNIT_COUNT (sizeof units / sizeof units[0])

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

bool config_duration_parse(const char *text, int64_t *ms)
{
    int64_t number = 0;
    const char *rest = digits_read(text, &number);
    for (size_t i = 0; rest != NULL && i < UNIT_COUNT; i++) {
        if (strcmp(rest, units[i].name) == 0) {
            int64_t product = 0;
            if (__builtin_mul_overflow(number, units[i].ms, &product)) {
                return false;
            }
            *ms = product;
            return true;
        }
    }
    return false;
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

void config_duration_format(int64_t ms, char text[static CONFIG_DURATION_TEXT_MAX])
{
    size_t unit = UNIT_COUNT - 1;
    while (unit > 0 && (ms == 0 || ms % units[unit].ms != 0)) {
        unit--;
    }
    (void)snprintf(text, CONFIG_DURATION_TEXT_MAX, "%" PRId64 "%s", ms / units[unit].ms,
                   units[unit].name);
}
