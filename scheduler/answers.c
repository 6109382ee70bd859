/*
 * answers.c - see answers.h.
 *
 * Replies are made up: one that shows our own object in some state, for some reason; one that is an
 * error. Each is given to the very functions that the runner gives Amazon's to.
 */
#include "scheduler/answers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "scheduler/translate.h"

/* What was asked for, so that the replies are about it. */
#define REFERENCE_ID "AAAAAAAAAAAAAAAA-1-1"
#define REFUND_ID    "AAAAAAAAAAAAAAAA-1-R1"
#define CURRENCY     "JPY"

struct result {
    enum outcome outcome;
    enum reason reason;
    const char *note;
};

const char *outcome_name(enum outcome outcome)
{
    switch (outcome) {
    case OUTCOME_DONE:
        return "done";
    case OUTCOME_REFUSED:
        return "refused";
    case OUTCOME_LATER:
        return "later";
    case OUTCOME_UNKNOWN:
        return "unknown";
    }
    ensure_failed("an outcome that exists", __FILE__, __LINE__);
}

static bool is_same(const struct result *a, const struct result *b)
{
    return a->outcome == b->outcome && a->reason == b->reason && strcmp(a->note, b->note) == 0;
}

/* --- what the runner would understand ------------------------------------------------------- */

static struct result result_of_attempt(enum call_kind kind, bool capture_now,
                                       const struct mws_reply *reply)
{
    struct attempt attempt = {.reference_id = REFERENCE_ID,
                              .amount = money_of(1, CURRENCY),
                              .capture_now = capture_now,
                              .capture_number = 1};
    struct attempt_answer answer = attempt_answer_of(kind, &attempt, reply);
    return (struct result){answer.outcome, answer.reason,
                           answer.is_authorized ? "authorized"
                           : answer.duplicate   ? "it exists: looked for"
                                                : ""};
}

static struct result result_of_refund(enum call_kind kind, const struct mws_reply *reply)
{
    struct refund refund = {.id = REFUND_ID, .number = 1, .amount = money_of(1, CURRENCY)};
    struct refund_answer answer = refund_answer_of(kind, &refund, reply);
    return (struct result){answer.outcome, answer.reason,
                           answer.duplicate ? "it exists: looked for" : ""};
}

static struct result result_of_care(enum call_kind kind, const struct mws_reply *reply)
{
    struct care_answer answer = care_answer_of(kind, reply);
    bool is_strange = kind == CALL_SYNC && answer.outcome == OUTCOME_DONE && !answer.has_details;
    return (struct result){answer.outcome, answer.reason,
                           is_strange ? "not a state of an agreement: nothing is taken" : ""};
}

static struct result result_of(enum call_kind kind, const struct mws_reply *reply)
{
    switch (kind) {
    case CALL_AUTHORIZE:
    case CALL_LOOK_UP:
    case CALL_DISCOVER:
    case CALL_CAPTURE:
    case CALL_LOOK_UP_CAPTURE:
    case CALL_VOID:
        return result_of_attempt(kind, true, reply);
    case CALL_REFUND:
    case CALL_LOOK_UP_REFUND:
    case CALL_DISCOVER_REFUND:
        return result_of_refund(kind, reply);
    case CALL_SYNC:
    case CALL_CONFIRM:
    case CALL_CLOSE:
    case CALL_SET:
    case CALL_VALIDATE:
        return result_of_care(kind, reply);
    case CALL_HAND_OVER:
        break; /* nobody asks Amazon */
    }
    ensure_failed("a call to Amazon", __FILE__, __LINE__);
}

/* --- objects: (state, reason code) ----------------------------------------------------------- */

enum object {
    OBJECT_AUTHORIZATION,            /* with CaptureNow */
    OBJECT_AUTHORIZATION_TO_CAPTURE, /* without */
    OBJECT_CAPTURE,
    OBJECT_REFUND,
    OBJECT_AGREEMENT,
};

static const struct {
    enum object object;
    const char *name;
    enum call_kind call; /* whose reply shows it */
    enum mws_state states[6];
} objects[] = {
    {OBJECT_AUTHORIZATION,
     "authorization, CaptureNow",
     CALL_LOOK_UP,
     {MWS_STATE_PENDING, MWS_STATE_OPEN, MWS_STATE_DECLINED, MWS_STATE_CLOSED}},
    {OBJECT_AUTHORIZATION_TO_CAPTURE,
     "authorization, captured on shipment",
     CALL_LOOK_UP,
     {MWS_STATE_PENDING, MWS_STATE_OPEN, MWS_STATE_DECLINED, MWS_STATE_CLOSED}},
    {OBJECT_CAPTURE,
     "capture",
     CALL_LOOK_UP_CAPTURE,
     {MWS_STATE_PENDING, MWS_STATE_COMPLETED, MWS_STATE_DECLINED, MWS_STATE_CLOSED}},
    {OBJECT_REFUND,
     "refund",
     CALL_LOOK_UP_REFUND,
     {MWS_STATE_PENDING, MWS_STATE_COMPLETED, MWS_STATE_DECLINED}},
    {OBJECT_AGREEMENT,
     "agreement",
     CALL_SYNC,
     {MWS_STATE_DRAFT, MWS_STATE_OPEN, MWS_STATE_SUSPENDED, MWS_STATE_CANCELED, MWS_STATE_CLOSED}},
};

