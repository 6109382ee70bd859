/*
 * admin_json_charge.c - charges with their attempts, and refunds; see admin_json.h.
 */
#include <stdio.h>

#include "billing/ensure.h"
#include "scheduler/admin_json.h"

struct json *admin_json_attempt(const struct attempt *attempt)
{
    struct json *object = json_new_object();
    json_set_string(object, "reference_id", attempt->reference_id);
    json_set_integer(object, "number", attempt->number);
    json_set_string(object, "state", attempt_state_name(attempt->state));
    admin_set_reason(object, "reason", attempt->reason);
    admin_set_amount(object, "amount", attempt->amount);
    admin_set_instant(object, "created_at", attempt->created_at);
    admin_set_instant(object, "resend_at", attempt->resend_at);
    json_set_integer(object, "unanswered", attempt->unanswered);
    /* While it is open the field is the core's own: see account.h. */
    admin_set_instant(object, "answered_at",
                      attempt_is_final(attempt->state) ? attempt->answered_at : INSTANT_NEVER);
    json_set_integer(object, "timeout_minutes", attempt->timeout_minutes);
    json_set_bool(object, "capture_now", attempt->capture_now);
    admin_set_instant(object, "expires_at", attempt->expires_at);
    admin_set_text(object, "order_reference_id", attempt->order_reference_id);
    admin_set_text(object, "authorization_id", attempt->authorization_id);
    admin_set_text(object, "capture_id", attempt->capture_id);
    return object;
}

static const char *word_name(enum charge_word word)
{
    switch (word) {
    case WORD_NONE:
        return "";
    case WORD_SHIP:
        return "ship";
    case WORD_VOID:
        return "void";
    }
    ensure_failed("a word that exists", __FILE__, __LINE__);
}

struct json *admin_json_charge(const struct charge_view *view)
{
    const struct charge *charge = &view->charge;
    struct json *object = json_new_object();
    json_set_string(object, "charge_id", charge->id);
    json_set_string(object, "agreement_id", view->agreement_id);
    admin_set_text(object, "subscription_key", charge->subscription_key);
    json_set(object, "cycle",
             charge->cycle == 0 ? json_new_null() : json_new_integer(charge->cycle));
    json_set_string(object, "state", charge_state_name(charge->state));
    admin_set_reason(object, "reason", charge->reason);
    admin_set_amount(object, "amount", charge->amount);
    json_set_string(object, "currency", money_currency(&charge->amount));
    admin_set_amount(object, "refunded", view->refunded);
    json_set_integer(object, "refund_count", view->refund_count);
    json_set_string(object, "label", charge->label);
    json_set_string(object, "note", charge->note);
    admin_set_text(object, "idempotency_key", charge->idempotency_key);
    json_set(object, "policy_version",
             charge->policy_version == 0 ? json_new_null()
                                         : json_new_integer(charge->policy_version));
    json_set_bool(object, "approved", charge->is_approved);
    admin_set_text(object, "word", word_name(charge->word));
    admin_set_instant(object, "due_at", charge->due_at);
    admin_set_instant(object, "retry_at", charge->retry_at);
    admin_set_instant(object, "created_at", charge->created_at);
    admin_set_instant(object, "final_at", charge->final_at);
    json_set(object, "attempt",
             charge->attempt.reference_id[0] == '\0' ? json_new_null()
                                                     : admin_json_attempt(&charge->attempt));
    return object;
}

struct json *admin_json_open_charge(const char *agreement_id, const struct charge *charge)
{
    struct charge_view view = {.charge = *charge, .refunded = money_zero(charge->amount)};
    (void)snprintf(view.agreement_id, sizeof view.agreement_id, "%s", agreement_id);
    return admin_json_charge(&view);
}

static const char *refund_kind_name(enum refund_kind kind)
{
    switch (kind) {
    case REFUND_BY_SHOP:
        return "shop";
    case REFUND_A_TO_Z:
        return "a_to_z";
    case REFUND_CHARGEBACK:
        return "chargeback";
    }
    ensure_failed("a refund kind that exists", __FILE__, __LINE__);
}

struct json *admin_json_refund(const char *agreement_id, const struct refund *refund)
{
    struct json *object = json_new_object();
    json_set_string(object, "refund_id", refund->id);
    json_set_string(object, "charge_id", refund->charge_id);
    json_set_string(object, "agreement_id", agreement_id);
    json_set_string(object, "kind", refund_kind_name(refund->kind));
    json_set_string(object, "state", refund_state_name(refund->state));
    admin_set_reason(object, "reason", refund->reason);
    admin_set_amount(object, "amount", refund->amount);
    admin_set_text(object, "currency", money_currency(&refund->amount));
    json_set_string(object, "note", refund->note);
    admin_set_text(object, "idempotency_key", refund->idempotency_key);
    admin_set_text(object, "capture_id", refund->capture_id);
    admin_set_text(object, "amazon_refund_id", refund->amazon_refund_id);
    admin_set_instant(object, "created_at", refund->created_at);
    admin_set_instant(object, "resend_at", refund->resend_at);
    json_set_integer(object, "unanswered", refund->unanswered);
    /* While it is open the field is the core's own, as with an attempt. */
    admin_set_instant(object, "answered_at",
                      refund_is_final(refund->state) ? refund->answered_at : INSTANT_NEVER);
    return object;
}
