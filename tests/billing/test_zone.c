/*
 * test_zone.c - gaps, overlaps and footers picked by hand, and files that are not TZif.
 *
 * The whole of tzdata is compared with another implementation in test_zone_oracle.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "billing/zone.h"
#include "tests/billing/zone_file.h"

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

/* A wall-clock time, and what it means. */
struct meaning {
    const char *zone, *date;
    int hour, minute;
    const char *instant;
};

static void assert_meaning(const struct zone *zone, const struct meaning *meaning)
{
    struct civil_date date;
    char text[INSTANT_TEXT_MAX];
    assert_true(civil_parse(meaning->date, &date));
    instant_format(zone_instant(zone, date, (meaning->hour * 60 + meaning->minute) * 60), text);
    if (strcmp(text, meaning->instant) != 0)
        fail_msg("%s %s %02d:%02d is %s, expected %s", meaning->zone, meaning->date, meaning->hour,
                 meaning->minute, text, meaning->instant);
}

static void gaps_and_overlaps(void **state)
{
    (void)state;
    static const struct meaning meanings[] = {
        {"Asia/Tokyo", "2026-11-22", 9, 0, "2026-11-22T00:00:00.000Z"},
        {"UTC", "2026-11-22", 9, 0, "2026-11-22T09:00:00.000Z"},
        /* A gap of an hour: 02:00 becomes 03:00. */
        {"America/New_York", "2026-03-08", 1, 59, "2026-03-08T06:59:00.000Z"},
        {"America/New_York", "2026-03-08", 2, 0, "2026-03-08T07:00:00.000Z"},
        {"America/New_York", "2026-03-08", 2, 30, "2026-03-08T07:30:00.000Z"},
        {"America/New_York", "2026-03-08", 3, 0, "2026-03-08T07:00:00.000Z"},
        /* An overlap of an hour: the first 01:30. */
        {"America/New_York", "2026-11-01", 0, 59, "2026-11-01T04:59:00.000Z"},
        {"America/New_York", "2026-11-01", 1, 30, "2026-11-01T05:30:00.000Z"},
        {"America/New_York", "2026-11-01", 2, 0, "2026-11-01T07:00:00.000Z"},
        {"Europe/Berlin", "2026-03-29", 2, 30, "2026-03-29T01:30:00.000Z"},
        {"Europe/Berlin", "2026-10-25", 2, 30, "2026-10-25T00:30:00.000Z"},
        /* The same, from the footer. */
        {"Europe/Berlin", "2099-03-29", 2, 30, "2099-03-29T01:30:00.000Z"},
        {"Europe/Berlin", "2099-10-25", 2, 30, "2099-10-25T00:30:00.000Z"},
        {"Europe/Berlin", "9999-12-31", 0, 0, "9999-12-30T23:00:00.000Z"},
        /* Half an hour only. */
        {"Australia/Lord_Howe", "2026-10-04", 2, 15, "2026-10-03T15:45:00.000Z"},
        {"Australia/Lord_Howe", "2026-04-05", 1, 45, "2026-04-04T14:45:00.000Z"},
        /* Midnight itself is missing. */
        {"America/Havana", "2026-03-08", 0, 0, "2026-03-08T05:00:00.000Z"},
        /* A whole day is missing: 30 December 2011 becomes the 31st. */
        {"Pacific/Apia", "2011-12-30", 12, 0, "2011-12-30T22:00:00.000Z"},
        {"Pacific/Apia", "2011-12-31", 12, 0, "2011-12-30T22:00:00.000Z"},
        /* Winter time counts as the negative daylight time in this file. */
        {"Europe/Dublin", "2026-03-29", 1, 30, "2026-03-29T01:30:00.000Z"},
        {"Europe/Dublin", "2026-10-25", 1, 30, "2026-10-25T00:30:00.000Z"},
    };
    for (size_t i = 0; i < LENGTH(meanings); i++) {
        struct zone_file file;
        struct zone zone;
        zone_file_open(&zone, &file, meanings[i].zone);
        assert_meaning(&zone, &meanings[i]);
    }
}

/* A footer, and the offset in force at an instant. */
struct in_force {
    const char *footer, *instant;
    int32_t offset_s;
};

