/* database.c - see database.h. */
#include "tests/schema/database.h"

/* cmocka.h wants these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mws/edge/crypto.h"
#include "tests/schema/samples.h"

void folder_make(struct folder *folder)
{
    snprintf(folder->path, sizeof folder->path, "/tmp/autopay-store-XXXXXX");
    if (mkdtemp(folder->path) == NULL) {
        fail_msg("cannot make a folder in /tmp");
    }
    snprintf(folder->database, sizeof folder->database, "%s/autopay.db", folder->path);
    snprintf(folder->link, sizeof folder->link, "%s/link.db", folder->path);
}

void folder_remove(struct folder *folder)
{
    const char *const names[] = {"", "-wal", "-shm", ".lock"};
    for (size_t i = 0; i < 4; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s%s", folder->database, names[i]);
        unlink(path);
    }
    unlink(folder->link);
    chmod(folder->path, 0700);
    rmdir(folder->path);
}

int folder_setup(void **state)
{
    struct folder *folder = calloc(1, sizeof *folder);
    folder_make(folder);
    *state = folder;
    return 0;
}

int folder_teardown(void **state)
{
    folder_remove(*state);
    free(*state);
    return 0;
}

struct store *open_ok(const char *path)
{
    struct store *store = NULL;
    struct problem problem = {""};
    if (store_sqlite_open(path, sha256, &store, &problem) != ST_OK) {
        fail_msg("%s", problem.text);
    }
    return store;
}

void record_new(struct store *store, struct account *account)
{
    struct effects effects;
    sample_effects(account, true, &effects);
    struct step_record step = {account, &effects, SAMPLE_NOW, ST_NETWORK};
    struct problem problem = {""};
    if (store->ops->record(store, &step, 1, &problem) != ST_OK || step.status != ST_OK) {
        fail_msg("%s: %s", status_name(step.status), problem.text);
    }
    account->agreement.version++;
}

static int run(const char *path, const char *sql, char **error)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "PRAGMA foreign_keys = ON", NULL, NULL, NULL), SQLITE_OK);
    int code = sqlite3_exec(db, sql, NULL, NULL, error);
    sqlite3_close(db);
    return code;
}

void execute(const char *path, const char *sql)
{
    char *error = NULL;
    if (run(path, sql, &error) != SQLITE_OK) {
        fail_msg("%s: %s", sql, error);
    }
}

void assert_execute_refused(const char *path, const char *sql, const char *words)
{
    char *error = NULL;
    if (run(path, sql, &error) == SQLITE_OK) {
        fail_msg("the database took: %s", sql);
    }
    if (strstr(error, words) == NULL) {
        fail_msg("%s: expected \"%s\", got \"%s\"", sql, words, error);
    }
    sqlite3_free(error);
}
