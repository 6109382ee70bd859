/*
 * world.c - memory, ids and look-ups. See world.h.
 */
#include "mws/sandbox/world.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"

/* Two multipliers that share no factor with 10: the numbers look random and never repeat. */
#define ID_STEP     48271000003U
#define ID_MODULUS  100000000000000U
#define CHILD_STEP  786433U
#define CHILD_LIMIT 1000000U

static void *allocate(size_t bytes)
{
    void *memory = calloc(1, bytes);

    ENSURE(memory != NULL);
    return memory;
}

void text_replace(char **owned, const char *value)
{
    char *replaced = value != NULL && value[0] != '\0' ? strdup(value) : NULL;

    ENSURE(replaced != NULL || value == NULL || value[0] == '\0');
    free(*owned);
    *owned = replaced;
}

void world_init(struct world *world)
{
    *world = (struct world){
        .next_number = 1,
        .rules = rules_default(),
        .service = {.status = MWS_SERVICE_GREEN},
    };
}

/* --- freeing ---------------------------------------------------------------------------------- */

void notifications_clear(struct notification_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].url);
    }
    *list = (struct notification_list){0};
}

static void free_seller(struct seller *seller)
{
    for (int e = 0; e < ENVIRONMENT_COUNT; e++) {
        struct order_group *group;
        size_t at = 0;
        while ((group = table_next(&seller->order_groups[e], &at)) != NULL) {
            free(group->seller_order_id);
            free(group);
        }
        table_clear(&seller->order_groups[e]);
        for (int kind = 0; kind < TRANSACTION_KINDS; kind++) {
            table_clear(&seller->references[e][kind]);
        }
        notifications_clear(&seller->notifications[e]);
    }
    free(seller->notice_url);
    free(seller->id);
    free(seller);
}

static void free_agreement(struct agreement *agreement)
{
    free(agreement->periods);
    free(agreement->closure_reason);
    free(agreement->seller_note);
    free(agreement->platform_id);
    free(agreement->seller_agreement_id);
    free(agreement->store_name);
    free(agreement->custom_information);
    free(agreement);
}

static void free_order(struct order *order)
{
    free(order->closure_reason);
    free(order->seller_note);
    free(order->platform_id);
    free(order->seller_order_id);
    free(order->store_name);
    free(order->custom_information);
    free(order->supplementary_data);
    free(order->provider_id);
    free(order->provider_order_id);
    free(order->item_categories);
    free(order);
}

void transaction_free(struct transaction *transaction)
{
    if (transaction->kind == TRANSACTION_AUTHORIZATION) {
        free(((struct authorization *)transaction)->shares.items);
    } else if (transaction->kind == TRANSACTION_REFUND) {
        free(((struct refund *)transaction)->shares.items);
    }
    free(transaction->asked);
    free(transaction->first_answer);
    free(transaction->note);
    free(transaction->soft_descriptor);
    free(transaction);
}

void world_free(struct world *world)
{
    free(world->service.message);
    for (struct seller *next, *seller = world->first_seller; seller != NULL; seller = next) {
        next = seller->next;
        free_seller(seller);
    }
    for (struct agreement *next, *a = world->first_agreement; a != NULL; a = next) {
        next = a->next;
        free_agreement(a);
    }
    for (struct order *next, *order = world->first_order; order != NULL; order = next) {
        next = order->next;
        free_order(order);
    }
    for (struct transaction *next, *t = world->first_transaction; t != NULL; t = next) {
        next = t->next;
        transaction_free(t);
    }
    table_clear(&world->sellers);
    table_clear(&world->agreements);
    table_clear(&world->orders);
    table_clear(&world->transactions);
    agenda_free(&world->agenda);
    notice_queue_free(&world->notices);
}

/* --- sellers and agreements --------------------------------------------------------------------
 */

struct seller *world_find_seller(const struct world *world, const char *id)
{
    return table_get(&world->sellers, id);
}

struct seller *world_seller(struct world *world, const char *id)
{
    struct seller *seller = world_find_seller(world, id);

    if (seller != NULL || id[0] == '\0' || world->sellers.count >= SELLERS_MAX) {
        return seller;
    }
    seller = allocate(sizeof *seller);
    text_replace(&seller->id, id);
    seller->rules = &world->rules;
    table_put(&world->sellers, seller->id, seller);
    if (world->last_seller != NULL) {
        world->last_seller->next = seller;
    } else {
        world->first_seller = seller;
    }
    world->last_seller = seller;
    return seller;
}

/* "C03-1234567-1234567": the letter tells kind and environment, 03 the region. */
static void make_id(struct world *world, char letter, int region, char id[OBJECT_ID_MAX])
{
    uint64_t number = world->next_number++ * ID_STEP % ID_MODULUS;

    (void)snprintf(id, OBJECT_ID_MAX, "%c%02d-%07" PRIu64 "-%07" PRIu64, letter, region,
                   number / 10000000, number % 10000000);
}

