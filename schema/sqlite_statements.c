/*
 * sqlite_statements.c - every SQL text that runs after opening, in one table, and how one runs.
 *
 * Conventions: `:name` is a field of the statement's image or one of enum param. A write that meets
 * an existing row changes it only when the row is the same object (same agreement, same creation)
 * and not final; otherwise no row changes, which sqlite_record.c takes for a conflict.
 *
 * Reading on: sqlite_record.c for writing, sqlite_claim.c for reading.
 */
#include <errno.h>
#include <string.h>

#include "billing/ensure.h"
#include "schema/sqlite_private.h"

struct statement_text {
    const char *name;
    const struct row_map *row;
    const char *sql;
};

static const char *const param_names[PARAM_COUNT] = {
    [PARAM_SELLER_ID] = "seller_id",
    [PARAM_AGREEMENT_ID] = "agreement_id",
    [PARAM_ID] = "id",
    [PARAM_STATE] = "state",
    [PARAM_KIND] = "kind",
    [PARAM_LANE] = "lane",
    [PARAM_AFTER] = "after",
    [PARAM_MAX] = "max",
    [PARAM_NOW] = "now",
};

/* Agreements and subscriptions nearly always keep their state. An UPDATE that names the column
 * `state` may fire a trigger, and SQLite then copies every page it writes, in order to undo the
 * statement alone; so keeping the state has a statement of its own, which is tried first. */
/* clang-format off */
#define AGREEMENT_FIELDS                                                                           \
    " confirm_wanted = :confirm_wanted, close_wanted = :close_wanted,"                             \
    " close_forced = :close_forced, stopped = :stopped,"                                           \
    " limit_currency = :limit_currency, limit_minor = :limit_minor,"                               \
    " limit_posted_minor = :limit_posted_minor, limit_reserved_minor = :limit_reserved_minor,"     \
    " limit_period_start = :limit_period_start, limit_period_end = :limit_period_end,"             \
    " limit_is_told = :limit_is_told, validated_at = :validated_at,"                               \
    " care = :care, care_at = :care_at, care_tries = :care_tries, care_reason = :care_reason,"     \
    " synced_at = :synced_at, wake_at = :wake_at, lane = :lane, version = :version + 1"
#define SUBSCRIPTION_FIELDS                                                                        \
    " label = :label, note = :note, amount_minor = :amount_minor, currency = :currency,"           \
    " policy_name = :policy_name, next_amount_minor = :next_amount_minor,"                         \
    " next_currency = :next_currency, next_amount_at = :next_amount_at,"                           \
    " rule_unit = :rule_unit, rule_every = :rule_every, rule_last_day = :rule_last_day,"           \
    " rule_anchor = :rule_anchor, rule_second_of_day = :rule_second_of_day,"                       \
    " rule_trial_days = :rule_trial_days, rule_cycle_count = :rule_cycle_count,"                   \
    " rule_end = :rule_end, zone = :zone, first_cycle = :first_cycle, next_cycle = :next_cycle,"   \
    " cycle_base = :cycle_base, due_at = :due_at, due_is_moved = :due_is_moved,"                   \
    " is_stopped = :is_stopped, resume_at = :resume_at, cancel_at = :cancel_at,"                   \
    " successor_agreement_id = :successor_agreement_id, successor_key = :successor_key,"           \
    " hand_over_at = :hand_over_at, hand_over_tries = :hand_over_tries"

/* Rows of an index are in the order of numbers, save those of an object, which are few and sorted. */
#define NOTICES_OF_SELLER                                                                          \
    "SELECT * FROM notice INDEXED BY notice_seller"                                                \
    " WHERE seller_id = :seller_id AND (:kind = 0 OR kind = :kind)"
#define NOTICES_OF_MONEY_BACK                                                                      \
    "SELECT * FROM notice INDEXED BY notice_money_back"                                            \
    " WHERE seller_id = :seller_id AND kind = :kind AND kind IN (4, 6)"
#define NOTICES_OF_OBJECT                                                                          \
    "SELECT * FROM notice INDEXED BY notice_news"                                                  \
    " WHERE seller_id = :seller_id AND object_id = :id AND (:kind = 0 OR kind = :kind)"
#define NOTICES_ON   " AND number > :after ORDER BY number LIMIT :max"
#define NOTICES_BACK " AND number > :after ORDER BY number DESC LIMIT :max"

