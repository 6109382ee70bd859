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

/* --- notices ------------------------------------------------------------------------------- */

static void id_of_authorization(const char *reference_id, char id[static AMAZON_ID_MAX])
{
    (void)snprintf(id, AMAZON_ID_MAX, "A%s", reference_id);
}

static void send_notice(struct amazon *amazon, const struct notice_event *told, struct instant now)
{
    struct dice *dice = amazon->dice;
    unsigned copies = amazon->is_mute || one_in(dice, 6) ? 0 : 1 + one_in(dice, 5);
    for (; copies > 0 && amazon->notice_count < AMAZON_NOTICES_MAX; copies--) {
        int64_t delay_ms =
            one_in(dice, 8) ? (int64_t)roll(dice, 120) * MINUTE_MS : (int64_t)roll(dice, 10000);
        amazon->notices[amazon->notice_count++] =
            (struct amazon_notice){.told = *told, .at = instant_plus(now, delay_ms)};
    }
}

static void tell_of(struct amazon *amazon, const struct amazon_authorization *authorization,
                    struct instant now)
{
    struct notice_event told = {.kind = NOTICE_AUTHORIZATION};
    const struct amazon_authorization *named = authorization;
    if (one_in(amazon->dice, 30)) {
        named = &amazon->authorizations[roll(amazon->dice, amazon->count)];
    }
    memcpy(told.reference_id, authorization->reference_id, sizeof told.reference_id);
    id_of_authorization(named->reference_id, told.authorization_id);
    send_notice(amazon, &told, now);
    if (authorization->verdict == AMAZON_CAPTURED) {
        told = (struct notice_event){.kind = NOTICE_CAPTURE};
        memcpy(told.reference_id, authorization->reference_id, sizeof told.reference_id);
        (void)snprintf(told.capture_id, AMAZON_ID_MAX, "C%s", authorization->reference_id);
        send_notice(amazon, &told, now);
    }
}

void amazon_change(struct amazon *amazon, enum agreement_state state, struct instant now)
{
    if (amazon->state != state) {
        amazon->state = state;
        send_notice(amazon, &(struct notice_event){.kind = NOTICE_AGREEMENT}, now);
    }
}

/* --- authorizations ------------------------------------------------------------------------ */

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

static void decide(struct amazon *amazon, struct amazon_authorization *authorization,
                   struct instant now)
{
    static const enum reason reasons[] = {
        REASON_INVALID_PAYMENT_METHOD, REASON_INVALID_PAYMENT_METHOD_SOFT, REASON_AMAZON_REJECTED,
        REASON_PROCESSING_FAILURE, REASON_TRANSACTION_TIMED_OUT};
    if (!amazon->is_kind && one_in(amazon->dice, 4)) {
        authorization->verdict = AMAZON_DECLINED;
        authorization->reason = reasons[roll(amazon->dice, 5)];
        if (authorization->reason == REASON_INVALID_PAYMENT_METHOD &&
            amazon->state == AGREEMENT_OPEN && !one_in(amazon->dice, 4)) {
            amazon_change(amazon, AGREEMENT_SUSPENDED, now);
        }
        tell_of(amazon, authorization, now);
        return;
    }
    if (is_captured_already(amazon, authorization->charge_id)) {
        amazon->broken = "a charge is captured twice";
    }
    authorization->verdict = AMAZON_CAPTURED;
    tell_of(amazon, authorization, now);
}

void amazon_pass(struct amazon *amazon, struct instant now)
{
    for (uint32_t i = 0; i < amazon->count; i++) {
        struct amazon_authorization *authorization = &amazon->authorizations[i];
        if (authorization->verdict == AMAZON_PENDING &&
            instant_reached(authorization->decided_at, now)) {
            decide(amazon, authorization, now);
        }
    }
}

