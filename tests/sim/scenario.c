/*
 * scenario.c - see scenario.h. Time, the beginning and the end of a scenario.
 *
 * A scenario that ends must be at rest: the daemon is drained, nothing unknown is open, and the
 * witness compares database, books and Amazon's ledger as after a simulated year.
 */
#include "tests/sim/scenario.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "billing/ensure.h"
#include "scheduler/config.h"
#include "scheduler/zones.h"
#include "tests/sim/amazon.h"
#include "tests/sim/life.h"
#include "tests/sim/post.h"
#include "tests/sim/scenario_judge.h"
#include "tests/sim/settings.h"
#include "tests/sim/witness.h"

#define BEFORE_US MINUTE_US /* the daemon is there before the scenario begins */
#define DEAF_US   (10 * MINUTE_US)
#define HEARS_US  (10 * SECOND_US) /* between two looks at what Amazon tells */
#define SEED      1

/* --- failing --------------------------------------------------------------------------------- */

void scenario_fail(struct scenario *scenario, const char *format, ...)
{
    struct sim *sim = &scenario->sim;
    char text[sizeof sim->failure];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (sim->failure[0] == '\0') {
        memcpy(sim->failure, text, sizeof text);
    }
}

bool scenario_has_failed(const struct scenario *scenario)
{
    return scenario->sim.failure[0] != '\0';
}

/* --- time ------------------------------------------------------------------------------------ */

bool scenario_time(struct scenario *scenario, const char *date, const char *time,
                   struct instant *at)
{
    struct civil_date day;
    int hour = 0;
    int minute = 0;
    int second = 0;
    int used = 0;
    if (scenario->zone == NULL) {
        struct problem problem;
        enum status status =
            zones_get(scenario->zones, scenario->zone_name, &scenario->zone, &problem);
        ENSURE(status == ST_OK);
    }
    if (date == NULL || time == NULL || !civil_parse(date, &day) ||
        sscanf(time, "%2d:%2d%n:%2d%n", &hour, &minute, &used, &second, &used) < 2 ||
        time[used] != '\0') {
        return false;
    }
    *at = zone_instant(scenario->zone, day, hour * 3600 + minute * 60 + second);
    return true;
}

bool scenario_duration(const char *text, int64_t *ms)
{
    static const struct {
        const char *unit;
        int64_t ms;
    } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};
    char *end = NULL;
    long long number = text != NULL ? strtoll(text, &end, 10) : 0;
    for (size_t i = 0; i < sizeof units / sizeof units[0] && end != NULL && end != text; i++) {
        if (strcmp(end, units[i].unit) == 0) {
            *ms = number * units[i].ms;
            return true;
        }
    }
    return false;
}

void scenario_pass(struct scenario *scenario, int64_t us)
{
    sim_turn_until(&scenario->sim, scenario->sim.now_us + us);
    scenario_tell(scenario);
}

/* --- notifications --------------------------------------------------------------------------- */

/* Soon after whatever may have been told of, and now and then. */
static void post_round(void *arg)
{
    struct scenario *scenario = arg;
    struct sim *sim = &scenario->sim;
    const struct post_faults faults = {.twice_ppm = scenario->hears_twice ? 1000000 : 0};
    struct amazon_notice notice;
    amazon_passes(sim->amazon);
    if (scenario->hears) {
        post_collect(sim, &faults);
    }
    while (!scenario->hears && amazon_take_notice(sim->amazon, &notice)) {
        free(notice.message); /* lost */
    }
    queue_put(&sim->queue, &scenario->post_round,
              sim->now_us + (scenario->hears ? HEARS_US : DEAF_US));
}

/* --- begin and end --------------------------------------------------------------------------- */

/* What was set so far, as the configuration file has it. */
static void write_script(struct scenario *scenario)
{
    scenario_config_write(&scenario->config);
    scenario->script.daemon_text = scenario->config.daemon_text;
    scenario->script.seller_text = scenario->config.seller_text;
}

static void set_rules(struct scenario *scenario, const char *members)
{
    const char *answer;
    char json[SCENARIO_TEXT_MAX + 4];
    (void)snprintf(json, sizeof json, "{%s}", members);
    int status = amazon_control(scenario->sim.amazon, "/control/rules", json, &answer);
    if (status != 200) {
        scenario_fail(scenario, "amazon: %s", answer);
    }
}

static void set_reading(struct scenario *scenario)
{
    char name[40];
    char value[40];
    char member[SCENARIO_TEXT_MAX];
    if (scenario->reading == NULL) {
        return;
    }
    if (sscanf(scenario->reading, "%39[^=]=%39s", name, value) != 2) {
        scenario_fail(scenario, "a reading is NAME=VALUE: %s", scenario->reading);
        return;
    }
    scenario_rule(member, sizeof member, name, value);
    set_rules(scenario, member);
}

void scenario_begin(struct scenario *scenario, struct instant at)
{
    struct sim_options options = {.seed = SEED,
                                  .sellers = scenario->sellers,
                                  .tolerated = scenario->tolerated,
                                  .shows_log = scenario->sim.options.shows_log,
                                  .shows_daemon = false,
                                  .script = &scenario->script};
    write_script(scenario);
    scenario->script.began_at = instant_plus(at, -BEFORE_US / 1000);
    scenario->script.daemon_log_fd = scenario->log_fd;
    sim_open(&scenario->sim, &options);
    set_reading(scenario);
    set_rules(scenario, scenario->rules);
    scenario->has_begun = true;
    scenario->post_round.run = post_round;
    scenario->post_round.arg = scenario;
    queue_put(&scenario->sim.queue, &scenario->post_round, DEAF_US);
    for (uint32_t i = 0; i < options.sellers; i++) {
        char id[SIM_SELLER_BYTES];
        char name[] = "SELLER1";
        sim_seller_id(i, id);
        name[sizeof name - 2] = (char)('1' + i);
        scenario_names_add(&scenario->names, name, id, 0);
    }
    life_start(&scenario->sim);
    scenario->is_quiet = true;
    scenario_pass(scenario, BEFORE_US);
    scenario->is_quiet = false;
}

