/*
 * control_order.c - /control/orders: plays the address and wallet widgets, and orders declines and
 * unusual payments.
 *
 * An order reference starts as a Draft with the constraints that are asked for; only the seller's
 * calls confirm it. See control.h.
 */
#include <stdio.h>
#include <string.h>

#include "mws/sandbox/control_parts.h"
#include "mws/sandbox/ledger.h"
#include "mws/sandbox/order.h"
#include "mws/sandbox/payment.h"

static int show(struct text *out, int status, const struct order *order)
{
    text_add_json(out, order_json(order));
    text_add(out, "\n");
    return status;
}

static void read_bool(const struct json *body, const char *key, bool *value)
{
    (void)json_as_bool(json_get(body, key), value);
}

static int create(struct world *world, const struct json *body, struct instant now,
                  struct text *out)
{
    const char *seller_id = json_as_string(json_get(body, "seller"));
    const char *code = json_as_string(json_get(body, "currency"));
    const char *id = json_as_string(json_get(body, "id"));
    const char *environment = json_as_string(json_get(body, "environment"));
    const struct currency *currency = currency_find(code != NULL ? code : "JPY");
    bool live = environment != NULL ? strcmp(environment, "live") == 0 : id != NULL && id[0] == 'P';
    struct seller *seller;
    struct order *order;
    struct problem problem;
    enum status status;

    if (seller_id == NULL || seller_id[0] == '\0' || strlen(seller_id) > 64) {
        return control_fail(out, 400, "\"seller\" must be the seller's id");
    }
    if (currency == NULL) {
        return control_fail(out, 400, "\"currency\" is not one that Amazon Pay has");
    }
    if ((environment != NULL && !live && strcmp(environment, "sandbox") != 0) ||
        (id != NULL && strlen(id) >= OBJECT_ID_MAX / 2)) {
        return control_fail(out, 400, "\"environment\" must be sandbox or live, \"id\" is short");
    }
    seller = world_seller(world, seller_id);
    if (seller == NULL) {
        return control_fail(out, 400, "there are too many sellers");
    }
    status = world_add_order(world, seller, live ? ENVIRONMENT_LIVE : ENVIRONMENT_SANDBOX, NULL,
                             currency, id, now, &order, &problem);
    if (status != ST_OK) {
        return control_fail_status(out, status, &problem);
    }
    read_bool(body, "payment_plan", &order->payment_plan);
    read_bool(body, "shipping_address", &order->shipping_address);
    read_bool(body, "buyer_equals_seller", &order->buyer_equals_seller);
    order_plan(world, order);
    return show(out, 201, order);
}

typedef const char *order_act(struct world *world, struct order *order, const struct json *body,
                              struct instant now);

static const char *act_decline(struct world *world, struct order *order, const struct json *body,
                               struct instant now)
{
    static const char *const kinds[] = {
        [TRANSACTION_AUTHORIZATION] = "authorization",
        [TRANSACTION_CAPTURE] = "capture",
        [TRANSACTION_REFUND] = "refund",
    };
    const char *of = json_as_string(json_get(body, "of"));
    struct decline_order decline;
    const char *wrong = control_decline(body, &decline);

    (void)now;
    if (wrong != NULL) {
        return wrong;
    }
    for (size_t kind = 0; kind < sizeof kinds / sizeof kinds[0]; kind++) {
        if (strcmp(of != NULL ? of : "authorization", kinds[kind]) == 0) {
            order->decline[kind] = decline;
            world->changed = true;
            return NULL;
        }
    }
    return "\"of\" must be authorization, capture or refund";
}

static const char *act_atypical(struct world *world, struct order *order, const struct json *body,
                                struct instant now)
{
    int64_t count;
    const char *wrong = control_count(body, &count);

    (void)now;
    if (wrong == NULL) {
        order->atypical_count = count;
        world->changed = true;
    }
    return wrong;
}

