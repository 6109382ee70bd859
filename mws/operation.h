/*
 * operation.h - Amazon's operations as typed requests and replies.
 *
 * An operation is one row of the table in operation.c (name, throttle class, how to write the
 * request's parameters, how to read its result) plus its structs: the request in
 * operation_request.h, the reply here. Field names are Amazon's own
 * in our spelling. Texts in a request are borrowed until mws_call() returns; texts in a reply are
 * copies inside the struct.
 */
#ifndef MWS_OPERATION_H
#define MWS_OPERATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "billing/instant.h"
#include "billing/money.h"
#include "billing/status.h"
#include "mws/operation_request.h"
#include "mws/vocab.h"

#define MWS_ID_MAX               40
#define MWS_CONSTRAINTS_MAX      8
#define MWS_MESSAGE_MAX          512
#define MWS_TOKEN_MAX            2048
#define MWS_NOTIFICATION_URL_MAX 1025
#define MWS_LINE_MAX             184 /* of a name or an address: 61 characters of Japanese */
#define MWS_RATE_MAX             32

/* Replies. A text that is longer than its array makes the whole reply unreadable (it is then
 * UNKNOWN); it is never cut, but for `message`. An absent optional text is "", an absent optional
 * amount is poison.
 *
 * Not so what no decision needs: times of update, fees, conversions, the buyer. It never makes a
 * reply unreadable; what of it cannot be read is absent, and names and addresses are cut. */
struct mws_status {
    enum mws_state state;      /* 0 = a state that is not in the vocabulary */
    enum mws_reason reason;    /* 0 = none, or not in the vocabulary */
    bool has_unknown_reason;   /* a ReasonCode was there, and is not in the vocabulary */
    struct instant updated_at; /* LastUpdateTimestamp or LastUpdatedTimestamp; never = absent */
};
/* Amazon gives only city, state, postal code and country until the object is confirmed, or to who
 * has an access token for the rest. */
struct mws_address {
    char name[MWS_LINE_MAX];
    char lines[3][MWS_LINE_MAX]; /* AddressLine1 to 3 */
    char city[MWS_LINE_MAX];
    char county[MWS_LINE_MAX];
    char district[MWS_LINE_MAX];
    char state_or_region[MWS_LINE_MAX];
    char postal_code[32];
    char country_code[8];
    char phone[32];
    bool is_cut; /* a text was longer than its room */
};
struct mws_buyer {
    char name[MWS_LINE_MAX];
    char email[256];
    char phone[32];
    bool is_cut; /* likewise */
};
struct mws_billing_agreement_details {
    char amazon_billing_agreement_id[MWS_ID_MAX];
    struct mws_status status;
    bool has_limits;
    struct money amount_limit_per_time_period;
    struct money current_remaining_balance;
    struct instant time_period_start;
    struct instant time_period_end;
    uint32_t constraint_count;
    char constraints[MWS_CONSTRAINTS_MAX][40]; /* ConstraintID */
    bool consent;
    struct mws_buyer buyer;
    struct mws_address destination;
};
struct mws_validation {
    bool is_success; /* ValidationResult */
    enum mws_reason failure_reason;
    struct mws_status status; /* BillingAgreementStatus */
};
struct mws_id_list {
    uint32_t count;
    char ids[MWS_LIST_MAX][MWS_ID_MAX];
};
struct mws_authorization_details {
    char amazon_authorization_id[MWS_ID_MAX];
    char authorization_reference_id[40];
    char amazon_order_reference_id[MWS_ID_MAX]; /* AuthorizeOnBillingAgreement only */
    struct money authorization_amount;
    struct money captured_amount;
    struct money authorization_fee;
    struct mws_status status;
    bool soft_decline;
    bool capture_now;
    bool has_capture_now;           /* CaptureNow was there: it is known to be false, too */
    struct instant expiration;      /* ExpirationTimestamp; never = absent or unreadable */
    char capture_id[MWS_ID_MAX];    /* first of IdList, "" = none */
    struct mws_id_list capture_ids; /* all of IdList */
};
/* The credits that a capture gave to solution providers, or the reversals that a refund made. */
struct mws_provider_list {
    uint32_t count;
    struct {
        char provider_id[MWS_ID_MAX];
        char id[MWS_ID_MAX]; /* ProviderCreditId, ProviderCreditReversalId */
    } providers[MWS_PROVIDERS_MAX];
};
struct mws_capture_details {
    char amazon_capture_id[MWS_ID_MAX];
    char capture_reference_id[40];
    struct money capture_amount;
    struct money refunded_amount;
    struct money capture_fee;
    struct money converted_amount;      /* in the ledger's currency, where that is another one */
    char conversion_rate[MWS_RATE_MAX]; /* likewise, the decimal text */
    struct mws_status status;
    struct mws_id_list refund_ids;
    struct mws_provider_list provider_credits;
};
struct mws_refund_details {
    char amazon_refund_id[MWS_ID_MAX];
    char refund_reference_id[40];
    enum mws_refund_type refund_type; /* 0 = absent, or not in the vocabulary */
    struct money refund_amount;
    struct money fee_refunded;
    struct money converted_amount;      /* in the ledger's currency, where that is another one */
    char conversion_rate[MWS_RATE_MAX]; /* likewise, the decimal text */
    struct mws_status status;
    struct mws_provider_list provider_credit_reversals;
};
struct mws_order_reference_details {
    char amazon_order_reference_id[MWS_ID_MAX];
    char seller_order_id[128];
    char parent_id[MWS_ID_MAX]; /* the agreement it was made for, "" = none */
    struct money order_total;
    struct mws_status status;
    struct instant expiration; /* INSTANT_NEVER = absent */
    uint32_t constraint_count;
    char constraints[MWS_CONSTRAINTS_MAX][40]; /* ConstraintID */
    uint32_t authorization_count;
    char authorization_ids[MWS_LIST_MAX][MWS_ID_MAX];
    struct mws_buyer buyer;
    struct mws_address destination;
};
struct mws_order_reference_list {
    uint32_t count;
    struct {
        char amazon_order_reference_id[MWS_ID_MAX];
        char seller_order_id[128];
        struct mws_status status; /* 0 when the list does not say */
    } orders[MWS_LIST_MAX];
    bool has_more; /* NextPageToken present */
    char next_page_token[MWS_TOKEN_MAX];
};
struct mws_service {
    enum mws_service_status status; /* 0 = not in the vocabulary */
    struct instant timestamp;       /* INSTANT_NEVER = absent */
    char message_id[64];
    /* What Amazon has to say stands in the reply's `message`: the first of its texts. */
};
struct mws_notification_configurations {
    uint32_t count;
    struct {
        char notification_url[MWS_NOTIFICATION_URL_MAX];
        uint32_t event_types;         /* bits 1 << MWS_EVENT_... */
        bool has_unknown_event_types; /* moreover one that is not in the vocabulary */
    } configurations[MWS_CONFIGURATIONS_MAX];
};
struct mws_provider_credit_details {
    char amazon_provider_credit_id[MWS_ID_MAX];
    char provider_id[MWS_ID_MAX];
    char credit_reference_id[40];
    struct money credit_amount;
    struct money credit_reversal_amount;
    struct mws_status status;
    struct mws_id_list reversal_ids;
};
struct mws_provider_credit_reversal_details {
    char amazon_provider_credit_reversal_id[MWS_ID_MAX];
    char provider_id[MWS_ID_MAX];
    char credit_reversal_reference_id[40];
    struct money credit_reversal_amount;
    struct mws_status status;
};

