/*
 * witness_terms.c - may this step follow, by what was agreed about each charge: the shop's word (1,
 * 15) and the policy that was in force when it was opened (18)?
 *
 * Nothing is captured without the word SHIP, what was given up is never captured, and the word is
 * not taken back while a capture may be out. A charge keeps its version of the policy, and every
 * attempt shows it: by when the money is taken, the first one also by how long Amazon may think.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "tests/sim/witness_parts.h"

#define A_DAY_MINUTES 1440

/* --- policies ----------------------------------------------------------------------------------
 */

static void id_of_policy(const char *seller_id, uint32_t version, char id[static BOOK_ID_BYTES])
{
    (void)snprintf(id, BOOK_ID_BYTES, "%s/%" PRIu32, seller_id, version);
}

static const struct book_policy *policy_of(const struct witness *witness, const char *seller_id,
                                           uint32_t version)
{
    char id[BOOK_ID_BYTES];
    id_of_policy(seller_id, version, id);
    return names_find(&witness->policies, id);
}

void terms_policy(struct witness *witness, const char *seller_id, uint32_t version,
                  const char *name, const char *text)
{
    if (policy_of(witness, seller_id, version) != NULL) {
        return;
    }
    struct book_policy *policy = calloc(1, sizeof *policy);
    ENSURE(policy != NULL);
    id_of_policy(seller_id, version, policy->id);
    (void)snprintf(policy->name, sizeof policy->name, "%s", name);
    policy->captures_now = strstr(text, "\ncapture = now\n") != NULL;
    policy->timeout_minutes =
        strstr(text, "\nauthorization = asynchronous\n") != NULL ? A_DAY_MINUTES : 0;
    names_add(&witness->policies, policy->id, policy);
}

static void check_policy(struct witness *witness, const struct account *account,
                         const struct charge *charge)
{
    const char *seller_id = account->agreement.seller_id;
    const struct book_charge *before = book_charge(witness, seller_id, charge->id);
    const struct book_policy *policy = policy_of(witness, seller_id, charge->policy_version);
    const struct book_subscription *subscription =
        charge->subscription_key[0] == '\0'
            ? NULL
            : book_subscription(witness, seller_id, charge->subscription_key);
    if (policy == NULL) {
        sim_fail(witness->sim, "18: %s has policy version %" PRIu32 ", which nobody keeps",
                 charge->id, charge->policy_version);
    } else if (before != NULL && before->policy_version != charge->policy_version) {
        sim_fail(witness->sim,
                 "18: %s was opened with policy version %" PRIu32 " and now has %" PRIu32,
                 charge->id, before->policy_version, charge->policy_version);
    } else if (before == NULL && subscription != NULL &&
               strcmp(policy->name, subscription->latest.policy_name) != 0) {
        sim_fail(witness->sim, "18: %s is opened with the policy %s, its subscription's is %s",
                 charge->id, policy->name, subscription->latest.policy_name);
    }
}

static void check_attempt_policy(struct witness *witness, const struct account *account,
                                 const struct charge *charge)
{
    const struct attempt *attempt = &charge->attempt;
    const struct book_policy *policy =
        policy_of(witness, account->agreement.seller_id, charge->policy_version);
    if (policy == NULL) {
        return;
    }
    if (attempt->capture_now != policy->captures_now) {
        sim_fail(witness->sim, "18: %s is captured %s, which is not its policy %s",
                 attempt->reference_id, attempt->capture_now ? "now" : "on shipment", policy->id);
    }
    if (attempt->number == 1 && attempt->timeout_minutes != policy->timeout_minutes) {
        sim_fail(witness->sim, "18: %s may take %" PRIu32 " minutes, which is not its policy %s",
                 attempt->reference_id, attempt->timeout_minutes, policy->id);
    }
}

/* --- the word ----------------------------------------------------------------------------------
 */

static bool is_word_told(const struct effects *effects, const char *charge_id, int from, int to)
{
    int word = from;
    for (uint32_t i = 0; i < effects->change_count; i++) {
        const struct change *change = &effects->changes[i];
        if (change->kind == CHANGE_WORD && strcmp(change->subject, charge_id) == 0 &&
            change->from == word) {
            word = change->to;
        }
    }
    return word == to;
}

static void check_word(struct witness *witness, const struct account *account,
                       const struct effects *effects, const struct charge *charge)
{
    const struct book_charge *before =
        book_charge(witness, account->agreement.seller_id, charge->id);
    int from = before == NULL ? WORD_NONE : before->word;
    int to = (int)charge->word;
    bool is_out =
        before != NULL && before->last != NULL && before->last->state == ATTEMPT_CAPTURING;
    bool may_be = from == to || from == WORD_NONE || (to == WORD_VOID && !is_out);
    if (!may_be) {
        sim_fail(witness->sim, "15: the word about %s goes from %d to %d", charge->id, from, to);
    }
    if (!is_word_told(effects, charge->id, from, to)) {
        sim_fail(witness->sim, "27: no event tells the word about %s", charge->id);
    }
}

static void check_capture(struct witness *witness, const struct account *account,
                          const struct charge *charge)
{
    const struct attempt *attempt = &charge->attempt;
    const struct book_attempt *before =
        book_attempt(witness, account->agreement.seller_id, attempt->reference_id);
    bool waits = attempt->state == ATTEMPT_AUTHORIZED || attempt->state == ATTEMPT_CAPTURING ||
                 attempt->state == ATTEMPT_VOIDING;
    bool takes = attempt->state == ATTEMPT_CAPTURING || attempt->state == ATTEMPT_CAPTURED;
    uint32_t captures = before == NULL ? 0 : before->captures;
    if (before == NULL) {
        check_attempt_policy(witness, account, charge);
    } else if (before->captures_now != attempt->capture_now) {
        sim_fail(witness->sim, "2: %s is not what it was", attempt->reference_id);
    }
    if (attempt->capture_now && waits) {
        sim_fail(witness->sim, "15: %s is captured at once and is in state %d",
                 attempt->reference_id, (int)attempt->state);
    }
    if (!attempt->capture_now && takes && charge->word != WORD_SHIP) {
        sim_fail(witness->sim, "1: %s is in state %d, the shop's word is %d", attempt->reference_id,
                 (int)attempt->state, (int)charge->word);
    }
    if (attempt->capture_number < captures || attempt->capture_number > captures + 1) {
        sim_fail(witness->sim, "5: capture %" PRIu32 " of %s after %" PRIu32,
                 attempt->capture_number, attempt->reference_id, captures);
    }
}

void terms_check(struct witness *witness, const struct account *account,
                 const struct effects *effects)
{
    for (uint32_t i = 0; i < effects->row_count; i++) {
        const struct row *row = &effects->rows[i];
        if (row->kind == ROW_CHARGE) {
            check_policy(witness, account, &account->charges[row->index]);
            check_word(witness, account, effects, &account->charges[row->index]);
        } else if (row->kind == ROW_ATTEMPT) {
            check_capture(witness, account, &account->charges[row->index]);
        }
    }
}
