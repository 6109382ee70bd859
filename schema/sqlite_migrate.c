/*
 * sqlite_migrate.c - brings the schema up to date: each migration that the file lacks, in order,
 * each in its own transaction together with the version number it leads to (PRAGMA user_version).
 *
 * A crash between two migrations leaves a database of the earlier version, which the next start
 * brings on. A database of a newer version is refused: its rules are unknown here. Who may not
 * write refuses an older one, too.
 */
#include <stdio.h>

#include "billing/ensure.h"
#include "schema/migration.h"
#include "schema/sqlite_private.h"

#define APPLICATION_ID 1095778649 /* as migration 0001 writes it */

/* The integer that `sql` gives. */
static enum status read_integer(struct sqlite_store *store, const char *sql, int64_t *value,
                                struct problem *problem)
{
    sqlite3_stmt *stmt = NULL;
    enum status status = ST_OK;
    if (sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL) != SQLITE_OK ||
        sqlite3_step(stmt) != SQLITE_ROW) {
        status = sqlite_failed(store, sql, problem);
    } else {
        *value = sqlite3_column_int64(stmt, 0);
    }
    sqlite3_finalize(stmt);
    return status;
}

static enum status apply(struct sqlite_store *store, const struct migration *migration,
                         struct problem *problem)
{
    char set_version[64];
    snprintf(set_version, sizeof set_version, "PRAGMA user_version = %u", migration->number);
    const char *const acts[] = {"BEGIN IMMEDIATE", migration->sql, set_version, "COMMIT"};
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        if (sqlite3_exec(store->db, acts[i], NULL, NULL, NULL) != SQLITE_OK) {
            enum status status = sqlite_failed(store, migration->title, problem);
            if (!sqlite3_get_autocommit(store->db)) {
                sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
            }
            return status;
        }
    }
    return ST_OK;
}

/* The version that the migrations lead to. */
static unsigned newest_version(void)
{
    ENSURE(sqlite_migration_count > 0);
    return sqlite_migrations[sqlite_migration_count - 1].number;
}

/* The version of a database of ours that is not newer than this program. */
static enum status read_version(struct sqlite_store *store, int64_t *version,
                                struct problem *problem)
{
    int64_t application = 0;
    int64_t tables = 0;
    enum status status = read_integer(store, "PRAGMA user_version", version, problem);
    if (status == ST_OK) {
        status = read_integer(store, "PRAGMA application_id", &application, problem);
    }
    if (status == ST_OK) {
        status = read_integer(store, "SELECT count(*) FROM sqlite_schema", &tables, problem);
    }
    if (status != ST_OK) {
        return status;
    }
    if (tables > 0 && application != APPLICATION_ID) {
        return problem_set(problem, ST_STORE,
                           "database %s belongs to another program: check the path", store->path);
    }
    if (*version > newest_version()) {
        return problem_set(problem, ST_CONFLICT,
                           "database %s has schema version %lld, this program knows %u at most:"
                           " install the newer program again, or restore the backup made before it",
                           store->path, (long long)*version, newest_version());
    }
    return ST_OK;
}

enum status sqlite_require_newest(struct sqlite_store *store, struct problem *problem)
{
    int64_t version = 0;
    enum status status = read_version(store, &version, problem);
    if (status == ST_OK && version < newest_version()) {
        status = problem_set(problem, ST_CONFLICT,
                             "database %s has schema version %lld, this program reads %u only:"
                             " start the daemon of this version with it once, or read it with the"
                             " program that wrote it",
                             store->path, (long long)version, newest_version());
    }
    return status;
}

enum status sqlite_migrate(struct sqlite_store *store, struct problem *problem)
{
    int64_t version = 0;
    enum status status = read_version(store, &version, problem);
    for (unsigned i = 0; i < sqlite_migration_count && status == ST_OK; i++) {
        if (sqlite_migrations[i].number > version) {
            status = apply(store, &sqlite_migrations[i], problem);
        }
    }
    return status;
}
