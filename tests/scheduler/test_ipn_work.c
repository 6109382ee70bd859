/*
 * test_ipn_work.c - what becomes of notices that were taken: the account hears of each once, none
 * is lost when store or runner cannot take it now, and what contradicts the record is told to
 * people.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scheduler/ipn_notice.h"
#include "tests/scheduler/ipn_world.h"

#define AGREEMENT(state, at)                                                                       \
    "<BillingAgreementNotification><BillingAgreement><AmazonBillingAgreementId>" IPN_AGREEMENT     \
    "</AmazonBillingAgreementId><BillingAgreementStatus><State>" state                             \
    "</State><LastUpdateTimestamp>" at "</LastUpdateTimestamp></BillingAgreementStatus>"           \
    "</BillingAgreement></BillingAgreementNotification>"
#define NOON "2026-11-22T12:00:00.000Z"

static struct ipn_letter of_agreement(void)
{
    return (struct ipn_letter){.notification_type = "BillingAgreementNotification",
                               .data = AGREEMENT("Suspended", NOON)};
}

static uint32_t open_notices(struct ipn_world *world)
{
    static struct notice_work works[64];
    uint32_t count = 0;
    struct problem problem;
    assert_int_equal(world->hook.real->open_notices(world->store, 0, 64, works, &count, &problem),
                     ST_OK);
    return count;
}

static void agreement_is(struct ipn_world *world, enum agreement_state state)
{
    static struct account account;
    struct problem problem;
    assert_int_equal(world->store->ops->load_account(world->store, IPN_SELLER, IPN_AGREEMENT,
                                                     &account, &problem),
                     ST_OK);
    assert_int_equal(account.agreement.state, state);
}

static void test_taken_and_done(void **state)
{
    struct ipn_world *world = *state;
    char before[IPN_MONEY_MAX];
    char after[IPN_MONEY_MAX];
    struct ipn_letter letter = of_agreement();
    ipn_world_money(world, before);
    ipn_world_open(world);
    assert_int_equal(ipn_world_ask(world, &letter), 200);
    ipn_world_settle(world);
    assert_int_equal(world->counts.kept, 1);
    assert_int_equal(world->counts.ended, 1);
    assert_int_equal(open_notices(world), 0);
    /* It was a reason to ask, not an answer: nobody answers here. */
    agreement_is(world, AGREEMENT_UNSYNCED);
    ipn_world_money(world, after);
    assert_string_equal(before, after);
    /* About nothing that is open: kept, and done at once. */
    letter = (struct ipn_letter){.reference_id = "K7QW3ABCDEFGHIJK-0-7"};
    assert_int_equal(ipn_world_ask(world, &letter), 200);
    ipn_world_settle(world);
    assert_int_equal(world->counts.kept, 2);
    assert_int_equal(world->counts.ended, 1);
    ipn_world_close(world);
}

static void test_store_that_cannot_keep(void **state)
{
    struct ipn_world *world = *state;
    struct ipn_letter letter = of_agreement();
    struct ipn_counters counters;
    letter.message_id = "again";
    ipn_world_open(world);
    world->counts.fail_keep = ST_FULL;
    assert_int_equal(ipn_world_ask(world, &letter), 503);
    assert_int_equal(world->counts.kept, 0);
    world->counts.fail_keep = ST_STORE;
    assert_int_equal(ipn_world_ask(world, &letter), 503);
    ipn_counters(world->ipn, &counters);
    assert_int_equal(counters.ended[IPN_NOT_KEPT], 2);
    assert_int_equal(counters.accepted, 0);
    /* Amazon posts it again. */
    world->counts.fail_keep = ST_OK;
    assert_int_equal(ipn_world_ask(world, &letter), 200);
    assert_int_equal(world->counts.kept, 1);
    ipn_world_settle(world);
    ipn_world_close(world);
}

/* Kept, but what follows fails: it stays open, and the next start takes it up. */
static void test_open_ones_are_taken_up_at_the_start(void **state)
{
    struct ipn_world *world = *state;
    struct ipn_letter letter = of_agreement();
    ipn_world_open(world);
    world->counts.fail_others = ST_STORE;
    assert_int_equal(ipn_world_ask(world, &letter), 200);
    ipn_world_settle(world);
    assert_int_equal(open_notices(world), 1);
    assert_int_equal(world->counts.ended, 0);
    assert_true(world->counts.reads > 0);
    /* Not again and again at once: a timer has it. */
    unsigned reads = world->counts.reads;
    ipn_world_settle(world);
    assert_int_equal(world->counts.reads, reads);
    ipn_world_close(world);
    assert_int_equal(open_notices(world), 1);
    ipn_world_open(world);
    ipn_world_settle(world);
    assert_int_equal(open_notices(world), 0);
    assert_int_equal(world->counts.ended, 1);
    ipn_world_close(world);
}

