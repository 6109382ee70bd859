/*
 * sqlite_wal.c - the frames of the write-ahead log reach the kernel together.
 *
 * SQLite writes each frame of its log with two calls, 24 bytes and then the page; a commit of 64
 * steps made some 400 of them, half of the store's processor time. Here writes that follow one
 * another in the log are gathered, and written when the next one does not follow, when the buffer
 * is full, and before anything else is done with the log.
 *
 * Nothing is promised earlier than before: SQLite shows a commit to readers only after it has
 * synced the log (synchronous = FULL), and a sync writes first. When that write fails, the sync
 * fails and with it the commit; what is then half in the log lies behind its last commit, where
 * SQLite never reads. The database file itself is not touched: only the log is opened here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/sqlite_private.h"

#define GATHERED_BYTES_MAX 65536

/* SQLite gives a file as much room as the vfs asks for: the system's own file lies behind ours. */
struct wal_file {
    sqlite3_file base;
    sqlite3_file *system;
    sqlite3_int64 at; /* where in the log the gathered bytes belong */
    int gathered;
    unsigned char *bytes; /* GATHERED_BYTES_MAX */
};

/* The gathered bytes are given up in any case: a failed write fails the commit they are of. */
static int wal_flush(struct wal_file *file)
{
    int gathered = file->gathered;
    file->gathered = 0;
    return gathered == 0
               ? SQLITE_OK
               : file->system->pMethods->xWrite(file->system, file->bytes, gathered, file->at);
}

static int wal_write(sqlite3_file *base, const void *bytes, int count, sqlite3_int64 at)
{
    struct wal_file *file = (struct wal_file *)base;
    bool follows = at == file->at + file->gathered;
    if (!follows || count > GATHERED_BYTES_MAX - file->gathered) {
        int code = wal_flush(file);
        if (code != SQLITE_OK) {
            return code;
        }
        file->at = at;
    }
    if (count > GATHERED_BYTES_MAX) {
        return file->system->pMethods->xWrite(file->system, bytes, count, at);
    }
    memcpy(file->bytes + file->gathered, bytes, (size_t)count);
    file->gathered += count;
    return SQLITE_OK;
}

static int wal_read(sqlite3_file *base, void *bytes, int count, sqlite3_int64 at)
{
    struct wal_file *file = (struct wal_file *)base;
    int code = wal_flush(file);
    return code == SQLITE_OK ? file->system->pMethods->xRead(file->system, bytes, count, at) : code;
}

static int wal_truncate(sqlite3_file *base, sqlite3_int64 size)
{
    struct wal_file *file = (struct wal_file *)base;
    int code = wal_flush(file);
    return code == SQLITE_OK ? file->system->pMethods->xTruncate(file->system, size) : code;
}

static int wal_sync(sqlite3_file *base, int flags)
{
    struct wal_file *file = (struct wal_file *)base;
    int code = wal_flush(file);
    return code == SQLITE_OK ? file->system->pMethods->xSync(file->system, flags) : code;
}

static int wal_size(sqlite3_file *base, sqlite3_int64 *size)
{
    struct wal_file *file = (struct wal_file *)base;
    int code = wal_flush(file);
    return code == SQLITE_OK ? file->system->pMethods->xFileSize(file->system, size) : code;
}

/* Whatever is still gathered belongs to no commit. */
static int wal_close(sqlite3_file *base)
{
    struct wal_file *file = (struct wal_file *)base;
    free(file->bytes);
    return file->system->pMethods->xClose(file->system);
}

static int wal_lock(sqlite3_file *base, int level)
{
    sqlite3_file *system = ((struct wal_file *)base)->system;
    return system->pMethods->xLock(system, level);
}

static int wal_unlock(sqlite3_file *base, int level)
{
    sqlite3_file *system = ((struct wal_file *)base)->system;
    return system->pMethods->xUnlock(system, level);
}

static int wal_reserved(sqlite3_file *base, int *is_reserved)
{
    sqlite3_file *system = ((struct wal_file *)base)->system;
    return system->pMethods->xCheckReservedLock(system, is_reserved);
}

static int wal_control(sqlite3_file *base, int what, void *arg)
{
    sqlite3_file *system = ((struct wal_file *)base)->system;
    return system->pMethods->xFileControl(system, what, arg);
}

static int wal_sector_size(sqlite3_file *base)
{
    sqlite3_file *system = ((struct wal_file *)base)->system;
    return system->pMethods->xSectorSize(system);
}

static int wal_characteristics(sqlite3_file *base)
{
    sqlite3_file *system = ((struct wal_file *)base)->system;
    return system->pMethods->xDeviceCharacteristics(system);
}

static const sqlite3_io_methods wal_methods = {
    .iVersion = 1, /* without shared memory, which belongs to the database file */
    .xClose = wal_close,
    .xRead = wal_read,
    .xWrite = wal_write,
    .xTruncate = wal_truncate,
    .xSync = wal_sync,
    .xFileSize = wal_size,
    .xLock = wal_lock,
    .xUnlock = wal_unlock,
    .xCheckReservedLock = wal_reserved,
    .xFileControl = wal_control,
    .xSectorSize = wal_sector_size,
    .xDeviceCharacteristics = wal_characteristics,
};

static int wal_open(struct wal_file *file, sqlite3_vfs *system, const char *name, int flags,
                    int *flags_out)
{
    file->base.pMethods = NULL; /* SQLite closes what has methods, even after a failure */
    file->system = (sqlite3_file *)(file + 1);
    int code = system->xOpen(system, name, file->system, flags, flags_out);
    file->bytes = code == SQLITE_OK ? malloc(GATHERED_BYTES_MAX) : NULL;
    if (code == SQLITE_OK && file->bytes == NULL) {
        code = SQLITE_NOMEM;
    }
    if (code == SQLITE_OK) {
        file->at = 0;
        file->gathered = 0;
        file->base.pMethods = &wal_methods;
    } else if (file->system->pMethods != NULL) {
        (void)file->system->pMethods->xClose(file->system);
    }
    return code;
}

/* Files that are not the log are the system's own. */
static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                    int *flags_out)
{
    (void)vfs;
    sqlite3_vfs *system = sqlite3_vfs_find(NULL);
    return (flags & SQLITE_OPEN_WAL) == 0
               ? system->xOpen(system, name, file, flags, flags_out)
               : wal_open((struct wal_file *)file, system, name, flags, flags_out);
}

int sqlite_open_gathering(struct sqlite_store *store, int flags)
{
    sqlite3_vfs *system = sqlite3_vfs_find(NULL);
    if (system == NULL) {
        return SQLITE_ERROR;
    }
    /* Known by its name only while the database is opened; a name of its own, because another
     * store of this process may be opened at the same time. */
    char name[32];
    (void)snprintf(name, sizeof name, "gathering-%p", (void *)store);
    store->vfs = *system;
    store->vfs.zName = name;
    store->vfs.szOsFile += (int)sizeof(struct wal_file);
    store->vfs.xOpen = vfs_open;
    int code = sqlite3_vfs_register(&store->vfs, 0);
    if (code == SQLITE_OK) {
        code = sqlite3_open_v2(store->path, &store->db, flags, name);
        (void)sqlite3_vfs_unregister(&store->vfs);
    }
    store->vfs.zName = "gathering";
    return code;
}
