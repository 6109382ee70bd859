/*
 * step_capture.c - an authorization that is captured on the shop's word, or given up.
 */
#include "billing/step_parts.h"

bool capture_is_begun(const struct attempt *attempt)
{
    return attempt->state == ATTEMPT_CAPTURING || attempt->state == ATTEMPT_VOIDING;
}

void capture_advance(struct step *step, struct charge *charge)
{
    (void)step;
    (void)charge;
}

enum status command_ship(struct step *step, struct problem *problem)
{
    (void)step;
    return problem_set(problem, ST_INVALID, "ship: not possible yet");
}

enum status command_void(struct step *step, struct problem *problem)
{
    (void)step;
    return problem_set(problem, ST_INVALID, "void: not possible yet");
}
