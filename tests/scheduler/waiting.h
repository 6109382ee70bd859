/*
 * waiting.h - what the worlds of this folder share: running the loop until something is done.
 *
 * Everybody on the loop may stop it, a callback that runs outside of a run too: that stop ends the
 * next run at once. So whoever waits looks at a flag of its own and runs the loop until it is set.
 */
#ifndef TESTS_SCHEDULER_WAITING_H
#define TESTS_SCHEDULER_WAITING_H

#include "mws/client.h"
#include "scheduler/runner.h"
#include "scheduler/store_worker.h"

/* Until every store job asked for so far is done. Jobs run in order. */
void settle(struct loop *loop, struct store_worker *store_worker);
/* Drains the runner, which may then be freed. */
void drain_wait(struct runner *runner, struct loop *loop);

/* A client that gives up soon: its Amazon refuses connections. */
struct mws_client *impatient_client_new(struct loop *loop);

#endif
