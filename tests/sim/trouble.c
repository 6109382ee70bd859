/* trouble.c - see trouble.h. */
#include "tests/sim/trouble.h"

#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "tests/sim/amazon.h"
#include "tests/sim/life.h"
#include "tests/sim/post.h"
#include "tests/sim/sim.h"
#include "tests/sim/sim_disk.h"
#include "tests/sim/sim_door.h"
#include "tests/sim/sim_network.h"

#define NOTICED_EVERY_US (2 * MINUTE_US) /* what Amazon tells unasked; else with its answers */
#define JUMP_MAX_MS                                                                                \
    (INT64_C(10) * 60 * 1000) /* Amazon refuses signatures that are 15 minutes off */
#define FAR_OFF_MS     (400 * INT64_C(86400000))
#define LOOKS_AGAIN_US (10 * MINUTE_US)

static const char *const names[TROUBLE_COUNT] = {
#define X(suffix, name) (name),
    TROUBLES(X)
#undef X
};

/* What happens at moments of its own. */
struct moment {
    struct queue_entry entry; /* first */
    struct trouble *trouble;
    enum site site;
    int64_t mean_us; /* between two */
    void (*strike)(struct trouble *trouble, struct detail *detail);
};

#define MOMENTS_MAX 8

struct trouble {
    struct sim *sim;
    unsigned level[TROUBLE_COUNT]; /* 0 none, 1 few, 2 many */
    struct post_faults post;
    struct queue_entry post_round;
    struct moment moments[MOMENTS_MAX];
    unsigned moment_count;
    bool is_far_off;               /* the clock is, or nobody has said yet that it is right again */
    struct queue_entry clockmaker; /* puts it right, ... */
    struct queue_entry operator;   /* ... and then somebody says so */
};

/* --- at moments ---------------------------------------------------------------------------- */

static void strike_crash(struct trouble *trouble, struct detail *detail)
{
    (void)detail;
    life_kill(trouble->sim, "crash");
}

static void strike_stop(struct trouble *trouble, struct detail *detail)
{
    (void)detail;
    life_stop(trouble->sim);
}

static void strike_outage(struct trouble *trouble, struct detail *detail)
{
    struct sim *sim = trouble->sim;
    int64_t until_us = sim->now_us + detail_range(detail, MINUTE_US, 8 * HOUR_US);
    unsigned way = (unsigned)detail_range(detail, 0, AMAZON_AILS + 1);
    if (way < AMAZON_AILS) {
        sim_log(sim, "Amazon ails: %s", amazon_ail_name(way));
        amazon_ail(sim->amazon, way, until_us);
    } else {
        sim_log(sim, "Amazon cannot be reached");
        network_outage(sim->network, until_us, way == AMAZON_AILS);
    }
}

static void strike_slow_disk(struct trouble *trouble, struct detail *detail)
{
    struct sim *sim = trouble->sim;
    sim_log(sim, "the disk is slow");
    life_slow_disk(sim, sim->now_us + detail_range(detail, MINUTE_US, 2 * HOUR_US));
}

static void clock_is(struct sim *sim, int64_t off_ms)
{
    sim->clock_off_ms = off_ms;
    sim_log(sim, "the clock is off by %lld ms", (long long)sim->clock_off_ms);
}

/* Seldom so far that the daemon stops and asks: then somebody puts it right, and says so. */
static void strike_clock(struct trouble *trouble, struct detail *detail)
{
    struct sim *sim = trouble->sim;
    bool is_far = detail_chance(detail, 15);
    int64_t max_ms = is_far ? FAR_OFF_MS : JUMP_MAX_MS;
    clock_is(sim, !is_far && detail_chance(detail, 30) ? 0 : detail_range(detail, -max_ms, max_ms));
    if (is_far) {
        trouble->is_far_off = true;
        queue_put(&sim->queue, &trouble->clockmaker,
                  sim->now_us + detail_range(detail, 0, 6 * HOUR_US));
    }
}

