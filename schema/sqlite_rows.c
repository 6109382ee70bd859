/*
 * sqlite_rows.c - which column is which field, and the conversions.
 *
 * To store a new field: one line in the map below, the column in a new migration, and its name in
 * the INSERT and UPDATE texts of sqlite_statements.c. Reading needs no change: rows are read with
 * SELECT *, and columns are found by name.
 *
 * Invariant: an image that was written is read back equal, or reading fails; nothing is truncated
 * or wrapped into range.
 */
#include <limits.h>
#include <string.h>

#include "billing/civil.h"
#include "billing/ensure.h"
#include "schema/sqlite_private.h"

#define FIELD(kind, name, type, member)                                                            \
    {                                                                                              \
        COLUMN_##kind, name, offsetof(type, member), sizeof(((type *)0)->member), NULL             \
    }
#define MONEY(name, currency, type, member)                                                        \
    {                                                                                              \
        COLUMN_MONEY, name, offsetof(type, member), sizeof(((type *)0)->member), currency          \
    }
#define ROW_MAP(columns)                                                                           \
    {                                                                                              \
        sizeof(columns) / sizeof(columns)[0], columns                                              \
    }

static const struct column agreement_columns[] = {
    FIELD(TEXT, "seller_id", struct agreement, seller_id),
    FIELD(TEXT, "id", struct agreement, id),
    FIELD(ENUM, "state", struct agreement, state),
    FIELD(BOOL, "confirm_wanted", struct agreement, confirm_wanted),
    FIELD(BOOL, "close_wanted", struct agreement, close_wanted),
    FIELD(BOOL, "close_forced", struct agreement, close_forced),
    FIELD(ENUM, "stopped", struct agreement, stopped),
    MONEY("limit_minor", "limit_currency", struct agreement, limit.amount),
    MONEY("limit_posted_minor", "limit_currency", struct agreement, limit.posted),
    MONEY("limit_reserved_minor", "limit_currency", struct agreement, limit.reserved),
    FIELD(INSTANT, "limit_period_start", struct agreement, limit.period_start),
    FIELD(INSTANT, "limit_period_end", struct agreement, limit.period_end),
    FIELD(BOOL, "limit_is_told", struct agreement, limit.is_told),
    FIELD(ENUM, "care", struct agreement, care),
    FIELD(INSTANT, "care_at", struct agreement, care_at),
    FIELD(UINT32, "care_tries", struct agreement, care_tries),
    FIELD(ENUM, "care_reason", struct agreement, care_reason),
    FIELD(INSTANT, "synced_at", struct agreement, synced_at),
    FIELD(INSTANT, "validated_at", struct agreement, validated_at),
    FIELD(INSTANT, "created_at", struct agreement, created_at),
    FIELD(INSTANT, "wake_at", struct agreement, wake_at),
    FIELD(ENUM, "lane", struct agreement, lane),
    FIELD(UINT64, "version", struct agreement, version),
};
const struct row_map row_agreement = ROW_MAP(agreement_columns);

