/* life.c - see life.h. */
#include "tests/sim/life.h"

#include <fcntl.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "billing/ensure.h"
#include "mws/edge/crypto.h"
#include "mws/ipn.h"
#include "scheduler/admin.h"
#include "scheduler/ipn_inbox.h"
#include "scheduler/ipn_keep.h"
#include "scheduler/ipn_notice.h"
#include "scheduler/runner_parts.h"
#include "scheduler/sides.h"
#include "tests/sim/sim.h"
#include "tests/sim/sim_disk.h"
#include "tests/sim/sim_door.h"
#include "tests/sim/sim_memory.h"
#include "tests/sim/witness.h"

#define RESPONSE_BYTES_MAX ((size_t)256 * 1024) /* as in daemon.c */
#define DRAIN_MARGIN_US    (5 * SECOND_US)
#define DOWN_MIN_US        (2 * SECOND_US) /* RestartSec of the service */
#define DOWN_MAX_US        (5 * MINUTE_US)

struct life {
    struct sim *sim;
    uint32_t number;
    struct loop *loop;
    struct log log;
    struct store *store;
    struct store_worker *store_worker;
    struct mws_client *client;
    struct runner *runner;
    struct ipn_keep *keep;
    struct ipn_inbox *inbox;
    struct admin *admin;
    struct xml *xml;
    struct queue_entry drain_deadline;
    int64_t slow_until_us;
    bool is_stopping;
    bool has_failed; /* it ends itself: the store cannot be opened */
    bool has_drained;
};

/* Not by the loop's clock, whose every reading takes time: a run is the same with a log. */
static struct instant log_time(void *arg)
{
    return sim_daemon_utc(arg);
}

static void start_failed(void *arg, const struct problem *problem)
{
    struct life *life = arg;
    sim_log(life->sim, "daemon %u cannot start: %s", life->number, problem->text);
    life->has_failed = true;
}

static bool open_store(struct life *life)
{
    const struct config *config = life->sim->config;
    struct problem problem;
    if (store_sqlite_open(config->store_path, sha256, &life->store, &problem) != ST_OK) {
        start_failed(life, &problem);
        return false;
    }
    witness_watches(life->sim->witness, life->store);
    life->store_worker = store_worker_new(life->loop, life->store);
    if (sides_check(life->store, config, &problem) != ST_OK) {
        start_failed(life, &problem);
        return false;
    }
    return true;
}

static void open_client(struct life *life)
{
    const struct config *config = life->sim->config;
    struct http_client_options options = {
        .user_agent = "simulated",
        .connections_max = config->connections_max,
        .connect_deadline_ms = (long)config->connect_deadline_ms,
        .total_deadline_ms = (long)config->total_deadline_ms,
        .response_bytes_max = RESPONSE_BYTES_MAX,
    };
    struct problem problem;
    life->client = mws_client_new(life->loop, &options, &problem);
    ENSURE(life->client != NULL);
}

static void begin(void *arg)
{
    struct life *life = arg;
    struct sim *sim = life->sim;
    struct problem problem;
    life->loop = loop_new();
    int log_fd = sim->options.shows_daemon     ? STDOUT_FILENO
                 : sim->options.script != NULL ? sim->options.script->daemon_log_fd
                                               : -1;
    life->log = log_open(log_fd, LOG_KEYVALUE, LOG_INFO, log_time, sim);
    if (!open_store(life)) {
        return;
    }
    struct log *log = log_fd >= 0 ? &life->log : NULL;
    open_client(life);
    struct runner_parts parts = {.loop = life->loop,
                                 .store_worker = life->store_worker,
                                 .client = life->client,
                                 .zones = sim->zones,
                                 .log = log};
    life->runner = runner_new(&parts, sim->config);
    life->keep = ipn_keep_new(life->loop, life->store_worker, log);
    life->inbox = ipn_inbox_new(life->loop, life->runner, life->store_worker, log, sim->config);
    life->xml = xml_new();
    struct admin_parts admin_parts = {.loop = life->loop,
                                      .runner = life->runner,
                                      .store_worker = life->store_worker,
                                      .zones = sim->zones,
                                      .log = log};
    enum status status = admin_new(&admin_parts, sim->config, &life->admin, &problem);
    ENSURE(status == ST_OK);
    runner_start(life->runner, start_failed, life);
    ipn_inbox_wake(life->inbox);
}

/* --- the end ------------------------------------------------------------------------------- */

static void free_node(void *node)
{
    (void)node; /* the tree holds seats, which are gone with the memory */
}

