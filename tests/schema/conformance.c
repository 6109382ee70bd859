/* conformance.c - the runner of the cases and what they share; the cases are in conformance_*.c. */
#include "tests/schema/conformance.h"

#include <stdlib.h>
#include <string.h>

void assert_ok_at(const struct fixture *fixture, enum status status, const char *file, int line)
{
    if (status != ST_OK) {
        print_error("%s: %s\n", status_name(status), fixture->problem.text);
        _fail(file, line);
    }
}

enum status record_one(struct fixture *fixture, const struct account *account,
                       const struct effects *effects)
{
    struct step_record step = {account, effects, SAMPLE_NOW, ST_NETWORK};
    assert_ok(fixture, fixture->store->ops->record(fixture->store, &step, 1, &fixture->problem));
    return step.status;
}

static void save_as(struct fixture *fixture, struct account *account, bool is_new)
{
    static const struct effects none;
    struct effects effects = none;
    sample_effects(account, is_new, &effects);
    assert_ok(fixture, record_one(fixture, account, &effects));
    account->agreement.version++;
}

void save_new(struct fixture *fixture, struct account *account)
{
    save_as(fixture, account, true);
}

void save(struct fixture *fixture, struct account *account)
{
    save_as(fixture, account, false);
}

void save_waking(struct fixture *fixture, const char *seller_id, uint64_t number, enum lane lane,
                 struct instant wake_at)
{
    struct account *account = &fixture->account[FIXTURE_ACCOUNTS - 1];
    sample_agreement(account, seller_id, number);
    account->agreement.lane = lane;
    account->agreement.wake_at = wake_at;
    save_new(fixture, account);
}

/* ---- equality, field by field, so that a failure names the field ---- */

#define SAME_INT(field)     assert_int_equal((int64_t)a->field, (int64_t)b->field)
#define SAME_TEXT(field)    assert_string_equal(a->field, b->field)
#define SAME_INSTANT(field) assert_int_equal(a->field.utc_ms, b->field.utc_ms)

static void assert_same_money(struct money a, struct money b)
{
    assert_int_equal(money_is_valid(a), money_is_valid(b));
    if (money_is_valid(a)) {
        assert_int_equal(money_minor(a), money_minor(b));
        assert_string_equal(money_currency(&a), money_currency(&b));
    }
}

void assert_same_agreement(const struct agreement *a, const struct agreement *b)
{
    SAME_TEXT(seller_id);
    SAME_TEXT(id);
    SAME_INT(state);
    SAME_INT(confirm_wanted);
    SAME_INT(close_wanted);
    SAME_INT(close_forced);
    SAME_INT(stopped);
    assert_same_money(a->limit.amount, b->limit.amount);
    assert_same_money(a->limit.posted, b->limit.posted);
    assert_same_money(a->limit.reserved, b->limit.reserved);
    SAME_INSTANT(limit.period_start);
    SAME_INSTANT(limit.period_end);
    SAME_INT(limit.is_told);
    SAME_INT(care);
    SAME_INSTANT(care_at);
    SAME_INT(care_tries);
    SAME_INT(care_reason);
    SAME_INSTANT(synced_at);
    SAME_INSTANT(validated_at);
    SAME_INSTANT(created_at);
    SAME_INSTANT(wake_at);
    SAME_INT(lane);
    SAME_INT(version);
    assert_false(b->care_on_wire);
}

