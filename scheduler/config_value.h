/*
 * config_value.h - the texts of a configuration file as values: whole numbers, fractions, hours,
 * days. Durations: billing/duration.h.
 *
 * Pure text in, value out; every reader takes the whole text or nothing. Bounds are the caller's.
 */
#ifndef SCHEDULER_CONFIG_VALUE_H
#define SCHEDULER_CONFIG_VALUE_H

#include <stdbool.h>
#include <stdint.h>

/* Decimal digits only. */
bool config_integer_parse(const char *text, int64_t *value);

/* "1", "0.5", "0.125" as thousandths: at most three digits after the point. */
bool config_milli_parse(const char *text, int64_t *milli);

/* "10%": 0 to 100. */
bool config_percent_parse(const char *text, int64_t *percent);

/* "09:00-21:00", to "24:00"; seconds of the day. */
bool config_hours_parse(const char *text, int32_t *from_s, int32_t *until_s);

/* "mon", or "mon-fri", or "sat-mon": bit 0 = Monday. */
bool config_days_parse(const char *text, uint32_t *days);

#endif
