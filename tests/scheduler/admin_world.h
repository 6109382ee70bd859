/*
 * admin_world.h - the admin API's tests: a daemon without Amazon, and clients of its socket.
 *
 * The runner, the store (SQLite in a temporary folder) and the server are the real ones; Amazon is
 * an address that refuses connections. Everything runs on one loop, clients included, so that
 * nothing waits and nothing sleeps.
 */
#ifndef TESTS_SCHEDULER_ADMIN_WORLD_H
#define TESTS_SCHEDULER_ADMIN_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mws/edge/json.h"
#include "scheduler/admin.h"

#define CLIENTS_MAX 4
#define SELLER      "/v1/sellers/A1SELLER"
#define MONTHLY                                                                                    \
    "{\"agreement_id\":\"C03-1\",\"amount\":\"1200\",\"unit\":\"month\",\"anchor\":"               \
    "\"2099-01-31\",\"time\":\"09:00\",\"label\":\"gold\"}"

struct world;

struct client {
    struct world *world;
    int fd;
    struct watch *watch;
    size_t length;
    char *text; /* the whole answer, headers and all */
    const char *body;
    int status;
    struct json *root;
};

struct world {
    char directory[64];
    char store_path[128];
    struct loop *loop;
    struct store *store;
    struct store_worker *store_worker;
    struct zones *zones;
    struct mws_client *mws;
    struct runner *runner;
    struct config config;
    struct seller_config sellers[2];
    struct secret *secret;
    struct admin *admin;
    unsigned clients_open;
    struct client clients[CLIENTS_MAX];
};

/* For cmocka_unit_test_setup_teardown: *state is the world. */
int world_setup(void **state);
int world_teardown(void **state);
void world_open_admin(struct world *world);
/* The runner and the admin API end, and others begin with the same store. */
void world_restart(struct world *world);
/* Until every store job asked for so far is done. */
void world_settle(struct world *world);
void register_agreement(struct world *world, const char *id);
/* How many events the first seller has. */
int64_t event_count(struct world *world);

/* Sends `request` as it is; its answer is complete when the server closes the connection. */
struct client *client_send(struct world *world, const char *request, size_t length);
struct client *client_ask(struct world *world, const char *method, const char *path,
                          const char *body);
/* Runs until every client has its answer, and reads it. Fails when an answer holds a secret. */
void clients_wait(struct world *world);
void client_end(struct client *client);

/* One request, its answer; to be given to client_end(). */
struct client *ask(struct world *world, const char *method, const char *path, const char *body);
/* One request whose status is all that counts. */
void ask_for(struct world *world, const char *method, const char *path, const char *body,
             int status);
void expect(const struct client *client, int status);
const char *text_at(const struct client *client, const char *key);
bool is_null(const struct client *client, const char *key);

#endif
