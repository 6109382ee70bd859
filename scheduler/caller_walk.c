/*
 * caller_walk.c - calls that take several requests: looking for what was made under an id of ours.
 *
 *     CALL_DISCOVER         the orders of the charge's SellerOrderId, their authorizations, and
 *                           among them the one with our reference id
 *     CALL_LOOK_UP          without CaptureNow: the authorization, then its captures, until one was
 *                           not declined
 *     CALL_DISCOVER_REFUND  the capture, then its refunds, until one has our reference id
 *
 * A walk that could not look everywhere says UNKNOWN, never "absent" and never REFUSED. In a
 * discovery one authorization or refund that was refused does not end it: where Amazon lets the
 * reference id of what was declined be used again, a repetition of the request may have gone well.
 */
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "scheduler/caller_parts.h"

/* A charge has an order for each attempt: more pages than this are not ours to read. */
#define WALK_PAGES_MAX 64

struct walk {
    bool has_begun;             /* the call's own request was answered */
    uint32_t id_count, id_next; /* authorizations of an order; captures; refunds */
    char ids[MWS_LIST_MAX][MWS_ID_MAX];
    struct attempt_answer uncaptured; /* CALL_LOOK_UP: when no capture is found */
    bool has_refused; /* one with our reference id came to nothing: what shows it is ... */
    struct attempt_answer refused;       /* ... of CALL_DISCOVER, ... */
    struct refund_answer refused_refund; /* ... of CALL_DISCOVER_REFUND */
    /* CALL_DISCOVER */
    char next_page[MWS_TOKEN_MAX]; /* "" = the list ends with these orders */
    uint32_t pages_read;
    uint32_t order_count, order_next;
    char orders[MWS_LIST_MAX][MWS_ID_MAX];
};

struct walk *walk_new(const struct task *task)
{
    enum call_kind kind = task->call.kind;
    if (kind != CALL_DISCOVER && kind != CALL_DISCOVER_REFUND &&
        (kind != CALL_LOOK_UP || task->attempt.capture_now)) {
        return NULL;
    }
    struct walk *walk = calloc(1, sizeof *walk);
    ENSURE(walk != NULL);
    return walk;
}

bool walk_ask(const struct walk *walk, enum mws_action action, struct mws_request *request)
{
    if (!walk->has_begun) {
        return false;
    }
    *request = (struct mws_request){.action = action};
    switch ((int)action) {
    case MWS_GET_ORDER_REFERENCE_DETAILS:
        request->get_order_reference_details.amazon_order_reference_id =
            walk->orders[walk->order_next];
        break;
    case MWS_GET_AUTHORIZATION_DETAILS:
        request->get_authorization_details.amazon_authorization_id = walk->ids[walk->id_next];
        break;
    case MWS_GET_CAPTURE_DETAILS:
        request->get_capture_details.amazon_capture_id = walk->ids[walk->id_next];
        break;
    case MWS_GET_REFUND_DETAILS:
        request->get_refund_details.amazon_refund_id = walk->ids[walk->id_next];
        break;
    case MWS_LIST_ORDER_REFERENCE_BY_NEXT_TOKEN:
        request->list_order_reference_by_next_token.next_page_token = walk->next_page;
        break;
    default:
        ENSURE(false);
    }
    return true;
}

static void end_attempt(struct task *task, const struct attempt_answer *answer)
{
    struct event event = {.kind = EVENT_ATTEMPT_ANSWER, .attempt = *answer};
    task_end(task, &event);
}

static void end_refund(struct task *task, const struct refund_answer *answer)
{
    struct event event = {.kind = EVENT_REFUND_ANSWER, .refund_answer = *answer};
    task_end(task, &event);
}

static void take_ids(struct walk *walk, uint32_t count, const char (*ids)[MWS_ID_MAX])
{
    walk->id_count = count;
    walk->id_next = 0;
    memcpy(walk->ids, ids, sizeof walk->ids);
}

/* A request of the walk told nothing: it ends here, and is taken up again as a whole. */
static void walk_failed(struct task *task, const struct mws_classification *class)
{
    enum outcome outcome = class->outcome == OUTCOME_LATER ? OUTCOME_LATER : OUTCOME_UNKNOWN;
    if (task->call.kind == CALL_DISCOVER_REFUND) {
        struct refund_answer answer = {
            .call = CALL_DISCOVER_REFUND, .outcome = outcome, .reason = REASON_NO_ANSWER};
        memcpy(answer.refund_id, task->refund.id, sizeof answer.refund_id);
        end_refund(task, &answer);
        return;
    }
    struct attempt_answer answer = {.call = task->call.kind,
                                    .outcome = outcome,
                                    .reason = REASON_NO_ANSWER,
                                    .expires_at = INSTANT_NEVER};
    memcpy(answer.reference_id, task->attempt.reference_id, sizeof answer.reference_id);
    end_attempt(task, &answer);
}

/* --- CALL_DISCOVER ------------------------------------------------------------------------- */

