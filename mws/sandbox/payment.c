/*
 * payment.c - see payment.h.
 */
#include "mws/sandbox/payment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"

#define MINUTE_MS 60000LL
#define DRAFT_MS  10800000LL   /* 3 hours */
#define OPEN_MS   2592000000LL /* 30 days */

/* --- what changes by itself ------------------------------------------------------------------ */

static void due_list(struct world *world, struct agreement *agreement, bool wanted)
{
    if (wanted == agreement->is_due_listed) {
        return;
    }
    agreement->is_due_listed = wanted;
    if (wanted) {
        agreement->previous_due = NULL;
        agreement->next_due = world->due;
        if (world->due != NULL) {
            world->due->previous_due = agreement;
        }
        world->due = agreement;
        return;
    }
    if (agreement->previous_due != NULL) {
        agreement->previous_due->next_due = agreement->next_due;
    } else {
        world->due = agreement->next_due;
    }
    if (agreement->next_due != NULL) {
        agreement->next_due->previous_due = agreement->previous_due;
    }
}

static struct instant change_of(const struct authorization *authorization)
{
    return authorization->state == MWS_STATE_PENDING ? authorization->settles_at
                                                     : authorization->expires_at;
}

static void plan_change(struct world *world, struct agreement *agreement)
{
    struct instant next = INSTANT_NEVER;

    for (struct authorization *a = agreement->unsettled; a != NULL; a = a->next_unsettled) {
        next = instant_min(next, change_of(a));
    }
    if (agreement->state == MWS_STATE_SUSPENDED) {
        next = instant_min(next, agreement->reopen_at);
    }
    if (agreement->state == MWS_STATE_DRAFT) {
        next = instant_min(next, instant_plus(agreement->created_at, DRAFT_MS));
    }
    agreement->next_change_at = next;
    due_list(world, agreement, next.utc_ms != INSTANT_NEVER.utc_ms);
}

/* --- an authorization becomes final ---------------------------------------------------------- */

static void authorization_move(struct authorization *authorization, enum mws_state state,
                               enum mws_reason reason, struct instant at)
{
    authorization->state = state;
    authorization->reason = reason;
    authorization->updated_at = at;
}

static void release(struct authorization *authorization)
{
    agreement_authorize(authorization->agreement, month_of(authorization->created_at),
                        -authorization->charge.units);
}

static void decline(struct world *world, struct authorization *authorization, struct instant at)
{
    struct agreement *agreement = authorization->agreement;
    const struct fate *fate = &authorization->fate;
    bool invalid_method = fate->reason == MWS_REASON_INVALID_PAYMENT_METHOD;

    authorization_move(authorization, MWS_STATE_DECLINED, fate->reason, at);
    authorization->soft_decline = invalid_method && fate->soft;
    release(authorization);
    world->totals.declined++;
    if (invalid_method && !fate->soft && agreement->state == MWS_STATE_OPEN) {
        agreement_move(world, agreement, MWS_STATE_SUSPENDED, MWS_REASON_INVALID_PAYMENT_METHOD,
                       at);
        /* Amazon mends the method by itself only after an asynchronous authorization. */
        if (fate->reopen_minutes > 0 && !charge_is_sync(&authorization->charge)) {
            agreement_suspend_until(world, agreement,
                                    instant_plus(at, fate->reopen_minutes * MINUTE_MS));
        }
    }
}

static void capture(struct world *world, struct authorization *authorization, struct instant at)
{
    char *letter;

    authorization_move(authorization, MWS_STATE_CLOSED, MWS_REASON_MAX_CAPTURES_PROCESSED, at);
    memcpy(authorization->capture_id, authorization->id, sizeof authorization->id);
    letter = strrchr(authorization->capture_id, '-');
    ENSURE(letter != NULL);
    letter[1] = 'C'; /* the capture has the authorization's digits */
    world_count_capture(world, authorization);
}

/* The answer of the bank has come. */
static void settle(struct world *world, struct authorization *authorization, struct instant at)
{
    const struct fate *fate = &authorization->fate;

    world->changed = true;
    if (fate->state == MWS_STATE_DECLINED) {
        decline(world, authorization, at);
    } else if (fate->state == MWS_STATE_CLOSED && fate->expire_minutes == 0 &&
               fate->reason != MWS_REASON_EXPIRED_UNUSED) {
        authorization_move(authorization, MWS_STATE_CLOSED, fate->reason, at);
        release(authorization);
    } else if (authorization->charge.capture_now) {
        capture(world, authorization, at);
    } else {
        authorization_move(authorization, MWS_STATE_OPEN, 0, at);
        if (fate->state == MWS_STATE_CLOSED) {
            int minutes = fate->expire_minutes > 0 ? fate->expire_minutes : 1;
            authorization->expires_at = instant_plus(at, minutes * MINUTE_MS);
        }
    }
}

static bool is_unsettled(const struct authorization *authorization)
{
    return authorization->state == MWS_STATE_PENDING || authorization->state == MWS_STATE_OPEN;
}

