/*
 * lifecycle.c - the tables of allowed successors and the names of states.
 *
 * One row per state: name, and the states that may follow. The charts are in lifecycle.h; the test
 * walks every pair.
 */
#include "billing/lifecycle.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "billing/ensure.h"

struct state_row {
    const char *name;
    uint32_t next; /* bit n: state n may follow */
};

#define TO(state)      (1u << (state))

#define AGREEMENT_OVER (TO(AGREEMENT_CANCELED) | TO(AGREEMENT_CLOSED))

static const struct state_row agreement_rows[] = {
    [AGREEMENT_UNSYNCED] = {"unsynced", TO(AGREEMENT_DRAFT) | TO(AGREEMENT_OPEN) |
                                            TO(AGREEMENT_SUSPENDED) | AGREEMENT_OVER},
    [AGREEMENT_DRAFT] = {"draft", TO(AGREEMENT_OPEN) | TO(AGREEMENT_SUSPENDED) | AGREEMENT_OVER},
    [AGREEMENT_OPEN] = {"open", TO(AGREEMENT_SUSPENDED) | TO(AGREEMENT_UNSYNCED) | AGREEMENT_OVER},
    [AGREEMENT_SUSPENDED] = {"suspended", TO(AGREEMENT_OPEN) | AGREEMENT_OVER},
    [AGREEMENT_CANCELED] = {"canceled", 0},
    [AGREEMENT_CLOSED] = {"closed", 0},
};

static const struct state_row subscription_rows[] = {
    [SUBSCRIPTION_ACTIVE] = {"active", TO(SUBSCRIPTION_PAST_DUE) | TO(SUBSCRIPTION_CANCELED) |
                                           TO(SUBSCRIPTION_ENDED) | TO(SUBSCRIPTION_PAUSED) |
                                           TO(SUBSCRIPTION_LEAVING)},
    [SUBSCRIPTION_PAST_DUE] = {"past_due", TO(SUBSCRIPTION_ACTIVE) | TO(SUBSCRIPTION_CANCELED) |
                                               TO(SUBSCRIPTION_PAUSED) | TO(SUBSCRIPTION_LEAVING)},
    [SUBSCRIPTION_CANCELED] = {"canceled", 0},
    [SUBSCRIPTION_ENDED] = {"ended", 0},
    [SUBSCRIPTION_PAUSED] = {"paused", TO(SUBSCRIPTION_ACTIVE) | TO(SUBSCRIPTION_CANCELED)},
    [SUBSCRIPTION_LEAVING] = {"leaving", TO(SUBSCRIPTION_ACTIVE) | TO(SUBSCRIPTION_REPLACED) |
                                             TO(SUBSCRIPTION_CANCELED)},
    [SUBSCRIPTION_REPLACED] = {"replaced", 0},
};

#define CHARGE_GIVEN_UP (TO(CHARGE_FAILED) | TO(CHARGE_CANCELED))
#define CHARGE_PUT_OFF  (TO(CHARGE_WAITING) | TO(CHARGE_HELD) | TO(CHARGE_ASKING))

static const struct state_row charge_rows[] = {
    [CHARGE_DUE] = {"due", TO(CHARGE_ATTEMPTING) | CHARGE_PUT_OFF | CHARGE_GIVEN_UP},
    [CHARGE_ATTEMPTING] = {"attempting", TO(CHARGE_PAID) | TO(CHARGE_AUTHORIZED) |
                                             TO(CHARGE_RETRYING) | CHARGE_PUT_OFF |
                                             CHARGE_GIVEN_UP},
    [CHARGE_RETRYING] = {"retrying", TO(CHARGE_RETRYING) | TO(CHARGE_ATTEMPTING) | CHARGE_PUT_OFF |
                                         CHARGE_GIVEN_UP},
    [CHARGE_WAITING] = {"waiting", TO(CHARGE_WAITING) | TO(CHARGE_DUE) | TO(CHARGE_ATTEMPTING) |
                                       TO(CHARGE_RETRYING) | TO(CHARGE_HELD) | TO(CHARGE_ASKING) |
                                       CHARGE_GIVEN_UP},
    [CHARGE_HELD] = {"held", TO(CHARGE_HELD) | TO(CHARGE_DUE) | TO(CHARGE_ATTEMPTING) |
                                 TO(CHARGE_WAITING) | TO(CHARGE_ASKING) | CHARGE_GIVEN_UP},
    [CHARGE_PAID] = {"paid", 0},
    [CHARGE_FAILED] = {"failed", 0},
    [CHARGE_CANCELED] = {"canceled", 0},
    [CHARGE_AUTHORIZED] = {"authorized", TO(CHARGE_ATTEMPTING) | TO(CHARGE_RETRYING) |
                                             CHARGE_PUT_OFF | CHARGE_GIVEN_UP},
    [CHARGE_ASKING] = {"asking",
                       TO(CHARGE_DUE) | TO(CHARGE_HELD) | TO(CHARGE_WAITING) | CHARGE_GIVEN_UP},
};

