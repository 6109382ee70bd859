/*
 * zone_file.c - see zone_file.h.
 */
#include "tests/billing/zone_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

void zone_file_read(struct zone_file *file, const char *path)
{
    FILE *stream = fopen(path, "rb");
    if (stream == NULL)
        fail_msg("cannot open %s", path);
    file->length = fread(file->bytes, 1, sizeof file->bytes, stream);
    assert_int_equal(fclose(stream), 0);
    assert_true(file->length > 0 && file->length < sizeof file->bytes);
}

void zone_file_open(struct zone *zone, struct zone_file *file, const char *name)
{
    struct problem problem;
    char path[128];
    (void)snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
    zone_file_read(file, path);
    if (zone_read(zone, name, file->bytes, file->length, &problem) != ST_OK)
        fail_msg("%s", problem.text);
}

void zone_file_make(struct zone_file *file, const char *footer)
{
    /* Header with one type and four characters of names; the type: offset 0, no daylight time. */
    uint8_t block[44 + 6 + 4] = "TZif2";
    block[39] = 1;
    block[43] = 4;
    memcpy(block + 44 + 6, "UTC", 4);
    /* Without transitions both blocks look the same. */
    memcpy(file->bytes, block, sizeof block);
    memcpy(file->bytes + sizeof block, block, sizeof block);
    int length = snprintf((char *)file->bytes + 2 * sizeof block,
                          sizeof file->bytes - 2 * sizeof block, "\n%s\n", footer);
    file->length = 2 * sizeof block + (size_t)length;
}
