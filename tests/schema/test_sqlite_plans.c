/*
 * test_sqlite_plans.c - no statement walks a whole table or sorts much.
 *
 * Asked of SQLite itself for every prepared statement, so that a new one, or an index that is
 * changed, is noticed here and not with a million subscriptions.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mws/edge/crypto.h"
#include "schema/sqlite_private.h"

/* True when the step of a plan reads more than it returns. */
static bool is_dear(const char *statement, const char *detail)
{
    /* what one agreement has, and what was told about one object: little, whoever has it */
    bool sorts_little = strcmp(statement, "list charges by agreement") == 0 ||
                        strcmp(statement, "list notices of object") == 0 ||
                        strcmp(statement, "list newest notices of object") == 0;
    bool sorts = strstr(detail, "TEMP B-TREE") != NULL && !sorts_little;
    bool walks = strncmp(detail, "SCAN", 4) == 0 && strstr(detail, "CONSTANT ROW") == NULL &&
                 strstr(detail, "(subquery") == NULL &&
                 /* a partial index that holds only what is open */
                 strstr(detail, "USING INDEX attempt_open") == NULL &&
                 strstr(detail, "USING INDEX refund_open") == NULL &&
                 strstr(detail, "USING INDEX subscription_leaving") == NULL &&
                 /* what is one row, or a few a seller */
                 strcmp(detail, "SCAN probe") != 0 && strcmp(detail, "SCAN seller") != 0 &&
                 strcmp(detail, "SCAN stop") != 0;
    return sorts || walks;
}

static void no_statement_walks_or_sorts(void **state)
{
    (void)state;
    char path[] = "/tmp/autopay-plans-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    struct store *base = NULL;
    struct problem problem = {""};
    assert_int_equal(store_sqlite_open(path, sha256, &base, &problem), ST_OK);
    struct sqlite_store *store = (struct sqlite_store *)base;
    int dear = 0;
    for (int i = 0; i < STATEMENT_COUNT; i++) {
        char sql[4096];
        snprintf(sql, sizeof sql, "EXPLAIN QUERY PLAN %s",
                 sqlite3_sql(store->statements[i].handle));
        sqlite3_stmt *plan = NULL;
        assert_int_equal(sqlite3_prepare_v2(store->db, sql, -1, &plan, NULL), SQLITE_OK);
        while (sqlite3_step(plan) == SQLITE_ROW) {
            const char *detail = (const char *)sqlite3_column_text(plan, 3);
            if (is_dear(store->statements[i].name, detail)) {
                print_error("\"%s\": %s\n", store->statements[i].name, detail);
                dear++;
            }
        }
        sqlite3_finalize(plan);
    }
    base->ops->close(base);
    unlink(path);
    char lock[64];
    snprintf(lock, sizeof lock, "%s.lock", path);
    unlink(lock);
    assert_int_equal(dear, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_statement_walks_or_sorts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
