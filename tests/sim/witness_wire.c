/*
 * witness_wire.c - what leaves for Amazon, byte by byte as it was signed: 2, 16, 19, 20.
 *
 * The form is taken apart here with a few lines of our own. What a request may ask for must be in
 * the books already, that is recorded and synced.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "tests/sim/amazon.h"
#include "tests/sim/life.h"
#include "tests/sim/witness_parts.h"

#define FIELDS_MAX 64
#define TEXT_BYTES 4096

struct sent {
    size_t count;
    const char *names[FIELDS_MAX];
    const char *values[FIELDS_MAX];
    char text[TEXT_BYTES];
};

static int digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                  : -1;
}

static bool read_form(struct sent *sent, const char *form, size_t length)
{
    size_t to = 0;
    bool starts = true;
    bool is_name = true;
    sent->count = 0;
    for (size_t at = 0; at < length; at++) {
        if (to + 2 > TEXT_BYTES || sent->count + 1 > FIELDS_MAX) {
            return false;
        }
        if (starts) {
            sent->names[sent->count] = &sent->text[to];
            sent->values[sent->count++] = "";
            starts = false;
            is_name = true;
        }
        char c = form[at];
        if (c == '=' && is_name) {
            is_name = false;
            sent->text[to++] = '\0';
            sent->values[sent->count - 1] = &sent->text[to];
        } else if (c == '&') {
            sent->text[to++] = '\0';
            starts = true;
        } else if (c == '%' && at + 2 < length) {
            sent->text[to++] = (char)(digit(form[at + 1]) * 16 + digit(form[at + 2]));
            at += 2;
        } else {
            sent->text[to++] = c;
        }
    }
    sent->text[to] = '\0';
    return true;
}

static const char *value(const struct sent *sent, const char *name)
{
    for (size_t i = 0; i < sent->count; i++) {
        if (strcmp(sent->names[i], name) == 0) {
            return sent->values[i];
        }
    }
    return "";
}

/* --- 20: calls in any window are at most the burst and what is restored in it --------------------
 */

/* The daemon takes a token before the request is on its way. */
#define GRACE_US (SECOND_US / 2)

static bool is_reading(const char *action)
{
    return strncmp(action, "Get", 3) == 0 || strncmp(action, "List", 4) == 0;
}

static struct book_bucket *bucket_of(struct book_seller *seller, const char *action)
{
    unsigned i = 0;
    while (seller->buckets[i].action[0] != '\0' && strcmp(seller->buckets[i].action, action) != 0) {
        i++;
        ENSURE(i < BOOK_ACTIONS_MAX);
    }
    (void)snprintf(seller->buckets[i].action, sizeof seller->buckets[i].action, "%s", action);
    return &seller->buckets[i];
}

static void check_rate(struct witness *witness, const struct sent *sent)
{
    const char *action = value(sent, "Action");
    struct book_seller *seller = book_seller(witness, value(sent, "SellerId"));
    struct book_bucket *bucket = bucket_of(seller, action);
    int64_t burst = is_reading(action) ? 20 : 10;
    int64_t restore_us = is_reading(action) ? SECOND_US / 2 : SECOND_US;
    int64_t now_us = witness->sim->now_us;
    int64_t used_us = bucket->used_us - (now_us - bucket->at_us);
    bucket->used_us = (used_us < 0 ? 0 : used_us) + restore_us;
    bucket->at_us = now_us;
    if (bucket->used_us > burst * restore_us + GRACE_US) {
        sim_fail(witness->sim, "20: %s calls %s faster than Amazon allows", seller->id, action);
    }
}

/* --- 2, 16: an authorization
 * ----------------------------------------------------------------------- */

static uint64_t digest_asked(const struct sent *sent)
{
    uint64_t digest = DIGEST_START;
    for (size_t i = 0; i < sent->count; i++) {
        const char *name = sent->names[i];
        if (strcmp(name, "Timestamp") != 0 && strcmp(name, "Signature") != 0) {
            digest = digest_text(digest_text(digest, name), sent->values[i]);
        }
    }
    return digest;
}

static void check_authorize(struct witness *witness, const struct sent *sent)
{
    struct sim *sim = witness->sim;
    const char *id = value(sent, "AuthorizationReferenceId");
    const char *seller_id = value(sent, "SellerId");
    struct book_attempt *attempt = book_attempt(witness, seller_id, id);
    if (attempt == NULL) {
        sim_fail(sim, "2: %s is sent and not recorded", id);
        return;
    }
    const struct book_agreement *agreement = attempt->charge->agreement;
    char yen[32];
    (void)snprintf(yen, sizeof yen, "%" PRId64, attempt->units);
    if (strcmp(value(sent, "AuthorizationAmount.Amount"), yen) != 0 ||
        strcmp(value(sent, "AuthorizationAmount.CurrencyCode"), "JPY") != 0 ||
        strcmp(value(sent, "AmazonBillingAgreementId"), strchr(agreement->id, '/') + 1) != 0 ||
        strcmp(value(sent, "CaptureNow"), attempt->captures_now ? "true" : "false") != 0 ||
        strcmp(value(sent, "SellerOrderAttributes.SellerOrderId"),
               strchr(attempt->charge->id, '/') + 1) != 0) {
        sim_fail(sim, "2: %s is sent otherwise than it is recorded", id);
    }
    if (attempt->state != ATTEMPT_INTENT && attempt->state != ATTEMPT_UNKNOWN) {
        sim_fail(sim, "3: %s is sent in state %d", id, attempt->state);
    }
    uint64_t asked = digest_asked(sent);
    if (attempt->was_sent && attempt->asked != asked) {
        sim_fail(sim, "2: %s is sent again and asks for something else", id);
    }
    /* UNKNOWN: it was taken up after a crash, maybe in the midst of the commit that made it. */
    bool may_be_sent =
        attempt->was_sent || attempt->life != life_number(sim) || attempt->state == ATTEMPT_UNKNOWN;
    if (!may_be_sent && agreement->state != AGREEMENT_OPEN) {
        sim_fail(sim, "16: %s is sent though its agreement is known to be in state %d", id,
                 agreement->state);
    }
    attempt->was_sent = true;
    attempt->asked = asked;
}

