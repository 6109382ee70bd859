/*
 * test_sqlite_migrate.c - databases that earlier releases left, with a charge in flight: they are
 * brought on, and the charge goes on.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "mws/edge/crypto.h"
#include "schema/chain.h"
#include "schema/migration.h"
#include "tests/schema/conformance.h"
#include "tests/schema/database.h"

/* Copies the columns that both have of a table of the database attached as `new`. */
static void copy_table(sqlite3 *db, const char *table)
{
    char sql[2048];
    snprintf(sql, sizeof sql,
             "SELECT group_concat(old.name, ', ') FROM pragma_table_info('%s', 'main') AS old"
             " JOIN pragma_table_info('%s', 'new') AS new ON new.name = old.name",
             table, table);
    sqlite3_stmt *stmt = NULL;
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    const char *columns = (const char *)sqlite3_column_text(stmt, 0);
    snprintf(sql, sizeof sql, "INSERT OR REPLACE INTO %s (%s) SELECT %s FROM new.%s", table,
             columns, columns, table);
    sqlite3_finalize(stmt);
    char *error = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK) {
        fail_msg("%s: %s", sql, error);
    }
}

/* A database as the release with `version` migrations left it, with `account` in it. */
static void make_old_database(const char *path, struct account *account, unsigned version)
{
    struct store *store = open_ok(path);
    record_new(store, account);
    store->ops->close(store);

    char old[128];
    char sql[192];
    snprintf(old, sizeof old, "%s.old", path);
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(old, &db), SQLITE_OK);
    for (unsigned i = 0; i < version; i++) {
        assert_int_equal(sqlite_migrations[i].number, i + 1);
        assert_int_equal(sqlite3_exec(db, sqlite_migrations[i].sql, NULL, NULL, NULL), SQLITE_OK);
    }
    snprintf(sql, sizeof sql, "PRAGMA user_version = %u; ATTACH '%s' AS new", version, path);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    const char *const tables[] = {"agreement", "subscription", "charge",
                                  "attempt",   "event",        "seller"};
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        copy_table(db, tables[i]);
    }
    sqlite3_close(db);
    assert_int_equal(rename(old, path), 0);
}

/* What an account was before migration 0004 knew the rest of it. */
static void as_version_3(struct account *account)
{
    struct agreement *agreement = &account->agreement;
    agreement->close_forced = false;
    agreement->stopped = REASON_NONE;
    agreement->limit.is_told = false;
    agreement->validated_at = INSTANT_NEVER;
    struct subscription *subscription = &account->subscriptions[0];
    snprintf(subscription->policy_name, sizeof subscription->policy_name, "default");
    subscription->next_amount = money_of(0, "");
    subscription->next_amount_at = INSTANT_NEVER;
    subscription->cycle_base = 0;
    subscription->due_is_moved = false;
    subscription->is_stopped = false;
    subscription->resume_at = INSTANT_NEVER;
    subscription->successor_agreement_id[0] = '\0';
    subscription->successor_key[0] = '\0';
    subscription->hand_over_at = INSTANT_NEVER;
    subscription->hand_over_tries = 0;
    struct charge *charge = &account->charges[0];
    charge->policy_version = 0;
    charge->is_approved = false;
    charge->word = WORD_NONE;
    charge->attempt.capture_now = true;
    charge->attempt.capture_number = 0;
    charge->attempt.expires_at = INSTANT_NEVER;
    charge->attempt.is_warned = false;
}

static void as_version_1(struct account *account)
{
    as_version_3(account);
    account->subscriptions[0].idempotency_key[0] = '\0'; /* there was none */
    account->charges[0].attempt.timeout_minutes = 0;     /* as everything was sent */
    account->charges[0].extra_attempts = 0;
}

/* The charge in flight is what it was, and goes on: its answer is recorded, and a notice about it
 * finds it. */
