/*
 * agenda.h - what is going to happen by itself, soonest first: a heap of (instant, what, object).
 *
 * An entry is a reminder, not an order: whoever takes it out looks whether the object still wants
 * it, so that nothing ever has to be taken back. Equal instants come out in the order they went in.
 */
#ifndef MWS_SANDBOX_AGENDA_H
#define MWS_SANDBOX_AGENDA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "billing/instant.h"

enum agenda_kind { AGENDA_AGREEMENT, AGENDA_ORDER, AGENDA_TRANSACTION };

struct agenda_entry {
    struct instant at;
    uint64_t number; /* order of arrival */
    enum agenda_kind kind;
    void *object; /* borrowed; lives as long as the agenda */
};

struct agenda {
    struct agenda_entry *entries; /* a heap: [i] is not later than [2i+1] and [2i+2] */
    size_t count, capacity;
    uint64_t arrived;
};

void agenda_free(struct agenda *agenda);
/* INSTANT_NEVER is not noted. */
void agenda_add(struct agenda *agenda, struct instant at, enum agenda_kind kind, void *object);
/* When the first entry becomes due; INSTANT_NEVER when there is none. */
struct instant agenda_next(const struct agenda *agenda);
/* Takes out the first entry that has come at `now`; false when there is none. */
bool agenda_take(struct agenda *agenda, struct instant now, struct agenda_entry *entry);

#endif
