/* sim_disk.c - see sim_disk.h. The faces towards SQLite are in sim_disk_vfs.c. */
#include "tests/sim/sim_disk.h"

#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "tests/sim/sim.h"
#include "tests/sim/sim_disk_parts.h"
#include "tests/sim/sim_memory.h"

#define SECTOR_BYTES 512

/* --- bytes --------------------------------------------------------------------------------- */

static void image_resize(struct image *image, size_t size)
{
    if (size > image->room) {
        size_t room = image->room == 0 ? 65536 : image->room;
        while (room < size) {
            room *= 2;
        }
        bool was = memory_inside(false);
        image->bytes = realloc(image->bytes, room);
        ENSURE(image->bytes != NULL);
        (void)memory_inside(was);
        image->room = room;
    }
    if (size > image->size) {
        memset(image->bytes + image->size, 0, size - image->size);
    }
    image->size = size;
}

static void image_write(struct image *image, size_t at, const uint8_t *bytes, size_t count)
{
    if (at + count > image->size) {
        image_resize(image, at + count);
    }
    memcpy(image->bytes + at, bytes, count);
}

static void image_copy(struct image *to, const struct image *from)
{
    image_resize(to, 0);
    if (from->size > 0) {
        image_write(to, 0, from->bytes, from->size);
    }
}

static void change_apply(struct image *image, const struct change *change)
{
    if (change->bytes == NULL) {
        image_resize(image, change->at);
    } else {
        image_write(image, change->at, change->bytes, change->count);
    }
}

static void changes_forget(struct disk_file *file)
{
    bool was = memory_inside(false);
    for (struct change *next, *change = file->first; change != NULL; change = next) {
        next = change->next;
        free(change->bytes);
        free(change);
    }
    (void)memory_inside(was);
    file->first = file->last = NULL;
    file->unsynced = 0;
}

static void change_add(struct disk_file *file, size_t at, const uint8_t *bytes, size_t count)
{
    bool was = memory_inside(false);
    struct change *change = calloc(1, sizeof *change);
    ENSURE(change != NULL);
    change->at = at;
    change->count = count;
    if (bytes != NULL) {
        change->bytes = malloc(count);
        ENSURE(change->bytes != NULL);
        memcpy(change->bytes, bytes, count);
    }
    (void)memory_inside(was);
    if (file->last != NULL) {
        file->last->next = change;
    } else {
        file->first = change;
    }
    file->last = change;
    file->unsynced += count + 1;
    change_apply(&file->now, change);
}

/* --- files --------------------------------------------------------------------------------- */

struct disk_file *disk_find(struct disk *disk, const char *name)
{
    for (struct disk_file *file = disk->files; file != NULL; file = file->next) {
        if (strcmp(file->name, name) == 0) {
            return file;
        }
    }
    return NULL;
}

struct disk_file *disk_create(struct disk *disk, const char *name)
{
    struct disk_file *file = disk_find(disk, name);
    if (file == NULL) {
        bool was = memory_inside(false);
        file = calloc(1, sizeof *file);
        ENSURE(file != NULL);
        file->name = strdup(name);
        ENSURE(file->name != NULL);
        (void)memory_inside(was);
        file->next = disk->files;
        disk->files = file;
    }
    file->exists = true;
    return file;
}

void disk_write(struct disk_file *file, size_t at, const void *bytes, size_t count)
{
    change_add(file, at, bytes, count);
}

void disk_truncate(struct disk_file *file, size_t size)
{
    change_add(file, size, NULL, 0);
}

/* Whatever a journalling file system syncs, names that were deleted before are gone with it. */
static void sync_names(struct disk *disk)
{
    for (struct disk_file *file = disk->files; file != NULL; file = file->next) {
        if (!file->exists && file->exists_on_platter) {
            file->exists_on_platter = false;
            image_resize(&file->platter, 0);
        }
    }
}

void disk_sync(struct disk *disk, struct disk_file *file)
{
    for (const struct change *change = file->first; change != NULL; change = change->next) {
        change_apply(&file->platter, change);
    }
    changes_forget(file);
    file->exists_on_platter = true;
    sync_names(disk);
}

/* The file is gone for readers; on the platter only with the next sync. */
void disk_delete(struct disk *disk, struct disk_file *file, bool is_synced)
{
    changes_forget(file);
    image_resize(&file->now, 0);
    file->exists = false;
    if (is_synced) {
        sync_names(disk);
    }
}

/* --- faults -------------------------------------------------------------------------------- */

