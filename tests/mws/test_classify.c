/*
 * test_classify.c - the outcome table, walked whole.
 *
 * Every action with every HTTP status from 200 to 599 and every error code, and every action whose
 * answer is about money or makes an order with every state and reason (also unknown ones) and every
 * evidence of a capture or refund. Two things are
 * checked: nothing is DONE but what is listed here a second time, and the table as it prints equals
 * classify_table.txt. After a change that is meant, run with CLASSIFY_TABLE_WRITE=1 and read the
 * diff.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mws/classify.h"

#define TABLE_FILE      TESTS_DIR "/classify_table.txt"
#define TABLE_BYTES_MAX ((size_t)256 * 1024)

static const char *outcome_text(enum outcome outcome)
{
    switch (outcome) {
    case OUTCOME_DONE:
        return "DONE";
    case OUTCOME_REFUSED:
        return "REFUSED";
    case OUTCOME_LATER:
        return "LATER";
    case OUTCOME_UNKNOWN:
        return "UNKNOWN";
    }
    return "?";
}

static const char *cause_text(enum mws_cause cause)
{
    static const char *const names[] = {
        [MWS_CAUSE_NONE] = "-",
        [MWS_CAUSE_NOT_SENT] = "not sent",
        [MWS_CAUSE_NO_ANSWER] = "no answer",
        [MWS_CAUSE_UNREADABLE] = "unreadable",
        [MWS_CAUSE_THROTTLED] = "throttled",
        [MWS_CAUSE_SERVICE] = "service",
        [MWS_CAUSE_SELLER_ACCESS] = "seller access",
        [MWS_CAUSE_DUPLICATE] = "duplicate",
        [MWS_CAUSE_LIMIT] = "limit",
        [MWS_CAUSE_AGREEMENT_STATUS] = "agreement status",
        [MWS_CAUSE_OBJECT_STATUS] = "object status",
        [MWS_CAUSE_AGREEMENT_ID] = "agreement id",
        [MWS_CAUSE_REQUEST] = "request",
        [MWS_CAUSE_PENDING] = "pending",
        [MWS_CAUSE_AUTHORIZED] = "authorized",
        [MWS_CAUSE_DECLINED] = "declined",
        [MWS_CAUSE_CLOSED_WITHOUT_CAPTURE] = "closed without capture",
        [MWS_CAUSE_UNMAPPED] = "unmapped",
    };
    return names[cause];
}

static bool is_same(struct mws_classification a, struct mws_classification b)
{
    return a.outcome == b.outcome && a.cause == b.cause;
}

/* What an answer of this action shows, when it is an object whose state decides. */
enum object {
    OBJECT_NONE = 0,
    OBJECT_AUTHORIZATION,
    OBJECT_CAPTURE,
    OBJECT_REFUND,
    OBJECT_REVERSAL,
    OBJECT_ORDER, /* that was made or changed */
    OBJECT_COUNT,
};

static enum object object_of(int action)
{
    switch (action) {
    case MWS_AUTHORIZE:
    case MWS_AUTHORIZE_ON_BILLING_AGREEMENT:
    case MWS_GET_AUTHORIZATION_DETAILS:
        return OBJECT_AUTHORIZATION;
    case MWS_CAPTURE:
    case MWS_GET_CAPTURE_DETAILS:
        return OBJECT_CAPTURE;
    case MWS_REFUND:
    case MWS_GET_REFUND_DETAILS:
        return OBJECT_REFUND;
    case MWS_REVERSE_PROVIDER_CREDIT:
    case MWS_GET_PROVIDER_CREDIT_REVERSAL_DETAILS:
        return OBJECT_REVERSAL;
    case MWS_CREATE_ORDER_REFERENCE_FOR_ID:
    case MWS_SET_ORDER_REFERENCE_DETAILS:
    case MWS_SET_ORDER_ATTRIBUTES:
        return OBJECT_ORDER;
    default:
        return OBJECT_NONE;
    }
}

/* ---- the errors ---- */

static struct mws_classification of_error(enum mws_action action, int http_status,
                                          enum mws_error error)
{
    struct mws_reply reply = {
        .action = action, .http_status = http_status, .is_error = true, .error = error};
    return mws_classify(&reply);
}

