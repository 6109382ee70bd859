/*
 * daemon.h - the parts of autopayd, wired together, from start to drained stop.
 */
#ifndef SCHEDULER_DAEMON_H
#define SCHEDULER_DAEMON_H

#include "scheduler/config.h"

/* Exit codes, documented in the README; the service manager does not restart on the first three. */
enum daemon_exit {
    DAEMON_EXIT_OK = 0,
    DAEMON_EXIT_USAGE = 64,       /* the command line                                         */
    DAEMON_EXIT_STORE = 73,       /* the database cannot be used: locked, newer, read-only    */
    DAEMON_EXIT_CONFIG = 78,      /* the configuration                                        */
    DAEMON_EXIT_UNAVAILABLE = 69, /* something else the system refused: socket, certificates  */
    DAEMON_EXIT_UNDRAINED = 75,   /* stopped before every answer could be recorded            */
};

/* Runs until SIGTERM or SIGINT. Takes over `config` and `zones`. `config_path` is read again on
 * SIGHUP. */
int daemon_run(const char *config_path, struct config *config, struct zones *zones);

#endif
