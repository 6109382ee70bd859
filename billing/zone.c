/*
 * zone.c - reads a TZif file (RFC 8536) and answers both questions about a zone: what the wall
 * clock shows at an instant, and at which instant it shows a given time.
 *
 * Everything goes through zone_span(): the stretch of time around an instant in which one offset is
 * in force, from the file's transitions (binary search) or, after the last of them, from the footer
 * (zone_footer.c). Nothing is computed from the process's own time zone.
 *
 * Invariants, established by zone_read() for any bytes at all:
 * 1. Every place that is looked at later lies inside the caller's bytes.
 * 2. Transition times strictly increase and are within 2^59 seconds, so that sums cannot overflow.
 * 3. Every offset lies within ZONE_OFFSET_MIN_S..ZONE_OFFSET_MAX_S.
 */
#include "billing/zone.h"

#include <string.h>

#include "billing/ensure.h"

#define SECONDS_PER_DAY  INT64_C(86400)
#define TIME_MAX_S       (INT64_C(1) << 59)

#define HEADER_BYTES     44
#define TIME_BYTES       8 /* of the version 2 block */
#define TIME_BYTES_V1    4
#define TYPE_BYTES       6 /* offset, daylight flag, place of the name */
#define LEAP_EXTRA_BYTES 4 /* a leap second record is a time and this */

/* The six counts of a header, in the file's order. */
struct counts {
    uint32_t is_ut, is_standard, leap, time, type, character;
};

