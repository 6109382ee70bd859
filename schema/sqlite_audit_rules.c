/*
 * sqlite_audit_rules.c - what must hold between rows, each rule one SELECT of what breaks it.
 *
 * A rule's rows are findings as they are: seller, object, sentence. It may use the temporary tables
 * of sqlite_audit_events.c and state_word(). Numbers of states are those of billing/lifecycle.h,
 * bounds those of the documents it cites, both written down here once more on purpose.
 *
 * Each rule reads its tables in the order of an index, or lets SQLite sort in a temporary file.
 */
#include <stdio.h>
#include <string.h>

#include "billing/ensure.h"
#include "schema/migration.h"
#include "schema/sqlite_audit_private.h"

#define CHARGE_OVER  "(6, 7, 8)"
#define ATTEMPT_OVER "(4, 5, 6)"

/* A row's state is where its events led; a row without events, or events without a row. */
#define STATE_RULES(kind, table, id, word)                                                         \
    "SELECT t.seller_id, '" word " ' || t." id ", iif(s.state IS NULL, 'no event tells of it',"    \
    " printf('it is %s, but its events, the last is %d, led it to %s', state_word(" kind           \
    ", t.state), s.last, state_word(" kind ", s.state)))"                                          \
    " FROM main." table                                                                            \
    " t LEFT JOIN temp.story s ON s.seller_id = t.seller_id AND s.kind = " kind                    \
    " AND s.subject = t." id " WHERE s.state IS NOT t.state",                                      \
        "SELECT s.seller_id, '" word " ' || s.subject,"                                            \
        " printf('the events %d to %d tell of it, but there is no such " word                      \
        "', s.first, s.last)"                                                                      \
        " FROM temp.story s WHERE s.kind = " kind " AND NOT EXISTS (SELECT 1 FROM main." table     \
        " t WHERE t.seller_id = s.seller_id AND t." id " = s.subject)"

