/*
 * admin.h - the operators' door: HTTP with JSON on a Unix socket that only the owner can open.
 */
#ifndef SCHEDULER_ADMIN_H
#define SCHEDULER_ADMIN_H

#include "billing/status.h"
#include "mws/edge/loop.h"
#include "scheduler/config.h"
#include "scheduler/log.h"
#include "scheduler/runner.h"
#include "scheduler/store_worker.h"
#include "scheduler/zones.h"

struct admin;

/* All borrowed for the life of the admin. */
struct admin_parts {
    struct loop *loop;
    struct runner *runner;
    struct store_worker *store_worker;
    struct zones *zones;
    struct log *log;
};

/* Listens on config->admin_socket. ST_BUSY: another process listens there; ST_INVALID, ST_STORE: it
 * cannot be made. */
MUST_USE enum status admin_new(const struct admin_parts *parts, const struct config *config,
                               struct admin **admin, struct problem *problem);
/* Goes on with another configuration. */
void admin_configure(struct admin *admin, const struct config *config);
/* Drops what is not answered. */
void admin_free(struct admin *admin);

#endif
