/*
 * control_token.c - POST /control/tokens: a buyer logs in. See control.h and login.h.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "mws/sandbox/control_parts.h"
#include "mws/sandbox/ledger.h"

#define EXPIRES_S_DEFAULT 3600
#define EXPIRES_S_MAX     86400
#define TEXT_BYTES_MAX    256

/* False when it is no text, or a long one; absent leaves the default. */
static bool read_text(const struct json *body, const char *key, const char **text)
{
    const struct json *value = json_get(body, key);

    if (value == NULL) {
        return true;
    }
    *text = json_as_string(value);
    return *text != NULL && strlen(*text) <= TEXT_BYTES_MAX;
}

int control_tokens(struct sandbox *sandbox, const struct control_request *request,
                   const struct json *body, struct text *out)
{
    struct login login = {
        .client_id = "amzn1.application-oa2-client.sandbox",
        .app_id = "amzn1.application.sandbox",
        .user_id = "amzn1.account.SANDBOX",
        .name = "山田 太郎",
        .email = "taro@example.com",
        .postal_code = "153-0064",
        .scopes = SCOPE_PROFILE " " SCOPE_POSTAL_CODE " " SCOPE_WIDGET " " SCOPE_SHIPPING_ADDRESS,
        .made_at = request->now,
    };
    int64_t expires_s = EXPIRES_S_DEFAULT;
    const char *token;

    if (strcmp(request->method, "POST") != 0) {
        return control_fail(out, 405, "use POST");
    }
    if (!read_text(body, "client_id", &login.client_id) ||
        !read_text(body, "app_id", &login.app_id) || !read_text(body, "user_id", &login.user_id) ||
        !read_text(body, "name", &login.name) || !read_text(body, "email", &login.email) ||
        !read_text(body, "postal_code", &login.postal_code) ||
        !read_text(body, "scopes", &login.scopes)) {
        return control_fail(out, 400,
                            "\"client_id\", \"app_id\", \"user_id\", \"name\", \"email\", "
                            "\"postal_code\" and \"scopes\" (separated by spaces) are texts of at "
                            "most 256 bytes");
    }
    if (json_get(body, "expires_s") != NULL &&
        (!json_as_integer(json_get(body, "expires_s"), &expires_s) || expires_s < 1 ||
         expires_s > EXPIRES_S_MAX)) {
        return control_fail(out, 400, "\"expires_s\" must be 1 to 86400 seconds");
    }
    login.expires_at = instant_plus(request->now, expires_s * 1000);
    token = login_add(&sandbox->logins, &login);
    if (token == NULL) {
        return control_fail(out, 400, "there are too many tokens");
    }
    text_add(out, "{\"access_token\":");
    text_add_json(out, json_new_string(token));
    text_format(out, ",\"token_type\":\"bearer\",\"expires_in\":%" PRId64 "}\n", expires_s);
    return 201;
}
