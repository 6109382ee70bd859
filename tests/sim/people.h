/*
 * people.h - those who order things of the daemon and of Amazon: the shop's operators, and buyers.
 *
 * What the shop orders goes through the daemon's admin door as JSON; whoever gets no answer asks
 * again with the same words, so that what was acknowledged, and what was not, can be told apart. To
 * add an act: one function and one row of a table in people_acts.c.
 */
#ifndef TESTS_SIM_PEOPLE_H
#define TESTS_SIM_PEOPLE_H

#include <stdbool.h>
#include <stdint.h>

struct sim;
struct people;

struct people *people_new(struct sim *sim);
void people_free(struct people *people);
/* The first customers come, and everybody begins to act. */
void people_begin(struct people *people);
/* Nobody orders anything any more; every buyer mends the payment method. */
void people_rest(struct people *people);
/* Orders that no final answer has come to yet. */
uint32_t people_waiting(const struct people *people);

#endif