static void choose_id(struct world *world, const char *wanted, char letter, int region,
                      char id[OBJECT_ID_MAX])
{
    if (wanted != NULL && wanted[0] != '\0') {
        (void)snprintf(id, OBJECT_ID_MAX, "%s", wanted);
    } else {
        make_id(world, letter, region, id);
    }
}

struct agreement *world_find_agreement(const struct world *world, const char *id)
{
    return table_get(&world->agreements, id);
}

enum status world_add_agreement(struct world *world, struct seller *seller, int environment,
                                const struct currency *currency, const char *id, struct instant now,
                                struct agreement **result, struct problem *problem)
{
    struct agreement *agreement = allocate(sizeof *agreement);

    *result = NULL;
    choose_id(world, id, environment == ENVIRONMENT_LIVE ? 'B' : 'C', currency->region,
              agreement->id);
    if (world_find_agreement(world, agreement->id) != NULL) {
        enum status status =
            problem_set(problem, ST_CONFLICT, "there is already an agreement %s", agreement->id);
        free(agreement);
        return status;
    }
    agreement->seller = seller;
    agreement->environment = environment;
    agreement->currency = currency;
    agreement->state = MWS_STATE_DRAFT;
    agreement->created_at = now;
    agreement->updated_at = now;
    agreement->consent = true;
    agreement->payment_plan = true;
    agreement->shipping_address = true;
    agreement->payment_method_valid = true;
    agreement->limit_units = currency->month_units_max;
    agreement->reopen_at = INSTANT_NEVER;
    if (world->last_agreement != NULL) {
        world->last_agreement->next = agreement;
    } else {
        world->first_agreement = agreement;
    }
    world->last_agreement = agreement;
    table_put(&world->agreements, agreement->id, agreement);
    world->changed = true;
    *result = agreement;
    return ST_OK;
}

/* --- order references ------------------------------------------------------------------------ */

struct order *world_find_order(const struct world *world, const char *id)
{
    return table_get(&world->orders, id);
}

struct order_group *world_find_group(const struct seller *seller, int environment,
                                     const char *seller_order_id)
{
    return seller_order_id != NULL ? table_get(&seller->order_groups[environment], seller_order_id)
                                   : NULL;
}

int region_of(const char *id, const struct currency *currency)
{
    if (strspn(id + (id[0] != '\0'), "0123456789") == 2 && id[3] == '-') {
        return (id[1] - '0') * 10 + (id[2] - '0');
    }
    return currency->region;
}

enum status world_add_order(struct world *world, struct seller *seller, int environment,
                            struct agreement *agreement, const struct currency *currency,
                            const char *id, struct instant now, struct order **result,
                            struct problem *problem)
{
    struct order *order = allocate(sizeof *order);

    *result = NULL;
    choose_id(world, id, environment == ENVIRONMENT_LIVE ? 'P' : 'S',
              region_of(agreement != NULL ? agreement->id : "", currency), order->id);
    if (world_find_order(world, order->id) != NULL) {
        enum status status =
            problem_set(problem, ST_CONFLICT, "there is already an order reference %s", order->id);
        free(order);
        return status;
    }
    order->number = world->orders.count;
    order->seller = seller;
    order->environment = environment;
    order->agreement = agreement;
    order->currency = currency;
    order->state = MWS_STATE_DRAFT;
    order->created_at = now;
    order->updated_at = now;
    order->payment_plan = true;
    order->shipping_address = true;
    order->needs_address = true;
    order->payment_method_valid = true;
    order->reopen_at = INSTANT_NEVER;
    order->authorize_by = INSTANT_NEVER;
    if (agreement != NULL) {
        order->next_of_agreement = agreement->last_order;
        agreement->last_order = order;
    }
    if (world->last_order != NULL) {
        world->last_order->next = order;
    } else {
        world->first_order = order;
    }
    world->last_order = order;
    table_put(&world->orders, order->id, order);
    world->changed = true;
    *result = order;
    return ST_OK;
}

/* The captured orders of a group change by `change`. */
static void count_in_group(struct world *world, struct order_group *group, int change)
{
    uint64_t before = group->captured_orders > 1 ? group->captured_orders - 1 : 0;

    group->captured_orders += (uint64_t)change;
    world->totals.double_charged -= before;
    world->totals.double_charged += group->captured_orders > 1 ? group->captured_orders - 1 : 0;
}

