/*
 * agreement.c - see agreement.h.
 */
#include "mws/sandbox/agreement.h"

#include <stdlib.h>

#include "billing/civil.h"
#include "billing/ensure.h"
#include "mws/sandbox/order.h"
#include "mws/sandbox/tell.h"

#define DAY_MS       86400000
#define DRAFT_MS     10800000LL /* 3 hours */

#define REGION_JAPAN 3
#define JST_AHEAD_MS 32400000 /* nine hours, all year */

void agreement_move(struct world *world, struct agreement *agreement, enum mws_state state,
                    enum mws_reason reason, struct instant at)
{
    agreement->state = state;
    agreement->reason = reason;
    agreement->updated_at = at;
    agreement->reopen_at = INSTANT_NEVER;
    agreement->confirmed = agreement->confirmed || state == MWS_STATE_OPEN;
    world->changed = true;
    tell_agreement(world, agreement, NOTICE_STATUS_UPDATED, at);
    if (state != MWS_STATE_CANCELED) {
        return;
    }
    for (struct order *o = agreement->last_order; o != NULL; o = o->next_of_agreement) {
        if (order_is_alive(o)) {
            order_move(world, o, MWS_STATE_CANCELED, MWS_REASON_AMAZON_CANCELED, at);
        } else {
            /* Those of AuthorizeOnBillingAgreement are Closed from the start. */
            order_close_authorizations(world, o, at);
        }
    }
}

void agreement_draft(struct world *world, struct agreement *agreement)
{
    agreement->state = MWS_STATE_DRAFT;
    agenda_add(&world->agenda, instant_plus(agreement->created_at, DRAFT_MS), AGENDA_AGREEMENT,
               agreement);
}

void agreement_suspend_until(struct world *world, struct agreement *agreement,
                             struct instant reopen_at)
{
    agreement->reopen_at = reopen_at;
    agenda_add(&world->agenda, reopen_at, AGENDA_AGREEMENT, agreement);
}

void agreement_changed_by_buyer(struct world *world, struct agreement *agreement,
                                enum notice_event event, struct instant now)
{
    agreement->updated_at = now;
    world->changed = true;
    tell_agreement(world, agreement, event, now);
}

void agreement_mend_method(struct world *world, struct agreement *agreement,
                           enum notice_event event, struct instant now)
{
    agreement->payment_method_valid = true;
    agreement->decline = (struct decline_order){0};
    agreement_changed_by_buyer(world, agreement, event, now);
    if (agreement->state == MWS_STATE_SUSPENDED && world->rules.mended_method == MENDED_OPENS) {
        agreement_move(world, agreement, MWS_STATE_OPEN, 0, now);
    }
    for (struct order *o = agreement->last_order; o != NULL; o = o->next_of_agreement) {
        if (o->state == MWS_STATE_SUSPENDED && order_opens_when_mended(world)) {
            order_move(world, o, MWS_STATE_OPEN, 0, now);
        }
    }
}

void agreement_wake(struct world *world, struct agreement *agreement, struct instant at)
{
    if (agreement->state == MWS_STATE_SUSPENDED && instant_reached(agreement->reopen_at, at)) {
        agreement->payment_method_valid = true;
        agreement_changed_by_buyer(world, agreement, NOTICE_PAYMENT_METHOD_UPDATED, at);
        agreement_move(world, agreement, MWS_STATE_OPEN, 0, at);
    }
    if (agreement->state == MWS_STATE_DRAFT &&
        instant_reached(instant_plus(agreement->created_at, DRAFT_MS), at)) {
        agreement_move(world, agreement, MWS_STATE_CANCELED, MWS_REASON_STALE, at);
    }
}

/* --- the months ------------------------------------------------------------------------------ */

bool agreement_month_is_jst(const struct agreement *agreement)
{
    return agreement->seller->rules->month_zone == MONTH_JST &&
           agreement->currency->region == REGION_JAPAN;
}

int32_t agreement_month(const struct agreement *agreement, struct instant at)
{
    int64_t ms = at.utc_ms + (agreement_month_is_jst(agreement) ? JST_AHEAD_MS : 0);
    int64_t days = ms / DAY_MS - (ms % DAY_MS < 0 ? 1 : 0);
    struct civil_date date = civil_from_days(days);

    return (date.year - 1970) * 12 + date.month - 1;
}

struct instant agreement_month_start(const struct agreement *agreement, int32_t month)
{
    struct civil_date date = {.year = 1970 + month / 12, .month = month % 12 + 1, .day = 1};

    return (struct instant){civil_to_days(date) * DAY_MS -
                            (agreement_month_is_jst(agreement) ? JST_AHEAD_MS : 0)};
}

static struct period *find_period(const struct agreement *agreement, int32_t month)
{
    /* Nearly always the last one. */
    for (size_t i = agreement->period_count; i-- > 0;) {
        if (agreement->periods[i].month == month) {
            return &agreement->periods[i];
        }
    }
    return NULL;
}

int64_t agreement_authorized(const struct agreement *agreement, int32_t month)
{
    const struct period *period = find_period(agreement, month);

    return period != NULL ? period->authorized_units : 0;
}

void agreement_authorize(struct agreement *agreement, int32_t month, int64_t units_change)
{
    struct period *period = find_period(agreement, month);

    if (period == NULL) {
        struct period *more =
            realloc(agreement->periods, (agreement->period_count + 1) * sizeof *agreement->periods);
        ENSURE(more != NULL);
        agreement->periods = more;
        period = &more[agreement->period_count++];
        *period = (struct period){.month = month};
    }
    period->authorized_units += units_change;
}

bool agreement_has_room(const struct agreement *agreement, int64_t units, struct instant now)
{
    return units <= agreement->limit_units -
                        agreement_authorized(agreement, agreement_month(agreement, now));
}
