/*
 * change_log.h - recorded changes as log lines: one for each that somebody may want to see pass by.
 *
 * The events in the store are the whole truth; these lines are for whoever watches the daemon.
 */
#ifndef SCHEDULER_CHANGE_LOG_H
#define SCHEDULER_CHANGE_LOG_H

#include "billing/effects.h"
#include "scheduler/log.h"

/* `account` is as recorded, with what became final still in it. */
void change_log_write(struct log *log, struct account *account, const struct effects *effects);

#endif
