/*
 * test_step_notice.c - what Amazon's notices may change: when we ask, and whom. Never a state.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/billing/step_world.h"

static struct world world;
static struct world *const w = &world;

/* X-0-1 is on the wire. */
static void given_an_attempt(void)
{
    world_start(w, "2026-01-01T00:00:00Z");
    world_open(w, "50000", "JPY");
    assert_true(world_charge_once(w, 'X', "1200", "JPY"));
    EXPECT(w, "X-0 new>due, X-0-1 new>intent, X-0 due>attempting | authorize X-0-1");
}

static void given_an_unknown_attempt(void)
{
    given_an_attempt();
    world_unanswered(w, "X-0-1");
    EXPECT(w, "X-0-1 intent>unknown(no_answer)");
}

/* --- the agreement ------------------------------------------------------------------------- */

static void an_agreements_notice_asks_once(void **state)
{
    (void)state;
    world_start(w, "2026-01-01T00:00:00Z");
    world_open(w, "50000", "JPY");
    world_noticed(w, NOTICE_AGREEMENT, "");
    EXPECT(w, "| sync");
    world_noticed(w, NOTICE_AGREEMENT, ""); /* while it is on the wire: the answer may be older */
    EXPECT(w, "");
    world_noticed(w, NOTICE_AGREEMENT, "");
    EXPECT(w, "");
    world_found(w, AGREEMENT_OPEN);
    EXPECT_WAKE(w, "2026-01-01T00:00:01Z", LANE_CARE);
    world_wake_when_due(w);
    EXPECT(w, "| sync");
    world_found(w, AGREEMENT_SUSPENDED);
    EXPECT(w, "agreement open>suspended");
    world_pass(w, MINUTE_MS);
    world_noticed(w, NOTICE_AGREEMENT, ""); /* earlier than the poll would */
    EXPECT(w, "| sync");
    world_found(w, AGREEMENT_CLOSED);
    world_noticed(w, NOTICE_AGREEMENT, "");
    EXPECT(w, "");
}

static void a_notice_while_a_sync_fails_is_not_lost(void **state)
{
    (void)state;
    world_start(w, "2026-01-01T00:00:00Z");
    world_open(w, "50000", "JPY");
    assert_true(world_sync(w));
    EXPECT(w, "| sync");
    world_noticed(w, NOTICE_AGREEMENT, "");
    world_care(w, CARE_SYNC, OUTCOME_UNKNOWN);
    EXPECT_WAKE(w, "2026-01-01T00:00:01Z", LANE_CARE);
    world_wake_when_due(w);
    EXPECT(w, "| sync");
    world_care(w, CARE_SYNC, OUTCOME_UNKNOWN);
    EXPECT_WAKE(w, "2026-01-01T00:00:03Z", LANE_CARE); /* the waits of silence go on */
}

/* --- attempts ------------------------------------------------------------------------------ */

static void silence_is_ended_by_a_look_up(void **state)
{
    (void)state;
    given_an_unknown_attempt();
    world_noticed(w, NOTICE_AUTHORIZATION, "X-0-1");
    EXPECT(w, "| look_up X-0-1");
    world_done(w, "X-0-1");
    EXPECT(w, "X-0-1 unknown>captured, X-0 attempting>paid");
    EXPECT_LIMIT(w, 1200, 0);
    world_noticed(w, NOTICE_AUTHORIZATION, "X-0-1"); /* too late, twice, of others */
    EXPECT(w, "");
    world_noticed(w, NOTICE_CAPTURE, "X-0-2");
    EXPECT(w, "");
    world_noticed(w, NOTICE_AUTHORIZATION, "Y-0-1");
    EXPECT(w, "");
}

static void a_captures_notice_asks_as_it_stands(void **state)
{
    (void)state;
    given_an_unknown_attempt();
    world_noticed(w, NOTICE_CAPTURE, "X-0-1");
    EXPECT(w, "| authorize X-0-1");
    world_duplicate(w, "X-0-1");
    world_noticed(w, NOTICE_CAPTURE, "X-0-1");
    EXPECT(w, "| discover X-0-1");
}

