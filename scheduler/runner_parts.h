/*
 * runner_parts.h - private to runner*.c, seat.c, commit.c, claim.c, caller*.c and hand_over.c: the
 * runner's own state, and the seats.
 */
#ifndef SCHEDULER_RUNNER_PARTS_H
#define SCHEDULER_RUNNER_PARTS_H

#include "billing/step.h"
#include "mws/classify.h"
#include "scheduler/pace.h"
#include "scheduler/runner.h"

#define CLAIM_ACCOUNTS_MAX   128 /* of one claim, all sellers */
#define CLAIM_SELLER_MAX     32  /* of one seller in one claim */
#define CARE_WAITING_MAX     16  /* care calls of one seller that may wait for tokens */
#define WAITING_MAX          8   /* calls of a seller that may wait for one token */
#define LOOK_UPS_WAITING_MAX 4   /* of them look-ups of authorizations, ... */
#define MASSES_WAITING_MAX   2   /* ... and each of captures, refunds and their look-ups */
#define SPARE_SEATS_MAX      256 /* as many as a busy daemon has at once */
#define COMMIT_STEPS_MAX     256 /* of one group commit */
#define HOUSEKEEPING_MS      INT64_C(60000)  /* the longest sleep: notices a clock that was set */
#define PUT_OFF_MS           INT64_C(900000) /* until a missing time zone is looked for again */
#define STORE_RETRY_MS       INT64_C(1000)
#define STORE_RETRY_MAX_MS   INT64_C(30000)

/* An event on its way to an account. */
struct seat_event {
    struct seat_event *next;
    struct event event;
    bool is_claimed;    /* from a claim: counted in seller->claimed */
    command_done *done; /* of a command, or NULL */
    void *arg;
};

enum seat_state {
    SEAT_LOADING = 1, /* the store is asked for the account            */
    SEAT_READY,       /* the next event can be stepped                 */
    SEAT_COMMITTING,  /* `next` is being recorded                      */
};

/* What a seat is found by. */
struct seat_id {
    char seller_id[SELLER_ID_MAX];
    char agreement_id[AGREEMENT_ID_MAX];
};

/* An account in memory. */
struct seat {
    struct seat_id id;                 /* first: the tree holds pointers to it */
    struct seat *previous, *following; /* all seats */
    struct seat *next_pending;         /* to be recorded */
    struct runner *runner;
    struct pace_seller *seller;
    enum seat_state state;
    bool is_put_off;                 /* a time zone of it is not installed: it is not stepped */
    uint32_t tokens;                 /* authorize tokens reserved by claims */
    uint32_t calls_open;             /* waiting for a token or on the wire */
    struct seat_event *first, *last; /* the first is the one being recorded while COMMITTING */
    struct account account;          /* as recorded */
    struct account next;             /* stepped, being recorded */
    struct effects effects;          /* of that step */
    struct batch_plan plan;          /* what it begins, as the guards count it */
};

struct commit;
struct claim_job;

struct runner {
    struct runner_parts parts;
    const struct config *config;
    struct timer *tick_timer;
    struct timer *store_timer;
    struct pace_seller **sellers; /* every seller ever configured since the start */
    uint32_t seller_count;
    uint32_t seller_next; /* round robin */
    void *seat_tree;      /* tsearch(3), by seller and agreement */
    struct seat *seats;
    uint32_t seat_count;
    struct seat *spare_seats; /* kept for later, linked by `following` */
    uint32_t spare_seat_count;
    struct seat *pending_first, *pending_last; /* to be recorded with the next commit */
    struct commit *commit;                     /* buffers, made once */
    bool is_committing;
    struct claim_job *claim; /* buffers, made once */
    bool is_claiming;
    bool is_started;
    bool store_failed;  /* the last record failed: only answers wait */
    bool claims_failed; /* the last claim failed: charging is paused */
    int64_t store_retry_ms;
    enum status probe_status;
    struct instant probe_at;     /* of the probe that is with the store; ... */
    struct instant heartbeat_at; /* ... of the heartbeat */
    runner_failed *failed;
    void *failed_arg;
    bool is_draining;       /* or it is done with it: nothing begins any more */
    loop_callback *drained; /* not called yet */
    void *drained_arg;
    bool drain_waits; /* behind jobs of others in the store's queue */
    struct timer *reload_timer;
    bool is_reloading;   /* policies are being kept */
    bool reload_again;   /* there is a newer configuration */
    bool reload_resumes; /* a seller has come back */
    struct stop stop;    /* of all */
    struct guard_clock clock;
    struct ticks written_at; /* the store surely was written to then */
};

