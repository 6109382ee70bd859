/* conformance_record.c - what recording keeps, refuses and undoes; see conformance.h. */
#include <stdio.h>
#include <string.h>

#include "tests/schema/conformance.h"

/* An account that uses every table: two subscriptions, a charge with a declined and an unknown
 * attempt, one that is only due, and a one-off. */
static void rich_account(struct account *account, const char *seller_id)
{
    sample_agreement(account, seller_id, 1);
    struct subscription *first = sample_subscription(account, 11);
    struct subscription *second = sample_subscription(account, 12);
    second->state = SUBSCRIPTION_PAST_DUE;
    second->cancel_at = INSTANT_NEVER;
    second->due_at = INSTANT_NEVER;
    second->rule.end = (struct civil_date){0, 0, 0};
    struct charge *charge = sample_charge(account, first);
    sample_attempt(charge);
    sample_charge(account, second);
    sample_one_off(account, 13, "order-1");
}

static struct account *load(struct fixture *fixture, const char *seller_id, const char *id)
{
    struct account *loaded = &fixture->account[FIXTURE_ACCOUNTS - 1];
    memset(loaded, 0xa5, sizeof *loaded); /* what is not stored must not be left over */
    assert_ok(fixture, fixture->store->ops->load_account(fixture->store, seller_id, id, loaded,
                                                         &fixture->problem));
    return loaded;
}

/* Loading gives what was recorded, whatever the order of the rows. */
static void assert_stored(struct fixture *fixture, const struct account *account)
{
    struct account *loaded = load(fixture, account->agreement.seller_id, account->agreement.id);
    assert_same_agreement(&account->agreement, &loaded->agreement);
    assert_int_equal(account->subscription_count, loaded->subscription_count);
    assert_int_equal(account->charge_count, loaded->charge_count);
    for (uint32_t i = 0; i < account->subscription_count; i++) {
        const struct subscription *saved = &account->subscriptions[i];
        const struct subscription *found = account_subscription(loaded, saved->key);
        assert_non_null(found);
        assert_same_subscription(saved, found);
    }
    for (uint32_t i = 0; i < account->charge_count; i++) {
        const struct charge *saved = &account->charges[i];
        const struct charge *found = account_charge(loaded, saved->id);
        assert_non_null(found);
        assert_same_charge(saved, found);
    }
}

static uint32_t event_count(struct fixture *fixture, const char *seller_id)
{
    struct change_view views[64];
    uint32_t count = 0;
    assert_ok(fixture, fixture->store->ops->list_changes(fixture->store, seller_id, 0, 64, views,
                                                         &count, &fixture->problem));
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(views[i].number, i + 1);
    }
    return count;
}

static void everything_comes_back(void **state)
{
    struct fixture *fixture = *state;
    struct account *account = &fixture->account[0];
    rich_account(account, SELLER);
    save_new(fixture, account);
    assert_int_equal(account->agreement.version, 1);
    assert_stored(fixture, account);

    struct charge *charge = &account->charges[0];
    charge->attempt.state = ATTEMPT_UNKNOWN;
    charge->attempt.unanswered = 3;
    charge->attempt.discover = true;
    charge->attempt.reason = REASON_NO_ANSWER;
    charge->attempt.answered_at = sample_at(99);
    charge->reason = REASON_NO_ANSWER;
    account->subscriptions[1].state = SUBSCRIPTION_ACTIVE;
    account->subscriptions[1].due_at = sample_at(1234);
    account->charges[1].state = CHARGE_HELD;
    account->charges[1].retry_at = sample_at(4321);
    account->agreement.close_wanted = true;
    account->agreement.confirm_wanted = false;
    account->agreement.care = CARE_NONE;
    account->agreement.care_at = INSTANT_NEVER;
    account->agreement.wake_at = sample_at(5);
    account->agreement.lane = LANE_SETTLE;
    save(fixture, account);
    assert_stored(fixture, account);

    struct subscription *paused = &account->subscriptions[0];
    paused->state = SUBSCRIPTION_PAUSED;
    paused->resume_at = sample_at(70000);
    paused->next_amount = money_of(0, ""); /* no change after all */
    paused->next_amount_at = INSTANT_NEVER;
    struct subscription *leaving = &account->subscriptions[1];
    leaving->state = SUBSCRIPTION_LEAVING;
    snprintf(leaving->successor_agreement_id, AGREEMENT_ID_MAX, "C01-0000000-7654321");
    sample_key(1000000, leaving->successor_key);
    leaving->hand_over_at = sample_at(80000);
    leaving->hand_over_tries = 3;
    charge->state = CHARGE_AUTHORIZED;
    charge->attempt.state = ATTEMPT_AUTHORIZED;
    charge->attempt.capture_number = 3;
    charge->word = WORD_NONE;
    charge->is_approved = false;
    save(fixture, account);
    assert_stored(fixture, account);

    fixture->store = fixture->factory->reopen(fixture->factory->context, fixture->store);
    assert_stored(fixture, account);
}

