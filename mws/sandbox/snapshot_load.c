/*
 * snapshot_load.c - reading the state file. See snapshot.h.
 *
 * A damaged file is refused with the number of the line; nothing of it is repaired.
 */
#include "mws/sandbox/snapshot.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "mws/edge/json.h"
#include "mws/sandbox/agreement.h"
#include "mws/sandbox/order.h"
#include "mws/sandbox/payment.h"

static const char *string_at(const struct json *line, const char *key)
{
    const char *text = json_as_string(json_get(line, key));

    return text != NULL ? text : "";
}

static int64_t integer_at(const struct json *line, const char *key)
{
    int64_t value = 0;

    (void)json_as_integer(json_get(line, key), &value);
    return value;
}

static bool bool_at(const struct json *line, const char *key)
{
    bool value = false;

    (void)json_as_bool(json_get(line, key), &value);
    return value;
}

static struct instant instant_at(const struct json *line, const char *key)
{
    return (struct instant){integer_at(line, key)};
}

static void read_periods(struct agreement *a, const struct json *periods)
{
    for (size_t i = 0; i + 1 < json_length(periods); i += 2) {
        int64_t month = 0;
        int64_t units = 0;
        (void)json_as_integer(json_at(periods, i), &month);
        (void)json_as_integer(json_at(periods, i + 1), &units);
        agreement_authorize(a, (int32_t)month, units);
    }
}

static enum status read_agreement(struct world *world, const struct json *line,
                                  struct problem *problem)
{
    struct agreement *a;
    struct seller *seller = world_seller(world, string_at(line, "seller"));
    const struct currency *currency = currency_find(string_at(line, "currency"));
    int environment = bool_at(line, "live") ? ENVIRONMENT_LIVE : ENVIRONMENT_SANDBOX;
    enum mws_state state = mws_state_parse(string_at(line, "state"));
    enum status status;

    if (seller == NULL || currency == NULL || state == MWS_STATE_UNKNOWN ||
        strlen(string_at(line, "agreement")) >= OBJECT_ID_MAX) {
        return problem_set(problem, ST_INVALID, "an agreement that makes no sense");
    }
    status = world_add_agreement(world, seller, environment, currency, string_at(line, "agreement"),
                                 instant_at(line, "created_ms"), &a, problem);
    if (status != ST_OK) {
        return status;
    }
    a->consent = bool_at(line, "consent");
    a->payment_plan = bool_at(line, "payment_plan");
    a->shipping_address = bool_at(line, "shipping_address");
    a->buyer_equals_seller = bool_at(line, "buyer_equals_seller");
    a->method_not_allowed = bool_at(line, "method_not_allowed");
    a->payment_method_valid = bool_at(line, "payment_method_valid");
    a->limit_units = integer_at(line, "limit_units");
    read_periods(a, json_get(line, "periods"));
    a->decline.reason = mws_reason_parse(string_at(line, "decline_reason"));
    a->decline.soft = bool_at(line, "decline_soft");
    a->decline.count = integer_at(line, "decline_count");
    a->atypical_count = integer_at(line, "atypical_count");
    text_replace(&a->closure_reason, string_at(line, "closure_reason"));
    text_replace(&a->seller_note, string_at(line, "seller_note"));
    text_replace(&a->platform_id, string_at(line, "platform_id"));
    text_replace(&a->seller_agreement_id, string_at(line, "seller_agreement_id"));
    text_replace(&a->store_name, string_at(line, "store_name"));
    text_replace(&a->custom_information, string_at(line, "custom_information"));
    a->draft_orders = (size_t)integer_at(line, "draft_orders");
    agreement_move(world, a, state, mws_reason_parse(string_at(line, "reason")),
                   instant_at(line, "updated_ms"));
    agreement_suspend_until(world, a, instant_at(line, "reopen_ms"));
    a->confirmed = bool_at(line, "confirmed");
    if (state == MWS_STATE_DRAFT) {
        agreement_draft(world, a);
    }
    return ST_OK;
}

/* --- order references ------------------------------------------------------------------------ */

static void read_declines(struct order *o, const struct json *declines)
{
    for (size_t kind = 0; kind < TRANSACTION_KINDS && 3 * kind + 2 < json_length(declines);
         kind++) {
        const char *reason = json_as_string(json_at(declines, 3 * kind));
        o->decline[kind].reason = reason != NULL ? mws_reason_parse(reason) : MWS_REASON_UNKNOWN;
        (void)json_as_bool(json_at(declines, 3 * kind + 1), &o->decline[kind].soft);
        (void)json_as_integer(json_at(declines, 3 * kind + 2), &o->decline[kind].count);
    }
}

