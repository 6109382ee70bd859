/*
 * step_amazon.c - see step_amazon.h.
 */
#include "tests/billing/step_amazon.h"

#include <stdio.h>
#include <string.h>

#include "billing/civil.h"

#define DAY_MS    INT64_C(86400000)
#define MINUTE_MS INT64_C(60000)

static void month_of(struct instant now, struct instant *start, struct instant *end)
{
    struct civil_date first = civil_from_days(now.utc_ms / DAY_MS);
    first.day = 1;
    start->utc_ms = civil_to_days(first) * DAY_MS;
    end->utc_ms = civil_to_days(civil_add_months(first, 1)) * DAY_MS;
}

static bool is_captured_already(const struct amazon *amazon, const char *charge_id)
{
    for (uint32_t i = 0; i < amazon->count; i++) {
        const struct amazon_authorization *other = &amazon->authorizations[i];
        if (other->verdict == AMAZON_CAPTURED && strcmp(other->charge_id, charge_id) == 0) {
            return true;
        }
    }
    return false;
}

static void decide(struct amazon *amazon, struct amazon_authorization *authorization)
{
    static const enum reason reasons[] = {
        REASON_INVALID_PAYMENT_METHOD, REASON_INVALID_PAYMENT_METHOD_SOFT, REASON_AMAZON_REJECTED,
        REASON_PROCESSING_FAILURE, REASON_TRANSACTION_TIMED_OUT};
    if (!amazon->is_kind && one_in(amazon->dice, 4)) {
        authorization->verdict = AMAZON_DECLINED;
        authorization->reason = reasons[roll(amazon->dice, 5)];
        if (authorization->reason == REASON_INVALID_PAYMENT_METHOD &&
            amazon->state == AGREEMENT_OPEN && !one_in(amazon->dice, 4)) {
            amazon->state = AGREEMENT_SUSPENDED;
        }
        return;
    }
    if (is_captured_already(amazon, authorization->charge_id)) {
        amazon->broken = "a charge is captured twice";
    }
    authorization->verdict = AMAZON_CAPTURED;
}

static void decide_what_is_due(struct amazon *amazon, struct instant now)
{
    for (uint32_t i = 0; i < amazon->count; i++) {
        struct amazon_authorization *authorization = &amazon->authorizations[i];
        if (authorization->verdict == AMAZON_PENDING &&
            instant_reached(authorization->decided_at, now)) {
            decide(amazon, authorization);
        }
    }
}

int64_t amazon_used(struct amazon *amazon, struct instant now)
{
    struct instant start;
    struct instant end;
    int64_t used = 0;
    month_of(now, &start, &end);
    decide_what_is_due(amazon, now);
    for (uint32_t i = 0; i < amazon->count; i++) {
        const struct amazon_authorization *authorization = &amazon->authorizations[i];
        if (authorization->verdict != AMAZON_DECLINED &&
            !instant_before(authorization->created_at, start) &&
            instant_before(authorization->created_at, end)) {
            used += authorization->amount;
        }
    }
    return used;
}

static struct amazon_authorization *find(struct amazon *amazon, const char *reference_id)
{
    for (uint32_t i = 0; i < amazon->count; i++) {
        if (strcmp(amazon->authorizations[i].reference_id, reference_id) == 0) {
            return &amazon->authorizations[i];
        }
    }
    return NULL;
}

static void show(const struct amazon_authorization *authorization, struct attempt_answer *answer)
{
    answer->from_object = true;
    (void)snprintf(answer->authorization_id, AMAZON_ID_MAX, "A%s", authorization->reference_id);
    switch (authorization->verdict) {
    case AMAZON_PENDING:
        answer->outcome = OUTCOME_UNKNOWN;
        answer->reason = REASON_PENDING;
        break;
    case AMAZON_CAPTURED:
        answer->outcome = OUTCOME_DONE;
        break;
    case AMAZON_DECLINED:
        answer->outcome = OUTCOME_REFUSED;
        answer->reason = authorization->reason;
        break;
    }
}

/* An error that stands before any authorization. */
static enum reason turned_away(struct amazon *amazon, int64_t amount, struct instant now)
{
    if (amazon->state != AGREEMENT_OPEN) {
        return REASON_AGREEMENT_NOT_OPEN;
    }
    if (!amazon->trusts_us && amazon_used(amazon, now) + amount > amazon->limit) {
        return REASON_PERIODIC_AMOUNT_EXCEEDED;
    }
    if (!amazon->is_kind && one_in(amazon->dice, 60)) {
        return REASON_REQUEST_REFUSED;
    }
    return REASON_NONE;
}

