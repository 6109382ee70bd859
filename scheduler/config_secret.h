/*
 * config_secret.h - where a seller's secret key comes from.
 *
 * Reads the key into a struct secret (mws/secret.h) and wipes every other copy it made. Messages
 * name the source and never hold a byte of the key.
 */
#ifndef SCHEDULER_CONFIG_SECRET_H
#define SCHEDULER_CONFIG_SECRET_H

#include <stdbool.h>

#include "billing/status.h"
#include "mws/secret.h"

enum secret_source {
    SECRET_FROM_FILE = 1, /* a path; a regular file that only its owner (we, or root) may read   */
    SECRET_FROM_ENVIRONMENT, /* the name of an environment variable */
    SECRET_FROM_CREDENTIAL, /* a file's name in $CREDENTIALS_DIRECTORY (systemd LoadCredential=)  */
};

/* false: only the service manager could give it, and it has not started this program. */
bool config_secret_is_in_reach(enum secret_source source);

/* One line of printable characters; the newline at its end is not part of the key. ST_INVALID with
 * a sentence otherwise, and *secret is NULL. */
MUST_USE enum status config_secret_read(enum secret_source source, const char *name,
                                        struct secret **secret, struct problem *problem);

#endif