int64_t amazon_used(struct amazon *amazon, struct instant now)
{
    struct instant start;
    struct instant end;
    int64_t used = 0;
    month_of(now, &start, &end);
    amazon_pass(amazon, now);
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
    id_of_authorization(authorization->reference_id, answer->authorization_id);
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

/* Within a few seconds most are decided; of those that may take a day few are. */
static struct instant decided_at(struct amazon *amazon, uint32_t timeout_minutes,
                                 struct instant now)
{
    if (timeout_minutes == 0) {
        return one_in(amazon->dice, 8) ? instant_plus(now, roll(amazon->dice, 10) * MINUTE_MS)
                                       : now;
    }
    uint32_t within = one_in(amazon->dice, 3) ? timeout_minutes : 5;
    return instant_plus(now, roll(amazon->dice, within) * MINUTE_MS);
}

static struct amazon_authorization *authorize_new(struct amazon *amazon, const char *reference_id,
                                                  const char *charge_id, int64_t amount,
                                                  uint32_t timeout_minutes, struct instant now)
{
    if (amazon->count == AMAZON_AUTHORIZATIONS_MAX) {
        amazon->broken = "the model is full: shorten the run";
        amazon->count = 0;
    }
    struct amazon_authorization *made = &amazon->authorizations[amazon->count++];
    *made = (struct amazon_authorization){
        .amount = amount,
        .timeout_minutes = timeout_minutes,
        .verdict = AMAZON_PENDING,
        .created_at = now,
        .decided_at = decided_at(amazon, timeout_minutes, now),
    };
    (void)snprintf(made->reference_id, sizeof made->reference_id, "%s", reference_id);
    (void)snprintf(made->charge_id, sizeof made->charge_id, "%s", charge_id);
    if (instant_reached(made->decided_at, now)) {
        decide(amazon, made, now);
    } else {
        tell_of(amazon, made, now);
    }
    if (amazon_used(amazon, now) > amazon->limit) {
        amazon->broken = "more than the limit was captured in a period";
    }
    return made;
}

void amazon_authorize(struct amazon *amazon, const char *reference_id, const char *charge_id,
                      int64_t amount, uint32_t timeout_minutes, struct instant now,
                      struct attempt_answer *answer)
{
    amazon_pass(amazon, now);
    struct amazon_authorization *known = find(amazon, reference_id);
    if (known != NULL && (known->amount != amount || known->timeout_minutes != timeout_minutes)) {
        amazon->broken = "a reference id comes with other parameters";
    }
    if (known == NULL || amazon->checks_first) {
        answer->reason = turned_away(amazon, amount, now);
        if (answer->reason != REASON_NONE) {
            answer->outcome = OUTCOME_REFUSED;
            return;
        }
    }
    if (known != NULL && (amazon->only_duplicates || one_in(amazon->dice, 8))) {
        answer->outcome = OUTCOME_UNKNOWN;
        answer->reason = REASON_NO_ANSWER;
        answer->duplicate = true;
        return;
    }
    if (known == NULL) {
        known = authorize_new(amazon, reference_id, charge_id, amount, timeout_minutes, now);
    }
    show(known, answer);
}

void amazon_look_up(struct amazon *amazon, const char *reference_id, const char *authorization_id,
                    struct instant now, struct attempt_answer *answer)
{
    amazon_pass(amazon, now);
    const struct amazon_authorization *known =
        authorization_id[0] == 'A' ? find(amazon, authorization_id + 1) : NULL;
    if (known == NULL) {
        amazon->broken = "a look-up of what was never authorized";
    } else if (strcmp(known->reference_id, reference_id) != 0) {
        answer->outcome = OUTCOME_UNKNOWN;
        answer->reason = REASON_NO_ANSWER;
        answer->is_other = true;
    } else if (!amazon->is_kind && one_in(amazon->dice, 20)) {
        answer->outcome = OUTCOME_REFUSED; /* an error of the look-up: an id not there yet */
        answer->reason = REASON_REQUEST_REFUSED;
    } else {
        show(known, answer);
    }
}

void amazon_discover(struct amazon *amazon, const char *reference_id, struct instant now,
                     struct attempt_answer *answer)
{
    amazon_pass(amazon, now);
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

void amazon_confirm(struct amazon *amazon, struct instant now, struct care_answer *answer)
{
    answer->outcome = amazon->state == AGREEMENT_DRAFT ? OUTCOME_DONE : OUTCOME_REFUSED;
    if (amazon->state == AGREEMENT_DRAFT) {
        amazon_change(amazon, AGREEMENT_OPEN, now);
    }
}

void amazon_close(struct amazon *amazon, struct instant now, struct care_answer *answer)
{
    bool may = amazon->state == AGREEMENT_OPEN || amazon->state == AGREEMENT_SUSPENDED;
    answer->outcome = may ? OUTCOME_DONE : OUTCOME_REFUSED;
    if (may) {
        amazon_change(amazon, AGREEMENT_CLOSED, now);
    }
}
