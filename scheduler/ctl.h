/*
 * ctl.h - autopayctl: what its commands share.
 *
 * A command is a row: its words, its options, and a function. Options become the keys of the
 * request under the names the API has for them, so that the command line can say exactly what the
 * API can, and the daemon alone decides what is allowed.
 *
 * Read on in autopayctl.c (words and options), ctl_call.c (requests), ctl_show.h (output), then one
 * file per noun.
 */
#ifndef SCHEDULER_CTL_H
#define SCHEDULER_CTL_H

#include <stdbool.h>
#include <stdint.h>

#include "mws/edge/json.h"

#define CTL_SOCKET_DEFAULT "/run/autopayd/admin.sock"

/* Exit codes; documented in API.md and in --help. */
enum ctl_exit {
    CTL_OK = 0,
    CTL_REFUSED = 1,     /* a rule or the object's state does not allow it                */
    CTL_NOT_FOUND = 2,   /* there is no such object                                       */
    CTL_UNAVAILABLE = 3, /* the daemon is busy, cannot reach its store, or does not run   */
    CTL_USAGE = 64,      /* the command line                                              */
    CTL_BUG = 70,        /* an answer that nobody understands                             */
};

/* What the common options say. */
struct ctl {
    const char *socket_path;
    const char *seller_id; /* NULL until known: see ctl_seller_path() */
    char *seller_owned;
    bool names_seller; /* by --seller, not by the environment */
    bool json;
};

/* What a command was given. */
struct ctl_input {
    const char *argument; /* NULL unless it was given */
    const char *second;   /* the same of the second word */
    struct json *values;  /* for the request: its body, or its query */
    struct json *local;   /* for autopayctl itself */
};

enum ctl_kind {
    CTL_TEXT = 1,
    CTL_COUNT, /* a whole number */
    CTL_FLAG,
    CTL_LOCAL_FLAG, /* not for the request */
};

struct ctl_option {
    const char *name; /* "charge-from"; NULL ends a list */
    enum ctl_kind kind;
    const char *key;   /* "charge_from", as the API says */
    const char *value; /* "INSTANT" */
    const char *doc;
};

struct ctl_command {
    const char *noun;
    const char *verb;     /* "" when the noun is the whole command */
    const char *argument; /* "AGREEMENT", "CHARGE [CYCLE]" (in brackets: may be left out, last),
                             or NULL: takes none. At most two. */
    const char *doc;
    const struct ctl_option *options;
    int (*run)(struct ctl *ctl, const struct ctl_input *input);
};

/* The commands of each file; each list ends with a NULL noun. */
extern const struct ctl_command ctl_agreement_commands[];
extern const struct ctl_command ctl_subscription_commands[]; /* what it is */
extern const struct ctl_command ctl_subscription_orders[];   /* what is done with it */
extern const struct ctl_command ctl_charge_commands[];
extern const struct ctl_command ctl_charge_orders[];
extern const struct ctl_command ctl_policy_commands[];
extern const struct ctl_command ctl_stop_commands[];
extern const struct ctl_command ctl_status_commands[];
extern const struct ctl_command ctl_why_commands[]; /* from the database, without the daemon */
extern const struct ctl_command ctl_verify_commands[];

/* --- ctl_call.c --- */

/* "/v1/sellers/{seller}/" and what the format gives, to be freed. Finds the seller when there is
 * only one. NULL: *exit_code says why, and so does standard error. */
char *ctl_seller_path(struct ctl *ctl, int *exit_code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* `path` and the values as its query, to be freed. */
char *ctl_query(const char *path, const struct json *values);

/* One request. On CTL_OK `answer` is the JSON object, to be freed; with --json it has been printed.
 * Otherwise standard error says why. `body` may be NULL. */
int ctl_get(const struct ctl *ctl, const char *path, struct json **answer);
int ctl_post(const struct ctl *ctl, const char *path, const struct json *body,
             struct json **answer);
/* The whole of a command that makes something of `noun` ("charges") on the agreement that is its
 * argument, or looks at the one that is; `show` prints the answer for people. */
typedef void ctl_shower(const struct json *answer);
int ctl_make(struct ctl *ctl, const struct ctl_input *input, const char *noun, ctl_shower *show);
int ctl_look(struct ctl *ctl, const struct ctl_input *input, const char *noun, ctl_shower *show);
/* The whole of a command that tells the one that is its argument to do `verb` ("pause"), with the
 * values as the body. */
int ctl_tell(struct ctl *ctl, const struct ctl_input *input, const char *noun, const char *verb,
             ctl_shower *show);
/* The whole of a command that lists `noun`, with the values as the query; `columns` are
 * `column_count` of ctl_show.h. */
struct ctl_column;
int ctl_list(struct ctl *ctl, const struct ctl_input *input, const char *noun,
             const struct ctl_column *columns, unsigned column_count);
/* The same as ctl_get, and never printed. */
int ctl_get_quietly(const struct ctl *ctl, const char *path, struct json **answer);

/* Lets `ms` pass. */
void ctl_wait(int64_t ms);

#endif
