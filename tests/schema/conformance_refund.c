/* conformance_refund.c - money that goes back: what is kept, counted and refused; see
 * conformance.h. */
#include <stdio.h>
#include <string.h>

#include "tests/schema/conformance.h"

static void assert_same_refund(const struct refund *a, const struct refund *b)
{
    assert_string_equal(a->id, b->id);
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->number, b->number);
    assert_string_equal(a->charge_id, b->charge_id);
    assert_string_equal(a->capture_id, b->capture_id);
    assert_int_equal(a->state, b->state);
    assert_int_equal(a->reason, b->reason);
    assert_true(money_equal(a->amount, b->amount) ||
                (!money_is_valid(a->amount) && !money_is_valid(b->amount)));
    assert_string_equal(a->note, b->note);
    assert_string_equal(a->idempotency_key, b->idempotency_key);
    assert_string_equal(a->amazon_refund_id, b->amazon_refund_id);
    assert_int_equal(a->created_at.utc_ms, b->created_at.utc_ms);
    assert_int_equal(a->resend_at.utc_ms, b->resend_at.utc_ms);
    assert_int_equal(a->unanswered, b->unanswered);
    assert_int_equal(a->discover, b->discover);
    assert_int_equal(a->answered_at.utc_ms, b->answered_at.utc_ms);
    assert_false(b->on_wire);
}

/* A recorded account with a PAID one-off of 999 yen, which is returned. */
static struct charge *save_paid(struct fixture *fixture, struct account *account, uint64_t number)
{
    sample_agreement(account, SELLER, number);
    struct charge *charge = sample_one_off(account, number, "");
    sample_attempt(charge);
    sample_capture(charge);
    save_new(fixture, account);
    return charge;
}

/* Records the refunds of the account and nothing else; the step's status. */
static enum status record_refunds(struct fixture *fixture, struct account *account)
{
    struct effects *effects = &fixture->effects[0];
    sample_no_effects(effects);
    for (uint32_t i = 0; i < account->refund_count; i++) {
        sample_row(effects, ROW_REFUND, i);
    }
    enum status status = record_one(fixture, account, effects);
    account->agreement.version += status == ST_OK;
    return status;
}

static struct charge_view read_charge(struct fixture *fixture, const char *id)
{
    struct charge_view view;
    struct attempt attempt;
    uint32_t count = 0;
    assert_ok(fixture, fixture->store->ops->read_charge(fixture->store, SELLER, id, &view, &attempt,
                                                        1, &count, &fixture->problem));
    return view;
}

static void assert_refunded(struct fixture *fixture, const char *id, int64_t minor, uint32_t count)
{
    struct charge_view view = read_charge(fixture, id);
    assert_true(money_equal(view.refunded, money_of(minor, "JPY")));
    assert_int_equal(view.refund_count, count);
    struct charge_view views[8];
    uint32_t listed = 0;
    assert_ok(fixture, fixture->store->ops->list_charges(fixture->store, SELLER, "", "", 0,
                                                         (struct page){"", 8}, views, &listed,
                                                         &fixture->problem));
    for (uint32_t i = 0; i < listed; i++) {
        if (strcmp(views[i].charge.id, id) == 0) {
            assert_true(money_equal(views[i].refunded, view.refunded));
            assert_int_equal(views[i].refund_count, count);
        }
    }
}

static struct account *load(struct fixture *fixture, const struct account *account)
{
    struct account *loaded = &fixture->account[FIXTURE_ACCOUNTS - 1];
    memset(loaded, 0xa5, sizeof *loaded);
    assert_ok(fixture,
              fixture->store->ops->load_account(fixture->store, SELLER, account->agreement.id,
                                                loaded, &fixture->problem));
    return loaded;
}

