/*
 * audit_world.c - see audit_world.h.
 */
#include "tests/schema/audit_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "billing/step.h"
#include "mws/edge/crypto.h"

#define DAY_MS       INT64_C(86400000)
#define ANSWER_MS    2000
#define ZONE_BYTES   4096
#define ACCOUNTS     3
#define STEPS_MAX    500
#define DECLINES_MAX 8

/* Amazon declines the next `count` attempts of this charge. */
struct decline {
    const char *charge_id;
    enum reason reason;
    int count;
};

struct world {
    struct store *store;
    struct policy policy;
    struct zone zone;
    uint8_t zone_bytes[ZONE_BYTES];
    struct instant now;
    unsigned ids; /* of Amazon's, given out so far */
    struct decline declines[DECLINES_MAX];
    const char *silent; /* the charge whose attempts get no answer */
    struct account accounts[ACCOUNTS];
    struct effects effects;
};

static void fail(const char *what, const struct problem *problem)
{
    (void)fprintf(stderr, "audit_world: %s: %s\n", what, problem->text);
    abort();
}

static struct instant date(int32_t month, int32_t day)
{
    return (struct instant){civil_to_days((struct civil_date){2026, month, day}) * DAY_MS};
}

/* --- a step ---------------------------------------------------------------------------------- */

static void step(struct world *world, struct account *account, struct event *event)
{
    struct problem problem = {""};
    event->at = world->now;
    event->policy = &world->policy;
    if (bill_step(account, event, &world->effects, &problem) != ST_OK) {
        fail("bill_step", &problem);
    }
    struct step_record record = {.account = account, .effects = &world->effects, .at = world->now};
    if (world->store->ops->record(world->store, &record, 1, &problem) != ST_OK ||
        record.status != ST_OK) {
        fail("record", &problem);
    }
    account->agreement.version++;
    account_drop_final(account);
}

static struct event event_of(enum event_kind kind)
{
    return (struct event){.kind = kind,
                          .hold = {REASON_NONE, INSTANT_NEVER},
                          .retry_hold = {REASON_NONE, INSTANT_NEVER}};
}

/* --- Amazon ---------------------------------------------------------------------------------- */

static void answer_sync(struct world *world, struct account *account)
{
    struct event event = event_of(EVENT_CARE_ANSWER);
    const struct limit *limit = &account->agreement.limit;
    struct civil_date first = civil_from_days(world->now.utc_ms / DAY_MS);
    first.day = 1;
    event.care = (struct care_answer){
        .care = CARE_SYNC,
        .outcome = OUTCOME_DONE,
        .has_details = true,
        .state = AGREEMENT_OPEN,
        .has_limit = true,
        .limit_amount = money_of(50000, "JPY"),
        .limit_remaining = limit_is_known(limit) ? limit_remaining(limit) : money_of(50000, "JPY"),
        .period_start = {civil_to_days(first) * DAY_MS},
        .period_end = {civil_to_days(civil_add_months(first, 1)) * DAY_MS},
    };
    step(world, account, &event);
}

static enum reason decline_of(struct world *world, const char *reference_id)
{
    for (int i = 0; i < DECLINES_MAX; i++) {
        struct decline *decline = &world->declines[i];
        if (decline->count > 0 &&
            strncmp(reference_id, decline->charge_id, strlen(decline->charge_id)) == 0) {
            decline->count--;
            return decline->reason;
        }
    }
    return REASON_NONE;
}

static void answer_authorize(struct world *world, struct account *account, const char *reference_id)
{
    struct event event = event_of(EVENT_ATTEMPT_ANSWER);
    struct attempt_answer *answer = &event.attempt;
    enum reason reason = decline_of(world, reference_id);
    if (world->silent != NULL && strncmp(reference_id, world->silent, strlen(world->silent)) == 0) {
        return;
    }
    *answer = (struct attempt_answer){
        .call = CALL_AUTHORIZE,
        .outcome = reason == REASON_NONE ? OUTCOME_DONE : OUTCOME_REFUSED,
        .reason = reason,
        .from_object = true,
        .expires_at = INSTANT_NEVER,
    };
    world->ids++;
    (void)snprintf(answer->reference_id, sizeof answer->reference_id, "%s", reference_id);
    (void)snprintf(answer->order_reference_id, AMAZON_ID_MAX, "S01-0000000-%07u", world->ids);
    (void)snprintf(answer->authorization_id, AMAZON_ID_MAX, "S01-0000000-%07u-A000001", world->ids);
    if (reason == REASON_NONE) {
        (void)snprintf(answer->capture_id, AMAZON_ID_MAX, "S01-0000000-%07u-C000001", world->ids);
    }
    step(world, account, &event);
}

static void answer_refund(struct world *world, struct account *account, const char *refund_id)
{
    struct event event = event_of(EVENT_REFUND_ANSWER);
    struct refund *refund = account_refund(account, refund_id);
    ENSURE(refund != NULL);
    event.refund_answer = (struct refund_answer){.call = CALL_REFUND,
                                                 .outcome = OUTCOME_DONE,
                                                 .from_object = true,
                                                 .amount = refund->amount,
                                                 .kind = REFUND_BY_SHOP};
    world->ids++;
    (void)snprintf(event.refund_answer.refund_id, REFUND_ID_MAX, "%s", refund_id);
    (void)snprintf(event.refund_answer.amazon_refund_id, AMAZON_ID_MAX, "S01-0000000-%07u-R000001",
                   world->ids);
    step(world, account, &event);
}

