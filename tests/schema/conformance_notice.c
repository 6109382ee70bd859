/* conformance_notice.c - keeping, handing out, ending and forgetting notices; see conformance.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/schema/conformance.h"

static void keep(struct fixture *fixture, struct notice *notices, uint32_t count)
{
    assert_ok(fixture,
              fixture->store->ops->keep_notices(fixture->store, notices, count, &fixture->problem));
}

static bool keep_one(struct fixture *fixture, struct notice *notice)
{
    notice->number = 99;
    notice->is_known = false;
    keep(fixture, notice, 1);
    assert_int_equal(notice->number == 0, notice->is_known);
    return !notice->is_known;
}

static void end(struct fixture *fixture, const uint64_t *numbers, uint32_t count,
                struct instant forget_before)
{
    assert_ok(fixture, fixture->store->ops->end_notices(fixture->store, numbers, count,
                                                        forget_before, &fixture->problem));
}

#define WORKS_MAX 8

static uint32_t open_notices(struct fixture *fixture, uint64_t after, uint32_t max,
                             struct notice_work works[WORKS_MAX])
{
    uint32_t count = 99;
    assert_true(max <= WORKS_MAX);
    assert_ok(fixture, fixture->store->ops->open_notices(fixture->store, after, max, works, &count,
                                                         &fixture->problem));
    assert_true(count <= max);
    return count;
}

static uint32_t open_count(struct fixture *fixture)
{
    struct notice_work works[WORKS_MAX];
    return open_notices(fixture, 0, WORKS_MAX, works);
}

/* An agreement of the seller, and a notice about it. */
static void notice_of_agreement(struct fixture *fixture, struct notice *notice,
                                const char *seller_id, uint64_t number)
{
    struct account *account = &fixture->account[0];
    save_waking(fixture, seller_id, number, LANE_RENEWAL, sample_at(90000));
    sample_agreement(account, seller_id, number);
    sample_notice(notice, seller_id, NOTICE_AGREEMENT, number);
    snprintf(notice->object_id, sizeof notice->object_id, "%s", account->agreement.id);
}

/* A recorded attempt in `state`, and a notice about its authorization. */
static void notice_of_attempt(struct fixture *fixture, struct notice *notice, const char *seller_id,
                              uint64_t number, enum attempt_state state)
{
    struct account *account = &fixture->account[0];
    sample_agreement(account, seller_id, number);
    struct charge *charge = sample_one_off(account, number, "");
    sample_attempt(charge);
    if (state == ATTEMPT_CAPTURED) {
        sample_capture(charge);
    }
    charge->attempt.state = state;
    save_new(fixture, account);
    sample_notice(notice, seller_id, NOTICE_AUTHORIZATION, number);
    snprintf(notice->reference_id, sizeof notice->reference_id, "%s", charge->attempt.reference_id);
}

static void assert_same_notice(const struct notice *a, const struct notice *b)
{
    assert_int_equal(a->number, b->number);
    assert_string_equal(a->seller_id, b->seller_id);
    assert_string_equal(a->message_id, b->message_id);
    assert_int_equal(a->kind, b->kind);
    assert_string_equal(a->object_id, b->object_id);
    assert_string_equal(a->parent_id, b->parent_id);
    assert_string_equal(a->reference_id, b->reference_id);
    assert_string_equal(a->order_id, b->order_id);
    assert_string_equal(a->state, b->state);
    assert_string_equal(a->reason, b->reason);
    assert_int_equal(money_is_valid(a->amount), money_is_valid(b->amount));
    assert_true(!money_is_valid(a->amount) || money_equal(a->amount, b->amount));
    assert_int_equal(a->updated_at.utc_ms, b->updated_at.utc_ms);
    assert_int_equal(a->received_at.utc_ms, b->received_at.utc_ms);
    assert_false(b->is_known);
}

