/*
 * main_enrol.c - fills a database with many agreements and subscriptions, fast, for end-to-end
 * tests and measurements.
 *
 * Goes through the core's own door (register, the answer of a sync, subscribe) and the store's
 * contract, so that what it leaves behind is what the daemon would have left; only the calls to
 * Amazon are not made. The sandbox is given the same agreements by its control API (see
 * tests/e2e/harness.py): seller SELLER0001, SELLER0002, ..., agreement C03-<seller>-<number>, seven
 * digits each, counted from 1.
 *
 *     enrol --store FILE --sellers 200 --agreements 50 --due 10 --due-at 2026-11-22T01:00:00Z
 *
 * Of each seller's agreements the first --due ones are due at --due-at (or --apart seconds after
 * one another), the rest a year later.
 */
#include <argp.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "billing/step.h"
#include "mws/edge/crypto.h"
#include "scheduler/zones.h"
#include "schema/store.h"

#define BATCH  500
#define DAY_MS INT64_C(86400000)

struct options {
    const char *store_path;
    uint32_t first; /* number of the first seller, from 1 */
    uint32_t sellers;
    uint32_t agreements; /* per seller */
    uint32_t due;        /* of them */
    struct instant due_at;
    uint32_t apart_s;
    struct money amount;
    struct money limit;
};

struct batch {
    struct store *store;
    uint32_t count;
    struct account accounts[BATCH];
    struct effects effects[BATCH];
    struct step_record records[BATCH];
};

static uint32_t number(const char *text, struct argp_state *state)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    if (*end != '\0' || end == text || value > 10000000) {
        argp_error(state, "not a number: %s", text);
    }
    return (uint32_t)value;
}