/* clang-format off */
static const char *const rules[] = {
    STATE_RULES("1", "agreement", "id", "agreement"),
    STATE_RULES("2", "subscription", "key", "subscription"),
    STATE_RULES("3", "charge", "id", "charge"),
    STATE_RULES("6", "refund", "id", "refund"),
    /* The same of attempts, whose key is (charge, number): a reference id is taken apart for it. */
    "SELECT t.seller_id, 'attempt ' || t.reference_id, iif(s.state IS NULL, 'no event tells of it',"
    " printf('it is %s, but its events, the last is %d, led it to %s', state_word(4, t.state),"
    " s.last, state_word(4, s.state))) FROM main.attempt t LEFT JOIN temp.story s"
    " ON s.seller_id = t.seller_id AND s.kind = 4 AND s.subject = t.reference_id"
    " WHERE s.state IS NOT t.state",
    "SELECT s.seller_id, 'attempt ' || s.subject,"
    " printf('the events %d to %d tell of it, but there is no such attempt', s.first, s.last)"
    " FROM temp.story s WHERE s.kind = 4 AND NOT EXISTS (SELECT 1 FROM main.attempt t"
    " WHERE t.seller_id = s.seller_id"
    " AND t.charge_id = substr(s.subject, 1, length(rtrim(s.subject, '0123456789')) - 1)"
    " AND t.reference_id = s.subject)",
    /* Amounts that the events told, chained, and the rows. */
    "SELECT t.seller_id, 'charge ' || t.id, printf('it is of %d minor units, its event told %d',"
    " t.amount_minor, s.amount) FROM main.charge t JOIN temp.story s ON s.seller_id = t.seller_id"
    " AND s.kind = 3 AND s.subject = t.id WHERE s.amount <> t.amount_minor",
    "SELECT t.seller_id, 'attempt ' || t.reference_id,"
    " printf('it is of %d minor units, its event told %d', t.amount_minor, s.amount)"
    " FROM main.attempt t JOIN temp.story s ON s.seller_id = t.seller_id"
    " AND s.kind = 4 AND s.subject = t.reference_id WHERE s.amount <> t.amount_minor",
    "SELECT t.seller_id, 'refund ' || t.id,"
    " printf('it is of %d minor units, its event told %d', t.amount_minor, s.amount)"
    " FROM main.refund t JOIN temp.story s ON s.seller_id = t.seller_id"
    " AND s.kind = 6 AND s.subject = t.id WHERE s.amount <> t.amount_minor",

    /* At most one capture of a charge, and of a cycle. */
    "SELECT seller_id, 'charge ' || charge_id, printf('%d of its attempts are captured', count(*))"
    " FROM main.attempt WHERE state = 4 GROUP BY seller_id, charge_id HAVING count(*) > 1",
    "SELECT seller_id, 'subscription ' || subscription_key,"
    " printf('cycle %d has %d charges, %s', cycle, count(*), group_concat(id))"
    " FROM main.charge WHERE subscription_key IS NOT NULL"
    " GROUP BY seller_id, subscription_key, cycle HAVING count(*) > 1",
    "SELECT seller_id, 'attempt ' || min(reference_id), printf('it and %d more have the same"
    " AmazonAuthorizationId, %s', count(*) - 1, authorization_id) FROM main.attempt"
    " WHERE authorization_id IS NOT NULL GROUP BY seller_id, authorization_id HAVING count(*) > 1",
    "SELECT seller_id, 'attempt ' || min(reference_id), printf('it and %d more have the same"
    " AmazonCaptureId, %s', count(*) - 1, capture_id) FROM main.attempt"
    " WHERE capture_id IS NOT NULL GROUP BY seller_id, capture_id HAVING count(*) > 1",
    "SELECT seller_id, 'attempt ' || reference_id, printf('%d attempts have this reference id',"
    " count(*)) FROM main.attempt GROUP BY seller_id, reference_id HAVING count(*) > 1",
    /* Paid is captured, for what was owed. */
    "SELECT c.seller_id, 'charge ' || c.id, 'it is paid, but none of its attempts is captured'"
    " FROM main.charge c WHERE c.state = 6 AND NOT EXISTS (SELECT 1 FROM main.attempt a"
    " WHERE a.seller_id = c.seller_id AND a.charge_id = c.id AND a.state = 4)",
    "SELECT a.seller_id, 'attempt ' || a.reference_id,"
    " printf('it is captured, but its charge is %s', state_word(3, c.state))"
    " FROM main.attempt a JOIN main.charge c ON c.seller_id = a.seller_id AND c.id = a.charge_id"
    " WHERE a.state = 4 AND c.state <> 6",
    "SELECT a.seller_id, 'attempt ' || a.reference_id,"
    " printf('it is of %d %s on %s, its charge of %d %s on %s', a.amount_minor, a.currency,"
    " a.agreement_id, c.amount_minor, c.currency, c.agreement_id)"
    " FROM main.attempt a JOIN main.charge c ON c.seller_id = a.seller_id AND c.id = a.charge_id"
    " WHERE a.amount_minor <> c.amount_minor OR a.currency <> c.currency"
    " OR a.agreement_id <> c.agreement_id",
    "SELECT a.seller_id, 'attempt ' || a.reference_id, 'there is no charge ' || a.charge_id"
    " FROM main.attempt a WHERE NOT EXISTS (SELECT 1 FROM main.charge c"
    " WHERE c.seller_id = a.seller_id AND c.id = a.charge_id)",
    "SELECT c.seller_id, 'charge ' || c.id, printf('it is of %d minor units', c.amount_minor)"
    " FROM main.charge c WHERE c.amount_minor <= 0",

    /* One attempt after another. */
    "SELECT seller_id, 'charge ' || charge_id,"
    " printf('it has %d attempts, but the last is number %d', count(*), max(number))"
    " FROM main.attempt GROUP BY seller_id, charge_id"
    " HAVING count(*) <> max(number) OR min(number) <> 1",
    "SELECT b.seller_id, 'attempt ' || b.reference_id,"
    " printf('it was made while %s was %s', a.reference_id, state_word(4, a.state))"
    " FROM main.attempt b JOIN main.attempt a ON a.seller_id = b.seller_id"
    " AND a.charge_id = b.charge_id AND a.number = b.number - 1 WHERE a.state NOT IN (5, 6)",
    "SELECT b.seller_id, 'attempt ' || b.reference_id,"
    " printf('it was made before %s was final', a.reference_id)"
    " FROM main.attempt b JOIN main.attempt a ON a.seller_id = b.seller_id"
    " AND a.charge_id = b.charge_id AND a.number = b.number - 1"
    " WHERE a.state IN (5, 6) AND (a.answered_at IS NULL OR b.created_at < a.answered_at)",
    "SELECT c.seller_id, 'charge ' || c.id, printf('it is %s, and its attempt %s is %s',"
    " state_word(3, c.state), a.reference_id, state_word(4, a.state))"
    " FROM main.attempt a JOIN main.charge c ON c.seller_id = a.seller_id AND c.id = a.charge_id"
    " WHERE a.state NOT IN " ATTEMPT_OVER " AND c.state <> 2 AND NOT (c.state = 9 AND a.state = 7)",
    "SELECT c.seller_id, 'charge ' || c.id, printf('it is %s, but none of its attempts is open',"
    " state_word(3, c.state)) FROM main.charge c WHERE c.state IN (2, 9) AND NOT EXISTS"
    " (SELECT 1 FROM main.attempt a WHERE a.seller_id = c.seller_id AND a.charge_id = c.id"
    " AND a.state NOT IN " ATTEMPT_OVER ")",
    "SELECT seller_id, 'charge ' || id, iif(final_at IS NULL, printf('it is %s since no known time',"
    " state_word(3, state)), printf('it is %s, which is not final, but has a final time',"
    " state_word(3, state))) FROM main.charge"
    " WHERE (state IN " CHARGE_OVER ") <> (final_at IS NOT NULL)",

    /* Ids. */
    "SELECT seller_id, 'charge ' || id, 'its id is not KEY-CYCLE, a key of 16 characters of A-Z2-7'"
    " FROM main.charge WHERE substr(id, 1, 16) GLOB '*[^A-Z2-7]*' OR substr(id, 17, 1) <> '-'"
    " OR substr(id, 18) <> '' || cycle OR cycle < 0"
    " OR (subscription_key IS NOT NULL AND substr(id, 1, 16) <> subscription_key)"
    " OR (subscription_key IS NULL) <> (cycle = 0)",
    "SELECT seller_id, 'attempt ' || reference_id, 'its reference id is not CHARGE-NUMBER of at most"
    " 32 characters' FROM main.attempt"
    " WHERE reference_id <> charge_id || '-' || number OR length(reference_id) > 32 OR number < 1",
    "SELECT seller_id, 'refund ' || id, 'its id is not CHARGE-R and its number' FROM main.refund"
    " WHERE number > 0 AND id <> charge_id || '-R' || number",

    /* The limit: what is reserved is what is open; posted and reserved are within. */
    "WITH reserved AS (SELECT seller_id, agreement_id, sum(amount_minor) AS minor FROM main.attempt"
    " WHERE state NOT IN " ATTEMPT_OVER " GROUP BY seller_id, agreement_id)"
    " SELECT a.seller_id, 'agreement ' || a.id, printf('it has %d minor units reserved, but its open"
    " attempts are of %d', ifnull(a.limit_reserved_minor, 0), ifnull(r.minor, 0))"
    " FROM main.agreement a LEFT JOIN reserved r ON r.seller_id = a.seller_id"
    " AND r.agreement_id = a.id WHERE ifnull(a.limit_reserved_minor, 0) <> ifnull(r.minor, 0)",
    "SELECT seller_id, 'agreement ' || id, printf('posted %d and reserved %d are more than its limit"
    " of %d', limit_posted_minor, limit_reserved_minor, limit_minor) FROM main.agreement"
    " WHERE limit_posted_minor + limit_reserved_minor > limit_minor OR limit_posted_minor < 0"
    " OR limit_reserved_minor < 0",
    "SELECT a.seller_id, 'attempt ' || a.reference_id, 'it is in ' || a.currency || ', its"
    " agreement''s limit in ' || g.limit_currency FROM main.attempt a JOIN main.agreement g"
    " ON g.seller_id = a.seller_id AND g.id = a.agreement_id WHERE g.limit_currency <> a.currency",

    /* Refunds. Amazon's overage: 15 %, at most JPY 8,400 or 75.00 of the others. */
    "WITH back AS (SELECT seller_id, charge_id, sum(iif(state IN (6, 7), 0, ifnull(amount_minor, 0)))"
    " AS minor, sum(iif(state IN (6, 7) OR number = 0, 0, amount_minor)) AS own, sum(number > 0) AS"
    " count, max(number) AS last FROM main.refund GROUP BY seller_id, charge_id)"
    " SELECT c.seller_id, 'charge ' || c.id, printf('%d minor units of it are refunded by the shop,"
    " of %d captured', b.own, c.amount_minor) FROM back b JOIN main.charge c"
    " ON c.seller_id = b.seller_id AND c.id = b.charge_id WHERE b.own > c.amount_minor"
    " + min(c.amount_minor * 15 / 100, iif(c.currency = 'JPY', 8400, 7500))",
    "WITH back AS (SELECT seller_id, charge_id, sum(iif(state IN (6, 7), 0, ifnull(amount_minor, 0)))"
    " AS minor, sum(number > 0) AS count FROM main.refund GROUP BY seller_id, charge_id)"
    " SELECT c.seller_id, 'charge ' || c.id, printf('it counts %d minor units in %d refunds, but its"
    " refunds are %d in %d', c.refunded_minor, c.refund_count, ifnull(b.minor, 0),"
    " ifnull(b.count, 0)) FROM main.charge c LEFT JOIN back b ON b.seller_id = c.seller_id"
    " AND b.charge_id = c.id WHERE c.refunded_minor <> ifnull(b.minor, 0)"
    " OR c.refund_count <> ifnull(b.count, 0)",
    "SELECT r.seller_id, 'refund ' || r.id, printf('its charge %s is %s', c.id,"
    " state_word(3, c.state)) FROM main.refund r JOIN main.charge c ON c.seller_id = r.seller_id"
    " AND c.id = r.charge_id WHERE c.state <> 6",
    "SELECT r.seller_id, 'refund ' || r.id, 'it is in ' || r.currency || ', its charge in '"
    " || c.currency FROM main.refund r JOIN main.charge c ON c.seller_id = r.seller_id"
    " AND c.id = r.charge_id WHERE r.currency <> c.currency",
    "SELECT seller_id, 'charge ' || charge_id, printf('it has %d refunds of the shop, but the last"
    " is number %d', sum(number > 0), max(number)) FROM main.refund GROUP BY seller_id, charge_id"
    " HAVING sum(number > 0) <> max(number)",
    "SELECT seller_id, 'refund ' || min(id), printf('it and %d more have the same AmazonRefundId,"
    " %s', count(*) - 1, amazon_refund_id) FROM main.refund WHERE amazon_refund_id IS NOT NULL"
    " GROUP BY seller_id, amazon_refund_id HAVING count(*) > 1",

    /* Time: nothing before it is due, later cycles later. */
    "SELECT seller_id, 'charge ' || id, 'it has no due time' FROM main.charge WHERE due_at IS NULL",
    "SELECT seller_id, 'charge ' || id, 'it was made before it was due' FROM main.charge"
    " WHERE created_at < due_at",
    "SELECT a.seller_id, 'attempt ' || a.reference_id, 'it was made before its charge was due'"
    " FROM main.attempt a JOIN main.charge c ON c.seller_id = a.seller_id AND c.id = a.charge_id"
    " WHERE a.created_at < c.due_at",
    "SELECT c.seller_id, 'charge ' || c.id, 'it is not due after the cycle before it'"
    " FROM main.charge c JOIN main.charge b ON b.seller_id = c.seller_id"
    " AND b.id = c.subscription_key || '-' || (c.cycle - 1) WHERE b.due_at >= c.due_at",
    "SELECT s.seller_id, 'subscription ' || s.key, 'its next cycle is not due after the last one'"
    " FROM main.subscription s JOIN main.charge b ON b.seller_id = s.seller_id"
    " AND b.id = s.key || '-' || (s.next_cycle - 1) WHERE b.due_at >= s.due_at",
    "SELECT s.seller_id, 'subscription ' || s.key, 'it is active, but has no next cycle, and nothing"
    " of it is open' FROM main.subscription s WHERE s.state = 1 AND s.due_at IS NULL"
    " AND NOT EXISTS (SELECT 1 FROM main.charge c WHERE c.seller_id = s.seller_id"
    " AND c.agreement_id = s.agreement_id AND c.state NOT IN " CHARGE_OVER
    " AND c.subscription_key = s.key)",
    "SELECT c.seller_id, 'charge ' || c.id, printf('it is %s, but its subscription is %s',"
    " state_word(3, c.state), state_word(2, s.state)) FROM main.charge c JOIN main.subscription s"
    " ON s.seller_id = c.seller_id AND s.key = c.subscription_key"
    " WHERE c.state IN (1, 3, 4, 5, 10) AND s.state IN (3, 4, 7)",
    "SELECT c.seller_id, 'charge ' || c.id, 'its subscription is of another agreement, '"
    " || s.agreement_id FROM main.charge c JOIN main.subscription s ON s.seller_id = c.seller_id"
    " AND s.key = c.subscription_key WHERE s.agreement_id <> c.agreement_id",
    "SELECT s.seller_id, 'subscription ' || s.key, printf('it is replaced by %s, which does not exist"
    " on %s', s.successor_key, s.successor_agreement_id) FROM main.subscription s WHERE s.state = 7"
    " AND NOT EXISTS (SELECT 1 FROM main.subscription t WHERE t.seller_id = s.seller_id"
    " AND t.key = s.successor_key AND t.agreement_id = s.successor_agreement_id)",
    /* Nothing is forgotten: what will be due has a time at which it is looked at. What was due when the
     * seller's last step was recorded may have been put off: its zone is missing, its step refused. */
    "SELECT s.seller_id, 'subscription ' || s.key, 'it will be due, but agreement '"
    " || s.agreement_id || ' would not be looked at then' FROM main.subscription s"
    " JOIN main.agreement a ON a.seller_id = s.seller_id AND a.id = s.agreement_id"
    " JOIN main.seller l ON l.seller_id = s.seller_id"
    " WHERE s.state IN (1, 2) AND s.due_at IS NOT NULL AND a.state NOT IN (5, 6)"
    " AND (a.wake_at IS NULL OR (a.wake_at > min(s.due_at, ifnull(s.cancel_at, s.due_at))"
    " AND s.due_at > l.last_step_at))"
    " AND (SELECT count(*) FROM main.charge c WHERE c.seller_id = a.seller_id"
    " AND c.agreement_id = a.id AND c.state NOT IN " CHARGE_OVER ") < 12",
    "SELECT c.seller_id, 'charge ' || c.id, printf('it is %s until a time, but its agreement would"
    " not be looked at then', state_word(3, c.state)) FROM main.charge c JOIN main.agreement a"
    " ON a.seller_id = c.seller_id AND a.id = c.agreement_id JOIN main.seller l"
    " ON l.seller_id = c.seller_id WHERE c.state IN (3, 5) AND (c.retry_at IS NULL OR"
    " a.wake_at IS NULL OR (a.wake_at > c.retry_at AND c.retry_at > l.last_step_at))",

    /* What counts, and what is referred to. */
    "SELECT s.seller_id, 'seller ' || s.seller_id, printf('it counts %d agreements and %d"
    " subscriptions, but has %d and %d', s.agreements, s.subscriptions, x.a, x.s) FROM main.seller s"
    " JOIN (SELECT seller_id, (SELECT count(*) FROM main.agreement a WHERE a.seller_id ="
    " seller.seller_id AND a.state <= 4) AS a, (SELECT count(*) FROM main.subscription b"
    " WHERE b.seller_id = seller.seller_id AND b.state <= 2) AS s FROM main.seller) x"
    " ON x.seller_id = s.seller_id WHERE s.agreements <> x.a OR s.subscriptions <> x.s",
    "SELECT s.seller_id, 'seller ' || s.seller_id, printf('it counts %d events, but there are none',"
    " s.event_count) FROM main.seller s WHERE s.event_count <> 0 AND NOT EXISTS"
    " (SELECT 1 FROM main.event e WHERE e.seller_id = s.seller_id)",
    "SELECT c.seller_id, 'charge ' || c.id, printf('it follows policy version %d, which is not kept',"
    " c.policy_version) FROM main.charge c WHERE c.policy_version > 0 AND NOT EXISTS"
    " (SELECT 1 FROM main.policy p WHERE p.seller_id = c.seller_id AND p.version ="
    " c.policy_version)",
    "SELECT c.seller_id, 'charge ' || c.id, 'there is no agreement ' || c.agreement_id"
    " FROM main.charge c WHERE NOT EXISTS (SELECT 1 FROM main.agreement a WHERE a.seller_id ="
    " c.seller_id AND a.id = c.agreement_id)",
    "SELECT c.seller_id, 'charge ' || c.id, 'there is no subscription ' || c.subscription_key"
    " FROM main.charge c WHERE c.subscription_key IS NOT NULL AND NOT EXISTS (SELECT 1 FROM"
    " main.subscription s WHERE s.seller_id = c.seller_id AND s.key = c.subscription_key)",
    "SELECT s.seller_id, 'subscription ' || s.key, 'there is no agreement ' || s.agreement_id"
    " FROM main.subscription s WHERE NOT EXISTS (SELECT 1 FROM main.agreement a WHERE a.seller_id ="
    " s.seller_id AND a.id = s.agreement_id)",
    "SELECT r.seller_id, 'refund ' || r.id, 'there is no charge ' || r.charge_id FROM main.refund r"
    " WHERE NOT EXISTS (SELECT 1 FROM main.charge c WHERE c.seller_id = r.seller_id"
    " AND c.id = r.charge_id)",
    /* The file itself and its indexes. SQLite does not look at a CHECK of what is open read-only: the
     * rules above ask for what matters. */
    "SELECT '', 'database', integrity_check FROM pragma_integrity_check(100)"
    " WHERE integrity_check <> 'ok'",
};
/* clang-format on */