static void a_notice_comes_back_whole(void **state)
{
    struct fixture *fixture = *state;
    struct notice notices[2];
    notice_of_attempt(fixture, &notices[0], SELLER, 1, ATTEMPT_UNKNOWN);
    snprintf(notices[0].parent_id, AMAZON_ID_MAX, "S01-1234567-0000001");
    snprintf(notices[0].order_id, CHARGE_ID_MAX, "AAAAAAAAAAAAAAAA-1000000");
    snprintf(notices[0].reason, NOTICE_REASON_MAX, "%0*d", NOTICE_REASON_MAX - 1, 0);
    snprintf(notices[0].state, NOTICE_STATE_MAX, "%0*d", NOTICE_STATE_MAX - 1, 0);
    snprintf(notices[0].message_id, NOTICE_MESSAGE_ID_MAX, "%0*d", NOTICE_MESSAGE_ID_MAX - 1, 0);
    notice_of_agreement(fixture, &notices[1], OTHER_SELLER, 2);
    notices[1].amount = money_of(0, "");
    notices[1].updated_at = INSTANT_NEVER;
    keep(fixture, notices, 2);

    struct notice_work works[WORKS_MAX];
    struct account account;
    assert_int_equal(open_notices(fixture, 0, WORKS_MAX, works), 2);
    for (uint64_t i = 0; i < 2; i++) {
        assert_same_notice(&notices[i], &works[i].notice);
        sample_agreement(&account, SELLER, i + 1);
        assert_string_equal(works[i].agreement_id, account.agreement.id);
    }
}

static void the_same_message_is_known(void **state)
{
    struct fixture *fixture = *state;
    struct notice notice;
    notice_of_agreement(fixture, &notice, SELLER, 1);
    assert_true(keep_one(fixture, &notice));
    assert_false(keep_one(fixture, &notice));
    snprintf(notice.state, sizeof notice.state, "Suspended"); /* whatever else it says now */
    notice.updated_at = sample_at(500);
    assert_false(keep_one(fixture, &notice));
    assert_int_equal(open_count(fixture), 1);
    fixture->store = fixture->factory->reopen(fixture->factory->context, fixture->store);
    assert_false(keep_one(fixture, &notice));
    assert_int_equal(open_count(fixture), 1);
}

static void the_same_news_is_known(void **state)
{
    struct fixture *fixture = *state;
    struct notice first;
    notice_of_attempt(fixture, &first, SELLER, 1, ATTEMPT_UNKNOWN);
    assert_true(keep_one(fixture, &first));
    struct notice second = first;
    snprintf(second.message_id, sizeof second.message_id, "another");
    assert_false(keep_one(fixture, &second));

    /* Each of these is news: another state, time, kind or object, or no time to know it by. */
    snprintf(second.state, sizeof second.state, "Closed");
    assert_true(keep_one(fixture, &second));
    second = first;
    snprintf(second.message_id, sizeof second.message_id, "a third");
    second.updated_at = sample_at(700);
    assert_true(keep_one(fixture, &second));
    second = first;
    snprintf(second.message_id, sizeof second.message_id, "a fourth");
    second.kind = NOTICE_CAPTURE;
    assert_true(keep_one(fixture, &second));
    second = first;
    snprintf(second.message_id, sizeof second.message_id, "a fifth");
    snprintf(second.object_id, sizeof second.object_id, "S01-0000000-0000000-A000009");
    assert_true(keep_one(fixture, &second));
    second = first;
    second.updated_at = INSTANT_NEVER;
    snprintf(second.message_id, sizeof second.message_id, "a sixth");
    assert_true(keep_one(fixture, &second));
    snprintf(second.message_id, sizeof second.message_id, "a seventh");
    assert_true(keep_one(fixture, &second));
    assert_int_equal(open_count(fixture), 7);
}

