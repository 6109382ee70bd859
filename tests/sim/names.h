/* names.h - things found by name: a hash table that only grows. */
#ifndef TESTS_SIM_NAMES_H
#define TESTS_SIM_NAMES_H

#include <stddef.h>

struct name {
    const char *name; /* borrowed: part of the thing */
    void *thing;
};

struct names {
    struct name *slots; /* open addressing; a power of two */
    size_t room, count;
};

void *names_find(const struct names *names, const char *name);
void names_add(struct names *names, const char *name, void *thing);
/* The next thing at or after *at, or NULL; in no order that means anything, but always the same. */
void *names_next(const struct names *names, size_t *at);
/* Frees the things, too. */
void names_free(struct names *names);

#endif