static const struct statement_text statement_texts[STATEMENT_COUNT] = {
    [STATEMENT_BEGIN_READ] = {"begin reading", NULL, "BEGIN"},
    [STATEMENT_BEGIN_WRITE] = {"begin writing", NULL, "BEGIN IMMEDIATE"},
    [STATEMENT_COMMIT] = {"commit", NULL, "COMMIT"},
    [STATEMENT_ROLLBACK] = {"roll back", NULL, "ROLLBACK"},
    [STATEMENT_STEP_BEGIN] = {"begin step", NULL, "SAVEPOINT step"},
    [STATEMENT_STEP_UNDO] = {"undo step", NULL, "ROLLBACK TO step"},
    [STATEMENT_STEP_END] = {"end step", NULL, "RELEASE step"},
    [STATEMENT_PROBE] = {"probe", NULL,
        "INSERT INTO probe (id, at) VALUES (1, :now) ON CONFLICT (id) DO UPDATE SET at = :now"},

    [STATEMENT_SELLER_READ] = {"read seller", &row_seller,
        "SELECT * FROM seller WHERE seller_id = :seller_id"},
    [STATEMENT_SELLER_INSERT] = {"insert seller", NULL,
        "INSERT INTO seller (seller_id) VALUES (:seller_id)"},
    [STATEMENT_SELLER_UPDATE] = {"update seller", &row_seller,
        "UPDATE seller SET event_count = :event_count, last_step_at = :last_step_at,"
        " digest = :digest"
        " WHERE seller_id = :seller_id"},
    [STATEMENT_SELLER_NO_LATER] = {"steps are no later", NULL,
        "UPDATE seller SET last_step_at = :now WHERE last_step_at > :now"},

    [STATEMENT_SELLER_NEXT] = {"next seller", &row_seller_id,
        "SELECT seller_id FROM seller WHERE seller_id > :after ORDER BY seller_id LIMIT 1"},

    [STATEMENT_AGREEMENT_INSERT] = {"insert agreement", &row_agreement,
        "INSERT INTO agreement"
        " (seller_id, id, state, confirm_wanted, close_wanted, limit_currency, limit_minor,"
        "  limit_posted_minor, limit_reserved_minor, limit_period_start, limit_period_end, care,"
        "  care_at, care_tries, care_reason, synced_at, created_at, wake_at, lane, version,"
        "  close_forced, stopped, limit_is_told, validated_at)"
        " VALUES"
        " (:seller_id, :id, :state, :confirm_wanted, :close_wanted, :limit_currency, :limit_minor,"
        "  :limit_posted_minor, :limit_reserved_minor, :limit_period_start, :limit_period_end, :care,"
        "  :care_at, :care_tries, :care_reason, :synced_at, :created_at, :wake_at, :lane,"
        "  :version + 1, :close_forced, :stopped, :limit_is_told, :validated_at)"},
    [STATEMENT_AGREEMENT_UPDATE] = {"update agreement", &row_agreement,
        "UPDATE agreement SET" AGREEMENT_FIELDS
        " WHERE seller_id = :seller_id AND id = :id AND version = :version AND state = :state"},
    [STATEMENT_AGREEMENT_UPDATE_STATE] = {"update agreement to another state", &row_agreement,
        "UPDATE agreement SET state = :state," AGREEMENT_FIELDS
        " WHERE seller_id = :seller_id AND id = :id AND version = :version"},
    [STATEMENT_AGREEMENT_READ] = {"read agreement", &row_agreement,
        "SELECT * FROM agreement WHERE seller_id = :seller_id AND id = :id"},
    [STATEMENT_AGREEMENT_LIST] = {"list agreements", &row_agreement,
        "SELECT * FROM agreement WHERE seller_id = :seller_id AND id > :after"
        " ORDER BY id LIMIT :max"},
    [STATEMENT_AGREEMENT_QUEUE] = {"claim", &row_wake,
        "SELECT id, wake_at FROM agreement WHERE seller_id = :seller_id AND lane = :lane"
        " AND wake_at IS NOT NULL ORDER BY wake_at LIMIT :max"},

    [STATEMENT_WAKE_CARE] = {"take up calls", NULL,
        "UPDATE agreement SET wake_at = :now, lane = :lane WHERE care <> 0 AND care_at <= :now"
        " AND (wake_at IS NULL OR wake_at > :now)"},
    /* In the state of an attempt: 1 INTENT, 2 UNKNOWN, 7 AUTHORIZED, 8 CAPTURING, 9 VOIDING; reason
     * 18: Amazon has not decided yet. */
    [STATEMENT_WAKE_SETTLE] = {"settle", NULL,
        "UPDATE agreement SET wake_at = :now, lane = :lane WHERE (seller_id, id) IN"
        " (SELECT seller_id, agreement_id FROM attempt WHERE state NOT BETWEEN 4 AND 6"
        "  AND (state IN (1, 9) OR (state IN (2, 8) AND reason <> 18)))"},
    [STATEMENT_WAKE_PENDING] = {"take up look-ups", NULL,
        "UPDATE agreement SET wake_at = :now, lane = :lane WHERE (seller_id, id) IN"
        " (SELECT seller_id, agreement_id FROM attempt WHERE state NOT BETWEEN 4 AND 6"
        "  AND (state = 7 OR (state IN (2, 8) AND reason = 18)) AND resend_at <= :now)"
        " AND (wake_at IS NULL OR wake_at > :now)"},
    [STATEMENT_WAKE_REFUNDS] = {"take up refunds", NULL,
        "UPDATE agreement SET wake_at = :now, lane = :lane WHERE (seller_id, id) IN"
        " (SELECT seller_id, agreement_id FROM refund INDEXED BY refund_open WHERE state <= 4"
        "  AND (state <= 2 OR resend_at <= :now)) AND (wake_at IS NULL OR wake_at > :now)"},
    [STATEMENT_WAKE_LEAVING] = {"take up hand-overs", NULL,
        "UPDATE agreement SET wake_at = :now, lane = :lane WHERE (seller_id, id) IN"
        " (SELECT seller_id, agreement_id FROM subscription INDEXED BY subscription_leaving"
        "  WHERE state = 6) AND (wake_at IS NULL OR wake_at > :now)"},
    /* The most urgent of what waits there gives the lane, as in account_wake(). */
    [STATEMENT_WAKE_WAITING] = {"wake what waits", NULL,
        "UPDATE agreement SET wake_at = :now, lane ="
        " (SELECT min(CASE"
        "   WHEN EXISTS (SELECT 1 FROM attempt WHERE attempt.seller_id = charge.seller_id"
        "    AND attempt.charge_id = charge.id) THEN 5"
        "   WHEN subscription_key IS NULL THEN 2 WHEN is_first = 1 THEN 3 ELSE 4 END)"
        "  FROM charge INDEXED BY charge_waiting WHERE charge.seller_id = agreement.seller_id"
        "  AND reason = :kind AND charge.agreement_id = agreement.id AND charge.state = 4)"
        " WHERE (seller_id, id) IN"
        " (SELECT seller_id, agreement_id FROM charge INDEXED BY charge_waiting"
        "  WHERE seller_id = :seller_id AND reason = :kind AND state = 4)"
        " AND (wake_at IS NULL OR wake_at > :now)"},
    [STATEMENT_WAKE_LATER] = {"put off", NULL,
        "UPDATE agreement SET wake_at = :now WHERE seller_id = :seller_id AND id = :id"},

    [STATEMENT_SUBSCRIPTION_INSERT] = {"insert subscription", &row_subscription,
        "INSERT INTO subscription"
        " (seller_id, key, agreement_id, state, label, note, amount_minor, currency, rule_unit,"
        "  rule_every, rule_last_day, rule_anchor, rule_second_of_day, rule_trial_days,"
        "  rule_cycle_count, rule_end, zone, first_cycle, next_cycle, due_at, cancel_at, created_at,"
        "  idempotency_key, policy_name, next_amount_minor, next_currency, next_amount_at, cycle_base,"
        "  due_is_moved, is_stopped, resume_at, successor_agreement_id, successor_key, hand_over_at,"
        "  hand_over_tries)"
        " VALUES"
        " (:seller_id, :key, :agreement_id, :state, :label, :note, :amount_minor, :currency,"
        "  :rule_unit, :rule_every, :rule_last_day, :rule_anchor, :rule_second_of_day,"
        "  :rule_trial_days, :rule_cycle_count, :rule_end, :zone, :first_cycle, :next_cycle,"
        "  :due_at, :cancel_at, :created_at, :idempotency_key, :policy_name, :next_amount_minor,"
        "  :next_currency, :next_amount_at, :cycle_base, :due_is_moved, :is_stopped, :resume_at,"
        "  :successor_agreement_id, :successor_key, :hand_over_at, :hand_over_tries)"
        " ON CONFLICT (seller_id, key) DO NOTHING"},
    [STATEMENT_SUBSCRIPTION_UPDATE] = {"update subscription", &row_subscription,
        "UPDATE subscription SET" SUBSCRIPTION_FIELDS
        " WHERE seller_id = :seller_id AND key = :key AND agreement_id = :agreement_id"
        " AND created_at = :created_at AND state = :state AND state <> 3 AND state <> 4 AND state <> 7"},
    [STATEMENT_SUBSCRIPTION_UPDATE_STATE] = {"update subscription to another state",
        &row_subscription,
        "UPDATE subscription SET state = :state," SUBSCRIPTION_FIELDS
        " WHERE seller_id = :seller_id AND key = :key AND agreement_id = :agreement_id"
        " AND created_at = :created_at AND state <> 3 AND state <> 4 AND state <> 7"},
    [STATEMENT_SUBSCRIPTION_READ] = {"read subscription", &row_subscription,
        "SELECT * FROM subscription WHERE seller_id = :seller_id AND key = :id"},
    [STATEMENT_SUBSCRIPTION_FIND] = {"find subscription", &row_subscription,
        "SELECT * FROM subscription WHERE seller_id = :seller_id AND idempotency_key = :id"},
    [STATEMENT_SUBSCRIPTION_LIVE] = {"load subscriptions", &row_subscription,
        "SELECT * FROM subscription WHERE seller_id = :seller_id AND agreement_id = :agreement_id"
        " AND state <> 3 AND state <> 4 AND state <> 7 ORDER BY key"},
    [STATEMENT_SUBSCRIPTION_LIST] = {"list subscriptions", &row_subscription,
        "SELECT * FROM subscription WHERE seller_id = :seller_id AND key > :after"
        " AND (:state = 0 OR state = :state) ORDER BY key LIMIT :max"},
    [STATEMENT_SUBSCRIPTION_LIST_BY_AGREEMENT] = {"list subscriptions by agreement",
        &row_subscription,
        "SELECT * FROM subscription WHERE seller_id = :seller_id AND agreement_id = :agreement_id"
        " AND key > :after AND (:state = 0 OR state = :state) ORDER BY key LIMIT :max"},
    [STATEMENT_SUBSCRIPTION_LIST_BY_STATE] = {"list subscriptions by state", &row_subscription,
        "SELECT * FROM subscription WHERE seller_id = :seller_id AND state = :state"
        " AND state <> 1 AND key > :after ORDER BY key LIMIT :max"},

    [STATEMENT_CHARGE_INSERT] = {"insert charge", &row_charge,
        "INSERT INTO charge"
        " (seller_id, id, agreement_id, subscription_key, cycle, is_first, state, reason,"
        "  amount_minor, currency, label, note, idempotency_key, due_at, retry_at, created_at,"
        "  final_at, extra_attempts, policy_version, is_approved, word)"
        " VALUES"
        " (:seller_id, :id, :agreement_id, :subscription_key, :cycle, :is_first, :state, :reason,"
        "  :amount_minor, :currency, :label, :note, :idempotency_key, :due_at, :retry_at,"
        "  :created_at, :final_at, :extra_attempts, :policy_version, :is_approved, :word)"
        " ON CONFLICT (seller_id, id) DO NOTHING"},
    [STATEMENT_CHARGE_UPDATE] = {"update charge", &row_charge,
        "UPDATE charge SET state = :state, reason = :reason, retry_at = :retry_at,"
        " final_at = :final_at, extra_attempts = :extra_attempts, is_approved = :is_approved,"
        " word = :word"
        " WHERE seller_id = :seller_id AND id = :id AND agreement_id = :agreement_id"
        " AND created_at = :created_at AND amount_minor = :amount_minor AND currency = :currency"
        " AND note = :note AND policy_version = :policy_version AND state NOT BETWEEN 6 AND 8"},
    [STATEMENT_CHARGE_READ] = {"read charge", &row_charge,
        "SELECT * FROM charge WHERE seller_id = :seller_id AND id = :id"},
    [STATEMENT_CHARGE_READ_ONE_OFF] = {"read one-off", &row_charge,
        "SELECT * FROM charge WHERE seller_id = :seller_id AND idempotency_key = :id"},
    [STATEMENT_CHARGE_OPEN] = {"load charges", &row_charge,
        "SELECT * FROM charge WHERE seller_id = :seller_id AND agreement_id = :agreement_id"
        " AND state NOT BETWEEN 6 AND 8 ORDER BY id"},
    [STATEMENT_CHARGE_LIST] = {"list charges", &row_charge,
        "SELECT * FROM charge WHERE seller_id = :seller_id AND id > :after"
        " AND (:state = 0 OR state = :state) ORDER BY id LIMIT :max"},
    /* The ids of a subscription's charges are exactly those between key '-' and key '.'. */
    [STATEMENT_CHARGE_LIST_BY_AGREEMENT] = {"list charges by agreement", &row_charge,
        /* Sorts what the agreement's subscriptions have, which is little, so that a renewal needs
         * not write an index of all charges by agreement. */
        "SELECT * FROM"
        " (SELECT charge.* FROM subscription CROSS JOIN charge ON charge.seller_id = :seller_id"
        "   AND charge.id > max(:after, key || '-') AND charge.id < key || '.'"
        "  WHERE subscription.seller_id = :seller_id"
        "   AND subscription.agreement_id = :agreement_id AND key >= substr(:after, 1, 16)"
        "  UNION ALL SELECT * FROM charge WHERE seller_id = :seller_id"
        "   AND agreement_id = :agreement_id AND subscription_key IS NULL AND id > :after)"
        " WHERE :state = 0 OR state = :state ORDER BY id LIMIT :max"},
    [STATEMENT_CHARGE_LIST_BY_SUBSCRIPTION] = {"list charges by subscription", &row_charge,
        "SELECT * FROM charge WHERE seller_id = :seller_id AND id > max(:after, :id || '-')"
        " AND id < :id || '.' AND subscription_key = :id"
        " AND (:agreement_id = '' OR agreement_id = :agreement_id)"
        " AND (:state = 0 OR state = :state) ORDER BY id LIMIT :max"},
    [STATEMENT_CHARGE_LIST_BY_STATE] = {"list charges by state", &row_charge,
        "SELECT * FROM charge WHERE seller_id = :seller_id AND state = :state AND state <> 6"
        " AND id > :after ORDER BY id LIMIT :max"},

    [STATEMENT_ATTEMPT_INSERT] = {"insert attempt", &row_attempt,
        "INSERT INTO attempt"
        " (seller_id, charge_id, number, reference_id, agreement_id, state, amount_minor, currency,"
        "  reason, created_at, resend_at, unanswered, discover, answered_at, order_reference_id,"
        "  authorization_id, capture_id, timeout_minutes, capture_now, capture_number, expires_at,"
        "  is_warned)"
        " VALUES"
        " (:seller_id, :charge_id, :number, :reference_id, :agreement_id, :state, :amount_minor,"
        "  :currency, :reason, :created_at, :resend_at, :unanswered, :discover, :answered_at,"
        "  :order_reference_id, :authorization_id, :capture_id, :timeout_minutes, :capture_now,"
        "  :capture_number, :expires_at, :is_warned)"
        " ON CONFLICT (seller_id, charge_id, number) DO NOTHING"},
    [STATEMENT_ATTEMPT_UPDATE] = {"update attempt", &row_attempt,
        "UPDATE attempt SET state = :state, reason = :reason, resend_at = :resend_at,"
        " unanswered = :unanswered, discover = :discover, answered_at = :answered_at,"
        " order_reference_id = :order_reference_id, authorization_id = :authorization_id,"
        " capture_id = :capture_id, capture_number = :capture_number, expires_at = :expires_at,"
        " is_warned = :is_warned"
        " WHERE seller_id = :seller_id AND charge_id = :charge_id AND number = :number"
        " AND agreement_id = :agreement_id AND created_at = :created_at"
        " AND amount_minor = :amount_minor AND currency = :currency"
        " AND timeout_minutes = :timeout_minutes AND capture_now = :capture_now"
        " AND capture_number <= :capture_number AND state NOT BETWEEN 4 AND 6"},
    [STATEMENT_ATTEMPT_LATEST] = {"load attempt", &row_attempt,
        "SELECT * FROM attempt WHERE seller_id = :seller_id AND charge_id = :id"
        " ORDER BY number DESC LIMIT 1"},
    [STATEMENT_ATTEMPT_LIST] = {"list attempts", &row_attempt,
        "SELECT * FROM attempt WHERE seller_id = :seller_id AND charge_id = :id ORDER BY number"},

    [STATEMENT_REFUND_INSERT] = {"insert refund", &row_refund,
        "INSERT INTO refund"
        " (seller_id, id, kind, number, charge_id, agreement_id, capture_id, state, reason,"
        "  amount_minor, currency, note, idempotency_key, amazon_refund_id, created_at, resend_at,"
        "  unanswered, discover, answered_at)"
        " VALUES"
        " (:seller_id, :id, :kind, :number, :charge_id, :agreement_id, :capture_id, :state, :reason,"
        "  :amount_minor, :currency, :note, :idempotency_key, :amazon_refund_id, :created_at,"
        "  :resend_at, :unanswered, :discover, :answered_at)"
        " ON CONFLICT (seller_id, id) DO NOTHING"},
    /* What Amazon told of may begin without an amount and with a kind that was only guessed. */
    [STATEMENT_REFUND_UPDATE] = {"update refund", &row_refund,
        "UPDATE refund SET state = :state, reason = :reason, kind = :kind,"
        " amount_minor = :amount_minor, currency = :currency, amazon_refund_id = :amazon_refund_id,"
        " resend_at = :resend_at, unanswered = :unanswered, discover = :discover,"
        " answered_at = :answered_at"
        " WHERE seller_id = :seller_id AND id = :id AND agreement_id = :agreement_id"
        " AND charge_id = :charge_id AND capture_id = :capture_id AND created_at = :created_at"
        " AND (number = 0 OR (amount_minor = :amount_minor AND currency = :currency"
        "  AND kind = :kind)) AND note = :note AND state <= 4"},
    [STATEMENT_REFUND_OPEN] = {"load refunds", &row_refund,
        "SELECT * FROM refund WHERE seller_id = :seller_id AND agreement_id = :agreement_id"
        " AND state <= 4 ORDER BY id"},

    [STATEMENT_REFUND_FIND] = {"find refund", &row_refund,
        "SELECT * FROM refund WHERE seller_id = :seller_id AND idempotency_key = :id"},
    [STATEMENT_REFUND_LIST] = {"list refunds", &row_refund,
        "SELECT * FROM refund WHERE seller_id = :seller_id AND id > :after ORDER BY id LIMIT :max"},
    [STATEMENT_REFUND_LIST_BY_CHARGE] = {"list refunds by charge", &row_refund,
        "SELECT * FROM refund WHERE seller_id = :seller_id AND charge_id = :id AND id > :after"
        " ORDER BY id LIMIT :max"},

    [STATEMENT_POLICY_INSERT] = {"insert policy", &row_policy,
        "INSERT INTO policy (seller_id, version, name, at, text)"
        " VALUES (:seller_id, :version, :name, :at, :text)"},
    [STATEMENT_POLICY_NEWEST] = {"newest policy", &row_policy,
        "SELECT * FROM policy WHERE seller_id = :seller_id ORDER BY version DESC LIMIT 1"},
    [STATEMENT_POLICY_NEWEST_NAMED] = {"newest policy of a name", &row_policy,
        "SELECT * FROM policy WHERE seller_id = :seller_id AND name = :id"
        " ORDER BY version DESC LIMIT 1"},
    [STATEMENT_POLICY_LIST] = {"list policies", &row_policy,
        "SELECT * FROM policy WHERE seller_id = :seller_id AND version > :after"
        " ORDER BY version LIMIT :max"},

    [STATEMENT_STOP_INSERT] = {"stop", &row_stop,
        "INSERT INTO stop (seller_id, reason, at, until_at)"
        " VALUES (:seller_id, :reason, :at, :until_at)"
        " ON CONFLICT DO NOTHING"},
    [STATEMENT_STOP_REPLACE] = {"stop for another reason", &row_stop,
        "UPDATE stop SET reason = :reason, at = :at, until_at = :until_at"
        " WHERE seller_id = :seller_id AND reason <> :reason"},
    [STATEMENT_STOP_DELETE] = {"lift a stop", &row_stop,
        "DELETE FROM stop WHERE seller_id = :seller_id"},
    [STATEMENT_STOP_LIST] = {"list stops", &row_stop,
        "SELECT * FROM stop ORDER BY seller_id LIMIT :max"},

    [STATEMENT_EVENT_INSERT] = {"insert event", &row_event,
        "INSERT INTO event"
        " (seller_id, number, at, agreement_id, kind, subject, from_state, to_state, reason,"
        "  amount_minor, currency, until_at, digest)"
        " VALUES"
        " (:seller_id, :number, :at, :agreement_id, :kind, :subject, :from_state, :to_state,"
        "  :reason, :amount_minor, :currency, :until_at, :digest)"},
    [STATEMENT_EVENT_LIST] = {"list events", &row_event,
        "SELECT * FROM event WHERE seller_id = :seller_id AND number > :after"
        " ORDER BY number LIMIT :max"},
    [STATEMENT_EVENT_ATTEMPTS] = {"list events of attempts", &row_event,
        "SELECT * FROM event WHERE seller_id = :seller_id AND number > :after AND kind IN (4, 11)"
        " ORDER BY number LIMIT :max"},

    [STATEMENT_NOTICE_INSERT] = {"keep notice", &row_notice,
        "INSERT INTO notice"
        " (seller_id, message_id, kind, object_id, parent_id, reference_id, order_id, state, reason,"
        "  amount_minor, currency, updated_at, received_at, agreement_id, is_done, charge_id,"
        "  capture_id)"
        " VALUES"
        " (:seller_id, :message_id, :kind, :object_id, :parent_id, :reference_id, :order_id, :state,"
        "  :reason, :amount_minor, :currency, :updated_at, :received_at, :agreement_id, :is_done,"
        "  :charge_id, :capture_id)"
        " ON CONFLICT DO NOTHING"},
    [STATEMENT_NOTICE_AGREEMENT] = {"find agreement of notice", &row_owner,
        "SELECT id AS agreement_id, state FROM agreement WHERE seller_id = :seller_id AND id = :id"},
    [STATEMENT_NOTICE_ATTEMPT] = {"find attempt of notice", &row_owner,
        "SELECT agreement_id, state FROM attempt"
        " WHERE seller_id = :seller_id AND charge_id = :id AND number = :after"},
    [STATEMENT_NOTICE_CAPTURED] = {"find capture of notice", &row_captured,
        "SELECT agreement_id, charge_id, capture_id FROM attempt INDEXED BY attempt_order"
        " WHERE order_reference_id = :id AND seller_id = :seller_id AND state = 4"
        " AND capture_id IS NOT NULL LIMIT 1"},
    [STATEMENT_NOTICE_CAPTURED_BY] = {"find capture of notice by attempt", &row_captured,
        "SELECT agreement_id, charge_id, capture_id FROM attempt"
        " WHERE seller_id = :seller_id AND charge_id = :id AND number = :after AND state = 4"
        " AND capture_id IS NOT NULL"},
    [STATEMENT_NOTICE_OPEN] = {"open notices", &row_notice,
        "SELECT * FROM notice INDEXED BY notice_open"
        " WHERE is_done = 0 AND number > :after ORDER BY number LIMIT :max"},
    [STATEMENT_NOTICE_END] = {"end notice", NULL,
        "UPDATE notice SET is_done = 1 WHERE number = :id AND is_done = 0"},
    [STATEMENT_NOTICE_FORGET] = {"forget notices", NULL,
        "DELETE FROM notice WHERE number IN (SELECT number FROM notice INDEXED BY notice_done"
        " WHERE is_done = 1 AND kind NOT IN (4, 6) AND received_at < :now"
        " ORDER BY received_at LIMIT :max)"},
    [STATEMENT_NOTICE_LIST] = {"list notices", &row_notice,
        NOTICES_OF_SELLER NOTICES_ON},
    [STATEMENT_NOTICE_LIST_NEWEST] = {"list newest notices", &row_notice,
        NOTICES_OF_SELLER NOTICES_BACK},
    [STATEMENT_NOTICE_LIST_MONEY_BACK] = {"list refund notices", &row_notice,
        NOTICES_OF_MONEY_BACK NOTICES_ON},
    [STATEMENT_NOTICE_LIST_MONEY_BACK_NEWEST] = {"list newest refund notices", &row_notice,
        NOTICES_OF_MONEY_BACK NOTICES_BACK},
    [STATEMENT_NOTICE_LIST_OBJECT] = {"list notices of object", &row_notice,
        NOTICES_OF_OBJECT NOTICES_ON},
    [STATEMENT_NOTICE_LIST_OBJECT_NEWEST] = {"list newest notices of object", &row_notice,
        NOTICES_OF_OBJECT NOTICES_BACK},

    [STATEMENT_COUNT_PAST_DUE] = {"count past due", &row_count,
        "SELECT 2 AS state, count(*) AS count, NULL AS oldest FROM subscription"
        " WHERE seller_id = :seller_id AND state = 2 AND state <> 1"},
    [STATEMENT_COUNT_BACKLOG] = {"count backlog", &row_count,
        /* A bare count(*) is half as dear as one beside a min(): with a million due it shows. */
        "SELECT 0 AS state, count(*) AS count,"
        " (SELECT min(first) FROM (SELECT"
        "   (SELECT min(wake_at) FROM agreement WHERE seller_id = :seller_id AND lane = column1"
        "    AND wake_at <= :now) AS first FROM (VALUES (1), (2), (3), (4), (5), (6)))) AS oldest"
        " FROM agreement"
        " WHERE seller_id = :seller_id AND lane IN (1, 2, 3, 4, 5, 6) AND wake_at <= :now"},
    [STATEMENT_COUNT_CHARGES] = {"count charges", &row_count,
        "SELECT state, count(*) AS count, NULL AS oldest FROM charge"
        " WHERE seller_id = :seller_id AND state IN (1, 2, 3, 4, 5, 9, 10) AND state <> 6"
        " GROUP BY state"},
    [STATEMENT_COUNT_STOPPED] = {"count stopped", &row_count,
        /* STOPPED, GUARD, CLOCK */
        "SELECT 4 AS state, count(*) AS count, NULL AS oldest FROM charge"
        " WHERE seller_id = :seller_id AND reason IN (22, 44, 45) AND state = 4"},
    [STATEMENT_COUNT_REFUNDS] = {"count refunds", &row_count,
        "SELECT 0 AS state, count(*) AS count, NULL AS oldest FROM refund INDEXED BY refund_open"
        " WHERE seller_id = :seller_id AND state <= 4"},
    [STATEMENT_COUNT_ATTEMPTS] = {"count attempts", &row_count,
        /* What is pending (18) as state 0; CAPTURING (8) and VOIDING (9) as what an authorization in
         * the same uncertainty is. The index has the groups in order. */
        "SELECT CASE WHEN state IN (2, 8) AND reason = 18 THEN 0"
        " WHEN state IN (8, 9) THEN iif(reason = 0, 1, 2) ELSE state END AS state,"
        " count(*) AS count, min(created_at) AS oldest FROM attempt"
        " WHERE seller_id = :seller_id AND state IN (1, 2, 8, 9) AND state NOT BETWEEN 4 AND 6"
        " GROUP BY attempt.state, reason"},
    [STATEMENT_LAST_WRITE] = {"last write", &row_count,
        "SELECT 0 AS state, 0 AS count, max(at) AS oldest FROM"
        " (SELECT max(last_step_at) AS at FROM seller UNION ALL SELECT at FROM probe"
        "  UNION ALL SELECT max(event.at) FROM seller CROSS JOIN event"
        "   ON event.seller_id = seller.seller_id AND event.number = seller.event_count)"},
};
/* clang-format on */

