/*
 * sim_disk.h - the disk: files in memory behind an SQLite VFS, of which a crash takes what was not
 * synced.
 *
 * Each file is what a reader sees now, and what is on the platter; between the two is the list of
 * writes that were not synced. A crash keeps all of them (the process was killed, the machine lives
 * on), none, or any part of them, cut at sectors and in any order (power was cut). Whatever happens
 * after the crash has no effect: the code that is still running gets errors.
 *
 * Faults: a crash at any operation, EIO at any operation (a failed sync may have lost what it
 * should have kept, as on Linux), a full disk for a while, operations that take seconds
 * (sim_loop.c).
 *
 * The VFS is registered as the default one, so that the store's own layer (schema/sqlite_wal.c)
 * sits on it as it sits on the system's.
 */
#ifndef TESTS_SIM_SIM_DISK_H
#define TESTS_SIM_SIM_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim;
struct disk;

/* How often it strikes, in a million operations. */
struct disk_faults {
    uint32_t crash_ppm;
    uint32_t error_ppm;
    uint32_t full_ppm;
};

struct disk *disk_new(struct sim *sim);
void disk_free(struct disk *disk);
void disk_set_faults(struct disk *disk, const struct disk_faults *faults);

enum power {
    POWER_KEPT, /* every write is there */
    POWER_LOST, /* no unsynced write is there */
    POWER_TORN, /* some sectors of some of them are */
};
/* What is left of the files after the life has ended. */
void disk_cut(struct disk *disk, enum power power);

/* Bytes written to files whose name ends so and not yet synced. */
size_t disk_unsynced(const struct disk *disk, const char *suffix);

bool disk_is_full(const struct disk *disk);
/* Full until then, or with room again. */
void disk_fill(struct disk *disk, int64_t until_us);

#endif