static struct amazon_authorization *authorize_new(struct amazon *amazon, const char *reference_id,
                                                  const char *charge_id, int64_t amount,
                                                  struct instant now)
{
    if (amazon->count == AMAZON_AUTHORIZATIONS_MAX) {
        amazon->broken = "the model is full: shorten the run";
        amazon->count = 0;
    }
    struct amazon_authorization *made = &amazon->authorizations[amazon->count++];
    *made = (struct amazon_authorization){
        .amount = amount, .verdict = AMAZON_PENDING, .created_at = now, .decided_at = now};
    (void)snprintf(made->reference_id, sizeof made->reference_id, "%s", reference_id);
    (void)snprintf(made->charge_id, sizeof made->charge_id, "%s", charge_id);
    if (one_in(amazon->dice, 8)) {
        made->decided_at = instant_plus(now, roll(amazon->dice, 10) * MINUTE_MS);
    } else {
        decide(amazon, made);
    }
    if (amazon_used(amazon, now) > amazon->limit) {
        amazon->broken = "more than the limit was captured in a period";
    }
    return made;
}

void amazon_authorize(struct amazon *amazon, const char *reference_id, const char *charge_id,
                      int64_t amount, struct instant now, struct attempt_answer *answer)
{
    decide_what_is_due(amazon, now);
    struct amazon_authorization *known = find(amazon, reference_id);
    if (known != NULL && known->amount != amount) {
        amazon->broken = "a reference id comes with other parameters";
    }
    if (known == NULL || amazon->checks_first) {
        answer->reason = turned_away(amazon, amount, now);
        if (answer->reason != REASON_NONE) {
            answer->outcome = OUTCOME_REFUSED;
            return;
        }
    }
    if (known != NULL && one_in(amazon->dice, 8)) {
        answer->outcome = OUTCOME_UNKNOWN;
        answer->reason = REASON_NO_ANSWER;
        answer->duplicate = true;
        return;
    }
    if (known == NULL) {
        known = authorize_new(amazon, reference_id, charge_id, amount, now);
    }
    show(known, answer);
}

void amazon_look_up(struct amazon *amazon, const char *reference_id, struct instant now,
                    struct attempt_answer *answer)
{
    decide_what_is_due(amazon, now);
    const struct amazon_authorization *known = find(amazon, reference_id);
    if (known == NULL) {
        amazon->broken = "a look-up of what was never authorized";
        return;
    }
    show(known, answer);
}

void amazon_discover(struct amazon *amazon, const char *reference_id, struct instant now,
                     struct attempt_answer *answer)
{
    decide_what_is_due(amazon, now);
    const struct amazon_authorization *known = find(amazon, reference_id);
    if (known != NULL &&
        instant_reached(instant_plus(known->created_at, AMAZON_LISTED_AFTER_MS), now)) {
        show(known, answer);
        return;
    }
    answer->outcome = OUTCOME_UNKNOWN;
    answer->reason = REASON_NO_ANSWER;
    answer->absent = true;
}

void amazon_details(struct amazon *amazon, struct instant now, struct care_answer *answer)
{
    answer->outcome = OUTCOME_DONE;
    answer->has_details = true;
    answer->state = amazon->state;
    answer->has_limit = true;
    answer->limit_amount = money_of(amazon->limit, "JPY");
    answer->limit_remaining = money_of(amazon->limit - amazon_used(amazon, now), "JPY");
    month_of(now, &answer->period_start, &answer->period_end);
}

void amazon_confirm(struct amazon *amazon, struct care_answer *answer)
{
    answer->outcome = amazon->state == AGREEMENT_DRAFT ? OUTCOME_DONE : OUTCOME_REFUSED;
    if (amazon->state == AGREEMENT_DRAFT) {
        amazon->state = AGREEMENT_OPEN;
    }
}

void amazon_close(struct amazon *amazon, struct care_answer *answer)
{
    bool may = amazon->state == AGREEMENT_OPEN || amazon->state == AGREEMENT_SUSPENDED;
    answer->outcome = may ? OUTCOME_DONE : OUTCOME_REFUSED;
    if (may) {
        amazon->state = AGREEMENT_CLOSED;
    }
}
