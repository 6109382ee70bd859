/*
 * admin.h - the operators' door: HTTP and JSON on a Unix socket that only its owner may open.
 *
 * Every request of autopayctl, and of the shop's own programs, comes in here. What it may say is
 * written down for people in API.md. A command becomes an event for the runner; a question becomes
 * a job for the store worker; nothing here waits, and nothing here touches the store on the loop.
 *
 * Does not decide anything about billing: a command that is well formed is handed on, and the
 * core's own sentence is the answer.
 *
 * Read on in admin_route.c (what there is), admin.c (lifetimes), admin_body.h (what comes in),
 * admin_json.h (what goes out), then one file per noun.
 */
#ifndef SCHEDULER_ADMIN_H
#define SCHEDULER_ADMIN_H

#include "mws/edge/loop.h"
#include "scheduler/config.h"
#include "scheduler/ipn.h"
#include "scheduler/log.h"
#include "scheduler/runner.h"
#include "scheduler/store_worker.h"
#include "scheduler/zones.h"

struct admin;

struct admin_parts {
    struct loop *loop;
    struct runner *runner;
    struct ipn *ipn; /* NULL = no notifications are listened for */
    struct store_worker *store_worker;
    struct zones *zones;
    struct log *log;
};

/* Listens on config->admin_socket. Every part stays the caller's; `config` must live until it is
 * replaced or the admin is freed. ST_BUSY: another process listens there; ST_INVALID, ST_NETWORK:
 * no such folder, not allowed, path too long. */
MUST_USE enum status admin_new(const struct admin_parts *parts, const struct config *config,
                               struct admin **admin, struct problem *problem);

/* Goes on with another configuration, which config_reload_check() allowed. */
void admin_configure(struct admin *admin, const struct config *config);

/* Stops listening. A request that is not answered yet loses its connection; what it asked for may
 * still happen, and its memory is freed when the runner or the store worker is done with it. Both
 * must therefore be drained before they are freed, as always. NULL is allowed. */
void admin_free(struct admin *admin);

#endif
