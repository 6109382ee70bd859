/*
 * sign.c - Signature Version 2. See sign.h for what is signed.
 *
 * The last line of the signed text is, byte for byte, the body without its signature. So the text
 * is written once into the caller's buffer, hashed there, and the signature is written behind it:
 * the body is the buffer from its fourth line on.
 */
#include "mws/sign.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "billing/ensure.h"
#include "mws/edge/crypto.h"

#define SCHEME "https://"

static bool is_host_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == ':' || c == '[' || c == ']';
}

/* What stands in a URL's path as it is sent: printable ASCII, and neither query nor fragment. */
static bool is_path_character(char c)
{
    return c > ' ' && c <= '~' && c != '?' && c != '#';
}

/* The digits behind the last ':' that is not inside an IPv6 address, or NULL when there is no port.
 */
static const char *port_of(const char *host)
{
    const char *colon = strrchr(host, ':');
    const char *bracket = strrchr(host, ']');
    return colon != NULL && (bracket == NULL || colon > bracket) ? colon + 1 : NULL;
}

static char *append(char *out, const char *text, size_t length)
{
    memcpy(out, text, length);
    return out + length;
}

/* Writes the host in lower case, and its port unless that is 443, to `out`; NULL = not usable. */
static char *append_host(char *out, const char *host, size_t length)
{
    char lower[SIGN_URL_MAX];
    for (size_t i = 0; i < length; i++) {
        char c = host[i];
        if (!is_host_character(c)) {
            return NULL;
        }
        lower[i] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    lower[length] = '\0';
    const char *port = port_of(lower);
    if (port != NULL) {
        size_t digits = strspn(port, "0123456789");
        if (digits == 0 || digits > 5 || port[digits] != '\0' || port - lower < 2) {
            return NULL;
        }
        if (strcmp(port, "443") == 0) {
            length = (size_t)(port - lower) - 1;
        }
    }
    return append(out, lower, length);
}

enum status sign_endpoint_read(const char *url, struct sign_endpoint *endpoint,
                               struct problem *problem)
{
    static const char verb[] = "POST\n";
    if (strncasecmp(url, SCHEME, strlen(SCHEME)) != 0) {
        return problem_set(problem, ST_INVALID, "the endpoint %s does not begin with https://",
                           url);
    }
    if (strlen(url) >= SIGN_URL_MAX) {
        return problem_set(problem, ST_INVALID, "the endpoint %s is too long", url);
    }
    const char *host = url + strlen(SCHEME);
    size_t length = strcspn(host, "/?#");
    char *out = append(endpoint->lines, verb, strlen(verb));
    out = length > 0 ? append_host(out, host, length) : NULL;
    if (out == NULL) {
        return problem_set(problem, ST_INVALID, "the endpoint %s has no usable host name or port",
                           url);
    }
    const char *path = host[length] == '\0' ? "/" : host + length;
    for (const char *c = path; *c != '\0'; c++) {
        if (!is_path_character(*c)) {
            return problem_set(problem, ST_INVALID, "the endpoint %s has no usable path", url);
        }
    }
    *out++ = '\n';
    out = append(out, path, strlen(path));
    *out++ = '\n';
    endpoint->length = (size_t)(out - endpoint->lines);
    return ST_OK;
}

enum status sign_form(const struct sign_endpoint *endpoint, struct form *form,
                      const struct secret *secret, char *buffer, size_t buffer_bytes,
                      struct signed_body *body, struct problem *problem)
{
    static const char method[] = "HmacSHA256";
    static const char version[] = "2";
    static const char parameter[] = "&Signature=";
    uint8_t mac[HMAC_SHA256_BYTES];
    char signature[BASE64_LENGTH(HMAC_SHA256_BYTES) + 1];

    form_add_plain(form, "SignatureMethod", method, strlen(method));
    form_add_plain(form, "SignatureVersion", version, strlen(version));
    size_t needed =
        endpoint->length + form_encoded_max(form) + strlen(parameter) + 3 * sizeof signature;
    if (needed > buffer_bytes) {
        return problem_set(problem, ST_INVALID, "a request of up to %zu bytes is too long", needed);
    }
    char *out = append(buffer, endpoint->lines, endpoint->length);
    body->bytes = out;
    out = form_encode(form, out);

    hmac_sha256(secret_hmac_key(secret), buffer, (size_t)(out - buffer), mac);
    base64_encode(mac, sizeof mac, signature);
    out = append(out, parameter, strlen(parameter));
    out = percent_encode(signature, sizeof signature - 1, out);
    body->length = (size_t)(out - body->bytes);
    ENSURE((size_t)(out - buffer) <= buffer_bytes);
    return ST_OK;
}
