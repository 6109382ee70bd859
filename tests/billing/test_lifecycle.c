/*
 * test_lifecycle.c - every pair of every table, against the chart of lifecycle.h written down a
 * second time, by hand, as one word per allowed move.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "billing/lifecycle.h"

/* One lifecycle seen through functions of int, so that one walk serves all five. */
struct lifecycle {
    int count; /* the states are 1..count */
    const char *(*name)(int state);
    bool (*may_become)(int from, int to);
    bool (*is_final)(int state);
    const char *allowed; /* "from>to " ... */
    const char *finals;  /* "name " ... */
};

static const char *agreement_name(int state)
{
    return agreement_state_name(state);
}
static bool agreement_may(int from, int to)
{
    return agreement_may_become(from, to);
}
static bool agreement_final(int state)
{
    return agreement_is_final(state);
}
static const char *subscription_name(int state)
{
    return subscription_state_name(state);
}
static bool subscription_may(int from, int to)
{
    return subscription_may_become(from, to);
}
static bool subscription_final(int state)
{
    return subscription_is_final(state);
}
static const char *charge_name(int state)
{
    return charge_state_name(state);
}
static bool charge_may(int from, int to)
{
    return charge_may_become(from, to);
}
static bool charge_final(int state)
{
    return charge_is_final(state);
}
static const char *attempt_name(int state)
{
    return attempt_state_name(state);
}
static bool attempt_may(int from, int to)
{
    return attempt_may_become(from, to);
}
static bool attempt_final(int state)
{
    return attempt_is_final(state);
}

static const char *refund_name(int state)
{
    return refund_state_name(state);
}
static bool refund_may(int from, int to)
{
    return refund_may_become(from, to);
}
static bool refund_final(int state)
{
    return refund_is_final(state);
}

static const struct lifecycle agreement_lifecycle = {
    6,
    agreement_name,
    agreement_may,
    agreement_final,
    " unsynced>draft unsynced>open unsynced>suspended unsynced>canceled unsynced>closed"
    " draft>open draft>suspended draft>canceled draft>closed"
    " open>suspended open>unsynced open>canceled open>closed"
    " suspended>open suspended>canceled suspended>closed ",
    " canceled closed "};

static const struct lifecycle subscription_lifecycle = {
    7,
    subscription_name,
    subscription_may,
    subscription_final,
    " active>past_due active>canceled active>ended active>paused active>leaving"
    " past_due>active past_due>canceled past_due>paused past_due>leaving"
    " paused>active paused>canceled leaving>active leaving>replaced leaving>canceled ",
    " canceled ended replaced "};

static const struct lifecycle charge_lifecycle = {
    10,
    charge_name,
    charge_may,
    charge_final,
    " due>attempting due>waiting due>held due>asking due>failed due>canceled"
    " attempting>paid attempting>authorized attempting>retrying attempting>waiting"
    " attempting>held attempting>asking attempting>failed attempting>canceled"
    " retrying>attempting retrying>waiting retrying>held retrying>asking retrying>failed"
    " retrying>canceled retrying>retrying"
    " waiting>due waiting>attempting waiting>retrying waiting>held waiting>asking waiting>failed"
    " waiting>canceled waiting>waiting"
    " held>due held>attempting held>waiting held>asking held>failed held>canceled"
    " held>held"
    " authorized>attempting authorized>retrying authorized>failed authorized>canceled"
    " authorized>waiting authorized>held authorized>asking"
    " asking>due asking>held asking>waiting asking>failed asking>canceled ",
    " paid failed canceled "};

static const struct lifecycle attempt_lifecycle = {
    9,
    attempt_name,
    attempt_may,
    attempt_final,
    " intent>unknown intent>postponed intent>authorized intent>captured intent>declined"
    " intent>refused"
    " unknown>authorized unknown>captured unknown>declined unknown>refused"
    " postponed>intent postponed>refused"
    " authorized>capturing authorized>voiding authorized>captured authorized>declined"
    " authorized>refused"
    " capturing>authorized capturing>captured capturing>declined capturing>refused"
    " voiding>captured voiding>declined voiding>refused ",
    " captured declined refused "};

static const struct lifecycle refund_lifecycle = {
    7,
    refund_name,
    refund_may,
    refund_final,
    " intent>unknown intent>postponed intent>pending intent>completed intent>declined"
    " intent>refused"
    " unknown>pending unknown>completed unknown>declined unknown>refused"
    " postponed>intent postponed>refused pending>completed pending>declined ",
    " completed declined refused "};

static const struct lifecycle *const lifecycles[] = {&agreement_lifecycle, &subscription_lifecycle,
                                                     &charge_lifecycle, &attempt_lifecycle,
                                                     &refund_lifecycle};

#define LIFECYCLES (sizeof lifecycles / sizeof lifecycles[0])

