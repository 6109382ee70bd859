/*
 * operation_provider.c - the shares of solution providers: GetProviderCreditDetails,
 * ReverseProviderCredit, GetProviderCreditReversalDetails.
 *
 * A credit comes with the capture whose ProviderCreditList names it. The seller and the provider
 * (whose seller id is the ProviderId) may both look at it; either may reverse it, under a reference
 * id of the seller's. What a Pending refund is going to take back is no longer left. Source:
 * amazon-pay reference, section 3.6.
 */
#include "mws/sandbox/describe.h"
#include "mws/sandbox/refund.h"
#include "mws/sandbox/wish.h"

void get_provider_credit_details(struct call *call)
{
    const struct transaction *t =
        call_transaction(call, "AmazonProviderCreditId", TRANSACTION_CREDIT);

    if (t != NULL) {
        describe_credit(call->out, (const struct credit *)t);
    }
}

void get_provider_credit_reversal_details(struct call *call)
{
    const struct transaction *t =
        call_transaction(call, "AmazonProviderCreditReversalId", TRANSACTION_REVERSAL);

    if (t != NULL) {
        describe_reversal(call->out, (const struct reversal *)t);
    }
}

static bool may_reverse(struct call *call, const struct credit *credit, const struct wish *wish)
{
    if (wish->currency != credit->t.currency) {
        return call_fail(call, MWS_ERROR_CURRENCY_MISMATCH,
                         "The currency %s is not that of the provider credit.",
                         wish->currency->code);
    }
    return wish->units <= credit_left(credit) ||
           call_fail(call, MWS_ERROR_TRANSACTION_AMOUNT_EXCEEDED,
                     "The provider credit %s has less left to reverse.", credit->t.id);
}

void reverse_provider_credit(struct call *call)
{
    struct wish wish;
    const struct transaction *earlier;
    struct transaction *t = call_transaction(call, "AmazonProviderCreditId", TRANSACTION_CREDIT);
    struct credit *credit = (struct credit *)t;

    if (t == NULL || !wish_read(call, TRANSACTION_REVERSAL, t->id, &wish)) {
        return;
    }
    call->seller = t->order->seller; /* whose reference ids count */
    earlier = wish_earlier(call, TRANSACTION_REVERSAL, &wish);
    if (earlier != NULL) {
        if (!wish_replay(call, earlier)) {
            describe_reversal(call->out, (const struct reversal *)earlier);
        }
    } else if (call->error == MWS_ERROR_NONE && may_reverse(call, credit, &wish)) {
        struct reversal *made = payment_reverse(call->world, credit, &wish, call->now);
        describe_reversal(call->out, made);
        wish_keep_answer(call, &made->t);
    }
}
