/*
 * runner_guards.c - the guards at work: what may be begun, and what they make of what happened.
 *
 *     guard_clock.h    all sellers: the wall clock jumped
 *     guard_batch.h    a canary first; a day that looks wrong
 *     guard_breaker.h  Amazon is down
 *     guard_retries.h  retries in an hour
 *     stop switches    an operator's, or a guard's that tripped; kept by the store
 *
 * They decide by themselves and know no loop; here their verdicts become holds of events, stop
 * switches and log lines. A step is made first and looked at then: when it begins more than a guard
 * lets it, it is made again with a hold, so that nothing is counted that was not recorded and
 * nothing is sent that was not counted. Settling what is on its way is never held.
 */
#include <stdlib.h>
#include <string.h>

#include "billing/civil.h"
#include "billing/ensure.h"
#include "scheduler/runner_parts.h"

#define CANARY_WAIT_MS   INT64_C(10000) /* until what came beside the canary is looked at again */
#define BREAKER_LEAST_MS INT64_C(1000)
#define HEARTBEAT_MS                                                                               \
    (INT64_C(6) * 3600 * 1000) /* without a write: write, or a start would take                    \
                               the silence for downtime */

/* --- stop switches ------------------------------------------------------------------------- */

struct stop_job {
    struct runner *runner;
    char seller_id[SELLER_ID_MAX];
    bool is_on;
    enum reason reason;
    struct instant now;
    uint32_t seller_count; /* whose waiting charges are woken */
    char (*sellers)[SELLER_ID_MAX];
    uint64_t woken;
    enum status status;
    struct problem problem;
    runner_stopped *done; /* NULL: a guard's */
    void *arg;
};

/* The charge's reason while the switch is on. */
static enum reason hold_reason(enum reason stopped)
{
    return stopped == REASON_OPERATOR ? REASON_STOPPED : stopped;
}

