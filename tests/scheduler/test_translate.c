/*
 * test_translate.c - Amazon's words as billing's: what is taken of an answer, and of which nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "scheduler/translate.h"

#define REFERENCE     "ABCDEFGHIJKLMNOP-12-1"
#define REFUND        "ABCDEFGHIJKLMNOP-12-R1"
#define ORDER         "S03-1234567-1234567"
#define AUTHORIZATION ORDER "-A012345"
#define CAPTURE       ORDER "-C012345"
#define REFUND_ID     ORDER "-R012345"
#define EXPIRES       INT64_C(1800000000000)

static struct attempt attempt_of(bool capture_now)
{
    return (struct attempt){.reference_id = REFERENCE,
                            .amount = money_of(1200, "JPY"),
                            .capture_now = capture_now,
                            .capture_number = 2,
                            .authorization_id = AUTHORIZATION};
}

static struct mws_reply authorization_reply(enum mws_state state, enum mws_reason reason)
{
    struct mws_reply reply = {.action = MWS_GET_AUTHORIZATION_DETAILS, .http_status = 200};
    reply.authorization = (struct mws_authorization_details){
        .amazon_authorization_id = AUTHORIZATION,
        .authorization_reference_id = REFERENCE,
        .authorization_amount = money_of(1200, "JPY"),
        .captured_amount = money_of(0, "JPY"),
        .status = {.state = state, .reason = reason},
        .has_capture_now = true,
        .expiration = {EXPIRES},
    };
    return reply;
}

static struct mws_reply capture_reply(enum mws_state state)
{
    struct mws_reply reply = {.action = MWS_CAPTURE, .http_status = 200};
    reply.capture = (struct mws_capture_details){
        .amazon_capture_id = CAPTURE,
        .capture_reference_id = REFERENCE "-C2",
        .capture_amount = money_of(1200, "JPY"),
        .status = {.state = state, .reason = MWS_REASON_AMAZON_REJECTED},
    };
    return reply;
}

static void an_open_authorization_is_reserved_only_without_capture_now(void **state)
{
    (void)state;
    struct mws_reply reply = authorization_reply(MWS_STATE_OPEN, MWS_REASON_UNKNOWN);
    struct attempt later = attempt_of(false);
    struct attempt now = attempt_of(true);
    struct attempt_answer answer = attempt_answer_of(CALL_LOOK_UP, &later, &reply);
    assert_true(answer.is_authorized);
    assert_int_equal(answer.expires_at.utc_ms, EXPIRES);
    assert_int_equal(answer.outcome, OUTCOME_UNKNOWN);
    assert_int_equal(answer.reason, REASON_PENDING);
    assert_string_equal(answer.authorization_id, AUTHORIZATION);
    assert_false(attempt_answer_of(CALL_LOOK_UP, &now, &reply).is_authorized);
    reply.authorization.has_capture_now = false; /* Amazon does not always say */
    assert_true(attempt_answer_of(CALL_LOOK_UP, &later, &reply).is_authorized);
    reply.authorization.captured_amount = money_of(1, "JPY");
    assert_false(attempt_answer_of(CALL_LOOK_UP, &later, &reply).is_authorized);
    reply.authorization.captured_amount = money_of(0, "JPY");
    reply.authorization.status.state = MWS_STATE_PENDING;
    assert_false(attempt_answer_of(CALL_LOOK_UP, &later, &reply).is_authorized);
}

static void nothing_is_taken_of_another_authorization(void **state)
{
    (void)state;
    struct attempt attempt = attempt_of(true);
    struct mws_reply reply = authorization_reply(MWS_STATE_DECLINED, MWS_REASON_AMAZON_REJECTED);
    struct attempt_answer answer = attempt_answer_of(CALL_LOOK_UP, &attempt, &reply);
    assert_int_equal(answer.outcome, OUTCOME_REFUSED);
    assert_int_equal(answer.reason, REASON_AMAZON_REJECTED);
    attempt.amount = money_of(1300, "JPY");
    answer = attempt_answer_of(CALL_LOOK_UP, &attempt, &reply);
    assert_true(answer.is_other);
    assert_false(answer.from_object);
    assert_int_equal(answer.outcome, OUTCOME_UNKNOWN);
    assert_string_equal(answer.authorization_id, "");
    attempt = attempt_of(true);
    attempt.reference_id[strlen(REFERENCE) - 1] = '2';
    assert_true(attempt_answer_of(CALL_LOOK_UP, &attempt, &reply).is_other);
}

