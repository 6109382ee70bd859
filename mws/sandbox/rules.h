/*
 * rules.h - the readings: where Amazon's documents are silent, uncertain or contradict each other,
 * each open question is a rule with a name, and every answer that a source gives can be played.
 *
 * One table (rules.c) has name, answers, default and a sentence for each; from it come the options
 * of the command line, GET and POST /control/rules, and the list in README.md. A rule may change
 * while the sandbox runs: it holds for what happens from then on.
 */
#ifndef MWS_SANDBOX_RULES_H
#define MWS_SANDBOX_RULES_H

#include <stddef.h>
#include <stdint.h>

#include "billing/status.h"
#include "mws/edge/json.h"
#include "mws/vocab.h"

enum { REPEAT_FIRST, REPEAT_DUPLICATE_REQUEST, REPEAT_DUPLICATE_REFERENCE };
enum { REFERENCE_CHECKED_FIRST, REFERENCE_CHECKED_LAST };
enum { REPEAT_SHOWS_CURRENT, REPEAT_SHOWS_FIRST };
enum { COMPARE_EVERYTHING, COMPARE_NO_TEXTS, COMPARE_AMOUNT };
enum { DECLINED_SPENT, DECLINED_FREE };
enum { SCOPE_ALL, SCOPE_OPERATION };
enum { SOFT_KEEPS_OPEN, SOFT_SUSPENDS };
enum { CLOSED_SUCCEEDS, CLOSED_INVALID_STATUS, CLOSED_INVALID_CLOSE_ATTEMPT };
enum { MENDED_OPENS, MENDED_AWAITS_CONFIRM, MENDED_AWAITS_VALIDATION };
enum { VALIDATION_INVALID_METHOD, VALIDATION_TIMED_OUT };
enum { REJECTED_AMAZON_CLOSED, REJECTED_NO_REASON };
enum { CHARGED_PROCESSED, CHARGED_CAPTURED, CHARGED_SELLER_CLOSED };
enum { DECLINED_CAPTURE_KEEPS_OPEN, DECLINED_CAPTURE_CLOSES };
enum { RELEASE_UNUSED, RELEASE_DECLINED, RELEASE_NOTHING, RELEASE_REFUNDED };
enum { MONTH_UTC, MONTH_JST };
enum { ERROR_USUAL, ERROR_BARE, ERROR_DETAIL };
enum { EMPTY_ELEMENT, EMPTY_ABSENT };
enum { CONSTRAINT_UPPER, CONSTRAINT_LOWER };
enum { BUYER_EQUAL_SELLER, BUYER_EQUALS_SELLER };
enum { FRACTION_REFUSED, FRACTION_ACCEPTED };
enum { NOTIFY_SIGNATURE_1, NOTIFY_SIGNATURE_2 };
enum { NOTIFY_CLOCK_24_HOURS, NOTIFY_CLOCK_12_HOURS };
enum { NOTIFY_SUBJECT_ABSENT, NOTIFY_SUBJECT_PRESENT };
enum { NOTIFY_REGION_AP_NORTHEAST_1, NOTIFY_REGION_US_WEST_2, NOTIFY_REGION_US_EAST_1 };
enum { NOTIFY_RETRIES_5XX_AND_UNREACHABLE, NOTIFY_RETRIES_ALSO_4XX, NOTIFY_RETRIES_ONLY_5XX };
enum { CHARGEBACK_SPACED, CHARGEBACK_JOINED };
enum { BOOLEAN_LOWER_CASE, BOOLEAN_ANY_CASE };
enum { EXPIRATION_AS_IT_IS, EXPIRATION_30_DAYS };

/* Numbers, or members of the enum named beside it. */
struct rules {
    int64_t pending_ms;
    int64_t authorization_days;
    int64_t authorizations_per_order;
    int64_t list_lag_ms;
    int64_t list_page_rows;
    int64_t suspended_lag_ms;
    int64_t notify_retry_ms;
    int64_t expiration_shown;         /* EXPIRATION_AS_IT_IS, ... */
    int64_t repeat;                   /* REPEAT_FIRST */
    int64_t reference_checked;        /* REFERENCE_CHECKED_FIRST */
    int64_t repeat_shows;             /* REPEAT_SHOWS_CURRENT */
    int64_t repeat_compares;          /* COMPARE_EVERYTHING */
    int64_t declined_reference;       /* DECLINED_SPENT */
    int64_t reference_scope;          /* SCOPE_ALL */
    int64_t soft_decline;             /* SOFT_KEEPS_OPEN */
    int64_t close_closed;             /* CLOSED_SUCCEEDS */
    int64_t mended_method;            /* MENDED_OPENS */
    int64_t failed_validation;        /* VALIDATION_INVALID_METHOD */
    int64_t rejected_order;           /* REJECTED_AMAZON_CLOSED */
    int64_t charged_order;            /* CHARGED_PROCESSED */
    int64_t declined_capture;         /* DECLINED_CAPTURE_KEEPS_OPEN */
    int64_t month_releases;           /* RELEASE_UNUSED */
    int64_t month_zone;               /* MONTH_UTC */
    int64_t error_layout;             /* ERROR_USUAL */
    int64_t empty_result;             /* EMPTY_ELEMENT */
    int64_t constraint_element;       /* CONSTRAINT_UPPER */
    int64_t buyer_constraint;         /* BUYER_EQUAL_SELLER */
    int64_t jpy_fraction;             /* FRACTION_REFUSED */
    int64_t booleans;                 /* BOOLEAN_LOWER_CASE */
    int64_t notify_signature;         /* NOTIFY_SIGNATURE_1 */
    int64_t notify_clock;             /* NOTIFY_CLOCK_24_HOURS */
    int64_t notify_subject;           /* NOTIFY_SUBJECT_ABSENT */
    int64_t notify_region_jp;         /* NOTIFY_REGION_AP_NORTHEAST_1 */
    int64_t notify_retries;           /* NOTIFY_RETRIES_5XX_AND_UNREACHABLE */
    int64_t chargeback_type;          /* CHARGEBACK_SPACED */
    int http_status[MWS_ERROR_COUNT]; /* of that error; 0 = the one in mws/vocab.h */
};

/* Every rule as Amazon's documents, or else the fixtures of the SDKs, are best read. */
struct rules rules_default(void);

/* A row of the table: the command line makes its options of them. */
struct rule {
    const char *name;   /* "repeat"; of the option, and in JSON */
    const char *values; /* "first|duplicate-request|duplicate-reference", or a unit: "MS" */
    const char *help;
};

#define RULES_MAX 40

size_t rules_count(void);
struct rule rule_at(size_t index);

/* Sets a rule by its name. ST_INVALID names what it may be. */
MUST_USE enum status rules_set(struct rules *rules, const char *name, const char *value,
                               struct problem *problem);
/* "ConstraintsExist=404": the HTTP status of an error, 400 to 599. */
MUST_USE enum status rules_set_status(struct rules *rules, const char *text,
                                      struct problem *problem);

/* {"repeat": "first", "pending-ms": 2000, ..., "error-status": {"ConstraintsExist": 404}} */
struct json *rules_json(const struct rules *rules);
/* Sets what the object names; nothing of it is set when anything is wrong (ST_INVALID). */
MUST_USE enum status rules_read(struct rules *rules, const struct json *object,
                                struct problem *problem);

int rules_http_status(const struct rules *rules, enum mws_error error);

#endif