static void assert_goes_on(struct store *store, struct account *account)
{
    struct account loaded;
    struct problem problem = {""};
    assert_int_equal(
        store->ops->load_account(store, SELLER, account->agreement.id, &loaded, &problem), ST_OK);
    assert_same_agreement(&account->agreement, &loaded.agreement);
    assert_int_equal(loaded.subscription_count, 1);
    assert_same_subscription(&account->subscriptions[0], &loaded.subscriptions[0]);
    assert_int_equal(loaded.charge_count, 1);
    assert_same_charge(&account->charges[0], &loaded.charges[0]);
    struct seller_totals totals;
    assert_int_equal(store->ops->totals(store, SELLER, SAMPLE_NOW, &totals, &problem), ST_OK);
    assert_int_equal(totals.agreements, 1);
    assert_int_equal(totals.subscriptions, 1);
    assert_int_equal(totals.unanswered_attempts, 1);
    uint64_t due = 0;
    assert_int_equal(store->ops->start(store, SAMPLE_NOW, &due, &problem), ST_OK);
    assert_int_equal(due, 1);

    struct notice notice;
    sample_notice(&notice, SELLER, NOTICE_AUTHORIZATION, 1);
    memcpy(notice.reference_id, account->charges[0].attempt.reference_id,
           sizeof notice.reference_id);
    assert_int_equal(store->ops->keep_notices(store, &notice, 1, &problem), ST_OK);
    struct notice_work work;
    uint32_t count = 0;
    assert_int_equal(store->ops->open_notices(store, 0, 1, &work, &count, &problem), ST_OK);
    assert_int_equal(count, 1);

    struct change_view events[3];
    assert_int_equal(store->ops->list_changes(store, SELLER, 0, 3, events, &count, &problem),
                     ST_OK);
    assert_int_equal(count, 1);
    static const uint8_t none[DIGEST_BYTES];
    assert_memory_equal(events[0].digest, none, sizeof none);

    sample_capture(&account->charges[0]);
    struct effects effects;
    sample_effects(account, false, &effects);
    struct step_record step = {account, &effects, SAMPLE_NOW, ST_NETWORK};
    assert_int_equal(store->ops->record(store, &step, 1, &problem), ST_OK);
    assert_int_equal(step.status, ST_OK);
    struct charge_view view;
    struct attempt attempt;
    assert_int_equal(store->ops->read_charge(store, SELLER, account->charges[0].id, &view, &attempt,
                                             1, &count, &problem),
                     ST_OK);
    assert_same_charge(&account->charges[0], &view.charge);

    /* The chain begins with what is written now. */
    uint8_t digest[DIGEST_BYTES];
    assert_int_equal(store->ops->list_changes(store, SELLER, 1, 3, events, &count, &problem),
                     ST_OK);
    assert_int_equal(count, 1);
    chain_digest(sha256, none, SELLER, &events[0], digest);
    assert_memory_equal(events[0].digest, digest, sizeof digest);
}

static int64_t clock_ms(void)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT strftime('%s', 'now')", -1, &stmt, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    int64_t seconds = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    return seconds * 1000;
}

/* A shop that was quiet for weeks, when nothing was written, was not down for weeks. */
static void assert_written_since(struct store *store, int64_t utc_ms)
{
    struct instant written_at;
    struct problem problem = {""};
    assert_int_equal(store->ops->last_write(store, &written_at, &problem), ST_OK);
    assert_true(written_at.utc_ms != INSTANT_NEVER.utc_ms);
    assert_true(written_at.utc_ms >= utc_ms);
}

static void assert_brought_on(const struct folder *folder, unsigned version,
                              void (*as_it_was)(struct account *account))
{
    struct account account;
    sample_agreement(&account, SELLER, 1);
    sample_attempt(sample_charge(&account, sample_subscription(&account, 1)));
    /* What it could not have been yet is not copied, and must not be refused on the way. */
    make_old_database(folder->database, &account, version);
    as_it_was(&account);
    int64_t before_ms = clock_ms();
    struct store *store = open_ok(folder->database);
    assert_written_since(store, before_ms);
    assert_goes_on(store, &account);
    store->ops->close(store);
    store = open_ok(folder->database); /* and is brought on once only */
    store->ops->close(store);
    unlink(folder->database);
}

static void old_databases_are_brought_on(void **state)
{
    assert_brought_on(*state, 1, as_version_1);
    assert_brought_on(*state, 3, as_version_3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(old_databases_are_brought_on, folder_setup,
                                        folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
