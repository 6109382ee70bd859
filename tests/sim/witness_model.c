/* witness_model.c - the witness's books. What may be written into them is in witness_rules.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "tests/sim/witness_parts.h"

static void *allocate(size_t bytes)
{
    void *memory = calloc(1, bytes);
    ENSURE(memory != NULL);
    return memory;
}

static void id_of(const char *seller_id, const char *id, char text[static BOOK_ID_BYTES])
{
    int length = snprintf(text, BOOK_ID_BYTES, "%s/%s", seller_id, id);
    ENSURE(length < BOOK_ID_BYTES);
}

struct book_seller *book_seller(struct witness *witness, const char *id)
{
    struct book_seller *seller = names_find(&witness->sellers, id);
    if (seller == NULL) {
        seller = allocate(sizeof *seller);
        (void)snprintf(seller->id, sizeof seller->id, "%s", id);
        seller->events_digest = DIGEST_START;
        names_add(&witness->sellers, seller->id, seller);
    }
    return seller;
}

struct book_agreement *book_agreement(struct witness *witness, const struct account *account)
{
    char id[BOOK_ID_BYTES];
    id_of(account->agreement.seller_id, account->agreement.id, id);
    return names_find(&witness->agreements, id);
}

struct book_charge *book_charge(struct witness *witness, const char *seller_id, const char *id)
{
    char text[BOOK_ID_BYTES];
    id_of(seller_id, id, text);
    return names_find(&witness->charges, text);
}

struct book_subscription *book_subscription(struct witness *witness, const char *seller_id,
                                            const char *key)
{
    char text[BOOK_ID_BYTES];
    id_of(seller_id, key, text);
    return names_find(&witness->subscriptions, text);
}

/* A reference id is random enough to be unique over all sellers, and must be. */
struct book_attempt *book_attempt(struct witness *witness, const char *seller_id, const char *id)
{
    (void)seller_id;
    return names_find(&witness->attempts, id);
}

bool book_attempt_is_open(int state)
{
    return state != ATTEMPT_CAPTURED && state != ATTEMPT_DECLINED && state != ATTEMPT_REFUSED;
}

/* --- digests ------------------------------------------------------------------------------- */

uint64_t digest_text(uint64_t digest, const char *text)
{
    for (; *text != '\0'; text++) {
        digest = (digest ^ (unsigned char)*text) * 0x100000001b3U;
    }
    return (digest ^ 0xff) * 0x100000001b3U;
}

uint64_t digest_number(uint64_t digest, uint64_t number)
{
    digest = (digest ^ number) * 0x100000001b3U;
    return digest ^ (digest >> 32);
}

static uint64_t digest_at(uint64_t digest, struct instant at)
{
    return digest_number(digest, (uint64_t)at.utc_ms);
}

static uint64_t digest_charge(const struct charge *charge)
{
    uint64_t digest = digest_text(DIGEST_START, charge->id);
    digest = digest_number(digest, (uint64_t)charge->state);
    digest = digest_number(digest, (uint64_t)money_minor(charge->amount));
    digest = digest_at(digest, charge->due_at);
    digest = digest_at(digest, charge->retry_at);
    if (charge->attempt.number > 0) {
        digest = digest_text(digest, charge->attempt.reference_id);
        digest = digest_number(digest, (uint64_t)charge->attempt.state);
        digest = digest_at(digest, charge->attempt.resend_at);
    }
    return digest;
}

static uint64_t digest_subscription(const struct subscription *subscription)
{
    uint64_t digest = digest_text(DIGEST_START, subscription->key);
    digest = digest_number(digest, (uint64_t)subscription->state);
    digest = digest_number(digest, (uint64_t)money_minor(subscription->amount));
    digest = digest_number(digest, subscription->next_cycle);
    digest = digest_at(digest, subscription->due_at);
    digest = digest_at(digest, subscription->cancel_at);
    return digest;
}

