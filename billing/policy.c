/*
 * policy.c - the defaults of a shop's policy.
 *
 * Amazon's advice behind them (Automatic Payments integration guide, "Handle declines"): retry
 * ProcessingFailure and TransactionTimedOut after a while, AmazonRejected only while the agreement
 * stays Open, never a hard InvalidPaymentMethod, which only the buyer can mend: its list is empty.
 * A request that Amazon refused outright (request_refused) is most likely our side's mistake - a
 * clock that is off, a setting - so the buyer's charge is not given up at once.
 */
#include "billing/policy.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

struct policy policy_default(void)
{
    return (struct policy){
        .retry =
            {
                [REASON_INVALID_PAYMENT_METHOD_SOFT] = {3, {1 * DAY, 3 * DAY, 5 * DAY}},
                [REASON_AMAZON_REJECTED] = {2, {1 * DAY, 3 * DAY}},
                [REASON_PROCESSING_FAILURE] = {3, {2 * MINUTE, 30 * MINUTE, 6 * HOUR}},
                [REASON_TRANSACTION_TIMED_OUT] = {3, {5 * MINUTE, 1 * HOUR, 6 * HOUR}},
                [REASON_REQUEST_REFUSED] = {3, {1 * HOUR, 6 * HOUR, 1 * DAY}},
                [REASON_NOT_CAPTURED] = {1, {1 * DAY}},
            },
        .authorization = POLICY_SYNCHRONOUS,
        .settle_by = POLICY_BY_REPEAT,
        .limit_short = POLICY_SHORT_HOLD,
        .suspended_poll_ms = 1 * HOUR,
        .resend = {6, {1 * SECOND, 2 * SECOND, 4 * SECOND, 10 * SECOND, 30 * SECOND, 60 * SECOND}},
        .pending_poll = {6,
                         {30 * SECOND, 30 * SECOND, 1 * MINUTE, 2 * MINUTE, 5 * MINUTE,
                          15 * MINUTE}},
        .answer_deadline_ms = 60 * SECOND,
    };
}
