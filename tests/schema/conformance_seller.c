/*
 * conformance_seller.c - what is decided about a whole seller, and its chained events; see
 * conformance.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mws/edge/crypto.h"
#include "schema/chain.h"
#include "tests/schema/conformance.h"

#define EVENTS_MAX      64
#define LIFTS_ITSELF_AT sample_at(600)

/* The seller's events, each of which has the digest that follows from the one before. */
static uint32_t read_chain(struct fixture *fixture, const char *seller_id,
                           struct change_view views[EVENTS_MAX])
{
    uint32_t count = 0;
    assert_ok(fixture, fixture->store->ops->list_changes(fixture->store, seller_id, 0, EVENTS_MAX,
                                                         views, &count, &fixture->problem));
    uint8_t digest[DIGEST_BYTES] = {0};
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(views[i].number, i + 1);
        chain_digest(sha256, digest, seller_id, &views[i], digest);
        assert_memory_equal(views[i].digest, digest, DIGEST_BYTES);
    }
    return count;
}

static void assert_change_until(const struct change_view *view, enum change_kind kind,
                                const char *subject, int from, int to, enum reason reason,
                                struct instant until)
{
    assert_string_equal(view->agreement_id, "");
    assert_int_equal(view->change.kind, kind);
    assert_string_equal(view->change.subject, subject);
    assert_int_equal(view->change.from, from);
    assert_int_equal(view->change.to, to);
    assert_int_equal(view->change.reason, reason);
    assert_false(money_is_valid(view->change.amount));
    assert_int_equal(view->change.until.utc_ms, until.utc_ms);
}

static void assert_change(const struct change_view *view, enum change_kind kind,
                          const char *subject, int from, int to, enum reason reason)
{
    assert_change_until(view, kind, subject, from, to, reason, INSTANT_NEVER);
}

/* ---- events ---- */

static void events_come_back_chained(void **state)
{
    struct fixture *fixture = *state;
    struct change_view views[EVENTS_MAX];
    for (uint64_t i = 0; i < 3; i++) {
        struct account *account = &fixture->account[i];
        struct effects *effects = &fixture->effects[i];
        sample_agreement(account, i == 1 ? OTHER_SELLER : SELLER, i);
        sample_effects(account, true, effects);
        sample_change(effects, CHANGE_PRICE, account->agreement.id, 0, 5);
        effects->changes[1].amount = money_of(INT64_MAX, "EUR");
        effects->changes[1].until = (struct instant){INT64_MIN};
        sample_change(effects, CHANGE_CYCLES, account->agreement.id, 7, 9);
        effects->changes[2].amount = money_of(0, "");
        effects->changes[2].until = INSTANT_NEVER;
        effects->changes[2].reason = REASON_MISSED;
        fixture->steps[i] = (struct step_record){account, effects, sample_at((int64_t)i), ST_OK};
    }
    assert_ok(fixture,
              fixture->store->ops->record(fixture->store, fixture->steps, 3, &fixture->problem));
    assert_int_equal(read_chain(fixture, OTHER_SELLER, views), 3);
    assert_int_equal(read_chain(fixture, SELLER, views), 6);
    assert_true(money_equal(views[4].change.amount, money_of(INT64_MAX, "EUR")));
    assert_int_equal(views[4].change.until.utc_ms, INT64_MIN);
    assert_false(money_is_valid(views[5].change.amount));
    assert_int_equal(views[5].change.until.utc_ms, INSTANT_NEVER.utc_ms);
    assert_int_equal(views[5].change.reason, REASON_MISSED);

    fixture->store = fixture->factory->reopen(fixture->factory->context, fixture->store);
    save_waking(fixture, SELLER, 9, LANE_RENEWAL, SAMPLE_NOW);
    assert_int_equal(read_chain(fixture, SELLER, views), 7);
}

