/*
 * trouble.h - what goes wrong in this seed, how often, and when.
 *
 * Each seed has a profile: of every kind of fault it has none, few or many, so that some worlds
 * know only one kind and others all of them. Kinds can be switched off by name.
 */
#ifndef TESTS_SIM_TROUBLE_H
#define TESTS_SIM_TROUBLE_H

#include <stdbool.h>

struct sim;

/* X(enum suffix, name) */
#define TROUBLES(X)                                                                                \
    X(CRASH, "crash")     /* the process or its machine dies */                                    \
    X(DISK, "disk")       /* EIO, full, slow */                                                    \
    X(NETWORK, "network") /* requests and answers lost, doubled, slow */                           \
    X(AMAZON, "amazon")   /* errors, outages */                                                    \
    X(NOTICES, "notices") /* lost, doubled, late */                                                \
    X(DECLINES, "declines")                                                                        \
    X(MEMORY, "memory") /* an allocation fails */                                                  \
    X(CLOCK, "clock")   /* UTC jumps */

enum trouble_kind {
#define X(suffix, name) TROUBLE_##suffix,
    TROUBLES(X)
#undef X
        TROUBLE_COUNT
};

#define TROUBLE_ALL ((1U << TROUBLE_COUNT) - 1)

struct trouble;

/* `kinds`: which may be at all, a bit each. */
struct trouble *trouble_new(struct sim *sim, unsigned kinds);
void trouble_free(struct trouble *trouble);
void trouble_begin(struct trouble *trouble);
/* Healing: from here on nothing goes wrong. */
void trouble_end(struct trouble *trouble);

/* Sends the notifications that Amazon has made, with the faults of this seed. */
void trouble_post(struct trouble *trouble);

/* Reads "none", "all" or "crash,disk"; false for anything else. */
bool trouble_parse(const char *text, unsigned *kinds);

#endif
