/*
 * test_guard_clock.c - which steps of the wall clock stop charging, and which are none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scheduler/guard_clock.h"

#define MINUTE INT64_C(60000)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define START  INT64_C(1800000000000)

static const struct clock_settings settings = {
    .jump_max_ms = HOUR, .back_max_ms = 5 * MINUTE, .downtime_max_ms = 7 * DAY};

/* A machine: what its clock shows is off by `wrong_ms` from what time it is. */
struct machine {
    struct guard_clock clock;
    int64_t passed_ms;
    int64_t wrong_ms;
};

static struct instant shown(const struct machine *machine)
{
    return (struct instant){START + machine->passed_ms + machine->wrong_ms};
}

static struct ticks ticks(const struct machine *machine)
{
    return (struct ticks){machine->passed_ms * 1000};
}

static enum clock_verdict begin(struct machine *machine, int64_t down_ms)
{
    struct instant last_write = {START - down_ms};
    return guard_clock_begin(&machine->clock, &settings, last_write, shown(machine),
                             ticks(machine));
}

static enum clock_verdict after(struct machine *machine, int64_t passed_ms, int64_t step_ms)
{
    machine->passed_ms += passed_ms;
    machine->wrong_ms += step_ms;
    return guard_clock_look(&machine->clock, &settings, shown(machine), ticks(machine));
}

static void a_clock_that_runs_is_well(void **state)
{
    (void)state;
    struct machine machine = {0};
    assert_int_equal(begin(&machine, MINUTE), CLOCK_WELL);
    assert_int_equal(after(&machine, MINUTE, 0), CLOCK_WELL);
    assert_int_equal(after(&machine, 30 * DAY, 0), CLOCK_WELL); /* nobody looked for a month */
    assert_int_equal(after(&machine, MINUTE, HOUR), CLOCK_WELL);
    assert_int_equal(after(&machine, MINUTE, -5 * MINUTE), CLOCK_WELL);
}

static void a_jump_forward_is_told_once(void **state)
{
    (void)state;
    struct machine machine = {0};
    assert_int_equal(begin(&machine, 0), CLOCK_WELL);
    assert_int_equal(after(&machine, MINUTE, HOUR + 1), CLOCK_FORWARD);
    assert_int_equal(after(&machine, MINUTE, 0), CLOCK_WELL);
    assert_int_equal(after(&machine, MINUTE, 300 * DAY), CLOCK_FORWARD);
}

static void a_clock_set_back_is_caught_up(void **state)
{
    (void)state;
    struct machine machine = {0};
    assert_int_equal(begin(&machine, 0), CLOCK_WELL);
    assert_int_equal(after(&machine, HOUR, -10 * MINUTE), CLOCK_BACK);
    assert_int_equal(after(&machine, 9 * MINUTE, 0), CLOCK_WELL);
    assert_true(machine.clock.is_behind);
    assert_int_equal(after(&machine, MINUTE, 0), CLOCK_WELL);
    assert_false(machine.clock.is_behind);
}

static void a_step_back_that_is_undone_is_no_jump(void **state)
{
    (void)state;
    struct machine machine = {0};
    assert_int_equal(begin(&machine, 0), CLOCK_WELL);
    assert_int_equal(after(&machine, MINUTE, -10 * DAY), CLOCK_BACK);
    assert_int_equal(after(&machine, 3 * DAY, 10 * DAY), CLOCK_WELL);
    assert_false(machine.clock.is_behind);
    /* But one that goes too far is. */
    assert_int_equal(after(&machine, MINUTE, -10 * DAY), CLOCK_BACK);
    assert_int_equal(after(&machine, MINUTE, 10 * DAY + HOUR + 1), CLOCK_FORWARD);
    assert_false(machine.clock.is_behind);
    assert_int_equal(after(&machine, MINUTE, 0), CLOCK_WELL);
}

static void set_back_twice_waits_for_the_first(void **state)
{
    (void)state;
    struct machine machine = {0};
    assert_int_equal(begin(&machine, 0), CLOCK_WELL);
    assert_int_equal(after(&machine, MINUTE, -HOUR), CLOCK_BACK);
    assert_int_equal(after(&machine, MINUTE, -HOUR), CLOCK_BACK);
    assert_int_equal(after(&machine, HOUR, 0), CLOCK_WELL);
    assert_true(machine.clock.is_behind);
    assert_int_equal(after(&machine, HOUR, 0), CLOCK_WELL);
    assert_false(machine.clock.is_behind);
}

static void a_start_is_held_against_the_last_write(void **state)
{
    (void)state;
    struct machine machine = {0};
    assert_int_equal(begin(&machine, 7 * DAY), CLOCK_WELL);
    assert_int_equal(begin(&machine, 7 * DAY + 1), CLOCK_LONG_DOWN);
    assert_int_equal(begin(&machine, -5 * MINUTE), CLOCK_WELL);
    assert_int_equal(begin(&machine, -5 * MINUTE - 1), CLOCK_BACK);
    assert_int_equal(after(&machine, 5 * MINUTE, 0), CLOCK_WELL);
    assert_true(machine.clock.is_behind);
    assert_int_equal(after(&machine, 1, 0), CLOCK_WELL);
    assert_false(machine.clock.is_behind);
    assert_int_equal(guard_clock_begin(&machine.clock, &settings, INSTANT_NEVER, shown(&machine),
                                       ticks(&machine)),
                     CLOCK_WELL); /* a new store */
}

/* An earlier process found the clock set back, and waited for `ahead_ms` from now. */
static void wait_for(struct machine *machine, int64_t ahead_ms)
{
    guard_clock_wait(&machine->clock, instant_plus(shown(machine), ahead_ms));
}

