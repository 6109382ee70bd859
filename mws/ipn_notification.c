/*
 * ipn_notification.c - the notification inside an envelope: JSON, and XML inside that.
 *
 * One row per NotificationType says where in the XML its few facts stand. Elements are found by
 * name whatever their order and namespace. Only what can be acted upon or shown is read: fees,
 * lists of ids and buyers' data are not.
 *
 * Two Timestamps are ignored on purpose: the Message's own is printed with a 12-hour clock in
 * Amazon's samples, and the envelope's says when it was posted. When a state was reached is
 * LastUpdateTimestamp.
 */
#include "mws/ipn.h"

#include <string.h>

#include "mws/edge/json.h"

/* Where a notification's facts stand: paths below the root; NULL = it has none. */
struct shape {
    enum ipn_type type;
    const char *name;
    const char *other_name; /* a second spelling of NotificationType, or NULL */
    const char *root;
    const char *details; /* the rest is below it */
    const char *object_id, *parent_id, *reference_id, *seller_order_id;
    const char *status;         /* has State, ReasonCode and LastUpdateTimestamp */
    const char *state, *reason; /* where there is no `status` */
    const char *amount;
    const char *refund_type;
};

static const struct shape shapes[] = {
    {.type = IPN_PAYMENT_AUTHORIZE,
     .name = "PaymentAuthorize",
     .root = "AuthorizationNotification",
     .details = "AuthorizationDetails",
     .object_id = "AmazonAuthorizationId",
     .reference_id = "AuthorizationReferenceId",
     .status = "AuthorizationStatus",
     .amount = "AuthorizationAmount"},
    {.type = IPN_PAYMENT_CAPTURE,
     .name = "PaymentCapture",
     .root = "CaptureNotification",
     .details = "CaptureDetails",
     .object_id = "AmazonCaptureId",
     .reference_id = "CaptureReferenceId",
     .status = "CaptureStatus",
     .amount = "CaptureAmount"},
    {.type = IPN_PAYMENT_REFUND,
     .name = "PaymentRefund",
     .root = "RefundNotification",
     .details = "RefundDetails",
     .object_id = "AmazonRefundId",
     .reference_id = "RefundReferenceId",
     .status = "RefundStatus",
     .amount = "RefundAmount",
     .refund_type = "RefundType"},
    {.type = IPN_ORDER_REFERENCE,
     .name = "OrderReferenceNotification",
     .root = "OrderReferenceNotification",
     .details = "OrderReference",
     .object_id = "AmazonOrderReferenceId",
     .seller_order_id = "SellerOrderAttributes/SellerOrderId",
     .status = "OrderReferenceStatus",
     .amount = "OrderTotal"},
    {.type = IPN_BILLING_AGREEMENT,
     .name = "BillingAgreementNotification",
     .root = "BillingAgreementNotification",
     .details = "BillingAgreement",
     .object_id = "AmazonBillingAgreementId",
     .status = "BillingAgreementStatus"},
    {.type = IPN_CHARGEBACK,
     .name = "ChargebackDetailedNotification",
     .other_name = "Chargeback Detailed Notification",
     .root = "ChargebackNotification",
     .details = "ChargebackDetails",
     .object_id = "AmazonChargebackId",
     .parent_id = "AmazonCaptureReferenceId",
     .state = "ChargebackState",
     .reason = "ChargebackReason",
     .amount = "ChargebackAmount"},
    {.type = IPN_PROVIDER_CREDIT,
     .name = "ProviderCredit",
     .root = "ProviderCreditNotification",
     .details = "ProviderCreditDetails",
     .object_id = "AmazonProviderCreditId",
     .reference_id = "CreditReferenceId",
     .status = "CreditStatus",
     .amount = "CreditAmount"},
    {.type = IPN_PROVIDER_CREDIT_REVERSAL,
     .name = "ProviderCreditReversal",
     .root = "ProviderCreditReversalNotification",
     .details = "ProviderCreditReversalDetails",
     .object_id = "AmazonProviderCreditReversalId",
     .reference_id = "CreditReversalReferenceId",
     .status = "CreditReversalStatus",
     .amount = "CreditReversalAmount"},
    /* Options of a merchant's registration: about no object of ours. */
    {.type = IPN_SOLUTION_PROVIDER_EVENT, .name = "SolutionProviderEvent"},
};
#define SHAPE_COUNT (sizeof shapes / sizeof shapes[0])

