/*
 * agreement.h - the life of a billing agreement, and what is left of its monthly limit.
 *
 *     Draft --Confirm--> Open --hard InvalidPaymentMethod--> Suspended --method mended--> Open
 *     Draft --3 hours--> Canceled/Stale            Open, Suspended --Close--> Closed
 *
 * A Canceled agreement takes its order references with it (Canceled/AmazonCanceled); what is Closed
 * leaves open authorizations to be captured. Source: amazon-pay reference, sections 5.1 and 7.
 */
#ifndef MWS_SANDBOX_AGREEMENT_H
#define MWS_SANDBOX_AGREEMENT_H

#include "mws/sandbox/world.h"

void agreement_move(struct world *world, struct agreement *agreement, enum mws_state state,
                    enum mws_reason reason, struct instant at);
/* Draft: starts the three hours in which it must be confirmed. */
void agreement_draft(struct world *world, struct agreement *agreement);
/* Suspended: opens by itself at `reopen_at`. */
void agreement_suspend_until(struct world *world, struct agreement *agreement,
                             struct instant reopen_at);
/* The buyer has changed what `event` says; a state that follows is a change of its own. Amazon's
 * notifications of such changes carry a new LastUpdateTimestamp. */
void agreement_changed_by_buyer(struct world *world, struct agreement *agreement,
                                enum notice_event event, struct instant now);
/* The buyer has mended the payment method (`event`: that alone, or the address, too): Suspended ->
 * Open, of its order references too, and no ordered decline is left. */
void agreement_mend_method(struct world *world, struct agreement *agreement,
                           enum notice_event event, struct instant now);
/* Applies what has become due; called by world_advance. */
void agreement_wake(struct world *world, struct agreement *agreement, struct instant at);

/* Months of an agreement since 1970-01, in UTC or JST (rule month-zone); and the first instant of a
 * month. */
int32_t agreement_month(const struct agreement *agreement, struct instant at);
struct instant agreement_month_start(const struct agreement *agreement, int32_t month);
bool agreement_month_is_jst(const struct agreement *agreement);
/* The agreement's sum of that month; 0 when it has none. */
int64_t agreement_authorized(const struct agreement *agreement, int32_t month);
void agreement_authorize(struct agreement *agreement, int32_t month, int64_t units_change);
/* Whether the month of `now` has room for `units`. */
bool agreement_has_room(const struct agreement *agreement, int64_t units, struct instant now);

#endif
