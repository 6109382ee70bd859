/*
 * people_acts.c - what operators and buyers do, one function and one row each.
 *
 * When the next act comes, which it is and whom it is about is drawn from the act's own strike, so
 * an act that is left out leaves the others as they were.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "billing/civil.h"
#include "billing/ensure.h"
#include "mws/edge/json.h"
#include "tests/sim/people_parts.h"
#include "tests/sim/settings.h"
#include "tests/sim/witness.h"

typedef void act(struct people *people, struct customer *customer, struct detail *detail);

struct act_row {
    uint32_t weight;
    act *act;
};

/* --- orders of the shop ---------------------------------------------------------------------- */

static void registered(struct order *order, int status, const char *body, size_t length)
{
    (void)body;
    (void)length;
    order->customer->is_registered = status == 202 || status == 409;
}

void people_register(struct people *people, struct customer *customer, bool confirms)
{
    char body[BODY_BYTES];
    (void)snprintf(body, sizeof body, "{\"agreement_id\":\"%s\"%s}", customer->agreement_id,
                   confirms ? ",\"confirm\":true" : "");
    people_order(people, customer, "agreements", body, registered);
}

/* The text of a member of a JSON answer, or "". */
static void member(const char *body, size_t length, const char *name, char *text, size_t size)
{
    struct json *root = NULL;
    struct problem problem;
    text[0] = '\0';
    if (json_parse(body, length, &root, &problem) == ST_OK) {
        const char *value = json_as_string(json_get(root, name));
        (void)snprintf(text, size, "%s", value != NULL ? value : "");
        json_free(root);
    }
}

static void subscribed(struct order *order, int status, const char *body, size_t length)
{
    struct customer *customer = order->customer;
    char key[20];
    member(body, length, "subscription_key", key, sizeof key);
    if ((status == 201 || status == 200) && customer->key_count < KEYS_MAX) {
        memcpy(customer->keys[customer->key_count++], key, sizeof key);
        witness_acknowledged(order->people->sim->witness, key);
    }
}

static void ask_subscription(struct people *people, struct customer *customer, const char *body)
{
    people_order(people, customer, "subscriptions", body, subscribed);
}

static const char *choose_unit(struct detail *detail, int64_t *yen_max)
{
    int64_t percent = detail_range(detail, 0, 99);
    *yen_max = percent < 75 ? 12000 : percent < 90 ? 5000 : percent < 95 ? 1200 : 40000;
    return percent < 75 ? "month" : percent < 90 ? "week" : percent < 95 ? "day" : "year";
}

void people_subscribe(struct people *people, struct customer *customer, struct detail *detail)
{
    static const char *const zones[] = {"Asia/Tokyo", "Asia/Tokyo", "America/New_York",
                                        "Europe/Berlin", "UTC"};
    struct instant now = sim_true_utc(people->sim);
    bool is_plain = people->sim->options.monthly_only;
    int64_t yen_max = 12000;
    const char *unit = is_plain ? "month" : choose_unit(detail, &yen_max);
    int64_t day = now.utc_ms / 86400000 + (is_plain ? 5 : detail_range(detail, -40, 20));
    struct civil_date anchor = civil_from_days((int32_t)day);
    char body[BODY_BYTES];
    int length =
        snprintf(body, sizeof body,
                 "{\"agreement_id\":\"%s\",\"amount\":\"%lld\",\"unit\":\"%s\","
                 "\"anchor\":\"%04d-%02d-%02d\",\"idempotency_key\":\"s-%u-%u\"",
                 customer->agreement_id, (long long)detail_range(detail, 100, yen_max), unit,
                 anchor.year, anchor.month, anchor.day, customer->number, customer->wanted++);
    if (!is_plain) {
        length +=
            snprintf(body + length, sizeof body - (size_t)length,
                     ",\"time\":\"%02d:%02d\",\"zone\":\"%s\"", (int)detail_range(detail, 0, 23),
                     (int)detail_range(detail, 0, 59), zones[detail_range(detail, 0, 4)]);
    }
    if (!is_plain && detail_chance(detail, 10)) {
        length += snprintf(body + length, sizeof body - (size_t)length, ",\"trial_days\":%d",
                           (int)detail_range(detail, 1, 60));
    }
    if (!is_plain && detail_chance(detail, 10)) {
        length += snprintf(body + length, sizeof body - (size_t)length, ",\"cycles\":%d",
                           (int)detail_range(detail, 1, 15));
    }
    if (!is_plain && detail_chance(detail, 10) && strcmp(unit, "month") == 0) {
        length +=
            snprintf(body + length, sizeof body - (size_t)length, ",\"last_day_of_month\":true");
    }
    if (!is_plain && detail_chance(detail, 10) && strcmp(unit, "day") != 0) {
        length += snprintf(body + length, sizeof body - (size_t)length, ",\"every\":2");
    }
    if (!is_plain && detail_chance(detail, 25)) {
        length += snprintf(body + length, sizeof body - (size_t)length, ",\"policy\":\"goods\"");
    }
    (void)snprintf(body + length, sizeof body - (size_t)length, "}");
    ask_subscription(people, customer, body);
    if (!is_plain && detail_chance(detail, 5)) {
        ask_subscription(people, customer, body); /* a double click */
    }
}

