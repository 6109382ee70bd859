/*
 * zone.h - a time zone of the IANA database, read from the bytes of its TZif file (RFC 8536).
 *
 * The caller reads the file and keeps its bytes as long as the zone is used: zone_read only checks
 * them and remembers where things are, so a zone costs no heap. Files of version 2 or later are
 * accepted (version 1 stops in 2038); files that count leap seconds ("right/...") are not, because
 * an instant does not count them.
 *
 * The rule for wall-clock times (each maps to exactly one instant):
 *   gap     (clocks jump forward over it): shifted forward by the length of the gap, so 02:30 in a
 *           gap of one hour becomes what the clock shows as 03:30;
 *   overlap (clocks show it twice): the first of the two.
 */
#ifndef BILLING_ZONE_H
#define BILLING_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "billing/civil.h"
#include "billing/instant.h"
#include "billing/status.h"
#include "billing/zone_footer.h"

#define ZONE_NAME_MAX 48

struct zone {
    char name[ZONE_NAME_MAX];
    /* private to zone.c: places in the caller's bytes, and the rule for the years after them */
    const uint8_t *times, *indexes, *types;
    uint32_t time_count, type_count;
    bool has_footer;
    struct zone_footer footer;
};

/* Reads `length` bytes of a TZif file. ST_INVALID with a sentence when they are not one. `bytes` is
 * borrowed for the life of `zone`; `name` is copied. */
MUST_USE enum status zone_read(struct zone *zone, const char *name, const uint8_t *bytes,
                               size_t length, struct problem *problem);

/* In the three functions below a NULL zone is UTC.
 *
 * Seconds east of UTC in force at `at`. */
int32_t zone_offset_s(const struct zone *zone, struct instant at);

/* The instant of a wall-clock time, by the rule above. `date` is valid (civil_is_valid) and
 * `second_of_day` is 0..86399 (ENSURE). */
struct instant zone_instant(const struct zone *zone, struct civil_date date, int32_t second_of_day);

/* The calendar date and second of the day that the wall clock shows at `at`. */
struct civil_date zone_date(const struct zone *zone, struct instant at, int32_t *second_of_day);

#endif
