/* names.c - see names.h. */
#include "tests/sim/names.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"

static size_t slot_of(const struct names *names, const char *name)
{
    uint64_t hash = 0xcbf29ce484222325U;
    for (const char *at = name; *at != '\0'; at++) {
        hash = (hash ^ (unsigned char)*at) * 0x100000001b3U;
    }
    size_t slot = (size_t)(hash ^ (hash >> 29)) & (names->room - 1);
    while (names->slots[slot].name != NULL && strcmp(names->slots[slot].name, name) != 0) {
        slot = (slot + 1) & (names->room - 1);
    }
    return slot;
}

void *names_find(const struct names *names, const char *name)
{
    return names->room == 0 ? NULL : names->slots[slot_of(names, name)].thing;
}

static void grow(struct names *names)
{
    struct names grown = {.room = names->room == 0 ? 256 : 2 * names->room, .count = names->count};
    grown.slots = calloc(grown.room, sizeof *grown.slots);
    ENSURE(grown.slots != NULL);
    for (size_t i = 0; i < names->room; i++) {
        if (names->slots[i].name != NULL) {
            grown.slots[slot_of(&grown, names->slots[i].name)] = names->slots[i];
        }
    }
    free(names->slots);
    *names = grown;
}

void names_add(struct names *names, const char *name, void *thing)
{
    if (2 * names->count >= names->room) {
        grow(names);
    }
    size_t slot = slot_of(names, name);
    ENSURE(names->slots[slot].name == NULL);
    names->slots[slot] = (struct name){name, thing};
    names->count++;
}

void *names_next(const struct names *names, size_t *at)
{
    while (*at < names->room) {
        struct name *slot = &names->slots[(*at)++];
        if (slot->name != NULL) {
            return slot->thing;
        }
    }
    return NULL;
}

void names_free(struct names *names)
{
    for (size_t i = 0; i < names->room; i++) {
        free(names->slots[i].thing);
    }
    free(names->slots);
    *names = (struct names){0};
}