static void timer_stop_loop(void *arg)
{
    struct ipn_world *world = arg;
    loop_stop(world->loop);
}

/* The store comes back while the daemon runs. */
static void test_tried_again_later(void **state)
{
    struct ipn_world *world = *state;
    struct ipn_letter letter = of_agreement();
    struct timer *timer = timer_new(world->loop, timer_stop_loop, world);
    ipn_world_open(world);
    world->counts.fail_others = ST_STORE;
    assert_int_equal(ipn_world_ask(world, &letter), 200);
    ipn_world_settle(world);
    world->counts.fail_others = ST_OK;
    for (int i = 0; i < 100 && world->counts.ended == 0; i++) {
        timer_start(timer, 50);
        loop_run(world->loop);
        ipn_world_settle(world);
    }
    assert_int_equal(world->counts.ended, 1);
    assert_int_equal(open_notices(world), 0);
    timer_free(timer);
    ipn_world_close(world);
}

/* More than one round, and more than one commit. */
static void test_many(void **state)
{
    struct ipn_world *world = *state;
    char times[90][32];
    char data[90][1024];
    ipn_world_open(world);
    for (int i = 0; i < 90; i++) {
        (void)snprintf(times[i], sizeof times[i], "2026-11-22T13:00:%02d.%03dZ", i / 60, i);
        (void)snprintf(
            data[i], sizeof data[i],
            "<BillingAgreementNotification><BillingAgreement><AmazonBillingAgreementId>%s"
            "</AmazonBillingAgreementId><BillingAgreementStatus><State>Open</State>"
            "<LastUpdateTimestamp>%s</LastUpdateTimestamp></BillingAgreementStatus>"
            "</BillingAgreement></BillingAgreementNotification>",
            IPN_AGREEMENT, times[i]);
        struct ipn_letter letter = of_agreement();
        letter.data = data[i];
        (void)ipn_world_post(world, &letter);
    }
    struct ipn_client *clients = world->clients;
    ipn_world_wait(world);
    for (int i = 0; i < 90; i++) {
        assert_true(clients[i].status == 200 || strstr(clients[i].text, "busy") != NULL);
    }
    while (world->counts.ended < world->counts.kept) {
        ipn_world_settle(world);
    }
    assert_true(world->counts.kept >= 64);
    assert_int_equal(open_notices(world), 0);
    ipn_world_close(world);
}

/* What nobody had to work on is forgotten as fast as it comes. */
static void test_old_ones_are_forgotten(void **state)
{
    enum { OLD = NOTICES_FORGOTTEN_MAX + 100 };
    struct ipn_world *world = *state;
    struct notice *old = calloc(OLD, sizeof *old);
    struct problem problem;
    assert_non_null(old);
    for (int i = 0; i < OLD; i++) {
        old[i] = (struct notice){.seller_id = IPN_SELLER,
                                 .kind = NOTICE_ORDER,
                                 .updated_at = INSTANT_NEVER,
                                 .received_at = {1000}};
        (void)snprintf(old[i].message_id, sizeof old[i].message_id, "old %d", i);
    }
    const struct store_ops *ops = world->hook.real;
    assert_int_equal(ops->keep_notices(world->store, old, OLD, &problem), ST_OK);
    ipn_world_open(world);
    for (int i = 0; i < 3; i++) {
        struct ipn_letter letter = {.reference_id = "K7QW3ABCDEFGHIJK-0-7"};
        assert_int_equal(ipn_world_ask(world, &letter), 200);
        ipn_world_settle(world);
    }
    ipn_world_close(world);
    assert_int_equal(ops->keep_notices(world->store, old, OLD, &problem), ST_OK);
    for (int i = 0; i < OLD; i++) {
        assert_false(old[i].is_known);
    }
    free(old);
}

static void test_contradiction(void **state)
{
    struct ipn_world *world = *state;
    struct ipn_letter letter = {.reference_id = "K7QW3ABCDEFGHIJK-0-1", .message_id = "liar"};
    ipn_world_open(world);
    world->counts.shows_captured = 1;
    (void)ipn_world_logged(world, "x");
    assert_int_equal(ipn_world_ask(world, &letter), 200);
    ipn_world_settle(world);
    assert_int_equal(ipn_world_logged(world, "level=error event=notice_contradicts"), 1);
    assert_int_equal(ipn_world_ask(world, &letter), 200);
    assert_int_equal(ipn_world_logged(world, "notice_contradicts"), 0); /* told once */
    /* also about the last attempt of very many */
    world->counts.shows_captured = 20;
    letter = (struct ipn_letter){.reference_id = "K7QW3ABCDEFGHIJK-0-20"};
    assert_int_equal(ipn_world_ask(world, &letter), 200);
    ipn_world_settle(world);
    assert_int_equal(ipn_world_logged(world, "attempt=K7QW3ABCDEFGHIJK-0-20 recorded"), 1);
    ipn_world_close(world);
}

