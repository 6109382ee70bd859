/* recount.c - see recount.h. */
#include "scheduler/recount.h"

#include <stdlib.h>
#include <string.h>

#include "billing/civil.h"
#include "billing/ensure.h"
#include "billing/reference_id.h"
#include "scheduler/changes_before.h"

#define PAGE    256
#define HOUR_MS INT64_C(3600000)
#define DAY_MS  (26 * HOUR_MS) /* a civil day is at most an hour or two longer than 24 */

struct recount_event {
    uint64_t number;
    struct instant at;
    bool is_lift;                        /* of the seller's stop switch; else of an attempt: */
    char reference_id[REFERENCE_ID_MAX]; /* ... */
    bool is_made;                        /* with this event, ... */
    enum attempt_state state;            /* ... into this state */
    enum reason reason;
    struct money amount;
};

/* --- on the store's thread ----------------------------------------------------------------- */

static bool is_counted(const struct change_view *view, const char *seller_id)
{
    const struct change *change = &view->change;
    return change->kind == CHANGE_ATTEMPT || (change->kind == CHANGE_STOP && change->to == 0 &&
                                              strcmp(change->subject, seller_id) == 0);
}

static void add(struct recount *recount, const struct change_view *view)
{
    if (recount->count == recount->room) {
        recount->room = recount->room == 0 ? PAGE : 2 * recount->room;
        recount->events = reallocarray(recount->events, recount->room, sizeof *recount->events);
        ENSURE(recount->events != NULL);
    }
    const struct change *change = &view->change;
    struct recount_event *event = &recount->events[recount->count++];
    *event = (struct recount_event){
        .number = view->number, .at = view->at, .is_lift = change->kind == CHANGE_STOP};
    if (!event->is_lift) {
        memcpy(event->reference_id, change->subject, sizeof event->reference_id - 1);
        event->is_made = change->from == 0;
        event->state = (enum attempt_state)change->to;
        event->reason = change->reason;
        event->amount = change->amount;
    }
}

enum status recount_read(struct recount *recount, struct store *store, const char *seller_id,
                         struct instant now, struct instant last_write, struct problem *problem)
{
    /* By a clock that is far behind, all there is would be of today. */
    struct instant newest = instant_before(now, last_write) ? last_write : now;
    struct instant since = instant_plus(newest, -DAY_MS);
    struct change_view *page = calloc(PAGE, sizeof *page);
    ENSURE(page != NULL);
    uint64_t after = 0;
    enum status status = changes_before(store, seller_id, since, &after, NULL, problem);
    uint32_t count = PAGE;
    while (status == ST_OK && count == PAGE) {
        status =
            store->ops->list_attempt_changes(store, seller_id, after, PAGE, page, &count, problem);
        for (uint32_t i = 0; i < count && status == ST_OK; i++) {
            after = page[i].number;
            if (is_counted(&page[i], seller_id)) {
                add(recount, &page[i]);
            }
        }
    }
    free(page);
    return status;
}

void recount_free(struct recount *recount)
{
    free(recount->events);
    *recount = (struct recount){0};
}

/* --- on the loop --------------------------------------------------------------------------- */

/* What is_made and the id tell: 0 = not a first attempt of a cycle, nor a retry. */
static uint32_t attempt_number(const struct recount_event *event, bool *is_cycle)
{
    char charge_id[CHARGE_ID_MAX];
    char key[KEY_MAX];
    uint32_t number = 0;
    uint32_t cycle = 0;
    *is_cycle = false;
    if (event->is_lift || !reference_id_parse(event->reference_id, charge_id, &number)) {
        return 0;
    }
    *is_cycle = charge_id_parse(charge_id, key, &cycle) && cycle > 0;
    return number;
}

/* What a clock that ran ahead has dated later than now is of no day or hour that is counted. */
static bool is_between(const struct recount_event *event, struct instant since, struct instant now)
{
    return instant_reached(since, event->at) && instant_reached(event->at, now);
}

/* Of one attempt together, in their order. */
static int compare(const void *a, const void *b)
{
    const struct recount_event *left = a;
    const struct recount_event *right = b;
    int order = strcmp(left->reference_id, right->reference_id);
    return order != 0 ? order : left->number < right->number ? -1 : left->number > right->number;
}

/* The last of the day's lifts; NULL = none. */
static const struct recount_event *last_lift(const struct recount *recount, struct instant since,
                                             struct instant now)
{
    const struct recount_event *last = NULL;
    for (uint32_t i = 0; i < recount->count; i++) {
        const struct recount_event *event = &recount->events[i];
        last = event->is_lift && is_between(event, since, now) ? event : last;
    }
    return last;
}

struct guard_batch recount_batch(const struct recount *recount, const struct zone *zone,
                                 struct instant now)
{
    int32_t second_of_day;
    struct civil_date today = zone_date(zone, now, &second_of_day);
    struct instant began_at = zone_instant(zone, today, 0);
    const struct recount_event *lift = last_lift(recount, began_at, now);
    began_at = lift != NULL ? lift->at : began_at;
    uint64_t after = lift != NULL ? lift->number : 0;
    struct guard_batch batch = {0};
    guard_batch_begin(&batch, civil_to_days(today), began_at);

    struct recount_event *sorted = calloc(recount->count + 1, sizeof *sorted);
    ENSURE(sorted != NULL);
    if (recount->count > 0) {
        memcpy(sorted, recount->events, recount->count * sizeof *sorted);
        qsort(sorted, recount->count, sizeof *sorted, compare);
    }
    for (uint32_t i = 0; i < recount->count; i++) {
        const struct recount_event *made = &sorted[i];
        bool is_cycle;
        while (i + 1 < recount->count &&
               strcmp(sorted[i + 1].reference_id, made->reference_id) == 0) {
            i++;
        }
        bool is_first = attempt_number(made, &is_cycle) == 1 && is_cycle && made->is_made;
        if (is_first && made->number > after && is_between(made, began_at, now)) {
            guard_batch_add(&batch, sorted[i].state, sorted[i].reason, made->amount);
        }
    }
    free(sorted);
    return batch;
}

uint32_t recount_retries(const struct recount *recount, struct instant now)
{
    struct instant since = instant_plus(now, -HOUR_MS);
    uint32_t retries = 0;
    for (uint32_t i = 0; i < recount->count; i++) {
        const struct recount_event *event = &recount->events[i];
        bool is_cycle;
        retries +=
            event->is_made && is_between(event, since, now) && attempt_number(event, &is_cycle) > 1;
    }
    return retries;
}
