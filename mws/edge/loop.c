/*
 * loop.c - the event loop on libuv, and the only place that asks the operating system for the time.
 *
 * libuv frees a handle's memory only in its close callback, so every *_free() closes and lets the
 * callback release it; loop_free() runs the loop until those are done. Allocation failure aborts:
 * what is allocated here is made at start or bounded by what is in flight.
 */
#include "mws/edge/loop.h"

#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <uv.h>

#include "billing/ensure.h"

struct loop {
    uv_loop_t uv;
};

struct timer {
    uv_timer_t uv;
    loop_callback *callback;
    void *arg;
};

struct watch {
    uv_poll_t uv;
    watch_callback *callback;
    void *arg;
};

struct signal_watch {
    uv_signal_t uv;
    loop_callback *callback;
    void *arg;
};

struct work {
    uv_work_t uv;
    loop_callback *work;
    loop_callback *done;
    void *arg;
};

static void *allocate(size_t size)
{
    void *memory = calloc(1, size);
    ENSURE(memory != NULL);
    return memory;
}

static void free_handle(uv_handle_t *handle)
{
    free(handle->data);
}

/* Every handle is the first member of its object, and its `data` points to that object. */
static void close_handle(uv_handle_t *handle)
{
    uv_close(handle, free_handle);
}

struct loop *loop_new(void)
{
    struct loop *loop = allocate(sizeof *loop);
    ENSURE(uv_loop_init(&loop->uv) == 0);
    /* A peer that closes while we write is an error code, never a signal. */
    (void)signal(SIGPIPE, SIG_IGN);
    return loop;
}

void loop_run(struct loop *loop)
{
    (void)uv_run(&loop->uv, UV_RUN_DEFAULT);
}

void loop_stop(struct loop *loop)
{
    uv_stop(&loop->uv);
}

void loop_free(struct loop *loop)
{
    (void)uv_run(&loop->uv, UV_RUN_DEFAULT);
    ENSURE(uv_loop_close(&loop->uv) == 0);
    free(loop);
}

struct instant loop_now(struct loop *loop)
{
    (void)loop;
    struct timespec now;
    ENSURE(clock_gettime(CLOCK_REALTIME, &now) == 0);
    return (struct instant){(int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000};
}

struct ticks loop_ticks(struct loop *loop)
{
    (void)loop;
    struct timespec now;
    ENSURE(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return (struct ticks){(int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000};
}

static void timer_fired(uv_timer_t *uv)
{
    struct timer *timer = uv->data;
    timer->callback(timer->arg);
}

struct timer *timer_new(struct loop *loop, loop_callback *callback, void *arg)
{
    struct timer *timer = allocate(sizeof *timer);
    ENSURE(uv_timer_init(&loop->uv, &timer->uv) == 0);
    timer->uv.data = timer;
    timer->callback = callback;
    timer->arg = arg;
    return timer;
}

void timer_start(struct timer *timer, int64_t delay_ms)
{
    /* libuv counts from its cached time of this turn; a long turn would shorten the delay. */
    uv_update_time(timer->uv.loop);
    ENSURE(uv_timer_start(&timer->uv, timer_fired, delay_ms > 0 ? (uint64_t)delay_ms : 0, 0) == 0);
}

void timer_stop(struct timer *timer)
{
    (void)uv_timer_stop(&timer->uv);
}

void timer_free(struct timer *timer)
{
    if (timer != NULL) {
        close_handle((uv_handle_t *)&timer->uv);
    }
}

static void watch_ready(uv_poll_t *uv, int status, int uv_events)
{
    struct watch *watch = uv->data;
    unsigned events = 0;
    if (status < 0) {
        events |= WATCH_ERROR;
    }
    if ((uv_events & UV_READABLE) != 0) {
        events |= WATCH_READ;
    }
    if ((uv_events & UV_WRITABLE) != 0) {
        events |= WATCH_WRITE;
    }
    watch->callback(watch->arg, events);
}

struct watch *watch_new(struct loop *loop, int fd, watch_callback *callback, void *arg)
{
    struct watch *watch = allocate(sizeof *watch);
    ENSURE(uv_poll_init(&loop->uv, &watch->uv, fd) == 0);
    watch->uv.data = watch;
    watch->callback = callback;
    watch->arg = arg;
    return watch;
}

void watch_start(struct watch *watch, unsigned events)
{
    int uv_events = 0;
    if ((events & WATCH_READ) != 0) {
        uv_events |= UV_READABLE;
    }
    if ((events & WATCH_WRITE) != 0) {
        uv_events |= UV_WRITABLE;
    }
    ENSURE(uv_poll_start(&watch->uv, uv_events, watch_ready) == 0);
}

void watch_free(struct watch *watch)
{
    if (watch != NULL) {
        close_handle((uv_handle_t *)&watch->uv);
    }
}

static void signal_arrived(uv_signal_t *uv, int signal_number)
{
    struct signal_watch *watch = uv->data;
    (void)signal_number;
    watch->callback(watch->arg);
}

struct signal_watch *signal_watch_new(struct loop *loop, int signal_number, loop_callback *callback,
                                      void *arg)
{
    struct signal_watch *watch = allocate(sizeof *watch);
    ENSURE(uv_signal_init(&loop->uv, &watch->uv) == 0);
    watch->uv.data = watch;
    watch->callback = callback;
    watch->arg = arg;
    ENSURE(uv_signal_start(&watch->uv, signal_arrived, signal_number) == 0);
    return watch;
}

void signal_watch_free(struct signal_watch *watch)
{
    if (watch != NULL) {
        close_handle((uv_handle_t *)&watch->uv);
    }
}

static void work_run(uv_work_t *uv)
{
    struct work *work = uv->data;
    work->work(work->arg);
}

static void work_done(uv_work_t *uv, int status)
{
    struct work *work = uv->data;
    loop_callback *done = work->done;
    void *arg = work->arg;
    ENSURE(status == 0); /* work is never cancelled */
    free(work);
    done(arg);
}

void loop_work(struct loop *loop, loop_callback *work_callback, loop_callback *done, void *arg)
{
    struct work *work = allocate(sizeof *work);
    work->uv.data = work;
    work->work = work_callback;
    work->done = done;
    work->arg = arg;
    ENSURE(uv_queue_work(&loop->uv, &work->uv, work_run, work_done) == 0);
}
