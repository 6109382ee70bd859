/* shrink.c - see shrink.h. */
#include "tests/sim/shrink.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "billing/ensure.h"

#define RUNS_MAX 300 /* then the list is as small as it gets in reasonable time */

/* --- one run ------------------------------------------------------------------------------- */

static void write_all(int fd, const void *bytes, size_t count)
{
    const char *at = bytes;
    while (count > 0) {
        ssize_t written = write(fd, at, count);
        if (written <= 0) {
            _exit(3);
        }
        at += written;
        count -= (size_t)written;
    }
}

static bool read_all(int fd, void *bytes, size_t count)
{
    char *at = bytes;
    while (count > 0) {
        ssize_t got = read(fd, at, count);
        if (got <= 0) {
            return false;
        }
        at += got;
        count -= (size_t)got;
    }
    return true;
}

static void run_child(const struct sim_options *options, const struct strike *only,
                      size_t only_count, int fd)
{
    struct sim *sim = calloc(1, sizeof *sim);
    ENSURE(sim != NULL);
    sim->chance.allowed = only;
    sim->chance.allowed_count = only_count;
    struct outcome outcome = {.is_well = sim_run(sim, options)};
    outcome.lives = sim->life_count;
    outcome.log_hash = sim->log_hash;
    outcome.log_lines = sim->log_lines;
    outcome.strike_count = sim->chance.struck_count;
    memcpy(outcome.failure, sim->failure, sizeof outcome.failure);
    write_all(fd, &outcome, sizeof outcome);
    write_all(fd, sim->chance.struck, sim->chance.struck_count * sizeof(struct strike));
    (void)fflush(stdout);
    _exit(0);
}

void outcome_of(const struct sim_options *options, const struct strike *only, size_t only_count,
                struct outcome *outcome)
{
    int ends[2];
    int piped = pipe(ends);
    ENSURE(piped == 0);
    (void)fflush(stdout);
    pid_t child = fork();
    ENSURE(child >= 0);
    if (child == 0) {
        (void)close(ends[0]);
        run_child(options, only, only_count, ends[1]);
    }
    (void)close(ends[1]);
    int how = 0;
    struct strike *strikes = NULL;
    bool is_whole = read_all(ends[0], outcome, sizeof *outcome);
    if (is_whole) {
        strikes = calloc(outcome->strike_count + 1, sizeof *strikes);
        ENSURE(strikes != NULL);
        is_whole = read_all(ends[0], strikes, outcome->strike_count * sizeof *strikes);
    }
    (void)close(ends[0]);
    (void)waitpid(child, &how, 0);
    if (!is_whole) {
        *outcome = (struct outcome){.is_well = false};
        (void)snprintf(outcome->failure, sizeof outcome->failure, "the simulation ended by %s",
                       WIFSIGNALED(how) ? strsignal(WTERMSIG(how)) : "itself");
    }
    outcome->strikes = strikes;
}

void outcome_free(struct outcome *outcome)
{
    free(outcome->strikes);
}

/* --- smaller ------------------------------------------------------------------------------- */

struct shrinking {
    struct sim_options options;
    unsigned runs;
    struct strike *strikes; /* with these it fails */
    size_t count;
};

static int compare(const void *a, const void *b)
{
    const struct strike *left = a;
    const struct strike *right = b;
    if (left->site != right->site) {
        return left->site < right->site ? -1 : 1;
    }
    return left->k < right->k ? -1 : left->k > right->k ? 1 : 0;
}

static bool still_fails(struct shrinking *shrinking, const struct strike *strikes, size_t count)
{
    struct outcome outcome;
    shrinking->runs++;
    outcome_of(&shrinking->options, strikes, count, &outcome);
    outcome_free(&outcome);
    return !outcome.is_well;
}

/* Leaves out every piece of that size without which it still fails. */
static bool leave_out(struct shrinking *shrinking, size_t piece)
{
    bool has_shrunk = false;
    struct strike *fewer = calloc(shrinking->count + 1, sizeof *fewer);
    ENSURE(fewer != NULL);
    for (size_t at = 0; at < shrinking->count && shrinking->runs < RUNS_MAX;) {
        size_t left_out = piece < shrinking->count - at ? piece : shrinking->count - at;
        size_t count = shrinking->count - left_out;
        memcpy(fewer, shrinking->strikes, at * sizeof *fewer);
        memcpy(fewer + at, shrinking->strikes + at + left_out, (count - at) * sizeof *fewer);
        if (still_fails(shrinking, fewer, count)) {
            memcpy(shrinking->strikes, fewer, count * sizeof *fewer);
            shrinking->count = count;
            has_shrunk = true;
        } else {
            at += left_out;
        }
    }
    free(fewer);
    return has_shrunk;
}

static void tell(const struct shrinking *shrinking)
{
    const struct sim_options *options = &shrinking->options;
    (void)printf("  shrunk to %zu strikes in %u runs:\n", shrinking->count, shrinking->runs);
    (void)printf("  sim --seed %" PRIu64
                 " --days %d --subscriptions %u --sellers %u%s --log --only '",
                 options->seed, options->days, options->subscriptions, options->sellers,
                 options->monthly_only ? " --monthly" : "");
    for (size_t i = 0; i < shrinking->count; i++) {
        (void)printf("%s%s:%" PRIu64, i > 0 ? "," : "", site_name(shrinking->strikes[i].site),
                     shrinking->strikes[i].k);
    }
    (void)printf("'\n");
}

void shrink_and_tell(const struct sim_options *options, const struct outcome *failed)
{
    struct shrinking shrinking = {.options = *options};
    if (failed->strikes == NULL) {
        (void)printf("  sim --seed %" PRIu64 " --log shows it\n", options->seed);
        return;
    }
    shrinking.options.shows_log = shrinking.options.shows_daemon = false;
    shrinking.count = failed->strike_count;
    shrinking.strikes = calloc(shrinking.count + 1, sizeof *shrinking.strikes);
    ENSURE(shrinking.strikes != NULL);
    memcpy(shrinking.strikes, failed->strikes, shrinking.count * sizeof *shrinking.strikes);
    qsort(shrinking.strikes, shrinking.count, sizeof *shrinking.strikes, compare);
    /* No longer than until it failed, if the day it failed on is known. */
    for (size_t piece = (shrinking.count + 1) / 2; piece > 0 && shrinking.runs < RUNS_MAX;
         piece /= 2) {
        (void)leave_out(&shrinking, piece);
    }
    tell(&shrinking);
    free(shrinking.strikes);
}