void scenario_reload(struct scenario *scenario)
{
    struct config *before = scenario->sim.config;
    write_script(scenario);
    life_configure(&scenario->sim, settings_read(&scenario->sim));
    config_free(before);
}

/* The daemon comes to rest, is drained, and the books are compared. */
static void end_world(struct scenario *scenario)
{
    struct sim *sim = &scenario->sim;
    sim->is_over = true;
    scenario->line = NULL;
    if (!scenario_has_failed(scenario)) {
        scenario_judge_refunds(scenario);
        sim->rested_at = sim_daemon_utc(sim);
        life_stop(sim);
        sim_turn_until(sim, sim->now_us + 2 * MINUTE_US);
        if (sim->life != NULL) {
            scenario_fail(scenario, "at the end: the daemon does not stop");
        }
    }
    if (!scenario_has_failed(scenario) && !scenario->leaves_unknown) {
        witness_judges(sim->witness);
    }
    if (!scenario_has_failed(scenario)) {
        scenario_audit(scenario);
    }
    queue_remove(&sim->queue, &scenario->post_round);
    if (sim->life != NULL) {
        life_end(sim);
    }
    sim_close(sim);
}

/* --- lines ----------------------------------------------------------------------------------- */

/* Splits in place; what stands in double quotes is one word. False: too many. */
static bool split(char *text, char **words, int *count)
{
    *count = 0;
    char *at = text + strspn(text, " \t");
    while (*at != '\0' && *at != '#') {
        if (*count == SCENARIO_WORDS_MAX) {
            return false;
        }
        bool is_quoted = *at == '"';
        at += is_quoted ? 1 : 0;
        words[(*count)++] = at;
        at += strcspn(at, is_quoted ? "\"" : " \t");
        if (*at != '\0') {
            *at++ = '\0';
        }
        at += strspn(at, " \t");
    }
    words[*count] = NULL;
    return true;
}

static void do_text(struct scenario *scenario, const char *text)
{
    char copy[SCENARIO_TEXT_MAX];
    char *words[SCENARIO_WORDS_MAX + 1];
    int count = 0;
    (void)snprintf(copy, sizeof copy, "%s", text);
    if (strlen(text) >= sizeof copy || !split(copy, words, &count)) {
        scenario_fail(scenario, "the line is too long");
    } else if (count > 0) {
        scenario_act(scenario, words, count);
    }
}

/* "each 1-15 WORDS": the words with 1 to 15 for each "%". */
static void do_each(struct scenario *scenario, const char *text)
{
    unsigned first = 0;
    unsigned last = 0;
    int used = 0;
    if (sscanf(text, "each %u-%u %n", &first, &last, &used) < 2 || used == 0 || last > 99) {
        scenario_fail(scenario, "each FIRST-LAST WORDS");
        return;
    }
    for (unsigned i = first; i <= last && !scenario_has_failed(scenario); i++) {
        char one[SCENARIO_TEXT_MAX];
        size_t to = 0;
        for (const char *at = text + used; *at != '\0' && to + 4 < sizeof one; at++) {
            to += *at == '%' ? (size_t)snprintf(one + to, sizeof one - to, "%u", i)
                             : (size_t)snprintf(one + to, sizeof one - to, "%c", *at);
        }
        do_text(scenario, one);
    }
}

static void do_line(struct scenario *scenario, struct script_line *line)
{
    scenario->line = line;
    const char *text = line->text;
    scenario->is_quiet = strncmp(text, "quietly ", 8) == 0;
    text += scenario->is_quiet ? 8 : 0;
    if (strncmp(text, "each ", 5) == 0) {
        do_each(scenario, text);
    } else {
        do_text(scenario, text);
    }
    if (scenario->has_begun) {
        scenario_tell(scenario);
    }
    scenario->is_quiet = false;
    if (scenario_has_failed(scenario)) {
        (void)fprintf(stderr, "%s:%zu: %s\n  %s\n", scenario->file->path, line->number, line->text,
                      scenario->sim.failure);
    }
}

bool scenario_run(struct script_file *file, const char *reading, bool shows_log)
{
    struct scenario *scenario = calloc(1, sizeof *scenario);
    ENSURE(scenario != NULL);
    scenario->file = file;
    scenario->reading = reading;
    scenario->sim.options.shows_log = shows_log;
    scenario->log_fd = memfd_create("daemon-log", MFD_CLOEXEC);
    ENSURE(scenario->log_fd > 0);
    scenario->zones = zones_new(ZONES_DIRECTORY);
    (void)snprintf(scenario->zone_name, sizeof scenario->zone_name, "Asia/Tokyo");
    scenario->sellers = 1;
    scenario_config_set(&scenario->config, "", "zone", "\"Asia/Tokyo\"");
    for (size_t i = 0; i < file->count && !scenario_has_failed(scenario); i++) {
        do_line(scenario, &file->lines[i]);
    }
    bool is_well = !scenario_has_failed(scenario);
    if (scenario->has_begun) {
        end_world(scenario);
    }
    if (is_well && scenario_has_failed(scenario)) {
        (void)fprintf(stderr, "%s: at the end: %s\n", file->path, scenario->sim.failure);
        is_well = false;
    }
    zones_free(scenario->zones);
    free(scenario->sim.chance.struck);
    (void)close(scenario->log_fd);
    free(scenario);
    return is_well;
}