#define ATTEMPT_ANSWERED (TO(ATTEMPT_CAPTURED) | TO(ATTEMPT_DECLINED) | TO(ATTEMPT_REFUSED))

static const struct state_row attempt_rows[] = {
    [ATTEMPT_INTENT] = {"intent", TO(ATTEMPT_UNKNOWN) | TO(ATTEMPT_POSTPONED) |
                                      TO(ATTEMPT_AUTHORIZED) | ATTEMPT_ANSWERED},
    [ATTEMPT_UNKNOWN] = {"unknown", TO(ATTEMPT_AUTHORIZED) | ATTEMPT_ANSWERED},
    [ATTEMPT_CAPTURED] = {"captured", 0},
    [ATTEMPT_DECLINED] = {"declined", 0},
    [ATTEMPT_REFUSED] = {"refused", 0},
    [ATTEMPT_POSTPONED] = {"postponed", TO(ATTEMPT_INTENT) | TO(ATTEMPT_REFUSED)},
    [ATTEMPT_AUTHORIZED] = {"authorized",
                            TO(ATTEMPT_CAPTURING) | TO(ATTEMPT_VOIDING) | ATTEMPT_ANSWERED},
    [ATTEMPT_CAPTURING] = {"capturing", TO(ATTEMPT_AUTHORIZED) | ATTEMPT_ANSWERED},
    [ATTEMPT_VOIDING] = {"voiding", ATTEMPT_ANSWERED},
};

#define REFUND_ANSWERED (TO(REFUND_COMPLETED) | TO(REFUND_DECLINED) | TO(REFUND_REFUSED))

static const struct state_row refund_rows[] = {
    [REFUND_INTENT] = {"intent", TO(REFUND_UNKNOWN) | TO(REFUND_POSTPONED) | TO(REFUND_PENDING) |
                                     REFUND_ANSWERED},
    [REFUND_UNKNOWN] = {"unknown", TO(REFUND_PENDING) | REFUND_ANSWERED},
    [REFUND_POSTPONED] = {"postponed", TO(REFUND_INTENT) | TO(REFUND_REFUSED)},
    [REFUND_PENDING] = {"pending", TO(REFUND_COMPLETED) | TO(REFUND_DECLINED)},
    [REFUND_COMPLETED] = {"completed", 0},
    [REFUND_DECLINED] = {"declined", 0},
    [REFUND_REFUSED] = {"refused", 0},
};

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static const struct state_row *row_of(const struct state_row *rows, size_t count, unsigned state)
{
    ENSURE(state > 0);
    ENSURE(state < count);
    return &rows[state];
}

static unsigned state_named(const struct state_row *rows, size_t count, const char *name)
{
    for (unsigned state = 1; state < count; state++) {
        if (strcmp(rows[state].name, name) == 0) {
            return state;
        }
    }
    return 0;
}

const char *agreement_state_name(enum agreement_state state)
{
    return row_of(agreement_rows, COUNT(agreement_rows), state)->name;
}

const char *subscription_state_name(enum subscription_state state)
{
    return row_of(subscription_rows, COUNT(subscription_rows), state)->name;
}

const char *charge_state_name(enum charge_state state)
{
    return row_of(charge_rows, COUNT(charge_rows), state)->name;
}

const char *attempt_state_name(enum attempt_state state)
{
    return row_of(attempt_rows, COUNT(attempt_rows), state)->name;
}

const char *refund_state_name(enum refund_state state)
{
    return row_of(refund_rows, COUNT(refund_rows), state)->name;
}

enum charge_state charge_state_parse(const char *name)
{
    return state_named(charge_rows, COUNT(charge_rows), name);
}

enum subscription_state subscription_state_parse(const char *name)
{
    return state_named(subscription_rows, COUNT(subscription_rows), name);
}

bool agreement_may_become(enum agreement_state from, enum agreement_state to)
{
    return (row_of(agreement_rows, COUNT(agreement_rows), from)->next & TO(to)) != 0;
}

bool subscription_may_become(enum subscription_state from, enum subscription_state to)
{
    return (row_of(subscription_rows, COUNT(subscription_rows), from)->next & TO(to)) != 0;
}

bool charge_may_become(enum charge_state from, enum charge_state to)
{
    return (row_of(charge_rows, COUNT(charge_rows), from)->next & TO(to)) != 0;
}

bool attempt_may_become(enum attempt_state from, enum attempt_state to)
{
    return (row_of(attempt_rows, COUNT(attempt_rows), from)->next & TO(to)) != 0;
}

bool refund_may_become(enum refund_state from, enum refund_state to)
{
    return (row_of(refund_rows, COUNT(refund_rows), from)->next & TO(to)) != 0;
}

