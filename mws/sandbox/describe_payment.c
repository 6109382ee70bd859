/*
 * describe_payment.c - authorizations, captures, refunds, provider credits as XML. See describe.h.
 */
#include "mws/sandbox/describe.h"
#include "mws/sandbox/payment.h"

static void status(struct text *out, const char *name, const struct transaction *t)
{
    xml_status(out, name, "LastUpdateTimestamp", t->state, t->reason, "", t->updated_at);
}

static void soft_descriptor(struct text *out, const struct transaction *t)
{
    if (t->soft_descriptor != NULL) {
        xml_open(out, "SoftDescriptor");
        text_add(out, "AMZ*");
        xml_escape(out, t->soft_descriptor);
        xml_close(out, "SoftDescriptor");
    }
}

void describe_authorization(struct text *out, const struct authorization *authorization,
                            bool just_made)
{
    const struct transaction *t = &authorization->t;
    const struct capture *capture = authorization->capture;
    bool captured = capture_stands(capture) && capture->t.state != MWS_STATE_PENDING;

    xml_open(out, "AuthorizationDetails");
    xml_element(out, "AmazonAuthorizationId", t->id);
    xml_element(out, "AuthorizationReferenceId", t->reference);
    xml_optional(out, "SellerAuthorizationNote", t->note);
    xml_price(out, "AuthorizationAmount", t->units, t->currency);
    xml_price(out, "CapturedAmount", captured && !just_made ? capture->t.units : 0, t->currency);
    xml_price(out, "AuthorizationFee", 0, t->currency);
    xml_open(out, "IdList");
    xml_optional(out, "member", capture != NULL ? capture->t.id : "");
    xml_close(out, "IdList");
    xml_instant(out, "CreationTimestamp", t->created_at);
    xml_instant(out, "ExpirationTimestamp", authorization_expiration(authorization));
    status(out, "AuthorizationStatus", t);
    xml_bool(out, "SoftDecline", authorization->soft_decline);
    xml_bool(out, "CaptureNow", authorization->capture_now);
    soft_descriptor(out, t);
    xml_item_categories(out, t->order);
    xml_close(out, "AuthorizationDetails");
}

static void credits(struct text *out, const struct capture *capture)
{
    if (capture->first_credit == NULL) {
        return;
    }
    xml_open(out, "ProviderCreditSummaryList");
    for (const struct credit *c = capture->first_credit; c != NULL; c = c->next_in_capture) {
        xml_open(out, "member");
        xml_element(out, "ProviderId", c->provider);
        xml_element(out, "ProviderCreditId", c->t.id);
        xml_close(out, "member");
    }
    xml_close(out, "ProviderCreditSummaryList");
}

void describe_capture(struct text *out, const struct capture *capture)
{
    const struct transaction *t = &capture->t;

    xml_open(out, "CaptureDetails");
    xml_element(out, "AmazonCaptureId", t->id);
    xml_element(out, "CaptureReferenceId", t->reference);
    xml_optional(out, "SellerCaptureNote", t->note);
    xml_price(out, "CaptureAmount", t->units, t->currency);
    xml_price(out, "RefundedAmount", capture->refunded_units, t->currency);
    xml_price(out, "CaptureFee", 0, t->currency);
    xml_open(out, "IdList");
    for (const struct refund *r = capture->first; r != NULL; r = r->next_in_capture) {
        xml_element(out, "member", r->t.id);
    }
    xml_close(out, "IdList");
    xml_instant(out, "CreationTimestamp", t->created_at);
    status(out, "CaptureStatus", t);
    soft_descriptor(out, t);
    credits(out, capture);
    xml_close(out, "CaptureDetails");
}

static void reversals(struct text *out, const struct refund *refund)
{
    if (refund->first == NULL) {
        return;
    }
    xml_open(out, "ProviderCreditReversalSummaryList");
    for (const struct reversal *r = refund->first; r != NULL; r = r->next_in_refund) {
        xml_open(out, "member");
        xml_element(out, "ProviderId", r->credit->provider);
        xml_element(out, "ProviderCreditReversalId", r->t.id);
        xml_close(out, "member");
    }
    xml_close(out, "ProviderCreditReversalSummaryList");
}

void describe_refund(struct text *out, const struct refund *refund)
{
    const struct transaction *t = &refund->t;

    xml_open(out, "RefundDetails");
    xml_element(out, "AmazonRefundId", t->id);
    xml_element(out, "RefundReferenceId", t->reference);
    xml_optional(out, "SellerRefundNote", t->note);
    xml_element(out, "RefundType", mws_refund_type_name(refund->type));
    xml_price(out, "RefundAmount", t->units, t->currency);
    xml_price(out, "FeeRefunded", 0, t->currency);
    xml_instant(out, "CreationTimestamp", t->created_at);
    status(out, "RefundStatus", t);
    soft_descriptor(out, t);
    reversals(out, refund);
    xml_close(out, "RefundDetails");
}

void describe_credit(struct text *out, const struct credit *credit)
{
    const struct transaction *t = &credit->t;

    xml_open(out, "ProviderCreditDetails");
    xml_element(out, "AmazonProviderCreditId", t->id);
    xml_element(out, "SellerId", t->order->seller->id);
    xml_element(out, "ProviderId", credit->provider);
    xml_element(out, "CreditReferenceId", t->reference);
    xml_price(out, "CreditAmount", t->units, t->currency);
    xml_price(out, "CreditReversalAmount", credit->reversed_units, t->currency);
    xml_open(out, "CreditReversalIdList");
    for (const struct reversal *r = credit->first; r != NULL; r = r->next_in_credit) {
        xml_element(out, "member", r->t.id);
    }
    xml_close(out, "CreditReversalIdList");
    xml_instant(out, "CreationTimestamp", t->created_at);
    status(out, "CreditStatus", t);
    xml_close(out, "ProviderCreditDetails");
}

void describe_reversal(struct text *out, const struct reversal *reversal)
{
    const struct transaction *t = &reversal->t;

    xml_open(out, "ProviderCreditReversalDetails");
    xml_element(out, "AmazonProviderCreditReversalId", t->id);
    xml_element(out, "SellerId", t->order->seller->id);
    xml_element(out, "ProviderId", reversal->credit->provider);
    xml_element(out, "CreditReversalReferenceId", t->reference);
    xml_optional(out, "CreditReversalNote", t->note);
    xml_price(out, "CreditReversalAmount", t->units, t->currency);
    xml_instant(out, "CreationTimestamp", t->created_at);
    status(out, "CreditReversalStatus", t);
    xml_close(out, "ProviderCreditReversalDetails");
}