/* "200-399 UNKNOWN unmapped, 400-499 ..." for one action and code. */
static void write_statuses(enum mws_action action, enum mws_error error, char *out, size_t size)
{
    int from = 200;
    size_t used = 0;
    out[0] = '\0';
    for (int http = 201; http <= 600; http++) {
        struct mws_classification first = of_error(action, from, error);
        if (http < 600 && is_same(first, of_error(action, http, error))) {
            continue;
        }
        used += (size_t)snprintf(out + used, size - used, "    %d-%d  %s, %s\n", from, http - 1,
                                 outcome_text(first.outcome), cause_text(first.cause));
        from = http;
    }
}

/* Actions with the same lines share them: the lines of most stand under "any action". */
static size_t write_error(enum mws_error error, char *out, size_t size)
{
    char common[512];
    char own[512];
    size_t used = (size_t)snprintf(out, size, "%s\n",
                                   error == MWS_ERROR_NONE ? "(a code that is not known)"
                                                           : mws_error_name(error));
    write_statuses(MWS_AUTHORIZE_ON_BILLING_AGREEMENT, error, common, sizeof common);
    for (int action = 1; action < MWS_ACTION_COUNT; action++) {
        write_statuses((enum mws_action)action, error, own, sizeof own);
        if (strcmp(own, common) != 0) {
            used += (size_t)snprintf(out + used, size - used, "  %s\n%s",
                                     mws_action_name((enum mws_action)action), own);
        }
    }
    used += (size_t)snprintf(out + used, size - used, "  any (other) action\n%s", common);
    return used;
}

/* ---- the objects ---- */

/* What else the answer shows: a capture of an authorization, a refund of a capture. */
enum show {
    SHOW_ZERO,      /* an amount of 0, no id                               */
    SHOW_ABSENT,    /* no amount, no id                                    */
    SHOW_ID,        /* an amount of 0, and an id                           */
    SHOW_AMOUNT,    /* an amount of more than 0                            */
    SHOW_NOT_ASKED, /* an amount of 0, no id, and CaptureNow says false    */
    SHOW_BOTH,      /* an amount of more than 0, and CaptureNow says false */
    SHOW_COUNT,
};

static const char *const show_text[SHOW_COUNT] = {
    "amount 0",  "no amount",        "an id",
    "an amount", "CaptureNow false", "CaptureNow false, an amount"};

static struct money shown_amount(enum show show)
{
    if (show == SHOW_ABSENT) {
        return (struct money){0};
    }
    return money_of(show == SHOW_AMOUNT || show == SHOW_BOTH ? 1200 : 0, "JPY");
}

/* `reason` MWS_REASON_COUNT stands for one that is not in the vocabulary. */
static struct mws_classification of_object(enum mws_action action, int http_status, int state,
                                           int reason, enum show show)
{
    struct mws_reply reply = {.action = action, .http_status = http_status};
    struct mws_status status = {
        .state = (enum mws_state)state,
        .has_unknown_reason = reason == MWS_REASON_COUNT,
        .reason = reason == MWS_REASON_COUNT ? MWS_REASON_UNKNOWN : (enum mws_reason)reason,
    };
    switch (object_of((int)action)) {
    case OBJECT_AUTHORIZATION:
        reply.authorization.status = status;
        reply.authorization.captured_amount = shown_amount(show);
        reply.authorization.has_capture_now = show == SHOW_NOT_ASKED || show == SHOW_BOTH;
        if (show == SHOW_ID) {
            (void)stpcpy(reply.authorization.capture_id, "S03-1-2-C000001");
        }
        break;
    case OBJECT_CAPTURE:
        reply.capture.status = status;
        reply.capture.refunded_amount = shown_amount(show);
        reply.capture.refund_ids.count = show == SHOW_ID;
        break;
    case OBJECT_REFUND:
        reply.refund.status = status;
        break;
    case OBJECT_REVERSAL:
        reply.provider_credit_reversal.status = status;
        break;
    case OBJECT_ORDER:
        reply.order_reference.status = status;
        break;
    case OBJECT_NONE:
    case OBJECT_COUNT:
        fail_msg("%s has no object", mws_action_name(action));
    }
    return mws_classify(&reply);
}

static const char *reason_text(int reason)
{
    return reason == MWS_REASON_COUNT ? "(not known)"
           : reason == 0              ? "(none)"
                                      : mws_reason_name((enum mws_reason)reason);
}

