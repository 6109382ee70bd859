/*
 * step_capture.c - an authorization that is captured on the shop's word, or given up.
 *
 * An authorization that is Open waits here for one of three: the shop ships (capture), the shop or
 * a cancellation gives it up (void), or it expires. In each state the next question is:
 *
 *     AUTHORIZED   a look-up, when it should have expired, a notice came or a capture was declined
 *     CAPTURING    Capture, and again identically while there is no answer; after an error a
 *                  look-up; once Amazon has told the capture's id, the capture itself
 *     VOIDING      CloseAuthorization; after any end of it a look-up, which alone is final
 *
 * What keeps the money single:
 *   - Amazon captures an authorization at most once, and closes it then. So the attempt ends
 *     without money only by an answer that shows the authorization itself as over and nothing
 *     captured: after that no request that is still on its way can take anything.
 *   - A capture is recorded (CAPTURING, its number) before it is sent. Another number is used only
 *     when Amazon has shown the last one declined; or has refused it, and still shows the
 *     authorization Open when every send is so old that it would have been made: one that stands
 *     would have closed it.
 *   - Nothing is captured without the word SHIP, and no word is taken back while a capture may be
 *     out.
 *   - Somebody may capture by hand (Seller Central). What was asked for makes the charge PAID; of
 *     another amount Amazon will never take what was asked for, so the attempt ends, what was taken
 *     is told, and the charge is CANCELED: that money is settled by hand, too, and is no capture of
 *     ours in the books, in refunds and in a comparison with Amazon.
 *
 * `discover` stands for "the authorization is looked at next".
 */
#include <string.h>

#include "billing/ensure.h"
#include "billing/step_parts.h"

/* Amazon keeps an authorization open for thirty days, where it does not tell until when. */
#define AUTHORIZATION_LIFE_MS (INT64_C(30) * 86400 * 1000)

bool capture_is_begun(const struct attempt *attempt)
{
    return attempt->state == ATTEMPT_CAPTURING || attempt->state == ATTEMPT_VOIDING;
}

bool capture_decides(const struct attempt *attempt)
{
    return attempt->state == ATTEMPT_AUTHORIZED || capture_is_begun(attempt);
}

/* --- asking -------------------------------------------------------------------------------- */

/* Nobody will ship it. */
static bool is_given_up(const struct step *step, const struct charge *charge)
{
    return charge->word != WORD_SHIP && charge_is_canceled(step, charge);
}

static enum call_kind next_call(const struct charge *charge)
{
    const struct attempt *attempt = &charge->attempt;
    if (attempt->state == ATTEMPT_AUTHORIZED) {
        return CALL_LOOK_UP;
    }
    if (attempt->capture_id[0] != '\0') {
        return CALL_LOOK_UP_CAPTURE;
    }
    if (attempt->discover) {
        return CALL_LOOK_UP;
    }
    if (attempt->state == ATTEMPT_VOIDING) {
        return CALL_VOID;
    }
    /* Without the shop's word it is somebody else's capture that was seen. */
    return charge->word == WORD_SHIP ? CALL_CAPTURE : CALL_LOOK_UP;
}

static void capture_ask(struct step *step, struct charge *charge)
{
    struct attempt *attempt = &charge->attempt;
    enum call_kind kind = next_call(charge);
    if (kind == CALL_CAPTURE) {
        attempt->answered_at = INSTANT_NEVER;
    } else if (attempt->answered_at.utc_ms == INSTANT_NEVER.utc_ms) {
        /* Who made the latest send is gone: it was made before now. */
        attempt->answered_at = step->at;
    }
    attempt->on_wire = true;
    attempt->resend_at = step->at;
    touch_attempt(step, charge);
    call(step, kind, attempt->reference_id);
}

/* The authorization is looked at before anything else. */
static void look_next(struct step *step, struct charge *charge)
{
    charge->attempt.discover = true;
    attempt_wait(step, charge, false);
}

static void capture_begin(struct step *step, struct charge *charge)
{
    struct attempt *attempt = &charge->attempt;
    ENSURE(charge->word == WORD_SHIP);
    ENSURE(attempt->capture_number < CAPTURE_NUMBER_MAX);
    attempt->capture_number++;
    attempt->capture_id[0] = '\0';
    attempt->discover = false;
    attempt->unanswered = 0;
    move_attempt(step, charge, ATTEMPT_CAPTURING, REASON_NONE);
    move_charge(step, charge, CHARGE_ATTEMPTING, REASON_NONE);
    capture_ask(step, charge);
}