static const struct column subscription_columns[] = {
    FIELD(TEXT, "agreement_id", struct subscription_view, agreement_id),
    FIELD(TEXT, "key", struct subscription_view, subscription.key),
    FIELD(OPTIONAL_TEXT, "idempotency_key", struct subscription_view, subscription.idempotency_key),
    FIELD(ENUM, "state", struct subscription_view, subscription.state),
    FIELD(TEXT, "label", struct subscription_view, subscription.label),
    FIELD(TEXT, "note", struct subscription_view, subscription.note),
    FIELD(TEXT, "policy_name", struct subscription_view, subscription.policy_name),
    MONEY("amount_minor", "currency", struct subscription_view, subscription.amount),
    MONEY("next_amount_minor", "next_currency", struct subscription_view, subscription.next_amount),
    FIELD(INSTANT, "next_amount_at", struct subscription_view, subscription.next_amount_at),
    FIELD(ENUM, "rule_unit", struct subscription_view, subscription.rule.unit),
    FIELD(UINT32, "rule_every", struct subscription_view, subscription.rule.every),
    FIELD(BOOL, "rule_last_day", struct subscription_view, subscription.rule.last_day_of_month),
    FIELD(DATE, "rule_anchor", struct subscription_view, subscription.rule.anchor),
    FIELD(INT32, "rule_second_of_day", struct subscription_view, subscription.rule.second_of_day),
    FIELD(UINT32, "rule_trial_days", struct subscription_view, subscription.rule.trial_days),
    FIELD(UINT32, "rule_cycle_count", struct subscription_view, subscription.rule.cycle_count),
    FIELD(DATE, "rule_end", struct subscription_view, subscription.rule.end),
    FIELD(INT32, "cycle_base", struct subscription_view, subscription.cycle_base),
    FIELD(TEXT, "zone", struct subscription_view, subscription.zone_name),
    FIELD(UINT32, "first_cycle", struct subscription_view, subscription.first_cycle),
    FIELD(UINT32, "next_cycle", struct subscription_view, subscription.next_cycle),
    FIELD(INSTANT, "due_at", struct subscription_view, subscription.due_at),
    FIELD(BOOL, "due_is_moved", struct subscription_view, subscription.due_is_moved),
    FIELD(BOOL, "is_stopped", struct subscription_view, subscription.is_stopped),
    FIELD(INSTANT, "resume_at", struct subscription_view, subscription.resume_at),
    FIELD(INSTANT, "cancel_at", struct subscription_view, subscription.cancel_at),
    FIELD(OPTIONAL_TEXT, "successor_agreement_id", struct subscription_view,
          subscription.successor_agreement_id),
    FIELD(OPTIONAL_TEXT, "successor_key", struct subscription_view, subscription.successor_key),
    FIELD(INSTANT, "hand_over_at", struct subscription_view, subscription.hand_over_at),
    FIELD(UINT32, "hand_over_tries", struct subscription_view, subscription.hand_over_tries),
    FIELD(INSTANT, "created_at", struct subscription_view, subscription.created_at),
};
const struct row_map row_subscription = ROW_MAP(subscription_columns);

static const struct column charge_columns[] = {
    FIELD(TEXT, "agreement_id", struct charge_view, agreement_id),
    FIELD(TEXT, "id", struct charge_view, charge.id),
    FIELD(OPTIONAL_TEXT, "subscription_key", struct charge_view, charge.subscription_key),
    FIELD(UINT32, "cycle", struct charge_view, charge.cycle),
    FIELD(BOOL, "is_first", struct charge_view, charge.is_first),
    FIELD(ENUM, "state", struct charge_view, charge.state),
    FIELD(ENUM, "reason", struct charge_view, charge.reason),
    MONEY("amount_minor", "currency", struct charge_view, charge.amount),
    FIELD(TEXT, "label", struct charge_view, charge.label),
    FIELD(TEXT, "note", struct charge_view, charge.note),
    FIELD(OPTIONAL_TEXT, "idempotency_key", struct charge_view, charge.idempotency_key),
    FIELD(UINT32, "policy_version", struct charge_view, charge.policy_version),
    FIELD(INSTANT, "due_at", struct charge_view, charge.due_at),
    FIELD(INSTANT, "retry_at", struct charge_view, charge.retry_at),
    FIELD(INSTANT, "created_at", struct charge_view, charge.created_at),
    FIELD(INSTANT, "final_at", struct charge_view, charge.final_at),
    FIELD(UINT32, "extra_attempts", struct charge_view, charge.extra_attempts),
    FIELD(BOOL, "is_approved", struct charge_view, charge.is_approved),
    FIELD(ENUM, "word", struct charge_view, charge.word),
    MONEY("refunded_minor", "currency", struct charge_view, refunded),
    FIELD(UINT32, "refund_count", struct charge_view, refund_count),
};
const struct row_map row_charge = ROW_MAP(charge_columns);

