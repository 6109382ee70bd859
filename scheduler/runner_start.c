/*
 * runner_start.c - what the runner asks the store for before it works: at the start, and again with
 * every reload.
 *
 * At the start: when the store was last written (guard_clock.h), what an earlier process left
 * unanswered, for how long each seller was surely quiet, what its guards had counted (recount.h),
 * the stop switches, the policies. With a reload: the policies and the switches again, because
 * there may be new sellers; what is served already goes on meanwhile with the policies it had. A
 * new seller is served only when its policies are kept.
 */
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "scheduler/recount.h"
#include "scheduler/runner_parts.h"

#define STOPS_MAX       ((size_t)2 * CONFIG_SELLERS_MAX)
#define RELOAD_RETRY_MS INT64_C(5000)

struct start_seller {
    char seller_id[SELLER_ID_MAX];
    struct instant last_step;
    struct recount recount;
};

/* It has its own list of sellers, because the configuration may be replaced meanwhile. */
struct start_job {
    struct runner *runner;
    struct instant now;
    bool is_start; /* of the process; else a reload */
    bool resumes;  /* a seller has come back: take up what it left unanswered */
    struct instant last_write;
    uint64_t unsettled;
    struct policy_texts *texts;
    uint32_t stop_count;
    struct stop_view *stops; /* STOPS_MAX */
    enum status status;
    struct problem problem;
    uint32_t seller_count;
    struct start_seller sellers[];
};

static struct start_job *job_new(struct runner *runner, bool is_start)
{
    const struct config *config = runner->config;
    struct start_job *job = calloc(1, sizeof *job + config->seller_count * sizeof job->sellers[0]);
    ENSURE(job != NULL);
    job->stops = calloc(STOPS_MAX, sizeof *job->stops);
    ENSURE(job->stops != NULL);
    job->runner = runner;
    job->now = runner_time(runner);
    job->is_start = is_start;
    job->texts = policy_texts_new(config);
    job->last_write = INSTANT_NEVER;
    job->seller_count = config->seller_count;
    for (uint32_t i = 0; i < config->seller_count; i++) {
        memcpy(job->sellers[i].seller_id, config->sellers[i].mws.seller_id,
               sizeof job->sellers[i].seller_id);
    }
    return job;
}

static void job_free(struct start_job *job)
{
    for (uint32_t i = 0; i < job->seller_count; i++) {
        recount_free(&job->sellers[i].recount);
    }
    policy_texts_free(job->texts);
    free(job->stops);
    free(job);
}

/* Before anything is written. */
static enum status read_past(struct start_job *job, struct store *store)
{
    enum status status = store->ops->last_write(store, &job->last_write, &job->problem);
    for (uint32_t i = 0; i < job->seller_count && status == ST_OK; i++) {
        struct start_seller *seller = &job->sellers[i];
        status = store->ops->last_step(store, seller->seller_id, &seller->last_step, &job->problem);
        if (status == ST_OK) {
            status = recount_read(&seller->recount, store, seller->seller_id, job->now,
                                  job->last_write, &job->problem);
        }
    }
    return status;
}

static bool is_stopped(const struct start_job *job, const char *seller_id)
{
    for (uint32_t i = 0; i < job->stop_count; i++) {
        const char *stopped = job->stops[i].seller_id;
        if (stopped[0] == '\0' || strcmp(stopped, seller_id) == 0) {
            return true;
        }
    }
    return false;
}

/* What is to be due at once: by a clock that is ahead it must not wait for that time. */
static struct instant due_at(const struct start_job *job)
{
    return instant_min(job->now, job->last_write);
}

/* A switch may have been lifted by a process that died before it woke what waited for that, or
 * while the seller was not served. */
static enum status wake_held(struct start_job *job, struct store *store)
{
    enum status status = ST_OK;
    uint64_t count = 0;
    for (uint32_t i = 0; i < job->seller_count && status == ST_OK; i++) {
        if (!is_stopped(job, job->sellers[i].seller_id)) {
            status = runner_wake_held(store, job->sellers[i].seller_id, due_at(job), &count,
                                      &job->problem);
        }
    }
    return status;
}

