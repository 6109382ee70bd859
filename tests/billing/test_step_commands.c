/*
 * test_step_commands.c - every command in every state of a subscription: taken or refused, with
 * which status, what the state is then, and what the same command does when it comes again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/billing/step_commands.h"

#define STATES SUBSCRIPTION_REPLACED /* 1..STATES */

static struct world world;
static struct world *const w = &world;

/* Subscription A in this state on 10 February, its next cycle on 1 March; D is there so that the
 * agreement stays when A is over. */
static void given_state(enum subscription_state state)
{
    world_start(w, "2026-01-01T00:00:00Z");
    world_open(w, "50000", "JPY");
    struct event other = subscribe_monthly(w, 'D', "300", "JPY", "2026-12-01");
    assert_true(world_step(w, &other));
    struct event event = subscribe_monthly(w, 'A', "1200", "JPY", "2026-01-01");
    if (state == SUBSCRIPTION_ENDED) {
        event.subscribe.rule.cycle_count = 2;
    }
    assert_true(world_step(w, &event));
    world_done(w, "A-1-1");
    world_wake_when_due(w);
    if (state == SUBSCRIPTION_PAST_DUE) {
        world_declined(w, "A-2-1", REASON_REQUEST_REFUSED); /* no waits: failed at once */
    } else {
        world_done(w, "A-2-1");
    }
    world_at(w, "2026-02-10T00:00:00Z");
    switch (state) {
    case SUBSCRIPTION_ACTIVE:
    case SUBSCRIPTION_PAST_DUE:
    case SUBSCRIPTION_ENDED:
        break;
    case SUBSCRIPTION_CANCELED:
        assert_true(world_cancel(w, 'A', false));
        break;
    case SUBSCRIPTION_PAUSED:
        STEP(w, pause_command('A', "2026-02-20T00:00:00Z"), "A active>paused(operator)");
        break;
    case SUBSCRIPTION_LEAVING:
    case SUBSCRIPTION_REPLACED:
        STEP(w, replace_command('A', 'B'), "A active>leaving(operator) | hand_over A");
        break;
    }
    if (state == SUBSCRIPTION_REPLACED) {
        STEP(w, hand_over_answer('A', ST_OK), "A leaving>replaced(agreement_replaced)");
    }
}

enum command {
    PAUSE,
    PAUSE_AGAIN,
    RESUME,
    SKIP,
    MOVE,
    PRICE,
    PRICE_LATER,
    RULE,
    POLICY,
    REPLACE,
    STOP,
    CANCEL,
    CANCEL_AT_PERIOD_END,
    CANCEL_AT,
    CANCEL_FORCED,
    UNCANCEL,
    COMMANDS,
};

static struct event command_of(enum command command)
{
    struct event event = cancel_command('A', NULL);
    switch (command) {
    case PAUSE:
        return pause_command('A', NULL);
    case PAUSE_AGAIN:
        return pause_command('A', "2026-02-20T00:00:00Z");
    case RESUME:
        return resume_command('A');
    case SKIP:
        return skip_command('A', 3);
    case MOVE:
        return move_command('A', "2026-03-05T00:00:00Z");
    case PRICE:
        return price_command('A', "1500", NULL);
    case PRICE_LATER:
        return price_command('A', "1500", "2026-04-10T00:00:00Z");
    case RULE:
        return rule_command(w, 'A', RECUR_WEEK, 2, "2026-01-07");
    case POLICY:
        return policy_command('A', "");
    case REPLACE:
        return replace_command('A', 'B');
    case STOP:
        return stop_command('A', true);
    case CANCEL_AT_PERIOD_END:
        event.cancel.at_period_end = true;
        return event;
    case CANCEL_AT:
        return cancel_command('A', "2026-05-05T00:00:00Z");
    case CANCEL_FORCED:
        event.cancel.is_forced = true;
        return event;
    case UNCANCEL:
        return uncancel_command('A');
    case CANCEL:
    case COMMANDS:
        break;
    }
    return event;
}

