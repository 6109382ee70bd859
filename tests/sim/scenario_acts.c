/*
 * scenario_acts.c - the words of a scenario that are not autopayctl's: one row and one function
 * each. To add a word: a row, and a line in scenarios/README.md. What happens outside of the daemon
 * is in scenario_amazon.c.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "billing/ensure.h"
#include "schema/store.h"
#include "tests/sim/amazon.h"
#include "tests/sim/life.h"
#include "tests/sim/scenario.h"
#include "tests/sim/scenario_judge.h"
#include "tests/sim/scenario_words.h"
#include "tests/sim/sim_disk.h"

#define STOPS_WITHIN_US (2 * MINUTE_US)

typedef void act(struct scenario *scenario, char **words, int count);

const char *word(char **words, int count, int index)
{
    return index < count ? words[index] : "";
}

bool is(char **words, int count, int index, const char *text)
{
    return strcmp(word(words, count, index), text) == 0;
}

void usage(struct scenario *scenario, const char *text)
{
    scenario_fail(scenario, "is written: %s", text);
}

const char *id_of(struct scenario *scenario, const char *name)
{
    const struct scenario_name *found = scenario_names_find(&scenario->names, name);
    if (found == NULL) {
        scenario_fail(scenario, "nothing is called \"%s\"", name);
        return "";
    }
    return found->id;
}

/* --- settings -------------------------------------------------------------------------------- */

/* What stands after "=", as in the daemon's file. */
static const char *value_of_line(struct scenario *scenario)
{
    const char *equals = strchr(scenario->line->text, '=');
    if (equals == NULL) {
        return "";
    }
    equals++;
    return equals + strspn(equals, " ");
}

static void act_config(struct scenario *scenario, char **words, int count)
{
    const char *value = value_of_line(scenario);
    const char *key = word(words, count, 1);
    if (value[0] == '\0' || !is(words, count, 2, "=")) {
        usage(scenario, "config KEY = VALUE");
        return;
    }
    scenario_config_set(&scenario->config, "", key, value);
    if (strcmp(key, "zone") == 0) {
        (void)sscanf(value, "\"%47[^\"]", scenario->zone_name);
    }
}

static void act_policy(struct scenario *scenario, char **words, int count)
{
    const char *value = value_of_line(scenario);
    if (value[0] == '\0' || !is(words, count, 3, "=")) {
        usage(scenario, "config-policy NAME KEY = VALUE");
        return;
    }
    scenario_config_set(&scenario->config, words[1], words[2], value);
}

static void act_reload(struct scenario *scenario, char **words, int count)
{
    (void)words;
    (void)count;
    scenario_reload(scenario);
    scenario_pass(scenario, SECOND_US);
}

static void act_show(struct scenario *scenario, char **words, int count)
{
    bool *flag = is(words, count, 1, "look-ups")   ? &scenario->shows_lookups
                 : is(words, count, 1, "attempts") ? &scenario->shows_attempts
                 : is(words, count, 1, "warnings") ? &scenario->shows_warnings
                                                   : NULL;
    if (flag == NULL || count > 3) {
        usage(scenario, "show look-ups|attempts|warnings [no]");
        return;
    }
    *flag = !is(words, count, 2, "no");
}

static void act_leaves(struct scenario *scenario, char **words, int count)
{
    if (!is(words, count, 1, "unknown")) {
        usage(scenario, "leaves unknown");
        return;
    }
    scenario->leaves_unknown = true;
}

static void act_sellers(struct scenario *scenario, char **words, int count)
{
    unsigned long sellers = strtoul(word(words, count, 1), NULL, 10);
    if (scenario->has_begun || sellers < 1 || sellers > SIM_SELLERS_MAX) {
        usage(scenario, "sellers N, before the world begins");
        return;
    }
    scenario->sellers = (uint32_t)sellers;
}

static void act_tolerates(struct scenario *scenario, char **words, int count)
{
    size_t used = strlen(scenario->tolerated);
    (void)snprintf(scenario->tolerated + used, sizeof scenario->tolerated - used, ",%s",
                   word(words, count, 1));
}

/* --- time ------------------------------------------------------------------------------------ */

static void act_at(struct scenario *scenario, char **words, int count)
{
    struct instant at;
    struct sim *sim = &scenario->sim;
    if (!scenario_time(scenario, word(words, count, 1), word(words, count, 2), &at)) {
        usage(scenario, "at YYYY-MM-DD HH:MM[:SS]");
    } else if (!scenario->has_begun) {
        scenario_begin(scenario, at);
    } else if (instant_before(at, sim_true_utc(sim))) {
        scenario_fail(scenario, "that is past already");
    } else {
        scenario_pass(scenario, (at.utc_ms - sim_true_utc(sim).utc_ms) * 1000);
    }
}

static void act_wait(struct scenario *scenario, char **words, int count)
{
    int64_t ms = 0;
    if (!scenario_duration(word(words, count, 1), &ms) || ms <= 0) {
        usage(scenario, "wait 90s|5m|2h|3d");
        return;
    }
    scenario_pass(scenario, ms * 1000);
}

