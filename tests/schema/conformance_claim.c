/* conformance_claim.c - who is served next, and what is settled at a start; see conformance.h. */
#include <stdio.h>
#include <string.h>

#include "tests/schema/conformance.h"

static struct claim claim(struct fixture *fixture, struct instant now, uint32_t max, bool care_only)
{
    struct claim claim = {.seller_id = SELLER, .max = max, .care_only = care_only};
    assert_ok(fixture, fixture->store->ops->claim(fixture->store, now, &claim, 1, fixture->account,
                                                  &fixture->problem));
    assert_true(claim.count <= max);
    return claim;
}

/* The accounts returned are exactly those with these numbers, in this order; -1 ends. */
static void assert_claimed(struct fixture *fixture, uint32_t count, const int numbers[])
{
    uint32_t wanted = 0;
    while (numbers[wanted] >= 0) {
        wanted++;
    }
    assert_int_equal(count, wanted);
    for (uint32_t i = 0; i < wanted; i++) {
        struct account expected;
        sample_agreement(&expected, SELLER, (uint64_t)numbers[i]);
        assert_string_equal(fixture->account[i].agreement.id, expected.agreement.id);
    }
}

static void only_what_is_due(void **state)
{
    struct fixture *fixture = *state;
    save_waking(fixture, SELLER, 1, LANE_RENEWAL, sample_at(10));
    save_waking(fixture, SELLER, 2, LANE_RENEWAL, sample_at(20));
    save_waking(fixture, SELLER, 3, LANE_RENEWAL, INSTANT_NEVER);
    save_waking(fixture, SELLER, 4, LANE_CARE, sample_at(5));
    save_waking(fixture, OTHER_SELLER, 5, LANE_RENEWAL, sample_at(1));

    struct claim nothing = claim(fixture, sample_at(9), 8, false);
    assert_int_equal(nothing.count, 0);
    assert_int_equal(nothing.next_wake.utc_ms, sample_at(10).utc_ms);

    struct claim one = claim(fixture, sample_at(10), 8, false); /* due means <= */
    assert_claimed(fixture, one.count, (const int[]){1, -1});
    assert_int_equal(one.next_wake.utc_ms, sample_at(20).utc_ms);

    struct claim both = claim(fixture, sample_at(1000), 8, false);
    assert_claimed(fixture, both.count, (const int[]){1, 2, -1});
    assert_int_equal(both.next_wake.utc_ms, INSTANT_NEVER.utc_ms);

    struct claim care = claim(fixture, sample_at(1000), 8, true);
    assert_claimed(fixture, care.count, (const int[]){4, -1});
    assert_int_equal(care.next_wake.utc_ms, INSTANT_NEVER.utc_ms);

    struct claim none = claim(fixture, sample_at(1000), 0, false);
    assert_int_equal(none.count, 0);
    assert_int_equal(none.next_wake.utc_ms, sample_at(10).utc_ms);
}

static void lanes_first_then_the_oldest(void **state)
{
    struct fixture *fixture = *state;
    /* Three lanes; the less urgent the older. Within a lane by wake_at, not by creation. */
    save_waking(fixture, SELLER, 1, LANE_RETRY, sample_at(1));
    save_waking(fixture, SELLER, 2, LANE_RETRY, sample_at(2));
    save_waking(fixture, SELLER, 3, LANE_RENEWAL, sample_at(12));
    save_waking(fixture, SELLER, 4, LANE_RENEWAL, sample_at(11));
    for (int i = 0; i < 8; i++) {
        save_waking(fixture, SELLER, (uint64_t)(20 - i), LANE_ONE_OFF, sample_at(110 - i));
    }
    struct claim eight = claim(fixture, sample_at(1000), 8, false);
    assert_claimed(fixture, eight.count, (const int[]){13, 14, 15, 16, 17, 18, 1, 2, -1});
    assert_int_equal(eight.next_wake.utc_ms, sample_at(11).utc_ms);

    /* All of them: lanes, and the last quarter by age, which is the same order here at the end. */
    struct claim all = claim(fixture, sample_at(1000), 12, false);
    assert_claimed(fixture, all.count,
                   (const int[]){13, 14, 15, 16, 17, 18, 19, 20, 4, 1, 2, 3, -1});
    assert_int_equal(all.next_wake.utc_ms, INSTANT_NEVER.utc_ms);

    /* One at a time: by lane, and every fourth second by age. */
    for (int second = 1000; second < 1008; second++) {
        struct claim one = claim(fixture, sample_at(second), 1, false);
        assert_claimed(fixture, one.count, (const int[]){second % 4 == 0 ? 1 : 13, -1});
    }
}

