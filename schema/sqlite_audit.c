/*
 * sqlite_audit.c - the auditor's connection, the order of its work, and the totals.
 */
#include "schema/sqlite_audit_private.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "schema/migration.h"

/* Sorting and what is remembered go to a temporary file beyond the cache. */
static const char settings[] = "PRAGMA cache_size = -8192;"
                               "PRAGMA temp.cache_size = -16384;"
                               "PRAGMA temp_store = FILE;"
                               "PRAGMA mmap_size = 0;"
                               "PRAGMA trusted_schema = OFF;"
                               "PRAGMA cell_size_check = ON;";

/* --- for all parts --------------------------------------------------------------------------- */

void audit_found(struct audit *audit, const char *seller_id, const char *object, const char *format,
                 ...)
{
    struct audit_finding finding;
    va_list arguments;
    audit->counts->findings++;
    if (audit->listener->finding == NULL) {
        return;
    }
    (void)snprintf(finding.seller_id, sizeof finding.seller_id, "%s", seller_id);
    (void)snprintf(finding.object, sizeof finding.object, "%s", object);
    va_start(arguments, format);
    (void)vsnprintf(finding.sentence, sizeof finding.sentence, format, arguments);
    va_end(arguments);
    audit->listener->finding(audit->listener->arg, &finding);
}

enum status audit_failed(struct audit *audit, const char *doing)
{
    return problem_set(audit->problem, ST_STORE, "database %s: %s: %s", audit->path, doing,
                       sqlite3_errmsg(audit->db));
}

sqlite3_stmt *audit_prepare(struct audit *audit, const char *sql, enum status *status)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(audit->db, sql, -1, &statement, NULL) != SQLITE_OK) {
        *status = audit_failed(audit, "its tables are not as this program knows them");
        return NULL;
    }
    *status = ST_OK;
    return statement;
}

enum status audit_run(struct audit *audit, const char *sql)
{
    return sqlite3_exec(audit->db, sql, NULL, NULL, NULL) == SQLITE_OK
               ? ST_OK
               : audit_failed(audit, "to read it");
}

void audit_text(sqlite3_stmt *row, int column, char *field, size_t size)
{
    const unsigned char *text = sqlite3_column_text(row, column);
    (void)snprintf(field, size, "%s", text == NULL ? "" : (const char *)text);
}

/* --- opening --------------------------------------------------------------------------------- */

static enum status open_failed(struct audit *audit)
{
    if (access(audit->path, F_OK) != 0) {
        return problem_set(audit->problem, ST_NOT_FOUND, "database %s: there is no such file",
                           audit->path);
    }
    if (sqlite3_errcode(audit->db) == SQLITE_CANTOPEN) {
        return problem_set(audit->problem, ST_STORE,
                           "database %s cannot be opened: this user must be able to read it and to"
                           " write its folder, where readers and the daemon meet",
                           audit->path);
    }
    return audit_failed(audit, "open");
}

/* The version decides which tables there are. */
static enum status check_version(struct audit *audit)
{
    int newest = (int)sqlite_migrations[sqlite_migration_count - 1].number;
    enum status status;
    sqlite3_stmt *row = audit_prepare(audit, "PRAGMA user_version", &status);
    if (row == NULL) {
        return open_failed(audit);
    }
    int code = sqlite3_step(row);
    int version = code == SQLITE_ROW ? sqlite3_column_int(row, 0) : 0;
    status = code == SQLITE_ROW ? ST_OK : open_failed(audit);
    sqlite3_finalize(row);
    if (status == ST_OK && version > newest) {
        status = problem_set(audit->problem, ST_CONFLICT,
                             "database %s has schema version %d, this program knows %d: use the"
                             " newer program",
                             audit->path, version, newest);
    } else if (status == ST_OK && version < newest) {
        status = problem_set(audit->problem, ST_CONFLICT,
                             "database %s has schema version %d, this program's is %d: start the"
                             " daemon of this version once, it brings the database up to date",
                             audit->path, version, newest);
    }
    return status;
}

static enum status audit_open(struct audit *audit)
{
    int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(audit->path, &audit->db, flags, NULL) != SQLITE_OK) {
        return open_failed(audit);
    }
    sqlite3_busy_timeout(audit->db, 5000); /* while the daemon opens or closes its log */
    if (sqlite3_exec(audit->db, settings, NULL, NULL, NULL) != SQLITE_OK) {
        return open_failed(audit);
    }
    enum status status = check_version(audit);
    return status == ST_OK ? audit_run(audit, "BEGIN") : status;
}

static void audit_close(struct audit *audit)
{
    sqlite3_close(audit->db);
    audit->db = NULL;
}

/* --- sellers --------------------------------------------------------------------------------- */

enum status audit_sellers(const char *path, char (*sellers)[SELLER_ID_MAX], uint32_t max,
                          uint32_t *count, struct problem *problem)
{
    struct audit audit = {.path = path, .problem = problem};
    *count = 0;
    enum status status = audit_open(&audit);
    sqlite3_stmt *row = NULL;
    if (status == ST_OK) {
        row = audit_prepare(&audit, "SELECT seller_id FROM seller ORDER BY seller_id", &status);
    }
    int code = row == NULL ? SQLITE_DONE : sqlite3_step(row);
    while (code == SQLITE_ROW && *count < max) {
        audit_text(row, 0, sellers[(*count)++], SELLER_ID_MAX);
        code = sqlite3_step(row);
    }
    if (status == ST_OK && code != SQLITE_ROW && code != SQLITE_DONE) {
        status = audit_failed(&audit, "its sellers");
    }
    sqlite3_finalize(row);
    audit_close(&audit);
    return status;
}

