/*
 * why_read.c - see why_read.h. An event is kept when why_concerns() says so, hence the facts it
 * looks at are read first.
 */
#include "scheduler/why_read.h"

#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "scheduler/changes_before.h"

#define PAGE       200  /* events read at once */
#define STOPS_READ 1000 /* switches that are on; more are not looked at */

/* Of one reading. */
struct reading {
    struct store *store;
    const char *seller_id;
    struct why_case *found;
    struct problem *problem;
    struct change_view *page; /* PAGE of them */
    char last[CHARGE_ID_MAX]; /* the story ends when this charge is opened; "" = it does not */
};

/* --- rows ------------------------------------------------------------------------------------ */

static enum status read_charge(struct reading *reading, const char *charge_id)
{
    struct why_case *found = reading->found;
    uint32_t count = 0;
    enum status status = reading->store->ops->read_charge(
        reading->store, reading->seller_id, charge_id, &found->charge, found->attempts,
        WHY_ATTEMPTS_MAX, &count, reading->problem);
    if (status != ST_OK) {
        return status;
    }
    found->is_cut = count > WHY_ATTEMPTS_MAX;
    found->facts.charge = &found->charge.charge;
    found->facts.cycle = found->charge.charge.cycle;
    found->facts.attempts = found->attempts;
    found->facts.attempt_count = found->is_cut ? WHY_ATTEMPTS_MAX : count;
    found->facts.refunded = found->charge.refunded;
    return ST_OK;
}

static enum status read_refunds(struct reading *reading)
{
    struct why_case *found = reading->found;
    struct refund_view *views = calloc(REFUNDS_OF_CHARGE, sizeof *views);
    ENSURE(views != NULL);
    struct page page = {.after = "", .max = REFUNDS_OF_CHARGE};
    uint32_t count = 0;
    enum status status = reading->store->ops->list_refunds(reading->store, reading->seller_id,
                                                           found->charge.charge.id, page, views,
                                                           &count, reading->problem);
    for (uint32_t i = 0; i < count && status == ST_OK; i++) {
        found->refunds[i] = views[i].refund;
    }
    found->facts.refunds = found->refunds;
    found->facts.refund_count = status == ST_OK ? count : 0;
    free(views);
    return status;
}

static enum status read_subscription(struct reading *reading, const char *key)
{
    struct why_case *found = reading->found;
    enum status status = reading->store->ops->read_subscription(
        reading->store, reading->seller_id, key, &found->subscription, reading->problem);
    if (status == ST_OK) {
        found->facts.subscription = &found->subscription.subscription;
    }
    return status;
}

static enum status read_agreement(struct reading *reading, const char *agreement_id)
{
    struct why_case *found = reading->found;
    enum status status = reading->store->ops->load_account(
        reading->store, reading->seller_id, agreement_id, found->account, reading->problem);
    found->facts.agreement = &found->account->agreement;
    return status;
}

/* The agreement that is to take the subscription over: whether it can. */
static enum status read_successor(struct reading *reading)
{
    struct why_case *found = reading->found;
    const struct subscription *subscription = found->facts.subscription;
    if (subscription == NULL || subscription->state != SUBSCRIPTION_LEAVING) {
        return ST_OK;
    }
    found->successor = calloc(1, sizeof *found->successor);
    ENSURE(found->successor != NULL);
    enum status status = reading->store->ops->load_account(reading->store, reading->seller_id,
                                                           subscription->successor_agreement_id,
                                                           found->successor, reading->problem);
    found->facts.successor = status == ST_OK ? found->successor : NULL;
    return status == ST_NOT_FOUND ? ST_OK : status;
}

/* The charge of that cycle; ST_OK without one where the cycle has none. */
static enum status read_cycle(struct reading *reading, const char *key, uint32_t cycle)
{
    struct why_case *found = reading->found;
    enum status status = read_subscription(reading, key);
    if (status != ST_OK) {
        return status;
    }
    const struct subscription *subscription = &found->subscription.subscription;
    if (cycle == 0) {
        bool is_opened = subscription->next_cycle > subscription->first_cycle;
        cycle = subscription->next_cycle - (is_opened ? 1 : 0);
    }
    char charge_id[CHARGE_ID_MAX];
    charge_id_format(key, cycle, charge_id);
    status = read_charge(reading, charge_id);
    found->facts.cycle = cycle;
    return status == ST_NOT_FOUND ? ST_OK : status;
}