#define RULE_COUNT (sizeof rules / sizeof rules[0])

/* Tells every row of a rule. */
static enum status ask(struct audit *audit, const char *sql)
{
    enum status status;
    sqlite3_stmt *row = audit_prepare(audit, sql, &status);
    if (row == NULL) {
        return status;
    }
    int code = sqlite3_step(row);
    while (code == SQLITE_ROW) {
        char seller_id[SELLER_ID_MAX];
        char object[AUDIT_OBJECT_MAX];
        char sentence[AUDIT_SENTENCE_MAX];
        audit_text(row, 0, seller_id, sizeof seller_id);
        audit_text(row, 1, object, sizeof object);
        audit_text(row, 2, sentence, sizeof sentence);
        audit_found(audit, seller_id, object, "%s", sentence);
        code = sqlite3_step(row);
    }
    if (code != SQLITE_DONE) {
        status = audit_failed(audit, "its rows");
    }
    sqlite3_finalize(row);
    return status;
}

/* --- the schema itself ----------------------------------------------------------------------- */

/* The text of an object in another database, or NULL; to be freed with sqlite3_free(). */
static char *schema_text(sqlite3 *db, const char *name)
{
    sqlite3_stmt *row = NULL;
    char *text = NULL;
    if (sqlite3_prepare_v2(db, "SELECT sql FROM sqlite_schema WHERE name = ?1", -1, &row, NULL) ==
        SQLITE_OK) {
        sqlite3_bind_text(row, 1, name, -1, SQLITE_STATIC);
        if (sqlite3_step(row) == SQLITE_ROW) {
            text = sqlite3_mprintf("%s", sqlite3_column_text(row, 0));
        }
    }
    sqlite3_finalize(row);
    return text;
}

