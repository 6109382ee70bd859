/* samples.c - see samples.h. */
#include "tests/schema/samples.h"

#include <stdio.h>
#include <string.h>

#include "billing/ensure.h"

struct instant sample_at(int64_t seconds)
{
    return (struct instant){SAMPLE_NOW.utc_ms + seconds * 1000};
}

void sample_key(uint64_t number, char key[static KEY_MAX])
{
    /* splitmix64: spread like the random keys of production, and different for different numbers */
    uint64_t z = (number + 1) * UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    z ^= z >> 31;
    for (int i = 0; i < KEY_MAX - 1; i++) {
        key[i] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[(z >> (4 * i)) & 15];
    }
    key[KEY_MAX - 1] = '\0';
}

void sample_agreement(struct account *account, const char *seller_id, uint64_t number)
{
    memset(account, 0, sizeof *account);
    struct agreement *agreement = &account->agreement;
    *agreement = (struct agreement){
        .state = AGREEMENT_OPEN,
        .confirm_wanted = true,
        .close_forced = true,
        .stopped = REASON_LIMIT_DIFFERS,
        .limit =
            {
                .amount = money_of(50000, "JPY"),
                .posted = money_of(1200, "JPY"),
                .reserved = money_of(0, "JPY"),
                .period_start = sample_at(-1000),
                .period_end = sample_at(100000),
                .is_told = true,
            },
        .care = CARE_SYNC,
        .care_at = sample_at(7),
        .care_tries = 2,
        .care_reason = REASON_SERVICE_UNAVAILABLE,
        .synced_at = sample_at(-3),
        .validated_at = sample_at(-4),
        .created_at = sample_at(-500),
        .wake_at = INSTANT_NEVER,
        .lane = LANE_RENEWAL,
    };
    snprintf(agreement->seller_id, sizeof agreement->seller_id, "%s", seller_id);
    snprintf(agreement->id, sizeof agreement->id, "C01-%07llu-%07llu",
             (unsigned long long)(number * 7919 % 10000000), (unsigned long long)number);
}

struct subscription *sample_subscription(struct account *account, uint64_t number)
{
    ENSURE(account->subscription_count < ACCOUNT_SUBSCRIPTIONS_MAX);
    struct subscription *subscription = &account->subscriptions[account->subscription_count++];
    *subscription = (struct subscription){
        .state = SUBSCRIPTION_ACTIVE,
        .policy_name = "gentle",
        .amount = money_of(1200, "JPY"),
        .next_amount = money_of(1300, "JPY"),
        .next_amount_at = sample_at(90000),
        .rule =
            {
                .unit = RECUR_MONTH,
                .every = 2,
                .last_day_of_month = true,
                .anchor = {2026, 1, 31},
                .second_of_day = 36000,
                .trial_days = 14,
                .cycle_count = 24,
                .end = {2031, 12, 31},
            },
        .cycle_base = -7,
        .zone_name = "Asia/Tokyo",
        .first_cycle = 2,
        .next_cycle = 3,
        .due_at = sample_at(60),
        .due_is_moved = true,
        .is_stopped = true,
        .resume_at = INSTANT_NEVER,
        .cancel_at = sample_at(86400),
        .hand_over_at = INSTANT_NEVER,
        .created_at = sample_at(-400),
    };
    sample_key(number, subscription->key);
    snprintf(subscription->idempotency_key, sizeof subscription->idempotency_key, "signup-%llu",
             (unsigned long long)number);
    snprintf(subscription->label, sizeof subscription->label, "coffee %llu",
             (unsigned long long)number);
    snprintf(subscription->note, sizeof subscription->note, "500 g, \xe3\x82\xb3\xe3\x83\xbc");
    return subscription;
}

