/*
 * queue.h - what is going to happen, soonest first: a heap of entries that live in whatever they
 * are about.
 *
 * Equal times come out in the order they went in, so a run has exactly one order of events.
 */
#ifndef TESTS_SIM_QUEUE_H
#define TESTS_SIM_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef void queue_run(void *arg);

struct queue_entry {
    int64_t at_us;
    uint64_t number;
    size_t place; /* in the heap, from 1; 0 = not queued */
    queue_run *run;
    void *arg;
    bool is_of_life; /* is forgotten when the daemon dies; runs inside it */
};

struct queue {
    struct queue_entry **heap; /* [1] is the soonest */
    size_t count, room;
    uint64_t added;
};

/* Puts the entry in, or moves it; `run`, `arg` and `is_of_life` are set by the caller. */
void queue_put(struct queue *queue, struct queue_entry *entry, int64_t at_us);
void queue_remove(struct queue *queue, struct queue_entry *entry);
/* Takes the soonest out; NULL when nothing is going to happen. */
struct queue_entry *queue_take(struct queue *queue);
int64_t queue_next_us(const struct queue *queue); /* INT64_MAX when empty */
/* Removes every entry of the life that has ended. */
void queue_forget_life(struct queue *queue);
void queue_free(struct queue *queue);

/* An entry of its own that is freed when it has run: for what happens once. */
void queue_once(struct queue *queue, int64_t at_us, queue_run *run, void *arg);

#endif
