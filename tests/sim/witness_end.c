/*
 * witness_end.c - the judgement: the database, read with plain SQL and none of the store's code,
 * against the witness's books and against Amazon's ledger.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "billing/ensure.h"
#include "scheduler/config.h"
#include "tests/sim/amazon.h"
#include "tests/sim/witness_parts.h"

struct judge {
    struct witness *witness;
    sqlite3 *db;
};

static sqlite3_stmt *ask(const struct judge *judge, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(judge->db, sql, -1, &statement, NULL);
    if (code != SQLITE_OK) {
        sim_fail(judge->witness->sim, "the judge asks in vain: %s", sqlite3_errmsg(judge->db));
    }
    return statement;
}

static const char *text(sqlite3_stmt *statement, int column)
{
    const char *value = (const char *)sqlite3_column_text(statement, column);
    return value == NULL ? "" : value;
}

/* Each row that the query gives is something that must not be. */
static void none(const struct judge *judge, const char *invariant, const char *sql)
{
    sqlite3_stmt *statement = ask(judge, sql);
    if (statement != NULL && sqlite3_step(statement) == SQLITE_ROW) {
        sim_fail(judge->witness->sim, "%s: %s", invariant, text(statement, 0));
    }
    (void)sqlite3_finalize(statement);
}

static void none_at(const struct judge *judge, const char *invariant, const char *sql, int64_t at)
{
    sqlite3_stmt *statement = ask(judge, sql);
    if (statement != NULL) {
        (void)sqlite3_bind_int64(statement, 1, at);
        if (sqlite3_step(statement) == SQLITE_ROW) {
            sim_fail(judge->witness->sim, "%s: %s", invariant, text(statement, 0));
        }
    }
    (void)sqlite3_finalize(statement);
}

/* --- 22: the database is what was recorded ------------------------------------------------------
 */

static void judge_attempts(const struct judge *judge)
{
    struct witness *witness = judge->witness;
    size_t rows = 0;
    sqlite3_stmt *statement =
        ask(judge, "SELECT seller_id, reference_id, state, amount_minor FROM attempt");
    while (statement != NULL && sqlite3_step(statement) == SQLITE_ROW) {
        const struct book_attempt *attempt =
            book_attempt(witness, text(statement, 0), text(statement, 1));
        rows++;
        if (attempt == NULL || attempt->state != sqlite3_column_int(statement, 2) ||
            attempt->units != sqlite3_column_int64(statement, 3)) {
            sim_fail(witness->sim, "22: attempt %s is not what was recorded", text(statement, 1));
        }
    }
    (void)sqlite3_finalize(statement);
    if (rows != witness->attempts.count) {
        sim_fail(witness->sim, "22: %zu attempts, recorded were %zu", rows,
                 witness->attempts.count);
    }
}

static void judge_charges(const struct judge *judge)
{
    struct witness *witness = judge->witness;
    size_t rows = 0;
    sqlite3_stmt *statement = ask(judge, "SELECT seller_id, id, state, amount_minor FROM charge");
    while (statement != NULL && sqlite3_step(statement) == SQLITE_ROW) {
        const struct book_charge *charge =
            book_charge(witness, text(statement, 0), text(statement, 1));
        rows++;
        if (charge == NULL || charge->state != sqlite3_column_int(statement, 2) ||
            charge->units != sqlite3_column_int64(statement, 3)) {
            sim_fail(witness->sim, "22: charge %s is not what was recorded", text(statement, 1));
        }
    }
    (void)sqlite3_finalize(statement);
    if (rows != witness->charges.count) {
        sim_fail(witness->sim, "22: %zu charges, recorded were %zu", rows, witness->charges.count);
    }
}

static void judge_subscriptions(const struct judge *judge)
{
    struct witness *witness = judge->witness;
    sqlite3_stmt *statement =
        ask(judge, "SELECT seller_id, key, state, next_cycle FROM subscription");
    while (statement != NULL && sqlite3_step(statement) == SQLITE_ROW) {
        const struct book_subscription *subscription =
            book_subscription(witness, text(statement, 0), text(statement, 1));
        if (subscription == NULL || subscription->state != sqlite3_column_int(statement, 2) ||
            subscription->next_cycle != (uint32_t)sqlite3_column_int64(statement, 3)) {
            sim_fail(witness->sim, "22: subscription %s is not what was recorded",
                     text(statement, 1));
        }
    }
    (void)sqlite3_finalize(statement);
}

