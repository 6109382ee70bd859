/*
 * snapshot_save.c - writing the state file. See snapshot.h.
 */
#include "mws/sandbox/snapshot.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mws/edge/json.h"

static void write_line(FILE *file, struct json *object)
{
    char *line = json_print(object, false);

    (void)fputs(line, file);
    (void)fputc('\n', file);
    free(line);
    json_free(object);
}

static void set_text(struct json *object, const char *key, const char *text)
{
    if (text != NULL && text[0] != '\0') {
        json_set_string(object, key, text);
    }
}

static struct json *agreement_line(const struct agreement *a)
{
    struct json *object = json_new_object();
    struct json *periods = json_new_array();

    for (size_t i = 0; i < a->period_count; i++) {
        json_append(periods, json_new_integer(a->periods[i].month));
        json_append(periods, json_new_integer(a->periods[i].authorized_units));
    }
    json_set_string(object, "agreement", a->id);
    json_set_string(object, "seller", a->seller->id);
    json_set_bool(object, "live", a->environment == ENVIRONMENT_LIVE);
    json_set_string(object, "currency", a->currency->code);
    json_set_string(object, "state", mws_state_name(a->state));
    set_text(object, "reason", mws_reason_name(a->reason));
    json_set_integer(object, "created_ms", a->created_at.utc_ms);
    json_set_integer(object, "updated_ms", a->updated_at.utc_ms);
    json_set_integer(object, "reopen_ms", a->reopen_at.utc_ms);
    json_set_bool(object, "consent", a->consent);
    json_set_bool(object, "payment_plan", a->payment_plan);
    json_set_bool(object, "shipping_address", a->shipping_address);
    json_set_bool(object, "buyer_equals_seller", a->buyer_equals_seller);
    json_set_bool(object, "method_not_allowed", a->method_not_allowed);
    json_set_bool(object, "confirmed", a->confirmed);
    json_set_bool(object, "payment_method_valid", a->payment_method_valid);
    json_set_integer(object, "limit_units", a->limit_units);
    json_set(object, "periods", periods);
    set_text(object, "decline_reason", mws_reason_name(a->decline.reason));
    json_set_bool(object, "decline_soft", a->decline.soft);
    json_set_integer(object, "decline_count", a->decline.count);
    json_set_integer(object, "atypical_count", a->atypical_count);
    json_set_integer(object, "draft_orders", (int64_t)a->draft_orders);
    set_text(object, "closure_reason", a->closure_reason);
    set_text(object, "seller_note", a->seller_note);
    set_text(object, "platform_id", a->platform_id);
    set_text(object, "seller_agreement_id", a->seller_agreement_id);
    set_text(object, "store_name", a->store_name);
    set_text(object, "custom_information", a->custom_information);
    return object;
}

/* Three numbers for each kind of transaction: the ordered declines. */
static struct json *declines_of(const struct order *o)
{
    struct json *declines = json_new_array();

    for (int kind = 0; kind < TRANSACTION_KINDS; kind++) {
        json_append(declines, json_new_string(mws_reason_name(o->decline[kind].reason)));
        json_append(declines, json_new_bool(o->decline[kind].soft));
        json_append(declines, json_new_integer(o->decline[kind].count));
    }
    return declines;
}

static void set_order_texts(struct json *object, const struct order *o)
{
    set_text(object, "closure_reason", o->closure_reason);
    set_text(object, "seller_note", o->seller_note);
    set_text(object, "platform_id", o->platform_id);
    set_text(object, "seller_order_id", o->seller_order_id);
    set_text(object, "store_name", o->store_name);
    set_text(object, "custom_information", o->custom_information);
    set_text(object, "supplementary_data", o->supplementary_data);
    set_text(object, "provider_id", o->provider_id);
    set_text(object, "provider_order_id", o->provider_order_id);
    set_text(object, "item_categories", o->item_categories);
}

static struct json *order_line(const struct order *o)
{
    struct json *object = json_new_object();

