/*
 * config_policy.h - the policies of one seller: private to the config_*.c files, but for
 * config_policy_write().
 */
#ifndef SCHEDULER_CONFIG_POLICY_H
#define SCHEDULER_CONFIG_POLICY_H

#include "scheduler/config_file.h"

/* Reads seller->policy, whose zone is set already, and seller->policies. Needs the currency. */
void config_policies_read(struct config_reader *reader, struct config_section *section,
                          struct seller_config *seller);

/* Every list of a policy is as long as it may be; with the keys there is room to spare. */
#define CONFIG_POLICY_TEXT_MAX 8192

/* The policy as the keys of its section, one a line: what the configuration reads as the same
 * policy again (config_policy_write.c). */
void config_policy_write(const struct policy *policy, char text[static CONFIG_POLICY_TEXT_MAX]);

#endif
