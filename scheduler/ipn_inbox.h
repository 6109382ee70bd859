/*
 * ipn_inbox.h - what is done about the notices that were kept: each becomes an event of its
 * account, and is then marked as done.
 *
 * The notices wait in the store, not here: at most IPN_INBOX_MAX are in memory, a crash loses none,
 * and what the runner or the store cannot take now is tried again later. Old ones are forgotten on
 * the way.
 */
#ifndef SCHEDULER_IPN_INBOX_H
#define SCHEDULER_IPN_INBOX_H

#include "scheduler/config.h"
#include "scheduler/log.h"
#include "scheduler/runner.h"
#include "scheduler/store_worker.h"

#define IPN_INBOX_MAX 64

/* How long a notice that was worked on is remembered, to know it when it comes again: longer than
 * any repetition is let in (IPN_AGE_MAX_MS). */
#define IPN_MEMORY_MS (INT64_C(32) * 86400 * 1000)

struct ipn_inbox;

/* The parts stay the caller's; `config` must live until it is replaced or the inbox is stopped. */
struct ipn_inbox *ipn_inbox_new(struct loop *loop, struct runner *runner,
                                struct store_worker *store_worker, struct log *log,
                                const struct config *config);
void ipn_inbox_configure(struct ipn_inbox *inbox, const struct config *config);
/* Only when neither the runner nor the store worker holds anything of it, that is after a drain, or
 * when it was never woken. NULL is allowed. */
void ipn_inbox_free(struct ipn_inbox *inbox);

/* There may be open notices: at the start, and whenever one was kept. */
void ipn_inbox_wake(struct ipn_inbox *inbox);
/* Takes nothing more up. */
void ipn_inbox_stop(struct ipn_inbox *inbox);

/* Notices in memory that the runner has not answered yet. */
uint32_t ipn_inbox_open_count(const struct ipn_inbox *inbox);

#endif
