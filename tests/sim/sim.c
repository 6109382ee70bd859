/*
 * sim.c - the world from its first event to its last: makes the parts, takes what is soonest out of
 * the queue, again and again, and lets the witness judge.
 *
 *     work       `days` of it: everybody acts, everything may go wrong
 *     healing    nothing goes wrong any more, nobody orders anything: all that was begun must end
 *     judgement  the daemon is idle: its books, the witness's and Amazon's must agree
 */
#include "tests/sim/sim.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "billing/ensure.h"
#include "mws/edge/crypto.h"
#include "scheduler/config.h"
#include "tests/sim/amazon.h"
#include "tests/sim/life.h"
#include "tests/sim/people.h"
#include "tests/sim/settings.h"
#include "tests/sim/sim_disk.h"
#include "tests/sim/sim_door.h"
#include "tests/sim/sim_memory.h"
#include "tests/sim/sim_network.h"
#include "tests/sim/trouble.h"
#include "tests/sim/witness.h"

#define BEGAN_AT_MS           INT64_C(1768435200000) /* 2026-01-15T00:00:00Z */
#define HEALING_US            (4 * DAY_US)  /* longer than what Amazon and our polls take */
#define IDLE_WITHIN_US        (2 * HOUR_US) /* then a moment without work must come */

#define TURNS_IN_A_MINUTE_MAX 300000

static struct sim *here; /* see sim_here() */

struct sim *sim_here(void)
{
    return here;
}

struct instant sim_true_utc(const struct sim *sim)
{
    return (struct instant){sim->began_at.utc_ms + sim->now_us / 1000};
}

struct instant sim_daemon_utc(const struct sim *sim)
{
    return instant_plus(sim_true_utc(sim), sim->clock_off_ms);
}

/* --- the log --------------------------------------------------------------------------------- */

/* The folder's name is the only thing that differs from run to run. */
static void hide_folder(const struct sim *sim, char *line)
{
    char *at = sim->folder[0] == '\0' ? NULL : strstr(line, sim->folder);
    if (at != NULL) {
        memset(at, '.', strlen(sim->folder));
    }
}

void sim_log(struct sim *sim, const char *format, ...)
{
    char line[1025];
    int64_t ms = sim->now_us / 1000;
    int head = snprintf(line, sizeof line, "%03d.%02d:%02d:%02d.%03d ", (int)(ms / 86400000),
                        (int)(ms / 3600000 % 24), (int)(ms / 60000 % 60), (int)(ms / 1000 % 60),
                        (int)(ms % 1000));
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line + head, sizeof line - (size_t)head - 2, format, arguments);
    va_end(arguments);
    length = length < (int)sizeof line - head - 2 ? length : (int)sizeof line - head - 3;
    length += head;
    line[length++] = '\n';
    line[length] = '\0';
    hide_folder(sim, line);
    for (int i = 0; i < length; i++) { /* FNV-1a */
        sim->log_hash = (sim->log_hash ^ (unsigned char)line[i]) * 0x100000001b3U;
    }
    sim->log_lines++;
    if (sim->options.shows_log) {
        (void)fwrite(line, 1, (size_t)length, stdout);
        (void)fflush(stdout);
    }
}

/* Does "16: ..." begin with a number of the list "16,20"? */
static bool is_tolerated(const char *list, const char *text)
{
    size_t length = strspn(text, "0123456789");
    while (list != NULL && *list != '\0' && length > 0) {
        size_t end = strcspn(list, ",");
        if (end == length && strncmp(list, text, length) == 0) {
            return true;
        }
        list += end + (list[end] == ',' ? 1 : 0);
    }
    return false;
}

void sim_fail(struct sim *sim, const char *format, ...)
{
    char text[sizeof sim->failure];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (is_tolerated(sim->options.tolerated, text)) {
        sim_log(sim, "tolerated: %s", text);
        sim->tolerated++;
        return;
    }
    sim_log(sim, "FAILED: %s", text);
    if (sim->failure[0] == '\0') {
        memcpy(sim->failure, text, sizeof text);
    }
}

/* --- what the linker hands to us (-Wl,--wrap) --------------------------------------------------
 */

void __wrap_random_bytes(void *bytes, size_t length);
_Noreturn void __wrap_ensure_failed(const char *condition, const char *file, int line);
_Noreturn void __real_ensure_failed(const char *condition, const char *file, int line);

/* Keys, ids and salts come from the seed. */
void __wrap_random_bytes(void *bytes, size_t length)
{
    enum site site = here->is_inside ? SITE_KEYS_OF_DAEMON : SITE_KEYS_OF_AMAZON;
    for (size_t i = 0; i < length; i++) {
        ((uint8_t *)bytes)[i] = (uint8_t)(chance_draw(&here->chance, site) >> 32);
    }
}

/* Of the daemon an ENSURE that fails ends its life: rightly when it has no memory, else it is a bug
 * that this seed has found. */
