/*
 * store.h - the contract of durability: a few operations, each a business act and a whole
 * transaction.
 *
 * Not a query API. Every operation is a plain blocking function, begin to commit; the caller runs
 * it off its loop, one at a time per store (a store is not thread-safe). No transaction outlives a
 * call. There are two implementations behind one table of functions; tests/schema/conformance.c
 * says what both must do.
 *
 * Rules every implementation keeps:
 *   1. After ST_OK from `record` everything in it survives a power cut.
 *   2. A step is recorded only on top of the version it was computed from (agreement.version); a
 *      stale one is ST_LOST and changes nothing.
 *   3. Every change of a step becomes one event row, numbered without gaps per seller, and chained:
 *      each row holds the digest of its own text together with the digest of the row before it.
 *   4. Reference ids, charge ids, keys and a seller's idempotency keys are unique for ever; its
 *      subscriptions and its one-offs have idempotency keys of their own.
 *   5. Text that goes out was copied in: nothing returned points into the store, except
 *      `subscription.zone`, which is always NULL.
 *
 * Errors of any operation: ST_STORE (with a sentence), ST_FULL (disk full), ST_INVALID where said.
 */
#ifndef SCHEMA_STORE_H
#define SCHEMA_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "billing/account.h"
#include "billing/effects.h"
#include "billing/notice.h"
#include "billing/policy_text.h"
#include "billing/status.h"

struct store; /* one open database; its implementation's own struct begins with `struct store` */

/* One bill_step() to be recorded: the account after it, and its effects. */
struct step_record {
    /* agreement.version is the version before this step. The store writes version + 1; after ST_OK
     * the caller adds 1 to its copy. */
    const struct account *account;
    const struct effects *effects;
    struct instant at;
    /* out: ST_OK, ST_LOST, ST_CONFLICT (a unique key exists already, or a final row would change),
     * or ST_INVALID (a row breaks an invariant of the schema: a bug of ours). */
    enum status status;
};

/* Work wanted for one seller: up to `max` accounts whose wake_at has come. Three quarters of `max`
 * (rounded up) by lane and, within a lane, by wake_at; the rest by wake_at alone (of claims of
 * fewer than 4, every fourth second all), so that no lane waits for ever behind one that never
 * empties. */
struct claim {
    const char *seller_id;
    uint32_t max;
    bool care_only;           /* only LANE_CARE accounts; otherwise every lane but that, ... */
    bool settle_only;         /* ... or only LANE_SETTLE: charging is held back for a moment */
    uint32_t count;           /* out: accounts returned for this claim */
    struct instant next_wake; /* out: the earliest wake_at of those lanes that was not returned */
    /* out: an account that is due and cannot be loaded, and why: a value out of its range, or an
     * invariant of account.h that does not hold. It was put off for an hour, so that the others go
     * on; somebody must look at it. "" = none. */
    char damaged_agreement_id[AGREEMENT_ID_MAX];
    struct problem damage;
};

struct page {
    const char *after; /* the last id or key of the page before; "" = from the start */
    uint32_t max;
};

struct subscription_view {
    char agreement_id[AGREEMENT_ID_MAX];
    struct subscription subscription;
};

struct charge_view {
    char agreement_id[AGREEMENT_ID_MAX];
    struct charge charge;
    struct money refunded; /* by all refunds that are not DECLINED or REFUSED; zero = none */
    uint32_t refund_count; /* all of the shop's own */
};

struct refund_view {
    char agreement_id[AGREEMENT_ID_MAX];
    struct refund refund;
};

/* One version of a seller's policy, as policy_text.h writes it. */
struct policy_view {
    uint32_t version;
    char name[POLICY_NAME_MAX];
    struct instant at; /* when it was first in force */
    char text[POLICY_TEXT_MAX];
};

/* A stop switch that is on. */
struct stop_view {
    char seller_id[SELLER_ID_MAX]; /* "" = every seller */
    enum reason reason;            /* OPERATOR, GUARD, CLOCK, CLOCK_BACK */
    struct instant at;
    struct instant until; /* when it lifts itself; never = it does not */
};

