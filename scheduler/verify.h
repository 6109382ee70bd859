/*
 * verify.h - the captures of a database, compared with what the other side says was captured.
 *
 * Each difference is a finding: a capture here that is not there, one there that is not here,
 * another amount. What is open here may be captured there: that is no difference. Findings go to
 * the same listener as the audit's (schema/audit.h), whose other functions are not called.
 */
#ifndef SCHEDULER_VERIFY_H
#define SCHEDULER_VERIFY_H

#include "scheduler/config.h"
#include "schema/audit.h"

/* Which captures are compared. */
struct verify_scope {
    const char *store_path;
    const char *seller_id; /* "" = all */
    struct instant since;
};

/* With the ledger of a sandbox, both ways. `url`: its control API, "http://127.0.0.1:PORT".
 * ST_NETWORK, ST_PEER: it does not answer, or not with a ledger; else as audit_captures(). */
MUST_USE enum status verify_against_sandbox(const struct verify_scope *scope, const char *url,
                                            const struct audit_listener *listener,
                                            struct problem *problem);

/* With Amazon's GetAuthorizationDetails of each capture, one way: Amazon has no list. Only sellers
 * of the configuration; one call at a time and no more than half of Amazon's quota, so that a
 * daemon that runs has the rest. ST_NETWORK: Amazon does not answer, however often it is asked. */
MUST_USE enum status verify_against_amazon(const struct verify_scope *scope,
                                           const struct config *config,
                                           const struct audit_listener *listener,
                                           struct problem *problem);

/* --- private to verify_*.c --- */

/* Tells one finding about an attempt. */
void verify_found(const struct audit_listener *listener, const char *seller_id,
                  const char *reference_id, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
