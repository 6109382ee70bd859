/*
 * caller_parts.h - private to caller.c, caller_walk.c and hand_over.c: a call in progress.
 */
#ifndef SCHEDULER_CALLER_PARTS_H
#define SCHEDULER_CALLER_PARTS_H

#include "mws/classify.h"
#include "scheduler/runner_parts.h"
#include "scheduler/translate.h"

struct walk;

struct task {
    struct pace_waiter waiter;
    struct seat *seat;
    struct call call;
    enum mws_action action; /* of the request being made */
    bool is_first_send;     /* the attempt was made with the step that wants this call */
    struct attempt attempt; /* as recorded when the call began; only of calls about one ... */
    struct refund refund;   /* ... and likewise */
    struct walk *walk;      /* NULL: one request is all */
    char reference_id[REFERENCE_ID_MAX]; /* room for the CaptureReferenceId */
};

/* caller.c */
/* Makes the task's next request, with a token of its own. */
void task_request(struct task *task, enum mws_action action);
/* Ends the task; `event`, when not NULL, is the seat's. */
void task_end(struct task *task, const struct event *event);

/* caller_walk.c */
/* NULL: the call is no walk. */
struct walk *walk_new(const struct task *task);
/* Fills in what is asked next. False: the first request, which is the call's own. */
bool walk_ask(const struct walk *walk, enum mws_action action, struct mws_request *request);
/* An answer on the way: goes on, or ends the task. */
void walk_answered(struct task *task, const struct mws_reply *reply,
                   const struct mws_classification *class);

/* hand_over.c */
/* Asks the other agreement to take the subscription of CALL_HAND_OVER over. */
void hand_over_start(struct seat *seat, const char *subscription_key);

#endif