static void job_run(struct store *store, void *arg)
{
    struct start_job *job = arg;
    job->status = job->is_start ? read_past(job, store) : ST_OK;
    if (job->status == ST_OK && (job->is_start || job->resumes)) {
        job->status = store->ops->start(store, due_at(job), &job->unsettled, &job->problem);
    }
    if (job->status == ST_OK) {
        job->status = policy_texts_save(job->texts, store, job->now, &job->problem);
    }
    if (job->status == ST_OK) {
        job->status =
            store->ops->list_stops(store, job->stops, STOPS_MAX, &job->stop_count, &job->problem);
    }
    if (job->status == ST_OK && (job->is_start || job->resumes)) {
        job->status = wake_held(job, store);
    }
}

/* For how long the seller surely made no call. Of one that came with a reload it is not known:
 * begin with empty buckets. */
static int64_t idle_ms_of(const struct start_job *job, const char *seller_id)
{
    for (uint32_t i = 0; job->is_start && i < job->seller_count; i++) {
        struct instant last = job->sellers[i].last_step;
        if (strcmp(job->sellers[i].seller_id, seller_id) == 0) {
            bool is_new = last.utc_ms == INSTANT_NEVER.utc_ms;
            int64_t idle_ms = is_new ? INT64_MAX : job->now.utc_ms - last.utc_ms;
            return idle_ms > 0 ? idle_ms : 0;
        }
    }
    return 0;
}

static struct pace_seller *add_seller(struct runner *runner, const struct seller_config *config,
                                      int64_t idle_ms)
{
    struct pace_seller **grown =
        reallocarray(runner->sellers, runner->seller_count + 1, sizeof(void *));
    ENSURE(grown != NULL);
    struct pace_seller *seller = calloc(1, sizeof *seller);
    ENSURE(seller != NULL);
    pace_seller_init(seller, config, idle_ms, loop_ticks(runner->parts.loop));
    grown[runner->seller_count++] = seller;
    runner->sellers = grown;
    return seller;
}

/* Gives every configured seller the policies that were kept; a new one is served from now on. */
static void take_sellers(struct start_job *job)
{
    struct runner *runner = job->runner;
    for (uint32_t i = 0; i < runner->config->seller_count; i++) {
        const struct seller_config *config = &runner->config->sellers[i];
        const char *id = config->mws.seller_id;
        struct policy_list *list =
            policy_list_new(job->texts, id, runner->parts.zones, runner->parts.log);
        if (list == NULL) {
            continue; /* configured since: the next job has it */
        }
        struct pace_seller *seller = runner_seller(runner, id);
        if (seller == NULL) {
            seller = add_seller(runner, config, idle_ms_of(job, id));
        }
        policy_list_free(seller->policies);
        seller->policies = list;
    }
    for (uint32_t i = 0; i < job->stop_count; i++) {
        runner_stop_is_on(runner, job->stops[i].seller_id, job->stops[i].reason);
    }
}

/* Up to when an earlier process found the clock set back; never = it did not. */
static struct instant clock_behind(const struct start_job *job)
{
    for (uint32_t i = 0; i < job->stop_count; i++) {
        if (job->stops[i].reason == REASON_CLOCK_BACK) {
            return job->stops[i].until;
        }
    }
    return INSTANT_NEVER;
}

/* The guards go on with the day and the hour. */
static void take_counts(const struct start_job *job)
{
    struct runner *runner = job->runner;
    for (uint32_t i = 0; i < job->seller_count; i++) {
        const struct start_seller *of = &job->sellers[i];
        struct pace_seller *seller = runner_seller(runner, of->seller_id);
        if (seller != NULL) {
            const struct policy *policy = policy_list_head(seller->policies);
            struct ticks ticks = loop_ticks(runner->parts.loop);
            seller->batch = recount_batch(&of->recount, policy->zone, job->now);
            (void)guard_retries_room(&seller->retries, 0, ticks); /* this hour's */
            guard_retries_take(&seller->retries, recount_retries(&of->recount, job->now));
        }
    }
}