static void act_new_customer(struct people *people, struct customer *customer,
                             struct detail *detail)
{
    bool is_draft = detail_chance(detail, 20);
    (void)customer;
    customer = people_add(people, !is_draft);
    people_register(people, customer, is_draft);
    people_subscribe(people, customer, detail);
}

static void act_another_subscription(struct people *people, struct customer *customer,
                                     struct detail *detail)
{
    people_subscribe(people, customer, detail);
}

static void charged_once(struct order *order, int status, const char *body, size_t length)
{
    char id[40];
    member(body, length, "charge_id", id, sizeof id);
    if (status == 202 || status == 200) {
        witness_acknowledged(order->people->sim->witness, id);
        struct customer *customer = order->customer;
        customer->has_used_key = customer->has_used_key || strstr(order->body, "-0\"}") != NULL;
        (void)snprintf(customer->charge_id, sizeof customer->charge_id, "%.31s", id);
    }
}

static void act_charge_once(struct people *people, struct customer *customer, struct detail *detail)
{
    char body[BODY_BYTES];
    (void)snprintf(
        body, sizeof body,
        "{\"agreement_id\":\"%s\",\"amount\":\"%lld\",%s\"idempotency_key\":\"o-%u-%u\"}",
        customer->agreement_id, (long long)detail_range(detail, 1, 20000),
        detail_chance(detail, 20) ? "\"policy\":\"goods\"," : "", customer->number,
        customer->once++);
    people_order(people, customer, "charges", body, charged_once);
    if (detail_chance(detail, 10)) {
        people_order(people, customer, "charges", body, charged_once);
    }
}

/* The same key with another amount: must be refused. */
static void refused(struct order *order, int status, const char *body, size_t length)
{
    (void)length;
    if (status != 409 && status != 404 && status != 429) {
        sim_fail(order->people->sim, "a used key with another amount was answered %d: %s", status,
                 body);
    }
}

static void act_misuse_key(struct people *people, struct customer *customer, struct detail *detail)
{
    char body[BODY_BYTES];
    (void)detail;
    if (!customer->has_used_key) {
        return;
    }
    (void)snprintf(body, sizeof body,
                   "{\"agreement_id\":\"%s\",\"amount\":\"49999\",\"idempotency_key\":\"o-%u-0\"}",
                   customer->agreement_id, customer->number);
    people_order(people, customer, "charges", body, refused);
}

static void act_cancel(struct people *people, struct customer *customer, struct detail *detail)
{
    char path[PATH_BYTES];
    if (customer->key_count > 0) {
        (void)snprintf(path, sizeof path, "subscriptions/%s/cancel",
                       customer->keys[detail_range(detail, 0, customer->key_count - 1)]);
        people_order(people, customer, path,
                     detail_chance(detail, 50) ? "{\"when\":\"now\"}" : "{\"when\":\"period_end\"}",
                     NULL);
    }
}

/* A command to one of the customer's subscriptions: "pause", and its body. */
static void command(struct people *people, struct customer *customer, struct detail *detail,
                    const char *verb, const char *body)
{
    char path[PATH_BYTES];
    if (customer->key_count > 0) {
        (void)snprintf(path, sizeof path, "subscriptions/%s/%s",
                       customer->keys[detail_range(detail, 0, customer->key_count - 1)], verb);
        people_order(people, customer, path, body, NULL);
    }
}

/* {"name": "an instant so many days ahead"} */
static void body_at(struct people *people, struct detail *detail, const char *name, int64_t days,
                    char body[static BODY_BYTES])
{
    char text[INSTANT_TEXT_MAX];
    instant_format(
        instant_plus(sim_true_utc(people->sim), detail_range(detail, 1, days * 24) * 3600 * 1000),
        text);
    (void)snprintf(body, BODY_BYTES, "{\"%s\":\"%s\"}", name, text);
}

