/*
 * control.c - see control.h.
 */
#include "mws/sandbox/control.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "mws/edge/json.h"
#include "mws/sandbox/agreement.h"
#include "mws/sandbox/control_parts.h"
#include "mws/sandbox/ledger.h"
#include "mws/sandbox/payment.h"

#define AGREEMENTS_PER_CALL_MAX 1000000
#define ADVANCE_S_MAX           315360000 /* ten years */

int control_fail(struct text *out, int status, const char *sentence)
{
    struct json *object = json_new_object();

    json_set_string(object, "error", sentence);
    text_add_json(out, object);
    text_add(out, "\n");
    return status;
}

int control_fail_status(struct text *out, enum status status, const struct problem *problem)
{
    return control_fail(out, status == ST_CONFLICT ? 409 : 400, problem->text);
}

const char *control_count(const struct json *body, int64_t *count)
{
    const struct json *value = json_get(body, "count");

    *count = 1;
    return value == NULL || (json_as_integer(value, count) && *count >= 0)
               ? NULL
               : "\"count\" must be a number, not negative";
}

const char *control_decline(const struct json *body, struct decline_order *order)
{
    const char *reason = json_as_string(json_get(body, "reason"));

    *order = (struct decline_order){.reason = MWS_REASON_INVALID_PAYMENT_METHOD};
    if (reason != NULL) {
        order->reason = mws_reason_parse(reason);
    }
    if (order->reason != MWS_REASON_INVALID_PAYMENT_METHOD &&
        order->reason != MWS_REASON_AMAZON_REJECTED &&
        order->reason != MWS_REASON_PROCESSING_FAILURE &&
        order->reason != MWS_REASON_TRANSACTION_TIMED_OUT) {
        return "\"reason\" must be InvalidPaymentMethod, AmazonRejected, ProcessingFailure or "
               "TransactionTimedOut";
    }
    (void)json_as_bool(json_get(body, "soft"), &order->soft);
    return control_count(body, &order->count);
}

static int show_agreement(struct text *out, int status, const struct agreement *agreement,
                          struct instant now)
{
    text_add_json(out, agreement_json(agreement, now));
    text_add(out, "\n");
    return status;
}

/* --- POST /control/agreements
 * ---------------------------------------------------------------------- */

struct new_agreements {
    struct seller *seller;
    int environment;
    const struct currency *currency;
    int64_t limit_units, used_units;
    bool open, consent, payment_plan, shipping_address, buyer_equals_seller, method_not_allowed;
    const char *id, *id_pattern;
    int64_t first, count;
};

static bool read_units(const struct json *body, const char *key, const struct currency *currency,
                       int64_t *units)
{
    const struct json *value = json_get(body, key);
    const char *text = json_as_string(value);

    return value == NULL || (text != NULL && amount_parse(text, currency, units));
}

static void read_bool(const struct json *body, const char *key, bool *value)
{
    (void)json_as_bool(json_get(body, key), value);
}

static bool read_environment(const struct json *body, struct new_agreements *n)
{
    const char *environment = json_as_string(json_get(body, "environment"));
    const char *id = n->id != NULL ? n->id : n->id_pattern;

    if (environment == NULL) {
        n->environment = id != NULL && id[0] == 'B' ? ENVIRONMENT_LIVE : ENVIRONMENT_SANDBOX;
        return true;
    }
    n->environment = strcmp(environment, "live") == 0 ? ENVIRONMENT_LIVE : ENVIRONMENT_SANDBOX;
    if (id != NULL && id[0] == (n->environment == ENVIRONMENT_LIVE ? 'C' : 'B')) {
        return false; /* Amazon's ids tell it, and clients rely on that */
    }
    return n->environment == ENVIRONMENT_LIVE || strcmp(environment, "sandbox") == 0;
}

