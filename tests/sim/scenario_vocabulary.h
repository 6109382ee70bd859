/*
 * scenario_vocabulary.h - what users of the daemon can say, from its own tables: commands of
 * autopayctl with their options, keys of the configuration. A test holds it against what scenarios
 * say (scenarios.py), so that nothing can be said that no scenario shows.
 */
#ifndef TESTS_SIM_SCENARIO_VOCABULARY_H
#define TESTS_SIM_SCENARIO_VOCABULARY_H

struct ctl_command;

/* NULL when there is none; without `verb` the noun's first. */
const struct ctl_command *scenario_command(const char *noun, const char *verb);

/* Prints all, a line each: "command charge refund", "option charge refund --key",
 * "policy hours", "seller breaker_wait", "daemon downtime_max". */
void scenario_print_vocabulary(void);

#endif
