/*
 * log.h - structured log lines: one event, its fields, one line.
 *
 *     log_write(log, LOG_INFO, "charge_paid", LOG_STRING("seller", id), LOG_INTEGER("attempt", n),
 *               LOG_MONEY("amount", amount), LOG_END);
 *
 * gives, as key=value or as JSON with the same keys,
 *
 *     time=2026-11-22T01:02:03.004Z level=info event=charge_paid seller=A1 attempt=1 amount=1200
 *     currency=JPY                                                    (all on one line)
 *
 * A line is whole or not there: it is built in a buffer and written by one write(2). Whatever a
 * value holds, it cannot start a new line or a new key: values are quoted and escaped when needed,
 * and bytes that are not UTF-8 come out as U+FFFD. A line that would pass LOG_LINE_MAX loses its
 * last fields and says so with truncated=true.
 *
 * Does not rotate, buffer or reopen: the service manager owns the file. Secrets never get here, see
 * mws/secret.h. Event names and keys are ours: lower case, '_'.
 */
#ifndef SCHEDULER_LOG_H
#define SCHEDULER_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "billing/instant.h"
#include "billing/money.h"

#define LOG_LINE_MAX 4096

enum log_level {
    LOG_DEBUG = 1,
    LOG_INFO = 2,
    LOG_WARNING = 3, /* somebody should look at it in working hours */
    LOG_ERROR = 4,   /* somebody should look at it now              */
};

enum log_format {
    LOG_KEYVALUE = 1,
    LOG_JSON = 2,
};

enum log_kind {
    LOG_KIND_END = 0,
    LOG_KIND_STRING,
    LOG_KIND_INTEGER,
    LOG_KIND_INSTANT,
    LOG_KIND_MONEY,
    LOG_KIND_BOOLEAN,
};

struct log_field {
    enum log_kind kind;
    const char *key;
    union {
        const char *string;
        int64_t integer;
        struct instant instant;
        struct money money;
        bool boolean;
    };
};

/* A NULL string is left out with its key, so that an optional value needs no `if`. */
#define LOG_STRING(key_, value_)                                                                   \
    ((struct log_field){.kind = LOG_KIND_STRING, .key = (key_), .string = (value_)})
#define LOG_INTEGER(key_, value_)                                                                  \
    ((struct log_field){.kind = LOG_KIND_INTEGER, .key = (key_), .integer = (value_)})
#define LOG_INSTANT(key_, value_)                                                                  \
    ((struct log_field){.kind = LOG_KIND_INSTANT, .key = (key_), .instant = (value_)})
/* Two fields: the decimal amount under the key, and currency=. */
#define LOG_MONEY(key_, value_)                                                                    \
    ((struct log_field){.kind = LOG_KIND_MONEY, .key = (key_), .money = (value_)})
#define LOG_BOOLEAN(key_, value_)                                                                  \
    ((struct log_field){.kind = LOG_KIND_BOOLEAN, .key = (key_), .boolean = (value_)})
#define LOG_END ((struct log_field){.kind = LOG_KIND_END})

/* Tells the time of a line; loop_now() fits behind it. */
typedef struct instant log_clock(void *arg);

/* Plain data, set up by log_open(); several may exist. A NULL `struct log *` writes nothing. */
struct log {
    int fd;
    enum log_format format;
    enum log_level level; /* the least that is written; may be set at any time */
    log_clock *clock;
    void *clock_arg;
    uint64_t lines_lost; /* write(2) failed: the disk is full, the reader is gone */
};

/* `fd` stays the caller's. */
struct log log_open(int fd, enum log_format format, enum log_level level, log_clock *clock,
                    void *clock_arg);

/* Fields by value, the last one LOG_END. */
void log_write(struct log *log, enum log_level level, const char *event, ...);

/* The same into `line` (ending in a newline, no NUL); returns its length. For log_write and tests.
 */
struct log_field_list {
    uint32_t count;
    const struct log_field *fields;
};
uint32_t log_format_line(char line[static LOG_LINE_MAX], enum log_format format, struct instant at,
                         enum log_level level, const char *event, struct log_field_list fields);

/* Of "info"; false for an unknown name. */
bool log_level_parse(const char *name, enum log_level *level);

#endif
