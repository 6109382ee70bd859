/*
 * step_amazon.h - a tiny Amazon for the random test: authorizations by reference id, captures, one
 * agreement and its limit per calendar month.
 *
 * It is written from Amazon's documents alone and shares nothing with the core but the words of the
 * answers. Its answers always tell the truth; losing answers, requests and processes is the test's
 * part. Its notices come late, twice, in any order or not at all, and sometimes name the wrong
 * authorization: nothing may depend on them.
 * The first broken promise of ours (two captures for one charge, a reference id with other
 * parameters) is kept in `broken`.
 */
#ifndef TESTS_BILLING_STEP_AMAZON_H
#define TESTS_BILLING_STEP_AMAZON_H

#include "billing/event.h"
#include "tests/billing/step_random.h"

#define AMAZON_AUTHORIZATIONS_MAX 2048
#define AMAZON_LISTED_AFTER_MS    INT64_C(15000)
#define AMAZON_NOTICES_MAX        64

enum amazon_verdict {
    AMAZON_PENDING = 1,
    AMAZON_CAPTURED,
    AMAZON_DECLINED,
};

struct amazon_authorization {
    char reference_id[REFERENCE_ID_MAX];
    char charge_id[CHARGE_ID_MAX];
    int64_t amount;
    uint32_t timeout_minutes;
    enum amazon_verdict verdict;
    enum reason reason;
    struct instant created_at;
    struct instant decided_at; /* a PENDING one is captured or declined then */
};

struct amazon_notice {
    struct notice_event told;
    struct instant at; /* when it is delivered */
};

struct amazon {
    struct dice *dice;
    enum agreement_state state;
    int64_t limit;
    bool trusts_us;       /* does not enforce the limit: only our ledger keeps it */
    bool checks_first;    /* state and limit are checked before the reference id is looked up */
    bool only_duplicates; /* a repeated request is never answered with the first result */
    bool is_mute;         /* no notices */
    bool is_kind;         /* no more declines, errors, suspensions */
    uint32_t count;
    struct amazon_authorization authorizations[AMAZON_AUTHORIZATIONS_MAX];
    uint32_t notice_count;
    struct amazon_notice notices[AMAZON_NOTICES_MAX];
    const char *broken;
};

/* What Amazon decides by `now` is decided. */
void amazon_pass(struct amazon *amazon, struct instant now);
/* The agreement becomes another state; who listens is told. */
void amazon_change(struct amazon *amazon, enum agreement_state state, struct instant now);

void amazon_authorize(struct amazon *amazon, const char *reference_id, const char *charge_id,
                      int64_t amount, uint32_t timeout_minutes, struct instant now,
                      struct attempt_answer *answer);
void amazon_look_up(struct amazon *amazon, const char *reference_id, const char *authorization_id,
                    struct instant now, struct attempt_answer *answer);
void amazon_discover(struct amazon *amazon, const char *reference_id, struct instant now,
                     struct attempt_answer *answer);
void amazon_details(struct amazon *amazon, struct instant now, struct care_answer *answer);
void amazon_confirm(struct amazon *amazon, struct instant now, struct care_answer *answer);
void amazon_close(struct amazon *amazon, struct instant now, struct care_answer *answer);

/* Captured and pending in the month that contains `now`. */
int64_t amazon_used(struct amazon *amazon, struct instant now);

#endif
