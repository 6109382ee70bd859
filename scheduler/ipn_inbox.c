/*
 * ipn_inbox.c - rounds: read some open notices, post them, mark as done what was taken.
 *
 *     IDLE ── wake ──► READING ── some ──► POSTING ── all answered ──► ENDING ──► READING ...
 *      ▲                  │                                                          │
 *      └───── none ───────┴──────────── (again later, when some were not taken) ◄────┘
 *
 * Invariants
 *   1. One round at a time; its notices are posted once in a round.
 *   2. A notice is marked as done only after its account's step was recorded, or can never be.
 *   3. A round goes on behind the last one, so that what is not taken keeps nobody else waiting.
 */
#include "scheduler/ipn_inbox.h"

#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "scheduler/ipn_notice.h"

#define RETRY_MS     INT64_C(1000)
#define RETRY_MAX_MS INT64_C(60000)

enum inbox_state { IDLE, READING, POSTING, ENDING };

/* A notice that was posted. */
struct post {
    struct ipn_inbox *inbox;
    uint64_t number;
};

struct ipn_inbox {
    struct loop *loop;
    struct runner *runner;
    struct store_worker *store_worker;
    struct log *log;
    const struct config *config;
    struct timer *retry_timer;
    int64_t retry_ms;
    enum inbox_state state;
    bool is_woken; /* since the round began */
    bool is_stopped;
    bool has_left; /* some were not taken since the last look from the start */
    bool is_last;  /* the store has no more behind these */
    uint64_t after;
    uint32_t count;  /* of this round */
    uint32_t posted; /* not answered yet */
    struct notice_work works[IPN_INBOX_MAX];
    struct post posts[IPN_INBOX_MAX];
    uint32_t done_count;
    uint64_t done[IPN_INBOX_MAX];
    enum status status; /* of the store's job */
    struct problem problem;
};

static void read_submit(struct ipn_inbox *inbox);

static void retry(void *arg)
{
    ipn_inbox_wake(arg);
}

struct ipn_inbox *ipn_inbox_new(struct loop *loop, struct runner *runner,
                                struct store_worker *store_worker, struct log *log,
                                const struct config *config)
{
    struct ipn_inbox *inbox = calloc(1, sizeof *inbox);
    ENSURE(inbox != NULL);
    inbox->loop = loop;
    inbox->runner = runner;
    inbox->store_worker = store_worker;
    inbox->log = log;
    inbox->config = config;
    inbox->retry_timer = timer_new(loop, retry, inbox);
    inbox->retry_ms = RETRY_MS;
    return inbox;
}

void ipn_inbox_configure(struct ipn_inbox *inbox, const struct config *config)
{
    inbox->config = config;
}

void ipn_inbox_free(struct ipn_inbox *inbox)
{
    if (inbox != NULL) {
        ENSURE(inbox->state == IDLE);
        timer_free(inbox->retry_timer);
        free(inbox);
    }
}

/* --- the end of a round -------------------------------------------------------------------- */

static void try_later(struct ipn_inbox *inbox)
{
    timer_start(inbox->retry_timer, inbox->retry_ms);
    inbox->retry_ms = inbox->retry_ms * 2 < RETRY_MAX_MS ? inbox->retry_ms * 2 : RETRY_MAX_MS;
}

static void round_end(struct ipn_inbox *inbox)
{
    inbox->state = IDLE;
    if (inbox->is_stopped) {
        return;
    }
    if (!inbox->is_last) {
        read_submit(inbox);
        return;
    }
    bool has_left = inbox->has_left;
    inbox->after = 0;
    inbox->has_left = false;
    if (has_left) {
        try_later(inbox);
        return;
    }
    inbox->retry_ms = RETRY_MS;
    if (inbox->is_woken) {
        read_submit(inbox);
    }
}

static void store_trouble(struct ipn_inbox *inbox)
{
    log_write(inbox->log, LOG_ERROR, "ipn_store_trouble",
              LOG_STRING("status", status_name(inbox->status)),
              LOG_STRING("problem", inbox->problem.text), LOG_END);
    inbox->has_left = true;
    inbox->is_last = true;
}

static void end_run(struct store *store, void *arg)
{
    struct ipn_inbox *inbox = arg;
    struct instant forget_before = instant_plus(loop_now(inbox->loop), -IPN_MEMORY_MS);
    inbox->status = store->ops->end_notices(store, inbox->done, inbox->done_count, forget_before,
                                            &inbox->problem);
}

static void end_done(void *arg)
{
    struct ipn_inbox *inbox = arg;
    if (inbox->status != ST_OK) {
        store_trouble(inbox);
    }
    round_end(inbox);
}

/* Also after a round without work: most notices are about nothing that is open, and of them too
 * must be forgotten as many as come. */
static void end_submit(struct ipn_inbox *inbox)
{
    if (inbox->done_count == 0 && inbox->is_stopped) {
        round_end(inbox);
        return;
    }
    inbox->state = ENDING;
    store_worker_submit(inbox->store_worker, end_run, end_done, inbox);
}