static void answer_close(struct world *world, struct account *account)
{
    struct event event = event_of(EVENT_CARE_ANSWER);
    event.care = (struct care_answer){.care = CARE_CLOSE, .outcome = OUTCOME_DONE};
    step(world, account, &event);
}

/* Answers what the latest step called, and what that leads to. */
static void answer_calls(struct world *world, struct account *account)
{
    struct call calls[EFFECTS_CALLS_MAX];
    uint32_t count = world->effects.call_count;
    memcpy(calls, world->effects.calls, sizeof calls);
    if (count > 0) {
        world->now = instant_plus(world->now, ANSWER_MS);
    }
    for (uint32_t i = 0; i < count; i++) {
        world->effects.call_count = 0;
        if (calls[i].kind == CALL_SYNC) {
            answer_sync(world, account);
        } else if (calls[i].kind == CALL_AUTHORIZE) {
            answer_authorize(world, account, calls[i].reference_id);
        } else if (calls[i].kind == CALL_REFUND) {
            answer_refund(world, account, calls[i].reference_id);
        } else if (calls[i].kind == CALL_CLOSE) {
            answer_close(world, account);
        } else {
            (void)fprintf(stderr, "audit_world: call %d is not played\n", (int)calls[i].kind);
            abort();
        }
        answer_calls(world, account);
    }
}

static void act(struct world *world, struct account *account, struct event event)
{
    step(world, account, &event);
    answer_calls(world, account);
}

/* Lets an account live until then. */
static void live(struct world *world, struct account *account, struct instant until)
{
    for (int i = 0; i < STEPS_MAX; i++) {
        struct instant wake_at = account->agreement.wake_at;
        if (!instant_reached(wake_at, until)) {
            world->now = until;
            return;
        }
        world->now = instant_before(world->now, wake_at) ? wake_at : world->now;
        act(world, account, event_of(EVENT_WAKE));
    }
    (void)fprintf(stderr, "audit_world: agreement %s does not come to rest\n",
                  account->agreement.id);
    abort();
}

/* --- commands -------------------------------------------------------------------------------- */

static struct account *enrol(struct world *world, int index, const char *seller_id, int number)
{
    struct account *account = &world->accounts[index];
    struct event event = event_of(EVENT_REGISTER);
    (void)snprintf(event.registered.seller_id, SELLER_ID_MAX, "%s", seller_id);
    (void)snprintf(event.registered.id, AGREEMENT_ID_MAX, "C01-%07d-0000001", number);
    step(world, account, &event);
    answer_calls(world, account);
    if (account->agreement.state != AGREEMENT_OPEN) {
        act(world, account, event_of(EVENT_WAKE));
    }
    ENSURE(account->agreement.state == AGREEMENT_OPEN);
    return account;
}

static void subscribe(struct world *world, struct account *account, const char *key, int32_t day,
                      int64_t amount)
{
    struct event event = event_of(EVENT_SUBSCRIBE);
    memcpy(event.subscribe.key, key, KEY_MAX);
    event.subscribe.amount = money_of(amount, "JPY");
    event.subscribe.zone = &world->zone;
    event.subscribe.charge_from = INSTANT_NEVER;
    event.subscribe.next_amount_at = INSTANT_NEVER;
    event.subscribe.rule = (struct recurrence){
        .unit = RECUR_MONTH, .every = 1, .anchor = {2026, 1, day}, .second_of_day = 32400};
    act(world, account, event);
}

static void charge_once(struct world *world, struct account *account, const char *key,
                        int64_t amount)
{
    struct event event = event_of(EVENT_CHARGE_ONCE);
    memcpy(event.charge_once.key, key, KEY_MAX);
    (void)snprintf(event.charge_once.idempotency_key, IDEMPOTENCY_KEY_MAX, "order-%s", key);
    event.charge_once.amount = money_of(amount, "JPY");
    act(world, account, event);
}

static void refund(struct world *world, struct account *account, const char *charge_id,
                   int64_t amount)
{
    struct event event = event_of(EVENT_REFUND);
    struct problem problem;
    struct charge_view view;
    struct attempt attempts[4];
    uint32_t count = 0;
    if (world->store->ops->read_charge(world->store, AUDIT_SELLER, charge_id, &view, attempts, 4,
                                       &count, &problem) != ST_OK) {
        fail("read_charge", &problem);
    }
    memcpy(event.refund.charge_id, view.charge.id, CHARGE_ID_MAX);
    memcpy(event.refund.capture_id, view.charge.attempt.capture_id, AMAZON_ID_MAX);
    event.refund.captured = view.charge.amount;
    event.refund.refunded = view.refunded;
    event.refund.refund_count = view.refund_count;
    event.refund.amount = money_of(amount, "JPY");
    (void)snprintf(event.refund.idempotency_key, IDEMPOTENCY_KEY_MAX, "refund-%u",
                   view.refund_count);
    act(world, account, event);
}

