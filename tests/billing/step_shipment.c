/*
 * step_shipment.c - see step_shipment.h.
 */
#include "tests/billing/step_shipment.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

void shipment_world(struct world *w)
{
    world_start(w, "2026-01-01T00:00:00Z");
    world_open(w, "50000", "JPY");
    w->policy.capture = POLICY_CAPTURE_ON_SHIPMENT;
    w->policy.capture_warning_ms = 2 * DAY_MS;
    w->policy.retry[REASON_CAPTURE_DECLINED].waits = (struct policy_waits){2, {HOUR_MS, DAY_MS}};
}

void shipment_told(struct world *w, const char *attempt, struct attempt_answer told)
{
    struct event event = {.kind = EVENT_ATTEMPT_ANSWER, .attempt = told};
    event.attempt.call = w->called;
    memset(event.attempt.reference_id, attempt[0], KEY_MAX - 1);
    (void)snprintf(event.attempt.reference_id + KEY_MAX - 1, REFERENCE_ID_MAX - KEY_MAX + 1, "%s",
                   attempt + 1);
    if (told.expires_at.utc_ms == 0) {
        event.attempt.expires_at = INSTANT_NEVER;
    }
    if (told.from_object && !told.is_capture) {
        (void)snprintf(event.attempt.authorization_id, AMAZON_ID_MAX, "S03-%s-A", attempt);
    }
    assert_true(world_step(w, &event));
}

void shipment_open(struct world *w, const char *attempt)
{
    shipment_told(w, attempt,
                  (struct attempt_answer){.outcome = OUTCOME_UNKNOWN,
                                          .reason = REASON_PENDING,
                                          .from_object = true,
                                          .is_authorized = true});
}

void shipment_closed(struct world *w, const char *attempt)
{
    shipment_told(w, attempt,
                  (struct attempt_answer){.outcome = OUTCOME_REFUSED,
                                          .reason = REASON_NOT_CAPTURED,
                                          .from_object = true});
}

void shipment_captured(struct world *w, const char *attempt, enum outcome outcome)
{
    shipment_told(
        w, attempt,
        (struct attempt_answer){.outcome = outcome,
                                .reason = outcome == OUTCOME_UNKNOWN ? REASON_PENDING : REASON_NONE,
                                .from_object = true,
                                .is_capture = true,
                                .capture_id = "S03-C"});
}

void shipment_voided(struct world *w, const char *attempt)
{
    shipment_told(w, attempt, (struct attempt_answer){.outcome = OUTCOME_DONE});
}

bool shipment_say(struct world *w, enum event_kind kind, char letter, const char *rest)
{
    struct event event = {.kind = kind};
    memset(event.charge.charge_id, letter, KEY_MAX - 1);
    (void)snprintf(event.charge.charge_id + KEY_MAX - 1, CHARGE_ID_MAX - KEY_MAX + 1, "%s", rest);
    return world_step(w, &event);
}

bool shipment_ship(struct world *w)
{
    return shipment_say(w, EVENT_SHIP, 'X', "-0");
}

bool shipment_void(struct world *w)
{
    return shipment_say(w, EVENT_VOID, 'X', "-0");
}

const struct attempt *shipment_attempt_of(struct world *w, const char *charge)
{
    return &world_charge(w, charge)->attempt;
}

void shipment_attempt(struct world *w)
{
    shipment_world(w);
    assert_true(world_charge_once(w, 'X', "1200", "JPY"));
    EXPECT(w, "X-0 new>due, X-0-1 new>intent, X-0 due>attempting | authorize X-0-1");
}

void shipment_authorized(struct world *w)
{
    shipment_attempt(w);
    shipment_open(w, "X-0-1");
    EXPECT(w, AUTHORIZED);
}

void shipment_capturing(struct world *w)
{
    shipment_authorized(w);
    assert_true(shipment_ship(w));
    EXPECT(w, "X-0 word 1(operator), " CAPTURING " | capture X-0-1");
}