#define DIGEST_BYTES 32
/* SHA-256, handed in: the store knows no cryptography. Chains the events, see chain.h. */
typedef void store_digest(const void *bytes, size_t count, uint8_t digest[static DIGEST_BYTES]);

/* An event row. */
struct change_view {
    uint64_t number; /* 1, 2, ... per seller, no gaps */
    struct instant at;
    char agreement_id[AGREEMENT_ID_MAX]; /* "" = it happened to the seller */
    struct change change;
    uint8_t digest[DIGEST_BYTES]; /* all zero: written before rows were chained */
};

/* A notice as it is kept. */
struct notice_view {
    struct notice_work work; /* agreement_id "" = nothing was open here when it came */
    bool is_done;            /* nothing is left to be done about it */
};

/* Which notices are looked for: those with numbers above `after`, or the newest of all. */
struct notice_search {
    bool newest;
    uint64_t after;        /* unless newest */
    enum notice_kind kind; /* 0 = any */
    const char *object_id; /* "" = any */
};

struct seller_totals {
    uint64_t agreements;                  /* not Closed or Canceled */
    uint64_t subscriptions;               /* ACTIVE or PAST_DUE */
    uint64_t past_due;                    /* subscriptions */
    uint64_t backlog;                     /* accounts whose wake_at has come */
    struct instant oldest_wake;           /* the earliest of them; never = no backlog */
    uint64_t charges[CHARGE_STATE_COUNT]; /* open ones by enum charge_state (final states stay 0) */
    uint64_t refunds_open;
    uint64_t stopped;             /* charges WAITING because of STOPPED, GUARD or CLOCK */
    uint64_t unanswered_attempts; /* INTENT; CAPTURING or VOIDING without a reason */
    uint64_t pending_attempts; /* UNKNOWN or CAPTURING: Amazon has not decided (REASON_PENDING) */
    uint64_t unknown_attempts; /* UNKNOWN, CAPTURING, VOIDING for any other reason */
    struct instant oldest_pending; /* created_at; never = none */
    struct instant oldest_unknown;
};

#define NOTICES_FORGOTTEN_MAX 1000

struct store_ops {
    void (*close)(struct store *store);

    /* Once after opening: every account with an attempt that is INTENT, UNKNOWN, CAPTURING or
     * VOIDING becomes due at `now` in LANE_SETTLE, because nobody else will hear its answer;
     * `count` = how many. So does, in LANE_CARE, what is pending or AUTHORIZED and whose resend_at
     * has passed - there may be a day's worth of it, and it wakes by itself -, every refund that is
     * INTENT or UNKNOWN or whose resend_at has passed, every subscription that is LEAVING, and
     * every agreement whose care_at has passed: its call was being made. Versions stay: nobody
     * holds a copy yet. */
    enum status (*start)(struct store *store, struct instant now, uint64_t *count,
                         struct problem *problem);

    /* Fills `accounts` (room for the sum of max) claim by claim, in order. Writes nothing but the
     * new wake_at of damaged accounts. ST_FULL when so little disk is left that what was begun may
     * soon not be recorded: charging stops before the recording of answers does. */
    enum status (*claim)(struct store *store, struct instant now, struct claim *claims,
                         uint32_t claim_count, struct account *accounts, struct problem *problem);

    /* ST_NOT_FOUND when there is no such agreement; ST_STORE also when it is damaged. */
    enum status (*load_account)(struct store *store, const char *seller_id,
                                const char *agreement_id, struct account *account,
                                struct problem *problem);

    /* Records all steps in one transaction and sets each one's status; steps that are refused do
     * not hinder the others, and `problem` then has the sentence of the last one refused for
     * another reason than ST_LOST. A status other than ST_OK: nothing of the batch was recorded.
     * The same account may appear once per batch only. */
    enum status (*record)(struct store *store, struct step_record *steps, uint32_t count,
                          struct problem *problem);