static void other_kinds_change_nothing(void **state)
{
    (void)state;
    given_an_unknown_attempt();
    for (enum notice_kind kind = NOTICE_REFUND; kind <= NOTICE_OTHER; kind++) {
        world_noticed(w, kind, "X-0-1");
        EXPECT(w, "");
        assert_string_equal(world_charge(w, "X-0")->attempt.authorization_id, "");
    }
}

static void on_the_wire_nothing_is_asked_but_the_id_is_learned(void **state)
{
    (void)state;
    given_an_attempt();
    world_noticed(w, NOTICE_AUTHORIZATION, "X-0-1");
    EXPECT(w, "");
    world_unanswered(w, "X-0-1");
    EXPECT(w, "X-0-1 intent>unknown(no_answer)");
    world_wake_when_due(w);
    EXPECT(w, "| look_up X-0-1");

    given_an_attempt();
    world_noticed(w, NOTICE_AUTHORIZATION, "X-0-1");
    world_crash(w);
    world_wake(w);
    EXPECT(w, "X-0-1 intent>unknown(no_answer) | look_up X-0-1");
}

/* The answer to the first send says that nothing happened, but Amazon has told of an authorization:
 * no new attempt while that stands. */
static void an_error_does_not_outweigh_a_notice(void **state)
{
    (void)state;
    static const enum notice_kind kinds[] = {NOTICE_AUTHORIZATION, NOTICE_CAPTURE};
    for (size_t i = 0; i < 2; i++) {
        given_an_attempt();
        world_noticed(w, kinds[i], "X-0-1");
        world_refused(w, "X-0-1", REASON_REQUEST_REFUSED);
        EXPECT(w, "X-0-1 intent>unknown(request_refused)");
        EXPECT_LIMIT(w, 0, 1200);
        world_wake_when_due(w);
        EXPECT(w, i == 0 ? "| look_up X-0-1" : "| discover X-0-1");
        world_done(w, "X-0-1");
        EXPECT(w, "X-0-1 unknown>captured, X-0 attempting>paid");

        given_an_attempt();
        world_noticed(w, kinds[i], "X-0-1");
        world_later(w, "X-0-1");
        EXPECT(w, "X-0-1 intent>unknown(no_answer)");
        world_wake_when_due(w);
        EXPECT(w, i == 0 ? "| look_up X-0-1" : "| discover X-0-1");
    }
}

static void a_postponed_attempt_is_out_after_all(void **state)
{
    (void)state;
    static const enum notice_kind kinds[] = {NOTICE_AUTHORIZATION, NOTICE_CAPTURE};
    for (size_t i = 0; i < 2; i++) {
        given_an_attempt();
        world_later(w, "X-0-1");
        EXPECT(w, "X-0-1 intent>postponed(throttled)");
        world_noticed(w, kinds[i], "X-0-1");
        EXPECT(w, i == 0 ? "X-0-1 postponed>intent, X-0-1 intent>unknown(no_answer)"
                           " | look_up X-0-1"
                         : "X-0-1 postponed>intent, X-0-1 intent>unknown(no_answer)"
                           " | discover X-0-1");
        world_declined(w, "X-0-1", REASON_AMAZON_REJECTED);
        EXPECT(w, "");
        world_pass(w, MINUTE_MS);
        world_wake(w);
        EXPECT(w, "| discover X-0-1");
        world_declined(w, "X-0-1", REASON_AMAZON_REJECTED);
        EXPECT(w,
               "X-0-1 unknown>declined(AmazonRejected), X-0 attempting>retrying(AmazonRejected)");
    }
}

/* The noticed authorization was declined, but a re-send may have made another: only after a
 * discovery that was late enough, and found nothing, counts what the look-up showed. */