static void act_pause(struct people *people, struct customer *customer, struct detail *detail)
{
    char body[BODY_BYTES] = "{}";
    if (detail_chance(detail, 70)) {
        body_at(people, detail, "until", 90, body);
    }
    command(people, customer, detail, "pause", body);
}

static void act_resume(struct people *people, struct customer *customer, struct detail *detail)
{
    command(people, customer, detail, "resume", "");
}

static void act_uncancel(struct people *people, struct customer *customer, struct detail *detail)
{
    command(people, customer, detail, "uncancel", "");
}

static void act_skip(struct people *people, struct customer *customer, struct detail *detail)
{
    char body[BODY_BYTES];
    (void)snprintf(body, sizeof body, "{\"cycle\":%d}", (int)detail_range(detail, 1, 14));
    command(people, customer, detail, "skip", body);
}

static void act_move(struct people *people, struct customer *customer, struct detail *detail)
{
    char body[BODY_BYTES];
    body_at(people, detail, "to", 40, body);
    command(people, customer, detail, "move", body);
}

static void act_change(struct people *people, struct customer *customer, struct detail *detail)
{
    char body[BODY_BYTES];
    char from[BODY_BYTES] = "{";
    if (detail_chance(detail, 50)) {
        body_at(people, detail, "from", 60, from);
        from[strlen(from) - 1] = ',';
    }
    (void)snprintf(body, sizeof body, "%.100s\"amount\":\"%d\"}", from,
                   (int)detail_range(detail, 50, 9000));
    command(people, customer, detail, "change", body);
}

static void act_change_policy(struct people *people, struct customer *customer,
                              struct detail *detail)
{
    command(people, customer, detail, "change",
            detail_chance(detail, 50) ? "{\"policy\":\"goods\"}" : "{\"policy\":\"default\"}");
}

static void act_change_policies(struct people *people, struct customer *customer,
                                struct detail *detail)
{
    (void)customer;
    settings_change(people->sim, detail);
}

/* The shop's word about any of its cycles, whatever has become of it. */
static void act_say_word(struct people *people, struct customer *customer, struct detail *detail)
{
    char path[PATH_BYTES];
    if (customer->key_count > 0) {
        const char *key = customer->keys[detail_range(detail, 0, customer->key_count - 1)];
        (void)snprintf(path, sizeof path, "charges/%s-%d/%s", key, (int)detail_range(detail, 1, 14),
                       detail_chance(detail, 70) ? "ship" : "void");
        people_order(people, customer, path, "", NULL);
    }
}

static void act_at_due(struct people *people, struct customer *customer, struct detail *detail)
{
    people_order_at_due(people, customer, detail);
}

/* Whoever gives up everything while something is being charged. */
static void act_leave_in_flight(struct people *people, struct customer *customer,
                                struct detail *detail)
{
    char path[PATH_BYTES];
    act_charge_once(people, customer, detail);
    for (uint32_t i = 0; i < customer->key_count; i++) {
        (void)snprintf(path, sizeof path, "subscriptions/%s/cancel", customer->keys[i]);
        people_order(people, customer, path, "{\"when\":\"now\"}", NULL);
    }
}

/* Two orders of one shop race with the same key: one of them is refused. */
static void act_race_for_key(struct people *people, struct customer *customer,
                             struct detail *detail)
{
    struct customer *rivals[2] = {customer, people_any(people, detail)};
    unsigned number = (unsigned)detail_range(detail, 0, 1 << 30);
    act_charge_once(people, customer, detail); /* so that they are recorded together */
    for (unsigned i = 0; i < 2 && rivals[1]->seller == customer->seller; i++) {
        char body[BODY_BYTES];
        (void)snprintf(
            body, sizeof body,
            "{\"agreement_id\":\"%s\",\"amount\":\"%u\",\"idempotency_key\":\"r-%u-%u\"}",
            rivals[i]->agreement_id, 100 + i, customer->number, number);
        people_order(people, rivals[i], "charges", body, charged_once);
    }
}

static void act_stop(struct people *people, struct customer *customer, struct detail *detail)
{
    command(people, customer, detail, "stop", "");
}

static void act_start(struct people *people, struct customer *customer, struct detail *detail)
{
    command(people, customer, detail, "start", "");
}

static void act_refund(struct people *people, struct customer *customer, struct detail *detail)
{
    char path[PATH_BYTES];
    char body[BODY_BYTES];
    if (customer->charge_id[0] != '\0') {
        (void)snprintf(path, sizeof path, "charges/%s/refunds", customer->charge_id);
        (void)snprintf(body, sizeof body, "{\"amount\":\"%d\",\"idempotency_key\":\"r-%u-%u\"}",
                       (int)detail_range(detail, 1, 3000), customer->number, customer->refunds++);
        people_order(people, customer, path, body, NULL);
    }
}

