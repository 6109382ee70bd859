/*
 * step_search.h - every order of moves from a place on, to a depth.
 *
 * A place is all that a move may change: the account, the clock, what operators may switch in a
 * world, and what the test keeps beside it (what Amazon has, what is on its way). The search makes
 * each move that can be made, goes on from where it led, and comes back. From a place that was
 * reached before it does not go on again (step_seen.h).
 *
 * What the moves are, and what must never be, is the test's.
 */
#ifndef TESTS_BILLING_STEP_SEARCH_H
#define TESTS_BILLING_STEP_SEARCH_H

#include "tests/billing/step_seen.h"
#include "tests/billing/step_world.h"

#define SEARCH_DEPTH_MAX 20

struct search {
    void *test; /* handed to the functions */
    struct world *world;
    void *beside; /* what the test keeps beside the world: bytes, zero where nothing is; or NULL */
    size_t beside_bytes;
    unsigned depth;
    unsigned moves; /* that there are */
    /* False: it cannot be made now; what it has changed is undone. */
    bool (*make)(void *test, unsigned move);
    /* NULL, or what must never be. May be NULL itself: the rules of every step are checked anyway.
     */
    const char *(*wrong)(const void *test);
    /* From a place at the end of its moves, of which one in `healed_part` is taken: the world
     * heals. NULL, or what is wrong then. May be NULL itself. */
    const char *(*heal)(void *test);
    unsigned healed_part;
    /* out; they add up over searches */
    uint64_t made, places, healed;
};

/* The depth, and from how many places the world heals: `depth` and `healed_part`, or what the
 * environment's STEP_DEPTH says, and then from all. */
void search_depth(struct search *search, unsigned depth, unsigned healed_part);

/* Searches from the world as it is. The test fails with the moves that led to what is wrong, and
 * `kind`, which says of what kind the world was. */
void search_from_here(struct search *search, unsigned kind);

void search_print(const struct search *search);

/* The number of an attempt by its reference id. */
unsigned attempt_number(const char *reference_id);

/* What happens by itself: a call about the agreement is answered, or the next wake comes. False:
 * nothing is to come. */
bool go_on(struct world *world);

#endif