static void no_lane_starves(void **state)
{
    struct fixture *fixture = *state;
    save_waking(fixture, SELLER, 1, LANE_RETRY, sample_at(1));
    /* The urgent lane has more work than several claims take. */
    for (uint64_t i = 10; i < 10 + 3 * 8; i++) {
        save_waking(fixture, SELLER, i, LANE_SETTLE, sample_at((int64_t)i));
    }
    struct claim four = claim(fixture, sample_at(1000), 4, false);
    assert_claimed(fixture, four.count, (const int[]){10, 11, 12, 1, -1});
}

static void claims_of_several_sellers(void **state)
{
    struct fixture *fixture = *state;
    save_waking(fixture, SELLER, 1, LANE_RENEWAL, sample_at(1));
    save_waking(fixture, SELLER, 2, LANE_RENEWAL, sample_at(2));
    save_waking(fixture, OTHER_SELLER, 3, LANE_RENEWAL, sample_at(3));
    save_waking(fixture, OTHER_SELLER, 4, LANE_CARE, sample_at(4));
    struct claim claims[] = {
        {.seller_id = OTHER_SELLER, .max = 5},
        {.seller_id = "A0NOBODY", .max = 5},
        {.seller_id = SELLER, .max = 1},
        {.seller_id = OTHER_SELLER, .max = 5, .care_only = true},
    };
    assert_ok(fixture, fixture->store->ops->claim(fixture->store, sample_at(10), claims, 4,
                                                  fixture->account, &fixture->problem));
    const uint32_t counts[4] = {1, 0, 1, 1};
    const uint64_t numbers[3] = {3, 1, 4};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(claims[i].count, counts[i]);
    }
    for (int i = 0; i < 3; i++) {
        struct account expected;
        sample_agreement(&expected, SELLER, numbers[i]);
        assert_string_equal(fixture->account[i].agreement.id, expected.agreement.id);
    }
    assert_int_equal(claims[1].next_wake.utc_ms, INSTANT_NEVER.utc_ms);
    assert_int_equal(claims[2].next_wake.utc_ms, sample_at(2).utc_ms);
}

static void claimed_accounts_are_whole(void **state)
{
    struct fixture *fixture = *state;
    struct account saved;
    sample_agreement(&saved, SELLER, 1);
    saved.agreement.wake_at = sample_at(1);
    struct subscription *subscription = sample_subscription(&saved, 5);
    struct charge *charge = sample_charge(&saved, subscription);
    sample_attempt(charge);
    save_new(fixture, &saved);
    struct claim one = claim(fixture, sample_at(1), 3, false);
    assert_int_equal(one.count, 1);
    const struct account *account = &fixture->account[0];
    assert_same_agreement(&saved.agreement, &account->agreement);
    assert_int_equal(account->subscription_count, 1);
    assert_same_subscription(&saved.subscriptions[0], &account->subscriptions[0]);
    assert_int_equal(account->charge_count, 1);
    assert_same_charge(&saved.charges[0], &account->charges[0]);
}

static void recording_moves_the_wake(void **state)
{
    struct fixture *fixture = *state;
    struct account *account = &fixture->account[5];
    sample_agreement(account, SELLER, 1);
    account->agreement.wake_at = sample_at(1);
    save_new(fixture, account);
    account->agreement.wake_at = sample_at(100);
    account->agreement.lane = LANE_RETRY;
    save(fixture, account);
    struct claim later = claim(fixture, sample_at(99), 3, false);
    assert_int_equal(later.count, 0);
    assert_int_equal(later.next_wake.utc_ms, sample_at(100).utc_ms);
    account = &fixture->account[5];
    account->agreement.wake_at = INSTANT_NEVER;
    save(fixture, account);
    assert_int_equal(claim(fixture, sample_at(1000), 3, false).next_wake.utc_ms,
                     INSTANT_NEVER.utc_ms);
}

