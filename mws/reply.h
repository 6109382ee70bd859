/*
 * reply.h - readers of the result elements, one per shape.
 *
 * Internal to the folder: operation.c has one row per operation, and the row names its reader here.
 * A reader finds everything by name; what is required and missing, malformed or too long makes the
 * reply unreadable (reply_unreadable), and the caller clears what was read until then.
 */
#ifndef MWS_REPLY_H
#define MWS_REPLY_H

#include "mws/edge/xml.h"
#include "mws/operation.h"

typedef void reply_read_result(struct mws_reply *reply, const struct xml_node *result);

reply_read_result reply_billing_agreement;
reply_read_result reply_validation;
reply_read_result reply_authorization;
reply_read_result reply_order_reference;
reply_read_result reply_order_list;

/* Reads an ErrorResponse in any of its three layouts. */
void reply_error(struct mws_reply *reply, const struct xml_node *root);
/* "RequestId" below the root of an answer, in any of its places and spellings. */
void reply_request_id(struct mws_reply *reply, const struct xml_node *root);

/* Marks the reply; the first sentence is kept. */
void reply_unreadable(struct mws_reply *reply, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