static void fill_order(struct world *world, struct order *o, const struct json *line)
{
    o->reason = mws_reason_parse(string_at(line, "reason"));
    o->updated_at = instant_at(line, "updated_ms");
    o->reopen_at = instant_at(line, "reopen_ms");
    o->authorize_by = instant_at(line, "authorize_by_ms");
    o->total_units = integer_at(line, "total_units");
    o->payment_plan = bool_at(line, "payment_plan");
    o->shipping_address = bool_at(line, "shipping_address");
    o->needs_address = bool_at(line, "needs_address");
    o->buyer_equals_seller = bool_at(line, "buyer_equals_seller");
    o->method_not_allowed = bool_at(line, "method_not_allowed");
    o->confirmed = bool_at(line, "confirmed");
    o->payment_method_valid = bool_at(line, "payment_method_valid");
    o->request_payment_authorization = bool_at(line, "request_payment_authorization");
    read_declines(o, json_get(line, "declines"));
    o->atypical_count = integer_at(line, "atypical_count");
    text_replace(&o->closure_reason, string_at(line, "closure_reason"));
    text_replace(&o->seller_note, string_at(line, "seller_note"));
    text_replace(&o->platform_id, string_at(line, "platform_id"));
    text_replace(&o->store_name, string_at(line, "store_name"));
    text_replace(&o->custom_information, string_at(line, "custom_information"));
    text_replace(&o->supplementary_data, string_at(line, "supplementary_data"));
    text_replace(&o->provider_id, string_at(line, "provider_id"));
    text_replace(&o->provider_order_id, string_at(line, "provider_order_id"));
    text_replace(&o->item_categories, string_at(line, "item_categories"));
    order_set_seller_order_id(world, o, string_at(line, "seller_order_id"));
    order_plan(world, o);
}

static enum status read_order(struct world *world, const struct json *line, struct problem *problem)
{
    struct seller *seller = world_seller(world, string_at(line, "seller"));
    struct agreement *agreement = world_find_agreement(world, string_at(line, "of"));
    const struct currency *currency = currency_find(string_at(line, "currency"));
    int environment = bool_at(line, "live") ? ENVIRONMENT_LIVE : ENVIRONMENT_SANDBOX;
    enum mws_state state = mws_state_parse(string_at(line, "state"));
    struct order *order;
    enum status status;

    if (seller == NULL || currency == NULL || state == MWS_STATE_UNKNOWN ||
        (agreement == NULL && string_at(line, "of")[0] != '\0') ||
        strlen(string_at(line, "order")) >= OBJECT_ID_MAX) {
        return problem_set(problem, ST_INVALID, "an order reference that makes no sense");
    }
    status =
        world_add_order(world, seller, environment, agreement, currency, string_at(line, "order"),
                        instant_at(line, "created_ms"), &order, problem);
    if (status == ST_OK) {
        order->state = state;
        fill_order(world, order, line);
    }
    return status;
}

/* --- transactions ---------------------------------------------------------------------------- */

static void read_fate(struct fate *fate, const struct json *line)
{
    fate->state = mws_state_parse(string_at(line, "fate_state"));
    fate->reason = mws_reason_parse(string_at(line, "fate_reason"));
    fate->soft = bool_at(line, "fate_soft");
    fate->reopen_minutes = (int)integer_at(line, "fate_reopen_minutes");
    fate->expire_minutes = (int)integer_at(line, "fate_expire_minutes");
}

static bool copy_id(char *to, size_t bytes, const struct json *line, const char *key)
{
    return snprintf(to, bytes, "%s", string_at(line, key)) < (int)bytes;
}

static bool read_shares(struct shares *shares, const struct json *array)
{
    size_t count = json_length(array) / 2;

    if (count == 0) {
        return true;
    }
    shares->items = calloc(count, sizeof *shares->items);
    ENSURE(shares->items != NULL);
    shares->count = count;
    for (size_t i = 0; i < count; i++) {
        const char *provider = json_as_string(json_at(array, 2 * i));
        struct share *share = &shares->items[i];
        if (provider == NULL || strlen(provider) >= sizeof share->provider ||
            !json_as_integer(json_at(array, 2 * i + 1), &share->units)) {
            return false;
        }
        memcpy(share->provider, provider, strlen(provider) + 1);
    }
    return true;
}

static bool read_authorization(struct authorization *a, const struct json *line)
{
    a->soft_decline = bool_at(line, "soft_decline");
    a->capture_now = bool_at(line, "capture_now");
    a->sync = bool_at(line, "sync");
    a->atypical = bool_at(line, "atypical");
    a->expires_at = instant_at(line, "expires_ms");
    return read_shares(&a->shares, json_get(line, "shares"));
}

