/*
 * chance.h - every choice of a run, drawn from its seed; and the list of what was done to it.
 *
 * A choice is made at a site (below): the k-th choice at a site depends on the seed, the site and k
 * alone, not on what was drawn elsewhere. So a run with one fault left out still meets most of the
 * others, and a failing run can be shrunk: a strike (a fault, or an act of a person) has the name
 * "site:k", and a run can be told to let only the strikes of a list happen.
 */
#ifndef TESTS_SIM_CHANCE_H
#define TESTS_SIM_CHANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* X(enum suffix, name, is it a strike that can be left out?) */
#define SITES(X)                                                                                   \
    X(WORLD, "world", false)                /* how large, which settings */                        \
    X(PROFILE, "profile", false)            /* which kinds of faults this seed has */              \
    X(KEYS_OF_DAEMON, "daemon-keys", false) /* random_bytes() of the daemon */                     \
    X(KEYS_OF_AMAZON, "amazon-keys", false)                                                        \
    X(WORK_DELAY, "work-delay", false)                                                             \
    X(TRAVEL, "travel", false)                                                                     \
    X(DETAIL, "detail", false)    /* further draws about a strike */                               \
    X(OPERATOR, "operator", true) /* an order of the shop's */                                     \
    X(BUYER, "buyer", true)                                                                        \
    X(DECLINE, "decline", true) /* Amazon declines an authorization */                             \
    X(REQUEST_LOST, "request-lost", true)                                                          \
    X(REQUEST_TWICE, "request-twice", true)                                                        \
    X(ANSWER_LOST, "answer-lost", true)                                                            \
    X(SLOW, "slow", true)                   /* a request or its answer takes seconds */            \
    X(ANSWER_SPOILT, "answer-spoilt", true) /* 500, 503, garbage, throttle, ... */                 \
    X(OUTAGE, "outage", true)               /* Amazon down, or ailing, for hours */                \
    X(NOTICE_LOST, "notice-lost", true)                                                            \
    X(NOTICE_TWICE, "notice-twice", true)                                                          \
    X(NOTICE_LATE, "notice-late", true)                                                            \
    X(CRASH, "crash", true)                     /* between two events */                           \
    X(CRASH_AT_DISK, "crash-at-disk", true)     /* at any operation of the disk */                 \
    X(CRASH_AT_MEMORY, "crash-at-memory", true) /* an allocation fails */                          \
    X(STOP, "stop", true)                       /* drained and started again */                    \
    X(DISK_ERROR, "disk-error", true)                                                              \
    X(DISK_FULL, "disk-full", true)                                                                \
    X(DISK_SLOW, "disk-slow", true)                                                                \
    X(POWER, "power", false)        /* which unsynced bytes survive */                             \
    X(CLOCK, "clock", true)         /* UTC jumps */                                                \
    X(RUNNING, "running", false)    /* how long the daemon's code takes */                         \
    X(WAREHOUSE, "warehouse", true) /* what the shop makes of an authorized charge */

enum site {
#define X(suffix, name, is_strike) SITE_##suffix,
    SITES(X)
#undef X
        SITE_COUNT
};

struct strike {
    enum site site;
    uint64_t k;
};

struct chance {
    uint64_t seed;
    uint64_t drawn[SITE_COUNT];
    bool is_quiet;    /* nothing strikes any more: healing */
    bool is_scripted; /* nothing is left to chance: every range is its low end */
    /* What has struck, in order. */
    struct strike *struck;
    size_t struck_count, struck_room;
    /* When not NULL, only these may strike. */
    const struct strike *allowed;
    size_t allowed_count;
};

/* The next choice at that site: 64 even bits. */
uint64_t chance_draw(struct chance *chance, enum site site);
/* low..high, both included. */
int64_t chance_range(struct chance *chance, enum site site, int64_t low, int64_t high);
/* Does it strike here? `ppm` times in a million. */
bool chance_strikes(struct chance *chance, enum site site, uint32_t ppm);
/* A strike that always happens unless it was left out: acts of people. */
bool chance_acts(struct chance *chance, enum site site);
/* A stream of its own for the details of the latest strike at a site, so that its details do not
 * depend on others. */
struct detail {
    uint64_t state;
};
struct detail chance_detail(const struct chance *chance, enum site site);
uint64_t detail_draw(struct detail *detail);
int64_t detail_range(struct detail *detail, int64_t low, int64_t high);
bool detail_chance(struct detail *detail, uint32_t percent);

const char *site_name(enum site site);
/* Reads "site:k,site:k,..."; false when it is something else. */
bool strikes_parse(const char *text, struct strike **strikes, size_t *count);

#endif
