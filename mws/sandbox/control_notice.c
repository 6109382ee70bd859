/*
 * control_notice.c - /control/notifications: where they go, what is wrong with them, what became of
 * them; and /control/captures: what Amazon and banks do by themselves, and sellers are told of.
 * See control.h.
 */
#include <stdio.h>
#include <string.h>

#include "mws/sandbox/control_parts.h"
#include "mws/sandbox/ledger.h"
#include "mws/sandbox/order.h"
#include "mws/sandbox/payment.h"
#include "mws/sandbox/refund.h"
#include "mws/sandbox/tell.h"

/* --- what became of them ------------------------------------------------------------------------
 */

static struct json *recent_json(const struct recent *recent)
{
    struct json *object = json_new_object();

    json_set_string(object, "message_id", recent->message_id);
    json_set_string(object, "type", notice_type_name(recent->type));
    json_set_string(object, "event", notice_event_name(recent->event));
    json_set_string(object, "object", recent->object_id);
    json_set_string(object, "state", mws_state_name(recent->state));
    json_set_string(object, "fault", notice_fault_name(recent->fault));
    json_set_integer(object, "attempts", recent->attempts);
    json_set_integer(object, "status", recent->status);
    return object;
}

static struct json *played_json(const struct notice_fault_rules *faults)
{
    struct json *object = json_new_object();

    for (int kind = 1; kind < NOTICE_FAULT_COUNT; kind++) {
        if (faults->played[kind] > 0) {
            json_set_integer(object, notice_fault_name((enum notice_fault_kind)kind),
                             (int64_t)faults->played[kind]);
        }
    }
    return object;
}

static int show(const struct sandbox *sandbox, struct text *out)
{
    const struct dispatch *dispatch = &sandbox->dispatch;
    const struct dispatch_counts *c = &dispatch->counts;
    const struct notice_queue *queue = &sandbox->world.notices;
    const struct {
        const char *name;
        uint64_t count;
    } rows[] = {
        {"made", queue->made},
        {"posted", c->posted},
        {"delivered", c->delivered},
        {"refused_4xx", c->refused_4xx},
        {"refused_5xx", c->refused_5xx},
        {"refused_other", c->refused_other},
        {"unanswered", c->unanswered},
        {"retried", c->retried},
        {"given_up", c->given_up},
        {"lost", c->lost},
        {"overflowed", c->overflowed + queue->overflowed},
        {"waiting", dispatch->waiting + queue->count - dispatch->in_flight},
        {"in_flight", dispatch->in_flight},
    };
    struct json *object = json_new_object();
    struct json *last = json_new_array();
    uint64_t first = dispatch->recent_count > RECENT_MAX ? dispatch->recent_count - RECENT_MAX : 0;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        json_set_integer(object, rows[i].name, (int64_t)rows[i].count);
    }
    for (uint64_t i = first; i < dispatch->recent_count; i++) {
        json_append(last, recent_json(&dispatch->recent[i % RECENT_MAX]));
    }
    json_set(object, "faults_played", played_json(&dispatch->faults));
    json_set(object, "last", last);
    text_add_json(out, object);
    text_add(out, "\n");
    return 200;
}

static int done(struct text *out)
{
    text_add(out, "{}\n");
    return 200;
}

/* --- where they go -------------------------------------------------------------------------------
 */

/* {"seller": ID, "url": URL}: everything of that seller's, or, without one, of everybody's; no URL
 * = nowhere any more. */
static int set_url(struct sandbox *sandbox, const struct json *body, struct text *out)
{
    struct world *world = &sandbox->world;
    const char *seller_id = json_as_string(json_get(body, "seller"));
    const char *url = json_as_string(json_get(body, "url"));
    struct seller *seller = seller_id != NULL ? world_seller(world, seller_id) : NULL;

    if (seller_id != NULL && (seller == NULL || strlen(seller_id) > 64)) {
        return control_fail(out, 400, "\"seller\" must be the seller's id");
    }
    if (url != NULL && !notice_url_is_allowed(url)) {
        return control_fail(out, 400,
                            "\"url\" must begin with https://, or http:// and a loopback address");
    }
    text_replace(seller != NULL ? &seller->notice_url : &world->notices.url_of_all, url);
    world->notices.heard = true;
    return done(out);
}

/* --- what has no cause of its own in the sandbox
 * -------------------------------------------------- */

