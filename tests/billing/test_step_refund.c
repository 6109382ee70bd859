/*
 * test_step_refund.c - money back: what may be asked for, how often it is asked for, and what
 * Amazon gave back by itself. Every order of events is test_step_refund_truth.c's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/billing/step_world.h"

static struct world world;
static struct world *const w = &world;

static void given(void)
{
    world_start(w, "2026-01-01T00:00:00Z");
    world_open(w, "50000", "JPY");
}

/* Of X-0, which was captured with 1200 yen. */
static struct refund_wanted wanted_of(uint32_t refund_count, const char *refunded,
                                      const char *amount)
{
    struct refund_wanted wanted = {.charge_id = "XXXXXXXXXXXXXXXX-0",
                                   .capture_id = "S03-C",
                                   .captured = money("1200", "JPY"),
                                   .refunded = money(refunded, "JPY"),
                                   .refund_count = refund_count,
                                   .amount = money(amount, "JPY"),
                                   .note = "spoiled"};
    (void)snprintf(wanted.idempotency_key, sizeof wanted.idempotency_key, "key-%u",
                   (unsigned)refund_count);
    return wanted;
}

static bool refund(const struct refund_wanted *wanted)
{
    return world_step(w, &(struct event){.kind = EVENT_REFUND, .refund = *wanted});
}

static void refused(const struct refund_wanted *wanted, enum status status)
{
    assert_false(refund(wanted));
    assert_int_equal(w->status, status);
}

/* R1 of X-0 is on the wire. */
static void given_a_refund(void)
{
    given();
    struct refund_wanted wanted = wanted_of(0, "0", "500");
    assert_true(refund(&wanted));
    EXPECT(w, "X-0-R1 new>intent | refund X-0-R1");
}

static const struct refund *the_refund(const char *id)
{
    const struct refund *found = account_refund(&w->after, id);
    if (found == NULL) {
        fail_msg("no refund %s", id);
    }
    return found;
}

#define R1 "XXXXXXXXXXXXXXXX-0-R1"

static void tell_about(const char *id, struct refund_answer told)
{
    struct event event = {.kind = EVENT_REFUND_ANSWER, .refund_answer = told};
    (void)snprintf(event.refund_answer.refund_id, REFUND_ID_MAX, "%s", id);
    event.refund_answer.call = w->called;
    if (told.from_object) {
        (void)snprintf(event.refund_answer.amazon_refund_id, AMAZON_ID_MAX, "S03-R");
        event.refund_answer.amount = money("500", "JPY");
    }
    assert_true(world_step(w, &event));
}

static void tell_shown(const char *id, enum outcome outcome)
{
    tell_about(id, (struct refund_answer){.outcome = outcome,
                                          .reason = outcome == OUTCOME_UNKNOWN ? REASON_PENDING
                                                    : outcome == OUTCOME_REFUSED
                                                        ? REASON_PROCESSING_FAILURE
                                                        : REASON_NONE,
                                          .from_object = true,
                                          .is_pending = outcome == OUTCOME_UNKNOWN});
}

static void tell_nothing(const char *id, enum outcome outcome, enum reason reason)
{
    tell_about(id, (struct refund_answer){.outcome = outcome, .reason = reason});
}

static void tell_duplicate(const char *id)
{
    tell_about(id, (struct refund_answer){
                       .outcome = OUTCOME_UNKNOWN, .reason = REASON_NO_ANSWER, .duplicate = true});
}

static void tell_absent(const char *id)
{
    tell_about(id, (struct refund_answer){
                       .outcome = OUTCOME_UNKNOWN, .reason = REASON_NO_ANSWER, .absent = true});
}

/* --- the command --------------------------------------------------------------------------- */