static enum status read_rows(struct reading *reading, const char *id, uint32_t cycle)
{
    struct why_case *found = reading->found;
    char key[KEY_MAX];
    uint32_t cycle_of_id = 0;
    enum status status;
    if (key_is_valid(id)) {
        if (cycle > RECUR_CYCLE_MAX) {
            return problem_set(reading->problem, ST_INVALID, "cycle: at most %d", RECUR_CYCLE_MAX);
        }
        status = read_cycle(reading, id, cycle);
    } else if (charge_id_parse(id, key, &cycle_of_id) && cycle == 0) {
        status =
            cycle_of_id == 0 ? read_charge(reading, id) : read_cycle(reading, key, cycle_of_id);
    } else {
        return problem_set(reading->problem, ST_INVALID,
                           "\"%s\" is neither a charge's id (like K7QW3M2AAAAAAAAA-12) nor a"
                           " subscription's key",
                           id);
    }
    if (status == ST_OK && found->facts.charge != NULL) {
        status = read_refunds(reading);
    }
    if (status == ST_OK) {
        status =
            read_agreement(reading, found->facts.charge != NULL ? found->charge.agreement_id
                                                                : found->subscription.agreement_id);
    }
    return status;
}

/* Which of the two switches that are not the account's own are on. */
static enum status read_stops(struct reading *reading)
{
    struct stop_view stops[STOPS_READ];
    struct why_facts *facts = &reading->found->facts;
    uint32_t count = 0;
    enum status status = reading->store->ops->list_stops(reading->store, stops, STOPS_READ, &count,
                                                         reading->problem);
    for (uint32_t i = 0; i < count && status == ST_OK; i++) {
        if (stops[i].seller_id[0] == '\0') {
            facts->stopped_for_all = stops[i].reason;
        } else if (strcmp(stops[i].seller_id, reading->seller_id) == 0) {
            facts->stopped_for_seller = stops[i].reason;
        }
    }
    return status;
}

/* --- events ---------------------------------------------------------------------------------- */

/* The seller's first event with a number above `after`; ST_NOT_FOUND. */
static enum status read_change(struct reading *reading, uint64_t after, struct change_view *view)
{
    uint32_t count = 0;
    enum status status = reading->store->ops->list_changes(
        reading->store, reading->seller_id, after, 1, reading->page, &count, reading->problem);
    if (status == ST_OK && count == 0) {
        return ST_NOT_FOUND;
    }
    *view = reading->page[0];
    return status;
}

/* Between which events the due instant lies. */
static enum status read_quiet(struct reading *reading, struct instant due_at)
{
    struct why_facts *facts = &reading->found->facts;
    struct change_view view;
    uint64_t before = 0;
    enum status status = changes_before(reading->store, reading->seller_id, due_at, &before,
                                        &facts->quiet_since, reading->problem);
    if (status == ST_OK) {
        status = read_change(reading, before, &view);
        facts->quiet_until = status == ST_OK ? view.at : INSTANT_NEVER;
    }
    return status == ST_NOT_FOUND ? ST_OK : status;
}

/* The event with which the charge became final: after it only what followed from that at the same
 * time (the policy's final action), and its refunds, are about it. */
static bool is_end(const struct why_facts *facts, const struct change_view *view)
{
    return facts->charge != NULL && view->change.kind == CHANGE_CHARGE &&
           strcmp(view->change.subject, facts->charge->id) == 0 &&
           charge_is_final((enum charge_state)view->change.to);
}

/* The event with which the charge that ends the story was opened. Its number decides: an event is
 * recorded a little later than the rows say. */
static bool is_last(const struct reading *reading, const struct change_view *view)
{
    return view->change.kind == CHANGE_CHARGE && view->change.from == 0 &&
           strcmp(view->change.subject, reading->last) == 0;
}

/* The events after number `after` that concern the story. */
static enum status read_changes(struct reading *reading, uint64_t after)
{
    struct why_case *found = reading->found;
    uint32_t count = PAGE;
    struct instant over_at = INSTANT_NEVER;
    while (count == PAGE) {
        enum status status =
            reading->store->ops->list_changes(reading->store, reading->seller_id, after, PAGE,
                                              reading->page, &count, reading->problem);
        if (status != ST_OK) {
            return status;
        }
        for (uint32_t i = 0; i < count; i++) {
            const struct change_view *view = &reading->page[i];
            bool is_over = instant_before(over_at, view->at);
            bool is_wanted = !is_over || view->change.kind == CHANGE_REFUND;
            if (is_wanted && why_concerns(&found->facts, view)) {
                if (found->facts.change_count == WHY_CHANGES_MAX) {
                    found->is_cut = true;
                    return ST_OK;
                }
                found->changes[found->facts.change_count++] = *view;
            }
            over_at = is_end(&found->facts, view) ? view->at : over_at;
            if (is_last(reading, view) || (is_over && found->facts.refund_count == 0)) {
                return ST_OK;
            }
        }
        after += count;
    }
    return ST_OK;
}

/* The nearest charge of the cycles `from` to before `to`; its id is "" when none of them has one.
 */
