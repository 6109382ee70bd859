/*
 * main_bench_core.c - how fast the core decides: bill_step() over accounts of one monthly
 * subscription each, charged month after month.
 *
 *     bench_core [ACCOUNTS [MONTHS]]
 *
 * Nothing is recorded and nobody is called: every wake is answered as Amazon would answer when all
 * is well. Small numbers make it fit for valgrind. Prints one JSON object.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "billing/ensure.h"
#include "billing/step.h"
#include "scheduler/zones.h"

#define DAY_MS INT64_C(86400000)
#define START  INT64_C(1795312800000) /* 2026-11-22T02:00:00Z */

struct bench {
    const struct zone *zone;
    struct policy policy;
    struct effects effects;
    uint64_t steps;
    uint64_t paid;
};

static void step(struct bench *bench, struct account *account, const struct event *event)
{
    struct problem problem = {""};
    if (bill_step(account, event, &bench->effects, &problem) != ST_OK) {
        (void)fprintf(stderr, "bench_core: %s\n", problem.text);
        exit(1);
    }
    bench->steps++;
}

static struct event event_of(struct bench *bench, enum event_kind kind, struct instant at)
{
    return (struct event){.kind = kind, .at = at, .policy = &bench->policy};
}

/* Open, with 50,000 JPY left in the UTC month around `at`. */
static struct event synced(struct bench *bench, struct instant at)
{
    struct event event = event_of(bench, EVENT_CARE_ANSWER, at);
    struct civil_date first = civil_from_days(at.utc_ms / DAY_MS);
    first.day = 1;
    event.care = (struct care_answer){
        .care = CARE_SYNC,
        .outcome = OUTCOME_DONE,
        .has_details = true,
        .state = AGREEMENT_OPEN,
        .has_limit = true,
        .limit_amount = money_of(50000, "JPY"),
        .limit_remaining = money_of(50000, "JPY"),
        .period_start = {civil_to_days(first) * DAY_MS},
        .period_end = {civil_to_days(civil_add_months(first, 1)) * DAY_MS},
    };
    return event;
}

static void enrol(struct bench *bench, struct account *account, uint32_t index)
{
    struct instant at = {START};
    struct event event = event_of(bench, EVENT_REGISTER, at);
    (void)snprintf(event.registered.seller_id, SELLER_ID_MAX, "SELLER0001");
    (void)snprintf(event.registered.id, AGREEMENT_ID_MAX, "C03-0000001-%07" PRIu32, index + 1);
    step(bench, account, &event);
    event = synced(bench, at);
    step(bench, account, &event);

    event = event_of(bench, EVENT_SUBSCRIBE, at);
    uint8_t bytes[KEY_BYTES] = {0};
    memcpy(bytes, &index, sizeof index);
    key_from_bytes(bytes, event.subscribe.key);
    event.subscribe.amount = money_of(1000, "JPY");
    event.subscribe.zone = bench->zone;
    event.subscribe.charge_from = at;
    event.subscribe.rule =
        (struct recurrence){.unit = RECUR_MONTH,
                            .every = 1,
                            .anchor = civil_from_days(at.utc_ms / DAY_MS + 1 + index % 28)};
    step(bench, account, &event);
}

/* What was wanted is done, and Amazon is content. */
static void answer(struct bench *bench, struct account *account, struct instant at)
{
    struct call calls[EFFECTS_CALLS_MAX];
    uint32_t count = bench->effects.call_count;
    memcpy(calls, bench->effects.calls, count * sizeof calls[0]);
    for (uint32_t i = 0; i < count; i++) {
        struct event event = synced(bench, at);
        if (calls[i].kind == CALL_AUTHORIZE) {
            event = event_of(bench, EVENT_ATTEMPT_ANSWER, at);
            event.attempt = (struct attempt_answer){
                .call = CALL_AUTHORIZE,
                .outcome = OUTCOME_DONE,
                .from_object = true,
                .order_reference_id = "P03-1234567-1234567",
                .authorization_id = "P03-1234567-1234567-A000001",
                .capture_id = "P03-1234567-1234567-C000001",
            };
            memcpy(event.attempt.reference_id, calls[i].reference_id,
                   sizeof event.attempt.reference_id);
            bench->paid++;
        } else {
            ENSURE(calls[i].kind == CALL_SYNC);
        }
        step(bench, account, &event);
    }
    account_drop_final(account);
}

static double now_s(void)
{
    struct timespec now;
    ENSURE(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    uint32_t account_count = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 500;
    uint32_t months = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 240;
    struct problem problem;
    struct zones *zones = zones_new(ZONES_DIRECTORY);
    struct bench *bench = calloc(1, sizeof *bench);
    struct account *accounts = calloc(account_count, sizeof *accounts);
    ENSURE(bench != NULL && accounts != NULL && account_count > 0);
    if (zones_get(zones, "Asia/Tokyo", &bench->zone, &problem) != ST_OK) {
        (void)fprintf(stderr, "bench_core: %s\n", problem.text);
        exit(1);
    }
    bench->policy = policy_default();
    for (uint32_t i = 0; i < account_count; i++) {
        enrol(bench, &accounts[i], i);
    }
    bench->steps = 0;
    double start = now_s();
    for (uint64_t month = 0; month < months; month++) {
        for (uint32_t i = 0; i < account_count; i++) {
            uint64_t paid_before = bench->paid;
            while (bench->paid == paid_before) {
                struct instant at = accounts[i].agreement.wake_at;
                struct event event = event_of(bench, EVENT_WAKE, at);
                step(bench, &accounts[i], &event);
                answer(bench, &accounts[i], at);
            }
        }
    }
    double passed = now_s() - start;
    (void)printf("{\"steps\": %" PRIu64 ", \"charges\": %" PRIu64
                 ", \"steps_per_s\": %.0f, \"ns_per_step\": %.0f}\n",
                 bench->steps, bench->paid, (double)bench->steps / passed,
                 passed / (double)bench->steps * 1e9);
    free(accounts);
    free(bench);
    zones_free(zones);
    return 0;
}
