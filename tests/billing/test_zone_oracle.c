/*
 * test_zone_oracle.c - every zone of the system against Python's zoneinfo, both directions.
 *
 * zone_oracle.py says what is expected, in the format that its head describes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "billing/zone.h"
#include "tests/billing/zone_file.h"

#define SECONDS_PER_DAY 86400

static void check_offset(const struct zone *zone, const char *path, int64_t utc_s, int64_t expected)
{
    int32_t second_of_day = 0;
    struct instant at = {utc_s * 1000 + 999};
    int32_t offset_s = zone_offset_s(zone, at);
    if (offset_s != expected)
        fail_msg("%s at %lld: offset %d, expected %lld", path, (long long)utc_s, offset_s,
                 (long long)expected);
    struct civil_date date = zone_date(zone, at, &second_of_day);
    if (civil_to_days(date) * SECONDS_PER_DAY + second_of_day != utc_s + expected)
        fail_msg("%s at %lld: the date is wrong", path, (long long)utc_s);
}

static void check_wall(const struct zone *zone, const char *path, int64_t wall_s, int64_t expected)
{
    int64_t days = wall_s / SECONDS_PER_DAY - (wall_s % SECONDS_PER_DAY < 0);
    int32_t second_of_day = (int32_t)(wall_s - days * SECONDS_PER_DAY);
    struct instant at = zone_instant(zone, civil_from_days(days), second_of_day);
    if (at.utc_ms != expected * 1000)
        fail_msg("%s: wall clock %lld is %lld ms, expected %lld s", path, (long long)wall_s,
                 (long long)at.utc_ms, (long long)expected);
}

static void open_path(struct zone *zone, struct zone_file *file, const char *path)
{
    struct problem problem;
    zone_file_read(file, path);
    if (zone_read(zone, strrchr(path, '/') + 1, file->bytes, file->length, &problem) != ST_OK)
        fail_msg("%s: %s", path, problem.text);
}

static void every_zone_agrees_with_zoneinfo(void **state)
{
    (void)state;
    FILE *oracle = popen("/usr/bin/python3 " TESTS_DIR "/zone_oracle.py", "r");
    assert_non_null(oracle);
    struct zone_file file;
    struct zone zone;
    char path[256] = "";
    char line[256];
    long long lines = 0;
    long long announced = -1;
    while (announced < 0 && fgets(line, sizeof line, oracle) != NULL) {
        long long at = 0;
        long long expected = 0;
        if (sscanf(line, "U %lld %lld", &at, &expected) == 2)
            check_offset(&zone, path, at, expected);
        else if (sscanf(line, "W %lld %lld", &at, &expected) == 2)
            check_wall(&zone, path, at, expected);
        else if (sscanf(line, "Z %255s", path) == 1)
            open_path(&zone, &file, path);
        else if (sscanf(line, "E %lld", &announced) != 1)
            fail_msg("the oracle said '%s'", line);
        lines++;
    }
    if (pclose(oracle) != 0 || announced != lines - 1)
        fail_msg("the oracle broke off after %lld lines", lines);
    print_message("%lld expectations met\n", lines - 1);
    assert_true(lines > 300000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_zone_agrees_with_zoneinfo),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