static void footers(void **state)
{
    (void)state;
    static const struct in_force cases[] = {
        {"", "2026-07-01T00:00:00Z", 0},
        {"JST-9", "2026-07-01T00:00:00Z", 32400},
        {"<+09>-9", "2026-07-01T00:00:00Z", 32400},
        {"<-0930>9:30", "2026-07-01T00:00:00Z", -34200},
        {"<+023456>-2:34:56", "2026-07-01T00:00:00Z", 9296},
        {"ABC+5", "2026-07-01T00:00:00Z", -18000},
        {"EST5EDT,M3.2.0,M11.1.0", "2026-03-08T06:59:59Z", -18000},
        {"EST5EDT,M3.2.0,M11.1.0", "2026-03-08T07:00:00Z", -14400},
        {"EST5EDT,M3.2.0,M11.1.0", "2026-11-01T05:59:59Z", -14400},
        {"EST5EDT,M3.2.0,M11.1.0", "2026-11-01T06:00:00Z", -18000},
        /* South: the year begins in daylight time. */
        {"AEST-10AEDT,M10.1.0,M4.1.0/3", "2027-01-01T00:00:00Z", 39600},
        {"AEST-10AEDT,M10.1.0,M4.1.0/3", "2027-06-01T00:00:00Z", 36000},
        /* J60 is 1 March in every year, 59 (from 0) only in years without 29 February. */
        {"AAA0BBB,J60/0,J305/0", "2027-02-28T23:59:59Z", 0},
        {"AAA0BBB,J60/0,J305/0", "2027-03-01T00:00:00Z", 3600},
        {"AAA0BBB,J60/0,J305/0", "2028-02-29T23:59:59Z", 0},
        {"AAA0BBB,J60/0,J305/0", "2028-03-01T00:00:00Z", 3600},
        {"AAA0BBB,59/0,304/0", "2027-02-28T23:59:59Z", 0},
        {"AAA0BBB,59/0,304/0", "2027-03-01T00:00:00Z", 3600},
        {"AAA0BBB,59/0,304/0", "2028-02-29T00:00:00Z", 3600},
        /* Beyond a day and negative: 02:00 on the day after the fourth Thursday, 23:00 before. */
        {"AAA0BBB,M3.4.4/26,M10.5.0/-1", "2026-03-27T01:59:59Z", 0},
        {"AAA0BBB,M3.4.4/26,M10.5.0/-1", "2026-03-27T02:00:00Z", 3600},
        {"AAA0BBB,M3.4.4/26,M10.5.0/-1", "2026-10-24T21:59:59Z", 3600},
        {"AAA0BBB,M3.4.4/26,M10.5.0/-1", "2026-10-24T22:00:00Z", 0},
        /* A change that moves into another year. */
        {"AAA0BBB,J365/167,J300", "2027-01-06T22:59:59Z", 0},
        {"AAA0BBB,J365/167,J300", "2027-01-06T23:00:00Z", 3600},
        {"AAA0BBB,J100,J1/-167", "2026-12-24T23:59:59Z", 3600},
        {"AAA0BBB,J100,J1/-167", "2026-12-25T00:00:00Z", 0},
        /* The largest offset that can be written. */
        {"AAA-24:59:59BBB,M3.2.0,M11.1.0", "2026-07-01T00:00:00Z", 93599},
        /* Daylight time all year. */
        {"EST5EDT,0/0,J365/25", "2026-12-31T23:59:59Z", -14400},
        {"EST5EDT,0/0,J365/25", "2027-01-01T05:00:00Z", -14400},
        {"EST5EDT,0/0,J365/25", "2028-06-01T00:00:00Z", -14400},
        /* Daylight time that is behind. */
        {"IST-1GMT0,M10.5.0,M3.5.0/1", "2026-12-01T00:00:00Z", 0},
        {"IST-1GMT0,M10.5.0,M3.5.0/1", "2026-06-01T00:00:00Z", 3600},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct zone_file file;
        struct zone zone;
        struct instant at;
        struct problem problem;
        zone_file_make(&file, cases[i].footer);
        if (zone_read(&zone, "X", file.bytes, file.length, &problem) != ST_OK)
            fail_msg("'%s' was refused: %s", cases[i].footer, problem.text);
        assert_true(instant_parse(cases[i].instant, &at));
        int32_t offset_s = zone_offset_s(&zone, at);
        if (offset_s != cases[i].offset_s)
            fail_msg("'%s' at %s: %d, expected %d", cases[i].footer, cases[i].instant, offset_s,
                     cases[i].offset_s);
    }
}