static void extremes_come_back(void **state)
{
    struct fixture *fixture = *state;
    struct account *account = &fixture->account[0];
    rich_account(account, "A234567890123456789012345678901");
    struct agreement *agreement = &account->agreement;
    agreement->limit = (struct limit){
        .amount = money_of(INT64_MAX, "JPY"),
        .posted = money_of(INT64_MAX - 1200, "JPY"), /* the rest is reserved */
        .period_start = {INT64_MIN},
        .period_end = {INT64_MAX - 1},
    };
    agreement->care_tries = UINT32_MAX;
    struct subscription *subscription = &account->subscriptions[0];
    memset(subscription->idempotency_key, '#', IDEMPOTENCY_KEY_MAX - 1);
    memset(subscription->note, 'n', NOTE_MAX - 1);
    memset(subscription->label, '\'', LABEL_MAX - 1);
    memset(subscription->zone_name, 'Z', ZONE_NAME_MAX - 1);
    subscription->amount = money_of(INT64_MAX, "EUR");
    subscription->rule.anchor = (struct civil_date){9999, 12, 31};
    subscription->next_cycle = RECUR_CYCLE_MAX;
    struct charge *one_off = &account->charges[2];
    memset(one_off->idempotency_key, 'k', IDEMPOTENCY_KEY_MAX - 1);
    snprintf(one_off->label, LABEL_MAX, "'; DROP TABLE charge; -- \" \\ %%s :id ?1");
    snprintf(one_off->note, NOTE_MAX, "\xe5\xae\x9a\xe6\x9c\x9f\xe4\xbe\xbf \xf0\x9f\x8d\xb5");
    save_new(fixture, account);
    assert_stored(fixture, account);
}

static void unknown_limit_stays_unknown(void **state)
{
    struct fixture *fixture = *state;
    struct account *account = &fixture->account[0];
    sample_agreement(account, SELLER, 1);
    account->agreement.state = AGREEMENT_UNSYNCED;
    account->agreement.limit =
        (struct limit){.period_start = INSTANT_NEVER, .period_end = INSTANT_NEVER};
    account->agreement.lane = 0;
    account->agreement.synced_at = INSTANT_NEVER;
    save_new(fixture, account);
    assert_stored(fixture, account);
    assert_false(limit_is_known(&load(fixture, SELLER, account->agreement.id)->agreement.limit));
}

static void stale_version_is_lost(void **state)
{
    struct fixture *fixture = *state;
    struct account *account = &fixture->account[0];
    struct account *stale = &fixture->account[1];
    rich_account(account, SELLER);
    save_new(fixture, account);
    *stale = *account;
    account->subscriptions[0].next_cycle = 50;
    save(fixture, account);
    uint32_t events = event_count(fixture, SELLER);

    stale->subscriptions[0].next_cycle = 60;
    sample_one_off(stale, 77, "from the past");
    sample_effects(stale, false, fixture->effects);
    assert_int_equal(record_one(fixture, stale, fixture->effects), ST_LOST);
    assert_stored(fixture, account);
    assert_int_equal(event_count(fixture, SELLER), events);

    stale->agreement.version = account->agreement.version + 1; /* the future is not better */
    assert_int_equal(record_one(fixture, stale, fixture->effects), ST_LOST);
    assert_stored(fixture, account);
}

static void new_and_absent_accounts(void **state)
{
    struct fixture *fixture = *state;
    struct account *account = &fixture->account[0];
    sample_agreement(account, SELLER, 1);
    sample_effects(account, false, fixture->effects);
    assert_int_equal(record_one(fixture, account, fixture->effects), ST_LOST);
    save_new(fixture, account);
    account->agreement.version = 0;
    sample_effects(account, true, fixture->effects);
    assert_int_equal(record_one(fixture, account, fixture->effects), ST_CONFLICT);
    account->agreement.version = 1;
    assert_stored(fixture, account);
    /* The same agreement id at another seller is another agreement. */
    sample_agreement(account, OTHER_SELLER, 1);
    save_new(fixture, account);
    assert_stored(fixture, account);
}