/* The status keeps its time when the buyer changes the payment method or the address. */
static void an_agreements_messages_are_each_news(void **state)
{
    struct fixture *fixture = *state;
    struct notice notice;
    notice_of_agreement(fixture, &notice, SELLER, 1);
    assert_true(keep_one(fixture, &notice));
    snprintf(notice.message_id, sizeof notice.message_id, "another");
    assert_true(keep_one(fixture, &notice));
    assert_int_equal(open_count(fixture), 2);
}

static void twice_in_one_batch(void **state)
{
    struct fixture *fixture = *state;
    struct notice notices[4];
    notice_of_attempt(fixture, &notices[0], SELLER, 1, ATTEMPT_INTENT);
    notices[1] = notices[0]; /* the same message */
    notices[2] = notices[0]; /* the same news */
    snprintf(notices[2].message_id, sizeof notices[2].message_id, "another");
    notice_of_agreement(fixture, &notices[3], SELLER, 2);
    keep(fixture, notices, 4);
    assert_false(notices[0].is_known);
    assert_true(notices[1].is_known);
    assert_true(notices[2].is_known);
    assert_false(notices[3].is_known);
    assert_true(notices[3].number > notices[0].number);
    assert_int_equal(notices[1].number, 0);
    assert_int_equal(open_count(fixture), 2);
    keep(fixture, notices, 0);
    assert_int_equal(open_count(fixture), 2);
}

static void nothing_open_is_done_at_once(void **state)
{
    struct fixture *fixture = *state;
    static const enum attempt_state final[] = {ATTEMPT_CAPTURED, ATTEMPT_DECLINED, ATTEMPT_REFUSED};
    struct notice notice;
    for (uint64_t i = 0; i < 3; i++) {
        notice_of_attempt(fixture, &notice, SELLER, i, final[i]);
        assert_true(keep_one(fixture, &notice));
    }
    for (enum agreement_state over = AGREEMENT_CANCELED; over <= AGREEMENT_CLOSED; over++) {
        struct account *account = &fixture->account[1];
        sample_agreement(account, SELLER, 10 + (uint64_t)over);
        account->agreement.state = over;
        save_new(fixture, account);
        sample_notice(&notice, SELLER, NOTICE_AGREEMENT, 10 + (uint64_t)over);
        snprintf(notice.object_id, sizeof notice.object_id, "%s", account->agreement.id);
        assert_true(keep_one(fixture, &notice));
    }
    static const char *const unknown[] = {"", "K7QW3K7QW3K7QW3K-1-1", "invoice-2026-1", "-", "1"};
    for (uint64_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        sample_notice(&notice, SELLER, i % 2 == 0 ? NOTICE_AUTHORIZATION : NOTICE_CAPTURE, 20 + i);
        snprintf(notice.reference_id, sizeof notice.reference_id, "%s", unknown[i]);
        assert_true(keep_one(fixture, &notice));
    }
    sample_notice(&notice, SELLER, NOTICE_AGREEMENT, 30); /* no such agreement */
    assert_true(keep_one(fixture, &notice));
    /* The attempt is open, but these do not speak of it. */
    struct notice of_attempt;
    notice_of_attempt(fixture, &of_attempt, SELLER, 40, ATTEMPT_UNKNOWN);
    for (enum notice_kind kind = NOTICE_REFUND; kind <= NOTICE_OTHER; kind++) {
        sample_notice(&notice, SELLER, kind, 40 + (uint64_t)kind);
        memcpy(notice.reference_id, of_attempt.reference_id, sizeof notice.reference_id);
        assert_true(keep_one(fixture, &notice));
    }
    assert_int_equal(open_count(fixture), 0);
    assert_false(keep_one(fixture, &notice)); /* and is known all the same */
}

