/*
 * sim_door.h - requests to the daemon's own doors (admin API), as its operators and the shop's
 * programs make them; the face towards the daemon is mws/edge/http_server.h.
 */
#ifndef TESTS_SIM_SIM_DOOR_H
#define TESTS_SIM_SIM_DOOR_H

#include <stddef.h>

struct sim;
struct door;

struct door *door_new(struct sim *sim);
void door_free(struct door *door);

/* What came back: the HTTP status, or 0 when the connection was lost; whether what was asked for
 * was done is then not known. `body` is borrowed until return, NUL-terminated. */
typedef void door_done(void *arg, int status, const char *body, size_t length);
/* Asks the daemon now. `path` and `body` are copied. `done` may be called before this returns: at
 * once with 0 when nobody listens. */
void door_ask(struct door *door, const char *method, const char *path, const char *body,
              door_done *done, void *arg);
/* The daemon has died: who waits for an answer hears that the connection is lost. */
void door_slam(struct door *door);

#endif
