/*
 * notice_data.c - see notice_data.h.
 */
#include "mws/sandbox/notice_data.h"

#include <inttypes.h>
#include <stdio.h>

#include "mws/sandbox/agreement.h"
#include "mws/sandbox/describe.h"
#include "mws/sandbox/order.h"
#include "mws/sandbox/payment.h"

#define NAMESPACE "https://mws.amazonservices.com/ipn/OffAmazonPayments/2013-01-01"

enum notice_type notice_type_of(enum transaction_kind kind)
{
    static const enum notice_type types[TRANSACTION_KINDS] = {
        [TRANSACTION_AUTHORIZATION] = NOTICE_PAYMENT_AUTHORIZE,
        [TRANSACTION_CAPTURE] = NOTICE_PAYMENT_CAPTURE,
        [TRANSACTION_REFUND] = NOTICE_PAYMENT_REFUND,
        [TRANSACTION_CREDIT] = NOTICE_PROVIDER_CREDIT,
        [TRANSACTION_REVERSAL] = NOTICE_PROVIDER_CREDIT_REVERSAL,
    };

    return types[kind];
}

/* Unlike in an answer the element is there when it is empty. */
static void item_categories(struct text *out, const struct order *order)
{
    if (order->item_categories != NULL) {
        xml_item_categories(out, order);
    } else {
        text_add(out, "<OrderItemCategories/>");
    }
}

static void open_document(struct text *out, enum notice_type type)
{
    text_format(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?><%s xmlns=\"" NAMESPACE "\">",
                notice_type_root(type));
}

static void close_document(struct text *out, enum notice_type type)
{
    xml_close(out, notice_type_root(type));
}

/* "5.0", "19.95", "19.9"; yen, too, has its ".0". */
static void price(struct text *out, const char *name, int64_t units,
                  const struct currency *currency)
{
    xml_open(out, name);
    if (currency->decimals == 0) {
        text_format(out, "<Amount>%" PRId64 ".0</Amount>", units);
    } else if (units % 10 == 0) {
        text_format(out, "<Amount>%" PRId64 ".%" PRId64 "</Amount>", units / 100, units / 10 % 10);
    } else {
        text_format(out, "<Amount>%" PRId64 ".%02" PRId64 "</Amount>", units / 100, units % 100);
    }
    xml_element(out, "CurrencyCode", currency->code);
    xml_close(out, name);
}

static void status(struct text *out, const char *name, enum mws_state state, enum mws_reason reason,
                   const char *description, struct instant at, bool sample)
{
    xml_open(out, name);
    xml_element(out, "State", mws_state_name(state));
    xml_instant(out, "LastUpdateTimestamp", at);
    xml_optional(out, "ReasonCode", sample ? "None" : mws_reason_name(reason));
    xml_optional(out, "ReasonDescription", description);
    xml_close(out, name);
}

static void transaction_status(struct text *out, const char *name, const struct transaction *t,
                               bool sample)
{
    xml_instant(out, "CreationTimestamp", t->created_at);
    status(out, name, t->state, t->reason, "", t->updated_at, sample);
}

static void soft_descriptor(struct text *out, const struct transaction *t)
{
    if (t->soft_descriptor == NULL) {
        text_add(out, "<SoftDescriptor/>");
        return;
    }
    xml_open(out, "SoftDescriptor");
    text_add(out, "AMZ*");
    xml_escape(out, t->soft_descriptor);
    xml_close(out, "SoftDescriptor");
}

/* What CaptureNow captures counts at once: the notification leaves when it is done. */
static void authorization(struct text *out, const struct authorization *a, bool sample)
{
    const struct transaction *t = &a->t;
    bool captured = capture_stands(a->capture);

    xml_open(out, "AuthorizationDetails");
    xml_element(out, "AmazonAuthorizationId", t->id);
    xml_element(out, "AuthorizationReferenceId", t->reference);
    xml_optional(out, "SellerAuthorizationNote", t->note);
    price(out, "AuthorizationAmount", t->units, t->currency);
    price(out, "CapturedAmount", captured ? a->capture->t.units : 0, t->currency);
    price(out, "AuthorizationFee", 0, t->currency);
    xml_open(out, "IdList");
    xml_optional(out, "Id", a->capture != NULL ? a->capture->t.id : "");
    xml_close(out, "IdList");
    xml_instant(out, "CreationTimestamp", t->created_at);
    xml_instant(out, "ExpirationTimestamp", authorization_expiration(a));
    status(out, "AuthorizationStatus", t->state, t->reason, "", t->updated_at, sample);
    xml_bool(out, "SoftDecline", a->soft_decline);
    item_categories(out, t->order);
    xml_bool(out, "CaptureNow", a->capture_now);
    soft_descriptor(out, t);
    xml_close(out, "AuthorizationDetails");
}

