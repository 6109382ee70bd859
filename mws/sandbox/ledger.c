/*
 * ledger.c - see ledger.h. Entries are printed one by one, so that a ledger of a million
 * authorizations never exists as a tree.
 */
#include "mws/sandbox/ledger.h"

#include <stdlib.h>

#include "mws/edge/json.h"
#include "mws/sandbox/agreement.h"
#include "mws/sandbox/payment.h"

void text_add_json(struct text *out, struct json *value)
{
    char *printed = json_print(value, false);

    text_add(out, printed);
    free(printed);
    json_free(value);
}

static void set_amount(struct json *object, const char *key, int64_t units,
                       const struct currency *currency)
{
    char text[AMOUNT_TEXT_MAX];

    amount_format(units, currency, text);
    json_set_string(object, key, text);
}

static void set_instant(struct json *object, const char *key, struct instant at)
{
    char text[INSTANT_TEXT_MAX];

    instant_format(at, text);
    json_set_string(object, key, text);
}

static const char *environment_name(int environment)
{
    return environment == ENVIRONMENT_LIVE ? "live" : "sandbox";
}

struct json *agreement_json(const struct agreement *agreement, struct instant now)
{
    struct json *object = json_new_object();
    int64_t used = agreement_authorized(agreement, agreement_month(agreement, now));

    json_set_string(object, "id", agreement->id);
    json_set_string(object, "seller", agreement->seller->id);
    json_set_string(object, "environment", environment_name(agreement->environment));
    json_set_string(object, "state", mws_state_name(agreement->state));
    json_set_string(object, "reason", mws_reason_name(agreement->reason));
    json_set_bool(object, "consent", agreement->consent);
    json_set_bool(object, "payment_plan", agreement->payment_plan);
    json_set_bool(object, "shipping_address", agreement->shipping_address);
    json_set_bool(object, "payment_method_valid", agreement->payment_method_valid);
    json_set_string(object, "currency", agreement->currency->code);
    set_amount(object, "limit", agreement->limit_units, agreement->currency);
    set_amount(object, "used", used, agreement->currency);
    json_set_integer(object, "declines_left", agreement->decline.count);
    json_set_integer(object, "atypical_left", agreement->atypical_count);
    set_instant(object, "created_at", agreement->created_at);
    set_instant(object, "updated_at", agreement->updated_at);
    return object;
}

struct json *order_json(const struct order *order)
{
    struct json *object = json_new_object();

    json_set_string(object, "id", order->id);
    json_set_string(object, "seller", order->seller->id);
    json_set_string(object, "environment", environment_name(order->environment));
    if (order->agreement != NULL) {
        json_set_string(object, "agreement", order->agreement->id);
    }
    json_set_string(object, "state", mws_state_name(order->state));
    json_set_string(object, "reason", mws_reason_name(order->reason));
    json_set_bool(object, "payment_plan", order->payment_plan);
    json_set_bool(object, "shipping_address", order->shipping_address);
    json_set_bool(object, "payment_method_valid", order->payment_method_valid);
    json_set_string(object, "currency", order->currency->code);
    set_amount(object, "total", order->total_units, order->currency);
    set_amount(object, "captured", order->captured_units, order->currency);
    set_instant(object, "created_at", order->created_at);
    set_instant(object, "updated_at", order->updated_at);
    return object;
}

static struct json *refunds_json(const struct capture *capture)
{
    struct json *refunds = json_new_array();

    for (const struct refund *r = capture->first; r != NULL; r = r->next_in_capture) {
        struct json *object = json_new_object();
        json_set_string(object, "refund", r->t.id);
        json_set_string(object, "reference", r->t.reference);
        set_amount(object, "amount", r->t.units, r->t.currency);
        json_set_string(object, "state", mws_state_name(r->t.state));
        json_set_string(object, "reason", mws_reason_name(r->t.reason));
        json_append(refunds, object);
    }
    return refunds;
}

/* A capture that was declined is none. */
static void set_capture(struct json *object, const struct capture *capture)
{
    if (!capture_stands(capture)) {
        json_set(object, "capture", json_new_null());
        return;
    }
    json_set_string(object, "capture", capture->t.id);
    json_set_string(object, "capture_state", mws_state_name(capture->t.state));
    json_set_string(object, "capture_reference", capture->t.reference);
    set_amount(object, "captured", capture->t.units, capture->t.currency);
    set_amount(object, "refunded", capture->refunded_units, capture->t.currency);
    json_set(object, "refunds", refunds_json(capture));
}

static struct json *entry_json(const struct authorization *authorization)
{
    const struct transaction *t = &authorization->t;
    const struct order *order = t->order;
    struct json *object = json_new_object();

    json_set_string(object, "authorization", t->id);
    json_set_string(object, "reference", t->reference);
    json_set_string(object, "seller", order->seller->id);
    json_set_string(object, "environment", environment_name(order->environment));
    json_set_string(object, "agreement", order->agreement != NULL ? order->agreement->id : "");
    json_set_string(object, "order_reference", order->id);
    json_set_string(object, "seller_order_id",
                    order->seller_order_id != NULL ? order->seller_order_id : "");
    set_amount(object, "amount", t->units, t->currency);
    json_set_string(object, "currency", t->currency->code);
    json_set_string(object, "state", mws_state_name(t->state));
    json_set_string(object, "reason", mws_reason_name(t->reason));
    json_set_bool(object, "soft_decline", authorization->soft_decline);
    json_set_bool(object, "capture_now", authorization->capture_now);
    set_instant(object, "created_at", t->created_at);
    set_instant(object, "updated_at", t->updated_at);
    set_capture(object, authorization->capture);
    return object;
}

