/* conformance_read.c - finding, reading, listing and counting; see conformance.h. */
#include <stdio.h>
#include <string.h>

#include "tests/schema/conformance.h"

static void found_and_not_found(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = fixture->store;
    struct problem *problem = &fixture->problem;
    struct account *account = &fixture->account[0];
    sample_agreement(account, SELLER, 1);
    struct subscription *subscription = sample_subscription(account, 11);
    sample_charge(account, subscription);
    sample_one_off(account, 12, "order-1");
    sample_one_off(account, 13, ""); /* without a key */
    save_new(fixture, account);

    struct subscription_view view;
    assert_ok(fixture,
              store->ops->read_subscription(store, SELLER, subscription->key, &view, problem));
    assert_string_equal(view.agreement_id, account->agreement.id);
    assert_same_subscription(subscription, &view.subscription);
    const char *signup = subscription->idempotency_key;
    assert_ok(fixture, store->ops->find_subscription(store, SELLER, signup, &view, problem));
    assert_string_equal(view.agreement_id, account->agreement.id);
    assert_same_subscription(subscription, &view.subscription);
    struct charge_view charge;
    assert_ok(fixture, store->ops->find_one_off(store, SELLER, "order-1", &charge, problem));
    assert_string_equal(charge.agreement_id, account->agreement.id);
    assert_same_charge(&account->charges[1], &charge.charge);

    static struct account loaded;
    uint32_t count = 99;
    /* what another seller has, does not exist */
    const char *other = OTHER_SELLER;
    assert_int_equal(store->ops->find_subscription(store, other, signup, &view, problem),
                     ST_NOT_FOUND);
    assert_int_equal(
        store->ops->find_subscription(store, SELLER, subscription->key, &view, problem),
        ST_NOT_FOUND);
    assert_int_equal(store->ops->find_subscription(store, SELLER, "order-1", &view, problem),
                     ST_NOT_FOUND);
    assert_int_equal(store->ops->find_one_off(store, SELLER, signup, &charge, problem),
                     ST_NOT_FOUND);
    assert_int_equal(store->ops->read_subscription(store, other, subscription->key, &view, problem),
                     ST_NOT_FOUND);
    assert_int_equal(store->ops->find_one_off(store, other, "order-1", &charge, problem),
                     ST_NOT_FOUND);
    assert_int_equal(store->ops->find_one_off(store, SELLER, "", &charge, problem), ST_NOT_FOUND);
    assert_int_equal(store->ops->read_charge(store, other, account->charges[0].id, &charge, NULL, 0,
                                             &count, problem),
                     ST_NOT_FOUND);
    assert_int_equal(
        store->ops->load_account(store, other, account->agreement.id, &loaded, problem),
        ST_NOT_FOUND);
    assert_non_null(strstr(problem->text, account->agreement.id));
}

static void charge_with_its_attempts(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = fixture->store;
    struct account *account = &fixture->account[0];
    sample_agreement(account, SELLER, 1);
    struct charge *charge = sample_charge(account, sample_subscription(account, 11));
    save_new(fixture, account);
    struct charge_view view;
    struct attempt attempts[12];
    uint32_t count = 99;
    assert_ok(fixture, store->ops->read_charge(store, SELLER, charge->id, &view, attempts, 12,
                                               &count, &fixture->problem));
    assert_int_equal(count, 0);
    assert_same_charge(charge, &view.charge);
    struct attempt made[11];
    for (uint32_t i = 0; i < 11; i++) { /* past 9, where the order of texts would differ */
        sample_attempt(charge);
        if (i < 10) {
            charge->attempt.state = ATTEMPT_DECLINED;
            charge->attempt.reason = REASON_INVALID_PAYMENT_METHOD;
        } else {
            sample_capture(charge);
        }
        made[i] = charge->attempt;
        save(fixture, account);
        account->subscription_count = 0; /* already recorded */
    }
    assert_ok(fixture, store->ops->read_charge(store, SELLER, charge->id, &view, attempts, 12,
                                               &count, &fixture->problem));
    assert_int_equal(count, 11);
    for (uint32_t i = 0; i < 11; i++) {
        assert_same_attempt(&made[i], &attempts[i]);
    }
    assert_same_charge(charge, &view.charge);
    attempts[3].number = 77;
    assert_ok(fixture, store->ops->read_charge(store, SELLER, charge->id, &view, attempts, 3,
                                               &count, &fixture->problem));
    assert_int_equal(count, 11);
    assert_int_equal(attempts[2].number, 3);
    assert_int_equal(attempts[3].number, 77);
}