/* --- 23, 27: the events are a history that leads to what is there
 * --------------------------------- */

/* Each event of a charge begins in the state that the one before it led to. */
static void replay(struct witness *witness, const struct book_seller *seller,
                   sqlite3_stmt *statement)
{
    struct book_charge *charge = sqlite3_column_int(statement, 1) == CHANGE_CHARGE
                                     ? book_charge(witness, seller->id, text(statement, 2))
                                     : NULL;
    if (charge != NULL && charge->told != sqlite3_column_int(statement, 3)) {
        sim_fail(witness->sim, "23: event %lld of %s does not follow the one before it",
                 (long long)sqlite3_column_int64(statement, 0), charge->id);
    }
    if (charge != NULL) {
        charge->told = sqlite3_column_int(statement, 4);
    }
}

static void judge_events(const struct judge *judge)
{
    struct witness *witness = judge->witness;
    size_t at = 0;
    struct book_seller *seller;
    while ((seller = names_next(&witness->sellers, &at)) != NULL) {
        uint64_t expected = 0;
        uint64_t digest = DIGEST_START;
        sqlite3_stmt *statement =
            ask(judge, "SELECT number, kind, subject, from_state, to_state FROM event"
                       " WHERE seller_id = ?1 ORDER BY number");
        (void)sqlite3_bind_text(statement, 1, seller->id, -1, SQLITE_STATIC);
        while (statement != NULL && sqlite3_step(statement) == SQLITE_ROW) {
            if ((uint64_t)sqlite3_column_int64(statement, 0) != ++expected) {
                sim_fail(witness->sim, "23: %s has no event %" PRIu64, seller->id, expected);
                break;
            }
            replay(witness, seller, statement);
            digest = digest_text(digest, text(statement, 2));
            digest = digest_number(digest, (uint64_t)sqlite3_column_int64(statement, 1));
            digest = digest_number(digest, (uint64_t)sqlite3_column_int64(statement, 3));
            digest = digest_number(digest, (uint64_t)sqlite3_column_int64(statement, 4));
        }
        (void)sqlite3_finalize(statement);
        if (expected != seller->events || digest != seller->events_digest) {
            sim_fail(witness->sim,
                     "23: the %" PRIu64 " events of %s are not the %" PRIu64 " recorded ones",
                     expected, seller->id, seller->events);
        }
    }
    size_t place = 0;
    const struct book_charge *charge;
    while ((charge = names_next(&witness->charges, &place)) != NULL) {
        if (charge->told != charge->state) {
            sim_fail(witness->sim, "23: the events of %s end in state %d, it is in %d", charge->id,
                     charge->told, charge->state);
        }
    }
}

/* --- 1, 9: Amazon's ledger
 * ------------------------------------------------------------------------- */

struct balance {
    char id[BOOK_ID_BYTES];
    int64_t recorded, captured;
};

/* 8: what went back, in all. */
static void judge_refunds(const struct judge *judge, int64_t refunded)
{
    /* A chargeback is the bank's: no refund of Amazon's. */
    sqlite3_stmt *statement =
        ask(judge, "SELECT ifnull(sum(amount_minor), 0) FROM refund WHERE state = 5 AND kind <> 3");
    if (statement != NULL && sqlite3_step(statement) == SQLITE_ROW &&
        sqlite3_column_int64(statement, 0) != refunded) {
        sim_fail(judge->witness->sim, "8: Amazon refunded %" PRId64 ", recorded are %lld", refunded,
                 (long long)sqlite3_column_int64(statement, 0));
    }
    (void)sqlite3_finalize(statement);
    none(judge, "8: a refund is neither final nor pending",
         "SELECT id || ' in state ' || state FROM refund WHERE state IN (1, 2, 3)");
    /* Only scripts ask for the overage that Amazon allows: 15 % and at most 8,400 yen. */
    none_at(judge, "8: more went back than was captured",
            "SELECT charge_id FROM refund r WHERE state = 5 AND kind = 1"
            " GROUP BY seller_id, charge_id HAVING sum(r.amount_minor) >"
            " (SELECT amount_minor + ?1 * min(amount_minor * 15 / 100, 8400) FROM charge c"
            "  WHERE c.seller_id = r.seller_id AND c.id = r.charge_id)",
            judge->witness->sim->options.script != NULL);
}

