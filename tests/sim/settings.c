/* settings.c - see settings.h. */
#include "tests/sim/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "billing/ensure.h"
#include "scheduler/config.h"
#include "scheduler/zones.h"
#include "tests/sim/amazon.h"
#include "tests/sim/life.h"
#include "tests/sim/sim.h"

static const char *one_of(struct detail *detail, const char *const *words, int64_t count)
{
    return words[detail_range(detail, 0, count - 1)];
}

/* What every policy of a seller has. */
static void write_rules(FILE *file, struct detail *detail)
{
    static const char *const modes[] = {"synchronous", "synchronous", "asynchronous", "mixed"};
    static const char *const settles[] = {"repeat", "repeat", "discovery"};
    static const char *const shorts[] = {"hold", "hold", "fail"};
    static const char *const polls[] = {"1h", "12h", "1d", "1d"};
    static const char *const switches[] = {"yes", "no"};
    static const char *const waits[] = {"{\"1h\"}", "{\"1d\", \"3d\"}", "{\"6h\", \"2d\", \"5d\"}"};
    (void)fprintf(file, "  authorization = %s\n", one_of(detail, modes, 4));
    (void)fprintf(file, "  settle_by = %s\n", one_of(detail, settles, 3));
    (void)fprintf(file, "  limit_short = %s\n", one_of(detail, shorts, 3));
    (void)fprintf(file, "  suspended_poll = \"%s\"\n", one_of(detail, polls, 4));
    (void)fprintf(file, "  reauthorize = %s\n", one_of(detail, switches, 2));
    (void)fprintf(file, "  retry_AmazonRejected = %s\n", one_of(detail, waits, 3));
}

static void write_policies(FILE *file, struct detail detail)
{
    static const char *const captures[] = {"now", "now", "now", "on_shipment"};
    (void)fprintf(file, "  zone = \"Asia/Tokyo\"\n  capture = %s\n", one_of(&detail, captures, 4));
    write_rules(file, &detail);
    (void)fprintf(file, "  policy \"goods\" {\n  capture = on_shipment\n");
    write_rules(file, &detail);
    (void)fprintf(file, "  }\n");
}

static void write_seller(struct sim *sim, FILE *file, uint32_t index)
{
    char id[SIM_SELLER_BYTES];
    sim_seller_id(index, id);
    (void)fprintf(
        file,
        "seller \"%s\" {\n  region = jp\n  environment = live\n"
        "  access_key = \"AKIA%s\"\n  secret_env = \"AUTOPAY_SIM_SECRET\"\n"
        "  quota = live\n"
        "  ipn_topic_arn = \"arn:aws:sns:ap-northeast-1:291180941288:A1MBU0TPLHBRSP%s\"\n",
        id, id, id);
    if (sim->options.script != NULL) {
        (void)fputs(sim->options.script->seller_text, file);
    } else if (sim->options.monthly_only) {
        (void)fprintf(file, "  zone = \"Asia/Tokyo\"\n  suspended_poll = \"1h\"\n");
    } else {
        write_policies(file, (struct detail){sim->policies[index]});
    }
    (void)fprintf(file, "}\n");
}

static void write_file(struct sim *sim, const char *path)
{
    FILE *file = fopen(path, "w");
    ENSURE(file != NULL);
    (void)fprintf(file, "store = \"%s/autopay.db\"\nadmin_socket = \"%s/admin.sock\"\n",
                  sim->folder, sim->folder);
    if (sim->options.script != NULL) {
        (void)fputs(sim->options.script->daemon_text, file);
    }
    for (uint32_t i = 0; i < sim->options.sellers; i++) {
        write_seller(sim, file, i);
    }
    int closed = fclose(file);
    ENSURE(closed == 0);
}

/* Every zone is read before the daemon lives: what it caches must outlive it. */
static void load_zones(struct sim *sim)
{
    static const char *const names[] = {"Asia/Tokyo", "America/New_York", "Europe/Berlin", "UTC"};
    sim->zones = zones_new(ZONES_DIRECTORY);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const struct zone *zone;
        struct problem problem;
        enum status status = zones_get(sim->zones, names[i], &zone, &problem);
        ENSURE(status == ST_OK);
    }
}

struct config *settings_read(struct sim *sim)
{
    char path[96];
    struct config_problems problems;
    struct config *config = NULL;
    (void)snprintf(path, sizeof path, "%s/autopayd.conf", sim->folder);
    write_file(sim, path);
    enum status status = config_load(path, sim->zones, &config, &problems);
    if (status != ST_OK) {
        (void)fprintf(stderr, "sim: %s\n", problems.list[0].text);
    }
    ENSURE(status == ST_OK);
    return config;
}

void settings_make(struct sim *sim)
{
    (void)snprintf(sim->folder, sizeof sim->folder, "/tmp/autopay-sim-XXXXXX");
    const char *made = mkdtemp(sim->folder);
    ENSURE(made != NULL);
    load_zones(sim);
    int set = setenv("AUTOPAY_SIM_SECRET", SIM_SECRET, 1);
    ENSURE(set == 0);
    for (uint32_t i = 0; i < SIM_SELLERS_MAX; i++) {
        sim->policies[i] = chance_draw(&sim->chance, SITE_WORLD);
    }
    sim->config = settings_read(sim);
}

void settings_change(struct sim *sim, struct detail *detail)
{
    struct config *before = sim->config;
    bool is_stopping = sim->life != NULL && life_runner(sim) == NULL;
    for (uint32_t i = 0; i < sim->options.sellers; i++) {
        uint64_t policies = detail_draw(detail);
        sim->policies[i] = detail_chance(detail, 70) ? policies : sim->policies[i];
    }
    if (!is_stopping) { /* or it would end with a configuration that is no more */
        sim_log(sim, "the policies change");
        life_configure(sim, settings_read(sim));
        config_free(before);
    }
}

void settings_free(struct sim *sim)
{
    static const char *const names[] = {"autopayd.conf", "autopay.db", "autopay.db.lock"};
    char path[96];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", sim->folder, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(sim->folder);
    config_free(sim->config);
    zones_free(sim->zones);
}
