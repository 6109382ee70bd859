/*
 * test_lanes.c - who is served before whom, with the real store: the stated bounds of claim.c.
 *
 * A seller's day is played without a network: what a claim brings is "charged" by recording that
 * the account is due no more, and the next claim follows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mws/edge/crypto.h"
#include "schema/store.h"

#define ROOM_MAX 32
#define NOW      INT64_C(1800000000000)
#define HOUR     INT64_C(3600000)

struct fixture {
    char directory[64];
    struct store *store;
    struct account accounts[ROOM_MAX];
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    struct problem problem;
    char path[128];
    (void)snprintf(f->directory, sizeof f->directory, "/tmp/test_lanes.XXXXXX");
    assert_non_null(mkdtemp(f->directory));
    (void)snprintf(path, sizeof path, "%s/autopay.db", f->directory);
    assert_int_equal(store_sqlite_open(path, sha256, &f->store, &problem), ST_OK);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    char command[96];
    f->store->ops->close(f->store);
    (void)snprintf(command, sizeof command, "rm -r %s", f->directory);
    assert_int_equal(system(command), 0);
    free(f);
    return 0;
}

/* One transaction for all of them. */
static void record(struct fixture *f, struct account *accounts, uint32_t count, bool is_new)
{
    static const struct effects old_account = {0};
    static const struct effects new_account = {.is_new_account = true};
    struct step_record *steps = calloc(count + 1, sizeof *steps);
    struct problem problem = {""};
    assert_non_null(steps);
    for (uint32_t i = 0; i < count; i++) {
        steps[i] = (struct step_record){
            .account = &accounts[i], .effects = is_new ? &new_account : &old_account, .at = {NOW}};
    }
    assert_int_equal(f->store->ops->record(f->store, steps, count, &problem), ST_OK);
    for (uint32_t i = 0; i < count; i++) {
        if (steps[i].status != ST_OK) {
            fail_msg("not recorded: %s", problem.text);
        }
    }
    free(steps);
}

/* `count` agreements of a seller whose work of that lane has been due since `due_ms`. */
static void add(struct fixture *f, const char *seller, char name, uint32_t count, enum lane lane,
                int64_t due_ms)
{
    struct account *accounts = calloc(count, sizeof *accounts);
    assert_non_null(accounts);
    for (uint32_t i = 0; i < count; i++) {
        accounts[i].agreement = (struct agreement){.state = AGREEMENT_OPEN,
                                                   .care_at = INSTANT_NEVER,
                                                   .synced_at = {NOW},
                                                   .validated_at = INSTANT_NEVER,
                                                   .created_at = {NOW},
                                                   .wake_at = {due_ms},
                                                   .lane = lane,
                                                   .limit = {.amount = money_of(50000, "JPY"),
                                                             .posted = money_of(0, "JPY"),
                                                             .reserved = money_of(0, "JPY"),
                                                             .period_start = {0},
                                                             .period_end = {NOW + HOUR}}};
        (void)snprintf(accounts[i].agreement.seller_id, sizeof accounts[i].agreement.seller_id,
                       "%s", seller);
        (void)snprintf(accounts[i].agreement.id, sizeof accounts[i].agreement.id, "C03-%c-%u", name,
                       i);
    }
    record(f, accounts, count, true);
    free(accounts);
}

/* Claims `max` accounts and makes them due no more; how many of them were `name`'s. */
static uint32_t serve(struct fixture *f, const char *seller, uint32_t max, int64_t now_ms,
                      bool is_care, char name)
{
    struct claim claim = {.seller_id = seller, .max = max, .care_only = is_care};
    struct problem problem;
    uint32_t found = 0;
    assert_int_equal(
        f->store->ops->claim(f->store, (struct instant){now_ms}, &claim, 1, f->accounts, &problem),
        ST_OK);
    if (claim.damaged_agreement_id[0] != '\0') {
        fail_msg("%s: %s", claim.damaged_agreement_id, claim.damage.text);
    }
    for (uint32_t i = 0; i < claim.count; i++) {
        found += f->accounts[i].agreement.id[4] == name;
        f->accounts[i].agreement.wake_at = INSTANT_NEVER;
    }
    record(f, f->accounts, claim.count, false);
    return found;
}