/* ---- preparing ---- */

/* Notes where the statement wants parameter `name`; false when nobody would ever bind it. */
static bool place_param(struct statement *statement, const char *name, int at)
{
    bool placed = false;
    uint32_t columns = statement->row == NULL ? 0 : statement->row->column_count;
    for (uint32_t i = 0; i < columns; i++) {
        const struct column *column = &statement->row->columns[i];
        if (strcmp(column->name, name) == 0) {
            statement->binds[i] = at;
            placed = true;
        }
        if (column->currency != NULL && strcmp(column->currency, name) == 0) {
            statement->currency_binds[i] = at;
            placed = true;
        }
    }
    for (int i = 0; i < PARAM_COUNT; i++) {
        if (strcmp(param_names[i], name) == 0) {
            statement->params[i] = at;
            placed = true;
        }
    }
    return placed;
}

static int find_result(const struct statement *statement, const char *name)
{
    for (int i = 0; i < sqlite3_column_count(statement->handle); i++) {
        if (strcmp(sqlite3_column_name(statement->handle, i), name) == 0) {
            return i;
        }
    }
    return -1;
}

/* False when the result lacks a column of the image. */
static bool place_results(struct statement *statement)
{
    bool complete = true;
    for (uint32_t i = 0; i < statement->row->column_count; i++) {
        const struct column *column = &statement->row->columns[i];
        statement->results[i] = find_result(statement, column->name);
        complete = complete && statement->results[i] >= 0;
        if (column->currency != NULL) {
            statement->currency_results[i] = find_result(statement, column->currency);
            complete = complete && statement->currency_results[i] >= 0;
        }
    }
    return complete;
}

