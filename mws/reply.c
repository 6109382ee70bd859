/*
 * reply.c - from Amazon's elements to our structs, by name.
 *
 * Amazon's order of elements, its spelling of RequestId and what it leaves out differ between
 * operations and years, so nothing here depends on order and only what a decision needs is
 * required. What is there must be right, though: an amount or date that cannot be read, or a text
 * that is too long, makes the whole reply unreadable, because half a reply would be acted upon as a
 * whole one. A state or reason that is not in the vocabulary is readable: it is reported as
 * unknown. And what no decision needs (reply_extra_..., reply_buyer.c) spoils nothing.
 */
#include "mws/reply.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void reply_unreadable(struct mws_reply *reply, const char *format, ...)
{
    if (reply->is_unreadable) {
        return;
    }
    va_list args;
    va_start(args, format);
    (void)vsnprintf(reply->message, sizeof reply->message, format, args);
    va_end(args);
    reply->is_unreadable = true;
}

/* Copies a text that may be absent. */
void reply_text(struct mws_reply *reply, const struct xml_node *node, const char *path, char *out,
                size_t size)
{
    const char *text = xml_text_at(node, path);
    size_t length = strlen(text);
    if (length >= size) {
        reply_unreadable(reply, "%s has %zu bytes; at most %zu are expected", path, length,
                         size - 1);
        return;
    }
    memcpy(out, text, length + 1);
}

void reply_required(struct mws_reply *reply, const struct xml_node *node, const char *path,
                    char *out, size_t size)
{
    reply_text(reply, node, path, out, size);
    if (out[0] == '\0') {
        reply_unreadable(reply, "%s is missing", path);
    }
}

/* xs:boolean; false when absent. */
bool reply_bool(struct mws_reply *reply, const struct xml_node *node, const char *path)
{
    const char *text = xml_text_at(node, path);
    if (strcmp(text, "true") == 0 || strcmp(text, "1") == 0) {
        return true;
    }
    if (text[0] != '\0' && strcmp(text, "false") != 0 && strcmp(text, "0") != 0) {
        reply_unreadable(reply, "%s is not a boolean", path);
    }
    return false;
}

/* {Amount, CurrencyCode}; poison when absent. */
struct money reply_money(struct mws_reply *reply, const struct xml_node *node, const char *path)
{
    struct money amount = {0};
    const struct xml_node *price = xml_at(node, path);
    if (price != NULL &&
        !money_parse(xml_text_at(price, "Amount"), xml_text_at(price, "CurrencyCode"), &amount)) {
        reply_unreadable(reply, "%s is not an amount", path);
    }
    return amount;
}

struct instant reply_instant(struct mws_reply *reply, const struct xml_node *node, const char *path)
{
    struct instant at = INSTANT_NEVER;
    if (xml_at(node, path) != NULL && !instant_parse(xml_text_at(node, path), &at)) {
        reply_unreadable(reply, "%s is not a time in UTC", path);
    }
    return at;
}

void reply_unknown_word(struct mws_reply *reply, const char *what, const char *word)
{
    if (reply->message[0] == '\0') {
        (void)snprintf(reply->message, sizeof reply->message, "the %s %.64s is not known", what,
                       word);
    }
}

enum mws_reason reply_reason(struct mws_reply *reply, const char *word, bool *is_unknown)
{
    enum mws_reason reason = mws_reason_parse(word);
    *is_unknown = word[0] != '\0' && reason == MWS_REASON_UNKNOWN;
    if (*is_unknown) {
        reply_unknown_word(reply, "reason", word);
    }
    return reason;
}

static struct instant updated_at(const struct xml_node *status)
{
    struct instant at = INSTANT_NEVER;
    if (!instant_parse(xml_text_at(status, "LastUpdateTimestamp"), &at)) {
        (void)instant_parse(xml_text_at(status, "LastUpdatedTimestamp"), &at);
    }
    return at;
}

struct mws_status reply_status(struct mws_reply *reply, const struct xml_node *node,
                               const char *path)
{
    struct mws_status status = {.updated_at = INSTANT_NEVER};
    const struct xml_node *element = xml_at(node, path);
    const char *state = xml_text_at(element, "State");
    if (state[0] == '\0') {
        reply_unreadable(reply, "%s/State is missing", path);
        return status;
    }
    status.state = mws_state_parse(state);
    if (status.state == MWS_STATE_UNKNOWN) {
        reply_unknown_word(reply, "state", state);
    }
    status.reason =
        reply_reason(reply, xml_text_at(element, "ReasonCode"), &status.has_unknown_reason);
    status.updated_at = updated_at(element);
    return status;
}

