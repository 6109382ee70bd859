/*
 * step_limit.c - what the agreement's limit means for the step: what Amazon tells about it, and
 * until when a charge waits that it is short for.
 *
 * The arithmetic is limit.c. Reserving is step_charge.c, posting and releasing step_attempt.c.
 */
#include <string.h>

#include "billing/ensure.h"
#include "billing/step_parts.h"

/* Where Amazon's clock is behind ours, or its books are, a period that is new here is still the old
 * one there: what is refused then is tried again before a whole period is lost. */
struct instant hold_until(const struct step *step, enum reason reason)
{
    static const int64_t turn_ms[] = {INT64_C(3600) * 1000, INT64_C(86400) * 1000};
    const struct limit *limit = &step->account->agreement.limit;
    for (size_t i = 0; reason == REASON_PERIODIC_AMOUNT_EXCEEDED && i < 2; i++) {
        struct instant turned_at = instant_plus(limit->period_start, turn_ms[i]);
        if (instant_before(step->at, turned_at)) {
            return instant_min(turned_at, limit->period_end);
        }
    }
    return limit->period_end;
}

/* A limit whose numbers cannot be meant: it is not taken over. */
bool limit_is_sane(const struct care_answer *answer, const struct limit *known)
{
    return answer->has_limit && money_is_positive(answer->limit_amount) &&
           money_is_valid(answer->limit_remaining) &&
           instant_before(answer->period_start, answer->period_end) &&
           IMPLIES(limit_is_known(known), strcmp(money_currency(&known->amount),
                                                 money_currency(&answer->limit_amount)) == 0);
}

void limit_told(struct step *step, const struct care_answer *answer)
{
    struct limit *limit = &step->account->agreement.limit;
    struct money before = limit->posted;
    bool known = limit_is_known(limit);
    struct money remaining = answer->limit_remaining;
    struct money known_remaining = known ? limit_remaining(limit) : remaining;
    if (step->account->agreement.posted_since_sync && money_at_most(known_remaining, remaining)) {
        /* The answer may be older than what was posted while it was on its way. */
        remaining = known_remaining;
    }
    limit_reconcile(limit, answer->limit_amount, remaining, answer->period_start,
                    answer->period_end);
    /* A period that Amazon has not moved on yet, seen from our clock, is over all the same. */
    (void)limit_roll(limit, step->at, step->policy->zone);
    if (known && !money_equal(before, limit->posted)) {
        tell(step, CHANGE_LIMIT, step->account->agreement.id, 0, 0, REASON_NONE);
    }
    for (uint32_t i = 0; i < step->account->charge_count; i++) {
        struct charge *charge = &step->account->charges[i];
        if (charge->state != CHARGE_HELD || instant_reached(charge->retry_at, step->at)) {
            continue; /* one whose time has come is tried in this step anyway */
        }
        bool has_room = charge->reason == REASON_LIMIT_SHORT &&
                        money_at_most(charge->amount, limit_remaining(limit));
        charge->retry_at = has_room ? step->at : hold_until(step, charge->reason);
        touch_charge(step, charge);
    }
}