static enum status statement_prepare(struct sqlite_store *store, struct statement *statement,
                                     const struct statement_text *text, struct problem *problem)
{
    *statement = (struct statement){.name = text->name, .row = text->row};
    if (sqlite3_prepare_v3(store->db, text->sql, -1, SQLITE_PREPARE_PERSISTENT, &statement->handle,
                           NULL) != SQLITE_OK) {
        return sqlite_failed(store, text->name, problem);
    }
    for (int at = 1; at <= sqlite3_bind_parameter_count(statement->handle); at++) {
        const char *name = sqlite3_bind_parameter_name(statement->handle, at);
        ENSURE(name != NULL);
        bool known = place_param(statement, name + 1, at);
        ENSURE(known);
    }
    if (sqlite3_column_count(statement->handle) > 0 && !place_results(statement)) {
        return problem_set(problem, ST_STORE,
                           "database %s: \"%s\" lacks a column: the schema was changed by hand;"
                           " restore it from a backup",
                           store->path, text->name);
    }
    return ST_OK;
}

enum status statements_prepare(struct sqlite_store *store, struct problem *problem)
{
    for (int i = 0; i < STATEMENT_COUNT; i++) {
        enum status status =
            statement_prepare(store, &store->statements[i], &statement_texts[i], problem);
        if (status != ST_OK) {
            return status;
        }
    }
    return ST_OK;
}