/* A step that is refused after others of its batch leaves no gap and no link. */
static void attempts_are_listed_alone(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = fixture->store;
    static const enum change_kind kinds[] = {CHANGE_CHARGE, CHANGE_ATTEMPT, CHANGE_PRICE,
                                             CHANGE_STOP, CHANGE_ATTEMPT};
    struct account *account = &fixture->account[0];
    sample_agreement(account, SELLER, 1);
    sample_no_effects(fixture->effects);
    fixture->effects->is_new_account = true;
    for (unsigned i = 0; i < 5; i++) {
        sample_change(fixture->effects, kinds[i], account->agreement.id, 0, 1);
    }
    assert_int_equal(record_one(fixture, account, fixture->effects), ST_OK);
    struct change_view views[EVENTS_MAX];
    uint32_t count = 0;
    assert_ok(fixture, store->ops->list_attempt_changes(store, SELLER, 0, EVENTS_MAX, views, &count,
                                                        &fixture->problem));
    assert_int_equal(count, 3);
    assert_int_equal(views[0].number, 2);
    assert_int_equal(views[1].change.kind, CHANGE_STOP);
    assert_int_equal(views[2].number, 5);
    assert_ok(fixture, store->ops->list_attempt_changes(store, SELLER, 2, 1, views, &count,
                                                        &fixture->problem));
    assert_int_equal(count, 1);
    assert_int_equal(views[0].number, 4);
    assert_ok(fixture, store->ops->list_attempt_changes(store, OTHER_SELLER, 0, EVENTS_MAX, views,
                                                        &count, &fixture->problem));
    assert_int_equal(count, 0);
}

static void refused_steps_are_not_in_the_chain(void **state)
{
    struct fixture *fixture = *state;
    struct change_view views[EVENTS_MAX];
    save_waking(fixture, SELLER, 1, LANE_RENEWAL, SAMPLE_NOW);
    for (uint64_t i = 0; i < 4; i++) {
        struct account *account = &fixture->account[i];
        sample_agreement(account, SELLER, 10 + i);
        sample_subscription(account, i == 2 ? 1 : i); /* 2 uses 1's key */
        sample_effects(account, true, &fixture->effects[i]);
        fixture->steps[i] = (struct step_record){account, &fixture->effects[i], SAMPLE_NOW, ST_OK};
    }
    assert_ok(fixture,
              fixture->store->ops->record(fixture->store, fixture->steps, 4, &fixture->problem));
    assert_int_equal(fixture->steps[2].status, ST_CONFLICT);
    assert_int_equal(fixture->steps[3].status, ST_OK);
    assert_int_equal(read_chain(fixture, SELLER, views), 4);
    assert_string_equal(views[3].agreement_id, fixture->account[3].agreement.id);
}

/* ---- policies ---- */

static uint32_t save_policy(struct fixture *fixture, const char *name, const char *text,
                            int64_t seconds)
{
    uint32_t version = 99;
    assert_ok(fixture,
              fixture->store->ops->save_policy(fixture->store, SELLER, name, text,
                                               sample_at(seconds), &version, &fixture->problem));
    return version;
}

static void policies_are_versioned(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = fixture->store;
    struct change_view events[EVENTS_MAX];
    struct policy_view *views = calloc(4, sizeof *views);
    char *longest = calloc(1, POLICY_TEXT_MAX + 1);
    assert_non_null(views);
    assert_non_null(longest);
    memset(longest, 'x', POLICY_TEXT_MAX - 1);

    assert_int_equal(save_policy(fixture, "default", "a", 1), 1);
    assert_int_equal(save_policy(fixture, "default", "a", 2), 1);
    assert_int_equal(save_policy(fixture, "gentle", "a", 3), 2);
    assert_int_equal(save_policy(fixture, "default", longest, 4), 3);
    assert_int_equal(save_policy(fixture, "gentle", "a", 5), 2);
    assert_int_equal(save_policy(fixture, "default", "a", 6), 4); /* again what it was once */

    uint32_t count = 0;
    assert_ok(fixture,
              store->ops->list_policies(store, SELLER, 0, 3, views, &count, &fixture->problem));
    assert_int_equal(count, 3);
    assert_int_equal(views[0].version, 1);
    assert_string_equal(views[1].name, "gentle");
    assert_string_equal(views[2].text, longest);
    assert_int_equal(views[2].at.utc_ms, sample_at(4).utc_ms);
    assert_ok(fixture,
              store->ops->list_policies(store, SELLER, 3, 4, views, &count, &fixture->problem));
    assert_int_equal(count, 1);
    assert_int_equal(views[0].version, 4);
    assert_ok(fixture, store->ops->list_policies(store, OTHER_SELLER, 0, 4, views, &count,
                                                 &fixture->problem));
    assert_int_equal(count, 0);

    assert_int_equal(read_chain(fixture, SELLER, events), 4);
    assert_change(&events[0], CHANGE_POLICY, "default", 0, 1, REASON_NONE);
    assert_change(&events[1], CHANGE_POLICY, "gentle", 0, 2, REASON_NONE);
    assert_change(&events[2], CHANGE_POLICY, "default", 1, 3, REASON_NONE);
    assert_int_equal(events[3].at.utc_ms, sample_at(6).utc_ms);

    uint32_t version = 99;
    longest[POLICY_TEXT_MAX - 1] = 'x';
    assert_int_equal(store->ops->save_policy(store, SELLER, "default", longest, SAMPLE_NOW,
                                             &version, &fixture->problem),
                     ST_INVALID);
    assert_int_equal(version, 0);
    assert_int_equal(read_chain(fixture, SELLER, events), 4);
    free(views);
    free(longest);
}

