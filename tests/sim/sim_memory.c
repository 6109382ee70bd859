/*
 * sim_memory.c - see sim_memory.h.
 *
 * Blocks are powers of two with a small head; freed ones wait in a list of their size. Fresh pages
 * of the region come from the system only when they are touched. Under AddressSanitizer what is not
 * handed out is poisoned, so that a use after free is seen here as on the real heap.
 */
#include "tests/sim/sim_memory.h"

#include <string.h>
#include <sys/mman.h>

#include "billing/ensure.h"
#include "tests/sim/sim.h"

#ifdef SIM_POISONS /* the build has AddressSanitizer */
void __asan_poison_memory_region(void const volatile *address, size_t size);
void __asan_unpoison_memory_region(void const volatile *address, size_t size);
#define POISON(address, size)   __asan_poison_memory_region((address), (size))
#define UNPOISON(address, size) __asan_unpoison_memory_region((address), (size))
#else
#define POISON(address, size)   ((void)(address), (void)(size))
#define UNPOISON(address, size) ((void)(address), (void)(size))
#endif

#define REGION_BYTES ((size_t)1 << 31)
#define HEAD_BYTES   16
#define CLASSES      32

struct head {
    uint32_t class; /* the block has 1 << class bytes, head included */
    uint32_t is_used;
    struct head *next; /* while it is free */
};
_Static_assert(sizeof(struct head) == HEAD_BYTES, "blocks stay aligned");

/* The one mutable state at file scope of this folder beside sim.c's: malloc() has no argument that
 * could carry it. */
static struct {
    bool is_inside;
    char *start;
    size_t fresh; /* from here on nothing was handed out yet */
    size_t used, peak;
    struct head *free[CLASSES];
} region;

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__real_realloc(void *memory, size_t bytes);
void *__real_reallocarray(void *memory, size_t count, size_t bytes);
void __real_free(void *memory);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_realloc(void *memory, size_t bytes);
void *__wrap_reallocarray(void *memory, size_t count, size_t bytes);
void __wrap_free(void *memory);

bool memory_inside(bool is_inside)
{
    bool was = region.is_inside;
    region.is_inside = is_inside;
    return was;
}

size_t memory_used(void)
{
    return region.used;
}

size_t memory_peak(void)
{
    return region.peak;
}

void memory_forget(void)
{
    if (region.start == NULL) {
        region.start = mmap(NULL, REGION_BYTES, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        ENSURE(region.start != MAP_FAILED);
    }
    POISON(region.start, region.fresh);
    memset(region.free, 0, sizeof region.free);
    region.fresh = 0;
    region.used = 0;
}

static bool is_of_region(const void *memory)
{
    const char *at = memory;
    return region.start != NULL && at >= region.start && at < region.start + REGION_BYTES;
}

static struct head *head_of(void *memory)
{
    return (struct head *)((char *)memory - HEAD_BYTES);
}

static void *take(size_t bytes)
{
    uint32_t class = 5;
    while (((size_t)1 << class) < bytes + HEAD_BYTES) {
        class ++;
    }
    size_t size = (size_t)1 << class;
    struct head *head = region.free[class];
    if (head != NULL) {
        UNPOISON(head, size);
        region.free[class] = head->next;
    } else {
        ENSURE(region.fresh + size <= REGION_BYTES);
        head = (struct head *)(region.start + region.fresh);
        region.fresh += size;
        UNPOISON(head, size);
    }
    head->class = class;
    head->is_used = 1;
    POISON((char *)head + HEAD_BYTES + bytes, size - HEAD_BYTES - bytes);
    region.used += size;
    region.peak = region.used > region.peak ? region.used : region.peak;
    return (char *)head + HEAD_BYTES;
}

static void give_back(void *memory)
{
    struct head *head = head_of(memory);
    size_t size = (size_t)1 << head->class;
    ENSURE(head->is_used == 1);
    head->is_used = 0;
    head->next = region.free[head->class];
    region.free[head->class] = head;
    region.used -= size;
    POISON((char *)head + HEAD_BYTES, size - HEAD_BYTES);
}

/* The daemon has no more memory, if the seed says so. */
static bool fails(void)
{
    return sim_allocation_fails(sim_here());
}

void *__wrap_malloc(size_t bytes)
{
    if (!region.is_inside) {
        return __real_malloc(bytes);
    }
    return fails() ? NULL : take(bytes);
}

void *__wrap_calloc(size_t count, size_t bytes)
{
    if (!region.is_inside) {
        return __real_calloc(count, bytes);
    }
    if (fails()) {
        return NULL;
    }
    void *memory = take(count * bytes);
    memset(memory, 0, count * bytes);
    return memory;
}

void *__wrap_realloc(void *memory, size_t bytes)
{
    bool is_ours = memory == NULL ? region.is_inside : is_of_region(memory);
    if (!is_ours) {
        return __real_realloc(memory, bytes);
    }
    if (region.is_inside && fails()) {
        return NULL;
    }
    void *grown = take(bytes);
    if (memory != NULL) {
        size_t before = ((size_t)1 << head_of(memory)->class) - HEAD_BYTES;
        UNPOISON(memory, before); /* how much of it was asked for is not kept */
        memcpy(grown, memory, before < bytes ? before : bytes);
        give_back(memory);
    }
    return grown;
}

void *__wrap_reallocarray(void *memory, size_t count, size_t bytes)
{
    return __wrap_realloc(memory, count * bytes);
}

void __wrap_free(void *memory)
{
    if (memory == NULL) {
        return;
    }
    if (is_of_region(memory)) {
        give_back(memory);
    } else {
        __real_free(memory);
    }
}