/* Where a command is taken the state after it, else the refusal. */
#define NF  (-(int)ST_NOT_FOUND)
#define NO  (-(int)ST_CONFLICT)
#define AC  (int)SUBSCRIPTION_ACTIVE
#define DUE (int)SUBSCRIPTION_PAST_DUE
#define CAN (int)SUBSCRIPTION_CANCELED
#define PSD (int)SUBSCRIPTION_PAUSED
#define LVG (int)SUBSCRIPTION_LEAVING
#define BSY (-(int)ST_BUSY) /* the other agreement is being asked */

/* By state: active, past due, canceled, ended, paused, leaving, replaced. `again`: how the same
 * command ends that comes a second time, where it was taken. */
static const struct {
    const char *name;
    int then[STATES];
    enum status again;
} rows[COMMANDS] = {
    [PAUSE] = {"pause", {PSD, PSD, NF, NF, PSD, NO, NF}, ST_OK},
    [PAUSE_AGAIN] = {"pause until", {PSD, PSD, NF, NF, PSD, NO, NF}, ST_OK},
    [RESUME] = {"resume", {AC, DUE, NF, NF, AC, NO, NF}, ST_OK},
    [SKIP] = {"skip", {AC, DUE, NF, NF, NO, NO, NF}, ST_CONFLICT},
    [MOVE] = {"move", {AC, DUE, NF, NF, NO, NO, NF}, ST_OK},
    [PRICE] = {"price", {AC, DUE, NF, NF, PSD, NO, NF}, ST_OK},
    [PRICE_LATER] = {"price later", {AC, DUE, NF, NF, PSD, NO, NF}, ST_OK},
    [RULE] = {"rule", {AC, DUE, NF, NF, PSD, NO, NF}, ST_OK},
    [POLICY] = {"policy", {AC, DUE, NF, NF, PSD, NO, NF}, ST_OK},
    [REPLACE] = {"replace", {LVG, LVG, NF, NF, NO, LVG, NF}, ST_OK},
    [STOP] = {"stop", {AC, DUE, NF, NF, PSD, LVG, NF}, ST_OK},
    [CANCEL] = {"cancel", {CAN, CAN, NF, NF, CAN, BSY, NF}, ST_NOT_FOUND},
    [CANCEL_AT_PERIOD_END] = {"cancel at period end", {AC, DUE, NF, NF, PSD, NO, NF}, ST_OK},
    [CANCEL_AT] = {"cancel at", {AC, DUE, NF, NF, PSD, NO, NF}, ST_OK},
    [CANCEL_FORCED] = {"cancel forced", {CAN, CAN, NF, NF, CAN, BSY, NF}, ST_NOT_FOUND},
    [UNCANCEL] = {"uncancel", {AC, DUE, NF, NF, PSD, NO, NF}, ST_OK},
};

static void every_command_in_every_state(void **test_state)
{
    (void)test_state;
    for (enum command command = 0; command < COMMANDS; command++) {
        for (enum subscription_state state = 1; state <= STATES; state++) {
            int then = rows[command].then[state - 1];
            given_state(state);
            struct event event = command_of(command);
            bool is_taken = world_step(w, &event);
            if (is_taken != (then > 0) || (!is_taken && w->status != (enum status) - then)) {
                fail_msg("%s of what is %s: %s %s", rows[command].name,
                         subscription_state_name(state), status_name(w->status), w->problem.text);
            }
            if (!is_taken) {
                continue;
            }
            enum subscription_state is = world_subscription(w, 'A')->state;
            if ((int)is != then) {
                fail_msg("%s of what is %s makes it %s", rows[command].name,
                         subscription_state_name(state), subscription_state_name(is));
            }
            bool again = world_step(w, &event);
            if (w->status != rows[command].again || (again && w->effects.change_count > 0)) {
                fail_msg("%s again, of what was %s: %s %s %s", rows[command].name,
                         subscription_state_name(state), status_name(w->status), w->problem.text,
                         again ? world_line(w) : "");
            }
        }
    }
}