static void a_start_goes_on_waiting(void **state)
{
    (void)state;
    struct machine machine = {0};
    assert_int_equal(begin(&machine, MINUTE), CLOCK_WELL);
    wait_for(&machine, 10 * MINUTE);
    assert_int_equal(after(&machine, 9 * MINUTE, 0), CLOCK_WELL);
    assert_true(machine.clock.is_behind);
    assert_int_equal(after(&machine, MINUTE, 0), CLOCK_WELL);
    assert_false(machine.clock.is_behind);
    /* The time came while nothing ran. */
    wait_for(&machine, -MINUTE);
    assert_int_equal(after(&machine, 1, 0), CLOCK_WELL);
    assert_false(machine.clock.is_behind);
    /* Whichever is later counts, also when the start finds the clock behind by itself. */
    machine = (struct machine){0};
    assert_int_equal(begin(&machine, -HOUR), CLOCK_BACK);
    wait_for(&machine, 10 * MINUTE);
    assert_int_equal(after(&machine, 59 * MINUTE, 0), CLOCK_WELL);
    assert_true(machine.clock.is_behind);
    wait_for(&machine, 2 * MINUTE);
    assert_int_equal(after(&machine, MINUTE, 0), CLOCK_WELL);
    assert_true(machine.clock.is_behind);
    assert_int_equal(after(&machine, MINUTE, 0), CLOCK_WELL);
    assert_false(machine.clock.is_behind);
}

static void zero_is_no_bound(void **state)
{
    (void)state;
    static const struct clock_settings off = {0};
    struct machine machine = {0};
    struct instant long_ago = {0};
    assert_int_equal(
        guard_clock_begin(&machine.clock, &off, long_ago, shown(&machine), ticks(&machine)),
        CLOCK_WELL);
    machine.wrong_ms = -100 * DAY;
    assert_int_equal(guard_clock_look(&machine.clock, &off, shown(&machine), ticks(&machine)),
                     CLOCK_WELL);
    machine.wrong_ms = 100 * DAY;
    assert_int_equal(guard_clock_look(&machine.clock, &off, shown(&machine), ticks(&machine)),
                     CLOCK_WELL);
}

/* A step that stops nothing is one all the same: what was measured over it is not known. */
static void it_is_known_since_when_it_ran_evenly(void **state)
{
    (void)state;
    struct machine machine = {0};
    assert_int_equal(begin(&machine, MINUTE), CLOCK_WELL);
    assert_int_equal(machine.clock.even_since.utc_ms, shown(&machine).utc_ms);
    struct instant began_at = shown(&machine);
    assert_int_equal(after(&machine, DAY, 900), CLOCK_WELL);
    assert_int_equal(after(&machine, MINUTE, -900), CLOCK_WELL);
    assert_int_equal(machine.clock.even_since.utc_ms, began_at.utc_ms);
    assert_int_equal(after(&machine, MINUTE, 10 * MINUTE), CLOCK_WELL);
    assert_int_equal(machine.clock.even_since.utc_ms, shown(&machine).utc_ms);
    struct instant stepped_at = shown(&machine);
    assert_int_equal(after(&machine, MINUTE, 0), CLOCK_WELL);
    assert_int_equal(machine.clock.even_since.utc_ms, stepped_at.utc_ms);
    assert_int_equal(after(&machine, MINUTE, -2 * MINUTE), CLOCK_WELL);
    assert_int_equal(machine.clock.even_since.utc_ms, shown(&machine).utc_ms);
}

static struct instant told(const struct machine *machine)
{
    return guard_clock_time(&machine->clock, shown(machine), ticks(machine));
}

static void since_a_jump_forward_the_time_is_counted_by_the_ticks(void **state)
{
    (void)state;
    struct machine machine = {0};
    assert_int_equal(begin(&machine, MINUTE), CLOCK_WELL);
    assert_int_equal(told(&machine).utc_ms, START);
    assert_int_equal(after(&machine, MINUTE, 365 * DAY), CLOCK_FORWARD);
    assert_int_equal(told(&machine).utc_ms, START + MINUTE);
    assert_int_equal(after(&machine, MINUTE, 365 * DAY), CLOCK_FORWARD); /* and once more */
    assert_int_equal(told(&machine).utc_ms, START + 2 * MINUTE);
    assert_int_equal(after(&machine, MINUTE, -730 * DAY), CLOCK_WELL); /* it is right again */
    assert_int_equal(told(&machine).utc_ms, START + 3 * MINUTE);
    guard_clock_trust(&machine.clock);
    assert_int_equal(after(&machine, MINUTE, 0), CLOCK_WELL);
    assert_int_equal(told(&machine).utc_ms, START + 4 * MINUTE);

    assert_int_equal(after(&machine, MINUTE, 9 * DAY), CLOCK_FORWARD); /* the machine had slept */
    guard_clock_trust(&machine.clock);
    assert_int_equal(machine.clock.even_since.utc_ms, START + 5 * MINUTE + 9 * DAY);
    assert_int_equal(after(&machine, MINUTE, 0), CLOCK_WELL);
    assert_int_equal(told(&machine).utc_ms, START + 6 * MINUTE + 9 * DAY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_known_since_when_it_ran_evenly),
        cmocka_unit_test(a_clock_that_runs_is_well),
        cmocka_unit_test(a_jump_forward_is_told_once),
        cmocka_unit_test(a_clock_set_back_is_caught_up),
        cmocka_unit_test(a_step_back_that_is_undone_is_no_jump),
        cmocka_unit_test(set_back_twice_waits_for_the_first),
        cmocka_unit_test(a_start_is_held_against_the_last_write),
        cmocka_unit_test(a_start_goes_on_waiting),
        cmocka_unit_test(zero_is_no_bound),
        cmocka_unit_test(since_a_jump_forward_the_time_is_counted_by_the_ticks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
