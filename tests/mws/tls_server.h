/*
 * tls_server.h - a TLS server on the test's own loop, whose handler the test writes, and the CA
 * file with which a client believes it.
 */
#ifndef TESTS_MWS_TLS_SERVER_H
#define TESTS_MWS_TLS_SERVER_H

#include "mws/edge/http_client.h"
#include "mws/edge/http_server.h"
#include "mws/edge/loop.h"

struct tls_server {
    struct http_server *http;
    char ca_file[64]; /* removed by tls_server_stop */
    char url[96];     /* "https://127.0.0.1:port/path" */
};

/* `name` is what the certificate is made out to; the server itself is always at 127.0.0.1. */
void tls_server_start(struct tls_server *server, struct loop *loop, const char *name,
                      http_handler *handler, void *arg);
void tls_server_stop(struct tls_server *server);

/* Options that suit a test: short deadlines, small answers. `ca_file` is borrowed. */
struct http_client_options client_options(const char *ca_file);

#endif
