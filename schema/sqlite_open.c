/*
 * sqlite_open.c - opening and closing the SQLite store: the file, the single-writer lock, the
 * settings, and the table of operations.
 *
 * The lock is an flock on DATABASE.lock, held for the life of the store. It is beside the database
 * and not in it so that offline readers (backup, autopayctl) can open the database meanwhile; the
 * kernel drops it when the process ends, however it ends. The lock file stays behind on purpose:
 * removing it would let two openers hold locks on two files of the same name.
 *
 * Invariant: no byte of the database is written before the lock is held.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schema/sqlite_private.h"

/* cache_size: the daemon's memory must not grow with the database, so the cache is small; what it
 * lacks the kernel's page cache has. wal_autocheckpoint: see README.md for the measurements. */
static const char settings[] = "PRAGMA cache_size = -2048;"
                               "PRAGMA mmap_size = 0;"
                               "PRAGMA temp_store = MEMORY;"
                               "PRAGMA trusted_schema = OFF;"
                               "PRAGMA foreign_keys = ON;"
                               "PRAGMA synchronous = FULL;"
                               "PRAGMA wal_autocheckpoint = 4000;"
                               "PRAGMA journal_size_limit = 67108864;";

static void sqlite_close(struct store *base)
{
    struct sqlite_store *store = (struct sqlite_store *)base;
    statements_finalize(store);
    sqlite3_close(store->db);
    if (store->lock_fd >= 0) {
        close(store->lock_fd);
    }
    free(store);
}

static const struct store_ops sqlite_ops = {
    .close = sqlite_close,
    .start = sqlite_start,
    .claim = sqlite_claim,
    .load_account = sqlite_load_account,
    .record = sqlite_record,
    .find_subscription = sqlite_find_subscription,
    .find_one_off = sqlite_find_one_off,
    .read_subscription = sqlite_read_subscription,
    .read_charge = sqlite_read_charge,
    .list_agreements = sqlite_list_agreements,
    .list_subscriptions = sqlite_list_subscriptions,
    .list_charges = sqlite_list_charges,
    .list_changes = sqlite_list_changes,
    .list_attempt_changes = sqlite_list_attempt_changes,
    .totals = sqlite_totals,
    .last_step = sqlite_last_step,
    .keep_notices = sqlite_keep_notices,
    .open_notices = sqlite_open_notices,
    .end_notices = sqlite_end_notices,
    .list_notices = sqlite_list_notices,
    .find_refund = sqlite_find_refund,
    .list_refunds = sqlite_list_refunds,
    .save_policy = sqlite_save_policy,
    .list_policies = sqlite_list_policies,
    .set_stop = sqlite_set_stop,
    .list_stops = sqlite_list_stops,
    .wake_waiting = sqlite_wake_waiting,
    .last_write = sqlite_last_write,
    .probe = sqlite_probe,
};

static enum status file_failed(const char *path, int error, struct problem *problem)
{
    switch (error) {
    case ENOENT:
    case ENOTDIR:
        return problem_set(problem, ST_STORE,
                           "database %s: no such folder: create it, owned by the user that runs"
                           " this program",
                           path);
    case EACCES:
    case EPERM:
    case EROFS:
        return problem_set(problem, ST_STORE,
                           "database %s: its folder does not let this user write: change owner or"
                           " mode, or mount it writable",
                           path);
    case ENOSPC:
    case EDQUOT:
        return problem_set(problem, ST_FULL, "database %s: no space left: free disk space", path);
    default:
        return problem_set(problem, ST_STORE, "database %s: %s", path, strerror(error));
    }
}

/* Creates the file when it is absent, so that it and what SQLite puts beside it have mode 0600. An
 * existing file is not opened: closing it here would drop this process's own SQLite locks on it. */
static enum status create_file(const char *path, struct problem *problem)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        return errno == EEXIST ? ST_OK : file_failed(path, errno, problem);
    }
    close(fd);
    return ST_OK;
}

/* Who holds the lock wrote its process id into it. */
static enum status lock_held(const struct sqlite_store *store, int fd, struct problem *problem)
{
    char pid[16] = "";
    if (pread(fd, pid, sizeof pid - 1, 0) < 0) {
        pid[0] = '\0';
    }
    pid[strcspn(pid, "\n")] = '\0';
    return problem_set(problem, ST_BUSY,
                       "database %s is in use by process %s: stop that one first; two daemons need"
                       " two databases",
                       store->path, pid[0] == '\0' ? "(unknown)" : pid);
}

static enum status take_lock(struct sqlite_store *store, struct problem *problem)
{
    char path[sizeof store->path + 8];
    snprintf(path, sizeof path, "%s.lock", store->path);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        return file_failed(path, errno, problem);
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        enum status status = errno == EWOULDBLOCK ? lock_held(store, fd, problem)
                                                  : file_failed(path, errno, problem);
        close(fd);
        return status;
    }
    /* The id is only for the sentence above: on a full disk the lock counts without it. */
    char pid[16];
    int length = snprintf(pid, sizeof pid, "%d\n", (int)getpid());
    if (ftruncate(fd, 0) != 0 || pwrite(fd, pid, (size_t)length, 0) != length) {
        pid[0] = '\0';
    }
    store->lock_fd = fd;
    return ST_OK;
}

