/*
 * ipn_url.c - from where a certificate of Amazon SNS may be fetched.
 *
 * The URL stands in the message itself, so whoever posts it chooses it: it is taken apart here, by
 * hand and without any decoding, and only one narrow shape is let through. What it allows is a host
 * below amazonaws.com whose name begins with sns; what that host serves is checked against a
 * certificate authority all the same.
 *
 * Stricter than needed on purpose: a path of Amazon's has letters, digits, '-', '_', '.' and '/',
 * so nothing percent-encoded gets through, and nothing two readers could read in two ways.
 */
#include "mws/ipn.h"

#include <string.h>

#define LABEL_MIN 3
#define LABEL_MAX 63 /* of any host name */

static bool is_alphanumeric(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* What follows `beginning`, or NULL. */
static const char *after(const char *text, const char *beginning)
{
    size_t length = strlen(beginning);
    return strncmp(text, beginning, length) == 0 ? text + length : NULL;
}

/* What follows "sns.<label>.amazonaws.com[.cn][:443]", which is the path; or NULL. */
static const char *host_skip(const char *host)
{
    const char *label = after(host, "sns.");
    size_t length = 0;
    while (label != NULL && (is_alphanumeric(label[length]) || label[length] == '-')) {
        length++;
    }
    if (label == NULL || length < LABEL_MIN || length > LABEL_MAX) {
        return NULL;
    }
    const char *rest = after(label + length, ".amazonaws.com");
    if (rest != NULL && after(rest, ".cn") != NULL) {
        rest = after(rest, ".cn");
    }
    if (rest != NULL && after(rest, ":443") != NULL) {
        rest = after(rest, ":443");
    }
    return rest != NULL && rest[0] == '/' ? rest : NULL;
}

static bool path_is_plain(const char *path)
{
    const char *at = path;
    while (is_alphanumeric(*at) || (*at != '\0' && strchr("-_./", *at) != NULL)) {
        at++;
    }
    /* "//", "/./" and "/../" are shorter ways to somewhere else for some readers. */
    return *at == '\0' && strstr(path, "//") == NULL && strstr(path, "/.") == NULL;
}

enum status ipn_certificate_url_check(const char *url, struct problem *problem)
{
    static const char ending[] = ".pem";
    size_t length = strnlen(url, IPN_URL_MAX);
    if (length == IPN_URL_MAX) {
        return problem_set(problem, ST_INVALID, "SigningCertURL is longer than %d characters",
                           IPN_URL_MAX - 1);
    }
    for (size_t i = 0; i < length; i++) {
        if (url[i] <= ' ' || url[i] > '~') {
            return problem_set(problem, ST_INVALID, "SigningCertURL is not printable ASCII");
        }
    }
    const char *host = after(url, "https://");
    if (host == NULL) {
        return problem_set(problem, ST_INVALID, "SigningCertURL does not begin with https://");
    }
    const char *path = host_skip(host);
    if (path == NULL) {
        return problem_set(problem, ST_INVALID,
                           "SigningCertURL's host is not sns.<region>.amazonaws.com");
    }
    if (!path_is_plain(path)) {
        return problem_set(problem, ST_INVALID, "SigningCertURL's path is not a plain one");
    }
    size_t path_length = strlen(path);
    if (path_length <= sizeof ending || strcmp(path + path_length - 4, ending) != 0) {
        return problem_set(problem, ST_INVALID, "SigningCertURL does not end in .pem");
    }
    return ST_OK;
}
