/*
 * agenda.c - a binary heap. See agenda.h.
 */
#include "mws/sandbox/agenda.h"

#include <stdlib.h>

#include "billing/ensure.h"

static bool is_before(const struct agenda_entry *a, const struct agenda_entry *b)
{
    return a->at.utc_ms != b->at.utc_ms ? instant_before(a->at, b->at) : a->number < b->number;
}

static void swap(struct agenda_entry *a, struct agenda_entry *b)
{
    struct agenda_entry kept = *a;

    *a = *b;
    *b = kept;
}

void agenda_free(struct agenda *agenda)
{
    free(agenda->entries);
}

void agenda_add(struct agenda *agenda, struct instant at, enum agenda_kind kind, void *object)
{
    size_t i = agenda->count;

    if (at.utc_ms == INSTANT_NEVER.utc_ms) {
        return;
    }
    if (agenda->count == agenda->capacity) {
        agenda->capacity = agenda->capacity > 0 ? agenda->capacity * 2 : 64;
        agenda->entries = realloc(agenda->entries, agenda->capacity * sizeof *agenda->entries);
        ENSURE(agenda->entries != NULL);
    }
    agenda->entries[agenda->count++] = (struct agenda_entry){at, agenda->arrived++, kind, object};
    while (i > 0 && is_before(&agenda->entries[i], &agenda->entries[(i - 1) / 2])) {
        swap(&agenda->entries[i], &agenda->entries[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
}

static void sink(struct agenda *agenda)
{
    size_t i = 0;

    for (;;) {
        size_t first = i;
        for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < agenda->count; child++) {
            if (is_before(&agenda->entries[child], &agenda->entries[first])) {
                first = child;
            }
        }
        if (first == i) {
            return;
        }
        swap(&agenda->entries[i], &agenda->entries[first]);
        i = first;
    }
}

struct instant agenda_next(const struct agenda *agenda)
{
    return agenda->count > 0 ? agenda->entries[0].at : INSTANT_NEVER;
}

bool agenda_take(struct agenda *agenda, struct instant now, struct agenda_entry *entry)
{
    if (agenda->count == 0 || !instant_reached(agenda->entries[0].at, now)) {
        return false;
    }
    *entry = agenda->entries[0];
    agenda->entries[0] = agenda->entries[--agenda->count];
    sink(agenda);
    return true;
}
