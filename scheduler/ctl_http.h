/*
 * ctl_http.h - one HTTP request over the daemon's Unix socket, waited for.
 */
#ifndef SCHEDULER_CTL_HTTP_H
#define SCHEDULER_CTL_HTTP_H

#include <stddef.h>

#include "billing/status.h"

struct ctl_reply {
    int status; /* HTTP's */
    char *body; /* NUL-terminated, freed by ctl_reply_free() */
    size_t length;
};

/* `path` begins with a slash and may have a query; `body` may be NULL. ST_NETWORK: nobody answers
 * at that socket; ST_PEER: what answers is not HTTP, or far too long. */
MUST_USE enum status ctl_http(const char *socket_path, const char *method, const char *path,
                              const char *body, struct ctl_reply *reply, struct problem *problem);
void ctl_reply_free(struct ctl_reply *reply);

/* `text` as it may stand in a path or query; freed with free(). */
char *ctl_http_escape(const char *text);

#endif