static void what_may_be_asked_for(void **state)
{
    (void)state;
    given();
    struct refund_wanted wanted = wanted_of(0, "0", "1201");
    refused(&wanted, ST_CONFLICT);
    wanted.with_overage = true;
    wanted.amount = money("1381", "JPY");
    refused(&wanted, ST_CONFLICT);
    wanted = wanted_of(0, "0", "500");
    wanted.amount = money("5.00", "USD");
    refused(&wanted, ST_INVALID);
    wanted.amount = money("0", "JPY");
    refused(&wanted, ST_INVALID);
    wanted.amount = (struct money){0};
    refused(&wanted, ST_INVALID);
    wanted = wanted_of(0, "0", "500");
    wanted.capture_id[0] = '\0';
    refused(&wanted, ST_CONFLICT);
    wanted = wanted_of(0, "0", "500");
    wanted.captured = (struct money){0};
    refused(&wanted, ST_CONFLICT);
    wanted = wanted_of(10, "100", "500");
    refused(&wanted, ST_CONFLICT);
    wanted = wanted_of(3, "701", "500");
    refused(&wanted, ST_CONFLICT);
    wanted = wanted_of(3, "700", "500");
    assert_true(refund(&wanted));
    EXPECT(w, "X-0-R4 new>intent | refund X-0-R4");
    wanted = wanted_of(0, "0", "1380");
    wanted.with_overage = true;
    assert_true(refund(&wanted));
    EXPECT(w, "X-0-R1 new>intent | refund X-0-R1");
}

/* Two that were made from one reading, and more than there is room for. */
static void only_so_many_at_once(void **state)
{
    (void)state;
    given_a_refund();
    struct refund_wanted wanted = wanted_of(0, "0", "700");
    refused(&wanted, ST_BUSY);
    for (uint32_t count = 1; count < ACCOUNT_REFUNDS_MAX; count++) {
        wanted = wanted_of(count, "500", "1");
        assert_true(refund(&wanted));
    }
    wanted = wanted_of(ACCOUNT_REFUNDS_MAX, "500", "1");
    refused(&wanted, ST_BUSY);
    tell_shown(R1, OUTCOME_DONE);
    assert_true(refund(&wanted));
}

/* Closed or not: what was paid may go back. */
static void a_closed_agreement_refunds(void **state)
{
    (void)state;
    given();
    assert_true(world_sync(w));
    world_found(w, AGREEMENT_CLOSED);
    EXPECT_WAKE(w, "never", LANE_CARE);
    struct refund_wanted wanted = wanted_of(0, "0", "500");
    assert_true(refund(&wanted));
    tell_shown(R1, OUTCOME_UNKNOWN);
    EXPECT(w, "X-0-R1 intent>pending(pending)");
    EXPECT_WAKE(w, "2026-01-01T00:00:30Z", LANE_CARE);
    world_crash(w);
    world_wake_when_due(w);
    EXPECT(w, "| look_up_refund X-0-R1");
    tell_shown(R1, OUTCOME_DONE);
    EXPECT(w, "X-0-R1 pending>completed");
    EXPECT_WAKE(w, "never", LANE_CARE);
}

/* --- answers ------------------------------------------------------------------------------- */

static void pending_until_amazon_has_decided(void **state)
{
    (void)state;
    static const int64_t waits_ms[] = {30 * SECOND_MS, 2 * MINUTE_MS, 15 * MINUTE_MS,
                                       15 * MINUTE_MS};
    given_a_refund();
    for (size_t i = 0; i < sizeof waits_ms / sizeof waits_ms[0]; i++) {
        struct instant told_at = w->now;
        if (i == 2) {
            tell_nothing(R1, OUTCOME_UNKNOWN, REASON_NO_ANSWER); /* leaves it pending */
        } else {
            tell_shown(R1, OUTCOME_UNKNOWN);
        }
        EXPECT(w, i == 0 ? "X-0-R1 intent>pending(pending)" : "");
        assert_string_equal(the_refund(R1)->amazon_refund_id, "S03-R");
        assert_int_equal(w->account.agreement.wake_at.utc_ms - told_at.utc_ms, waits_ms[i]);
        world_wake_when_due(w);
        EXPECT(w, "| look_up_refund X-0-R1");
    }
    tell_shown(R1, OUTCOME_DONE);
    EXPECT(w, "X-0-R1 pending>completed");
    tell_shown(R1, OUTCOME_REFUSED); /* too late */
    EXPECT(w, "");
}

/* Another of the same id may stand, made by a send whose answer was lost: a decline counts when all
 * refunds were looked at, late enough. */