static struct balance *balance_of(struct names *balances, const struct book_agreement *agreement)
{
    struct balance *balance = names_find(balances, agreement->id);
    if (balance == NULL) {
        balance = calloc(1, sizeof *balance);
        ENSURE(balance != NULL);
        memcpy(balance->id, agreement->id, sizeof balance->id);
        names_add(balances, balance->id, balance);
    }
    return balance;
}

static void judge_entry(const struct judge *judge, const struct amazon_entry *entry,
                        struct names *balances)
{
    struct witness *witness = judge->witness;
    struct book_attempt *attempt = book_attempt(witness, entry->seller_id, entry->reference_id);
    if (attempt == NULL) {
        sim_fail(witness->sim, "2: Amazon has %s, which is not recorded", entry->reference_id);
        return;
    }
    if (entry->is_captured != (attempt->state == ATTEMPT_CAPTURED)) {
        sim_fail(witness->sim, "9: %s is %s at Amazon (%s) and in state %d here",
                 entry->reference_id, entry->is_captured ? "captured" : "not captured",
                 entry->state, attempt->state);
    }
    if (entry->yen != attempt->units || (entry->is_captured && entry->captured_yen != entry->yen)) {
        sim_fail(witness->sim, "9: %s is of %" PRId64 " at Amazon and of %" PRId64 " here",
                 entry->reference_id, entry->captured_yen, attempt->units);
    }
    if (strcmp(strchr(attempt->charge->agreement->id, '/') + 1, entry->agreement_id) != 0) {
        sim_fail(witness->sim, "9: %s is of another agreement at Amazon", entry->reference_id);
    }
    balance_of(balances, attempt->charge->agreement)->captured += entry->captured_yen;
}

static void judge_ledger(const struct judge *judge)
{
    struct witness *witness = judge->witness;
    struct names balances = {0};
    const void *at = NULL;
    struct amazon_entry entry;
    int64_t refunded = 0;
    while (amazon_next_entry(witness->sim->amazon, &at, &entry)) {
        judge_entry(judge, &entry, &balances);
        refunded += entry.refunded_yen;
    }
    judge_refunds(judge, refunded);
    size_t place = 0;
    struct book_attempt *attempt;
    while ((attempt = names_next(&witness->attempts, &place)) != NULL) {
        if (attempt->state == ATTEMPT_CAPTURED) {
            balance_of(&balances, attempt->charge->agreement)->recorded += attempt->units;
        }
    }
    struct balance *balance;
    place = 0;
    while ((balance = names_next(&balances, &place)) != NULL) {
        if (balance->recorded != balance->captured) {
            sim_fail(witness->sim, "9: of %s Amazon captured %" PRId64 ", recorded are %" PRId64,
                     balance->id, balance->captured, balance->recorded);
        }
    }
    names_free(&balances);
}

/* --- nothing is left
 * ---------------------------------------------------------------------------------- */

