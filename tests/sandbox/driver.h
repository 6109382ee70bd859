/*
 * driver.h - talks to a sandbox in the same process: signed requests in, XML out, time as the test
 * wants.
 *
 * Signs with a few lines of its own, so that the sandbox's canonical string is checked by another
 * one.
 */
#ifndef TESTS_SANDBOX_DRIVER_H
#define TESTS_SANDBOX_DRIVER_H

#include "mws/sandbox/control.h"
#include "mws/sandbox/sandbox.h"

#define DRIVER_SELLER "A1SELLER"
#define DRIVER_SECRET "a secret/with+signs"
#define DRIVER_NOW_MS 1795312800000 /* 2026-11-22T02:00:00Z */

struct driver {
    struct sandbox sandbox;
    struct instant now;
    struct ticks ticks;
    const char *host;   /* "localhost:8443" */
    const char *path;   /* PATH_SANDBOX */
    const char *seller; /* DRIVER_SELLER */
    struct sandbox_answer answer;
    struct text control; /* what the control API answered */
    char value[2048];    /* what driver_element found */
};

/* A sandbox with one seller, no quota, and Pending for two seconds. */
struct driver *driver_new(void);
void driver_free(struct driver *driver);

/* Sends an action with name, value, name, value, ..., NULL; a name given again replaces the common
 * parameter of that name. Returns the HTTP status. */
int driver_call(struct driver *driver, const char *action, ...) __attribute__((sentinel));
struct driver_pair {
    const char *name;
    const char *value;
};
/* The same from an array. */
int driver_send(struct driver *driver, const char *action, const struct driver_pair *more,
                size_t more_count);
/* A request as it stands, unsigned by us. */
int driver_raw(struct driver *driver, const char *method, const char *path, const char *form);

/* Text of the first <name> in the last answer, or "(none)". */
const char *driver_element(struct driver *driver, const char *name);
/* The same, from the first <parent> on. */
const char *driver_within(struct driver *driver, const char *parent, const char *name);

/* The control API; returns the HTTP status. */
int driver_control(struct driver *driver, const char *method, const char *path, const char *body);
/* An agreement of the driver's seller with the given further JSON members ("" or ",\"state\":...").
 */
void driver_agreement(struct driver *driver, const char *id, const char *members);

/* AuthorizeOnBillingAgreement over JPY, TransactionTimeout=0, CaptureNow=true, SellerOrderId
 * "o-<ref>". */
int driver_charge(struct driver *driver, const char *agreement, const char *reference,
                  const char *amount, const char *note);

void driver_pass(struct driver *driver, int64_t ms);

#endif
