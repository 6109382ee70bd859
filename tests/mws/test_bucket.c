/*
 * test_bucket.c - the token bucket: exact over long times, bounded in every window, and modest
 * after a 503. Time is handed in.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "mws/bucket.h"

#define S INT64_C(1000000)

static struct ticks at_us(int64_t us)
{
    return (struct ticks){us};
}

static uint32_t take_all(struct bucket *bucket, struct ticks now)
{
    uint32_t taken = 0;
    while (bucket_take(bucket, now)) {
        taken++;
        assert_true(taken < 1000000);
    }
    return taken;
}

static void a_full_bucket_gives_its_burst_and_then_its_rate(void **state)
{
    (void)state;
    struct bucket bucket;
    bucket_init(&bucket, 10000, 1000, true, at_us(5 * S));
    assert_int_equal(bucket_available(&bucket, at_us(5 * S)), 10);
    assert_int_equal(take_all(&bucket, at_us(5 * S)), 10);
    assert_int_equal(bucket_wait_ms(&bucket, at_us(5 * S)), 1000);
    assert_false(bucket_take(&bucket, at_us(6 * S - 1)));
    assert_int_equal(bucket_wait_ms(&bucket, at_us(6 * S - 1)), 1); /* never 0 too early */
    assert_true(bucket_take(&bucket, at_us(6 * S)));
    assert_false(bucket_take(&bucket, at_us(6 * S)));
    assert_int_equal(take_all(&bucket, at_us(600 * S)), 10);
}

static void an_empty_start_and_sizes_below_one_token(void **state)
{
    (void)state;
    struct bucket bucket;
    bucket_init(&bucket, 2000, 500, false, at_us(0));
    assert_int_equal(bucket_available(&bucket, at_us(0)), 0);
    assert_int_equal(bucket_wait_ms(&bucket, at_us(0)), 2000);
    assert_true(bucket_take(&bucket, at_us(2 * S)));

    /* A fraction of a small quota must not mean never. */
    bucket_init(&bucket, 600, 150, true, at_us(0));
    assert_true(bucket_take(&bucket, at_us(0)));
    assert_int_equal(bucket_wait_ms(&bucket, at_us(0)), 6667);
    assert_false(bucket_take(&bucket, at_us(INT64_C(6666000))));
    assert_true(bucket_take(&bucket, at_us(INT64_C(6667000))));
}

static void without_a_limit_nothing_waits(void **state)
{
    (void)state;
    struct bucket bucket;
    bucket_init(&bucket, 0, 0, true, at_us(0));
    bucket_throttled(&bucket, at_us(0));
    for (int i = 0; i < 1000; i++) {
        assert_true(bucket_take(&bucket, at_us(0)));
    }
    bucket_give_back(&bucket);
    assert_int_equal(bucket_available(&bucket, at_us(0)), UINT32_MAX);
    assert_int_equal(bucket_wait_ms(&bucket, at_us(0)), 0);
    assert_int_equal(bucket_drain_ms(&bucket, 1000, at_us(0)), 0);
}

/* Goal: no drift. A prime rate read at an odd period for thirty days loses and gains nothing. */
static void a_month_of_odd_readings_is_exact(void **state)
{
    (void)state;
    const int64_t rate_milli = 997;
    const int64_t end_us = INT64_C(30) * 86400 * S;
    struct bucket bucket;
    bucket_init(&bucket, 3000, rate_milli, false, at_us(0));
    int64_t taken = 0;
    for (int64_t now = 0; now <= end_us; now += 333667) {
        while (bucket_take(&bucket, at_us(now))) {
            taken++;
        }
        int64_t earned = now / S * rate_milli / 1000; /* a little less than what is due */
        assert_true(taken >= earned - 1);
        assert_true(taken <= earned + 2);
    }
}

static void time_that_stands_still_or_jumps_is_harmless(void **state)
{
    (void)state;
    struct bucket bucket;
    bucket_init(&bucket, 2000, 1000, true, at_us(10 * S));
    assert_int_equal(take_all(&bucket, at_us(10 * S)), 2);
    assert_int_equal(bucket_available(&bucket, at_us(3 * S)), 0);
    assert_int_equal(bucket_available(&bucket, at_us(10 * S)), 0);
    assert_int_equal(bucket_available(&bucket, at_us(INT64_MAX / 2)), 2);
}