/* Saves an account with one attempt in `state`, asleep until long after. */
static void save_attempted(struct fixture *fixture, uint64_t number, enum attempt_state state)
{
    struct account *account = &fixture->account[FIXTURE_ACCOUNTS - 1];
    sample_agreement(account, number == 4 ? OTHER_SELLER : SELLER, number);
    account->agreement.wake_at = sample_at(90000);
    struct charge *charge = sample_one_off(account, number, "");
    sample_attempt(charge);
    charge->attempt.state = state;
    save_new(fixture, account);
}

static void start_settles_open_attempts(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = fixture->store;
    uint64_t count = 99;
    assert_ok(fixture, store->ops->start(store, sample_at(1), &count, &fixture->problem));
    assert_int_equal(count, 0);
    save_attempted(fixture, 1, ATTEMPT_INTENT);
    save_attempted(fixture, 2, ATTEMPT_UNKNOWN);
    save_attempted(fixture, 3, ATTEMPT_DECLINED);
    save_attempted(fixture, 4, ATTEMPT_INTENT); /* the other seller's */
    save_waking(fixture, SELLER, 5, LANE_RENEWAL, sample_at(90000));

    /* Before the samples' care_at: no call about an agreement was being made. */
    assert_ok(fixture, store->ops->start(store, sample_at(5), &count, &fixture->problem));
    assert_int_equal(count, 3);
    struct claim due = claim(fixture, sample_at(5), 8, false);
    assert_int_equal(due.count, 2);
    for (int i = 0; i < 2; i++) {
        const struct agreement *agreement = &fixture->account[i].agreement;
        assert_int_equal(agreement->lane, LANE_SETTLE);
        assert_int_equal(agreement->wake_at.utc_ms, sample_at(5).utc_ms);
        assert_int_equal(agreement->version, 1);
    }
    assert_int_equal(due.next_wake.utc_ms, sample_at(90000).utc_ms);
}

/* Pending attempts wake by themselves: only one whose look-up may have been on the wire is due at a
 * start, and not before what is unknown. */
static void start_takes_up_look_ups_as_care(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = fixture->store;
    for (uint64_t number = 1; number <= 3; number++) {
        struct account *account = &fixture->account[0];
        sample_agreement(account, SELLER, number);
        account->agreement.care = CARE_NONE;
        account->agreement.care_at = INSTANT_NEVER;
        account->agreement.wake_at = sample_at(90000);
        for (uint64_t i = 0; i < (number == 3 ? 2 : 1); i++) {
            struct charge *charge = sample_one_off(account, 10 * number + i, "");
            sample_attempt(charge);
            charge->attempt.state = ATTEMPT_UNKNOWN;
            charge->attempt.reason = i == 0 ? REASON_PENDING : REASON_NO_ANSWER;
            charge->attempt.resend_at = sample_at(number == 1 ? 40 : 60);
        }
        save_new(fixture, account);
    }
    uint64_t count = 99;
    assert_ok(fixture, store->ops->start(store, sample_at(50), &count, &fixture->problem));
    assert_int_equal(count, 1);
    struct claim settle = claim(fixture, sample_at(50), 8, false);
    assert_claimed(fixture, settle.count, (const int[]){3, -1});
    assert_int_equal(fixture->account[0].agreement.lane, LANE_SETTLE);
    struct claim care = claim(fixture, sample_at(50), 8, true);
    assert_claimed(fixture, care.count, (const int[]){1, -1});
}

