/*
 * sqlite_audit_events.c - one pass over all events, in the order of their numbers.
 *
 * For each seller: numbers without gaps, and each row's digest from its text and the digest before
 * it, as chain.h documents both - the text is built here from the columns, not by chain.c. Then the
 * event is replayed: what it says was before must be where the subject's earlier events led to, a
 * final state is followed by nothing, and what may only begin while something else holds is checked
 * at that very event:
 *
 *     a charge of a cycle   its subscription is active or past due and not to be canceled before
 *                           it is due; its amount is the price in force
 *     an attempt            its agreement is Open and nobody has ordered it closed, its
 * subscription active or past due, neither is stopped, and the attempt before it has ended without
 * money
 *
 * What is known of each subject lies in temporary tables: `story` (where its events led to) and
 * `price` (of each subscription).
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "schema/sqlite_audit_private.h"

#define KIND_AGREEMENT    1
#define KIND_SUBSCRIPTION 2
#define KIND_CHARGE       3
#define KIND_ATTEMPT      4
#define KIND_REFUND       6
#define KIND_CYCLES       7
#define KIND_PRICE        8
#define KIND_CANCEL       10
#define KIND_STOP         11
#define KIND_LAST         14

static const char tables[] =
    "CREATE TEMP TABLE story (seller_id TEXT, kind INTEGER, subject TEXT, state INTEGER,"
    " first INTEGER, last INTEGER, amount INTEGER, is_stopped INTEGER, ends_at INTEGER,"
    " PRIMARY KEY (seller_id, kind, subject)) WITHOUT ROWID;"
    "CREATE TEMP TABLE price (seller_id TEXT, key TEXT, amount INTEGER, next_amount INTEGER,"
    " next_at INTEGER, maybe_amount INTEGER, PRIMARY KEY (seller_id, key)) WITHOUT ROWID;"
    "CREATE TEMP TABLE told (seller_id TEXT, key TEXT, first INTEGER, last INTEGER, number INTEGER,"
    " PRIMARY KEY (seller_id, key, first, number)) WITHOUT ROWID;";

enum used_statement {
    USE_EVENTS,
    USE_STORY,
    USE_STORY_SAVE,
    USE_STOP,
    USE_END,
    USE_PRICE,
    USE_PRICE_SAVE,
    USE_TOLD,
    USE_CHARGE,
    USE_SELLER,
};
#define USED_COUNT (USE_SELLER + 1)

static const char *const used_sql[USED_COUNT] = {
    [USE_EVENTS] = "SELECT seller_id, number, at, agreement_id, kind, subject, from_state,"
                   " to_state, reason, amount_minor, currency, until_at, digest"
                   " FROM main.event ORDER BY seller_id, number",
    [USE_STORY] = "SELECT state, last, is_stopped, amount, ends_at FROM temp.story"
                  " WHERE seller_id = ?1 AND kind = ?2 AND subject = ?3",
    [USE_STORY_SAVE] = "INSERT INTO temp.story VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, 0, NULL)"
                       " ON CONFLICT DO UPDATE SET state = ?4, last = ?5,"
                       " amount = ifnull(?6, amount)",
    [USE_STOP] = "UPDATE temp.story SET is_stopped = ?4"
                 " WHERE seller_id = ?1 AND kind = ?2 AND subject = ?3",
    [USE_END] = "UPDATE temp.story SET ends_at = ?4"
                " WHERE seller_id = ?1 AND kind = ?2 AND subject = ?3",
    [USE_PRICE] = "SELECT amount, next_amount, next_at, maybe_amount FROM temp.price"
                  " WHERE seller_id = ?1 AND key = ?2",
    [USE_PRICE_SAVE] = "INSERT OR REPLACE INTO temp.price VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [USE_TOLD] = "INSERT INTO temp.told VALUES (?1, ?2, ?3, ?4, ?5)",
    [USE_CHARGE] = "SELECT amount_minor, due_at FROM main.charge WHERE seller_id = ?1 AND id = ?2",
    [USE_SELLER] = "SELECT event_count, digest FROM main.seller WHERE seller_id = ?1",
};

/* The event that is looked at; texts are borrowed from its row. */
struct told {
    const char *seller_id, *agreement_id, *subject;
    int64_t number;
    int kind, from, to;
    bool has_amount, has_until;
    int64_t amount, until;
};