/* ---- stop switches ---- */

static void set_stop(struct fixture *fixture, const char *seller_id, bool is_on, enum reason reason,
                     int64_t seconds)
{
    struct instant until = reason == REASON_CLOCK_BACK ? LIFTS_ITSELF_AT : INSTANT_NEVER;
    assert_ok(fixture, fixture->store->ops->set_stop(fixture->store, seller_id, is_on, reason,
                                                     sample_at(seconds), until, &fixture->problem));
}

static uint32_t list_stops(struct fixture *fixture, struct stop_view views[4])
{
    uint32_t count = 99;
    assert_ok(fixture,
              fixture->store->ops->list_stops(fixture->store, views, 4, &count, &fixture->problem));
    return count;
}

static void switches_stay_and_are_told(void **state)
{
    struct fixture *fixture = *state;
    struct change_view events[EVENTS_MAX];
    struct stop_view stops[4];
    assert_int_equal(list_stops(fixture, stops), 0);
    set_stop(fixture, SELLER, false, REASON_OPERATOR, 1); /* it is so already */
    assert_int_equal(read_chain(fixture, SELLER, events), 0);

    set_stop(fixture, SELLER, true, REASON_GUARD, 2);
    set_stop(fixture, SELLER, true, REASON_GUARD, 3); /* it is so already */
    save_waking(fixture, OTHER_SELLER, 1, LANE_RENEWAL, SAMPLE_NOW);
    set_stop(fixture, "", true, REASON_CLOCK_BACK, 3);
    assert_int_equal(list_stops(fixture, stops), 2);
    assert_int_equal(stops[0].at.utc_ms, sample_at(3).utc_ms);
    assert_int_equal(stops[0].until.utc_ms, LIFTS_ITSELF_AT.utc_ms);
    set_stop(fixture, "", true, REASON_CLOCK, 4);
    fixture->store = fixture->factory->reopen(fixture->factory->context, fixture->store);
    assert_int_equal(list_stops(fixture, stops), 2);
    assert_string_equal(stops[0].seller_id, "");
    assert_int_equal(stops[0].reason, REASON_CLOCK);
    assert_int_equal(stops[0].at.utc_ms, sample_at(4).utc_ms);
    assert_int_equal(stops[0].until.utc_ms, INSTANT_NEVER.utc_ms);
    assert_string_equal(stops[1].seller_id, SELLER);
    assert_int_equal(stops[1].reason, REASON_GUARD);
    assert_int_equal(stops[1].at.utc_ms, sample_at(2).utc_ms);

    set_stop(fixture, SELLER, false, REASON_OPERATOR, 5);
    set_stop(fixture, "", false, REASON_OPERATOR, 6);
    assert_int_equal(list_stops(fixture, stops), 0);
    assert_int_equal(read_chain(fixture, SELLER, events), 5);
    assert_change(&events[0], CHANGE_STOP, SELLER, 0, 1, REASON_GUARD);
    assert_change_until(&events[1], CHANGE_STOP, "", 0, 1, REASON_CLOCK_BACK, LIFTS_ITSELF_AT);
    assert_int_equal(events[1].at.utc_ms, sample_at(3).utc_ms);
    assert_change(&events[2], CHANGE_STOP, "", 1, 1, REASON_CLOCK); /* for another reason */
    assert_change(&events[3], CHANGE_STOP, SELLER, 1, 0, REASON_OPERATOR);
    assert_change(&events[4], CHANGE_STOP, "", 1, 0, REASON_OPERATOR);
    assert_int_equal(read_chain(fixture, OTHER_SELLER, events), 4);
    assert_change_until(&events[1], CHANGE_STOP, "", 0, 1, REASON_CLOCK_BACK, LIFTS_ITSELF_AT);
}

