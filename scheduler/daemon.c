/*
 * daemon.c - start, reload and stop of autopayd.
 *
 * Order of start: store (its lock says whether another daemon runs), client, runner, listener for
 * notifications, admin socket; ready is told when the store has been asked for what was left
 * unanswered. Order of stop: no more commands and notifications, drain (answers on the wire are
 * waited for and recorded), then everything is freed. A drain that does not end - the disk is full,
 * say - is given up after the longest request plus a margin; what was not recorded is settled by
 * the next start.
 *
 * At start every error is final and named; while running, a reload that is refused leaves
 * everything as it was. Both hold the configuration against the database (sides.h), a reload off
 * the loop.
 */
#include "scheduler/daemon.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "billing/ensure.h"
#include "mws/client.h"
#include "mws/edge/crypto.h"
#include "mws/edge/loop.h"
#include "scheduler/admin.h"
#include "scheduler/ipn.h"
#include "scheduler/log.h"
#include "scheduler/runner.h"
#include "scheduler/service.h"
#include "scheduler/sides.h"
#include "scheduler/store_worker.h"
#include "schema/store.h"

#define DRAIN_MARGIN_MS    INT64_C(5000)
#define RESPONSE_BYTES_MAX ((size_t)256 * 1024) /* a documented answer has a few kilobytes */

/* A configuration that was read again, while it is held against the database. */
struct reload {
    struct config *next;
    enum status status;
    struct problem problem;
    bool again; /* SIGHUP came meanwhile */
};

struct daemon {
    const char *config_path;
    struct config *config;
    struct zones *zones;
    struct loop *loop;
    struct log log;
    struct store *store;
    struct store_worker *store_worker;
    struct mws_client *client;
    struct runner *runner;
    struct ipn *ipn; /* NULL = not configured */
    struct admin *admin;
    struct signal_watch *signals[3];
    struct timer *alive_timer;
    struct timer *drain_timer;
    struct reload *reload; /* NULL = none is being checked */
    bool is_stopping;
    bool is_drained;
    int exit_code;
};

static struct instant log_time(void *arg)
{
    return loop_now(arg);
}

static void fail(struct daemon *daemon, int exit_code, const char *doing,
                 const struct problem *problem)
{
    log_write(&daemon->log, LOG_ERROR, "cannot_start", LOG_STRING("doing", doing),
              LOG_STRING("problem", problem->text), LOG_END);
    daemon->exit_code = exit_code;
}

/* --- stop ---------------------------------------------------------------------------------- */

static void drained(void *arg)
{
    struct daemon *daemon = arg;
    daemon->is_drained = true;
    if (daemon->reload == NULL) {
        loop_stop(daemon->loop);
    }
}

static void drain_given_up(void *arg)
{
    struct daemon *daemon = arg;
    log_write(&daemon->log, LOG_ERROR, "stopped_undrained", LOG_END);
    _exit(DAEMON_EXIT_UNDRAINED);
}

static void stop(void *arg)
{
    struct daemon *daemon = arg;
    if (daemon->is_stopping) {
        return;
    }
    daemon->is_stopping = true;
    log_write(&daemon->log, LOG_INFO, "stopping", LOG_END);
    service_stopping();
    admin_free(daemon->admin);
    daemon->admin = NULL;
    ipn_stop(daemon->ipn);
    timer_start(daemon->drain_timer, daemon->config->total_deadline_ms + DRAIN_MARGIN_MS);
    runner_drain(daemon->runner, drained, daemon);
}

static void start_failed(void *arg, const struct problem *problem)
{
    struct daemon *daemon = arg;
    fail(daemon, DAEMON_EXIT_STORE, "start", problem);
    stop(daemon);
}

/* --- reload -------------------------------------------------------------------------------- */

static void log_problems(struct daemon *daemon, const struct config_problems *problems)
{
    for (uint32_t i = 0; i < problems->count; i++) {
        log_write(&daemon->log, LOG_ERROR, "reload_refused",
                  LOG_STRING("problem", problems->list[i].text), LOG_END);
    }
}