struct pass {
    struct audit *audit;
    sqlite3_stmt *use[USED_COUNT];
    struct told now;
    char seller_id[SELLER_ID_MAX]; /* whose events these are */
    int64_t number;                /* of the event before */
    bool is_chained;
    uint8_t digest[DIGEST_BYTES]; /* of the event before */
    enum status status;
};

/* --- words ----------------------------------------------------------------------------------- */

static const char *state_word(int kind, int state)
{
    static const char *const words[][11] = {
        [KIND_AGREEMENT] = {"new", "unsynced", "draft", "open", "suspended", "canceled", "closed"},
        [KIND_SUBSCRIPTION] = {"new", "active", "past due", "canceled", "ended", "paused",
                               "leaving", "replaced"},
        [KIND_CHARGE] = {"new", "due", "attempting", "retrying", "waiting", "held", "paid",
                         "failed", "canceled", "authorized", "asking"},
        [KIND_ATTEMPT] = {"new", "intent", "unknown", "postponed", "captured", "declined",
                          "refused", "authorized", "capturing", "voiding"},
        [KIND_REFUND] = {"new", "intent", "unknown", "postponed", "pending", "completed",
                         "declined", "refused"},
    };
    bool is_known = kind >= 0 && kind <= KIND_REFUND && state >= 0 && state <= 10;
    return is_known && words[kind][state] != NULL ? words[kind][state] : "in an unknown state";
}

static const char *kind_word(int kind)
{
    static const char *const words[] = {[KIND_AGREEMENT] = "agreement",
                                        [KIND_SUBSCRIPTION] = "subscription",
                                        [KIND_CHARGE] = "charge",
                                        [KIND_ATTEMPT] = "attempt",
                                        [KIND_REFUND] = "refund"};
    return kind >= 0 && kind <= KIND_REFUND && words[kind] != NULL ? words[kind] : "object";
}

static bool is_final(int kind, int state)
{
    static const unsigned finals[] = {[KIND_AGREEMENT] = 1U << 5 | 1U << 6,
                                      [KIND_SUBSCRIPTION] = 1U << 3 | 1U << 4 | 1U << 7,
                                      [KIND_CHARGE] = 1U << 6 | 1U << 7 | 1U << 8,
                                      [KIND_ATTEMPT] = 1U << 4 | 1U << 5 | 1U << 6,
                                      [KIND_REFUND] = 1U << 5 | 1U << 6 | 1U << 7};
    return state > 0 && state < 32 && (finals[kind] >> state & 1U) != 0;
}

/* "state_word(kind, state)" and so on for the rules in SQL. */
static void sql_state_word(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    const char *word = state_word(sqlite3_value_int(values[0]), sqlite3_value_int(values[1]));
    sqlite3_result_text(context, word, -1, SQLITE_STATIC);
}

/* --- statements ------------------------------------------------------------------------------ */

/* The statement, bound to the seller and two further keys; kind 0 = only `text`. */
static sqlite3_stmt *use(struct pass *pass, enum used_statement id, int kind, const char *text)
{
    sqlite3_stmt *statement = pass->use[id];
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    sqlite3_bind_text(statement, 1, pass->seller_id, -1, SQLITE_TRANSIENT);
    if (kind == 0) {
        sqlite3_bind_text(statement, 2, text, -1, SQLITE_TRANSIENT);
    } else {
        sqlite3_bind_int(statement, 2, kind);
        sqlite3_bind_text(statement, 3, text, -1, SQLITE_TRANSIENT);
    }
    return statement;
}

/* Is there a row? */
static bool fetch(struct pass *pass, sqlite3_stmt *statement)
{
    int code = sqlite3_step(statement);
    if (code != SQLITE_ROW && code != SQLITE_DONE && pass->status == ST_OK) {
        pass->status = audit_failed(pass->audit, "its events");
    }
    return code == SQLITE_ROW;
}

