/* change_log.c - see change_log.h. */
#include "scheduler/change_log.h"

/* NULL leaves the field out. */
static const char *reason_text(enum reason reason)
{
    return reason == REASON_NONE ? NULL : reason_name(reason);
}

static void log_charge(struct log *log, struct account *account, const struct change *change)
{
    const struct charge *charge = account_charge(account, change->subject);
    if (charge == NULL || (int)charge->state != change->to || charge->state == CHARGE_ATTEMPTING) {
        return;
    }
    enum log_level level =
        charge->state == CHARGE_FAILED || charge->state == CHARGE_ASKING ? LOG_WARNING : LOG_INFO;
    log_write(log, level, "charge", LOG_STRING("state", charge_state_name(charge->state)),
              LOG_STRING("reason", reason_text(charge->reason)),
              LOG_STRING("seller", account->agreement.seller_id),
              LOG_STRING("agreement", account->agreement.id), LOG_STRING("charge", charge->id),
              LOG_INTEGER("attempt", charge->attempt.number), LOG_MONEY("amount", charge->amount),
              LOG_END);
}

static void log_attempt(struct log *log, const char *seller, const struct change *change)
{
    if (change->to == ATTEMPT_UNKNOWN && change->reason == REASON_PENDING) {
        log_write(log, LOG_INFO, "attempt_pending", LOG_STRING("seller", seller),
                  LOG_STRING("attempt", change->subject), LOG_END);
    } else if (change->to == ATTEMPT_UNKNOWN) {
        log_write(log, LOG_WARNING, "attempt_unknown", LOG_STRING("seller", seller),
                  LOG_STRING("attempt", change->subject),
                  LOG_STRING("reason", reason_name(change->reason)), LOG_END);
    }
}

static void log_refund(struct log *log, const char *seller, const struct change *change)
{
    bool is_bad = change->to == REFUND_UNKNOWN || change->to == REFUND_DECLINED ||
                  change->to == REFUND_REFUSED || change->reason == REASON_CHARGEBACK ||
                  change->reason == REASON_A_TO_Z;
    if (change->to == REFUND_INTENT || change->to == REFUND_POSTPONED) {
        return;
    }
    log_write(log, is_bad ? LOG_WARNING : LOG_INFO, "refund",
              LOG_STRING("state", refund_state_name((enum refund_state)change->to)),
              LOG_STRING("reason", reason_text(change->reason)), LOG_STRING("seller", seller),
              LOG_STRING("refund", change->subject), LOG_MONEY("amount", change->amount), LOG_END);
}

static void log_limit(struct log *log, const struct account *account, const struct change *change)
{
    bool is_alarm = change->reason == REASON_LIMIT_DIFFERS;
    log_write(log, is_alarm ? LOG_ERROR : LOG_INFO, is_alarm ? "limit_differs" : "limit_reconciled",
              LOG_STRING("reason", reason_text(change->reason)),
              LOG_STRING("seller", account->agreement.seller_id),
              LOG_STRING("agreement", change->subject),
              LOG_MONEY("posted", account->agreement.limit.posted), LOG_END);
}

/* Of a subscription: what an operator or a policy decided about its future. `from` and `to` are as
 * an event has them (scheduler/API.md). */
static void log_plan(struct log *log, const char *seller, const char *event,
                     const struct change *change)
{
    log_write(log, LOG_INFO, event, LOG_STRING("reason", reason_text(change->reason)),
              LOG_STRING("seller", seller), LOG_STRING("subject", change->subject),
              LOG_INTEGER("from", change->from), LOG_INTEGER("to", change->to),
              LOG_INSTANT("until", change->until), LOG_END);
}

/* What the shop or an operator said about a charge. */
static void log_word(struct log *log, const char *seller, const struct change *change)
{
    const char *word = change->to == WORD_SHIP             ? "ship"
                       : change->to == WORD_VOID           ? "void"
                       : change->reason == REASON_REJECTED ? "reject"
                                                           : "approve";
    log_write(log, LOG_INFO, "word", LOG_STRING("word", word), LOG_STRING("seller", seller),
              LOG_STRING("charge", change->subject), LOG_END);
}

static void log_warning(struct log *log, const char *seller, const struct change *change)
{
    log_write(log, LOG_WARNING, "charge_warning", LOG_STRING("reason", reason_text(change->reason)),
              LOG_STRING("seller", seller), LOG_STRING("charge", change->subject),
              LOG_INSTANT("until", change->until), LOG_END);
}

static void log_change(struct log *log, struct account *account, const struct change *change)
{
    const char *seller = account->agreement.seller_id;
    switch (change->kind) {
    case CHANGE_CHARGE:
        log_charge(log, account, change);
        break;
    case CHANGE_AGREEMENT:
        log_write(log, LOG_INFO, "agreement",
                  LOG_STRING("state", agreement_state_name((enum agreement_state)change->to)),
                  LOG_STRING("reason", reason_text(change->reason)), LOG_STRING("seller", seller),
                  LOG_STRING("agreement", change->subject), LOG_END);
        break;
    case CHANGE_SUBSCRIPTION:
        log_write(log, LOG_INFO, "subscription",
                  LOG_STRING("state", subscription_state_name((enum subscription_state)change->to)),
                  LOG_STRING("reason", reason_text(change->reason)), LOG_STRING("seller", seller),
                  LOG_STRING("subscription", change->subject), LOG_END);
        break;
    case CHANGE_LIMIT:
        log_limit(log, account, change);
        break;
    case CHANGE_ATTEMPT:
        log_attempt(log, seller, change);
        break;
    case CHANGE_REFUND:
        log_refund(log, seller, change);
        break;
    case CHANGE_CYCLES:
        log_plan(log, seller, "cycles_skipped", change);
        break;
    case CHANGE_PRICE:
        log_plan(log, seller, "price", change);
        break;
    case CHANGE_SCHEDULE:
        log_plan(log, seller, "schedule", change);
        break;
    case CHANGE_CANCEL:
        log_plan(log, seller, change->from == 0 ? "cancel" : "uncancel", change);
        break;
    case CHANGE_STOP:
        log_write(log, LOG_WARNING, "stop", LOG_BOOLEAN("on", change->to != 0),
                  LOG_STRING("reason", reason_text(change->reason)), LOG_STRING("seller", seller),
                  LOG_STRING("subject", change->subject), LOG_END);
        break;
    case CHANGE_WORD:
        log_word(log, seller, change);
        break;
    case CHANGE_WARNING:
        log_warning(log, seller, change);
        break;
    case CHANGE_POLICY:
        log_plan(log, seller, "policy", change);
        break;
    }
}

void change_log_write(struct log *log, struct account *account, const struct effects *effects)
{
    for (uint32_t i = 0; i < effects->change_count; i++) {
        log_change(log, account, &effects->changes[i]);
    }
}