static bool read_ids(const struct json *body, struct new_agreements *n)
{
    n->id = json_as_string(json_get(body, "id"));
    n->id_pattern = json_as_string(json_get(body, "id_pattern"));
    n->count = 1;
    n->first = 0;
    (void)json_as_integer(json_get(body, "count"), &n->count);
    (void)json_as_integer(json_get(body, "first"), &n->first);
    return n->count >= 1 && n->count <= AGREEMENTS_PER_CALL_MAX && n->first >= 0 &&
           (n->id == NULL || (n->count == 1 && strlen(n->id) < OBJECT_ID_MAX / 2)) &&
           (n->id_pattern == NULL ||
            (strchr(n->id_pattern, '#') != NULL && strlen(n->id_pattern) < OBJECT_ID_MAX / 2));
}

/* NULL, or what is wrong. */
static const char *read_new(struct world *world, const struct json *body, struct new_agreements *n)
{
    const char *seller = json_as_string(json_get(body, "seller"));
    const char *state = json_as_string(json_get(body, "state"));
    const char *currency = json_as_string(json_get(body, "currency"));

    *n = (struct new_agreements){.consent = true, .payment_plan = true, .shipping_address = true};
    if (seller == NULL || seller[0] == '\0' || strlen(seller) > 64) {
        return "\"seller\" must be the seller's id";
    }
    n->currency = currency_find(currency != NULL ? currency : "JPY");
    if (n->currency == NULL) {
        return "\"currency\" is not one that Amazon Pay has";
    }
    n->open = state == NULL || strcmp(state, "Open") == 0;
    if (!n->open && strcmp(state, "Draft") != 0) {
        return "\"state\" must be Open or Draft";
    }
    n->limit_units = n->currency->month_units_max;
    if (!read_units(body, "limit", n->currency, &n->limit_units) ||
        !read_units(body, "used", n->currency, &n->used_units)) {
        return "\"limit\" and \"used\" must be amounts as strings, such as \"50000\"";
    }
    if (!read_ids(body, n)) {
        return "\"count\" must be 1 to 1000000; \"id\" goes with one agreement, \"id_pattern\" "
               "needs #";
    }
    if (!read_environment(body, n)) {
        return "\"environment\" must be sandbox or live, and an id of live begins with B";
    }
    read_bool(body, "consent", &n->consent);
    read_bool(body, "payment_plan", &n->payment_plan);
    read_bool(body, "shipping_address", &n->shipping_address);
    read_bool(body, "buyer_equals_seller", &n->buyer_equals_seller);
    read_bool(body, "method_not_allowed", &n->method_not_allowed);
    n->seller = world_seller(world, seller);
    return n->seller != NULL ? NULL : "there are too many sellers";
}

/* "C03-0000000-#######" and 12 give "C03-0000000-0000012": the last run of # holds the number. */
static void fill_pattern(const char *pattern, int64_t number, char id[OBJECT_ID_MAX])
{
    size_t end = strlen(pattern);

    memcpy(id, pattern, end + 1);
    while (end > 0 && id[end - 1] != '#') {
        end--;
    }
    while (end > 0 && id[end - 1] == '#') {
        id[--end] = (char)('0' + number % 10);
        number /= 10;
    }
}

static enum status make_agreement(struct world *world, const struct new_agreements *n,
                                  int64_t number, struct instant now, struct agreement **agreement,
                                  struct problem *problem)
{
    char id[OBJECT_ID_MAX] = "";
    enum status status;

    if (n->id_pattern != NULL) {
        fill_pattern(n->id_pattern, number, id);
    } else if (n->id != NULL) {
        (void)snprintf(id, sizeof id, "%s", n->id);
    }
    status = world_add_agreement(world, n->seller, n->environment, n->currency, id, now, agreement,
                                 problem);
    if (status != ST_OK) {
        return status;
    }
    (*agreement)->limit_units = n->limit_units;
    (*agreement)->consent = n->consent;
    (*agreement)->payment_plan = n->payment_plan;
    (*agreement)->shipping_address = n->shipping_address;
    (*agreement)->buyer_equals_seller = n->buyer_equals_seller;
    (*agreement)->method_not_allowed = n->method_not_allowed;
    if (n->used_units > 0) {
        agreement_authorize(*agreement, agreement_month(*agreement, now), n->used_units);
    }
    if (n->open) {
        (*agreement)->consent = true;
        agreement_move(world, *agreement, MWS_STATE_OPEN, 0, now);
    } else {
        agreement_draft(world, *agreement);
    }
    return ST_OK;
}

