/*
 * table.h - a hash table from a string to an object, for looking things up by id.
 *
 * Grows by doubling, so that a look-up costs the same among a hundred objects and a million.
 * Nothing is ever removed: the sandbox forgets nothing. The key is borrowed, it must live as long
 * as the table: it is normally a member of the object.
 */
#ifndef MWS_SANDBOX_TABLE_H
#define MWS_SANDBOX_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct table_slot {
    uint64_t hash;
    const char *key; /* NULL = free */
    void *object;
};

struct table {
    struct table_slot *slots;
    size_t capacity; /* a power of two, or 0 */
    size_t count;
};

void table_clear(struct table *table); /* not the objects */
/* The object of that key, or NULL. */
void *table_get(const struct table *table, const char *key);
/* The key must not be there yet. */
void table_put(struct table *table, const char *key, void *object);
/* The same, but an object of that key gives way. */
void table_set(struct table *table, const char *key, void *object);
/* Every object in turn, in no particular order: start with *at = 0; NULL at the end. */
void *table_next(const struct table *table, size_t *at);

#endif
