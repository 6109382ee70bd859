/*
 * listener.h - the socket that http_server.c accepts from: TCP on one address, or a Unix socket.
 */
#ifndef MWS_EDGE_LISTENER_H
#define MWS_EDGE_LISTENER_H

#include <stdint.h>
#include <sys/types.h>

#include "billing/status.h"

#define LISTENER_PATH_MAX 108 /* what sockaddr_un holds, NUL included */

struct listener {
    int fd;        /* listening and non-blocking; whoever accepts from it closes it */
    uint16_t port; /* 0 for a Unix socket */
    char unix_path[LISTENER_PATH_MAX]; /* "" for TCP */
    dev_t device; /* of the Unix socket: listener_unlink removes only its own */
    ino_t inode;
};

/* Mode 0600 from the first moment; a stale socket (nobody answers) is replaced. ST_BUSY when
 * somebody listens there, ST_INVALID when the path is too long or holds something else, ST_NETWORK
 * otherwise. */
MUST_USE enum status listener_unix(const char *path, struct listener *listener,
                                   struct problem *problem);
/* `address` is numeric, IPv4 or IPv6; port 0 takes any free one. ST_INVALID for a bad address,
 * ST_BUSY when the port is taken, ST_NETWORK otherwise. */
MUST_USE enum status listener_tcp(const char *address, uint16_t port, struct listener *listener,
                                  struct problem *problem);
/* Removes the Unix socket's file, unless another process has put its own there. */
void listener_unlink(const struct listener *listener);

#endif
