/*
 * deliver.h - takes the notices out of the world and posts them, as Amazon SNS does: several at
 * once, again after an hour when the other side is in trouble, never again when it refuses.
 *
 *     made -> packed, signed -> posted -- 2xx -------------------------> delivered
 *                                      -- 4xx, 1xx, 3xx ---------------> refused
 *                                      -- 5xx, no answer -- retry_ms --> posted again, the same
 *                                                           bytes; after RETRIES_MAX: given up
 *
 * With its faults (notice_fault.h) the only part of the sandbox that connects to others, and the
 * only one that includes edge/http_client.h: it posts bytes of its own and reads only the status.
 *
 * Invariants
 * 1. At most DELIVERIES_MAX wait or are under way, at most LANE_IN_FLIGHT_MAX to one URL: one that
 *    does not answer holds up no other.
 * 2. Nothing of it survives the process: what was not delivered then is lost.
 *
 * Retries and delays run on real time, not on the sandbox's own clock.
 * Source: amazon-pay reference, section 10.4.
 */
#ifndef MWS_SANDBOX_DELIVER_H
#define MWS_SANDBOX_DELIVER_H

#include "billing/status.h"
#include "mws/edge/loop.h"
#include "mws/sandbox/sandbox.h"
#include "mws/sandbox/signers.h"

#define DELIVERIES_MAX     20000 /* about 5 KB each */
#define LANES_MAX          1000  /* different URLs, ever */
#define LANE_IN_FLIGHT_MAX 16
#define RETRIES_MAX        336 /* every hour for 14 days */

struct deliver;

/* `ca_file`: whom https URLs must be signed by, PEM; NULL = the system's. `sandbox` and `signers`
 * are borrowed until deliver_free. */
MUST_USE enum status deliver_new(struct loop *loop, struct sandbox *sandbox,
                                 struct signers *signers, const char *ca_file,
                                 struct deliver **deliver, struct problem *problem);
/* Takes what has been made, and does what the control API has ordered; after each request. */
void deliver_pump(struct deliver *deliver);
/* NULL is allowed. */
void deliver_free(struct deliver *deliver);

#endif