/* Records accounts 0..4 as one batch of new accounts; 1 and 3 are spoilt by the caller. */
static void refused_steps_do_not_hinder(void **state)
{
    struct fixture *fixture = *state;
    struct account *taken = &fixture->account[20];
    sample_agreement(taken, SELLER, 100);
    sample_subscription(taken, 1000);
    save_new(fixture, taken);

    for (uint32_t i = 0; i < 5; i++) {
        struct account *account = &fixture->account[i];
        sample_agreement(account, SELLER, i);
        sample_subscription(account, i);
        if (i == 0 || i == 3) { /* a key that account 20 has */
            sample_key(1000, account->subscriptions[0].key);
        }
        sample_effects(account, true, &fixture->effects[i]);
        fixture->steps[i] =
            (struct step_record){account, &fixture->effects[i], sample_at(i), ST_NETWORK};
    }
    /* 1 pretends to exist already */
    fixture->effects[1].is_new_account = false;
    assert_ok(fixture,
              fixture->store->ops->record(fixture->store, fixture->steps, 5, &fixture->problem));
    const enum status expected[5] = {ST_CONFLICT, ST_LOST, ST_OK, ST_CONFLICT, ST_OK};
    for (uint32_t i = 0; i < 5; i++) {
        assert_int_equal(fixture->steps[i].status, expected[i]);
        struct account *loaded = &fixture->account[FIXTURE_ACCOUNTS - 1];
        enum status status = fixture->store->ops->load_account(
            fixture->store, SELLER, fixture->account[i].agreement.id, loaded, &fixture->problem);
        assert_int_equal(status, expected[i] == ST_OK ? ST_OK : ST_NOT_FOUND);
    }
    assert_int_equal(event_count(fixture, SELLER), 3);
}

static void broken_step_is_invalid(void **state)
{
    struct fixture *fixture = *state;
    sample_agreement(&fixture->account[0], SELLER, 0);
    sample_agreement(&fixture->account[1], SELLER, 1);
    sample_agreement(&fixture->account[2], SELLER, 2);
    fixture->account[0].agreement.limit.posted = money_of(50001, "JPY");
    fixture->account[2].agreement.state = (enum agreement_state)7;
    for (uint32_t i = 0; i < 3; i++) {
        sample_effects(&fixture->account[i], true, &fixture->effects[i]);
        fixture->steps[i] = (struct step_record){&fixture->account[i], &fixture->effects[i],
                                                 SAMPLE_NOW, ST_NETWORK};
    }
    assert_ok(fixture,
              fixture->store->ops->record(fixture->store, fixture->steps, 3, &fixture->problem));
    assert_int_equal(fixture->steps[0].status, ST_INVALID);
    assert_int_equal(fixture->steps[1].status, ST_OK);
    assert_int_equal(fixture->steps[2].status, ST_INVALID);
    assert_true(strlen(fixture->problem.text) > 0);
    assert_int_equal(event_count(fixture, SELLER), 1);
}

static void keys_are_unique_for_ever(void **state)
{
    struct fixture *fixture = *state;
    struct account *first = &fixture->account[0];
    struct account *second = &fixture->account[1];
    sample_agreement(first, SELLER, 1);
    struct charge *charge = sample_one_off(first, 11, "order-1");
    sample_attempt(charge);
    sample_capture(charge); /* final: unique keys outlive the account in memory */
    save_new(fixture, first);
    sample_agreement(second, SELLER, 2);
    save_new(fixture, second);

    sample_one_off(second, 12, "order-1"); /* the idempotency key */
    sample_effects(second, false, fixture->effects);
    assert_int_equal(record_one(fixture, second, fixture->effects), ST_CONFLICT);

    second->charge_count = 0;
    sample_one_off(second, 11, "order-2"); /* the charge id */
    sample_effects(second, false, fixture->effects);
    assert_int_equal(record_one(fixture, second, fixture->effects), ST_CONFLICT);

    second->charge_count = 0;
    sample_one_off(second, 12, "order-2");
    save(fixture, second);
    second->charge_count = 0;
    sample_agreement(second, OTHER_SELLER, 2); /* another seller's keys are others */
    sample_one_off(second, 11, "order-1");
    save_new(fixture, second);
    assert_stored(fixture, second);
}