/* The lines of one state and reason; what is unmapped is left out. */
static void write_reason(enum mws_action action, int state, int reason, char *out, size_t size)
{
    size_t used = 0;
    int from = 0;
    out[0] = '\0';
    while (from < SHOW_COUNT) {
        struct mws_classification c = of_object(action, 200, state, reason, (enum show)from);
        int to = from + 1;
        while (to < SHOW_COUNT &&
               is_same(c, of_object(action, 200, state, reason, (enum show)to))) {
            to++;
        }
        if (c.cause != MWS_CAUSE_UNMAPPED) {
            bool is_whole = to - from == SHOW_COUNT;
            used += (size_t)snprintf(out + used, size - used, "    %s%s%s  %s, %s\n",
                                     is_whole ? "" : show_text[from],
                                     is_whole || to - from == 1 ? "" : " ... ",
                                     is_whole || to - from == 1 ? "" : show_text[to - 1],
                                     outcome_text(c.outcome), cause_text(c.cause));
        }
        from = to;
    }
}

/* Reasons that follow one another with the same lines share them. */
static size_t write_states(enum mws_action action, char *out, size_t size)
{
    char lines[512];
    char next[512];
    size_t used = (size_t)snprintf(out, size, "\n== %s ==\n", mws_action_name(action));
    for (int state = 0; state < MWS_STATE_COUNT; state++) {
        for (int from = 0, to = 0; from <= MWS_REASON_COUNT; from = to) {
            write_reason(action, state, from, lines, sizeof lines);
            for (to = from + 1; to <= MWS_REASON_COUNT; to++) {
                write_reason(action, state, to, next, sizeof next);
                if (strcmp(lines, next) != 0) {
                    break;
                }
            }
            if (lines[0] != '\0') {
                used += (size_t)snprintf(out + used, size - used, "%s / %s%s%s\n%s",
                                         mws_state_name((enum mws_state)state), reason_text(from),
                                         to - from > 1 ? " ... " : "",
                                         to - from > 1 ? reason_text(to - 1) : "", lines);
            }
        }
    }
    used += (size_t)snprintf(out + used, size - used, "anything else\n    UNKNOWN, unmapped\n");
    return used;
}

static char *write_table(void)
{
    char *out = malloc(TABLE_BYTES_MAX);
    assert_non_null(out);
    size_t used = (size_t)snprintf(out, TABLE_BYTES_MAX, "== error documents ==\n");
    for (int error = 0; error < MWS_ERROR_COUNT; error++) {
        used += write_error((enum mws_error)error, out + used, TABLE_BYTES_MAX - used);
    }
    for (int action = 1; action < MWS_ACTION_COUNT; action++) {
        if (object_of(action) != OBJECT_NONE) {
            used += write_states((enum mws_action)action, out + used, TABLE_BYTES_MAX - used);
        }
    }
    assert_true(used < TABLE_BYTES_MAX);
    return out;
}

static char *read_table_file(void)
{
    char *text = calloc(1, TABLE_BYTES_MAX);
    assert_non_null(text);
    FILE *file = fopen(TABLE_FILE, "r");
    if (file != NULL) {
        size_t length = fread(text, 1, TABLE_BYTES_MAX - 1, file);
        assert_true(length < TABLE_BYTES_MAX);
        (void)fclose(file);
    }
    return text;
}

static void the_table_is_as_written_down(void **state)
{
    (void)state;
    char *table = write_table();
    if (getenv("CLASSIFY_TABLE_WRITE") != NULL) {
        FILE *file = fopen(TABLE_FILE, "w");
        assert_non_null(file);
        assert_true(fputs(table, file) >= 0);
        assert_int_equal(fclose(file), 0);
    }
    char *written = read_table_file();
    size_t at = 0;
    while (table[at] != '\0' && table[at] == written[at]) {
        at++;
    }
    if (table[at] != written[at]) {
        while (at > 0 && table[at - 1] != '\n') {
            at--;
        }
        fail_msg("%s differs here:\n%.200s\n---- is now ----\n%.200s", TABLE_FILE, written + at,
                 table + at);
    }
    free(written);
    free(table);
}

/* ---- rules that are told a second time, independently of the table ---- */

static void no_error_is_ever_done(void **state)
{
    (void)state;
    for (int action = 1; action < MWS_ACTION_COUNT; action++) {
        for (int http = 100; http <= 700; http++) {
            for (int error = 0; error < MWS_ERROR_COUNT; error++) {
                struct mws_classification c =
                    of_error((enum mws_action)action, http, (enum mws_error)error);
                assert_int_not_equal(c.outcome, OUTCOME_DONE);
                /* A server in trouble never proves that nothing happened, but for throttling. */
                if (http >= 500 && c.cause != MWS_CAUSE_THROTTLED) {
                    assert_int_equal(c.outcome, OUTCOME_UNKNOWN);
                }
                /* What did not fail says nothing about an error. */
                if (http < 400) {
                    assert_int_equal(c.outcome, OUTCOME_UNKNOWN);
                }
                if (error == MWS_ERROR_NONE) {
                    assert_int_equal(c.outcome, OUTCOME_UNKNOWN);
                }
            }
        }
    }
}

