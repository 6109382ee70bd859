/*
 * duration.h - durations as people write them: "500ms", "90s", "5m", "2h", "3d".
 *
 * One whole number and one unit, no sign, no space. The configuration, the policies that are kept
 * and what is printed share this form.
 */
#ifndef BILLING_DURATION_H
#define BILLING_DURATION_H

#include <stdbool.h>
#include <stdint.h>

#define DURATION_TEXT_MAX 24

/* Takes the whole text or nothing. */
bool duration_parse(const char *text, int64_t *ms);

/* In the largest unit that leaves no rest; none is "0s". `ms` is not negative (ENSURE). */
void duration_format(int64_t ms, char text[static DURATION_TEXT_MAX]);

#endif
