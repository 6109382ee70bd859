/*
 * admin_json.c - see admin_json.h. One function per noun, keys in the order people read them.
 */
#include "scheduler/admin_json.h"

#include <stdio.h>

#include "billing/ensure.h"
#include "scheduler/ipn_notice.h"

#define SECONDS_PER_MINUTE 60
#define SECONDS_PER_HOUR   3600

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

/* null for "". */
static void set_text(struct json *object, const char *key, const char *text)
{
    json_set(object, key, text[0] == '\0' ? json_new_null() : json_new_string(text));
}

static void set_amount(struct json *object, const char *key, struct money amount)
{
    char text[MONEY_TEXT_MAX];
    money_format(amount, text);
    json_set_string(object, key, text);
}

static void set_reason(struct json *object, enum reason reason)
{
    json_set(object, "reason",
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

static struct json *limit_json(const struct limit *stored, struct instant now)
{
    struct limit limit = *stored;
    if (!limit_is_known(&limit)) {
        return json_new_null();
    }
    (void)limit_roll(&limit, now, NULL);
    struct json *object = json_new_object();
    set_amount(object, "amount", limit.amount);
    set_amount(object, "posted", limit.posted);
    set_amount(object, "reserved", limit.reserved);
    set_amount(object, "remaining", limit_remaining(&limit));
    json_set_string(object, "currency", money_currency(&limit.amount));
    admin_set_instant(object, "period_start", limit.period_start);
    admin_set_instant(object, "period_end", limit.period_end);
    return object;
}

struct json *admin_json_agreement(const struct agreement *agreement, struct instant now)
{
    struct json *object = json_new_object();
    json_set_string(object, "agreement_id", agreement->id);
    json_set_string(object, "state", agreement_state_name(agreement->state));
    json_set(object, "limit", limit_json(&agreement->limit, now));
    json_set_bool(object, "confirm_wanted", agreement->confirm_wanted);
    json_set_bool(object, "close_wanted", agreement->close_wanted);
    set_text(object, "care", care_name(agreement->care));
    admin_set_instant(object, "care_at", agreement->care_at);
    json_set_integer(object, "care_tries", agreement->care_tries);
    json_set(object, "care_reason",
             agreement->care_reason == REASON_NONE
                 ? json_new_null()
                 : json_new_string(reason_name(agreement->care_reason)));
    admin_set_instant(object, "synced_at", agreement->synced_at);
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

struct json *admin_json_subscription(const char *agreement_id,
                                     const struct subscription *subscription)
{
    struct json *object = json_new_object();
    json_set_string(object, "subscription_key", subscription->key);
    json_set_string(object, "agreement_id", agreement_id);
    json_set_string(object, "state", subscription_state_name(subscription->state));
    set_amount(object, "amount", subscription->amount);
    json_set_string(object, "currency", money_currency(&subscription->amount));
    json_set_string(object, "label", subscription->label);
    json_set_string(object, "note", subscription->note);
    set_text(object, "idempotency_key", subscription->idempotency_key);
    set_rule(object, subscription);
    json_set_integer(object, "first_cycle", subscription->first_cycle);
    json_set_integer(object, "next_cycle", subscription->next_cycle);
    admin_set_instant(object, "due_at", subscription->due_at);
    admin_set_instant(object, "cancel_at", subscription->cancel_at);
    admin_set_instant(object, "created_at", subscription->created_at);
    return object;
}

struct json *admin_json_next_due(const struct subscription *subscription, const struct zone *zone,
                                 uint32_t count)
{
    struct json *list = json_new_array();
    if (subscription_is_final(subscription->state)) {
        return list;
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t cycle = subscription->next_cycle + i;
        struct instant due = recurrence_due(&subscription->rule, zone, cycle);
        if (!instant_before(due, subscription->cancel_at)) {
            break; /* both never, or canceled at the end of the period */
        }
        struct json *item = json_new_object();
        json_set_integer(item, "cycle", cycle);
        admin_set_instant(item, "due_at", due);
        json_append(list, item);
    }
    return list;
}

struct json *admin_json_attempt(const struct attempt *attempt)
{
    struct json *object = json_new_object();
    json_set_string(object, "reference_id", attempt->reference_id);
    json_set_integer(object, "number", attempt->number);
    json_set_string(object, "state", attempt_state_name(attempt->state));
    set_reason(object, attempt->reason);
    set_amount(object, "amount", attempt->amount);
    admin_set_instant(object, "created_at", attempt->created_at);
    admin_set_instant(object, "resend_at", attempt->resend_at);
    json_set_integer(object, "unanswered", attempt->unanswered);
    /* While it is open the field is the core's own: see account.h. */
    admin_set_instant(object, "answered_at",
                      attempt_is_final(attempt->state) ? attempt->answered_at : INSTANT_NEVER);
    json_set_integer(object, "timeout_minutes", attempt->timeout_minutes);
    set_text(object, "order_reference_id", attempt->order_reference_id);
    set_text(object, "authorization_id", attempt->authorization_id);
    set_text(object, "capture_id", attempt->capture_id);
    return object;
}

struct json *admin_json_charge(const char *agreement_id, const struct charge *charge)
{
    struct json *object = json_new_object();
    json_set_string(object, "charge_id", charge->id);
    json_set_string(object, "agreement_id", agreement_id);
    set_text(object, "subscription_key", charge->subscription_key);
    json_set(object, "cycle",
             charge->cycle == 0 ? json_new_null() : json_new_integer(charge->cycle));
    json_set_string(object, "state", charge_state_name(charge->state));
    set_reason(object, charge->reason);
    set_amount(object, "amount", charge->amount);
    json_set_string(object, "currency", money_currency(&charge->amount));
    json_set_string(object, "label", charge->label);
    json_set_string(object, "note", charge->note);
    set_text(object, "idempotency_key", charge->idempotency_key);
    admin_set_instant(object, "due_at", charge->due_at);
    admin_set_instant(object, "retry_at", charge->retry_at);
    admin_set_instant(object, "created_at", charge->created_at);
    admin_set_instant(object, "final_at", charge->final_at);
    json_set(object, "attempt",
             charge->attempt.reference_id[0] == '\0' ? json_new_null()
                                                     : admin_json_attempt(&charge->attempt));
    return object;
}

/* The printed name of a state of that kind; "" for 0. */
static const char *change_state_name(enum change_kind kind, int state)
{
    if (state == 0) {
        return "";
    }
    switch (kind) {
    case CHANGE_AGREEMENT:
        return agreement_state_name((enum agreement_state)state);
    case CHANGE_SUBSCRIPTION:
        return subscription_state_name((enum subscription_state)state);
    case CHANGE_CHARGE:
        return charge_state_name((enum charge_state)state);
    case CHANGE_ATTEMPT:
        return attempt_state_name((enum attempt_state)state);
    case CHANGE_REFUND:
        return refund_state_name((enum refund_state)state);
    case CHANGE_LIMIT:
    case CHANGE_CYCLES:
    case CHANGE_PRICE:
    case CHANGE_SCHEDULE:
    case CHANGE_CANCEL:
    case CHANGE_STOP:
    case CHANGE_WORD:
    case CHANGE_WARNING:
    case CHANGE_POLICY:
        return "";
    }
    ensure_failed("a change kind that exists", __FILE__, __LINE__);
}

static const char *change_kind_name(enum change_kind kind)
{
    switch (kind) {
    case CHANGE_AGREEMENT:
        return "agreement";
    case CHANGE_SUBSCRIPTION:
        return "subscription";
    case CHANGE_CHARGE:
        return "charge";
    case CHANGE_ATTEMPT:
        return "attempt";
    case CHANGE_LIMIT:
        return "limit";
    case CHANGE_REFUND:
        return "refund";
    case CHANGE_CYCLES:
        return "cycles";
    case CHANGE_PRICE:
        return "price";
    case CHANGE_SCHEDULE:
        return "schedule";
    case CHANGE_CANCEL:
        return "cancel";
    case CHANGE_STOP:
        return "stop";
    case CHANGE_WORD:
        return "word";
    case CHANGE_WARNING:
        return "warning";
    case CHANGE_POLICY:
        return "policy";
    }
    ensure_failed("a change kind that exists", __FILE__, __LINE__);
}

struct json *admin_json_event(const struct change_view *view)
{
    const struct change *change = &view->change;
    struct json *object = json_new_object();
    json_set_integer(object, "number", (int64_t)view->number);
    admin_set_instant(object, "at", view->at);
    json_set_string(object, "agreement_id", view->agreement_id);
    json_set_string(object, "kind", change_kind_name(change->kind));
    json_set_string(object, "subject", change->subject);
    set_text(object, "from", change_state_name(change->kind, change->from));
    set_text(object, "to", change_state_name(change->kind, change->to));
    set_reason(object, change->reason);
    return object;
}

struct json *admin_json_notice(const struct notice_view *view)
{
    const struct notice *notice = &view->work.notice;
    struct json *object = json_new_object();
    json_set_integer(object, "number", (int64_t)notice->number);
    json_set_string(object, "kind", ipn_notice_kind_name(notice->kind));
    json_set_string(object, "object_id", notice->object_id);
    set_text(object, "parent_id", notice->parent_id);
    set_text(object, "reference_id", notice->reference_id);
    set_text(object, "charge_id", notice->order_id);
    json_set_string(object, "state", notice->state);
    set_text(object, "reason", notice->reason);
    if (money_is_valid(notice->amount)) {
        set_amount(object, "amount", notice->amount);
        json_set_string(object, "currency", money_currency(&notice->amount));
    } else {
        json_set(object, "amount", json_new_null());
        json_set(object, "currency", json_new_null());
    }
    admin_set_instant(object, "updated_at", notice->updated_at);
    admin_set_instant(object, "received_at", notice->received_at);
    set_text(object, "agreement_id", view->work.agreement_id);
    json_set_bool(object, "done", view->is_done);
    return object;
}