static void reload_take(struct daemon *daemon, struct config *next)
{
    runner_configure(daemon->runner, next);
    admin_configure(daemon->admin, next);
    ipn_configure(daemon->ipn, next);
    daemon->log.level = next->log_level;
    config_free(daemon->config);
    daemon->config = next;
    log_write(&daemon->log, LOG_INFO, "reloaded", LOG_INTEGER("sellers", next->seller_count),
              LOG_END);
}

static void reload_run(struct store *store, void *arg)
{
    struct reload *reload = ((struct daemon *)arg)->reload;
    reload->status = sides_check(store, reload->next, &reload->problem);
}

static void reload_begin(void *arg);

static void reload_end(void *arg)
{
    struct daemon *daemon = arg;
    struct reload done = *daemon->reload;
    free(daemon->reload);
    daemon->reload = NULL;
    if (done.status == ST_OK && !daemon->is_stopping) {
        reload_take(daemon, done.next);
    } else {
        if (done.status != ST_OK) {
            log_write(&daemon->log, LOG_ERROR, "reload_refused",
                      LOG_STRING("problem", done.problem.text), LOG_END);
        }
        config_free(done.next);
    }
    if (daemon->is_drained) {
        loop_stop(daemon->loop);
    } else if (!daemon->is_stopping) {
        service_ready();
        if (done.again) {
            reload_begin(daemon);
        }
    }
}

static void reload_begin(void *arg)
{
    struct daemon *daemon = arg;
    if (daemon->is_stopping) {
        return;
    }
    if (daemon->reload != NULL) {
        daemon->reload->again = true;
        return;
    }
    service_reloading(loop_ticks(daemon->loop).us);
    struct config_problems problems;
    struct config *next = NULL;
    enum status status = config_load(daemon->config_path, daemon->zones, &next, &problems);
    if (status == ST_OK) {
        status = config_reload_check(daemon->config, next, &problems);
    }
    if (status != ST_OK) {
        log_problems(daemon, &problems);
        config_free(next);
        service_ready();
        return;
    }
    daemon->reload = calloc(1, sizeof *daemon->reload);
    ENSURE(daemon->reload != NULL);
    daemon->reload->next = next;
    store_worker_submit(daemon->store_worker, reload_run, reload_end, daemon);
}

static void alive(void *arg)
{
    struct daemon *daemon = arg;
    service_alive();
    timer_start(daemon->alive_timer, service_alive_interval_ms());
}

/* --- start --------------------------------------------------------------------------------- */

static bool open_store(struct daemon *daemon)
{
    struct problem problem;
    if (store_sqlite_open(daemon->config->store_path, sha256, &daemon->store, &problem) != ST_OK) {
        fail(daemon, DAEMON_EXIT_STORE, "open the database", &problem);
        return false;
    }
    daemon->store_worker = store_worker_new(daemon->loop, daemon->store);
    enum status status = sides_check(daemon->store, daemon->config, &problem);
    if (status != ST_OK) {
        fail(daemon, status == ST_CONFLICT ? DAEMON_EXIT_CONFIG : DAEMON_EXIT_STORE,
             "hold the configuration against the database", &problem);
    }
    return status == ST_OK;
}

static bool open_client(struct daemon *daemon)
{
    const struct config *config = daemon->config;
    struct http_client_options options = {
        .ca_file = config->ca_file[0] != '\0' ? config->ca_file : NULL,
        .user_agent = "autopayd/" AUTOPAY_VERSION " (Language=C)",
        .connections_max = config->connections_max,
        .connect_deadline_ms = (long)config->connect_deadline_ms,
        .total_deadline_ms = (long)config->total_deadline_ms,
        .response_bytes_max = RESPONSE_BYTES_MAX,
    };
    struct problem problem;
    daemon->client = mws_client_new(daemon->loop, &options, &problem);
    if (daemon->client == NULL) {
        fail(daemon, DAEMON_EXIT_UNAVAILABLE, "prepare HTTPS", &problem);
        return false;
    }
    return true;
}

