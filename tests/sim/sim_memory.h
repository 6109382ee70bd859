/*
 * sim_memory.h - the memory of one life of the daemon, which is lost with it.
 *
 * The linker hands every malloc, calloc, realloc, reallocarray and free of our own objects to
 * sim_memory.c (-Wl,--wrap). While the daemon's code runs ("inside") memory comes from one region;
 * when the daemon dies the region is forgotten at once, so that thousands of crashes leak nothing
 * and need no tidy end. The world's own code runs outside and has the usual heap.
 *
 * Memory that a library allocates (SQLite, libxml2, jansson) is the library's; a pointer from there
 * that our code frees is told by its address.
 */
#ifndef TESTS_SIM_SIM_MEMORY_H
#define TESTS_SIM_SIM_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Are the calls that follow the daemon's? Returns what was so before. */
bool memory_inside(bool is_inside);
/* A new life begins: what the last one had is gone. */
void memory_forget(void);
/* Bytes of the region in use, and the most there ever were. */
size_t memory_used(void);
size_t memory_peak(void);

#endif