static void copy(char *to, size_t size, const char *from)
{
    int length = snprintf(to, size, "%s", from);
    ENSURE(length >= 0);
    ENSURE((size_t)length < size);
}

static void show_authorization(struct mws_reply *reply, bool capture_now, struct mws_status status,
                               bool is_soft)
{
    struct mws_authorization_details *shown = &reply->authorization;
    copy(shown->authorization_reference_id, sizeof shown->authorization_reference_id, REFERENCE_ID);
    shown->authorization_amount = money_of(1, CURRENCY);
    shown->captured_amount = money_of(0, CURRENCY);
    shown->status = status;
    shown->soft_decline = is_soft;
    shown->has_capture_now = true;
    shown->capture_now = capture_now;
    shown->expiration = INSTANT_NEVER;
}

static void show_capture(struct mws_reply *reply, struct mws_status status)
{
    struct attempt attempt = {.reference_id = REFERENCE_ID, .capture_now = true};
    char id[REFERENCE_ID_MAX];
    call_capture_reference_id(&attempt, id);
    copy(reply->capture.capture_reference_id, sizeof reply->capture.capture_reference_id, id);
    reply->capture.capture_amount = money_of(1, CURRENCY);
    reply->capture.refunded_amount = money_of(0, CURRENCY);
    reply->capture.status = status;
}

static void show_refund(struct mws_reply *reply, struct mws_status status)
{
    copy(reply->refund.refund_reference_id, sizeof reply->refund.refund_reference_id, REFUND_ID);
    reply->refund.refund_amount = money_of(1, CURRENCY);
    reply->refund.status = status;
}

static struct result result_of_object(enum object object, enum call_kind call,
                                      struct mws_status status, bool is_soft,
                                      struct mws_reply *reply)
{
    memset(reply, 0, sizeof *reply);
    reply->action = call_action(call);
    reply->http_status = 200;
    switch (object) {
    case OBJECT_AUTHORIZATION:
        show_authorization(reply, true, status, is_soft);
        return result_of_attempt(call, true, reply);
    case OBJECT_AUTHORIZATION_TO_CAPTURE:
        show_authorization(reply, false, status, is_soft);
        return result_of_attempt(call, false, reply);
    case OBJECT_CAPTURE:
        show_capture(reply, status);
        return result_of(call, reply);
    case OBJECT_REFUND:
        show_refund(reply, status);
        return result_of(call, reply);
    case OBJECT_AGREEMENT:
        reply->billing_agreement.status = status;
        return result_of(call, reply);
    }
    ensure_failed("an object that exists", __FILE__, __LINE__);
}

/* --- groups of answers that give the same ---------------------------------------------------- */

#define SOFT_DECLINE (MWS_REASON_COUNT) /* one more "reason": InvalidPaymentMethod, SoftDecline */
#define MEMBERS_MAX  (MWS_REASON_COUNT + 1)

struct group_list {
    unsigned count; /* of members */
    struct result results[MEMBERS_MAX];
    const char *names[MEMBERS_MAX];
    bool is_told[MEMBERS_MAX];
};

static void group_add(struct group_list *list, const char *name, struct result result)
{
    ENSURE(list->count < MEMBERS_MAX);
    list->names[list->count] = name;
    list->results[list->count] = result;
    list->is_told[list->count] = false;
    list->count++;
}

static unsigned group_size(const struct group_list *list, const struct result *result)
{
    unsigned size = 0;
    for (unsigned i = 0; i < list->count; i++) {
        size += is_same(&list->results[i], result);
    }
    return size;
}

/* The names of those with the same result as the `first`, between commas; they are told now. */
static void group_take(struct group_list *list, unsigned first, char names[static ANSWER_TEXT_MAX])
{
    const struct result result = list->results[first];
    size_t used = 0;
    for (unsigned i = first; i < list->count; i++) {
        if (is_same(&list->results[i], &result)) {
            used += (size_t)snprintf(names + used, ANSWER_TEXT_MAX - used, "%s%s",
                                     used > 0 ? ", " : "", list->names[i]);
            ENSURE(used < ANSWER_TEXT_MAX);
            list->is_told[i] = true;
        }
    }
}