static void refunds_come_back(void **state)
{
    struct fixture *fixture = *state;
    struct account *account = &fixture->account[0];
    struct charge *charge = save_paid(fixture, account, 1);
    assert_refunded(fixture, charge->id, 0, 0);
    struct refund *first = sample_refund(account, charge, 1);
    struct refund *told = sample_refund(account, charge, 2);
    memcpy(told->id, "S01-1234567-1234567-R000777", 28);
    told->kind = REFUND_A_TO_Z;
    told->number = 0;
    told->state = REFUND_UNKNOWN;
    told->amount = money_of(0, "");
    told->idempotency_key[0] = '\0';
    told->note[0] = '\0';
    assert_int_equal(record_refunds(fixture, account), ST_OK);
    assert_refunded(fixture, charge->id, 100, 1); /* what is not known is not counted */

    fixture->store = fixture->factory->reopen(fixture->factory->context, fixture->store);
    struct account *loaded = load(fixture, account);
    assert_int_equal(loaded->charge_count, 0); /* final */
    assert_int_equal(loaded->refund_count, 2);
    assert_same_refund(first, account_refund(loaded, first->id));
    assert_same_refund(told, account_refund(loaded, told->id));

    told->amount = money_of(250, "JPY");
    told->kind = REFUND_CHARGEBACK;
    told->resend_at = sample_at(5000);
    first->state = REFUND_UNKNOWN;
    first->unanswered = 2;
    first->discover = false;
    first->answered_at = sample_at(2500); /* when the send had ended */
    assert_int_equal(record_refunds(fixture, account), ST_OK);
    loaded = load(fixture, account);
    assert_same_refund(first, account_refund(loaded, first->id));
    assert_same_refund(told, account_refund(loaded, told->id));
    assert_refunded(fixture, charge->id, 350, 1);

    sample_refund_end(first, REFUND_COMPLETED);
    sample_refund_end(told, REFUND_COMPLETED);
    assert_int_equal(record_refunds(fixture, account), ST_OK);
    assert_int_equal(load(fixture, account)->refund_count, 0);
    assert_refunded(fixture, charge->id, 350, 1);
}

static void what_did_not_go_back_is_not_counted(void **state)
{
    struct fixture *fixture = *state;
    struct account *account = &fixture->account[0];
    struct charge *charge = save_paid(fixture, account, 1);
    for (uint32_t number = 1; number <= 3; number++) {
        sample_refund(account, charge, number);
    }
    assert_int_equal(record_refunds(fixture, account), ST_OK);
    assert_refunded(fixture, charge->id, 600, 3);
    sample_refund_end(&account->refunds[0], REFUND_DECLINED);
    sample_refund_end(&account->refunds[1], REFUND_REFUSED);
    account->refunds[2].state = REFUND_PENDING;
    assert_int_equal(record_refunds(fixture, account), ST_OK);
    assert_refunded(fixture, charge->id, 300, 3);
    /* Known and over in one step. */
    account->refund_count = 0;
    sample_refund_end(sample_refund(account, charge, 4), REFUND_DECLINED);
    assert_int_equal(record_refunds(fixture, account), ST_OK);
    assert_refunded(fixture, charge->id, 300, 4);
}

/* A final refund, another's number, an amount that may be on the wire. */
static void refunds_are_ordered_once(void **state)
{
    struct fixture *fixture = *state;
    struct account *account = &fixture->account[0];
    struct charge *charge = save_paid(fixture, account, 1);
    struct refund *refund = sample_refund(account, charge, 1);
    assert_int_equal(record_refunds(fixture, account), ST_OK);

    refund->amount = money_of(101, "JPY");
    assert_int_equal(record_refunds(fixture, account), ST_CONFLICT);
    refund->amount = money_of(100, "JPY");
    refund->created_at = sample_at(1234); /* made from the same reading of the charge */
    assert_int_equal(record_refunds(fixture, account), ST_CONFLICT);
    refund->created_at = sample_at(1001);

    struct refund *second = sample_refund(account, charge, 2);
    memcpy(second->idempotency_key, refund->idempotency_key, sizeof second->idempotency_key);
    assert_int_equal(record_refunds(fixture, account), ST_CONFLICT);
    account->refund_count = 1;

    sample_refund_end(refund, REFUND_COMPLETED);
    assert_int_equal(record_refunds(fixture, account), ST_OK);
    refund->state = REFUND_DECLINED;
    assert_int_equal(record_refunds(fixture, account), ST_CONFLICT);
    assert_refunded(fixture, charge->id, 100, 1);
}