static const struct column attempt_columns[] = {
    FIELD(TEXT, "agreement_id", struct attempt_row, agreement_id),
    FIELD(TEXT, "charge_id", struct attempt_row, charge_id),
    FIELD(TEXT, "reference_id", struct attempt_row, attempt.reference_id),
    FIELD(UINT32, "number", struct attempt_row, attempt.number),
    FIELD(UINT32, "timeout_minutes", struct attempt_row, attempt.timeout_minutes),
    FIELD(ENUM, "state", struct attempt_row, attempt.state),
    MONEY("amount_minor", "currency", struct attempt_row, attempt.amount),
    FIELD(ENUM, "reason", struct attempt_row, attempt.reason),
    FIELD(INSTANT, "created_at", struct attempt_row, attempt.created_at),
    FIELD(INSTANT, "resend_at", struct attempt_row, attempt.resend_at),
    FIELD(UINT32, "unanswered", struct attempt_row, attempt.unanswered),
    FIELD(BOOL, "capture_now", struct attempt_row, attempt.capture_now),
    FIELD(UINT32, "capture_number", struct attempt_row, attempt.capture_number),
    FIELD(INSTANT, "expires_at", struct attempt_row, attempt.expires_at),
    FIELD(BOOL, "is_warned", struct attempt_row, attempt.is_warned),
    FIELD(BOOL, "discover", struct attempt_row, attempt.discover),
    FIELD(INSTANT, "answered_at", struct attempt_row, attempt.answered_at),
    FIELD(OPTIONAL_TEXT, "order_reference_id", struct attempt_row, attempt.order_reference_id),
    FIELD(OPTIONAL_TEXT, "authorization_id", struct attempt_row, attempt.authorization_id),
    FIELD(OPTIONAL_TEXT, "capture_id", struct attempt_row, attempt.capture_id),
};
const struct row_map row_attempt = ROW_MAP(attempt_columns);

static const struct column refund_columns[] = {
    FIELD(TEXT, "agreement_id", struct refund_view, agreement_id),
    FIELD(TEXT, "id", struct refund_view, refund.id),
    FIELD(ENUM, "kind", struct refund_view, refund.kind),
    FIELD(UINT32, "number", struct refund_view, refund.number),
    FIELD(TEXT, "charge_id", struct refund_view, refund.charge_id),
    FIELD(TEXT, "capture_id", struct refund_view, refund.capture_id),
    FIELD(ENUM, "state", struct refund_view, refund.state),
    FIELD(ENUM, "reason", struct refund_view, refund.reason),
    MONEY("amount_minor", "currency", struct refund_view, refund.amount),
    FIELD(TEXT, "note", struct refund_view, refund.note),
    FIELD(OPTIONAL_TEXT, "idempotency_key", struct refund_view, refund.idempotency_key),
    FIELD(OPTIONAL_TEXT, "amazon_refund_id", struct refund_view, refund.amazon_refund_id),
    FIELD(INSTANT, "created_at", struct refund_view, refund.created_at),
    FIELD(INSTANT, "resend_at", struct refund_view, refund.resend_at),
    FIELD(UINT32, "unanswered", struct refund_view, refund.unanswered),
    FIELD(BOOL, "discover", struct refund_view, refund.discover),
    FIELD(INSTANT, "answered_at", struct refund_view, refund.answered_at),
};
const struct row_map row_refund = ROW_MAP(refund_columns);

static const struct column event_columns[] = {
    FIELD(UINT64, "number", struct change_view, number),
    FIELD(INSTANT, "at", struct change_view, at),
    FIELD(TEXT, "agreement_id", struct change_view, agreement_id),
    FIELD(ENUM, "kind", struct change_view, change.kind),
    FIELD(TEXT, "subject", struct change_view, change.subject),
    FIELD(ENUM, "from_state", struct change_view, change.from),
    FIELD(ENUM, "to_state", struct change_view, change.to),
    FIELD(ENUM, "reason", struct change_view, change.reason),
    MONEY("amount_minor", "currency", struct change_view, change.amount),
    FIELD(INSTANT, "until_at", struct change_view, change.until),
    FIELD(DIGEST, "digest", struct change_view, digest),
};
const struct row_map row_event = ROW_MAP(event_columns);