static void a_noticed_decline_counts_after_a_discovery(void **state)
{
    (void)state;
    given_an_attempt();
    world_unanswered(w, "X-0-1");
    world_noticed(w, NOTICE_AUTHORIZATION, "X-0-1");
    EXPECT(w, "| look_up X-0-1");
    world_declined(w, "X-0-1", REASON_AMAZON_REJECTED);
    EXPECT(w, "");
    world_pass(w, MINUTE_MS);
    world_wake(w);
    EXPECT(w, "| discover X-0-1");
    world_absent(w, "X-0-1");
    EXPECT(w, "X-0-1 unknown>declined(AmazonRejected), X-0 attempting>retrying(AmazonRejected)");
}

/* Lost look-ups are no discovery: however many there were, the list is looked at before a noticed
 * decline counts, and shows the captured sister. */
static void lost_look_ups_are_no_discovery(void **state)
{
    (void)state;
    given_an_attempt();
    world_unanswered(w, "X-0-1");
    world_noticed(w, NOTICE_AUTHORIZATION, "X-0-1");
    for (int lost = 0; lost < 3; lost++) {
        EXPECT(w, "| look_up X-0-1");
        world_unanswered(w, "X-0-1");
        world_wake_when_due(w);
    }
    EXPECT(w, "| look_up X-0-1");
    world_pass(w, MINUTE_MS);
    world_unanswered(w, "X-0-1");
    world_wake_when_due(w);
    world_declined(w, "X-0-1", REASON_AMAZON_REJECTED);
    EXPECT(w, "");
    world_wake_when_due(w);
    EXPECT(w, "| discover X-0-1");
    world_done(w, "X-0-1");
    EXPECT(w, "X-0-1 unknown>captured, X-0 attempting>paid");
}

/* A list that does not show what Amazon has told of proves nothing, however old it is and whether
 * or not the charge was canceled meanwhile. */
static void an_empty_list_does_not_outweigh_a_notice(void **state)
{
    (void)state;
    static const enum notice_kind kinds[] = {NOTICE_AUTHORIZATION, NOTICE_CAPTURE};
    for (size_t i = 0; i < 4; i++) {
        world_start(w, "2026-01-01T00:00:00Z");
        world_open(w, "50000", "JPY");
        struct event event = subscribe_monthly(w, 'A', "1200", "JPY", "2026-01-01");
        assert_true(world_step(w, &event));
        world_unanswered(w, "A-1-1");
        world_wake_when_due(w);
        world_refused(w, "A-1-1", REASON_REQUEST_REFUSED);
        if (i >= 2) {
            assert_true(world_cancel(w, 'A', false));
        }
        world_pass(w, HOUR_MS);
        world_wake(w);
        EXPECT(w, "| discover A-1-1");
        world_noticed(w, kinds[i % 2], "A-1-1");
        EXPECT(w, "");
        world_absent(w, "A-1-1");
        EXPECT(w, "");
        EXPECT_LIMIT(w, 0, 1200);
        world_wake_when_due(w);
        EXPECT(w, i % 2 == 0 ? "| look_up A-1-1"
                  : i == 1   ? "| authorize A-1-1"
                             : "| discover A-1-1");
        world_done(w, "A-1-1");
        assert_int_equal(world_charge(w, "A-1")->state, CHARGE_PAID);
    }
}

static void an_id_that_leads_elsewhere_is_forgotten(void **state)
{
    (void)state;
    given_an_unknown_attempt();
    world_noticed(w, NOTICE_AUTHORIZATION, "X-0-1");
    EXPECT(w, "| look_up X-0-1");
    world_other(w, "X-0-1");
    EXPECT(w, "");
    assert_string_equal(world_charge(w, "X-0")->attempt.authorization_id, "");
    assert_int_equal(world_charge(w, "X-0")->attempt.state, ATTEMPT_UNKNOWN);
    EXPECT_LIMIT(w, 0, 1200);
    world_wake_when_due(w);
    EXPECT(w, "| discover X-0-1");
    world_done(w, "X-0-1");
    EXPECT(w, "X-0-1 unknown>captured, X-0 attempting>paid");

    given_an_attempt(); /* nor is it taken from an answer to the request itself */
    world_other(w, "X-0-1");
    EXPECT(w, "X-0-1 intent>unknown(no_answer)");
    world_wake_when_due(w);
    EXPECT(w, "| discover X-0-1");
}