/* Fifteen agreements with a subscription and a charge each, of three kinds in turn. */
static void save_many(struct fixture *fixture)
{
    struct account *account = &fixture->account[0];
    for (uint64_t i = 0; i < 15; i++) {
        sample_agreement(account, SELLER, i);
        struct subscription *subscription = sample_subscription(account, i);
        struct charge *charge = sample_charge(account, subscription);
        sample_attempt(charge);
        if (i % 3 == 0) {
            subscription->state = SUBSCRIPTION_PAST_DUE;
            charge->attempt.state = ATTEMPT_UNKNOWN;
        } else if (i % 3 == 1) {
            sample_capture(charge);
        }
        save_new(fixture, account);
        account->agreement.seller_id[1] = '9'; /* a neighbour with the same ids */
        account->agreement.version = 0;
        save_new(fixture, account);
    }
}

static void agreements_by_page(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = fixture->store;
    save_many(fixture);
    struct agreement page[4];
    char after[AGREEMENT_ID_MAX] = "";
    uint32_t seen = 0;
    for (int round = 0; round < 5; round++) {
        uint32_t count = 99;
        assert_ok(fixture, store->ops->list_agreements(store, SELLER, (struct page){after, 4}, page,
                                                       &count, &fixture->problem));
        assert_int_equal(count, round < 3 ? 4 : round == 3 ? 3 : 0);
        for (uint32_t i = 0; i < count; i++) {
            assert_true(strcmp(after, page[i].id) < 0);
            assert_string_equal(page[i].seller_id, SELLER);
            snprintf(after, sizeof after, "%s", page[i].id);
            seen++;
        }
    }
    assert_int_equal(seen, 15);
}

/* How many subscriptions all pages of three have, each checked against what was asked for. */
static uint32_t count_subscriptions(struct fixture *fixture, const char *agreement_id,
                                    enum subscription_state state)
{
    struct store *store = fixture->store;
    struct subscription_view page[3];
    char after[KEY_MAX] = "";
    uint32_t seen = 0;
    uint32_t count = 3;
    while (count == 3) {
        assert_ok(fixture, store->ops->list_subscriptions(store, SELLER, agreement_id, state,
                                                          (struct page){after, 3}, page, &count,
                                                          &fixture->problem));
        for (uint32_t i = 0; i < count; i++) {
            assert_true(strcmp(after, page[i].subscription.key) < 0);
            assert_true(state == 0 || page[i].subscription.state == state);
            assert_true(agreement_id[0] == '\0' || strcmp(agreement_id, page[i].agreement_id) == 0);
            memcpy(after, page[i].subscription.key, sizeof after);
            seen++;
        }
    }
    return seen;
}

static void subscriptions_by_page(void **state)
{
    struct fixture *fixture = *state;
    save_many(fixture);
    struct account *account = &fixture->account[0];
    sample_agreement(account, SELLER, 99);
    for (uint64_t i = 0; i < 6; i++) {
        struct subscription *subscription = sample_subscription(account, 900 + i);
        subscription->state = i < 2 ? SUBSCRIPTION_ENDED : SUBSCRIPTION_ACTIVE;
    }
    save_new(fixture, account);
    const char *id = account->agreement.id;
    assert_int_equal(count_subscriptions(fixture, "", 0), 21);
    assert_int_equal(count_subscriptions(fixture, "", SUBSCRIPTION_ACTIVE), 14);
    assert_int_equal(count_subscriptions(fixture, "", SUBSCRIPTION_PAST_DUE), 5);
    assert_int_equal(count_subscriptions(fixture, "", SUBSCRIPTION_ENDED), 2);
    assert_int_equal(count_subscriptions(fixture, "", SUBSCRIPTION_CANCELED), 0);
    assert_int_equal(count_subscriptions(fixture, id, 0), 6);
    assert_int_equal(count_subscriptions(fixture, id, SUBSCRIPTION_ACTIVE), 4);
    assert_int_equal(count_subscriptions(fixture, id, SUBSCRIPTION_ENDED), 2);
    assert_int_equal(count_subscriptions(fixture, "C01-nobody", 0), 0);
}

