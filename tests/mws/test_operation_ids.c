/*
 * test_operation_ids.c - no request and no reply names an id that belongs elsewhere.
 *
 * Goal: for every operation, the id it is about and each id its result can name are looked at. An
 * operation that is added to the vocabulary and not to operation_ids.c fails here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "mws/operation_ids.h"

#define LIVE "B03-1234567-1234567"

/* Operations that are about no id of Amazon's. */
static bool names_none(enum mws_action action)
{
    static const enum mws_action none[] = {
        MWS_LIST_ORDER_REFERENCE,
        MWS_LIST_ORDER_REFERENCE_BY_NEXT_TOKEN,
        MWS_GET_SERVICE_STATUS,
        MWS_GET_MERCHANT_ACCOUNT_STATUS,
        MWS_GET_MERCHANT_NOTIFICATION_CONFIGURATION,
        MWS_SET_MERCHANT_NOTIFICATION_CONFIGURATION,
    };
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        if (none[i] == action) {
            return true;
        }
    }
    return false;
}

/* Its id is the first member of every request that is about one. */
static struct mws_request request_about(enum mws_action action, const char *id)
{
    struct mws_request request = {.action = action};
    request.get_capture_details.amazon_capture_id = id;
    return request;
}

static void every_request_is_held_to_its_side(void **state)
{
    (void)state;
    for (int i = 1; i < MWS_ACTION_COUNT; i++) {
        enum mws_action action = (enum mws_action)i;
        if (names_none(action)) {
            continue;
        }
        struct problem problem = {""};
        struct mws_request request = request_about(action, LIVE);
        if (mws_request_ids_check(&request, MWS_REGION_JP, MWS_SANDBOX, &problem) != ST_INVALID ||
            strstr(problem.text, LIVE) == NULL) {
            fail_msg("%s with a live id in the sandbox: %s", mws_action_name(action), problem.text);
        }
        assert_int_equal(mws_request_ids_check(&request, MWS_REGION_JP, MWS_LIVE, &problem), ST_OK);
        assert_int_equal(mws_request_ids_check(&request, MWS_REGION_NA, MWS_LIVE, &problem),
                         ST_INVALID);
        request = request_about(action, "");
        assert_int_equal(mws_request_ids_check(&request, MWS_REGION_JP, MWS_LIVE, &problem), ST_OK);
        request = request_about(action, NULL);
        assert_int_equal(mws_request_ids_check(&request, MWS_REGION_JP, MWS_LIVE, &problem), ST_OK);
    }
}

/* A reply of that action with one of its ids, and nothing else. */
static void reply_must_be_refused(enum mws_action action, size_t offset)
{
    struct mws_reply reply = {.action = action};
    struct problem problem = {""};
    /* Lists are looked at as far as their counts say. */
    reply.order_list.count = 0;
    switch ((int)action) {
    case MWS_GET_ORDER_REFERENCE_DETAILS:
        reply.order_reference.authorization_count = 2;
        break;
    case MWS_LIST_ORDER_REFERENCE:
        reply.order_list.count = 2;
        break;
    case MWS_GET_CAPTURE_DETAILS:
        reply.capture.refund_ids.count = 2;
        reply.capture.provider_credits.count = 2;
        break;
    case MWS_GET_REFUND_DETAILS:
        reply.refund.provider_credit_reversals.count = 2;
        break;
    case MWS_GET_PROVIDER_CREDIT_DETAILS:
        reply.provider_credit.reversal_ids.count = 2;
        break;
    default:
        break;
    }
    (void)snprintf((char *)&reply + offset, MWS_ID_MAX, "%s", LIVE);
    if (mws_reply_ids_check(&reply, MWS_REGION_JP, MWS_SANDBOX, &problem) != ST_INVALID) {
        fail_msg("%s: the id at %zu is not looked at", mws_action_name(action), offset);
    }
    assert_non_null(strstr(problem.text, LIVE));
    assert_int_equal(mws_reply_ids_check(&reply, MWS_REGION_JP, MWS_LIVE, &problem), ST_OK);
    (void)snprintf((char *)&reply + offset, MWS_ID_MAX, "%s", "unheard-of");
    assert_int_equal(mws_reply_ids_check(&reply, MWS_REGION_JP, MWS_SANDBOX, &problem), ST_OK);
}

