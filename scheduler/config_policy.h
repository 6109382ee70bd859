/*
 * config_policy.h - private to the config_*.c files: the policies of one seller.
 */
#ifndef SCHEDULER_CONFIG_POLICY_H
#define SCHEDULER_CONFIG_POLICY_H

#include "scheduler/config_file.h"

/* Reads seller->policy, whose zone is set already, and seller->policies. Needs the currency. */
void config_policies_read(struct config_reader *reader, struct config_section *section,
                          struct seller_config *seller);

#endif
