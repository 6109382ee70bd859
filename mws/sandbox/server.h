/*
 * server.h - the sandbox on two ports: HTTPS for Amazon's API, plain HTTP on loopback for the
 * control API.
 *
 * Brings clock, sockets, delayed answers, the state file and the log lines to sandbox.h.
 */
#ifndef MWS_SANDBOX_SERVER_H
#define MWS_SANDBOX_SERVER_H

#include <stdint.h>

#include "billing/status.h"
#include "mws/edge/loop.h"
#include "mws/sandbox/sandbox.h"
#include "mws/sandbox/signers.h"
#include "mws/sandbox/tls_files.h"

struct server;

struct server_options {
    const char *address;
    uint16_t port, control_port; /* 0 = any free one */
    const struct tls_files *tls; /* copied */
    const char *state_file;      /* NULL = nothing is kept */
    const char *notify_ca;       /* for notifications; NULL = the system's */
    bool log_requests;
};

/* `sandbox` and the option texts are borrowed until server_free. */
MUST_USE enum status server_new(struct loop *loop, struct sandbox *sandbox,
                                const struct server_options *options, struct server **server,
                                struct problem *problem);
uint16_t server_port(const struct server *server);
uint16_t server_control_port(const struct server *server);
/* Writes the state file if anything changed since. */
MUST_USE enum status server_save(struct server *server, struct problem *problem);
void server_free(struct server *server);

#endif
