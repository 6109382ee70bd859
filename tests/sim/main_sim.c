/*
 * main_sim.c - runs worlds: one seed, or many, each in a process of its own, so that a crash of the
 * simulation itself is a failing seed like any other.
 *
 *     sim --seed 7 --log
 *     sim --seeds 1-1000
 */
#include <argp.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "billing/ensure.h"
#include "tests/sim/shrink.h"
#include "tests/sim/sim.h"
#include "tests/sim/sim_memory.h"
#include "tests/sim/trouble.h"

struct settings {
    struct sim_options options;
    uint64_t first, last;
    const char *only; /* strikes that may happen */
    bool shrinks;
    bool is_checked_twice;
};

enum {
    KEY_SEEDS = 256,
    KEY_YEARS,
    KEY_DAYS,
    KEY_LOG,
    KEY_DAEMON_LOG,
    KEY_ONLY,
    KEY_NO_SHRINK,
    KEY_MONTHLY,
    KEY_TWICE,
    KEY_TOLERATE
};

static const struct argp_option argp_options[] = {
    {"seed", 's', "N", 0, "Run this world", 0},
    {"seeds", KEY_SEEDS, "A-B", 0, "Run these, one after the other", 0},
    {"days", KEY_DAYS, "N", 0, "Days of work before the healing (365)", 0},
    {"years", KEY_YEARS, "N", 0, "The same in years", 0},
    {"subscriptions", 'n', "N", 0, "Customers at the beginning (12)", 0},
    {"sellers", 'm', "N", 0, "Sellers (2)", 0},
    {"faults", 'f', "KINDS", 0,
     "none, all (default), or some: crash,disk,network,amazon,notices,"
     "declines,memory,clock",
     0},
    {"monthly", KEY_MONTHLY, NULL, 0, "All monthly, nobody acts: for measuring", 0},
    {"only", KEY_ONLY, "LIST", 0, "Only these strikes happen: site:k,site:k", 0},
    {"tolerate", KEY_TOLERATE, "N,N", 0, "These invariants may fail: known bugs", 0},
    {"no-shrink", KEY_NO_SHRINK, NULL, 0, "Do not shrink what fails", 0},
    {"twice", KEY_TWICE, NULL, 0, "Run each seed twice: the logs must be the same", 0},
    {"log", KEY_LOG, NULL, 0, "Print the event log", 0},
    {"daemon-log", KEY_DAEMON_LOG, NULL, 0, "And the daemon's own lines between", 0},
    {0},
};

static uint64_t number(const char *text, char **end, struct argp_state *state)
{
    uint64_t value = strtoull(text, end, 10);
    if (*end == text) {
        argp_error(state, "not a number: %s", text);
    }
    return value;
}

static error_t parse(int key, char *value, struct argp_state *state)
{
    struct settings *settings = state->input;
    struct sim_options *options = &settings->options;
    char *end;
    switch (key) {
    case 's':
        settings->first = settings->last = number(value, &end, state);
        return 0;
    case KEY_SEEDS:
        settings->first = number(value, &end, state);
        settings->last = *end == '-' ? number(end + 1, &end, state) : settings->first;
        return 0;
    case KEY_DAYS:
        options->days = (int32_t)number(value, &end, state);
        return 0;
    case KEY_YEARS:
        options->days = 365 * (int32_t)number(value, &end, state);
        return 0;
    case 'n':
        options->subscriptions = (uint32_t)number(value, &end, state);
        return 0;
    case 'm':
        options->sellers = (uint32_t)number(value, &end, state);
        if (options->sellers < 1 || options->sellers > SIM_SELLERS_MAX) {
            argp_error(state, "1 to %d sellers", SIM_SELLERS_MAX);
        }
        return 0;
    case 'f':
        if (!trouble_parse(value, &options->troubles)) {
            argp_error(state, "unknown kinds of faults: %s", value);
        }
        return 0;
    case KEY_MONTHLY:
        options->monthly_only = true;
        return 0;
    case KEY_ONLY:
        settings->only = value;
        return 0;
    case KEY_TOLERATE:
        options->tolerated = value;
        return 0;
    case KEY_NO_SHRINK:
        settings->shrinks = false;
        return 0;
    case KEY_TWICE:
        settings->is_checked_twice = true;
        return 0;
    case KEY_LOG:
        options->shows_log = true;
        return 0;
    case KEY_DAEMON_LOG:
        options->shows_log = options->shows_daemon = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static bool run_seed(const struct settings *settings, uint64_t seed)
{
    struct sim_options options = settings->options;
    struct strike *only = NULL;
    size_t only_count = 0;
    struct outcome first;
    struct outcome second;
    options.seed = seed;
    if (settings->only != NULL && !strikes_parse(settings->only, &only, &only_count)) {
        (void)fprintf(stderr, "sim: --only is a list of site:k\n");
        exit(64);
    }
    outcome_of(&options, only, only_count, &first);
    (void)printf("seed %" PRIu64 ": %s, %" PRIu64 " lines, log %016" PRIx64
                 ", %zu strikes, %u lives\n",
                 seed, first.is_well ? "well" : "FAILED", first.log_lines, first.log_hash,
                 first.strike_count, first.lives);
    if (first.is_well && settings->is_checked_twice) {
        outcome_of(&options, only, only_count, &second);
        if (second.log_hash != first.log_hash) {
            first.is_well = false;
            (void)printf("  the second run was another: log %016" PRIx64 "\n", second.log_hash);
        }
        outcome_free(&second);
    } else if (!first.is_well) {
        (void)printf("  %s\n", first.failure);
        if (settings->shrinks) {
            shrink_and_tell(&options, &first);
        }
    }
    (void)fflush(stdout);
    bool is_well = first.is_well;
    outcome_free(&first);
    free(only);
    return is_well;
}

int main(int argc, char **argv)
{
    const struct argp argp = {argp_options, parse, NULL, "Simulated worlds of autopayd.",
                              NULL,         NULL,  NULL};
    struct settings settings = {
        .options = {.days = 365, .subscriptions = 12, .sellers = 2, .troubles = TROUBLE_ALL},
        .first = 1,
        .last = 1,
        .shrinks = true,
    };
    uint64_t failed = 0;
    (void)argp_parse(&argp, argc, argv, 0, NULL, &settings);
    for (uint64_t seed = settings.first; seed <= settings.last; seed++) {
        failed += run_seed(&settings, seed) ? 0 : 1;
    }
    if (settings.last > settings.first) {
        (void)printf("%" PRIu64 " of %" PRIu64 " seeds failed\n", failed,
                     settings.last - settings.first + 1);
    }
    return failed == 0 ? 0 : 1;
}