static void a_decline_is_looked_into(void **state)
{
    (void)state;
    given_a_refund();
    tell_shown(R1, OUTCOME_REFUSED); /* the first send's own answer */
    EXPECT(w, "X-0-R1 intent>declined(ProcessingFailure)");

    given_a_refund();
    tell_shown(R1, OUTCOME_UNKNOWN);
    world_wake_when_due(w);
    tell_shown(R1, OUTCOME_REFUSED);
    EXPECT(w, "");
    world_wake_when_due(w);
    EXPECT(w, "| discover_refund X-0-R1");
    tell_nothing(R1, OUTCOME_UNKNOWN, REASON_NO_ANSWER);
    world_pass(w, MINUTE_MS);
    world_crash(w);
    world_wake_when_due(w);
    EXPECT(w, "| discover_refund X-0-R1");
    tell_shown(R1, OUTCOME_REFUSED);
    EXPECT(w, "X-0-R1 pending>declined(ProcessingFailure)");

    given_a_refund();
    tell_nothing(R1, OUTCOME_UNKNOWN, REASON_NO_ANSWER);
    world_wake_when_due(w);
    tell_shown(R1, OUTCOME_REFUSED); /* the second send's */
    EXPECT(w, "");
    world_wake_when_due(w);
    tell_shown(R1, OUTCOME_REFUSED); /* too early */
    EXPECT(w, "");
    world_wake_when_due(w);
    EXPECT(w, "| discover_refund X-0-R1");
    tell_shown(R1, OUTCOME_DONE);
    EXPECT(w, "X-0-R1 unknown>completed");
}

static void silence_is_ended_by_the_same_request(void **state)
{
    (void)state;
    given_a_refund();
    tell_nothing(R1, OUTCOME_UNKNOWN, REASON_SERVICE_UNAVAILABLE);
    EXPECT(w, "X-0-R1 intent>unknown(service_unavailable)");
    world_wake_when_due(w);
    EXPECT(w, "| refund X-0-R1");
    world_crash(w);
    world_wake(w);
    EXPECT(w, "| refund X-0-R1");
    tell_shown(R1, OUTCOME_UNKNOWN);
    EXPECT(w, "X-0-R1 unknown>pending(pending)");
    world_wake_when_due(w);
    tell_shown(R1, OUTCOME_DONE);
    EXPECT(w, "X-0-R1 pending>completed");

    given_a_refund();
    world_crash(w);
    world_wake(w);
    EXPECT(w, "X-0-R1 intent>unknown(no_answer) | refund X-0-R1");
}

static void what_did_not_happen_is_sent_again(void **state)
{
    (void)state;
    given_a_refund();
    tell_nothing(R1, OUTCOME_LATER, REASON_THROTTLED);
    EXPECT(w, "X-0-R1 intent>postponed(throttled)");
    EXPECT_WAKE(w, "2026-01-01T00:00:01Z", LANE_CARE);
    world_wake_when_due(w);
    EXPECT(w, "X-0-R1 postponed>intent | refund X-0-R1");
    tell_nothing(R1, OUTCOME_REFUSED, REASON_REQUEST_REFUSED);
    EXPECT(w, "X-0-R1 intent>refused(request_refused)");
}

/* An error after silence speaks of its own send: it is looked for first. */
static void an_error_after_silence_is_looked_into(void **state)
{
    (void)state;
    for (int is_there = 0; is_there < 2; is_there++) {
        given_a_refund();
        tell_nothing(R1, OUTCOME_UNKNOWN, REASON_NO_ANSWER);
        world_wake_when_due(w);
        tell_nothing(R1, OUTCOME_REFUSED, REASON_REQUEST_REFUSED);
        EXPECT(w, "");
        world_wake_when_due(w);
        EXPECT(w, "| discover_refund X-0-R1");
        tell_absent(R1); /* it may not be shown yet */
        EXPECT(w, "");
        world_wake_when_due(w);
        EXPECT(w, "| discover_refund X-0-R1");
        tell_nothing(R1, OUTCOME_UNKNOWN, REASON_NO_ANSWER);
        world_pass(w, MINUTE_MS);
        world_crash(w);
        world_wake_when_due(w);
        EXPECT(w, "| discover_refund X-0-R1");
        if (is_there) {
            tell_shown(R1, OUTCOME_DONE);
            EXPECT(w, "X-0-R1 unknown>completed");
        } else {
            tell_absent(R1);
            EXPECT(w, "X-0-R1 unknown>refused(request_refused)");
        }
    }
}

/* Shown declined once, and then not shown at all: no other of that id stands. */
static void a_decline_that_is_shown_no_more_counts_late_enough(void **state)
{
    (void)state;
    given_a_refund();
    tell_nothing(R1, OUTCOME_UNKNOWN, REASON_NO_ANSWER);
    world_wake_when_due(w);
    tell_shown(R1, OUTCOME_REFUSED);
    world_wake_when_due(w);
    EXPECT(w, "| discover_refund X-0-R1");
    tell_absent(R1); /* a sister may not be shown yet */
    EXPECT(w, "");
    world_pass(w, MINUTE_MS);
    world_wake(w);
    EXPECT(w, "| discover_refund X-0-R1");
    tell_absent(R1);
    EXPECT(w, "X-0-R1 unknown>declined(ProcessingFailure)");
}