static void credit_summary(struct text *out, const struct capture *capture)
{
    if (capture->first_credit == NULL) {
        return;
    }
    xml_open(out, "ProviderCreditSummaryList");
    for (const struct credit *c = capture->first_credit; c != NULL; c = c->next_in_capture) {
        xml_open(out, "ProviderCreditSummary");
        xml_element(out, "ProviderId", c->provider);
        xml_element(out, "ProviderCreditId", c->t.id);
        xml_close(out, "ProviderCreditSummary");
    }
    xml_close(out, "ProviderCreditSummaryList");
}

static void capture(struct text *out, const struct capture *c, bool sample)
{
    const struct transaction *t = &c->t;

    xml_open(out, "CaptureDetails");
    xml_element(out, "AmazonCaptureId", t->id);
    xml_element(out, "CaptureReferenceId", t->reference);
    xml_optional(out, "SellerCaptureNote", t->note);
    price(out, "CaptureAmount", t->units, t->currency);
    price(out, "RefundedAmount", c->refunded_units, t->currency);
    price(out, "CaptureFee", 0, t->currency);
    xml_open(out, "IdList");
    for (const struct refund *r = c->first; r != NULL; r = r->next_in_capture) {
        xml_element(out, "Id", r->t.id);
    }
    xml_close(out, "IdList");
    transaction_status(out, "CaptureStatus", t, sample);
    soft_descriptor(out, t);
    credit_summary(out, c);
    xml_close(out, "CaptureDetails");
}

static void reversal_summary(struct text *out, const struct refund *refund)
{
    if (refund->first == NULL) {
        return;
    }
    xml_open(out, "ProviderCreditReversalSummaryList");
    for (const struct reversal *r = refund->first; r != NULL; r = r->next_in_refund) {
        xml_open(out, "ProviderCreditReversalSummary");
        xml_element(out, "ProviderId", r->credit->provider);
        xml_element(out, "ProviderCreditReversalId", r->t.id);
        xml_close(out, "ProviderCreditReversalSummary");
    }
    xml_close(out, "ProviderCreditReversalSummaryList");
}

static void refund(struct text *out, const struct refund *r, bool sample)
{
    const struct transaction *t = &r->t;

    xml_open(out, "RefundDetails");
    xml_element(out, "AmazonRefundId", t->id);
    xml_element(out, "RefundReferenceId", t->reference);
    xml_optional(out, "SellerRefundNote", t->note);
    xml_element(out, "RefundType", mws_refund_type_name(r->type));
    price(out, "RefundAmount", t->units, t->currency);
    price(out, "FeeRefunded", 0, t->currency);
    transaction_status(out, "RefundStatus", t, sample);
    soft_descriptor(out, t);
    reversal_summary(out, r);
    xml_close(out, "RefundDetails");
}

static void credit(struct text *out, const struct credit *c, bool sample)
{
    const struct transaction *t = &c->t;

    xml_open(out, "ProviderCreditDetails");
    xml_element(out, "AmazonProviderCreditId", t->id);
    xml_element(out, "SellerId", t->order->seller->id);
    xml_element(out, "ProviderSellerId", c->provider);
    xml_optional(out, "CreditReferenceId", t->reference);
    price(out, "CreditAmount", t->units, t->currency);
    price(out, "CreditReversalAmount", c->reversed_units, t->currency);
    xml_open(out, "CreditReversalIdList");
    for (const struct reversal *r = c->first; r != NULL; r = r->next_in_credit) {
        xml_element(out, "Id", r->t.id);
    }
    xml_close(out, "CreditReversalIdList");
    transaction_status(out, "CreditStatus", t, sample);
    xml_close(out, "ProviderCreditDetails");
}

static void reversal(struct text *out, const struct reversal *r, bool sample)
{
    const struct transaction *t = &r->t;

    xml_open(out, "ProviderCreditReversalDetails");
    xml_element(out, "AmazonProviderCreditReversalId", t->id);
    xml_element(out, "SellerId", t->order->seller->id);
    xml_element(out, "ProviderSellerId", r->credit->provider);
    xml_element(out, "CreditReversalReferenceId", t->reference);
    xml_optional(out, "CreditReversalNote", t->note);
    price(out, "CreditReversalAmount", t->units, t->currency);
    transaction_status(out, "CreditReversalStatus", t, sample);
    xml_close(out, "ProviderCreditReversalDetails");
}

