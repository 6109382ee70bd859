/*
 * people_ships.c - the shop's warehouse: twice a day it asks which charges are authorized, and
 * decides what becomes of each that is new to it. Most are shipped within days, some so late that
 * the authorization has expired, some are given up, some shipped and given up, some forgotten. What
 * is authorized again after that is new to it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "mws/edge/json.h"
#include "tests/sim/people_parts.h"

#define LOOKS_EVERY_US (DAY_US / 2)
#define LISTED_MAX     "50"

struct parcel {
    char charge_id[32];
    struct people *people;
    struct customer *customer; /* of its seller */
    bool is_decided;
};

/* What was decided is done. */
struct errand {
    struct parcel *parcel;
    const char *word;
};

static void say_word(void *arg)
{
    struct errand *errand = arg;
    struct parcel *parcel = errand->parcel;
    char path[PATH_BYTES];
    (void)snprintf(path, sizeof path, "charges/%s/%s", parcel->charge_id, errand->word);
    parcel->is_decided = false;
    if (!parcel->people->is_resting) {
        people_order(parcel->people, parcel->customer, path, "", NULL);
    }
    free(errand);
}

static void say_later(struct parcel *parcel, const char *word, int64_t delay_us)
{
    struct errand *errand = calloc(1, sizeof *errand);
    ENSURE(errand != NULL);
    *errand = (struct errand){parcel, word};
    queue_once(&parcel->people->sim->queue, parcel->people->sim->now_us + delay_us, say_word,
               errand);
}

static void decide(struct parcel *parcel)
{
    struct chance *chance = &parcel->people->sim->chance;
    bool is_done = chance_acts(chance, SITE_WAREHOUSE);
    struct detail detail = chance_detail(chance, SITE_WAREHOUSE);
    int64_t percent = detail_range(&detail, 0, 99);
    parcel->is_decided = true;
    if (!is_done || percent >= 95) {
        return; /* forgotten */
    }
    if (percent < 60) {
        say_later(parcel, "ship", detail_range(&detail, 0, 3 * DAY_US));
    } else if (percent < 80) {
        say_later(parcel, "ship", detail_range(&detail, 3 * DAY_US, 45 * DAY_US));
    } else if (percent < 90) {
        say_later(parcel, "void", detail_range(&detail, 0, 35 * DAY_US));
    } else { /* nearly together, in either order */
        say_later(parcel, "ship", DAY_US + detail_range(&detail, 0, MINUTE_US));
        say_later(parcel, "void", DAY_US + detail_range(&detail, 0, MINUTE_US));
    }
}

static struct parcel *parcel_of(struct people *people, struct customer *customer, const char *id)
{
    struct parcel *parcel = names_find(&people->parcels, id);
    if (parcel == NULL) {
        parcel = calloc(1, sizeof *parcel);
        ENSURE(parcel != NULL);
        *parcel = (struct parcel){.people = people, .customer = customer};
        (void)snprintf(parcel->charge_id, sizeof parcel->charge_id, "%s", id);
        names_add(&people->parcels, parcel->charge_id, parcel);
    }
    return parcel;
}

static void listed(struct order *order, int status, const char *body, size_t length)
{
    struct json *root = NULL;
    struct problem problem;
    if (status != 200 || json_parse(body, length, &root, &problem) != ST_OK) {
        return;
    }
    const struct json *charges = json_get(root, "charges");
    for (size_t i = 0; i < json_length(charges); i++) {
        const char *id = json_as_string(json_get(json_at(charges, i), "charge_id"));
        struct parcel *parcel = parcel_of(order->people, order->customer, id);
        if (!parcel->is_decided && !order->people->is_resting) {
            decide(parcel);
        }
    }
    json_free(root);
}

void warehouse_looks(void *arg)
{
    struct people *people = arg;
    struct sim *sim = people->sim;
    for (uint32_t seller = 0; seller < sim->options.sellers; seller++) {
        for (uint32_t i = 0; i < people->count; i++) {
            if (people->customers[i]->seller == seller) {
                people_order(people, people->customers[i],
                             "charges?state=authorized&max=" LISTED_MAX, NULL, listed);
                break;
            }
        }
    }
    queue_put(&sim->queue, &people->warehouse, sim->now_us + LOOKS_EVERY_US);
}
