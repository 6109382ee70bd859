/*
 * dispatch.h - what is ordered of the delivery of notifications, and what became of them: the part
 * of deliver.h that the control API sees, without sockets.
 */
#ifndef MWS_SANDBOX_DISPATCH_H
#define MWS_SANDBOX_DISPATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mws/sandbox/notice.h"
#include "mws/sandbox/notice_fault.h"

#define RECENT_MAX 50

struct dispatch_counts {
    uint64_t posted;      /* times that one was sent, retries and duplicates included */
    uint64_t delivered;   /* answered 2xx */
    uint64_t refused_4xx; /* never sent again */
    uint64_t refused_5xx;
    uint64_t refused_other; /* never sent again */
    uint64_t unanswered;    /* no connection, no answer in time */
    uint64_t retried;
    uint64_t given_up;   /* after the last retry */
    uint64_t lost;       /* by the fault of that name */
    uint64_t overflowed; /* too many waited */
};

/* The last thing known of one posted notification. */
struct recent {
    char message_id[UUID_TEXT_MAX];
    enum notice_type type;
    enum notice_event event;
    const char *object_id; /* borrowed from the world */
    enum mws_state state;
    enum notice_fault_kind fault;
    unsigned attempts;
    int status; /* of HTTP; 0 = no answer */
};

struct dispatch {
    struct notice_fault_rules faults;
    struct dispatch_counts counts;
    struct recent recent[RECENT_MAX];
    uint64_t recent_count; /* ever; the last RECENT_MAX are there */
    size_t waiting, in_flight;
    bool flush; /* what waits for its time is to go out now */
};

void dispatch_note(struct dispatch *dispatch, const struct recent *recent);

#endif
