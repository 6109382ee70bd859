/*
 * parcel.h - a notice packed as Amazon SNS packs it: the Message, the envelope around it, signed,
 * and the headers that go with it. And spoilt, when a fault says so.
 *
 * Bytes only: nothing is sent here. Written with the sandbox's own code: mws/ipn.c, which reads
 * such envelopes, is not used. Source: amazon-pay reference, sections 10.1 and 10.3; Amazon SNS,
 * "Verifying the signatures of Amazon SNS messages".
 */
#ifndef MWS_SANDBOX_PARCEL_H
#define MWS_SANDBOX_PARCEL_H

#include "billing/instant.h"
#include "mws/sandbox/notice.h"
#include "mws/sandbox/notice_fault.h"
#include "mws/sandbox/rules.h"
#include "mws/sandbox/signers.h"
#include "mws/sandbox/text.h"

#define TOPIC_BYTES_MAX        256
#define SUBSCRIPTION_BYTES_MAX 320

struct parcel {
    char message_id[UUID_TEXT_MAX];
    char topic[TOPIC_BYTES_MAX];
    char subscription[SUBSCRIPTION_BYTES_MAX];
    struct text body;
};

/* `parcel->message_id` is set by the caller; the rest is written. `now` is the real clock's. ST_OK,
 * or why it cannot be signed. */
MUST_USE enum status parcel_pack(struct parcel *parcel, const struct notice *notice,
                                 const struct notice_fault *fault, const struct rules *rules,
                                 struct signers *signers, struct instant now,
                                 struct problem *problem);
void parcel_copy(struct parcel *to, const struct parcel *from);
void parcel_free(struct parcel *parcel);

/* --- parts, for the tests ----------------------------------------------------------------------
 */

/* What stands in an envelope; the texts as they are before JSON escapes them. */
struct envelope {
    const char *message, *message_id, *subject, *timestamp, *topic, *certificate_url;
};

/* The bytes that SNS signs. */
void envelope_signed_text(struct text *out, const struct envelope *envelope);

#endif
