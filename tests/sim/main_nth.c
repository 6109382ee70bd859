/*
 * main_nth.c - fails the Nth of everything, for every N, and prints how many there were.
 *
 *     nth                            every kind of failure, every N
 *     nth --kind disk --jobs 2       the kinds whose names contain this
 *     nth --kind "disk: EIO" --n 17 --life shipment --log       one of them, told
 */
#include <argp.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "billing/ensure.h"
#include "tests/sim/nth.h"

#define JOBS_MAX 8
#define TOLD_MAX 3 /* of each kind: the others are alike */

struct settings {
    struct nth nth;
    const char *kind, *life;
    bool shows_log;
};

static const struct argp_option argp_options[] = {
    {"kind", 'k', "TEXT", 0, "Only kinds of failures whose names contain this", 0},
    {"n", 'n', "N", 0, "Only the Nth, in this process", 0},
    {"life", 'f', "NAME", 0, "Only this life: charge, shipment", 0},
    {"jobs", 'j', "N", 0, "Runs at once (2)", 0},
    {"log", 'l', NULL, 0, "Print the event log (with --n)", 0},
    {0},
};

static error_t parse(int key, char *value, struct argp_state *state)
{
    struct settings *settings = state->input;
    switch (key) {
    case 'k':
        settings->kind = value;
        return 0;
    case 'n':
        settings->nth.only = strtoull(value, NULL, 10);
        return 0;
    case 'f':
        settings->life = value;
        return 0;
    case 'j':
        settings->nth.jobs = (unsigned)strtoul(value, NULL, 10);
        if (settings->nth.jobs < 1 || settings->nth.jobs > JOBS_MAX) {
            argp_error(state, "1 to %d runs at once", JOBS_MAX);
        }
        return 0;
    case 'l':
        settings->shows_log = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static bool is_wanted(const struct settings *settings, unsigned kind)
{
    return settings->kind == NULL || strstr(nth_kind_name((enum nth_kind)kind), settings->kind);
}

/* A child ends here, whatever happened: it has told its failure. */
static void tell(const struct nth *nth, unsigned life, bool is_well)
{
    bool is_told = nth->struck == NTH_NOTHING || nth->failed[nth->struck] < TOLD_MAX;
    if (!is_well && is_told) {
        (void)printf("  %s, N = %" PRIu64 ", %s: %s\n",
                     nth->struck == NTH_NOTHING ? "nothing" : nth_kind_name(nth->struck),
                     nth->struck_n, nth_life_name(life), nth->sim->failure);
    }
    if (nth->is_child && nth->only == 0) {
        (void)fflush(stdout);
        _exit(is_well ? 0 : 1);
    }
}

static bool run(struct settings *settings, unsigned life)
{
    struct nth *nth = &settings->nth;
    struct sim sim = {0};
    uint64_t tried = 0;
    uint64_t failed = 0;
    nth->sim = &sim;
    nth->is_child = false;
    nth->full_until_us = 0;
    nth->refused_in = 0;
    nth->struck = nth->send = nth->notice = NTH_NOTHING;
    memset(nth->asked, 0, sizeof nth->asked);
    memset(nth->failed, 0, sizeof nth->failed);
    nth_begin(nth);
    bool is_well = nth_live(nth, life, settings->shows_log);
    tell(nth, life, is_well);
    nth_gather(nth);
    sim_close(&sim);
    (void)printf("life \"%s\":\n", nth_life_name(life));
    for (unsigned kind = 0; kind < NTH_KIND_COUNT; kind++) {
        if (nth->is_wanted[kind]) {
            (void)printf("%8" PRIu64 "  %-36s %s\n", nth->asked[kind],
                         nth_kind_name((enum nth_kind)kind), nth->failed[kind] > 0 ? "FAILED" : "");
            tried += nth->asked[kind];
            failed += nth->failed[kind];
        }
    }
    (void)printf("%8" PRIu64 "  tried, %" PRIu64 " failed\n", tried, failed);
    return is_well && failed == 0;
}

int main(int argc, char **argv)
{
    const struct argp argp = {argp_options, parse, NULL, "Fails the Nth of everything.",
                              NULL,         NULL,  NULL};
    struct settings settings = {.nth = {.jobs = 2}};
    bool is_well = true;
    (void)argp_parse(&argp, argc, argv, 0, NULL, &settings);
    for (unsigned kind = 0; kind < NTH_KIND_COUNT; kind++) {
        settings.nth.is_wanted[kind] = is_wanted(&settings, kind);
    }
    for (unsigned life = 0; life < NTH_LIVES; life++) {
        if (settings.life == NULL || strcmp(settings.life, nth_life_name(life)) == 0) {
            is_well = run(&settings, life) && is_well;
        }
    }
    return is_well ? 0 : 1;
}
