/*
 * mws_call.h - requests and replies of the client library as JSON, both ways by one table each.
 *
 * A parameter is named by the last part of Amazon's name ("SellerOrderId"), and so is a field of a
 * reply; what Amazon nests is flat here. An amount is one text, "1200 JPY". Not a second opinion on
 * Amazon's rules: nothing is checked that the library checks.
 */
#ifndef TESTS_SUPPORT_MWS_CALL_H
#define TESTS_SUPPORT_MWS_CALL_H

#include "billing/status.h"
#include "mws/edge/json.h"
#include "mws/operation.h"

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

#endif
