/*
 * reply.c - from Amazon's elements to our structs, by name.
 *
 * Amazon's order of elements, its spelling of RequestId and what it leaves out differ between
 * operations and years, so nothing here depends on order and only what a decision needs is
 * required. What is there must be right, though: an amount or date that cannot be read, or a text
 * that is too long, makes the whole reply unreadable, because half a reply would be acted upon as a
 * whole one. A state or reason that is not in the vocabulary is readable: it is reported as
 * unknown.
 */
#include "mws/reply.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void reply_unreadable(struct mws_reply *reply, const char *format, ...)
{
    if (reply->is_unreadable) {
        return;
    }
    va_list args;
    va_start(args, format);
    (void)vsnprintf(reply->message, sizeof reply->message, format, args);
    va_end(args);
    reply->is_unreadable = true;
}

/* Copies a text that may be absent. */
static void read_text(struct mws_reply *reply, const struct xml_node *node, const char *path,
                      char *out, size_t size)
{
    const char *text = xml_text_at(node, path);
    size_t length = strlen(text);
    if (length >= size) {
        reply_unreadable(reply, "%s has %zu bytes; at most %zu are expected", path, length,
                         size - 1);
        return;
    }
    memcpy(out, text, length + 1);
}

static void read_required(struct mws_reply *reply, const struct xml_node *node, const char *path,
                          char *out, size_t size)
{
    read_text(reply, node, path, out, size);
    if (out[0] == '\0') {
        reply_unreadable(reply, "%s is missing", path);
    }
}

/* xs:boolean; false when absent. */
static bool read_bool(struct mws_reply *reply, const struct xml_node *node, const char *path)
{
    const char *text = xml_text_at(node, path);
    if (strcmp(text, "true") == 0 || strcmp(text, "1") == 0) {
        return true;
    }
    if (text[0] != '\0' && strcmp(text, "false") != 0 && strcmp(text, "0") != 0) {
        reply_unreadable(reply, "%s is not a boolean", path);
    }
    return false;
}

/* {Amount, CurrencyCode}; poison when absent. */
static struct money read_money(struct mws_reply *reply, const struct xml_node *node,
                               const char *path)
{
    struct money amount = {0};
    const struct xml_node *price = xml_at(node, path);
    if (price != NULL &&
        !money_parse(xml_text_at(price, "Amount"), xml_text_at(price, "CurrencyCode"), &amount)) {
        reply_unreadable(reply, "%s is not an amount", path);
    }
    return amount;
}

static struct instant read_instant(struct mws_reply *reply, const struct xml_node *node,
                                   const char *path)
{
    struct instant at = INSTANT_NEVER;
    if (!instant_parse(xml_text_at(node, path), &at)) {
        reply_unreadable(reply, "%s is not a time in UTC", path);
    }
    return at;
}

static enum mws_reason read_reason(struct mws_reply *reply, const char *word, bool *is_unknown)
{
    enum mws_reason reason = mws_reason_parse(word);
    *is_unknown = word[0] != '\0' && reason == MWS_REASON_UNKNOWN;
    if (*is_unknown && reply->message[0] == '\0') {
        (void)snprintf(reply->message, sizeof reply->message, "the reason %.64s is not known",
                       word);
    }
    return reason;
}

static struct mws_status read_status(struct mws_reply *reply, const struct xml_node *node,
                                     const char *path)
{
    struct mws_status status = {0};
    const struct xml_node *element = xml_at(node, path);
    const char *state = xml_text_at(element, "State");
    if (state[0] == '\0') {
        reply_unreadable(reply, "%s/State is missing", path);
        return status;
    }
    status.state = mws_state_parse(state);
    if (status.state == MWS_STATE_UNKNOWN && reply->message[0] == '\0') {
        (void)snprintf(reply->message, sizeof reply->message, "the state %.64s is not known",
                       state);
    }
    status.reason =
        read_reason(reply, xml_text_at(element, "ReasonCode"), &status.has_unknown_reason);
    return status;
}

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
    details->amount_limit_per_time_period = read_money(reply, limits, "AmountLimitPerTimePeriod");
    details->current_remaining_balance = read_money(reply, limits, "CurrentRemainingBalance");
    details->time_period_start = read_instant(reply, limits, "TimePeriodStartDate");
    details->time_period_end = read_instant(reply, limits, "TimePeriodEndDate");
    details->has_limits = true;
}

/* Documented as ConstraintId, seen as ConstraintID, and once without the Constraint around it. */
static void read_constraints(struct mws_reply *reply, const struct xml_node *constraints)
{
    struct mws_billing_agreement_details *details = &reply->billing_agreement;
    const struct xml_node *constraint = xml_at(constraints, "Constraint");
    if (constraint == NULL && (xml_at(constraints, "ConstraintID") != NULL ||
                               xml_at(constraints, "ConstraintId") != NULL)) {
        constraint = constraints;
    }
    for (; constraint != NULL; constraint = xml_next(constraint)) {
        if (details->constraint_count == MWS_CONSTRAINTS_MAX) {
            reply_unreadable(reply, "Constraints has more than %d members", MWS_CONSTRAINTS_MAX);
            return;
        }
        const char *spelling =
            xml_at(constraint, "ConstraintID") != NULL ? "ConstraintID" : "ConstraintId";
        read_required(reply, constraint, spelling, details->constraints[details->constraint_count],
                      sizeof details->constraints[0]);
        details->constraint_count++;
    }
}

