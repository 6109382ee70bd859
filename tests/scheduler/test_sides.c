/*
 * test_sides.c - a database that belongs to another environment or region is found out by the ids
 * in it, and none that fits is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "billing/step.h"
#include "mws/edge/crypto.h"
#include "scheduler/sides.h"

#define NOW ((struct instant){INT64_C(1795305600000)})

struct world {
    char directory[64];
    char path[128];
    struct store *store;
    struct seller_config sellers[2];
    struct config config;
};

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    struct problem problem = {""};
    assert_non_null(world);
    (void)snprintf(world->directory, sizeof world->directory, "/tmp/test_sides.XXXXXX");
    assert_non_null(mkdtemp(world->directory));
    (void)snprintf(world->path, sizeof world->path, "%s/autopay.db", world->directory);
    if (store_sqlite_open(world->path, sha256, &world->store, &problem) != ST_OK) {
        fail_msg("%s", problem.text);
    }
    for (unsigned i = 0; i < 2; i++) {
        struct mws_seller *mws = &world->sellers[i].mws;
        mws->region = MWS_REGION_JP;
        mws->environment = MWS_SANDBOX;
        (void)snprintf(mws->seller_id, sizeof mws->seller_id, "A%uSELLER", i + 1);
    }
    world->config.sellers = world->sellers;
    world->config.seller_count = 2;
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    char command[128];
    world->store->ops->close(world->store);
    (void)snprintf(command, sizeof command, "rm -r %s", world->directory);
    assert_int_equal(system(command), 0);
    free(world);
    return 0;
}

static void add(struct world *world, const char *seller_id, const char *id)
{
    struct policy policy = policy_default();
    struct account *account = calloc(1, sizeof *account);
    struct effects *effects = calloc(1, sizeof *effects);
    struct problem problem = {""};
    struct event event = {.kind = EVENT_REGISTER, .at = NOW, .policy = &policy};
    assert_non_null(account);
    assert_non_null(effects);
    (void)snprintf(event.registered.seller_id, SELLER_ID_MAX, "%s", seller_id);
    (void)snprintf(event.registered.id, AGREEMENT_ID_MAX, "%s", id);
    assert_int_equal(bill_step(account, &event, effects, &problem), ST_OK);
    struct step_record record = {.account = account, .effects = effects, .at = NOW};
    assert_int_equal(world->store->ops->record(world->store, &record, 1, &problem), ST_OK);
    assert_int_equal(record.status, ST_OK);
    free(account);
    free(effects);
}

static void must_fit(struct world *world)
{
    struct problem problem = {""};
    if (sides_check(world->store, &world->config, &problem) != ST_OK) {
        fail_msg("%s", problem.text);
    }
}

static void must_not_fit(struct world *world, const char *sentence)
{
    struct problem problem = {""};
    assert_int_equal(sides_check(world->store, &world->config, &problem), ST_CONFLICT);
    if (strstr(problem.text, sentence) == NULL) {
        fail_msg("\"%s\" where \"%s\" was expected", problem.text, sentence);
    }
}

static void a_database_keeps_its_environment(void **state)
{
    struct world *world = *state;
    must_fit(world);
    add(world, "A1SELLER", "C03-1234567-1234567");
    must_fit(world);
    world->sellers[0].mws.environment = MWS_LIVE;
    must_not_fit(world, "seller A1SELLER: in the database C03-1234567-1234567 belongs");
    /* Another seller's agreements are its own affair. */
    world->sellers[0].mws.environment = MWS_SANDBOX;
    world->sellers[1].mws.environment = MWS_LIVE;
    must_fit(world);
    add(world, "A2SELLER", "B03-1234567-1234567");
    must_fit(world);
    world->sellers[1].mws.environment = MWS_SANDBOX;
    must_not_fit(world, "seller A2SELLER: ");
}

static void a_database_keeps_its_region(void **state)
{
    struct world *world = *state;
    add(world, "A1SELLER", "C02-1234567-1234567");
    must_not_fit(world, "region eu or uk, not to jp");
    world->sellers[0].mws.region = MWS_REGION_EU;
    must_fit(world);
    world->sellers[0].mws.region = MWS_REGION_UK;
    must_fit(world);
    world->sellers[0].mws.region = MWS_REGION_NA;
    must_not_fit(world, "not to na");
}

/* Before, between and behind many that fit; ids that say nothing stand in the way of none. */
static void one_among_many_is_found(void **state)
{
    static const char *const strays[] = {"B03-0000001-0000001", "C01-9999999-9999999",
                                         "P03-0000001-0000001"};
    struct world *world = *state;
    char id[AGREEMENT_ID_MAX];
    for (int i = 0; i < 300; i++) {
        (void)snprintf(id, sizeof id, "C03-0000001-%07d", i);
        add(world, "A1SELLER", id);
    }
    add(world, "A1SELLER", "C03-9999999-9999999");
    add(world, "A1SELLER", "C04-0000001-0000001"); /* a region that we do not know */
    add(world, "A1SELLER", "gold-1");
    add(world, "A1SELLER", "A");
    must_fit(world);
    for (size_t i = 0; i < sizeof strays / sizeof strays[0]; i++) {
        (void)snprintf(world->sellers[1].mws.seller_id, sizeof world->sellers[1].mws.seller_id,
                       "B%zu", i);
        for (int k = 0; k < 3; k++) {
            (void)snprintf(id, sizeof id, "C03-0000002-%zu%06d", i, k);
            add(world, world->sellers[1].mws.seller_id, id);
        }
        must_fit(world);
        add(world, world->sellers[1].mws.seller_id, strays[i]);
        must_not_fit(world, strays[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_database_keeps_its_environment, setup, teardown),
        cmocka_unit_test_setup_teardown(a_database_keeps_its_region, setup, teardown),
        cmocka_unit_test_setup_teardown(one_among_many_is_found, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
