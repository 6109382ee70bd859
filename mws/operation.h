/*
 * operation.h - Amazon's operations as typed requests and replies.
 *
 * An operation is one row of the table in operation.c (name, throttle class, how to write the
 * request's parameters, how to read its result) plus the structs here. Field names are Amazon's own
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
#include "mws/vocab.h"

#define MWS_ID_MAX          40
#define MWS_LIST_MAX        32 /* members read of any list; more make the reply unreadable */
#define MWS_CONSTRAINTS_MAX 8
#define MWS_MESSAGE_MAX     512

/* Requests. A text that is NULL or "" is a parameter left out; one that is required is then
 * ST_INVALID. */
struct mws_get_billing_agreement_details {
    const char *amazon_billing_agreement_id;
};
struct mws_set_billing_agreement_details {
    const char *amazon_billing_agreement_id;
    const char *seller_note;
    const char *seller_billing_agreement_id;
    const char *store_name;
    const char *custom_information;
};
struct mws_confirm_billing_agreement {
    const char *amazon_billing_agreement_id;
};
struct mws_validate_billing_agreement {
    const char *amazon_billing_agreement_id;
};
struct mws_close_billing_agreement {
    const char *amazon_billing_agreement_id;
    const char *closure_reason;
};
struct mws_authorize_on_billing_agreement {
    const char *amazon_billing_agreement_id;
    const char *authorization_reference_id;
    struct money authorization_amount;
    const char *seller_authorization_note;
    int32_t transaction_timeout_min; /* 0 = synchronous */
    bool capture_now;
    const char *soft_descriptor;
    const char *seller_note;
    const char *seller_order_id;
    const char *store_name;
};
struct mws_get_authorization_details {
    const char *amazon_authorization_id;
};
struct mws_get_order_reference_details {
    const char *amazon_order_reference_id;
};
struct mws_list_order_reference {
    const char *seller_order_id; /* QueryId with QueryIdType=SellerOrderId */
    const char *payment_domain;  /* "FE_JPY" */
};

struct mws_request {
    enum mws_action action;
    union {
        struct mws_get_billing_agreement_details get_billing_agreement_details;
        struct mws_set_billing_agreement_details set_billing_agreement_details;
        struct mws_confirm_billing_agreement confirm_billing_agreement;
        struct mws_validate_billing_agreement validate_billing_agreement;
        struct mws_close_billing_agreement close_billing_agreement;
        struct mws_authorize_on_billing_agreement authorize_on_billing_agreement;
        struct mws_get_authorization_details get_authorization_details;
        struct mws_get_order_reference_details get_order_reference_details;
        struct mws_list_order_reference list_order_reference;
    };
};

/* Replies. A text that is longer than its array makes the whole reply unreadable (it is then
 * UNKNOWN); it is never cut, but for `message`. An absent optional text is "", an absent optional
 * amount is poison. */
struct mws_status {
    enum mws_state state;    /* 0 = a state that is not in the vocabulary */
    enum mws_reason reason;  /* 0 = none, or not in the vocabulary */
    bool has_unknown_reason; /* a ReasonCode was there, and is not in the vocabulary */
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
};
struct mws_validation {
    bool is_success; /* ValidationResult */
    enum mws_reason failure_reason;
    struct mws_status status; /* BillingAgreementStatus */
};
struct mws_authorization_details {
    char amazon_authorization_id[MWS_ID_MAX];
    char authorization_reference_id[40];
    char amazon_order_reference_id[MWS_ID_MAX]; /* AuthorizeOnBillingAgreement only */
    struct money authorization_amount;
    struct money captured_amount;
    struct mws_status status;
    bool soft_decline;
    bool capture_now;
    char capture_id[MWS_ID_MAX]; /* first of IdList, "" = none */
};
struct mws_order_reference_details {
    char amazon_order_reference_id[MWS_ID_MAX];
    char seller_order_id[128];
    struct mws_status status;
    uint32_t authorization_count;
    char authorization_ids[MWS_LIST_MAX][MWS_ID_MAX];
};
struct mws_order_reference_list {
    uint32_t count;
    struct {
        char amazon_order_reference_id[MWS_ID_MAX];
        char seller_order_id[128];
    } orders[MWS_LIST_MAX];
    bool has_more; /* NextPageToken present */
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
        struct mws_authorization_details
            authorization; /* AuthorizeOn..., GetAuthorizationDetails */
        struct mws_order_reference_details order_reference;
        struct mws_order_reference_list order_list;
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

#endif