static int create(struct sandbox *sandbox, const struct json *body, struct instant now,
                  struct text *out)
{
    struct new_agreements n;
    struct agreement *agreement = NULL;
    struct problem problem;
    const char *wrong = read_new(&sandbox->world, body, &n);

    if (wrong != NULL) {
        return control_fail(out, 400, wrong);
    }
    text_add(out, "{\"ids\":[");
    sandbox->world.notices.quiet = n.count > 1;
    for (int64_t i = 0; i < n.count; i++) {
        enum status status =
            make_agreement(&sandbox->world, &n, n.first + i, now, &agreement, &problem);
        if (status != ST_OK) {
            sandbox->world.notices.quiet = false;
            text_clear(out);
            return control_fail_status(out, status, &problem);
        }
        text_add(out, i > 0 ? "," : "");
        text_add_json(out, json_new_string(agreement->id));
    }
    sandbox->world.notices.quiet = false;
    text_add(out, "],\"id\":");
    text_add_json(out, json_new_string(agreement->id));
    text_format(out, ",\"count\":%" PRId64 "}\n", n.count);
    return 201;
}

/* --- POST /control/agreements/{id}/...
 * --------------------------------------------------------------- */

typedef const char *buyer_act(struct world *world, struct agreement *agreement,
                              const struct json *body, struct instant now);

static const char *act_decline(struct world *world, struct agreement *agreement,
                               const struct json *body, struct instant now)
{
    struct decline_order order;
    const char *wrong = control_decline(body, &order);

    (void)now;
    if (wrong == NULL) {
        agreement->decline = order;
        world->changed = true;
    }
    return wrong;
}

static const char *act_atypical(struct world *world, struct agreement *agreement,
                                const struct json *body, struct instant now)
{
    int64_t count;
    const char *wrong = control_count(body, &count);

    (void)now;
    if (wrong == NULL) {
        agreement->atypical_count = count;
        world->changed = true;
    }
    return wrong;
}

/* {"valid": false} breaks the method: payments decline, Validate fails. Without it the buyer mends
 * it. */
static const char *act_payment_method(struct world *world, struct agreement *agreement,
                                      const struct json *body, struct instant now)
{
    bool valid = true;

    read_bool(body, "valid", &valid);
    if (valid) {
        agreement->payment_plan = true;
        agreement->method_not_allowed = false;
        agreement_mend_method(world, agreement, NOTICE_PAYMENT_METHOD_UPDATED, now);
    } else {
        agreement->payment_method_valid = false;
        world->changed = true;
    }
    return NULL;
}

/* {"payment_method": true}: both at once. */
static const char *act_address(struct world *world, struct agreement *agreement,
                               const struct json *body, struct instant now)
{
    bool both = false;

    read_bool(body, "payment_method", &both);
    agreement->shipping_address = true;
    if (both) {
        agreement->payment_plan = true;
        agreement_mend_method(world, agreement, NOTICE_ADDRESS_AND_PAYMENT_METHOD_UPDATED, now);
    } else {
        agreement_changed_by_buyer(world, agreement, NOTICE_ADDRESS_UPDATED, now);
    }
    return NULL;
}

static const char *act_consent(struct world *world, struct agreement *agreement,
                               const struct json *body, struct instant now)
{
    (void)now;
    agreement->consent = true;
    read_bool(body, "consent", &agreement->consent);
    world->changed = true;
    return NULL;
}

static const char *act_close(struct world *world, struct agreement *agreement,
                             const struct json *body, struct instant now)
{
    const char *reason = json_as_string(json_get(body, "reason"));
    enum mws_reason parsed = reason != NULL ? mws_reason_parse(reason) : MWS_REASON_BUYER_CLOSED;

    if (parsed != MWS_REASON_BUYER_CLOSED && parsed != MWS_REASON_AMAZON_CLOSED &&
        parsed != MWS_REASON_EXPIRED && parsed != MWS_REASON_MAX_ORDER_REFERENCES_PROCESSED) {
        return "\"reason\" must be BuyerClosed, AmazonClosed, Expired or "
               "MaxOrderReferencesProcessed";
    }
    agreement_move(world, agreement, MWS_STATE_CLOSED, parsed, now);
    return NULL;
}