/* Amazon's error answers a question, not the refund. */
static void an_error_to_a_question_ends_nothing(void **state)
{
    (void)state;
    given_a_refund();
    tell_duplicate(R1);
    world_wake_when_due(w);
    EXPECT(w, "| discover_refund X-0-R1");
    tell_nothing(R1, OUTCOME_REFUSED, REASON_REQUEST_REFUSED);
    EXPECT(w, "");
    world_pass(w, HOUR_MS);
    world_wake(w);
    EXPECT(w, "| discover_refund X-0-R1");
    tell_shown(R1, OUTCOME_UNKNOWN);
    EXPECT(w, "X-0-R1 unknown>pending(pending)");
    world_wake_when_due(w);
    EXPECT(w, "| look_up_refund X-0-R1");
    tell_nothing(R1, OUTCOME_REFUSED, REASON_REQUEST_REFUSED);
    EXPECT(w, "");
    world_wake_when_due(w);
    EXPECT(w, "| look_up_refund X-0-R1");
    tell_shown(R1, OUTCOME_DONE);
    EXPECT(w, "X-0-R1 pending>completed");
}

/* The answer of a send that seemed not to have happened. */
static void a_late_answer_counts(void **state)
{
    (void)state;
    given_a_refund();
    tell_nothing(R1, OUTCOME_LATER, REASON_THROTTLED);
    tell_shown(R1, OUTCOME_UNKNOWN);
    EXPECT(w, "X-0-R1 postponed>intent, X-0-R1 intent>pending(pending)");
    world_wake_when_due(w);
    EXPECT(w, "| look_up_refund X-0-R1");

    given_a_refund();
    tell_nothing(R1, OUTCOME_LATER, REASON_THROTTLED);
    tell_nothing(R1, OUTCOME_UNKNOWN, REASON_NO_ANSWER);
    EXPECT(w, "X-0-R1 postponed>intent, X-0-R1 intent>unknown(no_answer)");
}

static void a_duplicate_is_discovered(void **state)
{
    (void)state;
    given_a_refund();
    tell_duplicate(R1);
    EXPECT(w, "X-0-R1 intent>unknown(no_answer)");
    world_wake_when_due(w);
    EXPECT(w, "| discover_refund X-0-R1");
    tell_nothing(R1, OUTCOME_LATER, REASON_THROTTLED);
    world_wake_when_due(w);
    EXPECT(w, "| discover_refund X-0-R1");
    world_pass(w, MINUTE_MS);
    tell_absent(R1); /* asked too early to mean something */
    EXPECT(w, "");
    world_pass(w, MINUTE_MS);
    world_wake(w);
    tell_absent(R1); /* nothing says that it was not made: asked for again, identically */
    EXPECT(w, "");
    world_wake_when_due(w);
    EXPECT(w, "| refund X-0-R1");
    tell_duplicate(R1);
    world_wake_when_due(w);
    tell_shown(R1, OUTCOME_UNKNOWN);
    EXPECT(w, "X-0-R1 unknown>pending(pending)");
}

/* --- notices ------------------------------------------------------------------------------- */

static bool notice(enum notice_kind kind, const char *reference_id, const char *refund_id)
{
    struct event event = {.kind = EVENT_NOTICE,
                          .notice = {.kind = kind,
                                     .charge_id = "XXXXXXXXXXXXXXXX-0",
                                     .capture_id = "S03-C",
                                     .amount = money("900", "JPY")}};
    (void)snprintf(event.notice.reference_id, REFERENCE_ID_MAX, "%s", reference_id);
    (void)snprintf(event.notice.refund_id, AMAZON_ID_MAX, "%s", refund_id);
    return world_step(w, &event);
}