    /* The subscription, and the one-off, with this idempotency key; ST_NOT_FOUND. */
    enum status (*find_subscription)(struct store *store, const char *seller_id,
                                     const char *idempotency_key, struct subscription_view *view,
                                     struct problem *problem);
    enum status (*find_one_off)(struct store *store, const char *seller_id,
                                const char *idempotency_key, struct charge_view *charge,
                                struct problem *problem);

    enum status (*read_subscription)(struct store *store, const char *seller_id, const char *key,
                                     struct subscription_view *view, struct problem *problem);
    /* `attempts` gets up to `max` attempts, oldest first; `count` how many there are. */
    enum status (*read_charge)(struct store *store, const char *seller_id, const char *charge_id,
                               struct charge_view *view, struct attempt *attempts, uint32_t max,
                               uint32_t *count, struct problem *problem);

    /* Pages in the order of id; `count` may be less than page.max only on the last page.
     * `agreement_id` and `subscription_key` "" = all; `state` 0 = all. */
    enum status (*list_agreements)(struct store *store, const char *seller_id, struct page page,
                                   struct agreement *agreements, uint32_t *count,
                                   struct problem *problem);
    enum status (*list_subscriptions)(struct store *store, const char *seller_id,
                                      const char *agreement_id, enum subscription_state state,
                                      struct page page, struct subscription_view *views,
                                      uint32_t *count, struct problem *problem);
    enum status (*list_charges)(struct store *store, const char *seller_id,
                                const char *agreement_id, const char *subscription_key,
                                enum charge_state state, struct page page,
                                struct charge_view *views, uint32_t *count,
                                struct problem *problem);
    /* Events after number `after`, in order. */
    enum status (*list_changes)(struct store *store, const char *seller_id, uint64_t after,
                                uint32_t max, struct change_view *views, uint32_t *count,
                                struct problem *problem);
    /* The same, of attempts and of stop switches alone: a day's, without all that happened beside.
     */
    enum status (*list_attempt_changes)(struct store *store, const char *seller_id, uint64_t after,
                                        uint32_t max, struct change_view *views, uint32_t *count,
                                        struct problem *problem);

    enum status (*totals)(struct store *store, const char *seller_id, struct instant now,
                          struct seller_totals *totals, struct problem *problem);

    /* When a step of this seller was last recorded; never = not yet. Every call to Amazon follows a
     * recorded step, so this bounds how long a seller has surely been quiet. */
    enum status (*last_step)(struct store *store, const char *seller_id, struct instant *at,
                             struct problem *problem);

    /* Keeps Amazon's notices in one transaction, durable on ST_OK, and sets number and is_known of
     * each. Known, and not kept again, is one whose (seller, MessageId) is kept already, also
     * earlier in the same batch; or, unless it is an agreement's, whose (seller, kind, object,
     * state, updated_at) is - an agreement's status keeps its time when the buyer changes something
     * else, so there only the MessageId tells repetitions. A refund's or chargeback's is about
     * the capture whose order reference its ids begin with (the refund's own, or the parent's).
     * A notice about which nothing is open here is kept as done: another kind than those; no such
     * agreement, or a final one; no such attempt, or a final one; no such capture. ST_FULL already
     * when `claim` says so. */
    enum status (*keep_notices)(struct store *store, struct notice *notices, uint32_t count,
                                struct problem *problem);

    /* Up to `max` notices of all sellers that are not done, oldest first, with numbers above
     * `after`. */
    enum status (*open_notices)(struct store *store, uint64_t after, uint32_t max,
                                struct notice_work *works, uint32_t *count,
                                struct problem *problem);

    /* Marks notices as done; unknown numbers are ignored. Then forgets done ones that were received
     * before `forget_before`, NOTICES_FORGOTTEN_MAX a call, but never refunds and chargebacks. One
     * transaction; without anything to change the disk is not touched. */
    enum status (*end_notices)(struct store *store, const uint64_t *numbers, uint32_t count,
                               struct instant forget_before, struct problem *problem);

