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
    ENSURE(money_is_positive(wanted->charge.amount));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct admin_defaults defaults = {.currency = "JPY", .zone = "Asia/Tokyo"};
    const char *text = (const char *)data;
    struct problem problem = {""};
    struct register_agreement agreement;
    struct admin_subscription subscription;
    struct cancel cancel;
    struct admin_charge charge;

    enum status status = admin_read_register(text, size, &agreement, &problem);
    ENSURE(IMPLIES(status == ST_OK, agreement.id[0] != '\0'));
    ENSURE(IMPLIES(status == ST_OK, ENDS_INSIDE(agreement.id)));
    check_status(status, &problem);

    status = admin_read_subscription(text, size, &defaults, &subscription, &problem);
    check_status(status, &problem);
    if (status == ST_OK) {
        check_subscription(&subscription);
    }

    check_status(admin_read_cancel(text, size, &cancel, &problem), &problem);

    status = admin_read_charge(text, size, &defaults, &charge, &problem);
    check_status(status, &problem);
    if (status == ST_OK) {
        check_charge(&charge);
    }

    check_status(admin_read_nothing(text, size, &problem), &problem);
    return 0;
}
