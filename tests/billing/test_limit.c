/*
 * test_limit.c - the ledger of a period, against a naive one of plain numbers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "billing/limit.h"
#include "tests/billing/step_random.h"
#include "tests/billing/step_world.h"

static struct limit limit_of(const char *currency, const char *amount)
{
    struct limit limit = {0};
    limit_reconcile(&limit, money(amount, currency), money(amount, currency),
                    at("2026-01-01T00:00:00Z"), at("2026-02-01T00:00:00Z"));
    return limit;
}

static void unknown_until_told(void **state)
{
    (void)state;
    struct limit limit = {0};
    assert_false(limit_is_known(&limit));
    assert_false(limit_check(&limit));
    assert_false(money_is_valid(limit_remaining(&limit)));
    assert_false(limit_roll(&limit, at("2026-01-01T00:00:00Z"), NULL));
    limit = limit_of("JPY", "50000");
    assert_true(limit_is_known(&limit));
    assert_true(money_equal(limit_remaining(&limit), money("50000", "JPY")));
}

static void reserve_post_and_release(void **state)
{
    (void)state;
    struct limit limit = limit_of("USD", "100.00");
    assert_int_equal(limit_reserve(&limit, money("60.00", "USD")), LIMIT_RESERVED);
    assert_int_equal(limit_reserve(&limit, money("40.01", "USD")), LIMIT_SHORT);
    assert_int_equal(limit_reserve(&limit, money("40.00", "USD")), LIMIT_RESERVED);
    assert_int_equal(limit_reserve(&limit, money("0.01", "USD")), LIMIT_SHORT);
    limit_post(&limit, money("60.00", "USD"));
    limit_release(&limit, money("40.00", "USD"));
    assert_true(money_equal(limit_remaining(&limit), money("40.00", "USD")));
}

static void what_can_never_be_reserved(void **state)
{
    (void)state;
    struct limit limit = limit_of("JPY", "50000");
    struct limit before = limit;
    assert_int_equal(limit_reserve(&limit, money("50001", "JPY")), LIMIT_TOO_SMALL);
    assert_int_equal(limit_reserve(&limit, money("0", "JPY")), LIMIT_TOO_SMALL);
    assert_int_equal(limit_reserve(&limit, money_of(-1, "JPY")), LIMIT_TOO_SMALL);
    assert_int_equal(limit_reserve(&limit, money("1.00", "USD")), LIMIT_TOO_SMALL);
    assert_int_equal(limit_reserve(&limit, (struct money){0}), LIMIT_TOO_SMALL);
    assert_int_equal(limit_reserve(&limit, money_of(INT64_MAX, "JPY")), LIMIT_TOO_SMALL);
    assert_memory_equal(&limit, &before, sizeof limit);
}

static void periods_follow_the_calendar(void **state)
{
    (void)state;
    static const struct {
        const char *now, *start, *end;
    } periods[] = {
        {"2026-02-01T00:00:00Z", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"},
        {"2026-02-28T23:59:59.999Z", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"},
        {"2026-12-31T23:59:59.999Z", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"},
        {"2028-02-29T12:00:00Z", "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z"},
        {"2031-07-15T00:00:00Z", "2031-07-01T00:00:00Z", "2031-08-01T00:00:00Z"},
    };
    for (size_t i = 0; i < sizeof periods / sizeof periods[0]; i++) {
        struct limit limit = limit_of("JPY", "50000");
        assert_false(limit_roll(&limit, at("2026-01-31T23:59:59.999Z"), NULL));
        assert_false(limit_roll(&limit, at("2025-06-01T00:00:00Z"), NULL)); /* a clock set back */
        assert_int_equal(limit_reserve(&limit, money("200", "JPY")), LIMIT_RESERVED);
        assert_int_equal(limit_reserve(&limit, money("300", "JPY")), LIMIT_RESERVED);
        limit_post(&limit, money("300", "JPY"));
        assert_true(limit_roll(&limit, at(periods[i].now), NULL));
        assert_false(limit_roll(&limit, at(periods[i].now), NULL));
        assert_true(limit.period_start.utc_ms == at(periods[i].start).utc_ms);
        assert_true(limit.period_end.utc_ms == at(periods[i].end).utc_ms);
        /* What is open is still open, and counts in the period in which it may be captured. */
        assert_true(money_equal(limit.reserved, money("200", "JPY")));
        assert_true(money_equal(limit.posted, money("0", "JPY")));
    }
}

static void reconcile_january(struct limit *limit, const char *amount, struct money remaining)
{
    limit_reconcile(limit, money(amount, "JPY"), remaining, at("2026-01-01T00:00:00Z"),
                    at("2026-02-01T00:00:00Z"));
}

