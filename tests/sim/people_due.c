/*
 * people_due.c - orders that come just when a cycle is due: after that instant and before the
 * daemon has opened the cycle they must not change it any more.
 *
 * A daemon that is well needs milliseconds for that, so the order is aimed: the shop asks when the
 * next cycle is due, and waits.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "mws/edge/json.h"
#include "tests/sim/people_parts.h"

struct aimed {
    struct people *people;
    struct customer *customer;
    char path[PATH_BYTES]; /* of the subscription */
    struct detail detail;
    struct instant due_at;
};

static void choose_order(struct aimed *aimed, char path[static PATH_BYTES],
                         char body[static BODY_BYTES])
{
    static const char *const verbs[] = {"change", "change", "change", "move",
                                        "pause",  "skip",   "cancel", "cancel"};
    const char *verb = verbs[detail_range(&aimed->detail, 0, 7)];
    char later[INSTANT_TEXT_MAX];
    int64_t later_ms = detail_range(&aimed->detail, 1, INT64_C(20) * 24) * 3600000;
    instant_format(instant_plus(aimed->due_at, later_ms), later);
    (void)snprintf(path, PATH_BYTES, "%.100s/%s", aimed->path, verb);
    if (strcmp(verb, "change") == 0) {
        char from[INSTANT_TEXT_MAX];
        char when[64] = "";
        instant_format(aimed->due_at, from);
        if (detail_chance(&aimed->detail, 30)) {
            (void)snprintf(when, sizeof when, "\"from\":\"%s\",", from);
        }
        (void)snprintf(body, BODY_BYTES, "{%s\"amount\":\"%d\"}", when,
                       (int)detail_range(&aimed->detail, 50, 9000));
    } else if (strcmp(verb, "move") == 0) {
        (void)snprintf(body, BODY_BYTES, "{\"to\":\"%s\"}", later);
    } else if (strcmp(verb, "pause") == 0) {
        (void)snprintf(body, BODY_BYTES, "{\"until\":\"%s\"}", later);
    } else if (strcmp(verb, "skip") == 0) {
        (void)snprintf(body, BODY_BYTES, "{\"cycle\":%d}",
                       (int)detail_range(&aimed->detail, 1, 14));
    } else {
        (void)snprintf(body, BODY_BYTES, "{\"when\":\"%s\"}",
                       detail_chance(&aimed->detail, 50) ? "now" : "period_end");
    }
}

static void shoot(void *arg)
{
    struct aimed *aimed = arg;
    char path[PATH_BYTES];
    char body[BODY_BYTES];
    if (!aimed->people->is_resting) {
        choose_order(aimed, path, body);
        people_order(aimed->people, aimed->customer, path, body, NULL);
    }
    free(aimed);
}

/* By the daemon's clock. Mostly so that the account is loaded for the order just before it is
 * claimed because it is due. */
static int64_t offset_us(struct detail *detail)
{
    if (detail_chance(detail, 60)) {
        return detail_range(detail, -6000, 2000);
    }
    return detail_chance(detail, 50) ? detail_range(detail, -SECOND_US, 0)
                                     : detail_range(detail, 0, 10 * SECOND_US);
}

static void answered(struct order *order, int status, const char *body, size_t length)
{
    struct aimed *aimed = order->arg;
    struct sim *sim = order->people->sim;
    struct json *root = NULL;
    struct problem problem;
    const char *due = NULL;
    if (status == 200 && json_parse(body, length, &root, &problem) == ST_OK) {
        due = json_as_string(json_get(root, "due_at"));
    }
    bool is_due = due != NULL && instant_parse(due, &aimed->due_at);
    int64_t at_us = !is_due ? 0
                            : (aimed->due_at.utc_ms - sim_daemon_utc(sim).utc_ms) * 1000 +
                                  sim->now_us + offset_us(&aimed->detail);
    if (is_due && at_us > sim->now_us) {
        queue_once(&sim->queue, at_us, shoot, aimed);
    } else {
        free(aimed);
    }
    json_free(root);
}

void people_order_at_due(struct people *people, struct customer *customer, struct detail *detail)
{
    if (customer->key_count == 0) {
        return;
    }
    struct aimed *aimed = calloc(1, sizeof *aimed);
    ENSURE(aimed != NULL);
    *aimed = (struct aimed){.people = people, .customer = customer};
    (void)snprintf(aimed->path, sizeof aimed->path, "subscriptions/%s",
                   customer->keys[detail_range(detail, 0, customer->key_count - 1)]);
    aimed->detail.state = detail_draw(detail);
    people_order(people, customer, aimed->path, NULL, answered)->arg = aimed;
}