static void judge_rest(const struct judge *judge)
{
    int64_t now = judge->witness->sim->rested_at.utc_ms;
    none(judge, "an attempt is neither answered nor pending",
         "SELECT reference_id || ' in state ' || state || ', reason ' || reason FROM attempt"
         " WHERE state IN (1, 3) OR (state = 2 AND reason <> 18)");
    none(judge, "1: a charge has two captured attempts",
         "SELECT charge_id FROM attempt WHERE state = 4 GROUP BY seller_id, charge_id"
         " HAVING count(*) > 1");
    none(
        judge, "6: what is reserved is not what is open",
        "SELECT a.id FROM agreement a WHERE a.limit_minor IS NOT NULL AND a.limit_reserved_minor <>"
        " (SELECT ifnull(sum(t.amount_minor), 0) FROM attempt t WHERE t.seller_id = a.seller_id"
        "  AND t.agreement_id = a.id AND t.state NOT IN (4, 5, 6))");
    /* An account that is full of open charges opens no cycle until one of them ends. */
    none_at(judge, "12: an active subscription has no next cycle that lies ahead",
            "SELECT s.key FROM subscription s WHERE s.state IN (1, 2) AND s.due_at <= ?1 AND"
            " (SELECT count(*) FROM charge c WHERE c.seller_id = s.seller_id"
            "  AND c.agreement_id = s.agreement_id AND c.state NOT IN (6, 7, 8)) < 12",
            now - 1000);
    none(judge, "12: an active subscription has neither a next cycle nor an end",
         "SELECT key FROM subscription WHERE state IN (1, 2) AND due_at IS NULL"
         " AND cancel_at IS NULL AND rule_cycle_count = 0 AND rule_end IS NULL");
    none_at(judge, "something is overdue",
            "SELECT id || ', lane ' || lane || ', since ' || ((?1 - wake_at) / 1000) || ' s'"
            " FROM agreement WHERE wake_at <= ?1",
            now - 1000);
    none_at(judge, "21: the time of a charge has passed",
            "SELECT id || ' in state ' || state FROM charge WHERE retry_at <= ?1"
            " AND state NOT IN (6, 7, 8)",
            now - 1000);
    none(judge, "19: all its subscriptions are canceled, and it is not closed",
         "SELECT a.id FROM agreement a WHERE a.state IN (3, 4) AND EXISTS"
         " (SELECT 1 FROM subscription s WHERE s.seller_id = a.seller_id"
         "  AND s.agreement_id = a.id AND s.state IN (3, 7)) AND NOT EXISTS"
         " (SELECT 1 FROM subscription s WHERE s.seller_id = a.seller_id"
         "  AND s.agreement_id = a.id AND s.state NOT IN (3, 7)) AND NOT EXISTS"
         " (SELECT 1 FROM attempt t WHERE t.seller_id = a.seller_id"
         "  AND t.agreement_id = a.id AND t.state NOT IN (4, 5, 6))");
    none(judge, "the database is damaged",
         "SELECT * FROM (SELECT integrity_check AS x FROM pragma_integrity_check) WHERE x <> 'ok'");
    none(judge, "the database is damaged", "SELECT \"table\" FROM pragma_foreign_key_check");
}

/* --- 22: what was acknowledged is there
 * ------------------------------------------------------------- */

static void judge_acknowledged(const struct judge *judge)
{
    size_t at = 0;
    const char *key;
    sqlite3_stmt *statement = ask(judge, "SELECT 1 FROM subscription WHERE key = ?1"
                                         " UNION SELECT 1 FROM charge WHERE id = ?1");
    while (statement != NULL && (key = names_next(&judge->witness->acknowledged, &at)) != NULL) {
        (void)sqlite3_bind_text(statement, 1, key, -1, SQLITE_STATIC);
        if (sqlite3_step(statement) != SQLITE_ROW) {
            sim_fail(judge->witness->sim, "22: %s was acknowledged and is not there", key);
        }
        (void)sqlite3_reset(statement);
    }
    (void)sqlite3_finalize(statement);
}

void witness_judges(struct witness *witness)
{
    struct judge judge = {.witness = witness};
    int code =
        sqlite3_open_v2(witness->sim->config->store_path, &judge.db, SQLITE_OPEN_READWRITE, NULL);
    ENSURE(code == SQLITE_OK);
    judge_attempts(&judge);
    judge_charges(&judge);
    judge_subscriptions(&judge);
    judge_events(&judge);
    judge_ledger(&judge);
    judge_rest(&judge);
    judge_acknowledged(&judge);
    (void)sqlite3_close(judge.db);
    sim_log(witness->sim, "judged: %zu agreements, %zu subscriptions, %zu charges, %zu attempts",
            witness->agreements.count, witness->subscriptions.count, witness->charges.count,
            witness->attempts.count);
}