static const struct {
    enum ipn_event event;
    const char *name;
} events[] = {{IPN_BILLING_AGREEMENT_STATUS_UPDATED, "BillingAgreementStatusUpdated"},
              {IPN_PAYMENT_METHOD_UPDATED, "PaymentMethodUpdated"},
              {IPN_ADDRESS_UPDATED, "AddressUpdated"},
              {IPN_ADDRESS_AND_PAYMENT_METHOD_UPDATED, "AddressAndPaymentMethodUpdated"}};
#define EVENT_COUNT (sizeof events / sizeof events[0])

const char *ipn_type_name(enum ipn_type type)
{
    for (size_t i = 0; i < SHAPE_COUNT; i++) {
        if (shapes[i].type == type) {
            return shapes[i].name;
        }
    }
    return "other";
}

const char *ipn_event_name(enum ipn_event event)
{
    for (size_t i = 0; i < EVENT_COUNT; i++) {
        if (events[i].event == event) {
            return events[i].name;
        }
    }
    return event == IPN_EVENT_NONE ? "" : "other";
}

/* NULL = not documented. */
static const struct shape *shape_named(const char *name)
{
    for (size_t i = 0; i < SHAPE_COUNT; i++) {
        const char *other = shapes[i].other_name;
        if (strcmp(shapes[i].name, name) == 0 || (other != NULL && strcmp(other, name) == 0)) {
            return &shapes[i];
        }
    }
    return NULL;
}

static enum ipn_event event_named(const char *name)
{
    for (size_t i = 0; i < EVENT_COUNT; i++) {
        if (strcmp(events[i].name, name) == 0) {
            return events[i].event;
        }
    }
    return IPN_EVENT_OTHER;
}

/* ---- NotificationData ---- */

/* An absent path or element is "". False: too long. */
static bool text_copy(const struct xml_node *details, const char *path, char *out, size_t size)
{
    const char *text = path != NULL ? xml_text_at(details, path) : "";
    size_t length = strlen(text);
    if (length >= size) {
        return false;
    }
    memcpy(out, text, length + 1);
    return true;
}

static bool amount_read(const struct xml_node *details, const char *path, struct money *amount)
{
    const struct xml_node *price = path != NULL ? xml_at(details, path) : NULL;
    return price == NULL ||
           money_parse(xml_text_at(price, "Amount"), xml_text_at(price, "CurrencyCode"), amount);
}

/* The API's answers spell it LastUpdatedTimestamp for agreements. */
static bool updated_at_read(const struct xml_node *status, struct instant *at)
{
    const char *text = xml_text_at(status, "LastUpdateTimestamp");
    if (text[0] == '\0') {
        text = xml_text_at(status, "LastUpdatedTimestamp");
    }
    return text[0] == '\0' || instant_parse(text, at);
}

static bool details_read(const struct shape *shape, const struct xml_node *details,
                         struct ipn_notification *into)
{
    const struct xml_node *status =
        shape->status != NULL ? xml_at(details, shape->status) : details;
    const char *state = shape->status != NULL ? "State" : shape->state;
    const char *reason = shape->status != NULL ? "ReasonCode" : shape->reason;
    return text_copy(details, shape->object_id, into->object_id, sizeof into->object_id) &&
           text_copy(details, shape->parent_id, into->parent_id, sizeof into->parent_id) &&
           text_copy(details, shape->reference_id, into->reference_id, sizeof into->reference_id) &&
           text_copy(details, shape->seller_order_id, into->seller_order_id,
                     sizeof into->seller_order_id) &&
           text_copy(details, shape->refund_type, into->refund_type, sizeof into->refund_type) &&
           text_copy(status, state, into->state, sizeof into->state) &&
           text_copy(status, reason, into->reason, sizeof into->reason) &&
           amount_read(details, shape->amount, &into->amount) &&
           updated_at_read(status, &into->updated_at) && into->object_id[0] != '\0' &&
           into->state[0] != '\0';
}

