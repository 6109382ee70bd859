/*
 * database.h - a database file in a folder of its own, for the tests of what only a file can have
 * happen to it.
 */
#ifndef TESTS_SCHEMA_DATABASE_H
#define TESTS_SCHEMA_DATABASE_H

#include "schema/store.h"

struct folder {
    char path[64];
    char database[96];
    char link[96];
};

void folder_make(struct folder *folder);
void folder_remove(struct folder *folder);

/* cmocka's set-up and tear-down: *state is a struct folder. */
int folder_setup(void **state);
int folder_teardown(void **state);

/* Opens the store, or fails with its sentence. */
struct store *open_ok(const char *path);
/* Records the account whole, as a new one, and closes nothing. Must succeed. */
void record_new(struct store *store, struct account *account);
/* Runs SQL on the file behind the store's back; it must succeed, ... */
void execute(const char *path, const char *sql);
/* ... or be refused with a message that has `words` in it. */
void assert_execute_refused(const char *path, const char *sql, const char *words);

#endif
