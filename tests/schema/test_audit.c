/*
 * test_audit.c - the auditor finds nothing in what the real core and store wrote, and everything
 * that was done to it since.
 *
 * Each damage is SQL on a copy of a clean database, with every guard of the schema out of the way,
 * and words that one of the findings must have. Damages are what a person with a database shell, a
 * failing disk or a bug of ours could do.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mws/edge/crypto.h"
#include "schema/audit.h"
#include "tests/schema/audit_world.h"
#include "tests/schema/database.h"

#define FINDINGS_MAX 64
#define GUARDS_MAX   64

struct heard {
    uint32_t count;
    char text[FINDINGS_MAX][AUDIT_OBJECT_MAX + AUDIT_SENTENCE_MAX + SELLER_ID_MAX + 8];
    uint32_t totals, heads;
    struct audit_total total[32];
    struct audit_head head[4];
};

static void on_finding(void *arg, const struct audit_finding *finding)
{
    struct heard *heard = arg;
    if (heard->count < FINDINGS_MAX) {
        (void)snprintf(heard->text[heard->count], sizeof heard->text[0], "%s %s: %s",
                       finding->seller_id, finding->object, finding->sentence);
    }
    heard->count++;
}

static void on_total(void *arg, const struct audit_total *total)
{
    struct heard *heard = arg;
    assert_true(heard->totals < 32);
    heard->total[heard->totals++] = *total;
}

static void on_head(void *arg, const struct audit_head *head)
{
    struct heard *heard = arg;
    assert_true(heard->heads < 4);
    heard->head[heard->heads++] = *head;
}

static struct audit_counts audit(const char *path, struct heard *heard)
{
    struct problem problem = {""};
    struct audit_counts counts;
    const struct audit_listener listener = {heard, on_finding, on_total, on_head};
    memset(heard, 0, sizeof *heard);
    enum status status = audit_sqlite(path, sha256, &listener, &counts, &problem);
    if (status != ST_OK) {
        fail_msg("audit_sqlite: %s", problem.text);
    }
    assert_int_equal(counts.findings, heard->count);
    return counts;
}

static void print_findings(const struct heard *heard)
{
    for (uint32_t i = 0; i < heard->count && i < FINDINGS_MAX; i++) {
        (void)fprintf(stderr, "    %s\n", heard->text[i]);
    }
}

static bool has_words(const struct heard *heard, const char *words)
{
    for (uint32_t i = 0; i < heard->count && i < FINDINGS_MAX; i++) {
        if (strstr(heard->text[i], words) != NULL) {
            return true;
        }
    }
    return false;
}

/* --- a database and what is done to it ------------------------------------------------------- */

struct fixture {
    struct folder folder;
    char clean[96];
    char damaged[96];
    struct heard heard;
};

static void run_sql(sqlite3 *db, const char *sql, const char *name)
{
    char *message = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK) {
        fail_msg("%s: %s: %s", name, sql, message);
    }
}

/* The clean one was closed: it is one file. */
static void copy_clean(const struct fixture *fixture)
{
    char bytes[65536];
    size_t count = 0;
    FILE *from = fopen(fixture->clean, "rb");
    FILE *to = fopen(fixture->damaged, "wb");
    assert_non_null(from);
    assert_non_null(to);
    while ((count = fread(bytes, 1, sizeof bytes, from)) > 0) {
        assert_int_equal(fwrite(bytes, 1, count, to), count);
    }
    assert_int_equal(fclose(from), 0);
    assert_int_equal(fclose(to), 0);
}

/* What the schema has against damage: triggers and unique indexes. */
struct guards {
    int count;
    char *sql[GUARDS_MAX]; /* makes it again; freed with sqlite3_free() */
};

static void drop_guards(sqlite3 *db, struct guards *guards)
{
    char *drops[GUARDS_MAX];
    sqlite3_stmt *row = NULL;
    guards->count = 0;
    run_sql(db, "PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY", "guards");
    assert_int_equal(sqlite3_prepare_v2(db,
                                        "SELECT type, name, sql FROM sqlite_schema"
                                        " WHERE type = 'trigger' OR sql LIKE 'CREATE UNIQUE %'",
                                        -1, &row, NULL),
                     SQLITE_OK);
    while (sqlite3_step(row) == SQLITE_ROW) {
        assert_true(guards->count < GUARDS_MAX);
        drops[guards->count] =
            sqlite3_mprintf("DROP %s %s", sqlite3_column_text(row, 0), sqlite3_column_text(row, 1));
        guards->sql[guards->count++] = sqlite3_mprintf("%s", sqlite3_column_text(row, 2));
    }
    sqlite3_finalize(row);
    for (int i = 0; i < guards->count; i++) {
        run_sql(db, drops[i], "guards");
        sqlite3_free(drops[i]);
    }
}