/* Final rows are not loaded again, and the store has an order of its own: a sum has none. */
uint64_t book_digest(const struct account *account)
{
    const struct agreement *agreement = &account->agreement;
    uint64_t digest = digest_number(DIGEST_START, (uint64_t)agreement->state);
    uint64_t sum = 0;
    digest = digest_number(digest, (uint64_t)money_minor(agreement->limit.posted));
    digest = digest_number(digest, (uint64_t)money_minor(agreement->limit.reserved));
    digest = digest_number(digest, (uint64_t)agreement->care);
    digest = digest_at(digest, agreement->care_at);
    for (uint32_t i = 0; i < account->charge_count; i++) {
        int state = (int)account->charges[i].state;
        if (state != CHARGE_PAID && state != CHARGE_FAILED && state != CHARGE_CANCELED) {
            sum += digest_charge(&account->charges[i]);
        }
    }
    for (uint32_t i = 0; i < account->subscription_count; i++) {
        int state = (int)account->subscriptions[i].state;
        if (state != SUBSCRIPTION_CANCELED && state != SUBSCRIPTION_ENDED &&
            state != SUBSCRIPTION_REPLACED) {
            sum += digest_subscription(&account->subscriptions[i]);
        }
    }
    return digest_number(digest, sum);
}

static const struct charge *charge_in(const struct account *account, const char *id)
{
    for (uint32_t i = 0; i < account->charge_count; i++) {
        if (strcmp(account->charges[i].id, id) == 0) {
            return &account->charges[i];
        }
    }
    return NULL;
}

void book_difference(const struct account *recorded, const struct account *found, char *text,
                     size_t size)
{
    (void)snprintf(text, size, "the agreement or its limit");
    for (uint32_t i = 0; i < recorded->charge_count; i++) {
        const struct charge *a = &recorded->charges[i];
        const struct charge *b = charge_in(found, a->id);
        if (b == NULL) {
            if (a->state != CHARGE_PAID && a->state != CHARGE_FAILED &&
                a->state != CHARGE_CANCELED) {
                (void)snprintf(text, size, "charge %s is not there", a->id);
            }
        } else if (digest_charge(a) != digest_charge(b)) {
            (void)snprintf(text, size,
                           "charge %s: state %d/%d, retry at %lld/%lld, attempt %d/%d, again at "
                           "%lld/%lld",
                           a->id, (int)a->state, (int)b->state, (long long)a->retry_at.utc_ms,
                           (long long)b->retry_at.utc_ms, (int)a->attempt.state,
                           (int)b->attempt.state, (long long)a->attempt.resend_at.utc_ms,
                           (long long)b->attempt.resend_at.utc_ms);
        }
    }
    for (uint32_t i = 0; i < found->subscription_count; i++) {
        const struct subscription *b = &found->subscriptions[i];
        for (uint32_t k = 0; k < recorded->subscription_count; k++) {
            const struct subscription *a = &recorded->subscriptions[k];
            if (strcmp(a->key, b->key) == 0 && digest_subscription(a) != digest_subscription(b)) {
                (void)snprintf(text, size,
                               "subscription %s: state %d/%d, next cycle %u/%u, due at %lld/%lld",
                               a->key, (int)a->state, (int)b->state, a->next_cycle, b->next_cycle,
                               (long long)a->due_at.utc_ms, (long long)b->due_at.utc_ms);
            }
        }
    }
}

/* --- writing ------------------------------------------------------------------------------- */

static struct book_agreement *take_agreement(struct witness *witness, const struct account *account)
{
    const struct agreement *from = &account->agreement;
    struct book_agreement *agreement = book_agreement(witness, account);
    if (agreement == NULL) {
        agreement = allocate(sizeof *agreement);
        id_of(from->seller_id, from->id, agreement->id);
        agreement->seller = book_seller(witness, from->seller_id);
        names_add(&witness->agreements, agreement->id, agreement);
    }
    agreement->state = (int)from->state;
    agreement->version = from->version + 1;
    agreement->digest = book_digest(account);
    account_copy(&agreement->latest, account);
    agreement->recorded_us = witness->sim->now_us;
    return agreement;
}

static void take_subscription(struct witness *witness, struct book_agreement *agreement,
                              const struct subscription *from)
{
    struct book_subscription *subscription =
        book_subscription(witness, agreement->seller->id, from->key);
    if (subscription == NULL) {
        subscription = allocate(sizeof *subscription);
        id_of(agreement->seller->id, from->key, subscription->id);
        subscription->agreement = agreement;
        subscription->first_cycle = from->first_cycle;
        names_add(&witness->subscriptions, subscription->id, subscription);
    }
    subscription->state = (int)from->state;
    subscription->next_cycle = from->next_cycle;
    subscription->due_at = from->due_at;
    subscription->latest = *from;
}