static uint32_t count_charges_of(struct fixture *fixture, const char *agreement_id, const char *key,
                                 enum charge_state state)
{
    struct store *store = fixture->store;
    struct charge_view page[4];
    char after[CHARGE_ID_MAX] = "";
    uint32_t seen = 0;
    uint32_t count = 4;
    while (count == 4) {
        assert_ok(fixture, store->ops->list_charges(store, SELLER, agreement_id, key, state,
                                                    (struct page){after, 4}, page, &count,
                                                    &fixture->problem));
        for (uint32_t i = 0; i < count; i++) {
            const struct charge *charge = &page[i].charge;
            assert_true(strcmp(after, charge->id) < 0);
            assert_true(state == 0 || charge->state == state);
            assert_true(key[0] == '\0' || strcmp(key, charge->subscription_key) == 0);
            assert_true(agreement_id[0] == '\0' || strcmp(agreement_id, page[i].agreement_id) == 0);
            assert_int_equal(charge->attempt.number, charge->state == CHARGE_DUE ? 0 : 1);
            memcpy(after, charge->id, sizeof after);
            seen++;
        }
    }
    return seen;
}

static uint32_t count_charges(struct fixture *fixture, const char *key, enum charge_state state)
{
    return count_charges_of(fixture, "", key, state);
}

static void charges_by_page(void **state)
{
    struct fixture *fixture = *state;
    save_many(fixture);
    struct account *account = &fixture->account[0];
    sample_agreement(account, SELLER, 99);
    struct subscription *subscription = sample_subscription(account, 900);
    for (int i = 0; i < 10; i++) { /* cycles 3 to 12 */
        struct charge *charge = sample_charge(account, subscription);
        if (i < 3) {
            sample_attempt(charge);
            charge->attempt.state = ATTEMPT_DECLINED;
            charge->state = CHARGE_FAILED;
        }
    }
    sample_one_off(account, 901, "order");
    save_new(fixture, account);
    assert_int_equal(count_charges(fixture, "", 0), 26);
    assert_int_equal(count_charges(fixture, "", CHARGE_DUE), 8);
    assert_int_equal(count_charges(fixture, "", CHARGE_ATTEMPTING), 10);
    assert_int_equal(count_charges(fixture, "", CHARGE_PAID), 5);
    assert_int_equal(count_charges(fixture, "", CHARGE_FAILED), 3);
    assert_int_equal(count_charges(fixture, subscription->key, 0), 10);
    assert_int_equal(count_charges(fixture, subscription->key, CHARGE_DUE), 7);
    assert_int_equal(count_charges(fixture, subscription->key, CHARGE_FAILED), 3);
    char key[KEY_MAX]; /* of a one-off: no subscription */
    sample_key(901, key);
    assert_int_equal(count_charges(fixture, key, 0), 0);
}

/* Two subscriptions and one-offs between them in the order of ids, of one agreement of several. */
static void charges_of_an_agreement(void **state)
{
    struct fixture *fixture = *state;
    save_many(fixture);
    struct account *account = &fixture->account[0];
    sample_agreement(account, SELLER, 99);
    for (uint64_t i = 0; i < 2; i++) {
        struct subscription *subscription = sample_subscription(account, 900 + i);
        subscription->state = i == 0 ? SUBSCRIPTION_CANCELED : SUBSCRIPTION_ACTIVE;
        subscription->next_cycle = 8; /* the ids of cycles 8 to 11 are in another order */
        for (int cycle = 0; cycle < 4; cycle++) {
            sample_charge(account, subscription);
        }
    }
    for (uint64_t i = 0; i < 3; i++) {
        struct charge *charge = sample_one_off(account, 910 + i, "");
        sample_attempt(charge);
        sample_capture(charge);
    }
    save_new(fixture, account);
    const char *id = account->agreement.id;
    assert_int_equal(count_charges_of(fixture, id, "", 0), 11);
    assert_int_equal(count_charges_of(fixture, id, "", CHARGE_DUE), 8);
    assert_int_equal(count_charges_of(fixture, id, "", CHARGE_PAID), 3);
    assert_int_equal(count_charges_of(fixture, id, "", CHARGE_FAILED), 0);
    assert_int_equal(count_charges_of(fixture, id, account->subscriptions[1].key, 0), 4);
    assert_int_equal(count_charges_of(fixture, "C01-nobody", account->subscriptions[1].key, 0), 0);
    assert_int_equal(count_charges_of(fixture, "C01-nobody", "", 0), 0);
    /* Another seller has no such agreement, and the agreements of save_many() one charge each. */
    struct charge_view page[1];
    uint32_t count = 99;
    assert_ok(fixture, fixture->store->ops->list_charges(fixture->store, OTHER_SELLER, id, "", 0,
                                                         (struct page){"", 1}, page, &count,
                                                         &fixture->problem));
    assert_int_equal(count, 0);
    sample_agreement(account, SELLER, 3);
    assert_int_equal(count_charges_of(fixture, account->agreement.id, "", 0), 1);
}