/* A command that has only a subscription's key. */
static void order(struct world *world, struct account *account, enum event_kind kind,
                  const char *key)
{
    struct event event = event_of(kind);
    memcpy(event.subscription.subscription_key, key, KEY_MAX);
    act(world, account, event);
}

static void pause_it(struct world *world, struct account *account, const char *key)
{
    struct event event = event_of(EVENT_PAUSE);
    memcpy(event.pause.subscription_key, key, KEY_MAX);
    event.pause.resume_at = INSTANT_NEVER;
    act(world, account, event);
}

static void cancel(struct world *world, struct account *account, const char *key)
{
    struct event event = event_of(EVENT_CANCEL);
    memcpy(event.cancel.subscription_key, key, KEY_MAX);
    event.cancel.at = INSTANT_NEVER;
    act(world, account, event);
}

static void change_price(struct world *world, struct account *account, const char *key,
                         int64_t amount, struct instant from)
{
    struct event event = event_of(EVENT_CHANGE);
    memcpy(event.change.subscription_key, key, KEY_MAX);
    event.change.has_amount = true;
    event.change.amount = money_of(amount, "JPY");
    event.change.amount_from = from;
    act(world, account, event);
}

/* --- the year -------------------------------------------------------------------------------- */

static void first_account(struct world *world)
{
    struct account *account = enrol(world, 0, AUDIT_SELLER, 1);
    subscribe(world, account, AUDIT_KEY, 10, 1200);
    subscribe(world, account, "OTHERAAAAAAAAAAA", 12, 800);
    world->declines[0] = (struct decline){AUDIT_KEY "-2-", REASON_AMAZON_REJECTED, 1};
    world->declines[1] = (struct decline){"OTHERAAAAAAAAAAA-2-", REASON_AMAZON_REJECTED, 3};
    live(world, account, date(1, 20));
    charge_once(world, account, AUDIT_ONCE, 300);
    refund(world, account, AUDIT_KEY "-1", 500);
    live(world, account, date(2, 25));
    refund(world, account, AUDIT_KEY "-1", 200);
    change_price(world, account, AUDIT_KEY, 1500, date(4, 1));
    live(world, account, date(4, 25)); /* cycles 3 and 4 */
    order(world, account, EVENT_SKIP, AUDIT_KEY);
    live(world, account, date(5, 25));
    pause_it(world, account, "OTHERAAAAAAAAAAA");
    live(world, account, date(7, 25));
    order(world, account, EVENT_RESUME, "OTHERAAAAAAAAAAA");
    live(world, account, date(8, 11));
    world->silent = "OTHERAAAAAAAAAAA-8-";
    live(world, account, (struct instant){date(8, 12).utc_ms + 32400000 + 5000});
}

static void second_account(struct world *world)
{
    struct account *account = enrol(world, 1, AUDIT_SELLER, 2);
    subscribe(world, account, "LEAVINGAAAAAAAAA", 15, 40000);
    live(world, account, date(2, 16));
    charge_once(world, account, "HELDAAAAAAAAAAAA", 20000); /* too much for this month */
    cancel(world, account, "LEAVINGAAAAAAAAA");
    live(world, account, date(3, 5)); /* paid, and then the agreement is closed */
}

static void third_account(struct world *world)
{
    struct account *account = enrol(world, 2, AUDIT_OTHER, 3);
    subscribe(world, account, "THIRDAAAAAAAAAAA", 20, 2500);
    live(world, account, date(3, 21));
    charge_once(world, account, "THIRDBBBBBBBBBBB", 49000); /* held until April */
}

static void read_zone(struct world *world)
{
    struct problem problem = {""};
    FILE *file = fopen("/usr/share/zoneinfo/Asia/Tokyo", "rb");
    size_t length = file == NULL ? 0 : fread(world->zone_bytes, 1, ZONE_BYTES, file);
    if (file == NULL || fclose(file) != 0 ||
        zone_read(&world->zone, "Asia/Tokyo", world->zone_bytes, length, &problem) != ST_OK) {
        fail("Asia/Tokyo", &problem);
    }
}

void audit_world_make(const char *path)
{
    struct world *world = calloc(1, sizeof *world);
    struct problem problem = {""};
    uint32_t version = 0;
    ENSURE(world != NULL);
    world->policy = policy_default();
    read_zone(world);
    if (store_sqlite_open(path, sha256, &world->store, &problem) != ST_OK) {
        fail(path, &problem);
    }
    world->now = date(1, 2);
    if (world->store->ops->save_policy(world->store, AUDIT_SELLER, POLICY_NAME_DEFAULT, "default",
                                       world->now, &version, &problem) != ST_OK) {
        fail("save_policy", &problem);
    }
    world->policy.version = version;
    first_account(world);
    world->silent = NULL;
    world->now = date(1, 3);
    second_account(world);
    world->policy.version = 0;
    world->now = date(1, 2);
    third_account(world);
    world->store->ops->close(world->store);
    free(world);
}
