/*
 * policy_text.h - a policy as text, and back: how the store keeps every version for ever.
 *
 * Lines of "key = value", in one order, each key that has a value once: the same policy always
 * gives the same bytes, and only such bytes are read. Left out are `version`, which the store
 * counts, `next`, and the zone itself, of which the name is kept. Durations are in the largest unit
 * that leaves no rest (ms, s, m, h, d). Choices that are 0 are written as the first of their kind,
 * as they are meant.
 *
 * Texts are kept for ever, so a key that is added later must be left out where it says what was
 * meant before there was such a key.
 */
#ifndef BILLING_POLICY_TEXT_H
#define BILLING_POLICY_TEXT_H

#include "billing/policy.h"
#include "billing/status.h"

#define POLICY_TEXT_MAX 8192

/* False: it is no policy that can be kept (no name, a bad zone name, a wait below zero, too long).
 */
MUST_USE bool policy_format(const struct policy *policy, char text[static POLICY_TEXT_MAX]);

/* Reads exactly what policy_format() writes: ST_INVALID with a sentence for anything else. Version
 * 0, `next` and `zone` NULL. */
MUST_USE enum status policy_parse(const char *text, struct policy *policy, struct problem *problem);

#endif