static void start_takes_up_calls_about_agreements(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = fixture->store;
    uint64_t count = 99;
    for (int number = 1; number <= 3; number++) {
        struct account *account = &fixture->account[0];
        sample_agreement(account, SELLER, number);
        account->agreement.wake_at = number == 2 ? sample_at(60000) : INSTANT_NEVER;
        account->agreement.lane = LANE_RENEWAL;
        account->agreement.care = number == 3 ? CARE_CLOSE : CARE_SYNC;
        account->agreement.care_at = sample_at(number == 3 ? 70 : 20);
        save_new(fixture, account);
    }
    assert_ok(fixture, store->ops->start(store, sample_at(50), &count, &fixture->problem));
    assert_int_equal(count, 0);
    struct claim due = claim(fixture, sample_at(50), 8, true);
    assert_int_equal(due.count, 2);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(fixture->account[i].agreement.care, CARE_SYNC);
        assert_int_equal(fixture->account[i].agreement.wake_at.utc_ms, sample_at(50).utc_ms);
    }
}

/* Captures and voidings may be on the wire like an authorization; one that only waits for the
 * shop's word, or whose look-up may have been, is care. */
static void start_takes_up_captures(void **state)
{
    static const struct {
        enum attempt_state state;
        enum reason reason;
        int64_t resend_s;
    } attempts[] = {
        {ATTEMPT_CAPTURING, REASON_NONE, 60},    {ATTEMPT_VOIDING, REASON_NO_ANSWER, 60},
        {ATTEMPT_CAPTURING, REASON_PENDING, 40}, {ATTEMPT_CAPTURING, REASON_PENDING, 60},
        {ATTEMPT_AUTHORIZED, REASON_NONE, 40},   {ATTEMPT_AUTHORIZED, REASON_NONE, 60},
    };
    struct fixture *fixture = *state;
    struct store *store = fixture->store;
    for (uint64_t i = 0; i < 6; i++) {
        struct account *account = &fixture->account[0];
        sample_agreement(account, SELLER, i);
        account->agreement.care = CARE_NONE;
        account->agreement.care_at = INSTANT_NEVER;
        account->agreement.wake_at = sample_at(90000);
        struct charge *charge = sample_one_off(account, i, "");
        sample_attempt(charge);
        charge->attempt.state = attempts[i].state;
        charge->attempt.reason = attempts[i].reason;
        charge->attempt.resend_at = sample_at(attempts[i].resend_s);
        charge->state =
            attempts[i].state == ATTEMPT_AUTHORIZED ? CHARGE_AUTHORIZED : CHARGE_ATTEMPTING;
        save_new(fixture, account);
    }
    uint64_t count = 99;
    assert_ok(fixture, store->ops->start(store, sample_at(50), &count, &fixture->problem));
    assert_int_equal(count, 2);
    struct claim settle = {.seller_id = SELLER, .max = 8, .settle_only = true};
    assert_ok(fixture, store->ops->claim(store, sample_at(50), &settle, 1, fixture->account,
                                         &fixture->problem));
    assert_claimed(fixture, settle.count, (const int[]){0, 1, -1});
    assert_claimed(fixture, claim(fixture, sample_at(50), 8, true).count, (const int[]){2, 4, -1});
    struct seller_totals totals;
    assert_ok(fixture, store->ops->totals(store, SELLER, SAMPLE_NOW, &totals, &fixture->problem));
    assert_int_equal(totals.unanswered_attempts, 1);
    assert_int_equal(totals.unknown_attempts, 1);
    assert_int_equal(totals.pending_attempts, 2);
    assert_int_equal(totals.charges[CHARGE_AUTHORIZED], 2);
}

