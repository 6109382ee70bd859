/*
 * zone_footer.h - the POSIX TZ string that ends a TZif file: the rule for the years after the last
 * transition that the file lists. Private to zone.c; shops and callers see zone.h only.
 */
#ifndef BILLING_ZONE_FOOTER_H
#define BILLING_ZONE_FOOTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The bounds that RFC 8536 recommends for offsets: less than 25 h west, less than 26 h east. */
#define ZONE_OFFSET_MIN_S (-89999)
#define ZONE_OFFSET_MAX_S 93599

/* Before and after every transition that a zone may have (RFC 8536 advises against times beyond
 * 2^59), and still far from overflow. */
#define ZONE_FOREVER_S (INT64_C(1) << 60)

/* A stretch of time in which one offset is in force: from `start_s` until before `end_s`. */
struct zone_span {
    int64_t start_s, end_s;
    int32_t offset_s;
};

/* When in a year the clock is changed. */
struct zone_rule {
    char kind; /* 'M' month.week.day, 'J' day 1..365 without 29 February, 'N' day 0..365 */
    int32_t month, week, day;
    int32_t second; /* of the wall clock before the change; may be negative or beyond a day */
};

struct zone_footer {
    int32_t standard_offset_s, daylight_offset_s;
    bool has_daylight;
    struct zone_rule daylight_start, daylight_end;
};

/* Reads the whole of `text`. False when it is not a TZ string with stated rules. */
bool zone_footer_parse(struct zone_footer *footer, const uint8_t *text, size_t length);

/* The span that `at_s` lies in. */
struct zone_span zone_footer_span(const struct zone_footer *footer, int64_t at_s);

#endif