static void a_503_closes_for_longer_each_time_and_opens_with_one_probe(void **state)
{
    (void)state;
    static const int64_t closed_s[] = {1, 2, 4, 8, 16, 32, 60, 60, 60};
    struct bucket bucket;
    int64_t now = 0;
    bucket_init(&bucket, 10000, 2000, true, at_us(now));
    for (size_t i = 0; i < sizeof closed_s / sizeof closed_s[0]; i++) {
        assert_true(bucket_take(&bucket, at_us(now)));
        bucket_throttled(&bucket, at_us(now));
        bucket_throttled(&bucket, at_us(now)); /* the same burst: counts once */
        assert_int_equal(bucket_available(&bucket, at_us(now)), 0);
        assert_int_equal(bucket_wait_ms(&bucket, at_us(now)), closed_s[i] * 1000);
        assert_false(bucket_take(&bucket, at_us(now + closed_s[i] * S - 1)));
        now += closed_s[i] * S;
        assert_int_equal(bucket_available(&bucket, at_us(now)), 1);
    }
    assert_int_equal(bucket_available(&bucket, at_us(now + 3600 * S)), 1);
    bucket_accepted(&bucket);
    now += 3600 * S;
    assert_int_equal(bucket_available(&bucket, at_us(now + 5 * S)), 10);

    /* After an accepted request the next closing is short again. */
    bucket_throttled(&bucket, at_us(now + 5 * S));
    assert_int_equal(bucket_wait_ms(&bucket, at_us(now + 5 * S)), 1000);
}

static void a_slow_bucket_does_not_earn_its_probe_faster(void **state)
{
    (void)state;
    struct bucket bucket;
    bucket_init(&bucket, 2000, 500, true, at_us(0));
    bucket_throttled(&bucket, at_us(0));
    assert_int_equal(bucket_wait_ms(&bucket, at_us(0)), 2000);
    assert_false(bucket_take(&bucket, at_us(2 * S - 1)));
    assert_true(bucket_take(&bucket, at_us(2 * S)));
}

static void giving_back_never_passes_the_capacity(void **state)
{
    (void)state;
    struct bucket bucket;
    bucket_init(&bucket, 2500, 1000, true, at_us(0));
    bucket_give_back(&bucket);
    assert_int_equal(bucket.level_nano, bucket.capacity_nano);
    assert_int_equal(take_all(&bucket, at_us(0)), 2);
    bucket_give_back(&bucket);
    assert_int_equal(bucket_available(&bucket, at_us(0)), 1);
    for (int i = 0; i < 10; i++) {
        bucket_give_back(&bucket);
    }
    assert_int_equal(bucket.level_nano, bucket.capacity_nano);
    bucket_throttled(&bucket, at_us(0));
    for (int i = 0; i < 10; i++) {
        bucket_give_back(&bucket);
    }
    assert_int_equal(bucket_available(&bucket, at_us(S)), 1);
}

static void the_drain_time_is_what_taking_really_needs(void **state)
{
    (void)state;
    for (uint64_t count = 1; count < 40; count++) {
        struct bucket bucket;
        bucket_init(&bucket, 10000, 700, true, at_us(0));
        if (count % 3 == 0) {
            bucket_throttled(&bucket, at_us(0));
        }
        int64_t promised_ms = bucket_drain_ms(&bucket, count, at_us(0));
        uint64_t taken = 0;
        int64_t now_ms = 0;
        for (; taken < count; now_ms++) {
            while (taken < count && bucket_take(&bucket, at_us(now_ms * 1000))) {
                taken++;
                bucket_accepted(&bucket);
            }
        }
        /* A probe that waits for the next whole millisecond may cost one more. */
        assert_in_range(now_ms - 1, promised_ms, promised_ms + (count % 3 == 0));
    }
    struct bucket bucket;
    bucket_init(&bucket, 10000, 1000, true, at_us(0));
    assert_int_equal(bucket_drain_ms(&bucket, 0, at_us(0)), 0);
    assert_int_equal(bucket_drain_ms(&bucket, 10, at_us(0)), 0);
    assert_true(bucket_drain_ms(&bucket, UINT64_MAX, at_us(0)) > INT64_C(1000000000000));
}

/* A small generator (xorshift), so that a failing seed can be run again. */
static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

#define CALLS_MAX 4000

/* Goal: whatever happens, no window has more calls than capacity + rate * length. All windows that
 * begin and end with a call are looked at; no other can be worse. */
