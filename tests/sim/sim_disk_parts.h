/* sim_disk_parts.h - private to sim_disk.c and sim_disk_vfs.c: files, and what may befall them. */
#ifndef TESTS_SIM_SIM_DISK_PARTS_H
#define TESTS_SIM_SIM_DISK_PARTS_H

#include <sqlite3.h>

#include "tests/sim/sim_disk.h"

#define DISK_SHARED_MAX 4096 /* regions of 32 KiB */

struct image {
    uint8_t *bytes;
    size_t size, room;
};

/* A write, or with `bytes` NULL a truncation to `at`, that was not synced. */
struct change {
    struct change *next;
    size_t at, count;
    uint8_t *bytes;
};

struct disk_file {
    struct disk_file *next;
    char *name;
    bool exists, exists_on_platter;
    bool is_off; /* readers see what a failed sync has lost on the platter */
    struct image now, platter;
    struct change *first, *last;
    size_t unsynced;
    void *shared[DISK_SHARED_MAX];
    size_t shared_count;
};

struct disk {
    struct sim *sim;
    struct disk_faults faults;
    int64_t full_until_us;
    struct disk_file *files;
    sqlite3_vfs vfs;
};

enum disk_operation { DISK_READS, DISK_WRITES, DISK_SYNCS };
enum disk_trouble {
    DISK_IS_WELL,
    DISK_FAILS,   /* EIO */
    DISK_DIES,    /* the crash strikes now; the operation may have been done */
    DISK_IS_DEAD, /* it struck before: without effect */
};
enum disk_trouble disk_trouble(struct disk *disk, enum disk_operation operation);

struct disk_file *disk_find(struct disk *disk, const char *name);
struct disk_file *disk_create(struct disk *disk, const char *name);
void disk_write(struct disk_file *file, size_t at, const void *bytes, size_t count);
void disk_truncate(struct disk_file *file, size_t size);
void disk_sync(struct disk *disk, struct disk_file *file);
void disk_sync_fails(struct disk_file *file, struct disk *disk);
void disk_delete(struct disk *disk, struct disk_file *file, bool is_synced);
void *disk_shared(struct disk_file *file, size_t number, size_t bytes, bool may_grow);
void disk_shared_forget(struct disk_file *file);

/* sim_disk_vfs.c: becomes the default VFS of this process. */
void disk_register(struct disk *disk);
void disk_unregister(struct disk *disk);

#endif
