/*
 * policy_map.c - the table of reasons, and what a policy makes of each.
 *
 * Every reason has its row, also those with which no attempt ends: a reason that is added without
 * one does not get past the test, and would fail the charge, never count it as paid.
 */
#include "billing/policy_map.h"

#include "billing/ensure.h"

/* Who decides what follows. */
enum fate {
    FATE_POLICY = 1, /* the policy's rule for the reason             */
    FATE_EXPIRY,     /* the policy's `reauthorize`, then its rule    */
    FATE_WAIT,       /* it waits for what stands in the way to go    */
    FATE_FAIL,       /* no policy can help                           */
    FATE_CANCEL,     /* nobody wants the money any more              */
    FATE_STRANGE,    /* no attempt ends with it                      */
};

struct row {
    enum fate fate;
    enum policy_ask ask;
};

static const struct row rows[REASON_COUNT] = {
    [REASON_NONE] = {FATE_STRANGE, POLICY_ASK_NOTHING},
    /* A hard decline should have suspended the agreement. Whether it has is Amazon's word. */
    [REASON_INVALID_PAYMENT_METHOD] = {FATE_POLICY, POLICY_ASK_FIRST},
    /* Whether a soft decline suspends is not documented; and an authorization may have been closed
     * because its agreement ended. */
    [REASON_INVALID_PAYMENT_METHOD_SOFT] = {FATE_POLICY, POLICY_ASK_STATE},
    [REASON_NOT_CAPTURED] = {FATE_POLICY, POLICY_ASK_STATE},
    [REASON_AMAZON_REJECTED] = {FATE_POLICY, POLICY_ASK_NOTHING},
    [REASON_PROCESSING_FAILURE] = {FATE_POLICY, POLICY_ASK_NOTHING},
    [REASON_TRANSACTION_TIMED_OUT] = {FATE_POLICY, POLICY_ASK_NOTHING},
    [REASON_PERIODIC_AMOUNT_EXCEEDED] = {FATE_POLICY, POLICY_ASK_STATE},
    /* Amazon may show an agreement as Open and still refuse (constraints that came back). */
    [REASON_AGREEMENT_NOT_OPEN] = {FATE_POLICY, POLICY_ASK_SLOWLY},
    [REASON_REQUEST_REFUSED] = {FATE_POLICY, POLICY_ASK_NOTHING},
    [REASON_NO_ANSWER] = {FATE_POLICY, POLICY_ASK_NOTHING},
    [REASON_SELLER_ACCESS] = {FATE_POLICY, POLICY_ASK_NOTHING},
    [REASON_AGREEMENT_UNKNOWN] = {FATE_POLICY, POLICY_ASK_STATE},
    [REASON_CAPTURE_DECLINED] = {FATE_POLICY, POLICY_ASK_STATE},
    [REASON_AUTHORIZATION_EXPIRED] = {FATE_EXPIRY, POLICY_ASK_NOTHING},

    [REASON_AGREEMENT_SUSPENDED] = {FATE_WAIT, POLICY_ASK_NOTHING},
    [REASON_SUBSCRIPTION_PAUSED] = {FATE_WAIT, POLICY_ASK_NOTHING},
    [REASON_STOPPED] = {FATE_WAIT, POLICY_ASK_NOTHING},
    [REASON_HELD_BACK] = {FATE_WAIT, POLICY_ASK_NOTHING},
    [REASON_BREAKER_OPEN] = {FATE_WAIT, POLICY_ASK_NOTHING},
    [REASON_CANARY] = {FATE_WAIT, POLICY_ASK_NOTHING},
    [REASON_RETRIES_PER_HOUR] = {FATE_WAIT, POLICY_ASK_NOTHING},
    [REASON_OUTSIDE_HOURS] = {FATE_WAIT, POLICY_ASK_NOTHING},
    [REASON_LIMIT_DIFFERS] = {FATE_WAIT, POLICY_ASK_NOTHING},
    [REASON_OPERATOR] = {FATE_WAIT, POLICY_ASK_NOTHING},
    [REASON_GUARD] = {FATE_WAIT, POLICY_ASK_NOTHING},
    [REASON_CLOCK] = {FATE_WAIT, POLICY_ASK_NOTHING},
    [REASON_CLOCK_BACK] = {FATE_WAIT, POLICY_ASK_NOTHING},

    [REASON_LIMIT_TOO_SMALL] = {FATE_FAIL, POLICY_ASK_NOTHING},
    [REASON_AMOUNT_BOUND] = {FATE_FAIL, POLICY_ASK_NOTHING},
    [REASON_NEXT_CYCLE] = {FATE_FAIL, POLICY_ASK_NOTHING},
    [REASON_ATTEMPTS_MAX] = {FATE_FAIL, POLICY_ASK_NOTHING},

    [REASON_AGREEMENT_ENDED] = {FATE_CANCEL, POLICY_ASK_NOTHING},
    [REASON_AGREEMENT_REPLACED] = {FATE_CANCEL, POLICY_ASK_NOTHING},
    [REASON_SUBSCRIPTION_CANCELED] = {FATE_CANCEL, POLICY_ASK_NOTHING},
    [REASON_VOIDED] = {FATE_CANCEL, POLICY_ASK_NOTHING},
    [REASON_REJECTED] = {FATE_CANCEL, POLICY_ASK_NOTHING},
    [REASON_MERCHANT_CLOSED] = {FATE_CANCEL, POLICY_ASK_NOTHING},
    [REASON_BUYER_CLOSED] = {FATE_CANCEL, POLICY_ASK_NOTHING},

    /* What went through by hand is settled by hand: a retry would take money twice. */
    [REASON_CAPTURED_BY_HAND] = {FATE_CANCEL, POLICY_ASK_STATE},

    [REASON_LIMIT_SHORT] = {FATE_STRANGE, POLICY_ASK_NOTHING},
    [REASON_LIMIT_ASK] = {FATE_STRANGE, POLICY_ASK_NOTHING},
    [REASON_THROTTLED] = {FATE_STRANGE, POLICY_ASK_NOTHING},
    [REASON_SERVICE_UNAVAILABLE] = {FATE_STRANGE, POLICY_ASK_NOTHING},
    [REASON_PENDING] = {FATE_STRANGE, POLICY_ASK_NOTHING},
    [REASON_TOO_LATE] = {FATE_STRANGE, POLICY_ASK_NOTHING},
    [REASON_MISSED] = {FATE_STRANGE, POLICY_ASK_NOTHING},
    [REASON_APPROVED] = {FATE_STRANGE, POLICY_ASK_NOTHING},
    [REASON_ON_SHIPMENT] = {FATE_STRANGE, POLICY_ASK_NOTHING},
    [REASON_AUTHORIZATION_EXPIRING] = {FATE_STRANGE, POLICY_ASK_NOTHING},
    [REASON_SKIPPED] = {FATE_STRANGE, POLICY_ASK_NOTHING},
    [REASON_HAND_OVER_REFUSED] = {FATE_STRANGE, POLICY_ASK_NOTHING},
    [REASON_POLICY] = {FATE_STRANGE, POLICY_ASK_NOTHING},
    [REASON_A_TO_Z] = {FATE_STRANGE, POLICY_ASK_NOTHING},
    [REASON_CHARGEBACK] = {FATE_STRANGE, POLICY_ASK_NOTHING},
    [REASON_VALIDATION_FAILED] = {FATE_STRANGE, POLICY_ASK_NOTHING},
};

