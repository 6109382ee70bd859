/*
 * fuzz_profile.c - answers of Login with Amazon: question and status by the first byte, the rest is
 * the body.
 *
 * What holds: an answer is a result, an error, or unreadable; a result has what is needed to trust
 * it, and every text ends within its field.
 */
#include <string.h>

#include "billing/ensure.h"
#include "mws/profile.h"
#include "tests/fuzz/fuzz.h"

#define ENDS(field) ENSURE(memchr(field, '\0', sizeof(field)) != NULL)

static void check_result(const struct mws_profile_reply *reply)
{
    if (reply->question == MWS_TOKEN_INFO) {
        const struct mws_token_info *info = &reply->token_info;
        ENDS(info->aud);
        ENDS(info->user_id);
        ENDS(info->iss);
        ENDS(info->app_id);
        ENSURE(info->user_id[0] != '\0');
        ENSURE(info->exp_s > 0);
        ENSURE(mws_token_is_ours(info, info->aud, info->app_id));
        ENSURE(!mws_token_is_ours(info, "", ""));
    } else {
        const struct mws_user_profile *profile = &reply->user_profile;
        ENDS(profile->user_id);
        ENDS(profile->name);
        ENDS(profile->email);
        ENDS(profile->postal_code);
        ENSURE(profile->user_id[0] != '\0');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int statuses[] = {200, 400, 401, 500};
    struct mws_profile_reply reply;
    if (size == 0) {
        return 0;
    }
    enum mws_profile_question question = (data[0] & 1) != 0 ? MWS_USER_PROFILE : MWS_TOKEN_INFO;
    int status = statuses[data[0] >> 1 & 3];
    mws_profile_read(&reply, question, status, (const char *)data + 1, size - 1);
    ENDS(reply.error);
    ENDS(reply.message);
    ENSURE(!reply.is_transport_failure);
    ENSURE(!(reply.is_error && reply.is_unreadable));
    ENSURE(IMPLIES(reply.is_unreadable, reply.message[0] != '\0'));
    if (!reply.is_error && !reply.is_unreadable) {
        ENSURE(status == 200);
        check_result(&reply);
    }
    return 0;
}