static bool read_refund(struct refund *r, struct transaction *capture, const struct json *line)
{
    r->capture = (struct capture *)capture;
    r->type = mws_refund_type_parse(string_at(line, "type"));
    return r->type != MWS_REFUND_TYPE_UNKNOWN && read_shares(&r->shares, json_get(line, "shares"));
}

/* The refund that made it, if any, is one of the same capture. */
static bool read_reversal(const struct world *world, struct reversal *r, struct transaction *credit,
                          const struct json *line)
{
    struct transaction *refund = world_find_transaction(world, string_at(line, "refund"));

    r->credit = (struct credit *)credit;
    if (string_at(line, "refund")[0] == '\0') {
        return true;
    }
    r->refund = (struct refund *)refund;
    return refund != NULL && refund->kind == TRANSACTION_REFUND &&
           r->refund->capture == r->credit->capture;
}

/* What is its own of each kind; false when its parent is missing or of another kind. */
static bool read_kind(const struct world *world, struct transaction *t, const struct json *line)
{
    static const enum transaction_kind parents[TRANSACTION_KINDS] = {
        [TRANSACTION_CAPTURE] = TRANSACTION_AUTHORIZATION,
        [TRANSACTION_REFUND] = TRANSACTION_CAPTURE,
        [TRANSACTION_CREDIT] = TRANSACTION_CAPTURE,
        [TRANSACTION_REVERSAL] = TRANSACTION_CREDIT,
    };
    struct transaction *of = world_find_transaction(world, string_at(line, "of"));

    if (t->kind != TRANSACTION_AUTHORIZATION &&
        (of == NULL || of->kind != parents[t->kind] || of->order != t->order)) {
        return false;
    }
    switch (t->kind) {
    case TRANSACTION_AUTHORIZATION:
        return read_authorization((struct authorization *)t, line);
    case TRANSACTION_CAPTURE:
        ((struct capture *)t)->authorization = (struct authorization *)of;
        return true;
    case TRANSACTION_REFUND:
        return read_refund((struct refund *)t, of, line);
    case TRANSACTION_CREDIT:
        ((struct credit *)t)->capture = (struct capture *)of;
        return copy_id(((struct credit *)t)->provider, OBJECT_ID_MAX, line, "provider");
    case TRANSACTION_REVERSAL:
        return read_reversal(world, (struct reversal *)t, of, line);
    case TRANSACTION_KINDS:
        break;
    }
    return false;
}

/* The id itself, as its object keeps it; NULL when there is none. */
static const char *find_target(const struct world *world, const char *id)
{
    const struct agreement *agreement = world_find_agreement(world, id);
    const struct order *order = world_find_order(world, id);
    const struct transaction *t = world_find_transaction(world, id);

    if (agreement != NULL) {
        return agreement->id;
    }
    if (order != NULL) {
        return order->id;
    }
    return t != NULL ? t->id : NULL;
}

/* Only what was declined can have the same reference as a later one (rule declined-reference). */
static bool earlier_gives_way(const struct transaction *t)
{
    const struct transaction *earlier =
        world_find_reference(t->order->seller, t->order->environment, t->kind, t->reference);

    return earlier == NULL || earlier->state == MWS_STATE_DECLINED;
}

static bool read_common(const struct world *world, struct transaction *t, const struct json *line)
{
    t->order = world_find_order(world, string_at(line, "on"));
    t->target = find_target(world, string_at(line, "target"));
    t->currency = currency_find(string_at(line, "currency"));
    t->units = integer_at(line, "units");
    t->state = mws_state_parse(string_at(line, "state"));
    t->reason = mws_reason_parse(string_at(line, "reason"));
    t->created_at = instant_at(line, "created_ms");
    t->updated_at = instant_at(line, "updated_ms");
    t->settles_at = instant_at(line, "settles_ms");
    text_replace(&t->asked, string_at(line, "asked"));
    text_replace(&t->first_answer, string_at(line, "first_answer"));
    text_replace(&t->note, string_at(line, "note"));
    text_replace(&t->soft_descriptor, string_at(line, "soft_descriptor"));
    read_fate(&t->fate, line);
    return copy_id(t->id, sizeof t->id, line, "transaction") &&
           copy_id(t->reference, sizeof t->reference, line, "reference") && t->id[0] != '\0' &&
           t->order != NULL && t->target != NULL && t->currency != NULL &&
           t->state != MWS_STATE_UNKNOWN && world_find_transaction(world, t->id) == NULL &&
           (t->asked == NULL || earlier_gives_way(t));
}

static void count(struct world *world, const struct transaction *t)
{
    bool was_completed = t->state == MWS_STATE_COMPLETED || t->state == MWS_STATE_CLOSED;

    if (t->kind == TRANSACTION_AUTHORIZATION) {
        world->totals.declined += t->state == MWS_STATE_DECLINED;
    } else if (t->kind == TRANSACTION_CAPTURE && was_completed) {
        world_count_capture(world, (const struct capture *)t);
    } else if (t->kind == TRANSACTION_REFUND && was_completed) {
        world_count_refund(world, (const struct refund *)t);
    }
}