static const struct column seller_columns[] = {
    FIELD(UINT64, "event_count", struct seller_row, event_count),
    FIELD(INSTANT, "last_step_at", struct seller_row, last_step_at),
    FIELD(UINT64, "agreements", struct seller_row, agreements),
    FIELD(UINT64, "subscriptions", struct seller_row, subscriptions),
    FIELD(DIGEST, "digest", struct seller_row, digest),
};
const struct row_map row_seller = ROW_MAP(seller_columns);

static const struct column seller_id_columns[] = {
    FIELD(TEXT, "seller_id", struct seller_id_row, seller_id),
};
const struct row_map row_seller_id = ROW_MAP(seller_id_columns);

static const struct column policy_columns[] = {
    FIELD(UINT32, "version", struct policy_view, version),
    FIELD(TEXT, "name", struct policy_view, name),
    FIELD(INSTANT, "at", struct policy_view, at),
    FIELD(TEXT, "text", struct policy_view, text),
};
const struct row_map row_policy = ROW_MAP(policy_columns);

static const struct column stop_columns[] = {
    FIELD(TEXT, "seller_id", struct stop_view, seller_id),
    FIELD(ENUM, "reason", struct stop_view, reason),
    FIELD(INSTANT, "at", struct stop_view, at),
    FIELD(INSTANT, "until_at", struct stop_view, until),
};
const struct row_map row_stop = ROW_MAP(stop_columns);

static const struct column wake_columns[] = {
    FIELD(TEXT, "id", struct wake_row, id),
    FIELD(INSTANT, "wake_at", struct wake_row, wake_at),
};
const struct row_map row_wake = ROW_MAP(wake_columns);

static const struct column notice_columns[] = {
    FIELD(UINT64, "number", struct notice_view, work.notice.number),
    FIELD(TEXT, "seller_id", struct notice_view, work.notice.seller_id),
    FIELD(TEXT, "message_id", struct notice_view, work.notice.message_id),
    FIELD(ENUM, "kind", struct notice_view, work.notice.kind),
    FIELD(TEXT, "object_id", struct notice_view, work.notice.object_id),
    FIELD(OPTIONAL_TEXT, "parent_id", struct notice_view, work.notice.parent_id),
    FIELD(OPTIONAL_TEXT, "reference_id", struct notice_view, work.notice.reference_id),
    FIELD(OPTIONAL_TEXT, "order_id", struct notice_view, work.notice.order_id),
    FIELD(TEXT, "state", struct notice_view, work.notice.state),
    FIELD(OPTIONAL_TEXT, "reason", struct notice_view, work.notice.reason),
    MONEY("amount_minor", "currency", struct notice_view, work.notice.amount),
    FIELD(INSTANT, "updated_at", struct notice_view, work.notice.updated_at),
    FIELD(INSTANT, "received_at", struct notice_view, work.notice.received_at),
    FIELD(OPTIONAL_TEXT, "agreement_id", struct notice_view, work.agreement_id),
    FIELD(OPTIONAL_TEXT, "charge_id", struct notice_view, work.charge_id),
    FIELD(OPTIONAL_TEXT, "capture_id", struct notice_view, work.capture_id),
    FIELD(BOOL, "is_done", struct notice_view, is_done),
};
const struct row_map row_notice = ROW_MAP(notice_columns);

static const struct column owner_columns[] = {
    FIELD(TEXT, "agreement_id", struct owner_row, agreement_id),
    FIELD(ENUM, "state", struct owner_row, state),
};
const struct row_map row_owner = ROW_MAP(owner_columns);

static const struct column captured_columns[] = {
    FIELD(TEXT, "agreement_id", struct notice_work, agreement_id),
    FIELD(TEXT, "charge_id", struct notice_work, charge_id),
    FIELD(TEXT, "capture_id", struct notice_work, capture_id),
};
const struct row_map row_captured = ROW_MAP(captured_columns);