/* A look-up that Amazon refuses says nothing about the attempt: the id may be wrong. */
static void a_refused_look_up_ends_nothing(void **state)
{
    (void)state;
    given_an_unknown_attempt();
    world_noticed(w, NOTICE_AUTHORIZATION, "X-0-1");
    world_refused(w, "X-0-1", REASON_REQUEST_REFUSED);
    EXPECT(w, "");
    world_wake_when_due(w);
    EXPECT(w, "| discover X-0-1");
    world_absent(w, "X-0-1");
    world_pass(w, HOUR_MS);
    world_wake(w);
    EXPECT(w, "| look_up X-0-1");
    world_refused(w, "X-0-1", REASON_REQUEST_REFUSED);
    world_pass(w, HOUR_MS);
    world_wake(w);
    EXPECT(w, "| discover X-0-1");
    world_absent(w, "X-0-1");
    EXPECT(w, ""); /* told of once, it is never given up as absent */
}

static void what_amazon_answered_is_not_overwritten(void **state)
{
    (void)state;
    given_an_attempt();
    world_pending(w, "X-0-1");
    struct event event = {.kind = EVENT_NOTICE,
                          .notice = {.kind = NOTICE_AUTHORIZATION,
                                     .order_reference_id = "S03-other",
                                     .authorization_id = "S03-other-A"}};
    memcpy(event.notice.reference_id, world_charge(w, "X-0")->attempt.reference_id,
           sizeof event.notice.reference_id);
    assert_true(world_step(w, &event));
    EXPECT(w, "| look_up X-0-1");
    assert_string_equal(world_charge(w, "X-0")->attempt.authorization_id, "S03-X-0-1-A");
    assert_string_equal(world_charge(w, "X-0")->attempt.order_reference_id, "S03-X-0-1");
}

static void a_notice_hurries_what_is_pending(void **state)
{
    (void)state;
    given_an_attempt();
    world_pending(w, "X-0-1");
    for (int i = 0; i < 5; i++) {
        world_wake_when_due(w);
        EXPECT(w, "| look_up X-0-1");
        world_pending(w, "X-0-1");
    }
    world_noticed(w, NOTICE_AUTHORIZATION, "X-0-1");
    EXPECT(w, "| look_up X-0-1");
    struct instant asked_at = w->now;
    world_pending(w, "X-0-1"); /* not shown yet: soon again */
    assert_int_equal(w->account.agreement.wake_at.utc_ms - asked_at.utc_ms,
                     w->policy.pending_poll.wait_ms[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_agreements_notice_asks_once),
        cmocka_unit_test(a_notice_while_a_sync_fails_is_not_lost),
        cmocka_unit_test(silence_is_ended_by_a_look_up),
        cmocka_unit_test(a_captures_notice_asks_as_it_stands),
        cmocka_unit_test(other_kinds_change_nothing),
        cmocka_unit_test(on_the_wire_nothing_is_asked_but_the_id_is_learned),
        cmocka_unit_test(an_error_does_not_outweigh_a_notice),
        cmocka_unit_test(lost_look_ups_are_no_discovery),
        cmocka_unit_test(a_noticed_decline_counts_after_a_discovery),
        cmocka_unit_test(a_postponed_attempt_is_out_after_all),
        cmocka_unit_test(an_empty_list_does_not_outweigh_a_notice),
        cmocka_unit_test(an_id_that_leads_elsewhere_is_forgotten),
        cmocka_unit_test(a_refused_look_up_ends_nothing),
        cmocka_unit_test(what_amazon_answered_is_not_overwritten),
        cmocka_unit_test(a_notice_hurries_what_is_pending),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
