/* people_parts.h - private to people.c and people_acts.c: customers, and orders on their way. */
#ifndef TESTS_SIM_PEOPLE_PARTS_H
#define TESTS_SIM_PEOPLE_PARTS_H

#include "tests/sim/chance.h"
#include "tests/sim/names.h"
#include "tests/sim/people.h"
#include "tests/sim/queue.h"
#include "tests/sim/sim.h"

#define PATH_BYTES 160
#define BODY_BYTES 768
#define KEYS_MAX   4 /* subscriptions of one customer */

/* A buyer with one agreement. */
struct customer {
    uint32_t number;
    uint32_t seller;
    char agreement_id[24];
    bool is_registered;
    bool is_gone; /* the agreement was closed */
    uint32_t key_count;
    char keys[KEYS_MAX][20];
    uint32_t wanted;    /* subscriptions ordered, with or without an answer */
    uint32_t once;      /* one-offs ordered */
    char charge_id[32]; /* of the latest one that was acknowledged */
    bool has_used_key;  /* the first one-off's key was acknowledged */
    uint32_t refunds;   /* ordered */
};

struct order;
/* A final answer: neither lost nor "later". */
typedef void order_answered(struct order *order, int status, const char *body, size_t length);

struct order {
    struct people *people;
    struct customer *customer;
    struct queue_entry again;
    uint32_t tries;
    const char *method;
    char path[PATH_BYTES];
    char body[BODY_BYTES];
    order_answered *answered; /* or NULL */
    void *arg;                /* what it wants */
};

struct people {
    struct sim *sim;
    struct customer **customers;
    uint32_t count, room;
    uint32_t waiting;
    struct queue_entry operator_acts, buyer_acts;
    struct queue_entry warehouse;
    struct names parcels; /* charges that the warehouse has seen */
    bool is_resting;
};

/* people.c */
struct customer *people_add(struct people *people, bool is_open);
struct customer *people_any(struct people *people, struct detail *detail);
/* A request to "/v1/sellers/{the customer's}/{path}". `body` NULL = a GET. */
struct order *people_order(struct people *people, struct customer *customer, const char *path,
                           const char *body, order_answered *answered);
/* Does this to the agreement at Amazon, some time from now. */
void people_at_amazon(struct people *people, struct customer *customer, int64_t delay_us,
                      const char *act, const char *json);

/* people_acts.c */
void people_register(struct people *people, struct customer *customer, bool confirms);
void people_subscribe(struct people *people, struct customer *customer, struct detail *detail);
void operator_acts(void *people);
void buyer_acts(void *people);

/* people_due.c */
/* Asks when a cycle of the subscription is due, and orders something at about that moment. */
void people_order_at_due(struct people *people, struct customer *customer, struct detail *detail);

/* people_ships.c */
void warehouse_looks(void *people);

#endif