static void leave_group(struct order_group *group, const struct order *order)
{
    struct order *previous = NULL;
    struct order **at = &group->first;

    while (*at != order) {
        previous = *at;
        at = &(*at)->next_in_group;
    }
    *at = order->next_in_group;
    if (group->last == order) {
        group->last = previous;
    }
}

static struct order_group *group_of(struct order *order)
{
    struct order_group *group =
        world_find_group(order->seller, order->environment, order->seller_order_id);

    if (group == NULL) {
        group = allocate(sizeof *group);
        text_replace(&group->seller_order_id, order->seller_order_id);
        table_put(&order->seller->order_groups[order->environment], group->seller_order_id, group);
    }
    return group;
}

/* Oldest first; nearly always that is at the end. */
static void join_group(struct order_group *group, struct order *order)
{
    struct order **at = &group->first;

    if (group->last != NULL && group->last->number < order->number) {
        at = &group->last->next_in_group;
    }
    while (*at != NULL && (*at)->number < order->number) {
        at = &(*at)->next_in_group;
    }
    order->next_in_group = *at;
    *at = order;
    if (order->next_in_group == NULL) {
        group->last = order;
    }
}

void order_set_seller_order_id(struct world *world, struct order *order, const char *value)
{
    struct order_group *group =
        world_find_group(order->seller, order->environment, order->seller_order_id);
    int captured = order->captures > 0;

    if (group != NULL) {
        leave_group(group, order);
        count_in_group(world, group, -captured);
        world->totals.captures_without_order_id += order->captures;
    }
    text_replace(&order->seller_order_id, value);
    if (order->seller_order_id != NULL) {
        group = group_of(order);
        join_group(group, order);
        count_in_group(world, group, captured);
        world->totals.captures_without_order_id -= order->captures;
    }
    world->changed = true;
}

/* --- transactions ---------------------------------------------------------------------------- */

struct transaction *world_find_transaction(const struct world *world, const char *id)
{
    return table_get(&world->transactions, id);
}

struct transaction *world_find_reference(const struct seller *seller, int environment,
                                         enum transaction_kind kind, const char *reference)
{
    return table_get(&seller->references[environment][kind], reference);
}

/* "S03-1234567-1234567-A123456": the order's id and a letter for the kind. */
static void make_child_id(struct world *world, struct transaction *transaction)
{
    static const char letters[TRANSACTION_KINDS + 1] = "ACRPQ";

    do {
        unsigned child = (unsigned)(world->next_number++ * CHILD_STEP % CHILD_LIMIT);
        (void)snprintf(transaction->id, sizeof transaction->id, "%.40s-%c%06u",
                       transaction->order->id, letters[transaction->kind], child);
    } while (world_find_transaction(world, transaction->id) != NULL);
}

void world_add_transaction(struct world *world, struct transaction *transaction)
{
    const struct order *order = transaction->order;

    if (transaction->id[0] == '\0') {
        make_child_id(world, transaction);
    }
    table_put(&world->transactions, transaction->id, transaction);
    if (transaction->reference[0] != '\0' && transaction->asked != NULL) {
        table_set(&order->seller->references[order->environment][transaction->kind],
                  transaction->reference, transaction);
    }
    if (world->last_transaction != NULL) {
        world->last_transaction->next = transaction;
    } else {
        world->first_transaction = transaction;
    }
    world->last_transaction = transaction;
    world->totals.authorizations += transaction->kind == TRANSACTION_AUTHORIZATION;
    world->changed = true;
}

/* --- totals ---------------------------------------------------------------------------------- */

static struct currency_total *total_of(struct totals *totals, const struct currency *currency)
{
    for (size_t i = 0; i < totals->currency_count; i++) {
        if (totals->by_currency[i].currency == currency) {
            return &totals->by_currency[i];
        }
    }
    ENSURE(totals->currency_count < CURRENCY_TOTALS_MAX);
    totals->by_currency[totals->currency_count].currency = currency;
    return &totals->by_currency[totals->currency_count++];
}

void world_count_capture(struct world *world, const struct capture *capture)
{
    struct order *order = capture->t.order;
    struct currency_total *total = total_of(&world->totals, capture->t.currency);
    struct order_group *group =
        world_find_group(order->seller, order->environment, order->seller_order_id);

    order->captured_units += capture->t.units;
    order->captures++;
    world->totals.captures++;
    total->captures++;
    total->captured_units += capture->t.units;
    if (group == NULL) {
        world->totals.captures_without_order_id++;
    } else if (order->captures == 1) {
        count_in_group(world, group, 1);
    }
}

void world_count_refund(struct world *world, const struct refund *refund)
{
    struct currency_total *total = total_of(&world->totals, refund->t.currency);

    refund->capture->refunded_units += refund->t.units;
    world->totals.refunds++;
    total->refunds++;
    total->refunded_units += refund->t.units;
}
