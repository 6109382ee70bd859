/*
 * sim_disk_vfs.c - what SQLite sees of the disk: a VFS, and the methods of its files.
 *
 * Locks do nothing: there is one process and one writer. Randomness (the salts of the log) comes
 * from the seed, the time from the world.
 */
#include <string.h>

#include "billing/ensure.h"
#include "tests/sim/sim.h"
#include "tests/sim/sim_disk_parts.h"

struct open_file {
    sqlite3_file base;
    struct disk *disk;
    struct disk_file *file;
};

static struct open_file *of(sqlite3_file *base)
{
    return (struct open_file *)base;
}

static int file_close(sqlite3_file *base)
{
    base->pMethods = NULL;
    return SQLITE_OK;
}

static int file_read(sqlite3_file *base, void *bytes, int count, sqlite3_int64 at)
{
    const struct image *image = &of(base)->file->now;
    size_t from = (size_t)at;
    size_t there = image->size > from ? image->size - from : 0;
    if (disk_trouble(of(base)->disk, DISK_READS) != DISK_IS_WELL) {
        return SQLITE_IOERR_READ;
    }
    there = there < (size_t)count ? there : (size_t)count;
    if (there > 0) {
        memcpy(bytes, image->bytes + from, there);
    }
    memset((char *)bytes + there, 0, (size_t)count - there);
    return there == (size_t)count ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int file_write(sqlite3_file *base, const void *bytes, int count, sqlite3_int64 at)
{
    struct disk_file *file = of(base)->file;
    enum disk_trouble trouble = disk_trouble(of(base)->disk, DISK_WRITES);
    bool grows = (size_t)at + (size_t)count > file->now.size;
    if (trouble == DISK_FAILS || trouble == DISK_IS_DEAD) {
        return SQLITE_IOERR_WRITE;
    }
    if (trouble == DISK_IS_WELL && grows && disk_is_full(of(base)->disk)) {
        return SQLITE_FULL;
    }
    disk_write(file, (size_t)at, bytes, (size_t)count);
    return trouble == DISK_DIES ? SQLITE_IOERR_WRITE : SQLITE_OK;
}

static int file_truncate(sqlite3_file *base, sqlite3_int64 size)
{
    enum disk_trouble trouble = disk_trouble(of(base)->disk, DISK_WRITES);
    if (trouble == DISK_FAILS || trouble == DISK_IS_DEAD) {
        return SQLITE_IOERR_TRUNCATE;
    }
    disk_truncate(of(base)->file, (size_t)size);
    return trouble == DISK_DIES ? SQLITE_IOERR_TRUNCATE : SQLITE_OK;
}

static int file_sync(sqlite3_file *base, int flags)
{
    struct open_file *file = of(base);
    (void)flags;
    switch (disk_trouble(file->disk, DISK_SYNCS)) {
    case DISK_IS_WELL:
        disk_sync(file->disk, file->file);
        return SQLITE_OK;
    case DISK_FAILS:
        disk_sync_fails(file->file, file->disk);
        return SQLITE_IOERR_FSYNC;
    case DISK_DIES:
        if (chance_draw(&file->disk->sim->chance, SITE_POWER) % 2 == 0) {
            disk_sync(file->disk, file->file); /* done, but nobody will hear of it */
        }
        return SQLITE_IOERR_FSYNC;
    case DISK_IS_DEAD:
        return SQLITE_IOERR_FSYNC;
    }
    return SQLITE_IOERR_FSYNC;
}

static int file_size(sqlite3_file *base, sqlite3_int64 *size)
{
    *size = (sqlite3_int64)of(base)->file->now.size;
    return SQLITE_OK;
}

static int file_lock(sqlite3_file *base, int level)
{
    (void)base;
    (void)level;
    return SQLITE_OK;
}

static int file_reserved(sqlite3_file *base, int *is_reserved)
{
    (void)base;
    *is_reserved = 0;
    return SQLITE_OK;
}

static int file_control(sqlite3_file *base, int what, void *arg)
{
    (void)base;
    (void)what;
    (void)arg;
    return SQLITE_NOTFOUND;
}

static int file_sector_size(sqlite3_file *base)
{
    (void)base;
    return 4096;
}

static int file_characteristics(sqlite3_file *base)
{
    (void)base;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE; /* as SQLite takes Linux to be */
}

static int shared_map(sqlite3_file *base, int number, int bytes, int may_grow,
                      void volatile **memory)
{
    *memory = disk_shared(of(base)->file, (size_t)number, (size_t)bytes, may_grow != 0);
    return SQLITE_OK;
}

static int shared_lock(sqlite3_file *base, int offset, int count, int flags)
{
    (void)base;
    (void)offset;
    (void)count;
    (void)flags;
    return SQLITE_OK;
}

static void shared_barrier(sqlite3_file *base)
{
    (void)base;
}

static int shared_unmap(sqlite3_file *base, int deletes)
{
    if (deletes != 0) {
        disk_shared_forget(of(base)->file);
    }
    return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_lock,
    .xCheckReservedLock = file_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_characteristics,
    .xShmMap = shared_map,
    .xShmLock = shared_lock,
    .xShmBarrier = shared_barrier,
    .xShmUnmap = shared_unmap,
};

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags,
                    int *flags_out)
{
    struct open_file *file = of(base);
    struct disk *disk = vfs->pAppData;
    base->pMethods = NULL;
    if (name == NULL) {
        return SQLITE_CANTOPEN; /* a temporary file: the store keeps those in memory */
    }
    if (disk_trouble(disk, DISK_READS) != DISK_IS_WELL) {
        return SQLITE_CANTOPEN;
    }
    *file = (struct open_file){.disk = disk, .file = disk_create(disk, name)};
    if ((flags & SQLITE_OPEN_MAIN_DB) != 0) {
        file->file->exists_on_platter = true; /* schema/sqlite_open.c makes it before */
    }
    if (flags_out != NULL) {
        *flags_out = flags;
    }
    base->pMethods = &methods;
    return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int is_synced)
{
    struct disk *disk = vfs->pAppData;
    struct disk_file *file = disk_find(disk, name);
    enum disk_trouble trouble = disk_trouble(disk, DISK_WRITES);
    if (trouble == DISK_FAILS || trouble == DISK_IS_DEAD) {
        return SQLITE_IOERR_DELETE;
    }
    if (file == NULL || !file->exists) {
        return SQLITE_IOERR_DELETE_NOENT;
    }
    disk_delete(disk, file, is_synced != 0 && trouble == DISK_IS_WELL);
    return trouble == DISK_DIES ? SQLITE_IOERR_DELETE : SQLITE_OK;
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *result)
{
    struct disk_file *file = disk_find(vfs->pAppData, name);
    (void)flags;
    *result = file != NULL && file->exists;
    return SQLITE_OK;
}

