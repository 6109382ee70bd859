/*
 * operation_agreement.c - Get, Set, Confirm, Validate and CloseBillingAgreement.
 *
 * Source of the rules: amazon-pay reference, sections 3.1 and 5.1. Where Amazon's documents leave
 * it open: a repeated CloseBillingAgreement by the seller succeeds again (the operation is
 * documented as idempotent by agreement id), any other final state is
 * InvalidBillingAgreementStatus (rule close-closed); a mended method opens a Suspended agreement
 * by itself, and one that is Suspended is neither confirmed nor validated (rule mended-method).
 */
#include <string.h>

#include "mws/sandbox/agreement.h"
#include "mws/sandbox/describe.h"
#include "mws/sandbox/operation.h"

static bool status_error(struct call *call, const struct agreement *agreement, const char *verb)
{
    return call_fail(call, MWS_ERROR_INVALID_BILLING_AGREEMENT_STATUS,
                     "BillingAgreement %s is in state %s and cannot be %s.", agreement->id,
                     mws_state_name(agreement->state), verb);
}

void get_billing_agreement_details(struct call *call)
{
    bool has_token;
    struct agreement *agreement = call_token(call, &has_token) ? call_agreement(call) : NULL;

    if (agreement != NULL) {
        describe_agreement(call->out, agreement, has_token, call->now);
    }
}

#define ATTRIBUTES        "BillingAgreementAttributes."
#define SELLER_ATTRIBUTES ATTRIBUTES "SellerBillingAgreementAttributes."

struct attributes {
    const char *seller_note, *platform_id, *seller_agreement_id, *store_name, *custom_information;
};

/* What the request does not name keeps its value. */
static const char *attribute(struct call *call, const char *name, size_t characters_max,
                             const char *kept)
{
    return form_get(call->form, name) != NULL ? call_optional(call, name, characters_max) : kept;
}

static bool read_attributes(struct call *call, const struct agreement *agreement,
                            struct attributes *a)
{
    a->seller_note = attribute(call, ATTRIBUTES "SellerNote", 1024, agreement->seller_note);
    a->platform_id = attribute(call, ATTRIBUTES "PlatformId", 127, agreement->platform_id);
    a->seller_agreement_id = attribute(call, SELLER_ATTRIBUTES "SellerBillingAgreementId", 127,
                                       agreement->seller_agreement_id);
    a->store_name = attribute(call, SELLER_ATTRIBUTES "StoreName", 50, agreement->store_name);
    a->custom_information =
        attribute(call, SELLER_ATTRIBUTES "CustomInformation", 1024, agreement->custom_information);
    return call->error == MWS_ERROR_NONE;
}

void set_billing_agreement_details(struct call *call)
{
    struct attributes attributes;
    struct agreement *agreement = call_agreement(call);

    if (agreement == NULL || !read_attributes(call, agreement, &attributes)) {
        return;
    }
    if (agreement->state != MWS_STATE_DRAFT) {
        (void)call_fail(call, MWS_ERROR_BILLING_AGREEMENT_NOT_MODIFIABLE,
                        "BillingAgreement %s is not in draft state and cannot be modified with the "
                        "request submitted by you.",
                        agreement->id);
        return;
    }
    text_replace(&agreement->seller_note, attributes.seller_note);
    text_replace(&agreement->platform_id, attributes.platform_id);
    text_replace(&agreement->seller_agreement_id, attributes.seller_agreement_id);
    text_replace(&agreement->store_name, attributes.store_name);
    text_replace(&agreement->custom_information, attributes.custom_information);
    call->world->changed = true;
    describe_agreement(call->out, agreement, false, call->now);
}

void confirm_billing_agreement(struct call *call)
{
    struct agreement *agreement = call_agreement(call);
    char constraints[CONSTRAINT_IDS_MAX];
    bool mends;

    if (agreement == NULL) {
        return;
    }
    mends = agreement->state == MWS_STATE_SUSPENDED && agreement->payment_method_valid &&
            call->world->rules.mended_method == MENDED_AWAITS_CONFIRM;
    if (agreement->state != MWS_STATE_DRAFT && agreement->state != MWS_STATE_OPEN && !mends) {
        (void)status_error(call, agreement, "confirmed");
        return;
    }
    agreement_constraint_ids(agreement, constraints);
    if (constraints[0] != '\0') {
        (void)call_fail(call, MWS_ERROR_BILLING_AGREEMENT_CONSTRAINTS_EXIST,
                        "BillingAgreement %s has constraints %s and cannot be confirmed.",
                        agreement->id, constraints);
        return;
    }
    if (agreement->state != MWS_STATE_OPEN) {
        agreement_move(call->world, agreement, MWS_STATE_OPEN, 0, call->now);
    }
}

/* Suspended ones only where that is what opens them again. */
static bool may_be_validated(const struct call *call, const struct agreement *agreement)
{
    return agreement->state == MWS_STATE_OPEN ||
           (agreement->state == MWS_STATE_SUSPENDED &&
            call->world->rules.mended_method == MENDED_AWAITS_VALIDATION);
}

void validate_billing_agreement(struct call *call)
{
    bool times_out = call->world->rules.failed_validation == VALIDATION_TIMED_OUT;
    struct agreement *agreement = call_agreement(call);
    bool valid;

    if (agreement == NULL) {
        return;
    }
    if (!may_be_validated(call, agreement)) {
        (void)status_error(call, agreement, "validated");
        return;
    }
    valid = agreement->payment_method_valid;
    if (valid && agreement->state == MWS_STATE_SUSPENDED) {
        agreement_move(call->world, agreement, MWS_STATE_OPEN, 0, call->now);
    } else if (!valid && !times_out && agreement->state == MWS_STATE_OPEN) {
        agreement_move(call->world, agreement, MWS_STATE_SUSPENDED,
                       MWS_REASON_INVALID_PAYMENT_METHOD, call->now);
    }
    xml_element(call->out, "ValidationResult", valid ? "Success" : "Failure");
    if (!valid) {
        xml_element(call->out, "FailureReasonCode",
                    mws_reason_name(times_out ? MWS_REASON_VALIDATION_TIMED_OUT
                                              : MWS_REASON_INVALID_PAYMENT_METHOD));
    }
    xml_open(call->out, "BillingAgreementStatus");
    xml_element(call->out, "State", mws_state_name(agreement->state));
    xml_instant(call->out, "LastUpdatedTimestamp", agreement->updated_at);
    xml_optional(call->out, "ReasonCode", mws_reason_name(agreement->reason));
    xml_close(call->out, "BillingAgreementStatus");
}

void close_billing_agreement(struct call *call)
{
    int64_t rule = call->world->rules.close_closed;
    struct agreement *agreement = call_agreement(call);
    const char *why = call_optional(call, "ClosureReason", 1024);

    if (agreement == NULL || why == NULL) {
        return;
    }
    if (agreement->state == MWS_STATE_CLOSED && agreement->reason == MWS_REASON_SELLER_CLOSED &&
        rule == CLOSED_SUCCEEDS) {
        return;
    }
    if (agreement->state != MWS_STATE_OPEN && agreement->state != MWS_STATE_SUSPENDED) {
        (void)status_error(call, agreement, "closed");
        call->error =
            rule == CLOSED_INVALID_CLOSE_ATTEMPT ? MWS_ERROR_INVALID_CLOSE_ATTEMPT : call->error;
        return;
    }
    text_replace(&agreement->closure_reason, why);
    agreement_move(call->world, agreement, MWS_STATE_CLOSED, MWS_REASON_SELLER_CLOSED, call->now);
}
