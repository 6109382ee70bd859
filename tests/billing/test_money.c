/*
 * test_money.c - amounts: text in and out, every input that must be refused, and poison.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "billing/money.h"

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

static const char *const two_digit_currencies[] = {
    "USD", "EUR", "GBP", "AUD", "ZAR", "CHF", "NOK", "DKK", "SEK", "NZD", "HKD",
};

static void assert_poison(struct money amount)
{
    char text[MONEY_TEXT_MAX];
    struct money out = money_of(1, "USD");
    money_format(amount, text);
    assert_string_equal(text, "poison");
    assert_false(money_is_valid(amount));
    assert_false(money_is_positive(amount));
    assert_string_equal(money_currency(&amount), "");
    assert_int_equal(money_minor(amount), 0);
    assert_false(money_equal(amount, amount));
    assert_false(money_at_most(amount, amount));
    assert_false(money_is_valid(money_zero(amount)));
    assert_false(money_add(&out, amount, money_of(1, "USD")));
    assert_false(money_is_valid(out));
    assert_false(money_subtract(&out, money_of(1, "USD"), amount));
    assert_false(money_is_valid(out));
}

static void digits_of_every_currency(void **state)
{
    (void)state;
    static const char *const unknown[] = {"", "U", "US", "USDX", "usd", "XXX", "KWD", " USD", "JP"};
    for (size_t i = 0; i < LENGTH(two_digit_currencies); i++)
        assert_int_equal(money_currency_digits(two_digit_currencies[i]), 2);
    assert_int_equal(money_currency_digits("JPY"), 0);
    for (size_t i = 0; i < LENGTH(unknown); i++) {
        assert_int_equal(money_currency_digits(unknown[i]), -1);
        assert_poison(money_of(5, unknown[i]));
    }
}

struct reading {
    const char *text, *currency;
    int64_t minor;
    const char *written;
};

static void good_texts_are_read_and_written(void **state)
{
    (void)state;
    static const struct reading readings[] = {
        {"0", "JPY", 0, "0"},
        {"1200", "JPY", 1200, "1200"},
        {"1200.00", "JPY", 1200, "1200"},
        {"1200.0", "JPY", 1200, "1200"},
        {"000050", "JPY", 50, "50"},
        {"9223372036854775807", "JPY", INT64_MAX, "9223372036854775807"},
        {"0000000000000000000000000000007.0000000000000000000000000", "JPY", 7, "7"},
        {"0", "USD", 0, "0.00"},
        {"12", "USD", 1200, "12.00"},
        {"12.3", "USD", 1230, "12.30"},
        {"12.34", "USD", 1234, "12.34"},
        {"12.340000", "USD", 1234, "12.34"},
        {"0.01", "EUR", 1, "0.01"},
        {"0.10", "GBP", 10, "0.10"},
        {"92233720368547758.07", "CHF", INT64_MAX, "92233720368547758.07"},
    };
    for (size_t i = 0; i < LENGTH(readings); i++) {
        struct money amount;
        char text[MONEY_TEXT_MAX];
        if (!money_parse(readings[i].text, readings[i].currency, &amount))
            fail_msg("'%s' %s was refused", readings[i].text, readings[i].currency);
        assert_int_equal(money_minor(amount), readings[i].minor);
        assert_string_equal(money_currency(&amount), readings[i].currency);
        money_format(amount, text);
        assert_string_equal(text, readings[i].written);
    }
}

static void bad_texts_are_refused(void **state)
{
    (void)state;
    static const char *const bad_anywhere[] = {
        "",
        " ",
        "-1",
        "+1",
        "-0",
        " 1",
        "1 ",
        "1\n",
        ".",
        ".5",
        "1.",
        "1,000",
        "1_000",
        "1'0",
        "0x10",
        "1e3",
        "1E3",
        "inf",
        "nan",
        "1.0.0",
        "1..0",
        "1.-0",
        "1. 0",
        "1.0 ",
        "one",
        "\xd9\xa1",
        "$1",
        "1 USD",
        "1.00x",
        "x1",
        "1.001",
        "1.0001",
        "92233720368547758080",
        "99999999999999999999999999999999999999",
        "9223372036854775808",
    };
    static const char *const bad_yen[] = {"1200.5", "1200.01", "0.1", "0.000001"};
    static const char *const bad_dollars[] = {"92233720368547758.08", "92233720368547759",
                                              "922337203685477580.7", "1.005", "12.349"};
    struct money amount;
    for (size_t i = 0; i < LENGTH(bad_anywhere); i++) {
        if (money_parse(bad_anywhere[i], "JPY", &amount))
            fail_msg("'%s' JPY was read", bad_anywhere[i]);
        assert_poison(amount);
        if (money_parse(bad_anywhere[i], "USD", &amount))
            fail_msg("'%s' USD was read", bad_anywhere[i]);
        assert_poison(amount);
    }
    for (size_t i = 0; i < LENGTH(bad_yen); i++)
        if (money_parse(bad_yen[i], "JPY", &amount))
            fail_msg("'%s' JPY was read", bad_yen[i]);
    for (size_t i = 0; i < LENGTH(bad_dollars); i++)
        if (money_parse(bad_dollars[i], "USD", &amount))
            fail_msg("'%s' USD was read", bad_dollars[i]);
    assert_false(money_parse("1", "XXX", &amount));
    assert_poison(amount);
    assert_false(money_parse("1", "", &amount));
    assert_poison(amount);
}

static void every_amount_survives_a_round_trip(void **state)
{
    (void)state;
    uint64_t random = 88172645463325252U;
    for (int i = 0; i < 200000; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        const char *currency =
            i % 2 == 0 ? "JPY" : two_digit_currencies[i % LENGTH(two_digit_currencies)];
        struct money amount = money_of((int64_t)(random >> (1 + i % 60)), currency);
        struct money back;
        char text[MONEY_TEXT_MAX];
        money_format(amount, text);
        if (!money_parse(text, currency, &back) || !money_equal(amount, back))
            fail_msg("%s %s did not survive", text, currency);
    }
}

static void negative_differences_are_written(void **state)
{
    (void)state;
    char text[MONEY_TEXT_MAX];
    money_format(money_of(-5, "USD"), text);
    assert_string_equal(text, "-0.05");
    money_format(money_of(INT64_MIN, "USD"), text);
    assert_string_equal(text, "-92233720368547758.08");
    money_format(money_of(INT64_MIN, "JPY"), text);
    assert_string_equal(text, "-9223372036854775808");
}

static void sums_are_checked(void **state)
{
    (void)state;
    struct money out;
    assert_true(money_add(&out, money_of(50000, "JPY"), money_of(1, "JPY")));
    assert_true(money_equal(out, money_of(50001, "JPY")));
    assert_true(money_subtract(&out, money_of(1, "JPY"), money_of(3, "JPY")));
    assert_true(money_equal(out, money_of(-2, "JPY")));
    assert_false(money_is_positive(out));
    assert_true(money_subtract(&out, money_of(-1, "JPY"), money_of(INT64_MAX, "JPY")));
    assert_true(money_equal(out, money_of(INT64_MIN, "JPY")));

    out = money_of(1, "USD");
    assert_false(money_add(&out, money_of(INT64_MAX, "JPY"), money_of(1, "JPY")));
    assert_poison(out);
    assert_false(money_add(&out, money_of(INT64_MIN, "JPY"), money_of(-1, "JPY")));
    assert_poison(out);
    assert_false(money_subtract(&out, money_of(INT64_MIN, "JPY"), money_of(1, "JPY")));
    assert_poison(out);
    assert_false(money_subtract(&out, money_of(0, "JPY"), money_of(INT64_MIN, "JPY")));
    assert_poison(out);
    assert_false(money_add(&out, money_of(1, "JPY"), money_of(1, "USD")));
    assert_poison(out);
    assert_false(money_subtract(&out, money_of(1, "EUR"), money_of(1, "USD")));
    assert_poison(out);

    struct money aliased = money_of(2, "GBP");
    assert_true(money_add(&aliased, aliased, aliased));
    assert_true(money_equal(aliased, money_of(4, "GBP")));
}

static void zeroed_memory_is_poison(void **state)
{
    (void)state;
    assert_poison((struct money){0});
    struct money poison = {0};
    assert_poison(money_of(money_minor(poison), money_currency(&poison)));
}

static void comparisons_need_one_currency(void **state)
{
    (void)state;
    assert_true(money_at_most(money_of(1, "JPY"), money_of(1, "JPY")));
    assert_true(money_at_most(money_of(1, "JPY"), money_of(2, "JPY")));
    assert_false(money_at_most(money_of(2, "JPY"), money_of(1, "JPY")));
    assert_false(money_at_most(money_of(1, "JPY"), money_of(2, "USD")));
    assert_false(money_equal(money_of(1, "JPY"), money_of(1, "USD")));
    assert_false(money_equal(money_of(1, "JPY"), money_of(2, "JPY")));
    assert_true(money_is_positive(money_of(1, "JPY")));
    assert_false(money_is_positive(money_of(0, "JPY")));
    assert_true(money_equal(money_zero(money_of(7, "SEK")), money_of(0, "SEK")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digits_of_every_currency),
        cmocka_unit_test(good_texts_are_read_and_written),
        cmocka_unit_test(bad_texts_are_refused),
        cmocka_unit_test(every_amount_survives_a_round_trip),
        cmocka_unit_test(negative_differences_are_written),
        cmocka_unit_test(sums_are_checked),
        cmocka_unit_test(zeroed_memory_is_poison),
        cmocka_unit_test(comparisons_need_one_currency),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