void reply_billing_agreement(struct mws_reply *reply, const struct xml_node *result)
{
    struct mws_billing_agreement_details *details = &reply->billing_agreement;
    const struct xml_node *node = xml_at(result, "BillingAgreementDetails");
    read_required(reply, node, "AmazonBillingAgreementId", details->amazon_billing_agreement_id,
                  sizeof details->amazon_billing_agreement_id);
    details->status = read_status(reply, node, "BillingAgreementStatus");
    details->consent = read_bool(reply, node, "BillingAgreementConsent");
    read_limits(reply, xml_at(node, "BillingAgreementLimits"));
    read_constraints(reply, xml_at(node, "Constraints"));
}

void reply_validation(struct mws_reply *reply, const struct xml_node *result)
{
    struct mws_validation *validation = &reply->validation;
    const char *word = xml_text_at(result, "ValidationResult");
    bool is_unknown = false;
    validation->is_success = strcmp(word, "Success") == 0;
    if (!validation->is_success && strcmp(word, "Failure") != 0) {
        reply_unreadable(reply, "ValidationResult is neither Success nor Failure");
    }
    validation->failure_reason =
        read_reason(reply, xml_text_at(result, "FailureReasonCode"), &is_unknown);
    if (xml_at(result, "BillingAgreementStatus") != NULL) {
        validation->status = read_status(reply, result, "BillingAgreementStatus");
    }
}

void reply_authorization(struct mws_reply *reply, const struct xml_node *result)
{
    struct mws_authorization_details *details = &reply->authorization;
    const struct xml_node *node = xml_at(result, "AuthorizationDetails");
    read_required(reply, node, "AmazonAuthorizationId", details->amazon_authorization_id,
                  sizeof details->amazon_authorization_id);
    read_required(reply, node, "AuthorizationReferenceId", details->authorization_reference_id,
                  sizeof details->authorization_reference_id);
    read_text(reply, result, "AmazonOrderReferenceId", details->amazon_order_reference_id,
              sizeof details->amazon_order_reference_id);
    details->authorization_amount = read_money(reply, node, "AuthorizationAmount");
    if (!money_is_valid(details->authorization_amount)) {
        reply_unreadable(reply, "AuthorizationAmount is missing");
    }
    details->captured_amount = read_money(reply, node, "CapturedAmount");
    details->status = read_status(reply, node, "AuthorizationStatus");
    details->soft_decline = read_bool(reply, node, "SoftDecline");
    details->capture_now = read_bool(reply, node, "CaptureNow");
    read_text(reply, node, "IdList/member", details->capture_id, sizeof details->capture_id);
}

void reply_order_reference(struct mws_reply *reply, const struct xml_node *result)
{
    struct mws_order_reference_details *details = &reply->order_reference;
    const struct xml_node *node = xml_at(result, "OrderReferenceDetails");
    read_required(reply, node, "AmazonOrderReferenceId", details->amazon_order_reference_id,
                  sizeof details->amazon_order_reference_id);
    read_text(reply, node, "SellerOrderAttributes/SellerOrderId", details->seller_order_id,
              sizeof details->seller_order_id);
    details->status = read_status(reply, node, "OrderReferenceStatus");

    const struct xml_node *member = xml_at(node, "IdList/member");
    for (; member != NULL; member = xml_next(member)) {
        if (details->authorization_count == MWS_LIST_MAX) {
            reply_unreadable(reply, "IdList has more than %d members", MWS_LIST_MAX);
            return;
        }
        read_required(reply, member, "", details->authorization_ids[details->authorization_count],
                      sizeof details->authorization_ids[0]);
        details->authorization_count++;
    }
}

void reply_order_list(struct mws_reply *reply, const struct xml_node *result)
{
    struct mws_order_reference_list *list = &reply->order_list;
    const struct xml_node *order = xml_at(result, "OrderReferenceList/OrderReference");
    for (; order != NULL; order = xml_next(order)) {
        if (list->count == MWS_LIST_MAX) {
            reply_unreadable(reply, "OrderReferenceList has more than %d members", MWS_LIST_MAX);
            return;
        }
        read_required(reply, order, "AmazonOrderReferenceId",
                      list->orders[list->count].amazon_order_reference_id,
                      sizeof list->orders[0].amazon_order_reference_id);
        read_text(reply, order, "SellerOrderAttributes/SellerOrderId",
                  list->orders[list->count].seller_order_id,
                  sizeof list->orders[0].seller_order_id);
        list->count++;
    }
    list->has_more = xml_text_at(result, "NextPageToken")[0] != '\0' ||
                     xml_text_at(result, "OrderReferenceList/NextPageToken")[0] != '\0';
}

/* The one text that is cut when it is too long: it is for people. At a whole UTF-8 character. */
static void read_message(struct mws_reply *reply, const char *text)
{
    size_t length = strlen(text);
    if (length >= sizeof reply->message) {
        length = sizeof reply->message - 1;
        while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80) {
            length--;
        }
    }
    memcpy(reply->message, text, length);
    reply->message[length] = '\0';
}

void reply_error(struct mws_reply *reply, const struct xml_node *root)
{
    reply->is_error = true;
    read_message(reply, xml_text_at(root, "Error/Message"));
    read_required(reply, root, "Error/Code", reply->error_code, sizeof reply->error_code);
    reply->error = mws_error_parse(reply->error_code);
}

void reply_request_id(struct mws_reply *reply, const struct xml_node *root)
{
    static const char *const places[] = {"ResponseMetadata/RequestId", "RequestId", "RequestID"};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        if (reply->request_id[0] == '\0') {
            read_text(reply, root, places[i], reply->request_id, sizeof reply->request_id);
        }
    }
}
