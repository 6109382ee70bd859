/*
 * zone_file.h - zones for tests: from the system's files, or made of a footer alone.
 */
#ifndef TESTS_BILLING_ZONE_FILE_H
#define TESTS_BILLING_ZONE_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "billing/zone.h"

struct zone_file {
    size_t length;
    uint8_t bytes[65536];
};

/* Reads a whole file; the test fails when it cannot. */
void zone_file_read(struct zone_file *file, const char *path);

/* Opens "Europe/Berlin" of the system; `file` keeps the bytes. */
void zone_file_open(struct zone *zone, struct zone_file *file, const char *name);

/* A TZif file of version 2 without transitions, of type UTC and with this footer. */
void zone_file_make(struct zone_file *file, const char *footer);

#endif