struct occasion {
    struct seller *seller;
    int environment;
    const struct currency *currency;
};

/* NULL, or what is wrong. */
static const char *read_occasion(struct world *world, const struct json *body, struct occasion *o)
{
    const char *seller = json_as_string(json_get(body, "seller"));
    const char *environment = json_as_string(json_get(body, "environment"));
    const char *currency = json_as_string(json_get(body, "currency"));

    o->seller = seller != NULL && strlen(seller) <= 64 ? world_seller(world, seller) : NULL;
    if (o->seller == NULL) {
        return "\"seller\" must be the seller's id";
    }
    o->environment = environment != NULL && strcmp(environment, "live") == 0 ? ENVIRONMENT_LIVE
                                                                             : ENVIRONMENT_SANDBOX;
    if (environment != NULL && o->environment == ENVIRONMENT_SANDBOX &&
        strcmp(environment, "sandbox") != 0) {
        return "\"environment\" must be sandbox or live";
    }
    o->currency = currency_find(currency != NULL ? currency : "JPY");
    return o->currency != NULL ? NULL : "\"currency\" is not one that Amazon Pay has";
}

/* One of the type, or of every type. */
static int send_sample(struct world *world, const struct json *body, struct instant now,
                       struct text *out)
{
    struct occasion o;
    const char *wrong = read_occasion(world, body, &o);
    const char *name = json_as_string(json_get(body, "type"));
    enum notice_type only = name != NULL ? notice_type_parse(name) : NOTICE_UNKNOWN;

    if (wrong != NULL) {
        return control_fail(out, 400, wrong);
    }
    if (name != NULL && only == NOTICE_UNKNOWN) {
        return control_fail(out, 400, "\"type\" is no NotificationType");
    }
    for (int type = 1; type < NOTICE_TYPE_COUNT; type++) {
        if (only == NOTICE_UNKNOWN || (int)only == type) {
            tell_sample(world, o.seller, o.environment, o.currency, (enum notice_type)type, now);
        }
    }
    return done(out);
}

static int send_solution_provider(struct world *world, const struct json *body, struct instant now,
                                  struct text *out)
{
    struct occasion o;
    const char *wrong = read_occasion(world, body, &o);
    const char *merchant = json_as_string(json_get(body, "merchant"));
    const char *type = json_as_string(json_get(body, "type"));

    if (wrong != NULL) {
        return control_fail(out, 400, wrong);
    }
    if (merchant == NULL) {
        return control_fail(out, 400, "\"merchant\" must be the id of who registers");
    }
    tell_solution_provider(world, o.seller, o.environment, o.currency->region, merchant,
                           type != NULL ? type : "Register", now);
    return done(out);
}

static int on_faults(struct sandbox *sandbox, const char *method, const struct json *body,
                     struct text *out)
{
    struct notice_fault_rules *faults = &sandbox->dispatch.faults;
    struct problem problem;
    enum status status;

    if (strcmp(method, "DELETE") == 0) {
        faults->count = 0;
    } else if (strcmp(method, "POST") == 0) {
        status = notice_fault_rules_add(faults, body, &problem);
        if (status != ST_OK) {
            return control_fail_status(out, status, &problem);
        }
    } else {
        return control_fail(out, 405, "use POST or DELETE");
    }
    text_format(out, "{\"rules\":%zu}\n", faults->count);
    return 200;
}

int control_notifications(struct sandbox *sandbox, const struct control_request *request,
                          const char *rest, const struct json *body, struct text *out)
{
    bool post = strcmp(request->method, "POST") == 0;
    bool put = strcmp(request->method, "PUT") == 0;

    if (rest[0] == '\0' && strcmp(request->method, "GET") == 0) {
        return show(sandbox, out);
    }
    if (rest[0] == '\0') {
        return post || put ? set_url(sandbox, body, out)
                           : control_fail(out, 405, "use GET, POST or PUT");
    }
    if (strcmp(rest, "/faults") == 0) {
        return on_faults(sandbox, request->method, body, out);
    }
    if (!post) {
        return control_fail(out, 405, "use POST");
    }
    if (strcmp(rest, "/flush") == 0) {
        sandbox->dispatch.flush = true;
        return done(out);
    }
    if (strcmp(rest, "/sample") == 0) {
        return send_sample(&sandbox->world, body, request->now, out);
    }
    if (strcmp(rest, "/solution-provider") == 0) {
        return send_solution_provider(&sandbox->world, body, request->now, out);
    }
    return control_fail(out, 404, "there is no such request");
}