/* The memory of libraries, which no arena holds. */
static void free_foreign(struct life *life)
{
    if (life->runner != NULL && life->runner->seat_tree != NULL) {
        tdestroy(life->runner->seat_tree, free_node);
    }
    if (life->client != NULL) {
        mws_client_free(life->client);
    }
    xml_free(life->xml);
    if (life->store != NULL) {
        witness_leaves(life->sim->witness);
        life->store->ops->close(life->store);
    }
}

static void start_again(void *arg)
{
    struct sim *sim = arg;
    if (sim->life == NULL && !sim->is_over) {
        life_start(sim);
    }
}

static void bury(struct sim *sim)
{
    struct life *life = sim->life;
    queue_remove(&sim->queue, &life->drain_deadline);
    door_slam(sim->door);
    sim->life = NULL;
    sim->has_no_memory = false;
    sim->is_dead = false;
    free(life);
    if (sim->failure[0] == '\0') {
        int64_t down_us = chance_range(&sim->chance, SITE_WORLD, DOWN_MIN_US, DOWN_MAX_US);
        queue_once(&sim->queue, sim->now_us + down_us, start_again, sim);
    }
}

/* How a process dies: killed alone, or its machine with it. */
static void abandon(struct sim *sim)
{
    struct life *life = sim->life;
    enum power power =
        life->has_failed ? POWER_KEPT : (enum power)(chance_draw(&sim->chance, SITE_POWER) % 3);
    sim->is_dead = true; /* nothing that closes may still write */
    witness_dies(sim->witness);
    free_foreign(life);
    sim_log(sim, "daemon %u is gone: %s", life->number,
            power == POWER_KEPT   ? "killed"
            : power == POWER_LOST ? "power lost"
                                  : "power lost, writes torn");
    disk_cut(sim->disk, power);
    queue_forget_life(&sim->queue);
    memory_forget();
    bury(sim);
}

static void free_all(void *arg)
{
    struct life *life = arg;
    ipn_inbox_free(life->inbox);
    ipn_keep_free(life->keep);
    runner_free(life->runner);
    mws_client_free(life->client);
    xml_free(life->xml);
    store_worker_free(life->store_worker);
    witness_leaves(life->sim->witness);
    life->store->ops->close(life->store);
    loop_free(life->loop);
}

/* Drained: every part is freed in order, and nothing may be left. */
static void farewell(struct sim *sim)
{
    struct life *life = sim->life;
    if (setjmp(sim->crash) == 0) {
        sim->is_inside = true;
        (void)memory_inside(true);
        free_all(life);
    }
    sim->is_inside = false;
    (void)memory_inside(false);
    if (memory_used() != 0 && !sim->is_dead) {
        sim_fail(sim, "a daemon that stopped left %zu bytes behind", memory_used());
    }
    sim_log(sim, "daemon %u has stopped", life->number);
    queue_forget_life(&sim->queue);
    memory_forget();
    bury(sim);
}

void life_enter(struct sim *sim, queue_run *run, void *arg)
{
    ENSURE(sim->life != NULL);
    ENSURE(!sim->is_inside);
    witness_wakes(sim->witness);
    if (setjmp(sim->crash) == 0) {
        sim->is_inside = true;
        (void)memory_inside(true);
        run(arg);
    }
    sim->is_inside = false;
    (void)memory_inside(false);
    if (!sim->is_dead) { /* the daemon's memory may be half done in the moment of a crash */
        witness_sleeps(sim->witness);
    }
    if (sim->is_dead || sim->life->has_failed) {
        abandon(sim);
    } else if (sim->life->has_drained) {
        farewell(sim);
    }
}

void life_start(struct sim *sim)
{
    struct life *life = calloc(1, sizeof *life);
    ENSURE(life != NULL);
    life->sim = sim;
    life->number = ++sim->life_count;
    sim->life = life;
    sim_log(sim, "daemon %u starts", life->number);
    memory_forget();
    life_enter(sim, begin, life);
}

void life_kill(struct sim *sim, const char *how)
{
    if (sim->life != NULL) {
        sim_log(sim, "%s", how);
        abandon(sim);
    }
}

static void drained(void *arg)
{
    struct life *life = arg;
    life->has_drained = true;
}

static void drain_given_up(void *arg)
{
    struct life *life = arg;
    sim_log(life->sim, "daemon %u is not drained in time", life->number);
    abandon(life->sim);
}

static void stop(void *arg)
{
    struct life *life = arg;
    admin_free(life->admin);
    life->admin = NULL;
    ipn_keep_stop(life->keep);
    ipn_inbox_stop(life->inbox);
    runner_drain(life->runner, drained, life);
}

