/*
 * notice.h - a notification as the world makes it: what has happened, told in Amazon's XML, not yet
 * packed, signed or addressed; and the queue in which it waits to be taken away.
 *
 * tell.h makes notices, notice_data.h writes their XML, parcel.h packs them, deliver.h posts them.
 *
 * Invariants
 * 1. Notices leave the queue in the order in which things happened.
 * 2. The queue holds at most NOTICES_MAX; what more is made is counted and forgotten. Nobody may
 *    take from it for long, and the sandbox must not grow for ever.
 *
 * Source: amazon-pay reference, section 10.
 */
#ifndef MWS_SANDBOX_NOTICE_H
#define MWS_SANDBOX_NOTICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "billing/instant.h"
#include "mws/vocab.h"

/* About 3 KB each. */
#define NOTICES_MAX   20000
#define UUID_TEXT_MAX 37

struct seller;

/* X(enum suffix, NotificationType, root of its XML, what a merchant's URL must want: ALL = only who
 * wants everything). A chargeback's type is spelt with spaces on the wire, and without in an SDK.
 */
#define NOTICE_TYPES(X)                                                                            \
    X(PAYMENT_AUTHORIZE, "PaymentAuthorize", "AuthorizationNotification", PAYMENT_AUTHORIZE)       \
    X(PAYMENT_CAPTURE, "PaymentCapture", "CaptureNotification", PAYMENT_CAPTURE)                   \
    X(PAYMENT_REFUND, "PaymentRefund", "RefundNotification", PAYMENT_REFUND)                       \
    X(ORDER_REFERENCE, "OrderReferenceNotification", "OrderReferenceNotification",                 \
      ORDER_REFERENCE)                                                                             \
    X(BILLING_AGREEMENT, "BillingAgreementNotification", "BillingAgreementNotification",           \
      BILLING_AGREEMENT)                                                                           \
    X(CHARGEBACK, "Chargeback Detailed Notification", "ChargebackNotification",                    \
      CHARGEBACK_DETAILED)                                                                         \
    X(PROVIDER_CREDIT, "ProviderCredit", "ProviderCreditNotification", ALL)                        \
    X(PROVIDER_CREDIT_REVERSAL, "ProviderCreditReversal", "ProviderCreditReversalNotification",    \
      ALL)                                                                                         \
    X(SOLUTION_PROVIDER_EVENT, "SolutionProviderEvent", "SolutionProviderMerchantNotification", ALL)

#define CHARGEBACK_WITHOUT_SPACES "ChargebackDetailedNotification"

enum notice_type {
    NOTICE_UNKNOWN = 0,
#define X(suffix, name, root, event) NOTICE_##suffix,
    NOTICE_TYPES(X)
#undef X
        NOTICE_TYPE_COUNT
};

const char *notice_type_name(enum notice_type type); /* "" for 0 */
const char *notice_type_root(enum notice_type type);
enum mws_event_type notice_type_event(enum notice_type type);
/* The type of that exact name (a chargeback has two), or 0. */
enum notice_type notice_type_parse(const char *name);

/* EventType: what of a billing agreement has changed. */
#define NOTICE_EVENTS(X)                                                                           \
    X(STATUS_UPDATED, "BillingAgreementStatusUpdated")                                             \
    X(PAYMENT_METHOD_UPDATED, "PaymentMethodUpdated")                                              \
    X(ADDRESS_UPDATED, "AddressUpdated")                                                           \
    X(ADDRESS_AND_PAYMENT_METHOD_UPDATED, "AddressAndPaymentMethodUpdated")

enum notice_event {
    NOTICE_EVENT_NONE = 0,
#define X(suffix, name) NOTICE_##suffix,
    NOTICE_EVENTS(X)
#undef X
        NOTICE_EVENT_COUNT
};

const char *notice_event_name(enum notice_event event); /* "" for 0 */

/* What happened, as it was at that moment. Shared by everyone who still has to do with it. */
struct notice {
    struct notice *next; /* in the queue */
    unsigned holders;
    enum notice_type type;
    enum notice_event event;
    const char *type_name;            /* as it goes out */
    const struct seller *seller;      /* borrowed from the world, which forgets nothing */
    int environment, region;          /* region as in struct currency */
    const char *object_id;            /* likewise, or a constant */
    enum mws_state state;             /* 0: it has none */
    struct instant made_at;           /* by the sandbox's own clock */
    bool is_sample;                   /* of the test button */
    char message_id[UUID_TEXT_MAX];   /* of SNS */
    char reference_id[UUID_TEXT_MAX]; /* NotificationReferenceId */
    char *data;                       /* NotificationData, owned */
};

/* A new notice with ids and one holder; `data` is taken over. */
struct notice *notice_new(enum notice_type type, char *data);
struct notice *notice_hold(struct notice *notice);
/* One holder less; the last one frees it. NULL is allowed. */
void notice_release(struct notice *notice);

struct notice_queue {
    struct notice *first, *last;
    size_t count;
    uint64_t made, overflowed;
    bool heard;       /* somebody has ever wanted to be told: before that nothing is made */
    bool quiet;       /* nothing is told for the moment: what is set up in bulk has not happened */
    char *url_of_all; /* is told of everything that happens to any seller, or NULL */
};

/* Takes the caller's hold over. */
void notice_queue_add(struct notice_queue *queue, struct notice *notice);
/* The oldest, now held by the caller; NULL when there is none. */
struct notice *notice_queue_take(struct notice_queue *queue);
void notice_queue_free(struct notice_queue *queue);

/* May the sandbox post there? https anywhere; http only to loopback by number or localhost; no user
 * in it. */
bool notice_url_is_allowed(const char *url);

/* A random (version 4) UUID. */
void uuid_make(char text[static UUID_TEXT_MAX]);

#endif
