/*
 * step_rules.h - what holds after every step, whatever the event was.
 *
 * A second opinion beside account_check(): it compares the account before and after a step with the
 * step's effects, and knows nothing of how step*.c comes to them.
 */
#ifndef TESTS_BILLING_STEP_RULES_H
#define TESTS_BILLING_STEP_RULES_H

#include "billing/step.h"

/* NULL, or the sentence of the first rule that is broken. `status` is what bill_step() returned for
 * the event. */
const char *step_rules(const struct account *before, const struct account *after,
                       const struct effects *effects, enum status status,
                       const struct event *event);

/* Those of them about what may be sent, and what is told (step_rules_send.c). */
const char *send_rules(const struct account *before, const struct account *after,
                       const struct effects *effects, const struct event *event);

/* NULL, or why waking this account again and again at the event's instant, under its policy and
 * holds, leads nowhere (a hot loop). The account is not changed. */
const char *step_settles(const struct account *account, const struct event *event);

#endif
