/*
 * ipn.h - Instant Payment Notifications (IPN) as bytes: the envelope that Amazon SNS posts, what of
 * it is signed, from where its certificate may be fetched, and the notification inside.
 *
 * Pure: nothing is fetched, verified or believed here. scheduler/ipn*.c keeps the order of the
 * checks. A notification is a reason to ask Amazon, never by itself a proof.
 *
 * Sources: "Instant Payment Notifications" of the Amazon Pay integration guide; "Verifying the
 * signatures of Amazon SNS messages"; the NotificationFactory and fixtures of Amazon's Java and C#
 * SDKs.
 */
#ifndef MWS_IPN_H
#define MWS_IPN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "billing/instant.h"
#include "billing/money.h"
#include "billing/status.h"
#include "mws/edge/trust.h"
#include "mws/edge/xml.h"
#include "mws/operation.h"
#include "mws/vocab.h"

#define IPN_BODY_BYTES_MAX ((size_t)256 * 1024) /* the most that SNS delivers */
#define IPN_MESSAGE_ID_MAX 101                  /* SNS: at most 100 characters */
#define IPN_TOPIC_MAX      257
#define IPN_URL_MAX        513
#define IPN_COMMON_NAME    "sns.amazonaws.com"

/* ---- the envelope ---- */

enum ipn_envelope_type {
    IPN_NOTIFICATION = 1,
    IPN_SUBSCRIPTION_CONFIRMATION, /* Amazon owns the subscription: nothing to confirm */
    IPN_UNSUBSCRIBE_CONFIRMATION,
};

/* Texts are borrowed from `json`, and are the decoded strings that were signed. */
struct ipn_envelope {
    struct json *json;
    enum ipn_envelope_type type;
    const char *message_id;
    const char *topic_arn;
    const char *message;
    size_t message_length;
    const char *timestamp;
    const char *subject;       /* NULL = absent: it is signed only if present */
    const char *token;         /* of confirmations, else NULL */
    const char *subscribe_url; /* likewise */
    const char *signing_cert_url;
    enum digest digest; /* by SignatureVersion */
    uint8_t signature[SIGNATURE_BYTES_MAX];
    size_t signature_length;
};

/* ST_INVALID with a sentence: not JSON, not an object, a duplicated key, an element missing, empty,
 * of another kind or too long, an unknown Type or SignatureVersion, a Signature that is not base64.
 * Unknown members are ignored. On success `envelope` is to be freed. */
MUST_USE enum status ipn_envelope_read(const char *body, size_t length,
                                       struct ipn_envelope *envelope, struct problem *problem);
void ipn_envelope_free(struct ipn_envelope *envelope);

/* The bytes that were signed: name LF value LF of each signed element in byte order of the names.
 * To be freed with free(); `length` without the NUL. */
char *ipn_signed_text(const struct ipn_envelope *envelope, size_t *length);

/* May the certificate be fetched from there? https, no user, no port other than 443, a host that
 * matches ^sns\.[a-zA-Z0-9-]{3,}\.amazonaws\.com(\.cn)?$, no query or fragment, a path that ends in
 * .pem, printable ASCII only, no dot segments, at most IPN_URL_MAX - 1 characters. ST_INVALID with
 * a sentence. */
MUST_USE enum status ipn_certificate_url_check(const char *url, struct problem *problem);

/* ---- the notification ---- */

enum ipn_type {
    IPN_PAYMENT_AUTHORIZE = 1,
    IPN_PAYMENT_CAPTURE,
    IPN_PAYMENT_REFUND,
    IPN_ORDER_REFERENCE,
    IPN_BILLING_AGREEMENT,
    IPN_CHARGEBACK, /* "Chargeback Detailed Notification" or ChargebackDetailedNotification */
    IPN_PROVIDER_CREDIT,
    IPN_PROVIDER_CREDIT_REVERSAL,
    IPN_SOLUTION_PROVIDER_EVENT,
    IPN_OTHER, /* a NotificationType that is not documented: kept, never acted upon */
};

/* EventType of a billing agreement's notification. */
enum ipn_event {
    IPN_EVENT_NONE = 0, /* absent */
    IPN_BILLING_AGREEMENT_STATUS_UPDATED,
    IPN_PAYMENT_METHOD_UPDATED,
    IPN_ADDRESS_UPDATED,
    IPN_ADDRESS_AND_PAYMENT_METHOD_UPDATED,
    IPN_EVENT_OTHER,
};

struct ipn_notification {
    enum ipn_type type;
    enum ipn_event event;
    char notification_reference_id[64];
    char seller_id[32];
    bool is_live;   /* ReleaseEnvironment */
    bool is_sample; /* the test button of Seller Central */
    /* Of NotificationData. "" or poison = absent; what cannot be read leaves all of them absent and
     * sets is_data_unreadable: the notification is then worth no question. */
    bool is_data_unreadable;
    char object_id[MWS_ID_MAX]; /* Amazon's id of what it is about */
    char parent_id[MWS_ID_MAX]; /* of a chargeback: AmazonCaptureReferenceId */
    char reference_id[33];     /* AuthorizationReferenceId, CaptureReferenceId, RefundReferenceId */
    char seller_order_id[128]; /* SellerOrderId of an order reference */
    char state[32];            /* as Amazon spells it, also when not in mws/vocab.h */
    char reason[64];           /* ReasonCode; of a chargeback ChargebackReason */
    char refund_type[32];
    struct money amount;       /* of the authorization, capture, refund, chargeback or order */
    struct instant updated_at; /* LastUpdateTimestamp; never = absent */
};

/* Reads the text of a Notification's Message. ST_INVALID with a sentence when it is not the
 * documented JSON or names no SellerId; unreadable NotificationData is not an error. Without `xml`
 * (NULL) NotificationData is left alone: enough to know whom it is for, before it is known who
 * wrote it. */
MUST_USE enum status ipn_notification_read(const char *message, size_t length, struct xml *xml,
                                           struct ipn_notification *notification,
                                           struct problem *problem);

/* "PaymentAuthorize", ... as Amazon spells it; of IPN_OTHER "other". */
const char *ipn_type_name(enum ipn_type type);
const char *ipn_event_name(enum ipn_event event);

#endif
