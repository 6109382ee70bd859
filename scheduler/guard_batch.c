/* guard_batch.c - see guard_batch.h. */
#include "scheduler/guard_batch.h"

#include "billing/ensure.h"

void guard_batch_begin(struct guard_batch *batch, int64_t day, struct instant at)
{
    uint32_t planned = batch->planned;
    *batch = (struct guard_batch){.day = day, .began_at = at, .planned = planned};
}

bool guard_batch_wants_size(const struct guard_batch *batch, const struct batch_settings *settings)
{
    return settings->canary_percent > 0 && !batch->is_sized;
}

void guard_batch_set_size(struct guard_batch *batch, const struct batch_settings *settings,
                          uint64_t due)
{
    uint64_t size = (due * settings->canary_percent + 99) / 100;
    batch->is_sized = true;
    batch->canary_size = size < UINT32_MAX ? (uint32_t)size : UINT32_MAX;
    batch->canary_size = batch->canary_size > 0 ? batch->canary_size : 1;
}

static uint32_t total(const struct guard_batch *batch)
{
    uint32_t sum = batch->planned;
    for (unsigned i = 0; i < BATCH_CLASS_COUNT; i++) {
        sum += batch->count[i];
    }
    return sum;
}

uint32_t guard_batch_room(struct guard_batch *batch, const struct batch_settings *settings)
{
    uint32_t size = settings->canary_percent > 0 ? batch->canary_size : settings->canary_count;
    if (size == 0 || batch->is_passed) {
        return UINT32_MAX;
    }
    uint32_t begun = total(batch);
    uint32_t open = batch->planned + batch->count[BATCH_SENT] + batch->count[BATCH_UNKNOWN];
    if (begun >= size && open == 0) {
        batch->is_passed = true;
        return UINT32_MAX;
    }
    return begun < size ? size - begun : 0;
}

const char *guard_batch_refuses(const struct guard_batch *batch,
                                const struct batch_settings *settings,
                                const struct batch_plan *plan)
{
    if (plan->firsts == 0) {
        return NULL;
    }
    if (settings->count_max > 0 && total(batch) + plan->firsts > settings->count_max) {
        return "guard_count_max";
    }
    if (money_is_positive(settings->sum_max)) {
        struct money sum = plan->sum;
        if (money_is_valid(batch->sum) && !money_add(&sum, batch->sum, plan->sum)) {
            return "guard_sum_max";
        }
        return money_at_most(sum, settings->sum_max) ? NULL : "guard_sum_max";
    }
    return NULL;
}

/* Nothing is added when the sum cannot be told: it then stays poison, which is refused. */
static void sum_add(struct guard_batch *batch, struct money amount)
{
    struct money sum = amount;
    if (money_is_valid(batch->sum) && !money_add(&sum, batch->sum, amount)) {
        sum = (struct money){0};
    }
    batch->sum = sum;
}

void guard_batch_plan(struct guard_batch *batch, const struct batch_plan *plan)
{
    batch->planned += plan->firsts;
    if (plan->firsts > 0) {
        sum_add(batch, plan->sum);
    }
}

void guard_batch_planned(struct guard_batch *batch, const struct batch_plan *plan, bool is_recorded)
{
    ENSURE(batch->planned >= plan->firsts);
    batch->planned -= plan->firsts;
    struct money sum;
    if (!is_recorded && plan->firsts > 0 && money_subtract(&sum, batch->sum, plan->sum)) {
        batch->sum = sum;
    }
}

static enum batch_class class_in(enum attempt_state state, bool is_pending)
{
    switch (state) {
    case ATTEMPT_INTENT:
    case ATTEMPT_POSTPONED:
        return BATCH_SENT;
    case ATTEMPT_UNKNOWN:
        return is_pending ? BATCH_GOOD : BATCH_UNKNOWN;
    case ATTEMPT_CAPTURED:
    case ATTEMPT_AUTHORIZED:
    case ATTEMPT_CAPTURING:
    case ATTEMPT_VOIDING:
        return BATCH_GOOD;
    case ATTEMPT_DECLINED:
    case ATTEMPT_REFUSED:
        return BATCH_DECLINED;
    }
    ENSURE(false);
    return BATCH_SENT;
}

