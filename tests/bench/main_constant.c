/*
 * main_constant.c - the floor under the sandbox: the same HTTP server over the same TLS, answering
 * every request with the bytes of a file and the header fields that the sandbox sends.
 *
 *     constant CERTIFICATE.pem KEY.pem ANSWER.xml
 *
 * Prints its port as one line, and serves until SIGTERM. It reads no request.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "billing/ensure.h"
#include "mws/edge/http_server.h"
#include "mws/edge/loop.h"

#define FILE_BYTES_MAX ((size_t)64 * 1024)
#define CONNECTIONS    4096

struct constant {
    struct loop *loop;
    char *answer;
    size_t length;
};

static void on_request(void *arg, struct http_exchange *exchange)
{
    static const char id[] = "6f5a7a0e-2b1f-4f0e-9b6a-0d9a3f3f8f1c";
    static const struct http_field fields[] = {
        {"Content-Type", "text/xml"},
        {"x-mws-request-id", id},
        {"x-mws-response-context", id},
        {"x-mws-timestamp", "2026-11-22T02:00:00.000Z"},
    };
    const struct constant *constant = arg;

    http_answer_with(exchange, 200, fields, sizeof fields / sizeof fields[0], constant->answer,
                     constant->length);
}

static void stop(void *arg)
{
    loop_stop(((struct constant *)arg)->loop);
}

/* The whole file, NUL-terminated. */
static char *read_file(const char *path, size_t *length)
{
    FILE *file = fopen(path, "re");
    char *bytes = calloc(1, FILE_BYTES_MAX + 1);

    ENSURE(bytes != NULL);
    if (file == NULL) {
        (void)fprintf(stderr, "constant: cannot read %s\n", path);
        exit(1);
    }
    *length = fread(bytes, 1, FILE_BYTES_MAX, file);
    (void)fclose(file);
    return bytes;
}

int main(int argc, char **argv)
{
    struct constant constant = {0};
    struct http_server_options options = {.address = "127.0.0.1",
                                          .body_bytes_max = FILE_BYTES_MAX,
                                          .connections_max = CONNECTIONS,
                                          .idle_seconds = 120,
                                          .handler = on_request,
                                          .arg = &constant};
    struct http_server *server;
    struct signal_watch *terminate;
    struct problem problem;
    size_t length;

    if (argc != 4) {
        (void)fprintf(stderr, "usage: constant CERTIFICATE KEY ANSWER\n");
        return 64;
    }
    char *certificate = read_file(argv[1], &length);
    char *key = read_file(argv[2], &length);
    constant.answer = read_file(argv[3], &constant.length);
    constant.loop = loop_new();
    options.certificate_pem = certificate;
    options.key_pem = key;
    if (http_server_new(constant.loop, &options, &server, &problem) != ST_OK) {
        (void)fprintf(stderr, "constant: %s\n", problem.text);
        return 69;
    }
    terminate = signal_watch_new(constant.loop, SIGTERM, stop, &constant);
    (void)printf("%u\n", http_server_port(server));
    (void)fflush(stdout);
    loop_run(constant.loop);
    signal_watch_free(terminate);
    http_server_free(server);
    loop_free(constant.loop);
    free(certificate);
    free(key);
    free(constant.answer);
    return 0;
}
