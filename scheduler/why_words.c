/*
 * why_words.c - see why_words.h. A reason without words does not compile when it is the
 * newest, and is found by the test when it is not.
 */
#include "scheduler/why_words.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "billing/civil.h"
#include "billing/ensure.h"

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS   (60 * MINUTE_MS)
#define DAY_MS    (24 * HOUR_MS)

void why_say(struct why_text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    size_t room = sizeof text->text - text->length;
    int length = vsnprintf(text->text + text->length, room, format, arguments);
    va_end(arguments);
    ENSURE(length >= 0);
    text->length += (size_t)length < room ? (size_t)length : room - 1;
}

void why_say_time(struct why_text *text, struct instant at, const struct zone *zone)
{
    if (at.utc_ms == INSTANT_NEVER.utc_ms) {
        why_say(text, "an unknown time");
        return;
    }
    char date[CIVIL_TEXT_MAX];
    int32_t second = 0;
    int32_t offset = zone_offset_s(zone, at);
    struct civil_date day = zone_date(zone, at, &second);
    if (!civil_is_valid(day)) {
        why_say(text, "%" PRId64 " ms of 1970", at.utc_ms);
        return;
    }
    civil_format(day, date);
    why_say(text, "%s %02d:%02d", date, second / 3600, second / 60 % 60);
    if (second % 60 != 0) {
        why_say(text, ":%02d", second % 60);
    }
    if (offset == 0) {
        why_say(text, " UTC");
        return;
    }
    int32_t minutes = (offset < 0 ? -offset : offset) / 60;
    why_say(text, " %c%02d:%02d", offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

void why_say_duration(struct why_text *text, int64_t ms)
{
    static const struct {
        int64_t ms;
        const char *name;
    } units[] = {{DAY_MS, "d"}, {HOUR_MS, "h"}, {MINUTE_MS, "min"}, {1000, "s"}};
    int64_t left = ms < 1000 ? 1000 : ms;
    size_t unit = 0;
    while (left < units[unit].ms) {
        unit++;
    }
    why_say(text, "%" PRId64 " %s", left / units[unit].ms, units[unit].name);
    left %= units[unit].ms;
    if (unit < 3 && left >= units[unit + 1].ms) {
        why_say(text, " %" PRId64 " %s", left / units[unit + 1].ms, units[unit + 1].name);
    }
}

void why_say_money(struct why_text *text, struct money amount)
{
    char plain[MONEY_TEXT_MAX];
    if (!money_is_valid(amount)) {
        why_say(text, "an unknown amount");
        return;
    }
    money_format(amount, plain);
    size_t whole = strcspn(plain, ".");
    why_say(text, "%s ", money_currency(&amount));
    for (size_t i = 0; i < whole; i++) {
        bool separates = i > 0 && (whole - i) % 3 == 0 && plain[i - 1] != '-';
        why_say(text, "%s%c", separates ? "," : "", plain[i]);
    }
    why_say(text, "%s", plain + whole);
}

/* What the reason means, and, where it can be what a charge waits for without a time, what ends it.
 */
struct reason_words {
    const char *because;
    const char *once;
};

/* What one of these waits for is the agreement, however it was found out. */
#define ONCE_OPEN    "at once when Amazon shows the agreement Open"
#define ONCE_LIFTED  "when the stop is lifted"
#define ONCE_GOES_ON "when charging goes on"

/* clang-format off */
static const struct reason_words reasons[] = {
    [REASON_NONE] = {"no reason is recorded", NULL},
    [REASON_INVALID_PAYMENT_METHOD] = {
        "the buyer's payment method was declined (InvalidPaymentMethod, hard: the buyer must mend it)",
        ONCE_OPEN},
    [REASON_INVALID_PAYMENT_METHOD_SOFT] = {
        "the buyer's payment method was declined for now (InvalidPaymentMethod, soft)", NULL},
    [REASON_AMAZON_REJECTED] = {"Amazon rejected it (AmazonRejected)", NULL},
    [REASON_PROCESSING_FAILURE] = {"Amazon could not process it (ProcessingFailure)", NULL},
    [REASON_TRANSACTION_TIMED_OUT] = {"Amazon did not decide in time (TransactionTimedOut)", NULL},
    [REASON_PERIODIC_AMOUNT_EXCEEDED] = {
        "Amazon says that the agreement's limit of the period is used up", NULL},
    [REASON_AGREEMENT_NOT_OPEN] = {"Amazon says that the agreement is not Open", ONCE_OPEN},
    [REASON_REQUEST_REFUSED] = {"Amazon refused the request itself", NULL},
    [REASON_LIMIT_SHORT] = {"too little was left of the agreement's limit in the period", NULL},
    [REASON_LIMIT_TOO_SMALL] = {"the amount is above the agreement's whole limit of a period", NULL},
    [REASON_AGREEMENT_SUSPENDED] = {"the agreement was not Open", ONCE_OPEN},
    [REASON_AGREEMENT_ENDED] = {"the agreement is Closed or Canceled at Amazon", NULL},
    [REASON_SUBSCRIPTION_CANCELED] = {"the subscription was canceled", NULL},
    [REASON_NO_ANSWER] = {"no answer came that says what became of it", NULL},
    [REASON_THROTTLED] = {"Amazon had too many requests (RequestThrottled)", NULL},
    [REASON_SERVICE_UNAVAILABLE] = {"Amazon's service was not available", NULL},
    [REASON_SELLER_ACCESS] = {"Amazon refused the seller's credentials or account",
        "when Amazon takes the seller's credentials again"},
    [REASON_PENDING] = {"Amazon had not decided yet", NULL},
    [REASON_NOT_CAPTURED] = {"it was authorized and then closed without a capture", NULL},
    [REASON_AGREEMENT_UNKNOWN] = {"Amazon does not know this agreement of this seller", ONCE_OPEN},
    [REASON_SUBSCRIPTION_PAUSED] = {"the subscription was paused",
        "when the subscription is resumed"},
    [REASON_STOPPED] = {"a stop switch was on", ONCE_LIFTED},
    [REASON_HELD_BACK] = {
        "charging was held back (Amazon was down, the canary was not answered, or the hour's retries were used up)",
        ONCE_GOES_ON},
    [REASON_OUTSIDE_HOURS] = {"it was outside of the policy's hours or days", NULL},
    [REASON_TOO_LATE] = {"it was later than the policy allows without an operator's word", NULL},
    [REASON_MISSED] = {"autopayd did not run at the due time", NULL},
    [REASON_LIMIT_ASK] = {
        "too little was left of the agreement's limit, and the policy asks an operator then", NULL},
    [REASON_REJECTED] = {"an operator rejected it", NULL},
    [REASON_APPROVED] = {"an operator approved it", NULL},
    [REASON_NEXT_CYCLE] = {
        "the next cycle comes before it could be tried again, and the policy tries no earlier one "
        "then",
        NULL},
    [REASON_ATTEMPTS_MAX] = {"the policy's attempts were used up", NULL},
    [REASON_AMOUNT_BOUND] = {"the amount is outside of the policy's bounds", NULL},
    [REASON_ON_SHIPMENT] = {"it is captured when the shop says that it ships", NULL},
    [REASON_AUTHORIZATION_EXPIRING] = {
        "its authorization was about to expire without a capture", NULL},
    [REASON_AUTHORIZATION_EXPIRED] = {"its authorization expired before it was captured", NULL},
    [REASON_VOIDED] = {"the shop gave it up", NULL},
    [REASON_CAPTURE_DECLINED] = {"the capture was declined", NULL},
    [REASON_CAPTURED_BY_HAND] = {"somebody captured another amount by hand", NULL},
    [REASON_SKIPPED] = {"the shop skipped the cycle", NULL},
    [REASON_AGREEMENT_REPLACED] = {"another agreement takes the subscription over", NULL},
    [REASON_HAND_OVER_REFUSED] = {"the other agreement did not take the subscription over", NULL},
    [REASON_LIMIT_DIFFERS] = {"Amazon counts more than was charged here", ONCE_LIFTED},
    [REASON_OPERATOR] = {"an operator wanted it so", ONCE_LIFTED},
    [REASON_POLICY] = {"the policy wants it so after a charge that failed", NULL},
    [REASON_GUARD] = {"the batch guard found a figure outside of its band", ONCE_LIFTED},
    [REASON_CLOCK] = {"the clock jumped", ONCE_LIFTED},
    [REASON_CLOCK_BACK] = {"the clock was set back", "when the time is caught up"},
    [REASON_A_TO_Z] = {"Amazon's A-to-z guarantee paid the buyer", NULL},
    [REASON_CHARGEBACK] = {"the buyer's bank took the money back", NULL},
    [REASON_VALIDATION_FAILED] = {
        "ValidateBillingAgreement showed that the payment method fails", ONCE_OPEN},
    [REASON_MERCHANT_CLOSED] = {"the seller closed the agreement", NULL},
    [REASON_BUYER_CLOSED] = {"the buyer closed the agreement", NULL},
    [REASON_BREAKER_OPEN] = {"the breaker was open: Amazon did not answer calls to charge", ONCE_GOES_ON},
    [REASON_CANARY] = {"the day's canary, its first charges, was not answered yet", ONCE_GOES_ON},
    [REASON_RETRIES_PER_HOUR] = {"the seller's retries_per_hour were used up", ONCE_GOES_ON},
};
/* clang-format on */

_Static_assert(sizeof reasons / sizeof reasons[0] == REASON_COUNT, "each reason has its words");

static const struct reason_words *words_of(enum reason reason)
{
    static const struct reason_words unknown = {"of a reason that this release does not know",
                                                NULL};
    return (unsigned)reason < REASON_COUNT && reasons[reason].because != NULL ? &reasons[reason]
                                                                              : &unknown;
}

const char *why_because(enum reason reason)
{
    return words_of(reason)->because;
}

const char *why_once(enum reason reason)
{
    const char *once = words_of(reason)->once;
    return once != NULL ? once : "when nothing stands in its way any more";
}

bool why_is_of_clock(enum reason reason)
{
    return reason == REASON_CLOCK || reason == REASON_CLOCK_BACK;
}

const char *why_not_sent(enum reason reason)
{
    return reason == REASON_NO_ANSWER ? "Amazon could not be reached" : why_because(reason);
}
