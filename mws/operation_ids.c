/* operation_ids.c - see operation_ids.h. Which fields hold ids, operation by operation. */
#include "mws/operation_ids.h"

/* The one id that a request is about; "" or NULL when it is about none. */
static const char *id_of(const struct mws_request *r)
{
    switch (r->action) {
    case MWS_GET_BILLING_AGREEMENT_DETAILS:
        return r->get_billing_agreement_details.amazon_billing_agreement_id;
    case MWS_SET_BILLING_AGREEMENT_DETAILS:
        return r->set_billing_agreement_details.amazon_billing_agreement_id;
    case MWS_CONFIRM_BILLING_AGREEMENT:
        return r->confirm_billing_agreement.amazon_billing_agreement_id;
    case MWS_VALIDATE_BILLING_AGREEMENT:
        return r->validate_billing_agreement.amazon_billing_agreement_id;
    case MWS_CLOSE_BILLING_AGREEMENT:
        return r->close_billing_agreement.amazon_billing_agreement_id;
    case MWS_AUTHORIZE_ON_BILLING_AGREEMENT:
        return r->authorize_on_billing_agreement.amazon_billing_agreement_id;
    case MWS_CREATE_ORDER_REFERENCE_FOR_ID:
        return r->create_order_reference_for_id.amazon_billing_agreement_id;
    case MWS_SET_ORDER_REFERENCE_DETAILS:
        return r->set_order_reference_details.amazon_order_reference_id;
    case MWS_SET_ORDER_ATTRIBUTES:
        return r->set_order_attributes.amazon_order_reference_id;
    case MWS_GET_ORDER_REFERENCE_DETAILS:
        return r->get_order_reference_details.amazon_order_reference_id;
    case MWS_CONFIRM_ORDER_REFERENCE:
        return r->confirm_order_reference.amazon_order_reference_id;
    case MWS_CANCEL_ORDER_REFERENCE:
        return r->cancel_order_reference.amazon_order_reference_id;
    case MWS_CLOSE_ORDER_REFERENCE:
        return r->close_order_reference.amazon_order_reference_id;
    case MWS_AUTHORIZE:
        return r->authorize.amazon_order_reference_id;
    case MWS_GET_AUTHORIZATION_DETAILS:
        return r->get_authorization_details.amazon_authorization_id;
    case MWS_CLOSE_AUTHORIZATION:
        return r->close_authorization.amazon_authorization_id;
    case MWS_CAPTURE:
        return r->capture.amazon_authorization_id;
    case MWS_GET_CAPTURE_DETAILS:
        return r->get_capture_details.amazon_capture_id;
    case MWS_REFUND:
        return r->refund.amazon_capture_id;
    case MWS_GET_REFUND_DETAILS:
        return r->get_refund_details.amazon_refund_id;
    case MWS_GET_PROVIDER_CREDIT_DETAILS:
        return r->get_provider_credit_details.amazon_provider_credit_id;
    case MWS_GET_PROVIDER_CREDIT_REVERSAL_DETAILS:
        return r->get_provider_credit_reversal_details.amazon_provider_credit_reversal_id;
    case MWS_REVERSE_PROVIDER_CREDIT:
        return r->reverse_provider_credit.amazon_provider_credit_id;
    case MWS_LIST_ORDER_REFERENCE:
    case MWS_LIST_ORDER_REFERENCE_BY_NEXT_TOKEN:
    case MWS_GET_SERVICE_STATUS:
    case MWS_GET_MERCHANT_ACCOUNT_STATUS:
    case MWS_GET_MERCHANT_NOTIFICATION_CONFIGURATION:
    case MWS_SET_MERCHANT_NOTIFICATION_CONFIGURATION:
    case MWS_ACTION_UNKNOWN:
    case MWS_ACTION_COUNT:
        return NULL;
    }
    return NULL;
}

enum status mws_request_ids_check(const struct mws_request *request, enum mws_region region,
                                  enum mws_environment environment, struct problem *problem)
{
    const char *id = id_of(request);
    return id == NULL || id[0] == '\0' ? ST_OK : mws_id_check(id, region, environment, problem);
}

/* ---- replies ------------------------------------------------------------------------------- */

struct id_check {
    enum mws_region region;
    enum mws_environment environment;
    enum status status; /* ST_OK until the first that belongs elsewhere */
    struct problem *problem;
};

