/*
 * audit_world.h - a shop's busy year in a database, made by the real core and the real store.
 *
 * Amazon is played by hand: the test answers what the core calls. Nothing of it is random, so the
 * ids and numbers in a test's expectations stay the same.
 */
#ifndef TESTS_SCHEMA_AUDIT_WORLD_H
#define TESTS_SCHEMA_AUDIT_WORLD_H

#include "schema/store.h"

#define AUDIT_SELLER    "A1SELLERONE"
#define AUDIT_OTHER     "A2SELLERTWO"
#define AUDIT_AGREEMENT "C01-0000001-0000001"
#define AUDIT_KEY       "MONTHLYAAAAAAAAA" /* monthly from 2026-01-10, JPY 1200, later 1500 */
#define AUDIT_ONCE      "ONCEAAAAAAAAAAAA"

/* Fills a new database at `path`. In it: charges paid, declined and retried, failed, held,
 * refunded, a one-off, a cycle skipped, cycles in a pause, a price change, a cancellation, an
 * attempt on the wire; two sellers. */
void audit_world_make(const char *path);

#endif
