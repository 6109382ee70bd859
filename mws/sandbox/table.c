/*
 * table.c - a hash table with open addressing and linear probing, at most three quarters full.
 */
#include "mws/sandbox/table.h"

#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"

/* FNV-1a, finished so that the low bits depend on all of them. */
static uint64_t hash_of(const char *key)
{
    uint64_t hash = 0xcbf29ce484222325U;

    for (; *key != '\0'; key++) {
        hash = (hash ^ (unsigned char)*key) * 0x100000001b3U;
    }
    return hash ^ (hash >> 32);
}

static struct table_slot *probe(struct table_slot *slots, size_t capacity, uint64_t hash,
                                const char *key)
{
    size_t at = hash & (capacity - 1);

    while (slots[at].key != NULL && (slots[at].hash != hash || strcmp(slots[at].key, key) != 0)) {
        at = (at + 1) & (capacity - 1);
    }
    return &slots[at];
}

static void grow(struct table *table)
{
    size_t capacity = table->capacity == 0 ? 16 : table->capacity * 2;
    struct table_slot *slots = calloc(capacity, sizeof *slots);

    ENSURE(slots != NULL);
    for (size_t i = 0; i < table->capacity; i++) {
        const struct table_slot *old = &table->slots[i];
        if (old->key != NULL) {
            *probe(slots, capacity, old->hash, old->key) = *old;
        }
    }
    free(table->slots);
    table->slots = slots;
    table->capacity = capacity;
}

void table_clear(struct table *table)
{
    free(table->slots);
    *table = (struct table){0};
}

void *table_get(const struct table *table, const char *key)
{
    if (table->count == 0) {
        return NULL;
    }
    return probe(table->slots, table->capacity, hash_of(key), key)->object;
}

void table_put(struct table *table, const char *key, void *object)
{
    uint64_t hash = hash_of(key);
    struct table_slot *slot;

    if (table->count * 4 >= table->capacity * 3) {
        grow(table);
    }
    slot = probe(table->slots, table->capacity, hash, key);
    ENSURE(slot->key == NULL);
    *slot = (struct table_slot){hash, key, object};
    table->count++;
}

void table_set(struct table *table, const char *key, void *object)
{
    struct table_slot *slot =
        table->count > 0 ? probe(table->slots, table->capacity, hash_of(key), key) : NULL;

    if (slot != NULL && slot->key != NULL) {
        slot->object = object;
    } else {
        table_put(table, key, object);
    }
}

void *table_next(const struct table *table, size_t *at)
{
    while (*at < table->capacity) {
        const struct table_slot *slot = &table->slots[(*at)++];
        if (slot->key != NULL) {
            return slot->object;
        }
    }
    return NULL;
}