/* --- /control/captures/{id}/... ------------------------------------------------------------------
 */

/* What of the capture; without an amount all of it. */
static bool read_units(const struct json *body, const struct capture *capture, int64_t *units)
{
    const struct json *amount = json_get(body, "amount");
    const char *text = json_as_string(amount);

    *units = capture->t.units;
    return amount == NULL ||
           (text != NULL && amount_parse(text, capture->t.currency, units) && *units > 0);
}

static int charge_back(struct world *world, const struct capture *capture, const struct json *body,
                       struct instant now, struct text *out)
{
    const char *reason = json_as_string(json_get(body, "reason"));
    bool unauthorized = reason != NULL && strcmp(reason, "unauthorized") == 0;
    int64_t units;

    if (reason != NULL && !unauthorized && strcmp(reason, "service") != 0) {
        return control_fail(out, 400, "\"reason\" must be service or unauthorized");
    }
    if (!read_units(body, capture, &units)) {
        return control_fail(out, 400, "\"amount\" must be an amount as a string");
    }
    tell_chargeback(
        world, capture, units,
        unauthorized ? "Unauthorized Transaction Chargeback" : "Generic Service Chargeback", now);
    return done(out);
}

/* Two of the types stand beside the state Completed, too. */
static enum mws_reason reason_of(enum mws_refund_type type)
{
    return type == MWS_REFUND_TYPE_A_Z_REFUND       ? MWS_REASON_AMAZON_A_Z_REFUND
           : type == MWS_REFUND_TYPE_BUYER_CANCELED ? MWS_REASON_BUYER_CANCELED
                                                    : MWS_REASON_UNKNOWN;
}

static int refund(struct world *world, struct capture *capture, const struct json *body,
                  struct instant now, struct text *out)
{
    const char *name = json_as_string(json_get(body, "type"));
    enum mws_refund_type type =
        name != NULL ? mws_refund_type_parse(name) : MWS_REFUND_TYPE_A_Z_REFUND;
    struct wish wish = {.target = capture->t.id,
                        .reference = "",
                        .note = "",
                        .soft_descriptor = "",
                        .currency = capture->t.currency,
                        .fate = {.reason = reason_of(type)}};
    int64_t most = capture->t.units + overage(capture->t.units, capture->t.currency);
    const struct refund *made;

    if (type == MWS_REFUND_TYPE_UNKNOWN || type == MWS_REFUND_TYPE_SELLER_INITIATED) {
        return control_fail(out, 400,
                            "\"type\" must be AmazonA-ZRefund, AmazonA-ZGuarantee, "
                            "AmazonA-ZCancel, Chargeback or BuyerCanceled");
    }
    if (!read_units(body, capture, &wish.units)) {
        return control_fail(out, 400, "\"amount\" must be an amount as a string");
    }
    if (capture->t.state != MWS_STATE_COMPLETED || wish.units > most - capture->refunded_units) {
        return control_fail(out, 409, "there is not that much left to refund");
    }
    made = payment_refund_by_amazon(world, capture, type, &wish, now);
    text_add(out, "{\"id\":");
    text_add_json(out, json_new_string(made->t.id));
    text_add(out, "}\n");
    return 201;
}

int control_captures(struct world *world, const struct control_request *request, const char *rest,
                     const struct json *body, struct text *out)
{
    const char *slash = rest[0] == '/' ? strchr(rest + 1, '/') : NULL;
    size_t length = slash != NULL ? (size_t)(slash - rest) - 1 : 0;
    char id[OBJECT_ID_MAX];
    struct transaction *t;

    (void)snprintf(id, sizeof id, "%.*s", length < sizeof id ? (int)length : 0, rest + 1);
    t = slash != NULL ? world_find_transaction(world, id) : NULL;
    if (t == NULL || t->kind != TRANSACTION_CAPTURE) {
        return control_fail(out, 404, "there is no such capture");
    }
    if (strcmp(request->method, "POST") != 0) {
        return control_fail(out, 405, "use POST");
    }
    if (strcmp(slash, "/chargeback") == 0) {
        return charge_back(world, (const struct capture *)t, body, request->now, out);
    }
    if (strcmp(slash, "/refund") == 0) {
        return refund(world, (struct capture *)t, body, request->now, out);
    }
    return control_fail(out, 404, "there is no such request");
}
