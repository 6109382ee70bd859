/*
 * login.c - see login.h.
 *
 * Source: "Login with Amazon Developer Guide for Websites". Errors: the guide's codes; the status
 * of an invalid token (400 to tokeninfo, 401 to the profile) is a reading.
 */
#include "mws/sandbox/login.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "billing/ensure.h"
#include "mws/edge/crypto.h"
#include "mws/edge/json.h"

#define PATH_TOKEN_INFO "/auth/o2/tokeninfo"
#define PATH_PROFILE    "/user/profile"
#define TOKENS_MAX      100000
#define TOKEN_PREFIX    "Atza|"
/* Amazon's have 350 characters or more. Base64 makes four of three bytes. */
#define TOKEN_BYTES      270
#define TOKEN_CHARACTERS 360

struct issued {
    char token[sizeof TOKEN_PREFIX + TOKEN_CHARACTERS];
    struct login login;
    char texts[]; /* of the login, one after the other */
};

/* --- tokens ---------------------------------------------------------------------------------- */

void logins_free(struct logins *logins)
{
    struct issued *issued;
    size_t at = 0;

    while ((issued = table_next(&logins->tokens, &at)) != NULL) {
        free(issued);
    }
    table_clear(&logins->tokens);
}

/* Copies a text to *room, which moves behind it. */
static const char *keep(const char *text, char **room)
{
    const char *kept = *room;

    *room = stpcpy(*room, text) + 1;
    return kept;
}

static struct issued *issue(const struct login *login)
{
    const char *texts[] = {login->client_id, login->app_id,      login->user_id, login->name,
                           login->email,     login->postal_code, login->scopes};
    size_t bytes = 0;
    struct issued *issued;
    char *room;

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        bytes += strlen(texts[i]) + 1;
    }
    issued = malloc(sizeof *issued + bytes);
    ENSURE(issued != NULL);
    room = issued->texts;
    issued->login = *login;
    issued->login.client_id = keep(login->client_id, &room);
    issued->login.app_id = keep(login->app_id, &room);
    issued->login.user_id = keep(login->user_id, &room);
    issued->login.name = keep(login->name, &room);
    issued->login.email = keep(login->email, &room);
    issued->login.postal_code = keep(login->postal_code, &room);
    issued->login.scopes = keep(login->scopes, &room);
    return issued;
}

const char *login_add(struct logins *logins, const struct login *login)
{
    uint8_t bytes[TOKEN_BYTES];
    struct issued *issued;

    if (logins->tokens.count == TOKENS_MAX) {
        return NULL;
    }
    issued = issue(login);
    random_bytes(bytes, sizeof bytes);
    base64_encode(bytes, sizeof bytes, stpcpy(issued->token, TOKEN_PREFIX));
    table_put(&logins->tokens, issued->token, issued);
    return issued->token;
}

const struct login *login_find(const struct logins *logins, const char *token, struct instant now)
{
    const struct issued *issued = table_get(&logins->tokens, token);

    return issued != NULL && !instant_reached(issued->login.expires_at, now) ? &issued->login
                                                                             : NULL;
}

bool login_has_scope(const struct login *login, const char *scope)
{
    size_t length = strlen(scope);
    const char *at = login->scopes;

    while (*at != '\0') {
        size_t word = strcspn(at, " ");
        if (word == length && memcmp(at, scope, length) == 0) {
            return true;
        }
        at += word;
        at += strspn(at, " ");
    }
    return false;
}

/* --- the answers ----------------------------------------------------------------------------- */

static int answer(struct text *out, int status, struct json *body)
{
    char *text = json_print(body, false);

    text_add(out, text);
    free(text);
    json_free(body);
    return status;
}

static int fail(struct text *out, int status, const char *error, const char *description)
{
    struct json *body = json_new_object();

    json_set_string(body, "error_description", description);
    json_set_string(body, "error", error);
    return answer(out, status, body);
}

static int token_info(const struct login *login, struct instant now, struct text *out)
{
    struct json *body = json_new_object();
    int64_t left_ms = login->expires_at.utc_ms - now.utc_ms;

    json_set_string(body, "aud", login->client_id);
    json_set_string(body, "user_id", login->user_id);
    json_set_string(body, "iss", "https://www.amazon.com");
    json_set_integer(body, "exp", (left_ms + 999) / 1000);
    json_set_string(body, "app_id", login->app_id);
    json_set_integer(body, "iat", login->made_at.utc_ms / 1000);
    return answer(out, 200, body);
}

static int user_profile(const struct login *login, struct text *out)
{
    bool profile = login_has_scope(login, SCOPE_PROFILE);
    bool postal_code = login_has_scope(login, SCOPE_POSTAL_CODE);
    struct json *body;

    if (!profile && !postal_code && !login_has_scope(login, SCOPE_USER_ID)) {
        return fail(out, 403, "insufficient_scope",
                    "The access token provided does not have access to the required scope.");
    }
    body = json_new_object();
    json_set_string(body, "user_id", login->user_id);
    if (profile) {
        json_set_string(body, "name", login->name);
        json_set_string(body, "email", login->email);
    }
    if (postal_code && login->postal_code[0] != '\0') {
        json_set_string(body, "postal_code", login->postal_code);
    }
    return answer(out, 200, body);
}

bool login_is_path(const char *path)
{
    return strcmp(path, PATH_TOKEN_INFO) == 0 || strcmp(path, PATH_PROFILE) == 0;
}

static const char *token_of(const struct login_request *request)
{
    static const char scheme[] = "Bearer ";

    if (request->token == NULL && request->authorization != NULL &&
        strncasecmp(request->authorization, scheme, strlen(scheme)) == 0) {
        return request->authorization + strlen(scheme);
    }
    return request->token;
}

int login_answer(const struct logins *logins, const struct login_request *request, struct text *out)
{
    bool is_info = strcmp(request->path, PATH_TOKEN_INFO) == 0;
    const char *token = token_of(request);
    const struct login *login;

    text_clear(out);
    if (strcmp(request->method, "GET") != 0) {
        return fail(out, 405, "invalid_request", "The request must be a GET.");
    }
    if (token == NULL || token[0] == '\0') {
        return fail(out, 400, "invalid_request",
                    "The request is missing a required parameter : access_token");
    }
    login = login_find(logins, token, request->now);
    if (login == NULL) {
        return fail(out, is_info ? 400 : 401, "invalid_token",
                    "The request has an invalid parameter : access_token");
    }
    return is_info ? token_info(login, request->now, out) : user_profile(login, out);
}
