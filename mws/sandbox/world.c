/*
 * world.c - memory, ids and look-ups. See world.h.
 */
#include "mws/sandbox/world.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "billing/civil.h"
#include "billing/ensure.h"

#define DAY_MS 86400000

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

static char *copy(const char *text)
{
    char *result = strdup(text != NULL ? text : "");

    ENSURE(result != NULL);
    return result;
}

void text_replace(char **owned, const char *value)
{
    char *replaced = copy(value);

    free(*owned);
    *owned = replaced;
}

void world_init(struct world *world)
{
    *world = (struct world){.next_number = 1};
}

static void free_group(struct order_group *group)
{
    free(group->seller_order_id);
    free(group);
}

static void free_seller(struct seller *seller)
{
    for (int e = 0; e < ENVIRONMENT_COUNT; e++) {
        struct order_group *group;
        size_t at = 0;
        while ((group = table_next(&seller->order_groups[e], &at)) != NULL) {
            free_group(group);
        }
        table_free(&seller->order_groups[e]);
        table_free(&seller->references[e]);
    }
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

static void free_authorization(struct authorization *authorization)
{
    struct charge *charge = &authorization->charge;

    free(charge->note);
    free(charge->soft_descriptor);
    free(charge->seller_note);
    free(charge->platform_id);
    free(charge->seller_order_id);
    free(charge->store_name);
    free(charge->custom_information);
    free(authorization);
}

void world_free(struct world *world)
{
    struct seller *seller;
    size_t at = 0;

    while ((seller = table_next(&world->sellers, &at)) != NULL) {
        free_seller(seller);
    }
    while (world->first_agreement != NULL) {
        struct agreement *next = world->first_agreement->next;
        free_agreement(world->first_agreement);
        world->first_agreement = next;
    }
    while (world->first_authorization != NULL) {
        struct authorization *next = world->first_authorization->next;
        free_authorization(world->first_authorization);
        world->first_authorization = next;
    }
    table_free(&world->sellers);
    table_free(&world->agreements);
    table_free(&world->authorizations);
    table_free(&world->orders);
}

struct seller *world_find_seller(const struct world *world, const char *id)
{
    return table_get(&world->sellers, id);
}

struct seller *world_seller(struct world *world, const char *id)
{
    struct seller *seller = world_find_seller(world, id);

    if (seller != NULL || world->sellers.count >= SELLERS_MAX) {
        return seller;
    }
    seller = allocate(sizeof *seller);
    seller->id = copy(id);
    table_put(&world->sellers, seller->id, seller);
    return seller;
}

/* "C03-1234567-1234567": the letter tells kind and environment, 03 the region. */
static void make_id(struct world *world, char letter, const struct currency *currency,
                    char id[OBJECT_ID_MAX])
{
    uint64_t number = world->next_number++ * ID_STEP % ID_MODULUS;

    (void)snprintf(id, OBJECT_ID_MAX, "%c%02d-%07" PRIu64 "-%07" PRIu64, letter, currency->region,
                   number / 10000000, number % 10000000);
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
    if (id != NULL && id[0] != '\0') {
        (void)snprintf(agreement->id, sizeof agreement->id, "%s", id);
    } else {
        make_id(world, environment == ENVIRONMENT_LIVE ? 'B' : 'C', currency, agreement->id);
    }
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
    agreement->next_change_at = INSTANT_NEVER;
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

struct authorization *world_find_authorization(const struct world *world, const char *id)
{
    return table_get(&world->authorizations, id);
}

struct authorization *world_find_order(const struct world *world, const char *order_id)
{
    return table_get(&world->orders, order_id);
}

struct authorization *world_find_reference(const struct seller *seller, int environment,
                                           const char *reference)
{
    return table_get(&seller->references[environment], reference);
}

struct order_group *world_find_group(const struct seller *seller, int environment,
                                     const char *seller_order_id)
{
    return table_get(&seller->order_groups[environment], seller_order_id);
}

static void join_group(struct authorization *authorization)
{
    const struct agreement *agreement = authorization->agreement;
    const char *key = authorization->charge.seller_order_id;
    struct order_group *group;

    if (key[0] == '\0') {
        return;
    }
    group = world_find_group(agreement->seller, agreement->environment, key);
    if (group == NULL) {
        group = allocate(sizeof *group);
        group->seller_order_id = copy(key);
        table_put(&agreement->seller->order_groups[agreement->environment], group->seller_order_id,
                  group);
    }
    if (group->last != NULL) {
        group->last->next_in_group = authorization;
    } else {
        group->first = authorization;
    }
    group->last = authorization;
}

static void make_ids(struct world *world, struct authorization *authorization)
{
    const struct agreement *agreement = authorization->agreement;
    unsigned child = (unsigned)(world->next_number * CHILD_STEP % CHILD_LIMIT);

    make_id(world, agreement->environment == ENVIRONMENT_LIVE ? 'P' : 'S', agreement->currency,
            authorization->order_id);
    (void)snprintf(authorization->id, sizeof authorization->id, "%.40s-A%06u",
                   authorization->order_id, child);
}

void world_add_authorization(struct world *world, struct authorization *authorization)
{
    const struct agreement *agreement = authorization->agreement;

    if (authorization->id[0] == '\0') {
        make_ids(world, authorization);
    }
    table_put(&world->authorizations, authorization->id, authorization);
    table_put(&world->orders, authorization->order_id, authorization);
    table_put(&agreement->seller->references[agreement->environment], authorization->reference,
              authorization);
    join_group(authorization);
    if (world->last_authorization != NULL) {
        world->last_authorization->next = authorization;
    } else {
        world->first_authorization = authorization;
    }
    world->last_authorization = authorization;
    world->totals.authorizations++;
    world->changed = true;
}

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

void world_count_capture(struct world *world, const struct authorization *authorization)
{
    const struct agreement *agreement = authorization->agreement;
    const struct charge *charge = &authorization->charge;
    struct currency_total *total = total_of(&world->totals, charge->currency);
    struct order_group *group =
        world_find_group(agreement->seller, agreement->environment, charge->seller_order_id);

    world->totals.captures++;
    total->captures++;
    total->captured_units += charge->units;
    if (group == NULL) {
        world->totals.captures_without_order_id++;
    } else if (++group->captures > 1) {
        world->totals.double_charged++;
    }
}

int32_t month_of(struct instant at)
{
    int64_t days = at.utc_ms / DAY_MS - (at.utc_ms % DAY_MS < 0 ? 1 : 0);
    struct civil_date date = civil_from_days(days);

    return (date.year - 1970) * 12 + date.month - 1;
}

struct instant month_start(int32_t month)
{
    struct civil_date date = {.year = 1970 + month / 12, .month = month % 12 + 1, .day = 1};

    return (struct instant){civil_to_days(date) * DAY_MS};
}

static struct period *find_period(const struct agreement *agreement, int32_t month)
{
    /* Nearly always the last one. */
    for (size_t i = agreement->period_count; i-- > 0;) {
        if (agreement->periods[i].month == month) {
            return &agreement->periods[i];
        }
    }
    return NULL;
}

int64_t agreement_authorized(const struct agreement *agreement, int32_t month)
{
    const struct period *period = find_period(agreement, month);

    return period != NULL ? period->authorized_units : 0;
}

void agreement_authorize(struct agreement *agreement, int32_t month, int64_t units_change)
{
    struct period *period = find_period(agreement, month);

    if (period == NULL) {
        struct period *more =
            realloc(agreement->periods, (agreement->period_count + 1) * sizeof *agreement->periods);
        ENSURE(more != NULL);
        agreement->periods = more;
        period = &more[agreement->period_count++];
        *period = (struct period){.month = month};
    }
    period->authorized_units += units_change;
}