static const char *act_cancel(struct world *world, struct agreement *agreement,
                              const struct json *body, struct instant now)
{
    (void)body;
    agreement_move(world, agreement, MWS_STATE_CANCELED, MWS_REASON_AMAZON_CANCELED, now);
    return NULL;
}

/* Another program of the shop has charged the agreement, and was declined hard. */
static const char *act_suspend(struct world *world, struct agreement *agreement,
                               const struct json *body, struct instant now)
{
    (void)body;
    if (agreement->state != MWS_STATE_OPEN) {
        return "only an Open agreement can be suspended";
    }
    agreement->payment_method_valid = false;
    agreement_move(world, agreement, MWS_STATE_SUSPENDED, MWS_REASON_INVALID_PAYMENT_METHOD, now);
    return NULL;
}

struct buyer_row {
    const char *name;
    buyer_act *act;
};

static const struct buyer_row buyer_rows[] = {
    {"decline", act_decline}, {"atypical", act_atypical}, {"payment-method", act_payment_method},
    {"address", act_address}, {"consent", act_consent},   {"close", act_close},
    {"cancel", act_cancel},   {"suspend", act_suspend},
};

/* `rest` is "{id}" or "{id}/{act}". */
static int on_agreement(struct sandbox *sandbox, const struct control_request *request,
                        const char *rest, const struct json *body, struct text *out)
{
    const char *slash = strchr(rest, '/');
    size_t length = slash != NULL ? (size_t)(slash - rest) : strlen(rest);
    char id[OBJECT_ID_MAX];
    struct agreement *agreement;

    (void)snprintf(id, sizeof id, "%.*s", length < sizeof id ? (int)length : 0, rest);
    agreement = world_find_agreement(&sandbox->world, id);
    if (agreement == NULL) {
        return control_fail(out, 404, "there is no such agreement");
    }
    if (slash == NULL && strcmp(request->method, "GET") == 0) {
        return show_agreement(out, 200, agreement, request->now);
    }
    for (size_t i = 0; slash != NULL && i < sizeof buyer_rows / sizeof buyer_rows[0]; i++) {
        if (strcmp(slash + 1, buyer_rows[i].name) == 0) {
            const char *wrong;
            if (strcmp(request->method, "POST") != 0) {
                return control_fail(out, 405, "use POST");
            }
            wrong = buyer_rows[i].act(&sandbox->world, agreement, body, request->now);
            return wrong != NULL ? control_fail(out, 400, wrong)
                                 : show_agreement(out, 200, agreement, request->now);
        }
    }
    return control_fail(out, 404, "there is no such request");
}

/* --- everything else -----------------------------------------------------------------------------
 */

static int on_faults(struct sandbox *sandbox, const char *method, const struct json *body,
                     struct text *out)
{
    struct problem problem;
    enum status status;

    if (strcmp(method, "DELETE") == 0) {
        sandbox->faults.count = 0;
    } else if (strcmp(method, "POST") == 0) {
        status = fault_rules_add(&sandbox->faults, body, &problem);
        if (status != ST_OK) {
            return control_fail_status(out, status, &problem);
        }
    } else {
        return control_fail(out, 405, "use POST or DELETE");
    }
    text_format(out, "{\"rules\":%zu}\n", sandbox->faults.count);
    return 200;
}

static int on_rules(struct sandbox *sandbox, const char *method, const struct json *body,
                    struct text *out)
{
    struct rules *rules = &sandbox->world.rules;
    struct problem problem;

    if (strcmp(method, "POST") == 0) {
        if (rules_read(rules, body, &problem) != ST_OK) {
            return control_fail_status(out, ST_INVALID, &problem);
        }
    } else if (strcmp(method, "GET") != 0) {
        return control_fail(out, 405, "use GET or POST");
    }
    text_add_json(out, rules_json(rules));
    text_add(out, "\n");
    return 200;
}

