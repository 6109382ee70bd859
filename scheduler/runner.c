/*
 * runner.c - commands, ticks of the clock, trouble with the store, and drain. Start and reload are
 * in runner_start.c, the guards in runner_guards.c.
 *
 * A tick grants tokens to waiting calls, claims what is due, and sets the timer to the next instant
 * at which something can change: the next due work of a seller, the next token, or housekeeping.
 * Nothing polls.
 */
#include "scheduler/runner.h"

#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "scheduler/runner_parts.h"

/* --- commands ------------------------------------------------------------------------------ */

struct pace_seller *runner_seller(struct runner *runner, const char *seller_id)
{
    for (uint32_t i = 0; i < runner->seller_count; i++) {
        if (strcmp(runner->sellers[i]->seller_id, seller_id) == 0) {
            return runner->sellers[i];
        }
    }
    return NULL;
}

void runner_command(struct runner *runner, const char *seller_id, const char *agreement_id,
                    const struct event *event, command_done *done, void *arg)
{
    struct pace_seller *seller = runner_seller(runner, seller_id);
    struct problem problem;
    if (seller == NULL || seller->config == NULL) {
        done(arg, problem_set(&problem, ST_NOT_FOUND, "seller %s is not configured", seller_id),
             &problem, NULL);
        return;
    }
    if (runner->store_failed || runner_is_draining(runner)) {
        done(arg,
             problem_set(&problem, ST_BUSY,
                         runner->store_failed ? "the store cannot record anything now; see the log"
                                              : "the daemon is stopping"),
             &problem, NULL);
        return;
    }
    if (runner->claims_failed && event->kind == EVENT_CHARGE_ONCE) {
        /* What room is left belongs to the answers to what is on the wire. */
        done(arg,
             problem_set(&problem, ST_BUSY,
                         "charging is paused, because the store has trouble; see the log"),
             &problem, NULL);
        return;
    }
    struct seat *seat = seat_find(runner, seller_id, agreement_id);
    if (seat != NULL) {
        seat_post(seat, event, false, done, arg);
        seat_pump(seat);
        return;
    }
    seat = seat_make(runner, seller, agreement_id);
    seat_post(seat, event, false, done, arg);
    load_submit(seat);
}

/* --- ticks --------------------------------------------------------------------------------- */

void runner_wake(struct runner *runner)
{
    if (runner->is_started) {
        timer_start(runner->tick_timer, 0);
    }
}

static bool has_room(const struct runner *runner)
{
    return runner->seat_count < (uint32_t)runner->config->in_flight_max;
}

/* Milliseconds until this seller can do something; -1 = nothing by itself. */
static int64_t seller_wait_ms(const struct runner *runner, struct pace_seller *seller,
                              struct instant now, struct ticks ticks)
{
    bool may_claim = seller->config != NULL && has_room(runner) && !runner->is_claiming &&
                     !runner->claims_failed && !runner->store_failed &&
                     !runner_clock_is_doubted(runner) && seller->claimed == 0;
    bool charge_due = instant_reached(seller->next_wake[PACE_CHARGE], now);
    int64_t wait_ms = pace_wait_ms(seller, may_claim && charge_due, ticks);
    for (unsigned work = 0; may_claim && work < PACE_WORK_COUNT; work++) {
        struct instant at = seller->next_wake[work];
        if (at.utc_ms != INSTANT_NEVER.utc_ms && !instant_reached(at, now)) {
            int64_t due_ms = at.utc_ms - now.utc_ms;
            wait_ms = wait_ms < 0 || due_ms < wait_ms ? due_ms : wait_ms;
        }
    }
    if (may_claim && seller->is_held_back) {
        int64_t room_ms = runner_charge_wait_ms(runner, seller);
        wait_ms = room_ms >= 0 && (wait_ms < 0 || room_ms < wait_ms) ? room_ms : wait_ms;
    }
    return wait_ms;
}

static void tick(void *arg)
{
    struct runner *runner = arg;
    if (runner_is_draining(runner)) {
        return;
    }
    runner_guards_tick(runner);
    struct ticks ticks = loop_ticks(runner->parts.loop);
    for (uint32_t i = 0; i < runner->seller_count; i++) {
        pace_grant(runner->sellers[i], ticks);
    }
    /* One reading of the clock: what is due at a second one would be neither claimed nor slept for.
     */
    struct instant now = loop_now(runner->parts.loop);
    claim_submit(runner, now);
    ticks = loop_ticks(runner->parts.loop);
    int64_t sleep_ms = HOUSEKEEPING_MS;
    for (uint32_t i = 0; i < runner->seller_count; i++) {
        int64_t wait_ms = seller_wait_ms(runner, runner->sellers[i], now, ticks);
        if (wait_ms >= 0 && wait_ms < sleep_ms) {
            sleep_ms = wait_ms;
        }
    }
    timer_start(runner->tick_timer, sleep_ms);
}

/* --- a store that cannot ------------------------------------------------------------------- */

static void probe_run(struct store *store, void *arg)
{
    struct runner *runner = arg;
    struct problem problem;
    runner->probe_status = store->ops->probe(store, runner->probe_at, &problem);
}