static void every_open_attempt_hears(void **state)
{
    struct fixture *fixture = *state;
    static const enum attempt_state open[] = {ATTEMPT_INTENT,    ATTEMPT_UNKNOWN,
                                              ATTEMPT_POSTPONED, ATTEMPT_AUTHORIZED,
                                              ATTEMPT_CAPTURING, ATTEMPT_VOIDING};
    struct notice notice;
    for (uint64_t i = 0; i < 6; i++) {
        notice_of_attempt(fixture, &notice, SELLER, i, open[i]);
        assert_true(keep_one(fixture, &notice));
        snprintf(notice.message_id, sizeof notice.message_id, "capture %d", (int)i);
        notice.kind = NOTICE_CAPTURE;
        assert_true(keep_one(fixture, &notice));
    }
    struct notice_work works[WORKS_MAX];
    assert_int_equal(open_notices(fixture, 4, WORKS_MAX, works), 8);
    assert_int_equal(open_notices(fixture, 0, 4, works), 4);
}

/* Money that went back: of a capture of ours, by the order reference that Amazon's ids begin with,
 * also when everything about it is final. */
static void money_back_finds_its_capture(void **state)
{
    struct fixture *fixture = *state;
    struct account *account = &fixture->account[0];
    sample_agreement(account, SELLER, 1);
    account->agreement.state = AGREEMENT_CLOSED;
    struct charge *charge = sample_one_off(account, 1, "");
    sample_attempt(charge);
    charge->attempt.state = ATTEMPT_DECLINED;
    snprintf(charge->attempt.order_reference_id, AMAZON_ID_MAX, "S01-1234567-7777777");
    charge->state = CHARGE_RETRYING;
    charge->retry_at = sample_at(1);
    save_new(fixture, account);
    sample_attempt(charge);
    sample_capture(charge); /* S01-1234567-1234567 */
    save(fixture, account);

    char on_shipment[REFERENCE_ID_MAX];
    char declined[REFERENCE_ID_MAX];
    capture_reference_id_format(charge->attempt.reference_id, 1, on_shipment);
    reference_id_format(charge->id, charge->attempt.number - 1, declined);
    const struct {
        enum notice_kind kind;
        const char *object_id, *parent_id;
        bool is_open;
    } cases[] = {
        {NOTICE_CHARGEBACK, "CHRV1", charge->attempt.reference_id, true}, /* as Amazon tells it */
        {NOTICE_CHARGEBACK, "CHRV2", on_shipment, true},
        {NOTICE_CHARGEBACK, "CHRV3", declined, false},
        {NOTICE_REFUND, "S01-1234567-1234567-R000001", "", true},
        {NOTICE_CHARGEBACK, "CB-9", "S01-1234567-1234567-C000001", true},
        {NOTICE_REFUND, "S01-1234567-1234568-R000001", "", false}, /* another's */
        {NOTICE_REFUND, "S01-1234567-7777777-R000001", "", false}, /* nothing was captured */
        {NOTICE_CHARGEBACK, "CB-10", "", false},
        {NOTICE_CHARGEBACK, "nonsense", "", false},
        {NOTICE_REFUND, "", "", false},
    };
    struct notice_work works[WORKS_MAX];
    uint64_t after = 0;
    for (uint64_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct notice notice;
        sample_notice(&notice, SELLER, cases[i].kind, i);
        snprintf(notice.object_id, AMAZON_ID_MAX, "%s", cases[i].object_id);
        snprintf(notice.parent_id, AMAZON_ID_MAX, "%s", cases[i].parent_id);
        assert_true(keep_one(fixture, &notice));
        assert_int_equal(open_notices(fixture, after, WORKS_MAX, works), cases[i].is_open);
        after = notice.number;
        if (cases[i].is_open) {
            assert_string_equal(works[0].agreement_id, account->agreement.id);
            assert_string_equal(works[0].charge_id, charge->id);
            assert_string_equal(works[0].capture_id, "S01-1234567-1234567-C000001");
            end(fixture, &after, 1, sample_at(90000)); /* and is kept for ever */
        }
    }
    struct notice other;
    sample_notice(&other, OTHER_SELLER, NOTICE_REFUND, 50);
    snprintf(other.object_id, AMAZON_ID_MAX, "S01-1234567-1234567-R000001");
    assert_true(keep_one(fixture, &other));
    assert_int_equal(open_count(fixture), 0);
    struct notice_view views[WORKS_MAX];
    uint32_t count = 0;
    assert_ok(fixture, fixture->store->ops->list_notices(
                           fixture->store, SELLER,
                           (struct notice_search){.kind = NOTICE_REFUND, .object_id = ""},
                           WORKS_MAX, views, &count, &fixture->problem));
    assert_int_equal(count, 4);
    assert_string_equal(views[0].work.charge_id, charge->id);
    assert_true(views[0].is_done);
    assert_string_equal(views[1].work.charge_id, "");
}

