/*
 * runner_stops.c - the stop switches: of each seller and of all, turned by an operator or a guard.
 *
 * A switch counts in memory at once when it is turned on, and off only when the store has it off
 * and knows what is to be woken, unless it was turned on again meanwhile.
 *
 * A switch has one reason, the gravest: a doubted clock before an operator or the batch guard,
 * because it holds more back than charges; and these before a clock that was set back, because that
 * stop lifts itself when the time is caught up. When that is is kept with it, so that the process
 * after this one knows it, too.
 *
 * What a switch holds back is decided in runner_guards.c and claim.c.
 */
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "scheduler/runner_parts.h"

struct stop_job {
    struct runner *runner;
    char seller_id[SELLER_ID_MAX];
    bool is_on;
    enum reason reason;
    uint32_t on_orders; /* of the switch, when this was ordered */
    struct instant at;
    struct instant until;  /* when it lifts itself; never = it does not */
    uint32_t seller_count; /* whose waiting charges are woken */
    char (*sellers)[SELLER_ID_MAX];
    uint64_t woken;
    enum status status;
    struct problem problem;
    runner_stopped *done; /* NULL: a guard's */
    void *arg;
};

/* --- in memory ----------------------------------------------------------------------------- */

/* NULL: no such seller. */
static struct stop *switch_of(struct runner *runner, const char *seller_id)
{
    if (seller_id[0] == '\0') {
        return &runner->stop;
    }
    struct pace_seller *seller = runner_seller(runner, seller_id);
    return seller == NULL ? NULL : &seller->stop;
}

static int gravity(enum reason reason)
{
    return reason == REASON_NONE         ? 0
           : reason == REASON_CLOCK_BACK ? 1
           : reason == REASON_CLOCK      ? 3
                                         : 2;
}

void runner_stop_is_on(struct runner *runner, const char *seller_id, enum reason reason)
{
    struct stop *stop = switch_of(runner, seller_id);
    if (stop != NULL && gravity(reason) > gravity(stop->reason)) {
        stop->reason = reason;
    }
}

bool runner_clock_is_doubted(const struct runner *runner)
{
    return runner->stop.reason == REASON_CLOCK || runner->stop.reason == REASON_CLOCK_BACK;
}

/* --- with the store ------------------------------------------------------------------------ */

enum status runner_wake_held(struct store *store, const char *seller_id, struct instant now,
                             uint64_t *count, struct problem *problem)
{
    static const enum reason reasons[] = {REASON_STOPPED, REASON_GUARD, REASON_CLOCK};
    enum status status = ST_OK;
    for (unsigned k = 0; k < sizeof reasons / sizeof reasons[0] && status == ST_OK; k++) {
        uint64_t woken = 0;
        status = store->ops->wake_waiting(store, seller_id, reasons[k], now, &woken, problem);
        *count += woken;
    }
    return status;
}

static void stop_run(struct store *store, void *arg)
{
    struct stop_job *job = arg;
    job->status = store->ops->set_stop(store, job->seller_id, job->is_on, job->reason, job->at,
                                       job->until, &job->problem);
    for (uint32_t i = 0; !job->is_on && i < job->seller_count && job->status == ST_OK; i++) {
        job->status = runner_wake_held(store, job->sellers[i], job->at, &job->woken, &job->problem);
    }
}

/* Accounts in memory would record over the store's wake: they wake here. */
static void wake_seats(struct runner *runner, const struct pace_seller *seller)
{
    struct event event = {.kind = EVENT_WAKE};
    struct seat *following;
    for (struct seat *seat = runner->seats; seat != NULL; seat = following) {
        following = seat->following;
        if (seat->seller == seller) {
            seat_post(seat, &event, false, NULL, NULL);
            seat_pump(seat);
        }
    }
}

static void lifted(struct stop_job *job)
{
    struct runner *runner = job->runner;
    if (job->seller_id[0] == '\0') {
        guard_clock_trust(&runner->clock);
    }
    for (uint32_t i = 0; i < job->seller_count; i++) {
        struct pace_seller *seller = runner_seller(runner, job->sellers[i]);
        if (strcmp(job->seller_id, seller->seller_id) == 0) {
            guard_batch_begin(&seller->batch, seller->batch.day, job->at);
        }
        seller->next_wake[PACE_CHARGE] = (struct instant){0};
        seller->next_wake[PACE_CARE] = (struct instant){0};
        wake_seats(runner, seller);
    }
    log_write(runner->parts.log, LOG_WARNING, "stop_lifted",
              LOG_STRING("seller", job->seller_id[0] != '\0' ? job->seller_id : NULL),
              LOG_INTEGER("woken", (int64_t)job->woken), LOG_END);
    runner_wake(runner);
}

