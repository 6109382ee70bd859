/*
 * scenario_judge.h - what Amazon's ledger has of an agreement, whether it has the refunds that the
 * database has, and what somebody finds who adds the books again.
 */
#ifndef TESTS_SIM_SCENARIO_JUDGE_H
#define TESTS_SIM_SCENARIO_JUDGE_H

#include <stdint.h>

#include "tests/sim/scenario.h"

/* Sums over Amazon's ledger. */
int64_t scenario_captured_yen(const struct scenario *scenario, const char *agreement_id);
int64_t scenario_refunded_yen(const struct scenario *scenario, const char *agreement_id);
/* The running daemon's refunds that are completed against the money that went back. */
void scenario_judge_refunds(struct scenario *scenario);
/* The drained daemon's database, as `autopayctl verify` sees it. */
void scenario_audit(struct scenario *scenario);

#endif
