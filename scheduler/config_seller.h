/*
 * config_seller.h - private to the config_*.c files: one section of a seller, checked as a whole.
 */
#ifndef SCHEDULER_CONFIG_SELLER_H
#define SCHEDULER_CONFIG_SELLER_H

#include "scheduler/config_file.h"

/* Fills `seller`, which is zeroed; what is wrong goes to the reader's problems. */
void config_seller_read(struct config_reader *reader, struct config_section *section,
                        struct zones *zones, enum config_secrets secrets,
                        struct seller_config *seller);

#endif