bool agreement_is_final(enum agreement_state state)
{
    return row_of(agreement_rows, COUNT(agreement_rows), state)->next == 0;
}

bool subscription_is_final(enum subscription_state state)
{
    return row_of(subscription_rows, COUNT(subscription_rows), state)->next == 0;
}

bool charge_is_final(enum charge_state state)
{
    return row_of(charge_rows, COUNT(charge_rows), state)->next == 0;
}

bool attempt_is_final(enum attempt_state state)
{
    return row_of(attempt_rows, COUNT(attempt_rows), state)->next == 0;
}

bool refund_is_final(enum refund_state state)
{
    return row_of(refund_rows, COUNT(refund_rows), state)->next == 0;
}

static const char *const reason_names[REASON_COUNT] = {
    [REASON_NONE] = "none",
    [REASON_INVALID_PAYMENT_METHOD] = "InvalidPaymentMethod",
    [REASON_INVALID_PAYMENT_METHOD_SOFT] = "InvalidPaymentMethodSoft",
    [REASON_AMAZON_REJECTED] = "AmazonRejected",
    [REASON_PROCESSING_FAILURE] = "ProcessingFailure",
    [REASON_TRANSACTION_TIMED_OUT] = "TransactionTimedOut",
    [REASON_PERIODIC_AMOUNT_EXCEEDED] = "PeriodicAmountExceeded",
    [REASON_AGREEMENT_NOT_OPEN] = "agreement_not_open",
    [REASON_REQUEST_REFUSED] = "request_refused",
    [REASON_LIMIT_SHORT] = "limit_short",
    [REASON_LIMIT_TOO_SMALL] = "limit_too_small",
    [REASON_AGREEMENT_SUSPENDED] = "agreement_suspended",
    [REASON_AGREEMENT_ENDED] = "agreement_ended",
    [REASON_SUBSCRIPTION_CANCELED] = "subscription_canceled",
    [REASON_NO_ANSWER] = "no_answer",
    [REASON_THROTTLED] = "throttled",
    [REASON_SERVICE_UNAVAILABLE] = "service_unavailable",
    [REASON_SELLER_ACCESS] = "seller_access",
    [REASON_PENDING] = "pending",
    [REASON_NOT_CAPTURED] = "not_captured",
    [REASON_AGREEMENT_UNKNOWN] = "agreement_unknown",
    [REASON_SUBSCRIPTION_PAUSED] = "subscription_paused",
    [REASON_STOPPED] = "stopped",
    [REASON_HELD_BACK] = "held_back",
    [REASON_OUTSIDE_HOURS] = "outside_hours",
    [REASON_TOO_LATE] = "too_late",
    [REASON_MISSED] = "missed",
    [REASON_LIMIT_ASK] = "limit_ask",
    [REASON_REJECTED] = "rejected",
    [REASON_APPROVED] = "approved",
    [REASON_NEXT_CYCLE] = "next_cycle",
    [REASON_ATTEMPTS_MAX] = "attempts_max",
    [REASON_AMOUNT_BOUND] = "amount_bound",
    [REASON_ON_SHIPMENT] = "on_shipment",
    [REASON_AUTHORIZATION_EXPIRING] = "authorization_expiring",
    [REASON_AUTHORIZATION_EXPIRED] = "authorization_expired",
    [REASON_VOIDED] = "voided",
    [REASON_CAPTURE_DECLINED] = "capture_declined",
    [REASON_SKIPPED] = "skipped",
    [REASON_AGREEMENT_REPLACED] = "agreement_replaced",
    [REASON_HAND_OVER_REFUSED] = "hand_over_refused",
    [REASON_LIMIT_DIFFERS] = "limit_differs",
    [REASON_OPERATOR] = "operator",
    [REASON_POLICY] = "policy",
    [REASON_GUARD] = "guard",
    [REASON_CLOCK] = "clock",
    [REASON_A_TO_Z] = "a_to_z",
    [REASON_CHARGEBACK] = "chargeback",
    [REASON_VALIDATION_FAILED] = "validation_failed",
    [REASON_MERCHANT_CLOSED] = "merchant_closed",
    [REASON_BUYER_CLOSED] = "buyer_closed",
    [REASON_BREAKER_OPEN] = "breaker_open",
    [REASON_CANARY] = "canary",
    [REASON_RETRIES_PER_HOUR] = "retries_per_hour",
    [REASON_CLOCK_BACK] = "clock_back",
    [REASON_CAPTURED_BY_HAND] = "captured_by_hand",
};

const char *reason_name(enum reason reason)
{
    ENSURE((unsigned)reason < REASON_COUNT);
    return reason_names[reason];
}

enum reason reason_parse(const char *name)
{
    unsigned reason = 0;
    while (reason < REASON_COUNT && strcmp(reason_names[reason], name) != 0) {
        reason++;
    }
    return reason;
}