static const char *act_payment_method(struct world *world, struct order *order,
                                      const struct json *body, struct instant now)
{
    bool valid = true;

    read_bool(body, "valid", &valid);
    world->changed = true;
    if (valid) {
        order->payment_plan = true;
        order_mend_method(world, order, now);
    } else {
        order->payment_method_valid = false;
    }
    return NULL;
}

static const char *act_shipping_address(struct world *world, struct order *order,
                                        const struct json *body, struct instant now)
{
    (void)body;
    (void)now;
    order->shipping_address = true;
    world->changed = true;
    return NULL;
}

static const char *act_close(struct world *world, struct order *order, const struct json *body,
                             struct instant now)
{
    (void)body;
    order_move(world, order, MWS_STATE_CLOSED, MWS_REASON_AMAZON_CLOSED, now);
    return NULL;
}

static const char *act_cancel(struct world *world, struct order *order, const struct json *body,
                              struct instant now)
{
    (void)body;
    order_move(world, order, MWS_STATE_CANCELED, MWS_REASON_AMAZON_CANCELED, now);
    return NULL;
}

/* In Seller Central somebody captures what is authorized: under a reference of Amazon's making. */
static const char *act_capture(struct world *world, struct order *order, const struct json *body,
                               struct instant now)
{
    const char *amount = json_as_string(json_get(body, "amount"));
    struct authorization *authorization = order->first;

    while (authorization != NULL && authorization->t.state != MWS_STATE_OPEN) {
        authorization = authorization->next_in_order;
    }
    if (authorization == NULL) {
        return "it has no Open authorization";
    }
    struct wish wish = {.target = authorization->t.id,
                        .reference = authorization->t.id,
                        .note = "",
                        .soft_descriptor = "",
                        .currency = authorization->t.currency,
                        .units = authorization->t.units};
    if (amount != NULL && (!amount_parse(amount, wish.currency, &wish.units) || wish.units == 0 ||
                           wish.units > authorization->t.units)) {
        return "\"amount\" must be an amount as a string, at most the authorization's";
    }
    (void)payment_capture(world, authorization, &wish, now);
    return NULL;
}

struct order_row {
    const char *name;
    order_act *act;
};

static const struct order_row order_rows[] = {
    {"decline", act_decline},
    {"atypical", act_atypical},
    {"payment-method", act_payment_method},
    {"shipping-address", act_shipping_address},
    {"close", act_close},
    {"cancel", act_cancel},
    {"capture", act_capture},
};

static int act_on(struct world *world, const struct control_request *request, struct order *order,
                  const char *name, const struct json *body, struct text *out)
{
    for (size_t i = 0; i < sizeof order_rows / sizeof order_rows[0]; i++) {
        const char *wrong;
        if (strcmp(name, order_rows[i].name) != 0) {
            continue;
        }
        if (strcmp(request->method, "POST") != 0) {
            return control_fail(out, 405, "use POST");
        }
        wrong = order_rows[i].act(world, order, body, request->now);
        return wrong != NULL ? control_fail(out, 400, wrong) : show(out, 200, order);
    }
    return control_fail(out, 404, "there is no such request");
}

int control_orders(struct world *world, const struct control_request *request, const char *rest,
                   const struct json *body, struct text *out)
{
    const char *slash;
    size_t length;
    char id[OBJECT_ID_MAX];
    struct order *order;

    if (rest[0] == '\0') {
        return strcmp(request->method, "POST") == 0 ? create(world, body, request->now, out)
                                                    : control_fail(out, 405, "use POST");
    }
    rest++;
    slash = strchr(rest, '/');
    length = slash != NULL ? (size_t)(slash - rest) : strlen(rest);
    (void)snprintf(id, sizeof id, "%.*s", length < sizeof id ? (int)length : 0, rest);
    order = world_find_order(world, id);
    if (order == NULL) {
        return control_fail(out, 404, "there is no such order reference");
    }
    if (slash != NULL) {
        return act_on(world, request, order, slash + 1, body, out);
    }
    return strcmp(request->method, "GET") == 0 ? show(out, 200, order)
                                               : control_fail(out, 405, "use GET");
}