static void stop_done(void *arg)
{
    struct stop_job *job = arg;
    struct stop *stop = switch_of(job->runner, job->seller_id);
    bool is_kept = job->status == ST_OK;
    if (job->is_on) {
        stop->is_unsaved = !is_kept;
    } else {
        stop->is_lifting = false;
        if (is_kept && job->on_orders == stop->on_orders) {
            stop->is_unsaved = false;
            stop->reason = REASON_NONE;
            lifted(job);
        }
    }
    if (!is_kept) {
        log_write(job->runner->parts.log, LOG_ERROR, "stop_not_kept",
                  LOG_STRING("seller", job->seller_id[0] != '\0' ? job->seller_id : NULL),
                  LOG_BOOLEAN("on", job->is_on), LOG_STRING("problem", job->problem.text), LOG_END);
    }
    if (job->done != NULL) {
        job->done(job->arg, job->status, &job->problem);
    }
    free(job->sellers);
    free(job);
}

static struct instant lifts_itself_at(const struct runner *runner, bool is_on, enum reason reason)
{
    bool waits = is_on && reason == REASON_CLOCK_BACK && runner->clock.is_behind;
    return waits ? runner->clock.true_at : INSTANT_NEVER;
}

static void stop_submit(struct runner *runner, const char *seller_id, bool is_on,
                        enum reason reason, runner_stopped *done, void *arg)
{
    struct stop *stop = switch_of(runner, seller_id);
    struct stop_job *job = calloc(1, sizeof *job);
    ENSURE(job != NULL);
    stop->on_orders += is_on;
    stop->is_lifting = !is_on;
    *job = (struct stop_job){.runner = runner,
                             .is_on = is_on,
                             .reason = reason,
                             .on_orders = stop->on_orders,
                             /* whoever lifts says that the clock is right */
                             .at = is_on ? runner_time(runner) : loop_now(runner->parts.loop),
                             .until = lifts_itself_at(runner, is_on, reason),
                             .done = done,
                             .arg = arg};
    memcpy(job->seller_id, seller_id, strlen(seller_id) + 1);
    job->sellers = calloc(runner->seller_count + 1, sizeof *job->sellers);
    ENSURE(job->sellers != NULL);
    for (uint32_t i = 0; i < runner->seller_count; i++) {
        const struct pace_seller *seller = runner->sellers[i];
        if (seller_id[0] == '\0' || strcmp(seller->seller_id, seller_id) == 0) {
            memcpy(job->sellers[job->seller_count++], seller->seller_id, SELLER_ID_MAX);
        }
    }
    store_worker_submit(runner->parts.store_worker, stop_run, stop_done, job);
}

/* What is on already for a graver reason keeps that. */
static void turn_on(struct runner *runner, const char *seller_id, enum reason reason,
                    runner_stopped *done, void *arg)
{
    runner_stop_is_on(runner, seller_id, reason);
    stop_submit(runner, seller_id, true, switch_of(runner, seller_id)->reason, done, arg);
}

/* --- who turns them ------------------------------------------------------------------------ */

void runner_stop(struct runner *runner, const char *seller_id, bool is_on, runner_stopped *done,
                 void *arg)
{
    struct problem problem;
    if (!runner->is_started || runner_is_draining(runner)) {
        done(arg, problem_set(&problem, ST_BUSY, "the daemon is starting or stopping"), &problem);
        return;
    }
    if (seller_id[0] != '\0' && runner_seller(runner, seller_id) == NULL) {
        done(arg, problem_set(&problem, ST_NOT_FOUND, "seller %s is not configured", seller_id),
             &problem);
        return;
    }
    if (is_on) {
        turn_on(runner, seller_id, REASON_OPERATOR, done, arg);
    } else {
        stop_submit(runner, seller_id, false, REASON_OPERATOR, done, arg);
    }
}

void runner_trip(struct runner *runner, const char *seller_id, enum reason reason, const char *why)
{
    log_write(runner->parts.log, LOG_ERROR, "charging_stopped",
              LOG_STRING("seller", seller_id[0] != '\0' ? seller_id : NULL),
              LOG_STRING("reason", reason_name(reason)), LOG_STRING("guard", why), LOG_END);
    turn_on(runner, seller_id, reason, NULL, NULL);
}

/* Not while it is being lifted: an operator would be answered that it is off, and find it on. */
static void save_again(struct runner *runner, const char *seller_id, struct stop *stop)
{
    if (stop->is_unsaved && !stop->is_lifting) {
        stop->is_unsaved = false;
        stop_submit(runner, seller_id, true, stop->reason, NULL, NULL);
    }
}

void runner_stops_tick(struct runner *runner)
{
    if (runner->store_failed) {
        return;
    }
    save_again(runner, "", &runner->stop);
    for (uint32_t i = 0; i < runner->seller_count; i++) {
        save_again(runner, runner->sellers[i]->seller_id, &runner->sellers[i]->stop);
    }
    /* Asked with every tick, so that one that could not be lifted is lifted later. */
    if (runner->stop.reason == REASON_CLOCK_BACK && !runner->clock.is_behind &&
        !runner->stop.is_lifting) {
        log_write(runner->parts.log, LOG_WARNING, "clock_caught_up", LOG_END);
        stop_submit(runner, "", false, REASON_CLOCK_BACK, NULL, NULL);
    }
}