static void an_authorization_that_ends_uncaptured_says_how(void **state)
{
    (void)state;
    struct attempt later = attempt_of(false);
    struct attempt now = attempt_of(true);
    struct mws_reply reply = authorization_reply(MWS_STATE_CLOSED, MWS_REASON_EXPIRED_UNUSED);
    assert_int_equal(uncaptured_answer_of(&later, &reply).reason, REASON_AUTHORIZATION_EXPIRED);
    assert_int_equal(attempt_answer_of(CALL_LOOK_UP, &now, &reply).reason, REASON_NOT_CAPTURED);
    reply.authorization.status.reason = MWS_REASON_SELLER_CLOSED;
    struct attempt_answer answer = uncaptured_answer_of(&later, &reply);
    assert_int_equal(answer.reason, REASON_NOT_CAPTURED);
    assert_int_equal(answer.outcome, OUTCOME_REFUSED);
    assert_true(answer.from_object);
    /* Its one capture was declined; that is no reason to doubt that nothing was taken. */
    (void)stpcpy(reply.authorization.capture_id, CAPTURE);
    reply.authorization.capture_ids.count = 1;
    (void)stpcpy(reply.authorization.capture_ids.ids[0], CAPTURE);
    assert_int_equal(uncaptured_answer_of(&later, &reply).outcome, OUTCOME_REFUSED);
    reply.authorization.status.reason = MWS_REASON_MAX_CAPTURES_PROCESSED;
    assert_int_equal(uncaptured_answer_of(&later, &reply).outcome, OUTCOME_REFUSED);
    reply.authorization.captured_amount = money_of(1, "JPY");
    assert_int_equal(uncaptured_answer_of(&later, &reply).outcome, OUTCOME_UNKNOWN);
    /* Without a list it is what it says: everything that was authorized was captured. */
    reply.authorization.capture_ids.count = 0;
    assert_int_equal(uncaptured_answer_of(&later, &reply).outcome, OUTCOME_DONE);
}

static void a_capture_is_taken_by_its_own_id_and_amount(void **state)
{
    (void)state;
    struct attempt attempt = attempt_of(false);
    struct mws_reply reply = capture_reply(MWS_STATE_COMPLETED);
    struct attempt_answer answer = attempt_answer_of(CALL_CAPTURE, &attempt, &reply);
    assert_int_equal(answer.outcome, OUTCOME_DONE);
    assert_true(answer.from_object && answer.is_capture);
    assert_string_equal(answer.capture_id, CAPTURE);
    reply = capture_reply(MWS_STATE_PENDING);
    answer = attempt_answer_of(CALL_LOOK_UP_CAPTURE, &attempt, &reply);
    assert_int_equal(answer.outcome, OUTCOME_UNKNOWN);
    assert_int_equal(answer.reason, REASON_PENDING);
    reply = capture_reply(MWS_STATE_DECLINED);
    answer = attempt_answer_of(CALL_CAPTURE, &attempt, &reply);
    assert_int_equal(answer.outcome, OUTCOME_REFUSED);
    assert_int_equal(answer.reason, REASON_CAPTURE_DECLINED);
    attempt.capture_number = 3;
    answer = attempt_answer_of(CALL_CAPTURE, &attempt, &reply);
    assert_true(answer.is_other && !answer.from_object);
    assert_int_equal(answer.outcome, OUTCOME_UNKNOWN);
    /* Amazon's own list under our authorization needs no id of ours, but the amount. */
    attempt.capture_number = 0;
    reply = capture_reply(MWS_STATE_COMPLETED);
    assert_int_equal(listed_capture_answer_of(&attempt, &reply).outcome, OUTCOME_DONE);
    assert_false(money_is_valid(listed_capture_answer_of(&attempt, &reply).captured));
    /* ... and of another amount it is told of what: it is over then. */
    reply.capture.capture_amount = money_of(1, "JPY");
    answer = listed_capture_answer_of(&attempt, &reply);
    assert_int_equal(answer.outcome, OUTCOME_DONE);
    assert_true(answer.from_object && answer.is_capture && !answer.is_other);
    assert_true(money_equal(answer.captured, money_of(1, "JPY")));
    attempt = attempt_of(false); /* not of one that was asked for by our own id */
    answer = attempt_answer_of(CALL_LOOK_UP_CAPTURE, &attempt, &reply);
    assert_true(answer.is_other && !answer.from_object);
}

