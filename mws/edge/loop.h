/*
 * loop.h - the event loop: timers, readable descriptors, signals, and work off the loop.
 *
 * The only face of libuv. Everything runs on the loop's thread except the `work` of loop_work().
 * Objects are created and freed on the loop's thread; after *_free() the callback is never called
 * again. The simulated world replaces this file by one that has the same functions and virtual
 * time.
 */
#ifndef MWS_EDGE_LOOP_H
#define MWS_EDGE_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "billing/instant.h"

struct loop;
struct timer;
struct watch;

typedef void loop_callback(void *arg);

struct loop *loop_new(void);
/* Runs until loop_stop() or until nothing is left to wait for. */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);
/* Everything made on the loop must have been freed before. */
void loop_free(struct loop *loop);

/* Time. `loop_now` is UTC; `loop_ticks` is monotonic. Both are read afresh at each call. */
struct instant loop_now(struct loop *loop);
struct ticks loop_ticks(struct loop *loop);

/* A one-shot timer. Starting a started timer moves it. */
struct timer *timer_new(struct loop *loop, loop_callback *callback, void *arg);
void timer_start(struct timer *timer, int64_t delay_ms);
void timer_stop(struct timer *timer);
void timer_free(struct timer *timer);

/* Tells when a descriptor can be read or written. The descriptor stays the caller's. */
enum watch_events {
    WATCH_READ = 1,
    WATCH_WRITE = 2,
    WATCH_ERROR = 4, /* only reported, never asked for */
};
typedef void watch_callback(void *arg, unsigned events);
struct watch *watch_new(struct loop *loop, int fd, watch_callback *callback, void *arg);
void watch_start(struct watch *watch, unsigned events);
void watch_free(struct watch *watch);

/* Calls back on the loop each time the process gets `signal_number`. */
struct signal_watch;
struct signal_watch *signal_watch_new(struct loop *loop, int signal_number, loop_callback *callback,
                                      void *arg);
void signal_watch_free(struct signal_watch *watch);

/* Runs `work(arg)` on another thread, then `done(arg)` on the loop. */
void loop_work(struct loop *loop, loop_callback *work, loop_callback *done, void *arg);

#endif