/* Waits twice as long each time, until the store has done something again. */
static void store_retry_later(struct runner *runner)
{
    timer_start(runner->store_timer, runner->store_retry_ms);
    runner->store_retry_ms = runner->store_retry_ms * 2 < STORE_RETRY_MAX_MS
                                 ? runner->store_retry_ms * 2
                                 : STORE_RETRY_MAX_MS;
}

static void probe_done(void *arg)
{
    struct runner *runner = arg;
    if (runner->probe_status != ST_OK) {
        store_retry_later(runner);
        return;
    }
    log_write(runner->parts.log, LOG_WARNING, "store_recovered", LOG_END);
    runner->store_failed = false;
    /* Trouble during the probe has set no timer of its own. */
    runner->claims_failed = false;
    struct seat *following;
    for (struct seat *seat = runner->seats; seat != NULL; seat = following) {
        following = seat->following;
        seat_pump(seat);
    }
    commit_submit(runner);
    runner_wake(runner);
}

static void store_retry(void *arg)
{
    struct runner *runner = arg;
    runner->claims_failed = false;
    if (runner->store_failed) {
        runner->probe_at = runner_now(runner);
        store_worker_submit(runner->parts.store_worker, probe_run, probe_done, runner);
    } else {
        runner_wake(runner);
    }
}

void runner_store_trouble(struct runner *runner, enum status status, const struct problem *problem,
                          bool while_recording)
{
    log_write(runner->parts.log, LOG_ERROR, "store_trouble",
              LOG_STRING("doing", while_recording ? "record" : "read"),
              LOG_STRING("status", status_name(status)), LOG_STRING("problem", problem->text),
              LOG_END);
    bool waits = runner->store_failed || runner->claims_failed;
    runner->store_failed = runner->store_failed || while_recording;
    runner->claims_failed = true;
    if (!waits) {
        store_retry_later(runner);
    }
}

void runner_store_well(struct runner *runner)
{
    runner->store_retry_ms = STORE_RETRY_MS;
}

/* --- making, draining ---------------------------------------------------------------------- */

struct runner *runner_new(const struct runner_parts *parts, const struct config *config)
{
    struct runner *runner = calloc(1, sizeof *runner);
    ENSURE(runner != NULL);
    runner->parts = *parts;
    runner->config = config;
    runner->tick_timer = timer_new(parts->loop, tick, runner);
    runner->store_timer = timer_new(parts->loop, store_retry, runner);
    runner->reload_timer = timer_new(parts->loop, runner_reload_retry, runner);
    runner->store_retry_ms = STORE_RETRY_MS;
    runner->commit = commit_new();
    runner->claim = claim_new();
    return runner;
}

void runner_free(struct runner *runner)
{
    if (runner == NULL) {
        return;
    }
    ENSURE(runner->seat_count == 0);
    timer_free(runner->tick_timer);
    timer_free(runner->store_timer);
    timer_free(runner->reload_timer);
    commit_free(runner->commit);
    claim_free(runner->claim);
    while (runner->spare_seats != NULL) {
        struct seat *seat = runner->spare_seats;
        runner->spare_seats = seat->following;
        free(seat);
    }
    for (uint32_t i = 0; i < runner->seller_count; i++) {
        policy_list_free(runner->sellers[i]->policies);
        free(runner->sellers[i]);
    }
    free(runner->sellers);
    free(runner);
}

bool runner_is_draining(const struct runner *runner)
{
    return runner->is_draining;
}

static void nothing_run(struct store *store, void *arg)
{
    (void)store;
    (void)arg;
}

static void drain_waited(void *arg)
{
    struct runner *runner = arg;
    runner->drain_waits = false;
    runner_check_drained(runner);
}

void runner_check_drained(struct runner *runner)
{
    if (runner->drained == NULL || runner->seat_count > 0 || runner->is_claiming) {
        return;
    }
    if (store_worker_open_count(runner->parts.store_worker) > 0) {
        /* Jobs of others (an operator's question) do not tell us when they end: queue behind. */
        if (!runner->drain_waits) {
            runner->drain_waits = true;
            store_worker_submit(runner->parts.store_worker, nothing_run, drain_waited, runner);
        }
        return;
    }
    loop_callback *drained = runner->drained;
    runner->drained = NULL;
    runner->is_started = false;
    timer_stop(runner->tick_timer);
    timer_stop(runner->store_timer);
    timer_stop(runner->reload_timer);
    drained(runner->drained_arg);
}

void runner_drain(struct runner *runner, loop_callback *drained, void *arg)
{
    runner->is_draining = true;
    runner->drained = drained;
    runner->drained_arg = arg;
    timer_stop(runner->tick_timer);
    caller_forget_waiting(runner);
    runner_check_drained(runner);
}

bool runner_status(struct runner *runner, const char *seller_id, uint64_t backlog,
                   struct runner_status *status)
{
    struct pace_seller *seller = runner_seller(runner, seller_id);
    if (seller == NULL || seller->config == NULL) {
        return false;
    }
    struct ticks ticks = loop_ticks(runner->parts.loop);
    *status = (struct runner_status){
        .calls_in_flight = seller->in_flight,
        .calls_waiting = seller->waiting,
        .charging_paused = runner->claims_failed || runner->store_failed,
    };
    runner_guards_show(runner, seller, status);
    status->drain_ms =
        bucket_drain_ms(&seller->lanes[MWS_AUTHORIZE_ON_BILLING_AGREEMENT].bucket, backlog, ticks);
    return true;
}