struct money reply_required_money(struct mws_reply *reply, const struct xml_node *node,
                                  const char *path)
{
    struct money amount = reply_money(reply, node, path);
    if (!money_is_valid(amount)) {
        reply_unreadable(reply, "%s is missing", path);
    }
    return amount;
}

uint32_t reply_ids(struct mws_reply *reply, const struct xml_node *node, const char *path,
                   char ids[static MWS_LIST_MAX][MWS_ID_MAX])
{
    uint32_t count = 0;
    for (const struct xml_node *member = xml_at(node, path); member != NULL;
         member = xml_next(member)) {
        if (count == MWS_LIST_MAX) {
            reply_unreadable(reply, "%s: more than %d members", path, MWS_LIST_MAX);
            return count;
        }
        reply_required(reply, member, "", ids[count], MWS_ID_MAX);
        count++;
    }
    return count;
}

/* Documented as ConstraintId, seen as ConstraintID, and once without the Constraint around it. */
uint32_t reply_constraints(struct mws_reply *reply, const struct xml_node *node,
                           char constraints[static MWS_CONSTRAINTS_MAX][40])
{
    const struct xml_node *list = xml_at(node, "Constraints");
    const struct xml_node *constraint = xml_at(list, "Constraint");
    uint32_t count = 0;
    if (constraint == NULL &&
        (xml_at(list, "ConstraintID") != NULL || xml_at(list, "ConstraintId") != NULL)) {
        constraint = list;
    }
    for (; constraint != NULL; constraint = xml_next(constraint)) {
        if (count == MWS_CONSTRAINTS_MAX) {
            reply_unreadable(reply, "Constraints has more than %d members", MWS_CONSTRAINTS_MAX);
            return count;
        }
        const char *spelling =
            xml_at(constraint, "ConstraintID") != NULL ? "ConstraintID" : "ConstraintId";
        reply_required(reply, constraint, spelling, constraints[count], sizeof constraints[0]);
        count++;
    }
    return count;
}

void reply_extra_text(const struct xml_node *node, const char *path, char *out, size_t size)
{
    const char *text = xml_text_at(node, path);
    size_t length = strlen(text);
    if (length < size) {
        memcpy(out, text, length + 1);
    }
}

struct money reply_extra_money(const struct xml_node *node, const char *path)
{
    struct money amount = {0};
    const struct xml_node *price = xml_at(node, path);
    return money_parse(xml_text_at(price, "Amount"), xml_text_at(price, "CurrencyCode"), &amount)
               ? amount
               : (struct money){0};
}

struct instant reply_extra_instant(const struct xml_node *node, const char *path)
{
    struct instant at = INSTANT_NEVER;
    (void)instant_parse(xml_text_at(node, path), &at);
    return at;
}

size_t reply_fitting_length(const char *text, size_t size)
{
    size_t length = strlen(text);
    if (length >= size) {
        length = size - 1;
        while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80) {
            length--;
        }
    }
    return length;
}

/* Cut when it is too long: it is for people. */
void reply_message(struct mws_reply *reply, const char *text)
{
    if (!reply->is_unreadable) {
        size_t length = reply_fitting_length(text, sizeof reply->message);
        memcpy(reply->message, text, length);
        reply->message[length] = '\0';
    }
}

void reply_error(struct mws_reply *reply, const struct xml_node *root)
{
    reply->is_error = true;
    reply_message(reply, xml_text_at(root, "Error/Message"));
    reply_required(reply, root, "Error/Code", reply->error_code, sizeof reply->error_code);
    reply->error = mws_error_parse(reply->error_code);
}

void reply_request_id(struct mws_reply *reply, const struct xml_node *root)
{
    static const char *const places[] = {"ResponseMetadata/RequestId", "RequestId", "RequestID"};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        if (reply->request_id[0] == '\0') {
            reply_text(reply, root, places[i], reply->request_id, sizeof reply->request_id);
        }
    }
}