static void act_clock(struct scenario *scenario, char **words, int count)
{
    int64_t ms = 0;
    if (!is(words, count, 1, "right") && !scenario_duration(word(words, count, 1), &ms)) {
        usage(scenario, "clock right|+3h|-10m");
        return;
    }
    scenario->sim.clock_off_ms = ms;
}

/* --- the daemon ------------------------------------------------------------------------------ */

static void act_daemon(struct scenario *scenario, char **words, int count)
{
    struct sim *sim = &scenario->sim;
    if (is(words, count, 1, "stops")) {
        sim->is_over = true; /* nobody starts it again */
        life_stop(sim);
        int64_t until_us = sim->now_us + STOPS_WITHIN_US;
        while (sim->life != NULL && sim->now_us < until_us) {
            scenario_tell(scenario);
            sim_turn_until(sim, sim->now_us + SECOND_US / 10);
        }
    } else if (is(words, count, 1, "starts") && sim->life == NULL) {
        sim->is_over = false;
        life_start(sim);
        scenario_pass(scenario, SECOND_US);
    } else if (is(words, count, 1, "dies")) {
        scenario_tell(scenario);
        life_kill(sim, "the scenario says that the daemon dies");
    } else {
        usage(scenario, "daemon stops|starts|dies");
    }
}

/* Little room is left: what is begun is recorded. Full: nothing is. */
static void act_disk(struct scenario *scenario, char **words, int count)
{
    bool is_full = is(words, count, 2, "full");
    bool is_short = is(words, count, 2, "nearly-full");
    if (!is(words, count, 1, "is") || (!is_full && !is_short && !is(words, count, 2, "well"))) {
        usage(scenario, "disk is nearly-full|full|well");
        return;
    }
    scenario->disk_is_short = is_full || is_short;
    disk_fill(scenario->sim.disk, is_full ? INT64_MAX : 0);
}

/* What the system says to who asks how much room is left (schema/sqlite_claim.c). */
int __real_statvfs(const char *path, struct statvfs *space);
int __wrap_statvfs(const char *path, struct statvfs *space);
int __wrap_statvfs(const char *path, struct statvfs *space)
{
    const struct scenario *scenario = (const struct scenario *)sim_here();
    if (scenario == NULL || !scenario->disk_is_short) {
        return __real_statvfs(path, space);
    }
    *space = (struct statvfs){.f_frsize = 4096};
    return 0;
}

/* --- what must be so ------------------------------------------------------------------------- */

static void must_be(struct scenario *scenario, char **words, int count, const char *what,
                    int64_t yen)
{
    if (!is(words, count, 2, "JPY") || count != 4) {
        scenario_fail(scenario, "is written: %s AGREEMENT JPY AMOUNT", what);
    } else if (yen != strtoll(words[3], NULL, 10)) {
        scenario_fail(scenario, "Amazon %s JPY %" PRId64, what, yen);
    }
}

static void act_captured(struct scenario *scenario, char **words, int count)
{
    const char *id = id_of(scenario, word(words, count, 1));
    must_be(scenario, words, count, "captured", scenario_captured_yen(scenario, id));
}

static void act_refunded(struct scenario *scenario, char **words, int count)
{
    const char *id = id_of(scenario, word(words, count, 1));
    must_be(scenario, words, count, "refunded", scenario_refunded_yen(scenario, id));
}

/* --- the table ------------------------------------------------------------------------------- */

static const struct {
    const char *word;
    bool comes_first; /* may stand before the world has begun */
    act *act;
} acts[] = {
    {"config", true, act_config},
    {"config-policy", true, act_policy},
    {"amazon", true, act_amazon},
    {"show", true, act_show},
    {"at", true, act_at},
    {"until", false, act_at},
    {"wait", false, act_wait},
    {"reload", false, act_reload},
    {"leaves", true, act_leaves},
    {"tolerates", true, act_tolerates},
    {"sellers", true, act_sellers},
    {"clock", false, act_clock},
    {"daemon", false, act_daemon},
    {"disk", false, act_disk},
    {"buyer", false, act_buyer},
    {"card", false, act_card},
    {"next", false, act_next},
    {"somebody", false, act_somebody},
    {"forged", false, act_forged},
    {"captured", false, act_captured},
    {"refunded", false, act_refunded},
};

const char *scenario_word(size_t index)
{
    return index < sizeof acts / sizeof acts[0] ? acts[index].word : NULL;
}

void scenario_act(struct scenario *scenario, char **words, int count)
{
    const char *name = NULL;
    if (count > 2 && strcmp(words[1], "=") == 0 && scenario_name_is_valid(words[0])) {
        name = words[0];
        words += 2;
        count -= 2;
    }
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        if (strcmp(words[0], acts[i].word) == 0) {
            if (!scenario->has_begun && !acts[i].comes_first) {
                scenario_fail(scenario, "the world has not begun (at DATE TIME)");
            } else {
                acts[i].act(scenario, words, count);
            }
            return;
        }
    }
    if (!scenario_is_order(words[0])) {
        scenario_fail(scenario, "\"%s\" is not a word of a scenario", words[0]);
    } else if (!scenario->has_begun) {
        scenario_fail(scenario, "the world has not begun (at DATE TIME)");
    } else {
        scenario_order(scenario, name, words, count);
    }
}