/* --- posting ------------------------------------------------------------------------------- */

static void posting_check(struct ipn_inbox *inbox)
{
    if (inbox->posted == 0) {
        end_submit(inbox);
    }
}

static void answered(void *arg, enum status status, const struct problem *problem,
                     const struct account *account)
{
    struct post *post = arg;
    struct ipn_inbox *inbox = post->inbox;
    (void)account;
    if (status == ST_BUSY || status == ST_FULL || status == ST_STORE) {
        inbox->has_left = true;
    } else {
        /* An account or seller that is gone, or a step that refuses: asking again changes nothing,
         * and what was open there is settled by polling. */
        inbox->done[inbox->done_count++] = post->number;
        bool is_known = status == ST_CONFLICT; /* a refund that was told of before */
        if (status != ST_OK && !is_known) {
            log_write(inbox->log, LOG_WARNING, "notice_not_taken",
                      LOG_INTEGER("notice", (int64_t)post->number),
                      LOG_STRING("problem", problem->text), LOG_END);
        }
    }
    inbox->posted--;
    posting_check(inbox);
}

/* What Amazon has told of counts as made, for ever: an id or an amount is only passed on when no
 * stranger can have told it. Anybody may publish to a topic that merely looks like the seller's. */
static struct event event_of(const struct config *config, const struct notice_work *work)
{
    const struct notice *notice = &work->notice;
    struct event event = {.kind = EVENT_NOTICE, .notice = {.kind = notice->kind}};
    const struct seller_config *seller = config_seller(config, notice->seller_id);
    memcpy(event.notice.reference_id, notice->reference_id, sizeof event.notice.reference_id);
    /* Of a refund or chargeback these are the store's own. */
    memcpy(event.notice.charge_id, work->charge_id, sizeof event.notice.charge_id);
    memcpy(event.notice.capture_id, work->capture_id, sizeof event.notice.capture_id);
    if (seller == NULL || seller->ipn_topic_arn[0] == '\0') {
        return event;
    }
    if (notice->kind == NOTICE_AUTHORIZATION) {
        memcpy(event.notice.authorization_id, notice->object_id,
               sizeof event.notice.authorization_id);
    } else if (notice->kind == NOTICE_CAPTURE) {
        memcpy(event.notice.capture_id, notice->object_id, sizeof event.notice.capture_id);
    } else if (notice->kind == NOTICE_REFUND || notice->kind == NOTICE_CHARGEBACK) {
        memcpy(event.notice.refund_id, notice->object_id, sizeof event.notice.refund_id);
        event.notice.amount = notice->amount;
    }
    return event;
}

static void post_all(struct ipn_inbox *inbox)
{
    inbox->state = POSTING;
    inbox->done_count = 0;
    /* One more than there are, so that an answer during this loop does not end the round. */
    inbox->posted = inbox->count + 1;
    for (uint32_t i = 0; i < inbox->count; i++) {
        const struct notice_work *work = &inbox->works[i];
        struct event event = event_of(inbox->config, work);
        inbox->posts[i] = (struct post){.inbox = inbox, .number = work->notice.number};
        runner_command(inbox->runner, work->notice.seller_id, work->agreement_id, &event, answered,
                       &inbox->posts[i]);
    }
    inbox->posted--;
    posting_check(inbox);
}

/* --- reading ------------------------------------------------------------------------------- */

static void read_run(struct store *store, void *arg)
{
    struct ipn_inbox *inbox = arg;
    inbox->count = 0;
    inbox->status = store->ops->open_notices(store, inbox->after, IPN_INBOX_MAX, inbox->works,
                                             &inbox->count, &inbox->problem);
}

static void read_done(void *arg)
{
    struct ipn_inbox *inbox = arg;
    if (inbox->status != ST_OK) {
        store_trouble(inbox);
    }
    if (inbox->status != ST_OK || inbox->is_stopped) {
        round_end(inbox);
        return;
    }
    inbox->is_last = inbox->count < IPN_INBOX_MAX;
    if (inbox->count > 0) {
        inbox->after = inbox->works[inbox->count - 1].notice.number;
    }
    post_all(inbox);
}

static void read_submit(struct ipn_inbox *inbox)
{
    inbox->state = READING;
    inbox->is_woken = false;
    store_worker_submit(inbox->store_worker, read_run, read_done, inbox);
}

void ipn_inbox_wake(struct ipn_inbox *inbox)
{
    if (inbox->is_stopped) {
        return;
    }
    inbox->is_woken = true;
    if (inbox->state == IDLE) {
        read_submit(inbox);
    }
}

void ipn_inbox_stop(struct ipn_inbox *inbox)
{
    inbox->is_stopped = true;
    timer_stop(inbox->retry_timer);
}

uint32_t ipn_inbox_open_count(const struct ipn_inbox *inbox)
{
    return inbox->state == POSTING ? inbox->posted : 0;
}
