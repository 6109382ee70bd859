/*
 * mws_call_profile.c - the two questions of Login with Amazon as JSON. See mws_call.h.
 */
#include <string.h>

#include "tests/support/mws_call.h"

static const char *const names[] = {
    [MWS_TOKEN_INFO] = "TokenInfo",
    [MWS_USER_PROFILE] = "UserProfile",
};

static const char *string_at(const struct json *line, const char *key)
{
    const char *text = json_as_string(json_get(line, key));

    return text != NULL ? text : "";
}

bool profile_asked_read(const struct json *line, struct profile_asked *asked)
{
    const char *action = string_at(line, "action");

    *asked = (struct profile_asked){.access_token = string_at(line, "AccessToken"),
                                    .client_id = string_at(line, "ClientId")};
    for (int question = MWS_TOKEN_INFO; question <= MWS_USER_PROFILE; question++) {
        if (strcmp(action, names[question]) == 0) {
            asked->question = (enum mws_profile_question)question;
            return true;
        }
    }
    return false;
}

static const char *ending_of(const struct mws_profile_reply *reply)
{
    if (reply->is_transport_failure) {
        return "transport_failure";
    }
    if (reply->is_unreadable) {
        return "unreadable";
    }
    return reply->is_error ? "error" : "answered";
}

static void write_token_info(const struct mws_token_info *info, const char *client_id,
                             struct json *line)
{
    json_set_string(line, "aud", info->aud);
    json_set_string(line, "user_id", info->user_id);
    json_set_string(line, "iss", info->iss);
    json_set_string(line, "app_id", info->app_id);
    json_set_integer(line, "exp", info->exp_s);
    json_set_bool(line, "is_ours", mws_token_is_ours(info, client_id, NULL));
}

static void write_user_profile(const struct mws_user_profile *profile, struct json *line)
{
    json_set_string(line, "user_id", profile->user_id);
    json_set_string(line, "name", profile->name);
    json_set_string(line, "email", profile->email);
    json_set_string(line, "postal_code", profile->postal_code);
}

void profile_answered_write(const struct mws_profile_reply *reply, const char *client_id,
                            struct json *line)
{
    const char *ending = ending_of(reply);

    json_set_string(line, "action", names[reply->question]);
    json_set_string(line, "ending", ending);
    json_set_integer(line, "http_status", reply->http_status);
    json_set_string(line, "error", reply->error);
    json_set_string(line, "message", reply->message);
    if (strcmp(ending, "answered") != 0) {
        return;
    }
    switch (reply->question) {
    case MWS_TOKEN_INFO:
        write_token_info(&reply->token_info, client_id, line);
        break;
    case MWS_USER_PROFILE:
        write_user_profile(&reply->user_profile, line);
        break;
    }
}
