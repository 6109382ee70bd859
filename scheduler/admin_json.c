/*
 * admin_json.c - agreements and subscriptions; see admin_json.h. One function per noun, keys in the
 * order people read them. Charges and refunds are in admin_json_charge.c, what is told in
 * admin_json_event.c.
 */
#include "scheduler/admin_json.h"

#include <stdio.h>

#include "billing/ensure.h"
#include "billing/subscription.h"

#define SECONDS_PER_MINUTE 60
#define SECONDS_PER_HOUR   3600

/* Of a paused subscription the cycles until it is resumed are passed over: eleven years of daily
 * ones, and then nobody is told. */
#define NEXT_DUE_LOOKED_AT_MAX 4000

void admin_set_instant(struct json *object, const char *key, struct instant at)
{
    char text[INSTANT_TEXT_MAX];
    if (at.utc_ms == INSTANT_NEVER.utc_ms) {
        json_set(object, key, json_new_null());
        return;
    }
    instant_format(at, text);
    json_set_string(object, key, text);
}

void admin_set_text(struct json *object, const char *key, const char *text)
{
    json_set(object, key, text[0] == '\0' ? json_new_null() : json_new_string(text));
}

void admin_set_amount(struct json *object, const char *key, struct money amount)
{
    char text[MONEY_TEXT_MAX];
    money_format(amount, text);
    json_set(object, key, money_is_valid(amount) ? json_new_string(text) : json_new_null());
}

void admin_set_reason(struct json *object, const char *key, enum reason reason)
{
    json_set(object, key,
             reason == REASON_NONE ? json_new_null() : json_new_string(reason_name(reason)));
}

static const char *care_name(enum care care)
{
    switch (care) {
    case CARE_NONE:
        return "";
    case CARE_SYNC:
        return "sync";
    case CARE_CONFIRM:
        return "confirm";
    case CARE_CLOSE:
        return "close";
    case CARE_SET:
        return "set";
    case CARE_VALIDATE:
        return "validate";
    }
    ensure_failed("a care that exists", __FILE__, __LINE__);
}

static struct json *limit_json(const struct limit *stored, struct instant now,
                               const struct zone *zone)
{
    struct limit limit = *stored;
    if (!limit_is_known(&limit)) {
        return json_new_null();
    }
    (void)limit_roll(&limit, now, zone);
    struct json *object = json_new_object();
    admin_set_amount(object, "amount", limit.amount);
    admin_set_amount(object, "posted", limit.posted);
    admin_set_amount(object, "reserved", limit.reserved);
    admin_set_amount(object, "remaining", limit_remaining(&limit));
    json_set_string(object, "currency", money_currency(&limit.amount));
    admin_set_instant(object, "period_start", limit.period_start);
    admin_set_instant(object, "period_end", limit.period_end);
    return object;
}

struct json *admin_json_agreement(const struct agreement *agreement, struct instant now,
                                  const struct zone *zone)
{
    struct json *object = json_new_object();
    json_set_string(object, "agreement_id", agreement->id);
    json_set_string(object, "state", agreement_state_name(agreement->state));
    json_set(object, "limit", limit_json(&agreement->limit, now, zone));
    json_set_bool(object, "confirm_wanted", agreement->confirm_wanted);
    json_set_bool(object, "close_wanted", agreement->close_wanted);
    json_set_bool(object, "close_forced", agreement->close_forced);
    admin_set_reason(object, "stopped", agreement->stopped);
    admin_set_text(object, "care", care_name(agreement->care));
    admin_set_instant(object, "care_at", agreement->care_at);
    json_set_integer(object, "care_tries", agreement->care_tries);
    admin_set_reason(object, "care_reason", agreement->care_reason);
    admin_set_instant(object, "synced_at", agreement->synced_at);
    admin_set_instant(object, "validated_at", agreement->validated_at);
    admin_set_instant(object, "created_at", agreement->created_at);
    return object;
}

