/*
 * operation.c - the table of operations, and the two ways through it: a request into a form
 * (mws_request_write) and an answer's bytes into a reply (mws_reply_read).
 *
 * To add an operation: its name in vocab.h, its structs in operation.h, a writer in request.c, a
 * reader in reply.c if its result has a new shape, and a row here.
 */
#include "mws/operation.h"

#include <stdio.h>
#include <string.h>

#include "billing/ensure.h"
#include "mws/edge/xml.h"
#include "mws/reply.h"
#include "mws/request.h"

struct operation {
    enum mws_throttle_class throttle_class;
    request_write *write;
    reply_read_result *read; /* NULL: an operation without a result */
};

/* Throttle classes: API reference, "Throttling" of each operation. */
static const struct operation operations[MWS_ACTION_COUNT] = {
    [MWS_GET_BILLING_AGREEMENT_DETAILS] = {MWS_THROTTLE_GET, request_get_billing_agreement_details,
                                           reply_billing_agreement},
    [MWS_SET_BILLING_AGREEMENT_DETAILS] = {MWS_THROTTLE_CHARGE,
                                           request_set_billing_agreement_details,
                                           reply_billing_agreement},
    [MWS_CONFIRM_BILLING_AGREEMENT] = {MWS_THROTTLE_CHARGE, request_confirm_billing_agreement,
                                       NULL},
    [MWS_VALIDATE_BILLING_AGREEMENT] = {MWS_THROTTLE_CHARGE, request_validate_billing_agreement,
                                        reply_validation},
    [MWS_AUTHORIZE_ON_BILLING_AGREEMENT] = {MWS_THROTTLE_CHARGE,
                                            request_authorize_on_billing_agreement,
                                            reply_authorization},
    [MWS_CLOSE_BILLING_AGREEMENT] = {MWS_THROTTLE_CHARGE, request_close_billing_agreement, NULL},
    [MWS_GET_AUTHORIZATION_DETAILS] = {MWS_THROTTLE_GET, request_get_authorization_details,
                                       reply_authorization},
    [MWS_GET_ORDER_REFERENCE_DETAILS] = {MWS_THROTTLE_GET, request_get_order_reference_details,
                                         reply_order_reference},
    [MWS_LIST_ORDER_REFERENCE] = {MWS_THROTTLE_GET, request_list_order_reference, reply_order_list},
    [MWS_CREATE_ORDER_REFERENCE_FOR_ID] = {.throttle_class = MWS_THROTTLE_CHARGE},
    [MWS_SET_ORDER_REFERENCE_DETAILS] = {.throttle_class = MWS_THROTTLE_CHARGE},
    [MWS_SET_ORDER_ATTRIBUTES] = {.throttle_class = MWS_THROTTLE_CHARGE},
    [MWS_CONFIRM_ORDER_REFERENCE] = {.throttle_class = MWS_THROTTLE_CHARGE},
    [MWS_CANCEL_ORDER_REFERENCE] = {.throttle_class = MWS_THROTTLE_CHARGE},
    [MWS_CLOSE_ORDER_REFERENCE] = {.throttle_class = MWS_THROTTLE_CHARGE},
    [MWS_AUTHORIZE] = {.throttle_class = MWS_THROTTLE_CHARGE},
    [MWS_CLOSE_AUTHORIZATION] = {.throttle_class = MWS_THROTTLE_CHARGE},
    [MWS_CAPTURE] = {.throttle_class = MWS_THROTTLE_CHARGE},
    [MWS_REFUND] = {.throttle_class = MWS_THROTTLE_CHARGE},
    [MWS_SET_MERCHANT_NOTIFICATION_CONFIGURATION] = {.throttle_class = MWS_THROTTLE_CHARGE},
    [MWS_REVERSE_PROVIDER_CREDIT] = {.throttle_class = MWS_THROTTLE_CHARGE},
    [MWS_LIST_ORDER_REFERENCE_BY_NEXT_TOKEN] = {.throttle_class = MWS_THROTTLE_GET},
    [MWS_GET_CAPTURE_DETAILS] = {.throttle_class = MWS_THROTTLE_GET},
    [MWS_GET_REFUND_DETAILS] = {.throttle_class = MWS_THROTTLE_GET},
    [MWS_GET_MERCHANT_ACCOUNT_STATUS] = {.throttle_class = MWS_THROTTLE_GET},
    [MWS_GET_MERCHANT_NOTIFICATION_CONFIGURATION] = {.throttle_class = MWS_THROTTLE_GET},
    [MWS_GET_PROVIDER_CREDIT_DETAILS] = {.throttle_class = MWS_THROTTLE_GET},
    [MWS_GET_PROVIDER_CREDIT_REVERSAL_DETAILS] = {.throttle_class = MWS_THROTTLE_GET},
    [MWS_GET_SERVICE_STATUS] = {.throttle_class = MWS_THROTTLE_SERVICE_STATUS},
};

