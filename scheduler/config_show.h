/*
 * config_show.h - what a configuration resolves to, for the operator who checks it.
 *
 * Region and environment decide where a seller's calls go and in which money; this prints the
 * result, so that a slip is seen before anybody is charged. Never prints a secret or an access key.
 */
#ifndef SCHEDULER_CONFIG_SHOW_H
#define SCHEDULER_CONFIG_SHOW_H

#include <stdio.h>

#include "scheduler/config.h"

/* One paragraph for each seller: "name value" lines below its id; below each policy's name all its
 * keys, with their defaults. */
void config_show(FILE *stream, const struct config *config);

#endif
