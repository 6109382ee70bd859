/*
 * step_world.h - one account and one clock, for tests that read like a story.
 *
 * A world steps the account as the daemon does: bill_step() on a copy, and only a step that is
 * "recorded" counts; what is final is then forgotten. After every step the rules that hold always
 * are checked (step_rules.h). What happened is compared as one line of text:
 *
 *     A-1 new>due, A-1-1 new>intent, A-1 due>attempting | authorize A-1-1
 *
 * changes in order, then calls after the bar. Subscriptions and one-offs have keys of sixteen equal
 * letters, written as one. A reason other than "none" stands in brackets.
 */
#ifndef TESTS_BILLING_STEP_WORLD_H
#define TESTS_BILLING_STEP_WORLD_H

#include "billing/policy.h"
#include "billing/step.h"
#include "tests/billing/zone_file.h"

#define SECOND_MS INT64_C(1000)
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS   (60 * MINUTE_MS)
#define DAY_MS    (24 * HOUR_MS)

struct world {
    struct instant now;
    struct policy policy;      /* the first of the seller's list */
    struct instant even_since; /* of every event; 0 = always */
    struct hold hold;          /* of every event */
    struct hold retry_hold;
    struct account account; /* as the store would load it, save for the memory fields */
    struct account after;   /* after the latest step, final charges included */
    struct effects effects; /* of the latest step */
    enum status status;     /* of the latest step */
    struct problem problem;
    enum call_kind called; /* the latest call for an attempt: what answers answer */
    struct zone zone;      /* UTC */
    struct zone_file zone_file;
    char line[4096];
};

/* An empty world at an instant ("2026-01-01T00:00:00Z"). Big: keep it static or on the heap. */
void world_start(struct world *world, const char *at);
void world_at(struct world *world, const char *at);
void world_pass(struct world *world, int64_t ms);

/* Steps the event (its time and policy are set here). False: it was refused. */
bool world_step(struct world *world, const struct event *event);
/* The same, but the commit fails: nothing counts. */
void world_step_lost(struct world *world, const struct event *event);
/* The process dies and the account is loaded again: memory fields are empty. */
void world_crash(struct world *world);

void world_wake(struct world *world);
/* Moves the clock to the account's wake_at, which must not be "never", and wakes it. */
void world_wake_when_due(struct world *world);

bool world_register(struct world *world, bool confirm_wanted);
/* Registered, and found Open with this limit in the current month: "50000", "JPY". */
void world_open(struct world *world, const char *limit, const char *currency);
bool world_charge_once(struct world *world, char letter, const char *amount, const char *currency);
bool world_cancel(struct world *world, char letter, bool at_period_end);
bool world_sync(struct world *world);

/* A monthly subscription from `anchor` ("2026-01-31") at midnight UTC, to be adjusted. */
struct event subscribe_monthly(struct world *world, char letter, const char *amount,
                               const char *currency, const char *anchor);

/* Answers of Amazon for the attempt "A-1-1". */
void world_done(struct world *world, const char *attempt);
void world_declined(struct world *world, const char *attempt, enum reason reason);
void world_refused(struct world *world, const char *attempt, enum reason reason);
void world_later(struct world *world, const char *attempt);
void world_unanswered(struct world *world, const char *attempt);
void world_duplicate(struct world *world, const char *attempt);
void world_pending(struct world *world, const char *attempt);
void world_absent(struct world *world, const char *attempt);
void world_other(struct world *world, const char *attempt);

/* Notices of Amazon's: about an attempt's authorization or capture, with the ids that its answers
 * have; about the agreement. */
void world_noticed(struct world *world, enum notice_kind kind, const char *attempt);

/* Answers about the agreement. */
struct event care_answer(enum care care, enum outcome outcome);
struct event sync_answer(enum agreement_state state, const char *limit, const char *remaining,
                         const char *currency, const char *start, const char *end);
/* Open with this much left of 50000 JPY in the month of 2026-01 */
void world_care(struct world *world, enum care care, enum outcome outcome);
void world_found(struct world *world, enum agreement_state state);

/* The latest step in one line. */
const char *world_line(struct world *world);
void expect_line(struct world *world, const char *line, const char *file, int at);
#define EXPECT(world, line) expect_line(world, line, __FILE__, __LINE__)

/* The charge "A-1", also when the latest step made it final. The test fails when there is none. */
const struct charge *world_charge(struct world *world, const char *id);
const struct subscription *world_subscription(struct world *world, char letter);

void expect_wake(struct world *world, const char *at, enum lane lane, const char *file, int line);
#define EXPECT_WAKE(world, at, lane) expect_wake(world, at, lane, __FILE__, __LINE__)
void expect_limit(struct world *world, int64_t posted, int64_t reserved, const char *file,
                  int line);
#define EXPECT_LIMIT(world, posted, reserved)                                                      \
    expect_limit(world, posted, reserved, __FILE__, __LINE__)

struct instant at(const char *text);
struct money money(const char *decimal, const char *currency);

#endif
