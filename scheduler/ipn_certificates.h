/*
 * ipn_certificates.h - the certificates that notifications were signed with: fetched once, checked,
 * kept.
 *
 * A notification names the URL of its certificate, so its sender decides what is asked for. What
 * bounds that: only URLs that mws/ipn.h allows get here; all that wait for one URL share one fetch;
 * a URL that brought nothing is not asked for again for a minute; fetches have a rate of their own,
 * in the order in which they were wanted; so many notifications wait, and no more; what came is
 * believed only if a chain leads to the trust file; and a certificate that was believed leaves
 * memory only for another one that was.
 */
#ifndef SCHEDULER_IPN_CERTIFICATES_H
#define SCHEDULER_IPN_CERTIFICATES_H

#include <stdint.h>

#include "mws/edge/loop.h"
#include "mws/edge/trust.h"
#include "scheduler/config.h"
#include "scheduler/log.h"

struct ipn_certificates;

/* `loop` and `log` stay the caller's. ST_INVALID: the trust file cannot be used; ST_NETWORK: HTTPS
 * cannot. */
MUST_USE enum status ipn_certificates_new(struct loop *loop, struct log *log,
                                          const struct config *config,
                                          struct ipn_certificates **certificates,
                                          struct problem *problem);
/* Calls back all that wait, with ST_BUSY. NULL is allowed. */
void ipn_certificates_free(struct ipn_certificates *certificates);

/* ST_OK: `certificate`, borrowed until return, is believed now. ST_BUSY: too much waits;
 * ST_PEER: there is no certificate to be believed at that URL. */
typedef void ipn_certificate_done(void *arg, enum status status,
                                  const struct certificate *certificate);

/* Memory of one that waits, the caller's until `done` was called. */
struct ipn_certificate_wait {
    struct ipn_certificate_wait *next;
    ipn_certificate_done *done;
    void *arg;
};

/* Calls `done` once: before returning when the answer is known, else later. */
void ipn_certificates_get(struct ipn_certificates *certificates, const char *url,
                          struct ipn_certificate_wait *wait, ipn_certificate_done *done, void *arg);

/* Since the start; of NULL none. */
uint64_t ipn_certificates_fetches(const struct ipn_certificates *certificates);

#endif