void statements_finalize(struct sqlite_store *store)
{
    for (int i = 0; i < STATEMENT_COUNT; i++) {
        sqlite3_finalize(store->statements[i].handle);
        store->statements[i].handle = NULL;
    }
}

/* ---- running ---- */

struct statement *statement_use(struct sqlite_store *store, enum statement_id id)
{
    struct statement *statement = &store->statements[id];
    ENSURE(!sqlite3_stmt_busy(statement->handle));
    return statement;
}

void statement_text(struct statement *statement, enum param param, const char *text)
{
    ENSURE(statement->params[param] > 0);
    sqlite3_bind_text(statement->handle, statement->params[param], text, -1, SQLITE_STATIC);
}

void statement_int(struct statement *statement, enum param param, int64_t value)
{
    ENSURE(statement->params[param] > 0);
    sqlite3_bind_int64(statement->handle, statement->params[param], value);
}

void statement_instant(struct statement *statement, enum param param, struct instant at)
{
    statement_int(statement, param, at.utc_ms);
}

void statement_image(struct statement *statement, const void *image)
{
    row_bind(statement, image);
}

void statement_end(struct statement *statement)
{
    sqlite3_reset(statement->handle);
}

enum status statement_run(struct sqlite_store *store, struct statement *statement,
                          struct problem *problem)
{
    enum status status = ST_OK;
    if (sqlite3_step(statement->handle) != SQLITE_DONE) {
        status = sqlite_failed(store, statement->name, problem);
    }
    statement_end(statement);
    return status;
}