struct mws_reply {
    enum mws_action action;
    /* How far it got. At most one of the three; none = the operation's result is valid. */
    bool is_transport_failure; /* no whole HTTP answer: nothing else is valid but `not_sent`   */
    bool is_unreadable;        /* an answer that is not the documented XML                     */
    bool is_error;             /* an ErrorResponse: error is valid (0 = a code we do not know) */
    bool not_sent;             /* with is_transport_failure: no byte left this machine         */
    int http_status;
    enum mws_error error;
    char error_code[64];
    char request_id[64];
    /* For people: Amazon's message, what was wrong with the answer, or which word was not known. */
    char message[MWS_MESSAGE_MAX];
    union {
        struct mws_billing_agreement_details billing_agreement; /* Get and Set */
        struct mws_validation validation;
        /* Authorize, AuthorizeOnBillingAgreement, GetAuthorizationDetails */
        struct mws_authorization_details authorization;
        struct mws_capture_details capture;                 /* Capture and Get */
        struct mws_refund_details refund;                   /* Refund and Get */
        struct mws_order_reference_details order_reference; /* Create..., Set..., Get */
        struct mws_order_reference_list order_list;         /* either of the two */
        struct mws_service service;
        enum mws_account_status account_status; /* 0 = not in the vocabulary */
        struct mws_notification_configurations notifications;
        struct mws_provider_credit_details provider_credit;
        struct mws_provider_credit_reversal_details provider_credit_reversal; /* Reverse and Get */
    };
};

/* The three speeds of Amazon's throttling (API reference, "Throttling" of each operation). */
enum mws_throttle_class {
    MWS_THROTTLE_CHARGE = 1,     /* whatever changes something: 10 + 1/s live, 2 + 0.5/s sandbox */
    MWS_THROTTLE_GET,            /* 20 + 2/s live, 5 + 1/s sandbox                               */
    MWS_THROTTLE_SERVICE_STATUS, /* GetServiceStatus: 2 + one in five minutes, in both           */
};
enum mws_throttle_class mws_action_throttle_class(enum mws_action action);

/* Adds `Action` and the operation's own parameters to `form`, checking the documented bounds.
 * ST_INVALID with a sentence that names the parameter; the form is then of no use. */
struct form;
MUST_USE enum status mws_request_write(const struct mws_request *request, struct form *form,
                                       struct problem *problem);

/* Reads an answer's bytes into `reply` (every field set). Never fails: what cannot be read is a
 * reply that says so. `xml` is scratch. */
struct xml;
void mws_reply_read(struct mws_reply *reply, enum mws_action action, int http_status,
                    const char *body, size_t body_length, struct xml *xml);

/* Turns a reply into an unreadable one: its result is forgotten. `message` may be the reply's own.
 */
void mws_reply_set_unreadable(struct mws_reply *reply, const char *message);

/* What an answer must say again to be about this request: "" and poison where Amazon repeats
 * nothing. Borrowed from the request or the reply. */
struct mws_echo {
    const char *id;
    struct money amount;
};
struct mws_echo mws_request_echo(const struct mws_request *request);
struct mws_echo mws_reply_echo(const struct mws_reply *reply);

#endif
