/*
 * sim_door.c - see sim_door.h. An exchange belongs to the world: who asked hears of the end of the
 * daemon, too.
 */
#include "tests/sim/sim_door.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "mws/edge/http_server.h"
#include "tests/sim/life.h"
#include "tests/sim/sim.h"
#include "tests/sim/sim_memory.h"

#define ARGUMENT_BYTES 128

struct http_server {
    struct http_server_options options;
};

struct http_exchange {
    struct door *door;
    struct http_exchange *previous, *next;
    char *method, *path, *query, *body;
    char *argument; /* of http_query: the last one asked for */
    door_done *done;
    void *arg;
    struct queue_entry telling; /* the answer is on its way */
    int status;
    char *answer;
    size_t length;
};

struct door {
    struct sim *sim;
    struct http_server *server; /* of this life; NULL = nobody listens */
    struct http_exchange *open;
};

struct door *door_new(struct sim *sim)
{
    struct door *door = calloc(1, sizeof *door);
    ENSURE(door != NULL);
    door->sim = sim;
    return door;
}

static void exchange_end(struct http_exchange *exchange)
{
    queue_remove(&exchange->door->sim->queue, &exchange->telling);
    if (exchange->previous != NULL) {
        exchange->previous->next = exchange->next;
    } else {
        exchange->door->open = exchange->next;
    }
    if (exchange->next != NULL) {
        exchange->next->previous = exchange->previous;
    }
    if (exchange->done != NULL) {
        exchange->done(exchange->arg, exchange->status,
                       exchange->answer != NULL ? exchange->answer : "", exchange->length);
    }
    free(exchange->method);
    free(exchange->path);
    free(exchange->query);
    free(exchange->body);
    free(exchange->answer);
    free(exchange->argument);
    free(exchange);
}

void door_slam(struct door *door)
{
    door->server = NULL;
    struct http_exchange *next;
    for (struct http_exchange *exchange = door->open; exchange != NULL; exchange = next) {
        next = exchange->next;
        if (exchange->telling.place == 0) {
            exchange->status = 0;
            exchange_end(exchange);
        }
    }
}

void door_free(struct door *door)
{
    struct http_exchange *next;
    for (struct http_exchange *exchange = door->open; exchange != NULL; exchange = next) {
        next = exchange->next;
        exchange->done = NULL;
        exchange_end(exchange);
    }
    free(door);
}

static void knock(void *arg)
{
    struct http_exchange *exchange = arg;
    struct http_server *server = exchange->door->server;
    server->options.handler(server->options.arg, exchange);
}

static char *copy(const char *text, size_t length)
{
    char *copied = malloc(length + 1);
    ENSURE(copied != NULL);
    memcpy(copied, text, length);
    copied[length] = '\0';
    return copied;
}

void door_ask(struct door *door, const char *method, const char *path, const char *body,
              door_done *done, void *arg)
{
    if (door->server == NULL) {
        done(arg, 0, "", 0);
        return;
    }
    struct http_exchange *exchange = calloc(1, sizeof *exchange);
    ENSURE(exchange != NULL);
    size_t path_length = strcspn(path, "?");
    const char *query = path[path_length] == '?' ? path + path_length + 1 : "";
    *exchange = (struct http_exchange){
        .door = door,
        .next = door->open,
        .method = copy(method, strlen(method)),
        .path = copy(path, path_length),
        .query = copy(query, strlen(query)),
        .body = copy(body, strlen(body)),
        .argument = calloc(1, ARGUMENT_BYTES),
        .done = done,
        .arg = arg,
    };
    ENSURE(exchange->argument != NULL);
    if (door->open != NULL) {
        door->open->previous = exchange;
    }
    door->open = exchange;
    life_enter(door->sim, knock, exchange);
}

/* --- mws/edge/http_server.h ------------------------------------------------------------------ */

enum status http_server_new(struct loop *loop, const struct http_server_options *options,
                            struct http_server **server, struct problem *problem)
{
    struct door *door = sim_here()->door;
    (void)loop;
    (void)problem;
    *server = calloc(1, sizeof **server);
    ENSURE(*server != NULL);
    (*server)->options = *options;
    ENSURE(door->server == NULL);
    door->server = *server;
    return ST_OK;
}

uint16_t http_server_port(const struct http_server *server)
{
    return server->options.port;
}

uint64_t http_server_connections(const struct http_server *server)
{
    (void)server;
    return 0;
}

void http_server_free(struct http_server *server)
{
    struct door *door = sim_here()->door;
    if (server != NULL) {
        bool was = memory_inside(false);
        door_slam(door);
        (void)memory_inside(was);
        free(server);
    }
}

const char *http_method(const struct http_exchange *exchange)
{
    return exchange->method;
}

const char *http_path(const struct http_exchange *exchange)
{
    return exchange->path;
}

const char *http_raw_path(const struct http_exchange *exchange)
{
    return exchange->path;
}

const char *http_raw_query(const struct http_exchange *exchange)
{
    return exchange->query;
}

/* The world asks with plain arguments: nothing is percent-encoded. */
const char *http_query(const struct http_exchange *exchange, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = exchange->query; *at != '\0';) {
        size_t end = strcspn(at, "&");
        if (end > length && strncmp(at, name, length) == 0 && at[length] == '=') {
            (void)snprintf(exchange->argument, ARGUMENT_BYTES, "%.*s", (int)(end - length - 1),
                           at + length + 1);
            return exchange->argument;
        }
        at += end + (at[end] == '&' ? 1 : 0);
    }
    return NULL;
}

const char *http_header(const struct http_exchange *exchange, const char *name)
{
    (void)exchange;
    (void)name;
    return NULL;
}

const char *http_body(const struct http_exchange *exchange, size_t *length)
{
    *length = strlen(exchange->body);
    return exchange->body;
}

/* The answer is on its way only when this life goes on: a daemon that has died says nothing. */
static void answered(void *arg)
{
    exchange_end(arg);
}

void http_answer(struct http_exchange *exchange, int status, const char *content_type,
                 const char *body, size_t length)
{
    struct sim *sim = exchange->door->sim;
    (void)content_type;
    if (sim->is_dead) {
        return;
    }
    bool was = memory_inside(false);
    exchange->status = status;
    exchange->length = length;
    exchange->answer = copy(body, length);
    (void)memory_inside(was);
    /* Not from within the daemon: who hears the answer may ask again. */
    exchange->telling.run = answered;
    exchange->telling.arg = exchange;
    queue_put(&sim->queue, &exchange->telling, sim->now_us);
}

void http_answer_with(struct http_exchange *exchange, int status, const struct http_field *fields,
                      size_t count, const char *body, size_t length)
{
    (void)fields;
    (void)count;
    http_answer(exchange, status, "", body, length);
}

void http_drop(struct http_exchange *exchange)
{
    http_answer(exchange, 0, "", "", 0);
}
