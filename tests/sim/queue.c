/* queue.c - see queue.h. A binary heap whose entries know their places. */
#include "tests/sim/queue.h"

#include <stdlib.h>

#include "billing/ensure.h"
#include "tests/sim/sim_memory.h"

static bool is_before(const struct queue_entry *a, const struct queue_entry *b)
{
    return a->at_us != b->at_us ? a->at_us < b->at_us : a->number < b->number;
}

static void set(struct queue *queue, size_t place, struct queue_entry *entry)
{
    queue->heap[place] = entry;
    entry->place = place;
}

/* What is below is in order, and so becomes what is at that place. */
static void sink(struct queue *queue, size_t place)
{
    struct queue_entry *entry = queue->heap[place];
    for (size_t child; (child = 2 * place) <= queue->count; place = child) {
        if (child < queue->count && is_before(queue->heap[child + 1], queue->heap[child])) {
            child++;
        }
        if (!is_before(queue->heap[child], entry)) {
            break;
        }
        set(queue, place, queue->heap[child]);
    }
    set(queue, place, entry);
}

static void sift(struct queue *queue, size_t place)
{
    struct queue_entry *entry = queue->heap[place];
    while (place > 1 && is_before(entry, queue->heap[place / 2])) {
        set(queue, place, queue->heap[place / 2]);
        place /= 2;
    }
    set(queue, place, entry);
    sink(queue, place);
}

void queue_put(struct queue *queue, struct queue_entry *entry, int64_t at_us)
{
    entry->at_us = at_us;
    entry->number = ++queue->added;
    if (entry->place == 0) {
        if (queue->count + 2 > queue->room) {
            bool was = memory_inside(false);
            queue->room = queue->room == 0 ? 1024 : 2 * queue->room;
            queue->heap = realloc(queue->heap, queue->room * sizeof(struct queue_entry *));
            ENSURE(queue->heap != NULL);
            (void)memory_inside(was);
        }
        queue->count++;
        set(queue, queue->count, entry);
    }
    sift(queue, entry->place);
}

void queue_remove(struct queue *queue, struct queue_entry *entry)
{
    size_t place = entry->place;
    if (place == 0) {
        return;
    }
    entry->place = 0;
    struct queue_entry *last = queue->heap[queue->count--];
    if (last != entry) {
        set(queue, place, last);
        sift(queue, place);
    }
}

struct queue_entry *queue_take(struct queue *queue)
{
    struct queue_entry *first = queue->count == 0 ? NULL : queue->heap[1];
    if (first != NULL) {
        queue_remove(queue, first);
    }
    return first;
}

int64_t queue_next_us(const struct queue *queue)
{
    return queue->count == 0 ? INT64_MAX : queue->heap[1]->at_us;
}

void queue_forget_life(struct queue *queue)
{
    size_t kept = 0;
    for (size_t i = 1; i <= queue->count; i++) {
        if (!queue->heap[i]->is_of_life) {
            set(queue, ++kept, queue->heap[i]);
        } else {
            queue->heap[i]->place = 0;
        }
    }
    queue->count = kept;
    for (size_t i = kept / 2; i >= 1; i--) {
        sink(queue, i);
    }
}

void queue_free(struct queue *queue)
{
    free(queue->heap);
    *queue = (struct queue){0};
}

struct once {
    struct queue_entry entry;
    queue_run *run;
    void *arg;
};

static void run_once(void *arg)
{
    struct once *once = arg;
    queue_run *run = once->run;
    void *run_arg = once->arg;
    free(once);
    run(run_arg);
}

void queue_once(struct queue *queue, int64_t at_us, queue_run *run, void *arg)
{
    bool was = memory_inside(false);
    struct once *once = calloc(1, sizeof *once);
    ENSURE(once != NULL);
    *once = (struct once){.run = run, .arg = arg};
    once->entry.run = run_once;
    once->entry.arg = once;
    (void)memory_inside(was);
    queue_put(queue, &once->entry, at_us);
}
