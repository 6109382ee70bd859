/*
 * reply_agreement.c - billing agreements and their validation.
 */
#include "mws/reply.h"

#include <string.h>

/* A period's limit counts only when all of it is there. */
static void read_limits(struct mws_reply *reply, const struct xml_node *limits)
{
    struct mws_billing_agreement_details *details = &reply->billing_agreement;
    if (xml_at(limits, "AmountLimitPerTimePeriod") == NULL ||
        xml_at(limits, "CurrentRemainingBalance") == NULL ||
        xml_at(limits, "TimePeriodStartDate") == NULL ||
        xml_at(limits, "TimePeriodEndDate") == NULL) {
        return;
    }
    details->amount_limit_per_time_period = reply_money(reply, limits, "AmountLimitPerTimePeriod");
    details->current_remaining_balance = reply_money(reply, limits, "CurrentRemainingBalance");
    details->time_period_start = reply_instant(reply, limits, "TimePeriodStartDate");
    details->time_period_end = reply_instant(reply, limits, "TimePeriodEndDate");
    details->has_limits = true;
}

void reply_billing_agreement(struct mws_reply *reply, const struct xml_node *result)
{
    struct mws_billing_agreement_details *details = &reply->billing_agreement;
    const struct xml_node *node = xml_at(result, "BillingAgreementDetails");
    reply_required(reply, node, "AmazonBillingAgreementId", details->amazon_billing_agreement_id,
                   sizeof details->amazon_billing_agreement_id);
    details->status = reply_status(reply, node, "BillingAgreementStatus");
    details->consent = reply_bool(reply, node, "BillingAgreementConsent");
    read_limits(reply, xml_at(node, "BillingAgreementLimits"));
    details->constraint_count = reply_constraints(reply, node, details->constraints);
    reply_buyer(node, &details->buyer);
    reply_destination(node, &details->destination);
}

void reply_validation(struct mws_reply *reply, const struct xml_node *result)
{
    struct mws_validation *validation = &reply->validation;
    const char *word = xml_text_at(result, "ValidationResult");
    bool is_unknown = false;
    validation->is_success = strcmp(word, "Success") == 0;
    if (!validation->is_success && strcmp(word, "Failure") != 0) {
        reply_unreadable(reply, "ValidationResult is %s",
                         word[0] == '\0' ? "missing" : "neither Success nor Failure");
    }
    validation->failure_reason =
        reply_reason(reply, xml_text_at(result, "FailureReasonCode"), &is_unknown);
    if (xml_at(result, "BillingAgreementStatus") != NULL) {
        validation->status = reply_status(reply, result, "BillingAgreementStatus");
    }
}