/* A flood of notices leaves lines, but not one each; what a person should see is among them. */
static void test_lines_are_bounded(void **state)
{
    struct ipn_world *world = *state;
    ipn_world_open(world);
    (void)ipn_world_logged(world, "x");
    for (int i = 0; i < 150; i++) {
        (void)ipn_world_post(world, &(struct ipn_letter){.notification_type = "New"});
    }
    ipn_world_wait(world);
    assert_int_equal(world->counts.kept, 150);
    struct ipn_letter letter = {.notification_type = "ChargebackDetailedNotification",
                                .data = "USD 5.0 was charged back"};
    assert_int_equal(ipn_world_ask(world, &letter), 200);
    ipn_world_settle(world);
    assert_in_range(ipn_world_logged(world, "event=notice "), 101, 145);
    ipn_world_close(world);
}

static void commanded(void *arg, enum status status, const struct problem *problem,
                      const struct account *account)
{
    (void)arg;
    (void)problem;
    (void)account;
    assert_int_equal(status, ST_OK);
}

/* Amazon is found to have the agreement Open: the waiting charge is tried, and Amazon not reached.
 */
static void charge_is_tried(struct ipn_world *world)
{
    struct event sync = {.kind = EVENT_SYNC};
    struct event found = {
        .kind = EVENT_CARE_ANSWER,
        .care = {.care = CARE_SYNC,
                 .outcome = OUTCOME_DONE,
                 .has_details = true,
                 .state = AGREEMENT_OPEN,
                 .has_limit = true,
                 .limit_amount = money_of(50000, "JPY"),
                 .limit_remaining = money_of(50000, "JPY"),
                 .period_start = instant_plus(loop_now(world->loop), -3600000),
                 .period_end = instant_plus(loop_now(world->loop), 3600000)},
    };
    runner_command(world->runner, IPN_SELLER, IPN_AGREEMENT, &sync, commanded, world);
    runner_command(world->runner, IPN_SELLER, IPN_AGREEMENT, &found, commanded, world);
    ipn_world_settle(world);
    agreement_is(world, AGREEMENT_OPEN);
}

static bool is_id_learned(struct ipn_world *world)
{
    static struct account account;
    struct problem problem;
    assert_int_equal(world->store->ops->load_account(world->store, IPN_SELLER, IPN_AGREEMENT,
                                                     &account, &problem),
                     ST_OK);
    assert_int_equal(account.charge_count, 1);
    assert_int_equal(account.charges[0].state, CHARGE_ATTEMPTING);
    return account.charges[0].attempt.authorization_id[0] != '\0';
}

/* What is told counts as made for ever: no stranger may tell it. */
static void test_ids_are_learned_from_the_configured_topic_only(void **state)
{
    struct ipn_world *world = *state;
    struct ipn_letter letter = {.reference_id = "K7QW3ABCDEFGHIJK-0-1"};
    ipn_world_open(world);
    charge_is_tried(world);
    letter.topic = "arn:aws:sns:ap-northeast-1:666666666666:evilA1SELLER";
    assert_int_equal(ipn_world_ask(world, &letter), 200);
    ipn_world_settle(world);
    assert_int_equal(world->counts.ended, 1);
    assert_false(is_id_learned(world));
    (void)snprintf(world->sellers[0].ipn_topic_arn, sizeof world->sellers[0].ipn_topic_arn,
                   IPN_TOPIC);
    ipn_configure(world->ipn, &world->config);
    letter.topic = IPN_TOPIC;
    assert_int_equal(ipn_world_ask(world, &letter), 200);
    ipn_world_settle(world);
    assert_int_equal(world->counts.ended, 2);
    assert_true(is_id_learned(world));
    world->sellers[0].ipn_topic_arn[0] = '\0';
    ipn_world_close(world);
}