enum disk_trouble disk_trouble(struct disk *disk, enum disk_operation operation)
{
    struct sim *sim = disk->sim;
    bool changes = operation != DISK_READS;
    if (sim->is_dead) {
        return DISK_IS_DEAD;
    }
    if (!sim->is_inside) {
        return DISK_IS_WELL; /* the world itself looks at its books */
    }
    if (changes && chance_strikes(&sim->chance, SITE_CRASH_AT_DISK, disk->faults.crash_ppm)) {
        sim_log(sim, "crash at the disk: %s", operation == DISK_SYNCS ? "sync" : "write");
        sim->is_dead = true;
        return DISK_DIES;
    }
    if (chance_strikes(&sim->chance, SITE_DISK_ERROR, disk->faults.error_ppm)) {
        sim_log(sim, "disk error: %s",
                operation == DISK_SYNCS    ? "sync"
                : operation == DISK_WRITES ? "write"
                                           : "read");
        return DISK_FAILS;
    }
    if (operation == DISK_WRITES &&
        chance_strikes(&sim->chance, SITE_DISK_FULL, disk->faults.full_ppm)) {
        struct detail detail = chance_detail(&sim->chance, SITE_DISK_FULL);
        disk->full_until_us = sim->now_us + detail_range(&detail, SECOND_US, 2 * HOUR_US);
        sim_log(sim, "disk full");
    }
    return DISK_IS_WELL;
}

bool disk_is_full(const struct disk *disk)
{
    return disk->sim->now_us < disk->full_until_us && !disk->sim->is_healing;
}

void disk_fill(struct disk *disk, int64_t until_us)
{
    disk->full_until_us = until_us;
}

/* A sync that failed: the kernel may have dropped what it could not write, and will not try again,
 * though readers still see it. */
void disk_sync_fails(struct disk_file *file, struct disk *disk)
{
    struct detail detail = chance_detail(&disk->sim->chance, SITE_DISK_ERROR);
    if (detail_chance(&detail, 50)) {
        changes_forget(file);
        file->is_off = true;
    }
}

/* --- a crash ------------------------------------------------------------------------------- */

static bool survives(struct disk *disk)
{
    return chance_draw(&disk->sim->chance, SITE_POWER) % 2 == 0;
}

static void tear(struct disk *disk, struct disk_file *file)
{
    for (const struct change *change = file->first; change != NULL; change = change->next) {
        if (change->bytes == NULL) {
            if (survives(disk)) {
                change_apply(&file->platter, change);
            }
            continue;
        }
        for (size_t at = 0; at < change->count;) {
            size_t count = SECTOR_BYTES - (change->at + at) % SECTOR_BYTES;
            count = count < change->count - at ? count : change->count - at;
            if (survives(disk)) {
                image_write(&file->platter, change->at + at, change->bytes + at, count);
            }
            at += count;
        }
    }
}

static void cut_file(struct disk *disk, struct disk_file *file, enum power power)
{
    switch (power) {
    case POWER_KEPT:
        image_copy(&file->platter, &file->now);
        file->exists_on_platter = file->exists;
        break;
    case POWER_LOST:
        break;
    case POWER_TORN:
        tear(disk, file);
        if (file->exists != file->exists_on_platter) {
            file->exists_on_platter = survives(disk);
        }
        break;
    }
    changes_forget(file);
    file->is_off = false;
    file->exists = file->exists_on_platter;
    if (!file->exists) {
        image_resize(&file->platter, 0);
    }
    image_copy(&file->now, &file->platter);
    disk_shared_forget(file);
}

void disk_cut(struct disk *disk, enum power power)
{
    for (struct disk_file *file = disk->files; file != NULL; file = file->next) {
        cut_file(disk, file, power);
    }
}

size_t disk_unsynced(const struct disk *disk, const char *suffix)
{
    size_t sum = 0;
    for (const struct disk_file *file = disk->files; file != NULL; file = file->next) {
        size_t length = strlen(file->name);
        if (length >= strlen(suffix) && strcmp(file->name + length - strlen(suffix), suffix) == 0) {
            sum += file->unsynced;
        }
    }
    return sum;
}

/* --- shared memory of the write-ahead log -------------------------------------------------- */

void disk_shared_forget(struct disk_file *file)
{
    for (size_t i = 0; i < file->shared_count; i++) {
        free(file->shared[i]);
    }
    file->shared_count = 0;
}

void *disk_shared(struct disk_file *file, size_t number, size_t bytes, bool may_grow)
{
    if (number >= DISK_SHARED_MAX || (number >= file->shared_count && !may_grow)) {
        return NULL;
    }
    bool was = memory_inside(false);
    while (number >= file->shared_count) {
        file->shared[file->shared_count] = calloc(1, bytes);
        ENSURE(file->shared[file->shared_count] != NULL);
        file->shared_count++;
    }
    (void)memory_inside(was);
    return file->shared[number];
}

/* --- */

struct disk *disk_new(struct sim *sim)
{
    struct disk *disk = calloc(1, sizeof *disk);
    ENSURE(disk != NULL);
    disk->sim = sim;
    disk_register(disk);
    return disk;
}

void disk_set_faults(struct disk *disk, const struct disk_faults *faults)
{
    disk->faults = *faults;
}

void disk_free(struct disk *disk)
{
    disk_unregister(disk);
    for (struct disk_file *next, *file = disk->files; file != NULL; file = next) {
        next = file->next;
        changes_forget(file);
        disk_shared_forget(file);
        free(file->now.bytes);
        free(file->platter.bytes);
        free(file->name);
        free(file);
    }
    free(disk);
}