static void a_notice_makes_us_ask(void **state)
{
    (void)state;
    given_a_refund();
    assert_true(notice(NOTICE_REFUND, R1, "S03-R"));
    EXPECT(w, "");                                             /* on the wire */
    tell_nothing(R1, OUTCOME_REFUSED, REASON_REQUEST_REFUSED); /* but Amazon has told of it */
    EXPECT(w, "X-0-R1 intent>unknown(request_refused)");
    world_wake_when_due(w);
    EXPECT(w, "| look_up_refund X-0-R1");
    tell_shown(R1, OUTCOME_UNKNOWN);
    assert_true(notice(NOTICE_REFUND, R1, "S03-R"));
    EXPECT(w, "| look_up_refund X-0-R1");
    tell_shown(R1, OUTCOME_DONE);
    assert_true(notice(NOTICE_REFUND, R1, "S03-R")); /* over */
    EXPECT(w, "");

    given_a_refund();
    tell_nothing(R1, OUTCOME_LATER, REASON_THROTTLED);
    assert_true(notice(NOTICE_REFUND, R1, "S03-R"));
    EXPECT(w, "X-0-R1 postponed>intent, X-0-R1 intent>unknown(no_answer) | look_up_refund X-0-R1");
    tell_nothing(R1, OUTCOME_REFUSED, REASON_REQUEST_REFUSED); /* not ours, or not there */
    EXPECT(w, "");
    assert_string_equal(the_refund(R1)->amazon_refund_id, "");
    world_wake_when_due(w);
    EXPECT(w, "| discover_refund X-0-R1");

    given_a_refund();
    assert_true(notice(NOTICE_REFUND, R1, "S03-R"));
    tell_nothing(R1, OUTCOME_LATER, REASON_THROTTLED);
    EXPECT(w, "X-0-R1 intent>unknown(no_answer)");
}

/* Where no topic is configured no id is passed on: what is open of that charge is asked for. */
static void a_notice_without_an_id(void **state)
{
    (void)state;
    given_a_refund();
    tell_shown(R1, OUTCOME_UNKNOWN);
    assert_true(notice(NOTICE_REFUND, "", ""));
    EXPECT(w, "| look_up_refund X-0-R1");
    assert_true(notice(NOTICE_REFUND, "", ""));
    EXPECT(w, "");
}

static void amazon_gave_it_back(void **state)
{
    (void)state;
    given();
    assert_true(notice(NOTICE_REFUND, "", "S03-R9"));
    EXPECT(w, "S03-R9 new>unknown(no_answer) | look_up_refund S03-R9");
    struct refund_wanted wanted = wanted_of(0, "0", "500");
    refused(&wanted, ST_BUSY); /* how much is left is not known */
    assert_true(notice(NOTICE_REFUND, "", "S03-R9"));
    EXPECT(w, "");
    tell_nothing("S03-R9", OUTCOME_UNKNOWN, REASON_NO_ANSWER);
    world_crash(w);
    world_wake_when_due(w);
    EXPECT(w, "| look_up_refund S03-R9");
    tell_shown("S03-R9", OUTCOME_UNKNOWN);
    assert_true(refund(&wanted));
    world_wake_when_due(w);
    EXPECT(w, "| look_up_refund S03-R9");
    tell_shown("S03-R9", OUTCOME_DONE);
    EXPECT(w, "S03-R9 pending>completed(a_to_z)");
    assert_int_equal(money_minor(the_refund("S03-R9")->amount), 500);
    assert_int_equal(the_refund("S03-R9")->kind, REFUND_A_TO_Z);
    assert_int_equal(the_refund("S03-R9")->number, 0);
}

static void made_by_hand_in_seller_central(void **state)
{
    (void)state;
    given();
    assert_true(notice(NOTICE_REFUND, "", "S03-R9"));
    tell_about("S03-R9", (struct refund_answer){
                             .outcome = OUTCOME_DONE, .from_object = true, .kind = REFUND_BY_SHOP});
    EXPECT(w, "S03-R9 unknown>completed");
    assert_int_equal(the_refund("S03-R9")->kind, REFUND_BY_SHOP);
}

/* Told of, and Amazon does not know it: not at once, it may be on its way. */
static void what_amazon_does_not_know_ends(void **state)
{
    (void)state;
    given();
    assert_true(notice(NOTICE_REFUND, "", "S03-R9"));
    tell_nothing("S03-R9", OUTCOME_REFUSED, REASON_REQUEST_REFUSED);
    EXPECT(w, "");
    world_pass(w, MINUTE_MS);
    world_wake(w);
    EXPECT(w, "| look_up_refund S03-R9");
    tell_nothing("S03-R9", OUTCOME_REFUSED, REASON_REQUEST_REFUSED);
    EXPECT(w, "S03-R9 unknown>refused(request_refused)");
}