static const struct column count_columns[] = {
    FIELD(ENUM, "state", struct count_row, state),
    FIELD(UINT64, "count", struct count_row, count),
    FIELD(INSTANT, "oldest", struct count_row, oldest),
};
const struct row_map row_count = ROW_MAP(count_columns);

/* ---- writing ---- */

static void bind_date(sqlite3_stmt *stmt, int at, const struct civil_date *date)
{
    if (date->year == 0) {
        sqlite3_bind_null(stmt, at);
        return;
    }
    char text[CIVIL_TEXT_MAX];
    civil_format(*date, text);
    sqlite3_bind_text(stmt, at, text, -1, SQLITE_TRANSIENT);
}

static void bind_money(sqlite3_stmt *stmt, int at, int currency_at, const struct money *money)
{
    if (!money_is_valid(*money)) {
        sqlite3_bind_null(stmt, at);
        sqlite3_bind_null(stmt, currency_at);
        return;
    }
    sqlite3_bind_int64(stmt, at, money_minor(*money));
    sqlite3_bind_text(stmt, currency_at, money_currency(money), -1, SQLITE_STATIC);
}

static void bind_instant(sqlite3_stmt *stmt, int at, const struct instant *instant)
{
    if (instant->utc_ms == INSTANT_NEVER.utc_ms) {
        sqlite3_bind_null(stmt, at);
    } else {
        sqlite3_bind_int64(stmt, at, instant->utc_ms);
    }
}

static void bind_text(sqlite3_stmt *stmt, int at, const char *text, bool empty_is_null)
{
    if (empty_is_null && text[0] == '\0') {
        sqlite3_bind_null(stmt, at);
    } else {
        sqlite3_bind_text(stmt, at, text, -1, SQLITE_STATIC);
    }
}

static void bind_digest(sqlite3_stmt *stmt, int at, const uint8_t *digest)
{
    static const uint8_t none[DIGEST_BYTES];
    if (memcmp(digest, none, sizeof none) == 0) {
        sqlite3_bind_null(stmt, at);
    } else {
        sqlite3_bind_blob(stmt, at, digest, DIGEST_BYTES, SQLITE_STATIC);
    }
}

void row_bind(const struct statement *statement, const void *image)
{
    sqlite3_stmt *stmt = statement->handle;
    const struct row_map *map = statement->row;
    for (uint32_t i = 0; i < map->column_count; i++) {
        const struct column *column = &map->columns[i];
        const void *field = (const char *)image + column->offset;
        int at = statement->binds[i];
        if (at == 0) {
            continue;
        }
        switch (column->kind) {
        case COLUMN_TEXT:
        case COLUMN_OPTIONAL_TEXT:
            bind_text(stmt, at, field, column->kind == COLUMN_OPTIONAL_TEXT);
            break;
        case COLUMN_ENUM:
        case COLUMN_INT32:
            sqlite3_bind_int64(stmt, at, *(const int32_t *)field);
            break;
        case COLUMN_UINT32:
            sqlite3_bind_int64(stmt, at, *(const uint32_t *)field);
            break;
        case COLUMN_UINT64:
            sqlite3_bind_int64(stmt, at, (int64_t) * (const uint64_t *)field);
            break;
        case COLUMN_BOOL:
            sqlite3_bind_int64(stmt, at, *(const bool *)field);
            break;
        case COLUMN_INSTANT:
            bind_instant(stmt, at, field);
            break;
        case COLUMN_DATE:
            bind_date(stmt, at, field);
            break;
        case COLUMN_MONEY:
            bind_money(stmt, at, statement->currency_binds[i], field);
            break;
        case COLUMN_DIGEST:
            bind_digest(stmt, at, field);
            break;
        }
    }
}

/* ---- reading ---- */

static bool read_text(sqlite3_stmt *stmt, int at, char *field, size_t size)
{
    const unsigned char *text = sqlite3_column_text(stmt, at);
    size_t length = (size_t)sqlite3_column_bytes(stmt, at);
    if (length >= size || (length > 0 && text == NULL)) {
        return false;
    }
    if (length > 0) {
        memcpy(field, text, length);
    }
    field[length] = '\0';
    return true;
}

