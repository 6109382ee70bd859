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

enum status sign_endpoint_read(const char *url, struct sign_endpoint *endpoint,
                               struct problem *problem)
{
    if (strncasecmp(url, SCHEME, strlen(SCHEME)) != 0) {
        return problem_set(problem, ST_INVALID, "the endpoint %s does not begin with https://",
                           url);
    }
    const char *host = url + strlen(SCHEME);
    size_t length = strcspn(host, "/?#");
    if (length == 0 || length >= sizeof endpoint->host) {
        return problem_set(problem, ST_INVALID, "the endpoint %s has no usable host name", url);
    }
    for (size_t i = 0; i < length; i++) {
        char c = host[i];
        if (!is_host_character(c)) {
            return problem_set(problem, ST_INVALID, "the endpoint %s has no usable host name", url);
        }
        endpoint->host[i] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    endpoint->host[length] = '\0';

    const char *port = port_of(endpoint->host);
    if (port != NULL) {
        size_t digits = strspn(port, "0123456789");
        if (digits == 0 || digits > 5 || port[digits] != '\0' || port - endpoint->host < 2) {
            return problem_set(problem, ST_INVALID, "the endpoint %s has no usable port", url);
        }
        if (strcmp(port, "443") == 0) {
            endpoint->host[port - endpoint->host - 1] = '\0';
        }
    }
    endpoint->path = host[length] == '\0' ? "/" : host + length;
    for (const char *c = endpoint->path; *c != '\0'; c++) {
        if (!is_path_character(*c)) {
            return problem_set(problem, ST_INVALID, "the endpoint %s has no usable path", url);
        }
    }
    return ST_OK;
}

static char *append(char *out, const char *text, size_t length)
{
    memcpy(out, text, length);
    return out + length;
}

enum status sign_form(const struct sign_endpoint *endpoint, struct form *form,
                      const struct secret *secret, char *buffer, size_t buffer_bytes,
                      struct signed_body *body, struct problem *problem)
{
    static const char verb[] = "POST\n";
    static const char parameter[] = "&Signature=";
    uint8_t mac[HMAC_SHA256_BYTES];
    char signature[BASE64_LENGTH(HMAC_SHA256_BYTES) + 1];
    size_t host_length = strlen(endpoint->host);
    size_t path_length = strlen(endpoint->path);

    form_add(form, "SignatureMethod", "HmacSHA256");
    form_add(form, "SignatureVersion", "2");
    size_t needed = strlen(verb) + host_length + path_length + 2 + form_encoded_max(form) +
                    strlen(parameter) + 3 * sizeof signature;
    if (needed > buffer_bytes) {
        return problem_set(problem, ST_INVALID, "a request of up to %zu bytes is too long", needed);
    }
    char *out = append(buffer, verb, strlen(verb));
    out = append(out, endpoint->host, host_length);
    *out++ = '\n';
    out = append(out, endpoint->path, path_length);
    *out++ = '\n';
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