static uint32_t read_u32(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static int64_t read_i64(const uint8_t *bytes)
{
    return (int64_t)((uint64_t)read_u32(bytes) << 32 | read_u32(bytes + 4));
}

static int64_t time_s(const struct zone *zone, uint32_t index)
{
    return read_i64(zone->times + (size_t)index * TIME_BYTES);
}

static int32_t type_offset_s(const struct zone *zone, uint32_t type)
{
    return (int32_t)read_u32(zone->types + (size_t)type * TYPE_BYTES);
}

static bool read_header(const uint8_t *bytes, size_t length, struct counts *counts)
{
    if (length < HEADER_BYTES || memcmp(bytes, "TZif", 4) != 0 || bytes[4] < '2')
        return false;
    *counts = (struct counts){
        .is_ut = read_u32(bytes + 20),
        .is_standard = read_u32(bytes + 24),
        .leap = read_u32(bytes + 28),
        .time = read_u32(bytes + 32),
        .type = read_u32(bytes + 36),
        .character = read_u32(bytes + 40),
    };
    return true;
}

/* The length of the data that follows a header. The counts are 32 bits: no overflow in 64. */
static uint64_t data_bytes(const struct counts *counts, uint64_t time_bytes)
{
    return counts->time * (time_bytes + 1) + counts->type * (uint64_t)TYPE_BYTES +
           counts->character + counts->leap * (time_bytes + LEAP_EXTRA_BYTES) +
           counts->is_standard + counts->is_ut;
}

/* NULL, or what is wrong with the transitions. */
static const char *check_transitions(const struct zone *zone)
{
    for (uint32_t i = 0; i < zone->time_count; i++) {
        int64_t at_s = time_s(zone, i);
        if (at_s < -TIME_MAX_S || at_s > TIME_MAX_S)
            return "a transition is out of range";
        if (i > 0 && at_s <= time_s(zone, i - 1))
            return "its transitions are not in order";
        if (zone->indexes[i] >= zone->type_count)
            return "a transition has no local time type";
    }
    return NULL;
}

static const char *check_types(const struct zone *zone, uint32_t character_count)
{
    for (uint32_t i = 0; i < zone->type_count; i++) {
        const uint8_t *type = zone->types + (size_t)i * TYPE_BYTES;
        int32_t offset_s = type_offset_s(zone, i);
        if (offset_s < ZONE_OFFSET_MIN_S || offset_s > ZONE_OFFSET_MAX_S)
            return "an offset is out of range";
        if (type[4] > 1 || type[5] >= character_count)
            return "a local time type is malformed";
    }
    return NULL;
}

/* The footer is a line between two newlines; an empty one says that nothing is known of the future,
 * and the last offset stays. */
static const char *read_footer(struct zone *zone, const uint8_t *bytes, size_t length)
{
    const uint8_t *newline = length > 1 ? memchr(bytes + 1, '\n', length - 1) : NULL;
    if (newline == NULL || bytes[0] != '\n')
        return "its footer is missing";
    size_t text_length = (size_t)(newline - bytes) - 1;
    zone->has_footer = text_length > 0;
    if (zone->has_footer && !zone_footer_parse(&zone->footer, bytes + 1, text_length))
        return "its footer is not a POSIX TZ string";
    return NULL;
}

/* Reads the version 2 block: header, data, footer. */
static const char *read_block(struct zone *zone, const uint8_t *bytes, size_t length)
{
    struct counts counts;
    if (!read_header(bytes, length, &counts))
        return "its second header is malformed";
    bytes += HEADER_BYTES;
    length -= HEADER_BYTES;
    uint64_t data_length = data_bytes(&counts, TIME_BYTES);
    if (data_length > length)
        return "it is shorter than its header says";
    if (counts.type == 0 || counts.type > 256 || counts.character == 0)
        return "it has no usable local time types";
    if ((counts.is_ut != 0 && counts.is_ut != counts.type) ||
        (counts.is_standard != 0 && counts.is_standard != counts.type))
        return "its counts contradict each other";
    if (counts.leap != 0)
        return "it counts leap seconds; use the zone's file outside of 'right'";
    zone->time_count = counts.time;
    zone->type_count = counts.type;
    zone->times = bytes;
    zone->indexes = zone->times + (size_t)counts.time * TIME_BYTES;
    zone->types = zone->indexes + counts.time;
    const char *wrong = check_transitions(zone);
    if (wrong == NULL)
        wrong = check_types(zone, counts.character);
    if (wrong == NULL)
        wrong = read_footer(zone, bytes + data_length, length - (size_t)data_length);
    return wrong;
}

enum status zone_read(struct zone *zone, const char *name, const uint8_t *bytes, size_t length,
                      struct problem *problem)
{
    struct counts counts;
    *zone = (struct zone){0};
    size_t name_length = strlen(name);
    if (name_length == 0 || name_length >= sizeof zone->name)
        return problem_set(problem, ST_INVALID, "time zone name '%.60s' is empty or too long",
                           name);
    memcpy(zone->name, name, name_length + 1);
    if (!read_header(bytes, length, &counts))
        return problem_set(problem, ST_INVALID,
                           "time zone %s: not a TZif file of version 2 or later", name);
    uint64_t skip = HEADER_BYTES + data_bytes(&counts, TIME_BYTES_V1);
    if (skip > length)
        return problem_set(problem, ST_INVALID, "time zone %s: the file is cut off", name);
    const char *wrong = read_block(zone, bytes + skip, length - (size_t)skip);
    if (wrong != NULL)
        return problem_set(problem, ST_INVALID, "time zone %s: the file cannot be used: %s", name,
                           wrong);
    return ST_OK;
}

/* How many transitions have happened at `at_s`. */
static uint32_t transitions_until(const struct zone *zone, int64_t at_s)
{
    uint32_t low = 0;
    uint32_t high = zone->time_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (time_s(zone, middle) <= at_s)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct zone_span zone_span(const struct zone *zone, int64_t at_s)
{
    if (zone == NULL)
        return (struct zone_span){.start_s = -ZONE_FOREVER_S, .end_s = ZONE_FOREVER_S};
    uint32_t passed = transitions_until(zone, at_s);
    int64_t start_s = passed > 0 ? time_s(zone, passed - 1) : -ZONE_FOREVER_S;
    if (passed == zone->time_count && zone->has_footer) {
        struct zone_span span = zone_footer_span(&zone->footer, at_s);
        if (span.start_s < start_s)
            span.start_s = start_s;
        return span;
    }
    return (struct zone_span){
        .start_s = start_s,
        .end_s = passed < zone->time_count ? time_s(zone, passed) : ZONE_FOREVER_S,
        /* Before the first transition RFC 8536 has type 0 in force. */
        .offset_s = type_offset_s(zone, passed > 0 ? zone->indexes[passed - 1] : 0),
    };
}

static int64_t floor_seconds(struct instant at)
{
    return at.utc_ms / 1000 - (at.utc_ms % 1000 < 0);
}

int32_t zone_offset_s(const struct zone *zone, struct instant at)
{
    return zone_span(zone, floor_seconds(at)).offset_s;
}

struct instant zone_instant(const struct zone *zone, struct civil_date date, int32_t second_of_day)
{
    ENSURE(civil_is_valid(date));
    ENSURE(second_of_day >= 0 && second_of_day < SECONDS_PER_DAY);
    int64_t wall_s = civil_to_days(date) * SECONDS_PER_DAY + second_of_day;

    /* Walk the spans in order of time, from one that is surely not too late, to the first whose
     * wall clock gets past the time asked for. Either that span shows it (its first appearance), or
     * the clock jumped over it when the span began: then the offset before the jump is kept, which
     * moves the time forward by the jump. */
    struct zone_span span = zone_span(zone, wall_s - ZONE_OFFSET_MAX_S - 1);
    int32_t offset_before_s = span.offset_s;
    while (wall_s >= span.end_s + span.offset_s) {
        offset_before_s = span.offset_s;
        span = zone_span(zone, span.end_s);
    }
    bool in_gap = wall_s < span.start_s + span.offset_s;
    return (struct instant){(wall_s - (in_gap ? offset_before_s : span.offset_s)) * 1000};
}

struct civil_date zone_date(const struct zone *zone, struct instant at, int32_t *second_of_day)
{
    int64_t at_s = floor_seconds(at);
    int64_t wall_s = at_s + zone_span(zone, at_s).offset_s;
    int64_t days = wall_s / SECONDS_PER_DAY - (wall_s % SECONDS_PER_DAY < 0);
    *second_of_day = (int32_t)(wall_s - days * SECONDS_PER_DAY);
    return civil_from_days(days);
}
