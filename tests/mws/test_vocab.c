/*
 * test_vocab.c - every word goes to its number and back; a word that is nearly Amazon's is unknown.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mws/vocab.h"

static void every_word_goes_there_and_back(void **state)
{
    (void)state;
    for (int i = 1; i < MWS_ACTION_COUNT; i++) {
        assert_int_equal(mws_action_parse(mws_action_name((enum mws_action)i)), i);
    }
    for (int i = 1; i < MWS_STATE_COUNT; i++) {
        assert_int_equal(mws_state_parse(mws_state_name((enum mws_state)i)), i);
    }
    for (int i = 1; i < MWS_REASON_COUNT; i++) {
        assert_int_equal(mws_reason_parse(mws_reason_name((enum mws_reason)i)), i);
    }
    for (int i = 1; i < MWS_ERROR_COUNT; i++) {
        assert_int_equal(mws_error_parse(mws_error_name((enum mws_error)i)), i);
        assert_in_range(mws_error_http_status((enum mws_error)i), 400, 599);
    }
    for (int i = 1; i < MWS_AGREEMENT_TYPE_COUNT; i++) {
        assert_int_equal(
            mws_agreement_type_parse(mws_agreement_type_name((enum mws_agreement_type)i)), i);
    }
    for (int i = 1; i < MWS_REFUND_TYPE_COUNT; i++) {
        assert_int_equal(mws_refund_type_parse(mws_refund_type_name((enum mws_refund_type)i)), i);
    }
    for (int i = 1; i < MWS_SERVICE_STATUS_COUNT; i++) {
        assert_int_equal(
            mws_service_status_parse(mws_service_status_name((enum mws_service_status)i)), i);
    }
    for (int i = 1; i < MWS_ACCOUNT_STATUS_COUNT; i++) {
        assert_int_equal(
            mws_account_status_parse(mws_account_status_name((enum mws_account_status)i)), i);
    }
    for (int i = 1; i < MWS_EVENT_TYPE_COUNT; i++) {
        assert_int_equal(mws_event_type_parse(mws_event_type_name((enum mws_event_type)i)), i);
    }
    assert_int_equal(mws_error_parse("PeriodicAmountExceeded"), MWS_ERROR_PERIODIC_AMOUNT_EXCEEDED);
    assert_int_equal(mws_state_parse("Canceled"), MWS_STATE_CANCELED);
}

static void other_words_are_unknown(void **state)
{
    (void)state;
    static const char *const words[] = {
        "",       " Open", "open",      "Open ", "Cancelled",
        "Opened", "OPEN",  "Authorise", "None",  "InvalidPayment Method"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        assert_int_equal(mws_action_parse(words[i]), 0);
        assert_int_equal(mws_state_parse(words[i]), 0);
        assert_int_equal(mws_reason_parse(words[i]), 0);
        assert_int_equal(mws_error_parse(words[i]), 0);
    }
    assert_string_equal(mws_action_name(MWS_ACTION_UNKNOWN), "");
    assert_string_equal(mws_state_name(MWS_STATE_UNKNOWN), "");
    assert_string_equal(mws_reason_name(MWS_REASON_UNKNOWN), "");
    assert_string_equal(mws_error_name(MWS_ERROR_NONE), "");
    assert_int_equal(mws_error_http_status(MWS_ERROR_NONE), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_word_goes_there_and_back),
        cmocka_unit_test(other_words_are_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