static void void_begin(struct step *step, struct charge *charge, enum reason reason)
{
    struct attempt *attempt = &charge->attempt;
    attempt->capture_id[0] = '\0';
    attempt->discover = false;
    attempt->unanswered = 0;
    move_attempt(step, charge, ATTEMPT_VOIDING, reason);
    move_charge(step, charge, CHARGE_ATTEMPTING, reason);
    capture_ask(step, charge);
}

/* When an authorization that waits for the shop is looked at next. */
static struct instant warning_at(const struct step *step, const struct charge *charge)
{
    const struct attempt *attempt = &charge->attempt;
    int64_t before_ms = charge_policy(step, charge)->capture_warning_ms;
    return attempt->is_warned || before_ms <= 0 ? attempt->expires_at
                                                : instant_plus(attempt->expires_at, -before_ms);
}

static void warn(struct step *step, struct charge *charge)
{
    struct attempt *attempt = &charge->attempt;
    if (!attempt->is_warned) {
        struct change *change = tell(step, CHANGE_WARNING, charge->id, (int)charge->state,
                                     (int)charge->state, REASON_AUTHORIZATION_EXPIRING);
        change->amount = charge->amount;
        change->until = attempt->expires_at;
    }
    attempt->is_warned = true;
    attempt->resend_at = attempt->expires_at;
    touch_attempt(step, charge);
}

static void authorized_advance(struct step *step, struct charge *charge)
{
    struct attempt *attempt = &charge->attempt;
    if (is_given_up(step, charge)) {
        void_begin(step, charge,
                   charge->word == WORD_VOID ? REASON_VOIDED : REASON_SUBSCRIPTION_CANCELED);
    } else if (!instant_reached(attempt->resend_at, step->at)) {
        return;
    } else if (attempt->discover) {
        capture_ask(step, charge);
    } else if (charge->word == WORD_SHIP) {
        capture_begin(step, charge);
    } else if (instant_before(step->at, attempt->expires_at)) {
        warn(step, charge);
    } else {
        attempt->discover = true;
        capture_ask(step, charge);
    }
}

void capture_advance(struct step *step, struct charge *charge)
{
    struct attempt *attempt = &charge->attempt;
    if (attempt->on_wire) {
        return;
    }
    if (attempt->state == ATTEMPT_AUTHORIZED) {
        authorized_advance(step, charge);
    } else if (instant_reached(attempt->resend_at, step->at)) {
        capture_ask(step, charge);
    }
}

void capture_noticed(struct step *step, struct charge *charge)
{
    struct attempt *attempt = &charge->attempt;
    if (attempt->on_wire) {
        return; /* its answer is awaited */
    }
    /* Of several captures a notice may name one that was declined long ago: its id is not taken. */
    attempt->discover = true;
    attempt->unanswered = 0;
    attempt->resend_at = step->at;
    touch_attempt(step, charge);
}

/* --- answers ------------------------------------------------------------------------------- */

void attempt_authorized(struct step *step, struct charge *charge, struct instant expires_at)
{
    struct attempt *attempt = &charge->attempt;
    bool is_told = expires_at.utc_ms != INSTANT_NEVER.utc_ms;
    attempt->expires_at =
        is_told ? expires_at : instant_plus(attempt->created_at, AUTHORIZATION_LIFE_MS);
    attempt->discover = false;
    attempt->unanswered = 0;
    attempt->capture_id[0] = '\0';
    move_attempt(step, charge, ATTEMPT_AUTHORIZED, REASON_ON_SHIPMENT);
    move_charge(step, charge, CHARGE_AUTHORIZED, REASON_ON_SHIPMENT);
    attempt->resend_at = charge->word == WORD_SHIP ? step->at : warning_at(step, charge);
}

/* Amazon shows a capture, or that one was made: whatever we held, it is being captured. */
static void capture_seen(struct step *step, struct charge *charge)
{
    struct attempt *attempt = &charge->attempt;
    if (attempt->state == ATTEMPT_UNKNOWN || attempt->state == ATTEMPT_INTENT) {
        attempt_authorized(step, charge, INSTANT_NEVER);
    }
    attempt->capture_number += attempt->capture_number == 0; /* somebody's is numbered like ours */
    if (attempt->state == ATTEMPT_AUTHORIZED) {
        attempt->unanswered = 0;
        move_attempt(step, charge, ATTEMPT_CAPTURING, REASON_NO_ANSWER);
        move_charge(step, charge, CHARGE_ATTEMPTING, REASON_NONE);
    }
    attempt->discover = true;
}

/* VOIDING keeps why it is given up. */
static void note_reason(struct charge *charge, enum reason reason)
{
    if (charge->attempt.state == ATTEMPT_CAPTURING) {
        charge->attempt.reason = reason;
    }
}

