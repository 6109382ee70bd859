/*
 * ipn_keep.c - see ipn_keep.h.
 *
 * In the same job, once the notices are durable, each that names an attempt is held against what is
 * recorded about it: one that tells the opposite of a final state changes nothing, but a person has
 * to look.
 */
#include "scheduler/ipn_keep.h"

#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "scheduler/ipn_notice.h"
#include "scheduler/log_bound.h"

#define ATTEMPTS_USUAL 16     /* of a charge at most; more are made room for when they come */
#define LINES_MILLI    100000 /* in the log, at once */
#define LINES_MILLI_S  10000  /* ten a second after that; all are in the store */

struct ipn_keep {
    struct loop *loop;
    struct store_worker *store_worker;
    struct log *log;
    struct log_bound news, alarms;
    bool is_running;
    bool is_stopped;
    struct ipn_keep_wait *first, *last; /* for the next commit */
    /* the commit that is running; untouched by the loop meanwhile */
    uint32_t count;
    struct ipn_keep_wait *waits[IPN_KEEP_MAX];
    struct notice notices[IPN_KEEP_MAX];
    enum attempt_state contradicted[IPN_KEEP_MAX]; /* 0 = nothing */
    enum status status;
    struct problem problem;
    struct attempt *attempts;
    uint32_t attempts_max;
};

struct ipn_keep *ipn_keep_new(struct loop *loop, struct store_worker *store_worker, struct log *log)
{
    struct ipn_keep *keep = calloc(1, sizeof *keep);
    ENSURE(keep != NULL);
    keep->loop = loop;
    log_bound_init(&keep->news, LINES_MILLI, LINES_MILLI_S, loop_ticks(loop));
    log_bound_init(&keep->alarms, LINES_MILLI, LINES_MILLI_S, loop_ticks(loop));
    keep->store_worker = store_worker;
    keep->log = log;
    return keep;
}

void ipn_keep_free(struct ipn_keep *keep)
{
    if (keep != NULL) {
        ENSURE(!keep->is_running);
        ENSURE(keep->first == NULL);
        free(keep->attempts);
        free(keep);
    }
}

/* All attempts of the charge; how many, 0 when it is not to be had. */
static uint32_t attempts_read(struct store *store, struct ipn_keep *keep, const char *seller_id,
                              const char *charge_id)
{
    struct charge_view charge;
    struct problem problem;
    uint32_t count = ATTEMPTS_USUAL;
    do {
        if (count > keep->attempts_max) {
            keep->attempts_max = count;
            keep->attempts = reallocarray(keep->attempts, count, sizeof *keep->attempts);
            ENSURE(keep->attempts != NULL);
        }
        if (store->ops->read_charge(store, seller_id, charge_id, &charge, keep->attempts,
                                    keep->attempts_max, &count, &problem) != ST_OK) {
            return 0;
        }
    } while (count > keep->attempts_max);
    return count;
}

/* The state of the attempt that the notice contradicts, or 0. */
static enum attempt_state contradicted(struct store *store, struct ipn_keep *keep,
                                       const struct notice *notice)
{
    char charge_id[CHARGE_ID_MAX];
    uint32_t number;
    bool is_payment = notice->kind == NOTICE_AUTHORIZATION || notice->kind == NOTICE_CAPTURE;
    if (notice->is_known || !is_payment ||
        !reference_id_parse(notice->reference_id, charge_id, &number)) {
        return 0;
    }
    uint32_t count = attempts_read(store, keep, notice->seller_id, charge_id);
    for (uint32_t i = 0; i < count; i++) {
        const struct attempt *attempt = &keep->attempts[i];
        if (strcmp(attempt->reference_id, notice->reference_id) == 0 &&
            ipn_notice_contradicts(notice, attempt)) {
            return attempt->state;
        }
    }
    return 0;
}

static void keep_run(struct store *store, void *arg)
{
    struct ipn_keep *keep = arg;
    keep->status = store->ops->keep_notices(store, keep->notices, keep->count, &keep->problem);
    for (uint32_t i = 0; i < keep->count; i++) {
        keep->contradicted[i] =
            keep->status == ST_OK ? contradicted(store, keep, &keep->notices[i]) : 0;
    }
}

/* What a person should see is not drowned by what merely happens. */
static void log_kept(struct ipn_keep *keep, const struct notice *notice,
                     enum attempt_state contradicts)
{
    bool is_chargeback = notice->kind == NOTICE_CHARGEBACK;
    struct log_bound *lines = contradicts != 0 || is_chargeback ? &keep->alarms : &keep->news;
    int64_t left_out;
    if (!log_bound_take(lines, loop_ticks(keep->loop), &left_out)) {
        return;
    }
    enum log_level level = contradicts != 0 ? LOG_ERROR : is_chargeback ? LOG_WARNING : LOG_INFO;
    const char *recorded = contradicts != 0 ? attempt_state_name(contradicts) : NULL;
    log_write(keep->log, level, contradicts != 0 ? "notice_contradicts" : "notice",
              LOG_STRING("kind", ipn_notice_kind_name(notice->kind)),
              LOG_STRING("seller", notice->seller_id), LOG_STRING("object", notice->object_id),
              LOG_STRING("attempt", notice->reference_id[0] != '\0' ? notice->reference_id : NULL),
              LOG_STRING("recorded", recorded), LOG_STRING("state", notice->state),
              LOG_STRING("reason", notice->reason[0] != '\0' ? notice->reason : NULL),
              LOG_STRING("message", notice->message_id), LOG_INTEGER("left_out", left_out),
              LOG_END);
}

static void keep_submit(struct ipn_keep *keep);

static void keep_done(void *arg)
{
    struct ipn_keep *keep = arg;
    for (uint32_t i = 0; i < keep->count; i++) {
        struct ipn_keep_wait *wait = keep->waits[i];
        wait->notice = keep->notices[i];
        if (keep->status == ST_OK && !wait->notice.is_known) {
            log_kept(keep, &wait->notice, keep->contradicted[i]);
        }
        wait->done(wait->arg, keep->status, &keep->problem);
    }
    keep->is_running = false;
    keep_submit(keep);
}

static void keep_submit(struct ipn_keep *keep)
{
    if (keep->is_running || keep->first == NULL) {
        return;
    }
    keep->count = 0;
    while (keep->first != NULL && keep->count < IPN_KEEP_MAX) {
        struct ipn_keep_wait *wait = keep->first;
        keep->first = wait->next;
        keep->notices[keep->count] = wait->notice;
        keep->waits[keep->count++] = wait;
    }
    keep->last = keep->first == NULL ? NULL : keep->last;
    keep->is_running = true;
    keep->problem.text[0] = '\0';
    store_worker_submit(keep->store_worker, keep_run, keep_done, keep);
}

void ipn_keep_add(struct ipn_keep *keep, struct ipn_keep_wait *wait, ipn_keep_done *done, void *arg)
{
    ENSURE(!keep->is_stopped);
    wait->next = NULL;
    wait->done = done;
    wait->arg = arg;
    if (keep->last == NULL) {
        keep->first = wait;
    } else {
        keep->last->next = wait;
    }
    keep->last = wait;
    keep_submit(keep);
}

void ipn_keep_stop(struct ipn_keep *keep)
{
    const struct problem problem = {"the daemon is stopping"};
    keep->is_stopped = true;
    while (keep->first != NULL) {
        struct ipn_keep_wait *wait = keep->first;
        keep->first = wait->next; /* `done` may free its own */
        wait->done(wait->arg, ST_BUSY, &problem);
    }
    keep->last = NULL;
}
