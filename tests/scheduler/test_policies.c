/*
 * test_policies.c - a seller's list of policies, with the real store: what a reload makes of it,
 * and that what was frozen long ago is found.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "billing/policy_text.h"
#include "mws/edge/crypto.h"
#include "scheduler/policies.h"

#define SELLER "A1SELLER"

struct fixture {
    char directory[64];
    struct store *store;
    struct zones *zones;
    struct policy named[2];
    struct seller_config seller;
    struct config config;
    struct policy_list *list;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    struct problem problem;
    char path[128];
    (void)snprintf(f->directory, sizeof f->directory, "/tmp/test_policies.XXXXXX");
    assert_non_null(mkdtemp(f->directory));
    (void)snprintf(path, sizeof path, "%s/autopay.db", f->directory);
    assert_int_equal(store_sqlite_open(path, sha256, &f->store, &problem), ST_OK);
    f->zones = zones_new(ZONES_DIRECTORY);
    f->seller.policy = policy_default();
    (void)stpcpy(f->seller.policy.zone_name, "Asia/Tokyo");
    (void)stpcpy(f->seller.mws.seller_id, SELLER);
    for (int i = 0; i < 2; i++) {
        f->named[i] = f->seller.policy;
        (void)snprintf(f->named[i].name, sizeof f->named[i].name, "p%d", i);
    }
    f->seller.policies = f->named;
    f->config = (struct config){.seller_count = 1, .sellers = &f->seller};
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    char command[96];
    policy_list_free(f->list);
    zones_free(f->zones);
    f->store->ops->close(f->store);
    (void)snprintf(command, sizeof command, "rm -r %s", f->directory);
    assert_int_equal(system(command), 0);
    free(f);
    return 0;
}

/* A start or reload with what is configured; the head of the list. */
static const struct policy *reload(struct fixture *f)
{
    struct problem problem = {""};
    struct policy_texts *texts = policy_texts_new(&f->config);
    if (policy_texts_save(texts, f->store, (struct instant){1}, &problem) != ST_OK) {
        fail_msg("not saved: %s", problem.text);
    }
    policy_list_free(f->list);
    f->list = policy_list_new(texts, SELLER, f->zones, NULL);
    assert_null(policy_list_new(texts, "ANOTHER", f->zones, NULL));
    policy_texts_free(texts);
    return policy_list_head(f->list);
}

static uint32_t length(const struct policy *list)
{
    uint32_t count = 0;
    for (; list != NULL; list = list->next) {
        count++;
    }
    return count;
}

static void the_default_in_force_is_first(void **state)
{
    struct fixture *f = *state;
    const struct policy *head = reload(f);
    assert_int_equal(length(head), 1);
    assert_string_equal(head->name, "default");
    assert_int_equal(head->version, 1);
    assert_string_equal(head->zone->name, "Asia/Tokyo");
    assert_int_equal(reload(f)->version, 1); /* the same text */
    f->seller.policy_count = 1;
    f->seller.policy.attempts_max = 3;
    head = reload(f);
    assert_int_equal(length(head), 3);
    assert_string_equal(head->name, "default");
    assert_int_equal(head->attempts_max, 3);
    assert_int_equal(policy_numbered(head, 1)->attempts_max, 20); /* what old cycles follow */
}

static void a_name_has_its_newest_version(void **state)
{
    struct fixture *f = *state;
    f->seller.policy_count = 2;
    (void)reload(f);
    f->named[0].attempts_max = 5;
    (void)reload(f);
    f->named[0].attempts_max = 6;
    const struct policy *head = reload(f);
    assert_int_equal(length(head), 5);
    assert_int_equal(policy_named(head, "p0")->attempts_max, 6);
    assert_int_equal(policy_named(head, "p1")->attempts_max, 20);
    f->named[0].attempts_max = 5; /* as it was before the last: a version of its own */
    head = reload(f);
    assert_int_equal(length(head), 6);
    assert_int_equal(policy_named(head, "p0")->attempts_max, 5);
}

static void a_name_that_is_removed_keeps_its_last_version(void **state)
{
    struct fixture *f = *state;
    f->seller.policy_count = 1;
    f->named[0].attempts_max = 7;
    (void)reload(f);
    f->seller.policy_count = 0;
    const struct policy *head = reload(f);
    assert_int_equal(policy_named(head, "p0")->attempts_max, 7);
    assert_string_equal(policy_named(head, "never")->name, "default");
}

static void more_versions_than_are_read_at_a_time(void **state)
{
    struct fixture *f = *state;
    for (uint32_t i = 1; i <= 50; i++) {
        f->seller.policy.attempts_max = i;
        assert_int_equal(length(reload(f)), i);
    }
    for (uint32_t i = 1; i <= 50; i++) {
        assert_int_equal(policy_numbered(policy_list_head(f->list), i)->attempts_max, i);
    }
}

/* Damaged, or written by a later program: its charges follow the default. */
static void a_version_that_cannot_be_read_is_left_out(void **state)
{
    struct fixture *f = *state;
    struct problem problem;
    uint32_t version = 0;
    assert_int_equal(f->store->ops->save_policy(f->store, SELLER, "p0", "name = p0\nmagic = 1\n",
                                                (struct instant){1}, &version, &problem),
                     ST_OK);
    const struct policy *head = reload(f);
    assert_int_equal(length(head), 1);
    assert_string_equal(policy_numbered(head, version)->name, "default");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(the_default_in_force_is_first),
        CASE(a_name_has_its_newest_version),
        CASE(a_name_that_is_removed_keeps_its_last_version),
        CASE(more_versions_than_are_read_at_a_time),
        CASE(a_version_that_cannot_be_read_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