static void authorized_again(struct step *step, struct charge *charge, enum reason reason)
{
    charge->attempt.unanswered = 0;
    move_attempt(step, charge, ATTEMPT_AUTHORIZED, reason);
    move_charge(step, charge, CHARGE_AUTHORIZED, reason);
}

/* This capture will never take money. Whether another may be tried is the authorization's to say.
 */
static void capture_declined(struct step *step, struct charge *charge)
{
    struct attempt *attempt = &charge->attempt;
    attempt->capture_id[0] = '\0';
    if (attempt->state == ATTEMPT_CAPTURING) {
        authorized_again(step, charge, REASON_CAPTURE_DECLINED);
    }
    look_next(step, charge);
}

static void captured_by_hand(struct step *step, struct charge *charge, struct money captured)
{
    tell(step, CHANGE_WARNING, charge->id, (int)charge->state, (int)charge->state,
         REASON_CAPTURED_BY_HAND)
        ->amount = captured;
    attempt_refused(step, charge, REASON_CAPTURED_BY_HAND);
}

static void capture_shown(struct step *step, struct charge *charge,
                          const struct attempt_answer *answer)
{
    switch (answer->outcome) {
    case OUTCOME_DONE:
        if (money_is_valid(answer->captured)) {
            captured_by_hand(step, charge, answer->captured);
            return;
        }
        capture_seen(step, charge);
        attempt_captured(step, charge);
        return;
    case OUTCOME_REFUSED:
        capture_declined(step, charge);
        return;
    case OUTCOME_LATER:
    case OUTCOME_UNKNOWN:
        capture_seen(step, charge);
        charge->attempt.discover = false;
        note_reason(charge, REASON_PENDING);
        attempt_wait(step, charge, true);
        return;
    }
    ENSURE(false);
}

/* The authorization is over and nothing was captured: Amazon takes no money on it any more. */
static void authorization_over(struct step *step, struct charge *charge,
                               const struct attempt_answer *answer)
{
    const struct attempt *attempt = &charge->attempt;
    enum reason reason = REASON_NOT_CAPTURED;
    if (charge->word == WORD_VOID) {
        reason = REASON_VOIDED;
    } else if (attempt->state == ATTEMPT_VOIDING || attempt->reason == REASON_CAPTURE_DECLINED) {
        reason = attempt->reason;
    } else if (answer->reason == REASON_AUTHORIZATION_EXPIRED ||
               instant_reached(attempt->expires_at, step->at)) {
        reason = REASON_AUTHORIZATION_EXPIRED;
    }
    attempt_refused(step, charge, reason);
}

/* From when on no send of the latest capture can be made by Amazon any more. */
static struct instant sends_end_at(const struct step *step, const struct charge *charge)
{
    return instant_plus(charge->attempt.answered_at,
                        charge_policy(step, charge)->answer_deadline_ms);
}

/* When the next capture may be tried of an authorization whose last one was declined. Where Amazon
 * takes the id of a declined one as free, a lost send of it may still be made: not before that is
 * over. */
static struct instant capture_again_at(const struct step *step, const struct charge *charge)
{
    const struct attempt *attempt = &charge->attempt;
    const struct policy *policy = charge_policy(step, charge);
    const struct policy_waits *waits = &policy->retry[REASON_CAPTURE_DECLINED].waits;
    uint32_t tried = attempt->capture_number;
    if (tried > waits->count || tried >= CAPTURE_NUMBER_MAX) {
        return INSTANT_NEVER;
    }
    char id[REFERENCE_ID_MAX];
    capture_reference_id_format(attempt->reference_id, tried, id);
    int64_t wait_ms = policy_jittered_ms(policy, waits->wait_ms[tried - 1], id);
    struct instant at = instant_plus(attempt->answered_at, wait_ms);
    struct instant end_at = sends_end_at(step, charge);
    return instant_before(at, end_at) ? end_at : at;
}

/* It is Open although the last capture was declined: then the next is tried, when a look-up that
 * was made late enough has shown that. */
static void capture_again(struct step *step, struct charge *charge, struct instant asked_at)
{
    struct attempt *attempt = &charge->attempt;
    struct instant at = capture_again_at(step, charge);
    if (at.utc_ms == INSTANT_NEVER.utc_ms) {
        void_begin(step, charge, REASON_CAPTURE_DECLINED);
        return;
    }
    bool is_time = instant_reached(at, asked_at) &&
                   sends_are_old(step, charge_policy(step, charge), attempt->answered_at, asked_at);
    attempt->discover = !is_time;
    attempt->resend_at = is_time ? step->at : at;
    if (!is_time && instant_reached(at, step->at)) {
        attempt_wait(step, charge, false);
    }
}

/* Every send of the capture was so old, when it was looked for, that Amazon would have made it; and
 * Amazon has refused one. */