static void amazons_usage_counts(void **state)
{
    (void)state;
    struct limit limit = limit_of("JPY", "50000");
    reconcile_january(&limit, "50000", money("48000", "JPY"));
    assert_true(money_equal(limit.posted, money("2000", "JPY")));
    /* An open attempt of 1000 may be in Amazon's usage or not. */
    assert_int_equal(limit_reserve(&limit, money("1000", "JPY")), LIMIT_RESERVED);
    reconcile_january(&limit, "50000", money("47000", "JPY"));
    assert_true(money_equal(limit.posted, money("2000", "JPY")));
    reconcile_january(&limit, "50000", money("40000", "JPY"));
    assert_true(money_equal(limit.posted, money("9000", "JPY")));
    /* Less than we know of: our own postings stay while something is open. */
    reconcile_january(&limit, "50000", money("50000", "JPY"));
    assert_true(money_equal(limit.posted, money("9000", "JPY")));
    limit_release(&limit, money("1000", "JPY"));
    reconcile_january(&limit, "50000", money("50000", "JPY"));
    assert_true(money_equal(limit.posted, money("0", "JPY")));
}

static void a_balance_that_is_none_leaves_nothing(void **state)
{
    (void)state;
    const struct money strange[] = {money_of(-1, "JPY"),        money("50001", "JPY"),
                                    money_of(INT64_MAX, "JPY"), money_of(INT64_MIN, "JPY"),
                                    money("10.00", "USD"),      {0}};
    for (size_t i = 0; i < sizeof strange / sizeof strange[0]; i++) {
        struct limit limit = limit_of("JPY", "50000");
        reconcile_january(&limit, "50000", strange[i]);
        assert_true(money_equal(limit_remaining(&limit), money("0", "JPY")));
    }
}

/* A limit that was lowered below what is used: nothing is left now, and the next period has the
 * lower limit, not what was used. */
static void a_lowered_limit_stays_lowered(void **state)
{
    (void)state;
    struct limit limit = limit_of("JPY", "50000");
    assert_int_equal(limit_reserve(&limit, money("40000", "JPY")), LIMIT_RESERVED);
    limit_post(&limit, money("40000", "JPY"));
    assert_int_equal(limit_reserve(&limit, money("5000", "JPY")), LIMIT_RESERVED);
    reconcile_january(&limit, "20000", money("0", "JPY"));
    assert_true(money_equal(limit_remaining(&limit), money("0", "JPY")));
    limit_post(&limit, money("5000", "JPY"));
    assert_true(limit_roll(&limit, at("2026-02-01T00:00:00Z"), NULL));
    assert_true(money_equal(limit_remaining(&limit), money("20000", "JPY")));
    assert_int_equal(limit_reserve(&limit, money("20001", "JPY")), LIMIT_TOO_SMALL);
}

/* Just after midnight Amazon's answer may still be of last month. */
static void numbers_of_a_past_period_are_not_ours(void **state)
{
    (void)state;
    struct limit limit = limit_of("JPY", "50000");
    assert_true(limit_roll(&limit, at("2026-02-01T00:00:00Z"), NULL));
    assert_int_equal(limit_reserve(&limit, money("30000", "JPY")), LIMIT_RESERVED);
    limit_post(&limit, money("30000", "JPY"));
    reconcile_january(&limit, "60000", money("60000", "JPY"));
    assert_true(limit.period_start.utc_ms == at("2026-02-01T00:00:00Z").utc_ms);
    assert_true(money_equal(limit_remaining(&limit), money("30000", "JPY")));
    /* A period that begins elsewhere but is not over is Amazon's word: Tokyo's month. */
    limit_reconcile(&limit, money("50000", "JPY"), money("45000", "JPY"),
                    at("2026-01-31T15:00:00Z"), at("2026-02-28T15:00:00Z"));
    assert_true(limit.period_start.utc_ms == at("2026-01-31T15:00:00Z").utc_ms);
    assert_true(money_equal(limit_remaining(&limit), money("45000", "JPY")));
}

/* --- against plain numbers ------------------------------------------------------------------ */

#define OPEN_MAX 20

/* `amount`, `posted` and the open reservations as integers, nothing clever. */
struct naive {
    int64_t amount, posted;
    int64_t open[OPEN_MAX];
    unsigned open_count;
};

static int64_t naive_reserved(const struct naive *naive)
{
    int64_t reserved = 0;
    for (unsigned i = 0; i < naive->open_count; i++) {
        reserved += naive->open[i];
    }
    return reserved;
}

