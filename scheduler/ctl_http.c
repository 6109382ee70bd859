/*
 * ctl_http.c - autopayctl's HTTP client, on libcurl.
 *
 * A second file of libcurl, on purpose: the daemon's client (mws/edge/http_client.c) is
 * asynchronous, keeps connections and speaks nothing but verified HTTPS, and must never learn to do
 * less. A command line makes one plain request over a socket file and waits for it.
 */
#include "scheduler/ctl_http.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "billing/ensure.h"

#define DEADLINE_S      60L
#define REPLY_BYTES_MAX ((size_t)16 * 1024 * 1024) /* a page of 500 charges has under 1 MiB */

static size_t take(char *data, size_t size, size_t count, void *arg)
{
    struct ctl_reply *reply = arg;
    size_t bytes = size * count;
    if (bytes > REPLY_BYTES_MAX - reply->length) {
        return 0; /* libcurl ends the transfer */
    }
    char *body = realloc(reply->body, reply->length + bytes + 1);
    ENSURE(body != NULL);
    memcpy(body + reply->length, data, bytes);
    reply->body = body;
    reply->length += bytes;
    body[reply->length] = '\0';
    return bytes;
}

static void set_request(CURL *curl, const char *socket_path, const char *method, const char *body)
{
    (void)curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, socket_path);
    (void)curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http");
    (void)curl_easy_setopt(curl, CURLOPT_PROXY, "");
    (void)curl_easy_setopt(curl, CURLOPT_TIMEOUT, DEADLINE_S);
    (void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    if (body != NULL) {
        (void)curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)strlen(body));
        (void)curl_easy_setopt(curl, CURLOPT_COPYPOSTFIELDS, body);
    }
}

static enum status explain(CURLcode code, const char *socket_path, struct problem *problem)
{
    if (code == CURLE_COULDNT_CONNECT) {
        return problem_set(problem, ST_NETWORK,
                           "no daemon answers at %s: %s (is autopayd running, and is this its "
                           "socket and its user?)",
                           socket_path,
                           access(socket_path, R_OK | W_OK) != 0 ? strerror(errno)
                                                                 : "nobody listens there");
    }
    if (code == CURLE_WRITE_ERROR || code == CURLE_UNSUPPORTED_PROTOCOL ||
        code == CURLE_WEIRD_SERVER_REPLY) {
        return problem_set(problem, ST_PEER, "what answers at %s is not autopayd: %s", socket_path,
                           curl_easy_strerror(code));
    }
    return problem_set(problem, ST_NETWORK,
                       "the daemon at %s did not answer: %s. What was asked for may have happened: "
                       "look before asking again",
                       socket_path, curl_easy_strerror(code));
}

enum status ctl_http(const char *socket_path, const char *method, const char *path,
                     const char *body, struct ctl_reply *reply, struct problem *problem)
{
    static const char origin[] = "http://autopayd";
    CURL *curl = curl_easy_init();
    char *url = malloc(sizeof origin + strlen(path));
    long status = 0;
    ENSURE(curl != NULL);
    ENSURE(url != NULL);
    memcpy(url, origin, sizeof origin);
    memcpy(url + sizeof origin - 1, path, strlen(path) + 1);
    *reply = (struct ctl_reply){.body = calloc(1, 1)};
    ENSURE(reply->body != NULL);
    set_request(curl, socket_path, method, body);
    (void)curl_easy_setopt(curl, CURLOPT_URL, url);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, reply);
    CURLcode code = curl_easy_perform(curl);
    enum status result = ST_OK;
    if (code != CURLE_OK) {
        result = explain(code, socket_path, problem);
        ctl_reply_free(reply);
    } else {
        (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
        reply->status = (int)status;
    }
    free(url);
    curl_easy_cleanup(curl);
    return result;
}

void ctl_reply_free(struct ctl_reply *reply)
{
    free(reply->body);
    *reply = (struct ctl_reply){0};
}

char *ctl_http_escape(const char *text)
{
    char *escaped = curl_easy_escape(NULL, text, 0);
    ENSURE(escaped != NULL);
    char *copy = strdup(escaped);
    ENSURE(copy != NULL);
    curl_free(escaped);
    return copy;
}
