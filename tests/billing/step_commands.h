/*
 * step_commands.h - operators' commands about subscription A, B, ..., as events for world_step().
 *
 * Instants are texts; NULL is "never".
 */
#ifndef TESTS_BILLING_STEP_COMMANDS_H
#define TESTS_BILLING_STEP_COMMANDS_H

#include "tests/billing/step_world.h"

/* The key of sixteen equal letters. */
void letter_key(char letter, char key[static KEY_MAX]);

struct event pause_command(char letter, const char *resume_at);
struct event resume_command(char letter);
struct event skip_command(char letter, uint32_t cycle);
struct event move_command(char letter, const char *due_at);
/* An amount of JPY for cycles due from `from` on. */
struct event price_command(char letter, const char *amount, const char *from);
/* A monthly rule at midnight UTC from this date on: "2026-01-31". */
struct event rule_command(struct world *world, char letter, enum recurrence_unit unit,
                          uint32_t every, const char *anchor);
struct event policy_command(char letter, const char *name);
/* Agreement C03-0000002-0000002 takes it over, as subscription `successor`. */
struct event replace_command(char letter, char successor);
struct event hand_over_answer(char letter, enum status status);
/* `letter` 0: the agreement's switch. */
struct event stop_command(char letter, bool is_on);
struct event cancel_command(char letter, const char *cancel_at);
struct event uncancel_command(char letter);

/* Steps `event`, which must be taken, and compares what happened. */
void expect_step(struct world *world, struct event event, const char *line, const char *file,
                 int number);
#define STEP(world, event, line) expect_step(world, event, line, __FILE__, __LINE__)

/* Steps `event`, which must be refused with this status and with these words in its sentence. */
void expect_refusal(struct world *world, struct event event, enum status status, const char *words,
                    const char *file, int number);
#define REFUSED(world, event, status, words)                                                       \
    expect_refusal(world, event, status, words, __FILE__, __LINE__)

#endif
