/* witness_parts.h - private to the witness_*.c files: the books, and who writes into them. */
#ifndef TESTS_SIM_WITNESS_PARTS_H
#define TESTS_SIM_WITNESS_PARTS_H

#include "billing/account.h"
#include "billing/effects.h"
#include "schema/store.h"
#include "tests/sim/names.h"
#include "tests/sim/sim.h"
#include "tests/sim/witness.h"

#define BOOK_ID_BYTES 80 /* "SELLER/ID" */

struct book_attempt {
    struct book_attempt *before; /* of the same charge, the one with the number before */
    struct book_charge *charge;
    char id[REFERENCE_ID_MAX];
    uint32_t number;
    int state;
    int64_t units;
    uint32_t timeout_minutes;
    bool was_sent;
    uint32_t life;  /* that recorded the intent: a later one cannot know whether it was sent */
    uint64_t asked; /* digest of what was sent under this id */
    bool captures_now;
    uint32_t captures;     /* begun */
    uint32_t capture_sent; /* the latest that was sent, and what it asked for */
    uint64_t capture_asked;
};

/* Amazon's name for what an attempt has made. */
struct book_authorization {
    char id[AMAZON_ID_MAX];
    struct book_attempt *attempt;
};

/* A version of a policy, as it is kept for ever. */
struct book_policy {
    char id[BOOK_ID_BYTES]; /* "SELLER/VERSION" */
    char name[POLICY_NAME_MAX];
    bool captures_now;
    uint32_t timeout_minutes; /* of a first attempt */
};

struct book_charge {
    char id[BOOK_ID_BYTES];
    struct book_agreement *agreement;
    struct book_subscription *subscription; /* NULL for a one-off */
    uint32_t cycle;
    int state;
    int64_t units;
    struct instant due_at;
    struct book_attempt *last;
    int word;
    uint32_t policy_version;
    int told; /* the state that its events lead to, when they are replayed */
};

struct book_subscription {
    char id[BOOK_ID_BYTES];
    struct book_agreement *agreement;
    int state;
    uint32_t first_cycle, next_cycle;
    struct instant due_at;
    struct subscription latest; /* as it was recorded last */
};

struct book_agreement {
    char id[BOOK_ID_BYTES];
    struct book_seller *seller;
    int state;
    uint64_t version;
    uint64_t digest; /* of what is open in the account: to know it again after a restart */
    uint32_t attempts_open;
    struct account latest; /* as it was recorded last, ... */
    int64_t recorded_us;   /* ... and when */
};

/* Amazon's bucket, as its document describes it, for one operation. */
struct book_bucket {
    char action[48]; /* "" = not yet used */
    int64_t used_us; /* as time that it takes to restore it */
    int64_t at_us;
};

#define BOOK_ACTIONS_MAX 32

struct book_seller {
    char id[SELLER_ID_MAX];
    uint64_t events;
    uint64_t events_digest; /* of all changes in their order */
    struct book_bucket buckets[BOOK_ACTIONS_MAX];
};

/* A batch of which nobody knows whether it is on the disk. */
struct doubt {
    struct doubt *next;
    uint32_t count;
    bool is_of_crash;
    struct doubtful {
        struct account account;
        struct effects effects;
        struct instant at;
        uint64_t digest;
    } steps[];
};

/* What a seller is claimed for, and when something last held it back. */
enum wake_kind { WAKE_SETTLE, WAKE_CHARGE, WAKE_CARE, WAKE_KINDS };
struct wake_hold {
    bool is_held[WAKE_KINDS]; /* since the daemon's code ran last */
    int64_t held_us[WAKE_KINDS];
};

struct wakes {
    struct wake_hold sellers[SIM_SELLERS_MAX]; /* in the runner's order */
    int64_t unwell_until_us;
    int64_t clock_off_ms; /* as it was then */
    int64_t doubted_until_us;
};

#define RECENT_MAX 64

struct witness {
    struct sim *sim;
    struct names agreements, subscriptions, charges, attempts, sellers, acknowledged;
    struct names authorizations, policies;
    struct store *store;        /* of this life */
    struct store_ops *watching; /* the table the store has instead of its own */
    const struct store_ops *real;
    struct step_record *batch; /* being recorded */
    uint32_t batch_count;
    struct doubt *doubts;
    struct book_agreement *recent[RECENT_MAX]; /* looked at again after a restart */
    uint64_t recent_count;
    struct account loaded; /* scratch */
    struct instant at;     /* of the step that is looked at */
    struct wakes wakes;
    uint64_t steps, sends;
};

/* witness_model.c */
struct book_seller *book_seller(struct witness *witness, const char *id);
struct book_agreement *book_agreement(struct witness *witness, const struct account *account);
struct book_charge *book_charge(struct witness *witness, const char *seller_id, const char *id);
struct book_attempt *book_attempt(struct witness *witness, const char *seller_id, const char *id);
struct book_subscription *book_subscription(struct witness *witness, const char *seller_id,
                                            const char *key);
bool book_attempt_is_open(int state);
/* The step is recorded: it is written into the books. */
void book_take(struct witness *witness, const struct account *account,
               const struct effects *effects);
/* An event of the seller's, in its order. */
void book_event(struct book_seller *seller, const struct change *change);
uint64_t book_digest(const struct account *account);
/* What differs between two accounts of the same agreement, in words. */
void book_difference(const struct account *recorded, const struct account *found, char *text,
                     size_t size);
uint64_t digest_text(uint64_t digest, const char *text);
uint64_t digest_number(uint64_t digest, uint64_t number);
#define DIGEST_START 0xcbf29ce484222325U

/* witness_rules.c: may this step follow what is in the books? */
void rules_check(struct witness *witness, const struct account *account,
                 const struct effects *effects);

/* witness_terms.c: may this step follow by the shop's word and the policy of each charge? */
void terms_check(struct witness *witness, const struct account *account,
                 const struct effects *effects);
/* A version of a policy is kept. */
void terms_policy(struct witness *witness, const char *seller_id, uint32_t version,
                  const char *name, const char *text);

/* witness_wake.c: a life begins; accounts were claimed at `now`. */
void wakes_begin(struct witness *witness);
/* Did the daemon doubt its clock just now? Then nothing is due. */
bool wakes_clock_is_doubted(const struct witness *witness);
void wakes_check(struct witness *witness, struct instant now, const struct claim *claims,
                 uint32_t claim_count, const struct account *accounts);

/* witness_calendar.c: never when the rule has no such cycle. */
struct instant calendar_due(const struct recurrence *rule, const char *zone_name, int64_t cycle);

#endif
