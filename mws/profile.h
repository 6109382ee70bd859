/*
 * profile.h - Login with Amazon: whose access token is it, and who is the buyer?
 *
 * Two questions over HTTPS, both GET with the header x-amz-access-token (a token in a URL would end
 * in logs): /auth/o2/tokeninfo and /user/profile. Not signed and not throttled like the payment
 * API; nothing of the charging needs them.
 *
 * A token that came through a browser proves nothing until mws_token_is_ours(): any other shop's
 * token names a buyer just as well.
 *
 * Source: "Login with Amazon Developer Guide for Websites", Access Token Response, Obtain Customer
 * Profile Information; hosts: region.h.
 */
#ifndef MWS_PROFILE_H
#define MWS_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "billing/instant.h"
#include "billing/status.h"
#include "mws/edge/http_client.h"

/* Amazon's bound; a token has 350 characters or more. */
#define MWS_ACCESS_TOKEN_CHARACTERS 2048

enum mws_profile_question {
    MWS_TOKEN_INFO = 1,
    MWS_USER_PROFILE,
};

struct mws_token_info {
    char aud[256]; /* the client id that the token was made for */
    char user_id[256];
    char iss[256];
    char app_id[256];
    int64_t exp_s;      /* so many seconds is it still valid: more than zero */
    struct instant iat; /* when it was made; INSTANT_NEVER = absent or no time */
};

/* Texts that the token's scope does not cover are "". */
struct mws_user_profile {
    char user_id[256];
    char name[256];
    char email[321];
    char postal_code[32];
};

/* Texts as Amazon gives them: UTF-8, for the caller to escape. One that is too long makes the whole
 * reply unreadable; it is never cut, but for `message`. */
struct mws_profile_reply {
    enum mws_profile_question question;
    /* How far it got. At most one of the three; none = the question's result is valid. */
    bool is_transport_failure; /* no whole HTTP answer: nothing else is valid but `not_sent` */
    bool is_unreadable;        /* an answer that is not the documented JSON                  */
    bool is_error;             /* Amazon's {"error": ...}: `error` is valid                  */
    bool not_sent;
    int http_status;
    char error[64];    /* "invalid_token", "invalid_request", "insufficient_scope", ... */
    char message[512]; /* for people: error_description, or what was wrong */
    union {
        struct mws_token_info token_info;
        struct mws_user_profile user_profile;
    };
};

/* `reply` is borrowed until the callback returns. */
typedef void mws_profile_done(void *arg, const struct mws_profile_reply *reply);

/* Asks `endpoint` ("https://api.amazon.co.jp"). Everything is copied but `http`, which stays the
 * caller's; freeing it ends the question with a transport failure. `done` is called exactly once,
 * on the loop, never before this returns. ST_INVALID, with a sentence that does not show the token,
 * when it is empty, too long or not visible ASCII, or the endpoint is not https; ST_BUSY while
 * `http` is being freed: then `done` is not called. */
MUST_USE enum status mws_profile_ask(struct http_client *http, const char *endpoint,
                                     enum mws_profile_question question, const char *access_token,
                                     mws_profile_done *done, void *arg, struct problem *problem);

/* Reads an answer's bytes into `reply` (every field set). Never fails: what cannot be read is a
 * reply that says so. */
void mws_profile_read(struct mws_profile_reply *reply, enum mws_profile_question question,
                      int http_status, const char *body, size_t body_length);

/* Was the token made for us: is its `aud` our client id, or its `app_id` our application? NULL or
 * "" is nobody's id. */
bool mws_token_is_ours(const struct mws_token_info *info, const char *client_id,
                       const char *app_id);

#endif
