/*
 * http_server.h - a small HTTP/1.1 server on the loop: the admin API on a Unix socket, the sandbox
 * over TLS.
 *
 * The only face of libmicrohttpd. A request reaches the handler whole (method, path, body) and is
 * answered exactly once, at once or later. What libmicrohttpd lets pass and we refuse with 400:
 * Content-Length together with Transfer-Encoding, a repeated Content-Length, Transfer-Encoding or
 * Host, no Host, a transfer coding other than chunked, and header names or values with characters
 * that HTTP does not allow there.
 */
#ifndef MWS_EDGE_HTTP_SERVER_H
#define MWS_EDGE_HTTP_SERVER_H

#include <stddef.h>
#include <stdint.h>

#include "billing/status.h"
#include "mws/edge/loop.h"

struct http_server;
struct http_exchange; /* one request and its answer; valid until answered or dropped */

/* Called on the loop once per whole request. It answers, drops, or keeps the exchange for later. */
typedef void http_handler(void *arg, struct http_exchange *exchange);

struct http_server_options {
    /* One of the two: a Unix socket (created with mode 0600; a stale one is replaced, a live one is
     * ST_BUSY), or an address like "127.0.0.1" with a port (0 = any free one). */
    const char *unix_path;
    const char *address;
    uint16_t port;
    /* TLS when both are given: PEM texts, copied. */
    const char *certificate_pem;
    const char *key_pem;
    size_t body_bytes_max; /* a longer body is answered 413 */
    unsigned connections_max;
    unsigned idle_seconds; /* a silent connection is closed after */
    /* 0 = none. A request that takes longer is cut off, however steadily its bytes come: a
     * connection's first one is whole so long after the connection was opened, a further one so
     * long after its request line, and that line is there within idle_seconds and request_ms after
     * the answer before it. What the handler takes does not count. */
    unsigned request_ms;
    http_handler *handler;
    void *arg;
};

MUST_USE enum status http_server_new(struct loop *loop, const struct http_server_options *options,
                                     struct http_server **server, struct problem *problem);
/* The port it listens on. */
uint16_t http_server_port(const struct http_server *server);
/* Connections accepted since the start. */
uint64_t http_server_connections(const struct http_server *server);
/* Stops accepting and drops what is not answered (those exchanges are gone: answer them no more);
 * removes the Unix socket. Never called from the handler. NULL is allowed. */
void http_server_free(struct http_server *server);

const char *http_method(const struct http_exchange *exchange);
const char *http_path(const struct http_exchange *exchange); /* percent-encoding undone, no query */
/* The path as it was sent, percent-encoding and all, no query: what a signature is about. */
const char *http_raw_path(const struct http_exchange *exchange);
/* The query as it was sent, without the question mark; "" when there is none. */
const char *http_raw_query(const struct http_exchange *exchange);
/* A query argument, or NULL. */
const char *http_query(const struct http_exchange *exchange, const char *name);
/* A request header (any case), or NULL. */
const char *http_header(const struct http_exchange *exchange, const char *name);
/* The body, NUL-terminated; `length` without the NUL. */
const char *http_body(const struct http_exchange *exchange, size_t *length);

/* Answers and gives the exchange back. `body` is copied. */
void http_answer(struct http_exchange *exchange, int status, const char *content_type,
                 const char *body, size_t length);
struct http_field {
    const char *name;
    const char *value;
};

/* The same with header fields of the caller's, the content type among them. All is copied. */
void http_answer_with(struct http_exchange *exchange, int status, const struct http_field *fields,
                      size_t count, const char *body, size_t length);
/* Closes the connection without an answer, and gives the exchange back. */
void http_drop(struct http_exchange *exchange);

#endif
