/* test_answers.c - the answer table as `policy show` prints it: every state, reason code and error
 * of the vocabulary is in it, and what must never be taken for success is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mws/vocab.h"
#include "scheduler/answers.h"

#define ROWS_MAX 400
#define CALLS    14

struct row {
    char about[ANSWER_TEXT_MAX], reason_code[ANSWER_TEXT_MAX], note[64];
    char state[32], error[64];
    enum outcome outcome;
    enum reason reason;
};

struct table {
    size_t count;
    struct row rows[ROWS_MAX];
};

static void take(void *arg, const struct answer_row *row)
{
    struct table *table = arg;
    assert_true(table->count < ROWS_MAX);
    struct row *to = &table->rows[table->count++];
    (void)snprintf(to->about, sizeof to->about, "%s", row->about);
    (void)snprintf(to->state, sizeof to->state, "%s", row->state);
    (void)snprintf(to->reason_code, sizeof to->reason_code, "%s", row->reason_code);
    (void)snprintf(to->error, sizeof to->error, "%s", row->error);
    (void)snprintf(to->note, sizeof to->note, "%s", row->note);
    to->outcome = row->outcome;
    to->reason = row->reason;
}

static int setup(void **state)
{
    struct table *table = calloc(1, sizeof *table);
    assert_non_null(table);
    answers_each(take, table);
    *state = table;
    return 0;
}

static int teardown(void **state)
{
    free(*state);
    return 0;
}

static const struct row *object(const struct table *table, const char *about, const char *state,
                                const char *reason_code)
{
    const struct row *other = NULL;
    for (size_t i = 0; i < table->count; i++) {
        const struct row *row = &table->rows[i];
        if (strcmp(row->about, about) != 0 || strcmp(row->state, state) != 0) {
            continue;
        }
        char names[ANSWER_TEXT_MAX + 4];
        char wanted[64];
        (void)snprintf(names, sizeof names, ", %s,", row->reason_code);
        (void)snprintf(wanted, sizeof wanted, ", %s,", reason_code);
        if (strstr(names, wanted) != NULL) {
            return row;
        }
        if (strncmp(row->reason_code, "any", 3) == 0) {
            other = row;
        }
    }
    if (other == NULL) {
        fail_msg("no row for %s, %s, %s", about, state, reason_code);
    }
    return other;
}

static void expect_row(const struct row *row, enum outcome outcome, enum reason reason)
{
    if (row->outcome != outcome || row->reason != reason) {
        fail_msg("%s %s %s %s is %s with %s", row->about, row->state, row->reason_code, row->error,
                 outcome_name(row->outcome), reason_name(row->reason));
    }
}

static void test_declines(void **state)
{
    static const char about[] = "authorization, CaptureNow";
    expect_row(object(*state, about, "Declined", "InvalidPaymentMethod"), OUTCOME_REFUSED,
               REASON_INVALID_PAYMENT_METHOD);
    expect_row(object(*state, about, "Declined", "InvalidPaymentMethod with SoftDecline"),
               OUTCOME_REFUSED, REASON_INVALID_PAYMENT_METHOD_SOFT);
    expect_row(object(*state, about, "Declined", "TransactionTimedOut"), OUTCOME_REFUSED,
               REASON_TRANSACTION_TIMED_OUT);
    expect_row(object(*state, about, "Declined", "BuyerCanceled"), OUTCOME_UNKNOWN,
               REASON_NO_ANSWER);
    expect_row(object(*state, about, "Closed", "MaxCapturesProcessed"), OUTCOME_DONE, REASON_NONE);
    expect_row(object(*state, about, "Closed", "none or unknown"), OUTCOME_UNKNOWN,
               REASON_NO_ANSWER);
    expect_row(object(*state, about, "Pending", "none or unknown"), OUTCOME_UNKNOWN,
               REASON_PENDING);
}

static void test_captured_on_shipment(void **state)
{
    static const char about[] = "authorization, captured on shipment";
    const struct row *row = object(*state, about, "Open", "none or unknown");
    expect_row(row, OUTCOME_UNKNOWN, REASON_PENDING);
    assert_string_equal(row->note, "authorized");
    expect_row(object(*state, about, "Closed", "ExpiredUnused"), OUTCOME_REFUSED,
               REASON_AUTHORIZATION_EXPIRED);
    expect_row(object(*state, "capture", "Declined", "AmazonRejected"), OUTCOME_REFUSED,
               REASON_CAPTURE_DECLINED);
    expect_row(object(*state, "capture", "Completed", "none or unknown"), OUTCOME_DONE,
               REASON_NONE);
    expect_row(object(*state, "refund", "Completed", "none or unknown"), OUTCOME_DONE, REASON_NONE);
    expect_row(object(*state, "refund", "Declined", "ProcessingFailure"), OUTCOME_REFUSED,
               REASON_PROCESSING_FAILURE);
    expect_row(object(*state, "agreement", "Closed", "BuyerClosed"), OUTCOME_DONE,
               REASON_BUYER_CLOSED);
    expect_row(object(*state, "agreement", "Suspended", "none or unknown"), OUTCOME_DONE,
               REASON_INVALID_PAYMENT_METHOD);
}

/* Each code is answered for each of the fourteen calls. */
static void test_every_error(void **state)
{
    const struct table *table = *state;
    for (int error = MWS_ERROR_NONE + 1; error < MWS_ERROR_COUNT; error++) {
        const char *name = mws_error_name((enum mws_error)error);
        size_t calls = 0;
        bool has_rest = false;
        for (size_t i = 0; i < table->count; i++) {
            const struct row *row = &table->rows[i];
            if (strcmp(row->error, name) != 0) {
                continue;
            }
            if (strncmp(row->about, "any", 3) == 0) {
                assert_false(has_rest);
                assert_int_equal(strcmp(row->about, "any call") == 0, calls == 0);
                has_rest = true;
                continue;
            }
            assert_false(has_rest); /* it comes last */
            calls += 1;
            for (const char *at = row->about; *at != '\0'; at++) {
                calls += *at == ',';
            }
        }
        if (has_rest ? calls >= CALLS / 2 + 1 : calls != CALLS) {
            fail_msg("%s is mapped for %zu calls", name, calls);
        }
    }
}

/* No error, and nothing that went wrong on the way, is ever success. */
static void test_no_error_is_success(void **state)
{
    const struct table *table = *state;
    size_t seen = 0;
    for (size_t i = 0; i < table->count; i++) {
        if (table->rows[i].error[0] != '\0') {
            assert_int_not_equal(table->rows[i].outcome, OUTCOME_DONE);
            seen++;
        }
    }
    assert_true(seen > MWS_ERROR_COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_declines),
        cmocka_unit_test(test_captured_on_shipment),
        cmocka_unit_test(test_every_error),
        cmocka_unit_test(test_no_error_is_success),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