/* --- captures and totals --------------------------------------------------------------------- */

static struct money money_from(sqlite3_stmt *row, int minor, int currency)
{
    char code[4];
    audit_text(row, currency, code, sizeof code);
    return money_of(sqlite3_column_int64(row, minor), code);
}

/* A reference id is CHARGE-NUMBER; the rows are in the order of (charge, number). */
static const char captures[] =
    "SELECT seller_id, agreement_id, reference_id, authorization_id, capture_id, amount_minor,"
    " currency, state, answered_at FROM attempt WHERE seller_id = ?1 AND (?2 = ''"
    " OR (charge_id, number) > (substr(?2, 1, length(rtrim(?2, '0123456789')) - 1),"
    " CAST(substr(?2, length(rtrim(?2, '0123456789')) + 1) AS INTEGER)))"
    " AND ((state = 4 AND answered_at >= ?3) OR state NOT IN (4, 5, 6))"
    " ORDER BY charge_id, number";

static struct audit_capture read_capture(sqlite3_stmt *row)
{
    struct audit_capture capture = {.amount = money_from(row, 5, 6),
                                    .is_captured = sqlite3_column_int(row, 7) == 4,
                                    .at = {sqlite3_column_int64(row, 8)}};
    capture.at = capture.is_captured ? capture.at : INSTANT_NEVER;
    audit_text(row, 0, capture.seller_id, sizeof capture.seller_id);
    audit_text(row, 1, capture.agreement_id, sizeof capture.agreement_id);
    audit_text(row, 2, capture.reference_id, sizeof capture.reference_id);
    audit_text(row, 3, capture.authorization_id, sizeof capture.authorization_id);
    audit_text(row, 4, capture.capture_id, sizeof capture.capture_id);
    return capture;
}

enum status audit_captures(const char *path, const struct audit_search *search,
                           audit_each_capture *each, void *arg, struct problem *problem)
{
    struct audit audit = {.path = path, .problem = problem};
    enum status status = audit_open(&audit);
    sqlite3_stmt *row = status == ST_OK ? audit_prepare(&audit, captures, &status) : NULL;
    if (row != NULL) {
        sqlite3_bind_text(row, 1, search->seller_id, -1, SQLITE_STATIC);
        sqlite3_bind_text(row, 2, search->after, -1, SQLITE_STATIC);
        sqlite3_bind_int64(row, 3, search->since.utc_ms);
    }
    int code = row == NULL ? SQLITE_DONE : sqlite3_step(row);
    while (code == SQLITE_ROW) {
        struct audit_capture capture = read_capture(row);
        code = each(arg, &capture) ? sqlite3_step(row) : SQLITE_DONE;
    }
    if (status == ST_OK && code != SQLITE_DONE) {
        status = audit_failed(&audit, "its captures");
    }
    sqlite3_finalize(row);
    audit_close(&audit);
    return status;
}

/* Months of UTC; captured and given back in it. */
static enum status audit_totals(struct audit *audit)
{
    static const char sql[] =
        "SELECT seller_id, agreement_id, month, currency, sum(captured), sum(captures),"
        " sum(refunded), sum(refunds) FROM ("
        " SELECT seller_id, agreement_id, strftime('%Y-%m', answered_at / 1000, 'unixepoch') AS"
        " month, currency, amount_minor AS captured, 1 AS captures, 0 AS refunded, 0 AS refunds"
        " FROM main.attempt WHERE state = 4"
        " UNION ALL SELECT seller_id, agreement_id,"
        " strftime('%Y-%m', answered_at / 1000, 'unixepoch'), currency, 0, 0, amount_minor, 1"
        " FROM main.refund WHERE state = 5)"
        " GROUP BY seller_id, agreement_id, month, currency";
    enum status status;
    if (audit->listener->total == NULL) {
        return ST_OK;
    }
    sqlite3_stmt *row = audit_prepare(audit, sql, &status);
    if (row == NULL) {
        return status;
    }
    int code = sqlite3_step(row);
    while (code == SQLITE_ROW) {
        struct audit_total total = {.captured = money_from(row, 4, 3),
                                    .captures = (uint64_t)sqlite3_column_int64(row, 5),
                                    .refunded = money_from(row, 6, 3),
                                    .refunds = (uint64_t)sqlite3_column_int64(row, 7)};
        audit_text(row, 0, total.seller_id, sizeof total.seller_id);
        audit_text(row, 1, total.agreement_id, sizeof total.agreement_id);
        audit_text(row, 2, total.period, sizeof total.period);
        audit->listener->total(audit->listener->arg, &total);
        code = sqlite3_step(row);
    }
    if (code != SQLITE_DONE) {
        status = audit_failed(audit, "its totals");
    }
    sqlite3_finalize(row);
    return status;
}

/* --- all of it ------------------------------------------------------------------------------- */

enum status audit_sqlite(const char *path, store_digest *sha256,
                         const struct audit_listener *listener, struct audit_counts *counts,
                         struct problem *problem)
{
    struct audit audit = {
        .path = path, .sha256 = sha256, .listener = listener, .counts = counts, .problem = problem};
    memset(counts, 0, sizeof *counts);
    enum status status = audit_open(&audit);
    if (status == ST_OK) {
        status = audit_events(&audit);
    }
    if (status == ST_OK) {
        status = audit_rules(&audit);
    }
    if (status == ST_OK) {
        status = audit_cycles(&audit);
    }
    if (status == ST_OK) {
        status = audit_totals(&audit);
    }
    audit_close(&audit);
    return status;
}
