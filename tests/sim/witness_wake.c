/*
 * witness_wake.c - nothing that is due is slept over: 21.
 *
 * Every claim is watched: how long has what it brings been due, and known to be, with nothing that
 * kept the daemon from it? What may keep it is read from the runner's own state after each of its
 * turns, for until the next one that cannot change: no tokens, calls that wait for some, no room in
 * memory, a guard. A store in trouble, a slow disk and a clock that was set are forgiven for as
 * long as the daemon needs to find out. What no claim ever brings is found at the end.
 */
#include <inttypes.h>
#include <string.h>

#include "scheduler/runner_parts.h"
#include "tests/sim/life.h"
#include "tests/sim/witness_parts.h"

#define SLEPT_OVER_US (5 * SECOND_US)
/* The daemon looks at its clock, and at what a store in trouble may have kept from it, once a
 * minute. */
#define UNWELL_US (70 * SECOND_US)

static bool has_no_token(const struct pace_seller *seller, struct ticks now)
{
    struct bucket bucket = seller->lanes[MWS_AUTHORIZE_ON_BILLING_AGREEMENT].bucket;
    return bucket_available(&bucket, now) == 0;
}

static bool is_unwell(const struct witness *witness, const struct runner *runner)
{
    const struct sim *sim = witness->sim;
    return runner == NULL || !runner->is_started || runner->store_failed || runner->claims_failed ||
           runner_clock_is_doubted(runner) || life_is_slow(sim) ||
           sim->clock_off_ms != witness->wakes.clock_off_ms;
}

static void look(const struct runner *runner, const struct pace_seller *seller,
                 struct wake_hold *hold)
{
    struct ticks ticks = loop_ticks(runner->parts.loop);
    bool has_no_room = runner->seat_count >= (uint32_t)runner->config->in_flight_max;
    bool waits = has_no_room || seller->waiting > 0 || seller->config == NULL;
    hold->is_held[WAKE_CARE] = waits;
    hold->is_held[WAKE_SETTLE] = waits || has_no_token(seller, ticks);
    hold->is_held[WAKE_CHARGE] = hold->is_held[WAKE_SETTLE] || seller->is_held_back ||
                                 seller->stop.reason != REASON_NONE ||
                                 runner->stop.reason != REASON_NONE;
}

void wakes_begin(struct witness *witness)
{
    witness->wakes = (struct wakes){.unwell_until_us = witness->sim->now_us + UNWELL_US,
                                    .clock_off_ms = witness->sim->clock_off_ms};
}

void witness_sleeps(struct witness *witness)
{
    struct wakes *wakes = &witness->wakes;
    const struct runner *runner = life_runner(witness->sim);
    if (is_unwell(witness, runner)) {
        wakes->unwell_until_us = witness->sim->now_us + UNWELL_US;
        wakes->clock_off_ms = witness->sim->clock_off_ms;
    }
    if (runner != NULL && runner_clock_is_doubted(runner)) {
        wakes->doubted_until_us = witness->sim->now_us + UNWELL_US;
    }
    for (uint32_t i = 0; runner != NULL && i < runner->seller_count; i++) {
        look(runner, runner->sellers[i], &wakes->sellers[i]);
    }
}

void witness_wakes(struct witness *witness)
{
    struct wakes *wakes = &witness->wakes;
    if (is_unwell(witness, life_runner(witness->sim))) {
        wakes->unwell_until_us = witness->sim->now_us + UNWELL_US;
    }
    for (uint32_t i = 0; i < SIM_SELLERS_MAX; i++) {
        for (unsigned kind = 0; kind < WAKE_KINDS; kind++) {
            if (wakes->sellers[i].is_held[kind]) {
                wakes->sellers[i].held_us[kind] = witness->sim->now_us;
            }
        }
    }
}

bool wakes_clock_is_doubted(const struct witness *witness)
{
    const struct runner *runner = life_runner(witness->sim);
    return witness->sim->now_us < witness->wakes.doubted_until_us ||
           (runner != NULL && runner_clock_is_doubted(runner));
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static const struct wake_hold *hold_of(const struct witness *witness, const char *seller_id)
{
    const struct runner *runner = life_runner(witness->sim);
    for (uint32_t i = 0; runner != NULL && i < runner->seller_count; i++) {
        if (strcmp(runner->sellers[i]->seller_id, seller_id) == 0) {
            return &witness->wakes.sellers[i];
        }
    }
    return NULL;
}

static void check_account(struct witness *witness, struct instant now,
                          const struct account *account)
{
    const struct agreement *agreement = &account->agreement;
    const struct book_agreement *book = book_agreement(witness, account);
    const struct wake_hold *hold = hold_of(witness, agreement->seller_id);
    enum wake_kind kind = agreement->lane == LANE_SETTLE ? WAKE_SETTLE
                          : agreement->lane == LANE_CARE ? WAKE_CARE
                                                         : WAKE_CHARGE;
    if (book == NULL || hold == NULL) {
        return;
    }
    int64_t now_us = witness->sim->now_us;
    int64_t due_us = now_us - (now.utc_ms - agreement->wake_at.utc_ms) * 1000;
    int64_t since_us = later(later(due_us, book->recorded_us),
                             later(hold->held_us[kind], witness->wakes.unwell_until_us));
    if (now_us - since_us > SLEPT_OVER_US) {
        sim_fail(witness->sim, "21: %s was slept over for %" PRId64 " ms, lane %d", agreement->id,
                 (now_us - since_us) / 1000, (int)agreement->lane);
    }
}

void wakes_check(struct witness *witness, struct instant now, const struct claim *claims,
                 uint32_t claim_count, const struct account *accounts)
{
    for (uint32_t i = 0; i < claim_count; i++) {
        for (uint32_t k = 0; k < claims[i].count; k++) {
            check_account(witness, now, accounts++);
        }
    }
}