static enum status neighbour(struct reading *reading, uint32_t from, uint32_t to, int step,
                             struct charge *charge)
{
    const struct subscription *subscription = reading->found->facts.subscription;
    struct charge_view view;
    char charge_id[CHARGE_ID_MAX];
    uint32_t count = 0;
    charge->id[0] = '\0';
    for (uint32_t cycle = from; cycle != to; cycle += (uint32_t)step) {
        charge_id_format(subscription->key, cycle, charge_id);
        enum status status =
            reading->store->ops->read_charge(reading->store, reading->seller_id, charge_id, &view,
                                             NULL, 0, &count, reading->problem);
        if (status == ST_OK) {
            *charge = view.charge;
        }
        if (status != ST_NOT_FOUND) {
            return status;
        }
    }
    return ST_OK;
}

/* Of a cycle without a charge: what may tell of it came between its neighbours. */
static enum status cycle_window(struct reading *reading, struct instant *from)
{
    const struct why_facts *facts = &reading->found->facts;
    const struct subscription *subscription = facts->subscription;
    struct charge charge = {.id = ""};
    enum status status = ST_OK;
    uint32_t first = subscription->first_cycle;
    uint32_t cycle =
        facts->cycle < subscription->next_cycle ? facts->cycle : subscription->next_cycle;
    *from = subscription->created_at;
    if (cycle > first) {
        status = neighbour(reading, cycle - 1, first - 1, -1, &charge);
        *from = status == ST_OK && charge.id[0] != '\0' ? charge.created_at : *from;
    }
    if (status == ST_OK && cycle < subscription->next_cycle) {
        status = neighbour(reading, cycle < first ? first : cycle + 1, subscription->next_cycle, 1,
                           &charge);
        memcpy(reading->last, charge.id, sizeof reading->last);
    }
    return status;
}

/* Does the story begin with the charge's first event? */
static bool has_beginning(const struct why_facts *facts)
{
    for (size_t i = 0; i < facts->change_count; i++) {
        const struct change *change = &facts->changes[i].change;
        if (change->kind == CHANGE_CHARGE && change->from == 0) {
            return true;
        }
    }
    return facts->charge == NULL;
}

static enum status read_events(struct reading *reading)
{
    struct why_facts *facts = &reading->found->facts;
    struct instant from;
    uint64_t before = 0;
    enum status status = ST_OK;
    if (facts->charge != NULL) {
        from = facts->charge->created_at;
    } else {
        status = cycle_window(reading, &from);
    }
    if (status == ST_OK) {
        status = changes_before(reading->store, reading->seller_id, from, &before, NULL,
                                reading->problem);
    }
    if (status == ST_OK && facts->charge != NULL) {
        status = read_quiet(reading, facts->charge->due_at);
    }
    if (status == ST_OK) {
        status = read_changes(reading, before);
    }
    if (status == ST_OK && !has_beginning(facts)) {
        facts->change_count = 0;
        facts->quiet_until = INSTANT_NEVER;
        status = read_changes(reading, 0);
    }
    return status;
}

/* --- all of it ------------------------------------------------------------------------------- */

/* A zone that is not installed any more is told in UTC. */
static void find_zone(struct zones *zones, struct why_case *found)
{
    struct subscription *subscription = &found->subscription.subscription;
    struct problem ignored;
    if (zones != NULL && found->facts.subscription != NULL &&
        zones_get(zones, subscription->zone_name, &found->facts.zone, &ignored) == ST_OK) {
        subscription->zone = found->facts.zone;
    }
}

enum status why_read(struct store *store, struct zones *zones, const char *seller_id,
                     const char *id, uint32_t cycle, struct instant now, struct why_case *found,
                     struct problem *problem)
{
    memset(found, 0, sizeof *found);
    found->facts.now = now;
    found->facts.quiet_since = INSTANT_NEVER;
    found->facts.quiet_until = INSTANT_NEVER;
    found->account = calloc(1, sizeof *found->account);
    found->changes = calloc(WHY_CHANGES_MAX, sizeof *found->changes);
    struct reading reading = {
        .store = store,
        .seller_id = seller_id,
        .found = found,
        .problem = problem,
        .page = calloc(PAGE, sizeof *reading.page),
    };
    ENSURE(found->account != NULL);
    ENSURE(found->changes != NULL);
    ENSURE(reading.page != NULL);
    found->facts.changes = found->changes;
    enum status status = read_rows(&reading, id, cycle);
    if (status == ST_OK) {
        status = read_successor(&reading);
    }
    if (status == ST_OK) {
        status = read_stops(&reading);
    }
    if (status == ST_OK) {
        find_zone(zones, found);
        status = read_events(&reading);
    }
    free(reading.page);
    if (status != ST_OK) {
        why_case_free(found);
    }
    return status;
}

void why_case_free(struct why_case *found)
{
    free(found->account);
    free(found->successor);
    free(found->changes);
    found->account = NULL;
    found->successor = NULL;
    found->changes = NULL;
}
