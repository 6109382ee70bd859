/*
 * operation_capture.c - Capture and Refund, and their details.
 *
 * One capture of an authorization, partial allowed: the rest is released. Ten refunds of a capture,
 * together at most the captured amount and its overage; a refund may take back from the capture's
 * provider credits what they have left. Source: amazon-pay reference, sections 3.4, 3.5 and 7.
 */
#include <string.h>

#include "mws/sandbox/describe.h"
#include "mws/sandbox/order.h"
#include "mws/sandbox/refund.h"
#include "mws/sandbox/wish.h"

static bool may_capture(struct call *call, const struct authorization *authorization,
                        const struct wish *wish)
{
    const struct transaction *t = &authorization->t;

    if (t->state != MWS_STATE_OPEN) {
        return call_fail(call, MWS_ERROR_INVALID_AUTHORIZATION_STATUS,
                         "Authorization %s is in state %s and cannot be captured.", t->id,
                         mws_state_name(t->state));
    }
    if (wish->currency != t->currency) {
        return call_fail(call, MWS_ERROR_CURRENCY_MISMATCH,
                         "The currency %s is not that of Authorization %s.", wish->currency->code,
                         t->id);
    }
    return wish->units <= t->units ||
           call_fail(call, MWS_ERROR_TRANSACTION_AMOUNT_EXCEEDED,
                     "The amount exceeds that of Authorization %s.", t->id);
}

void capture(struct call *call)
{
    struct wish wish;
    const struct transaction *earlier;
    struct transaction *t =
        call_transaction(call, "AmazonAuthorizationId", TRANSACTION_AUTHORIZATION);
    struct authorization *authorization = (struct authorization *)t;

    if (t == NULL || !wish_read(call, TRANSACTION_CAPTURE, t->id, &wish) ||
        !wish_shares(call, TRANSACTION_CAPTURE, &wish) ||
        (wish_is_checked_before(call) && !may_capture(call, authorization, &wish))) {
        return;
    }
    earlier = wish_earlier(call, TRANSACTION_CAPTURE, &wish);
    if (earlier != NULL) {
        if (!wish_replay(call, earlier)) {
            describe_capture(call->out, (const struct capture *)earlier);
        }
    } else if (call->error == MWS_ERROR_NONE && wish_simulate(call, SIMULATED_CAPTURE, &wish) &&
               may_capture(call, authorization, &wish)) {
        struct capture *made = payment_capture(call->world, authorization, &wish, call->now);
        describe_capture(call->out, made);
        wish_keep_answer(call, &made->t);
    }
}

void get_capture_details(struct call *call)
{
    const struct transaction *t = call_transaction(call, "AmazonCaptureId", TRANSACTION_CAPTURE);

    if (t != NULL) {
        describe_capture(call->out, (const struct capture *)t);
    }
}

static bool has_provider(const struct capture *captured, const char *provider)
{
    for (const struct credit *c = captured->first_credit; c != NULL; c = c->next_in_capture) {
        if (strcmp(c->provider, provider) == 0) {
            return true;
        }
    }
    return false;
}

/* A provider may be named more than once: its shares count together. */
static bool may_take_back(struct call *call, const struct capture *captured,
                          const struct wish *wish)
{
    for (size_t i = 0; i < wish->share_count; i++) {
        const char *provider = wish->shares[i].provider;
        if (!has_provider(captured, provider)) {
            return call_fail(call, MWS_ERROR_INVALID_PARAMETER_VALUE,
                             "Capture %s has no credit of the provider %s.", captured->t.id,
                             provider);
        }
        if (shares_of(wish->shares, wish->share_count, provider) >
            capture_reversible(captured, provider)) {
            return call_fail(call, MWS_ERROR_TRANSACTION_AMOUNT_EXCEEDED,
                             "The credit of the provider %s has less left to reverse.", provider);
        }
    }
    return true;
}

static bool may_refund(struct call *call, const struct capture *captured, const struct wish *wish)
{
    const struct transaction *t = &captured->t;
    int64_t refunded;
    size_t refunds = capture_refunds(captured, &refunded);

    if (t->state != MWS_STATE_COMPLETED) {
        return call_fail(call, MWS_ERROR_CAPTURE_NOT_REFUNDABLE,
                         "Capture %s is in state %s and cannot be refunded.", t->id,
                         mws_state_name(t->state));
    }
    if (wish->currency != t->currency) {
        return call_fail(call, MWS_ERROR_CURRENCY_MISMATCH,
                         "The currency %s is not that of Capture %s.", wish->currency->code, t->id);
    }
    if (refunds >= REFUNDS_MAX) {
        return call_fail(call, MWS_ERROR_TRANSACTION_COUNT_EXCEEDED,
                         "Capture %s has the maximum number of refunds, %d.", t->id, REFUNDS_MAX);
    }
    if (wish->units > t->units + overage(t->units, t->currency) - refunded) {
        return call_fail(call, MWS_ERROR_TRANSACTION_AMOUNT_EXCEEDED,
                         "Capture %s cannot be refunded that much more.", t->id);
    }
    return may_take_back(call, captured, wish);
}

void refund(struct call *call)
{
    struct wish wish;
    const struct transaction *earlier;
    struct transaction *t = call_transaction(call, "AmazonCaptureId", TRANSACTION_CAPTURE);
    struct capture *captured = (struct capture *)t;

    if (t == NULL || !wish_read(call, TRANSACTION_REFUND, t->id, &wish) ||
        !wish_shares(call, TRANSACTION_REFUND, &wish) ||
        (wish_is_checked_before(call) && !may_refund(call, captured, &wish))) {
        return;
    }
    earlier = wish_earlier(call, TRANSACTION_REFUND, &wish);
    if (earlier != NULL) {
        if (!wish_replay(call, earlier)) {
            describe_refund(call->out, (const struct refund *)earlier);
        }
    } else if (call->error == MWS_ERROR_NONE && wish_simulate(call, SIMULATED_REFUND, &wish) &&
               may_refund(call, captured, &wish)) {
        struct refund *made = payment_refund(call->world, captured, &wish, call->now);
        describe_refund(call->out, made);
        wish_keep_answer(call, &made->t);
    }
}

void get_refund_details(struct call *call)
{
    const struct transaction *t = call_transaction(call, "AmazonRefundId", TRANSACTION_REFUND);

    if (t != NULL) {
        describe_refund(call->out, (const struct refund *)t);
    }
}