static void a_chargeback_is_recorded_as_told(void **state)
{
    (void)state;
    given();
    assert_true(notice(NOTICE_CHARGEBACK, "", "CB-1"));
    EXPECT(w, "CB-1 new>completed(chargeback)");
    assert_int_equal(money_minor(the_refund("CB-1")->amount), 900);
    assert_int_equal(the_refund("CB-1")->kind, REFUND_CHARGEBACK);
    EXPECT_WAKE(w, "never", LANE_CARE);
}

/* Refused, so that whoever keeps the notice tells it again. */
static void what_finds_no_room_is_not_lost(void **state)
{
    (void)state;
    given();
    for (unsigned i = 0; i < ACCOUNT_REFUNDS_MAX; i++) {
        char id[AMAZON_ID_MAX];
        (void)snprintf(id, sizeof id, "S03-R%u", i);
        assert_true(notice(NOTICE_REFUND, "", id));
    }
    assert_false(notice(NOTICE_REFUND, "", "S03-R8"));
    assert_int_equal(w->status, ST_BUSY);
    assert_false(notice(NOTICE_CHARGEBACK, "", "CB-1"));
    assert_int_equal(w->status, ST_BUSY);
    assert_true(notice(NOTICE_REFUND, "", "S03-R2")); /* known */
    tell_shown("S03-R0", OUTCOME_DONE);
    assert_true(notice(NOTICE_CHARGEBACK, "", "CB-1"));
    assert_true(notice(NOTICE_REFUND, "", "S03-R8"));
}

static void notices_of_strangers_and_of_what_is_over(void **state)
{
    (void)state;
    given();
    assert_true(notice(NOTICE_REFUND, R1, "S03-R")); /* ours, and over */
    EXPECT(w, "");
    assert_true(notice(NOTICE_REFUND, "", ""));
    EXPECT(w, "");
    assert_true(notice(NOTICE_CHARGEBACK, "", ""));
    EXPECT(w, "");
    struct event event = {.kind = EVENT_NOTICE,
                          .notice = {.kind = NOTICE_REFUND, .refund_id = "S03-R9"}};
    assert_true(world_step(w, &event)); /* of no charge of ours */
    EXPECT(w, "");
    tell_shown(R1, OUTCOME_DONE);
    EXPECT(w, "");
}

/* A refund that is never answered holds nothing up. */
static void nothing_waits_for_a_refund(void **state)
{
    (void)state;
    given_a_refund();
    assert_true(world_charge_once(w, 'Y', "1200", "JPY"));
    EXPECT(w, "Y-0 new>due, Y-0-1 new>intent, Y-0 due>attempting | authorize Y-0-1");
    world_done(w, "Y-0-1");
    EXPECT(w, "Y-0-1 intent>captured, Y-0 attempting>paid");
    EXPECT_LIMIT(w, 1200, 0); /* and gives nothing back to the limit */
    w->called = CALL_REFUND;
    tell_shown(R1, OUTCOME_DONE);
    EXPECT_LIMIT(w, 1200, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_may_be_asked_for),
        cmocka_unit_test(only_so_many_at_once),
        cmocka_unit_test(a_closed_agreement_refunds),
        cmocka_unit_test(pending_until_amazon_has_decided),
        cmocka_unit_test(a_decline_is_looked_into),
        cmocka_unit_test(silence_is_ended_by_the_same_request),
        cmocka_unit_test(what_did_not_happen_is_sent_again),
        cmocka_unit_test(an_error_after_silence_is_looked_into),
        cmocka_unit_test(a_decline_that_is_shown_no_more_counts_late_enough),
        cmocka_unit_test(an_error_to_a_question_ends_nothing),
        cmocka_unit_test(a_late_answer_counts),
        cmocka_unit_test(a_duplicate_is_discovered),
        cmocka_unit_test(a_notice_makes_us_ask),
        cmocka_unit_test(a_notice_without_an_id),
        cmocka_unit_test(amazon_gave_it_back),
        cmocka_unit_test(made_by_hand_in_seller_central),
        cmocka_unit_test(what_amazon_does_not_know_ends),
        cmocka_unit_test(a_chargeback_is_recorded_as_told),
        cmocka_unit_test(what_finds_no_room_is_not_lost),
        cmocka_unit_test(notices_of_strangers_and_of_what_is_over),
        cmocka_unit_test(nothing_waits_for_a_refund),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
