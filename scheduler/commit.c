/*
 * commit.c - group commit: every step that is ready shares one transaction.
 *
 * While one commit is with the store, further steps gather for the next; so the slower the disk,
 * the larger the groups, and the loop never waits. When the store says no to the whole group,
 * commands are told, wakes are dropped (the store still knows that they are due), and answers stay
 * first in their seats until the store is well again.
 */
#include <stdlib.h>

#include "billing/ensure.h"
#include "scheduler/change_log.h"
#include "scheduler/runner_parts.h"

struct commit {
    struct runner *runner;
    uint32_t count;
    struct step_record records[COMMIT_STEPS_MAX];
    struct seat *seats[COMMIT_STEPS_MAX];
    enum status status;
    struct problem problem;
};

struct commit *commit_new(void)
{
    struct commit *commit = calloc(1, sizeof *commit);
    ENSURE(commit != NULL);
    return commit;
}

void commit_free(struct commit *commit)
{
    free(commit);
}

void commit_add(struct seat *seat)
{
    struct runner *runner = seat->runner;
    seat->next_pending = NULL;
    if (runner->pending_last == NULL) {
        runner->pending_first = seat;
    } else {
        runner->pending_last->next_pending = seat;
    }
    runner->pending_last = seat;
    commit_submit(runner);
}

/* The step is durable: now it counts, and what it wanted is done. */
static void seat_recorded(struct seat *seat)
{
    account_copy(&seat->account, &seat->next);
    seat->account.agreement.version++;
    change_log_write(seat->runner->parts.log, &seat->account, &seat->effects);
    const struct agreement *agreement = &seat->account.agreement;
    enum pace_work work = agreement->lane == LANE_CARE ? PACE_CARE : PACE_CHARGE;
    pace_expect(seat->seller, work, agreement->wake_at);
    runner_wake(seat->runner);
    for (uint32_t i = 0; i < seat->effects.call_count; i++) {
        caller_start(seat, &seat->effects.calls[i]);
    }
    seat_event_end(seat, ST_OK, NULL);
    account_drop_final(&seat->account);
    seat->state = SEAT_READY;
}

/* The store refused this step alone. For a command that is an answer. For anything else it is a bug
 * of ours that a constraint of the schema caught: the account is left as it is recorded, and its
 * seller is not asked for again at once. */
static void seat_refused(struct seat *seat, enum status status, const struct problem *problem)
{
    if (seat->first->done == NULL) {
        log_write(seat->runner->parts.log, LOG_ERROR, "step_refused",
                  LOG_STRING("status", status_name(status)),
                  LOG_STRING("seller", seat->seller->seller_id),
                  LOG_STRING("agreement", seat->account.agreement.id),
                  LOG_STRING("problem", problem->text), LOG_END);
        struct instant later = instant_plus(loop_now(seat->runner->parts.loop), HOUSEKEEPING_MS);
        seat->seller->next_wake[PACE_CHARGE] = later;
        seat->seller->next_wake[PACE_CARE] = later;
    }
    seat_event_end(seat, status, problem);
}

static void seat_settle(struct seat *seat, enum status status, const struct problem *problem)
{
    /* There is one writer: a step that the store finds stale is a bug of ours, and about money. A
     * restart reads the truth and settles what was in flight. */
    ENSURE(status != ST_LOST);
    runner_plan_settled(seat, status == ST_OK);
    if (status == ST_OK) {
        seat_recorded(seat);
    } else {
        seat->state = SEAT_READY;
        if (status == ST_INVALID || status == ST_CONFLICT) {
            seat_refused(seat, status, problem);
        } else if (!event_is_answer(&seat->first->event)) {
            if (seat->first->is_claimed) {
                seat_still_due(seat, loop_now(seat->runner->parts.loop));
            }
            seat_event_end(seat, status, problem);
        }
    }
    seat_pump(seat);
}

static void commit_run(struct store *store, void *arg)
{
    struct commit *commit = arg;
    commit->status = store->ops->record(store, commit->records, commit->count, &commit->problem);
}

static void commit_done(void *arg)
{
    struct commit *commit = arg;
    struct runner *runner = commit->runner;
    if (commit->status != ST_OK) {
        runner_store_trouble(runner, commit->status, &commit->problem, true);
    } else {
        runner_store_well(runner);
    }
    struct problem exists = {"it exists already, or a key of it is used already"};
    for (uint32_t i = 0; i < commit->count; i++) {
        enum status status = commit->status;
        const struct problem *problem = &commit->problem;
        if (status == ST_OK && commit->records[i].status != ST_OK) {
            status = commit->records[i].status;
            problem = status == ST_CONFLICT ? &exists : &commit->problem;
        }
        seat_settle(commit->seats[i], status, problem);
    }
    /* Not earlier: the steps that follow these gather while this list is being walked. */
    runner->is_committing = false;
    commit_submit(runner);
    runner_check_drained(runner);
}

void commit_submit(struct runner *runner)
{
    if (runner->is_committing || runner->pending_first == NULL) {
        return;
    }
    struct commit *commit = runner->commit;
    struct instant now = runner_now(runner);
    commit->runner = runner;
    commit->count = 0;
    while (runner->pending_first != NULL && commit->count < COMMIT_STEPS_MAX) {
        struct seat *seat = runner->pending_first;
        runner->pending_first = seat->next_pending;
        commit->seats[commit->count] = seat;
        commit->records[commit->count] =
            (struct step_record){.account = &seat->next, .effects = &seat->effects, .at = now};
        commit->count++;
    }
    if (runner->pending_first == NULL) {
        runner->pending_last = NULL;
    }
    runner->is_committing = true;
    store_worker_submit(runner->parts.store_worker, commit_run, commit_done, commit);
}
