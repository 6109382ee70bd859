/*
 * runner_guards.c - the guards at work: what may be begun, and what they make of what happened.
 *
 *     guard_clock.h    all sellers: the wall clock jumped
 *     guard_batch.h    a canary first; a day that looks wrong
 *     guard_breaker.h  Amazon is down
 *     guard_retries.h  retries in an hour
 *     runner_stops.c   the switch that is on when an operator stops, or a guard has tripped
 *
 * They decide by themselves and know no loop; here their verdicts become holds of events, stop
 * switches and log lines. A step is made first and looked at then: when it begins more than a guard
 * lets it, it is made again with a hold, so that nothing is counted that was not recorded and
 * nothing is sent that was not counted. Settling what is on its way is never held.
 */
#include "billing/civil.h"
#include "billing/ensure.h"
#include "scheduler/runner_parts.h"

#define CANARY_WAIT_MS   INT64_C(10000) /* until what came beside the canary is looked at again */
#define BREAKER_LEAST_MS INT64_C(1000)
#define HEARTBEAT_MS                                                                               \
    (INT64_C(6) * 3600 * 1000) /* without a write: write, or a start would take                    \
                               the silence for downtime */

/* --- the clock ----------------------------------------------------------------------------- */

static void judge_clock(struct runner *runner, enum clock_verdict verdict)
{
    switch (verdict) {
    case CLOCK_WELL:
        break;
    case CLOCK_FORWARD:
        runner_trip(runner, "", REASON_CLOCK, "clock_jump_max");
        break;
    case CLOCK_BACK:
        runner_trip(runner, "", REASON_CLOCK_BACK, "clock_back_max");
        break;
    case CLOCK_LONG_DOWN:
        runner_trip(runner, "", REASON_CLOCK, "downtime_max");
        break;
    }
}

void runner_clock_begin(struct runner *runner, struct instant last_write, struct instant behind)
{
    struct ticks ticks = loop_ticks(runner->parts.loop);
    runner->written_at = ticks;
    judge_clock(runner, guard_clock_begin(&runner->clock, &runner->config->clock, last_write,
                                          loop_now(runner->parts.loop), ticks));
    if (behind.utc_ms != INSTANT_NEVER.utc_ms) {
        guard_clock_wait(&runner->clock, behind);
    }
}

struct instant runner_now(struct runner *runner)
{
    struct ticks ticks = loop_ticks(runner->parts.loop);
    struct instant now = loop_now(runner->parts.loop);
    judge_clock(runner, guard_clock_look(&runner->clock, &runner->config->clock, now, ticks));
    return guard_clock_time(&runner->clock, now, ticks);
}

struct instant runner_time(const struct runner *runner)
{
    return guard_clock_time(&runner->clock, loop_now(runner->parts.loop),
                            loop_ticks(runner->parts.loop));
}

static void heartbeat_run(struct store *store, void *arg)
{
    struct runner *runner = arg;
    struct problem problem;
    /* A store that cannot is noticed by whoever needs it. */
    (void)store->ops->probe(store, runner->heartbeat_at, &problem);
}

static void heartbeat_done(void *arg)
{
    (void)arg;
}

void runner_guards_tick(struct runner *runner)
{
    struct ticks ticks = loop_ticks(runner->parts.loop);
    struct instant now = runner_now(runner);
    runner_stops_tick(runner);
    if (ticks.us - runner->written_at.us > HEARTBEAT_MS * 1000) {
        runner->written_at = ticks;
        runner->heartbeat_at = now;
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
    if (runner->stop.reason != REASON_NONE || seller->stop.reason != REASON_NONE) {
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

/* The charge's reason while the switch is on. */
static enum reason hold_reason(enum reason stopped)
{
    return stopped == REASON_OPERATOR     ? REASON_STOPPED
           : stopped == REASON_CLOCK_BACK ? REASON_CLOCK
                                          : stopped;
}

/* What holds everything back, whatever the step would begin. */
static struct hold standing_hold(struct seat *seat, struct instant now)
{
    struct runner *runner = seat->runner;
    struct pace_seller *seller = seat->seller;
    struct ticks ticks = loop_ticks(runner->parts.loop);
    enum reason stopped =
        runner->stop.reason != REASON_NONE ? runner->stop.reason : seller->stop.reason;
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
    /* To one that is no longer configured only answers come, but what they mean depends on whether
     * the clock is doubted. */
    if (seat->seller->config != NULL) {
        (void)begin_day(seat->seller, event->at);
    }
    event->even_since = seat->runner->clock.even_since;
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
        runner_trip(runner, seller->seller_id, REASON_GUARD, band);
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
        if (band != NULL && seller->stop.reason == REASON_NONE) {
            runner_trip(seat->runner, seller->seller_id, REASON_GUARD, band);
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
        int64_t wait_ms = guard_breaker_wait_ms(&seller->breaker, ticks);
        log_write(seat->runner->parts.log, LOG_WARNING, "breaker",
                  LOG_STRING("state", guard_breaker_name(seller->breaker.state)),
                  LOG_STRING("seller", seller->seller_id),
                  LOG_INTEGER("wait_ms", wait_ms > 0 ? wait_ms : 0), LOG_END);
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
    status->stopped = seller->stop.reason;
    status->all_stopped = runner->stop.reason;
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
