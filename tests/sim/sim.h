/*
 * sim.h - one simulated world: what every part of it shares.
 *
 * One process, one thread, one virtual clock. The daemon's own objects (runner, seats, claims,
 * commits, calls, admin door, inbox of notices, core, SQLite store) are the real ones; its edges
 * are replaced at link time:
 *
 *     mws/edge/loop.h         sim_loop.c     virtual time, timers in one order, delayed work
 *     mws/edge/http_client.h  sim_network.c  bytes to Amazon's model, through a network that lies
 *     mws/edge/http_server.h  sim_door.c     the operators' requests
 *     the disk                sim_disk.c     an SQLite VFS that loses what was not synced
 *     memory and chance       sim_memory.c   an arena for each life of the daemon; seeded keys
 *
 * Amazon is the sandbox's own core (amazon.c). The witness (witness.h) sits between runner and
 * store and on the wire, and keeps books of its own.
 *
 * Everything that happens is drawn from the seed, so one seed is one run, byte for byte the same
 * log. There is no wall clock and no thread in here. Read on in README.md.
 */
#ifndef TESTS_SIM_SIM_H
#define TESTS_SIM_SIM_H

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "billing/instant.h"
#include "tests/sim/chance.h"
#include "tests/sim/queue.h"

#define SECOND_US       INT64_C(1000000)
#define MINUTE_US       (60 * SECOND_US)
#define HOUR_US         (60 * MINUTE_US)
#define DAY_US          (24 * HOUR_US)

#define SIM_SELLERS_MAX 8

struct amazon;
struct disk;
struct life;
struct network;
struct door;
struct people;
struct trouble;
struct witness;
struct config;
struct zones;

/* A world in which only happens what somebody outside of it says (scenario.h): nobody acts, nothing
 * goes wrong, nothing is drawn. */
struct sim_script {
    struct instant began_at;
    const char *daemon_text; /* lines of the configuration file: the daemon's, ... */
    const char *seller_text; /* ... and every seller's */
    int daemon_log_fd;       /* where the daemon logs to */
};

struct sim_options {
    uint64_t seed;
    int32_t days; /* of work, before the healing */
    uint32_t subscriptions;
    uint32_t sellers;
    unsigned troubles;               /* bits of enum trouble_kind */
    const char *tolerated;           /* numbers of invariants that may fail for now: "16,20" */
    const struct sim_script *script; /* NULL = all is drawn from the seed */
    bool monthly_only;               /* for measuring: all on one day, all alike */
    bool shows_log;                  /* print the event log while it is made */
    bool shows_daemon;               /* and the daemon's own log lines */
};

struct sim {
    struct sim_options options;
    char folder[64]; /* real: configuration, lock file */
    struct queue queue;
    int64_t now_us;          /* virtual, since the world began: ticks, and Amazon's clock */
    struct instant began_at; /* UTC of now_us = 0 */
    int64_t clock_off_ms;    /* of the daemon's UTC clock */
    struct chance chance;
    int64_t minute; /* of the latest event, and how many there were in it */
    uint32_t turns;
    bool is_healing; /* faults have stopped, nobody orders anything any more */
    bool is_over;
    struct instant rested_at; /* by the daemon's clock: then it had nothing to do */

    struct zones *zones;
    struct config *config;
    uint64_t policies[SIM_SELLERS_MAX]; /* what each seller's are drawn from */
    struct amazon *amazon;
    struct disk *disk;
    struct network *network;
    struct door *door;
    struct people *people;
    struct trouble *trouble;
    struct witness *witness;
    struct life *life; /* NULL = the daemon is down */
    uint32_t life_count;

    /* a crash that struck inside the daemon's code */
    jmp_buf crash;
    bool is_inside;          /* the daemon's code is running */
    bool is_dead;            /* it must not go on: everything it does from here on has no effect */
    uint32_t allocation_ppm; /* how often an allocation of its fails */
    bool has_no_memory;      /* one has: what follows is no bug */

    uint64_t log_hash;
    uint64_t log_lines;
    char failure[600];  /* "" = all is well */
    uint64_t tolerated; /* failures of tolerated invariants */
};

/* The one world of this process. Only for what is called without an argument: loop_new(), malloc(),
 * random_bytes() and ensure_failed(). */
struct sim *sim_here(void);

/* Makes the world, runs it to its end, and judges it. Returns false when something did not hold;
 * sim->failure says what. */
bool sim_run(struct sim *sim, const struct sim_options *options);

/* The same in parts, for whoever wants to act in between: makes the world, without a daemon yet;
 * lets it go on until then, or until something fails; ends it. */
void sim_open(struct sim *sim, const struct sim_options *options);
void sim_turn_until(struct sim *sim, int64_t until_us);
void sim_close(struct sim *sim);

/* One line of the event log. Time and newline are added. */
void sim_log(struct sim *sim, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Something that must hold did not. The first sentence counts; the run ends after this event. */
void sim_fail(struct sim *sim, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* For sim_memory.c: does this allocation fail? */
bool sim_allocation_fails(struct sim *sim);

struct instant sim_true_utc(const struct sim *sim);   /* as Amazon sees it */
struct instant sim_daemon_utc(const struct sim *sim); /* as the daemon's machine says */

#endif
