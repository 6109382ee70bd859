/*
 * mws_call.h - requests and replies of the client library as JSON, both ways by one table each.
 *
 * A parameter is named by the last part of Amazon's name ("SellerOrderId"), and so is a field of a
 * reply; what Amazon nests is flat here. An amount is one text, "1200 JPY". Login with Amazon has
 * two lines of its own, TokenInfo and UserProfile. Not a second opinion on Amazon's rules: nothing
 * is checked that the library checks.
 */
#ifndef TESTS_SUPPORT_MWS_CALL_H
#define TESTS_SUPPORT_MWS_CALL_H

#include "billing/status.h"
#include "mws/edge/json.h"
#include "mws/operation.h"
#include "mws/profile.h"

/* A request, with room for its lists. Its texts are borrowed from the JSON. */
struct asked {
    struct mws_request request;
    struct mws_provider_share shares[MWS_PROVIDERS_MAX];
    struct mws_notification_configuration configurations[MWS_CONFIGURATIONS_MAX];
};

/* {"action": "Capture", "AmazonAuthorizationId": "...", ...}. ST_INVALID names the key that is no
 * parameter of the action, or whose value is of another kind. */
MUST_USE enum status asked_read(const struct json *line, struct asked *asked,
                                struct problem *problem);

/* Adds every field of a valid result. An absent amount or time is null. */
void answered_write(const struct mws_reply *reply, struct json *line);

/* A question of Login with Amazon. Its texts are borrowed from the JSON. */
struct profile_asked {
    enum mws_profile_question question;
    const char *access_token;
    const char *client_id; /* TokenInfo only: whose token it must be; "" = nobody's */
};

/* {"action": "TokenInfo", "AccessToken": "...", "ClientId": "..."} or "UserProfile". False: the
 * line is neither. */
bool profile_asked_read(const struct json *line, struct profile_asked *asked);

/* Adds how the question ended ("answered", "error", "unreadable", "transport_failure") and, if it
 * was answered, all fields by Amazon's names; of a TokenInfo also "is_ours". */
void profile_answered_write(const struct mws_profile_reply *reply, const char *client_id,
                            struct json *line);

#endif
