/*
 * ipn_keep.h - group commit of notices: what arrived while one commit was with the store shares the
 * next one.
 *
 * Amazon is told that a notification arrived only when it survives a power cut here.
 */
#ifndef SCHEDULER_IPN_KEEP_H
#define SCHEDULER_IPN_KEEP_H

#include "scheduler/log.h"
#include "scheduler/store_worker.h"

#define IPN_KEEP_MAX 256 /* notices of one commit, and of those that may wait for one */

struct ipn_keep;

typedef void ipn_keep_done(void *arg, enum status status, const struct problem *problem);

/* Memory of one that waits, the caller's until `done` was called. */
struct ipn_keep_wait {
    struct ipn_keep_wait *next;
    struct notice notice; /* after ST_OK with number and is_known as the store set them */
    ipn_keep_done *done;
    void *arg;
};

/* The parts stay the caller's. */
struct ipn_keep *ipn_keep_new(struct loop *loop, struct store_worker *store_worker,
                              struct log *log);
/* Only when nothing is being kept. NULL is allowed. */
void ipn_keep_free(struct ipn_keep *keep);

/* Records wait->notice; `done` is called on the loop, never before this returns. */
void ipn_keep_add(struct ipn_keep *keep, struct ipn_keep_wait *wait, ipn_keep_done *done,
                  void *arg);
/* Starts no further commit; calls back those that wait for one, with ST_BUSY. */
void ipn_keep_stop(struct ipn_keep *keep);

#endif
