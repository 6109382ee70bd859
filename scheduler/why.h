/*
 * why.h - why a charge was made, was not made, came late, or when it is tried again, in plain
 * sentences.
 *
 * A pure function from facts (rows and events, as the store has them) to text: one verdict, and the
 * events that led to it in their order. It decides nothing and predicts nothing: what comes next is
 * what the rows say. Each state and each reason has its sentence; a new one does not compile
 * without (the switches over enums list all members).
 *
 * Read on in why.c (the verdict of a charge), why_cycle.c (of a cycle that never became one),
 * why_obstacle.c (what stands in the way of either),
 * why_event.c (an event), why_words.h (times, amounts and reasons as words), why_read.h (where the
 * facts come from).
 */
#ifndef SCHEDULER_WHY_H
#define SCHEDULER_WHY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scheduler/why_words.h"
#include "schema/store.h"

/* What is late by less is on time. */
#define WHY_ON_TIME_MS 60000

struct why_facts {
    struct instant now;
    const struct zone *zone; /* in which times are told; NULL = UTC */
    const struct agreement *agreement;
    const struct subscription *subscription; /* NULL: a one-off. Its zone may be NULL: then due
                                                instants are not computed */
    uint32_t cycle;
    const struct charge *charge;    /* NULL: the cycle has none */
    const struct attempt *attempts; /* of the charge, oldest first */
    uint32_t attempt_count;
    const struct refund *refunds; /* of the charge */
    uint32_t refund_count;
    struct money refunded;             /* of the charge */
    const struct change_view *changes; /* in order; those that do not concern it are passed over */
    size_t change_count;
    /* The seller's last event before the due instant and the first after it; never = there is none.
     * Nothing of the seller is recorded between them, though something was to be. */
    struct instant quiet_since, quiet_until;
    enum reason stopped_for_seller, stopped_for_all; /* why the switches are on; NONE = off */
    const struct account *successor; /* LEAVING: the agreement that takes it over; NULL = unknown */
};

struct why_line {
    uint64_t number; /* of the event */
    struct instant at;
    struct why_text text;
};

struct why_story {
    struct why_text verdict;
    struct why_line *lines; /* owned */
    size_t line_count;
};

/* `facts` are borrowed for the call. */
void why_explain(const struct why_facts *facts, struct why_story *story);
void why_story_free(struct why_story *story);

/* Does this event say anything about the charge, or the cycle without one? */
bool why_concerns(const struct why_facts *facts, const struct change_view *view);

/* --- private to why*.c --- */

/* Adds the sentence of one event that concerns the charge or cycle; nothing where the event only
 * repeats what the one beside it says. */
void why_event(const struct why_facts *facts, const struct change_view *view,
               struct why_text *text);
/* Adds the verdict of a cycle without a charge. */
void why_cycle(const struct why_facts *facts, struct why_text *text);
/* Which stop switches are on now: "the subscription, all sellers"; nothing when none is. */
void why_switches(const struct why_facts *facts, struct why_text *text);
/* Of a LEAVING subscription: who is taking it over, what stands in the way and what ends it. */
void why_leaving(const struct why_facts *facts, struct why_text *text);
/* Ends before a number of an attempt: "attempt 2 of charge K7..-12" has number 2; 0 = not its. */
uint32_t why_attempt_number(const struct why_facts *facts, const char *reference_id);

#endif