/* Saves an account asleep for ever with a charge WAITING for that reason. */
static void save_waiting(struct fixture *fixture, const char *seller_id, uint64_t number,
                         enum charge_state charge_state, enum reason reason)
{
    struct account *account = &fixture->account[0];
    sample_agreement(account, seller_id, number);
    account->agreement.care = CARE_NONE;
    account->agreement.care_at = INSTANT_NEVER;
    struct charge *charge = sample_one_off(account, number, "");
    charge->state = charge_state;
    charge->reason = reason;
    charge->retry_at = charge_state == CHARGE_HELD ? sample_at(90000) : INSTANT_NEVER;
    save_new(fixture, account);
}

static void what_waits_is_woken(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = fixture->store;
    save_waiting(fixture, SELLER, 1, CHARGE_WAITING, REASON_STOPPED);
    save_waiting(fixture, SELLER, 2, CHARGE_WAITING, REASON_GUARD);
    save_waiting(fixture, SELLER, 3, CHARGE_WAITING, REASON_AGREEMENT_SUSPENDED);
    save_waiting(fixture, SELLER, 4, CHARGE_HELD, REASON_STOPPED);
    save_waiting(fixture, OTHER_SELLER, 5, CHARGE_WAITING, REASON_STOPPED);
    struct seller_totals totals;
    assert_ok(fixture, store->ops->totals(store, SELLER, SAMPLE_NOW, &totals, &fixture->problem));
    assert_int_equal(totals.stopped, 2);
    assert_int_equal(totals.charges[CHARGE_WAITING], 3);
    assert_int_equal(totals.backlog, 0);

    uint64_t count = 99;
    for (int round = 0; round < 2; round++) { /* the second finds them due already */
        assert_ok(fixture, store->ops->wake_waiting(store, SELLER, REASON_STOPPED, sample_at(10),
                                                    &count, &fixture->problem));
        assert_int_equal(count, round == 0 ? 1 : 0);
    }
    struct claim claim = {.seller_id = SELLER, .max = 8};
    assert_ok(fixture, store->ops->claim(store, sample_at(10), &claim, 1, fixture->account,
                                         &fixture->problem));
    assert_int_equal(claim.count, 1);
    assert_int_equal(fixture->account[0].charges[0].reason, REASON_STOPPED);
    assert_int_equal(fixture->account[0].agreement.version, 1); /* whoever holds it may go on */
}

/* A charge WAITING because of a stop, in an account asleep for ever: of a subscription, its first
 * or a later one, tried before or not. */
static void save_stopped(struct fixture *fixture, uint64_t number, bool is_first, bool is_tried)
{
    struct account *account = &fixture->account[0];
    sample_agreement(account, SELLER, number);
    account->agreement.care = CARE_NONE;
    account->agreement.care_at = INSTANT_NEVER;
    struct charge *charge = sample_charge(account, sample_subscription(account, number));
    charge->is_first = is_first;
    if (is_tried) {
        sample_attempt(charge);
        charge->attempt.state = ATTEMPT_DECLINED;
        charge->attempt.resend_at = INSTANT_NEVER;
        charge->attempt.answered_at = sample_at(70);
    }
    charge->state = CHARGE_WAITING;
    charge->reason = REASON_STOPPED;
    save_new(fixture, account);
}