static void clockmaker_comes(void *arg)
{
    struct trouble *trouble = arg;
    clock_is(trouble->sim, 0);
    queue_put(&trouble->sim->queue, &trouble->operator, trouble->sim->now_us + LOOKS_AGAIN_US);
}

static void start_is_answered(void *arg, int status, const char *body, size_t length)
{
    struct trouble *trouble = arg;
    (void)body;
    (void)length;
    trouble->is_far_off = status != 200;
    if (trouble->is_far_off) {
        queue_put(&trouble->sim->queue, &trouble->operator, trouble->sim->now_us + LOOKS_AGAIN_US);
    }
}

static void operator_looks(void *arg)
{
    struct trouble *trouble = arg;
    sim_log(trouble->sim, "an operator says that the clock is right");
    door_ask(trouble->sim->door, "POST", "/v1/start", "", start_is_answered, trouble);
}

static void moment_comes(void *arg)
{
    struct moment *moment = arg;
    struct sim *sim = moment->trouble->sim;
    bool strikes = chance_acts(&sim->chance, moment->site);
    struct detail detail = chance_detail(&sim->chance, moment->site);
    int64_t gap_us = detail_range(&detail, 0, 2 * moment->mean_us);
    queue_put(&sim->queue, &moment->entry, sim->now_us + gap_us);
    if (strikes) {
        moment->strike(moment->trouble, &detail);
    }
}

static void add_moment(struct trouble *trouble, enum site site, unsigned level, int64_t mean_us,
                       void (*strike)(struct trouble *, struct detail *))
{
    if (level == 0) {
        return;
    }
    ENSURE(trouble->moment_count < MOMENTS_MAX);
    struct moment *moment = &trouble->moments[trouble->moment_count++];
    *moment = (struct moment){.trouble = trouble, .site = site, .strike = strike};
    moment->mean_us = level == 2 ? mean_us / 10 : mean_us;
    moment->entry.run = moment_comes;
    moment->entry.arg = moment;
    queue_put(&trouble->sim->queue, &moment->entry, trouble->sim->now_us + moment->mean_us);
}

/* --- notifications --------------------------------------------------------------------------- */

void trouble_post(struct trouble *trouble)
{
    struct sim *sim = trouble->sim;
    const struct post_faults none = {0};
    if (sim->options.script != NULL) {
        return; /* the script says whether Amazon is heard */
    }
    post_collect(sim, sim->is_healing ? &none : &trouble->post);
}

static void post_round(void *arg)
{
    struct trouble *trouble = arg;
    struct sim *sim = trouble->sim;
    amazon_passes(sim->amazon);
    trouble_post(trouble);
    queue_put(&sim->queue, &trouble->post_round, sim->now_us + NOTICED_EVERY_US);
}

/* --- begin and end --------------------------------------------------------------------------- */

static uint32_t by_level(const struct trouble *trouble, enum trouble_kind kind, uint32_t few,
                         uint32_t many)
{
    return trouble->level[kind] == 0 ? 0 : trouble->level[kind] == 1 ? few : many;
}

struct trouble *trouble_new(struct sim *sim, unsigned kinds)
{
    struct trouble *trouble = calloc(1, sizeof *trouble);
    ENSURE(trouble != NULL);
    trouble->sim = sim;
    for (unsigned kind = 0; kind < TROUBLE_COUNT; kind++) {
        int64_t drawn = chance_range(&sim->chance, SITE_PROFILE, 0, 9);
        unsigned level = drawn < 4 ? 0 : drawn < 8 ? 1 : 2;
        trouble->level[kind] = (kinds >> kind & 1) != 0 ? level : 0;
    }
    trouble->post_round.run = post_round;
    trouble->post_round.arg = trouble;
    trouble->clockmaker.run = clockmaker_comes;
    trouble->clockmaker.arg = trouble;
    trouble->operator.run = operator_looks;
    trouble->operator.arg = trouble;
    return trouble;
}

void trouble_free(struct trouble *trouble)
{
    free(trouble);
}