static void act_sync(struct people *people, struct customer *customer, struct detail *detail)
{
    char path[PATH_BYTES];
    (void)detail;
    (void)snprintf(path, sizeof path, "agreements/%s/sync", customer->agreement_id);
    people_order(people, customer, path, "", NULL);
}

static void act_look(struct people *people, struct customer *customer, struct detail *detail)
{
    static const char *const paths[] = {"subscriptions?max=5", "charges?max=5&state=paid",
                                        "events?max=10", "notices?max=3", "agreements?max=2"};
    people_order(people, customer, paths[detail_range(detail, 0, 4)], NULL, NULL);
}

static const struct act_row operator_rows[] = {
    {6, act_charge_once},
    {1, act_misuse_key},
    {2, act_another_subscription},
    {2, act_new_customer},
    {3, act_cancel},
    {2, act_sync},
    {2, act_look},
    {2, act_pause},
    {3, act_resume},
    {1, act_uncancel},
    {1, act_skip},
    {1, act_move},
    {3, act_change},
    {1, act_stop},
    {3, act_start},
    {2, act_refund},
    {1, act_leave_in_flight},
    {2, act_race_for_key},
    {2, act_change_policy},
    {2, act_change_policies},
    {2, act_say_word},
    {6, act_at_due},
};

/* --- buyers, and Amazon ------------------------------------------------------------------------
 */

static void act_mend(struct people *people, struct customer *customer, struct detail *detail)
{
    (void)detail;
    people_at_amazon(people, customer, 0, "payment-method", "{\"valid\":true}");
}

static void act_break(struct people *people, struct customer *customer, struct detail *detail)
{
    people_at_amazon(people, customer, 0, "payment-method", "{\"valid\":false}");
    people_at_amazon(people, customer, detail_range(detail, HOUR_US, 40 * DAY_US), "payment-method",
                     "{\"valid\":true}");
}

static void act_decline_twice(struct people *people, struct customer *customer,
                              struct detail *detail)
{
    (void)detail;
    people_at_amazon(people, customer, 0, "decline",
                     "{\"reason\":\"InvalidPaymentMethod\",\"soft\":true,\"count\":2}");
}

static void act_close(struct people *people, struct customer *customer, struct detail *detail)
{
    (void)detail;
    customer->is_gone = true;
    people_at_amazon(people, customer, 0, "close", "{}");
}

static void act_amazon_closes(struct people *people, struct customer *customer,
                              struct detail *detail)
{
    (void)detail;
    customer->is_gone = true;
    people_at_amazon(people, customer, 0, "close", "{\"reason\":\"AmazonClosed\"}");
}

static const struct act_row buyer_rows[] = {
    {6, act_mend}, {4, act_break}, {2, act_decline_twice}, {1, act_close}, {1, act_amazon_closes},
};

/* --- when ----------------------------------------------------------------------------------------
 */

static act *choose(const struct act_row *rows, size_t count, struct detail *detail)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += rows[i].weight;
    }
    int64_t drawn = detail_range(detail, 0, sum - 1);
    for (size_t i = 0; i < count; i++) {
        drawn -= rows[i].weight;
        if (drawn < 0) {
            return rows[i].act;
        }
    }
    ENSURE(false);
    return NULL;
}

/* Acts, and when the next one comes: some ten a year for each customer. */
static void next_act(struct people *people, enum site site, struct queue_entry *entry,
                     const struct act_row *rows, size_t count, int64_t mean_us)
{
    struct sim *sim = people->sim;
    bool acts = chance_acts(&sim->chance, site);
    struct detail detail = chance_detail(&sim->chance, site);
    int64_t gap_us = detail_range(&detail, 0, 2 * mean_us / (people->count + 1));
    struct customer *customer = people_any(people, &detail);
    if (acts && customer != NULL) {
        choose(rows, count, &detail)(people, customer, &detail);
    }
    queue_put(&sim->queue, entry, sim->now_us + gap_us + SECOND_US);
}

void operator_acts(void *arg)
{
    struct people *people = arg;
    next_act(people, SITE_OPERATOR, &people->operator_acts, operator_rows,
             sizeof operator_rows / sizeof operator_rows[0], 50 * DAY_US);
}

void buyer_acts(void *arg)
{
    struct people *people = arg;
    next_act(people, SITE_BUYER, &people->buyer_acts, buyer_rows,
             sizeof buyer_rows / sizeof buyer_rows[0], 60 * DAY_US);
}
