/*
 * control_parts.h - what the files of the control API share; nothing for others. See control.h.
 */
#ifndef MWS_SANDBOX_CONTROL_PARTS_H
#define MWS_SANDBOX_CONTROL_PARTS_H

#include "mws/edge/json.h"
#include "mws/sandbox/control.h"

/* {"error": sentence}; returns `status`. */
int control_fail(struct text *out, int status, const char *sentence);
int control_fail_status(struct text *out, enum status status, const struct problem *problem);
/* Reads "count" (1); NULL, or what is wrong. */
const char *control_count(const struct json *body, int64_t *count);
/* Reads "reason", "soft" and "count" of an ordered decline; NULL, or what is wrong. */
const char *control_decline(const struct json *body, struct decline_order *order);

/* /control/orders{rest}: order references as the buyer's browser makes and changes them. `request`
 * has the sandbox's own time. */
int control_orders(struct world *world, const struct control_request *request, const char *rest,
                   const struct json *body, struct text *out);
/* /control/notifications{rest} and /control/captures{rest}, likewise. */
int control_notifications(struct sandbox *sandbox, const struct control_request *request,
                          const char *rest, const struct json *body, struct text *out);
int control_captures(struct world *world, const struct control_request *request, const char *rest,
                     const struct json *body, struct text *out);
/* /control/service and /control/sellers{rest}: see operation_service.c. */
int control_service(struct world *world, const struct control_request *request,
                    const struct json *body, struct text *out);
int control_sellers(struct world *world, const struct control_request *request, const char *rest,
                    const struct json *body, struct text *out);
/* /control/tokens: see login.h. */
int control_tokens(struct sandbox *sandbox, const struct control_request *request,
                   const struct json *body, struct text *out);

#endif