static const struct operation *operation_of(enum mws_action action)
{
    ENSURE((unsigned)action < MWS_ACTION_COUNT);
    ENSURE(operations[action].throttle_class != 0); /* a row, and not MWS_ACTION_UNKNOWN */
    return &operations[action];
}

enum mws_throttle_class mws_action_throttle_class(enum mws_action action)
{
    return operation_of(action)->throttle_class;
}

enum status mws_request_write(const struct mws_request *request, struct form *form,
                              struct problem *problem)
{
    struct request_writer writer = {.form = form, .status = ST_OK, .problem = problem};
    const struct operation *operation = operation_of(request->action);
    form_add(form, "Action", mws_action_name(request->action));
    operation->write(&writer, request);
    return writer.status;
}

/* Is `name` the action's name with `suffix` behind it? */
static bool is_named(const char *name, enum mws_action action, const char *suffix)
{
    const char *action_name = mws_action_name(action);
    size_t length = strlen(action_name);
    return strncmp(name, action_name, length) == 0 && strcmp(name + length, suffix) == 0;
}

/* "<Action>Response" with "<Action>Result" in it. */
static void read_success(struct mws_reply *reply, const struct operation *operation,
                         const struct xml_node *root)
{
    const char *action_name = mws_action_name(reply->action);
    char result_name[64];
    if (!is_named(xml_name(root), reply->action, "Response")) {
        reply_unreadable(reply, "the document is %.64s where %sResponse was expected",
                         xml_name(root), action_name);
        return;
    }
    if (reply->http_status != 200) {
        reply_unreadable(reply, "%sResponse came with HTTP status %d", action_name,
                         reply->http_status);
        return;
    }
    if (operation->read == NULL) {
        return;
    }
    (void)snprintf(result_name, sizeof result_name, "%sResult", action_name);
    const struct xml_node *result = xml_at(root, result_name);
    if (result == NULL) {
        reply_unreadable(reply, "%s is missing", result_name);
        return;
    }
    operation->read(reply, result);
}

void mws_reply_read(struct mws_reply *reply, enum mws_action action, int http_status,
                    const char *body, size_t body_length, struct xml *xml)
{
    struct problem problem;
    *reply = (struct mws_reply){.action = action, .http_status = http_status};
    const struct operation *operation = operation_of(action);
    if (xml_read(xml, body, body_length, &problem) != ST_OK) {
        reply_unreadable(reply, "%s", problem.text);
        return;
    }
    const struct xml_node *root = xml_root(xml);
    reply_request_id(reply, root);
    if (strcmp(xml_name(root), "ErrorResponse") == 0) {
        reply_error(reply, root);
    } else {
        read_success(reply, operation, root);
    }
    if (reply->is_unreadable) {
        mws_reply_set_unreadable(reply, reply->message);
    }
}

void mws_reply_set_unreadable(struct mws_reply *reply, const char *message)
{
    struct mws_reply fresh = {
        .action = reply->action,
        .http_status = reply->http_status,
        .is_unreadable = true,
    };
    (void)snprintf(fresh.message, sizeof fresh.message, "%s", message);
    memcpy(fresh.request_id, reply->request_id, sizeof fresh.request_id);
    *reply = fresh;
}