static void refresh_authorization(struct world *world, struct authorization *authorization,
                                  struct instant now)
{
    if (authorization->state == MWS_STATE_PENDING &&
        instant_reached(authorization->settles_at, now)) {
        settle(world, authorization, authorization->settles_at);
    }
    if (authorization->state == MWS_STATE_OPEN && instant_reached(authorization->expires_at, now)) {
        authorization_move(authorization, MWS_STATE_CLOSED, MWS_REASON_EXPIRED_UNUSED,
                           authorization->expires_at);
        release(authorization);
        world->changed = true;
    }
}

void agreement_refresh(struct world *world, struct agreement *agreement, struct instant now)
{
    struct authorization **at = &agreement->unsettled;

    if (!instant_reached(agreement->next_change_at, now)) {
        return;
    }
    while (*at != NULL) {
        struct authorization *authorization = *at;
        refresh_authorization(world, authorization, now);
        if (is_unsettled(authorization)) {
            at = &authorization->next_unsettled;
        } else {
            *at = authorization->next_unsettled;
        }
    }
    if (agreement->state == MWS_STATE_SUSPENDED && instant_reached(agreement->reopen_at, now)) {
        agreement_move(world, agreement, MWS_STATE_OPEN, 0, agreement->reopen_at);
    }
    if (agreement->state == MWS_STATE_DRAFT &&
        instant_reached(instant_plus(agreement->created_at, DRAFT_MS), now)) {
        agreement_move(world, agreement, MWS_STATE_CANCELED, MWS_REASON_STALE,
                       instant_plus(agreement->created_at, DRAFT_MS));
    }
    plan_change(world, agreement);
}

void world_refresh(struct world *world, struct instant now)
{
    struct agreement *agreement = world->due;

    while (agreement != NULL) {
        struct agreement *next = agreement->next_due; /* a refresh may unlist this one */
        agreement_refresh(world, agreement, now);
        agreement = next;
    }
}

/* --- the agreement --------------------------------------------------------------------------- */

void agreement_move(struct world *world, struct agreement *agreement, enum mws_state state,
                    enum mws_reason reason, struct instant at)
{
    agreement->state = state;
    agreement->reason = reason;
    agreement->updated_at = at;
    agreement->reopen_at = INSTANT_NEVER;
    if (state == MWS_STATE_OPEN) {
        agreement->confirmed = true;
    }
    world->changed = true;
    plan_change(world, agreement);
}

void agreement_draft(struct world *world, struct agreement *agreement)
{
    agreement->state = MWS_STATE_DRAFT;
    plan_change(world, agreement);
}

void agreement_suspend_until(struct world *world, struct agreement *agreement,
                             struct instant reopen_at)
{
    agreement->reopen_at = reopen_at;
    plan_change(world, agreement);
}

void agreement_mend_method(struct world *world, struct agreement *agreement, struct instant now)
{
    agreement->payment_method_valid = true;
    agreement->decline = (struct decline_order){0};
    world->changed = true;
    if (agreement->state == MWS_STATE_SUSPENDED) {
        agreement_move(world, agreement, MWS_STATE_OPEN, 0, now);
    }
}

bool agreement_has_room(const struct agreement *agreement, int64_t units, struct instant now)
{
    return units <= agreement->limit_units - agreement_authorized(agreement, month_of(now));
}

/* --- authorizing ----------------------------------------------------------------------------- */

bool charge_is_sync(const struct charge *charge)
{
    return charge->timeout_minutes == 0;
}

static struct fate choose_fate(struct agreement *agreement, const struct fate *simulated)
{
    if (simulated->state != MWS_STATE_UNKNOWN) {
        return *simulated;
    }
    if (agreement->decline.count > 0) {
        agreement->decline.count--;
        return (struct fate){.state = MWS_STATE_DECLINED,
                             .reason = agreement->decline.reason,
                             .soft = agreement->decline.soft};
    }
    if (!agreement->payment_method_valid) {
        return (struct fate){.state = MWS_STATE_DECLINED,
                             .reason = MWS_REASON_INVALID_PAYMENT_METHOD};
    }
    return (struct fate){0};
}

void payment_resume(struct world *world, struct authorization *authorization)
{
    struct agreement *agreement = authorization->agreement;

    if (is_unsettled(authorization)) {
        authorization->next_unsettled = agreement->unsettled;
        agreement->unsettled = authorization;
        plan_change(world, agreement);
    }
}

struct authorization *payment_authorize(struct world *world, struct agreement *agreement,
                                        const char *reference, const struct charge *charge,
                                        const struct fate *simulated, int64_t pending_ms,
                                        struct instant now)
{
    struct authorization *authorization = calloc(1, sizeof *authorization);

    ENSURE(authorization != NULL);
    ENSURE(agreement->state == MWS_STATE_OPEN);
    authorization->agreement = agreement;
    authorization->charge = *charge;
    (void)snprintf(authorization->reference, sizeof authorization->reference, "%s", reference);
    authorization->state = MWS_STATE_PENDING;
    authorization->created_at = now;
    authorization->updated_at = now;
    authorization->expires_at = instant_plus(now, OPEN_MS);
    authorization->settles_at = charge_is_sync(charge) ? now : instant_plus(now, pending_ms);
    authorization->fate = choose_fate(agreement, simulated);
    world_add_authorization(world, authorization);
    agreement_authorize(agreement, month_of(now), charge->units);
    if (charge_is_sync(charge)) {
        settle(world, authorization, now);
    }
    payment_resume(world, authorization);
    return authorization;
}
