/*
 * witness.h - keeps books of its own about what the daemon records and sends, and says at once when
 * something does not hold.
 *
 * It sits between runner and store (every `record` passes through it) and on the wire (every
 * request passes by it). Its rules are written down once more here, without calling the core: two
 * equal mistakes must not cancel. Which of the thirty invariants is checked where: README.md.
 *
 *     witness_store.c     what is recorded: batches, crashes in one, what a restart finds
 *     witness_rules.c     one step against the books
 *     witness_terms.c     ... by the shop's word and the policy of each charge
 *     witness_model.c     the books: agreements, subscriptions, charges, attempts, found by name
 *     witness_calendar.c  when a cycle is due, by another calendar
 *     witness_wire.c      what is sent, and how often
 *     witness_wake.c      nothing that is due is slept over
 *     witness_end.c       after the healing: the database against Amazon's ledger, to the yen
 */
#ifndef TESTS_SIM_WITNESS_H
#define TESTS_SIM_WITNESS_H

#include <stddef.h>
#include <stdint.h>

struct sim;
struct store;
struct witness;

struct witness *witness_new(struct sim *sim);
void witness_free(struct witness *witness);

/* A life has opened its store: from here on its operations are watched. */
void witness_watches(struct witness *witness, struct store *store);
/* The store is about to be closed. */
void witness_leaves(struct witness *witness);
/* The life has ended in the midst of something; its memory is still there. */
void witness_dies(struct witness *witness);

/* The daemon's code begins to run, and has run: until it does so again all is as it is now. */
void witness_wakes(struct witness *witness);
void witness_sleeps(struct witness *witness);

/* The daemon's side of a request: now its bytes leave. */
void witness_sends(struct witness *witness, uint64_t packet, const char *form, size_t length);
/* Amazon has worked on a request. */
void witness_answered(struct witness *witness);

/* The shop was told that this subscription or charge is made. */
void witness_acknowledged(struct witness *witness, const char *key);

/* After the healing, with the daemon idle. */
void witness_judges(struct witness *witness);

#endif