/* When a switch is lifted the backlog goes in the order of service, not of its age. */
static void what_waits_is_woken_into_its_lane(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = fixture->store;
    static const uint64_t order[] = {4, 3, 2, 1};
    save_stopped(fixture, 1, true, true);
    save_stopped(fixture, 2, false, false);
    save_stopped(fixture, 3, true, false);
    save_waiting(fixture, SELLER, 4, CHARGE_WAITING, REASON_STOPPED);
    uint64_t count = 0;
    assert_ok(fixture, store->ops->wake_waiting(store, SELLER, REASON_STOPPED, sample_at(5000),
                                                &count, &fixture->problem));
    assert_int_equal(count, 4);
    struct claim claim = {.seller_id = SELLER, .max = 4};
    assert_ok(fixture, store->ops->claim(store, sample_at(5000), &claim, 1, fixture->account,
                                         &fixture->problem));
    assert_int_equal(claim.count, 4);
    for (uint32_t i = 0; i < claim.count; i++) {
        struct account expected;
        sample_agreement(&expected, SELLER, order[i]);
        assert_string_equal(fixture->account[i].agreement.id, expected.agreement.id);
        assert_int_equal(fixture->account[i].agreement.lane, LANE_ONE_OFF + (int)i);
    }
}

static void assert_last_write(struct fixture *fixture, struct instant expected)
{
    struct instant at = {0};
    assert_ok(fixture, fixture->store->ops->last_write(fixture->store, &at, &fixture->problem));
    assert_int_equal(at.utc_ms, expected.utc_ms);
}

static void the_last_write_is_known(void **state)
{
    struct fixture *fixture = *state;
    struct problem *problem = &fixture->problem;
    assert_last_write(fixture, INSTANT_NEVER);
    assert_ok(fixture, fixture->store->ops->probe(fixture->store, sample_at(-50), problem));
    assert_last_write(fixture, sample_at(-50));
    save_waking(fixture, SELLER, 1, LANE_RENEWAL, SAMPLE_NOW);
    assert_last_write(fixture, SAMPLE_NOW);
    assert_ok(fixture, fixture->store->ops->probe(fixture->store, sample_at(-10), problem));
    assert_last_write(fixture, SAMPLE_NOW);
    save_policy(fixture, "default", "a", 20);
    assert_last_write(fixture, sample_at(20));
    set_stop(fixture, OTHER_SELLER, true, REASON_OPERATOR, 30);
    assert_last_write(fixture, sample_at(30));
    struct notice notice;
    sample_notice(&notice, SELLER, NOTICE_ORDER, 40); /* received 2 s later */
    assert_ok(fixture, fixture->store->ops->keep_notices(fixture->store, &notice, 1, problem));
    assert_last_write(fixture, sample_at(42));
    save_waking(fixture, OTHER_SELLER, 2, LANE_RENEWAL, SAMPLE_NOW);
    struct account *account = &fixture->account[FIXTURE_ACCOUNTS - 1];
    fixture->effects[0] = (struct effects){0};
    struct step_record ahead = {account, fixture->effects, sample_at(400), ST_NETWORK};
    assert_ok(fixture, fixture->store->ops->record(fixture->store, &ahead, 1, problem));
    assert_ok(fixture, ahead.status);
    assert_last_write(fixture, sample_at(400));
    set_stop(fixture, SELLER, false, REASON_OPERATOR, 50);
    assert_last_write(fixture, sample_at(400));
    set_stop(fixture, "", true, REASON_CLOCK, 410);
    set_stop(fixture, "", false, REASON_OPERATOR, 60);
    assert_last_write(fixture, sample_at(60));
}

const struct conformance_case seller_cases[CASES_MAX] = {
    {"events_come_back_chained", events_come_back_chained},
    {"attempts_are_listed_alone", attempts_are_listed_alone},
    {"refused_steps_are_not_in_the_chain", refused_steps_are_not_in_the_chain},
    {"policies_are_versioned", policies_are_versioned},
    {"switches_stay_and_are_told", switches_stay_and_are_told},
    {"what_waits_is_woken", what_waits_is_woken},
    {"what_waits_is_woken_into_its_lane", what_waits_is_woken_into_its_lane},
    {"the_last_write_is_known", the_last_write_is_known},
};