static void totals_count(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = fixture->store;
    struct seller_totals totals;
    memset(&totals, 0xa5, sizeof totals);
    assert_ok(fixture, store->ops->totals(store, SELLER, sample_at(0), &totals, &fixture->problem));
    assert_int_equal(totals.agreements, 0);
    assert_int_equal(totals.backlog, 0);
    assert_int_equal(totals.oldest_wake.utc_ms, INSTANT_NEVER.utc_ms);
    assert_int_equal(totals.oldest_unknown.utc_ms, INSTANT_NEVER.utc_ms);

    save_many(fixture);
    for (uint64_t lane = LANE_SETTLE; lane <= LANE_CARE; lane++) {
        save_waking(fixture, SELLER, 100 + lane, (enum lane)lane, sample_at(10 * (int64_t)lane));
    }
    assert_ok(fixture,
              store->ops->totals(store, SELLER, sample_at(50), &totals, &fixture->problem));
    assert_int_equal(totals.agreements, 21);
    assert_int_equal(totals.subscriptions, 15);
    assert_int_equal(totals.past_due, 5);
    assert_int_equal(totals.backlog, 5);
    assert_int_equal(totals.oldest_wake.utc_ms, sample_at(10).utc_ms);
    assert_int_equal(totals.charges[CHARGE_ATTEMPTING], 10);
    assert_int_equal(totals.charges[CHARGE_DUE], 0);
    assert_int_equal(totals.charges[CHARGE_PAID], 0);
    assert_int_equal(totals.unanswered_attempts, 5);
    assert_int_equal(totals.unknown_attempts, 5);
    assert_int_equal(totals.oldest_unknown.utc_ms, sample_at(63).utc_ms);
}

/* What Amazon has not decided yet is no unknown attempt. */
static void totals_tell_pending_from_unknown(void **state)
{
    struct fixture *fixture = *state;
    static const enum reason reasons[] = {REASON_PENDING, REASON_NO_ANSWER, REASON_PENDING,
                                          REASON_NONE, REASON_AGREEMENT_UNKNOWN};
    struct account *account = &fixture->account[0];
    sample_agreement(account, SELLER, 1);
    for (uint64_t i = 0; i < 5; i++) {
        struct charge *charge = sample_one_off(account, i, "");
        sample_attempt(charge);
        charge->attempt.state = ATTEMPT_UNKNOWN;
        charge->attempt.reason = reasons[i];
        charge->attempt.created_at = sample_at(100 - (int64_t)i);
    }
    account->charges[3].attempt.state = ATTEMPT_INTENT;
    save_new(fixture, account);
    struct seller_totals totals;
    assert_ok(fixture, fixture->store->ops->totals(fixture->store, SELLER, sample_at(0), &totals,
                                                   &fixture->problem));
    assert_int_equal(totals.pending_attempts, 2);
    assert_int_equal(totals.oldest_pending.utc_ms, sample_at(98).utc_ms);
    assert_int_equal(totals.unknown_attempts, 2);
    assert_int_equal(totals.oldest_unknown.utc_ms, sample_at(96).utc_ms);
    assert_int_equal(totals.unanswered_attempts, 1);
}