enum status statement_fetch(struct sqlite_store *store, struct statement *statement, void *image,
                            struct problem *problem)
{
    int code = sqlite3_step(statement->handle);
    if (code == SQLITE_ROW && row_read(statement, image)) {
        return ST_OK;
    }
    enum status status = ST_NOT_FOUND;
    if (code == SQLITE_ROW) {
        status = problem_set(problem, ST_STORE,
                             "database %s: \"%s\" met a row with a value out of its range: the"
                             " file was damaged or changed by hand; restore it from a backup",
                             store->path, statement->name);
        store->met_damage = true;
    } else if (code != SQLITE_DONE) {
        status = sqlite_failed(store, statement->name, problem);
    }
    statement_end(statement);
    return status;
}

enum status statement_page(struct sqlite_store *store, struct statement *statement, void *images,
                           size_t size, uint32_t max, uint32_t *count, struct problem *problem)
{
    statement_int(statement, PARAM_MAX, max);
    enum status status = ST_OK;
    *count = 0;
    while (status == ST_OK && *count < max) {
        void *image = (char *)images + size * *count;
        memset(image, 0, size);
        status = statement_fetch(store, statement, image, problem);
        *count += status == ST_OK;
    }
    statement_end(statement);
    return status == ST_NOT_FOUND ? ST_OK : status;
}