static void discover_on(struct task *task)
{
    struct walk *walk = task->walk;
    if (walk->id_next < walk->id_count) {
        task_request(task, MWS_GET_AUTHORIZATION_DETAILS);
    } else if (walk->order_next < walk->order_count) {
        task_request(task, MWS_GET_ORDER_REFERENCE_DETAILS);
    } else if (walk->next_page[0] != '\0' && walk->pages_read < WALK_PAGES_MAX) {
        task_request(task, MWS_LIST_ORDER_REFERENCE_BY_NEXT_TOKEN);
    } else if (walk->has_refused && walk->next_page[0] == '\0') {
        end_attempt(task, &walk->refused);
    } else {
        struct attempt_answer answer = {
            .call = CALL_DISCOVER,
            .outcome = OUTCOME_UNKNOWN,
            .reason = REASON_NO_ANSWER,
            .expires_at = INSTANT_NEVER,
            .absent = walk->next_page[0] == '\0',
        };
        memcpy(answer.reference_id, task->attempt.reference_id, sizeof answer.reference_id);
        end_attempt(task, &answer);
    }
}

static void discover_answered(struct task *task, const struct mws_reply *reply)
{
    struct walk *walk = task->walk;
    if (task->action == MWS_GET_AUTHORIZATION_DETAILS) {
        walk->id_next++;
        if (strcmp(reply->authorization.authorization_reference_id, task->call.reference_id) == 0) {
            struct attempt_answer answer = attempt_answer_of(CALL_DISCOVER, &task->attempt, reply);
            if (answer.outcome != OUTCOME_REFUSED) {
                end_attempt(task, &answer);
                return;
            }
            walk->has_refused = true;
            walk->refused = answer;
        }
    } else if (task->action == MWS_GET_ORDER_REFERENCE_DETAILS) {
        walk->order_next++;
        take_ids(walk, reply->order_reference.authorization_count,
                 reply->order_reference.authorization_ids);
    } else {
        memcpy(walk->next_page, reply->order_list.next_page_token, sizeof walk->next_page);
        walk->pages_read++;
        walk->order_count = reply->order_list.count;
        walk->order_next = 0;
        for (uint32_t i = 0; i < walk->order_count; i++) {
            memcpy(walk->orders[i], reply->order_list.orders[i].amazon_order_reference_id,
                   sizeof walk->orders[i]);
        }
    }
    discover_on(task);
}

/* --- CALL_LOOK_UP without CaptureNow ------------------------------------------------------- */

static void look_up_answered(struct task *task, const struct mws_reply *reply)
{
    struct walk *walk = task->walk;
    if (task->action == MWS_GET_AUTHORIZATION_DETAILS) {
        walk->uncaptured = uncaptured_answer_of(&task->attempt, reply);
        if (walk->uncaptured.is_other) {
            end_attempt(task, &walk->uncaptured);
            return;
        }
        take_ids(walk, reply->authorization.capture_ids.count,
                 reply->authorization.capture_ids.ids);
    } else {
        walk->id_next++;
        struct attempt_answer capture = listed_capture_answer_of(&task->attempt, reply);
        if (capture.outcome != OUTCOME_REFUSED) {
            memcpy(capture.order_reference_id, walk->uncaptured.order_reference_id,
                   sizeof capture.order_reference_id);
            memcpy(capture.authorization_id, walk->uncaptured.authorization_id,
                   sizeof capture.authorization_id);
            end_attempt(task, &capture);
            return;
        }
    }
    if (walk->id_next < walk->id_count) {
        task_request(task, MWS_GET_CAPTURE_DETAILS);
    } else {
        end_attempt(task, &walk->uncaptured);
    }
}

/* --- CALL_DISCOVER_REFUND ------------------------------------------------------------------ */

static void discover_refund_answered(struct task *task, const struct mws_reply *reply)
{
    struct walk *walk = task->walk;
    if (task->action == MWS_GET_CAPTURE_DETAILS) {
        take_ids(walk, reply->capture.refund_ids.count, reply->capture.refund_ids.ids);
    } else {
        walk->id_next++;
        if (strcmp(reply->refund.refund_reference_id, task->refund.id) == 0) {
            struct refund_answer found =
                refund_answer_of(CALL_DISCOVER_REFUND, &task->refund, reply);
            if (found.outcome != OUTCOME_REFUSED) {
                end_refund(task, &found);
                return;
            }
            walk->has_refused = true;
            walk->refused_refund = found;
        }
    }
    if (walk->id_next < walk->id_count) {
        task_request(task, MWS_GET_REFUND_DETAILS);
        return;
    }
    if (walk->has_refused) {
        end_refund(task, &walk->refused_refund);
        return;
    }
    struct refund_answer answer = {.call = CALL_DISCOVER_REFUND,
                                   .outcome = OUTCOME_UNKNOWN,
                                   .reason = REASON_NO_ANSWER,
                                   .absent = true};
    memcpy(answer.refund_id, task->refund.id, sizeof answer.refund_id);
    end_refund(task, &answer);
}

void walk_answered(struct task *task, const struct mws_reply *reply,
                   const struct mws_classification *class)
{
    bool is_first = !task->walk->has_begun;
    task->walk->has_begun = true;
    if (reply->is_transport_failure || reply->is_unreadable || reply->is_error) {
        if (is_first && task->call.kind == CALL_LOOK_UP) {
            struct attempt_answer answer = attempt_answer_of(CALL_LOOK_UP, &task->attempt, reply);
            end_attempt(task, &answer);
            return;
        }
        walk_failed(task, class);
    } else if (task->call.kind == CALL_DISCOVER) {
        discover_answered(task, reply);
    } else if (task->call.kind == CALL_LOOK_UP) {
        look_up_answered(task, reply);
    } else {
        discover_refund_answered(task, reply);
    }
}
