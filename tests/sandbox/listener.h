/*
 * listener.h - plays a merchant who listens: what of a scenario is told, in order, as one line.
 */
#ifndef TESTS_SANDBOX_LISTENER_H
#define TESTS_SANDBOX_LISTENER_H

#include "mws/sandbox/text.h"
#include "tests/sandbox/scenario.h"

#define LISTENER_URL "http://127.0.0.1:9/ipn"

/* From now on every notification is made. */
void listen_to_all(struct scenario *scenario);
/* Lines of a scenario, and "/control/agreements/{agreement}/address {...} -> 200": any POST to the
 * control API, with {agreement}, {order}, {capture} replaced. */
void listener_play(struct scenario *scenario, const char *const *lines);
/* Applies what is due, then takes all notices: "PaymentCapture Completed; BillingAgreementNotif...
 * PaymentMethodUpdated Open; PaymentAuthorize Declined/AmazonRejected". Valid until the next call;
 * `told` is cleared first. */
const char *listener_told(struct scenario *scenario, struct text *told);
/* The text of the first <name> in a notice's data, or "". */
void notice_element(const struct notice *notice, const char *name, char *value, size_t room);

#endif
