/*
 * step_operator.h - an operator who does things at random: for the random tests.
 */
#ifndef TESTS_BILLING_STEP_OPERATOR_H
#define TESTS_BILLING_STEP_OPERATOR_H

#include "billing/event.h"
#include "tests/billing/step_random.h"

/* Another policy, of everything but how often Amazon is asked: paths, waits, hours, bounds,
 * catch-up, what becomes of failures. Charging may take days by it, but not for ever. */
void policy_at_random(struct dice *dice, struct policy *policy);

/* A pause, resumption, skip, move, change of amount, stop switch or decision about this account.
 * The event may well be refused. False: there is nothing to command. */
bool operator_at_random(struct dice *dice, const struct account *account, struct instant now,
                        struct event *event);

/* What ends whatever an operator left undone: a stop, a pause, a question. False: nothing is. */
bool operator_tidies_up(const struct account *account, struct event *event);

/* Charging is held back for a time, or until further notice, or not any more. */
struct hold hold_at_random(struct dice *dice, struct instant now, bool may_be_endless);

#endif