static void no_window_has_more_calls_than_it_may(void **state)
{
    (void)state;
    static int64_t calls[CALLS_MAX];
    for (uint64_t round = 1; round <= 60; round++) {
        uint64_t seed = round * 0x9e3779b97f4a7c15U;
        int64_t capacity_milli = 1000 + (int64_t)(next_random(&seed) % 20000);
        int64_t rate_milli = 100 + (int64_t)(next_random(&seed) % 5000);
        struct bucket bucket;
        size_t count = 0;
        int64_t now = 0;
        bucket_init(&bucket, capacity_milli, rate_milli, true, at_us(now));
        for (int step = 0; step < 3000 && count < CALLS_MAX; step++) {
            now += (int64_t)(next_random(&seed) % (next_random(&seed) % 8 == 0 ? 20 * S : S / 4));
            switch (next_random(&seed) % 8) {
            case 0:
                bucket_throttled(&bucket, at_us(now));
                break;
            case 1:
                bucket_accepted(&bucket);
                break;
            case 2:
                if (bucket_take(&bucket, at_us(now))) {
                    bucket_give_back(&bucket); /* taken and not used: no call */
                }
                break;
            default:
                if (bucket_take(&bucket, at_us(now))) {
                    calls[count++] = now;
                }
                break;
            }
        }
        assert_true(count > 20);
        for (size_t first = 0; first < count; first++) {
            for (size_t last = first; last < count; last++) {
                int64_t length_us = calls[last] - calls[first];
                int64_t calls_nano = (int64_t)(last - first + 1) * INT64_C(1000000000);
                if (calls_nano > capacity_milli * 1000000 + rate_milli * length_us) {
                    fail_msg("round %llu: %zu calls in %lld us", (unsigned long long)round,
                             last - first + 1, (long long)length_us);
                }
            }
        }
    }
}

/* Ten are reserved, the disk takes a minute, and only then are they used: ten calls, not twenty. */
static void what_is_reserved_while_the_bucket_fills_is_no_second_burst(void **state)
{
    (void)state;
    struct bucket bucket;
    bucket_init(&bucket, 10000, 1000, true, at_us(0));
    uint32_t used = 0;
    for (int i = 0; i < 10; i++) {
        assert_true(bucket_reserve(&bucket, at_us(0)));
    }
    assert_false(bucket_reserve(&bucket, at_us(0)));
    assert_false(bucket_take(&bucket, at_us(60 * S)));
    for (int i = 0; i < 10; i++) {
        bucket_release(&bucket);
        used += bucket_take(&bucket, at_us(60 * S));
    }
    assert_int_equal(used + take_all(&bucket, at_us(60 * S)), 10);
    assert_int_equal(bucket_wait_ms(&bucket, at_us(60 * S)), 1000);
}

static void one_that_is_released_is_for_everybody(void **state)
{
    (void)state;
    struct bucket bucket;
    bucket_init(&bucket, 2000, 1000, true, at_us(0));
    assert_true(bucket_reserve(&bucket, at_us(0)));
    assert_int_equal(bucket_available(&bucket, at_us(0)), 1);
    assert_int_equal(take_all(&bucket, at_us(0)), 1);
    assert_int_equal(bucket_wait_ms(&bucket, at_us(0)), 1000);
    assert_int_equal(bucket_drain_ms(&bucket, 3, at_us(0)), 3000);
    bucket_release(&bucket);
    assert_int_equal(bucket_wait_ms(&bucket, at_us(0)), 0);
    assert_int_equal(take_all(&bucket, at_us(0)), 1);
}

static void after_a_503_what_was_reserved_is_gone(void **state)
{
    (void)state;
    struct bucket bucket;
    bucket_init(&bucket, 10000, 1000, true, at_us(0));
    for (int i = 0; i < 3; i++) {
        assert_true(bucket_reserve(&bucket, at_us(0)));
    }
    bucket_throttled(&bucket, at_us(0));
    assert_int_equal(bucket_available(&bucket, at_us(0)), 0);
    for (int i = 0; i < 3; i++) {
        bucket_release(&bucket);
        assert_false(bucket_take(&bucket, at_us(1)));
    }
    assert_int_equal(take_all(&bucket, at_us(1 * S)), 1); /* the probe */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_bucket_gives_its_burst_and_then_its_rate),
        cmocka_unit_test(an_empty_start_and_sizes_below_one_token),
        cmocka_unit_test(without_a_limit_nothing_waits),
        cmocka_unit_test(a_month_of_odd_readings_is_exact),
        cmocka_unit_test(time_that_stands_still_or_jumps_is_harmless),
        cmocka_unit_test(a_503_closes_for_longer_each_time_and_opens_with_one_probe),
        cmocka_unit_test(a_slow_bucket_does_not_earn_its_probe_faster),
        cmocka_unit_test(giving_back_never_passes_the_capacity),
        cmocka_unit_test(the_drain_time_is_what_taking_really_needs),
        cmocka_unit_test(no_window_has_more_calls_than_it_may),
        cmocka_unit_test(what_is_reserved_while_the_bucket_fills_is_no_second_burst),
        cmocka_unit_test(one_that_is_released_is_for_everybody),
        cmocka_unit_test(after_a_503_what_was_reserved_is_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