/* {"advance_s": N}: the sandbox's own clock goes ahead, never back. */
static int on_clock(struct sandbox *sandbox, const struct control_request *request,
                    const struct json *body, struct text *out)
{
    struct world *world = &sandbox->world;
    const struct json *advance = json_get(body, "advance_s");
    int64_t seconds = 0;
    char text[INSTANT_TEXT_MAX];

    if (strcmp(request->method, "POST") == 0) {
        if (!json_as_integer(advance, &seconds) || seconds < 0 || seconds > ADVANCE_S_MAX) {
            return control_fail(out, 400, "\"advance_s\" must be 0 to 315360000 seconds");
        }
        world->clock_ahead_ms += seconds * 1000;
        world->changed = true;
    } else if (strcmp(request->method, "GET") != 0) {
        return control_fail(out, 405, "use GET or POST");
    }
    instant_format(instant_plus(request->now, seconds * 1000), text);
    text_format(out, "{\"now\":\"%s\",\"ahead_s\":%" PRId64 "}\n", text,
                world->clock_ahead_ms / 1000);
    return 200;
}

/* The rest of the path behind `prefix`, or NULL: "" or "/..." */
static const char *behind(const char *path, const char *prefix)
{
    size_t length = strlen(prefix);

    return strncmp(path, prefix, length) == 0 && (path[length] == '\0' || path[length] == '/')
               ? path + length
               : NULL;
}

static int on_agreements(struct sandbox *sandbox, const struct control_request *request,
                         const char *rest, const struct json *body, struct text *out)
{
    if (rest[0] == '/') {
        return on_agreement(sandbox, request, rest + 1, body, out);
    }
    return strcmp(request->method, "POST") == 0 ? create(sandbox, body, request->now, out)
                                                : control_fail(out, 405, "use POST");
}

static int route(struct sandbox *sandbox, const struct control_request *request,
                 const struct json *body, struct text *out)
{
    const char *path = request->path;
    bool get = strcmp(request->method, "GET") == 0;
    const char *agreements = behind(path, "/control/agreements");
    const char *orders = behind(path, "/control/orders");
    const char *notifications = behind(path, "/control/notifications");
    const char *captures = behind(path, "/control/captures");
    const char *sellers = behind(path, "/control/sellers");

    if (agreements != NULL) {
        return on_agreements(sandbox, request, agreements, body, out);
    }
    if (orders != NULL) {
        return control_orders(&sandbox->world, request, orders, body, out);
    }
    if (notifications != NULL) {
        return control_notifications(sandbox, request, notifications, body, out);
    }
    if (captures != NULL) {
        return control_captures(&sandbox->world, request, captures, body, out);
    }
    if (sellers != NULL) {
        return control_sellers(&sandbox->world, request, sellers, body, out);
    }
    if (strcmp(path, "/control/service") == 0) {
        return control_service(&sandbox->world, request, body, out);
    }
    if (strcmp(path, "/control/tokens") == 0) {
        return control_tokens(sandbox, request, body, out);
    }
    if (strcmp(path, "/control/clock") == 0) {
        return on_clock(sandbox, request, body, out);
    }
    if (strcmp(path, "/control/faults") == 0) {
        return on_faults(sandbox, request->method, body, out);
    }
    if (strcmp(path, "/control/rules") == 0) {
        return on_rules(sandbox, request->method, body, out);
    }
    if (strcmp(path, "/control/ledger") == 0 && get) {
        ledger_write(sandbox, request->totals_only, out);
        return 200;
    }
    if (strcmp(path, "/control/stats") == 0 && get) {
        statistics_write(sandbox, request->connections, out);
        return 200;
    }
    return control_fail(out, 404, "there is no such request; see mws/sandbox/README.md");
}

int control_handle(struct sandbox *sandbox, const struct control_request *request, struct text *out)
{
    struct control_request ahead = *request;
    struct problem problem;
    struct json *body = NULL;
    int status;

    text_clear(out);
    if (request->body_length > 0 &&
        json_parse(request->body, request->body_length, &body, &problem) != ST_OK) {
        return control_fail_status(out, ST_INVALID, &problem);
    }
    ahead.now = instant_plus(request->now, sandbox->world.clock_ahead_ms);
    world_advance(&sandbox->world, ahead.now);
    status = route(sandbox, &ahead, body, out);
    json_free(body);
    return status;
}