static enum status open_failed(struct sqlite_store *store, struct problem *problem)
{
    switch (sqlite3_errcode(store->db)) {
    case SQLITE_NOTADB:
        return problem_set(problem, ST_STORE,
                           "%s is not a database: check the path, or restore it from a backup",
                           store->path);
    case SQLITE_CANTOPEN:
        return problem_set(problem, ST_STORE,
                           "database %s cannot be opened: is it a file, and may this user read it?",
                           store->path);
    default:
        return sqlite_failed(store, "open", problem);
    }
}

static enum status open_database(struct sqlite_store *store, struct problem *problem)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    if (sqlite_open_gathering(store, flags) != SQLITE_OK) {
        return open_failed(store, problem);
    }
    if (sqlite3_db_readonly(store->db, "main") != 0) {
        return problem_set(problem, ST_STORE,
                           "database %s is read-only: give this user write permission to the file",
                           store->path);
    }
    sqlite3_busy_timeout(store->db, 0);
    if (sqlite3_exec(store->db, settings, NULL, NULL, NULL) != SQLITE_OK) {
        return open_failed(store, problem);
    }
    return ST_OK;
}

/* The mode is written into the file, so only once it is known to be ours. */
static enum status use_wal(struct sqlite_store *store, struct problem *problem)
{
    if (sqlite3_exec(store->db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL) != SQLITE_OK) {
        return open_failed(store, problem);
    }
    return ST_OK;
}

static struct sqlite_store *store_new(const char *path, struct problem *problem)
{
    /* No statistics of memory: their mutex is taken at every allocation. Refused, harmlessly, once
     * a store is open. */
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    struct sqlite_store *store = calloc(1, sizeof *store);
    if (store == NULL) {
        problem_set(problem, ST_STORE, "database %s: out of memory", path);
        return NULL;
    }
    store->store.ops = &sqlite_ops;
    store->lock_fd = -1;
    return store;
}

/* One name for one file, whatever links led to it: the lock must be the same. */
static enum status resolve_path(struct sqlite_store *store, const char *path,
                                struct problem *problem)
{
    char resolved[PATH_MAX];
    if (realpath(path, resolved) == NULL) {
        return file_failed(path, errno, problem);
    }
    if (strlen(resolved) >= sizeof store->path) {
        return problem_set(problem, ST_STORE, "database %.200s...: path too long", resolved);
    }
    memcpy(store->path, resolved, strlen(resolved) + 1);
    return ST_OK;
}

/* Hands the store out, or closes it. */
static enum status opened(struct sqlite_store *store, enum status status, struct store **out)
{
    if (status == ST_OK) {
        *out = &store->store;
    } else {
        sqlite_close(&store->store);
    }
    return status;
}

enum status store_sqlite_open(const char *path, store_digest *sha256, struct store **out,
                              struct problem *problem)
{
    *out = NULL;
    struct sqlite_store *store = store_new(path, problem);
    if (store == NULL) {
        return ST_STORE;
    }
    store->digest = sha256;
    enum status status = create_file(path, problem);
    if (status == ST_OK) {
        status = resolve_path(store, path, problem);
    }
    if (status == ST_OK) {
        status = take_lock(store, problem);
    }
    if (status == ST_OK) {
        status = open_database(store, problem);
    }
    if (status == ST_OK) {
        status = sqlite_migrate(store, problem);
    }
    if (status == ST_OK) {
        status = use_wal(store, problem);
    }
    if (status == ST_OK) {
        status = statements_prepare(store, problem);
    }
    return opened(store, status, out);
}

/* ---- a reader ---- */

/* Waits out the moments in which the daemon opens or closes the database. */
#define READER_BUSY_MS 5000

static enum status open_to_read(struct sqlite_store *store, struct problem *problem)
{
    int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    if (sqlite3_open_v2(store->path, &store->db, flags, NULL) != SQLITE_OK) {
        return open_failed(store, problem);
    }
    sqlite3_busy_timeout(store->db, READER_BUSY_MS);
    static const char reader_settings[] = "PRAGMA trusted_schema = OFF;"
                                          "PRAGMA temp_store = MEMORY;"
                                          "PRAGMA schema_version;"; /* opens the file */
    if (sqlite3_exec(store->db, reader_settings, NULL, NULL, NULL) != SQLITE_OK) {
        return open_failed(store, problem);
    }
    return ST_OK;
}

enum status store_sqlite_open_reader(const char *path, struct store **out, struct problem *problem)
{
    *out = NULL;
    if (access(path, F_OK) != 0) {
        return problem_set(problem, ST_NOT_FOUND, "there is no database %s: check the path", path);
    }
    struct sqlite_store *store = store_new(path, problem);
    if (store == NULL) {
        return ST_STORE;
    }
    store->is_reader = true;
    enum status status = resolve_path(store, path, problem);
    if (status == ST_OK) {
        status = open_to_read(store, problem);
    }
    if (status == ST_OK) {
        status = sqlite_require_newest(store, problem);
    }
    if (status == ST_OK) {
        status = statements_prepare(store, problem);
    }
    return opened(store, status, out);
}