static enum status read_transaction(struct world *world, const struct json *line,
                                    struct problem *problem)
{
    static const size_t sizes[TRANSACTION_KINDS] = {
        [TRANSACTION_AUTHORIZATION] = sizeof(struct authorization),
        [TRANSACTION_CAPTURE] = sizeof(struct capture),
        [TRANSACTION_REFUND] = sizeof(struct refund),
        [TRANSACTION_CREDIT] = sizeof(struct credit),
        [TRANSACTION_REVERSAL] = sizeof(struct reversal),
    };
    int64_t kind = integer_at(line, "kind");
    struct transaction *t;

    if (kind < 0 || kind >= TRANSACTION_KINDS) {
        return problem_set(problem, ST_INVALID, "a transaction of no known kind");
    }
    t = calloc(1, sizes[kind]);
    ENSURE(t != NULL);
    t->kind = (enum transaction_kind)kind;
    if (!read_common(world, t, line) || !read_kind(world, t, line)) {
        transaction_free(t);
        return problem_set(problem, ST_INVALID, "a transaction that makes no sense");
    }
    world_add_transaction(world, t);
    count(world, t);
    payment_link(world, t);
    return ST_OK;
}

/* --- the rest -------------------------------------------------------------------------------- */

static enum status read_notifications(struct world *world, const struct json *line,
                                      struct problem *problem)
{
    struct seller *seller = world_seller(world, string_at(line, "notifications"));
    const struct json *items = json_get(line, "items");
    struct notification_list *list;

    if (seller == NULL || json_length(items) > NOTIFICATIONS_MAX) {
        return problem_set(problem, ST_INVALID, "notifications that make no sense");
    }
    list = &seller->notifications[bool_at(line, "live") ? ENVIRONMENT_LIVE : ENVIRONMENT_SANDBOX];
    notifications_clear(list);
    world->notices.heard = true;
    for (size_t i = 0; i < json_length(items); i++) {
        const struct json *events = json_get(json_at(items, i), "events");
        struct notification *item = &list->items[list->count++];
        text_replace(&item->url, string_at(json_at(items, i), "url"));
        for (size_t e = 0; e < json_length(events); e++) {
            const char *name = json_as_string(json_at(events, e));
            item->events[name != NULL ? mws_event_type_parse(name) : 0] = true;
        }
    }
    return ST_OK;
}

static enum status read_line(struct world *world, const char *text, size_t length,
                             struct problem *problem)
{
    struct json *line;
    enum status status = json_parse(text, length, &line, problem);

    if (status != ST_OK) {
        return status;
    }
    if (json_get(line, "agreement") != NULL) {
        status = read_agreement(world, line, problem);
    } else if (json_get(line, "order") != NULL) {
        status = read_order(world, line, problem);
    } else if (json_get(line, "transaction") != NULL) {
        status = read_transaction(world, line, problem);
    } else if (json_get(line, "notifications") != NULL) {
        status = read_notifications(world, line, problem);
    } else if (strcmp(string_at(line, "format"), SNAPSHOT_FORMAT) == 0 ||
               strcmp(string_at(line, "format"), SNAPSHOT_FORMAT_OLD) == 0) {
        world->next_number = (uint64_t)integer_at(line, "next_number");
        world->clock_ahead_ms = integer_at(line, "clock_ahead_ms");
    } else {
        status = problem_set(problem, ST_INVALID, "a line of no known kind");
    }
    json_free(line);
    return status;
}

enum status snapshot_load(struct world *world, const char *path, struct problem *problem)
{
    FILE *file = fopen(path, "re");
    char *line = NULL;
    size_t bytes = 0;
    ssize_t length;
    int number = 0;
    enum status status = ST_OK;

    if (file == NULL) {
        return errno == ENOENT ? ST_OK
                               : problem_set(problem, ST_STORE, "cannot read %.200s: %s", path,
                                             strerror(errno));
    }
    while (status == ST_OK && (length = getline(&line, &bytes, file)) > 0) {
        struct problem inner;
        number++;
        status = read_line(world, line, (size_t)length, &inner);
        if (status != ST_OK) {
            (void)problem_set(problem, ST_INVALID, "%.120s, line %d: %.150s", path, number,
                              inner.text);
            status = ST_INVALID;
        }
    }
    if (status == ST_OK && ferror(file) != 0) {
        status = problem_set(problem, ST_STORE, "cannot read %.200s", path);
    }
    free(line);
    (void)fclose(file);
    world->changed = false;
    return status;
}
