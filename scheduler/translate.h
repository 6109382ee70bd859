/*
 * translate.h - the one place where Amazon's words become billing's words, and back.
 *
 * Requests are written from committed rows only (an attempt and its charge, a refund), so that a
 * request that is sent again is the same request. Replies become events; what Amazon's vocabulary
 * or the outcome table does not know arrives here as UNKNOWN and stays that.
 */
#ifndef SCHEDULER_TRANSLATE_H
#define SCHEDULER_TRANSLATE_H

#include "billing/effects.h"
#include "billing/event.h"
#include "mws/classify.h"
#include "mws/operation.h"
#include "scheduler/config.h"

/* Which operation a call begins with. */
enum mws_action call_action(enum call_kind kind);

/* What a call is about: `charge` or `refund` only where it is about one. */
struct call_subject {
    const struct agreement *agreement;
    const struct charge *charge;
    const struct refund *refund;
    const struct seller_config *seller;
};

/* The request of a call; not of CALL_HAND_OVER. Texts are borrowed from the subject, and from
 * `reference_id`, which is room for the CaptureReferenceId. */
struct mws_request call_request(enum call_kind kind, const struct call_subject *subject,
                                char reference_id[static REFERENCE_ID_MAX]);

/* What the attempt's capture is known by: with CaptureNow the attempt's own id. */
void call_capture_reference_id(const struct attempt *attempt, char id[static REFERENCE_ID_MAX]);

/* What a reply says of the attempt; of CALL_CAPTURE and CALL_LOOK_UP_CAPTURE it is about the
 * capture, of CALL_VOID it shows nothing. One that shows another reference id or amount is UNKNOWN
 * with is_other: nothing of it is taken. */
struct attempt_answer attempt_answer_of(enum call_kind kind, const struct attempt *attempt,
                                        const struct mws_reply *reply);

/* To CALL_LOOK_UP of an attempt without CaptureNow belong all captures that the authorization
 * lists: what one of them says (REFUSED: look at the next), ... */
struct attempt_answer listed_capture_answer_of(const struct attempt *attempt,
                                               const struct mws_reply *reply);
/* ... and what the authorization says when none is listed, or every one was declined. */
struct attempt_answer uncaptured_answer_of(const struct attempt *attempt,
                                           const struct mws_reply *reply);

/* What a reply says of the refund; of CALL_DISCOVER_REFUND one to GetRefundDetails. */
struct refund_answer refund_answer_of(enum call_kind kind, const struct refund *refund,
                                      const struct mws_reply *reply);

/* What a reply says of the agreement. */
struct care_answer care_answer_of(enum call_kind kind, const struct mws_reply *reply);

/* "authorize", "sync", ...; "throttled", "no_answer", ...: for logs. */
const char *call_kind_name(enum call_kind kind);
const char *cause_name(enum mws_cause cause);

#endif
