/*
 * store_worker.h - store operations off the loop, one at a time, in the order they were asked for.
 *
 * The loop never waits for the disk: a job's `run` is called on another thread with the store, its
 * `done` on the loop afterwards. Because there is one queue, a job sees everything that jobs before
 * it recorded.
 */
#ifndef SCHEDULER_STORE_WORKER_H
#define SCHEDULER_STORE_WORKER_H

#include "mws/edge/loop.h"
#include "schema/store.h"

struct store_worker;

typedef void store_job_run(struct store *store, void *arg);
typedef void store_job_done(void *arg);

/* `store` stays the caller's and must outlive the worker. */
struct store_worker *store_worker_new(struct loop *loop, struct store *store);
/* Only when no job is queued or running. */
void store_worker_free(struct store_worker *worker);

/* `arg` is untouched by the loop until `done`. */
void store_worker_submit(struct store_worker *worker, store_job_run *run, store_job_done *done,
                         void *arg);

/* Jobs that are queued or running. */
unsigned store_worker_open_count(const struct store_worker *worker);

#endif