/* Also where everything else is over: the agreement is Closed. */
static void start_takes_up_refunds_and_hand_overs(void **state)
{
    static const struct {
        enum refund_state state;
        int64_t resend_s;
    } refunds[] = {
        {REFUND_INTENT, 60},    {REFUND_UNKNOWN, 60}, {REFUND_PENDING, 60},
        {REFUND_POSTPONED, 60}, {REFUND_PENDING, 40},
    };
    struct fixture *fixture = *state;
    struct store *store = fixture->store;
    for (uint64_t i = 0; i < 6; i++) {
        struct account *account = &fixture->account[0];
        sample_agreement(account, SELLER, i);
        account->agreement.state = AGREEMENT_CLOSED;
        account->agreement.care = CARE_NONE;
        account->agreement.care_at = INSTANT_NEVER;
        account->agreement.wake_at = sample_at(90000);
        if (i == 5) {
            struct subscription *subscription = sample_subscription(account, i);
            subscription->state = SUBSCRIPTION_LEAVING;
            snprintf(subscription->successor_agreement_id, AGREEMENT_ID_MAX, "C01-1");
            sample_key(77, subscription->successor_key);
            subscription->hand_over_at = sample_at(60);
        } else {
            struct charge *charge = sample_one_off(account, i, "");
            sample_attempt(charge);
            sample_capture(charge);
            struct refund *refund = sample_refund(account, charge, 1);
            refund->state = refunds[i].state;
            refund->resend_at = sample_at(refunds[i].resend_s);
        }
        save_new(fixture, account);
    }
    uint64_t count = 99;
    assert_ok(fixture, store->ops->start(store, sample_at(50), &count, &fixture->problem));
    assert_int_equal(count, 0); /* none of them is an attempt */
    assert_int_equal(claim(fixture, sample_at(50), 8, false).count, 0);
    struct claim care = claim(fixture, sample_at(50), 8, true);
    assert_claimed(fixture, care.count, (const int[]){0, 1, 4, 5, -1});
    assert_int_equal(fixture->account[0].refund_count, 1);
    assert_int_equal(care.next_wake.utc_ms, INSTANT_NEVER.utc_ms);
}

/* While charging is held back for a moment. */
static void only_what_settles(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = fixture->store;
    save_waking(fixture, SELLER, 1, LANE_SETTLE, sample_at(10));
    save_waking(fixture, SELLER, 2, LANE_RENEWAL, sample_at(5));
    save_waking(fixture, SELLER, 3, LANE_CARE, sample_at(5));
    save_waking(fixture, SELLER, 4, LANE_SETTLE, sample_at(30));
    struct claim claim = {.seller_id = SELLER, .max = 8, .settle_only = true};
    assert_ok(fixture, store->ops->claim(store, sample_at(20), &claim, 1, fixture->account,
                                         &fixture->problem));
    assert_claimed(fixture, claim.count, (const int[]){1, -1});
    assert_int_equal(claim.next_wake.utc_ms, sample_at(30).utc_ms);
}

/* What breaks an invariant keeps nobody waiting: it is told of, and put off. */
static void a_damaged_account_is_put_off(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = fixture->store;
    static const struct effects none;
    struct effects effects = none;
    for (uint64_t i = 0; i < 6; i++) {
        struct account *account = &fixture->account[0];
        sample_agreement(account, SELLER, i);
        account->agreement.wake_at = sample_at((int64_t)i);
        sample_effects(account, true, &effects);
        if (i % 2 == 0) { /* nothing is reserved for */
            account->agreement.limit.reserved = money_of(1, "JPY");
        }
        assert_ok(fixture, record_one(fixture, account, &effects));
    }
    for (int round = 0; round < 2; round++) {
        struct claim first = claim(fixture, sample_at(10), 8, false);
        assert_claimed(fixture, first.count, (const int[]){1, 3, 5, -1});
        assert_int_equal(first.damaged_agreement_id[0] != '\0', round == 0);
    }
    /* An hour later they are met again, the last one is named. */
    assert_string_equal(claim(fixture, sample_at(3609), 8, false).damaged_agreement_id, "");
    struct claim again = claim(fixture, sample_at(3610), 8, false);
    assert_claimed(fixture, again.count, (const int[]){1, 3, 5, -1});
    struct account damaged;
    sample_agreement(&damaged, SELLER, 4);
    assert_string_equal(again.damaged_agreement_id, damaged.agreement.id);
    assert_non_null(strstr(again.damage.text, "reserved is the sum"));
    assert_int_equal(store->ops->load_account(store, SELLER, damaged.agreement.id,
                                              &fixture->account[1], &fixture->problem),
                     ST_STORE);
    assert_non_null(strstr(fixture->problem.text, damaged.agreement.id));
}

