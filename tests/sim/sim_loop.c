/*
 * sim_loop.c - mws/edge/loop.h on virtual time.
 *
 * Whoever reads a clock finds that some time has passed: code takes time, so no two readings need
 * agree. The ticks are not in step with the milliseconds of UTC, and a timer counts, as libuv's do,
 * from the last whole millisecond of the ticks: it may ring up to one early. Only worlds that a
 * script makes stand still while the daemon runs, or their golden lines would say when.
 *
 * Timers and work are entries of the world's queue; they belong to the life of the daemon that made
 * them and end with it. Work off the loop is done at one moment and told at another, after as long
 * as the disk of this seed takes: usually milliseconds, sometimes seconds.
 */
#include "mws/edge/loop.h"

#include <stdlib.h>

#include "billing/ensure.h"
#include "tests/sim/life.h"
#include "tests/sim/sim.h"

struct loop {
    struct sim *sim;
    int64_t ticks_off_us; /* ticks mean nothing after a restart, so each life has others */
};

struct timer {
    struct queue_entry entry; /* first: the queue knows the timer by it */
    struct loop *loop;
    loop_callback *callback;
    void *arg;
};

struct work {
    struct queue_entry entry;
    struct loop *loop;
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

struct loop *loop_new(void)
{
    struct loop *loop = allocate(sizeof *loop);
    loop->sim = sim_here();
    loop->ticks_off_us = chance_range(&loop->sim->chance, SITE_WORLD, 0, DAY_US);
    return loop;
}

void loop_run(struct loop *loop)
{
    (void)loop;
    ENSURE(false); /* the world turns by itself */
}

void loop_stop(struct loop *loop)
{
    (void)loop;
}

void loop_free(struct loop *loop)
{
    free(loop);
}

/* --- clocks ---------------------------------------------------------------------------------- */

#define USUAL_RUN_US   64   /* up to so long until the clock is read again; ... */
#define LONG_RUN_US    2000 /* ... or, when the machine has something else to do, so long */
#define LONG_RUN_EVERY 256

static bool stands_still(const struct sim *sim)
{
    return sim->options.script != NULL;
}

static void time_passes(struct sim *sim)
{
    if (!stands_still(sim) && sim->is_inside && !sim->is_dead) {
        uint64_t bits = chance_draw(&sim->chance, SITE_RUNNING);
        uint64_t most_us = bits % LONG_RUN_EVERY == 0 ? LONG_RUN_US : USUAL_RUN_US;
        sim->now_us += (int64_t)((bits >> 32) % most_us);
    }
}

struct instant loop_now(struct loop *loop)
{
    time_passes(loop->sim);
    return sim_daemon_utc(loop->sim);
}

struct ticks loop_ticks(struct loop *loop)
{
    time_passes(loop->sim);
    return (struct ticks){loop->sim->now_us + loop->ticks_off_us};
}

/* --- timers -------------------------------------------------------------------------------- */

static void timer_rings(void *arg)
{
    struct timer *timer = arg;
    timer->callback(timer->arg);
}

struct timer *timer_new(struct loop *loop, loop_callback *callback, void *arg)
{
    struct timer *timer = allocate(sizeof *timer);
    *timer = (struct timer){.loop = loop, .callback = callback, .arg = arg};
    timer->entry.run = timer_rings;
    timer->entry.arg = timer;
    timer->entry.is_of_life = true;
    return timer;
}

void timer_start(struct timer *timer, int64_t delay_ms)
{
    struct sim *sim = timer->loop->sim;
    delay_ms = delay_ms < 0 ? 0 : delay_ms;
    int64_t ticks_us = sim->now_us + timer->loop->ticks_off_us;
    int64_t since_ms_us = stands_still(sim) ? 0 : ticks_us % 1000;
    if (!sim->is_dead) {
        queue_put(&sim->queue, &timer->entry, sim->now_us - since_ms_us + delay_ms * 1000);
    }
}

void timer_stop(struct timer *timer)
{
    queue_remove(&timer->loop->sim->queue, &timer->entry);
}

void timer_free(struct timer *timer)
{
    if (timer != NULL) {
        timer_stop(timer);
        free(timer);
    }
}

/* --- work off the loop --------------------------------------------------------------------- */

static void work_done(void *arg)
{
    struct work *work = arg;
    struct work done = *work;
    free(work);
    done.done(done.arg);
}

static void work_runs(void *arg)
{
    struct work *work = arg;
    struct sim *sim = work->loop->sim;
    work->work(work->arg);
    if (!sim->is_dead) {
        work->entry.run = work_done;
        queue_put(&sim->queue, &work->entry, sim->now_us + life_work_delay_us(sim));
    }
}

void loop_work(struct loop *loop, loop_callback *work, loop_callback *done, void *arg)
{
    struct sim *sim = loop->sim;
    struct work *made = allocate(sizeof *made);
    *made = (struct work){.loop = loop, .work = work, .done = done, .arg = arg};
    made->entry.run = work_runs;
    made->entry.arg = made;
    made->entry.is_of_life = true;
    if (!sim->is_dead) {
        queue_put(&sim->queue, &made->entry, sim->now_us + life_work_delay_us(sim));
    }
}

/* --- what a world without descriptors and signals has no use for ---------------------------- */

struct watch *watch_new(struct loop *loop, int fd, watch_callback *callback, void *arg)
{
    (void)loop;
    (void)fd;
    (void)callback;
    (void)arg;
    ENSURE(false);
    return NULL;
}

void watch_start(struct watch *watch, unsigned events)
{
    (void)watch;
    (void)events;
}

void watch_free(struct watch *watch)
{
    (void)watch;
}

struct signal_watch *signal_watch_new(struct loop *loop, int signal_number, loop_callback *callback,
                                      void *arg)
{
    (void)loop;
    (void)signal_number;
    (void)callback;
    (void)arg;
    ENSURE(false);
    return NULL;
}

void signal_watch_free(struct signal_watch *watch)
{
    (void)watch;
}