static void run(struct pass *pass, sqlite3_stmt *statement)
{
    (void)fetch(pass, statement);
    sqlite3_reset(statement);
}

static void found(struct pass *pass, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void found(struct pass *pass, const char *format, ...)
{
    char object[AUDIT_OBJECT_MAX];
    char sentence[AUDIT_SENTENCE_MAX];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    (void)snprintf(object, sizeof object, "event %" PRId64, pass->now.number);
    audit_found(pass->audit, pass->seller_id, object, "%s", sentence);
}

/* --- the chain ------------------------------------------------------------------------------- */

/* The line that chain.h describes, from the columns themselves. */
static size_t canonical_text(sqlite3_stmt *row, char *text, size_t size)
{
    size_t length = 0;
    for (int column = 0; column < 12; column++) {
        const unsigned char *value = sqlite3_column_text(row, column);
        int written =
            snprintf(text + length, size - length, "%s%c", value == NULL ? "" : (const char *)value,
                     column == 11 ? '\n' : '\t');
        length += (size_t)written;
        if (length >= size) {
            return size;
        }
    }
    return length;
}

static void check_chain(struct pass *pass, sqlite3_stmt *row)
{
    uint8_t bytes[DIGEST_BYTES + 1024];
    uint8_t digest[DIGEST_BYTES];
    const void *stored = sqlite3_column_blob(row, 12);
    bool has_digest = stored != NULL && sqlite3_column_bytes(row, 12) == DIGEST_BYTES;
    if (!has_digest) {
        if (pass->is_chained) {
            found(pass, "it has no digest, though the events before it are chained");
        }
        return;
    }
    memcpy(bytes, pass->digest, DIGEST_BYTES);
    size_t length = canonical_text(row, (char *)bytes + DIGEST_BYTES, sizeof bytes - DIGEST_BYTES);
    pass->audit->sha256(bytes, DIGEST_BYTES + length, digest);
    if (memcmp(digest, stored, DIGEST_BYTES) != 0) {
        found(pass, "its digest is not that of its text after the event before it: it, or its place"
                    " in the chain, was altered");
    }
    memcpy(pass->digest, stored, DIGEST_BYTES);
    pass->is_chained = true;
}

static void check_number(struct pass *pass)
{
    if (pass->now.number == pass->number + 2) {
        found(pass, "event %" PRId64 " is missing before it", pass->number + 1);
    } else if (pass->now.number != pass->number + 1) {
        found(pass, "the events %" PRId64 " to %" PRId64 " are missing before it", pass->number + 1,
              pass->now.number - 1);
    }
    pass->number = pass->now.number;
}

/* The seller's row holds the number and digest of its last event. */
static void end_seller(struct pass *pass)
{
    if (pass->seller_id[0] == '\0') {
        return;
    }
    char object[AUDIT_OBJECT_MAX];
    (void)snprintf(object, sizeof object, "seller %s", pass->seller_id);
    sqlite3_stmt *row = pass->use[USE_SELLER];
    sqlite3_reset(row);
    sqlite3_bind_text(row, 1, pass->seller_id, -1, SQLITE_TRANSIENT);
    if (!fetch(pass, row)) {
        audit_found(pass->audit, pass->seller_id, object, "there are events of it, but no row");
    } else {
        int64_t count = sqlite3_column_int64(row, 0);
        const void *digest = sqlite3_column_blob(row, 1);
        bool has_digest = digest != NULL && sqlite3_column_bytes(row, 1) == DIGEST_BYTES;
        if (count != pass->number) {
            audit_found(pass->audit, pass->seller_id, object,
                        "it counts %" PRId64 " events, but the last one is %" PRId64, count,
                        pass->number);
        }
        if (has_digest != pass->is_chained ||
            (has_digest && memcmp(digest, pass->digest, DIGEST_BYTES) != 0)) {
            audit_found(pass->audit, pass->seller_id, object,
                        "its newest digest is not that of its last event, %" PRId64, pass->number);
        }
    }
    sqlite3_reset(row);
    if (pass->audit->listener->head != NULL) {
        struct audit_head head = {.number = (uint64_t)pass->number};
        memcpy(head.seller_id, pass->seller_id, sizeof head.seller_id);
        memcpy(head.digest, pass->digest, DIGEST_BYTES);
        pass->audit->listener->head(pass->audit->listener->arg, &head);
    }
}

static void begin_seller(struct pass *pass)
{
    (void)snprintf(pass->seller_id, sizeof pass->seller_id, "%s", pass->now.seller_id);
    pass->number = 0;
    pass->is_chained = false;
    memset(pass->digest, 0, sizeof pass->digest);
}

/* --- the replay ------------------------------------------------------------------------------ */

/* Where the events so far led that subject; 0 = nowhere. `is_stopped` may be NULL. */
static int state_of(struct pass *pass, int kind, const char *subject, int64_t *last,
                    bool *is_stopped)
{
    sqlite3_stmt *row = use(pass, USE_STORY, kind, subject);
    int state = 0;
    if (fetch(pass, row)) {
        state = sqlite3_column_int(row, 0);
        *last = sqlite3_column_int64(row, 1);
        if (is_stopped != NULL) {
            *is_stopped = sqlite3_column_int(row, 2) != 0;
        }
    }
    sqlite3_reset(row);
    return state;
}

/* Nothing of the subject begins that is due then or later; INT64_MAX = nobody said so. */
static int64_t end_of(struct pass *pass, int kind, const char *subject)
{
    int64_t end = INT64_MAX;
    sqlite3_stmt *row = use(pass, USE_STORY, kind, subject);
    if (fetch(pass, row) && sqlite3_column_type(row, 4) != SQLITE_NULL) {
        end = sqlite3_column_int64(row, 4);
    }
    sqlite3_reset(row);
    return end;
}

static bool opens_cycles(int state)
{
    return state == 1 || state == 2;
}

/* "KEY-CYCLE" or "KEY-CYCLE-NUMBER" by its own rules: 16 characters of base32, numbers without
 * leading zeros. The number is -1 where there is none. */
static bool split_id(const char *id, char key[static KEY_MAX], int64_t *cycle, int64_t *number)
{
    int at = 0;
    int end = 0;
    char rebuilt[64];
    *number = -1;
    if (strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") != KEY_MAX - 1 || id[KEY_MAX - 1] != '-' ||
        strlen(id) > 32) {
        return false;
    }
    memcpy(key, id, KEY_MAX - 1);
    key[KEY_MAX - 1] = '\0';
    if (sscanf(id + KEY_MAX, "%7" SCNd64 "%n", cycle, &at) != 1) {
        return false;
    }
    if (sscanf(id + KEY_MAX + at, "-%4" SCNd64 "%n", number, &end) == 1) {
        (void)snprintf(rebuilt, sizeof rebuilt, "%s-%" PRId64 "-%" PRId64, key, *cycle, *number);
    } else {
        *number = -1;
        (void)snprintf(rebuilt, sizeof rebuilt, "%s-%" PRId64, key, *cycle);
    }
    return strcmp(rebuilt, id) == 0 && *cycle >= 0;
}

/* The amount of a charge or attempt never changes. */
static void check_amount(struct pass *pass)
{
    const struct told *now = &pass->now;
    sqlite3_stmt *row = use(pass, USE_STORY, now->kind, now->subject);
    if (now->has_amount && fetch(pass, row) && sqlite3_column_type(row, 3) != SQLITE_NULL &&
        sqlite3_column_int64(row, 3) != now->amount) {
        found(pass,
              "%s %s is of %" PRId64 " minor units, it says, but event %" PRId64 " said %" PRId64,
              kind_word(now->kind), now->subject, now->amount,
              (int64_t)sqlite3_column_int64(row, 1), (int64_t)sqlite3_column_int64(row, 3));
    }
    sqlite3_reset(row);
}

/* What may follow only from where its own events have led it. */
static void replay(struct pass *pass)
{
    const struct told *now = &pass->now;
    int64_t last = 0;
    int state = state_of(pass, now->kind, now->subject, &last, NULL);
    if (state != now->from && state == 0) {
        found(pass, "%s %s was %s before, it says, but no earlier event tells of it",
              kind_word(now->kind), now->subject, state_word(now->kind, now->from));
    } else if (state != now->from) {
        found(pass, "%s %s was %s before, it says, but event %" PRId64 " left it %s",
              kind_word(now->kind), now->subject,
              now->from == 0 ? "not there" : state_word(now->kind, now->from), last,
              state_word(now->kind, state));
    } else if (is_final(now->kind, state)) {
        found(pass, "%s %s was %s since event %" PRId64 ", which is final, and became %s",
              kind_word(now->kind), now->subject, state_word(now->kind, state), last,
              state_word(now->kind, now->to));
    }
    if (now->kind == KIND_CHARGE || now->kind == KIND_ATTEMPT) {
        check_amount(pass);
    }
    sqlite3_stmt *save = use(pass, USE_STORY_SAVE, now->kind, now->subject);
    sqlite3_bind_int(save, 4, now->to);
    sqlite3_bind_int64(save, 5, now->number);
    if (now->has_amount) {
        sqlite3_bind_int64(save, 6, now->amount);
    }
    run(pass, save);
}

/* A new attempt goes out only when nothing stands in its way. */
static void check_attempt(struct pass *pass)
{
    const struct told *now = &pass->now;
    char key[KEY_MAX];
    char before[64];
    int64_t cycle = 0;
    int64_t number = 0;
    int64_t last = 0;
    bool is_stopped = false;
    if (!split_id(now->subject, key, &cycle, &number) || number < 1) {
        found(pass, "\"%s\" is no reference id", now->subject);
        return;
    }
    int agreement = state_of(pass, KIND_AGREEMENT, now->agreement_id, &last, &is_stopped);
    if (agreement != 3) {
        found(pass, "attempt %s began while agreement %s was %s (event %" PRId64 ")", now->subject,
              now->agreement_id, state_word(KIND_AGREEMENT, agreement), last);
    }
    if (is_stopped) {
        found(pass, "attempt %s began while the stop switch of agreement %s was on", now->subject,
              now->agreement_id);
    }
    if (end_of(pass, KIND_AGREEMENT, now->agreement_id) != INT64_MAX) {
        found(pass, "attempt %s began after agreement %s was ordered to be closed", now->subject,
              now->agreement_id);
    }
    if (number > 1) {
        (void)snprintf(before, sizeof before, "%.16s-%" PRId64 "-%" PRId64, key, cycle, number - 1);
        int state = state_of(pass, KIND_ATTEMPT, before, &last, NULL);
        if (state != 5 && state != 6) {
            found(pass, "attempt %s began while %s was %s", now->subject, before,
                  state == 0 ? "not there" : state_word(KIND_ATTEMPT, state));
        }
    }
    is_stopped = false;
    int subscription = cycle == 0 ? 1 : state_of(pass, KIND_SUBSCRIPTION, key, &last, &is_stopped);
    if (!opens_cycles(subscription) || is_stopped) {
        found(pass, "attempt %s began while subscription %s was %s", now->subject, key,
              is_stopped ? "stopped" : state_word(KIND_SUBSCRIPTION, subscription));
    }
}

/* --- prices ---------------------------------------------------------------------------------- */

/* A subscription's price as its events tell it; an amount of 0 is not known. A price that waited
 * may have become the price without an event of its own, by a cycle that was left out: then it is
 * `maybe`. */
struct price {
    int64_t amount, next_amount, next_at, maybe;
};

static struct price price_of(struct pass *pass, const char *key)
{
    struct price price = {0, 0, 0, 0};
    sqlite3_stmt *row = use(pass, USE_PRICE, 0, key);
    if (fetch(pass, row)) {
        price = (struct price){sqlite3_column_int64(row, 0), sqlite3_column_int64(row, 1),
                               sqlite3_column_int64(row, 2), sqlite3_column_int64(row, 3)};
    }
    sqlite3_reset(row);
    return price;
}

static void save_price(struct pass *pass, const char *key, struct price price)
{
    sqlite3_stmt *save = use(pass, USE_PRICE_SAVE, 0, key);
    sqlite3_bind_int64(save, 3, price.amount);
    sqlite3_bind_int64(save, 4, price.next_amount);
    sqlite3_bind_int64(save, 5, price.next_at);
    sqlite3_bind_int64(save, 6, price.maybe);
    run(pass, save);
}

static void note_price(struct pass *pass)
{
    struct price price = price_of(pass, pass->now.subject);
    price.maybe = price.next_amount;
    price.next_amount = pass->now.amount;
    price.next_at = pass->now.has_until ? pass->now.until : INT64_MIN;
    save_price(pass, pass->now.subject, price);
}

/* The charge of a cycle: opened by a subscription that may, for the price in force when it is due.
 */
static void check_charge(struct pass *pass)
{
    const struct told *now = &pass->now;
    char key[KEY_MAX];
    int64_t cycle = 0;
    int64_t number = 0;
    int64_t last = 0;
    if (!split_id(now->subject, key, &cycle, &number) || number != -1) {
        found(pass, "\"%s\" is no charge's id", now->subject);
        return;
    }
    if (cycle == 0) {
        return;
    }
    int subscription = state_of(pass, KIND_SUBSCRIPTION, key, &last, NULL);
    if (!opens_cycles(subscription)) {
        found(pass, "charge %s was made while subscription %s was %s", now->subject, key,
              subscription == 0 ? "not there" : state_word(KIND_SUBSCRIPTION, subscription));
    }
    sqlite3_stmt *row = use(pass, USE_CHARGE, 0, now->subject);
    bool is_there = fetch(pass, row);
    int64_t amount = is_there ? sqlite3_column_int64(row, 0) : 0;
    int64_t due_at = is_there ? sqlite3_column_int64(row, 1) : 0;
    sqlite3_reset(row);
    if (!is_there) {
        return; /* a rule finds it */
    }
    if (due_at >= end_of(pass, KIND_SUBSCRIPTION, key)) {
        found(pass, "charge %s was made, but subscription %s was to be canceled before it was due",
              now->subject, key);
    }
    struct price price = price_of(pass, key);
    if (price.next_amount != 0 && price.next_at <= due_at) {
        price.amount = price.next_amount;
        price.next_amount = 0;
        price.maybe = 0;
    }
    if (price.amount != 0 && amount != price.amount && amount != price.maybe) {
        found(pass, "charge %s is of %" PRId64 " minor units, but the price in force was %" PRId64,
              now->subject, amount, price.amount);
    }
    price.amount = amount;
    price.maybe = 0;
    save_price(pass, key, price);
}

/* --- one event ------------------------------------------------------------------------------- */

static void note_told(struct pass *pass)
{
    const struct told *now = &pass->now;
    if (now->from < 1 || now->to < now->from) {
        found(pass, "it tells of the cycles %d to %d of %s", now->from, now->to, now->subject);
        return;
    }
    sqlite3_stmt *save = use(pass, USE_TOLD, 0, now->subject);
    sqlite3_bind_int(save, 3, now->from);
    sqlite3_bind_int(save, 4, now->to);
    sqlite3_bind_int64(save, 5, now->number);
    run(pass, save);
    struct price price = price_of(pass, now->subject);
    if (price.next_amount != 0) {
        price.maybe = price.next_amount;
        save_price(pass, now->subject, price);
    }
}

/* Of what may be of the agreement or of a subscription on it. */
static int kind_of_subject(const struct told *now)
{
    return strcmp(now->subject, now->agreement_id) == 0 ? KIND_AGREEMENT : KIND_SUBSCRIPTION;
}

/* A cancellation for later, or one that is taken back; an agreement is to be closed at once. */
static void note_end(struct pass *pass)
{
    const struct told *now = &pass->now;
    int kind = kind_of_subject(now);
    sqlite3_stmt *save = use(pass, USE_END, kind, now->subject);
    if (kind == KIND_AGREEMENT) {
        sqlite3_bind_int64(save, 4, INT64_MIN);
    } else if (now->has_until) {
        sqlite3_bind_int64(save, 4, now->until);
    }
    run(pass, save);
}

static void note_stop(struct pass *pass)
{
    const struct told *now = &pass->now;
    int kind = kind_of_subject(now);
    if (now->agreement_id[0] != '\0') {
        sqlite3_stmt *save = use(pass, USE_STOP, kind, now->subject);
        sqlite3_bind_int(save, 4, now->to != 0);
        run(pass, save);
    }
}

static void follow(struct pass *pass)
{
    bool is_new = pass->now.from == 0;
    switch (pass->now.kind) {
    case KIND_AGREEMENT:
    case KIND_REFUND:
        replay(pass);
        break;
    case KIND_SUBSCRIPTION:
        replay(pass);
        if (is_new && pass->now.has_amount) {
            save_price(pass, pass->now.subject, (struct price){pass->now.amount, 0, 0, 0});
        }
        break;
    case KIND_CHARGE:
        replay(pass);
        if (is_new) {
            check_charge(pass);
        }
        break;
    case KIND_ATTEMPT:
        replay(pass);
        if (is_new) {
            check_attempt(pass);
        }
        break;
    case KIND_CYCLES:
        note_told(pass);
        break;
    case KIND_PRICE:
        note_price(pass);
        break;
    case KIND_CANCEL:
        note_end(pass);
        break;
    case KIND_STOP:
        note_stop(pass);
        break;
    default:
        if (pass->now.kind < 1 || pass->now.kind > KIND_LAST) {
            found(pass, "%d is no kind of event", pass->now.kind);
        }
        break;
    }
}

static struct told read_told(sqlite3_stmt *row)
{
    return (struct told){
        .seller_id = (const char *)sqlite3_column_text(row, 0),
        .number = sqlite3_column_int64(row, 1),
        .agreement_id = (const char *)sqlite3_column_text(row, 3),
        .kind = sqlite3_column_int(row, 4),
        .subject = (const char *)sqlite3_column_text(row, 5),
        .from = sqlite3_column_int(row, 6),
        .to = sqlite3_column_int(row, 7),
        .has_amount = sqlite3_column_type(row, 9) != SQLITE_NULL,
        .amount = sqlite3_column_int64(row, 9),
        .has_until = sqlite3_column_type(row, 11) != SQLITE_NULL,
        .until = sqlite3_column_int64(row, 11),
    };
}

static void walk(struct pass *pass)
{
    sqlite3_stmt *row = pass->use[USE_EVENTS];
    while (pass->status == ST_OK && fetch(pass, row)) {
        pass->now = read_told(row);
        if (pass->now.seller_id == NULL || pass->now.agreement_id == NULL ||
            pass->now.subject == NULL) {
            found(pass, "it lacks its seller, agreement or subject");
            continue;
        }
        if (strcmp(pass->now.seller_id, pass->seller_id) != 0) {
            end_seller(pass);
            begin_seller(pass);
        }
        pass->audit->counts->events++;
        check_number(pass);
        check_chain(pass, row);
        follow(pass);
    }
    end_seller(pass);
}

enum status audit_events(struct audit *audit)
{
    struct pass pass = {.audit = audit};
    pass.status = audit_run(audit, tables);
    if (pass.status == ST_OK &&
        sqlite3_create_function(audit->db, "state_word", 2, SQLITE_UTF8, NULL, sql_state_word, NULL,
                                NULL) != SQLITE_OK) {
        pass.status = audit_failed(audit, "a function");
    }
    for (int i = 0; i < USED_COUNT && pass.status == ST_OK; i++) {
        pass.use[i] = audit_prepare(audit, used_sql[i], &pass.status);
    }
    if (pass.status == ST_OK) {
        walk(&pass);
    }
    for (int i = 0; i < USED_COUNT; i++) {
        sqlite3_finalize(pass.use[i]);
    }
    return pass.status;
}