static error_t parse_option(int key, char *value, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case 's':
        options->store_path = value;
        return 0;
    case 'n':
        options->sellers = number(value, state);
        return 0;
    case 'f':
        options->first = number(value, state);
        return 0;
    case 'a':
        options->agreements = number(value, state);
        return 0;
    case 'd':
        options->due = number(value, state);
        return 0;
    case 'i':
        if (!instant_parse(value, &options->due_at)) {
            argp_error(state, "not an instant: %s", value);
        }
        return 0;
    case 'p':
        options->apart_s = number(value, state);
        return 0;
    case 'm':
        if (!money_parse(value, "JPY", &options->amount)) {
            argp_error(state, "not an amount in JPY: %s", value);
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void must_step(struct account *account, const struct event *event, struct effects *effects)
{
    struct problem problem;
    if (bill_step(account, event, effects, &problem) != ST_OK) {
        (void)fprintf(stderr, "enrol: %s\n", problem.text);
        exit(1);
    }
}

/* Adds the rows and changes of `more` to `sum`; the calls are not made. */
static void effects_merge(struct effects *sum, const struct effects *more)
{
    ENSURE(sum->change_count + more->change_count <= EFFECTS_CHANGES_MAX);
    sum->is_new_account = sum->is_new_account || more->is_new_account;
    memcpy(&sum->changes[sum->change_count], more->changes,
           more->change_count * sizeof more->changes[0]);
    sum->change_count += more->change_count;
    sum->row_count = more->row_count;
    memcpy(sum->rows, more->rows, more->row_count * sizeof more->rows[0]);
}

/* The whole UTC month around `at`. */
static void month_of(struct instant at, struct instant *start, struct instant *end)
{
    struct civil_date first = civil_from_days(at.utc_ms / DAY_MS);
    first.day = 1;
    start->utc_ms = civil_to_days(first) * DAY_MS;
    end->utc_ms = civil_to_days(civil_add_months(first, 1)) * DAY_MS;
}

static void enrol(const struct options *options, const struct zone *utc, uint32_t seller,
                  uint32_t index, struct account *account, struct effects *sum)
{
    struct policy policy = policy_default();
    struct instant due_at = instant_plus(options->due_at, INT64_C(1000) * options->apart_s * index);
    /* Before anything is due, so that nothing is opened here. */
    struct instant at = instant_plus(options->due_at, -DAY_MS);
    struct event event = {.kind = EVENT_REGISTER, .at = at, .policy = &policy};
    struct effects effects;
    memset(account, 0, sizeof *account);
    memset(sum, 0, sizeof *sum);
    (void)snprintf(event.registered.seller_id, SELLER_ID_MAX, "SELLER%04" PRIu32, seller + 1);
    (void)snprintf(event.registered.id, AGREEMENT_ID_MAX, "C03-%07" PRIu32 "-%07" PRIu32,
                   seller + 1, index + 1);
    must_step(account, &event, &effects);
    effects_merge(sum, &effects);

    event = (struct event){.kind = EVENT_CARE_ANSWER, .at = at, .policy = &policy};
    event.care = (struct care_answer){
        .care = CARE_SYNC,
        .outcome = OUTCOME_DONE,
        .has_details = true,
        .state = AGREEMENT_OPEN,
        .has_limit = true,
        .limit_amount = options->limit,
        .limit_remaining = options->limit,
    };
    month_of(options->due_at, &event.care.period_start, &event.care.period_end);
    must_step(account, &event, &effects);
    effects_merge(sum, &effects);

    event = (struct event){.kind = EVENT_SUBSCRIBE, .at = at, .policy = &policy};
    uint8_t bytes[KEY_BYTES] = {0};
    uint64_t identity = (uint64_t)seller << 32 | index;
    memcpy(bytes, &identity, sizeof identity);
    key_from_bytes(bytes, event.subscribe.key);
    event.subscribe.amount = options->amount;
    event.subscribe.zone = utc;
    event.subscribe.charge_from = due_at;
    struct civil_date anchor = civil_from_days(due_at.utc_ms / DAY_MS);
    event.subscribe.rule = (struct recurrence){
        .unit = RECUR_MONTH,
        .every = 1,
        .anchor = index < options->due ? anchor : civil_add_months(anchor, 12),
        .second_of_day = (int32_t)(due_at.utc_ms % DAY_MS / 1000),
    };
    must_step(account, &event, &effects);
    effects_merge(sum, &effects);
}

static void flush(struct batch *batch)
{
    struct problem problem;
    enum status status =
        batch->store->ops->record(batch->store, batch->records, batch->count, &problem);
    for (uint32_t i = 0; i < batch->count && status == ST_OK; i++) {
        status = batch->records[i].status;
        (void)snprintf(problem.text, sizeof problem.text, "it is there already");
    }
    if (status != ST_OK) {
        (void)fprintf(stderr, "enrol: %s\n", problem.text);
        exit(1);
    }
    batch->count = 0;
}

int main(int argc, char **argv)
{
    static const struct argp_option known[] = {
        {"store", 's', "FILE", 0, "The database", 0},
        {"sellers", 'n', "N", 0, "How many sellers", 0},
        {"first", 'f', "N", 0, "Number of the first seller (1)", 0},
        {"agreements", 'a', "N", 0, "Agreements of each seller", 0},
        {"due", 'd', "N", 0, "How many of them are due", 0},
        {"due-at", 'i', "INSTANT", 0, "When the first is due", 0},
        {"apart", 'p', "SECONDS", 0, "Time between two of a seller", 0},
        {"amount", 'm', "JPY", 0, "Amount of each charge", 0},
        {0},
    };
    static const struct argp parser = {.options = known, .parser = parse_option};
    struct options options = {.first = 1, .sellers = 1, .agreements = 1, .due = 1};
    options.amount = money_of(1000, "JPY");
    options.limit = money_of(50000, "JPY");
    (void)argp_parse(&parser, argc, argv, 0, NULL, &options);
    if (options.store_path == NULL || options.due_at.utc_ms == 0 || options.first == 0) {
        (void)fprintf(stderr, "enrol: --store and --due-at are needed\n");
        return 64;
    }
    struct problem problem;
    struct zones *zones = zones_new(ZONES_DIRECTORY);
    const struct zone *utc;
    struct batch *batch = calloc(1, sizeof *batch);
    ENSURE(batch != NULL);
    if (zones_get(zones, "Etc/UTC", &utc, &problem) != ST_OK ||
        store_sqlite_open(options.store_path, sha256, &batch->store, &problem) != ST_OK) {
        (void)fprintf(stderr, "enrol: %s\n", problem.text);
        zones_free(zones);
        free(batch);
        return 1;
    }
    for (uint32_t i = 0; i < options.sellers; i++) {
        uint32_t seller = options.first - 1 + i;
        for (uint32_t index = 0; index < options.agreements; index++) {
            uint32_t next = batch->count++;
            enrol(&options, utc, seller, index, &batch->accounts[next], &batch->effects[next]);
            batch->records[next] =
                (struct step_record){.account = &batch->accounts[next],
                                     .effects = &batch->effects[next],
                                     .at = instant_plus(options.due_at, -DAY_MS)};
            if (batch->count == BATCH) {
                flush(batch);
            }
        }
    }
    flush(batch);
    batch->store->ops->close(batch->store);
    zones_free(zones);
    free(batch);
    return 0;
}