void assert_same_subscription(const struct subscription *a, const struct subscription *b)
{
    SAME_TEXT(key);
    SAME_TEXT(idempotency_key);
    SAME_INT(state);
    SAME_TEXT(label);
    SAME_TEXT(note);
    SAME_TEXT(policy_name);
    assert_same_money(a->amount, b->amount);
    assert_same_money(a->next_amount, b->next_amount);
    SAME_INSTANT(next_amount_at);
    SAME_INT(rule.unit);
    SAME_INT(rule.every);
    SAME_INT(rule.last_day_of_month);
    assert_int_equal(civil_compare(a->rule.anchor, b->rule.anchor), 0);
    SAME_INT(rule.second_of_day);
    SAME_INT(rule.trial_days);
    SAME_INT(rule.cycle_count);
    assert_int_equal(civil_compare(a->rule.end, b->rule.end), 0);
    SAME_INT(cycle_base);
    SAME_TEXT(zone_name);
    SAME_INT(first_cycle);
    SAME_INT(next_cycle);
    SAME_INSTANT(due_at);
    SAME_INT(due_is_moved);
    SAME_INT(is_stopped);
    SAME_INSTANT(resume_at);
    SAME_INSTANT(cancel_at);
    SAME_TEXT(successor_agreement_id);
    SAME_TEXT(successor_key);
    SAME_INSTANT(hand_over_at);
    SAME_INT(hand_over_tries);
    SAME_INSTANT(created_at);
    assert_null(b->zone);
}

void assert_same_attempt(const struct attempt *a, const struct attempt *b)
{
    SAME_TEXT(reference_id);
    SAME_INT(number);
    SAME_INT(timeout_minutes);
    SAME_INT(state);
    assert_same_money(a->amount, b->amount);
    SAME_INT(reason);
    SAME_INSTANT(created_at);
    SAME_INSTANT(resend_at);
    SAME_INT(unanswered);
    SAME_INT(capture_now);
    SAME_INT(capture_number);
    SAME_INSTANT(expires_at);
    SAME_INT(is_warned);
    SAME_INT(discover);
    SAME_INSTANT(answered_at);
    SAME_TEXT(order_reference_id);
    SAME_TEXT(authorization_id);
    SAME_TEXT(capture_id);
    assert_false(b->on_wire);
}

void assert_same_charge(const struct charge *a, const struct charge *b)
{
    SAME_TEXT(id);
    SAME_TEXT(subscription_key);
    SAME_INT(cycle);
    SAME_INT(is_first);
    SAME_INT(state);
    SAME_INT(reason);
    assert_same_money(a->amount, b->amount);
    SAME_TEXT(label);
    SAME_TEXT(note);
    SAME_TEXT(idempotency_key);
    SAME_INSTANT(due_at);
    SAME_INSTANT(retry_at);
    SAME_INSTANT(created_at);
    SAME_INSTANT(final_at);
    SAME_INT(policy_version);
    SAME_INT(is_approved);
    SAME_INT(word);
    SAME_INT(extra_attempts);
    assert_same_attempt(&a->attempt, &b->attempt);
}

/* ---- the runner ---- */

static int setup(void **state)
{
    const struct store_factory *factory = *state;
    struct fixture *fixture = calloc(1, sizeof *fixture);
    fixture->factory = factory;
    fixture->store = factory->create(factory->context);
    fixture->account = calloc(FIXTURE_ACCOUNTS, sizeof *fixture->account);
    fixture->effects = calloc(FIXTURE_ACCOUNTS, sizeof *fixture->effects);
    fixture->steps = calloc(FIXTURE_ACCOUNTS, sizeof *fixture->steps);
    *state = fixture;
    return fixture->store == NULL;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    fixture->factory->destroy(fixture->factory->context, fixture->store);
    free(fixture->account);
    free(fixture->effects);
    free(fixture->steps);
    free(fixture);
    return 0;
}

int conformance_run(const struct store_factory *factory)
{
    const struct conformance_case *const groups[] = {record_cases, claim_cases,  read_cases,
                                                     notice_cases, refund_cases, seller_cases};
    const size_t group_count = sizeof groups / sizeof groups[0];
    struct store_factory copy = *factory;
    struct CMUnitTest tests[sizeof groups / sizeof groups[0] * CASES_MAX];
    size_t count = 0;
    for (size_t g = 0; g < group_count; g++) {
        for (size_t i = 0; i < CASES_MAX && groups[g][i].name != NULL; i++) {
            tests[count++] = (struct CMUnitTest){
                .name = groups[g][i].name,
                .test_func = groups[g][i].run,
                .setup_func = setup,
                .teardown_func = teardown,
                .initial_state = &copy,
            };
        }
    }
    return _cmocka_run_group_tests("store conformance", tests, count, NULL, NULL);
}
