/*
 * test_drain.c - a runner that is drained while the store still looks for its due accounts.
 *
 * The store is the real one; its claims wait until the runner was told to drain.
 */
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "billing/ensure.h"
#include "tests/scheduler/planting.h"

#define ACCOUNTS 2
#define POLL_MS  1

/* When claims begin and may go on. */
struct slow {
    const struct store_ops *real;
    sem_t has_begun, may_go_on;
    uint32_t claimed;
};

struct slow_ops {
    struct store_ops ops; /* first: what the store points at */
    struct slow *slow;
};

struct drain {
    struct world *world;
    struct slow slow;
    struct runner *runner;
    struct timer *timer;
    bool is_drained;
};

/* On the store's thread. */
static enum status slow_claim(struct store *store, struct instant now, struct claim *claims,
                              uint32_t claim_count, struct account *accounts,
                              struct problem *problem)
{
    struct slow *slow = ((const struct slow_ops *)(const void *)store->ops)->slow;
    bool waited = sem_post(&slow->has_begun) == 0 && sem_wait(&slow->may_go_on) == 0;
    ENSURE(waited);
    enum status status = slow->real->claim(store, now, claims, claim_count, accounts, problem);
    for (uint32_t i = 0; i < claim_count; i++) {
        slow->claimed += claims[i].count;
    }
    return status;
}

/* An account whose charge was not answered when its process ended: due as soon as one starts. */
static void plant_unanswered(struct world *world, unsigned number)
{
    char id[AGREEMENT_ID_MAX];
    uint8_t bytes[KEY_BYTES] = {(uint8_t)number};
    struct event once = {.kind = EVENT_CHARGE_ONCE,
                         .charge_once = {.amount = money_of(100, "JPY")}};
    key_from_bytes(bytes, once.charge_once.key);
    (void)snprintf(once.charge_once.idempotency_key, IDEMPOTENCY_KEY_MAX, "once-%u", number);
    (void)snprintf(id, sizeof id, "C03-%u", number);
    struct account *account = plant_agreement(world, id);
    plant_step(world, account, &once);
    free(account);
}

static void start_failed(void *arg, const struct problem *problem)
{
    (void)arg;
    fail_msg("the runner does not start: %s", problem->text);
}

static void drained(void *arg)
{
    struct drain *drain = arg;
    drain->is_drained = true;
    loop_stop(drain->world->loop);
}

static void look(void *arg)
{
    struct drain *drain = arg;
    if (sem_trywait(&drain->slow.has_begun) != 0) {
        timer_start(drain->timer, POLL_MS);
        return;
    }
    runner_drain(drain->runner, drained, drain);
    assert_int_equal(sem_post(&drain->slow.may_go_on), 0);
}

static void refused(void *arg, enum status status, const struct problem *problem,
                    const struct account *account)
{
    bool *is_refused = arg;
    assert_int_equal(status, ST_BUSY);
    assert_string_equal(problem->text, "the daemon is stopping");
    assert_null(account);
    *is_refused = true;
}

static void test_drained_while_claiming(void **state)
{
    struct world *world = *state;
    struct drain drain = {.world = world};
    struct runner_parts parts = {.loop = world->loop,
                                 .store_worker = world->store_worker,
                                 .client = world->mws,
                                 .zones = world->zones};
    for (unsigned i = 0; i < ACCOUNTS; i++) {
        plant_unanswered(world, i);
    }
    assert_int_equal(sem_init(&drain.slow.has_begun, 0, 0), 0);
    assert_int_equal(sem_init(&drain.slow.may_go_on, 0, 0), 0);
    struct slow_ops slow_ops = {.ops = *world->store->ops, .slow = &drain.slow};
    slow_ops.ops.claim = slow_claim;
    drain.slow.real = world->store->ops;
    world->store->ops = &slow_ops.ops;
    drain.runner = runner_new(&parts, &world->config);
    drain.timer = timer_new(world->loop, look, &drain);
    runner_start(drain.runner, start_failed, &drain);
    timer_start(drain.timer, POLL_MS);
    while (!drain.is_drained) {
        loop_run(world->loop);
    }
    assert_int_equal(drain.slow.claimed, ACCOUNTS); /* or it tests nothing */
    /* Nothing begins any more. */
    struct event wake = {.kind = EVENT_WAKE};
    bool is_refused = false;
    runner_command(drain.runner, "A1SELLER", "C03-0", &wake, refused, &is_refused);
    assert_true(is_refused);
    timer_free(drain.timer);
    runner_free(drain.runner); /* which fails where an account is still in memory */
    world->store->ops = drain.slow.real;
    (void)sem_destroy(&drain.slow.has_begun);
    (void)sem_destroy(&drain.slow.may_go_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_drained_while_claiming, world_setup, world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
