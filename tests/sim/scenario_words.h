/*
 * scenario_words.h - what the words of a scenario are read with.
 */
#ifndef TESTS_SIM_SCENARIO_WORDS_H
#define TESTS_SIM_SCENARIO_WORDS_H

#include <stdbool.h>

#include "tests/sim/scenario.h"

/* The `index`-th word; "" beyond the end. */
const char *word(char **words, int count, int index);
bool is(char **words, int count, int index, const char *text);
/* Fails: how the line should have been written. */
void usage(struct scenario *scenario, const char *text);
/* The id that a name stands for; "" and a failure when there is none. */
const char *id_of(struct scenario *scenario, const char *name);

/* scenario_amazon.c: what happens outside of the daemon. */
void act_buyer(struct scenario *scenario, char **words, int count);
void act_card(struct scenario *scenario, char **words, int count);
void act_amazon(struct scenario *scenario, char **words, int count);
void act_somebody(struct scenario *scenario, char **words, int count);
void act_forged(struct scenario *scenario, char **words, int count);
void act_next(struct scenario *scenario, char **words, int count);

#endif