static void check(struct id_check *c, const char *id)
{
    if (c->status == ST_OK && mws_is_id(id)) {
        c->status = mws_id_check(id, c->region, c->environment, c->problem);
    }
}

static void check_list(struct id_check *c, const struct mws_id_list *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        check(c, list->ids[i]);
    }
}

static void check_authorization(struct id_check *c, const struct mws_authorization_details *a)
{
    check(c, a->amazon_authorization_id);
    check(c, a->amazon_order_reference_id);
    check(c, a->capture_id);
    check_list(c, &a->capture_ids);
}

static void check_providers(struct id_check *c, const struct mws_provider_list *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        check(c, list->providers[i].id);
    }
}

static void check_order(struct id_check *c, const struct mws_order_reference_details *order)
{
    check(c, order->amazon_order_reference_id);
    check(c, order->parent_id);
    for (uint32_t i = 0; i < order->authorization_count; i++) {
        check(c, order->authorization_ids[i]);
    }
}

static void check_orders(struct id_check *c, const struct mws_order_reference_list *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        check(c, list->orders[i].amazon_order_reference_id);
    }
}

static void check_result(struct id_check *c, const struct mws_reply *reply)
{
    switch (reply->action) {
    case MWS_GET_BILLING_AGREEMENT_DETAILS:
    case MWS_SET_BILLING_AGREEMENT_DETAILS:
        check(c, reply->billing_agreement.amazon_billing_agreement_id);
        break;
    case MWS_AUTHORIZE_ON_BILLING_AGREEMENT:
    case MWS_AUTHORIZE:
    case MWS_GET_AUTHORIZATION_DETAILS:
        check_authorization(c, &reply->authorization);
        break;
    case MWS_CREATE_ORDER_REFERENCE_FOR_ID:
    case MWS_SET_ORDER_REFERENCE_DETAILS:
    case MWS_SET_ORDER_ATTRIBUTES:
    case MWS_GET_ORDER_REFERENCE_DETAILS:
        check_order(c, &reply->order_reference);
        break;
    case MWS_LIST_ORDER_REFERENCE:
    case MWS_LIST_ORDER_REFERENCE_BY_NEXT_TOKEN:
        check_orders(c, &reply->order_list);
        break;
    case MWS_CAPTURE:
    case MWS_GET_CAPTURE_DETAILS:
        check(c, reply->capture.amazon_capture_id);
        check_list(c, &reply->capture.refund_ids);
        check_providers(c, &reply->capture.provider_credits);
        break;
    case MWS_REFUND:
    case MWS_GET_REFUND_DETAILS:
        check(c, reply->refund.amazon_refund_id);
        check_providers(c, &reply->refund.provider_credit_reversals);
        break;
    case MWS_GET_PROVIDER_CREDIT_DETAILS:
        check(c, reply->provider_credit.amazon_provider_credit_id);
        check_list(c, &reply->provider_credit.reversal_ids);
        break;
    case MWS_GET_PROVIDER_CREDIT_REVERSAL_DETAILS:
    case MWS_REVERSE_PROVIDER_CREDIT:
        check(c, reply->provider_credit_reversal.amazon_provider_credit_reversal_id);
        break;
    case MWS_CONFIRM_BILLING_AGREEMENT:
    case MWS_VALIDATE_BILLING_AGREEMENT:
    case MWS_CLOSE_BILLING_AGREEMENT:
    case MWS_CONFIRM_ORDER_REFERENCE:
    case MWS_CANCEL_ORDER_REFERENCE:
    case MWS_CLOSE_ORDER_REFERENCE:
    case MWS_CLOSE_AUTHORIZATION:
    case MWS_GET_SERVICE_STATUS:
    case MWS_GET_MERCHANT_ACCOUNT_STATUS:
    case MWS_GET_MERCHANT_NOTIFICATION_CONFIGURATION:
    case MWS_SET_MERCHANT_NOTIFICATION_CONFIGURATION:
    case MWS_ACTION_UNKNOWN:
    case MWS_ACTION_COUNT:
        break;
    }
}

enum status mws_reply_ids_check(const struct mws_reply *reply, enum mws_region region,
                                enum mws_environment environment, struct problem *problem)
{
    struct id_check c = {region, environment, ST_OK, problem};
    if (!reply->is_transport_failure && !reply->is_unreadable && !reply->is_error) {
        check_result(&c, reply);
    }
    return c.status;
}
