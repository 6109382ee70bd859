/*
 * test_step_word.c - the shop's word, ship or void, in every state of a charge and its attempt.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/billing/step_shipment.h"

static struct world world;
static struct world *const w = &world;

/* A charge that is on its way nowhere is given up at once, however it would be captured. */
static void words_for_what_is_not_out(void **state)
{
    (void)state;
    shipment_attempt(w);
    world_declined(w, "X-0-1", REASON_PROCESSING_FAILURE);
    assert_true(shipment_ship(w));
    EXPECT(w, "X-0 word 1(operator)");
    assert_true(shipment_void(w));
    EXPECT(w, "X-0 word 2(operator), X-0 retrying>canceled(voided)");

    shipment_world(w);
    w->policy.capture = POLICY_CAPTURE_NOW;
    assert_true(world_charge_once(w, 'X', "1200", "JPY"));
    assert_false(shipment_void(w));
    assert_int_equal(w->status, ST_CONFLICT);
    assert_false(shipment_ship(w));
    assert_int_equal(w->status, ST_CONFLICT);
    world_declined(w, "X-0-1", REASON_PROCESSING_FAILURE);
    assert_false(shipment_ship(w));
    assert_int_equal(w->status, ST_CONFLICT);
    assert_true(shipment_void(w));
    EXPECT(w, "X-0 word 2(operator), X-0 retrying>canceled(voided)");
    assert_false(shipment_say(w, EVENT_VOID, 'Y', "-0"));
    assert_int_equal(w->status, ST_NOT_FOUND);
}

static void sent(void)
{
    shipment_attempt(w);
}

static void authorized(void)
{
    shipment_authorized(w);
}

static void capturing(void)
{
    shipment_capturing(w);
}

static void unknown(void)
{
    shipment_attempt(w);
    world_unanswered(w, "X-0-1");
}

static void postponed(void)
{
    shipment_attempt(w);
    world_later(w, "X-0-1");
}

static void retrying(void)
{
    shipment_attempt(w);
    world_declined(w, "X-0-1", REASON_PROCESSING_FAILURE);
}

static void waiting(void)
{
    shipment_world(w);
    assert_true(world_sync(w));
    world_found(w, AGREEMENT_SUSPENDED);
    assert_true(world_charge_once(w, 'X', "1200", "JPY"));
}

static void held(void)
{
    shipment_world(w);
    w->hold = (struct hold){REASON_HELD_BACK, instant_plus(w->now, HOUR_MS)};
    assert_true(world_charge_once(w, 'X', "1200", "JPY"));
}

static void voiding(void)
{
    shipment_authorized(w);
    assert_true(shipment_void(w));
}

static void captured(void)
{
    shipment_capturing(w);
    shipment_captured(w, "X-0-1", OUTCOME_DONE);
}

/* Every state of charge and attempt, each word, and the same word again. */
static void every_word_in_every_state(void **state)
{
    (void)state;
    static const struct {
        void (*given)(void);
        enum charge_state charge;
        enum attempt_state attempt; /* 0 = none */
        enum status shipped, voided;
        enum charge_state after_void;
    } rows[] = {
        {held, CHARGE_HELD, 0, ST_OK, ST_OK, CHARGE_CANCELED},
        {waiting, CHARGE_WAITING, 0, ST_OK, ST_OK, CHARGE_CANCELED},
        {retrying, CHARGE_RETRYING, ATTEMPT_DECLINED, ST_OK, ST_OK, CHARGE_CANCELED},
        {postponed, CHARGE_ATTEMPTING, ATTEMPT_POSTPONED, ST_OK, ST_OK, CHARGE_CANCELED},
        {sent, CHARGE_ATTEMPTING, ATTEMPT_INTENT, ST_OK, ST_OK, CHARGE_ATTEMPTING},
        {unknown, CHARGE_ATTEMPTING, ATTEMPT_UNKNOWN, ST_OK, ST_OK, CHARGE_ATTEMPTING},
        {authorized, CHARGE_AUTHORIZED, ATTEMPT_AUTHORIZED, ST_OK, ST_OK, CHARGE_ATTEMPTING},
        {capturing, CHARGE_ATTEMPTING, ATTEMPT_CAPTURING, ST_OK, ST_CONFLICT, 0},
        {voiding, CHARGE_ATTEMPTING, ATTEMPT_VOIDING, ST_CONFLICT, ST_OK, CHARGE_ATTEMPTING},
        {captured, CHARGE_PAID, ATTEMPT_CAPTURED, ST_NOT_FOUND, ST_NOT_FOUND, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        rows[i].given();
        assert_int_equal(world_charge(w, "X-0")->state, rows[i].charge);
        assert_int_equal(shipment_attempt_of(w, "X-0")->state, rows[i].attempt);
        assert_int_equal(shipment_ship(w), rows[i].shipped == ST_OK);
        assert_int_equal(w->status, rows[i].shipped);
        assert_int_equal(shipment_ship(w), rows[i].shipped == ST_OK);
        if (rows[i].shipped == ST_OK) {
            EXPECT(w, "");
            assert_int_equal(world_charge(w, "X-0")->word, WORD_SHIP);
        }
        rows[i].given();
        assert_int_equal(shipment_void(w), rows[i].voided == ST_OK);
        assert_int_equal(w->status, rows[i].voided);
        if (rows[i].voided == ST_OK) {
            assert_int_equal(world_charge(w, "X-0")->state, rows[i].after_void);
            assert_false(shipment_ship(w));
        }
    }
}

/* The policy that was in force when it was sent counts, not a later one. */
static void the_way_it_was_sent_counts(void **state)
{
    (void)state;
    shipment_attempt(w);
    w->policy.capture = POLICY_CAPTURE_NOW;
    assert_true(shipment_ship(w));
    shipment_open(w, "X-0-1");
    EXPECT(w, AUTHORIZED ", " CAPTURING " | capture X-0-1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_for_what_is_not_out),
        cmocka_unit_test(every_word_in_every_state),
        cmocka_unit_test(the_way_it_was_sent_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
