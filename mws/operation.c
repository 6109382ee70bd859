/*
 * operation.c - the table of operations, and the two ways through it: a request into a form
 * (mws_request_write) and an answer's bytes into a reply (mws_reply_read).
 *
 * To add an operation: its name in vocab.h, its structs in operation_request.h and operation.h, a
 * writer in request_<noun>.c, a reader in reply_<noun>.c if its result has a new shape, a row here
 * and one in classify.c.
 */
#include "mws/operation.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "billing/ensure.h"
#include "mws/edge/xml.h"
#include "mws/reply.h"
#include "mws/request.h"

/* Where a request says what the answer must say again, and where the answer says it. 0 = nothing
 * is repeated: the action stands there in both. */
struct echo {
    size_t asked_id, answered_id;
    size_t asked_amount, answered_amount;
};

struct operation {
    enum mws_throttle_class throttle_class;
    request_write *write;
    reply_read_result *read; /* NULL: an operation without a result */
    struct echo echo;
};

#define ID(asked, answered)                                                                        \
    .asked_id = offsetof(struct mws_request, asked),                                               \
    .answered_id = offsetof(struct mws_reply, answered)
#define AMOUNT(asked, answered)                                                                    \
    .asked_amount = offsetof(struct mws_request, asked),                                           \
    .answered_amount = offsetof(struct mws_reply, answered)

