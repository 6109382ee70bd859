/*
 * main_bench_store.c - how fast and how big the SQLite store is; run by hand, never by ctest.
 *
 *     bench_store FOLDER [SUBSCRIPTIONS [BATCH [STEPS]]]
 *
 * Loads SUBSCRIPTIONS accounts of one subscription each, then measures claims, totals, a list, and
 * recording: for each charge one step with the intent and one with its answer, in batches; and
 * notices.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "billing/ensure.h"
#include "mws/edge/crypto.h"
#include "tests/schema/samples.h"

#define SELLER     "A3BENCHSELLER1"
#define CLAIM_MAX  32
#define LOAD_BATCH 500
#define REPEATS    20

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double cpu_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static long rss_kb(void)
{
    char line[256];
    long kb = 0;
    FILE *f = fopen("/proc/self/status", "r");
    ENSURE(f != NULL);
    while (fgets(line, sizeof line, f) != NULL) {
        if (strncmp(line, "VmRSS:", 6) == 0) {
            kb = strtol(line + 6, NULL, 10);
        }
    }
    fclose(f);
    return kb;
}

static void check(enum status status, const struct problem *problem)
{
    if (status != ST_OK) {
        fprintf(stderr, "%s: %s\n", status_name(status), problem->text);
        exit(1);
    }
}

static void record(struct store *store, struct step_record *steps, uint32_t count)
{
    struct problem problem = {""};
    check(store->ops->record(store, steps, count, &problem), &problem);
    for (uint32_t i = 0; i < count; i++) {
        check(steps[i].status, &problem);
    }
}

static void load(struct store *store, uint64_t total)
{
    struct account *accounts = calloc(LOAD_BATCH, sizeof *accounts);
    struct effects *effects = calloc(LOAD_BATCH, sizeof *effects);
    struct step_record *steps = calloc(LOAD_BATCH, sizeof *steps);
    ENSURE(accounts != NULL && effects != NULL && steps != NULL);
    double start = now_ms();
    for (uint64_t done = 0; done < total;) {
        uint32_t count = 0;
        for (; count < LOAD_BATCH && done < total; count++, done++) {
            struct account *account = &accounts[count];
            sample_agreement(account, SELLER, done);
            sample_subscription(account, done);
            /* due over a month, in an order unlike that of creation */
            account->agreement.wake_at = sample_at((int64_t)(done * 7919 % 2592000));
            account->agreement.limit.reserved = money_of(0, "JPY");
            sample_effects(account, true, &effects[count]);
            steps[count] = (struct step_record){account, &effects[count], SAMPLE_NOW, ST_OK};
        }
        record(store, steps, count);
    }
    double ms = now_ms() - start;
    printf("load            %" PRIu64 " accounts in %.1f s, %.0f/s\n", total, ms / 1e3,
           (double)total / ms * 1e3);
    free(accounts);
    free(effects);
    free(steps);
}

static void intent_step(struct account *account, struct effects *effects)
{
    struct subscription *subscription = &account->subscriptions[0];
    struct charge *charge = sample_charge(account, subscription);
    sample_attempt(charge);
    account->agreement.wake_at.utc_ms += 60000;
    account->agreement.lane = LANE_SETTLE;
    sample_no_effects(effects);
    sample_row(effects, ROW_SUBSCRIPTION, 0);
    sample_row(effects, ROW_CHARGE, account->charge_count - 1);
    sample_row(effects, ROW_ATTEMPT, account->charge_count - 1);
    sample_change(effects, CHANGE_CHARGE, charge->id, 0, CHARGE_DUE);
    sample_change(effects, CHANGE_CHARGE, charge->id, CHARGE_DUE, CHARGE_ATTEMPTING);
    sample_change(effects, CHANGE_ATTEMPT, charge->attempt.reference_id, 0, ATTEMPT_INTENT);
}

