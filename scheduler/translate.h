/*
 * translate.h - the one place where Amazon's words become billing's words, and back.
 *
 * Requests are written from committed rows only (an attempt and its charge), so that a request that
 * is sent again is the same request. Replies become events; what Amazon's vocabulary or the outcome
 * table does not know arrives here as UNKNOWN and stays that.
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

/* The request of a call. `charge` is the attempt's charge, NULL for calls about the agreement.
 * Texts are borrowed from the arguments. */
struct mws_request call_request(enum call_kind kind, const struct agreement *agreement,
                                const struct charge *charge, const struct seller_config *seller);

/* What a reply about an authorization says of the attempt `reference_id`. One that shows another
 * authorization is UNKNOWN with is_other: nothing of it is taken. */
struct attempt_answer attempt_answer_of(enum call_kind kind, const char *reference_id,
                                        const struct mws_reply *reply);

/* What a reply says of the agreement. */
struct care_answer care_answer_of(enum call_kind kind, const struct mws_reply *reply);

/* "authorize", "sync", ...; "throttled", "no_answer", ...: for logs. */
const char *call_kind_name(enum call_kind kind);
const char *cause_name(enum mws_cause cause);

#endif