/* A unique index that the damage makes impossible stays away. */
static void make_guards(sqlite3 *db, struct guards *guards)
{
    for (int i = 0; i < guards->count; i++) {
        int code = sqlite3_exec(db, guards->sql[i], NULL, NULL, NULL);
        assert_true(code == SQLITE_OK || code == SQLITE_CONSTRAINT);
        sqlite3_free(guards->sql[i]);
    }
    run_sql(db, "PRAGMA journal_mode = WAL", "guards");
}

static void do_damage(const struct fixture *fixture, const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(fixture->damaged, &db), SQLITE_OK);
    run_sql(db, "PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON", "guards");
    struct guards guards;
    drop_guards(db, &guards);
    run_sql(db, sql, "damage");
    make_guards(db, &guards);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* --- what is found --------------------------------------------------------------------------- */

static void nothing_is_found_in_a_clean_one(void **state)
{
    struct fixture *fixture = *state;
    struct audit_counts counts = audit(fixture->clean, &fixture->heard);
    print_findings(&fixture->heard);
    assert_int_equal(counts.findings, 0);
    assert_int_equal(counts.agreements, 3);
    assert_int_equal(counts.subscriptions, 4);
    assert_true(counts.charges > 15);
    assert_true(counts.attempts > 15);
    assert_int_equal(counts.refunds, 2);
    assert_true(counts.events > 80);
}

static void totals_are_told(void **state)
{
    struct fixture *fixture = *state;
    struct heard *heard = &fixture->heard;
    (void)audit(fixture->clean, heard);
    assert_true(heard->totals > 8);
    const struct audit_total *january = &heard->total[0];
    assert_string_equal(january->seller_id, AUDIT_SELLER);
    assert_string_equal(january->agreement_id, AUDIT_AGREEMENT);
    assert_string_equal(january->period, "2026-01");
    assert_true(money_equal(january->captured, money_of(1200 + 800 + 300, "JPY")));
    assert_int_equal(january->captures, 3);
    assert_true(money_equal(january->refunded, money_of(500, "JPY")));
    assert_int_equal(january->refunds, 1);
    assert_int_equal(heard->heads, 2);
    assert_string_equal(heard->head[0].seller_id, AUDIT_SELLER);
    static const uint8_t none[DIGEST_BYTES];
    assert_memory_not_equal(heard->head[0].digest, none, DIGEST_BYTES);
    assert_memory_not_equal(heard->head[0].digest, heard->head[1].digest, DIGEST_BYTES);
}

struct damage {
    const char *name;
    const char *sql;
    const char *words;
};

#define FIRST_CHARGE           "'" AUDIT_KEY "-1'"
#define OF_SELLER              "seller_id = '" AUDIT_SELLER "' AND "
#define SET_EVENT(what, which) "UPDATE event SET " what " WHERE " OF_SELLER which