/* "A retry backlog delays n renewals to at most n / (0.75 * pace)." */
static void old_retries_take_at_most_a_quarter_from_renewals(void **state)
{
    static const uint32_t sizes[] = {1, 2, 4, 8, 32};
    struct fixture *f = *state;
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        char seller[16];
        (void)snprintf(seller, sizeof seller, "S%u", sizes[s]);
        add(f, seller, 'T', 200, LANE_RETRY, NOW - 100 * HOUR);
        add(f, seller, 'R', 48, LANE_RENEWAL, NOW);
        uint32_t renewals = 0;
        uint32_t calls = 0;
        for (int64_t now_ms = NOW; renewals < 48; now_ms += 1000, calls += sizes[s]) {
            renewals += serve(f, seller, sizes[s], now_ms, false, 'R');
            if (calls > 48 * 4 / 3 + ROOM_MAX) {
                fail_msg("claims of %u: only %u of 48 renewals after %u calls", sizes[s], renewals,
                         calls);
            }
        }
    }
}

static void renewals_never_keep_retries_out(void **state)
{
    struct fixture *f = *state;
    add(f, "S1", 'R', 200, LANE_RENEWAL, NOW);
    add(f, "S1", 'T', 10, LANE_RETRY, NOW - HOUR);
    uint32_t retries = 0;
    for (unsigned calls = 0; calls < 80; calls += 8) {
        retries += serve(f, "S1", 8, NOW + (int64_t)calls * 1000, false, 'T');
    }
    assert_int_equal(retries, 10);
}

static void one_offs_first_charges_renewals_retries(void **state)
{
    struct fixture *f = *state;
    /* The later in the order, the longer due. */
    add(f, "S1", 'T', 8, LANE_RETRY, NOW - 4 * HOUR);
    add(f, "S1", 'R', 8, LANE_RENEWAL, NOW - 3 * HOUR);
    add(f, "S1", 'F', 8, LANE_FIRST, NOW - 2 * HOUR);
    add(f, "S1", 'O', 8, LANE_ONE_OFF, NOW - HOUR);
    struct claim claim = {.seller_id = "S1", .max = 24};
    struct problem problem;
    assert_int_equal(
        f->store->ops->claim(f->store, (struct instant){NOW}, &claim, 1, f->accounts, &problem),
        ST_OK);
    assert_int_equal(claim.count, 24);
    static const char expected[] = "OOOOOOOOFFFFFFFFRRTTTTTT"; /* 18 by lane, 6 by age */
    for (uint32_t i = 0; i < claim.count; i++) {
        if (f->accounts[i].agreement.id[4] != expected[i]) {
            fail_msg("place %u has %s, not %c", i, f->accounts[i].agreement.id, expected[i]);
        }
    }
}

/* Captures and refunds are care: claimed apart from charges, in the order of their time. */
static void care_is_served_however_much_may_charge(void **state)
{
    struct fixture *f = *state;
    add(f, "S1", 'O', 100, LANE_ONE_OFF, NOW - HOUR);
    add(f, "S1", 'C', 10, LANE_CARE, NOW);
    assert_int_equal(serve(f, "S1", 8, NOW, false, 'C'), 0);
    assert_int_equal(serve(f, "S1", 8, NOW, true, 'C'), 8);
    assert_int_equal(serve(f, "S1", 8, NOW, true, 'C'), 2);
}

static void while_charging_is_held_back_only_what_is_open_is_claimed(void **state)
{
    struct fixture *f = *state;
    add(f, "S1", 'R', 10, LANE_RENEWAL, NOW - HOUR);
    add(f, "S1", 'S', 3, LANE_SETTLE, NOW);
    struct claim claim = {.seller_id = "S1", .max = 8, .settle_only = true};
    struct problem problem;
    assert_int_equal(
        f->store->ops->claim(f->store, (struct instant){NOW}, &claim, 1, f->accounts, &problem),
        ST_OK);
    assert_int_equal(claim.count, 3);
    assert_int_equal(claim.next_wake.utc_ms, INSTANT_NEVER.utc_ms);
}

/* Sellers are asked for in one call, each by its own tokens. */
static void every_seller_with_due_work_is_served(void **state)
{
    struct fixture *f = *state;
    add(f, "S1", 'R', 100, LANE_RENEWAL, NOW - HOUR);
    add(f, "S2", 'T', 1, LANE_RETRY, NOW);
    struct claim claims[] = {{.seller_id = "S1", .max = 16}, {.seller_id = "S2", .max = 2}};
    struct problem problem;
    assert_int_equal(
        f->store->ops->claim(f->store, (struct instant){NOW}, claims, 2, f->accounts, &problem),
        ST_OK);
    assert_int_equal(claims[0].count, 16);
    assert_int_equal(claims[1].count, 1);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(old_retries_take_at_most_a_quarter_from_renewals),
        CASE(renewals_never_keep_retries_out),
        CASE(one_offs_first_charges_renewals_retries),
        CASE(care_is_served_however_much_may_charge),
        CASE(while_charging_is_held_back_only_what_is_open_is_claimed),
        CASE(every_seller_with_due_work_is_served),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
