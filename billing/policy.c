/*
 * policy.c - the defaults of a shop's policy, and what is computed from one.
 *
 * Amazon's advice behind them (Automatic Payments integration guide, "Handle declines"): retry
 * ProcessingFailure and TransactionTimedOut after a while, AmazonRejected only while the agreement
 * stays Open, never a hard InvalidPaymentMethod, which only the buyer can mend: its list is empty.
 * A request that Amazon refused outright (request_refused) is most likely our side's mistake - a
 * clock that is off, a setting - so the buyer's charge is not given up at once.
 */
#include "billing/policy.h"

#include <string.h>

#include "billing/civil.h"
#include "billing/ensure.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

struct policy policy_default(void)
{
    return (struct policy){
        .name = POLICY_NAME_DEFAULT,
        .authorization = POLICY_SYNCHRONOUS,
        .capture = POLICY_CAPTURE_NOW,
        .capture_warning_ms = 2 * DAY,
        .settle_by = POLICY_BY_REPEAT,
        .retry =
            {
                [REASON_INVALID_PAYMENT_METHOD] = {POLICY_WAIT_OPEN, {0}},
                [REASON_INVALID_PAYMENT_METHOD_SOFT] = {0, {3, {1 * DAY, 3 * DAY, 5 * DAY}}},
                [REASON_AMAZON_REJECTED] = {0, {2, {1 * DAY, 3 * DAY}}},
                [REASON_PROCESSING_FAILURE] = {0, {3, {2 * MINUTE, 30 * MINUTE, 6 * HOUR}}},
                [REASON_TRANSACTION_TIMED_OUT] = {0, {3, {5 * MINUTE, 1 * HOUR, 6 * HOUR}}},
                [REASON_PERIODIC_AMOUNT_EXCEEDED] = {POLICY_NEXT_PERIOD, {0}},
                [REASON_AGREEMENT_NOT_OPEN] = {POLICY_WAIT_OPEN, {0}},
                [REASON_REQUEST_REFUSED] = {0, {3, {1 * HOUR, 6 * HOUR, 1 * DAY}}},
                [REASON_NOT_CAPTURED] = {0, {1, {1 * DAY}}},
                [REASON_CAPTURE_DECLINED] = {0, {2, {1 * HOUR, 1 * DAY}}},
            },
        .hours = {.days = POLICY_ALL_DAYS},
        .attempts_max = 20,
        .final_action = POLICY_LEAVE_PAST_DUE,
        .limit_short = POLICY_SHORT_HOLD,
        .limit_refresh_ms = 1 * DAY,
        .limit_difference_stops = true,
        .catch_up = POLICY_CATCH_UP_EACH,
        .late_after_ms = 1 * HOUR,
        .suspended_poll_ms = 1 * HOUR,
        .validate_every_ms = 1 * DAY,
        .resend = {6, {1 * SECOND, 2 * SECOND, 4 * SECOND, 10 * SECOND, 30 * SECOND, 60 * SECOND}},
        .pending_poll = {6,
                         {30 * SECOND, 30 * SECOND, 1 * MINUTE, 2 * MINUTE, 5 * MINUTE,
                          15 * MINUTE}},
        .answer_deadline_ms = 60 * SECOND,
    };
}

const struct policy *policy_named(const struct policy *list, const char *name)
{
    for (const struct policy *policy = list; policy != NULL; policy = policy->next) {
        if (strcmp(policy->name, name) == 0) {
            return policy;
        }
    }
    return list;
}

const struct policy *policy_numbered(const struct policy *list, uint32_t version)
{
    for (const struct policy *policy = list; policy != NULL; policy = policy->next) {
        if (policy->version == version) {
            return policy;
        }
    }
    return list;
}

int64_t policy_nth_wait_ms(const struct policy_waits *waits, uint32_t n)
{
    if (waits->count == 0) {
        return 0;
    }
    return waits->wait_ms[n < waits->count ? n : waits->count - 1];
}

/* FNV-1a: spread, not secrecy. */
static uint32_t spread(const char *text)
{
    uint32_t hash = 2166136261u;
    for (const char *c = text; *c != '\0'; c++) {
        hash = (hash ^ (uint8_t)*c) * 16777619u;
    }
    return hash ^ (hash >> 16);
}

int64_t policy_jittered_ms(const struct policy *policy, int64_t wait_ms, const char *reference_id)
{
    ENSURE(policy->jitter_percent <= 100);
    int64_t most_ms = wait_ms / 100 * policy->jitter_percent;
    int64_t sum_ms = 0;
    bool is_beyond =
        __builtin_add_overflow(wait_ms, most_ms / 1000 * (spread(reference_id) % 1001), &sum_ms);
    return is_beyond ? INT64_MAX : sum_ms;
}

bool policy_allows_amount(const struct policy *policy, struct money amount)
{
    return money_is_positive(amount) &&
           IMPLIES(money_is_valid(policy->amount_min), money_at_most(policy->amount_min, amount)) &&
           IMPLIES(money_is_valid(policy->amount_max), money_at_most(amount, policy->amount_max));
}

/* The window that begins on `date`; false when it is not one of the policy's days. */
static bool window_of(const struct policy *policy, struct civil_date date, struct instant *from,
                      struct instant *until)
{
    const struct policy_hours *hours = &policy->hours;
    int64_t days = civil_to_days(date);
    uint32_t weekday = (uint32_t)(((days + 3) % 7 + 7) % 7); /* 1 January 1970 was a Thursday */
    if ((hours->days & (1u << weekday)) == 0) {
        return false;
    }
    bool next_day = hours->until_s <= hours->from_s;
    int32_t until_s = hours->until_s % 86400;
    struct civil_date last = civil_from_days(days + (next_day || hours->until_s == 86400));
    *from = zone_instant(policy->zone, date, hours->from_s);
    *until = zone_instant(policy->zone, last, until_s);
    return true;
}

struct instant policy_open_at(const struct policy *policy, struct instant at)
{
    const struct policy_hours *hours = &policy->hours;
    bool all_day = hours->from_s == hours->until_s;
    if ((all_day && hours->days == POLICY_ALL_DAYS) || hours->days == 0) {
        return at;
    }
    int32_t second_of_day;
    int64_t today = civil_to_days(zone_date(policy->zone, at, &second_of_day));
    /* Yesterday's window may reach over midnight; a week on there is one of every day. */
    for (int64_t days = today - 1; days <= today + 8; days++) {
        struct instant from;
        struct instant until;
        if (window_of(policy, civil_from_days(days), &from, &until) && instant_before(at, until)) {
            return instant_before(at, from) ? from : at;
        }
    }
    return at; /* a zone that skipped a week: there is none */
}