/* clang-format off */
static const struct damage damages[] = {
    /* the chain */
    {"an event's reason is edited", SET_EVENT("reason = 42", "number = 9"), "event 9: its digest"},
    {"an event's time is edited", SET_EVENT("at = at + 1", "number = 9"), "event 9: its digest"},
    {"an event's subject is edited", SET_EVENT("subject = 'X'", "number = 9"), "event 9: its digest"},
    {"an event's amount is edited", SET_EVENT("amount_minor = 1", "number = 9"), "event 9: its digest"},
    {"an event's amount is taken out", SET_EVENT("amount_minor = NULL, currency = NULL",
        "number = (SELECT max(number) FROM event WHERE seller_id = '" AUDIT_SELLER "' AND amount_minor IS NOT NULL)"),
        "its digest is not that of its text"},
    {"an event's time to come is edited", SET_EVENT("until_at = 5", "number = 9"), "event 9: its digest"},
    {"a digest is edited", SET_EVENT("digest = zeroblob(32)", "number = 9"), "event 9: its digest"},
    {"a digest is taken out", SET_EVENT("digest = NULL", "number = 9"), "event 9: it has no digest"},
    {"an event is deleted", "DELETE FROM event WHERE " OF_SELLER "number = 9", "event 9 is missing"},
    {"two events are deleted", "DELETE FROM event WHERE " OF_SELLER "number IN (9, 10)",
        "the events 9 to 10 are missing"},
    {"the last event is deleted", "DELETE FROM event WHERE " OF_SELLER
        "number = (SELECT event_count FROM seller WHERE seller_id = '" AUDIT_SELLER "')",
        "but the last one is"},
    {"the last event is deleted and the count mended", "DELETE FROM event WHERE " OF_SELLER
        "number = (SELECT event_count FROM seller WHERE seller_id = '" AUDIT_SELLER "');"
        "UPDATE seller SET event_count = event_count - 1", "its newest digest is not that"},
    {"two events are swapped", SET_EVENT("number = 1000000", "number = 9") ";"
        SET_EVENT("number = 9", "number = 10") ";" SET_EVENT("number = 10", "number = 1000000"),
        "event 10: its digest"},
    {"all events of a seller are deleted", "DELETE FROM event WHERE seller_id = '" AUDIT_OTHER "'",
        "it counts"},
    {"an event is of an unknown kind", SET_EVENT("kind = 77", "number = 9"), "77 is no kind"},
    {"an event is added", "INSERT INTO event SELECT seller_id, number + 1, at, agreement_id, kind,"
        " subject, from_state, to_state, reason, amount_minor, currency, until_at, digest FROM event"
        " WHERE " OF_SELLER "number = (SELECT event_count FROM seller WHERE seller_id = '"
        AUDIT_SELLER "')", "its digest is not that of its text"},
    {"the seller's digest is edited", "UPDATE seller SET digest = zeroblob(32)",
        "its newest digest is not that of its last event"},
    {"the seller's count is edited", "UPDATE seller SET event_count = event_count + 3",
        "events, but the last one is"},

    /* states that no event tells */
    {"a charge is set to paid", "UPDATE charge SET state = 6, final_at = 1 WHERE state = 7",
        "it is paid, but its events"},
    {"a paid charge is set to failed", "UPDATE charge SET state = 7 WHERE id = " FIRST_CHARGE,
        "it is captured, but its charge is failed"},
    {"an attempt is set to captured", "UPDATE attempt SET state = 4 WHERE reference_id = '"
        AUDIT_KEY "-2-1'", "2 of its attempts are captured"},
    {"a captured attempt is set to refused", "UPDATE attempt SET state = 6 WHERE reference_id = '"
        AUDIT_KEY "-1-1'", "it is paid, but none of its attempts is captured"},
    {"an agreement is set to suspended", "UPDATE agreement SET state = 4 WHERE id = '"
        AUDIT_AGREEMENT "'", "it is suspended, but its events"},
    {"a subscription is set to paused", "UPDATE subscription SET state = 5 WHERE key = '" AUDIT_KEY
        "'", "it is paused, but its events"},
    {"a canceled subscription lives again", "UPDATE subscription SET state = 1 WHERE state = 3",
        "it is active, but its events"},
    {"a refund is set to declined", "UPDATE refund SET state = 6 WHERE number = 1",
        "it is declined, but its events"},

    /* rows that are gone or too many */
    {"a charge is deleted", "DELETE FROM charge WHERE id = " FIRST_CHARGE,
        "tell of it, but there is no such charge"},
    {"a charge is deleted: its cycle", "DELETE FROM charge WHERE id = " FIRST_CHARGE,
        "cycle 1 has no charge, and no event tells why"},
    {"a charge is deleted: its attempt", "DELETE FROM charge WHERE id = " FIRST_CHARGE,
        "there is no charge " AUDIT_KEY "-1"},
    {"an attempt is deleted", "DELETE FROM attempt WHERE reference_id = '" AUDIT_KEY "-2-1'",
        "tell of it, but there is no such attempt"},
    {"an attempt is deleted: the numbers", "DELETE FROM attempt WHERE reference_id = '" AUDIT_KEY
        "-2-1'", "it has 1 attempts, but the last is number 2"},
    {"a refund is deleted", "DELETE FROM refund WHERE number = 1", "there is no such refund"},
    {"a refund is deleted: the sums", "DELETE FROM refund WHERE number = 1",
        "it counts 700 minor units in 2 refunds, but its refunds are 200 in 1"},
    {"a subscription is deleted", "DELETE FROM subscription WHERE key = '" AUDIT_KEY "'",
        "there is no such subscription"},
    {"an agreement is deleted", "DELETE FROM agreement WHERE id = '" AUDIT_AGREEMENT "'",
        "there is no agreement " AUDIT_AGREEMENT},
    {"a second captured attempt is added", "INSERT INTO attempt SELECT seller_id, charge_id, 2, charge_id || '-2', agreement_id, state,"
        " amount_minor, currency, timeout_minutes, reason, created_at, resend_at, unanswered,"
        " capture_now, capture_number, expires_at, is_warned, discover, answered_at, 'S', 'A', 'C'"
        " FROM attempt WHERE reference_id = '" AUDIT_KEY "-1-1'", "2 of its attempts are captured"},
    {"a second captured attempt is added: no event", "INSERT INTO attempt SELECT seller_id, charge_id, 2, charge_id || '-2', agreement_id, state,"
        " amount_minor, currency, timeout_minutes, reason, created_at, resend_at, unanswered,"
        " capture_now, capture_number, expires_at, is_warned, discover, answered_at, 'S', 'A', 'C'"
        " FROM attempt WHERE reference_id = '" AUDIT_KEY "-1-1'", "-1-2: no event tells of it"},
    {"an index is missing", "DROP INDEX charge_open", "index charge_open: it is missing"},
    {"a table is missing", "DROP TABLE probe", "table probe: it is missing"},
    {"a guard is weakened", "DROP INDEX charge_open; CREATE INDEX charge_open ON charge (state)",
        "index charge_open: it is not as this program makes it"},
    {"a second charge for a cycle", "INSERT INTO charge SELECT seller_id, 'AAAAAAAAAAAAAAAA-1',"
        " agreement_id, subscription_key, cycle, is_first, state, reason, amount_minor, currency,"
        " label, note, NULL, policy_version, due_at, retry_at, extra_attempts, is_approved, word,"
        " created_at, final_at, 0, 0 FROM charge WHERE id = " FIRST_CHARGE,
        "cycle 1 has 2 charges"},

    /* amounts */
    {"a charge's amount is edited", "UPDATE charge SET amount_minor = 1 WHERE id = " FIRST_CHARGE,
        "-1: it is of 1 minor units, its event told 1200"},
    {"a charge's amount is edited: the price", "UPDATE charge SET amount_minor = 9 WHERE id = '"
        AUDIT_KEY "-4'", "is of 9 minor units, but the price in force was 1500"},
    {"an attempt's amount is edited", "UPDATE attempt SET amount_minor = 12000 WHERE reference_id = '"
        AUDIT_KEY "-1-1'", "it is of 12000 JPY on " AUDIT_AGREEMENT ", its charge of 1200 JPY"},
    {"an attempt's currency is edited", "UPDATE attempt SET currency = 'USD' WHERE reference_id = '"
        AUDIT_KEY "-1-1'", "it is of 1200 USD"},
    {"an amount is negative", "UPDATE charge SET amount_minor = -5 WHERE id = " FIRST_CHARGE,
        "it is of -5 minor units"},
    {"a refund's amount is edited", "UPDATE refund SET amount_minor = 900 WHERE number = 1",
        "it is of 900 minor units, its event told 500"},
    {"a refund is above the bound", "UPDATE refund SET amount_minor = 5000 WHERE number = 1",
        "5200 minor units of it are refunded by the shop, of 1200 captured"},
    {"a charge's refunded sum is edited", "UPDATE charge SET refunded_minor = 0 WHERE id = "
        FIRST_CHARGE, "it counts 0 minor units in 2 refunds"},
    {"a refund is of a charge that was not paid", "UPDATE refund SET charge_id ="
        " 'OTHERAAAAAAAAAAA-2' WHERE number = 2", "its charge OTHERAAAAAAAAAAA-2 is failed"},

    /* ids */
    {"two attempts have one authorization", "UPDATE attempt SET authorization_id ="
        " (SELECT authorization_id FROM attempt WHERE reference_id = '" AUDIT_KEY "-1-1')"
        " WHERE reference_id = '" AUDIT_KEY "-3-1'", "have the same AmazonAuthorizationId"},
    {"two attempts have one capture", "UPDATE attempt SET capture_id ="
        " (SELECT capture_id FROM attempt WHERE reference_id = '" AUDIT_KEY "-1-1')"
        " WHERE reference_id = '" AUDIT_KEY "-3-1'", "have the same AmazonCaptureId"},
    {"a reference id is edited", "UPDATE attempt SET reference_id = 'X' WHERE reference_id = '"
        AUDIT_KEY "-1-1'", "its reference id is not CHARGE-NUMBER"},
    {"a charge's id is edited", "UPDATE charge SET id = 'abc-1' WHERE id = " FIRST_CHARGE,
        "its id is not KEY-CYCLE"},
    {"a refund's id is edited", "UPDATE refund SET id = 'R' WHERE number = 1",
        "its id is not CHARGE-R"},

    /* attempts and charges against each other */
    {"an attempt begins before the last is final", "UPDATE attempt SET created_at = 5 WHERE"
        " reference_id = '" AUDIT_KEY "-2-2'", "it was made before " AUDIT_KEY "-2-1 was final"},
    {"an attempt beside an open one", "UPDATE attempt SET state = 2 WHERE reference_id = '" AUDIT_KEY
        "-2-1'", "it was made while " AUDIT_KEY "-2-1 was unknown"},
    {"a final charge has an open attempt", "UPDATE attempt SET state = 2 WHERE reference_id = '"
        AUDIT_KEY "-1-1'", "it is paid, and its attempt " AUDIT_KEY "-1-1 is unknown"},
    {"an attempting charge has none", "DELETE FROM attempt WHERE state IN (1, 2)",
        "it is attempting, but none of its attempts is open"},
    {"a final charge has no end", "UPDATE charge SET final_at = NULL WHERE id = " FIRST_CHARGE,
        "it is paid since no known time"},
    {"an open charge has an end", "UPDATE charge SET final_at = 5 WHERE state = 5",
        "which is not final, but has a final time"},
    {"a held charge has no time", "UPDATE charge SET retry_at = NULL WHERE state = 5",
        "it is held until a time, but its agreement would not be looked at then"},

    /* the limit */
    {"a reservation is edited", "UPDATE agreement SET limit_reserved_minor = 0 WHERE id = '"
        AUDIT_AGREEMENT "'", "it has 0 minor units reserved, but its open attempts are of 800"},
    {"a reservation is left behind", "UPDATE agreement SET limit_reserved_minor = 77"
        " WHERE id <> '" AUDIT_AGREEMENT "'", "it has 77 minor units reserved, but its open"},
    {"more is posted than the limit", "UPDATE agreement SET limit_posted_minor = 60000",
        "are more than its limit of 50000"},
    {"the limit's currency is edited", "UPDATE agreement SET limit_currency = 'USD' WHERE id = '"
        AUDIT_AGREEMENT "'", "it is in JPY, its agreement's limit in USD"},

    /* cycles and times */
    {"a cycle is lost", "UPDATE subscription SET next_cycle = next_cycle + 1 WHERE key = '" AUDIT_KEY
        "'", "has no charge, and no event tells why"},
    {"cycles are lost", "UPDATE subscription SET next_cycle = next_cycle + 3 WHERE key = '" AUDIT_KEY
        "'", "have no charges, and no event tells why"},
    {"a cycle would come twice", "UPDATE subscription SET next_cycle = next_cycle - 1 WHERE key = '"
        AUDIT_KEY "'", "was opened or left out"},
    {"the first cycle is edited", "UPDATE subscription SET first_cycle = 2 WHERE key = '" AUDIT_KEY
        "'", "cycle 1 is before its first one"},
    {"a skip is told of another cycle", SET_EVENT("from_state = 3, to_state = 3", "kind = 7 AND"
        " subject = '" AUDIT_KEY "'"), "cycle 3 comes twice"},
    {"a subscription has no next cycle", "UPDATE subscription SET due_at = NULL WHERE key = '"
        AUDIT_KEY "'", "it is active, but has no next cycle"},
    {"a next cycle is in the past", "UPDATE subscription SET due_at = 5 WHERE key = '" AUDIT_KEY "'",
        "its next cycle is not due after the last one"},
    {"a due time is edited", "UPDATE charge SET due_at = created_at + 1 WHERE id = " FIRST_CHARGE,
        "it was made before it was due"},
    {"due times are swapped", "UPDATE charge SET due_at = 5 WHERE id = '" AUDIT_KEY "-3'",
        "it is not due after the cycle before it"},
    {"a due time is taken out", "UPDATE charge SET due_at = NULL WHERE id = " FIRST_CHARGE,
        "it has no due time"},
    {"an account is forgotten", "UPDATE agreement SET wake_at = NULL",
        "it will be due, but agreement " AUDIT_AGREEMENT " would not be looked at then"},
    {"an account is looked at too late", "UPDATE agreement SET wake_at = 9000000000000",
        "would not be looked at then"},
    {"a canceled subscription is still owed for", "UPDATE subscription SET state = 3 WHERE key ="
        " 'THIRDAAAAAAAAAAA'; UPDATE charge SET state = 5, retry_at = 5 WHERE id ="
        " 'THIRDAAAAAAAAAAA-3'", "it is held, but its subscription is canceled"},

    /* what counts, and what is referred to */
    {"a counter is edited", "UPDATE seller SET subscriptions = 9",
        "it counts 1 agreements and 9 subscriptions, but has 1 and 2"},
    {"a policy is deleted", "DELETE FROM policy", "it follows policy version 1, which is not kept"},
    {"a charge goes to another agreement", "UPDATE charge SET agreement_id = 'C01-0000002-0000001'"
        " WHERE id = " FIRST_CHARGE, "its subscription is of another agreement"},
    {"a value is out of its range", "UPDATE charge SET state = 99 WHERE id = " FIRST_CHARGE,
        "it is in an unknown state, but its events"},
};
/* clang-format on */