static void data_read(const struct shape *shape, const char *data, struct xml *xml,
                      struct ipn_notification *notification)
{
    struct ipn_notification filled = *notification;
    const struct xml_node *details = NULL;
    if (xml_read(xml, data, strlen(data), NULL) == ST_OK &&
        strcmp(xml_name(xml_root(xml)), shape->root) == 0) {
        details = xml_at(xml_root(xml), shape->details);
    }
    if (details != NULL && details_read(shape, details, &filled)) {
        *notification = filled;
    } else {
        notification->is_data_unreadable = true;
    }
}

/* ---- Message ---- */

/* A text of at most `size` - 1 bytes; an absent one is "" if that `may_be_absent`. */
static enum status member_read(const struct json *root, const char *name, bool may_be_absent,
                               char *out, size_t size, struct problem *problem)
{
    const struct json *value = json_get(root, name);
    const char *text = value == NULL && may_be_absent ? "" : json_as_string(value);
    if (text == NULL || (text[0] == '\0' && !may_be_absent)) {
        return problem_set(problem, ST_INVALID, "the notification's %s is missing", name);
    }
    if (strlen(text) >= size) {
        return problem_set(problem, ST_INVALID, "the notification's %s is longer than %zu bytes",
                           name, size - 1);
    }
    memcpy(out, text, strlen(text) + 1);
    return ST_OK;
}

static enum status environment_read(const struct json *root, struct ipn_notification *notification,
                                    struct problem *problem)
{
    char word[16] = "";
    enum status status = member_read(root, "ReleaseEnvironment", false, word, sizeof word, problem);
    if (status != ST_OK) {
        return status;
    }
    notification->is_live = strcmp(word, "Live") == 0;
    if (!notification->is_live && strcmp(word, "Sandbox") != 0) {
        return problem_set(problem, ST_INVALID,
                           "the notification's ReleaseEnvironment is neither Sandbox nor Live");
    }
    return ST_OK;
}

/* The same notification counts as a sample however the test button spells true. */
static bool is_sample(const struct json *root)
{
    const struct json *value = json_get(root, "IsSample");
    const char *word = json_as_string(value);
    bool is_true = false;
    return (json_as_bool(value, &is_true) && is_true) ||
           (word != NULL && strcmp(word, "true") == 0);
}

static enum status message_read(const struct json *root, struct xml *xml,
                                struct ipn_notification *notification, struct problem *problem)
{
    char type[64] = "";
    char event[64] = "";
    const struct json *data = json_get(root, "NotificationData");
    enum status status = member_read(root, "NotificationType", false, type, sizeof type, problem);
    if (status == ST_OK) {
        status = member_read(root, "SellerId", false, notification->seller_id,
                             sizeof notification->seller_id, problem);
    }
    if (status == ST_OK) {
        status = environment_read(root, notification, problem);
    }
    if (status == ST_OK) {
        status = member_read(root, "NotificationReferenceId", true,
                             notification->notification_reference_id,
                             sizeof notification->notification_reference_id, problem);
    }
    if (status == ST_OK) {
        status = member_read(root, "EventType", true, event, sizeof event, problem);
    }
    if (status == ST_OK && json_as_string(data) == NULL) {
        status = problem_set(problem, ST_INVALID, "the notification's NotificationData is missing");
    }
    if (status != ST_OK) {
        return status;
    }
    const struct shape *shape = shape_named(type);
    notification->type = shape != NULL ? shape->type : IPN_OTHER;
    notification->event = event[0] != '\0' ? event_named(event) : IPN_EVENT_NONE;
    notification->is_sample = is_sample(root);
    if (shape != NULL && shape->root != NULL && xml != NULL) {
        data_read(shape, json_as_string(data), xml, notification);
    }
    return ST_OK;
}

enum status ipn_notification_read(const char *message, size_t length, struct xml *xml,
                                  struct ipn_notification *notification, struct problem *problem)
{
    struct json *root = NULL;
    memset(notification, 0, sizeof *notification);
    notification->updated_at = INSTANT_NEVER;
    enum status status = json_parse(message, length, &root, problem);
    if (status != ST_OK) {
        return status;
    }
    status = json_kind(root) == JSON_KIND_OBJECT
                 ? message_read(root, xml, notification, problem)
                 : problem_set(problem, ST_INVALID, "the notification is not a JSON object");
    json_free(root);
    return status;
}