static struct book_charge *take_charge(struct witness *witness, struct book_agreement *agreement,
                                       const struct charge *from)
{
    struct book_charge *charge = book_charge(witness, agreement->seller->id, from->id);
    if (charge == NULL) {
        charge = allocate(sizeof *charge);
        id_of(agreement->seller->id, from->id, charge->id);
        charge->agreement = agreement;
        charge->cycle = from->cycle;
        charge->units = money_minor(from->amount);
        charge->due_at = from->due_at;
        charge->policy_version = from->policy_version;
        if (from->subscription_key[0] != '\0') {
            charge->subscription =
                book_subscription(witness, agreement->seller->id, from->subscription_key);
        }
        names_add(&witness->charges, charge->id, charge);
    }
    charge->state = (int)from->state;
    charge->word = (int)from->word;
    return charge;
}

static void take_authorization(struct witness *witness, struct book_attempt *attempt,
                               const char *id)
{
    if (id[0] != '\0' && names_find(&witness->authorizations, id) == NULL) {
        struct book_authorization *authorization = allocate(sizeof *authorization);
        (void)snprintf(authorization->id, sizeof authorization->id, "%s", id);
        authorization->attempt = attempt;
        names_add(&witness->authorizations, authorization->id, authorization);
    }
}

static void take_attempt(struct witness *witness, struct book_agreement *agreement,
                         const struct charge *charge)
{
    const struct attempt *from = &charge->attempt;
    struct book_attempt *attempt = book_attempt(witness, agreement->seller->id, from->reference_id);
    if (attempt == NULL) {
        attempt = allocate(sizeof *attempt);
        memcpy(attempt->id, from->reference_id, sizeof attempt->id);
        attempt->charge = take_charge(witness, agreement, charge);
        attempt->before = attempt->charge->last;
        attempt->charge->last = attempt;
        attempt->number = from->number;
        attempt->life = witness->sim->life_count;
        attempt->units = money_minor(from->amount);
        attempt->timeout_minutes = from->timeout_minutes;
        attempt->captures_now = from->capture_now;
        agreement->attempts_open++;
        names_add(&witness->attempts, attempt->id, attempt);
    } else if (!book_attempt_is_open((int)from->state) && book_attempt_is_open(attempt->state)) {
        agreement->attempts_open--;
    }
    attempt->state = (int)from->state;
    attempt->captures = from->capture_number;
    take_authorization(witness, attempt, from->authorization_id);
}

void book_event(struct book_seller *seller, const struct change *change)
{
    uint64_t digest = digest_text(seller->events_digest, change->subject);
    digest = digest_number(digest, (uint64_t)change->kind);
    digest = digest_number(digest, (uint64_t)(int64_t)change->from);
    digest = digest_number(digest, (uint64_t)(int64_t)change->to);
    seller->events_digest = digest;
    seller->events++;
}

void book_take(struct witness *witness, const struct account *account,
               const struct effects *effects)
{
    struct book_agreement *agreement = take_agreement(witness, account);
    for (uint32_t i = 0; i < effects->row_count; i++) {
        const struct row *row = &effects->rows[i];
        if (row->kind == ROW_SUBSCRIPTION) {
            take_subscription(witness, agreement, &account->subscriptions[row->index]);
        }
    }
    for (uint32_t i = 0; i < effects->row_count; i++) {
        const struct row *row = &effects->rows[i];
        if (row->kind == ROW_CHARGE) {
            (void)take_charge(witness, agreement, &account->charges[row->index]);
        } else if (row->kind == ROW_ATTEMPT) {
            take_attempt(witness, agreement, &account->charges[row->index]);
        }
    }
    for (uint32_t i = 0; i < effects->change_count; i++) {
        book_event(agreement->seller, &effects->changes[i]);
    }
    witness->recent[witness->recent_count++ % RECENT_MAX] = agreement;
    witness->steps++;
}