static struct charge *add_charge(struct account *account)
{
    ENSURE(account->charge_count < ACCOUNT_CHARGES_MAX);
    struct charge *charge = &account->charges[account->charge_count++];
    *charge = (struct charge){
        .state = CHARGE_DUE,
        .due_at = sample_at(60),
        .retry_at = INSTANT_NEVER,
        .created_at = sample_at(61),
        .final_at = INSTANT_NEVER,
        .policy_version = 4,
        .is_approved = true,
        .word = WORD_SHIP,
        .extra_attempts = account->charge_count,
        .attempt = {.created_at = INSTANT_NEVER,
                    .resend_at = INSTANT_NEVER,
                    .answered_at = INSTANT_NEVER,
                    .expires_at = INSTANT_NEVER},
    };
    return charge;
}

struct charge *sample_charge(struct account *account, struct subscription *subscription)
{
    struct charge *charge = add_charge(account);
    charge->cycle = subscription->next_cycle++;
    charge->amount = subscription->amount;
    charge->is_first = charge->cycle == subscription->first_cycle;
    charge_id_format(subscription->key, charge->cycle, charge->id);
    memcpy(charge->subscription_key, subscription->key, sizeof charge->subscription_key);
    memcpy(charge->label, subscription->label, sizeof charge->label);
    memcpy(charge->note, subscription->note, sizeof charge->note);
    return charge;
}

struct charge *sample_one_off(struct account *account, uint64_t number, const char *idempotency_key)
{
    struct charge *charge = add_charge(account);
    char key[KEY_MAX];
    sample_key(number, key);
    charge->amount = money_of(999, "JPY");
    charge_id_format(key, 0, charge->id);
    snprintf(charge->label, sizeof charge->label, "one-off");
    snprintf(charge->idempotency_key, sizeof charge->idempotency_key, "%s", idempotency_key);
    return charge;
}

void sample_attempt(struct charge *charge)
{
    uint32_t number = charge->attempt.number + 1;
    charge->state = CHARGE_ATTEMPTING;
    charge->attempt = (struct attempt){
        .number = number,
        .state = ATTEMPT_INTENT,
        .amount = charge->amount,
        .timeout_minutes = number % 2 == 1 ? 1440 : 0,
        .created_at = sample_at(62 + number),
        .resend_at = sample_at(120),
        .capture_now = number % 2 == 0,
        .capture_number = number % 2 == 0 ? 0 : 2,
        .expires_at = number % 2 == 0 ? INSTANT_NEVER : sample_at(2592000),
        .is_warned = number % 2 == 1,
        .answered_at = INSTANT_NEVER,
    };
    reference_id_format(charge->id, number, charge->attempt.reference_id);
}

void sample_capture(struct charge *charge)
{
    charge->state = CHARGE_PAID;
    charge->final_at = sample_at(70);
    charge->attempt.state = ATTEMPT_CAPTURED;
    charge->attempt.resend_at = INSTANT_NEVER;
    charge->attempt.answered_at = sample_at(70);
    snprintf(charge->attempt.order_reference_id, AMAZON_ID_MAX, "S01-1234567-1234567");
    snprintf(charge->attempt.authorization_id, AMAZON_ID_MAX, "S01-1234567-1234567-A000001");
    snprintf(charge->attempt.capture_id, AMAZON_ID_MAX, "S01-1234567-1234567-C000001");
}

struct refund *sample_refund(struct account *account, const struct charge *charge, uint32_t number)
{
    ENSURE(account->refund_count < ACCOUNT_REFUNDS_MAX);
    struct refund *refund = &account->refunds[account->refund_count++];
    *refund = (struct refund){
        .kind = REFUND_BY_SHOP,
        .number = number,
        .state = REFUND_INTENT,
        .reason = REASON_OPERATOR,
        .amount = money_of(INT64_C(100) * number, "JPY"),
        .note = "wrong size",
        .created_at = sample_at(1000 + number),
        .resend_at = sample_at(2000 + number),
        .unanswered = 1,
        .discover = true,
        .answered_at = INSTANT_NEVER,
    };
    refund_reference_id_format(charge->id, number, refund->id);
    memcpy(refund->charge_id, charge->id, sizeof refund->charge_id);
    memcpy(refund->capture_id, charge->attempt.capture_id, sizeof refund->capture_id);
    snprintf(refund->idempotency_key, sizeof refund->idempotency_key, "back-%.27s-%u", charge->id,
             number);
    return refund;
}