static void answer_step(struct account *account, struct effects *effects)
{
    struct charge *charge = &account->charges[account->charge_count - 1];
    sample_capture(charge);
    account->agreement.wake_at.utc_ms += INT64_C(2592000000);
    account->agreement.lane = LANE_RENEWAL;
    sample_no_effects(effects);
    sample_row(effects, ROW_CHARGE, account->charge_count - 1);
    sample_row(effects, ROW_ATTEMPT, account->charge_count - 1);
    sample_change(effects, CHANGE_CHARGE, charge->id, CHARGE_ATTEMPTING, CHARGE_PAID);
    sample_change(effects, CHANGE_ATTEMPT, charge->attempt.reference_id, ATTEMPT_INTENT,
                  ATTEMPT_CAPTURED);
}

static void bench_record(struct store *store, uint32_t batch, uint32_t steps_wanted)
{
    struct account *accounts = calloc(batch, sizeof *accounts);
    struct effects *effects = calloc(batch, sizeof *effects);
    struct step_record *steps = calloc(batch, sizeof *steps);
    ENSURE(accounts != NULL && effects != NULL && steps != NULL);
    double spent = 0;
    double spent_cpu = 0;
    double claiming = 0;
    double slowest = 0;
    uint32_t recorded = 0;
    while (recorded < steps_wanted) {
        struct claim claim = {.seller_id = SELLER, .max = batch};
        struct problem problem = {""};
        double start = now_ms();
        check(store->ops->claim(store, sample_at(2592000), &claim, 1, accounts, &problem),
              &problem);
        claiming += now_ms() - start;
        if (claim.count == 0) {
            break;
        }
        for (int answer = 0; answer < 2; answer++) {
            for (uint32_t i = 0; i < claim.count; i++) {
                accounts[i].agreement.version += (uint64_t)answer;
                (answer ? answer_step : intent_step)(&accounts[i], &effects[i]);
                steps[i] = (struct step_record){&accounts[i], &effects[i], SAMPLE_NOW, ST_OK};
            }
            start = now_ms();
            double start_cpu = cpu_ms();
            record(store, steps, claim.count);
            double took = now_ms() - start;
            spent += took;
            spent_cpu += cpu_ms() - start_cpu;
            slowest = took > slowest ? took : slowest;
            recorded += claim.count;
        }
    }
    printf("record          batches of %-4u %u steps: %.0f steps/s, %.1f us/step, cpu %.1f us/step,"
           " slowest batch %.1f ms; claim+load %.1f us/account\n",
           batch, recorded, recorded / spent * 1e3, spent / recorded * 1e3,
           spent_cpu / recorded * 1e3, slowest, claiming / (recorded / 2.0) * 1e3);
    free(accounts);
    free(effects);
    free(steps);
}