/* Each object of `wanted` is in `present` with the same text. */
static void compare_schemas(struct audit *audit, sqlite3 *wanted, sqlite3 *present)
{
    sqlite3_stmt *row = NULL;
    int code = sqlite3_prepare_v2(wanted,
                                  "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL"
                                  " ORDER BY name",
                                  -1, &row, NULL);
    ENSURE(code == SQLITE_OK);
    while (sqlite3_step(row) == SQLITE_ROW) {
        const char *type = (const char *)sqlite3_column_text(row, 0);
        const char *name = (const char *)sqlite3_column_text(row, 1);
        char *text = schema_text(present, name);
        char object[AUDIT_OBJECT_MAX];
        (void)snprintf(object, sizeof object, "%s %s", type, name);
        if (text == NULL) {
            audit_found(audit, "", object, "it is missing, and so is what it makes sure of");
        } else if (strcmp(text, (const char *)sqlite3_column_text(row, 2)) != 0) {
            audit_found(audit, "", object, "it is not as this program makes it");
        }
        sqlite3_free(text);
    }
    sqlite3_finalize(row);
}

/* The migrations, run on an empty database, say what it must be. */
static enum status audit_schema(struct audit *audit)
{
    sqlite3 *fresh = NULL;
    bool is_made = sqlite3_open(":memory:", &fresh) == SQLITE_OK;
    for (unsigned i = 0; i < sqlite_migration_count && is_made; i++) {
        is_made = sqlite3_exec(fresh, sqlite_migrations[i].sql, NULL, NULL, NULL) == SQLITE_OK;
    }
    if (is_made) {
        compare_schemas(audit, fresh, audit->db);
    }
    sqlite3_close(fresh);
    return is_made ? ST_OK
                   : problem_set(audit->problem, ST_STORE, "the schema cannot be made: no memory?");
}

static enum status count(struct audit *audit)
{
    enum status status;
    sqlite3_stmt *row = audit_prepare(
        audit,
        "SELECT (SELECT count(*) FROM main.agreement), (SELECT count(*) FROM main.subscription),"
        " (SELECT count(*) FROM main.charge), (SELECT count(*) FROM main.attempt),"
        " (SELECT count(*) FROM main.refund)",
        &status);
    if (row == NULL) {
        return status;
    }
    uint64_t *const counts[] = {&audit->counts->agreements, &audit->counts->subscriptions,
                                &audit->counts->charges, &audit->counts->attempts,
                                &audit->counts->refunds};
    bool is_read = sqlite3_step(row) == SQLITE_ROW;
    for (int i = 0; i < 5 && is_read; i++) {
        *counts[i] = (uint64_t)sqlite3_column_int64(row, i);
    }
    sqlite3_finalize(row);
    return is_read ? ST_OK : audit_failed(audit, "its rows");
}

enum status audit_rules(struct audit *audit)
{
    enum status status = audit_schema(audit);
    for (size_t i = 0; i < RULE_COUNT && status == ST_OK; i++) {
        status = ask(audit, rules[i]);
    }
    return status == ST_OK ? count(audit) : status;
}