static void every_known_code_is_mapped_with_its_own_status(void **state)
{
    (void)state;
    for (int action = 1; action < MWS_ACTION_COUNT; action++) {
        for (int i = 1; i < MWS_ERROR_COUNT; i++) {
            enum mws_error error = (enum mws_error)i;
            struct mws_classification c =
                of_error((enum mws_action)action, mws_error_http_status(error), error);
            if (c.cause == MWS_CAUSE_UNMAPPED) {
                fail_msg("%s is not mapped", mws_error_name(error));
            }
        }
    }
}

static void broken_credentials_never_refuse_a_charge(void **state)
{
    (void)state;
    static const enum mws_error errors[] = {
        MWS_ERROR_ACCESS_DENIED,
        MWS_ERROR_INVALID_ACCESS_KEY_ID,
        MWS_ERROR_SIGNATURE_DOES_NOT_MATCH,
        MWS_ERROR_MISSING_AUTHENTICATION_TOKEN,
        MWS_ERROR_INVALID_ACCOUNT_STATUS,
        MWS_ERROR_UNAUTHORIZED_ACCESS,
        MWS_ERROR_INVALID_ADDRESS,
    };
    for (int action = 1; action < MWS_ACTION_COUNT; action++) {
        for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
            for (int http = 400; http < 500; http++) {
                struct mws_classification c = of_error((enum mws_action)action, http, errors[i]);
                assert_int_equal(c.outcome, OUTCOME_LATER);
                assert_int_equal(c.cause, MWS_CAUSE_SELLER_ACCESS);
            }
        }
    }
}

/* DONE, told a second time. */
static bool is_done(int action, int s, int reason, enum show show)
{
    switch (object_of(action)) {
    case OBJECT_AUTHORIZATION:
        return (s == MWS_STATE_CLOSED && reason == MWS_REASON_MAX_CAPTURES_PROCESSED) ||
               (action == MWS_AUTHORIZE && s == MWS_STATE_OPEN && show == SHOW_NOT_ASKED);
    case OBJECT_CAPTURE:
        return s == MWS_STATE_COMPLETED ||
               (s == MWS_STATE_CLOSED &&
                (reason == MWS_REASON_MAX_AMOUNT_REFUNDED ||
                 reason == MWS_REASON_MAX_REFUNDS_PROCESSED || reason == MWS_REASON_AMAZON_CLOSED));
    case OBJECT_REFUND:
    case OBJECT_REVERSAL:
        return s == MWS_STATE_COMPLETED;
    case OBJECT_ORDER:
        return s == MWS_STATE_DRAFT || s == MWS_STATE_OPEN ||
               (s == MWS_STATE_SUSPENDED && action == MWS_SET_ORDER_ATTRIBUTES);
    case OBJECT_NONE:
    case OBJECT_COUNT:
        break;
    }
    return false;
}

static void an_object_is_done_only_in_its_own_states(void **state)
{
    (void)state;
    static const int statuses[] = {200, 201, 204, 302, 400, 404, 500, 503};
    for (int i = 0; i < (int)(sizeof statuses / sizeof statuses[0]) * MWS_ACTION_COUNT; i++) {
        int http = statuses[i / MWS_ACTION_COUNT];
        int action = i % MWS_ACTION_COUNT;
        for (int s = 0; object_of(action) != OBJECT_NONE && s < MWS_STATE_COUNT; s++) {
            for (int j = 0; j < (MWS_REASON_COUNT + 1) * SHOW_COUNT; j++) {
                int reason = j / SHOW_COUNT;
                enum show show = (enum show)(j % SHOW_COUNT);
                struct mws_classification c =
                    of_object((enum mws_action)action, http, s, reason, show);
                assert_int_equal(c.outcome == OUTCOME_DONE,
                                 http == 200 && is_done(action, s, reason, show));
                assert_int_not_equal(c.outcome, OUTCOME_LATER);
                /* A state that is not known says nothing, and neither does another status. */
                if (s == MWS_STATE_UNKNOWN || http != 200) {
                    assert_int_equal(c.outcome, OUTCOME_UNKNOWN);
                    assert_int_equal(c.cause, MWS_CAUSE_UNMAPPED);
                }
            }
        }
    }
}