#define AT(member) offsetof(struct mws_reply, member)

static void every_id_of_a_reply_is_held_to_its_side(void **state)
{
    (void)state;
    static const struct {
        enum mws_action action;
        size_t offset;
    } cases[] = {
        {MWS_GET_BILLING_AGREEMENT_DETAILS, AT(billing_agreement.amazon_billing_agreement_id)},
        {MWS_SET_BILLING_AGREEMENT_DETAILS, AT(billing_agreement.amazon_billing_agreement_id)},
        {MWS_AUTHORIZE_ON_BILLING_AGREEMENT, AT(authorization.amazon_authorization_id)},
        {MWS_AUTHORIZE_ON_BILLING_AGREEMENT, AT(authorization.amazon_order_reference_id)},
        {MWS_AUTHORIZE_ON_BILLING_AGREEMENT, AT(authorization.capture_id)},
        {MWS_AUTHORIZE, AT(authorization.amazon_authorization_id)},
        {MWS_GET_AUTHORIZATION_DETAILS, AT(authorization.capture_id)},
        {MWS_CREATE_ORDER_REFERENCE_FOR_ID, AT(order_reference.amazon_order_reference_id)},
        {MWS_SET_ORDER_REFERENCE_DETAILS, AT(order_reference.amazon_order_reference_id)},
        {MWS_SET_ORDER_ATTRIBUTES, AT(order_reference.amazon_order_reference_id)},
        {MWS_GET_ORDER_REFERENCE_DETAILS, AT(order_reference.amazon_order_reference_id)},
        {MWS_GET_ORDER_REFERENCE_DETAILS, AT(order_reference.parent_id)},
        {MWS_GET_ORDER_REFERENCE_DETAILS, AT(order_reference.authorization_ids[1])},
        {MWS_LIST_ORDER_REFERENCE, AT(order_list.orders[1].amazon_order_reference_id)},
        {MWS_CAPTURE, AT(capture.amazon_capture_id)},
        {MWS_GET_CAPTURE_DETAILS, AT(capture.refund_ids.ids[1])},
        {MWS_GET_CAPTURE_DETAILS, AT(capture.provider_credits.providers[1].id)},
        {MWS_REFUND, AT(refund.amazon_refund_id)},
        {MWS_GET_REFUND_DETAILS, AT(refund.provider_credit_reversals.providers[1].id)},
        {MWS_GET_PROVIDER_CREDIT_DETAILS, AT(provider_credit.amazon_provider_credit_id)},
        {MWS_GET_PROVIDER_CREDIT_DETAILS, AT(provider_credit.reversal_ids.ids[1])},
        {MWS_GET_PROVIDER_CREDIT_REVERSAL_DETAILS,
         AT(provider_credit_reversal.amazon_provider_credit_reversal_id)},
        {MWS_REVERSE_PROVIDER_CREDIT,
         AT(provider_credit_reversal.amazon_provider_credit_reversal_id)},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        reply_must_be_refused(cases[i].action, cases[i].offset);
    }
}

static void a_reply_without_a_result_names_nothing(void **state)
{
    (void)state;
    struct mws_reply reply = {.action = MWS_CAPTURE};
    (void)snprintf(reply.capture.amazon_capture_id, MWS_ID_MAX, "%s", LIVE);
    reply.is_error = true;
    assert_int_equal(mws_reply_ids_check(&reply, MWS_REGION_JP, MWS_SANDBOX, NULL), ST_OK);
    reply = (struct mws_reply){.action = MWS_GET_SERVICE_STATUS};
    assert_int_equal(mws_reply_ids_check(&reply, MWS_REGION_JP, MWS_SANDBOX, NULL), ST_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_request_is_held_to_its_side),
        cmocka_unit_test(every_id_of_a_reply_is_held_to_its_side),
        cmocka_unit_test(a_reply_without_a_result_names_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