/* An earlier attempt of the charge is final: its news come too late. */
static void only_the_attempt_that_is_named(void **state)
{
    struct fixture *fixture = *state;
    struct account *account = &fixture->account[0];
    sample_agreement(account, SELLER, 1);
    struct charge *charge = sample_one_off(account, 1, "");
    sample_attempt(charge);
    charge->attempt.state = ATTEMPT_DECLINED;
    save_new(fixture, account);
    sample_attempt(charge);
    save(fixture, account);
    struct notice notice;
    for (uint32_t number = 1; number <= 3; number++) {
        sample_notice(&notice, SELLER, NOTICE_AUTHORIZATION, number);
        reference_id_format(charge->id, number, notice.reference_id);
        assert_true(keep_one(fixture, &notice));
    }
    struct notice_work works[WORKS_MAX];
    assert_int_equal(open_notices(fixture, 0, WORKS_MAX, works), 1);
    assert_string_equal(works[0].notice.reference_id, charge->attempt.reference_id);
}

static void sellers_are_apart(void **state)
{
    struct fixture *fixture = *state;
    struct notice notice;
    notice_of_attempt(fixture, &notice, SELLER, 1, ATTEMPT_UNKNOWN);
    struct notice other = notice;
    snprintf(other.seller_id, sizeof other.seller_id, "%s", OTHER_SELLER);
    assert_true(keep_one(fixture, &notice));
    assert_true(keep_one(fixture, &other)); /* the same ids, kept apart, and none of its business */
    assert_int_equal(open_count(fixture), 1);
    sample_notice(&notice, SELLER, NOTICE_AGREEMENT, 2);
    struct account *account = &fixture->account[1];
    sample_agreement(account, OTHER_SELLER, 2);
    save_new(fixture, account);
    snprintf(notice.object_id, sizeof notice.object_id, "%s", account->agreement.id);
    assert_true(keep_one(fixture, &notice)); /* another seller's agreement is not this one's */
    assert_int_equal(open_count(fixture), 1);
}

static void open_ones_survive_and_keep_their_order(void **state)
{
    struct fixture *fixture = *state;
    struct notice notices[6];
    for (uint64_t i = 0; i < 6; i++) {
        notice_of_agreement(fixture, &notices[i], i % 2 == 0 ? SELLER : OTHER_SELLER, i);
        notices[i].received_at = sample_at(100 - (int64_t)i); /* not the order of arrival */
    }
    keep(fixture, notices, 3);
    keep(fixture, notices + 3, 3);
    end(fixture, &notices[2].number, 1, sample_at(-1000));
    fixture->store = fixture->factory->reopen(fixture->factory->context, fixture->store);

    struct notice_work works[WORKS_MAX];
    assert_int_equal(open_notices(fixture, 0, 2, works), 2);
    assert_int_equal(works[0].notice.number, notices[0].number);
    assert_int_equal(works[1].notice.number, notices[1].number);
    assert_int_equal(open_notices(fixture, works[1].notice.number, WORKS_MAX, works), 3);
    for (uint64_t i = 0; i < 3; i++) {
        assert_int_equal(works[i].notice.number, notices[i + 3].number);
    }
    assert_int_equal(open_notices(fixture, notices[5].number, WORKS_MAX, works), 0);
    assert_int_equal(open_notices(fixture, UINT64_MAX, WORKS_MAX, works), 0);
    assert_int_equal(open_notices(fixture, 0, 0, works), 0);
}

