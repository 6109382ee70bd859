/*
 * test_guard_breaker.c - a seller's circuit breaker, and its bound of retries: pure decisions.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scheduler/guard_breaker.h"
#include "scheduler/guard_retries.h"

#define SECOND_US INT64_C(1000000)

static const struct breaker_settings settings = {
    .failures_max = 3, .wait_ms = 30000, .wait_max_ms = 100000};

static struct ticks at(int64_t seconds)
{
    return (struct ticks){seconds * SECOND_US};
}

static void fail_times(struct guard_breaker *breaker, unsigned times, struct ticks now)
{
    for (unsigned i = 0; i < times; i++) {
        (void)guard_breaker_failed(breaker, &settings, now);
    }
}

static void failures_in_a_row_open_it(void **state)
{
    (void)state;
    struct guard_breaker breaker = {0};
    fail_times(&breaker, 2, at(0));
    assert_int_equal(guard_breaker_wait_ms(&breaker, at(0)), -1);
    assert_false(guard_breaker_answered(&breaker)); /* the row is broken */
    fail_times(&breaker, 2, at(1));
    assert_int_equal(guard_breaker_room(&breaker, 9, at(1)), UINT32_MAX);
    assert_true(guard_breaker_failed(&breaker, &settings, at(1)));
    assert_int_equal(breaker.state, BREAKER_OPEN);
    assert_int_equal(guard_breaker_room(&breaker, 0, at(1)), 0);
    assert_int_equal(guard_breaker_wait_ms(&breaker, at(11)), 20000);
    /* Reached between a look at its room and the question how long to sleep: look again. */
    assert_int_equal(guard_breaker_wait_ms(&breaker, at(31)), 0);
    /* What was on the wire fails, too: that is no news. */
    assert_false(guard_breaker_failed(&breaker, &settings, at(11)));
    assert_int_equal(guard_breaker_wait_ms(&breaker, at(11)), 20000);
}

static void it_probes_with_one_and_waits_longer_each_time(void **state)
{
    static const int64_t waits_s[] = {30, 60, 100, 100, 100};
    (void)state;
    struct guard_breaker breaker = {0};
    int64_t now_s = 0;
    fail_times(&breaker, 3, at(0));
    for (size_t i = 0; i < sizeof waits_s / sizeof waits_s[0]; i++) {
        assert_int_equal(guard_breaker_wait_ms(&breaker, at(now_s)), waits_s[i] * 1000);
        assert_int_equal(guard_breaker_room(&breaker, 0, at(now_s + waits_s[i] - 1)), 0);
        now_s += waits_s[i];
        assert_int_equal(guard_breaker_room(&breaker, 0, at(now_s)), 1);
        assert_int_equal(guard_breaker_room(&breaker, 1, at(now_s)), 0);
        assert_true(guard_breaker_failed(&breaker, &settings, at(now_s)));
    }
}

static void it_opens_slowly(void **state)
{
    (void)state;
    struct guard_breaker breaker = {0};
    fail_times(&breaker, 3, at(0));
    assert_int_equal(guard_breaker_room(&breaker, 0, at(30)), 1);
    assert_true(guard_breaker_answered(&breaker));
    assert_int_equal(breaker.state, BREAKER_OPENING);
    /* Each round of answers lets about twice as many out. */
    uint32_t rounds = 0;
    uint32_t last = 1;
    while (breaker.state == BREAKER_OPENING) {
        uint32_t room = guard_breaker_room(&breaker, 0, at(31));
        assert_true(room > last && room <= 2 * last);
        assert_int_equal(guard_breaker_room(&breaker, room, at(31)), 0);
        for (uint32_t i = 0; i < room && breaker.state == BREAKER_OPENING; i++) {
            (void)guard_breaker_answered(&breaker);
        }
        last = room;
        rounds++;
    }
    assert_int_equal(breaker.state, BREAKER_CLOSED);
    assert_true(rounds >= 4 && rounds <= 8);
    /* And it has forgotten: the next opening is as short as the first. */
    fail_times(&breaker, 3, at(50));
    assert_int_equal(guard_breaker_wait_ms(&breaker, at(50)), 30000);
}

static void a_failure_while_it_opens_closes_it_at_once(void **state)
{
    (void)state;
    struct guard_breaker breaker = {0};
    fail_times(&breaker, 3, at(0));
    (void)guard_breaker_room(&breaker, 0, at(30));
    (void)guard_breaker_answered(&breaker);
    assert_true(guard_breaker_failed(&breaker, &settings, at(31)));
    assert_int_equal(breaker.state, BREAKER_OPEN);
    assert_int_equal(guard_breaker_wait_ms(&breaker, at(31)), 60000);
}

/* What is settled meanwhile is a probe, too. */
static void any_answer_while_open_ends_the_wait(void **state)
{
    (void)state;
    struct guard_breaker breaker = {0};
    fail_times(&breaker, 3, at(0));
    assert_true(guard_breaker_answered(&breaker));
    assert_int_equal(guard_breaker_room(&breaker, 0, at(1)), 1);
}

static void without_failures_max_there_is_none(void **state)
{
    static const struct breaker_settings off = {0};
    (void)state;
    struct guard_breaker breaker = {0};
    for (int i = 0; i < 1000; i++) {
        assert_false(guard_breaker_failed(&breaker, &off, at(i)));
    }
    assert_int_equal(guard_breaker_room(&breaker, 1000, at(1000)), UINT32_MAX);
}

static void retries_are_bounded_by_the_hour(void **state)
{
    (void)state;
    struct guard_retries retries = {0};
    assert_int_equal(guard_retries_room(&retries, 5, at(10)), 5);
    guard_retries_take(&retries, 4);
    assert_int_equal(guard_retries_room(&retries, 5, at(3599)), 1);
    assert_int_equal(guard_retries_wait_ms(at(3599)), 1000);
    guard_retries_take(&retries, 3); /* of one account: a little more than there is room for */
    assert_int_equal(guard_retries_room(&retries, 5, at(3599)), 0);
    guard_retries_give_back(&retries, 3);
    assert_int_equal(guard_retries_room(&retries, 5, at(3599)), 1);
    assert_int_equal(guard_retries_room(&retries, 5, at(3600)), 5);
    guard_retries_give_back(&retries, 2); /* taken in the hour before */
    assert_int_equal(guard_retries_room(&retries, 5, at(3600)), 5);
    assert_int_equal(guard_retries_room(&retries, 0, at(3600)), UINT32_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(failures_in_a_row_open_it),
        cmocka_unit_test(it_probes_with_one_and_waits_longer_each_time),
        cmocka_unit_test(it_opens_slowly),
        cmocka_unit_test(a_failure_while_it_opens_closes_it_at_once),
        cmocka_unit_test(any_answer_while_open_ends_the_wait),
        cmocka_unit_test(without_failures_max_there_is_none),
        cmocka_unit_test(retries_are_bounded_by_the_hour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
