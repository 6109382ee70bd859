/*
 * audit.h - somebody else adds the books again.
 *
 * Reads a database, whole and read-only, and tells everything in it that cannot be: the chain of
 * events is recomputed, the states of all rows are derived from the events again, and what must
 * hold between rows is asked in SQL. Nothing of the core's or the store's own code is used for
 * that, so that one mistake cannot hide itself; what is compared with is what store.h, chain.h and
 * lifecycle.h document.
 *
 * A running daemon is not disturbed: it is one read transaction in its own connection. Memory does
 * not grow with the database: rows are streamed, and what must be remembered lies in a temporary
 * file of SQLite's.
 *
 * It does not tell an operator what to do, and it mends nothing.
 *
 * Read on in sqlite_audit.c, then sqlite_audit_events.c (chain and replay), sqlite_audit_rules.c
 * (what is asked in SQL).
 */
#ifndef SCHEMA_AUDIT_H
#define SCHEMA_AUDIT_H

#include "schema/store.h"

#define AUDIT_SELLERS_MAX  1000
#define AUDIT_OBJECT_MAX   96
#define AUDIT_SENTENCE_MAX 400
#define AUDIT_PERIOD_MAX   8

/* Something that cannot be. */
struct audit_finding {
    char seller_id[SELLER_ID_MAX]; /* "" = it is of the database */
    char object[AUDIT_OBJECT_MAX]; /* "charge K7QW3M2AAAAAAAAA-3", "event 17" */
    char sentence[AUDIT_SENTENCE_MAX];
};

/* The money of an agreement in one month. */
struct audit_total {
    char seller_id[SELLER_ID_MAX];
    char agreement_id[AGREEMENT_ID_MAX];
    char period[AUDIT_PERIOD_MAX]; /* "2026-11", UTC, of the capture's and the refund's answer */
    struct money captured;
    struct money refunded; /* Completed ones, of whatever month the capture was */
    uint64_t captures;
    uint64_t refunds;
};

/* An attempt that is captured, or that is open and may be, for whoever compares with Amazon. */
struct audit_capture {
    char seller_id[SELLER_ID_MAX];
    char agreement_id[AGREEMENT_ID_MAX];
    char reference_id[REFERENCE_ID_MAX];
    char authorization_id[AMAZON_ID_MAX];
    char capture_id[AMAZON_ID_MAX];
    struct money amount;
    bool is_captured;
    struct instant at; /* captured; never = it is open */
};

/* What the audit looked at. */
struct audit_counts {
    uint64_t events, agreements, subscriptions, charges, attempts, refunds;
    uint64_t findings;
};

/* The newest digest of a seller: whoever keeps it elsewhere will notice a chain made anew. */
struct audit_head {
    char seller_id[SELLER_ID_MAX];
    uint64_t number; /* of the last event */
    uint8_t digest[DIGEST_BYTES];
};

/* Where it is told; what is NULL is not wanted. What is passed is borrowed for the call. */
struct audit_listener {
    void *arg;
    void (*finding)(void *arg, const struct audit_finding *finding);
    void (*total)(void *arg, const struct audit_total *total);
    void (*head)(void *arg, const struct audit_head *head);
};

/* ST_OK: all of it was read, whatever was found. Errors, each with a sentence: ST_NOT_FOUND (no
 * such file), ST_CONFLICT (of another version than this program's), ST_STORE. */
MUST_USE enum status audit_sqlite(const char *path, store_digest *sha256,
                                  const struct audit_listener *listener,
                                  struct audit_counts *counts, struct problem *problem);

/* Which captures are wanted. */
struct audit_search {
    const char *seller_id;
    struct instant since; /* captured then or later */
    const char
        *after; /* the reference id of the last one of the page before; "" = from the start */
};

/* The captures of a seller, and what is open, in the order of reference ids. Stops when `each` says
 * false: so it may be gone on with later, and nothing is held open meanwhile. */
typedef bool audit_each_capture(void *arg, const struct audit_capture *capture);
MUST_USE enum status audit_captures(const char *path, const struct audit_search *search,
                                    audit_each_capture *each, void *arg, struct problem *problem);

/* The sellers of a database, in the order of their ids; at most `max`. */
MUST_USE enum status audit_sellers(const char *path, char (*sellers)[SELLER_ID_MAX], uint32_t max,
                                   uint32_t *count, struct problem *problem);

#endif