    json_set_string(object, "order", o->id);
    json_set_string(object, "seller", o->seller->id);
    json_set_bool(object, "live", o->environment == ENVIRONMENT_LIVE);
    set_text(object, "of", o->agreement != NULL ? o->agreement->id : NULL);
    json_set_string(object, "currency", o->currency->code);
    json_set_string(object, "state", mws_state_name(o->state));
    set_text(object, "reason", mws_reason_name(o->reason));
    json_set_integer(object, "created_ms", o->created_at.utc_ms);
    json_set_integer(object, "updated_ms", o->updated_at.utc_ms);
    json_set_integer(object, "reopen_ms", o->reopen_at.utc_ms);
    json_set_integer(object, "authorize_by_ms", o->authorize_by.utc_ms);
    json_set_integer(object, "total_units", o->total_units);
    json_set_bool(object, "payment_plan", o->payment_plan);
    json_set_bool(object, "shipping_address", o->shipping_address);
    json_set_bool(object, "needs_address", o->needs_address);
    json_set_bool(object, "buyer_equals_seller", o->buyer_equals_seller);
    json_set_bool(object, "method_not_allowed", o->method_not_allowed);
    json_set_bool(object, "confirmed", o->confirmed);
    json_set_bool(object, "payment_method_valid", o->payment_method_valid);
    json_set_bool(object, "request_payment_authorization", o->request_payment_authorization);
    json_set(object, "declines", declines_of(o));
    json_set_integer(object, "atypical_count", o->atypical_count);
    set_order_texts(object, o);
    return object;
}

static struct json *shares_json(const struct shares *shares)
{
    struct json *array = json_new_array();

    for (size_t i = 0; i < shares->count; i++) {
        json_append(array, json_new_string(shares->items[i].provider));
        json_append(array, json_new_integer(shares->items[i].units));
    }
    return array;
}

static void set_authorization(struct json *object, const struct authorization *a)
{
    json_set_bool(object, "soft_decline", a->soft_decline);
    json_set_bool(object, "capture_now", a->capture_now);
    json_set_bool(object, "sync", a->sync);
    json_set_bool(object, "atypical", a->atypical);
    json_set_integer(object, "expires_ms", a->expires_at.utc_ms);
    json_set(object, "shares", shares_json(&a->shares));
}

/* What is its own of each kind, and "of": the transaction it belongs to. */
static void set_kind(struct json *object, const struct transaction *t)
{
    switch (t->kind) {
    case TRANSACTION_AUTHORIZATION:
        set_authorization(object, (const struct authorization *)t);
        break;
    case TRANSACTION_CAPTURE:
        json_set_string(object, "of", ((const struct capture *)t)->authorization->t.id);
        break;
    case TRANSACTION_REFUND:
        json_set_string(object, "of", ((const struct refund *)t)->capture->t.id);
        json_set_string(object, "type", mws_refund_type_name(((const struct refund *)t)->type));
        json_set(object, "shares", shares_json(&((const struct refund *)t)->shares));
        break;
    case TRANSACTION_CREDIT:
        json_set_string(object, "of", ((const struct credit *)t)->capture->t.id);
        json_set_string(object, "provider", ((const struct credit *)t)->provider);
        break;
    case TRANSACTION_REVERSAL:
        json_set_string(object, "of", ((const struct reversal *)t)->credit->t.id);
        if (((const struct reversal *)t)->refund != NULL) {
            json_set_string(object, "refund", ((const struct reversal *)t)->refund->t.id);
        }
        break;
    case TRANSACTION_KINDS:
        break;
    }
}

static struct json *transaction_line(const struct transaction *t)
{
    struct json *object = json_new_object();

