/* test_zones.c - zones by name: the right ones are found once, names cannot leave the directory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "scheduler/zones.h"

static void test_a_zone_is_found_and_kept(void **state)
{
    (void)state;
    struct zones *zones = zones_new(ZONES_DIRECTORY);
    const struct zone *tokyo;
    const struct zone *again;
    const struct zone *new_york;
    struct problem problem = {""};
    assert_int_equal(zones_get(zones, "Asia/Tokyo", &tokyo, &problem), ST_OK);
    assert_int_equal(zone_offset_s(tokyo, (struct instant){0}), 9 * 3600);
    assert_int_equal(zones_get(zones, "America/New_York", &new_york, &problem), ST_OK);
    assert_int_equal(zones_get(zones, "Asia/Tokyo", &again, &problem), ST_OK);
    assert_ptr_equal(tokyo, again);
    assert_int_equal(zone_offset_s(new_york, (struct instant){0}), -5 * 3600);
    assert_int_equal(zones_get(zones, "America/Argentina/Buenos_Aires", &again, &problem), ST_OK);
    assert_int_equal(zones_get(zones, "Etc/GMT+9", &again, &problem), ST_OK);
    assert_int_equal(zones_get(zones, "UTC", &again, &problem), ST_OK);
    zones_free(zones);
    zones_free(NULL);
}

static void test_bad_names(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum status expected;
    } cases[] = {
        {"", ST_INVALID},
        {"/etc/passwd", ST_INVALID},
        {"../../../etc/passwd", ST_INVALID},
        {"Asia/../Asia/Tokyo", ST_INVALID},
        {"Asia//Tokyo", ST_INVALID},
        {"Asia/", ST_INVALID},
        {"./Asia/Tokyo", ST_INVALID},
        {"Asia/Tokyo\n", ST_INVALID},
        {"Asia Tokyo", ST_INVALID},
        {"tzdata.zi", ST_INVALID},
        {"right/Asia/Tokyo", ST_INVALID},
        {"posix/Asia/Tokyo", ST_INVALID},
        {"localtime", ST_INVALID},
        {"Asia/\xe6\x9d\xb1", ST_INVALID},
        {"A123456789012345678901234567890123456789012345678", ST_INVALID},
        {"Asia", ST_NOT_FOUND},
        {"Asia/Tokio", ST_NOT_FOUND},
        {"asia/tokyo", ST_NOT_FOUND},
    };
    struct zones *zones = zones_new(ZONES_DIRECTORY);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct zone *zone = NULL;
        struct problem problem = {""};
        enum status status = zones_get(zones, cases[i].name, &zone, &problem);
        if (status != cases[i].expected || zone != NULL || problem.text[0] == '\0') {
            fail_msg("\"%s\" gives %s: %s", cases[i].name, status_name(status), problem.text);
        }
    }
    zones_free(zones);
}

static void write_bytes(const char *directory, const char *name, size_t length)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (size_t i = 0; i < length; i++) {
        assert_int_not_equal(fputc("TZif2"[i % 5], file), EOF);
    }
    assert_int_equal(fclose(file), 0);
}

static void test_bad_files(void **state)
{
    (void)state;
    char directory[] = "/tmp/test_zones.XXXXXX";
    assert_non_null(mkdtemp(directory));
    static const struct {
        const char *name;
        size_t length;
    } files[] = {{"Empty", 0}, {"Short", 5}, {"Noise", 4096}, {"Limit", 65535}, {"Huge", 65536}};
    struct zones *zones = zones_new(directory);
    char path[256];
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        const struct zone *zone = NULL;
        struct problem problem = {""};
        write_bytes(directory, files[i].name, files[i].length);
        assert_int_equal(zones_get(zones, files[i].name, &zone, &problem), ST_INVALID);
        assert_non_null(strstr(problem.text, files[i].name));
        assert_null(zone);
        (void)snprintf(path, sizeof path, "%s/%s", directory, files[i].name);
        assert_int_equal(unlink(path), 0);
    }
    (void)snprintf(path, sizeof path, "%s/Pipe", directory);
    assert_int_equal(mkfifo(path, 0600), 0);
    const struct zone *zone = NULL;
    assert_int_equal(zones_get(zones, "Pipe", &zone, NULL), ST_NOT_FOUND); /* and does not hang */
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(directory), 0);
    zones_free(zones);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_zone_is_found_and_kept),
        cmocka_unit_test(test_bad_names),
        cmocka_unit_test(test_bad_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
