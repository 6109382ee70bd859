/*
 * http_client.h - HTTPS requests on the loop, over kept-alive connections.
 *
 * The only face of libcurl. No redirects; the peer's certificate is always verified (there is no
 * switch to turn that off); plain http only where its owner asks for it, which the daemon never
 * does. A request ends exactly once, with an answer or with a failure; a failure says nothing about
 * whether the other side acted, except HTTP_NOT_SENT.
 *
 * When a kept connection proves dead before the first byte of the answer, the same bytes are sent
 * once more over a new one: whoever posts must stand a request that arrives twice. Proxies of the
 * environment (https_proxy, no_proxy) are honoured.
 */
#ifndef MWS_EDGE_HTTP_CLIENT_H
#define MWS_EDGE_HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#include "billing/status.h"
#include "mws/edge/loop.h"

struct http_client;

struct http_client_options {
    const char *ca_file; /* PEM bundle; NULL = CA_FILE_SYSTEM (trust.h) */
    const char *user_agent;
    long connections_max; /* in all */
    long connect_deadline_ms;
    long total_deadline_ms;    /* of one request, connecting included */
    size_t response_bytes_max; /* a longer answer ends the request with HTTP_TOO_LARGE */
    bool plain_allowed;        /* http:// URLs, too */
    /* NULL, or "HOST:PORT": connect there whatever host the URL names. The certificate is still
     * checked for the URL's host. */
    const char *connect_to;
};

enum http_failure {
    HTTP_OK = 0,    /* an answer came: status and body are valid                              */
    HTTP_NOT_SENT,  /* no byte of the request left: refused, not resolved, TLS not verified    */
    HTTP_NO_ANSWER, /* sent, or perhaps sent: deadline, connection lost                        */
    HTTP_TOO_LARGE, /* the answer passed response_bytes_max                                    */
    HTTP_CANCELED,  /* the client was freed                                                    */
};

struct http_result {
    enum http_failure failure;
    int status;       /* of the answer */
    const char *body; /* borrowed until the callback returns; NUL-terminated for convenience */
    size_t body_length;
    const char *problem; /* for people, when failure is not HTTP_OK; "" otherwise */
};

typedef void http_done(void *arg, const struct http_result *result);

struct http_client *http_client_new(struct loop *loop, const struct http_client_options *options,
                                    struct problem *problem);
/* Ends every open request with HTTP_CANCELED, then closes the connections. */
void http_client_free(struct http_client *client);

/* What is sent; everything in it is copied. */
struct http_request {
    const char *url;
    const char *const *headers; /* "Name: value" each, NULL at the end; NULL = none of ours */
    const char *body;           /* of a POST; NULL = a GET */
    size_t body_length;
};

/* `done` is called on the loop, never before http_send returns. ST_BUSY while the client is being
 * freed; ST_INVALID when a header is not "Name: value" on one line. A POST whose headers do not say
 * otherwise goes out as application/x-www-form-urlencoded. Requests beyond connections_max wait for
 * a connection, inside their deadline. */
MUST_USE enum status http_send(struct http_client *client, const struct http_request *request,
                               http_done *done, void *arg);

/* Posts `body` (copied) as application/x-www-form-urlencoded; charset=utf-8 to `url` (copied).
 * `done` is called on the loop, never before http_post returns. ST_BUSY while the client is being
 * freed. Requests beyond connections_max wait for a connection, inside their deadline. */
MUST_USE enum status http_post(struct http_client *client, const char *url, const char *body,
                               size_t body_length, http_done *done, void *arg);

/* Requests that have not ended. */
size_t http_client_open_count(const struct http_client *client);

#endif
