/* people.c - see people.h. Customers, and orders until they are answered. */
#include "tests/sim/people.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "tests/sim/amazon.h"
#include "tests/sim/people_parts.h"
#include "tests/sim/sim_door.h"

#define AGAIN_MIN_US   (20 * SECOND_US)
#define AGAIN_MAX_US   (10 * MINUTE_US)
#define BUSY_TRIES_MAX 40 /* it may be a bound that stays: too many subscriptions */

struct people *people_new(struct sim *sim)
{
    struct people *people = calloc(1, sizeof *people);
    ENSURE(people != NULL);
    people->sim = sim;
    people->operator_acts.run = operator_acts;
    people->operator_acts.arg = people;
    people->buyer_acts.run = buyer_acts;
    people->buyer_acts.arg = people;
    people->warehouse.run = warehouse_looks;
    people->warehouse.arg = people;
    return people;
}

void people_free(struct people *people)
{
    for (uint32_t i = 0; i < people->count; i++) {
        free(people->customers[i]);
    }
    free(people->customers);
    names_free(&people->parcels);
    free(people);
}

struct customer *people_add(struct people *people, bool is_open)
{
    struct customer *customer = calloc(1, sizeof *customer);
    ENSURE(customer != NULL);
    if (people->count == people->room) {
        people->room = people->room == 0 ? 64 : 2 * people->room;
        people->customers = realloc(people->customers, people->room * sizeof(struct customer *));
        ENSURE(people->customers != NULL);
    }
    people->customers[people->count++] = customer;
    customer->number = people->count;
    customer->seller = customer->number % people->sim->options.sellers;
    (void)snprintf(customer->agreement_id, sizeof customer->agreement_id, "B03-%07u-%07u",
                   customer->seller + 1, customer->number);
    amazon_agreement(people->sim->amazon, customer->agreement_id, customer->seller, is_open);
    return customer;
}

struct customer *people_any(struct people *people, struct detail *detail)
{
    return people->count == 0 ? NULL
                              : people->customers[detail_range(detail, 0, people->count - 1)];
}

/* --- orders -------------------------------------------------------------------------------- */

static void order_end(struct order *order)
{
    order->people->waiting--;
    free(order);
}

static void answered(void *arg, int status, const char *body, size_t length)
{
    struct order *order = arg;
    struct sim *sim = order->people->sim;
    bool is_bounded = status == 429 && order->tries >= BUSY_TRIES_MAX;
    bool is_later = (status == 0 || status == 429 || status == 503) && !is_bounded;
    sim_log(sim, "%s %s: %d%s%.80s", order->method, order->path, status, status >= 400 ? " " : "",
            status >= 400 ? body : "");
    if (status >= 500 && status != 503) {
        sim_fail(sim, "%s %s was answered %d: %s", order->method, order->path, status, body);
    }
    if (is_later) {
        int64_t wait_us = chance_range(&sim->chance, SITE_TRAVEL, AGAIN_MIN_US, AGAIN_MAX_US);
        order->tries++;
        queue_put(&sim->queue, &order->again, sim->now_us + wait_us);
        return;
    }
    if (order->answered != NULL) {
        order->answered(order, status, body, length);
    }
    order_end(order);
}

static void ask(void *arg)
{
    struct order *order = arg;
    door_ask(order->people->sim->door, order->method, order->path, order->body, answered, order);
}

struct order *people_order(struct people *people, struct customer *customer, const char *path,
                           const char *body, order_answered *done)
{
    struct order *order = calloc(1, sizeof *order);
    char seller_id[SIM_SELLER_BYTES];
    ENSURE(order != NULL);
    sim_seller_id(customer->seller, seller_id);
    *order = (struct order){.people = people,
                            .customer = customer,
                            .method = body == NULL ? "GET" : "POST",
                            .answered = done};
    order->again.run = ask;
    order->again.arg = order;
    int length = snprintf(order->path, sizeof order->path, "/v1/sellers/%s/%s", seller_id, path);
    ENSURE(length < (int)sizeof order->path);
    length = snprintf(order->body, sizeof order->body, "%s", body == NULL ? "" : body);
    ENSURE(length < (int)sizeof order->body);
    people->waiting++;
    queue_put(&people->sim->queue, &order->again, people->sim->now_us);
    return order;
}

uint32_t people_waiting(const struct people *people)
{
    return people->waiting;
}

/* --- what a buyer does at Amazon ------------------------------------------------------------- */

struct errand {
    struct sim *sim;
    char agreement_id[24];
    const char *act, *json;
};

static void do_errand(void *arg)
{
    struct errand *errand = arg;
    sim_log(errand->sim, "buyer %s: %s %s", errand->agreement_id, errand->act, errand->json);
    amazon_act(errand->sim->amazon, errand->agreement_id, errand->act, errand->json);
    free(errand);
}

void people_at_amazon(struct people *people, struct customer *customer, int64_t delay_us,
                      const char *act, const char *json)
{
    struct errand *errand = calloc(1, sizeof *errand);
    ENSURE(errand != NULL);
    *errand = (struct errand){.sim = people->sim, .act = act, .json = json};
    memcpy(errand->agreement_id, customer->agreement_id, sizeof errand->agreement_id);
    queue_once(&people->sim->queue, people->sim->now_us + delay_us, do_errand, errand);
}

/* --- begin and end --------------------------------------------------------------------------- */

struct arrival {
    struct people *people;
    uint64_t seed;
};

static void arrive(void *arg)
{
    struct arrival *arrival = arg;
    struct people *people = arrival->people;
    struct detail detail = {arrival->seed};
    bool is_draft = !people->sim->options.monthly_only && detail_chance(&detail, 15);
    struct customer *customer = people_add(people, !is_draft);
    people_register(people, customer, is_draft);
    people_subscribe(people, customer, &detail);
    free(arrival);
}

void people_begin(struct people *people)
{
    struct sim *sim = people->sim;
    for (uint32_t i = 0; i < sim->options.subscriptions; i++) {
        struct arrival *arrival = calloc(1, sizeof *arrival);
        ENSURE(arrival != NULL);
        *arrival = (struct arrival){people, chance_draw(&sim->chance, SITE_WORLD)};
        int64_t at_us = chance_range(&sim->chance, SITE_WORLD, MINUTE_US, 2 * DAY_US);
        queue_once(&sim->queue, sim->now_us + at_us, arrive, arrival);
    }
    if (!sim->options.monthly_only) {
        queue_put(&sim->queue, &people->operator_acts, sim->now_us + DAY_US);
        queue_put(&sim->queue, &people->buyer_acts, sim->now_us + 2 * DAY_US);
        queue_put(&sim->queue, &people->warehouse, sim->now_us + DAY_US);
    }
}

void people_rest(struct people *people)
{
    people->is_resting = true;
    queue_remove(&people->sim->queue, &people->operator_acts);
    queue_remove(&people->sim->queue, &people->buyer_acts);
    queue_remove(&people->sim->queue, &people->warehouse);
    for (uint32_t i = 0; i < people->count; i++) {
        people_at_amazon(people, people->customers[i], 0, "payment-method", "{\"valid\":true}");
    }
}