static void a_void_shows_nothing(void **state)
{
    (void)state;
    struct attempt attempt = attempt_of(false);
    struct mws_reply reply = {.action = MWS_CLOSE_AUTHORIZATION, .http_status = 200};
    struct attempt_answer answer = attempt_answer_of(CALL_VOID, &attempt, &reply);
    assert_int_equal(answer.outcome, OUTCOME_DONE);
    assert_false(answer.from_object);
    reply = (struct mws_reply){.action = MWS_CLOSE_AUTHORIZATION,
                               .http_status = 405,
                               .is_error = true,
                               .error = MWS_ERROR_INVALID_AUTHORIZATION_STATUS};
    assert_int_equal(attempt_answer_of(CALL_VOID, &attempt, &reply).outcome, OUTCOME_REFUSED);
}

static struct mws_reply refund_reply(enum mws_state state)
{
    struct mws_reply reply = {.action = MWS_REFUND, .http_status = 200};
    reply.refund = (struct mws_refund_details){
        .amazon_refund_id = REFUND_ID,
        .refund_reference_id = REFUND,
        .refund_type = MWS_REFUND_TYPE_SELLER_INITIATED,
        .refund_amount = money_of(500, "JPY"),
        .status = {.state = state, .reason = MWS_REASON_AMAZON_REJECTED},
    };
    return reply;
}

static void a_refund_is_taken_by_its_own_id_and_amount(void **state)
{
    (void)state;
    struct refund refund = {.id = REFUND, .number = 1, .amount = money_of(500, "JPY")};
    struct mws_reply reply = refund_reply(MWS_STATE_PENDING);
    struct refund_answer answer = refund_answer_of(CALL_REFUND, &refund, &reply);
    assert_true(answer.from_object && answer.is_pending);
    assert_int_equal(answer.outcome, OUTCOME_UNKNOWN);
    assert_int_equal(answer.kind, REFUND_BY_SHOP);
    assert_string_equal(answer.amazon_refund_id, REFUND_ID);
    reply = refund_reply(MWS_STATE_DECLINED);
    answer = refund_answer_of(CALL_LOOK_UP_REFUND, &refund, &reply);
    assert_int_equal(answer.outcome, OUTCOME_REFUSED);
    assert_int_equal(answer.reason, REASON_AMAZON_REJECTED);
    reply = refund_reply(MWS_STATE_COMPLETED);
    assert_int_equal(refund_answer_of(CALL_REFUND, &refund, &reply).outcome, OUTCOME_DONE);
    refund.amount = money_of(501, "JPY");
    answer = refund_answer_of(CALL_REFUND, &refund, &reply);
    assert_false(answer.from_object);
    assert_int_equal(answer.outcome, OUTCOME_UNKNOWN);
    assert_true(answer.duplicate);
    answer = refund_answer_of(CALL_LOOK_UP_REFUND, &refund, &reply);
    assert_int_equal(answer.outcome, OUTCOME_REFUSED);
    assert_false(answer.from_object);
}

static void a_refund_of_amazons_is_known_by_amazons_id(void **state)
{
    (void)state;
    struct refund refund = {.id = REFUND_ID, .amazon_refund_id = REFUND_ID};
    struct mws_reply reply = refund_reply(MWS_STATE_COMPLETED);
    reply.refund.refund_type = MWS_REFUND_TYPE_A_Z_GUARANTEE;
    (void)stpcpy(reply.refund.refund_reference_id, "whatever");
    struct refund_answer answer = refund_answer_of(CALL_LOOK_UP_REFUND, &refund, &reply);
    assert_true(answer.from_object);
    assert_int_equal(answer.kind, REFUND_A_TO_Z);
    assert_true(money_equal(answer.amount, money_of(500, "JPY")));
    (void)stpcpy(refund.amazon_refund_id, ORDER "-R999999");
    assert_false(refund_answer_of(CALL_LOOK_UP_REFUND, &refund, &reply).from_object);
}

