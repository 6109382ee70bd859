/* ipn_notice.c - see ipn_notice.h. */
#include "scheduler/ipn_notice.h"

#include <stdio.h>
#include <string.h>

#include "billing/ensure.h"

static enum notice_kind kind_of(const struct ipn_notification *notification)
{
    bool is_blank = notification->is_data_unreadable;
    switch (notification->type) {
    case IPN_BILLING_AGREEMENT:
        return is_blank ? NOTICE_OTHER : NOTICE_AGREEMENT;
    case IPN_PAYMENT_AUTHORIZE:
        return is_blank ? NOTICE_OTHER : NOTICE_AUTHORIZATION;
    case IPN_PAYMENT_CAPTURE:
        return is_blank ? NOTICE_OTHER : NOTICE_CAPTURE;
    case IPN_PAYMENT_REFUND:
        return NOTICE_REFUND; /* kept for ever, readable or not */
    case IPN_ORDER_REFERENCE:
        return is_blank ? NOTICE_OTHER : NOTICE_ORDER;
    case IPN_CHARGEBACK:
        return NOTICE_CHARGEBACK;
    case IPN_PROVIDER_CREDIT:
    case IPN_PROVIDER_CREDIT_REVERSAL:
    case IPN_SOLUTION_PROVIDER_EVENT:
    case IPN_OTHER:
        return NOTICE_OTHER;
    }
    ensure_failed("a known type of notification", __FILE__, __LINE__);
}

static void text_copy(char *to, size_t size, const char *from)
{
    size_t length = strlen(from);
    memcpy(to, from, length < size ? length + 1 : 0);
}

/* A capture, with CaptureNow or without, is known by the attempt that it belongs to. */
static void take_reference_id(struct notice *notice, const char *id)
{
    char charge_id[CHARGE_ID_MAX];
    char attempt_id[REFERENCE_ID_MAX];
    uint32_t number;
    if (notice->kind == NOTICE_CAPTURE && capture_reference_id_parse(id, attempt_id, &number)) {
        text_copy(notice->reference_id, sizeof notice->reference_id, attempt_id);
    } else if (reference_id_parse(id, charge_id, &number) ||
               refund_reference_id_parse(id, charge_id, &number)) {
        text_copy(notice->reference_id, sizeof notice->reference_id, id);
    }
}

void ipn_notice_make(const struct ipn_notification *notification, const char *message_id,
                     struct instant now, struct notice *notice)
{
    char key[KEY_MAX];
    uint32_t number;
    *notice = (struct notice){.kind = kind_of(notification),
                              .amount = notification->amount,
                              .updated_at = notification->updated_at,
                              .received_at = now};
    text_copy(notice->seller_id, sizeof notice->seller_id, notification->seller_id);
    text_copy(notice->message_id, sizeof notice->message_id, message_id);
    text_copy(notice->object_id, sizeof notice->object_id, notification->object_id);
    text_copy(notice->parent_id, sizeof notice->parent_id, notification->parent_id);
    text_copy(notice->state, sizeof notice->state, notification->state);
    text_copy(notice->reason, sizeof notice->reason, notification->reason);
    if (notice->kind == NOTICE_AGREEMENT && notice->reason[0] == '\0') {
        text_copy(notice->reason, sizeof notice->reason, ipn_event_name(notification->event));
    }
    take_reference_id(notice, notification->reference_id);
    if (charge_id_parse(notification->seller_order_id, key, &number)) {
        text_copy(notice->order_id, sizeof notice->order_id, notification->seller_order_id);
    }
}

const char *ipn_notice_kind_name(enum notice_kind kind)
{
    switch (kind) {
    case NOTICE_AGREEMENT:
        return "agreement";
    case NOTICE_AUTHORIZATION:
        return "authorization";
    case NOTICE_CAPTURE:
        return "capture";
    case NOTICE_REFUND:
        return "refund";
    case NOTICE_ORDER:
        return "order";
    case NOTICE_CHARGEBACK:
        return "chargeback";
    case NOTICE_OTHER:
        return "other";
    }
    ensure_failed("a known kind of notice", __FILE__, __LINE__);
}

enum notice_kind ipn_notice_kind_parse(const char *name)
{
    for (enum notice_kind kind = NOTICE_AGREEMENT; kind <= NOTICE_OTHER; kind++) {
        if (strcmp(ipn_notice_kind_name(kind), name) == 0) {
            return kind;
        }
    }
    return 0;
}

/* An authorization that is Closed because it was captured says the same as a capture that is
 * Completed. A Closed one that was not captured says nothing about money that was taken. */
bool ipn_notice_contradicts(const struct notice *notice, const struct attempt *attempt)
{
    bool is_capture = notice->kind == NOTICE_CAPTURE;
    bool is_authorization = notice->kind == NOTICE_AUTHORIZATION;
    bool tells_declined =
        (is_capture || is_authorization) && strcmp(notice->state, "Declined") == 0;
    bool tells_captured = (is_capture && strcmp(notice->state, "Completed") == 0) ||
                          (is_authorization && strcmp(notice->reason, "MaxCapturesProcessed") == 0);
    switch (attempt->state) {
    case ATTEMPT_CAPTURED:
        return tells_declined;
    case ATTEMPT_DECLINED:
    case ATTEMPT_REFUSED:
        return tells_captured;
    case ATTEMPT_INTENT:
    case ATTEMPT_UNKNOWN:
    case ATTEMPT_POSTPONED:
    case ATTEMPT_AUTHORIZED:
    case ATTEMPT_CAPTURING:
    case ATTEMPT_VOIDING:
        return false; /* Amazon is about to be asked */
    }
    ensure_failed("a known state of an attempt", __FILE__, __LINE__);
}
