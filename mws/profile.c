/*
 * profile.c - see profile.h. The question out, the JSON in.
 *
 * The token is in memory as long as its header is: the line is wiped as soon as it was handed over.
 */
#include "mws/profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "mws/edge/crypto.h"
#include "mws/edge/json.h"

#define SCHEME      "https://"
#define HEADER      "x-amz-access-token: "
#define URL_MAX     512
#define SECONDS_MAX INT64_C(253402300799) /* the end of the year 9999 */

/* ---- in ---- */

static void set_unreadable(struct mws_profile_reply *reply, const char *message)
{
    struct mws_profile_reply fresh = {
        .question = reply->question,
        .http_status = reply->http_status,
        .is_unreadable = true,
    };
    (void)snprintf(fresh.message, sizeof fresh.message, "%s", message);
    *reply = fresh;
}

/* False, and the reply unreadable: it is no text, or longer than its field. Absent is "". */
static bool read_text(struct mws_profile_reply *reply, const struct json *body, const char *key,
                      char *out, size_t size)
{
    const struct json *value = json_get(body, key);
    const char *text = json_as_string(value);
    struct problem problem;
    out[0] = '\0';
    if (value == NULL || json_kind(value) == JSON_KIND_NULL) {
        return true;
    }
    if (text == NULL || strlen(text) >= size) {
        (void)problem_set(&problem, ST_PEER, "\"%s\" is no text of at most %zu bytes", key,
                          size - 1);
        set_unreadable(reply, problem.text);
        return false;
    }
    memcpy(out, text, strlen(text) + 1);
    return true;
}

#define READ(reply, body, key, field) read_text(reply, body, key, field, sizeof(field))

/* Seconds since 1970; nothing is decided by it, so what is no time is as good as absent. */
static struct instant read_time(const struct json *value)
{
    int64_t seconds = 0;
    bool is_time = json_as_integer(value, &seconds) && seconds > 0 && seconds <= SECONDS_MAX;
    return is_time ? (struct instant){seconds * 1000} : INSTANT_NEVER;
}

static void read_token_info(struct mws_profile_reply *reply, const struct json *body)
{
    struct mws_token_info *info = &reply->token_info;
    if (!READ(reply, body, "aud", info->aud) || !READ(reply, body, "user_id", info->user_id) ||
        !READ(reply, body, "iss", info->iss) || !READ(reply, body, "app_id", info->app_id)) {
        return;
    }
    if (info->user_id[0] == '\0' || (info->aud[0] == '\0' && info->app_id[0] == '\0')) {
        set_unreadable(reply, "the token's info does not say whose token it is");
        return;
    }
    if (!json_as_integer(json_get(body, "exp"), &info->exp_s) || info->exp_s <= 0) {
        set_unreadable(reply, "\"exp\" is no number of seconds to come");
        return;
    }
    info->iat = read_time(json_get(body, "iat"));
}

static void read_user_profile(struct mws_profile_reply *reply, const struct json *body)
{
    struct mws_user_profile *profile = &reply->user_profile;
    if (!READ(reply, body, "user_id", profile->user_id) ||
        !READ(reply, body, "name", profile->name) || !READ(reply, body, "email", profile->email) ||
        !READ(reply, body, "postal_code", profile->postal_code)) {
        return;
    }
    if (profile->user_id[0] == '\0') {
        set_unreadable(reply, "the profile has no user_id");
    }
}

/* error_description is for people only: a long one is cut, at a whole character. */
static void read_error(struct mws_profile_reply *reply, const struct json *body)
{
    if (!READ(reply, body, "error", reply->error)) {
        return;
    }
    const char *text = json_as_string(json_get(body, "error_description"));
    size_t length = text != NULL ? strnlen(text, sizeof reply->message) : 0;
    if (length == sizeof reply->message) {
        length--;
        while ((text[length] & 0xc0) == 0x80) {
            length--;
        }
    }
    if (length > 0) {
        memcpy(reply->message, text, length);
    }
    reply->is_error = true;
}

static void read_object(struct mws_profile_reply *reply, const struct json *body)
{
    struct problem problem;
    if (json_kind(body) != JSON_KIND_OBJECT) {
        set_unreadable(reply, "the answer is no JSON object");
    } else if (json_get(body, "error") != NULL) {
        read_error(reply, body);
    } else if (reply->http_status != 200) {
        (void)problem_set(&problem, ST_PEER, "HTTP status %d without an error", reply->http_status);
        set_unreadable(reply, problem.text);
    } else {
        switch (reply->question) {
        case MWS_TOKEN_INFO:
            read_token_info(reply, body);
            break;
        case MWS_USER_PROFILE:
            read_user_profile(reply, body);
            break;
        }
    }
}