static int64_t take_open(struct naive *naive, unsigned index)
{
    int64_t amount = naive->open[index];
    naive->open[index] = naive->open[--naive->open_count];
    return amount;
}

static void assert_same(const struct limit *limit, const struct naive *naive, uint64_t seed)
{
    int64_t reserved = naive_reserved(naive);
    if (!limit_check(limit) || money_minor(limit->posted) != naive->posted ||
        money_minor(limit->reserved) != reserved || money_minor(limit->amount) != naive->amount ||
        naive->posted + reserved > naive->amount) {
        fail_msg(
            "seed %llu: the ledger says %lld + %lld of %lld, plain numbers %lld + %lld of %lld",
            (unsigned long long)seed, (long long)money_minor(limit->posted),
            (long long)money_minor(limit->reserved), (long long)money_minor(limit->amount),
            (long long)naive->posted, (long long)reserved, (long long)naive->amount);
    }
}

static void random_reserve(struct limit *limit, struct naive *naive, struct dice *dice,
                           const char *currency)
{
    int64_t amount = (int64_t)roll(dice, (uint32_t)naive->amount * 6 / 5 + 2);
    bool fits = naive->open_count < OPEN_MAX;
    if (!fits) {
        return;
    }
    enum limit_answer answer = limit_reserve(limit, money_of(amount, currency));
    enum limit_answer expected = amount == 0 || amount > naive->amount ? LIMIT_TOO_SMALL
                                 : amount + naive->posted + naive_reserved(naive) > naive->amount
                                     ? LIMIT_SHORT
                                     : LIMIT_RESERVED;
    assert_int_equal(answer, expected);
    if (answer == LIMIT_RESERVED) {
        naive->open[naive->open_count++] = amount;
    }
}

static void random_reconcile(struct limit *limit, struct naive *naive, struct dice *dice,
                             const char *currency)
{
    int64_t told = 1 + roll(dice, 60000);
    int64_t remaining = (int64_t)roll(dice, 70000) - 5000;
    int64_t used = remaining < 0 || remaining > told ? told : told - remaining;
    int64_t reserved = naive_reserved(naive);
    limit_reconcile(limit, money_of(told, currency), money_of(remaining, currency),
                    limit->period_start, limit->period_end);
    if (reserved == 0 || used - reserved > naive->posted) {
        naive->posted = used - reserved;
    }
    naive->amount = told > reserved ? told : reserved;
    if (naive->posted + reserved > naive->amount) {
        naive->posted = naive->amount - reserved;
    }
}

static void random_act(struct limit *limit, struct naive *naive, struct dice *dice,
                       const char *currency)
{
    switch (roll(dice, 10)) {
    case 0:
        random_reconcile(limit, naive, dice, currency);
        break;
    case 1:
        limit_exhaust(limit);
        naive->posted = naive->amount - naive_reserved(naive);
        break;
    case 2:
        assert_true(limit_roll(limit, limit->period_end, NULL));
        naive->posted = 0;
        break;
    case 3:
    case 4:
        if (naive->open_count > 0) {
            int64_t amount = take_open(naive, roll(dice, naive->open_count));
            limit_post(limit, money_of(amount, currency));
            naive->posted += amount;
        }
        break;
    case 5:
    case 6:
        if (naive->open_count > 0) {
            int64_t amount = take_open(naive, roll(dice, naive->open_count));
            limit_release(limit, money_of(amount, currency));
        }
        break;
    default:
        random_reserve(limit, naive, dice, currency);
    }
}

static void the_same_as_plain_numbers(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 400; seed++) {
        const char *currency = seed % 2 == 0 ? "JPY" : "USD";
        struct dice dice = dice_of(seed);
        struct limit limit = {0};
        struct naive naive = {.amount = 50000};
        limit_reconcile(&limit, money_of(50000, currency), money_of(50000, currency),
                        at("2026-01-01T00:00:00Z"), at("2026-02-01T00:00:00Z"));
        for (unsigned i = 0; i < 200; i++) {
            random_act(&limit, &naive, &dice, currency);
            assert_same(&limit, &naive, seed);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknown_until_told),
        cmocka_unit_test(reserve_post_and_release),
        cmocka_unit_test(what_can_never_be_reserved),
        cmocka_unit_test(periods_follow_the_calendar),
        cmocka_unit_test(amazons_usage_counts),
        cmocka_unit_test(a_balance_that_is_none_leaves_nothing),
        cmocka_unit_test(a_lowered_limit_stays_lowered),
        cmocka_unit_test(numbers_of_a_past_period_are_not_ours),
        cmocka_unit_test(the_same_as_plain_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
