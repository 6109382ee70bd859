/*
 * main_scenario.c - runs scenarios: plain-text files with golden lines, see scenarios/README.md.
 *
 *     scenario scenarios/retry/soft-decline-is-retried.txt
 *     scenario --bless FILE        rewrites the golden lines: read them before they are kept
 *     scenario --reading reference-checked=last FILE ...    by another reading of Amazon's
 * documents: each must hold and end at rest; golden lines are not compared scenario --title FILE
 * ...    what each is about scenario --words -           the words that are not autopayctl's
 *     scenario --vocabulary -      commands of autopayctl and keys of the configuration
 */
#include <argp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "billing/ensure.h"
#include "tests/sim/scenario.h"
#include "tests/sim/scenario_vocabulary.h"

#define FILES_MAX    1000
#define READINGS_MAX 20

struct settings {
    const char *files[FILES_MAX];
    size_t count;
    const char *readings[READINGS_MAX];
    size_t reading_count;
    bool blesses, shows_log, shows_titles, shows_words, shows_vocabulary;
};

static const struct argp_option argp_options[] = {
    {"bless", 'b', NULL, 0, "Make golden what was told", 0},
    {"log", 'l', NULL, 0, "Print the world's event log", 0},
    {"reading", 'r', "RULE=VALUE", 0, "Play Amazon by another reading; may be repeated", 0},
    {"title", 't', NULL, 0, "Print what each is about, and run none", 0},
    {"words", 'w', NULL, 0, "Print the words of scenarios, and run none", 0},
    {"vocabulary", 'v', NULL, 0, "Print commands of autopayctl and keys of the configuration", 0},
    {0},
};

/* NOLINTNEXTLINE(readability-non-const-parameter): argp's type of a parser */
static error_t parse(int key, char *value, struct argp_state *state)
{
    struct settings *settings = state->input;
    switch (key) {
    case 'b':
        settings->blesses = true;
        return 0;
    case 'l':
        settings->shows_log = true;
        return 0;
    case 'r':
        if (settings->reading_count == READINGS_MAX) {
            argp_error(state, "at most %d readings", READINGS_MAX);
        }
        settings->readings[settings->reading_count++] = value;
        return 0;
    case 't':
        settings->shows_titles = true;
        return 0;
    case 'w':
        settings->shows_words = true;
        return 0;
    case 'v':
        settings->shows_vocabulary = true;
        return 0;
    case ARGP_KEY_ARG:
        if (settings->count == FILES_MAX) {
            argp_error(state, "at most %d files", FILES_MAX);
        }
        settings->files[settings->count++] = value;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "which file?");
        return EINVAL;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* Only whether it holds: what is told may differ. */
static bool run_by(const char *reading, const char *path)
{
    struct script_file *file = script_read(path);
    if (file == NULL) {
        return false;
    }
    bool is_well = scenario_run(file, reading, false);
    script_free(file);
    return is_well;
}

static size_t run_all_by_readings(const struct settings *settings)
{
    size_t failed = 0;
    for (size_t r = 0; r < settings->reading_count; r++) {
        for (size_t i = 0; i < settings->count; i++) {
            if (!run_by(settings->readings[r], settings->files[i])) {
                (void)printf("FAILED by %s: %s\n", settings->readings[r], settings->files[i]);
                failed++;
            }
        }
    }
    return failed;
}

static bool run(const struct settings *settings, const char *path)
{
    struct script_file *file = script_read(path);
    if (file == NULL) {
        return false;
    }
    bool is_well = true;
    if (settings->shows_titles) {
        (void)printf("%s\t%s\n", path, script_title(file));
    } else {
        bool has_run = scenario_run(file, NULL, settings->shows_log);
        bool is_golden = settings->blesses || script_compare(file);
        is_well = has_run && is_golden;
        if (has_run && settings->blesses) {
            is_well = script_bless(file);
        }
    }
    script_free(file);
    return is_well;
}

int main(int argc, char **argv)
{
    const struct argp argp = {argp_options, parse, "FILE...", "Scenarios of autopayd.",
                              NULL,         NULL,  NULL};
    struct settings *settings = calloc(1, sizeof *settings);
    size_t failed = 0;
    ENSURE(settings != NULL);
    (void)argp_parse(&argp, argc, argv, 0, NULL, settings);
    if (settings->shows_vocabulary) {
        scenario_print_vocabulary();
    }
    bool runs =
        !settings->shows_words && !settings->shows_vocabulary && settings->reading_count == 0;
    failed += run_all_by_readings(settings);
    for (size_t i = 0; settings->shows_words && scenario_word(i) != NULL; i++) {
        (void)printf("%s\n", scenario_word(i));
    }
    for (size_t i = 0; runs && i < settings->count; i++) {
        if (!run(settings, settings->files[i])) {
            (void)printf("FAILED %s\n", settings->files[i]);
            failed++;
        }
    }
    if (runs && settings->count > 1 && !settings->shows_titles) {
        (void)printf("%zu of %zu scenarios failed\n", failed, settings->count);
    }
    free(settings);
    if (failed > 0) {
        (void)fflush(stdout);
        _Exit(1); /* a world that stopped in the midst of something leaves things behind */
    }
    return 0;
}