static void a_subscription_is_ordered_once(void **state)
{
    struct fixture *fixture = *state;
    struct account *first = &fixture->account[0];
    struct account *second = &fixture->account[1];
    sample_agreement(first, SELLER, 1);
    struct subscription *made = sample_subscription(first, 11);
    save_new(fixture, first);
    made->state = SUBSCRIPTION_CANCELED; /* for ever */
    save(fixture, first);
    first->subscription_count = 0;
    sample_agreement(second, SELLER, 2);
    save_new(fixture, second);
    const struct subscription ordered = *made;

    /* On the same agreement, on another, and twice in one batch. */
    struct account *const accounts[] = {first, second};
    for (size_t i = 0; i < 2; i++) {
        struct subscription *again = sample_subscription(accounts[i], 12);
        memcpy(again->idempotency_key, ordered.idempotency_key, sizeof again->idempotency_key);
        sample_effects(accounts[i], false, &fixture->effects[0]);
        assert_int_equal(record_one(fixture, accounts[i], &fixture->effects[0]), ST_CONFLICT);
        snprintf(again->idempotency_key, sizeof again->idempotency_key, "a new one");
        sample_key(20 + i, again->key);
    }
    for (uint32_t i = 0; i < 2; i++) {
        sample_effects(accounts[i], false, &fixture->effects[i]);
        fixture->steps[i] =
            (struct step_record){accounts[i], &fixture->effects[i], SAMPLE_NOW, ST_NETWORK};
    }
    assert_ok(fixture,
              fixture->store->ops->record(fixture->store, fixture->steps, 2, &fixture->problem));
    assert_int_equal(fixture->steps[0].status, ST_OK);
    assert_int_equal(fixture->steps[1].status, ST_CONFLICT);

    /* Without a key any number may be ordered, and another seller's keys are others. */
    second->subscription_count = 0;
    sample_subscription(second, 31)->idempotency_key[0] = '\0';
    sample_subscription(second, 32)->idempotency_key[0] = '\0';
    save(fixture, second);
    assert_stored(fixture, second);
    sample_agreement(second, OTHER_SELLER, 2);
    sample_subscription(second, 11);
    save_new(fixture, second);
    assert_stored(fixture, second);
}

static void final_rows_never_change(void **state)
{
    struct fixture *fixture = *state;
    struct account *account = &fixture->account[0];
    rich_account(account, SELLER);
    sample_capture(&account->charges[0]);
    account->subscriptions[1].state = SUBSCRIPTION_CANCELED;
    account->charges[1].state = CHARGE_CANCELED;
    save_new(fixture, account);

    const struct row rows[] = {{ROW_CHARGE, 0}, {ROW_ATTEMPT, 0}, {ROW_SUBSCRIPTION, 1}};
    account->charges[0].state = CHARGE_RETRYING;
    account->charges[0].attempt.state = ATTEMPT_UNKNOWN;
    account->subscriptions[1].state = SUBSCRIPTION_ACTIVE;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sample_no_effects(fixture->effects);
        sample_row(fixture->effects, rows[i].kind, rows[i].index);
        assert_int_equal(record_one(fixture, account, fixture->effects), ST_CONFLICT);
    }
    const struct account *loaded = load(fixture, SELLER, account->agreement.id);
    assert_int_equal(loaded->subscription_count, 1); /* what is final is not loaded */
    assert_int_equal(loaded->charge_count, 1);
    assert_int_equal(loaded->agreement.version, 1);
}

static void what_is_sent_never_changes(void **state)
{
    struct fixture *fixture = *state;
    struct account *account = &fixture->account[0];
    rich_account(account, SELLER);
    save_new(fixture, account);
    sample_no_effects(fixture->effects);
    sample_row(fixture->effects, ROW_ATTEMPT, 0);
    account->charges[0].attempt.amount = money_of(1201, "JPY");
    assert_int_equal(record_one(fixture, account, fixture->effects), ST_CONFLICT);
    account->charges[0].attempt.amount = account->charges[0].amount;
    account->charges[0].attempt.timeout_minutes ^= 1440;
    assert_int_equal(record_one(fixture, account, fixture->effects), ST_CONFLICT);
    sample_no_effects(fixture->effects);
    sample_row(fixture->effects, ROW_CHARGE, 0);
    snprintf(account->charges[0].note, NOTE_MAX, "another note");
    assert_int_equal(record_one(fixture, account, fixture->effects), ST_CONFLICT);
}

