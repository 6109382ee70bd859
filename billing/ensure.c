/*
 * ensure.c - what happens when an assertion fails: one line on standard error, then abort(), so
 * that the service manager restarts the process and the restart settles what was in flight.
 */
#include "billing/ensure.h"

#include <stdio.h>
#include <stdlib.h>

void ensure_failed(const char *condition, const char *file, int line)
{
    (void)fprintf(stderr, "bug: ENSURE(%s) failed at %s:%d\n", condition, file, line);
    abort();
}