static void ended_ones_stay_ended(void **state)
{
    struct fixture *fixture = *state;
    struct notice notices[3];
    for (uint64_t i = 0; i < 3; i++) {
        notice_of_agreement(fixture, &notices[i], SELLER, i);
    }
    keep(fixture, notices, 3);
    const uint64_t numbers[] = {notices[0].number, notices[2].number, 0, 1000000, UINT64_MAX};
    end(fixture, numbers, 5, sample_at(-1000));
    end(fixture, numbers, 5, sample_at(-1000));
    fixture->store = fixture->factory->reopen(fixture->factory->context, fixture->store);
    struct notice_work works[WORKS_MAX];
    assert_int_equal(open_notices(fixture, 0, WORKS_MAX, works), 1);
    assert_int_equal(works[0].notice.number, notices[1].number);
    assert_false(keep_one(fixture, &notices[0])); /* done is not forgotten */
    assert_int_equal(open_count(fixture), 1);
}

static void only_old_and_done_ones_are_forgotten(void **state)
{
    struct fixture *fixture = *state;
    struct notice notices[5];
    for (uint64_t i = 0; i < 5; i++) {
        static const enum notice_kind kinds[] = {NOTICE_ORDER, NOTICE_REFUND, NOTICE_CHARGEBACK,
                                                 NOTICE_ORDER, NOTICE_AGREEMENT};
        sample_notice(&notices[i], SELLER, kinds[i], i);
        if (kinds[i] == NOTICE_AGREEMENT) {
            notice_of_agreement(fixture, &notices[i], SELLER, i);
        }
        notices[i].received_at = sample_at(i == 3 ? 50 : 10);
    }
    keep(fixture, notices, 5);
    uint64_t last = notices[4].number;
    end(fixture, NULL, 0, sample_at(10)); /* before, not at */
    for (uint64_t i = 0; i < 5; i++) {
        assert_false(keep_one(fixture, &notices[i]));
    }
    end(fixture, NULL, 0, sample_at(50));
    assert_true(keep_one(fixture, &notices[0])); /* forgotten, so it is news again */
    assert_true(notices[0].number > last);       /* under a number that was never used */
    for (uint64_t i = 1; i < 5; i++) {
        assert_false(keep_one(fixture, &notices[i])); /* refund, chargeback, young, open */
    }
    assert_int_equal(open_count(fixture), 1);
}

static void forgetting_is_bounded(void **state)
{
    struct fixture *fixture = *state;
    const uint32_t count = NOTICES_FORGOTTEN_MAX + 5;
    struct notice *notices = calloc(count, sizeof *notices);
    assert_non_null(notices);
    for (uint32_t i = 0; i < count; i++) {
        sample_notice(&notices[i], SELLER, NOTICE_ORDER, i);
    }
    keep(fixture, notices, count);
    end(fixture, NULL, 0, sample_at(90000));
    /* Five are left, the youngest. */
    for (uint32_t i = count - 5; i < count; i++) {
        assert_false(keep_one(fixture, &notices[i]));
    }
    assert_true(keep_one(fixture, &notices[count - 6]));
    free(notices);
}

/* ---- listing ---- */

static uint32_t list(struct fixture *fixture, struct notice_search search, uint32_t max,
                     struct notice_view views[WORKS_MAX])
{
    uint32_t count = 99;
    assert_true(max <= WORKS_MAX);
    search.object_id = search.object_id == NULL ? "" : search.object_id;
    memset(views, 0xa5, WORKS_MAX * sizeof *views);
    assert_ok(fixture, fixture->store->ops->list_notices(fixture->store, SELLER, search, max, views,
                                                         &count, &fixture->problem));
    assert_true(count <= max);
    return count;
}