/* 999 yen were captured: 149 may be given on top. */
static void more_than_the_bound_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct account *account = &fixture->account[0];
    struct charge *charge = save_paid(fixture, account, 1);
    struct money bound = refund_bound(charge->amount, true);
    assert_true(money_equal(bound, money_of(1148, "JPY")));
    sample_refund(account, charge, 1)->amount = money_of(999, "JPY");
    sample_refund(account, charge, 2)->amount = money_of(150, "JPY");
    assert_int_equal(record_refunds(fixture, account), ST_INVALID);
    account->refunds[1].amount = money_of(149, "JPY");
    assert_int_equal(record_refunds(fixture, account), ST_OK);
    assert_refunded(fixture, charge->id, 1148, 2);

    /* What Amazon told of has happened, however much it is. */
    account->refund_count = 0;
    struct refund *told = sample_refund(account, charge, 3);
    memcpy(told->id, "S01-1234567-1234567-R000777", 28);
    told->kind = REFUND_CHARGEBACK;
    told->number = 0;
    told->idempotency_key[0] = '\0';
    told->amount = money_of(999, "JPY");
    assert_int_equal(record_refunds(fixture, account), ST_OK);
    assert_refunded(fixture, charge->id, 2147, 2);

    struct account *other = &fixture->account[1];
    sample_agreement(other, SELLER, 2);
    struct charge *due = sample_one_off(other, 2, "");
    save_new(fixture, other);
    sample_refund(other, due, 1);
    assert_int_equal(record_refunds(fixture, other), ST_INVALID); /* nothing was captured */
}

static void refunds_are_found(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = fixture->store;
    struct refund_view view;
    struct refund_view views[8];
    uint32_t count = 0;
    for (uint64_t i = 1; i <= 2; i++) {
        struct account *account = &fixture->account[i];
        struct charge *charge = save_paid(fixture, account, i);
        sample_refund(account, charge, 1);
        sample_refund(account, charge, 2);
        assert_int_equal(record_refunds(fixture, account), ST_OK);
    }
    const struct account *account = &fixture->account[2];
    const struct refund *refund = &account->refunds[1];
    assert_ok(fixture, store->ops->find_refund(store, SELLER, refund->idempotency_key, &view,
                                               &fixture->problem));
    assert_same_refund(refund, &view.refund);
    assert_string_equal(view.agreement_id, account->agreement.id);
    assert_int_equal(store->ops->find_refund(store, SELLER, "another", &view, &fixture->problem),
                     ST_NOT_FOUND);
    assert_int_equal(store->ops->find_refund(store, OTHER_SELLER, refund->idempotency_key, &view,
                                             &fixture->problem),
                     ST_NOT_FOUND);

    assert_ok(fixture,
              store->ops->list_refunds(store, SELLER, refund->charge_id, (struct page){"", 8},
                                       views, &count, &fixture->problem));
    assert_int_equal(count, 2);
    assert_same_refund(&account->refunds[0], &views[0].refund);
    assert_same_refund(&account->refunds[1], &views[1].refund);

    char after[REFUND_ID_MAX] = "";
    for (uint32_t seen = 0; seen < 4; seen++) {
        assert_ok(fixture, store->ops->list_refunds(store, SELLER, "", (struct page){after, 1},
                                                    views, &count, &fixture->problem));
        assert_int_equal(count, 1);
        assert_true(strcmp(views[0].refund.id, after) > 0);
        memcpy(after, views[0].refund.id, sizeof after);
    }
    assert_ok(fixture, store->ops->list_refunds(store, SELLER, "", (struct page){after, 1}, views,
                                                &count, &fixture->problem));
    assert_int_equal(count, 0);
    struct seller_totals totals;
    assert_ok(fixture, store->ops->totals(store, SELLER, SAMPLE_NOW, &totals, &fixture->problem));
    assert_int_equal(totals.refunds_open, 4);
}

const struct conformance_case refund_cases[CASES_MAX] = {
    {"refunds_come_back", refunds_come_back},
    {"what_did_not_go_back_is_not_counted", what_did_not_go_back_is_not_counted},
    {"refunds_are_ordered_once", refunds_are_ordered_once},
    {"more_than_the_bound_is_refused", more_than_the_bound_is_refused},
    {"refunds_are_found", refunds_are_found},
};