static void one_open_or_captured_attempt(void **state)
{
    struct fixture *fixture = *state;
    struct account *account = &fixture->account[0];
    rich_account(account, SELLER);
    save_new(fixture, account);
    struct charge *charge = &account->charges[0];
    struct charge saved = *charge;
    sample_no_effects(fixture->effects);
    sample_row(fixture->effects, ROW_ATTEMPT, 0);

    sample_attempt(charge); /* 2 while 1 is INTENT */
    assert_int_equal(record_one(fixture, account, fixture->effects), ST_CONFLICT);

    *charge = saved;
    charge->attempt.state = ATTEMPT_DECLINED;
    assert_ok(fixture, record_one(fixture, account, fixture->effects));
    account->agreement.version++;
    sample_attempt(charge); /* 2 after 1 was declined */
    assert_ok(fixture, record_one(fixture, account, fixture->effects));
    account->agreement.version++;
    assert_same_attempt(
        &charge->attempt,
        &account_charge(load(fixture, SELLER, account->agreement.id), charge->id)->attempt);

    charge->attempt.state = ATTEMPT_CAPTURED;
    assert_ok(fixture, record_one(fixture, account, fixture->effects));
    account->agreement.version++;
    sample_attempt(charge); /* 3 after a capture */
    assert_int_equal(record_one(fixture, account, fixture->effects), ST_CONFLICT);
}

static void events_are_numbered_by_seller(void **state)
{
    struct fixture *fixture = *state;
    for (uint32_t i = 0; i < 6; i++) {
        struct account *account = &fixture->account[i];
        sample_agreement(account, i % 2 == 0 ? SELLER : OTHER_SELLER, i);
        sample_effects(account, true, &fixture->effects[i]);
        sample_change(&fixture->effects[i], CHANGE_LIMIT, account->agreement.id, 3, 3);
        fixture->effects[i].changes[1].reason = REASON_LIMIT_SHORT;
        fixture->steps[i] =
            (struct step_record){account, &fixture->effects[i], sample_at(i), ST_NETWORK};
    }
    assert_ok(fixture,
              fixture->store->ops->record(fixture->store, fixture->steps, 6, &fixture->problem));
    assert_int_equal(event_count(fixture, SELLER), 6);
    assert_int_equal(event_count(fixture, OTHER_SELLER), 6);

    struct change_view views[3];
    uint32_t count = 0;
    assert_ok(fixture, fixture->store->ops->list_changes(fixture->store, SELLER, 3, 3, views,
                                                         &count, &fixture->problem));
    assert_int_equal(count, 3);
    assert_int_equal(views[0].number, 4);
    assert_int_equal(views[0].at.utc_ms, sample_at(2).utc_ms);
    assert_string_equal(views[0].agreement_id, fixture->account[2].agreement.id);
    assert_int_equal(views[0].change.kind, CHANGE_LIMIT);
    assert_string_equal(views[0].change.subject, fixture->account[2].agreement.id);
    assert_int_equal(views[0].change.from, 3);
    assert_int_equal(views[0].change.to, 3);
    assert_int_equal(views[0].change.reason, REASON_LIMIT_SHORT);
    assert_int_equal(views[1].change.from, 0);
}

static void empty_batch_and_probe(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = fixture->store;
    assert_ok(fixture, store->ops->record(store, fixture->steps, 0, &fixture->problem));
    assert_ok(fixture, store->ops->probe(store, SAMPLE_NOW, &fixture->problem));
    assert_ok(fixture, store->ops->probe(store, sample_at(1), &fixture->problem));
}

const struct conformance_case record_cases[CASES_MAX] = {
    {"everything_comes_back", everything_comes_back},
    {"extremes_come_back", extremes_come_back},
    {"unknown_limit_stays_unknown", unknown_limit_stays_unknown},
    {"stale_version_is_lost", stale_version_is_lost},
    {"new_and_absent_accounts", new_and_absent_accounts},
    {"refused_steps_do_not_hinder", refused_steps_do_not_hinder},
    {"broken_step_is_invalid", broken_step_is_invalid},
    {"keys_are_unique_for_ever", keys_are_unique_for_ever},
    {"a_subscription_is_ordered_once", a_subscription_is_ordered_once},
    {"final_rows_never_change", final_rows_never_change},
    {"what_is_sent_never_changes", what_is_sent_never_changes},
    {"one_open_or_captured_attempt", one_open_or_captured_attempt},
    {"events_are_numbered_by_seller", events_are_numbered_by_seller},
    {"empty_batch_and_probe", empty_batch_and_probe},
};