void runner_stop_is_on(struct runner *runner, const char *seller_id, enum reason reason)
{
    struct pace_seller *seller = runner_seller(runner, seller_id);
    if (seller_id[0] == '\0') {
        runner->stopped = runner->stopped == REASON_NONE ? reason : runner->stopped;
    } else if (seller != NULL && seller->stopped == REASON_NONE) {
        seller->stopped = reason;
    }
}

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
    job->status = store->ops->set_stop(store, job->seller_id, job->is_on, job->reason, job->now,
                                       &job->problem);
    for (uint32_t i = 0; !job->is_on && i < job->seller_count && job->status == ST_OK; i++) {
        job->status =
            runner_wake_held(store, job->sellers[i], job->now, &job->woken, &job->problem);
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
        runner->stopped = REASON_NONE;
        runner->clock.is_behind = false;
    }
    for (uint32_t i = 0; i < job->seller_count; i++) {
        struct pace_seller *seller = runner_seller(runner, job->sellers[i]);
        if (strcmp(job->seller_id, seller->seller_id) == 0) {
            seller->stopped = REASON_NONE;
            guard_batch_begin(&seller->batch, seller->batch.day, job->now);
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
    struct runner *runner = job->runner;
    bool *unsaved = &runner->stop_unsaved;
    if (job->seller_id[0] != '\0') {
        unsaved = &runner_seller(runner, job->seller_id)->stop_unsaved;
    }
    if (job->is_on) {
        /* Again: an older order to lift it may have ended since this one was given. */
        runner_stop_is_on(runner, job->seller_id, job->reason);
        *unsaved = job->status != ST_OK;
    } else if (job->status == ST_OK) {
        *unsaved = false;
        lifted(job);
    }
    if (job->status != ST_OK) {
        log_write(runner->parts.log, LOG_ERROR, "stop_not_kept",
                  LOG_STRING("seller", job->seller_id[0] != '\0' ? job->seller_id : NULL),
                  LOG_BOOLEAN("on", job->is_on), LOG_STRING("problem", job->problem.text), LOG_END);
    }
    if (job->done != NULL) {
        job->done(job->arg, job->status, &job->problem);
    }
    free(job->sellers);
    free(job);
}

static void stop_submit(struct runner *runner, const char *seller_id, bool is_on,
                        enum reason reason, runner_stopped *done, void *arg)
{
    struct stop_job *job = calloc(1, sizeof *job);
    ENSURE(job != NULL);
    *job = (struct stop_job){.runner = runner,
                             .is_on = is_on,
                             .reason = reason,
                             .now = loop_now(runner->parts.loop),
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
        /* At once; that it lasts is told when the store has it. */
        runner_stop_is_on(runner, seller_id, REASON_OPERATOR);
    }
    stop_submit(runner, seller_id, is_on, REASON_OPERATOR, done, arg);
}

/* A guard stops; the operator is called by an error line. */
static void trip(struct runner *runner, const char *seller_id, enum reason reason, const char *why)
{
    runner_stop_is_on(runner, seller_id, reason);
    log_write(runner->parts.log, LOG_ERROR, "charging_stopped",
              LOG_STRING("seller", seller_id[0] != '\0' ? seller_id : NULL),
              LOG_STRING("reason", reason_name(reason)), LOG_STRING("guard", why), LOG_END);
    stop_submit(runner, seller_id, true, reason, NULL, NULL);
}

/* A switch that the store could not keep is tried again. */
static void save_again(struct runner *runner)
{
    if (runner->stop_unsaved) {
        runner->stop_unsaved = false;
        stop_submit(runner, "", true, runner->stopped, NULL, NULL);
    }
    for (uint32_t i = 0; i < runner->seller_count; i++) {
        struct pace_seller *seller = runner->sellers[i];
        if (seller->stop_unsaved) {
            seller->stop_unsaved = false;
            stop_submit(runner, seller->seller_id, true, seller->stopped, NULL, NULL);
        }
    }
}

/* --- the clock ----------------------------------------------------------------------------- */

static void judge_clock(struct runner *runner, enum clock_verdict verdict)
{
    switch (verdict) {
    case CLOCK_WELL:
        break;
    case CLOCK_FORWARD:
        trip(runner, "", REASON_CLOCK, "clock_jump_max");
        break;
    case CLOCK_BACK:
        trip(runner, "", REASON_CLOCK, "clock_back_max");
        break;
    case CLOCK_LONG_DOWN:
        trip(runner, "", REASON_CLOCK, "downtime_max");
        break;
    case CLOCK_CAUGHT_UP:
        if (runner->stopped == REASON_CLOCK) {
            log_write(runner->parts.log, LOG_WARNING, "clock_caught_up", LOG_END);
            stop_submit(runner, "", false, REASON_CLOCK, NULL, NULL);
        }
        break;
    }
}

void runner_clock_begin(struct runner *runner, struct instant last_write)
{
    struct ticks ticks = loop_ticks(runner->parts.loop);
    runner->written_at = ticks;
    judge_clock(runner, guard_clock_begin(&runner->clock, &runner->config->clock, last_write,
                                          loop_now(runner->parts.loop), ticks));
}

struct instant runner_now(struct runner *runner)
{
    struct instant now = loop_now(runner->parts.loop);
    judge_clock(runner, guard_clock_look(&runner->clock, &runner->config->clock, now,
                                         loop_ticks(runner->parts.loop)));
    return now;
}

static void heartbeat_run(struct store *store, void *arg)
{
    struct runner *runner = arg;
    struct problem problem;
    /* A store that cannot is noticed by whoever needs it. */
    (void)store->ops->probe(store, loop_now(runner->parts.loop), &problem);
}

static void heartbeat_done(void *arg)
{
    (void)arg;
}

void runner_guards_tick(struct runner *runner)
{
    struct ticks ticks = loop_ticks(runner->parts.loop);
    (void)runner_now(runner);
    if (!runner->store_failed) {
        save_again(runner);
    }
    if (ticks.us - runner->written_at.us > HEARTBEAT_MS * 1000) {
        runner->written_at = ticks;
        store_worker_submit(runner->parts.store_worker, heartbeat_run, heartbeat_done, runner);
    }
}

/* --- before a step ------------------------------------------------------------------------- */

static bool begin_day(struct pace_seller *seller, struct instant now)
{
    int32_t second_of_day;
    const struct policy *policy = policy_list_head(seller->policies);
    int64_t day = civil_to_days(zone_date(policy->zone, now, &second_of_day));
    bool is_new = day != seller->batch.day;
    if (is_new) {
        guard_batch_begin(&seller->batch, day, now);
    }
    return is_new;
}

uint32_t runner_charge_room(struct runner *runner, struct pace_seller *seller)
{
    struct ticks ticks = loop_ticks(runner->parts.loop);
    (void)begin_day(seller, loop_now(runner->parts.loop));
    if (runner->stopped != REASON_NONE || seller->stopped != REASON_NONE) {
        return UINT32_MAX; /* claimed, and parked */
    }
    uint32_t canary = guard_batch_room(&seller->batch, &seller->config->batch);
    uint32_t breaker = guard_breaker_room(&seller->breaker, seller->charging, ticks);
    return canary < breaker ? canary : breaker;
}

int64_t runner_charge_wait_ms(const struct runner *runner, const struct pace_seller *seller)
{
    return guard_breaker_wait_ms(&seller->breaker, loop_ticks(runner->parts.loop));
}

/* What holds everything back, whatever the step would begin. */
static struct hold standing_hold(struct seat *seat, struct instant now)
{
    struct runner *runner = seat->runner;
    struct pace_seller *seller = seat->seller;
    struct ticks ticks = loop_ticks(runner->parts.loop);
    enum reason stopped = runner->stopped != REASON_NONE ? runner->stopped : seller->stopped;
    if (stopped != REASON_NONE) {
        return (struct hold){hold_reason(stopped), INSTANT_NEVER};
    }
    if (guard_breaker_room(&seller->breaker, seller->charging, ticks) == 0) {
        int64_t wait_ms = guard_breaker_wait_ms(&seller->breaker, ticks);
        wait_ms = wait_ms > BREAKER_LEAST_MS ? wait_ms : BREAKER_LEAST_MS;
        return (struct hold){REASON_BREAKER_OPEN, instant_plus(now, wait_ms)};
    }
    return (struct hold){REASON_NONE, INSTANT_NEVER};
}

void runner_hold(struct seat *seat, struct event *event)
{
    if (seat->seller->config == NULL) {
        return; /* only answers come, and nothing is begun: see step_first() */
    }
    (void)begin_day(seat->seller, event->at);
    event->hold = standing_hold(seat, event->at);
    event->retry_hold = (struct hold){REASON_NONE, INSTANT_NEVER};
}

/* --- after a step -------------------------------------------------------------------------- */

static bool begins_something(const struct effects *effects)
{
    for (uint32_t i = 0; i < effects->call_count; i++) {
        if (effects->calls[i].kind == CALL_AUTHORIZE) {
            return true;
        }
    }
    return false;
}

static bool is_held(const struct hold *hold)
{
    return hold->reason != REASON_NONE;
}

bool runner_admits(struct seat *seat, struct event *event)
{
    struct runner *runner = seat->runner;
    struct pace_seller *seller = seat->seller;
    const struct seller_config *config = seller->config;
    struct ticks ticks = loop_ticks(runner->parts.loop);
    seat->plan = (struct batch_plan){0};
    if (config == NULL || !begins_something(&seat->effects)) {
        return true;
    }
    seat->plan = guard_batch_plan_of(&seat->account, &seat->next);
    const struct batch_plan *plan = &seat->plan;
    bool is_admitted = true;
    /* An account that alone has more than a whole hour's or canary's charges is let go. */
    if (plan->retries > guard_retries_room(&seller->retries, config->retries_per_hour, ticks) &&
        seller->retries.used > 0 && !is_held(&event->retry_hold)) {
        event->retry_hold = (struct hold){REASON_RETRIES_PER_HOUR,
                                          instant_plus(event->at, guard_retries_wait_ms(ticks))};
        is_admitted = false;
    }
    const char *band = guard_batch_refuses(&seller->batch, &config->batch, plan);
    if (band != NULL && !is_held(&event->hold)) {
        trip(runner, seller->seller_id, REASON_GUARD, band);
        event->hold = (struct hold){REASON_GUARD, INSTANT_NEVER};
        is_admitted = false;
    } else if (plan->firsts > 0 && guard_batch_room(&seller->batch, &config->batch) == 0 &&
               !is_held(&event->hold)) {
        event->hold = (struct hold){REASON_CANARY, instant_plus(event->at, CANARY_WAIT_MS)};
        is_admitted = false;
    }
    return is_admitted;
}

void runner_planned(struct seat *seat)
{
    seat->plan = (struct batch_plan){0};
    if (begins_something(&seat->effects)) {
        seat->plan = guard_batch_plan_of(&seat->account, &seat->next);
    }
    guard_batch_plan(&seat->seller->batch, &seat->plan);
    guard_retries_take(&seat->seller->retries, seat->plan.retries);
}

void runner_plan_settled(struct seat *seat, bool is_recorded)
{
    struct pace_seller *seller = seat->seller;
    guard_batch_planned(&seller->batch, &seat->plan, is_recorded);
    if (!is_recorded) {
        guard_retries_give_back(&seller->retries, seat->plan.retries);
    } else if (seller->config != NULL) {
        const char *band = guard_batch_recorded(&seller->batch, &seller->config->batch,
                                                &seat->account, &seat->next);
        if (band != NULL && seller->stopped == REASON_NONE) {
            trip(seat->runner, seller->seller_id, REASON_GUARD, band);
        }
    }
    seat->plan = (struct batch_plan){0};
}

void runner_charge_answered(struct seat *seat, enum mws_cause cause)
{
    struct pace_seller *seller = seat->seller;
    struct ticks ticks = loop_ticks(seat->runner->parts.loop);
    bool has_changed = false;
    switch (cause) {
    case MWS_CAUSE_NOT_SENT:
    case MWS_CAUSE_NO_ANSWER:
    case MWS_CAUSE_UNREADABLE:
    case MWS_CAUSE_SERVICE:
        has_changed = seller->config != NULL &&
                      guard_breaker_failed(&seller->breaker, &seller->config->breaker, ticks);
        break;
    case MWS_CAUSE_THROTTLED: /* these have waits of their own: mws/bucket.h */
    case MWS_CAUSE_SELLER_ACCESS:
        break;
    case MWS_CAUSE_NONE:
    case MWS_CAUSE_DUPLICATE:
    case MWS_CAUSE_LIMIT:
    case MWS_CAUSE_AGREEMENT_STATUS:
    case MWS_CAUSE_OBJECT_STATUS:
    case MWS_CAUSE_AGREEMENT_ID:
    case MWS_CAUSE_REQUEST:
    case MWS_CAUSE_PENDING:
    case MWS_CAUSE_AUTHORIZED:
    case MWS_CAUSE_DECLINED:
    case MWS_CAUSE_CLOSED_WITHOUT_CAPTURE:
    case MWS_CAUSE_UNMAPPED:
        has_changed = guard_breaker_answered(&seller->breaker);
        break;
    }
    if (has_changed) {
        log_write(seat->runner->parts.log, LOG_WARNING, "breaker",
                  LOG_STRING("state", guard_breaker_name(seller->breaker.state)),
                  LOG_STRING("seller", seller->seller_id),
                  LOG_INTEGER("wait_ms", guard_breaker_wait_ms(&seller->breaker, ticks)), LOG_END);
        runner_wake(seat->runner);
    }
}

void runner_guards_show(struct runner *runner, struct pace_seller *seller,
                        struct runner_status *status)
{
    struct ticks ticks = loop_ticks(runner->parts.loop);
    struct instant now = loop_now(runner->parts.loop);
    const struct guard_batch *batch = &seller->batch;
    int64_t wait_ms = guard_breaker_wait_ms(&seller->breaker, ticks);
    status->stopped = seller->stopped;
    status->all_stopped = runner->stopped;
    status->breaker = guard_breaker_name(seller->breaker.state);
    status->breaker_until = wait_ms > 0 ? instant_plus(now, wait_ms) : INSTANT_NEVER;
    status->breaker_openings = seller->breaker.openings;
    status->canary_room = guard_batch_room(&seller->batch, &seller->config->batch);
    status->day_declined = batch->count[BATCH_DECLINED];
    status->day_unknown = batch->count[BATCH_UNKNOWN];
    status->day_count = batch->planned + batch->count[BATCH_SENT] + batch->count[BATCH_GOOD] +
                        status->day_declined + status->day_unknown;
    status->retries_room =
        guard_retries_room(&seller->retries, seller->config->retries_per_hour, ticks);
    status->retries_used = seller->retries.used;
}