/* Keeps the configured policies, and serves new sellers when that is done. */
static void reload(struct runner *runner, bool resumes);

static void start_done(void *arg)
{
    struct start_job *job = arg;
    struct runner *runner = job->runner;
    if (job->status != ST_OK) {
        runner->failed(runner->failed_arg, &job->problem);
        job_free(job);
        return;
    }
    take_sellers(job);
    take_counts(job);
    log_write(runner->parts.log, LOG_INFO, "started",
              LOG_INTEGER("sellers", runner->config->seller_count),
              LOG_INTEGER("unsettled", (int64_t)job->unsettled), LOG_END);
    runner->is_started = true;
    runner_clock_begin(runner, job->last_write, clock_behind(job));
    bool is_old = runner->reload_again;
    job_free(job);
    runner_wake(runner);
    if (is_old) {
        reload(runner, false);
    }
}

void runner_start(struct runner *runner, runner_failed *failed, void *arg)
{
    runner->failed = failed;
    runner->failed_arg = arg;
    store_worker_submit(runner->parts.store_worker, job_run, start_done, job_new(runner, true));
}

/* --- reload -------------------------------------------------------------------------------- */

static void reload_done(void *arg)
{
    struct start_job *job = arg;
    struct runner *runner = job->runner;
    runner->is_reloading = false;
    if (job->status != ST_OK) {
        log_write(runner->parts.log, LOG_ERROR, "policies_not_kept",
                  LOG_STRING("status", status_name(job->status)),
                  LOG_STRING("problem", job->problem.text), LOG_END);
        runner->reload_resumes = runner->reload_resumes || job->resumes;
        if (!runner_is_draining(runner)) {
            timer_start(runner->reload_timer, RELOAD_RETRY_MS);
        }
    } else {
        take_sellers(job);
        log_write(runner->parts.log, LOG_INFO, "policies_kept",
                  LOG_INTEGER("sellers", job->seller_count), LOG_END);
        for (uint32_t i = 0; i < runner->seller_count && job->resumes; i++) {
            runner->sellers[i]->next_wake[PACE_CHARGE] = (struct instant){0};
            runner->sellers[i]->next_wake[PACE_CARE] = (struct instant){0};
        }
        if (runner->reload_again) {
            reload(runner, false);
        }
    }
    job_free(job);
    runner_wake(runner);
}

static void reload(struct runner *runner, bool resumes)
{
    runner->reload_resumes = runner->reload_resumes || resumes;
    if (runner->is_reloading || !runner->is_started) {
        runner->reload_again = true;
        return;
    }
    struct start_job *job = job_new(runner, false);
    job->resumes = runner->reload_resumes;
    runner->reload_resumes = false;
    runner->reload_again = false;
    runner->is_reloading = true;
    store_worker_submit(runner->parts.store_worker, job_run, reload_done, job);
}

void runner_reload_retry(void *arg)
{
    reload(arg, false);
}

void runner_configure(struct runner *runner, const struct config *config)
{
    struct ticks ticks = loop_ticks(runner->parts.loop);
    bool has_returned = false;
    for (uint32_t i = 0; i < runner->seller_count; i++) {
        struct pace_seller *seller = runner->sellers[i];
        const struct seller_config *before = seller->config;
        const struct seller_config *now = config_seller(config, seller->seller_id);
        bool same_quota = before != NULL && now != NULL && before->quota == now->quota &&
                          before->quota_milli == now->quota_milli;
        if (now != NULL && !same_quota) {
            pace_seller_configure(seller, now, ticks);
        }
        seller->config = now;
        /* What was unanswered when the seller was left out is taken up like after a start. */
        has_returned = has_returned || (before == NULL && now != NULL);
    }
    for (uint32_t i = 0; i < config->seller_count; i++) {
        /* New to this process, but perhaps not to the store. */
        has_returned =
            has_returned || runner_seller(runner, config->sellers[i].mws.seller_id) == NULL;
    }
    runner->config = config;
    reload(runner, has_returned);
    runner_wake(runner);
}
