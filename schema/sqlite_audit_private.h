/*
 * sqlite_audit_private.h - what the sqlite_audit*.c files share. Nothing of sqlite_private.h: the
 * auditor has its own connection, its own SQL and its own way of reading a row.
 */
#ifndef SCHEMA_SQLITE_AUDIT_PRIVATE_H
#define SCHEMA_SQLITE_AUDIT_PRIVATE_H

#include <sqlite3.h>

#include "schema/audit.h"

struct audit {
    sqlite3 *db;
    const char *path;
    store_digest *sha256;
    const struct audit_listener *listener;
    struct audit_counts *counts;
    struct problem *problem;
};

/* Tells one finding. */
void audit_found(struct audit *audit, const char *seller_id, const char *object, const char *format,
                 ...) __attribute__((format(printf, 4, 5)));

/* Prepares; NULL: *status and the problem say why not. */
sqlite3_stmt *audit_prepare(struct audit *audit, const char *sql, enum status *status);
/* The sentence of SQLite's last error; ST_STORE. `doing` says what for. */
enum status audit_failed(struct audit *audit, const char *doing);
/* Runs SQL without rows. */
enum status audit_run(struct audit *audit, const char *sql);

/* A text column into a field; "" for NULL; cut where it is too long. */
void audit_text(sqlite3_stmt *row, int column, char *field, size_t size);

/* sqlite_audit_events.c: the chain, and the temporary table `story` with where each subject's
 * events led to. */
enum status audit_events(struct audit *audit);
/* sqlite_audit_rules.c: everything else, with the help of `story`. */
enum status audit_rules(struct audit *audit);
/* sqlite_audit_cycles.c: that the cycles of each subscription have no holes, in order. */
enum status audit_cycles(struct audit *audit);

#endif