static struct json *totals_json(const struct world *world)
{
    const struct totals *totals = &world->totals;
    struct json *object = json_new_object();
    struct json *currencies = json_new_array();
    int64_t over_limit = 0;

    for (const struct agreement *a = world->first_agreement; a != NULL; a = a->next) {
        for (size_t i = 0; i < a->period_count; i++) {
            over_limit += a->periods[i].authorized_units > a->limit_units;
        }
    }
    for (size_t i = 0; i < totals->currency_count; i++) {
        const struct currency_total *total = &totals->by_currency[i];
        struct json *row = json_new_object();
        json_set_string(row, "currency", total->currency->code);
        json_set_integer(row, "captures", (int64_t)total->captures);
        set_amount(row, "captured", total->captured_units, total->currency);
        json_set_integer(row, "refunds", (int64_t)total->refunds);
        set_amount(row, "refunded", total->refunded_units, total->currency);
        json_append(currencies, row);
    }
    json_set_integer(object, "agreements", (int64_t)world->agreements.count);
    json_set_integer(object, "orders", (int64_t)world->orders.count);
    json_set_integer(object, "authorizations", (int64_t)totals->authorizations);
    json_set_integer(object, "declined", (int64_t)totals->declined);
    json_set_integer(object, "captures", (int64_t)totals->captures);
    json_set_integer(object, "refunds", (int64_t)totals->refunds);
    json_set_integer(object, "double_charged", (int64_t)totals->double_charged);
    json_set_integer(object, "captures_without_order_id",
                     (int64_t)totals->captures_without_order_id);
    json_set_integer(object, "months_over_limit", over_limit);
    json_set(object, "by_currency", currencies);
    return object;
}

static struct json *periods_json(const struct agreement *agreement)
{
    struct json *object = json_new_object();
    struct json *periods = json_new_array();

    for (size_t i = 0; i < agreement->period_count; i++) {
        struct json *period = json_new_object();
        set_instant(period, "start", agreement_month_start(agreement, agreement->periods[i].month));
        set_amount(period, "authorized", agreement->periods[i].authorized_units,
                   agreement->currency);
        json_append(periods, period);
    }
    json_set_string(object, "agreement", agreement->id);
    json_set_string(object, "currency", agreement->currency->code);
    set_amount(object, "limit", agreement->limit_units, agreement->currency);
    json_set(object, "periods", periods);
    return object;
}

void ledger_write(const struct sandbox *sandbox, bool totals_only, struct text *out)
{
    const struct world *world = &sandbox->world;
    const char *separator = "";

    text_add(out, "{\"totals\":");
    text_add_json(out, totals_json(world));
    if (!totals_only) {
        text_add(out, ",\"entries\":[");
        for (const struct transaction *t = world->first_transaction; t != NULL; t = t->next) {
            if (t->kind == TRANSACTION_AUTHORIZATION) {
                text_add(out, separator);
                text_add_json(out, entry_json((const struct authorization *)t));
                separator = ",\n";
            }
        }
        separator = "";
        text_add(out, "],\"agreements\":[");
        for (const struct agreement *a = world->first_agreement; a != NULL; a = a->next) {
            if (a->period_count > 0) {
                text_add(out, separator);
                text_add_json(out, periods_json(a));
                separator = ",\n";
            }
        }
        text_add(out, "]");
    }
    text_add(out, "}\n");
}

static struct json *results_json(const uint64_t results[MWS_ERROR_COUNT])
{
    struct json *object = json_new_object();

    for (int error = 0; error < MWS_ERROR_COUNT; error++) {
        if (results[error] > 0) {
            json_set_integer(object,
                             error == MWS_ERROR_NONE ? "ok" : mws_error_name((enum mws_error)error),
                             (int64_t)results[error]);
        }
    }
    return object;
}

void statistics_write(const struct sandbox *sandbox, uint64_t connections, struct text *out)
{
    const struct statistics *statistics = &sandbox->statistics;
    struct json *object = json_new_object();
    struct json *actions = json_new_object();
    struct json *faults = json_new_object();

    for (int action = 0; action < MWS_ACTION_COUNT; action++) {
        const char *name =
            action == MWS_ACTION_UNKNOWN ? "unknown" : mws_action_name((enum mws_action)action);
        struct json *results = results_json(statistics->results[action]);
        if (json_key(results, 0) != NULL) {
            json_set(actions, name, results);
        } else {
            json_free(results);
        }
    }
    for (int kind = FAULT_NONE + 1; kind < FAULT_COUNT; kind++) {
        json_set_integer(faults, fault_name((enum fault_kind)kind),
                         (int64_t)sandbox->faults.played[kind]);
    }
    json_set_integer(object, "requests", (int64_t)statistics->requests);
    json_set(object, "results", actions);
    json_set_integer(object, "throttled", (int64_t)statistics->throttled);
    json_set_integer(object, "connections", (int64_t)connections);
    json_set(object, "faults", faults);
    text_add_json(out, object);
    text_add(out, "\n");
}