static void walk(const struct lifecycle *lifecycle)
{
    char text[64];
    for (int from = 1; from <= lifecycle->count; from++) {
        for (int to = 1; to <= lifecycle->count; to++) {
            (void)snprintf(text, sizeof text, " %s>%s ", lifecycle->name(from),
                           lifecycle->name(to));
            bool allowed = strstr(lifecycle->allowed, text) != NULL;
            if (lifecycle->may_become(from, to) != allowed) {
                fail_msg("%s should %sbe allowed", text, allowed ? "" : "not ");
            }
        }
        /* 0 is no state: what was not understood leads nowhere. */
        assert_false(lifecycle->may_become(from, 0));
        (void)snprintf(text, sizeof text, " %s ", lifecycle->name(from));
        if (lifecycle->is_final(from) != (strstr(lifecycle->finals, text) != NULL)) {
            fail_msg("is%sfinal?", text);
        }
    }
}

static void every_pair(void **state)
{
    (void)state;
    for (size_t i = 0; i < LIFECYCLES; i++) {
        walk(lifecycles[i]);
    }
}

/* From every state that is not final a final one can be reached: nothing is stuck by its table. */
static void every_state_can_end(void **state)
{
    (void)state;
    for (size_t i = 0; i < LIFECYCLES; i++) {
        const struct lifecycle *lifecycle = lifecycles[i];
        for (int from = 1; from <= lifecycle->count; from++) {
            bool ends = lifecycle->is_final(from);
            for (int to = 1; to <= lifecycle->count; to++) {
                ends = ends || (lifecycle->may_become(from, to) && lifecycle->is_final(to));
            }
            if (!ends) {
                fail_msg("%s never ends", lifecycle->name(from));
            }
        }
    }
}

static void names_are_unique(void **state)
{
    (void)state;
    for (size_t i = 0; i < LIFECYCLES; i++) {
        const struct lifecycle *lifecycle = lifecycles[i];
        for (int a = 1; a <= lifecycle->count; a++) {
            assert_true(lifecycle->name(a)[0] != '\0');
            for (int b = 1; b < a; b++) {
                assert_string_not_equal(lifecycle->name(a), lifecycle->name(b));
            }
        }
    }
    for (int a = 0; a < REASON_COUNT; a++) {
        assert_non_null(reason_name(a));
        assert_true(reason_name(a)[0] != '\0');
        for (int b = 0; b < a; b++) {
            assert_string_not_equal(reason_name(a), reason_name(b));
        }
    }
}

static void names_are_read_back(void **state)
{
    (void)state;
    static const char *const unknown[] = {"", " paid", "Paid", "PAID", "paid ", "pai", "unknown"};
    for (int i = 1; i < CHARGE_STATE_COUNT; i++) {
        assert_int_equal(charge_state_parse(charge_state_name(i)), i);
    }
    for (int i = 1; i <= 7; i++) {
        assert_int_equal(subscription_state_parse(subscription_state_name(i)), i);
    }
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        assert_int_equal(charge_state_parse(unknown[i]), 0);
        assert_int_equal(subscription_state_parse(unknown[i]), 0);
    }
}

/* Stored numbers: a row written by an old version means the same for ever. */
static void numbers_never_change(void **state)
{
    (void)state;
    assert_int_equal(AGREEMENT_UNSYNCED, 1);
    assert_int_equal(AGREEMENT_CLOSED, 6);
    assert_int_equal(SUBSCRIPTION_ACTIVE, 1);
    assert_int_equal(SUBSCRIPTION_ENDED, 4);
    assert_string_equal(charge_state_name(1), "due");
    assert_string_equal(charge_state_name(2), "attempting");
    assert_string_equal(charge_state_name(3), "retrying");
    assert_string_equal(charge_state_name(4), "waiting");
    assert_string_equal(charge_state_name(5), "held");
    assert_string_equal(charge_state_name(6), "paid");
    assert_string_equal(charge_state_name(7), "failed");
    assert_string_equal(charge_state_name(8), "canceled");
    assert_string_equal(attempt_state_name(1), "intent");
    assert_string_equal(attempt_state_name(2), "unknown");
    assert_string_equal(attempt_state_name(3), "postponed");
    assert_string_equal(attempt_state_name(4), "captured");
    assert_string_equal(attempt_state_name(5), "declined");
    assert_string_equal(attempt_state_name(6), "refused");
    assert_string_equal(reason_name(REASON_INVALID_PAYMENT_METHOD), "InvalidPaymentMethod");
    assert_string_equal(reason_name(19), "not_captured");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair),           cmocka_unit_test(every_state_can_end),
        cmocka_unit_test(names_are_unique),     cmocka_unit_test(names_are_read_back),
        cmocka_unit_test(numbers_never_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
