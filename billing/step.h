/*
 * step.h - the one door into the core.
 */
#ifndef BILLING_STEP_H
#define BILLING_STEP_H

#include "billing/effects.h"
#include "billing/event.h"
#include "billing/status.h"

/* Applies one event to `account` and says in `effects` what must be recorded and then done. Reads
 * no clock, does no I/O, allocates nothing. On any status but ST_OK the account is unchanged, the
 * effects are empty and `problem` says why:
 *   ST_INVALID    the command breaks a rule (amount, currency, schedule)
 *   ST_NOT_FOUND  no such subscription here, or the agreement is not registered
 *   ST_CONFLICT   the state does not allow it (agreement closed, registered already, ...)
 *   ST_BUSY       a bound of the account is reached; also: cycles are due that it has no room for,
 *                 and the command must come after them
 * Answers for attempts that are already final, or unknown to the account, change nothing (ST_OK).
 */
MUST_USE enum status bill_step(struct account *account, const struct event *event,
                               struct effects *effects, struct problem *problem);

#endif