/* --- 1, 2: the capture of an authorization, and giving it up ------------------------------------
 */

static struct book_attempt *authorized_attempt(struct witness *witness, const struct sent *sent)
{
    const char *id = value(sent, "AmazonAuthorizationId");
    const struct book_authorization *known = names_find(&witness->authorizations, id);
    if (known == NULL) {
        sim_fail(witness->sim, "2: %s is asked for and not recorded", id);
    }
    return known == NULL ? NULL : known->attempt;
}

static void check_capture(struct witness *witness, const struct sent *sent)
{
    struct sim *sim = witness->sim;
    struct book_attempt *attempt = authorized_attempt(witness, sent);
    const char *id = value(sent, "CaptureReferenceId");
    char expected[64];
    char yen[32];
    if (attempt == NULL) {
        return;
    }
    (void)snprintf(expected, sizeof expected, "%s-C%" PRIu32, attempt->id, attempt->captures);
    (void)snprintf(yen, sizeof yen, "%" PRId64, attempt->units);
    if (attempt->state != ATTEMPT_CAPTURING || attempt->charge->word != WORD_SHIP) {
        sim_fail(sim, "1: a capture of %s is sent in state %d, the shop's word is %d", attempt->id,
                 attempt->state, attempt->charge->word);
    }
    if (strcmp(id, expected) != 0) {
        sim_fail(sim, "5: %s is sent for the capture %s", id, expected);
    }
    if (strcmp(value(sent, "CaptureAmount.Amount"), yen) != 0) {
        sim_fail(sim, "2: %s is not of its attempt's amount", id);
    }
    uint64_t asked = digest_asked(sent);
    if (attempt->capture_sent == attempt->captures && attempt->capture_asked != asked) {
        sim_fail(sim, "2: %s is sent again and asks for something else", id);
    }
    attempt->capture_sent = attempt->captures;
    attempt->capture_asked = asked;
}

static void check_void(struct witness *witness, const struct sent *sent)
{
    const struct book_attempt *attempt = authorized_attempt(witness, sent);
    if (attempt != NULL && attempt->state != ATTEMPT_VOIDING) {
        sim_fail(witness->sim, "2: %s is given up in state %d", attempt->id, attempt->state);
    }
}

/* --- 19: the close of an agreement
 * --------------------------------------------------------------------- */

static void check_close(struct witness *witness, const struct sent *sent)
{
    char id[BOOK_ID_BYTES];
    (void)snprintf(id, sizeof id, "%s/%s", value(sent, "SellerId"),
                   value(sent, "AmazonBillingAgreementId"));
    const struct book_agreement *agreement = names_find(&witness->agreements, id);
    bool is_forced = agreement != NULL && agreement->latest.agreement.close_forced;
    if (agreement == NULL || (agreement->attempts_open > 0 && !is_forced)) {
        sim_fail(witness->sim, "19: %s is closed while an attempt is open", id);
    }
}

void witness_sends(struct witness *witness, uint64_t packet, const char *form, size_t length)
{
    struct sent sent;
    if (!read_form(&sent, form, length)) {
        sim_fail(witness->sim, "request %" PRIu64 " is too long", packet);
        return;
    }
    const char *action = value(&sent, "Action");
    const char *about = value(&sent, "AuthorizationReferenceId");
    about = about[0] != '\0' ? about : value(&sent, "AmazonBillingAgreementId");
    sim_log(witness->sim, "sent %" PRIu64 ": %s %s", packet, action, about);
    witness->sends++;
    check_rate(witness, &sent);
    if (strcmp(action, "AuthorizeOnBillingAgreement") == 0) {
        check_authorize(witness, &sent);
    } else if (strcmp(action, "Capture") == 0) {
        check_capture(witness, &sent);
    } else if (strcmp(action, "CloseAuthorization") == 0) {
        check_void(witness, &sent);
    } else if (strcmp(action, "CloseBillingAgreement") == 0) {
        check_close(witness, &sent);
    }
}

void witness_answered(struct witness *witness)
{
    if (amazon_double_charged(witness->sim->amazon) > 0) {
        sim_fail(witness->sim, "1: a charge was captured twice");
    }
}

void witness_acknowledged(struct witness *witness, const char *key)
{
    if (key[0] == '\0') {
        sim_fail(witness->sim, "26: an acknowledgement without a key");
    } else if (names_find(&witness->acknowledged, key) == NULL) {
        char *copied = strdup(key);
        ENSURE(copied != NULL);
        names_add(&witness->acknowledged, copied, copied);
    }
}