/* The database gets one more of them than an account has room for. */
static void overfill(struct fixture *fixture, enum row_kind kind, uint64_t number)
{
    struct account *account = &fixture->account[0];
    sample_agreement(account, SELLER, number);
    account->agreement.wake_at = sample_at((int64_t)number);
    save_new(fixture, account);
    if (kind == ROW_SUBSCRIPTION) {
        for (uint64_t i = 0; i <= ACCOUNT_SUBSCRIPTIONS_MAX; i++) {
            account->subscription_count = 0;
            sample_subscription(account, 100 + i);
            save(fixture, account);
        }
        return;
    }
    for (uint64_t i = 0; kind == ROW_CHARGE && i <= ACCOUNT_CHARGES_MAX; i++) {
        char key[32];
        account->charge_count = 0;
        (void)snprintf(key, sizeof key, "order-%u", (unsigned)i);
        sample_one_off(account, 200 + i, key);
        save(fixture, account);
    }
    if (kind == ROW_REFUND) {
        struct charge *charge = sample_one_off(account, 300, "refunded");
        sample_attempt(charge);
        sample_capture(charge);
        save(fixture, account);
        for (uint32_t i = 1; i <= ACCOUNT_REFUNDS_MAX + 1; i++) {
            account->charge_count = 0;
            account->refund_count = 0;
            sample_refund(account, charge, i)->amount = money_of(1, "JPY");
            save(fixture, account);
        }
    }
}

static void an_account_with_too_many_rows_is_damaged(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        enum row_kind kind;
        const char *words;
    } rows[] = {{ROW_SUBSCRIPTION, "more open subscriptions than"},
                {ROW_CHARGE, "more open charges than"},
                {ROW_REFUND, "more open refunds than"}};
    for (uint64_t i = 0; i < 3; i++) {
        struct account sample;
        overfill(fixture, rows[i].kind, i + 1);
        struct claim claimed = claim(fixture, sample_at(10), 8, false);
        sample_agreement(&sample, SELLER, i + 1);
        assert_int_equal(claimed.count, 0);
        assert_string_equal(claimed.damaged_agreement_id, sample.agreement.id);
        assert_non_null(strstr(claimed.damage.text, rows[i].words));
    }
}

/* A claim that met only damaged ones says that there is more. */
static void behind_damaged_accounts_there_is_more(void **state)
{
    struct fixture *fixture = *state;
    static const struct effects none;
    struct effects effects = none;
    for (uint64_t i = 0; i < 5; i++) {
        struct account *account = &fixture->account[0];
        sample_agreement(account, SELLER, i);
        account->agreement.wake_at = sample_at((int64_t)i);
        sample_effects(account, true, &effects);
        if (i < 4) {
            account->agreement.limit.reserved = money_of(1, "JPY");
        }
        assert_ok(fixture, record_one(fixture, account, &effects));
    }
    struct claim first = claim(fixture, sample_at(8), 2, false);
    assert_int_equal(first.count, 0);
    assert_true(first.damaged_agreement_id[0] != '\0');
    assert_true(instant_reached(first.next_wake, sample_at(9)));
    struct claim second = claim(fixture, sample_at(9), 2, false);
    assert_claimed(fixture, second.count, (const int[]){4, -1});
}

const struct conformance_case claim_cases[CASES_MAX] = {
    {"only_what_is_due", only_what_is_due},
    {"lanes_first_then_the_oldest", lanes_first_then_the_oldest},
    {"no_lane_starves", no_lane_starves},
    {"claims_of_several_sellers", claims_of_several_sellers},
    {"claimed_accounts_are_whole", claimed_accounts_are_whole},
    {"recording_moves_the_wake", recording_moves_the_wake},
    {"start_settles_open_attempts", start_settles_open_attempts},
    {"start_takes_up_look_ups_as_care", start_takes_up_look_ups_as_care},
    {"start_takes_up_calls_about_agreements", start_takes_up_calls_about_agreements},
    {"start_takes_up_captures", start_takes_up_captures},
    {"start_takes_up_refunds_and_hand_overs", start_takes_up_refunds_and_hand_overs},
    {"only_what_settles", only_what_settles},
    {"a_damaged_account_is_put_off", a_damaged_account_is_put_off},
    {"an_account_with_too_many_rows_is_damaged", an_account_with_too_many_rows_is_damaged},
    {"behind_damaged_accounts_there_is_more", behind_damaged_accounts_there_is_more},
};
