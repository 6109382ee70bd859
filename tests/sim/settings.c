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
#include "tests/sim/sim.h"

static const char *one_of(struct sim *sim, const char *const *words, int64_t count)
{
    return words[chance_range(&sim->chance, SITE_WORLD, 0, count - 1)];
}

static void write_seller(struct sim *sim, FILE *file, uint32_t index)
{
    static const char *const modes[] = {"synchronous", "synchronous", "asynchronous", "mixed"};
    static const char *const settles[] = {"repeat", "repeat", "discovery"};
    static const char *const shorts[] = {"hold", "hold", "fail"};
    static const char *const polls[] = {"1h", "12h", "1d", "1d"};
    char id[SIM_SELLER_BYTES];
    sim_seller_id(index, id);
    bool is_plain = sim->options.monthly_only;
    (void)fprintf(
        file,
        "seller \"%s\" {\n  region = jp\n  environment = live\n"
        "  access_key = \"AKIA%s\"\n  secret_env = \"AUTOPAY_SIM_SECRET\"\n"
        "  quota = live\n"
        "  ipn_topic_arn = \"arn:aws:sns:ap-northeast-1:291180941288:A1MBU0TPLHBRSP%s\"\n",
        id, id, id);
    if (sim->options.script != NULL) {
        (void)fprintf(file, "%s}\n", sim->options.script->seller_text);
        return;
    }
    (void)fprintf(file, "  zone = \"Asia/Tokyo\"\n");
    (void)fprintf(file, "  authorization = %s\n  settle_by = %s\n  limit_short = %s\n",
                  is_plain ? "synchronous" : one_of(sim, modes, 4),
                  is_plain ? "repeat" : one_of(sim, settles, 3),
                  is_plain ? "hold" : one_of(sim, shorts, 3));
    (void)fprintf(file, "  suspended_poll = \"%s\"\n}\n", is_plain ? "1h" : one_of(sim, polls, 4));
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
    sim->config = settings_read(sim);
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