static bool read_date(sqlite3_stmt *stmt, int at, struct civil_date *date)
{
    const unsigned char *text = sqlite3_column_text(stmt, at);
    *date = (struct civil_date){0, 0, 0};
    return text == NULL || civil_parse((const char *)text, date);
}

static bool read_money(sqlite3_stmt *stmt, int at, int currency_at, struct money *money)
{
    const unsigned char *currency = sqlite3_column_text(stmt, currency_at);
    if (currency == NULL) {
        *money = money_of(0, "");
        return true;
    }
    *money = money_of(sqlite3_column_int64(stmt, at), (const char *)currency);
    return money_is_valid(*money);
}

static bool read_instant(sqlite3_stmt *stmt, int at, struct instant *instant)
{
    bool never = sqlite3_column_type(stmt, at) == SQLITE_NULL;
    *instant = never ? INSTANT_NEVER : (struct instant){sqlite3_column_int64(stmt, at)};
    return true;
}

static bool read_integer(sqlite3_stmt *stmt, int at, enum column_kind kind, void *field)
{
    int64_t value = sqlite3_column_int64(stmt, at);
    if (kind == COLUMN_UINT64) {
        *(uint64_t *)field = (uint64_t)value;
        return value >= 0;
    }
    if (kind == COLUMN_UINT32) {
        *(uint32_t *)field = (uint32_t)value;
        return value >= 0 && value <= UINT32_MAX;
    }
    if (kind == COLUMN_BOOL) {
        *(bool *)field = value != 0;
        return value == 0 || value == 1;
    }
    *(int32_t *)field = (int32_t)value;
    return value >= INT32_MIN && value <= INT32_MAX;
}

static bool read_digest(sqlite3_stmt *stmt, int at, uint8_t *digest)
{
    memset(digest, 0, DIGEST_BYTES);
    const void *bytes = sqlite3_column_blob(stmt, at);
    if (bytes == NULL) {
        return true;
    }
    bool fits = sqlite3_column_bytes(stmt, at) == DIGEST_BYTES;
    if (fits) {
        memcpy(digest, bytes, DIGEST_BYTES);
    }
    return fits;
}

static bool read_column(const struct statement *statement, uint32_t i, void *field)
{
    const struct column *column = &statement->row->columns[i];
    int at = statement->results[i];
    switch (column->kind) {
    case COLUMN_TEXT:
    case COLUMN_OPTIONAL_TEXT:
        return read_text(statement->handle, at, field, column->size);
    case COLUMN_ENUM:
    case COLUMN_INT32:
    case COLUMN_UINT32:
    case COLUMN_UINT64:
    case COLUMN_BOOL:
        return read_integer(statement->handle, at, column->kind, field);
    case COLUMN_INSTANT:
        return read_instant(statement->handle, at, field);
    case COLUMN_DATE:
        return read_date(statement->handle, at, field);
    case COLUMN_MONEY:
        return read_money(statement->handle, at, statement->currency_results[i], field);
    case COLUMN_DIGEST:
        return read_digest(statement->handle, at, field);
    }
    return false;
}

bool row_read(const struct statement *statement, void *image)
{
    const struct row_map *map = statement->row;
    bool fits = true;
    for (uint32_t i = 0; i < map->column_count; i++) {
        fits = read_column(statement, i, (char *)image + map->columns[i].offset) && fits;
    }
    return fits;
}

_Static_assert(sizeof(enum agreement_state) == sizeof(int32_t), "enums are stored as int32_t");
_Static_assert(sizeof(agreement_columns) / sizeof agreement_columns[0] <= ROW_COLUMNS_MAX,
               "ROW_COLUMNS_MAX is too small");
_Static_assert(sizeof(subscription_columns) / sizeof subscription_columns[0] <= ROW_COLUMNS_MAX,
               "ROW_COLUMNS_MAX is too small");
