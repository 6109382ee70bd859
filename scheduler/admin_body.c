/*
 * admin_body.c - what is asked of agreements and charges. See admin_body.h for the rules,
 * admin_body_subscription.c for subscriptions, admin_field.h for the fields.
 */
#include "scheduler/admin_body.h"

#include "scheduler/admin_field.h"

enum status admin_read_register(const char *text, size_t length, struct register_agreement *wanted,
                                struct problem *problem)
{
    *wanted = (struct register_agreement){0};
    struct body body = body_open(text, length, " agreement_id confirm ", problem);
    body_id(&body, "agreement_id", wanted->id, sizeof wanted->id, AGREEMENT_ID_CHARACTERS);
    body_bool(&body, "confirm", &wanted->confirm_wanted);
    return body_close(&body);
}

enum status admin_read_charge(const char *text, size_t length,
                              const struct admin_defaults *defaults, struct admin_charge *wanted,
                              struct problem *problem)
{
    *wanted = (struct admin_charge){0};
    struct charge_once *charge = &wanted->charge;
    struct body body = body_open(
        text, length, " agreement_id amount currency label note policy idempotency_key ", problem);
    body_id(&body, "agreement_id", wanted->agreement_id, sizeof wanted->agreement_id,
            AGREEMENT_ID_CHARACTERS);
    body_amount(&body, defaults->currency, &charge->amount);
    body_id(&body, "idempotency_key", charge->idempotency_key, sizeof charge->idempotency_key,
            IDEMPOTENCY_KEY_CHARACTERS);
    body_text(&body, "label", charge->label, sizeof charge->label);
    body_text(&body, "note", charge->note, sizeof charge->note);
    body_id_if_any(&body, "policy", charge->policy_name, sizeof charge->policy_name,
                   POLICY_NAME_CHARACTERS);
    return body_close(&body);
}

enum status admin_read_refund(const char *text, size_t length,
                              const struct admin_defaults *defaults, struct admin_refund *wanted,
                              struct problem *problem)
{
    *wanted = (struct admin_refund){0};
    struct refund_wanted *refund = &wanted->refund;
    struct body body =
        body_open(text, length, " amount currency overage note idempotency_key ", problem);
    body_amount_if_any(&body, defaults->currency, &refund->amount);
    wanted->is_rest = body_value(&body, "amount") == NULL;
    body_bool(&body, "overage", &refund->with_overage);
    if (body.status == ST_OK && refund->with_overage && wanted->is_rest) {
        BODY_FAULT(&body, "overage: needs an amount, because without one what is left of the "
                          "charge is refunded");
    }
    body_id(&body, "idempotency_key", refund->idempotency_key, sizeof refund->idempotency_key,
            IDEMPOTENCY_KEY_CHARACTERS);
    body_text(&body, "note", refund->note, sizeof refund->note);
    return body_close(&body);
}

enum status admin_read_nothing(const char *text, size_t length, struct problem *problem)
{
    struct body body = body_open_optional(text, length, " ", problem);
    if (body.status != ST_OK && body.root != NULL && json_kind(body.root) == JSON_KIND_OBJECT) {
        BODY_FAULT(&body, "this request has no arguments: send no body, or {}");
    }
    return body_close(&body);
}
