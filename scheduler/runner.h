/*
 * runner.h - the heart of the daemon: due work is claimed, stepped, recorded, and only then done.
 *
 *     store ──claim──► seat ──event──► bill_step ──group commit──► calls to Amazon
 *                        ▲                                              │
 *                        └───────────────── answer event ◄──────────────┘
 *
 * A seat is an account in memory: it exists from the claim (or an operator's command) until nothing
 * of it is in flight, so memory is bounded by what is in flight. All events of an account, wherever
 * they come from, go through its seat one after the other.
 *
 * Invariants:
 *   1. A call is made only after the step that wanted it is recorded.
 *   2. An account in memory is replaced by its stepped copy only after the store said yes.
 *   3. One commit and one claim are with the store at a time; each carries everything that is
 * ready.
 *   4. A seller's calls pass through its token buckets, without exception.
 *   5. When the store cannot record, answers wait in memory and are recorded later; nothing new is
 *      started.
 *
 *   6. What guards and stop switches hold back is not begun; what is on its way is settled always.
 *
 * Read on in runner.c (commands and ticks), runner_start.c, runner_guards.c, seat.c (events),
 * commit.c, claim.c, caller.c (calls).
 */
#ifndef SCHEDULER_RUNNER_H
#define SCHEDULER_RUNNER_H

#include "billing/event.h"
#include "mws/client.h"
#include "mws/edge/loop.h"
#include "scheduler/config.h"
#include "scheduler/log.h"
#include "scheduler/store_worker.h"
#include "scheduler/zones.h"

struct runner;

struct runner_parts {
    struct loop *loop;
    struct store_worker *store_worker;
    struct mws_client *client;
    struct zones *zones;
    struct log *log;
};

/* Every part stays the caller's. `config` must live until it is replaced or the runner is freed. */
struct runner *runner_new(const struct runner_parts *parts, const struct config *config);
/* Only after runner_drain() has called back. */
void runner_free(struct runner *runner);

/* Begins: takes up what an earlier process left unanswered, then works. `failed` is called once if
 * the store cannot even be asked. */
typedef void runner_failed(void *arg, const struct problem *problem);
void runner_start(struct runner *runner, runner_failed *failed, void *arg);

/* Goes on with another configuration, which config_reload_check() allowed. */
void runner_configure(struct runner *runner, const struct config *config);

/* Starts nothing new, lets what is on the wire be answered and recorded, then calls back - from the
 * midst of the runner's work, so the callback may stop the loop and no more. */
void runner_drain(struct runner *runner, loop_callback *drained, void *arg);

/* The end of a command: `account` is the account after it, borrowed until return; NULL unless
 * ST_OK. ST_NOT_FOUND: no such agreement (or subscription); ST_FULL, ST_STORE: not recorded; else
 * bill_step's. */
typedef void command_done(void *arg, enum status status, const struct problem *problem,
                          const struct account *account);
/* Hands `event` (its `at` and `policy` are set by the runner) to the account. EVENT_REGISTER makes
 * the account; of one that exists it only repeats a confirmation, else ST_CONFLICT. `done` may be
 * called before this returns. */
void runner_command(struct runner *runner, const char *seller_id, const char *agreement_id,
                    const struct event *event, command_done *done, void *arg);

/* Turns the stop switch of a seller ("" = of all) on or off, durably; on counts at once. While it
 * is on nothing new is charged: cycles are opened and wait; what is on its way is settled. Off also
 * lifts what a guard has stopped, and wakes what waits. ST_NOT_FOUND, ST_BUSY, or the store's. */
typedef void runner_stopped(void *arg, enum status status, const struct problem *problem);
void runner_stop(struct runner *runner, const char *seller_id, bool is_on, runner_stopped *done,
                 void *arg);

/* What is in memory of a seller; false when it is not served. */
struct runner_status {
    uint32_t calls_in_flight;     /* on the wire */
    uint32_t calls_waiting;       /* for a token */
    int64_t drain_ms;             /* until `backlog` charges will have been sent at the quota */
    bool charging_paused;         /* the store cannot take more */
    enum reason stopped;          /* the seller's switch: NONE, OPERATOR or GUARD */
    enum reason all_stopped;      /* the switch of all: NONE, OPERATOR, CLOCK, CLOCK_BACK */
    const char *breaker;          /* "closed", "open", "probing" or "opening" */
    struct instant breaker_until; /* open: when it probes; never = not open */
    uint32_t breaker_openings;    /* in a row */
    uint32_t canary_room;         /* charges until the canary is sent; 0 = it waits for answers;
                                     UINT32_MAX = there is none, or it was answered */
    uint32_t day_count;    /* the batch guard's: first attempts of cycles since the day began or
                              its switch was lifted, ... */
    uint32_t day_declined; /* ... of them declined, ... */
    uint32_t day_unknown;  /* ... and without an answer now */
    uint32_t retries_used; /* in this hour */
    uint32_t retries_room; /* UINT32_MAX = no bound */
};
bool runner_status(struct runner *runner, const char *seller_id, uint64_t backlog,
                   struct runner_status *status);

#endif
