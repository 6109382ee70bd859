/*
 * nth.h - fail the Nth, for every N: one short life, and at each place where something may fail a
 * run of it in which exactly that fails.
 *
 * The life runs once without faults. Wherever it asks the world "does this work?" - an allocation,
 * an operation of the store, an operation of the disk, a request that leaves, its answer, a
 * notification, the next event - the process forks once for every way in which it may not: the
 * child goes on with that one failure, to the same end as everybody, and is judged; the parent goes
 * on without. So every N is met, however many there are, and what lies before the failure runs only
 * once.
 *
 *     nth_strikes.c   who is asked, counting, forking; what the linker hands to us
 *     nth_store.c     the operations of the store
 *     nth_life.c      the short lives, and what must be true at their end
 *     main_nth.c      the table that is printed
 */
#ifndef TESTS_SIM_NTH_H
#define TESTS_SIM_NTH_H

#include <stdbool.h>
#include <stdint.h>

#include "schema/store.h"
#include "tests/sim/sim.h"

/* Where something may fail. */
enum nth_place {
    NTH_ALLOCATES,
    NTH_STORES,
    NTH_USES_DISK,
    NTH_WRITES,  /* a write that may find the disk full */
    NTH_CHANGES, /* a write or a sync */
    NTH_SENDS,
    NTH_ANSWERS, /* Amazon has a request and is about to answer */
    NTH_TELLS,   /* a notification is about to be posted */
    NTH_TURNS,   /* an event is about to be handed to the daemon */
};

/* X(suffix, place, name) */
#define NTH_KINDS(X)                                                                               \
    X(NO_MEMORY, ALLOCATES, "allocation: fails")                                                   \
    X(STORE_REFUSES, STORES, "store: refused")                                                     \
    X(STORE_FULL, STORES, "store: refused, full")                                                  \
    X(STORE_SILENT, STORES, "store: done, then a crash")                                           \
    X(DISK_ERROR, USES_DISK, "disk: EIO")                                                          \
    X(DISK_FULL, WRITES, "disk: full for a while")                                                 \
    X(DISK_KILLED, CHANGES, "disk: killed in it")                                                  \
    X(DISK_LOST, CHANGES, "disk: power cut, unsynced lost")                                        \
    X(DISK_TORN, CHANGES, "disk: power cut, unsynced torn")                                        \
    X(SEND_REFUSED, SENDS, "send: connection refused")                                             \
    X(SEND_LOST, SENDS, "send: request lost")                                                      \
    X(SEND_TWICE, SENDS, "send: arrives twice")                                                    \
    X(SEND_CRASH, SENDS, "send: crash as it leaves")                                               \
    X(ANSWER_LOST, SENDS, "send: answer lost after the work")                                      \
    X(ANSWER_LOST_THEN_NO, SENDS, "send: answer lost, the next refused, nothing told")             \
    X(ANSWER_LATE, ANSWERS, "answer: after the deadline")                                          \
    X(ANSWER_500, ANSWERS, "answer: 500, nothing done")                                            \
    X(ANSWER_500_DONE, ANSWERS, "answer: 500 after the work")                                      \
    X(ANSWER_503, ANSWERS, "answer: 503, nothing done")                                            \
    X(ANSWER_503_DONE, ANSWERS, "answer: 503 after the work")                                      \
    X(ANSWER_THROTTLE, ANSWERS, "answer: throttled")                                               \
    X(ANSWER_GATEWAY, ANSWERS, "answer: 502 after the work")                                       \
    X(ANSWER_GARBAGE, ANSWERS, "answer: garbage")                                                  \
    X(ANSWER_UNKNOWN, ANSWERS, "answer: a state nobody knows")                                     \
    X(ANSWER_HUGE, ANSWERS, "answer: huge")                                                        \
    X(ANSWER_CUT, ANSWERS, "answer: cut in the middle")                                            \
    X(ANSWER_CUT_LATE, ANSWERS, "answer: its last byte missing")                                   \
    X(ANSWER_EMPTY, ANSWERS, "answer: empty")                                                      \
    X(NOTICE_LOST, TELLS, "notice: lost")                                                          \
    X(NOTICE_TWICE, TELLS, "notice: twice, the second late")                                       \
    X(NOTICE_LATE, TELLS, "notice: late")                                                          \
    X(EVENT_KILLED, TURNS, "event: killed before it")                                              \
    X(EVENT_LOST, TURNS, "event: power cut before it")

enum nth_kind {
#define X(suffix, place, name) NTH_##suffix,
    NTH_KINDS(X)
#undef X
        NTH_KIND_COUNT,
    NTH_NOTHING = NTH_KIND_COUNT
};

struct nth {
    struct sim *sim;
    const struct store_ops *store_ops; /* the store's own */
    struct store_ops watched_ops;      /* what the daemon has instead */
    bool is_asked; /* questions count: the life runs, and has not begun to heal */
    bool is_wanted[NTH_KIND_COUNT];
    uint64_t only; /* N of the only one that strikes, in this process; 0 = every one, in a child */
    unsigned jobs; /* children at once */
    uint64_t asked[NTH_KIND_COUNT];
    uint64_t failed[NTH_KIND_COUNT];
    bool is_child;        /* the failure has struck: nothing else will */
    enum nth_kind struck; /* what has */
    uint64_t struck_n;
    int64_t full_until_us;
    unsigned refused_in;        /* so many requests from now one is refused; 0 = none */
    enum nth_kind send, notice; /* what befalls the one that is on its way out just now */
    struct nth_child {
        int pid; /* 0 = none */
        enum nth_kind kind;
    } children[8];
};

/* The one of this process: the linker hands over calls without an argument for it. */
struct nth *nth_here(void);
void nth_begin(struct nth *nth);

const char *nth_kind_name(enum nth_kind kind);

/* May something fail here? NTH_NOTHING, or what fails. */
enum nth_kind nth_asks(enum nth_place place);
/* Waits for the children that are left. */
void nth_gather(struct nth *nth);

/* nth_store.c: puts our table of operations in the place of the store's own. */
void nth_watches(struct store *store);

/* nth_life.c */
#define NTH_LIVES 2
const char *nth_life_name(unsigned life);
/* Runs it; of a child this is the rest of the life after the failure. Returns whether all is well;
 * sim->failure says what is not. */
bool nth_live(struct nth *nth, unsigned life, bool shows_log);

#endif
