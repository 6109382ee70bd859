/*
 * test_sqlite.c - the SQLite store: the conformance cases, and what only a file on a disk can have
 * happen to it.
 *
 * Anything that needs another user, another process or a full disk runs in a child process, which
 * says by its exit code whether all went well.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mws/edge/crypto.h"
#include "schema/migration.h"
#include "tests/schema/conformance.h"
#include "tests/schema/database.h"

#define NOBODY 65534

/* Opening fails with `status` and a sentence that has `words` in it. */
static void assert_refused(const char *path, enum status status, const char *words)
{
    struct store *store = NULL;
    struct problem problem = {""};
    enum status opened = store_sqlite_open(path, sha256, &store, &problem);
    if (opened == ST_OK) {
        store->ops->close(store);
    }
    if (opened != status || strstr(problem.text, words) == NULL) {
        fail_msg("expected %s and \"%s\", got %s and \"%s\"", status_name(status), words,
                 status_name(opened), problem.text);
    }
    assert_null(store);
}

static void write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

/* Waits for a child that ends by exit(0) when it is content. */
static void assert_content(pid_t child)
{
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* ---- opening ---- */

static void second_opener_is_told(void **state)
{
    struct folder *folder = *state;
    struct store *store = open_ok(folder->database);
    char pid[32];
    snprintf(pid, sizeof pid, "process %d", (int)getpid());
    assert_refused(folder->database, ST_BUSY, pid);
    assert_int_equal(symlink(folder->database, folder->link), 0);
    assert_refused(folder->link, ST_BUSY, pid); /* by another name */

    pid_t child = fork();
    if (child == 0) {
        struct store *second = NULL;
        struct problem problem = {""};
        _exit(store_sqlite_open(folder->database, sha256, &second, &problem) == ST_BUSY ? 0 : 1);
    }
    assert_content(child);
    /* The refused openers took nothing away from the first. */
    assert_refused(folder->database, ST_BUSY, pid);
    struct problem problem;
    assert_int_equal(store->ops->probe(store, SAMPLE_NOW, &problem), ST_OK);
    store->ops->close(store);
    store = open_ok(folder->database);
    store->ops->close(store);
}

static void readers_may_read(void **state)
{
    struct folder *folder = *state;
    struct store *store = open_ok(folder->database);
    struct problem problem;
    assert_int_equal(store->ops->probe(store, SAMPLE_NOW, &problem), ST_OK);
    sqlite3 *reader = NULL;
    assert_int_equal(sqlite3_open_v2(folder->database, &reader, SQLITE_OPEN_READONLY, NULL),
                     SQLITE_OK);
    sqlite3_stmt *stmt = NULL;
    assert_int_equal(sqlite3_prepare_v2(reader, "SELECT at FROM probe", -1, &stmt, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW); /* and stays in its transaction */
    assert_int_equal(sqlite3_column_int64(stmt, 0), SAMPLE_NOW.utc_ms);
    assert_int_equal(store->ops->probe(store, sample_at(1), &problem), ST_OK);
    sqlite3_finalize(stmt);
    sqlite3_close(reader);
    store->ops->close(store);
}

static void foreign_writer_is_named(void **state)
{
    struct folder *folder = *state;
    struct store *store = open_ok(folder->database);
    sqlite3 *writer = NULL;
    assert_int_equal(sqlite3_open(folder->database, &writer), SQLITE_OK);
    assert_int_equal(sqlite3_exec(writer, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    struct problem problem = {""};
    assert_int_equal(store->ops->probe(store, SAMPLE_NOW, &problem), ST_STORE);
    assert_non_null(strstr(problem.text, "another program"));
    sqlite3_close(writer);
    assert_int_equal(store->ops->probe(store, SAMPLE_NOW, &problem), ST_OK);
    store->ops->close(store);
}

static void files_are_private(void **state)
{
    struct folder *folder = *state;
    mode_t before = umask(0);
    struct store *store = open_ok(folder->database);
    struct problem problem;
    assert_int_equal(store->ops->probe(store, SAMPLE_NOW, &problem), ST_OK);
    const char *const names[] = {"", "-wal", "-shm", ".lock"};
    for (size_t i = 0; i < 4; i++) {
        char path[128];
        struct stat st;
        snprintf(path, sizeof path, "%s%s", folder->database, names[i]);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
    }
    umask(before);
    store->ops->close(store);
}

static void newer_version_is_refused(void **state)
{
    struct folder *folder = *state;
    struct store *store = open_ok(folder->database);
    store->ops->close(store);
    execute(folder->database, "PRAGMA user_version = 1000");
    assert_refused(folder->database, ST_CONFLICT, "schema version 1000");
    char back[64];
    snprintf(back, sizeof back, "PRAGMA user_version = %u",
             sqlite_migrations[sqlite_migration_count - 1].number);
    execute(folder->database, back);
    store = open_ok(folder->database);
    store->ops->close(store);
}

static void unfit_files_are_refused(void **state)
{
    struct folder *folder = *state;
    char text[8192];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    write_file(folder->database, text);
    assert_refused(folder->database, ST_STORE, "is not a database");
    unlink(folder->database);

    execute(folder->database, "CREATE TABLE recipe (id INTEGER)");
    assert_refused(folder->database, ST_STORE, "another program");
    unlink(folder->database);

    assert_refused(folder->path, ST_STORE, "is it a file");
    char lock[96];
    snprintf(lock, sizeof lock, "%s.lock", folder->path);
    unlink(lock);
    assert_refused("/nonexistent/folder/autopay.db", ST_STORE, "no such folder");

    /* An empty file, as a crash right after its creation leaves it, is a new database. */
    write_file(folder->database, "");
    struct store *store = open_ok(folder->database);
    store->ops->close(store);
    execute(folder->database, "DROP TABLE event");
    assert_refused(folder->database, ST_STORE, "no such table");
}

/* As a user to whom permissions apply: root may write everything. */
static void as_nobody(const struct folder *folder, const char *words)
{
    if (geteuid() == 0 && setresuid(NOBODY, NOBODY, NOBODY) != 0) {
        _exit(2);
    }
    struct store *store = NULL;
    struct problem problem = {""};
    enum status status = store_sqlite_open(folder->database, sha256, &store, &problem);
    if (status != ST_STORE || strstr(problem.text, words) == NULL) {
        fprintf(stderr, "%s: %s\n", status_name(status), problem.text);
        _exit(1);
    }
    _exit(0);
}

static void read_only_is_refused(void **state)
{
    struct folder *folder = *state;
    struct store *store = open_ok(folder->database);
    store->ops->close(store);
    char lock[128];
    snprintf(lock, sizeof lock, "%s.lock", folder->database);
    unlink(lock);

    chmod(folder->database, 0444);
    chmod(folder->path, 0777);
    pid_t child = fork();
    if (child == 0) {
        as_nobody(folder, "is read-only");
    }
    assert_content(child);
    unlink(lock);

    chmod(folder->database, 0666);
    chmod(folder->path, 0555);
    child = fork();
    if (child == 0) {
        as_nobody(folder, "does not let this user write");
    }
    assert_content(child);
}

/* ---- damage ---- */

static void impossible_row_is_not_believed(void **state)
{
    struct folder *folder = *state;
    struct store *store = open_ok(folder->database);
    struct account account;
    sample_agreement(&account, SELLER, 1);
    sample_subscription(&account, 1);
    record_new(store, &account);
    struct problem problem = {""};
    store->ops->close(store);

    const char *const damages[] = {
        "UPDATE subscription SET currency = 'XXX'",
        "UPDATE subscription SET currency = 'JPY', rule_anchor = '2026-02-31'",
        "UPDATE subscription SET rule_anchor = '2026-01-31', next_cycle = 4294967296",
        "UPDATE subscription SET next_cycle = 3, zone = printf('%048d', 0)",
    };
    for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
        execute(folder->database, damages[i]);
        store = open_ok(folder->database);
        struct account loaded;
        assert_int_equal(
            store->ops->load_account(store, SELLER, account.agreement.id, &loaded, &problem),
            ST_STORE);
        assert_non_null(strstr(problem.text, "out of its range"));
        assert_int_equal(store->ops->probe(store, SAMPLE_NOW, &problem), ST_OK);
        store->ops->close(store);
    }
}

/* ---- full disk ---- */

/* Records new accounts, ten a batch, until a batch fails, at most `max`; how many were recorded. */
static uint64_t record_until_full(struct store *store, uint64_t first, uint64_t max,
                                  enum status *status, struct problem *problem)
{
    static struct account accounts[10];
    static struct effects effects[10];
    struct step_record steps[10];
    uint64_t done = 0;
    *status = ST_OK;
    while (done < max) {
        for (uint64_t i = 0; i < 10; i++) {
            sample_agreement(&accounts[i], SELLER, first + done + i);
            sample_subscription(&accounts[i], first + done + i);
            sample_effects(&accounts[i], true, &effects[i]);
            steps[i] = (struct step_record){&accounts[i], &effects[i], SAMPLE_NOW, ST_NETWORK};
        }
        *status = store->ops->record(store, steps, 10, problem);
        if (*status != ST_OK) {
            break;
        }
        done += 10;
    }
    return done;
}

#define EXPECT(condition)                                                                          \
    ((condition) ? (void)0                                                                         \
                 : (fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition), _exit(1)))

/* Everything acknowledged is there, and the events have no gap. */
static void expect_complete(struct store *store, uint64_t recorded)
{
    static struct change_view views[1000];
    struct problem problem = {""};
    struct seller_totals totals;
    EXPECT(store->ops->totals(store, SELLER, SAMPLE_NOW, &totals, &problem) == ST_OK);
    EXPECT(totals.agreements == recorded);
    EXPECT(totals.subscriptions == recorded);
    uint64_t number = 0;
    uint32_t count = 1;
    while (count > 0) {
        EXPECT(store->ops->list_changes(store, SELLER, number, 1000, views, &count, &problem) ==
               ST_OK);
        for (uint32_t i = 0; i < count; i++) {
            EXPECT(views[i].number == ++number);
        }
    }
    EXPECT(number == recorded); /* one change for each account */
}

static void fill_and_recover(const char *database, void (*make_room)(const char *folder),
                             const char *folder)
{
    struct store *store = NULL;
    struct problem problem = {""};
    enum status status = ST_OK;
    EXPECT(store_sqlite_open(database, sha256, &store, &problem) == ST_OK);
    uint64_t recorded = record_until_full(store, 0, 1000000, &status, &problem);
    if (status != ST_FULL) {
        fprintf(stderr, "%s: %s\n", status_name(status), problem.text);
    }
    EXPECT(status == ST_FULL);
    EXPECT(strstr(problem.text, "space") != NULL);
    EXPECT(recorded > 0);
    expect_complete(store, recorded); /* nothing of the refused batch */
    make_room(folder);
    EXPECT(store->ops->probe(store, SAMPLE_NOW, &problem) == ST_OK);
    uint64_t more = record_until_full(store, recorded, 500, &status, &problem);
    EXPECT(status == ST_OK);
    EXPECT(more == 500);
    expect_complete(store, recorded + more);
    store->ops->close(store);
    EXPECT(store_sqlite_open(database, sha256, &store, &problem) == ST_OK);
    expect_complete(store, recorded + more);
    store->ops->close(store);
    _exit(0);
}

static void lift_file_limit(const char *folder)
{
    (void)folder;
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_FSIZE, &limit);
}

static void file_size_limit_is_a_full_disk(void **state)
{
    struct folder *folder = *state;
    pid_t child = fork();
    if (child == 0) {
        signal(SIGXFSZ, SIG_IGN); /* then a write beyond the limit fails with EFBIG */
        struct rlimit limit;
        getrlimit(RLIMIT_FSIZE, &limit);
        limit.rlim_cur = 2 << 20;
        setrlimit(RLIMIT_FSIZE, &limit);
        fill_and_recover(folder->database, lift_file_limit, folder->path);
    }
    assert_content(child);
}

static void enlarge_disk(const char *folder)
{
    EXPECT(mount("none", folder, "tmpfs", MS_REMOUNT, "size=64m") == 0);
}

/* What is left of a disk belongs to the answers, not to what anybody may tell. */
static void expect_no_notices_kept(const char *database)
{
    struct store *store = NULL;
    struct problem problem = {""};
    struct notice notice = {.seller_id = SELLER,
                            .message_id = "m",
                            .kind = NOTICE_OTHER,
                            .updated_at = INSTANT_NEVER,
                            .received_at = SAMPLE_NOW};
    EXPECT(store_sqlite_open(database, sha256, &store, &problem) == ST_OK);
    EXPECT(store->ops->keep_notices(store, &notice, 1, &problem) == ST_FULL);
    EXPECT(store->ops->probe(store, SAMPLE_NOW, &problem) == ST_OK);
    store->ops->close(store);
}

/* A small disk of its own. Needs the right to mount, which the file size limit above does not. */
static void full_disk_is_full(void **state)
{
    struct folder *folder = *state;
    pid_t child = fork();
    if (child == 0) {
        if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
            mount("none", folder->path, "tmpfs", 0, "size=2m") != 0) {
            _exit(77);
        }
        expect_no_notices_kept(folder->database);
        fill_and_recover(folder->database, enlarge_disk, folder->path);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77) {
        print_message("no right to mount a small disk here: skipped\n");
        skip();
    }
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* ---- a batch bigger than the page cache ---- */

#define BIG_BATCH 6000

/* SQLite then writes pages to its log before the commit, reads some of them back and writes them
 * again. */
static void big_batch_is_whole(void **state)
{
    struct folder *folder = *state;
    struct account *accounts = calloc(BIG_BATCH, sizeof *accounts);
    struct effects *effects = calloc(BIG_BATCH, sizeof *effects);
    struct step_record *steps = calloc(BIG_BATCH, sizeof *steps);
    assert_non_null(accounts);
    assert_non_null(effects);
    assert_non_null(steps);
    for (uint64_t i = 0; i < BIG_BATCH; i++) {
        sample_agreement(&accounts[i], SELLER, i * 1009 % BIG_BATCH);
        sample_subscription(&accounts[i], i * 1009 % BIG_BATCH);
        sample_effects(&accounts[i], true, &effects[i]);
        steps[i] = (struct step_record){&accounts[i], &effects[i], SAMPLE_NOW, ST_NETWORK};
    }
    struct problem problem = {""};
    struct store *store = open_ok(folder->database);
    assert_int_equal(store->ops->record(store, steps, BIG_BATCH, &problem), ST_OK);
    char log[128];
    struct stat st;
    snprintf(log, sizeof log, "%s-wal", folder->database);
    assert_int_equal(stat(log, &st), 0);
    assert_true(st.st_size > (5 << 19)); /* 2.5 MiB; the cache has 2 */

    /* Another program reads the log as it is on the disk, before it is folded back. */
    sqlite3 *reader = NULL;
    assert_int_equal(sqlite3_open_v2(folder->database, &reader, SQLITE_OPEN_READONLY, NULL),
                     SQLITE_OK);
    sqlite3_stmt *check = NULL;
    assert_int_equal(sqlite3_prepare_v2(reader, "PRAGMA integrity_check", -1, &check, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(check), SQLITE_ROW);
    assert_string_equal((const char *)sqlite3_column_text(check, 0), "ok");
    sqlite3_finalize(check);
    sqlite3_close(reader);
    expect_complete(store, BIG_BATCH);
    store->ops->close(store);
    store = open_ok(folder->database);
    expect_complete(store, BIG_BATCH);
    store->ops->close(store);
    free(accounts);
    free(effects);
    free(steps);
}

/* ---- kill -9 ---- */

/* Records batches for ever and says after each how many accounts are acknowledged. */
static void write_until_killed(const char *database, int acknowledge)
{
    struct store *store = NULL;
    struct problem problem = {""};
    EXPECT(store_sqlite_open(database, sha256, &store, &problem) == ST_OK);
    struct seller_totals totals;
    EXPECT(store->ops->totals(store, SELLER, SAMPLE_NOW, &totals, &problem) == ST_OK);
    uint64_t recorded = totals.agreements;
    for (;;) {
        enum status status = ST_OK;
        recorded += record_until_full(store, recorded, 10, &status, &problem);
        EXPECT(status == ST_OK);
        EXPECT(write(acknowledge, &recorded, sizeof recorded) == sizeof recorded);
    }
}

static void killed_writer_loses_nothing(void **state)
{
    struct folder *folder = *state;
    uint64_t before = 0;
    for (int round = 0; round < 8; round++) {
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        if (child == 0) {
            close(ends[0]);
            write_until_killed(folder->database, ends[1]);
        }
        close(ends[1]);
        uint64_t acknowledged = 0;
        for (int batch = 0; batch < 3 + 5 * round; batch++) { /* and into the next batch */
            assert_int_equal(read(ends[0], &acknowledged, sizeof acknowledged),
                             sizeof acknowledged);
        }
        kill(child, SIGKILL);
        int status = 0;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        while (read(ends[0], &acknowledged, sizeof acknowledged) == sizeof acknowledged) {
        }
        close(ends[0]);

        struct store *store = open_ok(folder->database); /* and the lock is free */
        struct problem problem = {""};
        struct seller_totals totals;
        assert_int_equal(store->ops->totals(store, SELLER, SAMPLE_NOW, &totals, &problem), ST_OK);
        assert_true(acknowledged > before);
        assert_true(totals.agreements >= acknowledged);
        assert_int_equal(totals.agreements % 10, 0); /* whole batches */
        before = totals.agreements;
        pid_t checker = fork(); /* EXPECT ends its process */
        if (checker == 0) {
            expect_complete(store, before);
            _exit(0);
        }
        assert_content(checker);
        store->ops->close(store);
    }
}

/* ---- the factory of the conformance cases ---- */

static struct store *create(void *context)
{
    folder_make(context);
    return open_ok(((struct folder *)context)->database);
}

static struct store *reopen(void *context, struct store *store)
{
    store->ops->close(store);
    return open_ok(((struct folder *)context)->database);
}

static void destroy(void *context, struct store *store)
{
    store->ops->close(store);
    folder_remove(context);
}

int main(void)
{
    struct folder folder;
    const struct store_factory factory = {&folder, create, reopen, destroy};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(second_opener_is_told, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(readers_may_read, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(foreign_writer_is_named, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(files_are_private, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(newer_version_is_refused, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(unfit_files_are_refused, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(read_only_is_refused, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(impossible_row_is_not_believed, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(file_size_limit_is_a_full_disk, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(full_disk_is_full, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(big_batch_is_whole, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(killed_writer_loses_nothing, folder_setup, folder_teardown),
    };
    int failed = conformance_run(&factory);
    return failed + cmocka_run_group_tests_name("sqlite", tests, NULL, NULL);
}