static int vfs_full_path(sqlite3_vfs *vfs, const char *name, int room, char *path)
{
    (void)vfs;
    return sqlite3_snprintf(room, path, "%s", name) != NULL ? SQLITE_OK : SQLITE_CANTOPEN;
}

static int vfs_randomness(sqlite3_vfs *vfs, int count, char *bytes)
{
    struct disk *disk = vfs->pAppData;
    for (int i = 0; i < count; i++) {
        bytes[i] = (char)chance_draw(&disk->sim->chance, SITE_POWER);
    }
    return count;
}

static int vfs_sleep(sqlite3_vfs *vfs, int us)
{
    (void)vfs;
    return us;
}

static int vfs_time(sqlite3_vfs *vfs, sqlite3_int64 *julian_ms)
{
    struct disk *disk = vfs->pAppData;
    *julian_ms = INT64_C(210866760000000) + sim_daemon_utc(disk->sim).utc_ms;
    return SQLITE_OK;
}

static int vfs_time_real(sqlite3_vfs *vfs, double *julian)
{
    sqlite3_int64 ms = 0;
    int code = vfs_time(vfs, &ms);
    *julian = (double)ms / 86400000.0;
    return code;
}

static int vfs_last_error(sqlite3_vfs *vfs, int room, char *text)
{
    (void)vfs;
    if (room > 0) {
        text[0] = '\0';
    }
    return 0;
}

void disk_register(struct disk *disk)
{
    disk->vfs = (sqlite3_vfs){
        .iVersion = 2,
        .szOsFile = sizeof(struct open_file),
        .mxPathname = 512,
        .zName = "simulated",
        .pAppData = disk,
        .xOpen = vfs_open,
        .xDelete = vfs_delete,
        .xAccess = vfs_access,
        .xFullPathname = vfs_full_path,
        .xRandomness = vfs_randomness,
        .xSleep = vfs_sleep,
        .xCurrentTime = vfs_time_real,
        .xGetLastError = vfs_last_error,
        .xCurrentTimeInt64 = vfs_time,
    };
    /* One thread: mutexes would only cost time. Statistics: as the store wants them. */
    int code = sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
    ENSURE(code == SQLITE_OK);
    code = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    ENSURE(code == SQLITE_OK);
    code = sqlite3_vfs_register(&disk->vfs, 1);
    ENSURE(code == SQLITE_OK);
}

void disk_unregister(struct disk *disk)
{
    int code = sqlite3_vfs_unregister(&disk->vfs);
    ENSURE(code == SQLITE_OK);
    code = sqlite3_shutdown();
    ENSURE(code == SQLITE_OK);
}