/* ---- transactions and failures ---- */

enum status transaction_begin(struct sqlite_store *store, enum statement_id kind,
                              struct problem *problem)
{
    ENSURE(sqlite3_get_autocommit(store->db));
    if (kind == STATEMENT_BEGIN_WRITE && store->is_reader) { /* SQLite would begin to read */
        return problem_set(problem, ST_STORE, "database %s was opened to be read only",
                           store->path);
    }
    return statement_run(store, statement_use(store, kind), problem);
}

enum status transaction_end(struct sqlite_store *store, enum status status, struct problem *problem)
{
    if (status == ST_OK || status == ST_NOT_FOUND) {
        enum status committed =
            statement_run(store, statement_use(store, STATEMENT_COMMIT), problem);
        status = committed == ST_OK ? status : committed;
    }
    /* SQLite has already rolled back by itself after some failures. The outcome of a rollback
     * changes nothing: what was not committed does not count. */
    if (!sqlite3_get_autocommit(store->db)) {
        statement_run(store, statement_use(store, STATEMENT_ROLLBACK), NULL);
    }
    return status;
}

/* The errno behind an I/O error. SQLite forgets it when it is the commit that failed; the WAL file,
 * which is what a commit writes, still has it. */
static int system_errno(sqlite3 *db)
{
    int error = sqlite3_system_errno(db);
    sqlite3_file *wal = NULL;
    if (error == 0 &&
        sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &wal) == SQLITE_OK &&
        wal != NULL && wal->pMethods != NULL) {
        wal->pMethods->xFileControl(wal, SQLITE_FCNTL_LAST_ERRNO, &error);
    }
    return error;
}