static void bad_footers_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "EST",
        "ES5",
        "5",
        "EST5EDT",
        "EST5EDT4",
        "EST5EDT,M3.2.0",
        "EST5EDT,M3.2.0,",
        "EST5EDT,M3.2.0,M11.1.0,",
        "EST5EDT,M3.2.0,M11.1.0 ",
        "EST5EDT,M0.2.0,M11.1.0",
        "EST5EDT,M13.2.0,M11.1.0",
        "EST5EDT,M3.0.0,M11.1.0",
        "EST5EDT,M3.6.0,M11.1.0",
        "EST5EDT,M3.2.7,M11.1.0",
        "EST5EDT,M3.2,M11.1.0",
        "EST5EDT,J0,J300",
        "EST5EDT,J366,J300",
        "EST5EDT,1,366",
        "EST5EDT,-1,300",
        "EST5EDT,M3.2.0/168,M11.1.0",
        "EST5EDT,M3.2.0/,M11.1.0",
        "EST5EDT,M3.2.0/2:60,M11.1.0",
        "EST25",
        "EST-25",
        "EST5:60",
        "EST5:00:60",
        "EST5:",
        "EST99999999999999999999",
        "<+09-9",
        "<+0>-9",
        "<>-9",
        "<+0 9>-9",
        "+09-9",
        ":Europe/Berlin",
        "EST 5",
    };
    for (size_t i = 0; i < LENGTH(bad); i++) {
        struct zone_file file;
        struct zone zone;
        zone_file_make(&file, bad[i]);
        if (zone_read(&zone, "X", file.bytes, file.length, NULL) != ST_INVALID)
            fail_msg("'%s' was accepted", bad[i]);
    }
}

/* Asks an accepted zone everything; the answers must at least be near the question. */
static void exercise(const struct zone *zone)
{
    static const int64_t seconds[] = {
        INT64_MIN / 1000, -4000000000, -1,           0,
        1700000000,       4102444800,  253402300799, INT64_MAX / 1000};
    for (size_t i = 0; i < LENGTH(seconds); i++) {
        int32_t second_of_day = 0;
        struct instant at = {seconds[i] * 1000};
        int32_t offset_s = zone_offset_s(zone, at);
        assert_in_range(offset_s + 89999, 0, 89999 + 93599);
        struct civil_date date = zone_date(zone, at, &second_of_day);
        if (!civil_is_valid(date))
            continue;
        struct instant back = zone_instant(zone, date, second_of_day);
        assert_true(llabs(back.utc_ms - at.utc_ms) <= INT64_C(2) * 93600 * 1000);
    }
}

/* Reads a copy in memory of exactly this length, so that a sanitizer sees each step outside. */
static enum status read_exact(const uint8_t *bytes, size_t length)
{
    struct zone zone;
    struct problem problem = {""};
    uint8_t *copy = malloc(length > 0 ? length : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, length);
    enum status status = zone_read(&zone, "X", copy, length, &problem);
    assert_true(status == ST_OK || status == ST_INVALID);
    if (status == ST_OK)
        exercise(&zone);
    else
        assert_true(strlen(problem.text) > 0);
    free(copy);
    return status;
}

static const char *const sample_paths[] = {
    "/usr/share/zoneinfo/Europe/Berlin", "/usr/share/zoneinfo/America/New_York",
    "/usr/share/zoneinfo/Asia/Gaza",     "/usr/share/zoneinfo/Asia/Tokyo",
    "/usr/share/zoneinfo/UTC",
};

static void every_cut_of_a_file_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(sample_paths); i++) {
        struct zone_file file;
        zone_file_read(&file, sample_paths[i]);
        assert_int_equal(read_exact(file.bytes, file.length), ST_OK);
        for (size_t length = 0; length < file.length; length++)
            if (read_exact(file.bytes, length) != ST_INVALID)
                fail_msg("%s cut to %zu bytes was accepted", sample_paths[i], length);
    }
}

