/*
 * hand_over.c - CALL_HAND_OVER: another agreement is asked to take a subscription over.
 *
 * No call to Amazon: EVENT_SUBSCRIBE is posted to the other agreement's account, and how that ended
 * comes back to the leaving one as EVENT_HAND_OVER_ANSWER. The two are two transactions; between
 * them the daemon may die, and the leaving account then asks again. So the store is asked first
 * whether the successor is there already: a second asking finds what the first one made.
 */
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "billing/subscription.h"
#include "scheduler/caller_parts.h"

/* An agreement without room may have none for years: told the first time, and now and then. */
#define TOLD_EVERY 60 /* tries: an hour, when the waits are the longest of the default policy's */

struct hand_over {
    struct seat *seat;
    char subscription_key[KEY_MAX];
    char agreement_id[AGREEMENT_ID_MAX]; /* the other one */
    uint32_t tries;                      /* before this one, in a row */
    struct event event;                  /* EVENT_SUBSCRIBE */
    struct subscription_view view;
    enum status status;
    struct problem problem;
};

static void end(struct hand_over *hand_over, enum status status)
{
    struct seat *seat = hand_over->seat;
    struct event event = {.kind = EVENT_HAND_OVER_ANSWER, .hand_over = {.status = status}};
    memcpy(event.hand_over.subscription_key, hand_over->subscription_key,
           sizeof event.hand_over.subscription_key);
    free(hand_over);
    seat->calls_open--;
    seat_post(seat, &event, false, NULL, NULL);
    seat_pump(seat);
}

static void subscribed(void *arg, enum status status, const struct problem *problem,
                       const struct account *account)
{
    struct hand_over *hand_over = arg;
    (void)account;
    bool is_told = status != ST_BUSY || hand_over->tries % TOLD_EVERY == 0;
    if (status != ST_OK && is_told) {
        log_write(hand_over->seat->runner->parts.log, LOG_WARNING, "not_handed_over",
                  LOG_STRING("seller", hand_over->seat->seller->seller_id),
                  LOG_STRING("subscription", hand_over->subscription_key),
                  LOG_STRING("agreement", hand_over->agreement_id),
                  LOG_STRING("status", status_name(status)), LOG_STRING("problem", problem->text),
                  LOG_INTEGER("tries", hand_over->tries + 1), LOG_END);
    }
    end(hand_over, status == ST_FULL ? ST_STORE : status);
}

static void looked(void *arg)
{
    struct hand_over *hand_over = arg;
    struct seat *seat = hand_over->seat;
    if (hand_over->status == ST_NOT_FOUND) {
        runner_command(seat->runner, seat->seller->seller_id, hand_over->agreement_id,
                       &hand_over->event, subscribed, hand_over);
    } else if (hand_over->status == ST_OK) {
        bool is_there = strcmp(hand_over->view.agreement_id, hand_over->agreement_id) == 0;
        end(hand_over, is_there ? ST_OK : ST_CONFLICT);
    } else {
        end(hand_over, ST_STORE);
    }
}

static void look(struct store *store, void *arg)
{
    struct hand_over *hand_over = arg;
    hand_over->status = store->ops->read_subscription(store, hand_over->seat->seller->seller_id,
                                                      hand_over->event.subscribe.key,
                                                      &hand_over->view, &hand_over->problem);
}

void hand_over_start(struct seat *seat, const char *subscription_key)
{
    const struct subscription *leaving = account_subscription(&seat->account, subscription_key);
    ENSURE(leaving != NULL);
    struct hand_over *hand_over = calloc(1, sizeof *hand_over);
    ENSURE(hand_over != NULL);
    hand_over->seat = seat;
    hand_over->tries = leaving->hand_over_tried;
    memcpy(hand_over->subscription_key, leaving->key, sizeof hand_over->subscription_key);
    memcpy(hand_over->agreement_id, leaving->successor_agreement_id,
           sizeof hand_over->agreement_id);
    hand_over->event.kind = EVENT_SUBSCRIBE;
    subscription_hand_over(&seat->account, leaving, &hand_over->event.subscribe);
    seat->calls_open++;
    store_worker_submit(seat->runner->parts.store_worker, look, looked, hand_over);
}
