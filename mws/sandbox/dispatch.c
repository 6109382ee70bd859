/*
 * dispatch.c - see dispatch.h.
 */
#include "mws/sandbox/dispatch.h"

void dispatch_note(struct dispatch *dispatch, const struct recent *recent)
{
    dispatch->recent[dispatch->recent_count++ % RECENT_MAX] = *recent;
}
