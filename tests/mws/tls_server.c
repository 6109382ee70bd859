/*
 * tls_server.c - see tls_server.h.
 */
#include "tests/mws/tls_server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "billing/ensure.h"
#include "mws/edge/certificate.h"

static void write_file(const char *path, int fd, const char *text)
{
    ssize_t written = write(fd, text, strlen(text));
    ENSURE(written == (ssize_t)strlen(text));
    ENSURE(path[0] == '/');
    (void)close(fd);
}

void tls_server_start(struct tls_server *server, struct loop *loop, const char *name,
                      http_handler *handler, void *arg)
{
    struct certificate_set set;
    struct problem problem = {""};
    const char *const names[] = {name};
    ENSURE(certificate_set_new(names, 1, 2, &set, &problem) == ST_OK);

    (void)snprintf(server->ca_file, sizeof server->ca_file, "%s", "/tmp/autopay-test-ca-XXXXXX");
    int fd = mkstemp(server->ca_file);
    ENSURE(fd >= 0);
    write_file(server->ca_file, fd, set.ca_pem);

    const struct http_server_options options = {
        .address = "127.0.0.1",
        .certificate_pem = set.certificate_pem,
        .key_pem = set.key_pem,
        .body_bytes_max = 65536,
        .connections_max = 64,
        .idle_seconds = 60,
        .handler = handler,
        .arg = arg,
    };
    if (http_server_new(loop, &options, &server->http, &problem) != ST_OK) {
        (void)fprintf(stderr, "%s\n", problem.text);
        abort();
    }
    (void)snprintf(server->url, sizeof server->url, "https://127.0.0.1:%u/path",
                   (unsigned)http_server_port(server->http));
    free(set.ca_pem);
    free(set.ca_key_pem);
    free(set.certificate_pem);
    free(set.key_pem);
}

void tls_server_stop(struct tls_server *server)
{
    http_server_free(server->http);
    server->http = NULL;
    (void)unlink(server->ca_file);
}

struct http_client_options client_options(const char *ca_file)
{
    return (struct http_client_options){
        .ca_file = ca_file,
        .user_agent = "autopay-test/1",
        .connections_max = 8,
        .connect_deadline_ms = 3000,
        .total_deadline_ms = 10000,
        .response_bytes_max = 1000,
    };
}
