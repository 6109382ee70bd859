/*
 * ipn_notice.h - Amazon's notifications as billing's notices, and what one of them contradicts.
 *
 * Pure. The other place where Amazon's words and billing's stand side by side is translate.h, for
 * answers.
 */
#ifndef SCHEDULER_IPN_NOTICE_H
#define SCHEDULER_IPN_NOTICE_H

#include "billing/notice.h"
#include "mws/ipn.h"

/* Texts that are not ids of ours, or do not fit, are left out: they could be looked for in vain. */
void ipn_notice_make(const struct ipn_notification *notification, const char *message_id,
                     struct instant now, struct notice *notice);

/* "refund"; and back (0 when unknown). */
const char *ipn_notice_kind_name(enum notice_kind kind);
enum notice_kind ipn_notice_kind_parse(const char *name);

/* Does it tell the opposite of what is recorded for ever about the attempt it names? Money that was
 * taken, and Amazon says it was not; or the other way round. */
bool ipn_notice_contradicts(const struct notice *notice, const struct attempt *attempt);

#endif