void mws_profile_read(struct mws_profile_reply *reply, enum mws_profile_question question,
                      int http_status, const char *body, size_t body_length)
{
    struct json *root = NULL;
    struct problem problem;
    struct problem why;
    *reply = (struct mws_profile_reply){.question = question, .http_status = http_status};
    if (json_parse(body, body_length, &root, &problem) != ST_OK) {
        (void)problem_set(&why, ST_PEER, "HTTP status %d: %s", http_status, problem.text);
        set_unreadable(reply, why.text);
        return;
    }
    read_object(reply, root);
    json_free(root);
}

bool mws_token_is_ours(const struct mws_token_info *info, const char *client_id, const char *app_id)
{
    bool is_client = client_id != NULL && client_id[0] != '\0' && strcmp(info->aud, client_id) == 0;
    bool is_app = app_id != NULL && app_id[0] != '\0' && strcmp(info->app_id, app_id) == 0;
    return is_client || is_app;
}

/* ---- out ---- */

struct ask {
    enum mws_profile_question question;
    mws_profile_done *done;
    void *arg;
};

static void on_answer(void *arg, const struct http_result *result)
{
    struct ask ask = *(struct ask *)arg;
    struct mws_profile_reply reply = {.question = ask.question};
    free(arg);
    switch (result->failure) {
    case HTTP_OK:
        mws_profile_read(&reply, ask.question, result->status, result->body, result->body_length);
        break;
    case HTTP_TOO_LARGE:
        reply.http_status = result->status;
        set_unreadable(&reply, result->problem);
        break;
    case HTTP_NOT_SENT:
    case HTTP_NO_ANSWER:
    case HTTP_CANCELED:
        reply.is_transport_failure = true;
        reply.not_sent = result->failure == HTTP_NOT_SENT;
        (void)snprintf(reply.message, sizeof reply.message, "%s", result->problem);
        break;
    }
    ask.done(ask.arg, &reply);
}

static const char *path_of(enum mws_profile_question question)
{
    switch (question) {
    case MWS_TOKEN_INFO:
        return "/auth/o2/tokeninfo";
    case MWS_USER_PROFILE:
        return "/user/profile";
    }
    ENSURE(false);
    return "";
}

/* Nothing that could end a header, or the text before its length. */
static bool is_token(const char *token)
{
    size_t length = 0;
    while (length <= MWS_ACCESS_TOKEN_CHARACTERS && token[length] > ' ' && token[length] < 0x7f) {
        length++;
    }
    return length > 0 && length <= MWS_ACCESS_TOKEN_CHARACTERS && token[length] == '\0';
}

static enum status send_question(struct http_client *http, const char *url, const char *token,
                                 struct ask *ask)
{
    char line[sizeof HEADER + MWS_ACCESS_TOKEN_CHARACTERS];
    (void)stpcpy(stpcpy(line, HEADER), token); /* is_token() has counted it */
    const char *headers[] = {line, "Accept: application/json", NULL};
    const struct http_request request = {.url = url, .headers = headers};
    enum status status = http_send(http, &request, on_answer, ask);
    wipe(line, sizeof line);
    return status;
}

enum status mws_profile_ask(struct http_client *http, const char *endpoint,
                            enum mws_profile_question question, const char *access_token,
                            mws_profile_done *done, void *arg, struct problem *problem)
{
    char url[URL_MAX];
    if (!is_token(access_token)) {
        return problem_set(problem, ST_INVALID,
                           "the access token is not 1 to %d visible ASCII characters",
                           MWS_ACCESS_TOKEN_CHARACTERS);
    }
    int length = snprintf(url, sizeof url, "%s%s", endpoint, path_of(question));
    if (strncmp(endpoint, SCHEME, strlen(SCHEME)) != 0 || length >= (int)sizeof url) {
        return problem_set(problem, ST_INVALID,
                           "the profile endpoint must begin with " SCHEME " and be short");
    }
    struct ask *ask = malloc(sizeof *ask);
    ENSURE(ask != NULL);
    *ask = (struct ask){.question = question, .done = done, .arg = arg};
    enum status status = send_question(http, url, access_token, ask);
    if (status != ST_OK) {
        free(ask);
        return problem_set(problem, status, "the client is being closed");
    }
    return ST_OK;
}
