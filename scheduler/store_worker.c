/*
 * store_worker.c - a queue in front of one store connection.
 */
#include "scheduler/store_worker.h"

#include <stdlib.h>

#include "billing/ensure.h"

struct job {
    struct job *next;
    store_job_run *run;
    store_job_done *done;
    void *arg;
};

struct store_worker {
    struct loop *loop;
    struct store *store;
    struct job *first; /* the one that is running */
    struct job *last;
    unsigned open_count;
};

struct store_worker *store_worker_new(struct loop *loop, struct store *store)
{
    struct store_worker *worker = calloc(1, sizeof *worker);
    ENSURE(worker != NULL);
    worker->loop = loop;
    worker->store = store;
    return worker;
}

void store_worker_free(struct store_worker *worker)
{
    if (worker != NULL) {
        ENSURE(worker->first == NULL);
        free(worker);
    }
}

static void run_first(void *arg)
{
    struct store_worker *worker = arg;
    worker->first->run(worker->store, worker->first->arg);
}

static void first_done(void *arg);

static void start_first(struct store_worker *worker)
{
    loop_work(worker->loop, run_first, first_done, worker);
}

static void first_done(void *arg)
{
    struct store_worker *worker = arg;
    struct job *job = worker->first;
    worker->first = job->next;
    if (worker->first == NULL) {
        worker->last = NULL;
    } else {
        /* The disk works on while this job's answer is looked at. */
        start_first(worker);
    }
    worker->open_count--;
    job->done(job->arg);
    free(job);
}

void store_worker_submit(struct store_worker *worker, store_job_run *run, store_job_done *done,
                         void *arg)
{
    struct job *job = calloc(1, sizeof *job);
    ENSURE(job != NULL);
    *job = (struct job){.run = run, .done = done, .arg = arg};
    worker->open_count++;
    if (worker->last != NULL) {
        worker->last->next = job;
        worker->last = job;
        return;
    }
    worker->first = worker->last = job;
    start_first(worker);
}

unsigned store_worker_open_count(const struct store_worker *worker)
{
    return worker->open_count;
}