static void assert_numbers(const struct notice_view *views, uint32_t count,
                           const struct notice *const expected[], uint32_t expected_count)
{
    assert_int_equal(count, expected_count);
    for (uint32_t i = 0; i < expected_count; i++) {
        assert_int_equal(views[i].work.notice.number, expected[i]->number);
    }
}

static void a_listed_notice_is_whole(void **state)
{
    struct fixture *fixture = *state;
    struct notice notices[2];
    notice_of_agreement(fixture, &notices[0], SELLER, 1);
    snprintf(notices[0].reason, NOTICE_REASON_MAX, "BuyerCanceled");
    sample_notice(&notices[1], SELLER, NOTICE_REFUND, 2);
    notices[1].amount = money_of(0, "");
    notices[1].updated_at = INSTANT_NEVER;
    snprintf(notices[1].parent_id, AMAZON_ID_MAX, "S01-1234567-0000001-C000001");
    keep(fixture, notices, 2);
    struct notice_view views[WORKS_MAX];
    for (int round = 0; round < 2; round++) {
        assert_int_equal(list(fixture, (struct notice_search){.newest = true}, 8, views), 2);
        assert_same_notice(&notices[0], &views[0].work.notice);
        assert_string_equal(views[0].work.agreement_id, notices[0].object_id);
        assert_int_equal(views[0].is_done, round == 1);
        assert_same_notice(&notices[1], &views[1].work.notice);
        assert_string_equal(views[1].work.agreement_id, "");
        assert_true(views[1].is_done);
        end(fixture, &notices[0].number, 1, sample_at(-1000));
    }
}

static void the_newest_and_on_from_a_number(void **state)
{
    struct fixture *fixture = *state;
    struct notice n[6];
    for (uint64_t i = 0; i < 6; i++) { /* the last two are another seller's */
        sample_notice(&n[i], i < 4 ? SELLER : OTHER_SELLER, NOTICE_ORDER, i);
        n[i].received_at = sample_at(100 - (int64_t)i); /* not the order of arrival */
    }
    keep(fixture, n, 6);
    struct notice_view views[WORKS_MAX];
    const struct notice *const all[] = {&n[0], &n[1], &n[2], &n[3]};
    struct notice_search newest = {.newest = true};
    assert_numbers(views, list(fixture, newest, 8, views), all, 4);
    assert_numbers(views, list(fixture, newest, 3, views), all + 1, 3);
    assert_numbers(views, list(fixture, newest, 0, views), all, 0);
    struct notice_search on = {.after = 0};
    assert_numbers(views, list(fixture, on, 3, views), all, 3);
    on.after = n[2].number;
    assert_numbers(views, list(fixture, on, 3, views), all + 3, 1);
    on.after = n[5].number;
    assert_int_equal(list(fixture, on, 3, views), 0);
    on.after = UINT64_MAX;
    assert_int_equal(list(fixture, on, 3, views), 0);
}