static void test_what_contradicts(void **state)
{
    static const struct {
        enum notice_kind kind;
        const char *state, *reason;
        enum attempt_state recorded;
        bool contradicts;
    } cases[] = {
        {NOTICE_AUTHORIZATION, "Declined", "AmazonRejected", ATTEMPT_CAPTURED, true},
        {NOTICE_CAPTURE, "Declined", "", ATTEMPT_CAPTURED, true},
        {NOTICE_CAPTURE, "Completed", "", ATTEMPT_CAPTURED, false},
        {NOTICE_CAPTURE, "Completed", "", ATTEMPT_DECLINED, true},
        {NOTICE_CAPTURE, "Completed", "", ATTEMPT_REFUSED, true},
        {NOTICE_CAPTURE, "Completed", "", ATTEMPT_UNKNOWN, false},
        {NOTICE_CAPTURE, "Completed", "", ATTEMPT_INTENT, false},
        {NOTICE_CAPTURE, "Completed", "", ATTEMPT_POSTPONED, false},
        {NOTICE_CAPTURE, "Pending", "", ATTEMPT_CAPTURED, false},
        {NOTICE_CAPTURE, "Sleeping", "", ATTEMPT_CAPTURED, false},
        {NOTICE_CAPTURE, "Closed", "MaxAmountRefunded", ATTEMPT_CAPTURED, false},
        {NOTICE_AUTHORIZATION, "Closed", "MaxCapturesProcessed", ATTEMPT_CAPTURED, false},
        {NOTICE_AUTHORIZATION, "Closed", "MaxCapturesProcessed", ATTEMPT_DECLINED, true},
        {NOTICE_AUTHORIZATION, "Closed", "ExpiredUnused", ATTEMPT_DECLINED, false},
        {NOTICE_AUTHORIZATION, "Declined", "", ATTEMPT_DECLINED, false},
        {NOTICE_REFUND, "Completed", "", ATTEMPT_DECLINED, false},
        {NOTICE_AGREEMENT, "Closed", "", ATTEMPT_CAPTURED, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct notice notice = {.kind = cases[i].kind};
        struct attempt attempt = {.state = cases[i].recorded};
        (void)snprintf(notice.state, sizeof notice.state, "%s", cases[i].state);
        (void)snprintf(notice.reason, sizeof notice.reason, "%s", cases[i].reason);
        if (ipn_notice_contradicts(&notice, &attempt) != cases[i].contradicts) {
            fail_msg("%s %s %s against %s", ipn_notice_kind_name(cases[i].kind), cases[i].state,
                     cases[i].reason, attempt_state_name(cases[i].recorded));
        }
    }
}

static void test_notices_made(void **state)
{
    struct ipn_notification told = {.type = IPN_BILLING_AGREEMENT,
                                    .event = IPN_PAYMENT_METHOD_UPDATED,
                                    .seller_id = IPN_SELLER,
                                    .object_id = IPN_AGREEMENT,
                                    .state = "Open",
                                    .updated_at = {5}};
    struct notice notice;
    (void)state;
    ipn_notice_make(&told, "m", (struct instant){7}, &notice);
    assert_int_equal(notice.kind, NOTICE_AGREEMENT);
    assert_string_equal(notice.message_id, "m");
    assert_string_equal(notice.object_id, IPN_AGREEMENT);
    assert_string_equal(notice.reason, "PaymentMethodUpdated");
    assert_int_equal(notice.updated_at.utc_ms, 5);
    assert_int_equal(notice.received_at.utc_ms, 7);
    assert_int_equal(notice.number, 0);
    /* ids that cannot be ours are left out */
    told = (struct ipn_notification){.type = IPN_PAYMENT_AUTHORIZE,
                                     .reference_id = "K7QW3ABCDEFGHIJK-12-1",
                                     .seller_order_id = "K7QW3ABCDEFGHIJK-12"};
    ipn_notice_make(&told, "m", (struct instant){7}, &notice);
    assert_string_equal(notice.reference_id, "K7QW3ABCDEFGHIJK-12-1");
    assert_string_equal(notice.order_id, "K7QW3ABCDEFGHIJK-12");
    (void)snprintf(told.reference_id, sizeof told.reference_id, "P01-0000000-0000000-Ref");
    memset(told.seller_order_id, 'A', sizeof told.seller_order_id - 1);
    ipn_notice_make(&told, "m", (struct instant){7}, &notice);
    assert_string_equal(notice.reference_id, "");
    assert_string_equal(notice.order_id, "");
    /* unreadable: nothing to ask about, but money that went back is always kept */
    told.is_data_unreadable = true;
    ipn_notice_make(&told, "m", (struct instant){7}, &notice);
    assert_int_equal(notice.kind, NOTICE_OTHER);
    told.type = IPN_CHARGEBACK;
    ipn_notice_make(&told, "m", (struct instant){7}, &notice);
    assert_int_equal(notice.kind, NOTICE_CHARGEBACK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_taken_and_done),
        cmocka_unit_test(test_store_that_cannot_keep),
        cmocka_unit_test(test_open_ones_are_taken_up_at_the_start),
        cmocka_unit_test(test_tried_again_later),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_old_ones_are_forgotten),
        cmocka_unit_test(test_contradiction),
        cmocka_unit_test(test_lines_are_bounded),
        cmocka_unit_test(test_what_contradicts),
        cmocka_unit_test(test_notices_made),
        cmocka_unit_test(test_ids_are_learned_from_the_configured_topic_only),
    };
    return cmocka_run_group_tests(tests, ipn_world_setup, ipn_world_teardown);
}