static const struct policy_waits no_waits;

static const struct row *row_of(enum reason reason)
{
    ENSURE((unsigned)reason < REASON_COUNT);
    ENSURE(rows[reason].fate != 0);
    return &rows[reason];
}

static void by_rule(const struct policy *policy, enum reason reason, struct policy_outcome *outcome)
{
    const struct policy_rule *rule = &policy->retry[reason];
    bool is_limit = reason == REASON_PERIODIC_AMOUNT_EXCEEDED;
    bool is_mixed = reason == REASON_TRANSACTION_TIMED_OUT && policy->authorization == POLICY_MIXED;
    outcome->waits = &rule->waits;
    switch (rule->path) {
    case POLICY_BY_WAITS:
        outcome->act = is_mixed ? POLICY_ACT_ASYNCHRONOUSLY : POLICY_ACT_RETRY;
        if (!is_mixed && rule->waits.count == 0) {
            outcome->act = POLICY_ACT_FAIL;
        }
        return;
    case POLICY_ASYNCHRONOUSLY:
        outcome->act = POLICY_ACT_ASYNCHRONOUSLY;
        return;
    case POLICY_NEXT_PERIOD:
        outcome->act = is_limit ? POLICY_ACT_LIMIT_SHORT : POLICY_ACT_NEXT_PERIOD;
        return;
    case POLICY_WAIT_OPEN:
        outcome->act = POLICY_ACT_WAIT_OPEN;
        if (outcome->ask < POLICY_ASK_FIRST) {
            outcome->ask = POLICY_ASK_FIRST; /* whether it is Open is Amazon's word */
        }
        if (rule->waits.count == 0) {
            outcome->waits = &policy->retry[REASON_INVALID_PAYMENT_METHOD_SOFT].waits;
        }
        return;
    }
    ENSURE(false);
}