static void who_ended_an_agreement_is_told(void **state)
{
    static const struct {
        enum mws_state state;
        enum mws_reason reason;
        enum reason expected;
    } cases[] = {
        {MWS_STATE_CLOSED, MWS_REASON_SELLER_CLOSED, REASON_MERCHANT_CLOSED},
        {MWS_STATE_CANCELED, MWS_REASON_SELLER_CANCELED, REASON_MERCHANT_CLOSED},
        {MWS_STATE_CLOSED, MWS_REASON_BUYER_CLOSED, REASON_BUYER_CLOSED},
        {MWS_STATE_CLOSED, MWS_REASON_AMAZON_CLOSED, REASON_AGREEMENT_ENDED},
        {MWS_STATE_CLOSED, MWS_REASON_UNKNOWN, REASON_AGREEMENT_ENDED},
        {MWS_STATE_SUSPENDED, MWS_REASON_UNKNOWN, REASON_INVALID_PAYMENT_METHOD},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct mws_reply reply = {.action = MWS_GET_BILLING_AGREEMENT_DETAILS, .http_status = 200};
        reply.billing_agreement.status.state = cases[i].state;
        reply.billing_agreement.status.reason = cases[i].reason;
        enum reason reason = care_answer_of(CALL_SYNC, &reply).reason;
        if (reason != cases[i].expected) {
            fail_msg("case %zu: %s", i, reason_name(reason));
        }
    }
}

static void a_validation_says_whether_the_method_is_good(void **state)
{
    (void)state;
    struct mws_reply reply = {.action = MWS_VALIDATE_BILLING_AGREEMENT, .http_status = 200};
    reply.validation.is_success = true;
    struct care_answer answer = care_answer_of(CALL_VALIDATE, &reply);
    assert_int_equal(answer.care, CARE_VALIDATE);
    assert_true(answer.is_valid && answer.reason == REASON_NONE);
    reply.validation.is_success = false;
    answer = care_answer_of(CALL_VALIDATE, &reply);
    assert_int_equal(answer.outcome, OUTCOME_DONE);
    assert_true(!answer.is_valid && answer.reason == REASON_VALIDATION_FAILED);
}

/* The same rows give the same request, whatever was configured or answered since. */
static void requests_are_written_from_the_rows(void **state)
{
    (void)state;
    struct agreement agreement = {.id = "C03-1234567-1234567"};
    struct seller_config seller = {.store_name = "Store"};
    struct charge charge = {.id = "ABCDEFGHIJKLMNOP-12", .note = "n", .attempt = attempt_of(false)};
    struct refund refund = {.id = REFUND, .capture_id = CAPTURE, .amount = money_of(5, "JPY")};
    struct call_subject subject = {
        .agreement = &agreement, .charge = &charge, .refund = &refund, .seller = &seller};
    char id[REFERENCE_ID_MAX];
    struct mws_request request = call_request(CALL_AUTHORIZE, &subject, id);
    assert_false(request.authorize_on_billing_agreement.capture_now);
    request = call_request(CALL_CAPTURE, &subject, id);
    assert_string_equal(request.capture.capture_reference_id, REFERENCE "-C2");
    assert_string_equal(request.capture.amazon_authorization_id, AUTHORIZATION);
    assert_true(money_equal(request.capture.capture_amount, charge.attempt.amount));
    assert_string_equal(request.capture.seller_capture_note, "n");
    request = call_request(CALL_VOID, &subject, id);
    assert_string_equal(request.close_authorization.amazon_authorization_id, AUTHORIZATION);
    request = call_request(CALL_REFUND, &subject, id);
    assert_string_equal(request.refund.refund_reference_id, REFUND);
    assert_string_equal(request.refund.amazon_capture_id, CAPTURE);
    assert_null(request.refund.seller_refund_note);
    request = call_request(CALL_DISCOVER_REFUND, &subject, id);
    assert_string_equal(request.get_capture_details.amazon_capture_id, CAPTURE);
    request = call_request(CALL_SET, &subject, id);
    assert_string_equal(request.set_billing_agreement_details.store_name, "Store");
    assert_string_equal(request.set_billing_agreement_details.seller_billing_agreement_id,
                        agreement.id);
    charge.attempt.capture_now = true;
    call_capture_reference_id(&charge.attempt, id);
    assert_string_equal(id, REFERENCE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_open_authorization_is_reserved_only_without_capture_now),
        cmocka_unit_test(nothing_is_taken_of_another_authorization),
        cmocka_unit_test(an_authorization_that_ends_uncaptured_says_how),
        cmocka_unit_test(a_capture_is_taken_by_its_own_id_and_amount),
        cmocka_unit_test(a_void_shows_nothing),
        cmocka_unit_test(a_refund_is_taken_by_its_own_id_and_amount),
        cmocka_unit_test(a_refund_of_amazons_is_known_by_amazons_id),
        cmocka_unit_test(who_ended_an_agreement_is_told),
        cmocka_unit_test(a_validation_says_whether_the_method_is_good),
        cmocka_unit_test(requests_are_written_from_the_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