/* Notices about agreements that exist, each kept, handed out and ended, in batches. */
static void bench_notices(struct store *store, uint64_t accounts, uint32_t batch, uint32_t wanted)
{
    struct notice *notices = calloc(batch, sizeof *notices);
    struct notice_work *works = calloc(batch, sizeof *works);
    uint64_t *numbers = calloc(batch, sizeof *numbers);
    struct account *account = calloc(1, sizeof *account);
    ENSURE(notices != NULL && works != NULL && numbers != NULL && account != NULL);
    struct problem problem = {""};
    double spent[3] = {0};
    double start_cpu = cpu_ms();
    uint64_t after = 0;
    for (uint32_t done = 0; done < wanted; done += batch) {
        uint32_t count = 0;
        for (uint32_t i = 0; i < batch; i++) {
            uint64_t number = done + i;
            sample_agreement(account, SELLER, number * 7919 % accounts);
            sample_notice(&notices[i], SELLER, NOTICE_AGREEMENT, number);
            memcpy(notices[i].object_id, account->agreement.id, sizeof account->agreement.id);
        }
        double start = now_ms();
        check(store->ops->keep_notices(store, notices, batch, &problem), &problem);
        double kept = now_ms();
        check(store->ops->open_notices(store, after, batch, works, &count, &problem), &problem);
        double read = now_ms();
        ENSURE(count == batch);
        for (uint32_t i = 0; i < count; i++) {
            numbers[i] = works[i].notice.number;
        }
        after = numbers[count - 1];
        check(store->ops->end_notices(store, numbers, count, sample_at(-1), &problem), &problem);
        spent[0] += kept - start;
        spent[1] += read - kept;
        spent[2] += now_ms() - read;
    }
    printf("notices         batches of %-4u %u notices: keep %.1f, open %.1f, end %.1f us/notice,"
           " cpu %.1f us\n",
           batch, wanted, spent[0] / wanted * 1e3, spent[1] / wanted * 1e3, spent[2] / wanted * 1e3,
           (cpu_ms() - start_cpu) / wanted * 1e3);
    free(notices);
    free(works);
    free(numbers);
    free(account);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print_times(const char *what, double times[REPEATS])
{
    qsort(times, REPEATS, sizeof times[0], by_value);
    printf("%-15s median %.3f ms, worst %.3f ms of %d\n", what, times[REPEATS / 2],
           times[REPEATS - 1], REPEATS);
}

static void bench_reads(struct store *store, const char *when, struct instant now)
{
    struct account *accounts = calloc(CLAIM_MAX, sizeof *accounts);
    struct charge_view *views = calloc(50, sizeof *views);
    ENSURE(accounts != NULL && views != NULL);
    double claims[REPEATS], totals[REPEATS], lists[REPEATS];
    struct seller_totals sum = {0};
    struct problem problem = {""};
    for (int i = 0; i < REPEATS; i++) {
        struct claim claim = {.seller_id = SELLER, .max = CLAIM_MAX};
        double start = now_ms();
        check(store->ops->claim(store, now, &claim, 1, accounts, &problem), &problem);
        claims[i] = now_ms() - start;
        start = now_ms();
        check(store->ops->totals(store, SELLER, now, &sum, &problem), &problem);
        totals[i] = now_ms() - start;
        uint32_t count = 0;
        start = now_ms();
        check(store->ops->list_charges(store, SELLER, "", "", CHARGE_PAID, (struct page){"M", 50},
                                       views, &count, &problem),
              &problem);
        lists[i] = now_ms() - start;
    }
    printf("%s: subscriptions %" PRIu64 ", backlog %" PRIu64 "\n", when, sum.subscriptions,
           sum.backlog);
    print_times("  claim 32", claims);
    print_times("  totals", totals);
    print_times("  list 50 paid", lists);
    free(accounts);
    free(views);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: %s FOLDER [SUBSCRIPTIONS [BATCH [STEPS]]]\n", argv[0]);
        return 2;
    }
    uint64_t subscriptions = argc > 2 ? strtoull(argv[2], NULL, 10) : 1000000;
    uint32_t batch = argc > 3 ? (uint32_t)strtoul(argv[3], NULL, 10) : 64;
    uint32_t steps = argc > 4 ? (uint32_t)strtoul(argv[4], NULL, 10) : 50000;
    char path[4096];
    snprintf(path, sizeof path, "%s/bench.db", argv[1]);
    struct store *store = NULL;
    struct problem problem = {""};
    double start = now_ms();
    check(store_sqlite_open(path, sha256, &store, &problem), &problem);
    printf("open            %.1f ms\n", now_ms() - start); /* and migrate */
    struct seller_totals before = {0};
    check(store->ops->totals(store, SELLER, SAMPLE_NOW, &before, &problem), &problem);
    if (before.agreements == 0) {
        load(store, subscriptions);
    }
    struct stat st;
    stat(path, &st);
    printf("size            %.1f MB, rss %ld kB\n", (double)st.st_size / 1e6, rss_kb());
    bench_reads(store, "nothing due", sample_at(-86400));
    bench_reads(store, "one day due", sample_at(86400));
    bench_record(store, batch, steps);
    bench_notices(store, subscriptions, batch, 20000);
    bench_reads(store, "all due", sample_at(2592000));
    stat(path, &st);
    printf("size            %.1f MB, rss %ld kB\n", (double)st.st_size / 1e6, rss_kb());
    start = now_ms();
    store->ops->close(store);
    printf("close           %.1f ms\n", now_ms() - start);
    return 0;
}
