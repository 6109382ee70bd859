/*
 * admin_body_subscription.c - what is asked of subscriptions. See admin_body.h for the rules.
 *
 * A date that is to come (until, to, from, at) is an instant, so that nobody has to guess whose
 * midnight is meant.
 */
#include <stdio.h>
#include <string.h>

#include "scheduler/admin_body.h"
#include "scheduler/admin_field.h"

/* The keys of a schedule; a change has no trial. */
#define SCHEDULE_KEYS "unit every anchor time zone last_day_of_month cycles end"

static void body_schedule(struct body *body, struct recurrence *rule)
{
    rule->every = 1;
    body_require(body, "unit");
    body_unit(body, "unit", &rule->unit);
    body_count(body, "every", 1, RECUR_EVERY_MAX, &rule->every);
    body_require(body, "anchor");
    body_date(body, "anchor", &rule->anchor);
    body_time(body, "time", &rule->second_of_day);
    body_bool(body, "last_day_of_month", &rule->last_day_of_month);
    body_count(body, "trial_days", 0, RECUR_TRIAL_DAYS_MAX, &rule->trial_days);
    body_count(body, "cycles", 1, RECUR_CYCLE_MAX, &rule->cycle_count);
    body_date(body, "end", &rule->end);
    if (body->status == ST_OK) {
        body->status = recurrence_check(rule, body->problem);
    }
}

enum status admin_read_subscription(const char *text, size_t length,
                                    const struct admin_defaults *defaults,
                                    struct admin_subscription *wanted, struct problem *problem)
{
    *wanted = (struct admin_subscription){0};
    struct subscribe *subscribe = &wanted->subscribe;
    struct body body = body_open(text, length,
                                 " agreement_id amount currency " SCHEDULE_KEYS
                                 " trial_days charge_from label note policy idempotency_key ",
                                 problem);
    body_id(&body, "agreement_id", wanted->agreement_id, sizeof wanted->agreement_id,
            AGREEMENT_ID_CHARACTERS);
    body_amount(&body, defaults->currency, &subscribe->amount);
    (void)snprintf(wanted->zone, sizeof wanted->zone, "%s", defaults->zone);
    body_text(&body, "zone", wanted->zone, sizeof wanted->zone);
    subscribe->charge_from = INSTANT_NEVER;
    body_instant(&body, "charge_from", &subscribe->charge_from);
    body_text(&body, "label", subscribe->label, sizeof subscribe->label);
    body_text(&body, "note", subscribe->note, sizeof subscribe->note);
    body_id_if_any(&body, "policy", subscribe->policy_name, sizeof subscribe->policy_name,
                   POLICY_NAME_CHARACTERS);
    body_id_if_any(&body, "idempotency_key", subscribe->idempotency_key,
                   sizeof subscribe->idempotency_key, IDEMPOTENCY_KEY_CHARACTERS);
    body_schedule(&body, &subscribe->rule);
    return body_close(&body);
}

enum status admin_read_cancel(const char *text, size_t length, struct cancel *wanted,
                              struct problem *problem)
{
    *wanted = (struct cancel){.at = INSTANT_NEVER};
    struct body body = body_open(text, length, " when at force ", problem);
    const char *when = body_string(&body, "when");
    body_instant(&body, "at", &wanted->at);
    body_bool(&body, "force", &wanted->is_forced);
    bool has_date = body_value(&body, "at") != NULL;
    if (body.status == ST_OK && (when != NULL) == has_date) {
        BODY_FAULT(&body, "when: say either when (now, period_end) or at, an instant");
    }
    if (body.status == ST_OK && when != NULL) {
        wanted->at_period_end = strcmp(when, "period_end") == 0;
        if (!wanted->at_period_end && strcmp(when, "now") != 0) {
            BODY_FAULT(&body, "when: \"%.40s\" is not one of now, period_end", when);
        }
    }
    return body_close(&body);
}

enum status admin_read_pause(const char *text, size_t length, struct pause *wanted,
                             struct problem *problem)
{
    *wanted = (struct pause){.resume_at = INSTANT_NEVER};
    struct body body = body_open_optional(text, length, " until ", problem);
    body_instant(&body, "until", &wanted->resume_at);
    return body_close(&body);
}

enum status admin_read_skip(const char *text, size_t length, struct subscription_command *wanted,
                            struct problem *problem)
{
    *wanted = (struct subscription_command){0};
    struct body body = body_open(text, length, " cycle ", problem);
    body_require(&body, "cycle");
    body_count(&body, "cycle", 1, RECUR_CYCLE_MAX, &wanted->cycle);
    return body_close(&body);
}

enum status admin_read_move(const char *text, size_t length, struct move_due *wanted,
                            struct problem *problem)
{
    *wanted = (struct move_due){0};
    struct body body = body_open(text, length, " to ", problem);
    body_require(&body, "to");
    body_instant(&body, "to", &wanted->due_at);
    return body_close(&body);
}

/* Any key of SCHEDULE_KEYS. */
static bool has_schedule(struct body *body)
{
    static const char *const keys[] = {
        "unit", "every", "anchor", "time", "zone", "last_day_of_month", "cycles", "end"};
    bool found = false;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        found = found || body_value(body, keys[i]) != NULL;
    }
    return found;
}

enum status admin_read_change(const char *text, size_t length,
                              const struct admin_defaults *defaults, struct admin_change *wanted,
                              struct problem *problem)
{
    *wanted = (struct admin_change){.change = {.amount_from = INSTANT_NEVER}};
    struct change_subscription *change = &wanted->change;
    struct body body =
        body_open(text, length, " amount currency from policy " SCHEDULE_KEYS " ", problem);
    body_amount_if_any(&body, defaults->currency, &change->amount);
    change->has_amount = body_value(&body, "amount") != NULL;
    body_instant(&body, "from", &change->amount_from);
    if (body.status == ST_OK && !change->has_amount && body_value(&body, "from") != NULL) {
        BODY_FAULT(&body, "from: needs an amount; a schedule counts from the next cycle on");
    }
    change->has_policy = body_value(&body, "policy") != NULL;
    body_id_if_any(&body, "policy", change->policy_name, sizeof change->policy_name,
                   POLICY_NAME_CHARACTERS);
    change->has_rule = has_schedule(&body);
    if (change->has_rule) {
        (void)snprintf(wanted->zone, sizeof wanted->zone, "%s", defaults->zone);
        body_text(&body, "zone", wanted->zone, sizeof wanted->zone);
        body_schedule(&body, &change->rule);
    }
    if (body.status == ST_OK && !change->has_amount && !change->has_rule && !change->has_policy) {
        BODY_FAULT(&body, "amount: nothing is to be changed: say an amount, a schedule or a "
                          "policy");
    }
    return body_close(&body);
}

enum status admin_read_replace(const char *text, size_t length, struct replace_agreement *wanted,
                               struct problem *problem)
{
    *wanted = (struct replace_agreement){0};
    struct body body = body_open(text, length, " agreement_id ", problem);
    body_id(&body, "agreement_id", wanted->agreement_id, sizeof wanted->agreement_id,
            AGREEMENT_ID_CHARACTERS);
    return body_close(&body);
}