/* The money may have moved: nobody may be told that it did not. */
static void what_shows_its_effect_is_never_refused(void **state)
{
    (void)state;
    for (int action = 1; action < MWS_ACTION_COUNT; action++) {
        if (object_of(action) != OBJECT_AUTHORIZATION && object_of(action) != OBJECT_CAPTURE) {
            continue;
        }
        for (int s = 0; s < MWS_STATE_COUNT; s++) {
            for (int reason = 0; reason <= MWS_REASON_COUNT; reason++) {
                static const enum show shows[] = {SHOW_ID, SHOW_AMOUNT, SHOW_BOTH};
                for (size_t i = 0; i < sizeof shows / sizeof shows[0]; i++) {
                    assert_int_not_equal(
                        of_object((enum mws_action)action, 200, s, reason, shows[i]).outcome,
                        OUTCOME_REFUSED);
                }
            }
        }
    }
}

/* A charge is looked up by GetAuthorizationDetails: that must say what the request's answer said.
 */
static void what_is_looked_up_is_what_was_answered(void **state)
{
    (void)state;
    static const enum mws_action pairs[][2] = {
        {MWS_AUTHORIZE_ON_BILLING_AGREEMENT, MWS_GET_AUTHORIZATION_DETAILS},
        {MWS_CAPTURE, MWS_GET_CAPTURE_DETAILS},
        {MWS_REFUND, MWS_GET_REFUND_DETAILS},
        {MWS_REVERSE_PROVIDER_CREDIT, MWS_GET_PROVIDER_CREDIT_REVERSAL_DETAILS},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        for (int s = 0; s < MWS_STATE_COUNT; s++) {
            for (int j = 0; j < (MWS_REASON_COUNT + 1) * SHOW_COUNT; j++) {
                enum show show = (enum show)(j % SHOW_COUNT);
                assert_true(is_same(of_object(pairs[i][0], 200, s, j / SHOW_COUNT, show),
                                    of_object(pairs[i][1], 200, s, j / SHOW_COUNT, show)));
            }
        }
    }
}

static void other_operations_are_done_with_status_200_only(void **state)
{
    (void)state;
    for (int action = 1; action < MWS_ACTION_COUNT; action++) {
        for (int http = 0; http < 600; http++) {
            struct mws_reply reply = {.action = (enum mws_action)action, .http_status = http};
            enum outcome outcome = mws_classify(&reply).outcome;
            bool is_read = http == 200 && object_of(action) == OBJECT_NONE;
            assert_int_equal(outcome, is_read ? OUTCOME_DONE : OUTCOME_UNKNOWN);
        }
    }
}

static void without_an_answer_nothing_is_known(void **state)
{
    (void)state;
    for (int action = 1; action < MWS_ACTION_COUNT; action++) {
        struct mws_reply reply = {.action = (enum mws_action)action, .is_transport_failure = true};
        struct mws_classification c = mws_classify(&reply);
        assert_true(is_same(c, (struct mws_classification){OUTCOME_UNKNOWN, MWS_CAUSE_NO_ANSWER}));
        reply.not_sent = true;
        c = mws_classify(&reply);
        assert_true(is_same(c, (struct mws_classification){OUTCOME_LATER, MWS_CAUSE_NOT_SENT}));
        for (int http = 0; http < 600; http++) {
            reply = (struct mws_reply){
                .action = (enum mws_action)action, .http_status = http, .is_unreadable = true};
            c = mws_classify(&reply);
            assert_int_equal(c.outcome, OUTCOME_UNKNOWN);
            assert_int_equal(c.cause, http >= 500 ? MWS_CAUSE_SERVICE : MWS_CAUSE_UNREADABLE);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_as_written_down),
        cmocka_unit_test(no_error_is_ever_done),
        cmocka_unit_test(every_known_code_is_mapped_with_its_own_status),
        cmocka_unit_test(broken_credentials_never_refuse_a_charge),
        cmocka_unit_test(an_object_is_done_only_in_its_own_states),
        cmocka_unit_test(what_shows_its_effect_is_never_refused),
        cmocka_unit_test(what_is_looked_up_is_what_was_answered),
        cmocka_unit_test(other_operations_are_done_with_status_200_only),
        cmocka_unit_test(without_an_answer_nothing_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
