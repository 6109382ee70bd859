/*
 * config_value.h - the texts of a configuration file as values: durations, whole numbers,
 * fractions.
 *
 * Pure text in, value out; every reader takes the whole text or nothing. Bounds are the caller's.
 */
#ifndef SCHEDULER_CONFIG_VALUE_H
#define SCHEDULER_CONFIG_VALUE_H

#include <stdbool.h>
#include <stdint.h>

/* "500ms", "90s", "5m", "2h", "3d": one whole number and its unit, no sign, no space. */
bool config_duration_parse(const char *text, int64_t *ms);

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

/* A duration in the largest unit that fits without rest ("90s", "2h"). */
#define CONFIG_DURATION_TEXT_MAX 24
void config_duration_format(int64_t ms, char text[static CONFIG_DURATION_TEXT_MAX]);

#endif