/* What the command does to the agreement of a subscription that is its last. */
static void every_end_of_the_last_one_closes(void **test_state)
{
    (void)test_state;
    static const enum command ends[] = {CANCEL, CANCEL_FORCED, CANCEL_AT_PERIOD_END, CANCEL_AT};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        given_state(SUBSCRIPTION_ACTIVE);
        assert_true(world_cancel(w, 'D', false));
        struct event event = command_of(ends[i]);
        assert_true(world_step(w, &event));
        while (w->account.subscription_count > 0) {
            world_wake_when_due(w);
            if (w->account.charge_count > 0) {
                world_done(w, w->account.charges[0].cycle == 3   ? "A-3-1"
                              : w->account.charges[0].cycle == 4 ? "A-4-1"
                                                                 : "A-5-1");
            }
        }
        assert_true(w->account.agreement.close_wanted);
        assert_int_equal(w->account.agreement.care, CARE_CLOSE);
        bool is_dated = ends[i] == CANCEL_AT;
        assert_int_equal(w->now.utc_ms, is_dated ? at("2026-05-05T00:00:00Z").utc_ms
                                        : ends[i] == CANCEL_AT_PERIOD_END
                                            ? at("2026-03-01T00:00:00Z").utc_ms
                                            : at("2026-02-10T00:00:00Z").utc_ms);
    }
}

/* Only the word of an operator closes an agreement whose last subscription has ended. */
static void an_agreement_out_of_use_may_be_closed(void **test_state)
{
    (void)test_state;
    struct event close = {.kind = EVENT_CLOSE};
    world_start(w, "2026-01-01T00:00:00Z");
    world_open(w, "50000", "JPY");
    struct event event = subscribe_monthly(w, 'A', "1200", "JPY", "2026-01-01");
    event.subscribe.rule.cycle_count = 1;
    assert_true(world_step(w, &event));
    REFUSED(w, close, ST_CONFLICT, "subscription AAAAAAAAAAAAAAAA of agreement");
    REFUSED(w, close, ST_CONFLICT, "is active: cancel it first");
    world_done(w, "A-1-1");
    assert_int_equal(w->account.subscription_count, 0);
    assert_true(world_charge_once(w, 'B', "300", "JPY"));
    REFUSED(w, close, ST_CONFLICT, "charge BBBBBBBBBBBBBBBB-0 of agreement");
    REFUSED(w, close, ST_CONFLICT, "is attempting: let it end first");
    world_done(w, "B-0-1");
    assert_false(w->account.agreement.close_wanted);
    STEP(w, close, "agreement to be closed(operator) | close");
    STEP(w, close, "");
    REFUSED(w, event, ST_CONFLICT, "is being closed");
    world_care(w, CARE_CLOSE, OUTCOME_DONE);
    EXPECT(w, "agreement open>closed(merchant_closed)");
}

/* What is over is not in the way; what is live is, whatever its state. */
static void what_is_live_is_not_closed(void **test_state)
{
    (void)test_state;
    struct event close = {.kind = EVENT_CLOSE};
    for (enum subscription_state state = 1; state <= STATES; state++) {
        given_state(state);
        assert_true(world_cancel(w, 'D', false));
        bool is_live = !subscription_is_final(state);
        bool is_taken = world_step(w, &close);
        if (is_taken == is_live || (is_live && w->status != ST_CONFLICT)) {
            fail_msg("close beside what is %s: %s", subscription_state_name(state),
                     status_name(w->status));
        }
        assert_int_equal(w->account.agreement.close_wanted, !is_live);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_command_in_every_state),
        cmocka_unit_test(every_end_of_the_last_one_closes),
        cmocka_unit_test(an_agreement_out_of_use_may_be_closed),
        cmocka_unit_test(what_is_live_is_not_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
