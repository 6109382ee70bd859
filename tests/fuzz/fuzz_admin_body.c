/*
 * fuzz_admin_body.c - bodies of admin requests, each given to every reader.
 *
 * What holds: a body is refused with a sentence, or every value in it is one that the core takes.
 */
#include <string.h>

#include "billing/ensure.h"
#include "billing/recurrence.h"
#include "scheduler/admin_body.h"
#include "tests/fuzz/fuzz.h"

#define ENDS_INSIDE(array) (strnlen((array), sizeof(array)) < sizeof(array))

static void check_status(enum status status, struct problem *problem)
{
    ENSURE(status == ST_OK || status == ST_INVALID);
    ENSURE((status == ST_OK) == (problem->text[0] == '\0'));
    problem->text[0] = '\0';
}

static void check_subscription(const struct admin_subscription *wanted)
{
    const struct subscribe *subscribe = &wanted->subscribe;
    ENSURE(wanted->agreement_id[0] != '\0');
    ENSURE(ENDS_INSIDE(wanted->agreement_id));
    ENSURE(ENDS_INSIDE(wanted->zone));
    ENSURE(ENDS_INSIDE(subscribe->label));
    ENSURE(ENDS_INSIDE(subscribe->note));
    ENSURE(ENDS_INSIDE(subscribe->idempotency_key));
    ENSURE(ENDS_INSIDE(subscribe->policy_name));
    ENSURE(money_is_positive(subscribe->amount));
    ENSURE(strcmp(money_currency(&subscribe->amount), "JPY") == 0);
    ENSURE(recurrence_check(&subscribe->rule, NULL) == ST_OK);
    ENSURE(subscribe->charge_from.utc_ms >= 0);
}

static void check_charge(const struct admin_charge *wanted)
{
    ENSURE(wanted->agreement_id[0] != '\0');
    ENSURE(ENDS_INSIDE(wanted->agreement_id));
    ENSURE(ENDS_INSIDE(wanted->charge.idempotency_key));
    ENSURE(ENDS_INSIDE(wanted->charge.label));
    ENSURE(ENDS_INSIDE(wanted->charge.note));
    ENSURE(ENDS_INSIDE(wanted->charge.policy_name));
    ENSURE(money_is_positive(wanted->charge.amount));
}

static void check_refund(const struct admin_refund *wanted)
{
    const struct refund_wanted *refund = &wanted->refund;
    ENSURE(refund->idempotency_key[0] != '\0');
    ENSURE(ENDS_INSIDE(refund->idempotency_key));
    ENSURE(ENDS_INSIDE(refund->note));
    ENSURE(wanted->is_rest != money_is_positive(refund->amount));
    ENSURE(IMPLIES(refund->with_overage, !wanted->is_rest));
}

static void check_change(const struct admin_change *wanted)
{
    const struct change_subscription *change = &wanted->change;
    ENSURE(change->has_amount || change->has_rule || change->has_policy);
    ENSURE(IMPLIES(change->has_amount, money_is_positive(change->amount)));
    ENSURE(IMPLIES(!change->has_amount, change->amount_from.utc_ms == INSTANT_NEVER.utc_ms));
    ENSURE(IMPLIES(change->has_rule, recurrence_check(&change->rule, NULL) == ST_OK));
    ENSURE(IMPLIES(change->has_rule, ENDS_INSIDE(wanted->zone)));
    ENSURE(IMPLIES(change->has_policy, change->policy_name[0] != '\0'));
    ENSURE(ENDS_INSIDE(change->policy_name));
}

/* Commands to a subscription that exists. */
static void read_commands(const char *text, size_t size, const struct admin_defaults *defaults,
                          struct problem *problem)
{
    struct cancel cancel;
    struct pause pause;
    struct subscription_command skip;
    struct move_due move;
    struct replace_agreement replace;
    struct admin_change change;

    enum status status = admin_read_cancel(text, size, &cancel, problem);
    ENSURE(IMPLIES(status == ST_OK,
                   !cancel.at_period_end || cancel.at.utc_ms == INSTANT_NEVER.utc_ms));
    check_status(status, problem);

    check_status(admin_read_pause(text, size, &pause, problem), problem);

    status = admin_read_skip(text, size, &skip, problem);
    ENSURE(IMPLIES(status == ST_OK, skip.cycle >= 1));
    check_status(status, problem);

    status = admin_read_move(text, size, &move, problem);
    ENSURE(IMPLIES(status == ST_OK, move.due_at.utc_ms != INSTANT_NEVER.utc_ms));
    check_status(status, problem);

    status = admin_read_replace(text, size, &replace, problem);
    ENSURE(IMPLIES(status == ST_OK, replace.agreement_id[0] != '\0'));
    ENSURE(ENDS_INSIDE(replace.agreement_id));
    check_status(status, problem);

    status = admin_read_change(text, size, defaults, &change, problem);
    check_status(status, problem);
    if (status == ST_OK) {
        check_change(&change);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct admin_defaults defaults = {.currency = "JPY", .zone = "Asia/Tokyo"};
    const char *text = (const char *)data;
    struct problem problem = {""};
    struct register_agreement agreement;
    struct admin_subscription subscription;
    struct admin_charge charge;
    struct admin_refund refund;

    enum status status = admin_read_register(text, size, &agreement, &problem);
    ENSURE(IMPLIES(status == ST_OK, agreement.id[0] != '\0'));
    ENSURE(IMPLIES(status == ST_OK, ENDS_INSIDE(agreement.id)));
    check_status(status, &problem);

    status = admin_read_subscription(text, size, &defaults, &subscription, &problem);
    check_status(status, &problem);
    if (status == ST_OK) {
        check_subscription(&subscription);
    }

    read_commands(text, size, &defaults, &problem);

    status = admin_read_refund(text, size, &defaults, &refund, &problem);
    check_status(status, &problem);
    if (status == ST_OK) {
        check_refund(&refund);
    }

    status = admin_read_charge(text, size, &defaults, &charge, &problem);
    check_status(status, &problem);
    if (status == ST_OK) {
        check_charge(&charge);
    }

    check_status(admin_read_nothing(text, size, &problem), &problem);
    return 0;
}