static void totals_follow_the_states(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = fixture->store;
    struct account *account = &fixture->account[0];
    sample_agreement(account, SELLER, 1);
    struct subscription *subscription = sample_subscription(account, 1);
    save_new(fixture, account);
    /* to and fro, and out: agreement state, subscription state, agreements, live, past due */
    const int steps[][5] = {
        {AGREEMENT_SUSPENDED, SUBSCRIPTION_PAST_DUE, 1, 1, 1},
        {AGREEMENT_OPEN, SUBSCRIPTION_ACTIVE, 1, 1, 0},
        {AGREEMENT_CLOSED, SUBSCRIPTION_CANCELED, 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        account->agreement.state = (enum agreement_state)steps[i][0];
        subscription->state = (enum subscription_state)steps[i][1];
        save(fixture, account);
        struct seller_totals totals;
        assert_ok(fixture,
                  store->ops->totals(store, SELLER, sample_at(0), &totals, &fixture->problem));
        assert_int_equal(totals.agreements, steps[i][2]);
        assert_int_equal(totals.subscriptions, steps[i][3]);
        assert_int_equal(totals.past_due, steps[i][4]);
    }
    /* What is refused is not counted. */
    struct account *other = &fixture->account[1];
    sample_agreement(other, SELLER, 2);
    sample_subscription(other, 1); /* the key exists */
    sample_effects(other, true, fixture->effects);
    assert_int_equal(record_one(fixture, other, fixture->effects), ST_CONFLICT);
    struct seller_totals totals;
    assert_ok(fixture, store->ops->totals(store, SELLER, sample_at(0), &totals, &fixture->problem));
    assert_int_equal(totals.agreements, 0);
    assert_int_equal(totals.subscriptions, 0);
}

static enum status record_at(struct fixture *fixture, const struct account *account, bool is_new,
                             struct instant at)
{
    sample_no_effects(fixture->effects); /* no change of state: it counts all the same */
    fixture->effects->is_new_account = is_new;
    struct step_record step = {account, fixture->effects, at, ST_NETWORK};
    assert_ok(fixture, fixture->store->ops->record(fixture->store, &step, 1, &fixture->problem));
    return step.status;
}

static void last_step_of_a_seller(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = fixture->store;
    struct account *account = &fixture->account[0];
    struct instant at = {5};
    assert_ok(fixture, store->ops->last_step(store, SELLER, &at, &fixture->problem));
    assert_int_equal(at.utc_ms, INSTANT_NEVER.utc_ms);
    sample_agreement(account, SELLER, 1);
    assert_ok(fixture, record_at(fixture, account, true, sample_at(10)));
    assert_int_equal(record_at(fixture, account, true, sample_at(99)), ST_CONFLICT);
    account->agreement.version++;
    assert_ok(fixture, record_at(fixture, account, false, sample_at(7))); /* a clock set back */
    assert_ok(fixture, store->ops->last_step(store, SELLER, &at, &fixture->problem));
    assert_int_equal(at.utc_ms, sample_at(10).utc_ms);
    account->agreement.version++;
    assert_ok(fixture, record_at(fixture, account, false, sample_at(20)));
    assert_ok(fixture, store->ops->last_step(store, SELLER, &at, &fixture->problem));
    assert_int_equal(at.utc_ms, sample_at(20).utc_ms);
    assert_ok(fixture, store->ops->last_step(store, OTHER_SELLER, &at, &fixture->problem));
    assert_int_equal(at.utc_ms, INSTANT_NEVER.utc_ms);
}

const struct conformance_case read_cases[CASES_MAX] = {
    {"found_and_not_found", found_and_not_found},
    {"charge_with_its_attempts", charge_with_its_attempts},
    {"agreements_by_page", agreements_by_page},
    {"subscriptions_by_page", subscriptions_by_page},
    {"charges_by_page", charges_by_page},
    {"charges_of_an_agreement", charges_of_an_agreement},
    {"totals_count", totals_count},
    {"totals_tell_pending_from_unknown", totals_tell_pending_from_unknown},
    {"totals_follow_the_states", totals_follow_the_states},
    {"last_step_of_a_seller", last_step_of_a_seller},
};
