/*
 * scenario.h - one scenario: a plain-text file of what happens, and of what the daemon then does.
 *
 * The simulated world (sim.h) without chance: nobody acts and nothing goes wrong but by a line of
 * the file. What the daemon sent, recorded, refused and complained of since is told under that
 * line, in lines that begin with ">"; a run compares them, `--bless` writes them.
 *
 *     scenario_file.c    the file: lines, and the golden lines under each
 *     scenario.c         the run: time, begin and end
 *     scenario_acts.c    what happens: a table of words
 *     scenario_amazon.c  ... outside of the daemon
 *     scenario_forge.c   ... notifications that are not true
 *     scenario_orders.c  ... of which autopayctl's own are read by its own tables
 *     scenario_vocabulary.c  ... and what else users can say
 *     scenario_config.c  the configuration that it sets
 *     scenario_tell.c    what is told: events, requests, alarms
 *     scenario_names.c   S-1-1 instead of K7QW3M2AAAAAAAAA-1-1
 *     scenario_judge.c   the sums of Amazon's ledger
 *     main_scenario.c    the command line
 *
 * How a scenario is written: scenarios/README.md.
 */
#ifndef TESTS_SIM_SCENARIO_H
#define TESTS_SIM_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "billing/zone.h"
#include "tests/sim/scenario_config.h"
#include "tests/sim/scenario_file.h"
#include "tests/sim/scenario_names.h"
#include "tests/sim/sim.h"

#define SCENARIO_WORDS_MAX 40
#define SCENARIO_TEXT_MAX  512

/* What becomes of the next requests of an action, beyond what the sandbox itself can play. */
enum fate {
    FATE_NONE,
    FATE_REQUEST_LOST, /* never arrives */
    FATE_ANSWER_LOST,  /* Amazon works, nobody hears of it */
    FATE_ANSWER_LATE,  /* the answer takes twenty seconds */
    FATE_DAEMON_DIES,  /* Amazon works, and then the daemon dies */
    FATE_ALL_LOST,     /* never arrives, and the daemon dies meanwhile */
};

struct scenario {
    struct sim sim; /* first: sim_here() finds the scenario by it */
    struct script_file *file;
    struct script_line *line; /* what is done now */
    struct scenario_names names;

    struct sim_script script;
    struct scenario_config config;
    const char *reading; /* a rule of the sandbox that holds where the file says nothing */
    char rules[SCENARIO_TEXT_MAX]; /* of the sandbox: members of a JSON object */
    char zone_name[ZONE_NAME_MAX];
    struct zones *zones;
    const struct zone *zone; /* NULL until it is needed */
    uint32_t sellers;
    bool has_begun;

    uint64_t told[SIM_SELLERS_MAX]; /* the number of the last event that was told */
    int log_fd;
    int64_t log_told; /* bytes */
    bool shows_lookups, shows_attempts, shows_warnings, is_quiet;
    char tolerated[64];  /* invariants that the witness may find broken: its own errors */
    char refusal[24];    /* "error" of the latest answer of the admin API */
    bool leaves_unknown; /* the end is not a rest */
    bool disk_is_short;  /* little room is left: what the system says when it is asked */

    bool hears, hears_twice; /* notifications arrive; and again within a day */
    struct queue_entry post_round;
    enum fate fate;
    char fate_action[64];
    uint32_t fate_count;
};

/* Runs a whole file. What the daemon did is in file->lines[].told then; false, after sentences on
 * standard error, when a line cannot be understood or the world fails. `reading`: "NAME=VALUE", a
 * rule of the sandbox by which Amazon works where the file does not say another; or NULL. */
bool scenario_run(struct script_file *file, const char *reading, bool shows_log);

/* --- between the scenario_*.c files --- */

/* A line that cannot be understood, or does not hold: ends the run. */
void scenario_fail(struct scenario *scenario, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
bool scenario_has_failed(const struct scenario *scenario);

/* Begins the world at `at`; lets time pass until then. */
void scenario_begin(struct scenario *scenario, struct instant at);
void scenario_pass(struct scenario *scenario, int64_t us);
void scenario_reload(struct scenario *scenario);
/* "2026-01-31 09:00[:30]" on the scenario's wall clock. */
bool scenario_time(struct scenario *scenario, const char *date, const char *time,
                   struct instant *at);
/* "90s", "3d"; false for anything else. */
bool scenario_duration(const char *text, int64_t *ms);

/* Tells everything that was recorded and logged since. */
void scenario_tell(struct scenario *scenario);
/* One line of output, with short names, under the line that is done now. */
void scenario_say(struct scenario *scenario, struct instant at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same without a time: an answer to a question. */
void scenario_quote(struct scenario *scenario, const char *text);

/* What was told under this line gets the names that were given since. */
void scenario_rename(struct scenario *scenario);

/* A rule of the sandbox as a member of a JSON object. */
void scenario_rule(char *text, size_t size, const char *rule, const char *value);

/* Does what the line says. `words` end with NULL. */
void scenario_act(struct scenario *scenario, char **words, int count);
/* The `index`-th word that is not autopayctl's; NULL after the last. */
const char *scenario_word(size_t index);
/* A command of autopayctl; its result may have a name. */
void scenario_order(struct scenario *scenario, const char *name, char **words, int count);
bool scenario_is_order(const char *noun);

#endif
