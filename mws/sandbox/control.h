/*
 * control.h - the control API: plays the buyer, orders declines and faults, shows the books. JSON
 * over plain HTTP on loopback; README.md lists the requests.
 */
#ifndef MWS_SANDBOX_CONTROL_H
#define MWS_SANDBOX_CONTROL_H

#include "mws/sandbox/sandbox.h"

struct control_request {
    const char *method, *path; /* without the query */
    bool totals_only;          /* ?totals=1 */
    const char *body;
    size_t body_length;
    uint64_t connections; /* of the MWS port, for the statistics */
    struct instant now;   /* of the real clock */
};

/* Writes the JSON answer to `out` (cleared first) and returns the HTTP status. */
int control_handle(struct sandbox *sandbox, const struct control_request *request,
                   struct text *out);

#endif
