/*
 * life.h - the daemon from its start to its end: drained and stopped, or dead in the midst of
 * something.
 *
 * What daemon.c does with signals, sockets and files is done here with the same parts in the same
 * order. A dead daemon leaves the disk and the packets on their way, and nothing else.
 */
#ifndef TESTS_SIM_LIFE_H
#define TESTS_SIM_LIFE_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/sim/queue.h"

struct sim;
struct config;
struct runner;

/* Opens the store and begins to work. Whatever goes wrong: it is down again, and is started again
 * later, as a service manager does. */
void life_start(struct sim *sim);
/* Runs something inside the living daemon. May end its life. */
void life_enter(struct sim *sim, queue_run *run, void *arg);
/* It dies now: between two events. */
void life_kill(struct sim *sim, const char *how);
/* It is asked to stop, drains, and is started again. */
void life_stop(struct sim *sim);
/* Goes on with another configuration, as after SIGHUP. */
void life_configure(struct sim *sim, struct config *config);
/* At the end of the world: without a next life. */
void life_end(struct sim *sim);

uint32_t life_number(const struct sim *sim); /* 0 = down */
/* How long the next piece of work off the loop takes. */
int64_t life_work_delay_us(struct sim *sim);
void life_slow_disk(struct sim *sim, int64_t until_us);
bool life_is_slow(const struct sim *sim);
/* Nothing of it is in flight: no account in memory, no call on the wire. */
bool life_is_idle(const struct sim *sim);
struct store *life_store(const struct sim *sim);
/* NULL when the daemon is down, or stopping. */
struct runner *life_runner(const struct sim *sim);

/* One of Amazon's notifications arrives at the listener, whose signature was right. `done` is
 * called with true when Amazon may be told 200, with false when not; not at all when the daemon
 * dies. */
typedef void life_noticed(void *arg, bool is_kept);
void life_notice(struct sim *sim, const char *message_id, const char *message, life_noticed *done,
                 void *arg);

#endif
