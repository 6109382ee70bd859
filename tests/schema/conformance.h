/*
 * conformance.h - what every implementation of schema/store.h must do.
 *
 * The cases know a store only through its contract. An implementation's own test supplies a factory
 * and calls conformance_run(); what only one implementation has (files, locks) it tests itself.
 */
#ifndef TESTS_SCHEMA_CONFORMANCE_H
#define TESTS_SCHEMA_CONFORMANCE_H

/* cmocka.h wants these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "schema/store.h"
#include "tests/schema/samples.h"

struct store_factory {
    void *context;
    struct store *(*create)(void *context);                      /* a new, empty store           */
    struct store *(*reopen)(void *context, struct store *store); /* closes it, opens it again    */
    void (*destroy)(void *context, struct store *store);         /* closes it, forgets its data  */
};

/* Runs all cases, each on a store of its own; the number of failures. */
int conformance_run(const struct store_factory *factory);

/* ---- for the cases ---- */

#define SELLER       "A1SELLERONE"
#define OTHER_SELLER "A2SELLERTWO"

struct fixture {
    const struct store_factory *factory;
    struct store *store;
    struct problem problem;
    struct account *account; /* scratch: room for FIXTURE_ACCOUNTS */
    struct effects *effects;
    struct step_record *steps;
};
#define FIXTURE_ACCOUNTS 40

/* Fails with the sentence unless `status` is ST_OK. */
#define assert_ok(fixture, status) assert_ok_at((fixture), (status), __FILE__, __LINE__)
void assert_ok_at(const struct fixture *fixture, enum status status, const char *file, int line);

/* Records one step and returns the step's own status; the batch must succeed. */
enum status record_one(struct fixture *fixture, const struct account *account,
                       const struct effects *effects);
/* Records everything in the account as it is, then counts its version on. Must succeed. */
void save_new(struct fixture *fixture, struct account *account);
void save(struct fixture *fixture, struct account *account);
/* An account without rows that wants to be woken, recorded. */
void save_waking(struct fixture *fixture, const char *seller_id, uint64_t number, enum lane lane,
                 struct instant wake_at);

void assert_same_agreement(const struct agreement *a, const struct agreement *b);
void assert_same_subscription(const struct subscription *a, const struct subscription *b);
void assert_same_attempt(const struct attempt *a, const struct attempt *b);
void assert_same_charge(const struct charge *a, const struct charge *b);

struct conformance_case {
    const char *name;
    CMUnitTestFunction run;
};
#define CASES_MAX 32
extern const struct conformance_case record_cases[CASES_MAX]; /* end at name NULL */
extern const struct conformance_case claim_cases[CASES_MAX];
extern const struct conformance_case read_cases[CASES_MAX];
extern const struct conformance_case notice_cases[CASES_MAX];
extern const struct conformance_case refund_cases[CASES_MAX];
extern const struct conformance_case seller_cases[CASES_MAX];

#endif
