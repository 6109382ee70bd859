/*
 * ctl_offline.h - what autopayctl's commands share that read the database without the daemon.
 *
 * The database is opened read-only and is never locked: a running daemon is not disturbed, and one
 * that does not run is not needed. Which database, and which sellers, says the daemon's
 * configuration file; --store and --seller do without it.
 */
#ifndef SCHEDULER_CTL_OFFLINE_H
#define SCHEDULER_CTL_OFFLINE_H

#include "billing/instant.h"
#include "scheduler/config.h"
#include "scheduler/ctl.h"
#include "schema/store.h"

#define CTL_CONFIG_DEFAULT "/etc/autopayd/autopayd.conf"
#define CTL_STORE_MAX      CONFIG_PATH_MAX

/* For the options of such a command. */
#define CTL_OFFLINE_OPTIONS                                                                        \
    {"store", CTL_TEXT, "store", "PATH", "The database (the one of the configuration)"},           \
    {                                                                                              \
        "config", CTL_TEXT, "config", "FILE",                                                      \
            "The daemon's configuration (" CTL_CONFIG_DEFAULT ")"                                  \
    }

struct ctl_offline {
    char store_path[CTL_STORE_MAX];
    struct zones *zones;
    struct config *config; /* NULL: --store was given, and no --config */
    struct instant now;
};

/* CTL_OK, or an exit code after a sentence on standard error. `secrets` as for config_load_with():
 * who reads the database may not be who may read secret keys. */
int ctl_offline_begin(const struct ctl_input *input, enum config_secrets secrets,
                      struct ctl_offline *offline);
void ctl_offline_end(struct ctl_offline *offline);

/* `problem` on standard error; its exit code. */
int ctl_offline_failed(enum status status, const struct problem *problem);

/* What --json prints; taken over. */
void ctl_offline_print(struct json *answer);

#endif