void life_stop(struct sim *sim)
{
    struct life *life = sim->life;
    if (life == NULL || life->is_stopping) {
        return;
    }
    sim_log(sim, "daemon %u is asked to stop", life->number);
    life->is_stopping = true;
    life->drain_deadline.run = drain_given_up;
    life->drain_deadline.arg = life;
    queue_put(&sim->queue, &life->drain_deadline,
              sim->now_us + sim->config->total_deadline_ms * 1000 + DRAIN_MARGIN_US);
    life_enter(sim, stop, life);
}

void life_end(struct sim *sim)
{
    if (sim->life != NULL) {
        sim->is_over = true;
        abandon(sim);
    }
}

/* --- reload -------------------------------------------------------------------------------- */

static void configure(void *arg)
{
    struct life *life = arg;
    runner_configure(life->runner, life->sim->config);
    ipn_inbox_configure(life->inbox, life->sim->config);
    admin_configure(life->admin, life->sim->config);
}

void life_configure(struct sim *sim, struct config *config)
{
    sim->config = config;
    if (sim->life != NULL && !sim->life->is_stopping) {
        life_enter(sim, configure, sim->life);
    }
}

/* --- questions ----------------------------------------------------------------------------- */

uint32_t life_number(const struct sim *sim)
{
    return sim->life == NULL ? 0 : sim->life->number;
}

bool life_is_idle(const struct sim *sim)
{
    const struct life *life = sim->life;
    return life != NULL && life->runner->is_started && life->runner->seat_count == 0 &&
           store_worker_open_count(life->store_worker) == 0;
}

struct store *life_store(const struct sim *sim)
{
    return sim->life == NULL ? NULL : sim->life->store;
}

struct runner *life_runner(const struct sim *sim)
{
    return sim->life == NULL || sim->life->is_stopping ? NULL : sim->life->runner;
}

void life_slow_disk(struct sim *sim, int64_t until_us)
{
    if (sim->life != NULL) {
        sim->life->slow_until_us = until_us;
    }
}

bool life_is_slow(const struct sim *sim)
{
    return sim->life != NULL && sim->now_us < sim->life->slow_until_us;
}

int64_t life_work_delay_us(struct sim *sim)
{
    if (life_is_slow(sim) && !sim->is_healing) {
        return chance_range(&sim->chance, SITE_WORK_DELAY, SECOND_US / 50, 5 * SECOND_US);
    }
    return chance_range(&sim->chance, SITE_WORK_DELAY, 100, 3000);
}

/* --- notifications ------------------------------------------------------------------------- */

struct letter {
    struct life *life;
    const char *message_id, *message;
    life_noticed *done;
    void *arg;
};

/* Of the life. */
struct delivery {
    struct ipn_keep_wait wait; /* first */
    struct life *life;
    life_noticed *done;
    void *arg;
};

static void kept(void *arg, enum status status, const struct problem *problem)
{
    struct delivery *delivery = arg;
    struct life *life = delivery->life;
    life_noticed *done = delivery->done;
    void *done_arg = delivery->arg;
    (void)problem;
    if (status == ST_OK && !delivery->wait.notice.is_known) {
        ipn_inbox_wake(life->inbox);
    }
    free(delivery);
    if (!life->sim->is_dead) {
        bool was = memory_inside(false);
        done(done_arg, status == ST_OK);
        (void)memory_inside(was);
    }
}

static void deliver(void *arg)
{
    const struct letter *letter = arg;
    struct life *life = letter->life;
    struct ipn_notification notification;
    struct problem problem;
    struct delivery *delivery = calloc(1, sizeof *delivery);
    ENSURE(delivery != NULL);
    delivery->life = life;
    delivery->done = letter->done;
    delivery->arg = letter->arg;
    enum status status = ipn_notification_read(letter->message, strlen(letter->message), life->xml,
                                               &notification, &problem);
    ENSURE(status == ST_OK);
    ipn_notice_make(&notification, letter->message_id, loop_now(life->loop),
                    &delivery->wait.notice);
    ipn_keep_add(life->keep, &delivery->wait, kept, delivery);
}

void life_notice(struct sim *sim, const char *message_id, const char *message, life_noticed *done,
                 void *arg)
{
    struct letter letter = {sim->life, message_id, message, done, arg};
    if (sim->life == NULL || sim->life->is_stopping) {
        done(arg, false);
        return;
    }
    life_enter(sim, deliver, &letter);
}