void notice_data_transaction(struct text *out, const struct transaction *t, bool sample)
{
    enum notice_type type = notice_type_of(t->kind);

    open_document(out, type);
    switch (t->kind) {
    case TRANSACTION_AUTHORIZATION:
        authorization(out, (const struct authorization *)t, sample);
        break;
    case TRANSACTION_CAPTURE:
        capture(out, (const struct capture *)t, sample);
        break;
    case TRANSACTION_REFUND:
        refund(out, (const struct refund *)t, sample);
        break;
    case TRANSACTION_CREDIT:
        credit(out, (const struct credit *)t, sample);
        break;
    case TRANSACTION_REVERSAL:
        reversal(out, (const struct reversal *)t, sample);
        break;
    case TRANSACTION_KINDS:
        break;
    }
    close_document(out, type);
}

void notice_data_order(struct text *out, const struct order *order, bool sample)
{
    open_document(out, NOTICE_ORDER_REFERENCE);
    xml_open(out, "OrderReference");
    xml_element(out, "AmazonOrderReferenceId", order->id);
    if (order->total_units > 0) {
        price(out, "OrderTotal", order->total_units, order->currency);
    }
    xml_open(out, "SellerOrderAttributes");
    xml_element(out, "SellerId", order->seller->id);
    xml_optional(out, "SellerOrderId", order->seller_order_id);
    item_categories(out, order);
    xml_close(out, "SellerOrderAttributes");
    status(out, "OrderReferenceStatus", order->state, order->reason, order->closure_reason,
           order->updated_at, sample);
    xml_instant(out, "CreationTimestamp", order->created_at);
    xml_instant(out, "ExpirationTimestamp", instant_plus(order->created_at, ORDER_LIFE_MS));
    xml_close(out, "OrderReference");
    close_document(out, NOTICE_ORDER_REFERENCE);
}

static void limits(struct text *out, const struct agreement *agreement, struct instant now)
{
    int32_t month = agreement_month(agreement, now);
    int64_t left = agreement->limit_units - agreement_authorized(agreement, month);

    xml_open(out, "BillingAgreementLimits");
    price(out, "AmountLimitPerTimePeriod", agreement->limit_units, agreement->currency);
    xml_instant(out, "TimePeriodStartDate", agreement_month_start(agreement, month));
    xml_instant(out, "TimePeriodEndDate", agreement_month_start(agreement, month + 1));
    price(out, "CurrentRemainingBalance", left > 0 ? left : 0, agreement->currency);
    xml_close(out, "BillingAgreementLimits");
}

void notice_data_agreement(struct text *out, const struct agreement *agreement, struct instant now,
                           bool sample)
{
    open_document(out, NOTICE_BILLING_AGREEMENT);
    xml_open(out, "BillingAgreement");
    xml_element(out, "AmazonBillingAgreementId", agreement->id);
    xml_open(out, "SellerBillingAgreementAttributes");
    xml_element(out, "SellerId", agreement->seller->id);
    xml_optional(out, "SellerBillingAgreementId", agreement->seller_agreement_id);
    xml_close(out, "SellerBillingAgreementAttributes");
    status(out, "BillingAgreementStatus", agreement->state, agreement->reason,
           agreement->closure_reason, agreement->updated_at, sample);
    xml_instant(out, "CreationTimestamp", agreement->created_at);
    limits(out, agreement, now);
    xml_bool(out, "BillingAgreementConsent", agreement->consent);
    xml_close(out, "BillingAgreement");
    close_document(out, NOTICE_BILLING_AGREEMENT);
}

void notice_data_chargeback(struct text *out, const struct chargeback *chargeback)
{
    open_document(out, NOTICE_CHARGEBACK);
    xml_open(out, "ChargebackDetails");
    xml_element(out, "AmazonChargebackId", chargeback->id);
    xml_element(out, "AmazonOrderReferenceId", chargeback->order_id);
    xml_element(out, "AmazonCaptureReferenceId", chargeback->capture_reference);
    xml_instant(out, "CreationTimestamp", chargeback->created_at);
    price(out, "ChargebackAmount", chargeback->units, chargeback->currency);
    xml_element(out, "ChargebackState", "RECEIVED");
    xml_element(out, "ChargebackReason", chargeback->reason);
    xml_close(out, "ChargebackDetails");
    close_document(out, NOTICE_CHARGEBACK);
}

void notice_data_solution_provider(struct text *out, const char *merchant_id, const char *type)
{
    open_document(out, NOTICE_SOLUTION_PROVIDER_EVENT);
    xml_open(out, "MerchantRegistrationDetails");
    xml_element(out, "SellerId", merchant_id);
    xml_element(out, "Type", type);
    xml_open(out, "Options");
    xml_open(out, "SolutionProviderOption");
    xml_element(out, "name", "hostingType");
    xml_element(out, "value", "hosted");
    xml_close(out, "SolutionProviderOption");
    xml_close(out, "Options");
    xml_close(out, "MerchantRegistrationDetails");
    close_document(out, NOTICE_SOLUTION_PROVIDER_EVENT);
}