static uint32_t next_random(uint64_t *random)
{
    *random = *random * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)(*random >> 33);
}

static void damaged_files_do_no_harm(void **state)
{
    (void)state;
    uint64_t random = 2026;
    int accepted = 0;
    for (size_t i = 0; i < LENGTH(sample_paths); i++) {
        struct zone_file file;
        struct zone_file damaged;
        zone_file_read(&file, sample_paths[i]);
        for (int round = 0; round < 20000; round++) {
            damaged = file;
            uint32_t bytes = 1 + next_random(&random) % 4;
            for (uint32_t b = 0; b < bytes; b++) {
                /* Half of the damage goes to the headers, where it hurts. */
                uint32_t area = next_random(&random) % 2 ? 44 : (uint32_t)file.length;
                damaged.bytes[next_random(&random) % area] = (uint8_t)next_random(&random);
            }
            accepted += read_exact(damaged.bytes, damaged.length) == ST_OK;
        }
    }
    assert_true(accepted > 1000); /* otherwise nothing but the header was tested */
}

static void wrong_facts_are_refused(void **state)
{
    (void)state;
    struct zone_file file;
    struct zone zone;
    zone_file_make(&file, "UTC0");
    static const struct {
        size_t at;
        uint8_t value;
        const char *what;
    } facts[] = {
        {0, 'X', "magic"},
        {4, 0, "version 1"},
        {4, '1', "version '1'"},
        {54, 'X', "second magic"},
        {54 + 23, 2, "two UT flags for one type"},
        {54 + 27, 2, "two standard flags for one type"},
        {54 + 31, 1, "a leap second"},
        {54 + 35, 1, "a transition that is not there"},
        {54 + 32, 255, "four thousand million transitions"},
        {54 + 39, 0, "no type"},
        {54 + 43, 0, "no name"},
        {54 + 44, 0x80, "an offset of -2^31"},
        {54 + 45, 0x02, "an offset of 36 hours"},
        {54 + 48, 2, "daylight flag"},
        {54 + 49, 4, "a name outside of the names"},
    };
    assert_int_equal(read_exact(file.bytes, file.length), ST_OK);
    for (size_t i = 0; i < LENGTH(facts); i++) {
        struct zone_file wrong = file;
        wrong.bytes[facts[i].at] = facts[i].value;
        if (read_exact(wrong.bytes, wrong.length) != ST_INVALID)
            fail_msg("accepted: %s", facts[i].what);
    }
    assert_int_equal(zone_read(&zone, "", file.bytes, file.length, NULL), ST_INVALID);
    char long_name[ZONE_NAME_MAX + 1];
    memset(long_name, 'x', sizeof long_name);
    long_name[ZONE_NAME_MAX] = '\0';
    assert_int_equal(zone_read(&zone, long_name, file.bytes, file.length, NULL), ST_INVALID);
    long_name[ZONE_NAME_MAX - 1] = '\0';
    assert_int_equal(zone_read(&zone, long_name, file.bytes, file.length, NULL), ST_OK);
}

static void transitions_must_be_in_order(void **state)
{
    (void)state;
    struct zone_file file;
    zone_file_read(&file, "/usr/share/zoneinfo/Europe/Berlin");
    uint8_t *second = memmem(file.bytes + 44, file.length - 44, "TZif", 4);
    if (second == NULL) {
        fail_msg("no second header");
        return;
    }
    uint8_t first_time[8];
    memcpy(first_time, second + 44, 8);
    memcpy(second + 44, second + 52, 8); /* the first equals the second */
    assert_int_equal(read_exact(file.bytes, file.length), ST_INVALID);
    memcpy(second + 44, first_time, 8);
    assert_int_equal(read_exact(file.bytes, file.length), ST_OK);
    second[44] = 0x80; /* before 2^59 seconds ago */
    assert_int_equal(read_exact(file.bytes, file.length), ST_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gaps_and_overlaps),
        cmocka_unit_test(footers),
        cmocka_unit_test(bad_footers_are_refused),
        cmocka_unit_test(every_cut_of_a_file_is_refused),
        cmocka_unit_test(damaged_files_do_no_harm),
        cmocka_unit_test(wrong_facts_are_refused),
        cmocka_unit_test(transitions_must_be_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
