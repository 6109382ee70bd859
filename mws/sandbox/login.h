/*
 * login.h - Login with Amazon: access tokens of buyers, whose they are and what they show.
 *
 * Tokens are made by the control API, as if a buyer had just logged in; they live for some time of
 * the sandbox's own clock and are not kept across restarts. Asked for at the API's port, with
 * Amazon's paths: GET /auth/o2/tokeninfo and GET /user/profile.
 */
#ifndef MWS_SANDBOX_LOGIN_H
#define MWS_SANDBOX_LOGIN_H

#include <stdbool.h>

#include "billing/instant.h"
#include "billing/status.h"
#include "mws/sandbox/table.h"
#include "mws/sandbox/text.h"

#define SCOPE_PROFILE          "profile"
#define SCOPE_USER_ID          "profile:user_id"
#define SCOPE_POSTAL_CODE      "postal_code"
#define SCOPE_WIDGET           "payments:widget"
#define SCOPE_SHIPPING_ADDRESS "payments:shipping_address"

/* Who logged in, where, and what the shop may see. */
struct login {
    const char *client_id, *app_id;
    const char *user_id, *name, *email, *postal_code;
    const char *scopes; /* separated by spaces */
    struct instant made_at, expires_at;
};

struct logins {
    struct table tokens;
};

void logins_free(struct logins *logins);

/* Makes a token for that login (copied) and returns it, borrowed; NULL when there are too many. */
const char *login_add(struct logins *logins, const struct login *login);
/* The login of a token that is valid now, or NULL. */
const struct login *login_find(const struct logins *logins, const char *token, struct instant now);
bool login_has_scope(const struct login *login, const char *scope);

/* Is it one of the two paths? */
bool login_is_path(const char *path);

struct login_request {
    const char *method, *path;
    const char *token;         /* of the header x-amz-access-token, or of the query; NULL = none */
    const char *authorization; /* the header: "Bearer TOKEN", an older way; NULL = none */
    struct instant now;        /* of the sandbox's own clock */
};

/* Writes the JSON answer to `out` (cleared first) and returns the HTTP status. */
int login_answer(const struct logins *logins, const struct login_request *request,
                 struct text *out);

#endif