    /* Kept notices of a seller, in the order of their numbers. */
    enum status (*list_notices)(struct store *store, const char *seller_id,
                                struct notice_search search, uint32_t max,
                                struct notice_view *views, uint32_t *count,
                                struct problem *problem);

    /* The refund of the shop's with this idempotency key; ST_NOT_FOUND. */
    enum status (*find_refund)(struct store *store, const char *seller_id,
                               const char *idempotency_key, struct refund_view *view,
                               struct problem *problem);
    /* In the order of id. `charge_id` "" = all. */
    enum status (*list_refunds)(struct store *store, const char *seller_id, const char *charge_id,
                                struct page page, struct refund_view *views, uint32_t *count,
                                struct problem *problem);

    /* The version of this text: the newest of that name when its text is the same, else a new one
     * that is kept for ever and told as an event (CHANGE_POLICY). */
    enum status (*save_policy)(struct store *store, const char *seller_id, const char *name,
                               const char *text, struct instant at, uint32_t *version,
                               struct problem *problem);
    /* Up to `max` versions with numbers above `after`, in order. */
    enum status (*list_policies)(struct store *store, const char *seller_id, uint32_t after,
                                 uint32_t max, struct policy_view *views, uint32_t *count,
                                 struct problem *problem);

    /* Turns the stop switch of a seller ("" = of all) on or off, durably, told as an event
     * (CHANGE_STOP, `subject` the switch) of that seller, or of each seller that ever had a step;
     * nothing when it is so already. One that is on for another reason takes this one, told as a
     * change from on to on. `until`: when it lifts itself; never = it does not. With the switch of
     * all off, nothing counts as written later than `at` (last_write). */
    enum status (*set_stop)(struct store *store, const char *seller_id, bool is_on,
                            enum reason reason, struct instant at, struct instant until,
                            struct problem *problem);
    /* All switches that are on, the one of all first; at most one per seller and one for all. */
    enum status (*list_stops)(struct store *store, struct stop_view *views, uint32_t max,
                              uint32_t *count, struct problem *problem);
    /* Every account of the seller with a charge WAITING because of `reason` becomes due at `now`,
     * in the lane of the most urgent of these charges; `count` = how many. For when what they wait
     * for is lifted. Versions stay, so a step that was computed before it and is recorded after it
     * says again when it is to be looked at: ask once more when what was in flight is recorded. */
    enum status (*wake_waiting)(struct store *store, const char *seller_id, enum reason reason,
                                struct instant now, uint64_t *count, struct problem *problem);

    /* When this store was last written to, by the clock of who wrote: a step, a notice, a policy, a
     * stop switch or a probe. never = it is new. */
    enum status (*last_write)(struct store *store, struct instant *at, struct problem *problem);

    /* ST_OK, or why it cannot write right now (ST_FULL, ST_STORE): asked before charging goes on
     * after a failure. Commits a small row. */
    enum status (*probe)(struct store *store, struct instant now, struct problem *problem);
};

struct store {
    const struct store_ops *ops;
};

/* Opens (creating if absent, mode 0600) the SQLite database at `path`, takes the single-writer lock
 * and brings the schema up to date. `sha256` chains the events (chain.h). Errors, each with its own
 * sentence: ST_BUSY (another daemon has it), ST_CONFLICT (the database is of a newer version),
 * ST_STORE (not a database, read-only, no such folder), ST_FULL. */
MUST_USE enum status store_sqlite_open(const char *path, store_digest *sha256, struct store **store,
                                       struct problem *problem);

/* Opens the database to read only: without the lock, so also beside a running daemon, and without
 * bringing its schema on; SQLite may put its -shm and -wal files beside it, so the folder must be
 * writable or have them. Operations that write return ST_STORE. Errors: ST_NOT_FOUND (no such
 * file), ST_CONFLICT (a database of another version), ST_STORE. */
MUST_USE enum status store_sqlite_open_reader(const char *path, struct store **store,
                                              struct problem *problem);

#endif