struct policy_outcome policy_outcome_of(const struct policy *policy, enum reason reason)
{
    const struct row *row = row_of(reason);
    struct policy_outcome outcome = {
        .act = POLICY_ACT_FAIL,
        .waits = &no_waits,
        .ask = row->ask,
        .exhausts_limit = reason == REASON_PERIODIC_AMOUNT_EXCEEDED,
        .ends_attempts = row->fate != FATE_STRANGE,
    };
    switch (row->fate) {
    case FATE_POLICY:
        by_rule(policy, reason, &outcome);
        break;
    case FATE_EXPIRY:
        if (policy->reauthorize && policy->retry[reason].waits.count == 0) {
            outcome.act = POLICY_ACT_AGAIN;
        } else if (policy->reauthorize) {
            by_rule(policy, reason, &outcome);
        }
        break;
    case FATE_WAIT:
        outcome.act = POLICY_ACT_WAIT;
        break;
    case FATE_CANCEL:
        outcome.act = POLICY_ACT_CANCEL;
        break;
    case FATE_FAIL:
    case FATE_STRANGE:
        break;
    }
    return outcome;
}

static const struct {
    const char *name;
    const char *text;
} acts[POLICY_ACT_COUNT] = {
    [POLICY_ACT_RETRY] = {"retry", "a new attempt after each wait, then it has failed"},
    [POLICY_ACT_ASYNCHRONOUSLY] = {"asynchronous",
                                   "a new attempt at once that may take a day, then the waits"},
    [POLICY_ACT_AGAIN] = {"again", "a new attempt at once"},
    [POLICY_ACT_WAIT_OPEN] = {"wait_open",
                              "waits for the agreement to be Open again, then once at once"},
    [POLICY_ACT_LIMIT_SHORT] = {"limit_short", "what limit_short says"},
    [POLICY_ACT_NEXT_PERIOD] = {"next_period", "held until the limit's next period"},
    [POLICY_ACT_WAIT] = {"wait", "waits until what stands in the way is gone"},
    [POLICY_ACT_FAIL] = {"fail", "it has failed: the final action follows"},
    [POLICY_ACT_CANCEL] = {"cancel", "it is canceled"},
};

const char *policy_act_name(enum policy_act act)
{
    ENSURE(act > 0);
    ENSURE(act < POLICY_ACT_COUNT);
    return acts[act].name;
}

const char *policy_act_text(enum policy_act act)
{
    ENSURE(act > 0);
    ENSURE(act < POLICY_ACT_COUNT);
    return acts[act].text;
}