static void open_runner(struct daemon *daemon)
{
    struct runner_parts parts = {
        .loop = daemon->loop,
        .store_worker = daemon->store_worker,
        .client = daemon->client,
        .zones = daemon->zones,
        .log = &daemon->log,
    };
    daemon->runner = runner_new(&parts, daemon->config);
}

static bool open_ipn(struct daemon *daemon)
{
    struct ipn_parts parts = {
        .loop = daemon->loop,
        .runner = daemon->runner,
        .store_worker = daemon->store_worker,
        .log = &daemon->log,
    };
    struct problem problem;
    if (daemon->config->ipn_port != 0 &&
        ipn_new(&parts, daemon->config, &daemon->ipn, &problem) != ST_OK) {
        fail(daemon, DAEMON_EXIT_UNAVAILABLE, "listen for notifications", &problem);
        return false;
    }
    return true;
}

static bool open_admin(struct daemon *daemon)
{
    struct admin_parts admin_parts = {
        .loop = daemon->loop,
        .runner = daemon->runner,
        .ipn = daemon->ipn,
        .store_worker = daemon->store_worker,
        .zones = daemon->zones,
        .log = &daemon->log,
    };
    struct problem problem;
    if (admin_new(&admin_parts, daemon->config, &daemon->admin, &problem) != ST_OK) {
        fail(daemon, DAEMON_EXIT_UNAVAILABLE, "open the admin socket", &problem);
        return false;
    }
    return true;
}

static bool open_all(struct daemon *daemon)
{
    if (!open_store(daemon) || !open_client(daemon)) {
        return false;
    }
    open_runner(daemon);
    return open_ipn(daemon) && open_admin(daemon);
}

static void watch_signals(struct daemon *daemon)
{
    daemon->signals[0] = signal_watch_new(daemon->loop, SIGTERM, stop, daemon);
    daemon->signals[1] = signal_watch_new(daemon->loop, SIGINT, stop, daemon);
    daemon->signals[2] = signal_watch_new(daemon->loop, SIGHUP, reload_begin, daemon);
    daemon->alive_timer = timer_new(daemon->loop, alive, daemon);
    daemon->drain_timer = timer_new(daemon->loop, drain_given_up, daemon);
    if (service_alive_interval_ms() > 0) {
        timer_start(daemon->alive_timer, service_alive_interval_ms());
    }
}

static void free_all(struct daemon *daemon)
{
    admin_free(daemon->admin);
    for (unsigned i = 0; i < sizeof daemon->signals / sizeof daemon->signals[0]; i++) {
        signal_watch_free(daemon->signals[i]);
    }
    timer_free(daemon->alive_timer);
    timer_free(daemon->drain_timer);
    ipn_free(daemon->ipn);
    runner_free(daemon->runner);
    if (daemon->client != NULL) {
        mws_client_free(daemon->client);
    }
    store_worker_free(daemon->store_worker);
    if (daemon->store != NULL) {
        daemon->store->ops->close(daemon->store);
    }
    loop_free(daemon->loop);
    zones_free(daemon->zones);
    config_free(daemon->config);
}

int daemon_run(const char *config_path, struct config *config, struct zones *zones)
{
    struct daemon daemon = {
        .config_path = config_path, .config = config, .zones = zones, .loop = loop_new()};
    daemon.log =
        log_open(STDERR_FILENO, config->log_format, config->log_level, log_time, daemon.loop);
    if (open_all(&daemon)) {
        watch_signals(&daemon);
        runner_start(daemon.runner, start_failed, &daemon);
        ipn_start(daemon.ipn);
        service_ready();
        loop_run(daemon.loop);
        log_write(&daemon.log, LOG_INFO, "stopped", LOG_END);
    }
    int exit_code = daemon.exit_code;
    free_all(&daemon);
    return exit_code;
}
