/*
 * samples.h - accounts and steps made by hand, for tests of the store.
 *
 * They follow the lifecycles and account_check(), but are not made by bill_step(): a store must
 * keep whatever it is given. Everything follows from a number, so two calls with one number give
 * equal samples.
 */
#ifndef TESTS_SCHEMA_SAMPLES_H
#define TESTS_SCHEMA_SAMPLES_H

#include "schema/store.h"

/* 2026-11-22T00:00:00Z */
#define SAMPLE_NOW ((struct instant){INT64_C(1795305600000)})

struct instant sample_at(int64_t seconds); /* SAMPLE_NOW and so many seconds */

void sample_key(uint64_t number, char key[static KEY_MAX]);

/* An OPEN agreement with an unlike value in every field; `id` is C01-<number>. No rows besides. */
void sample_agreement(struct account *account, const char *seller_id, uint64_t number);
/* Adds an ACTIVE subscription with an unlike value in every field. */
struct subscription *sample_subscription(struct account *account, uint64_t number);
/* Adds a DUE charge for the subscription's next cycle, and moves the subscription on. */
struct charge *sample_charge(struct account *account, struct subscription *subscription);
/* Adds a DUE one-off. */
struct charge *sample_one_off(struct account *account, uint64_t number,
                              const char *idempotency_key);
/* The charge gets its next attempt, INTENT. */
void sample_attempt(struct charge *charge);
/* The attempt and its charge have succeeded. */
void sample_capture(struct charge *charge);

/* A notice about an object of its own, updated at sample_at(number), received 2 s later; message,
 * object and time follow from the number. Its reference id is empty. */
void sample_notice(struct notice *notice, const char *seller_id, enum notice_kind kind,
                   uint64_t number);

/* Adds a refund of the shop's of a charge that was captured, INTENT, of 100 yen times its number.
 */
struct refund *sample_refund(struct account *account, const struct charge *charge, uint32_t number);
void sample_refund_end(struct refund *refund, enum refund_state state);

/* The limit's reserved, if it is known, as the open attempts want it. */
void sample_reserve(struct account *account);
/* A step that records the account: everything in it as rows, and one change for the agreement;
 * reserves first. */
void sample_effects(struct account *account, bool is_new, struct effects *effects);
/* An empty step: the agreement row only. */
void sample_no_effects(struct effects *effects);
void sample_row(struct effects *effects, enum row_kind kind, uint32_t index);
void sample_change(struct effects *effects, enum change_kind kind, const char *subject, int from,
                   int to);

#endif
