/*
 * step_commands.c - see step_commands.h.
 */
#include "tests/billing/step_commands.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct instant instant_of(const char *text)
{
    return text == NULL ? INSTANT_NEVER : at(text);
}

void letter_key(char letter, char key[static KEY_MAX])
{
    memset(key, letter, KEY_MAX - 1);
    key[KEY_MAX - 1] = '\0';
}

struct event pause_command(char letter, const char *resume_at)
{
    struct event event = {.kind = EVENT_PAUSE, .pause = {.resume_at = instant_of(resume_at)}};
    letter_key(letter, event.pause.subscription_key);
    return event;
}

struct event resume_command(char letter)
{
    struct event event = {.kind = EVENT_RESUME};
    letter_key(letter, event.subscription.subscription_key);
    return event;
}

struct event skip_command(char letter, uint32_t cycle)
{
    struct event event = {.kind = EVENT_SKIP, .subscription = {.cycle = cycle}};
    letter_key(letter, event.subscription.subscription_key);
    return event;
}

struct event move_command(char letter, const char *due_at)
{
    struct event event = {.kind = EVENT_MOVE, .move = {.due_at = instant_of(due_at)}};
    letter_key(letter, event.move.subscription_key);
    return event;
}

struct event price_command(char letter, const char *amount, const char *from)
{
    struct event event = {.kind = EVENT_CHANGE,
                          .change = {.has_amount = true,
                                     .amount = money(amount, "JPY"),
                                     .amount_from = instant_of(from)}};
    letter_key(letter, event.change.subscription_key);
    return event;
}

struct event rule_command(struct world *world, char letter, enum recurrence_unit unit,
                          uint32_t every, const char *anchor)
{
    struct event monthly = subscribe_monthly(world, letter, "1", "JPY", anchor);
    struct event event = {
        .kind = EVENT_CHANGE,
        .change = {.has_rule = true, .rule = monthly.subscribe.rule, .zone = &world->zone}};
    event.change.rule.unit = unit;
    event.change.rule.every = every;
    letter_key(letter, event.change.subscription_key);
    return event;
}

struct event policy_command(char letter, const char *name)
{
    struct event event = {.kind = EVENT_CHANGE, .change = {.has_policy = true}};
    (void)snprintf(event.change.policy_name, POLICY_NAME_MAX, "%s", name);
    letter_key(letter, event.change.subscription_key);
    return event;
}

struct event replace_command(char letter, char successor)
{
    struct event event = {.kind = EVENT_REPLACE,
                          .replace = {.agreement_id = "C03-0000002-0000002"}};
    letter_key(letter, event.replace.subscription_key);
    letter_key(successor, event.replace.successor_key);
    return event;
}

struct event hand_over_answer(char letter, enum status status)
{
    struct event event = {.kind = EVENT_HAND_OVER_ANSWER, .hand_over = {.status = status}};
    letter_key(letter, event.hand_over.subscription_key);
    return event;
}

struct event stop_command(char letter, bool is_on)
{
    struct event event = {.kind = EVENT_STOP, .stop = {.is_on = is_on}};
    if (letter != 0) {
        letter_key(letter, event.stop.subscription_key);
    }
    return event;
}

struct event cancel_command(char letter, const char *cancel_at)
{
    struct event event = {.kind = EVENT_CANCEL, .cancel = {.at = instant_of(cancel_at)}};
    letter_key(letter, event.cancel.subscription_key);
    return event;
}

struct event uncancel_command(char letter)
{
    struct event event = {.kind = EVENT_UNCANCEL};
    letter_key(letter, event.subscription.subscription_key);
    return event;
}

void expect_step(struct world *world, struct event event, const char *line, const char *file,
                 int number)
{
    if (!world_step(world, &event)) {
        print_error("%s:%d: refused: %s\n", file, number, world->problem.text);
        fail();
    }
    expect_line(world, line, file, number);
}

void expect_refusal(struct world *world, struct event event, enum status status, const char *words,
                    const char *file, int number)
{
    if (world_step(world, &event)) {
        print_error("%s:%d: taken, and should be refused: %s\n", file, number, world_line(world));
        fail();
    }
    if (world->status != status || strstr(world->problem.text, words) == NULL) {
        print_error("%s:%d: refused with %s: %s; should be %s: ...%s...\n", file, number,
                    status_name(world->status), world->problem.text, status_name(status), words);
        fail();
    }
}
