/*
 * reply.h - readers of the result elements, one per shape.
 *
 * Internal to the folder: operation.c has one row per operation, and the row names its reader here.
 * reply.c has the parts that results are made of, reply_<noun>.c the results, reply_buyer.c who
 * pays and where to deliver.
 * A reader finds everything by name; what is required and missing, malformed or too long makes the
 * reply unreadable (reply_unreadable), and the caller clears what was read until then.
 */
#ifndef MWS_REPLY_H
#define MWS_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mws/edge/xml.h"
#include "mws/operation.h"

typedef void reply_read_result(struct mws_reply *reply, const struct xml_node *result);

/* By the noun of their file: reply_agreement.c, reply_order.c, reply_payment.c, reply_service.c. */
reply_read_result reply_billing_agreement;
reply_read_result reply_validation;
reply_read_result reply_order_reference;
reply_read_result reply_order_list;
reply_read_result reply_authorization;
reply_read_result reply_capture;
reply_read_result reply_refund;
reply_read_result reply_service;
reply_read_result reply_account_status;
reply_read_result reply_notifications;
reply_read_result reply_provider_credit;
reply_read_result reply_provider_credit_reversal;

/* Parts of a result, at `path` below `node`. A text may be absent ("") unless it is required; an
 * amount or a time that is absent is poison or never. */
void reply_text(struct mws_reply *reply, const struct xml_node *node, const char *path, char *out,
                size_t size);
void reply_required(struct mws_reply *reply, const struct xml_node *node, const char *path,
                    char *out, size_t size);
bool reply_bool(struct mws_reply *reply, const struct xml_node *node, const char *path);
struct money reply_money(struct mws_reply *reply, const struct xml_node *node, const char *path);
struct money reply_required_money(struct mws_reply *reply, const struct xml_node *node,
                                  const char *path);
struct instant reply_instant(struct mws_reply *reply, const struct xml_node *node,
                             const char *path);
struct mws_status reply_status(struct mws_reply *reply, const struct xml_node *node,
                               const char *path);
enum mws_reason reply_reason(struct mws_reply *reply, const char *word, bool *is_unknown);
/* The texts of "<list>/member". */
uint32_t reply_ids(struct mws_reply *reply, const struct xml_node *node, const char *path,
                   char ids[static MWS_LIST_MAX][MWS_ID_MAX]);
/* The ids of "Constraints". */
uint32_t reply_constraints(struct mws_reply *reply, const struct xml_node *node,
                           char constraints[static MWS_CONSTRAINTS_MAX][40]);
/* What no decision about money needs: none of these makes a reply unreadable. A text that does not
 * fit, or an amount or a time that is none, is absent. */
void reply_extra_text(const struct xml_node *node, const char *path, char *out, size_t size);
struct money reply_extra_money(const struct xml_node *node, const char *path);
struct instant reply_extra_instant(const struct xml_node *node, const char *path);
/* "Buyer" and "Destination" below `node`: whose texts are cut, at a whole character. */
void reply_buyer(const struct xml_node *node, struct mws_buyer *buyer);
void reply_destination(const struct xml_node *node, struct mws_address *address);
/* The bytes of the longest beginning of a UTF-8 text that fits into `size` with its NUL. */
size_t reply_fitting_length(const char *text, size_t size);
/* Keeps a text for people, cut at a whole character if it is too long; not over the sentence that
 * says why the reply is unreadable. */
void reply_message(struct mws_reply *reply, const char *text);
/* The first word that is not in the vocabulary is told in the message. */
void reply_unknown_word(struct mws_reply *reply, const char *what, const char *word);

/* Reads an ErrorResponse in any of its three layouts. */
void reply_error(struct mws_reply *reply, const struct xml_node *root);
/* "RequestId" below the root of an answer, in any of its places and spellings. */
void reply_request_id(struct mws_reply *reply, const struct xml_node *root);

/* Marks the reply; the first sentence is kept. */
void reply_unreadable(struct mws_reply *reply, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
