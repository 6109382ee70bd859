/*
 * status.c - names of the closed status list, and the sentence that travels beside a status.
 */
#include "billing/status.h"

#include <stdarg.h>
#include <stdio.h>

#include "billing/ensure.h"

const char *status_name(enum status status)
{
    static const char *const names[STATUS_COUNT] = {
        [ST_OK] = "ok",
        [ST_INVALID] = "invalid",
        [ST_NOT_FOUND] = "not_found",
        [ST_CONFLICT] = "conflict",
        [ST_BUSY] = "busy",
        [ST_LOST] = "lost",
        [ST_FULL] = "full",
        [ST_STORE] = "store",
        [ST_NETWORK] = "network",
        [ST_PEER] = "peer",
    };
    ENSURE((unsigned)status < STATUS_COUNT);
    return names[status];
}

enum status problem_set(struct problem *problem, enum status status, const char *format, ...)
{
    if (problem != NULL) {
        va_list args;
        va_start(args, format);
        (void)vsnprintf(problem->text, sizeof problem->text, format, args);
        va_end(args);
    }
    return status;
}
