/*
 * test_sqlite_reader.c - reading a database beside the daemon that has it, or a copy of it, without
 * ever writing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/schema/database.h"
#include "tests/schema/samples.h"

#define SELLER "A1SELLERONE"

static struct store *reader_ok(const char *path)
{
    struct store *reader = NULL;
    struct problem problem = {""};
    if (store_sqlite_open_reader(path, &reader, &problem) != ST_OK) {
        fail_msg("%s", problem.text);
    }
    return reader;
}

static void assert_no_reader(const char *path, enum status status, const char *words)
{
    struct store *reader = NULL;
    struct problem problem = {""};
    enum status found = store_sqlite_open_reader(path, &reader, &problem);
    if (found == ST_OK) {
        reader->ops->close(reader);
    }
    if (found != status || strstr(problem.text, words) == NULL) {
        fail_msg("expected %s and \"%s\", got %s and \"%s\"", status_name(status), words,
                 status_name(found), problem.text);
    }
    assert_null(reader);
}

static uint32_t count_events(struct store *store)
{
    struct change_view views[8];
    struct problem problem = {""};
    uint32_t count = 0;
    assert_int_equal(store->ops->list_changes(store, SELLER, 0, 8, views, &count, &problem), ST_OK);
    return count;
}

static void reads_beside_the_daemon(void **state)
{
    struct folder *folder = *state;
    struct store *store = open_ok(folder->database);
    static struct account account, loaded;
    sample_agreement(&account, SELLER, 1);
    sample_subscription(&account, 1);
    record_new(store, &account);

    struct store *reader = reader_ok(folder->database);
    struct store *second = reader_ok(folder->database);
    struct problem problem = {""};
    assert_int_equal(
        reader->ops->load_account(reader, SELLER, account.agreement.id, &loaded, &problem), ST_OK);
    assert_int_equal(loaded.subscription_count, 1);
    assert_int_equal(count_events(reader), 1);
    sample_agreement(&account, SELLER, 2); /* the daemon goes on, and is seen to */
    record_new(store, &account);
    assert_int_equal(count_events(reader), 2);
    assert_int_equal(count_events(second), 2);
    second->ops->close(second);
    store->ops->close(store);
    assert_int_equal(count_events(reader), 2); /* and without the daemon */
    reader->ops->close(reader);
    store = open_ok(folder->database);
    assert_int_equal(count_events(store), 2);
    store->ops->close(store);
}

static void never_writes(void **state)
{
    struct folder *folder = *state;
    struct store *store = open_ok(folder->database);
    static struct account account;
    static struct effects effects;
    sample_agreement(&account, SELLER, 1);
    record_new(store, &account);
    struct store *reader = reader_ok(folder->database);
    struct problem problem = {""};
    uint64_t count = 0;
    uint32_t version = 0;
    struct notice notice;
    sample_notice(&notice, SELLER, NOTICE_AGREEMENT, 1);
    sample_effects(&account, false, &effects);
    struct step_record step = {&account, &effects, SAMPLE_NOW, ST_NETWORK};
    const struct store_ops *ops = reader->ops;
    assert_int_equal(ops->record(reader, &step, 1, &problem), ST_STORE);
    assert_int_equal(ops->start(reader, SAMPLE_NOW, &count, &problem), ST_STORE);
    assert_int_equal(ops->probe(reader, SAMPLE_NOW, &problem), ST_STORE);
    assert_int_equal(ops->keep_notices(reader, &notice, 1, &problem), ST_STORE);
    assert_int_equal(ops->end_notices(reader, NULL, 0, SAMPLE_NOW, &problem), ST_STORE);
    assert_int_equal(ops->save_policy(reader, SELLER, "a", "b", SAMPLE_NOW, &version, &problem),
                     ST_STORE);
    assert_int_equal(
        ops->set_stop(reader, SELLER, true, REASON_OPERATOR, SAMPLE_NOW, INSTANT_NEVER, &problem),
        ST_STORE);
    assert_int_equal(
        ops->wake_waiting(reader, SELLER, REASON_STOPPED, SAMPLE_NOW, &count, &problem), ST_STORE);
    assert_true(strlen(problem.text) > 0);
    assert_int_equal(count_events(reader), 1);
    reader->ops->close(reader);
    store->ops->close(store);
}

static void unfit_databases_are_refused(void **state)
{
    struct folder *folder = *state;
    assert_no_reader(folder->database, ST_NOT_FOUND, "there is no database");
    assert_int_not_equal(access(folder->database, F_OK), 0); /* and none was made */

    struct store *store = open_ok(folder->database);
    store->ops->close(store);
    execute(folder->database, "PRAGMA user_version = 3");
    assert_no_reader(folder->database, ST_CONFLICT, "has schema version 3, this program reads");
    execute(folder->database, "PRAGMA user_version = 1000");
    assert_no_reader(folder->database, ST_CONFLICT, "has schema version 1000, this program knows");
    unlink(folder->database);

    execute(folder->database, "CREATE TABLE recipe (id INTEGER)");
    assert_no_reader(folder->database, ST_STORE, "another program");
    unlink(folder->database);

    FILE *file = fopen(folder->database, "w");
    assert_non_null(file);
    for (int i = 0; i < 1000; i++) {
        fputs("this is no database", file);
    }
    fclose(file);
    assert_no_reader(folder->database, ST_STORE, "is not a database");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_beside_the_daemon, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(never_writes, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(unfit_databases_are_refused, folder_setup, folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
