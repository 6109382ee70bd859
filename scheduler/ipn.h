/*
 * ipn.h - the door for Amazon's notifications (IPN): a listener of its own.
 *
 *     post ──► ipn_check ──► ipn_certificates ──► signature ──► ipn_keep ──► 200
 *                                                                  └──► ipn_inbox ──► runner
 *
 * Whoever can reach the address can post here, so everything is bounded: connections, the size of a
 * body, what waits, what is fetched, what is logged. A notification that is taken is on the disk
 * before Amazon is told so, and is worked on afterwards. It makes the daemon ask Amazon earlier
 * than it would have; no charge is ever decided by what it says, so a lost, repeated, reordered or
 * forged one changes nothing but when we ask.
 *
 * Answers: 200 for what is kept (or was kept before); 4xx for what will never be taken, which SNS
 * does not repeat; 503 for what could not be judged or kept, which SNS repeats for 14 days. Which
 * of them is which stands in ipn_check.h.
 */
#ifndef SCHEDULER_IPN_H
#define SCHEDULER_IPN_H

#include "mws/edge/loop.h"
#include "scheduler/config.h"
#include "scheduler/ipn_check.h"
#include "scheduler/log.h"
#include "scheduler/runner.h"
#include "scheduler/store_worker.h"

struct ipn;

struct ipn_parts {
    struct loop *loop;
    struct runner *runner;
    struct store_worker *store_worker;
    struct log *log;
};

/* Listens where config->ipn_... say; needs config->ipn_port, or takes any free port when it is 0.
 * The parts stay the caller's; `config` must live until it is replaced or the listener is stopped.
 * ST_BUSY: the port is taken; ST_INVALID: the address or a file; ST_NETWORK otherwise. */
MUST_USE enum status ipn_new(const struct ipn_parts *parts, const struct config *config,
                             struct ipn **ipn, struct problem *problem);
/* Takes up what an earlier process kept and did not work on; after runner_start(). NULL is allowed.
 */
void ipn_start(struct ipn *ipn);
/* Goes on with another configuration, which config_reload_check() allowed. NULL is allowed. */
void ipn_configure(struct ipn *ipn, const struct config *config);
/* Stops listening: whoever waits for an answer loses the connection, and Amazon will post again.
 * Before runner_drain(). NULL is allowed, and so is twice. */
void ipn_stop(struct ipn *ipn);
/* After runner_drain() has called back, or when the loop never ran. NULL is allowed. */
void ipn_free(struct ipn *ipn);

/* Since the start. */
struct ipn_counters {
    uint64_t accepted;   /* kept */
    uint64_t duplicates; /* kept before, or told in another message */
    uint64_t certificate_fetches;
    uint64_t ended[IPN_VERDICT_COUNT]; /* by verdict; of IPN_FITS accepted + duplicates */
    uint32_t waiting;                  /* not answered yet */
    uint32_t in_work;                  /* with their accounts */
};
void ipn_counters(const struct ipn *ipn, struct ipn_counters *counters);

/* The port it listens on. */
uint16_t ipn_port(const struct ipn *ipn);

#endif
