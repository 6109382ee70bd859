/* duration.c - see duration.h. */
#include "billing/duration.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "billing/ensure.h"

#define UNIT_COUNT (sizeof units / sizeof units[0])

static const struct {
    const char *name;
    int64_t ms;
} units[] = {{"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}};

bool duration_parse(const char *text, int64_t *ms)
{
    const char *at = text;
    int64_t number = 0;
    for (; *at >= '0' && *at <= '9'; at++) {
        if (__builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, *at - '0', &number)) {
            return false;
        }
    }
    for (size_t i = 0; at != text && i < UNIT_COUNT; i++) {
        int64_t product = 0;
        if (strcmp(at, units[i].name) == 0) {
            bool fits = !__builtin_mul_overflow(number, units[i].ms, &product);
            *ms = fits ? product : *ms;
            return fits;
        }
    }
    return false;
}

void duration_format(int64_t ms, char text[static DURATION_TEXT_MAX])
{
    ENSURE(ms >= 0);
    size_t unit = ms == 0 ? 3 : 0;
    while (ms % units[unit].ms != 0) {
        unit++;
    }
    (void)snprintf(text, DURATION_TEXT_MAX, "%" PRId64 "%s", ms / units[unit].ms, units[unit].name);
}