_Noreturn void __wrap_ensure_failed(const char *condition, const char *file, int line)
{
    if (here == NULL || !here->is_inside) {
        __real_ensure_failed(condition, file, line);
    }
    (void)memory_inside(false);
    if (here->has_no_memory) {
        sim_log(here, "the daemon has no memory");
    } else if (!here->is_dead) {
        sim_fail(here, "ENSURE(%s) failed at %s:%d", condition, file, line);
    }
    here->is_dead = true;
    longjmp(here->crash, 1);
}

bool sim_allocation_fails(struct sim *sim)
{
    if (sim->allocation_ppm == 0 || sim->is_dead) {
        return false;
    }
    (void)memory_inside(false);
    bool fails = chance_strikes(&sim->chance, SITE_CRASH_AT_MEMORY, sim->allocation_ppm);
    (void)memory_inside(true);
    sim->has_no_memory = sim->has_no_memory || fails;
    return fails;
}

/* --- the run -----------------------------------------------------------------------------------
 */

static void turn(struct sim *sim)
{
    struct queue_entry *entry = queue_take(&sim->queue);
    ENSURE(entry != NULL);
    ENSURE(entry->at_us <= queue_next_us(&sim->queue));
    /* What was due while the daemon's code ran comes late. */
    sim->now_us = entry->at_us > sim->now_us ? entry->at_us : sim->now_us;
    sim->turns = sim->now_us / MINUTE_US > sim->minute ? 0 : sim->turns + 1;
    sim->minute = sim->now_us / MINUTE_US;
    if (sim->turns > TURNS_IN_A_MINUTE_MAX) {
        sim_fail(sim, "the daemon is busy and does nothing: %u turns within a minute", sim->turns);
    }
    if (entry->is_of_life) {
        life_enter(sim, entry->run, entry->arg);
    } else {
        entry->run(entry->arg);
    }
}

void sim_turn_until(struct sim *sim, int64_t until_us)
{
    while (sim->failure[0] == '\0' && queue_next_us(&sim->queue) <= until_us) {
        turn(sim);
    }
    sim->now_us = sim->now_us < until_us && sim->failure[0] == '\0' ? until_us : sim->now_us;
}

static void heal(struct sim *sim)
{
    sim_log(sim, "healing");
    sim->is_healing = true;
    sim->chance.is_quiet = true;
    trouble_end(sim->trouble);
    people_rest(sim->people);
    sim_turn_until(sim, sim->now_us + HEALING_US);
    int64_t given_up_us = sim->now_us + IDLE_WITHIN_US;
    while (sim->failure[0] == '\0' && !life_is_idle(sim) && sim->now_us < given_up_us) {
        sim_turn_until(sim, sim->now_us + SECOND_US / 10);
    }
    if (sim->failure[0] == '\0' && !life_is_idle(sim)) {
        sim_fail(sim, "the daemon does not come to rest");
    }
    sim->rested_at = sim_daemon_utc(sim);
    /* The judge opens the database alone. */
    sim->is_over = true;
    life_stop(sim);
    sim_turn_until(sim, sim->now_us + MINUTE_US);
    if (sim->failure[0] == '\0' && sim->life != NULL) {
        sim_fail(sim, "the daemon does not stop");
    }
}

static void make_parts(struct sim *sim)
{
    sim->disk = disk_new(sim);
    sim->network = network_new(sim);
    sim->door = door_new(sim);
    sim->amazon = amazon_new(sim);
    sim->people = people_new(sim);
    sim->witness = witness_new(sim);
    sim->trouble = trouble_new(sim, sim->options.troubles);
    settings_make(sim);
}

static void free_parts(struct sim *sim)
{
    life_end(sim);
    settings_free(sim);
    trouble_free(sim->trouble);
    witness_free(sim->witness);
    people_free(sim->people);
    amazon_free(sim->amazon);
    door_free(sim->door);
    network_free(sim->network);
    disk_free(sim->disk);
    queue_free(&sim->queue);
}

void sim_open(struct sim *sim, const struct sim_options *options)
{
    struct chance chance = sim->chance; /* with what is allowed to strike */
    const struct sim_script *script = options->script;
    *sim = (struct sim){.options = *options,
                        .began_at = {BEGAN_AT_MS},
                        .log_hash = 0xcbf29ce484222325U,
                        .chance = {.seed = options->seed,
                                   .is_scripted = script != NULL,
                                   .allowed = chance.allowed,
                                   .allowed_count = chance.allowed_count}};
    if (script != NULL) {
        sim->began_at = script->began_at;
    }
    here = sim;
    make_parts(sim);
    sim_log(sim, "seed %" PRIu64, options->seed);
}

void sim_close(struct sim *sim)
{
    sim_log(sim, "the end");
    free_parts(sim);
    here = NULL;
}

bool sim_run(struct sim *sim, const struct sim_options *options)
{
    sim_open(sim, options);
    life_start(sim);
    people_begin(sim->people);
    trouble_begin(sim->trouble);
    sim_turn_until(sim, options->days * DAY_US);
    if (sim->failure[0] == '\0') {
        heal(sim);
    }
    if (sim->failure[0] == '\0') {
        witness_judges(sim->witness);
    }
    sim_close(sim);
    return sim->failure[0] == '\0';
}