void sample_refund_end(struct refund *refund, enum refund_state state)
{
    refund->state = state;
    refund->resend_at = INSTANT_NEVER;
    refund->answered_at = sample_at(3000);
    snprintf(refund->amazon_refund_id, sizeof refund->amazon_refund_id,
             "S01-1234567-1234567-R00000%u", refund->number);
}

void sample_notice(struct notice *notice, const char *seller_id, enum notice_kind kind,
                   uint64_t number)
{
    *notice = (struct notice){
        .kind = kind,
        .amount = money_of(1200, "JPY"),
        .updated_at = sample_at((int64_t)number),
        .received_at = sample_at((int64_t)number + 2),
    };
    snprintf(notice->seller_id, sizeof notice->seller_id, "%s", seller_id);
    snprintf(notice->message_id, sizeof notice->message_id, "22b80b92-fdea-4c2c-8f9d-%012llu",
             (unsigned long long)number);
    snprintf(notice->object_id, sizeof notice->object_id, "S01-1234567-%07llu-A000001",
             (unsigned long long)number);
    snprintf(notice->state, sizeof notice->state, "Open");
}

void sample_no_effects(struct effects *effects)
{
    effects->is_new_account = false;
    effects->row_count = 0;
    effects->change_count = 0;
    effects->call_count = 0;
}

void sample_row(struct effects *effects, enum row_kind kind, uint32_t index)
{
    ENSURE(effects->row_count < EFFECTS_ROWS_MAX);
    effects->rows[effects->row_count++] = (struct row){kind, index};
}

void sample_change(struct effects *effects, enum change_kind kind, const char *subject, int from,
                   int to)
{
    ENSURE(effects->change_count < EFFECTS_CHANGES_MAX);
    struct change *change = &effects->changes[effects->change_count++];
    *change = (struct change){
        .kind = kind,
        .from = from,
        .to = to,
        .amount = money_of(1200 + to, "JPY"),
        .until = sample_at(from),
    };
    snprintf(change->subject, sizeof change->subject, "%s", subject);
}

void sample_reserve(struct account *account)
{
    struct money reserved = money_of(0, "JPY");
    if (!limit_is_known(&account->agreement.limit)) {
        return;
    }
    for (uint32_t i = 0; i < account->charge_count; i++) {
        const struct attempt *attempt = &account->charges[i].attempt;
        if (attempt->number > 0 && !attempt_is_final(attempt->state)) {
            bool ok = money_add(&reserved, reserved, attempt->amount);
            ENSURE(ok);
        }
    }
    account->agreement.limit.reserved = reserved;
}

void sample_effects(struct account *account, bool is_new, struct effects *effects)
{
    sample_reserve(account);
    sample_no_effects(effects);
    effects->is_new_account = is_new;
    /* Children first: the order of rows is not the store's excuse. */
    for (uint32_t i = 0; i < account->charge_count; i++) {
        if (account->charges[i].attempt.number > 0) {
            sample_row(effects, ROW_ATTEMPT, i);
        }
        sample_row(effects, ROW_CHARGE, i);
    }
    for (uint32_t i = 0; i < account->refund_count; i++) {
        sample_row(effects, ROW_REFUND, i);
    }
    for (uint32_t i = 0; i < account->subscription_count; i++) {
        sample_row(effects, ROW_SUBSCRIPTION, i);
    }
    sample_change(effects, CHANGE_AGREEMENT, account->agreement.id,
                  is_new ? 0 : (int)account->agreement.state, (int)account->agreement.state);
}
