/*
 * step_word.c - the shop's word about one charge: ship it, or give it up.
 *
 * A word is remembered in the charge (charge.word) and acted upon as soon as Amazon's side allows:
 * what is only being authorized is captured, or voided, when it is (step_capture.c).
 *
 *     charge                         SHIP                     VOID
 *     DUE ... ASKING, POSTPONED      remembered               CANCELED
 *     its authorization is open      remembered               remembered
 *     AUTHORIZED                     captured                 voided
 *     being captured                 (it is its word)         refused
 *     being voided                   refused                  remembered
 *     over                           not found                not found
 *
 * With CaptureNow there is nothing to ship, and nothing to give up while an attempt is open. A word
 * said twice changes nothing; VOID may follow SHIP until a capture is on its way, never the other
 * way round.
 */
#include "billing/step_parts.h"

static bool has_open_attempt(const struct charge *charge)
{
    return charge->attempt.number > 0 && !attempt_is_final(charge->attempt.state);
}

/* NULL: `problem` says that there is no such charge that is not over. */
static struct charge *find_charge(struct step *step, struct problem *problem)
{
    const char *id = step->event->charge.charge_id;
    struct charge *charge = account_charge(step->account, id);
    if (charge == NULL || charge_is_final(charge->state)) {
        (void)problem_set(problem, ST_NOT_FOUND, "charge %s is not open", id);
        return NULL;
    }
    return charge;
}

static void say(struct step *step, struct charge *charge, enum charge_word word)
{
    struct change *change =
        tell(step, CHANGE_WORD, charge->id, (int)charge->word, (int)word, REASON_OPERATOR);
    change->amount = charge->amount;
    charge->word = word;
    touch_charge(step, charge);
}

enum status command_ship(struct step *step, struct problem *problem)
{
    struct charge *charge = find_charge(step, problem);
    if (charge == NULL) {
        return ST_NOT_FOUND;
    }
    bool is_on_shipment = has_open_attempt(charge)
                              ? !charge->attempt.capture_now
                              : charge_policy(step, charge)->capture == POLICY_CAPTURE_ON_SHIPMENT;
    if (!is_on_shipment) {
        return problem_set(problem, ST_CONFLICT,
                           "charge %s is captured with its authorization: there is nothing to ship",
                           charge->id);
    }
    if (charge->word == WORD_SHIP) {
        return ST_OK;
    }
    if (charge->word == WORD_VOID || charge_is_canceled(step, charge) ||
        (has_open_attempt(charge) && charge->attempt.state == ATTEMPT_VOIDING)) {
        return problem_set(problem, ST_CONFLICT, "charge %s is being given up", charge->id);
    }
    say(step, charge, WORD_SHIP);
    if (charge->state == CHARGE_AUTHORIZED && !charge->attempt.on_wire) {
        charge->attempt.discover = false;
        charge->attempt.resend_at = step->at;
        touch_attempt(step, charge);
    }
    return ST_OK;
}

enum status command_void(struct step *step, struct problem *problem)
{
    struct charge *charge = find_charge(step, problem);
    if (charge == NULL) {
        return ST_NOT_FOUND;
    }
    if (charge->word == WORD_VOID) {
        return ST_OK;
    }
    bool is_out = has_open_attempt(charge) && charge->attempt.state != ATTEMPT_POSTPONED;
    if (is_out && (charge->attempt.capture_now || charge->attempt.state == ATTEMPT_CAPTURING)) {
        return problem_set(problem, ST_CONFLICT,
                           "charge %s may be captured already: refund it when it is paid",
                           charge->id);
    }
    say(step, charge, WORD_VOID);
    if (!is_out) {
        if (has_open_attempt(charge)) {
            attempt_give_up(step, charge, REASON_VOIDED);
        }
        move_charge(step, charge, CHARGE_CANCELED, REASON_VOIDED);
    }
    return ST_OK;
}
