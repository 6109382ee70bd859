/*
 * test_refund.c - how much of a capture may go back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "billing/refund.h"

static int64_t bound(const char *captured, const char *currency, bool with_overage)
{
    struct money amount;
    assert_true(money_parse(captured, currency, &amount));
    struct money bound = refund_bound(amount, with_overage);
    assert_string_equal(money_currency(&bound), currency);
    return money_minor(bound);
}

static void without_overage_it_is_the_capture(void **state)
{
    (void)state;
    assert_int_equal(bound("1200", "JPY", false), 1200);
    assert_int_equal(bound("10.01", "USD", false), 1001);
}

static void overage_is_fifteen_percent_rounded_down(void **state)
{
    (void)state;
    assert_int_equal(bound("1200", "JPY", true), 1380);
    assert_int_equal(bound("1", "JPY", true), 1);
    assert_int_equal(bound("6", "JPY", true), 6);
    assert_int_equal(bound("7", "JPY", true), 8);
    assert_int_equal(bound("199", "JPY", true), 228);
    assert_int_equal(bound("10.01", "USD", true), 1151);
}

static void overage_has_an_end(void **state)
{
    (void)state;
    assert_int_equal(bound("55999", "JPY", true), 55999 + 8399);
    assert_int_equal(bound("56000", "JPY", true), 56000 + 8400);
    assert_int_equal(bound("1000000", "JPY", true), 1008400);
    assert_int_equal(bound("499.99", "EUR", true), 49999 + 7499);
    assert_int_equal(bound("500.00", "EUR", true), 57500);
    assert_int_equal(bound("5000.00", "GBP", true), 507500);
}

static void what_is_not_known_has_no_bound(void **state)
{
    (void)state;
    struct money nothing = {0};
    assert_false(money_is_valid(refund_bound(nothing, false)));
    assert_false(money_is_valid(refund_bound(nothing, true)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_overage_it_is_the_capture),
        cmocka_unit_test(overage_is_fifteen_percent_rounded_down),
        cmocka_unit_test(overage_has_an_end),
        cmocka_unit_test(what_is_not_known_has_no_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