/* Throttle classes: API reference, "Throttling" of each operation. */
static const struct operation operations[MWS_ACTION_COUNT] = {
    [MWS_GET_BILLING_AGREEMENT_DETAILS] =
        {MWS_THROTTLE_GET,
         request_get_billing_agreement_details,
         reply_billing_agreement,
         {ID(get_billing_agreement_details.amazon_billing_agreement_id,
             billing_agreement.amazon_billing_agreement_id)}},
    [MWS_SET_BILLING_AGREEMENT_DETAILS] =
        {MWS_THROTTLE_CHARGE,
         request_set_billing_agreement_details,
         reply_billing_agreement,
         {ID(set_billing_agreement_details.amazon_billing_agreement_id,
             billing_agreement.amazon_billing_agreement_id)}},
    [MWS_CONFIRM_BILLING_AGREEMENT] = {MWS_THROTTLE_CHARGE,
                                       request_confirm_billing_agreement,
                                       NULL,
                                       {0}},
    [MWS_VALIDATE_BILLING_AGREEMENT] = {MWS_THROTTLE_CHARGE,
                                        request_validate_billing_agreement,
                                        reply_validation,
                                        {0}},
    [MWS_CLOSE_BILLING_AGREEMENT] = {MWS_THROTTLE_CHARGE,
                                     request_close_billing_agreement,
                                     NULL,
                                     {0}},
    [MWS_AUTHORIZE_ON_BILLING_AGREEMENT] =
        {MWS_THROTTLE_CHARGE,
         request_authorize_on_billing_agreement,
         reply_authorization,
         {ID(authorize_on_billing_agreement.authorization_reference_id,
             authorization.authorization_reference_id),
          AMOUNT(authorize_on_billing_agreement.authorization_amount,
                 authorization.authorization_amount)}},
    [MWS_CREATE_ORDER_REFERENCE_FOR_ID] = {MWS_THROTTLE_CHARGE,
                                           request_create_order_reference_for_id,
                                           reply_order_reference,
                                           {0}},
    [MWS_SET_ORDER_REFERENCE_DETAILS] = {MWS_THROTTLE_CHARGE,
                                         request_set_order_reference_details,
                                         reply_order_reference,
                                         {ID(set_order_reference_details.amazon_order_reference_id,
                                             order_reference.amazon_order_reference_id)}},
    [MWS_SET_ORDER_ATTRIBUTES] = {MWS_THROTTLE_CHARGE,
                                  request_set_order_attributes,
                                  reply_order_reference,
                                  {ID(set_order_attributes.amazon_order_reference_id,
                                      order_reference.amazon_order_reference_id)}},
    [MWS_GET_ORDER_REFERENCE_DETAILS] = {MWS_THROTTLE_GET,
                                         request_get_order_reference_details,
                                         reply_order_reference,
                                         {ID(get_order_reference_details.amazon_order_reference_id,
                                             order_reference.amazon_order_reference_id)}},
    [MWS_CONFIRM_ORDER_REFERENCE] = {MWS_THROTTLE_CHARGE,
                                     request_confirm_order_reference,
                                     NULL,
                                     {0}},
    [MWS_CANCEL_ORDER_REFERENCE] = {MWS_THROTTLE_CHARGE, request_cancel_order_reference, NULL, {0}},
    [MWS_CLOSE_ORDER_REFERENCE] = {MWS_THROTTLE_CHARGE, request_close_order_reference, NULL, {0}},
    [MWS_LIST_ORDER_REFERENCE] = {MWS_THROTTLE_GET,
                                  request_list_order_reference,
                                  reply_order_list,
                                  {0}},
    [MWS_LIST_ORDER_REFERENCE_BY_NEXT_TOKEN] = {MWS_THROTTLE_GET,
                                                request_list_order_reference_by_next_token,
                                                reply_order_list,
                                                {0}},
    [MWS_AUTHORIZE] =
        {MWS_THROTTLE_CHARGE,
         request_authorize,
         reply_authorization,
         {ID(authorize.authorization_reference_id, authorization.authorization_reference_id),
          AMOUNT(authorize.authorization_amount, authorization.authorization_amount)}},
    [MWS_GET_AUTHORIZATION_DETAILS] = {MWS_THROTTLE_GET,
                                       request_get_authorization_details,
                                       reply_authorization,
                                       {ID(get_authorization_details.amazon_authorization_id,
                                           authorization.amazon_authorization_id)}},
    [MWS_CLOSE_AUTHORIZATION] = {MWS_THROTTLE_CHARGE, request_close_authorization, NULL, {0}},
    [MWS_CAPTURE] = {MWS_THROTTLE_CHARGE,
                     request_capture,
                     reply_capture,
                     {ID(capture.capture_reference_id, capture.capture_reference_id),
                      AMOUNT(capture.capture_amount, capture.capture_amount)}},
    [MWS_GET_CAPTURE_DETAILS] = {MWS_THROTTLE_GET,
                                 request_get_capture_details,
                                 reply_capture,
                                 {ID(get_capture_details.amazon_capture_id,
                                     capture.amazon_capture_id)}},
    [MWS_REFUND] = {MWS_THROTTLE_CHARGE,
                    request_refund,
                    reply_refund,
                    {ID(refund.refund_reference_id, refund.refund_reference_id),
                     AMOUNT(refund.refund_amount, refund.refund_amount)}},
    [MWS_GET_REFUND_DETAILS] = {MWS_THROTTLE_GET,
                                request_get_refund_details,
                                reply_refund,
                                {ID(get_refund_details.amazon_refund_id, refund.amazon_refund_id)}},
    [MWS_GET_SERVICE_STATUS] = {MWS_THROTTLE_SERVICE_STATUS, request_nothing, reply_service, {0}},
    [MWS_GET_MERCHANT_ACCOUNT_STATUS] = {MWS_THROTTLE_GET,
                                         request_nothing,
                                         reply_account_status,
                                         {0}},
    [MWS_GET_MERCHANT_NOTIFICATION_CONFIGURATION] = {MWS_THROTTLE_GET,
                                                     request_nothing,
                                                     reply_notifications,
                                                     {0}},
    [MWS_SET_MERCHANT_NOTIFICATION_CONFIGURATION] =
        {MWS_THROTTLE_CHARGE, request_set_merchant_notification_configuration, NULL, {0}},
    [MWS_GET_PROVIDER_CREDIT_DETAILS] = {MWS_THROTTLE_GET,
                                         request_get_provider_credit_details,
                                         reply_provider_credit,
                                         {ID(get_provider_credit_details.amazon_provider_credit_id,
                                             provider_credit.amazon_provider_credit_id)}},
    [MWS_GET_PROVIDER_CREDIT_REVERSAL_DETAILS] =
        {MWS_THROTTLE_GET,
         request_get_provider_credit_reversal_details,
         reply_provider_credit_reversal,
         {ID(get_provider_credit_reversal_details.amazon_provider_credit_reversal_id,
             provider_credit_reversal.amazon_provider_credit_reversal_id)}},
    [MWS_REVERSE_PROVIDER_CREDIT] = {MWS_THROTTLE_CHARGE,
                                     request_reverse_provider_credit,
                                     reply_provider_credit_reversal,
                                     {ID(reverse_provider_credit.credit_reversal_reference_id,
                                         provider_credit_reversal.credit_reversal_reference_id),
                                      AMOUNT(reverse_provider_credit.credit_reversal_amount,
                                             provider_credit_reversal.credit_reversal_amount)}},
};

static const struct operation *operation_of(enum mws_action action)
{
    ENSURE((unsigned)action < MWS_ACTION_COUNT);
    ENSURE(operations[action].write != NULL); /* a row, and not MWS_ACTION_UNKNOWN */
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
    const char *name = mws_action_name(request->action);
    form_add_plain(form, "Action", name, strlen(name));
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
    char result_name[64]; /* the longest is 42 */
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

struct mws_echo mws_request_echo(const struct mws_request *request)
{
    const struct echo *echo = &operation_of(request->action)->echo;
    const char *base = (const char *)request;
    struct mws_echo out = {.id = ""};
    if (echo->asked_id != 0) {
        memcpy(&out.id, base + echo->asked_id, sizeof out.id);
    }
    if (echo->asked_amount != 0) {
        memcpy(&out.amount, base + echo->asked_amount, sizeof out.amount);
    }
    return out;
}

struct mws_echo mws_reply_echo(const struct mws_reply *reply)
{
    const struct echo *echo = &operation_of(reply->action)->echo;
    const char *base = (const char *)reply;
    struct mws_echo out = {.id = echo->answered_id != 0 ? base + echo->answered_id : ""};
    if (echo->answered_amount != 0) {
        memcpy(&out.amount, base + echo->answered_amount, sizeof out.amount);
    }
    return out;
}
