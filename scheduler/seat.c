/*
 * seat.c - accounts in memory, and the events that wait for them.
 *
 * A seat is made when work of an account begins and freed when nothing of it is in flight: no event
 * waits, no call is open. Its events are stepped one after the other, and the next only when the
 * one before is recorded: an account in memory is always one that the store has.
 *
 * Which accounts get a seat is decided in claim.c and runner.c; recording is commit.c, calls are
 * caller.c.
 */
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "scheduler/runner_parts.h"

/* --- seats --------------------------------------------------------------------------------- */

static int seat_compare(const void *a, const void *b)
{
    const struct seat_id *left = a;
    const struct seat_id *right = b;
    int order = strcmp(left->agreement_id, right->agreement_id);
    return order != 0 ? order : strcmp(left->seller_id, right->seller_id);
}

static struct seat_id seat_id_of(const char *seller_id, const char *agreement_id)
{
    struct seat_id id;
    (void)snprintf(id.seller_id, sizeof id.seller_id, "%s", seller_id);
    (void)snprintf(id.agreement_id, sizeof id.agreement_id, "%s", agreement_id);
    return id;
}

struct seat *seat_find(struct runner *runner, const char *seller_id, const char *agreement_id)
{
    struct seat_id id = seat_id_of(seller_id, agreement_id);
    void *const *found = tfind(&id, &runner->seat_tree, seat_compare);
    return found == NULL ? NULL : *found;
}

/* Seats are large: some are kept, so that a busy daemon does not return memory to the system and
 * ask for it again with every charge. Of a used one only what an empty account has is cleared. */
static struct seat *seat_take(struct runner *runner)
{
    struct seat *seat = runner->spare_seats;
    if (seat == NULL) {
        seat = calloc(1, sizeof *seat);
        ENSURE(seat != NULL);
        return seat;
    }
    runner->spare_seats = seat->following;
    runner->spare_seat_count--;
    memset(seat, 0, offsetof(struct seat, account) + offsetof(struct account, subscriptions));
    return seat;
}

static void seat_give_back(struct seat *seat)
{
    struct runner *runner = seat->runner;
    if (runner->spare_seat_count == SPARE_SEATS_MAX) {
        free(seat);
        return;
    }
    seat->following = runner->spare_seats;
    runner->spare_seats = seat;
    runner->spare_seat_count++;
}

struct seat *seat_make(struct runner *runner, struct pace_seller *seller, const char *agreement_id)
{
    struct seat *seat = seat_take(runner);
    seat->runner = runner;
    seat->seller = seller;
    seat->state = SEAT_LOADING;
    seat->id = seat_id_of(seller->seller_id, agreement_id);
    void *const *slot = tsearch(&seat->id, &runner->seat_tree, seat_compare);
    ENSURE(slot != NULL);
    ENSURE(*slot == seat);
    seat->following = runner->seats;
    if (runner->seats != NULL) {
        runner->seats->previous = seat;
    }
    runner->seats = seat;
    runner->seat_count++;
    return seat;
}

static void seat_free(struct seat *seat)
{
    struct runner *runner = seat->runner;
    ENSURE(seat->first == NULL);
    ENSURE(seat->tokens == 0);
    (void)tdelete(&seat->id, &runner->seat_tree, seat_compare);
    if (seat->previous != NULL) {
        seat->previous->following = seat->following;
    } else {
        runner->seats = seat->following;
    }
    if (seat->following != NULL) {
        seat->following->previous = seat->previous;
    }
    runner->seat_count--;
    seat_give_back(seat);
    runner_wake(runner);
    runner_check_drained(runner);
}

bool seat_take_account(struct seat *seat, const struct account *account)
{
    struct runner *runner = seat->runner;
    account_copy(&seat->account, account);
    for (uint32_t i = 0; i < seat->account.subscription_count; i++) {
        struct subscription *subscription = &seat->account.subscriptions[i];
        struct problem problem;
        if (zones_get(runner->parts.zones, subscription->zone_name, &subscription->zone,
                      &problem) != ST_OK) {
            log_write(runner->parts.log, LOG_ERROR, "zone_missing",
                      LOG_STRING("seller", seat->seller->seller_id),
                      LOG_STRING("subscription", subscription->key),
                      LOG_STRING("zone", subscription->zone_name),
                      LOG_STRING("problem", problem.text), LOG_END);
            return false;
        }
    }
    return true;
}