enum status sqlite_failed(struct sqlite_store *store, const char *doing, struct problem *problem)
{
    int extended = sqlite3_extended_errcode(store->db);
    int error = system_errno(store->db);
    const char *text = sqlite3_errmsg(store->db);
    bool io = (extended & 0xff) == SQLITE_IOERR;
    if (extended == SQLITE_FULL || (io && (error == ENOSPC || error == EDQUOT || error == EFBIG))) {
        return problem_set(problem, ST_FULL,
                           "database %s: \"%s\": no space left for it: free disk space or raise"
                           " the quota",
                           store->path, doing);
    }
    switch (extended) {
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_UNIQUE:
        return problem_set(problem, ST_CONFLICT, "database %s: \"%s\": %s", store->path, doing,
                           text);
    case SQLITE_CONSTRAINT_CHECK:
    case SQLITE_CONSTRAINT_NOTNULL:
    case SQLITE_CONSTRAINT_DATATYPE:
    case SQLITE_CONSTRAINT_FOREIGNKEY:
    case SQLITE_CONSTRAINT_TRIGGER:
        return problem_set(problem, ST_INVALID,
                           "database %s: \"%s\" breaks a rule of the schema: %s", store->path,
                           doing, text);
    default:
        break;
    }
    if ((extended & 0xff) == SQLITE_BUSY) {
        return problem_set(problem, ST_STORE,
                           "database %s: \"%s\": another program has a transaction open in it:"
                           " close that program (readers must not write)",
                           store->path, doing);
    }
    return problem_set(problem, ST_STORE, "database %s: \"%s\": %s%s%s", store->path, doing, text,
                       io ? ": " : "", io ? strerror(error) : "");
}
