/* planting.c - see planting.h. */
#include "tests/scheduler/planting.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "billing/step.h"

#define MS_PER_DAY INT64_C(86400000)

void plant_step(struct world *world, struct account *account, struct event *event)
{
    struct effects *effects = calloc(1, sizeof *effects);
    struct problem problem = {""};
    assert_non_null(effects);
    event->at = event->at.utc_ms == 0 ? loop_now(world->loop) : event->at;
    event->policy = &world->sellers[0].policy;
    event->hold.until = event->retry_hold.until = INSTANT_NEVER;
    if (bill_step(account, event, effects, &problem) != ST_OK) {
        fail_msg("event %d is refused: %s", event->kind, problem.text);
    }
    struct step_record record = {.account = account, .effects = effects, .at = event->at};
    world_settle(world);
    enum status status = world->store->ops->record(world->store, &record, 1, &problem);
    if (status != ST_OK || record.status != ST_OK) {
        fail_msg("event %d is not recorded: %s", event->kind, problem.text);
    }
    account->agreement.version++;
    account_drop_final(account);
    free(effects);
}

struct instant planted_at(const struct world *world)
{
    return (struct instant){loop_now(world->loop).utc_ms - 4 * MS_PER_DAY};
}

struct account *plant_agreement(struct world *world, const char *id)
{
    struct account *account = calloc(1, sizeof *account);
    struct event registered = {.kind = EVENT_REGISTER, .at = planted_at(world)};
    struct instant now = loop_now(world->loop);
    struct event synced = {
        .kind = EVENT_CARE_ANSWER,
        .at = planted_at(world),
        .care = {.care = CARE_SYNC,
                 .outcome = OUTCOME_DONE,
                 .has_details = true,
                 .state = AGREEMENT_OPEN,
                 .has_limit = true,
                 .limit_amount = money_of(50000, "JPY"),
                 .limit_remaining = money_of(50000, "JPY"),
                 .period_start = {now.utc_ms - 10 * MS_PER_DAY},
                 .period_end = {now.utc_ms + 20 * MS_PER_DAY}},
    };
    assert_non_null(account);
    (void)snprintf(registered.registered.seller_id, SELLER_ID_MAX, "A1SELLER");
    (void)snprintf(registered.registered.id, AGREEMENT_ID_MAX, "%s", id);
    plant_step(world, account, &registered);
    plant_step(world, account, &synced);
    return account;
}

void plant_charge(struct world *world, struct account *account, int64_t yen,
                  char id[static CHARGE_ID_MAX])
{
    uint8_t bytes[KEY_BYTES] = {0};
    struct event once = {.kind = EVENT_CHARGE_ONCE,
                         .charge_once = {.amount = money_of(yen, "JPY")}};
    bool is_captured = world->sellers[0].policy.capture != POLICY_CAPTURE_ON_SHIPMENT;
    bytes[0] = (uint8_t)account->agreement.version;
    memcpy(bytes + 1, account->agreement.id + 4, strlen(account->agreement.id + 4));
    key_from_bytes(bytes, once.charge_once.key);
    (void)snprintf(once.charge_once.idempotency_key, IDEMPOTENCY_KEY_MAX, "planted-%s",
                   once.charge_once.key);
    charge_id_format(once.charge_once.key, 0, id);
    plant_step(world, account, &once);
    struct event answer = {
        .kind = EVENT_ATTEMPT_ANSWER,
        .attempt = {.call = CALL_AUTHORIZE,
                    .outcome = is_captured ? OUTCOME_DONE : OUTCOME_UNKNOWN,
                    .reason = is_captured ? REASON_NONE : REASON_PENDING,
                    .from_object = true,
                    .is_authorized = !is_captured,
                    .expires_at = {loop_now(world->loop).utc_ms + 30 * MS_PER_DAY},
                    .order_reference_id = "S03-1234567-1234567",
                    .authorization_id = "S03-1234567-1234567-A000001"},
    };
    reference_id_format(id, 1, answer.attempt.reference_id);
    if (is_captured) {
        (void)snprintf(answer.attempt.capture_id, AMAZON_ID_MAX, PLANTED_CAPTURE);
    }
    plant_step(world, account, &answer);
}