/* --- events -------------------------------------------------------------------------------- */

void seat_event_end(struct seat *seat, enum status status, const struct problem *problem)
{
    struct seat_event *ended = seat->first;
    seat->first = ended->next;
    if (seat->first == NULL) {
        seat->last = NULL;
    }
    if (ended->is_claimed) {
        ENSURE(seat->seller->claimed > 0);
        seat->seller->claimed--;
        for (; seat->tokens > 0; seat->tokens--) {
            pace_release(seat->seller);
        }
        runner_wake(seat->runner);
    }
    if (ended->done != NULL) {
        ended->done(ended->arg, status, problem, status == ST_OK ? &seat->account : NULL);
    }
    free(ended);
}

void seat_post(struct seat *seat, const struct event *event, bool is_claimed, command_done *done,
               void *arg)
{
    struct seat_event *posted = calloc(1, sizeof *posted);
    ENSURE(posted != NULL);
    *posted =
        (struct seat_event){.event = *event, .is_claimed = is_claimed, .done = done, .arg = arg};
    if (seat->last == NULL) {
        seat->first = posted;
    } else {
        seat->last->next = posted;
    }
    seat->last = posted;
}

void seat_still_due(struct seat *seat, struct instant at)
{
    for (unsigned work = 0; work < PACE_WORK_COUNT; work++) {
        pace_expect(seat->seller, work, at);
    }
}

/* An answer that came too late to mean anything need not be recorded. */
static bool means_nothing(const struct seat *seat, const struct event *event)
{
    const struct effects *effects = &seat->effects;
    return event->kind == EVENT_ATTEMPT_ANSWER &&
           effects->row_count + effects->change_count + effects->call_count == 0;
}

bool event_is_answer(const struct event *event)
{
    return event->kind == EVENT_ATTEMPT_ANSWER || event->kind == EVENT_CARE_ANSWER ||
           event->kind == EVENT_REFUND_ANSWER || event->kind == EVENT_HAND_OVER_ANSWER;
}

/* Without its time zone an account cannot be stepped. Only when it wakes changes, or it would be
 * claimed again at once and keep its seller from all others. */
static bool put_off(struct seat *seat)
{
    if (seat->first->event.kind != EVENT_WAKE) {
        seat_event_end(seat, ST_STORE,
                       &(struct problem){"a time zone of this agreement is not installed"});
        return false;
    }
    account_copy(&seat->next, &seat->account);
    seat->next.agreement.wake_at = instant_plus(runner_now(seat->runner), PUT_OFF_MS);
    seat->effects.is_new_account = false;
    seat->effects.row_count = 0;
    seat->effects.change_count = 0;
    seat->effects.call_count = 0;
    return true;
}

/* Steps the first event. True: it goes to the store; false: it has ended. */
static bool step_first(struct seat *seat)
{
    struct event *event = &seat->first->event;
    struct problem problem = {""};
    if (event->kind == EVENT_WAKE && runner_is_draining(seat->runner)) {
        seat_event_end(seat, ST_BUSY, &problem);
        return false;
    }
    if (seat->seller->config == NULL && !event_is_answer(event)) {
        seat_event_end(seat, ST_NOT_FOUND,
                       &(struct problem){"this seller is no longer configured"});
        return false;
    }
    if (seat->is_put_off) {
        return put_off(seat);
    }
    event->at = runner_now(seat->runner);
    event->policy = policy_list_head(seat->seller->policies);
    runner_hold(seat, event);
    enum status status;
    do {
        account_copy(&seat->next, &seat->account);
        status = bill_step(&seat->next, event, &seat->effects, &problem);
    } while (status == ST_OK && !runner_admits(seat, event));
    if (status != ST_OK || means_nothing(seat, event)) {
        seat_event_end(seat, status, &problem);
        return false;
    }
    return true;
}

void seat_pump(struct seat *seat)
{
    while (seat->state == SEAT_READY && seat->first != NULL && !seat->runner->store_failed) {
        if (step_first(seat)) {
            runner_planned(seat);
            seat->state = SEAT_COMMITTING;
            commit_add(seat);
        }
    }
    if (seat->state == SEAT_READY && seat->first == NULL && seat->calls_open == 0) {
        seat_free(seat);
    }
}
