/*
 * fuzz_ipn_notification.c - the text inside an envelope: JSON, and XML inside that; and the notice
 * that is made of it.
 *
 * What holds for all of them: a notification that is taken names a seller; unreadable data leaves
 * nothing behind; what is read without the XML is the same; texts end inside their arrays, also
 * those of the notice.
 */
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "mws/ipn.h"
#include "scheduler/ipn_notice.h"
#include "tests/fuzz/fuzz.h"

#define ENDS_INSIDE(array) (strnlen((array), sizeof(array)) < sizeof(array))

static void check_notice(const struct ipn_notification *notification)
{
    struct notice notice;
    ipn_notice_make(notification, "message", (struct instant){0}, &notice);
    ENSURE(ipn_notice_kind_name(notice.kind)[0] != '\0');
    ENSURE(strcmp(notice.seller_id, notification->seller_id) == 0);
    ENSURE(ENDS_INSIDE(notice.object_id));
    ENSURE(ENDS_INSIDE(notice.parent_id));
    ENSURE(ENDS_INSIDE(notice.reference_id));
    ENSURE(ENDS_INSIDE(notice.order_id));
    ENSURE(ENDS_INSIDE(notice.state));
    ENSURE(ENDS_INSIDE(notice.reason));
    bool is_asked_about = notice.kind == NOTICE_AGREEMENT || notice.kind == NOTICE_CAPTURE ||
                          notice.kind == NOTICE_AUTHORIZATION;
    ENSURE(IMPLIES(is_asked_about, notice.object_id[0] != '\0'));
}

static void check_notification(const struct ipn_notification *notification)
{
    ENSURE(notification->type >= IPN_PAYMENT_AUTHORIZE);
    ENSURE(notification->type <= IPN_OTHER);
    ENSURE(notification->seller_id[0] != '\0');
    ENSURE(ENDS_INSIDE(notification->seller_id));
    ENSURE(ENDS_INSIDE(notification->notification_reference_id));
    ENSURE(ENDS_INSIDE(notification->object_id));
    ENSURE(ENDS_INSIDE(notification->seller_order_id));
    ENSURE(ENDS_INSIDE(notification->state));
    ENSURE(ENDS_INSIDE(notification->reason));
    ENSURE((notification->object_id[0] == '\0') == (notification->state[0] == '\0'));
    if (notification->is_data_unreadable) {
        ENSURE(notification->object_id[0] == '\0');
        ENSURE(!money_is_valid(notification->amount));
        ENSURE(notification->updated_at.utc_ms == INSTANT_NEVER.utc_ms);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ipn_notification notification;
    struct ipn_notification outside;
    struct problem problem = {""};
    struct xml *xml = xml_new();
    char *text = fuzz_text(data, size);
    enum status status = ipn_notification_read(text, size, xml, &notification, &problem);
    ENSURE(ipn_notification_read(text, size, NULL, &outside, &problem) == status);
    if (status == ST_OK) {
        check_notification(&notification);
        check_notice(&notification);
        ENSURE(strcmp(outside.seller_id, notification.seller_id) == 0);
        ENSURE(outside.is_live == notification.is_live);
        ENSURE(outside.object_id[0] == '\0');
    } else {
        ENSURE(problem.text[0] != '\0');
    }
    free(text);
    xml_free(xml);
    return 0;
}