/* runner.c */
struct pace_seller *runner_seller(struct runner *runner, const char *seller_id);
void runner_wake(struct runner *runner);
void runner_store_trouble(struct runner *runner, enum status status, const struct problem *problem,
                          bool while_recording);
/* A claim or commit went well: the next trouble is tried again soon. */
void runner_store_well(struct runner *runner);
void runner_check_drained(struct runner *runner);
bool runner_is_draining(const struct runner *runner);

/* runner_start.c */
void runner_reload_retry(void *arg); /* of reload_timer */

/* runner_stops.c: `seller_id` "" = the switch of all */
/* In memory only: the store has it, or will. */
void runner_stop_is_on(struct runner *runner, const char *seller_id, enum reason reason);
/* A guard stops; the operator is called by an error line. */
void runner_trip(struct runner *runner, const char *seller_id, enum reason reason, const char *why);
/* All is stopped because of the clock: nothing that time alone brings may happen. */
bool runner_clock_is_doubted(const struct runner *runner);
/* Orders again what the store could not keep; lifts what a clock that was set back has stopped. */
void runner_stops_tick(struct runner *runner);
/* On the store's thread: what waited for stop switches that are off is due; `count` is added to. */
enum status runner_wake_held(struct store *store, const char *seller_id, struct instant now,
                             uint64_t *count, struct problem *problem);

/* runner_guards.c */
/* `behind`: the time that an earlier process waited to be reached again; never = it did not. */
void runner_clock_begin(struct runner *runner, struct instant last_write, struct instant behind);
/* The time that is written down: looked at by the clock guard, and counted by the ticks while a
 * jump forward is doubted. On the loop only. */
struct instant runner_now(struct runner *runner);
/* The same without a look: for the guards themselves. */
struct instant runner_time(const struct runner *runner);
void runner_guards_tick(struct runner *runner);
/* Charges that a seller may begin now; 0: only what is on its way is claimed. UINT32_MAX: no bound.
 */
uint32_t runner_charge_room(struct runner *runner, struct pace_seller *seller);
/* Milliseconds after which there is room again by itself: 0 = when it is asked for again; -1 = it
 * depends on answers, or there is. */
int64_t runner_charge_wait_ms(const struct runner *runner, const struct pace_seller *seller);
/* Fills in the event's holds. */
void runner_hold(struct seat *seat, struct event *event);
/* May the step in seat->next be recorded? False: a hold was set, step again. */
bool runner_admits(struct seat *seat, struct event *event);
/* The step goes to the store; it was recorded, before it becomes the seat's account, or not. */
void runner_planned(struct seat *seat);
void runner_plan_settled(struct seat *seat, bool is_recorded);
/* A call to charge ended so; or, as NONE, what it made was found in another way. */
void runner_charge_answered(struct seat *seat, enum mws_cause cause);
void runner_guards_show(struct runner *runner, struct pace_seller *seller,
                        struct runner_status *status);

/* seat.c */
struct seat *seat_find(struct runner *runner, const char *seller_id, const char *agreement_id);
struct seat *seat_make(struct runner *runner, struct pace_seller *seller, const char *agreement_id);
/* Queues `event` (copied) and steps it as soon as the seat is ready. */
void seat_post(struct seat *seat, const struct event *event, bool is_claimed, command_done *done,
               void *arg);
void seat_pump(struct seat *seat);
bool event_is_answer(const struct event *event);
/* Takes the first event off the queue and tells its command how it ended. */
void seat_event_end(struct seat *seat, enum status status, const struct problem *problem);
/* A claim took the account off what its seller expects; nothing came of it, so it is to be claimed
 * again at `at`. */
void seat_still_due(struct seat *seat, struct instant at);
/* The account just read from the store becomes the seat's. False: it cannot be used (logged). */
bool seat_take_account(struct seat *seat, const struct account *account);

/* commit.c */
struct commit *commit_new(void);
void commit_free(struct commit *commit);
void commit_add(struct seat *seat);
void commit_submit(struct runner *runner);

/* claim.c */
struct claim_job *claim_new(void);
void claim_free(struct claim_job *claim);
/* Asks the store for work due by `now` that the sellers' tokens and the room in memory allow. The
 * caller sleeps until what is due after `now`. */
void claim_submit(struct runner *runner, struct instant now);
/* Loads one account for a seat in SEAT_LOADING. */
void load_submit(struct seat *seat);

/* caller.c */
void caller_start(struct seat *seat, const struct call *call);
/* Calls that wait for a token are given up (draining): their intents stay in the store. */
void caller_forget_waiting(struct runner *runner);

#endif