void trouble_begin(struct trouble *trouble)
{
    struct sim *sim = trouble->sim;
    const unsigned *level = trouble->level;
    disk_set_faults(sim->disk, &(struct disk_faults){
                                   .crash_ppm = by_level(trouble, TROUBLE_CRASH, 200, 3000),
                                   .error_ppm = by_level(trouble, TROUBLE_DISK, 50, 1000),
                                   .full_ppm = by_level(trouble, TROUBLE_DISK, 20, 100),
                               });
    network_set_faults(sim->network,
                       &(struct network_faults){
                           .request_lost_ppm = by_level(trouble, TROUBLE_NETWORK, 10000, 100000),
                           .request_twice_ppm = by_level(trouble, TROUBLE_NETWORK, 10000, 100000),
                           .answer_lost_ppm = by_level(trouble, TROUBLE_NETWORK, 10000, 100000),
                           .slow_ppm = by_level(trouble, TROUBLE_NETWORK, 20000, 200000),
                       });
    amazon_set_faults(sim->amazon,
                      &(struct amazon_faults){
                          .decline_ppm = by_level(trouble, TROUBLE_DECLINES, 50000, 400000),
                          .spoilt_ppm = by_level(trouble, TROUBLE_AMAZON, 20000, 200000),
                      });
    trouble->post = (struct post_faults){
        .lost_ppm = by_level(trouble, TROUBLE_NOTICES, 50000, 500000),
        .twice_ppm = by_level(trouble, TROUBLE_NOTICES, 50000, 300000),
        .late_ppm = by_level(trouble, TROUBLE_NOTICES, 50000, 300000),
    };
    sim->allocation_ppm = by_level(trouble, TROUBLE_MEMORY, 20, 200);
    add_moment(trouble, SITE_CRASH, level[TROUBLE_CRASH], 20 * DAY_US, strike_crash);
    add_moment(trouble, SITE_STOP, level[TROUBLE_CRASH], 30 * DAY_US, strike_stop);
    add_moment(trouble, SITE_OUTAGE, level[TROUBLE_AMAZON], 20 * DAY_US, strike_outage);
    add_moment(trouble, SITE_DISK_SLOW, level[TROUBLE_DISK], 20 * DAY_US, strike_slow_disk);
    add_moment(trouble, SITE_CLOCK, level[TROUBLE_CLOCK], 20 * DAY_US, strike_clock);
    queue_put(&sim->queue, &trouble->post_round, sim->now_us + NOTICED_EVERY_US);
}

void trouble_end(struct trouble *trouble)
{
    struct sim *sim = trouble->sim;
    const struct disk_faults no_disk_faults = {0};
    const struct network_faults no_network_faults = {0};
    const struct amazon_faults no_amazon_faults = {0};
    for (unsigned i = 0; i < trouble->moment_count; i++) {
        queue_remove(&sim->queue, &trouble->moments[i].entry);
    }
    disk_set_faults(sim->disk, &no_disk_faults);
    network_set_faults(sim->network, &no_network_faults);
    network_outage(sim->network, sim->now_us, false);
    amazon_set_faults(sim->amazon, &no_amazon_faults);
    sim->allocation_ppm = 0;
    sim->clock_off_ms = 0;
    queue_remove(&sim->queue, &trouble->clockmaker);
    if (trouble->is_far_off) {
        clockmaker_comes(trouble);
    }
}

bool trouble_parse(const char *text, unsigned *kinds)
{
    *kinds = 0;
    if (strcmp(text, "all") == 0) {
        *kinds = TROUBLE_ALL;
        return true;
    }
    while (strcmp(text, "none") != 0 && *text != '\0') {
        size_t length = strcspn(text, ",");
        unsigned kind = 0;
        while (kind < TROUBLE_COUNT &&
               (strlen(names[kind]) != length || strncmp(names[kind], text, length) != 0)) {
            kind++;
        }
        if (kind == TROUBLE_COUNT) {
            return false;
        }
        *kinds |= 1U << kind;
        text += length + (text[length] == ',' ? 1 : 0);
    }
    return true;
}