    json_set_string(object, "transaction", t->id);
    json_set_integer(object, "kind", t->kind);
    json_set_string(object, "on", t->order->id);
    set_text(object, "reference", t->reference);
    json_set_string(object, "target", t->target);
    set_text(object, "asked", t->asked);
    set_text(object, "first_answer", t->first_answer);
    json_set_string(object, "currency", t->currency->code);
    json_set_integer(object, "units", t->units);
    set_text(object, "note", t->note);
    set_text(object, "soft_descriptor", t->soft_descriptor);
    json_set_string(object, "state", mws_state_name(t->state));
    set_text(object, "reason", mws_reason_name(t->reason));
    json_set_integer(object, "created_ms", t->created_at.utc_ms);
    json_set_integer(object, "updated_ms", t->updated_at.utc_ms);
    json_set_integer(object, "settles_ms", t->settles_at.utc_ms);
    set_text(object, "fate_state", mws_state_name(t->fate.state));
    set_text(object, "fate_reason", mws_reason_name(t->fate.reason));
    json_set_bool(object, "fate_soft", t->fate.soft);
    json_set_integer(object, "fate_reopen_minutes", t->fate.reopen_minutes);
    json_set_integer(object, "fate_expire_minutes", t->fate.expire_minutes);
    set_kind(object, t);
    return object;
}

static struct json *notifications_line(const struct seller *seller, int environment)
{
    const struct notification_list *list = &seller->notifications[environment];
    struct json *object = json_new_object();
    struct json *items = json_new_array();

    for (size_t i = 0; i < list->count; i++) {
        struct json *item = json_new_object();
        struct json *events = json_new_array();
        for (int type = 1; type < MWS_EVENT_TYPE_COUNT; type++) {
            if (list->items[i].events[type]) {
                json_append(events,
                            json_new_string(mws_event_type_name((enum mws_event_type)type)));
            }
        }
        json_set_string(item, "url", list->items[i].url);
        json_set(item, "events", events);
        json_append(items, item);
    }
    json_set_string(object, "notifications", seller->id);
    json_set_bool(object, "live", environment == ENVIRONMENT_LIVE);
    json_set(object, "items", items);
    return object;
}

/* Parents before children. */
static void write_world(const struct world *world, FILE *file)
{
    struct json *head = json_new_object();

    json_set_string(head, "format", SNAPSHOT_FORMAT);
    json_set_integer(head, "next_number", (int64_t)world->next_number);
    json_set_integer(head, "clock_ahead_ms", world->clock_ahead_ms);
    write_line(file, head);
    for (const struct seller *s = world->first_seller; s != NULL; s = s->next) {
        for (int e = 0; e < ENVIRONMENT_COUNT; e++) {
            if (s->notifications[e].count > 0) {
                write_line(file, notifications_line(s, e));
            }
        }
    }
    for (const struct agreement *a = world->first_agreement; a != NULL; a = a->next) {
        write_line(file, agreement_line(a));
    }
    for (const struct order *o = world->first_order; o != NULL; o = o->next) {
        write_line(file, order_line(o));
    }
    for (const struct transaction *t = world->first_transaction; t != NULL; t = t->next) {
        write_line(file, transaction_line(t));
    }
}

enum status snapshot_save(struct world *world, const char *path, struct problem *problem)
{
    char temporary[4096];
    FILE *file;
    bool good;

    if (snprintf(temporary, sizeof temporary, "%s.new", path) >= (int)sizeof temporary) {
        return problem_set(problem, ST_STORE, "the path of the state file is too long");
    }
    file = fopen(temporary, "we");
    if (file == NULL) {
        return problem_set(problem, ST_STORE, "cannot write %.200s: %s", temporary,
                           strerror(errno));
    }
    write_world(world, file);
    good = fflush(file) == 0 && ferror(file) == 0 && fsync(fileno(file)) == 0;
    good = fclose(file) == 0 && good;
    if (!good || rename(temporary, path) != 0) {
        int error = errno;
        (void)unlink(temporary);
        return problem_set(problem, ST_STORE, "cannot write %.200s: %s", path, strerror(error));
    }
    world->changed = false;
    return ST_OK;
}
