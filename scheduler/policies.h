/*
 * policies.h - a seller's policies: what is configured now, and every version there ever was.
 *
 * At the start and at each reload every configured policy is saved as text; the store gives a new
 * version to a text that differs from the newest of its name. Then all versions are read back, so
 * that what a cycle froze years ago is what it follows still. A name that is no longer configured
 * keeps its last version.
 *
 * Three parts, because only the loop has the zones and only the store's thread the store: texts are
 * made on the loop, saved and read on the store's thread, and made into a list on the loop.
 */
#ifndef SCHEDULER_POLICIES_H
#define SCHEDULER_POLICIES_H

#include "billing/policy.h"
#include "billing/status.h"
#include "scheduler/config.h"
#include "scheduler/log.h"
#include "schema/store.h"

/* ---- on the loop, before ---- */

struct policy_texts;

/* The configured policies of all sellers, copied. */
struct policy_texts *policy_texts_new(const struct config *config);
void policy_texts_free(struct policy_texts *texts);

/* ---- on the store's thread ---- */

/* Saves, and reads every version of each seller. */
MUST_USE enum status policy_texts_save(struct policy_texts *texts, struct store *store,
                                       struct instant now, struct problem *problem);

/* ---- on the loop, after ---- */

/* One seller's list, see struct policy.next. Nothing outside points into it but events while they
 * are stepped. */
struct policy_list;

/* The list of this seller; NULL when `texts` has none. A version that cannot be read is left out,
 * and logged; its charges follow the default. A zone that is no longer installed: the hours are
 * UTC's, and that is logged. */
struct policy_list *policy_list_new(const struct policy_texts *texts, const char *seller_id,
                                    struct zones *zones, struct log *log);
void policy_list_free(struct policy_list *list);
const struct policy *policy_list_head(const struct policy_list *list);

#endif