static enum batch_class class_of(const struct attempt *attempt)
{
    return class_in(attempt->state, attempt_is_pending(attempt));
}

void guard_batch_add(struct guard_batch *batch, enum attempt_state state, enum reason reason,
                     struct money amount)
{
    batch->count[class_in(state, reason == REASON_PENDING)]++;
    sum_add(batch, amount);
}

static bool is_cycle(const struct charge *charge)
{
    return charge->subscription_key[0] != '\0';
}

static bool is_of(const struct guard_batch *batch, const struct charge *charge)
{
    const struct attempt *attempt = &charge->attempt;
    return attempt->reference_id[0] != '\0' && attempt->number == 1 && is_cycle(charge) &&
           !instant_before(attempt->created_at, batch->began_at);
}

static bool exceeds(uint32_t part, uint32_t whole, uint32_t percent_max)
{
    return percent_max > 0 && (uint64_t)part * 100 > (uint64_t)whole * percent_max;
}

static const char *band_left(const struct guard_batch *batch, const struct batch_settings *settings)
{
    uint32_t declined = batch->count[BATCH_DECLINED];
    uint32_t answered = declined + batch->count[BATCH_GOOD];
    uint32_t known = answered + batch->count[BATCH_UNKNOWN];
    if (answered >= settings->sample_min &&
        exceeds(declined, answered, settings->decline_percent_max)) {
        return "guard_decline_rate_max";
    }
    if (known >= settings->sample_min &&
        exceeds(batch->count[BATCH_UNKNOWN], known, settings->unknown_percent_max)) {
        return "guard_unknown_rate_max";
    }
    return NULL;
}

static void leave_class(struct guard_batch *batch, const struct attempt *attempt)
{
    enum batch_class class = class_of(attempt);
    batch->count[class] -= batch->count[class] > 0;
}

/* Declined and followed by the next attempt in one step: it is not in the account any more. */
static bool count_replaced(struct guard_batch *batch, const struct account *before,
                           struct account *after)
{
    bool has_changed = false;
    for (uint32_t i = 0; i < before->charge_count; i++) {
        const struct charge *charge = &before->charges[i];
        if (is_of(batch, charge) && class_of(&charge->attempt) != BATCH_DECLINED &&
            account_attempted(after, charge->attempt.reference_id) == NULL) {
            leave_class(batch, &charge->attempt);
            batch->count[BATCH_DECLINED]++;
            has_changed = true;
        }
    }
    return has_changed;
}

const char *guard_batch_recorded(struct guard_batch *batch, const struct batch_settings *settings,
                                 struct account *before, struct account *after)
{
    bool has_changed = count_replaced(batch, before, after);
    for (uint32_t i = 0; i < after->charge_count; i++) {
        const struct charge *charge = &after->charges[i];
        if (!is_of(batch, charge)) {
            continue;
        }
        const struct charge *was = account_attempted(before, charge->attempt.reference_id);
        enum batch_class class = class_of(&charge->attempt);
        if (was != NULL && class_of(&was->attempt) == class) {
            continue;
        }
        if (was != NULL) {
            leave_class(batch, &was->attempt);
        }
        batch->count[class]++;
        has_changed = true;
    }
    return has_changed ? band_left(batch, settings) : NULL;
}

struct batch_plan guard_batch_plan_of(struct account *before, const struct account *after)
{
    struct batch_plan plan = {0};
    for (uint32_t i = 0; i < after->charge_count; i++) {
        const struct charge *charge = &after->charges[i];
        const struct attempt *attempt = &charge->attempt;
        if (attempt->reference_id[0] == '\0' || attempt->state != ATTEMPT_INTENT ||
            account_attempted(before, attempt->reference_id) != NULL) {
            continue;
        }
        if (attempt->number > 1) {
            plan.retries++;
        } else if (is_cycle(charge)) {
            struct money sum = attempt->amount;
            if (plan.firsts > 0 && !money_add(&sum, plan.sum, attempt->amount)) {
                sum = (struct money){0};
            }
            plan.sum = sum;
            plan.firsts++;
        }
    }
    return plan;
}