static void each_damage_is_found(void **state)
{
    struct fixture *fixture = *state;
    uint32_t missed = 0;
    for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
        copy_clean(fixture);
        do_damage(fixture, damages[i].sql);
        (void)audit(fixture->damaged, &fixture->heard);
        if (!has_words(&fixture->heard, damages[i].words)) {
            (void)fprintf(stderr, "%s: \"%s\" was not found, but:\n", damages[i].name,
                          damages[i].words);
            print_findings(&fixture->heard);
            missed++;
        }
    }
    assert_int_equal(missed, 0);
}

/* Events that are chained anew, so that only what they say is wrong. */
static void chain_anew(const char *path)
{
    static const char read[] =
        "SELECT number, seller_id || x'09' || number || x'09' || at || x'09' || agreement_id"
        " || x'09' || kind || x'09' || subject || x'09' || from_state || x'09' || to_state"
        " || x'09' || reason || x'09' || ifnull(amount_minor, '') || x'09' || ifnull(currency, '')"
        " || x'09' || ifnull(until_at, '') || x'0a' FROM event WHERE seller_id = ?1 ORDER BY "
        "number";
    static const char *const sellers[] = {AUDIT_SELLER, AUDIT_OTHER};
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    struct guards guards;
    drop_guards(db, &guards);
    for (int i = 0; i < 2; i++) {
        uint8_t bytes[1024] = {0};
        sqlite3_stmt *row = NULL;
        sqlite3_stmt *save = NULL;
        int64_t number = 0;
        assert_int_equal(sqlite3_prepare_v2(db, read, -1, &row, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_prepare_v2(db,
                                            "UPDATE event SET digest = ?1 WHERE seller_id = ?2"
                                            " AND number = ?3",
                                            -1, &save, NULL),
                         SQLITE_OK);
        sqlite3_bind_text(row, 1, sellers[i], -1, SQLITE_STATIC);
        while (sqlite3_step(row) == SQLITE_ROW) {
            size_t length = (size_t)sqlite3_column_bytes(row, 1);
            uint8_t digest[DIGEST_BYTES];
            assert_true(length + DIGEST_BYTES <= sizeof bytes);
            memcpy(bytes + DIGEST_BYTES, sqlite3_column_text(row, 1), length);
            sha256(bytes, DIGEST_BYTES + length, digest);
            memcpy(bytes, digest, DIGEST_BYTES);
            number = sqlite3_column_int64(row, 0);
            sqlite3_bind_blob(save, 1, digest, DIGEST_BYTES, SQLITE_TRANSIENT);
            sqlite3_bind_text(save, 2, sellers[i], -1, SQLITE_STATIC);
            sqlite3_bind_int64(save, 3, number);
            assert_int_equal(sqlite3_step(save), SQLITE_DONE);
            sqlite3_reset(save);
        }
        sqlite3_finalize(row);
        sqlite3_finalize(save);
        char *sql = sqlite3_mprintf("UPDATE seller SET event_count = %lld, digest = (SELECT digest"
                                    " FROM event e WHERE e.seller_id = seller.seller_id"
                                    " AND number = %lld) WHERE seller_id = %Q",
                                    (long long)number, (long long)number, sellers[i]);
        run_sql(db, sql, "chain");
        sqlite3_free(sql);
    }
    make_guards(db, &guards);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* clang-format off */
#define ADD_EVENT(kind, subject, from, to)                                                         \
    "INSERT INTO event (seller_id, number, at, agreement_id, kind, subject, from_state, to_state,"  \
    " reason) SELECT '" AUDIT_SELLER "', max(number) + 1, max(at), '" AUDIT_AGREEMENT "', " kind     \
    ", '" subject "', " from ", " to ", 0 FROM event WHERE seller_id = '" AUDIT_SELLER "'"

/* Whoever can write may make the chain anew: then the story itself must give it away. */
static const struct damage lies[] = {
    {"nothing is a lie", "SELECT 1", NULL},
    {"a charge becomes paid twice", ADD_EVENT("3", AUDIT_KEY "-1", "6", "6"),
        "was paid since event"},
    {"a charge comes from another state", ADD_EVENT("3", AUDIT_KEY "-1", "3", "6"),
        "was retrying before, it says, but event"},
    {"a charge begins twice", ADD_EVENT("3", AUDIT_KEY "-1", "0", "1"),
        "was not there before, it says, but event"},
    {"an object nobody knows", ADD_EVENT("3", "ZZZZAAAAAAAAAAAA-1", "1", "6"),
        "was due before, it says, but no earlier event tells of it"},
    {"an event without a row", ADD_EVENT("2", "ZZZZAAAAAAAAAAAA", "0", "1"),
        "tell of it, but there is no such subscription"},
    {"an attempt whose number is too high", ADD_EVENT("4", AUDIT_KEY "-1-3", "0", "1"),
        "began while " AUDIT_KEY "-1-2 was not there"},
    {"an attempt after a captured one", ADD_EVENT("4", AUDIT_KEY "-1-2", "0", "1"),
        "began while " AUDIT_KEY "-1-1 was captured"},
    {"an attempt with a wrong id", ADD_EVENT("4", "X-1-1", "0", "1"), "\"X-1-1\" is no reference id"},
    {"a charge with a wrong id", ADD_EVENT("3", "X-1", "0", "1"), "\"X-1\" is no charge's id"},
    {"an attempt while the agreement is suspended", ADD_EVENT("1", AUDIT_AGREEMENT, "3", "4") ";"
        ADD_EVENT("4", AUDIT_KEY "-7-2", "0", "1"),
        "began while agreement " AUDIT_AGREEMENT " was suspended"},
    {"an attempt while stopped", ADD_EVENT("11", AUDIT_AGREEMENT, "0", "1") ";"
        ADD_EVENT("4", AUDIT_KEY "-7-2", "0", "1"),
        "began while the stop switch of agreement " AUDIT_AGREEMENT " was on"},
    {"an attempt after the agreement was ordered to be closed",
        ADD_EVENT("10", AUDIT_AGREEMENT, "0", "0") ";" ADD_EVENT("4", AUDIT_KEY "-7-2", "0", "1"),
        "began after agreement " AUDIT_AGREEMENT " was ordered to be closed"},
    {"a cycle after its subscription was to end", "UPDATE event SET kind = 10, until_at = at"
        " WHERE kind = 8 AND subject = '" AUDIT_KEY "'",
        "but subscription " AUDIT_KEY " was to be canceled before it was due"},
    {"an attempt while its subscription is stopped", ADD_EVENT("11", AUDIT_KEY, "0", "1") ";"
        ADD_EVENT("4", AUDIT_KEY "-7-2", "0", "1"), "began while subscription " AUDIT_KEY " was stopped"},
    {"an attempt in a pause", ADD_EVENT("2", AUDIT_KEY, "1", "5") ";"
        ADD_EVENT("4", AUDIT_KEY "-7-2", "0", "1"), "began while subscription " AUDIT_KEY " was paused"},
    {"a charge in a pause", ADD_EVENT("2", AUDIT_KEY, "1", "5") ";"
        ADD_EVENT("3", AUDIT_KEY "-99", "0", "1"), "was made while subscription " AUDIT_KEY " was paused"},
    {"a charge after the end", ADD_EVENT("2", AUDIT_KEY, "1", "3") ";"
        ADD_EVENT("3", AUDIT_KEY "-99", "0", "1"), "was made while subscription " AUDIT_KEY " was canceled"},
    {"cycles told backwards", ADD_EVENT("7", AUDIT_KEY, "9", "8"), "it tells of the cycles 9 to 8"},
    {"an amount that changed", SET_EVENT("amount_minor = 7", "kind = 3 AND to_state = 6 AND subject = "
        FIRST_CHARGE), "is of 7 minor units, it says, but event"},
    {"a price that was never told", "DELETE FROM event WHERE kind = 8;"
        "UPDATE event SET number = number - 1 WHERE " OF_SELLER "number > 3 AND NOT EXISTS"
        " (SELECT 1 FROM event e WHERE e.seller_id = event.seller_id AND e.number = event.number - 1)",
        "but the price in force was 1200"},
};
/* clang-format on */

static void each_lie_is_found(void **state)
{
    struct fixture *fixture = *state;
    uint32_t missed = 0;
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        const struct damage *lie = &lies[i];
        copy_clean(fixture);
        do_damage(fixture, lie->sql);
        chain_anew(fixture->damaged);
        (void)audit(fixture->damaged, &fixture->heard);
        bool is_found =
            lie->words == NULL ? fixture->heard.count == 0 : has_words(&fixture->heard, lie->words);
        if (!is_found || has_words(&fixture->heard, "its digest is not")) {
            (void)fprintf(stderr, "%s: \"%s\" was not found, but:\n", lie->name,
                          lie->words != NULL ? lie->words : "nothing");
            print_findings(&fixture->heard);
            missed++;
        }
    }
    assert_int_equal(missed, 0);
}

/* --- what cannot be audited ------------------------------------------------------------------ */

static void assert_refused(const char *path, enum status status, const char *words)
{
    struct problem problem = {""};
    struct audit_counts counts;
    const struct audit_listener listener = {0};
    char sellers[2][SELLER_ID_MAX];
    uint32_t count = 0;
    enum status got = audit_sqlite(path, sha256, &listener, &counts, &problem);
    if (got != status || strstr(problem.text, words) == NULL) {
        fail_msg("expected %s and \"%s\", got %s and \"%s\"", status_name(status), words,
                 status_name(got), problem.text);
    }
    assert_int_equal(audit_sellers(path, sellers, 2, &count, &problem), status);
    assert_int_equal(count, 0);
}

static void what_is_no_database_is_refused(void **state)
{
    struct fixture *fixture = *state;
    char text[128];
    (void)snprintf(text, sizeof text, "%s.txt", fixture->clean);
    assert_refused(text, ST_NOT_FOUND, "there is no such file");
    FILE *file = fopen(text, "w");
    assert_non_null(file);
    for (int i = 0; i < 200; i++) {
        (void)fprintf(file, "this is not a database at all\n");
    }
    assert_int_equal(fclose(file), 0);
    assert_refused(text, ST_STORE, "file is not a database");
    copy_clean(fixture);
    execute(fixture->damaged, "PRAGMA user_version = 1");
    assert_refused(fixture->damaged, ST_CONFLICT, "start the daemon of this version once");
    execute(fixture->damaged, "PRAGMA user_version = 1000000");
    assert_refused(fixture->damaged, ST_CONFLICT, "use the newer program");
}

/* It reads while the store writes, and what it reads is of one moment. */
static void a_store_that_writes_is_not_disturbed(void **state)
{
    struct fixture *fixture = *state;
    struct problem problem = {""};
    copy_clean(fixture);
    struct store *store = open_ok(fixture->damaged);
    uint32_t version = 0;
    for (int i = 0; i < 3; i++) {
        char text[32];
        (void)snprintf(text, sizeof text, "text %d", i);
        assert_int_equal(store->ops->save_policy(store, AUDIT_SELLER, "default", text,
                                                 (struct instant){i}, &version, &problem),
                         ST_OK);
        struct audit_counts counts = audit(fixture->damaged, &fixture->heard);
        print_findings(&fixture->heard);
        assert_int_equal(counts.findings, 0);
    }
    store->ops->close(store);
}

struct captures {
    uint32_t count, open, max;
    char last[REFERENCE_ID_MAX];
};

static bool count_capture(void *arg, const struct audit_capture *capture)
{
    struct captures *captures = arg;
    assert_true(money_is_positive(capture->amount));
    assert_int_equal(capture->is_captured, capture->capture_id[0] != '\0');
    assert_int_equal(capture->is_captured, capture->at.utc_ms != INSTANT_NEVER.utc_ms);
    assert_true(strcmp(captures->last, capture->reference_id) < 0);
    memcpy(captures->last, capture->reference_id, REFERENCE_ID_MAX);
    captures->count += capture->is_captured;
    captures->open += !capture->is_captured;
    return captures->count + captures->open < captures->max;
}

static struct captures list(const char *path, struct audit_search search, uint32_t max)
{
    struct problem problem = {""};
    struct captures captures = {.max = max};
    if (audit_captures(path, &search, count_capture, &captures, &problem) != ST_OK) {
        fail_msg("audit_captures: %s", problem.text);
    }
    return captures;
}

static void captures_are_listed(void **state)
{
    struct fixture *fixture = *state;
    struct problem problem = {""};
    uint32_t count = 0;
    struct instant ever = {0};
    struct captures all = list(fixture->clean, (struct audit_search){AUDIT_SELLER, ever, ""}, 999);
    assert_int_equal(all.open, 1);
    assert_true(all.count > 10);
    struct captures part = list(fixture->clean, (struct audit_search){AUDIT_SELLER, ever, ""}, 5);
    assert_int_equal(part.count + part.open, 5);
    struct captures rest =
        list(fixture->clean, (struct audit_search){AUDIT_SELLER, ever, part.last}, 999);
    assert_int_equal(part.count + rest.count, all.count);
    assert_string_equal(rest.last, all.last);
    assert_int_equal(list(fixture->clean, (struct audit_search){AUDIT_OTHER, ever, ""}, 999).count,
                     3);
    assert_int_equal(list(fixture->clean, (struct audit_search){"NOBODY", ever, ""}, 999).count, 0);
    struct instant july = {INT64_C(1782864000000)};
    struct captures late = list(fixture->clean, (struct audit_search){AUDIT_SELLER, july, ""}, 999);
    assert_true(late.count > 0);
    assert_true(late.count < all.count);
    assert_int_equal(late.open, 1);
    char sellers[2][SELLER_ID_MAX];
    assert_int_equal(audit_sellers(fixture->clean, sellers, 2, &count, &problem), ST_OK);
    assert_int_equal(count, 2);
    assert_string_equal(sellers[1], AUDIT_OTHER);
    assert_int_equal(audit_sellers(fixture->clean, sellers, 1, &count, &problem), ST_OK);
    assert_int_equal(count, 1);
}

static int begin(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    folder_make(&fixture->folder);
    (void)snprintf(fixture->clean, sizeof fixture->clean, "%s", fixture->folder.database);
    (void)snprintf(fixture->damaged, sizeof fixture->damaged, "%s/damaged", fixture->folder.path);
    audit_world_make(fixture->clean);
    *state = fixture;
    return 0;
}

static int end(void **state)
{
    static const char *const ends[] = {"", "-wal", "-shm", ".lock"};
    struct fixture *fixture = *state;
    char path[128];
    for (int i = 0; i < 4; i++) {
        (void)snprintf(path, sizeof path, "%s%s", fixture->damaged, ends[i]);
        (void)unlink(path);
    }
    (void)snprintf(path, sizeof path, "%s.txt", fixture->clean);
    (void)unlink(path);
    folder_remove(&fixture->folder);
    free(fixture);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_found_in_a_clean_one),
        cmocka_unit_test(totals_are_told),
        cmocka_unit_test(each_damage_is_found),
        cmocka_unit_test(each_lie_is_found),
        cmocka_unit_test(what_is_no_database_is_refused),
        cmocka_unit_test(a_store_that_writes_is_not_disturbed),
        cmocka_unit_test(captures_are_listed),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