static void notices_of_a_kind_or_an_object(void **state)
{
    struct fixture *fixture = *state;
    static const enum notice_kind kinds[] = {NOTICE_ORDER,  NOTICE_REFUND,     NOTICE_ORDER,
                                             NOTICE_REFUND, NOTICE_CHARGEBACK, NOTICE_REFUND};
    struct notice n[8];
    for (uint64_t i = 0; i < 6; i++) {
        sample_notice(&n[i], SELLER, kinds[i], i);
    }
    /* The same refund again, later; and one of another seller's that has its id. */
    memcpy(n[5].object_id, n[1].object_id, sizeof n[5].object_id);
    sample_notice(&n[6], OTHER_SELLER, NOTICE_REFUND, 6);
    memcpy(n[6].object_id, n[1].object_id, sizeof n[6].object_id);
    keep(fixture, n, 7);
    struct notice_view views[WORKS_MAX];
    const struct notice *const refunds[] = {&n[1], &n[3], &n[5]};
    const struct notice *const one[] = {&n[1], &n[5]};
    const struct notice *const orders[] = {&n[0], &n[2]};
    const struct notice *const chargebacks[] = {&n[4]};
    for (int newest = 0; newest < 2; newest++) {
        struct notice_search search = {.newest = newest == 1, .kind = NOTICE_REFUND};
        assert_numbers(views, list(fixture, search, 8, views), refunds, 3);
        assert_numbers(views, list(fixture, search, 2, views), refunds + newest, 2);
        search.object_id = n[1].object_id;
        assert_numbers(views, list(fixture, search, 8, views), one, 2);
        assert_numbers(views, list(fixture, search, 1, views), one + newest, 1);
        search.kind = NOTICE_ORDER;
        assert_int_equal(list(fixture, search, 8, views), 0);
        search.kind = 0;
        assert_numbers(views, list(fixture, search, 8, views), one, 2);
        search = (struct notice_search){.newest = newest == 1, .kind = NOTICE_ORDER};
        assert_numbers(views, list(fixture, search, 8, views), orders, 2);
        search.kind = NOTICE_CHARGEBACK;
        assert_numbers(views, list(fixture, search, 8, views), chargebacks, 1);
        search.kind = NOTICE_CAPTURE;
        assert_int_equal(list(fixture, search, 8, views), 0);
    }
    struct notice_search later = {.after = n[1].number, .kind = NOTICE_REFUND};
    assert_numbers(views, list(fixture, later, 8, views), refunds + 1, 2);
    later.object_id = n[1].object_id;
    assert_numbers(views, list(fixture, later, 8, views), one + 1, 1);
}

/* Also of an agreement, whose every message is news, and where no time is told. */
static void every_notice_of_an_object_is_found(void **state)
{
    struct fixture *fixture = *state;
    struct notice n[3];
    notice_of_agreement(fixture, &n[0], SELLER, 1);
    for (int i = 1; i < 3; i++) {
        n[i] = n[0];
        snprintf(n[i].message_id, sizeof n[i].message_id, "message %d", i);
    }
    n[2].updated_at = INSTANT_NEVER;
    keep(fixture, n, 3);
    struct notice_view views[WORKS_MAX];
    const struct notice *const all[] = {&n[0], &n[1], &n[2]};
    struct notice_search search = {.object_id = n[0].object_id};
    assert_numbers(views, list(fixture, search, 8, views), all, 3);
    search.object_id = "B01-nobody";
    assert_int_equal(list(fixture, search, 8, views), 0);
}

const struct conformance_case notice_cases[CASES_MAX] = {
    {"a_notice_comes_back_whole", a_notice_comes_back_whole},
    {"the_same_message_is_known", the_same_message_is_known},
    {"the_same_news_is_known", the_same_news_is_known},
    {"an_agreements_messages_are_each_news", an_agreements_messages_are_each_news},
    {"twice_in_one_batch", twice_in_one_batch},
    {"nothing_open_is_done_at_once", nothing_open_is_done_at_once},
    {"every_open_attempt_hears", every_open_attempt_hears},
    {"money_back_finds_its_capture", money_back_finds_its_capture},
    {"only_the_attempt_that_is_named", only_the_attempt_that_is_named},
    {"sellers_are_apart", sellers_are_apart},
    {"open_ones_survive_and_keep_their_order", open_ones_survive_and_keep_their_order},
    {"ended_ones_stay_ended", ended_ones_stay_ended},
    {"only_old_and_done_ones_are_forgotten", only_old_and_done_ones_are_forgotten},
    {"forgetting_is_bounded", forgetting_is_bounded},
    {"a_listed_notice_is_whole", a_listed_notice_is_whole},
    {"the_newest_and_on_from_a_number", the_newest_and_on_from_a_number},
    {"notices_of_a_kind_or_an_object", notices_of_a_kind_or_an_object},
    {"every_notice_of_an_object_is_found", every_notice_of_an_object_is_found},
};