/* One row for each result: `row` with *name set to whose it is. What most members give comes last,
 * as `any` of them or `any_other`. */
static void tell_groups(struct group_list *list, struct answer_row *row, const char **name,
                        const char *any, const char *any_other, answer_told *told, void *arg)
{
    char names[ANSWER_TEXT_MAX];
    for (int pass = 0; pass < 2; pass++) {
        for (unsigned i = 0; i < list->count; i++) {
            unsigned size = group_size(list, &list->results[i]);
            bool is_most = size > list->count / 2;
            if (list->is_told[i] || is_most != (pass == 1)) {
                continue;
            }
            group_take(list, i, names);
            *name = size == list->count ? any : is_most ? any_other : names;
            row->outcome = list->results[i].outcome;
            row->reason = list->results[i].reason;
            row->note = list->results[i].note;
            told(arg, row);
        }
    }
}

static void tell_objects(struct mws_reply *reply, answer_told *told, void *arg)
{
    for (size_t i = 0; i < sizeof objects / sizeof objects[0]; i++) {
        for (size_t k = 0; objects[i].states[k] != MWS_STATE_UNKNOWN; k++) {
            struct group_list list = {.count = 0};
            for (int reason = MWS_REASON_UNKNOWN + 1; reason <= SOFT_DECLINE; reason++) {
                bool is_soft = reason == SOFT_DECLINE;
                struct mws_status status = {.state = objects[i].states[k],
                                            .reason = is_soft ? MWS_REASON_INVALID_PAYMENT_METHOD
                                                              : (enum mws_reason)reason,
                                            .updated_at = INSTANT_NEVER};
                group_add(
                    &list,
                    is_soft ? "InvalidPaymentMethod with SoftDecline"
                            : mws_reason_name((enum mws_reason)reason),
                    result_of_object(objects[i].object, objects[i].call, status, is_soft, reply));
            }
            struct mws_status bare = {.state = objects[i].states[k], .updated_at = INSTANT_NEVER};
            group_add(&list, "none or unknown",
                      result_of_object(objects[i].object, objects[i].call, bare, false, reply));
            struct answer_row row = {
                .about = objects[i].name, .state = mws_state_name(bare.state), .error = ""};
            tell_groups(&list, &row, &row.reason_code, "any", "any other", told, arg);
        }
    }
}

/* --- errors, and no answer at all --------------------------------------------------------------
 */

/* What every call makes of the reply, whose action is set here. */
static void tell_error(struct mws_reply *reply, const char *error, answer_told *told, void *arg)
{
    struct group_list list = {.count = 0};
    for (int kind = CALL_AUTHORIZE; kind < CALL_KIND_COUNT; kind++) {
        if (kind != CALL_HAND_OVER) {
            reply->action = call_action((enum call_kind)kind);
            group_add(&list, call_kind_name((enum call_kind)kind),
                      result_of((enum call_kind)kind, reply));
        }
    }
    struct answer_row row = {.state = "", .reason_code = "", .error = error};
    tell_groups(&list, &row, &row.about, "any call", "any other call", told, arg);
}

static void tell_errors(struct mws_reply *reply, answer_told *told, void *arg)
{
    for (int error = MWS_ERROR_NONE + 1; error < MWS_ERROR_COUNT; error++) {
        memset(reply, 0, sizeof *reply);
        reply->is_error = true;
        reply->error = (enum mws_error)error;
        reply->http_status = mws_error_http_status((enum mws_error)error);
        tell_error(reply, mws_error_name((enum mws_error)error), told, arg);
    }
    memset(reply, 0, sizeof *reply);
    reply->is_error = true;
    reply->http_status = 400;
    tell_error(reply, "another code, HTTP 4xx", told, arg);
    reply->http_status = 500;
    tell_error(reply, "another code, HTTP 5xx", told, arg);
    memset(reply, 0, sizeof *reply);
    reply->is_unreadable = true;
    reply->http_status = 200;
    tell_error(reply, "not readable", told, arg);
    reply->http_status = 502;
    tell_error(reply, "not readable, HTTP 5xx", told, arg);
    memset(reply, 0, sizeof *reply);
    reply->is_transport_failure = true;
    tell_error(reply, "no answer", told, arg);
    reply->not_sent = true;
    tell_error(reply, "nothing was sent", told, arg);
}

void answers_each(answer_told *told, void *arg)
{
    struct mws_reply *reply = calloc(1, sizeof *reply);
    ENSURE(reply != NULL);
    tell_objects(reply, told, arg);
    tell_errors(reply, told, arg);
    free(reply);
}