static void set_rule(struct json *object, const struct subscription *subscription)
{
    const struct recurrence *rule = &subscription->rule;
    char date[CIVIL_TEXT_MAX];
    char time[16];
    int32_t second = rule->second_of_day;
    json_set_string(object, "unit", recurrence_unit_name(rule->unit));
    json_set_integer(object, "every", rule->every);
    civil_format(rule->anchor, date);
    json_set_string(object, "anchor", date);
    (void)snprintf(time, sizeof time, "%02d:%02d:%02d", second / SECONDS_PER_HOUR % 24,
                   second / SECONDS_PER_MINUTE % 60, second % 60);
    json_set_string(object, "time", time);
    json_set_string(object, "zone", subscription->zone_name);
    json_set_bool(object, "last_day_of_month", rule->last_day_of_month);
    json_set_integer(object, "trial_days", rule->trial_days);
    json_set(object, "cycles",
             rule->cycle_count == 0 ? json_new_null() : json_new_integer(rule->cycle_count));
    if (rule->end.year == 0) {
        json_set(object, "end", json_new_null());
    } else {
        civil_format(rule->end, date);
        json_set_string(object, "end", date);
    }
}

/* What the shop asked to come later. */
static void set_plans(struct json *object, const struct subscription *subscription)
{
    admin_set_instant(object, "due_at", subscription->due_at);
    json_set_bool(object, "due_is_moved", subscription->due_is_moved);
    admin_set_amount(object, "next_amount", subscription->next_amount);
    admin_set_instant(object, "next_amount_at", subscription->next_amount_at);
    json_set_bool(object, "stopped", subscription->is_stopped);
    admin_set_instant(object, "resume_at", subscription->resume_at);
    admin_set_instant(object, "cancel_at", subscription->cancel_at);
    admin_set_text(object, "successor_agreement_id", subscription->successor_agreement_id);
    admin_set_text(object, "successor_key", subscription->successor_key);
    admin_set_instant(object, "hand_over_at", subscription->hand_over_at);
    json_set_integer(object, "hand_over_tries", subscription->hand_over_tries);
}

struct json *admin_json_subscription(const char *agreement_id,
                                     const struct subscription *subscription)
{
    struct json *object = json_new_object();
    json_set_string(object, "subscription_key", subscription->key);
    json_set_string(object, "agreement_id", agreement_id);
    json_set_string(object, "state", subscription_state_name(subscription->state));
    admin_set_amount(object, "amount", subscription->amount);
    json_set_string(object, "currency", money_currency(&subscription->amount));
    json_set_string(object, "label", subscription->label);
    json_set_string(object, "note", subscription->note);
    admin_set_text(object, "idempotency_key", subscription->idempotency_key);
    json_set_string(object, "policy", subscription->policy_name);
    set_rule(object, subscription);
    json_set_integer(object, "first_cycle", subscription->first_cycle);
    json_set_integer(object, "next_cycle", subscription->next_cycle);
    set_plans(object, subscription);
    admin_set_instant(object, "created_at", subscription->created_at);
    return object;
}

struct json *admin_json_next_due(const struct subscription *subscription, const struct zone *zone,
                                 uint32_t count)
{
    struct json *list = json_new_array();
    struct subscription next = *subscription;
    bool is_paused = next.state == SUBSCRIPTION_PAUSED;
    bool is_known = subscription_opens_cycles(next.state) ||
                    (is_paused && next.resume_at.utc_ms != INSTANT_NEVER.utc_ms);
    uint32_t shown = 0;
    next.zone = zone;
    for (uint32_t i = 0;
         is_known && shown < count && i < NEXT_DUE_LOOKED_AT_MAX && subscription_has_cycle(&next);
         i++, subscription_move_on(&next)) {
        if (is_paused && instant_before(next.due_at, next.resume_at)) {
            continue;
        }
        struct json *item = json_new_object();
        json_set_integer(item, "cycle", next.next_cycle);
        admin_set_instant(item, "due_at", next.due_at);
        admin_set_amount(item, "amount", subscription_amount(&next));
        json_append(list, item);
        shown++;
    }
    return list;
}