static bool capture_is_refused(const struct step *step, const struct charge *charge,
                               struct instant asked_at)
{
    return charge->attempt.reason == REASON_REQUEST_REFUSED &&
           sends_are_old(step, charge_policy(step, charge), charge->attempt.answered_at, asked_at);
}

/* Nothing is captured, and the shop has not said what it wants. */
static void wait_for_word(struct step *step, struct charge *charge)
{
    struct attempt *attempt = &charge->attempt;
    if (instant_before(step->at, attempt->expires_at)) {
        attempt->unanswered = 0;
        attempt->resend_at = warning_at(step, charge);
    } else {
        look_next(step, charge);
    }
}

/* Nothing is captured, and it may be. */
static void still_open(struct step *step, struct charge *charge,
                       const struct attempt_answer *answer, struct instant asked_at)
{
    struct attempt *attempt = &charge->attempt;
    attempt->capture_id[0] = '\0';
    if (answer->expires_at.utc_ms != INSTANT_NEVER.utc_ms) {
        attempt->expires_at = answer->expires_at;
    }
    if (attempt->state == ATTEMPT_CAPTURING && charge->word != WORD_SHIP) {
        authorized_again(step, charge, REASON_ON_SHIPMENT);
    } else if (attempt->state == ATTEMPT_CAPTURING && capture_is_refused(step, charge, asked_at)) {
        authorized_again(step, charge, REASON_CAPTURE_DECLINED);
    } else if (attempt->state != ATTEMPT_AUTHORIZED) {
        /* Refused a moment ago, it may not be seen yet; else the same request goes out again. */
        attempt->discover =
            attempt->state == ATTEMPT_CAPTURING && attempt->reason == REASON_REQUEST_REFUSED;
        attempt_wait(step, charge, false);
        return;
    }
    attempt->discover = false;
    touch_attempt(step, charge);
    if (charge->word != WORD_SHIP) {
        wait_for_word(step, charge);
    } else if (attempt->reason == REASON_CAPTURE_DECLINED) {
        capture_again(step, charge, asked_at);
    } else {
        attempt->resend_at = step->at;
    }
}

static void authorization_shown(struct step *step, struct charge *charge,
                                const struct attempt_answer *answer, struct instant asked_at)
{
    struct attempt *attempt = &charge->attempt;
    switch (answer->outcome) {
    case OUTCOME_DONE:
        /* It is used up by a capture, which decides. */
        capture_seen(step, charge);
        memcpy(attempt->capture_id, answer->capture_id, sizeof attempt->capture_id);
        attempt_wait(step, charge, false);
        return;
    case OUTCOME_REFUSED:
        authorization_over(step, charge, answer);
        return;
    case OUTCOME_LATER:
    case OUTCOME_UNKNOWN:
        if (answer->is_authorized) {
            still_open(step, charge, answer, asked_at);
        } else {
            look_next(step, charge);
        }
        return;
    }
    ENSURE(false);
}

/* An answer that shows nothing: it speaks of its own call alone. */
static void nothing_shown(struct step *step, struct charge *charge,
                          const struct attempt_answer *answer)
{
    struct attempt *attempt = &charge->attempt;
    bool is_refused = answer->outcome == OUTCOME_REFUSED;
    if (answer->call == CALL_CAPTURE) {
        /* A duplicate is a refusal, too: Amazon has that capture, and will not make it again. */
        bool is_no = is_refused || answer->duplicate;
        note_reason(charge, is_no ? REASON_REQUEST_REFUSED : answer->reason);
        attempt->discover = is_no || answer->is_other || answer->outcome == OUTCOME_DONE;
    } else if (answer->call == CALL_VOID) {
        attempt->discover = is_refused || answer->outcome == OUTCOME_DONE;
    } else if (answer->call == CALL_LOOK_UP_CAPTURE && (is_refused || answer->is_other)) {
        attempt->capture_id[0] = '\0';
        attempt->discover = true;
    }
    attempt_wait(step, charge, false);
}

void capture_answered(struct step *step, struct charge *charge, const struct attempt_answer *answer,
                      struct instant asked_at)
{
    struct attempt *attempt = &charge->attempt;
    if (answer->call == CALL_CAPTURE) {
        attempt->answered_at = step->at;
    }
    if (!answer->from_object || answer->is_other) {
        nothing_shown(step, charge, answer);
    } else if (answer->is_capture) {
        if (answer->capture_id[0] != '\0') {
            memcpy(attempt->capture_id, answer->capture_id, sizeof attempt->capture_id);
        }
        capture_shown(step, charge, answer);
    } else {
        authorization_shown(step, charge, answer, asked_at);
    }
}
