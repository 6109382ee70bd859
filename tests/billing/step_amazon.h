/*
 * step_amazon.h - a tiny Amazon for the random test: authorizations by reference id, captures, one
 * agreement and its limit per calendar month.
 *
 * It is written from Amazon's documents alone and shares nothing with the core but the words of the
 * answers. It always tells the truth; losing answers, requests and processes is the test's part.
 * The first broken promise of ours (two captures for one charge, a reference id with other
 * parameters) is kept in `broken`.
 */
#ifndef TESTS_BILLING_STEP_AMAZON_H
#define TESTS_BILLING_STEP_AMAZON_H

#include "billing/event.h"
#include "tests/billing/step_random.h"

#define AMAZON_AUTHORIZATIONS_MAX 2048
#define AMAZON_LISTED_AFTER_MS    INT64_C(15000)

enum amazon_verdict {
    AMAZON_PENDING = 1,
    AMAZON_CAPTURED,
    AMAZON_DECLINED,
};

struct amazon_authorization {
    char reference_id[REFERENCE_ID_MAX];
    char charge_id[CHARGE_ID_MAX];
    int64_t amount;
    enum amazon_verdict verdict;
    enum reason reason;
    struct instant created_at;
    struct instant decided_at; /* a PENDING one is captured or declined then */
};

struct amazon {
    struct dice *dice;
    enum agreement_state state;
    int64_t limit;
    bool trusts_us;    /* does not enforce the limit: only our ledger keeps it */
    bool checks_first; /* state and limit are checked before the reference id is looked up */
    bool is_kind;      /* no more declines, errors, suspensions */
    uint32_t count;
    struct amazon_authorization authorizations[AMAZON_AUTHORIZATIONS_MAX];
    const char *broken;
};

void amazon_authorize(struct amazon *amazon, const char *reference_id, const char *charge_id,
                      int64_t amount, struct instant now, struct attempt_answer *answer);
void amazon_look_up(struct amazon *amazon, const char *reference_id, struct instant now,
                    struct attempt_answer *answer);
void amazon_discover(struct amazon *amazon, const char *reference_id, struct instant now,
                     struct attempt_answer *answer);
void amazon_details(struct amazon *amazon, struct instant now, struct care_answer *answer);
void amazon_confirm(struct amazon *amazon, struct care_answer *answer);
void amazon_close(struct amazon *amazon, struct care_answer *answer);

/* Captured and pending in the month that contains `now`. */
int64_t amazon_used(struct amazon *amazon, struct instant now);

#endif
